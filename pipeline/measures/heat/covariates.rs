//! What surrounds a place: means of rasters over discs, relief, distance to water.
//!
//! In: rasters (ilot's own by their names, or any), a radius, a frame of places; out: values there. Land cover becomes the
//! share of buildings, of grass and of water, and the distance to water, ln(1 + d), d at most 500 m; terrain becomes
//! altitude and relief, how high a place lies above the mean of its surroundings (topographic position, Weiss 2001), which is
//! where cold air does not pool. A raster is read by windows, made coarser to a twentieth of the radius as it is read, and
//! summed by rows: a disc of a kilometre over cells of a metre costs little. Fails where: less than a fifth of a disc is
//! known: no value. Cost: decoding, and 1 ns a place and row; memory: some tens of megabytes, whatever the frame.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::text::Fault;
use ilot_kernels::disc::{RowSums, coarsened};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::reach::to_nearest;
use ilot_kernels::select::Sign;
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Radii that are tried, metres.
pub const RADII: [f64; 8] = [25.0, 50.0, 100.0, 200.0, 300.0, 500.0, 600.0, 1000.0];
/// Smallest radius of a surrounding over which relief is counted, metres.
const SURROUNDINGS: f64 = 200.0;
/// Radius of the place itself, of which relief is counted, metres.
const PLACE: f64 = 25.0;
/// How far water is looked for, metres.
const WATER: f64 = 500.0;
/// Share of a cell that is water from which on it is, %.
const WET: f32 = 25.0;
/// Least known share of a disc.
const LEAST: f64 = 0.2;
/// Cells decoded at a time.
const BAND: usize = 1 << 21;
/// Coarse cells held at a time.
const HELD: usize = 1 << 22;

/// What of a raster is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The mean.
    Mean,
    /// The share of some classes of land cover, 0 to 100.
    Share(&'static [i32]),
    /// The mean of the place less that of its surroundings.
    Relief,
    /// ln(1 + distance to water), water being a class of land cover, or all that is above 0.
    Water(Option<i32>),
}

/// A quantity from a raster.
pub struct Family {
    /// Its name, such as `canopy` or `cover_water`.
    pub name: String,
    path: PathBuf,
    /// Quantities of one raster share it, and what of it is decoded.
    raster: Rc<Raster>,
    kind: Kind,
    /// The sign of its coefficient by night and by day.
    pub signs: (Sign, Sign),
}

/// Rasters of ilot that describe no place, or are made of temperature themselves.
const OTHERS: [&str; 14] = [
    "aspect",
    "cover_confidence",
    "crown_base",
    "density",
    "dsm",
    "dtm_gap",
    "hillshade",
    "lcz",
    "shade",
    "slope",
    "tmrt",
    "utci",
    "sky_view_geometric",
    // Missing where nothing grows: a station there would be lost.
    "vegetation_height",
];

/// The raster itself, or the rasters of a folder that may describe places, sorted by name: mosaics, not the tiles in their
/// folders.
///
/// # Errors
/// Where the folder cannot be read.
pub fn rasters(place: &Path) -> Result<Vec<PathBuf>, Fault> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let shown = place.display();
    let entries = std::fs::read_dir(place).map_err(|why| {
        fault!(
            fr: "Le dossier {shown} ne peut être lu ({why}) : donnez le dossier des rasters à --covariates.",
            en: "Folder {shown} cannot be read ({why}): give the folder of the rasters to --covariates.",
        )
    })?;
    let is_raster = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let stem = stem(path);
        let other = stem.starts_with("heat") || OTHERS.contains(&stem.as_str());
        path.is_file() && ["tif", "tiff", "vrt"].contains(&ending.as_str()) && !other
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_raster).collect();
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Opens rasters and folders of them.
///
/// # Errors
/// Where one cannot be read, or lies in another CRS.
pub fn open(places: &[PathBuf], crs: Option<&Crs>) -> Result<Vec<Family>, Fault> {
    let mut families: Vec<Family> = Vec::new();
    for place in places {
        for path in rasters(place)? {
            families.extend(of(&path, &stem(&path), crs)?);
        }
    }
    Ok(families)
}

