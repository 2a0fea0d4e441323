//! `ilot report OUT`: the report of a finished run, written anew from its files, and the page that leads to it.

use crate::publish::inventory::Inventory;
use crate::publish::{page, report};
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use serde_json::json;

/// Writes the report and says where it is.
pub fn report(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let inventory = Inventory::read(&super::survey::path(words, "out"))?;
    report::write(&inventory)?;
    page::write(&inventory)?;
    let written = inventory.out.join(report::NAME);
    if json {
        println!("{}", json!({ "event": "done", "report": written }));
    } else {
        let shown = written.display();
        eprintln!("{}", text!(fr: "Rapport : {shown}.", en: "Report: {shown}."));
    }
    Ok(crate::report::ALL)
}
