//! Ground from the lowest points of a cloud, and the judgement of each point against it.
//!
//! In: the lowest point of each cell of 1 m, whatever its class ([`lower`]). Out: a [`Ground`]: the terrain, how
//! much a point may differ from it, and which points are ground, low noise or above it ([`Ground::judge`]).
//!
//! 1. Lowest points far below all that is around them are noise, not terrain.
//! 2. Openings of the lowest surface by ever larger octagons cut off what is narrower than they are; where an
//!    opening lowers a cell by more than a slope times its radius, an object stood there (SMRF: Pingel, Clarke &
//!    McBride 2013, 10.1016/j.isprsjprs.2012.12.002, after Zhang et al. 2003, 10.1109/TGRS.2003.810682).
//!    Every opening is of the same surface and not of the one before, so that the reach stays finite and short.
//! 3. Break lines that were cut off come back: a cell is ground again where a plane through the ground on one side
//!    of it meets it closely. Roofs, crowns and decks do not: the ground on their one side lies below them
//!    (a densification as in Axelsson 2000, IAPRS 33(B4), with half discs for triangles).
//! 4. The terrain is filled between ground cells, and points near to it are ground: within a decimetre where points
//!    are dense and the ground is smooth, within 0.4 m where they are sparse or it is rough.
//!
//! One set of parameters for all clouds ([`GroundParams::default`]), chosen on the nine ISPRS samples (kappa 0.88)
//! and looked at on LiDAR HD. Heights are exact, sums have one order, cells lie on absolute metres: a tile with its
//! `halo` gets the cells of the whole.
//!
//! Fails where: roofs are wider than 64 m; decks lie level with their ramps for more than the opening looks;
//! vegetation hides all ground over tens of metres; ground within some decimetres of low vegetation cannot be told
//! from it. Cost: 3 ns a point for the lowest, 0.5 µs a cell of 1 m, 10 ns a point for the judgement.

use crate::extent::Extent;
use crate::frame::{Frame, Gridding, Registration};
use crate::grid::Grid;
use crate::points::Lattice;
use crate::unit::Metres;
use crate::{inpaint, opening};
use rayon::prelude::*;

/// How the ground is found. Lengths are metres, slopes are pure numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct GroundParams {
    /// Radii of the octagons, in cells.
    pub radii: Vec<usize>,
    /// Steepest slope of the ground that an octagon up to [`GroundParams::small`] cells leaves.
    pub slope: f32,
    /// The same for larger ones, which are there for large roofs only.
    pub slope_large: f32,
    /// Largest radius of a small octagon, in cells.
    pub small: usize,
    /// A lowest point lies this far below its neighbours at least to be noise.
    pub noise_depth: f32,
    /// Radii of the half discs in which planes are laid, in cells.
    pub discs: [i32; 2],
    /// How often cells may come back, for each radius.
    pub rounds: usize,
    /// Most that a cell which comes back differs from the plane.
    pub plane_gap: f32,
    /// Largest root mean square of the ground around the plane.
    pub plane_spread: f32,
    /// Least number of ground cells in a half disc, and their least share among its cells with points.
    pub plane_support: (f32, f32),
    /// Most that a ground point differs from a level terrain: where cells are full of points and smooth, and most.
    pub tolerance: [f32; 2],
    /// What a metre of roughness adds to the tolerance of full cells.
    pub tolerance_rough: f32,
    /// What a slope of 1 adds to the tolerance: where cells are full of points, and elsewhere.
    pub tolerance_slope: [f32; 2],
    /// A point this far below what ground may be is noise.
    pub below: f32,
}

impl Default for GroundParams {
    fn default() -> GroundParams {
        GroundParams {
            radii: (1..=18).chain([20, 22, 25, 28, 32]).collect(),
            slope: 0.08,
            slope_large: 0.13,
            small: 18,
            noise_depth: 5.0,
            discs: [6, 8],
            rounds: 4,
            plane_gap: 0.4,
            plane_spread: 0.3,
            plane_support: (4.0, 0.3),
            tolerance: [0.1, 0.4],
            tolerance_rough: 2.0,
            tolerance_slope: [1.0, 1.25],
            below: 1.0,
        }
    }
}

