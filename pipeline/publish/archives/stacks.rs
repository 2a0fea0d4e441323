//! Maps by hour or by night → an archive for each step, and an index of them in time.
//!
//! In: `<product>.json`, the index that the measure of heat writes beside its stack, and the rasters that it names. Out:
//! `pmtiles/<product>/<instant>.pmtiles` with its TileJSON for each step, and `pmtiles/<product>.json`, which names the steps
//! in the order of time with their instants, their rasters and how well each does, for pages that leaf through them. The
//! difference is drawn, not the half-width beside it: that is read where somebody asks. All steps share the mask of the mean
//! maps; where that says nothing, no pixel has a colour.
//!
//! A step whose rasters are gone is left out; archives of steps that are no longer there are removed. Fails where: see
//! [`super::raster`]. Cost: that of a raster for each step.

use super::paint::Paint;
use super::{FOLDER, Order, Press, legend, mercator, words};
use crate::formats::raster::read::Raster;
use crate::formats::raster::vrt::encode_vrt;
use crate::product::{HEAT_HOURS, HEAT_NIGHTS, Spec};
use crate::store::Store;
use crate::text::{Fault, Text};
use ilot_kernels::frame::Frame;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Products that are a map for each step of a time.
pub fn specs() -> [&'static Spec; 2] {
    [&HEAT_NIGHTS.spec, &HEAT_HOURS.spec]
}

/// One step of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its instant as files are named: `20220712T210000Z`.
    pub stamp: String,
    /// Its rasters below the folder of results, side by side.
    pub files: Vec<String>,
    /// Where the first of them lies, and what the measure says of the step.
    properties: Map<String, Value>,
    frames: Vec<Value>,
}

/// The steps of a stack in the order of time, those whose rasters are all there; none where there is no such stack.
pub fn steps(out: &Path, spec: &Spec) -> Vec<Step> {
    let text = std::fs::read(out.join(format!("{}.json", spec.name))).unwrap_or_default();
    let index: Value = serde_json::from_slice(&text).unwrap_or_default();
    let mut steps: Vec<Step> = Vec::new();
    for feature in index["features"].as_array().into_iter().flatten() {
        let Some((step, file)) = step_of(spec, feature) else { continue };
        match steps.iter_mut().find(|other| other.stamp == step.stamp) {
            Some(same) => {
                same.files.push(file);
                same.frames.extend(step.frames);
            }
            None => steps.push(Step { files: vec![file], ..step }),
        }
    }
    steps.retain(|step| step.files.iter().all(|file| out.join(file).is_file()));
    steps.sort_by(|a, b| a.stamp.cmp(&b.stamp));
    steps
}

/// The instant in the name of a raster of a stack; none where it is no raster in the stack's own folder.
pub fn stamp<'a>(product: &str, href: &'a str) -> Option<&'a str> {
    let path = href.trim_start_matches("./").trim_start_matches("../");
    let name = path.strip_prefix(product)?.strip_prefix('/')?.strip_suffix(".tif")?;
    let stamp = name.split('_').next().unwrap_or(name);
    let is_stamp = (1..=20).contains(&stamp.len()) && stamp.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    (is_stamp && is_plain).then_some(stamp)
}

/// What a feature of the index says; none where it names no raster of the stack's own folder.
fn step_of(spec: &Spec, feature: &Value) -> Option<(Step, String)> {
    let href = feature["assets"]["data"]["href"].as_str()?;
    let stamp = stamp(spec.name, href)?;
    let file = href.trim_start_matches("./");
    let properties = feature["properties"].as_object().cloned().unwrap_or_default();
    let frame = json!({ "path": file, "shape": properties.get("proj:shape"), "transform": properties.get("proj:transform") });
    let step = Step { stamp: stamp.to_owned(), files: Vec::new(), properties, frames: vec![frame] };
    Some((step, file.to_owned()))
}

/// Makes the archives of a stack; their files.
pub(super) fn make(spec: &'static Spec, press: &Press<'_>) -> Result<Vec<String>, Fault> {
    let store = press.store;
    let steps = steps(store.out(), spec);
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    store.make_folder(&format!("{FOLDER}/{}", spec.name))?;
    let mut files = Vec::new();
    let paint = Paint::of(spec, None);
    for step in &steps {
        let drawn = Drawn { spec, step, paint: &paint };
        files.extend(drawn.make(press)?);
        if press.stop.load(Ordering::Relaxed) {
            return Ok(files);
        }
    }
    sweep(&store.out().join(FOLDER).join(spec.name), &files);
    let index = format!("{FOLDER}/{}.json", spec.name);
    let text = press.account.told(pretty(&index_of(spec, press.order, &steps)) + "\n");
    store.write(&index, text.as_bytes())?;
    files.push(index);
    Ok(files)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("strings and numbers")
}