fn of(path: &Path, stem: &str, crs: Option<&Crs>) -> Result<Vec<Family>, Fault> {
    let kinds: Vec<(&str, Kind)> = match stem {
        "cover" => vec![
            ("cover_building", Kind::Share(&[1])),
            ("cover_herbaceous", Kind::Share(&[5])),
            ("cover_water", Kind::Share(&[9])),
            ("water_distance", Kind::Water(Some(9))),
        ],
        "dtm" | "mnt" => vec![("altitude", Kind::Mean), ("relief", Kind::Relief)],
        "water" | "eau" => vec![("water_distance", Kind::Water(None))],
        _ => vec![(stem, Kind::Mean)],
    };
    let raster = Rc::new(Raster::open(path)?);
    let own = raster.crs().ok_or_else(|| Crs::missing(path))?;
    own.require_metric(path)?;
    if let Some(crs) = crs.filter(|crs| !crs.same_horizontal(own)) {
        return Err(own.mismatch(crs, path));
    }
    let family = |(name, kind): (&str, Kind)| {
        let (raster, path) = (Rc::clone(&raster), path.to_owned());
        Family { name: name.to_owned(), path, raster, kind, signs: signs(name) }
    };
    Ok(kinds.into_iter().map(family).collect())
}

/// What physics says of a quantity: sealed ground and buildings warm, leaves cool, a narrow sky keeps a street warm by
/// night, cold air runs down to where the ground is lower than around; sun counts by day only; altitude, water and what is
/// not known are free.
fn signs(name: &str) -> (Sign, Sign) {
    let holds = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if holds(&["imperv", "imperm", "sealed", "build", "bati", "lambda_p"]) {
        (Sign::Positive, Sign::Positive)
    } else if holds(&["canopy", "vegetation", "tree", "ndvi", "herbaceous", "arbre", "canopee"]) {
        (Sign::Negative, Sign::Negative)
    } else if holds(&["sky_view"]) {
        (Sign::Negative, Sign::Free)
    } else if holds(&["relief"]) {
        (Sign::Positive, Sign::Free)
    } else if holds(&["sun_hours", "irradiation", "soleil"]) {
        (Sign::Never, Sign::Positive)
    } else {
        (Sign::Free, Sign::Free)
    }
}

/// Blocks of cells, where they are to be larger.
fn coarser(grid: Grid<f32>, factor: usize) -> Grid<f32> {
    if factor == 1 { grid } else { coarsened(&grid, factor) }
}

impl Family {
    /// The raster's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the raster lies.
    pub fn frame(&self) -> &Frame {
        self.raster.frame()
    }

    /// The raster's CRS.
    pub fn crs(&self) -> Option<&Crs> {
        self.raster.crs()
    }

    /// Radii that its cells can show; 0 for what has none.
    pub fn radii(&self) -> Vec<f64> {
        if matches!(self.kind, Kind::Water(_)) {
            return vec![0.0];
        }
        let extent = self.frame().extent();
        let most = (extent.width().0.min(extent.height().0) / 2.0).max(RADII[0]);
        let least = if self.kind == Kind::Relief { SURROUNDINGS } else { 0.0 };
        let fits = |radius: &f64| *radius >= 2.0 * self.frame().cell.0 && *radius <= most && *radius >= least;
        RADII.into_iter().filter(fits).collect()
    }

    /// Values at the centres of `places`.
    ///
    /// # Errors
    /// Where the raster cannot be read.
    pub fn means(&self, places: &Frame, radius: f64) -> Result<Grid<f32>, Fault> {
        match self.kind {
            Kind::Mean | Kind::Share(_) => self.discs(places, radius),
            Kind::Relief => {
                let (mut own, around) = (self.discs(places, PLACE)?, self.discs(places, radius)?);
                own.cells_mut().iter_mut().zip(around.cells()).for_each(|(own, around)| *own -= around);
                Ok(own)
            }
            Kind::Water(_) => self.to_water(places),
        }
    }

    /// Values at one place, a cell, for each of some radii; the raster is read once for all of them.
    ///
    /// # Errors
    /// As [`Family::means`].
    pub fn around(&self, place: &Frame, radii: &[f64]) -> Result<Vec<f32>, Fault> {
        let one = |radius: &f64| Ok(self.means(place, *radius)?.cells()[0]);
        let own = if self.kind == Kind::Relief { Some(PLACE) } else { None };
        let wanted = || radii.iter().copied().chain(own);
        let frames = wanted().map(|radius| self.fine(&self.blocks(place, radius), radius));
        let whole = Frame::union(frames).filter(|whole| whole.len() <= HELD);
        let Some(whole) = whole.filter(|_| !matches!(self.kind, Kind::Water(_))) else {
            return radii.iter().map(one).collect();
        };
        let mut grid: Grid<f32> = self.raster.read_window(0, &whole)?;
        self.translate(grid.cells_mut());
        let mean = |radius: f64| {
            let part = grid.cropped(&self.fine(&self.blocks(place, radius), radius));
            let coarse = RowSums::of(&coarser(part, self.factor(radius)));
            coarse.means(place, Metres(radius), LEAST).cells()[0]
        };
        let less = own.map_or(0.0, mean);
        Ok(radii
            .iter()
            .map(|radius| if own.is_some() { less - mean(*radius) } else { mean(*radius) })
            .collect())
    }

