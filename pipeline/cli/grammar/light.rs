//! The words of what starts from a finished surface: sky, sun, comfort.

use super::{metres, named, option, path, place};
use crate::text;
use crate::text::Text;
use clap::{Arg, ArgAction, Command, value_parser};

/// `ilot sky DSM --out DIR`.
pub fn sky() -> Command {
    named("sky", text!(fr: "Vue du ciel, ombres et heures de soleil d'un modèle de surface", en: "Sky view, shade and sun hours of a surface model"))
        .args(place_options())
        .args(crowns_options(false))
        .arg(option("products", "LIST", text!(fr: "Parmi sky_view, sky_view_canopy, sky_view_geometric, shade, sun_hours [tous]", en: "Among sky_view, sky_view_canopy, sky_view_geometric, shade, sun_hours [all]")))
        .args(horizon_options("32"))
        .arg(metres("shadow-reach", text!(fr: "Plus longue ombre suivie, m", en: "Longest shadow that is followed, m"), "1000"))
        .arg(dates())
        .arg(zone())
}

/// `ilot sun DSM --out DIR`.
pub fn sun() -> Command {
    let day = |name: &'static str, help: Text| option(name, "DAY", help);
    named("sun", text!(fr: "Ombres à tout instant, heures de soleil d'un jour ou d'une saison, irradiation annuelle", en: "Shade at any instant, sun hours of a day or a season, yearly irradiation"))
        .args(place_options())
        .args(crowns_options(false))
        .arg(option("products", "LIST", text!(fr: "Parmi shade, sun_hours, irradiation [tous ; shade seul avec --at]", en: "Among shade, sun_hours, irradiation [all; only shade with --at]")))
        .arg(instants())
        .arg(dates())
        .arg(zone())
        .arg(day("from", text!(fr: "Premier jour d'une saison, dont les heures de soleil sont la moyenne par jour", en: "First day of a season, whose sun hours are those of a mean day")).requires("to"))
        .arg(day("to", text!(fr: "Dernier jour de la saison", en: "Last day of the season")).requires("from"))
        .arg(
            option("every", "N", text!(fr: "Un jour de la saison sur N est calculé", en: "One day of the season in N is computed"))
                .default_value("10")
                .value_parser(value_parser!(u16).range(1..)),
        )
        .arg(metres("shadow-reach", text!(fr: "Plus longue ombre suivie, m", en: "Longest shadow that is followed, m"), "1000"))
        .args(horizon_options("64"))
        .arg(
            option("year", "YEAR", text!(fr: "Année de l'irradiation", en: "Year of the irradiation"))
                .default_value("2025")
                .value_parser(value_parser!(i16).range(1900..=2200)),
        )
        .arg(linke())
        .arg(
            option("albedo", "SHARE", text!(fr: "Part de la lumière que le sol renvoie vers les pans inclinés", en: "Share of the light that the ground throws at inclined planes"))
                .default_value("0.2")
                .value_parser(value_parser!(f32)),
        )
}

/// `ilot comfort DSM --out DIR`.
pub fn comfort() -> Command {
    let value = |name: &'static str, unit: &'static str, help: Text| {
        option(name, unit, help)
            .value_parser(value_parser!(f64))
            .allow_negative_numbers(true)
            .conflicts_with("weather")
    };
    named("comfort", text!(fr: "Température de rayonnement et température ressentie (UTCI) à des heures données", en: "Radiant and felt temperature (UTCI) at given hours"))
        .args(place_options())
        .args(crowns_options(true))
        .arg(path("cover", "RASTER", text!(fr: "Classes du sol (produit cover) [asphalte partout]", en: "Classes of the ground (product cover) [asphalt everywhere]")))
        .arg(instants())
        .arg(option("zone", "ZONE", text!(fr: "Fuseau des heures de --at, comme Europe/Paris", en: "Zone of the hours of --at, such as Europe/Paris")))
        .arg(path("weather", "TABLE", text!(fr: "Table CSV : time, temperature (°C), humidity (%), wind (m/s à 10 m), et global, direct, diffuse (W/m²) si mesurés", en: "CSV table: time, temperature (°C), humidity (%), wind (m/s at 10 m), and global, direct, diffuse (W/m²) where measured")))
        .arg(option("weather-zone", "ZONE", text!(fr: "Fuseau des heures de la table [celui de --zone]", en: "Zone of the table's times [that of --zone]")))
        .arg(option("times", "WHICH", text!(fr: "Ce que sont les heures de la table : instant, end ou start (fin ou début d'une moyenne) [end si elle porte un rayonnement, comme UMEP, EPW et Météo-France ; sinon instant]", en: "What the table's times are: instant, end or start (of a mean) [end where it holds radiation, as UMEP, EPW and Météo-France have it; else instant]"))
            .value_parser(["instant", "end", "start"])
            .requires("weather"))
        .arg(option("columns", "LIST", text!(fr: "Noms des colonnes, comme time=Date,temperature=T", en: "Names of columns, such as time=Date,temperature=T")))
        .arg(value("temperature", "C", text!(fr: "Air, °C", en: "Air, °C")))
        .arg(value("humidity", "PERCENT", text!(fr: "Humidité relative, %", en: "Relative humidity, %")))
        .arg(value("wind", "M/S", text!(fr: "Vent à 10 m, m/s", en: "Wind at 10 m, m/s")))
        .arg(value("global", "W", text!(fr: "Rayonnement global, W/m² [ciel clair]", en: "Global radiation, W/m² [clear sky]")))
        .arg(value("direct", "W", text!(fr: "Rayonnement direct normal, W/m²", en: "Direct normal radiation, W/m²")).requires("diffuse"))
        .arg(value("diffuse", "W", text!(fr: "Rayonnement diffus, W/m²", en: "Diffuse radiation, W/m²")).requires("direct"))
        .arg(metres("shadow-reach", text!(fr: "Plus longue ombre suivie, m", en: "Longest shadow that is followed, m"), "1000"))
        .args(horizon_options("32"))
        .arg(linke())
}

