//! How high the horizon stands from each cell of a surface, along given directions.
//!
//! In: heights, the heights of the eyes, and rays. Out: for each ray and cell the steepest rise, `max (z − z₀) / d`,
//! over the cells on the ray. [`crate::sky`] and [`crate::shade`] are made of it.
//!
//! A ray is a table of cells: step i goes i cells along the major axis and `round(i · m)` along the minor one, m being
//! its slope; d is the distance between cell centres. The table does not depend on where a tile starts: tiles with
//! a halo have the cells of the whole, bit for bit.
//!
//! ```text
//!     . . . . . . x x     A block of 4 rows × one vector goes along the ray together. The ray is cut into segments
//!     . . . x x x . .     of 16 steps. A segment is skipped where an upper bound of its heights, seen from its
//!     o x x . . . . .     nearest step, raises no horizon of the block: exact, as no operation rounds a smaller
//!                         number above a larger one.
//! ```
//!
//! The bound of a segment is the maximum over its 16 cells, one more cell on either side of the ray, since roundings
//! do not add up; a map of it is made once per ray. No fused or approximate operation: all vector widths give the
//! same bits.
//!
//! Fails where: heights are not finite or beyond ±10⁹ m (missing ones are seen through). Cost: 9 ns a cell
//! and ray of 200 steps.

pub(crate) mod leaves;

use crate::grid::{Grid, Sample};
use crate::unit::{Degrees, Metres};
use pulp::Simd;

/// Stands for «nothing there»: below any horizon, and no infinity, whose differences would be no number.
const NOTHING: f32 = -1e30;

/// An eye that sees nothing rise: where the cell is missing, and where a block sticks out of its tile.
const SHUT: f32 = 1e30;

/// Rows of a block; columns are those of one vector.
const ROWS: usize = 4;

/// Steps of a segment.
const SEGMENT: usize = 16;

/// Segments from which on a map of bounds is worth its making.
const MANY: usize = 8;

/// Segments after which the highest of all heights is tried.
const EXIT: usize = 4;

/// The most lanes that a vector may have.
const LANES: usize = 16;

/// Cells around what a ray can reach, so that bounds and blocks never leave the field.
const MARGIN: usize = SEGMENT + LANES + 4;

/// Rows and columns of a tile: what is worked on by one thread, small enough for the second cache.
const TILE: (usize, usize) = (256, 512);

/// One step of a ray: cells southwards and eastwards, and the inverse of the distance in 1/m.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    row: isize,
    col: isize,
    inverse: f32,
}

/// The cells in one direction, from near to far.
#[derive(Debug, Clone)]
pub(crate) struct Ray {
    steps: Vec<Step>,
    /// Whether each step is one row, and columns are rounded.
    upright: bool,
}

impl Ray {
    /// Towards an azimuth, clockwise from the grid's north, over cells whose centres are within reach.
    pub(crate) fn new(azimuth: Degrees, reach: Metres, cell: Metres) -> Ray {
        let (east, north) = azimuth.radians().sin_cos();
        let upright = north.abs() > east.abs();
        let (major, minor) = if upright { (-north, east) } else { (east, -north) };
        let slope = minor / major.abs();
        let step = |i: u32| {
            let (along, aside) = (f64::from(i) * major.signum(), (f64::from(i) * slope).round_ties_even());
            let distance = (along * along + aside * aside).sqrt() * cell.0;
            let (row, col) = if upright { (along, aside) } else { (aside, along) };
            (distance, Step { row: row as isize, col: col as isize, inverse: (1.0 / distance) as f32 })
        };
        // A hair beyond: cells such as 0.1 m do not add up to whole metres.
        let within = |(distance, _): &(f64, Step)| *distance <= reach.0 * (1.0 + 1e-9);
        Ray { steps: (1..).map(step).take_while(within).map(|(_, step)| step).collect(), upright }
    }

    fn segments(&self) -> usize {
        self.steps.len().div_ceil(SEGMENT)
    }
}

/// The surface that rises, and the heights of the eyes on the same frame.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) surface: &'a Grid<f32>,
    pub(crate) eyes: &'a Grid<f32>,
}

