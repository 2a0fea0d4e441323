//! Archives of map tiles: what a run has made → one PMTiles file for each product, with its TileJSON.
//!
//! In: the folder of results. Out: `pmtiles/<product>.pmtiles`, which a web map reads by range requests, and
//! `pmtiles/<product>.json`, TileJSON 3.0.0 with bounds, zooms, attribution and legend in both languages. A raster of
//! several bands (hours, days, models) becomes an archive for each of them, `<product>-<n>`, n from 1; the maps of single
//! hours or nights, which can be hundreds, stay COGs with their own index.
//!
//! Fails where: see [`raster`]. Cost: see there.

pub mod mercator;
pub mod paint;
pub mod raster;

use crate::fault;
use crate::formats::aside;
use crate::formats::pmtiles::{About, Kind, Writer};
use crate::formats::raster::read::Raster;
use crate::measure::Made;
use crate::product::{self, Spec, Style};
use crate::publish::credits::Credits;
use crate::store::Store;
use crate::style::{entries, spread_of};
use crate::text::{Fault, Language, Text};
use paint::Paint;
use raster::Pyramid;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where archives go, below the folder of results.
pub const FOLDER: &str = "pmtiles";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Names of the wanted products and layers; empty for all that are there.
    pub products: Vec<String>,
    /// Whom the maps thank.
    pub credits: Credits,
}

/// Who hears of each archive: its name, its tiles and bytes.
pub type Tell<'a> = &'a (dyn Fn(&str, usize, u64) + Sync);

/// Makes the archives of all that is there.
///
/// # Errors
/// Where a mosaic is damaged, a wanted product is not there, or the disk is full.
pub fn make(order: &Order, store: &Store, stop: &AtomicBool, tell: Tell<'_>) -> Result<Made, Fault> {
    let wanted = |name: &str| order.products.is_empty() || order.products.iter().any(|own| own == name);
    let there = |spec: &&'static Spec| store.has(&format!("{}.vrt", spec.name));
    let specs: Vec<&'static Spec> = product::all().filter(there).filter(|spec| wanted(spec.name)).collect();
    if let Some(missing) = order.products.iter().find(|name| specs.iter().all(|spec| spec.name != **name)) {
        let out = store.out().display();
        return Err(fault!(
            fr: "{out} ne contient pas « {missing} » : voyez « ilot products », ou calculez-le d'abord.",
            en: "{out} holds no `{missing}`: see `ilot products`, or make it first.",
        ));
    }
    let mut made = Made::default();
    store.make_folder(FOLDER)?;
    aside::sweep(&store.out().join(FOLDER));
    for spec in specs {
        let raster = Raster::open(&store.out().join(format!("{}.vrt", spec.name)))?;
        let bands: Vec<String> = raster.bands().iter().map(|band| band.description.clone()).collect();
        for (band, words) in bands.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                made.interrupted = true;
                return Ok(made);
            }
            let drawn = Drawn { spec, band, bands: bands.len(), words };
            made.files.extend(drawn.make(order, store, stop, tell)?);
        }
    }
    made.interrupted = stop.load(Ordering::Relaxed);
    Ok(made)
}

/// One band of a product.
struct Drawn<'a> {
    spec: &'static Spec,
    band: usize,
    bands: usize,
    words: &'a str,
}

