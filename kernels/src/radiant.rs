//! Mean radiant temperature of a standing person on each cell: what sun, sky, ground, walls and leaves radiate at it.
//!
//! In: what surrounds each cell ([`Surroundings`], by horizons), its share of the sun, what covers it, and an hour's air
//! and radiation. Out: °C.
//!
//! ```text
//!   S = a_k [I cos η · lit · F_cyl + (K↓ + K↑) F_up + 4 K_side F_side] + a_l [(L↓ + L↑) F_up + 4 L_side F_side]
//!   T = (S / (a_l σ))^¼ − 273.15          a_k 0.70, a_l 0.97, F_up 0.06, F_side 0.22, F_cyl 0.28
//! ```
//!
//! Sky, walls and leaves are seen by shares: those of a level ground (sin² of heights) for K↓ and L↓, those of an upright
//! cylinder, (h + sin h cos h) / π, for the sides; K_side and L_side are means over all azimuths. Grounds and walls in the
//! sun are warmer than the air by the amplitude model of Lindberg et al. (2008, 2016); shaded ones have the temperature of
//! the air. Walls opposite of the sun are lit as far as a round court of the same sky view lets the sun in. The ground
//! that radiates at 1.1 m is that within 3.5 m, on the person's own level. The sky's emissivity is Prata's (1996).
//!
//! Sources: Lindberg, Holmer & Thorsson 2008, 10.1007/s00484-008-0162-7; Lindberg, Onomura & Grimmond 2016,
//! 10.1007/s00484-016-1135-x; Prata 1996, 10.1002/qj.49712253306. Accuracy: as SOLWEIG's, 6 K (RMSE against globe
//! and radiometers), 15 to 20 K at single cells on the edge of a shadow. Fails where: glass and metal reflect the sun;
//! warm walls after sunset. Cost: 0.4 µs a cell and 0.1 µs a cell and hour.

use crate::clear_sky::Radiation;
use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::horizon::leaves::{LEVELS, Leaves};
use crate::horizon::{Field, Ray, Scene, Scratch, Tile};
use crate::shade::Sun;
use crate::sky::{Crowns, SkyParams, assembled, tiles};
use crate::unit::{Degrees, Metres};
use crate::utci::Air;
use rayon::prelude::*;

/// Stefan's and Boltzmann's constant as SOLWEIG has it, W/(m² K⁴).
const SIGMA: f64 = 5.670_51e-8;

/// Shares of short and long waves that a clothed person absorbs.
const ABSORBED: (f64, f64) = (0.70, 0.97);

/// Shares of a standing person: up or down, each side, and the cylinder that meets the sun's rays.
const FACTORS: (f64, f64, f64) = (0.06, 0.22, 0.28);

/// Height of a standing person's middle.
const MIDDLE: f64 = 1.1;

/// How far the ground is seen that radiates from below: 91 % of it lies within.
pub const GROUND_REACH: Metres = Metres(3.5);

/// Ground that lies further above or below is another level: a roof, a quay.
const SAME_LEVEL: f32 = 1.0;

/// How a kind of ground, or walls, behave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Material {
    /// Share of short waves that is thrown back.
    pub albedo: f64,
    /// Emissivity of long waves.
    pub emissivity: f64,
    /// Warming at noon, K for each degree of the sun's highest altitude, and K at none.
    pub warming: (f64, f64),
    /// Solar hour of the highest temperature.
    pub warmest: f64,
}

/// Asphalt, concrete.
pub const SEALED: Material =
    Material { albedo: 0.18, emissivity: 0.95, warming: (0.58, -9.78), warmest: 15.0 };
/// Cobbles, gravel.
pub const COBBLES: Material =
    Material { albedo: 0.20, emissivity: 0.95, warming: (0.37, -3.41), warmest: 15.0 };
/// Grass and other low plants.
pub const GRASS: Material =
    Material { albedo: 0.16, emissivity: 0.94, warming: (0.21, -3.38), warmest: 14.0 };
/// Bare soil.
pub const SOIL: Material = Material { albedo: 0.25, emissivity: 0.94, warming: (0.33, -3.01), warmest: 14.0 };
/// Open water.
pub const WATER: Material = Material { albedo: 0.05, emissivity: 0.98, warming: (0.0, 0.0), warmest: 12.0 };
/// Walls.
pub const WALL: Material = Material { albedo: 0.20, emissivity: 0.90, warming: (0.37, -3.41), warmest: 15.0 };

