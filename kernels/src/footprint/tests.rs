//! Roofs scanned from exact shapes: area, edges, courts, slopes, tiles.

use super::*;
use crate::points::Lattice;
use crate::unit::Metres;

const LATTICE: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 77_000_000, y0: 627_700_000 };
const DATA: Extent = Extent { west: 770_000.0, south: 6_277_000.0, east: 770_200.0, north: 6_277_200.0 };

/// A small generator; the same numbers on every machine.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// How points lie: on a lattice with some jitter, or by chance.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Scan {
    Regular,
    Chance,
}

/// Points of `density` a square metre where `roof(x, y)` has a height; positions from the south-west of the data.
fn scanned(roof: impl Fn(f64, f64) -> Option<f64>, density: f64, scan: Scan, seed: u64) -> Points {
    let mut random = Random(seed);
    let mut points = Points::empty(LATTICE);
    let step = 1.0 / density.sqrt();
    let lines = (200.0 / step) as usize;
    for row in 0..lines {
        for col in 0..lines {
            let (a, b) = (random.unit(), random.unit());
            let (x, y) = match scan {
                Scan::Regular => ((col as f64 + 0.2 + 0.6 * a) * step, (row as f64 + 0.2 + 0.6 * b) * step),
                Scan::Chance => (200.0 * a, 200.0 * b),
            };
            if let Some(z) = roof(x, y) {
                let noise = 0.03 * (random.unit() + random.unit() - 1.0);
                points.x.push((x * 100.0).round() as i32);
                points.y.push((y * 100.0).round() as i32);
                points.z.push(((z + noise) * 100.0).round() as i32);
            }
        }
    }
    points
}

/// A position in the frame of a shape that stands at (100, 100) and is turned by some degrees.
fn local(x: f64, y: f64, degrees: f64) -> (f64, f64) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (dx, dy) = (x - 100.0, y - 100.0);
    (cos * dx + sin * dy, cos * dy - sin * dx)
}

/// Something else is seen wherever there is no roof.
fn beside(roof: impl Fn(f64, f64) -> Option<f64>) -> impl Fn(f64, f64) -> bool {
    move |x, y| roof(x - DATA.west, y - DATA.south).is_none()
}

fn terrain() -> Grid<f32> {
    let frame = Frame { west: 769_950.0, north: 6_277_250.0, cell: Metres(1.0), rows: 300, cols: 300 };
    Grid::filled(frame, 20.0)
}

fn drawn(points: &Points, seen: impl Fn(f64, f64) -> bool) -> Vec<Building> {
    let core = cells_of(&DATA, &DATA);
    let pieces = pieces(points, seen, &terrain(), &core);
    assert!(pieces.iter().all(|piece| piece.links.is_empty()));
    pieces.iter().flat_map(|piece| buildings(&[piece], &DATA, &FootprintParams::default())).collect()
}

#[test]
fn a_rectangle_has_its_area_and_four_corners_for_any_turn_density_and_scan() {
    let mut errors = Vec::new();
    for scan in [Scan::Regular, Scan::Chance] {
        for density in [5.0, 12.0, 30.0] {
            for (turn, seed) in [(0.0, 1), (11.0, 2), (30.0, 3), (45.0, 4), (77.0, 5)] {
                let inside = |x: f64, y: f64| {
                    let (u, v) = local(x, y, turn);
                    (u.abs() < 6.0 && v.abs() < 4.0).then_some(26.0)
                };
                let found = drawn(&scanned(inside, density, scan, seed), beside(inside));
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].rings.len(), 1);
                assert_eq!(found[0].rings[0].len(), 4, "{scan:?} {density} {turn}");
                errors.push(found[0].area / 96.0 - 1.0);
            }
        }
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let worst = errors.iter().map(|error| error.abs()).fold(0.0, f64::max);
    assert!(mean.abs() < 0.005 && worst < 0.03, "mean {mean}, worst {worst}");
}

