//! From cells to rings: the border of a set of cells, as closed rings of lattice corners.
//!
//! In: which cells of a small window are inside. Out: rings of corners `(row, col)`, corner `(r, c)` being the
//! north-western one of cell `(r, c)`; only corners where the border turns. Seen on the map, outer rings run
//! counter-clockwise and holes clockwise: the inside lies on the left. Cells that touch at a corner only are apart
//! (4-connected), as Rosenfeld 1970 (10.1145/321556.321570) has it. Cost: a few nanoseconds a cell of the window.

/// A corner of the lattice: row and column.
pub type Corner = (i32, i32);

/// A set of cells in a window of rows and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellSet {
    /// Row of the window's first cell.
    pub row: i32,
    /// Column of the window's first cell.
    pub col: i32,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// Which are inside, row by row.
    pub inside: Vec<bool>,
}

impl CellSet {
    /// The set of these cells, in the smallest window with `margin` free cells around; `None` where there is no cell.
    pub fn of(cells: &[(i32, i32)], margin: i32) -> Option<CellSet> {
        let rows = cells.iter().map(|cell| cell.0);
        let cols = cells.iter().map(|cell| cell.1);
        let (top, bottom) = (rows.clone().min()? - margin, rows.max()? + margin);
        let (left, right) = (cols.clone().min()? - margin, cols.max()? + margin);
        let (height, width) = ((bottom - top + 1) as usize, (right - left + 1) as usize);
        let mut set =
            CellSet { row: top, col: left, rows: height, cols: width, inside: vec![false; height * width] };
        for &(row, col) in cells {
            let at = set.index(row, col);
            if let Some(at) = at {
                set.inside[at] = true;
            }
        }
        Some(set)
    }

    /// Position in the window's list of cells, `None` outside of it.
    pub fn index(&self, row: i32, col: i32) -> Option<usize> {
        let (r, c) = (row - self.row, col - self.col);
        let within = r >= 0 && c >= 0 && (r as usize) < self.rows && (c as usize) < self.cols;
        within.then(|| r as usize * self.cols + c as usize)
    }

    /// Whether a cell is inside.
    pub fn has(&self, row: i32, col: i32) -> bool {
        self.index(row, col).is_some_and(|at| self.inside[at])
    }

    /// Number of cells inside.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// The 4-connected parts of the cells that are `wanted` (inside or not), each as its list of cells, in scan order
    /// of their first cells.
    pub fn parts(&self, wanted: bool) -> Vec<Vec<(i32, i32)>> {
        let mut seen = vec![false; self.inside.len()];
        let mut parts = Vec::new();
        for start in 0..self.inside.len() {
            if seen[start] || self.inside[start] != wanted {
                continue;
            }
            seen[start] = true;
            let mut part = vec![self.cell(start)];
            let mut next = 0;
            while let Some(&(row, col)) = part.get(next) {
                next += 1;
                for (row, col) in [(row - 1, col), (row, col - 1), (row, col + 1), (row + 1, col)] {
                    let Some(at) = self.index(row, col) else { continue };
                    if !seen[at] && self.inside[at] == wanted {
                        seen[at] = true;
                        part.push((row, col));
                    }
                }
            }
            parts.push(part);
        }
        parts
    }

    fn cell(&self, at: usize) -> (i32, i32) {
        (self.row + (at / self.cols) as i32, self.col + (at % self.cols) as i32)
    }
}

/// Ways to go along the border, counter-clockwise.
const EAST: usize = 0;
const NORTH: usize = 1;
const WEST: usize = 2;
const SOUTH: usize = 3;
const STEP: [(i32, i32); 4] = [(0, 1), (-1, 0), (0, -1), (1, 0)];

/// The rings around a set of cells, in scan order of their first corners.
pub fn rings(set: &CellSet) -> Vec<Vec<Corner>> {
    let width = set.cols + 1;
    let mut ways = ways(set);
    let mut rings = Vec::new();
    for start in 0..ways.len() {
        while ways[start] != 0 {
            let corner = (set.row + (start / width) as i32, set.col + (start % width) as i32);
            rings.push(walk(&mut ways, set, corner));
        }
    }
    rings
}

