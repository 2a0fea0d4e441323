//! Room inside of a set of cells: how far each place is from its border, the largest disc, where a wide thing fits.
//!
//! In: which cells of a window are inside (what lies around the window is outside). Out: exact Euclidean distances at
//! the corners, edges and centres of cells, the largest disc, the cells that a disc of some radius covers without
//! leaving (morphological opening), and whether a way of some width leads from one set to another. Cells are closed
//! squares, so that a strip of twelve cells holds a disc of radius six: distances are taken on the lattice of half cells,
//! where the nearest place of a square is a place of the lattice.
//!
//! Source: exact distance transform by lower envelopes, Felzenszwalb & Huttenlocher 2012
//! (10.4086/toc.2012.v008a019); opening, Serra 1982. Fails where: a border that is slanted is a staircase, half a cell
//! off. Cost: 60 ns a cell of the window for each distance map.

/// A set of cells in a window, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// Rows of the window.
    pub rows: usize,
    /// Columns of the window.
    pub cols: usize,
    /// Which are inside.
    pub inside: Vec<bool>,
}

/// Squared distances, in half cells, at the places of the half-cell lattice: `2 rows + 1` by `2 cols + 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    rows: usize,
    cols: usize,
    squares: Vec<u32>,
}

/// A disc: centre in cells from the window's north-west corner (row, column), radius in cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disc {
    /// Centre: southwards, eastwards.
    pub centre: (f64, f64),
    /// Radius.
    pub radius: f64,
}

/// Farther than any place of a window.
const FAR: u32 = u32::MAX;

impl Cells {
    /// The cells of a window that a rule picks, by row and column.
    pub fn of(rows: usize, cols: usize, pick: impl Fn(usize, usize) -> bool) -> Cells {
        let inside = (0..rows * cols).map(|at| pick(at / cols, at % cols)).collect();
        Cells { rows, cols, inside }
    }

    /// Number of cells inside.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// Distance of each place from what is outside.
    pub fn room(&self) -> Room {
        let (rows, cols) = (2 * self.rows + 1, 2 * self.cols + 1);
        let mut squares = vec![FAR; rows * cols];
        for row in 0..rows {
            for col in 0..cols {
                if self.touches_outside(row, col) {
                    squares[row * cols + col] = 0;
                }
            }
        }
        transform(&mut squares, rows, cols);
        Room { rows, cols, squares }
    }

    /// Whether a place of the half-cell lattice belongs to a closed cell that is outside.
    fn touches_outside(&self, row: usize, col: usize) -> bool {
        let near = |at: usize, most: usize| {
            let first = if at % 2 == 0 { (at / 2).checked_sub(1) } else { Some(at / 2) };
            let last = (at / 2 < most).then_some(at / 2);
            (first, last)
        };
        let (rows, cols) = (near(row, self.rows), near(col, self.cols));
        let out = |row: Option<usize>, col: Option<usize>| match (row, col) {
            (Some(row), Some(col)) => !self.inside[row * self.cols + col],
            _ => true,
        };
        out(rows.0, cols.0) || out(rows.0, cols.1) || out(rows.1, cols.0) || out(rows.1, cols.1)
    }

    /// The cells whose centre a disc of this radius (cells) reaches without leaving the set.
    pub fn opened(&self, radius: f64) -> Cells {
        let room = self.room();
        let least = (4.0 * radius * radius - 1e-9).ceil() as u32;
        let mut squares: Vec<u32> =
            room.squares.iter().map(|&square| if square >= least { 0 } else { FAR }).collect();
        transform(&mut squares, room.rows, room.cols);
        let near = (4.0 * radius * radius + 1e-9).floor() as u32;
        let centre = |row: usize, col: usize| squares[(2 * row + 1) * room.cols + 2 * col + 1];
        Cells::of(self.rows, self.cols, |row, col| {
            self.inside[row * self.cols + col] && centre(row, col) <= near
        })
    }

