//! Zonal statistics of rasters: polygons and rasters in, a table with a row per polygon out.
//!
//! Each raster is read once, from north to south, in strips that are whole rows of its blocks and as wide as the zones
//! in them need; a thread decodes the next strip while the zones of this one gather their cells
//! ([`ilot_kernels::zonal`]). A zone adds its rows in their order, whatever the threads: the figures are the same
//! bits. Zones in another CRS are brought to the raster's, vertex by vertex, never by a ballpark way.
//!
//! Fails where: rasters in degrees have no areas and are refused; a long edge that is straight in the zones' CRS is
//! taken as straight in the raster's. Cost: decoding, and 1 ns a cell of the zones; memory: the layer, its
//! outlines, three strips.

mod columns;
mod shapes;

pub use columns::{Column, csv, schema, unique};
pub use shapes::{Polygons, Ring, polygons};

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::{Raster, keep_cache_small};
use crate::formats::vector::{Field, Layer, Value};
use crate::text;
use crate::text::{Fault, Language, Text};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::zonal::statistics::{Fitness, Wanted};
use ilot_kernels::zonal::{Zone, overlap};
use rayon::prelude::*;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{channel, sync_channel};

/// Cells of a strip, where the blocks allow it.
const STRIP_CELLS: usize = 1 << 22;

/// Zones that a remark names.
const NAMED: usize = 5;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The vector file of the zones.
    pub zones: PathBuf,
    /// Its layer, where it has several.
    pub layer: Option<String>,
    /// The rasters.
    pub rasters: Vec<PathBuf>,
    /// The band of each raster, from 0.
    pub band: usize,
    /// Whether the values stand for classes: areas and shares instead of means.
    pub classes: bool,
    /// Percentiles wanted, 0 to 100.
    pub percentiles: Vec<f64>,
    /// The field that names the zones in remarks.
    pub id: Option<String>,
    /// The CRS of the files that name none.
    pub crs: Option<Crs>,
}

/// The table, and what the user should know of it.
#[derive(Debug)]
pub struct Answer {
    /// Name of the zones' layer.
    pub name: String,
    /// The zones with their own attributes and the columns measured.
    pub layer: Layer,
    /// The columns measured, in the order of the layer's last fields.
    pub columns: Vec<Column>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Zones without a figure from at least one raster, or left out.
    pub without_data: usize,
    /// Zones that cross themselves.
    pub invalid: usize,
}

/// The zones of a file.
struct Zones {
    path: PathBuf,
    name: String,
    crs: Crs,
    layer: Layer,
    id: Option<usize>,
}

/// Measures.
///
/// # Errors
/// Where a file cannot be read, has no CRS or one in degrees, or holds no classes where classes are asked for.
pub fn measure(question: &Question) -> Result<Answer, Fault> {
    keep_cache_small();
    let mut remarks = Vec::new();
    let (zones, invalid, left_out) = shapes::read(question, &mut remarks)?;
    let mut columns: Vec<Column> = Vec::new();
    let mut blind = vec![false; zones.layer.features.len()];
    for path in &question.rasters {
        let prefix = columns::prefix(path);
        let (measured, cell_area) = pass(question, &zones, path, &mut remarks)?;
        tell(&zones, path, &measured, &mut remarks);
        for (blind, zone) in blind.iter_mut().zip(&measured) {
            *blind |= !zone.statistics().has_values();
        }
        columns.extend(columns::of(&prefix, &measured, cell_area, question));
    }
    let Zones { name, mut layer, .. } = zones;
    unique(&mut columns, &layer.fields);
    for column in &columns {
        layer.fields.push(Field { name: column.name.clone(), kind: column.kind });
    }
    for (index, feature) in layer.features.iter_mut().enumerate() {
        feature.values.extend(columns.iter().map(|column| column.values[index].clone()));
    }
    let without_data = left_out + blind.iter().filter(|blind| **blind).count();
    Ok(Answer { name, layer, columns, remarks, without_data, invalid })
}

