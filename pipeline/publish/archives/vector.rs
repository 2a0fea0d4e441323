//! A layer of features → an archive of vector tiles (MVT).
//!
//! In: a GeoPackage of the folder of results; out: tiles in Web Mercator with all attributes. At the deepest zoom a unit is
//! some 10 cm on the ground and corners are only rounded to it; above, lines lose the corners that lie within a unit of them
//! (Douglas & Peucker 1973), and a polygon that would vanish becomes a square of one unit. No feature is ever left out: the
//! archive begins at the zoom at which its fullest tile still holds all of them, and says so. Tiles are cut 64 units beyond
//! their borders, so that outlines join (Sutherland & Hodgman 1974 for rings). A feature keeps its number in the layer, from
//! 1, as id in all tiles.
//!
//! Fails where: a ring that a border cuts in several parts keeps thin bridges along the border, outside of what is shown.
//! Cost: 1 µs a corner and zoom; memory: the layer.

use super::mercator;
use crate::formats::crs::{Crs, Transform};
use crate::formats::mvt::{self, Corner, Shape, UNITS, doubled_area};
use crate::formats::pmtiles::{TileId, Writer, gzip};
use crate::formats::vector::{FieldKind, Layer, Source, Value};
use crate::text::Fault;
use geo::{BoundingRect, Coord, Geometry, MapCoords, Simplify};
use ilot_kernels::extent::Extent;
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The deepest zoom: a unit is 15 cm at the equator and 10 cm in France.
pub const DEEPEST: u8 = 16;

/// How far tiles reach beyond their borders, units.
const BUFFER: f64 = 64.0;

/// Features and corners in a tile, above which the zoom is left to deeper ones.
const MOST_FEATURES: usize = 20_000;
const MOST_CORNERS: usize = 300_000;

/// Tiles that are encoded before they are written.
const BATCH: usize = 256;

/// The layers of a file, on the web's map.
pub struct Sheets {
    sheets: Vec<Sheet>,
    /// Bounds in Web Mercator.
    pub bounds: Extent,
    /// Shallowest and deepest zoom.
    pub zooms: (u8, u8),
}

struct Sheet {
    name: String,
    keys: Vec<String>,
    kinds: Vec<FieldKind>,
    shapes: Vec<Geometry<f64>>,
    values: Vec<Vec<Value>>,
}

/// For each tile, the layer and the feature.
type Plan = BTreeMap<TileId, Vec<(usize, usize)>>;

impl Sheets {
    /// Reads all layers of a file; `None` where no feature is in them.
    ///
    /// # Errors
    /// Where it cannot be read, or has no CRS.
    pub fn read(path: &Path) -> Result<Option<Sheets>, Fault> {
        let source = Source::open(path)?;
        let mut sheets = Vec::new();
        for (index, contents) in source.layers().iter().enumerate() {
            if contents.name == "layer_styles" {
                continue;
            }
            let (layer, _) = source.read(index, None)?;
            let crs = layer.crs.clone().ok_or_else(|| Crs::missing(path))?.flat()?;
            sheets.push(Sheet::of(&contents.name, layer, &Transform::new(&crs, &mercator::crs()?)?)?);
        }
        let bounds = sheets.iter().flat_map(|sheet| &sheet.shapes).filter_map(extent_of);
        let Some(bounds) = bounds.reduce(|all, one| all.union(&one)) else { return Ok(None) };
        let mut sheets = Sheets { sheets, bounds, zooms: (DEEPEST, DEEPEST) };
        sheets.zooms.0 = sheets.shallowest();
        Ok(Some(sheets))
    }

    /// Number of features in all layers.
    pub fn features(&self) -> usize {
        self.sheets.iter().map(|sheet| sheet.shapes.len()).sum()
    }

    /// The zoom at which the fullest tile still holds all of its features.
    fn shallowest(&self) -> u8 {
        let least = mercator::shallowest(&self.bounds).min(DEEPEST);
        let fits = |z: &u8| {
            let plan = self.plan(*z);
            let corners = |of: &[(usize, usize)]| -> usize {
                of.iter()
                    .map(|(sheet, feature)| {
                        geo::CoordsIter::coords_count(&self.sheets[*sheet].shapes[*feature])
                    })
                    .sum()
            };
            plan.values().all(|of| of.len() <= MOST_FEATURES && corners(of) <= MOST_CORNERS)
        };
        (least..DEEPEST).rev().take_while(fits).last().unwrap_or(DEEPEST)
    }

