//! JSON → readings: lines with named fields, and OGC SensorThings (18-088) as a service answers it.
//!
//! In: one object a line (exports of LoRaWAN platforms), whose fields are named by dotted paths such as
//! `object.temperature`; or the answer to `Things?$expand=Datastreams/Observations` and its relatives, `dataArray` among
//! them; out: readings. A SensorThings observation belongs to the thing that it lies in or names, else to its
//! datastream. Fails where: only the first page of a paged answer is in a file, which is told. Cost: 2 µs a reading.

use super::csv::{no_order, no_zone};
use super::instants::{Clock, Instant};
use super::{Gathered, MICRO, Reading, opened, unreadable};
use crate::fault;
use crate::text;
use crate::text::Fault;
use serde_json::Value;
use std::io::{BufRead, Read};
use std::path::Path;

/// A document of more bytes is not held in memory.
const LARGEST: u64 = 512 << 20;

struct Records<'a> {
    path: &'a Path,
    reading: &'a Reading,
    clock: Clock,
    into: &'a mut Gathered,
}

pub(super) fn lines(path: &Path, reading: &Reading, clock: Clock, into: &mut Gathered) -> Result<(), Fault> {
    let mut lines = opened(path)?;
    let mut records = Records { path, reading, clock, into };
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.by_ref().take(1 << 24).read_until(b'\n', &mut line);
        if read.map_err(|why| unreadable(path, &why))? == 0 {
            return Ok(());
        }
        match serde_json::from_slice::<Value>(&line) {
            Ok(record) => records.record(&record)?,
            Err(_) if line.trim_ascii().is_empty() => {}
            Err(_) => records.into.tally.unreadable += 1,
        }
    }
}

pub(super) fn whole(path: &Path, reading: &Reading, clock: Clock, into: &mut Gathered) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    let read = opened(path)?.take(LARGEST + 1).read_to_end(&mut bytes);
    if read.map_err(|why| unreadable(path, &why))? as u64 > LARGEST {
        let (path, mega) = (path.display(), LARGEST >> 20);
        return Err(fault!(
            fr: "{path} est trop grand (plus de {mega} Mo) pour un seul document JSON : exportez-le en CSV ou en lignes JSON (.jsonl).",
            en: "{path} is too large (more than {mega} MB) for one JSON document: export it as CSV or JSON lines (.jsonl).",
        ));
    }
    let document: Value = serde_json::from_slice(&bytes).map_err(|why| unreadable(path, &why))?;
    let mut records = Records { path, reading, clock, into };
    let before = records.into.tally;
    if let (false, Some(list)) = (reading.columns.is_empty(), document.as_array()) {
        return list.iter().try_for_each(|record| records.record(record));
    }
    records.walk(&document, None, "")?;
    if records.into.tally == before {
        let path = path.display();
        return Err(fault!(
            fr: "{path} ne contient pas d'observations SensorThings (phenomenonTime, result) ; pour d'autres objets, nommez les champs : --columns station=…,instant=…,value=…",
            en: "{path} holds no SensorThings observations (phenomenonTime, result); for other objects name the fields: --columns station=…,instant=…,value=…",
        ));
    }
    Ok(())
}

/// The value at a dotted path.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, key| match value {
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => value.get(key),
    })
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Records<'_> {
    /// An object whose fields the user has named.
    fn record(&mut self, record: &Value) -> Result<(), Fault> {
        let field = |key: &str, usual: &[&str]| match self.reading.columns.get(key) {
            Some(path) => at(record, path),
            None => usual.iter().find_map(|name| record.get(*name)),
        };
        let station = field("station", &["station", "device", "device_id", "deviceName", "devEUI", "id"])
            .and_then(words);
        let instant = field("instant", &["instant", "time", "timestamp", "received_at"]).and_then(words);
        let value = field("value", &["temperature", "value", "result"]);
        let (Some(station), Some(instant)) = (station, instant) else {
            self.into.tally.unreadable += 1;
            return Ok(());
        };
        self.take(&station, &instant, value)
    }

    fn take(&mut self, station: &str, instant: &str, value: Option<&Value>) -> Result<(), Fault> {
        // An interval stands for its beginning.
        let instant = instant.split('/').next().filter(|first| first.contains('T')).unwrap_or(instant);
        let at = match self.clock.instant(instant.as_bytes()) {
            Instant::At(at) => at,
            Instant::NoZone => return Err(no_zone(self.path, instant.as_bytes())),
            Instant::NoOrder => return Err(no_order(self.path, instant.as_bytes())),
            Instant::Twice => return self.lost(|tally| &mut tally.twice),
            Instant::Never => return self.lost(|tally| &mut tally.never),
            Instant::Wrong => return self.lost(|tally| &mut tally.unreadable),
        };
        let number = match value {
            None | Some(Value::Null) => return self.lost(|tally| &mut tally.missing),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().replace(',', ".").parse().ok(),
            Some(_) => None,
        };
        match number.filter(|number| number.abs() < 1e6) {
            Some(number) => {
                let station = self.into.station(station);
                self.into.add(station, at, (number * MICRO).round() as i64, self.reading.unit);
                Ok(())
            }
            None => self.lost(|tally| &mut tally.unreadable),
        }
    }

    fn lost(&mut self, of: fn(&mut super::Tally) -> &mut u64) -> Result<(), Fault> {
        *of(&mut self.into.tally) += 1;
        Ok(())
    }

    /// Looks through a SensorThings answer; `station` is the thing or datastream that it is within.
    fn walk(&mut self, value: &Value, station: Option<&str>, key: &str) -> Result<(), Fault> {
        match value {
            Value::Array(list) => list.iter().try_for_each(|item| self.walk(item, station, key)),
            Value::Object(object) => {
                if object.contains_key("@iot.nextLink") {
                    let path = self.path.display();
                    self.into.settled.push(text!(
                        fr: "{path} n'est qu'une page d'une réponse : la suite (@iot.nextLink) n'y est pas",
                        en: "{path} is one page of an answer: the rest (@iot.nextLink) is not in it",
                    ));
                }
                let named = ["Thing.name", "Datastream.Thing.name", "Datastream.name"];
                let inner = named.iter().find_map(|path| at(value, path)).and_then(Value::as_str);
                let own = object.get("name").and_then(Value::as_str);
                // A thing's name stands before that of its datastreams.
                let station =
                    if key == "Datastreams" { station.or(inner).or(own) } else { inner.or(own).or(station) };
                if let (Some(instant), Some(result)) = (object.get("phenomenonTime"), object.get("result")) {
                    let instant = words(instant).unwrap_or_default();
                    return self.take(station.unwrap_or("?"), &instant, Some(result));
                }
                if let (Some(names), Some(rows)) = (object.get("components"), object.get("dataArray")) {
                    return self.rows(names, rows, station);
                }
                object.iter().try_for_each(|(key, value)| match value {
                    Value::Array(_) | Value::Object(_) => self.walk(value, station, key),
                    _ => Ok(()),
                })
            }
            _ => Ok(()),
        }
    }

    /// A `dataArray`: rows whose columns `components` names.
    fn rows(&mut self, names: &Value, rows: &Value, station: Option<&str>) -> Result<(), Fault> {
        let place = |wanted: &str| names.as_array()?.iter().position(|name| name.as_str() == Some(wanted));
        let (Some(instant), Some(result)) = (place("phenomenonTime"), place("result")) else { return Ok(()) };
        for row in rows.as_array().into_iter().flatten() {
            let at = row.get(instant).and_then(words).unwrap_or_default();
            self.take(station.unwrap_or("?"), &at, row.get(result))?;
        }
        Ok(())
    }
}
