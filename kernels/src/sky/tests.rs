//! Against the definition in plain f64, closed forms, tiles, vector widths and threads.

use super::*;

const CELL: Metres = Metres(1.0);

fn frame(rows: usize, cols: usize, cell: f64) -> Frame {
    Frame { west: 1000.0, north: 2000.0, cell: Metres(cell), rows, cols }
}

fn surface(rows: usize, cols: usize, cell: f64, height: impl Fn(isize, isize) -> f32) -> Grid<f32> {
    let at = |i: usize| {
        (
            (i / cols).cast_signed() - (rows / 2).cast_signed(),
            (i % cols).cast_signed() - (cols / 2).cast_signed(),
        )
    };
    let frame = frame(rows, cols, cell);
    Grid::new(frame, (0..frame.len()).map(|i| height(at(i).0, at(i).1)).collect())
}

/// The middle cell of a surface.
fn middle(grid: &Grid<f32>) -> Frame {
    let own = grid.frame();
    let (row, col) = (own.rows / 2, own.cols / 2);
    Frame {
        west: own.west + col as f64 * own.cell.0,
        north: own.north - row as f64 * own.cell.0,
        rows: 1,
        cols: 1,
        ..*own
    }
}

/// A town of blocks and single peaks, which leaves no direction regular.
fn town(rows: usize, cols: usize) -> Grid<f32> {
    surface(rows, cols, CELL.0, |row, col| {
        let (block_row, block_col) = (row.div_euclid(37), col.div_euclid(23));
        let dice = (block_row * 7919 + block_col * 104_729).rem_euclid(17) as f32;
        let inside = row.rem_euclid(37) > 9 && col.rem_euclid(23) > 7;
        let peak = if (row * 31 + col * 17).rem_euclid(101) == 0 { 40.0 } else { 0.0 };
        (row as f32 * 0.03).sin() * 4.0 + if inside { 3.0 + dice * 1.37 } else { 0.0 } + peak
    })
}

fn bits(grid: &Grid<f32>) -> Vec<u32> {
    grid.cells().iter().map(|cell| cell.to_bits()).collect()
}

/// The definition, word for word: every cell of every ray, in f64.
fn plain(surface: &Grid<f32>, row: usize, col: usize, directions: u32, reach: f64) -> (f64, f64) {
    let frame = surface.frame();
    let (mut squares, mut sines) = (0.0, 0.0);
    for k in 0..directions {
        let azimuth = (f64::from(k) * 360.0 / f64::from(directions)).to_radians();
        let (east, south) = (azimuth.sin(), -azimuth.cos());
        let most = east.abs().max(south.abs());
        let mut tangent: f64 = 0.0;
        for i in 1.. {
            let along = |part: f64| (f64::from(i) * part / most).round_ties_even();
            let (right, down) = (along(east), along(south));
            let distance = right.hypot(down) * frame.cell.0;
            if distance > reach {
                break;
            }
            let (r, c) = (row as f64 + down, col as f64 + right);
            if r >= 0.0 && c >= 0.0 && r < frame.rows as f64 && c < frame.cols as f64 {
                let rise = f64::from(surface.at(r as usize, c as usize)) - f64::from(surface.at(row, col));
                tangent = tangent.max(rise / distance);
            }
        }
        squares += 1.0 / (1.0 + tangent * tangent);
        sines += tangent / tangent.hypot(1.0);
    }
    (squares / f64::from(directions), 1.0 - sines / f64::from(directions))
}

#[test]
fn each_cell_has_what_the_definition_says() {
    let town = town(330, 370);
    for (directions, reach) in [(32, 200.0), (32, 60.0), (7, 150.0), (64, 33.3)] {
        let params = SkyParams::new(directions, Metres(reach)).unwrap();
        let seen = sky_view(&town, town.frame(), &params);
        for i in (0..town.frame().len()).step_by(1237) {
            let (row, col) = (i / 370, i % 370);
            let (weighted, angle) = plain(&town, row, col, directions, reach);
            let own = (seen.cosine_weighted.at(row, col), seen.solid_angle.at(row, col));
            assert!((f64::from(own.0) - weighted).abs() < 2e-6, "{row} {col}: {own:?}, not {weighted}");
            assert!((f64::from(own.1) - angle).abs() < 2e-6, "{row} {col}: {own:?}, not {angle}");
        }
    }
}

