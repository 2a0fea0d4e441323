//! A rectangle on the map, in the metres of a projected CRS.

use crate::unit::Metres;

/// West ≤ east, south ≤ north. A single point is an extent of no size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Smallest easting, metres.
    pub west: f64,
    /// Smallest northing, metres.
    pub south: f64,
    /// Largest easting, metres.
    pub east: f64,
    /// Largest northing, metres.
    pub north: f64,
}

impl Extent {
    /// The smallest extent that holds both.
    pub fn union(&self, other: &Extent) -> Extent {
        Extent {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// What both share, or `None` where they do not even touch.
    pub fn intersection(&self, other: &Extent) -> Option<Extent> {
        let shared = Extent {
            west: self.west.max(other.west),
            south: self.south.max(other.south),
            east: self.east.min(other.east),
            north: self.north.min(other.north),
        };
        (shared.west <= shared.east && shared.south <= shared.north).then_some(shared)
    }

    /// Whether both share at least a border.
    pub fn touches(&self, other: &Extent) -> bool {
        self.intersection(other).is_some()
    }

    /// The extent with a ring of `reach` around it.
    pub fn padded(&self, reach: Metres) -> Extent {
        Extent {
            west: self.west - reach.0,
            south: self.south - reach.0,
            east: self.east + reach.0,
            north: self.north + reach.0,
        }
    }

    /// Easting span.
    pub fn width(&self) -> Metres {
        Metres(self.east - self.west)
    }

    /// Northing span.
    pub fn height(&self) -> Metres {
        Metres(self.north - self.south)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_that_share_a_border_touch_and_others_do_not() {
        let a = Extent { west: 0.0, south: 0.0, east: 10.0, north: 10.0 };
        let b = Extent { west: 10.0, south: 0.0, east: 20.0, north: 10.0 };
        assert!(a.touches(&b));
        assert!(!a.touches(&Extent { west: 10.5, ..b }));
        assert_eq!(a.union(&b).width(), Metres(20.0));
    }
}
