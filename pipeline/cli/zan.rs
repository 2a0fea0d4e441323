//! `ilot zan [state|flux|enaf|report] …`: artificialised soil by zone and date, consumption of ENAF, the report.

use crate::account;
use crate::fault;
use crate::formats::aside;
use crate::formats::crs::Crs;
use crate::measures::zan::accuracy::Accuracy;
use crate::measures::zan::closure::Closure;
use crate::measures::zan::enaf::{self, Terms};
use crate::measures::zan::read::Date;
use crate::measures::zan::survey::places;
use crate::measures::zan::tables::Sheet;
use crate::measures::zan::thresholds::{Forcing, Order, Rules};
use crate::measures::zan::{self, Answer, Definition, Mode, Question};
use crate::project;
use crate::report;
use crate::store::hash_inputs;
use crate::text;
use crate::text::{Fault, Language, Text};
use clap::ArgMatches;
use serde_json::{Value, json};
use std::ops::RangeInclusive;
use std::path::{Component, Path, PathBuf};
use std::time::{Instant, SystemTime};

/// Measures and writes the tables.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    if let Some(("parcels", words)) = words.subcommand() {
        return super::parcels::main(words, json);
    }
    let start = Instant::now();
    let (words, kind) = match words.subcommand() {
        Some(("enaf", words)) => return consumption(words, start, json),
        Some((name, words)) => (words, name),
        None => (words, ""),
    };
    let out = words.get_one::<PathBuf>("out").expect("the grammar asks for it");
    let question = question(words)?;
    let mut answer = threads(words)?.install(|| zan::measure(&question))?;
    if kind == "state" {
        answer
            .sheets
            .retain(|sheet| ["zan_state", "zan_polygons", "zan_uncertainty"].contains(&sheet.name.as_str()));
    }
    let settings = settings(&question);
    let pages = if kind == "report" { pages(&mut answer, &settings) } else { Vec::new() };
    finish(&answer, &pages, out, format!("zan {kind}").trim_end(), &settings, start, json)
}

/// As many threads as were asked for, else one per core.
pub(super) fn threads(words: &ArgMatches) -> Result<rayon::ThreadPool, Fault> {
    project::pool(words.get_one::<usize>("threads").copied().unwrap_or(0))
}

/// The three-yearly report: its pages; its table joins the others.
fn pages(answer: &mut Answer, settings: &Value) -> Vec<(String, String)> {
    let (pages, table) = answer.report(settings, &hash_inputs(&answer.files));
    answer.sheets.push(table);
    pages
}

/// Consumption of ENAF alone.
fn consumption(words: &ArgMatches, start: Instant, json: bool) -> Result<u8, Fault> {
    let text = |name: &str| words.get_one::<String>(name).map(String::as_str);
    let out = words.get_one::<PathBuf>("out").expect("the grammar asks for it");
    let question = enaf(words)?.expect("the grammar asks for the table");
    let mut answer = Answer::default();
    let crs = text("crs").map(Crs::from_user).transpose()?;
    let places = match words.get_one::<PathBuf>("zones") {
        Some(path) => {
            answer.files.push(path.clone());
            let layer = text("zone-layer");
            Some(places(path, layer, text("zone-id"), crs.as_ref(), &mut answer.remarks)?)
        }
        None => None,
    };
    zan::consumption(&question, places.as_ref(), &mut answer)?;
    let settings = json!({ "enaf": terms(&question), "crs_flag": crs.as_ref().map(Crs::code) });
    finish(&answer, &[], out, "zan enaf", &settings, start, json)
}

/// Writes everything, and tells.
fn finish(
    answer: &Answer,
    pages: &[(String, String)],
    out: &Path,
    command: &str,
    settings: &Value,
    start: Instant,
    json: bool,
) -> Result<u8, Fault> {
    let code = if answer.without_data + answer.half_seen > 0 { report::SOME } else { report::ALL };
    let seconds = start.elapsed().as_secs_f64();
    let mut run = run(command, settings, answer, code, seconds);
    let gone = written(&answer.sheets, pages, (out, &answer.files), &mut run)?;
    gone.iter().for_each(|remark| super::say_remark(remark, json));
    conclude(answer, out, code, seconds, json);
    Ok(code)
}

