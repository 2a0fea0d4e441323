//! CSV → readings, row by row.
//!
//! In: a table with a header, long (station, instant, value) or wide (instant, then a column per station); out: readings.
//! The separator is the one that the header holds most. Fails where: a field that runs over several lines is read as
//! several rows. Cost: 0.1 µs a row.

use super::instants::{Clock, Instant, stated_zone};
use super::{Gathered, Number, Reading, decoded, number, opened, unreadable};
use crate::fault;
use crate::formats::table::plain;
use crate::text;
use crate::text::Fault;
use std::io::BufRead;
use std::ops::Range;
use std::path::Path;

/// Names by which columns of long tables go.
pub const STATION: &[&str] = &[
    "station",
    "stationid",
    "idstation",
    "id",
    "capteur",
    "idcapteur",
    "sensor",
    "sensorid",
    "device",
    "deviceid",
    "deviceeui",
    "deveui",
    "pid",
    "nom",
    "name",
    "logger",
    "site",
    "codestation",
];
const INSTANT: &[&str] = &[
    "instant",
    "instantutc",
    "time",
    "timeutc",
    "timestamp",
    "date",
    "dateutc",
    "datetime",
    "datetimeutc",
    "dateheure",
    "dateheureutc",
    "heure",
    "horodatage",
    "phenomenontime",
    "receivedat",
    "dateobservation",
    "datetime",
];
const VALUE: &[&str] = &[
    "temperature",
    "temperaturec",
    "temperaturedegc",
    "temp",
    "tempc",
    "ta",
    "tair",
    "airt",
    "airtemperature",
    "value",
    "valeur",
    "result",
    "t",
    "mesure",
    "temperatureair",
    "temperatureair",
];

/// Which columns hold what.
enum Layout {
    /// Station, instant, value.
    Long([usize; 3]),
    /// The instant's column; the others are stations.
    Wide(usize),
}

pub(super) fn read(
    path: &Path,
    reading: &Reading,
    mut clock: Clock,
    into: &mut Gathered,
) -> Result<(), Fault> {
    let mut lines = opened(path)?;
    let mut line = Vec::new();
    next_line(&mut lines, &mut line).map_err(|why| unreadable(path, &why))?;
    let header = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line).to_vec();
    let separator = reading.separator.unwrap_or_else(|| separator(&header));
    let mut cells = Vec::new();
    split(&header, separator, &mut cells);
    let names: Vec<String> = cells.iter().map(|cell| decoded(unquoted(&header[cell.clone()]))).collect();
    let layout = layout(path, reading, &names)?;
    let instant = match layout {
        Layout::Long([_, instant, _]) | Layout::Wide(instant) => instant,
    };
    state(&mut clock, &names[instant], into);
    learn(path, separator, instant, &mut clock)?;
    let mut table = Table { path, names, layout, clock, stations: Vec::new(), last: (Vec::new(), 0), row: 0 };
    table.prepare(into);
    while next_line(&mut lines, &mut line).map_err(|why| unreadable(path, &why))? {
        split(&line, separator, &mut cells);
        table.row(&line, &cells, reading, into)?;
    }
    table.close(into);
    Ok(())
}

/// A line without its end; false at the end of the file. A line of more than 16 MB is cut.
fn next_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    use std::io::Read;
    line.clear();
    let read = lines.by_ref().take(1 << 24).read_until(b'\n', line)?;
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(read > 0)
}

/// The separator that the header holds most.
pub fn separator(header: &[u8]) -> u8 {
    let count = |separator: u8| header.iter().filter(|byte| **byte == separator).count();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| (count(*separator), *separator == b';'))
        .unwrap_or(b',')
}

/// Places of a line's cells.
pub fn split(line: &[u8], separator: u8, cells: &mut Vec<Range<usize>>) {
    cells.clear();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in line.iter().enumerate() {
        if *byte == b'"' {
            quoted = !quoted;
        } else if *byte == separator && !quoted {
            cells.push(start..at);
            start = at + 1;
        }
    }
    cells.push(start..line.len());
}

/// A cell without its quotes.
pub fn unquoted(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell)
}