impl Drawn<'_> {
    fn name(&self) -> String {
        if self.bands == 1 {
            self.spec.name.to_owned()
        } else {
            format!("{}-{}", self.spec.name, self.band + 1)
        }
    }

    fn make(
        &self,
        order: &Order,
        store: &Store,
        stop: &AtomicBool,
        tell: Tell<'_>,
    ) -> Result<Vec<String>, Fault> {
        let name = self.name();
        let spread = self.spread(store)?;
        let paint = Paint::of(self.spec, spread);
        let archive = format!("{FOLDER}/{name}.pmtiles");
        let writer = Mutex::new(Writer::create(&store.out().join(&archive))?);
        let mosaic = store.out().join(format!("{}.vrt", self.spec.name));
        let pyramid = Pyramid::new(&mosaic, self.band, &paint, &writer, stop)?;
        pyramid.make()?;
        let (zooms, bounds) = (pyramid.zooms, mercator::degrees_of(&pyramid.bounds));
        if stop.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let writer = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut about = self.about(order, spread);
        let _ = about.insert("tileSize".into(), mercator::SIDE.into());
        let tiles = writer.len();
        let kind = Kind::Png;
        let bytes = writer.finish(&About {
            kind,
            zooms,
            bounds,
            metadata: Value::Object(about.clone()).to_string(),
        })?;
        let tilejson = format!("{FOLDER}/{name}.json");
        store.write(&tilejson, tile_json(&name, about, zooms, bounds).as_bytes())?;
        tell(&name, tiles, bytes);
        Ok(vec![archive, tilejson])
    }

    /// The range over which the run has spread a stretched ramp, as its style has it.
    fn spread(&self, store: &Store) -> Result<Option<(f64, f64)>, Fault> {
        if !matches!(self.spec.style, Style::Stretched(_)) {
            return Ok(None);
        }
        let style = store.read(&format!("{}.qml", self.spec.name))?;
        Ok(spread_of(&String::from_utf8_lossy(&style)))
    }

    /// What is said of the archive, in it and in its TileJSON.
    fn about(&self, order: &Order, spread: Option<(f64, f64)>) -> Map<String, Value> {
        let (title, meaning) = (self.title(), self.spec.meaning.text());
        let (name, description) = (title.to_string(), meaning.to_string());
        let mut all = Map::new();
        let both = crate::report::both;
        for (key, value) in [
            ("name", json!(name)),
            ("description", json!(description)),
            ("attribution", json!(order.credits.attribution())),
            ("type", json!("overlay")),
            ("version", json!(env!("CARGO_PKG_VERSION"))),
            ("format", json!("png")),
            ("product", json!(self.spec.name)),
            ("band", json!(self.band + 1)),
            ("title", both(&title)),
            ("meaning", both(&meaning)),
            ("legend", legend(self.spec, spread)),
        ] {
            let _ = all.insert(key.to_owned(), value);
        }
        all
    }

    fn title(&self) -> Text {
        let Text { mut fr, mut en } = self.spec.title.text();
        if self.bands > 1 {
            let band = self.spec.bands.get(self.band);
            let own = |words: Option<&'static str>| words.unwrap_or(self.words).to_owned();
            fr = format!("{fr} : {}", own(band.map(|band| band.fr)));
            en = format!("{en}: {}", own(band.map(|band| band.en)));
        }
        Text { fr, en }
    }
}

/// Colours and words, in both languages.
fn legend(spec: &Spec, spread: Option<(f64, f64)>) -> Value {
    let kind = match spec.style {
        Style::Ramp(_) | Style::Stretched(_) => "ramp",
        Style::Shade => "shade",
        Style::Classes(_) => "classes",
    };
    let (french, english) =
        (entries(spec, spread, Language::French), entries(spec, spread, Language::English));
    let entry = |(fr, en): (&crate::style::Entry, &crate::style::Entry)| {
        let [r, g, b] = fr.colour;
        let opacity = f64::from(fr.alpha) / 255.0;
        json!({
            "value": fr.value, "color": format!("#{r:02x}{g:02x}{b:02x}"), "opacity": opacity,
            "label": { "fr": fr.label, "en": en.label },
        })
    };
    let all: Vec<Value> = french.iter().zip(&english).map(entry).collect();
    json!({ "kind": kind, "unit": spec.unit, "entries": all })
}

/// TileJSON 3.0.0; the addresses of the tiles are those of MapLibre's protocol for PMTiles, beside this file.
fn tile_json(name: &str, about: Map<String, Value>, zooms: (u8, u8), bounds: [f64; 4]) -> String {
    let [west, south, east, north] = bounds;
    let mut all = Map::new();
    for (key, value) in [
        ("tilejson", json!("3.0.0")),
        ("scheme", json!("xyz")),
        ("tiles", json!([format!("pmtiles://{name}.pmtiles/{{z}}/{{x}}/{{y}}")])),
        ("archive", json!(format!("{name}.pmtiles"))),
        ("minzoom", json!(zooms.0)),
        ("maxzoom", json!(zooms.1)),
        ("bounds", json!(bounds)),
        ("center", json!([west.midpoint(east), south.midpoint(north), zooms.0.midpoint(zooms.1)])),
    ] {
        let _ = all.insert(key.to_owned(), value);
    }
    all.extend(about);
    serde_json::to_string_pretty(&Value::Object(all)).expect("strings and numbers") + "\n"
}
