//! What each place is like: heat island, nights, hot days, degree-hours.
//!
//! In: a checked network with its nights and days; out: figures per station and per night. The heat island of a night is
//! the difference of minima to the mean of the rural references, between sunset and sunrise; altitude is not adjusted by
//! night unless asked for, since inversions turn the gradient round. A station that misses nights is not compared on the
//! others alone: its mean difference from the network's median in the nights that it has is added to the network's
//! mean of all nights. Tropical nights and hot days are counted on Météo-France's climatological days. Fails where: a
//! night with less than four fifths of its steps has no minimum. Cost: nothing beside the checks.

use super::almanac::{Almanac, Stretch};
use crate::formats::sensors::sheet::Sheet;
use crate::text;
use crate::text::Text;
use ilot_kernels::readings::checks::Checked;
use ilot_kernels::readings::faults::Fault;
use ilot_kernels::readings::spells::{Spell, degree_hours, heat_wave_days, spells};
use ilot_kernels::readings::{HOUR, Network};
use ilot_kernels::robust::{median, quantile};
use std::ops::Range;

/// Parameters of the indicators.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bases {
    /// Share of a night's or a day's steps that must be known.
    pub least: f64,
    /// A night whose minimum is not below is tropical, °C.
    pub tropical: f64,
    /// Hot and very hot days, °C.
    pub hot: (f64, f64),
    /// Bases of degree-hours by day and by night, °C.
    pub degree_hours: (f64, f64),
    /// Thresholds of a heat wave: minima and maxima over three days, °C.
    pub heat_wave: Option<(f64, f64)>,
    /// Fall of temperature with height by night and by day, K/m, by which places are compared.
    pub lapse: (f64, f64),
}

impl Default for Bases {
    fn default() -> Bases {
        Bases {
            least: 0.8,
            tropical: 20.0,
            hot: (30.0, 35.0),
            degree_hours: (28.0, 20.0),
            heat_wave: None,
            lapse: (0.0, 0.0065),
        }
    }
}

/// To what heat islands are relative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The mean of so many rural references.
    References(usize),
    /// The network's median: there is no sound reference.
    Median,
}

/// Figures of one station; NaN where they are not known.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Difference of minima per night, K.
    pub night: Vec<f64>,
    /// Difference of the afternoon's means per day, K.
    pub day: Vec<f64>,
    /// Mean heat island by night, K, brought to all nights.
    pub heat_night: f64,
    /// Mean over the intense nights, K.
    pub heat_intense: f64,
    /// Mean difference in the afternoon, K, brought to all days.
    pub heat_day: f64,
    /// Mean minimum and mean maximum, °C.
    pub minimum: f64,
    /// See `minimum`.
    pub maximum: f64,
    /// Nights with a minimum, days with a maximum.
    pub known: (usize, usize),
    /// Tropical nights.
    pub tropical: usize,
    /// Hot and very hot days.
    pub hot: (usize, usize),
    /// Days of heat waves, where thresholds are given.
    pub heat_wave: Option<usize>,
    /// Degree-hours by day and by night, K h.
    pub degree_hours: (f64, f64),
    /// Mean fall in the four hours after sunset, K/h.
    pub cooling: f64,
}

/// Figures of all stations.
#[derive(Debug, Clone)]
pub struct Indicators {
    /// In the order of the sheet.
    pub stations: Vec<Figures>,
    /// To what heat islands are relative.
    pub baseline: Baseline,
    /// The sound rural references.
    pub references: Vec<usize>,
    /// Per night: the minimum of the references, or the network's median, at the network's mean altitude, °C.
    pub reference_minima: Vec<f64>,
    /// Whether a station's nights, and its days, can be used in a map.
    pub usable: Vec<(bool, bool)>,
    /// Per night: whether it is one of the intense fifth, by the network's spread.
    pub intense: Vec<bool>,
}

/// Whether faults leave a station's nights and its days fit for use.
pub fn usable(faults: &[Fault]) -> (bool, bool) {
    let any = |bad: fn(&Fault) -> bool| faults.iter().any(bad);
    let lost = any(|fault| {
        matches!(
            fault,
            Fault::Silent
                | Fault::Constant
                | Fault::Drift(_)
                | Fault::Exchanged(..)
                | Fault::Moved(..)
                | Fault::Clock(_)
                | Fault::Apart
        )
    });
    (!lost, !lost && !any(|fault| matches!(fault, Fault::Sun(_))))
}

