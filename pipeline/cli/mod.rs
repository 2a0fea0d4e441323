//! The command line: words in, words out. Grammar and wording only.

mod check;
mod doctor;
mod grammar;
mod info;
mod init;
mod products;
mod run;
mod sample;
mod watch;
mod zonal;

use crate::report;
use crate::text::{Fault, Language};
use clap::ArgMatches;
use clap::error::ErrorKind;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command of this process and returns its exit code.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    language(&words).speak();
    let matches = match grammar::command().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(why) => {
            let asked_for = matches!(why.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // A closed terminal is no reason to fail differently.
            let _ = why.print();
            return ExitCode::from(if asked_for { report::ALL } else { report::NONE });
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
        Some(("init", words)) => init::main(words),
        Some(("check", words)) => check::main(words, json),
        Some(("plan", words)) => run::plan(words, json),
        Some(("run", words)) => run::project(words, json),
        Some(("surface", words)) => run::surface(words, json),
        Some(("products", words)) => products::main(words, json),
        Some(("info", words)) => info::main(words, json),
        Some(("doctor", words)) => doctor::main(words, json),
        Some(("sample", words)) => sample::main(words, json),
        Some(("zonal", words)) => zonal::main(words, json),
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

/// Prints what went wrong: a line for people, or an object for machines.
fn say_fault(why: &Fault, json: bool) {
    if json {
        println!("{}", serde_json::json!({ "event": "fault", "fr": why.0.fr, "en": why.0.en }));
    } else {
        eprintln!("ilot: {why}");
    }
}
