//! `ilot zan enaf`: Lyon's published path, the national sum, zones that are not communes, bad input.

use crate::harness::{Ran, data, ilot, text};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

type Table = HashMap<String, HashMap<String, String>>;

/// A table by its first column, each row by its columns.
fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), names.len(), "{line}");
        let row = names.iter().zip(&cells).map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned()));
        (cells[0].to_owned(), row.collect())
    };
    lines.map(row).collect()
}

#[track_caller]
fn near(found: &str, wanted: f64, within: f64) {
    let number: f64 = found.parse().unwrap_or(f64::NAN);
    assert!((number - wanted).abs() <= within, "{found} is not {wanted}");
}

fn enaf(words: &[&str], table: &Path, out: &Path) -> Ran {
    ilot(&[&["zan", "enaf", "--table", text(table)], words, &["--out", text(out)]].concat())
}

/// What was published of a commune of Lyon.
struct Published {
    code: String,
    /// m² by year, 2009 to 2023.
    years: Vec<f64>,
    details: serde_json::Value,
}

fn lyon(data: &Path) -> Vec<Published> {
    let text = std::fs::read_to_string(data.join("zan/reference/lyon_expected.csv")).unwrap();
    let rows = text.lines().skip(1).filter(|line| line.starts_with("COMM,"));
    rows.map(|line| {
        let (plain, details) = line.split_once(",\"{").unwrap();
        let cells: Vec<&str> = plain.rsplitn(16, ',').collect();
        let details = format!("{{{}", details.trim_end_matches('"').replace("\"\"", "\""));
        Published {
            code: line.split(',').nth(1).unwrap().to_owned(),
            years: cells[..15].iter().rev().map(|cell| cell.parse().unwrap()).collect(),
            details: serde_json::from_str(&details).unwrap(),
        }
    })
    .collect()
}