/// The surface, its tiles, and where results go.
fn place_options() -> Vec<Arg> {
    vec![
        place("surface", "DSM", text!(fr: "Raster d'altitudes en mètres, que GDAL sait lire", en: "Raster of heights in metres that GDAL can read")).required(true),
        path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true),
        option("crs", "CRS", text!(fr: "CRS d'un raster qui n'en nomme pas", en: "CRS of a raster that names none")),
        option("tile", "N", text!(fr: "Côté d'une tuile, cellules", en: "Side of a tile, cells"))
            .default_value("2048")
            .value_parser(value_parser!(u32).range(64..=16384)),
        option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]")).value_parser(value_parser!(usize)),
    ]
}

fn horizon_options(directions: &'static str) -> Vec<Arg> {
    vec![
        metres(
            "reach",
            text!(fr: "Distance jusqu'où l'horizon est cherché, m", en: "How far the horizon is looked for, m"),
            "200",
        ),
        option("directions", "N", text!(fr: "Directions de l'horizon", en: "Directions of the horizon"))
            .default_value(directions)
            .value_parser(value_parser!(u32)),
    ]
}

fn dates() -> Arg {
    option("date", "DAY", text!(fr: "Jour du soleil, répétable", en: "Day of the sun, may be repeated"))
        .action(ArgAction::Append)
        .default_values(["2025-06-21", "2025-08-15"])
}

fn zone() -> Arg {
    option(
        "zone",
        "ZONE",
        text!(fr: "Fuseau de l'heure légale, comme Indian/Reunion [Europe/Paris pour les jours des cartes de métropole]", en: "Zone of the legal time, such as Indian/Reunion [Europe/Paris for days of the mainland's map systems]"),
    )
}

fn instants() -> Arg {
    option("at", "INSTANT", text!(fr: "Instant, répétable : 2026-08-15T16:00 avec --zone, ou 2026-08-15T16:00+02:00", en: "Instant, may be repeated: 2026-08-15T16:00 with --zone, or 2026-08-15T16:00+02:00"))
        .action(ArgAction::Append)
}

fn linke() -> Arg {
    option(
        "linke",
        "LIST",
        text!(fr: "Trouble de Linke du ciel clair, un ou douze [France : 3.2,3.3,3.6,3.7,3.9,3.8,3.9,3.9,3.7,3.5,3.3,2.8]", en: "Linke turbidity of the clear sky, one or twelve [France: 3.2,3.3,3.6,3.7,3.9,3.8,3.9,3.9,3.7,3.5,3.3,2.8]"),
    )
    .allow_hyphen_values(true)
}

/// The trees; `alone` where the terrain says something without them, too.
fn crowns_options(alone: bool) -> Vec<Arg> {
    let dtm = path(
        "dtm",
        "RASTER",
        text!(fr: "Terrain sous la végétation, sur les mêmes cellules", en: "Terrain below the vegetation, on the same cells"),
    );
    vec![
        path("canopy", "RASTER", text!(fr: "Hauteur de la seule végétation au-dessus du sol, m : les arbres laissent passer la lumière ; sur d'autres cellules que la surface, il dit où ils sont et la surface leur hauteur", en: "Height of the vegetation alone above the ground, m: trees let light through; on other cells than the surface, it tells where they are and the surface how high"))
            .requires("dtm"),
        if alone { dtm } else { dtm.requires("canopy") },
        path("crown-base", "RASTER", text!(fr: "Hauteur des feuilles les plus basses au-dessus du sol, m : la lumière passe entre les troncs [un quart de l'arbre]", en: "Height of the lowest leaves above the ground, m: light passes between trunks [a quarter of the tree]"))
            .requires("canopy"),
        option("transmissivity", "SHARE", text!(fr: "Part de la lumière qui traverse les arbres [0.03 en feuilles, du jour 97 au jour 300 ; 0.5 sans]", en: "Share of the light that passes trees [0.03 in leaf, from day 97 to day 300; 0.5 without]"))
            .requires("canopy")
            .value_parser(value_parser!(f32)),
    ]
}
