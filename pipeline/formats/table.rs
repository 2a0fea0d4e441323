//! Small tables: CSV, or whatever GDAL reads as rows (XLSX, ODS, DBF, GeoPackage) → names and cells of text.
//!
//! In: a file; out: a header and rows, all as text. The separator is the one that the header holds most (`;`, `,`, tab), quotes
//! may hold separators, quotes and line ends (RFC 4180), a byte order mark is skipped, bytes that are no UTF-8 are
//! Windows-1252's Latin letters. Numbers are read as French and English write them: `1 234,5`, `1234.5`. Fails where: the whole
//! table does not fit in memory: these are tables of communes. Cost: 0.1 µs a cell.

use crate::fault;
use crate::formats::vector::{Source, Value};
use crate::text::Fault;
use std::path::{Path, PathBuf};

/// A table in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Its file.
    pub path: PathBuf,
    /// The header.
    pub names: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// Nothing, or a word for it: `NA`, `NULL`, `-`.
    Missing,
    /// Something that is no number.
    Wrong,
}

impl Cell {
    /// The number, where it is one.
    pub fn number(self) -> Option<f64> {
        match self {
            Cell::Number(number) => Some(number),
            Cell::Missing | Cell::Wrong => None,
        }
    }
}

/// Reads a table.
///
/// # Errors
/// Where the file cannot be read, or has no header.
pub fn read(path: &Path) -> Result<Table, Fault> {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    let table = if ["csv", "txt", "tsv"].iter().any(|known| ending == *known) {
        let bytes = std::fs::read(path).map_err(|why| unreadable(path, &why))?;
        let mut rows = parse(&decoded(&bytes)).into_iter();
        let names = rows.next().unwrap_or_default();
        Table { path: path.to_owned(), names, rows: rows.collect() }
    } else {
        of_layer(path)?
    };
    if table.names.iter().all(String::is_empty) {
        return Err(unreadable(path, &"no header"));
    }
    Ok(table.squared())
}

/// The rows of the only layer of a file, with or without geometries.
fn of_layer(path: &Path) -> Result<Table, Fault> {
    let source = Source::open(path)?;
    let layer = source.find(None)?;
    let names = source.layers()[layer].fields.iter().map(|field| field.name.clone()).collect();
    let word = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let _ = source.each(layer, None, |feature| {
        rows.push(feature.values.iter().map(word).collect());
        Ok(())
    })?;
    rows.extend(source.left_out(layer)?.iter().map(|(_, values)| values.iter().map(word).collect()));
    Ok(Table { path: path.to_owned(), names, rows })
}

impl Table {
    /// Every row as long as the header; empty rows go.
    fn squared(mut self) -> Table {
        let width = self.names.len();
        self.rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        self.rows.iter_mut().for_each(|row| row.resize(width, String::new()));
        self
    }

    /// The column with one of some names, whatever their capitals, accents and signs; the first name goes first.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|wanted| self.names.iter().position(|name| plain(name) == plain(wanted)))
    }

    /// The column with one of some names.
    ///
    /// # Errors
    /// Where there is none: the columns are listed.
    pub fn needed(&self, names: &[&str]) -> Result<usize, Fault> {
        self.column(names).ok_or_else(|| {
            let (path, wanted, all) = (self.path.display(), names[0], self.names.join(", "));
            fault!(
                fr: "{path} n'a pas de colonne « {wanted} » ; ses colonnes sont : {all}",
                en: "{path} has no column \"{wanted}\"; its columns are: {all}",
            )
        })
    }

    /// A cell as a number.
    pub fn number(&self, row: usize, column: usize) -> Cell {
        number(&self.rows[row][column])
    }

    /// A cell as a number that must be one, or missing.
    ///
    /// # Errors
    /// Where it is something else: the row and the column are named.
    pub fn checked(&self, row: usize, column: usize) -> Result<Option<f64>, Fault> {
        match self.number(row, column) {
            Cell::Wrong => Err(self.wrong(row, column)),
            cell => Ok(cell.number()),
        }
    }

    /// The fault that names a cell.
    pub fn wrong(&self, row: usize, column: usize) -> Fault {
        let (path, line, name, cell) =
            (self.path.display(), row + 2, &self.names[column], &self.rows[row][column]);
        fault!(
            fr: "{path}, ligne {line}, colonne « {name} » : « {cell} » n'est pas une valeur attendue ; corrigez-la",
            en: "{path}, line {line}, column \"{name}\": \"{cell}\" is no value that fits; correct it",
        )
    }
}

/// A number as French or English write it.
fn number(text: &str) -> Cell {
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{202f}').collect();
    let missing = ["", "-", "na", "nan", "null", "none", "nc", "nd", "n/a", "s", "ns"];
    if missing.contains(&bare.to_ascii_lowercase().as_str()) {
        return Cell::Missing;
    }
    let bare = if bare.contains('.') { bare } else { bare.replacen(',', ".", 1) };
    bare.parse().ok().filter(|value: &f64| value.is_finite()).map_or(Cell::Wrong, Cell::Number)
}

/// Letters and digits of a name, small, without accents.
pub fn plain(name: &str) -> String {
    let without = |c: char| match c {
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'à' | 'â' => 'a',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'û' | 'ù' => 'u',
        'ç' => 'c',
        other => other,
    };
    name.to_lowercase().chars().map(without).filter(|c| c.is_alphanumeric()).collect()
}

/// A Table Schema of these fields, which says whose it is: no ministry has made one for such tables.
pub fn schema(fields: Vec<serde_json::Value>) -> String {
    let schema = serde_json::json!({
        "title": "Table d'ilot / ilot's table",
        "description": "Schéma d'ilot, non officiel. Schema of ilot, not official.",
        "fields": fields,
        "missingValues": [""],
    });
    format!("{schema:#}\n")
}

fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The cells of a text, trimmed.
fn parse(text: &str) -> Vec<Vec<String>> {
    let header = text.lines().next().unwrap_or("");
    let count = |separator: char| header.matches(separator).count();
    let separator = [',', ';', '\t'].into_iter().max_by_key(|c| (count(*c), *c == ';')).unwrap_or(',');
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                let _ = letters.next();
                cell.push('"');
            }
            '"' if quoted || cell.trim().is_empty() => quoted = !quoted,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell).trim().to_owned());
                rows.push(std::mem::take(&mut row));
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell).trim().to_owned()),
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell.trim().to_owned());
        rows.push(row);
    }
    rows
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne peut être lu comme une table ({why}) ; vérifiez le chemin et le fichier",
        en: "{path} cannot be read as a table ({why}); check the path and the file",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_as_spreadsheets_write_them() {
        let rows =
            parse("code;nom;surface\r\n01001;\"L'Abergement; dit \"\"Clém\"\"\";1 234,5\r\n2A004;Ajaccio;\n");
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1], ["01001", "L'Abergement; dit \"Clém\"", "1 234,5"]);
        assert_eq!(number(&rows[1][2]), Cell::Number(1234.5));
        assert_eq!(number(&rows[2][2]), Cell::Missing);
        assert_eq!(
            (number("12x"), number("1e400"), number("-2")),
            (Cell::Wrong, Cell::Wrong, Cell::Number(-2.0))
        );
    }

    #[test]
    fn columns_are_found_in_any_spelling() {
        let table = Table { names: vec!["IDCOM".into(), "Plancher (ha)".into()], ..Table::default() };
        assert_eq!(table.column(&["code_insee", "idcom"]), Some(0));
        assert_eq!(table.column(&["plancher_ha"]), Some(1));
        assert!(table.needed(&["taux"]).unwrap_err().to_string().contains("IDCOM"));
    }
}
