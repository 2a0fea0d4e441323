//! Archives of map tiles: what a run has made → one PMTiles file for each product, with its TileJSON.
//!
//! In: the folder of results. Out: `pmtiles/<product>.pmtiles`, which a web map reads by range requests, and
//! `pmtiles/<product>.json`, TileJSON 3.0.0 with bounds, zooms, attribution and legend in both languages. A raster of
//! several bands (hours, days, models) becomes an archive for each of them, `<product>-<n>`, n from 1; maps of single
//! hours or nights become one each, in a folder of their own with an index (see [`stacks`]).
//!
//! A layer of features becomes `pmtiles/<layer>.pmtiles` with vector tiles; where a raster bears the same name, as with
//! `lcz`, `<layer>-zones`.
//!
//! Fails where: see [`raster`] and [`vector`]. Cost: see there.

pub mod mercator;
pub mod paint;
pub mod raster;
pub mod stacks;
pub mod vector;

use crate::account::Account;
use crate::fault;
use crate::formats::aside;
use crate::formats::pmtiles::{About, Kind, Writer};
use crate::formats::raster::read::Raster;
use crate::measure::Made;
use crate::product::{self, Spec, Style, Symbols, band_words, look_of};
use crate::publish::credits::Credits;
use crate::store::Store;
use crate::style::{self, Mark, spread_of};
use crate::text::{Fault, Text};
use paint::Paint;
use raster::Pyramid;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use vector::Sheets;

/// Where archives go, below the folder of results.
pub const FOLDER: &str = "pmtiles";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Names of the wanted products and layers; empty for all that are there.
    pub products: Vec<String>,
    /// Whom the maps thank.
    pub credits: Credits,
    /// The record of the run, which tells what counts: that of a finished run or of one at work.
    pub record: &'static str,
}

/// Who hears of each archive: its name, its tiles and bytes.
pub type Tell<'a> = &'a (dyn Fn(&str, usize, u64) + Sync);

/// What of a folder becomes archives.
struct Wanted {
    account: Account,
    specs: Vec<&'static Spec>,
    stacks: Vec<&'static Spec>,
    layers: Vec<PathBuf>,
}

impl Wanted {
    /// All that is asked for and there.
    fn of(order: &Order, store: &Store) -> Result<Wanted, Fault> {
        let account = Account::read(store.out(), order.record);
        let wanted = |name: &str| order.products.is_empty() || order.products.iter().any(|own| own == name);
        let wanted = |name: &str| wanted(name) && account.holds(name);
        let there =
            |spec: &Spec, ending: &str| wanted(spec.name) && store.has(&format!("{}.{ending}", spec.name));
        let specs: Vec<&'static Spec> = product::all().filter(|spec| there(spec, "vrt")).collect();
        let stacks: Vec<&'static Spec> =
            stacks::specs().into_iter().filter(|spec| there(spec, "json")).collect();
        let layers: Vec<PathBuf> =
            layers(store.out()).into_iter().filter(|path| wanted(&stem(path))).collect();
        let is_there = |name: &String| {
            specs.iter().chain(&stacks).any(|spec| spec.name == *name)
                || layers.iter().any(|path| stem(path) == *name)
        };
        if let Some(missing) = order.products.iter().find(|name| !is_there(name)) {
            let out = store.out().display();
            return Err(fault!(
                fr: "{out} ne contient pas « {missing} » : voyez « ilot products », ou calculez-le d'abord.",
                en: "{out} holds no `{missing}`: see `ilot products`, or make it first.",
            ));
        }
        Ok(Wanted { account, specs, stacks, layers })
    }
}

/// Makes the archives of all that is there.
///
/// # Errors
/// Where a mosaic is damaged, a wanted product is not there, or the disk is full.
pub fn make(order: &Order, store: &Store, stop: &AtomicBool, tell: Tell<'_>) -> Result<Made, Fault> {
    let Wanted { account, specs, stacks, layers } = Wanted::of(order, store)?;
    let press = Press { order, store, account: &account, stop, tell };
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
            made.files.extend(drawn.make(&press)?);
        }
    }
    for spec in stacks {
        made.files.extend(stacks::make(spec, &press)?);
    }
    for path in layers {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        made.files.extend(features(&path, &press)?);
    }
    made.interrupted = stop.load(Ordering::Relaxed);
    Ok(made)
}

/// The layers of features in a folder of results, by name.
pub fn layers(out: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut layers: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "gpkg")).collect();
    layers.sort();
    layers
}

/// The mosaics, layers and stacks that archives were made from, by the archives' names.
pub fn read_for(out: &Path, archives: &[String]) -> Vec<PathBuf> {
    let of = |name: &str| {
        let own = name.strip_suffix("-zones").or_else(|| name.rsplit_once('-').map(|(own, _)| own));
        let names: Vec<&str> = own.into_iter().chain([name]).collect();
        let paths = |name: &&str| [format!("{name}.vrt"), format!("{name}.gpkg"), format!("{name}.json")];
        names
            .iter()
            .flat_map(paths)
            .map(|path| out.join(path))
            .filter(|path| path.is_file())
            .collect::<Vec<_>>()
    };
    let mut read: Vec<PathBuf> = archives.iter().flat_map(|path| of(&stem(Path::new(path)))).collect();
    read.sort();
    read.dedup();
    read
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What makes archives: what is asked for, where, and who may stop it or hears of it.
struct Press<'a> {
    order: &'a Order,
    store: &'a Store,
    account: &'a Account,
    stop: &'a AtomicBool,
    tell: Tell<'a>,
}

