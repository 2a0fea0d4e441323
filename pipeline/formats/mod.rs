//! The doors: bytes ↔ types. No method here.

pub mod crs;
pub mod library;
pub mod raster;
