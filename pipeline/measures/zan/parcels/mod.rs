//! Parcel by parcel: how much is sealed, what is open soil, where there is room, what is best given back, what can be grown.
//!
//! In: a layer of parcels, ilot's finished maps and/or OCS GE, and whatever else is at hand (public land, zones and rules
//! of the PLU, places where nothing may be built, brownfields); out: one table of all parcels and a layer for each
//! use. Areas by class are exact ([`crate::measures::zonal`]); what needs shapes is found on cells (`window`). What is
//! not given is not guessed: its figure is empty, and the score says over which terms it was taken.
//!
//! Sources: art. L. 151-22 (biotope coefficient), R. 101-1 and its annex (thresholds), L. 111-26 (brownfields) of the
//! Code de l'urbanisme. Fails where: basements and slabs under a garden cannot be seen from above, so that open soil is
//! at most what is said; a pool is water like a pond. Cost: the zonal passes, and 0.3 µs a cell of the parcels' bounds.

mod brownfields;
pub mod inputs;
pub mod plu;
mod renature;
mod tables;
mod window;

use super::tables::Sheet;
use super::{Mode, Question as ZanQuestion};
use crate::formats::crs::Crs;
use crate::text::{Fault, Text};
use plu::Plan;
use std::collections::BTreeSet;
use std::path::PathBuf;
use window::Figures;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The parcels.
    pub parcels: PathBuf,
    /// Their layer, where the file has several.
    pub layer: Option<String>,
    /// The field that names them; found by pattern else.
    pub id: Option<String>,
    /// Folder of ilot's maps.
    pub maps: Option<PathBuf>,
    /// Maps and layers of that folder which other runs left there: they are not read.
    pub left: BTreeSet<String>,
    /// OCS GE of the latest date.
    pub ocsge: Option<PathBuf>,
    /// Which status of OCS GE counts.
    pub mode: Mode,
    /// Public land: a layer of polygons.
    pub public: Option<PathBuf>,
    /// Zones of the PLU.
    pub zones: Option<PathBuf>,
    /// Where nothing may be built: risks, protected woods.
    pub excluded: Vec<PathBuf>,
    /// Brownfields, such as Cartofriches.
    pub brownfields: Option<PathBuf>,
    /// The plan.
    pub plan: Plan,
    /// CRS of files that name none.
    pub crs: Option<Crs>,
    /// Whether the cover was made with an infrared image.
    pub with_image: bool,
}

/// What is found.
#[derive(Debug, Default)]
pub struct Answer {
    /// The tables.
    pub sheets: Vec<Sheet>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Files read.
    pub files: Vec<PathBuf>,
    /// Totals, for people and `run.json`.
    pub totals: serde_json::Map<String, serde_json::Value>,
    /// Parcels without any figure.
    pub without_data: usize,
}

/// Where the areas by class come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The land cover of ilot, 1 m.
    Cover,
    /// OCS GE, whose smallest polygons are of 200 to 2500 m².
    OcsGe,
}

/// Areas of a parcel by class of cover.
#[derive(Debug, Clone, Copy)]
pub struct Land {
    /// m², in the order of the classes.
    pub classes: [f64; 9],
    /// With a class, m².
    pub known: f64,
    /// In cells that its border cuts, m².
    pub edge: f64,
    /// Where they come from.
    pub origin: Origin,
}

/// Means of maps over a parcel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Means {
    /// Warmth above the rural reference, K: by night, else by day; and half its 90 % interval.
    pub heat: Option<(f64, Option<f64>)>,
    /// Whether that is against the network's median, no rural reference being sound.
    pub against_median: bool,
    /// Slope of the terrain, °.
    pub slope: Option<f64>,
    /// Share under trees, %.
    pub canopy: Option<f64>,
    /// Sealed share, %.
    pub sealed: Option<f64>,
    /// Height of plants, m.
    pub plants: Option<f64>,
}

/// All that is known of a parcel.
#[derive(Debug, Clone, Default)]
pub struct Parcel {
    /// Its name.
    pub id: String,
    /// Its commune, where a field says so.
    pub commune: String,
    /// Its area by its rings, m².
    pub area: f64,
    /// Zone of the PLU.
    pub zone: Option<String>,
    /// Whether it is public.
    pub public: Option<bool>,
    /// The brownfield that it is part of.
    pub brownfield: Option<String>,
    /// Areas by class.
    pub land: Option<Land>,
    /// Means of maps.
    pub means: Means,
    /// Artificialised and impermeable by OCS GE, m².
    pub ocsge: Option<(f64, f64)>,
    /// What was found on cells.
    pub figures: Figures,
}

