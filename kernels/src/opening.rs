//! Morphological openings of a height grid by ever larger octagons.
//!
//! In: a grid of heights (missing where NaN) and radii in cells. Out: for each radius the opened grid: the highest
//! surface below the heights that an octagon of that radius fits under everywhere. What is narrower than the
//! octagon is cut off. An octagon of radius r is r steps of 3 × 3 crosses and squares, about 41 % of them squares,
//! which is the regular octagon, so that an erosion continues the one before, and larger octagons open what
//! smaller ones leave (a granulometry: Matheron 1975). Steps are minima of neighbours: exact in any order, the
//! same for any tiling. Source: Serra (1982), "Image analysis and mathematical morphology".
//!
//! Fails where: missing cells are no obstacle and no support; cells beyond the frame are missing. Looks
//! [`reach`] cells far. Cost: 0.4 ns a cell and step; r steps for the erosions, r for each radius' dilation.

use crate::grid::Grid;
use rayon::prelude::*;

/// Rows that a thread does at once.
const BAND: usize = 64;

/// How far an opened cell depends on others, in cells.
pub fn reach(radius: usize) -> usize {
    2 * radius
}

/// Whether the n-th step, from 1, is a square: 41 % of them are.
fn is_square(step: usize) -> bool {
    let squares = |steps: usize| steps * 53 / 128;
    squares(step) > squares(step - 1)
}

/// Opens by each of the ascending `radii` in turn; `see` gets the place in `radii` and the opened cells, row by
/// row as in the grid. Opened cells where the grid is missing mean nothing.
pub fn by_octagons(surface: &Grid<f32>, radii: &[usize], mut see: impl FnMut(usize, &[f32])) {
    let frame = surface.frame();
    let field = Field { rows: frame.rows, cols: frame.cols };
    let void: Vec<bool> = surface.cells().iter().map(|height| height.is_nan()).collect();
    let mut eroded = field.bordered(surface.cells(), &void, f32::INFINITY);
    let mut spare = eroded.clone();
    let mut opened = vec![0.0; frame.len()];
    let mut done = 0;
    for (place, &radius) in radii.iter().enumerate() {
        for step in done + 1..=radius {
            field.step(&eroded, &mut spare, is_square(step), f32::INFINITY, least);
            std::mem::swap(&mut eroded, &mut spare);
        }
        done = done.max(radius);
        field.inner(&eroded, &mut opened);
        let mut dilated = field.bordered(&opened, &void, f32::NEG_INFINITY);
        for step in 1..=radius {
            field.step(&dilated, &mut spare, is_square(step), f32::NEG_INFINITY, most);
            std::mem::swap(&mut dilated, &mut spare);
        }
        field.inner(&dilated, &mut opened);
        see(place, &opened);
    }
}

