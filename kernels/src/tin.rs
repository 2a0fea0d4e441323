//! Linear interpolation in the Delaunay triangulation of a cloud, at cell centres.
//!
//! In: an index of points, a frame. Out: a grid of heights in metres, missing where no triangle holds the
//! centre whose empty circumcircle is small enough to be bridged.
//!
//! Idea: the triangle over a centre is found locally (`facet.rs`), then gives all centres in it their heights at
//! once; so the cost is by triangles, also over lakes and the sea. A triangle with a circumcircle of diameter
//! d is decided by the points within d of any position in it: a tile with the halo of
//! [`TinParams::halo`] gives the same bits as the whole cloud, for any order of the points, number of threads
//! and origin of the tile. The heights are quotients of whole numbers, rounded once: both triangles of an edge
//! give the same bits.
//!
//! Source: Delaunay (1934); lasR, PDAL and IGN's own chain use the same interpolation over a global
//! triangulation. Limits: centres that lie on no half unit of the lattice of the points (cells of 1/3 m) are
//! moved to the nearest half unit, at most a quarter of a centimetre at centimetres; lattices up to 10,000
//! units in a metre. On the border of a cloud, slivers between points nearly on one line have huge circles and
//! stay open, unless the neighbour's points are there. Cost: 0.35 µs a cell at 11 points/m² between buildings,
//! less where points are fewer.

use rayon::prelude::*;

use crate::buckets::Buckets;
use crate::facet::{Corner, EXACT, Facet, Nudge, Query, Seeker, Surroundings, cross, halves};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::unit::Metres;

/// Side of the blocks of cells that are done one after the other.
const BLOCK: usize = 64;

/// A cell not yet reached, in the raster under way.
const OPEN: f32 = f32::INFINITY;

/// What an interpolation may bridge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TinParams {
    largest_void: Metres,
}

/// A diameter that is no number from 0 to 10 km.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InvalidVoid(pub Metres);

impl std::fmt::Display for InvalidVoid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the largest void must be more than 0 m and at most 10000 m, not {}", self.0)
    }
}

impl std::error::Error for InvalidVoid {}

impl TinParams {
    /// Bridge empty circles up to this diameter.
    ///
    /// # Errors
    /// Where it is not above 0 and at most 10 km.
    pub fn new(largest_void: Metres) -> Result<TinParams, InvalidVoid> {
        let valid = largest_void.0 > 0.0 && largest_void.0 <= 10_000.0;
        valid.then_some(TinParams { largest_void }).ok_or(InvalidVoid(largest_void))
    }

    /// How far from a cell centre a point can decide its height.
    pub fn halo(&self) -> Metres {
        self.largest_void
    }
}

impl Default for TinParams {
    /// 200 m: rivers and warehouses are bridged, lakes are not.
    fn default() -> TinParams {
        TinParams { largest_void: Metres(200.0) }
    }
}

/// Height at each cell centre, metres; missing where no triangle that may be bridged holds it.
///
/// A centre on the border of such a triangle has its height, too.
///
/// # Panics
/// Where the lattice has more than 10,000 units in a metre.
pub fn interpolate(index: &Buckets, frame: &Frame, params: &TinParams) -> Grid<f32> {
    interpolate_by(pulp::Arch::new(), index, frame, params)
}

/// The same by one set of vector instructions; all give the same bits.
fn interpolate_by(arch: pulp::Arch, index: &Buckets, frame: &Frame, params: &TinParams) -> Grid<f32> {
    let per_metre = index.lattice().per_metre;
    assert!((1..=10_000).contains(&per_metre), "a lattice has from 1 to 10,000 units in a metre");
    let mut cells = vec![f32::NAN; frame.len()];
    if !index.is_empty() && !frame.is_empty() {
        let centres = Centres::of(frame, index);
        let scale = Scale::of(index, params);
        cells.par_chunks_mut(BLOCK * frame.cols).enumerate().for_each(|(at, cells)| {
            arch.dispatch(Band { index, centres: &centres, scale: &scale, north: at * BLOCK, cells });
        });
    }
    Grid::new(*frame, cells)
}

/// Cell centres in local units of an index, multiples of a half.
pub(crate) struct Centres {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
}

impl Centres {
    pub(crate) fn of(frame: &Frame, index: &Buckets) -> Centres {
        let lattice = index.lattice();
        let (per_metre, cell) = (f64::from(lattice.per_metre), frame.cell.0);
        let local = |at: f64, origin: i64| nearest_half(at, cell, per_metre) - origin as f64;
        Centres {
            x: (0..frame.cols).map(|col| local(frame.x(col), lattice.x0)).collect(),
            y: (0..frame.rows).map(|row| local(frame.y(row), lattice.y0)).collect(),
        }
    }
}