/// A part of the surface's rows and columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tile {
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl Tile {
    /// The tiles of a part of a surface, from north to south, then from west to east.
    pub(crate) fn of(part: Tile) -> Vec<Tile> {
        let rows = (0..part.rows).step_by(TILE.0);
        let tile = |row: usize, col: usize| Tile {
            row: part.row + row,
            col: part.col + col,
            rows: TILE.0.min(part.rows - row),
            cols: TILE.1.min(part.cols - col),
        };
        rows.flat_map(|row| (0..part.cols).step_by(TILE.1).map(move |col| tile(row, col))).collect()
    }

    /// Rows in whole blocks.
    fn tall(&self) -> usize {
        self.rows.next_multiple_of(ROWS)
    }

    /// Columns in whole vectors of any width: the stride of what is computed for a tile.
    pub(crate) fn wide(&self) -> usize {
        self.cols.next_multiple_of(LANES)
    }

    /// Number of values that are computed for a tile.
    pub(crate) fn len(&self) -> usize {
        self.tall() * self.wide()
    }
}

/// The heights around a tile, as far as its rays go.
pub(crate) struct Field {
    tile: Tile,
    heights: Vec<f32>,
    stride: usize,
    /// Row and column of the tile's first cell.
    origin: (usize, usize),
    highest: f32,
    eyes: Vec<f32>,
}

impl Field {
    pub(crate) fn around(scene: &Scene<'_>, tile: Tile, rays: &[Ray]) -> Field {
        let ends = || rays.iter().filter_map(|ray| ray.steps.last());
        let most = |offset: fn(&Step) -> isize| {
            ends().map(|step| offset(step).max(0).unsigned_abs()).max().unwrap_or(0) + MARGIN
        };
        let (north, south) = (most(|step| -step.row), most(|step| step.row));
        let (west, east) = (most(|step| -step.col), most(|step| step.col));
        // An odd number of cache lines: strides of whole pages would crowd into a few sets of the cache.
        let stride = ((tile.wide() + west + east).div_ceil(LANES) | 1) * LANES;
        let rows = tile.tall() + north + south;
        let mut field = Field {
            tile,
            heights: vec![NOTHING; rows * stride],
            stride,
            origin: (north, west),
            highest: NOTHING,
            eyes: eyes(scene.eyes, &tile),
        };
        field.fill(scene.surface, rows);
        field
    }

    /// Copies what there is of the surface; what is missing or beyond stays open.
    fn fill(&mut self, surface: &Grid<f32>, rows: usize) {
        let (north, west) = self.origin;
        let frame = surface.frame();
        let first = self.tile.col.saturating_sub(west);
        let last = (self.tile.col + self.stride - west).min(frame.cols);
        for row in 0..rows {
            let Some(from) = (self.tile.row + row).checked_sub(north).filter(|row| *row < frame.rows) else {
                continue;
            };
            let at = row * self.stride + first + west - self.tile.col;
            let line = &surface.row(from)[first..last];
            for (height, &value) in self.heights[at..at + line.len()].iter_mut().zip(line) {
                if !value.is_missing() {
                    *height = value;
                    self.highest = self.highest.max(value);
                }
            }
        }
    }

    /// The steepest rise along a ray from each cell of the tile, but at least `start`.
    pub(crate) fn steepest(&self, arch: pulp::Arch, ray: &Ray, start: f32, scratch: &mut Scratch) {
        scratch.slopes.clear();
        scratch.slopes.resize(self.tile.len(), start);
        let Some(taps) = Taps::new(ray, self.stride) else { return };
        let bounded = self.bound_if_worth_it(arch, ray, scratch);
        let bounds = bounded.then_some(&scratch.bounds[..]);
        let slopes = &mut scratch.slopes;
        arch.dispatch(March { field: self, taps: &taps, bounds, start, slopes });
    }

    /// Makes the map of bounds where the ray is long enough for it; says whether it is there.
    fn bound_if_worth_it(&self, arch: pulp::Arch, ray: &Ray, scratch: &mut Scratch) -> bool {
        let bounded = ray.segments() >= MANY;
        if bounded {
            scratch.bounds.resize(self.heights.len(), NOTHING);
            scratch.spread.resize(self.heights.len(), NOTHING);
            let (spread, bounds) = (&mut scratch.spread[..], &mut scratch.bounds[..]);
            arch.dispatch(Bounding { field: self, ray, spread, bounds });
        }
        bounded
    }

