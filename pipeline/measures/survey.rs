//! A surface → maps of it, tile by tile: what `ilot sky`, `ilot sun` and `ilot comfort` have in common.
//!
//! In: a raster of heights that GDAL reads, in a projected CRS in metres, trees over it where they are given, and a
//! method. Out: the method's products as tiles with mosaics and styles, a record of each tile, and `run_<method>.json`
//! with inputs, hashes, settings and remarks. The surface is read by windows with a halo of what the method looks at, so
//! that a tile has the cells of the whole, to the bit. A tile whose record has the fingerprint of the same inputs,
//! settings and version is not made again.
//!
//! Fails where: a surface has no CRS, is in degrees, or holds what are no heights. Memory: one tile with its halo.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::RasterMeta;
use crate::formats::raster::cog::encode_cog;
use crate::formats::raster::read::Raster;
use crate::formats::raster::vrt::encode_vrt;
use crate::measure::Made;
use crate::measures::crowns::{Crowns, CrownsOrder, Stand, Tally};
use crate::measures::sun::{self, Site};
use crate::product::{Spec, known_error};
use crate::report;
use crate::store::{FileRecord, Store, TileRecord, hash_file, sha256};
use crate::text;
use crate::text::{Fault, Text};
use crate::write::{Summary, libraries};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::sky;
use ilot_kernels::unit::Metres;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

/// A surface, and where its maps go.
#[derive(Debug, Clone)]
pub struct Place {
    /// The raster of heights.
    pub surface: PathBuf,
    /// Folder of the results.
    pub out: PathBuf,
    /// The raster's CRS, where it names none.
    pub crs: Option<String>,
    /// Trees that let light through.
    pub crowns: Option<CrownsOrder>,
    /// Zone of the legal time; the mainland's own map systems need none.
    pub zone: Option<String>,
    /// Side of a tile, cells.
    pub tile: usize,
}

/// What was made.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// Tiles with at least one value, and those of them that were current.
    pub tiles: usize,
    /// Tiles that an earlier run had made from the same inputs and settings.
    pub current: usize,
    /// Cells with a value, and all cells.
    pub cells: (u64, u64),
    /// Odd cells of the trees.
    pub trees: Tally,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// What a user should know.
    pub remarks: Vec<Text>,
    /// The files written, below the folder of results.
    pub files: Vec<String>,
    /// The files read.
    pub inputs: Vec<PathBuf>,
}

impl From<Done> for Made {
    fn from(done: Done) -> Made {
        Made { files: done.files, remarks: done.remarks, interrupted: done.interrupted }
    }
}

/// Who hears of each tile, and of how many there are.
pub type Tell<'a> = &'a (dyn Fn(&str, usize) + Sync);

/// Where the bands of a product go.
pub(crate) type Keep<'a> = &'a mut dyn FnMut(&'static Spec, &[Grid<f32>]) -> Result<(), Fault>;

/// One method on a surface.
pub(crate) trait Method {
    /// Its name: that of its command.
    fn name(&self) -> &'static str;
    /// The products that it makes.
    fn specs(&self) -> Vec<&'static Spec>;
    /// How far beyond a cell it looks.
    fn halo(&self) -> Metres;
    /// Names of the bands of a product.
    fn bands(&self, spec: &Spec) -> Vec<String>;
    /// All that decides its values beside its inputs.
    fn settings(&self) -> Value;
    /// The user's files that it reads, beside the surface and the trees.
    fn inputs(&self) -> Vec<PathBuf>;
    /// What a user should know.
    fn remarks(&self) -> Vec<Text>;
    /// Makes its products of one tile.
    fn make(&self, ground: &Ground, keep: Keep<'_>) -> Result<(), Fault>;
}

/// The surface around a tile, with its trees.
pub(crate) struct Ground {
    /// Heights, without trees where those are given.
    pub(crate) surface: Grid<f32>,
    /// The trees.
    pub(crate) stand: Option<Stand>,
    /// The wanted cells.
    pub(crate) core: Frame,
    /// Where the surface lies on Earth.
    pub(crate) site: Site,
}

impl Ground {
    /// The trees, as kernels want them.
    pub(crate) fn crowns(&self) -> Option<sky::Crowns<'_>> {
        self.stand.as_ref().map(|stand| sky::Crowns { tops: &stand.tops, bases: &stand.bases })
    }
}

/// Heights that no surface on Earth has: an undeclared nodata value, or another quantity.
const HEIGHTS: std::ops::RangeInclusive<f32> = -500.0..=9000.0;

/// A raster, checked, and where it lies.
pub(crate) struct Survey<'a> {
    place: &'a Place,
    raster: Raster,
    crowns: Option<Crowns<'a>>,
    pub(crate) crs: Crs,
    pub(crate) site: Site,
}

