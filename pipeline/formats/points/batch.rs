//! Points of one chunk in columns, and the layers that fill them.
//!
//! A batch is filled by [`super::Cloud::decode`] and used again for the next chunk, so that a thread
//! allocates once. Only the columns of the layers asked for are filled; the others are empty.

use std::ops::BitOr;

use super::header::ExtraDimension;

/// Which columns to fill. Positions always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers(u16);

impl Layers {
    /// Positions only.
    pub const POSITION: Layers = Layers(0);
    /// Classes.
    pub const CLASS: Layers = Layers(1);
    /// Return numbers and numbers of returns.
    pub const RETURNS: Layers = Layers(2);
    /// Synthetic, key point, withheld, overlap.
    pub const FLAGS: Layers = Layers(4);
    /// Intensities.
    pub const INTENSITY: Layers = Layers(8);
    /// Scan angles.
    pub const SCAN_ANGLE: Layers = Layers(16);
    /// GPS times.
    pub const GPS_TIME: Layers = Layers(32);
    /// Red, green, blue.
    pub const COLOUR: Layers = Layers(64);
    /// Near infrared.
    pub const NEAR_INFRARED: Layers = Layers(128);
    /// Point source (flight line).
    pub const POINT_SOURCE: Layers = Layers(256);
    /// User data.
    pub const USER_DATA: Layers = Layers(512);
    /// Extra bytes.
    pub const EXTRA: Layers = Layers(1024);
    /// Scanner channels.
    pub const CHANNEL: Layers = Layers(2048);
    /// What elevation models need.
    pub const SURFACE: Layers = Layers(1 | 2 | 4);
    /// All of them.
    pub const ALL: Layers = Layers(4095);

    /// Whether all of `layers` are among these.
    pub fn has(self, layers: Layers) -> bool {
        self.0 & layers.0 == layers.0
    }
}

impl BitOr for Layers {
    type Output = Layers;
    fn bitor(self, other: Layers) -> Layers {
        Layers(self.0 | other.0)
    }
}

/// Bits of [`Batch::flags`].
pub mod flag {
    /// Made by a method, not measured.
    pub const SYNTHETIC: u8 = 1;
    /// A model key point, not to be thinned out.
    pub const KEY_POINT: u8 = 2;
    /// Deleted: not to be used.
    pub const WITHHELD: u8 = 4;
    /// In the overlap of two flight lines.
    pub const OVERLAP: u8 = 8;
}

/// Points of one chunk in columns of equal length, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Raw x: metres are `raw × scale + offset` of the header.
    pub x: Vec<i32>,
    /// Raw y.
    pub y: Vec<i32>,
    /// Raw z.
    pub z: Vec<i32>,
    /// Classes (formats 0 to 5: 0 to 31, without the flags beside them).
    pub class: Vec<u8>,
    /// Return numbers, from 1; 0 where the file has none.
    pub return_number: Vec<u8>,
    /// Numbers of returns of the pulse, from 1; 0 where the file has none.
    pub number_of_returns: Vec<u8>,
    /// Bits of [`flag`]. **Empty where no point of the chunk bears any**, as in most chunks.
    pub flags: Vec<u8>,
    /// Scanner channels, 0 to 3; 0 in formats 0 to 5.
    pub channel: Vec<u8>,
    /// Intensities, no unit.
    pub intensity: Vec<u16>,
    /// Scan angles, degrees from nadir, positive to the right of the track.
    pub scan_angle: Vec<f32>,
    /// GPS times, seconds; empty where the format has none.
    pub gps_time: Vec<f64>,
    /// Red, green, blue; empty where the format has none.
    pub colour: Vec<[u16; 3]>,
    /// Near infrared; empty where the format has none.
    pub near_infrared: Vec<u16>,
    /// Point sources: the flight line.
    pub point_source: Vec<u16>,
    /// User data.
    pub user_data: Vec<u8>,
    /// Extra bytes of all points, `extra_width` for each: see [`Batch::extra`].
    pub extra_bytes: Vec<u8>,
    /// Extra bytes of one point.
    pub extra_width: usize,
    /// Smallest raw x, y, z of the batch.
    pub low: [i32; 3],
    /// Largest raw x, y, z of the batch.
    pub high: [i32; 3],
    /// Number of points by return number, 0 to 15, whatever the layers.
    pub by_return: [u64; 16],
    /// Points whose return number is above the number of returns, whatever the layers.
    pub odd_returns: u64,
}