/// The column of a name that the user gave, or of one of the usual names.
pub fn column(names: &[String], given: Option<&String>, usual: &[&str]) -> Option<usize> {
    match given {
        Some(given) => names.iter().position(|name| name == given || plain(name) == plain(given)),
        None => usual.iter().find_map(|usual| names.iter().position(|name| plain(name) == *usual)),
    }
}

fn layout(path: &Path, reading: &Reading, names: &[String]) -> Result<Layout, Fault> {
    let find = |key: &str, usual: &[&str]| column(names, reading.columns.get(key), usual);
    for (key, name) in &reading.columns {
        if column(names, Some(name), &[]).is_none() {
            let (path, names) = (path.display(), names.join(", "));
            return Err(fault!(
                fr: "{path} n'a pas de colonne « {name} » pour {key} ; ses colonnes sont : {names}.",
                en: "{path} has no column \"{name}\" for {key}; its columns are: {names}.",
            ));
        }
    }
    let found = (find("station", STATION), find("instant", INSTANT), find("value", VALUE));
    if let (Some(station), Some(instant), Some(value)) = found {
        return Ok(Layout::Long([station, instant, value]));
    }
    // A wide table: the instant in the column that is named, else in the first; a column per station.
    if names.len() >= 2 && !reading.columns.contains_key("value") {
        return Ok(Layout::Wide(found.1.unwrap_or(0)));
    }
    let (path, names) = (path.display(), names.join(", "));
    Err(fault!(
        fr: "{path} : les colonnes de la station, de l'instant et de la valeur ne se reconnaissent pas parmi {names} ; nommez-les : --columns station=…,instant=…,value=…",
        en: "{path}: the columns of station, instant and value cannot be told among {names}; name them: --columns station=…,instant=…,value=…",
    ))
}

/// Takes the zone that a name states.
fn state(clock: &mut Clock, name: &str, into: &mut Gathered) {
    if clock.has_zone() {
        return;
    }
    if let Some(zone) = stated_zone(name) {
        let shown = zone.iana_name().map_or_else(|| format!("{zone:?}"), str::to_owned);
        let offset = zone.to_fixed_offset().map_or(shown, |offset| offset.to_string());
        into.settled.push(text!(
            fr: "la colonne « {name} » dit son fuseau horaire : UTC{offset}",
            en: "the column \"{name}\" states its time zone: UTC{offset}",
        ));
        clock.state_zone(zone);
    }
}

/// Looks through the dates of a file whose first are not led by their year, for days that can be no month.
fn learn(path: &Path, separator: u8, instant: usize, clock: &mut Clock) -> Result<(), Fault> {
    let mut lines = opened(path)?;
    let (mut line, mut cells, mut row) = (Vec::new(), Vec::new(), 0);
    while next_line(&mut lines, &mut line).map_err(|why| unreadable(path, &why))? {
        split(&line, separator, &mut cells);
        let Some(cell) = cells.get(instant).map(|cell| unquoted(&line[cell.clone()])) else { continue };
        let led_by_year = cell.len() > 4 && cell[..4].iter().all(u8::is_ascii_digit);
        row += 1;
        // Nearly all files: the first rows show that there is nothing to learn.
        if led_by_year && row > 4 {
            return Ok(());
        }
        clock.learn(cell);
    }
    Ok(())
}

struct Table<'a> {
    path: &'a Path,
    names: Vec<String>,
    layout: Layout,
    clock: Clock,
    /// Wide: the station of each column, and whether it had a value.
    stations: Vec<Option<(usize, bool)>>,
    /// Long: the last station's bytes and number.
    last: (Vec<u8>, usize),
    row: u64,
}

