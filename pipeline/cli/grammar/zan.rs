//! The words of soil artificialisation.

use super::{flag, named, option, path};
use crate::text;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

/// `ilot zan [state|flux|enaf] …`: artificialised soil by zone and date, what changed, and consumption of ENAF.
pub fn zan() -> Command {
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
    let report = named(
        "report",
        text!(fr: "Rapport triennal (CGCT R. 2231-1) : une page par commune, une table", en: "Three-yearly report (CGCT R. 2231-1): a page a commune, a table"),
    );
    named("zan", text!(fr: "Artificialisation des sols (ZAN) : état et flux par commune ou par zone", en: "Artificialised soil (ZAN): state and flux by commune or zone"))
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .args(zan_options())
        .args(enaf_options())
        .subcommand(state.args(zan_options()).after_help(codes.to_string()))
        .subcommand(flux.args(zan_options()).args(enaf_options()).after_help(codes.to_string()))
        .subcommand(enaf().after_help(codes.to_string()))
        .subcommand(super::parcels::parcels().after_help(codes.to_string()))
        .subcommand(report.args(zan_options()).args(enaf_options()).after_help(codes.to_string()))
        .after_help(codes.to_string())
}

/// `ilot zan enaf …`: consumption of natural, agricultural and forest land, and its path.
fn enaf() -> Command {
    let mut table = enaf_options();
    table[0] = table[0].clone().required(true);
    named("enaf", text!(fr: "Consommation d'ENAF et trajectoire légale, de la table du Cerema", en: "Consumption of natural, agricultural and forest land and its legal path, from Cerema's table"))
        .args(table)
        .args([
            path("zones", "FILE", text!(fr: "Zones : communes, ou polygones dont le code est celui d'un EPCI, d'un SCoT… de la table [toutes les communes de la table]", en: "Zones: communes, or polygons whose code is that of an EPCI, a SCoT… of the table [all communes of the table]")),
            path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true),
            option("zone-id", "FIELD", text!(fr: "Champ qui nomme les zones [trouvé par motif]", en: "Field that names the zones [found by pattern]")),
            option("zone-layer", "NAME", text!(fr: "Couche des zones, si le fichier en a plusieurs", en: "Layer of the zones, where the file has several")),
            option("crs", "CRS", text!(fr: "CRS des zones, si le fichier n'en dit pas", en: "CRS of the zones, where the file says none")),
        ])
}

fn enaf_options() -> Vec<Arg> {
    vec![
        path("enaf", "FILE", text!(fr: "Table communale de consommation d'ENAF du Cerema (conso-com.csv)", en: "Cerema's table of ENAF consumption by commune (conso-com.csv)"))
            .aliases(["table", "conso"]),
        option("reference", "FROM:TO", text!(fr: "Période de référence, années comprises [2011:2020]", en: "Reference period, both years in it [2011:2020]")),
        option("target", "FROM:TO", text!(fr: "Période visée, années comprises [2021:2030]", en: "Target period, both years in it [2021:2030]")),
        option("rate", "SHARE", text!(fr: "Réduction visée, de 0 à 1 [0.5]", en: "Reduction aimed at, 0 to 1 [0.5]")).alias("taux").value_parser(value_parser!(f64)),
        option("floor", "HA", text!(fr: "Plancher de chaque commune, ha [1]", en: "Floor of each commune, ha [1]")).aliases(["floor-ha", "plancher-ha"]).value_parser(value_parser!(f64)),
        path("terms", "FILE", text!(fr: "Table par code : rate ou rate_pct, floor_ha, covered (document d'urbanisme), delegated (communes déléguées), national_ha (PENE)", en: "Table by code: rate or rate_pct, floor_ha, covered (planning document), delegated (delegated communes), national_ha (projects of national interest)")),
        option("group", "COLUMN", text!(fr: "Colonne de la table par laquelle grouper : epci25, scot, iddep…", en: "Column of the table to group by: epci25, scot, iddep…")),
    ]
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
        option("mode", "matrix|recompute|ign|lidar", text!(fr: "Quel statut compte : matrix, la matrice du décret ; recompute, avec les seuils ; ign, l'attribut livré ; lidar, les seuils sur la carte --cover, à sa vraie taille [matrix]", en: "Which status counts: matrix, the decree's matrix; recompute, with the thresholds; ign, the attribute delivered; lidar, the thresholds on the map --cover, at its true size [matrix]"))
            .value_parser(PossibleValuesParser::new(["matrix", "recompute", "ign", "lidar"])),
        path("cover", "RASTER", text!(fr: "Carte d'occupation d'ilot (cover, neuf classes) d'une date ; plusieurs fois pour plusieurs ; --t1 et --t2 en donnent alors l'usage", en: "Land cover of ilot (cover, nine classes) of a date; several times for several; --t1 and --t2 then give its use"))
            .action(ArgAction::Append),
        path("trees", "RASTER", text!(fr: "Carte des arbres (cover, ou couvert arboré en %) pour le seuil de 25 % des surfaces herbacées", en: "Map of trees (cover, or canopy in %) for the threshold of 25 % of herbaceous soil")),
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
        path("population", "FILE", text!(fr: "Population par zone et par année (pop_2015, P15_POP…) : LCRPGR, ODD 11.3.1", en: "Population by zone and year (pop_2015, P15_POP…): LCRPGR, SDG 11.3.1")),
        option("edge-accuracy", "M", text!(fr: "Écart-type des contours, m [1]", en: "Standard deviation of outlines, m [1]")).value_parser(value_parser!(f64)),
        option("edge-length", "M", text!(fr: "Longueur de contour sur laquelle les écarts vont ensemble, m [20]", en: "Length of outlines over which their errors go together, m [20]")).value_parser(value_parser!(f64)),
        path("error-matrix", "FILE", text!(fr: "Matrice d'erreurs en CSV, lignes : carte, colonnes : vérité, points comptés : artif et non_artif, ou imper et non_imper, ou gain, loss, stable_artif, stable_other ; plusieurs fois pour plusieurs [2 % d'erreurs supposés]", en: "Matrix of errors as CSV, rows: map, columns: truth, places counted: artif and non_artif, or imper and non_imper, or gain, loss, stable_artif, stable_other; several times for several [2 % of errors assumed]")).action(ArgAction::Append),
        flag("no-polygons", text!(fr: "Sans la couche de chaque polygone : tables seules", en: "Without the layer of each polygon: tables alone")),
        option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]")).value_parser(value_parser!(usize)),
    ]
}
