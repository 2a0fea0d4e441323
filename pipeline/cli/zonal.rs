//! `ilot zonal ZONES --of RASTER… --out FILE`: figures per polygon.

use crate::account;
use crate::fault;
use crate::formats::aside;
use crate::formats::crs::Crs;
use crate::formats::vector::{encode_geojson, encode_gpkg};
use crate::measures::zonal::{self, Answer, Question};
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The files that are written.
#[derive(Clone, Copy)]
enum Form {
    Csv,
    GeoPackage,
    GeoJson,
}

/// Measures and writes the table.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let start = Instant::now();
    let out = words.get_one::<PathBuf>("out").expect("the grammar asks for it");
    let form = form(out)?;
    let question = question(words)?;
    let answer = zonal::measure(&question)?;
    write(&answer, out, form)?;
    let folder = out.parent().unwrap_or(Path::new(""));
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read: Vec<PathBuf> = question.rasters.iter().chain([&question.zones]).cloned().collect();
    account::note(folder, "zonal", &[name], &read)?;
    let code = if answer.without_data + answer.invalid > 0 { report::SOME } else { report::ALL };
    conclude(&answer, out, code, start.elapsed().as_secs_f64(), json);
    Ok(code)
}

fn form(out: &Path) -> Result<Form, Fault> {
    let ending = out.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Ok(Form::Csv),
        "gpkg" => Ok(Form::GeoPackage),
        "geojson" | "json" => Ok(Form::GeoJson),
        _ => {
            let out = out.display();
            Err(fault!(
                fr: "{out} : le nom du résultat doit finir par .csv, .gpkg ou .geojson",
                en: "{out}: the result's name must end in .csv, .gpkg or .geojson",
            ))
        }
    }
}

fn question(words: &ArgMatches) -> Result<Question, Fault> {
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let band = words.get_one::<usize>("band").copied().unwrap_or(1);
    let band = band.checked_sub(1).ok_or_else(|| {
        fault!(
            fr: "--band 0 : la première bande d'un raster est la bande 1",
            en: "--band 0: the first band of a raster is band 1",
        )
    })?;
    Ok(Question {
        zones: words.get_one::<PathBuf>("zones").expect("the grammar asks for it").clone(),
        layer: text("layer"),
        rasters: words.get_many::<PathBuf>("of").into_iter().flatten().cloned().collect(),
        band,
        classes: words.get_flag("classes"),
        percentiles: text("percentiles").as_deref().map_or(Ok(Vec::new()), percentiles)?,
        id: text("id"),
        crs: text("crs").as_deref().map(Crs::from_user).transpose()?,
    })
}

fn percentiles(list: &str) -> Result<Vec<f64>, Fault> {
    let number = |word: &str| word.trim().parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    let wrong = || {
        fault!(
            fr: "--percentiles {list} : donnez des nombres de 0 à 100 séparés par des virgules, par exemple 10,50,90",
            en: "--percentiles {list}: give numbers from 0 to 100 between commas, for example 10,50,90",
        )
    };
    list.split(',').map(|word| number(word).ok_or_else(wrong)).collect()
}

fn write(answer: &Answer, out: &Path, form: Form) -> Result<(), Fault> {
    let Answer { name, layer, columns, .. } = answer;
    match form {
        Form::Csv => {
            let mut schema = out.as_os_str().to_owned();
            schema.push(".schema.json");
            aside::write(Path::new(&schema), zonal::schema(layer, columns).as_bytes())?;
            aside::write(out, zonal::csv(layer).as_bytes())
        }
        Form::GeoPackage => aside::write(out, &encode_gpkg(&[(name, layer)])?),
        Form::GeoJson => aside::write(out, encode_geojson(name, layer)?.as_bytes()),
    }
}

fn conclude(answer: &Answer, out: &Path, code: u8, seconds: f64, json: bool) {
    let (zones, columns) = (answer.layer.features.len(), answer.columns.len());
    let (without, invalid) = (answer.without_data, answer.invalid);
    if json {
        for remark in &answer.remarks {
            println!("{}", serde_json::json!({ "event": "remark", "fr": remark.fr, "en": remark.en }));
        }
        let object = serde_json::json!({
            "event": "done", "zones": zones, "columns": columns, "without_data": without, "invalid": invalid,
            "exit_code": code, "out": out,
        });
        println!("{object}");
        return;
    }
    answer.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    let out = out.display();
    eprintln!(
        "{}",
        text!(
            fr: "{zones} zones, {columns} colonnes mesurées, {without} zones sans données, en {seconds:.1} s : {out}",
            en: "{zones} zones, {columns} columns measured, {without} zones without data, in {seconds:.1} s: {out}",
        )
    );
}
