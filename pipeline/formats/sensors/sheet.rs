//! The station sheet: who measures where, and how.
//!
//! In: a CSV with one row per station: name, position (longitude and latitude, or x and y of a named CRS), altitude, and
//! where known mast, shield, surroundings, reference yes / no, and any further numbers; out: stations at metres of a
//! projected CRS. Nothing is guessed: latitude and longitude that look exchanged, a position far from all others, a
//! name twice are told. Fails where: no position can be read. Cost: microseconds a row.

use super::csv::{STATION, column, separator, split, unquoted};
use super::{Number, decoded, number, unreadable};
use crate::fault;
use crate::formats::crs::{Crs, Kind, Transform};
use crate::formats::table::plain;
use crate::text;
use crate::text::{Fault, Text};
use std::collections::HashMap;
use std::path::Path;

/// A station, as its sheet has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Position in the sheet's projected CRS, metres.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Degrees, WGS 84.
    pub longitude: f64,
    /// Degrees, WGS 84.
    pub latitude: f64,
    /// Metres above the sea; NaN where it is not known.
    pub altitude: f64,
    /// What the sheet says of the shield.
    pub shield: String,
    /// What the sheet says of the surroundings.
    pub environment: String,
    /// Whether it is a rural reference.
    pub reference: bool,
    /// Further numbers, in the order of [`Sheet::numbers`].
    pub numbers: Vec<f64>,
}

/// All stations, sorted by name.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The projected CRS of `x` and `y`.
    pub crs: Crs,
    /// Names of further columns that hold numbers.
    pub numbers: Vec<String>,
    /// The stations.
    pub entries: Vec<Entry>,
    /// What the user should know.
    pub remarks: Vec<Text>,
}

const LONGITUDE: &[&str] = &["longitude", "lon", "long", "lng", "longitudewgs84"];
const LATITUDE: &[&str] = &["latitude", "lat", "latitudewgs84"];
const X: &[&str] = &["x", "easting", "est", "xl93", "xlambert93", "e"];
const Y: &[&str] = &["y", "northing", "nord", "yl93", "ylambert93", "n"];
const ALTITUDE: &[&str] = &["altitude", "alt", "z", "elevation", "elev", "altitudem"];
const SHIELD: &[&str] = &["abri", "shield", "abritype", "shelter"];
const ENVIRONMENT: &[&str] = &["environnement", "environment", "lcz", "milieu", "type"];
const REFERENCE: &[&str] = &["reference", "ref", "rural", "temoin"];

/// How a sheet is to be read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Names of columns, by what they hold: `id`, `longitude`, `latitude`, `x`, `y`, `altitude`, `shield`,
    /// `environment`, `reference`.
    pub columns: HashMap<String, String>,
    /// The CRS of x and y, and of the result; without one, the UTM zone of the stations.
    pub crs: Option<Crs>,
}

struct Columns {
    id: usize,
    degrees: bool,
    east: usize,
    north: usize,
    altitude: Option<usize>,
    shield: Option<usize>,
    environment: Option<usize>,
    reference: Option<usize>,
}

/// Reads a sheet.
///
/// # Errors
/// Where it cannot be read, has no columns of names and positions, or all positions are exchanged.
pub fn read(path: &Path, reading: &Reading) -> Result<Sheet, Fault> {
    let bytes = std::fs::read(path).map_err(|why| unreadable(path, &why))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let rows = table(bytes);
    let (names, rows) = rows.split_first().ok_or_else(|| unreadable(path, &"0 B"))?;
    let columns = columns(path, names, reading)?;
    let mut remarks = Vec::new();
    let numbers = number_columns(names, rows, &columns);
    let mut raw: Vec<Entry> = Vec::new();
    let mut lost: Vec<String> = Vec::new();
    for row in rows {
        match entry(row, &columns, &numbers) {
            Some(entry) if raw.iter().any(|other| other.name == entry.name) => {
                remarks.push(twice(path, &entry.name))
            }
            Some(entry) => raw.push(entry),
            None => lost.push(row.get(columns.id).cloned().unwrap_or_default()),
        }
    }
    remarks.extend(no_position(path, &lost));
    if raw.is_empty() {
        return Err(none(path));
    }
    if columns.degrees {
        exchanged(path, &mut raw, &mut remarks)?;
    }
    let crs = place(path, &mut raw, &columns, reading, &mut remarks)?;
    raw.sort_by(|a, b| a.name.cmp(&b.name));
    let numbers = numbers.into_iter().map(|(_, name)| name).collect();
    Ok(Sheet { crs, numbers, entries: raw, remarks })
}