    /// The cells within this distance (cells) of a cell of the set, centre to nearest place of it.
    pub fn grown(&self, by: f64) -> Cells {
        let inverse = Cells::of(self.rows, self.cols, |row, col| !self.inside[row * self.cols + col]);
        let most = (4.0 * by * by + 1e-9).floor() as u32;
        let (rows, cols) = (2 * self.rows + 1, 2 * self.cols + 1);
        let mut squares = vec![FAR; rows * cols];
        for row in 0..rows {
            for col in 0..cols {
                // What is around the window is no cell of the set.
                if self.touches(&inverse, row, col) {
                    squares[row * cols + col] = 0;
                }
            }
        }
        transform(&mut squares, rows, cols);
        Cells::of(self.rows, self.cols, |row, col| squares[(2 * row + 1) * cols + 2 * col + 1] <= most)
    }

    fn touches(&self, inverse: &Cells, row: usize, col: usize) -> bool {
        let border = row == 0 || col == 0 || row == 2 * self.rows || col == 2 * self.cols;
        if !border {
            return inverse.touches_outside(row, col);
        }
        let rows = [row.checked_sub(1), Some(row)].map(|row| row.map(|row| row / 2));
        let cols = [col.checked_sub(1), Some(col)].map(|col| col.map(|col| col / 2));
        rows.iter().flatten().any(|&row| {
            cols.iter()
                .flatten()
                .any(|&col| row < self.rows && col < self.cols && self.inside[row * self.cols + col])
        })
    }

    /// Whether a way this wide (cells) leads inside of the set from one of its subsets to another.
    pub fn leads(&self, from: &Cells, to: &Cells, width: f64) -> bool {
        let room = self.room();
        let least = (width * width - 1e-9).ceil().max(1.0) as u32;
        let open = |at: usize| room.squares[at] >= least;
        let mut seen = vec![false; room.squares.len()];
        let mut queue = room.centres(from);
        queue.retain(|&at| open(at));
        queue.iter().for_each(|&at| seen[at] = true);
        let mut goal = vec![false; room.squares.len()];
        room.centres(to).into_iter().for_each(|at| goal[at] = true);
        while let Some(at) = queue.pop() {
            if goal[at] {
                return true;
            }
            for next in room.around(at) {
                if !seen[next] && open(next) {
                    seen[next] = true;
                    queue.push(next);
                }
            }
        }
        false
    }
}

impl Room {
    /// The largest disc; the northernmost, then westernmost of equal ones; `None` where nothing is inside.
    pub fn disc(&self) -> Option<Disc> {
        let best = self
            .squares
            .iter()
            .enumerate()
            .fold((0, 0), |best, (at, &square)| if square > best.1 { (at, square) } else { best });
        (best.1 > 0).then(|| Disc {
            centre: ((best.0 / self.cols) as f64 / 2.0, (best.0 % self.cols) as f64 / 2.0),
            radius: f64::from(best.1).sqrt() / 2.0,
        })
    }

    /// Places of the centres of cells of a set.
    fn centres(&self, cells: &Cells) -> Vec<usize> {
        let inside = (0..cells.inside.len()).filter(|&at| cells.inside[at]);
        inside.map(|at| (2 * (at / cells.cols) + 1) * self.cols + 2 * (at % cells.cols) + 1).collect()
    }

    fn around(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        let (row, col, rows, cols) = (at / self.cols, at % self.cols, self.rows, self.cols);
        let up = (row > 0).then(|| at - cols);
        let down = (row + 1 < rows).then_some(at + cols);
        let left = (col > 0).then(|| at - 1);
        let right = (col + 1 < cols).then_some(at + 1);
        [up, left, right, down].into_iter().flatten()
    }
}

/// Distances, squared, from the places that are 0; [`FAR`] where there is none.
fn transform(squares: &mut [u32], rows: usize, cols: usize) {
    let mut envelope = Envelope::default();
    let mut line = vec![0; rows.max(cols)];
    for col in 0..cols {
        let column = &mut line[..rows];
        (0..rows).for_each(|row| column[row] = squares[row * cols + col]);
        envelope.lower(column);
        (0..rows).for_each(|row| squares[row * cols + col] = column[row]);
    }
    squares.chunks_exact_mut(cols).for_each(|row| envelope.lower(row));
}

/// Parabolas whose lowest parts make up the distance along a line.
#[derive(Default)]
struct Envelope {
    feet: Vec<usize>,
    heights: Vec<u32>,
    starts: Vec<f64>,
}

