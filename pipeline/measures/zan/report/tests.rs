//! The report on tables made by hand.

use super::*;
use crate::formats::vector::FieldKind;
use crate::formats::vector::Value;
use geo::{Geometry, polygon};

fn square(size: f64) -> Geometry<f64> {
    Geometry::Polygon(
        polygon![(x: 0.0, y: 0.0), (x: size, y: 0.0), (x: size, y: size), (x: 0.0, y: size), (x: 0.0, y: 0.0)],
    )
}

fn empty() -> Text {
    Text::default()
}

fn sheets(name: &str, net: f64) -> Vec<Sheet> {
    let mut flux = Sheet::new("zan_flux");
    for (column, word) in [("zone_id", "35999"), ("zone_name", name), ("from", "2018"), ("to", "2021")] {
        flux.words(column, empty(), vec![word.to_owned()]);
    }
    let numbers = [
        ("zone_ha", 100.0),
        ("gain_ha", 2.0 + net),
        ("loss_ha", 2.0),
        ("net_ha", net),
        ("net_low_ha", net - 1.0),
        ("net_high_ha", net + 1.0),
        ("imper_gain_ha", 0.5),
    ];
    for (column, value) in numbers {
        flux.numbers(column, "ha", empty(), vec![Some(value)]);
    }
    flux.shapes = vec![square(1000.0)];
    let mut moves = Sheet::new("zan_transitions_category");
    for (column, words) in [
        ("zone_id", ["35999", "35999"]),
        ("from", ["2018", "2018"]),
        ("to", ["2021", "2021"]),
        ("before", ["7", "7"]),
        ("after", ["1", "7"]),
    ] {
        moves.words(column, empty(), words.map(str::to_owned).to_vec());
    }
    moves.numbers("area_ha", "ha", empty(), vec![Some(2.0 + net), Some(50.0)]);
    let mut changes = Sheet::new("zan_changes");
    changes.words("change", empty(), vec!["gain".to_owned()]);
    changes.column("area_m2", FieldKind::Real, "m²", empty(), vec![Value::Real(20_000.0)]);
    for column in ["cs_before", "us_before", "cs_after", "us_after"] {
        changes.words(column, empty(), vec!["<script>".to_owned()]);
    }
    changes.shapes = vec![square(100.0)];
    vec![flux, moves, changes]
}

fn made(name: &str, net: f64) -> (Vec<(String, String)>, Sheet) {
    let sheets = sheets(name, net);
    let settings = serde_json::json!({ "mode": "matrix" });
    let inputs = [serde_json::json!({ "path": "/x/<b>.gpkg", "sha256": "ab" })];
    make(&Given { sheets: &sheets, remarks: &[], inputs: &inputs, settings: &settings, closures: Vec::new() })
}

#[test]
fn nothing_of_a_file_is_taken_for_markup() {
    let (pages, _) = made("<img src=x onerror=alert(1)> & \"Saint-Rémy\"", 0.5);
    assert_eq!(pages.len(), 2);
    for (name, page) in &pages {
        assert!(!page.contains("<img") && !page.contains("<script") && !page.contains("<b>.gpkg"), "{name}");
        assert!(page.contains("&lt;img"), "{name}");
    }
    assert_eq!(pages[0].0, "report/35999.html");
}

#[test]
fn a_balance_whose_interval_holds_zero_is_said_to_be_so() {
    let words = ["non distinguable de zéro", "not distinguishable from zero"];
    let says = |net: f64| words.iter().any(|words| made("A", net).0[0].1.contains(words));
    assert!(says(0.5) && !says(1.5));
}

#[test]
fn every_item_of_the_article_has_a_row_and_what_is_missing_says_why() {
    let (_, table) = made("A", 1.5);
    let column = |name: &str| &table.columns.iter().find(|column| column.name == name).unwrap().values;
    let articles: std::collections::BTreeSet<String> =
        column("article").iter().filter_map(Value::text).map(str::to_owned).collect();
    assert_eq!(articles.len(), 4);
    for (value, note) in column("value").iter().zip(column("note")) {
        assert!(*value != Value::Null || *note != Value::Null, "an empty value has a note");
    }
    let rows = communes(&sheets("A", 1.5));
    assert_eq!(rows[0].fluxes[0].moves, std::collections::BTreeMap::from([((7, 1), 3.5)]));
}

#[test]
fn numbers_are_written_as_people_read_them() {
    let french = words::number(-1_234_567.891, 2);
    assert!(french == "\u{2212}1\u{202f}234\u{202f}567,89" || french == "\u{2212}1,234,567.89", "{french}");
    assert!(!words::number(-0.001, 2).contains('\u{2212}'));
}

#[test]
fn whether_the_objective_is_kept_is_said_in_words() {
    let path = |since: f64, projected: f64| facts::Enaf {
        periods: ("2011–2020".to_owned(), "2021–2030".to_owned()),
        allowed: Some(1.47),
        since: (Some(since), None),
        projected: Some(projected),
        years: Some(3.0),
        series: ["2020", "2021", "2022", "2023"].map(|year| (year.to_owned(), 0.1)).to_vec(),
        ..facts::Enaf::default()
    };
    let says = |since: f64, projected: f64| path(since, projected).outlook().unwrap();
    assert_eq!(
        says(0.825, 2.75).words.fr,
        "Objectif non tenu à ce rythme : 0,82 ha consommés en 3 ans sur 10 ; 2,75 ha à fin 2030, pour 1,47 ha permis."
    );
    assert!(says(0.3, 1.0).kept && says(0.3, 1.0).words.en.contains("kept at this pace"));
    assert!(says(1.5, 5.0).words.fr.starts_with("Objectif déjà dépassé"));
    assert_eq!(path(0.3, 1.0).seen(), ("2021".to_owned(), "2023".to_owned()));
    assert!(facts::Enaf { allowed: None, ..path(0.3, 1.0) }.outlook().is_none());
}