#[test]
fn a_plain_sees_all_of_the_sky_exactly() {
    let plain = surface(50, 70, CELL.0, |_, _| 123.456);
    for directions in [4, 7, 32, 360] {
        let seen = sky_view(&plain, plain.frame(), &SkyParams::new(directions, Metres(200.0)).unwrap());
        assert!(seen.cosine_weighted.cells().iter().all(|&cell| cell == 1.0));
        assert!(seen.solid_angle.cells().iter().all(|&cell| cell == 1.0));
    }
}

/// The middle of an endless street: cos(atan(2 H / W)) (Oke 1981).
#[test]
fn streets_have_their_exact_value() {
    for (cell, tolerance) in [(1.0, 0.015), (0.5, 0.008)] {
        let half = (10.5 / cell - 0.01_f64).floor() as isize;
        let size = (420.0 / cell) as usize | 1;
        // A street of cells has no middle line at 0.5 m: its half-width is that of the cells' faces.
        let face = (half as f64 + 0.5) * cell;
        for height in [10.0_f32, 20.0, 40.0] {
            let street = surface(size, size, cell, |_, col| if col.abs() > half { height } else { 0.0 });
            let seen = sky_view(&street, &middle(&street), &SkyParams::default());
            let exact = (f64::from(height) / face).atan().cos();
            let own = f64::from(seen.cosine_weighted.at(0, 0));
            assert!((own - exact).abs() <= tolerance, "cell {cell}, H {height}: {own}, not {exact}");
        }
    }
}

/// The middle of a round court: R² / (R² + H²), R to the centres of the cells of its wall.
#[test]
fn courts_have_their_exact_value() {
    for height in [10.0_f32, 20.0] {
        let court =
            surface(
                101,
                101,
                CELL.0,
                |row, col| {
                    if (row as f64).hypot(col as f64) >= 10.5 { height } else { 0.0 }
                },
            );
        let seen = sky_view(&court, &middle(&court), &SkyParams::default());
        let exact = 121.0 / (121.0 + f64::from(height).powi(2));
        let own = f64::from(seen.cosine_weighted.at(0, 0));
        assert!((own - exact).abs() <= 0.015, "H {height}: {own}, not {exact}");
    }
}

#[test]
fn the_two_factors_are_not_the_same() {
    let street = surface(421, 421, CELL.0, |_, col| if col.abs() > 10 { 21.0 } else { 0.0 });
    let seen = sky_view(&street, &middle(&street), &SkyParams::default());
    assert!((seen.cosine_weighted.at(0, 0) - 0.46).abs() < 0.01);
    assert!((seen.solid_angle.at(0, 0) - 0.32).abs() < 0.02);
}

#[test]
fn an_obstacle_more_never_opens_the_sky() {
    let before = town(150, 150);
    let mut after = before.clone();
    for (row, col) in [(75, 75), (75, 76), (20, 130)] {
        after.cells_mut()[row * 150 + col] = 90.0;
    }
    let params = SkyParams::default();
    let (a, b) = (sky_view(&before, before.frame(), &params), sky_view(&after, before.frame(), &params));
    let mut darker = 0;
    for i in 0..before.frame().len() {
        if before.cells()[i] == after.cells()[i] {
            assert!(b.cosine_weighted.cells()[i] <= a.cosine_weighted.cells()[i]);
            assert!(b.solid_angle.cells()[i] <= a.solid_angle.cells()[i]);
            darker += usize::from(b.solid_angle.cells()[i] < a.solid_angle.cells()[i]);
        }
    }
    assert!(darker > 1000, "the towers are seen");
}

