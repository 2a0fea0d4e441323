//! What the maps of a run were made from: its record → the clouds, their classes and their CRS.
//!
//! A twin shows clouds on maps, so both must be of one making: of a finished run, the bytes of each cloud are held against
//! the SHA-256 of the record (a fiftieth of the time that its points take). A cloud that changed since is refused, since its
//! points would float above the terrain of the old one; clouds that a user names are taken, and it is said that they are others.
//!
//! Fails where: a record names no hashes: then nothing is said.

use super::Order;
use crate::report::{self, FINISHED};
use crate::store::hash_file;
use crate::text::{Fault, Text};
use crate::{fault, text};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The clouds of a run, and what is to be known to read them again.
pub struct Origin {
    /// Clouds, as the record or the user names them.
    pub clouds: Vec<PathBuf>,
    /// Those whose classes the run found anew.
    pub recomputed: BTreeSet<PathBuf>,
    /// The CRS that the user gave.
    pub crs: Option<String>,
    /// That the user's clouds are not those of the maps.
    pub others: Option<Text>,
}

impl Origin {
    /// Reads the record.
    ///
    /// # Errors
    /// Where no cloud is known, or one is not there or not as it was.
    pub fn read(order: &Order) -> Result<Origin, Fault> {
        let path = order.out.join(order.record);
        let shown = path.display();
        let record = report::recorded(&order.out, order.record);
        let inputs = record["inputs"].as_array().map_or(&[][..], Vec::as_slice);
        let named = |input: &Value| input["path"].as_str().map(PathBuf::from);
        let recomputed =
            inputs.iter().filter(|input| input["classes"] == "recomputed").filter_map(named).collect();
        let given = !order.clouds.is_empty();
        let clouds: Vec<PathBuf> =
            if given { order.clouds.clone() } else { inputs.iter().filter_map(named).collect() };
        if clouds.is_empty() {
            return Err(fault!(
                fr: "{shown} ne nomme pas de nuages : lancez d'abord ilot run ou surface, ou donnez-les avec --clouds.",
                en: "{shown} names no clouds: give ilot run or surface first, or name them with --clouds.",
            ));
        }
        if let Some(gone) = clouds.iter().find(|cloud| !cloud.exists()) {
            let gone = gone.display();
            return Err(fault!(
                fr: "{gone}, que {shown} nomme, n'est pas là : relancez du même dossier, ou donnez les nuages avec --clouds.",
                en: "{gone}, which {shown} names, is not there: run from the same folder, or give the clouds with --clouds.",
            ));
        }
        let crs = record["settings"]["crs_flag"].as_str().map(str::to_owned);
        let changed = if order.record == FINISHED && !given { changed(inputs) } else { None };
        if let Some(cloud) = changed {
            let cloud = cloud.display();
            return Err(fault!(
                fr: "{cloud} a changé depuis que {shown} en a fait les cartes : relancez d'abord ce calcul, sans quoi les points seraient d'un nuage et le terrain d'un autre.",
                en: "{cloud} has changed since {shown} made the maps of it: do that run again first, or the points would be of one cloud and the terrain of another.",
            ));
        }
        let others = (given && !inputs.is_empty()).then(|| others(&clouds, inputs)).flatten();
        Ok(Origin { clouds, recomputed, crs, others })
    }
}

/// The first cloud whose bytes are not those of the record.
fn changed(inputs: &[Value]) -> Option<PathBuf> {
    let other = |input: &&Value| {
        let (Some(path), Some(hash)) = (input["path"].as_str(), input["sha256"].as_str()) else {
            return false;
        };
        let size = std::fs::metadata(path).map_or(0, |it| it.len());
        input["bytes"].as_u64().is_some_and(|bytes| bytes != size)
            || hash_file(path.as_ref()).ok().as_deref() != Some(hash)
    };
    inputs.par_iter().find_first(other).and_then(|input| input["path"].as_str().map(PathBuf::from))
}

/// That clouds of the user are not among those of the record; folders are not looked into.
fn others(clouds: &[PathBuf], inputs: &[Value]) -> Option<Text> {
    let known = |cloud: &PathBuf| {
        let own = hash_file(cloud).ok();
        inputs.iter().any(|input| own.as_deref().is_some_and(|own| input["sha256"] == own))
    };
    let other = clouds.iter().filter(|cloud| cloud.is_file()).find(|cloud| !known(cloud))?.display();
    Some(text!(
        fr: "{other} n'est pas un des nuages dont les cartes sont faites : hauteurs au-dessus du sol et terrain sont ceux d'un autre",
        en: "{other} is not one of the clouds that the maps are made of: heights above the ground and terrain are those of another",
    ))
}