/// Cells of the filter: 1 m wide, their edges on whole metres.
pub const GRIDDING: Gridding = Gridding { cell: Metres(1.0), registration: Registration::Cell };

/// No point in a cell of lowest points.
pub const NO_POINT: i32 = i32::MAX;

/// Passes of relaxation of the first surface, and of the terrain.
const PASSES: (usize, usize) = (2, inpaint::MOST_PASSES);
/// Cells around a lowest point that it is compared with when noise is looked for.
const NOISE_RADIUS: isize = 3;

impl GroundParams {
    /// How far beyond a place the ground there depends on points.
    pub fn halo(&self) -> Metres {
        let largest = self.radii.iter().copied().max().unwrap_or(0);
        let discs: i32 = self.discs.iter().sum();
        let cells = NOISE_RADIUS as usize
            + inpaint::REACH
            + opening::reach(largest)
            + self.rounds * discs as usize
            + inpaint::REACH
            + 2;
        GRIDDING.cell * cells as f64
    }
}

/// What a point is, seen from the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// On the ground.
    Ground,
    /// Too far below the ground to be anything.
    LowNoise,
    /// Anything else.
    Other,
}

/// The terrain that a filter found.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Height of the terrain at the centres of cells of 1 m, metres; missing far from any ground.
    pub terrain: Grid<f32>,
    /// Most that a ground point differs from it there, metres.
    pub tolerance: Grid<f32>,
    /// A point this far below what ground may be is noise, metres.
    below: f32,
}

/// Lowers the cells of `frame` (row by row, [`NO_POINT`] at first) to the lowest of these points, in units of the
/// lattice. `cells` are the points' places as [`crate::bin::Binning::locate`] finds them.
pub fn lower(lowest: &mut [i32], cells: &[u32], z: &[i32]) {
    for (&cell, &z) in cells.iter().zip(z) {
        if let Some(low) = lowest.get_mut(cell as usize) {
            *low = (*low).min(z);
        }
    }
}

/// The cells that hold the points of an extent.
pub fn frame_of(extent: &Extent) -> Frame {
    GRIDDING.covering(extent)
}

/// Finds the ground from the lowest points of cells, metres, missing where there is none.
pub fn filter(lowest: &Grid<f32>, params: &GroundParams) -> Ground {
    let mut seen = lowest.clone();
    remove_low_noise(&mut seen, params.noise_depth);
    let mut is_ground: Vec<bool> = seen.cells().iter().map(|height| !height.is_nan()).collect();
    remove_objects(&seen, params, &mut is_ground);
    restore_break_lines(&seen, params, &mut is_ground);
    let kept =
        seen.cells().iter().zip(&is_ground).map(|(&height, &kept)| if kept { height } else { f32::NAN });
    let kept = Grid::new(*seen.frame(), kept.collect());
    let terrain = inpaint::fill(&kept, PASSES.1);
    let tolerance = tolerance(&terrain, &roughness(&kept), params);
    Ground { terrain, tolerance, below: params.below }
}

/// Takes out lowest points that lie far below all but one of their neighbours.
fn remove_low_noise(seen: &mut Grid<f32>, depth: f32) {
    let (rows, cols) = (seen.frame().rows, seen.frame().cols);
    let radius = NOISE_RADIUS;
    let disc: Vec<(isize, isize)> = (-radius..=radius)
        .flat_map(|down| (-radius..=radius).map(move |right| (down, right)))
        .filter(|&(down, right)| (down, right) != (0, 0) && down * down + right * right <= radius * radius)
        .collect();
    let is_noise = |at: usize| {
        let (row, col, height) = (at / cols, at % cols, seen.cells()[at]);
        let (mut far_above, mut near) = (0, 0);
        for (down, right) in &disc {
            let place = row.checked_add_signed(*down).zip(col.checked_add_signed(*right));
            let Some((r, c)) = place.filter(|&(r, c)| r < rows && c < cols) else { continue };
            let other = seen.at(r, c);
            far_above += u32::from(other > height + depth);
            near += u32::from(other <= height + depth);
            if near > 1 {
                return false;
            }
        }
        far_above >= 3 && near <= 1
    };
    let noise: Vec<usize> =
        (0..rows * cols).into_par_iter().filter(|&at| !seen.cells()[at].is_nan() && is_noise(at)).collect();
    noise.into_iter().for_each(|at| seen.cells_mut()[at] = f32::NAN);
}

