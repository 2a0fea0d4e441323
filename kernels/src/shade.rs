//! Which cells the sun reaches over a surface, and for how long.
//!
//! In: a surface in metres, with a halo of the reach, and positions of the sun. Out: 0 in the sun, 1 in the shade; or
//! hours in the sun. A missing cell has no value and casts no shade.
//!
//! A cell is in the sun where no cell towards it rises above `z + d · tan(altitude)` (Ratti & Richens 1999): the
//! march of `horizon.rs` that starts from the sun's own height. The ray ends where the tallest of the surface
//! no longer reaches, `relief / tan(altitude)`, or at the reach of the parameters: shadows longer than that, of a
//! sun close to the horizon, are cut. Below the horizon, all is shade.
//!
//! Fails where: mountains outside of the reach hide the sun.
//! Cost: 6 to 25 ns a cell and position.

use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::horizon::leaves::Leaves;
use crate::horizon::{Field, Ray, Scene, Scratch, Tile};
use crate::sky::{Crowns, assembled, tiles};
use crate::unit::{Degrees, Metres};
use rayon::prelude::*;

/// Where the sun stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sun {
    /// Clockwise from the grid's north, which is not the true one: the convergence is the caller's.
    pub azimuth: Degrees,
    /// Above the horizon; negative at night.
    pub altitude: Degrees,
}

/// How far shadows are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShadeParams {
    reach: Metres,
}

impl ShadeParams {
    /// Shadows up to this length; `None` where it is not a positive length.
    pub fn new(reach: Metres) -> Option<ShadeParams> {
        (reach.0.is_finite() && reach.0 > 0.0).then_some(ShadeParams { reach })
    }

    /// How far beyond a cell its shade depends on the surface.
    pub fn halo(&self) -> Metres {
        self.reach
    }
}

impl Default for ShadeParams {
    /// 1000 m: a tower of 50 m, the sun 3° high.
    fn default() -> ShadeParams {
        ShadeParams { reach: Metres(1000.0) }
    }
}

/// 1 where a cell of `core` is in the shade, 0 where the sun reaches it; `core` is a part of the surface.
///
/// # Panics
/// Where `core` is no part of the surface: the engine lays both frames.
pub fn shade(surface: &Grid<f32>, core: &Frame, sun: &Sun, params: &ShadeParams) -> Grid<f32> {
    let mut lit = sun_hours(surface, core, std::slice::from_ref(sun), 1.0, params);
    lit.cells_mut().iter_mut().for_each(|cell| *cell = 1.0 - *cell);
    lit
}

/// Hours in the sun: each position stands for a time of `hours`.
///
/// # Panics
/// As [`shade`].
pub fn sun_hours(
    surface: &Grid<f32>,
    core: &Frame,
    suns: &[Sun],
    hours: f32,
    params: &ShadeParams,
) -> Grid<f32> {
    sun_hours_by(pulp::Arch::new(), surface, core, suns, hours, params)
}

/// Hours in the sun over the surface alone, and those of them that only crowns take.
///
/// With the share τ of the sun that leaves let through, hours behind crowns are `o − (1 − τ) · l`.
///
/// # Panics
/// As [`shade`], and where the frames differ.
pub fn sun_hours_behind_crowns(
    surface: &Grid<f32>,
    crowns: &Crowns<'_>,
    core: &Frame,
    suns: &[Sun],
    hours: f32,
    params: &ShadeParams,
) -> (Grid<f32>, Grid<f32>) {
    let (open, leaves) = hours_in(pulp::Arch::new(), surface, Some(crowns), core, suns, hours, params);
    (open, leaves.expect("crowns are given"))
}

/// The same by one set of vector instructions; all give the same bits.
fn sun_hours_by(
    arch: pulp::Arch,
    surface: &Grid<f32>,
    core: &Frame,
    suns: &[Sun],
    hours: f32,
    params: &ShadeParams,
) -> Grid<f32> {
    hours_in(arch, surface, None, core, suns, hours, params).0
}

