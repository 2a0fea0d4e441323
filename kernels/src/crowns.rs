//! Tree tops and crowns from the heights of the vegetation.
//!
//! In: heights above the ground on one lattice, missing where there is no vegetation; optionally the heights of the
//! crowns' lowest leaves. Out: one tree per top that lies in the core, with its whole crown. Method:
//!
//! 1. heights are smoothed to about half a metre (binomial, Gauss-like), so that a twig makes no tree;
//! 2. a cell is a top if it is the highest within a window that grows with its height: half of the crown width
//!    `2.515 + 0.00901 h²` m (Popescu & Wynne 2004, 10.14358/PERS.70.5.589);
//! 3. of two tops in sight of each other, the lower one counts only if the profile between them falls by
//!    [`CrownParams::least_drop`] below it (dynamics of a peak, Grimaud 1992, 10.1117/12.60650, along the straight line);
//! 4. each other cell climbs to its highest neighbour: the watershed of the tops (Meyer 1994). A crown holds what
//!    climbs to its top within `0.6 h` and above `0.3 h` (Silva et al. 2016, 10.1080/07038992.2016.1196582), never more
//!    than [`CrownParams::widest`] across.
//!
//! All steps look at a bounded distance ([`CrownParams::halo`]) and ties fall to the northern, then to the western cell,
//! so that a crown is the same in any tile that holds that distance around its top.
//!
//! Fails where: crowns close into one smooth dome (found as one), and where a wide flat crown has boughs that stand out
//! by more than the drop (found as several). Cost: about 40 ns a cell, and 20 ns more a vegetated one.

use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::outline::{CellSet, Corner, doubled_area, rings};
use crate::par;
use crate::unit::Metres;

/// What counts as a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrownParams {
    /// Lower vegetation is no tree.
    pub least_height: Metres,
    /// Largest diameter of a crown.
    pub widest: Metres,
    /// A top stands out by at least this over the way to a higher one.
    pub least_drop: Metres,
    /// Crowns smaller than this, in square metres, are twigs and noise.
    pub least_area: f64,
}

impl Default for CrownParams {
    fn default() -> CrownParams {
        CrownParams {
            least_height: Metres(3.0),
            widest: Metres(24.0),
            least_drop: Metres(0.3),
            least_area: 2.0,
        }
    }
}

/// Radius of the widest window of tops, metres: half of the crown of a tree 28 m high.
const WIDEST_WINDOW: f64 = 4.8;
/// Tops this near see each other, metres.
const SIGHT: f64 = 5.0;
/// Standard deviation of the smoothing, metres.
const SMOOTHING: f64 = 0.5;
/// Radius of a crown per height of its top (Silva et al. 2016).
const SLENDEREST: f64 = 0.6;
/// Cells lower than this share of the top are no part of its crown (Silva et al. 2016).
const LOWEST_SHARE: f64 = 0.3;

impl CrownParams {
    /// How far beyond the core heights are needed: the radius of a crown, and what decides of its outermost cell.
    pub fn halo(&self) -> Metres {
        Metres(self.widest.0 / 2.0 + SIGHT.max(WIDEST_WINDOW) + 3.0 * SMOOTHING)
    }
}

/// One tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Easting of the top, the centre of its cell.
    pub x: f64,
    /// Northing of the top.
    pub y: f64,
    /// Height of the highest point of the crown above the ground, metres.
    pub height: f64,
    /// Height of the lowest leaves above the ground, metres: the tenth percentile over the crown, where it is known.
    pub base: Option<f64>,
    /// Area of the crown seen from above, square metres.
    pub area: f64,
    /// Diameter of the circle of this area, metres.
    pub diameter: f64,
    /// Outline of the crown along its cells' edges, counter-clockwise, not closed.
    pub outline: Vec<[f64; 2]>,
    /// 0 to 100: how much the crown stands out from what it touches, and whether it is more than a few cells.
    pub confidence: u8,
}

/// No crown.
const NONE: u32 = u32::MAX;
/// Not known yet.
const OPEN: u32 = u32::MAX - 1;

