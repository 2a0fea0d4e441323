//! Tiles join without a seam; neither threads, nor the order of the clouds, nor how they are cut changes a cell.

use crate::harness::{band, ilot, points_of, surface, text, town, town_cloud, write_part};
use ilot::product::{ELEVATION, LAND};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const METHODS: [&str; 3] = ["standard", "tin", "ign"];

/// Short edges keep the ring of a tile smaller than its neighbour, so that the seam is really tried.
const SHORT: [&str; 2] = ["--max-edge", "20"];

/// The town's cloud in 2 × 2 parts that adjoin at its middle.
pub fn quarters(folder: &Path) -> Vec<PathBuf> {
    let (cloud, batch) = points_of(&town_cloud());
    let extent = cloud.header().extent;
    let (x, y) = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
    [(false, false), (false, true), (true, false), (true, true)]
        .into_iter()
        .map(|(east, north)| {
            let path =
                folder.join(format!("{}{}.laz", if north { "n" } else { "s" }, if east { "e" } else { "w" }));
            write_part(&path, &cloud, &batch, |px, py| (px >= x) == east && (py >= y) == north);
            path
        })
        .collect()
}

/// Asserts that all cells of all products are equal to the bit, whatever the tiles that hold them. Only a node on
/// the southern or eastern border of the cloud may be on one side alone: it belongs to the next tile, which a
/// small tile size has and a large one has not.
fn assert_same_cells(one: &Path, other: &Path, what: &str) {
    for spec in ELEVATION {
        let name = format!("{}.vrt", spec.name);
        for index in 0..spec.bands.len().max(1) {
            let (a, b) = (band(&one.join(&name), index), band(&other.join(&name), index));
            let common = a.frame().intersection(b.frame());
            assert!(common.rows + 1 >= b.frame().rows && common.cols + 1 >= b.frame().cols, "{what}: {name}");
            let (a, b) = (a.cropped(&common), b.cropped(&common));
            let differing =
                a.cells().iter().zip(b.cells()).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            assert_eq!(differing, 0, "{what}: {name} band {index}");
            assert!(a.cells().iter().any(|cell| !cell.is_nan()), "{what}: {name} is not empty");
        }
    }
}

/// Asserts that all files have the same bytes.
fn assert_same_files(one: &Path, other: &Path, what: &str) {
    let mut compared = 0;
    for spec in ELEVATION {
        for entry in std::fs::read_dir(one.join(spec.name)).unwrap() {
            let name = entry.unwrap().file_name();
            let (a, b) = (one.join(spec.name).join(&name), other.join(spec.name).join(&name));
            assert!(std::fs::read(&a).unwrap() == std::fs::read(&b).unwrap(), "{what}: {}", a.display());
            compared += 1;
        }
    }
    assert!(compared >= ELEVATION.len(), "{what}: {compared} files");
}

fn run(clouds: &[PathBuf], out: &Path, words: &[&str]) {
    let ran = surface(clouds, out, words);
    assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.err);
}

#[test]
fn four_clouds_give_the_cells_of_the_merged_cloud() {
    let folder = TempDir::new().unwrap();
    let quarters = quarters(folder.path());
    for method in METHODS {
        let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
        let words = [&SHORT[..], &["--method", method, "--tile-size", "50"]].concat();
        run(&[town_cloud()], &whole, &words);
        run(&quarters, &parts, &words);
        assert_same_cells(&whole, &parts, method);
    }
}

#[test]
fn small_tiles_give_the_cells_of_one_tile() {
    let folder = TempDir::new().unwrap();
    for method in METHODS {
        for registration in ["node", "cell"] {
            let (one, many) = (folder.path().join("one"), folder.path().join("many"));
            let words = [&SHORT[..], &["--method", method, "--registration", registration]].concat();
            run(&[town_cloud()], &one, &words);
            run(&[town_cloud()], &many, &[&words[..], &["--tile-size", "37"]].concat());
            assert_same_cells(&one, &many, &format!("{method}, {registration}"));
        }
    }
}

#[test]
fn threads_order_and_memory_change_no_byte() {
    let folder = TempDir::new().unwrap();
    let mut clouds = quarters(folder.path());
    for method in METHODS {
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let words = [&SHORT[..], &["--method", method, "--tile-size", "40"]].concat();
        run(&clouds, &one, &[&words[..], &["--threads", "1", "--memory", "100K"]].concat());
        clouds.reverse();
        run(&clouds, &two, &[&words[..], &["--threads", "3"]].concat());
        assert_same_files(&one, &two, method);
        let _ = (std::fs::remove_dir_all(&one), std::fs::remove_dir_all(&two));
    }
}

#[test]
fn one_tile_alone_is_that_tile_of_the_whole_run() {
    let folder = TempDir::new().unwrap();
    let quarters = quarters(folder.path());
    let project = |name: &str| {
        let list: Vec<String> = quarters.iter().map(|path| format!("{:?}", text(path))).collect();
        let file = folder.path().join(format!("{name}.toml"));
        let (list, out) = (list.join(", "), folder.path().join(name));
        let toml = format!(
            "[input]\nlidar = [{list}]\n[output]\ndir = {:?}\ntile_size = 50.0\n[elevation]\nmax_edge = 20.0\n",
            text(&out)
        );
        std::fs::write(&file, toml).unwrap();
        (file, out)
    };
    let ((whole, whole_out), (part, part_out)) = (project("whole"), project("part"));
    assert_eq!(ilot(&["run", text(&whole)]).code, Some(0));
    let tile = std::fs::read_dir(whole_out.join("dtm")).unwrap().next().unwrap().unwrap().path();
    let tile = tile.file_stem().unwrap().to_str().unwrap().to_owned();
    let ran = ilot(&["run", text(&part), "--tiles", &tile]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let name = format!("dtm/{tile}.tif");
    assert!(std::fs::read(whole_out.join(&name)).unwrap() == std::fs::read(part_out.join(&name)).unwrap());
    assert_eq!(std::fs::read_dir(part_out.join("dtm")).unwrap().count(), 2, "the tile and its style");
}

/// `ilot cover` on clouds, the brightness held so that no choice of chunks plays a part.
fn cover(clouds: &[PathBuf], out: &Path, more: &[&str]) {
    let image = town().join("ortho/irc.tif");
    let mut words = vec!["cover"];
    words.extend(clouds.iter().map(|path| text(path)));
    words.extend(["--out", text(out), "--irc", text(&image), "--intensity", "1610"]);
    words.extend(more);
    let ran = ilot(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn land_cover_has_the_same_cells_for_any_tiles_threads_and_files() {
    let folder = TempDir::new().unwrap();
    let whole = folder.path().join("whole");
    cover(&[town_cloud()], &whole, &["--threads", "1"]);
    let parts = quarters(folder.path());
    let tiled = folder.path().join("tiled");
    cover(&parts, &tiled, &["--tile-size", "50", "--threads", "3"]);
    for spec in LAND {
        let name = format!("{}.vrt", spec.name);
        for index in 0..spec.bands.len().max(1) {
            let (a, b) = (band(&whole.join(&name), index), band(&tiled.join(&name), index));
            let common = a.frame().intersection(b.frame());
            assert_eq!(common, *a.frame(), "{name}");
            let (a, b) = (a.cropped(&common), b.cropped(&common));
            let differing =
                a.cells().iter().zip(b.cells()).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            assert_eq!(differing, 0, "{name} band {index}");
            assert!(a.cells().iter().any(|cell| !cell.is_nan()), "{name} is not empty");
        }
    }
}
