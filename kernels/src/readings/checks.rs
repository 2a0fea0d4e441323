//! Flags of readings: physical tests, then the levels of CrowdQC+.
//!
//! In: a network, distances between its stations, the sun's height; out: flags per reading. P1 to P4 are in
//! [`super::physical`]. M1: more than one station at a place. M2: distance from the median of all in units of Qn, at mean
//! altitude, against normal or Student quantiles. M3: too few readings of a span passed M2. M4: correlation with the
//! network's median in a span. M5: distance from the median of the neighbours. O1: gaps of one step filled. O2, O3:
//! too little of a day or a span is left (Napoly et al. 2018, 10.3389/feart.2018.00118; Fenner et al. 2021,
//! 10.3389/fenvs.2021.720747; from the formulas, and checked row by row against a run of the authors' package).
//!
//! [`Settings::crowd`] reproduces CrowdQC+, where each level counts against a reading. [`Settings::default`] is for a
//! town's own 20 to 40 sensors: M1, M2, M3 and M5 compare levels between places, and a heat island *is* that difference,
//! so that they call for review and do not reject. Where neighbours are too few, M5 is not checked, never failed.
//! Fails where: what most stations share cannot be seen. Cost: 0.3 µs a reading at 33 stations, most of it Qn.

use super::{DAY, Network, physical};
use crate::dense::Matrix;
use crate::distribution::{normal_quantile, student_quantile};
use crate::robust::{correlation, median, qn};
use rayon::prelude::*;

/// What was found of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u16);

impl Flags {
    /// Out of range.
    pub const P1: Flags = Flags(1);
    /// A jump.
    pub const P2: Flags = Flags(1 << 1);
    /// Frozen.
    pub const P3: Flags = Flags(1 << 2);
    /// The sun on the sensor.
    pub const P4: Flags = Flags(1 << 3);
    /// More than one station at the place.
    pub const M1: Flags = Flags(1 << 4);
    /// Far from the median of all.
    pub const M2: Flags = Flags(1 << 5);
    /// Of a span in which too few passed M2.
    pub const M3: Flags = Flags(1 << 6);
    /// Of a span that does not go with the network.
    pub const M4: Flags = Flags(1 << 7);
    /// Far from its neighbours.
    pub const M5: Flags = Flags(1 << 8);
    /// Filled between its neighbours in time.
    pub const O1: Flags = Flags(1 << 9);
    /// Of a day with too few readings left.
    pub const O2: Flags = Flags(1 << 10);
    /// Of a span with too few readings left.
    pub const O3: Flags = Flags(1 << 11);
    /// M5 could not be checked: too few neighbours.
    pub const ALONE: Flags = Flags(1 << 12);