impl Survey<'_> {
    /// Opens and checks all rasters.
    pub(crate) fn open(place: &Place) -> Result<Survey<'_>, Fault> {
        let path = &place.surface;
        let raster = Raster::open(path)?;
        require_heights(&raster)?;
        let crs = match (&place.crs, raster.crs()) {
            (Some(words), _) => Crs::from_user(words)?,
            (None, Some(crs)) => crs.clone(),
            (None, None) => return Err(Crs::missing(path)),
        };
        crs.require_metric(path)?;
        let extent = raster.frame().extent();
        crs.sanity(&extent, path)?;
        let middle = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
        let site = Site::of(&crs, middle.0, middle.1)?;
        let crowns = place.crowns.as_ref().map(|crowns| Crowns::open(crowns, raster.frame(), &crs));
        let crowns = crowns.transpose()?;
        Ok(Survey { place, raster, crowns, crs, site })
    }

    /// The zone of the legal time.
    pub(crate) fn zone(&self) -> Result<TimeZone, Fault> {
        sun::zone(self.place.zone.as_deref(), &self.crs)
    }

    /// Whether trees are given.
    pub(crate) fn has_trees(&self) -> bool {
        self.crowns.is_some()
    }

    /// Where the cells lie.
    pub(crate) fn frame(&self) -> &Frame {
        self.raster.frame()
    }

    /// Height of the land in the middle, for the thickness of the air: the median of some cells there, or sea level.
    pub(crate) fn level(&self) -> Result<Metres, Fault> {
        let whole = self.raster.frame();
        let (row, col) = (whole.rows / 2, whole.cols / 2);
        let cell = whole.cell.0;
        let middle = Frame {
            west: whole.west + col as f64 * cell,
            north: whole.north - row as f64 * cell,
            rows: LEVEL_CELLS.min(whole.rows - row),
            cols: LEVEL_CELLS.min(whole.cols - col),
            ..*whole
        };
        let heights: Grid<f32> = self.raster.read_window(0, &middle)?;
        let mut known: Vec<f32> =
            heights.into_cells().into_iter().filter(|cell| !cell.is_missing()).collect();
        known.sort_by(f32::total_cmp);
        let median = known.get(known.len() / 2).copied().unwrap_or(0.0);
        Ok(Metres(f64::from(median).clamp(0.0, 5000.0).round()))
    }

    /// Makes all products by a method; `tell` hears of each tile.
    ///
    /// # Errors
    /// Where an input makes no sense, or a file cannot be written.
    pub(crate) fn make(&self, method: &dyn Method, stop: &AtomicBool, tell: Tell<'_>) -> Result<Done, Fault> {
        let start = Instant::now();
        let store = Store::open(&self.place.out)?;
        let round = Round::new(self, method, &store)?;
        let tiles = self.frame().squares(self.place.tile);
        let mut done = Done::default();
        let mut files: Vec<(String, Frame)> = Vec::new();
        for core in &tiles {
            if stop.load(Ordering::Relaxed) {
                done.interrupted = true;
                return Ok(done);
            }
            let name = tile_name(core);
            let (record, is_current) = round.tile(core, &name)?;
            let seen = record.files.first().map_or(0, |file| file.cells.0);
            done.trees += self.tally(core)?;
            done.cells = (done.cells.0 + seen, done.cells.1 + core.len() as u64);
            done.current += usize::from(is_current && seen > 0);
            if seen > 0 {
                files.push((name.clone(), *core));
            }
            tell(&name, tiles.len());
        }
        done.files = round.close(&files)?;
        done.inputs = round.inputs.iter().map(|input| input.path.clone()).collect();
        done.tiles = files.len();
        done.remarks = self.remarks(method, &done);
        round.report(&done, start.elapsed())?;
        Ok(done)
    }

    /// The surface of a tile with its halo.
    fn ground(&self, core: &Frame, halo: Metres) -> Result<Ground, Fault> {
        let ring = (halo.0 / core.cell.0).ceil() as usize;
        let around = self.raster.frame().intersection(&core.padded(ring));
        let mut surface: Grid<f32> = self.raster.read_window(0, &around)?;
        self.require_heights(&surface)?;
        let stand = self.crowns.as_ref().map(|crowns| crowns.stand(&mut surface)).transpose()?;
        Ok(Ground { surface, stand, core: *core, site: self.site })
    }

    fn tally(&self, core: &Frame) -> Result<Tally, Fault> {
        let surface = || self.raster.read_window(0, core);
        self.crowns.as_ref().map_or(Ok(Tally::default()), |crowns| crowns.tally(core, surface))
    }

    fn require_heights(&self, surface: &Grid<f32>) -> Result<(), Fault> {
        let mut known = surface.cells().iter().filter(|cell| !cell.is_missing());
        let Some(odd) = known.find(|height| !HEIGHTS.contains(*height)) else { return Ok(()) };
        let path = self.place.surface.display();
        Err(fault!(
            fr: "{path} contient la valeur {odd}, qui n'est pas une altitude en mètres : déclarez sa valeur nodata (gdal_edit.py -a_nodata) ou donnez un modèle de surface.",
            en: "{path} holds the value {odd}, which is no height in metres: declare its nodata value (gdal_edit.py -a_nodata) or give a surface model.",
        ))
    }

    /// What a user should know of the result.
    fn remarks(&self, method: &dyn Method, done: &Done) -> Vec<Text> {
        let (seen, all) = done.cells;
        let missing = all - seen;
        let mut remarks = Vec::new();
        if missing > 0 {
            let share = missing as f64 * 100.0 / all as f64;
            let path = self.place.surface.display();
            remarks.push(text!(
                fr: "{path} : {missing} cellules sans altitude ({share:.2} %) n'ont pas de résultat et ne cachent rien ; autour d'elles, ciel et soleil sont surestimés",
                en: "{path}: {missing} cells without height ({share:.2} %) have no result and hide nothing; around them, sky and sun are overestimated",
            ));
        }
        remarks.extend(done.trees.remarks());
        if let Some(crowns) = &self.crowns {
            remarks.extend(crowns.remarks());
        } else {
            remarks.push(text!(
                fr: "les arbres de la surface sont opaques ; --dtm et --canopy, ou [cover] dans un projet, les rendent perméables à la lumière",
                en: "trees of the surface are opaque; --dtm and --canopy, or [cover] in a project, let light through them",
            ));
        }
        remarks.extend(method.remarks());
        let reach = method.halo();
        remarks.push(text!(
            fr: "ciel et soleil à moins de {reach} du bord de la surface sont surestimés : ce qui est au-delà n'est pas vu",
            en: "sky and sun within {reach} of the border of the surface are overestimated: what lies beyond is not seen",
        ));
        remarks
    }
}

