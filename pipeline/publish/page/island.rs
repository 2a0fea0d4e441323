//! What the page is told: every map, layer and document of a folder, in words of both languages, as JSON.
//!
//! In: the inventory. Out: an object with `maps` (what can be shown: a band of a raster with its archive), `rasters` (what a
//! click reads: units, legend, where the interval stands), `groups`, `layers`, `documents`, the place and the CRS. No value
//! of a cell or feature: those the page reads from the run's files. Fails where: the CRS cannot be brought to the globe.

use crate::formats::crs::{Crs, Transform};
use crate::formats::table;
use crate::measures::sun;
use crate::product::{
    BUILDINGS, Column, FAMILIES, HEAT_NIGHTS, HILLSHADE, LCZ, Spec, Style, Symbols, TREES, Vector, Words,
    look_of, told,
};
use crate::publish::archives::{self, mercator, stacks};
use crate::publish::inventory::{Held, Inventory, Layer};
use crate::publish::report;
use crate::publish::sheets::{Doubt, Figure, Interval, Paint, Sheet, WHOLE, doubt, missing_of};
use crate::report::both;
use crate::style::legend;
use crate::text;
use crate::text::{Fault, Text};
use serde_json::{Map, Value, json};

/// Maps of which the first that is there is seen at first.
const FIRST: [&str; 4] = ["heat_night", "cover", "chm", "dtm"];
/// Layers that are seen at first.
const SEEN: [&str; 1] = ["buildings"];
/// The colour of a layer that has none of its own.
const PLAIN: [u8; 3] = [90, 110, 140];
/// Bytes of a GeoJSON that a browser draws whole without an archive.
const LIGHT: u64 = 30_000_000;

/// The root of the twin.
const TILESET: &str = "tileset/tileset.json";
/// What the twin says of buildings beside the columns of their layer.
const OF_TWIN: [&str; 7] = ["year", "lod", "roof_fit", "volume", "roof_area", "imperviousness", "heat_night"];
/// What points of the twin bear.
const OF_POINTS: [&str; 4] = ["classification", "intensity", "height", "heat_night"];

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
pub fn of(inventory: &Inventory, language: &str) -> Result<Value, Fault> {
    let stacks: Vec<Held> = stacks::specs().into_iter().filter_map(|spec| stack(inventory, spec)).collect();
    let mut maps: Vec<Value> = inventory.rasters.iter().flat_map(|held| maps_of(inventory, held)).collect();
    maps.extend(stacks.iter().map(|held| stack_json(held.spec)));
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
    let rasters =
        inventory.rasters.iter().chain(&stacks).filter(|held| held.spec.name != HILLSHADE.spec.name);
    Ok(json!({
        "title": both(&title(inventory)),
        "subtitle": both(&subtitle(inventory)),
        "language": language,
        "credit": both(&credit(inventory)),
        "crs": { "code": inventory.crs.code(), "proj": inventory.crs.proj()? },
        "zone": zone(inventory),
        "bounds": bounds(inventory)?,
        "first": first,
        "seen": named(&SEEN, &layers, "name"),
        "relief": relief,
        "groups": groups(&maps),
        "maps": maps,
        "rasters": rasters.map(raster_json).collect::<Vec<_>>(),
        "layers": layers,
        "tileset": there(TILESET),
        "scene": scene(inventory),
        "surfaces": inventory.has("tileset/terrain.json") && inventory.has("tileset/buildings.json"),
        "report": there(report::NAME),
        "documents": documents,
    }))
}

/// A map for each step of a time, where its archives are there.
fn stack(inventory: &Inventory, spec: &'static Spec) -> Option<Held> {
    let bands = spec.bands.iter().map(|band| band.en.to_owned()).collect();
    let held = Held { spec, extent: inventory.extent, bands, spread: None };
    inventory.has(&stack_index(spec)).then_some(held)
}

fn stack_index(spec: &Spec) -> String {
    format!("{}/{}.json", archives::FOLDER, spec.name)
}

/// A stack as one map whose steps its index names.
fn stack_json(spec: &Spec) -> Value {
    let nights = spec.name == HEAT_NIGHTS.spec.name;
    json!({
        "name": spec.name, "raster": spec.name, "band": 0, "stack": stack_index(spec), "nights": nights,
        "tile_size": mercator::SIDE, "title": words(&spec.title),
    })
}

/// The zone of the legal time: the one that a step of the run was given, else that of the map; null where neither tells.
fn zone(inventory: &Inventory) -> Option<String> {
    let measures = inventory.run["measures"].as_array().map_or(&[][..], Vec::as_slice);
    let section =
        |measure: &Value| measure["record"]["settings"]["section"]["zone"].as_str().map(str::to_owned);
    let given = measures.iter().find_map(section);
    given.or_else(|| sun::zone(None, &inventory.crs).ok()?.iana_name().map(str::to_owned))
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
    let day = report::day_of(&inventory.run);
    let version = inventory.run["ilot"].as_str().unwrap_or(env!("CARGO_PKG_VERSION"));
    let (fr, en) = (day.fr, day.en);
    text!(fr: "Calcul du {fr} · ilot {version}", en: "Computed on {en} · ilot {version}")
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
    let tiles = archive(inventory, name);
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
                .map(|column| column_json(name, column))
                .collect();
            json!({
                "title": words(&vector.title), "meaning": words(&vector.meaning), "names": ["id"], "figures": figures,
                "paint": looked(name, vector.colour), "last": null,
            })
        }
        (None, None) => unlisted(name),
    };
    json["name"] = json!(name);
    json["columns"] = columns(inventory, layer, tiles.as_ref().map(|(_, about)| about));
    json["tiles"] = json!(tiles.map(|(archive, _)| archive));
    Some(json)
}