impl Envelope {
    fn lower(&mut self, line: &mut [u32]) {
        let Envelope { feet, heights, starts } = self;
        feet.clear();
        heights.clear();
        starts.clear();
        for (at, &height) in line.iter().enumerate().filter(|(_, height)| **height != FAR) {
            let mut start = f64::NEG_INFINITY;
            while let (Some(&foot), Some(&other), Some(&from)) = (feet.last(), heights.last(), starts.last())
            {
                let square = |x: usize| (x * x) as f64;
                start = (f64::from(height) + square(at) - f64::from(other) - square(foot))
                    / (2 * (at - foot)) as f64;
                if start > from {
                    break;
                }
                feet.pop();
                heights.pop();
                starts.pop();
                start = f64::NEG_INFINITY;
            }
            feet.push(at);
            heights.push(height);
            starts.push(start);
        }
        let mut part = 0;
        for (at, value) in line.iter_mut().enumerate() {
            while starts.get(part + 1).is_some_and(|&start| start < at as f64) {
                part += 1;
            }
            let Some(&foot) = feet.get(part) else { continue };
            let away = at.abs_diff(foot) as u32;
            *value = away * away + heights[part];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(rows: usize, cols: usize, inner: [usize; 4]) -> Cells {
        let [top, left, bottom, right] = inner;
        Cells::of(rows, cols, |row, col| (top..bottom).contains(&row) && (left..right).contains(&col))
    }

    #[test]
    fn a_square_of_thirty_cells_holds_a_disc_of_radius_fifteen() {
        let disc = block(40, 40, [5, 5, 35, 35]).room().disc().unwrap();
        assert_eq!((disc.centre, disc.radius), ((20.0, 20.0), 15.0));
        let whole = Cells::of(7, 7, |_, _| true).room().disc().unwrap();
        assert_eq!((whole.centre, whole.radius), ((3.5, 3.5), 3.5));
        assert_eq!(Cells::of(4, 4, |_, _| false).room().disc(), None);
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            state >> 60 > 3
        };
        let picks: Vec<bool> = (0..13 * 17).map(|_| next()).collect();
        let cells = Cells { rows: 13, cols: 17, inside: picks };
        let room = cells.room();
        for row in 0..room.rows {
            for col in 0..room.cols {
                let mut best = FAR;
                for (r, c) in (0..room.rows).flat_map(|r| (0..room.cols).map(move |c| (r, c))) {
                    if cells.touches_outside(r, c) {
                        let (dr, dc) = (r.abs_diff(row) as u32, c.abs_diff(col) as u32);
                        best = best.min(dr * dr + dc * dc);
                    }
                }
                assert_eq!(room.squares[row * room.cols + col], best);
            }
        }
    }

    #[test]
    fn a_strip_of_twelve_is_wide_enough_and_one_of_eleven_is_not() {
        assert_eq!(block(20, 60, [4, 5, 15, 55]).opened(6.0).count(), 0);
        let strip = block(20, 60, [4, 5, 16, 55]).opened(6.0);
        // A stadium of 50 × 12: only the corners outside of the half discs are lost.
        let stadium = 38.0 * 12.0 + std::f64::consts::PI * 36.0;
        assert!((strip.count() as f64 - stadium).abs() < 6.0, "{} {stadium}", strip.count());
    }

    #[test]
    fn a_way_leads_where_it_is_wide_enough() {
        // Two rooms and a gate of three cells between them.
        let cells = Cells::of(11, 21, |row, col| {
            (1..10).contains(&row) && (1..20).contains(&col) && (col != 10 || (4..7).contains(&row))
        });
        let (from, to) = (block(11, 21, [5, 3, 6, 4]), block(11, 21, [5, 16, 6, 17]));
        assert!(cells.leads(&from, &to, 3.0) && !cells.leads(&from, &to, 3.5));
    }

    #[test]
    fn growth_is_by_the_nearest_place() {
        let grown = block(21, 21, [10, 10, 11, 11]).grown(3.0);
        // Centres within 3 of a unit square: in its rows and columns 2 on each side, and the corners' arcs.
        assert!(grown.inside[10 * 21 + 13] && !grown.inside[10 * 21 + 14]);
        assert!(grown.inside[12 * 21 + 12] && !grown.inside[13 * 21 + 13]);
        let border = block(5, 5, [0, 0, 1, 1]).grown(1.0);
        assert_eq!(border.count(), 4);
    }
}
