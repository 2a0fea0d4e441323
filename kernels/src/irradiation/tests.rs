//! Against closed forms, the sum over each sun, tiles and vector widths.

use super::*;
use crate::shade::{ShadeParams, shade};

const FRAME: Frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: 90, cols: 110 };

fn params() -> IrradiationParams {
    IrradiationParams::new(Metres(150.0), 0.2).unwrap()
}

/// A year at 45° north without refraction, declination by days of ten, hours of 20 minutes: 900 W/m² and 100 W/m².
fn year() -> Vec<Beam> {
    let latitude = 45.0_f64.to_radians();
    let mut beams = Vec::new();
    for day in (0..365).step_by(10) {
        let declination = (23.45 * (f64::from(day + 284) / 365.0 * std::f64::consts::TAU).sin()).to_radians();
        for third in 0..72 {
            let hour = ((f64::from(third) + 0.5) / 3.0 - 12.0) * std::f64::consts::PI / 12.0;
            let up = latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * hour.cos();
            let east = -declination.cos() * hour.sin();
            let north = latitude.cos() * declination.sin() - latitude.sin() * declination.cos() * hour.cos();
            let azimuth = Degrees(east.atan2(north).to_degrees().rem_euclid(360.0));
            let sun = Sun { azimuth, altitude: Degrees(up.asin().to_degrees()) };
            let hours = 10.0 / 3.0;
            beams.push(Beam { sun, direct: 0.9 * hours, diffuse: 0.1 * hours, transmissivity: 0.1 });
        }
    }
    beams
}

fn surface(height: impl Fn(usize, usize) -> f32) -> Grid<f32> {
    Grid::new(FRAME, (0..FRAME.len()).map(|i| height(i / FRAME.cols, i % FRAME.cols)).collect())
}

/// A house with a gable along west and east, blocks and a slope.
fn town() -> Grid<f32> {
    surface(|row, col| {
        if (30..50).contains(&row) && (30..60).contains(&col) {
            let from_ridge = (row as f32 - 39.5).abs();
            return 12.0 - from_ridge * 0.6;
        }
        let block = if row % 41 > 30 && col % 37 > 22 { 6.0 + (col / 37) as f32 * 5.0 } else { 0.0 };
        block + row as f32 * 0.02
    })
}

/// Each sun apart, and the diffuse light by a dense dome of its own.
fn plainly(surface: &Grid<f32>, beams: &[Beam], cells: &[(usize, usize)]) -> Vec<f64> {
    let up = beams.iter().filter(|beam| beam.sun.altitude.0 > 0.0);
    let mut sums = vec![0.0; cells.len()];
    let (mut global, mut diffuse) = (0.0, 0.0);
    let lit = |sun: &Sun, weight: f64, sums: &mut Vec<f64>| {
        let shade = shade(surface, &FRAME, sun, &ShadeParams::new(Metres(150.0)).unwrap());
        let (z, level) = sun.altitude.radians().sin_cos();
        let (x, y) = sun.azimuth.radians().sin_cos();
        for (sum, &(row, col)) in sums.iter_mut().zip(cells) {
            let (east, north) = gradient(surface, row, col);
            let length = f64::from(1.0 + east * east + north * north).sqrt();
            let cosine = (z - f64::from(east) * level * x - f64::from(north) * level * y) / length;
            *sum += weight * cosine.max(0.0) * f64::from(1.0 - shade.at(row, col));
        }
    };
    for beam in up {
        lit(&beam.sun, beam.direct, &mut sums);
        global += beam.direct * beam.sun.altitude.radians().sin() + beam.diffuse;
        diffuse += beam.diffuse;
    }
    // Directions of equal weight for a level ground: radiance is the same from all.
    let (rings, turns) = (20, 40);
    for ring in 0..rings {
        let sine = ((f64::from(ring) + 0.5) / f64::from(rings)).sqrt();
        for turn in 0..turns {
            let azimuth = Degrees((f64::from(turn) + 0.31) * 360.0 / f64::from(turns));
            let sun = Sun { azimuth, altitude: Degrees(sine.asin().to_degrees()) };
            lit(&sun, diffuse / sine / f64::from(rings * turns), &mut sums);
        }
    }
    for (sum, &(row, col)) in sums.iter_mut().zip(cells) {
        let (east, north) = gradient(surface, row, col);
        let up = 1.0 / f64::from(1.0 + east * east + north * north).sqrt();
        *sum += 0.1 * global * (1.0 - up);
    }
    sums
}

