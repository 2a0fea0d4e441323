//! The infrared-colour orthophoto: near infrared, red, green, 0.2 m.
//!
//! Each pixel shows what a plumb line meets first, in the colour of its material, shaded by its slope to a known
//! sun, with cast shadows: the ray to the sun against the exact bodies (leaves let a part of it pass). Colours
//! are usual reflectances of the materials in the bands of BD ORTHO IRC, with grain. There is no lean of tall
//! buildings (a true orthophoto) and no haze. Cost: 1 µs of CPU a pixel.

use ilot_kernels::frame::{Frame, Registration};
use ilot_kernels::grid::Grid;
use rayon::prelude::*;

use super::model::{Item, Model, Reach};
use super::random::at_node;
use super::shape::{Xy, dot};
use super::solid::{Ray, Span};
use super::town::{Covering, CrownShape, Ground, Thing};
use super::{SOUTH, WEST, truth};

/// Side of a pixel, metres.
pub const PIXEL: f64 = 0.2;
/// Bearing of the sun, degrees clockwise from north.
pub const SUN_AZIMUTH: f64 = 145.0;
/// Height of the sun, degrees.
pub const SUN_ELEVATION: f64 = 52.0;
/// Share of the light that comes from the whole sky.
const SKY: f64 = 0.30;

/// The bands near infrared, red, green.
pub fn infrared_colour(model: &Model, seed: u64) -> [Grid<u8>; 3] {
    let frame: Frame = truth::frame(model, PIXEL, Registration::Cell);
    let camera = Camera::new(model, seed);
    let rows: Vec<Vec<[u8; 3]>> = (0..frame.rows)
        .into_par_iter()
        .map_init(Vec::new, |met, row| {
            let y = frame.y(row) - SOUTH;
            (0..frame.cols).map(|col| camera.pixel([frame.x(col) - WEST, y], met)).collect()
        })
        .collect();
    [0, 1, 2].map(|band| Grid::new(frame, rows.iter().flatten().map(|pixel| pixel[band]).collect()))
}

struct Camera<'a> {
    model: &'a Model,
    upright: Reach,
    sunward: Reach,
    lean: Xy,
    sun: [f64; 3],
    seed: u64,
}