/// One hour.
#[derive(Debug, Clone, Copy)]
pub struct Hour {
    /// The air.
    pub air: Air,
    /// Sun and sky.
    pub radiation: Radiation,
    /// Global radiation over that of a clear sky, at most 1; 1 at night.
    pub clearness: f64,
    /// Where the sun stands, in the grid of the map.
    pub sun: Sun,
    /// The highest that it stands on that day.
    pub noon: Degrees,
    /// Solar time and that of sunrise, hours.
    pub solar: (f64, f64),
}

impl Hour {
    /// By how much a material in the sun is warmer than the air, K.
    pub fn warming(&self, material: &Material) -> f64 {
        let (time, sunrise) = self.solar;
        if self.sun.altitude.0 <= 0.0 || material.warmest <= sunrise {
            return 0.0;
        }
        let amplitude = material.warming.0 * self.noon.0 + material.warming.1;
        let phase = (time - sunrise) / (material.warmest - sunrise) * std::f64::consts::FRAC_PI_2;
        // Clouds: Lindberg et al. 2008, with the correction of the clear-sky radiation at low suns.
        let lowered = 0.1473 * (self.sun.altitude.0.max(0.1)).ln() + 0.3454;
        (amplitude * phase.sin()).max(0.0) * (self.clearness + 1.0 - lowered).clamp(0.0, 1.0)
    }

    /// Radiation of the sky, W/m²: clouds radiate as the air.
    fn sky(&self) -> f64 {
        let kelvin = self.air.temperature + 273.15;
        let exponent = 7.5 * self.air.temperature / (237.3 + self.air.temperature);
        let vapour = self.air.humidity / 100.0 * 6.107 * 10.0_f64.powf(exponent);
        let water = 46.5 * vapour / kelvin;
        let emissivity = 1.0 - (1.0 + water) * (-(1.2 + 3.0 * water).sqrt()).exp();
        let clear = self.clearness.clamp(0.0, 1.0);
        SIGMA * kelvin.powi(4) * (emissivity * clear + 1.0 - clear)
    }
}

/// What each cell sees around it, shares of 0 to 1.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Share of an even sky on a level ground, past the surface.
    pub sky: Grid<f32>,
    /// Share of it that only leaves hide.
    pub leaves: Grid<f32>,
    /// Share of the surface above the level, seen by an upright cylinder.
    walls: Grid<f32>,
    /// The same, weighed by the cosine and the sine of its azimuth.
    towards: (Grid<f32>, Grid<f32>),
    /// Share of leaves, seen by an upright cylinder.
    side_leaves: Grid<f32>,
}

impl Surroundings {
    /// Looks around from each cell of `core`.
    ///
    /// # Panics
    /// Where `core` is no part of the surface: the engine lays both frames.
    pub fn of(
        surface: &Grid<f32>,
        crowns: Option<&Crowns<'_>>,
        core: &Frame,
        params: &SkyParams,
    ) -> Surroundings {
        Surroundings::by(pulp::Arch::new(), surface, crowns, core, params)
    }

    fn by(
        arch: pulp::Arch,
        surface: &Grid<f32>,
        crowns: Option<&Crowns<'_>>,
        core: &Frame,
        params: &SkyParams,
    ) -> Surroundings {
        let rays = params.rays(surface.frame().cell);
        let tiles = tiles(surface, core);
        let looks: Vec<Looks> =
            tiles.par_iter().map(|tile| Looks::of(arch, surface, crowns, tile, &rays)).collect();
        let grid =
            |part: usize| assembled(surface, core, &tiles, looks.iter().map(|looks| &looks.0[part][..]));
        Surroundings {
            sky: grid(SKY),
            leaves: grid(LEAVES),
            walls: grid(WALLS),
            towards: (grid(NORTH), grid(EAST)),
            side_leaves: grid(SIDE_LEAVES),
        }
    }
}

const SKY: usize = 0;
const WALLS: usize = 1;
const NORTH: usize = 2;
const EAST: usize = 3;
const LEAVES: usize = 4;
const SIDE_LEAVES: usize = 5;

/// What the cells of a tile see, as it adds up over the directions.
struct Looks([Vec<f32>; 6]);