    /// ln(1 + distance to water); missing where the raster says nothing of the place.
    fn to_water(&self, places: &Frame) -> Result<Grid<f32>, Fault> {
        let cell = places.cell.0;
        let around = places.padded((WATER / cell).ceil() as usize + 1);
        let wet = self.discs(&around, (cell / 2.0).max(self.frame().cell.0 / 2.0))?;
        let marks = wet.cells().iter().map(|share| *share >= WET).collect();
        let apart = to_nearest(&Grid::new(around, marks), Metres(WATER)).cropped(places);
        let known = wet.cropped(places);
        let cells = apart.cells().iter().zip(known.cells());
        let value = |(apart, known): (&f32, &f32)| if known.is_nan() { f32::NAN } else { apart.ln_1p() };
        Ok(Grid::new(*places, cells.map(value).collect()))
    }

    /// Means of discs, in bands of places, so that no window of the raster is large.
    fn discs(&self, places: &Frame, radius: f64) -> Result<Grid<f32>, Fault> {
        let wide = self.frame().cell.0 * self.factor(radius) as f64;
        let across = (places.extent().width().0 + 2.0 * radius) / wide;
        let down = HELD as f64 / across.max(1.0) * wide - 2.0 * radius;
        let band = ((down / places.cell.0) as usize).max(64);
        let mut cells = Vec::with_capacity(places.len());
        for first in (0..places.rows).step_by(band) {
            let north = places.north - first as f64 * places.cell.0;
            let part = Frame { north, rows: band.min(places.rows - first), ..*places };
            cells.extend(self.band(&part, radius)?.into_cells());
        }
        Ok(Grid::new(*places, cells))
    }

    /// How many cells across become one.
    fn factor(&self, radius: f64) -> usize {
        ((radius / 20.0 / self.frame().cell.0).floor() as usize).clamp(1, 64)
    }

    fn band(&self, places: &Frame, radius: f64) -> Result<Grid<f32>, Fault> {
        let coarse = self.coarse(self.blocks(places, radius), self.factor(radius))?;
        Ok(RowSums::of(&coarse).means(places, Metres(radius), LEAST))
    }

    /// The blocks of the raster that discs around places need.
    fn blocks(&self, places: &Frame, radius: f64) -> Frame {
        let own = *self.frame();
        let wide = own.cell.0 * self.factor(radius) as f64;
        let extent = places.extent().padded(Metres(radius + wide));
        // Blocks begin at whole multiples from the raster's corner, wherever the window lies.
        let col = ((extent.west - own.west) / wide).floor();
        let row = ((own.north - extent.north) / wide).floor();
        let cols = ((extent.east - own.west) / wide).ceil() - col;
        let rows = ((own.north - extent.south) / wide).ceil() - row;
        Frame {
            west: own.west + col * wide,
            north: own.north - row * wide,
            cell: Metres(wide),
            rows: rows as usize,
            cols: cols as usize,
        }
    }

    /// The raster's own cells in such blocks.
    fn fine(&self, blocks: &Frame, radius: f64) -> Frame {
        let factor = self.factor(radius);
        Frame { cell: self.frame().cell, rows: blocks.rows * factor, cols: blocks.cols * factor, ..*blocks }
    }

    /// The raster made coarser, read in bands.
    fn coarse(&self, frame: Frame, factor: usize) -> Result<Grid<f32>, Fault> {
        let own = *self.frame();
        let cols = frame.cols * factor;
        let band = (BAND / cols.max(1) / factor).max(1);
        let mut cells = Vec::with_capacity(frame.len());
        for first in (0..frame.rows).step_by(band) {
            let count = band.min(frame.rows - first);
            let part = Frame {
                west: frame.west,
                north: frame.north - first as f64 * frame.cell.0,
                cell: own.cell,
                rows: count * factor,
                cols,
            };
            let mut grid: Grid<f32> = self.raster.read_window(0, &part)?;
            self.translate(grid.cells_mut());
            if part.rows == frame.rows * factor {
                return Ok(coarser(grid, factor));
            }
            cells.extend(coarser(grid, factor).into_cells());
        }
        Ok(Grid::new(frame, cells))
    }

    /// Classes become shares.
    fn translate(&self, cells: &mut [f32]) {
        let share = |holds: &dyn Fn(i32) -> bool, cells: &mut [f32]| {
            for value in cells.iter_mut().filter(|value| !value.is_nan()) {
                *value = if holds(*value as i32) { 100.0 } else { 0.0 };
            }
        };
        match self.kind {
            Kind::Mean | Kind::Relief => {}
            Kind::Share(classes) => share(&|class| classes.contains(&class), cells),
            Kind::Water(Some(water)) => share(&|class| class == water, cells),
            Kind::Water(None) => share(&|class| class > 0, cells),
        }
    }
}