/// The trees whose tops lie in `core`, from north to south, then from west to east.
///
/// `heights` covers the core and [`CrownParams::halo`] around it, as far as there are data; `base` may lie on any cells.
pub fn trees(heights: &Grid<f32>, base: Option<&Grid<f32>>, core: &Frame, params: &CrownParams) -> Vec<Tree> {
    let scene = Scene::new(heights, params);
    let (climbs, tops) = scene.climbs_and_tops();
    let labels = scene.crowns(&climbs, &tops);
    let members = members(&labels, tops.len());
    let (first_row, first_col) = heights.frame().offset_of(core).unwrap_or((0, 0));
    let in_core = |cell: u32| {
        let (row, col) = (cell as usize / scene.cols, cell as usize % scene.cols);
        row >= first_row && col >= first_col && row < first_row + core.rows && col < first_col + core.cols
    };
    let found = tops.iter().zip(&members).filter(|(top, _)| in_core(top.cell));
    found.filter_map(|(top, cells)| scene.tree(top, cells, &labels, base)).collect()
}

/// A top that counts.
#[derive(Debug, Clone, Copy)]
struct Top {
    cell: u32,
    /// Smoothed height.
    height: f32,
}

/// Heights, raw and smoothed, and their lattice.
struct Scene<'a> {
    raw: &'a Grid<f32>,
    smooth: Grid<f32>,
    rows: usize,
    cols: usize,
    cell: f64,
    params: CrownParams,
}