impl Looks {
    fn of(
        arch: pulp::Arch,
        surface: &Grid<f32>,
        crowns: Option<&Crowns<'_>>,
        tile: &Tile,
        rays: &[Ray],
    ) -> Looks {
        let field = Field::around(&Scene { surface, eyes: surface }, *tile, rays);
        let crowns = crowns.map(|crowns| Leaves::around(crowns, surface, *tile, rays));
        let mut looks = Looks(std::array::from_fn(|_| vec![0.0; tile.len()]));
        let mut scratch = Scratch::default();
        let weights = side_weights();
        for (index, ray) in rays.iter().enumerate() {
            let azimuth = index as f64 / rays.len() as f64 * std::f64::consts::TAU;
            let towards = (azimuth.cos() as f32, azimuth.sin() as f32);
            field.steepest(arch, ray, 0.0, &mut scratch);
            arch.dispatch(Adding { looks: &mut looks, slopes: &scratch.slopes, towards });
            let Some(crowns) = &crowns else { continue };
            let floor = std::mem::take(&mut scratch.slopes);
            crowns.levels(arch, ray, &floor, &mut scratch);
            scratch.slopes = floor;
            looks.add_leaves(&scratch.hidden, &weights);
        }
        let count = rays.len() as f32;
        looks.0.iter_mut().flatten().for_each(|sum| *sum /= count);
        let [sky, .., leaves, _] = &mut looks.0;
        leaves.iter_mut().zip(sky).for_each(|(leaves, sky)| *leaves = (*leaves / LEVELS as f32).min(*sky));
        looks
    }

    #[inline(always)]
    fn add(&mut self, slopes: &[f32], towards: (f32, f32)) {
        let count = slopes.len();
        let [sky, walls, north, east, ..] = &mut self.0;
        let (sky, walls) = (&mut sky[..count], &mut walls[..count]);
        let (north, east) = (&mut north[..count], &mut east[..count]);
        for i in 0..count {
            let cosine_squared = 1.0 / (1.0 + slopes[i] * slopes[i]);
            let wall = (arc_tangent(slopes[i]) + slopes[i] * cosine_squared) * std::f32::consts::FRAC_1_PI;
            sky[i] += cosine_squared;
            walls[i] += wall;
            north[i] += wall * towards.0;
            east[i] += wall * towards.1;
        }
    }

    fn add_leaves(&mut self, hidden: &[u32], weights: &[f32; LEVELS as usize]) {
        let [.., leaves, side] = &mut self.0;
        let cells = leaves.iter_mut().zip(side).zip(hidden).filter(|(_, bits)| **bits != 0);
        for ((leaves, side), &bits) in cells {
            *leaves += bits.count_ones() as f32;
            let mut left = bits;
            while left != 0 {
                *side += weights[left.trailing_zeros() as usize];
                left &= left - 1;
            }
        }
    }
}

/// One direction more.
struct Adding<'a> {
    looks: &'a mut Looks,
    slopes: &'a [f32],
    towards: (f32, f32),
}

impl pulp::WithSimd for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.looks.add(self.slopes, self.towards);
    }
}

/// What an upright cylinder sees of each level of a ray's sky, half of all in sum.
fn side_weights() -> [f32; LEVELS as usize] {
    let below = |level: usize| {
        let height = (level as f64 / f64::from(LEVELS)).sqrt().asin();
        (height + height.sin() * height.cos()) / std::f64::consts::PI
    };
    std::array::from_fn(|level| (below(level + 1) - below(level)) as f32)
}

/// Arc tangent of a number that is not negative, to 1e-5 rad (Abramowitz & Stegun 4.4.49), the same bits everywhere.
#[inline(always)]
fn arc_tangent(slope: f32) -> f32 {
    let steep = slope > 1.0;
    let x = if steep { 1.0 / slope } else { slope };
    let square = x * x;
    let series = 0.999_866
        + square * (-0.330_299_5 + square * (0.180_141 + square * (-0.085_133 + square * 0.020_835_1)));
    let arc = x * series;
    if steep { std::f32::consts::FRAC_PI_2 - arc } else { arc }
}

/// The ground of each cell, and the share of the sun that reaches it.
pub struct Place<'a> {
    /// The surface, with a ring of [`GROUND_REACH`] around the wanted cells.
    pub surface: &'a Grid<f32>,
    /// Share of the sun that reaches each cell, with the same ring.
    pub lit: &'a Grid<f32>,
    /// What each cell is made of, on the frame of the wanted cells, as an index into the materials.
    pub cover: &'a Grid<u8>,
    /// The materials.
    pub materials: &'a [Material],
    /// Share of the light that leaves let through.
    pub transmissivity: f32,
}

/// Mean radiant temperature of a person standing on each cell, °C; missing where the surface is.
///
/// # Panics
/// Where the wanted cells, those of `around`, are no part of the surface or of the lit one.
pub fn mean_radiant_temperature(around: &Surroundings, place: &Place<'_>, hour: &Hour) -> Grid<f32> {
    let core = *around.sky.frame();
    let sums = Hourly::new(hour, place.materials);
    let ring = Ring::new(place, &core);
    let rows: Vec<Vec<f32>> = (0..core.rows)
        .into_par_iter()
        .map(|row| {
            let near = ring.row(place, row);
            (0..core.cols).map(|col| sums.at(around, place, (row, col), near[col])).collect()
        })
        .collect();
    Grid::new(core, rows.concat())
}