/// The half unit nearest to a coordinate in metres. Coordinates of cells on the usual lattices (a whole or a
/// half number of cells) are made anew from that number: they do not depend on the frame they came from.
fn nearest_half(metres: f64, cell: f64, per_metre: f64) -> f64 {
    let half_cells = (metres / cell * 2.0).round();
    let regular = half_cells * cell / 2.0;
    let metres = if (regular - metres).abs() < 1e-3 * cell { regular } else { metres };
    (metres * per_metre * 2.0).round() / 2.0
}

/// The units of the heights, and the bounds of what may be bridged.
struct Scale {
    /// Largest diameter in half units, squared, and about the same in units.
    diameter_halves: u128,
    diameter: f64,
    /// Units in a metre of height.
    per_metre_up: f64,
}

impl Scale {
    fn of(index: &Buckets, params: &TinParams) -> Scale {
        let lattice = index.lattice();
        let halves = (params.largest_void.0 * f64::from(lattice.per_metre) * 2.0).round().max(1.0);
        Scale {
            diameter_halves: (halves as u128).pow(2),
            diameter: halves / 2.0,
            per_metre_up: f64::from(lattice.per_metre_up),
        }
    }

    /// Whether the circumcircle of a triangle may be bridged: |ab| |bc| |ca| / d is its diameter.
    #[inline(always)]
    fn bridges(&self, facet: &Facet) -> bool {
        let [a, b, c] = &facet.corners;
        let square = |p: &Corner, q: &Corner| (p.u - q.u).powi(2) + (p.v - q.v).powi(2);
        let (ab, bc, ca) = (square(a, b), square(b, c), square(c, a));
        let limit = self.diameter * self.diameter;
        let twice_area = cross((b.u - a.u, b.v - a.v), (c.u - a.u, c.v - a.v));
        let (product, bound) = (ab * bc * ca, twice_area * twice_area * limit);
        if facet.corners.iter().any(Corner::is_ghost) || product > 1.000_001 * bound {
            return false;
        }
        product < 0.999_999 * bound || self.bridges_exactly(facet)
    }

    #[cold]
    #[inline(never)]
    fn bridges_exactly(&self, facet: &Facet) -> bool {
        let [a, b, c] = facet.corners.map(|corner| (halves(corner.u), halves(corner.v)));
        let square = |p: (i128, i128), q: (i128, i128)| ((p.0 - q.0).pow(2) + (p.1 - q.1).pow(2)) as u128;
        let (ab, bc, ca) = (square(a, b), square(b, c), square(c, a));
        if ab.max(bc).max(ca) > self.diameter_halves {
            return false;
        }
        let twice_area = ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).unsigned_abs();
        product(ab * bc, ca) <= product(twice_area * twice_area, self.diameter_halves)
    }
}

/// `a b` as high and low parts, to be compared.
fn product(a: u128, b: u128) -> (u128, u128) {
    let low = u128::from(u64::MAX);
    let (a1, a0, b1, b0) = (a >> 64, a & low, b >> 64, b & low);
    let middle = a1 * b0 + ((a0 * b0) >> 64);
    let middle_low = a0 * b1 + (middle & low);
    (a1 * b1 + (middle >> 64) + (middle_low >> 64), (middle_low << 64) | ((a0 * b0) & low))
}

/// Rows of cells that one thread fills.
struct Band<'a> {
    index: &'a Buckets,
    centres: &'a Centres,
    scale: &'a Scale,
    /// First row.
    north: usize,
    cells: &'a mut [f32],
}

/// A block of cells: rows of the band and columns of the frame, ends excluded.
#[derive(Clone, Copy)]
struct Block {
    rows: (usize, usize),
    cols: (usize, usize),
}

impl pulp::WithSimd for Band<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, simd: S) {
        let cols = self.centres.x.len();
        let rows = self.cells.len() / cols;
        self.cells.fill(OPEN);
        let mut seeker = None;
        for west in (0..cols).step_by(BLOCK) {
            let block = Block { rows: (0, rows), cols: (west, (west + BLOCK).min(cols)) };
            let around = self.surroundings(&block);
            let seeker = seeker.get_or_insert_with(|| Seeker::new(self.index, around));
            seeker.move_to(around);
            for row in 0..rows {
                for col in block.cols.0..block.cols.1 {
                    if self.cells[row * cols + col] == OPEN {
                        self.settle(simd, seeker, &block, (row, col));
                    }
                }
            }
        }
    }
}

