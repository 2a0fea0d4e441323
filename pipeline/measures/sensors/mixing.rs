//! Nights of wind and cloud, in which all sensors should agree: who then differs is out of true.
//!
//! In: a table of weather (instant, wind in m/s, cloudiness in octas or %), a checked network; out: sentences. In a night
//! whose mean wind is above 4 m/s under a sky covered by seven octas at least the air is mixed, and places differ by their
//! altitude only (0.0065 K/m): the median, over five such nights or more, of a station's difference from the network's median
//! is a suspected bias. From 0.3 K on a correction is proposed; none is made. Calm clear nights, in which heat islands
//! grow, are counted beside. Fails where: cloudiness is not given: such nights cannot be told. Cost: one pass.

use super::Order;
use super::almanac::{Almanac, Stretch};
use crate::fault;
use crate::formats::sensors::sheet::Sheet;
use crate::formats::sensors::{Gathered, Reading, Series};
use crate::formats::table::plain;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::readings::Network;
use ilot_kernels::readings::checks::Checked;
use ilot_kernels::robust::median;
use std::path::Path;

/// Wind of a mixed night, m/s, and of a calm one.
const WIND: (f64, f64) = (4.0, 2.0);
/// Cloudiness of a mixed night, octas, and of a clear one.
const CLOUD: (f64, f64) = (7.0, 2.0);
/// Mixed nights that a bias needs.
const NIGHTS: usize = 5;
/// Bias from which on a correction is proposed, K.
const BIAS: f64 = 0.3;
/// Fall of temperature with altitude in mixed air, K/m.
const LAPSE: f64 = 0.0065;

const WINDS: &[&str] = &[
    "wind",
    "windspeed",
    "windms",
    "vent",
    "ventms",
    "vitessevent",
    "vitesseduvent",
    "ff",
    "wspd",
    "windspeedms",
];
const CLOUDS: &[&str] =
    &["cloud", "clouds", "cloudcover", "cloudiness", "nebulosite", "nebul", "n", "octas", "nuages", "tcc"];

/// Says which stations are suspected, or that this was not looked at.
pub(super) fn tell(
    order: &Order,
    sheet: &Sheet,
    network: &Network,
    checked: &Checked,
    almanac: &Almanac,
    remarks: &mut Vec<Text>,
) -> Result<(), Fault> {
    let Some(path) = &order.weather else {
        remarks.push(text!(
            fr: "sans météo (--weather), l'étalonnage des capteurs n'est pas vérifié sur des nuits ventées et couvertes, où tous devraient s'accorder",
            en: "without weather (--weather), the calibration of the sensors is not checked in windy, overcast nights, in which all should agree",
        ));
        return Ok(());
    };
    let weather = read(path, &order.reading)?;
    let wind = column(&weather, WINDS).ok_or_else(|| no_wind(path, &weather))?;
    let mut values: Vec<f64> = wind.iter().copied().filter(|wind| wind.is_finite()).collect();
    if median(&mut values) > 25.0 {
        let path = path.display();
        return Err(fault!(
            fr: "{path} : un vent médian de plus de 25 ne peut être en m/s : convertissez-le.",
            en: "{path}: a median wind above 25 cannot be in m/s: convert it.",
        ));
    }
    let Some(cloud) = column(&weather, CLOUDS) else {
        let path = path.display();
        remarks.push(text!(
            fr: "{path} n'a pas de colonne de nébulosité : les nuits couvertes ne se reconnaissent pas, l'étalonnage n'est pas vérifié",
            en: "{path} has no column of cloudiness: overcast nights cannot be told, the calibration is not checked",
        ));
        return Ok(());
    };
    let cloud = octas(cloud);
    let state = |night: &Stretch| {
        let (from, to) = (network.instant(night.steps.start), network.instant(night.steps.end));
        (mean(&weather, wind, from, to), mean(&weather, &cloud, from, to))
    };
    let states: Vec<(f64, f64)> = almanac.nights.iter().map(state).collect();
    let nights = almanac.nights.iter().zip(&states);
    let mixed: Vec<&Stretch> = nights
        .filter(|(_, (wind, cloud))| *wind > WIND.0 && *cloud >= CLOUD.0)
        .map(|(night, _)| night)
        .collect();
    let calm = states.iter().filter(|(wind, cloud)| *wind < WIND.1 && *cloud <= CLOUD.1).count();
    let (all, windy) = (states.len(), mixed.len());
    remarks.push(text!(
        fr: "météo : {windy} nuits ventées et couvertes sur {all}, {calm} calmes et claires, où l'îlot de chaleur se forme",
        en: "weather: {windy} windy, overcast nights of {all}, {calm} calm and clear ones, in which the heat island grows",
    ));
    if windy < NIGHTS {
        remarks.push(text!(
            fr: "il faut {NIGHTS} nuits ventées et couvertes pour vérifier l'étalonnage : il ne l'est pas",
            en: "it takes {NIGHTS} windy, overcast nights to check the calibration: it is not checked",
        ));
        return Ok(());
    }
    for (entry, bias) in sheet.entries.iter().zip(biases(network, checked, &mixed)) {
        if bias.abs() >= BIAS {
            let (name, bias) = (&entry.name, text::number(bias, 2));
            remarks.push(Text {
                fr: format!("{name} : écart de {} K lors des {windy} nuits ventées et couvertes : défaut d'étalonnage probable ; à vérifier, rien n'est corrigé", bias.fr),
                en: format!("{name}: differs by {} K in the {windy} windy, overcast nights: probably out of true; to be checked, nothing is corrected", bias.en),
            });
        }
    }
    Ok(())
}

