//! The sample town: a small French-looking town whose truth is known exactly.
//!
//! Options go in; a folder comes out with LiDAR tiles, an orthophoto, vectors, land cover of two dates,
//! sensor readings, and the truth of each product. The town is a formula ([`model`]): what is written is
//! what the formula says, plus stated noise. Model, scanning and writing are apart, one file per output
//! family, so that a later product adds its truth in one place.

pub mod blocks;
pub mod layout;
pub mod model;
pub mod partition;
pub mod planting;
pub mod random;
pub mod scan;
pub mod shape;
pub mod solid;
pub mod terrain;
pub mod town;
pub mod truth;

use model::Model;
use shape::{Convex, Edge};
use town::Placement;

/// Easting of the sample's south-west corner, Lambert-93, metres.
pub const WEST: f64 = 379_000.0;
/// Northing of the sample's south-west corner, Lambert-93, metres.
pub const SOUTH: f64 = 6_786_000.0;

/// What sample to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleOptions {
    /// Width and height, metres.
    pub size: (f64, f64),
    /// Laser pulses sent per square metre, over all strips; a pulse has one to five returns.
    pub density: f64,
    /// Another seed gives another town.
    pub seed: u64,
}

impl Default for SampleOptions {
    fn default() -> SampleOptions {
        SampleOptions { size: (1000.0, 1000.0), density: 20.0, seed: 1 }
    }
}

/// The town of these options.
pub fn model(options: &SampleOptions) -> Model {
    let size = [options.size.0, options.size.1];
    let smaller = size[0].min(size[1]);
    let angle = 11f64.to_radians();
    let placement = Placement {
        origin: [size[0] * 0.5, size[1] * 0.5 - (0.1 * size[1]).min(70.0)],
        axis: [angle.cos(), angle.sin()],
    };
    let corners = [[0.0, 0.0], [size[0], 0.0], size, [0.0, size[1]]];
    let window = Convex::new(corners.iter().map(|&c| placement.plan(c)).collect(), Edge::Border);
    let radius = (0.43 * smaller).clamp(150.0, 520.0);
    let mut layout = layout::Layout::of(&window, radius, smaller < 350.0, options.seed);
    blocks::fill(&mut layout, options.seed);
    let town = layout.town.moved(&placement);
    let bare = Model::new(size, placement, town, Vec::new());
    let crowns = planting::plant(&bare, options.seed);
    Model::new(size, placement, bare.town, crowns)
}
