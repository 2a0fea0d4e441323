//! Means of blocks and communes, with an interval that knows how errors go together.
//!
//! In: polygons, models, the maps; out: `heat_zones` as CSV, GeoPackage and GeoJSON: the exact mean of the mapped cells, how
//! much of the zone is mapped, and the half-width of the mean's 90 % interval. Neighbouring cells err together: the variance
//! of a mean is the mean covariance of all pairs of its places, not σ²/n (block kriging, Journel & Huijbregts 1978; Wadoux &
//! Heuvelink 2023, 10.1111/2041-210X.14106). It is taken over at most a hundred places, spread evenly over the zone. What a
//! regression without kriging leaves counts as going wholly together nearby, and as the residuals' variogram has it farther
//! off; it is never taken to forget within less than the nearest stations' distances, which is all that they can show.
//!
//! Fails where: a zone has no cell of the map: no mean. Cost: a millisecond a zone.

use super::{Half, Part, Study};
use crate::formats::vector::{Field, FieldKind, Value, encode_geojson};
use crate::measures::sensors::output::Output;
use crate::measures::sensors::tables::real;
use crate::measures::zonal::{self, Answer, Column, Question, Ring, polygons};
use crate::style;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use std::path::Path;

/// Places of a zone at which errors are compared.
const PLACES: f64 = 100.0;

/// A place in a zone.
#[derive(Debug, Clone)]
pub(super) struct Place {
    zone: usize,
    /// Row and column of the map's cell.
    pub cell: (usize, usize),
    at: (f64, f64),
    /// Per model: the covariates, where it may speak.
    pub covariates: Vec<Option<Vec<f64>>>,
}

/// Spreads places over the zones of a file.
pub(super) fn places(zones: &Path, study: &Study, whole: &Frame, halves: usize) -> Result<Vec<Place>, Fault> {
    let crs = &study.survey.sheet.crs;
    let question = question(zones, study);
    // What is odd is told once, where the means are made.
    let found = polygons(&question, Some(crs), &mut Vec::new())?;
    let mut places = Vec::new();
    for (zone, rings) in found.rings.iter().enumerate() {
        spread(rings, whole, |cell, at| {
            places.push(Place { zone, cell, at, covariates: vec![None; halves] });
        });
    }
    Ok(places)
}

fn question(zones: &Path, study: &Study) -> Question {
    Question { zones: zones.to_owned(), crs: Some(study.survey.sheet.crs.clone()), ..Question::default() }
}

/// Visits cells within rings, every so many that about a hundred remain.
fn spread(rings: &[Ring], whole: &Frame, mut visit: impl FnMut((usize, usize), (f64, f64))) {
    let cell = whole.cell.0;
    let area: f64 = rings.iter().map(|ring| area(ring).abs()).sum();
    let stride = ((area / PLACES).sqrt() / cell).floor().max(1.0) as usize;
    let vertices = || rings.iter().flatten();
    let extent = Extent {
        west: vertices().map(|v| v.0).fold(f64::INFINITY, f64::min),
        south: vertices().map(|v| v.1).fold(f64::INFINITY, f64::min),
        east: vertices().map(|v| v.0).fold(f64::NEG_INFINITY, f64::max),
        north: vertices().map(|v| v.1).fold(f64::NEG_INFINITY, f64::max),
    };
    let index = |value: f64, most: usize| value.floor().clamp(0.0, most as f64) as usize;
    let rows = index((whole.north - extent.north) / cell, whole.rows)
        ..index((whole.north - extent.south) / cell + 1.0, whole.rows);
    let cols = index((extent.west - whole.west) / cell, whole.cols)
        ..index((extent.east - whole.west) / cell + 1.0, whole.cols);
    for row in rows.step_by(stride) {
        for col in cols.clone().step_by(stride) {
            let at = (whole.x(col), whole.y(row));
            if inside(rings, at) {
                visit((row, col), at);
            }
        }
    }
}

