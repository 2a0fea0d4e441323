//! Tables and layers that a run leaves, as people read them: which columns are figures, where each one's interval stands.
//!
//! The registry ([`crate::product`]) says what rasters and layers mean; here stands what the tables of zones, stations and
//! parcels mean to somebody who has two minutes. Page and report take their figures through this list, so that both show
//! the same columns of the same files. Where no interval is known, that is said, not left out.

use crate::product::{Colour, Words};

/// Where the interval of a figure stands.
#[derive(Debug, Clone, Copy)]
pub enum Interval {
    /// In two columns: low end, high end; its level in per cent.
    Ends(&'static str, &'static str, u8),
    /// In a column, as a half-width; its level in per cent.
    Half(&'static str, u8),
    /// It was not estimated.
    Unknown,
    /// The figure is no estimate: a reading, a date, a count of what was given.
    None,
}

/// A column that people look at.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// Its column.
    pub column: &'static str,
    /// What it is.
    pub label: Words,
    /// Unit.
    pub unit: &'static str,
    /// Decimals that mean something.
    pub decimals: usize,
    /// How sure it is.
    pub interval: Interval,
    /// What the column is multiplied by: m² are shown as hectares.
    pub factor: f64,
}

/// How a layer is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Paint {
    /// By a number: colours at values, interpolated between.
    Ramp(&'static str, &'static [(f64, Colour)]),
    /// As its look declares, in QGIS and here.
    Look,
}

/// A table, which may be a layer too.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    /// Its name: `<name>.csv`, `<name>.gpkg`, `<name>.geojson`.
    pub name: &'static str,
    /// Title.
    pub title: Words,
    /// One sentence.
    pub meaning: Words,
    /// Columns that name a row: code, name, date.
    pub names: &'static [&'static str],
    /// Its figures.
    pub figures: &'static [Figure],
    /// How it is drawn.
    pub paint: Paint,
    /// Whether only the rows of the last date of this column are drawn.
    pub last: Option<&'static str>,
}

const fn words(fr: &'static str, en: &'static str) -> Words {
    Words { fr, en }
}

const fn figure(
    column: &'static str,
    label: Words,
    unit: &'static str,
    decimals: usize,
    interval: Interval,
) -> Figure {
    Figure { column, label, unit, decimals, interval, factor: 1.0 }
}

const fn hectares(column: &'static str, label: Words, interval: Interval) -> Figure {
    Figure { column, label, unit: "ha", decimals: 2, interval, factor: 1e-4 }
}

const WARM: &[(f64, Colour)] = &[
    (-2.0, [49, 84, 160]),
    (0.0, [222, 235, 247]),
    (1.0, [254, 240, 201]),
    (2.0, [253, 187, 112]),
    (3.0, [240, 110, 70]),
    (5.0, [150, 20, 50]),
];
const SHARE: &[(f64, Colour)] = &[
    (0.0, [255, 247, 236]),
    (25.0, [253, 212, 158]),
    (50.0, [252, 141, 89]),
    (75.0, [215, 48, 31]),
    (100.0, [127, 0, 0]),
];
const BALANCE: &[(f64, Colour)] =
    &[(-2.0, [33, 102, 172]), (0.0, [247, 247, 247]), (2.0, [253, 174, 97]), (10.0, [165, 0, 38])];
const SCORE: &[(f64, Colour)] = &[(0.0, [247, 252, 245]), (0.5, [161, 217, 155]), (1.0, [0, 90, 50])];