/// Reads one raster; the zones in the layer's order, and the area of a cell in m².
fn pass(
    question: &Question,
    zones: &Zones,
    path: &Path,
    remarks: &mut Vec<Text>,
) -> Result<(Vec<Zone>, f64), Fault> {
    let raster = Raster::open(path)?;
    let crs = raster.crs().or(question.crs.as_ref()).ok_or_else(|| Crs::missing(path))?;
    crs.require_metric(path)?;
    let frame = *raster.frame();
    let wanted = Wanted { classes: question.classes, spread: !question.percentiles.is_empty() };
    let laid = shapes::lay(zones, crs, &frame, wanted, path, remarks)?;
    let mut order: Vec<(usize, Zone)> = laid.into_iter().enumerate().collect();
    order.sort_by_key(|(index, zone)| (zone.rows().start, *index));
    let (places, mut laid): (Vec<usize>, Vec<Zone>) = order.into_iter().unzip();
    let strips = strips(&laid, &frame, raster.block(question.band)?, STRIP_CELLS);
    let shared = gather(raster, question, &strips, &mut laid)?;
    if shared > 0 {
        remarks.push(overlapping(path, &laid, shared as f64 * frame.cell.0 * frame.cell.0));
    }
    let mut measured: Vec<(usize, Zone)> = places.into_iter().zip(laid).collect();
    measured.sort_by_key(|(index, _)| *index);
    let measured: Vec<Zone> = measured.into_iter().map(|(_, zone)| zone).collect();
    measured.iter().try_for_each(|zone| fit(path, zone.statistics().fitness()))?;
    Ok((measured, frame.cell.0 * frame.cell.0))
}

/// A part of the raster that is read at a time.
struct Strip {
    frame: Frame,
    /// Its first cell in the raster.
    place: (usize, usize),
    /// The zones, sorted by their first row, among which are all that it touches.
    zones: Range<usize>,
}

/// The strips of at least some `cells` that hold cells of zones, from north to south; `zones` are sorted by their
/// first row. Blocks that are larger than any memory are read in parts.
fn strips(
    zones: &[Zone],
    frame: &Frame,
    (block_cols, block_rows): (usize, usize),
    cells: usize,
) -> Vec<Strip> {
    let block_rows = block_rows.min((STRIP_CELLS * 16 / frame.cols).max(1));
    let rows = block_rows * (cells / frame.cols / block_rows).max(1);
    let mut strips = Vec::new();
    let mut range = 0..0;
    for first in (0..frame.rows).step_by(rows) {
        let last = (first + rows).min(frame.rows);
        range.end += zones[range.end..].iter().take_while(|zone| zone.rows().start < last).count();
        range.start += zones[range.clone()].iter().take_while(|zone| zone.rows().end <= first).count();
        let touched = zones[range.clone()].iter().filter(|zone| touches(zone, first, last));
        let cols = touched.map(Zone::cols).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let Some(cols) = cols else { continue };
        let west = cols.start / block_cols * block_cols;
        let east = cols.end.next_multiple_of(block_cols).min(frame.cols);
        let part = Frame {
            west: frame.west + west as f64 * frame.cell.0,
            north: frame.north - first as f64 * frame.cell.0,
            rows: last - first,
            cols: east - west,
            ..*frame
        };
        strips.push(Strip { frame: part, place: (first, west), zones: range.clone() });
    }
    strips
}

fn touches(zone: &Zone, first: usize, last: usize) -> bool {
    let rows = zone.rows();
    rows.start < last && rows.end > first
}

/// Reads the strips and lets the zones gather them; returns the area in cells that zones share.
fn gather(raster: Raster, question: &Question, strips: &[Strip], zones: &mut [Zone]) -> Result<u64, Fault> {
    let band = question.band;
    let (sender, receiver) = sync_channel::<Result<Grid<f32>, Fault>>(1);
    let (give_back, given_back) = channel::<Vec<f32>>();
    std::thread::scope(|scope| {
        let _reader = scope.spawn(move || {
            for strip in strips {
                let memory = given_back.try_recv().unwrap_or_default();
                // The receiver hangs up after a fault.
                if sender.send(raster.read_window_into(band, &strip.frame, memory)).is_err() {
                    break;
                }
            }
        });
        let mut shared = 0;
        for (strip, grid) in strips.iter().zip(receiver) {
            let grid = grid?;
            shared += take(strip, &grid, &mut zones[strip.zones.clone()], &question.percentiles);
            // The reader has ended where this was the last strip.
            let _ = give_back.send(grid.into_cells());
        }
        Ok(shared)
    })
}

