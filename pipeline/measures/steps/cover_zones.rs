//! `cover.zones`: land cover by zone, on the finished maps.

use crate::landcover::settings::Section;
use crate::measure::{Made, Measure};
use crate::measures::cover_zones::{self, NAME, Order};
use crate::product::{CANOPY, COVER, COVER_CONFIDENCE, IMPERVIOUSNESS, Spec, TREES, VEGETATION_HEIGHT};
use crate::project::Settings;
use crate::store::Store;
use crate::text::Fault;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Maps whose means are given where the run makes them.
const MEANS: [&str; 4] =
    [IMPERVIOUSNESS.spec.name, CANOPY.spec.name, VEGETATION_HEIGHT.spec.name, COVER_CONFIDENCE.spec.name];

/// The step of a run.
pub struct CoverZones {
    order: Order,
}

impl CoverZones {
    /// The step that a section asks for; `None` where it names no zones.
    pub fn new(section: &Section, settings: &Settings) -> Option<CoverZones> {
        let zones = settings.base.join(section.zones.as_ref()?);
        let made = |name: &&str| settings.products.iter().any(|spec| spec.name == *name);
        let means = MEANS.into_iter().filter(made).collect();
        let order = Order {
            zones,
            layer: section.zones_layer.clone(),
            means,
            trees: settings.layers.iter().any(|layer| layer.name == TREES.name),
            with_image: !section.irc.is_empty(),
        };
        Some(CoverZones { order })
    }
}

impl Measure for CoverZones {
    fn name(&self) -> &'static str {
        NAME
    }

    fn reads(&self) -> Vec<&'static str> {
        let trees = self.order.trees.then_some(TREES.name);
        std::iter::once(COVER.spec.name).chain(self.order.means.iter().copied()).chain(trees).collect()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        Vec::new()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        vec![self.order.zones.clone()]
    }

    fn settings(&self) -> Value {
        let Order { layer, means, trees, with_image, .. } = &self.order;
        json!({ "layer": layer, "means": means, "trees": trees, "with_image": with_image })
    }

    fn run(&self, store: &Store, _: &AtomicBool) -> Result<Made, Fault> {
        let (files, remarks) = cover_zones::make(&self.order, store)?;
        Ok(Made { files, remarks, interrupted: false })
    }
}