/// Land cover by zone.
pub static COVER_ZONES: Sheet = Sheet {
    name: "cover_zones",
    title: words("Occupation du sol par commune", "Land cover by commune"),
    meaning: words(
        "Ce qui couvre le sol de chaque zone, vu par le LiDAR et l'image ; intervalles par la matrice de confusion.",
        "What covers the ground of each zone, as LiDAR and image see it; intervals by the confusion matrix.",
    ),
    names: &["code_insee", "nom_officiel"],
    figures: &[
        hectares(
            "impermeable_m2",
            words("Sols imperméables", "Sealed ground"),
            Interval::Ends("impermeable_low_m2", "impermeable_high_m2", 90),
        ),
        figure("impermeable_pct", words("Part imperméable", "Sealed share"), "%", 1, Interval::Unknown),
        figure(
            "canopy_mean",
            words("Part sous les arbres de 3 m et plus", "Share under trees of 3 m and more"),
            "%",
            1,
            Interval::Unknown,
        ),
        figure(
            "trees",
            words("Arbres de 3 m et plus", "Trees of 3 m and more"),
            "",
            0,
            Interval::Ends("trees_low", "trees_high", 90),
        ),
        hectares(
            "building_m2",
            words("Bâtiments", "Buildings"),
            Interval::Ends("building_low_m2", "building_high_m2", 90),
        ),
        hectares(
            "sealed_m2",
            words("Sols revêtus", "Paved ground"),
            Interval::Ends("sealed_low_m2", "sealed_high_m2", 90),
        ),
        hectares(
            "mineral_m2",
            words("Minéral perméable", "Permeable mineral"),
            Interval::Ends("mineral_low_m2", "mineral_high_m2", 90),
        ),
        hectares("bare_m2", words("Sol nu", "Bare soil"), Interval::Ends("bare_low_m2", "bare_high_m2", 90)),
        hectares(
            "herbaceous_m2",
            words("Herbe", "Grass"),
            Interval::Ends("herbaceous_low_m2", "herbaceous_high_m2", 90),
        ),
        hectares(
            "shrub_m2",
            words("Arbustes", "Shrubs"),
            Interval::Ends("shrub_low_m2", "shrub_high_m2", 90),
        ),
        hectares(
            "tree_permeable_m2",
            words("Arbres sur sol perméable", "Trees over permeable ground"),
            Interval::Ends("tree_permeable_low_m2", "tree_permeable_high_m2", 90),
        ),
        hectares(
            "tree_sealed_m2",
            words("Arbres sur sol revêtu", "Trees over paved ground"),
            Interval::Ends("tree_sealed_low_m2", "tree_sealed_high_m2", 90),
        ),
        hectares("water_m2", words("Eau", "Water"), Interval::Ends("water_low_m2", "water_high_m2", 90)),
    ],
    paint: Paint::Ramp("impermeable_pct", SHARE),
    last: None,
};

/// The column that holds the share of a zone without data, 0 to 1, for a figure of a sheet; none where every zone is seen
/// whole or not at all.
pub fn missing_of(sheet: &str, column: &str) -> Option<&'static str> {
    match (sheet, column) {
        ("cover_zones", _) => Some("cover_missing"),
        ("heat_zones", column) if column.starts_with("heat_night") => Some("heat_night_missing"),
        ("heat_zones", column) if column.starts_with("heat_day") => Some("heat_day_missing"),
        _ => None,
    }
}

/// Share of a zone from which on it counts as seen whole.
pub const WHOLE: f64 = 0.995;

/// Warmth by zone.
pub static HEAT_ZONES: Sheet = Sheet {
    name: "heat_zones",
    title: words("Chaleur par commune", "Warmth by commune"),
    meaning: words(
        "Écart moyen de température de l'air à la campagne, par zone, par le modèle des capteurs.",
        "Mean difference of air temperature to the country, by zone, by the model of the sensors.",
    ),
    names: &["code_insee", "nom_officiel"],
    figures: &[
        figure(
            "heat_night_mean",
            words("La nuit", "By night"),
            "K",
            1,
            Interval::Half("heat_night_half_width", 90),
        ),
        figure(
            "heat_day_mean",
            words("L'après-midi", "In the afternoon"),
            "K",
            1,
            Interval::Half("heat_day_half_width", 90),
        ),
    ],
    paint: Paint::Ramp("heat_night_mean", WARM),
    last: None,
};

