//! `[sensors]`: a town's network of thermometers, checked; what `ilot sensors` and `ilot heat` are told by flags too.
//!
//! In: the words of the project file or of the command line; out: an order on files, or a fault that names the word. Cost:
//! none.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::sensors::{DateOrder, Reading, Unit, period, sheet, zone};
use crate::measure::{Made, Measure};
use crate::measures::sensors::indicators::Bases;
use crate::measures::sensors::{self, Order};
use crate::product::Spec;
use crate::project::Settings;
use crate::store::Store;
use crate::text::Fault;
use ilot_kernels::readings::checks::{Settings as Checks, Span};
use ilot_kernels::readings::faults::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Temperature sensors of a town: their readings, their sheet, how both are to be read, and how they are checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Files of readings: CSV long or wide, JSON lines (.jsonl), SensorThings (.json).
    pub readings: Vec<PathBuf>,
    /// The station sheet, CSV: name, position, altitude, reference…
    pub stations: PathBuf,
    /// Zone of instants without an offset: `UTC`, `Europe/Paris`, `+01:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// `day-first`, `month-first`, or the dates' own format such as `%d/%m/%Y %H:%M`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
    /// Separator of the readings' columns: `;`, `,` or `tab`; without it, the one that the header holds most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Columns or fields of the readings: `station`, `instant`, `value`, and how the file calls them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Columns of the sheet: `id`, `longitude`, `latitude`, `x`, `y`, `altitude`, `shield`, `environment`, `reference`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub station_columns: BTreeMap<String, String>,
    /// Unit of the readings: `celsius`, `fahrenheit` or `kelvin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// CRS of the sheet's x and y, and of the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Rural references, in place of those of the sheet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<String>,
    /// `town`: 20 to 40 sensors of a town; `crowd`: as CrowdQC+.
    pub checks: String,
    /// Thresholds of the checks, such as `sun_excess = 3`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub thresholds: BTreeMap<String, Threshold>,
    /// Only the readings of this period, UTC, such as `2022-06-01/2022-08-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Time step, minutes; without it, 10 or 60, as the readings are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
    /// Time constant of the sensors, s, whose lag is taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag: Option<f64>,
    /// Threshold of a tropical night, °C.
    pub tropical: f64,
    /// Heat-wave thresholds over 3 days, such as `18/33`, or the département.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heat_wave: Option<String>,
    /// Fall of temperature with altitude by night, K/m.
    pub night_lapse: f64,
    /// The same by day.
    pub day_lapse: f64,
    /// Whether readings whose day and month are exchanged are put back.
    pub mend_dates: bool,
    /// A table of weather (instant, wind in m/s, cloudiness in octas or %): windy, overcast nights check the calibration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weather: Option<PathBuf>,
}

/// A threshold as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Threshold {
    /// Yes or no.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl std::fmt::Display for Threshold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Threshold::Truth(truth) => write!(f, "{truth}"),
            Threshold::Number(number) => write!(f, "{number}"),
            Threshold::Word(word) => f.write_str(word),
        }
    }
}

impl Default for Section {
    fn default() -> Section {
        Section {
            readings: Vec::new(),
            stations: PathBuf::new(),
            zone: None,
            dates: None,
            separator: None,
            columns: BTreeMap::new(),
            station_columns: BTreeMap::new(),
            unit: None,
            crs: None,
            reference: Vec::new(),
            checks: "town".to_owned(),
            thresholds: BTreeMap::new(),
            period: None,
            step: None,
            lag: None,
            tropical: 20.0,
            heat_wave: None,
            night_lapse: 0.0,
            day_lapse: 0.0065,
            mend_dates: false,
            weather: None,
        }
    }
}

/// How a message names a word: as a flag of the command line, or as a key of the project file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// `--heat-wave`.
    ByFlag,
    /// `sensors.heat_wave`.
    ByKey,
}

impl Told {
    fn name(self, key: &str) -> String {
        match self {
            Told::ByFlag => format!("--{}", key.replace('_', "-")),
            Told::ByKey => format!("sensors.{key}"),
        }
    }
}

