//! Maps by hour or by night → a collection in time.
//!
//! In: the index that the heat measure writes beside its stacks, a feature for each step. Out: a collection with an item for
//! each step, its rasters where they are. Fails where: the index is damaged: the stack is then left out. Cost: the checksums.

use super::{Item, VERSION, Writer, extensions, in_collection, multihash};
use crate::product::{HEAT_HOURS, HEAT_NIGHTS};
use crate::publish::archives::{self, stacks::stamp};
use crate::text::{Fault, Language};
use serde_json::{Map, Value, json};

/// Whether a file is a step of a stack.
pub fn is_step(path: &str) -> bool {
    [HEAT_HOURS.spec.name, HEAT_NIGHTS.spec.name].iter().any(|name| path.starts_with(&format!("{name}/")))
}

impl Writer<'_> {
    /// The collections of the stacks that there are.
    pub(super) fn stacks(&mut self) -> Result<Vec<String>, Fault> {
        let mut made = Vec::new();
        let specs = [&HEAT_HOURS.spec, &HEAT_NIGHTS.spec];
        let specs: Vec<_> = specs.into_iter().filter(|spec| self.account.holds(spec.name)).collect();
        for spec in specs {
            let text =
                std::fs::read(self.store().out().join(format!("{}.json", spec.name))).unwrap_or_default();
            let index: Value = serde_json::from_slice(&text).unwrap_or_default();
            let mut items = Vec::new();
            for feature in index["features"].as_array().into_iter().flatten() {
                items.extend(self.step(spec.name, feature)?);
            }
            if items.is_empty() {
                continue;
            }
            let language = Language::spoken();
            let words = (spec.title.in_language(language), spec.meaning.in_language(language));
            self.collection(spec.name, words, &items, Map::new())?;
            made.push(spec.name.to_owned());
        }
        Ok(made)
    }

    /// An item from a feature of the index; none where its file is gone.
    fn step(&mut self, collection: &str, feature: &Value) -> Result<Option<Item>, Fault> {
        let mut value = feature.clone();
        let (Some(id), Some(assets)) = (feature["id"].as_str(), value["assets"].as_object_mut()) else {
            return Ok(None);
        };
        for asset in assets.values_mut() {
            let path = asset["href"].as_str().unwrap_or("").trim_start_matches("./").to_owned();
            if !self.job.store.has(&path) {
                return Ok(None);
            }
            let (size, sha256) = self.hashes.of(self.job.store, &path)?;
            asset["href"] = json!(format!("../../{path}"));
            asset["file:size"] = json!(size);
            asset["file:checksum"] = json!(multihash(&sha256));
        }
        self.tiles(collection, &mut value)?;
        if let Some(properties) = value["properties"].as_object_mut()
            && let Some(code) = properties.remove("proj:epsg")
        {
            let _ = properties
                .insert("proj:code".into(), json!(code.as_u64().map(|code| format!("EPSG:{code}"))));
        }
        value["stac_version"] = json!(VERSION);
        value["stac_extensions"] = json!(extensions(&value));
        value["collection"] = json!(collection);
        value["links"] = json!(in_collection());
        let bounds: Vec<f64> =
            feature["bbox"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let Ok(bounds) = <[f64; 4]>::try_from(bounds) else { return Ok(None) };
        let time = |key: &str| feature["properties"][key].as_str().unwrap_or_default().to_owned();
        let (from, to) = (time("start_datetime"), time("end_datetime"));
        Ok(Some(Item { id: id.to_owned(), value, bounds, from, to }))
    }

    /// The map tiles of a step, where they are there.
    fn tiles(&mut self, collection: &str, value: &mut Value) -> Result<(), Fault> {
        let Some(stamp) = value["assets"]["data"]["href"].as_str().and_then(|href| stamp(collection, href))
        else {
            return Ok(());
        };
        let path = format!("{}/{collection}/{stamp}.pmtiles", archives::FOLDER);
        if self.job.store.has(&path) {
            let (size, sha256) = self.hashes.of(self.job.store, &path)?;
            value["assets"]["tiles"] = json!({
                "href": format!("../../{path}"), "type": "application/vnd.pmtiles", "roles": ["visual"],
                "file:size": size, "file:checksum": multihash(&sha256),
            });
        }
        Ok(())
    }
}
