//! Small clouds, one for each rule of the chain: what must be marked is known by hand.

use super::*;
use crate::points::Lattice;

const LATTICE: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 66_000_000, y0: 687_000_000 };

/// Points given in centimetres and by class.
fn cloud(points: &[[i32; 4]]) -> Points {
    Points {
        lattice: LATTICE,
        x: points.iter().map(|p| p[0]).collect(),
        y: points.iter().map(|p| p[1]).collect(),
        z: points.iter().map(|p| p[2]).collect(),
        class: points.iter().map(|p| p[3] as u8).collect(),
    }
}

/// A level square of points every half metre, from a corner, in the middle of the cells.
fn level(west: i32, south: i32, side: i32, z: i32, class: i32) -> Vec<[i32; 4]> {
    let along = |first: i32| (first..first + side).step_by(50).map(|edge| edge + 25);
    along(west).flat_map(|x| along(south).map(move |y| [x, y, z, class])).collect()
}

/// Marks as two letters for each point: `T` terrain, `S` surface, `-` neither.
fn marks(points: &[[i32; 4]]) -> Vec<&'static str> {
    let markers = mark(&cloud(points), &ProductionParams::default());
    let letters = |(dtm, dsm): (&bool, &bool)| match (*dtm, *dsm) {
        (true, true) => "TS",
        (true, false) => "T-",
        (false, true) => "-S",
        (false, false) => "--",
    };
    markers.dtm.iter().zip(&markers.dsm).map(letters).collect()
}

/// Marks of the points added to a scene, in the order in which they are given.
fn marks_in(scene: &[[i32; 4]], added: &[[i32; 4]]) -> Vec<&'static str> {
    let all: Vec<[i32; 4]> = added.iter().chain(scene).copied().collect();
    marks(&all)[..added.len()].to_vec()
}

#[test]
fn open_ground_keeps_its_highest_point_of_a_cell_for_both_models() {
    assert_eq!(marks(&[[10, 10, 100, 2], [20, 20, 130, 2], [30, 30, 120, 2]]), ["--", "TS", "--"]);
}

#[test]
fn equal_heights_keep_the_westernmost_in_any_order() {
    assert_eq!(marks(&[[20, 5, 100, 2], [10, 40, 100, 2], [10, 30, 100, 2]]), ["--", "--", "TS"]);
    assert_eq!(marks(&[[10, 30, 100, 2], [20, 5, 100, 2], [10, 40, 100, 2]]), ["TS", "--", "--"]);
}

#[test]
fn a_cell_holds_its_west_and_its_north_edge() {
    assert_eq!(marks(&[[0, 50, 100, 2], [49, 1, 110, 2]]), ["--", "TS"]);
    assert_eq!(marks(&[[0, 0, 100, 2], [49, 1, 110, 2]]), ["TS", "TS"]);
    assert_eq!(marks(&[[50, 50, 100, 2], [49, 1, 110, 2]]), ["TS", "TS"]);
}

#[test]
fn ground_inside_of_vegetation_leaves_the_surface_and_the_crown_carries_it() {
    let ground = level(0, 0, 2000, 0, 2);
    let crown = level(500, 500, 1000, 800, 5);
    let scene = [ground, crown].concat();
    let inside = marks_in(&scene, &[[1010, 1010, 10, 2], [1010, 1010, 900, 5]]);
    assert_eq!(inside, ["T-", "-S"]);
    let outside = marks_in(&scene, &[[110, 110, 10, 2]]);
    assert_eq!(outside, ["TS"]);
}

#[test]
fn ground_near_a_crown_but_not_inside_is_only_terrain_within_a_metre_and_a_half() {
    let wall_of_leaves: Vec<[i32; 4]> = (0..20).map(|k| [1000, k * 50, 500, 4]).collect();
    let near = [[1090, 520, 0, 2], [1130, 520, 0, 2]];
    let scene = [wall_of_leaves, level(1200, 0, 1000, 0, 2)].concat();
    // 0.9 m from the leaves, but 0.4 m from ground that is not near them: open ground all the same.
    assert_eq!(marks_in(&scene, &near), ["TS", "TS"]);
    // Alone beside leaves, the first has no open ground as neighbour.
    assert_eq!(marks(&[[1090, 520, 0, 2], [1000, 520, 500, 4]]), ["T-", "-S"]);
}

