//! The sweep of one cell: pieces of edges → area of each combination, length of each border.
//!
//! Edges that several polygons share are one strand that toggles them all. From level to level the strands on the way
//! are kept in the order of their middles; where two of them cross in between, the slab is parted at the crossings.
//! Cost: strands × strands abreast, 5 ns each.

use super::cut::{Band, Crossing, Piece};
use super::{PER_MM, PER_MM2, Sink, mark, toggle};

/// Crossings in a slab that are told apart.
const MOST_CROSSINGS: usize = 1 << 20;
/// Strands that swap places by less than this do not cross but touch, mm: their rounding.
const TOUCH: f64 = 1e-7;
/// What lies between strands closer than this is no neighbour of theirs, mm: a vertex that only one of two neighbours
/// has was rounded off the other's edge.
const HAIR: f64 = 1.0;

/// An edge, or what several polygons share of one.
#[derive(Debug, Clone, Copy)]
struct Strand {
    /// Abscissa at the south line of the cell, were it that long, is `x + slope × y`; from the lower end it is exact.
    foot: [f64; 2],
    slope: f64,
    /// Its upper end, met exactly.
    top: [f64; 2],
    from: f64,
    to: f64,
    /// Of all polygons that it toggles.
    mark: u64,
    /// Its polygons, in the sorted pieces.
    members: (u32, u32),
    /// Length for each millimetre of height.
    secant: f64,
    /// The states to its west and east in the slab before.
    sides: (u32, u32),
    /// The states that it parted in the slab before, and the height since they are so.
    parted: (u32, u32),
    rise: f64,
}

/// A strand in a slab.
#[derive(Debug, Clone, Copy)]
struct Abreast {
    strand: u32,
    head: f64,
    tail: f64,
}

/// A combination of polygons.
#[derive(Debug, Clone)]
struct State {
    mark: u64,
    members: Vec<u32>,
    area: f64,
}

/// Memory and results of the sweep.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    side: f64,
    pieces: Vec<Piece>,
    strands: Vec<Strand>,
    crossings: Vec<Crossing>,
    heights: Vec<f64>,
    levels: Vec<f64>,
    abreast: Vec<Abreast>,
    anchor: Vec<u32>,
    /// Crossings of the west line below the present slab.
    passed: usize,
    west: u64,
    states: Vec<State>,
    /// Number of states in use; the others keep their memory.
    known: usize,
    borders: Vec<((u32, u32), f64)>,
    /// Where states begin along the last slab: at its foot, at its head; and which.
    row: Vec<(f64, f64, u32)>,
    before: Vec<(f64, f64, u32)>,
}

const NOBODY: u32 = u32::MAX;

impl Sweep {
    /// Sweeps a cell; `false` where it is tangled.
    pub fn cell(&mut self, side: f64, band: &Band, col: u32) -> bool {
        self.start(side, band, col);
        let heights = std::mem::take(&mut self.heights);
        let (mut next, mut clear) = (0, true);
        self.row.clear();
        for slab in heights.windows(2) {
            let (low, high) = (slab[0], slab[1]);
            self.leave(low);
            while self.strands.get(next).is_some_and(|strand| strand.from <= low) {
                if self.strands[next].to > low {
                    self.abreast.push(Abreast { strand: next as u32, head: 0.0, tail: 0.0 });
                }
                next += 1;
            }
            while self.crossings.get(self.passed).is_some_and(|crossing| crossing.at <= low) {
                self.west ^= mark(self.crossings[self.passed].member);
                self.passed += 1;
            }
            clear &= self.slab(low, high);
        }
        self.leave(f64::INFINITY);
        self.heights = heights;
        clear
    }

    /// Gives what the cell holds.
    pub fn give(&self, sink: &mut impl Sink) {
        for state in &self.states[..self.known] {
            let area = (state.area * PER_MM2 as f64).round() as i64;
            if !state.members.is_empty() && area != 0 {
                sink.area(&state.members, area);
            }
        }
        for &((one, other), length) in &self.borders {
            let members = |state: u32| self.states[state as usize].members.as_slice();
            sink.border(members(one), members(other), (length * PER_MM as f64).round() as i64);
        }
    }

