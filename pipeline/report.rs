//! What happened: `run.json`, from which every figure can be traced to its inputs, method and version.

use crate::measure::MeasureOutcome;
use crate::product::Spec;
use crate::project::Settings;
use crate::store::{FileRecord, TileRecord};
use crate::text::{Fault, Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// One cloud that was read.
#[derive(Debug, Clone, Serialize)]
pub struct InputRecord {
    /// Its file, as it is shown.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, as `sha256sum` prints it.
    pub sha256: String,
    /// Points that its header promises.
    pub points: u64,
    /// Whether its classes were `trusted` or `recomputed`.
    pub classes: &'static str,
}

/// A layer of features that was written.
#[derive(Debug, Clone, Serialize)]
pub struct LayerRecord {
    /// Name of the product.
    pub layer: String,
    /// Number of its features.
    pub features: u64,
}

/// What became of a tile.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Made in this run.
    Made(TileRecord),
    /// Already there, from the same inputs and settings.
    Current(TileRecord),
    /// Made or current, but no point fell into it: it has no file.
    Empty(TileRecord),
    /// Not made.
    Failed(String, Fault),
}

/// Everything that a run did.
#[derive(Debug, Default)]
pub struct Report {
    /// The clouds that were read.
    pub inputs: Vec<InputRecord>,
    /// The files that could not be used.
    pub rejected: Vec<(PathBuf, Fault)>,
    /// The tiles, in the plan's order.
    pub tiles: Vec<Outcome>,
    /// The measures that ran on the finished tiles, in order.
    pub measures: Vec<MeasureOutcome>,
    /// Layers of features that were written.
    pub layers: Vec<LayerRecord>,
    /// Wanted products of which not one cell could be made.
    pub empty: Vec<&'static Spec>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// What went wrong after the tiles were made: a disk that was full at the end.
    pub trouble: Vec<Fault>,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Wall time.
    pub wall: Duration,
    /// Processor time of the whole process, where the system tells.
    pub processor: Option<Duration>,
    /// Largest memory of the whole process in bytes, where the system tells.
    pub memory: Option<u64>,
    /// Energy of the machine's processors during the run in joules, where it can be measured.
    pub joules: Option<f64>,
    /// What earlier runs used for the results that this one found there.
    pub earlier: Option<Spent>,
}

/// The record of a finished run, in its folder.
pub const FINISHED: &str = "run.json";
/// The record of a run that is at its measures, and has just read its clouds.
pub const RUNNING: &str = ".ilot/inputs.json";

/// What the record of a folder holds; null where there is none, or it cannot be read.
pub fn recorded(out: &Path, record: &str) -> Value {
    std::fs::read(out.join(record))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// What runs have used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Energy, Wh.
    pub watt_hours: f64,
    /// Processor time, s.
    pub processor_seconds: f64,
    /// How many runs.
    pub runs: u64,
    /// Whether all of them were measured, not estimated.
    pub measured: bool,
}

impl Spent {
    /// What the results of a folder have taken, by its record; none where no run that made them tells.
    pub fn of_results(record: &Value) -> Option<Spent> {
        match &record["energy_of_results"] {
            // Records of versions that did not count it.
            Value::Null if record.get("energy_of_results").is_none() => Spent::of_run(record),
            all => serde_json::from_value(all.clone()).ok(),
        }
    }

    /// What the run of a record used.
    fn of_run(record: &Value) -> Option<Spent> {
        Some(Spent {
            watt_hours: record["energy"]["watt_hours"].as_f64()?,
            processor_seconds: record["processor_seconds"].as_f64()?,
            runs: 1,
            measured: record["energy"]["measured"].is_string(),
        })
    }

    fn and(self, other: Spent) -> Spent {
        Spent {
            watt_hours: ((self.watt_hours + other.watt_hours) * 1000.0).round() / 1000.0,
            processor_seconds: self.processor_seconds + other.processor_seconds,
            runs: self.runs + other.runs,
            measured: self.measured && other.measured,
        }
    }
}

