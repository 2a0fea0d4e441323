//! What covers the ground: trees and buildings as features, vegetation, cover and sealed shares as maps. One stage, one
//! file.

mod brightness;
pub mod buildings;
mod classes;
pub mod confusion;
mod drawn;
mod footprints;
mod identity;
mod infrared;
mod ortho;
mod prepare;
pub mod settings;
pub mod shares;
pub mod trees;
mod vegetation;

pub use prepare::prepare;

use crate::project::Settings;
use crate::stage::Stage;
use ilot_kernels::crowns::CrownParams;
use ilot_kernels::strata::Layers;
use ilot_kernels::unit::Metres;

/// The stages of land cover, in flow order: those of trees and buildings, and those of the maps where they are asked for.
pub fn stages(settings: &Settings) -> Vec<Box<dyn Stage>> {
    let layers = settings.cover.as_ref().map_or(Layers::default(), |cover| cover.layers);
    let least_height = Metres(f64::from(layers.tree));
    let mut stages: Vec<Box<dyn Stage>> = vec![
        Box::new(buildings::Buildings::new(settings)),
        Box::new(vegetation::Vegetation { layers, terrain: settings.gridding.cell }),
        Box::new(trees::Trees { params: CrownParams { least_height, ..CrownParams::default() } }),
    ];
    let Some(cover) = &settings.cover else { return stages };
    if !cover.irc.is_empty() {
        stages.push(Box::new(infrared::Infrared { found: cover.found.clone() }));
    }
    stages.push(Box::new(classes::Classes { with_image: !cover.irc.is_empty(), found: cover.found.clone() }));
    stages.push(Box::new(shares::Shares));
    stages
}