#[test]
fn four_tiles_with_their_halo_have_the_cells_of_the_whole() {
    let town = town(610, 590);
    let params = SkyParams::new(32, Metres(150.0)).unwrap();
    let whole = sky_view(&town, town.frame(), &params);
    for (row, col, rows, cols) in
        [(0, 0, 301, 277), (0, 277, 301, 313), (301, 0, 309, 277), (301, 277, 309, 313)]
    {
        let own = town.frame();
        let core = Frame { west: own.west + col as f64, north: own.north - row as f64, rows, cols, ..*own };
        let around = own.intersection(&core.padded(150));
        let part = sky_view(&town.cropped(&around), &core, &params);
        assert_eq!(bits(&part.cosine_weighted), bits(&whole.cosine_weighted.cropped(&core)));
        assert_eq!(bits(&part.solid_angle), bits(&whole.solid_angle.cropped(&core)));
    }
}

#[test]
fn neither_vector_width_nor_threads_change_a_bit() {
    let town = town(300, 530);
    let params = SkyParams::default();
    let reference = sky_view(&town, town.frame(), &params);
    let scalar = sky_view_by(pulp::Arch::Scalar, &town, town.frame(), &params);
    assert_eq!(bits(&scalar.cosine_weighted), bits(&reference.cosine_weighted));
    assert_eq!(bits(&scalar.solid_angle), bits(&reference.solid_angle));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let again = pool.install(|| sky_view(&town, town.frame(), &params));
        assert_eq!(bits(&again.cosine_weighted), bits(&reference.cosine_weighted));
    }
}

#[test]
fn a_missing_cell_has_no_sky_and_hides_none() {
    let mut plain = surface(40, 40, CELL.0, |_, _| 5.0);
    plain.cells_mut()[40 * 20 + 20] = f32::NAN;
    let seen = sky_view(&plain, plain.frame(), &SkyParams::default()).cosine_weighted;
    assert!(seen.at(20, 20).is_missing());
    assert_eq!(seen.cells().iter().filter(|&&cell| cell == 1.0).count(), 40 * 40 - 1);
}

#[test]
fn parameters_without_sense_are_refused() {
    assert_eq!(SkyParams::new(3, Metres(200.0)), Err(SkyParamsError::Directions));
    assert_eq!(SkyParams::new(32, Metres(f64::NAN)), Err(SkyParamsError::Reach));
    assert_eq!(SkyParams::new(32, Metres(0.0)), Err(SkyParamsError::Reach));
}

/// A wood with a roof beside it: crowns from 3 to 12 m over a plain, a wall of 9 m.
fn wood() -> (Grid<f32>, Grid<f32>, Grid<f32>) {
    let ground = surface(151, 163, CELL.0, |_, col| if col > 40 { 9.0 } else { 0.0 });
    let crown = |row: isize, col: isize| {
        let near = |r: f64, c: f64| (row as f64 - r).hypot(col as f64 - c) < 6.0;
        near(10.0, 0.0) || near(-30.0, 20.0) || (row * 5 + col * 11).rem_euclid(83) == 0
    };
    let layer = |height: f32| {
        surface(151, 163, CELL.0, |row, col| {
            let above = height + (row * 7 + col * 3).rem_euclid(5) as f32 * 0.31;
            if crown(row, col) { above } else { f32::NAN }
        })
    };
    (ground, layer(12.0), layer(3.0))
}

/// Every level of every ray, word for word, in f64.
fn plainly_hidden(parts: [&Grid<f32>; 3], row: usize, col: usize, directions: u32, reach: f64) -> f64 {
    let [surface, tops, bases] = parts;
    let frame = surface.frame();
    let eye = f64::from(surface.at(row, col));
    let mut hidden = 0;
    for k in 0..directions {
        let azimuth = (f64::from(k) * 360.0 / f64::from(directions)).to_radians();
        let (east, south) = (azimuth.sin(), -azimuth.cos());
        let most = east.abs().max(south.abs());
        let (mut floor, mut slices) = (0.0_f64, Vec::new());
        for i in 0.. {
            let along = |part: f64| (f64::from(i) * part / most).round_ties_even();
            let (right, down) = (along(east), along(south));
            let distance = right.hypot(down).max(0.5) * frame.cell.0;
            if distance > reach {
                break;
            }
            let (r, c) = (row as f64 + down, col as f64 + right);
            if r >= 0.0 && c >= 0.0 && r < frame.rows as f64 && c < frame.cols as f64 {
                let slope = |grid: &Grid<f32>| (f64::from(grid.at(r as usize, c as usize)) - eye) / distance;
                if i > 0 {
                    floor = floor.max(slope(surface));
                }
                if !tops.at(r as usize, c as usize).is_nan() && slope(tops) > 0.0 {
                    slices.push((slope(bases), if i == 0 { f64::INFINITY } else { slope(tops) }));
                }
            }
        }
        let share = |slope: f64| 1.0 - 1.0 / (1.0 + slope.max(0.0).powi(2));
        hidden += (0..31_u32)
            .filter(|&k| {
                let middle = (f64::from(k) + 0.5) / 31.0;
                let inside = slices.iter().any(|&(low, high)| share(low) <= middle && middle < share(high));
                inside && middle >= share(floor)
            })
            .count();
    }
    hidden as f64 / f64::from(directions * 31)
}

