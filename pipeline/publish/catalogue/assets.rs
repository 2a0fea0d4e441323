//! Files of a run as assets: media types, bands, classes, sizes and checksums.
//!
//! In: files below the folder of results. Out: STAC assets. A checksum is computed once: where size and instant of a file are
//! those of an earlier run, its own record has it. Fails where: a file is gone. Cost: SHA-256 of what is new.

use super::{Writer, multihash};
use crate::fault;
use crate::formats::aside;
use crate::formats::crs::Crs;
use crate::formats::raster::read::{Band, Raster};
use crate::product::{self, Spec, Style, Words, look_of};
use crate::publish::{archives, page, records, report};
use crate::report::FINISHED;
use crate::store::{Store, hash_file};
use crate::text::{Fault, Language};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Size and SHA-256 of a file.
pub type Checked = (u64, String);

/// What was hashed, by path: size, instant, SHA-256.
pub struct Hashes {
    known: BTreeMap<String, (u64, u64, String)>,
    used: BTreeMap<String, (u64, u64, String)>,
}

const MEMORY: &str = "published.json";

impl Hashes {
    /// What earlier runs hashed.
    pub fn read(store: &Store) -> Hashes {
        let text = std::fs::read(store.own(MEMORY)).unwrap_or_default();
        Hashes { known: serde_json::from_slice(&text).unwrap_or_default(), used: BTreeMap::new() }
    }

    /// Keeps what was asked for.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn write(&self, store: &Store) -> Result<(), Fault> {
        let text = serde_json::to_vec(&self.used).expect("strings and numbers");
        store.write_own(MEMORY, &text)
    }

    /// Size and SHA-256 of a file below the folder of results.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of(&mut self, store: &Store, path: &str) -> Result<Checked, Fault> {
        let (size, instant) = (store.size(path).unwrap_or(0), store.instant(path).unwrap_or(0));
        let known = self.known.get(path).filter(|known| (known.0, known.1) == (size, instant));
        let sha256 = match known {
            Some(known) => known.2.clone(),
            None => hash_file(&store.out().join(path)).map_err(|why| unreadable(store, path, &why))?,
        };
        let _ = self.used.insert(path.to_owned(), (size, instant, sha256.clone()));
        Ok((size, sha256))
    }
}

/// What is said of a file that cannot be read again.
pub(super) fn unreadable(store: &Store, path: &str, why: &std::io::Error) -> Fault {
    let shown = store.out().join(path);
    let shown = shown.display();
    fault!(
        fr: "{shown} ne peut être relu pour le catalogue ({why}) : relancez, il sera refait.",
        en: "{shown} cannot be read again for the catalogue ({why}): run again, it will be made anew.",
    )
}

/// A raster file of a product.
pub struct Image {
    /// Path below the folder of results.
    pub path: String,
    /// Where its cells lie.
    pub frame: Frame,
    /// Its coordinate system.
    pub crs: Option<Crs>,
    bands: Vec<Band>,
    spec: Option<&'static Spec>,
}

