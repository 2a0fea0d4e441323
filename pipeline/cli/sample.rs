//! `ilot sample DIR`: a small town whose truth is known.

use crate::text::Fault;
use clap::ArgMatches;

/// Writes the town.
pub fn main(_: &ArgMatches) -> Result<u8, Fault> {
    Ok(2)
}
