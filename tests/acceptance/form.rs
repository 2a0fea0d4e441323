//! `ilot lcz` on the sample town: files, figures against its truth, words and codes.

use crate::harness::{data, ilot, surface, text, town, town_cloud};
use ilot::formats::raster::read::Raster;
use ilot::formats::vector::{Layer, Source, Value};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn truth(name: &str) -> PathBuf {
    town().join("truth").join(name)
}

fn layer(path: &Path, name: &str) -> Layer {
    let source = Source::open(path).unwrap();
    let place = source.find(Some(name)).unwrap();
    source.read(place, None).unwrap().0
}

fn column(layer: &Layer, name: &str) -> Vec<Option<f64>> {
    let field = layer.field(name).unwrap_or_else(|| panic!("no column {name}"));
    layer.features.iter().map(|feature| feature.values[field].number()).collect()
}

fn lcz(out: &Path, more: &[&str]) -> crate::harness::Ran {
    let (dsm, dtm, cover) = (truth("dsm.tif"), truth("dtm.tif"), truth("cover.tif"));
    let words =
        ["lcz", "--dsm", text(&dsm), "--dtm", text(&dtm), "--cover", text(&cover), "--out", text(out)];
    ilot(&[&words[..], more].concat())
}

#[test]
fn the_town_has_maps_and_tables_of_squares_and_blocks() {
    let folder = TempDir::new().unwrap();
    let parcels = town().join("vectors/parcels.gpkg");
    let ran = lcz(folder.path(), &["--cell", "50", "--blocks", text(&parcels), "--json"]);
    let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!((ran.code, &last["event"]), (Some(0), &"done".into()), "{} {}", ran.out, ran.err);
    for name in ["urban_form", "lcz"] {
        for ending in ["gpkg", "geojson", "csv", "csv.schema.json"] {
            assert!(folder.path().join(format!("{name}.{ending}")).is_file(), "{name}.{ending}");
        }
        assert!(folder.path().join(format!("{name}_blocks.csv")).is_file());
    }
    for name in ["lcz.vrt", "lcz.qml", "lcz.sld", "lcz.run.json"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    let squares = layer(&folder.path().join("urban_form.gpkg"), "urban_form");
    assert_eq!(squares.features.len() as u64, last["squares"]);
    let blocks = layer(&folder.path().join("lcz.gpkg"), "lcz_blocks");
    assert_eq!(blocks.features.len() as u64, last["blocks"]);
    let raster = Raster::open(&folder.path().join("lcz.vrt")).unwrap();
    let zones = raster.read::<u8>(0).unwrap();
    let codes = column(&layer(&folder.path().join("lcz.gpkg"), "lcz"), "lcz_code");
    let in_table = codes.iter().flatten().count();
    assert_eq!(zones.cells().iter().filter(|code| **code > 0).count(), in_table);
    assert!(zones.cells().iter().all(|code| *code <= 17) && in_table > 0);
}

/// Shares of squares against the exact areas of the truth's footprints, and blocks that add up to the whole.
#[test]
fn built_shares_are_those_of_the_model() {
    let folder = TempDir::new().unwrap();
    assert_eq!(lcz(folder.path(), &["--cell", "40"]).code, Some(0));
    let footprints = layer(&town().join("truth/buildings.gpkg"), "buildings");
    let exact: f64 = column(&footprints, "area").into_iter().flatten().sum();
    let squares = layer(&folder.path().join("urban_form.gpkg"), "urban_form");
    let areas = column(&squares, "area").into_iter().zip(column(&squares, "undefined"));
    let known = areas.map(|(area, undefined)| area.unwrap() * (1.0 - undefined.unwrap()));
    let built: f64 =
        known.zip(column(&squares, "building_fraction")).map(|(area, share)| area * share.unwrap()).sum();
    assert!((built / exact - 1.0).abs() < 0.01, "{built} m² instead of {exact}");
    let heights: Vec<f64> = column(&squares, "height_mean").into_iter().flatten().collect();
    assert!(heights.iter().all(|height| (2.0..40.0).contains(height)), "{heights:?}");
    let parts = ["building_fraction", "impervious", "pervious"].map(|name| column(&squares, name));
    for index in 0..squares.features.len() {
        let sum: f64 = parts.iter().map(|part| part[index].unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "built, sealed and pervious are all there is: {sum}");
    }
}

#[test]
fn threads_change_no_byte() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    assert_eq!(lcz(&one, &["--cell", "50", "--threads", "1"]).code, Some(0));
    assert_eq!(lcz(&other, &["--cell", "50", "--threads", "3"]).code, Some(0));
    for name in ["urban_form.csv", "lcz.csv", "urban_form.geojson", "lcz.gpkg"] {
        let bytes = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert!(bytes(&one) == bytes(&other), "{name} differs");
    }
}

