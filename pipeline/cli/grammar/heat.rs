//! The grammar of `ilot sensors` and `ilot heat`, with its words in the language spoken.

use super::{flag, named, option, path, place};
use crate::measures::heat::is_contour_step;
use crate::text;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

/// `ilot sensors READINGS… --stations SHEET --out DIR`.
pub(super) fn sensors() -> Command {
    named("sensors", text!(fr: "Contrôle d'un réseau de capteurs de température, et ce que chaque lieu connaît", en: "Checks of a network of temperature sensors, and what each place is like"))
        .arg(
            place("readings", "READINGS", text!(fr: "Mesures : CSV long ou large, lignes JSON (.jsonl), SensorThings (.json)", en: "Readings: long or wide CSV, JSON lines (.jsonl), SensorThings (.json)"))
                .num_args(1..)
                .required(true),
        )
        .args(common())
}

/// What both commands ask for.
fn common() -> Vec<Arg> {
    vec![
        path("stations", "SHEET", text!(fr: "Feuille des stations, CSV : nom, position, altitude, référence…", en: "Station sheet, CSV: name, position, altitude, reference…")).required(true),
        path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true),
        option("zone", "ZONE", text!(fr: "Fuseau des instants sans décalage : UTC, Europe/Paris, +01:00", en: "Zone of instants without an offset: UTC, Europe/Paris, +01:00")).allow_hyphen_values(true),
        option("dates", "ORDER", text!(fr: "day-first ou month-first, si rien ne le dit ; ou le format des dates, comme %d/%m/%Y %H:%M", en: "day-first or month-first, where nothing tells; or the dates' format, such as %d/%m/%Y %H:%M")),
        option("separator", "CHAR", text!(fr: "Séparateur des colonnes : « ; », « , », « | » ou tab [celui de l'en-tête]", en: "Separator of the columns: `;`, `,`, `|` or tab [that of the header]")),
        option("columns", "MAP", text!(fr: "Colonnes ou champs des mesures : station=…,instant=…,value=…", en: "Columns or fields of the readings: station=…,instant=…,value=…")),
        option("station-columns", "MAP", text!(fr: "Colonnes de la feuille : id=…,longitude=…,latitude=…,x=…,y=…,altitude=…", en: "Columns of the sheet: id=…,longitude=…,latitude=…,x=…,y=…,altitude=…")),
        option("unit", "UNIT", text!(fr: "Unité des mesures [celsius]", en: "Unit of the readings [celsius]"))
            .value_parser(PossibleValuesParser::new(["celsius", "fahrenheit", "kelvin"])),
        option("crs", "CRS", text!(fr: "CRS des x et y de la feuille, et des résultats", en: "CRS of the sheet's x and y, and of the results")),
        option("reference", "LIST", text!(fr: "Références rurales, entre virgules [celles de la feuille]", en: "Rural references, between commas [those of the sheet]")),
        option("checks", "KIND", text!(fr: "town : 20 à 40 capteurs de la ville ; crowd : comme CrowdQC+ [town]", en: "town: 20 to 40 sensors of a town; crowd: as CrowdQC+ [town]"))
            .value_parser(PossibleValuesParser::new(["town", "crowd"])),
        option("set", "NAME=VALUE", text!(fr: "Un seuil du contrôle, répétable : sun_excess=3", en: "A threshold of the checks, may be repeated: sun_excess=3")).action(ArgAction::Append).allow_hyphen_values(true),
        option("period", "FROM/TO", text!(fr: "Seulement les mesures de cette période, UTC, comme 2022-06-01/2022-08-31", en: "Only the readings of this period, UTC, such as 2022-06-01/2022-08-31")),
        option("step", "MIN", text!(fr: "Pas de temps, minutes [10 ou 60, selon les mesures]", en: "Time step, minutes [10 or 60, as the readings are]"))
            .value_parser(value_parser!(i64)),
        option("lag", "S", text!(fr: "Constante de temps des capteurs, dont le retard est corrigé", en: "Time constant of the sensors, whose lag is taken out")).value_parser(value_parser!(f64)),
        option("tropical", "C", text!(fr: "Seuil d'une nuit tropicale, °C", en: "Threshold of a tropical night, °C")).default_value("20").value_parser(value_parser!(f64)),
        option("heat-wave", "MIN/MAX", text!(fr: "Seuils de canicule sur 3 jours, comme 18/33, ou le département", en: "Heat-wave thresholds over 3 days, such as 18/33, or the département")),
        option("night-lapse", "K/M", text!(fr: "Gradient d'altitude de nuit", en: "Fall with altitude by night")).default_value("0").value_parser(value_parser!(f64)),
        option("day-lapse", "K/M", text!(fr: "Gradient d'altitude de jour", en: "Fall with altitude by day")).default_value("0.0065").value_parser(value_parser!(f64)),
        path("weather", "CSV", text!(fr: "Vent (m/s) et nébulosité (octas ou %) : les nuits ventées et couvertes vérifient l'étalonnage", en: "Wind (m/s) and cloudiness (octas or %): windy, overcast nights check the calibration")),
        flag("mend-dates", text!(fr: "Remet à leur place les mesures dont jour et mois sont inversés", en: "Puts back readings whose day and month are exchanged")),
    ]
}

