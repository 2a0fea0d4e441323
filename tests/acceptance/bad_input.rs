//! Bad input is normal: one sentence names file, fault and remedy; the other tiles are there; nothing half
//! written bears a final name.

use crate::harness::{data, ilot, points_of, surface, text, town_cloud, write_part};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The town in a western and an eastern cloud of one 80 m tile row each.
fn halves(folder: &Path) -> [PathBuf; 2] {
    let (cloud, batch) = points_of(&town_cloud());
    let middle = (cloud.header().extent.west / 80.0).floor() * 80.0 + 80.0;
    let (west, east) = (folder.join("west.laz"), folder.join("east.laz"));
    write_part(&west, &cloud, &batch, |x, _| x < middle);
    write_part(&east, &cloud, &batch, |x, _| x >= middle);
    [west, east]
}

const WORDS: [&str; 4] = ["--tile-size", "80", "--max-edge", "20"];

/// Asserts that the run told of `file` in one sentence, made the tiles of the other, and left nothing aside.
fn assert_others_complete(folder: &Path, damaged: &Path, sound: &Path, what: &str) {
    let out = folder.join("out");
    let ran = surface(&[damaged.to_owned(), sound.to_owned()], &out, &WORDS);
    assert_eq!(ran.code, Some(1), "{what}: {}", ran.err);
    let told =
        ran.err.lines().filter(|line| line.contains(text(damaged)) && line.contains("set aside")).count();
    assert_eq!(told, 1, "{what}: {}", ran.err);
    assert!(!ran.err.contains("panicked"), "{what}: {}", ran.err);
    let alone = folder.join("alone");
    assert_eq!(surface(&[sound.to_owned()], &alone, &WORDS).code, Some(0));
    for entry in std::fs::read_dir(alone.join("dsm")).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(out.join("dsm").join(&name).exists(), "{what}: {name:?} is there");
    }
    assert_no_part(&out, what);
    let _ = (std::fs::remove_dir_all(&out), std::fs::remove_dir_all(&alone));
}

fn assert_no_part(folder: &Path, what: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_no_part(&path, what);
        }
        assert!(path.extension().is_none_or(|ending| ending != "part"), "{what}: {} is left", path.display());
    }
}

#[test]
fn a_truncated_cloud_costs_its_own_tiles_only() {
    let folder = TempDir::new().unwrap();
    let [west, east] = halves(folder.path());
    let whole = std::fs::read(&west).unwrap();
    for share in [0.0, 0.001, 0.1, 0.5, 0.9, 0.999] {
        let length = (whole.len() as f64 * share) as usize;
        std::fs::write(&west, &whole[..length]).unwrap();
        assert_others_complete(folder.path(), &west, &east, &format!("cut to {length} bytes"));
    }
}

#[test]
fn two_kilobytes_of_zeros_anywhere_in_the_points_are_found() {
    let folder = TempDir::new().unwrap();
    let [west, east] = halves(folder.path());
    let whole = std::fs::read(&west).unwrap();
    for share in [0.1, 0.3, 0.5, 0.7, 0.9] {
        let at = (whole.len() as f64 * share) as usize;
        let mut damaged = whole.clone();
        damaged[at..at + 2048].fill(0);
        std::fs::write(&west, &damaged).unwrap();
        assert_others_complete(folder.path(), &west, &east, &format!("zeros at {at}"));
    }
}

#[test]
fn a_header_that_promises_too_much_is_not_believed() {
    let folder = TempDir::new().unwrap();
    let [west, east] = halves(folder.path());
    let mut damaged = std::fs::read(&west).unwrap();
    // LAS 1.4: the number of points stands at byte 247.
    damaged[247..255].copy_from_slice(&1_000_000_000_000_000_000_u64.to_le_bytes());
    std::fs::write(&west, &damaged).unwrap();
    assert_others_complete(folder.path(), &west, &east, "10^18 points");
}

#[test]
fn a_neighbour_made_without_the_damaged_cloud_does_not_depend_on_how_far_it_was_read() {
    let folder = TempDir::new().unwrap();
    let [west, east] = halves(folder.path());
    let mut damaged = std::fs::read(&west).unwrap();
    let end = damaged.len() * 9 / 10;
    damaged[end..end + 2048].fill(0);
    std::fs::write(&west, &damaged).unwrap();
    let (with, without) = (folder.path().join("with"), folder.path().join("without"));
    let ran = surface(&[west, east.clone()], &with, &WORDS);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("a damaged neighbour"), "{}", ran.err);
    assert_eq!(surface(&[east], &without, &WORDS).code, Some(0));
    for entry in std::fs::read_dir(without.join("dtm")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "tif") {
            let other = with.join("dtm").join(path.file_name().unwrap());
            let (one, other) = (crate::harness::band(&path, 0), crate::harness::band(&other, 0));
            let equal = |row, col, value: f32| {
                let place = one.frame().locate(other.frame().x(col), other.frame().y(row));
                place.is_none_or(|(r, c)| one.at(r, c).to_bits() == value.to_bits())
            };
            let cols = other.frame().cols;
            let cells = other.cells().iter().enumerate();
            assert!(
                cells.into_iter().all(|(i, &value)| equal(i / cols, i % cols, value)),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn what_is_no_cloud_is_named() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    for (name, content) in
        [("text.laz", &b"Bonjour"[..]), ("empty.las", b""), ("picture.laz", &[0x89, b'P', b'N', b'G'])]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let ran = surface(std::slice::from_ref(&path), &out, &[]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains(name) && ran.err.lines().count() == 1, "{}", ran.err);
    }
    let missing = surface(&[folder.path().join("nowhere.laz")], &out, &[]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("nowhere.laz"), "{}", missing.err);
}

