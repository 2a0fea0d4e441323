//! Surfaces known by their formula, with spikes below them, and what tiles agree on.

use super::*;
use crate::points::Lattice;

const LATTICE: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 66_000_000, y0: 687_000_000 };

/// A frame of half metres over a square from the lattice's origin, in metres.
fn frame(side: f64) -> Frame {
    let cells = (side / 0.5) as usize;
    Frame { west: 660_000.0, north: 6_870_000.0 + side, cell: Metres(0.5), rows: cells, cols: cells }
}

/// Points in centimetres.
fn cloud(points: &[[i32; 3]]) -> Points {
    Points {
        lattice: LATTICE,
        x: points.iter().map(|p| p[0]).collect(),
        y: points.iter().map(|p| p[1]).collect(),
        z: points.iter().map(|p| p[2]).collect(),
        class: Vec::new(),
    }
}

/// Numbers that look random and are always the same.
fn dice() -> impl FnMut(i32) -> i32 {
    let mut state = 7_u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below as u64) as i32
    }
}

/// Pulses every 0.3 m over a square in centimetres, each somewhere in its own square, at a height.
fn pulses(side: i32, mut height: impl FnMut(i32, i32, &mut dyn FnMut(i32) -> i32) -> i32) -> Vec<[i32; 3]> {
    let mut dice = dice();
    let steps = side / 30;
    let places: Vec<(i32, i32)> = (0..steps).flat_map(|i| (0..steps).map(move |j| (i, j))).collect();
    places
        .into_iter()
        .map(|(i, j)| {
            let (x, y) = (30 * i + dice(30), 30 * j + dice(30));
            [x, y, height(x, y, &mut dice)]
        })
        .collect()
}

/// A cell's distance from a position, both in centimetres.
fn distance(frame: &Frame, row: usize, col: usize, x: f64, y: f64) -> f64 {
    let (east, north) = ((frame.x(col) - 660_000.0) * 100.0, (frame.y(row) - 6_870_000.0) * 100.0);
    (east - x).hypot(north - y)
}

/// Cells within a radius of a position, in centimetres.
fn cells_within(grid: &Grid<f32>, x: f64, y: f64, radius: f64) -> Vec<(f64, f32)> {
    let frame = *grid.frame();
    let all = (0..frame.rows).flat_map(|row| (0..frame.cols).map(move |col| (row, col)));
    all.map(|(row, col)| (distance(&frame, row, col, x, y), grid.at(row, col)))
        .filter(|(distance, _)| *distance < radius)
        .collect()
}

#[test]
fn a_plane_stays_that_plane() {
    let plane = pulses(3_000, |x, y, _| 10_000 + 2 * x - 3 * y);
    let grid = surface(&cloud(&plane), &frame(30.0), &SpikeFreeParams::default());
    let mut filled = 0;
    for row in 0..60 {
        for col in 0..60 {
            let (x, y) = (0.25 + 0.5 * col as f64, 29.75 - 0.5 * row as f64);
            if !grid.at(row, col).is_nan() {
                filled += 1;
                assert!((f64::from(grid.at(row, col)) - (100.0 + 2.0 * x - 3.0 * y)).abs() < 1e-3);
            }
        }
    }
    assert!(filled > 3_400, "{filled} of 3600 cells");
}

/// An umbrella of 5 m radius and 12 m height over flat ground; every third pulse passes through it and
/// returns from somewhere below.
fn umbrella(x: i32, y: i32, dice: &mut dyn FnMut(i32) -> i32) -> i32 {
    let radius = f64::from(x - 1_500).hypot(f64::from(y - 1_500));
    if radius > 500.0 {
        return 0;
    }
    let skin = 1_200 - (0.4 * radius) as i32;
    if dice(3) == 0 { skin - 60 - dice(skin - 60) } else { skin }
}

#[test]
fn an_umbrella_has_no_spike_deeper_than_the_buffer() {
    let points = cloud(&pulses(3_000, umbrella));
    let params = SpikeFreeParams { freeze_distance: Metres(1.5), ..SpikeFreeParams::default() };
    let skin = |distance: f64| 12.0 - 0.4 * distance / 100.0;
    let smooth = cells_within(&surface(&points, &frame(30.0), &params), 1_500.0, 1_500.0, 350.0);
    assert!(smooth.len() > 140);
    for (distance, z) in &smooth {
        // The buffer, and the sag of a facet with edges of 1.5 m on a slope of 0.4.
        let depth = skin(*distance) - f64::from(*z);
        assert!((-0.1..0.5 + 0.3).contains(&depth), "{depth} m below the skin at {distance} cm");
    }
    let never = SpikeFreeParams { freeze_distance: Metres(0.0), ..SpikeFreeParams::default() };
    let pierced = cells_within(&surface(&points, &frame(30.0), &never), 1_500.0, 1_500.0, 350.0);
    let deep = pierced.iter().filter(|(distance, z)| skin(*distance) - f64::from(*z) > 1.0).count();
    assert!(deep > pierced.len() / 5, "{deep} cells of the plain triangulation are spikes");
}

#[test]
fn the_ground_beside_an_umbrella_is_reached() {
    let points = cloud(&pulses(3_000, umbrella));
    let grid = surface(&points, &frame(30.0), &SpikeFreeParams::default());
    for (distance, z) in cells_within(&grid, 300.0, 300.0, 200.0) {
        assert!(z == 0.0, "{z} m at {distance} cm");
    }
}

