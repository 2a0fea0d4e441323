//! Lyon's published path (V6, V7), and what the law says of floors.

use super::*;
use std::fmt::Write;

fn near(found: Option<f64>, wanted: f64, within: f64) {
    assert!(found.is_some_and(|found| (found - wanted).abs() <= within), "{found:?} is not {wanted}");
}

fn table(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("conso.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// Three communes of one EPCI, ten years of reference and two of the target.
fn three() -> Source {
    let mut text = "idcom;idcomtxt;epci25;surfcom2025".to_owned();
    (11..=22).for_each(|year| write!(text, ";naf{year}art{};art{year}hab{}", year + 1, year + 1).unwrap());
    for (code, each) in [("1001", 10_000), ("01002", 500), ("01003", 30_000)] {
        write!(text, "\n{code};Nom {code};2000;5000000").unwrap();
        (11..=22).for_each(|_| write!(text, ";{each};{}", each / 2).unwrap());
    }
    let (_folder, path) = table(&text);
    read(&path, Some("epci25"), &mut Vec::new()).unwrap()
}

#[test]
fn a_path_is_ten_fluxes_then_ten_years() {
    let source = three();
    let found = paths(&source, &Owns::default(), &Terms::default(), None);
    let [first, second, third] = &found.zones[..] else { panic!("three communes") };
    assert_eq!((first.id.as_str(), first.name.as_str()), ("01001", "Nom 1001"));
    near(first.reference, 10.0, 1e-12);
    near(first.allowed, 5.0, 1e-12);
    near(first.since, 2.0, 1e-12);
    near(first.used(), 40.0, 1e-12);
    near(first.projected(&found.terms), 10.0, 1e-12);
    near(first.left_per_year(&found.terms), 3.0 / 8.0, 1e-12);
    // Half of 0.5 ha is raised to the floor.
    assert!(second.raised && !third.raised);
    near(second.allowed, 1.0, 0.0);
    let group = &found.groups[0];
    near(group.reference, 40.5, 1e-12);
    near(group.allowed, 20.25, 1e-12);
    near(group.allowed_communes, 5.0 + 1.0 + 15.0, 1e-12);
    assert!((group.floor - 3.0).abs() < 1e-12 && !group.raised);
    near(found.total.since, 8.1, 1e-12);
}

#[test]
fn floors_and_rates_are_those_of_the_place() {
    let source = three();
    let (_folder, path) = table(
        "code;taux_pct;document;communes_deleguees;pene_ha\n01001;54,47;oui;0;0,5\n01002;;non;0;0\n01003;95;oui;3;0\n",
    );
    let found = paths(&source, &owns(&path).unwrap(), &Terms::default(), None);
    near(found.zones[0].allowed, 10.0 * (1.0 - 0.5447), 1e-9);
    near(found.zones[0].since, 1.5, 1e-12);
    near(found.zones[1].allowed, 0.25, 1e-12);
    // One hectare and three halves are capped at two.
    near(found.zones[2].allowed, 2.0, 1e-12);
    let (_folder, path) = table("code;taux\n01001;54,47\n");
    assert!(owns(&path).unwrap_err().to_string().contains("54,47"));
}

#[test]
fn a_missing_year_of_the_reference_allows_nothing() {
    let source = three();
    let terms = Terms { reference: 2010..=2019, ..Terms::default() };
    let found = paths(&source, &Owns::default(), &terms, None);
    assert_eq!((found.zones[0].allowed, found.zones[0].missing.clone()), (None, vec![2010]));
    near(found.zones[0].since, 2.0, 1e-12);
    assert_eq!(found.zones[0].used(), None);
}

#[test]
fn a_table_that_is_none_says_so() {
    let (_folder, path) = table("idcom;nom\n01001;A\n");
    let fault = read(&path, None, &mut Vec::new()).unwrap_err().to_string();
    assert!(fault.contains("naf11art12"), "{fault}");
    let (_folder, path) = table("idcom;naf11art12\n01001;5\n1001;6\n");
    assert!(read(&path, None, &mut Vec::new()).unwrap_err().to_string().contains("01001"));
    let (_folder, path) = table("idcom;naf11art12\n01001;5x\n");
    assert!(read(&path, None, &mut Vec::new()).unwrap_err().to_string().contains("5x"));
}
