//! The words of what starts from clouds: surface, classify, cover.

use super::{flag, machine_options, named, option, path, place};
use crate::text;
use crate::text::Text;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

/// `ilot surface CLOUD… --out DIR`: the main job without a project file.
pub fn surface() -> Command {
    named("surface", text!(fr: "Modèles de terrain, de surface et de hauteur, sans fichier de projet", en: "Terrain, surface and height models, without a project file"))
        .arg(
            place("clouds", "CLOUD", text!(fr: "Fichiers LAS, LAZ ou COPC, ou leurs dossiers", en: "LAS, LAZ or COPC files, or their folders"))
                .num_args(1..)
                .required(true),
        )
        .arg(path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true))
        .args(surface_options())
        .args(machine_options())
}

fn surface_options() -> Vec<Arg> {
    let words = |values: &'static [&'static str]| PossibleValuesParser::new(values);
    vec![
        option("cell", "M", text!(fr: "Côté d'une cellule, m [0.5]", en: "Side of a cell, m [0.5]")).value_parser(value_parser!(f64)),
        option("registration", "node|cell", text!(fr: "node : centres sur les multiples de la cellule, comme l'IGN ; cell : bords [node]", en: "node: cell centres on multiples of the cell, as IGN; cell: edges [node]"))
            .value_parser(words(&["node", "cell"])),
        option("method", "standard|tin|ign", text!(fr: "standard : point le plus haut ; tin : triangulation des classes ; ign : chaîne de production [standard]", en: "standard: highest point; tin: triangulation of classes; ign: production chain [standard]"))
            .value_parser(words(&["standard", "tin", "ign"])),
        option("classes", "auto|trusted|recompute", text!(fr: "auto : recalcule les classes des nuages qui n'en portent pas ; trusted : jamais ; recompute : toujours [auto]", en: "auto: finds classes anew where clouds bear none; trusted: never; recompute: always [auto]"))
            .value_parser(words(&["auto", "trusted", "recompute"])),
        option("dtm-classes", "LIST", text!(fr: "Classes du terrain [2,9,66]", en: "Classes of the terrain [2,9,66]")),
        option("dsm-classes", "LIST|all", text!(fr: "Classes de la surface [2,3,4,5,6,9,17]", en: "Classes of the surface [2,3,4,5,6,9,17]")),
        option("products", "LIST", text!(fr: "Produits voulus, séparés par des virgules [tous]", en: "Wanted products, between commas [all]")),
        option("tile-size", "M", text!(fr: "Côté d'une tuile, m [1000]", en: "Side of a tile, m [1000]")).value_parser(value_parser!(f64)),
        option("max-edge", "M", text!(fr: "Plus longue arête d'un triangle : au-delà, le vide reste ouvert [200]", en: "Longest edge of a triangle: larger voids stay open [200]"))
            .value_parser(value_parser!(f64)),
        option("void-reach", "M", text!(fr: "Portée du comblement des vides de la surface, m [2]", en: "Reach of the filling of surface voids, m [2]"))
            .value_parser(value_parser!(f64)),
        flag("spike-free", text!(fr: "Surface sans puits dans les houppiers (Khosravipour 2016)", en: "Surface without pits inside of crowns (Khosravipour 2016)")),
        option("light", "north-west|multidirectional", text!(fr: "Lumière de l'ombrage [north-west]", en: "Light of the hillshade [north-west]"))
            .value_parser(words(&["north-west", "multidirectional"])),
        option("crs", "CRS", text!(fr: "CRS des nuages qui n'en nomment pas : EPSG:2154, EPSG:2154+5720, lambert93…", en: "CRS of clouds that name none: EPSG:2154, EPSG:2154+5720, lambert93…")),
    ]
}