impl Press<'_> {
    /// An archive, still empty.
    fn open(&self, name: &str) -> Result<Writer, Fault> {
        Writer::create(&self.store.out().join(format!("{FOLDER}/{name}.pmtiles")))
    }

    /// A band of a raster as an archive; its files, none where it was stopped.
    fn draw(
        &self,
        name: &str,
        (raster, band): (&Path, usize),
        paint: &Paint,
        about: Map<String, Value>,
    ) -> Result<Vec<String>, Fault> {
        let writer = Mutex::new(self.open(name)?);
        let pyramid = Pyramid::new(raster, band, paint, &writer, self.stop)?;
        pyramid.make()?;
        let (zooms, bounds) = (pyramid.zooms, mercator::degrees_of(&pyramid.bounds));
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let writer = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut about = about;
        let _ = about.insert("tileSize".into(), mercator::SIDE.into());
        self.close(name, writer, (Kind::Png, zooms, bounds), about)
    }

    /// Ends an archive and writes its TileJSON; both files.
    fn close(
        &self,
        name: &str,
        writer: Writer,
        (kind, zooms, bounds): (Kind, (u8, u8), [f64; 4]),
        about: Map<String, Value>,
    ) -> Result<Vec<String>, Fault> {
        let (tiles, metadata) = (writer.len(), self.account.told(Value::Object(about.clone()).to_string()));
        let bytes = writer.finish(&About { kind, zooms, bounds, metadata })?;
        let tilejson = format!("{FOLDER}/{name}.json");
        let own = name.rsplit('/').next().unwrap_or(name);
        self.store.write(&tilejson, self.account.told(tile_json(own, about, zooms, bounds)).as_bytes())?;
        (self.tell)(name, tiles, bytes);
        Ok(vec![format!("{FOLDER}/{name}.pmtiles"), tilejson])
    }
}

/// The archive of a file of features; none where it holds none.
fn features(path: &Path, press: &Press<'_>) -> Result<Vec<String>, Fault> {
    let Some(sheets) = Sheets::read(path)? else { return Ok(Vec::new()) };
    let own = stem(path);
    let name = if product::named(&own).is_some() { format!("{own}-zones") } else { own.clone() };
    let mut writer = press.open(&name)?;
    sheets.make(&mut writer)?;
    let look = look_of(&own);
    let unknown = || Text { fr: own.clone(), en: own.clone() };
    let title = look.map_or_else(unknown, |look| look.title.text());
    let meaning = look.map_or_else(Text::default, |look| look.meaning.text());
    let mut about = words(&title, &meaning, press.order, "pbf");
    let layers = sheets.layers();
    for (key, value) in [
        ("layer", json!(own)),
        ("features", json!(sheets.features())),
        ("complete", json!(true)),
        ("legend", look.map_or(Value::Null, |look| legend_of_layer(&look.symbols))),
        ("vector_layers", layers),
    ] {
        let _ = about.insert(key.to_owned(), value);
    }
    press.close(&name, writer, (Kind::Vector, sheets.zooms, mercator::degrees_of(&sheets.bounds)), about)
}

/// What every archive says of itself.
fn words(title: &Text, meaning: &Text, order: &Order, format: &str) -> Map<String, Value> {
    let both = crate::report::both;
    let all = [
        ("name", json!(title.to_string())),
        ("description", json!(meaning.to_string())),
        ("attribution", json!(order.credits.attribution())),
        ("type", json!("overlay")),
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("format", json!(format)),
        ("title", both(title)),
        ("meaning", both(meaning)),
    ];
    all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn colour((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Symbols, for those who draw them: field, values and colours, with words in both languages.
fn legend_of_layer(symbols: &Symbols) -> Value {
    let hex = |[r, g, b]: [u8; 3]| colour((r, g, b));
    match symbols {
        Symbols::Plain(of) => json!({ "kind": "plain", "color": hex(*of) }),
        Symbols::Outline(of) => json!({ "kind": "outline", "color": hex(*of) }),
        Symbols::Graded(field, unit, ranges) => {
            let entry =
                |(from, to, of): &(f64, f64, [u8; 3])| json!({ "from": from, "to": to, "color": hex(*of) });
            let entries: Vec<Value> = ranges.iter().map(entry).collect();
            json!({ "kind": "graded", "field": field, "unit": unit, "entries": entries })
        }
        Symbols::Classes(field, classes) => {
            let entry = |class: &product::Class| {
                json!({
                    "value": class.value, "color": hex(class.colour),
                    "label": { "fr": class.label.fr, "en": class.label.en },
                })
            };
            let entries: Vec<Value> = classes.iter().map(entry).collect();
            json!({ "kind": "classes", "field": field, "entries": entries })
        }
    }
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

    fn make(&self, press: &Press<'_>) -> Result<Vec<String>, Fault> {
        let spread = self.spread(press.store)?;
        let mosaic = press.store.out().join(format!("{}.vrt", self.spec.name));
        let paint = Paint::of(self.spec, spread);
        press.draw(&self.name(), (&mosaic, self.band), &paint, self.about(press.order, spread))
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
        let mut all = words(&self.title(), &self.spec.meaning.text(), order, "png");
        for (key, value) in [
            ("product", json!(self.spec.name)),
            ("band", json!(self.band + 1)),
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
            let band = band.map_or_else(|| band_words(self.words), |band| band.text());
            fr = format!("{fr} : {}", band.fr);
            en = format!("{en}: {}", band.en);
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
    let entry = |mark: &Mark| {
        let [r, g, b] = mark.colour;
        json!({
            "value": mark.value, "color": colour((r, g, b)), "opacity": f64::from(mark.alpha) / 255.0,
            "label": { "fr": mark.label.fr, "en": mark.label.en },
        })
    };
    let all: Vec<Value> = style::legend(spec, spread).iter().map(entry).collect();
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
