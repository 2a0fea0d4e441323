//! `ilot zan parcels PARCELS --maps DIR --out DIR`: what to do with each parcel.

use super::zan::{threads, written};
use crate::account::Account;
use crate::formats::crs::Crs;
use crate::measures::zan::Mode;
use crate::measures::zan::parcels::plu::Plan;
use crate::measures::zan::parcels::{self, Answer, Order};
use crate::report;
use crate::store::hash_inputs;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

/// Measures and writes the layers.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let start = Instant::now();
    let out = words.get_one::<PathBuf>("out").expect("the grammar asks for it");
    let order = order(words)?;
    let answer = threads(words)?.install(|| parcels::measure(&order))?;
    let code = if answer.without_data > 0 { report::SOME } else { report::ALL };
    let seconds = start.elapsed().as_secs_f64();
    let gone = written(&answer.sheets, &[], (out, &answer.files), &mut run(&order, &answer, code, seconds))?;
    gone.iter().for_each(|remark| super::say_remark(remark, json));
    conclude(&answer, out, code, seconds, json);
    Ok(code)
}

fn order(words: &ArgMatches) -> Result<Order, Fault> {
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned();
    Ok(Order {
        parcels: path("parcels").expect("the grammar asks for it"),
        layer: text("layer"),
        id: text("id"),
        left: path("maps").map_or_else(BTreeSet::new, |maps| {
            Account::read(&maps, report::FINISHED).others(&maps).into_iter().collect()
        }),
        maps: path("maps"),
        ocsge: path("ocsge"),
        mode: match text("mode").as_deref() {
            Some("ign") => Mode::Ign,
            Some("recompute") => Mode::Recompute,
            _ => Mode::Matrix,
        },
        public: path("public"),
        zones: path("plu-zones"),
        excluded: words.get_many::<PathBuf>("exclude").into_iter().flatten().cloned().collect(),
        brownfields: path("brownfields"),
        plan: path("plu").map_or(Ok(Plan::default()), |path| Plan::read(&path))?,
        crs: text("crs").as_deref().map(Crs::from_user).transpose()?,
        with_image: words.get_flag("with-image"),
    })
}

/// `run.json`: from which every figure can be traced.
fn run(order: &Order, answer: &Answer, code: u8, seconds: f64) -> Value {
    let (processor, memory) = report::usage();
    json!({
        "ilot": env!("CARGO_PKG_VERSION"),
        "command": "zan parcels",
        "finished": report::timestamp(SystemTime::now()),
        "exit_code": code,
        "settings": { "plan": order.plan, "mode": order.mode.word(), "with_image": order.with_image },
        "inputs": hash_inputs(&answer.files),
        "totals": answer.totals,
        "remarks": answer.remarks.iter().map(|text| json!({ "fr": text.fr, "en": text.en })).collect::<Vec<_>>(),
        "wall_seconds": seconds,
        "processor_seconds": processor.map(|time| time.as_secs_f64()),
        "peak_memory_bytes": memory,
    })
}

fn conclude(answer: &Answer, out: &Path, code: u8, seconds: f64, json: bool) {
    answer.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    if json {
        println!("{}", json!({ "event": "done", "totals": answer.totals, "exit_code": code, "out": out }));
        return;
    }
    let total = |name: &str| answer.totals["parcels"][name].as_f64().unwrap_or(0.0);
    let (parcels, hectares) = (total("parcels"), total("known_m2") / 1e4);
    let sealed = total("sealed_m2") / total("known_m2").max(1e-9) * 100.0;
    let (scored, gaps, divisions) = (total("scored"), total("gaps"), total("divisions"));
    let out = out.display();
    eprintln!(
        "{}",
        text!(
            fr: "{parcels} parcelles, {hectares:.2} ha, {sealed:.1} % imperméables ; {scored} à renaturer, {gaps} dents creuses, {divisions} divisions ; {seconds:.1} s. Ouvrez {out}/renaturation.gpkg dans QGIS.",
            en: "{parcels} parcels, {hectares:.2} ha, {sealed:.1} % sealed; {scored} to give back, {gaps} gaps, {divisions} divisions; {seconds:.1} s. Open {out}/renaturation.gpkg in QGIS.",
        )
    );
}
