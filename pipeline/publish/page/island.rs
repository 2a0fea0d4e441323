//! What the page is told: every map, layer and document of a folder, in words of both languages, as JSON.
//!
//! In: the inventory. Out: an object with `maps` (what can be shown: a band of a raster with its archive), `rasters` (what a
//! click reads: units, legend, where the interval stands), `groups`, `layers`, `documents`, the place and the CRS. No value
//! of a cell or feature: those the page reads from the run's files. Fails where: the CRS cannot be brought to the globe.

use crate::formats::crs::{Crs, Transform};
use crate::formats::table;
use crate::product::{Column, FAMILIES, HILLSHADE, Spec, Style, Words};
use crate::publish::archives::mercator;
use crate::publish::inventory::{Held, Inventory, Layer};
use crate::publish::report;
use crate::publish::sheets::{Doubt, Figure, Interval, Paint, Sheet, doubt};
use crate::report::both;
use crate::style::legend;
use crate::text;
use crate::text::{Fault, Language, Text};
use serde_json::{Map, Value, json};

/// Maps of which the first that is there is seen at first.
const FIRST: [&str; 4] = ["heat_night", "cover", "chm", "dtm"];
/// Layers that are seen at first.
const SEEN: [&str; 1] = ["buildings"];
/// Bytes of a GeoJSON that a browser draws whole without an archive.
const LIGHT: u64 = 30_000_000;

/// Pages and files that people may want, with their titles.
const DOCUMENTS: [(&str, Words); 6] = [
    ("heat.html", Words { fr: "Chaleur : le modèle", en: "Warmth: the model" }),
    ("sensors/sensors.html", Words { fr: "Capteurs : le contrôle", en: "Sensors: the checks" }),
    ("report/index.html", Words { fr: "Rapport triennal ZAN", en: "Three-yearly ZAN report" }),
    ("catalog.json", Words { fr: "Catalogue STAC", en: "STAC catalogue" }),
    ("ilot.qgz", Words { fr: "Projet QGIS", en: "QGIS project" }),
    ("run.json", Words { fr: "Provenance (run.json)", en: "Provenance (run.json)" }),
];

/// The data island of a folder.
///
/// # Errors
/// Where its CRS cannot be brought to the globe.
pub fn of(inventory: &Inventory) -> Result<Value, Fault> {
    let maps: Vec<Value> = inventory.rasters.iter().flat_map(|held| maps_of(inventory, held)).collect();
    let layers: Vec<Value> =
        inventory.layers.iter().filter_map(|layer| layer_json(inventory, layer)).collect();
    let named = |names: &[&'static str], all: &[Value], key: &str| -> Vec<Value> {
        let of = |name: &&str| all.iter().find(|one| one[key] == **name).map(|one| one["name"].clone());
        names.iter().filter_map(of).collect()
    };
    let first =
        named(&FIRST, &maps, "raster").into_iter().next().or_else(|| Some(maps.first()?["name"].clone()));
    let relief = named(&[HILLSHADE.spec.name], &maps, "raster").into_iter().next();
    let there = |path: &str| inventory.has(path).then(|| path.to_owned());
    let documents: Vec<Value> = DOCUMENTS
        .iter()
        .filter(|(path, _)| inventory.has(path))
        .map(|(path, title)| json!({ "path": path, "title": words(title) }))
        .collect();
    Ok(json!({
        "title": both(&title(inventory)),
        "subtitle": both(&subtitle(inventory)),
        "language": Language::spoken().code(),
        "credit": both(&credit(inventory)),
        "crs": { "code": inventory.crs.code(), "proj": inventory.crs.proj()? },
        "bounds": bounds(inventory)?,
        "first": first,
        "seen": named(&SEEN, &layers, "name"),
        "relief": relief,
        "groups": groups(&maps),
        "maps": maps,
        "rasters": inventory.rasters.iter().filter(|held| held.spec.name != HILLSHADE.spec.name).map(raster_json).collect::<Vec<_>>(),
        "layers": layers,
        "tileset": there("tileset/tileset.json"),
        "report": there(report::NAME),
        "documents": documents,
    }))
}

fn words(words: &Words) -> Value {
    both(&words.text())
}

fn title(inventory: &Inventory) -> Text {
    let names = report::communes_of(inventory);
    if names.is_empty() {
        return text!(fr: "Résultats d'ilot", en: "Results of ilot");
    }
    let list = crate::measures::sensors::words::list(&names);
    Text { fr: list.clone(), en: list }
}

fn subtitle(inventory: &Inventory) -> Text {
    let day: String = inventory.run["finished"].as_str().unwrap_or("–").chars().take(10).collect();
    let version = inventory.run["ilot"].as_str().unwrap_or(env!("CARGO_PKG_VERSION"));
    text!(fr: "Calcul du {day} · ilot {version}", en: "Computed on {day} · ilot {version}")
}

