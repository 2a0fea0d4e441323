//! `[tiles]`: the digital twin of the run as 3D Tiles.

use crate::formats::glb::Packing;
use crate::measure::{Made, Measure};
use crate::product::{BUILDINGS, COVER, DTM, HEAT_NIGHT, IMPERVIOUSNESS, Spec, TREES};
use crate::project::Settings;
use crate::report::RUNNING;
use crate::store::Store;
use crate::text::Fault;
use crate::twin::{self, Content, Order};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// 3D Tiles of the run, for a digital twin; made where this section is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// What is shown: `terrain`, `buildings`, `trees`, `points`; all that the run makes where the list is empty.
    pub content: Vec<Content>,
    /// A colour orthophoto, laid over the terrain and given to the points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ortho: Option<PathBuf>,
    /// The product that is laid over the terrain where there is no orthophoto; else land cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drape: Option<String>,
    /// Folder of the grids to the ellipsoid, such as `fr_ign_RAF20.tif`; those of PROJ are found without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grids: Option<PathBuf>,
    /// `meshopt`, or `none` for viewers without a decoder.
    pub compression: Packing,
    /// Points below which a tile is not parted further.
    pub points_per_tile: u32,
}

/// Points below which a tile is not parted further.
const MOST: u32 = 100_000;

impl Default for Section {
    fn default() -> Section {
        Section {
            content: Vec::new(),
            ortho: None,
            drape: None,
            grids: None,
            compression: Packing::default(),
            points_per_tile: MOST,
        }
    }
}

/// The step of a run.
pub struct Tiles {
    section: Section,
    order: Order,
    reads: Vec<&'static str>,
    inputs: Vec<PathBuf>,
}

impl Tiles {
    /// The step over what a run keeps: `made` are all its rasters and layers.
    pub fn new(section: &Section, made: &[&'static str], settings: &Settings) -> Tiles {
        let place = |path: &Option<PathBuf>| path.as_ref().map(|path| settings.base.join(path));
        let order = Order {
            out: settings.out.clone(),
            record: RUNNING,
            clouds: Vec::new(),
            crs: settings.crs.clone(),
            grids: place(&section.grids).into_iter().collect(),
            most: section.points_per_tile.clamp(1000, 1_000_000) as usize,
            content: section.content.clone(),
            ortho: place(&section.ortho),
            drape: section.drape.clone(),
            packing: section.compression,
        };
        let drape = section.drape.as_deref().unwrap_or(COVER.spec.name);
        let fixed = [DTM.spec.name, IMPERVIOUSNESS.spec.name, HEAT_NIGHT.spec.name];
        let read = |name: &&'static str| fixed.contains(name) || *name == drape;
        let reads = made.iter().copied().filter(read).collect();
        let layers = [BUILDINGS.name, TREES.name].map(|name| settings.out.join(format!("{name}.gpkg")));
        let files = layers.into_iter().chain(settings.lidar.iter().cloned()).chain(order.ortho.clone());
        Tiles { section: section.clone(), order, reads, inputs: files.collect() }
    }
}

impl Measure for Tiles {
    fn name(&self) -> &'static str {
        "tiles"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        Vec::new()
    }

    /// The layers that are there when its turn comes, and the clouds.
    fn inputs(&self) -> Vec<PathBuf> {
        self.inputs.iter().filter(|path| path.exists()).cloned().collect()
    }

    fn settings(&self) -> Value {
        json!({ "section": self.section, "crs": self.order.crs })
    }

    fn run(&self, _: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        let done = twin::make(&self.order, stop, &|_, _| ())?;
        // What is there stays; the next run makes the rest.
        match done.failed.into_iter().next() {
            Some(why) if !done.interrupted => Err(why),
            _ => Ok(Made { files: done.files, remarks: done.remarks, interrupted: done.interrupted }),
        }
    }
}
