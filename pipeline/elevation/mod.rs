//! Elevation: points → terrain, surface, height above ground, and how well each was seen.

pub mod canopy;
pub mod density;
pub mod relief;
pub mod surface;
pub mod terrain;