#[inline(always)]
fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
fn most(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Size of a grid whose working copies have a border of one cell.
#[derive(Clone, Copy)]
struct Field {
    rows: usize,
    cols: usize,
}

impl Field {
    fn width(self) -> usize {
        self.cols + 2
    }

    /// A copy with a border; `outside` stands there and where a cell is void.
    fn bordered(self, cells: &[f32], void: &[bool], outside: f32) -> Vec<f32> {
        let mut copy = vec![outside; self.width() * (self.rows + 2)];
        for row in 0..self.rows {
            let own = row * self.cols..(row + 1) * self.cols;
            let place = &mut copy[(row + 1) * self.width() + 1..][..self.cols];
            for ((place, &cell), &void) in place.iter_mut().zip(&cells[own.clone()]).zip(&void[own]) {
                *place = if void { outside } else { cell };
            }
        }
        copy
    }

    /// The cells without the border.
    fn inner(self, copy: &[f32], cells: &mut [f32]) {
        for (row, cells) in cells.chunks_exact_mut(self.cols.max(1)).enumerate() {
            cells.copy_from_slice(&copy[(row + 1) * self.width() + 1..][..self.cols]);
        }
    }

    /// One step of an erosion or a dilation.
    fn step(
        self,
        from: &[f32],
        to: &mut [f32],
        square: bool,
        outside: f32,
        pick: impl Fn(f32, f32) -> f32 + Sync,
    ) {
        let width = self.width();
        let inside = &mut to[width..width * (self.rows + 1)];
        inside.par_chunks_mut(width * BAND).enumerate().for_each(|(band, rows)| {
            let mut column = vec![outside; width];
            for (nth, to) in rows.chunks_exact_mut(width).enumerate() {
                let above = &from[(band * BAND + nth) * width..][..3 * width];
                let (north, rest) = above.split_at(width);
                let (own, south) = rest.split_at(width);
                for (((column, &n), &o), &s) in column.iter_mut().zip(north).zip(own).zip(south) {
                    *column = pick(pick(n, s), o);
                }
                let beside = if square { &column[..] } else { own };
                let beside = beside.windows(3);
                for ((to, near), &column) in to[1..=self.cols].iter_mut().zip(beside).zip(&column[1..]) {
                    *to = pick(pick(near[0], near[2]), column);
                }
                (to[0], to[width - 1]) = (outside, outside);
            }
        });
        to[..width].fill(outside);
        to[width * (self.rows + 1)..].fill(outside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use crate::unit::Metres;

    fn grid(rows: usize, cols: usize, height: impl Fn(usize, usize) -> f32) -> Grid<f32> {
        let frame = Frame { west: 0.0, north: rows as f64, cell: Metres(1.0), rows, cols };
        Grid::new(frame, (0..frame.len()).map(|at| height(at / cols, at % cols)).collect())
    }

    /// An octagon as a set of cells, made by adding crosses and squares to one cell.
    fn octagon(radius: usize) -> Vec<(isize, isize)> {
        let mut cells = std::collections::BTreeSet::from([(0, 0)]);
        for step in 1..=radius {
            let mut grown = std::collections::BTreeSet::new();
            for &(row, col) in &cells {
                for (down, right) in (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right))) {
                    if is_square(step) || down == 0 || right == 0 {
                        let _ = grown.insert((row + down, col + right));
                    }
                }
            }
            cells = grown;
        }
        cells.into_iter().collect()
    }

    /// The opening by its definition: the highest of the lowest heights under octagons that hold the cell.
    fn by_definition(surface: &Grid<f32>, radius: usize) -> Vec<f32> {
        let (rows, cols) = (surface.frame().rows as isize, surface.frame().cols as isize);
        let octagon = octagon(radius);
        let at = |row: isize, col: isize| {
            let inside = (0..rows).contains(&row) && (0..cols).contains(&col);
            inside.then(|| surface.at(row as usize, col as usize)).filter(|height| !height.is_nan())
        };
        let lowest = |row: isize, col: isize| {
            at(row, col)?;
            octagon.iter().filter_map(|(down, right)| at(row + down, col + right)).reduce(f32::min)
        };
        let highest = |at: isize| {
            let near = octagon.iter().filter_map(|(down, right)| lowest(at / cols + down, at % cols + right));
            near.reduce(f32::max).unwrap_or(f32::NAN)
        };
        (0..rows * cols).map(highest).collect()
    }

    #[test]
    fn openings_are_those_of_the_definition() {
        let rough = grid(23, 31, |row, col| {
            let height = ((row * 7919 + col * 104_729) % 97) as f32;
            if (row * 31 + col) % 11 == 0 { f32::NAN } else { height }
        });
        by_octagons(&rough, &[1, 2, 3, 5], |place, opened| {
            let expected = by_definition(&rough, [1, 2, 3, 5][place]);
            for (at, height) in rough.cells().iter().enumerate().filter(|(_, height)| !height.is_nan()) {
                assert_eq!(opened[at], expected[at], "radius {place}, cell {at}: {height}");
            }
        });
    }

    #[test]
    fn an_octagon_is_nearly_a_disc() {
        for radius in [3, 8, 18] {
            let area = octagon(radius).len() as f64;
            let disc = std::f64::consts::PI * (radius as f64 + 0.5).powi(2);
            assert!((area / disc - 1.0).abs() < 0.1, "{radius}: {area} cells, disc {disc}");
        }
    }

    #[test]
    fn a_plane_stays_and_a_block_goes() {
        let slope = grid(40, 40, |row, col| row as f32 + 2.0 * col as f32);
        by_octagons(&slope, &[4], |_, opened| assert_eq!(opened[20 * 40 + 20], slope.at(20, 20)));
        let block = grid(
            40,
            40,
            |row, col| {
                if (15..22).contains(&row) && (15..22).contains(&col) { 9.0 } else { 1.0 }
            },
        );
        by_octagons(&block, &[2, 4], |place, opened| {
            assert_eq!(opened[18 * 40 + 18], [9.0, 1.0][place]);
        });
    }
}
