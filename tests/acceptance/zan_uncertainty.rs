//! Intervals of `ilot zan`: outlines, classes and thresholds, each against a figure worked out by hand.

use crate::harness::text;
use crate::zan::{OCSGE, around, communes, near, square, table, write, zan};
use geo::Geometry;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

type Row = HashMap<String, String>;

/// A field of 40 ha, a yard in it at both dates, another beside it at the second date only.
fn place(folder: &Path) -> [PathBuf; 3] {
    let zones = communes(folder, &[(square(0.0, 0.0, 1000.0, 400.0), &["22001", "A"])]);
    let (first, second) = (folder.join("ocs_2018.gpkg"), folder.join("ocs_2021.gpkg"));
    let (yard, field): (&[&str], &[&str]) = (&["CS1.1.2.1", "US5", "2018"], &["CS2.2.1", "US1.1", "2018"]);
    let old = [400.0, 100.0, 500.0, 200.0];
    let all = [0.0, 0.0, 1000.0, 400.0];
    write(&first, &OCSGE, &[(square(400.0, 100.0, 500.0, 200.0), yard), (around(all, old), field)], true);
    let (yard, field): (&[&str], &[&str]) = (&["CS1.1.2.1", "US5", "2021"], &["CS2.2.1", "US1.1", "2021"]);
    let rows = [
        (square(400.0, 100.0, 500.0, 200.0), yard),
        (square(500.0, 100.0, 600.0, 200.0), yard),
        (around(all, [400.0, 100.0, 600.0, 200.0]), field),
    ];
    write(&second, &OCSGE, &rows, true);
    [first, second, zones]
}

