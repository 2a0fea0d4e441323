//! The interpolation against a global triangulation: delaunator's, flipped edge by edge into the one that the
//! symbolic perturbation selects, all in whole numbers.

use std::collections::HashMap;

use super::*;
use crate::buckets::Duplicate;
use crate::points::{Lattice, Points};

const CENTIMETRES: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 77_000_000, y0: 627_700_000 };

/// Numbers that look random, the same on every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as i32
    }
}

fn cloud(lattice: Lattice, points: impl IntoIterator<Item = (i32, i32, i32)>) -> Points {
    let mut cloud = Points::empty(lattice);
    for (x, y, z) in points {
        cloud.x.push(x);
        cloud.y.push(y);
        cloud.z.push(z);
    }
    cloud
}

/// Points at random in a square of `side` units, with heights up to `top`.
fn scattered(lattice: Lattice, n: usize, side: i64, top: i64, seed: u64) -> Points {
    let mut dice = Dice(seed);
    cloud(lattice, (0..n).map(|_| (dice.below(side), dice.below(side), dice.below(top))))
}

/// A frame whose first centre lies at the local position `(x, y)`, in units of the lattice.
fn frame_at(lattice: &Lattice, x: f64, y: f64, cell: f64, rows: usize, cols: usize) -> Frame {
    let scale = f64::from(lattice.per_metre);
    Frame {
        west: (lattice.x0 as f64 + x) / scale - cell / 2.0,
        north: (lattice.y0 as f64 + y) / scale + cell / 2.0,
        cell: Metres(cell),
        rows,
        cols,
    }
}

fn params(largest_void: f64) -> TinParams {
    TinParams::new(Metres(largest_void)).unwrap()
}

fn bits(grid: &Grid<f32>) -> Vec<u32> {
    grid.cells().iter().map(|value| value.to_bits()).collect()
}

type Whole = (i128, i128);

fn turn(a: Whole, b: Whole, c: Whole) -> i128 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Whether `d` is inside the circle of the counter-clockwise `a, b, c`, ties by the rank of (x, y).
fn in_circle(a: Whole, b: Whole, c: Whole, d: Whole) -> bool {
    let row = |p: Whole| {
        let (x, y) = (p.0 - d.0, p.1 - d.1);
        (x, y, x * x + y * y)
    };
    let (a3, b3, c3) = (row(a), row(b), row(c));
    let minor = |p: (i128, i128, i128), q: (i128, i128, i128)| p.0 * q.1 - p.1 * q.0;
    let determinant = a3.2 * minor(b3, c3) + b3.2 * minor(c3, a3) + c3.2 * minor(a3, b3);
    if determinant != 0 {
        return determinant > 0;
    }
    // The weight of the last of the four in the determinant: its lift grows most.
    let last = a.max(b).max(c).max(d);
    if last == d {
        false
    } else if last == a {
        minor(b3, c3) > 0
    } else if last == b {
        minor(c3, a3) > 0
    } else {
        minor(a3, b3) > 0
    }
}

/// The one Delaunay triangulation that the tie rule selects.
fn triangulation(points: &[Whole]) -> Vec<[usize; 3]> {
    let positions: Vec<_> =
        points.iter().map(|p| delaunator::Point { x: p.0 as f64, y: p.1 as f64 }).collect();
    let mut triangles: Vec<[usize; 3]> = delaunator::triangulate(&positions)
        .triangles
        .chunks(3)
        .map(|t| {
            let ccw = turn(points[t[0]], points[t[1]], points[t[2]]) > 0;
            if ccw { [t[0], t[1], t[2]] } else { [t[0], t[2], t[1]] }
        })
        .collect();
    assert!(triangles.iter().all(|t| turn(points[t[0]], points[t[1]], points[t[2]]) > 0));
    let mut sides: HashMap<(usize, usize), usize> = HashMap::new();
    let mut todo = Vec::new();
    for (at, t) in triangles.iter().enumerate() {
        for side in 0..3 {
            sides.insert((t[side], t[(side + 1) % 3]), at);
            todo.push((t[side], t[(side + 1) % 3]));
        }
    }
    while let Some((a, b)) = todo.pop() {
        let (Some(&left), Some(&right)) = (sides.get(&(a, b)), sides.get(&(b, a))) else { continue };
        let apex = |t: [usize; 3]| t.into_iter().find(|&p| p != a && p != b).unwrap();
        let (c, d) = (apex(triangles[left]), apex(triangles[right]));
        if !in_circle(points[a], points[b], points[c], points[d]) {
            continue;
        }
        (triangles[left], triangles[right]) = ([c, a, d], [d, b, c]);
        sides.remove(&(a, b));
        sides.remove(&(b, a));
        for at in [left, right] {
            let t = triangles[at];
            for side in 0..3 {
                sides.insert((t[side], t[(side + 1) % 3]), at);
                todo.push((t[side], t[(side + 1) % 3]));
            }
        }
    }
    triangles
}