const READING: &[&str] = &["station", "instant", "value"];
const SHEET: &[&str] =
    &["id", "longitude", "latitude", "x", "y", "altitude", "shield", "environment", "reference"];

impl Section {
    /// The order that a section gives; its paths start at `base`.
    ///
    /// # Errors
    /// Where a word cannot be understood.
    pub fn order(&self, base: &Path, out: &Path, told: Told) -> Result<Order, Fault> {
        if self.readings.is_empty() || self.stations.as_os_str().is_empty() {
            let (readings, stations) = (told.name("readings"), told.name("stations"));
            return Err(fault!(
                fr: "Il manque {readings} (fichiers de mesures) ou {stations} (feuille des stations).",
                en: "{readings} (files of readings) or {stations} (station sheet) is missing.",
            ));
        }
        let crs = self.crs.as_deref().map(Crs::from_user).transpose()?;
        Ok(Order {
            readings: self.readings.iter().map(|path| base.join(path)).collect(),
            stations: base.join(&self.stations),
            out: out.to_owned(),
            reading: self.reading(told)?,
            sheet: sheet::Reading {
                columns: known(&told.name("station_columns"), &self.station_columns, SHEET)?,
                crs,
            },
            references: self.reference.clone(),
            settings: self.checks(told)?,
            limits: Limits::default(),
            bases: self.bases(told)?,
            lag: self.lag,
            period: self.period.as_deref().map(|words| wanted(words, told)).transpose()?,
            step: self.step(told)?,
            mend_dates: self.mend_dates,
            weather: self.weather.as_ref().map(|path| base.join(path)),
        })
    }

    fn reading(&self, told: Told) -> Result<Reading, Fault> {
        let (order, format) = match self.dates.as_deref() {
            None => (None, None),
            Some("day-first") => (Some(DateOrder::DayFirst), None),
            Some("month-first") => (Some(DateOrder::MonthFirst), None),
            Some(format) if format.contains('%') => (None, Some(format.to_owned())),
            Some(other) => {
                let name = told.name("dates");
                return Err(fault!(
                    fr: "{name} « {other} » ne se comprend pas : écrivez day-first, month-first, ou le format des dates comme %d/%m/%Y %H:%M.",
                    en: "{name} `{other}` cannot be understood: write day-first, month-first, or the dates' format such as %d/%m/%Y %H:%M.",
                ));
            }
        };
        Ok(Reading {
            zone: self.zone.as_deref().map(zone).transpose()?,
            order,
            format,
            separator: self.separator.as_deref().map(|words| separator(words, told)).transpose()?,
            columns: known(&told.name("columns"), &self.columns, READING)?,
            unit: self.unit(told)?,
        })
    }

    fn unit(&self, told: Told) -> Result<Unit, Fault> {
        match self.unit.as_deref() {
            None | Some("celsius") => Ok(Unit::Celsius),
            Some("fahrenheit") => Ok(Unit::Fahrenheit),
            Some("kelvin") => Ok(Unit::Kelvin),
            Some(other) => {
                let name = told.name("unit");
                Err(fault!(
                    fr: "{name} « {other} » : écrivez celsius, fahrenheit ou kelvin.",
                    en: "{name} `{other}`: write celsius, fahrenheit or kelvin.",
                ))
            }
        }
    }

    fn step(&self, told: Told) -> Result<Option<i64>, Fault> {
        match self.step {
            Some(minutes) if minutes % 10 != 0 || !(10..=1440).contains(&minutes) => {
                let name = told.name("step");
                Err(fault!(
                    fr: "{name} vaut {minutes} : il faut un multiple de 10 minutes, de 10 à 1440.",
                    en: "{name} is {minutes}: it must be a multiple of 10 minutes, from 10 to 1440.",
                ))
            }
            minutes => Ok(minutes.map(|minutes| minutes * 60)),
        }
    }

