//! What covers the ground: trees and buildings as features, vegetation, cover and sealed shares as maps. One stage, one
//! file.

mod brightness;
pub mod buildings;
mod classes;
mod drawn;
mod footprints;
mod identity;
mod infrared;
mod ortho;
mod prepare;
pub mod settings;
mod shares;
pub mod trees;
mod vegetation;

pub use prepare::prepare;

use crate::project::Settings;
use crate::stage::Stage;

/// The stages of land cover, in flow order; none where it is not asked for.
pub fn stages(settings: &Settings) -> Vec<Box<dyn Stage>> {
    let Some(cover) = &settings.cover else { return Vec::new() };
    let mut stages: Vec<Box<dyn Stage>> =
        vec![Box::new(vegetation::Vegetation { layers: cover.layers, terrain: settings.gridding.cell })];
    if !cover.irc.is_empty() {
        stages.push(Box::new(infrared::Infrared { found: cover.found.clone() }));
    }
    stages.push(Box::new(classes::Classes { with_image: !cover.irc.is_empty(), found: cover.found.clone() }));
    stages.push(Box::new(shares::Shares));
    stages
}
