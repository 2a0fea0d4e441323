//! Points in columns, on an integer lattice.
//!
//! LiDAR heights and positions are whole centimetres (or millimetres) in their files. They stay whole
//! numbers here: sums, comparisons and tie-breaks are then exact, and the same for any tiling.

/// The integer lattice of a set of points.
///
/// A position is `((x0 + x) / per_metre, (y0 + y) / per_metre)` metres in the CRS of the cloud and a
/// height `z / per_metre_up` metres above its vertical datum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lattice {
    /// Units in a metre on the map: 100 for centimetres.
    pub per_metre: i32,
    /// Units in a metre of height.
    pub per_metre_up: i32,
    /// Easting of the local origin, in units.
    pub x0: i64,
    /// Northing of the local origin, in units.
    pub y0: i64,
}

impl Lattice {
    /// Easting of a local coordinate, metres.
    pub fn easting(&self, x: i32) -> f64 {
        (self.x0 + i64::from(x)) as f64 / f64::from(self.per_metre)
    }

    /// Northing of a local coordinate, metres.
    pub fn northing(&self, y: i32) -> f64 {
        (self.y0 + i64::from(y)) as f64 / f64::from(self.per_metre)
    }

    /// Height of a vertical coordinate, metres.
    pub fn height(&self, z: i32) -> f64 {
        f64::from(z) / f64::from(self.per_metre_up)
    }
}

/// Points in columns of equal length. Their order means nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// What the columns count in.
    pub lattice: Lattice,
    /// Eastings, in units from `lattice.x0`.
    pub x: Vec<i32>,
    /// Northings, in units from `lattice.y0`.
    pub y: Vec<i32>,
    /// Heights, in units from the vertical datum.
    pub z: Vec<i32>,
    /// ASPRS / IGN classes; empty where the class is not needed.
    pub class: Vec<u8>,
}

impl Points {
    /// No points yet.
    pub fn empty(lattice: Lattice) -> Points {
        Points { lattice, x: Vec::new(), y: Vec::new(), z: Vec::new(), class: Vec::new() }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Bytes that the columns hold.
    pub fn bytes(&self) -> usize {
        4 * (self.x.capacity() + self.y.capacity() + self.z.capacity()) + self.class.capacity()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// The points whose mark is set, without their classes.
    pub fn kept(&self, marks: &[bool]) -> Points {
        let of = |column: &[i32]| {
            column.iter().zip(marks).filter(|(_, mark)| **mark).map(|(value, _)| *value).collect()
        };
        Points { lattice: self.lattice, x: of(&self.x), y: of(&self.y), z: of(&self.z), class: Vec::new() }
    }
}
