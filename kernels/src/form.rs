//! Urban form: what the buildings, the ground and the plants of a place add up to.
//!
//! In: strips of layers on one frame (share under buildings, heights of roofs above ground, façades, cover, sky view,
//! terrain) and the rings of a place: a block, or a square of 100 m. Out: its indicators. A cell that the border of the
//! place cuts counts for the part inside (`zonal`). Sums run from row to row, so that strips and threads change no bit.
//!
//! ```text
//!   λp = built / area      λf = façades / (π area)      H/W = ½ façades / (area − built)
//! ```
//!
//! λf is the mean over all directions: a convex outline is seen from each with 1/π of its length (Cauchy). H/W is that
//! of an endless street: two façades of height H over a ground of width W. GeoClimate's documents leave the half out, its
//! code has it. Roughness after Hanna & Britter 2002 as in GeoClimate, z0 = min(λf, 0.15) × height, at most 3 m, and after
//! Macdonald et al. 1998, 10.1016/S1352-2310(97)00403-2 (with its displacement height).
//!
//! Façades are measured on cells ([`walls`]). Sources: Stewart & Oke 2012, 10.1175/BAMS-D-11-00019.1; Bocher et al. 2018,
//! 10.1016/j.uclim.2018.01.008. Fails where: streets are narrower than three cells. Cost: 10 ns a cell for the sums.

mod walls;

pub use walls::{REACH, walls};

use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::lcz::{Indicators, Uses};
use crate::unit::Metres;
use crate::zonal::coverage::{Coverage, Span};
use crate::zonal::outline::{Outline, Tangled};
use std::ops::Range;

/// Roofs below this height are none: a border cell, a ruin, a terrace.
pub const LOWEST_ROOF: Metres = Metres(2.0);

/// Height of a level, as GeoClimate has it.
const LEVEL: f64 = 3.0;

/// Number of cover classes; class 0 is unknown ground.
pub const COVERS: usize = 9;

/// Cover class: under a building.
pub const BUILDING: usize = 1;
/// Cover class: asphalt, paving.
pub const SEALED: usize = 2;
/// Cover class: gravel, ballast, rock.
pub const MINERAL: usize = 3;
/// Cover class: bare soil, sand.
pub const BARE: usize = 4;
/// Cover class: grass, crops.
pub const HERBACEOUS: usize = 5;
/// Cover class: plants of 0.5 to 3 m.
pub const SHRUB: usize = 6;
/// Cover class: trees over permeable ground.
pub const TREE: usize = 7;
/// Cover class: trees over sealed ground.
pub const TREE_OVER_SEALED: usize = 8;
/// Cover class: water.
pub const WATER: usize = 9;

/// Cover classes that let water pass.
pub const PERVIOUS: [usize; 6] = [MINERAL, BARE, HERBACEOUS, SHRUB, TREE, WATER];

/// Number of uses of buildings; use 0 is unknown.
pub const USES: usize = 3;

/// Layers of one strip, all on its frame.
#[derive(Debug, Clone, Copy)]
pub struct Strip<'a> {
    /// Share under buildings, missing where nothing is known.
    pub built: &'a Grid<f32>,
    /// Height of the roof above the ground, missing where there is none.
    pub roof: &'a Grid<f32>,
    /// Area of the façades that stand in each cell, m².
    pub walls: &'a Grid<f32>,
    /// Cover of what is not built, [`SEALED`] to [`WATER`]; 0 where it is not known.
    pub cover: &'a Grid<u8>,
    /// Uses of buildings: 1 heavy industry, 2 trade and light industry, 3 housing; 0 unknown.
    pub uses: Option<&'a Grid<u8>>,
    /// Sky view factor.
    pub sky: Option<&'a Grid<f32>>,
    /// Height of the ground, and its slope in degrees.
    pub terrain: Option<(&'a Grid<f32>, &'a Grid<f32>)>,
}

/// A place on its way from north to south.
#[derive(Debug)]
pub struct Place {
    coverage: Coverage,
    spans: Vec<Span>,
    /// Area of the whole polygon and of a cell, m².
    area: f64,
    cell: f64,
    sums: Sums,
}

/// A weighted mean on its way.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    weight: f64,
    sum: f64,
}