/// For each corner, the ways in which the border leaves it, as bits.
fn ways(set: &CellSet) -> Vec<u8> {
    let width = set.cols + 1;
    let mut ways = vec![0u8; (set.rows + 1) * width];
    for at in (0..set.inside.len()).filter(|&at| set.inside[at]) {
        let (row, col) = set.cell(at);
        let corner = (at / set.cols) * width + at % set.cols;
        let sides = [
            (row - 1, col, corner + 1, WEST),
            (row + 1, col, corner + width, EAST),
            (row, col - 1, corner, SOUTH),
            (row, col + 1, corner + width + 1, NORTH),
        ];
        for (row, col, from, way) in sides {
            if !set.has(row, col) {
                ways[from] |= 1 << way;
            }
        }
    }
    ways
}

/// Walks one ring from a corner that a way leaves, and takes its ways out.
fn walk(ways: &mut [u8], set: &CellSet, start: Corner) -> Vec<Corner> {
    let width = set.cols + 1;
    let place = |corner: Corner| (corner.0 - set.row) as usize * width + (corner.1 - set.col) as usize;
    let mut ring = Vec::new();
    let mut corner = start;
    let mut heading = ways[place(start)].trailing_zeros() as usize;
    let first = heading;
    loop {
        ways[place(corner)] &= !(1 << heading);
        corner = (corner.0 + STEP[heading].0, corner.1 + STEP[heading].1);
        if corner == start && (ways[place(corner)] == 0 || left_of(ways[place(corner)], heading) == heading) {
            break;
        }
        let next = left_of(ways[place(corner)], heading);
        if corner == start && next == heading {
            break;
        }
        if next != heading {
            ring.push(corner);
        }
        heading = next;
    }
    if heading != first {
        ring.push(start);
    }
    ring
}

/// The leftmost way on from a heading: cells that touch at a corner stay apart. The heading itself where there is none.
fn left_of(ways: u8, heading: usize) -> usize {
    [heading + 1, heading, heading + 3]
        .into_iter()
        .map(|way| way % 4)
        .find(|way| ways & (1 << way) != 0)
        .unwrap_or(heading)
}

/// Twice the area of a ring, in cells: positive where it runs counter-clockwise on the map.
pub fn doubled_area(ring: &[Corner]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    // Rows run south, so that the sign is the opposite of the usual one.
    ring.iter()
        .zip(next)
        .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(rows: &[&str]) -> CellSet {
        let cells: Vec<(i32, i32)> = rows
            .iter()
            .enumerate()
            .flat_map(|(row, text)| {
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'#')
                    .map(move |(col, _)| (row as i32, col as i32))
            })
            .collect();
        CellSet::of(&cells, 0).unwrap()
    }

    #[test]
    fn one_cell_has_four_corners_counter_clockwise() {
        let found = rings(&set(&["#"]));
        assert_eq!(found, [[(1, 0), (1, 1), (0, 1), (0, 0)]]);
        assert_eq!(doubled_area(&found[0]), 2);
    }

    #[test]
    fn a_court_is_a_clockwise_ring() {
        let found = rings(&set(&["####", "#..#", "####"]));
        let areas: Vec<i64> = found.iter().map(|ring| doubled_area(ring)).collect();
        assert_eq!(areas, [24, -4]);
        assert_eq!((found[0].len(), found[1].len()), (4, 4));
    }

    #[test]
    fn cells_that_touch_at_a_corner_are_apart_and_their_areas_add_up() {
        for shape in [&["#.", ".#"], &[".#", "#."]] {
            let found = rings(&set(shape));
            assert_eq!(found.iter().map(|ring| doubled_area(ring)).collect::<Vec<_>>(), [2, 2], "{shape:?}");
        }
    }

    #[test]
    fn areas_of_rings_are_the_count_of_cells_for_any_shape() {
        let mut state = 1u32;
        for _ in 0..500 {
            let cells: Vec<(i32, i32)> = (0..48)
                .filter(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    state >> 31 == 1
                })
                .map(|at| (at / 8, at % 8))
                .collect();
            let Some(set) = CellSet::of(&cells, 1) else { continue };
            let found = rings(&set);
            let doubled: i64 = found.iter().map(|ring| doubled_area(ring)).sum();
            assert_eq!(doubled, 2 * cells.len() as i64);
            assert_eq!(found.iter().filter(|ring| doubled_area(ring) > 0).count(), set.parts(true).len());
        }
    }
}
