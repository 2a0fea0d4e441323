//! The words of the command line: what goes in, what is said, which code comes out.

use crate::harness::{command, ilot, text, town};
use tempfile::TempDir;

#[test]
fn help_and_version_are_no_failure_and_nothing_at_all_is() {
    assert_eq!(ilot(&["--help"]).code, Some(0));
    assert_eq!(ilot(&["--version"]).out, concat!("ilot ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(ilot(&[]).code, Some(2));
    assert_eq!(ilot(&["fly"]).code, Some(2));
}

#[test]
fn help_speaks_the_language_asked_for() {
    assert!(ilot(&["surface", "--help", "--lang", "fr"]).out.contains("Dossier des résultats"));
    assert!(ilot(&["surface", "--help", "--lang", "en"]).out.contains("Folder of the results"));
    let french = command(&["surface", "--help"]).env("LC_ALL", "fr_FR.UTF-8").output().unwrap();
    assert!(String::from_utf8_lossy(&french.stdout).contains("Dossier des résultats"));
}

#[test]
fn a_project_is_written_checked_planned_and_never_overwritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ilot.toml");
    assert_eq!(ilot(&["init", text(folder.path())]).code, Some(0));
    assert_eq!(ilot(&["init", text(folder.path())]).code, Some(2));
    let project = std::fs::read_to_string(&path).unwrap();
    let lidar = town().join("lidar");
    std::fs::write(&path, project.replace("\"lidar\"", &format!("{:?}", text(&lidar)))).unwrap();
    let check = ilot(&["check", text(&path)]);
    assert_eq!(
        (check.code, check.out.as_str()),
        (Some(0), "1 usable cloud, 1 tile to make.\n"),
        "{}",
        check.err
    );
    let plan = ilot(&["plan", text(folder.path())]);
    assert_eq!(plan.code, Some(0));
    let stages: Vec<&str> = plan.out.lines().filter(|line| line.contains("→")).collect();
    let expected = [
        "  terrain: reads (ground points) → makes dtm, dtm_gap; looks 200 m far",
        "  surface: reads (highest points) → makes dsm; looks 2 m far",
        "  canopy: reads dsm, dtm → makes chm; looks 0 m far",
        "  density: reads (counts) → makes density; looks 0 m far",
        "  relief: reads dtm → makes slope, hillshade; looks 0.5 m far",
    ];
    assert_eq!(stages, expected, "{}", plan.out);
    assert!(!folder.path().join("out").exists(), "a plan writes nothing");
}

#[test]
fn the_town_s_own_project_runs_and_machines_can_follow() {
    let folder = TempDir::new().unwrap();
    let project = town().join("ilot.toml");
    let out = folder.path().join("out");
    let toml = std::fs::read_to_string(&project).unwrap();
    let lidar = town().join("lidar");
    let toml = toml
        .replace("\"lidar\"", &format!("{:?}", text(&lidar)))
        .replace("\"ortho/", &format!("\"{}/ortho/", text(town())))
        .replace("\"vectors/", &format!("\"{}/vectors/", text(town())))
        .replace("\"readings.csv", &format!("\"{}/readings.csv", text(town())))
        .replace("\"stations.csv", &format!("\"{}/stations.csv", text(town())))
        .replace("\"out\"", &format!("{:?}", text(&out)));
    let own = folder.path().join("ilot.toml");
    std::fs::write(&own, toml).unwrap();
    let ran = ilot(&["run", text(&own), "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let events: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.last().unwrap()["event"], "done");
    assert!(events.iter().any(|event| event["event"] == "made"));
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
    let tiled = [ilot::product::ELEVATION, ilot::product::LAND].concat();
    assert_eq!(report["products"].as_array().unwrap().len(), tiled.len());
    for spec in tiled {
        for ending in ["vrt", "qml", "sld"] {
            assert!(out.join(format!("{}.{ending}", spec.name)).exists(), "{}.{ending}", spec.name);
        }
    }
}

#[test]
fn info_says_what_a_file_is() {
    let cloud = ilot(&["info", text(&crate::harness::town_cloud())]);
    assert_eq!(cloud.code, Some(0), "{}", cloud.err);
    assert!(cloud.out.contains("point format 6") && cloud.out.contains("class 2"), "{}", cloud.out);
    let raster = ilot(&["info", text(&town().join("truth/dtm.tif"))]);
    assert!(raster.out.contains("cells of 0.5 m"), "{}", raster.out);
    assert_eq!(ilot(&["info", "/nowhere"]).code, Some(2));
}

#[test]
fn doctor_names_what_is_installed() {
    let ran = ilot(&["doctor"]);
    assert!(ran.out.contains("GDAL 3") && ran.out.contains("fr_ign_RAF20.tif"), "{}", ran.out);
}

#[test]
fn an_unknown_product_is_answered_with_the_known_ones() {
    let folder = TempDir::new().unwrap();
    let ran = ilot(&["surface", "x.laz", "--out", text(folder.path()), "--products", "mnt"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("mnt") && ran.err.contains("dtm, dsm, chm"), "{}", ran.err);
}

#[test]
fn a_slip_in_the_command_is_answered_in_the_language_spoken() {
    let french = ilot(&["surface", "x.laz", "--cell", "0,5", "--out", "o", "--lang", "fr"]);
    assert_eq!(french.code, Some(2));
    assert!(french.err.contains("« 0,5 » ne convient pas à --cell"), "{}", french.err);
    let english = ilot(&["surface", "x.laz", "--out", "o", "--bogus"]);
    assert!(english.err.contains("`--bogus` is no known option"), "{}", english.err);
    let machine = ilot(&["surface", "--json"]);
    assert_eq!(machine.code, Some(2));
    assert!(serde_json::from_str::<serde_json::Value>(&machine.out).is_ok(), "{}", machine.out);
}
