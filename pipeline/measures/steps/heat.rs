//! `[heat]`: maps of warmth from the town's sensors and the maps of the run.

use crate::fault;
use crate::measure::{Made, Measure};
use crate::measures::heat::{self, Order, stack::Stack};
use crate::product::{HEAT, Spec};
use crate::project::{Settings, positive};
use crate::store::Store;
use crate::text::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::sensors::{self, Told};

/// Maps of warmth by night and by day from the sensors of `[sensors]`, with their uncertainty; made where this section is
/// there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Side of a cell of the maps, metres.
    pub cell: f64,
    /// Further rasters, or folders of them, that describe places, beside the maps of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<PathBuf>,
    /// Columns of the station sheet that are covariates too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Stations that no model may see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep_out: Vec<String>,
    /// Blocks or communes whose means are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zones: Option<PathBuf>,
    /// Step between contour lines, K; 0 for none.
    pub contours: f64,
    /// The one map that is wanted, `night` or `day`, where it is not both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<heat::Part>,
    /// A map per hour of this period, such as `2022-07-17T18:00Z/2022-07-19T06:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hourly: Option<String>,
    /// A map per night of this period, such as `2022-07-12/2022-07-19`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nightly: Option<String>,
}

impl Default for Section {
    fn default() -> Section {
        Section {
            cell: 10.0,
            covariates: Vec::new(),
            with: Vec::new(),
            keep_out: Vec::new(),
            zones: None,
            contours: heat::CONTOURS,
            only: None,
            hourly: None,
            nightly: None,
        }
    }
}

/// Maps of a run that describe places.
const DESCRIBES: [&str; 9] =
    ["canopy", "chm", "cover", "dtm", "imperviousness", "irradiation", "ndvi", "sky_view", "sun_hours"];

/// The step of a run.
pub struct Heat {
    section: Section,
    network: sensors::Section,
    order: Order,
    reads: Vec<&'static str>,
}

impl Heat {
    /// Checks a section; `kept` are the maps that the run makes.
    ///
    /// # Errors
    /// Where a value makes no sense, or there are no sensors.
    pub fn new(
        section: &Section,
        network: Option<&sensors::Section>,
        kept: &[&'static str],
        settings: &Settings,
    ) -> Result<Heat, Fault> {
        let network = network.ok_or_else(|| {
            fault!(
                fr: "La section [heat] demande les capteurs de la section [sensors] : ajoutez-la.",
                en: "Section [heat] needs the sensors of section [sensors]: add it.",
            )
        })?;
        let cell = positive("heat.cell", section.cell, 0.5, 1000.0)?;
        let contours = contours(section.contours)?;
        let reads: Vec<&'static str> = kept.iter().copied().filter(|name| DESCRIBES.contains(name)).collect();
        let maps = reads.iter().map(|name| settings.out.join(format!("{name}.vrt")));
        let more = section.covariates.iter().map(|path| settings.base.join(path));
        let stack = Stack::of(section.hourly.as_deref(), section.nightly.as_deref(), "heat.hourly/nightly")?;
        let order = Order {
            network: network.order(&settings.base, &settings.out, Told::ByKey)?,
            covariates: maps.chain(more).collect(),
            with: section.with.clone(),
            keep_out: section.keep_out.clone(),
            cell: cell.0,
            zones: section.zones.as_ref().map(|path| settings.base.join(path)),
            contours,
            only: section.only,
            stack,
        };
        Ok(Heat { section: section.clone(), network: network.clone(), order, reads })
    }
}

/// A step between contour lines, K.
fn contours(step: f64) -> Result<f64, Fault> {
    if heat::is_contour_step(step) {
        return Ok(step);
    }
    Err(fault!(
        fr: "heat.contours vaut {step:?} : il faut un pas de 0,05 à 10 K, ou 0 pour aucune isoligne.",
        en: "heat.contours is {step:?}: it must be a step from 0.05 to 10 K, or 0 for no contour lines.",
    ))
}

impl Measure for Heat {
    fn name(&self) -> &'static str {
        "heat"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        HEAT.to_vec()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let rasters = self.order.covariates.iter().skip(self.reads.len());
        let rasters = rasters.flat_map(|path| heat::covariates::rasters(path).unwrap_or_default());
        self.order.network.inputs().into_iter().chain(self.order.zones.clone()).chain(rasters).collect()
    }

    fn settings(&self) -> Value {
        json!({ "heat": self.section, "sensors": self.network })
    }

    fn run(&self, _: &Store, _: &AtomicBool) -> Result<Made, Fault> {
        let done = heat::make(&self.order)?;
        let remarks = done.findings.into_iter().chain(done.remarks).collect();
        Ok(Made { files: done.files, remarks, interrupted: false })
    }
}