/// What is asked of the table of consumption, where there is one.
fn enaf(words: &ArgMatches) -> Result<Option<enaf::Question>, Fault> {
    // `state` has no such words.
    let path = |name: &str| words.try_get_one::<PathBuf>(name).ok().flatten().cloned();
    let Some(table) = path("enaf") else { return Ok(None) };
    let plain = Terms::default();
    let number = |name: &str, range: (f64, f64), default: f64| -> Result<f64, Fault> {
        let value = words.get_one::<f64>(name).copied().unwrap_or(default);
        let (low, high) = range;
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        Err(fault!(
            fr: "--{name} {value} n'est pas entre {low} et {high} ; donnez une valeur qui l'est",
            en: "--{name} {value} is not between {low} and {high}; give one that is",
        ))
    };
    let terms = Terms {
        reference: period(words, "reference")?.unwrap_or(plain.reference),
        target: period(words, "target")?.unwrap_or(plain.target),
        rate: number("rate", (0.0, 1.0), plain.rate)?,
        floor: number("floor", (0.0, 1e6), plain.floor)?,
        ..plain
    };
    Ok(Some(enaf::Question {
        table,
        terms,
        own: path("terms"),
        group: words.get_one::<String>("group").cloned(),
    }))
}

fn period(words: &ArgMatches, name: &str) -> Result<Option<RangeInclusive<u16>>, Fault> {
    let Some(given) = words.get_one::<String>(name) else { return Ok(None) };
    let year = |word: &str| word.trim().parse::<u16>().ok().filter(|year| (1990..2100).contains(year));
    let found = given.split_once(':').and_then(|(first, last)| Some(year(first)?..=year(last)?));
    found.filter(|range| !range.is_empty()).map(Some).ok_or_else(|| {
        fault!(
            fr: "--{name} {given} n'est pas une période ; écrivez par exemple 2011:2020",
            en: "--{name} {given} is no period; write for example 2011:2020",
        )
    })
}

fn terms(question: &enaf::Question) -> Value {
    let Terms { reference, target, rate, floor, merged } = &question.terms;
    json!({
        "reference": [reference.start(), reference.end()],
        "target": [target.start(), target.end()],
        "rate": rate,
        "floor_ha": floor,
        "delegated_ha": merged.0,
        "most_floor_ha": merged.1,
        "group": question.group,
    })
}

fn question(words: &ArgMatches) -> Result<Question, Fault> {
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned();
    let (first, changes) = (path("t1"), path("diff"));
    let covers: Vec<PathBuf> = words.get_many::<PathBuf>("cover").into_iter().flatten().cloned().collect();
    let lidar = text("mode").as_deref() == Some("lidar");
    if lidar == covers.is_empty() {
        return Err(fault!(
            fr: "--mode lidar et --cover vont ensemble : donnez la carte d'occupation de chaque date, ou un autre mode.",
            en: "--mode lidar and --cover go together: give the land cover of each date, or another mode.",
        ));
    }
    if first.is_none() && changes.is_none() && !lidar {
        return Err(fault!(
            fr: "Il manque les données : donnez --t1 (et --t2), ou --diff.",
            en: "The data are missing: give --t1 (and --t2), or --diff.",
        ));
    }
    let more = words.get_many::<PathBuf>("t2").into_iter().flatten().cloned();
    let definition = match text("definition").as_deref() {
        Some("delivered") => Definition::Delivered,
        Some("ign") => Definition::Ign,
        _ => Definition::Decree,
    };
    let mode = match text("mode").as_deref() {
        Some("ign") => Mode::Ign,
        Some("recompute") => Mode::Recompute,
        Some("lidar") => Mode::Lidar,
        _ if text("definition").as_deref() == Some("ign") => Mode::Ign,
        _ => Mode::Matrix,
    };
    let mut dates = vec![text("date1").as_deref().map(date).transpose()?];
    for day in words.get_many::<String>("date2").into_iter().flatten() {
        dates.push(Some(date(day)?));
    }
    Ok(Question {
        states: first.into_iter().chain(more).collect(),
        covers,
        trees: path("trees"),
        changes,
        definition,
        zones: path("zones").expect("the grammar asks for it"),
        layers: (text("layer"), text("zone-layer")),
        zone_id: text("zone-id"),
        crs: text("crs").as_deref().map(Crs::from_user).transpose()?,
        dates,
        mode,
        rules: rules(words),
        photovoltaic: path("exempt-pv"),
        parks: path("exempt-parks"),
        polygons: !words.get_flag("no-polygons"),
        accuracy: accuracy(words)?,
        population: path("population"),
        enaf: enaf(words)?,
    })
}