/// Clears the marks of cells that openings lower by more than ground can be.
fn remove_objects(seen: &Grid<f32>, params: &GroundParams, is_ground: &mut [bool]) {
    let surface = inpaint::fill(seen, PASSES.0);
    let mut before = surface.cells().to_vec();
    opening::by_octagons(&surface, &params.radii, |place, opened| {
        let radius = params.radii[place];
        let slope = if radius <= params.small { params.slope } else { params.slope_large };
        let most = slope * radius as f32;
        for ((mark, before), &opened) in is_ground.iter_mut().zip(&mut before).zip(opened) {
            *mark &= *before - opened <= most;
            *before = opened;
        }
    });
}

/// Sectors of a disc: half discs are eight of them that adjoin.
const SECTORS: usize = 16;

/// A cell of a disc: rows down, columns right, its sector.
type Near = (i32, i32, usize);

/// Sums over the ground cells of a sector, heights and places relative to its centre, and cells with points.
#[derive(Clone, Copy, Default)]
struct Moments {
    /// 1, x, y, z, xx, xy, yy, xz, yz, zz.
    sums: [f32; 10],
    cells: f32,
}

/// Sets the marks of cells that a plane through the ground on one side of them meets.
fn restore_break_lines(seen: &Grid<f32>, params: &GroundParams, is_ground: &mut [bool]) {
    let mut fresh: [Option<Vec<bool>>; 2] = [None, None];
    for round in 0..params.rounds {
        let mut any = false;
        for (nth, &radius) in params.discs.iter().enumerate() {
            let asked = fresh[nth].take();
            let back = restored(seen, params, radius, is_ground, asked.as_deref());
            any |= !back.is_empty();
            // Only cells that see a change have another answer the next time.
            for (other, list) in fresh.iter_mut().enumerate() {
                let changed = list.get_or_insert_with(|| vec![false; is_ground.len()]);
                mark_around(seen.frame(), &back, params.discs[other], changed);
            }
            back.into_iter().for_each(|at| is_ground[at] = true);
        }
        if !any && round > 0 {
            break;
        }
    }
}

/// Marks all cells within `radius` of these.
fn mark_around(frame: &Frame, cells: &[usize], radius: i32, marks: &mut [bool]) {
    let reach = radius as usize;
    for &at in cells {
        let (row, col) = (at / frame.cols, at % frame.cols);
        let (west, east) = (col.saturating_sub(reach), (col + reach + 1).min(frame.cols));
        for row in row.saturating_sub(reach)..(row + reach + 1).min(frame.rows) {
            marks[row * frame.cols + west..row * frame.cols + east].fill(true);
        }
    }
}

/// The cells that come back, among those asked for, in order.
fn restored(
    seen: &Grid<f32>,
    params: &GroundParams,
    radius: i32,
    is_ground: &[bool],
    asked: Option<&[bool]>,
) -> Vec<usize> {
    let disc = disc(radius);
    let candidate =
        |at: &usize| !is_ground[*at] && !seen.cells()[*at].is_nan() && asked.is_none_or(|asked| asked[*at]);
    let cells = (0..is_ground.len()).into_par_iter().with_min_len(4096);
    cells.filter(candidate).filter(|&at| meets_a_plane(seen, is_ground, &disc, at, params)).collect()
}

