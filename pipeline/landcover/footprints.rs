//! Buildings against footprints that the user gives: BD TOPO, a cadastre.
//!
//! In: the buildings of the clouds, and a layer of polygons. A footprint belongs to the building that covers most of it, if
//! that is a third or more; a building may hold several (adjoining houses). The overlap is the intersection over the
//! union (IoU) of the building and its footprints together. 0.9 and more: `taken_over`, the footprint's geometry and
//! area are kept; less: `corrected`, those of the points are; none: `new`. A footprint of which less than a fifth lies under roofs is
//! gone: it is counted and named in a remark, since a building that is not there is no feature. Of a footprint that goes on
//! beyond the data only the part inside is compared, and it is never said to be gone. A building has the year of the largest
//! of its footprints that bears one. Vectors without a CRS are refused. Cost: a microsecond a corner.

use crate::fault;
use crate::formats::vector::{Feature, Source, Value};
use crate::product::BUILDINGS;
use crate::stage::Closing;
use crate::text;
use crate::text::Fault;
use geo::{Area, BooleanOps, BoundingRect, Geometry, MultiPolygon, Rect};
use ilot_kernels::extent::Extent;
use std::path::Path;

/// A footprint belongs to a building that covers this share of it.
const BELONGS: f64 = 1.0 / 3.0;
/// From this overlap on the footprint is as good as the outline of the points.
const SAME: f64 = 0.9;
/// A footprint of which less lies under roofs is gone.
const GONE: f64 = 0.2;
/// Names in a remark.
const NAMED: usize = 5;
/// The field of ids, and that of the year of building: BD TOPO as GeoPackage and as shapefile, cadastre, BDNB.
const IDS: [&str; 3] = ["cleabs", "id", "idu"];
const YEARS: [&str; 6] =
    ["date_d_apparition", "date_app", "annee_construction", "annee_constr", "annee", "year"];

/// A footprint of the user.
struct Given {
    id: String,
    year: Option<i64>,
    shape: MultiPolygon<f64>,
    bounds: Rect<f64>,
    /// What of it lies in the data, and its area.
    seen: MultiPolygon<f64>,
    area: f64,
    /// Whether that is all of it: of others it is not known whether they are still there.
    whole: bool,
}

/// Says of each building how it agrees with the footprints.
pub fn compare(
    mut buildings: Vec<Feature>,
    path: &Path,
    closing: &mut Closing<'_>,
) -> Result<Vec<Feature>, Fault> {
    let given = given(path, closing)?;
    let shapes: Vec<Option<(MultiPolygon<f64>, Rect<f64>)>> =
        buildings.iter().map(|feature| shape_of(&feature.geometry)).collect();
    let grid = Squares::new(&shapes);
    let mut held: Vec<Vec<usize>> = vec![Vec::new(); buildings.len()];
    let mut gone = Vec::new();
    for (index, footprint) in given.iter().enumerate() {
        let mut best: Option<(f64, usize)> = None;
        let mut covered = 0.0;
        for building in grid.near(&footprint.bounds) {
            let Some((shape, _)) = &shapes[building] else { continue };
            let share = shape.intersection(&footprint.seen).unsigned_area() / footprint.area;
            covered += share;
            if share > best.map_or(0.0, |best| best.0) {
                best = Some((share, building));
            }
        }
        match best {
            Some((share, building)) if share >= BELONGS => held[building].push(index),
            _ if covered < GONE && footprint.whole => gone.push(index),
            _ => {}
        }
    }
    for ((feature, shape), held) in buildings.iter_mut().zip(&shapes).zip(&held) {
        if let Some((shape, _)) = shape {
            settle(feature, shape, &held.iter().map(|&index| &given[index]).collect::<Vec<_>>());
        }
    }
    tell(&buildings, &given, &gone, path, closing);
    Ok(buildings)
}

/// Writes the columns `status`, `reference`, `overlap` and `year`, and takes a footprint over.
fn settle(feature: &mut Feature, shape: &MultiPolygon<f64>, held: &[&Given]) {
    let column = |name: &str| BUILDINGS.columns.iter().position(|column| column.name == name);
    let mut set = |name: &str, value: Value| {
        if let Some(place) = column(name).and_then(|at| feature.values.get_mut(at)) {
            *place = value;
        }
    };
    if held.is_empty() {
        set("status", Value::Text("new".to_owned()));
        return;
    }
    let united = |of: fn(&Given) -> &MultiPolygon<f64>| {
        held.iter().skip(1).fold(of(held[0]).clone(), |sum, given| sum.union(of(given)))
    };
    let (united, seen) = (united(|given| &given.shape), united(|given| &given.seen));
    let overlap = shape.intersection(&seen).unsigned_area() / shape.union(&seen).unsigned_area();
    let ids: Vec<&str> = held.iter().map(|given| given.id.as_str()).collect();
    set("reference", Value::Text(ids.join(";")));
    set("overlap", Value::Real((overlap * 1000.0).round() / 1000.0));
    let dated = held.iter().filter(|given| given.year.is_some());
    if let Some(year) = dated.max_by(|a, b| a.area.total_cmp(&b.area)).and_then(|given| given.year) {
        set("year", Value::Integer(year));
    }
    if overlap >= SAME {
        set("status", Value::Text("taken_over".to_owned()));
        set("area", Value::Real((united.unsigned_area() * 10.0).round() / 10.0));
        feature.geometry = match &united.0[..] {
            [only] => Geometry::Polygon(only.clone()),
            _ => Geometry::MultiPolygon(united),
        };
    } else {
        set("status", Value::Text("corrected".to_owned()));
    }
}

