//! The map on the page: what a reader without a GIS sees first.
//!
//! In: a finished map, read cell by cell at a coarser step, and the stations; out: an SVG with its legend, and a sentence on how
//! far the map goes and how sure it is. Colours are those of the map's own style, in whole steps of K, so that night and day
//! compare; where the model may not speak nothing is drawn. Fails where: the map cannot be read back. Cost: one pass over
//! the rows that are looked at.

use super::{Half, Study, map};
use crate::formats::raster::read::Raster;
use crate::measures::sensors::output::Output;
use crate::measures::sensors::page::both;
use crate::measures::sensors::plot::escape;
use crate::product::{Stop, Style};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::frame::Frame;
use ilot_kernels::robust::quantile;
use std::fmt::Write as _;

/// Cells of the picture along its longer side.
const SIDE: usize = 200;
/// Its width at most, pixels, and its height.
const WIDEST: f64 = 640.0;
/// Steps between classes, K.
const STEPS: [f64; 5] = [0.1, 0.2, 0.25, 0.5, 1.0];
/// Most classes of a legend.
const CLASSES: f64 = 12.0;

/// Cells that are looked at.
struct Looked {
    stride: usize,
    cols: usize,
    values: Vec<f32>,
}

/// The picture of a half's map, where there is one.
pub(super) fn of(study: &Study, half: &Half, store: &Output) -> Result<Option<String>, Fault> {
    let [warmth, width] = map::specs(half.part).map(|spec| format!("{}.vrt", spec.name));
    if !store.wrote(&warmth) {
        return Ok(None);
    }
    let raster = Raster::open(&store.out().join(warmth))?;
    let (frame, looked) = (*raster.frame(), looked(&raster)?);
    let known = |values: &[f32]| {
        values.iter().filter(|value| value.is_finite()).map(|value| f64::from(*value)).collect::<Vec<f64>>()
    };
    let mut values = known(&looked.values);
    let mut widths = known(&self::looked(&Raster::open(&store.out().join(width))?)?.values);
    if values.is_empty() {
        return Ok(None);
    }
    let (low, high) = (quantile(&mut values, 0.05), quantile(&mut values, 0.95));
    let range = (quantile(&mut values, 0.0), quantile(&mut values, 1.0));
    let step = STEPS.into_iter().find(|step| (range.1 - range.0) / step < CLASSES).unwrap_or(2.0);
    let spread = spread((low, high), quantile(&mut widths, 0.5), half.rows.len());
    let picture = draw(study, half, &frame, &looked, step);
    Ok(Some(format!("<p>{}</p>{picture}{}", both(&spread), legend(half, step, range))))
}

/// How far the map goes and how sure it is, in words.
fn spread((low, high): (f64, f64), width: f64, stations: usize) -> Text {
    let (low, high, apart) = (text::number(low, 1), text::number(high, 1), text::number(high - low, 1));
    let width = text::number(width, 1);
    // The coverage of one town's intervals scatters as a beta distribution of its stations' rank.
    let scatter = 1.645 * (0.09 / (stations as f64 + 2.0)).sqrt();
    let (least, most) = (((0.9 - scatter) * 100.0).round(), ((0.9 + scatter).min(1.0) * 100.0).round());
    Text {
        fr: format!(
            "Les 5 % de lieux les plus frais de la carte sont à {} K au plus, les 5 % les plus chauds à {} K au moins : {} K d'écart. Chaque valeur est donnée à ± {} K près (médiane), pour neuf lieux sur dix en moyenne ; avec {stations} stations, de {least} à {most} % selon les villes.",
            low.fr, high.fr, apart.fr, width.fr
        ),
        en: format!(
            "The coolest 5 % of places on the map are at {} K at most, the warmest 5 % at {} K at least: {} K apart. Each value is given to ± {} K (median), for nine places in ten on average; with {stations} stations, from {least} to {most} % by town.",
            low.en, high.en, apart.en, width.en
        ),
    }
}

/// Every so many cells of every so many rows.
fn looked(raster: &Raster) -> Result<Looked, Fault> {
    let frame = *raster.frame();
    let stride = frame.rows.max(frame.cols).div_ceil(SIDE).max(1);
    let mut values = Vec::new();
    for row in (stride / 2..frame.rows).step_by(stride) {
        let line = Frame { north: frame.north - row as f64 * frame.cell.0, rows: 1, ..frame };
        let cells = raster.read_window::<f32>(0, &line)?;
        values.extend(cells.row(0).iter().skip(stride / 2).step_by(stride));
    }
    let cols = (stride / 2..frame.cols).step_by(stride).count();
    Ok(Looked { stride, cols, values })
}