/// Artificialised soil by zone and date.
pub static ZAN_STATE: Sheet = Sheet {
    name: "zan_state",
    title: words("Sols artificialisés (ZAN), état", "Artificialised soil (ZAN), state"),
    meaning: words(
        "Surface artificialisée au sens de l'article R. 101-1 du code de l'urbanisme, par zone et date.",
        "Artificialised area after article R. 101-1 of the French planning code, by zone and date.",
    ),
    names: &["zone_id", "zone_name", "date"],
    figures: &[
        figure(
            "artif_ha",
            words("Surface artificialisée", "Artificialised area"),
            "ha",
            2,
            Interval::Ends("artif_low_ha", "artif_high_ha", 95),
        ),
        figure("artif_pct", words("Part artificialisée", "Artificialised share"), "%", 1, Interval::Unknown),
        figure(
            "imper_ha",
            words("Surface imperméable", "Impermeable area"),
            "ha",
            2,
            Interval::Ends("imper_low_ha", "imper_high_ha", 95),
        ),
    ],
    paint: Paint::Ramp("artif_pct", SHARE),
    last: Some("date"),
};

/// Artificialised soil gained and lost.
pub static ZAN_FLUX: Sheet = Sheet {
    name: "zan_flux",
    title: words("Artificialisation nette (ZAN)", "Net artificialisation (ZAN)"),
    meaning: words(
        "Sols artificialisés et rendus entre deux dates ; un solde dont l'intervalle contient zéro ne se distingue pas de zéro.",
        "Soil artificialised and given back between two dates; a balance whose interval holds zero cannot be told from zero.",
    ),
    names: &["zone_id", "zone_name", "from", "to"],
    figures: &[
        figure("net_ha", words("Solde", "Balance"), "ha", 2, Interval::Ends("net_low_ha", "net_high_ha", 95)),
        figure(
            "gain_ha",
            words("Artificialisé", "Artificialised"),
            "ha",
            2,
            Interval::Ends("gain_low_ha", "gain_high_ha", 95),
        ),
        figure(
            "loss_ha",
            words("Désartificialisé", "Given back"),
            "ha",
            2,
            Interval::Ends("loss_low_ha", "loss_high_ha", 95),
        ),
        figure(
            "net_ha_per_year",
            words("Solde par an", "Balance a year"),
            "ha/an",
            2,
            Interval::Ends("net_low_ha_per_year", "net_high_ha_per_year", 95),
        ),
        figure(
            "imper_net_ha",
            words("Imperméabilisation nette", "Net sealing"),
            "ha",
            2,
            Interval::Ends("imper_net_low_ha", "imper_net_high_ha", 95),
        ),
    ],
    paint: Paint::Ramp("net_pct", BALANCE),
    last: Some("to"),
};

/// Places that were artificialised or given back.
pub static ZAN_CHANGES: Sheet = Sheet {
    name: "zan_changes",
    title: words("Changements (ZAN)", "Changes (ZAN)"),
    meaning: words(
        "Chaque lieu artificialisé ou rendu entre les deux dates.",
        "Each place artificialised or given back between both dates.",
    ),
    names: &["change"],
    figures: &[figure("area_m2", words("Surface", "Area"), "m²", 0, Interval::Unknown)],
    paint: Paint::Look,
    last: None,
};