fn table(bytes: &[u8]) -> Vec<Vec<String>> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    let separator = separator(first);
    let mut cells = Vec::new();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines
        .map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            split(line, separator, &mut cells);
            cells.iter().map(|cell| decoded(unquoted(&line[cell.clone()]))).collect()
        })
        .collect()
}

fn columns(path: &Path, names: &[String], reading: &Reading) -> Result<Columns, Fault> {
    for (key, name) in &reading.columns {
        if column(names, Some(name), &[]).is_none() {
            let (path, names) = (path.display(), names.join(", "));
            return Err(fault!(
                fr: "{path} n'a pas de colonne « {name} » pour {key} ; ses colonnes sont : {names}.",
                en: "{path} has no column \"{name}\" for {key}; its columns are: {names}.",
            ));
        }
    }
    let find = |key: &str, usual: &[&str]| column(names, reading.columns.get(key), usual);
    let degrees = find("longitude", LONGITUDE).zip(find("latitude", LATITUDE));
    let metres = find("x", X).zip(find("y", Y));
    let place = degrees.map(|place| (true, place)).or(metres.map(|place| (false, place)));
    let (Some(id), Some((degrees, (east, north)))) = (find("id", STATION), place) else {
        let (path, names) = (path.display(), names.join(", "));
        return Err(fault!(
            fr: "{path} : le nom et la position des stations ne se reconnaissent pas parmi {names} ; nommez-les : --station-columns id=…,longitude=…,latitude=… (ou x=…,y=…)",
            en: "{path}: name and position of the stations cannot be told among {names}; name them: --station-columns id=…,longitude=…,latitude=… (or x=…,y=…)",
        ));
    };
    Ok(Columns {
        id,
        degrees,
        east,
        north,
        altitude: find("altitude", ALTITUDE),
        shield: find("shield", SHIELD),
        environment: find("environment", ENVIRONMENT),
        reference: find("reference", REFERENCE),
    })
}

fn real(cell: Option<&String>) -> Option<f64> {
    match number(cell?.as_bytes()) {
        Number::Micro(micro) => Some(micro as f64 / 1e6),
        Number::Missing | Number::Wrong => None,
    }
}

/// Columns beside the known ones in which all filled cells are numbers.
fn number_columns(names: &[String], rows: &[Vec<String>], columns: &Columns) -> Vec<(usize, String)> {
    let known = [Some(columns.id), columns.shield, columns.environment, columns.reference];
    let holds = |column: usize| {
        let mut cells =
            rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| !matches!(number(cell.as_bytes()), Number::Wrong))
    };
    let wanted =
        |column: &usize| !known.contains(&Some(*column)) && !names[*column].is_empty() && holds(*column);
    (0..names.len()).filter(wanted).map(|column| (column, names[column].to_lowercase())).collect()
}

fn entry(row: &[String], columns: &Columns, numbers: &[(usize, String)]) -> Option<Entry> {
    let words =
        |column: Option<usize>| column.and_then(|column| row.get(column)).cloned().unwrap_or_default();
    // A dash stands for "not there" in sheets that hold several years.
    let name = Some(words(Some(columns.id))).filter(|name| name != "-")?;
    let (x, y) = (real(row.get(columns.east))?, real(row.get(columns.north))?);
    let yes = ["oui", "yes", "true", "vrai", "1", "x", "o", "y"];
    (!name.is_empty()).then(|| Entry {
        name,
        x,
        y,
        longitude: x,
        latitude: y,
        altitude: columns.altitude.and_then(|column| real(row.get(column))).unwrap_or(f64::NAN),
        shield: words(columns.shield),
        environment: words(columns.environment),
        reference: yes.contains(&plain(&words(columns.reference)).as_str()),
        numbers: numbers.iter().map(|(column, _)| real(row.get(*column)).unwrap_or(f64::NAN)).collect(),
    })
}

/// Whether a position lies in metropolitan France or near it.
fn in_france(longitude: f64, latitude: f64) -> bool {
    (-6.0..=11.0).contains(&longitude) && (40.5..=52.0).contains(&latitude)
}