    fn checks(&self, told: Told) -> Result<Checks, Fault> {
        let mut checks = match self.checks.as_str() {
            "town" => Checks::default(),
            "crowd" => Checks::crowd(),
            other => {
                let name = told.name("checks");
                return Err(fault!(
                    fr: "{name} « {other} » : écrivez town ou crowd.",
                    en: "{name} `{other}`: write town or crowd.",
                ));
            }
        };
        for (key, value) in &self.thresholds {
            if set(&mut checks, key, &value.to_string()).is_none() {
                let name = if told == Told::ByFlag { "--set".to_owned() } else { told.name("thresholds") };
                return Err(fault!(
                    fr: "{name} « {key}={value} » ne se comprend pas : écrivez seuil=valeur, avec {THRESHOLDS}.",
                    en: "{name} `{key}={value}` cannot be understood: write threshold=value, with {THRESHOLDS}.",
                ));
            }
        }
        Ok(checks)
    }

    fn bases(&self, told: Told) -> Result<Bases, Fault> {
        let heat_wave = self.heat_wave.as_deref().map(|words| heat_wave(words, told)).transpose()?;
        let lapse = (self.night_lapse, self.day_lapse);
        Ok(Bases { tropical: self.tropical, heat_wave, lapse, ..Bases::default() })
    }
}

fn wanted(words: &str, told: Told) -> Result<(i64, i64), Fault> {
    let name = told.name("period");
    period(words).filter(|(from, to)| from < to).ok_or_else(|| {
        fault!(
            fr: "{name} « {words} » ne se comprend pas : écrivez début/fin, en UTC, comme 2022-06-01/2022-08-31 ou 2022-07-17T18:00Z/2022-07-19T06:00Z.",
            en: "{name} `{words}` cannot be understood: write start/end, in UTC, such as 2022-06-01/2022-08-31 or 2022-07-17T18:00Z/2022-07-19T06:00Z.",
        )
    })
}

fn separator(words: &str, told: Told) -> Result<u8, Fault> {
    match words {
        ";" => Ok(b';'),
        "," => Ok(b','),
        "tab" | "\t" => Ok(b'\t'),
        "|" => Ok(b'|'),
        _ => {
            let name = told.name("separator");
            Err(fault!(
                fr: "{name} « {words} » : écrivez « ; », « , », « | » ou tab.",
                en: "{name} `{words}`: write `;`, `,`, `|` or tab.",
            ))
        }
    }
}

/// Columns by what they hold, where that is known.
fn known(
    name: &str,
    columns: &BTreeMap<String, String>,
    keys: &[&str],
) -> Result<HashMap<String, String>, Fault> {
    if let Some(key) = columns.keys().find(|key| !keys.contains(&key.as_str())) {
        let known = keys.join(", ");
        return Err(fault!(
            fr: "{name} « {key} » ne se comprend pas : les colonnes se nomment par {known}.",
            en: "{name} `{key}` cannot be understood: columns are named by {known}.",
        ));
    }
    Ok(columns.iter().map(|(key, name)| (key.clone(), name.clone())).collect())
}

const THRESHOLDS: &str = "range_low, range_high, jump_10min, jump_hour, frozen_hours, frozen_range, sun_excess, sun_correlation, sun_height, sun_days, same_place, low, high, lapse, student, least_valid, least_correlation, least_pairs, span (month|whole), radius, neighbours, rise, alpha, alone_fails, fill, least_left";