/// `ilot classify CLOUD… --out DIR`: copies of clouds with other classes.
pub fn classify() -> Command {
    named("classify", text!(fr: "Reclasse des nuages : mêmes points, même ordre, seules les classes changent", en: "Reclassifies clouds: same points, same order, only classes change"))
        .arg(
            place("clouds", "CLOUD", text!(fr: "Fichiers LAS, LAZ ou COPC, ou leurs dossiers", en: "LAS, LAZ or COPC files, or their folders"))
                .num_args(1..)
                .required(true),
        )
        .arg(path("out", "DIR", text!(fr: "Dossier des copies, en LAZ", en: "Folder of the copies, as LAZ")).required(true))
        .arg(
            option("only", "ground", text!(fr: "Seulement le sol (2), le bruit sous le sol (7) et le reste (1)", en: "Only ground (2), noise below the ground (7) and the rest (1)"))
                .value_parser(PossibleValuesParser::new(["ground"])),
        )
        .arg(option("crs", "CRS", text!(fr: "CRS des nuages qui n'en nomment pas", en: "CRS of clouds that name none")))
        .args(machine_options())
        .after_help(
            text!(
                fr: "Codes de sortie : 0 tout est fait ; 1 des nuages manquent, les autres sont là ; 2 rien n'a pu être fait ; 130 interrompu.",
                en: "Exit codes: 0 all done; 1 some clouds are missing, the others are there; 2 nothing could be done; 130 interrupted.",
            )
            .to_string(),
        )
}

/// `ilot cover CLOUD… --out DIR`.
pub fn cover() -> Command {
    let number = |name: &'static str, value: &'static str, help: Text| {
        option(name, value, help).value_parser(value_parser!(f64)).allow_negative_numbers(true)
    };
    named("cover", text!(fr: "Occupation du sol, végétation et imperméabilisation, à partir des nuages et d'orthophotos", en: "Land cover, vegetation and imperviousness, from clouds and orthophotos"))
        .arg(
            place("clouds", "CLOUD", text!(fr: "Fichiers LAS, LAZ ou COPC classés, ou leurs dossiers", en: "Classified LAS, LAZ or COPC files, or their folders"))
                .num_args(1..)
                .required(true),
        )
        .arg(path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true))
        .arg(
            path("irc", "ORTHO", text!(fr: "Orthophoto infrarouge couleur (proche infrarouge, rouge, vert) ; plusieurs fois pour plusieurs", en: "Infrared-colour orthophoto (near infrared, red, green); several times for several"))
                .action(ArgAction::Append)
                .num_args(1..),
        )
        .arg(path("buildings", "VECTOR", text!(fr: "Emprises de bâtiments (BD TOPO, cadastre)", en: "Footprints of buildings (BD TOPO, cadastre)")))
        .arg(path("roads", "VECTOR", text!(fr: "Routes : lignes avec une largeur, ou surfaces", en: "Roads: lines with a width, or surfaces")))
        .arg(path("zones", "VECTOR", text!(fr: "Polygones dont les surfaces par classe sont voulues", en: "Polygons whose areas by class are wanted")))
        .arg(option("zones-layer", "NAME", text!(fr: "Couche des zones, si le fichier en a plusieurs", en: "Layer of the zones, where the file has several")))
        .arg(option("products", "LIST", text!(fr: "Produits voulus, séparés par des virgules [ceux de l'occupation du sol]", en: "Wanted products, between commas [those of land cover]")))
        .arg(number("shrub", "M", text!(fr: "Hauteur où commencent les arbustes, m [0.5]", en: "Height from which leaves are shrubs, m [0.5]")))
        .arg(number("tree", "M", text!(fr: "Hauteur où commencent les arbres, m [3]", en: "Height from which leaves are trees, m [3]")))
        .arg(number("intensity", "N", text!(fr: "Intensité des sols clairs [estimée]", en: "Intensity of bright ground [estimated]")))
        .arg(number("ndvi", "N", text!(fr: "NDVI qui sépare le vert du gris [trouvé dans l'image]", en: "NDVI that parts green from grey [found in the image]")))
        .arg(number("tile-size", "M", text!(fr: "Côté d'une tuile, m [1000]", en: "Side of a tile, m [1000]")))
        .arg(option("crs", "CRS", text!(fr: "CRS des nuages qui n'en nomment pas : EPSG:2154, lambert93…", en: "CRS of clouds that name none: EPSG:2154, lambert93…")))
        .args(machine_options())
}