impl Image {
    /// Opens a raster.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(store: &Store, path: &str) -> Result<Image, Fault> {
        let raster = Raster::open(&store.out().join(path))?;
        let spec = path.split('/').next().and_then(product::named);
        Ok(Image {
            path: path.to_owned(),
            frame: *raster.frame(),
            crs: raster.crs().cloned(),
            bands: raster.bands().to_vec(),
            spec,
        })
    }

    /// Where it lies.
    pub fn extent(&self) -> Extent {
        self.frame.extent()
    }

    /// Whether both cover the same square, but for the width of their cells: rasters of one tile have cells of several sizes.
    pub fn covers_as(&self, other: &Image) -> bool {
        let (own, theirs) = (self.extent(), other.extent());
        let apart = [
            own.west - theirs.west,
            own.south - theirs.south,
            own.east - theirs.east,
            own.north - theirs.north,
        ];
        let slack = 2.0 * self.frame.cell.0.max(other.frame.cell.0);
        apart.iter().all(|metres| metres.abs() <= slack)
    }

    /// The name of its asset: that of its product.
    pub fn key(&self) -> String {
        self.path.split('/').next().unwrap_or(&self.path).to_owned()
    }

    /// The asset.
    pub fn asset(&self, href: &str, (size, sha256): Checked) -> Value {
        let Frame { west, north, cell, rows, cols } = self.frame;
        let mut asset = json!({
            "href": href,
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "roles": ["data"],
            "file:size": size,
            "file:checksum": multihash(&sha256),
            "proj:shape": [rows, cols],
            "proj:transform": [cell.0, 0.0, west, 0.0, -cell.0, north],
            "bands": self.bands.iter().enumerate().map(|(index, band)| self.band(index, band)).collect::<Vec<_>>(),
        });
        let Some(spec) = self.spec else { return asset };
        let language = Language::spoken();
        asset["title"] = json!(spec.title.in_language(language));
        asset["description"] = json!(spec.meaning.in_language(language));
        if let Style::Classes(stops) = spec.style {
            asset["classification:classes"] = stops
                .iter()
                .map(|stop| {
                    let [r, g, b] = stop.colour;
                    let value = stop.value as i64;
                    json!({
                        "value": value, "name": format!("class_{value}"),
                        "description": stop.label.in_language(language),
                        "color_hint": format!("{r:02X}{g:02X}{b:02X}"),
                    })
                })
                .collect();
        }
        asset
    }

    fn band(&self, index: usize, band: &Band) -> Value {
        let kind = match band.stored.as_str() {
            "Byte" => "uint8".to_owned(),
            other => other.to_lowercase(),
        };
        let mut all = Map::new();
        let name = format!("{}-{}", self.key(), index + 1);
        for (key, value) in [
            ("name", json!(if self.bands.len() == 1 { self.key() } else { name })),
            ("data_type", json!(kind)),
            ("raster:spatial_resolution", json!(self.frame.cell.0)),
        ] {
            let _ = all.insert(key.to_owned(), value);
        }
        if !band.description.is_empty() {
            let _ = all.insert("description".into(), json!(band.description));
        }
        if let Some(nodata) = band.nodata.filter(|nodata| nodata.is_finite()) {
            let _ = all.insert("nodata".into(), json!(nodata));
        }
        if !band.unit.is_empty() {
            let _ = all.insert("unit".into(), json!(band.unit));
        }
        Value::Object(all)
    }
}

/// Media types and roles of what lies loose in the folder, by ending.
const KINDS: &[(&str, &str, &str)] = &[
    (".gpkg", "application/geopackage+sqlite3", "data"),
    (".geojson", "application/geo+json", "data"),
    (".csv.schema.json", "application/json", "metadata"),
    (".csv", "text/csv", "data"),
    (".vrt", "application/xml", "data"),
    (".qgz", "application/vnd.qgis.qgz", "visual"),
    (".qml", "application/xml", "style"),
    (".sld", "application/vnd.ogc.sld+xml", "style"),
    (".pmtiles", "application/vnd.pmtiles", "visual"),
    (".html", "text/html", "overview"),
    (".jsonld", "application/ld+json", "metadata"),
    (".xml", "application/xml", "metadata"),
];

/// Pages over the whole, which are made of all the rest and made anew by who looks: path, title.
const PAGES: [(&str, Words); 2] = [
    (page::NAME, Words { fr: "La page : cartes et 3D", en: "The page: maps and 3D" }),
    (report::NAME, Words { fr: "Le rapport", en: "The report" }),
];