    /// All flags with their names, in order.
    pub const NAMES: [(Flags, &'static str); 13] = [
        (Flags::P1, "P1"),
        (Flags::P2, "P2"),
        (Flags::P3, "P3"),
        (Flags::P4, "P4"),
        (Flags::M1, "M1"),
        (Flags::M2, "M2"),
        (Flags::M3, "M3"),
        (Flags::M4, "M4"),
        (Flags::M5, "M5"),
        (Flags::O1, "O1"),
        (Flags::O2, "O2"),
        (Flags::O3, "O3"),
        (Flags::ALONE, "M5?"),
    ];

    /// Adds flags.
    pub fn set(&mut self, other: Flags) {
        self.0 |= other.0;
    }

    /// Whether any of these is set.
    pub fn any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    pub const fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// Over what M3, M4 and O3 are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Calendar months, UTC.
    Month,
    /// All of the readings.
    Whole,
}

/// Every threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whether P1 to P4 are tested.
    pub physical: bool,
    /// P1: °C.
    pub range: (f64, f64),
    /// P2: largest change in 10 minutes and in an hour, K.
    pub jumps: (f64, f64),
    /// P3: hours that count as frozen.
    pub frozen_hours: f64,
    /// P3: K within which they are frozen.
    pub frozen_range: f64,
    /// P4: excess of the day over the night, K.
    pub sun_excess: f64,
    /// P4: least correlation with the clear sky's radiation.
    pub sun_correlation: f64,
    /// P4: height of the sun from which it is day, degrees.
    pub sun_height: f64,
    /// P4: days of a window.
    pub sun_days: f64,
    /// M1: most stations at one place.
    pub same_place: usize,
    /// M2: probabilities of the lower and the upper bound.
    pub bounds: (f64, f64),
    /// M2, M5: fall of temperature with height, K/m.
    pub lapse: f64,
    /// M2: Student's distribution in place of the normal one.
    pub student: bool,
    /// M3: share that must pass M2, of the readings or (CrowdQC+) of all steps.
    pub least_valid: f64,
    /// M3: whether the share is of all steps, missing ones too.
    pub of_all_steps: bool,
    /// M4: least correlation.
    pub least_correlation: f64,
    /// M4: pairs below which it is not checked.
    pub least_pairs: usize,
    /// Spans of M3, M4, O3.
    pub span: Span,
    /// M5: how far neighbours are, metres.
    pub radius: f64,
    /// M5: least neighbours with a value.
    pub neighbours: usize,
    /// M5: largest difference of altitude, metres.
    pub rise: f64,
    /// M5: two-sided probability of Student's bound.
    pub alpha: f64,
    /// M5: whether too few neighbours fail the reading (CrowdQC+).
    pub alone_fails: bool,
    /// O1: longest gap filled, steps.
    pub fill: usize,
    /// O2, O3: share that must be left.
    pub least_left: f64,
    /// Flags that count against a reading.
    pub rejecting: Flags,
}

const ALL_P: Flags = Flags(0b1111);
const ALL_M: Flags = Flags(0b1_1111_0000);

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            physical: true,
            range: (-30.0, 50.0),
            jumps: (5.0, 10.0),
            frozen_hours: 6.0,
            frozen_range: 0.1,
            sun_excess: 2.5,
            sun_correlation: 0.5,
            sun_height: 10.0,
            sun_days: 10.0,
            same_place: 1,
            bounds: (0.01, 0.95),
            lapse: 0.0065,
            student: true,
            least_valid: 0.8,
            of_all_steps: false,
            least_correlation: 0.9,
            least_pairs: 24,
            span: Span::Whole,
            radius: 20_000.0,
            neighbours: 5,
            rise: 100.0,
            alpha: 0.1,
            alone_fails: false,
            fill: 1,
            least_left: 0.8,
            rejecting: ALL_P.with(Flags::M4),
        }
    }
}

impl Settings {
    /// As CrowdQC+ has them for hundreds of stations: normal bounds, months, neighbours within 3 km.
    pub fn crowd() -> Settings {
        Settings {
            physical: false,
            student: false,
            least_valid: 0.2,
            of_all_steps: true,
            least_pairs: 0,
            span: Span::Month,
            radius: 3000.0,
            alone_fails: true,
            rejecting: ALL_M,
            ..Settings::default()
        }
    }

    /// P2's limit for a step of so many seconds: between ten minutes and an hour, along the straight line.
    pub fn jump(&self, step: i64) -> f64 {
        let (short, long) = self.jumps;
        let share = ((step - 600) as f64 / 3000.0).clamp(0.0, 1.0);
        // A change in less than ten minutes may be as large as one in ten.
        short + (long - short) * share
    }

    /// Sine of the sun's height from which it is day.
    pub fn day_sine(&self) -> f64 {
        self.sun_height.to_radians().sin()
    }
}

/// What was found of a network.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Per station, per step.
    pub flags: Vec<Vec<Flags>>,
    /// The readings that stand, with O1's fillings, per station and step.
    pub left: Vec<Vec<f64>>,
}

