//! Sensor readings and station sheets: files ↔ series.
//!
//! In: CSV (long or wide, `;`, `,` or tabs, decimal comma or point), JSON lines with named fields, OGC SensorThings JSON, each
//! of them also packed by gzip;
//! out: per station one series of means on a grid of instants in UTC. A zone is stated by the file, its column's name or
//! the user, never guessed; hours that a zone has twice or never are rejected and counted, unless an offset tells
//! them apart. Rows stream into sums by station and ten minutes (`blocks`), of which memory holds 100 MB and the disk the rest;
//! long records are handed on in chapters, so that memory does not grow with the period. Sums are whole millionths of a degree,
//! so that the order of rows changes no bit.
//!
//! Fails where: rows that cannot be read are counted and left out. SensorThings JSON is read whole (512 MB at most). Cost:
//! 0.1 µs a row of CSV, 2 µs a row of JSON.

mod blocks;
mod csv;
mod instants;
mod json;
pub mod sheet;

use crate::fault;
use crate::text::Fault;
use blocks::Blocks;
use flate2::bufread::MultiGzDecoder;
use instants::Clock;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;

pub use instants::{DateOrder, period, zone};

/// Seconds of the finest grid.
pub const FINEST: i64 = 600;

/// Millionths of a degree.
const MICRO: f64 = 1e6;

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
    /// Not looked at: outside of the wanted period.
    pub outside: u64,
}