/// Stations and what the model says of them.
pub static STATIONS: Sheet = Sheet {
    name: "stations",
    title: words("Capteurs", "Sensors"),
    meaning: words(
        "Écart observé à la campagne la nuit, et ce que le modèle en dit sans avoir vu la station.",
        "Difference to the country observed by night, and what the model says of it without having seen the station.",
    ),
    names: &["station_id"],
    figures: &[
        figure("observed_k", words("Observé, la nuit", "Observed, by night"), "K", 2, Interval::None),
        figure(
            "predicted_k",
            words("Prédit sans la station, la nuit", "Predicted without the station, by night"),
            "K",
            2,
            Interval::Ends("low_k", "high_k", 90),
        ),
        figure(
            "day_observed_k",
            words("Observé, l'après-midi", "Observed, in the afternoon"),
            "K",
            2,
            Interval::None,
        ),
        figure(
            "day_predicted_k",
            words("Prédit sans la station, l'après-midi", "Predicted without the station, in the afternoon"),
            "K",
            2,
            Interval::Ends("day_low_k", "day_high_k", 90),
        ),
    ],
    paint: Paint::Ramp("observed_k", WARM),
    last: None,
};

/// Lines of equal warmth.
pub static HEAT_CONTOURS: Sheet = Sheet {
    name: "heat_contours",
    title: words("Lignes d'égale chaleur", "Lines of equal warmth"),
    meaning: words(
        "Lignes d'égal écart à la campagne, la nuit et le jour.",
        "Lines of equal difference to the country, by night and day.",
    ),
    names: &["part"],
    figures: &[figure("level_k", words("Écart", "Difference"), "K", 1, Interval::Unknown)],
    paint: Paint::Ramp("level_k", WARM),
    last: None,
};

/// What is known of each parcel.
pub static PARCELS: Sheet = Sheet {
    name: "parcels",
    title: words("Parcelles", "Parcels"),
    meaning: words(
        "Part imperméable, chaleur et pleine terre de chaque parcelle.",
        "Sealed share, warmth and open soil of each parcel.",
    ),
    names: &["parcel_id", "commune"],
    figures: &[
        figure(
            "impermeable_pct",
            words("Part imperméable", "Sealed share"),
            "%",
            0,
            Interval::Ends("impermeable_low_pct", "impermeable_high_pct", 90),
        ),
        figure("open_soil_pct", words("Pleine terre", "Open soil"), "%", 0, Interval::Unknown),
        figure("canopy_pct", words("Sous les arbres", "Under trees"), "%", 0, Interval::Unknown),
        figure(
            "heat_k",
            words("Chaleur, la nuit", "Warmth, by night"),
            "K",
            1,
            Interval::Half("heat_interval_k", 90),
        ),
        figure("area_m2", words("Surface", "Area"), "m²", 0, Interval::None),
    ],
    paint: Paint::Ramp("impermeable_pct", SHARE),
    last: None,
};

/// Parcels worth unsealing.
pub static RENATURATION: Sheet = Sheet {
    name: "renaturation",
    title: words("Où renaturer", "Where to unseal"),
    meaning: words(
        "Note de renaturation de 0 à 1 : ses termes et ses raisons sont dans la table.",
        "Renaturation score from 0 to 1: its terms and reasons are in the table.",
    ),
    names: &["parcel_id", "commune"],
    figures: &[
        figure("score", words("Note", "Score"), "", 2, Interval::Unknown),
        figure("to_unseal_m2", words("À désimperméabiliser", "To unseal"), "m²", 0, Interval::Unknown),
    ],
    paint: Paint::Ramp("score", SCORE),
    last: None,
};

/// Each polygon of OCS GE with its status.
pub static ZAN_POLYGONS: Sheet = Sheet {
    name: "zan_polygons",
    title: words("Polygones de l'OCS GE (ZAN)", "Polygons of OCS GE (ZAN)"),
    meaning: words(
        "Chaque polygone avec son statut au sens de l'article R. 101-1, et la raison.",
        "Each polygon with its status after article R. 101-1, and the reason.",
    ),
    names: &["code_cs", "code_us", "motif"],
    figures: &[figure("area_m2", words("Surface", "Area"), "m²", 0, Interval::Unknown)],
    paint: Paint::Look,
    last: Some("date"),
};

