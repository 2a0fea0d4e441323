//! From a finished run to what others open: archives of map tiles, catalogues and records, a page, a report.
//!
//! In: the folder of results. Out: files beside the products, made from them and from nothing else: nothing is measured
//! here. Fails where: see each.

pub mod archives;
pub mod catalogue;
pub mod credits;
pub mod inventory;
pub mod page;
mod picture;
pub mod records;
pub mod report;
pub mod sheets;
pub mod view;

use crate::text::Fault;
use inventory::Inventory;
use std::path::Path;

/// Writes the page and the report of a folder of results and lists them in its catalogue; nothing where no map is.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn all(out: &Path) -> Result<(), Fault> {
    if !inventory::is_there(out) {
        return Ok(());
    }
    let inventory = Inventory::read(out)?;
    report::write(&inventory)?;
    page::write(&inventory)?;
    catalogue::list_pages(out)
}
