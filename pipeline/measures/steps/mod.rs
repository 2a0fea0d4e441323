//! Measures as steps of `ilot run`: a section of the project file → an order on the maps of the run.
//!
//! A step runs where its section is there. One file each; [`crate::graph::measures`] has them in order.

pub mod cover_zones;
pub mod heat;
pub mod lcz;
pub mod sensors;
pub mod sky;
pub mod zan;
