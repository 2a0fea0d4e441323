//! Building footprints and roofs from the points of roofs.
//!
//! In: points of the class building, where other things were seen, and the terrain. Out: one building per connected
//! group of points, with straight edges. In two steps, so that no tiling shows:
//!
//! 1. [`pieces`]: the points of a tile are gathered into half-metre cells, gaps of the scan are closed, and the
//!    4-connected groups of cells within the tile are its pieces. A piece that goes on in the next tile says so;
//! 2. [`joined`] tells which pieces of all tiles are one building, [`buildings`] draws it from all of its points. A building
//!    may thus be of any size, over any number of tiles.
//!
//! Drawing ([`buildings`]): the outline of the cells gives the main direction (length-weighted mean of its edges, modulo
//! 90°); in cells turned by it the outline is traced again and simplified (Douglas & Peucker 1973); edges within 20° of
//! the main direction are set along or across it, others are fitted freely (after Dutter 2007, TU Wien, and Awrangjeb
//! 2016, 10.1080/01431161.2015.1131868). **Where an edge lies:** the outermost points of a roof stop short of it by the
//! mean rest of a gap, `Σg² / 2Σg` of the gaps `g` between points that follow each other inwards (renewal theory; half of the
//! spacing for a regular scan, all of it for a random one). It is measured on the spot and added; where returns of the wall
//! itself are there, the wall is the edge. Then heights and planes of the roof (`roof`).
//!
//! Adjoining houses are one building: only a gap of a metre (of a metre and a half below
//! 8 points/m²) surely parts them, one of half a metre never. A hole is a court if something else was
//! seen in it, else a void of the data, which is filled.
//!
//! Fails where: roofs give no return (glass, wet bitumen), trees cover an edge, density is below 2 points/m². Eaves count as
//! building: the outline is that of the roof. Cost: 60 ns a point.

mod draw;
mod edges;
mod roof;

use crate::bin::{Binning, NOWHERE};
use crate::extent::Extent;
use crate::frame::{Frame, Gridding, Registration};
use crate::grid::Grid;
use crate::points::Points;
use crate::unit::{Degrees, Metres};
use std::collections::BTreeMap;

/// A cell of the half-metre lattice: row (southwards) and column from the origin of the CRS.
pub type Cell = (i32, i32);

/// The lattice of cells that group the points of roofs: edges on multiples of half a metre.
pub const GRIDDING: Gridding = Gridding { cell: Metres(0.5), registration: Registration::Cell };

/// How far beyond a tile [`pieces`] looks.
pub const REACH: Metres = Metres(2.0);

/// What counts as a building.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FootprintParams {
    /// Smaller ones are left out, square metres.
    pub least_area: f64,
    /// Roofs up to this slope are flat.
    pub flat: Degrees,
}

impl Default for FootprintParams {
    fn default() -> FootprintParams {
        FootprintParams { least_area: 10.0, flat: Degrees(8.0) }
    }
}

/// The terrain under a piece, in whole millimetres, so that sums do not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// Lowest, millimetres above the datum.
    pub low: i64,
    /// Sum over the cells that have a terrain.
    pub sum: i64,
    /// Number of these.
    pub count: i64,
}

impl Ground {
    /// No terrain yet.
    pub const NONE: Ground = Ground { low: i64::MAX, sum: 0, count: 0 };

    fn add(self, other: Ground) -> Ground {
        Ground { low: self.low.min(other.low), sum: self.sum + other.sum, count: self.count + other.count }
    }
}

/// A connected group of roof cells within one tile, with its points.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Its points, in an order without meaning.
    pub points: Points,
    /// Its cells, in scan order.
    pub cells: Vec<Cell>,
    /// Pairs of an own cell and one beside it in another tile: there it goes on.
    pub links: Vec<(Cell, Cell)>,
    /// Cells within a metre of it where something else was seen.
    pub seen: Vec<Cell>,
    /// The terrain under it.
    pub ground: Ground,
}

/// A building as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Building {
    /// Its northernmost point (of several the westernmost), metres: it names the building.
    pub anchor: [f64; 2],
    /// Outer ring counter-clockwise, then courts clockwise, metres, not closed.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Area in square metres, courts left out.
    pub area: f64,
    /// Lowest terrain under it, metres above the datum.
    pub ground: Option<f64>,
    /// Lower border of the roof, metres above the datum: its 2nd percentile; the median of a flat roof.
    pub eaves: f64,
    /// Top of the roof, metres above the datum: its 99th percentile.
    pub ridge: f64,
    /// Whether most of the roof is flat.
    pub flat: bool,
    /// Median slope of the planes that decide: of the pitched ones, or of the flat ones.
    pub slope: Option<Degrees>,
    /// Where the largest pitched plane looks to, clockwise from north; none for a flat roof.
    pub aspect: Option<Degrees>,
    /// Points of the roof in a square metre.
    pub density: f64,
    /// Whether it reaches the border of the data, and may go on beyond.
    pub cut: bool,
    /// 0 to 100: share of the outline within 0.3 m of which the outermost points lie, less where they are few or cut.
    pub confidence: u8,
}

