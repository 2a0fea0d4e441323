//! The grammar: which commands and flags there are, with their words in the language spoken.

use crate::text;
use crate::text::Text;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};
use std::path::PathBuf;

mod heat;

/// The whole command line.
pub fn command() -> Command {
    let about = text!(
        fr: "Des nuages LiDAR HD aux modèles de surface, à l'échelle d'une commune ou d'un département.",
        en: "From LiDAR HD clouds to surface models, for a commune or a département.",
    );
    let codes = text!(
        fr: "Codes de sortie : 0 tout est fait ; 1 des tuiles, des sources ou des produits manquent, le reste est là ; 2 rien n'a pu commencer ; 130 interrompu.",
        en: "Exit codes: 0 all done; 1 some tiles, sources or products are missing, the rest is there; 2 could not start; 130 interrupted.",
    );
    Command::new("ilot")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about.to_string())
        .after_help(codes.to_string())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            flag("json", text!(fr: "Messages pour machines, un objet JSON par ligne", en: "Messages for machines, one JSON object a line"))
                .global(true),
        )
        .arg(
            option("lang", "fr|en", text!(fr: "Langue des messages (sinon celle du système)", en: "Language of the messages (else the system's)"))
                .value_parser(PossibleValuesParser::new(["fr", "en"]))
                .global(true),
        )
        .subcommand(surface())
        .subcommand(sky())
        .subcommand(zonal())
        .subcommand(heat::sensors())
        .subcommand(heat::heat())
        .subcommand(lcz())
        .subcommands(project_commands())
        .subcommands(other_commands())
}

fn named(name: &'static str, about: Text) -> Command {
    Command::new(name).about(about.to_string()).disable_version_flag(true)
}

fn flag(name: &'static str, help: Text) -> Arg {
    Arg::new(name).long(name).help(help.to_string()).action(ArgAction::SetTrue)
}

fn option(name: &'static str, value: &'static str, help: Text) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help.to_string())
}

fn path(name: &'static str, value: &'static str, help: Text) -> Arg {
    option(name, value, help).value_parser(value_parser!(PathBuf))
}

fn place(name: &'static str, value: &'static str, help: Text) -> Arg {
    Arg::new(name).value_name(value).help(help.to_string()).value_parser(value_parser!(PathBuf))
}

/// `ilot surface CLOUD… --out DIR`: the main job without a project file.
fn surface() -> Command {
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

fn machine_options() -> Vec<Arg> {
    vec![
        option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]"))
            .value_parser(value_parser!(usize)),
        option(
            "memory",
            "SIZE",
            text!(fr: "Mémoire des tuiles en cours, par exemple 4G [4G]", en: "Memory of tiles in flight, such as 4G [4G]"),
        ),
    ]
}

/// `ilot sky DSM --out DIR`.
fn sky() -> Command {
    let number = |name: &'static str, help: Text, default: &'static str| {
        option(name, "M", help).default_value(default).value_parser(value_parser!(f64))
    };
    named("sky", text!(fr: "Vue du ciel, ombres et heures de soleil d'un modèle de surface", en: "Sky view, shade and sun hours of a surface model"))
        .arg(place("surface", "DSM", text!(fr: "Raster d'altitudes en mètres, que GDAL sait lire", en: "Raster of heights in metres that GDAL can read")).required(true))
        .arg(path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true))
        .args(crowns_options())
        .arg(number("reach", text!(fr: "Distance jusqu'où l'horizon est cherché, m", en: "How far the horizon is looked for, m"), "200"))
        .arg(
            option("directions", "N", text!(fr: "Directions de l'horizon", en: "Directions of the horizon"))
                .default_value("32")
                .value_parser(value_parser!(u32)),
        )
        .arg(number("shadow-reach", text!(fr: "Plus longue ombre suivie, m", en: "Longest shadow that is followed, m"), "1000"))
        .arg(
            option("date", "DAY", text!(fr: "Jour du soleil, répétable", en: "Day of the sun, may be repeated"))
                .action(ArgAction::Append)
                .default_values(["2025-06-21", "2025-08-15"]),
        )
        .arg(option("zone", "ZONE", text!(fr: "Fuseau de l'heure légale, comme Indian/Reunion [Europe/Paris pour les cartes de métropole]", en: "Zone of the legal time, such as Indian/Reunion [Europe/Paris for the mainland's map systems]")))
        .arg(option("crs", "CRS", text!(fr: "CRS d'un raster qui n'en nomme pas", en: "CRS of a raster that names none")))
        .arg(
            option("tile", "N", text!(fr: "Côté d'une tuile, cellules", en: "Side of a tile, cells"))
                .default_value("2048")
                .value_parser(value_parser!(u32).range(64..=16384)),
        )
        .arg(option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]")).value_parser(value_parser!(usize)))
}

