//! Tables of a checked network: flags per reading, indicators per station.
//!
//! In: a survey; out: `readings_flags.csv` with its schema, written row by row, and `stations` as CSV with its schema,
//! GeoPackage and GeoJSON. Figures that are not known are empty, never zero. Cost: 0.2 µs a row.

use super::indicators::{Baseline, Figures};
use super::output::Output;
use super::{Order, Survey, words};
use crate::formats::aside::Aside;
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value, encode_geojson};
use crate::style;
use crate::text;
use crate::text::{Fault, Language, Text};
use ilot_kernels::readings::checks::Flags;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};

/// Writes all tables.
pub(super) fn write(survey: &Survey, order: &Order, store: &Output) -> Result<(), Fault> {
    flags(survey, order, store)?;
    let (layer, columns) = stations(survey, order);
    write_layer(store, "stations", &layer, &columns)
}

/// A layer as CSV with its schema, GeoPackage and GeoJSON; `columns` says what each field means and its unit.
pub fn write_layer(store: &Output, name: &str, layer: &Layer, columns: &[(Text, &str)]) -> Result<(), Fault> {
    store.write(&format!("{name}.csv"), csv(layer).as_bytes())?;
    store.write(&format!("{name}.csv.schema.json"), schema(layer, columns).as_bytes())?;
    // The network alone has no model, hence no role in it.
    let look = if layer.field("role").is_some() { name } else { "network" };
    store.write(&format!("{name}.gpkg"), &style::styled_gpkg(look, name, layer)?)?;
    store.write(&format!("{name}.geojson"), encode_geojson(name, layer)?.as_bytes())
}