/// Lists the pages of a folder in its catalogue, where both are there.
///
/// # Errors
/// Where the catalogue cannot be written.
pub fn list_pages(out: &Path) -> Result<(), Fault> {
    let path = out.join(format!("stac/{}/collection.json", super::RESULTS));
    let text = std::fs::read(&path).unwrap_or_default();
    let Ok(mut collection) = serde_json::from_slice::<Value>(&text) else { return Ok(()) };
    let Some(assets) = collection["assets"].as_object_mut() else { return Ok(()) };
    for (name, title) in PAGES.iter().filter(|page| out.join(page.0).is_file()) {
        let title = title.in_language(Language::spoken());
        let asset = json!({ "href": format!("../../{name}"), "type": "text/html", "roles": ["overview"], "title": title });
        let _ = assets.insert((*name).to_owned(), asset);
    }
    let text = serde_json::to_string_pretty(&collection).expect("strings and numbers") + "\n";
    aside::write(&path, text.as_bytes())
}

impl Writer<'_> {
    /// Mosaics, layers, tables, styles, archives and pages: what belongs to no single tile.
    pub(super) fn loose(&mut self) -> Result<Map<String, Value>, Fault> {
        let mut assets = Map::new();
        for path in self.loose_files() {
            let Some((ending, kind, role)) = KINDS.iter().find(|(ending, ..)| path.ends_with(ending)) else {
                continue;
            };
            let (size, sha256) = self.hashes.of(self.job.store, &path)?;
            let stem = path.trim_end_matches(ending);
            let own = stem.rsplit('/').next().unwrap_or(stem);
            let language = Language::spoken();
            let title =
                product::named(own).map(|spec| spec.title).or_else(|| look_of(own).map(|look| look.title));
            let mut asset = json!({
                "href": format!("../../{path}"), "type": kind, "roles": [role],
                "file:size": size, "file:checksum": multihash(&sha256),
            });
            if let Some(title) = title {
                asset["title"] = json!(title.in_language(language));
            }
            let _ = assets.insert(path.replace('/', "_"), asset);
        }
        // It is written after the catalogue, hence without its size.
        let record =
            json!({ "href": format!("../../{FINISHED}"), "type": "application/json", "roles": ["metadata"] });
        let _ = assets.insert(FINISHED.into(), record);
        Ok(assets)
    }

    /// Files of the folder itself, of its archives and of its reports, by name.
    fn loose_files(&self) -> Vec<String> {
        let out = self.store().out();
        let mut found = Vec::new();
        for folder in ["", archives::FOLDER, records::FOLDER, "report", "sensors"] {
            let entries = std::fs::read_dir(out.join(folder)).into_iter().flatten().flatten();
            for entry in entries.filter(|entry| entry.path().is_file()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                let later =
                    [FINISHED, super::NAME].contains(&&*name) || PAGES.iter().any(|page| page.0 == name);
                let later = folder.is_empty() && later;
                if !name.starts_with('.') && !later {
                    let path = Path::new(folder).join(&name);
                    found.push(path.to_string_lossy().into_owned());
                }
            }
        }
        found.retain(|path| self.account.holds(path));
        found.sort();
        found
    }
}

/// The dimensions of a point format of LAS 1.4 (ASPRS, R15), sizes in bytes.
pub fn dimensions(format: u8) -> Value {
    let of = |name: &str, size: u8, kind: &str| json!({ "name": name, "size": size, "type": kind });
    let mut all = vec![
        of("X", 8, "floating"),
        of("Y", 8, "floating"),
        of("Z", 8, "floating"),
        of("Intensity", 2, "unsigned"),
        of("ReturnNumber", 1, "unsigned"),
        of("NumberOfReturns", 1, "unsigned"),
        of("Classification", 1, "unsigned"),
        of("ScanAngleRank", 4, "floating"),
        of("UserData", 1, "unsigned"),
        of("PointSourceId", 2, "unsigned"),
    ];
    if !matches!(format, 0 | 2) {
        all.push(of("GpsTime", 8, "floating"));
    }
    if matches!(format, 2 | 3 | 5 | 7 | 8 | 10) {
        all.extend(["Red", "Green", "Blue"].map(|name| of(name, 2, "unsigned")));
    }
    if matches!(format, 8 | 10) {
        all.push(of("Infrared", 2, "unsigned"));
    }
    Value::Array(all)
}
