//! Against the definition in plain f64, poles, tiles and vector widths.

use super::*;

fn pole(height: f32) -> Grid<f32> {
    let frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: 41, cols: 41 };
    let mut grid = Grid::filled(frame, 10.0);
    grid.cells_mut()[20 * 41 + 20] = 10.0 + height;
    grid
}

fn sun(azimuth: f64, altitude: f64) -> Sun {
    Sun { azimuth: Degrees(azimuth), altitude: Degrees(altitude) }
}

fn shaded(grid: &Grid<f32>) -> Vec<(usize, usize)> {
    let cells = grid.cells().iter().enumerate();
    cells
        .filter(|(_, cell)| **cell == 1.0)
        .map(|(i, _)| (i / grid.frame().cols, i % grid.frame().cols))
        .collect()
}

#[test]
fn a_pole_casts_its_shadow_away_from_the_sun() {
    let pole = pole(5.5);
    let params = ShadeParams::default();
    // At 45° the shadow is as long as the pole is high.
    let noon = shaded(&shade(&pole, pole.frame(), &sun(180.0, 45.0), &params));
    assert_eq!(noon, (15..20).map(|row| (row, 20)).collect::<Vec<_>>(), "to the north");
    let morning = shaded(&shade(&pole, pole.frame(), &sun(90.0, 45.0), &params));
    assert_eq!(morning, (15..20).map(|col| (20, col)).collect::<Vec<_>>(), "to the west");
    let evening = shaded(&shade(&pole, pole.frame(), &sun(270.0, 30.0), &params));
    assert_eq!(evening, (21..=29).map(|col| (20, col)).collect::<Vec<_>>(), "5.5 / tan 30° = 9.5 m");
}

#[test]
fn a_plain_is_in_the_sun_by_day_and_in_the_shade_by_night() {
    let plain = pole(0.0);
    let params = ShadeParams::default();
    assert!(shaded(&shade(&plain, plain.frame(), &sun(100.0, 0.5), &params)).is_empty());
    assert_eq!(shaded(&shade(&plain, plain.frame(), &sun(100.0, -0.5), &params)).len(), 41 * 41);
}

#[test]
fn hours_add_up() {
    let pole = pole(5.5);
    let suns = [sun(180.0, 45.0), sun(90.0, 45.0), sun(0.0, -10.0), sun(270.0, 30.0)];
    let hours = sun_hours(&pole, pole.frame(), &suns, 0.5, &ShadeParams::default());
    assert_eq!(hours.at(0, 0), 1.5);
    assert_eq!(hours.at(17, 20), 1.0);
    assert_eq!(hours.at(20, 20), 1.5, "the top of the pole");
}

/// Hills and blocks.
fn town() -> Grid<f32> {
    let frame = Frame { west: 0.0, north: 0.0, cell: Metres(0.5), rows: 400, cols: 620 };
    let height = |i: usize| {
        let (row, col) = (i / 620, i % 620);
        if row * col % 977 == 3 {
            return f32::NAN;
        }
        let block = if row % 61 > 20 && col % 47 > 15 { ((row / 61) * 7 + (col / 47) * 3) % 11 } else { 0 };
        (col as f32 * 0.02).sin() * 3.0 + block as f32 * 2.3
    };
    Grid::new(frame, (0..frame.len()).map(height).collect())
}

const SUNS: [(f64, f64); 4] = [(71.3, 8.0), (123.4, 31.0), (200.0, 60.0), (301.7, 2.1)];

#[test]
fn each_cell_has_what_the_definition_says() {
    let town = town();
    let own = town.frame();
    for (azimuth, altitude) in SUNS {
        let shade = shade(&town, own, &sun(azimuth, altitude), &ShadeParams::default());
        let tangent = altitude.to_radians().tan();
        let (east, south) = (azimuth.to_radians().sin(), -azimuth.to_radians().cos());
        let most = east.abs().max(south.abs());
        let mut dark = 0;
        for i in (0..own.len()).step_by(53).filter(|&i| !town.cells()[i].is_missing()) {
            let (row, col) = (i / own.cols, i % own.cols);
            let hidden = (1..700).any(|i| {
                let along = |part: f64| (f64::from(i) * part / most).round_ties_even();
                let (r, c) = (row as f64 + along(south), col as f64 + along(east));
                let inside = r >= 0.0 && c >= 0.0 && r < own.rows as f64 && c < own.cols as f64;
                let distance = along(south).hypot(along(east)) * own.cell.0;
                inside && f64::from(town.at(r as usize, c as usize) - town.at(row, col)) > distance * tangent
            });
            dark += usize::from(hidden);
            assert_eq!(shade.at(row, col) == 1.0, hidden, "{azimuth} {altitude}: {row} {col}");
        }
        assert!(dark > 100, "{azimuth} {altitude}: {dark}");
    }
}

