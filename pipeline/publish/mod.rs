//! From a finished run to what others open: archives of map tiles, catalogues and records, a page, a report.
//!
//! In: the folder of results. Out: files beside the products, made from them and from nothing else. Fails where: see each.

pub mod archives;
pub mod credits;