impl<'a> Scene<'a> {
    fn new(raw: &'a Grid<f32>, params: &CrownParams) -> Scene<'a> {
        let cell = raw.frame().cell.0;
        // One binomial pass has a variance of half a cell squared.
        let passes = (2.0 * (SMOOTHING / cell).powi(2)).round().clamp(0.0, 8.0) as usize;
        let mut smooth = raw.clone();
        for _ in 0..passes {
            smooth = binomial(&smooth);
        }
        let (rows, cols) = (raw.frame().rows, raw.frame().cols);
        Scene { raw, smooth, rows, cols, cell, params: *params }
    }

    fn place(&self, cell: u32) -> (i64, i64) {
        ((cell as usize / self.cols) as i64, (cell as usize % self.cols) as i64)
    }

    fn at(&self, row: i64, col: i64) -> Option<(u32, f32)> {
        let inside = row >= 0 && col >= 0 && row < self.rows as i64 && col < self.cols as i64;
        let cell = inside.then(|| row as usize * self.cols + col as usize)?;
        let height = self.smooth.cells()[cell];
        (!height.is_missing()).then_some((cell as u32, height))
    }

    /// Distance of two cells, metres.
    fn distance(&self, a: u32, b: u32) -> f64 {
        let ((row, col), (r, c)) = (self.place(a), self.place(b));
        ((row - r) as f64).hypot((col - c) as f64) * self.cell
    }

    /// The highest of the eight neighbours that is higher than the cell itself.
    fn uphill(&self, cell: u32) -> Option<u32> {
        self.highest_within(cell, 1, 2)
    }

    /// The highest cell within `reach` cells and a squared distance, where it is higher than `cell`.
    fn highest_within(&self, cell: u32, reach: i64, squared: i64) -> Option<u32> {
        let (row, col) = self.place(cell);
        let own = (cell, self.smooth.cells()[cell as usize]);
        let mut best = own;
        for dr in -reach..=reach {
            for dc in -reach..=reach {
                if dr * dr + dc * dc > squared {
                    continue;
                }
                if let Some(other) = self.at(row + dr, col + dc).filter(|other| higher(*other, best)) {
                    best = other;
                }
            }
        }
        (best.0 != cell).then_some(best.0)
    }

    /// Where a cell climbs to; a top climbs nowhere.
    fn climbs(&self) -> Vec<u32> {
        let least = self.params.least_height.0 as f32 * LOWEST_SHARE as f32;
        let frame = *self.smooth.frame();
        let climbs = par::rows(frame, NONE, |row, cells| {
            for (col, (target, &height)) in cells.iter_mut().zip(self.smooth.row(row)).enumerate() {
                if height >= least {
                    let cell = (row * self.cols + col) as u32;
                    *target = self.uphill(cell).unwrap_or_else(|| self.dominant(cell, height));
                }
            }
        });
        climbs.into_cells()
    }

    /// The cell that a peak yields to: the highest in its window; itself where it is a top.
    fn dominant(&self, cell: u32, height: f32) -> u32 {
        let width = 2.515 + 0.00901 * f64::from(height).powi(2);
        let radius = (width / 2.0).min(WIDEST_WINDOW) / self.cell;
        let squared = (radius * radius).floor() as i64;
        self.highest_within(cell, radius.floor() as i64, squared).unwrap_or(cell)
    }

    /// Where each cell climbs to, and the tops in scan order; a peak that does not count climbs to the one that it yields to.
    fn climbs_and_tops(&self) -> (Vec<u32>, Vec<Top>) {
        let mut climbs = self.climbs();
        let least = self.params.least_height.0 as f32;
        let peaks: Vec<Top> = (0..climbs.len() as u32)
            .filter(|&cell| climbs[cell as usize] == cell)
            .map(|cell| Top { cell, height: self.smooth.cells()[cell as usize] })
            .filter(|top| top.height >= least)
            .collect();
        let by_row = rows_of(&peaks, self.cols);
        let mut tops = Vec::new();
        for top in &peaks {
            match self.overlooked(top, &peaks, &by_row) {
                Some(other) => climbs[top.cell as usize] = other,
                None => tops.push(*top),
            }
        }
        (climbs, tops)
    }

    /// The highest peak in sight that a peak does not stand out from.
    fn overlooked(&self, top: &Top, peaks: &[Top], by_row: &[(i64, usize)]) -> Option<u32> {
        let reach = (SIGHT / self.cell).floor() as i64;
        let row = self.place(top.cell).0;
        let first = by_row.partition_point(|(other, _)| *other < row - reach);
        let near = by_row[first..].iter().take_while(|(other, _)| *other <= row + reach);
        near.map(|&(_, index)| peaks[index])
            .filter(|other| higher((other.cell, other.height), (top.cell, top.height)))
            .filter(|other| self.distance(top.cell, other.cell) <= SIGHT)
            .filter(|other| self.fall(top, other) < self.params.least_drop.0)
            .reduce(
                |best, other| {
                    if higher((other.cell, other.height), (best.cell, best.height)) { other } else { best }
                },
            )
            .map(|other| other.cell)
    }

    /// How far the straight way to a higher peak falls below a peak, metres; a gap is as deep as the peak is high.
    fn fall(&self, from: &Top, to: &Top) -> f64 {
        let ((row, col), (r, c)) = (self.place(from.cell), self.place(to.cell));
        let steps = (r - row).abs().max((c - col).abs());
        let between = (1..steps).map(|step| {
            // Rounded half up, whichever way: integers decide.
            let part = |delta: i64| (2 * delta * step + steps).div_euclid(2 * steps);
            self.at(row + part(r - row), col + part(c - col)).map_or(0.0, |(_, height)| height)
        });
        f64::from(from.height - between.fold(from.height, f32::min))
    }

    /// Which top each cell belongs to.
    fn crowns(&self, climbs: &[u32], tops: &[Top]) -> Vec<u32> {
        let mut labels: Vec<u32> =
            climbs.iter().map(|&target| if target == NONE { NONE } else { OPEN }).collect();
        for (index, top) in tops.iter().enumerate() {
            labels[top.cell as usize] = index as u32;
        }
        let mut way = Vec::new();
        for start in 0..labels.len() as u32 {
            let mut cell = start;
            while labels[cell as usize] == OPEN && climbs[cell as usize] != cell {
                way.push(cell);
                cell = climbs[cell as usize];
            }
            let mut label = labels[cell as usize];
            if label == OPEN {
                label = NONE;
                labels[cell as usize] = NONE;
            }
            while let Some(cell) = way.pop() {
                label = if label != NONE && self.belongs(cell, &tops[label as usize]) { label } else { NONE };
                labels[cell as usize] = label;
            }
        }
        labels
    }

    /// Whether a cell is near and high enough for the crown of a top.
    fn belongs(&self, cell: u32, top: &Top) -> bool {
        let height = f64::from(top.height);
        let radius = (SLENDEREST * height).min(self.params.widest.0 / 2.0);
        let ((row, col), (r, c)) = (self.place(cell), self.place(top.cell));
        let squared = ((row - r).pow(2) + (col - c).pow(2)) as f64 * self.cell * self.cell;
        f64::from(self.smooth.cells()[cell as usize]) >= LOWEST_SHARE * height && squared <= radius * radius
    }

    fn tree(&self, top: &Top, cells: &[u32], labels: &[u32], base: Option<&Grid<f32>>) -> Option<Tree> {
        let frame = self.raw.frame();
        let places: Vec<(i32, i32)> = cells.iter().map(|&cell| narrow(self.place(cell))).collect();
        let own = narrow(self.place(top.cell));
        let part = CellSet::of(&places, 0)?.parts(true).into_iter().find(|part| part.contains(&own))?;
        let set = CellSet::of(&part, 0)?;
        let ring = rings(&set).into_iter().max_by_key(|ring| doubled_area(ring))?;
        let area = doubled_area(&ring) as f64 / 2.0 * self.cell * self.cell;
        if area < self.params.least_area {
            return None;
        }
        let index = |(row, col): (i32, i32)| row as usize * self.cols + col as usize;
        let raw = part.iter().map(|&cell| self.raw.cells()[index(cell)]).filter(|height| !height.is_nan());
        let corner = |&(row, col): &Corner| {
            [frame.west + f64::from(col) * self.cell, frame.north - f64::from(row) * self.cell]
        };
        Some(Tree {
            x: frame.x(own.1 as usize),
            y: frame.y(own.0 as usize),
            height: f64::from(raw.fold(f32::MIN, f32::max)),
            base: base.and_then(|base| self.base(&part, base)),
            area,
            diameter: 2.0 * (area / std::f64::consts::PI).sqrt(),
            outline: ring.iter().map(corner).collect(),
            confidence: self.confidence(top, &part, area, labels),
        })
    }

    /// The tenth percentile of the lowest leaves over the cells of a crown: its rim hangs higher than its middle.
    fn base(&self, cells: &[(i32, i32)], base: &Grid<f32>) -> Option<f64> {
        let frame = self.raw.frame();
        let value = |&(row, col): &(i32, i32)| {
            let (row, col) = base.frame().locate(frame.x(col as usize), frame.y(row as usize))?;
            Some(base.at(row, col)).filter(|value| !value.is_nan())
        };
        let mut values: Vec<f32> = cells.iter().filter_map(value).collect();
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 10).map(|&value| f64::from(value))
    }