    /// Which features each tile of a zoom may show.
    fn plan(&self, z: u8) -> Plan {
        let reach = BUFFER / f64::from(UNITS) * 2.0 * mercator::HALF / f64::from(1_u32 << z);
        let mut plan = Plan::new();
        for (index, sheet) in self.sheets.iter().enumerate() {
            for (feature, shape) in sheet.shapes.iter().enumerate() {
                let Some(extent) = extent_of(shape) else { continue };
                let around = extent.padded(ilot_kernels::unit::Metres(reach));
                for tile in mercator::covering(&around, z) {
                    plan.entry(tile).or_default().push((index, feature));
                }
            }
        }
        plan
    }

    /// Makes all tiles.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn make(&self, writer: &mut Writer) -> Result<(), Fault> {
        for z in self.zooms.0..=self.zooms.1 {
            let unit = 2.0 * mercator::HALF / f64::from(1_u32 << z) / f64::from(UNITS);
            let shapes: Vec<Vec<Geometry<f64>>> =
                self.sheets.iter().map(|sheet| sheet.simplified(z, unit)).collect();
            let plan: Vec<(TileId, Vec<(usize, usize)>)> = self.plan(z).into_iter().collect();
            for batch in plan.chunks(BATCH) {
                let encoded: Vec<Vec<u8>> =
                    batch.par_iter().map(|(tile, of)| self.tile(*tile, of, &shapes)).collect();
                for ((tile, _), bytes) in batch.iter().zip(encoded).filter(|(_, bytes)| !bytes.is_empty()) {
                    writer.add(*tile, &bytes)?;
                }
            }
        }
        Ok(())
    }

    /// The bytes of a tile in gzip; none where nothing reaches into it.
    fn tile(&self, tile: TileId, of: &[(usize, usize)], shapes: &[Vec<Geometry<f64>>]) -> Vec<u8> {
        let mut layers: Vec<mvt::Layer> =
            self.sheets.iter().map(|sheet| mvt::Layer::new(&sheet.name, &sheet.keys)).collect();
        let window = Window::of(tile);
        for (index, feature) in of {
            let shape = window.cut(&shapes[*index][*feature]);
            let values = &self.sheets[*index].values[*feature];
            shape.iter().for_each(|shape| layers[*index].add(*feature as u64 + 1, shape, values));
        }
        let bytes = mvt::encode(&layers);
        // Writing into memory does not fail.
        if bytes.is_empty() { bytes } else { gzip(&bytes).unwrap_or_default() }
    }

    /// `vector_layers` of the metadata.
    pub fn layers(&self) -> Json {
        let one = |sheet: &Sheet| {
            let kind = |kind: &FieldKind| match kind {
                FieldKind::Integer | FieldKind::Real => "Number",
                FieldKind::Text | FieldKind::Date => "String",
            };
            let fields: Map<String, Json> =
                sheet.keys.iter().cloned().zip(sheet.kinds.iter().map(|of| kind(of).into())).collect();
            json!({
                "id": sheet.name, "fields": fields, "minzoom": self.zooms.0, "maxzoom": self.zooms.1,
                "features": sheet.shapes.len(),
            })
        };
        self.sheets.iter().map(one).collect()
    }
}

impl Sheet {
    fn of(name: &str, layer: Layer, to_mercator: &Transform) -> Result<Sheet, Fault> {
        let (keys, kinds) = layer.fields.into_iter().map(|field| (field.name, field.kind)).unzip();
        let mut sheet = Sheet { name: name.to_owned(), keys, kinds, shapes: Vec::new(), values: Vec::new() };
        for feature in layer.features {
            sheet.shapes.push(feature.geometry.try_map_coords(|at| {
                let (x, y) = to_mercator.point(at.x, at.y)?;
                Ok::<_, Fault>(Coord { x, y })
            })?);
            sheet.values.push(feature.values);
        }
        Ok(sheet)
    }

