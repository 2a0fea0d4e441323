//! Lines along which a map has one value.
//!
//! In: a grid, strip by strip from the north, and a level; out: polylines through the squares between cell centres, the
//! higher side on the left of their course, closed ones with their first place again at the end. Marching squares (Lorensen & Cline 1987, 10.1145/37402.37422, in two dimensions); a saddle is settled by the mean of its corners. Pieces
//! are joined by the edges that they cross, which are whole numbers: no strip and no rounding tears a line. Fails
//! where: a corner is missing: no line there, so that lines end at the rim of what is known. Cost: 5 ns a cell and level;
//! memory: the lines.

use crate::frame::Frame;
use crate::grid::Grid;
use std::collections::BTreeMap;

/// An edge between two neighbouring cell centres: row, column of the northern or western one, and whether it runs south.
type Edge = (usize, usize, bool);

/// Lines of one level, as their pieces come in.
#[derive(Debug)]
pub struct Isolines {
    level: f64,
    frame: Frame,
    /// From where a piece comes to where it goes.
    pieces: BTreeMap<Edge, Edge>,
    places: BTreeMap<Edge, (f64, f64)>,
}

impl Isolines {
    /// Lines of a level over a frame.
    pub fn new(frame: Frame, level: f64) -> Isolines {
        Isolines { level, frame, pieces: BTreeMap::new(), places: BTreeMap::new() }
    }

    /// Adds the squares between the rows of a strip whose first row is the frame's `first`; strips share one row.
    pub fn gather(&mut self, strip: &Grid<f32>, first: usize) {
        for row in 0..strip.frame().rows.saturating_sub(1) {
            let (north, south) = (strip.row(row), strip.row(row + 1));
            for col in 0..north.len().saturating_sub(1) {
                let corners = [north[col], north[col + 1], south[col + 1], south[col]];
                let high = corners.map(|corner| f64::from(corner) >= self.level);
                if high.iter().any(|corner| *corner != high[0]) && corners.iter().all(|c| c.is_finite()) {
                    self.square(first + row, col, corners.map(f64::from), high);
                }
            }
        }
    }

    /// The pieces of one square; its corners clockwise from the north-west.
    fn square(&mut self, row: usize, col: usize, corners: [f64; 4], high: [bool; 4]) {
        let edges = [(row, col, false), (row, col + 1, true), (row + 1, col, false), (row, col, true)];
        let (mut ups, mut downs) = (Vec::with_capacity(2), Vec::with_capacity(2));
        for side in 0..4 {
            let next = (side + 1) % 4;
            if high[side] != high[next] {
                let share = (self.level - corners[side]) / (corners[next] - corners[side]);
                let _ = self
                    .places
                    .entry(edges[side])
                    .or_insert_with(|| place(&self.frame, row, col, side, share));
                if high[next] { ups.push((side, edges[side])) } else { downs.push((side, edges[side])) }
            }
        }
        let middle_high = corners.iter().sum::<f64>() / 4.0 >= self.level;
        for (side, up) in &ups {
            // The next way down, clockwise; in a saddle whose middle is high, the one before.
            let ahead = |(other, _): &&(usize, Edge)| (other + 4 - side) % 4;
            let down = if ups.len() == 2 && middle_high {
                downs.iter().max_by_key(ahead)
            } else {
                downs.iter().min_by_key(ahead)
            };
            if let Some((_, down)) = down {
                let _ = self.pieces.insert(*up, *down);
            }
        }
    }

    /// The lines, in the order of their first edges.
    pub fn finish(mut self) -> Vec<Vec<(f64, f64)>> {
        let ends: std::collections::BTreeSet<Edge> = self.pieces.values().copied().collect();
        let open: Vec<Edge> = self.pieces.keys().filter(|start| !ends.contains(start)).copied().collect();
        let mut lines: Vec<Vec<(f64, f64)>> = open.into_iter().map(|start| self.follow(start)).collect();
        while let Some((start, _)) = self.pieces.first_key_value() {
            lines.push(self.follow(*start));
        }
        lines
    }

    fn follow(&mut self, start: Edge) -> Vec<(f64, f64)> {
        let mut line = vec![self.places[&start]];
        let mut at = start;
        while let Some(next) = self.pieces.remove(&at) {
            line.push(self.places[&next]);
            at = next;
        }
        line
    }
}

/// Where a level crosses a side of a square, `share` of the way along it, clockwise.
fn place(frame: &Frame, row: usize, col: usize, side: usize, share: f64) -> (f64, f64) {
    let (west, east, north, south) = (frame.x(col), frame.x(col + 1), frame.y(row), frame.y(row + 1));
    match side {
        0 => (west + share * (east - west), north),
        1 => (east, north + share * (south - north)),
        2 => (east + share * (west - east), south),
        _ => (west, south + share * (north - south)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Metres;

    fn frame(rows: usize, cols: usize) -> Frame {
        Frame { west: 100.0, north: 900.0, cell: Metres(10.0), rows, cols }
    }

    fn cone(side: usize) -> Grid<f32> {
        let frame = frame(side, side);
        let middle = (frame.x(side / 2), frame.y(side / 2));
        let cells = (0..side * side)
            .map(|cell| {
                let (x, y) = (frame.x(cell % side), frame.y(cell / side));
                (x - middle.0).hypot(y - middle.1) as f32
            })
            .collect();
        Grid::new(frame, cells)
    }

    /// A cone: one closed line, whose places lie on the circle but for the chord within a cell.
    #[test]
    fn the_lines_of_a_cone_are_circles_whatever_the_strips() {
        let grid = cone(41);
        let whole = |strips: &[std::ops::Range<usize>]| {
            let mut lines = Isolines::new(*grid.frame(), 105.0);
            for rows in strips {
                let part = Frame {
                    north: grid.frame().north - rows.start as f64 * 10.0,
                    rows: rows.len(),
                    ..*grid.frame()
                };
                lines.gather(&grid.cropped(&part), rows.start);
            }
            lines.finish()
        };
        let lines = whole(&[0..41]);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        let middle = (grid.frame().x(20), grid.frame().y(20));
        for (x, y) in &lines[0] {
            assert!(((x - middle.0).hypot(y - middle.1) - 105.0).abs() < 0.2);
        }
        assert_eq!(lines, whole(&[0..15, 14..30, 29..41]));
    }

    #[test]
    fn lines_end_where_nothing_is_known_and_saddles_do_not_cross() {
        let mut grid = cone(41);
        for row in 0..41 {
            grid.cells_mut()[row * 41 + 20] = f32::NAN;
        }
        let mut lines = Isolines::new(*grid.frame(), 105.0);
        lines.gather(&grid, 0);
        let lines = lines.finish();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.first() != line.last()));

        for (middle, joined) in [(0.0, 2), (3.0, 2)] {
            let cells = vec![1.0 + middle, 0.0, 0.0, 1.0 + middle];
            let mut saddle = Isolines::new(frame(2, 2), 0.9);
            saddle.gather(&Grid::new(frame(2, 2), cells), 0);
            assert_eq!(saddle.finish().len(), joined);
        }
    }
}
