//! A finished run → a static STAC catalogue of it, which browsers and scripts walk without a server.
//!
//! In: what the run knows of its clouds, tiles and measures, and the files themselves. Out: `catalog.json`, which leads to
//! `stac/results` (a collection of the run, an item for each tile with its rasters, and all maps, layers, tables and archives
//! as assets of the collection), to `stac/clouds` (the clouds that it was made from) and to a collection for each stack of
//! hours or nights. SpatioTemporal Asset Catalog 1.1.0, with the extensions projection, raster, classification, point cloud,
//! file (size and SHA-256 as multihash) and processing; all links are relative, so that the folder can be moved.
//!
//! The date of a cloud is that of its GPS time, else the day in its header, and says which; that of results is the instant at
//! which they were made. Fails where: the disk is full. Cost: SHA-256 of each file once.

mod assets;
mod flown;
mod refresh;
mod stacks;

pub use refresh::refresh;

use crate::account::Account;
use crate::formats::crs::{Crs, Transform};
use crate::publish::archives::mercator;
use crate::report::{InputRecord, Report};
use crate::run::Job;
use crate::store::Store;
use crate::text;
use crate::text::Fault;
pub use assets::list_pages;
use assets::{Hashes, Image};
use flown::Dated;
use ilot_kernels::extent::Extent;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The root of the catalogue, below the folder of results.
pub const NAME: &str = "catalog.json";

const VERSION: &str = "1.1.0";
const RESULTS: &str = "results";
const CLOUDS: &str = "clouds";

/// Extensions of what the catalogue says: the prefix of their fields, and their schema.
const EXTENSIONS: [(&str, &str); 6] = [
    ("proj:", "https://stac-extensions.github.io/projection/v2.0.0/schema.json"),
    ("raster:", "https://stac-extensions.github.io/raster/v2.0.0/schema.json"),
    ("classification:", "https://stac-extensions.github.io/classification/v2.0.0/schema.json"),
    ("pc:", "https://stac-extensions.github.io/pointcloud/v1.0.0/schema.json"),
    ("file:", "https://stac-extensions.github.io/file/v2.1.0/schema.json"),
    ("processing:", "https://stac-extensions.github.io/processing/v1.1.0/schema.json"),
];

/// The extensions whose fields stand in a value.
fn extensions(value: &Value) -> Vec<&'static str> {
    let used = EXTENSIONS.iter().filter(|(prefix, _)| uses(value, prefix));
    used.map(|(_, schema)| *schema).collect()
}

fn uses(value: &Value, prefix: &str) -> bool {
    match value {
        Value::Object(all) => all.iter().any(|(key, value)| key.starts_with(prefix) || uses(value, prefix)),
        Value::Array(all) => all.iter().any(|value| uses(value, prefix)),
        _ => false,
    }
}

/// Writes the catalogue of a run.
///
/// # Errors
/// Where a file cannot be read again or written.
pub fn write(job: &Job<'_>, account: &Account, report: &Report) -> Result<(), Fault> {
    let own = System::new(job.catalogue.crs.flat()?)?;
    let mut writer = Writer { job, report, own, hashes: Hashes::read(job.store), account };
    let mut children = vec![writer.results()?];
    children.extend(writer.clouds()?);
    children.extend(writer.stacks()?);
    let mut links = vec![link("root", "./catalog.json"), link("self", "./catalog.json")];
    links.extend(children.iter().map(|name| link("child", &format!("./stac/{name}/collection.json"))));
    let words = text!(
        fr: "Résultats d'ilot, les nuages dont ils viennent, et les cartes par heure ou par nuit.",
        en: "Results of ilot, the clouds that they come from, and the maps by hour or by night.",
    );
    let title = text!(fr: "Résultats d'ilot", en: "Results of ilot");
    let root = json!({
        "type": "Catalog", "stac_version": VERSION, "id": "ilot", "title": title.to_string(),
        "description": words.to_string(),
        "links": links,
    });
    writer.put(NAME, &root)?;
    writer.hashes.write(job.store)
}

/// What is common to all parts of the catalogue.
struct Writer<'a> {
    job: &'a Job<'a>,
    report: &'a Report,
    /// That of the clouds and of nearly all results.
    own: System,
    hashes: Hashes,
    /// What of the folder counts.
    account: &'a Account,
}

/// A coordinate system, and the way from it to degrees.
struct System {
    crs: Crs,
    to_degrees: Transform,
}

impl System {
    fn new(crs: Crs) -> Result<System, Fault> {
        let to_degrees = Transform::new(&crs, &Crs::wgs84()?)?;
        Ok(System { crs, to_degrees })
    }
}

