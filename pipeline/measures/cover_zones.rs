//! Land cover by zone: areas and shares of each class with their intervals, means of the shares and heights, and trees.
//!
//! In: a layer of polygons, the finished maps and, where the run makes it, the layer of trees (`trees`). Out: the zones with their own fields and the figures, as GeoPackage,
//! GeoJSON and CSV with its Table Schema, and the confusion matrix behind the intervals. Each cell counts for its exact
//! part in a zone ([`super::zonal`]); a zone without data has empty figures, never zeros.

mod trees;

use crate::formats::vector::{Field, FieldKind, Layer, Value, encode_geojson};
use crate::landcover::confusion::{self, CLASSES, Confusion, NAMES, SEALED};
use crate::measures::zonal::{self, Answer, Column, Question};
use crate::product::TREES;
use crate::store::Store;
use crate::style;
use crate::text;
use crate::text::{Fault, Text};
use std::path::PathBuf;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The zones.
    pub zones: PathBuf,
    /// Their layer, where the file has several.
    pub layer: Option<String>,
    /// Maps of quantities whose means are wanted, names of products.
    pub means: Vec<&'static str>,
    /// Whether the trees are counted.
    pub trees: bool,
    /// Whether an infrared image was there.
    pub with_image: bool,
}

/// Name of the files.
pub const NAME: &str = "cover_zones";

/// Measures and writes; returns the files below the folder of results and what a user should know.
///
/// # Errors
/// Where the zones or a map cannot be read, or a file cannot be written.
pub fn make(order: &Order, store: &Store) -> Result<(Vec<String>, Vec<Text>), Fault> {
    let map = |name: &str| store.out().join(format!("{name}.vrt"));
    let question = Question {
        zones: order.zones.clone(),
        layer: order.layer.clone(),
        rasters: vec![map("cover")],
        classes: true,
        ..Question::default()
    };
    let Answer { mut layer, columns, mut remarks, .. } = zonal::measure(&question)?;
    let own = layer.fields.len() - columns.len();
    layer.fields.truncate(own);
    layer.features.iter_mut().for_each(|feature| feature.values.truncate(own));
    let confusion = if order.with_image { &confusion::WITH_IMAGE } else { &confusion::WITHOUT_IMAGE };
    let mut figures = areas(&columns, layer.features.len(), confusion);
    let rasters: Vec<PathBuf> =
        order.means.iter().map(|name| map(name)).filter(|path| path.exists()).collect();
    if !rasters.is_empty() {
        let percentiles = vec![50.0, 95.0];
        let answer = zonal::measure(&Question { rasters, classes: false, percentiles, ..question.clone() })?;
        let wanted = ["_mean", "_p50", "_p95"];
        let keep = |column: &Column| wanted.iter().any(|ending| column.name.ends_with(ending));
        figures.extend(answer.columns.into_iter().filter(keep));
        remarks.extend(answer.remarks);
    }
    if order.trees {
        let known: Vec<bool> = covered(&figures, layer.features.len());
        let path = store.out().join(format!("{}.gpkg", TREES.name));
        let zones = Question { rasters: Vec::new(), ..question };
        figures.extend(trees::columns(&path, &zones, &known)?);
    }
    zonal::unique(&mut figures, &layer.fields);
    for column in &figures {
        layer.fields.push(Field { name: column.name.clone(), kind: column.kind });
    }
    for (index, feature) in layer.features.iter_mut().enumerate() {
        feature.values.extend(figures.iter().map(|column| column.values[index].clone()));
    }
    remarks.dedup();
    Ok((write(store, &layer, &figures, confusion)?, remarks))
}

/// Which zones have data.
fn covered(figures: &[Column], zones: usize) -> Vec<bool> {
    let area = figures.iter().find(|column| column.name == "cover_area");
    (0..zones).map(|zone| area.is_some_and(|area| area.values[zone].number() > Some(0.0))).collect()
}

