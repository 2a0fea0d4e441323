//! Infrared-colour orthophotos: near infrared, red and green, read by windows.
//!
//! In: rasters that GDAL reads, of 8 or 16 bits, in the CRS of the clouds. Out, for a tile: the votes of the pixels in each
//! cell of land cover. The threshold between green and grey is found once, over windows spread evenly over what all images
//! show of the clouds (Otsu 1979, 10.1109/TSMC.1979.4310076): orthophotos are not calibrated, and their greys differ by 0.15.
//!
//! Missing: nodata, masks, and pixels that are 0 in all bands (a black border). Fails where: an image is all green or all
//! grey; then the threshold is the usual one, 0.1, which is told. Cost: decoding, and 10 ns a pixel; memory: a strip.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::decide::{Ballot, GREENNESS, Pixels};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use std::path::{Path, PathBuf};

/// The images of a run.
#[derive(Debug)]
pub struct Images {
    images: Vec<Image>,
    ballot: Ballot,
    /// NDVI between green and grey.
    pub threshold: f32,
}

/// One image.
#[derive(Debug)]
struct Image {
    path: PathBuf,
    extent: Extent,
    /// Median of the sum of its bands.
    median: f32,
}

/// Side of a window that is looked at beforehand, pixels, and how many along each axis.
const WINDOW: usize = 256;
const WINDOWS: usize = 4;

/// A pixel is dark below this share of the median: in shade, colours say little.
const DARK: f32 = 0.35;

/// The threshold where the image does not say it, and the bounds of what it may say.
const USUAL: f32 = 0.1;
const BOUNDS: (f32, f32) = (-0.05, 0.3);

/// Rows of cells that are read at a time.
const STRIP: usize = 32;

impl Images {
    /// Opens images over `extent` in `crs`.
    ///
    /// # Errors
    /// Where one cannot be read, has fewer than three bands, lies in another CRS, or none shows the clouds.
    pub fn open(
        paths: &[PathBuf],
        given: Option<f64>,
        crs: &Crs,
        extent: &Extent,
        remarks: &mut Vec<Text>,
    ) -> Result<Images, Fault> {
        let mut images = Vec::new();
        let mut histogram = vec![0_u64; BINS];
        for path in paths {
            let raster = opened(path, crs, remarks)?;
            let seen = raster.frame().extent().intersection(extent);
            let Some(seen) = seen.filter(|seen| seen.width().0 > 0.0 && seen.height().0 > 0.0) else {
                let path = path.display();
                remarks.push(text!(
                    fr: "{path} ne montre rien là où sont les nuages : vérifiez l'orthophoto et son système de coordonnées",
                    en: "{path} shows nothing where the clouds are: check the orthophoto and its coordinate system",
                ));
                continue;
            };
            let median = sampled(&raster, &seen, &mut histogram)?;
            images.push(Image { path: path.clone(), extent: raster.frame().extent(), median });
        }
        if images.is_empty() {
            return Err(fault!(
                fr: "Aucune orthophoto infrarouge ne recouvre les nuages : donnez celles de la même zone, ou retirez irc.",
                en: "No infrared orthophoto overlaps the clouds: give those of the same area, or leave irc out.",
            ));
        }
        let threshold = given.map_or_else(|| threshold(&histogram, remarks), |given| given as f32);
        let ballot = Ballot::new(&GREENNESS, 1.0, threshold);
        Ok(Images { images, ballot, threshold })
    }

    /// What they show in each cell of a frame; the first image that shows a cell counts.
    ///
    /// # Errors
    /// Where a file is damaged.
    pub fn over(&self, frame: &Frame) -> Result<Grid<Pixels>, Fault> {
        let mut cells = Grid::filled(*frame, Pixels::default());
        let extent = frame.extent();
        for image in self.images.iter().filter(|image| image.extent.touches(&extent)) {
            let raster = Raster::open(&image.path)?;
            for first in (0..frame.rows).step_by(STRIP) {
                let rows = STRIP.min(frame.rows - first);
                let strip = Frame { north: frame.north - first as f64 * frame.cell.0, rows, ..*frame };
                let shown = self.strip(image, &raster, &strip)?;
                let own = &mut cells.cells_mut()[first * frame.cols..(first + rows) * frame.cols];
                for (cell, shown) in own.iter_mut().zip(shown).filter(|(cell, _)| cell.count == 0) {
                    *cell = shown;
                }
            }
        }
        Ok(cells)
    }

