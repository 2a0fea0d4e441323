//! Against areas known exactly, against sums that must close, and against another size of cells.

use super::*;
use std::collections::BTreeMap;

/// Everything that a lattice holds.
#[derive(Debug, Default, PartialEq)]
struct Book {
    areas: BTreeMap<Vec<u32>, i64>,
    borders: BTreeMap<(Vec<u32>, Vec<u32>), i64>,
}

impl Sink for Book {
    fn area(&mut self, members: &[u32], area: i64) {
        *self.areas.entry(members.to_vec()).or_default() += area;
    }

    fn border(&mut self, one: &[u32], other: &[u32], length: i64) {
        let pair = if one <= other { (one.to_vec(), other.to_vec()) } else { (other.to_vec(), one.to_vec()) };
        *self.borders.entry(pair).or_default() += length;
    }
}

impl Book {
    fn square_millimetres(&self, members: &[u32]) -> f64 {
        self.areas.get(members).copied().unwrap_or(0) as f64 / PER_MM2 as f64
    }

    /// Area of a polygon, over all combinations.
    fn of(&self, member: u32) -> f64 {
        let parts = self.areas.iter().filter(|(members, _)| members.contains(&member));
        parts.map(|(_, area)| *area as f64).sum::<f64>() / PER_MM2 as f64
    }

    fn border(&self, one: &[u32], other: &[u32]) -> f64 {
        let pair = if one <= other { (one.to_vec(), other.to_vec()) } else { (other.to_vec(), one.to_vec()) };
        self.borders.get(&pair).copied().unwrap_or(0) as f64 / PER_MM as f64
    }
}

fn closed(ring: &[Vertex]) -> Vec<Vertex> {
    ring.iter().chain(&ring[..1]).copied().collect()
}

fn book(rings: &[(u32, Vec<Vertex>)], shift: u32) -> Book {
    let all = || rings.iter().flat_map(|(_, ring)| ring);
    let low = [all().map(|at| at[0]).min().unwrap(), all().map(|at| at[1]).min().unwrap()];
    let high = [all().map(|at| at[0]).max().unwrap(), all().map(|at| at[1]).max().unwrap()];
    let lattice = Lattice::around(low, high, shift);
    let (mut scratch, mut book) = (Scratch::default(), Book::default());
    let rings: Vec<(u32, Vec<Vertex>)> = rings.iter().map(|(member, ring)| (*member, closed(ring))).collect();
    for row in 0..lattice.rows {
        let chains = rings.iter().map(|(member, ring)| Chain { member: *member, vertices: ring });
        assert_eq!(sweep(&lattice, row, chains, &mut scratch, &mut book), 0);
    }
    book
}

fn rectangle(west: i32, south: i32, east: i32, north: i32) -> Vec<Vertex> {
    vec![[west, south], [east, south], [east, north], [west, north]]
}

fn twice_area(ring: &[Vertex]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    let cross =
        |(a, b): (&Vertex, &Vertex)| i64::from(a[0]) * i64::from(b[1]) - i64::from(b[0]) * i64::from(a[1]);
    ring.iter().zip(next).map(cross).sum()
}

/// The same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as i32
    }
}

#[test]
fn rectangles_meet_in_a_rectangle() {
    for shift in [3, 5, 8, 12] {
        let rings = [(0, rectangle(0, 0, 100, 60)), (7, rectangle(40, 20, 140, 90))];
        let book = book(&rings, shift);
        assert_eq!(book.square_millimetres(&[0]), 100.0 * 60.0 - 60.0 * 40.0);
        assert_eq!(book.square_millimetres(&[7]), 100.0 * 70.0 - 60.0 * 40.0);
        assert_eq!(book.square_millimetres(&[0, 7]), 60.0 * 40.0);
        assert_eq!(book.border(&[0], &[0, 7]), 60.0 + 40.0);
        assert_eq!(book.border(&[], &[0]), 100.0 + 60.0 + 40.0 + 20.0);
        assert_eq!(book.border(&[7], &[0, 7]), 60.0 + 40.0);
    }
}

#[test]
fn neighbours_share_a_border_whether_or_not_they_share_its_vertices() {
    for shift in [3, 6, 12] {
        let rings = [
            (0, rectangle(0, 0, 100, 100)),
            (1, rectangle(100, 0, 200, 40)),
            (2, rectangle(100, 40, 200, 100)),
            (3, rectangle(100, 100, 150, 130)),
        ];
        let book = book(&rings, shift);
        assert_eq!(book.border(&[0], &[1]), 40.0);
        assert_eq!(book.border(&[0], &[2]), 60.0);
        assert_eq!(book.border(&[1], &[2]), 100.0);
        assert_eq!(book.border(&[2], &[3]), 50.0);
        assert_eq!(book.border(&[0], &[3]), 0.0);
        assert_eq!(book.of(0), 10_000.0);
    }
}

#[test]
fn a_bow_tie_is_taken_by_the_even_odd_rule() {
    for shift in [2, 4, 12] {
        let book = book(&[(0, vec![[0, 0], [100, 100], [100, 0], [0, 100]])], shift);
        assert!((book.of(0) - 5000.0).abs() < 1e-2, "{}", book.of(0));
    }
}

