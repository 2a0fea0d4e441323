//! Maps of others over cells of land cover: footprints of buildings, roads, tracks.
//!
//! In: vector files as BD TOPO has them, brought to the CRS of the clouds. Out: for a tile, the share of each cell that
//! they cover. Roads are lines with a width, or surfaces; ways that are not sealed by their nature (`Chemin`, `Sentier`,
//! `Route empierrée`) are tracks; tunnels are left out. Lines without a width count 4 m, which is told.
//!
//! They are hints, not truth: a map may be metres off and years old. Fails where: a file has no CRS (that of the clouds is
//! assumed, aloud). Cost: the cells that shapes touch.

use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::vector::{Feature, Layer, Source};
use crate::text;
use crate::text::{Fault, Text};
use geo::{BoundingRect, Geometry, LineString, MapCoords, Polygon};
use ilot_kernels::decide::Drawn;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::stamp::{self, Place};
use std::path::Path;

/// Width of a road of which none is said, metres.
const WIDTH: f64 = 4.0;

/// Natures of ways that are not sealed.
const TRACKS: [&str; 3] = ["chemin", "sentier", "route empierrée"];

/// Names of the field of a road's width.
const WIDTHS: [&str; 4] = ["largeur_de_chaussee", "largeur", "width", "largeur_chaussee"];

/// Shapes in the CRS of the clouds.
#[derive(Debug, Default)]
pub struct Shapes {
    buildings: Vec<Shape>,
    roads: Vec<Shape>,
    tracks: Vec<Shape>,
}

/// One shape with its bounds.
#[derive(Debug)]
struct Shape {
    bounds: Extent,
    parts: Vec<Vec<Place>>,
    /// Width of a line; `None` for rings of a polygon.
    width: Option<f64>,
}

impl Shapes {
    /// Reads what is given.
    ///
    /// # Errors
    /// Where a file cannot be read or brought to `crs`.
    pub fn read(
        buildings: Option<&Path>,
        roads: Option<&Path>,
        crs: &Crs,
        extent: &Extent,
        remarks: &mut Vec<Text>,
    ) -> Result<Option<Shapes>, Fault> {
        let mut shapes = Shapes::default();
        if let Some(path) = buildings {
            let layer = layer(path, crs, remarks)?;
            shapes.buildings =
                layer.features.iter().flat_map(|feature| polygons(&feature.geometry)).collect();
            told_if_elsewhere(path, &shapes.buildings, extent, remarks);
        }
        if let Some(path) = roads {
            shapes.read_roads(path, &layer(path, crs, remarks)?, remarks);
            let all: Vec<&Shape> = shapes.roads.iter().chain(&shapes.tracks).collect();
            told_if_elsewhere(path, all, extent, remarks);
        }
        Ok((buildings.is_some() || roads.is_some()).then_some(shapes))
    }

    fn read_roads(&mut self, path: &Path, layer: &Layer, remarks: &mut Vec<Text>) {
        let width = WIDTHS.iter().find_map(|name| layer.field(name));
        let (nature, level) = (layer.field("nature"), layer.field("position_par_rapport_au_sol"));
        let mut unknown = 0;
        for feature in &layer.features {
            let text = |field: Option<usize>| field.and_then(|at| feature.values[at].text()).unwrap_or("");
            let below = level.is_some_and(|at| {
                let value = &feature.values[at];
                value.number().is_some_and(|level| level < 0.0)
                    || value.text().is_some_and(|text| text.starts_with('-'))
            });
            if below {
                continue;
            }
            let nature = text(nature).to_lowercase();
            let list = if TRACKS.contains(&nature.as_str()) { &mut self.tracks } else { &mut self.roads };
            list.extend(polygons(&feature.geometry));
            let said = width.and_then(|at| feature.values[at].number()).filter(|width| *width > 0.0);
            let drawn = lines(&feature.geometry, said.unwrap_or(WIDTH));
            unknown += usize::from(said.is_none() && !drawn.is_empty());
            list.extend(drawn);
        }
        if unknown > 0 {
            let path = path.display();
            remarks.push(text!(
                fr: "{path} : {unknown} routes sans largeur, prises pour {WIDTH} m",
                en: "{path}: {unknown} roads without a width, taken as {WIDTH} m",
            ));
        }
    }

    /// The shares that they cover of the cells of a frame.
    pub fn over(&self, frame: &Frame) -> Grid<Drawn> {
        let (building, road, track) =
            (laid(&self.buildings, frame), laid(&self.roads, frame), laid(&self.tracks, frame));
        let cells = building.cells().iter().zip(road.cells()).zip(track.cells());
        Grid::new(*frame, cells.map(|((&building, &road), &track)| Drawn { building, road, track }).collect())
    }
}

