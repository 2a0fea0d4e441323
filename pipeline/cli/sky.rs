//! `ilot sky DSM --out DIR`: the sky, the shade and the hours of sun of a surface.

use super::survey;
use crate::measures::sky::{self, Order};
use crate::measures::sun;
use crate::measures::sunlight;
use crate::product::{SKY, SKY_VIEW};
use crate::text::Fault;
use clap::ArgMatches;

/// Makes the products, and says what there is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let dates = words.get_many::<String>("date").into_iter().flatten();
    let order = Order {
        place: survey::place(words)?,
        sky: survey::sky(words)?,
        shade: survey::shade(words)?,
        dates: dates.map(|date| sun::date(date)).collect::<Result<_, Fault>>()?,
        products: sunlight::among("--products", &survey::names(words), SKY)?,
    };
    let first = order.products.first().map_or(SKY_VIEW.spec.name, |spec| spec.name);
    survey::run(words, json, first, |stop, tell| sky::make(&order, stop, tell))
}
