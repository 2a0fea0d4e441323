//! What is wrong with a station as a whole, by its name: drift, a clock that is off, sensors that were exchanged, gaps.
//!
//! In: a network with its flags; out: faults per station. A station's nights are compared with the network's median,
//! less what its usual difference gains when all differences are large (clear nights). A line against a step through
//! these differences tells a drift from a change of place; two steps of opposite sign in the same night that lead each
//! to the other's level are an exchange. A clock is off where the changes over three hours go clearly better with
//! the network's at another time. Fails where: fewer than six nights tell nothing of drifts and exchanges; sensors at
//! places alike can be exchanged unseen; half of a network that drifts together looks sound. Cost: milliseconds.

use super::checks::{Checked, Flags};
use super::{HOUR, Network};
use crate::robust::{correlation, median, qn, slope};
use rayon::prelude::*;
use std::ops::Range;

/// A fault of a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// No reading at all.
    Silent,
    /// All readings are one value.
    Constant,
    /// Drifts by so many K a day.
    Drift(f64),
    /// The sun on the sensor, in this share of the days' readings.
    Sun(f64),
    /// Exchanged with another station, by number, from a step on.
    Exchanged(usize, usize),
    /// Another level from a step on, by so many K.
    Moved(usize, f64),
    /// Silent from a step to another.
    Gap(usize, usize),
    /// Clock ahead by so many seconds; behind where negative.
    Clock(i64),
    /// Does not go with the network (M4).
    Apart,
    /// At the place of another station, by number.
    SamePlace(usize),
}

/// What counts as a fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Drift over the whole series, K.
    pub drift: f64,
    /// A step between two levels, K.
    pub change: f64,
    /// A step of each of two stations that lead to each other's level, K.
    pub exchange: f64,
    /// Hours of silence that are named.
    pub gap_hours: f64,
    /// Seconds by which a clock is off at least.
    pub clock: i64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { drift: 1.5, change: 1.5, exchange: 0.3, gap_hours: 6.0, clock: 2700 }
    }
}

/// Readings that physics allows: the levels of places play no part here.
fn sound(network: &Network, checked: &Checked, station: usize) -> Vec<f64> {
    let bad = Flags::P1.with(Flags::P2).with(Flags::P3);
    let pairs = network.stations[station].values.iter().zip(&checked.flags[station]);
    pairs.map(|(value, flags)| if flags.any(bad) { f64::NAN } else { *value }).collect()
}

/// Finds the faults of all stations; `sun` is the sine of the sun's height, `distance` in metres.
pub fn find(
    network: &Network,
    checked: &Checked,
    distance: &crate::dense::Matrix,
    sun: &[f64],
    limits: &Limits,
) -> Vec<Vec<Fault>> {
    let count = network.stations.len();
    let series: Vec<Vec<f64>> =
        (0..count).into_par_iter().map(|station| sound(network, checked, station)).collect();
    let middle: Vec<f64> = (0..network.steps)
        .into_par_iter()
        .map(|step| {
            median(&mut series.iter().map(|values| values[step]).filter(|v| !v.is_nan()).collect::<Vec<_>>())
        })
        .collect();
    let nights = nights(sun, network.steps_of(2 * HOUR));
    let levels = levels(&series, &middle, &nights);
    let shapes: Vec<Course> = levels.iter().map(|levels| course(levels, limits)).collect();
    let exchanges = exchanges(&shapes);
    let one = |station: usize| {
        let mut found = Vec::new();
        let values = &network.stations[station].values;
        if values.iter().all(|value| value.is_nan()) {
            return vec![Fault::Silent];
        }
        if is_constant(values) {
            found.push(Fault::Constant);
        }
        found.extend(
            (0..count)
                .find(|other| *other != station && distance.at(station, *other) < 0.5)
                .map(Fault::SamePlace),
        );
        found.extend(exchange_or_course(&shapes[station], exchanges[station], &nights, limits));
        found.extend(sunny(&checked.flags[station], values, sun));
        found.extend(clock(network, &shaded(&series[station], &checked.flags[station]), &middle, limits));
        found.extend(gap(network, values, limits));
        if checked.flags[station].iter().any(|flags| flags.any(Flags::M4)) {
            found.push(Fault::Apart);
        }
        found
    };
    (0..count).into_par_iter().map(one).collect()
}

