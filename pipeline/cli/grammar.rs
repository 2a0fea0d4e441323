//! The grammar: which commands and flags there are, with their words in the language spoken.

use crate::text;
use crate::text::Text;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};
use std::path::PathBuf;

mod clouds;
mod heat;
mod light;
mod parcels;
mod project;
mod publish;
mod twin;
mod zan;
mod zones;

/// The whole command line.
pub fn command() -> Command {
    let about = text!(
        fr: "Des nuages LiDAR HD, images, données d'occupation du sol et capteurs au relief, au couvert, à la chaleur, à l'artificialisation et au jumeau numérique d'une commune ou d'un département.",
        en: "From LiDAR HD clouds, images, land-cover data and sensors to terrain, land cover, heat, artificialised soil and the digital twin of a commune or a département.",
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
        .subcommand(clouds::surface())
        .subcommand(clouds::classify())
        .subcommand(clouds::cover())
        .subcommand(light::sky())
        .subcommand(light::sun())
        .subcommand(light::comfort())
        .subcommand(zones::zonal())
        .subcommand(heat::sensors())
        .subcommand(heat::heat())
        .subcommand(zones::lcz())
        .subcommand(zan::zan())
        .subcommand(twin::tiles())
        .subcommand(publish::pmtiles())
        .subcommand(publish::view())
        .subcommand(publish::report())
        .subcommands(project::project_commands())
        .subcommands(project::other_commands())
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

fn metres(name: &'static str, help: Text, default: &'static str) -> Arg {
    option(name, "M", help).default_value(default).value_parser(value_parser!(f64))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_grammar_is_sound() {
        super::command().debug_assert();
    }
}
