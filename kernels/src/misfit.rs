//! How far an image lies beside the roofs that the laser saw.
//!
//! In: which cells are roofs, where the ground beside them was seen, and the hue and greenness of the image (brightness has
//! edges at shadows too), on one frame. Out: the shift at which the image changes most along the edges of the roofs
//! (cross-correlation of edges; Barnea & Silverman 1972, 10.1109/TC.1972.5008923), with fractions by a parabola. It looks
//! [`REACH`] cells far.
//!
//! **When it is believed:** the edges are parted into squares of `BLOCK` cells, a roof or two each. The best shift must beat
//! no shift by `CLEAR` standard errors over the squares, which are taken as independent (a paired t-test, Student 1908),
//! and both halves of the squares, taken as on a chessboard, must find about the same one. Else, where no shift is among the best, the
//! image is in place; where squares are few or disagree, nothing can be told.
//!
//! Fails where: roofs lean over their walls in the image (no true orthophoto) by as much as the shift. Cost: 169 sums over
//! the edges.

use crate::grid::Grid;
use std::collections::BTreeMap;

/// Cells to each side that are tried.
pub const REACH: isize = 6;

/// Side of a square of edges that vote together, cells.
const BLOCK: usize = 24;

/// Edge cells that a square must have.
const LEAST: usize = 16;

/// Squares that a judgement needs.
const SQUARES: usize = 8;

/// Standard errors by which a shift must beat none.
const CLEAR: f64 = 4.0;

/// How far the shifts of both halves may lie apart, cells.
const APART: f64 = 1.5;

/// Standard deviations by which the best shift must stand out from all that are tried.
const PEAK: f64 = 2.0;

/// How far the image lies beside the roofs, in the unit of the frame; none is (0, 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// To the east.
    pub east: f64,
    /// To the north.
    pub north: f64,
}

/// What the laser and the image show, on one frame.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Cells of roofs.
    pub roofs: &'a Grid<bool>,
    /// Cells where the ground was seen: a roof's edge beside them is free of trees.
    pub open: &'a Grid<bool>,
    /// Hue of the image; missing where it shows nothing.
    pub tint: &'a Grid<f32>,
    /// Greenness of the image; missing where it shows nothing.
    pub green: &'a Grid<f32>,
}

/// Finds the shift of the image; `None` where it cannot be told.
///
/// # Panics
/// Where the grids are not of one frame.
pub fn shift(scene: &Scene<'_>) -> Option<Shift> {
    let frame = *scene.roofs.frame();
    let others = [*scene.open.frame(), *scene.tint.frame(), *scene.green.frame()];
    assert!(others.iter().all(|other| *other == frame), "roofs and image lie on one frame");
    let change = changes(scene);
    let mut squares: BTreeMap<(usize, usize), Vec<(isize, isize)>> = BTreeMap::new();
    for (row, col) in edges(scene) {
        squares.entry((row / BLOCK, col / BLOCK)).or_default().push((row as isize, col as isize));
    }
    let squares: Vec<Square> = squares
        .into_iter()
        .filter(|(_, edges)| edges.len() >= LEAST)
        .filter_map(|((row, col), edges)| {
            Some(Square { white: (row + col) % 2 == 0, scores: scores(&edges, &change)? })
        })
        .collect();
    if squares.len() < SQUARES {
        return None;
    }
    let best = Peak::of(squares.iter(), true)?;
    // Half of the roofs may have something bright at just the distance of the rim; all of them have not.
    let own = Peak::of(squares.iter().filter(|square| square.white), false)?;
    let other = Peak::of(squares.iter().filter(|square| !square.white), false)?;
    let agree = (own.east - other.east).hypot(own.south - other.south) <= APART;
    if !agree || best.stands_out < PEAK {
        return None;
    }
    let cell = frame.cell.0;
    // Within a cell of its place no shift is surely better than none.
    if best.place == MIDDLE || clear(&squares, best.place) >= CLEAR {
        return Some(Shift { east: best.east * cell, north: -best.south * cell });
    }
    None
}

/// Shifts that are tried, and the place of no shift among them.
const SIDE: usize = 2 * REACH as usize + 1;
const MIDDLE: usize = SIDE * SIDE / 2;

/// The edges of some roofs: how much the image changes along them, by shift.
struct Square {
    white: bool,
    scores: Vec<f64>,
}

/// The best shift, cells.
struct Peak {
    place: usize,
    east: f64,
    south: f64,
    /// Standard deviations above the mean of all shifts.
    stands_out: f64,
}

impl Peak {
    /// The best shift of some squares: of all that are tried, `None` where it lies on their `rim`, for it may climb on
    /// beyond; or of those within the rim only.
    fn of<'a>(squares: impl Iterator<Item = &'a Square>, rim: bool) -> Option<Peak> {
        let mut scores = vec![0.0; SIDE * SIDE];
        for square in squares {
            scores.iter_mut().zip(&square.scores).for_each(|(sum, score)| *sum += score);
        }
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let spread = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / scores.len() as f64;
        let on_rim =
            |place: usize| [place / SIDE, place % SIDE].iter().any(|step| *step == 0 || *step == SIDE - 1);
        let tried = (0..scores.len()).filter(|place| rim || !on_rim(*place));
        let best = tried.max_by(|&a, &b| scores[a].total_cmp(&scores[b]))?;
        let (down, right) = (best / SIDE, best % SIDE);
        if on_rim(best) || spread <= 0.0 {
            return None;
        }
        let at = |down: usize, right: usize| scores[down * SIDE + right];
        let off = |step: usize| step as f64 - REACH as f64;
        Some(Peak {
            place: best,
            south: off(down) + peak(at(down - 1, right), scores[best], at(down + 1, right)),
            east: off(right) + peak(at(down, right - 1), scores[best], at(down, right + 1)),
            stands_out: (scores[best] - mean) / spread.sqrt(),
        })
    }
}