/// Whom the maps thank, as their archives have it.
fn credit(inventory: &Inventory) -> Text {
    let folder = inventory.out.join("pmtiles");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let said = files.iter().filter(|path| path.extension().is_some_and(|it| it == "json")).find_map(|path| {
        let about: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        about["attribution"].as_str().map(str::to_owned)
    });
    let line = said.unwrap_or_else(|| concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned());
    Text { fr: line.clone(), en: line }
}

/// West, south, east, north in degrees.
fn bounds(inventory: &Inventory) -> Result<[f64; 4], Fault> {
    let there = Transform::new(&inventory.crs, &Crs::wgs84()?)?;
    let extent = inventory.extent;
    let corners = [
        (extent.west, extent.south),
        (extent.west, extent.north),
        (extent.east, extent.south),
        (extent.east, extent.north),
    ];
    let mut all = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for (x, y) in corners {
        let (lon, lat) = there.point(x, y)?;
        all = [all[0].min(lon), all[1].min(lat), all[2].max(lon), all[3].max(lat)];
    }
    Ok(all)
}

/// What of a raster can be shown: its bands that have an archive, but for half-widths.
fn maps_of(inventory: &Inventory, held: &Held) -> Vec<Value> {
    let most = match doubt(held.spec.name) {
        Doubt::HalfBand(band, _) => band - 1,
        _ => usize::MAX,
    };
    let map = |band: usize| {
        let name = if held.bands.len() == 1 {
            held.spec.name.to_owned()
        } else {
            format!("{}-{}", held.spec.name, band + 1)
        };
        let tiles = format!("pmtiles/{name}.pmtiles");
        let Text { mut fr, mut en } = held.spec.title.text();
        if held.bands.len().min(most) > 1 {
            let own = held.band(band);
            fr = format!("{fr} : {}", own.fr);
            en = format!("{en}: {}", own.en);
        }
        inventory.has(&tiles).then(|| {
            json!({
                "name": name, "raster": held.spec.name, "band": band, "tiles": tiles, "tile_size": mercator::SIDE,
                "title": { "fr": fr, "en": en },
            })
        })
    };
    (0..held.bands.len().min(most)).filter_map(map).collect()
}

fn groups(maps: &[Value]) -> Vec<Value> {
    let of = |family: &crate::product::Family| {
        let own = |map: &&Value| {
            family.specs.iter().any(|spec| map["raster"] == spec.name && spec.name != HILLSHADE.spec.name)
        };
        let names: Vec<&Value> = maps.iter().filter(own).map(|map| &map["name"]).collect();
        (!names.is_empty()).then(|| json!({ "title": words(&family.title), "maps": names }))
    };
    // What people look for stands first.
    FAMILIES.iter().rev().filter_map(of).collect()
}

fn raster_json(held: &Held) -> Value {
    let spec = held.spec;
    let kind = match spec.style {
        Style::Classes(_) => "classes",
        _ => "ramp",
    };
    let marks: Vec<Value> = legend(spec, held.spread)
        .iter()
        .map(|mark| json!({ "value": mark.value, "colour": mark.colour, "alpha": mark.alpha, "label": both(&mark.label) }))
        .collect();
    json!({
        "name": spec.name,
        "title": words(&spec.title),
        "meaning": words(&spec.meaning),
        "unit": spec.unit,
        "decimals": decimals(spec),
        "range": [spec.range.0, spec.range.1],
        "kind": kind,
        "bands": (0..held.bands.len()).map(|band| both(&held.band(band))).collect::<Vec<_>>(),
        "legend": marks,
        "doubt": doubt_json(spec),
        "source": spec.source,
    })
}

/// Decimals that mean something to a reader.
fn decimals(spec: &Spec) -> usize {
    match spec.unit {
        "%" | "°" | "kWh/m²/yr" | "points/m²" => 0,
        "" => 2,
        _ => 1,
    }
}

fn doubt_json(spec: &Spec) -> Value {
    match doubt(spec.name) {
        Doubt::HalfOf(product, level) => json!({ "kind": "half", "product": product, "level": level }),
        Doubt::ChanceOf(product) => json!({ "kind": "chance", "product": product }),
        Doubt::HalfBand(band, level) => json!({ "kind": "band", "band": band, "level": level }),
        Doubt::Said(said) => json!({ "kind": "said", "words": words(&said) }),
        Doubt::Unknown => json!({ "kind": "unknown" }),
    }
}

