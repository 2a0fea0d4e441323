//! Values → the colours of a product's style, as places in a palette of 256.
//!
//! In: the style that the registry declares, and the range over which a run has spread it. Out: a palette whose first place
//! is transparent, and the place of each value. A ramp shares the palette out by how far its colours are apart: no channel
//! is off by more than one step of 255 there. A shade, which styles multiply over what lies below, is black whose opacity
//! is what it darkens: laid over a colour, that is the same product.
//!
//! Fails where: a value that no class has is transparent, as in QGIS. Cost: 2 ns a value.

use crate::product::{Spec, Style};
use crate::style::{SHADES, legend};

/// Red, green, blue, opacity.
pub type Rgba = [u8; 4];

/// A style at work.
pub struct Paint {
    palette: Vec<Rgba>,
    rule: Rule,
}

enum Rule {
    Classes(Vec<(f32, u8)>),
    /// Value at the start, places per unit, first place.
    Ramp {
        starts: Vec<f32>,
        slopes: Vec<f32>,
        firsts: Vec<f32>,
        last: u8,
    },
    Shade,
}

/// Places of a palette beside the transparent one.
const PLACES: f64 = 255.0;

impl Paint {
    /// The style of a product, spread over what a run found.
    pub fn of(spec: &Spec, spread: Option<(f64, f64)>) -> Paint {
        let stops: Vec<(f64, Rgba)> =
            legend(spec, spread).iter().map(|mark| (mark.value, mark.rgba())).collect();
        match spec.style {
            Style::Shade => Paint::shade(),
            Style::Classes(_) => Paint::classes(&stops),
            Style::Ramp(_) | Style::Stretched(_) => Paint::ramp(&stops),
        }
    }

    fn shade() -> Paint {
        Paint { palette: (0..=255).map(|opacity| [0, 0, 0, opacity]).collect(), rule: Rule::Shade }
    }

    fn classes(stops: &[(f64, Rgba)]) -> Paint {
        let palette = std::iter::once([0; 4]).chain(stops.iter().map(|stop| stop.1)).collect();
        let places = stops.iter().zip(1_u8..).map(|(stop, place)| (stop.0 as f32, place)).collect();
        Paint { palette, rule: Rule::Classes(places) }
    }

    fn ramp(stops: &[(f64, Rgba)]) -> Paint {
        if let [(value, colour)] = stops {
            return Paint::ramp(&[(*value, *colour), (value + 1.0, *colour)]);
        }
        let apart = |pair: &[(f64, Rgba)]| {
            let channels = pair[0].1.iter().zip(&pair[1].1).map(|(a, b)| a.abs_diff(*b));
            f64::from(channels.max().unwrap_or(0)).max(1.0)
        };
        let distances: Vec<f64> = stops.windows(2).map(apart).collect();
        let room = PLACES - 1.0 - distances.len() as f64;
        let scale = (room / distances.iter().sum::<f64>()).min(1.0);
        let mut palette = vec![[0; 4], stops[0].1];
        let (mut starts, mut slopes, mut firsts) = (Vec::new(), Vec::new(), Vec::new());
        for (pair, distance) in stops.windows(2).zip(distances) {
            let steps = (distance * scale).ceil();
            starts.push(pair[0].0 as f32);
            slopes.push((steps / (pair[1].0 - pair[0].0)) as f32);
            firsts.push((palette.len() - 1) as f32);
            let mix = |step: f64, channel: usize| {
                let (a, b) = (f64::from(pair[0].1[channel]), f64::from(pair[1].1[channel]));
                (a + (b - a) * step / steps).round() as u8
            };
            let colours = (1..=steps as usize).map(|step| std::array::from_fn(|c| mix(step as f64, c)));
            palette.extend(colours);
        }
        let last = (palette.len() - 1) as u8;
        Paint { palette, rule: Rule::Ramp { starts, slopes, firsts, last } }
    }

    /// The palette; its first colour is transparent.
    pub fn palette(&self) -> &[Rgba] {
        &self.palette
    }

    /// Whether values are classes, between which there is nothing.
    pub fn is_classes(&self) -> bool {
        matches!(self.rule, Rule::Classes(_))
    }

    /// The place of a value in the palette; 0 for none.
    pub fn place(&self, value: f32) -> u8 {
        if value.is_nan() {
            return 0;
        }
        match &self.rule {
            Rule::Classes(places) => {
                places.iter().find(|(class, _)| *class == value).map_or(0, |(_, place)| *place)
            }
            Rule::Ramp { starts, slopes, firsts, last } => {
                let segment = starts[1..].iter().take_while(|start| **start <= value).count();
                let place = firsts[segment] + (value - starts[segment]) * slopes[segment];
                place.round().clamp(1.0, f32::from(*last)) as u8
            }
            Rule::Shade => {
                let (low, high) = (SHADES.0 as f32, SHADES.1 as f32);
                255 - ((value - low) / (high - low) * 255.0).round().clamp(0.0, 255.0) as u8
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product;

    /// The colour of a value as QGIS computes it: linear between stops.
    fn drawn(stops: &[(f64, Rgba)], value: f64) -> [f64; 4] {
        let last = stops.len() - 1;
        if last == 0 {
            return stops[0].1.map(f64::from);
        }
        let value = value.clamp(stops[0].0, stops[last].0);
        let at = stops[1..last].iter().take_while(|stop| stop.0 <= value).count();
        let share = (value - stops[at].0) / (stops[at + 1].0 - stops[at].0);
        std::array::from_fn(|c| {
            f64::from(stops[at].1[c]) + (f64::from(stops[at + 1].1[c]) - f64::from(stops[at].1[c])) * share
        })
    }

    #[test]
    fn every_ramp_of_the_registry_is_drawn_to_one_step_of_255() {
        for spec in product::all() {
            let paint = Paint::of(spec, Some((3.0, 77.0)));
            assert!(paint.palette().len() <= 256, "{}: {}", spec.name, paint.palette().len());
            if !matches!(spec.style, Style::Ramp(_) | Style::Stretched(_)) {
                continue;
            }
            let stops: Vec<(f64, Rgba)> =
                legend(spec, Some((3.0, 77.0))).iter().map(|mark| (mark.value, mark.rgba())).collect();
            let (low, high) = (stops[0].0, stops[stops.len() - 1].0);
            for step in -10..=1010 {
                let value = low + (high - low) * f64::from(step) / 1000.0;
                let colour = paint.palette()[usize::from(paint.place(value as f32))];
                for (have, want) in colour.iter().zip(drawn(&stops, value)) {
                    assert!((f64::from(*have) - want).abs() <= 1.8, "{} at {value}: {colour:?}", spec.name);
                }
            }
        }
    }

    #[test]
    fn classes_have_their_own_colours_and_others_none() {
        let paint = Paint::of(&product::COVER.spec, None);
        let Style::Classes(stops) = product::COVER.spec.style else { panic!("cover has classes") };
        for stop in stops {
            let [r, g, b, _] = paint.palette()[usize::from(paint.place(stop.value as f32))];
            assert_eq!([r, g, b], stop.colour);
        }
        assert_eq!((paint.place(f32::NAN), paint.place(99.0)), (0, 0));
    }

    #[test]
    fn a_shade_over_a_colour_is_their_product() {
        let paint = Paint::of(&product::HILLSHADE.spec, None);
        assert_eq!(paint.palette()[usize::from(paint.place(SHADES.0 as f32))], [0, 0, 0, 255]);
        assert_eq!(paint.palette()[usize::from(paint.place(SHADES.1 as f32))], [0, 0, 0, 0]);
    }
}
