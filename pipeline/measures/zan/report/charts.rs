//! Bars as SVG: gains and losses by category, consumption by year.

use super::facts::{Enaf, Flux};
use super::words::{category, hectares, shown};
use crate::text;
use std::fmt::Write as _;

/// What was artificialised and given back, by category of what is or was artificialised; nothing where nothing changed.
pub fn balance(flux: &Flux) -> Option<String> {
    let gained = |number: u8| {
        flux.moves.iter().filter(|((_, to), _)| *to == number).map(|(_, area)| area).sum::<f64>()
    };
    let lost = |number: u8| {
        flux.moves.iter().filter(|((from, _), _)| *from == number).map(|(_, area)| area).sum::<f64>()
    };
    let rows: Vec<(u8, f64, f64)> = (1..=5).map(|number| (number, gained(number), lost(number))).collect();
    let most = rows.iter().flat_map(|row| [row.1, row.2]).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let (middle, reach, high) = (430.0, 190.0, 26.0);
    let mut svg =
        format!("<svg viewBox=\"0 0 700 {}\" role=\"img\" class=\"bars\">", 30.0 + high * 5.0 + 6.0);
    let (given, taken) = (
        text!(fr: "désartificialisé, ha", en: "given back, ha"),
        text!(fr: "artificialisé, ha", en: "artificialised, ha"),
    );
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"14\" text-anchor=\"end\" class=\"loss\">{}</text><text x=\"{}\" y=\"14\" class=\"gain\">{}</text>",
        middle - 8.0,
        shown(&given),
        middle + 8.0,
        shown(&taken)
    );
    for (place, (number, gain, loss)) in rows.iter().enumerate() {
        let y = 24.0 + place as f64 * high;
        let (right, left) = (gain / most * reach, loss / most * reach);
        let _ = write!(svg, "<text x=\"0\" y=\"{:.1}\">{}</text>", y + 14.0, shown(&category(*number)));
        let _ = write!(
            svg,
            "<rect x=\"{:.2}\" y=\"{y:.1}\" width=\"{left:.2}\" height=\"18\" class=\"loss\"/><rect x=\"{middle}\" y=\"{y:.1}\" width=\"{right:.2}\" height=\"18\" class=\"gain\"/>",
            middle - left
        );
        if *gain > 0.0 {
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" class=\"value\">{}</text>",
                middle + right + 5.0,
                y + 13.5,
                hectares(*gain)
            );
        }
        if *loss > 0.0 {
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" class=\"value\">{}</text>",
                middle - left - 5.0,
                y + 13.5,
                hectares(*loss)
            );
        }
    }
    let _ = write!(
        svg,
        "<line x1=\"{middle}\" x2=\"{middle}\" y1=\"20\" y2=\"{:.1}\" class=\"axis\"/></svg>",
        26.0 + high * 5.0
    );
    Some(svg)
}

/// Consumption by year, and what the law allows on average in the years of the target.
pub fn years(enaf: &Enaf) -> Option<String> {
    let most = enaf.series.iter().map(|(_, area)| *area).fold(0.0, f64::max);
    if enaf.series.len() < 2 || most <= 0.0 {
        return None;
    }
    let step = 690.0 / enaf.series.len() as f64;
    let base = 130.0;
    let mut svg = "<svg viewBox=\"0 0 700 150\" role=\"img\" class=\"bars\">".to_owned();
    for (place, (year, area)) in enaf.series.iter().enumerate() {
        let (x, tall) = (5.0 + place as f64 * step, area / most * 105.0);
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" class=\"gain\"/>",
            base - tall,
            step * 0.78
        );
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" class=\"value\">{}</text>",
            x + step * 0.39,
            base - tall - 4.0,
            hectares(*area)
        );
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"145\" text-anchor=\"middle\">{}</text>",
            x + step * 0.39,
            crate::measures::sensors::plot::escape(year)
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// A bar that fills: consumed of what is allowed.
pub fn gauge(share: f64) -> String {
    let width = (share / 100.0).clamp(0.0, 1.5) / 1.5 * 700.0;
    let limit = 700.0 / 1.5;
    let class = if share > 100.0 { "gain" } else { "calm" };
    format!(
        "<svg viewBox=\"0 0 700 26\" role=\"img\" class=\"bars\"><rect x=\"0\" y=\"4\" width=\"700\" height=\"14\" class=\"track\"/>\
         <rect x=\"0\" y=\"4\" width=\"{width:.1}\" height=\"14\" class=\"{class}\"/><line x1=\"{limit:.1}\" x2=\"{limit:.1}\" y1=\"0\" y2=\"22\" class=\"limit\"/></svg>"
    )
}
