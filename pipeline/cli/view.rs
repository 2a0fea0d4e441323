//! `ilot view OUT`: the page of a finished run, from this machine to its browser.

use super::run::stop_signal;
use crate::publish::inventory::{Inventory, is_there};
use crate::publish::page;
use crate::publish::view::View;
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::process::{Command, Stdio};

/// Serves until Ctrl-C.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let stop = stop_signal()?;
    let out = super::survey::path(words, "out");
    let view = View::open(&out, words.get_one::<u16>("port").copied())?;
    // The page of an older version, or of a folder that has gained maps since, is made anew; one that cannot be is told.
    let page = || if is_there(&out) { page::renew(&Inventory::read(&out)?) } else { Ok(()) };
    if let Err(why) = page() {
        super::say_fault(&why, json);
    }
    let address = view.address("");
    if json {
        println!(
            "{}",
            serde_json::json!({ "event": "listening", "address": address, "port": view.port, "out": out })
        );
    } else {
        let shown = out.display();
        eprintln!(
            "{}",
            text!(fr: "{shown} : ouvrez {address} ; Ctrl-C arrête.", en: "{shown}: open {address}; Ctrl-C ends it.")
        );
    }
    if words.get_flag("open") && !open(&address) {
        let remark = text!(
            fr: "aucun navigateur n'a pu être lancé : ouvrez l'adresse vous-même",
            en: "no browser could be started: open the address yourself",
        );
        super::say_remark(&remark, json);
    }
    view.serve(&stop);
    Ok(report::ALL)
}

/// Asks the system to open an address; whether it could be asked.
fn open(address: &str) -> bool {
    let (program, first): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/c", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command
        .args(first)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .is_ok()
}
