//! The command line: words in, words out. Grammar and wording only.

mod check;
mod classify;
mod comfort;
mod cover;
mod doctor;
mod grammar;
mod heat;
mod info;
mod init;
mod lcz;
mod parcels;
mod pmtiles;
mod products;
mod publish;
mod run;
mod sample;
mod sensors;
mod sky;
mod sun;
mod survey;
mod tiles;
mod view;
mod watch;
mod zan;
mod zonal;

use crate::fault;
use crate::report;
use crate::text;
use crate::text::{Fault, Language, Text};
use clap::ArgMatches;
use clap::error::{ContextKind, ErrorKind};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command of this process and returns its exit code.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    language(&words).speak();
    let json = words.iter().any(|word| word == "--json");
    let matches = match grammar::command().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(why) => {
            return ExitCode::from(grammar_trouble(&why, json));
        }
    };
    match dispatch(&matches) {
        Ok(code) => ExitCode::from(code),
        Err(why) => {
            say_fault(&why, matches.get_flag("json"));
            ExitCode::from(report::NONE)
        }
    }
}

fn dispatch(matches: &ArgMatches) -> Result<u8, Fault> {
    let json = matches.get_flag("json");
    match matches.subcommand() {
        Some(("init", words)) => init::main(words, json),
        Some(("check", words)) => check::main(words, json),
        Some(("plan", words)) => run::plan(words, json),
        Some(("run", words)) => run::project(words, json),
        Some(("surface", words)) => run::surface(words, json),
        Some(("cover", words)) => cover::main(words, json),
        Some(("sky", words)) => sky::main(words, json),
        Some(("sun", words)) => sun::main(words, json),
        Some(("comfort", words)) => comfort::main(words, json),
        Some(("classify", words)) => classify::main(words, json),
        Some(("products", words)) => products::main(words, json),
        Some(("info", words)) => info::main(words, json),
        Some(("doctor", words)) => doctor::main(words, json),
        Some(("sample", words)) => sample::main(words, json),
        Some(("zonal", words)) => zonal::main(words, json),
        Some(("heat", words)) => heat::main(words, json),
        Some(("sensors", words)) => sensors::main(words, json),
        Some(("lcz", words)) => lcz::main(words, json),
        Some(("zan", words)) => zan::main(words, json),
        Some(("tiles", words)) => tiles::main(words, json),
        Some(("pmtiles", words)) => pmtiles::main(words, json),
        Some(("view", words)) => view::main(words, json),
        Some(("report", words)) => publish::report(words, json),
        _ => unreachable!("the grammar asks for a command"),
    }
}

/// `--lang`, else the locale, else French.
fn language(words: &[OsString]) -> Language {
    let texts: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let flag = texts.iter().enumerate().find_map(|(index, word)| match word.strip_prefix("--lang") {
        Some("") => texts.get(index + 1).copied(),
        Some(value) => value.strip_prefix('='),
        None => None,
    });
    let locale = || {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
        named.into_iter().find(|value| !value.is_empty())
    };
    match flag.map(str::to_owned).or_else(locale) {
        Some(words) => Language::of_locale(&words),
        None => Language::French,
    }
}

/// Help and version are printed as they are; anything else is a sentence of ours.
fn grammar_trouble(why: &clap::Error, json: bool) -> u8 {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match why.kind() {
        DisplayHelp | DisplayVersion => {
            // A closed terminal is no reason to fail differently.
            let _ = why.print();
            report::ALL
        }
        DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = why.print();
            report::NONE
        }
        _ => {
            say_fault(&words_of(why), json);
            report::NONE
        }
    }
}

/// What is wrong with the words of the command line.
fn words_of(why: &clap::Error) -> Fault {
    let named = |kind: ContextKind| why.get(kind).map(ToString::to_string).unwrap_or_default();
    let (word, value) = (named(ContextKind::InvalidArg), named(ContextKind::InvalidValue));
    match why.kind() {
        ErrorKind::UnknownArgument => fault!(
            fr: "« {word} » n'est pas une option connue : --help les nomme toutes.",
            en: "`{word}` is no known option: --help names them all.",
        ),
        ErrorKind::InvalidSubcommand => {
            let word = named(ContextKind::InvalidSubcommand);
            fault!(
                fr: "« {word} » n'est pas une commande connue : ilot --help les nomme toutes.",
                en: "`{word}` is no known command: ilot --help names them all.",
            )
        }
        ErrorKind::MissingRequiredArgument => fault!(
            fr: "Il manque {word} : --help dit ce qu'il faut.",
            en: "{word} is missing: --help says what is needed.",
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let known = named(ContextKind::ValidValue);
            let (fr, en) = if known.is_empty() {
                (String::new(), String::new())
            } else {
                (format!(" (valeurs possibles : {known})"), format!(" (possible values: {known})"))
            };
            fault!(
                fr: "« {value} » ne convient pas à {word}{fr} : les décimales s'écrivent avec un point, --help dit ce qu'il faut.",
                en: "`{value}` does not fit {word}{en}: decimals are written with a point, --help says what is needed.",
            )
        }
        _ => {
            let text = why.to_string();
            let first = text.lines().next().unwrap_or("").trim_start_matches("error: ");
            fault!(fr: "La commande ne se lit pas ({first}) : voyez --help.", en: "The command cannot be read ({first}): see --help.")
        }
    }
}

/// Prints what a user should know: a line for people, or an object for machines.
fn say_remark(remark: &Text, json: bool) {
    let Text { fr, en } = remark;
    if json {
        println!("{}", serde_json::json!({ "event": "remark", "fr": fr, "en": en }));
    } else {
        eprintln!("{}", text!(fr: "attention : {fr}", en: "note: {en}"));
    }
}

/// Prints what went wrong: a line for people, or an object for machines.
fn say_fault(why: &Fault, json: bool) {
    if json {
        println!("{}", serde_json::json!({ "event": "fault", "fr": why.0.fr, "en": why.0.en }));
    } else {
        eprintln!("ilot: {why}");
    }
}
