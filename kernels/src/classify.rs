//! What stands on the ground: buildings, vegetation, decks of bridges and other things, from raw returns.
//!
//! In: points with their returns and their height above the ground, the ground among them known. Out: a class
//! for each point that is neither ground, water, noise nor virtual: 1 other, 3 / 4 / 5 vegetation, 6 building,
//! 17 deck, 18 high noise. Façades, chimneys and what lies under a roof count as building, as in IGN's LiDAR HD.
//!
//! The idea: three things tell a roof from a crown. Its points lie in a plane to within the noise of the
//! scanner, the plane goes on for square metres, and hardly a pulse passes it. So: flatness in small cubes
//! (`classify/facets.rs`), planes grown to pieces and pieces judged as a whole (`classify/roofs.rs`), then every
//! point by where it lies to roofs and to vegetation (`classify/label.rs`). One set of numbers serves for 5 to 90
//! points a square metre; sparser clouds need larger cells ([`ClassifyParams::at_density`]).
//!
//! ```text
//!     ▓▓▓▓▓  5        6 ▁▁▁▁   ▁▁▁▁ chimney 6
//!    ▓▓▓▓▓▓▓ 5     6 ╱‾    ‾‾‾‾‾‾   ‾╲ 6     ▄▄▄▄ 1
//!     ▓▓▓▓   4     6 │  under: 6     │ 6    ▄▀▀▀▀▄
//!   ─────┴──────────────────────────────────────────── ground, given
//! ```
//!
//! Tiling: the map is cut into blocks of [`BLOCK`] on multiples of that length, each worked on with a ring of
//! [`RING`] around it and with nothing else. A point's class therefore depends on the points of its block
//! and its ring only, whatever the tiling, the order of points or the number of threads; [`reach`] says what must
//! be given.
//!
//! Fails: see the three parts. In short: roofs under crowns, glass, lone sheds below 10 m², ivy, clipped hedges; roofs
//! narrower than three cells. A bridge that the ground filter took for ground stays ground.
//!
//! F1 against IGN's classes with everything found anew, points within half a metre of a border left out: building
//! 0.99 and high vegetation 0.98 in Montpellier (24 to 34 returns a square metre), 0.97 and 0.95 with one of eight
//! of these points; at 0.25 returns a square metre 0.93 in a village and 0.65 in a dense town.
//!
//! Cost: 0.26 µs a point.

mod columns;
mod facets;
mod label;
mod roofs;

use rayon::prelude::*;

use crate::extent::Extent;
use crate::points::Points;
use crate::unit::Metres;
use columns::{Columns, Squares};

/// Side of a block of the map.
pub const BLOCK: Metres = Metres(200.0);

/// Ring of neighbours around a block: what a roof, cut by the border of a block, is judged by.
pub const RING: Metres = Metres(20.0);

/// The returns of the points' pulses.
#[derive(Debug, Clone, Copy)]
pub struct Returns<'a> {
    /// Number of the point among the returns of its pulse, from 1.
    pub number: &'a [u8],
    /// How many returns the pulse has.
    pub count: &'a [u8],
}

/// Points to be classified, in columns of equal length.
#[derive(Debug, Clone, Copy)]
pub struct Cloud<'a> {
    /// Positions and what is known: class 2 is ground, 7, 9, 18, 65 and 66 are left as they are, all others are
    /// found anew.
    pub points: &'a Points,
    /// Returns.
    pub returns: Returns<'a>,
    /// Height above the ground, metres.
    pub height: &'a [f32],
}

/// What is known of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Object,
    Ground,
    Other,
}

impl Cloud<'_> {
    fn given(&self, number: u32) -> Given {
        match self.points.class[number as usize] {
            2 => Given::Ground,
            7 | 9 | 18 | 65 | 66 => Given::Other,
            _ => Given::Object,
        }
    }
}

/// Size of a vehicle's top, as cells cover it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vehicle {
    /// Square metres.
    pub area: f64,
    /// Short side.
    pub breadth: Metres,
    /// Above the ground.
    pub height: Metres,
}

