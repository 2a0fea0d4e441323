//! Which cells a roof covers, and where its plane runs there.
//!
//! In: columns and the facets in them. Out: cells of roofs with their planes, grouped in connected pieces, and
//! what of them are buildings or decks of bridges.
//!
//! The idea, after the region growing of Rabbani, van den Heuvel & Vosselman 2006 and the segment tests of
//! Vosselman, Coenen & Rottensteiner 2017 (10.1016/j.isprsjprs.2017.03.010): (1) seeds are cells with a flat cube high above
//! the ground; (2) a piece grows into a cell where at least half of the points that reach its plane lie on it, so
//! that it passes between chimneys and reaches the eaves; (3) neighbouring cells join in a piece where their
//! planes meet; (4) a piece is a roof where it is large enough and mostly seeds: the top of a trimmed hedge or a
//! row of vans yields few of them; (5) small pieces are roofs beside a roof only; (6) small holes are closed.
//!
//! Fails on roofs below 1.8 m, on lone sheds below 10 m², under dense crowns and on glass. Cost: 0.2 µs a cell.

use super::ClassifyParams;
use super::columns::Columns;
use super::facets::{Facets, Plane};

/// No piece.
const NONE: u32 = u32::MAX;

/// The cells that roofs cover.
pub(super) struct Roofs {
    /// The plane of each cell of a roof.
    pub(super) plane: Vec<Option<Plane>>,
    /// The cells of roofs, their holes closed.
    pub(super) covered: Vec<bool>,
    /// Whether a deck of a bridge lies within two cells.
    pub(super) deck: Vec<bool>,
    /// The cells of flat pieces that are too small to be roofs: cars, boxes.
    pub(super) small: Vec<bool>,
}

/// Finds the roofs.
pub(super) fn roofs(columns: &Columns, facets: &Facets, params: &ClassifyParams) -> Roofs {
    let mut plane = seeds(columns, facets, params);
    let seeded: Vec<bool> = plane.iter().map(Option::is_some).collect();
    grow(columns, &mut plane, params);
    let pieces = Pieces::of(columns, &plane, &seeded, params);
    let kinds = pieces.judge(columns, &plane, params);
    let kind = |cell: usize| if pieces.of[cell] == NONE { Kind::No } else { kinds[pieces.of[cell] as usize] };
    let cells = |wanted: Kind| (0..columns.len()).map(|cell| kind(cell) == wanted).collect::<Vec<bool>>();
    let (deck, small) = (cells(Kind::Deck), cells(Kind::Small));
    for (cell, plane) in plane.iter_mut().enumerate() {
        if !matches!(kind(cell), Kind::Roof | Kind::Deck) {
            *plane = None;
        }
    }
    let mut covered: Vec<bool> = plane.iter().map(Option::is_some).collect();
    close(columns, &mut covered);
    fill(columns, &mut covered, params.largest_hole);
    let deck = widened(columns, &widened(columns, &deck));
    Roofs { plane, covered, deck, small }
}

/// The plane of the highest flat cube of each cell.
fn seeds(columns: &Columns, facets: &Facets, params: &ClassifyParams) -> Vec<Option<Plane>> {
    let mut plane = vec![None; columns.len()];
    for cell in columns.inner() {
        for (run, facet) in facets.runs(columns, cell) {
            let flat = f64::from(facet.roughness) < params.roughness.0
                && facet.upright > params.upright
                && facet.count >= params.fewest
                && facet.several < params.several
                && facet.breadth > 0.3 * columns.side;
            let high = |i: usize| f64::from(columns.members[i].height) > params.lowest_seed.0;
            if flat && run.clone().any(high) {
                plane[cell] = Some(facet.plane);
            }
        }
    }
    plane
}

/// Lets planes run on over the cells beside them, ring by ring. A ring is judged by the rings before it only.
fn grow(columns: &Columns, plane: &mut [Option<Plane>], params: &ClassifyParams) {
    let mut front: Vec<usize> = columns.inner().filter(|&cell| plane[cell].is_none()).collect();
    for _ in 0..params.rounds {
        let beside = |cell: &usize| columns.around(*cell).iter().any(|&near| plane[near].is_some());
        let added: Vec<(usize, Plane)> = front
            .iter()
            .filter(|cell| beside(cell))
            .filter_map(|&cell| Some((cell, continued(columns, plane, cell, params)?)))
            .collect();
        if added.is_empty() {
            break;
        }
        for (cell, added) in added {
            plane[cell] = Some(added);
        }
        front.retain(|&cell| plane[cell].is_none());
    }
}

