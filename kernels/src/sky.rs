//! How much of the sky each cell sees.
//!
//! In: a surface in metres, with a halo of the reach. Out: two sky view factors from 0 to 1; a missing cell has none,
//! and is seen through. They are two different quantities that bear one name:
//!
//! ```text
//!   cosine-weighted   (1/N) Σ cos² h       what a level ground receives of an even sky (Oke 1987; SOLWEIG, LCZ)
//!   solid angle       1 − (1/N) Σ sin h    the share of the hemisphere that is open (Zakšek 2011, RVT; r.skyview)
//! ```
//!
//! h is the height of the horizon along each of N azimuths (`horizon.rs`), never below the level: ground that falls
//! away opens no more than half a sphere. At H/W = 1 a street has 0.46 by the first and 0.32 by the second.
//!
//! Sources: Johnson & Watson 1984, 10.1175/1520-0450(1984)023<0329:TDOVFI>2.0.CO;2; Zakšek et al. 2011, 10.3390/rs3020398.
//! Accuracy: 0.015 at cells of 1 m in streets whose exact value is known; cells, not directions, limit it. Fails
//! where: a roof's overhang or a bridge, which a surface cannot hold. Cost: 0.3 µs a cell at 200 m, 0.1 at 50 m (32 directions, AVX2).

use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::horizon::leaves::{LEVELS, Leaves};
use crate::horizon::{Field, Ray, Scene, Scratch, Tile};
use crate::unit::{Degrees, Metres};
use rayon::prelude::*;

/// How far and in how many directions one looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkyParams {
    directions: u32,
    reach: Metres,
}

/// Why parameters make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkyParamsError {
    /// Fewer than 4 directions, or more than 360.
    Directions,
    /// A reach that is not a positive length.
    Reach,
}

impl SkyParams {
    /// `directions` azimuths from north on, up to `reach` away.
    ///
    /// # Errors
    /// Where either makes no sense.
    pub fn new(directions: u32, reach: Metres) -> Result<SkyParams, SkyParamsError> {
        if !(4..=360).contains(&directions) {
            return Err(SkyParamsError::Directions);
        }
        if !(reach.0.is_finite() && reach.0 > 0.0) {
            return Err(SkyParamsError::Reach);
        }
        Ok(SkyParams { directions, reach })
    }

    /// How far beyond a cell its sky depends on the surface.
    pub fn halo(&self) -> Metres {
        self.reach
    }

    pub(crate) fn rays(&self, cell: Metres) -> Vec<Ray> {
        let turn = 360.0 / f64::from(self.directions);
        (0..self.directions).map(|k| Ray::new(Degrees(f64::from(k) * turn), self.reach, cell)).collect()
    }
}

impl Default for SkyParams {
    /// 32 directions, 200 m: the horizon beyond changes a town's factors by at most 0.001.
    fn default() -> SkyParams {
        SkyParams { directions: 32, reach: Metres(200.0) }
    }
}

/// Both factors of the same cells.
#[derive(Debug, Clone)]
pub struct SkyView {
    /// Mean of cos² h.
    pub cosine_weighted: Grid<f32>,
    /// One minus the mean of sin h.
    pub solid_angle: Grid<f32>,
}

/// The sky that the cells of `core` see over `surface`, of which `core` is a part.
///
/// What lies beyond the surface is open: give it a halo of [`SkyParams::halo`].
///
/// # Panics
/// Where `core` is no part of the surface: the engine lays both frames.
pub fn sky_view(surface: &Grid<f32>, core: &Frame, params: &SkyParams) -> SkyView {
    sky_view_by(pulp::Arch::new(), surface, core, params)
}

/// Trees over a surface from which they were taken: one stands on the surface, below them.
#[derive(Clone, Copy)]
pub struct Crowns<'a> {
    /// Heights of the tops, on the frame of the surface; missing where there is no tree.
    pub tops: &'a Grid<f32>,
    /// Heights of the lowest leaves below those tops; where missing, the crown reaches down to the ground.
    pub bases: &'a Grid<f32>,
}

/// Both factors over the surface alone, and the share of an even sky that only crowns hide.
///
/// Light passes below crowns, between the trunks. With the share τ of the light that leaves let through, the
/// cosine-weighted factor behind crowns is `o − (1 − τ) · l` (SOLWEIG's τ: 0.03 in leaf, 0.5 without).
///
/// # Panics
/// As [`sky_view`], and where the frames differ.
pub fn sky_view_behind_crowns(
    surface: &Grid<f32>,
    crowns: &Crowns<'_>,
    core: &Frame,
    params: &SkyParams,
) -> (SkyView, Grid<f32>) {
    let arch = pulp::Arch::new();
    let (sky, leaves) = sky_seen(arch, surface, Some(crowns), core, params);
    (sky, leaves.expect("crowns are given"))
}

/// The same by one set of vector instructions; all give the same bits.
fn sky_view_by(arch: pulp::Arch, surface: &Grid<f32>, core: &Frame, params: &SkyParams) -> SkyView {
    sky_seen(arch, surface, None, core, params).0
}