impl Baseline {
    /// What warmth is compared with: the mean of the references, or the network's median.
    pub fn words(self) -> Text {
        match self {
            Baseline::References(1) => text!(fr: "l'unique référence rurale", en: "the only rural reference"),
            Baseline::References(count) => {
                text!(fr: "la moyenne de {count} références rurales", en: "the mean of {count} rural references")
            }
            Baseline::Median => text!(fr: "la médiane du réseau", en: "the network's median"),
        }
    }
}

impl Indicators {
    /// Figures of a checked network.
    pub fn of(
        sheet: &Sheet,
        network: &Network,
        checked: &Checked,
        faults: &[Vec<Fault>],
        almanac: &Almanac,
        bases: &Bases,
        remarks: &mut Vec<Text>,
    ) -> Indicators {
        let usable: Vec<(bool, bool)> = faults.iter().map(|faults| usable(faults)).collect();
        let references = references(sheet, &usable, remarks);
        let baseline =
            if references.is_empty() { Baseline::Median } else { Baseline::References(references.len()) };
        let of = |stretches: &[Stretch],
                  lapse: f64,
                  pick: fn(&Spell) -> f64,
                  fit: fn(&(bool, bool)) -> bool| {
            let shift = network.to_mean_altitude(lapse);
            let values: Vec<Vec<f64>> = checked
                .left
                .iter()
                .zip(&shift)
                .map(|(left, shift)| {
                    spells(left, &ranges(stretches), bases.least)
                        .iter()
                        .map(|spell| pick(spell) + shift)
                        .collect()
                })
                .collect();
            let counted: Vec<usize> = (0..values.len()).filter(|station| fit(&usable[*station])).collect();
            above(&values, if references.is_empty() { &counted } else { &references }, references.is_empty())
        };
        let (nights, reference_minima) =
            of(&almanac.nights, bases.lapse.0, |spell| spell.min, |usable| usable.0);
        let (days, _) = of(&almanac.afternoons, bases.lapse.1, |spell| spell.mean, |usable| usable.1);
        tell_incomplete(&nights, almanac.nights.len(), remarks);
        let intense = intense(&nights, &usable);
        let middle = |values: &[Vec<f64>], fit: fn(&(bool, bool)) -> bool| Middle::of(values, &usable, fit);
        let (night_middle, day_middle) = (middle(&nights, |u| u.0), middle(&days, |u| u.1));
        let stations = nights.into_iter().zip(days).zip(&checked.left).map(|((night, day), left)| {
            let mut figures = own_figures(left, network, almanac, bases);
            figures.heat_night = night_middle.brought(&night, |_| true);
            figures.heat_intense = night_middle.brought(&night, |step| intense[step]);
            figures.heat_day = day_middle.brought(&day, |_| true);
            Figures { night, day, ..figures }
        });
        let stations = stations.collect();
        Indicators { stations, baseline, references, reference_minima, usable, intense }
    }
}

fn ranges(stretches: &[Stretch]) -> Vec<Range<usize>> {
    stretches.iter().map(|stretch| stretch.steps.clone()).collect()
}

/// The sound references; tells where there is none or one.
fn references(sheet: &Sheet, usable: &[(bool, bool)], remarks: &mut Vec<Text>) -> Vec<usize> {
    let named: Vec<usize> = (0..usable.len()).filter(|station| sheet.entries[*station].reference).collect();
    let sound: Vec<usize> = named.iter().copied().filter(|station| usable[*station].0).collect();
    if sound.is_empty() {
        remarks.push(text!(
            fr: "aucune référence rurale sans défaut : les îlots de chaleur sont comptés par rapport à la médiane du réseau, pas à la campagne ; désignez-en par la colonne « reference » ou --reference",
            en: "no rural reference without a fault: heat islands are relative to the network's median, not to the country; name some in the column \"reference\" or by --reference",
        ));
    } else if sound.len() < 2 {
        remarks.push(text!(
            fr: "une seule référence rurale sans défaut : ses propres écarts passent entiers dans tous les îlots de chaleur",
            en: "one rural reference without a fault only: its own oddities go whole into all heat islands",
        ));
    }
    if sound.len() < named.len() {
        let names: Vec<&str> =
            named.iter().filter(|s| !sound.contains(s)).map(|s| sheet.entries[*s].name.as_str()).collect();
        let names = names.join(", ");
        remarks.push(text!(
            fr: "références écartées pour défaut : {names}",
            en: "references set aside for a fault: {names}",
        ));
    }
    sound
}