fn date(words: &str) -> Result<Date, Fault> {
    Date::parse(words).ok_or_else(|| {
        fault!(
            fr: "« {words} » n'est pas une date : écrivez 2018 ou 2018-07-15.",
            en: "\"{words}\" is no date: write 2018 or 2018-07-15.",
        )
    })
}

fn rules(words: &ArgMatches) -> Rules {
    let plain = Rules::default();
    let number = |name: &str, default: f64| words.get_one::<f64>(name).copied().unwrap_or(default);
    let word = |name: &str| words.get_one::<String>(name).map(String::as_str);
    Rules {
        building: number("min-building", plain.building),
        zone: number("min-zone", plain.zone),
        width: number("min-width", plain.width),
        trees: number("min-trees", plain.trees),
        enclosed: number("enclosed", plain.enclosed),
        forcing: match word("forcing") {
            Some("none") => Forcing::None,
            Some("adjacent") => Forcing::Adjacent,
            _ => Forcing::Zone,
        },
        order: if word("order") == Some("natural") { Order::NaturalFirst } else { Order::ArtificialFirst },
        ..plain
    }
}

/// How far outlines and classes may be wrong.
fn accuracy(words: &ArgMatches) -> Result<Accuracy, Fault> {
    let mut accuracy = Accuracy::default();
    for (name, place) in [("edge-accuracy", &mut accuracy.edge), ("edge-length", &mut accuracy.correlation)] {
        let Some(&value) = words.get_one::<f64>(name) else { continue };
        if !(0.0..=1000.0).contains(&value) {
            return Err(fault!(
                fr: "--{name} {value} n'est pas entre 0 et 1000 m ; donnez une valeur qui l'est",
                en: "--{name} {value} is not between 0 and 1000 m; give one that is",
            ));
        }
        *place = value;
    }
    for path in words.get_many::<PathBuf>("error-matrix").into_iter().flatten() {
        accuracy.add(path)?;
    }
    Ok(accuracy)
}

pub(super) fn folder(out: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(out).map_err(|why| {
        let out = out.display();
        fault!(
            fr: "Le dossier {out} ne peut être créé ({why}) : choisissez un autre --out.",
            en: "Folder {out} cannot be made ({why}): choose another --out.",
        )
    })
}

/// Writes the tables, the pages and their record. What an earlier run of the same command wrote and this one did not is
/// taken away: it would be read as of today.
pub(super) fn written(
    sheets: &[Sheet],
    pages: &[(String, String)],
    (out, files): (&Path, &[PathBuf]),
    run: &mut Value,
) -> Result<Option<Text>, Fault> {
    let mut names = Vec::new();
    let mut put = |name: String, bytes: &[u8]| {
        let place = out.join(&name);
        place.parent().map_or(Ok(()), folder)?;
        aside::write(&place, bytes)?;
        names.push(name);
        Ok::<(), Fault>(())
    };
    for sheet in sheets {
        for (name, bytes) in sheet.files()? {
            put(name, &bytes)?;
        }
    }
    for (name, page) in pages {
        put(name.clone(), page.as_bytes())?;
    }
    folder(out)?;
    // The record of a run names the maps of the folder: it stays.
    let record = out.join(if account::is_of_run(out) { "run_zan.json" } else { report::FINISHED });
    let old = std::fs::read(&record).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let old = old.unwrap_or_default();
    let left = left_over(&old, run, &names, out);
    let others = beside(&old, run, &names, out);
    run["outputs"] = json!(names);
    aside::write(&record, format!("{run:#}\n").as_bytes())?;
    account::note(out, run["command"].as_str().unwrap_or("zan"), &names, files)?;
    let (count, some) = (left.len(), left[..left.len().min(5)].join(", "));
    let gone = (count > 0).then(|| {
        text!(
            fr: "{count} fichiers d'un calcul antérieur que celui-ci ne fait plus sont retirés ({some})",
            en: "{count} files of an earlier run that this one no longer makes are taken away ({some})",
        )
    });
    Ok(gone.or(others))
}