/// The cells of a tile that group points: those whose centre lies in its square and in the data.
pub fn cells_of(square: &Extent, data: &Extent) -> Frame {
    GRIDDING.frame(square).intersection(&GRIDDING.frame(data))
}

/// The pieces of one tile.
///
/// `points` are those of roofs in `core` and [`REACH`] around it; `seen(x, y)` tells whether something that is no roof was
/// seen there; `terrain` may lie on any cells.
pub fn pieces(
    points: &Points,
    seen: impl Fn(f64, f64) -> bool,
    terrain: &Grid<f32>,
    core: &Frame,
) -> Vec<Piece> {
    if points.is_empty() || core.is_empty() {
        return Vec::new();
    }
    let ring = (REACH.0 / core.cell.0).round() as usize;
    let frame = core.padded(ring);
    let mut places = Vec::new();
    Binning::new(&frame, &points.lattice).locate(&points.x, &points.y, &mut places);
    let mut counts = vec![0u32; frame.len()];
    for &place in places.iter().filter(|place| **place != NOWHERE) {
        counts[place as usize] += 1;
    }
    let beside = |at: usize| seen(frame.x(at % frame.cols), frame.y(at / frame.cols));
    let mask = Mask { frame, ring, inside: closed(&counts, frame.rows, frame.cols, beside) };
    let (labels, mut found) = mask.groups();
    for (index, &place) in places.iter().enumerate() {
        let label = labels.get(place as usize).copied().unwrap_or(NONE);
        if let Some(piece) = found.get_mut(label as usize) {
            piece.index.push(index as u32);
        }
    }
    found.into_iter().map(|group| mask.piece(group, points, &seen, terrain)).collect()
}

/// No group.
const NONE: u32 = u32::MAX;

/// Closed cells of a tile with its ring.
struct Mask {
    frame: Frame,
    ring: usize,
    inside: Vec<bool>,
}

/// A group of cells, and its points by their number.
struct Group {
    cells: Vec<usize>,
    index: Vec<u32>,
}

impl Mask {
    fn in_core(&self, at: usize) -> bool {
        let (row, col) = (at / self.frame.cols, at % self.frame.cols);
        row >= self.ring
            && col >= self.ring
            && row < self.frame.rows - self.ring
            && col < self.frame.cols - self.ring
    }

    /// The four cells beside one that lies in the core.
    fn beside(&self, at: usize) -> [usize; 4] {
        [at - self.frame.cols, at - 1, at + 1, at + self.frame.cols]
    }

    /// The label of each cell, and the 4-connected groups within the core.
    fn groups(&self) -> (Vec<u32>, Vec<Group>) {
        let mut labels = vec![NONE; self.inside.len()];
        let mut groups: Vec<Group> = Vec::new();
        for start in 0..self.inside.len() {
            if !self.inside[start] || labels[start] != NONE || !self.in_core(start) {
                continue;
            }
            let label = groups.len() as u32;
            labels[start] = label;
            let mut cells = vec![start];
            let mut next = 0;
            while let Some(&at) = cells.get(next) {
                next += 1;
                for beside in self.beside(at) {
                    if self.inside[beside] && labels[beside] == NONE && self.in_core(beside) {
                        labels[beside] = label;
                        cells.push(beside);
                    }
                }
            }
            cells.sort_unstable();
            groups.push(Group { cells, index: Vec::new() });
        }
        (labels, groups)
    }

    /// The absolute row and column of a cell.
    fn absolute(&self, at: usize) -> Cell {
        let side = self.frame.cell.0;
        let (row, col) = ((-self.frame.north / side).round() as i32, (self.frame.west / side).round() as i32);
        (row + (at / self.frame.cols) as i32, col + (at % self.frame.cols) as i32)
    }

    fn piece(
        &self,
        group: Group,
        points: &Points,
        seen: &impl Fn(f64, f64) -> bool,
        terrain: &Grid<f32>,
    ) -> Piece {
        let Group { cells, index } = group;
        let of = |column: &[i32]| index.iter().map(|&index| column[index as usize]).collect();
        let beyond = |at: usize| {
            let others =
                self.beside(at).into_iter().filter(|&other| self.inside[other] && !self.in_core(other));
            others.map(move |other| (self.absolute(at), self.absolute(other)))
        };
        Piece {
            points: Points {
                lattice: points.lattice,
                x: of(&points.x),
                y: of(&points.y),
                z: of(&points.z),
                class: Vec::new(),
            },
            links: cells.iter().copied().flat_map(beyond).collect(),
            seen: self
                .around(&cells)
                .into_iter()
                .filter(|&at| self.sees(at, seen))
                .map(|at| self.absolute(at))
                .collect(),
            ground: cells.iter().fold(Ground::NONE, |sum, &at| sum.add(self.ground(at, terrain))),
            cells: cells.into_iter().map(|at| self.absolute(at)).collect(),
        }
    }

    fn centre(&self, at: usize) -> (f64, f64) {
        (self.frame.x(at % self.frame.cols), self.frame.y(at / self.frame.cols))
    }

    fn sees(&self, at: usize, seen: &impl Fn(f64, f64) -> bool) -> bool {
        let (x, y) = self.centre(at);
        seen(x, y)
    }

