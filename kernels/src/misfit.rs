//! How far an image lies beside the roofs that the laser saw.
//!
//! In: which cells are roofs, and the hue of the image (brightness has edges at shadows too), on one frame. Out: the shift at which the image changes
//! most along the edges of the roofs (cross-correlation of edges; Barnea & Silverman 1972, 10.1109/TC.1972.5008923), with
//! fractions by a parabola; `None` where there are few edges, or no shift stands out. It looks [`REACH`] cells far.
//! Fails where: roofs lean over their walls in the image (no true orthophoto) by as much as the shift. Cost: 169 sums over
//! the edges.

use crate::grid::Grid;

/// Cells to each side that are tried.
pub const REACH: isize = 6;

/// Edge cells that make a correlation.
const LEAST: usize = 300;

/// Standard deviations by which the best shift must stand out.
const CLEAR: f64 = 3.0;

/// How far the image lies beside the roofs, in the unit of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// To the east.
    pub east: f64,
    /// To the north.
    pub north: f64,
}

/// Finds the shift of the image.
///
/// # Panics
/// Where both grids are not of one frame.
pub fn shift(roofs: &Grid<bool>, tint: &Grid<f32>) -> Option<Shift> {
    let frame = *roofs.frame();
    assert!(frame == *tint.frame(), "roofs and image lie on one frame");
    let edges = edges(roofs);
    if edges.len() < LEAST {
        return None;
    }
    let change = changes(tint);
    let side = 2 * REACH + 1;
    let mut scores = Vec::with_capacity((side * side) as usize);
    for down in -REACH..=REACH {
        for right in -REACH..=REACH {
            scores.push(score(&edges, &change, down, right)?);
        }
    }
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let spread =
        (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / scores.len() as f64).sqrt();
    let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]))?;
    if scores[best] < mean + CLEAR * spread {
        return None;
    }
    let (down, right) = (best as isize / side, best as isize % side);
    // On the rim of what is tried, it may climb on beyond: no shift is found.
    if [down, right].iter().any(|step| *step == 0 || *step == side - 1) {
        return None;
    }
    let at = |down: isize, right: isize| {
        let inside = (0..side).contains(&down) && (0..side).contains(&right);
        inside.then(|| scores[(down * side + right) as usize])
    };
    let south = (down - REACH) as f64 + peak(at(down - 1, right), scores[best], at(down + 1, right));
    let east = (right - REACH) as f64 + peak(at(down, right - 1), scores[best], at(down, right + 1));
    Some(Shift { east: east * frame.cell.0, north: -south * frame.cell.0 })
}

/// Cells of roofs beside cells that are none, far enough inside to be shifted.
fn edges(roofs: &Grid<bool>) -> Vec<(isize, isize)> {
    let frame = roofs.frame();
    let margin = REACH as usize + 1;
    let mut edges = Vec::new();
    for row in margin..frame.rows.saturating_sub(margin) {
        for col in margin..frame.cols.saturating_sub(margin) {
            let around = [
                roofs.at(row - 1, col),
                roofs.at(row + 1, col),
                roofs.at(row, col - 1),
                roofs.at(row, col + 1),
            ];
            if roofs.at(row, col) && around.contains(&false) {
                edges.push((row as isize, col as isize));
            }
        }
    }
    edges
}

/// How much the hue changes at each cell; missing at the rim and where it is missing beside.
fn changes(tint: &Grid<f32>) -> Grid<f32> {
    let frame = *tint.frame();
    crate::par::rows(frame, f32::NAN, |row, cells| {
        if row == 0 || row + 1 >= frame.rows {
            return;
        }
        let inner = cells.iter_mut().enumerate().take(frame.cols.saturating_sub(1)).skip(1);
        for (col, cell) in inner {
            let across = tint.at(row, col + 1) - tint.at(row, col - 1);
            let along = tint.at(row + 1, col) - tint.at(row - 1, col);
            // Bounded, so that a glaring pixel is not the whole answer.
            *cell = across.hypot(along).min(1.0);
        }
    })
}

fn score(edges: &[(isize, isize)], change: &Grid<f32>, down: isize, right: isize) -> Option<f64> {
    let (mut sum, mut count) = (0.0_f64, 0_usize);
    for (row, col) in edges {
        let change = change.at((row + down) as usize, (col + right) as usize);
        if !change.is_nan() {
            sum += f64::from(change);
            count += 1;
        }
    }
    (count >= LEAST).then(|| sum / count as f64)
}

/// Where a parabola through three values has its top, from the middle one.
fn peak(before: Option<f64>, top: f64, after: Option<f64>) -> f64 {
    let (Some(before), Some(after)) = (before, after) else { return 0.0 };
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

    #[test]
    fn a_shifted_image_is_found_and_one_in_place_is_not_moved() {
        let grain = |at: usize| ((at * 7919) % 97) as f32 / 970.0;
        for (down, right) in [(0, 0), (3, 0), (2, 4)] {
            let moved = town(down, right);
            let light =
                moved.cells().iter().enumerate().map(|(at, roof)| if *roof { 1.2 } else { 0.6 } + grain(at));
            let light = Grid::new(FRAME, light.collect());
            let shift = shift(&town(0, 0), &light).unwrap();
            assert!(
                (shift.east - right as f64).abs() < 0.6 && (shift.north + down as f64).abs() < 0.6,
                "{shift:?}"
            );
        }
    }

    #[test]
    fn an_image_that_shows_no_roof_tells_nothing() {
        let grain = Grid::new(FRAME, (0..FRAME.len()).map(|at| ((at * 7919) % 97) as f32 / 97.0).collect());
        let found = shift(&town(0, 0), &grain);
        assert!(found.is_none(), "{found:?}");
    }
}