/// The archive of a layer and what its TileJSON says; a raster may bear the name of a layer.
fn archive(inventory: &Inventory, name: &str) -> Option<(String, Value)> {
    let named = |stem: String| {
        let path = |ending: &str| format!("{}/{stem}.{ending}", archives::FOLDER);
        let about = std::fs::read_to_string(inventory.out.join(path("json"))).ok()?;
        let about: Value = serde_json::from_str(&about).ok()?;
        (about["vector_layers"].is_array() && inventory.has(&path("pmtiles")))
            .then(|| (path("pmtiles"), about))
    };
    named(format!("{name}-zones")).or_else(|| named(name.to_owned()))
}

/// A layer without figures: what its look says.
fn unlisted(name: &str) -> Value {
    let look = look_of(name);
    let title = look.map_or_else(|| json!({ "fr": name, "en": name }), |look| words(&look.title));
    let meaning = look.map_or_else(|| json!({ "fr": "", "en": "" }), |look| words(&look.meaning));
    json!({
        "title": title, "meaning": meaning, "names": [if name == LCZ.spec.name { "lcz" } else { "id" }], "figures": [],
        "paint": looked(name, PLAIN), "last": null,
    })
}

/// The symbols that a layer's look declares, in the page's words; a plain colour where it has none.
fn looked(name: &str, plain: [u8; 3]) -> Value {
    match look_of(name).map(|look| look.symbols) {
        Some(Symbols::Outline(colour)) => json!({ "kind": "outline", "colour": colour }),
        Some(Symbols::Graded(column, unit, ranges)) => {
            let stops: Vec<Value> = ranges.iter().map(|(from, _, colour)| json!([from, colour])).collect();
            json!({ "kind": "steps", "column": column, "unit": unit, "stops": stops })
        }
        Some(Symbols::Classes(column, classes)) => {
            let values: Vec<Value> =
                classes.iter().map(|class| json!([class.value, class.colour, words(&class.label)])).collect();
            json!({ "kind": "words", "column": column, "values": values })
        }
        Some(Symbols::Plain(colour)) => json!({ "kind": "plain", "colour": colour }),
        None => json!({ "kind": "plain", "colour": plain }),
    }
}

fn column_json(layer: &str, column: &Column) -> Value {
    // Shares of 1 have the unit `1`, which nobody writes.
    let (decimals, unit) = match column.unit {
        "1" => (2, ""),
        "m" => (1, "m"),
        unit => (0, unit),
    };
    let label = told(layer, column.name).map_or_else(|| words(&column.meaning), |told| both(&told.label));
    json!({
        "column": column.name, "label": label, "unit": unit, "decimals": decimals, "factor": 1.0,
        "interval": { "kind": if column.name == "confidence" { "none" } else { "unknown" } },
    })
}

fn sheet_json(inventory: &Inventory, sheet: &Sheet) -> Value {
    let figures: Vec<Value> = sheet.figures.iter().map(|figure| figure_json(sheet, figure)).collect();
    let unit = |column: &str| match sheet.figures.iter().find(|figure| figure.column == column) {
        Some(figure) => figure.unit,
        None if column.ends_with("_pct") => "%",
        None => "",
    };
    let paint = match sheet.paint {
        Paint::Ramp(column, stops) => {
            json!({ "kind": "ramp", "column": column, "stops": stops, "unit": unit(column) })
        }
        Paint::Look => looked(sheet.name, PLAIN),
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

fn figure_json(sheet: &Sheet, figure: &Figure) -> Value {
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
        "factor": figure.factor, "interval": interval, "missing": missing_of(sheet.name, figure.column), "whole": WHOLE,
    })
}

/// What the columns of a layer are called, in the registry's words; one that it does not know keeps its name.
fn columns(inventory: &Inventory, layer: &Layer, archive: Option<&Value>) -> Value {
    let mut names: Vec<String> = Vec::new();
    if let Some(vector) = layer.vector {
        names.extend(vector.columns.iter().map(|column| column.name.to_owned()));
    }
    let fields = archive.and_then(|about| about["vector_layers"][0]["fields"].as_object());
    names.extend(fields.into_iter().flat_map(|fields| fields.keys().cloned()));
    let schema = std::fs::read_to_string(inventory.out.join(format!("{}.csv.schema.json", layer.name)));
    let schema: Value = serde_json::from_str(&schema.unwrap_or_default()).unwrap_or_default();
    let listed = schema["fields"].as_array().into_iter().flatten();
    names.extend(listed.filter_map(|field| field["name"].as_str().map(str::to_owned)));
    Value::Object(told_of(&layer.name, names.iter().map(String::as_str)))
}

/// What the scene says of what is picked there; null where there is none.
fn scene(inventory: &Inventory) -> Value {
    if !inventory.has(TILESET) {
        return Value::Null;
    }
    let of = |vector: &Vector, more: &[&'static str]| {
        let names = vector.columns.iter().map(|column| column.name).chain(more.iter().copied());
        told_of(vector.name, names)
    };
    json!({
        "buildings": of(&BUILDINGS, &OF_TWIN),
        "trees": of(&TREES, &[]),
        "points": told_of("points", OF_POINTS),
    })
}

/// Label, unit and words of values of the columns of a layer.
fn told_of<'a>(layer: &str, names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
    let of = |name: &str| {
        let told = told(layer, name)?;
        let mut about = both(&told.label);
        if !told.unit.is_empty() {
            about["unit"] = json!(told.unit);
        }
        if !told.values.is_empty() {
            let values = told.values.iter().map(|(raw, said)| (raw.clone(), words(said)));
            about["values"] = Value::Object(values.collect());
        }
        Some((name.to_owned(), about))
    };
    names.into_iter().filter_map(of).collect()
}
