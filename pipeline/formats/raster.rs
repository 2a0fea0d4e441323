//! Rasters: files ↔ grids.
//!
//! [`read`] opens whatever GDAL reads as north-up frames of square cells, [`cog`] encodes Cloud Optimized GeoTIFFs
//! in memory, [`vrt`] lays one virtual raster over many tiles. A grid in memory has one missing value per type;
//! the nodata value of a file is translated here and nowhere else.
//!
//! Fails where: rotated, south-up or non-square rasters are refused, not resampled. Cost: see each file.

pub mod cog;
pub mod read;
pub mod vrt;

use ilot_kernels::grid::{Percent, Sample};

use crate::formats::crs::Crs;

/// What a file says of its values.
#[derive(Debug, Clone)]
pub struct RasterMeta<'a> {
    /// What the raster shows, in one sentence.
    pub title: String,
    /// Unit of the values, such as `m`; empty for classes and ratios.
    pub unit: String,
    /// What each band shows, one text per band.
    pub bands: Vec<String>,
    /// Provenance and whatever else, as name and value.
    pub tags: Vec<(String, String)>,
    /// Where the frame lies.
    pub crs: &'a Crs,
    /// Values are rounded to multiples of this before compression: 1/1024 halves the size of heights.
    pub quantum: Option<f64>,
    /// How smaller versions are made.
    pub overview: Overview,
}

/// How four cells become one in a smaller version of a raster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overview {
    /// The mean of the known ones: heights, shades, densities.
    Average,
    /// The most frequent known one, the north-westernmost of equals: classes.
    Majority,
}

/// A sample type that files hold.
pub trait Stored: Sample {
    /// GDAL's name of the type.
    const TYPE: &'static str;
    /// The nodata value in our files, as text. −9999 for heights as IGN has it.
    const NODATA: &'static str;
}

impl Stored for f32 {
    const TYPE: &'static str = "Float32";
    const NODATA: &'static str = "-9999";
}

impl Stored for u8 {
    const TYPE: &'static str = "Byte";
    const NODATA: &'static str = "0";
}

impl Stored for Percent {
    const TYPE: &'static str = "Byte";
    const NODATA: &'static str = "255";
}

impl Stored for i32 {
    const TYPE: &'static str = "Int32";
    const NODATA: &'static str = "-2147483648";
}

/// Text as XML content or attribute; what XML cannot hold becomes a space.
pub(crate) fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' => xml.push('\n'),
            c if c.is_control() => xml.push(' '),
            c => xml.push(c),
        }
    }
    xml
}

#[cfg(test)]
mod tests;