/// The cells of a disc without its centre, and their sectors.
fn disc(radius: i32) -> Vec<Near> {
    let places = (-radius..=radius).flat_map(|down| (-radius..=radius).map(move |right| (down, right)));
    let inside = places
        .filter(|&(down, right)| (down, right) != (0, 0) && down * down + right * right <= radius * radius);
    let turn = SECTORS as f64 / std::f64::consts::TAU;
    inside
        .map(|(down, right)| {
            // A little beyond the border, so that the axes fall into one sector whatever rounding does.
            let angle = f64::from(-down).atan2(f64::from(right)) * turn + 1e-6;
            (down, right, angle.rem_euclid(SECTORS as f64) as usize % SECTORS)
        })
        .collect()
}

/// Whether a plane through the ground of some half disc meets the cell.
fn meets_a_plane(
    seen: &Grid<f32>,
    is_ground: &[bool],
    disc: &[Near],
    at: usize,
    params: &GroundParams,
) -> bool {
    let (rows, cols) = (seen.frame().rows as i32, seen.frame().cols as i32);
    let (row, col, height) = (at as i32 / cols, at as i32 % cols, seen.cells()[at]);
    let mut sectors = [Moments::default(); SECTORS];
    for &(down, right, sector) in disc {
        let (r, c) = (row + down, col + right);
        if r < 0 || c < 0 || r >= rows || c >= cols {
            continue;
        }
        let place = (r * cols + c) as usize;
        let other = seen.cells()[place];
        if other.is_nan() {
            continue;
        }
        sectors[sector].cells += 1.0;
        if is_ground[place] {
            sectors[sector].add(right as f32, -down as f32, other - height);
        }
    }
    (0..SECTORS).any(|first| {
        let mut half = Moments::default();
        (first..first + SECTORS / 2).for_each(|sector| half.join(&sectors[sector % SECTORS]));
        half.meets_origin(params)
    })
}

impl Moments {
    #[inline(always)]
    fn add(&mut self, x: f32, y: f32, z: f32) {
        let terms = [1.0, x, y, z, x * x, x * y, y * y, x * z, y * z, z * z];
        self.sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
    }

    #[inline(always)]
    fn join(&mut self, other: &Moments) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, term)| *sum += term);
        self.cells += other.cells;
    }

    /// Whether the plane of least squares passes close to the centre, and the ground lies close to the plane.
    fn meets_origin(&self, params: &GroundParams) -> bool {
        /// Square metres that steady the plane where all cells lie on one line.
        const STEADY: f32 = 0.1;
        let [n, x, y, z, xx, xy, yy, xz, yz, zz] = self.sums;
        if n < params.plane_support.0 || n < params.plane_support.1 * self.cells {
            return false;
        }
        let (x, y, z) = (x / n, y / n, z / n);
        let (xx, yy, xy) = (xx / n - x * x + STEADY, yy / n - y * y + STEADY, xy / n - x * y);
        let (xz, yz, zz) = (xz / n - x * z, yz / n - y * z, zz / n - z * z);
        let determinant = xx * yy - xy * xy;
        if determinant < 1e-6 {
            return false;
        }
        let east = (xz * yy - yz * xy) / determinant;
        let north = (yz * xx - xz * xy) / determinant;
        let spread = (zz - east * xz - north * yz).max(0.0).sqrt();
        spread <= params.plane_spread && (z - east * x - north * y).abs() <= params.plane_gap
    }
}

