//! `[sky]`: the sky and the sun over the surface of the run.

use super::{horizon, place, shadows, trees, usual_dates};
use crate::measure::{Made, Measure};
use crate::measures::{sky, sun};
use crate::product::{DSM, SKY, SKY_VIEW_CANOPY, Spec};
use crate::project::Settings;
use crate::store::Store;
use crate::text::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// The sky, the shade and the hours of sun over the finished surface; made where this section is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Directions in which the horizon is looked for.
    pub directions: u32,
    /// How far the horizon is looked for, metres.
    pub reach: f64,
    /// Longest shadow that is followed, metres.
    pub shadow_reach: f64,
    /// Days of the sun.
    pub dates: Vec<String>,
    /// Zone of the legal time, such as `Indian/Reunion`; the mainland's own map systems need none.
    pub zone: Option<String>,
    /// Whether the trees that `[cover]` knows let light through; else they are opaque.
    pub trees: bool,
    /// Share of the light that passes trees; else that of the season, 0.03 in leaf and 0.5 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmissivity: Option<f32>,
}

impl Default for Section {
    fn default() -> Section {
        Section {
            directions: 32,
            reach: 200.0,
            shadow_reach: 1000.0,
            dates: usual_dates(),
            zone: None,
            trees: true,
            transmissivity: None,
        }
    }
}

/// The step of a run.
pub struct Sky {
    section: Section,
    order: sky::Order,
    reads: Vec<&'static str>,
}

impl Sky {
    /// Checks a section; the surface is the one that the run keeps, `taken` what another section makes.
    ///
    /// # Errors
    /// Where a length, a number of directions or a day makes no sense.
    pub fn new(section: &Section, settings: &Settings, taken: &[&'static Spec]) -> Result<Sky, Fault> {
        let (crowns, trees) = trees("sky", settings, section.trees, section.transmissivity)?;
        let free = |spec: &&'static Spec| taken.iter().all(|taken| taken.name != spec.name);
        let there = |spec: &&'static Spec| crowns.is_some() || spec.name != SKY_VIEW_CANOPY.spec.name;
        let products = SKY.iter().copied().filter(free).filter(there).collect();
        let order = sky::Order {
            place: place(settings, crowns, section.zone.as_deref()),
            sky: horizon("sky", section.directions, section.reach)?,
            shade: shadows("sky", section.shadow_reach)?,
            dates: section.dates.iter().map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
            products,
        };
        let reads = std::iter::once(DSM.spec.name).chain(trees).collect();
        Ok(Sky { section: section.clone(), order, reads })
    }
}

impl Measure for Sky {
    fn name(&self) -> &'static str {
        "sky"
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
        let products: Vec<&str> = self.order.products.iter().map(|spec| spec.name).collect();
        json!({ "section": self.section, "products": products })
    }

    fn run(&self, _: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        Ok(sky::make(&self.order, stop, &|_, _| ())?.into())
    }
}