    /// Its shapes as a zoom shows them.
    fn simplified(&self, z: u8, unit: f64) -> Vec<Geometry<f64>> {
        if z == DEEPEST {
            return self.shapes.clone();
        }
        let one = |shape: &Geometry<f64>| match shape {
            Geometry::LineString(line) => line.simplify(unit).into(),
            Geometry::MultiLineString(lines) => lines.simplify(unit).into(),
            Geometry::Polygon(polygon) => polygon.simplify(unit).into(),
            Geometry::MultiPolygon(polygons) => polygons.simplify(unit).into(),
            other => other.clone(),
        };
        self.shapes.par_iter().map(one).collect()
    }
}

fn extent_of(shape: &Geometry<f64>) -> Option<Extent> {
    let bounds = shape.bounding_rect()?;
    let (least, most) = (bounds.min(), bounds.max());
    Some(Extent { west: least.x, south: least.y, east: most.x, north: most.y })
}

/// A tile with its buffer, in units.
struct Window {
    west: f64,
    north: f64,
    unit: f64,
}

const LEAST: f64 = -BUFFER;
const MOST: f64 = UNITS as f64 + BUFFER;

impl Window {
    fn of(tile: TileId) -> Window {
        let extent = mercator::extent(tile);
        Window { west: extent.west, north: extent.north, unit: extent.width().0 / f64::from(UNITS) }
    }

    fn place(&self, at: Coord<f64>) -> Coord<f64> {
        Coord { x: (at.x - self.west) / self.unit, y: (self.north - at.y) / self.unit }
    }

    fn ring(&self, line: &geo::LineString<f64>) -> Vec<Coord<f64>> {
        line.0.iter().map(|at| self.place(*at)).collect()
    }

    /// What the tile shows of a shape: one part for each kind of geometry in it.
    fn cut(&self, shape: &Geometry<f64>) -> Vec<Shape> {
        match shape {
            Geometry::Point(point) => self.points(&[point.0]),
            Geometry::MultiPoint(points) => {
                self.points(&points.iter().map(|point| point.0).collect::<Vec<_>>())
            }
            Geometry::LineString(line) => self.lines(std::slice::from_ref(line)),
            Geometry::Line(line) => self.lines(&[(*line).into()]),
            Geometry::MultiLineString(lines) => self.lines(&lines.0),
            Geometry::Polygon(polygon) => self.polygons(std::slice::from_ref(polygon)),
            Geometry::MultiPolygon(polygons) => self.polygons(&polygons.0),
            Geometry::Rect(rect) => self.polygons(&[rect.to_polygon()]),
            Geometry::Triangle(triangle) => self.polygons(&[triangle.to_polygon()]),
            Geometry::GeometryCollection(parts) => parts.iter().flat_map(|part| self.cut(part)).collect(),
        }
    }

    fn points(&self, points: &[Coord<f64>]) -> Vec<Shape> {
        let inside = |at: &Coord<f64>| (LEAST..=MOST).contains(&at.x) && (LEAST..=MOST).contains(&at.y);
        let shown: Vec<Corner> =
            points.iter().map(|at| self.place(*at)).filter(inside).map(rounded).collect();
        if shown.is_empty() { Vec::new() } else { vec![Shape::Points(shown)] }
    }

    fn lines(&self, lines: &[geo::LineString<f64>]) -> Vec<Shape> {
        let mut shown: Vec<Vec<Corner>> = Vec::new();
        for line in lines {
            let places = self.ring(line);
            let mut part: Vec<Corner> = Vec::new();
            for pair in places.windows(2) {
                let Some((from, to)) = within(pair[0], pair[1]) else { continue };
                let (from, to) = (rounded(from), rounded(to));
                if part.last() != Some(&from) {
                    shown.push(std::mem::take(&mut part));
                    part.push(from);
                }
                part.push(to);
            }
            shown.push(part);
        }
        shown.retain(|line| !line.is_empty());
        if shown.is_empty() {
            return Vec::new();
        }
        // A line within one unit is still a line.
        let flat = shown.iter().all(|line| line.windows(2).all(|pair| pair[0] == pair[1]));
        if flat {
            let at = shown[0][0];
            shown = vec![vec![at, (at.0 + 1, at.1)]];
        }
        vec![Shape::Lines(shown)]
    }