#[test]
fn crowns_hide_what_the_definition_says() {
    let (ground, tops, bases) = wood();
    for (directions, reach) in [(32, 200.0), (7, 45.0)] {
        let params = SkyParams::new(directions, Metres(reach)).unwrap();
        let crowns = Crowns { tops: &tops, bases: &bases };
        let (sky, leaves) = sky_view_behind_crowns(&ground, &crowns, ground.frame(), &params);
        assert_eq!(
            bits(&sky.cosine_weighted),
            bits(&sky_view(&ground, ground.frame(), &params).cosine_weighted)
        );
        let mut most = 0.0_f64;
        for i in (0..ground.frame().len()).step_by(311) {
            let (row, col) = (i / 163, i % 163);
            let expected = plainly_hidden([&ground, &tops, &bases], row, col, directions, reach);
            let own = f64::from(leaves.at(row, col));
            // A level whose middle lies on a crown's edge may fall on either side of it.
            assert!(
                (own - expected).abs() < 1.5 / f64::from(directions * 31),
                "{row} {col}: {own}, not {expected}"
            );
            most = most.max(expected);
        }
        assert!(most > 0.5, "the wood is dense");
    }
}

#[test]
fn light_passes_below_crowns() {
    let (ground, tops, bases) = wood();
    let (params, core) = (SkyParams::default(), middle(&ground));
    let under = Frame { north: core.north - 10.0, ..core };
    let hidden = |bases: &Grid<f32>| {
        sky_view_behind_crowns(&ground, &Crowns { tops: &tops, bases }, &under, &params).1.at(0, 0)
    };
    let open = sky_view(&ground, &under, &params).cosine_weighted.at(0, 0);
    let no_trunks = Grid::filled(*ground.frame(), f32::NAN);
    let (with, without) = (hidden(&bases), hidden(&no_trunks));
    assert!(without > open - 0.02, "a crown down to the ground hides all: {without} of {open}");
    assert!(with < without - 0.15, "trunks open the side: {with}");
    // A lid of radius 5.5 m, 3.6 m above: R² / (R² + H²) = 0.70, and the scattered trees around.
    assert!((0.65..0.85).contains(&with), "{with}");
}

#[test]
fn tiles_widths_and_threads_do_not_change_what_crowns_hide() {
    let (ground, tops, bases) = wood();
    let own = ground.frame();
    let params = SkyParams::new(32, Metres(50.0)).unwrap();
    let crowns = Crowns { tops: &tops, bases: &bases };
    let whole = sky_view_behind_crowns(&ground, &crowns, own, &params).1;
    let scalar = sky_seen(pulp::Arch::Scalar, &ground, Some(&crowns), own, &params).1.unwrap();
    assert_eq!(bits(&scalar), bits(&whole));
    for (row, col, rows, cols) in [(0, 0, 70, 90), (0, 90, 70, 73), (70, 0, 81, 90), (70, 90, 81, 73)] {
        let core = Frame { west: own.west + col as f64, north: own.north - row as f64, rows, cols, ..*own };
        let around = own.intersection(&core.padded(50));
        let (tops, bases) = (tops.cropped(&around), bases.cropped(&around));
        let crowns = Crowns { tops: &tops, bases: &bases };
        let part = sky_view_behind_crowns(&ground.cropped(&around), &crowns, &core, &params).1;
        assert_eq!(bits(&part), bits(&whole.cropped(&core)));
    }
}