    /// Makes `bounds` hold, at each cell where a segment may start, no less than the heights of that segment.
    #[inline(always)]
    fn bound(&self, ray: &Ray, spread: &mut [f32], bounds: &mut [f32]) {
        let (start, end) = (ray.steps[SEGMENT], ray.steps[(ray.segments() - 1) * SEGMENT]);
        let starts = self.region([start, end]);
        let far = ray.steps[SEGMENT - 2];
        let near = Step { row: 0, col: 0, inverse: 0.0 };
        let around = starts.grown([near, far]);
        let aside = if ray.upright { 1 } else { self.stride };
        for row in around.rows.0..around.rows.1 {
            let (at, end) = (row * self.stride + around.cols.0, row * self.stride + around.cols.1);
            let len = end - at;
            let (before, here) = (&self.heights[at - aside..][..len], &self.heights[at..][..len]);
            let after = &self.heights[at + aside..][..len];
            let out = &mut spread[at..][..len];
            for i in 0..len {
                out[i] = higher(higher(before[i], here[i]), after[i]);
            }
        }
        for row in starts.rows.0..starts.rows.1 {
            let at = row * self.stride + starts.cols.0;
            let len = starts.cols.1 - starts.cols.0;
            let out = &mut bounds[at..][..len];
            out.copy_from_slice(&spread[at..][..len]);
            // Three at a time, so that half of the work is not the storing.
            for steps in ray.steps[..SEGMENT - 1].chunks_exact(3) {
                let a = &spread[shifted(at, &steps[0], self.stride)..][..len];
                let b = &spread[shifted(at, &steps[1], self.stride)..][..len];
                let c = &spread[shifted(at, &steps[2], self.stride)..][..len];
                for i in 0..len {
                    out[i] = higher(higher(out[i], a[i]), higher(b[i], c[i]));
                }
            }
        }
    }

    /// The cells from which the tile's cells are reached by steps between these two.
    fn region(&self, steps: [Step; 2]) -> Region {
        let (row, col) = self.origin;
        let tile = Region { rows: (row, row + self.tile.tall()), cols: (col, col + self.tile.wide()) };
        let moved = |step: &Step| Region {
            rows: (tile.rows.0.saturating_add_signed(step.row), tile.rows.1.saturating_add_signed(step.row)),
            cols: (tile.cols.0.saturating_add_signed(step.col), tile.cols.1.saturating_add_signed(step.col)),
        };
        let (a, b) = (moved(&steps[0]), moved(&steps[1]));
        Region {
            rows: (a.rows.0.min(b.rows.0), a.rows.1.max(b.rows.1)),
            cols: (a.cols.0.min(b.cols.0), a.cols.1.max(b.cols.1)),
        }
    }
}

/// The map of the bounds of one ray.
struct Bounding<'a> {
    field: &'a Field,
    ray: &'a Ray,
    spread: &'a mut [f32],
    bounds: &'a mut [f32],
}

impl pulp::WithSimd for Bounding<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.field.bound(self.ray, self.spread, self.bounds);
    }
}

/// The eyes of a tile, shut where there is none.
fn eyes(eyes: &Grid<f32>, tile: &Tile) -> Vec<f32> {
    let mut all = vec![SHUT; tile.len()];
    for (row, line) in all.chunks_exact_mut(tile.wide()).enumerate().take(tile.rows) {
        let from = &eyes.row(tile.row + row)[tile.col..][..tile.cols];
        for (eye, &height) in line.iter_mut().zip(from).filter(|(_, height)| !height.is_missing()) {
            *eye = height;
        }
    }
    all
}

/// Rows and columns of a field, ends excluded.
struct Region {
    rows: (usize, usize),
    cols: (usize, usize),
}

impl Region {
    /// With all that lies between two steps from it.
    fn grown(&self, steps: [Step; 2]) -> Region {
        let (low, high) = (|a: isize, b: isize| a.min(b).min(0), |a: isize, b: isize| a.max(b).max(0));
        let [a, b] = steps;
        Region {
            rows: (
                self.rows.0.saturating_add_signed(low(a.row, b.row)),
                self.rows.1.saturating_add_signed(high(a.row, b.row)),
            ),
            cols: (
                self.cols.0.saturating_add_signed(low(a.col, b.col)),
                self.cols.1.saturating_add_signed(high(a.col, b.col)),
            ),
        }
    }
}

