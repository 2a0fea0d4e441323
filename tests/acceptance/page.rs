//! The page and the report of a run: what they name is there, what they say is what the files say.

use crate::harness::{ilot, text};
use ilot::formats::table;
use ilot::sample::{self, SampleOptions};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The folder of results of a small town with all its sections, run once.
fn out() -> &'static Path {
    static RUN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    &RUN.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let options = SampleOptions { size: (160.0, 160.0), density: 6.0, seed: 1 };
        let _ = sample::make(folder.path(), &options).unwrap();
        let ran = ilot(&["run", text(folder.path()), "--lang", "fr"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let out = folder.path().join("out");
        (folder, out)
    })
    .1
}

fn page(out: &Path) -> String {
    std::fs::read_to_string(out.join("index.html")).unwrap()
}

/// What the page is told.
fn island(out: &Path) -> Value {
    let page = page(out);
    let after = page.split_once("id=\"run\">").unwrap().1;
    serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap()
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    let all = value.as_array().unwrap().iter();
    all.filter_map(|one| one[key].as_str().map(str::to_owned)).collect()
}

#[test]
fn the_page_names_all_that_the_run_made_and_all_it_names_is_there() {
    let (out, island) = (out(), island(out()));
    let rasters: BTreeSet<String> = strings(&island["rasters"], "name").into_iter().collect();
    // Hillshade lies under all maps; the copy on the European grid is in another system than the map.
    let shown = |product: &&str| !["hillshade", "imperviousness_3035"].contains(product);
    for entry in std::fs::read_dir(out).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(product) = name.strip_suffix(".vrt").filter(shown) {
            assert!(rasters.contains(product), "{product} is not on the page");
            let shown = strings(&island["maps"], "raster");
            assert!(shown.contains(&product.to_owned()), "{product} cannot be shown");
        }
        if let Some(layer) = name.strip_suffix(".geojson") {
            assert!(
                strings(&island["layers"], "name").contains(&layer.to_owned()),
                "{layer} is not on the page"
            );
        }
    }
    let mut named = strings(&island["maps"], "tiles");
    named.extend(strings(&island["layers"], "tiles"));
    named.extend(strings(&island["documents"], "path"));
    named.extend(strings(&island["layers"], "name").iter().map(|layer| format!("{layer}.geojson")));
    named.push(island["report"].as_str().unwrap().to_owned());
    named.extend(["web/page.js", "web/page.css", "web/worker.js", "web/LICENSES.txt"].map(str::to_owned));
    for path in &named {
        assert!(out.join(path).is_file(), "{path} is named and not there");
    }
    assert!(named.len() > 60, "{named:?}");
    // What the groups offer exists, and the first map too.
    let maps = strings(&island["maps"], "name");
    for group in island["groups"].as_array().unwrap() {
        assert!(
            group["maps"]
                .as_array()
                .unwrap()
                .iter()
                .all(|map| maps.contains(&map.as_str().unwrap().to_owned()))
        );
    }
    assert_eq!(island["first"], "heat_night");
    let bounds: Vec<f64> =
        island["bounds"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    assert!(
        bounds[0] < bounds[2]
            && bounds[2] - bounds[0] < 0.01
            && bounds[3] - bounds[1] < 0.01
            && (47.0..49.0).contains(&bounds[1]),
        "{bounds:?}"
    );
    assert!(island["crs"]["proj"].as_str().unwrap().contains("+proj=lcc"));
}

#[test]
fn each_figure_of_the_page_says_how_sure_it_is() {
    let (out, island) = (out(), island(out()));
    let rasters = strings(&island["rasters"], "name");
    for raster in island["rasters"].as_array().unwrap() {
        let doubt = &raster["doubt"];
        assert!(doubt["kind"].is_string(), "{raster}");
        if let Some(product) = doubt["product"].as_str() {
            assert!(rasters.contains(&product.to_owned()), "{product}");
        }
    }
    // The columns that hold figures and intervals are those of the layers' own files.
    for layer in island["layers"].as_array().unwrap() {
        let name = layer["name"].as_str().unwrap();
        let geojson: Value =
            serde_json::from_slice(&std::fs::read(out.join(format!("{name}.geojson"))).unwrap()).unwrap();
        let Some(first) = geojson["features"].get(0) else { continue };
        for figure in layer["figures"].as_array().unwrap() {
            let interval = &figure["interval"];
            for column in [&figure["column"], &interval["low"], &interval["high"], &interval["half"]] {
                let Some(column) = column.as_str() else { continue };
                assert!(first["properties"].get(column).is_some(), "{name} has no column {column}");
            }
        }
        for column in [&layer["paint"]["column"], &layer["last"]["column"]] {
            let there = column.as_str().is_none_or(|column| first["properties"].get(column).is_some());
            assert!(there, "{name}: {column}");
        }
    }
}

