//! `ilot sensors READINGS… --stations SHEET --out DIR`: checks of a sensor network, and what each place is like.

use crate::account;
use crate::fault;
use crate::measures::sensors::{self, Done, Order};
use crate::measures::steps::sensors::{Section, Threshold, Told};
use crate::report;
use crate::text;
use crate::text::{Fault, Text};
use clap::ArgMatches;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Checks, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let order = order(words, "readings")?;
    let start = std::time::Instant::now();
    let done = sensors::make(&order)?;
    account::note(&order.out, "sensors", &done.files, &order.inputs())?;
    conclude(&order, &done, start.elapsed().as_secs_f64(), json);
    Ok(report::ALL)
}

/// The order that the words of `ilot sensors` and `ilot heat` give.
pub(super) fn order(words: &ArgMatches, readings: &str) -> Result<Order, Fault> {
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let number = |name: &str| *words.get_one::<f64>(name).expect("the grammar has a default");
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned().expect("the grammar asks for it");
    let section = Section {
        readings: words.get_many::<PathBuf>(readings).into_iter().flatten().cloned().collect(),
        stations: path("stations"),
        zone: text("zone"),
        dates: text("dates"),
        separator: text("separator"),
        columns: pairs("columns", text("columns").iter())?,
        station_columns: pairs("station-columns", text("station-columns").iter())?,
        unit: text("unit"),
        crs: text("crs"),
        reference: list(words.get_one::<String>("reference")),
        checks: text("checks").unwrap_or_else(|| "town".to_owned()),
        thresholds: pairs("set", words.get_many::<String>("set").into_iter().flatten())?
            .into_iter()
            .map(|(key, value)| (key, Threshold::Word(value)))
            .collect(),
        period: text("period"),
        step: words.get_one::<i64>("step").copied(),
        lag: words.get_one::<f64>("lag").copied(),
        tropical: number("tropical"),
        heat_wave: text("heat-wave"),
        night_lapse: number("night-lapse"),
        day_lapse: number("day-lapse"),
        mend_dates: words.get_flag("mend-dates"),
        weather: words.get_one::<PathBuf>("weather").cloned(),
    };
    section.order(Path::new(""), &path("out"), Told::ByFlag)
}

pub(super) fn list(words: Option<&String>) -> Vec<String> {
    words
        .into_iter()
        .flat_map(|words| words.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|n| !n.is_empty())
        .collect()
}

/// `key=name,key=name`.
fn pairs<'a>(flag: &str, words: impl Iterator<Item = &'a String>) -> Result<BTreeMap<String, String>, Fault> {
    let mut pairs = BTreeMap::new();
    for word in words.flat_map(|words| words.split(',')) {
        let Some((key, name)) = word.split_once('=') else {
            return Err(fault!(
                fr: "--{flag} « {word} » ne se comprend pas : écrivez nom=valeur, plusieurs entre virgules.",
                en: "--{flag} `{word}` cannot be understood: write name=value, several between commas.",
            ));
        };
        let _ = pairs.insert(key.trim().to_owned(), name.trim().to_owned());
    }
    Ok(pairs)
}

/// Tells remarks and faults, for people or machines.
pub(super) fn tell(remarks: &[Text], faults: &[Text], json: bool) {
    remarks.iter().for_each(|remark| super::say_remark(remark, json));
    for fault in faults {
        if json {
            println!("{}", serde_json::json!({ "event": "station_fault", "fr": fault.fr, "en": fault.en }));
        } else {
            eprintln!("{fault}");
        }
    }
}

fn conclude(order: &Order, done: &Done, seconds: f64, json: bool) {
    tell(&done.remarks, &done.faults, json);
    let Done { stations, readings, faulty, .. } = done;
    if json {
        println!(
            "{}",
            serde_json::json!({ "event": "done", "stations": stations, "readings": readings, "faulty": faulty, "out": order.out })
        );
        return;
    }
    let rate = *readings as f64 / seconds.max(1e-6) / 1e6;
    let out = order.out.display();
    let (rate, seconds) = (text::number(rate, 2), text::number(seconds, 1));
    let told = Text {
        fr: format!(
            "{stations} stations, {readings} mesures ({} millions par seconde), {faulty} stations en défaut, en {} s. Ouvrez {out}/sensors.html.",
            rate.fr, seconds.fr
        ),
        en: format!(
            "{stations} stations, {readings} readings ({} million a second), {faulty} stations with a fault, in {} s. Open {out}/sensors.html.",
            rate.en, seconds.en
        ),
    };
    eprintln!("{told}");
}
