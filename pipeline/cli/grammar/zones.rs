//! The words of figures by zone: zonal, lcz.

use super::{flag, named, option, path, place};
use crate::text;
use clap::{Arg, ArgAction, Command, value_parser};

/// `ilot zonal ZONES --of RASTER… --out FILE`: figures per polygon, from any raster.
pub fn zonal() -> Command {
    named("zonal", text!(fr: "Statistiques d'un raster par zone, chaque cellule comptant pour sa part exacte", en: "Statistics of a raster by zone, each cell counted for its exact part"))
        .arg(place("zones", "ZONES", text!(fr: "Couche de polygones (GeoPackage, Shapefile, GeoJSON…)", en: "Layer of polygons (GeoPackage, Shapefile, GeoJSON…)")).required(true))
        .arg(
            path("of", "RASTER", text!(fr: "Raster à mesurer ; plusieurs fois pour plusieurs", en: "Raster to measure; several times for several"))
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..),
        )
        .arg(path("out", "FILE", text!(fr: "Résultat : .csv (avec son schéma), .gpkg ou .geojson", en: "Result: .csv (with its schema), .gpkg or .geojson")).required(true))
        .arg(option("layer", "NAME", text!(fr: "Couche des zones, si le fichier en a plusieurs", en: "Layer of the zones, where the file has several")))
        .arg(option("band", "N", text!(fr: "Bande des rasters [1]", en: "Band of the rasters [1]")).value_parser(value_parser!(usize)))
        .arg(flag("classes", text!(fr: "Les valeurs sont des classes : surface et part de chacune", en: "Values are classes: area and share of each")))
        .arg(option("percentiles", "LIST", text!(fr: "Centiles voulus, comme 10,50,90", en: "Wanted percentiles, such as 10,50,90")))
        .arg(option("id", "FIELD", text!(fr: "Champ qui nomme les zones dans les messages [leur numéro]", en: "Field that names the zones in messages [their number]")))
        .arg(option("crs", "CRS", text!(fr: "CRS des fichiers qui n'en nomment pas : EPSG:2154, lambert93…", en: "CRS of files that name none: EPSG:2154, lambert93…")))
        .after_help(
            text!(
                fr: "Codes de sortie : 0 tout est fait ; 1 des zones sont sans données, invalides ou laissées de côté ; 2 rien n'a pu commencer.",
                en: "Exit codes: 0 all done; 1 some zones are without data, invalid or left out; 2 could not start.",
            )
            .to_string(),
        )
}

/// `ilot lcz [RUN] [--dsm … --dtm … --cover …] [--buildings …] --out DIR`.
pub fn lcz() -> Command {
    named("lcz", text!(fr: "Forme urbaine et zones climatiques locales (LCZ) de carrés et d'îlots", en: "Urban form and local climate zones (LCZ) of squares and blocks"))
        .arg(place("run", "RUN", text!(fr: "Dossier de résultats d'ilot, où sont pris les rasters qui ne sont pas donnés", en: "Folder of ilot's results, from which the rasters that are not given are taken")))
        .arg(path("out", "DIR", text!(fr: "Dossier des résultats [RUN]", en: "Folder of the results [RUN]")).required_unless_present("run"))
        .args(form_inputs())
        .arg(path("blocks", "LAYER", text!(fr: "Îlots, quartiers ou communes : ils ont leurs chiffres à côté des carrés", en: "Blocks, districts or communes: they get figures beside the squares")))
        .arg(option("id", "FIELD", text!(fr: "Champ qui nomme les îlots dans les messages [leur numéro]", en: "Field that names the blocks in messages [their number]")).requires("blocks"))
        .arg(
            option("cell", "M", text!(fr: "Côté d'un carré, m", en: "Side of a square, m"))
                .default_value("100")
                .value_parser(value_parser!(f64)),
        )
        .arg(option("crs", "CRS", text!(fr: "CRS des fichiers qui n'en nomment pas", en: "CRS of files that name none")))
        .arg(option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]")).value_parser(value_parser!(usize)))
        .after_help(
            text!(
                fr: "Il faut la hauteur des bâtiments (--dsm et --dtm, ou --buildings avec un champ de hauteurs), leur place (--buildings, sinon la classe 1 de --cover, sinon --density) et l'occupation du sol (--cover, ou --vegetation, --water et --rest).",
                en: "Needed are the height of buildings (--dsm and --dtm, or --buildings with a field of heights), their place (--buildings, else class 1 of --cover, else --density) and the cover of the ground (--cover, or --vegetation, --water and --rest).",
            )
            .to_string(),
        )
}

fn form_inputs() -> Vec<Arg> {
    vec![
        path("dsm", "RASTER", text!(fr: "Altitudes de la surface, m", en: "Heights of the surface, m")),
        path("dtm", "RASTER", text!(fr: "Altitudes du terrain, m, sur les mêmes cellules", en: "Heights of the terrain, m, on the same cells")),
        path("cover", "RASTER", text!(fr: "Occupation du sol, classes 1 à 9 du produit `cover`", en: "Land cover, classes 1 to 9 of the product `cover`")),
        path("sky", "RASTER", text!(fr: "Vue du ciel sans les arbres [calculée]", en: "Sky view factor without trees [computed]")),
        path("density", "RASTER", text!(fr: "Densités de points du produit `density`", en: "Point densities of the product `density`")),
        path("buildings", "LAYER", text!(fr: "Emprises de bâtiments, comme BATIMENT de la BD TOPO", en: "Footprints of buildings, such as BD TOPO's BATIMENT")),
        option("height-field", "FIELD", text!(fr: "Leur champ de hauteurs en mètres [HAUTEUR]", en: "Their field of heights in metres [HAUTEUR]")).requires("buildings"),
        path("vegetation", "LAYER", text!(fr: "Polygones d'arbres, comme ZONE_DE_VEGETATION", en: "Polygons of trees, such as ZONE_DE_VEGETATION")),
        path("water", "LAYER", text!(fr: "Polygones d'eau, comme SURFACE_HYDROGRAPHIQUE", en: "Polygons of water, such as SURFACE_HYDROGRAPHIQUE")),
        option("rest", "CLASS", text!(fr: "Classe du sol que rien ne nomme, 2 à 9 ; sans elle il est inconnu", en: "Class of the ground that nothing names, 2 to 9; without it, it is unknown"))
            .value_parser(value_parser!(u8).range(2..=9)),
    ]
}

/// A length in metres that a cell can have.
pub fn side(words: &str) -> Result<f64, String> {
    let side = words.parse::<f64>().ok().filter(|side| (1.0..=1000.0).contains(side));
    side.ok_or_else(|| words.to_owned())
}