/// What the last command in this folder, another one, left beside: it may be of other data.
fn beside(old: &Value, run: &Value, names: &[String], out: &Path) -> Option<Text> {
    let command = old["command"].as_str().filter(|_| old["command"] != run["command"])?;
    let named = old["outputs"].as_array()?.iter().filter_map(Value::as_str);
    let left: Vec<&str> =
        named.filter(|name| !names.iter().any(|own| own == name) && out.join(name).exists()).collect();
    let (count, some) = (left.len(), left[..left.len().min(5)].join(", "));
    (count > 0).then(|| {
        text!(
            fr: "{count} fichiers de « ilot {command} » restent dans ce dossier ({some}) ; ils ne sont pas de ce calcul",
            en: "{count} files of \"ilot {command}\" stay in this folder ({some}); they are not of this run",
        )
    })
}

/// Takes away what the record of an earlier run of the command names, and this one did not write.
fn left_over(old: &Value, run: &Value, names: &[String], out: &Path) -> Vec<String> {
    let plain = |name: &str| Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let outputs = old["outputs"].as_array().filter(|_| old["command"] == run["command"]);
    let named = outputs.into_iter().flatten().filter_map(Value::as_str);
    let left = named.filter(|name| plain(name) && !names.iter().any(|other| other == name));
    left.filter(|name| std::fs::remove_file(out.join(name)).is_ok()).map(str::to_owned).collect()
}

/// `run.json`: from which every figure can be traced.
fn run(command: &str, settings: &Value, answer: &Answer, code: u8, seconds: f64) -> Value {
    let closure = |closure: &Closure| {
        json!({
            "identity": { "fr": closure.identity.fr, "en": closure.identity.en },
            "worst_m2": closure.worst.square_metres(),
            "where": closure.place,
            "checks": closure.checks,
        })
    };
    let (processor, memory) = report::usage();
    json!({
        "ilot": env!("CARGO_PKG_VERSION"),
        "command": command,
        "finished": report::timestamp(SystemTime::now()),
        "exit_code": code,
        "settings": settings,
        "inputs": hash_inputs(&answer.files),
        "totals": answer.totals,
        "closures": answer.closures.iter().map(closure).collect::<Vec<_>>(),
        "remarks": answer.remarks.iter().map(|text| json!({ "fr": text.fr, "en": text.en })).collect::<Vec<_>>(),
        "wall_seconds": seconds,
        "processor_seconds": processor.map(|time| time.as_secs_f64()),
        "peak_memory_bytes": memory,
    })
}

fn settings(question: &Question) -> Value {
    let Rules { building, zone, width, trees, enclosed, forcing, order, corner, .. } = question.rules;
    let accuracy = &question.accuracy;
    json!({
        "mode": question.mode.word(),
        "enaf": question.enaf.as_ref().map(terms),
        "definition": format!("{:?}", question.definition).to_lowercase(),
        "zone_id": question.zone_id,
        "crs_flag": question.crs.as_ref().map(Crs::code),
        "dates": question.dates.iter().map(|date| date.as_ref().map(|date| date.label.clone())).collect::<Vec<_>>(),
        "accuracy": {
            "edge_m": accuracy.edge,
            "edge_length_m": accuracy.correlation,
            "matrix_of_statuses": if accuracy.declared[0] { "declared" } else { "given" },
            "matrix_of_covers": if accuracy.declared[1] { "declared" } else { "given" },
            "matrix_of_changes": accuracy.change.is_some(),
        },
        "thresholds": {
            "building_m2": building, "zone_m2": zone, "width_m": width, "trees_pct": trees,
            "enclosed_share": enclosed, "forcing": format!("{forcing:?}").to_lowercase(),
            "order": format!("{order:?}").to_lowercase(), "corner_m": corner,
        },
    })
}

