//! Dates that differ, are several or are missing, and files that say something wrong: told, and the sums close.

use crate::harness::text;
use crate::zan::{OCSGE, around, communes, metres, near, ring, square, table, write, zan};
use geo::Geometry;
use ilot::formats::crs::Crs;
use ilot::formats::vector::{Feature, Field, FieldKind, Layer, Value, encode_gpkg};
use std::collections::HashMap;
use std::path::Path;
use tempfile::TempDir;

type Row = HashMap<String, String>;

/// Rows of a table, in order.
fn rows(out: &Path, name: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(out.join(format!("{name}.csv"))).unwrap();
    let mut lines = text.lines();
    let names: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
    lines.map(|line| names.iter().cloned().zip(line.split(',').map(str::to_owned)).collect()).collect()
}

/// Every identity that was checked holds to a square metre.
fn closed(out: &Path) {
    let run = std::fs::read_to_string(out.join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    let closures = run["closures"].as_array().unwrap();
    assert!(closures.len() >= 3);
    for closure in closures {
        assert!(closure["worst_m2"].as_f64().unwrap() < 1e-3, "{closure}");
    }
}

const FIELD: [&str; 2] = ["CS2.2.1", "US1.1"];
const TOWN: [&str; 2] = ["CS1.1.1.1", "US5"];

/// Fields from west to east, and a town in them as wide as is asked.
fn state(path: &Path, west: f64, east: f64, town: f64, year: &str) {
    let (field, built): (&[&str], &[&str]) = (&[FIELD[0], FIELD[1], year], &[TOWN[0], TOWN[1], year]);
    let mut all = vec![(square(west + town, 0.0, east, 100.0), field)];
    if town > 0.0 {
        all.push((square(west, 0.0, west + town, 100.0), built));
    }
    write(path, &OCSGE, &all, true);
}

#[test]
fn rates_are_over_each_departements_own_interval() {
    let folder = TempDir::new().unwrap();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    for folder in [&first, &second] {
        std::fs::create_dir(folder).unwrap();
    }
    state(&first.join("OCCUPATION_D033_2018.gpkg"), 0.0, 1000.0, 0.0, "2018");
    state(&first.join("OCCUPATION_D040_2017.gpkg"), 1000.0, 2000.0, 10.0, "2017");
    state(&second.join("OCCUPATION_D033_2021.gpkg"), 0.0, 1000.0, 60.0, "2021");
    state(&second.join("OCCUPATION_D040_2022.gpkg"), 1000.0, 2000.0, 110.0, "2022");
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 1000.0, 100.0), &["33001", "A"]),
            (square(1000.0, 0.0, 2000.0, 100.0), &["40001", "B"]),
            (square(0.0, 0.0, 2000.0, 100.0), &["200000001", "both"]),
        ],
    );
    let out = folder.path().join("out");
    let ran = zan(&["--t1", text(&first), "--t2", text(&second)], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let flux = table(&out, "zan_flux");
    let cell = |zone: &str, column: &str| flux[zone][column].as_str();
    near(metres(&flux, "33001", "net_ha_per_year"), 6000.0 / 3.0, 1e-3);
    near(metres(&flux, "40001", "net_ha_per_year"), 10_000.0 / 5.0, 1e-3);
    near(metres(&flux, "200000001", "net_ha"), 16_000.0, 1e-3);
    near(metres(&flux, "200000001", "net_ha_per_year"), 2000.0 + 2000.0, 1e-3);
    assert_eq!((cell("40001", "from"), cell("40001", "to"), cell("40001", "years")), ("2017", "2022", "5"));
    assert_eq!((cell("200000001", "from"), cell("200000001", "to")), ("2017+2018", "2021+2022"));
    assert_eq!(cell("200000001", "years"), "");
    closed(&out);
}

#[test]
fn three_dates_give_three_states_and_two_fluxes() {
    let folder = TempDir::new().unwrap();
    let paths = ["2015", "2018", "2021"].map(|year| folder.path().join(format!("ocs_{year}.gpkg")));
    for (path, (town, year)) in paths.iter().zip([(10.0, "2015"), (40.0, "2018"), (30.0, "2021")]) {
        state(path, 0.0, 1000.0, town, year);
    }
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 1000.0, 100.0), &["22001", "A"])]);
    let people = folder.path().join("people.csv");
    std::fs::write(&people, "codgeo;P15_POP;P18_POP;P21_POP\n22001;1000;1100;1100\n").unwrap();
    let out = folder.path().join("out");
    let [a, b, c] = paths.each_ref().map(|path| text(path));
    let days = ["--date1", "2015-07-01", "--date2", "2018-01-01", "--date2", "2021-01-01"];
    let words = ["--t1", a, "--t2", b, "--t2", c, "--population", text(&people)];
    let ran = zan(&[&words[..], &days].concat(), &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let (states, fluxes) = (rows(&out, "zan_state"), rows(&out, "zan_flux"));
    let number = |row: &Row, column: &str| row[column].parse::<f64>().unwrap();
    let dates: Vec<&str> = states.iter().map(|row| row["date"].as_str()).collect();
    assert_eq!(dates, ["2015-07-01", "2018-01-01", "2021-01-01"]);
    assert_eq!(states.iter().map(|row| number(row, "artif_ha")).collect::<Vec<_>>(), [0.1, 0.4, 0.3]);
    assert_eq!(fluxes.len(), 2);
    // From 1 July 2015 to 1 January 2018: 2 years and 184 of 365 days.
    let years = 2.0 + 184.0 / 365.0;
    near(number(&fluxes[0], "years"), years, 1e-9);
    near(number(&fluxes[0], "net_ha_per_year"), 0.3 / years, 1e-8);
    near(number(&fluxes[1], "net_ha_per_year"), -0.1 / 3.0, 1e-8);
    // People: 1000 to 1100 in three years; the population of 2015 is nearest to July 2015.
    let growth = 1.1_f64.ln() / 3.0;
    near(number(&fluxes[0], "lcr"), 0.3 / 0.1 / years, 1e-7);
    near(number(&fluxes[0], "lcrpgr"), 0.3 / 0.1 / years / growth, 1e-5);
    near(number(&fluxes[0], "lcrpgr_former"), 4.0_f64.ln() / years / growth, 1e-5);
    assert_eq!(fluxes[1]["lcrpgr"], "", "the population did not change");
    closed(&out);
}

