//! Leaves by their height above ground: how high, how low, and how much of each layer in every cell.
//!
//! In: the vegetation returns of a tile and the terrain. Out, for each cell: the 95th percentile of their heights; the
//! base of the crown; the shares of all returns that are shrubs (0.5 to 3 m) and trees. Percentiles are the nearest rank:
//! a value that was measured, whatever the order.
//!
//! **Base of the crown:** the profile of returns is followed down from the lowest one of tree height until a gap of
//! `CLEAR` or the herbs (the gap between layers that Popescu & Zhao 2008, 10.1016/j.rse.2007.06.011, seek in voxels):
//! the last return before it is the lowest leaf seen. Little light comes that far, so that it lies some decimetres above
//! the lowest leaves (in the mean 0.3 to 0.5 m in the sample town at 20 pulses/m²); shrubs that touch a crown are taken
//! for a part of it.
//!
//! Heights are those above the terrain at the point's own place, bilinear between cell centres. Fails where: the
//! terrain is missing, points have no height and are left out. Cost: 20 ns a point of leaves; memory: 8 bytes each.

use crate::bin::{Binning, NOWHERE};
use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::points::{Lattice, Points};
use rayon::prelude::*;

/// Where the layers begin, metres above ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layers {
    /// Leaves from here on are shrubs; below, herbs.
    pub shrub: f32,
    /// Leaves from here on are trees.
    pub tree: f32,
}

impl Default for Layers {
    fn default() -> Layers {
        Layers { shrub: 0.5, tree: 3.0 }
    }
}

/// What the leaves of a cell are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stand {
    /// 95th percentile of the heights, metres; missing where there is no vegetation.
    pub height: f32,
    /// Base of the crown, metres; missing where there is no tree.
    pub base: f32,
    /// Returns from shrubs.
    pub shrub: u32,
    /// Returns from trees.
    pub tree: u32,
}

impl Stand {
    const NONE: Stand = Stand { height: f32::MISSING, base: f32::MISSING, shrub: 0, tree: 0 };
}

/// Returns of trees that make a crown: fewer say nothing of its base.
const CROWN_RETURNS: usize = 3;

/// A gap in the profile from here on parts a crown from what grows under it, metres.
const CLEAR: f32 = 1.0;

/// The stands of all cells of a frame.
pub fn stands(leaves: &Points, terrain: &Grid<f32>, frame: &Frame, layers: Layers) -> Grid<Stand> {
    let (starts, mut heights) = by_cell(leaves, terrain, frame);
    let mut grid = Grid::filled(*frame, Stand::NONE);
    if frame.is_empty() {
        return grid;
    }
    // Each row has its own stretch of the heights.
    let mut rows = Vec::with_capacity(frame.rows);
    let mut rest = &mut heights[..];
    for row in 0..frame.rows {
        let (first, last) = (starts[row * frame.cols], starts[(row + 1) * frame.cols]);
        let (own, others) = rest.split_at_mut((last - first) as usize);
        rows.push(own);
        rest = others;
    }
    let cells = grid.cells_mut().par_chunks_mut(frame.cols).zip(rows).enumerate();
    cells.for_each(|(row, (cells, heights))| {
        let starts = &starts[row * frame.cols..=(row + 1) * frame.cols];
        for (cell, span) in cells.iter_mut().zip(starts.windows(2)) {
            let (first, last) = ((span[0] - starts[0]) as usize, (span[1] - starts[0]) as usize);
            *cell = stand(&mut heights[first..last], layers);
        }
    });
    grid
}

/// Where each cell's heights begin, and all heights, cell by cell.
fn by_cell(leaves: &Points, terrain: &Grid<f32>, frame: &Frame) -> (Vec<u32>, Vec<f32>) {
    let mut cells = Vec::new();
    Binning::new(frame, &leaves.lattice).locate(&leaves.x, &leaves.y, &mut cells);
    let mut starts = vec![0_u32; frame.len() + 1];
    for &cell in cells.iter().filter(|cell| **cell != NOWHERE) {
        starts[cell as usize + 1] += 1;
    }
    for cell in 0..frame.len() {
        starts[cell + 1] += starts[cell];
    }
    let mut next = starts.clone();
    let mut heights = vec![f32::MISSING; starts[frame.len()] as usize];
    let beneath = Beneath::new(terrain, leaves.lattice);
    for (point, &cell) in cells.iter().enumerate().filter(|(_, cell)| **cell != NOWHERE) {
        let ground = beneath.at(leaves.x[point], leaves.y[point]);
        let place = &mut next[cell as usize];
        heights[*place as usize] = (leaves.lattice.height(leaves.z[point]) - f64::from(ground)) as f32;
        *place += 1;
    }
    (starts, heights)
}

/// A terrain under positions of a lattice.
struct Beneath<'a> {
    terrain: &'a Grid<f32>,
    lattice: Lattice,
    /// The first centre, and the side of a cell, in units of the lattice.
    west: f64,
    north: f64,
    cell: f64,
    per_unit: f64,
}

/// Units that decide which centre comes before a position: far above rounding, far below a unit.
const NUDGE: f64 = 1e-6;

