//! `ilot lcz [RUN] --out DIR`: urban form and local climate zones.

use super::run::stop_signal;
use crate::account;
use crate::fault;
use crate::measures::form::{self, Done, Order};
use crate::project;
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::PathBuf;

/// Makes the products, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let order = order(words)?;
    let stop = stop_signal()?;
    let start = std::time::Instant::now();
    let threads = words.get_one::<usize>("threads").copied().unwrap_or(0);
    let pool = project::pool(threads)?;
    let tell = |strip: usize, strips: usize| {
        if json {
            println!("{}", serde_json::json!({ "event": "strip", "strip": strip, "strips": strips }));
        }
    };
    let done = pool.install(|| form::make(&order, &stop, &tell))?;
    let Order { dsm, dtm, cover, sky, density, buildings, vegetation, water, blocks, .. } = &order;
    let read = [dsm, dtm, cover, sky, density, buildings, vegetation, water, blocks];
    let read: Vec<PathBuf> = read.into_iter().flatten().cloned().collect();
    account::note(&order.out, "lcz", &done.files, &read)?;
    let code = match (done.interrupted, done.troubled) {
        (true, _) => report::INTERRUPTED,
        (_, 0) => report::ALL,
        _ => report::SOME,
    };
    conclude(&order, &done, code, start.elapsed().as_secs_f64(), json);
    Ok(code)
}

fn order(words: &ArgMatches) -> Result<Order, Fault> {
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned();
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let cell = *words.get_one::<f64>("cell").expect("the grammar has a default");
    if !form::SIDES.contains(&cell) {
        return Err(fault!(
            fr: "--cell vaut {cell} : donnez un côté de 10 à 10000 m.",
            en: "--cell is {cell}: give a side of 10 to 10000 m.",
        ));
    }
    let mut order = Order {
        dsm: path("dsm"),
        dtm: path("dtm"),
        cover: path("cover"),
        sky: path("sky"),
        density: path("density"),
        buildings: path("buildings"),
        height_field: text("height-field"),
        vegetation: path("vegetation"),
        water: path("water"),
        rest: words.get_one::<u8>("rest").copied(),
        blocks: path("blocks"),
        id: text("id"),
        cell,
        crs: text("crs"),
        out: path("out").or_else(|| path("run")).expect("the grammar asks for one"),
        remarks: Vec::new(),
    };
    if let Some(run) = path("run") {
        order.take_from(&run)?;
    }
    Ok(order)
}

fn conclude(order: &Order, done: &Done, code: u8, seconds: f64, json: bool) {
    let ((squares, blocks), zoned, out) = (done.places, done.zoned, order.out.display());
    if json {
        for remark in &done.remarks {
            println!("{}", serde_json::json!({ "event": "remark", "fr": remark.fr, "en": remark.en }));
        }
        let object = serde_json::json!({
            "event": "done", "squares": squares, "blocks": blocks, "zoned": zoned, "interrupted": done.interrupted,
            "exit_code": code, "out": order.out,
        });
        println!("{object}");
        return;
    }
    if done.interrupted {
        let sentence = text!(
            fr: "Interrompu : relancez la même commande pour recommencer.",
            en: "Interrupted: give the same command again to start over.",
        );
        eprintln!("{sentence}");
        return;
    }
    done.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    eprintln!(
        "{}",
        text!(
            fr: "{squares} carrés et {blocks} îlots, {zoned} avec une zone, en {seconds:.1} s. Résultats dans {out} : ouvrez {out}/lcz.vrt et {out}/urban_form.gpkg dans QGIS.",
            en: "{squares} squares and {blocks} blocks, {zoned} with a zone, in {seconds:.1} s. Results in {out}: open {out}/lcz.vrt and {out}/urban_form.gpkg in QGIS.",
        )
    );
}