fn laid(shapes: &[Shape], frame: &Frame) -> Grid<f32> {
    let mut shares = Grid::filled(*frame, 0.0);
    let extent = frame.extent();
    for shape in shapes.iter().filter(|shape| shape.bounds.touches(&extent)) {
        match shape.width {
            Some(width) => shape.parts.iter().for_each(|line| stamp::band(&mut shares, line, width)),
            None => {
                let rings: Vec<&[Place]> = shape.parts.iter().map(Vec::as_slice).collect();
                stamp::polygon(&mut shares, &rings);
            }
        }
    }
    shares
}

/// A layer in the CRS of the clouds.
fn layer(path: &Path, crs: &Crs, remarks: &mut Vec<Text>) -> Result<Layer, Fault> {
    let source = Source::open(path)?;
    let (mut layer, tally) = source.read(source.find(None)?, None)?;
    let shown = path.display();
    if tally.invalid > 0 {
        let invalid = tally.invalid;
        remarks.push(text!(
            fr: "{shown} : {invalid} polygones se croisent eux-mêmes, leur intérieur est pris par la règle pair-impair",
            en: "{shown}: {invalid} polygons cross themselves, their inside is taken by the even-odd rule",
        ));
    }
    match layer.crs.clone().filter(|own| !own.name().starts_with("Undefined ")) {
        None => {
            let name = crs.name();
            remarks.push(text!(
                fr: "{shown} ne nomme pas son système de coordonnées : celui des nuages ({name}) est supposé",
                en: "{shown} names no coordinate system: that of the clouds ({name}) is assumed",
            ));
        }
        Some(own) if own.same_horizontal(crs) => {}
        Some(own) => {
            let way = Transform::new(&own, crs)?;
            for feature in &mut layer.features {
                feature.geometry = moved(feature, &way)?;
            }
        }
    }
    Ok(layer)
}

fn moved(feature: &Feature, way: &Transform) -> Result<Geometry<f64>, Fault> {
    feature.geometry.try_map_coords(|at| {
        let (x, y) = way.point(at.x, at.y)?;
        Ok::<_, Fault>(geo::Coord { x, y })
    })
}

fn told_if_elsewhere<'a>(
    path: &Path,
    shapes: impl IntoIterator<Item = &'a Shape>,
    extent: &Extent,
    remarks: &mut Vec<Text>,
) {
    if !shapes.into_iter().any(|shape| shape.bounds.touches(extent)) {
        let path = path.display();
        remarks.push(text!(
            fr: "{path} n'a rien là où sont les nuages : il ne sert à rien ici, vérifiez le fichier et son système de coordonnées",
            en: "{path} has nothing where the clouds are: it is of no use here, check the file and its coordinate system",
        ));
    }
}

fn places(line: &LineString<f64>) -> Vec<Place> {
    line.0.iter().map(|at| (at.x, at.y)).collect()
}

fn shape(parts: Vec<Vec<Place>>, geometry: &Geometry<f64>, width: Option<f64>) -> Option<Shape> {
    let bounds = geometry.bounding_rect()?;
    let reach = width.unwrap_or(0.0);
    let bounds = Extent {
        west: bounds.min().x - reach,
        south: bounds.min().y - reach,
        east: bounds.max().x + reach,
        north: bounds.max().y + reach,
    };
    Some(Shape { bounds, parts, width })
}

fn polygons(geometry: &Geometry<f64>) -> Vec<Shape> {
    let rings = |polygon: &Polygon<f64>| -> Vec<Vec<Place>> {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(places).collect()
    };
    match geometry {
        Geometry::Polygon(polygon) => shape(rings(polygon), geometry, None).into_iter().collect(),
        Geometry::MultiPolygon(many) => {
            let one =
                |polygon: &Polygon<f64>| shape(rings(polygon), &Geometry::Polygon(polygon.clone()), None);
            many.0.iter().filter_map(one).collect()
        }
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(polygons).collect(),
        _ => Vec::new(),
    }
}

fn lines(geometry: &Geometry<f64>, width: f64) -> Vec<Shape> {
    match geometry {
        Geometry::LineString(line) => shape(vec![places(line)], geometry, Some(width)).into_iter().collect(),
        Geometry::MultiLineString(many) => {
            let parts = many.0.iter().map(places).collect();
            shape(parts, geometry, Some(width)).into_iter().collect()
        }
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(|part| lines(part, width)).collect(),
        _ => Vec::new(),
    }
}

/// A file that cannot be hashed.
pub fn unread(path: &Path, why: &std::io::Error) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne peut être lu ({why}) : vérifiez le chemin et vos droits.",
        en: "{path} cannot be read ({why}): check the path and your permissions.",
    )
}