/// Checks all readings: `distance` in metres between stations, `sun` the sine of the sun's height at each step.
pub fn check(network: &Network, distance: &Matrix, sun: &[f64], settings: &Settings) -> Checked {
    let mut flags = vec![vec![Flags::default(); network.steps]; network.stations.len()];
    if settings.physical {
        physical_tests(network, sun, settings, &mut flags);
    }
    let places =
        |own: usize| (0..network.stations.len()).filter(move |other| distance.at(own, *other) < 0.5).count();
    for (own, (station, flags)) in network.stations.iter().zip(&mut flags).enumerate() {
        let known = station.values.iter().any(|value| !value.is_nan());
        if known && places(own) > settings.same_place {
            flags.iter_mut().for_each(|flags| flags.set(Flags::M1));
        }
    }
    levels(network, settings, &mut flags);
    let spans = spans(network, settings.span);
    shares(network, settings, &spans, &mut flags);
    correlations(network, settings, &spans, &mut flags);
    neighbours(network, distance, settings, &mut flags);
    let left = fill_and_count(network, settings, &spans, &mut flags);
    Checked { flags, left }
}

/// The value, unless it is missing or a flag counts against it.
fn alive(value: f64, flags: Flags, settings: &Settings) -> f64 {
    if flags.any(settings.rejecting) { f64::NAN } else { value }
}

/// Medians over the stations at each step, of the readings that still count.
fn medians(network: &Network, settings: &Settings, flags: &[Vec<Flags>], shift: &[f64]) -> Vec<f64> {
    let one = |scratch: &mut Vec<f64>, step: usize| {
        scratch.clear();
        for ((station, flags), shift) in network.stations.iter().zip(flags).zip(shift) {
            let value = alive(station.values[step], flags[step], settings) + shift;
            if !value.is_nan() {
                scratch.push(value);
            }
        }
        median(scratch)
    };
    (0..network.steps).into_par_iter().map_init(Vec::new, one).collect()
}

fn physical_tests(network: &Network, sun: &[f64], settings: &Settings, flags: &mut [Vec<Flags>]) {
    let pairs = network.stations.par_iter().zip(flags.par_iter_mut());
    pairs.for_each(|(station, flags)| physical::flag(network, &station.values, settings, flags));
    let shift = network.to_mean_altitude(settings.lapse);
    let middle = medians(network, settings, flags, &shift);
    let stations = network.stations.par_iter().zip(flags.par_iter_mut()).zip(&shift);
    stations.for_each(|((station, flags), shift)| {
        let residual = (0..network.steps)
            .map(|step| alive(station.values[step], flags[step], settings) + shift - middle[step])
            .collect::<Vec<f64>>();
        physical::sunlit(network, &residual, sun, settings, flags);
    });
}

/// M2's or M5's bounds by number of values.
fn quantiles(most: usize, quantile: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..=most).map(quantile).collect()
}

/// M2.
fn levels(network: &Network, settings: &Settings, flags: &mut [Vec<Flags>]) {
    let shift = network.to_mean_altitude(settings.lapse);
    let bound = |probability: f64| {
        quantiles(network.stations.len(), |values| {
            if settings.student {
                student_quantile(probability, values as f64 - 1.0)
            } else {
                normal_quantile(probability)
            }
        })
    };
    let (low, high) = (bound(settings.bounds.0), bound(settings.bounds.1));
    let seen: &[Vec<Flags>] = flags;
    let one = |(values, scratch): &mut (Vec<f64>, Vec<u64>), step: usize| {
        let stations = network.stations.iter().zip(seen).zip(&shift);
        let all: Vec<f64> = stations
            .map(|((station, flags), shift)| alive(station.values[step], flags[step], settings) + shift)
            .collect();
        values.clear();
        values.extend(all.iter().filter(|value| !value.is_nan()));
        let (count, scale) = (values.len(), qn(values, scratch));
        let middle = median(values);
        let far = |value: &f64| {
            let z = value / scale - middle / scale;
            !value.is_nan() && (z < low[count] || z > high[count] || z.is_nan())
        };
        all.iter().map(far).collect::<Vec<bool>>()
    };
    let far: Vec<Vec<bool>> = (0..network.steps).into_par_iter().map_init(Default::default, one).collect();
    for (station, flags) in flags.iter_mut().enumerate() {
        for (flags, far) in flags.iter_mut().zip(&far) {
            if far[station] {
                flags.set(Flags::M2);
            }
        }
    }
}

