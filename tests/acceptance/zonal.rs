//! `ilot zonal` on the sample town: its blocks, its rasters, the words and the codes.

use crate::harness::{ilot, text, town};
use tempfile::TempDir;

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