/// The polygons of a file that lie in the data, with their ids, in the CRS of the run.
fn given(path: &Path, closing: &Closing<'_>) -> Result<Vec<Given>, Fault> {
    let source = Source::open(path)?;
    let layer = source.find(None)?;
    let (layer, _) = source.read(layer, Some(&closing.data))?;
    match &layer.crs {
        Some(crs) if crs.same_horizontal(closing.crs) => {}
        Some(crs) => return Err(crs.mismatch(closing.crs, path)),
        None => {
            let path = path.display();
            return Err(fault!(
                fr: "{path} n'a pas de CRS : ajoutez-le (fichier .prj, ou ogr2ogr -a_srs) et relancez.",
                en: "{path} has no CRS: add it (a .prj file, or ogr2ogr -a_srs) and run again.",
            ));
        }
    }
    let name = IDS.into_iter().find_map(|name| layer.field(name));
    let dated = YEARS.into_iter().find_map(|name| layer.field(name));
    let Extent { west, south, east, north } = closing.data;
    let data = MultiPolygon::from(Rect::new((west, south), (east, north)).to_polygon());
    let mut given = Vec::new();
    for (number, feature) in layer.features.into_iter().enumerate() {
        let Some((shape, bounds)) = shape_of(&feature.geometry) else { continue };
        let whole = within(&bounds, closing);
        let seen = if whole { shape.clone() } else { shape.intersection(&data) };
        let area = seen.unsigned_area();
        let id = match name.and_then(|at| feature.values.get(at)) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Integer(number)) => number.to_string(),
            _ => (number + 1).to_string(),
        };
        if area > 0.0 {
            let year = dated.and_then(|at| feature.values.get(at)).and_then(year_of);
            given.push(Given { id, year, shape, bounds, seen, area, whole });
        }
    }
    Ok(given)
}

/// The year of a date (`1975-01-01`, `1975/01/01 00:00:00`) or of a number.
fn year_of(value: &Value) -> Option<i64> {
    let year = match value {
        Value::Text(text) => {
            let digits =
                text.trim().get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
            digits.and_then(|digits| digits.parse().ok())
        }
        other => other.number().filter(|number| number.fract() == 0.0).map(|number| number as i64),
    };
    year.filter(|year| (1000..=2100).contains(year))
}

/// Whether a footprint lies wholly in the data.
fn within(bounds: &Rect<f64>, closing: &Closing<'_>) -> bool {
    let data = &closing.data;
    bounds.min().x >= data.west
        && bounds.min().y >= data.south
        && bounds.max().x <= data.east
        && bounds.max().y <= data.north
}

fn shape_of(geometry: &Geometry<f64>) -> Option<(MultiPolygon<f64>, Rect<f64>)> {
    let shape = match geometry {
        Geometry::Polygon(polygon) => MultiPolygon(vec![polygon.clone()]),
        Geometry::MultiPolygon(shape) => shape.clone(),
        _ => return None,
    };
    let bounds = shape.bounding_rect()?;
    Some((shape, bounds))
}

/// Buildings by squares of fifty metres.
struct Squares(std::collections::BTreeMap<(i64, i64), Vec<usize>>);

impl Squares {
    fn new(shapes: &[Option<(MultiPolygon<f64>, Rect<f64>)>]) -> Squares {
        let mut squares: std::collections::BTreeMap<(i64, i64), Vec<usize>> = Default::default();
        for (index, shape) in shapes.iter().enumerate() {
            for square in shape.iter().flat_map(|(_, bounds)| Squares::of(bounds)) {
                squares.entry(square).or_default().push(index);
            }
        }
        Squares(squares)
    }

    fn of(bounds: &Rect<f64>) -> impl Iterator<Item = (i64, i64)> + use<> {
        let at = |value: f64| (value / 50.0).floor() as i64;
        let (low, high) = (bounds.min(), bounds.max());
        let (rows, cols) = (at(low.y)..=at(high.y), at(low.x)..=at(high.x));
        rows.flat_map(move |row| cols.clone().map(move |col| (row, col)))
    }

    fn near(&self, bounds: &Rect<f64>) -> Vec<usize> {
        let mut near: Vec<usize> =
            Squares::of(bounds).filter_map(|square| self.0.get(&square)).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        near
    }
}

