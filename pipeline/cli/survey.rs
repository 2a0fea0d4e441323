//! What `ilot sky`, `ilot sun` and `ilot comfort` have in common: their flags, their threads and their last words.

use super::run::stop_signal;
use crate::account;
use crate::fault;
use crate::measures::crowns::CrownsOrder;
use crate::measures::sunlight::linke_of;
use crate::measures::survey::{Done, Place, Tell};
use crate::project;
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use ilot_kernels::shade::ShadeParams;
use ilot_kernels::sky::SkyParams;
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Runs a method on its own threads, and says what there is.
pub fn run(
    words: &ArgMatches,
    json: bool,
    first: &str,
    make: impl Fn(&AtomicBool, Tell<'_>) -> Result<Done, Fault> + Sync,
) -> Result<u8, Fault> {
    let stop = stop_signal()?;
    let start = std::time::Instant::now();
    let threads = words.get_one::<usize>("threads").copied().unwrap_or(0);
    let pool = project::pool(threads)?;
    let tell = |tile: &str, tiles: usize| {
        if json {
            println!("{}", serde_json::json!({ "event": "made", "tile": tile, "tiles": tiles }));
        }
    };
    let done = pool.install(|| make(&stop, &tell))?;
    account::note(&path(words, "out"), first, &done.files, &done.inputs)?;
    conclude(&path(words, "out"), first, &done, start.elapsed().as_secs_f64(), json);
    Ok(if done.interrupted { report::INTERRUPTED } else { report::ALL })
}

/// A path that the grammar asks for.
pub fn path(words: &ArgMatches, name: &str) -> PathBuf {
    words.get_one::<PathBuf>(name).cloned().expect("the grammar asks for it")
}

/// The names of `--products`; none where it is not given.
pub fn names(words: &ArgMatches) -> Vec<String> {
    let list = text(words, "products").unwrap_or_default();
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Words of a flag, where it is given.
pub fn text(words: &ArgMatches, name: &str) -> Option<String> {
    words.get_one::<String>(name).cloned()
}

/// The surface of the command, and where its maps go.
pub fn place(words: &ArgMatches) -> Result<Place, Fault> {
    let tile = *words.get_one::<u32>("tile").expect("the grammar has a default");
    Ok(Place {
        surface: path(words, "surface"),
        out: path(words, "out"),
        crs: text(words, "crs"),
        crowns: crowns(words)?,
        zone: text(words, "zone"),
        tile: tile as usize,
    })
}

/// The grammar has `--dtm` and `--canopy` come together.
fn crowns(words: &ArgMatches) -> Result<Option<CrownsOrder>, Fault> {
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned();
    let (Some(dtm), Some(canopy)) = (path("dtm"), path("canopy")) else { return Ok(None) };
    let transmissivity = words.get_one::<f32>("transmissivity").copied();
    if let Some(share) = transmissivity.filter(|share| !(0.0..=1.0).contains(share)) {
        return Err(fault!(
            fr: "--transmissivity vaut {share} : donnez une part de 0 à 1.",
            en: "--transmissivity is {share}: give a share from 0 to 1.",
        ));
    }
    Ok(Some(CrownsOrder { dtm, canopy, base: path("crown-base"), cover: None, transmissivity }))
}

/// The most metres that anything is looked at: what a tile needs of memory grows with the square.
const FARTHEST: f64 = 5000.0;

/// A length of a flag.
pub fn length(words: &ArgMatches, key: &str) -> Result<Metres, Fault> {
    let value = *words.get_one::<f64>(key).expect("the grammar has a default");
    if value > 0.0 && value <= FARTHEST {
        return Ok(Metres(value));
    }
    Err(fault!(
        fr: "--{key} vaut {value} : donnez une longueur de plus de 0 et d'au plus {FARTHEST} m.",
        en: "--{key} is {value}: give a length of more than 0 and at most {FARTHEST} m.",
    ))
}

/// How shadows are followed.
pub fn shade(words: &ArgMatches) -> Result<ShadeParams, Fault> {
    Ok(ShadeParams::new(length(words, "shadow-reach")?).expect("its length was checked"))
}

/// How the sky is looked at.
pub fn sky(words: &ArgMatches) -> Result<SkyParams, Fault> {
    let directions = directions(words)?;
    Ok(SkyParams::new(directions, length(words, "reach")?).expect("both were checked"))
}

/// Directions of the horizon.
pub fn directions(words: &ArgMatches) -> Result<u32, Fault> {
    let directions = *words.get_one::<u32>("directions").expect("the grammar has a default");
    if (4..=360).contains(&directions) {
        return Ok(directions);
    }
    Err(fault!(
        fr: "--directions vaut {directions} : donnez de 4 à 360 directions.",
        en: "--directions is {directions}: give from 4 to 360 directions.",
    ))
}

/// Linke's turbidity: one for all months, or twelve.
pub fn linke(words: &ArgMatches) -> Result<[f64; 12], Fault> {
    let Some(list) = text(words, "linke") else { return Ok(ilot_kernels::clear_sky::LINKE_OF_FRANCE) };
    let values: Option<Vec<f64>> = list.split(',').map(|word| word.trim().parse().ok()).collect();
    values.as_deref().and_then(linke_of).ok_or_else(|| {
        fault!(
            fr: "--linke {list} : donnez un trouble de Linke de 1 à 10, ou douze, de janvier à décembre, séparés par des virgules.",
            en: "--linke {list}: give one Linke turbidity from 1 to 10, or twelve, January to December, between commas.",
        )
    })
}

fn conclude(out: &Path, first: &str, done: &Done, seconds: f64, json: bool) {
    let (tiles, current, (seen, all)) = (done.tiles, done.current, done.cells);
    if json {
        let remarks: Vec<_> =
            done.remarks.iter().map(|text| serde_json::json!({ "fr": text.fr, "en": text.en })).collect();
        println!(
            "{}",
            serde_json::json!({
                "event": "done", "made": tiles - current, "current": current, "cells": [seen, all],
                "interrupted": done.interrupted, "remarks": remarks, "out": out,
            })
        );
        return;
    }
    if done.interrupted {
        eprintln!(
            "{}",
            text!(
                fr: "Interrompu : relancez la même commande pour continuer, les tuiles faites restent.",
                en: "Interrupted: give the same command again to go on, the tiles made stay.",
            )
        );
        return;
    }
    done.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    let out = out.display();
    eprintln!(
        "{}",
        text!(
            fr: "{tiles} tuiles (dont {current} déjà faites), {seen} cellules, en {seconds:.1} s. Résultats dans {out} : ouvrez {out}/{first}.vrt dans QGIS.",
            en: "{tiles} tiles ({current} already made), {seen} cells, in {seconds:.1} s. Results in {out}: open {out}/{first}.vrt in QGIS.",
        )
    );
}
