//! Rings → the edges that bound the inside, each with the side on which the inside lies.
//!
//! In: rings in any order and winding, valid or not. Out: pieces of their edges, in cells of a frame, for which
//! "inside" follows the even-odd rule. From vertex to vertex, southwards, the edges on the way are sorted from west to
//! east: the first is a western border, the next an eastern one, and so on. Where two edges cross in between, both
//! change their role: the number of edges west of each has changed by one.
//!
//! ```text
//!      a \  / b      a: inside to the east      every edge is described from its northern end, so that
//!         ><         crossing: both turn        two neighbours that share an edge share its very numbers
//!      b /  \ a      b: inside to the east
//! ```
//!
//! Source: scan-line conversion by edge ordering (Foley et al. 1990, §3.6). Fails where: crossings number more than
//! [`MOST_CROSSINGS`]. Cost: vertices × edges abreast; a circle of 65 vertices takes 5 µs.

use crate::frame::Frame;

/// More crossings than this are no polygon any more.
pub const MOST_CROSSINGS: usize = 1 << 20;

/// A polygon that crosses itself too often, or has coordinates that are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tangled;

/// An edge in cells, x eastwards and y southwards from the frame's north-west corner; `top` is its northern end.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    top: (f64, f64),
    foot: (f64, f64),
}

/// The part of an edge between two ordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Border {
    edge: Edge,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// 1 where the inside lies to the east of it, −1 to the west.
    pub(crate) sign: f64,
}

/// A polygon as the borders of its inside, sorted by their northern ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    pub(crate) borders: Vec<Border>,
}

impl Edge {
    /// Abscissa at an ordinate; the ends are met exactly.
    fn x(&self, y: f64) -> f64 {
        if y <= self.top.1 {
            self.top.0
        } else if y >= self.foot.1 {
            self.foot.0
        } else {
            let share = (y - self.top.1) / (self.foot.1 - self.top.1);
            self.top.0 + (self.foot.0 - self.top.0) * share
        }
    }
}

impl Border {
    /// Abscissa at an ordinate, in cells.
    pub(crate) fn x(&self, y: f64) -> f64 {
        self.edge.x(y)
    }

    /// Smallest and largest abscissa of the part.
    pub(crate) fn span(&self) -> (f64, f64) {
        let (a, b) = (self.x(self.from), self.x(self.to));
        (a.min(b), a.max(b))
    }
}

impl Outline {
    /// The outline of these rings, metres, over a frame. A ring that does not end where it starts is closed.
    ///
    /// # Errors
    /// Where there are too many crossings, or a coordinate is not a number.
    pub fn new(rings: &[&[(f64, f64)]], frame: &Frame) -> Result<Outline, Tangled> {
        let edges = edges(rings, frame)?;
        let mut walk = Walk { edges: &edges, abreast: Vec::new(), borders: Vec::new(), crossings: 0 };
        let mut levels: Vec<f64> = edges.iter().flat_map(|edge| [edge.top.1, edge.foot.1]).collect();
        levels.sort_unstable_by(f64::total_cmp);
        levels.dedup();
        let mut next = 0;
        for slab in levels.windows(2) {
            walk.leave(slab[0]);
            while edges.get(next).is_some_and(|edge| edge.top.1 <= slab[0]) {
                walk.abreast.push(Strand { edge: next, from: slab[0], sign: 0.0, head: 0.0, tail: 0.0 });
                next += 1;
            }
            walk.order(slab[0], slab[1]);
            walk.cross(slab[0], slab[1])?;
        }
        walk.leave(f64::INFINITY);
        let mut borders = walk.borders;
        borders.sort_by(|a, b| a.from.total_cmp(&b.from));
        Ok(Outline { borders })
    }

    /// Area inside, in cells.
    pub fn area(&self) -> f64 {
        let west = self.span().map_or(0.0, |(west, _)| west);
        let piece = |border: &Border| {
            let middle = (border.x(border.from) + border.x(border.to)) / 2.0 - west;
            -border.sign * (border.to - border.from) * middle
        };
        self.borders.iter().map(piece).sum::<f64>().max(0.0)
    }

