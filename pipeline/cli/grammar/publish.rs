//! The words of what brings results to others: archives of map tiles.

use super::{machine_options, named, option, place};
use crate::text;
use clap::Command;

/// `ilot pmtiles OUT`: archives of map tiles of a run.
pub fn pmtiles() -> Command {
    named("pmtiles", text!(fr: "Archives de tuiles (PMTiles) des produits d'un calcul fini, pour les cartes du web", en: "Archives of map tiles (PMTiles) of the products of a finished run, for web maps"))
        .arg(place("out", "OUT", text!(fr: "Dossier d'un calcul fini", en: "Folder of a finished run")).required(true))
        .arg(option("products", "LIST", text!(fr: "Produits et couches voulus, séparés par des virgules [tous]", en: "Wanted products and layers, between commas [all]")))
        .arg(option("attribution", "TEXT", text!(fr: "Ligne que montrent les cartes [la source des nuages]", en: "Line that maps show [the source of the clouds]")))
        .args(machine_options())
}