fn hours_in(
    arch: pulp::Arch,
    surface: &Grid<f32>,
    crowns: Option<&Crowns<'_>>,
    core: &Frame,
    suns: &[Sun],
    hours: f32,
    params: &ShadeParams,
) -> (Grid<f32>, Option<Grid<f32>>) {
    let relief = relief(surface, crowns.map(|crowns| crowns.tops));
    let up = suns.iter().filter(|sun| sun.altitude.0 > 0.0);
    let beams: Vec<Beam> = up.map(|sun| Beam::new(sun, relief, surface.frame().cell, params)).collect();
    let tiles = tiles(surface, core);
    let counts: Vec<Counts> =
        tiles.par_iter().map(|tile| Counts::of(arch, surface, crowns, tile, &beams)).collect();
    let grid = |value: fn(&Counts) -> &[f32]| {
        let mut grid = assembled(surface, core, &tiles, counts.iter().map(value));
        grid.cells_mut().iter_mut().for_each(|cell| *cell *= hours);
        grid
    };
    (grid(|counts| &counts.lit), crowns.map(|_| grid(|counts| &counts.leaves)))
}

/// Highest of the surface and of the crowns minus lowest of the surface, among the known heights.
fn relief(surface: &Grid<f32>, tops: Option<&Grid<f32>>) -> Metres {
    let known = |grid: &Grid<f32>, first: f32, pick: fn(f32, f32) -> f32| {
        grid.cells().iter().filter(|cell| !cell.is_missing()).fold(first, |so_far, &cell| pick(so_far, cell))
    };
    let roof = known(surface, f32::NEG_INFINITY, f32::max);
    let high = tops.map_or(roof, |tops| known(tops, roof, f32::max));
    let low = known(surface, f32::INFINITY, f32::min);
    Metres(f64::from(high - low).max(0.0))
}

/// The way to the sun.
struct Beam {
    ray: [Ray; 1],
    tangent: f32,
}

impl Beam {
    fn new(sun: &Sun, relief: Metres, cell: Metres, params: &ShadeParams) -> Beam {
        let tangent = sun.altitude.radians().tan();
        // One cell more than the longest shadow, so that roundings cannot shorten it.
        let longest = Metres((relief.0 / tangent + cell.0).min(params.reach.0));
        Beam { ray: [Ray::new(sun.azimuth, longest, cell)], tangent: tangent as f32 }
    }
}

/// How many of the beams reach each cell of a tile.
struct Counts {
    /// Past the surface.
    lit: Vec<f32>,
    /// Past the surface, but not past the crowns; empty where there are none.
    leaves: Vec<f32>,
}

impl Counts {
    fn of(
        arch: pulp::Arch,
        surface: &Grid<f32>,
        crowns: Option<&Crowns<'_>>,
        tile: &Tile,
        beams: &[Beam],
    ) -> Counts {
        let leaves = crowns.map_or(0, |_| tile.len());
        let mut counts = Counts { lit: vec![0.0; tile.len()], leaves: vec![0.0; leaves] };
        let mut scratch = Scratch::default();
        for beam in beams {
            let field = Field::around(&Scene { surface, eyes: surface }, *tile, &beam.ray);
            field.steepest(arch, &beam.ray[0], beam.tangent, &mut scratch);
            for (count, &slope) in counts.lit.iter_mut().zip(&scratch.slopes) {
                *count += if slope > beam.tangent { 0.0 } else { 1.0 };
            }
            if let Some(crowns) = crowns {
                let floor = std::mem::take(&mut scratch.slopes);
                let crowns = Leaves::around(crowns, surface, *tile, &beam.ray);
                crowns.shade(arch, &beam.ray[0], beam.tangent, &floor, &mut scratch);
                scratch.slopes = floor;
                for (count, &hidden) in counts.leaves.iter_mut().zip(&scratch.hidden) {
                    *count += if hidden > 0 { 1.0 } else { 0.0 };
                }
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests;