    /// A crown that stands alone or above its neighbours by a seventh of its height, of six square metres and more, has 95;
    /// one that hardly stands out or is of few cells has half of it and less.
    fn confidence(&self, top: &Top, cells: &[(i32, i32)], area: f64, labels: &[u32]) -> u8 {
        let own = labels[top.cell as usize];
        let mut saddle = 0.0_f32;
        for &(row, col) in cells {
            let height = self.smooth.cells()[row as usize * self.cols + col as usize];
            for (dr, dc) in [(-1, 0), (0, -1), (0, 1), (1, 0)] {
                let other = self.at(i64::from(row + dr), i64::from(col + dc));
                if let Some((other, level)) = other.filter(|(other, _)| labels[*other as usize] != own)
                    && labels[other as usize] != NONE
                {
                    saddle = saddle.max(level.min(height));
                }
            }
        }
        let drop = f64::from(top.height - saddle);
        let clear = (drop / (f64::from(top.height) / 7.0).max(1.0)).clamp(0.0, 1.0);
        let size = (area / 6.0).clamp(0.0, 1.0);
        (95.0 * (0.5 + 0.5 * clear) * (0.6 + 0.4 * size)).round() as u8
    }
}

/// Rows of the peaks with their place in the list; peaks come in scan order.
fn rows_of(peaks: &[Top], cols: usize) -> Vec<(i64, usize)> {
    peaks.iter().enumerate().map(|(index, peak)| ((peak.cell as usize / cols) as i64, index)).collect()
}

