//! A raster of classes as a coverage: cells in, patches of one class with their outlines out; and polygons to cells by centres.
//!
//! Cells of one class that share a side are a patch (union-find over rows, Rosenfeld & Pfaltz 1966, 10.1145/321356.321357).
//! Its outline follows the sides of its cells, the inside on the left, so that neighbours share their border to the last
//! bit and areas are those of the cells. The perimeter beside it is that of a smooth outline: a slanted border of steps
//! is √2 too long, counts of 2 × 2 cells are not (Gray 1971, 10.1109/T-C.1971.223289; Duda's weights).
//!
//! Fails where: a patch is thinner than a cell: it is not there. Cost: 20 ns a cell.

/// A class as a number; 0 is missing.
pub type Key = u16;

/// A corner of cells: row and column, from the north-western one.
pub type Corner = (u32, u32);

/// Cells of one class that share sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Its class.
    pub key: Key,
    /// Its cells.
    pub cells: u32,
    /// Of these, marked ones.
    pub marked: u32,
    /// Length of its smooth outline, in sides of cells.
    pub perimeter: f64,
    /// Its rings: corners where the outline turns, closed; an outer one and holes.
    pub rings: Vec<(bool, Vec<Corner>)>,
}

/// The patches of a raster of `cols` columns, in the order of their first cells.
pub fn patches(keys: &[Key], marked: &[bool], cols: usize) -> Vec<Patch> {
    if cols == 0 {
        return Vec::new();
    }
    let labels = Labels::new(keys, cols);
    let mut patches = labels.list(keys, marked);
    labels.walk(&mut patches);
    labels.measure(&mut patches);
    patches
}

/// The number of its patch for each cell, from 1; 0 is missing.
struct Labels {
    of: Vec<u32>,
    rows: usize,
    cols: usize,
}

