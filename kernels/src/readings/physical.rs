//! What a thermometer in the air cannot show: range, jumps, a frozen value, the sun on its shield.
//!
//! In: one series, and for the sun the network's median and the sun's height; out: flags. P1 range; P2 a jump from the
//! last sound reading, whose limit grows with the steps between; P3 hours without a tenth of a kelvin; P4 an excess over
//! the network that follows the clear-sky radiation (after Meier et al. 2017, 10.1016/j.uclim.2017.01.006, and Napoly
//! et al. 2018), or comes back at one hour of the sun's day: a shield that is lit in the mornings only. P4 flags the
//! day's readings and leaves the nights. Fails where: P4 cannot see what most stations share. Cost: 10 ns a reading.

use super::checks::{Flags, Settings};
use super::{DAY, HOUR, Network};
use crate::robust::{correlation, median, quantile};

/// P1, P2 and P3 of one station.
pub fn flag(network: &Network, values: &[f64], settings: &Settings, flags: &mut [Flags]) {
    for (value, flags) in values.iter().zip(flags.iter_mut()) {
        if *value < settings.range.0 || *value > settings.range.1 {
            flags.set(Flags::P1);
        }
    }
    jumps(values, settings.jump(network.step), flags);
    let run = network.steps_of((settings.frozen_hours * HOUR as f64) as i64);
    frozen(values, run, settings.frozen_range, flags);
}

/// P2: readings that differ too much from the last sound one; the limit grows with the time between.
fn jumps(values: &[f64], limit: f64, flags: &mut [Flags]) {
    let mut last: Option<(usize, f64)> = None;
    for (step, value) in values.iter().enumerate() {
        if value.is_nan() || flags[step].any(Flags::P1) {
            continue;
        }
        let sound = last.is_none_or(|(then, known)| (value - known).abs() <= limit * (step - then) as f64);
        if sound {
            last = Some((step, *value));
        } else {
            flags[step].set(Flags::P2);
        }
    }
}

/// P3: runs of at least `run` steps within `range`.
fn frozen(values: &[f64], run: usize, range: f64, flags: &mut [Flags]) {
    let mut start = 0;
    while start + run < values.len() {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut end = start;
        while end < values.len() && !values[end].is_nan() {
            let (lower, higher) = (low.min(values[end]), high.max(values[end]));
            if higher - lower >= range {
                break;
            }
            (low, high) = (lower, higher);
            end += 1;
        }
        if end - start > run {
            flags[start..end].iter_mut().for_each(|flags| flags.set(Flags::P3));
            start = end - run;
        }
        start += 1;
    }
}

/// Radiation of the clear sky on level ground, W/m² (Haurwitz 1945), from the sine of the sun's height.
fn clear_sky(sine: f64) -> f64 {
    if sine > 0.0 { 1098.0 * sine * (-0.057 / sine).exp() } else { 0.0 }
}

/// P4 of one station: `residual` is its distance from the network's median, `sun` the sine of the sun's height.
pub fn sunlit(network: &Network, residual: &[f64], sun: &[f64], settings: &Settings, flags: &mut [Flags]) {
    let window = network.steps_of((settings.sun_days * DAY as f64) as i64);
    let mut start = 0;
    while start < residual.len() {
        // A rest shorter than half a window goes with the last one.
        let rest = residual.len() - start;
        let end = start + if rest < window + window / 2 { rest } else { window };
        if is_sunlit(network, start, &residual[start..end], &sun[start..end], settings) {
            let day =
                (start..end).filter(|step| sun[*step] > settings.day_sine() && !residual[*step].is_nan());
            day.for_each(|step| flags[step].set(Flags::P4));
        }
        start = end;
    }
}