fn draw(study: &Study, half: &Half, frame: &Frame, looked: &Looked, step: f64) -> String {
    let (across, down) = (frame.cols as f64 * frame.cell.0, frame.rows as f64 * frame.cell.0);
    let scale = WIDEST / across.max(down);
    let (width, height) = (across * scale, down * scale);
    let cell = looked.stride as f64 * frame.cell.0 * scale;
    let stops = stops(half);
    let mut out = format!(
        "<svg viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"map\"><rect width=\"100%\" height=\"100%\" fill=\"#eef1f4\"/>"
    );
    for (row, values) in looked.values.chunks(looked.cols).enumerate() {
        let class = |value: &f32| value.is_finite().then(|| (f64::from(*value) / step).floor() as i64);
        let mut col = 0;
        for run in values.chunk_by(|a, b| class(a) == class(b)) {
            if let Some(class) = class(&run[0]) {
                let colour = colour(stops, (class as f64 + 0.5) * step);
                let (x, y, wide) = (col as f64 * cell, row as f64 * cell, run.len() as f64 * cell + 0.3);
                let _ = write!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>",
                    cell + 0.3
                );
            }
            col += run.len();
        }
    }
    for station in &half.rows {
        let entry = &study.survey.sheet.entries[*station];
        let (x, y) = ((entry.x - frame.west) * scale, (frame.north - entry.y) * scale);
        let warmth = study.observed(*station, half.part);
        let (fill, name, shown) = (colour(stops, warmth), escape(&entry.name), text::number(warmth, 1).en);
        let _ = write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{fill}\" stroke=\"#1d2733\"><title>{name}: {shown} K</title></circle>"
        );
    }
    let length = bar(across);
    let shown = if length >= 1000.0 { format!("{} km", length / 1000.0) } else { format!("{length} m") };
    let (y, end) = (height - 10.0, 10.0 + length * scale);
    let _ = write!(
        out,
        "<path d=\"M10 {y:.1}H{end:.1}\" stroke=\"#1d2733\" stroke-width=\"3\"/><text x=\"10\" y=\"{:.1}\">{shown}</text></svg>",
        y - 6.0
    );
    out
}

/// A round length, at most a quarter of a width.
fn bar(across: f64) -> f64 {
    let power = 10f64.powf((across / 4.0).log10().floor());
    let fits = |factor: &f64| factor * power <= across / 4.0;
    [5.0, 2.0, 1.0].into_iter().find(fits).unwrap_or(1.0) * power
}

fn stops(half: &Half) -> &'static [Stop] {
    match map::specs(half.part)[0].style {
        Style::Ramp(stops) => stops,
        _ => &[],
    }
}

/// The colour of a value between the stops of a style.
fn colour(stops: &[Stop], value: f64) -> String {
    let after = stops.partition_point(|stop| stop.value <= value);
    let (a, b) = (&stops[after.saturating_sub(1)], &stops[after.min(stops.len() - 1)]);
    let share =
        if b.value > a.value { ((value - a.value) / (b.value - a.value)).clamp(0.0, 1.0) } else { 0.0 };
    let mix = |from: u8, to: u8| (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8;
    let [r, g, b] = [0, 1, 2].map(|band: usize| mix(a.colour[band], b.colour[band]));
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn legend(half: &Half, step: f64, (low, high): (f64, f64)) -> String {
    let stops = stops(half);
    let mut out = String::from("<p class=\"note\">");
    for class in (low / step).floor() as i64..=(high / step).floor() as i64 {
        let (from, to) = (class as f64 * step, (class + 1) as f64 * step);
        let fill = colour(stops, from + step / 2.0);
        let (from, to) = (text::number(from, 2), text::number(to, 2));
        let words = Text { fr: format!("{} à {}", from.fr, to.fr), en: format!("{} to {}", from.en, to.en) };
        let _ = write!(
            out,
            "<span style=\"display:inline-block;width:1em;height:.8em;background:{fill};border:1px solid #9aa7b5\"></span> {} &nbsp; ",
            both(&words)
        );
    }
    let note = text!(
        fr: "K d'écart à la référence. Ronds : les stations et ce qu'elles ont mesuré. Gris : aucun capteur dans un lieu semblable, le modèle n'y dit rien.",
        en: "K of difference from the reference. Dots: the stations and what they measured. Grey: no sensor at a place alike, the model says nothing there.",
    );
    out + &both(&note) + "</p>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_style_at_its_stops_and_between() {
        let Style::Ramp(stops) = crate::product::HEAT_NIGHT.spec.style else { panic!("a ramp") };
        assert_eq!(colour(stops, -9.0), "#3154a0");
        assert_eq!(colour(stops, 1.0), "#fef0c9");
        assert_eq!(colour(stops, 1.5), "#fed69d");
        assert_eq!(colour(stops, 40.0), "#961432");
        assert_eq!((bar(10_000.0), bar(400.0)), (2000.0, 100.0));
    }
}