fn crowns_options() -> Vec<Arg> {
    vec![
        path("canopy", "RASTER", text!(fr: "Hauteur de la seule végétation au-dessus du sol, m, sur les cellules du modèle de surface : les arbres laissent passer la lumière", en: "Height of the vegetation alone above the ground, m, on the cells of the surface: trees let light through"))
            .requires("dtm"),
        path("dtm", "RASTER", text!(fr: "Terrain sous la végétation, sur les mêmes cellules", en: "Terrain below the vegetation, on the same cells")).requires("canopy"),
        option("transmissivity", "SHARE", text!(fr: "Part de la lumière qui traverse les arbres : 0.03 en feuilles, 0.5 sans", en: "Share of the light that passes trees: 0.03 in leaf, 0.5 without"))
            .default_value("0.03")
            .value_parser(value_parser!(f32)),
    ]
}

/// The commands that work on a project file.
fn project_commands() -> Vec<Command> {
    let project = || {
        place("project", "PROJECT", text!(fr: "Fichier de projet, ou son dossier [ilot.toml]", en: "Project file, or its folder [ilot.toml]"))
            .default_value("ilot.toml")
    };
    let tiles = || {
        option(
            "tiles",
            "LIST",
            text!(fr: "Seulement ces tuiles, comme 0770_6278,0771_6278", en: "Only these tiles, such as 0770_6278,0771_6278"),
        )
    };
    vec![
        named("init", text!(fr: "Écrit un fichier de projet commenté", en: "Writes a commented project file"))
            .arg(place("dir", "DIR", text!(fr: "Dossier du projet", en: "Folder of the project")).default_value("."))
            .arg(flag("schema", text!(fr: "Affiche seulement le schéma JSON du fichier de projet", en: "Only prints the JSON Schema of the project file"))),
        named("check", text!(fr: "Vérifie un projet et ses données sans rien calculer", en: "Checks a project and its data without computing")).arg(project()),
        named("plan", text!(fr: "Montre ce qui sera fait, sans le faire", en: "Shows what would be done, without doing it")).arg(project()).arg(tiles()),
        named("run", text!(fr: "Fait tout ce que le projet demande", en: "Does all that the project asks for"))
            .arg(project())
            .arg(tiles())
            .args(machine_options()),
    ]
}

/// `ilot zonal ZONES --of RASTER… --out FILE`: figures per polygon, from any raster.
fn zonal() -> Command {
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
fn lcz() -> Command {
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

fn other_commands() -> Vec<Command> {
    vec![
        named("products", text!(fr: "Liste ce qu'ilot sait produire", en: "Lists what ilot can make"))
            .arg(flag("markdown", text!(fr: "En tableau Markdown", en: "As a Markdown table")))
            .arg(path("styles", "DIR", text!(fr: "Écrit les styles QML et SLD dans ce dossier", en: "Writes the QML and SLD styles to this folder"))),
        named("info", text!(fr: "Dit ce qu'est un nuage ou un raster", en: "Says what a cloud or a raster is"))
            .arg(place("file", "FILE", text!(fr: "Fichier à décrire", en: "File to describe")).required(true)),
        named("doctor", text!(fr: "Dit ce qui est installé, et quelles grilles sont trouvées", en: "Says what is installed, and which grids are found"))
            .arg(path("grids", "DIR", text!(fr: "Dossier de grilles à examiner aussi", en: "Folder of grids to look into as well"))),
        named("sample", text!(fr: "Écrit une petite ville dont la vérité est connue", en: "Writes a small town whose truth is known"))
            .arg(place("dir", "DIR", text!(fr: "Dossier à remplir", en: "Folder to fill")).required(true))
            .arg(option("size", "WxH", text!(fr: "Étendue, m", en: "Extent, m")).default_value("1000x1000"))
            .arg(
                option("density", "N", text!(fr: "Impulsions par m²", en: "Pulses per m²"))
                    .default_value("20")
                    .value_parser(value_parser!(f64)),
            )
            .arg(option("seed", "N", text!(fr: "Graine du hasard", en: "Seed of chance")).default_value("1").value_parser(value_parser!(u64))),
    ]
}

/// A length in metres that a cell can have.
fn side(words: &str) -> Result<f64, String> {
    let side = words.parse::<f64>().ok().filter(|side| (1.0..=1000.0).contains(side));
    side.ok_or_else(|| words.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_grammar_is_sound() {
        super::command().debug_assert();
    }
}
