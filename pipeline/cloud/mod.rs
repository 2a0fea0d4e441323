//! Clouds: which there are, what is collected of them for each tile, and which points carry the models.

pub mod catalogue;
pub mod classes;
pub mod density;
pub mod gather;
pub mod ground;
pub mod production;
mod spill;
pub mod trust;
