//! From the grids of a tile to its files, and from all tiles to mosaics, styles and `run.json`.

pub mod layers;
pub mod qgis;

use crate::fault;
use crate::formats::library::Installation;
use crate::formats::raster::RasterMeta;
use crate::formats::raster::cog::{Encoded, encode_cog};
use crate::formats::raster::vrt::encode_vrt;
use crate::plan::Tile;
use crate::product::{self, Spec};
use crate::report::{FINISHED, Outcome, Report, settings_json};
use crate::run::{Event, Job};
use crate::stage::{Bands, Shelf};
use crate::store::{FileRecord, Store, TileRecord, sha256};
use crate::style;
use crate::text;
use crate::text::{Fault, Language, Text};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Percent};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Writes the wanted products of a tile, then its record.
pub fn tile(
    job: &Job<'_>,
    tile: &Tile,
    shelf: &mut Shelf,
    fingerprint: &str,
    hashes: &[String],
) -> Result<TileRecord, Fault> {
    let tags = tags(job, tile, fingerprint, hashes);
    let files: Vec<(Option<FileRecord>, Option<Text>)> = job
        .settings
        .products
        .par_iter()
        .map(|spec| {
            if let Some(bands) = shelf.bands::<f32>(spec) {
                product(job, tile, spec, bands, &tags)
            } else if let Some(bands) = shelf.bands::<u8>(spec) {
                product(job, tile, spec, bands, &tags)
            } else if let Some(bands) = shelf.bands::<Percent>(spec) {
                product(job, tile, spec, bands, &tags)
            } else {
                let (tile, name) = (&tile.name, spec.name);
                Err(fault!(
                    fr: "Tuile {tile} : aucune étape n'a fait {name}, défaut d'ilot à signaler.",
                    en: "Tile {tile}: no stage has made {name}, a defect of ilot, please report it.",
                ))
            }
        })
        .collect::<Result<_, Fault>>()?;
    let (files, odd): (Vec<_>, Vec<_>) = files.into_iter().unzip();
    let parts: Vec<Option<FileRecord>> = job
        .settings
        .layers
        .iter()
        .map(|layer| layers::keep(job, tile, layer, shelf))
        .collect::<Result<_, Fault>>()?;
    shelf.remarks.extend(odd.into_iter().flatten());
    let record = TileRecord {
        tile: tile.name.clone(),
        fingerprint: fingerprint.to_owned(),
        files: files.into_iter().chain(parts).flatten().collect(),
        remarks: shelf.remarks.iter().map(|text| (text.fr.clone(), text.en.clone())).collect(),
    };
    job.store.finish(&record)?;
    Ok(record)
}

/// The record of a tile into which no point fell: it has no file, and need not be looked at again.
pub fn empty_tile(job: &Job<'_>, tile: &Tile, fingerprint: &str) -> Result<TileRecord, Fault> {
    let (name, fingerprint) = (tile.name.clone(), fingerprint.to_owned());
    let record = TileRecord { tile: name, fingerprint, files: Vec::new(), remarks: Vec::new() };
    job.store.finish(&record)?;
    Ok(record)
}

/// One product of a tile: no file where there is no value at all.
fn product<T: Encoded + Into<f64>>(
    job: &Job<'_>,
    tile: &Tile,
    spec: &'static Spec,
    bands: &Bands<T>,
    tags: &[(String, String)],
) -> Result<(Option<FileRecord>, Option<Text>), Fault> {
    let frame = tile.place.frame(spec.cell);
    if frame.is_empty() {
        return Ok((None, None));
    }
    let core: Vec<Cow<'_, Grid<T>>> = bands.iter().map(|band| core_of(band, &frame)).collect();
    let summary = Summary::of(core[0].cells(), spec);
    if summary.seen == 0 {
        return Ok((None, None));
    }
    let meta = meta(job, spec, tags);
    let grids: Vec<&Grid<T>> = core.iter().map(|grid| &**grid).collect();
    let bytes = encode_cog(&grids, &meta)?;
    let path = Store::raster_name(spec, &tile.name);
    job.store.write(&path, &bytes)?;
    let record = FileRecord {
        product: spec.name.to_owned(),
        written: job.store.instant(&path),
        path,
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        cells: (summary.seen, frame.len() as u64),
        spread: summary.spread,
    };
    Ok((Some(record), summary.odd(spec)))
}

