//! Vector products: from the features of a tile to its part, and from the parts of all tiles to GeoPackage and GeoJSON.
//!
//! A part waits in the folder of ilot's own files and is in the record of its tile, so that a later run finds it. When the
//! run is closed, the stage that made the parts joins them; the layer is sorted by id, so that neither tiles nor threads
//! show. GeoPackages are in the CRS of the run. GeoJSON is in WGS 84 as RFC 7946 demands: web maps read no other. Cost: 5 µs
//! a feature and 0.3 µs a corner.

use crate::fault;
use crate::formats::parts::Part;
use crate::formats::vector::{Feature, Field, Layer, encode_geojson};
use crate::plan::Tile;
use crate::product::{Vector, Ware, look_of};
use crate::report::{LayerRecord, Report};
use crate::run::{Event, Job};
use crate::stage::{Closing, Shelf, Stage};
use crate::store::{FileRecord, Store, sha256};
use crate::style;
use crate::text::{Fault, Language, Text};
use rayon::prelude::*;
use std::path::Path;

/// Writes what a tile has of a layer; no file where it has nothing.
pub fn keep(
    job: &Job<'_>,
    tile: &Tile,
    layer: &'static Vector,
    shelf: &Shelf,
) -> Result<Option<FileRecord>, Fault> {
    let part = shelf.part(layer).ok_or_else(|| {
        let (tile, name) = (&tile.name, layer.name);
        fault!(
            fr: "Tuile {tile} : aucune étape n'a fait {name}, défaut d'ilot à signaler.",
            en: "Tile {tile}: no stage has made {name}, a defect of ilot, please report it.",
        )
    })?;
    if part.is_empty() {
        return Ok(None);
    }
    let bytes = part.encode()?;
    let path = Store::part_name(layer, &tile.name);
    job.store.write(&path, &bytes)?;
    Ok(Some(FileRecord {
        product: layer.name.to_owned(),
        written: job.store.instant(&path),
        path,
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        cells: (0, 0),
        spread: None,
    }))
}

/// Joins the parts of all tiles and writes the layers.
pub fn close(job: &Job<'_>, report: &mut Report) -> Result<(), Fault> {
    let settings = job.settings;
    let made: Vec<(LayerRecord, Vec<Text>)> =
        settings.layers.par_iter().map(|layer| join(job, report, layer)).collect::<Result<_, Fault>>()?;
    for (record, remarks) in made {
        remarks.iter().for_each(|remark| job.watch.see(Event::Remark(remark)));
        report.remarks.extend(remarks);
        report.layers.push(record);
    }
    Ok(())
}

fn join(job: &Job<'_>, report: &Report, layer: &'static Vector) -> Result<(LayerRecord, Vec<Text>), Fault> {
    let files = report.records().flat_map(|tile| &tile.files).filter(|file| file.product == layer.name);
    let parts = files.map(|file| Part::decode(&job.store.read(&file.path)?, Path::new(&file.path)));
    let parts: Vec<Part> = parts.collect::<Result<_, Fault>>()?;
    let makes = |stage: &dyn Stage| stage.signature().makes.contains(&Ware::Layer(layer));
    let mut closing = Closing {
        lattice: job.catalogue.lattice,
        data: job.catalogue.extent,
        crs: &job.catalogue.crs,
        remarks: Vec::new(),
    };
    let features = match job.plan.needs.stages.iter().find(|stage| makes(stage.as_ref())) {
        Some(stage) => stage.close(layer, parts, &mut closing)?,
        None => Vec::new(),
    };
    let count = features.len();
    let fields = layer.columns.iter().map(|column| Field { name: column.name.to_owned(), kind: column.kind });
    let whole =
        Layer { crs: Some(job.catalogue.crs.clone()), fields: fields.collect(), features: sorted(features) };
    write(job.store, layer, &whole)?;
    Ok((LayerRecord { layer: layer.name.to_owned(), features: count as u64 }, closing.remarks))
}

/// Features in the order of their ids.
fn sorted(mut features: Vec<Feature>) -> Vec<Feature> {
    let id =
        |feature: &Feature| feature.values.first().and_then(|value| value.text()).unwrap_or("").to_owned();
    features.sort_by_cached_key(id);
    features
}

/// Writes a layer as GeoPackage and GeoJSON, with its QGIS style beside it.
///
/// # Errors
/// Where it has no CRS, or the disk is full.
pub fn write(store: &Store, vector: &Vector, layer: &Layer) -> Result<(), Fault> {
    let name = vector.name;
    store.write(&format!("{name}.gpkg"), &style::styled_gpkg(name, name, layer)?)?;
    store.write(&format!("{name}.geojson"), encode_geojson(name, layer)?.as_bytes())?;
    let Some(look) = look_of(name) else { return Ok(()) };
    store.write(&format!("{name}.qml"), style::look_qml(&look, Language::spoken()).as_bytes())
}
