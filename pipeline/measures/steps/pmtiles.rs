//! `[pmtiles]`: archives of map tiles of what the run has made.

use crate::account::Account;
use crate::measure::{Made, Measure};
use crate::product::Spec;
use crate::project::Settings;
use crate::publish::archives::{self, Order};
use crate::report::RUNNING;
use crate::store::Store;
use crate::text::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// One archive of map tiles (PMTiles) for each product and layer of the run; made where this section is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Wanted products and layers; an empty list asks for all that the run makes.
    pub products: Vec<String>,
}

/// The step of a run.
pub struct PmTiles {
    order: Order,
    reads: Vec<&'static str>,
    out: PathBuf,
}

impl PmTiles {
    /// The step over all that a run keeps, `made` included.
    pub fn new(section: &Section, made: &[&'static str], settings: &Settings) -> PmTiles {
        let credits = settings.credits.clone();
        let wanted =
            |name: &&&str| section.products.is_empty() || section.products.iter().any(|own| own == **name);
        let reads = made.iter().filter(wanted).copied().collect();
        PmTiles {
            order: Order { products: section.products.clone(), credits, record: RUNNING },
            reads,
            out: settings.out.clone(),
        }
    }
}

impl Measure for PmTiles {
    fn name(&self) -> &'static str {
        "pmtiles"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        Vec::new()
    }

    /// The layers that are there when its turn comes.
    fn inputs(&self) -> Vec<PathBuf> {
        let account = Account::read(&self.out, RUNNING);
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        archives::layers(&self.out).into_iter().filter(|path| account.holds(&name(path))).collect()
    }

    fn settings(&self) -> Value {
        json!({ "products": self.order.products, "credits": self.order.credits })
    }

    fn run(&self, store: &Store, stop: &AtomicBool) -> Result<Made, Fault> {
        archives::make(&self.order, store, stop, &|_, _, _| ())
    }
}
