//! Sensor readings and station sheets: files ↔ series.
//!
//! In: CSV (long or wide, `;`, `,` or tabs, decimal comma or point), JSON lines with named fields, OGC SensorThings JSON;
//! out: per station one series of means on a grid of instants in UTC. A zone is stated by the file, its column's name or
//! the user, never guessed; hours that a zone has twice or never are rejected and counted, unless an offset tells
//! them apart. Rows stream: memory holds twelve bytes per station and ten minutes, however many rows there are. Sums are
//! whole millionths of a degree, so that the order of rows changes no bit.
//!
//! Fails where: rows that cannot be read are counted and left out. SensorThings JSON is read whole (512 MB at most). Cost:
//! 0.1 µs a row of CSV, 2 µs a row of JSON.

mod csv;
mod instants;
mod json;
pub mod sheet;

use crate::fault;
use crate::text::Fault;
use instants::Clock;
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};
use std::path::Path;

pub use instants::{DateOrder, zone};

/// Seconds of the finest grid.
pub const FINEST: i64 = 600;

/// Millionths of a degree.
const MICRO: f64 = 1e6;

/// Years of a station's series: more is a wrong date.
const LONGEST: i64 = 60 * 366 * 86_400 / FINEST;

/// In which unit the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// °C.
    #[default]
    Celsius,
    /// °F.
    Fahrenheit,
    /// K.
    Kelvin,
}

impl Unit {
    /// In millionths of a degree Celsius.
    fn celsius(self, micro: i64) -> i64 {
        match self {
            Unit::Celsius => micro,
            Unit::Fahrenheit => ((micro - 32_000_000) * 5 + 4) / 9,
            Unit::Kelvin => micro - 273_150_000,
        }
    }
}

/// How readings are to be understood.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Zone of instants without an offset.
    pub zone: Option<TimeZone>,
    /// Order of day and month where the file does not settle it.
    pub order: Option<DateOrder>,
    /// The instants' own format, such as `%d/%m/%Y %H:%M`.
    pub format: Option<String>,
    /// Separator of a table's columns, where the header shall not tell.
    pub separator: Option<u8>,
    /// Names of columns or fields: `station`, `instant`, `value`.
    pub columns: HashMap<String, String>,
    /// Unit of the values.
    pub unit: Unit,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Readings taken.
    pub readings: u64,
    /// Rows or cells without a value.
    pub missing: u64,
    /// Left out: no instant or no number.
    pub unreadable: u64,
    /// Left out: in an hour that the zone has twice.
    pub twice: u64,
    /// Left out: in an hour that the zone does not have.
    pub never: u64,
}

/// One station's sums.
#[derive(Debug, Default, Clone)]
struct Sums {
    /// Step of the first cell.
    first: i64,
    /// Millionths of a degree.
    sums: VecDeque<i64>,
    counts: VecDeque<u32>,
}

impl Sums {
    /// Adds a reading; false where its date cannot be.
    fn add(&mut self, step: i64, micro: i64) -> bool {
        if self.sums.is_empty() {
            self.first = step;
        }
        let (low, high) = (self.first.min(step), (self.first + self.sums.len() as i64).max(step + 1));
        if high - low > LONGEST {
            return false;
        }
        while self.first > step {
            self.sums.push_front(0);
            self.counts.push_front(0);
            self.first -= 1;
        }
        let place = (step - self.first) as usize;
        if place >= self.sums.len() {
            self.sums.resize(place + 1, 0);
            self.counts.resize(place + 1, 0);
        }
        self.sums[place] += micro;
        self.counts[place] = self.counts[place].saturating_add(1);
        true
    }
}

/// Gathers readings from files.
#[derive(Debug, Default)]
pub struct Gathered {
    names: HashMap<String, usize>,
    sums: Vec<Sums>,
    /// What became of the rows.
    pub tally: Tally,
    /// Columns that hold nothing, by name.
    pub empty: Vec<String>,
    /// What the files' own words settled: zones, orders of dates.
    pub settled: Vec<crate::text::Text>,
}

/// Series of means on one grid.
#[derive(Debug, Clone)]
pub struct Series {
    /// Seconds of a step: 600 or 3600.
    pub step: i64,
    /// The first instant, seconds since 1970 UTC.
    pub first: i64,
    /// Number of steps.
    pub steps: usize,
    /// Stations, sorted by name, with their means, °C; NaN where there is none.
    pub stations: Vec<(String, Vec<f64>)>,
}

impl Gathered {
    fn station(&mut self, name: &str) -> usize {
        if let Some(found) = self.names.get(name) {
            return *found;
        }
        let number = self.sums.len();
        self.names.insert(name.to_owned(), number);
        self.sums.push(Sums::default());
        number
    }

