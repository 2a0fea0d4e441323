//! `ilot heat --stations SHEET --readings FILE… --covariates DIR --out DIR`: maps of warmth from a town's own sensors.

use super::sensors::{list, order as network, tell};
use crate::account;
use crate::measures::heat::stack::Stack;
use crate::measures::heat::{self, Done, Order, Part};
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::PathBuf;

/// Learns, maps, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let period = |name: &str| words.get_one::<String>(name).map(String::as_str);
    let order = Order {
        network: network(words, "readings")?,
        covariates: words.get_many::<PathBuf>("covariates").into_iter().flatten().cloned().collect(),
        with: list(words.get_one::<String>("with")),
        keep_out: list(words.get_one::<String>("keep-out")),
        cell: *words.get_one::<f64>("cell").expect("the grammar has a default"),
        zones: words.get_one::<PathBuf>("zones").cloned(),
        only: words.get_one::<String>("only").map(|part| if part == "day" { Part::Day } else { Part::Night }),
        contours: *words.get_one::<f64>("contours").expect("the grammar has a default"),
        stack: Stack::of(period("hourly"), period("nightly"), "--hourly/--nightly")?,
    };
    let start = std::time::Instant::now();
    let done = heat::make(&order)?;
    let mut read = order.network.inputs();
    read.extend(order.zones.clone());
    for place in &order.covariates {
        read.extend(heat::covariates::rasters(place)?);
    }
    account::note(&order.network.out, "heat", &done.files, &read)?;
    conclude(&order, &done, start.elapsed().as_secs_f64(), json);
    Ok(report::ALL)
}

fn conclude(order: &Order, done: &Done, seconds: f64, json: bool) {
    tell(&done.remarks, &done.faults, json);
    if json {
        for text in &done.findings {
            println!("{}", serde_json::json!({ "event": "finding", "fr": text.fr, "en": text.en }));
        }
        println!("{}", serde_json::json!({ "event": "done", "cells": done.cells, "out": order.network.out }));
        return;
    }
    for text in &done.findings {
        eprintln!("{text}");
    }
    let (out, cells) = (order.network.out.display(), done.cells);
    let maps = ["heat_night.vrt", "heat_day.vrt"]
        .into_iter()
        .filter(|name| done.files.iter().any(|file| file == name));
    let maps: String = maps.map(|map| format!(", {out}/{map}")).collect();
    let text::Text { fr, en } = text::number(seconds, 1);
    eprintln!(
        "{}",
        text!(
            fr: "{cells} cellules cartographiées, en {fr} s. Ouvrez {out}/heat.html{maps}.",
            en: "{cells} cells mapped, in {en} s. Open {out}/heat.html{maps}.",
        )
    );
}
