//! Nights and days of a place, by its sun.
//!
//! In: a place and a series of instants; out: the sine of the sun's height at each, and nights (sunset to sunrise), days and
//! hours of the afternoon as ranges of steps. Sun by NREL's SPA; the sun is up where its upper rim is, with refraction:
//! −0.8333°. Fails where: beyond the polar circles there may be no night: no range then. Cost: microseconds a step.

use crate::measures::sun::Site;
use crate::text::Fault;
use ilot_kernels::readings::{DAY, HOUR, Network};
use jiff::Timestamp;
use std::ops::Range;

/// Height of the sun's middle when its rim touches the horizon, degrees.
const RIM: f64 = -0.8333;

/// A night, or a day: its date and its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Midnight UTC of the day on which it begins, seconds since 1970.
    pub date: i64,
    /// Its steps.
    pub steps: Range<usize>,
}

/// The sun over a network.
#[derive(Debug, Clone)]
pub struct Almanac {
    /// Sine of the sun's height at each step.
    pub sines: Vec<f64>,
    /// From sunset to sunrise; only whole ones.
    pub nights: Vec<Stretch>,
    /// From sunrise to sunset; only whole ones.
    pub days: Vec<Stretch>,
    /// Over (D − 1 18 UTC, D 18 UTC], for the minimum of a day D as Météo-France has it.
    pub minimum_days: Vec<Stretch>,
    /// Over (D 06 UTC, D + 1 06 UTC], for its maximum.
    pub maximum_days: Vec<Stretch>,
    /// 13 to 17 h of the sun's own time.
    pub afternoons: Vec<Stretch>,
}

fn elevation(site: &Site, instant: i64) -> Result<f64, Fault> {
    let instant = Timestamp::from_second(instant).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(site.sun(instant)?.altitude.0)
}

/// The instant between two at which the sun's rim touches the horizon, to the second.
fn crossing(site: &Site, mut low: i64, mut high: i64) -> Result<i64, Fault> {
    let rises = elevation(site, high)? > RIM;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if (elevation(site, middle)? > RIM) == rises {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Sunrises (true) and sunsets (false) between two instants.
///
/// # Errors
/// Where an instant is out of the method's range.
pub fn events(site: &Site, from: i64, to: i64) -> Result<Vec<(i64, bool)>, Fault> {
    let mut events = Vec::new();
    let mut before = elevation(site, from)? > RIM;
    let mut instant = from;
    while instant < to {
        let next = instant + HOUR / 2;
        let up = elevation(site, next)? > RIM;
        if up != before {
            events.push((crossing(site, instant, next)?, up));
        }
        (instant, before) = (next, up);
    }
    Ok(events)
}

impl Almanac {
    /// The sun over a network.
    ///
    /// # Errors
    /// Where an instant is out of the method's range.
    pub fn over(site: &Site, network: &Network) -> Result<Almanac, Fault> {
        let (first, last) = (network.first, network.instant(network.steps));
        let sine = |step: usize| Ok(elevation(site, network.instant(step))?.to_radians().sin());
        let sines = (0..network.steps).map(sine).collect::<Result<_, Fault>>()?;
        let events = events(site, first - DAY, last + DAY)?;
        let between = |rises: bool| -> Vec<Stretch> {
            let pairs = events.windows(2).filter(|pair| pair[1].1 == rises && pair[0].1 != rises);
            pairs.filter_map(|pair| stretch(network, pair[0].0, pair[1].0)).collect()
        };
        let dates: Vec<i64> =
            (first.div_euclid(DAY) - 1..=last.div_euclid(DAY) + 1).map(|day| day * DAY).collect();
        let windows = |from: i64, to: i64| -> Vec<Stretch> {
            let dated =
                |date: &i64| Some(Stretch { date: *date, ..stretch(network, date + from, date + to)? });
            dates.iter().filter_map(dated).collect()
        };
        // Noon of the sun's own time, to the equation of time (16 minutes).
        let noon = 12 * HOUR - (site.longitude.0 * 240.0) as i64;
        Ok(Almanac {
            sines,
            nights: between(true),
            days: between(false),
            minimum_days: windows(-6 * HOUR + 1, 18 * HOUR + 1),
            maximum_days: windows(6 * HOUR + 1, 30 * HOUR + 1),
            afternoons: windows(noon + HOUR, noon + 5 * HOUR),
        })
    }
}

/// The steps from one instant to before another; none where the series does not hold them all.
fn stretch(network: &Network, from: i64, to: i64) -> Option<Stretch> {
    let ceil = |instant: i64| (instant - network.first + network.step - 1).div_euclid(network.step);
    let (first, last) = (ceil(from), ceil(to));
    let whole = first >= 0 && last <= network.steps as i64 && first < last;
    whole.then(|| Stretch { date: from.div_euclid(DAY) * DAY, steps: first as usize..last as usize })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ilot_kernels::unit::Degrees;

    /// pvlib 0.16.1, SPA, 18 July 2022: within half a minute.
    #[test]
    fn sunrise_and_sunset_are_those_of_pvlib() {
        let midnight = 1_658_102_400;
        for (latitude, longitude, rise, set) in [
            (48.1236, -1.2106, 4 * 3600 + 23 * 60 + 34, 19 * 3600 + 58 * 60),
            (43.4933, -1.4750, 4 * 3600 + 41 * 60 + 17, 19 * 3600 + 42 * 60 + 32),
        ] {
            let site =
                Site { latitude: Degrees(latitude), longitude: Degrees(longitude), true_north: Degrees(0.0) };
            let events = events(&site, midnight, midnight + DAY).unwrap();
            assert_eq!(events.len(), 2);
            assert!(events[0].1 && (events[0].0 - midnight - rise).abs() <= 30, "{events:?}");
            assert!(!events[1].1 && (events[1].0 - midnight - set).abs() <= 30, "{events:?}");
        }
    }

    #[test]
    fn nights_are_whole_and_dated_by_their_evening() {
        let site = Site { latitude: Degrees(48.1), longitude: Degrees(-1.2), true_north: Degrees(0.0) };
        let network = Network { step: HOUR, first: 1_657_238_400, steps: 14 * 24, stations: Vec::new() };
        let almanac = Almanac::over(&site, &network).unwrap();
        assert_eq!(almanac.nights.len(), 13);
        assert_eq!(almanac.nights[0].date, 1_657_238_400);
        assert_eq!(almanac.nights[0].steps, 21..29);
        assert_eq!(almanac.maximum_days[0].steps, 7..31);
        assert_eq!(almanac.minimum_days[0].steps.len(), 24);
        assert_eq!(almanac.afternoons[0].steps, 14..18);
    }
}