/// A layer that the page can draw: from its archive, else whole where it is light enough.
fn layer_json(inventory: &Inventory, layer: &Layer) -> Option<Value> {
    let name = &layer.name;
    let archive = format!("pmtiles/{name}.pmtiles");
    let about =
        std::fs::read_to_string(inventory.out.join(format!("pmtiles/{name}.json"))).unwrap_or_default();
    let about: Value = serde_json::from_str(&about).unwrap_or_default();
    // A raster may bear the name of a layer.
    let tiles = (about["vector_layers"].is_array() && inventory.has(&archive)).then_some(archive);
    let bytes =
        std::fs::metadata(inventory.out.join(format!("{name}.geojson"))).map_or(u64::MAX, |it| it.len());
    if tiles.is_none() && bytes > LIGHT {
        return None;
    }
    let mut json = match (layer.sheet, layer.vector) {
        (Some(sheet), _) => sheet_json(inventory, sheet),
        (None, Some(vector)) => {
            let figures: Vec<Value> = vector
                .columns
                .iter()
                .filter(|column| !column.unit.is_empty())
                .take(6)
                .map(column_json)
                .collect();
            json!({
                "title": words(&vector.title), "meaning": words(&vector.meaning), "names": ["id"], "figures": figures,
                "paint": { "kind": "plain", "colour": vector.colour }, "last": null,
            })
        }
        (None, None) => json!({
            "title": { "fr": name, "en": name }, "meaning": { "fr": "", "en": "" }, "names": [], "figures": [],
            "paint": { "kind": "plain", "colour": [90, 110, 140] }, "last": null,
        }),
    };
    json["name"] = json!(name);
    json["tiles"] = json!(tiles);
    json["columns"] = columns(inventory, layer);
    Some(json)
}

fn column_json(column: &Column) -> Value {
    let decimals = usize::from(column.unit == "m");
    json!({
        "column": column.name, "label": words(&column.meaning), "unit": column.unit, "decimals": decimals, "factor": 1.0,
        "interval": { "kind": if column.name == "confidence" { "none" } else { "unknown" } },
    })
}

fn sheet_json(inventory: &Inventory, sheet: &Sheet) -> Value {
    let figures: Vec<Value> = sheet.figures.iter().map(figure_json).collect();
    let unit = |column: &str| match sheet.figures.iter().find(|figure| figure.column == column) {
        Some(figure) => figure.unit,
        None if column.ends_with("_pct") => "%",
        None => "",
    };
    let paint = match sheet.paint {
        Paint::Plain(colour) => json!({ "kind": "plain", "colour": colour }),
        Paint::Ramp(column, stops) => {
            json!({ "kind": "ramp", "column": column, "stops": stops, "unit": unit(column) })
        }
        Paint::Words(column, values) => {
            let values: Vec<Value> =
                values.iter().map(|(word, colour, said)| json!([word, colour, words(said)])).collect();
            json!({ "kind": "words", "column": column, "values": values })
        }
    };
    let last = sheet.last.and_then(|column| {
        let table = table::read(&inventory.out.join(format!("{}.csv", sheet.name))).ok()?;
        let at = table.names.iter().position(|name| name == column)?;
        let value = table.rows.iter().map(|row| row[at].clone()).max()?;
        Some(json!({ "column": column, "value": value }))
    });
    json!({
        "title": words(&sheet.title), "meaning": words(&sheet.meaning), "names": sheet.names, "figures": figures,
        "paint": paint, "last": last,
    })
}

fn figure_json(figure: &Figure) -> Value {
    let interval = match figure.interval {
        Interval::Ends(low, high, level) => {
            json!({ "kind": "ends", "low": low, "high": high, "level": level })
        }
        Interval::Half(half, level) => json!({ "kind": "half", "half": half, "level": level }),
        Interval::Unknown => json!({ "kind": "unknown" }),
        Interval::None => json!({ "kind": "none" }),
    };
    json!({
        "column": figure.column, "label": words(&figure.label), "unit": figure.unit, "decimals": figure.decimals,
        "factor": figure.factor, "interval": interval,
    })
}

/// What the columns of a layer mean: the registry's words, else those of its Table Schema.
fn columns(inventory: &Inventory, layer: &Layer) -> Value {
    let mut all = Map::new();
    if let Some(vector) = layer.vector {
        for column in vector.columns {
            let mut about = words(&column.meaning);
            about["unit"] = json!(column.unit);
            let _ = all.insert(column.name.to_owned(), about);
        }
        return Value::Object(all);
    }
    let schema = std::fs::read_to_string(inventory.out.join(format!("{}.csv.schema.json", layer.name)))
        .unwrap_or_default();
    let schema: Value = serde_json::from_str(&schema).unwrap_or_default();
    for field in schema["fields"].as_array().into_iter().flatten() {
        let (Some(name), Some(said)) = (field["name"].as_str(), field["description"].as_str()) else {
            continue;
        };
        let unit = field["unit"].as_str().unwrap_or("");
        let _ = all.insert(name.to_owned(), json!({ "fr": said, "en": said, "unit": unit }));
    }
    Value::Object(all)
}
