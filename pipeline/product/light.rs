//! Sky, shade, sun, radiation and felt temperature: what is made of a finished surface, and how each is drawn.

use super::*;
use crate::text::Text;

/// What `ilot sky` makes of a surface.
pub static SKY: &[&Spec] =
    &[&SKY_VIEW.spec, &SKY_VIEW_CANOPY.spec, &SKY_VIEW_GEOMETRIC.spec, &SHADE.spec, &SUN_HOURS.spec];

/// What `ilot sun` makes beside what `ilot sky` makes too.
pub static SUNLIGHT: &[&Spec] = &[&IRRADIATION.spec];

/// What `ilot comfort` makes of a surface and an hour's weather.
pub static COMFORT: &[&Spec] = &[&TMRT.spec, &UTCI.spec];

/// What is known to be wrong with radiant and felt temperatures, for legends and tags.
const RADIANT_ERROR: Words = Words {
    fr: "erreur connue : 6 K (écart quadratique moyen), 15 à 20 K au bord des ombres",
    en: "known error: 6 K (RMSE), 15 to 20 K at the edge of shadows",
};

/// As [`RADIANT_ERROR`], of the felt temperature.
const FELT_ERROR: Words = Words {
    fr: "erreur connue : 1,5 à 2 K (celle du rayonnement), 4 à 6 K au bord des ombres ; vent partout égal",
    en: "known error: 1.5 to 2 K (that of radiation), 4 to 6 K at the edge of shadows; the same wind everywhere",
};

/// What is known to be wrong with a product.
pub fn known_error(spec: &Spec) -> Option<Words> {
    let known = [(&TMRT.spec, RADIANT_ERROR), (&UTCI.spec, FELT_ERROR)];
    known.into_iter().find(|(of, _)| of.name == spec.name).map(|(_, words)| words)
}

/// What a band of these products shows, in both languages; files say it in English.
pub fn band_words(own: &str) -> Text {
    const WORDS: [(&str, &str); 9] = [
        ("mean day of ", "jour moyen du "),
        (", every ", ", tous les "),
        (" days,", " jours,"),
        ("8:00 to 20:00", "de 8 h à 20 h"),
        (" to ", " au "),
        ("under clear skies", "par ciel clair"),
        ("in leaf", "en feuilles"),
        ("without leaves", "sans feuilles"),
        ("transmissivity", "transmissivité"),
    ];
    let fr = WORDS.iter().fold(own.to_owned(), |text, (en, fr)| text.replace(en, fr));
    Text { fr, en: own.to_owned() }
}

/// Sky view factors are whole 1/4096: a fortieth of their accuracy.
const FACTOR_QUANTUM: f64 = 1.0 / 4096.0;

/// From the bottom of a court to the open field: lightness climbs, fit for the colour-blind.
const SKY_STOPS: &[Stop] = &[
    stop(0.0, [13, 8, 60], "0 : fond de cour, pas de ciel", "0: bottom of a shaft, no sky"),
    stop(0.2, [70, 30, 110], "0,2 : ruelle, cour étroite", "0.2: alley, narrow court"),
    stop(0.4, [130, 60, 120], "0,4 : rue étroite", "0.4: narrow street"),
    stop(0.6, [200, 100, 90], "0,6 : rue, pied d'un mur", "0.6: street, foot of a wall"),
    stop(0.8, [245, 170, 70], "0,8 : avenue, petite place", "0.8: avenue, small square"),
    stop(1.0, [255, 250, 200], "1 : tout le ciel", "1: all of the sky"),
];