    fn start(&mut self, side: f64, band: &Band, col: u32) {
        self.side = side;
        self.pieces.clear();
        self.pieces.extend_from_slice(band.pieces(col));
        self.pieces.sort_unstable_by(|a, b| {
            a.from.total_cmp(&b.from).then_with(|| (a.low, a.high, a.member).cmp(&(b.low, b.high, b.member)))
        });
        self.crossings.clear();
        self.crossings.extend_from_slice(band.crossings(col));
        self.crossings.sort_unstable_by(|a, b| a.at.total_cmp(&b.at).then(a.member.cmp(&b.member)));
        self.levels.clear();
        self.levels.extend_from_slice(band.levels(col));
        self.levels.sort_unstable_by(f64::total_cmp);
        self.gather(band.corner(col));
        self.heights.clear();
        self.heights.extend([0.0, side]);
        self.heights.extend(self.strands.iter().flat_map(|strand| [strand.from, strand.to]));
        self.heights.extend(self.crossings.iter().map(|crossing| crossing.at));
        self.heights.extend_from_slice(&self.levels);
        self.heights.sort_unstable_by(f64::total_cmp);
        self.heights.dedup();
        self.anchor.clone_from(&band.held);
        self.west = self.anchor.iter().fold(0, |all, &member| all ^ mark(member));
        (self.passed, self.known) = (0, 0);
        self.abreast.clear();
        self.borders.clear();
    }

    /// Joins pieces of one edge.
    fn gather(&mut self, corner: [f64; 2]) {
        self.strands.clear();
        let same = |a: &Piece, b: &Piece| a.low == b.low && a.high == b.high;
        let mut first = 0;
        for group in self.pieces.chunk_by(same) {
            let piece = &group[0];
            let mark = group.iter().fold(0, |all, piece| all ^ mark(piece.member));
            let place = |at: [i32; 2]| [f64::from(at[0]) - corner[0], f64::from(at[1]) - corner[1]];
            let (foot, top) = (place(piece.low), place(piece.high));
            let (run, rise) = (top[0] - foot[0], top[1] - foot[1]);
            if mark != 0 && piece.to > piece.from {
                self.strands.push(Strand {
                    foot,
                    slope: run / rise,
                    top,
                    from: piece.from,
                    to: piece.to,
                    mark,
                    members: (first, first + group.len() as u32),
                    secant: run.hypot(rise) / rise,
                    sides: (NOBODY, NOBODY),
                    parted: (NOBODY, NOBODY),
                    rise: 0.0,
                });
            }
            first += group.len() as u32;
        }
    }

    /// Ends the strands that end at this height or below.
    fn leave(&mut self, height: f64) {
        let Sweep { abreast, strands, borders, .. } = self;
        abreast.retain(|way| {
            let strand = &mut strands[way.strand as usize];
            if strand.to > height {
                return true;
            }
            strand.settle(borders);
            false
        });
    }

    /// Sweeps from one height to the next; `false` where crossings are too many.
    fn slab(&mut self, low: f64, high: f64) -> bool {
        self.order(low, high);
        let crosses =
            |pair: &[Abreast]| pair[0].head > pair[1].head + TOUCH || pair[0].tail > pair[1].tail + TOUCH;
        if !self.abreast.windows(2).any(crosses) {
            self.lay(low, high);
            return true;
        }
        let (heights, clear) = self.crossings_between(low, high);
        for part in heights.windows(2) {
            self.order(part[0], part[1]);
            self.lay(part[0], part[1]);
        }
        clear
    }

    /// Sorts the strands by their middles between two heights.
    fn order(&mut self, low: f64, high: f64) {
        for way in &mut self.abreast {
            let strand = &self.strands[way.strand as usize];
            way.head = strand.x(low, self.side);
            way.tail = strand.x(high, self.side);
        }
        let key = |way: &Abreast| way.head + way.tail;
        // Nearly sorted from the slab before.
        for place in 1..self.abreast.len() {
            let way = self.abreast[place];
            let mut gap = place;
            while gap > 0
                && (key(&self.abreast[gap - 1]), self.abreast[gap - 1].strand) > (key(&way), way.strand)
            {
                self.abreast[gap] = self.abreast[gap - 1];
                gap -= 1;
            }
            self.abreast[gap] = way;
        }
    }

    /// The two heights and those between them at which strands cross, sorted.
    fn crossings_between(&self, low: f64, high: f64) -> (Vec<f64>, bool) {
        let mut ways = self.abreast.clone();
        ways.sort_by(|a, b| a.head.total_cmp(&b.head).then(a.tail.total_cmp(&b.tail)));
        let (mut heights, mut clear) = (vec![low, high], true);
        // An insertion sort by the tails exchanges exactly the pairs that cross.
        for east in 1..ways.len() {
            let way = ways[east];
            let mut gap = east;
            while gap > 0 && ways[gap - 1].tail > way.tail {
                let other = ways[gap - 1];
                let (before, after) = (way.head - other.head, other.tail - way.tail);
                if heights.len() < MOST_CROSSINGS {
                    heights.push((low + (high - low) * (before / (before + after))).clamp(low, high));
                } else {
                    clear = false;
                }
                ways[gap] = other;
                gap -= 1;
            }
            ways[gap] = way;
        }
        heights.sort_unstable_by(f64::total_cmp);
        heights.dedup();
        (heights, clear)
    }