fn sky_seen(
    arch: pulp::Arch,
    surface: &Grid<f32>,
    crowns: Option<&Crowns<'_>>,
    core: &Frame,
    params: &SkyParams,
) -> (SkyView, Option<Grid<f32>>) {
    let rays = params.rays(surface.frame().cell);
    let tiles = tiles(surface, core);
    let sums: Vec<Sums> = tiles.par_iter().map(|tile| Sums::of(arch, surface, crowns, tile, &rays)).collect();
    let grid = |value: fn(&Sums) -> &[f32]| assembled(surface, core, &tiles, sums.iter().map(value));
    let sky = SkyView { cosine_weighted: grid(|sums| &sums.squares), solid_angle: grid(|sums| &sums.open) };
    (sky, crowns.map(|_| grid(|sums| &sums.leaves)))
}

/// The tiles of the part of a surface that is wanted.
pub(crate) fn tiles(surface: &Grid<f32>, core: &Frame) -> Vec<Tile> {
    let (row, col) =
        surface.frame().offset_of(core).expect("the wanted cells lie on the surface, on the same lattice");
    Tile::of(Tile { row, col, rows: core.rows, cols: core.cols })
}

/// One grid from the values of tiles; missing where the surface is.
pub(crate) fn assembled<'a>(
    surface: &Grid<f32>,
    core: &Frame,
    tiles: &[Tile],
    values: impl Iterator<Item = &'a [f32]>,
) -> Grid<f32> {
    let (north, west) = tiles.first().map_or((0, 0), |tile| (tile.row, tile.col));
    let mut grid = Grid::filled(*core, f32::MISSING);
    for (tile, values) in tiles.iter().zip(values) {
        for (row, line) in values.chunks_exact(tile.wide()).enumerate().take(tile.rows) {
            let here = &surface.row(tile.row + row)[tile.col..][..tile.cols];
            let at = (tile.row + row - north) * core.cols + tile.col - west;
            let out = &mut grid.cells_mut()[at..][..tile.cols];
            for ((cell, &value), height) in out.iter_mut().zip(line).zip(here) {
                if !height.is_missing() {
                    *cell = value;
                }
            }
        }
    }
    grid
}

/// The factors of a tile, as they add up over the directions.
struct Sums {
    squares: Vec<f32>,
    open: Vec<f32>,
    /// Empty where there are no crowns.
    leaves: Vec<f32>,
}

impl Sums {
    fn of(
        arch: pulp::Arch,
        surface: &Grid<f32>,
        crowns: Option<&Crowns<'_>>,
        tile: &Tile,
        rays: &[Ray],
    ) -> Sums {
        let field = Field::around(&Scene { surface, eyes: surface }, *tile, rays);
        let crowns = crowns.map(|crowns| Leaves::around(crowns, surface, *tile, rays));
        let mut scratch = Scratch::default();
        let hidden = crowns.as_ref().map_or(0, |_| tile.len());
        let mut sums =
            Sums { squares: vec![0.0; tile.len()], open: vec![0.0; tile.len()], leaves: vec![0.0; hidden] };
        for ray in rays {
            field.steepest(arch, ray, 0.0, &mut scratch);
            arch.dispatch(Adding { sums: &mut sums, slopes: &scratch.slopes });
            if let Some(crowns) = &crowns {
                let floor = std::mem::take(&mut scratch.slopes);
                crowns.levels(arch, ray, &floor, &mut scratch);
                scratch.slopes = floor;
                for (leaves, bits) in sums.leaves.iter_mut().zip(&scratch.hidden) {
                    *leaves += bits.count_ones() as f32;
                }
            }
        }
        let count = rays.len() as f32;
        sums.squares.iter_mut().for_each(|sum| *sum /= count);
        sums.open.iter_mut().for_each(|sum| *sum = 1.0 - *sum / count);
        let levels = count * LEVELS as f32;
        // A level that is partly hidden by the surface may count for a little more than what was left of it.
        let seen = sums.squares.iter();
        sums.leaves.iter_mut().zip(seen).for_each(|(leaves, sky)| *leaves = (*leaves / levels).min(*sky));
        sums
    }

    /// Adds cos² h and sin h, tan h being given: cos² = 1 / (1 + tan²), sin = tan / √(1 + tan²).
    #[inline(always)]
    fn add(&mut self, slopes: &[f32]) {
        let count = slopes.len();
        let (squares, open) = (&mut self.squares[..count], &mut self.open[..count]);
        for i in 0..count {
            let secant = 1.0 + slopes[i] * slopes[i];
            squares[i] += 1.0 / secant;
            open[i] += slopes[i] / secant.sqrt();
        }
    }
}

/// One direction more.
struct Adding<'a> {
    sums: &'a mut Sums,
    slopes: &'a [f32],
}

impl pulp::WithSimd for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.sums.add(self.slopes);
    }
}

#[cfg(test)]
mod tests;