fn is_sunlit(network: &Network, start: usize, residual: &[f64], sun: &[f64], settings: &Settings) -> bool {
    let of = |is_day: bool| {
        let steps = residual.iter().zip(sun).filter(move |(value, sine)| {
            !value.is_nan() && (**sine > settings.day_sine()) == is_day && (is_day || **sine < 0.0)
        });
        steps.map(|(value, _)| *value).collect::<Vec<f64>>()
    };
    let (mut day, mut night) = (of(true), of(false));
    if day.len() < 24 || night.len() < 12 {
        return false;
    }
    let usual = median(&mut night);
    let follows = quantile(&mut day, 0.95) - usual >= settings.sun_excess && {
        let pairs = residual.iter().zip(sun).map(|(value, sine)| (*value, clear_sky(*sine)));
        correlation(pairs).0 > settings.sun_correlation
    };
    follows || comes_back(network, start, residual, sun, usual, settings)
}

/// Whether the excess comes back at one hour of the day, on nearly all days.
fn comes_back(
    network: &Network,
    start: usize,
    residual: &[f64],
    sun: &[f64],
    usual: f64,
    settings: &Settings,
) -> bool {
    let mut hours: [Vec<f64>; 24] = Default::default();
    for (step, (value, sine)) in residual.iter().zip(sun).enumerate() {
        if *sine > settings.day_sine() && !value.is_nan() {
            let hour = network.instant(start + step).rem_euclid(DAY) / HOUR;
            hours[hour as usize].push(value - usual);
        }
    }
    hours.iter_mut().any(|hour| {
        let enough = hour.len() >= 4;
        enough && quantile(hour, 0.25) >= 0.7 * settings.sun_excess && median(hour) >= settings.sun_excess
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(steps: usize) -> Network {
        Network { step: HOUR, first: 0, steps, stations: Vec::new() }
    }

    fn flagged(flags: &[Flags], wanted: Flags) -> Vec<usize> {
        (0..flags.len()).filter(|step| flags[*step].any(wanted)).collect()
    }

    #[test]
    fn a_spike_and_what_is_out_of_range_are_flagged_alone() {
        let values = [20.0, 21.0, 35.0, 21.5, 80.0, f64::NAN, 22.0];
        let mut flags = vec![Flags::default(); 7];
        flag(&network(7), &values, &Settings::default(), &mut flags);
        assert_eq!(flagged(&flags, Flags::P1), [4]);
        assert_eq!(flagged(&flags, Flags::P2), [2]);
    }

    #[test]
    fn a_frozen_sensor_is_flagged_from_its_first_to_its_last_frozen_hour() {
        let mut values: Vec<f64> = (0..40).map(|hour| 20.0 + f64::from(hour % 5)).collect();
        values[10..25].fill(18.0);
        let mut flags = vec![Flags::default(); 40];
        flag(&network(40), &values, &Settings::default(), &mut flags);
        assert_eq!(flagged(&flags, Flags::P3), (10..25).collect::<Vec<_>>());
    }

    /// 3 K at noon only: flagged by day, its nights kept.
    #[test]
    fn warm_noons_are_the_sun_and_leave_the_nights() {
        let steps = 240;
        let sun: Vec<f64> = (0..steps)
            .map(|hour| (0.7 * ((hour as f64 - 12.0) / 24.0 * std::f64::consts::TAU).cos() + 0.2).min(1.0))
            .collect();
        let residual: Vec<f64> = (0..steps).map(|hour| if hour % 24 == 12 { 3.0 } else { 0.0 }).collect();
        let mut flags = vec![Flags::default(); steps];
        sunlit(&network(steps), &residual, &sun, &Settings::default(), &mut flags);
        assert!(flags[12].any(Flags::P4) && flags[228].any(Flags::P4));
        assert!((0..steps).filter(|step| sun[*step] < 0.0).all(|step| !flags[step].any(Flags::P4)));
        let mut calm = vec![Flags::default(); steps];
        sunlit(&network(steps), &vec![3.0; steps], &sun, &Settings::default(), &mut calm);
        assert!(
            calm.iter().all(|flags| !flags.any(Flags::P4)),
            "a place that is always warmer is no sunlit sensor"
        );
    }
}