/// What a thread keeps between rays.
#[derive(Default)]
pub(crate) struct Scratch {
    /// The steepest rises, [`Tile::wide`] values a row.
    pub(crate) slopes: Vec<f32>,
    /// What only crowns hide, a set of bits a cell.
    pub(crate) hidden: Vec<u32>,
    spread: Vec<f32>,
    bounds: Vec<f32>,
}

fn shifted(at: usize, step: &Step, stride: usize) -> usize {
    at.saturating_add_signed(step.row * stride as isize + step.col)
}

#[inline(always)]
fn higher(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// A step as a place in a row of the field.
#[derive(Debug, Clone, Copy)]
struct Tap {
    at: usize,
    inverse: f32,
}

/// A ray in a field of some stride: places count from the westernmost of the northernmost that it reaches.
struct Taps {
    taps: Vec<Tap>,
    /// From a cell to where places count from.
    back: usize,
    /// Places of a row that the ray reaches, without the width of a vector.
    span: usize,
}

impl Taps {
    fn new(ray: &Ray, stride: usize) -> Option<Taps> {
        let places: Vec<isize> = ray.steps.iter().map(|step| step.row * stride as isize + step.col).collect();
        let low = places.iter().copied().min()?.min(0);
        let high = places.iter().copied().max()?.max(0);
        let tap =
            |(place, step): (&isize, &Step)| Tap { at: (place - low).unsigned_abs(), inverse: step.inverse };
        let taps = places.iter().zip(&ray.steps).map(tap).collect();
        Some(Taps { taps, back: low.unsigned_abs(), span: (high - low).unsigned_abs() })
    }
}

/// All blocks of a tile along one ray.
struct March<'a> {
    field: &'a Field,
    taps: &'a Taps,
    bounds: Option<&'a [f32]>,
    start: f32,
    slopes: &'a mut [f32],
}

impl pulp::WithSimd for March<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (field, wide) = (self.field, self.field.tile.wide());
        let len = self.taps.span + S::F32_LANES;
        // The segment that raised the horizon in the rows above is likely to do it again.
        let mut hints = vec![0; wide / S::F32_LANES];
        for row in (0..field.tile.tall()).step_by(ROWS) {
            for (index, hint) in hints.iter_mut().enumerate() {
                let col = index * S::F32_LANES;
                let base = (field.origin.0 + row) * field.stride + field.origin.1 + col - self.taps.back;
                let mut sight = Sight {
                    simd,
                    heights: lines(&field.heights, base, field.stride, len),
                    eyes: block(simd, &field.eyes, row * wide + col, wide),
                    slopes: [simd.splat_f32s(self.start); ROWS],
                };
                match self.bounds {
                    Some(bounds) => {
                        let bounds = lines(bounds, base, field.stride, len);
                        sight.look_where_it_matters(&self.taps.taps, &bounds, field.highest, hint);
                    }
                    None => sight.look_everywhere(&self.taps.taps, field.highest),
                }
                for (r, slope) in sight.slopes.iter().enumerate() {
                    let out = &mut self.slopes[(row + r) * wide + col..][..S::F32_LANES];
                    S::as_mut_simd_f32s(out).0[0] = *slope;
                }
            }
        }
    }
}

#[inline(always)]
fn load<S: Simd>(_: S, values: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&values[at..at + S::F32_LANES]).0[0]
}

/// As much of each row of a block, which are a stride apart. Written out: closures would not be inlined, and what
/// is not inlined has no wide vectors.
#[inline(always)]
fn lines(values: &[f32], at: usize, stride: usize, len: usize) -> [&[f32]; ROWS] {
    [
        &values[at..][..len],
        &values[at + stride..][..len],
        &values[at + 2 * stride..][..len],
        &values[at + 3 * stride..][..len],
    ]
}

/// One vector of each row of a block.
#[inline(always)]
fn block<S: Simd>(simd: S, values: &[f32], at: usize, stride: usize) -> [S::f32s; ROWS] {
    [
        load(simd, values, at),
        load(simd, values, at + stride),
        load(simd, values, at + 2 * stride),
        load(simd, values, at + 3 * stride),
    ]
}

