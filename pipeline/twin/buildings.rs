//! Buildings of a tile → closed solids, as meshes that carry what is known of them and as CityJSON features.
//!
//! In: the layer `buildings`, the points of roofs, the terrain, and maps of what lies around. Out: for each building that the
//! tile owns (the middle of its bounds lies in it) a solid (`ilot_kernels::solid`: planes of the roof where they fit, a
//! block elsewhere, `lod` says which) that stands on the lowest ground under it; a mesh for 3D Tiles, and a line of a
//! CityJSON text sequence (CityJSON 2.0.1, CityJSONSeq) of the very same solid.
//!
//! Fails where: the ground under a building is not known; it is left out and told.

use super::mesh::{Kind, Mesh, Said, Thing, shaded};
use crate::formats::vector::{Feature, Layer, Value};
use geo::Geometry;
use ilot_kernels::extent::Extent;
use ilot_kernels::grid::Grid;
use ilot_kernels::grid::Sample;
use ilot_kernels::solid::{self, Outline, Solid, SolidParams, Surface};
use ilot_kernels::unit::Metres;
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};

const fn number(name: &'static str, meaning: &'static str) -> Said {
    Said { name, text: false, meaning }
}

const fn text(name: &'static str, meaning: &'static str) -> Said {
    Said { name, text: true, meaning }
}

/// What is said of a building; the first ones are those of the layer, if it has them.
pub const KIND: Kind = Kind {
    class: "building",
    said: &[
        text("id", "Place of the northernmost point: kilometre, then decimetres"),
        number("height_eaves", "Height of the eaves (flat: of the roof) above the lowest ground, m"),
        number("height_ridge", "Height of the ridge above the lowest ground, m"),
        number("z_ground", "Elevation of the lowest ground, m"),
        number("z_eaves", "Elevation of the eaves, m"),
        number("z_ridge", "Elevation of the ridge, m"),
        text("roof", "flat or pitched"),
        number("slope", "Median slope of the faces, degrees"),
        number("aspect", "Where the largest face looks to, degrees clockwise from north"),
        number("area", "Area of the roof seen from the sky, m²"),
        number("confidence", "Share of the outline that points confirm, %"),
        text("reference", "Ids of the given footprints that it covers"),
        number("year", "Year of building, where the given footprints know it"),
        text("lod", "Level of detail: 2.2 planes of the roof, 1.2 block"),
        number("roof_fit", "Share of the points of the roof within 0.2 m of the planes found"),
        number("volume", "Volume of the solid, m³"),
        number("roof_area", "Area of the faces of the roof, m²"),
        number("imperviousness", "Mean sealed share within 50 m, %"),
        number("heat_night", "Mean warmth of nights on its place, K above the country"),
    ],
    error: 48.0,
    largest: 250,
};

/// The CityJSON features of a tile, in its folder.
pub const CITY: &str = "buildings.city.jsonl";

/// Columns that come from the layer.
const OF_LAYER: usize = 13;

/// How far around a building the ground is looked at, metres.
const AROUND: f64 = 50.0;

/// What lies around the buildings of a tile.
pub struct Surroundings<'a> {
    /// The terrain.
    pub terrain: Option<&'a Grid<f32>>,
    /// Sealed share, %.
    pub imperviousness: Option<&'a Grid<f32>>,
    /// Warmth of nights, K.
    pub heat: Option<&'a Grid<f32>>,
}

/// The buildings of a tile.
#[derive(Debug, Default)]
pub struct Made {
    /// As they are drawn.
    pub things: Vec<Thing>,
    /// As CityJSON features, a line each, sorted by id.
    pub city: String,
    /// Number with planes of the roof.
    pub detailed: usize,
    /// Number left out since their ground is not known.
    pub groundless: usize,
}

/// A building as it is drawn, its solid, and the origin of this.
type Raised = (Thing, Solid, [f64; 3]);

/// The bounds of a building.
pub fn bounds(feature: &Feature) -> Option<Extent> {
    let rect = geo::BoundingRect::bounding_rect(&feature.geometry)?;
    Some(Extent { west: rect.min().x, south: rect.min().y, east: rect.max().x, north: rect.max().y })
}

/// Makes the solids of `owned` features of a layer from the sorted points of roofs.
pub fn made(layer: &Layer, owned: &[&Feature], points: &[[f64; 3]], around: &Surroundings<'_>) -> Made {
    let columns: Vec<Option<usize>> =
        KIND.said[..OF_LAYER].iter().map(|said| layer.field(said.name)).collect();
    let boxes = Boxes::new(points);
    let each = |feature: &&Feature| -> Vec<Option<Raised>> {
        let polygons: Vec<geo::Polygon> = match &feature.geometry {
            Geometry::Polygon(polygon) => vec![polygon.clone()],
            Geometry::MultiPolygon(many) => many.0.clone(),
            _ => Vec::new(),
        };
        polygons.iter().map(|polygon| building(feature, polygon, &columns, &boxes, around)).collect()
    };
    let mut made = Made::default();
    let all: Vec<Vec<Option<Raised>>> = owned.par_iter().map(each).collect();
    let mut lines: Vec<(String, String)> = Vec::new();
    for (part, found) in all.into_iter().flat_map(|parts| parts.into_iter().enumerate()) {
        let Some((thing, solid, origin)) = found else {
            made.groundless += 1;
            continue;
        };
        made.detailed += usize::from(solid.detail == solid::Detail::Lod22);
        let id = thing.values[0].text().unwrap_or_default();
        let id = if part == 0 { id.to_owned() } else { format!("{id}-{part}") };
        lines.push((id.clone(), city(&id, &thing.values, &solid, origin)));
        made.things.push(thing);
    }
    lines.sort();
    made.city = lines.into_iter().map(|(_, line)| line + "\n").collect();
    made
}

