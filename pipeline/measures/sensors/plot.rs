//! Plots as SVG: curves, points, bars.
//!
//! In: numbers; out: an `<svg>` element that needs nothing else. Long series are drawn by the smallest and the largest value
//! of each pixel's column, so that no peak is lost and no file grows with its period. Fails where: nothing is known: an
//! empty frame. Cost: one pass.

use crate::text;
use crate::text::Text;
use std::fmt::Write as _;

/// A frame with its axes.
#[derive(Debug)]
pub struct Plot {
    width: f64,
    height: f64,
    x: (f64, f64),
    y: (f64, f64),
    body: String,
}

const LEFT: f64 = 46.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 8.0;
const RIGHT: f64 = 10.0;

/// The range of the known values, a little wider; 0 to 1 where there is none.
pub fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0);
    }
    let margin = ((high - low) * 0.05).max(1e-3);
    (low - margin, high + margin)
}

impl Plot {
    /// A frame of so many pixels, over these ranges.
    pub fn new(width: f64, height: f64, x: (f64, f64), y: (f64, f64)) -> Plot {
        Plot { width, height, x, y, body: String::new() }
    }

    fn px(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (self.width - LEFT - RIGHT)
    }

    fn py(&self, y: f64) -> f64 {
        self.height - BOTTOM - (y - self.y.0) / (self.y.1 - self.y.0) * (self.height - BOTTOM - TOP)
    }

    /// A curve; missing values break it.
    pub fn curve(&mut self, points: impl Iterator<Item = (f64, f64)>, class: &str) {
        let mut path = String::new();
        let mut pen_up = true;
        for (column, low, high) in self.columns(points) {
            if low.is_nan() {
                pen_up = true;
                continue;
            }
            let command = if pen_up { 'M' } else { 'L' };
            let _ = write!(path, "{command}{column:.1} {:.1}", self.py(high));
            if low < high {
                let _ = write!(path, "L{column:.1} {:.1}", self.py(low));
            }
            pen_up = false;
        }
        let _ = write!(self.body, "<path class=\"{class}\" d=\"{path}\"/>");
    }

    /// The smallest and the largest value in each column of pixels.
    fn columns(&self, points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64, f64)> {
        let mut columns: Vec<(f64, f64, f64)> = Vec::new();
        for (x, y) in points {
            let column = (self.px(x) * 2.0).round() / 2.0;
            match columns.last_mut() {
                Some((last, low, high)) if *last == column => (*low, *high) = (low.min(y), high.max(y)),
                _ => columns.push((column, y, y)),
            }
        }
        columns
    }

    /// Dots.
    pub fn dots(&mut self, points: impl Iterator<Item = (f64, f64)>, radius: f64, class: &str) {
        for (x, y) in points.filter(|(x, y)| x.is_finite() && y.is_finite()) {
            let (x, y) = (self.px(x), self.py(y));
            let _ =
                write!(self.body, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>");
        }
    }

    /// A dot of a colour with a hint.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: &str, hint: &str) {
        let (x, y, hint) = (self.px(x), self.py(y), escape(hint));
        let _ = write!(
            self.body,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" stroke=\"#222\" stroke-width=\".6\"><title>{hint}</title></circle>"
        );
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let ((a, b), (c, d)) = ((self.px(from.0), self.py(from.1)), (self.px(to.0), self.py(to.1)));
        let _ = write!(self.body, "<path class=\"{class}\" d=\"M{a:.1} {b:.1}L{c:.1} {d:.1}\"/>");
    }