    /// The cells of a strip.
    fn strip(&self, image: &Image, raster: &Raster, strip: &Frame) -> Result<Vec<Pixels>, Fault> {
        let mut cells = vec![Pixels::default(); strip.len()];
        let Some(window) = raster.window(&strip.extent()) else { return Ok(cells) };
        let bands = bands(raster, &window)?;
        let coarse = window.cell.0 > strip.cell.0;
        let place = |metres: f64| (metres / strip.cell.0 + 1e-6).floor();
        for row in 0..if coarse { 0 } else { window.rows } {
            let down = place(strip.north - window.y(row));
            if down < 0.0 || down >= strip.rows as f64 {
                continue;
            }
            for col in 0..window.cols {
                let right = place(window.x(col) - strip.west);
                if right >= 0.0 && right < strip.cols as f64 {
                    let cell = &mut cells[down as usize * strip.cols + right as usize];
                    self.add(cell, image, [0, 1, 2].map(|band| bands[band].at(row, col)));
                }
            }
        }
        // Pixels larger than a cell: each cell takes the one at its centre.
        for (at, cell) in cells.iter_mut().enumerate().filter(|_| coarse) {
            let centre = (strip.x(at % strip.cols), strip.y(at / strip.cols));
            if let Some((row, col)) = window.locate(centre.0, centre.1) {
                self.add(cell, image, [0, 1, 2].map(|band| bands[band].at(row, col)));
            }
        }
        for cell in cells.iter_mut().filter(|cell| cell.count > 0) {
            let count = f32::from(cell.count);
            (cell.greenness, cell.light) = (cell.greenness / count - self.threshold, cell.light / count);
            cell.tint /= count;
        }
        Ok(cells)
    }

    /// Adds a pixel to a cell, whose means are sums until all are there.
    fn add(&self, cell: &mut Pixels, image: &Image, [infrared, red, green]: [f32; 3]) {
        let Some(index) = index(infrared, red, green) else { return };
        let light = (infrared + red + green) / image.median;
        cell.count = cell.count.saturating_add(1);
        cell.dark = cell.dark.saturating_add(u16::from(light < DARK));
        cell.greenness += index;
        cell.light += light;
        cell.tint += (green - red) / (green + red).max(f32::MIN_POSITIVE);
        for (votes, &vote) in cell.votes.iter_mut().zip(self.ballot.of(index)) {
            *votes += u32::from(vote);
        }
    }
}

/// The normalised difference; `None` where a band is missing or all are black.
fn index(infrared: f32, red: f32, green: f32) -> Option<f32> {
    let known = !(infrared + red + green).is_nan() && infrared + red > 0.0;
    known.then(|| (infrared - red) / (infrared + red))
}

/// An image that lies in the CRS of the clouds, or is taken to.
fn opened(path: &Path, crs: &Crs, remarks: &mut Vec<Text>) -> Result<Raster, Fault> {
    let raster = Raster::open(path)?;
    let shown = path.display();
    let found = raster.bands().len();
    if found < 3 {
        return Err(fault!(
            fr: "{shown} n'a que {found} bande(s) : une orthophoto infrarouge en a trois, proche infrarouge, rouge et vert.",
            en: "{shown} has only {found} band(s): an infrared orthophoto has three, near infrared, red and green.",
        ));
    }
    match raster.crs() {
        Some(own) if own.same_horizontal(crs) => {}
        // Some writers leave a projection without a name that anybody knows: no more than none at all.
        Some(own) if own.horizontal_epsg().is_some() => return Err(own.mismatch(crs, path)),
        _ => {
            let name = crs.name();
            remarks.push(text!(
                fr: "{shown} ne nomme pas de système de coordonnées connu : celui des nuages ({name}) est supposé",
                en: "{shown} names no known coordinate system: that of the clouds ({name}) is assumed",
            ));
        }
    }
    Ok(raster)
}

/// The three bands of a window.
fn bands(raster: &Raster, window: &Frame) -> Result<[Grid<f32>; 3], Fault> {
    Ok([raster.read_window(0, window)?, raster.read_window(1, window)?, raster.read_window(2, window)?])
}

/// Bins of NDVI from −1 to 1.
const BINS: usize = 200;

