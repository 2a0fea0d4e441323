//! Maps of the report: a picture, communes drawn over it, a scale, the north, a legend in words.
//!
//! In: a raster that is there; out: a figure of HTML that needs nothing else. Fails where: a file is damaged.

use crate::formats::vector::Source;
use crate::measures::sensors::page::both;
use crate::measures::sensors::plot::escape;
use crate::product::{self, Spec, Style, Words};
use crate::publish::inventory::{Held, Inventory};
use crate::publish::picture::{Picture, base64, draw};
use crate::publish::sheets::{Doubt, doubt};
use crate::style::{Mark, legend};
use crate::text;
use crate::text::{Fault, Text};
use geo::{BoundingRect, Geometry, LineString, Polygon, Simplify};
use std::fmt::Write as _;

/// Layers that hold the outlines of communes, the first that is there.
const OUTLINES: [&str; 4] = ["cover_zones", "heat_zones", "zan_flux", "zan_state"];
/// Outlines that are drawn at most: beyond, they hide the map.
const MOST: usize = 400;

/// Outlines in the CRS of the rasters.
pub fn outlines(inventory: &Inventory) -> Vec<Polygon<f64>> {
    let there = OUTLINES.iter().find(|name| inventory.has(&format!("{name}.gpkg")));
    let Some(name) = there else { return Vec::new() };
    let read = || -> Option<Vec<Polygon<f64>>> {
        let source = Source::open(&inventory.out.join(format!("{name}.gpkg"))).ok()?;
        let (layer, _) = source.read(0, None).ok()?;
        if !layer.crs.as_ref().is_some_and(|crs| crs.same_horizontal(&inventory.crs)) {
            return None;
        }
        Some(layer.features.into_iter().take(MOST).flat_map(|feature| polygons(feature.geometry)).collect())
    };
    read().unwrap_or_default()
}

fn polygons(geometry: Geometry<f64>) -> Vec<Polygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(all) => all.0,
        _ => Vec::new(),
    }
}

/// The figure of one band of a raster.
///
/// # Errors
/// Where a file cannot be read.
pub fn figure(inventory: &Inventory, held: &Held, outlines: &[Polygon<f64>]) -> Result<String, Fault> {
    let marks = legend(held.spec, held.spread);
    let picture = draw(&inventory.out, held.spec, 0, held.spread)?;
    let map = map(&picture, outlines, held.spec.title.fr);
    let band = if held.bands.len() > 1 {
        format!(" <small>({})</small>", both(&held.band(0)))
    } else {
        String::new()
    };
    let (title, meaning) = (both(&held.spec.title.text()), both(&held.spec.meaning.text()));
    let sure = both(&sure(held.spec));
    Ok(format!(
        "<figure class=\"map\"><h3>{title}{band}</h3>{map}{}<figcaption>{meaning} <em>{sure}</em></figcaption></figure>",
        key(held.spec, &marks)
    ))
}

/// How sure a map is, in a sentence.
fn sure(spec: &Spec) -> Text {
    match doubt(spec.name) {
        Doubt::HalfOf(other, level) => {
            let Words { fr, en } = title_of(other);
            text!(
                fr: "Intervalle à {level} % de chaque cellule : carte « {fr} ».",
                en: "Interval at {level} % of each cell: map \"{en}\".",
            )
        }
        Doubt::ChanceOf(other) => {
            let Words { fr, en } = title_of(other);
            text!(
                fr: "Chance que chaque cellule soit juste : carte « {fr} ».",
                en: "Chance that each cell is right: map \"{en}\".",
            )
        }
        Doubt::HalfBand(band, level) => text!(
            fr: "Intervalle à {level} % de chaque cellule : bande {band} du fichier.",
            en: "Interval at {level} % of each cell: band {band} of the file.",
        ),
        Doubt::Said(words) => {
            Text { fr: format!("{}.", capital(words.fr)), en: format!("{}.", capital(words.en)) }
        }
        Doubt::Unknown => Text::default(),
    }
}

fn title_of(product: &str) -> Words {
    product::named(product).map_or(Words { fr: "", en: "" }, |spec| spec.title)
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn key(spec: &Spec, marks: &[Mark]) -> String {
    if matches!(spec.style, Style::Shade) {
        return String::new();
    }
    let mut html = "<ul class=\"key\">".to_owned();
    for mark in marks.iter().filter(|mark| !mark.label.fr.is_empty()) {
        let ([r, g, b], alpha) = (mark.colour, f64::from(mark.alpha) / 255.0);
        let _ = write!(
            html,
            "<li><i style=\"background:rgba({r},{g},{b},{alpha:.2})\"></i>{}</li>",
            both(&mark.label)
        );
    }
    html + "</ul>"
}

/// The picture with what lies over it.
fn map(picture: &Picture, outlines: &[Polygon<f64>], title: &str) -> String {
    let (width, height) = (picture.size.0 as f64, picture.size.1 as f64);
    let extent = picture.extent;
    let scale = width / (extent.east - extent.west);
    let place = |x: f64, y: f64| ((x - extent.west) * scale, (extent.north - y) * scale);
    let mut paths = String::new();
    let push = |ring: &LineString<f64>, paths: &mut String| {
        for (at, point) in ring.0.iter().enumerate() {
            let (x, y) = place(point.x, point.y);
            let _ = write!(paths, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
        }
        paths.push('Z');
    };
    for polygon in outlines.iter().filter(|polygon| polygon.bounding_rect().is_some()) {
        let simple = polygon.simplify(0.4 / scale);
        push(simple.exterior(), &mut paths);
        simple.interiors().iter().for_each(|ring| push(ring, &mut paths));
    }
    let (bar, words) = bar(extent.east - extent.west);
    let (long, y) = (bar * scale, height - 14.0);
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\"><image width=\"{width}\" height=\"{height}\" \
         href=\"data:image/png;base64,{}\"/><path class=\"zone\" d=\"{paths}\"/><g class=\"scale\"><path d=\"M12 {y}v6h{long:.1}v-6\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{words}</text></g><g class=\"north\" transform=\"translate({:.1} 24)\">\
         <path d=\"M0 -16L7 10L0 5L-7 10Z\"/><text y=\"26\" text-anchor=\"middle\">N</text></g></svg>",
        escape(title),
        base64(&picture.bytes),
        12.0 + long / 2.0,
        y - 5.0,
        width - 20.0
    )
}

/// A round length of some fifth of the width, and its words.
fn bar(metres: f64) -> (f64, String) {
    let power = 10f64.powf((metres / 4.0).log10().floor());
    let length = [5.0, 2.0, 1.0].map(|factor| factor * power).into_iter().find(|it| *it <= metres / 4.0);
    let length = length.unwrap_or(power);
    (length, if length >= 1000.0 { format!("{} km", length / 1000.0) } else { format!("{length} m") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_round_and_fits() {
        assert_eq!(bar(500.0), (100.0, "100 m".to_owned()));
        assert_eq!(bar(25_000.0), (5000.0, "5 km".to_owned()));
    }
}
