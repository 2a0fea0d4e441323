//! The words of projects, and what tells of the program itself.

use super::{flag, machine_options, named, option, path, place};
use crate::text;
use clap::{Command, value_parser};

/// The commands that work on a project file.
pub fn project_commands() -> Vec<Command> {
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

pub fn other_commands() -> Vec<Command> {
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