impl<'a> Camera<'a> {
    fn new(model: &'a Model, seed: u64) -> Camera<'a> {
        let (azimuth, elevation) = (SUN_AZIMUTH.to_radians(), SUN_ELEVATION.to_radians());
        let flat = elevation.cos();
        let sun = [flat * azimuth.sin(), flat * azimuth.cos(), elevation.sin()];
        let lean = [sun[0] / sun[2], sun[1] / sun[2]];
        Camera {
            model,
            upright: model.reach([0.0; 2], [0.0; 2]),
            sunward: model.reach(lean, lean),
            lean,
            sun,
            seed,
        }
    }

    fn pixel(&self, p: Xy, met: &mut Vec<(Span, Item)>) -> [u8; 3] {
        let face = self.model.face(p);
        let ground = self.model.ground_of(p, face);
        self.model.met(&self.upright, &Ray { foot: p, level: ground, lean: [0.0; 2] }, met);
        let top = met.iter().max_by(|a, b| a.0.high.total_cmp(&b.0.high)).copied();
        let (z, item) = top.map_or((ground, None), |(span, item)| (span.high, Some(item)));
        let colour = self.colour(item, face.now.ground, p);
        let normal = self.model.facing(item, p, z);
        let facing = (normal[0] * self.sun[0] + normal[1] * self.sun[1] + normal[2] * self.sun[2]).max(0.0);
        let lit = self.sunlight(p, z, ground, met);
        let light = SKY * (0.6 + 0.4 * normal[2]) + (1.0 - SKY) * lit * facing / self.sun[2];
        colour.map(|c| (c * light * 1.05).round().clamp(1.0, 255.0) as u8)
    }

    /// Share of the sun's light that reaches a position at a height.
    fn sunlight(&self, p: Xy, z: f64, ground: f64, met: &mut Vec<(Span, Item)>) -> f64 {
        let rise = z - ground;
        let foot = [p[0] - self.lean[0] * rise, p[1] - self.lean[1] * rise];
        self.model.met(&self.sunward, &Ray { foot, level: ground, lean: self.lean }, met);
        let mut light = 1.0;
        for (span, item) in met.iter() {
            let path = span.high - span.low.max(z + 0.05);
            if path <= 0.0 {
                continue;
            }
            let stretch = (1.0 + dot(self.lean, self.lean)).sqrt();
            light *= match item {
                Item::Crown(c) => {
                    let crown = &self.model.crowns[*c];
                    (crown.gap.ln() / (crown.top - crown.base) * path * stretch).exp()
                }
                Item::Furniture(f) if self.model.town.furniture[*f].thing == Thing::Hedge => 0.3,
                _ => 0.0,
            };
        }
        light
    }

    /// Reflectance of what is seen, 0 to 255, with its grain.
    fn colour(&self, item: Option<Item>, ground: Ground, p: Xy) -> [f64; 3] {
        let fine = self.grain(p, PIXEL, 1);
        let (base, grain) = match item {
            Some(Item::Building(b)) => {
                let tint = self.own(b, 2);
                let base = match self.model.town.buildings[b].covering {
                    Covering::Slate => [88.0, 82.0, 88.0],
                    Covering::Tile => [176.0, 150.0, 104.0],
                    Covering::Metal => [178.0, 182.0, 186.0],
                    Covering::Bitumen => [126.0, 122.0, 120.0],
                };
                (base.map(|c| c * (0.85 + 0.3 * tint)), 0.05 * fine)
            }
            Some(Item::Crown(c)) => {
                let tint = self.own(c, 3);
                let base = match self.model.crowns[c].shape {
                    CrownShape::Ellipsoid => [205.0, 62.0, 82.0],
                    CrownShape::Cone => [150.0, 46.0, 62.0],
                    CrownShape::Umbrella => [168.0, 54.0, 70.0],
                };
                (base.map(|c| c * (0.82 + 0.36 * tint)), 0.16 * fine + 0.18 * self.grain(p, 0.6, 4))
            }
            Some(Item::Furniture(f)) => match self.model.town.furniture[f].thing {
                Thing::Hedge => ([186.0, 58.0, 76.0], 0.16 * fine),
                Thing::Wall => ([158.0, 152.0, 144.0], 0.05 * fine),
                Thing::Car => (
                    [[60.0; 3], [205.0; 3], [110.0; 3], [70.0, 130.0, 60.0]][(self.own(f, 5) * 4.0) as usize],
                    0.0,
                ),
                Thing::Pole => ([150.0; 3], 0.0),
            },
            Some(Item::Deck) => ([112.0, 106.0, 104.0], 0.05 * fine),
            None => self.ground_colour(ground, p, fine),
        };
        base.map(|c: f64| c * (1.0 + grain))
    }

    fn ground_colour(&self, ground: Ground, p: Xy, fine: f64) -> ([f64; 3], f64) {
        let broad = self.grain(p, 7.0, 6);
        match ground {
            Ground::Asphalt => ([98.0, 94.0, 94.0], 0.05 * fine + 0.06 * broad),
            Ground::Paving | Ground::Floor => ([156.0, 150.0, 144.0], 0.06 * fine + 0.04 * broad),
            Ground::Gravel => ([186.0, 174.0, 158.0], 0.07 * fine + 0.04 * broad),
            Ground::Soil => ([150.0, 120.0, 98.0], 0.08 * fine + 0.06 * broad),
            Ground::Lawn => ([208.0, 92.0, 112.0], 0.06 * fine + 0.08 * broad),
            Ground::Meadow => ([196.0, 104.0, 116.0], 0.09 * fine + 0.12 * broad),
            Ground::Crop => {
                let plan = self.model.placement.plan(p);
                let rows = (plan[0] * std::f64::consts::TAU / 1.4).sin();
                ([206.0, 116.0, 120.0], 0.05 * fine + 0.06 * broad + 0.06 * rows)
            }
            Ground::Litter => ([120.0, 84.0, 76.0], 0.12 * fine),
            Ground::Water => ([16.0, 38.0, 56.0], 0.04 * fine + 0.10 * broad),
        }
    }

    /// Smooth noise from −1 to 1 with features of this size.
    fn grain(&self, p: Xy, size: f64, layer: u64) -> f64 {
        let (x, y) = (p[0] / size, p[1] / size);
        let (i, j) = (x.floor(), y.floor());
        let node = |di: f64, dj: f64| at_node(self.seed ^ (layer << 32), (i + di) as i64, (j + dj) as i64);
        if size <= PIXEL {
            return 2.0 * node(0.0, 0.0) - 1.0;
        }
        let (s, t) = (x - i, y - j);
        let south = node(0.0, 0.0) * (1.0 - s) + node(1.0, 0.0) * s;
        let north = node(0.0, 1.0) * (1.0 - s) + node(1.0, 1.0) * s;
        2.0 * (south * (1.0 - t) + north * t) - 1.0
    }

    /// A number from 0 to 1 that belongs to a thing.
    fn own(&self, number: usize, layer: i64) -> f64 {
        at_node(self.seed, number as i64, -layer)
    }
}
