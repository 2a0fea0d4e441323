//! Measures as steps of a run: made when all tiles are there, made again where what they rest on has changed.

use crate::harness::{Ran, band, ilot, text, town};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project on the town's cloud with tiles of 80 m, and its `more` sections.
fn project(folder: &Path, more: &str) -> PathBuf {
    let path = folder.join("ilot.toml");
    let lidar = town().join("lidar");
    let toml = format!(
        "[input]\nlidar = [{:?}]\n[output]\ndir = \"out\"\ntile_size = 80.0\n[elevation]\nmax_edge = 20.0\n{more}",
        text(&lidar)
    );
    std::fs::write(&path, toml).unwrap();
    path
}

fn run(project: &Path, more: &[&str]) -> Ran {
    ilot(&[&["run", text(project)], more].concat())
}

fn measures(folder: &Path) -> serde_json::Value {
    let report = std::fs::read_to_string(folder.join("out/run.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&report).unwrap()["measures"].clone()
}

const SKY: &str = "[sky]\nreach = 50.0\nshadow_reach = 60.0\ndates = [\"2025-06-21\"]\n";

#[test]
fn a_step_is_made_once_and_again_where_its_settings_or_maps_change() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), SKY);
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(measures(folder.path())[0]["state"], "made");
    let sky = band(&folder.path().join("out/sky_view.vrt"), 0);
    assert_eq!(sky.frame(), band(&folder.path().join("out/dsm.vrt"), 0).frame());

    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(measures(folder.path())[0]["state"], "current");

    let made = measures(folder.path())[0]["record"]["files"][0][0].as_str().unwrap().to_owned();
    std::fs::remove_file(folder.path().join("out").join(&made)).unwrap();
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(measures(folder.path())[0]["state"], "made", "{made} was gone");

    let _ = project(folder.path(), &SKY.replace("50.0", "40.0"));
    let again = run(&file, &[]);
    assert!(again.err.contains("6 already current"), "{}", again.err);
    assert_eq!(measures(folder.path())[0]["state"], "made");
}

#[test]
fn a_run_of_some_tiles_keeps_the_mosaic_of_all_and_tells_that_steps_wait() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), "");
    assert_eq!(run(&file, &[]).code, Some(0));
    let mosaic = || std::fs::read(folder.path().join("out/dtm.vrt")).unwrap();
    let whole = mosaic();
    let records = folder.path().join("out/.ilot/tiles");
    let tile = std::fs::read_dir(&records).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(&tile).unwrap();
    let _ = project(folder.path(), SKY);
    let part = run(&file, &["--tiles", tile.file_stem().unwrap().to_str().unwrap()]);
    assert_eq!(part.code, Some(0));
    assert!(part.err.contains("1 tile made, 5 already current"), "{}", part.err);
    assert!(part.err.contains("wait for all tiles"), "{}", part.err);
    assert!(mosaic() == whole);
    assert!(!folder.path().join("out/sky_view.vrt").exists());
}

#[test]
fn a_step_whose_maps_are_not_kept_is_refused_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), SKY);
    let toml =
        std::fs::read_to_string(&file).unwrap().replace("tile_size", "products = [\"dtm\"]\ntile_size");
    std::fs::write(&file, toml).unwrap();
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("[sky]") && ran.err.contains("`dsm`"), "{}", ran.err);
}

#[test]
fn soil_its_report_and_parcels_are_a_step_that_knows_its_files() {
    let folder = TempDir::new().unwrap();
    let vectors = folder.path().join("vectors");
    std::fs::create_dir(&vectors).unwrap();
    for name in ["ocsge_2018", "ocsge_2021", "communes", "parcels"] {
        let from = town().join(format!("vectors/{name}.gpkg"));
        let _ = std::fs::copy(from, vectors.join(format!("{name}.gpkg"))).unwrap();
    }
    let section = "[cover]\n[zan]\nocsge = [\"vectors/ocsge_2018.gpkg\", \"vectors/ocsge_2021.gpkg\"]\nzones = \"vectors/communes.gpkg\"\nparcels = \"vectors/parcels.gpkg\"\n";
    let file = project(folder.path(), section);
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let of_zan = || measures(folder.path()).as_array().unwrap().last().unwrap().clone();
    assert_eq!(of_zan()["state"], "made");
    for name in
        ["zan_flux.csv", "zan_report.csv", "report/index.html", "parcels.gpkg", "renaturation.geojson"]
    {
        assert!(folder.path().join("out").join(name).exists(), "{name}");
    }
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(of_zan()["state"], "current");
    let _ = std::fs::copy(vectors.join("ocsge_2018.gpkg"), vectors.join("ocsge_2021.gpkg")).unwrap();
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(of_zan()["state"], "made", "a date is another");
    let _ = project(folder.path(), "[zan]\nzones = \"vectors/communes.gpkg\"\n");
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("[zan]"), "{}", ran.err);
}