    /// A bar from the bottom of the frame, or from 0 where that is within.
    pub fn bar(&mut self, x: (f64, f64), y: f64, class: &str) {
        let base = self.py(self.y.0.max(0.0).min(self.y.1));
        let (left, right, end) = (self.px(x.0), self.px(x.1), self.py(y));
        let (top, height, width) = (end.min(base), (end - base).abs(), (right - left - 1.0).max(0.5));
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    /// Words at a place.
    pub fn words(&mut self, (x, y): (f64, f64), words: &str) {
        let (x, y, words) = (self.px(x) + 10.0, self.py(y) + 3.0, escape(words));
        let _ = write!(self.body, "<text x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>");
    }

    /// Words upright below a place of the x axis.
    pub fn upright(&mut self, x: f64, words: &str) {
        let (x, y, words) = (self.px(x) + 3.5, self.height - BOTTOM + 6.0, escape(words));
        let _ = write!(
            self.body,
            "<text text-anchor=\"end\" transform=\"translate({x:.1} {y:.1}) rotate(-60)\">{words}</text>"
        );
    }

    /// A bar that says how long so many units are, as on a map.
    pub fn scale(&mut self, length: f64, words: &str) {
        let (left, y) = (LEFT + 6.0, self.height - BOTTOM - 8.0);
        let right = left + self.px(self.x.0 + length) - self.px(self.x.0);
        let (middle, words) = ((left + right) / 2.0, escape(words));
        let _ = write!(
            self.body,
            "<path class=\"middle\" d=\"M{left:.1} {y:.1}H{right:.1}\"/><text text-anchor=\"middle\" x=\"{middle:.1}\" y=\"{:.1}\">{words}</text>",
            y - 5.0
        );
    }

    /// The element without axes, as a map.
    pub fn map(&self, title: &Text) -> String {
        let (width, height) = (self.width, self.height);
        let (w, h) = (width - LEFT - RIGHT, height - BOTTOM - TOP);
        format!(
            "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{w}\" height=\"{h}\" fill=\"#f7f9fb\" stroke=\"#dde3ea\"/>{}</svg>",
            escape(&title.to_string()),
            self.body
        )
    }

    /// The element, with ticks; `x_label` words a value of the x axis.
    pub fn svg(&self, title: &Text, unit: &str, x_label: impl Fn(f64) -> Text) -> String {
        let (width, height) = (self.width, self.height);
        let mut out = format!(
            "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
            escape(&title.to_string())
        );
        let (left, right, bottom) = (LEFT, width - RIGHT, height - BOTTOM);
        for value in ticks(self.y, ((height - BOTTOM - TOP) / 34.0) as usize) {
            let y = self.py(value);
            let _ = write!(
                out,
                "<path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/><text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 4.0,
                y + 3.5,
                spoken(&short(value))
            );
        }
        for value in ticks(self.x, ((width - LEFT - RIGHT) / 90.0) as usize) {
            let (x, label) = (self.px(value), x_label(value));
            if label.fr.is_empty() {
                continue;
            }
            let _ = write!(
                out,
                "<path class=\"grid\" d=\"M{x:.1} {TOP}V{bottom}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 14.0,
                spoken(&label)
            );
        }
        let _ = write!(out, "<text class=\"tick\" x=\"4\" y=\"{:.1}\">{}</text>", TOP + 8.0, escape(unit));
        out + &self.body + "</svg>"
    }
}

/// A number without zeros behind, of three decimals at most.
pub fn short(value: f64) -> Text {
    let plain = format!("{value:.3}");
    let places = plain.trim_end_matches('0').split_once('.').map_or(0, |(_, decimals)| decimals.len());
    text::number(value, places)
}

/// A text within a drawing, of which the page shows one language.
fn spoken(Text { fr, en }: &Text) -> String {
    if fr == en {
        return escape(fr);
    }
    format!("<tspan lang=\"fr\">{}</tspan><tspan lang=\"en\">{}</tspan>", escape(fr), escape(en))
}

/// Round values within a range, some `wanted` of them; days where the range is in seconds and long.
fn ticks(range: (f64, f64), wanted: usize) -> Vec<f64> {
    let rough = (range.1 - range.0) / wanted.max(1) as f64;
    let days = rough > 20_000.0 && range.0 > 1e8;
    let (rough, unit) = if days { (rough / 86_400.0, 86_400.0) } else { (rough, 1.0) };
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let step = if days { step.max(1.0).round() } else { step } * unit;
    let first = (range.0 / step).ceil() as i64;
    let last = (range.1 / step).floor() as i64;
    (first..=last).map(|tick| tick as f64 * step).collect()
}

/// Text within XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks((0.3, 5.2), 5), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(ticks((1_657_238_400.0, 1_657_497_600.0), 3).len(), 4);
    }

    #[test]
    fn numbers_are_written_as_the_reader_does() {
        let both = |value: f64| (short(value).fr, short(value).en);
        assert_eq!(both(0.25), ("0,25".to_owned(), "0.25".to_owned()));
        assert_eq!(both(-1.5), ("\u{2212}1,5".to_owned(), "\u{2212}1.5".to_owned()));
        assert_eq!((both(-0.0001).0, both(20.0).0), ("0".to_owned(), "20".to_owned()));
        let drawn = Plot::new(300.0, 120.0, (0.0, 1.0), (0.0, 1.0)).svg(&short(0.0), "K", short);
        assert!(drawn.contains("<tspan lang=\"fr\">0,5</tspan><tspan lang=\"en\">0.5</tspan>"), "{drawn}");
    }

    #[test]
    fn a_peak_within_a_pixel_is_drawn() {
        let mut plot = Plot::new(200.0, 100.0, (0.0, 1e6), (0.0, 10.0));
        plot.curve((0..1_000_000).map(|i| (f64::from(i), if i == 500_000 { 10.0 } else { 1.0 })), "own");
        assert!(plot.body.len() < 10_000 && plot.body.contains(" 8.0"), "{}", plot.body.len());
    }
}
