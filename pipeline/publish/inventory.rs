//! A folder of results → what is in it: rasters of the registry, layers, pages, and what `run.json` says.
//!
//! In: a folder; out: names, places and words, no value of a cell. Nothing is guessed: what is not there is not listed.
//! Fails where: there is no result at all. Cost: opening each mosaic.

use super::sheets::{SHEETS, Sheet};
use crate::account::Account;
use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::product::{self, Spec, Style, Vector, Words, band_words};
use crate::report::{FINISHED, recorded};
use crate::style::spread_of;
use crate::text::{Fault, Text};
use ilot_kernels::extent::Extent;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A raster that is there.
#[derive(Debug)]
pub struct Held {
    /// Its declaration.
    pub spec: &'static Spec,
    /// Where it lies.
    pub extent: Extent,
    /// What its bands show.
    pub bands: Vec<String>,
    /// The values over which a stretched ramp is spread.
    pub spread: Option<(f64, f64)>,
}

impl Held {
    /// What a band shows, in both languages where the registry says it.
    pub fn band(&self, band: usize) -> Text {
        if self.bands.get(band).is_some_and(|own| own == self.spec.title.en) {
            return self.spec.title.text();
        }
        let own = || band_words(self.bands.get(band).map_or("", String::as_str));
        self.spec.bands.get(band).map_or_else(own, Words::text)
    }
}

/// A layer that is there, by its name.
#[derive(Debug)]
pub struct Layer {
    /// `<name>.geojson`.
    pub name: String,
    /// What the registry says of it.
    pub vector: Option<&'static Vector>,
    /// What people look at in it.
    pub sheet: Option<&'static Sheet>,
}

/// What a folder of results holds.
#[derive(Debug)]
pub struct Inventory {
    /// The folder.
    pub out: PathBuf,
    /// `run.json`, null where there is none.
    pub run: Value,
    /// What of the folder counts.
    pub account: Account,
    /// The rasters, in registry order.
    pub rasters: Vec<Held>,
    /// The layers.
    pub layers: Vec<Layer>,
    /// The CRS of the rasters, without heights.
    pub crs: Crs,
    /// What the rasters cover together.
    pub extent: Extent,
}

impl Inventory {
    /// Looks at a folder.
    ///
    /// # Errors
    /// Where it holds no raster of ours.
    pub fn read(out: &Path) -> Result<Inventory, Fault> {
        let run = recorded(out, FINISHED);
        let account = Account::read(out, FINISHED);
        let mut crs = None;
        let mut rasters = Vec::new();
        for spec in product::all() {
            let path = out.join(format!("{}.vrt", spec.name));
            if !path.is_file() || !account.holds(spec.name) {
                continue;
            }
            let raster = Raster::open(&path)?;
            // The copy on the European grid lies in another system: one map has one.
            if product::EUROPEAN.iter().any(|european| european.name == spec.name) {
                continue;
            }
            crs = crs.or_else(|| raster.crs().and_then(|crs| crs.flat().ok()));
            let bands = raster.bands().iter().map(|band| band.description.clone()).collect();
            rasters.push(Held { spec, extent: raster.frame().extent(), bands, spread: spread(out, spec) });
        }
        let extent = rasters.iter().map(|held| held.extent).reduce(|all, one| all.union(&one));
        let (Some(extent), Some(crs)) = (extent, crs) else {
            let out = out.display();
            return Err(fault!(
                fr: "{out} ne contient aucun résultat d'ilot (ni <produit>.vrt, ni projection) : donnez le dossier d'un calcul fini.",
                en: "{out} holds no result of ilot (no <product>.vrt with a CRS): give the folder of a finished run.",
            ));
        };
        Ok(Inventory {
            out: out.to_owned(),
            layers: layers(out, &account),
            run,
            account,
            rasters,
            crs,
            extent,
        })
    }

    /// The raster of this name.
    pub fn raster(&self, name: &str) -> Option<&Held> {
        self.rasters.iter().find(|held| held.spec.name == name)
    }

    /// Whether a file is there, and counts.
    pub fn has(&self, name: &str) -> bool {
        self.out.join(name).is_file() && self.account.holds(name)
    }

    /// The features that `run.json` counts of a layer.
    pub fn features(&self, layer: &str) -> Option<u64> {
        let layers = self.run["layers"].as_array()?;
        layers.iter().find(|entry| entry["layer"] == layer)?["features"].as_u64()
    }
}

/// The range over which a stretched ramp is spread, as its style has it.
fn spread(out: &Path, spec: &Spec) -> Option<(f64, f64)> {
    if !matches!(spec.style, Style::Stretched(_)) {
        return None;
    }
    spread_of(&std::fs::read_to_string(out.join(format!("{}.qml", spec.name))).ok()?)
}

/// Whether there is any map of ours.
pub fn is_there(out: &Path) -> bool {
    product::all().any(|spec| out.join(format!("{}.vrt", spec.name)).is_file())
}

/// The layers of a folder: those that have words, in the order of the story, then the others by name.
fn layers(out: &Path, account: &Account) -> Vec<Layer> {
    let entries = std::fs::read_dir(out).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".geojson").map(str::to_owned))
        .filter(|name| account.holds(name))
        .collect();
    names.sort();
    let place = |name: &str| {
        let vector = product::vectors().position(|vector| vector.name == name);
        let sheet = SHEETS.iter().position(|sheet| sheet.name == name);
        sheet.or(vector.map(|at| at + SHEETS.len())).unwrap_or(usize::MAX)
    };
    names.sort_by_key(|name| place(name));
    let layer = |name: String| Layer {
        vector: product::vectors().find(|vector| vector.name == name),
        sheet: SHEETS.iter().copied().find(|sheet| sheet.name == name),
        name,
    };
    names.into_iter().map(layer).collect()
}