/// The interpolation by the global triangulation.
fn expected(points: &Points, keep: Duplicate, frame: &Frame, largest_void: f64) -> Vec<u32> {
    let lattice = points.lattice;
    let mut heights: HashMap<Whole, i32> = HashMap::new();
    for ((&x, &y), &z) in points.x.iter().zip(&points.y).zip(&points.z) {
        let best = heights.entry((2 * i128::from(x), 2 * i128::from(y))).or_insert(z);
        *best = if keep == Duplicate::Lowest { (*best).min(z) } else { (*best).max(z) };
    }
    let positions: Vec<Whole> = heights.keys().copied().collect();
    let limit = ((largest_void * f64::from(lattice.per_metre) * 2.0).round() as i128).pow(2);
    let square = |p: Whole, q: Whole| (p.0 - q.0).pow(2) + (p.1 - q.1).pow(2);
    let kept: Vec<[Whole; 3]> = triangulation(&positions)
        .into_iter()
        .map(|t| t.map(|at| positions[at]))
        .filter(|&[a, b, c]| {
            // Diameter = |ab| |bc| |ca| / area; by f64 where that is far from the limit, else exactly.
            let (area, sides) = (turn(a, b, c), [square(a, b), square(b, c), square(c, a)]);
            let diameter = sides.map(|side| side as f64).iter().product::<f64>() / (area as f64).powi(2);
            let share = diameter / limit as f64;
            share < 0.999 || share < 1.001 && sides[0] * sides[1] * sides[2] <= area * area * limit
        })
        .collect();
    let scale = f64::from(lattice.per_metre) * 2.0;
    let whole = |metres: f64, origin: i64| (metres * scale).round() as i128 - 2 * i128::from(origin);
    let mut values = Vec::new();
    for row in 0..frame.rows {
        for col in 0..frame.cols {
            let q = (whole(frame.x(col), lattice.x0), whole(frame.y(row), lattice.y0));
            let over = kept
                .iter()
                .find(|&&[a, b, c]| turn(a, b, q) >= 0 && turn(b, c, q) >= 0 && turn(c, a, q) >= 0);
            values.push(over.map_or(f32::NAN, |&[a, b, c]| {
                let parts = [(turn(b, c, q), a), (turn(c, a, q), b), (turn(a, b, q), c)];
                let sum: i128 = parts.iter().map(|(weight, p)| weight * i128::from(heights[p])).sum();
                let area = turn(a, b, c) * i128::from(lattice.per_metre_up);
                if area < 1 << 53 && sum.abs() < 1 << 53 {
                    return (sum as f64 / area as f64) as f32;
                }
                // 100 more bits than the whole metres: rounding twice is then no different.
                let (whole, rest) = (sum.div_euclid(area), sum.rem_euclid(area));
                (whole as f64 + rest as f64 / area as f64) as f32
            }));
        }
    }
    values.into_iter().map(f32::to_bits).collect()
}

/// Compare with the oracle; returns the share of cells that have a height.
fn check(points: &Points, frame: &Frame, largest_void: f64, name: &str) -> f64 {
    let expected = expected(points, Duplicate::Lowest, frame, largest_void);
    let index = Buckets::new(points.clone(), Duplicate::Lowest);
    let grid = interpolate(&index, frame, &params(largest_void));
    let found = bits(&grid);
    let wrong = found.iter().zip(&expected).filter(|(a, b)| a != b).count();
    if let Some(at) = found.iter().zip(&expected).position(|(a, b)| a != b) {
        let (row, col) = (at / frame.cols, at % frame.cols);
        let (a, b) = (f32::from_bits(found[at]), f32::from_bits(expected[at]));
        panic!("{name}: {wrong} of {} cells differ, first {row}, {col}: {a}, expected {b}", found.len());
    }
    found.iter().filter(|&&value| !f32::from_bits(value).is_nan()).count() as f64 / found.len() as f64
}