/// Removes archives of steps that are no longer there.
fn sweep(folder: &Path, files: &[String]) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name.ends_with(".pmtiles") || name.ends_with(".json");
        if is_ours && !files.iter().any(|file| file.ends_with(&format!("/{name}"))) {
            // One that stays is in no index.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// What pages need to leaf through a stack.
fn index_of(spec: &Spec, order: &Order, steps: &[Step]) -> Value {
    let of = |step: &Step| {
        let said = |key: &str| step.properties.get(key).cloned().unwrap_or_default();
        json!({
            "id": step.stamp, "from": said("start_datetime"), "to": said("end_datetime"),
            "archive": format!("{}/{}.pmtiles", spec.name, step.stamp), "rasters": step.frames,
            "stations": said("ilot:stations"), "error_k": said("ilot:rmse_left_out_k"), "better_than_mean": said("better_than_mean"),
        })
    };
    let mut index = words(&spec.title.text(), &spec.meaning.text(), order, "png");
    let _ = index.insert("product".into(), json!(spec.name));
    let _ = index.insert("legend".into(), legend(spec, None));
    let _ = index.insert("tileSize".into(), json!(mercator::SIDE));
    let _ = index.insert("steps".into(), steps.iter().map(of).collect());
    Value::Object(index)
}

/// One step that becomes an archive.
struct Drawn<'a> {
    spec: &'static Spec,
    step: &'a Step,
    paint: &'a Paint,
}

impl Drawn<'_> {
    fn make(&self, press: &Press<'_>) -> Result<Vec<String>, Fault> {
        let (raster, mosaic) = self.raster(press.store)?;
        let name = format!("{}/{}", self.spec.name, self.step.stamp);
        let mut files = press.draw(&name, (&raster, 0), self.paint, self.about(press.order))?;
        if !files.is_empty() {
            files.extend(mosaic);
        }
        Ok(files)
    }

    /// The raster of the step, or a mosaic of its parts, which is then a file of its own.
    fn raster(&self, store: &Store) -> Result<(PathBuf, Option<String>), Fault> {
        let path = |file: &String| store.out().join(file);
        if let [only] = &self.step.files[..] {
            return Ok((path(only), None));
        }
        let rasters = self
            .step
            .files
            .iter()
            .map(|file| Raster::open(&path(file)))
            .collect::<Result<Vec<_>, Fault>>()?;
        let own = |file: &String| file.rsplit('/').next().unwrap_or(file).to_owned();
        let tiles: Vec<(String, Frame)> =
            self.step.files.iter().map(own).zip(rasters.iter().map(|raster| *raster.frame())).collect();
        let whole = Frame::union(tiles.iter().map(|(_, frame)| *frame)).expect("a step has rasters");
        let crs = rasters[0].crs().ok_or_else(|| crate::formats::crs::Crs::missing(rasters[0].path()))?;
        let bands = rasters[0].bands().iter().map(|band| band.description.clone()).collect();
        let xml = encode_vrt::<f32>(&tiles, &whole, &self.spec.meta(bands, Vec::new(), crs))?;
        let mosaic = format!("{}/{}.vrt", self.spec.name, self.step.stamp);
        store.write(&mosaic, xml.as_bytes())?;
        Ok((store.out().join(&mosaic), Some(mosaic)))
    }

    fn about(&self, order: &Order) -> Map<String, Value> {
        let said = |key: &str| self.step.properties.get(key).cloned().unwrap_or_default();
        let (from, to) = (said("start_datetime"), said("end_datetime"));
        let Text { fr, en } = self.spec.title.text();
        let span = format!("{}/{}", from.as_str().unwrap_or(&self.step.stamp), to.as_str().unwrap_or(".."));
        let title = Text { fr: format!("{fr} : {span}"), en: format!("{en}: {span}") };
        let mut all = words(&title, &self.spec.meaning.text(), order, "png");
        for (key, value) in [
            ("product", json!(self.spec.name)),
            ("band", json!(1)),
            ("start_datetime", from),
            ("end_datetime", to),
            ("legend", legend(self.spec, None)),
        ] {
            let _ = all.insert(key.to_owned(), value);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_instant_are_one_step_and_names_that_lead_elsewhere_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let feature = |href: &str| json!({ "assets": { "data": { "href": href } }, "properties": {} });
        let hrefs = [
            "./heat_nights/20220713T210000Z_0770000_6278000.tif",
            "./heat_nights/20220712T210000Z.tif",
            "./heat_nights/20220713T210000Z_0790480_6278000.tif",
            "./heat_nights/../../secret.tif",
            "/heat_nights/20220714T210000Z.tif",
            "./heat_nights/20220715T210000Z.tif",
        ];
        std::fs::create_dir(folder.path().join("heat_nights")).unwrap();
        for href in &hrefs[..3] {
            std::fs::write(folder.path().join(href), b"").unwrap();
        }
        let index = json!({ "features": hrefs.map(feature) });
        std::fs::write(folder.path().join("heat_nights.json"), index.to_string()).unwrap();
        let found = steps(folder.path(), &HEAT_NIGHTS.spec);
        let told: Vec<(&str, usize)> =
            found.iter().map(|step| (step.stamp.as_str(), step.files.len())).collect();
        assert_eq!(told, [("20220712T210000Z", 1), ("20220713T210000Z", 2)]);
        assert!(steps(folder.path(), &HEAT_HOURS.spec).is_empty());
    }
}
