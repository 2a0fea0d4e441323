//! `ilot comfort DSM --out DIR`: radiant and felt temperature at given hours.

use super::{sun, survey};
use crate::fault;
use crate::measures::comfort::{self, Order};
use crate::measures::weather::{self, Reading, Source, Table, Times};
use crate::product::UTCI;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::PathBuf;

/// Makes the products, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let order = Order {
        place: survey::place(words)?,
        terrain: words.get_one::<PathBuf>("dtm").filter(|_| !words.contains_id("canopy")).cloned(),
        cover: words.get_one::<PathBuf>("cover").cloned(),
        moments: sun::moments(words)?,
        weather: source(words)?,
        sky: survey::sky(words)?,
        shade: survey::shade(words)?,
        linke: survey::linke(words)?,
    };
    survey::run(words, json, UTCI.spec.name, |stop, tell| comfort::make(&order, stop, tell))
}

/// A table, or the values of flags.
fn source(words: &ArgMatches) -> Result<Source, Fault> {
    let columns = survey::text(words, "columns").map_or(Ok(Vec::new()), |list| weather::columns(&list))?;
    if let Some(path) = words.get_one::<PathBuf>("weather") {
        let zone = survey::text(words, "weather-zone").or_else(|| survey::text(words, "zone"));
        let times = words.get_one::<String>("times").map(|word| Times::named(word)).transpose()?;
        return Ok(Source::Table(Table { path: path.clone(), zone, columns, times }));
    }
    let number = |name: &str| words.get_one::<f64>(name).copied();
    let (Some(temperature), Some(humidity), Some(wind)) =
        (number("temperature"), number("humidity"), number("wind"))
    else {
        return Err(fault!(
            fr: "La météo manque : donnez --weather TABLE.csv, ou --temperature, --humidity et --wind.",
            en: "The weather is missing: give --weather TABLE.csv, or --temperature, --humidity and --wind.",
        ));
    };
    let (global, direct, diffuse) = (number("global"), number("direct"), number("diffuse"));
    Ok(Source::Values(Reading { temperature, humidity, wind, global, direct, diffuse }))
}
