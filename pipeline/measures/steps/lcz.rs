//! `[lcz]`: urban form and climate zones of the finished territory.

use crate::fault;
use crate::measure::{Made, Measure};
use crate::measures::form::{self, Order};
use crate::product::{DENSITY, DSM, DTM, FORM, Spec};
use crate::project::{Settings, positive};
use crate::store::Store;
use crate::text::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Urban form and local climate zones over the finished surface; made where this section is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Side of a square, metres.
    pub cell: f64,
    /// Footprints of buildings, such as BD TOPO's BATIMENT; else class 1 of the cover, else points of class 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buildings: Option<PathBuf>,
    /// Polygons of trees, such as ZONE_DE_VEGETATION, for what the cover does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vegetation: Option<PathBuf>,
    /// Polygons of water, such as SURFACE_HYDROGRAPHIQUE, for what the cover does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub water: Option<PathBuf>,
    /// Cover class, 2 to 9, of the ground that nothing names; without it, it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<u8>,
    /// Blocks, districts or communes, which get figures beside the squares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<PathBuf>,
    /// Field that names the blocks in messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl Default for Section {
    fn default() -> Section {
        Section {
            cell: 100.0,
            buildings: None,
            vegetation: None,
            water: None,
            rest: None,
            blocks: None,
            id: None,
        }
    }
}

/// The step of a run.
pub struct Lcz {
    section: Section,
    order: Order,
    reads: Vec<&'static str>,
}

impl Lcz {
    /// Checks a section; the maps are those that the run keeps.
    ///
    /// # Errors
    /// Where the side of squares or the class of the rest makes no sense.
    pub fn new(section: &Section, settings: &Settings) -> Result<Lcz, Fault> {
        let cell = positive("lcz.cell", section.cell, *form::SIDES.start(), *form::SIDES.end())?;
        if let Some(rest) = section.rest.filter(|rest| !(2..=9).contains(rest)) {
            return Err(fault!(
                fr: "lcz.rest vaut {rest} : il faut une classe d'occupation de 2 (imperméable) à 9 (eau).",
                en: "lcz.rest is {rest}: it must be a cover class from 2 (sealed) to 9 (water).",
            ));
        }
        let mut reads = vec![DSM.spec.name, DTM.spec.name];
        let cover = settings.products.iter().find(|spec| spec.name == "cover").map(|spec| spec.name);
        let dense = cover.is_none() && section.buildings.is_none();
        reads.extend(cover);
        reads.extend(dense.then_some(DENSITY.spec.name));
        let map = |name: &str| reads.contains(&name).then(|| settings.out.join(format!("{name}.vrt")));
        let place = |path: &Option<PathBuf>| path.as_ref().map(|path| settings.base.join(path));
        let order = Order {
            dsm: map(DSM.spec.name),
            dtm: map(DTM.spec.name),
            cover: map("cover"),
            density: map(DENSITY.spec.name),
            buildings: place(&section.buildings),
            vegetation: place(&section.vegetation),
            water: place(&section.water),
            rest: section.rest,
            blocks: place(&section.blocks),
            id: section.id.clone(),
            cell: cell.0,
            out: settings.out.clone(),
            ..Order::default()
        };
        Ok(Lcz { section: section.clone(), order, reads })
    }
}

impl Measure for Lcz {
    fn name(&self) -> &'static str {
        "lcz"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        FORM.to_vec()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let Order { buildings, vegetation, water, blocks, .. } = &self.order;
        [buildings, vegetation, water, blocks].into_iter().flatten().cloned().collect()
    }

    fn settings(&self) -> Value {
        serde_json::to_value(&self.section).expect("a section is made of strings and numbers")
    }

    fn run(&self, _: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        let done = form::make(&self.order, stop, &|_, _| ())?;
        Ok(Made { files: done.files, remarks: done.remarks, interrupted: done.interrupted })
    }
}