/// The properties that say where something lies.
fn placed(system: &System, extent: &Extent) -> Map<String, Value> {
    let code = system.crs.horizontal_epsg().map(|code| format!("EPSG:{code}"));
    let mut properties = Map::new();
    let _ = properties.insert("proj:code".into(), json!(code));
    if code.is_none() {
        let _ = properties.insert("proj:wkt2".into(), json!(system.crs.wkt()));
    }
    let bounds = [extent.west, extent.south, extent.east, extent.north];
    let _ = properties.insert("proj:bbox".into(), json!(bounds));
    properties
}

/// Bounds and outline in degrees, seven decimals.
fn degrees(to_degrees: &Transform, extent: &Extent) -> Result<([f64; 4], Vec<[f64; 2]>), Fault> {
    let bounds = mercator::bounds(extent, to_degrees)?;
    let rounded = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let Extent { west, south, east, north } = *extent;
    let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)];
    let corner = |(x, y): (f64, f64)| {
        to_degrees.point(x, y).map(|(longitude, latitude)| [rounded(longitude), rounded(latitude)])
    };
    let ring = corners.into_iter().map(corner).collect::<Result<_, Fault>>()?;
    Ok(([bounds.west, bounds.south, bounds.east, bounds.north].map(rounded), ring))
}

/// An item, and what its collection must know of it.
struct Item {
    id: String,
    value: Value,
    bounds: [f64; 4],
    from: String,
    to: String,
}

/// What every item says: which it is, where it lies, its date.
struct About<'a> {
    collection: &'a str,
    id: &'a str,
    system: &'a System,
    extent: &'a Extent,
    date: String,
}