/// How rough the ground is around each cell: the mean height of ground cells above the middle of their two
/// neighbours, in a window of 5 cells. Missing where few ground cells adjoin: the points are sparse there.
fn roughness(ground: &Grid<f32>) -> Grid<f32> {
    /// Fewest cells with two neighbours in a window.
    const FEWEST: f32 = 4.0;
    const AROUND: usize = 2;
    let frame = *ground.frame();
    let at = |row: usize, col: usize| {
        let inside = row < frame.rows && col < frame.cols;
        if inside { ground.at(row, col) } else { f32::NAN }
    };
    // The sum of both bends of a cell, and how many there are.
    let bends = crate::par::rows(frame, (0.0, 0.0), |row, cells| {
        for (col, cell) in cells.iter_mut().enumerate() {
            let own = ground.at(row, col);
            let across = own - (at(row, col.wrapping_sub(1)) + at(row, col + 1)) * 0.5;
            let along = own - (at(row.wrapping_sub(1), col) + at(row + 1, col)) * 0.5;
            for bend in [across, along].into_iter().filter(|bend| !bend.is_nan()) {
                *cell = (cell.0 + bend.abs(), cell.1 + 1.0);
            }
        }
    });
    let add = |sum: (f32, f32), term: &(f32, f32)| (sum.0 + term.0, sum.1 + term.1);
    let wide = crate::par::rows(frame, (0.0, 0.0), |row, cells| {
        let bends = bends.row(row);
        for (col, cell) in cells.iter_mut().enumerate() {
            let near = &bends[col.saturating_sub(AROUND)..(col + AROUND + 1).min(frame.cols)];
            *cell = near.iter().fold((0.0, 0.0), add);
        }
    });
    crate::par::rows(frame, f32::NAN, |row, cells| {
        for (col, cell) in cells.iter_mut().enumerate() {
            let near = row.saturating_sub(AROUND)..(row + AROUND + 1).min(frame.rows);
            let (sum, count) =
                near.map(|row| wide.at(row, col)).fold((0.0, 0.0), |sum, term| add(sum, &term));
            *cell = if count >= FEWEST { sum / count } else { f32::NAN };
        }
    })
}

/// What a ground point may differ from the terrain: more where it is steep or rough, most where points are sparse.
fn tolerance(terrain: &Grid<f32>, roughness: &Grid<f32>, params: &GroundParams) -> Grid<f32> {
    let frame = *terrain.frame();
    crate::par::rows(frame, f32::NAN, |row, cells| {
        for (col, cell) in cells.iter_mut().enumerate() {
            let own = terrain.at(row, col);
            let known = |row: usize, col: usize| {
                let inside = row < frame.rows && col < frame.cols;
                inside.then(|| terrain.at(row, col)).filter(|height| !height.is_nan())
            };
            let slope = |before: Option<f32>, after: Option<f32>| match (before, after) {
                (Some(before), Some(after)) => (after - before) * 0.5,
                (Some(before), None) => own - before,
                (None, Some(after)) => after - own,
                (None, None) => 0.0,
            };
            let across = slope(known(row, col.wrapping_sub(1)), known(row, col + 1));
            let along = slope(known(row.wrapping_sub(1), col), known(row + 1, col));
            let slope = (across * across + along * along).sqrt();
            let [least, most] = params.tolerance;
            let rough = roughness.at(row, col);
            *cell = if rough.is_nan() {
                most + params.tolerance_slope[1] * slope
            } else {
                (least + params.tolerance_rough * rough).min(most) + params.tolerance_slope[0] * slope
            };
        }
    })
}

impl Ground {
    /// Height of the terrain and tolerance at a place of the map; `None` where there is no terrain.
    #[inline(always)]
    pub fn at(&self, x: f64, y: f64) -> Option<(f32, f32)> {
        let frame = self.terrain.frame();
        let across = x - frame.west - 0.5;
        let down = frame.north - y - 0.5;
        let (col, row) = (across.floor(), down.floor());
        let (right, below) = ((across - col) as f32, (down - row) as f32);
        let clip = |at: f64, count: usize| at.clamp(0.0, count.saturating_sub(1) as f64) as usize;
        let (c0, c1) = (clip(col, frame.cols), clip(col + 1.0, frame.cols));
        let (r0, r1) = (clip(row, frame.rows), clip(row + 1.0, frame.rows));
        let between = |grid: &Grid<f32>| {
            let (north, south) = (grid.row(r0), grid.row(r1));
            let upper = north[c0] + right * (north[c1] - north[c0]);
            let lower = south[c0] + right * (south[c1] - south[c0]);
            upper + below * (lower - upper)
        };
        if frame.is_empty() {
            return None;
        }
        let height = between(&self.terrain);
        (!height.is_nan()).then(|| (height, between(&self.tolerance)))
    }

