//! What is laid over the terrain and over points: an orthophoto, or a product in its style, under the light of the relief.
//!
//! In: rasters of a tile. Out: a picture of half a metre, sRGB, with its pixels or their means as PNG. Where the raster has no
//! value the picture is a light grey, so that nothing looks measured that is not. Memory: 3 bytes a pixel.

use crate::fault;
use crate::formats::raster::read::Raster;
use crate::publish::archives::paint::Paint;
use crate::text::Fault;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::unit::Metres;

/// Side of a pixel.
const PIXEL: Gridding = Gridding { cell: Metres(0.5), registration: Registration::Cell };

/// Rows that are read at a time.
const STRIP: usize = 200;

/// Where there is no value.
pub const BARE: [u8; 3] = [226, 222, 212];

/// A picture of a piece of map.
#[derive(Debug)]
pub struct Picture {
    frame: Frame,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// No value anywhere.
    pub fn bare(extent: &Extent) -> Picture {
        let frame = PIXEL.frame(extent);
        Picture { frame, pixels: vec![BARE; frame.len()] }
    }

    /// An orthophoto: three bands of 8 bits.
    ///
    /// # Errors
    /// Where it cannot be read, or has other bands.
    pub fn photo(raster: &Raster, extent: &Extent) -> Result<Picture, Fault> {
        let bands = raster.bands();
        if bands.len() < 3 || bands[..3].iter().any(|band| band.stored != "Byte") {
            let path = raster.path().display();
            return Err(fault!(
                fr: "{path} n'est pas une image en couleurs de 8 bits (rouge, vert, bleu) : donnez-en une, ou retirez --ortho.",
                en: "{path} is no colour image of 8 bits (red, green, blue): give one, or leave --ortho out.",
            ));
        }
        let mut picture = Picture::bare(extent);
        picture.strips(|strip, pixels| {
            let bands: Vec<Grid<f32>> =
                (0..3).map(|band| raster.sampled(band, strip)).collect::<Result<_, Fault>>()?;
            for (at, pixel) in pixels.iter_mut().enumerate() {
                let values: [f32; 3] = std::array::from_fn(|band| bands[band].cells()[at]);
                if values.iter().all(|value| !value.is_missing()) {
                    *pixel = values.map(|value| value.round().clamp(0.0, 255.0) as u8);
                }
            }
            Ok(())
        })?;
        Ok(picture)
    }

    /// A product in its style.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn painted(raster: &Raster, paint: &Paint, extent: &Extent) -> Result<Picture, Fault> {
        let palette: Vec<[u8; 3]> =
            paint.palette().iter().map(|[r, g, b, a]| over([*r, *g, *b], *a)).collect();
        let mut picture = Picture::bare(extent);
        picture.strips(|strip, pixels| {
            let values: Grid<f32> = raster.sampled(0, strip)?;
            for (pixel, value) in pixels.iter_mut().zip(values.cells()) {
                *pixel = palette[usize::from(paint.place(*value))];
            }
            Ok(())
        })?;
        Ok(picture)
    }

    fn strips(&mut self, paint: impl Fn(&Frame, &mut [[u8; 3]]) -> Result<(), Fault>) -> Result<(), Fault> {
        let (frame, cols) = (self.frame, self.frame.cols.max(1));
        for (index, pixels) in self.pixels.chunks_mut(STRIP * cols).enumerate() {
            let north = frame.north - (index * STRIP) as f64 * frame.cell.0;
            paint(&Frame { north, rows: pixels.len() / cols, ..frame }, pixels)?;
        }
        Ok(())
    }

    /// Darkens slopes that look away from the light in the north-west.
    pub fn lit(mut self, terrain: &Grid<f32>) -> Picture {
        let (frame, own) = (self.frame, *terrain.frame());
        let height = |x: f64, y: f64| {
            let (row, col) = own.locate(x, y)?;
            Some(terrain.at(row, col)).filter(|value| !value.is_missing()).map(f64::from)
        };
        // Two metres apart: the relief, not its roughness.
        let light = |x: f64, y: f64| {
            let dx = (height(x + 1.0, y)? - height(x - 1.0, y)?) / 2.0;
            let dy = (height(x, y + 1.0)? - height(x, y - 1.0)?) / 2.0;
            let faced = (0.5 * dx - 0.5 * dy + 0.707) / (dx * dx + dy * dy + 1.0).sqrt();
            Some(0.62 + 0.54 * faced.max(0.0))
        };
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            if let Some(light) = light(frame.x(at % frame.cols), frame.y(at / frame.cols)) {
                *pixel = pixel.map(|value| (f64::from(value) * light).round().clamp(0.0, 255.0) as u8);
            }
        }
        self
    }

    /// The colour at a place.
    pub fn at(&self, x: f64, y: f64) -> Option<[u8; 3]> {
        let (row, col) = self.frame.locate(x, y)?;
        Some(self.pixels[row * self.frame.cols + col])
    }

    /// A square of the picture as PNG, of means where its pixels are coarser.
    ///
    /// # Errors
    /// The encoder's own.
    pub fn png(
        &self,
        west: f64,
        north: f64,
        side: f64,
        pixels: usize,
    ) -> Result<Vec<u8>, png::EncodingError> {
        let (step, frame) = (side / pixels as f64, &self.frame);
        let across = (step / frame.cell.0).round().max(1.0) as usize;
        let mut bytes = Vec::with_capacity(pixels * pixels * 3);
        for row in 0..pixels {
            for col in 0..pixels {
                let (mut sum, mut count) = ([0_u32; 3], 0);
                for part in 0..across * across {
                    let share = |index: usize| (index as f64 + 0.5) / across as f64;
                    let x = west + (col as f64 + share(part % across)) * step;
                    let y = north - (row as f64 + share(part / across)) * step;
                    if let Some(colour) = self.at(x, y) {
                        (0..3).for_each(|i| sum[i] += u32::from(colour[i]));
                        count += 1;
                    }
                }
                bytes.extend(if count == 0 { BARE } else { sum.map(|sum| (sum / count) as u8) });
            }
        }
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, pixels as u32, pixels as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        writer.finish()?;
        Ok(out)
    }
}

/// A colour of some opacity over no value.
fn over(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let share = f64::from(alpha) / 255.0;
    std::array::from_fn(|i| (f64::from(colour[i]) * share + f64::from(BARE[i]) * (1.0 - share)).round() as u8)
}