/// What a level ground receives of an even sky.
pub static SKY_VIEW: Raster<f32> = Raster::new(Spec {
    name: "sky_view",
    title: Words { fr: "Vue du ciel (cosinus)", en: "Sky view factor (cosine-weighted)" },
    meaning: Words {
        fr: "Part du rayonnement d'un ciel uniforme qui atteint la cellule (moyenne de cos² de l'horizon), celle des zones climatiques \
             locales et du confort. Avec les arbres d'un calcul ([cover]) ou de --canopy, ils sont ôtés de la surface : terrain et \
             bâtiments seuls, sky_view_canopy compte les arbres ; sans eux, tout obstacle est opaque.",
        en: "Share of an even sky's radiation that reaches the cell (mean of cos² of the horizon), the one of local climate zones and \
             comfort. With the trees of a run ([cover]) or of --canopy, these are taken out of the surface: terrain and buildings \
             alone, sky_view_canopy counts the trees; without, every obstacle is opaque.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: FACTOR_QUANTUM,
    style: Style::Ramp(SKY_STOPS),
    source: "Johnson & Watson 1984, 10.1175/1520-0450(1984)023<0329:TDOVFI>2.0.CO;2",
});

/// The same with trees that let a share of the light through; made where a canopy is given.
pub static SKY_VIEW_CANOPY: Raster<f32> = Raster::new(Spec {
    name: "sky_view_canopy",
    title: Words { fr: "Vue du ciel avec arbres", en: "Sky view factor with trees" },
    meaning: Words {
        fr: "Comme sky_view, mais avec des arbres dont le feuillage laisse passer une part de la lumière, vue du sol sous les arbres ; \
             demande --canopy.",
        en: "As sky_view, but with trees whose leaves let a share of the light through, seen from the ground below them; \
             needs --canopy.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: FACTOR_QUANTUM,
    style: Style::Ramp(SKY_STOPS),
    source: "Johnson & Watson 1984; Lindberg & Grimmond 2011, 10.1007/s00704-010-0382-8 (transmissivity)",
});

/// The open share of the hemisphere.
pub static SKY_VIEW_GEOMETRIC: Raster<f32> = Raster::new(Spec {
    name: "sky_view_geometric",
    title: Words { fr: "Ciel ouvert (angle solide)", en: "Open sky (solid angle)" },
    meaning: Words {
        fr: "Part de la demi-sphère céleste qui n'est pas cachée (1 moins la moyenne du sinus de l'horizon), plus petite que sky_view : \
             pour lire le relief, pas pour le climat.",
        en: "Share of the hemisphere that is not hidden (1 minus the mean sine of the horizon), smaller than sky_view: \
             for reading relief, not for climate.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: FACTOR_QUANTUM,
    style: Style::Ramp(SKY_STOPS),
    source: "Zakšek et al. 2011, 10.3390/rs3020398",
});

/// Whether the sun is hidden; bands by date and hour, named in the file.
pub static SHADE: Raster<f32> = Raster::new(Spec {
    name: "shade",
    title: Words { fr: "Ombre", en: "Shade" },
    meaning: Words {
        fr: "1 où le soleil est caché, 0 où il éclaire, à 10, 13 et 16 h locales de chaque date ou aux instants demandés ; arbres opaques, sauf avec --canopy.",
        en: "1 where the sun is hidden, 0 where it shines, at 10, 13 and 16 h local time of each date or at the wanted instants; trees opaque, unless with --canopy.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: 0.0,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 244, 190],
            alpha: 0,
            label: Words { fr: "0 : au soleil", en: "0: in the sun" },
        },
        Stop {
            value: 1.0,
            colour: [40, 50, 90],
            alpha: 170,
            label: Words { fr: "1 : à l'ombre", en: "1: in the shade" },
        },
    ]),
    source: "Ratti & Richens 1999; sun: Reda & Andreas 2004, 10.1016/j.solener.2003.12.003",
});

/// Time in the sun; bands by date, named in the file.
pub static SUN_HOURS: Raster<f32> = Raster::new(Spec {
    name: "sun_hours",
    title: Words { fr: "Heures de soleil", en: "Sun hours" },
    meaning: Words {
        fr: "Heures de soleil par ciel clair entre 8 et 20 h locales, par pas d'une demi-heure, à chaque date ou en moyenne par jour d'une saison ; arbres opaques, sauf avec --canopy.",
        en: "Hours of sun under a clear sky between 8 and 20 h local time, by steps of half an hour, at each date or of a season's mean day; trees opaque, unless with --canopy.",
    },
    unit: "h",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 12.0),
    nodata: Some(-9999.0),
    quantum: 0.0,
    style: Style::Ramp(&[
        stop(0.0, [20, 30, 70], "0 h : jamais", "0 h: never"),
        stop(2.0, [60, 80, 130], "2 h", "2 h"),
        stop(5.0, [150, 120, 130], "5 h", "5 h"),
        stop(8.0, [235, 160, 80], "8 h", "8 h"),
        stop(12.0, [255, 240, 150], "12 h : toute la journée", "12 h: all day"),
    ]),
    source: "Ratti & Richens 1999; sun: Reda & Andreas 2004, 10.1016/j.solener.2003.12.003",
});

