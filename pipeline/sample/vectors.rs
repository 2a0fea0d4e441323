//! Vector layers of the sample: inputs as a town has them, and the truth of buildings and trees.
//!
//! Names of fields follow BD TOPO, the cadastre and OCS GE. Polygons come from [`super::partition`] (corners in
//! whole millimetres); footprints of buildings are their rectangles. Cost: milliseconds.

use geo::{Geometry, LineString, Point, Polygon};
use std::collections::BTreeSet;

use super::landcover::{COMMUNES, YEARS, codes};
use super::model::Model;
use super::partition::{Area, Partition};
use super::shape::Xy;
use super::town::*;
use super::{SOUTH, WEST};
use crate::formats::crs::Crs;
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value};

/// Fields as name and kind, then features.
fn layer(crs: &Crs, fields: &[(&str, FieldKind)], features: Vec<Feature>) -> Layer {
    let fields = fields.iter().map(|&(name, kind)| Field { name: name.to_string(), kind }).collect();
    Layer { crs: Some(crs.clone()), fields, features }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// A number with two decimals.
fn hundredths(value: f64) -> Value {
    Value::Real((value * 100.0).round() / 100.0)
}

/// A position in Lambert-93, in whole millimetres.
fn lambert(p: Xy) -> (f64, f64) {
    let mm = |v: f64| (v * 1000.0).round();
    ((WEST * 1000.0 + mm(p[0])) / 1000.0, (SOUTH * 1000.0 + mm(p[1])) / 1000.0)
}

fn closed(ring: impl Iterator<Item = Xy>) -> LineString<f64> {
    let mut line: Vec<(f64, f64)> = ring.map(lambert).collect();
    line.extend(line.first().copied());
    LineString::from(line)
}

fn polygon(area: &Area) -> Geometry<f64> {
    let ring = |ring: &Vec<[i64; 2]>| closed(ring.iter().map(|p| p.map(|mm| mm as f64 / 1000.0)));
    let mut rings = area.rings.iter().map(ring);
    let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Geometry::Polygon(Polygon::new(outer, rings.collect()))
}

fn footprint(building: &Building) -> Geometry<f64> {
    let ring = building.footprint.shape().ring;
    Geometry::Polygon(Polygon::new(closed(ring.into_iter()), Vec::new()))
}

/// Lowest and highest ground at the corners of a building.
fn ground(model: &Model, building: &Building) -> (f64, f64) {
    let corners = building.footprint.shape().ring;
    corners
        .iter()
        .map(|&p| model.terrain(p))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |span, z| (span.0.min(z), span.1.max(z)))
}

/// Buildings as in an edition of BD TOPO of the earlier date: younger ones are missing, some are off, some are
/// gone since (these bear numbers from 90,000,000).
pub fn buildings(model: &Model, crs: &Crs) -> Layer {
    use FieldKind::{Integer, Real, Text};
    let standing = model.town.buildings.iter().enumerate();
    let gone = model.town.gone.iter().enumerate().map(|(number, b)| (90_000_000 + number, b, Drawn::Right));
    let drawn = standing.map(|(number, b)| (number, b, b.drawn(number))).chain(gone);
    let features = drawn.filter(|(_, _, drawn)| *drawn != Drawn::Missing).map(|(number, b, drawn)| {
        let (low, high) = ground(model, b);
        let mut moved = b.clone();
        if drawn == Drawn::Off {
            let [x, y] = b.footprint.centre;
            moved.footprint.centre = [x + DRAWN_OFF[0], y + DRAWN_OFF[1]];
        }
        let values = vec![
            text(format!("BATIMENT99{number:014}")),
            text(b.nature),
            text(b.usage),
            text("En service"),
            hundredths(b.eaves - low),
            Value::Integer(i64::from(b.storeys)),
            hundredths(low),
            hundredths(high),
            hundredths(b.eaves),
            hundredths(b.ridge),
            text("1975-01-01"),
        ];
        Feature { geometry: footprint(&moved), values }
    });
    let fields = [
        ("cleabs", Text),
        ("nature", Text),
        ("usage_1", Text),
        ("etat_de_l_objet", Text),
        ("hauteur", Real),
        ("nombre_d_etages", Integer),
        ("altitude_minimale_sol", Real),
        ("altitude_maximale_sol", Real),
        ("altitude_minimale_toit", Real),
        ("altitude_maximale_toit", Real),
        ("date_d_apparition", FieldKind::Date),
    ];
    layer(crs, &fields, features.collect())
}

