//! From zones that have gathered to columns, CSV and Table Schema.
//!
//! In: the zones of one raster; out: named columns with unit and meaning, the table as RFC 4180 CSV with the
//! shortest decimals that give the same number back, and its Frictionless Table Schema. A figure that is not known
//! is empty, never zero; only an area or a share that is truly none is 0.

use super::Question;
use crate::formats::vector::{Field, FieldKind, Layer, Value};
use crate::text;
use crate::text::Text;
use ilot_kernels::zonal::Zone;
use ilot_kernels::zonal::statistics::Statistics;
use std::collections::BTreeSet;
use std::path::Path;

/// A measured column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name, unique in the table.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Unit; empty where it is the raster's own, or a bare number.
    pub unit: &'static str,
    /// What it means.
    pub meaning: Text,
    /// One value per zone.
    pub values: Vec<Value>,
}

/// What the names of a raster's columns start with.
pub fn prefix(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain: String = stem.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    if plain.is_empty() { "raster".to_owned() } else { plain }
}

/// The columns of one raster; `cell` is the area of a cell in m².
pub fn of(prefix: &str, zones: &[Zone], cell: f64, question: &Question) -> Vec<Column> {
    let table = Table { prefix, zones, cell };
    let mut columns = if question.classes { table.classes() } else { table.moments() };
    columns.extend(table.percentiles(&question.percentiles));
    columns.extend(table.areas());
    columns
}

struct Table<'a> {
    prefix: &'a str,
    zones: &'a [Zone],
    cell: f64,
}

impl Table<'_> {
    fn column(
        &self,
        name: &str,
        unit: &'static str,
        meaning: Text,
        value: impl Fn(&Zone) -> Option<f64>,
    ) -> Column {
        let values = self.zones.iter().map(|zone| value(zone).map_or(Value::Null, Value::Real)).collect();
        Column { name: format!("{}_{name}", self.prefix), kind: FieldKind::Real, unit, meaning, values }
    }

    fn moments(&self) -> Vec<Column> {
        let of = |name: &str, meaning: Text, value: fn(&Statistics) -> Option<f64>| {
            self.column(name, "", meaning, move |zone| value(zone.statistics()))
        };
        vec![
            of(
                "mean",
                text!(fr: "Moyenne, chaque cellule comptant pour sa part dans la zone", en: "Mean, each cell weighted by its part in the zone"),
                Statistics::mean,
            ),
            of(
                "min",
                text!(fr: "Minimum des cellules touchées", en: "Smallest value of the cells touched"),
                Statistics::min,
            ),
            of(
                "max",
                text!(fr: "Maximum des cellules touchées", en: "Largest value of the cells touched"),
                Statistics::max,
            ),
            of(
                "stdev",
                text!(fr: "Écart-type dans la zone (population)", en: "Standard deviation within the zone (population)"),
                Statistics::deviation,
            ),
            of(
                "sum",
                text!(fr: "Somme des valeurs, chacune fois la part de sa cellule dans la zone", en: "Sum of the values, each times the part of its cell in the zone"),
                Statistics::sum,
            ),
        ]
    }

    fn percentiles(&self, wanted: &[f64]) -> Vec<Column> {
        let all: Vec<_> = self.zones.iter().map(|zone| zone.statistics().percentiles()).collect();
        let column = |(rank, percent): (usize, &f64)| {
            let name = format!("{}_p{}", self.prefix, percent.to_string().replace('.', "_"));
            let meaning = text!(
                fr: "Plus petite valeur sous laquelle ou à laquelle se trouvent au moins {percent} % de la surface avec données (à 0,024 % près au-delà de 262 144 cellules)",
                en: "Smallest value below or at which at least {percent} % of the area with data lies (to 0.024 % above 262,144 cells)",
            );
            let value =
                |found: &Option<&[f64]>| found.as_ref().map_or(Value::Null, |found| Value::Real(found[rank]));
            Column { name, kind: FieldKind::Real, unit: "", meaning, values: all.iter().map(value).collect() }
        };
        wanted.iter().enumerate().map(column).collect()
    }

    fn classes(&self) -> Vec<Column> {
        let present: BTreeSet<i32> =
            self.zones.iter().flat_map(|zone| zone.statistics().classes()).map(|(class, _)| *class).collect();
        let majority = |zone: &Zone| {
            zone.statistics().majority().map_or(Value::Null, |class| Value::Integer(class.into()))
        };
        let mut columns = vec![Column {
            name: format!("{}_majority", self.prefix),
            kind: FieldKind::Integer,
            unit: "",
            meaning: text!(fr: "Classe de plus grande surface", en: "Class with the largest area"),
            values: self.zones.iter().map(majority).collect(),
        }];
        for class in present {
            let cells = move |zone: &Zone| {
                let statistics = zone.statistics();
                let found = statistics.classes().iter().find(|(other, _)| *other == class);
                statistics.has_values().then(|| found.map_or(0.0, |(_, area)| *area))
            };
            let area = text!(fr: "Surface de la classe {class}", en: "Area of class {class}");
            let share = text!(fr: "Part de la classe {class} dans la surface avec données", en: "Share of class {class} in the area with data");
            columns.push(
                self.column(&format!("area_{class}"), "m²", area, |zone| Some(cells(zone)? * self.cell)),
            );
            columns.push(self.column(&format!("share_{class}"), "1", share, |zone| {
                Some(cells(zone)? / zone.statistics().valid())
            }));
        }
        columns
    }

    fn areas(&self) -> Vec<Column> {
        let share =
            |part: f64, zone: &Zone| (zone.area() > 0.0).then(|| (part / zone.area()).clamp(0.0, 1.0));
        let missing = move |zone: &Zone| {
            let rest = share(zone.area() - zone.statistics().valid(), zone)?;
            // Rounding of areas.
            Some(if rest < 1e-9 { 0.0 } else { rest })
        };
        vec![
            self.column("count", "1", text!(fr: "Cellules avec données, chacune comptant pour sa part dans la zone", en: "Cells with data, each counted for its part in the zone"), |zone| {
                Some(zone.statistics().valid())
            }),
            self.column("area", "m²", text!(fr: "Surface de la zone avec données", en: "Area of the zone with data"), |zone| {
                Some(zone.statistics().valid() * self.cell)
            }),
            self.column("missing", "1", text!(fr: "Part de la surface de la zone sans données, hors du raster comprise", en: "Share of the zone's area without data, outside of the raster included"), missing),
            self.column("edge", "1", text!(fr: "Part de la surface de la zone dans des cellules que son bord coupe", en: "Share of the zone's area in cells that its border cuts"), move |zone| {
                share(zone.statistics().edge(), zone)
            }),
        ]
    }
}

