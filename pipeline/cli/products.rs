//! `ilot products`: what comes out.

use crate::formats::aside;
use crate::product;
use crate::report;
use crate::text::{Fault, Language};
use crate::write;
use clap::ArgMatches;
use std::path::PathBuf;

/// Lists the registry, or writes what is made from it.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let language = Language::spoken();
    if let Some(folder) = words.get_one::<PathBuf>("styles") {
        for (name, text) in write::committed_styles() {
            aside::write(&folder.join(name), text.as_bytes())?;
        }
    } else if words.get_flag("markdown") {
        print!("{}", product::markdown_table(language));
    } else if json {
        for spec in product::all() {
            let object = serde_json::json!({
                "name": spec.name, "unit": spec.unit, "nodata": spec.nodata, "range": spec.range, "source": spec.source,
                "title": { "fr": spec.title.fr, "en": spec.title.en }, "meaning": { "fr": spec.meaning.fr, "en": spec.meaning.en },
            });
            println!("{object}");
        }
    } else {
        for spec in product::all() {
            println!("{:<10} {:<10} {}", spec.name, spec.unit, spec.meaning.in_language(language));
        }
    }
    Ok(report::ALL)
}