/// Differences from the mean, or the median, of some stations; and these.
fn above(values: &[Vec<f64>], of: &[usize], by_median: bool) -> (Vec<Vec<f64>>, Vec<f64>) {
    let count = values.first().map_or(0, Vec::len);
    let base = |spell: usize| {
        let mut known: Vec<f64> =
            of.iter().map(|station| values[*station][spell]).filter(|v| !v.is_nan()).collect();
        if by_median {
            median(&mut known)
        } else if known.len() < of.len() {
            f64::NAN
        } else {
            known.iter().sum::<f64>() / known.len() as f64
        }
    };
    let bases: Vec<f64> = (0..count).map(base).collect();
    let less = |own: &Vec<f64>| own.iter().zip(&bases).map(|(value, base)| value - base).collect();
    (values.iter().map(less).collect(), bases)
}

fn tell_incomplete(nights: &[Vec<f64>], count: usize, remarks: &mut Vec<Text>) {
    let known = (0..count).filter(|night| nights.iter().any(|own| !own[*night].is_nan())).count();
    if known == 0 {
        remarks.push(text!(
            fr: "aucune nuit complète ({count} nuits dans la période, 80 % des mesures exigés, références comprises) : pas d'îlot de chaleur nocturne ; drapeaux, défauts et autres indicateurs restent valables",
            en: "no complete night ({count} nights in the period, 80 % of the readings are needed, those of the references too): no heat island by night; flags, faults and other indicators stand",
        ));
    } else if known < count {
        let lost = count - known;
        remarks.push(text!(
            fr: "{lost} nuits sur {count} sont incomplètes et ne comptent pas",
            en: "{lost} of {count} nights are incomplete and do not count",
        ));
    }
}

/// The fifth of the nights in which the network spreads most.
fn intense(nights: &[Vec<f64>], usable: &[(bool, bool)]) -> Vec<bool> {
    let count = nights.first().map_or(0, Vec::len);
    let spread = |night: usize| {
        let known = nights.iter().zip(usable).filter(|(_, usable)| usable.0).map(|(own, _)| own[night]);
        let mut known: Vec<f64> = known.filter(|value| !value.is_nan()).collect();
        quantile(&mut known, 0.9) - quantile(&mut known, 0.1)
    };
    let spreads: Vec<f64> = (0..count).map(spread).collect();
    let limit = quantile(&mut spreads.iter().copied().filter(|v| !v.is_nan()).collect::<Vec<_>>(), 0.8);
    spreads.iter().map(|spread| *spread >= limit).collect()
}

/// The network's median per night, against which stations that miss some are compared.
struct Middle(Vec<f64>);

impl Middle {
    fn of(values: &[Vec<f64>], usable: &[(bool, bool)], fit: fn(&(bool, bool)) -> bool) -> Middle {
        let count = values.first().map_or(0, Vec::len);
        let one = |spell: usize| {
            let known =
                values.iter().zip(usable).filter(|(_, usable)| fit(usable)).map(|(own, _)| own[spell]);
            median(&mut known.filter(|value| !value.is_nan()).collect::<Vec<_>>())
        };
        Middle((0..count).map(one).collect())
    }

