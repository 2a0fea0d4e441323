//! `ilot sky DSM --out DIR`: the sky, the shade and the hours of sun of a surface.

use super::run::stop_signal;
use crate::fault;
use crate::measures::crowns::CrownsOrder;
use crate::measures::sky::{self, Done, Order};
use crate::measures::sun;
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use ilot_kernels::shade::ShadeParams;
use ilot_kernels::sky::SkyParams;
use ilot_kernels::unit::Metres;
use std::path::PathBuf;

/// Makes the products, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let order = order(words)?;
    let stop = stop_signal()?;
    let start = std::time::Instant::now();
    let threads = words.get_one::<usize>("threads").copied().unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|why| {
        fault!(
            fr: "Les fils d'exécution ne peuvent être lancés ({why}) : réduisez --threads.",
            en: "The threads cannot be started ({why}): lower --threads.",
        )
    })?;
    let tell = |tile: &str, tiles: usize| {
        if json {
            println!("{}", serde_json::json!({ "event": "made", "tile": tile, "tiles": tiles }));
        }
    };
    let done = pool.install(|| sky::make(&order, &stop, &tell))?;
    conclude(&order, &done, start.elapsed().as_secs_f64(), json);
    Ok(if done.interrupted { report::INTERRUPTED } else { report::ALL })
}

fn order(words: &ArgMatches) -> Result<Order, Fault> {
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned().expect("the grammar asks for it");
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let number = |name: &str| *words.get_one::<f64>(name).expect("the grammar has a default");
    let dates = words.get_many::<String>("date").into_iter().flatten();
    let tile = *words.get_one::<u32>("tile").expect("the grammar has a default") as usize;
    Ok(Order {
        surface: path("surface"),
        out: path("out"),
        crs: text("crs"),
        crowns: crowns(words)?,
        sky: sky_params(*words.get_one("directions").expect("the grammar has a default"), number("reach"))?,
        shade: ShadeParams::new(length("shadow-reach", number("shadow-reach"))?)
            .expect("its length was checked"),
        dates: dates.map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
        zone: text("zone"),
        tile,
    })
}

/// The grammar has `--dtm` and `--canopy` come together.
fn crowns(words: &ArgMatches) -> Result<Option<CrownsOrder>, Fault> {
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned();
    let (Some(dtm), Some(canopy)) = (path("dtm"), path("canopy")) else { return Ok(None) };
    let transmissivity = *words.get_one::<f32>("transmissivity").expect("the grammar has a default");
    if !(0.0..=1.0).contains(&transmissivity) {
        return Err(fault!(
            fr: "--transmissivity vaut {transmissivity} : donnez une part de 0 à 1.",
            en: "--transmissivity is {transmissivity}: give a share from 0 to 1.",
        ));
    }
    Ok(Some(CrownsOrder { dtm, canopy, transmissivity }))
}

/// The most metres that anything is looked at: what a tile needs of memory grows with the square.
const FARTHEST: f64 = 5000.0;

fn length(key: &str, value: f64) -> Result<Metres, Fault> {
    if value > 0.0 && value <= FARTHEST {
        return Ok(Metres(value));
    }
    Err(fault!(
        fr: "--{key} vaut {value} : donnez une longueur de plus de 0 et d'au plus {FARTHEST} m.",
        en: "--{key} is {value}: give a length of more than 0 and at most {FARTHEST} m.",
    ))
}

fn sky_params(directions: u32, reach: f64) -> Result<SkyParams, Fault> {
    SkyParams::new(directions, length("reach", reach)?).map_err(|_| {
        fault!(
            fr: "--directions vaut {directions} : donnez de 4 à 360 directions.",
            en: "--directions is {directions}: give from 4 to 360 directions.",
        )
    })
}

fn conclude(order: &Order, done: &Done, seconds: f64, json: bool) {
    let (tiles, (seen, all), out) = (done.tiles, done.cells, order.out.display());
    if json {
        let remarks: Vec<_> =
            done.remarks.iter().map(|text| serde_json::json!({ "fr": text.fr, "en": text.en })).collect();
        println!(
            "{}",
            serde_json::json!({
                "event": "done", "made": tiles, "cells": [seen, all], "interrupted": done.interrupted,
                "remarks": remarks, "out": order.out,
            })
        );
        return;
    }
    if done.interrupted {
        eprintln!(
            "{}",
            text!(
                fr: "Interrompu : relancez la même commande pour recommencer.",
                en: "Interrupted: give the same command again to start over.",
            )
        );
        return;
    }
    for remark in &done.remarks {
        let (fr, en) = (&remark.fr, &remark.en);
        eprintln!("{}", text!(fr: "attention : {fr}", en: "note: {en}"));
    }
    eprintln!(
        "{}",
        text!(
            fr: "{tiles} tuiles, {seen} cellules, en {seconds:.1} s. Résultats dans {out} : ouvrez {out}/sky_view.vrt dans QGIS.",
            en: "{tiles} tiles, {seen} cells, in {seconds:.1} s. Results in {out}: open {out}/sky_view.vrt in QGIS.",
        )
    );
}