/// The ground that is seen from 1.1 m: places in the ring and their weights.
struct Ring {
    taps: Vec<(isize, isize, f32)>,
    /// Of the wanted cells' first one, in the surface and in the lit grid.
    origin: [(usize, usize); 2],
    cols: usize,
}

impl Ring {
    fn new(place: &Place<'_>, core: &Frame) -> Ring {
        let cell = core.cell.0;
        let reach = (GROUND_REACH.0 / cell).floor() as isize;
        let square = MIDDLE * MIDDLE;
        let weight = |row: isize, col: isize| {
            let distance = (row as f64).hypot(col as f64) * cell;
            // The cell below one's feet as the disc of its area.
            let own = 1.0 / (1.0 + square * std::f64::consts::PI / (cell * cell));
            let there =
                cell * cell * square / (std::f64::consts::PI * (square + distance * distance).powi(2));
            let weight = if (row, col) == (0, 0) { own } else { there };
            (distance <= GROUND_REACH.0).then_some((row, col, weight as f32))
        };
        let taps = (-reach..=reach).flat_map(|row| (-reach..=reach).filter_map(move |col| weight(row, col)));
        let offset = |frame: &Frame| frame.offset_of(core).expect("the wanted cells lie on the surface");
        Ring {
            taps: taps.collect(),
            origin: [offset(place.surface.frame()), offset(place.lit.frame())],
            cols: core.cols,
        }
    }

    /// Share of the sun on the ground around each cell of a row.
    fn row(&self, place: &Place<'_>, row: usize) -> Vec<f32> {
        let at = |grid: &Grid<f32>, (first_row, first_col): (usize, usize), r: isize, c: isize| {
            let (r, c) = ((first_row + row).cast_signed() + r, first_col.cast_signed() + c);
            let inside = r >= 0
                && c >= 0
                && r.unsigned_abs() < grid.frame().rows
                && c.unsigned_abs() < grid.frame().cols;
            if inside { grid.at(r.unsigned_abs(), c.unsigned_abs()) } else { f32::MISSING }
        };
        let cell = |col: usize| {
            let here = at(place.surface, self.origin[0], 0, col.cast_signed());
            let (mut sum, mut weights) = (0.0, 0.0);
            for &(r, c, weight) in &self.taps {
                let c = c + col.cast_signed();
                let height = at(place.surface, self.origin[0], r, c);
                let lit = at(place.lit, self.origin[1], r, c);
                // No number is on no level.
                if (height - here).abs() <= SAME_LEVEL && !lit.is_missing() {
                    sum += weight * lit;
                    weights += weight;
                }
            }
            if weights > 0.0 { sum / weights } else { f32::MISSING }
        };
        (0..self.cols).map(cell).collect()
    }
}

/// What is the same for all cells of an hour.
struct Hourly<'a> {
    hour: &'a Hour,
    /// Sine and cosine of the sun's altitude, nothing at night.
    sun: (f64, f64),
    towards: (f64, f64),
    /// W/m²: of the sky, of a black body in the air, of walls in the shade and in the sun.
    sky: f64,
    air: f64,
    walls: (f64, f64),
    /// Albedo, emissivity and warming of each material.
    grounds: Vec<(f64, f64, f64)>,
}