#[test]
fn an_l_turned_by_thirty_degrees_with_a_court_keeps_its_corners() {
    let inside = |x: f64, y: f64| {
        let (u, v) = local(x, y, 30.0);
        let l = (u > -15.0 && u < 15.0 && v > -10.0 && v < 10.0) && !(u > 5.0 && v > 0.0);
        let court = u > -11.0 && u < -3.0 && v > -6.0 && v < 4.0;
        (l && !court).then_some(29.0)
    };
    let truth = 30.0 * 20.0 - 100.0 - 80.0;
    for scan in [Scan::Regular, Scan::Chance] {
        let points = scanned(inside, 12.0, scan, 7);
        let found = drawn(&points, beside(inside));
        assert_eq!(found.len(), 1);
        let building = &found[0];
        assert_eq!(building.rings.iter().map(Vec::len).collect::<Vec<_>>(), [6, 4], "{scan:?}");
        assert!((building.area / truth - 1.0).abs() < 0.015, "{scan:?}: {}", building.area);
        for [x, y] in building.rings.iter().flatten() {
            let (u, v) = local(x - DATA.west, y - DATA.south, 30.0);
            let corners = [
                (-15.0, -10.0),
                (15.0, -10.0),
                (15.0, 0.0),
                (5.0, 0.0),
                (5.0, 10.0),
                (-15.0, 10.0),
                (-11.0, -6.0),
                (-3.0, -6.0),
                (-3.0, 4.0),
                (-11.0, 4.0),
            ];
            let near = corners.iter().map(|c| (c.0 - u).hypot(c.1 - v)).fold(f64::MAX, f64::min);
            assert!(near < 0.3, "{scan:?}: corner {near} m off");
        }
        // A void of the data is no court.
        let filled = drawn(&points, |_, _| false);
        assert_eq!(filled[0].rings.len(), 1);
        assert!((filled[0].area / (truth + 80.0) - 1.0).abs() < 0.015);
    }
}

#[test]
fn walls_that_were_seen_do_not_push_edges_out() {
    let roof = |x: f64, y: f64| {
        let (u, v) = local(x, y, 20.0);
        (u.abs() < 8.0 && v.abs() < 5.0).then_some(27.0)
    };
    let mut points = scanned(roof, 8.0, Scan::Regular, 9);
    let mut random = Random(11);
    for _ in 0..150 {
        // On the southern long wall, at any height.
        let (u, v, z) = (16.0 * random.unit() - 8.0, -5.0, 20.0 + 7.0 * random.unit());
        let (sin, cos) = 20.0_f64.to_radians().sin_cos();
        let (x, y) = (100.0 + cos * u - sin * v, 100.0 + sin * u + cos * v);
        points.x.push((x * 100.0).round() as i32);
        points.y.push((y * 100.0).round() as i32);
        points.z.push((z * 100.0).round() as i32);
    }
    let found = drawn(&points, beside(roof));
    assert!((found[0].area / 160.0 - 1.0).abs() < 0.015, "{}", found[0].area);
    assert!((found[0].eaves - 27.0).abs() < 0.05 && found[0].flat);
}

#[test]
fn a_gable_has_its_slope_aspect_and_heights() {
    // Ridge along u, turned by 25°: faces look to bearings 155° and 335°; the southern one is the larger.
    let slope = 35.0_f64.to_radians().tan();
    let roof = |x: f64, y: f64| {
        let (u, v) = local(x, y, 25.0);
        let inside = u.abs() < 10.0 && v > -6.0 && v < 4.0;
        inside.then(|| 30.0 - slope * v.abs())
    };
    let found = drawn(&scanned(roof, 12.0, Scan::Regular, 3), beside(roof));
    let building = &found[0];
    assert!(!building.flat);
    assert!((building.slope.unwrap().0 - 35.0).abs() < 0.5, "{:?}", building.slope);
    assert!((building.aspect.unwrap().0 - 155.0).abs() < 1.0, "{:?}", building.aspect);
    assert!((building.ridge - 30.0).abs() < 0.1, "{}", building.ridge);
    assert!((building.eaves - (30.0 - 6.0 * slope)).abs() < 0.25, "{}", building.eaves);
    assert_eq!(building.ground, Some(20.0));
    assert!(building.confidence > 85, "{}", building.confidence);
}