#[test]
fn holes_are_no_part_and_islands_in_them_are() {
    let book = book(
        &[(0, rectangle(0, 0, 90, 90)), (0, rectangle(30, 30, 60, 60)), (0, rectangle(40, 40, 50, 50))],
        4,
    );
    assert_eq!(book.of(0), 8100.0 - 900.0 + 100.0);
}

#[test]
fn an_edge_there_and_back_is_nothing() {
    let book = book(&[(0, vec![[0, 0], [50, 0], [50, 50], [80, 90], [50, 50], [0, 50]])], 4);
    assert_eq!(book.of(0), 2500.0);
    assert_eq!(book.border(&[], &[0]), 200.0);
}

/// Stars around points, which cross each other at random.
fn stars(chance: &mut Chance, count: u32, extent: i32) -> Vec<(u32, Vec<Vertex>)> {
    let star = |member| {
        let (x, y) = (chance.below(extent), chance.below(extent));
        let points = 5 + chance.below(20);
        let spot = |i: i32| {
            let angle = f64::from(i) / f64::from(points) * std::f64::consts::TAU;
            let reach = f64::from(extent / 10 + chance.below(extent / 4));
            [x + (reach * angle.cos()) as i32, y + (reach * angle.sin()) as i32]
        };
        (member, (0..points).map(spot).collect())
    };
    (0..count).map(star).collect()
}

#[test]
fn parts_of_stars_add_up_to_the_stars() {
    let mut chance = Chance(1);
    for extent in [40, 1000, 60_000] {
        let rings = stars(&mut chance, 30, extent);
        let fine = book(&rings, 4 + extent.ilog2() / 3);
        for (member, ring) in &rings {
            let whole = (twice_area(ring) as f64 / 2.0).abs();
            let sum = fine.of(*member);
            assert!((sum - whole).abs() < 0.2, "{extent} {member}: {sum} {whole}");
        }
    }
}

#[test]
fn the_size_of_cells_changes_nothing_but_rounding() {
    let mut chance = Chance(2);
    let rings = stars(&mut chance, 12, 20_000);
    let (fine, coarse) = (book(&rings, 9), book(&rings, 16));
    for (members, area) in &coarse.areas {
        let other = fine.areas.get(members).copied().unwrap_or(0);
        assert!((other - area).abs() < 4 * PER_MM2, "{members:?}: {other} {area}");
    }
    for ((one, other), length) in &coarse.borders {
        let found = fine.border(one, other);
        // Close to a crossing, strands a millimetre apart count as touching.
        assert!((found - *length as f64 / PER_MM as f64).abs() < 50.0, "{one:?} {other:?}: {found} {length}");
    }
}

#[test]
fn the_order_of_chains_and_their_direction_change_no_bit() {
    let mut chance = Chance(3);
    let rings = stars(&mut chance, 20, 3000);
    let turned: Vec<(u32, Vec<Vertex>)> =
        rings.iter().rev().map(|(member, ring)| (*member, ring.iter().rev().copied().collect())).collect();
    assert_eq!(book(&rings, 8), book(&turned, 8));
}

#[test]
fn edges_through_the_corners_of_cells_leave_no_cell_inside_out() {
    // Corners lie on halves: edges with odd rises and runs pass exactly through some.
    for (dx, dy) in [(1, 1), (1, -1), (3, 1), (1, 3), (5, 3)] {
        let ring = vec![[0, 0], [dx * 9, dy * 9], [dx * 9 + 40, dy * 9], [40, 0]];
        for shift in 0..5 {
            let book = book(&[(0, ring.clone())], shift);
            let whole = (twice_area(&ring) as f64 / 2.0).abs();
            assert!((book.of(0) - whole).abs() < 0.05, "{dx} {dy} {shift}: {} {whole}", book.of(0));
        }
    }
}

#[test]
fn a_mesh_of_triangles_covers_its_square_once() {
    let mut chance = Chance(4);
    let node = |i: i32, j: i32, chance: &mut Chance| -> Vertex {
        let inside = |k: i32| k > 0 && k < 12;
        let off = |k: i32, chance: &mut Chance| if inside(k) { chance.below(500) - 250 } else { 0 };
        [i * 1000 + off(i, chance), j * 1000 + off(j, chance)]
    };
    let nodes: Vec<Vec<Vertex>> =
        (0..13).map(|j| (0..13).map(|i| node(i, j, &mut chance)).collect()).collect();
    let mut rings = Vec::new();
    for j in 0..12 {
        for i in 0..12 {
            let [a, b, c, d] = [nodes[j][i], nodes[j][i + 1], nodes[j + 1][i + 1], nodes[j + 1][i]];
            rings.extend([vec![a, b, c], vec![a, c, d]]);
        }
    }
    let rings: Vec<(u32, Vec<Vertex>)> = rings.into_iter().enumerate().map(|(i, r)| (i as u32, r)).collect();
    let book = book(&rings, 9);
    let shared: f64 = book.areas.iter().filter(|(m, _)| m.len() != 1).map(|(_, a)| *a as f64).sum();
    assert_eq!(shared, 0.0, "no area is held twice");
    let sum: i64 = book.areas.values().sum();
    assert!((sum as f64 / PER_MM2 as f64 - 144e6).abs() < 1.0);
}