/// All done.
pub const ALL: u8 = 0;
/// Some tiles, sources or products failed; the others are there.
pub const SOME: u8 = 1;
/// Nothing could start.
pub const NONE: u8 = 2;
/// The user stopped it.
pub const INTERRUPTED: u8 = 130;

impl Report {
    /// The exit code that tells what happened.
    pub fn exit_code(&self) -> u8 {
        let failed = self.tiles.iter().any(|tile| matches!(tile, Outcome::Failed(..)))
            || self.measures.iter().any(|measure| matches!(measure, MeasureOutcome::Failed(..)));
        if self.interrupted {
            INTERRUPTED
        } else if failed || !self.rejected.is_empty() || !self.empty.is_empty() || !self.trouble.is_empty() {
            SOME
        } else {
            ALL
        }
    }

    /// The records of the tiles that are there.
    pub fn records(&self) -> impl Iterator<Item = &TileRecord> {
        self.tiles.iter().filter_map(|tile| match tile {
            Outcome::Made(record) | Outcome::Current(record) => Some(record),
            Outcome::Empty(_) | Outcome::Failed(..) => None,
        })
    }

    /// The files of one product.
    pub fn files<'a>(&'a self, spec: &'a Spec) -> impl Iterator<Item = (&'a TileRecord, &'a FileRecord)> {
        let of = move |record: &'a TileRecord| {
            record.files.iter().filter(move |file| file.product == spec.name).map(move |file| (record, file))
        };
        self.records().flat_map(of)
    }

    /// Smallest and largest of the tiles' spreads of a product.
    pub fn spread(&self, spec: &Spec) -> Option<(f64, f64)> {
        let spreads = self.files(spec).filter_map(|(_, file)| file.spread);
        spreads.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// `run.json`.
    pub fn to_json(
        &self,
        settings: &Settings,
        crs: Option<(&str, &str)>,
        libraries: &[(String, String)],
    ) -> Value {
        let (mut made, mut current, mut empty) = (0, 0, 0);
        let mut failed = Vec::new();
        for tile in &self.tiles {
            match tile {
                Outcome::Made(_) => made += 1,
                Outcome::Current(_) => current += 1,
                Outcome::Empty(_) => empty += 1,
                Outcome::Failed(tile, why) => failed.push(json!({ "tile": tile, "fault": both(&why.0) })),
            }
        }
        let mut all = json!({
            "ilot": env!("CARGO_PKG_VERSION"),
            "libraries": libraries.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "finished": timestamp(SystemTime::now()),
            "exit_code": self.exit_code(),
            "crs": crs.map(|(code, name)| json!({ "code": code, "name": name })),
            "settings": settings_json(settings),
            "credits": settings.credits,
            "inputs": self.inputs,
            "rejected": self.rejected.iter().map(|(path, why)| json!({ "path": path.to_string_lossy(), "fault": both(&why.0) })).collect::<Vec<_>>(),
            "products": settings.products.iter().map(|spec| self.product_json(spec)).collect::<Vec<_>>(),
            "layers": self.layers,
            "tiles": { "made": made, "current": current, "empty": empty, "failed": failed,
                       "records": self.records().collect::<Vec<_>>() },
            "measures": self.measures.iter().map(measure_json).collect::<Vec<_>>(),
            "remarks": self.remarks.iter().map(both).collect::<Vec<_>>(),
            "wall_seconds": seconds(self.wall),
            "processor_seconds": self.processor.map(seconds),
            "peak_memory_bytes": self.memory,
            "energy": energy(self.joules, self.processor),
        });
        all["energy_of_results"] = json!(self.spent(&all));
        all
    }

    /// Whether something was made anew, and whether something was found there.
    pub fn made_and_found(&self) -> (bool, bool) {
        let made = |tile: &Outcome| matches!(tile, Outcome::Made(_));
        let found = |tile: &Outcome| matches!(tile, Outcome::Current(_));
        let measures = |current: bool| {
            self.measures.iter().any(|one| match one {
                MeasureOutcome::Made(_) => !current,
                MeasureOutcome::Current(_) => current,
                MeasureOutcome::Failed(..) => false,
            })
        };
        (self.tiles.iter().any(made) || measures(false), self.tiles.iter().any(found) || measures(true))
    }

    /// What the results have taken: this run, and earlier ones where it found something there. A run that makes nothing
    /// costs what it costs, but is none of those that made the results.
    fn spent(&self, record: &Value) -> Option<Spent> {
        let own = Spent::of_run(record);
        match self.made_and_found() {
            (true, false) => own,
            (true, true) => Some(self.earlier?.and(own?)),
            (false, _) => self.earlier,
        }
    }

    /// What `run.json` says of a product.
    pub(crate) fn product_json(&self, spec: &Spec) -> Value {
        let (with_value, all) =
            self.files(spec).fold((0, 0), |(some, all), (_, file)| (some + file.cells.0, all + file.cells.1));
        json!({
            "name": spec.name,
            "title": both(&spec.title.text()),
            "meaning": both(&spec.meaning.text()),
            "unit": spec.unit,
            "source": spec.source,
            "tiles": self.files(spec).count(),
            "cells_with_a_value": with_value,
            "cells": all,
            "percentiles_2_98": self.spread(spec),
        })
    }
}

