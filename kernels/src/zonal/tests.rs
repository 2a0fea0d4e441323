//! Coverage by hand, against clipping, and what must never change it.

use super::statistics::Fitness;
use super::*;
use crate::unit::Metres;

type Ring = Vec<(f64, f64)>;

const WANTED: Wanted = Wanted { classes: true, spread: true };

fn frame(rows: usize, cols: usize) -> Frame {
    Frame { west: 0.0, north: rows as f64, cell: Metres(1.0), rows, cols }
}

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Ring {
    vec![(west, south), (east, south), (east, north), (west, north), (west, south)]
}

fn zone(rings: &[Ring], frame: &Frame) -> Zone {
    let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
    Zone::new(&rings, frame, WANTED).expect("a polygon")
}

/// Shares of all cells.
fn shares(rings: &[Ring], frame: &Frame) -> Vec<f64> {
    let mut zone = zone(rings, frame);
    let mut shares = vec![0.0; frame.len()];
    let mut spans = Vec::new();
    for row in zone.rows() {
        zone.coverage.row(row, &mut spans);
        assert!(spans.is_sorted_by(|a, b| a.end <= b.start), "{spans:?}");
        for span in &spans {
            shares[row * frame.cols + span.start..row * frame.cols + span.end].fill(span.share);
        }
    }
    shares
}

fn close(found: &[f64], known: &[f64]) {
    assert_eq!(found.len(), known.len());
    for (index, (a, b)) in found.iter().zip(known).enumerate() {
        assert!((a - b).abs() < 1e-12, "cell {index}: {a}, not {b}\n{found:?}");
    }
}

