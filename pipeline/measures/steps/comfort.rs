//! `[comfort]`: radiant and felt temperature at given hours, over the surface of the run.

use super::{horizon, keeps, linke, map, place, shadows, trees};
use crate::fault;
use crate::measure::{Made, Measure};
use crate::measures::comfort::{self, MOST_HOURS};
use crate::measures::sun;
use crate::measures::weather::{self, Reading, Source, Table, Times};
use crate::product::{COMFORT, COVER, DSM, DTM, Spec};
use crate::project::Settings;
use crate::store::Store;
use crate::text::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Radiant and felt temperature (UTCI) over the finished surface; made where this section is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// The hours, such as `2026-08-15T16:00` with `zone`; without any, all of the table.
    pub at: Vec<String>,
    /// Zone of these hours, such as `Europe/Paris`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// CSV table: time, temperature (°C), humidity (%), wind (m/s at 10 m), and global, direct, diffuse (W/m²) where measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weather: Option<PathBuf>,
    /// Zone of the table's times; else `zone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weather_zone: Option<String>,
    /// What the table's times are: `instant`, `end` or `start` of the mean that a row holds; else `end` where the table holds
    /// radiation, `instant` where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weather_times: Option<Times>,
    /// Names of the table's columns, such as `"time=Date,temperature=T"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<String>,
    /// Without a table: air, °C.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Without a table: relative humidity, %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub humidity: Option<f64>,
    /// Without a table: wind at 10 m, m/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wind: Option<f64>,
    /// Without a table: global radiation, W/m²; else that of a clear sky.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global: Option<f64>,
    /// Without a table: direct radiation normal to the rays, W/m²; with `diffuse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct: Option<f64>,
    /// Without a table: diffuse radiation, W/m²; with `direct`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diffuse: Option<f64>,
    /// Directions in which the horizon is looked for.
    pub directions: u32,
    /// How far the horizon is looked for, metres.
    pub reach: f64,
    /// Longest shadow that is followed, metres.
    pub shadow_reach: f64,
    /// Linke turbidity of the clear sky, one or twelve; empty for that of France.
    pub linke: Vec<f64>,
    /// Whether the trees that `[cover]` knows let light through; else they are opaque.
    pub trees: bool,
    /// Share of the light that passes trees; else that of the season, 0.03 in leaf and 0.5 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmissivity: Option<f32>,
}

impl Default for Section {
    fn default() -> Section {
        Section {
            at: Vec::new(),
            zone: None,
            weather: None,
            weather_zone: None,
            weather_times: None,
            columns: None,
            temperature: None,
            humidity: None,
            wind: None,
            global: None,
            direct: None,
            diffuse: None,
            directions: 32,
            reach: 200.0,
            shadow_reach: 1000.0,
            linke: Vec::new(),
            trees: true,
            transmissivity: None,
        }
    }
}

/// The step of a run.
pub struct Comfort {
    section: Section,
    order: comfort::Order,
    reads: Vec<&'static str>,
}

impl Comfort {
    /// Checks a section; surface, terrain and cover are those that the run keeps.
    ///
    /// # Errors
    /// Where an hour, the weather, a length or a share makes no sense.
    pub fn new(section: &Section, settings: &Settings) -> Result<Comfort, Fault> {
        let (crowns, trees) = trees("comfort", settings, section.trees, section.transmissivity)?;
        let moment = |words: &String| sun::moment(words, section.zone.as_deref());
        let covered = keeps(settings, &COVER.spec);
        let order = comfort::Order {
            terrain: crowns.is_none().then(|| map(settings, &DTM.spec)),
            place: place(settings, crowns, section.zone.as_deref()),
            cover: covered.then(|| map(settings, &COVER.spec)),
            moments: section.at.iter().map(moment).collect::<Result<_, Fault>>()?,
            weather: source(section, settings)?,
            sky: horizon("comfort", section.directions, section.reach)?,
            shade: shadows("comfort", section.shadow_reach)?,
            linke: linke("comfort", &section.linke)?,
        };
        let mut reads = vec![DSM.spec.name, DTM.spec.name];
        reads.extend(covered.then_some(COVER.spec.name));
        reads.extend(trees);
        let mut once = Vec::new();
        reads.retain(|name| {
            !once.contains(name) && {
                once.push(*name);
                true
            }
        });
        Ok(Comfort { section: section.clone(), order, reads })
    }
}

/// A table, or the values of the section.
fn source(section: &Section, settings: &Settings) -> Result<Source, Fault> {
    let Section { temperature, humidity, wind, global, direct, diffuse, .. } = *section;
    if let Some(path) = &section.weather {
        if [temperature, humidity, wind, global, direct, diffuse].iter().any(Option::is_some) {
            return Err(fault!(
                fr: "comfort.weather donne déjà la météo : retirez temperature, humidity, wind et le rayonnement de [comfort], ou la table.",
                en: "comfort.weather gives the weather already: remove temperature, humidity, wind and radiation from [comfort], or the table.",
            ));
        }
        let columns = section.columns.as_deref().map_or(Ok(Vec::new()), weather::columns)?;
        let zone = section.weather_zone.clone().or_else(|| section.zone.clone());
        let path = settings.base.join(path);
        return Ok(Source::Table(Table { path, zone, columns, times: section.weather_times }));
    }
    let (Some(temperature), Some(humidity), Some(wind)) = (temperature, humidity, wind) else {
        return Err(fault!(
            fr: "La météo de [comfort] manque : donnez weather = \"table.csv\", ou temperature, humidity et wind.",
            en: "The weather of [comfort] is missing: give weather = \"table.csv\", or temperature, humidity and wind.",
        ));
    };
    if direct.is_some() != diffuse.is_some() {
        return Err(fault!(
            fr: "comfort.direct et comfort.diffuse vont ensemble : donnez les deux, ou global.",
            en: "comfort.direct and comfort.diffuse go together: give both, or global.",
        ));
    }
    if section.at.is_empty() || section.at.len() > MOST_HOURS {
        return Err(fault!(
            fr: "Il faut de 1 à {MOST_HOURS} heures à [comfort] : donnez-les par at = [\"2026-08-15T16:00\"] et zone = \"Europe/Paris\".",
            en: "[comfort] needs from 1 to {MOST_HOURS} hours: give them by at = [\"2026-08-15T16:00\"] and zone = \"Europe/Paris\".",
        ));
    }
    Ok(Source::Values(Reading { temperature, humidity, wind, global, direct, diffuse }))
}

impl Measure for Comfort {
    fn name(&self) -> &'static str {
        "comfort"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        COMFORT.to_vec()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        self.order.weather.inputs()
    }

    fn settings(&self) -> Value {
        serde_json::to_value(&self.section).expect("a section is made of strings and numbers")
    }

    fn run(&self, _: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        Ok(comfort::make(&self.order, stop, &|_, _| ())?.into())
    }
}
