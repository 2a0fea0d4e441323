//! `ilot sensors READINGS… --stations SHEET --out DIR`: checks of a sensor network, and what each place is like.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::sensors::{DateOrder, Reading, Unit, sheet, zone};
use crate::measures::sensors::indicators::Bases;
use crate::measures::sensors::{self, Done, Order};
use crate::report;
use crate::text;
use crate::text::{Fault, Text};
use clap::ArgMatches;
use ilot_kernels::readings::checks::Settings;
use ilot_kernels::readings::faults::Limits;
use std::collections::HashMap;
use std::path::PathBuf;

/// Checks, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let order = order(words, "readings")?;
    let start = std::time::Instant::now();
    let done = sensors::make(&order)?;
    conclude(&order, &done, start.elapsed().as_secs_f64(), json);
    Ok(report::ALL)
}

/// The order that the words of `ilot sensors` and `ilot heat` give.
pub(super) fn order(words: &ArgMatches, readings: &str) -> Result<Order, Fault> {
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned().expect("the grammar asks for it");
    let text = |name: &str| words.get_one::<String>(name);
    let crs = text("crs").map(|words| Crs::from_user(words)).transpose()?;
    Ok(Order {
        readings: words.get_many::<PathBuf>(readings).into_iter().flatten().cloned().collect(),
        stations: path("stations"),
        out: path("out"),
        reading: Reading {
            zone: text("zone").map(|words| zone(words)).transpose()?,
            order: text("dates")
                .map(|words| if words == "day-first" { DateOrder::DayFirst } else { DateOrder::MonthFirst }),
            columns: pairs("columns", text("columns"), &["station", "instant", "value"])?,
            unit: match text("unit").map(String::as_str) {
                Some("fahrenheit") => Unit::Fahrenheit,
                Some("kelvin") => Unit::Kelvin,
                _ => Unit::Celsius,
            },
        },
        sheet: sheet::Reading { columns: pairs("station-columns", text("station-columns"), SHEET)?, crs },
        references: list(text("reference")),
        settings: settings(words)?,
        limits: Limits::default(),
        bases: bases(words)?,
        lag: words.get_one::<f64>("lag").copied(),
        step: words.get_one::<i64>("step").map(|minutes| minutes * 60),
        mend_dates: words.get_flag("mend-dates"),
    })
}

const SHEET: &[&str] =
    &["id", "longitude", "latitude", "x", "y", "altitude", "shield", "environment", "reference"];

pub(super) fn list(words: Option<&String>) -> Vec<String> {
    words
        .into_iter()
        .flat_map(|words| words.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|n| !n.is_empty())
        .collect()
}

/// `key=name,key=name`.
fn pairs(flag: &str, words: Option<&String>, known: &[&str]) -> Result<HashMap<String, String>, Fault> {
    let mut pairs = HashMap::new();
    for word in words.into_iter().flat_map(|words| words.split(',')) {
        match word.split_once('=') {
            Some((key, name)) if known.contains(&key.trim()) => {
                pairs.insert(key.trim().to_owned(), name.trim().to_owned());
            }
            _ => {
                let known = known.join("=…,");
                return Err(fault!(
                    fr: "--{flag} « {word} » ne se comprend pas : écrivez {known}=…",
                    en: "--{flag} `{word}` cannot be understood: write {known}=…",
                ));
            }
        }
    }
    Ok(pairs)
}

/// `--check key=value`: any threshold.
fn settings(words: &ArgMatches) -> Result<Settings, Fault> {
    let mut settings = match words.get_one::<String>("checks").map(String::as_str) {
        Some("crowd") => Settings::crowd(),
        _ => Settings::default(),
    };
    for word in words.get_many::<String>("set").into_iter().flatten() {
        let known = word.split_once('=').is_some_and(|(key, value)| set(&mut settings, key, value).is_some());
        if !known {
            return Err(fault!(
                fr: "--set « {word} » ne se comprend pas : écrivez seuil=valeur, avec range_low, range_high, jump_10min, jump_hour, frozen_hours, frozen_range, sun_excess, sun_correlation, sun_height, sun_days, same_place, low, high, lapse, student, least_valid, least_correlation, least_pairs, span (month|whole), radius, neighbours, rise, alpha, alone_fails, fill ou least_left.",
                en: "--set `{word}` cannot be understood: write threshold=value, with range_low, range_high, jump_10min, jump_hour, frozen_hours, frozen_range, sun_excess, sun_correlation, sun_height, sun_days, same_place, low, high, lapse, student, least_valid, least_correlation, least_pairs, span (month|whole), radius, neighbours, rise, alpha, alone_fails, fill or least_left.",
            ));
        }
    }
    Ok(settings)
}