/// Adds an image to the histogram and returns the median of the sums of its bands.
fn sampled(raster: &Raster, seen: &Extent, histogram: &mut [u64]) -> Result<f32, Fault> {
    let mut sums = Vec::new();
    for step in 0..WINDOWS * WINDOWS {
        let part = |step: usize| (step as f64 + 0.5) / WINDOWS as f64;
        let (x, y) = (
            seen.west + seen.width().0 * part(step % WINDOWS),
            seen.south + seen.height().0 * part(step / WINDOWS),
        );
        let half = raster.frame().cell.0 * WINDOW as f64 / 2.0;
        let square = Extent { west: x - half, south: y - half, east: x + half, north: y + half };
        let Some(window) = square.intersection(seen).and_then(|part| raster.window(&part)) else { continue };
        let [infrared, red, green] = bands(raster, &window)?;
        let pixels = infrared.cells().iter().zip(red.cells()).zip(green.cells());
        for ((&infrared, &red), &green) in pixels {
            if let Some(index) = index(infrared, red, green) {
                histogram[((index + 1.0) * 0.5 * BINS as f32).clamp(0.0, BINS as f32 - 1.0) as usize] += 1;
                sums.push(infrared + red + green);
            }
        }
    }
    if sums.is_empty() {
        return Ok(1.0);
    }
    let middle = sums.len() / 2;
    Ok(sums.select_nth_unstable_by(middle, f32::total_cmp).1.max(1.0))
}

/// Thresholds whose variance between the groups is at least this share of the best one's are as good.
const AS_GOOD: f64 = 0.99;

/// Otsu's threshold, where two groups stand apart: the middle of all that part them as well. In the gap between grey and green
/// there are few pixels, and chance alone would choose where in it the best one lies.
fn threshold(histogram: &[u64], remarks: &mut Vec<Text>) -> f32 {
    let value = |bin: usize| (bin as f64 + 0.5) * 2.0 / BINS as f64 - 1.0;
    let all: f64 = histogram.iter().map(|&count| count as f64).sum();
    let total: f64 = histogram.iter().enumerate().map(|(bin, &count)| count as f64 * value(bin)).sum();
    let (mut below, mut sum) = (0.0, 0.0);
    // The variance between the groups, and how far their means are apart, for a threshold behind each bin.
    let split = |(bin, &count): (usize, &u64)| {
        below += count as f64;
        sum += count as f64 * value(bin);
        let above = all - below;
        let apart = (total - sum) / above - sum / below;
        if below > 0.0 && above > 0.0 { (below * above * apart * apart, apart) } else { (0.0, 0.0) }
    };
    let splits: Vec<(f64, f64)> = histogram.iter().enumerate().map(split).collect();
    let best = splits.iter().fold(0.0, |best, split| f64::max(best, split.0));
    let good: Vec<usize> = (0..splits.len()).filter(|&bin| splits[bin].0 >= AS_GOOD * best).collect();
    let middle = good.iter().sum::<usize>() as f64 / good.len() as f64;
    let found = ((middle + 1.0) * 2.0 / BINS as f64 - 1.0) as f32;
    let apart = splits[middle as usize].1;
    if best == 0.0 || apart < 0.15 || !(BOUNDS.0..=BOUNDS.1).contains(&found) {
        remarks.push(text!(
            fr: "l'orthophoto infrarouge ne sépare pas nettement le vert du gris : le seuil de NDVI usuel {USUAL} est pris (cover.ndvi le fixe)",
            en: "the infrared orthophoto does not clearly part green from grey: the usual NDVI threshold {USUAL} is taken (cover.ndvi holds it)",
        ));
        return USUAL;
    }
    remarks.push(text!(
        fr: "seuil de NDVI entre gris et vert : {found:.2}, trouvé dans l'orthophoto (cover.ndvi le fixe)",
        en: "NDVI threshold between grey and green: {found:.2}, found in the orthophoto (cover.ndvi holds it)",
    ));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey at 0.02 and green at 0.34, some water at -0.4, and a few pixels at the foot of the greys: the gap between the two
    /// groups holds next to nothing, and the threshold must lie in its middle.
    #[test]
    fn the_threshold_lies_in_the_middle_of_the_gap() {
        let bin = |index: f64| ((index + 1.0) * 0.5 * BINS as f64) as usize;
        for stray in [0.1, 0.26] {
            let mut histogram = vec![0; BINS];
            for (index, count) in [(0.02, 30_000), (0.34, 60_000), (-0.4, 4_000), (stray, 50)] {
                histogram[bin(index)] = count;
            }
            let found = threshold(&histogram, &mut Vec::new());
            assert!((found - 0.18).abs() < 0.03, "{stray}: {found}");
        }
    }

    #[test]
    fn an_image_of_one_colour_has_the_usual_threshold_and_says_so() {
        for indices in [&[][..], &[0.4], &[0.4, 0.45]] {
            let (mut histogram, mut remarks) = (vec![0; BINS], Vec::new());
            indices.iter().for_each(|index| histogram[((index + 1.0) * 100.0) as usize] = 1000);
            assert_eq!(threshold(&histogram, &mut remarks), USUAL);
            assert!(remarks[0].en.contains("does not clearly part"), "{remarks:?}");
        }
    }
}