/// The plane that runs on into a cell, where the points of the cell lie on it.
fn continued(
    columns: &Columns,
    planes: &[Option<Plane>],
    cell: usize,
    params: &ClassifyParams,
) -> Option<Plane> {
    let plane = expected(columns, planes, cell)?;
    let within = params.on_plane.0 as f32 / plane.incline();
    let (mut on, mut reaching, mut off) = (0, 0, 0.0);
    for member in columns.of(cell) {
        let above = columns.metres_up(member.z) - plane.at(columns.offset(cell, member));
        if f64::from(member.height) > params.lowest_edge.0 && above > -within {
            reaching += 1;
            if above < within {
                on += 1;
                off += above;
            }
        }
    }
    (on >= 1 && 2 * on >= reaching).then(|| Plane { z: plane.z + 0.5 * off / on as f32, ..plane })
}

/// The mean of the planes beside a cell that meet over it, the highest where they do not; `None` where fewer than
/// two do.
fn expected(columns: &Columns, planes: &[Option<Plane>], cell: usize) -> Option<Plane> {
    const TOGETHER: f32 = 0.4;
    let steps = [(1, 1), (0, 1), (-1, 1), (1, 0), (-1, 0), (1, -1), (0, -1), (-1, -1)];
    let mut over = [None; 8];
    for (slot, (near, step)) in over.iter_mut().zip(columns.around(cell).into_iter().zip(steps)) {
        let away = (step.0 as f32 * columns.side, step.1 as f32 * columns.side);
        *slot = planes[near].map(|plane| Plane { z: plane.at(away), ..plane });
    }
    let highest = over.iter().flatten().map(|plane| plane.z).fold(f32::MIN, f32::max);
    let (mut sum, mut count) = (Plane::default(), 0);
    for plane in over.iter().flatten().filter(|plane| plane.z > highest - TOGETHER) {
        sum = Plane { z: sum.z + plane.z, east: sum.east + plane.east, south: sum.south + plane.south };
        count += 1;
    }
    let share = 1.0 / count.max(1) as f32;
    (count >= 2).then_some(Plane { z: sum.z * share, east: sum.east * share, south: sum.south * share })
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    No,
    /// Flat and too small.
    Small,
    Roof,
    Deck,
}

/// Connected pieces of cells whose planes meet.
#[derive(Default)]
struct Pieces {
    /// Number of each cell's piece.
    of: Vec<u32>,
    cells: Vec<u32>,
    seeds: Vec<u32>,
    /// Cells whose plane is as high above the ground as a roof.
    high: Vec<u32>,
    /// Cells that are higher than a vehicle.
    tall: Vec<u32>,
}

impl Pieces {
    fn of(columns: &Columns, planes: &[Option<Plane>], seeded: &[bool], params: &ClassifyParams) -> Pieces {
        let mut union = Union((0..columns.len() as u32).collect());
        let half = 0.5 * columns.side;
        let onward = [
            (1, 1.0, 0.0),
            (columns.cols - 1, -1.0, 1.0),
            (columns.cols, 0.0, 1.0),
            (columns.cols + 1, 1.0, 1.0),
        ];
        for cell in columns.inner() {
            let Some(plane) = planes[cell] else { continue };
            for (step, east, south) in onward {
                let Some(other) = planes[cell + step] else { continue };
                let apart = plane.at((east * half, south * half)) - other.at((-east * half, -south * half));
                if f64::from(apart.abs()) < params.step.0 {
                    union.join(cell as u32, (cell + step) as u32);
                }
            }
        }
        let mut pieces = Pieces { of: vec![NONE; columns.len()], ..Pieces::default() };
        for cell in columns.inner().filter(|&cell| planes[cell].is_some()) {
            let root = union.root(cell as u32) as usize;
            if pieces.of[root] == NONE {
                pieces.of[root] = pieces.cells.len() as u32;
                pieces.cells.push(0);
                pieces.seeds.push(0);
                pieces.high.push(0);
                pieces.tall.push(0);
            }
            let piece = pieces.of[root];
            pieces.of[cell] = piece;
            pieces.cells[piece as usize] += 1;
            pieces.seeds[piece as usize] += u32::from(seeded[cell]);
            let top = columns.of(cell).last().map_or(0.0, |member| f64::from(member.height));
            pieces.high[piece as usize] += u32::from(top > params.lowest_roof.0);
            pieces.tall[piece as usize] += u32::from(top > params.largest_vehicle.height.0);
        }
        pieces
    }