impl About<'_> {
    /// An item, not yet written; `said` are its own properties.
    fn item(
        self,
        said: impl IntoIterator<Item = (&'static str, Value)>,
        assets: Map<String, Value>,
    ) -> Result<Item, Fault> {
        let About { collection, id, system, extent, date } = self;
        let (bounds, ring) = degrees(&system.to_degrees, extent)?;
        let mut properties = placed(system, extent);
        let _ = properties.insert("datetime".into(), json!(date));
        properties.extend(said.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let mut value = json!({
            "type": "Feature", "stac_version": VERSION, "stac_extensions": [], "id": id,
            "geometry": { "type": "Polygon", "coordinates": [ring] },
            "bbox": bounds,
            "properties": properties,
            "links": in_collection(),
            "assets": assets,
            "collection": collection,
        });
        value["stac_extensions"] = json!(extensions(&value));
        Ok(Item { id: id.to_owned(), value, bounds, from: date.clone(), to: date })
    }
}

impl Writer<'_> {
    fn store(&self) -> &Store {
        self.job.store
    }

    fn put(&self, name: &str, value: &Value) -> Result<(), Fault> {
        let text = serde_json::to_string_pretty(value).expect("strings and numbers") + "\n";
        self.store().write(name, self.account.told(text).as_bytes())
    }

    /// The collection of the run, an item for each tile.
    fn results(&mut self) -> Result<String, Fault> {
        let mut items = Vec::new();
        for (name, group) in self.groups()? {
            items.push(self.tile(&name, &group)?);
        }
        let title = text!(fr: "Résultats d'ilot", en: "Results of ilot");
        let words = text!(
            fr: "Modèles de terrain et de surface, occupation du sol, chaleur et sols artificialisés ; la date est celle du calcul ; celle du vol est à la collection des nuages.",
            en: "Terrain and surface models, land cover, warmth and artificialised soil; the date is that of the computation; that of the flight is in the collection of clouds.",
        );
        let assets = self.loose()?;
        let mut more = Map::new();
        let _ = more.insert("assets".into(), Value::Object(assets));
        self.collection(RESULTS, (&title.to_string(), &words.to_string()), &items, more)?;
        Ok(RESULTS.to_owned())
    }

    /// The rasters of the run, those of one square together: paths by the name of the square.
    fn groups(&self) -> Result<BTreeMap<String, Vec<Image>>, Fault> {
        let mut groups: BTreeMap<String, Vec<Image>> = BTreeMap::new();
        let mut add = |name: &str, image: Image| {
            let fits = groups.get(name).is_none_or(|group| group.iter().all(|other| other.covers_as(&image)));
            let side = image.frame.cell.0;
            let name = if fits { name.to_owned() } else { format!("{name}_{side}m") };
            groups.entry(name).or_default().push(image);
        };
        for record in self.report.records() {
            for file in record.files.iter().filter(|file| file.path.ends_with(".tif")) {
                add(&record.tile, Image::open(self.store(), &file.path)?);
            }
        }
        let measures = self.report.measures.iter().filter_map(|measure| measure.record());
        for (path, ..) in measures.flat_map(|record| &record.files) {
            let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
            if path.ends_with(".tif") && !stacks::is_step(path) {
                add(&stem, Image::open(self.store(), path)?);
            }
        }
        Ok(groups)
    }

    fn tile(&mut self, name: &str, images: &[Image]) -> Result<Item, Fault> {
        let mut assets = Map::new();
        let mut made = 0;
        for image in images {
            made = made.max(self.store().instant(&image.path).unwrap_or(0));
            let checked = self.hashes.of(self.job.store, &image.path)?;
            let _ = assets.insert(image.key(), image.asset(&format!("../../{}", image.path), checked));
        }
        let extent = images.iter().map(Image::extent).reduce(|all, one| all.union(&one));
        let extent = extent.expect("a group holds an image");
        let date = instant(made);
        let other = match &images[0].crs {
            Some(crs) if !crs.same_horizontal(&self.own.crs) => Some(System::new(crs.flat()?)?),
            _ => None,
        };
        let lineage = text!(fr: "voir run.json : entrées, réglages, méthodes", en: "see run.json: inputs, settings, methods");
        let said = [
            ("created", json!(date)),
            ("processing:software", json!({ "ilot": env!("CARGO_PKG_VERSION") })),
            ("processing:lineage", json!(lineage.to_string())),
        ];
        let system = other.as_ref().unwrap_or(&self.own);
        let about = About { collection: RESULTS, id: name, system, extent: &extent, date };
        let mut item = about.item(said, assets)?;
        if let Some(links) = item.value["links"].as_array_mut() {
            links.extend(self.sources(name).iter().map(|cloud| link("derived_from", cloud)));
        }
        Ok(item)
    }

    /// The items of the clouds that a tile looks at.
    fn sources(&self, tile: &str) -> Vec<String> {
        let tile = self.job.plan.tiles.iter().find(|own| own.name == tile);
        let looks_at = tile.map_or(&[][..], |tile| &tile.looks_at);
        looks_at.iter().map(|source| format!("../{CLOUDS}/{}.json", self.cloud_id(*source))).collect()
    }

    fn cloud_id(&self, source: usize) -> String {
        let path = &self.job.catalogue.sources[source].path;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.split('.').next().unwrap_or(&name).to_owned()
    }

    /// The clouds of the run, as they lie on the disk.
    fn clouds(&mut self) -> Result<Option<String>, Fault> {
        let mut items = Vec::new();
        for (index, input) in self.report.inputs.iter().enumerate() {
            items.push(self.cloud(index, input)?);
        }
        if items.is_empty() {
            return Ok(None);
        }
        let title = text!(fr: "Nuages de points", en: "Point clouds");
        let words = text!(
            fr: "Les nuages dont viennent les résultats ; leur date est celle du temps GPS des points, sinon le jour inscrit dans l'en-tête (ilot:date_by le dit).",
            en: "The clouds that the results come from; their date is that of the points' GPS time, else the day in the header (ilot:date_by says which).",
        );
        self.collection(CLOUDS, (&title.to_string(), &words.to_string()), &items, Map::new())?;
        Ok(Some(CLOUDS.to_owned()))
    }

    fn cloud(&self, index: usize, input: &InputRecord) -> Result<Item, Fault> {
        let header = self.job.catalogue.sources[index].cloud.header();
        let dated = Dated::of(&self.job.catalogue.sources[index].cloud);
        let now = crate::report::timestamp(SystemTime::now());
        let date = dated.date.clone().unwrap_or_else(|| now.clone());
        let area = (header.extent.width().0 * header.extent.height().0).max(1.0);
        let packed =
            Path::new(&input.path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("laz"));
        let said = [
            ("pc:count", json!(header.count)),
            ("pc:type", json!("lidar")),
            ("pc:encoding", json!(if packed { "LASzip" } else { "LAS" })),
            ("pc:density", json!((header.count as f64 / area * 100.0).round() / 100.0)),
            ("pc:schemas", assets::dimensions(header.point_format)),
            ("ilot:classes", json!(input.classes)),
            ("ilot:date_by", json!(dated.by)),
            ("description", json!(dated.words().to_string())),
        ];
        // A date that nobody knows is a span that holds it: LAS files are of 2003 and later.
        let unknown = [
            ("datetime", Value::Null),
            ("start_datetime", json!("2003-05-09T00:00:00Z")),
            ("end_datetime", json!(now)),
        ];
        let unknown = unknown.into_iter().filter(|_| dated.date.is_none());
        let said: Vec<(&'static str, Value)> = said.into_iter().chain(unknown).collect();
        let href = relative(&self.store().out().join("stac").join(CLOUDS), Path::new(&input.path));
        let asset = json!({
            "href": href, "type": if packed { "application/vnd.laszip" } else { "application/vnd.las" },
            "roles": ["data"], "file:size": input.bytes, "file:checksum": multihash(&input.sha256),
        });
        let id = self.cloud_id(index);
        let (system, extent) = (&self.own, &header.extent);
        let about = About { collection: CLOUDS, id: &id, system, extent, date };
        about.item(said, Map::from_iter([("cloud".to_owned(), asset)]))
    }

    /// Writes a collection and its items.
    fn collection(
        &self,
        id: &str,
        (title, description): (&str, &str),
        items: &[Item],
        more: Map<String, Value>,
    ) -> Result<(), Fault> {
        let mut links = vec![
            link("root", "../../catalog.json"),
            link("parent", "../../catalog.json"),
            link("self", "./collection.json"),
        ];
        for item in items {
            self.put(&format!("stac/{id}/{}.json", item.id), &item.value)?;
            links.push(json!({ "rel": "item", "href": format!("./{}.json", item.id), "type": "application/geo+json" }));
        }
        let (whole, _) = degrees(&self.own.to_degrees, &self.job.catalogue.extent)?;
        let bounds = items.iter().map(|item| item.bounds).reduce(united).unwrap_or(whole);
        let from = items.iter().map(|item| item.from.as_str()).min();
        let to = items.iter().map(|item| item.to.as_str()).max();
        let credits = &self.job.settings.credits;
        links.extend(credits.licence_links().into_iter().filter(|_| id != CLOUDS || credits.lidar_hd));
        let mut all = json!({
            "type": "Collection", "stac_version": VERSION, "stac_extensions": [], "id": id,
            "title": title, "description": description,
            "license": if id == CLOUDS { credits.licence_of_clouds() } else { credits.spdx() },
            "providers": self.providers(id),
            "extent": { "spatial": { "bbox": [bounds] }, "temporal": { "interval": [[from, to]] } },
            "links": links,
        });
        all.as_object_mut().expect("it is an object").extend(more);
        all["stac_extensions"] = json!(extensions(&all));
        self.put(&format!("stac/{id}/collection.json"), &all)
    }

    fn providers(&self, id: &str) -> Vec<Value> {
        let credits = &self.job.settings.credits;
        let mut all = Vec::new();
        if credits.lidar_hd {
            let roles = if id == CLOUDS { json!(["producer", "licensor"]) } else { json!(["licensor"]) };
            all.push(json!({ "name": "IGN", "description": "LiDAR HD, Licence Ouverte 2.0", "roles": roles, "url": "https://geoservices.ign.fr/lidarhd" }));
        }
        if id != CLOUDS {
            let software = json!({ "ilot": env!("CARGO_PKG_VERSION") });
            let name = credits.section.producer.as_deref().unwrap_or("ilot");
            all.push(json!({ "name": name, "roles": ["processor"], "processing:software": software }));
        }
        all
    }
}

fn united(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

fn link(relation: &str, href: &str) -> Value {
    json!({ "rel": relation, "href": href, "type": "application/json" })
}

/// From an item to its collection.
fn in_collection() -> Vec<Value> {
    vec![
        link("root", "../../catalog.json"),
        link("parent", "./collection.json"),
        link("collection", "./collection.json"),
    ]
}

/// SHA-256 as a multihash: code 0x12, 32 bytes.
fn multihash(sha256: &str) -> String {
    format!("1220{sha256}")
}

/// Nanoseconds since 1970 as an instant in UTC.
fn instant(nanoseconds: u64) -> String {
    crate::report::timestamp(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds))
}

/// The way from a folder to a file, both as the system knows them.
fn relative(folder: &Path, file: &Path) -> String {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let tidy = |path: &Path| {
        let mut parts: Vec<Component<'_>> = Vec::new();
        for part in path.components() {
            match part {
                Component::ParentDir => drop(parts.pop()),
                Component::CurDir => {}
                other => parts.push(other),
            }
        }
        parts.iter().collect::<PathBuf>()
    };
    let (folder, file) = (tidy(&whole(folder)), tidy(&whole(file)));
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), folder.components().count() - shared);
    let down = file.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_folder_to_a_file_is_relative() {
        let way = |folder: &str, file: &str| relative(Path::new(folder), Path::new(file));
        assert_eq!(way("/a/out/stac/clouds", "/a/lidar/x.laz"), "../../../lidar/x.laz");
        assert_eq!(way("/a/b/../out", "/a/out/./y.tif"), "y.tif");
    }

    #[test]
    fn extensions_are_those_whose_fields_are_there() {
        let item = json!({ "properties": { "pc:count": 3 }, "assets": { "a": { "bands": [{ "raster:scale": 1 }] } } });
        let found = extensions(&item);
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("/raster/") && found[1].contains("/pointcloud/"));
    }
}