/// Tells latitudes and longitudes that look exchanged; all of them are a fault, some are left out.
fn exchanged(path: &Path, raw: &mut Vec<Entry>, remarks: &mut Vec<Text>) -> Result<(), Fault> {
    let odd = |entry: &Entry| {
        let impossible = entry.y.abs() > 90.0 || entry.x.abs() > 180.0;
        impossible || (in_france(entry.y, entry.x) && !in_france(entry.x, entry.y))
    };
    let count = raw.iter().filter(|entry| odd(entry)).count();
    let path = path.display();
    if count == raw.len() {
        return Err(fault!(
            fr: "{path} : latitude et longitude semblent inversées pour toutes les stations ; corrigez la feuille, ou inversez-les : --station-columns longitude=…,latitude=…",
            en: "{path}: latitude and longitude seem exchanged for all stations; mend the sheet, or exchange them: --station-columns longitude=…,latitude=…",
        ));
    }
    for entry in raw.iter().filter(|entry| odd(entry)) {
        let (name, latitude, longitude) = (&entry.name, entry.y, entry.x);
        remarks.push(text!(
            fr: "{path} : {name} est laissée de côté, sa latitude {latitude} et sa longitude {longitude} semblent inversées ou fausses ; corrigez-les",
            en: "{path}: {name} is left out, its latitude {latitude} and longitude {longitude} seem exchanged or wrong; mend them",
        ));
    }
    raw.retain(|entry| !odd(entry));
    Ok(())
}

/// Brings all positions to one projected CRS, and to degrees.
fn place(
    path: &Path,
    raw: &mut Vec<Entry>,
    columns: &Columns,
    reading: &Reading,
    remarks: &mut Vec<Text>,
) -> Result<Crs, Fault> {
    let wgs84 = Crs::wgs84()?;
    let given = reading.crs.as_ref().filter(|crs| crs.kind() == Kind::Projected);
    let target = match (given, columns.degrees) {
        (Some(crs), _) => crs.clone(),
        (None, true) => {
            let middle = raw.iter().map(|entry| entry.x).sum::<f64>() / raw.len() as f64;
            let zone = (((middle + 180.0) / 6.0).floor() as u32).min(59) + 1;
            let south = raw.iter().map(|entry| entry.y).sum::<f64>() < 0.0;
            Crs::from_epsg(if south { 32_700 } else { 32_600 } + zone, None)?
        }
        (None, false) => {
            let path = path.display();
            return Err(fault!(
                fr: "{path} ne dit pas le système de coordonnées de ses x et y : donnez --crs, par exemple EPSG:2154.",
                en: "{path} does not say the coordinate system of its x and y: give --crs, for example EPSG:2154.",
            ));
        }
    };
    target.require_metric(path)?;
    let (from, to) = if columns.degrees { (&wgs84, &target) } else { (&target, &wgs84) };
    let transform = Transform::new(from, to)?;
    let mut placed = Vec::new();
    for mut entry in raw.drain(..) {
        match transform.point(entry.x, entry.y) {
            Ok((x, y)) if columns.degrees => (entry.x, entry.y) = (x, y),
            Ok((longitude, latitude)) => (entry.longitude, entry.latitude) = (longitude, latitude),
            Err(_) => {
                remarks.push(outside(path, &entry.name));
                continue;
            }
        }
        placed.push(entry);
    }
    *raw = placed;
    far(path, raw, remarks);
    if raw.is_empty() { Err(none(path)) } else { Ok(target) }
}

/// Leaves out stations farther than 100 km from the middle of all.
fn far(path: &Path, raw: &mut Vec<Entry>, remarks: &mut Vec<Text>) {
    const FARTHEST: f64 = 100_000.0;
    let middle = |values: Vec<f64>| ilot_kernels::robust::median(&mut values.clone());
    let (x, y) = (middle(raw.iter().map(|e| e.x).collect()), middle(raw.iter().map(|e| e.y).collect()));
    raw.retain(|entry| {
        let near = (entry.x - x).hypot(entry.y - y) <= FARTHEST;
        if !near {
            remarks.push(outside(path, &entry.name));
        }
        near
    });
}

fn outside(path: &Path, name: &str) -> Text {
    let path = path.display();
    text!(
        fr: "{path} : {name} est laissée de côté, elle se trouve à plus de 100 km des autres ou hors de la carte ; vérifiez sa position",
        en: "{path}: {name} is left out, it lies more than 100 km from the others or off the map; check its position",
    )
}

fn twice(path: &Path, name: &str) -> Text {
    let path = path.display();
    text!(
        fr: "{path} : {name} y figure deux fois, seule la première ligne compte",
        en: "{path}: {name} is there twice, only its first row counts",
    )
}

fn no_position(path: &Path, lost: &[String]) -> Option<Text> {
    let (path, count) = (path.display(), lost.len());
    let names: Vec<&str> = lost.iter().map(String::as_str).filter(|name| name.len() > 1).take(12).collect();
    let names = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    (count > 0).then(|| {
        text!(
            fr: "{path} : {count} lignes sans nom ou sans position sont laissées de côté ({names})",
            en: "{path}: {count} rows without a name or a position are left out ({names})",
        )
    })
}

fn none(path: &Path) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne contient aucune station dont la position se lise : il faut un nom, et longitude et latitude ou x et y.",
        en: "{path} holds no station whose position can be read: it takes a name, and longitude and latitude or x and y.",
    )
}