/// The parts of the intervals, by figure and date.
fn parts(out: &Path) -> HashMap<String, Row> {
    let text = std::fs::read_to_string(out.join("zan_uncertainty.csv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| -> (String, Row) {
        let cells = names.iter().zip(line.split(','));
        let row: Row = cells.map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect();
        (format!("{} {} {}", row["zone_id"], row["figure"], row["from"]), row)
    };
    lines.map(row).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or(f64::NAN)
}

/// A matrix without errors, so that outlines alone count.
fn perfect(folder: &Path) -> PathBuf {
    let path = folder.join("perfect.csv");
    std::fs::write(&path, "carte;Artif;Non artif\nartif;50;0\nnon_artif;0;50\n").unwrap();
    path
}

#[test]
fn outlines_that_did_not_change_do_not_blur_the_net() {
    let folder = TempDir::new().unwrap();
    let [first, second, zones] = place(folder.path());
    let (out, matrix) = (folder.path().join("out"), perfect(folder.path()));
    let words = ["--t1", text(&first), "--t2", text(&second), "--error-matrix", text(&matrix)];
    let ran = zan(&[&words[..], &["--edge-accuracy", "2", "--edge-length", "10"]].concat(), &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // 2 m over 10 m, 400 m around the old yard, as many around the new one, 600 m around both.
    let half = |length: f64| 1.96 * 2.0 * (10.0 * length).sqrt() / 1e4;
    let parts = parts(&out);
    near(number(&parts["22001 artif 2018"], "edge_ha"), half(400.0), 1e-6);
    near(number(&parts["22001 artif 2021"], "edge_ha"), half(600.0), 1e-6);
    let net = &parts["22001 net 2018"];
    near(number(net, "value_ha"), 1.0, 1e-6);
    near(number(net, "edge_ha"), half(400.0), 1e-6);
    near(number(net, "class_ha"), 0.0, 0.0);
    near(number(net, "low_ha"), 1.0 - half(400.0), 2e-6);
    assert_eq!(net["verdict"], "hausse");
    let flux = table(&out, "zan_flux");
    near(number(&flux["22001"], "net_high_ha"), 1.0 + half(400.0), 2e-6);
    near(number(&flux["22001"], "net_low_ha_per_year"), (1.0 - half(400.0)) / 3.0, 2e-6);
    assert_eq!(flux["22001"]["net_verdict"], "hausse");
    assert!(ran.err.contains("95 % interval 0.98 to 1.02 ha: increase"), "{}", ran.err);
    assert_eq!(parts["Σ net 2018"]["edge_ha"], net["edge_ha"]);
}

#[test]
fn a_net_below_the_errors_of_classes_is_not_told_from_zero() {
    let folder = TempDir::new().unwrap();
    let [first, second, zones] = place(folder.path());
    let (out, matrix) = (folder.path().join("out"), folder.path().join("changes.csv"));
    let lines = [
        "map,gain,loss,stable_artif,stable_other",
        "loss,0,10,0,0",
        "gain,8,0,0,2",
        "stable_other,0,0,0,10",
        "stable_artif,0,0,10,0",
    ];
    std::fs::write(&matrix, lines.join("\n")).unwrap();
    let words = ["--t1", text(&first), "--t2", text(&second), "--error-matrix", text(&matrix)];
    let ran = zan(&[&words[..], &["--edge-accuracy", "0"]].concat(), &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let net = &parts(&out)["22001 net 2018"];
    // One object of a hectare, right in 8 of 10: Olofsson's variance and its own.
    let half = 1.96 * (0.16 / 9.0 + 0.16_f64).sqrt();
    near(number(net, "adjusted_ha"), 0.8, 1e-6);
    near(number(net, "class_ha"), half, 1e-6);
    near(number(net, "low_ha"), 0.8 - half, 2e-6);
    near(number(net, "high_ha"), 1.0 + half, 2e-6);
    assert_eq!(table(&out, "zan_flux")["22001"]["net_verdict"], "ne se distingue pas de zéro");
    assert!(ran.err.contains("not distinguishable from zero"), "{}", ran.err);
    // Without a matrix, what is assumed is said.
    let ran = zan(&["--t1", text(&first), "--t2", text(&second)], &zones, &out);
    assert!(ran.err.contains("2 % of the statuses or covers are assumed wrong"), "{}", ran.err);
    assert!(ran.err.contains("changes that the data missed are in the interval"), "{}", ran.err);
    near(number(&parts(&out)["22001 net 2018"], "adjusted_ha"), 0.98 * 0.98 - 0.02 * 0.02, 1e-6);
}

#[test]
fn a_zone_that_outlines_may_push_over_the_threshold_is_unstable() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 1000.0, 400.0), &["22001", "A"])]);
    let state = folder.path().join("occupation_2021.gpkg");
    let matrix = perfect(folder.path());
    let run = |high: f64| {
        let hole = [475.0, 100.0, 525.0, 100.0 + high];
        let rows: [(Geometry<f64>, &[&str]); 2] = [
            (square(hole[0], hole[1], hole[2], hole[3]), &["CS1.1.2.1", "US5", "2021"]),
            (around([0.0, 0.0, 1000.0, 400.0], hole), &["CS2.2.1", "US1.1", "2021"]),
        ];
        write(&state, &OCSGE, &rows, true);
        let out = folder.path().join("out");
        let words = ["--t1", text(&state), "--mode", "recompute", "--error-matrix", text(&matrix)];
        let ran = zan(&words, &zones, &out);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        parts(&out)["22001 artif 2021"].clone()
    };
    // 1.96 · 1 m · √(20 m · 200 m) = 124 m² of 2,500: 2,400 and 2,600 are within, 2,300 is not.
    let small = run(48.0);
    near(number(&small, "value_ha"), 0.0, 0.0);
    near(number(&small, "threshold_up_ha"), 0.24, 1e-6);
    near(number(&small, "high_ha"), 0.24, 1e-6);
    let large = run(52.0);
    near(number(&large, "value_ha"), 0.26, 1e-6);
    near(number(&large, "threshold_down_ha"), 0.26, 1e-6);
    near(number(&large, "low_ha"), 0.0, 0.0);
    let stable = run(46.0);
    near(number(&stable, "threshold_up_ha"), 0.0, 0.0);
}

#[test]
fn what_is_no_matrix_is_refused() {
    let folder = TempDir::new().unwrap();
    let [first, second, zones] = place(folder.path());
    let (out, matrix) = (folder.path().join("out"), folder.path().join("m.csv"));
    let cases = [
        ("map,forest,town\nforest,9,1\ntown,0,5\n", "rows and columns must be artif and non_artif"),
        ("map,artif,non_artif\nartif,9,1\nnon_artif,0,0\n", "two places sampled at least"),
        ("map,artif,non_artif\nartif,9,-1\nnon_artif,0,7\n", "line 2, column \"non_artif\""),
    ];
    for (words, why) in cases {
        std::fs::write(&matrix, words).unwrap();
        let ran = zan(
            &["--t1", text(&first), "--t2", text(&second), "--error-matrix", text(&matrix)],
            &zones,
            &out,
        );
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains(why), "{why}: {}", ran.err);
    }
    let ran = zan(&["--t1", text(&first), "--edge-accuracy", "-1"], &zones, &out);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
}