/// Whether a cell is higher than another; of equals, the earlier in scan order: northern, then western.
fn higher(a: (u32, f32), b: (u32, f32)) -> bool {
    a.1 > b.1 || (a.1 == b.1 && a.0 < b.0)
}

fn narrow((row, col): (i64, i64)) -> (i32, i32) {
    (row as i32, col as i32)
}

/// The cells of each crown.
fn members(labels: &[u32], tops: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); tops];
    for (cell, &label) in labels.iter().enumerate() {
        if let Some(list) = members.get_mut(label as usize) {
            list.push(cell as u32);
        }
    }
    members
}

/// Weighted mean of the 3 × 3 cells around, 1-2-1 both ways, over those that have a value; missing stays missing.
fn binomial(heights: &Grid<f32>) -> Grid<f32> {
    let frame = *heights.frame();
    par::rows(frame, f32::MISSING, |row, cells| {
        let rows = [row.wrapping_sub(1), row, row + 1];
        let near = rows.map(|row| (row < frame.rows).then(|| heights.row(row)));
        for (col, cell) in cells.iter_mut().enumerate() {
            if heights.at(row, col).is_missing() {
                continue;
            }
            let (mut sum, mut weight) = (0.0_f32, 0.0_f32);
            for (line, down) in near.iter().zip([1.0_f32, 2.0, 1.0]) {
                let Some(line) = line else { continue };
                for (step, across) in [1.0_f32, 2.0, 1.0].into_iter().enumerate() {
                    let at = (col + step).wrapping_sub(1);
                    if let Some(&value) = line.get(at).filter(|value| !value.is_missing()) {
                        sum += value * down * across;
                        weight += down * across;
                    }
                }
            }
            *cell = sum / weight;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { west: 1000.0, north: 2060.0, cell: Metres(0.5), rows: 120, cols: 120 };

    /// Half an ellipsoid: radius, top and base, metres.
    fn dome(x: f64, y: f64, radius: f64, top: f64, base: f64) -> impl Fn(f64, f64) -> f64 {
        move |px, py| {
            let share = ((px - x).powi(2) + (py - y).powi(2)) / (radius * radius);
            if share < 1.0 { base + (top - base) * (1.0 - share).sqrt() } else { f64::NAN }
        }
    }

    fn scene(frame: Frame, domes: &[&dyn Fn(f64, f64) -> f64]) -> Grid<f32> {
        par_free(frame, |x, y| domes.iter().map(|dome| dome(x, y)).fold(f64::NAN, f64::max))
    }

    fn par_free(frame: Frame, height: impl Fn(f64, f64) -> f64) -> Grid<f32> {
        let cells = (0..frame.len()).map(|at| height(frame.x(at % frame.cols), frame.y(at / frame.cols)));
        Grid::new(frame, cells.map(|height| height as f32).collect())
    }

    #[test]
    fn a_round_dome_is_one_tree_of_its_size() {
        let grid = scene(FRAME, &[&dome(1030.25, 2030.25, 3.04, 10.0, 5.0)]);
        let found = trees(&grid, None, &FRAME, &CrownParams::default());
        assert_eq!(found.len(), 1);
        let tree = &found[0];
        assert_eq!((tree.x, tree.y, tree.height), (1030.25, 2030.25, 10.0));
        let truth = std::f64::consts::PI * 3.04 * 3.04;
        assert!((tree.area - truth).abs() < 0.03 * truth, "{}", tree.area);
        assert!((tree.diameter - 6.08).abs() < 0.1);
        assert_eq!(tree.confidence, 95);
    }

    #[test]
    fn two_touching_domes_are_two_trees_that_part_in_the_valley() {
        let (a, b) = (dome(1028.25, 2030.25, 3.0, 10.0, 5.0), dome(1033.25, 2030.25, 3.0, 9.0, 4.0));
        let found = trees(&scene(FRAME, &[&a, &b]), None, &FRAME, &CrownParams::default());
        assert_eq!(
            found.iter().map(|tree| (tree.x, tree.height)).collect::<Vec<_>>(),
            [(1028.25, 10.0), (1033.25, 9.0)]
        );
        let both: f64 = found.iter().map(|tree| tree.area).sum();
        // Two discs less their lens: radius 3, distance 5.
        let (r, d) = (3.0_f64, 5.0_f64);
        let lens = 2.0 * r * r * (d / 2.0 / r).acos() - d / 2.0 * (4.0 * r * r - d * d).sqrt();
        let truth = 2.0 * std::f64::consts::PI * r * r - lens;
        assert!((both - truth).abs() < 0.03 * truth, "{both} for {truth}");
        assert!(found.iter().all(|tree| tree.confidence > 60 && tree.confidence <= 95));
    }

    #[test]
    fn a_bough_that_hardly_stands_out_is_no_tree() {
        let (a, b) = (dome(1028.25, 2030.25, 5.0, 12.0, 6.0), dome(1031.25, 2030.25, 1.5, 11.0, 10.7));
        let found = trees(&scene(FRAME, &[&a, &b]), None, &FRAME, &CrownParams::default());
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_tile_gives_the_trees_of_the_whole() {
        let random = |seed: u32| {
            f64::from((seed.wrapping_mul(2_654_435_761) ^ 0x9e37).wrapping_mul(2_246_822_519) >> 8)
                / f64::from(1 << 24)
        };
        let frame = Frame { rows: 300, cols: 300, ..FRAME };
        let domes: Vec<_> = (0..120)
            .map(|n| {
                let (x, y) = (1000.0 + 150.0 * random(n), 1910.0 + 150.0 * random(n + 1000));
                dome(x, y, 2.0 + 3.0 * random(n + 2000), 8.0 + 8.0 * random(n + 3000), 4.0)
            })
            .collect();
        let domes: Vec<&dyn Fn(f64, f64) -> f64> =
            domes.iter().map(|dome| dome as &dyn Fn(f64, f64) -> f64).collect();
        let whole = scene(frame, &domes);
        let params = CrownParams::default();
        let all = trees(&whole, None, &frame, &params);
        assert!(all.len() > 60);
        let ring = (params.halo().0 / 0.5).ceil() as usize;
        let mut tiled = Vec::new();
        for (row, col) in [(0, 0), (0, 150), (150, 0), (150, 150)] {
            let core = Frame {
                west: frame.west + col as f64 * 0.5,
                north: frame.north - row as f64 * 0.5,
                rows: 150,
                cols: 150,
                ..frame
            };
            let seen = core.padded(ring).intersection(&frame);
            tiled.extend(trees(&whole.cropped(&seen), None, &core, &params));
        }
        let order = |a: &Tree, b: &Tree| (b.y, a.x).partial_cmp(&(a.y, b.x)).unwrap();
        tiled.sort_by(order);
        assert_eq!(tiled, all);
    }

    #[test]
    fn equal_heights_fall_to_the_north_west() {
        let flat = par_free(FRAME, |x, y| {
            if (x - 1030.0).abs() < 1.0 && (y - 2030.0).abs() < 1.0 { 5.0 } else { f64::NAN }
        });
        let found = trees(&flat, None, &FRAME, &CrownParams::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].x, found[0].y, found[0].area), (1029.25, 2030.75, 4.0));
    }

    #[test]
    fn a_base_is_low_in_the_crown_but_not_its_lowest_cell() {
        let grid = scene(FRAME, &[&dome(1030.25, 2030.25, 3.0, 10.0, 5.0)]);
        let coarse = Frame { cell: Metres(1.0), rows: 60, cols: 60, ..FRAME };
        let base = par_free(coarse, |x, _| {
            if x < 1028.0 {
                2.0
            } else if x < 1029.0 {
                3.0
            } else {
                4.0
            }
        });
        let found = trees(&grid, Some(&base), &FRAME, &CrownParams::default());
        assert_eq!(found[0].base, Some(3.0));
    }
}