impl<'a> Beneath<'a> {
    fn new(terrain: &'a Grid<f32>, lattice: Lattice) -> Beneath<'a> {
        let (frame, units) = (terrain.frame(), f64::from(lattice.per_metre));
        let cell = frame.cell.0 * units;
        Beneath {
            terrain,
            lattice,
            west: frame.west * units - lattice.x0 as f64 + 0.5 * cell,
            north: frame.north * units - lattice.y0 as f64 - 0.5 * cell,
            cell,
            per_unit: 1.0 / cell,
        }
    }

    /// Between the four nearest centres; the nearest known one where some are missing or outside. Counted in whole units
    /// from the centre before, so that the corner of the tile does not show.
    fn at(&self, x: i32, y: i32) -> f32 {
        let frame = self.terrain.frame();
        let (right, down) = (f64::from(x) - self.west + NUDGE, self.north - f64::from(y) + NUDGE);
        let (col, row) = (right * self.per_unit, down * self.per_unit);
        let inside =
            col >= 0.0 && row >= 0.0 && col + 1.0 < frame.cols as f64 && row + 1.0 < frame.rows as f64;
        if !inside {
            let place = frame.locate(self.lattice.easting(x), self.lattice.northing(y));
            return place.map_or(f32::MISSING, |(row, col)| self.terrain.at(row, col));
        }
        let (c, r) = (col as usize, row as usize);
        let part = |way: f64, whole: usize| ((way - NUDGE - whole as f64 * self.cell) * self.per_unit) as f32;
        let (s, t) = (part(right, c), part(down, r));
        let first = r * frame.cols + c;
        let (north, south) = (&self.terrain.cells()[first..], &self.terrain.cells()[first + frame.cols..]);
        let north = north[0] * (1.0 - s) + north[1] * s;
        let south = south[0] * (1.0 - s) + south[1] * s;
        let between = north * (1.0 - t) + south * t;
        let near = |share: f32| usize::from(share >= 0.5);
        if between.is_missing() { self.terrain.at(r + near(t), c + near(s)) } else { between }
    }
}

fn stand(heights: &mut [f32], layers: Layers) -> Stand {
    let known = parted(heights, |height| !height.is_missing());
    let (heights, _) = heights.split_at_mut(known);
    if heights.is_empty() {
        return Stand::NONE;
    }
    let height = ranked(heights, 0.95).max(0.0);
    let below = parted(heights, |height| height < layers.tree);
    let (low, trees) = heights.split_at_mut(below);
    let herbs = parted(low, |height| height < layers.shrub);
    let shrubs = &mut low[herbs..];
    let base = if trees.len() >= CROWN_RETURNS { base(shrubs, trees) } else { f32::MISSING };
    Stand { height, base, shrub: shrubs.len() as u32, tree: trees.len() as u32 }
}

/// Moves what `is_first` to the front; how many those are. Most cells are all of one kind: nothing is sorted that need not be.
fn parted(heights: &mut [f32], is_first: impl Fn(f32) -> bool) -> usize {
    let mut first = 0;
    for at in 0..heights.len() {
        if is_first(heights[at]) {
            heights.swap(first, at);
            first += 1;
        }
    }
    first
}

/// The lowest of the heights that hangs together with the lowest one of the trees.
fn base(shrubs: &mut [f32], trees: &[f32]) -> f32 {
    shrubs.sort_unstable_by(f32::total_cmp);
    let lowest = trees.iter().copied().fold(f32::INFINITY, f32::min);
    shrubs.iter().rev().fold(lowest, |base, &next| if base - next < CLEAR { next } else { base })
}

/// The value of nearest rank.
fn ranked(heights: &mut [f32], share: f64) -> f32 {
    let rank = (heights.len() as f64 * share).ceil() as usize;
    let at = rank.clamp(1, heights.len()) - 1;
    *heights.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Metres;

    const LATTICE: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 0, y0: 0 };

    #[test]
    fn heights_are_ranked_above_a_sloping_ground() {
        // The ground rises by 1 m a metre to the east: 0.5 m at x = 0.5.
        let ground = Frame { west: -1.0, north: 3.0, cell: Metres(1.0), rows: 4, cols: 4 };
        let terrain = Grid::new(ground, (0..16).map(|cell| (cell % 4) as f32 - 0.5).collect());
        let frame = Frame { west: 0.0, north: 2.0, cell: Metres(1.0), rows: 2, cols: 2 };
        // 20 leaves at x = 0.25, 0.3 m to 5.05 m above the ground by quarters of a metre.
        let z = |step: i32| 25 + 30 + 25 * step;
        let points = Points {
            lattice: LATTICE,
            x: vec![25; 20],
            y: vec![150; 20],
            z: (0..20).rev().map(z).collect(),
            class: Vec::new(),
        };
        let stands = stands(&points, &terrain, &frame, Layers::default());
        let stand = stands.at(0, 0);
        assert!((stand.height - (0.3 + 0.25 * 18.0)).abs() < 1e-5, "the 19th of 20: {}", stand.height);
        assert_eq!((stand.shrub, stand.tree), (10, 9));
        assert!((stand.base - (0.3 + 0.25)).abs() < 1e-5, "down to the herbs without a gap: {}", stand.base);
        assert!(stands.at(1, 1).height.is_nan());
    }

    #[test]
    fn a_crown_ends_where_a_metre_is_clear_below_it() {
        let base = |heights: &mut [f32]| stand(heights, Layers::default()).base;
        assert_eq!(base(&mut [0.1, 0.6, 0.9, 2.4, 3.1, 4.0, 9.0]), 2.4, "shrubs are apart");
        assert_eq!(base(&mut [0.1, 5.0, 3.6, 8.0, 7.0, 0.7]), 3.6, "a lower tree is a tree");
        assert!(base(&mut [0.2, 1.1, 2.0, 2.9, 3.8]).is_nan(), "one return makes no crown");
        assert_eq!(base(&mut [0.2, 1.1, 2.0, 2.9, 3.8, 3.9, 4.0]), 1.1, "herbs are no leaves of it");
    }
}