/// First and past-the-last steps of the spans.
fn spans(network: &Network, span: Span) -> Vec<std::ops::Range<usize>> {
    let mut bounds = vec![0];
    if span == Span::Month {
        let month = |step: usize| month_of(network.instant(step));
        bounds.extend((1..network.steps).filter(|step| month(*step) != month(step - 1)));
    }
    bounds.push(network.steps);
    bounds.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Months since year 0 of an instant (days to civil dates after Hinnant).
fn month_of(instant: i64) -> i64 {
    let shifted = instant.div_euclid(DAY) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March on: a year that begins in March needs no leap day within.
    (year_of_era + era * 400) * 12 + (5 * of_year + 2) / 153
}

/// M3.
fn shares(
    network: &Network,
    settings: &Settings,
    spans: &[std::ops::Range<usize>],
    flags: &mut [Vec<Flags>],
) {
    let dead = settings.rejecting.with(Flags::M2);
    for (station, flags) in network.stations.iter().zip(flags) {
        for span in spans {
            let known = |step: &usize| {
                !station.values[*step].is_nan()
                    && !flags[*step].any(Flags(settings.rejecting.0 & !Flags::M2.0))
            };
            let passed = span.clone().filter(|step| known(step) && !flags[*step].any(dead)).count();
            let all = if settings.of_all_steps { span.len() } else { span.clone().filter(known).count() };
            if passed as f64 / all as f64 <= settings.least_valid {
                flags[span.clone()].iter_mut().for_each(|flags| flags.set(Flags::M3));
            }
        }
    }
}

/// M4.
fn correlations(
    network: &Network,
    settings: &Settings,
    spans: &[std::ops::Range<usize>],
    flags: &mut [Vec<Flags>],
) {
    let middle = medians(network, settings, flags, &vec![0.0; network.stations.len()]);
    let stations = network.stations.par_iter().zip(flags.par_iter_mut());
    stations.for_each(|(station, flags)| {
        for span in spans {
            let seen = &*flags;
            let pairs =
                span.clone().map(|step| (alive(station.values[step], seen[step], settings), middle[step]));
            let (r, count) = correlation(pairs);
            // No correlation counts as none.
            if count >= settings.least_pairs && (r.is_nan() || r < settings.least_correlation) {
                flags[span.clone()].iter_mut().for_each(|flags| flags.set(Flags::M4));
            }
        }
    });
}

/// M5.
fn neighbours(network: &Network, distance: &Matrix, settings: &Settings, flags: &mut [Vec<Flags>]) {
    let shift = network.to_mean_altitude(settings.lapse);
    let bound = quantiles(network.stations.len(), |values| {
        student_quantile(1.0 - settings.alpha / 2.0, values as f64 - 2.0)
    });
    let seen: &[Vec<Flags>] = flags;
    let value = |station: usize, step: usize| {
        alive(network.stations[station].values[step], seen[station][step], settings) + shift[station]
    };
    let near = |own: usize, other: usize| {
        let rise = (network.stations[own].altitude - network.stations[other].altitude).abs();
        own != other && distance.at(own, other) <= settings.radius && (rise.is_nan() || rise <= settings.rise)
    };
    let one = |own: usize| -> Vec<Flags> {
        let near: Vec<usize> = (0..network.stations.len()).filter(|other| near(own, *other)).collect();
        let (mut values, mut scratch) = (Vec::new(), Vec::new());
        let mut found = |step: usize| {
            let own = value(own, step);
            if own.is_nan() {
                return Flags::default();
            }
            values.clear();
            values.extend(near.iter().map(|other| value(*other, step)).filter(|value| !value.is_nan()));
            if near.len() < settings.neighbours || values.len() < settings.neighbours {
                return if settings.alone_fails { Flags::M5 } else { Flags::ALONE };
            }
            let scale = qn(&values, &mut scratch);
            let limit = bound[values.len()];
            let apart = ((own - median(&mut values)) / scale).abs();
            // What cannot be compared fails, as in CrowdQC+.
            if apart < limit { Flags::default() } else { Flags::M5 }
        };
        (0..network.steps).map(&mut found).collect()
    };
    let found: Vec<Vec<Flags>> = (0..network.stations.len()).into_par_iter().map(one).collect();
    for (flags, found) in flags.iter_mut().zip(found) {
        flags.iter_mut().zip(found).for_each(|(flags, found)| flags.set(found));
    }
}

/// O1, O2 and O3; the readings that are left.
fn fill_and_count(
    network: &Network,
    settings: &Settings,
    spans: &[std::ops::Range<usize>],
    flags: &mut [Vec<Flags>],
) -> Vec<Vec<f64>> {
    let stations = network.stations.par_iter().zip(flags.par_iter_mut());
    let one = |(station, flags): (&super::Station, &mut Vec<Flags>)| {
        let mut left: Vec<f64> = station
            .values
            .iter()
            .zip(flags.iter())
            .map(|(value, flags)| alive(*value, *flags, settings))
            .collect();
        fill(&mut left, settings.fill, flags);
        let mut kept: Vec<bool> = left.iter().map(|value| !value.is_nan()).collect();
        let day = |step: usize| network.instant(step).div_euclid(DAY);
        let mut start = 0;
        while start < kept.len() {
            let end = (start..kept.len()).find(|step| day(*step) != day(start)).unwrap_or(kept.len());
            keep_where_enough(&mut kept, start..end, settings.least_left, flags, Flags::O2);
            start = end;
        }
        for span in spans {
            keep_where_enough(&mut kept, span.clone(), settings.least_left, flags, Flags::O3);
        }
        left
    };
    stations.map(one).collect()
}

fn keep_where_enough(
    kept: &mut [bool],
    span: std::ops::Range<usize>,
    least: f64,
    flags: &mut [Flags],
    flag: Flags,
) {
    let count = kept[span.clone()].iter().filter(|kept| **kept).count();
    if count as f64 / span.len() as f64 <= least {
        kept[span.clone()].fill(false);
        flags[span].iter_mut().for_each(|flags| flags.set(flag));
    }
}

/// O1: fills gaps of at most `longest` steps along the straight line.
fn fill(values: &mut [f64], longest: usize, flags: &mut [Flags]) {
    let mut start = 0;
    while start < values.len() {
        if !values[start].is_nan() {
            start += 1;
            continue;
        }
        let end = (start..values.len()).find(|step| !values[*step].is_nan()).unwrap_or(values.len());
        if start > 0 && end < values.len() && end - start <= longest {
            let (before, after) = (values[start - 1], values[end]);
            for step in start..end {
                let share = (step - start + 1) as f64 / (end - start + 1) as f64;
                values[step] = before + (after - before) * share;
                flags[step].set(Flags::O1);
            }
        }
        start = end;
    }
}

/// O4: what a sensor of this time constant (seconds) would have shown without its lag:
/// `(Tᵢ − Tᵢ₋₁ e^(−Δt/τ)) / (1 − e^(−Δt/τ))`; NaN after a missing reading.
pub fn without_lag(values: &[f64], step: i64, constant: f64) -> Vec<f64> {
    let kept = (-(step as f64) / constant).exp();
    let previous = std::iter::once(&f64::NAN).chain(values);
    values.iter().zip(previous).map(|(value, last)| (value - last * kept) / (1.0 - kept)).collect()
}

#[cfg(test)]
mod tests;