/// A table of weather is a wide table: an instant, and columns.
fn read(path: &Path, reading: &Reading) -> Result<Series, Fault> {
    let mut gathered = Gathered::default();
    let own = Reading { zone: reading.zone.clone(), order: reading.order, ..Reading::default() };
    gathered.read(path, &own)?;
    gathered.into_series(None)?.ok_or_else(|| {
        let path = path.display();
        fault!(
            fr: "{path} : aucune valeur de météo ne se lit ; il faut un instant, un vent en m/s et une nébulosité par ligne.",
            en: "{path}: not one value of weather can be read; it takes an instant, a wind in m/s and a cloudiness per row.",
        )
    })
}

fn column<'a>(weather: &'a Series, names: &[&str]) -> Option<&'a Vec<f64>> {
    let found = |wanted: &&str| weather.stations.iter().find(|(name, _)| plain(name) == **wanted);
    names.iter().find_map(found).map(|(_, values)| values)
}

fn no_wind(path: &Path, weather: &Series) -> Fault {
    let (path, names) =
        (path.display(), weather.stations.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    let names = names.join(", ");
    fault!(
        fr: "{path} n'a pas de colonne de vent (wind, vent ou ff, en m/s) ; ses colonnes sont : {names}.",
        en: "{path} has no column of wind (wind, vent or ff, in m/s); its columns are: {names}.",
    )
}

/// Octas, from octas (0 to 9) or percent.
fn octas(cloud: &[f64]) -> Vec<f64> {
    let most = cloud.iter().copied().filter(|cloud| cloud.is_finite()).fold(0.0, f64::max);
    let factor = if most > 9.0 { 0.08 } else { 1.0 };
    cloud.iter().map(|cloud| cloud * factor).collect()
}

/// Mean over the known steps between two instants.
fn mean(weather: &Series, values: &[f64], from: i64, to: i64) -> f64 {
    let step = |instant: i64| {
        (instant - weather.first).div_euclid(weather.step).clamp(0, weather.steps as i64) as usize
    };
    let known: Vec<f64> = values[step(from)..step(to)].iter().copied().filter(|v| v.is_finite()).collect();
    known.iter().sum::<f64>() / known.len() as f64
}

/// Per station the median over the nights of its difference from the network's median; 0 where too few nights are known.
fn biases(network: &Network, checked: &Checked, nights: &[&Stretch]) -> Vec<f64> {
    let shift = network.to_mean_altitude(LAPSE);
    let air = |station: usize, night: &Stretch| {
        let known: Vec<f64> =
            checked.left[station][night.steps.clone()].iter().copied().filter(|v| !v.is_nan()).collect();
        let enough = known.len() * 5 >= night.steps.len() * 4;
        if enough { known.iter().sum::<f64>() / known.len() as f64 + shift[station] } else { f64::NAN }
    };
    let count = network.stations.len();
    let mut differences = vec![Vec::new(); count];
    for night in nights {
        let all: Vec<f64> = (0..count).map(|station| air(station, night)).collect();
        let middle = median(&mut all.iter().copied().filter(|air| !air.is_nan()).collect::<Vec<_>>());
        for (own, air) in differences.iter_mut().zip(&all) {
            own.extend(Some(air - middle).filter(|difference| difference.is_finite()));
        }
    }
    differences.iter_mut().map(|own| if own.len() < NIGHTS { 0.0 } else { median(own) }).collect()
}