fn write(
    store: &Store,
    layer: &Layer,
    figures: &[Column],
    confusion: &Confusion,
) -> Result<Vec<String>, Fault> {
    let files = [
        (format!("{NAME}.csv.schema.json"), zonal::schema(layer, figures).into_bytes()),
        (format!("{NAME}.csv"), zonal::csv(layer).into_bytes()),
        (format!("{NAME}.geojson"), encode_geojson(NAME, layer)?.into_bytes()),
        (format!("{NAME}.gpkg"), style::styled_gpkg(NAME, NAME, layer)?),
        ("cover_confusion.csv.schema.json".to_owned(), confusion::schema().into_bytes()),
        ("cover_confusion.csv".to_owned(), confusion::csv(confusion).into_bytes()),
    ];
    for (name, bytes) in &files {
        store.write(name, bytes)?;
    }
    Ok(files.into_iter().map(|(name, _)| name).collect())
}

/// The areas of one zone, where it has data.
struct Zone {
    areas: [f64; CLASSES],
    known: f64,
    edge: f64,
}

/// The columns of areas, shares and intervals.
fn areas(measured: &[Column], zones: usize, confusion: &Confusion) -> Vec<Column> {
    let number = |name: &str, zone: usize| {
        let column = measured.iter().find(|column| column.name == name)?;
        column.values[zone].number()
    };
    let found: Vec<Option<Zone>> = (0..zones)
        .map(|zone| {
            let known = number("cover_area", zone).filter(|known| *known > 0.0)?;
            let mut areas = [0.0; CLASSES];
            for (class, area) in areas.iter_mut().enumerate() {
                *area = number(&format!("cover_area_{}", class + 1), zone).unwrap_or(0.0);
            }
            let share = number("cover_edge", zone).unwrap_or(0.0);
            Some(Zone { areas, known, edge: share * known })
        })
        .collect();
    let mut columns = Vec::new();
    for (class, name) in NAMES.iter().enumerate() {
        columns.extend(of_set(name, &found, confusion, &move |other| other == class));
    }
    columns.extend(of_set("impermeable", &found, confusion, &|class| SEALED[class]));
    for name in ["cover_area", "cover_missing", "cover_edge"] {
        columns.extend(measured.iter().find(|column| column.name == name).cloned());
    }
    columns
}

/// Area, interval and share of a set of classes.
fn of_set(
    name: &str,
    zones: &[Option<Zone>],
    confusion: &Confusion,
    set: &dyn Fn(usize) -> bool,
) -> Vec<Column> {
    let likely: Vec<_> = zones
        .iter()
        .map(|zone| {
            let zone = zone.as_ref()?;
            Some((confusion::likely(confusion, &zone.areas, set, zone.edge), zone.known))
        })
        .collect();
    let column =
        |ending: &str, unit: &'static str, meaning: Text, value: fn(&confusion::Likely, f64) -> f64| {
            let of = |found: &Option<(confusion::Likely, f64)>| {
                found.as_ref().map_or(Value::Null, |(likely, known)| Value::Real(value(likely, *known)))
            };
            let values = likely.iter().map(of).collect();
            Column { name: format!("{name}_{ending}"), kind: FieldKind::Real, unit, meaning, values }
        };
    vec![
        column(
            "m2",
            "m²",
            text!(fr: "Surface de la classe sur la carte", en: "Area of the class on the map"),
            |likely, _| likely.mapped,
        ),
        column(
            "low_m2",
            "m²",
            text!(fr: "Bas de l'intervalle à 90 %, d'après la matrice de confusion", en: "Low end of the 90 % interval, by the confusion matrix"),
            |likely, _| likely.low,
        ),
        column(
            "high_m2",
            "m²",
            text!(fr: "Haut de l'intervalle à 90 %, d'après la matrice de confusion", en: "High end of the 90 % interval, by the confusion matrix"),
            |likely, _| likely.high,
        ),
        column(
            "pct",
            "%",
            text!(fr: "Part de la surface avec données", en: "Share of the area with data"),
            |likely, known| likely.mapped / known * 100.0,
        ),
    ]
}
