//! `ilot zan`: published figures of real places, cases known by hand, the sample town, bad input.

use crate::harness::{Ran, data, ilot, text};
use geo::{Geometry, LineString, Polygon};
use ilot::formats::crs::Crs;
use ilot::formats::vector::{Feature, Field, FieldKind, Layer, Source, Value, encode_gpkg};
use ilot::sample::{self, SampleOptions};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// South-west corner of made-up places, Lambert-93.
const CORNER: (f64, f64) = (700_000.0, 6_600_000.0);

pub(crate) fn ring(corners: &[(f64, f64)]) -> Geometry<f64> {
    let at = |(x, y): &(f64, f64)| (CORNER.0 + x, CORNER.1 + y);
    Geometry::Polygon(Polygon::new(LineString::from(corners.iter().map(at).collect::<Vec<_>>()), vec![]))
}

pub(crate) fn square(west: f64, south: f64, east: f64, north: f64) -> Geometry<f64> {
    ring(&[(west, south), (east, south), (east, north), (west, north), (west, south)])
}

/// A field with a hole.
pub(crate) fn around(outer: [f64; 4], hole: [f64; 4]) -> Geometry<f64> {
    let (Geometry::Polygon(outer), Geometry::Polygon(hole)) =
        (square(outer[0], outer[1], outer[2], outer[3]), square(hole[0], hole[1], hole[2], hole[3]))
    else {
        unreachable!("both are polygons")
    };
    Geometry::Polygon(Polygon::new(outer.exterior().clone(), vec![hole.exterior().clone()]))
}

/// Writes features whose values are words; an empty one is no value.
pub(crate) fn write(path: &Path, fields: &[&str], rows: &[(Geometry<f64>, &[&str])], crs: bool) {
    let value = |word: &&str| if word.is_empty() { Value::Null } else { Value::Text((*word).to_owned()) };
    let layer = Layer {
        crs: crs.then(|| Crs::from_epsg(2154, None).unwrap()),
        fields: fields.iter().map(|name| Field { name: (*name).to_owned(), kind: FieldKind::Text }).collect(),
        features: rows
            .iter()
            .map(|(geometry, words)| Feature {
                geometry: geometry.clone(),
                values: words.iter().map(value).collect(),
            })
            .collect(),
    };
    let name = path.file_stem().unwrap().to_str().unwrap();
    std::fs::write(path, encode_gpkg(&[(name, &layer)]).unwrap()).unwrap();
}

pub(crate) const OCSGE: [&str; 3] = ["code_cs", "code_us", "millesime"];

pub(crate) fn communes(folder: &Path, rows: &[(Geometry<f64>, &[&str])]) -> PathBuf {
    let path = folder.join("communes.gpkg");
    write(&path, &["code_insee", "nom"], rows, true);
    path
}

/// A table by the code of its zones (the last row of each), and each row by its columns.
pub(crate) fn table(out: &Path, name: &str) -> HashMap<String, HashMap<String, String>> {
    let text = std::fs::read_to_string(out.join(format!("{name}.csv"))).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| -> (String, HashMap<String, String>) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), names.len(), "{line}");
        let row: HashMap<String, String> =
            names.iter().zip(&cells).map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect();
        (row["zone_id"].clone(), row)
    };
    lines.map(row).collect()
}

/// A column of areas, m².
pub(crate) fn metres(table: &HashMap<String, HashMap<String, String>>, zone: &str, column: &str) -> f64 {
    table[zone][column].parse::<f64>().unwrap_or(f64::NAN) * 1e4
}

#[track_caller]
pub(crate) fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} is not {wanted}");
}

pub(crate) fn zan(words: &[&str], zones: &Path, out: &Path) -> Ran {
    ilot(&[&["zan"], words, &["--zones", text(zones), "--out", text(out)]].concat())
}

