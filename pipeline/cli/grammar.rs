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
        .subcommand(classify())
        .subcommand(cover())
        .subcommand(sky())
        .subcommand(sun())
        .subcommand(comfort())
        .subcommand(zonal())
        .subcommand(heat::sensors())
        .subcommand(heat::heat())
        .subcommand(lcz())
        .subcommand(zan())
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
fn classify() -> Command {
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

/// `ilot cover CLOUD… --out DIR`.
fn cover() -> Command {
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

/// `ilot sky DSM --out DIR`.
fn sky() -> Command {
    named("sky", text!(fr: "Vue du ciel, ombres et heures de soleil d'un modèle de surface", en: "Sky view, shade and sun hours of a surface model"))
        .args(place_options())
        .args(crowns_options())
        .args(horizon_options("32"))
        .arg(metres("shadow-reach", text!(fr: "Plus longue ombre suivie, m", en: "Longest shadow that is followed, m"), "1000"))
        .arg(dates())
        .arg(zone())
}

/// `ilot sun DSM --out DIR`.
fn sun() -> Command {
    let day = |name: &'static str, help: Text| option(name, "DAY", help);
    named("sun", text!(fr: "Ombres à tout instant, heures de soleil d'un jour ou d'une saison, irradiation annuelle", en: "Shade at any instant, sun hours of a day or a season, yearly irradiation"))
        .args(place_options())
        .args(crowns_options())
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
fn comfort() -> Command {
    let value = |name: &'static str, unit: &'static str, help: Text| {
        option(name, unit, help)
            .value_parser(value_parser!(f64))
            .allow_negative_numbers(true)
            .conflicts_with("weather")
    };
    named("comfort", text!(fr: "Température de rayonnement et température ressentie (UTCI) à des heures données", en: "Radiant and felt temperature (UTCI) at given hours"))
        .args(place_options())
        .args(crowns_options())
        .arg(path("cover", "RASTER", text!(fr: "Classes du sol (produit cover), sur les mêmes cellules [asphalte partout]", en: "Classes of the ground (product cover), on the same cells [asphalt everywhere]")))
        .arg(instants())
        .arg(option("zone", "ZONE", text!(fr: "Fuseau des heures de --at, comme Europe/Paris", en: "Zone of the hours of --at, such as Europe/Paris")))
        .arg(path("weather", "TABLE", text!(fr: "Table CSV : time, temperature (°C), humidity (%), wind (m/s à 10 m), et global, direct, diffuse (W/m²) si mesurés", en: "CSV table: time, temperature (°C), humidity (%), wind (m/s at 10 m), and global, direct, diffuse (W/m²) where measured")))
        .arg(option("weather-zone", "ZONE", text!(fr: "Fuseau des heures de la table [celui de --zone]", en: "Zone of the table's times [that of --zone]")))
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

fn metres(name: &'static str, help: Text, default: &'static str) -> Arg {
    option(name, "M", help).default_value(default).value_parser(value_parser!(f64))
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
}

fn crowns_options() -> Vec<Arg> {
    vec![
        path("canopy", "RASTER", text!(fr: "Hauteur de la seule végétation au-dessus du sol, m, sur les cellules du modèle de surface : les arbres laissent passer la lumière", en: "Height of the vegetation alone above the ground, m, on the cells of the surface: trees let light through"))
            .requires("dtm"),
        path("dtm", "RASTER", text!(fr: "Terrain sous la végétation, sur les mêmes cellules", en: "Terrain below the vegetation, on the same cells")).requires("canopy"),
        path("crown-base", "RASTER", text!(fr: "Hauteur des feuilles les plus basses au-dessus du sol, m : la lumière passe entre les troncs [un quart de l'arbre]", en: "Height of the lowest leaves above the ground, m: light passes between trunks [a quarter of the tree]"))
            .requires("canopy"),
        option("transmissivity", "SHARE", text!(fr: "Part de la lumière qui traverse les arbres [0.03 en feuilles, du jour 97 au jour 300 ; 0.5 sans]", en: "Share of the light that passes trees [0.03 in leaf, from day 97 to day 300; 0.5 without]"))
            .requires("canopy")
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

/// `ilot zan [state|flux] …`: artificialised soil by zone and date, and what changed.
fn zan() -> Command {
    let codes = text!(
        fr: "Codes de sortie : 0 tout est fait ; 1 des zones sont sans données ; 2 rien n'a pu commencer, ou les sommes ne ferment pas.",
        en: "Exit codes: 0 all done; 1 some zones are without data; 2 could not start, or sums do not close.",
    );
    let state = named(
        "state",
        text!(fr: "Surfaces artificialisées et imperméables, par zone et date", en: "Artificialised and impermeable areas, by zone and date"),
    );
    let flux = named(
        "flux",
        text!(fr: "Gains, pertes et transitions entre deux dates, ou d'une couche de changements", en: "Gains, losses and transitions between two dates, or of a layer of changes"),
    );
    named("zan", text!(fr: "Artificialisation des sols (ZAN) : état et flux par commune ou par zone", en: "Artificialised soil (ZAN): state and flux by commune or zone"))
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .args(zan_options())
        .subcommand(state.args(zan_options()).after_help(codes.to_string()))
        .subcommand(flux.args(zan_options()).after_help(codes.to_string()))
        .after_help(codes.to_string())
}

fn zan_options() -> Vec<Arg> {
    vec![
        path("t1", "FILE|DIR", text!(fr: "OCS GE de la première date : un fichier, ou le dossier des départements", en: "OCS GE of the first date: a file, or the folder of the départements"))
            .aliases(["before", "ocsge"]),
        path("t2", "FILE|DIR", text!(fr: "OCS GE de la date suivante ; plusieurs fois pour plusieurs dates", en: "OCS GE of the next date; several times for several dates"))
            .alias("after")
            .action(ArgAction::Append)
            .requires("t1"),
        path("diff", "FILE|DIR", text!(fr: "Couche de changements au lieu des dates", en: "Layer of changes instead of dates")).conflicts_with_all(["t1", "t2"]),
        option("definition", "decree|delivered|ign", text!(fr: "Ce que veut dire un changement : decree, la matrice du décret sur les codes ; delivered, tout polygone est artificialisé ; ign, les statuts livrés [decree]", en: "What a change means: decree, the decree's matrix on the codes; delivered, every polygon is artificialised; ign, the statuses delivered [decree]"))
            .value_parser(PossibleValuesParser::new(["decree", "delivered", "ign"])),
        path("zones", "FILE", text!(fr: "Communes ou autres polygones", en: "Communes or other polygons")).required(true),
        path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true),
        option("zone-id", "FIELD", text!(fr: "Champ qui nomme les zones [trouvé par motif]", en: "Field that names the zones [found by pattern]")),
        option("layer", "NAME", text!(fr: "Couche des données, si plusieurs conviennent", en: "Layer of the data, where several fit")),
        option("zone-layer", "NAME", text!(fr: "Couche des zones, si le fichier en a plusieurs", en: "Layer of the zones, where the file has several")),
        option("crs", "CRS", text!(fr: "CRS des fichiers qui n'en disent pas, ou un faux : EPSG:2154…", en: "CRS of files that say none, or a wrong one: EPSG:2154…")),
        option("date1", "DAY", text!(fr: "Date vraie de la première couche : 2018 ou 2018-07-15", en: "True date of the first layer: 2018 or 2018-07-15")),
        option("date2", "DAY", text!(fr: "Date vraie de la suivante ; plusieurs fois pour plusieurs", en: "True date of the next; several times for several")).action(ArgAction::Append),
        option("mode", "matrix|recompute|ign", text!(fr: "Quel statut compte : matrix, la matrice du décret ; recompute, avec les seuils ; ign, l'attribut livré [matrix]", en: "Which status counts: matrix, the decree's matrix; recompute, with the thresholds; ign, the attribute delivered [matrix]"))
            .value_parser(PossibleValuesParser::new(["matrix", "recompute", "ign"])),
        path("exempt-pv", "FILE", text!(fr: "Champs photovoltaïques exemptables (R. 101-1 III 1°)", en: "Photovoltaic fields that may be exempt (R. 101-1 III 1°)")),
        path("exempt-parks", "FILE", text!(fr: "Parcs et jardins publics exemptables (R. 101-1 III 2°)", en: "Public parks that may be exempt (R. 101-1 III 2°)")),
        option("min-building", "M2", text!(fr: "Seuil du bâti, m² [50]", en: "Threshold of buildings, m² [50]")).value_parser(value_parser!(f64)),
        option("min-zone", "M2", text!(fr: "Seuil des autres zones, m² [2500]", en: "Threshold of other zones, m² [2500]")).value_parser(value_parser!(f64)),
        option("min-width", "M", text!(fr: "Largeur minimale des infrastructures linéaires, m [5]", en: "Smallest width of linear infrastructures, m [5]")).value_parser(value_parser!(f64)),
        option("min-trees", "PCT", text!(fr: "Part d'arbres à partir de laquelle l'herbe est du bois, % [25]", en: "Share of trees from which herbs are wood, % [25]")).value_parser(value_parser!(f64)),
        option("enclosed", "SHARE", text!(fr: "Part du pourtour d'autre statut qui fait l'enclave [1]", en: "Share of the perimeter of other status that makes an enclave [1]")).value_parser(value_parser!(f64)),
        option("forcing", "none|adjacent|zone", text!(fr: "Ce que le bâti garde artificialisé autour de lui [zone]", en: "What buildings keep artificialised around them [zone]"))
            .value_parser(PossibleValuesParser::new(["none", "adjacent", "zone"])),
        option("order", "artificial|natural", text!(fr: "Quelles petites zones passent d'abord [artificial]", en: "Which small zones go first [artificial]"))
            .value_parser(PossibleValuesParser::new(["artificial", "natural"])),
        flag("no-polygons", text!(fr: "Sans la couche de chaque polygone : tables seules", en: "Without the layer of each polygon: tables alone")),
        option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]")).value_parser(value_parser!(usize)),
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