/// Measures.
///
/// # Errors
/// Where a file cannot be read or has no CRS, or neither maps nor OCS GE are given.
pub fn measure(order: &Order) -> Result<Answer, Fault> {
    let mut answer = Answer::default();
    let read = inputs::read(order, &mut answer)?;
    let brownfields = brownfields::measure(order, &read, &mut answer)?;
    tables::write(order, &read, &mut answer);
    answer.sheets.extend(brownfields);
    answer.remarks.dedup();
    Ok(answer)
}

impl Order {
    /// A map of the folder, where it is there and counts.
    fn map(&self, name: &str) -> Option<PathBuf> {
        self.file(&format!("{name}.vrt")).filter(|_| !self.left.contains(name))
    }

    /// A file of the folder, where it is there.
    fn file(&self, name: &str) -> Option<PathBuf> {
        self.maps.as_ref().map(|maps| maps.join(name)).filter(|path| path.exists())
    }

    /// The same files as a question of the state of soil by parcel.
    fn state(&self, ocsge: &std::path::Path) -> ZanQuestion {
        ZanQuestion {
            states: vec![ocsge.to_owned()],
            zones: self.parcels.clone(),
            layers: (None, self.layer.clone()),
            zone_id: self.id.clone(),
            crs: self.crs.clone(),
            mode: self.mode,
            ..ZanQuestion::default()
        }
    }
}

impl Parcel {
    /// Sealed share of what is known, 0 to 1.
    pub fn sealed(&self) -> Option<f64> {
        let land = self.land?;
        Some(self.sealed_area()? / land.known)
    }

    /// Roofs, sealed ground, sealed ground under trees, m².
    pub fn sealed_area(&self) -> Option<f64> {
        self.land
            .filter(|land| land.known > 0.0)
            .map(|land| land.classes[0] + land.classes[1] + land.classes[7])
    }

    /// Sealed ground without a building on it, m².
    pub fn to_unseal(&self) -> Option<f64> {
        self.land.filter(|land| land.known > 0.0).map(|land| land.classes[1] + land.classes[7])
    }

    /// Open soil (*pleine terre*), m²: not sealed, no gravel, no roof, no water.
    pub fn open_soil(&self) -> Option<f64> {
        let land = self.land.filter(|land| land.known > 0.0)?;
        Some(land.classes[3] + land.classes[4] + land.classes[5] + land.classes[6])
    }

    /// Built, m².
    pub fn built(&self) -> Option<f64> {
        self.land.filter(|land| land.known > 0.0).map(|land| land.classes[0])
    }

    /// Biotope coefficient with these weights, over what is known.
    pub fn biotope(&self, weights: &plu::Weights) -> Option<f64> {
        let land = self.land.filter(|land| land.known > 0.0)?;
        let sum: f64 = land.classes.iter().zip(weights.list()).map(|(area, weight)| area * weight).sum();
        Some(sum / land.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(classes: [f64; 9]) -> Parcel {
        let known = classes.iter().sum();
        let land = Land { classes, known, edge: 0.0, origin: Origin::Cover };
        Parcel { area: known, land: Some(land), ..Parcel::default() }
    }

    #[test]
    fn shares_and_the_biotope_coefficient_are_those_of_the_formula() {
        // 100 roof, 200 asphalt, 100 gravel, 400 grass, 150 trees over soil, 50 trees over asphalt.
        let one = parcel([100.0, 200.0, 100.0, 0.0, 400.0, 0.0, 150.0, 50.0, 0.0]);
        assert_eq!(one.sealed(), Some(0.35));
        assert_eq!((one.to_unseal(), one.open_soil()), (Some(250.0), Some(550.0)));
        assert!((one.biotope(&plu::Weights::default()).unwrap() - 0.58).abs() < 1e-12);
        let own = plu::Weights { tree_over_sealed: 0.4, mineral: 0.5, ..plu::Weights::default() };
        assert!((one.biotope(&own).unwrap() - 0.62).abs() < 1e-12);
        assert_eq!(parcel([0.0; 9]).sealed(), None);
    }
}