impl Band<'_> {
    /// Where points can matter to a block. The corners lie between the half units, on no point.
    fn surroundings(&self, block: &Block) -> Surroundings {
        let (x, y) = (&self.centres.x, &self.centres.y[self.north..]);
        let reach = self.scale.diameter.ceil() + 2.0;
        Surroundings {
            west: x[block.cols.0].floor() - reach + 0.5,
            east: x[block.cols.1 - 1].ceil() + reach + 0.5,
            south: y[block.rows.1 - 1].floor() - reach + 0.5,
            north: y[block.rows.0].ceil() + reach + 0.5,
        }
    }

    /// Find the triangle over a cell centre, and give their values to the open centres of the block in it.
    #[inline(always)]
    fn settle<S: pulp::Simd>(
        &mut self,
        simd: S,
        seeker: &mut Seeker<'_>,
        block: &Block,
        (row, col): (usize, usize),
    ) {
        let (x, y) = (self.centres.x[col], self.centres.y[self.north + row]);
        let mut query = Query { x, y, nudge: Nudge::PLAIN };
        let first = seeker.facet(simd, &query);
        let (mut facet, mut turned) = (first, false);
        loop {
            if self.scale.bridges(&facet) {
                let surface = Surface::over(&facet, self.index, self.scale);
                self.fill(block, (row, col), &facet, |block, at| surface.height(block, at));
                return;
            }
            let Some(nudge) = next_nudge(&facet, &first, turned) else { break };
            (query.nudge, turned) = (nudge, true);
            facet = seeker.facet(simd, &query);
        }
        self.cells[row * self.centres.x.len() + col] = f32::NAN;
        self.fill(block, (row, col), &first, |facet, at| inside(facet, at).then_some(f32::NAN));
    }

    /// Give a value to the open centres of the block that lie in a triangle over one of its cells.
    ///
    /// `value` is asked for offsets from that cell's centre. Rows to the north are settled already.
    #[inline(always)]
    fn fill(
        &mut self,
        block: &Block,
        (row, col): (usize, usize),
        facet: &Facet,
        value: impl Fn(&Facet, (f64, f64)) -> Option<f32>,
    ) {
        let (x, y) = (&self.centres.x, &self.centres.y[self.north..]);
        let [a, b, c] = &facet.corners;
        let south = y[row] + a.v.min(b.v).min(c.v);
        let (west, east) = (x[col] + a.u.min(b.u).min(c.u), x[col] + a.u.max(b.u).max(c.u));
        let wide = col + WIDE < block.cols.1 && x[col + WIDE] < east
            || col >= block.cols.0 + WIDE && x[col - WIDE] > west;
        for at_row in row..block.rows.1 {
            if y[at_row] < south {
                break;
            }
            let dv = y[at_row] - y[row];
            let first = at_row * x.len();
            let cells = &mut self.cells[first..first + x.len()];
            let (west, east) = if wide { chord(facet, dv, x[col]) } else { (west, east) };
            let (from, to) =
                if wide { columns(x, block, west, east) } else { reach(x, block, col, west, east) };
            for at_col in from..to {
                if cells[at_col] == OPEN
                    && let Some(value) = value(facet, (x[at_col] - x[col], dv))
                {
                    cells[at_col] = value;
                }
            }
        }
    }
}

/// Columns from which on a triangle is cut row by row rather than tried in its bounding box.
const WIDE: usize = 6;

/// The columns around one whose centres lie in `[west, east]`.
#[inline(always)]
fn reach(x: &[f64], block: &Block, col: usize, west: f64, east: f64) -> (usize, usize) {
    let (mut from, mut to) = (col, col + 1);
    while from > block.cols.0 && x[from - 1] >= west {
        from -= 1;
    }
    while to < block.cols.1 && x[to] <= east {
        to += 1;
    }
    (from, to)
}

/// The columns of the block whose centres lie in `[west, east]`, from anywhere.
fn columns(x: &[f64], block: &Block, west: f64, east: f64) -> (usize, usize) {
    let x = &x[block.cols.0..block.cols.1];
    let (from, to) = (x.partition_point(|&x| x < west), x.partition_point(|&x| x <= east));
    (block.cols.0 + from, block.cols.0 + to)
}

/// Where a triangle crosses the parallel `dv` north of its position, a unit more on both sides.
fn chord(facet: &Facet, dv: f64, x: f64) -> (f64, f64) {
    let (mut west, mut east) = (f64::INFINITY, f64::NEG_INFINITY);
    for side in 0..3 {
        let (p, q) = (&facet.corners[side], &facet.corners[(side + 1) % 3]);
        if p.v.min(q.v) > dv || p.v.max(q.v) < dv {
            continue;
        }
        let level = p.v == q.v;
        let u = if level { p.u } else { p.u + (q.u - p.u) * ((dv - p.v) / (q.v - p.v)) };
        (west, east) = (west.min(u), east.max(u));
        if level {
            (west, east) = (west.min(q.u), east.max(q.u));
        }
    }
    (x + west - 1.0, x + east + 1.0)
}