#[test]
fn random_points_give_the_canonical_triangulation() {
    for seed in 0..12 {
        let points = scattered(CENTIMETRES, 900, 1500, 300, seed);
        let frame = frame_at(&CENTIMETRES, -50.0, 1550.0, 0.5, 33, 33);
        let share = check(&points, &frame, 200.0, "dense");
        assert!(share > 0.7);
        let sparse = scattered(CENTIMETRES, 60, 4000, 3000, seed);
        let frame = frame_at(&CENTIMETRES, -500.0, 4500.0, 0.5, 100, 100);
        check(&sparse, &frame, 200.0, "sparse");
        check(&sparse, &frame, 6.0, "sparse, small voids");
    }
}

#[test]
fn crowded_lattices_are_all_ties() {
    for seed in 0..12 {
        // 12 × 12 positions for 60 points: many on one circle, on one line, on centres and twice.
        let mut dice = Dice(seed);
        let step = 25 * (1 + dice.below(2));
        let points = cloud(
            CENTIMETRES,
            (0..60).map(|_| (dice.below(12) * step, dice.below(12) * step, dice.below(500))),
        );
        let frame = frame_at(&CENTIMETRES, -100.0, 650.0, 0.25, 30, 30);
        check(&points, &frame, 200.0, "crowded");
        check(&points, &frame, 1.0, "crowded, small voids");
        check(&points, &frame, 0.25 * 2f64.sqrt(), "crowded, smallest voids");
    }
}

#[test]
fn on_a_regular_grid_every_circle_is_a_tie() {
    let mut dice = Dice(5);
    let points = cloud(CENTIMETRES, (0..400).map(|at| (at % 20 * 100, at / 20 * 100, dice.below(900))));
    for (x, y) in [(0.0, 1900.0), (50.0, 1950.0), (25.0, 1925.0)] {
        let frame = frame_at(&CENTIMETRES, x, y, 0.5, 40, 40);
        assert!(check(&points, &frame, 200.0, "regular") > 0.9);
        // The diagonal of a square metre is the diameter: 1.4142 does not reach it.
        check(&points, &frame, 1.42, "regular, just bridged");
        check(&points, &frame, 1.41, "regular, just not bridged");
    }
}

#[test]
fn millimetres_and_tenths_keep_the_same_rules() {
    for (per_metre, seed) in [(1000, 1), (10_000, 2), (1, 3)] {
        let lattice = Lattice { per_metre, per_metre_up: per_metre, x0: -12_345_678_901, y0: 62_770_000_000 };
        let side = 30 * i64::from(per_metre);
        let points = scattered(lattice, 400, side, side, seed);
        let frame = frame_at(&lattice, 0.0, side as f64, 0.5, 60, 60);
        check(&points, &frame, 200.0, "other lattices");
        check(&points, &frame, 3.0, "other lattices, small voids");
        let sparse = scattered(lattice, 40, side * 40, side, seed);
        let frame = frame_at(&lattice, 0.0, side as f64 * 40.0, 20.0, 60, 60);
        check(&sparse, &frame, 300.0, "other lattices, sparse");
        check(&sparse, &frame, 9000.0, "other lattices, sparse, huge voids");
    }
}

#[test]
fn a_lake_is_bridged_or_left_open() {
    let mut dice = Dice(9);
    let shore = (0..4000).map(|_| (dice.below(6000), dice.below(6000), dice.below(100)));
    let points: Vec<_> = shore
        .filter(|&(x, y, _)| (i64::from(x) - 3000).pow(2) + (i64::from(y) - 3000).pow(2) > 2000i64.pow(2))
        .collect();
    let points = cloud(CENTIMETRES, points);
    let frame = frame_at(&CENTIMETRES, 0.0, 6000.0, 0.5, 121, 121);
    assert!(check(&points, &frame, 200.0, "lake") > 0.9);
    assert!(check(&points, &frame, 30.0, "open lake") < 0.8);
    assert!(check(&points, &frame, 5.0, "open lake and gaps") < 0.8);
}