fn tell(buildings: &[Feature], given: &[Given], gone: &[usize], path: &Path, closing: &mut Closing<'_>) {
    let status = BUILDINGS.columns.iter().position(|column| column.name == "status");
    let count = |wanted: &str| {
        let of = |feature: &&Feature| {
            status.and_then(|at| feature.values.get(at)).and_then(Value::text) == Some(wanted)
        };
        buildings.iter().filter(of).count()
    };
    let (taken, corrected, new) = (count("taken_over"), count("corrected"), count("new"));
    let (total, lost, path) = (given.len(), gone.len(), path.display());
    let mut names: Vec<&str> = gone.iter().map(|&index| given[index].id.as_str()).collect();
    names.sort_unstable();
    let more = if names.len() > NAMED { ", …" } else { "" };
    let names = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    closing.remarks.push(text!(
        fr: "{path} : {total} emprises dans les données ; bâtiments repris {taken}, corrigés {corrected}, nouveaux {new} ; emprises disparues {lost} ({names}{more})",
        en: "{path}: {total} footprints in the data; buildings taken over {taken}, corrected {corrected}, new {new}; footprints gone {lost} ({names}{more})",
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::crs::Crs;
    use crate::formats::vector::{Field, FieldKind, Layer, encode_gpkg};
    use geo::{Polygon, Translate, polygon};
    use ilot_kernels::points::Lattice;

    fn square(x: f64, y: f64) -> Polygon<f64> {
        let square = polygon![(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)];
        square.translate(700_000.0 + x, 6_600_000.0 + y)
    }

    fn building(x: f64, y: f64) -> Feature {
        let values = BUILDINGS.columns.iter().map(|_| Value::Null).collect();
        Feature { geometry: Geometry::Polygon(square(x, y)), values }
    }

    #[test]
    fn each_building_and_each_footprint_has_its_fate() {
        let crs = Crs::from_user("EPSG:2154").unwrap();
        let names = ["same", "shifted", "left", "right", "gone", "beyond", "half"];
        let date = |name: &str| match name {
            "same" => Value::Text("1975/01/01 00:00:00".to_owned()),
            "shifted" => Value::Text("12".to_owned()),
            "right" => Value::Text("1998-05-31".to_owned()),
            _ => Value::Null,
        };
        let places =
            [(0.2, 0.0), (33.0, 0.0), (60.0, 0.0), (70.0, 0.0), (100.0, 50.0), (195.0, 0.0), (195.0, 50.0)];
        let features = names.iter().zip(places).map(|(name, (x, y))| Feature {
            geometry: Geometry::Polygon(square(x, y)),
            values: vec![Value::Text((*name).to_owned()), date(name)],
        });
        let field = |name: &str| Field { name: name.to_owned(), kind: FieldKind::Text };
        let fields = vec![field("cleabs"), field("DATE_APP")];
        let layer = Layer { crs: Some(crs.clone()), fields, features: features.collect() };
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("v.gpkg");
        std::fs::write(&path, encode_gpkg(&[("v", &layer)]).unwrap()).unwrap();
        let data = Extent { west: 700_000.0, south: 6_600_000.0, east: 700_200.0, north: 6_600_100.0 };
        let lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 0, y0: 0 };
        let mut closing = Closing { lattice, data, crs: &crs, remarks: Vec::new() };
        let mut row = building(60.0, 0.0);
        row.geometry = Geometry::Polygon(
            polygon![(x: 700_060.0, y: 6_600_000.0), (x: 700_080.0, y: 6_600_000.0), (x: 700_080.0, y: 6_600_010.0), (x: 700_060.0, y: 6_600_010.0)],
        );
        let mut cut = building(0.0, 0.0);
        cut.geometry = Geometry::Polygon(
            polygon![(x: 700_195.0, y: 6_600_050.0), (x: 700_200.0, y: 6_600_050.0), (x: 700_200.0, y: 6_600_060.0), (x: 700_195.0, y: 6_600_060.0)],
        );
        let mine = vec![building(0.0, 0.0), building(30.0, 0.0), row, building(150.0, 50.0), cut];
        let done = compare(mine, &path, &mut closing).unwrap();
        let of = |name: &str| {
            let at = BUILDINGS.columns.iter().position(|column| column.name == name).unwrap();
            done.iter().map(|feature| feature.values[at].clone()).collect::<Vec<_>>()
        };
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(of("status"), ["taken_over", "corrected", "taken_over", "new", "taken_over"].map(text));
        let references = [text("same"), text("shifted"), text("left;right"), Value::Null, text("half")];
        assert_eq!(of("reference"), references);
        // 9.8 × 10 shared of 10.2 × 10, and 7 of 13; of the last one the half in the data.
        let overlaps = [0.961, 0.538, 1.0].map(Value::Real);
        assert_eq!(of("overlap")[..3], overlaps);
        assert_eq!(of("overlap")[3..], [Value::Null, Value::Real(1.0)]);
        let years = [Value::Integer(1975), Value::Null, Value::Integer(1998), Value::Null, Value::Null];
        assert_eq!(of("year"), years);
        assert_eq!(done[0].geometry, Geometry::Polygon(square(0.2, 0.0)));
        let remark = &closing.remarks[0].en;
        assert!(remark.contains("7 footprints") && remark.contains("footprints gone 1 (gone)"), "{remark}");
    }
}