impl Table<'_> {
    fn prepare(&mut self, into: &mut Gathered) {
        if let Layout::Wide(instant) = self.layout {
            let station = |(column, name): (usize, &String)| {
                (column != instant && !name.is_empty()).then(|| (into.station(name), false))
            };
            self.stations = self.names.iter().enumerate().map(station).collect();
        }
    }

    fn row(
        &mut self,
        line: &[u8],
        cells: &[Range<usize>],
        reading: &Reading,
        into: &mut Gathered,
    ) -> Result<(), Fault> {
        self.row += 1;
        if line.is_empty() {
            return Ok(());
        }
        let cell = |column: usize| cells.get(column).map_or(&[][..], |cell| unquoted(&line[cell.clone()]));
        let instant = match self.layout {
            Layout::Long([_, instant, _]) | Layout::Wide(instant) => cell(instant),
        };
        if self.row <= 3 && self.is_more_header(instant, cells, line, into) {
            return Ok(());
        }
        let instant = match self.clock.instant(instant) {
            Instant::At(instant) => instant,
            Instant::Twice => return self.lost(|tally| &mut tally.twice, cells, into),
            Instant::Never => return self.lost(|tally| &mut tally.never, cells, into),
            Instant::Wrong => return self.lost(|tally| &mut tally.unreadable, cells, into),
            Instant::NoZone => return Err(no_zone(self.path, instant)),
            Instant::NoOrder => return Err(no_order(self.path, instant)),
        };
        match self.layout {
            Layout::Long([station, _, value]) => {
                self.long(cell(station), instant, cell(value), reading, into)
            }
            Layout::Wide(_) => self.wide(instant, cell, reading, into),
        }
        Ok(())
    }

    /// A second line of the header: its first cell is words, the others are empty.
    fn is_more_header(
        &mut self,
        first: &[u8],
        cells: &[Range<usize>],
        line: &[u8],
        into: &mut Gathered,
    ) -> bool {
        let empty = cells.iter().skip(1).all(|cell| line[cell.clone()].trim_ascii().is_empty());
        let words = matches!(self.layout, Layout::Wide(_))
            && empty
            && !first.is_empty()
            && !first[0].is_ascii_digit();
        if words {
            state(&mut self.clock, &decoded(first), into);
        }
        words
    }

    /// Counts what a row would have given.
    fn lost(
        &self,
        of: fn(&mut super::Tally) -> &mut u64,
        cells: &[Range<usize>],
        into: &mut Gathered,
    ) -> Result<(), Fault> {
        let readings = match self.layout {
            Layout::Long(_) => 1,
            Layout::Wide(_) => cells.iter().skip(1).filter(|cell| !cell.is_empty()).count() as u64,
        };
        *of(&mut into.tally) += readings;
        Ok(())
    }

    fn long(&mut self, station: &[u8], instant: i64, value: &[u8], reading: &Reading, into: &mut Gathered) {
        if station.is_empty() {
            into.tally.unreadable += 1;
            return;
        }
        if self.last.0 != station {
            self.last = (station.to_vec(), into.station(&decoded(station)));
        }
        match number(value) {
            Number::Micro(micro) => into.add(self.last.1, instant, micro, reading.unit),
            Number::Missing => into.tally.missing += 1,
            Number::Wrong => into.tally.unreadable += 1,
        }
    }

    fn wide<'a>(
        &mut self,
        instant: i64,
        cell: impl Fn(usize) -> &'a [u8],
        reading: &Reading,
        into: &mut Gathered,
    ) {
        for (column, station) in self.stations.iter_mut().enumerate() {
            let Some((station, has_value)) = station else { continue };
            match number(cell(column)) {
                Number::Micro(micro) => {
                    into.add(*station, instant, micro, reading.unit);
                    *has_value = true;
                }
                Number::Missing => into.tally.missing += 1,
                Number::Wrong => into.tally.unreadable += 1,
            }
        }
    }

    /// Notes the columns without any value.
    fn close(&self, into: &mut Gathered) {
        let empty =
            self.stations.iter().zip(&self.names).filter(|(station, _)| matches!(station, Some((_, false))));
        into.empty.extend(empty.map(|(_, name)| name.clone()));
    }
}

pub(super) fn no_zone(path: &Path, instant: &[u8]) -> Fault {
    let (path, instant) = (path.display(), decoded(instant));
    fault!(
        fr: "{path} ne dit pas dans quel fuseau sont ses instants (« {instant} ») : donnez --zone, par exemple UTC, Europe/Paris ou +01:00.",
        en: "{path} does not say in which zone its instants are (`{instant}`): give --zone, for example UTC, Europe/Paris or +01:00.",
    )
}

pub(super) fn no_order(path: &Path, instant: &[u8]) -> Fault {
    let (path, instant) = (path.display(), decoded(instant));
    fault!(
        fr: "{path} : dans « {instant} », rien ne dit si le jour ou le mois vient d'abord : donnez --dates day-first ou --dates month-first.",
        en: "{path}: in `{instant}`, nothing tells whether the day or the month comes first: give --dates day-first or --dates month-first.",
    )
}
