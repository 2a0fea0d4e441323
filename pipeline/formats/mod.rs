//! The doors: bytes ↔ types. No method here.

pub mod aside;
pub mod crs;
pub mod glb;
pub mod library;
pub mod mvt;
pub mod parts;
pub mod pmtiles;
pub mod points;
pub mod raster;
pub mod sensors;
pub mod table;
pub mod vector;
