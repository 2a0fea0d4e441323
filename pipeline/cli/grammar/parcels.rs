//! The words of what to do with each parcel.

use super::{flag, named, option, path, place};
use crate::text;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Command, value_parser};

/// `ilot zan parcels PARCELS --maps DIR --out DIR`: what to do with each parcel.
pub fn parcels() -> Command {
    let about = text!(
        fr: "Par parcelle : imperméabilité, pleine terre, biotope, densification, renaturation, friches, agriculture en ville",
        en: "By parcel: sealed share, open soil, biotope factor, densification, renaturation, brownfields, urban farming",
    );
    named("parcels", about).visible_alias("renature").args([
        place("parcels", "PARCELS", text!(fr: "Parcelles du cadastre : GeoJSON, GeoPackage, Shapefile", en: "Parcels of the cadastre: GeoJSON, GeoPackage, Shapefile")).required(true),
        path("maps", "DIR", text!(fr: "Dossier des cartes d'ilot : cover, et slope, canopy, chm, heat_night, sun_hours… où elles sont", en: "Folder of ilot's maps: cover, and slope, canopy, chm, heat_night, sun_hours… where they are")),
        path("ocsge", "FILE|DIR", text!(fr: "OCS GE la plus récente : état du sol, effet des seuils", en: "Latest OCS GE: state of soil, effect of thresholds")),
        path("out", "DIR", text!(fr: "Dossier des résultats", en: "Folder of the results")).required(true),
        path("plu", "TOML", text!(fr: "Poids du CBS, règles et réglages du PLU [poids Effinature]", en: "Weights of the CBS, rules and settings of the PLU [weights of Effinature]")),
        path("plu-zones", "FILE", text!(fr: "Zones du PLU (libelle)", en: "Zones of the PLU (libelle)")),
        path("public", "FILE", text!(fr: "Foncier public, polygones ; sinon la colonne des parcelles", en: "Public land, polygons; else the column of the parcels")),
        path("exclude", "FILE", text!(fr: "Où l'on ne bâtit ni ne cultive : PPRI, bois classés, sols pollués ; plusieurs fois", en: "Where nothing is built or grown: flood zones, protected woods, polluted soil; several times")).action(ArgAction::Append),
        path("brownfields", "FILE", text!(fr: "Friches, comme Cartofriches", en: "Brownfields, such as Cartofriches")),
        option("layer", "NAME", text!(fr: "Couche des parcelles, si le fichier en a plusieurs", en: "Layer of the parcels, where the file has several")),
        option("id", "FIELD", text!(fr: "Champ qui nomme les parcelles [trouvé par motif]", en: "Field that names the parcels [found by pattern]")),
        option("crs", "CRS", text!(fr: "CRS des fichiers qui n'en disent pas : EPSG:2154…", en: "CRS of files that say none: EPSG:2154…")),
        option("mode", "matrix|recompute|ign", text!(fr: "Quel statut de l'OCS GE compte [matrix]", en: "Which status of OCS GE counts [matrix]"))
            .value_parser(PossibleValuesParser::new(["matrix", "recompute", "ign"])),
        flag("with-image", text!(fr: "L'occupation a été faite avec une image infrarouge : intervalles plus étroits", en: "The cover was made with an infrared image: narrower intervals")),
        option("threads", "N", text!(fr: "Fils d'exécution [un par cœur]", en: "Threads [one per core]")).value_parser(value_parser!(usize)),
    ])
}