fn building(
    feature: &Feature,
    polygon: &geo::Polygon,
    columns: &[Option<usize>],
    boxes: &Boxes<'_>,
    around: &Surroundings<'_>,
) -> Option<Raised> {
    let mut values: Vec<Value> =
        columns.iter().map(|column| column.map_or(Value::Null, |at| feature.values[at].clone())).collect();
    let extent = bounds(&Feature { geometry: polygon.clone().into(), values: Vec::new() })?;
    let ground = values[3].number().or_else(|| lowest(around.terrain?, polygon, &extent))?;
    let origin = [extent.west.floor(), extent.south.floor(), 0.0];
    let ring = |line: &geo::LineString| -> Vec<[f64; 2]> {
        line.coords().map(|at| [at.x - origin[0], at.y - origin[1]]).collect()
    };
    let rings: Vec<Vec<[f64; 2]>> =
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect();
    let points: Vec<[f64; 3]> =
        boxes.within(&extent).map(|[x, y, z]| [x - origin[0], y - origin[1], z]).collect();
    let top = values[4]
        .number()
        .zip(values[5].number())
        .map_or(ground + 3.0, |(eaves, ridge)| (eaves + ridge) / 2.0);
    let outline = Outline { rings: &rings, points: &points, ground, top };
    let solid = solid::solid(&outline, &SolidParams::default())?;
    let rounded = |value: f64, unit: f64| Value::Real((value * unit).round() / unit);
    let mean = |grid: Option<&Grid<f32>>, reach: f64| {
        grid.and_then(|grid| mean(grid, &extent.padded(Metres(reach))))
            .map_or(Value::Null, |mean| rounded(mean, 100.0))
    };
    values.extend([
        Value::Text(solid.detail.name().to_owned()),
        solid.fitted.map_or(Value::Null, |share| rounded(share, 1000.0)),
        rounded(solid.volume(), 10.0),
        rounded(solid.area(Surface::Roof), 10.0),
        mean(around.imperviousness, AROUND),
        mean(around.heat, 0.0),
    ]);
    let at = [(extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0];
    let mesh = mesh(&solid, origin, values[6].text() == Some("flat"));
    Some((Thing { at, size: solid.volume(), mesh, values }, solid, origin))
}

/// The lowest terrain on an outline.
fn lowest(terrain: &Grid<f32>, polygon: &geo::Polygon, _: &Extent) -> Option<f64> {
    let heights = polygon.exterior().coords().filter_map(|at| {
        let (row, col) = terrain.frame().locate(at.x, at.y)?;
        Some(terrain.at(row, col)).filter(|height| !height.is_missing())
    });
    heights.reduce(f32::min).map(f64::from)
}

/// The mean of the cells whose centre an extent holds, or of the one in its middle.
fn mean(grid: &Grid<f32>, extent: &Extent) -> Option<f64> {
    let frame = grid.frame();
    let cell = frame.cell.0;
    let range = |from: f64, to: f64, most: usize| {
        let first = (from / cell - 0.5).ceil().clamp(0.0, most as f64) as usize;
        first..((to / cell - 0.5).floor() + 1.0).clamp(first as f64, most as f64) as usize
    };
    let (mut sum, mut count) = (0.0, 0);
    for row in range(frame.north - extent.north, frame.north - extent.south, frame.rows) {
        for col in range(extent.west - frame.west, extent.east - frame.west, frame.cols) {
            let value = grid.at(row, col);
            if !value.is_missing() {
                (sum, count) = (sum + f64::from(value), count + 1);
            }
        }
    }
    if count > 0 {
        return Some(sum / f64::from(count));
    }
    let (x, y) = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
    let (row, col) = frame.locate(x, y)?;
    Some(grid.at(row, col)).filter(|value| !value.is_missing()).map(f64::from)
}

/// Colours in sRGB.
const WALL: [u8; 3] = [224, 216, 200];
const TILES: [u8; 3] = [186, 104, 76];
const FLAT: [u8; 3] = [158, 158, 154];

fn mesh(solid: &Solid, origin: [f64; 3], flat: bool) -> Mesh {
    let mut mesh = Mesh::default();
    for face in solid.faces.iter().filter(|face| face.surface != Surface::Ground) {
        let colour = match (face.surface, flat) {
            (Surface::Roof, true) => FLAT,
            (Surface::Roof, false) => TILES,
            _ => WALL,
        };
        let first = mesh.vertices.len() as u32;
        let ring: Vec<u32> = face.rings.iter().flatten().copied().collect();
        let colour = shaded(colour, normal(face, solid));
        let place = |vertex: &u32| {
            let at = solid.vertices[*vertex as usize];
            (std::array::from_fn(|i| at[i] + origin[i]), colour)
        };
        mesh.vertices.extend(ring.iter().map(place));
        let corner =
            |vertex: u32| first + ring.iter().position(|own| *own == vertex).map_or(0, |at| at as u32);
        mesh.triangles.extend(face.triangles.iter().map(|corners| corners.map(corner)));
    }
    mesh
}

/// The way a face looks: from its largest triangle.
fn normal(face: &solid::Face, solid: &Solid) -> [f64; 3] {
    let of = |corners: &[u32; 3]| -> [f64; 3] {
        let [a, b, c] = corners.map(|vertex| solid.vertices[vertex as usize]);
        let (u, v): ([f64; 3], [f64; 3]) =
            (std::array::from_fn(|i| b[i] - a[i]), std::array::from_fn(|i| c[i] - a[i]));
        [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    };
    let size = |n: &[f64; 3]| n.iter().map(|part| part * part).sum::<f64>();
    face.triangles.iter().map(of).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or([0.0, 0.0, 1.0])
}

/// A line of a CityJSON text sequence.
fn city(id: &str, values: &[Value], solid: &Solid, origin: [f64; 3]) -> String {
    let mut attributes = Map::new();
    for (said, value) in KIND.said.iter().zip(values).skip(1) {
        let value = match value {
            Value::Null => continue,
            Value::Integer(value) => json!(value),
            Value::Real(value) => json!(value),
            Value::Text(value) if value.is_empty() => continue,
            Value::Text(value) => json!(value),
        };
        let _ = attributes.insert(said.name.to_owned(), value);
    }
    let surfaces = [Surface::Ground, Surface::Wall, Surface::Roof];
    let kinds: Vec<usize> = solid
        .faces
        .iter()
        .map(|face| surfaces.iter().position(|own| *own == face.surface).unwrap_or(0))
        .collect();
    let boundaries: Vec<Json> = solid.faces.iter().map(|face| json!(face.rings)).collect();
    let whole = |value: f64| (value * 1000.0).round() as i64;
    let vertices: Vec<[i64; 3]> =
        solid.vertices.iter().map(|at| std::array::from_fn(|i| whole(at[i] + origin[i]))).collect();
    json!({
        "type": "CityJSONFeature", "id": id,
        "CityObjects": { id: {
            "type": "Building", "attributes": attributes,
            "geometry": [{
                "type": "Solid", "lod": solid.detail.name(), "boundaries": [boundaries],
                "semantics": {
                    "surfaces": [{ "type": "GroundSurface" }, { "type": "WallSurface" }, { "type": "RoofSurface" }],
                    "values": [kinds],
                },
            }],
        } },
        "vertices": vertices,
    })
    .to_string()
}

/// The first line of a CityJSON text sequence: whole millimetres of a CRS.
pub fn head(reference: &str) -> String {
    let head = json!({
        "type": "CityJSON", "version": "2.0",
        "transform": { "scale": [0.001, 0.001, 0.001], "translate": [0.0, 0.0, 0.0] },
        "metadata": { "referenceSystem": reference, "title": concat!("ilot ", env!("CARGO_PKG_VERSION")) },
        "CityObjects": {}, "vertices": [],
    });
    head.to_string() + "\n"
}

/// Points by boxes of 16 m, to find those of a building.
struct Boxes<'a> {
    points: &'a [[f64; 3]],
    boxes: std::collections::BTreeMap<(i64, i64), Vec<u32>>,
}

/// Side of a box, metres.
const BOX: f64 = 16.0;

impl<'a> Boxes<'a> {
    fn new(points: &'a [[f64; 3]]) -> Boxes<'a> {
        let mut boxes: std::collections::BTreeMap<(i64, i64), Vec<u32>> = std::collections::BTreeMap::new();
        for (index, point) in points.iter().enumerate() {
            let key = ((point[1] / BOX).floor() as i64, (point[0] / BOX).floor() as i64);
            boxes.entry(key).or_default().push(index as u32);
        }
        Boxes { points, boxes }
    }

    fn within(&self, extent: &Extent) -> impl Iterator<Item = [f64; 3]> + '_ {
        let line = |value: f64| (value / BOX).floor() as i64;
        let (first, last) = (line(extent.west), line(extent.east));
        let rows = line(extent.south)..=line(extent.north);
        rows.flat_map(move |row| self.boxes.range((row, first)..=(row, last)))
            .flat_map(|(_, indices)| indices)
            .map(|index| self.points[*index as usize])
    }
}