#[test]
fn the_canopy_keeps_one_point_of_three_quarters_of_a_metre() {
    assert_eq!(marks(&[[10, 10, 800, 5], [70, 65, 790, 4], [80, 10, 700, 5]]), ["-S", "--", "-S"]);
}

#[test]
fn low_vegetation_counts_as_canopy_only_near_high_vegetation() {
    assert_eq!(marks(&[[80, 10, 30, 3], [10, 10, 500, 5]]), ["-S", "-S"]);
    assert_eq!(marks(&[[80, 10, 30, 3], [10, 10, 90, 4]]), ["--", "-S"]);
    assert_eq!(marks(&[[10, 10, 30, 3]]), ["--"]);
}

#[test]
fn under_a_deck_the_ground_is_only_terrain() {
    let scene = [level(0, 0, 3000, 0, 2), level(1000, 1000, 1000, 700, 17)].concat();
    let under = [[1510, 1510, 10, 2], [1510, 1510, 720, 17], [1510, 1490, 200, 5]];
    assert_eq!(marks_in(&scene, &under), ["T-", "-S", "--"]);
    assert_eq!(marks_in(&scene, &[[310, 310, 10, 2]]), ["TS"]);
}

#[test]
fn what_stands_on_a_deck_stays() {
    let deck = level(0, 0, 1000, 700, 17);
    assert_eq!(marks_in(&deck, &[[510, 510, 1000, 5]]), ["-S"]);
    assert_eq!(marks_in(&deck, &[[510, 510, 690, 5]]), ["--"]);
}

#[test]
fn a_roof_carries_the_surface_unless_a_crown_covers_it() {
    let roof = level(0, 0, 1000, 600, 6);
    assert_eq!(marks_in(&roof, &[[510, 510, 610, 6]]), ["-S"]);
    let covered = [level(0, 0, 1000, 600, 6), level(0, 0, 1000, 900, 5)].concat();
    assert_eq!(marks_in(&covered, &[[510, 510, 610, 6], [510, 510, 910, 5]]), ["--", "-S"]);
}

#[test]
fn ground_at_a_wall_returns_to_the_surface_beside_open_ground() {
    let wall: Vec<[i32; 4]> = (0..40).map(|k| [1000, k * 25, 600, 6]).collect();
    let scene = [wall, level(1150, 0, 500, 0, 2)].concat();
    // 1.1 m from the wall and 0.7 m from open ground returns; 0.6 m from the wall does not.
    assert_eq!(marks_in(&scene, &[[1110, 520, 0, 2], [1060, 980, 0, 2]]), ["TS", "T-"]);
}

#[test]
fn open_water_keeps_its_lowest_point() {
    assert_eq!(marks(&[[10, 10, 100, 9], [20, 20, 90, 9], [30, 30, 95, 9]]), ["--", "TS", "--"]);
}

#[test]
fn water_under_overhanging_ground_is_left_out() {
    assert_eq!(marks(&[[10, 10, 100, 9], [80, 10, 600, 2]]), ["--", "TS"]);
    // Ground lower than the water hangs over nothing.
    assert_eq!(marks(&[[10, 10, 100, 9], [80, 10, 40, 2]]), ["TS", "TS"]);
}

#[test]
fn water_beside_virtual_points_is_left_out() {
    assert_eq!(marks(&[[10, 10, 100, 9], [80, 10, 95, 66]]), ["--", "TS"]);
    // Next to open water it is at the border of the virtual points, and stays.
    assert_eq!(marks(&[[10, 10, 100, 9], [100, 10, 95, 66], [-85, 10, 100, 9]]), ["TS", "TS", "TS"]);
}

#[test]
fn virtual_points_leave_the_surface_under_objects() {
    assert_eq!(marks(&[[10, 10, 100, 66]]), ["TS"]);
    assert_eq!(marks(&[[10, 10, 100, 66], [10, 40, 700, 17]]), ["T-", "-S"]);
    assert_eq!(marks(&[[10, 10, 100, 66], [10, 40, 700, 5]]), ["T-", "-S"]);
    assert_eq!(marks(&[[10, 10, 100, 66], [10, 70, 700, 5]]), ["TS", "-S"]);
}