impl Hourly<'_> {
    fn new<'a>(hour: &'a Hour, materials: &[Material]) -> Hourly<'a> {
        let up = hour.sun.altitude.0 > 0.0;
        let (sine, cosine) = if up { hour.sun.altitude.radians().sin_cos() } else { (0.0, 0.0) };
        let azimuth = hour.sun.azimuth.radians();
        let kelvin = hour.air.temperature + 273.15;
        let wall = |warmer: f64| WALL.emissivity * SIGMA * (kelvin + warmer).powi(4);
        let ground = |material: &Material| (material.albedo, material.emissivity, hour.warming(material));
        Hourly {
            hour,
            sun: (sine, cosine),
            towards: (azimuth.cos(), azimuth.sin()),
            sky: hour.sky(),
            air: SIGMA * kelvin.powi(4),
            walls: (wall(0.0), wall(hour.warming(&WALL))),
            grounds: materials.iter().map(ground).collect(),
        }
    }

    fn at(&self, around: &Surroundings, place: &Place<'_>, cell: (usize, usize), near: f32) -> f32 {
        let value = |grid: &Grid<f32>| f64::from(grid.at(cell.0, cell.1));
        if around.sky.at(cell.0, cell.1).is_missing() || near.is_missing() {
            return f32::MISSING;
        }
        let stopped = 1.0 - f64::from(place.transmissivity);
        let own =
            place.lit.frame().offset_of(around.sky.frame()).expect("the lit cells hold the wanted ones");
        let view = View {
            lit: f64::from(place.lit.at(own.0 + cell.0, own.1 + cell.1)),
            near: f64::from(near),
            sky: value(&around.sky),
            leaves: value(&around.leaves) * stopped,
            walls: value(&around.walls),
            leaves_aside: value(&around.side_leaves) * stopped,
            lit_walls: self.lit_walls(around, cell),
        };
        let ground = self.grounds[usize::from(place.cover.at(cell.0, cell.1))];
        self.temperature(&view, ground) as f32
    }

    /// Share of the walls seen by the sides that the sun reaches, of those seen.
    fn lit_walls(&self, around: &Surroundings, (row, col): (usize, usize)) -> f64 {
        let walls = f64::from(around.walls.at(row, col));
        if walls <= 0.0 || self.sun.0 <= 0.0 {
            return 0.0;
        }
        let (north, east) =
            (f64::from(around.towards.0.at(row, col)), f64::from(around.towards.1.at(row, col)));
        // The walls that face the sun are those opposite of it: the first terms of the series of a half-circle.
        let away = -(north * self.towards.0 + east * self.towards.1) / walls;
        let facing = (0.5 + std::f64::consts::FRAC_2_PI * away).clamp(0.0, 1.0);
        // A round court with the same sky view: its rim shades the opposite wall down to 2 R tan η cos φ below the top.
        let hidden = (1.0 - f64::from(around.sky.at(row, col))).clamp(0.0, 0.999_999);
        let rim = (hidden / (1.0 - hidden)).sqrt();
        let reach = 2.0 * self.sun.0 / self.sun.1.max(1e-9) / rim.max(1e-9);
        let depth = if reach <= 1.0 {
            reach
        } else {
            let edge = (1.0 / reach).acos();
            edge + reach * (1.0 - edge.sin())
        };
        facing * depth * std::f64::consts::FRAC_2_PI
    }

    fn temperature(&self, view: &View, (albedo, emissivity, warmer): (f64, f64, f64)) -> f64 {
        let Radiation { global, direct, diffuse } = self.hour.radiation;
        let (sine, cosine) = self.sun;
        let open = (view.sky - view.leaves).max(0.0);
        let open_aside = (0.5 - view.walls - view.leaves_aside).max(0.0);
        let hidden_aside = 0.5 - open_aside;
        // What walls and leaves receive and throw back.
        let thrown = WALL.albedo * (global * view.lit_walls + diffuse * (1.0 - view.lit_walls));
        let even = diffuse * open + thrown * (1.0 - open);
        let down = direct * sine * view.lit + even;
        let up = albedo * (direct * sine * view.near + even);
        let side = diffuse * open_aside + thrown * hidden_aside + 0.5 * up;
        let (shaded, sunlit) = self.walls;
        let wall = shaded + (sunlit - shaded) * view.lit_walls + (1.0 - WALL.emissivity) * self.sky;
        let leaf = WALL.emissivity * self.air + (1.0 - WALL.emissivity) * self.sky;
        let long_down = open * self.sky + view.leaves * leaf + (1.0 - view.sky) * wall;
        let kelvin = self.hour.air.temperature + 273.15 + warmer * view.near;
        let long_up = emissivity * SIGMA * kelvin.powi(4) + (1.0 - emissivity) * long_down;
        let long_side = open_aside * self.sky + view.leaves_aside * leaf + view.walls * wall + 0.5 * long_up;
        let (upright, aside, cylinder) = FACTORS;
        let short = direct * cosine * view.lit * cylinder + (down + up) * upright + 4.0 * aside * side;
        let long = (long_down + long_up) * upright + 4.0 * aside * long_side;
        let absorbed = ABSORBED.0 * short + ABSORBED.1 * long;
        ((absorbed / (ABSORBED.1 * SIGMA)).sqrt().sqrt() - 273.15).clamp(-50.0, 80.0)
    }
}

/// What one cell sees, as shares.
struct View {
    lit: f64,
    near: f64,
    sky: f64,
    leaves: f64,
    walls: f64,
    leaves_aside: f64,
    lit_walls: f64,
}

#[cfg(test)]
mod tests;