fn is_constant(values: &[f64]) -> bool {
    let mut known = values.iter().filter(|value| !value.is_nan());
    let first = known.next();
    let mut rest = known.peekable();
    rest.peek().is_some() && rest.all(|value| Some(value) == first)
}

/// Runs of steps with the sun at least 6° below the horizon, of at least `least` steps.
fn nights(sun: &[f64], least: usize) -> Vec<Range<usize>> {
    let dark = |step: usize| sun[step] < -(6.0_f64.to_radians().sin());
    let mut nights = Vec::new();
    let mut start = 0;
    while start < sun.len() {
        let end = (start..sun.len()).find(|step| !dark(*step)).unwrap_or(sun.len());
        if end - start >= least {
            nights.push(start..end);
        }
        start = end.max(start + 1);
    }
    nights
}

/// Each station's difference from the network by night, less what clear nights add to its usual one.
fn levels(series: &[Vec<f64>], middle: &[f64], nights: &[Range<usize>]) -> Vec<Vec<f64>> {
    let level = |values: &[f64], night: &Range<usize>| {
        let mut apart: Vec<f64> =
            night.clone().map(|step| values[step] - middle[step]).filter(|apart| !apart.is_nan()).collect();
        if apart.len() * 2 < night.len() { f64::NAN } else { median(&mut apart) }
    };
    let mut levels: Vec<Vec<f64>> =
        series.par_iter().map(|values| nights.iter().map(|night| level(values, night)).collect()).collect();
    let mut scratch = Vec::new();
    let mut spread = |night: usize| {
        let known: Vec<f64> = levels.iter().map(|levels| levels[night]).filter(|v| !v.is_nan()).collect();
        qn(&known, &mut scratch)
    };
    let spreads: Vec<f64> = (0..nights.len()).map(&mut spread).collect();
    let usual_spread =
        median(&mut spreads.iter().copied().filter(|spread| !spread.is_nan()).collect::<Vec<_>>());
    if usual_spread > 0.3 {
        for levels in &mut levels {
            let usual =
                median(&mut levels.iter().copied().filter(|level| !level.is_nan()).collect::<Vec<_>>());
            for (level, spread) in levels.iter_mut().zip(&spreads) {
                *level -= usual * (spread / usual_spread - 1.0);
            }
        }
    }
    levels
}

/// How a station's nights go along.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Course {
    Level,
    /// K a night.
    Line(f64),
    /// The first night after the step, the level before and after.
    Step(usize, f64, f64),
}

/// A line, a step or neither, by the sums of distances from each.
fn course(levels: &[f64], limits: &Limits) -> Course {
    let known: Vec<usize> = (0..levels.len()).filter(|night| !levels[*night].is_nan()).collect();
    if known.len() < 6 {
        return Course::Level;
    }
    let x: Vec<f64> = known.iter().map(|night| *night as f64).collect();
    let y: Vec<f64> = known.iter().map(|night| levels[*night]).collect();
    let apart = |values: &[f64]| {
        let middle = median(&mut values.to_vec());
        (values.iter().map(|value| (value - middle).abs()).sum::<f64>(), middle)
    };
    let flat = apart(&y).0;
    let rise = slope(&x, &y);
    let along: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - rise * x).collect();
    let line = apart(&along).0;
    let splits = (3..=y.len() - 3).map(|split| {
        let ((before, low), (after, high)) = (apart(&y[..split]), apart(&y[split..]));
        (before + after, split, low, high)
    });
    let step = splits.min_by(|a, b| a.0.total_cmp(&b.0));
    let total = rise * (x[x.len() - 1] - x[0]);
    match step {
        Some((step, split, low, high))
            if step < line && step < 0.6 * flat && (high - low).abs() >= limits.exchange =>
        {
            Course::Step(known[split], low, high)
        }
        _ if line < 0.6 * flat && total.abs() >= limits.drift => Course::Line(rise),
        _ => Course::Level,
    }
}

