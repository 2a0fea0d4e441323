//! Heat by night and by day, its interval and its mask, and how each is drawn.

use super::*;

/// What `ilot heat` makes of readings and covariates.
pub static HEAT: &[&Spec] = &[
    &HEAT_NIGHT.spec,
    &HEAT_DAY.spec,
    &HEAT_NIGHT_INTERVAL.spec,
    &HEAT_DAY_INTERVAL.spec,
    &HEAT_MASK.spec,
    &HEAT_HOURS.spec,
    &HEAT_NIGHTS.spec,
];

/// Warmth by night: cool blue to red, the middle is the rural reference.
const HEAT_STOPS: &[Stop] = &[
    stop(-2.0, [49, 84, 160], "−2 K : plus frais que la campagne", "−2 K: cooler than the country"),
    stop(0.0, [222, 235, 247], "0 K : comme la campagne", "0 K: as the country"),
    stop(1.0, [254, 240, 201], "1 K : un peu plus chaud", "1 K: a little warmer"),
    stop(2.0, [253, 187, 112], "2 K : sensiblement plus chaud", "2 K: clearly warmer"),
    stop(3.0, [240, 110, 70], "3 K : nuits difficiles", "3 K: hard nights"),
    stop(5.0, [150, 20, 50], "5 K et plus : îlot marqué", "5 K and more: strong heat island"),
];

/// Half-widths of intervals.
const INTERVAL_STOPS: &[Stop] = &[
    stop(0.0, [247, 252, 253], "0 K : sûr", "0 K: sure"),
    stop(0.5, [191, 211, 230], "0,5 K : bon pour un réseau de ville", "0.5 K: good for a town's network"),
    stop(1.0, [140, 150, 198], "1 K : ordre de grandeur", "1 K: an order of magnitude"),
    stop(2.0, [110, 1, 107], "2 K et plus : ne pas conclure", "2 K and more: do not conclude"),
];

const fn heat(
    name: &'static str,
    title: Words,
    meaning: Words,
    stops: &'static [Stop],
    source: &'static str,
) -> Spec {
    Spec {
        name,
        title,
        meaning,
        unit: "K",
        cell: Cell::Metres(10.0),
        bands: &[],
        range: (-30.0, 30.0),
        nodata: Some(-9999.0),
        quantum: 1.0 / 256.0,
        style: Style::Ramp(stops),
        source,
    }
}

const HEAT_SOURCE: &str = "Best subset of signed covariates by nested leave-one-out (Allen 1974), kriging of residuals where it pays (Matheron 1971)";
const INTERVAL_SOURCE: &str =
    "Prediction variance of the fit or the kriging, widened by the errors of unseen stations";

/// Heat island by night.
pub static HEAT_NIGHT: Raster<f32> = Raster::new(heat(
    "heat_night",
    Words { fr: "Îlot de chaleur nocturne", en: "Heat island by night" },
    Words {
        fr: "Écart moyen des minima de nuit à la campagne de référence, d'après le modèle des capteurs, sans valeur hors de son domaine.",
        en: "Mean difference of night minima to the rural reference, by the model of the sensors, missing outside of where it may speak.",
    },
    HEAT_STOPS,
    HEAT_SOURCE,
));

/// Warmth in the afternoon.
pub static HEAT_DAY: Raster<f32> = Raster::new(heat(
    "heat_day",
    Words { fr: "Écart de chaleur l'après-midi", en: "Warmth in the afternoon" },
    Words {
        fr: "Écart moyen de température de l'air de 13 à 17 h solaires à la campagne de référence, d'après le modèle des capteurs, sans valeur hors de son domaine.",
        en: "Mean difference of air temperature from 13 to 17 h solar time to the rural reference, by the model of the sensors, missing outside of where it may speak.",
    },
    HEAT_STOPS,
    HEAT_SOURCE,
));

/// How sure the night is.
pub static HEAT_NIGHT_INTERVAL: Raster<f32> = Raster::new(heat(
    "heat_night_interval",
    Words { fr: "Incertitude de l'îlot nocturne", en: "Uncertainty of the heat island by night" },
    Words {
        fr: "Demi-largeur de l'intervalle de prévision à 90 % de l'îlot de chaleur nocturne.",
        en: "Half-width of the 90 % prediction interval of the heat island by night.",
    },
    INTERVAL_STOPS,
    INTERVAL_SOURCE,
));

/// How sure the day is.
pub static HEAT_DAY_INTERVAL: Raster<f32> = Raster::new(heat(
    "heat_day_interval",
    Words { fr: "Incertitude de l'écart l'après-midi", en: "Uncertainty of the afternoon's warmth" },
    Words {
        fr: "Demi-largeur de l'intervalle de prévision à 90 % de l'écart de l'après-midi.",
        en: "Half-width of the 90 % prediction interval of the afternoon's warmth.",
    },
    INTERVAL_STOPS,
    INTERVAL_SOURCE,
));

/// Where the models may speak.
pub static HEAT_MASK: Raster<u8> = Raster::new(Spec {
    name: "heat_mask",
    title: Words { fr: "Domaine des modèles de chaleur", en: "Area of applicability of the heat models" },
    meaning: Words {
        fr: "1 où le modèle peut parler : des lieux semblables portaient un capteur ; sans valeur ailleurs.",
        en: "1 where the model may speak: places alike bore a sensor; missing elsewhere.",
    },
    unit: "",
    cell: Cell::Metres(10.0),
    bands: &[Words { fr: "nuit", en: "night" }, Words { fr: "jour", en: "day" }],
    range: (1.0, 1.0),
    nodata: Some(0.0),
    quantum: 0.0,
    style: Style::Ramp(&[stop(1.0, [120, 180, 130], "1 : le modèle peut parler", "1: the model may speak")]),
    source: "Meyer & Pebesma 2021, 10.1111/2041-210X.13650",
});

/// Bands of a map of one step.
const STEP_BANDS: &[Words] = &[
    Words { fr: "écart à la référence, K", en: "difference from the reference, K" },
    Words { fr: "demi-largeur de l'intervalle à 90 %, K", en: "half-width of the 90 % interval, K" },
];

const STEP_SOURCE: &str =
    "Covariates of the mean maps, coefficients of each step by least squares or kriging with drift";

const fn step(name: &'static str, title: Words, meaning: Words) -> Spec {
    Spec { bands: STEP_BANDS, ..heat(name, title, meaning, HEAT_STOPS, STEP_SOURCE) }
}

/// A map per hour.
pub static HEAT_HOURS: Raster<f32> = Raster::new(step(
    "heat_hours",
    Words { fr: "Écart de chaleur, heure par heure", en: "Warmth, hour by hour" },
    Words {
        fr: "Écart de température de l'air à la campagne de référence à chaque heure d'une période, et son incertitude.",
        en: "Difference of air temperature to the rural reference at each hour of a period, and its uncertainty.",
    },
));

/// A map per night.
pub static HEAT_NIGHTS: Raster<f32> = Raster::new(step(
    "heat_nights",
    Words { fr: "Îlot de chaleur, nuit par nuit", en: "Heat island, night by night" },
    Words {
        fr: "Écart du minimum de chaque nuit d'une période à celui de la campagne de référence, et son incertitude.",
        en: "Difference of each night's minimum in a period to that of the rural reference, and its uncertainty.",
    },
));
