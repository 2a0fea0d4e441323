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
//! Fails where: mountains outside of the reach hide the sun; crowns reach down to the ground.
//! Cost: 6 to 25 ns a cell and position.

use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::horizon::{Field, Ray, Scene, Scratch, Tile};
use crate::sky::{assembled, blend, raised, tiles};
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

/// Hours in the sun over the surface without trees, behind crowns that let a share τ of the sun through.
///
/// `tops` is as for [`crate::sky::sky_view_behind_crowns`]: an hour that only a crown takes counts for τ.
///
/// # Panics
/// As [`shade`], and where the frames differ.
pub fn sun_hours_behind_crowns(
    surface: &Grid<f32>,
    tops: &Grid<f32>,
    core: &Frame,
    suns: &[Sun],
    hours: f32,
    params: &ShadeParams,
    transmissivity: f32,
) -> Grid<f32> {
    let raised = raised(surface, tops);
    let scene = Scene { surface: &raised, eyes: surface };
    let mut open = sun_hours(surface, core, suns, hours, params);
    blend(&mut open, &hours_in(pulp::Arch::new(), &scene, core, suns, hours, params), transmissivity);
    open
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
    hours_in(arch, &Scene { surface, eyes: surface }, core, suns, hours, params)
}

fn hours_in(
    arch: pulp::Arch,
    scene: &Scene<'_>,
    core: &Frame,
    suns: &[Sun],
    hours: f32,
    params: &ShadeParams,
) -> Grid<f32> {
    let surface = scene.surface;
    let relief = relief(surface, scene.eyes);
    let up = suns.iter().filter(|sun| sun.altitude.0 > 0.0);
    let beams: Vec<Beam> = up.map(|sun| Beam::new(sun, relief, surface.frame().cell, params)).collect();
    let tiles = tiles(surface, core);
    let counts: Vec<Vec<f32>> = tiles.par_iter().map(|tile| lit(arch, scene, tile, &beams)).collect();
    let mut grid = assembled(surface, core, &tiles, counts.iter().map(Vec::as_slice));
    grid.cells_mut().iter_mut().for_each(|cell| *cell *= hours);
    grid
}

/// Highest of the surface minus lowest of the eyes, among the known heights.
fn relief(surface: &Grid<f32>, eyes: &Grid<f32>) -> Metres {
    let known = |grid: &Grid<f32>, first: f32, pick: fn(f32, f32) -> f32| {
        grid.cells().iter().filter(|cell| !cell.is_missing()).fold(first, |so_far, &cell| pick(so_far, cell))
    };
    let high = known(surface, f32::NEG_INFINITY, f32::max);
    let low = known(eyes, f32::INFINITY, f32::min);
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
fn lit(arch: pulp::Arch, scene: &Scene<'_>, tile: &Tile, beams: &[Beam]) -> Vec<f32> {
    let mut counts = vec![0.0; tile.len()];
    let mut scratch = Scratch::default();
    for beam in beams {
        let field = Field::around(scene, *tile, &beam.ray);
        field.steepest(arch, &beam.ray[0], beam.tangent, &mut scratch);
        for (count, &slope) in counts.iter_mut().zip(&scratch.slopes) {
            *count += if slope > beam.tangent { 0.0 } else { 1.0 };
        }
    }
    counts
}

#[cfg(test)]
mod tests;
