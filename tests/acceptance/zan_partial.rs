//! `ilot zan`: what is known of a part of a territory only is said to be so, and no share pretends to be of the whole.

use crate::harness::text;
use crate::zan::{OCSGE, communes, metres, near, ring, square, table, write, zan};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// 100 × 100 m each: A is covered, B by half, C with unknown codes by three quarters, D with unknown codes alone.
fn place(folder: &Path, year: &str, built: f64) -> PathBuf {
    let path = folder.join(format!("ocs_{year}.gpkg"));
    let (town, field, odd): ([&str; 3], [&str; 3], [&str; 3]) =
        (["CS1.1.1.1", "US5", year], ["CS2.2.1", "US1.1", year], ["CS9", "US9", year]);
    write(
        &path,
        &OCSGE,
        &[
            (square(0.0, 0.0, built, 100.0), &town),
            (square(built, 0.0, 100.0, 100.0), &field),
            (square(100.0, 0.0, 100.0 + built, 100.0), &town),
            (square(100.0 + built, 0.0, 150.0, 100.0), &field),
            (square(200.0, 0.0, 200.0 + built, 50.0), &town),
            (square(200.0 + built, 0.0, 250.0, 50.0), &field),
            (square(250.0, 0.0, 300.0, 50.0), &odd),
            (square(200.0, 50.0, 300.0, 100.0), &odd),
            (square(300.0, 0.0, 400.0, 100.0), &odd),
        ],
        true,
    );
    path
}

fn zones(folder: &Path) -> PathBuf {
    let zone = |west: f64| square(west, 0.0, west + 100.0, 100.0);
    communes(
        folder,
        &[
            (zone(0.0), &["22001", "A"]),
            (zone(100.0), &["22002", "B"]),
            (zone(200.0), &["22003", "C"]),
            (zone(300.0), &["22004", "D"]),
        ],
    )
}

#[test]
fn shares_are_of_what_is_known_and_nothing_known_is_no_zero() {
    let folder = TempDir::new().unwrap();
    let [first, second] =
        [("2018", 20.0), ("2021", 25.0)].map(|(year, built)| place(folder.path(), year, built));
    let zones = zones(folder.path());
    let out = folder.path().join("out");
    let ran = zan(&["report", "--t1", text(&first), "--t2", text(&second)], &zones, &out);
    assert_eq!(ran.code, Some(1), "a part of the figures is missing: {}", ran.err);
    let state = table(&out, "zan_state");
    for (zone, known, artificial, sealed) in
        [("22001", 100.0, 25.0, 25.0), ("22002", 50.0, 50.0, 50.0), ("22003", 25.0, 50.0, 50.0)]
    {
        for (column, wanted) in [("known_pct", known), ("artif_pct", artificial), ("imper_pct", sealed)] {
            near(state[zone][column].parse().unwrap(), wanted, 1e-6);
        }
    }
    near(metres(&state, "22003", "unknown_ha"), 7500.0, 1e-3);
    near(metres(&state, "22002", "nodata_ha"), 5000.0, 1e-3);
    for column in ["artif_ha", "artif_pct", "imper_ha", "imper_pct", "artif_low_ha", "cat_1_ha"] {
        assert_eq!(state["22004"][column], "", "{column} of a zone of which nothing is known");
    }
    let flux = table(&out, "zan_flux");
    near(flux["22003"]["known_pct"].parse().unwrap(), 25.0, 1e-6);
    near(flux["22003"]["net_pct"].parse().unwrap(), 10.0, 1e-6);
    near(metres(&flux, "22003", "net_ha"), 250.0, 1e-3);
    assert_eq!((flux["22004"]["net_ha"].as_str(), flux["22004"]["net_pct"].as_str()), ("", ""));
    let page = |name: &str| std::fs::read_to_string(out.join(format!("report/{name}.html"))).unwrap();
    assert!(page("22003").contains("of the 25.0 % of the territory that are known"));
    assert!(page("22003").contains("0.75 ha of unknown status"));
    assert!(!page("22001").contains("that are known</p>"));
    assert!(page("index").contains("Known, %"));
}

