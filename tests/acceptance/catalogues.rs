//! What a run tells to others: a catalogue whose links all lead somewhere, records that are well-formed, tables that are as
//! their schemas say.

use crate::harness::{ilot, text, town};
use ilot::store::hash_file;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A run of the sample town with tables, sensors and a stack of nights.
fn out() -> &'static Path {
    static OUT: OnceLock<TempDir> = OnceLock::new();
    OUT.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let base = town().display();
        let project = format!(
            "[input]\nlidar = [\"{base}/lidar\"]\n[output]\ndir = \"out\"\n[cover]\nzones = \"{base}/vectors/communes.gpkg\"\n\
             [sensors]\nreadings = [\"{base}/readings.csv\"]\nstations = \"{base}/stations.csv\"\ncrs = \"EPSG:2154\"\n\
             [zan]\nocsge = [\"{base}/vectors/ocsge_2018.gpkg\", \"{base}/vectors/ocsge_2021.gpkg\"]\nzones = \"{base}/vectors/communes.gpkg\"\n\
             parcels = \"{base}/vectors/parcels.gpkg\"\n\
             [publish]\nlicence = \"Licence Ouverte 2.0\"\nproducer = \"Ville d'exemple & voisines\"\ncontact = \"sig@exemple.fr\"\n\
             [pmtiles]\nproducts = [\"cover\", \"trees\"]\n"
        );
        std::fs::write(folder.path().join("ilot.toml"), project).unwrap();
        let ran = ilot(&["run", text(folder.path())]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        folder
    })
    .path()
}

fn results() -> PathBuf {
    out().join("out")
}

fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

/// Every document of the catalogue, found by its links.
fn documents() -> Vec<(PathBuf, Value)> {
    let mut waiting = vec![results().join("catalog.json")];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        let document = json(&path);
        for link in document["links"].as_array().unwrap() {
            let (relation, href) = (link["rel"].as_str().unwrap(), link["href"].as_str().unwrap());
            if href.starts_with("https://") {
                assert_eq!(relation, "license");
                continue;
            }
            let target = path.parent().unwrap().join(href);
            assert!(target.is_file(), "{}: {relation} leads to {href}, which is not there", path.display());
            if relation == "child" || relation == "item" {
                waiting.push(target);
            }
        }
        found.push((path, document));
    }
    found
}

#[test]
fn every_link_of_the_catalogue_leads_somewhere_and_every_asset_is_what_it_says() {
    let all = documents();
    let kinds = |kind: &str| all.iter().filter(|(_, document)| document["type"] == kind).count();
    assert_eq!((kinds("Catalog"), kinds("Collection")), (1, 2));
    assert!(kinds("Feature") >= 2, "a tile and its cloud");
    let mut checked = 0;
    for (path, document) in &all {
        for (name, asset) in document["assets"].as_object().into_iter().flatten() {
            let file = path.parent().unwrap().join(asset["href"].as_str().unwrap());
            assert!(file.is_file(), "{name}: {} is not there", file.display());
            let Some(sum) = asset["file:checksum"].as_str() else {
                // What is written after the catalogue has no size in it.
                assert!(["run.json", "index.html", "report.html"].contains(&&**name), "{}", name);
                continue;
            };
            assert_eq!(sum, format!("1220{}", hash_file(&file).unwrap()), "{name}");
            assert_eq!(asset["file:size"], std::fs::metadata(&file).unwrap().len());
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked} assets");
}

#[test]
fn items_lie_where_their_rasters_lie() {
    for (_, item) in documents().iter().filter(|(_, document)| document["type"] == "Feature") {
        let bounds: Vec<f64> =
            item["bbox"].as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect();
        // pyproj: the sample town's corner, 379000 6786000 in Lambert-93, is 1.3140° W, 48.0952° N to 1e-4.
        assert!((bounds[0] + 1.3140).abs() < 2e-3 && (bounds[1] - 48.0952).abs() < 2e-3, "{bounds:?}");
        // The share on the European grid lies at the same place, in that grid's system.
        let european = item["assets"].get("imperviousness_3035").is_some();
        assert_eq!(item["properties"]["proj:code"], if european { "EPSG:3035" } else { "EPSG:2154" });
        let date = item["properties"]["datetime"].as_str().unwrap();
        assert!(date.len() == 20 && date.ends_with('Z') && date > "2020", "{date}");
    }
}

#[test]
fn credits_are_those_of_the_project_and_of_the_inputs() {
    let results = json(&results().join("stac/results/collection.json"));
    assert_eq!(results["license"], "etalab-2.0");
    let names: Vec<&str> =
        results["providers"].as_array().unwrap().iter().map(|own| own["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["IGN", "Ville d'exemple & voisines"]);
}

/// Elements are closed in the order in which they were opened.
fn assert_well_formed(name: &str, xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in xml.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("{name}: a tag is not closed"));
        assert!(!text.contains('>'), "{name}: {text}");
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            assert!(
                ["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)),
                "{name}: &{entity}"
            );
        }
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') && !tag.starts_with('?') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{name}: {open:?}");
}

#[test]
fn records_are_well_formed_and_name_the_producer_the_licence_and_the_inputs() {
    let folder = results().join("metadata");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "xml") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert_well_formed(&path.display().to_string(), &text);
            let european = path.file_stem().is_some_and(|stem| stem == "imperviousness_3035");
            for word in [
                "Ville d'exemple &amp; voisines",
                "sig@exemple.fr",
                "Licence Ouverte 2.0",
                if european { "EPSG:3035" } else { "EPSG:2154" },
                "SHA-256",
            ] {
                assert!(text.contains(word), "{} lacks {word}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen} records");
    let catalogue = json(&folder.join("catalogue.jsonld"));
    let datasets = catalogue["dcat:dataset"].as_array().unwrap();
    assert_eq!(datasets.len(), seen);
    let ids: BTreeSet<&str> = datasets.iter().map(|own| own["dct:identifier"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), seen);
    for dataset in datasets {
        for file in dataset["dcat:distribution"].as_array().unwrap() {
            let href = file["dcat:downloadURL"]["@id"].as_str().unwrap();
            assert!(folder.join(href).is_file(), "{href}");
        }
    }
}

#[test]
fn every_table_has_a_schema_whose_fields_are_its_header() {
    let (mut folders, mut seen) = (vec![results()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "csv") {
                let schema = json(&path.with_extension("csv.schema.json"));
                let fields: Vec<&str> = schema["fields"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|field| field["name"].as_str().unwrap())
                    .collect();
                let table = ilot::formats::table::read(&path).unwrap();
                assert_eq!(table.names, fields, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen} tables");
}

#[test]
fn geopackages_bring_their_styles() {
    let mut seen = 0;
    for entry in std::fs::read_dir(results()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "gpkg") {
            let source = ilot::formats::vector::Source::open(&path).unwrap();
            let styles =
                source.find(Some("layer_styles")).unwrap_or_else(|_| panic!("{}: no styles", path.display()));
            let fields = &source.layers()[styles].fields;
            assert!(fields.iter().any(|field| field.name == "useAsDefault"));
            assert_eq!(source.layers()[styles].features, Some(source.layers().len() as u64 - 1));
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} packages");
}