/// The numbers of the method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassifyParams {
    /// Side of a cell and of a cube.
    pub cell: Metres,
    /// Highest standard deviation of points off the plane of a flat cube.
    pub roughness: Metres,
    /// Least vertical part of the normal of a roof: 0.3 is a slope of 72°.
    pub upright: f32,
    /// Fewest points around a cube that are called flat.
    pub fewest: f32,
    /// Highest share of points of several returns around a flat cube.
    pub several: f32,
    /// Height above ground that half of a roof has.
    pub lowest_roof: Metres,
    /// Height above ground from which flat pieces are looked for.
    pub lowest_seed: Metres,
    /// Height above ground down to which they grow.
    pub lowest_edge: Metres,
    /// How near to a plane points are on it while it grows.
    pub on_plane: Metres,
    /// How near to the plane of a roof points belong to it.
    pub of_roof: Metres,
    /// How many cells a plane may grow.
    pub rounds: usize,
    /// Height by which the planes of neighbouring cells of one piece may differ.
    pub step: Metres,
    /// Least area of a roof, square metres.
    pub smallest_roof: f64,
    /// Least area of a roof beside another, square metres.
    pub smallest_annex: f64,
    /// Least share of seeds in a roof.
    pub seeds: f32,
    /// Least share of seeds in a flat piece smaller than a roof.
    pub seeds_of_small: f32,
    /// A flat piece that is smaller in all three ways, beside no roof, is a vehicle.
    pub largest_vehicle: Vehicle,
    /// Largest hole in a roof that is part of it, square metres.
    pub largest_hole: f64,
    /// How many cells a crown may reach over a roof.
    pub overhang: usize,
    /// A point with nothing so far below it, and hardly anything beside it, hangs in the air: a bird, noise.
    pub alone: Metres,
    /// Height at which low vegetation ends.
    pub shrub: Metres,
    /// Height at which high vegetation begins.
    pub tree: Metres,
}

impl ClassifyParams {
    /// For clouds of so many returns a square metre: cells must be so wide that some returns fall in each.
    ///
    /// Half a metre from 4.5 returns (LiDAR HD has 10 and more), a metre from 1.2, two metres below: what is
    /// narrower than three cells is then lost.
    pub fn at_density(returns: f64) -> ClassifyParams {
        let full = ClassifyParams::default();
        let coarser = |cell: f64, roughness: f64| ClassifyParams {
            cell: Metres(cell),
            roughness: Metres(roughness),
            seeds: 0.3,
            ..full
        };
        match returns {
            sparse if sparse < 1.2 => coarser(2.0, 0.15),
            medium if medium < 4.5 => coarser(1.0, 0.12),
            _ => full,
        }
    }
}

impl Default for ClassifyParams {
    fn default() -> ClassifyParams {
        ClassifyParams {
            cell: Metres(0.5),
            roughness: Metres(0.06),
            upright: 0.3,
            fewest: 5.0,
            several: 0.5,
            lowest_roof: Metres(1.8),
            lowest_seed: Metres(1.0),
            lowest_edge: Metres(0.5),
            on_plane: Metres(0.15),
            of_roof: Metres(0.25),
            rounds: 12,
            step: Metres(0.5),
            smallest_roof: 10.0,
            smallest_annex: 1.0,
            seeds: 0.4,
            seeds_of_small: 0.5,
            largest_vehicle: Vehicle { area: 20.0, breadth: Metres(2.9), height: Metres(3.2) },
            largest_hole: 10.0,
            overhang: 10,
            alone: Metres(12.0),
            shrub: Metres(0.5),
            tree: Metres(1.5),
        }
    }
}

/// The part of the map on which the classes of an extent depend.
pub fn reach(extent: &Extent) -> Extent {
    // A block holds its west and its north edge.
    let floor = |value: f64| (value / BLOCK.0).floor();
    let blocks = Extent {
        west: floor(extent.west) * BLOCK.0,
        south: (-floor(-extent.south) - 1.0) * BLOCK.0,
        east: (floor(extent.east) + 1.0) * BLOCK.0,
        north: -floor(-extent.north) * BLOCK.0,
    };
    blocks.padded(RING)
}

/// The class of each point, in the order of the points.
///
/// # Panics
/// Where the columns differ in length or the cell is no positive length: the caller reads and checks both.
pub fn classify(cloud: &Cloud, params: &ClassifyParams) -> Vec<u8> {
    let points = cloud.points;
    let lengths =
        [points.class.len(), cloud.height.len(), cloud.returns.number.len(), cloud.returns.count.len()];
    assert!(
        lengths.iter().all(|&length| length == points.len()),
        "the method needs all columns of each point"
    );
    assert!(params.cell.0 > 0.0, "a cell has a positive size");
    let squares = Squares::of(points, params.cell);
    let labels: Vec<Vec<(u32, u8)>> =
        squares.blocks().par_iter().map(|&block| classify_block(&squares, block, cloud, params)).collect();
    let mut classes = points.class.clone();
    for (number, class) in labels.into_iter().flatten() {
        classes[number as usize] = class;
    }
    classes
}

/// The classes of a block's own points.
fn classify_block(
    squares: &Squares,
    block: (i64, i64),
    cloud: &Cloud,
    params: &ClassifyParams,
) -> Vec<(u32, u8)> {
    let columns = Columns::sort(cloud, squares, block);
    let facets = facets::facets(&columns);
    let roofs = roofs::roofs(&columns, &facets, params);
    label::label(&columns, &facets, &roofs, params)
}

#[cfg(test)]
mod tests;