#[test]
fn a_roof_over_four_tiles_is_drawn_as_in_one() {
    let roof = |x: f64, y: f64| {
        let (u, v) = local(x, y, 17.0);
        let house = u.abs() < 30.0 && v.abs() < 12.0 && !(u > 10.0 && v > 3.0);
        let shed = (x - 40.0).abs() < 3.0 && (y - 40.0).abs() < 4.0;
        (house || shed).then_some(28.0)
    };
    let points = scanned(roof, 10.0, Scan::Chance, 5);
    let whole = drawn(&points, beside(roof));
    assert_eq!(whole.len(), 2);
    let mut all = Vec::new();
    for (west, south) in [(0.0, 0.0), (0.0, 97.0), (97.0, 0.0), (97.0, 97.0)] {
        let extent = Extent {
            west: DATA.west + west,
            south: DATA.south + south,
            east: DATA.west + if west == 0.0 { 97.0 } else { 200.0 },
            north: DATA.south + if south == 0.0 { 97.0 } else { 200.0 },
        };
        let core = cells_of(&extent, &DATA);
        all.extend(pieces(&points, beside(roof), &terrain(), &core));
    }
    all.reverse();
    let groups = joined(&all);
    assert_eq!(groups.len(), 2);
    let mut tiled: Vec<Building> = Vec::new();
    for group in groups {
        let parts: Vec<&Piece> = group.iter().map(|&index| &all[index]).collect();
        tiled.extend(buildings(&parts, &DATA, &FootprintParams::default()));
    }
    let order = |a: &Building, b: &Building| a.anchor.partial_cmp(&b.anchor).unwrap();
    let mut whole = whole;
    whole.sort_by(order);
    tiled.sort_by(order);
    assert_eq!(tiled, whole);
}

#[test]
fn nothing_and_little_are_no_building() {
    assert!(drawn(&Points::empty(LATTICE), |_, _| true).is_empty());
    let shed = |x: f64, y: f64| ((x - 50.0).abs() < 1.4 && (y - 50.0).abs() < 1.4).then_some(23.0);
    assert!(drawn(&scanned(shed, 20.0, Scan::Regular, 1), |_, _| true).is_empty());
    let garage = |x: f64, y: f64| ((x - 50.0).abs() < 1.7 && (y - 50.0).abs() < 1.7).then_some(23.0);
    let found = drawn(&scanned(garage, 20.0, Scan::Regular, 1), beside(garage));
    assert!((found[0].area - 11.56).abs() < 0.8, "{}", found[0].area);
}

#[test]
fn a_building_at_the_border_of_the_data_is_said_to_be_cut() {
    let roof = |x: f64, y: f64| (x < 9.0 && (y - 100.0).abs() < 5.0).then_some(25.0);
    let found = drawn(&scanned(roof, 10.0, Scan::Regular, 2), beside(roof));
    assert!(found[0].cut && found[0].confidence < 60);
}

#[test]
fn houses_a_metre_apart_are_two_where_the_gap_is_seen_or_the_scan_is_dense() {
    let houses = |x: f64, y: f64| {
        let (u, v) = local(x, y, 33.0);
        (v.abs() < 4.0 && u.abs() > 0.6 && u.abs() < 9.0).then_some(25.0)
    };
    let sparse = scanned(houses, 6.0, Scan::Regular, 4);
    assert_eq!(drawn(&sparse, beside(houses)).len(), 2);
    let dense = scanned(houses, 25.0, Scan::Regular, 4);
    assert_eq!(drawn(&dense, |_, _| false).len(), 2);
    assert_eq!(drawn(&sparse, |_, _| false).len(), 1, "nothing tells the gap from a gap of the scan");
}
