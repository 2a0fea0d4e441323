//! What covers the ground: trees and buildings, as features. One stage, one file.

pub mod buildings;
mod footprints;
mod identity;
pub mod trees;