/// Pairs of steps that lead each to the other's level; the partner of each station.
fn exchanges(courses: &[Course]) -> Vec<Option<usize>> {
    let mut found: Vec<(f64, usize, usize)> = Vec::new();
    for (i, first) in courses.iter().enumerate() {
        for (j, second) in courses.iter().enumerate().skip(i + 1) {
            let (Course::Step(n, a, b), Course::Step(m, c, d)) = (*first, *second) else { continue };
            let miss = (b - c).abs().max((d - a).abs());
            let size = (b - a).abs().min((d - c).abs());
            if n.abs_diff(m) <= 1 && (b - a) * (d - c) < 0.0 && miss <= 0.35 * size + 0.1 {
                found.push((miss, i, j));
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut partners = vec![None; courses.len()];
    for (_, i, j) in found {
        if partners[i].is_none() && partners[j].is_none() {
            partners[i] = Some(j);
            partners[j] = Some(i);
        }
    }
    partners
}

fn exchange_or_course(
    course: &Course,
    partner: Option<usize>,
    nights: &[Range<usize>],
    limits: &Limits,
) -> Option<Fault> {
    match (*course, partner) {
        (Course::Step(night, ..), Some(other)) => Some(Fault::Exchanged(other, nights[night].start)),
        (Course::Step(_, before, after), None) if (after - before).abs() < limits.change => None,
        (Course::Step(night, before, after), None) => Some(Fault::Moved(nights[night].start, after - before)),
        (Course::Line(rise), _) => Some(Fault::Drift(rise)),
        (Course::Level, _) => None,
    }
}

fn sunny(flags: &[Flags], values: &[f64], sun: &[f64]) -> Option<Fault> {
    let days = (0..values.len()).filter(|step| sun[*step] > 0.0 && !values[*step].is_nan());
    let (lit, all) =
        days.fold((0_u32, 0_u32), |(lit, all), step| (lit + u32::from(flags[step].any(Flags::P4)), all + 1));
    (lit > 0).then(|| Fault::Sun(f64::from(lit) / f64::from(all)))
}

/// The readings without those on which the sun stood: it would look like a clock that is behind.
fn shaded(values: &[f64], flags: &[Flags]) -> Vec<f64> {
    values
        .iter()
        .zip(flags)
        .map(|(value, flags)| if flags.any(Flags::P4) { f64::NAN } else { *value })
        .collect()
}

/// Whether the changes over three hours go clearly better with the network's at another time, and at which.
fn clock(network: &Network, values: &[f64], middle: &[f64], limits: &Limits) -> Option<Fault> {
    let span = network.steps_of(3 * HOUR);
    let change = |values: &[f64]| -> Vec<f64> {
        (0..values.len())
            .map(|step| if step < span { f64::NAN } else { values[step] - values[step - span] })
            .collect()
    };
    let (own, all) = (change(values), change(middle));
    let farthest = span as isize;
    let with = |lag: isize| {
        let other = |step: usize| step.checked_add_signed(-lag).and_then(|step| all.get(step)).copied();
        let (r, count) = correlation((0..own.len()).map(|step| (own[step], other(step).unwrap_or(f64::NAN))));
        if count >= 48 { r } else { f64::NAN }
    };
    let best = (-farthest..=farthest)
        .map(|lag| (lag, with(lag)))
        .filter(|(_, r)| !r.is_nan())
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.abs().cmp(&a.0.abs())))?;
    let (lag, r, now) = (best.0, best.1, with(0));
    let clearly = r > 0.8 && (1.0 - now * now) >= 2.0 * (1.0 - r * r);
    let seconds = lag as i64 * network.step;
    (clearly && seconds.abs() >= limits.clock).then_some(Fault::Clock(seconds))
}

/// The longest silence.
fn gap(network: &Network, values: &[f64], limits: &Limits) -> Option<Fault> {
    let (mut longest, mut start) = (0..0, 0);
    for step in 0..=values.len() {
        if step == values.len() || !values[step].is_nan() {
            if step - start > longest.len() {
                longest = start..step;
            }
            start = step + 1;
        }
    }
    let least = network.steps_of((limits.gap_hours * HOUR as f64) as i64);
    (longest.len() >= least.max(2)).then_some(Fault::Gap(longest.start, longest.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::Matrix;
    use crate::readings::Station;
    use crate::readings::checks::{Settings, check};

    const HOURS: usize = 14 * 24;

    fn sun() -> Vec<f64> {
        (0..HOURS)
            .map(|hour| {
                let angle = (hour as f64 - 12.0) / 24.0 * std::f64::consts::TAU;
                0.29 + 0.61 * angle.cos()
            })
            .collect()
    }

    fn noise(seed: usize) -> f64 {
        let mixed = (seed as u64 + 11).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / (1_u64 << 24) as f64
            - 0.5
    }

    /// Twelve stations from 0 to 2.75 K warmer by night, and what `change` makes of them.
    fn faults(change: impl Fn(usize, usize, f64) -> f64) -> Vec<Vec<Fault>> {
        let air = |station: usize, hour: usize| {
            let wave = 20.0 + 6.0 * ((hour as f64 - 15.0) / 24.0 * std::f64::consts::TAU).cos();
            let night = if (6..21).contains(&(hour % 24)) { 0.2 } else { 1.0 };
            wave + 0.25 * station as f64 * night + 0.4 * noise(station * 1000 + hour)
        };
        let series =
            |station: usize| (0..HOURS).map(|hour| change(station, hour, air(station, hour))).collect();
        let stations = (0..12).map(|s| Station { altitude: 80.0, values: series(s) }).collect();
        let network = Network { step: HOUR, first: 0, steps: HOURS, stations };
        let distance = Matrix::from_fn(12, 12, |i, j| 300.0 * (i as f64 - j as f64).abs());
        let checked = check(&network, &distance, &sun(), &Settings::default());
        find(&network, &checked, &distance, &sun(), &Limits::default())
    }

    #[test]
    fn a_sound_network_has_no_fault() {
        assert!(faults(|_, _, air| air).iter().all(Vec::is_empty));
    }

    #[test]
    fn each_fault_has_its_name() {
        let found = faults(|station, hour, air| match station {
            2 => air + 0.15 * hour as f64 / 24.0,
            4 => air + 5.0 * sun()[hour].max(0.0),
            6 if (100..152).contains(&hour) => f64::NAN,
            8 => 18.0,
            _ => air,
        });
        assert!(matches!(found[2][..], [Fault::Drift(rate)] if (rate - 0.15).abs() < 0.03), "{:?}", found[2]);
        assert!(matches!(found[4][..], [Fault::Sun(share)] if share > 0.5), "{:?}", found[4]);
        assert_eq!(found[6], [Fault::Gap(100, 152)]);
        assert!(found[8].contains(&Fault::Constant), "{:?}", found[8]);
        for station in [0, 1, 3, 5, 7, 9, 10, 11] {
            assert!(found[station].is_empty(), "{station}: {:?}", found[station]);
        }
    }

    #[test]
    fn exchanged_sensors_name_each_other() {
        let network = |station: usize, hour: usize, air: f64| {
            let late = hour >= 120;
            let night = if (6..21).contains(&(hour % 24)) { 0.2 } else { 1.0 };
            match station {
                1 if late => air + 0.25 * 9.0 * night,
                10 if late => air - 0.25 * 9.0 * night,
                _ => air,
            }
        };
        let found = faults(network);
        assert!(
            matches!(found[1][..], [Fault::Exchanged(10, step)] if step.abs_diff(120) < 36),
            "{:?}",
            found[1]
        );
        assert!(matches!(found[10][..], [Fault::Exchanged(1, _)]), "{:?}", found[10]);
    }

    #[test]
    fn a_clock_an_hour_ahead_is_told() {
        let shifted = |hour: usize| 20.0 + 6.0 * ((hour as f64 - 16.0) / 24.0 * std::f64::consts::TAU).cos();
        let found =
            faults(|station, hour, air| if station == 7 { shifted(hour) + 0.3 * noise(hour) } else { air });
        assert_eq!(found[7], [Fault::Clock(3600)]);
    }
}