#[test]
fn a_date_that_lacks_half_of_a_zone_takes_that_half_out_of_the_flux() {
    let folder = TempDir::new().unwrap();
    let [first, second] = ["ocs_2018.gpkg", "ocs_2021.gpkg"].map(|name| folder.path().join(name));
    state(&first, 0.0, 1000.0, 10.0, "2018");
    state(&second, 0.0, 500.0, 30.0, "2021");
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 1000.0, 100.0), &["22001", "A"])]);
    let out = folder.path().join("out");
    let ran = zan(&["--t1", text(&first), "--t2", text(&second)], &zones, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("covered in part only at one date at least (22001)"), "{}", ran.err);
    let flux = table(&out, "zan_flux");
    near(metres(&flux, "22001", "gain_ha"), 2000.0, 1e-3);
    near(metres(&flux, "22001", "one_date_ha"), 50_000.0, 1e-3);
    near(metres(&flux, "22001", "stock_to_ha"), 3000.0, 1e-3);
    near(metres(&table(&out, "zan_state"), "22001", "nodata_ha"), 50_000.0, 1e-3);
    closed(&out);
}

/// A layer whose file says another CRS than that of its coordinates.
fn in_degrees(path: &Path) {
    let layer = Layer {
        crs: Some(Crs::from_epsg(4326, None).unwrap()),
        fields: OCSGE.iter().map(|name| Field { name: (*name).to_owned(), kind: FieldKind::Text }).collect(),
        features: vec![Feature {
            geometry: square(0.0, 0.0, 100.0, 100.0),
            values: ["CS1.1.1.1", "US5", "2018"].map(|word| Value::Text(word.to_owned())).to_vec(),
        }],
    };
    std::fs::write(path, encode_gpkg(&[("ocs_2018", &layer)]).unwrap()).unwrap();
}

#[test]
fn a_wrong_crs_is_refused_unless_the_right_one_is_given() {
    let folder = TempDir::new().unwrap();
    let (wrong, out) = (folder.path().join("ocs_2018.gpkg"), folder.path().join("out"));
    in_degrees(&wrong);
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 100.0, 100.0), &["22001", "A"])]);
    let ran = zan(&["--t1", text(&wrong)], &zones, &out);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let ran = zan(&["--t1", text(&wrong), "--crs", "EPSG:2154"], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("where its coordinates cannot be"), "{}", ran.err);
    near(metres(&table(&out, "zan_state"), "22001", "artif_ha"), 10_000.0, 1e-3);
}

#[test]
fn zones_that_overlap_or_cross_are_told_and_the_total_counts_once() {
    let folder = TempDir::new().unwrap();
    let first = folder.path().join("ocs_2018.gpkg");
    let built: &[&str] = &["CS1.1.1.1", "US5", "2018"];
    let field: &[&str] = &["CS2.2.1", "US1.1", "2018"];
    let hole = [20.0, 20.0, 60.0, 60.0];
    // A bow tie and a polygon twice among the data, too.
    let tie = ring(&[(200.0, 0.0), (300.0, 100.0), (300.0, 0.0), (200.0, 100.0), (200.0, 0.0)]);
    let all: Vec<(Geometry<f64>, &[&str])> = vec![
        (square(20.0, 20.0, 60.0, 60.0), built),
        (square(20.0, 20.0, 60.0, 60.0), field),
        (around([0.0, 0.0, 200.0, 100.0], hole), field),
        (tie, built),
    ];
    write(&first, &OCSGE, &all, true);
    let crossing = ring(&[(200.0, 0.0), (300.0, 100.0), (300.0, 0.0), (200.0, 100.0), (200.0, 0.0)]);
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 100.0, 100.0), &["22001", "A"]),
            (square(50.0, 0.0, 200.0, 100.0), &["22002", "B"]),
            (crossing, &["22003", "tie"]),
        ],
    );
    let out = folder.path().join("out");
    let ran = zan(&["--t1", text(&first), "--json"], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for words in
        ["zones overlap over 5,000.00 m²", "1 zones are not valid", "polygons overlap over 1,600.00 m²"]
    {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let state = table(&out, "zan_state");
    near(metres(&state, "22001", "artif_ha"), 1600.0, 1e-3);
    near(metres(&state, "22002", "artif_ha"), 400.0, 1e-3);
    near(metres(&state, "22003", "artif_ha"), 5000.0, 1e-3);
    let done: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    near(done["totals"]["state 2018"]["inside_the_zones"]["artif_ha"].as_f64().unwrap(), 0.66, 1e-7);
    closed(&out);
}