/// Area of a ring, m², negative where it runs clockwise.
fn area(ring: &Ring) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
}

/// Whether a place lies within rings, by the even-odd rule.
fn inside(rings: &[Ring], (x, y): (f64, f64)) -> bool {
    let mut within = false;
    for ring in rings {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0) {
                within = !within;
            }
        }
    }
    within
}

/// Measures and writes.
pub(super) fn write(
    zones: &Path,
    study: &Study,
    halves: &[&Half],
    places: &[Place],
    store: &Output,
) -> Result<Vec<Text>, Fault> {
    let names = halves.iter().map(|half| super::map::specs(half.part)[0].name);
    let rasters = names.map(|name| store.out().join(format!("{name}.vrt"))).collect();
    let mut answer = zonal::measure(&Question { rasters, ..question(zones, study) })?;
    let mut remarks = std::mem::take(&mut answer.remarks);
    for (number, half) in halves.iter().enumerate() {
        let widths = widths(half, number, places, answer.layer.features.len());
        add(&mut answer, half.part, widths);
    }
    remarks.push(text!(
        fr: "zones : l'intervalle d'une moyenne tient compte de ce que des lieux voisins se trompent ensemble ; il ne diminue donc guère avec la taille de la zone",
        en: "zones: the interval of a mean takes into account that neighbouring places err together; it hardly falls with the size of a zone",
    ));
    store.write("heat_zones.csv.schema.json", zonal::schema(&answer.layer, &answer.columns).as_bytes())?;
    store.write("heat_zones.csv", zonal::csv(&answer.layer).as_bytes())?;
    store.write("heat_zones.gpkg", &style::styled_gpkg("heat_zones", "heat_zones", &answer.layer)?)?;
    store.write("heat_zones.geojson", encode_geojson("heat_zones", &answer.layer)?.as_bytes())?;
    Ok(remarks)
}

/// The half-width of each zone's mean; NaN where no place of it is mapped.
fn widths(half: &Half, number: usize, places: &[Place], zones: usize) -> Vec<f64> {
    let mut of: Vec<Vec<&Place>> = vec![Vec::new(); zones];
    for place in places.iter().filter(|place| place.covariates[number].is_some()) {
        of[place.zone].push(place);
    }
    of.iter().map(|places| width(half, number, places)).collect()
}

fn width(half: &Half, number: usize, places: &[&Place]) -> f64 {
    if places.is_empty() {
        return f64::NAN;
    }
    let (x, y): (Vec<f64>, Vec<f64>) = places.iter().map(|place| place.at).unzip();
    let terms = half.learned.model.choice.chosen.len();
    let column = |term: usize| -> Vec<f64> {
        places.iter().filter_map(|place| Some(place.covariates[number].as_ref()?[term])).collect()
    };
    let columns: Vec<Vec<f64>> = (0..terms).map(column).collect();
    half.learned.half_of_mean(&x, &y, &columns)
}

/// Adds the columns of a model's half-widths.
fn add(answer: &mut Answer, part: Part, widths: Vec<f64>) {
    let name = format!("{}_half_width", super::map::specs(part)[0].name);
    let part = part.name();
    let column = Column {
        name,
        kind: FieldKind::Real,
        unit: "K",
        meaning: Text {
            fr: format!("Demi-largeur de l'intervalle à 90 % de la moyenne de la zone, {}", part.fr),
            en: format!("Half-width of the 90 % interval of the zone's mean, {}", part.en),
        },
        values: widths
            .into_iter()
            .map(|width| if width.is_finite() { real(width) } else { Value::Null })
            .collect(),
    };
    answer.layer.fields.push(Field { name: column.name.clone(), kind: column.kind });
    for (feature, value) in answer.layer.features.iter_mut().zip(&column.values) {
        feature.values.push(value.clone());
    }
    answer.columns.push(column);
}
