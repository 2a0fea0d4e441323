//! Edges → their pieces in the cells of a row, the crossings of cells' west lines, and the states at anchors.
//!
//! In: chains; out, by column: pieces, crossings and level edges, in millimetres from the cell's south-west corner. The
//! column in which an edge crosses the row's south line decides which anchors lie to the east of it, and where its
//! pieces begin: one decision for both. Cost: 20 ns an edge.

use super::{Chain, Lattice, Vertex, toggle};
use std::ops::Range;

/// The part of an edge in a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// The edge's lower and upper end, mm.
    pub low: Vertex,
    pub high: Vertex,
    /// Where the part begins and ends, mm above the south line.
    pub from: f64,
    pub to: f64,
    pub member: u32,
}

/// A crossing of the west line of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    /// Millimetres above the south line.
    pub at: f64,
    pub member: u32,
}

/// What the cells of a row hold.
#[derive(Debug, Default)]
pub(super) struct Band {
    /// The south-west corner of the row's first cell, mm.
    corner: [f64; 2],
    side: f64,
    pieces: Sorted<Piece>,
    crossings: Sorted<Crossing>,
    /// Ordinates of level edges.
    levels: Sorted<f64>,
    /// Crossings of the south line: the anchors of all columns to the east change.
    south: Sorted<u32>,
    /// The polygons that hold the anchor of the column asked for last.
    pub held: Vec<u32>,
}

/// Things by column.
#[derive(Debug)]
struct Sorted<T> {
    loose: Vec<(u32, T)>,
    starts: Vec<u32>,
    all: Vec<T>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Sorted { loose: Vec::new(), starts: Vec::new(), all: Vec::new() }
    }
}

impl<T: Copy> Sorted<T> {
    fn clear(&mut self) {
        self.loose.clear();
    }

    fn push(&mut self, col: u32, item: T) {
        self.loose.push((col, item));
    }

    /// A counting sort that keeps the order within a column.
    fn settle(&mut self, cols: u32) {
        self.starts.clear();
        self.starts.resize(cols as usize + 2, 0);
        for (col, _) in &self.loose {
            self.starts[*col as usize + 2] += 1;
        }
        for col in 2..self.starts.len() {
            self.starts[col] += self.starts[col - 1];
        }
        self.all.clear();
        if let Some((_, any)) = self.loose.first() {
            self.all.resize(self.loose.len(), *any);
        }
        for (col, item) in &self.loose {
            let place = &mut self.starts[*col as usize + 1];
            self.all[*place as usize] = *item;
            *place += 1;
        }
    }

    fn of(&self, col: u32) -> &[T] {
        let Range { start, end } = self.starts[col as usize]..self.starts[col as usize + 1];
        &self.all[start as usize..end as usize]
    }
}

impl Band {
    /// Cuts the edges that touch a row.
    pub fn cut<'a>(&mut self, lattice: &Lattice, row: u32, chains: impl Iterator<Item = Chain<'a>>) {
        let south = f64::from(lattice.south) + f64::from(row) * lattice.side() - 0.5;
        self.corner = [f64::from(lattice.west) - 0.5, south];
        self.side = lattice.side();
        self.held.clear();
        self.pieces.clear();
        self.crossings.clear();
        self.levels.clear();
        self.south.clear();
        for chain in chains {
            for edge in chain.vertices.windows(2) {
                self.edge(lattice, row, edge[0], edge[1], chain.member);
            }
        }
        self.pieces.settle(lattice.cols);
        self.crossings.settle(lattice.cols);
        self.levels.settle(lattice.cols);
        self.south.settle(lattice.cols);
    }

    fn edge(&mut self, lattice: &Lattice, row: u32, a: Vertex, b: Vertex, member: u32) {
        let (low, high) = if (a[1], a[0]) <= (b[1], b[0]) { (a, b) } else { (b, a) };
        let (first, last) = (lattice.row(low[1]), lattice.row(high[1]));
        if row < first || row > last {
            return;
        }
        if low[1] == high[1] {
            return self.level(lattice, low, high, member);
        }
        let ends = (lattice.col(low[0]), lattice.col(high[0]));
        let (mut col, mut from) = (ends.0, f64::from(low[1]) - self.corner[1]);
        if row > first {
            (col, from) = (self.crossed(low, high, ends, 0.0), 0.0);
            self.south.push(col, member);
        }
        let (mut last_col, mut to) = (ends.1, f64::from(high[1]) - self.corner[1]);
        if row < last {
            (last_col, to) = (self.crossed(low, high, ends, self.side), self.side);
        }
        while col != last_col {
            // The line between this column and the next.
            let east = last_col > col;
            let line = self.corner[0] + f64::from(col + u32::from(east)) * self.side;
            let share = (line - f64::from(low[0])) / f64::from(high[0] - low[0]);
            let rise = f64::from(high[1] - low[1]) * share;
            let at = (f64::from(low[1]) - self.corner[1] + rise).clamp(from, to);
            self.pieces.push(col, Piece { low, high, from, to: at, member });
            col = if east { col + 1 } else { col - 1 };
            self.crossings.push(if east { col } else { col + 1 }, Crossing { at, member });
            from = at;
        }
        self.pieces.push(col, Piece { low, high, from, to, member });
    }

    /// The column in which an edge crosses the line so much above the row's south line.
    fn crossed(&self, low: Vertex, high: Vertex, ends: (u32, u32), above: f64) -> u32 {
        let rise = above + self.corner[1] - f64::from(low[1]);
        let share = rise / f64::from(high[1] - low[1]);
        let x = f64::from(low[0]) + f64::from(high[0] - low[0]) * share;
        let col = ((x - self.corner[0]) / self.side).max(0.0) as u32;
        col.clamp(ends.0.min(ends.1), ends.0.max(ends.1))
    }

    /// A level edge bounds no trapezoid, but changes the state along the west lines that it crosses.
    fn level(&mut self, lattice: &Lattice, low: Vertex, high: Vertex, member: u32) {
        let at = f64::from(low[1]) - self.corner[1];
        let (first, last) = (lattice.col(low[0]), lattice.col(high[0]));
        for col in first..=last {
            self.levels.push(col, at);
            if col > first {
                self.crossings.push(col, Crossing { at, member });
            }
        }
    }

    /// Brings [`Band::held`] to a column's anchor; columns come one after the other.
    pub fn anchor(&mut self, col: u32) {
        let Some(before) = col.checked_sub(1) else { return };
        let Band { south, held, .. } = self;
        for &member in south.of(before) {
            toggle(held, member);
        }
    }

    /// Whether one state fills the cell.
    pub fn is_plain(&self, col: u32) -> bool {
        self.pieces(col).is_empty() && self.crossings(col).is_empty() && self.levels(col).is_empty()
    }

    pub fn pieces(&self, col: u32) -> &[Piece] {
        self.pieces.of(col)
    }

    pub fn crossings(&self, col: u32) -> &[Crossing] {
        self.crossings.of(col)
    }

    pub fn levels(&self, col: u32) -> &[f64] {
        self.levels.of(col)
    }

    /// South-west corner of a cell, mm.
    pub fn corner(&self, col: u32) -> [f64; 2] {
        [self.corner[0] + f64::from(col) * self.side, self.corner[1]]
    }
}