#[test]
fn clouds_without_a_triangle_have_no_height() {
    let frame = frame_at(&CENTIMETRES, -100.0, 600.0, 0.5, 16, 16);
    let clouds = [
        cloud(CENTIMETRES, []),
        cloud(CENTIMETRES, [(100, 100, 5)]),
        cloud(CENTIMETRES, [(100, 100, 5); 1000]),
        cloud(CENTIMETRES, [(100, 100, 5), (300, 250, 7)]),
        cloud(CENTIMETRES, (0..50).map(|at| (at * 10, 100, at))),
        cloud(CENTIMETRES, (0..50).map(|at| (at * 10, at * 10, at))),
    ];
    for points in clouds {
        let index = Buckets::new(points, Duplicate::Lowest);
        let grid = interpolate(&index, &frame, &TinParams::default());
        assert!(grid.cells().iter().all(|height| height.is_nan()));
    }
}

#[test]
fn a_plane_is_that_plane_on_points_edges_and_hull() {
    // z = x + 2 y on three corners: each centre within, border included, has its height exactly.
    let points = cloud(CENTIMETRES, [(0, 0, 0), (400, 0, 400), (0, 400, 800)]);
    let index = Buckets::new(points, Duplicate::Lowest);
    let frame = frame_at(&CENTIMETRES, 0.0, 400.0, 1.0, 5, 5);
    let grid = interpolate(&index, &frame, &TinParams::default());
    for row in 0..5 {
        for col in 0..5 {
            let (x, y) = (col as f32, (4 - row) as f32);
            let height = grid.at(row, col);
            let inside = x + y <= 4.0;
            assert_eq!(inside, !height.is_nan(), "at {x}, {y}");
            assert!(!inside || height == x + 2.0 * y, "at {x}, {y}: {height}");
        }
    }
}

#[test]
fn duplicates_keep_the_lowest_or_the_highest() {
    let mut dice = Dice(3);
    let points =
        cloud(CENTIMETRES, (0..600).map(|_| (dice.below(20) * 10, dice.below(20) * 10, dice.below(900))));
    let frame = frame_at(&CENTIMETRES, 0.0, 190.0, 0.1, 20, 20);
    for keep in [Duplicate::Lowest, Duplicate::Highest] {
        let index = Buckets::new(points.clone(), keep);
        assert!(index.len() < 400 && index.len() > 250);
        let grid = interpolate(&index, &frame, &TinParams::default());
        assert_eq!(bits(&grid), expected(&points, keep, &frame, 200.0));
    }
}

/// A cloud with holes, a crowd, a slope and repeated positions, 70 m wide.
fn motley() -> Points {
    let mut dice = Dice(77);
    let points: Vec<_> = (0..60_000)
        .map(|_| (dice.below(7000), dice.below(7000), dice.below(40)))
        .filter(|&(x, y, z)| {
            let hole = (2000..3500).contains(&x) && (1500..4000).contains(&y);
            let thin = x > 5000 && z > 2;
            !hole && !thin
        })
        .chain((0..5000).map(|at| (at % 50 * 10, at / 50 * 10, at % 7)))
        .map(|(x, y, z)| (x, y, z + x / 2))
        .collect();
    cloud(CENTIMETRES, points)
}

#[test]
fn tiles_with_their_halo_equal_the_whole() {
    let points = motley();
    let params = params(8.0);
    let whole_frame = frame_at(&CENTIMETRES, -200.0, 7200.0, 0.5, 148, 148);
    let whole = interpolate(&Buckets::new(points.clone(), Duplicate::Lowest), &whole_frame, &params);
    assert!(whole.cells().iter().any(|height| height.is_nan()));
    for (row, col, rows, cols) in [(0, 0, 37, 41), (37, 41, 50, 29), (13, 70, 91, 77), (100, 3, 48, 99)] {
        let part = Frame {
            west: whole_frame.west + col as f64 * 0.5,
            north: whole_frame.north - row as f64 * 0.5,
            rows,
            cols,
            ..whole_frame
        };
        let near = part.extent().padded(params.halo());
        // Another origin of the lattice, as another file may have.
        let lattice = Lattice { x0: CENTIMETRES.x0 + 1237, y0: CENTIMETRES.y0 - 771, ..CENTIMETRES };
        let kept = (0..points.len()).filter(|&at| {
            let (x, y) = (CENTIMETRES.easting(points.x[at]), CENTIMETRES.northing(points.y[at]));
            x >= near.west && x <= near.east && y >= near.south && y <= near.north
        });
        let tile = cloud(lattice, kept.map(|at| (points.x[at] - 1237, points.y[at] + 771, points.z[at])));
        assert!(tile.len() < points.len());
        let grid = interpolate(&Buckets::new(tile, Duplicate::Lowest), &part, &params);
        assert_eq!(bits(&grid), bits(&whole.cropped(&part)), "tile at {row}, {col}");
    }
}