/// The corners seen from a centre at an offset from the triangle's position.
#[inline(always)]
fn seen_from(facet: &Facet, (du, dv): (f64, f64)) -> [(f64, f64); 3] {
    let [a, b, c] = &facet.corners;
    [(a.u - du, a.v - dv), (b.u - du, b.v - dv), (c.u - du, c.v - dv)]
}

/// Whether an offset lies inside, on no side.
fn inside(facet: &Facet, at: (f64, f64)) -> bool {
    let [a, b, c] = seen_from(facet, at);
    cross(a, b) > 0.0 && cross(b, c) > 0.0 && cross(c, a) > 0.0
}

/// How to turn where the triangle found may not be bridged but the position lies on its border: to the other
/// side of its edge, or on around its corner until the first triangle comes again.
#[cold]
#[inline(never)]
fn next_nudge(facet: &Facet, first: &Facet, turned: bool) -> Option<Nudge> {
    for side in 0..3 {
        let [a, b, c] = [0, 1, 2].map(|step| &facet.corners[(side + step) % 3]);
        if a.at() == (0.0, 0.0) {
            let same = |corner: &Corner| first.corners.iter().any(|other| other.place == corner.place);
            let again = turned && same(b) && same(c);
            return (!again).then_some(Nudge { first: c.at(), then: (-c.v, c.u) });
        }
    }
    for side in 0..3 {
        let (a, b) = (&facet.corners[side], &facet.corners[(side + 1) % 3]);
        if cross(a.at(), b.at()) == 0.0 {
            let along = (b.u - a.u, b.v - a.v);
            return (!turned).then_some(Nudge { first: (along.1, -along.0), then: along });
        }
    }
    None
}

/// The heights over a triangle.
struct Surface {
    z: [i32; 3],
    per_metre_up: f64,
    /// Whether f64 is exact up to the last division.
    exact: bool,
}

impl Surface {
    #[inline(always)]
    fn over(facet: &Facet, index: &Buckets, scale: &Scale) -> Surface {
        let [a, b, c] = &facet.corners;
        let z = [index.z(a.place), index.z(b.place), index.z(c.place)];
        let near = a.w().max(b.w()).max(c.w()) <= EXACT;
        let mut highest = scale.per_metre_up;
        for z in z {
            highest = highest.max(f64::from(z).abs());
        }
        let twice_area = cross((b.u - a.u, b.v - a.v), (c.u - a.u, c.v - a.v));
        Surface { z, per_metre_up: scale.per_metre_up, exact: near && twice_area * highest < LARGEST }
    }

    /// Metres at an offset, or `None` outside of the triangle; its border is inside.
    #[inline(always)]
    fn height(&self, facet: &Facet, at: (f64, f64)) -> Option<f32> {
        let [a, b, c] = seen_from(facet, at);
        let weights = [cross(b, c), cross(c, a), cross(a, b)];
        if weights.iter().any(|&weight| weight < 0.0) {
            return None;
        }
        if !self.exact {
            return Some(self.far_height([a, b, c]));
        }
        let [la, lb, lc] = weights;
        let sum = la * f64::from(self.z[0]) + lb * f64::from(self.z[1]) + lc * f64::from(self.z[2]);
        Some((sum / ((la + lb + lc) * self.per_metre_up)) as f32)
    }

    /// The same by whole numbers, rounded as the division of f64 rounds.
    #[cold]
    #[inline(never)]
    fn far_height(&self, corners: [(f64, f64); 3]) -> f32 {
        let [a, b, c] = corners.map(|(u, v)| (halves(u), halves(v)));
        let cross = |p: (i128, i128), q: (i128, i128)| p.0 * q.1 - p.1 * q.0;
        let weights = [cross(b, c), cross(c, a), cross(a, b)];
        let sum: i128 = weights.iter().zip(self.z).map(|(weight, z)| weight * i128::from(z)).sum();
        let area: i128 = weights.iter().sum();
        let height = quotient(sum.unsigned_abs(), area.unsigned_abs() * self.per_metre_up as u128);
        (if sum < 0 { -height } else { height }) as f32
    }
}

/// Bound of area times height (in quarter units) for exact sums in f64.
const LARGEST: f64 = (1u64 << 50) as f64;

/// `n / d` rounded once to the nearest f64, for d below 2⁷⁵ and a quotient below 2³².
fn quotient(n: u128, d: u128) -> f64 {
    let (whole, rest) = (n / d, n % d);
    let (high, rest) = ((rest << 53) / d, (rest << 53) % d);
    let (low, rest) = ((rest << 40) / d, (rest << 40) % d);
    // 32 + 53 + 40 bits; what is left can only tell a half from more than a half.
    let bits = (whole << 93) | (high << 40) | low | u128::from(rest > 0);
    bits as f64 / 2f64.powi(93)
}

#[cfg(test)]
mod tests;
