//! `ilot sky DSM --out DIR`: the sky, the shade and the hours of sun of a surface.

use super::survey;
use crate::measures::sky::{self, Order};
use crate::measures::sun;
use crate::product::SKY_VIEW;
use crate::text::Fault;
use clap::ArgMatches;

/// Makes the products, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let dates = words.get_many::<String>("date").into_iter().flatten();
    let order = Order {
        surface: survey::path(words, "surface"),
        out: survey::path(words, "out"),
        crs: survey::text(words, "crs"),
        crowns: survey::crowns(words)?,
        sky: survey::sky(words)?,
        shade: survey::shade(words)?,
        dates: dates.map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
        zone: survey::text(words, "zone"),
        tile: survey::tile(words),
    };
    survey::run(words, json, SKY_VIEW.spec.name, |stop, tell| sky::make(&order, stop, tell))
}