fn set(checks: &mut Checks, key: &str, value: &str) -> Option<()> {
    let number = || value.parse::<f64>().ok().filter(|number| number.is_finite());
    let count = || value.parse::<usize>().ok();
    let truth = || match value {
        "yes" | "true" | "oui" | "1" => Some(true),
        "no" | "false" | "non" | "0" => Some(false),
        _ => None,
    };
    match key {
        "range_low" => checks.range.0 = number()?,
        "range_high" => checks.range.1 = number()?,
        "jump_10min" => checks.jumps.0 = number()?,
        "jump_hour" => checks.jumps.1 = number()?,
        "frozen_hours" => checks.frozen_hours = number()?,
        "frozen_range" => checks.frozen_range = number()?,
        "sun_excess" => checks.sun_excess = number()?,
        "sun_correlation" => checks.sun_correlation = number()?,
        "sun_height" => checks.sun_height = number()?,
        "sun_days" => checks.sun_days = number().filter(|days| *days >= 1.0)?,
        "same_place" => checks.same_place = count()?,
        "low" => checks.bounds.0 = number()?,
        "high" => checks.bounds.1 = number()?,
        "lapse" => checks.lapse = number()?,
        "student" => checks.student = truth()?,
        "least_valid" => checks.least_valid = number()?,
        "least_correlation" => checks.least_correlation = number()?,
        "least_pairs" => checks.least_pairs = count()?,
        "span" if value == "month" => checks.span = Span::Month,
        "span" if value == "whole" => checks.span = Span::Whole,
        "radius" => checks.radius = number()?,
        "neighbours" => checks.neighbours = count()?,
        "rise" => checks.rise = number()?,
        "alpha" => checks.alpha = number()?,
        "alone_fails" => checks.alone_fails = truth()?,
        "fill" => checks.fill = count()?,
        "least_left" => checks.least_left = number()?,
        _ => return None,
    }
    Some(())
}

/// Thresholds of heat waves by département, minima and maxima over three days, as Santé publique France's bulletins
/// and the press have them; the table is revised by the agency, and a user's own values go before it.
const HEAT_WAVES: [(&str, (f64, f64)); 9] = [
    ("03", (18.0, 34.0)),
    ("13", (24.0, 35.0)),
    ("22", (18.0, 31.0)),
    ("29", (18.0, 31.0)),
    ("31", (21.0, 36.0)),
    ("35", (18.0, 33.0)),
    ("56", (19.0, 32.0)),
    ("69", (20.0, 34.0)),
    ("75", (21.0, 31.0)),
];

fn heat_wave(words: &str, told: Told) -> Result<(f64, f64), Fault> {
    let table =
        HEAT_WAVES.iter().find(|(department, _)| *department == words).map(|(_, thresholds)| *thresholds);
    let own = || {
        let (low, high) = words.split_once('/')?;
        Some((low.parse::<f64>().ok()?, high.parse::<f64>().ok()?))
    };
    table.or_else(own).ok_or_else(|| {
        let known = HEAT_WAVES.map(|(department, _)| department).join(", ");
        let name = told.name("heat_wave");
        fault!(
            fr: "{name} {words} : donnez les seuils de votre département en minimum/maximum, comme 18/33, ou l'un de ceux qui sont connus ({known}).",
            en: "{name} {words}: give the thresholds of your département as minimum/maximum, such as 18/33, or one of those that are known ({known}).",
        )
    })
}

/// The step of a run; its results lie in the folder `sensors`.
pub struct Sensors {
    section: Section,
    order: Order,
}

/// Folder of the results, below those of the run.
const FOLDER: &str = "sensors";

impl Sensors {
    /// Checks a section.
    ///
    /// # Errors
    /// Where a word of it cannot be understood.
    pub fn new(section: &Section, settings: &Settings) -> Result<Sensors, Fault> {
        let order = section.order(&settings.base, &settings.out.join(FOLDER), Told::ByKey)?;
        Ok(Sensors { section: section.clone(), order })
    }
}

impl Measure for Sensors {
    fn name(&self) -> &'static str {
        "sensors"
    }

    fn reads(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        Vec::new()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        self.order.inputs()
    }

    fn settings(&self) -> Value {
        serde_json::to_value(&self.section).expect("a section is made of strings and numbers")
    }

    fn run(&self, _: &Store, _: &AtomicBool) -> Result<Made, Fault> {
        let done = sensors::make(&self.order)?;
        let files = done.files.iter().map(|name| format!("{FOLDER}/{name}")).collect();
        let remarks = done.faults.into_iter().chain(done.remarks).collect();
        Ok(Made { files, remarks, interrupted: false })
    }
}