impl Batch {
    /// Number of points.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Whether a point is withheld (deleted by its producer). False where flags were not asked for.
    pub fn is_withheld(&self, point: usize) -> bool {
        self.flags.get(point).is_some_and(|flags| flags & flag::WITHHELD != 0)
    }

    /// Values of an extra dimension; empty where it is opaque or [`Layers::EXTRA`] was not asked for.
    pub fn extra(&self, dimension: &ExtraDimension) -> Vec<f64> {
        if self.extra_width == 0 {
            return Vec::new();
        }
        let part = dimension.start..dimension.start + dimension.width;
        let points = self.extra_bytes.chunks_exact(self.extra_width);
        points.filter_map(|bytes| number(dimension, bytes.get(part.clone())?)).collect()
    }

    /// Empties all columns and sizes those that every decoder fills.
    pub(super) fn reset(&mut self, points: usize, layers: Layers) {
        *self = Batch { extra_width: 0, odd_returns: 0, by_return: [0; 16], ..std::mem::take(self) };
        let sized = |wanted: bool| if wanted { points } else { 0 };
        for column in [&mut self.x, &mut self.y, &mut self.z] {
            column.resize(points, 0);
        }
        self.class.resize(sized(layers.has(Layers::CLASS)), 0);
        self.return_number.resize(sized(layers.has(Layers::RETURNS)), 0);
        self.number_of_returns.resize(sized(layers.has(Layers::RETURNS)), 0);
        self.flags.resize(sized(layers.has(Layers::FLAGS)), 0);
        self.channel.resize(sized(layers.has(Layers::CHANNEL)), 0);
        self.intensity.resize(sized(layers.has(Layers::INTENSITY)), 0);
        self.scan_angle.resize(sized(layers.has(Layers::SCAN_ANGLE)), 0.0);
        self.point_source.resize(sized(layers.has(Layers::POINT_SOURCE)), 0);
        self.user_data.resize(sized(layers.has(Layers::USER_DATA)), 0);
        self.gps_time.clear();
        self.colour.clear();
        self.near_infrared.clear();
        self.extra_bytes.clear();
    }

    /// Bounds of the columns, and no flags column where no flag is set.
    pub(super) fn summarise(&mut self) {
        for (axis, column) in [&self.x, &self.y, &self.z].into_iter().enumerate() {
            let bounds =
                column.iter().fold((i32::MAX, i32::MIN), |(low, high), &raw| (low.min(raw), high.max(raw)));
            (self.low[axis], self.high[axis]) = bounds;
        }
        if self.flags.iter().fold(0, |any, &flags| any | flags) == 0 {
            self.flags.clear();
        }
    }
}

/// A number of one of the ten simple types of the LAS specification.
fn number(dimension: &ExtraDimension, bytes: &[u8]) -> Option<f64> {
    let raw = match (dimension.data_type, bytes.len()) {
        (1, 1) => f64::from(bytes[0]),
        (2, 1) => f64::from(bytes[0] as i8),
        (3, 2) => f64::from(u16::from_le_bytes(bytes.try_into().ok()?)),
        (4, 2) => f64::from(i16::from_le_bytes(bytes.try_into().ok()?)),
        (5, 4) => f64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
        (6, 4) => f64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
        (7, 8) => u64::from_le_bytes(bytes.try_into().ok()?) as f64,
        (8, 8) => i64::from_le_bytes(bytes.try_into().ok()?) as f64,
        (9, 4) => f64::from(f32::from_le_bytes(bytes.try_into().ok()?)),
        (10, 8) => f64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    Some(raw * dimension.scale + dimension.offset)
}