#[test]
fn a_cloud_under_a_wrong_name_is_read_all_the_same() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cloud.zip");
    let _ = std::fs::copy(town_cloud(), &path).unwrap();
    let ran = surface(&[path], &folder.path().join("out"), &["--products", "dsm"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_named_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ran = surface(&[town_cloud()], &file.join("out"), &[]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains(text(&file)) && ran.err.lines().count() == 1, "{}", ran.err);
}

#[test]
fn each_edge_case_of_ign_s_own_tests_is_told_in_one_sentence() {
    let Some(data) = data() else { return };
    let folder = TempDir::new().unwrap();
    let cases = [
        ("test_data_empty.las", 2, "no point"),
        ("Semis_2022_0906_6665_LA93_IGN69_nok.laz", 2, "damaged"),
        ("test_noepsg_043500_629205_IGN69.laz", 2, "--crs"),
        ("test_data_0436_6384_LA93_IGN69_single_point.laz", 2, "--crs"),
        ("las_with_several_extra_byte_bloc.laz", 0, "1 tile made"),
        ("test_data_77055_627755_LA93_IGN69_extra_dims.laz", 0, "1 tile made"),
        ("sample_lareunion_epsg2975.laz", 0, "classes recomputed for 1 cloud"),
    ];
    for (name, code, words) in cases {
        let cloud = data.join("lidar/edge_cases").join(name);
        let ran = surface(&[cloud], &folder.path().join(name), &["--threads", "2"]);
        assert_eq!(ran.code, Some(code), "{name}: {}", ran.err);
        assert!(ran.err.contains(words), "{name}: {}", ran.err);
    }
    let one = data.join("lidar/edge_cases/test_data_0436_6384_LA93_IGN69_single_point.laz");
    let words = ["--crs", "EPSG:2154+5720", "--dsm-classes", "all", "--products", "dsm,density"];
    assert_eq!(surface(&[one], &folder.path().join("one"), &words).code, Some(0));
}

#[test]
fn a_project_that_is_wrong_is_refused_with_its_line() {
    let folder = TempDir::new().unwrap();
    let project = folder.path().join("ilot.toml");
    std::fs::write(&project, "[input]\nlidar = [\"lidar\"]\n[elevation]\ncell = \"small\"\n").unwrap();
    let ran = ilot(&["check", text(&project)]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("line 4") && ran.err.contains("cell"), "{}", ran.err);
}

#[test]
fn a_copy_of_a_cloud_counts_once() {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.laz");
    let _ = std::fs::copy(town_cloud(), &copy).unwrap();
    let out = folder.path().join("out");
    let ran = surface(&[town_cloud(), copy.clone()], &out, &["--products", "density"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains(text(&copy)) && ran.err.contains("is a copy of"), "{}", ran.err);
    let alone = folder.path().join("alone");
    assert_eq!(surface(&[copy], &alone, &["--products", "density"]).code, Some(0));
    let cells = |out: &Path| crate::harness::band(&out.join("density.vrt"), 0).into_cells();
    assert_eq!(cells(&out), cells(&alone));
}

#[test]
fn one_stray_point_makes_no_empty_tiles() {
    let folder = TempDir::new().unwrap();
    let (cloud, mut batch) = points_of(&town_cloud());
    // A bird, or a fault of the scanner, three kilometres away.
    let middle = batch.x.len() / 2;
    batch.x[middle] += 300_000;
    let path = folder.path().join("stray.laz");
    write_part(&path, &cloud, &batch, |_, _| true);
    let out = folder.path().join("out");
    let ran = surface(&[path], &out, &["--products", "dtm,density"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("without data"), "{}", ran.err);
    let tiles = std::fs::read_dir(out.join("density")).unwrap();
    let tiles =
        tiles.filter(|tile| tile.as_ref().unwrap().path().extension().is_some_and(|e| e == "tif")).count();
    assert_eq!(tiles, 2, "the town's tile and the stray point's: {}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_unicode_is_read_and_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"n\xe9\xff.laz"));
    let _ = std::fs::copy(town_cloud(), &path).unwrap();
    let out = folder.path().join("out");
    let ran = crate::harness::command(&["surface", "--out", text(&out), "--products", "dsm"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(out.join("run.json").exists());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_cloud_and_nobody_waits_for_it() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe.laz");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = surface(&[pipe], &folder.path().join("out"), &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("no regular file"), "{}", ran.err);
}

#[test]
fn the_system_of_most_points_wins() {
    let Some(data) = data() else { return };
    let folder = TempDir::new().unwrap();
    let island = data.join("lidar/edge_cases/sample_lareunion_epsg2975.laz");
    let ran = surface(&[island, town_cloud()], &folder.path().join("out"), &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("sample_lareunion_epsg2975.laz is in RGR92"), "{}", ran.err);
    assert!(ran.err.contains("1 tile made"), "{}", ran.err);
}
