//! Measures: rasters → what a place is like to be in.
//!
//! They work on finished rasters, ilot's own or another's, by windows with a halo, in bounded memory.

pub mod crowns;
pub mod sky;
pub mod sun;