#[test]
fn pages_of_zones_that_are_no_more_are_taken_away() {
    let folder = TempDir::new().unwrap();
    let first = place(folder.path(), "2018", 20.0);
    let out = folder.path().join("out");
    let both = zones(folder.path());
    let ran = zan(&["report", "--t1", text(&first)], &both, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let own = out.join("report/mine.html");
    std::fs::write(&own, "of the user").unwrap();
    let one = communes(folder.path(), &[(square(0.0, 0.0, 100.0, 100.0), &["22001", "A"])]);
    let ran = zan(&["report", "--t1", text(&first)], &one, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("3 files of an earlier run"), "{}", ran.err);
    assert!(!out.join("report/22002.html").exists() && out.join("report/22001.html").exists());
    assert!(own.exists(), "what no run wrote stays");
    // Another command keeps its own.
    assert_eq!(zan(&["state", "--t1", text(&first)], &one, &out).code, Some(0));
    assert!(out.join("report/22001.html").exists());
}

#[test]
fn a_zone_that_crosses_itself_has_the_area_of_its_inside_and_shared_codes_are_told() {
    let folder = TempDir::new().unwrap();
    let first = place(folder.path(), "2018", 20.0);
    let tie = ring(&[(0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0), (0.0, 0.0)]);
    let zones = communes(
        folder.path(),
        &[
            (tie, &["22001", "tie"]),
            (square(100.0, 0.0, 150.0, 50.0), &["22002", "B"]),
            (square(100.0, 50.0, 150.0, 100.0), &["22002", "B again"]),
        ],
    );
    let out = folder.path().join("out");
    let ran = zan(&["state", "--t1", text(&first)], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let state = table(&out, "zan_state");
    near(metres(&state, "22001", "zone_ha"), 5000.0, 1e-2);
    near(state["22001"]["known_pct"].parse().unwrap(), 100.0, 1e-6);
    // Two triangles from the corners in the west and east: of the west one a strip of 20 m is built, 80 m wide at most.
    near(metres(&state, "22001", "artif_ha"), 20.0 * (100.0 + 60.0) / 2.0, 1e-2);
    assert!(ran.err.contains("without the cross-check by vertices"), "{}", ran.err);
    assert!(ran.err.contains("1 codes name several zones (22002)"), "{}", ran.err);
}

#[test]
fn a_layer_of_changes_is_silent_beyond_what_it_spans_and_its_name_gives_the_dates() {
    let folder = TempDir::new().unwrap();
    let changes = folder.path().join("OCS-GE_2-0_DIFF_2018-2021.gpkg");
    let grown: &[&str] = &["CS2.2.1", "US1.1", "CS1.1.1.1", "US5"];
    write(
        &changes,
        &["cs_avant", "us_avant", "cs_apres", "us_apres"],
        &[(square(10.0, 10.0, 20.0, 20.0), grown), (square(310.0, 10.0, 320.0, 20.0), grown)],
        true,
    );
    let zones = communes(
        folder.path(),
        &[
            (square(0.0, 0.0, 100.0, 100.0), &["22001", "A"]),
            (square(100.0, 0.0, 200.0, 100.0), &["22002", "between"]),
            (square(900.0, 0.0, 1000.0, 100.0), &["22003", "beyond"]),
        ],
    );
    let out = folder.path().join("out");
    let ran = zan(&["flux", "--diff", text(&changes)], &zones, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let flux = table(&out, "zan_flux");
    near(metres(&flux, "22001", "gain_ha"), 100.0, 1e-3);
    assert_eq!((flux["22001"]["from"].as_str(), flux["22001"]["to"].as_str()), ("2018", "2021"));
    near(metres(&flux, "22002", "gain_ha"), 0.0, 0.0);
    assert_eq!((flux["22003"]["gain_ha"].as_str(), flux["22003"]["net_pct"].as_str()), ("", ""));
    assert!(ran.err.contains("1 zones lie beyond the layer of changes (22003)"), "{}", ran.err);
    assert!(ran.err.contains("1 zones hold no change (22002)"), "{}", ran.err);
}

#[test]
fn where_nothing_changed_no_interval_pretends_to_be_sure() {
    let folder = TempDir::new().unwrap();
    let [first, second, third] = [("2018", 20.0), ("2021", 20.0), ("2024", 30.0)]
        .map(|(year, built)| place(folder.path(), year, built));
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 100.0, 100.0), &["22001", "A"])]);
    let out = folder.path().join("out");
    let ran = zan(&["report", "--t1", text(&first), "--t2", text(&second)], &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("no change found; what the data may have missed"), "{}", ran.err);
    let flux = &table(&out, "zan_flux")["22001"];
    assert_eq!((flux["net_ha"].parse::<f64>().unwrap(), flux["net_low_ha"].as_str()), (0.0, ""));
    assert_eq!(flux["net_verdict"], "");
    let page = std::fs::read_to_string(out.join("report/22001.html")).unwrap();
    assert!(page.contains("interval not estimated: no change found"));
    let words = ["report", "--t1", text(&first), "--t2", text(&second), "--t2", text(&third)];
    let ran = zan(&words, &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let page = std::fs::read_to_string(out.join("report/22001.html")).unwrap();
    assert!(page.contains("Balance of all periods, added up"), "a row for the whole");
    assert!(
        page.contains("2021\u{a0}–\u{a0}2024: Balance distinct from zero"),
        "the verdict names its period"
    );
}
