//! `[sky]`: the sky and the sun over the surface of the run.

use crate::fault;
use crate::measure::{Made, Measure};
use crate::measures::{sky, sun};
use crate::product::{DSM, SKY, SKY_VIEW_CANOPY, Spec};
use crate::project::positive;
use crate::store::Store;
use crate::text::Fault;
use ilot_kernels::shade::ShadeParams;
use ilot_kernels::sky::SkyParams;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};
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
}

impl Default for Section {
    fn default() -> Section {
        Section {
            directions: 32,
            reach: 200.0,
            shadow_reach: 1000.0,
            dates: vec!["2025-06-21".to_owned(), "2025-08-15".to_owned()],
            zone: None,
        }
    }
}

/// Side of a tile, cells.
const TILE: usize = 2048;

/// The step of a run.
pub struct Sky {
    section: Section,
    order: sky::Order,
}

impl Sky {
    /// Checks a section; the surface is the one that the run keeps in `out`.
    ///
    /// # Errors
    /// Where a length, a number of directions or a day makes no sense.
    pub fn new(section: &Section, out: &Path) -> Result<Sky, Fault> {
        let directions = section.directions;
        let sky = SkyParams::new(directions, positive("sky.reach", section.reach, 1.0, 5000.0)?);
        let sky = sky.map_err(|_| {
            fault!(
                fr: "sky.directions vaut {directions} : il faut de 4 à 360 directions.",
                en: "sky.directions is {directions}: it must be from 4 to 360 directions.",
            )
        })?;
        let shade = ShadeParams::new(positive("sky.shadow_reach", section.shadow_reach, 1.0, 5000.0)?);
        let order = sky::Order {
            surface: out.join(format!("{}.vrt", DSM.spec.name)),
            out: out.to_owned(),
            crs: None,
            crowns: None,
            sky,
            shade: shade.expect("its length was checked"),
            dates: section.dates.iter().map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
            zone: section.zone.clone(),
            tile: TILE,
        };
        Ok(Sky { section: section.clone(), order })
    }
}

impl Measure for Sky {
    fn name(&self) -> &'static str {
        "sky"
    }

    fn reads(&self) -> Vec<&'static str> {
        vec![DSM.spec.name]
    }

    fn makes(&self) -> Vec<&'static Spec> {
        SKY.iter().copied().filter(|spec| spec.name != SKY_VIEW_CANOPY.spec.name).collect()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn settings(&self) -> Value {
        serde_json::to_value(&self.section).expect("a section is made of strings and numbers")
    }

    fn run(&self, _: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        let done = sky::make(&self.order, stop, &|_, _| ())?;
        Ok(Made { files: done.files, remarks: done.remarks, interrupted: done.interrupted })
    }
}
