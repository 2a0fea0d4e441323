//! Tables in the making: columns with unit and meaning, rows with or without a geometry.

use super::mesh::Area;
use crate::formats::crs::Crs;
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value, encode_geojson};
use crate::measures::zonal::{self, Column};
use crate::style;
use crate::text::{Fault, Text};
use geo::{Geometry, GeometryCollection};

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Its name, which is that of its files.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The geometry of each row; none in a bare table.
    pub shapes: Vec<Geometry<f64>>,
    /// Their CRS.
    pub crs: Option<Crs>,
    /// Whether it is a map first: written as GeoPackage and GeoJSON, not as CSV.
    pub map: bool,
}

impl Sheet {
    /// An empty table.
    pub fn new(name: &str) -> Sheet {
        Sheet { name: name.to_owned(), ..Sheet::default() }
    }

    /// Adds a column.
    pub fn column(
        &mut self,
        name: &str,
        kind: FieldKind,
        unit: &'static str,
        meaning: Text,
        values: Vec<Value>,
    ) {
        self.columns.push(Column { name: name.to_owned(), kind, unit, meaning, values });
    }

    /// Adds a column of words.
    pub fn words(&mut self, name: &str, meaning: Text, values: Vec<String>) {
        let word = |word: String| if word.is_empty() { Value::Null } else { Value::Text(word) };
        self.column(name, FieldKind::Text, "", meaning, values.into_iter().map(word).collect());
    }

    /// Adds a column of numbers.
    pub fn numbers(&mut self, name: &str, unit: &'static str, meaning: Text, values: Vec<Option<f64>>) {
        let number = |value: Option<f64>| value.map_or(Value::Null, Value::Real);
        self.column(name, FieldKind::Real, unit, meaning, values.into_iter().map(number).collect());
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// As a layer; a bare table has empty geometries.
    pub fn layer(&self) -> Layer {
        let field = |column: &Column| Field { name: column.name.clone(), kind: column.kind };
        let none = || Geometry::GeometryCollection(GeometryCollection::default());
        let feature = |row: usize| Feature {
            geometry: self.shapes.get(row).cloned().unwrap_or_else(none),
            values: self.columns.iter().map(|column| column.values[row].clone()).collect(),
        };
        Layer {
            crs: self.crs.clone(),
            fields: self.columns.iter().map(field).collect(),
            features: (0..self.rows()).map(feature).collect(),
        }
    }

    /// As CSV.
    pub fn csv(&self) -> String {
        zonal::csv(&self.bare())
    }

    /// The Table Schema of the CSV.
    pub fn schema(&self) -> String {
        zonal::schema(&self.bare(), &self.columns)
    }

    /// Its files: the table with its schema, and the map in two formats where rows have a geometry.
    ///
    /// # Errors
    /// Where the map cannot be written.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let name = &self.name;
        let mut files = Vec::new();
        if !self.map {
            files.push((format!("{name}.csv.schema.json"), self.schema().into_bytes()));
            files.push((format!("{name}.csv"), self.csv().into_bytes()));
        }
        if !self.shapes.is_empty() {
            let layer = self.layer();
            files.push((format!("{name}.gpkg"), style::styled_gpkg(name, name, &layer)?));
            files.push((format!("{name}.geojson"), encode_geojson(name, &layer)?.into_bytes()));
        }
        Ok(files)
    }

    fn bare(&self) -> Layer {
        Sheet { shapes: Vec::new(), ..self.clone() }.layer()
    }

    /// Adds the rows of another; a column that only one has is empty in the other's rows.
    fn append(&mut self, other: Sheet) {
        let (own, more) = (self.rows(), other.rows());
        for column in other.columns {
            match self.columns.iter_mut().find(|known| known.name == column.name) {
                Some(known) => known.values.extend(column.values),
                None => {
                    let mut values = vec![Value::Null; own];
                    values.extend(column.values);
                    self.columns.push(Column { values, ..column });
                }
            }
        }
        for column in &mut self.columns {
            column.values.resize(own + more, Value::Null);
        }
        self.shapes.extend(other.shapes);
    }
}

/// Joins tables of one name: those of several dates.
pub fn join(sheets: &mut Vec<Sheet>) {
    let mut joined: Vec<Sheet> = Vec::new();
    for sheet in sheets.drain(..) {
        match joined.iter_mut().find(|known| known.name == sheet.name) {
            Some(known) => known.append(sheet),
            None => joined.push(sheet),
        }
    }
    *sheets = joined;
}

/// Hectares to a ten-thousandth of a square metre.
pub fn hectares(area: Area) -> f64 {
    (area.square_metres() * 1e4).round() / 1e8 + 0.0
}

/// Per cent of a whole to a millionth; `None` of nothing.
pub fn percent(part: Area, whole: Area) -> Option<f64> {
    (whole.0 > 0).then(|| (part.0 as f64 / whole.0 as f64 * 1e8).round() / 1e6 + 0.0)
}
