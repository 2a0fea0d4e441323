//! The words of what people open: archives of map tiles, the page and the report of a finished run.

use super::{flag, machine_options, named, option, place};
use crate::text;
use clap::{Command, value_parser};

/// `ilot pmtiles OUT`: archives of map tiles of a run.
pub fn pmtiles() -> Command {
    named("pmtiles", text!(fr: "Archives de tuiles (PMTiles) des produits d'un calcul fini, pour les cartes du web", en: "Archives of map tiles (PMTiles) of the products of a finished run, for web maps"))
        .arg(place("out", "OUT", text!(fr: "Dossier d'un calcul fini", en: "Folder of a finished run")).required(true))
        .arg(option("products", "LIST", text!(fr: "Produits et couches voulus, séparés par des virgules [tous]", en: "Wanted products and layers, between commas [all]")))
        .arg(option("attribution", "TEXT", text!(fr: "Ligne que montrent les cartes [la source des nuages]", en: "Line that maps show [the source of the clouds]")))
        .args(machine_options())
}

/// `ilot view OUT`: results in the browser.
pub fn view() -> Command {
    let about = text!(
        fr: "Ouvre les résultats dans le navigateur : un petit serveur, de cette machine seule ; Ctrl-C l'arrête (code 0)",
        en: "Shows results in the browser: a small server, of this machine only; Ctrl-C ends it (code 0)",
    );
    named("view", about)
        .arg(
            place("out", "OUT", text!(fr: "Dossier d'un calcul fini", en: "Folder of a finished run"))
                .required(true),
        )
        .arg(
            option(
                "port",
                "P",
                text!(fr: "Port [8417, sinon un port libre]", en: "Port [8417, else a free one]"),
            )
            .value_parser(value_parser!(u16).range(1..)),
        )
        .arg(flag("open", text!(fr: "Ouvre aussi le navigateur", en: "Open the browser too")))
}

/// `ilot report OUT`: what a run found, on a page.
pub fn report() -> Command {
    let about = text!(
        fr: "Écrit OUT/report.html : chiffres clés et leurs intervalles, cartes, méthode, limites, sources ; s'imprime sur A4",
        en: "Writes OUT/report.html: key figures with their intervals, maps, method, limits, sources; prints on A4",
    );
    named("report", about).arg(
        place("out", "OUT", text!(fr: "Dossier d'un calcul fini", en: "Folder of a finished run"))
            .required(true),
    )
}