#[test]
fn ground_from_photos_carries_the_terrain_only() {
    assert_eq!(marks(&[[10, 10, 100, 68], [11, 11, 90, 68]]), ["T-", "T-"]);
}

#[test]
fn other_classes_are_never_marked() {
    let others: Vec<[i32; 4]> =
        [0, 1, 7, 18, 64, 65, 128, 255].iter().map(|&c| [c * 100, 10, 100, c]).collect();
    assert!(marks(&others).iter().all(|letters| *letters == "--"));
}

#[test]
fn near_means_nearer_than_the_reach() {
    assert_eq!(marks(&[[10, 10, 30, 3], [110, 10, 500, 5]])[0], "--");
    assert_eq!(marks(&[[10, 10, 30, 3], [109, 10, 500, 5]])[0], "-S");
}

#[test]
fn no_points_and_points_far_apart_are_fine() {
    assert!(marks(&[]).is_empty());
    let corners = [[i32::MIN, i32::MIN, 0, 2], [i32::MAX, i32::MAX, 0, 2], [i32::MIN, i32::MAX, 0, 66]];
    assert_eq!(marks(&corners), ["TS", "TS", "TS"]);
}

/// A town of random points: every class over a square of 100 m, in layers.
fn town(count: usize) -> Vec<[i32; 4]> {
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below) as i32
    };
    let mut point = || {
        let (x, y) = (next(10_000), next(10_000));
        let classes: [i32; 4] = match (x / 1000 + y / 1000) % 5 {
            0 => [2, 2, 3, 5],
            1 => [2, 6, 6, 4],
            2 => [2, 17, 9, 66],
            3 => [9, 9, 2, 5],
            _ => [2, 2, 67, 66],
        };
        let class = classes[next(4) as usize];
        let floor = if matches!(class, 5 | 6 | 17 | 67) { 600 } else { 0 };
        [x, y, floor + next(60), class]
    };
    (0..count).map(|_| point()).collect()
}

#[test]
fn a_tile_with_its_halo_gives_the_marks_of_the_whole() {
    let whole = town(200_000);
    let halo = (ProductionParams::default().halo().0 * 100.0).ceil() as i32;
    let marked = marks(&whole);
    for (west, south) in [(0, 0), (3_300, 4_100), (5_010, 2_025)] {
        let within = |p: &[i32; 4], ring: i32| {
            (west - ring..west + 2_000 + ring).contains(&p[0])
                && (south - ring..south + 2_000 + ring).contains(&p[1])
        };
        let read: Vec<usize> = (0..whole.len()).filter(|&i| within(&whole[i], halo)).collect();
        let tile: Vec<[i32; 4]> = read.iter().map(|&i| whole[i]).collect();
        let alone = marks(&tile);
        let core = read.iter().enumerate().filter(|(_, i)| within(&whole[**i], 0));
        assert!(core.clone().count() > 7_000);
        for (place, &i) in core {
            assert_eq!(alone[place], marked[i], "point {:?} of the tile at {west}, {south}", whole[i]);
        }
    }
}

#[test]
fn the_order_of_the_points_and_the_number_of_threads_change_nothing() {
    let mut points = town(60_000);
    points.sort_unstable();
    points.dedup();
    let first = marks(&points);
    points.reverse();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread starts");
    let mut second = pool.install(|| marks(&points));
    second.reverse();
    assert!(first == second);
}

#[test]
fn the_halo_is_the_longest_chain_of_reaches() {
    // Cell diagonals 0.707 and 1.061, and two neighbours of a metre.
    assert!((ProductionParams::default().halo().0 - 3.768).abs() < 1e-3);
}

#[test]
fn cells_of_the_cloud_start_at_its_corner() {
    let params = ProductionParams { cells: Cells::OfTheCloud, ..ProductionParams::default() };
    let points = cloud(&[[40, 10, 100, 2], [60, 20, 120, 2]]);
    assert_eq!(mark(&points, &params).dtm, [false, true]);
    assert_eq!(mark(&points, &ProductionParams::default()).dtm, [true, true]);
}