#[test]
fn order_threads_vectors_and_bucket_size_change_nothing() {
    let points = motley();
    let frame = frame_at(&CENTIMETRES, -200.0, 7200.0, 0.5, 148, 148);
    let params = params(25.0);
    let reference = bits(&interpolate(&Buckets::new(points.clone(), Duplicate::Lowest), &frame, &params));
    let mut order: Vec<usize> = (0..points.len()).collect();
    let mut dice = Dice(1);
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at as i64 + 1) as usize);
    }
    let shuffled = cloud(CENTIMETRES, order.iter().map(|&at| (points.x[at], points.y[at], points.z[at])));
    let index = Buckets::new(shuffled, Duplicate::Lowest);
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let grid = pool.install(|| interpolate(&index, &frame, &params));
        assert_eq!(bits(&grid), reference, "{threads} threads");
    }
    let scalar = interpolate_by(pulp::Arch::Scalar, &index, &frame, &params);
    assert_eq!(bits(&scalar), reference, "no vector instructions");
    for side in [7.0, 25.0, 70.0, 333.0, 5000.0] {
        let index = Buckets::with_side(points.clone(), Duplicate::Lowest, side);
        assert_eq!(bits(&interpolate(&index, &frame, &params)), reference, "buckets of {side}");
    }
}

#[test]
fn cells_on_no_half_unit_do_not_depend_on_the_tile() {
    let points = scattered(CENTIMETRES, 2000, 3000, 500, 4);
    let index = Buckets::new(points, Duplicate::Lowest);
    for cell in [0.3333, 0.1, 0.7, 1.0 / 3.0] {
        let at = |k: f64| k * cell;
        let (col, row) = ((770_001.0 / cell).round(), (6_277_029.0 / cell).round());
        let frame = Frame { west: at(col), north: at(row), cell: Metres(cell), rows: 30, cols: 30 };
        let whole = interpolate(&index, &frame, &TinParams::default());
        let part = Frame { west: at(col + 7.0), north: at(row - 5.0), rows: 11, cols: 13, ..frame };
        let tile = interpolate(&index, &part, &TinParams::default());
        assert_eq!(bits(&tile), bits(&whole.cropped(&part)), "cells of {cell}");
    }
}

#[test]
fn a_remote_point_costs_time_only() {
    let mut points = scattered(CENTIMETRES, 3000, 2000, 300, 8);
    let frame = frame_at(&CENTIMETRES, 100.0, 1900.0, 0.5, 36, 36);
    let near = interpolate(&Buckets::new(points.clone(), Duplicate::Lowest), &frame, &params(3.0));
    points.x.extend([i32::MAX, i32::MIN]);
    points.y.extend([i32::MIN, 0]);
    points.z.extend([0, 0]);
    let index = Buckets::new(points, Duplicate::Lowest);
    assert_eq!(bits(&interpolate(&index, &frame, &params(3.0))), bits(&near));
}

#[test]
fn quotients_round_once() {
    assert_eq!(quotient(10, 4), 2.5);
    assert_eq!(quotient(1, 3), 1.0 / 3.0);
    assert_eq!(quotient(1 << 90, (1 << 70) + 1), (1u64 << 20) as f64 * (1.0 - 2f64.powi(-70)));
    assert_eq!(product(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
    assert_eq!(product(1 << 100, 1 << 100), (1 << 72, 0));
}

#[test]
fn a_void_is_a_length() {
    for metres in [0.0, -1.0, f64::NAN, f64::INFINITY, 10_001.0] {
        assert!(TinParams::new(Metres(metres)).is_err());
    }
    assert_eq!(params(50.0).halo(), Metres(50.0));
}