/// Lets the zones near a strip gather it, and those that end in it settle; returns the cells that they share.
fn take(strip: &Strip, grid: &Grid<f32>, near: &mut [Zone], percentiles: &[f64]) -> u64 {
    let (first, last) = (strip.place.0, strip.place.0 + strip.frame.rows);
    near.par_iter_mut().filter(|zone| touches(zone, first, last)).for_each(|zone| {
        zone.gather(grid, strip.place);
        if zone.rows().end <= last {
            zone.finish(percentiles);
        }
    });
    let gathered: Vec<usize> = (0..near.len()).filter(|&index| touches(&near[index], first, last)).collect();
    overlap::mark(near, &gathered)
}

fn fit(path: &Path, fitness: Fitness) -> Result<(), Fault> {
    let path = path.display();
    match fitness {
        Fitness::Fit => Ok(()),
        Fitness::Fraction(value) => Err(fault!(
            fr: "{path} ne contient pas de classes (une cellule vaut {value}) ; enlevez --classes",
            en: "{path} does not hold classes (a cell is {value}); leave --classes out",
        )),
        Fitness::TooMany => Err(fault!(
            fr: "{path} a plus de 256 valeurs différentes dans une zone, ce ne sont pas des classes ; enlevez --classes",
            en: "{path} has more than 256 different values in a zone, they are no classes; leave --classes out",
        )),
    }
}

fn overlapping(path: &Path, zones: &[Zone], area: f64) -> Text {
    let (count, path) = (zones.iter().filter(|zone| zone.overlaps()).count(), path.display());
    text!(
        fr: "{path} : {count} zones se recouvrent, sur {area:.0} m² ; chacune compte tout ce qu'elle contient, leur total compte donc deux fois ces cellules",
        en: "{path}: {count} zones overlap, over {area:.0} m²; each counts all that it holds, so that their total counts these cells twice",
    )
}

/// Says which zones have no figure, and how many miss a part.
fn tell(zones: &Zones, path: &Path, measured: &[Zone], remarks: &mut Vec<Text>) {
    let path = path.display();
    let blind: Vec<usize> =
        (0..measured.len()).filter(|&index| !measured[index].statistics().has_values()).collect();
    if !blind.is_empty() {
        let (count, total, names) = (blind.len(), measured.len(), zones.names(&blind));
        remarks.push(text!(
            fr: "{path} : {count} zones sur {total} sans aucune donnée ({names}) ; leurs chiffres sont vides, pas nuls",
            en: "{path}: {count} of {total} zones without any data ({names}); their figures are empty, not zero",
        ));
    }
    let partly: Vec<f64> = measured
        .iter()
        .filter(|zone| zone.statistics().has_values())
        .map(|zone| 1.0 - zone.statistics().valid() / zone.area())
        .filter(|missing| *missing > 1e-6)
        .collect();
    if !partly.is_empty() {
        let (count, worst) = (partly.len(), partly.iter().copied().fold(0.0, f64::max) * 100.0);
        let (worst_fr, worst) = (Language::French.number(worst, 2), Language::English.number(worst, 2));
        remarks.push(text!(
            fr: "{path} : {count} zones n'ont de données que sur une partie de leur surface (jusqu'à {worst_fr} % manquent) ; voyez la colonne « missing »",
            en: "{path}: {count} zones have data on a part of their area only (up to {worst} % is missing); see the column \"missing\"",
        ));
    }
}

impl Zones {
    /// The names of some zones: the field asked for, else their number.
    fn names(&self, indices: &[usize]) -> String {
        let name = |&index: &usize| name(self.id.map(|id| &self.layer.features[index].values[id]), index + 1);
        shortened(indices.iter().map(name), indices.len())
    }
}

/// The value of the field that names, else the number.
fn name(value: Option<&Value>, number: usize) -> String {
    match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Integer(value)) => value.to_string(),
        Some(Value::Real(value)) => value.to_string(),
        Some(Value::Null) | None => format!("n° {number}"),
    }
}

/// The first names of a list.
fn shortened(names: impl Iterator<Item = String>, count: usize) -> String {
    let mut list = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if count > NAMED {
        list.push_str(", …");
    }
    list
}

#[cfg(test)]
mod tests;