/// Cells on a side, of which the height of the land is the median.
const LEVEL_CELLS: usize = 64;

/// One file that was read.
struct Input {
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

/// A method at work on a surface.
struct Round<'a> {
    survey: &'a Survey<'a>,
    method: &'a dyn Method,
    store: &'a Store,
    inputs: Vec<Input>,
    settings: Value,
}

impl Round<'_> {
    fn new<'a>(survey: &'a Survey<'a>, method: &'a dyn Method, store: &'a Store) -> Result<Round<'a>, Fault> {
        let place = survey.place;
        let mut paths = vec![place.surface.clone()];
        paths.extend(place.crowns.iter().flat_map(CrownsOrder::paths));
        paths.extend(method.inputs());
        let inputs = paths.into_iter().map(input).collect::<Result<_, Fault>>()?;
        let Site { latitude, longitude, true_north } = survey.site;
        let settings = json!({
            "method": method.settings(),
            "trees": survey.crowns.as_ref().map_or("opaque".to_owned(), Crowns::describe),
            "sun_over": { "latitude": latitude.0, "longitude": longitude.0, "true_north": true_north.0 },
            "crs": survey.crs.code(),
        });
        Ok(Round { survey, method, store, inputs, settings })
    }

    /// What a tile is made from and how.
    fn fingerprint(&self, core: &Frame) -> String {
        let inputs: Vec<&str> = self.inputs.iter().map(|input| input.sha256.as_str()).collect();
        let specs: Vec<&str> = self.method.specs().iter().map(|spec| spec.name).collect();
        let all = json!({
            "version": env!("CARGO_PKG_VERSION"), "method": self.method.name(), "products": specs,
            "settings": self.settings, "inputs": inputs,
            "tile": [core.west, core.north, core.cell.0, core.rows as f64, core.cols as f64],
        });
        sha256(all.to_string().as_bytes())
    }

    /// Makes a tile, unless it is there; says which.
    fn tile(&self, core: &Frame, name: &str) -> Result<(TileRecord, bool), Fault> {
        let (fingerprint, file) = (self.fingerprint(core), format!("{}/{name}.json", self.method.name()));
        if let Some(record) = self.current(&file, &fingerprint) {
            return Ok((record, true));
        }
        self.store.forget(&file)?;
        let ground = self.survey.ground(core, self.method.halo())?;
        let seen =
            ground.surface.cropped(core).cells().iter().filter(|cell| !cell.is_missing()).count() as u64;
        let mut files = Vec::new();
        if seen > 0 {
            self.method.make(&ground, &mut |spec, bands| {
                files.push(self.write(spec, name, bands, &fingerprint, seen)?);
                Ok(())
            })?;
        }
        let record = TileRecord { tile: name.to_owned(), fingerprint, files, remarks: Vec::new() };
        let text = serde_json::to_string_pretty(&record).expect("a record is made of strings and numbers");
        self.store.write_own(&file, text.as_bytes())?;
        Ok((record, false))
    }

    fn current(&self, file: &str, fingerprint: &str) -> Option<TileRecord> {
        let text = std::fs::read_to_string(self.store.own(file)).ok()?;
        let record: TileRecord = serde_json::from_str(&text).ok()?;
        let intact = |file: &FileRecord| self.store.is_intact(file);
        (record.fingerprint == fingerprint && record.files.iter().all(intact)).then_some(record)
    }

    fn write(
        &self,
        spec: &'static Spec,
        tile: &str,
        bands: &[Grid<f32>],
        fingerprint: &str,
        seen: u64,
    ) -> Result<FileRecord, Fault> {
        let mut tags = self.tags(spec);
        tags.push(("ILOT_FINGERPRINT".to_owned(), fingerprint.to_owned()));
        let meta = spec.meta(self.method.bands(spec), tags, &self.survey.crs);
        let bytes = encode_cog(&bands.iter().collect::<Vec<_>>(), &meta)?;
        let path = Store::raster_name(spec, tile);
        self.store.write(&path, &bytes)?;
        let (cells, spread) = match bands.first() {
            Some(band) => (band.cells().len() as u64, Summary::of(band.cells(), spec).spread),
            None => (0, None),
        };
        Ok(FileRecord {
            product: spec.name.to_owned(),
            written: self.store.instant(&path),
            path,
            bytes: bytes.len() as u64,
            sha256: sha256(&bytes),
            cells: (seen, cells),
            spread,
        })
    }

    /// What a mosaic says of a product.
    fn meta(&self, spec: &Spec) -> RasterMeta<'_> {
        spec.meta(self.method.bands(spec), self.tags(spec), &self.survey.crs)
    }

    /// Where the values come from, in each file.
    fn tags(&self, spec: &Spec) -> Vec<(String, String)> {
        let input = |input: &Input| {
            let name = input.path.file_name().unwrap_or_default().to_string_lossy();
            format!("{name} sha256:{}", input.sha256)
        };
        [
            ("ILOT_METHOD", spec.source.to_owned()),
            ("TIFFTAG_SOFTWARE", concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
            ("ILOT_SETTINGS", self.settings.to_string()),
            ("ILOT_INPUTS", self.inputs.iter().map(input).collect::<Vec<_>>().join("; ")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .chain(known_error(spec).map(|words| ("ILOT_KNOWN_ERROR".to_owned(), words.en.to_owned())))
        .collect()
    }

    /// Mosaics and styles; the names of all tiles' files.
    fn close(&self, tiles: &[(String, Frame)]) -> Result<Vec<String>, Fault> {
        if tiles.is_empty() {
            let path = self.survey.place.surface.display();
            return Err(fault!(
                fr: "{path} n'a aucune altitude : toutes ses cellules sont sans valeur ; vérifiez le fichier.",
                en: "{path} has no height at all: all of its cells are missing; check the file.",
            ));
        }
        let mut written = Vec::new();
        for spec in self.method.specs() {
            let files: Vec<(String, Frame)> =
                tiles.iter().map(|(name, core)| (Store::raster_name(spec, name), *core)).collect();
            let vrt = encode_vrt::<f32>(&files, self.survey.raster.frame(), &self.meta(spec))?;
            self.store.write(&format!("{}.vrt", spec.name), vrt.as_bytes())?;
            self.store.style(spec, None, &files)?;
            written.extend(files.into_iter().map(|(path, _)| path));
        }
        Ok(written)
    }

    /// `run_<method>.json`: from it, every figure can be traced.
    fn report(&self, done: &Done, wall: std::time::Duration) -> Result<(), Fault> {
        let (processor, memory) = report::usage();
        let input = |input: &Input| json!({ "path": input.path.to_string_lossy(), "bytes": input.bytes, "sha256": input.sha256 });
        let product = |spec: &&Spec| {
            json!({
                "name": spec.name, "title": report::both(&spec.title.text()), "unit": spec.unit,
                "meaning": report::both(&spec.meaning.text()), "source": spec.source,
                "known_error": known_error(spec).map(|words| report::both(&words.text())),
                "bands": self.method.bands(spec),
            })
        };
        let json = json!({
            "ilot": env!("CARGO_PKG_VERSION"),
            "command": self.method.name(),
            "libraries": libraries().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "finished": report::timestamp(SystemTime::now()),
            "crs": { "code": self.survey.crs.code(), "name": self.survey.crs.name() },
            "settings": self.settings,
            "inputs": self.inputs.iter().map(input).collect::<Vec<_>>(),
            "products": self.method.specs().iter().map(product).collect::<Vec<_>>(),
            "tiles": { "made": done.tiles - done.current, "current": done.current },
            "cells_with_a_value": done.cells.0,
            "cells": done.cells.1,
            "remarks": done.remarks.iter().map(report::both).collect::<Vec<_>>(),
            "wall_seconds": report::seconds(wall),
            "processor_seconds": processor.map(report::seconds),
            "peak_memory_bytes": memory,
        });
        let text = serde_json::to_string_pretty(&json).expect("a report is made of strings and numbers");
        self.store.write(&format!("run_{}.json", self.method.name()), text.as_bytes())
    }
}

/// `0770500_6278000`: metres of the north-west corner.
fn tile_name(core: &Frame) -> String {
    format!("{:07}_{:07}", core.west.round(), core.north.round())
}

fn input(path: PathBuf) -> Result<Input, Fault> {
    let sha256 = hash(&path)?;
    let bytes = std::fs::metadata(&path).map_or(0, |found| found.len());
    Ok(Input { path, bytes, sha256 })
}

/// SHA-256 of a file; of a mosaic (VRT), that of its own text and of all files that it names.
fn hash(path: &Path) -> Result<String, Fault> {
    hash_below(path, MOSAICS).map_err(|why| {
        let path = path.display();
        fault!(
            fr: "{path} ne peut être lu ({why}) : vérifiez le fichier.",
            en: "{path} cannot be read ({why}): check the file.",
        )
    })
}

/// Mosaics of mosaics that are followed.
const MOSAICS: u32 = 4;

/// Refuses a raster that says itself that it holds no heights in metres, by its unit or as another product of ours.
pub(crate) fn require_heights(raster: &Raster) -> Result<(), Fault> {
    const METRES: [&str; 7] = ["m", "metre", "metres", "meter", "meters", "mètre", "mètres"];
    let Some(band) = raster.bands().first() else { return Ok(()) };
    let (path, unit) = (raster.path().display(), band.unit.trim());
    if !unit.is_empty() && !METRES.contains(&unit.to_lowercase().as_str()) {
        return Err(fault!(
            fr: "{path} : son unité est « {unit} », ce ne sont pas des hauteurs en mètres ; donnez un raster de hauteurs.",
            en: "{path}: its unit is `{unit}`, these are no heights in metres; give a raster of heights.",
        ));
    }
    let of_ours = |spec: &&Spec| spec.title.en == band.description && spec.unit != "m";
    match crate::product::all().find(of_ours) {
        Some(spec) => {
            let name = spec.name;
            Err(fault!(
                fr: "{path} est le produit {name}, pas des hauteurs ; donnez un raster de hauteurs en mètres.",
                en: "{path} is the product {name}, no heights; give a raster of heights in metres.",
            ))
        }
        None => Ok(()),
    }
}

fn hash_below(path: &Path, deeper: u32) -> std::io::Result<String> {
    let own = hash_file(path)?;
    if deeper == 0 || path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("vrt")) {
        return Ok(own);
    }
    let mut all = own;
    for file in sources_of(path) {
        all.push_str(&hash_below(&file, deeper - 1)?);
    }
    Ok(sha256(all.as_bytes()))
}

/// The files that a mosaic (VRT) names; none of another file. What GDAL reads from elsewhere than a file is in the text.
pub(crate) fn sources_of(path: &Path) -> Vec<PathBuf> {
    if path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("vrt")) {
        return Vec::new();
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    let named = text.split("<SourceFilename").skip(1).map(|part| {
        let (attributes, rest) = part.split_once('>').unwrap_or_default();
        let name = rest.split("</").next().unwrap_or_default();
        let name =
            name.replace("&lt;", "<").replace("&gt;", ">").replace("&apos;", "'").replace("&quot;", "\"");
        let name = PathBuf::from(name.replace("&amp;", "&"));
        if attributes.contains("relativeToVRT=\"1\"") { folder.join(name) } else { name }
    });
    named.filter(|file| file.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mosaic_changes_with_its_tiles() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a&b.tif"), b"one").unwrap();
        let vrt = "<VRTDataset><SourceFilename relativeToVRT=\"1\">a&amp;b.tif</SourceFilename></VRTDataset>";
        std::fs::write(path("m.vrt"), vrt).unwrap();
        let before = hash(&path("m.vrt")).unwrap();
        assert_eq!(before, hash(&path("m.vrt")).unwrap());
        std::fs::write(path("a&b.tif"), b"two").unwrap();
        assert_ne!(before, hash(&path("m.vrt")).unwrap());
        assert!(hash(&path("missing.tif")).is_err());
    }
}
