//! `[sun]`: shade at any instant, hours of sun of days or a season, and a year's light, over the surface of the run.

use super::{directions, linke, place, shadows, trees, usual_dates};
use crate::fault;
use crate::measure::{Made, Measure};
use crate::measures::sun;
use crate::measures::sunlight::{self, Season, Year};
use crate::product::{DSM, Spec};
use crate::project::{Settings, positive};
use crate::store::Store;
use crate::text::Fault;
use ilot_kernels::irradiation::IrradiationParams;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Shade, hours of sun and a year's light over the finished surface; made where this section is there. What it makes, the
/// section `[sky]` leaves to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Among `shade`, `sun_hours` and `irradiation`; empty for all, or for the shade alone where `at` is given.
    pub products: Vec<String>,
    /// Instants of the shade, such as `2026-08-15T16:00` with `zone`; else 10, 13 and 16 h of each date.
    pub at: Vec<String>,
    /// Days of the sun.
    pub dates: Vec<String>,
    /// First day of a season, whose sun hours are those of a mean day; with `to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day of the season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// One day of the season in so many is computed.
    pub every: u16,
    /// Zone of the legal time, such as `Indian/Reunion`; days of the mainland's own map systems need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Longest shadow that is followed, metres.
    pub shadow_reach: f64,
    /// Directions of the horizon of the year's light.
    pub directions: u32,
    /// How far the horizon of the year's light is looked for, metres.
    pub reach: f64,
    /// Year of the irradiation.
    pub year: i16,
    /// Linke turbidity of the clear sky, one or twelve; empty for that of France.
    pub linke: Vec<f64>,
    /// Share of the light that the ground throws at inclined planes.
    pub albedo: f32,
    /// Whether the trees that `[cover]` knows let light through; else they are opaque.
    pub trees: bool,
    /// Share of the light that passes trees; else that of the season, 0.03 in leaf and 0.5 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmissivity: Option<f32>,
}

impl Default for Section {
    fn default() -> Section {
        Section {
            products: Vec::new(),
            at: Vec::new(),
            dates: usual_dates(),
            from: None,
            to: None,
            every: 10,
            zone: None,
            shadow_reach: 1000.0,
            directions: 64,
            reach: 200.0,
            year: 2025,
            linke: Vec::new(),
            albedo: 0.2,
            trees: true,
            transmissivity: None,
        }
    }
}

/// The step of a run.
pub struct Sun {
    section: Section,
    order: sunlight::Order,
    reads: Vec<&'static str>,
}

impl Sun {
    /// Checks a section; the surface is the one that the run keeps.
    ///
    /// # Errors
    /// Where a product, a day, an instant, a length or a share makes no sense.
    pub fn new(section: &Section, settings: &Settings) -> Result<Sun, Fault> {
        let (crowns, trees) = trees("sun", settings, section.trees, section.transmissivity)?;
        let moment = |words: &String| sun::moment(words, section.zone.as_deref());
        let order = sunlight::Order {
            place: place(settings, crowns, section.zone.as_deref()),
            products: sunlight::products("sun.products", &section.products, !section.at.is_empty())?,
            moments: section.at.iter().map(moment).collect::<Result<_, Fault>>()?,
            dates: section.dates.iter().map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
            season: season(section)?,
            shade: shadows("sun", section.shadow_reach)?,
            year: year(section)?,
        };
        let reads = std::iter::once(DSM.spec.name).chain(trees).collect();
        Ok(Sun { section: section.clone(), order, reads })
    }
}

fn season(section: &Section) -> Result<Option<Season>, Fault> {
    let (from, to) = match (&section.from, &section.to) {
        (None, None) => return Ok(None),
        (Some(from), Some(to)) => (sun::date(from)?, sun::date(to)?),
        _ => {
            return Err(fault!(
                fr: "sun.from et sun.to vont ensemble : donnez le premier et le dernier jour de la saison.",
                en: "sun.from and sun.to go together: give the first and the last day of the season.",
            ));
        }
    };
    if section.every == 0 {
        return Err(fault!(
            fr: "sun.every vaut 0 : donnez 1 pour tous les jours, 10 pour un sur dix.",
            en: "sun.every is 0: give 1 for all days, 10 for one in ten.",
        ));
    }
    let season = Season { from, to, every: section.every };
    season.days()?;
    Ok(Some(season))
}

fn year(section: &Section) -> Result<Year, Fault> {
    let (year, albedo) = (section.year, section.albedo);
    if !(1900..=2200).contains(&year) {
        return Err(fault!(
            fr: "sun.year vaut {year} : donnez une année de 1900 à 2200.",
            en: "sun.year is {year}: give a year from 1900 to 2200.",
        ));
    }
    let reach = positive("sun.reach", section.reach, 1.0, 5000.0)?;
    let params = IrradiationParams::new(reach, albedo).ok_or_else(|| {
        fault!(
            fr: "sun.albedo vaut {albedo} : donnez une part de 0 à 1.",
            en: "sun.albedo is {albedo}: give a share from 0 to 1.",
        )
    })?;
    let sectors = directions("sun", section.directions)?;
    Ok(Year { year, linke: linke("sun", &section.linke)?, sectors, params })
}

impl Measure for Sun {
    fn name(&self) -> &'static str {
        "sun"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        self.order.products.clone()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn settings(&self) -> Value {
        serde_json::to_value(&self.section).expect("a section is made of strings and numbers")
    }

    fn run(&self, _: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        Ok(sunlight::make(&self.order, stop, &|_, _| ())?.into())
    }
}