fn conclude(answer: &Answer, out: &Path, code: u8, seconds: f64, json: bool) {
    answer.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    if json {
        println!("{}", json!({ "event": "done", "totals": answer.totals, "exit_code": code, "out": out }));
        return;
    }
    for (what, sums) in &answer.totals {
        eprintln!("{}", title(what));
        for place in ["inside_the_zones", "all_data"] {
            if let Some(sums) = sums[place].as_object() {
                eprintln!("  {}", line(place, sums));
            }
        }
    }
    for Closure { identity, worst, checks, .. } in &answer.closures {
        let (fr, en, worst) = (&identity.fr, &identity.en, worst.square_metres());
        eprintln!(
            "{}",
            text!(fr: "fermeture : {fr} : {worst:.6} m² au plus ({checks} contrôles)", en: "closure: {en}: {worst:.6} m² at most ({checks} checks)")
        );
    }
    let out = out.display();
    eprintln!("{}", text!(fr: "fait en {seconds:.1} s : {out}", en: "done in {seconds:.1} s: {out}"));
}

/// The name of totals: `state 2018`, `flux 2018 2021`, `agreement 2018`, `enaf`.
fn title(what: &str) -> Text {
    let (kind, dates) = what.split_once(' ').unwrap_or((what, ""));
    match kind {
        "state" => text!(fr: "état {dates}", en: "state {dates}"),
        "flux" => text!(fr: "flux {dates}", en: "flux {dates}"),
        "agreement" => text!(fr: "accord {dates}", en: "agreement {dates}"),
        _ => text!(fr: "{what}", en: "{what}"),
    }
}

/// What a total is, in words.
fn word(name: &str) -> Text {
    let fr = match name {
        "covered" => "couvert",
        "nodata" => "hors des données",
        "unknown" => "statut inconnu",
        "artif" => "artificialisé",
        "artif_matrix" => "par la matrice",
        "artif_threshold" => "avec les seuils",
        "imper" => "imperméable",
        "artif_ellipsoid" => "artificialisé sur l'ellipsoïde",
        "gain" => "gain",
        "loss" => "perte",
        "net" => "net",
        "net_low" => "net au moins",
        "net_high" => "net au plus",
        "stayed_artificial" => "resté artificialisé",
        "stayed_other" => "resté non artificialisé",
        "gain_slivers" => "gain en liserés",
        "loss_slivers" => "perte en liserés",
        "sealed_gain" => "imperméabilisé",
        "sealed_loss" => "désimperméabilisé",
        "gain_attribute" => "gain par l'attribut",
        "reference" => "référence",
        "allowed" => "permis",
        "allowed_communes" => "permis, communes additionnées",
        "since" => "consommé",
        "projected" => "projeté",
        _ => name,
    };
    Text { fr: fr.to_owned(), en: name.replace('_', " ") }
}

/// Hectares of the totals, in a line.
fn line(place: &str, sums: &serde_json::Map<String, Value>) -> String {
    let place = match place {
        "all_data" => text!(fr: "toutes les données", en: "all data"),
        _ => text!(fr: "dans les zones", en: "inside the zones"),
    };
    let spoken = Language::spoken();
    let words = sums.iter().filter_map(|(name, value)| {
        let (name, value) = (name.strip_suffix("_ha")?, value.as_f64()?);
        Some(format!("{} {}", word(name), spoken.number(value, 4)))
    });
    format!("{place} (ha) : {}", words.collect::<Vec<_>>().join(" ; "))
}