/// What a file says of a product.
fn meta<'a>(job: &Job<'a>, spec: &Spec, tags: &[(String, String)]) -> RasterMeta<'a> {
    let bands = if spec.bands.is_empty() { &[spec.title][..] } else { spec.bands };
    let bands = bands.iter().map(|band| band.en.to_owned()).collect();
    spec.meta(bands, own_tags(spec, tags), &job.catalogue.crs)
}

fn core_of<'a, T: Encoded>(band: &'a Grid<T>, core: &Frame) -> Cow<'a, Grid<T>> {
    if band.frame() == core { Cow::Borrowed(band) } else { Cow::Owned(band.cropped(core)) }
}

/// What is said of the values of a file.
pub(crate) struct Summary {
    /// Cells with a value.
    pub(crate) seen: u64,
    outside: u64,
    /// 2nd and 98th percentile.
    pub(crate) spread: Option<(f64, f64)>,
}

/// Values that are sorted to find the percentiles.
const SAMPLE: usize = 20_000;

impl Summary {
    pub(crate) fn of<T: Encoded + Into<f64>>(cells: &[T], spec: &Spec) -> Summary {
        let (mut seen, mut outside) = (0, 0);
        for &cell in cells {
            if !cell.is_missing() {
                seen += 1;
                let value: f64 = cell.into();
                outside += u64::from(value < spec.range.0 || value > spec.range.1);
            }
        }
        let stride = (cells.len() / SAMPLE).max(1);
        // An odd stride visits all columns.
        let sample = cells.iter().step_by(stride | 1).filter(|cell| !cell.is_missing());
        let mut sample: Vec<f64> = sample.map(|&cell| cell.into()).collect();
        sample.sort_by(f64::total_cmp);
        let at = |share: f64| sample[((sample.len() - 1) as f64 * share).round() as usize];
        let spread = (!sample.is_empty()).then(|| (at(0.02), at(0.98)));
        Summary { seen, outside, spread }
    }

    /// Values that the product cannot have: something is wrong with the points.
    fn odd(&self, spec: &Spec) -> Option<Text> {
        let (outside, name, (low, high), unit) = (self.outside, spec.name, spec.range, spec.unit);
        (outside > 0).then(|| {
            text!(
                fr: "{outside} cellules de {name} sont hors de {low} à {high} {unit} : cherchez des points aberrants dans les nuages",
                en: "{outside} cells of {name} are outside of {low} to {high} {unit}: look for stray points in the clouds",
            )
        })
    }
}

/// Where the values come from, in each file.
fn tags(job: &Job<'_>, tile: &Tile, fingerprint: &str, hashes: &[String]) -> Vec<(String, String)> {
    let inputs = tile.looks_at.iter().map(|&source| {
        let name = job.catalogue.sources[source].path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} sha256:{}", hashes[source])
    });
    let mut inputs: Vec<String> = inputs.collect();
    inputs.sort();
    vec![
        ("TIFFTAG_SOFTWARE".to_owned(), concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("ILOT_SETTINGS".to_owned(), settings_json(job.settings).to_string()),
        ("ILOT_INPUTS".to_owned(), inputs.join("; ")),
        ("ILOT_FINGERPRINT".to_owned(), fingerprint.to_owned()),
    ]
}

fn own_tags(spec: &Spec, tags: &[(String, String)]) -> Vec<(String, String)> {
    let mut all = vec![("ILOT_METHOD".to_owned(), spec.source.to_owned())];
    all.extend(tags.iter().cloned());
    all
}

