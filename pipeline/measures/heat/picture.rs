//! The map on the page: what a reader without a GIS sees first.
//!
//! In: the map's cells at a coarser step, kept while its tiles are drawn, and the stations; out: an SVG with its legend, and a sentence on how
//! far the map goes and how sure it is. Colours are those of the map's own style, in whole steps of K, so that night and day
//! compare; where the model may not speak nothing is drawn. Fails nowhere. Cost: milliseconds.

use super::{Half, Study, map};
use crate::measures::sensors::page::both;
use crate::measures::sensors::plot::escape;
use crate::product::{Stop, Style};
use crate::text;
use crate::text::Text;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
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

/// Every so many cells of every so many rows of a map.
pub(super) struct Look {
    frame: Frame,
    stride: usize,
    cols: usize,
    warmth: Vec<f32>,
    widths: Vec<f32>,
}

impl Look {
    /// A look at a map of this frame, nothing seen yet.
    pub(super) fn new(frame: Frame) -> Look {
        let stride = frame.rows.max(frame.cols).div_ceil(SIDE).max(1);
        let seen = |length: usize| (stride / 2..length).step_by(stride).count();
        let (rows, cols) = (seen(frame.rows), seen(frame.cols));
        let none = vec![f32::NAN; rows * cols];
        Look { frame, stride, cols, warmth: none.clone(), widths: none }
    }

    /// Keeps what a tile shows of it.
    pub(super) fn take(&mut self, warmth: &Grid<f32>, widths: &Grid<f32>) {
        let tile = *warmth.frame();
        let Some((north, west)) = self.frame.offset_of(&tile) else { return };
        let (stride, middle) = (self.stride, self.stride / 2);
        let places = |from: usize, length: usize| {
            let first = from.saturating_sub(middle).div_ceil(stride);
            let places = (first..).map(move |place| (place, place * stride + middle));
            places.take_while(move |(_, at)| *at < from + length)
        };
        for (row, at) in places(north, tile.rows) {
            for (col, beside) in places(west, tile.cols) {
                self.warmth[row * self.cols + col] = warmth.at(at - north, beside - west);
                self.widths[row * self.cols + col] = widths.at(at - north, beside - west);
            }
        }
    }
}

/// The picture of a half's map; none where no cell has a value.
pub(super) fn of(study: &Study, half: &Half, look: &Look) -> Option<String> {
    let known = |values: &[f32]| {
        values.iter().filter(|value| value.is_finite()).map(|value| f64::from(*value)).collect::<Vec<f64>>()
    };
    let (mut values, mut widths) = (known(&look.warmth), known(&look.widths));
    if values.is_empty() {
        return None;
    }
    let (low, high) = (quantile(&mut values, 0.05), quantile(&mut values, 0.95));
    let range = (quantile(&mut values, 0.0), quantile(&mut values, 1.0));
    let step = STEPS.into_iter().find(|step| (range.1 - range.0) / step < CLASSES).unwrap_or(2.0);
    let spread = spread((low, high), quantile(&mut widths, 0.5), half.rows.len());
    let picture = draw(study, half, look, step);
    Some(format!("<p>{}</p>{picture}{}", both(&spread), legend(half, step, range)))
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

fn draw(study: &Study, half: &Half, look: &Look, step: f64) -> String {
    let frame = &look.frame;
    let (across, down) = (frame.cols as f64 * frame.cell.0, frame.rows as f64 * frame.cell.0);
    let scale = WIDEST / across.max(down);
    let (width, height) = (across * scale, down * scale);
    let cell = look.stride as f64 * frame.cell.0 * scale;
    let stops = stops(half);
    let mut out = format!(
        "<svg viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"map\"><rect width=\"100%\" height=\"100%\" fill=\"#b5b5b2\"/>"
    );
    for (row, values) in look.warmth.chunks(look.cols).enumerate() {
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
        let (fill, name, shown) = (colour(stops, warmth), escape(&entry.name), text::number(warmth, 1));
        let _ = write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{fill}\" stroke=\"#1d2733\"><title>{name} : {shown} K</title></circle>"
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
        let decimals = if step == 0.25 { 2 } else { 1 };
        let (from, to) = (text::number(from, decimals), text::number(to, decimals));
        let words = Text { fr: format!("{} à {}", from.fr, to.fr), en: format!("{} to {}", from.en, to.en) };
        let _ = write!(
            out,
            "<span style=\"white-space:nowrap\"><span style=\"display:inline-block;width:1em;height:.8em;background:{fill};border:1px solid #9aa7b5\"></span> {}</span> &nbsp; ",
            both(&words)
        );
    }
    let note = text!(
        fr: "K d'écart à la référence. Ronds : les stations et ce qu'elles ont mesuré. Gris : aucun capteur dans un lieu semblable, le modèle n'y dit rien.",
        en: "K of difference from the reference. Dots: the stations and what they measured. Grey: no sensor at a place alike, the model says nothing there.",
    );
    out + "<br>" + &both(&note) + "</p>"
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
