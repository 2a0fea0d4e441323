//! A raster → a picture of it over the relief, for a page that holds everything itself.
//!
//! In: a mosaic and its legend; out: a PNG in the colours of its QML, darkened by the hillshade, and its place. Where there
//! is no value, the relief stands alone, pale. The smaller versions of the files are read, so that a picture of a
//! département costs as much as one of a village. Fails where: a file is damaged.

use crate::fault;
use crate::formats::raster::read::Raster;
use crate::product::{HILLSHADE, Spec};
use crate::publish::archives::paint::Paint;
use crate::text::Fault;
use ilot_kernels::extent::Extent;
use ilot_kernels::grid::Grid;
use std::path::Path;

/// A picture and where it lies.
pub struct Picture {
    /// PNG.
    pub bytes: Vec<u8>,
    /// Columns and rows.
    pub size: (usize, usize),
    /// What it shows.
    pub extent: Extent,
}

/// The longer side of a picture, pixels: 8 cm at 200 dots an inch.
const SIDE: usize = 640;
/// Steps of shade: fewer make smaller files, and no eye sees more under a colour.
const SHADES: f32 = 24.0;
/// What lies where there is no value.
const PAPER: [f32; 3] = [244.0, 243.0, 239.0];

/// Draws band `band` of a product of the folder `out`.
///
/// # Errors
/// Where a file cannot be read.
pub fn draw(out: &Path, spec: &Spec, band: usize, spread: Option<(f64, f64)>) -> Result<Picture, Fault> {
    let paint = Paint::of(spec, spread);
    let values =
        Raster::open(&out.join(format!("{}.vrt", spec.name)))?.glance(band, SIDE, paint.is_classes())?;
    let shade = out.join(format!("{}.vrt", HILLSHADE.spec.name));
    let shade = shade.is_file().then(|| Raster::open(&shade)?.glance(0, SIDE, false)).transpose()?;
    let extent = values.frame().extent();
    let side = (extent.east - extent.west).max(extent.north - extent.south) / SIDE as f64;
    let size = |metres: f64| ((metres / side).round() as usize).max(1);
    let (cols, rows) = (size(extent.east - extent.west), size(extent.north - extent.south));
    let mut pixels = Vec::with_capacity(cols * rows * 3);
    for row in 0..rows {
        let y = extent.north - (row as f64 + 0.5) * side;
        for col in 0..cols {
            let x = extent.west + (col as f64 + 0.5) * side;
            let place = at(&values, x, y).map_or(0, |value| paint.place(value));
            let [r, g, b, alpha] = paint.palette()[usize::from(place)];
            let light = shade.as_ref().and_then(|shade| at(shade, x, y)).map_or(1.0, light);
            let over = f32::from(alpha) / 255.0;
            let mix = |colour: u8, paper: f32| (f32::from(colour) * over + paper * (1.0 - over)) * light;
            pixels.extend([mix(r, PAPER[0]), mix(g, PAPER[1]), mix(b, PAPER[2])].map(|it| it.round() as u8));
        }
    }
    Ok(Picture { bytes: encoded(&pixels, cols, rows)?, size: (cols, rows), extent })
}

/// The value at a place.
fn at(grid: &Grid<f32>, x: f64, y: f64) -> Option<f32> {
    let (row, col) = grid.frame().locate(x, y)?;
    Some(grid.at(row, col)).filter(|value| !value.is_nan())
}

/// How much light a shade leaves: flat ground, 181, all; a dark slope a little more than half.
fn light(shade: f32) -> f32 {
    let light = (0.55 + 0.45 * shade / 181.0).min(1.06);
    (light * SHADES).round() / SHADES
}

fn encoded(pixels: &[u8], cols: usize, rows: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, cols as u32, rows as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.map_err(|why| fault!(fr: "Une image ne peut être écrite ({why}).", en: "A picture cannot be written ({why})."))?;
    Ok(bytes)
}

/// Bytes as text (RFC 4648), for addresses that hold their file.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word =
            three.iter().enumerate().fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