    /// What a point is that lies `above` metres above a terrain of this tolerance.
    #[inline(always)]
    fn verdict(&self, above: f32, tolerance: f32) -> Verdict {
        if above.abs() <= tolerance {
            Verdict::Ground
        } else if above < -tolerance - self.below {
            Verdict::LowNoise
        } else {
            Verdict::Other
        }
    }

    /// Judges points on `lattice`, in order; also tells how high each is above the terrain, metres (missing where
    /// there is none, and the point is then anything else).
    pub fn judge(
        &self,
        lattice: &Lattice,
        x: &[i32],
        y: &[i32],
        z: &[i32],
        mut tell: impl FnMut(Verdict, f32),
    ) {
        for ((&x, &y), &z) in x.iter().zip(y).zip(z) {
            match self.at(lattice.easting(x), lattice.northing(y)) {
                Some((height, tolerance)) => {
                    let above = lattice.height(z) as f32 - height;
                    tell(self.verdict(above, tolerance), above);
                }
                None => tell(Verdict::Other, f32::NAN),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gentle hill with a block, a wide hall, a steep terrace and two birds below the ground.
    fn scene(x: f64, y: f64) -> (f32, bool) {
        let terrace = if x > 300.0 { 6.0 } else { 0.0 };
        let ground = (0.05 * x + 3.0 * (y / 60.0).sin() + terrace) as f32;
        let block = (100.0..112.0).contains(&x) && (100.0..130.0).contains(&y);
        let hall = (180.0..230.0).contains(&x) && (150.0..230.0).contains(&y);
        if (x - 50.5).abs() < 0.1 && (y - 60.5).abs() < 0.1 {
            return (ground - 12.0, false);
        }
        let height = if block {
            8.0
        } else if hall {
            9.0
        } else {
            0.0
        };
        (ground + height, height == 0.0)
    }

    fn lowest(frame: Frame) -> Grid<f32> {
        let cells = (0..frame.len()).map(|at| scene(frame.x(at % frame.cols), frame.y(at / frame.cols)).0);
        Grid::new(frame, cells.collect())
    }

    const FRAME: Frame = Frame { west: 0.0, north: 400.0, cell: Metres(1.0), rows: 400, cols: 400 };
    const CENTIMETRES: Lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 0, y0: 0 };

    #[test]
    fn blocks_and_halls_go_and_terraces_stay() {
        let ground = filter(&lowest(FRAME), &GroundParams::default());
        let mut wrong = 0;
        for at in 0..FRAME.len() {
            let (x, y) = (FRAME.x(at % FRAME.cols), FRAME.y(at / FRAME.cols));
            let (height, truth) = scene(x, y);
            let (terrain, tolerance) = ground.at(x, y).unwrap();
            wrong += usize::from(((height - terrain).abs() <= tolerance) != truth);
        }
        assert!(wrong < FRAME.len() / 500, "{wrong} of {} cells", FRAME.len());
    }

    #[test]
    fn a_point_far_below_is_noise() {
        let ground = filter(&lowest(FRAME), &GroundParams::default());
        let z = (scene(50.5, 60.5).0 * 100.0) as i32;
        ground.judge(&CENTIMETRES, &[5050], &[6050], &[z], |verdict, above| {
            assert_eq!(verdict, Verdict::LowNoise, "{above} m");
        });
    }

    #[test]
    fn a_tile_with_its_halo_is_the_whole() {
        let params = GroundParams { radii: vec![1, 2, 4, 8], rounds: 2, ..GroundParams::default() };
        let halo = params.halo().0 as usize;
        let large = Frame { rows: 2 * halo, cols: 2 * halo + 90, ..FRAME };
        let large = Frame { north: large.rows as f64, ..large };
        let whole = filter(&lowest(large), &params);
        let part = Frame { west: halo as f64 + 20.0, north: 100.0, rows: 40, cols: 50, ..FRAME };
        let seen = part.padded(halo).intersection(&large);
        let tile = filter(&lowest(seen), &params);
        assert_eq!(tile.terrain.cropped(&part), whole.terrain.cropped(&part));
        assert_eq!(tile.tolerance.cropped(&part), whole.tolerance.cropped(&part));
    }
}