#[test]
fn the_folder_of_a_run_is_enough_and_says_what_it_lacks() {
    let folder = TempDir::new().unwrap();
    let run = folder.path().join("run");
    let empty = ilot(&["lcz", text(folder.path())]);
    assert_eq!(empty.code, Some(2));
    assert!(empty.err.contains("dsm.vrt, dtm.vrt") && empty.err.contains("ilot surface"), "{}", empty.err);
    assert_eq!(surface(&[town_cloud()], &run, &["--products", "dsm,dtm,density"]).code, Some(0));
    let ran = ilot(&["lcz", text(&run), "--cell", "40", "--rest", "5"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("has no cover.vrt") && ran.err.contains("points are of class 6"), "{}", ran.err);
    let squares = layer(&run.join("urban_form.gpkg"), "urban_form");
    assert!(column(&squares, "building_fraction").into_iter().flatten().any(|share| share > 0.05));
}

#[test]
fn a_section_of_the_project_makes_zones_once() {
    let folder = TempDir::new().unwrap();
    let project = folder.path().join("ilot.toml");
    let write = |rest: u8| {
        let toml = format!(
            "[input]\nlidar = [{:?}]\n[output]\ndir = \"out\"\nproducts = [\"dtm\", \"dsm\", \"density\"]\n[lcz]\ncell = 40.0\nrest = {rest}\nbuildings = {:?}\n",
            text(&town().join("lidar")),
            text(&town().join("vectors/buildings.gpkg")),
        );
        std::fs::write(&project, toml).unwrap();
    };
    let state = || -> serde_json::Value {
        let report = std::fs::read_to_string(folder.path().join("out/run.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&report).unwrap()["measures"][0].clone()
    };
    for (rest, expected) in [(5, "made"), (5, "current"), (2, "made")] {
        write(rest);
        let ran = ilot(&["run", text(&project)]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(state()["state"], expected, "rest {rest}");
        assert!(
            folder.path().join("out/lcz.vrt").is_file()
                && folder.path().join("out/urban_form.gpkg").is_file()
        );
    }
    write(1);
    let ran = ilot(&["run", text(&project)]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("lcz.rest is 1"), "{}", ran.err);
}

#[test]
fn bad_inputs_are_one_sentence_each() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let degrees =
        file("degrees.asc", "ncols 2\nnrows 2\nxllcorner 2\nyllcorner 48\ncellsize 0.1\n1 1\n1 1\n");
    let no_height = file(
        "flat.geojson",
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1},"geometry":{"type":"Polygon","coordinates":[[[2.3,48.8],[2.31,48.8],[2.31,48.81],[2.3,48.8]]]}}]}"#,
    );
    let (dsm, dtm, cover, ndvi) =
        (truth("dsm.tif"), truth("dtm.tif"), truth("cover.tif"), truth("canopy.tif"));
    let (dsm, dtm, cover, out) = (text(&dsm), text(&dtm), text(&cover), text(&out));
    let (degrees, no_height) = (text(&degrees), text(&no_height));
    let cases: [(&[&str], &str); 8] = [
        (&["lcz", "--dsm", dsm, "--out", out], "come together"),
        (&["lcz", "--cover", cover, "--out", out], "Nothing says the height"),
        (&["lcz", "--dsm", dsm, "--dtm", dtm, "--out", out], "Nothing says where buildings stand"),
        (
            &[
                "lcz",
                "--dsm",
                degrees,
                "--dtm",
                degrees,
                "--cover",
                cover,
                "--crs",
                "EPSG:4326",
                "--out",
                out,
            ],
            "in degrees",
        ),
        (&["lcz", "--dsm", dsm, "--dtm", dtm, "--cover", text(&ndvi), "--out", out], "canopy.tif"),
        (&["lcz", "--dsm", dsm, "--dtm", dtm, "--cover", cover, "--cell", "1", "--out", out], "10 to 10000"),
        (&["lcz", "--buildings", no_height, "--crs", "EPSG:2154", "--out", out], "in degrees"),
        (
            &["lcz", "--dsm", dsm, "--dtm", dtm, "--cover", cover, "--blocks", dtm, "--out", out],
            "vector layer",
        ),
    ];
    for (words, why) in cases {
        let ran = ilot(words);
        assert_eq!(ran.code, Some(2), "{words:?}: {} {}", ran.out, ran.err);
        assert!(ran.err.contains(why) && ran.err.trim().lines().count() == 1, "{words:?}: {}", ran.err);
    }
}