#[test]
fn nothing_is_asked_of_the_net() {
    let out = out();
    for name in ["index.html", "report.html", "web/page.css"] {
        let text = std::fs::read_to_string(out.join(name)).unwrap();
        for address in ["src=\"http", "href=\"http", "url(http", "url(\"http", "@import"] {
            assert!(!text.contains(address), "{name} holds {address}");
        }
    }
    assert!(page(out).contains("location.protocol === 'file:'") && page(out).contains("ilot view"));
}

#[test]
fn the_report_says_what_the_tables_say() {
    let out = out();
    let report = std::fs::read_to_string(out.join("report.html")).unwrap();
    let french = |value: f64, decimals: usize| {
        format!("{value:.decimals$}").replace('.', ",").replace('-', "\u{2212}")
    };
    let mut checked = 0;
    for (name, columns, factor, decimals) in [
        ("cover_zones", ["impermeable_m2", "impermeable_low_m2", "impermeable_high_m2"], 1e-4, 2),
        ("cover_zones", ["trees", "trees_low", "trees_high"], 1.0, 0),
        ("zan_flux", ["net_ha", "net_low_ha", "net_high_ha"], 1.0, 2),
        ("zan_state", ["artif_ha", "artif_low_ha", "artif_high_ha"], 1.0, 2),
    ] {
        let table = table::read(&out.join(format!("{name}.csv"))).unwrap();
        let at = columns.map(|column| table.names.iter().position(|own| own == column).unwrap());
        for row in 0..table.rows.len() {
            let [value, low, high] =
                at.map(|at| table.number(row, at).number().map(|number| number * factor));
            let (Some(value), Some(low), Some(high)) = (value, low, high) else {
                assert_eq!(
                    (name, value),
                    ("zan_flux", Some(0.0)),
                    "only what was not seen to change has no interval"
                );
                continue;
            };
            assert!(low <= value + 1e-9 && value <= high + 1e-9 || name == "cover_zones", "{name} {row}");
            let shown = format!("{} à {} (à ", french(low, decimals), french(high, decimals));
            assert!(report.contains(&shown), "{name}: {shown}");
            assert!(report.contains(&format!(">{}", french(value, decimals))), "{name}: {value}");
            checked += 1;
        }
    }
    assert!(checked >= 4);
    // The model's own finding, word for word, with its error at stations never seen.
    let run: Value = serde_json::from_slice(&std::fs::read(out.join("run.json")).unwrap()).unwrap();
    let heat =
        run["measures"].as_array().unwrap().iter().find(|it| it["record"]["measure"] == "heat").unwrap();
    let finding = heat["record"]["remarks"][0][0].as_str().unwrap();
    assert!(finding.contains("station jamais vue") && report.contains(finding), "{finding}");
    for input in run["inputs"].as_array().unwrap() {
        assert!(report.contains(input["sha256"].as_str().unwrap()));
    }
    assert!(report.matches("data:image/png;base64,").count() >= 8);
    assert!(report.contains("aria-label=\"Zones climatiques locales\""));
    assert!(report.contains("ESTIM") || run["energy"]["measured"].is_string());
    for link in report.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(link.starts_with("data:") || out.join(link).is_file(), "{link}");
    }
}

#[test]
fn what_is_current_is_not_written_again() {
    let out = out();
    let instants = || {
        ["index.html", "web/page.js", "web/worker.js"]
            .map(|name| std::fs::metadata(out.join(name)).unwrap().modified().unwrap())
    };
    let before = instants();
    let ran = ilot(&["report", text(out), "--lang", "fr"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(instants(), before);
}

#[test]
fn a_folder_without_results_is_told() {
    let folder = TempDir::new().unwrap();
    let ran = ilot(&["report", text(folder.path())]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("holds no result of ilot"), "{}", ran.err);
}