#[test]
fn a_plain_receives_all() {
    let plain = surface(|_, _| 3.0);
    let beams = year();
    let dome = Dome::gather(&beams, 64);
    let expected: f64 = beams
        .iter()
        .filter(|beam| beam.sun.altitude.0 > 0.0)
        .map(|beam| beam.direct * beam.sun.altitude.radians().sin() + beam.diffuse)
        .sum();
    assert!((dome.global() - expected).abs() < 0.01);
    let own = irradiation(&plain, None, &FRAME, &dome, &params());
    assert!(
        own.cells().iter().all(|cell| (f64::from(*cell) / expected - 1.0).abs() < 1e-4),
        "{}",
        own.at(9, 9)
    );
}

#[test]
fn each_cell_has_the_sum_over_its_suns() {
    let town = town();
    let cells: Vec<(usize, usize)> =
        (0..FRAME.len()).step_by(97).map(|i| (i / FRAME.cols, i % FRAME.cols)).collect();
    let beams = year();
    let expected = plainly(&town, &beams, &cells);
    for (sectors, mean, most) in [(32, 0.004, 0.06), (64, 0.004, 0.03), (128, 0.004, 0.025)] {
        let own = irradiation(&town, None, &FRAME, &Dome::gather(&beams, sectors), &params());
        let off =
            |(&(row, col), expected): (&(usize, usize), &f64)| f64::from(own.at(row, col)) / expected - 1.0;
        let off: Vec<f64> = cells.iter().zip(&expected).map(off).collect();
        let bias = off.iter().sum::<f64>() / off.len() as f64;
        let largest = off.iter().fold(0.0_f64, |most, o| most.max(o.abs()));
        assert!(bias.abs() < mean && largest < most, "{sectors}: {bias} {largest}");
    }
    let own = irradiation(&town, None, &FRAME, &Dome::gather(&beams, 64), &params());
    let (south, north) = (own.at(45, 45), own.at(34, 45));
    assert!(south > 1.3 * north, "the southern half of the roof {south}, the northern {north}");
}

#[test]
fn the_last_row_of_a_roof_has_the_slope_of_the_roof() {
    let town = town();
    for (row, col) in [(49, 45), (44, 30), (44, 59)] {
        let (east, north) = gradient(&town, row, col);
        assert!(east.abs() < 1e-3 && (north - 0.6).abs() < 1e-3, "{row} {col}: {east} {north}");
    }
}

#[test]
fn crowns_hold_back_what_they_hide() {
    let plain = surface(|_, _| 0.0);
    let layer = |height: f32| {
        surface(|row, col| if row.abs_diff(45) < 6 && col.abs_diff(50) < 6 { height } else { f32::NAN })
    };
    let (tops, bases) = (layer(10.0), layer(3.0));
    let crowns = Crowns { tops: &tops, bases: &bases };
    let clear: Vec<Beam> = year().into_iter().map(|beam| Beam { transmissivity: 1.0, ..beam }).collect();
    let none = irradiation(&plain, None, &FRAME, &Dome::gather(&clear, 32), &params());
    let glass = irradiation(&plain, Some(&crowns), &FRAME, &Dome::gather(&clear, 32), &params());
    assert_eq!(none, glass, "leaves of glass");
    let own = irradiation(&plain, Some(&crowns), &FRAME, &Dome::gather(&year(), 32), &params());
    let share = |row: usize, col: usize| own.at(row, col) / none.at(row, col);
    assert!((0.15..0.45).contains(&share(45, 50)), "below: {}", share(45, 50));
    assert!(
        share(34, 50) < 0.8 && share(80, 50) > 0.97,
        "north and south: {} {}",
        share(34, 50),
        share(80, 50)
    );
}

#[test]
fn tiles_widths_and_threads_have_the_cells_of_the_whole() {
    let town = town();
    let dome = Dome::gather(&year(), 32);
    let params = IrradiationParams::new(Metres(25.0), 0.2).unwrap();
    let bits = |grid: &Grid<f32>| grid.cells().iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
    let whole = irradiation(&town, None, &FRAME, &dome, &params);
    let scalar = irradiation_by(pulp::Arch::Scalar, &town, None, &FRAME, &dome, &params);
    assert_eq!(bits(&scalar), bits(&whole));
    for (row, col, rows, cols) in [(0, 0, 40, 55), (0, 55, 40, 55), (40, 0, 50, 55), (40, 55, 50, 55)] {
        let core = Frame { west: col as f64, north: -(row as f64), rows, cols, ..FRAME };
        let around = FRAME.intersection(&core.padded(25));
        let part = irradiation(&town.cropped(&around), None, &core, &dome, &params);
        assert_eq!(bits(&part), bits(&whole.cropped(&core)));
    }
}
