//! `ilot tiles OUT`: 3D Tiles of a finished run.

use super::run::stop_signal;
use crate::account;
use crate::formats::glb::Packing;
use crate::project;
use crate::report;
use crate::text;
use crate::text::Fault;
use crate::twin::{self, Content, Done, Order};
use clap::ArgMatches;
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

/// Makes the tiles and says what was made.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let start = Instant::now();
    let order = Order {
        out: super::survey::path(words, "out"),
        clouds: words.get_many::<PathBuf>("clouds").into_iter().flatten().cloned().collect(),
        crs: super::survey::text(words, "crs"),
        grids: words.get_one::<PathBuf>("grids").cloned().into_iter().collect(),
        record: report::FINISHED,
        content: words
            .get_many::<String>("content")
            .into_iter()
            .flatten()
            .filter_map(|name| content(name))
            .collect(),
        ortho: words.get_one::<PathBuf>("ortho").cloned(),
        drape: super::survey::text(words, "drape"),
        packing: match words.get_one::<String>("compression").map(String::as_str) {
            Some("none") => Packing::None,
            _ => Packing::Meshopt,
        },
        most: *words.get_one::<u32>("points-per-tile").expect("the grammar has a default") as usize,
    };
    let (threads, _) =
        project::machine(words.get_one::<usize>("threads").copied(), words.get_one::<String>("memory"))?;
    let stop = stop_signal()?;
    let pool = project::pool(threads)?;
    let tell = |tile: &str, tiles: usize| {
        if json {
            println!("{}", json!({ "event": "made", "tile": tile, "tiles": tiles }));
        }
    };
    let done = pool.install(|| twin::make(&order, &stop, &tell))?;
    account::note(&order.out, "tiles", &done.files, &done.inputs)?;
    conclude(&order, &done, start.elapsed().as_secs_f64(), json);
    Ok(match (done.interrupted, done.failed.is_empty()) {
        (true, _) => report::INTERRUPTED,
        (false, true) => report::ALL,
        (false, false) => report::SOME,
    })
}

fn content(name: &str) -> Option<Content> {
    Content::ALL.into_iter().find(|content| content.name() == name)
}

fn conclude(order: &Order, done: &Done, seconds: f64, json: bool) {
    done.failed.iter().for_each(|why| super::say_fault(why, json));
    let ((made, current), points, out) = (done.tiles, done.points, order.out.display());
    let (buildings, trees) = (done.buildings, done.trees);
    if json {
        let remarks: Vec<_> =
            done.remarks.iter().map(|text| json!({ "fr": text.fr, "en": text.en })).collect();
        println!(
            "{}",
            json!({
                "event": "done", "made": made, "current": current, "points": points,
                "buildings": buildings, "trees": trees,
                "interrupted": done.interrupted, "remarks": remarks, "out": order.out,
            })
        );
        return;
    }
    done.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    eprintln!(
        "{}",
        text!(
            fr: "{made} tuiles faites, {current} déjà là, {points} points, {buildings} bâtiments, {trees} arbres, en {seconds:.1} s : {out}/tileset/tileset.json.",
            en: "{made} tiles made, {current} already there, {points} points, {buildings} buildings, {trees} trees, in {seconds:.1} s: {out}/tileset/tileset.json.",
        )
    );
}