/// Gives a number to names that are taken, capitals or not.
pub fn unique(columns: &mut [Column], fields: &[Field]) {
    let mut taken: BTreeSet<String> = fields.iter().map(|field| field.name.to_lowercase()).collect();
    for column in columns {
        let name = column.name.clone();
        let mut number = 2;
        while !taken.insert(column.name.to_lowercase()) {
            column.name = format!("{name}_{number}");
            number += 1;
        }
    }
}

/// The table as CSV (RFC 4180, UTF-8), without geometries.
pub fn csv(layer: &Layer) -> String {
    let mut text = String::new();
    push_line(&mut text, layer.fields.iter().map(|field| quoted(&field.name)));
    for feature in &layer.features {
        push_line(&mut text, feature.values.iter().map(shown));
    }
    text
}

fn push_line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&cell);
    }
    text.push_str("\r\n");
}

fn shown(value: &Value) -> String {
    match value {
        Value::Integer(value) => value.to_string(),
        Value::Real(value) if value.is_finite() => value.to_string(),
        Value::Real(_) | Value::Null => String::new(),
        Value::Text(text) => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The Table Schema (Frictionless) of the CSV: types, units and meanings, in the language spoken.
pub fn schema(layer: &Layer, columns: &[Column]) -> String {
    let own = layer.fields.len() - columns.len();
    let fields: Vec<serde_json::Value> = layer
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let mut object = serde_json::json!({ "name": field.name, "type": kind(field.kind) });
            if let Some(column) = index.checked_sub(own).map(|index| &columns[index]) {
                object["description"] = column.meaning.to_string().into();
                if !column.unit.is_empty() {
                    object["unit"] = column.unit.into();
                }
            }
            object
        })
        .collect();
    crate::formats::table::schema(fields)
}

fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Integer => "integer",
        FieldKind::Real => "number",
        FieldKind::Text => "string",
        FieldKind::Date => "date",
    }
}