/// RFC 4180, without geometries.
pub fn csv(layer: &Layer) -> String {
    let quoted = |text: &str| {
        if text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let mut out = layer.fields.iter().map(|field| quoted(&field.name)).collect::<Vec<_>>().join(",") + "\r\n";
    for feature in &layer.features {
        let cell = |value: &Value| match value {
            Value::Integer(value) => value.to_string(),
            Value::Real(value) if value.is_finite() => value.to_string(),
            Value::Real(_) | Value::Null => String::new(),
            Value::Text(text) => quoted(text),
        };
        out += &(feature.values.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n");
    }
    out
}

/// The Table Schema of a layer's CSV.
fn schema(layer: &Layer, columns: &[(Text, &str)]) -> String {
    let fields = layer.fields.iter().zip(columns).map(|(field, (meaning, unit))| {
        let kind = match field.kind {
            FieldKind::Integer => "integer",
            FieldKind::Real => "number",
            FieldKind::Text | FieldKind::Date => "string",
        };
        let mut object =
            serde_json::json!({ "name": field.name, "type": kind, "description": meaning.to_string() });
        if !unit.is_empty() {
            object["unit"] = (*unit).into();
        }
        object
    });
    crate::formats::table::schema(fields.collect())
}

/// A real value, rounded to ten thousandths; nothing where it is not known.
pub fn real(value: f64) -> Value {
    if value.is_finite() { Value::Real((value * 1e4).round() / 1e4) } else { Value::Null }
}

/// `readings_flags.csv`.
fn flags(survey: &Survey, order: &Order, store: &Output) -> Result<(), Fault> {
    let path = store.out().join("readings_flags.csv");
    let aside = Aside::create(&path)?;
    let mut file = BufWriter::with_capacity(1 << 20, aside.open()?);
    let mut text = String::from("station_id,instant_utc,temperature_c,flags,counts\r\n");
    let network = &survey.network;
    let instants: Vec<String> =
        (0..network.steps).map(|step| words::instant(network.instant(step))).collect();
    for (station, entry) in survey.sheet.entries.iter().enumerate() {
        for (step, instant) in instants.iter().enumerate() {
            let (value, flags) =
                (network.stations[station].values[step], survey.checked.flags[station][step]);
            if value.is_nan() && !flags.any(Flags::O1) {
                continue;
            }
            push_row(&mut text, &entry.name, instant, value, flags, order);
        }
        file.write_all(text.as_bytes()).map_err(|why| aside.fault(&why))?;
        text.clear();
    }
    file.flush().map_err(|why| aside.fault(&why))?;
    drop(file);
    aside.commit()?;
    store.note("readings_flags.csv");
    store.write("readings_flags.csv.schema.json", flags_schema().as_bytes())
}

fn push_row(text: &mut String, name: &str, instant: &str, value: f64, flags: Flags, order: &Order) {
    if name.contains(['"', ',']) {
        let _ = write!(text, "\"{}\",{instant},", name.replace('"', "\"\""));
    } else {
        let _ = write!(text, "{name},{instant},");
    }
    if !value.is_nan() {
        let _ = write!(text, "{}", (value * 1e4).round() / 1e4);
    }
    text.push(',');
    let before = text.len();
    for (_, name) in Flags::NAMES.iter().filter(|(flag, _)| flags.any(*flag)) {
        if text.len() > before {
            text.push(' ');
        }
        text.push_str(name);
    }
    let counts = !value.is_nan() && !flags.any(order.settings.rejecting);
    text.push_str(if counts { ",1\r\n" } else { ",0\r\n" });
}

fn flags_schema() -> String {
    let flags = text!(
        fr: "Tous les drapeaux : P1 hors plage, P2 saut, P3 figé, P4 soleil, M1 même lieu, M2 loin de la médiane, M3 trop peu de M2 valables, M4 ne suit pas le réseau, M5 loin des voisines (M5? : trop peu de voisines), O1 lacune comblée, O2 jour, O3 période trop incomplets",
        en: "All flags: P1 out of range, P2 jump, P3 frozen, P4 sun, M1 same place, M2 far from the median, M3 too few passed M2, M4 does not go with the network, M5 far from its neighbours (M5?: too few neighbours), O1 gap filled, O2 day, O3 span too incomplete",
    );
    let counts = text!(fr: "1 si la mesure compte, 0 si un drapeau l'écarte", en: "1 where the reading counts, 0 where a flag sets it aside");
    let schema = serde_json::json!({ "fields": [
        { "name": "station_id", "type": "string" },
        { "name": "instant_utc", "type": "datetime" },
        { "name": "temperature_c", "type": "number", "unit": "°C" },
        { "name": "flags", "type": "string", "description": flags.to_string() },
        { "name": "counts", "type": "integer", "description": counts.to_string() },
    ], "missingValues": [""], "description": "Schéma d'ilot, non officiel. Schema of ilot, not official." });
    format!("{schema:#}\n")
}

type Column = (&'static str, FieldKind, Text, &'static str);

/// A column and its value at a station.
type Figure = (Column, Box<dyn Fn(&Figures) -> Value>);

/// Columns of `stations` after name and faults, and their values.
fn columns(survey: &Survey, order: &Order) -> Vec<Figure> {
    let mut columns = heat_columns(survey);
    columns.extend(extreme_columns());
    columns.extend(day_columns(order));
    columns.extend(hour_columns(order));
    columns
}

fn number(name: &'static str, text: Text, unit: &'static str) -> Column {
    (name, FieldKind::Real, text, unit)
}

fn count(name: &'static str, text: Text) -> Column {
    (name, FieldKind::Integer, text, "")
}

fn integer(value: usize) -> Value {
    Value::Integer(value as i64)
}

/// How much warmer than the baseline.
fn heat_columns(survey: &Survey) -> Vec<Figure> {
    let base = match survey.indicators.baseline {
        Baseline::References(_) => {
            let Text { fr, en } = survey.indicators.baseline.words();
            text!(fr: "par rapport à {fr}", en: "above {en}")
        }
        Baseline::Median => {
            text!(fr: "par rapport à la médiane du réseau (pas de référence rurale)", en: "above the network's median (no rural reference)")
        }
    };
    let relative = |text: Text| Text {
        fr: format!("{}, {}", text.fr, base.fr),
        en: format!("{}, {}", text.en, base.en),
    };
    vec![
        (
            number(
                "heat_night_k",
                relative(
                    text!(fr: "Îlot de chaleur nocturne : écart moyen des minima", en: "Heat island by night: mean difference of minima"),
                ),
                "K",
            ),
            Box::new(|f| real(f.heat_night)),
        ),
        (
            number(
                "heat_intense_k",
                relative(
                    text!(fr: "Même écart, nuits du cinquième le plus contrasté", en: "The same in the fifth of the nights with the largest contrasts"),
                ),
                "K",
            ),
            Box::new(|f| real(f.heat_intense)),
        ),
        (
            number(
                "heat_day_k",
                relative(
                    text!(fr: "Écart moyen de 13 à 17 h solaires", en: "Mean difference from 13 to 17 h solar time"),
                ),
                "K",
            ),
            Box::new(|f| real(f.heat_day)),
        ),
    ]
}

/// Mean minima and maxima, and how many days know them.
fn extreme_columns() -> Vec<Figure> {
    vec![
        (
            number(
                "minimum_c",
                text!(fr: "Minimum moyen, jours de 18 à 18 h UTC", en: "Mean minimum, days from 18 to 18 h UTC"),
                "°C",
            ),
            Box::new(|f| real(f.minimum)),
        ),
        (
            number(
                "maximum_c",
                text!(fr: "Maximum moyen, jours de 6 à 6 h UTC", en: "Mean maximum, days from 6 to 6 h UTC"),
                "°C",
            ),
            Box::new(|f| real(f.maximum)),
        ),
        (
            count("minima", text!(fr: "Jours avec minimum", en: "Days with a minimum")),
            Box::new(move |f| integer(f.known.0)),
        ),
        (
            count("maxima", text!(fr: "Jours avec maximum", en: "Days with a maximum")),
            Box::new(move |f| integer(f.known.1)),
        ),
    ]
}

/// Days and nights beyond a temperature.
fn day_columns(order: &Order) -> Vec<Figure> {
    let (tropical, (hot, very_hot)) = (order.bases.tropical, order.bases.hot);
    vec![
        (
            count(
                "tropical_nights",
                text!(fr: "Nuits dont le minimum atteint {tropical} °C", en: "Nights whose minimum reaches {tropical} °C"),
            ),
            Box::new(move |f| integer(f.tropical)),
        ),
        (
            count(
                "hot_days",
                text!(fr: "Jours dont le maximum atteint {hot} °C", en: "Days whose maximum reaches {hot} °C"),
            ),
            Box::new(move |f| integer(f.hot.0)),
        ),
        (
            count(
                "very_hot_days",
                text!(fr: "Jours dont le maximum atteint {very_hot} °C", en: "Days whose maximum reaches {very_hot} °C"),
            ),
            Box::new(move |f| integer(f.hot.1)),
        ),
        (
            count(
                "heat_wave_days",
                text!(fr: "Jours de canicule (moyennes de 3 jours des minima et maxima aux seuils donnés) ; vide sans seuils", en: "Days of heat waves (3-day means of minima and maxima at the given thresholds); empty without thresholds"),
            ),
            Box::new(move |f| f.heat_wave.map_or(Value::Null, integer)),
        ),
    ]
}

/// Sums and rates over hours.
fn hour_columns(order: &Order) -> Vec<Figure> {
    let (day, night) = order.bases.degree_hours;
    vec![
        (
            number(
                "degree_hours_day",
                text!(fr: "Degrés-heures au-dessus de {day} °C, de jour", en: "Degree-hours above {day} °C, by day"),
                "K h",
            ),
            Box::new(|f| real(f.degree_hours.0)),
        ),
        (
            number(
                "degree_hours_night",
                text!(fr: "Degrés-heures au-dessus de {night} °C, de nuit", en: "Degree-hours above {night} °C, by night"),
                "K h",
            ),
            Box::new(|f| real(f.degree_hours.1)),
        ),
        (
            number(
                "cooling_k_per_h",
                text!(fr: "Refroidissement moyen dans les 4 h après le coucher du soleil", en: "Mean cooling in the 4 h after sunset"),
                "K/h",
            ),
            Box::new(|f| real(f.cooling)),
        ),
    ]
}

pub(super) fn stations(survey: &Survey, order: &Order) -> (Layer, Vec<(Text, &'static str)>) {
    let columns = columns(survey, order);
    let text_field = |name: &str| Field { name: name.to_owned(), kind: FieldKind::Text };
    let mut fields = vec![text_field("station_id"), text_field("faults"), text_field("remarks")];
    fields.push(Field { name: "used_night".to_owned(), kind: FieldKind::Integer });
    fields.push(Field { name: "used_day".to_owned(), kind: FieldKind::Integer });
    fields
        .extend(columns.iter().map(|((name, kind, ..), _)| Field { name: (*name).to_owned(), kind: *kind }));
    let features = (0..survey.sheet.entries.len()).map(|station| {
        let entry = &survey.sheet.entries[station];
        let faults = &survey.faults[station];
        let names: Vec<&str> = faults.iter().map(words::word).collect();
        let sentences: Vec<String> = faults
            .iter()
            .map(|fault| words::sentence(survey, fault).in_language(Language::spoken()).to_owned())
            .collect();
        let usable = survey.indicators.usable[station];
        let own = [
            Value::Text(entry.name.clone()),
            Value::Text(names.join(" ")),
            Value::Text(sentences.join(" ; ")),
            Value::Integer(usable.0.into()),
            Value::Integer(usable.1.into()),
        ];
        let figures = columns.iter().map(|(_, value)| value(&survey.indicators.stations[station]));
        Feature {
            geometry: geo::Point::new(entry.x, entry.y).into(),
            values: own.into_iter().chain(figures).collect(),
        }
    });
    let meanings = [
        (text!(fr: "Nom", en: "Name"), ""),
        (text!(fr: "Défauts", en: "Faults"), ""),
        (text!(fr: "Défauts en toutes lettres", en: "Faults in words"), ""),
        (text!(fr: "1 si ses nuits servent à la carte", en: "1 where its nights serve the map"), ""),
        (text!(fr: "1 si ses jours servent à la carte", en: "1 where its days serve the map"), ""),
    ];
    let layer = Layer { crs: Some(survey.sheet.crs.clone()), fields, features: features.collect() };
    let meanings =
        meanings.into_iter().chain(columns.into_iter().map(|((_, _, text, unit), _)| (text, unit)));
    (layer, meanings.collect())
}
