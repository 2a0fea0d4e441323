//! The sample town, whose truth is known exactly: how far from it the models are.

use crate::harness::{band, compare, surface, town, town_cloud};
use ilot_kernels::grid::Grid;
use tempfile::TempDir;

/// Range noise of the simulated laser, metres: no model can be closer on one point alone.
const NOISE: f64 = 0.03;

/// A raster with only those cells whose cover is one of `classes`.
fn where_cover(grid: &Grid<f32>, cover: &Grid<f32>, classes: &[u8]) -> Grid<f32> {
    let frame = *grid.frame();
    let mut kept = Grid::filled(frame, f32::NAN);
    for row in 0..frame.rows {
        for col in 0..frame.cols {
            let place = cover.frame().locate(frame.x(col), frame.y(row));
            if place.is_some_and(|(r, c)| classes.iter().any(|&class| f32::from(class) == cover.at(r, c))) {
                kept.cells_mut()[row * frame.cols + col] = grid.at(row, col);
            }
        }
    }
    kept
}

#[test]
fn terrain_and_roofs_of_the_town_are_found() {
    let out = TempDir::new().unwrap();
    let ran = surface(&[town_cloud()], out.path(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let truth = |name: &str| band(&town().join(format!("truth/{name}.tif")), 0);
    let (dtm, dsm) = (band(&out.path().join("dtm.vrt"), 0), band(&out.path().join("dsm.vrt"), 0));
    let cover = truth("cover");
    let rmse = |mine: &Grid<f32>, name: &str, classes: &[u8]| {
        let found = compare(mine, &where_cover(&truth(name), &cover, classes), 0.1);
        println!("{name} where cover is {classes:?}: {found:?}");
        assert!(found.both > 500, "{name} {classes:?}: {found:?}");
        found.rmse
    };
    // Open ground: sealed, mineral, bare, herbaceous.
    assert!(rmse(&dtm, "dtm", &[2, 3, 4, 5]) < 2.0 * NOISE);
    // Under trees: fewer pulses reach the ground.
    assert!(rmse(&dtm, "dtm", &[7, 8]) < 4.0 * NOISE);
    // Under buildings the terrain is interpolated from around.
    assert!(rmse(&dtm, "dtm", &[1]) < 0.25);
    // Roofs away from walls, where no cell is cut. The highest point of a half-metre cell lies above the roof at
    // the cell's centre by up to a quarter of a metre times the slope; a triangulation does not.
    let roofs = inside_roofs(&truth("dsm"), &cover);
    let highest = compare(&dsm, &roofs, 0.35);
    println!("roofs, highest point: {highest:?}");
    assert!(highest.both > 3_000 && highest.share > 0.99 && highest.rmse < 0.20, "{highest:?}");
    let ran = surface(&[town_cloud()], out.path(), &["--method", "tin", "--products", "dsm"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let tin = compare(&band(&out.path().join("dsm.vrt"), 0), &roofs, 0.1);
    println!("roofs, triangulation: {tin:?}");
    assert!(tin.share > 0.95, "{tin:?}");
}

/// The true roofs, without the cells of which some neighbour within two cells is no roof, or lies a metre apart.
fn inside_roofs(dsm: &Grid<f32>, cover: &Grid<f32>) -> Grid<f32> {
    let roofs = where_cover(dsm, cover, &[1]);
    let frame = *roofs.frame();
    let mut inside = Grid::filled(frame, f32::NAN);
    for row in 2..frame.rows - 2 {
        for col in 2..frame.cols - 2 {
            let own = roofs.at(row, col);
            let around = (row - 2..=row + 2).flat_map(|r| (col - 2..=col + 2).map(move |c| (r, c)));
            if around.into_iter().all(|(r, c)| (roofs.at(r, c) - own).abs() < 1.0) {
                inside.cells_mut()[row * frame.cols + col] = own;
            }
        }
    }
    inside
}
