//! What a cell and its eight neighbours say of a terrain: slope and hillshade.
//!
//! In: a grid of heights in metres. Out: a grid of the same frame; a cell whose neighbourhood is not
//! complete is missing. The gradient is that of Horn 1981 (10.1109/PROC.1981.11918), as in GDAL:
//!
//! ```text
//!   a b c     ∂z/∂x = ((c + 2f + i) − (a + 2d + g)) / 8·cell      east is positive
//!   d e f     ∂z/∂y = ((a + 2b + c) − (g + 2h + i)) / 8·cell      north is positive
//!   g h i
//! ```
//! Cost: about 10 ns a cell each.

use crate::grid::{Grid, Sample};
use crate::unit::Degrees;

/// How far these kernels look: one cell.
pub const RING: usize = 1;

/// Where the light of a hillshade comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Light {
    /// One light: azimuth clockwise from north, altitude above the horizon.
    From(Degrees, Degrees),
    /// Four lights (225°, 270°, 315°, 360°) at this altitude, each weighted by cos² of the angle between it and
    /// the slope (Mark 1992, USGS Open-File Report 92-422, as GDAL and QGIS read it).
    Around(Degrees),
}

impl Default for Light {
    /// From the north-west, 45° high, as on most maps.
    fn default() -> Light {
        Light::From(Degrees(315.0), Degrees(45.0))
    }
}

/// Steepest slope of the terrain, degrees.
pub fn slope(terrain: &Grid<f32>) -> Grid<f32> {
    map_gradients(terrain, f32::MISSING, |east, north| {
        (east * east + north * north).sqrt().atan().to_degrees() as f32
    })
}

/// Shaded relief, 1 (dark) to 255 (bright).
pub fn hillshade(terrain: &Grid<f32>, light: Light) -> Grid<u8> {
    match light {
        Light::From(azimuth, altitude) => {
            let beam = Beam::new(azimuth, altitude);
            map_gradients(terrain, u8::MISSING, move |east, north| shade(beam.on(east, north)))
        }
        Light::Around(altitude) => {
            let beams = [225.0, 270.0, 315.0, 360.0].map(|azimuth| Beam::new(Degrees(azimuth), altitude));
            map_gradients(terrain, u8::MISSING, move |east, north| shade(around(&beams, east, north)))
        }
    }
}

/// Four lights, each weighted by cos²(aspect − azimuth); the weights add up to 2.
fn around(beams: &[Beam; 4], east: f64, north: f64) -> f64 {
    let steepness = east * east + north * north;
    if steepness == 0.0 {
        return beams[0].on(0.0, 0.0);
    }
    let weighted = beams.iter().map(|beam| {
        let along = beam.east * east + beam.north * north;
        let weight = along * along / (steepness * beam.level * beam.level);
        (weight * beam.on(east, north).max(0.0), weight)
    });
    let (sum, weights) = weighted.fold((0.0, 0.0), |total, part| (total.0 + part.0, total.1 + part.1));
    sum / weights
}

/// A direction towards the light, as a unit vector.
#[derive(Clone, Copy)]
struct Beam {
    east: f64,
    north: f64,
    up: f64,
    level: f64,
}

impl Beam {
    fn new(azimuth: Degrees, altitude: Degrees) -> Beam {
        let level = altitude.radians().cos();
        let (sin, cos) = azimuth.radians().sin_cos();
        Beam { east: level * sin, north: level * cos, up: altitude.radians().sin(), level }
    }

    /// Cosine of the angle between the beam and the normal of a slope.
    fn on(&self, east: f64, north: f64) -> f64 {
        (self.up - self.east * east - self.north * north) / (1.0 + east * east + north * north).sqrt()
    }
}

/// A cosine as a byte, 0 kept for missing.
fn shade(cosine: f64) -> u8 {
    // Positive: adding a half and cutting the fraction off rounds.
    (1.5 + 254.0 * cosine.max(0.0)) as u8
}

/// Applies `f(∂z/∂x, ∂z/∂y)` to each cell whose neighbourhood is complete.
fn map_gradients<T: Sample>(
    terrain: &Grid<f32>,
    missing: T,
    f: impl Fn(f64, f64) -> T + Send + Sync,
) -> Grid<T> {
    let frame = *terrain.frame();
    let run = 8.0 * frame.cell.0;
    crate::par::rows(frame, missing, |row, cells| {
        if row == 0 || row + 1 >= frame.rows || frame.cols < 3 {
            return;
        }
        let windows = terrain.row(row - 1).windows(3).zip(terrain.row(row).windows(3));
        let windows = windows.zip(terrain.row(row + 1).windows(3));
        for (cell, ((above, here), below)) in cells[1..].iter_mut().zip(windows) {
            let [a, b, c] = [0, 1, 2].map(|i| f64::from(above[i]));
            let [d, e, f_] = [0, 1, 2].map(|i| f64::from(here[i]));
            let [g, h, i] = [0, 1, 2].map(|i| f64::from(below[i]));
            let east = ((c + 2.0 * f_ + i) - (a + 2.0 * d + g)) / run;
            let north = ((a + 2.0 * b + c) - (g + 2.0 * h + i)) / run;
            // The centre is in neither sum, but a missing cell has no slope.
            if !(east + north + e).is_nan() {
                *cell = f(east, north);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use crate::unit::Metres;

    fn plane(east: f32, north: f32) -> Grid<f32> {
        let frame = Frame { west: 0.0, north: 0.0, cell: Metres(0.5), rows: 5, cols: 5 };
        Grid::new(frame, (0..25).map(|i| 0.5 * ((i % 5) as f32 * east - (i / 5) as f32 * north)).collect())
    }

    #[test]
    fn a_plane_has_its_slope_everywhere_inside() {
        let slopes = slope(&plane(0.6, 0.8));
        assert!((slopes.at(2, 2) - 45.0).abs() < 1e-4);
        assert!(slopes.at(0, 2).is_missing());
    }

    #[test]
    fn flat_ground_is_as_bright_as_the_light_is_high() {
        assert_eq!(hillshade(&plane(0.0, 0.0), Light::default()).at(2, 2), 181);
        assert_eq!(hillshade(&plane(0.0, 0.0), Light::Around(Degrees(45.0))).at(2, 2), 181);
    }

    /// East and north parts of a slope of 45° along a diagonal.
    const HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;

    #[test]
    fn a_slope_that_faces_the_light_is_brightest() {
        let facing = hillshade(&plane(HALF, -HALF), Light::default()).at(2, 2);
        let away = hillshade(&plane(-HALF, HALF), Light::default()).at(2, 2);
        assert_eq!((facing, away), (255, 1));
    }

    #[test]
    fn a_missing_cell_darkens_no_neighbour() {
        let mut terrain = plane(0.1, 0.0);
        terrain.cells_mut()[12] = f32::NAN;
        let slopes = slope(&terrain);
        assert!(slopes.at(2, 2).is_missing() && slopes.at(1, 1).is_missing());
    }
}
