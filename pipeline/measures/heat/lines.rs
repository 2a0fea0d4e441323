//! Lines of one warmth, for a plan or a slide.
//!
//! In: a finished map; out: `heat_contours` as GeoPackage and GeoJSON, night and day, at whole multiples of a step. Lines
//! end where the map does. Fails nowhere; rings of less than six cells are left out, which a plan cannot show, and told. Cost:
//! 5 ns a cell and level; memory: a strip and the lines.

use super::Part;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value, encode_geojson};
use crate::measures::sensors::output::Output;
use crate::measures::sensors::tables::real;
use crate::style;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::contour::Isolines;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;

/// Rows of a strip.
const STRIP: usize = 256;
/// Shortest line, cells.
const SHORTEST: f64 = 6.0;
/// Most levels of a map.
const LEVELS: f64 = 200.0;

/// Draws the lines of the finished maps; what a user should know.
pub(super) fn write(step: f64, parts: &[Part], crs: &Crs, store: &Output) -> Result<Vec<Text>, Fault> {
    let mut features = Vec::new();
    let mut dropped = 0;
    for part in parts {
        let name = super::map::specs(*part)[0].name;
        let path = store.out().join(format!("{name}.vrt"));
        dropped += lines(&Raster::open(&path)?, *part, step, &mut features)?;
    }
    let text_field = |name: &str| Field { name: name.to_owned(), kind: FieldKind::Text };
    let real_field = |name: &str| Field { name: name.to_owned(), kind: FieldKind::Real };
    let fields = vec![text_field("part"), real_field("level_k"), real_field("length_m")];
    let layer = Layer { crs: Some(crs.clone()), fields, features };
    store.write("heat_contours.gpkg", &style::styled_gpkg("heat_contours", "heat_contours", &layer)?)?;
    store.write("heat_contours.geojson", encode_geojson("heat_contours", &layer)?.as_bytes())?;
    let mut remarks = Vec::new();
    if dropped > 0 {
        remarks.push(text!(
            fr: "isolignes : {dropped} contours de moins de six cellules de long sont omis",
            en: "contour lines: {dropped} lines shorter than six cells are left out",
        ));
    }
    Ok(remarks)
}

/// Adds a map's lines; how many were too short.
fn lines(raster: &Raster, part: Part, step: f64, features: &mut Vec<Feature>) -> Result<usize, Fault> {
    let frame = *raster.frame();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    strips(raster, |strip, _| {
        for value in strip.cells().iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(f64::from(*value)), high.max(f64::from(*value)));
        }
    })?;
    if low > high || (high - low) / step > LEVELS {
        return Ok(0);
    }
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    let mut levels: Vec<(f64, Isolines)> = (first..=last)
        .map(|level| level as f64 * step)
        .map(|level| (level, Isolines::new(frame, level)))
        .collect();
    strips(raster, |strip, row| levels.iter_mut().for_each(|(_, lines)| lines.gather(strip, row)))?;
    let mut dropped = 0;
    for (level, lines) in levels {
        for line in lines.finish() {
            let length: f64 =
                line.windows(2).map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1)).sum();
            if length < SHORTEST * frame.cell.0 {
                dropped += 1;
                continue;
            }
            let values = vec![Value::Text(part.word().to_owned()), real(level), real(length)];
            features.push(Feature { geometry: geo::LineString::from(line).into(), values });
        }
    }
    Ok(dropped)
}

/// Visits a raster by strips that share one row, with the row at which each begins.
fn strips(raster: &Raster, mut visit: impl FnMut(&Grid<f32>, usize)) -> Result<(), Fault> {
    let frame = *raster.frame();
    for first in (0..frame.rows.max(2) - 1).step_by(STRIP) {
        let rows = (STRIP + 1).min(frame.rows - first);
        let part = Frame { north: frame.north - first as f64 * frame.cell.0, rows, ..frame };
        visit(&raster.read_window(0, &part)?, first);
    }
    Ok(())
}
