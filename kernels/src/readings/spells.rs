//! Nights and days of a series: their extremes, means and sums.
//!
//! In: one series, and spells as ranges of steps; out: a figure per spell, missing where too few readings are left.
//! Fails nowhere. Cost: a nanosecond a reading.

use std::ops::Range;

/// What is known of one spell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spell {
    /// Smallest reading.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Mean of all.
    pub mean: f64,
}

/// A spell of which nothing is known.
pub const UNKNOWN: Spell = Spell { min: f64::NAN, max: f64::NAN, mean: f64::NAN };

/// Figures of each spell in which at least a share of `least` of the steps is known.
pub fn spells(values: &[f64], ranges: &[Range<usize>], least: f64) -> Vec<Spell> {
    ranges.iter().map(|range| spell(&values[range.clone()], least)).collect()
}

fn spell(values: &[f64], least: f64) -> Spell {
    let known = values.iter().filter(|value| !value.is_nan());
    let count = known.clone().count();
    if count == 0 || (count as f64) < least * values.len() as f64 {
        return UNKNOWN;
    }
    Spell {
        min: known.clone().copied().fold(f64::INFINITY, f64::min),
        max: known.clone().copied().fold(f64::NEG_INFINITY, f64::max),
        mean: known.sum::<f64>() / count as f64,
    }
}

/// Degree-hours above a base: `Σ max(T − base, 0) Δt`, K h, over what is known, and the share of the steps that is.
pub fn degree_hours(values: &[f64], ranges: &[Range<usize>], base: f64, step: i64) -> (f64, f64) {
    let steps = ranges.iter().flat_map(|range| &values[range.clone()]);
    let (sum, known, all) = steps.fold((0.0, 0_usize, 0_usize), |(sum, known, all), value| {
        if value.is_nan() {
            (sum, known, all + 1)
        } else {
            (sum + (value - base).max(0.0), known + 1, all + 1)
        }
    });
    (sum * step as f64 / 3600.0, known as f64 / all as f64)
}

/// Marks the days of heat waves: `run` days in a row whose mean minimum and mean maximum both reach their thresholds.
pub fn heat_wave_days(min: &[f64], max: &[f64], thresholds: (f64, f64), run: usize) -> Vec<bool> {
    let mut marked = vec![false; min.len()];
    for start in 0..(min.len() + 1).saturating_sub(run) {
        let mean = |values: &[f64]| values[start..start + run].iter().sum::<f64>() / run as f64;
        if mean(min) >= thresholds.0 && mean(max) >= thresholds.1 {
            marked[start..start + run].fill(true);
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "one spell of two steps")]
    fn spells_have_their_extremes_and_incomplete_ones_none() {
        let values = [3.0, 1.0, 2.0, f64::NAN, 5.0, f64::NAN];
        let found = spells(&values, &[0..3, 2..5, 3..6], 0.6);
        assert_eq!(found[0], Spell { min: 1.0, max: 3.0, mean: 2.0 });
        assert_eq!(found[1], Spell { min: 2.0, max: 5.0, mean: 3.5 });
        assert!(found[2].min.is_nan());
        assert_eq!(degree_hours(&values, &[0..2], 2.0, 1800), (0.5, 1.0));
    }

    #[test]
    fn three_hot_days_in_a_row_are_a_wave_and_missing_days_break_it() {
        let min = [18.0, 19.0, 20.0, 15.0, 20.0, f64::NAN, 20.0];
        let max = [33.0, 34.0, 35.0, 25.0, 35.0, 36.0, 36.0];
        let marked = heat_wave_days(&min, &max, (19.0, 34.0), 3);
        assert_eq!(marked, [true, true, true, false, false, false, false]);
        assert_eq!(heat_wave_days(&min[..2], &max[..2], (1.0, 1.0), 3), [false, false]);
    }
}
