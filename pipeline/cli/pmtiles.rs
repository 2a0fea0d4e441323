//! `ilot pmtiles OUT`: archives of map tiles of a finished run.

use super::run::stop_signal;
use crate::account;
use crate::fault;
use crate::project;
use crate::publish::archives::{self, Order};
use crate::publish::catalogue;
use crate::publish::credits::Credits;
use crate::report::{self, FINISHED, recorded};
use crate::store::Store;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Makes the archives and says what was made.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let start = Instant::now();
    let out = super::survey::path(words, "out");
    if !out.is_dir() {
        let out = out.display();
        return Err(fault!(
            fr: "{out} n'est pas un dossier de résultats : donnez celui d'un calcul fini.",
            en: "{out} is no folder of results: give that of a finished run.",
        ));
    }
    let attribution = super::survey::text(words, "attribution");
    let order = Order {
        products: words
            .get_one::<String>("products")
            .map(|list| list.split(',').map(|name| name.trim().to_owned()).collect())
            .unwrap_or_default(),
        credits: credits(&out, attribution),
        record: FINISHED,
    };
    let (threads, _) =
        project::machine(words.get_one::<usize>("threads").copied(), words.get_one::<String>("memory"))?;
    let stop = stop_signal()?;
    let pool = project::pool(threads)?;
    let tell = |name: &str, tiles: usize, bytes: u64| {
        if json {
            println!("{}", json!({ "event": "made", "archive": name, "tiles": tiles, "bytes": bytes }));
        } else {
            let size = bytes as f64 / 1e6;
            eprintln!(
                "{}",
                text!(fr: "{name} : {tiles} tuiles, {size:.2} Mo", en: "{name}: {tiles} tiles, {size:.2} MB")
            );
        }
    };
    let store = Store::open(&out)?;
    let made = pool.install(|| archives::make(&order, &store, &stop, &tell))?;
    account::note(&out, "pmtiles", &made.files, &archives::read_for(&out, &made.files))?;
    catalogue::refresh(&store, &made.files)?;
    made.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    let archives = made.files.iter().filter(|file| file.ends_with(".pmtiles")).count();
    let (seconds, shown) = (start.elapsed().as_secs_f64(), out.display());
    if json {
        println!(
            "{}",
            json!({ "event": "done", "archives": archives, "interrupted": made.interrupted, "out": out })
        );
    } else {
        eprintln!(
            "{}",
            text!(
                fr: "{archives} archives en {seconds:.1} s : {shown}/pmtiles.",
                en: "{archives} archives in {seconds:.1} s: {shown}/pmtiles.",
            )
        );
    }
    Ok(if made.interrupted { report::INTERRUPTED } else { report::ALL })
}

/// Whom the run's project thanks; a flag says it otherwise.
fn credits(out: &Path, attribution: Option<String>) -> Credits {
    let run = recorded(out, FINISHED);
    let mut credits = Credits::of_run(&run).unwrap_or_else(|| Credits::of(None, &clouds(&run)));
    credits.section.attribution = attribution.or(credits.section.attribution);
    credits
}

/// The clouds that the run's own record names.
fn clouds(run: &Value) -> Vec<PathBuf> {
    let inputs = run["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    inputs.iter().filter_map(|input| input["path"].as_str().map(PathBuf::from)).collect()
}