    /// The mean over all wanted nights, from those that the station has: a third of them at least.
    fn brought(&self, own: &[f64], wanted: impl Fn(usize) -> bool) -> f64 {
        let all: Vec<usize> =
            (0..own.len()).filter(|night| wanted(*night) && !self.0[*night].is_nan()).collect();
        let known: Vec<usize> = all.iter().copied().filter(|night| !own[*night].is_nan()).collect();
        if known.is_empty() || known.len() * 3 < all.len() {
            return f64::NAN;
        }
        let mean = |nights: &[usize], value: &dyn Fn(usize) -> f64| {
            nights.iter().map(|n| value(*n)).sum::<f64>() / nights.len() as f64
        };
        mean(&known, &|night| own[night] - self.0[night]) + mean(&all, &|night| self.0[night])
    }
}

/// What needs no other station.
fn own_figures(left: &[f64], network: &Network, almanac: &Almanac, bases: &Bases) -> Figures {
    let minima: Vec<f64> =
        spells(left, &ranges(&almanac.minimum_days), bases.least).iter().map(|s| s.min).collect();
    let maxima: Vec<f64> =
        spells(left, &ranges(&almanac.maximum_days), bases.least).iter().map(|s| s.max).collect();
    let known = |values: &[f64]| values.iter().filter(|value| !value.is_nan()).count();
    let mean = |values: &[f64]| values.iter().filter(|v| !v.is_nan()).sum::<f64>() / known(values) as f64;
    let at_least = |values: &[f64], base: f64| values.iter().filter(|value| **value >= base).count();
    let sums = |stretches: &[Stretch], base: f64| {
        let (sum, share) = degree_hours(left, &ranges(stretches), base, network.step);
        // Brought to all steps: a gap would count as cool air.
        if share >= bases.least { sum / share } else { f64::NAN }
    };
    Figures {
        minimum: mean(&minima),
        maximum: mean(&maxima),
        known: (known(&minima), known(&maxima)),
        tropical: at_least(&minima, bases.tropical),
        hot: (at_least(&maxima, bases.hot.0), at_least(&maxima, bases.hot.1)),
        heat_wave: bases.heat_wave.map(|thresholds| waves(&minima, &maxima, almanac, thresholds)),
        degree_hours: (
            sums(&almanac.days, bases.degree_hours.0),
            sums(&almanac.nights, bases.degree_hours.1),
        ),
        cooling: cooling(left, network, almanac),
        ..Figures::default()
    }
}

/// Days of heat waves: minima and maxima are matched by their dates.
fn waves(minima: &[f64], maxima: &[f64], almanac: &Almanac, thresholds: (f64, f64)) -> usize {
    let minimum = |date: i64| {
        let place = almanac.minimum_days.iter().position(|stretch| stretch.date == date);
        place.map_or(f64::NAN, |place| minima[place])
    };
    let matched: Vec<f64> = almanac.maximum_days.iter().map(|stretch| minimum(stretch.date)).collect();
    heat_wave_days(&matched, maxima, thresholds, 3).iter().filter(|marked| **marked).count()
}

/// Mean fall from sunset to four hours later, K/h.
fn cooling(left: &[f64], network: &Network, almanac: &Almanac) -> f64 {
    let later = network.steps_of(4 * HOUR);
    let falls = almanac.nights.iter().filter(|night| night.steps.len() > later);
    let falls: Vec<f64> = falls
        .map(|night| (left[night.steps.start] - left[night.steps.start + later]) / 4.0)
        .filter(|fall| !fall.is_nan())
        .collect();
    falls.iter().sum::<f64>() / falls.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_that_misses_the_warm_nights_is_brought_to_all_nights() {
        let values = vec![vec![0.0; 4], vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 3.0, f64::NAN, f64::NAN]];
        let usable = [(true, true); 3];
        let middle = Middle::of(&values, &usable, |usable| usable.0);
        // One above the network's median (1, 2, 1.5, 2), whose mean is 1.625.
        assert!((middle.brought(&values[2], |_| true) - (1.0 + 1.625)).abs() < 1e-12);
        assert!(middle.brought(&[1.0, f64::NAN, f64::NAN, f64::NAN], |_| true).is_nan());
    }

    #[test]
    fn a_faulty_station_is_not_used_and_a_sunny_one_by_night_only() {
        assert_eq!(usable(&[Fault::Drift(0.2)]), (false, false));
        assert_eq!(usable(&[Fault::Sun(0.5), Fault::Gap(1, 9)]), (true, false));
        assert_eq!(usable(&[]), (true, true));
    }
}
