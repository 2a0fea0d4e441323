//! Folders that outlive their project: what other runs left there is not published, and labels say what is so.

use crate::harness::{command, ilot, points_of, text, write_part};
use ilot::sample::{self, SampleOptions};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const COVER: &str = "[input]\nlidar = [\"lidar\"]\n[output]\ndir = \"out\"\n[publish]\nattribution = \"Synthetic\"\n\
    [cover]\nirc = [\"ortho/irc.tif\"]\nzones = \"vectors/communes.gpkg\"\n[pmtiles]\n";
const SENSORS: &str =
    "[sensors]\nreadings = [\"readings.csv\"]\nstations = \"stations.csv\"\ncrs = \"EPSG:2154\"\n";

fn town() -> TempDir {
    let folder = TempDir::new().unwrap();
    let options = SampleOptions { size: (160.0, 160.0), density: 6.0, seed: 1 };
    let _ = sample::make(folder.path(), &options).unwrap();
    folder
}

/// Runs a project of these sections, in French; the folder of its results.
fn run(folder: &Path, sections: &[&str]) -> PathBuf {
    std::fs::write(folder.join("ilot.toml"), sections.concat()).unwrap();
    let ran = command(&["run", text(folder), "--lang", "fr"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    folder.join("out")
}

fn said(out: &Path, name: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(out.join(name)).unwrap()).into_owned()
}

fn json(out: &Path, name: &str) -> Value {
    serde_json::from_str(&said(out, name)).unwrap()
}

/// Names of the maps and layers of the page.
fn shown(out: &Path) -> Vec<String> {
    let page = said(out, "index.html");
    let island = page.split_once("id=\"run\">").unwrap().1.split_once("</script>").unwrap().0;
    let island: Value = serde_json::from_str(island).unwrap();
    let all = ["rasters", "layers"].map(|key| island[key].as_array().unwrap().clone()).concat();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn shows(out: &Path, name: &str) -> bool {
    shown(out).iter().any(|own| own == name)
}

/// Assets of the catalogue's results that are not as the files are.
fn wrong_assets(out: &Path) -> Vec<String> {
    let results = json(out, "stac/results/collection.json");
    let sized = results["assets"].as_object().unwrap().values().filter(|asset| asset["file:size"].is_u64());
    let wrong = sized.filter(|asset| {
        let path = out.join("stac/results").join(asset["href"].as_str().unwrap());
        std::fs::metadata(path).map(|file| file.len()).ok() != asset["file:size"].as_u64()
    });
    wrong.map(|asset| asset["href"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_a_run_no_longer_makes_is_left_out_and_named() {
    let folder = town();
    let heat = "[heat]\nzones = \"vectors/communes.gpkg\"\n";
    let out = run(folder.path(), &[COVER, SENSORS, heat, "[sky]\n"]);
    let first = json(&out, "run.json");
    assert!(!first["remarks"].to_string().contains("results of other runs"), "{}", first["remarks"]);
    for name in ["heat_zones", "sky_view", "heat_night", "cover_zones"] {
        assert!(shows(&out, name), "{name}");
    }
    assert!(said(&out, "report.html").contains("heat_zones.csv"));
    assert!(said(&out, "index.html").contains("comme la campagne"));

    // Neither zones nor sky, and no station of the country.
    let stations = said(folder.path(), "stations.csv").replace(",oui", ",non");
    std::fs::write(folder.path().join("stations.csv"), stations).unwrap();
    let out = run(folder.path(), &[COVER, SENSORS, "[heat]\n"]);
    let told = json(&out, "run.json")["remarks"].to_string();
    assert!(told.contains("results of other runs"), "{told}");
    let (report, results) = (said(&out, "report.html"), json(&out, "stac/results/collection.json"));
    for name in ["heat_zones", "sky_view"] {
        assert!(told.contains(name), "{told}");
        assert!(!shows(&out, name), "{name}");
        assert!(!said(&out, "ilot.qgz").contains(&format!("./{name}.")), "{name}");
        assert!(!report.contains(&format!("{name}.csv")), "{name}");
        assert!(!results["assets"].to_string().contains(name), "{name}");
        assert!(!out.join(format!("metadata/{name}.xml")).exists(), "{name}");
        assert!(out.join(format!("{name}.qml")).exists() || name == "heat_zones", "nothing is taken away");
    }
    for name in ["heat_night", "cover_zones"] {
        assert!(shows(&out, name), "{name}");
    }
    let labels =
        ["index.html", "ilot.qgz", "heat_night.qml", "pmtiles/heat_night.json", "metadata/heat_night.xml"];
    for name in labels {
        let text = said(&out, name);
        assert!(text.contains("médiane du réseau") || text.contains("median of the network"), "{name}");
        assert!(!text.contains("comme la campagne") && !text.contains("campagne de référence"), "{name}");
    }
    assert!(report.contains("0 K : comme la médiane du réseau"));

    // A run that finds all there took none of the energy of what it found.
    let taken = json(&out, "run.json")["energy_of_results"].clone();
    assert!(taken["watt_hours"].as_f64().is_some_and(|hours| hours > 0.0), "{taken}");
    let out = run(folder.path(), &[COVER, SENSORS, "[heat]\n"]);
    assert_eq!(json(&out, "run.json")["energy_of_results"], taken);
}

#[test]
fn what_commands_make_beside_a_run_is_published_and_leaves_its_catalogue_right() {
    let folder = town();
    let out = run(folder.path(), &[COVER]);
    let cloud = std::fs::read_dir(folder.path().join("lidar")).unwrap().next().unwrap().unwrap();
    let dated = |out: &Path| {
        let name = cloud.file_name().to_string_lossy().split('.').next().unwrap().to_owned();
        json(out, &format!("stac/clouds/{name}.json"))["properties"]["datetime"].clone()
    };
    let date = dated(&out);
    let surface = out.join("dsm.vrt");
    let ran = ilot(&["sky", text(&surface), "--out", text(&out), "--products", "sky_view"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(ilot(&["report", text(&out)]).code, Some(0));
    assert!(shows(&out, "sky_view"));

    let ran = ilot(&["pmtiles", text(&out)]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(wrong_assets(&out), [""; 0]);
    let listed = json(&out, "stac/results/collection.json")["assets"]["pmtiles_sky_view.pmtiles"].clone();
    assert!(listed["file:size"].is_u64(), "a new archive is listed");
    let credit = json(&out, "pmtiles/dtm.json")["attribution"].as_str().unwrap().to_owned();
    assert!(credit.starts_with("Synthetic"), "{credit}");

    // The same maps again: what was made beside them still stands; when the cloud was copied is no date of it.
    let file = std::fs::File::options().append(true).open(cloud.path()).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(981_158_400)).unwrap();
    drop(file);
    let out = run(folder.path(), &[COVER]);
    assert!(shows(&out, "sky_view"));
    assert_eq!(dated(&out), date);
    // Another surface: it is old.
    let out = run(folder.path(), &[COVER, "[elevation]\nspike_free = true\n"]);
    assert!(!shows(&out, "sky_view"));
    assert!(json(&out, "run.json")["remarks"].to_string().contains("sky_view"));
}

#[test]
fn a_commune_seen_in_part_says_of_how_much_its_figures_are() {
    let folder = town();
    let lidar = folder.path().join("lidar");
    let whole = std::fs::read_dir(&lidar).unwrap().next().unwrap().unwrap().path();
    let (cloud, points) = points_of(&whole);
    let extent = cloud.header().extent;
    let middle = (extent.west + extent.east) / 2.0;
    write_part(&lidar.join("west.laz"), &cloud, &points, |x, _| x < middle);
    drop(cloud);
    std::fs::remove_file(&whole).unwrap();
    let out = run(folder.path(), &[COVER]);
    let report = said(&out, "report.html");
    assert!(report.contains("du territoire, le reste est sans donnée"), "the card says it");
    assert!(report.contains("of the territory, the rest has no data"));
    assert!(said(&out, "index.html").contains("\"missing\":\"cover_missing\""), "the page can say it");
}
