//! Checks of small networks that can be done by hand.

use super::*;
use crate::readings::{HOUR, Station};

fn network(series: Vec<Vec<f64>>) -> Network {
    let steps = series[0].len();
    let stations = series.into_iter().map(|values| Station { altitude: 100.0, values }).collect();
    Network { step: HOUR, first: 0, steps, stations }
}

/// Stations a kilometre apart on a line.
fn line(count: usize) -> Matrix {
    Matrix::from_fn(count, count, |i, j| 1000.0 * (i as f64 - j as f64).abs())
}

fn wave(steps: usize, shift: f64) -> Vec<f64> {
    (0..steps)
        .map(|hour| {
            20.0 + shift
                + 5.0 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin()
                + 0.02 * (hour * 7919 % 11) as f64
        })
        .collect()
}

fn checked(series: Vec<Vec<f64>>, settings: &Settings) -> Checked {
    let network = network(series);
    let sun = vec![0.0; network.steps];
    let distance = line(network.stations.len());
    check(&network, &distance, &sun, settings)
}

fn count(flags: &[Flags], wanted: Flags) -> usize {
    flags.iter().filter(|flags| flags.any(wanted)).count()
}

#[test]
fn a_hot_spot_is_for_review_and_stays() {
    let mut series: Vec<Vec<f64>> = (0..9).map(|k| wave(96, 0.1 * f64::from(k))).collect();
    series.push(wave(96, 4.0));
    let found = checked(series, &Settings::default());
    assert!(count(&found.flags[9], Flags::M2) > 90);
    assert!(found.left[9].iter().all(|value| !value.is_nan()), "a heat island is no fault");
}

#[test]
fn a_station_that_goes_its_own_way_is_rejected() {
    let mut series: Vec<Vec<f64>> = (0..9).map(|k| wave(96, 0.1 * f64::from(k))).collect();
    series.push((0..96).map(|hour| 20.0 + f64::from(hour % 7)).collect());
    let found = checked(series, &Settings::default());
    assert_eq!(count(&found.flags[9], Flags::M4), 96);
    assert!(found.left[9].iter().all(|value| value.is_nan()));
    assert_eq!(count(&found.flags[3], Flags::M4), 0);
}

#[test]
fn too_few_neighbours_are_not_checked_and_never_failed() {
    let series = |count: usize| (0..count).map(|k| wave(48, 0.1 * k as f64)).collect::<Vec<_>>();
    let found = checked(series(4), &Settings::default());
    assert_eq!(count(&found.flags[0], Flags::ALONE), 48);
    assert_eq!(count(&found.flags[0], Flags::M5), 0);
    let crowd = checked(series(4), &Settings { student: true, ..Settings::crowd() });
    assert!(count(&crowd.flags[0], Flags::M5) > 0);
}

#[test]
fn one_missing_step_is_filled_and_two_are_not() {
    let mut values = wave(48, 0.0);
    values[5] = f64::NAN;
    values[20..22].fill(f64::NAN);
    let expected = (values[4] + values[6]) / 2.0;
    let mut series: Vec<Vec<f64>> = (1..6).map(|k| wave(48, 0.1 * f64::from(k))).collect();
    series.insert(0, values);
    let found = checked(series, &Settings::default());
    assert!((found.left[0][5] - expected).abs() < 1e-12 && found.flags[0][5].any(Flags::O1));
    assert!(found.left[0][20].is_nan() && found.left[0][21].is_nan());
}

#[test]
fn the_order_of_stations_changes_no_flag() {
    let series: Vec<Vec<f64>> = (0..8).map(|k| wave(72, 0.7 * f64::from(k * k % 5))).collect();
    let turned: Vec<Vec<f64>> = series.iter().rev().cloned().collect();
    let (one, other) = (checked(series, &Settings::default()), checked(turned, &Settings::default()));
    let back: Vec<Vec<Flags>> = other.flags.into_iter().rev().collect();
    assert_eq!(one.flags, back);
}

/// 13.9 K an hour after 20 °C with τ = 762 s and steps of an hour: e^(−3600/762) = 0.00887.
#[test]
fn lag_is_taken_out_by_its_formula() {
    let kept = (-3600.0_f64 / 762.0).exp();
    let out = without_lag(&[20.0, 21.0, f64::NAN, 22.0], 3600, 762.0);
    assert!(out[0].is_nan() && out[2].is_nan() && out[3].is_nan());
    assert!((out[1] - (21.0 - 20.0 * kept) / (1.0 - kept)).abs() < 1e-12);
}

#[test]
fn months_turn_at_midnight_utc() {
    // 2024-02-29T23:00Z and 2024-03-01T00:00Z.
    assert_ne!(month_of(1_709_247_600), month_of(1_709_251_200));
    assert_eq!(month_of(1_709_251_200), month_of(1_711_929_599));
    assert_eq!(month_of(1_709_251_200) - month_of(1_709_247_600), 1);
}
