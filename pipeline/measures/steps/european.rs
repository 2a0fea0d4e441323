//! `[cover]` on the European grid: imperviousness on the cells of Copernicus, where the run keeps the land cover.

use crate::landcover::settings::Section;
use crate::measure::{Made, Measure};
use crate::measures::european;
use crate::product::{COVER, COVER_CONFIDENCE, IMPERVIOUSNESS_3035, Spec};
use crate::project::Settings;
use crate::store::Store;
use crate::text::Fault;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// The step of a run.
pub struct European;

impl European {
    /// The step; `None` where the section leaves it out, or the run does not keep the land cover and its confidence.
    pub fn new(section: &Section, settings: &Settings) -> Option<European> {
        let keeps = |spec: &Spec| super::keeps(settings, spec);
        (section.copernicus && keeps(&COVER.spec) && keeps(&COVER_CONFIDENCE.spec)).then_some(European)
    }
}

impl Measure for European {
    fn name(&self) -> &'static str {
        "european"
    }

    fn reads(&self) -> Vec<&'static str> {
        vec![COVER.spec.name, COVER_CONFIDENCE.spec.name]
    }

    fn makes(&self) -> Vec<&'static Spec> {
        vec![&IMPERVIOUSNESS_3035.spec]
    }

    fn inputs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn settings(&self) -> Value {
        json!({})
    }

    fn run(&self, store: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        european::make(store.out(), stop)
    }
}