/// What became of a measure, for `run.json`.
pub(crate) fn measure_json(outcome: &MeasureOutcome) -> Value {
    match outcome {
        MeasureOutcome::Made(record) => json!({ "state": "made", "record": record }),
        MeasureOutcome::Current(record) => json!({ "state": "current", "record": record }),
        MeasureOutcome::Failed(name, why) => {
            json!({ "state": "failed", "measure": name, "fault": both(&why.0) })
        }
    }
}

/// A sentence in both languages.
pub(crate) fn both(text: &Text) -> Value {
    json!({ "fr": text.in_language(Language::French), "en": text.in_language(Language::English) })
}

/// The settings that decide values, for people and machines.
pub fn settings_json(settings: &Settings) -> Value {
    let mut all = json!({
        "cell_m": settings.gridding.cell.0,
        "registration": format!("{:?}", settings.gridding.registration).to_lowercase(),
        "method": settings.method,
        "dtm_classes": settings.dtm_classes.list(),
        "dsm_classes": settings.dsm_classes.list(),
        "max_edge_m": settings.max_edge.0,
        "void_reach_m": settings.void_reach.0,
        "spike_free": settings.spike_free,
        "light": settings.light,
        "tile_size_m": settings.tile_size.0,
        "classes": settings.classes,
        "crs_flag": settings.crs,
        "footprints": settings.footprints.as_ref().map(|path| path.file_name().unwrap_or_default().to_string_lossy()),
    });
    if let Some(cover) = &settings.cover {
        all["cover"] = cover.json();
    }
    all
}

pub(crate) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

/// Power of a busy core and its share of memory, W: a laptop's or a server's core under load draws 5 to 15.
const WATTS_PER_BUSY_CORE: f64 = 10.0;

/// Measured where the machine lets us, else estimated; which of both is said.
fn energy(joules: Option<f64>, processor: Option<Duration>) -> Value {
    let hours = |joules: f64| (joules / 3600.0 * 1000.0).round() / 1000.0;
    match (joules, processor) {
        (Some(joules), _) => json!({
            "watt_hours": hours(joules),
            "measured": "RAPL counters of the processors: the whole machine, other processes included",
        }),
        (None, Some(processor)) => json!({
            "watt_hours": hours(processor.as_secs_f64() * WATTS_PER_BUSY_CORE),
            "estimate": format!("processor seconds × {WATTS_PER_BUSY_CORE} W for a busy core; not measured"),
        }),
        (None, None) => Value::Null,
    }
}

/// Counters of energy of the processors (RAPL, through Linux's powercap), read at the start of a run.
#[derive(Debug)]
pub struct Meter {
    /// File, count at the start and size of each counter, microjoules.
    counters: Vec<(PathBuf, u64, u64)>,
}

/// No package draws more, W: beyond the time in which it would go round, a counter says nothing.
const MOST_WATTS: f64 = 500.0;

impl Meter {
    /// The counters of this machine; none where they may not be read, as is common.
    pub fn start() -> Meter {
        Meter::at(Path::new("/sys/class/powercap"))
    }