/// A year's light; the year is named in the file.
pub static IRRADIATION: Raster<f32> = Raster::new(Spec {
    name: "irradiation",
    title: Words { fr: "Irradiation annuelle par ciel clair", en: "Yearly irradiation under clear skies" },
    meaning: Words {
        fr: "Énergie solaire que reçoit en un an de ciel clair un mètre carré de la surface, selon sa pente et son exposition, masques et part de ciel compris : \
             un maximum, dont les nuages prennent une part.",
        en: "Solar energy that a square metre of the surface receives in a year of clear skies, on its own slope and aspect, with the horizon's shade and the sky that it sees: \
             an upper bound, of which clouds take a part.",
    },
    unit: "kWh/m²/yr",
    bands: &[],
    range: (0.0, 4000.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 16.0,
    cell: Cell::OfElevation,
    style: Style::Ramp(&[
        stop(0.0, [20, 20, 60], "0 : jamais éclairé", "0: never lit"),
        stop(500.0, [70, 50, 120], "500 : fond de cour, mur nord", "500: bottom of a court, north wall"),
        stop(1000.0, [160, 70, 120], "1000 : pan nord raide", "1000: steep northern roof"),
        stop(
            1500.0,
            [230, 120, 80],
            "1500 : pan nord doux, partie ombragée",
            "1500: gentle northern roof, partly shaded",
        ),
        stop(1800.0, [250, 180, 70], "1800 : toit plat dégagé", "1800: open flat roof"),
        stop(2200.0, [255, 245, 170], "2200 et plus : pan sud", "2200 and more: southern roof"),
    ]),
    source: "Ineichen & Perez 2002, 10.1016/S0038-092X(02)00045-2; cumulative sky: Robinson & Stone 2004",
});

/// What a standing person receives of radiation, as a temperature; bands by hour, named in the file.
pub static TMRT: Raster<f32> = Raster::new(Spec {
    name: "tmrt",
    title: Words { fr: "Température moyenne de rayonnement", en: "Mean radiant temperature" },
    meaning: Words {
        fr: "Température moyenne de rayonnement d'une personne debout, à chaque heure demandée ; erreur connue du modèle : 6 K (écart quadratique moyen), 15 à 20 K au bord des ombres.",
        en: "Mean radiant temperature of a standing person at each wanted hour; known error of the model: 6 K (RMSE), 15 to 20 K at the edge of shadows.",
    },
    unit: "°C",
    bands: &[],
    range: (-50.0, 80.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    cell: Cell::OfElevation,
    style: Style::Ramp(&[
        stop(
            10.0,
            [49, 54, 149],
            "10 °C (erreur connue : 6 K, 15 à 20 K au bord des ombres)",
            "10 °C (known error: 6 K, 15 to 20 K at the edge of shadows)",
        ),
        stop(25.0, [116, 173, 209], "25 °C : nuit, ombre épaisse", "25 °C: night, deep shade"),
        stop(35.0, [224, 243, 248], "35 °C : ombre", "35 °C: shade"),
        stop(45.0, [254, 224, 144], "45 °C", "45 °C"),
        stop(55.0, [244, 109, 67], "55 °C : soleil", "55 °C: sun"),
        stop(70.0, [165, 0, 38], "70 °C : plein soleil, murs chauds", "70 °C: full sun, warm walls"),
    ]),
    source: "Lindberg, Holmer & Thorsson 2008, 10.1007/s00484-008-0162-7; known error: RMSE 6 K against measurements",
});

/// How hot it feels; bands by hour, named in the file.
pub static UTCI: Raster<f32> = Raster::new(Spec {
    name: "utci",
    title: Words { fr: "Température ressentie (UTCI)", en: "Felt temperature (UTCI)" },
    meaning: Words {
        fr: "Indice climatique universel (UTCI) d'une personne, à chaque heure demandée, sous un vent qui est partout celui donné à 10 m ; l'erreur de tmrt, 6 K, y compte pour 1,5 à 2 K.",
        en: "Universal Thermal Climate Index of a person at each wanted hour, the wind being everywhere the one given at 10 m; the error of tmrt, 6 K, counts for 1.5 to 2 K in it.",
    },
    unit: "°C",
    bands: &[],
    range: (-80.0, 80.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    cell: Cell::OfElevation,
    style: Style::Ramp(&[
        stop(
            9.0,
            [69, 117, 180],
            "9 °C : pas de contrainte (erreur connue : 2 K, 6 K au bord des ombres)",
            "9 °C: no thermal stress (known error: 2 K, 6 K at the edge of shadows)",
        ),
        stop(26.0, [171, 217, 233], "26 °C : contrainte modérée", "26 °C: moderate heat stress"),
        stop(32.0, [254, 224, 144], "32 °C : contrainte forte", "32 °C: strong heat stress"),
        stop(38.0, [244, 109, 67], "38 °C : contrainte très forte", "38 °C: very strong heat stress"),
        stop(46.0, [140, 0, 40], "46 °C : contrainte extrême", "46 °C: extreme heat stress"),
    ]),
    source: "Bröde et al. 2012, 10.1007/s00484-011-0454-1; known error of the radiant temperature: RMSE 6 K",
});