#[test]
fn tiles_widths_and_threads_have_the_cells_of_the_whole() {
    let town = town();
    let own = town.frame();
    let suns = SUNS.map(|(azimuth, altitude)| sun(azimuth, altitude));
    let params = ShadeParams::new(Metres(90.0)).unwrap();
    let whole = sun_hours(&town, own, &suns, 0.5, &params);
    let bits = |grid: &Grid<f32>| grid.cells().iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
    let scalar = sun_hours_by(pulp::Arch::Scalar, &town, own, &suns, 0.5, &params);
    assert_eq!(bits(&scalar), bits(&whole));
    for (row, col, rows, cols) in
        [(0, 0, 190, 333), (0, 333, 190, 287), (190, 0, 210, 333), (190, 333, 210, 287)]
    {
        let core = Frame { west: col as f64 * 0.5, north: row as f64 * -0.5, rows, cols, ..*own };
        let around = own.intersection(&core.padded(180));
        let part = sun_hours(&town.cropped(&around), &core, &suns, 0.5, &params);
        assert_eq!(bits(&part), bits(&whole.cropped(&core)));
    }
}

#[test]
fn crowns_take_the_sun_between_their_base_and_their_top() {
    let ground = pole(0.0);
    let layer = |height: f32| {
        let mut layer = Grid::filled(*ground.frame(), f32::NAN);
        layer.cells_mut()[20 * 41 + 20] = height;
        layer
    };
    let (tops, bases) = (layer(15.5), layer(12.5));
    let (params, suns) = (ShadeParams::default(), [sun(180.0, 45.0), sun(0.0, -3.0)]);
    let crowns = Crowns { tops: &tops, bases: &bases };
    let (open, leaves) = sun_hours_behind_crowns(&ground, &crowns, ground.frame(), &suns, 0.5, &params);
    assert!(open.cells().iter().all(|hours| *hours == 0.5));
    // At 45° the crown from 2.5 to 5.5 m above the ground shades from 2.5 to 5.5 m north of the trunk.
    let dark = (0..41).filter(|&row| leaves.at(row, 20) == 0.5).collect::<Vec<_>>();
    assert_eq!(dark, [15, 16, 17], "light passes below the crown");
    assert_eq!(leaves.cells().iter().filter(|hours| **hours > 0.0).count(), 3);
    // Straight below it, the sun stands too low to be hidden.
    let high = [sun(180.0, 80.0)];
    let (_, leaves) = sun_hours_behind_crowns(&ground, &crowns, ground.frame(), &high, 1.0, &params);
    assert_eq!(leaves.at(20, 20), 1.0, "the crown overhead hides a sun of 80°");
}

#[test]
fn tiles_and_widths_do_not_change_the_shade_of_crowns() {
    let ground = town();
    let own = ground.frame();
    let layer = |height: f32| {
        let cells = ground.cells().iter().enumerate();
        Grid::new(*own, cells.map(|(i, z)| if i % 7 == 3 { z + height } else { f32::NAN }).collect())
    };
    let (tops, bases) = (layer(7.0), layer(2.0));
    let suns = SUNS.map(|(azimuth, altitude)| sun(azimuth, altitude));
    let params = ShadeParams::new(Metres(60.0)).unwrap();
    let crowns = Crowns { tops: &tops, bases: &bases };
    let whole = sun_hours_behind_crowns(&ground, &crowns, own, &suns, 0.5, &params).1;
    let bits = |grid: &Grid<f32>| grid.cells().iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
    let scalar = hours_in(pulp::Arch::Scalar, &ground, Some(&crowns), own, &suns, 0.5, &params).1.unwrap();
    assert_eq!(bits(&scalar), bits(&whole));
    assert!(whole.cells().iter().filter(|hours| **hours > 0.0).count() > 10_000);
    for (row, col, rows, cols) in [(0, 0, 190, 333), (190, 333, 210, 287)] {
        let core = Frame { west: col as f64 * 0.5, north: row as f64 * -0.5, rows, cols, ..*own };
        let around = own.intersection(&core.padded(120));
        let (tops, bases) = (tops.cropped(&around), bases.cropped(&around));
        let crowns = Crowns { tops: &tops, bases: &bases };
        let part = sun_hours_behind_crowns(&ground.cropped(&around), &crowns, &core, &suns, 0.5, &params).1;
        assert_eq!(bits(&part), bits(&whole.cropped(&core)));
    }
}