/// Directions along an outline: south, east, north, west, the cell on the left.
const STEPS: [(i64, i64); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

impl Labels {
    fn new(keys: &[Key], cols: usize) -> Labels {
        let mut parent: Vec<u32> = Vec::new();
        let mut of = vec![0u32; keys.len()];
        for (at, &key) in keys.iter().enumerate() {
            if key == 0 {
                continue;
            }
            let west = (at % cols > 0 && keys[at - 1] == key).then(|| root(&mut parent, of[at - 1]));
            let north = (at >= cols && keys[at - cols] == key).then(|| root(&mut parent, of[at - cols]));
            of[at] = match (west, north) {
                (Some(one), Some(other)) => {
                    parent[(one.max(other) - 1) as usize] = one.min(other);
                    one.min(other)
                }
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => {
                    parent.push(parent.len() as u32 + 1);
                    parent.len() as u32
                }
            };
        }
        let mut number = vec![0u32; parent.len() + 1];
        let mut known = 0;
        for label in of.iter_mut().filter(|label| **label != 0) {
            let found = root(&mut parent, *label) as usize;
            if number[found] == 0 {
                known += 1;
                number[found] = known;
            }
            *label = number[found];
        }
        Labels { rows: keys.len() / cols, of, cols }
    }

    fn list(&self, keys: &[Key], marked: &[bool]) -> Vec<Patch> {
        let count = self.of.iter().copied().max().unwrap_or(0) as usize;
        let none = Patch { key: 0, cells: 0, marked: 0, perimeter: 0.0, rings: Vec::new() };
        let mut patches = vec![none; count];
        for ((label, key), marked) in
            self.of.iter().zip(keys).zip(marked).filter(|((label, _), _)| **label != 0)
        {
            let patch = &mut patches[(*label - 1) as usize];
            patch.key = *key;
            patch.cells += 1;
            patch.marked += u32::from(*marked);
        }
        patches
    }

    fn at(&self, row: i64, col: i64) -> u32 {
        let inside = row >= 0 && col >= 0 && row < self.rows as i64 && col < self.cols as i64;
        if inside { self.of[row as usize * self.cols + col as usize] } else { 0 }
    }

    /// Follows every outline once, from a western side that no outline took before: each has one.
    fn walk(&self, patches: &mut [Patch]) {
        let mut taken = vec![false; self.of.len()];
        for row in 0..self.rows {
            for col in 0..self.cols {
                let at = row * self.cols + col;
                let label = self.of[at];
                if label == 0 || taken[at] || self.at(row as i64, col as i64 - 1) == label {
                    continue;
                }
                let ring = self.ring(row, col, &mut taken);
                patches[(label - 1) as usize].rings.push((twice_area(&ring) > 0, ring));
            }
        }
        patches.iter_mut().for_each(|patch| patch.rings.sort_by_key(|(outer, _)| !outer));
    }

    fn ring(&self, row: usize, col: usize, taken: &mut [bool]) -> Vec<Corner> {
        let (first, label) = ((row as i64, col as i64), self.at(row as i64, col as i64));
        let ((mut r, mut c), mut way) = (first, 0);
        let mut ring = vec![(row as u32, col as u32)];
        loop {
            if way == 0 {
                taken[r as usize * self.cols + c as usize] = true;
            }
            // The corner at which this side ends, and the two cells beyond it.
            let corner = [(r + 1, c), (r + 1, c + 1), (r, c + 1), (r, c)][way];
            let (dr, dc) = STEPS[way];
            let ahead = (r + dr, c + dc);
            let (sr, sc) = STEPS[(way + 3) % 4];
            let beside = (ahead.0 + sr, ahead.1 + sc);
            let before = way;
            if self.at(ahead.0, ahead.1) != label {
                way = (way + 1) % 4;
            } else if self.at(beside.0, beside.1) != label {
                (r, c) = ahead;
            } else {
                (r, c) = beside;
                way = (way + 3) % 4;
            }
            if way != before {
                ring.push((corner.0 as u32, corner.1 as u32));
            }
            if (r, c) == first && way == 0 {
                break;
            }
        }
        if ring.last() != ring.first() {
            ring.push(ring[0]);
        }
        ring
    }

    /// Perimeters from the four cells around each corner.
    fn measure(&self, patches: &mut [Patch]) {
        let slant = std::f64::consts::FRAC_1_SQRT_2;
        for row in 0..=self.rows as i64 {
            for col in 0..=self.cols as i64 {
                let four = [
                    self.at(row - 1, col - 1),
                    self.at(row - 1, col),
                    self.at(row, col - 1),
                    self.at(row, col),
                ];
                if four.iter().all(|label| *label == four[0]) {
                    continue;
                }
                for (place, label) in four.iter().enumerate().filter(|(_, label)| **label != 0) {
                    if four[..place].contains(label) {
                        continue;
                    }
                    let count = four.iter().filter(|other| *other == label).count();
                    let across = four[0] == four[3] || four[1] == four[2];
                    patches[(*label - 1) as usize].perimeter += match count {
                        2 if across => 2.0 * slant,
                        2 => 1.0,
                        _ => slant,
                    };
                }
            }
        }
    }
}

fn root(parent: &mut [u32], mut label: u32) -> u32 {
    while parent[(label - 1) as usize] != label {
        let up = parent[(label - 1) as usize];
        parent[(label - 1) as usize] = parent[(up - 1) as usize];
        label = up;
    }
    label
}

/// Positive where the inside is on the left on a map, rows growing southwards.
fn twice_area(ring: &[Corner]) -> i64 {
    let at = |corner: Corner| (i64::from(corner.1), -i64::from(corner.0));
    let cross = |pair: &[Corner]| {
        let (a, b) = (at(pair[0]), at(pair[1]));
        a.0 * b.1 - b.0 * a.1
    };
    ring.windows(2).map(cross).sum()
}

/// Gives the runs of cells (row, first column, end) whose centres a polygon holds, by the even-odd rule; positions are in
/// columns and rows from the north-western corner of a raster of `rows` × `cols`.
pub fn centres(
    rings: &[Vec<(f64, f64)>],
    rows: usize,
    cols: usize,
    mut take: impl FnMut(usize, usize, usize),
) {
    let heights = || rings.iter().flatten().map(|at| at.1);
    let (low, high) =
        heights().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
    if !(low.is_finite() && high.is_finite()) {
        return;
    }
    let first = (low - 0.5).ceil().max(0.0) as usize;
    let last = ((high - 0.5).floor() + 1.0).clamp(0.0, rows as f64) as usize;
    let mut crossings = Vec::new();
    for row in first..last {
        let y = row as f64 + 0.5;
        crossings.clear();
        for ring in rings {
            for pair in ring.windows(2) {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                if (y0 <= y) != (y1 <= y) {
                    crossings.push(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
                }
            }
        }
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let column = |x: f64| (x - 0.5).ceil().clamp(0.0, cols as f64) as usize;
            let (from, to) = (column(pair[0]), column(pair[1]));
            if from < to {
                take(row, from, to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&str]) -> Vec<Patch> {
        let keys: Vec<Key> =
            rows.iter().flat_map(|row| row.bytes().map(|byte| Key::from(byte - b'0'))).collect();
        patches(&keys, &vec![false; keys.len()], rows[0].len())
    }

    fn area(patch: &Patch) -> i64 {
        patch.rings.iter().map(|(_, ring)| twice_area(ring)).sum::<i64>() / 2
    }

    #[test]
    fn outlines_hold_their_cells_and_no_others() {
        let found = of(&["1111112", "1222212", "1233212", "1222211", "1111110"]);
        assert_eq!(found.len(), 4);
        for patch in &found {
            assert_eq!(area(patch), i64::from(patch.cells), "{patch:?}");
        }
        assert_eq!((found[0].key, found[0].cells, found[0].rings.len()), (1, 19, 2));
        assert!(found[0].rings[0].0 && !found[0].rings[1].0);
        assert_eq!((found[3].key, found[3].rings[0].1.len()), (3, 5));
    }

    #[test]
    fn cells_that_touch_at_a_corner_are_apart() {
        let found = of(&["12", "21"]);
        assert_eq!(found.len(), 4);
        // A ring that meets itself at a corner.
        let found = of(&["1112", "1211", "1121", "1111"]);
        for patch in &found {
            assert_eq!(area(patch), i64::from(patch.cells), "{patch:?}");
        }
    }

    #[test]
    fn any_raster_is_covered_once() {
        // A simple congruential sequence (Knuth's MMIX).
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 60) as Key % 4
        };
        let keys: Vec<Key> = (0..40 * 37).map(|_| next()).collect();
        let found = patches(&keys, &vec![true; keys.len()], 37);
        let mut seen = vec![0; keys.len()];
        for patch in &found {
            assert_eq!((area(patch), patch.cells), (i64::from(patch.marked), patch.marked));
            let rings: Vec<Vec<(f64, f64)>> = patch
                .rings
                .iter()
                .map(|(_, ring)| {
                    ring.iter().map(|corner| (f64::from(corner.1), f64::from(corner.0))).collect()
                })
                .collect();
            centres(&rings, 40, 37, |row, from, to| {
                (from..to).for_each(|col| seen[row * 37 + col] = patch.key);
            });
        }
        assert_eq!(seen, keys);
    }

    #[test]
    fn slanted_outlines_are_as_long_as_they_look() {
        // A band of 8 cells along the diagonal of 200.
        let cols = 200_usize;
        let keys: Vec<Key> =
            (0..cols * cols).map(|at| u16::from((at / cols).abs_diff(at % cols) < 8)).collect();
        let found = patches(&keys, &vec![false; keys.len()], cols);
        // Its two slanted sides, and the square corners at its ends.
        let length = 2.0 * 192.5 * std::f64::consts::SQRT_2 + 4.0 * 7.5;
        assert!((found[0].perimeter - length).abs() < 0.01 * length, "{} {length}", found[0].perimeter);
        // A road of 5 × 100 cells.
        let keys: Vec<Key> = (0..20 * 120)
            .map(|at| u16::from((5..10).contains(&(at / 120)) && (10..110).contains(&(at % 120))))
            .collect();
        let found = patches(&keys, &vec![false; keys.len()], 120);
        assert!((found[0].perimeter - 210.0).abs() < 1.2);
    }
}