#[test]
fn the_arcachon_basin_is_as_published() {
    let Some(data) = data() else { return };
    let folder = TempDir::new().unwrap();
    let changes = data.join("zan/sybarval/A_B_2015_2018.shp");
    let zones = data.join("zan/sybarval/communes_sybarval.gpkg");
    let base = ["--diff", text(&changes), "--definition", "delivered"];
    let ran = zan(&base, &zones, folder.path());
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--crs EPSG:2154"), "{}", ran.err);
    let ran = zan(&[&base[..], &["--crs", "EPSG:2154", "--json"]].concat(), &zones, folder.path());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let done: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    let totals = &done["totals"]["flux 2015 2018"];
    near(totals["all_data"]["gain_ha"].as_f64().unwrap(), 349.741, 5e-4);
    near(totals["inside_the_zones"]["gain_ha"].as_f64().unwrap(), 349.728, 5e-4);
    let flux = table(folder.path(), "zan_flux");
    let published = std::fs::read_to_string(data.join("zan/reference/arcachon_expected.csv")).unwrap();
    for line in published.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let gain = metres(&flux, cells[0], "gain_ha") / 1e4;
        near(gain, cells[5].parse().unwrap(), 0.503);
        near(gain, cells[6].parse().unwrap(), 5.1e-4);
    }
    let base = ["--diff", text(&changes), "--definition", "decree", "--crs", "EPSG:2154", "--json"];
    let ran = zan(&base, &zones, folder.path());
    let done: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    let all = &done["totals"]["flux 2015 2018"]["all_data"];
    near(all["gain_ha"].as_f64().unwrap(), 219.07, 5e-3);
    near(all["stayed_artificial_ha"].as_f64().unwrap(), 105.20, 5e-3);
    near(all["stayed_other_ha"].as_f64().unwrap(), 25.47, 5e-3);
}

#[test]
fn the_published_table_of_lyon_holds_the_identities() {
    let Some(data) = data() else { return };
    let text = std::fs::read_to_string(data.join("zan/reference/lyon_expected.csv")).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .filter(|line| line.starts_with("COMM,"))
        .map(|line| line.split(',').skip(3).take(11).map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
        .collect();
    assert_eq!(rows.len(), 58);
    let sum = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>();
    for (column, wanted) in
        [(0, 53_745.542_5), (1, 30_424.226_9), (2, 30_573.516_1), (3, 201.837_3), (4, 52.599), (5, 149.238_3)]
    {
        near(sum(column), wanted, 1e-3);
    }
    near(sum(7), 17_330.282, 1e-3);
    near(sum(8), 17_664.556, 1e-3);
    for row in &rows {
        near(row[3] - row[4], row[5], 1e-6);
        near(row[2] - row[1], row[5], 0.0136);
    }
}

#[test]
fn areas_are_apportioned_by_geometry_and_by_the_attribute() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("artif_2018_22.gpkg");
    let rows: [(Geometry<f64>, &[&str]); 4] = [
        (square(20.0, 20.0, 40.0, 40.0), &["CS1.1.1.1", "US5", "artif", "400"]),
        (square(80.0, 20.0, 120.0, 60.0), &["CS1.1.1.1", "US5", "artif", "1600"]),
        (square(150.0, 50.0, 170.0, 70.0), &["CS2.1.1.1", "US6.3", "non artif", "400"]),
        (square(30.0, 70.0, 50.0, 90.0), &["CS1.1.1.1", "US5", "artif", "600"]),
    ];
    let layer = Layer {
        crs: Some(Crs::from_epsg(2154, None).unwrap()),
        fields: ["code_cs", "code_us", "artif"]
            .iter()
            .map(|name| Field { name: (*name).to_owned(), kind: FieldKind::Text })
            .chain([Field { name: "aire".to_owned(), kind: FieldKind::Real }])
            .collect(),
        features: rows
            .iter()
            .map(|(geometry, words)| Feature {
                geometry: geometry.clone(),
                values: words[..3]
                    .iter()
                    .map(|word| Value::Text((*word).to_owned()))
                    .chain([Value::Real(words[3].parse().unwrap())])
                    .collect(),
            })
            .collect(),
    };
    std::fs::write(&state, encode_gpkg(&[("artif_2018_22", &layer)]).unwrap()).unwrap();
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 100.0, 100.0), &["22001", "A"]),
            (square(100.0, 0.0, 200.0, 100.0), &["22002", "B"]),
        ],
    );
    let out = folder.path().join("out");
    let ran = zan(&["state", "--ocsge", text(&state), "--mode", "ign"], &zones, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let state = table(&out, "zan_state");
    near(metres(&state, "22001", "artif_ha"), 1600.0, 1e-3);
    near(metres(&state, "22002", "artif_ha"), 800.0, 1e-3);
    near(metres(&state, "22001", "artif_attribute_ha"), 1800.0, 1e-2);
    near(metres(&state, "22002", "artif_attribute_ha"), 800.0, 1e-2);
    assert!(ran.err.contains("agreement with the attribute"), "{}", ran.err);
    assert!(out.join("zan_polygons.gpkg").exists() && !out.join("zan_flux.csv").exists());
}

