//! The words of what makes a digital twin of a run: tiles.

use super::{machine_options, named, option, path, place};
use crate::text;
use clap::{ArgAction, Command, value_parser};
use std::path::PathBuf;

/// `ilot tiles OUT`: 3D Tiles of a run.
pub fn tiles() -> Command {
    named("tiles", text!(fr: "Tuiles 3D d'un calcul fini, à la bonne hauteur, pour un jumeau numérique", en: "3D Tiles of a finished run, at the right height, for a digital twin"))
        .arg(place("out", "OUT", text!(fr: "Dossier d'un calcul d'ilot run ou surface", en: "Folder of a run of ilot run or surface")).required(true))
        .arg(
            option("clouds", "CLOUD", text!(fr: "Nuages, s'ils ne sont plus où run.json les nomme", en: "Clouds, where they are no longer where run.json names them"))
                .num_args(1..)
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(option("crs", "CRS", text!(fr: "CRS des nuages qui n'en nomment pas, avec leurs altitudes : EPSG:2154+5720", en: "CRS of clouds that name none, with their heights: EPSG:2154+5720")))
        .arg(path("grids", "DIR", text!(fr: "Dossier des grilles vers l'ellipsoïde, comme fr_ign_RAF20.tif", en: "Folder of the grids to the ellipsoid, such as fr_ign_RAF20.tif")))
        .arg(
            option("content", "LIST", text!(fr: "Ce qui est montré : terrain, buildings, trees, points ; tout ce que le calcul a fait sinon", en: "What is shown: terrain, buildings, trees, points; else all that the run has made"))
                .value_delimiter(',')
                .value_parser(["terrain", "buildings", "trees", "points"]),
        )
        .arg(path("ortho", "IMAGE", text!(fr: "Orthophoto en couleurs, drapée sur le terrain et donnée aux points", en: "Colour orthophoto, laid over the terrain and given to the points")))
        .arg(option("drape", "PRODUCT", text!(fr: "Produit drapé sur le terrain, dans son style ; cover sinon", en: "Product laid over the terrain in its style; else cover")))
        .arg(
            option("compression", "KIND", text!(fr: "meshopt, ou none pour les clients sans décodeur", en: "meshopt, or none for clients without a decoder"))
                .default_value("meshopt")
                .value_parser(["meshopt", "none"]),
        )
        .arg(
            option("points-per-tile", "N", text!(fr: "Points sous lesquels une tuile n'est plus partagée", en: "Points below which a tile is not parted further"))
                .default_value("100000")
                .value_parser(value_parser!(u32).range(1000..=1_000_000)),
        )
        .args(machine_options())
}
