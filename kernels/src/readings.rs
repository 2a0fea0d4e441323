//! Readings of a network of thermometers: what is wrong with them, and with which station.
//!
//! In: stations on one regular series of instants, missing values as NaN; out: flags per reading ([`checks`]), faults per
//! station with their names ([`faults`]), minima, maxima and sums of nights and days ([`spells`]). Flags never delete:
//! each reading keeps every flag, and a mask says which of them count against it. Stations are to come in an order of
//! their own (by name), so that no result depends on that of a file.

pub mod checks;
pub mod faults;
pub mod physical;
pub mod spells;

/// Stations on one series of instants.
#[derive(Debug, Clone)]
pub struct Network {
    /// Seconds from one instant to the next.
    pub step: i64,
    /// The first instant, seconds since 1970-01-01 UTC.
    pub first: i64,
    /// Number of instants.
    pub steps: usize,
    /// The stations.
    pub stations: Vec<Station>,
}

/// A thermometer.
#[derive(Debug, Clone)]
pub struct Station {
    /// Height above the sea, metres; NaN where it is not known.
    pub altitude: f64,
    /// °C, one per instant.
    pub values: Vec<f64>,
}

/// Seconds of an hour.
pub const HOUR: i64 = 3600;
/// Seconds of a day.
pub const DAY: i64 = 86_400;

impl Network {
    /// The instant of a step.
    pub fn instant(&self, step: usize) -> i64 {
        self.first + step as i64 * self.step
    }

    /// The step that holds an instant, bound to the series.
    pub fn step_at(&self, instant: i64) -> usize {
        ((instant - self.first).div_euclid(self.step).max(0) as usize).min(self.steps)
    }

    /// Steps that a duration takes, one at least.
    pub fn steps_of(&self, seconds: i64) -> usize {
        (seconds / self.step).max(1) as usize
    }

    /// What is added to the readings of each station to bring it to the network's mean altitude: nothing where the
    /// altitude is not known.
    pub fn to_mean_altitude(&self, lapse: f64) -> Vec<f64> {
        let known: Vec<f64> = self.stations.iter().map(|s| s.altitude).filter(|z| !z.is_nan()).collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let one = |station: &Station| lapse * (station.altitude - mean);
        self.stations.iter().map(one).map(|shift| if shift.is_nan() { 0.0 } else { shift }).collect()
    }
}