/// By how many standard errors over the squares a shift is better than none.
fn clear(squares: &[Square], place: usize) -> f64 {
    let gains: Vec<f64> = squares.iter().map(|square| square.scores[place] - square.scores[MIDDLE]).collect();
    let count = gains.len() as f64;
    let mean = gains.iter().sum::<f64>() / count;
    let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (count - 1.0);
    if variance > 0.0 { mean / (variance / count).sqrt() } else { 0.0 }
}

/// Cells of roofs beside open ground, far enough inside to be shifted.
fn edges(scene: &Scene<'_>) -> Vec<(usize, usize)> {
    let frame = scene.roofs.frame();
    let margin = REACH as usize + 1;
    let mut edges = Vec::new();
    for row in margin..frame.rows.saturating_sub(margin) {
        for col in margin..frame.cols.saturating_sub(margin) {
            let around = [(row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)];
            let free = |&(r, c): &(usize, usize)| !scene.roofs.at(r, c) && scene.open.at(r, c);
            if scene.roofs.at(row, col) && around.iter().any(free) {
                edges.push((row, col));
            }
        }
    }
    edges
}

/// How much hue and greenness change at each cell; missing at the rim and where they are missing beside.
fn changes(scene: &Scene<'_>) -> Grid<f32> {
    let frame = *scene.tint.frame();
    crate::par::rows(frame, f32::NAN, |row, cells| {
        if row == 0 || row + 1 >= frame.rows {
            return;
        }
        let inner = cells.iter_mut().enumerate().take(frame.cols.saturating_sub(1)).skip(1);
        for (col, cell) in inner {
            let change = |grid: &Grid<f32>| {
                let across = grid.at(row, col + 1) - grid.at(row, col - 1);
                let along = grid.at(row + 1, col) - grid.at(row - 1, col);
                // Bounded, so that a glaring pixel is not the whole answer.
                across.hypot(along).min(0.5)
            };
            *cell = change(scene.tint) + change(scene.green);
        }
    })
}

/// The mean change along edges by shift, in standard deviations of all that are tried, so that no glaring roof decides
/// for all; `None` where the image does not show them all, or nothing of them.
fn scores(edges: &[(isize, isize)], change: &Grid<f32>) -> Option<Vec<f64>> {
    let mut scores = Vec::with_capacity(SIDE * SIDE);
    for down in -REACH..=REACH {
        for right in -REACH..=REACH {
            let along = edges
                .iter()
                .map(|(row, col)| f64::from(change.at((row + down) as usize, (col + right) as usize)));
            let mean = along.sum::<f64>() / edges.len() as f64;
            scores.push(Some(mean).filter(|mean| !mean.is_nan())?);
        }
    }
    let count = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
    (spread > 0.0).then(|| scores.iter().map(|score| (score - mean) / spread).collect())
}

/// Where a parabola through three values has its top, from the middle one.
fn peak(before: f64, top: f64, after: f64) -> f64 {
    let bend = before - 2.0 * top + after;
    if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use crate::unit::Metres;

    const FRAME: Frame = Frame { west: 0.0, north: 120.0, cell: Metres(1.0), rows: 120, cols: 120 };

    fn town(down: usize, right: usize) -> Grid<bool> {
        let roof = |row: usize, col: usize| (row + 200 - down) % 30 < 13 && (col + 200 - right) % 24 < 9;
        Grid::new(FRAME, (0..FRAME.len()).map(|at| roof(at / 120, at % 120)).collect())
    }

    fn judged(tint: &Grid<f32>) -> Option<Shift> {
        let (roofs, open) = (town(0, 0), Grid::filled(FRAME, true));
        let green = Grid::filled(FRAME, 0.1);
        shift(&Scene { roofs: &roofs, open: &open, tint, green: &green })
    }

    fn noise(at: usize, seed: usize) -> f32 {
        let mixed = (at as u32 ^ (seed as u32).wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B);
        let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
        ((mixed ^ (mixed >> 16)) >> 8) as f32 / (1 << 24) as f32
    }

    #[test]
    fn a_shifted_image_is_found_and_one_in_place_is_not_moved() {
        for (down, right) in [(0, 0), (0, 1), (3, 0), (2, 4)] {
            let moved = town(down, right);
            let cells = moved.cells().iter().enumerate();
            let tint = cells.map(|(at, roof)| if *roof { 0.3 } else { 0.1 } + 0.1 * noise(at, 1)).collect();
            let shift = judged(&Grid::new(FRAME, tint)).unwrap();
            let off = (shift.east - right as f64).abs().max((shift.north + down as f64).abs());
            assert!(off < 0.6, "{down} {right}: {shift:?}");
        }
    }

    #[test]
    fn an_image_that_shows_no_roof_is_never_called_shifted() {
        for seed in 0..50 {
            let grain = Grid::new(FRAME, (0..FRAME.len()).map(|at| noise(at, seed)).collect());
            let found = judged(&grain);
            assert!(found.is_none_or(|found| found.east.hypot(found.north) < 0.75), "{seed}: {found:?}");
        }
        assert_eq!(judged(&Grid::filled(FRAME, 0.2)), None, "flat");
    }
}