/// The same as Cerema writes it.
fn as_cerema(communes: &[Published], folder: &Path) -> PathBuf {
    let mut text = "idcom,epci23,epci23txt".to_owned();
    (9..=23).for_each(|year| write!(text, ",naf{year:02}art{:02}", year + 1).unwrap());
    for commune in communes {
        write!(text, "\n{},200046977,Métropole de Lyon", commune.code).unwrap();
        commune.years.iter().for_each(|area| write!(text, ",{area}").unwrap());
    }
    let path = folder.join("conso-com.csv");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn lyon_is_on_the_path_that_was_published() {
    let Some(data) = data() else { return };
    let folder = TempDir::new().unwrap();
    let communes = lyon(&data);
    assert_eq!(communes.len(), 58);
    let path = as_cerema(&communes, folder.path());
    let out = folder.path().join("out");
    let ran = enaf(&["--group", "epci23"], &path, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let zones = table(&out.join("zan_enaf.csv"));
    for commune in &communes {
        let row = &zones[&commune.code];
        let published = |name: &str| commune.details[name].as_f64().unwrap();
        near(&row["reference_ha"], published("conso_2011_2020"), 1e-6);
        near(&row["since_ha"], published("conso_since_2021"), 1e-6);
        near(&row["allowed_ha"], published("allowed_conso_2021_2030"), 1e-6);
        near(&row["used_pct"], published("current_percent_use"), 1e-6);
        // What was published is over nine years; the period has ten.
        near(&row["projected_ha"], published("projected_conso_2030") / 9.0 * 10.0, 2e-6);
        let raised = commune.details["allowed_conso_raised_to_1ha_2021_2030"].as_bool().unwrap();
        assert_eq!(row["raised"], if raised { "1" } else { "0" }, "{}", commune.code);
    }
    // V7: Saint-Fons.
    near(&zones["69199"]["reference_ha"], 0.6675, 1e-9);
    near(&zones["69199"]["allowed_ha"], 1.0, 1e-9);
    // V6: the whole.
    let group = &table(&out.join("zan_enaf_groups.csv"))["200046977"];
    near(&group["reference_ha"], 827.7454, 1e-6);
    near(&group["since_ha"], 149.8944, 1e-6);
    near(&group["allowed_ha"], 413.8727, 1e-6);
    near(&group["used_pct"], 36.2175, 5e-5);
    near(&group["projected_ha"], 499.648, 5e-6);
    near(&group["projected_pct"], 120.72, 6e-3);
    assert_eq!((&*group["communes"], &*group["zone_name"]), ("58", "Métropole de Lyon"));
    assert!(ran.err.contains("the last year (2023) is provisional"), "{}", ran.err);
    assert!(ran.err.contains("the floor of 1 ha is applied to every commune"), "{}", ran.err);
}

#[test]
fn periods_rate_and_floor_are_words() {
    let Some(data) = data() else { return };
    let folder = TempDir::new().unwrap();
    let path = as_cerema(&lyon(&data), folder.path());
    let out = folder.path().join("out");
    let words = [
        "--group",
        "epci23",
        "--reference",
        "2009:2018",
        "--target",
        "2019:2034",
        "--rate",
        "0.5447",
        "--floor",
        "0",
    ];
    let ran = enaf(&words, &path, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let communes = lyon(&data);
    let sum = |years: std::ops::Range<usize>| -> f64 {
        communes.iter().flat_map(|commune| &commune.years[years.clone()]).sum::<f64>() / 1e4
    };
    let group = &table(&out.join("zan_enaf_groups.csv"))["200046977"];
    near(&group["allowed_ha"], sum(0..10) * (1.0 - 0.5447), 1e-6);
    near(&group["projected_ha"], sum(10..15) / 5.0 * 16.0, 1e-5);
    assert_eq!(table(&out.join("zan_enaf.csv"))["69199"]["raised"], "0");
    let run = std::fs::read_to_string(out.join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["settings"]["enaf"]["rate"], 0.5447);
}

/// V9: what Cerema published for 2023 is the sum of as many communes, by purpose too.
#[test]
fn the_national_sum_is_exact() {
    let folder = TempDir::new().unwrap();
    let mut text =
        "idcom;surfcom2024;naf23art24;art23act24;art23hab24;art23mix24;art23rou24;art23fer24;art23inc24"
            .to_owned();
    // 34,800 communes whose parts are whole square metres: 19,263 ha, 63 % for housing and 23 % for activity.
    let (total, housing, activity) = (192_630_000_u64, 121_356_900, 44_304_900);
    let communes = 34_800;
    let part = |whole: u64, number: u64| whole * (number + 1) / communes - whole * number / communes;
    for number in 0..communes {
        let (all, hab, act) = (part(total, number), part(housing, number), part(activity, number));
        let rest = all as i64 - hab as i64 - act as i64;
        write!(text, "\n{:05};15000000;{all};{act};{hab};0;0;0;{rest}", 1000 + number).unwrap();
    }
    let path = folder.path().join("conso-com.csv");
    std::fs::write(&path, text).unwrap();
    let out = folder.path().join("out");
    let words = ["--reference", "2023:2023", "--target", "2024:2024", "--json"];
    let ran = enaf(&words, &path, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let run = std::fs::read_to_string(out.join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["totals"]["enaf"]["inside_the_zones"]["reference_ha"], 19_263.0);
    let rows = table(&out.join("zan_enaf.csv"));
    let sum = |column: &str| rows.values().map(|row| row[column].parse::<f64>().unwrap()).sum::<f64>();
    assert!((sum("reference_housing_ha") / 19_263.0 - 0.63).abs() < 1e-6);
    assert!((sum("reference_activity_ha") / 19_263.0 - 0.23).abs() < 1e-6);
    assert!(!ran.out.contains("sums are not those of their parts"), "{}", ran.out);
}

#[test]
fn what_is_missing_is_told_and_never_zero() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let mut header = "idcom,epci25".to_owned();
    (12..=23).for_each(|year| write!(header, ",naf{year:02}art{:02}", year + 1).unwrap());
    let row = |code: &str, gap: usize| {
        let cells = (0..12).map(|year| if year == gap { String::new() } else { "10000".to_owned() });
        format!("\n{code},E,{}", cells.collect::<Vec<_>>().join(","))
    };
    // 2011 is not there; of one commune neither is 2022.
    let path = write("conso.csv", &format!("{header}{}{}", row("33001", 99), row("33002", 10)));
    let zones = write(
        "zones.geojson",
        r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"code":"33001"},"geometry":{"type":"Polygon","coordinates":[[[0,45],[0.01,45],[0.01,45.01],[0,45]]]}},
        {"type":"Feature","properties":{"code":"33002"},"geometry":{"type":"Polygon","coordinates":[[[1,45],[1.01,45],[1.01,45.01],[1,45]]]}},
        {"type":"Feature","properties":{"code":"E"},"geometry":{"type":"Polygon","coordinates":[[[2,45],[2.01,45],[2.01,45.01],[2,45]]]}},
        {"type":"Feature","properties":{"code":"33999"},"geometry":{"type":"Polygon","coordinates":[[[3,45],[3.01,45],[3.01,45.01],[3,45]]]}}]}"#,
    );
    let lambert = folder.path().join("zones.gpkg");
    let done = std::process::Command::new("ogr2ogr")
        .args([text(&lambert), text(&zones), "-t_srs", "EPSG:2154"])
        .status();
    if !done.is_ok_and(|status| status.success()) {
        eprintln!("skipped: ogr2ogr is not there");
        return;
    }
    let out = folder.path().join("out");
    let ran = enaf(&["--zones", text(&lambert)], &path, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let rows = table(&out.join("zan_enaf.csv"));
    let cell = |zone: &str, column: &str| rows[zone][column].clone();
    assert_eq!(
        (cell("33001", "allowed_ha"), cell("33001", "missing_years")),
        (String::new(), "2011".to_owned())
    );
    assert_eq!((cell("33001", "since_ha"), cell("33001", "years")), ("3".to_owned(), "3".to_owned()));
    assert_eq!((cell("33002", "since_ha"), cell("33002", "years")), ("2".to_owned(), "2".to_owned()));
    assert_eq!(cell("33002", "missing_years"), "2011 2022");
    // The year that one commune lacks is not known of both together.
    assert_eq!((cell("E", "communes"), cell("E", "since_ha")), ("2".to_owned(), "4".to_owned()));
    assert_eq!((cell("33999", "since_ha"), cell("33999", "communes")), (String::new(), "0".to_owned()));
    for words in ["1 zone without a row in the table", "years are missing (2011 for 33001"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let bad = enaf(&["--rate", "50"], &path, &out);
    assert!(bad.code == Some(2) && bad.err.contains("--rate 50 is not between 0 and 1"), "{}", bad.err);
    let bad = enaf(&["--reference", "2011-2020"], &path, &out);
    assert!(bad.code == Some(2) && bad.err.contains("write for example 2011:2020"), "{}", bad.err);
    let bad = enaf(&["--group", "canton"], &path, &out);
    assert!(bad.code == Some(2) && bad.err.contains("no column \"canton\""), "{}", bad.err);
}