    fn at(folder: &Path) -> Meter {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        // `intel-rapl:0` is a whole package, on AMD's processors too; `intel-rapl:0:0` is a part of it.
        let packages = entries.filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.strip_prefix("intel-rapl:").is_some_and(|rest| !rest.contains(':'))
        });
        let counters = packages.filter_map(|entry| {
            let counter = entry.path().join("energy_uj");
            let size = count(&entry.path().join("max_energy_range_uj"))?;
            Some((counter.clone(), count(&counter)?, size))
        });
        Meter { counters: counters.collect() }
    }

    /// Joules since the start; `None` where there is no counter, or one may have gone round more than once.
    pub fn joules(&self, wall: Duration) -> Option<f64> {
        let one = |(path, start, size): &(PathBuf, u64, u64)| {
            let may_repeat = wall.as_secs_f64() * MOST_WATTS * 1e6 >= *size as f64;
            let end = count(path).filter(|_| !may_repeat)?;
            let used = if end >= *start { end - start } else { end + size - start };
            Some(used as f64 / 1e6)
        };
        (!self.counters.is_empty()).then(|| self.counters.iter().map(one).sum::<Option<f64>>()).flatten()
    }
}

fn count(path: &Path) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// An instant in UTC, `2026-11-24T05:36:00Z`.
pub fn timestamp(instant: SystemTime) -> String {
    let seconds = instant.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days as i64);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Days since 1970-01-01 as year, month, day (Howard Hinnant, chrono-compatible low-level date algorithms).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Processor time and peak memory of this process, from Linux's `/proc`; nothing elsewhere.
pub fn usage() -> (Option<Duration>, Option<u64>) {
    (processor_time(Path::new("/proc/self/stat")), peak_memory(Path::new("/proc/self/status")))
}

/// Fields 14 and 15 of `stat`, in hundredths of a second (proc(5); USER_HZ is 100 on every Linux).
fn processor_time(stat: &Path) -> Option<Duration> {
    let text = std::fs::read_to_string(stat).ok()?;
    let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn peak_memory(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc() {
        let at = |seconds| timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_795_498_560), "2026-11-24T05:36:00Z");
    }

    #[test]
    fn energy_is_counted_over_whole_packages_and_one_turn() {
        let folder = tempfile::tempdir().unwrap();
        let set = |zone: &str, name: &str, value: u64| {
            std::fs::create_dir_all(folder.path().join(zone)).unwrap();
            std::fs::write(folder.path().join(zone).join(name), format!("{value}\n")).unwrap();
        };
        for (zone, start) in
            [("intel-rapl:0", 5_000_000), ("intel-rapl:1", 90_000_000), ("intel-rapl:0:0", 0)]
        {
            set(zone, "energy_uj", start);
            set(zone, "max_energy_range_uj", 100_000_000_000);
        }
        let meter = Meter::at(folder.path());
        set("intel-rapl:0", "energy_uj", 7_000_000);
        set("intel-rapl:1", "energy_uj", 0);
        set("intel-rapl:0:0", "energy_uj", 1_000_000);
        let expected = 2.0 + (100_000.0 - 90.0);
        assert_eq!(meter.joules(Duration::from_secs(1)), Some(expected));
        assert_eq!(meter.joules(Duration::from_secs(3600)), None);
        assert_eq!(Meter::at(&folder.path().join("nowhere")).joules(Duration::ZERO), None);
        assert!(energy(Some(7200.0), None)["measured"].is_string());
        assert_eq!(energy(None, Some(Duration::from_secs(360)))["watt_hours"], 1.0);
    }

    #[test]
    fn the_exit_code_tells_what_happened() {
        let mut report = Report::default();
        assert_eq!(report.exit_code(), ALL);
        report.tiles.push(Outcome::Failed("0770_6278".into(), crate::fault!(fr: "x", en: "x")));
        assert_eq!(report.exit_code(), SOME);
        report.interrupted = true;
        assert_eq!(report.exit_code(), INTERRUPTED);
    }
}