/// Both dates and the communes of a town that is large enough to change, made once.
pub(crate) fn town() -> [PathBuf; 3] {
    static TOWN: OnceLock<TempDir> = OnceLock::new();
    let folder = TOWN.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let options = SampleOptions { size: (420.0, 420.0), density: 0.1, seed: 1 };
        let _ = sample::make(folder.path(), &options).unwrap();
        folder
    });
    ["ocsge_2018", "ocsge_2021", "communes"].map(|name| folder.path().join(format!("vectors/{name}.gpkg")))
}

#[test]
fn every_change_of_the_sample_town_is_found() {
    let folder = TempDir::new().unwrap();
    let [first, second, zones] = town();
    let out = folder.path().join("zan");
    let ran = zan(&["flux", "--before", text(&first), "--after", text(&second)], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let (state, flux) = (table(&out, "zan_state"), table(&out, "zan_flux"));
    let truth = |name: &str| std::fs::read_to_string(zones.with_file_name("../truth").join(name)).unwrap();
    let mut changed = 0.0;
    for line in truth("zan_flux.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let columns =
            [(3, "gain_ha"), (4, "loss_ha"), (5, "net_ha"), (6, "imper_gain_ha"), (7, "imper_loss_ha")];
        for (place, column) in columns {
            let wanted: f64 = cells[place].parse().unwrap();
            changed += wanted.abs();
            near(metres(&flux, cells[0], column), wanted, 2e-3);
        }
        assert_eq!((&*flux[cells[0]]["from"], &*flux[cells[0]]["years"]), ("2018", "3"));
    }
    assert!(changed > 100.0, "the town changes");
    for line in truth("zan_state.csv").lines().skip(1).filter(|line| line.contains(",2021,")) {
        let cells: Vec<&str> = line.split(',').collect();
        for (place, column) in [(2, "zone_ha"), (3, "artif_ha"), (4, "imper_ha")] {
            near(metres(&state, cells[0], column), cells[place].parse().unwrap(), 2e-3);
        }
    }
    let changes = Source::open(&out.join("zan_changes.gpkg")).unwrap();
    assert!(!changes.read(0, None).unwrap().0.features.is_empty());
}

#[test]
fn thresholds_act_before_communes_cut_and_say_why() {
    // A yard of 2,499 m² and one of 2,500 m² in a field, on the border of two communes.
    let folder = TempDir::new().unwrap();
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 500.0, 400.0), &["22001", "A"]),
            (square(500.0, 0.0, 1000.0, 400.0), &["22002", "B"]),
        ],
    );
    for (high, wanted) in [(49.98, 0.0), (50.0, 1250.0)] {
        let hole = [475.0, 100.0, 525.0, 100.0 + high];
        let state = folder.path().join("occupation_2021.gpkg");
        let rows: [(Geometry<f64>, &[&str]); 2] = [
            (square(hole[0], hole[1], hole[2], hole[3]), &["CS1.1.2.1", "US5", "2021"]),
            (around([0.0, 0.0, 1000.0, 400.0], hole), &["CS2.2.1", "US1.1", "2021"]),
        ];
        write(&state, &OCSGE, &rows, true);
        let out = folder.path().join("out");
        let ran = zan(&["--t1", text(&state), "--mode", "recompute"], &zones, &out);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let table = table(&out, "zan_state");
        near(metres(&table, "22001", "artif_ha"), wanted, 1e-3);
        near(metres(&table, "22001", "artif_matrix_ha"), 25.0 * high, 1e-3);
        let polygons = Source::open(&out.join("zan_polygons.gpkg")).unwrap().read(0, None).unwrap().0;
        let motif = polygons.field("motif").unwrap();
        let word = if wanted == 0.0 { "seuil_2500_vers_N" } else { "matrice" };
        assert_eq!(polygons.features[0].values[motif], Value::Text(word.to_owned()));
    }
}

