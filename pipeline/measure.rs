//! What a measure is: a method that reads the finished maps of the whole territory, and runs when all tiles are there.
//!
//! Tiles are made cloud by cloud; the sky over a street, a regression over stations or the figures of a commune need
//! the maps of all of them. In: the folder of results as the tile stages left it, and files of the user. Out: more
//! products there, and a record that tells a later run what they were made from: what is unchanged is not made again.
//! A measure that fails is told; the others go on.

use crate::product::Spec;
use crate::report::Report;
use crate::store::{Store, files_of, hash_file, sha256};
use crate::text::{Fault, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// One method on finished maps.
pub trait Measure: Send + Sync {
    /// Its name, for messages and its record.
    fn name(&self) -> &'static str;
    /// The products that it reads in the folder of results.
    fn reads(&self) -> Vec<&'static str>;
    /// The products that it makes.
    fn makes(&self) -> Vec<&'static Spec>;
    /// The user's files that it reads.
    fn inputs(&self) -> Vec<PathBuf>;
    /// All that decides its values beside what it reads.
    fn settings(&self) -> Value;
    /// Makes its products; returns the files below the folder of results, and what a user should know.
    ///
    /// # Errors
    /// Where an input makes no sense, or a file cannot be written.
    fn run(&self, store: &Store, stop: &AtomicBool) -> Result<Made, Fault>;
}

/// What a measure made.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// Paths below the folder of results.
    pub files: Vec<String>,
    /// What a user should know.
    pub remarks: Vec<Text>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// A finished measure, as a later run finds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasureRecord {
    /// Name of the measure.
    pub measure: String,
    /// What it was made from and how, hashed.
    pub fingerprint: String,
    /// All that decided its values.
    pub settings: Value,
    /// Files of the user that it read, with their SHA-256.
    pub inputs: Vec<(String, String)>,
    /// Its files: path below the folder of results, size in bytes, instant in nanoseconds since 1970.
    pub files: Vec<(String, u64, Option<u64>)>,
    /// Soft problems: French, English.
    pub remarks: Vec<(String, String)>,
}

/// What became of a measure.
#[derive(Debug, Clone)]
pub enum MeasureOutcome {
    /// Made in this run.
    Made(MeasureRecord),
    /// Already there, from the same maps, inputs and settings.
    Current(MeasureRecord),
    /// Not made.
    Failed(&'static str, Fault),
}

impl MeasureOutcome {
    /// Its record, where its products are there.
    pub fn record(&self) -> Option<&MeasureRecord> {
        match self {
            MeasureOutcome::Made(record) | MeasureOutcome::Current(record) => Some(record),
            MeasureOutcome::Failed(..) => None,
        }
    }
}

/// Makes one measure unless it is current; `None` where it was stopped.
pub fn make(
    measure: &dyn Measure,
    store: &Store,
    report: &Report,
    stop: &AtomicBool,
) -> Option<MeasureOutcome> {
    let name = measure.name();
    let outcome = || -> Result<Option<MeasureOutcome>, Fault> {
        let inputs = hashed(measure)?;
        let fingerprint = fingerprint(measure, &inputs, report);
        if let Some(record) = current(store, name, &fingerprint) {
            return Ok(Some(MeasureOutcome::Current(record)));
        }
        store.forget(&record_name(name))?;
        let made = measure.run(store, stop)?;
        if made.interrupted || stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let record = record(measure, store, fingerprint, inputs, made);
        let text = serde_json::to_string_pretty(&record).expect("a record is made of strings and numbers");
        store.write_own(&record_name(name), text.as_bytes())?;
        Ok(Some(MeasureOutcome::Made(record)))
    };
    outcome().unwrap_or_else(|why| Some(MeasureOutcome::Failed(name, why)))
}

fn record_name(measure: &str) -> String {
    format!("measures/{measure}.json")
}

fn hashed(measure: &dyn Measure) -> Result<Vec<(String, String)>, Fault> {
    let hash = |path: PathBuf| {
        let shown = path.display().to_string();
        hash_file(&path).map(|hash| (shown.clone(), hash)).map_err(|why| {
            crate::fault!(
                fr: "{shown} ne peut être lu ({why}) : vérifiez le chemin et vos droits.",
                en: "{shown} cannot be read ({why}): check the path and your permissions.",
            )
        })
    };
    measure.inputs().iter().flat_map(|path| files_of(path)).map(hash).collect()
}

/// The maps that it reads, by what each was made from; its inputs and settings; the version.
fn fingerprint(measure: &dyn Measure, inputs: &[(String, String)], report: &Report) -> String {
    let hashes: Vec<&str> = inputs.iter().map(|(_, hash)| hash.as_str()).collect();
    let mut maps: Vec<String> = Vec::new();
    for product in measure.reads() {
        let tiles = report.records().flat_map(|tile| &tile.files).filter(|file| file.product == product);
        maps.extend(tiles.map(|file| format!("{} {}", file.path, file.sha256)));
        let folder = format!("{product}/");
        let earlier = report.measures.iter().filter_map(MeasureOutcome::record);
        let made = earlier.filter(|record| record.files.iter().any(|(path, ..)| path.starts_with(&folder)));
        maps.extend(made.map(|record| format!("{product} {}", record.fingerprint)));
    }
    let (name, settings) = (measure.name(), measure.settings());
    let line = format!("ilot {} {name} {settings} {hashes:?} {maps:?}", env!("CARGO_PKG_VERSION"));
    sha256(line.as_bytes())
}

/// The record of a measure that need not be made again: same fingerprint, all files there untouched.
fn current(store: &Store, name: &str, fingerprint: &str) -> Option<MeasureRecord> {
    let text = std::fs::read_to_string(store.own(&record_name(name))).ok()?;
    let record: MeasureRecord = serde_json::from_str(&text).ok()?;
    let untouched = |(path, bytes, instant): &(String, u64, Option<u64>)| {
        instant.is_some() && store.instant(path) == *instant && store.size(path) == Some(*bytes)
    };
    (record.fingerprint == fingerprint && record.files.iter().all(untouched)).then_some(record)
}

fn record(
    measure: &dyn Measure,
    store: &Store,
    fingerprint: String,
    inputs: Vec<(String, String)>,
    made: Made,
) -> MeasureRecord {
    let file = |path: String| {
        let (size, instant) = (store.size(&path).unwrap_or(0), store.instant(&path));
        (path, size, instant)
    };
    MeasureRecord {
        measure: measure.name().to_owned(),
        fingerprint,
        settings: measure.settings(),
        inputs,
        files: made.files.into_iter().map(file).collect(),
        remarks: made.remarks.into_iter().map(|text| (text.fr, text.en)).collect(),
    }
}
