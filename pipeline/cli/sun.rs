//! `ilot sun DSM --out DIR`: shade at any instant, hours of sun of days or a season, a year's light.

use super::survey;
use crate::fault;
use crate::measures::sun::{self, Moment};
use crate::measures::sunlight::{self, Order, Season, Year};
use crate::product::Spec;
use crate::text::Fault;
use clap::ArgMatches;
use ilot_kernels::irradiation::IrradiationParams;

/// Makes the products, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let dates = words.get_many::<String>("date").into_iter().flatten();
    let order = Order {
        place: survey::place(words)?,
        products: products(words)?,
        moments: moments(words)?,
        dates: dates.map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
        season: season(words)?,
        shade: survey::shade(words)?,
        year: year(words)?,
    };
    let first = order.products.first().map_or("sun_hours", |spec| spec.name);
    survey::run(words, json, first, |stop, tell| sunlight::make(&order, stop, tell))
}

/// The wanted products: those named, else all, but only the shade where instants are given.
fn products(words: &ArgMatches) -> Result<Vec<&'static Spec>, Fault> {
    sunlight::products("--products", &survey::names(words), words.contains_id("at"))
}

/// The instants of `--at`, in the zone of `--zone` where they carry none.
pub fn moments(words: &ArgMatches) -> Result<Vec<Moment>, Fault> {
    let zone = survey::text(words, "zone");
    let at = words.get_many::<String>("at").into_iter().flatten();
    at.map(|instant| sun::moment(instant, zone.as_deref())).collect()
}

/// The grammar has `--from` and `--to` come together.
fn season(words: &ArgMatches) -> Result<Option<Season>, Fault> {
    let (Some(from), Some(to)) = (survey::text(words, "from"), survey::text(words, "to")) else {
        return Ok(None);
    };
    let every = *words.get_one::<u16>("every").expect("the grammar has a default");
    let season = Season { from: sun::date(&from)?, to: sun::date(&to)?, every };
    season.days()?;
    Ok(Some(season))
}

fn year(words: &ArgMatches) -> Result<Year, Fault> {
    let albedo = *words.get_one::<f32>("albedo").expect("the grammar has a default");
    let params = IrradiationParams::new(survey::length(words, "reach")?, albedo).ok_or_else(|| {
        fault!(
            fr: "--albedo vaut {albedo} : donnez une part de 0 à 1.",
            en: "--albedo is {albedo}: give a share from 0 to 1.",
        )
    })?;
    let year = *words.get_one::<i16>("year").expect("the grammar has a default");
    Ok(Year { year, linke: survey::linke(words)?, sectors: survey::directions(words)?, params })
}
