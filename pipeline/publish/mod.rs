//! A finished folder of results → what people open: archives of map tiles, a page, a report, a small server for them.
//!
//! Nothing is measured here: every figure comes from the files that the run wrote.

pub mod archives;
pub mod catalogue;
pub mod credits;
pub mod inventory;
mod picture;
pub mod records;
pub mod report;
pub mod sheets;
pub mod view;

use crate::text::Fault;
use inventory::Inventory;
use std::path::Path;

/// Writes all that people open of a folder of results.
///
/// # Errors
/// Where the folder holds no result, or a file cannot be written.
pub fn all(out: &Path) -> Result<(), Fault> {
    let inventory = Inventory::read(out)?;
    report::write(&inventory)
}