/// Middle lines of streets as in BD TOPO, with their widths.
pub fn roads(model: &Model, crs: &Crs) -> Layer {
    use FieldKind::{Integer, Real, Text};
    let features = model.town.streets.iter().enumerate().map(|(number, s)| {
        let nature = if s.kind == StreetKind::Country { "Route empierrée" } else { "Route à 1 chaussée" };
        let lanes = if s.kind.carriageway() >= 5.0 { 2 } else { 1 };
        let values = vec![
            text(format!("TRONROUT99{number:014}")),
            text(nature),
            text(s.name.clone()),
            Value::Real(s.kind.carriageway()),
            Value::Real(s.kind.width()),
            Value::Integer(lanes),
            text(if s.bridge { "1" } else { "0" }),
        ];
        let line = LineString::from(vec![lambert(s.from), lambert(s.to)]);
        Feature { geometry: Geometry::LineString(line), values }
    });
    let fields = [
        ("cleabs", Text),
        ("nature", Text),
        ("nom_collaboratif_gauche", Text),
        ("largeur_de_chaussee", Real),
        ("largeur_d_emprise", Real),
        ("nombre_de_voies", Integer),
        ("position_par_rapport_au_sol", Text),
    ];
    layer(crs, &fields, features.collect())
}

/// Parcels as in the cadastre, with a column for public land (services and what has no use): streets and the river have
/// none.
pub fn parcels(model: &Model, partition: &Partition, crs: &Crs) -> Layer {
    let faces = &model.town.faces;
    let joined = partition.joined(|f| faces[f].parcel.map(|parcel| (parcel, faces[f].commune)));
    let open = |face: &&Face| matches!(face.now.usage, Usage::Services | Usage::Unused);
    let public: BTreeSet<usize> = faces.iter().filter(open).filter_map(|face| face.parcel).collect();
    let features = joined.iter().map(|((parcel, commune), area)| {
        let insee = COMMUNES[*commune].0;
        let letter = (b'A' + (parcel / 400 % 26) as u8) as char;
        let (section, number) = (format!("A{letter}"), format!("{:04}", parcel % 400 + 1));
        let contents = area.square_metres().round() as i64;
        let values = vec![
            text(format!("{insee}000{section}{number}")),
            text(insee),
            text(section),
            text(number),
            Value::Integer(contents),
            text(if public.contains(parcel) { "oui" } else { "non" }),
        ];
        Feature { geometry: polygon(area), values }
    });
    let fields = [
        ("idu", FieldKind::Text),
        ("code_insee", FieldKind::Text),
        ("section", FieldKind::Text),
        ("numero", FieldKind::Text),
        ("contenance", FieldKind::Integer),
        ("public", FieldKind::Text),
    ];
    layer(crs, &fields, features.collect())
}

/// The two communes; the middle of the river parts them.
pub fn communes(model: &Model, partition: &Partition, crs: &Crs) -> Layer {
    let joined = partition.joined(|f| Some(model.town.faces[f].commune));
    let features = joined.iter().map(|(commune, area)| {
        let (insee, name) = COMMUNES[*commune];
        Feature { geometry: polygon(area), values: vec![text(insee), text(name)] }
    });
    layer(crs, &[("code_insee", FieldKind::Text), ("nom_officiel", FieldKind::Text)], features.collect())
}