    fn polygons(&self, polygons: &[geo::Polygon<f64>]) -> Vec<Shape> {
        let mut rings: Vec<(bool, Vec<Corner>)> = Vec::new();
        for polygon in polygons {
            let outer = clipped(self.ring(polygon.exterior()));
            if outer.is_empty() {
                continue;
            }
            rings.push((true, outer));
            let holes = polygon.interiors().iter().map(|ring| clipped(self.ring(ring)));
            rings.extend(holes.filter(|ring| !ring.is_empty()).map(|ring| (false, ring)));
        }
        let first = rings.first().map(|(_, ring)| ring[0]);
        let Some((x, y)) = first else { return Vec::new() };
        if rings.iter().all(|(outer, ring)| !outer || doubled_area(ring) == 0) {
            rings = vec![(true, vec![(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)])];
        }
        vec![Shape::Rings(rings)]
    }
}

fn rounded(at: Coord<f64>) -> Corner {
    (at.x.round() as i32, at.y.round() as i32)
}

/// The part of a segment that lies within the window (Liang & Barsky 1984).
fn within(from: Coord<f64>, to: Coord<f64>) -> Option<(Coord<f64>, Coord<f64>)> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (step, room) in
        [(-dx, from.x - LEAST), (dx, MOST - from.x), (-dy, from.y - LEAST), (dy, MOST - from.y)]
    {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            first = first.max(room / step);
        } else {
            last = last.min(room / step);
        }
    }
    let at = |share: f64| Coord { x: from.x + dx * share, y: from.y + dy * share };
    (first <= last)
        .then(|| (if first > 0.0 { at(first) } else { from }, if last < 1.0 { at(last) } else { to }))
}

/// The part of a ring that lies within the window, without its last corner; empty where there is none.
fn clipped(mut ring: Vec<Coord<f64>>) -> Vec<Corner> {
    if ring.first() == ring.last() {
        let _ = ring.pop();
    }
    type Side = (fn(&Coord<f64>) -> f64, f64, f64);
    let sides: [Side; 4] =
        [(|at| at.x, LEAST, 1.0), (|at| at.x, MOST, -1.0), (|at| at.y, LEAST, 1.0), (|at| at.y, MOST, -1.0)];
    for (of, limit, sign) in sides {
        let room = |at: &Coord<f64>| (of(at) - limit) * sign;
        let mut kept = Vec::with_capacity(ring.len() + 4);
        for (index, at) in ring.iter().enumerate() {
            let next = &ring[(index + 1) % ring.len()];
            let (here, there) = (room(at), room(next));
            if here >= 0.0 {
                kept.push(*at);
            }
            if (here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0) {
                let share = here / (here - there);
                kept.push(Coord { x: at.x + (next.x - at.x) * share, y: at.y + (next.y - at.y) * share });
            }
        }
        ring = kept;
    }
    ring.into_iter().map(rounded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, Polygon};

    fn window() -> Window {
        Window { west: 0.0, north: 0.0, unit: 1.0 }
    }

    fn square(west: f64, north: f64, side: f64) -> Polygon<f64> {
        let corners =
            [(west, -north), (west + side, -north), (west + side, -north - side), (west, -north - side)];
        Polygon::new(LineString::from(corners.to_vec()), Vec::new())
    }

    #[test]
    fn a_ring_is_cut_at_the_buffer() {
        let [Shape::Rings(rings)] = &window().polygons(&[square(-1000.0, 100.0, 2000.0)])[..] else {
            panic!("one shape")
        };
        assert_eq!(doubled_area(&rings[0].1).abs(), 2 * 1064 * 2000);
        assert!(window().polygons(&[square(-1000.0, 100.0, 900.0)]).is_empty());
    }

    #[test]
    fn what_would_vanish_becomes_one_unit() {
        let [Shape::Rings(rings)] = &window().polygons(&[square(10.1, 20.1, 0.2)])[..] else {
            panic!("one shape")
        };
        assert_eq!(doubled_area(&rings[0].1), 2);
        let line = LineString::from(vec![(5.1, -5.1), (5.2, -5.2)]);
        assert_eq!(window().lines(&[line]), [Shape::Lines(vec![vec![(5, 5), (6, 5)]])]);
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two() {
        let line = LineString::from(vec![(10.0, -10.0), (-500.0, -10.0), (-500.0, -20.0), (10.0, -20.0)]);
        let [Shape::Lines(parts)] = &window().lines(&[line])[..] else { panic!("one shape") };
        assert_eq!(parts[..], [vec![(10, 10), (-64, 10)], vec![(-64, 20), (10, 20)]]);
    }
}
