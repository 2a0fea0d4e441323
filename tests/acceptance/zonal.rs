//! `ilot zonal` on the sample town: its parcels, its terrain, the words and the codes.

use crate::harness::{ilot, text, town};
use std::path::PathBuf;
use tempfile::TempDir;

fn town_files() -> (PathBuf, PathBuf) {
    (town().join("vectors/parcels.gpkg"), town().join("truth/dtm.tif"))
}

#[test]
fn figures_come_as_a_table_with_its_schema_and_as_maps() {
    let folder = TempDir::new().unwrap();
    let (zones, raster) = town_files();
    for ending in ["csv", "gpkg", "geojson"] {
        let out = folder.path().join(format!("figures.{ending}"));
        let ran = ilot(&["zonal", text(&zones), "--of", text(&raster), "--out", text(&out), "--json"]);
        let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
        assert_eq!((ran.code, &last["event"]), (Some(0), &"done".into()), "{} {}", ran.out, ran.err);
        assert!(out.exists());
        if ending != "csv" {
            let source = ilot::formats::vector::Source::open(&out).unwrap();
            let (layer, _) = source.read(0, None).unwrap();
            assert_eq!(layer.features.len() as u64, last["zones"]);
            assert!(
                layer.field("height_mean").is_some()
                    || layer.fields.iter().any(|f| f.name.ends_with("_mean"))
            );
        }
    }
    assert!(folder.path().join("figures.csv.schema.json").exists());
}

#[test]
fn what_cannot_start_says_why_and_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let (zones, raster) = town_files();
    let out = folder.path().join("figures.csv");
    let (zones, raster, out) = (text(&zones), text(&raster), text(&out));
    let cases: [(&[&str], &str); 6] = [
        (&["zonal", zones, "--of", raster, "--out", "figures.xlsx"], ".csv, .gpkg or .geojson"),
        (&["zonal", zones, "--of", raster, "--out", out, "--band", "9"], "band 9 is wanted"),
        (&["zonal", zones, "--of", raster, "--out", out, "--band", "0"], "band 1"),
        (&["zonal", zones, "--of", raster, "--out", out, "--percentiles", "50,101"], "10,50,90"),
        (&["zonal", zones, "--of", raster, "--out", out, "--id", "nobody"], "has no field \"nobody\""),
        (&["zonal", raster, "--of", raster, "--out", out], "cannot be read as a vector layer"),
    ];
    for (words, why) in cases {
        let ran = ilot(words);
        assert_eq!(ran.code, Some(2), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(why), "{words:?}: {}", ran.err);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn zones_without_data_are_said_in_both_languages_and_make_code_one() {
    let folder = TempDir::new().unwrap();
    let (_, raster) = town_files();
    let zones = folder.path().join("far.geojson");
    let far = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":"Paris"},"geometry":
        {"type":"Polygon","coordinates":[[[2.3,48.8],[2.4,48.8],[2.4,48.9],[2.3,48.8]]]}}]}"#;
    std::fs::write(&zones, far).unwrap();
    let out = folder.path().join("figures.csv");
    for (language, words) in [
        ("en", "1 of 1 zones without any data (Paris); their figures are empty, not zero"),
        ("fr", "1 zones sur 1 sans aucune donnée (Paris) ; leurs chiffres sont vides, pas nuls"),
    ] {
        let flags = ["--out", text(&out), "--id", "n", "--lang", language];
        let ran = ilot(&[&["zonal", text(&zones), "--of", text(&raster)], &flags[..]].concat());
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    assert!(std::fs::read_to_string(&out).unwrap().contains("\r\nParis,,,,,,0,0,1,0\r\n"));
}