    /// Smallest and largest abscissa, in cells; `None` where nothing is inside.
    pub(crate) fn span(&self) -> Option<(f64, f64)> {
        let spans = self.borders.iter().map(Border::span);
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Northernmost and southernmost ordinate, in cells.
    pub(crate) fn reach(&self) -> Option<(f64, f64)> {
        let first = self.borders.first()?.from;
        Some((first, self.borders.iter().map(|border| border.to).fold(first, f64::max)))
    }
}

/// All edges that are not level, from north to south: in one order for all windings and starts of the rings.
fn edges(rings: &[&[(f64, f64)]], frame: &Frame) -> Result<Vec<Edge>, Tangled> {
    let cell = frame.cell.0;
    let place = |&(x, y): &(f64, f64)| ((x - frame.west) / cell, (frame.north - y) / cell);
    let mut edges = Vec::with_capacity(rings.iter().map(|ring| ring.len()).sum());
    for ring in rings {
        for (index, vertex) in ring.iter().enumerate() {
            let (a, b) = (place(vertex), place(&ring[(index + 1) % ring.len()]));
            if !(a.0.is_finite() && a.1.is_finite()) {
                return Err(Tangled);
            }
            if a.1 < b.1 {
                edges.push(Edge { top: a, foot: b });
            } else if b.1 < a.1 {
                edges.push(Edge { top: b, foot: a });
            }
        }
    }
    let key = |edge: &Edge| [edge.top.1, edge.top.0, edge.foot.1, edge.foot.0];
    edges.sort_unstable_by(|a, b| {
        let pairs = key(a).into_iter().zip(key(b));
        pairs.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    Ok(edges)
}

/// An edge on the way south, between two levels.
#[derive(Debug, Clone, Copy)]
struct Strand {
    edge: usize,
    /// Where its present role began.
    from: f64,
    /// Its present role; 0 at first.
    sign: f64,
    /// Abscissae at the upper and at the lower level.
    head: f64,
    tail: f64,
}

/// The way from level to level.
struct Walk<'a> {
    edges: &'a [Edge],
    abreast: Vec<Strand>,
    borders: Vec<Border>,
    crossings: usize,
}

impl Walk<'_> {
    /// Ends the edges that end at this level or before.
    fn leave(&mut self, level: f64) {
        let (edges, borders) = (self.edges, &mut self.borders);
        self.abreast.retain(|strand| {
            let edge = edges[strand.edge];
            if edge.foot.1 > level {
                return true;
            }
            borders.extend(strand.piece(edge, edge.foot.1));
            false
        });
    }

    /// Sorts the edges from west to east and gives them their roles.
    fn order(&mut self, upper: f64, lower: f64) {
        for strand in &mut self.abreast {
            strand.head = self.edges[strand.edge].x(upper);
            strand.tail = self.edges[strand.edge].x(lower);
        }
        self.abreast.sort_by(|a, b| {
            a.head.total_cmp(&b.head).then(a.tail.total_cmp(&b.tail)).then(a.edge.cmp(&b.edge))
        });
        for (rank, strand) in self.abreast.iter_mut().enumerate() {
            let sign = if rank % 2 == 0 { 1.0 } else { -1.0 };
            if strand.sign != sign {
                self.borders.extend(strand.piece(self.edges[strand.edge], upper));
                (strand.from, strand.sign) = (upper, sign);
            }
        }
    }

    /// Changes the roles of edges that cross each other before the lower level.
    fn cross(&mut self, upper: f64, lower: f64) -> Result<(), Tangled> {
        if self.abreast.is_sorted_by(|a, b| a.tail <= b.tail) {
            return Ok(());
        }
        // An insertion sort by the lower abscissae exchanges exactly the pairs that cross.
        let mut turns: Vec<(usize, f64)> = Vec::new();
        let mut sorted: Vec<usize> = Vec::with_capacity(self.abreast.len());
        for east in 0..self.abreast.len() {
            let mut place = sorted.len();
            sorted.push(east);
            while place > 0 && self.abreast[sorted[place - 1]].tail > self.abreast[east].tail {
                let (a, b) = (&self.abreast[sorted[place - 1]], &self.abreast[east]);
                let (before, after) = (b.head - a.head, a.tail - b.tail);
                let level = upper + (lower - upper) * (before / (before + after));
                turns.extend([(sorted[place - 1], level), (east, level)]);
                sorted.swap(place - 1, place);
                place -= 1;
            }
            if self.crossings + turns.len() / 2 > MOST_CROSSINGS {
                return Err(Tangled);
            }
        }
        self.crossings += turns.len() / 2;
        turns.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for (index, level) in turns {
            let strand = &mut self.abreast[index];
            self.borders.extend(strand.piece(self.edges[strand.edge], level));
            (strand.from, strand.sign) = (level, -strand.sign);
        }
        Ok(())
    }
}

impl Strand {
    /// The border from where the present role began to `to`; `None` where that is nothing.
    fn piece(&self, edge: Edge, to: f64) -> Option<Border> {
        let border = Border { edge, from: self.from, to, sign: self.sign };
        (self.sign != 0.0 && to > self.from).then_some(border)
    }
}
