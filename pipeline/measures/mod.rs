//! Measures: finished maps → what a place is like to be in, and figures per zone.
//!
//! They work on rasters, ilot's own or another's, by windows or strips, in bounded memory.

pub mod crowns;
pub mod form;
pub mod heat;
pub mod sensors;
pub mod sky;
pub mod steps;
pub mod sun;
pub mod zonal;