/// Sums over cells, weighted by the part of each that lies inside; areas in cells.
#[derive(Debug, Clone)]
struct Sums {
    measured: f64,
    classed: f64,
    built: f64,
    walls: f64,
    covers: [f64; COVERS + 1],
    uses: [f64; USES + 1],
    roof: Mean,
    log_roof: Mean,
    highest: f32,
    sky: Mean,
    ground: Mean,
    relief: (f32, f32),
    slope: Mean,
}

/// The indicators of a place: shares from 0 to 1, metres, degrees. What is not known is none, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Area of the polygon, m².
    pub area: f64,
    /// Share of it whose buildings are known.
    pub measured: f64,
    /// Share of it whose buildings or cover are not known.
    pub undefined: f64,
    /// Share under buildings (λp).
    pub building: Option<f64>,
    /// Mean height of roofs, weighted by area.
    pub height: Option<f64>,
    /// Geometric mean of the same.
    pub height_geometric: Option<f64>,
    /// Highest roof.
    pub height_max: Option<f64>,
    /// Mean number of levels, weighted by area: three metres each.
    pub levels: Option<f64>,
    /// Area of façades per area.
    pub facade: Option<f64>,
    /// Mean frontal area per area (λf).
    pub frontal: Option<f64>,
    /// Height to width of streets; none where all is built.
    pub aspect_ratio: Option<f64>,
    /// Roughness length after Hanna & Britter 2002.
    pub roughness: Option<f64>,
    /// Roughness length and displacement height after Macdonald et al. 1998.
    pub macdonald: Option<(f64, f64)>,
    /// Mean sky view factor of the ground between buildings.
    pub sky_view: Option<f64>,
    /// Shares of cover classes 2 to 9 outside of buildings, at their own index; what is not known is at 0.
    pub covers: Option<[f64; COVERS + 1]>,
    /// Shares of the area of buildings with a known use, by use.
    pub uses: Option<[f64; USES]>,
    /// Mean height of the ground.
    pub altitude: Option<f64>,
    /// Highest minus lowest ground.
    pub relief: Option<f64>,
    /// Mean slope of the ground.
    pub slope: Option<f64>,
}

impl Place {
    /// A place within these rings, metres, over the frame of the whole.
    ///
    /// # Errors
    /// Where the polygon crosses itself too often, or a coordinate is not a number.
    pub fn new(rings: &[&[(f64, f64)]], frame: &Frame) -> Result<Place, Tangled> {
        let outline = Outline::new(rings, frame)?;
        let cell = frame.cell.0 * frame.cell.0;
        let area = outline.area() * cell;
        let coverage = Coverage::new(outline, frame);
        Ok(Place { coverage, spans: Vec::new(), area, cell, sums: Sums::default() })
    }

    /// The rows of the whole that it touches.
    pub fn rows(&self) -> Range<usize> {
        self.coverage.rows()
    }

    /// Gathers a strip of whole rows, the first of which is `first` of the whole. Strips come from north to south.
    pub fn gather(&mut self, strip: &Strip<'_>, first: usize) {
        let own = self.rows();
        for row in own.start.max(first)..own.end.min(first + strip.built.frame().rows) {
            self.coverage.row(row, &mut self.spans);
            for span in &self.spans {
                for col in span.start..span.end {
                    self.sums.add(strip, row - first, col, span.share);
                }
            }
        }
    }

    /// What was gathered.
    pub fn figures(&self) -> Figures {
        self.sums.figures(self.area, self.cell)
    }
}

impl Figures {
    /// What decides the climate zone; none where buildings or cover are unknown.
    pub fn indicators(&self) -> Option<Indicators> {
        let (building, covers) = (self.building?, self.covers?);
        let impervious = covers[SEALED] + covers[TREE_OVER_SEALED];
        Some(Indicators {
            sky_view: self.sky_view,
            aspect_ratio: self.aspect_ratio,
            building,
            impervious,
            pervious: PERVIOUS.iter().map(|class| covers[*class]).sum(),
            height: self.height_geometric,
            roughness: self.roughness,
            high_vegetation: covers[TREE] + covers[TREE_OVER_SEALED],
            low_vegetation: covers[HERBACEOUS] + covers[SHRUB],
            bushes: covers[SHRUB],
            mineral: covers[MINERAL],
            bare_soil: covers[BARE],
            water: covers[WATER],
            levels: self.levels,
            uses: self.uses.map(|[heavy_industry, low_rise_trade, residential]| Uses {
                heavy_industry,
                low_rise_trade,
                residential,
            }),
        })
    }
}