    /// Roofs by their size and their seeds, then small ones beside them, then decks.
    fn judge(&self, columns: &Columns, planes: &[Option<Plane>], params: &ClassifyParams) -> Vec<Kind> {
        let spread = self.spread(columns);
        let mut kinds: Vec<Kind> =
            (0..self.cells.len()).map(|piece| self.alone(piece, &spread[piece], columns, params)).collect();
        let beside = self.beside_roofs(columns, &kinds);
        for (piece, kind) in kinds.iter_mut().enumerate() {
            let annex =
                beside[piece] && self.high(piece) && self.area(piece, columns) >= params.smallest_annex;
            if *kind == Kind::Small && annex {
                *kind = Kind::Roof;
            }
        }
        for piece in self.decks(columns, planes, &spread, params) {
            let large = self.area(piece, columns) >= params.smallest_roof;
            if kinds[piece] != Kind::No && self.high[piece] > 0 && large {
                kinds[piece] = Kind::Deck;
            }
        }
        kinds
    }

    /// What a piece is by itself.
    fn alone(&self, piece: usize, spread: &Spread, columns: &Columns, params: &ClassifyParams) -> Kind {
        let (area, seeds) = (self.area(piece, columns), self.seeds[piece] as f32 / self.cells[piece] as f32);
        let vehicle = &params.largest_vehicle;
        let vehicle = area < vehicle.area
            && spread.breadth() < vehicle.breadth.0
            && 2 * self.tall[piece] < self.cells[piece];
        let roof = area >= params.smallest_roof && self.high(piece) && !vehicle;
        match seeds {
            seeds if roof && seeds >= params.seeds => Kind::Roof,
            seeds if seeds >= params.seeds_of_small => Kind::Small,
            _ => Kind::No,
        }
    }

    /// Square metres.
    fn area(&self, piece: usize, columns: &Columns) -> f64 {
        f64::from(self.cells[piece]) * f64::from(columns.side * columns.side)
    }

    /// Whether half of a piece is as high as a roof.
    fn high(&self, piece: usize) -> bool {
        2 * self.high[piece] >= self.cells[piece]
    }

    /// Which pieces have a roof within two cells.
    fn beside_roofs(&self, columns: &Columns, kinds: &[Kind]) -> Vec<bool> {
        let roof = |cell: usize| self.of[cell] != NONE && kinds[self.of[cell] as usize] == Kind::Roof;
        let roofs: Vec<bool> = (0..columns.len()).map(roof).collect();
        let near = widened(columns, &widened(columns, &roofs));
        let mut beside = vec![false; kinds.len()];
        for cell in columns.inner().filter(|&cell| near[cell] && self.of[cell] != NONE) {
            beside[self.of[cell] as usize] = true;
        }
        beside
    }

    /// How the cells of each piece lie.
    fn spread(&self, columns: &Columns) -> Vec<Spread> {
        let mut spread = vec![Spread::default(); self.cells.len()];
        for cell in columns.inner().filter(|&cell| self.of[cell] != NONE) {
            spread[self.of[cell] as usize].add(columns.middle(cell));
        }
        spread
    }

    /// Pieces that the ground meets at their own height at both ends: a road runs on over them.
    fn decks(
        &self,
        columns: &Columns,
        planes: &[Option<Plane>],
        spread: &[Spread],
        params: &ClassifyParams,
    ) -> Vec<usize> {
        let mut meets: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.cells.len()];
        for cell in columns.inner() {
            let Some(plane) = planes[cell] else { continue };
            if ground_runs_on(columns, cell, &plane, params) {
                meets[self.of[cell] as usize].push(columns.middle(cell));
            }
        }
        (0..self.cells.len()).filter(|&piece| spread[piece].met_at_both_ends(&meets[piece])).collect()
    }
}