/// Land cover of date 0 or 1 as in OCS GE.
pub fn land_cover(model: &Model, partition: &Partition, crs: &Crs, date: usize) -> Layer {
    let joined = partition.joined(|f| Some(codes(&model.town.faces[f], date)));
    let year = YEARS[date];
    let features = joined.iter().enumerate().map(|(number, ((cover, usage), area))| {
        let values = vec![
            text(format!("OCSGE{year}99{number:09}")),
            text(*cover),
            text(*usage),
            Value::Integer(i64::from(year)),
        ];
        Feature { geometry: polygon(area), values }
    });
    let fields = [
        ("id", FieldKind::Text),
        ("code_cs", FieldKind::Text),
        ("code_us", FieldKind::Text),
        ("millesime", FieldKind::Integer),
    ];
    layer(crs, &fields, features.collect())
}

/// True buildings: footprint, roof, heights.
pub fn true_buildings(model: &Model, crs: &Crs) -> Layer {
    use FieldKind::{Integer, Real, Text};
    let features = model.town.buildings.iter().enumerate().map(|(number, b)| {
        let (low, _) = ground(model, b);
        let half = match b.roof {
            Roof::Gable => b.footprint.depth / 2.0,
            _ => b.footprint.depth.min(b.footprint.width) / 2.0,
        };
        let slope = ((b.ridge - b.eaves) / half).atan().to_degrees();
        let ridge_bearing = 90.0 - b.footprint.axis[1].atan2(b.footprint.axis[0]).to_degrees();
        let values = vec![
            Value::Integer(number as i64),
            text(format!("{:?}", b.roof).to_lowercase()),
            text(format!("{:?}", b.covering).to_lowercase()),
            hundredths(b.footprint.width * b.footprint.depth),
            Value::Real(b.eaves),
            Value::Real(b.ridge),
            hundredths(low),
            hundredths(slope),
            hundredths(ridge_bearing.rem_euclid(180.0)),
            Value::Integer(i64::from(b.old)),
            text(match b.drawn(number) {
                Drawn::Right => "right",
                Drawn::Off => "off",
                Drawn::Missing => "missing",
            }),
        ];
        Feature { geometry: footprint(b), values }
    });
    let fields = [
        ("id", Integer),
        ("roof", Text),
        ("covering", Text),
        ("area", Real),
        ("z_eaves", Real),
        ("z_ridge", Real),
        ("z_ground", Real),
        ("slope", Real),
        ("bearing", Real),
        ("in_2018", Integer),
        ("bdtopo", Text),
    ];
    layer(crs, &fields, features.collect())
}

/// True trees (3 m and more): stem, crown and heights.
pub fn true_trees(model: &Model, crs: &Crs) -> Layer {
    use FieldKind::{Integer, Real, Text};
    let trees = model.crowns.iter().filter(|c| c.is_tree());
    let features = trees.enumerate().map(|(number, c)| {
        let sealed = model.face(c.at).now.ground.sealed();
        let (x, y) = lambert(c.at);
        let values = vec![
            Value::Integer(number as i64),
            text(format!("{:?}", c.shape).to_lowercase()),
            hundredths(c.top - c.foot),
            hundredths(c.base - c.foot),
            hundredths(2.0 * c.radius),
            hundredths(std::f64::consts::PI * c.radius * c.radius),
            hundredths(c.foot),
            Value::Real(c.top),
            Value::Integer(i64::from(sealed)),
        ];
        Feature { geometry: Geometry::Point(Point::new(x, y)), values }
    });
    let fields = [
        ("id", Integer),
        ("shape", Text),
        ("height", Real),
        ("crown_base", Real),
        ("crown_diameter", Real),
        ("crown_area", Real),
        ("z_ground", Real),
        ("z_top", Real),
        ("over_sealed", Integer),
    ];
    layer(crs, &fields, features.collect())
}
