//! `[cover]`: what land cover is made of, and what is found out once before the first tile.

use super::drawn::Shapes;
use super::ortho::Images;
use crate::fault;
use crate::project::positive;
use crate::text::Fault;
use ilot_kernels::strata::Layers;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What covers the ground, at 1 m and as shares of 10 m; made where this section is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Infrared-colour orthophotos (bands near infrared, red, green; 8 or 16 bits; TIFF, JPEG 2000…); the first that
    /// shows a cell counts.
    pub irc: Vec<PathBuf>,
    /// Roads: lines with a width (`largeur_de_chaussee`, `largeur`, `width`), or surfaces.
    pub roads: Option<PathBuf>,
    /// Polygons whose areas by class are written as `cover_zones`.
    pub zones: Option<PathBuf>,
    /// Layer of the zones, where their file has several.
    pub zones_layer: Option<String>,
    /// Imperviousness on the cells of Copernicus too (EPSG:3035, 10 m): `imperviousness_3035`.
    pub copernicus: bool,
    /// Leaves from this height on are shrubs, metres.
    pub shrub: f64,
    /// Leaves from this height on are trees, metres.
    pub tree: f64,
    /// Intensity of the brightest tenth of the ground; estimated from the clouds where it is not said.
    pub intensity: Option<f64>,
    /// NDVI that parts green from grey; found in the images (Otsu 1979) where it is not said.
    pub ndvi: Option<f64>,
}

impl Default for Section {
    fn default() -> Section {
        let Layers { shrub, tree } = Layers::default();
        Section {
            irc: Vec::new(),
            roads: None,
            zones: None,
            zones_layer: None,
            copernicus: true,
            shrub: f64::from(shrub),
            tree: f64::from(tree),
            intensity: None,
            ndvi: None,
        }
    }
}

/// The section, checked, and what was found out.
#[derive(Debug, Clone)]
pub struct CoverSettings {
    /// The images, in the order in which they count.
    pub irc: Vec<PathBuf>,
    /// The roads.
    pub roads: Option<PathBuf>,
    /// Where layers of leaves begin.
    pub layers: Layers,
    /// Intensity of bright ground, where the user says it.
    pub intensity: Option<f64>,
    /// NDVI between green and grey, where the user says it.
    pub ndvi: Option<f64>,
    /// What was found out; nothing yet where only a plan is asked for.
    pub found: Arc<Found>,
}

/// What is found out once for a run, from its inputs alone.
#[derive(Debug, Default)]
pub struct Found {
    /// Intensity of the brightest tenth of the ground; 0 where intensities are of no use.
    pub brightness: f32,
    /// The images and how they are read; `None` without images.
    pub images: Option<Images>,
    /// Footprints of buildings and roads of others; `None` without any.
    pub shapes: Option<Shapes>,
    /// Each file of the user with its SHA-256.
    pub files: Vec<(String, String)>,
}

impl CoverSettings {
    /// Checks a section and resolves its paths.
    ///
    /// # Errors
    /// Where a height, an intensity or a threshold makes no sense.
    pub fn resolve(section: &Section, base: &Path) -> Result<CoverSettings, Fault> {
        let shrub = positive("cover.shrub", section.shrub, 0.1, 10.0)?.0 as f32;
        let tree = positive("cover.tree", section.tree, 0.5, 30.0)?.0 as f32;
        if tree <= shrub {
            return Err(fault!(
                fr: "cover.tree vaut {tree} m et cover.shrub {shrub} m : les arbres doivent commencer plus haut que les arbustes.",
                en: "cover.tree is {tree} m and cover.shrub {shrub} m: trees must begin higher than shrubs.",
            ));
        }
        if let Some(ndvi) = section.ndvi.filter(|ndvi| !(-0.5..=0.8).contains(ndvi)) {
            return Err(fault!(
                fr: "cover.ndvi vaut {ndvi} : il faut un seuil de -0.5 à 0.8.",
                en: "cover.ndvi is {ndvi}: it must be a threshold from -0.5 to 0.8.",
            ));
        }
        if let Some(intensity) = section.intensity.filter(|intensity| !(1.0..=65_535.0).contains(intensity)) {
            return Err(fault!(
                fr: "cover.intensity vaut {intensity} : il faut une intensité de 1 à 65535.",
                en: "cover.intensity is {intensity}: it must be an intensity from 1 to 65535.",
            ));
        }
        Ok(CoverSettings {
            irc: section.irc.iter().map(|path| base.join(path)).collect(),
            roads: section.roads.as_ref().map(|path| base.join(path)),
            layers: Layers { shrub, tree },
            intensity: section.intensity,
            ndvi: section.ndvi,
            found: Arc::default(),
        })
    }

    /// Intensity of the brightest tenth of the ground; 0 where intensities are of no use.
    pub fn brightness(&self) -> f32 {
        self.found.brightness
    }

    /// All that decides values.
    pub fn json(&self) -> Value {
        let found = &self.found;
        json!({
            "shrub_m": self.layers.shrub,
            "tree_m": self.layers.tree,
            "intensity": found.brightness,
            "ndvi": found.images.as_ref().map(|images| images.threshold),
            "files": found.files,
        })
    }
}