/// Mosaics, styles, and the products of which nothing could be made.
pub fn close(job: &Job<'_>, report: &mut Report) -> Result<(), Fault> {
    for spec in &job.settings.products {
        let tiles: Vec<(String, Frame)> = frames(job, report, spec);
        if !tiles.is_empty() {
            mosaic(job, spec, &tiles)?;
            job.store.style(spec, report.spread(spec), &tiles)?;
        } else if !report.interrupted && !report.tiles.iter().any(|tile| matches!(tile, Outcome::Failed(..)))
        {
            report.empty.push(spec);
        }
    }
    layers::close(job, report)?;
    if !report.empty.is_empty() {
        let remark = nothing_made(job, &report.empty);
        job.watch.see(Event::Remark(&remark));
        report.remarks.push(remark);
    }
    Ok(())
}

/// The files of a product that are there, and where they lie: those of this plan, in its order.
fn frames(job: &Job<'_>, report: &Report, spec: &Spec) -> Vec<(String, Frame)> {
    let frame = |tile: &Tile| tile.place.frame(spec.cell);
    let cores: BTreeMap<&str, Frame> =
        job.plan.tiles.iter().map(|tile| (tile.name.as_str(), frame(tile))).collect();
    let placed = report.files(spec).filter_map(|(tile, file)| {
        let core = cores.get(tile.tile.as_str())?;
        Some((file.path.clone(), *core))
    });
    placed.collect()
}

/// Tiles of earlier runs that lie outside of this one's plan.
pub fn tiles_of_others(job: &Job<'_>) -> usize {
    let planned = |name: &String| job.plan.tiles.iter().any(|tile| tile.name == *name);
    job.store.finished().into_iter().filter(|name| !planned(name)).count()
}

fn nothing_made(job: &Job<'_>, empty: &[&'static Spec]) -> Text {
    let names = empty.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ");
    let (terrain, surface) = (job.settings.dtm_classes.list(), job.settings.dsm_classes.list());
    let surface = if surface.len() > 100 { "all".to_owned() } else { format!("{surface:?}") };
    text!(
        fr: "rien à calculer pour {names} : les nuages n'ont pas de points des classes voulues (terrain {terrain:?}, surface {surface}) ; \
             changez --dtm-classes ou --dsm-classes, ou classez d'abord les nuages",
        en: "nothing to compute for {names}: the clouds have no points of the wanted classes (terrain {terrain:?}, surface {surface}); \
             change --dtm-classes or --dsm-classes, or classify the clouds first",
    )
}

fn mosaic(job: &Job<'_>, spec: &'static Spec, tiles: &[(String, Frame)]) -> Result<(), Fault> {
    let meta = meta(job, spec, &[]);
    // All products of one cell size lie over each other cell for cell, also where one has no tile.
    let frames = job.plan.tiles.iter().map(|tile| tile.place.frame(spec.cell));
    let whole = Frame::union(frames.filter(|frame| !frame.is_empty())).unwrap_or(tiles[0].1);
    // The registry sees to it that the nodata value is that of the type.
    let text = match spec.nodata {
        Some(255.0) => encode_vrt::<Percent>(tiles, &whole, &meta)?,
        Some(0.0) => encode_vrt::<u8>(tiles, &whole, &meta)?,
        _ => encode_vrt::<f32>(tiles, &whole, &meta)?,
    };
    job.store.write(&format!("{}.vrt", spec.name), text.as_bytes())
}

/// `run.json`, the last file of a run.
pub fn run_json(job: &Job<'_>, report: &Report) -> Result<(), Fault> {
    let code = job.catalogue.crs.code();
    let crs = Some((code.as_str(), job.catalogue.crs.name()));
    let json = report.to_json(job.settings, crs, &libraries());
    let text = serde_json::to_string_pretty(&json).expect("a report is made of strings and numbers") + "\n";
    job.store.write(FINISHED, text.as_bytes())
}

pub(crate) fn libraries() -> Vec<(String, String)> {
    let found = Installation::examine(&[]);
    vec![("gdal".to_owned(), found.gdal), ("proj".to_owned(), found.proj.unwrap_or_default())]
}

/// The committed styles, from the registry.
pub fn committed_styles() -> Vec<(String, String)> {
    let both = |spec: &'static Spec| {
        let language = Language::French;
        [
            (format!("{}.qml", spec.name), style::qml(spec, None, language)),
            (format!("{}.sld", spec.name), style::sld(spec, None, language)),
        ]
    };
    product::all().flat_map(both).collect()
}
