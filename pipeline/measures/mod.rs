//! Measures: finished maps → what a place is like to be in, and figures per zone.
//!
//! They work on rasters, ilot's own or another's, by windows or strips, in bounded memory.

pub mod comfort;
pub mod cover_zones;
pub mod crowns;
pub mod european;
pub mod form;
pub mod heat;
mod laid;
pub mod sensors;
pub mod sky;
pub mod steps;
pub mod sun;
pub mod sunlight;
pub mod survey;
pub mod weather;
pub mod zan;
pub mod zonal;