#[test]
fn exemptions_are_shown_with_and_without() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 400.0, 100.0), &["22001", "A"])]);
    let state = folder.path().join("ocs_2021.gpkg");
    let rows: [(Geometry<f64>, &[&str]); 2] = [
        (square(0.0, 0.0, 200.0, 100.0), &["CS2.2.1", "US3", "2021"]),
        (square(200.0, 0.0, 400.0, 100.0), &["CS1.1.2.1", "US2", "2021"]),
    ];
    write(&state, &OCSGE, &rows, true);
    let (parks, pv) = (folder.path().join("parks.gpkg"), folder.path().join("pv.gpkg"));
    let all: &[&str] = &["x"];
    // Of the parks, one is too small.
    let own = [(square(0.0, 0.0, 52.0, 50.0), all), (square(100.0, 0.0, 148.0, 50.0), all)];
    write(&parks, &["nom"], &own, true);
    write(&pv, &["nom"], &[(square(300.0, 0.0, 400.0, 100.0), all)], true);
    let out = folder.path().join("out");
    let words = ["--t1", text(&state), "--exempt-parks", text(&parks), "--exempt-pv", text(&pv)];
    let ran = zan(&words, &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let table = table(&out, "zan_state");
    near(metres(&table, "22001", "artif_ha"), 40_000.0, 1e-3);
    near(metres(&table, "22001", "exempt_park_ha"), 2600.0, 1e-3);
    near(metres(&table, "22001", "exempt_pv_ha"), 10_000.0, 1e-3);
    near(metres(&table, "22001", "artif_with_exemptions_ha"), 27_400.0, 1e-3);
}

#[test]
fn bad_input_is_counted_and_named_and_the_sums_close() {
    let folder = TempDir::new().unwrap();
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 100.0, 100.0), &["22001", "A"]),
            (square(100.0, 0.0, 200.0, 100.0), &["22002", "B"]),
            (square(5000.0, 0.0, 5100.0, 100.0), &["22003", "far"]),
        ],
    );
    let (first, second) = (folder.path().join("ocs_2018.gpkg"), folder.path().join("ocs_2021.gpkg"));
    // At the first date: an overlap, a bow tie, an unknown code, a gap. The second date covers A alone.
    let tie = ring(&[(100.0, 0.0), (140.0, 40.0), (140.0, 0.0), (100.0, 40.0), (100.0, 0.0)]);
    let rows: [(Geometry<f64>, &[&str]); 4] = [
        (square(0.0, 0.0, 60.0, 100.0), &["CS2.2.1", "US1.1", "2018"]),
        (square(50.0, 0.0, 100.0, 100.0), &["CS1.1.1.1", "US5", "2018"]),
        (tie, &["CS1.1.1.1", "US5", "2018"]),
        (square(100.0, 50.0, 200.0, 100.0), &["CS9.9", "US5", "2018"]),
    ];
    write(&first, &OCSGE, &rows, true);
    write(&second, &OCSGE, &[(square(0.0, 0.0, 100.0, 100.0), &["CS1.1.1.2", "US3", "2021"])], true);
    let out = folder.path().join("out");
    let ran = zan(&["--t1", text(&first), "--t2", text(&second)], &zones, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    for words in [
        "polygons overlap over 1,000.00 m² (n° 1, n° 2…); only the first in the file counts there",
        "cross themselves or overlap others (the first: n° 3)",
        "1 polygons (0.5000 ha) have a missing or unknown code",
        "1 zones lie outside the data (22003)",
        "1 zones have data at one of both dates only (22002)",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let (state, flux) = (table(&out, "zan_state"), table(&out, "zan_flux"));
    near(metres(&flux, "22001", "gain_ha"), 6000.0, 1e-3);
    near(metres(&flux, "22001", "stock_from_ha"), 4000.0, 1e-3);
    near(metres(&flux, "22002", "one_date_ha"), 800.0 + 5000.0, 1e-3);
    assert_eq!(flux["22002"]["gain_ha"], "", "nothing is known of both dates");
    assert_eq!(state["22003"]["artif_ha"], "");
}

#[test]
fn a_neighbouring_departement_does_not_count_in_anothers_commune() {
    let folder = TempDir::new().unwrap();
    let deliveries = folder.path().join("2018");
    std::fs::create_dir(&deliveries).unwrap();
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 100.0, 100.0), &["33001", "A"]),
            (square(100.0, 0.0, 200.0, 100.0), &["40001", "B"]),
        ],
    );
    let field: &[&str] = &["CS2.2.1", "US1.1", "2018"];
    let town: &[&str] = &["CS1.1.1.1", "US5", "2017"];
    write(
        &deliveries.join("OCCUPATION_D033_2018.gpkg"),
        &OCSGE,
        &[(square(0.0, 0.0, 103.0, 100.0), field)],
        true,
    );
    write(
        &deliveries.join("OCCUPATION_D040_2017.gpkg"),
        &OCSGE,
        &[(square(98.0, 0.0, 200.0, 100.0), town)],
        true,
    );
    let out = folder.path().join("out");
    let ran = zan(&["--t1", text(&deliveries)], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let state = table(&out, "zan_state");
    near(metres(&state, "33001", "artif_ha"), 0.0, 1e-3);
    near(metres(&state, "40001", "artif_ha"), 10_000.0, 1e-3);
    assert_eq!((&*state["33001"]["date"], &*state["40001"]["date"]), ("2018", "2017"));
    assert!(ran.err.contains("reaches over 500 m²"), "{}", ran.err);
}

