//! The zones: from a vector file to outlines over a raster.
//!
//! In: the layer asked for; out: its polygons in the raster's CRS, and remarks on all that is odd: what crosses
//! itself, has no geometry, or is no polygon. Fails where: a file has no CRS and none is given. Cost: GDAL's reader,
//! 1 µs per vertex where the CRS changes.

use super::{Question, Zones, name, shortened};
use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::vector::{Layer, Source, Tally};
use crate::text;
use crate::text::{Fault, Text};
use geo::{CoordsIter, Geometry, LineString, Polygon};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::zonal::Zone;
use ilot_kernels::zonal::statistics::Wanted;
use rayon::prelude::*;
use std::path::Path;

/// Vertices, metres.
pub type Ring = Vec<(f64, f64)>;

/// A layer of polygons, its rings brought to one CRS.
#[derive(Debug)]
pub struct Polygons {
    /// Name of the layer.
    pub name: String,
    /// The layer as it is in the file.
    pub layer: Layer,
    /// The rings of each feature; none where it has no area, or no place in the wanted CRS.
    pub rings: Vec<Vec<Ring>>,
    /// Features that cross themselves.
    pub invalid: usize,
    /// Features left out: without a geometry that can be used.
    pub left_out: usize,
}

/// The polygons of a file in a CRS, for others than zonal statistics. Only the `zones`, `layer`, `id` and `crs` of the
/// question are looked at.
///
/// # Errors
/// As for zonal statistics.
pub fn polygons(question: &Question, crs: Option<&Crs>, remarks: &mut Vec<Text>) -> Result<Polygons, Fault> {
    let (zones, invalid, left_out) = read(question, remarks)?;
    let all = zones.layer.features.iter().map(|feature| rings(&feature.geometry));
    let other = crs.filter(|crs| !zones.crs.same_horizontal(crs));
    let way = other.map(|crs| Transform::new(&zones.crs, crs)).transpose()?;
    let moved: Vec<Option<Vec<Ring>>> = match &way {
        None => all.map(Some).collect(),
        Some(way) => all.map(|rings| transformed(rings, way)).collect(),
    };
    let astray = moved.iter().filter(|rings| rings.is_none()).count();
    if astray > 0 {
        let path = question.zones.display();
        remarks.push(text!(
            fr: "{path} : {astray} objets n'ont pas de place dans le système de coordonnées des rasters",
            en: "{path}: {astray} features have no place in the rasters' coordinate system",
        ));
    }
    let rings = moved.into_iter().map(Option::unwrap_or_default).collect();
    Ok(Polygons { name: zones.name, layer: zones.layer, rings, invalid, left_out })
}

/// The zones, how many of them cross themselves, and how many features are left out.
pub fn read(question: &Question, remarks: &mut Vec<Text>) -> Result<(Zones, usize, usize), Fault> {
    let path = question.zones.clone();
    let source = Source::open(&path)?;
    let place = source.find(question.layer.as_deref())?;
    let (mut layer, tally) = source.read(place, None)?;
    let shown = path.display();
    if layer.features.is_empty() {
        return Err(fault!(
            fr: "{shown} ne contient aucune zone ; donnez une couche de polygones",
            en: "{shown} holds no zone; give a layer of polygons",
        ));
    }
    let id = question.id.as_ref().map(|id| {
        layer.field(id).ok_or_else(|| {
            let fields: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).collect();
            let fields = fields.join(", ");
            fault!(
                fr: "{shown} n'a pas de champ « {id} » ; ses champs sont : {fields}",
                en: "{shown} has no field \"{id}\"; its fields are: {fields}",
            )
        })
    });
    // GeoPackages call a missing CRS "Undefined geographic SRS" or "Undefined Cartesian SRS" (OGC 12-128r18 §1.1.2).
    let own = layer.crs.as_ref().filter(|crs| !crs.name().starts_with("Undefined "));
    let crs = match (own, &question.crs) {
        (Some(own), _) => own.clone(),
        (None, Some(given)) => {
            given.sanity(&extent(layer.features.iter().map(|feature| &feature.geometry)), &path)?;
            given.clone()
        }
        (None, None) => return Err(Crs::missing(&path)),
    };
    layer.crs = Some(crs.clone());
    let name = source.layers()[place].name.clone();
    let zones = Zones { path: path.clone(), name, crs, layer, id: id.transpose()? };
    audit(&zones, &source, place, &tally, remarks)?;
    Ok((zones, tally.invalid, tally.empty + tally.unsupported))
}