/// `ilot heat --stations SHEET --readings FILE… --out DIR`.
pub(super) fn heat() -> Command {
    named("heat", text!(fr: "Cartes de chaleur de nuit et de jour d'après les capteurs d'une ville, avec leur incertitude", en: "Maps of warmth by night and by day from a town's sensors, with their uncertainty"))
        .arg(
            path("readings", "FILE", text!(fr: "Mesures, comme pour ilot sensors ; plusieurs fois pour plusieurs", en: "Readings, as for ilot sensors; several times for several"))
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..),
        )
        .arg(
            path("covariates", "DIR", text!(fr: "Dossiers de rasters, ou rasters, qui décrivent les lieux : canopy, imperviousness, cover, sky_view, chm, dtm… ou tout autre", en: "Folders of rasters, or rasters, that describe places: canopy, imperviousness, cover, sky_view, chm, dtm… or any other"))
                .action(ArgAction::Append)
                .num_args(1..),
        )
        .arg(option("with", "LIST", text!(fr: "Colonnes de la feuille qui sont aussi des covariables, comme altitude", en: "Columns of the sheet that are covariates too, such as altitude")))
        .arg(option("keep-out", "LIST", text!(fr: "Stations qu'aucun modèle ne doit voir", en: "Stations that no model may see")))
        .arg(option("cell", "M", text!(fr: "Côté d'une cellule des cartes, m", en: "Side of a cell of the maps, m")).default_value("10").value_parser(super::zones::side))
        .arg(path("zones", "ZONES", text!(fr: "Polygones dont les moyennes sont voulues", en: "Polygons whose means are wanted")))
        .arg(option("contours", "K", text!(fr: "Pas des isolignes, K ; 0 : aucune", en: "Step between contour lines, K; 0: none")).default_value("0.5").value_parser(contours))
        .arg(
            option("only", "PART", text!(fr: "Une seule carte : night, celle de la nuit, ou day, celle de l'après-midi [les deux]", en: "One map alone: night, or day, that of the afternoon [both]"))
                .value_parser(PossibleValuesParser::new(["night", "day"])),
        )
        .arg(option("hourly", "FROM/TO", text!(fr: "Une carte par heure de la période, comme 2022-07-17T18:00Z/2022-07-19T06:00Z", en: "A map per hour of the period, such as 2022-07-17T18:00Z/2022-07-19T06:00Z")))
        .arg(option("nightly", "FROM/TO", text!(fr: "Une carte par nuit de la période, comme 2022-07-12/2022-07-19", en: "A map per night of the period, such as 2022-07-12/2022-07-19")))
        .args(common())
}

/// A step between contour lines, K.
fn contours(words: &str) -> Result<f64, String> {
    let step = words.replace(',', ".").parse().ok().filter(|step| is_contour_step(*step));
    step.ok_or_else(|| {
        text!(fr: "il faut un nombre de 0,05 à 10, ou 0", en: "it must be a number from 0.05 to 10, or 0")
            .to_string()
    })
}