#[test]
fn threads_and_runs_change_no_byte() {
    let folder = TempDir::new().unwrap();
    let [first, second, zones] = town();
    let outs = ["1", "2", "5"].map(|threads| {
        let out = folder.path().join(threads);
        let ran = zan(&["--t1", text(&first), "--t2", text(&second), "--threads", threads], &zones, &out);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        out
    });
    for name in [
        "zan_state.csv",
        "zan_flux.csv",
        "zan_uncertainty.csv",
        "zan_transitions_cover.csv",
        "zan_polygons.gpkg",
    ] {
        let bytes = outs.each_ref().map(|out| std::fs::read(out.join(name)).unwrap());
        assert!(bytes[0] == bytes[1] && bytes[0] == bytes[2], "{name}");
    }
}

#[test]
fn what_cannot_start_lists_what_there_is() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 100.0, 100.0), &["22001", "A"])]);
    let (plain, lost) = (folder.path().join("ocs.gpkg"), folder.path().join("lost_2018.gpkg"));
    let row: &[&str] = &["CS1.1.1.1", "US5"];
    write(&plain, &["code_cs", "code_us"], &[(square(0.0, 0.0, 100.0, 100.0), row)], true);
    write(&lost, &["code_cs", "code_us"], &[(square(0.0, 0.0, 100.0, 100.0), row)], false);
    let out = folder.path().join("out");
    let (plain, lost, own) = (text(&plain), text(&lost), text(&zones));
    let cases: [(&[&str], &str); 6] = [
        (&["--t1", own], "layers found: communes (code_insee, nom)"),
        (&["--t1", plain], "--date1"),
        (&["--t1", lost], "--crs EPSG:2154"),
        (&["--t1", plain, "--date1", "2018", "--mode", "ign"], "has no attribute \"artif\""),
        (&["--t1", plain, "--date1", "2018", "--zone-id", "siren"], "its fields are: code_insee, nom"),
        (&[], "give --t1 (and --t2), or --diff"),
    ];
    for (words, why) in cases {
        let ran = zan(words, &zones, &out);
        assert_eq!(ran.code, Some(2), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(why), "{words:?}: {}", ran.err);
    }
    assert!(!out.exists());
}