/// Whether ground lies within three cells at the height to which the plane runs on.
fn ground_runs_on(columns: &Columns, cell: usize, plane: &Plane, params: &ClassifyParams) -> bool {
    let reach = 3;
    (-reach..=reach).any(|row| {
        (-reach..=reach).any(|col| {
            let near = (cell as isize + row * columns.cols as isize + col) as usize;
            let level = plane.at((col as f32 * columns.side, row as f32 * columns.side));
            let ground = columns.ground[near];
            ground != i32::MIN && f64::from((columns.metres_up(ground) - level).abs()) < params.on_plane.0
        })
    })
}

/// How the cells of a piece lie on the map: sums of their positions.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    count: f64,
    sums: [f64; 5],
}

impl Spread {
    fn add(&mut self, (x, y): (f64, f64)) {
        self.count += 1.0;
        for (sum, term) in self.sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
            *sum += term;
        }
    }

    /// Variances along the long and the short axis, and the direction of the long one.
    fn axes(&self) -> (f64, f64, (f64, f64)) {
        let [x, y, xx, yy, xy] = self.sums.map(|sum| sum / self.count.max(1.0));
        let (xx, yy, xy) = (xx - x * x, yy - y * y, xy - x * y);
        let (mean, half) = ((xx + yy) / 2.0, ((xx - yy) / 2.0).hypot(xy));
        let axis = if xx >= yy { (half + (xx - yy) / 2.0, xy) } else { (xy, half - (xx - yy) / 2.0) };
        let length = axis.0.hypot(axis.1);
        let axis = if length > 0.0 { (axis.0 / length, axis.1 / length) } else { (1.0, 0.0) };
        (mean + half, (mean - half).max(0.0), axis)
    }

    /// Breadth of a rectangle that lies in this way, metres.
    fn breadth(&self) -> f64 {
        (12.0 * self.axes().1).sqrt()
    }

    /// Whether some of these cells lie beyond one standard deviation along the long axis on either side, at
    /// least four on each.
    fn met_at_both_ends(&self, meets: &[(f64, f64)]) -> bool {
        let (long, _, axis) = self.axes();
        let middle = (self.sums[0] / self.count.max(1.0), self.sums[1] / self.count.max(1.0));
        let along = |at: &(f64, f64)| (at.0 - middle.0) * axis.0 + (at.1 - middle.1) * axis.1;
        let beyond = |sign: f64| meets.iter().filter(|at| sign * along(at) > long.sqrt()).count();
        beyond(1.0) >= 4 && beyond(-1.0) >= 4
    }
}

/// Disjoint sets of cells; the root of a set is its first cell.
struct Union(Vec<u32>);

impl Union {
    fn root(&mut self, cell: u32) -> u32 {
        let mut at = cell;
        while self.0[at as usize] != at {
            self.0[at as usize] = self.0[self.0[at as usize] as usize];
            at = self.0[at as usize];
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

/// The cells of a set and the eight around each.
pub(super) fn widened(columns: &Columns, set: &[bool]) -> Vec<bool> {
    let mut wide = set.to_vec();
    for cell in columns.inner() {
        wide[cell] |= columns.around(cell).iter().any(|&near| set[near]);
    }
    wide
}

/// Closes gaps of up to two cells: wider by one, then narrower by one.
fn close(columns: &Columns, covered: &mut [bool]) {
    let wide = widened(columns, covered);
    for cell in columns.inner() {
        covered[cell] |= wide[cell] && columns.around(cell).iter().all(|&near| wide[near]);
    }
}

/// Covers holes up to so many square metres.
fn fill(columns: &Columns, covered: &mut [bool], largest: f64) {
    let most = (largest / f64::from(columns.side * columns.side)) as usize;
    let mut seen = covered.to_vec();
    let mut hole = Vec::new();
    for first in columns.inner() {
        if seen[first] {
            continue;
        }
        hole.clear();
        hole.push(first);
        seen[first] = true;
        let (mut at, mut open) = (0, false);
        while at < hole.len() {
            let cell = hole[at];
            at += 1;
            for near in [cell - columns.cols, cell - 1, cell + 1, cell + columns.cols] {
                open |= columns.is_margin(near);
                if !columns.is_margin(near) && !seen[near] {
                    seen[near] = true;
                    hole.push(near);
                }
            }
        }
        if !open && hole.len() <= most {
            hole.iter().for_each(|&cell| covered[cell] = true);
        }
    }
}