    fn add(&mut self, station: usize, instant: i64, micro: i64, unit: Unit) {
        if self.sums[station].add(instant.div_euclid(FINEST), unit.celsius(micro)) {
            self.tally.readings += 1;
        } else {
            self.tally.unreadable += 1;
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be opened, names no columns that can be understood, or states no zone.
    pub fn read(&mut self, path: &Path, reading: &Reading) -> Result<(), Fault> {
        let clock = Clock::new(reading.zone.clone(), reading.order, reading.format.clone());
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match ending.as_str() {
            "jsonl" | "ndjson" => json::lines(path, reading, clock, self),
            "json" | "geojson" => json::whole(path, reading, clock, self),
            "parquet" => {
                let path = path.display();
                Err(fault!(
                    fr: "{path} : le Parquet n'est pas lu ; exportez-le en CSV, par exemple avec DuckDB (COPY … TO 'mesures.csv').",
                    en: "{path}: Parquet is not read; export it as CSV, for example with DuckDB (COPY … TO 'readings.csv').",
                ))
            }
            _ => csv::read(path, reading, clock, self),
        }
    }

    /// The series on one grid: hours where nearly all readings come by the hour, else ten minutes.
    pub fn into_series(self, step: Option<i64>) -> Option<Series> {
        let Gathered { names, sums, .. } = self;
        let step = step.unwrap_or_else(|| natural_step(&sums));
        let filled = sums.iter().filter(|sums| !sums.sums.is_empty());
        let per = step / FINEST;
        let low = filled.clone().map(|sums| sums.first).min()?.div_euclid(per);
        let high = filled.map(|sums| sums.first + sums.sums.len() as i64 - 1).max()?.div_euclid(per);
        let steps = (high - low + 1) as usize;
        let mut names: Vec<(String, usize)> = names.into_iter().collect();
        names.sort();
        let mut sums: Vec<Option<Sums>> = sums.into_iter().map(Some).collect();
        // Each station's sums go as its means come.
        let stations = names.into_iter().map(|(name, number)| {
            let own = sums[number].take().unwrap_or_default();
            (name, means(&own, low, steps, per))
        });
        Some(Series { step, first: low * step, steps, stations: stations.collect() })
    }
}

fn means(own: &Sums, low: i64, steps: usize, per: i64) -> Vec<f64> {
    let mut all = vec![(0_i64, 0_u64); steps];
    for (place, (sum, count)) in own.sums.iter().zip(&own.counts).enumerate() {
        let at = ((own.first + place as i64).div_euclid(per) - low) as usize;
        all[at].0 += sum;
        all[at].1 += u64::from(*count);
    }
    all.into_iter()
        .map(|(sum, count)| if count == 0 { f64::NAN } else { sum as f64 / count as f64 / MICRO })
        .collect()
}

/// An hour where at least nine in ten filled steps begin one.
fn natural_step(sums: &[Sums]) -> i64 {
    let (mut on_hours, mut all) = (0_u64, 0_u64);
    for sums in sums {
        for (place, count) in sums.counts.iter().enumerate() {
            if *count > 0 {
                all += 1;
                on_hours += u64::from((sums.first + place as i64).rem_euclid(3600 / FINEST) == 0);
            }
        }
    }
    if on_hours * 10 >= all * 9 { 3600 } else { FINEST }
}

/// The number in some bytes, in millionths, with a decimal point or comma.
enum Number {
    /// Millionths.
    Micro(i64),
    /// Nothing, or a word for nothing.
    Missing,
    /// Something else.
    Wrong,
}

fn number(bytes: &[u8]) -> Number {
    let bytes = bytes.trim_ascii();
    let (negative, digits) = match bytes.first() {
        None => return Number::Missing,
        Some(b'-') => (true, &bytes[1..]),
        Some(b'+') => (false, &bytes[1..]),
        Some(_) => (false, bytes),
    };
    let (mut micro, mut decimals) = (0_i64, None::<u32>);
    for byte in digits {
        match (byte, decimals) {
            (b'0'..=b'9', None) if micro < 1_000_000_000 => micro = micro * 10 + i64::from(byte - b'0'),
            (b'0'..=b'9', Some(places)) => {
                if places < 6 {
                    micro = micro * 10 + i64::from(byte - b'0');
                    decimals = Some(places + 1);
                }
            }
            (b'.' | b',', None) => decimals = Some(0),
            _ => return odd_number(bytes),
        }
    }
    if digits.is_empty() {
        return Number::Wrong;
    }
    micro *= 10_i64.pow(6 - decimals.unwrap_or(0));
    checked(if negative { -micro } else { micro })
}

/// Exponents, and words for nothing.
fn odd_number(bytes: &[u8]) -> Number {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    if ["na", "nan", "null", "none", "n/a", "-", "--", "nd"].contains(&text.as_str()) {
        return Number::Missing;
    }
    match text.replace(',', ".").parse::<f64>() {
        Ok(value) if value.is_finite() && value.abs() < 1e6 => checked((value * MICRO).round() as i64),
        _ => Number::Wrong,
    }
}

/// −9999 and −999 are words for nothing.
fn checked(micro: i64) -> Number {
    let nothing = [-9_999_000_000, -999_000_000, -99_900_000].contains(&micro);
    if nothing { Number::Missing } else { Number::Micro(micro) }
}

/// Text from bytes: UTF-8, else Latin-1 as old exports are.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned(),
    }
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne peut être lu ({why}) : vérifiez le chemin et le fichier.",
        en: "{path} cannot be read ({why}): check the path and the file.",
    )
}

#[cfg(test)]
mod tests;