/// Gathers readings from files.
#[derive(Debug, Default)]
pub struct Gathered {
    names: HashMap<String, usize>,
    sums: Blocks,
    /// Only readings within these instants count.
    pub within: Option<(i64, i64)>,
    /// Why a reading could not be kept.
    broken: Option<std::io::Error>,
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
        let number = self.names.len();
        let _ = self.names.insert(name.to_owned(), number);
        number
    }

    fn add(&mut self, station: usize, instant: i64, micro: i64, unit: Unit) {
        if self.within.is_some_and(|(from, to)| !(from..to).contains(&instant)) {
            self.tally.outside += 1;
            return;
        }
        match self.sums.add(station, instant.div_euclid(FINEST), unit.celsius(micro)) {
            Ok(()) => self.tally.readings += 1,
            Err(why) => self.broken = self.broken.take().or(Some(why)),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be opened, names no columns that can be understood, or states no zone.
    pub fn read(&mut self, path: &Path, reading: &Reading) -> Result<(), Fault> {
        refuse_packed(path)?;
        let clock = Clock::new(reading.zone.clone(), reading.order, reading.format.clone());
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
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

    /// Ends the gathering, with the series cut into chapters that memory holds; none where nothing was read. `step` is that of
    /// the series; without it, hours where nearly all readings come by the hour, else ten minutes.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn close(mut self, step: Option<i64>, most: i64) -> Result<Option<Chapters>, Fault> {
        if let Some(why) = self.broken {
            return Err(no_room(&why));
        }
        let filled = self.sums.close().map_err(|why| no_room(&why))?;
        let (filled, strays) = without_strays(filled);
        if filled.is_empty() {
            return Ok(None);
        }
        let (mut on_hours, mut all) = (0_u64, 0_u64);
        let (mut seen, mut spans) = (Vec::new(), Vec::new());
        for (block, _) in &filled {
            let (mut low, mut high) = (i64::MAX, i64::MIN);
            let wide = (block.end - block.start) as usize;
            seen.clear();
            seen.resize(self.names.len() * wide, false);
            let look = |station: usize, at: i64, _: i64, _: u32| {
                (low, high) = (low.min(at), high.max(at));
                // A step that went to the disk twice counts once.
                if !std::mem::replace(&mut seen[station * wide + (at - block.start) as usize], true) {
                    all += 1;
                    on_hours += u64::from(at.rem_euclid(3600 / FINEST) == 0);
                }
            };
            self.sums.visit(block.clone(), look).map_err(|why| no_room(&why))?;
            spans.push(low..high + 1);
        }
        let step = step.unwrap_or(if on_hours * 10 >= all * 9 { 3600 } else { FINEST });
        let per = step / FINEST;
        // Where something is filled, in steps of the series.
        let spans: Vec<Range<i64>> = spans
            .into_iter()
            .map(|span| span.start.div_euclid(per)..(span.end - 1).div_euclid(per) + 1)
            .collect();
        let mut names: Vec<(String, usize)> = self.names.into_iter().collect();
        names.sort();
        let stretches = stretches(&spans, step, most / (names.len() as i64).max(1));
        Ok(Some(Chapters { step, names, sums: self.sums, stretches, strays }))
    }

    /// The whole series at once.
    ///
    /// # Errors
    /// As [`Gathered::close`].
    pub fn into_series(self, step: Option<i64>) -> Result<Option<Series>, Fault> {
        let chapters = self.close(step, i64::MAX)?;
        chapters.map(|mut chapters| chapters.series(0)).transpose()
    }
}

/// A long record, cut so that each part fits in memory.
#[derive(Debug)]
pub struct Chapters {
    step: i64,
    names: Vec<(String, usize)>,
    sums: Blocks,
    /// Steps of the series' own length, and their name where there are several.
    stretches: Vec<(Range<i64>, String)>,
    /// Readings that lie alone, more than a year from all others, and the instant of the first: left out.
    pub strays: Vec<(u64, i64)>,
}

impl Chapters {
    /// How many there are; one where all fits.
    #[allow(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.stretches.len()
    }

    /// The year of a chapter, or its month: `2022`, `2022-07`.
    pub fn name(&self, chapter: usize) -> &str {
        &self.stretches[chapter].1
    }

    /// First instant and end of the whole record.
    pub fn span(&self) -> (i64, i64) {
        let (first, last) = (&self.stretches[0].0, &self.stretches[self.stretches.len() - 1].0);
        (first.start * self.step, last.end * self.step)
    }

    /// Means of a chapter.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn series(&mut self, chapter: usize) -> Result<Series, Fault> {
        let within = self.stretches[chapter].0.clone();
        let (per, steps) = (self.step / FINEST, (within.end - within.start) as usize);
        let places: HashMap<usize, usize> =
            self.names.iter().enumerate().map(|(place, (_, number))| (*number, place)).collect();
        let mut sums = vec![(0_i64, 0_u32); steps * self.names.len()];
        let add = |station: usize, at: i64, sum: i64, count: u32| {
            let own = &mut sums[places[&station] * steps + (at.div_euclid(per) - within.start) as usize];
            *own = (own.0 + sum, own.1.saturating_add(count));
        };
        self.sums.visit(within.start * per..within.end * per, add).map_err(|why| no_room(&why))?;
        let mean = |(sum, count): &(i64, u32)| {
            if *count == 0 { f64::NAN } else { *sum as f64 / f64::from(*count) / MICRO }
        };
        let stations = self.names.iter().enumerate().map(|(place, (name, _))| {
            (name.clone(), sums[place * steps..(place + 1) * steps].iter().map(mean).collect())
        });
        Ok(Series { step: self.step, first: within.start * self.step, steps, stations: stations.collect() })
    }
}

/// Blocks without those that lie more than a year from all others and hold less than a hundredth of the readings, such as those
/// of a clock that began in 1970.
#[allow(clippy::type_complexity, reason = "two plain lists")]
fn without_strays(filled: Vec<(Range<i64>, u64)>) -> (Vec<(Range<i64>, u64)>, Vec<(u64, i64)>) {
    const YEAR: i64 = 366 * 86_400 / FINEST;
    let all: u64 = filled.iter().map(|(_, count)| count).sum();
    let groups = filled.chunk_by(|a, b| b.0.start - a.0.end < YEAR);
    let (mut kept, mut strays) = (Vec::new(), Vec::new());
    for group in groups {
        let count: u64 = group.iter().map(|(_, count)| count).sum();
        if count * 100 < all {
            strays.push((count, group[0].0.start * FINEST));
        } else {
            kept.extend_from_slice(group);
        }
    }
    (kept, strays)
}