fn set(settings: &mut Settings, key: &str, value: &str) -> Option<()> {
    use ilot_kernels::readings::checks::Span;
    let number = || value.parse::<f64>().ok().filter(|number| number.is_finite());
    let count = || value.parse::<usize>().ok();
    let truth = || match value {
        "yes" | "true" | "oui" | "1" => Some(true),
        "no" | "false" | "non" | "0" => Some(false),
        _ => None,
    };
    match key {
        "range_low" => settings.range.0 = number()?,
        "range_high" => settings.range.1 = number()?,
        "jump_10min" => settings.jumps.0 = number()?,
        "jump_hour" => settings.jumps.1 = number()?,
        "frozen_hours" => settings.frozen_hours = number()?,
        "frozen_range" => settings.frozen_range = number()?,
        "sun_excess" => settings.sun_excess = number()?,
        "sun_correlation" => settings.sun_correlation = number()?,
        "sun_height" => settings.sun_height = number()?,
        "sun_days" => settings.sun_days = number().filter(|days| *days >= 1.0)?,
        "same_place" => settings.same_place = count()?,
        "low" => settings.bounds.0 = number()?,
        "high" => settings.bounds.1 = number()?,
        "lapse" => settings.lapse = number()?,
        "student" => settings.student = truth()?,
        "least_valid" => settings.least_valid = number()?,
        "least_correlation" => settings.least_correlation = number()?,
        "least_pairs" => settings.least_pairs = count()?,
        "span" if value == "month" => settings.span = Span::Month,
        "span" if value == "whole" => settings.span = Span::Whole,
        "radius" => settings.radius = number()?,
        "neighbours" => settings.neighbours = count()?,
        "rise" => settings.rise = number()?,
        "alpha" => settings.alpha = number()?,
        "alone_fails" => settings.alone_fails = truth()?,
        "fill" => settings.fill = count()?,
        "least_left" => settings.least_left = number()?,
        _ => return None,
    }
    Some(())
}

/// Thresholds of heat waves by département, minima and maxima over three days, as Santé publique France's bulletins
/// and the press have them; the table is revised by the agency, and a user's own values go before it.
const HEAT_WAVES: [(&str, (f64, f64)); 9] = [
    ("03", (18.0, 34.0)),
    ("13", (24.0, 35.0)),
    ("22", (18.0, 31.0)),
    ("29", (18.0, 31.0)),
    ("31", (21.0, 36.0)),
    ("35", (18.0, 33.0)),
    ("56", (19.0, 32.0)),
    ("69", (20.0, 34.0)),
    ("75", (21.0, 31.0)),
];

fn bases(words: &ArgMatches) -> Result<Bases, Fault> {
    let number = |name: &str| *words.get_one::<f64>(name).expect("the grammar has a default");
    let heat_wave = words.get_one::<String>("heat-wave").map(|words| heat_wave(words)).transpose()?;
    Ok(Bases {
        tropical: number("tropical"),
        heat_wave,
        lapse: (number("night-lapse"), number("day-lapse")),
        ..Bases::default()
    })
}

fn heat_wave(words: &str) -> Result<(f64, f64), Fault> {
    let table =
        HEAT_WAVES.iter().find(|(department, _)| *department == words).map(|(_, thresholds)| *thresholds);
    let own = || {
        let (low, high) = words.split_once('/')?;
        Some((low.parse::<f64>().ok()?, high.parse::<f64>().ok()?))
    };
    table.or_else(own).ok_or_else(|| {
        let known = HEAT_WAVES.map(|(department, _)| department).join(", ");
        fault!(
            fr: "--heat-wave {words} : donnez les seuils de votre département en minimum/maximum, comme 18/33, ou l'un de ceux qui sont connus ({known}).",
            en: "--heat-wave {words}: give the thresholds of your département as minimum/maximum, such as 18/33, or one of those that are known ({known}).",
        )
    })
}

/// Tells remarks and faults, for people or machines.
pub(super) fn tell(remarks: &[Text], faults: &[Text], json: bool) {
    for (kind, texts) in [("remark", remarks), ("station_fault", faults)] {
        for text in texts {
            if json {
                println!("{}", serde_json::json!({ "event": kind, "fr": text.fr, "en": text.en }));
            } else if kind == "remark" {
                let (fr, en) = (&text.fr, &text.en);
                eprintln!("{}", text!(fr: "attention : {fr}", en: "note: {en}"));
            } else {
                eprintln!("{text}");
            }
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
    eprintln!(
        "{}",
        text!(
            fr: "{stations} stations, {readings} mesures ({rate:.1} millions par seconde), {faulty} stations en défaut, en {seconds:.1} s. Ouvrez {out}/sensors.html.",
            en: "{stations} stations, {readings} readings ({rate:.1} million a second), {faulty} stations with a fault, in {seconds:.1} s. Open {out}/sensors.html.",
        )
    );
}