    /// Gives the trapezoids between two heights to their states.
    fn lay(&mut self, low: f64, high: f64) {
        std::mem::swap(&mut self.row, &mut self.before);
        self.row.clear();
        let height = high - low;
        let (mut state, mut mark, mut middle) = (self.state(self.west, 0), self.west, 0.0);
        let mut west = state;
        self.row.push((0.0, 0.0, state));
        for place in 0..self.abreast.len() {
            let way = self.abreast[place];
            let here = (way.head + way.tail) / 2.0;
            self.states[state as usize].area += (here - middle) * height;
            middle = here;
            let strand = &self.strands[way.strand as usize];
            mark ^= strand.mark;
            let known = strand.sides.0 == state && self.states[strand.sides.1 as usize].mark == mark;
            let east = if known { strand.sides.1 } else { self.state(mark, place + 1) };
            let strand = &mut self.strands[way.strand as usize];
            strand.sides = (state, east);
            let next = self.abreast.get(place + 1);
            if next.is_some_and(|next| next.head - way.head < HAIR && next.tail - way.tail < HAIR) {
                strand.part(NOBODY, NOBODY, 0.0, &mut self.borders);
            } else {
                strand.part(west, east, height, &mut self.borders);
                west = east;
            }
            self.row.push((way.head, way.tail, east));
            state = east;
        }
        self.states[state as usize].area += (self.side - middle) * height;
        if low > 0.0 && self.levels.binary_search_by(|level| level.total_cmp(&low)).is_ok() {
            self.level();
        }
    }

    /// The number of the state with this mark, to the east of so many strands.
    fn state(&mut self, wanted: u64, strands: usize) -> u32 {
        let found = self.states[..self.known].iter().position(|state| state.mark == wanted);
        if let Some(found) = found {
            return found as u32;
        }
        if self.known == self.states.len() {
            self.states.push(State { mark: 0, members: Vec::new(), area: 0.0 });
        }
        let state = &mut self.states[self.known];
        (state.mark, state.area) = (wanted, 0.0);
        state.members.clone_from(&self.anchor);
        for crossing in &self.crossings[..self.passed] {
            toggle(&mut state.members, crossing.member);
        }
        for way in &self.abreast[..strands] {
            let (first, last) = self.strands[way.strand as usize].members;
            for piece in &self.pieces[first as usize..last as usize] {
                toggle(&mut state.members, piece.member);
            }
        }
        self.known += 1;
        (self.known - 1) as u32
    }

    /// The level borders between the slab before and this one.
    fn level(&mut self) {
        let Sweep { row, before, borders, side, .. } = self;
        let (mut below, mut above, mut x) = (0, 0, 0.0);
        while x < *side {
            let end_below = before.get(below + 1).map_or(*side, |start| start.1);
            let end_above = row.get(above + 1).map_or(*side, |start| start.0);
            let end = end_below.min(end_above);
            if end > x && before[below].2 != row[above].2 {
                border(borders, before[below].2, row[above].2, end - x);
            }
            below += usize::from(end_below <= end && below + 1 < before.len());
            above += usize::from(end_above <= end && above + 1 < row.len());
            x = x.max(end);
        }
    }
}

impl Strand {
    /// Abscissa at a height, within the cell; both ends are met exactly.
    fn x(&self, height: f64, side: f64) -> f64 {
        let x = if height >= self.top[1] {
            self.top[0]
        } else {
            self.foot[0] + self.slope * (height - self.foot[1])
        };
        x.clamp(0.0, side)
    }

    /// It parts two states over this height; what it parted before is booked where these are others.
    fn part(&mut self, west: u32, east: u32, height: f64, borders: &mut Vec<((u32, u32), f64)>) {
        if self.parted != (west, east) {
            self.settle(borders);
            self.parted = (west, east);
        }
        self.rise += height;
    }

    /// Books the height of the border that it is.
    fn settle(&mut self, borders: &mut Vec<((u32, u32), f64)>) {
        if self.rise > 0.0 && self.parted.0 != self.parted.1 {
            border(borders, self.parted.0, self.parted.1, self.rise * self.secant);
        }
        self.rise = 0.0;
    }
}

fn border(borders: &mut Vec<((u32, u32), f64)>, one: u32, other: u32, length: f64) {
    let pair = (one.min(other), one.max(other));
    match borders.iter_mut().find(|(known, _)| *known == pair) {
        Some((_, sum)) => *sum += length,
        None => borders.push((pair, length)),
    }
}
