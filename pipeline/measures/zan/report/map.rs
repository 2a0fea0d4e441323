//! A map of a commune with what changed, as SVG.
//!
//! In: the outline and the layer of changes; out: one picture, lines simplified to a third of a pixel, the outline cutting
//! what lies beyond. The largest [`MOST`] changes are drawn; the rest is counted. Cost: the vertices.

use super::facts::Commune;
use super::words::{number, shown};
use crate::formats::vector::Value;
use crate::measures::zan::tables::Sheet;
use crate::text;
use geo::{BoundingRect, Geometry, Intersects, LineString, Polygon, Rect, Simplify};
use std::fmt::Write as _;

/// Changes that are drawn at most.
const MOST: usize = 2000;
const WIDTH: f64 = 700.0;
const TALLEST: f64 = 560.0;
const MARGIN: f64 = 8.0;
/// Height of the strip below that holds the scale.
const SCALE: f64 = 28.0;

/// From metres to pixels.
struct View {
    west: f64,
    north: f64,
    scale: f64,
    height: f64,
}

impl View {
    fn of(bounds: Rect<f64>) -> Option<View> {
        let (wide, tall) = (bounds.width(), bounds.height());
        if !(wide > 0.0 && tall > 0.0) {
            return None;
        }
        let scale = ((WIDTH - 2.0 * MARGIN) / wide).min((TALLEST - 2.0 * MARGIN) / tall);
        let west = bounds.min().x - ((WIDTH / scale - wide) / 2.0);
        Some(View {
            west,
            north: bounds.max().y + MARGIN / scale,
            scale,
            height: tall * scale + 2.0 * MARGIN,
        })
    }

    fn push(&self, path: &mut String, ring: &LineString<f64>) {
        for (place, at) in ring.0.iter().enumerate() {
            let (x, y) = ((at.x - self.west) * self.scale, (self.north - at.y) * self.scale);
            let _ = write!(path, "{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' });
        }
        path.push('Z');
    }

    /// A geometry as a path, simplified.
    fn path(&self, geometry: &Geometry<f64>) -> String {
        let mut path = String::new();
        for polygon in polygons(geometry) {
            let simple: Polygon<f64> = polygon.simplify(0.33 / self.scale);
            // What is too small for its own simplification is drawn as it is.
            let drawn = if simple.exterior().0.len() < 4 { polygon } else { &simple };
            self.push(&mut path, drawn.exterior());
            drawn.interiors().iter().for_each(|ring| self.push(&mut path, ring));
        }
        path
    }
}

fn polygons(geometry: &Geometry<f64>) -> Vec<&Polygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(all) => all.0.iter().collect(),
        Geometry::GeometryCollection(parts) => parts.0.iter().flat_map(polygons).collect(),
        _ => Vec::new(),
    }
}

/// A change that touches the commune: its row, whether it is a gain, its area on the map.
pub struct Change {
    /// Row of the layer.
    pub row: usize,
    /// Artificialised, or given back.
    pub gain: bool,
    /// Of the whole polygon, m².
    pub area: f64,
}

/// The changes that touch a commune, largest first.
pub fn changes(commune: &Commune, sheet: Option<&Sheet>) -> Vec<Change> {
    let (Some(sheet), Some(shape)) = (sheet, &commune.shape) else { return Vec::new() };
    let column = |name: &str| sheet.columns.iter().find(|column| column.name == name);
    let (Some(kind), Some(area)) = (column("change"), column("area_m2")) else { return Vec::new() };
    let Some(bounds) = shape.bounding_rect() else { return Vec::new() };
    let touches = |geometry: &Geometry<f64>| {
        geometry.bounding_rect().is_some_and(|own| own.intersects(&bounds)) && geometry.intersects(shape)
    };
    let mut all: Vec<Change> = (0..sheet.shapes.len())
        .filter(|&row| touches(&sheet.shapes[row]))
        .map(|row| Change {
            row,
            gain: matches!(&kind.values[row], Value::Text(word) if word == "gain"),
            area: area.values[row].number().unwrap_or(0.0),
        })
        .collect();
    all.sort_by(|a, b| b.area.total_cmp(&a.area).then(a.row.cmp(&b.row)));
    all
}

/// The map; nothing without an outline.
pub fn draw(commune: &Commune, sheet: Option<&Sheet>, changes: &[Change]) -> Option<String> {
    let shape = commune.shape.as_ref()?;
    let view = View::of(shape.bounding_rect()?)?;
    let outline = view.path(shape);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" class=\"map\"><clipPath id=\"c\"><path d=\"{outline}\" clip-rule=\"evenodd\"/></clipPath><path d=\"{outline}\" class=\"land\"/><g clip-path=\"url(#c)\">",
        view.height + SCALE
    );
    for change in changes.iter().take(MOST) {
        let Some(shape) = sheet.and_then(|sheet| sheet.shapes.get(change.row)) else { continue };
        let class = if change.gain { "gain" } else { "loss" };
        let _ = write!(svg, "<path d=\"{}\" class=\"{class}\"/>", view.path(shape));
    }
    let _ = write!(svg, "</g><path d=\"{outline}\" class=\"outline\"/>{}</svg>", scale(&view));
    Some(svg)
}

/// A bar of a round length, and the north.
fn scale(view: &View) -> String {
    let wanted = 120.0 / view.scale;
    let power = 10f64.powf(wanted.log10().floor());
    let length = [5.0, 2.0, 1.0]
        .into_iter()
        .map(|step| step * power)
        .find(|length| *length <= wanted)
        .unwrap_or(power);
    let (x, y, wide) = (8.0, view.height + SCALE - 4.0, length * view.scale);
    let label = if length >= 1000.0 {
        format!("{} km", number(length / 1000.0, 0))
    } else {
        format!("{} m", number(length, 0))
    };
    format!(
        "<path d=\"M{x} {}V{y}H{:.1}V{}\" class=\"scale\"/><text x=\"{x}\" y=\"{:.1}\">{label}</text><path d=\"M688 12l6 16-6-4-6 4z\" class=\"north\"/><text x=\"688\" y=\"40\" text-anchor=\"middle\">N</text>",
        y - 5.0,
        x + wide,
        y - 5.0,
        y - 9.0
    )
}

/// What the map shows, in words.
pub fn legend(changes: &[Change]) -> String {
    let (gain, loss) =
        (text!(fr: "artificialisé", en: "artificialised"), text!(fr: "désartificialisé", en: "given back"));
    let mut legend = format!(
        "<p class=\"key\"><i class=\"gain\"></i>{} <i class=\"loss\"></i>{}",
        shown(&gain),
        shown(&loss)
    );
    let count = changes.len();
    if count > MOST {
        let more = text!(fr: "les {MOST} plus grands changements sur {count} sont dessinés", en: "the largest {MOST} of {count} changes are drawn");
        let _ = write!(legend, " · {}", shown(&more));
    }
    legend + "</p>"
}