/// Parcels where building is possible within the town.
pub static DENSIFICATION: Sheet = Sheet {
    name: "densification",
    title: words("Où densifier", "Where to build within the town"),
    meaning: words(
        "Parcelles où une construction tiendrait sans s'étaler ; les règles du PLU priment.",
        "Parcels where a building would fit without sprawl; the rules of the PLU come first.",
    ),
    names: &["parcel_id", "kind"],
    figures: &[figure(
        "room_m2",
        words("Place libre d'un seul tenant", "Free area in one piece"),
        "m²",
        0,
        Interval::Unknown,
    )],
    paint: Paint::Look,
    last: None,
};

/// Soil and roofs to grow food on.
pub static URBAN_FARMING: Sheet = Sheet {
    name: "urban_farming",
    title: words("Où cultiver en ville", "Where to grow food"),
    meaning: words(
        "Sols et toits plats assez grands et assez ensoleillés pour cultiver.",
        "Soil and flat roofs that are large and sunny enough to grow food.",
    ),
    names: &["kind", "id"],
    figures: &[
        figure("area_m2", words("Surface d'un seul tenant", "Area in one piece"), "m²", 0, Interval::Unknown),
        figure("sun_h", words("Heures de soleil", "Hours of sun"), "h", 1, Interval::Unknown),
    ],
    paint: Paint::Look,
    last: None,
};

/// All of them, in the order of the story; the page lays the last on top.
pub static SHEETS: &[&Sheet] = &[
    &COVER_ZONES,
    &HEAT_ZONES,
    &ZAN_STATE,
    &ZAN_FLUX,
    &ZAN_CHANGES,
    &PARCELS,
    &RENATURATION,
    &DENSIFICATION,
    &URBAN_FARMING,
    &ZAN_POLYGONS,
    &HEAT_CONTOURS,
    &STATIONS,
];

/// How sure a cell of a raster is.
#[derive(Debug, Clone, Copy)]
pub enum Doubt {
    /// Another product holds the half-width of its interval.
    HalfOf(&'static str, u8),
    /// Another product holds the chance, in per cent, that it is right.
    ChanceOf(&'static str),
    /// This band, from 1, holds the half-width of its interval.
    HalfBand(usize, u8),
    /// Known in words only.
    Said(Words),
    /// Not estimated for each cell.
    Unknown,
}

/// How sure the cells of a product are.
pub fn doubt(product: &str) -> Doubt {
    match product {
        "heat_night" => Doubt::HalfOf("heat_night_interval", 90),
        "heat_day" => Doubt::HalfOf("heat_day_interval", 90),
        "cover" => Doubt::ChanceOf("cover_confidence"),
        "imperviousness" | "heat_hours" | "heat_nights" => Doubt::HalfBand(2, 90),
        "tmrt" => {
            Doubt::Said(words("erreur connue du modèle : 6 K (RMSE)", "known error of the model: 6 K (RMSE)"))
        }
        "utci" => {
            Doubt::Said(words("erreur connue du modèle : 1,5 à 2 K", "known error of the model: 1.5 to 2 K"))
        }
        "irradiation" => {
            Doubt::Said(words("borne supérieure : ciel sans nuage", "upper bound: skies without clouds"))
        }
        _ => Doubt::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product;

    #[test]
    fn what_says_how_sure_a_product_is_exists() {
        for spec in product::all() {
            match doubt(spec.name) {
                Doubt::HalfOf(other, level) => {
                    let other = product::named(other).expect("it is a product");
                    assert!(other.unit == spec.unit && level == 90, "{}", spec.name);
                    assert!(other.meaning.en.contains("90 %"), "{}", other.name);
                }
                Doubt::ChanceOf(other) => assert_eq!(product::named(other).map(|it| it.unit), Some("%")),
                Doubt::HalfBand(band, _) => {
                    assert!(spec.bands[band - 1].en.contains("90 %"), "{}", spec.name);
                }
                Doubt::Said(_) | Doubt::Unknown => {}
            }
        }
        assert!(matches!(doubt("heat_night"), Doubt::HalfOf(..)));
    }
}