/// A block of cells looking along a ray.
struct Sight<'a, S: Simd> {
    simd: S,
    heights: [&'a [f32]; ROWS],
    eyes: [S::f32s; ROWS],
    slopes: [S::f32s; ROWS],
}

impl<S: Simd> Sight<'_, S> {
    #[inline(always)]
    fn look_where_it_matters(
        &mut self,
        taps: &[Tap],
        bounds: &[&[f32]; ROWS],
        highest: f32,
        hint: &mut usize,
    ) {
        self.walk(&taps[..SEGMENT.min(taps.len())]);
        let highest = [self.simd.splat_f32s(highest); ROWS];
        let tried = *hint;
        if tried > 0 && self.rises(&at_tap(self.simd, bounds, &taps[tried * SEGMENT]), &taps[tried * SEGMENT])
        {
            self.walk(segment(taps, tried));
        }
        for number in 1..taps.len().div_ceil(SEGMENT) {
            let first = &taps[number * SEGMENT];
            if number % EXIT == 0 && !self.rises(&highest, first) {
                break;
            }
            if number != tried && self.rises(&at_tap(self.simd, bounds, first), first) {
                let before = self.slopes;
                self.walk(segment(taps, number));
                if self.is_above(&before) {
                    *hint = number;
                }
            }
        }
    }

    #[inline(always)]
    fn look_everywhere(&mut self, taps: &[Tap], highest: f32) {
        let highest = [self.simd.splat_f32s(highest); ROWS];
        for part in taps.chunks(SEGMENT * EXIT) {
            if !self.rises(&highest, &part[0]) {
                break;
            }
            self.walk(part);
        }
    }

    /// Raises the horizon by these steps.
    #[inline(always)]
    fn walk(&mut self, taps: &[Tap]) {
        let simd = self.simd;
        let mut slopes = self.slopes;
        for tap in taps {
            let inverse = simd.splat_f32s(tap.inverse);
            for (r, slope) in slopes.iter_mut().enumerate() {
                let rise = simd.sub_f32s(load(simd, self.heights[r], tap.at), self.eyes[r]);
                *slope = simd.max_f32s(*slope, simd.mul_f32s(rise, inverse));
            }
        }
        self.slopes = slopes;
    }

    /// Whether these heights, as far away as this tap, would raise any horizon.
    #[inline(always)]
    fn rises(&self, heights: &[S::f32s; ROWS], tap: &Tap) -> bool {
        let simd = self.simd;
        let inverse = simd.splat_f32s(tap.inverse);
        let mut excess = simd.splat_f32s(0.0);
        for (r, height) in heights.iter().enumerate() {
            let rise = simd.mul_f32s(simd.sub_f32s(*height, self.eyes[r]), inverse);
            // A difference of unequal numbers is never rounded to zero.
            excess = simd.max_f32s(excess, simd.sub_f32s(rise, self.slopes[r]));
        }
        any_positive(simd, excess)
    }

    /// Whether any horizon is above what it was before.
    #[inline(always)]
    fn is_above(&self, before: &[S::f32s; ROWS]) -> bool {
        let simd = self.simd;
        let mut excess = simd.splat_f32s(0.0);
        for (r, before) in before.iter().enumerate() {
            excess = simd.max_f32s(excess, simd.sub_f32s(self.slopes[r], *before));
        }
        any_positive(simd, excess)
    }
}

#[inline(always)]
fn any_positive<S: Simd>(simd: S, values: S::f32s) -> bool {
    let above = simd.greater_than_f32s(values, simd.splat_f32s(0.0));
    simd.first_true_m32s(above) < S::F32_LANES
}

/// What the bounds say at a tap.
#[inline(always)]
fn at_tap<S: Simd>(simd: S, bounds: &[&[f32]; ROWS], tap: &Tap) -> [S::f32s; ROWS] {
    [
        load(simd, bounds[0], tap.at),
        load(simd, bounds[1], tap.at),
        load(simd, bounds[2], tap.at),
        load(simd, bounds[3], tap.at),
    ]
}

#[inline(always)]
fn segment(taps: &[Tap], number: usize) -> &[Tap] {
    &taps[number * SEGMENT..((number + 1) * SEGMENT).min(taps.len())]
}