/// Numbers of [0, 1) that look random (Knuth's 64-bit congruence).
fn chance(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Values by formula, some missing.
fn values(frame: &Frame) -> Grid<f32> {
    let value = |i: usize| if i % 13 == 5 { f32::NAN } else { ((i * 37) % 101) as f32 - 40.0 };
    Grid::new(*frame, (0..frame.len()).map(value).collect())
}

fn gathered(rings: &[Ring], grid: &Grid<f32>, strip: usize) -> Zone {
    let frame = *grid.frame();
    let mut zone = zone(rings, &frame);
    for first in (0..frame.rows).step_by(strip) {
        let rows = strip.min(frame.rows - first);
        let part = Frame { north: frame.north - first as f64 * frame.cell.0, rows, ..frame };
        zone.gather(&grid.cropped(&part), (first, 0));
    }
    zone
}

#[test]
fn a_square_between_cells_takes_quarters_and_halves() {
    let found = shares(&[rectangle(0.5, 0.5, 2.5, 2.5)], &frame(3, 3));
    close(&found, &[0.25, 0.5, 0.25, 0.5, 1.0, 0.5, 0.25, 0.5, 0.25]);
}

#[test]
fn a_square_on_cell_borders_takes_whole_cells_only() {
    let found = shares(&[rectangle(1.0, 1.0, 3.0, 3.0)], &frame(4, 4));
    assert_eq!(found, [0., 0., 0., 0., 0., 1., 1., 0., 0., 1., 1., 0., 0., 0., 0., 0.]);
}

#[test]
fn a_triangle_halves_the_cells_of_its_slope() {
    let found = shares(&[vec![(0.0, 0.0), (3.0, 0.0), (0.0, 3.0)]], &frame(3, 3));
    close(&found, &[0.5, 0.0, 0.0, 1.0, 0.5, 0.0, 1.0, 1.0, 0.5]);
    // A roof of half the height over two cells: 2 × ½ × 1 × ½ in the upper cells, by hand.
    close(&shares(&[vec![(0.0, 0.0), (2.0, 0.0), (1.0, 1.0)]], &frame(1, 2)), &[0.5, 0.5]);
    close(&shares(&[vec![(0.0, 0.0), (2.0, 0.0), (0.0, 1.0)]], &frame(1, 2)), &[0.75, 0.25]);
}

#[test]
fn a_polygon_inside_of_one_cell_counts_for_its_area() {
    close(&shares(&[rectangle(1.25, 1.25, 1.75, 1.5)], &frame(2, 2)), &[0.0, 0.125, 0.0, 0.0]);
    let sliver = shares(&[vec![(0.0, 0.5), (5.0, 0.5), (5.0, 0.500001), (0.0, 0.500001)]], &frame(1, 5));
    close(&sliver, &[1e-6; 5]);
}

#[test]
fn a_hole_and_a_second_part_are_seen_in_any_winding() {
    let shell = rectangle(0.0, 0.0, 3.0, 3.0);
    let hole = rectangle(1.0, 1.0, 2.0, 2.5);
    let island = rectangle(4.0, 0.5, 5.0, 1.0);
    let known = [1., 0.5, 1., 0., 0., 1., 0., 1., 0., 0., 1., 1., 1., 0., 0.5];
    for turned in 0..8 {
        let mut rings = [shell.clone(), hole.clone(), island.clone()];
        for (index, ring) in rings.iter_mut().enumerate().filter(|(index, _)| turned >> index & 1 == 1) {
            ring.reverse();
            let _ = ring.pop();
            ring.rotate_left(index + 1);
        }
        assert_eq!(shares(&rings, &frame(3, 5)), known, "{turned}");
    }
}

#[test]
fn crossings_follow_the_even_odd_rule() {
    // A bow tie: its two wings are inside whichever way they wind.
    let bow = vec![(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)];
    close(&shares(std::slice::from_ref(&bow), &frame(2, 2)), &[0.5, 0.5, 0.5, 0.5]);
    assert!((zone(&[bow], &frame(2, 2)).area() - 2.0).abs() < 1e-12);
    // Within one cell: 0.5 × 0.5 / 2.
    let small = vec![(0.25, 0.25), (0.75, 0.75), (0.75, 0.25), (0.25, 0.75)];
    close(&shares(&[small], &frame(1, 1)), &[0.125]);
    // Two parts that overlap: what both hold is outside.
    let both = [rectangle(0.0, 0.0, 2.0, 1.0), rectangle(1.0, 0.0, 3.0, 1.0)];
    close(&shares(&both, &frame(1, 3)), &[1.0, 0.0, 1.0]);
    // A ring run through twice holds nothing.
    let twice: Ring = rectangle(0.0, 0.0, 1.0, 1.0).repeat(2);
    assert_eq!(shares(&[twice], &frame(1, 1)), [0.0]);
    // A pentagram of radius 2: its area without the inner pentagon is 10 r² sin 36° … by the triangles of its points.
    let star: Ring = (0..5)
        .map(|i| f64::from(i * 144).to_radians())
        .map(|a| (3.0 + 2.0 * a.sin(), 3.0 + 2.0 * a.cos()))
        .collect();
    let (whole, inner) = (
        10.0 * 4.0 * 0.5 * 36f64.to_radians().sin() * 18f64.to_radians().sin() / 54f64.to_radians().sin(),
        2.5 * 72f64.to_radians().sin() * (2.0 * 18f64.to_radians().sin() / 54f64.to_radians().sin()).powi(2),
    );
    let found: f64 = shares(std::slice::from_ref(&star), &frame(6, 6)).iter().sum();
    assert!((found - (whole - inner)).abs() < 1e-12, "{found}, not {}", whole - inner);
    assert!((zone(&[star], &frame(6, 6)).area() - found).abs() < 1e-12);
}

#[test]
fn rings_that_touch_themselves_and_spikes_are_no_trouble() {
    // A ring that touches its own corner: two squares.
    let touching = vec![(0., 0.), (1., 0.), (1., 1.), (2., 1.), (2., 2.), (1., 2.), (1., 1.), (0., 1.)];
    assert_eq!(shares(&[touching], &frame(2, 2)), [0.0, 1.0, 1.0, 0.0]);
    let spike = vec![(0., 0.), (2., 0.), (2., 1.), (1., 1.), (1., 3.), (1., 1.), (0., 1.), (0., 1.)];
    assert_eq!(shares(&[spike], &frame(3, 2)), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    for nothing in [vec![], vec![(1.0, 1.0)], vec![(0.0, 0.0), (2.0, 2.0)], vec![(0.5, 0.5); 4]] {
        assert_eq!(shares(&[nothing], &frame(2, 2)), [0.0; 4]);
    }
    assert_eq!(Outline::new(&[&[(0.0, 0.0), (1.0, f64::NAN), (1.0, 1.0)]], &frame(1, 1)), Err(Tangled));
}

#[test]
fn what_lies_outside_of_the_raster_is_cut_off() {
    let around = zone(&[rectangle(-5.0, -5.0, 7.5, 9.0)], &frame(2, 2));
    assert_eq!((around.rows(), around.cols(), around.area()), (0..2, 0..2, 12.5 * 14.0));
    assert_eq!(shares(&[rectangle(-5.0, -5.0, 7.5, 9.0)], &frame(2, 2)), [1.0; 4]);
    close(&shares(&[rectangle(-5.0, 0.5, 1.5, 9.0)], &frame(2, 2)), &[1.0, 0.5, 0.5, 0.25]);
    close(&shares(&[vec![(-1.0, 0.0), (1.0, 0.0), (1.0, 2.0)]], &frame(2, 2)), &[0.5, 0.0, 1.0, 0.0]);
    for outside in
        [rectangle(3.0, 0.0, 4.0, 1.0), rectangle(-2.0, 0.0, 0.0, 2.0), rectangle(0.0, 2.0, 1.0, 9.0)]
    {
        let zone = gathered(std::slice::from_ref(&outside), &values(&frame(2, 2)), 1);
        assert!(!zone.statistics().has_values() && zone.statistics().mean().is_none(), "{outside:?}");
        assert!(zone.statistics().min().is_none() && zone.statistics().sum().is_none());
        assert!(zone.area() >= 1.0);
    }
}

/// Area of a polygon within a cell, by clipping (Sutherland and Hodgman 1974).
fn clipped(ring: &Ring, col: f64, south: f64) -> f64 {
    let mut ring: Ring = ring.iter().map(|(x, y)| (x - col, y - south)).collect();
    for _ in 0..4 {
        // A quarter turn about the middle of the cell, then the side x ≥ 0.
        ring = ring.iter().map(|&(x, y)| (1.0 - y, x)).collect();
        let mut kept = Vec::new();
        for (index, &b) in ring.iter().enumerate() {
            let a = ring[(index + ring.len() - 1) % ring.len()];
            if (a.0 < 0.0) != (b.0 < 0.0) {
                kept.push((0.0, a.1 + (b.1 - a.1) * a.0 / (a.0 - b.0)));
            }
            if b.0 >= 0.0 {
                kept.push(b);
            }
        }
        ring = kept;
    }
    let next = |index: usize| ring[(index + 1) % ring.len()];
    let double: f64 = (0..ring.len()).map(|i| ring[i].0 * next(i).1 - next(i).0 * ring[i].1).sum();
    double.abs() / 2.0
}

/// A star-shaped polygon: it does not cross itself.
fn star(random: &mut impl FnMut() -> f64, vertices: usize, middle: (f64, f64), reach: f64) -> Ring {
    (0..vertices)
        .map(|index| {
            let angle = (index as f64 + 0.9 * random()) / vertices as f64 * std::f64::consts::TAU;
            let radius = reach * (0.05 + 0.95 * random());
            (middle.0 + radius * angle.cos(), middle.1 + radius * angle.sin())
        })
        .collect()
}

#[test]
fn coverage_is_that_of_clipping_cell_by_cell() {
    let mut random = chance(7);
    let frame = frame(12, 15);
    for round in 0..60 {
        let middle = (random() * 15.0, random() * 12.0);
        let reach = 1.0 + 8.0 * random();
        let ring = star(&mut random, 5 + round, middle, reach);
        // Round every third to the cells' corners and middles: vertices on borders.
        let ring: Ring = if round % 3 == 0 {
            ring.iter().map(|(x, y)| ((x * 2.0).round() / 2.0, (y * 2.0).round() / 2.0)).collect()
        } else {
            ring
        };
        if round % 3 == 0 && round > 0 {
            // Rounded stars may cross themselves: clipping has no answer then, but shares stay shares.
            assert!(shares(&[ring], &frame).iter().all(|share| (0.0..=1.0).contains(share)));
            continue;
        }
        let found = shares(std::slice::from_ref(&ring), &frame);
        for row in 0..frame.rows {
            for col in 0..frame.cols {
                let known = clipped(&ring, col as f64, frame.north - row as f64 - 1.0);
                let share = found[row * frame.cols + col];
                assert!((share - known).abs() < 1e-11, "round {round}, {row} {col}: {share}, not {known}");
            }
        }
    }
}

/// A partition of a rectangle into crooked quadrilaterals.
fn partition(random: &mut impl FnMut() -> f64, across: usize, down: usize, side: f64) -> Vec<Ring> {
    let mut corners = Vec::new();
    for j in 0..=down {
        for i in 0..=across {
            let inner = |k: usize, n: usize| if k == 0 || k == n { 0.0 } else { 0.8 };
            let (dx, dy) = (inner(i, across) * (random() - 0.5), inner(j, down) * (random() - 0.5));
            corners.push(((i as f64 + dx) * side, (j as f64 + dy) * side));
        }
    }
    let at = |i: usize, j: usize| corners[j * (across + 1) + i];
    let quad = |i: usize, j: usize| vec![at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
    (0..across * down).map(|k| quad(k % across, k / across)).collect()
}

#[test]
fn a_partition_adds_up_to_the_whole() {
    let mut random = chance(3);
    // Far from the origin and with a cell that is no binary fraction, as real rasters lie.
    let frame = Frame { west: 770_000.1, north: 6_278_000.3, cell: Metres(0.3), rows: 90, cols: 120 };
    let grid = values(&frame);
    let place = |ring: &Ring| -> Ring {
        ring.iter().map(|(x, y)| (frame.west + x, frame.north - 27.0 + y)).collect()
    };
    let parts = partition(&mut random, 12, 9, 3.0);
    let parts: Vec<Zone> = parts.iter().map(|ring| gathered(&[place(ring)], &grid, 7)).collect();
    let whole = gathered(&[place(&rectangle(0.0, 0.0, 36.0, 27.0))], &grid, 90);
    let total = |of: &dyn Fn(&Zone) -> f64| parts.iter().map(of).sum::<f64>();
    let same = |found: f64, known: f64| assert!((found / known - 1.0).abs() < 1e-9, "{found}, not {known}");
    same(total(&|zone| zone.area()), whole.area());
    same(total(&|zone| zone.statistics().inside()), whole.statistics().inside());
    same(total(&|zone| zone.statistics().valid()), whole.statistics().valid());
    same(total(&|zone| zone.statistics().sum().unwrap()), whole.statistics().sum().unwrap());
    same(whole.area(), frame.len() as f64);
    for &(class, area) in whole.statistics().classes() {
        let of =
            |zone: &Zone| zone.statistics().classes().iter().find(|(c, _)| *c == class).map_or(0.0, |c| c.1);
        let found = parts.iter().map(of).sum::<f64>();
        assert!((found / area - 1.0).abs() < 1e-6, "class {class}: {found}, not {area}");
    }
}

#[test]
fn strips_winding_and_start_change_no_bit() {
    let mut random = chance(11);
    let frame = frame(40, 50);
    let grid = values(&frame);
    for round in 0..20 {
        let mut ring = star(&mut random, 40, (25.0, 20.0), 24.0);
        if round % 2 == 0 {
            // Exchanged vertices make it cross itself.
            ring.swap(3, 29);
            ring.swap(11, 18);
        }
        let known = format!("{:?}", gathered(std::slice::from_ref(&ring), &grid, 40).statistics());
        for strip in [1, 3, 16, 39] {
            assert_eq!(
                format!("{:?}", gathered(std::slice::from_ref(&ring), &grid, strip).statistics()),
                known,
                "{strip}"
            );
        }
        ring.rotate_left(round + 1);
        assert_eq!(
            format!("{:?}", gathered(std::slice::from_ref(&ring), &grid, 8).statistics()),
            known,
            "start"
        );
        ring.reverse();
        ring.push(ring[0]);
        assert_eq!(format!("{:?}", gathered(&[ring], &grid, 8).statistics()), known, "winding");
    }
}

#[test]
fn statistics_are_those_of_a_hand() {
    // Whole: 2 and 4; halves: 8, one without data; the rest of the zone lies outside.
    let frame = frame(1, 4);
    let grid = Grid::new(frame, vec![2.0, 4.0, 8.0, 100.0]);
    let ring = rectangle(-1.0, 0.0, 2.5, 1.0);
    let mut zone = gathered(&[ring], &grid, 1);
    zone.finish(&[40.0, 50.0, 81.0]);
    let found = zone.statistics();
    assert_eq!((zone.area(), found.inside(), found.valid(), found.edge()), (3.5, 2.5, 2.5, 0.5));
    assert_eq!((found.sum(), found.mean()), (Some(10.0), Some(4.0)));
    assert_eq!((found.min(), found.max()), (Some(2.0), Some(8.0)));
    // (1 × 2² + 1 × 0² + ½ × 4²) / 2.5
    assert!((found.deviation().unwrap() - 4.8_f64.sqrt()).abs() < 1e-12);
    assert_eq!(found.percentiles().unwrap(), [2.0, 4.0, 8.0]);
    assert_eq!(found.classes(), [(2, 1.0), (4, 1.0), (8, 0.5)]);
    assert_eq!((found.majority(), found.fitness()), (Some(2), Fitness::Fit));
    let holed =
        gathered(&[rectangle(0.0, 0.0, 2.0, 1.0)], &Grid::new(frame, vec![f32::NAN, 4.0, 1.0, 1.0]), 1);
    assert_eq!((holed.statistics().inside(), holed.statistics().valid()), (2.0, 1.0));
    assert_eq!(holed.statistics().mean(), Some(4.0));
    let shades = gathered(&[rectangle(0.0, 0.0, 2.0, 1.0)], &Grid::new(frame, vec![2.0, 0.5, 1.0, 1.0]), 1);
    assert_eq!(shades.statistics().fitness(), Fitness::Fraction(0.5));
}

#[test]
fn the_deviation_of_high_ground_keeps_its_digits() {
    let frame = frame(100, 100);
    let grid = Grid::new(frame, (0..10_000).map(|i| 4096.0 + (i % 2) as f32 / 512.0).collect());
    let zone = gathered(&[rectangle(0.0, 0.0, 100.0, 100.0)], &grid, 10);
    assert!((zone.statistics().deviation().unwrap() * 1024.0 - 1.0).abs() < 1e-9);
}

#[test]
fn overlaps_are_marked_and_neighbours_are_not() {
    let frame = frame(4, 8);
    let grid = values(&frame);
    let mut zones: Vec<Zone> = [
        rectangle(0.0, 0.0, 3.5, 4.0),
        rectangle(3.5, 0.0, 5.0, 4.0),
        rectangle(4.0, 1.0, 6.0, 3.0),
        rectangle(6.0, 0.0, 8.0, 4.0),
    ]
    .iter()
    .map(|ring| gathered(std::slice::from_ref(ring), &grid, 4))
    .collect();
    assert_eq!(overlap::mark(&mut zones, &[0, 1, 2, 3]), 2);
    assert_eq!(zones.iter().map(Zone::overlaps).collect::<Vec<_>>(), [false, true, true, false]);
}