    /// The free cells within two cells of a group, in scan order.
    fn around(&self, cells: &[usize]) -> Vec<usize> {
        let cols = self.frame.cols as isize;
        let near = (-2..=2).flat_map(|row: isize| (-2..=2).map(move |col: isize| row * cols + col));
        let steps: Vec<isize> = near.collect();
        let mut around: Vec<usize> = cells
            .iter()
            .filter(|&&at| self.beside(at).iter().any(|&beside| !self.inside[beside]))
            .flat_map(|&at| steps.iter().map(move |step| (at as isize + step) as usize))
            .filter(|&at| !self.inside[at])
            .collect();
        around.sort_unstable();
        around.dedup();
        around
    }

    fn ground(&self, at: usize, terrain: &Grid<f32>) -> Ground {
        let (x, y) = self.centre(at);
        let height = terrain.frame().locate(x, y).map(|(row, col)| terrain.at(row, col));
        match height.filter(|height| !height.is_nan()) {
            Some(height) => {
                let whole = (f64::from(height) * 1000.0).round() as i64;
                Ground { low: whole, sum: whole, count: 1 }
            }
            None => Ground::NONE,
        }
    }
}

/// Fewer points than this in the occupied cells around make an empty cell a matter of chance.
const SPARSE: f64 = 3.0;

/// Occupied cells, and those empty ones that are gaps of the scan and not of the roofs: of the cells that a closing by one
/// cell in all eight directions would fill, those with seven occupied neighbours, and where points are sparse all in which
/// nothing else was seen.
fn closed(counts: &[u32], rows: usize, cols: usize, seen: impl Fn(usize) -> bool) -> Vec<bool> {
    let occupied: Vec<bool> = counts.iter().map(|count| *count > 0).collect();
    let mut closed = spread(&spread(&occupied, rows, cols, true), rows, cols, false);
    // Occupied cells and points within some cells.
    let around = |at: usize, reach: usize| {
        let (mut full, mut points) = (0u32, 0u32);
        let (row, col) = (at / cols, at % cols);
        for row in row.saturating_sub(reach)..=(row + reach).min(rows - 1) {
            let line = row * cols + col.saturating_sub(reach)..=row * cols + (col + reach).min(cols - 1);
            for &count in &counts[line] {
                full += u32::from(count > 0);
                points += count;
            }
        }
        (full, points)
    };
    for at in (0..closed.len()).filter(|&at| !occupied[at]) {
        closed[at] = closed[at]
            && (around(at, 1).0 >= 7 || {
                let (full, points) = around(at, 2);
                f64::from(points) < SPARSE * f64::from(full) && !seen(at)
            });
    }
    closed
}

/// Each cell becomes `value` where one of its 3 × 3 neighbours has it; cells beyond the border do not count.
fn spread(cells: &[bool], rows: usize, cols: usize, value: bool) -> Vec<bool> {
    // Whole rows at a time, as bytes that are 1 where a cell has the value: many cells an instruction.
    let mut across: Vec<u8> = cells.iter().map(|cell| u8::from(*cell == value)).collect();
    let source = across.clone();
    for (line, source) in across.chunks_exact_mut(cols).zip(source.chunks_exact(cols)) {
        line.iter_mut().zip(&source[1..]).for_each(|(cell, east)| *cell |= east);
        line[1..].iter_mut().zip(source).for_each(|(cell, west)| *cell |= west);
    }
    let mut both = across.clone();
    let (body, shifted) = (rows.saturating_sub(1) * cols, cols.min(across.len()));
    both[..body].iter_mut().zip(&across[shifted..]).for_each(|(cell, south)| *cell |= south);
    both[shifted..].iter_mut().zip(&across[..body]).for_each(|(cell, north)| *cell |= north);
    both.iter().map(|has| (*has == 1) == value).collect()
}

/// Which pieces are one building: lists of their numbers, each rising, in the order of their first.
pub fn joined(pieces: &[Piece]) -> Vec<Vec<usize>> {
    let mut owner: BTreeMap<Cell, usize> = BTreeMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        owner.extend(piece.links.iter().map(|(own, _)| (*own, index)));
    }
    let mut root: Vec<usize> = (0..pieces.len()).collect();
    fn find(root: &mut [usize], mut index: usize) -> usize {
        while root[index] != index {
            root[index] = root[root[index]];
            index = root[index];
        }
        index
    }
    for (index, piece) in pieces.iter().enumerate() {
        for (_, other) in &piece.links {
            if let Some(&neighbour) = owner.get(other) {
                let (a, b) = (find(&mut root, index), find(&mut root, neighbour));
                root[a.max(b)] = a.min(b);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..pieces.len() {
        groups.entry(find(&mut root, index)).or_default().push(index);
    }
    groups.into_values().collect()
}

/// Draws what pieces that belong together are: mostly one building; several where they hang together by a thread.
/// `data` are the bounds of the data.
pub fn buildings(pieces: &[&Piece], data: &Extent, params: &FootprintParams) -> Vec<Building> {
    draw::buildings(pieces, data, params)
}

#[cfg(test)]
mod tests;