#[test]
fn blocks_outside_of_the_data_are_empty_and_make_code_one() {
    let folder = TempDir::new().unwrap();
    let blocks = folder.path().join("far.geojson");
    let far = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":"Paris"},"geometry":
        {"type":"Polygon","coordinates":[[[2.3,48.8],[2.4,48.8],[2.4,48.9],[2.3,48.8]]]}}]}"#;
    std::fs::write(&blocks, far).unwrap();
    let out = folder.path().join("out");
    let ran = lcz(&out, &["--cell", "50", "--blocks", text(&blocks)]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("1 of 1 blocks lie outside of the data"), "{}", ran.err);
    let layer = layer(&out.join("lcz.gpkg"), "lcz_blocks");
    let zone = layer.field("lcz").unwrap();
    assert_eq!(layer.features[0].values[zone], Value::Null);
}

/// BD TOPO of Olemps: the town's buildings are built zones, its woods are zones of trees.
#[test]
fn a_commune_of_bdtopo_has_built_and_wooded_zones() {
    let Some(data) = data() else { return };
    let folder = TempDir::new().unwrap();
    let of = |name: &str| data.join("bdtopo_olemps").join(name);
    let (buildings, plants) = (of("BATIMENT.shp"), of("ZONE_DE_VEGETATION.shp"));
    let words =
        ["lcz", "--buildings", text(&buildings), "--vegetation", text(&plants), "--out", text(folder.path())];
    let blind = ilot(&words);
    assert_eq!(blind.code, Some(0), "{}", blind.err);
    assert!(blind.err.contains("284 of 2273 buildings have no height"), "{}", blind.err);
    assert!(blind.err.contains("more than 30 % of their area is not known"), "{}", blind.err);
    let told = ilot(&[&words[..], &["--rest", "5"]].concat());
    assert_eq!(told.code, Some(0), "{}", told.err);
    let zones = layer(&folder.path().join("lcz.gpkg"), "lcz");
    let name = zones.field("lcz").unwrap();
    let count = |wanted: &[&str]| {
        let of = |feature: &&ilot::formats::vector::Feature| {
            feature.values[name].text().is_some_and(|zone| wanted.contains(&zone))
        };
        zones.features.iter().filter(of).count()
    };
    let built = count(&["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert!((100..250).contains(&built), "{built} squares are built");
    assert!(count(&["A", "B"]) > 500, "woods cover a third of the commune");
}