/// Says what is odd.
fn audit(
    zones: &Zones,
    source: &Source,
    place: usize,
    tally: &Tally,
    remarks: &mut Vec<Text>,
) -> Result<(), Fault> {
    let path = zones.path.display();
    if tally.invalid > 0 {
        let count = tally.invalid;
        remarks.push(text!(
            fr: "{path} : {count} zones invalides (elles se croisent) ; leur intérieur est pris par la règle pair-impair",
            en: "{path}: {count} zones are not valid (they cross themselves); their inside is taken by the even-odd rule",
        ));
    }
    let left_out = tally.empty + tally.unsupported;
    if left_out > 0 {
        let all = source.left_out(place)?;
        let names = all.iter().map(|(number, values)| name(zones.id.map(|id| &values[id]), *number));
        let names = shortened(names, all.len());
        remarks.push(text!(
            fr: "{path} : {left_out} objets sans géométrie utilisable sont laissés de côté ({names})",
            en: "{path}: {left_out} features without a usable geometry are left out ({names})",
        ));
    }
    let flat = |index: &usize| rings(&zones.layer.features[*index].geometry).is_empty();
    let flat: Vec<usize> = (0..zones.layer.features.len()).filter(flat).collect();
    if !flat.is_empty() {
        let (count, names) = (flat.len(), zones.names(&flat));
        remarks.push(text!(
            fr: "{path} : {count} zones ne sont pas des polygones et n'ont pas de surface ({names})",
            en: "{path}: {count} zones are no polygons and have no area ({names})",
        ));
    }
    Ok(())
}

fn extent<'a>(geometries: impl Iterator<Item = &'a Geometry<f64>>) -> Extent {
    let none = Extent {
        west: f64::INFINITY,
        south: f64::INFINITY,
        east: f64::NEG_INFINITY,
        north: f64::NEG_INFINITY,
    };
    geometries
        .flat_map(CoordsIter::coords_iter)
        .fold(none, |extent, at| extent.union(&Extent { west: at.x, south: at.y, east: at.x, north: at.y }))
}

/// The zones over a raster, in the layer's order.
///
/// # Errors
/// Where PROJ knows no safe way between the two CRS.
pub fn lay(
    zones: &Zones,
    crs: &Crs,
    frame: &Frame,
    wanted: Wanted,
    raster: &Path,
    remarks: &mut Vec<Text>,
) -> Result<Vec<Zone>, Fault> {
    let shown = raster.display();
    let features = &zones.layer.features;
    let (mut laid, mut astray) = (Vec::new(), Vec::new());
    if zones.crs.same_horizontal(crs) {
        let all = features.par_iter().map(|feature| zone(&rings(&feature.geometry), frame, wanted));
        all.collect_into_vec(&mut laid);
    } else {
        let way = Transform::new(&zones.crs, crs)?;
        let (from, to) = (zones.crs.title(), crs.title());
        let (from_fr, from_en, fr, en) = (from.fr, from.en, to.fr, to.en);
        remarks.push(text!(
            fr: "{shown} : les zones sont passées de {from_fr} à {fr}, sommet par sommet",
            en: "{shown}: the zones were brought from {from_en} to {en}, vertex by vertex",
        ));
        // Transforms belong to one thread.
        let moved: Vec<Option<Vec<Ring>>> =
            features.iter().map(|feature| transformed(rings(&feature.geometry), &way)).collect();
        astray.extend((0..moved.len()).filter(|&index| moved[index].is_none()));
        let all = moved.par_iter().map(|rings| zone(rings.as_deref().unwrap_or(&[]), frame, wanted));
        all.collect_into_vec(&mut laid);
    }
    astray.extend((0..laid.len()).filter(|&index| laid[index].is_none()));
    if !astray.is_empty() {
        let (count, names) = (astray.len(), zones.names(&astray));
        remarks.push(text!(
            fr: "{shown} : {count} zones ne peuvent pas être posées sur ce raster ({names}) : trop de croisements, ou hors du domaine de son système de coordonnées",
            en: "{shown}: {count} zones cannot be laid over this raster ({names}): too many crossings, or outside of where its coordinate system is used",
        ));
    }
    let nothing = || Zone::new(&[], frame, wanted).expect("no ring is no tangle");
    Ok(laid.into_iter().map(|zone| zone.unwrap_or_else(nothing)).collect())
}

fn zone(rings: &[Ring], frame: &Frame, wanted: Wanted) -> Option<Zone> {
    let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
    Zone::new(&rings, frame, wanted).ok()
}

/// The rings in another CRS; `None` where a vertex has no place there.
fn transformed(rings: Vec<Ring>, way: &Transform) -> Option<Vec<Ring>> {
    let moved = rings.into_iter().map(|ring| {
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = ring.into_iter().unzip();
        way.points(&mut x, &mut y).ok()?;
        Some(x.into_iter().zip(y).collect())
    });
    moved.collect()
}

/// All rings of a geometry's polygons; none where it has no polygon.
fn rings(geometry: &Geometry<f64>) -> Vec<Ring> {
    let ring = |line: &LineString<f64>| line.0.iter().map(|at| (at.x, at.y)).collect();
    let of = |polygon: &Polygon<f64>| -> Vec<Ring> {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
    };
    match geometry {
        Geometry::Polygon(polygon) => of(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().flat_map(of).collect(),
        Geometry::Rect(rect) => of(&rect.to_polygon()),
        Geometry::Triangle(triangle) => of(&triangle.to_polygon()),
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(rings).collect(),
        _ => Vec::new(),
    }
}