impl Mean {
    fn add(&mut self, weight: f64, value: f32) {
        if !value.is_missing() {
            self.weight += weight;
            self.sum += weight * f64::from(value);
        }
    }

    fn value(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

impl Default for Sums {
    fn default() -> Sums {
        Sums {
            measured: 0.0,
            classed: 0.0,
            built: 0.0,
            walls: 0.0,
            covers: [0.0; COVERS + 1],
            uses: [0.0; USES + 1],
            roof: Mean::default(),
            log_roof: Mean::default(),
            highest: f32::NEG_INFINITY,
            sky: Mean::default(),
            ground: Mean::default(),
            relief: (f32::INFINITY, f32::NEG_INFINITY),
            slope: Mean::default(),
        }
    }
}

impl Sums {
    fn add(&mut self, strip: &Strip<'_>, row: usize, col: usize, share: f64) {
        let built = strip.built.at(row, col);
        if built.is_missing() {
            return;
        }
        let roofed = share * f64::from(built);
        let free = share - roofed;
        self.measured += share;
        self.built += roofed;
        self.walls += share * f64::from(strip.walls.at(row, col));
        let cover = usize::from(strip.cover.at(row, col)).min(COVERS);
        self.covers[cover] += free;
        self.classed += if cover == 0 { roofed } else { share };
        if roofed > 0.0 {
            let roof = strip.roof.at(row, col);
            self.roof.add(roofed, roof);
            self.log_roof.add(roofed, roof.ln());
            self.highest = self.highest.max(roof);
            let usage = strip.uses.map_or(0, |uses| usize::from(uses.at(row, col)).min(USES));
            self.uses[usage] += roofed;
        }
        if let Some(sky) = strip.sky.filter(|_| built < 0.5) {
            self.sky.add(share, sky.at(row, col));
        }
        if let Some((ground, slope)) = strip.terrain {
            let height = ground.at(row, col);
            self.ground.add(share, height);
            self.slope.add(share, slope.at(row, col));
            self.relief = (self.relief.0.min(height), self.relief.1.max(height));
        }
    }

    fn figures(&self, area: f64, cell: f64) -> Figures {
        let of = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let facade = of(self.walls / cell, self.measured);
        let building = of(self.built, self.measured);
        let free = self.measured - self.built;
        let frontal = facade.map(|facade| facade / std::f64::consts::PI);
        let height = self.roof.value();
        let geometric = self.log_roof.value().map(f64::exp);
        let rough = |height: f64| frontal.map(|frontal| (frontal.min(0.15) * height).min(3.0));
        let uses = self.uses[1..].iter().sum::<f64>();
        let relief = f64::from(self.relief.1 - self.relief.0);
        Figures {
            area,
            measured: of(self.measured * cell, area).unwrap_or(0.0).min(1.0),
            undefined: of(area - self.classed * cell, area).map_or(1.0, rounded),
            building,
            height,
            height_geometric: geometric,
            levels: height.map(|height| height / LEVEL),
            height_max: self.highest.is_finite().then(|| f64::from(self.highest)),
            facade,
            frontal,
            aspect_ratio: of(0.5 * self.walls / cell, if free > 1e-9 { free } else { 0.0 }),
            roughness: geometric.and_then(rough),
            macdonald: height.and_then(|height| Some(macdonald(building?, frontal?, height))),
            sky_view: self.sky.value(),
            covers: of(1.0, self.measured).map(|scale| self.covers.map(|part| part * scale)),
            uses: of(1.0, uses).map(|scale| std::array::from_fn(|index| self.uses[index + 1] * scale)),
            altitude: self.ground.value(),
            relief: relief.is_finite().then_some(relief),
            slope: self.slope.value(),
        }
    }
}

/// A share without the rounding of its sum.
fn rounded(share: f64) -> f64 {
    if share < 1e-9 { 0.0 } else { share.min(1.0) }
}

/// Roughness length and displacement height of even arrays of cubes: α = 4.43, β = 1, drag 1.2, κ = 0.4.
fn macdonald(building: f64, frontal: f64, height: f64) -> (f64, f64) {
    let displaced = 1.0 + 4.43_f64.powf(-building) * (building - 1.0);
    let drag = 0.5 * 1.2 / (0.4 * 0.4) * (1.0 - displaced) * frontal;
    let rough = if drag > 0.0 { (1.0 - displaced) * (-drag.powf(-0.5)).exp() } else { 0.0 };
    (rough * height, displaced * height)
}

#[cfg(test)]
mod tests;