/// One stretch where all of it has no more than `most` steps; else calendar years, or months where a year has more, each from its
/// first to its last filled step.
fn stretches(spans: &[Range<i64>], step: i64, most: i64) -> Vec<(Range<i64>, String)> {
    let whole = spans[0].start..spans[spans.len() - 1].end;
    if whole.end - whole.start <= most {
        return vec![(whole, String::new())];
    }
    let by_year = 366 * 86_400 / step <= most;
    let mut found = Vec::new();
    let mut first = whole.start;
    while first < whole.end {
        let (end, name) = calendar(first, step, by_year);
        let end = end.clamp(first + 1, whole.end);
        let within = spans.iter().filter(|span| span.start < end && span.end > first);
        let filled = within
            .map(|span| span.start.max(first)..span.end.min(end))
            .reduce(|all, span| all.start..span.end.max(all.end));
        found.extend(filled.map(|filled| (filled, name)));
        first = end;
    }
    found
}

/// The end of the year or the month that holds a step, and its name.
fn calendar(at: i64, step: i64, by_year: bool) -> (i64, String) {
    let instant = jiff::Timestamp::from_second(at * step).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = instant.to_zoned_datetime(TimeZone::UTC).datetime().date();
    let (year, month) = (date.year(), date.month());
    let (next_year, next_month, name) = match (by_year, month) {
        (true, _) => (year + 1, 1, format!("{year:04}")),
        (false, 12) => (year + 1, 1, format!("{year:04}-12")),
        (false, month) => (year, month + 1, format!("{year:04}-{month:02}")),
    };
    let next = jiff::civil::Date::new(next_year, next_month, 1)
        .and_then(|date| date.to_datetime(jiff::civil::Time::midnight()).to_zoned_datetime(TimeZone::UTC));
    (next.map_or(i64::MAX, |midnight| midnight.timestamp().as_second().div_euclid(step)), name)
}

fn no_room(why: &std::io::Error) -> Fault {
    let folder = std::env::temp_dir();
    let folder = folder.display();
    fault!(
        fr: "Les mesures ne tiennent pas dans le dossier temporaire {folder} ({why}) : faites-y de la place, ou donnez-en un autre par TMPDIR.",
        en: "The readings do not fit in the temporary folder {folder} ({why}): make room there, or name another by TMPDIR.",
    )
}

/// Opens a file of readings, unpacked as it is read where gzip has packed it.
fn opened(path: &Path) -> Result<Box<dyn BufRead>, Fault> {
    let file = File::open(path).map_err(|why| unreadable(path, &why))?;
    let mut plain = BufReader::with_capacity(1 << 20, file);
    let is_packed = plain.fill_buf().map_err(|why| unreadable(path, &why))?.starts_with(&[0x1f, 0x8b]);
    if is_packed {
        return Ok(Box::new(BufReader::with_capacity(1 << 20, MultiGzDecoder::new(plain))));
    }
    Ok(Box::new(plain))
}

/// Refuses what is no text, by its first bytes.
fn refuse_packed(path: &Path) -> Result<(), Fault> {
    use std::io::Read;
    let mut head = [0_u8; 4];
    let file = File::open(path).map_err(|why| unreadable(path, &why))?;
    if !file.metadata().is_ok_and(|about| about.is_file()) || (&file).read_exact(&mut head).is_err() {
        return Ok(());
    }
    let shown = path.display();
    match head {
        [0x28, 0xb5, 0x2f, 0xfd] | [b'B', b'Z', b'h', _] | [0xfd, b'7', b'z', b'X'] => Err(fault!(
            fr: "{shown} est compressé : décompressez-le d'abord, par exemple avec 7-Zip, ou compressez-le avec gzip.",
            en: "{shown} is compressed: unpack it first, for example with 7-Zip, or pack it with gzip.",
        )),
        [b'P', b'K', 3, 4] | [0xd0, 0xcf, 0x11, 0xe0] => Err(fault!(
            fr: "{shown} est une archive ou un classeur de tableur : enregistrez-le en CSV (UTF-8) d'abord.",
            en: "{shown} is an archive or a spreadsheet's workbook: save it as CSV (UTF-8) first.",
        )),
        _ => Ok(()),
    }
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