#[test]
fn what_lies_in_a_frozen_triangle_does_not_pierce_it() {
    let rim = [[0, 0, 1_000], [70, 0, 990], [0, 70, 980]];
    let height = |below: [i32; 3]| {
        let all = [rim[0], rim[1], rim[2], below];
        surface(&cloud(&all), &frame(0.5), &SpikeFreeParams::default()).at(0, 0)
    };
    // The centre of the one cell, at 25 cm: 10 m − 0.1 · 25/70 m − 0.2 · 25/70 m.
    let plane = 10.0 - 0.3 * 25.0 / 70.0;
    assert!((height([25, 25, 200]) - plane as f32).abs() < 1e-5);
    // Not deeper than half a metre below the lowest corner it becomes a corner itself.
    assert_eq!(height([25, 25, 930]), 9.3);
    assert!((height([25, 25, 929]) - plane as f32).abs() < 1e-5);
}

#[test]
fn an_open_triangle_is_pierced() {
    let rim = [[0, 0, 1_000], [110, 0, 990], [0, 110, 980], [25, 25, 200]];
    assert_eq!(surface(&cloud(&rim), &frame(0.5), &SpikeFreeParams::default()).at(0, 0), 2.0);
}

#[test]
fn triangles_beyond_the_longest_edge_stay_empty() {
    let points = cloud(&[[0, 0, 0], [3_000, 0, 0], [0, 3_000, 0]]);
    let params = SpikeFreeParams { longest_edge: Metres(40.0), ..SpikeFreeParams::default() };
    assert!(surface(&points, &frame(20.0), &params).cells().iter().all(|z| z.is_nan()));
    let params = SpikeFreeParams { longest_edge: Metres(43.0), ..SpikeFreeParams::default() };
    assert_eq!(surface(&points, &frame(10.0), &params).at(0, 0), 0.0);
}

#[test]
fn too_few_points_or_points_on_a_line_give_no_surface() {
    let line: Vec<[i32; 3]> = (0..50_000).map(|i| [i, 2 * i, i % 700]).collect();
    for points in [vec![], vec![[5, 5, 5]], vec![[5, 5, 5]; 9], line] {
        let grid = surface(&cloud(&points), &frame(5.0), &SpikeFreeParams::default());
        assert!(grid.cells().iter().all(|z| z.is_nan()));
    }
}

#[test]
fn extreme_coordinates_are_fine() {
    let ends = [i32::MIN, 0, i32::MAX];
    let corners: Vec<[i32; 3]> = ends.iter().flat_map(|&x| ends.map(|y| [x, y, x])).collect();
    let grid = surface(&cloud(&corners), &frame(5.0), &SpikeFreeParams::default());
    assert!(grid.cells().iter().all(|z| !z.is_nan()));
}

#[test]
fn the_order_of_the_points_and_repeated_positions_change_nothing() {
    let mut points = pulses(1_500, umbrella);
    let first = surface(&cloud(&points), &frame(15.0), &SpikeFreeParams::default());
    points.reverse();
    let lower: Vec<[i32; 3]> = points.iter().map(|p| [p[0], p[1], p[2] - 40]).collect();
    points.extend(lower);
    let second = surface(&cloud(&points), &frame(15.0), &SpikeFreeParams::default());
    assert!(first.cells().iter().zip(second.cells()).all(|(a, b)| a.to_bits() == b.to_bits()));
}

/// Hills of crowns, each pulse returning from the skin or from below.
fn forest(x: i32, y: i32, dice: &mut dyn FnMut(i32) -> i32) -> i32 {
    let wave = |along: i32, length: f64| (f64::from(along) / length).sin();
    let skin = 1_500 + (300.0 * wave(x, 130.0) * wave(y, 170.0)) as i32 + dice(30);
    match dice(6) {
        0 => dice(skin),
        1 => skin - dice(300),
        _ => skin,
    }
}

/// Share of the cells of a core square of 20 m that a cloud cut to a ring around it gives as the whole does,
/// to the millimetre.
fn agreement(ring: i32) -> f64 {
    let whole = pulses(8_000, forest);
    let core = Frame { west: 660_030.0, north: 6_870_050.0, cell: Metres(0.5), rows: 40, cols: 40 };
    let within = |along: i32| (3_000 - ring..=5_000 + ring).contains(&along);
    let cut: Vec<[i32; 3]> = whole.iter().copied().filter(|p| within(p[0]) && within(p[1])).collect();
    let params = SpikeFreeParams::default();
    let (all, alone) = (surface(&cloud(&whole), &core, &params), surface(&cloud(&cut), &core, &params));
    let same = all.cells().iter().zip(alone.cells()).filter(|(a, b)| (*a - *b).abs() < 1e-3).count();
    same as f64 / core.len() as f64
}

#[test]
fn tiles_with_their_halo_agree_on_all_but_one_cell_in_a_thousand() {
    let halo = SpikeFreeParams::default().halo();
    let share = agreement((halo.0 * 100.0) as i32);
    assert!(share >= 0.999, "{share} of the cells agree with a ring of {halo}");
    // A ring is needed at all: the cells at the border of a tile read alone differ.
    assert!(agreement(0) < 0.99);
}
