//! From the points of a building to its outline.

use super::edges::{Edge, SIDE, Turned, Uv};
use super::{Building, FootprintParams, Ground, Piece, roof};
use crate::extent::Extent;
use crate::outline::{CellSet, Corner, doubled_area, rings};
use crate::points::Points;
use std::borrow::Cow;

/// Outlines are simplified to this before edges are fitted, metres.
const TOLERANCE: f64 = 0.75;
/// Jogs smaller than this are noise, metres.
const LEAST_JOG: f64 = 0.7;
/// Cut corners shorter than this are noise, metres.
const LEAST_CHAMFER: f64 = 2.5;
/// An outline has a main direction if this share of its length supports it.
const REGULAR: f64 = 0.4;
/// A direction that was more than this off is measured again, radians.
const LARGE_LEAN: f64 = 0.01;
/// Edges that have moved by more are placed again, metres.
const LARGE_MOVE: f64 = 0.2;
/// Smaller holes are voids of the data, square metres.
const LEAST_COURT: f64 = 6.0;
/// A hole is a court if something else was seen in this share of the cells along its border.
const SEEN_SHARE: f64 = 0.3;
/// This near to the border of the data a building may go on beyond, metres.
const BORDER: f64 = 1.0;

/// All pieces of one group, about an origin of their own. The order of the points means nothing: whatever is summed over
/// them is summed in whole numbers.
struct Site {
    /// Whole metres, so that positions from it are exact.
    origin: [f64; 2],
    /// Easting, northing from the origin and height above the datum, in whole units.
    points: Vec<[i32; 3]>,
    /// The corners of the box around them.
    corners: [[i32; 3]; 4],
    /// Units in a metre, on the map and upwards.
    units: [f64; 2],
    seen: Vec<Uv>,
    ground: Ground,
}

pub fn buildings(pieces: &[&Piece], data: &Extent, params: &FootprintParams) -> Vec<Building> {
    let Some(site) = Site::new(pieces) else { return Vec::new() };
    if site.points.len() < 8 {
        return Vec::new();
    }
    let (mut direction, regular) = site.direction(pieces);
    if regular {
        let lean = site.lean(direction);
        direction += lean;
        if lean.abs() > LARGE_LEAN {
            direction += site.lean(direction);
        }
    }
    let turn = Turn { cos: direction.cos(), sin: direction.sin() };
    let turned = site.turned(&turn);
    let Some(set) = site.closed(&turned, &turn) else { return Vec::new() };
    let parts = set.parts(true);
    let alone = parts.len() == 1;
    let drawn = parts.iter().filter_map(|part| {
        let set = CellSet::of(part, 1)?;
        // All points of the site lie in one of its parts.
        let own =
            if alone { Cow::Borrowed(&site.points[..]) } else { Cow::Owned(site.points_of(&set, &turned)) };
        site.building(&own, &Outline::new(&site, &set, &turned, &turn, regular), data, params)
    });
    drawn.collect()
}

/// A rotation about the origin of the site.
struct Turn {
    cos: f64,
    sin: f64,
}

impl Turn {
    fn there(&self, [x, y]: Uv) -> Uv {
        [self.cos * x + self.sin * y, self.cos * y - self.sin * x]
    }

    fn back(&self, [u, v]: Uv) -> Uv {
        [self.cos * u - self.sin * v, self.sin * u + self.cos * v]
    }
}

impl Site {
    fn new(pieces: &[&Piece]) -> Option<Site> {
        let cells = pieces.iter().flat_map(|piece| &piece.cells);
        let side = super::GRIDDING.cell.0;
        let (row, col) = (cells.clone().map(|cell| cell.0).min()?, cells.map(|cell| cell.1).min()?);
        let origin = [(f64::from(col) * side).floor(), (-f64::from(row) * side).floor()];
        let lattice = pieces.first()?.points.lattice;
        let units = [f64::from(lattice.per_metre), f64::from(lattice.per_metre_up)];
        // Within the lattice, so that the differences are small.
        let shift = |axis: usize, first: i64| ((origin[axis] * units[0]).round() as i64 - first) as i32;
        let (west, south) = (shift(0, lattice.x0), shift(1, lattice.y0));
        let mut points = Vec::with_capacity(pieces.iter().map(|piece| piece.points.len()).sum());
        for Points { x, y, z, .. } in pieces.iter().map(|piece| &piece.points) {
            points.extend(x.iter().zip(y).zip(z).map(|((x, y), z)| [x - west, y - south, *z]));
        }
        let mut seen: Vec<(i32, i32)> = pieces.iter().flat_map(|piece| piece.seen.iter().copied()).collect();
        seen.sort_unstable();
        seen.dedup();
        let centre = |&(row, col): &(i32, i32)| {
            [(f64::from(col) + 0.5) * side - origin[0], -(f64::from(row) + 0.5) * side - origin[1]]
        };
        Some(Site {
            corners: corners_of(&points),
            points,
            units,
            seen: seen.iter().map(centre).collect(),
            ground: pieces.iter().fold(Ground::NONE, |sum, piece| sum.add(piece.ground)),
            origin,
        })
    }

    /// The points in the turned frame, with their heights, metres.
    fn turned(&self, turn: &Turn) -> Turned {
        let scaled = Turn { cos: turn.cos / self.units[0], sin: turn.sin / self.units[0] };
        let up = 1.0 / self.units[1];
        Turned::new(&self.points, &self.corners, |point| {
            let [x, y, z] = point.map(f64::from);
            let [u, v] = scaled.there([x, y]);
            [u, v, z * up]
        })
    }

    /// The occupied cells of the turned site with the gaps of the scan closed.
    fn closed(&self, turned: &Turned, turn: &Turn) -> Option<CellSet> {
        let occupied = turned.occupied();
        let places: Vec<(i32, i32)> = occupied.iter().map(|(cell, _)| *cell).collect();
        let mut set = CellSet::of(&places, 2)?;
        let mut counts = vec![0; set.inside.len()];
        for ((row, col), count) in occupied {
            if let Some(at) = set.index(row, col) {
                counts[at] = count;
            }
        }
        let mut seen = vec![false; counts.len()];
        for at in &self.seen {
            let (row, col) = turned.holding(turn.there(*at));
            if let Some(at) = set.index(row, col) {
                seen[at] = true;
            }
        }
        set.inside = super::closed(&counts, set.rows, set.cols, |at| seen[at]);
        Some(set)
    }

    /// How far the outermost points along the edges are turned from a main direction, radians: the mean over the edges of
    /// the largest part, weighted by the cube of their lengths, by which their directions are known.
    fn lean(&self, direction: f64) -> f64 {
        let turn = Turn { cos: direction.cos(), sin: direction.sin() };
        let turned = self.turned(&turn);
        let largest =
            self.closed(&turned, &turn).and_then(|set| set.parts(true).into_iter().max_by_key(Vec::len));
        let Some(set) = largest.and_then(|part| CellSet::of(&part, 1)) else { return 0.0 };
        let outline = Outline::new(self, &set, &turned, &turn, true);
        let Some(outer) = rings(&set).into_iter().max_by_key(|ring| doubled_area(ring)) else { return 0.0 };
        let (mut sum, mut weight) = (0.0, 0.0);
        for edge in outline.edges(&outer).iter().filter(|edge| edge.aligned && edge.length() >= 4.0) {
            let angle = turned.lean(edge);
            if angle.abs() < 0.1 {
                sum += angle * edge.length().powi(3);
                weight += edge.length().powi(3);
            }
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// The main direction of the outline of the cells, radians, and whether it has one.
    fn direction(&self, pieces: &[&Piece]) -> (f64, bool) {
        let cells: Vec<(i32, i32)> = pieces.iter().flat_map(|piece| piece.cells.iter().copied()).collect();
        let Some(set) = CellSet::of(&cells, 0) else { return (0.0, false) };
        let side = super::GRIDDING.cell.0;
        let place = |&(row, col): &Corner| [f64::from(col) * side, -f64::from(row) * side];
        let mut edges: Vec<(f64, f64)> = Vec::new();
        for ring in rings(&set) {
            let ring: Vec<Uv> = ring.iter().map(place).collect();
            let simple = simplified(&ring, TOLERANCE);
            edges.extend(pairs(&simple).map(|(a, b)| {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                (dy.atan2(dx), dx.hypot(dy))
            }));
        }
        main_direction(&edges)
    }

    /// One building from its points and its outline.
    fn building(
        &self,
        own: &[[i32; 3]],
        outline: &Outline<'_>,
        data: &Extent,
        params: &FootprintParams,
    ) -> Option<Building> {
        if (outline.set.count() as f64) * SIDE * SIDE < 0.5 * params.least_area {
            return None;
        }
        let (rings, confirmed) = outline.rings()?;
        let area = rings.iter().map(|ring| signed_area(ring)).sum::<f64>();
        if area < params.least_area {
            return None;
        }
        let shape = roof::shape(own, self.units, params)?;
        let anchor = own.iter().min_by_key(|point| (-point[1], point[0]))?;
        let cut = self.is_cut(own, data);
        // At two points a square metre edges are known to about half a metre.
        let seen = (outline.turned.density / 4.0).min(1.0);
        let confidence = 98.0 * confirmed * seen * if cut { 0.5 } else { 1.0 };
        let map = |at: &Uv| [self.origin[0] + at[0], self.origin[1] + at[1]];
        Some(Building {
            anchor: self.on_map(anchor),
            rings: rings.iter().map(|ring| ring.iter().map(map).collect()).collect(),
            area,
            ground: (self.ground.count > 0).then(|| self.ground.low as f64 / 1000.0),
            eaves: shape.eaves,
            ridge: shape.ridge,
            flat: shape.flat,
            slope: shape.slope,
            aspect: shape.aspect,
            density: outline.turned.density,
            cut,
            confidence: confidence.round() as u8,
        })
    }

    /// The points in the cells of a part.
    fn points_of(&self, set: &CellSet, turned: &Turned) -> Vec<[i32; 3]> {
        let cells = (0..set.inside.len()).filter(|&at| set.inside[at]);
        let cells = cells.map(|at| (set.row + (at / set.cols) as i32, set.col + (at % set.cols) as i32));
        cells.flat_map(|cell| turned.numbers(cell)).map(|&number| self.points[number as usize]).collect()
    }

    /// Easting and northing of a point, metres.
    fn on_map(&self, point: &[i32; 3]) -> [f64; 2] {
        [0, 1].map(|axis| {
            let whole = (self.origin[axis] * self.units[0]).round() + f64::from(point[axis]);
            whole / self.units[0]
        })
    }

    fn is_cut(&self, points: &[[i32; 3]], data: &Extent) -> bool {
        let range = |axis: usize| {
            let all = points.iter().map(|point| point[axis]);
            all.fold((i32::MAX, i32::MIN), |(low, high), at| (low.min(at), high.max(at)))
        };
        let ((west, east), (south, north)) = (range(0), range(1));
        let (low, high) = (self.on_map(&[west, south, 0]), self.on_map(&[east, north, 0]));
        low[0] < data.west + BORDER
            || low[1] < data.south + BORDER
            || high[0] > data.east - BORDER
            || high[1] > data.north - BORDER
    }
}

/// The corners of the box around points.
fn corners_of(points: &[[i32; 3]]) -> [[i32; 3]; 4] {
    let none = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
    let bounds = points.iter().fold(none, |[west, south, east, north], &[x, y, _]| {
        [west.min(x), south.min(y), east.max(x), north.max(y)]
    });
    let [west, south, east, north] = if points.is_empty() { [0; 4] } else { bounds };
    [[west, south, 0], [east, south, 0], [east, north, 0], [west, north, 0]]
}

/// Length-weighted mean of directions modulo 90°, twice: of all, then of those within 15° of it. Radians, and whether
/// those make up enough of the whole.
fn main_direction(edges: &[(f64, f64)]) -> (f64, bool) {
    let mean = |kept: &dyn Fn(f64) -> bool| {
        let (mut x, mut y) = (0.0, 0.0);
        for &(angle, length) in edges.iter().filter(|edge| kept(edge.0)) {
            // Longer edges know their direction better: their weight is the square of the length.
            x += (4.0 * angle).cos() * length * length;
            y += (4.0 * angle).sin() * length * length;
        }
        y.atan2(x) / 4.0
    };
    let first = mean(&|_| true);
    let quarter = std::f64::consts::FRAC_PI_2;
    let off = |angle: f64, from: f64| {
        ((angle - from) / quarter - ((angle - from) / quarter).round()).abs() * quarter
    };
    let near = |angle: f64| off(angle, first) < 15.0_f64.to_radians();
    let second = mean(&near);
    let length =
        |kept: &dyn Fn(f64) -> bool| edges.iter().filter(|edge| kept(edge.0)).map(|edge| edge.1).sum::<f64>();
    (second, length(&near) >= REGULAR * length(&|_| true))
}

/// An outline while it is drawn.
struct Outline<'a> {
    site: &'a Site,
    set: &'a CellSet,
    turned: &'a Turned,
    turn: &'a Turn,
    regular: bool,
}

impl<'a> Outline<'a> {
    fn new(
        site: &'a Site,
        set: &'a CellSet,
        turned: &'a Turned,
        turn: &'a Turn,
        regular: bool,
    ) -> Outline<'a> {
        Outline { site, set, turned, turn, regular }
    }

    /// The outer ring and the courts, in metres from the site's origin, and the share of their length that the outermost
    /// points confirm.
    fn rings(&self) -> Option<(Vec<Vec<Uv>>, f64)> {
        let traced = rings(self.set);
        let outer = traced.iter().max_by_key(|ring| doubled_area(ring))?;
        let mut drawn = vec![self.drawn(outer)];
        drawn.extend(traced.iter().filter(|ring| self.is_court(ring)).map(|ring| self.drawn(ring)));
        // Courts that cross the outline or each other are left out: their edges are not known.
        for index in (1..drawn.len()).rev() {
            if (0..index).any(|other| crosses(&drawn[index].0, &drawn[other].0)) {
                let _ = drawn.remove(index);
            }
        }
        let (mut kept, mut confirmed, mut length) = (Vec::new(), 0.0, 0.0);
        for (index, (ring, good, all)) in drawn.into_iter().enumerate() {
            let area = signed_area(&ring);
            let sound = if index == 0 { area > 0.0 } else { area < -0.5 * LEAST_COURT };
            if sound {
                kept.push(ring.iter().map(|&at| rounded(self.turn.back(at))).collect::<Vec<Uv>>());
                (confirmed, length) = (confirmed + good, length + all);
            } else if index == 0 {
                return None;
            }
        }
        Some((kept, confirmed / f64::max(length, 1e-9)))
    }

    /// Whether a hole of the cells is a court: large enough, and something else was seen there.
    fn is_court(&self, ring: &[Corner]) -> bool {
        let area = -(doubled_area(ring) as f64) / 2.0 * SIDE * SIDE;
        if area < LEAST_COURT {
            return false;
        }
        let ring: Vec<Uv> = ring.iter().map(|&corner| self.turned.corner(corner)).collect();
        let inside = self.site.seen.iter().filter(|at| contains(&ring, self.turn.there(**at)));
        let length: f64 = pairs(&ring).map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1])).sum();
        let along = area.min(length * 1.0) / (SIDE * SIDE);
        inside.count() as f64 >= SEEN_SHARE * along
    }

    /// A ring with straight edges, in the turned frame; length that is confirmed, and whole length.
    fn drawn(&self, ring: &[Corner]) -> (Vec<Uv>, f64, f64) {
        let traced: Vec<Uv> = ring.iter().map(|&corner| self.turned.corner(corner)).collect();
        let simple = simplified(&traced, TOLERANCE);
        let mut edges = self.edges(ring);
        let before = edges.clone();
        self.place(&mut edges);
        // Edges that lie elsewhere than they were looked for, or that have grown together, are placed anew.
        let moved = before.iter().zip(&edges).any(|(old, new)| (old.offset - new.offset).abs() > LARGE_MOVE);
        while drop_chamfer(&mut edges) || drop_jog(&mut edges) {}
        if moved || edges.len() < before.len() {
            self.place(&mut edges);
        }
        let corners = corners(&edges);
        let length: f64 = edges.iter().map(Edge::length).sum();
        let confirmed = edges.iter().map(|edge| edge.length() * edge.confirmed).sum();
        if edges.len() >= 3 && is_simple(&corners) && agrees(&corners, &traced) {
            return (corners, confirmed, length);
        }
        // Edges that make no outline: the simplified one of the cells, less the half cell by which cells reach too far.
        (shrunk(&simple), 0.3 * length, length)
    }

    /// The edges of a ring before they are fitted.
    fn edges(&self, ring: &[Corner]) -> Vec<Edge> {
        let traced: Vec<Uv> = ring.iter().map(|&corner| self.turned.corner(corner)).collect();
        let simple = simplified(&traced, TOLERANCE);
        let mut edges: Vec<Edge> = pairs(&simple).map(|(a, b)| Edge::between(a, b, self.regular)).collect();
        merge(&mut edges);
        edges
    }

    fn place(&self, edges: &mut [Edge]) {
        self.turned.place(edges);
        ends(edges);
    }
}

/// Points rounded to the centimetre, as clouds are.
fn rounded(at: Uv) -> Uv {
    at.map(|value| (value * 100.0).round() / 100.0)
}

/// Consecutive points of a ring, the last with the first.
fn pairs(ring: &[Uv]) -> impl Iterator<Item = (Uv, Uv)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Area of a ring, positive where it runs counter-clockwise.
fn signed_area(ring: &[Uv]) -> f64 {
    pairs(ring).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// Whether a ring holds a position (even-odd).
fn contains(ring: &[Uv], at: Uv) -> bool {
    let crossed = pairs(ring).filter(|(a, b)| {
        (a[1] > at[1]) != (b[1] > at[1]) && at[0] < a[0] + (at[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
    });
    crossed.count() % 2 == 1
}

/// A closed ring simplified after Douglas and Peucker, from two corners far apart.
fn simplified(ring: &[Uv], tolerance: f64) -> Vec<Uv> {
    let far = |from: usize| {
        let distance = |at: &Uv| (at[0] - ring[from][0]).powi(2) + (at[1] - ring[from][1]).powi(2);
        (0..ring.len()).rev().max_by(|&a, &b| distance(&ring[a]).total_cmp(&distance(&ring[b]))).unwrap_or(0)
    };
    let first = far(0);
    let second = far(first);
    let count = ring.len();
    let mut kept = vec![false; count];
    (kept[first], kept[second]) = (true, true);
    let mut spans = vec![(first, second), (second, first)];
    while let Some((from, to)) = spans.pop() {
        let steps = (to + count - from) % count;
        let inner = (1..steps).map(|step| (from + step) % count);
        let off = inner.map(|at| (squared_distance_to(ring[at], ring[from], ring[to]), at));
        if let Some((distance, at)) = off.reduce(|best, other| if other.0 > best.0 { other } else { best })
            && distance > tolerance * tolerance
        {
            kept[at] = true;
            spans.extend([(from, at), (at, to)]);
        }
    }
    ring.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(at, _)| *at).collect()
}

/// Square of the distance of a point from a segment.
fn squared_distance_to(at: Uv, a: Uv, b: Uv) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let share = if length > 0.0 { ((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / length } else { 0.0 };
    let share = share.clamp(0.0, 1.0);
    (at[0] - a[0] - share * dx).powi(2) + (at[1] - a[1] - share * dy).powi(2)
}

/// Edges that run on in the same way become one.
fn merge(edges: &mut Vec<Edge>) {
    let mut index = 0;
    while edges.len() > 3 && index < edges.len() {
        let next = (index + 1) % edges.len();
        let (one, other) = (edges[index], edges[next]);
        let alike = one.aligned == other.aligned && one.same_way(&other);
        if alike && (one.offset - other.offset).abs() < LEAST_JOG {
            edges[index] = together(&one, &other);
            let _ = edges.remove(next);
            index = index.saturating_sub(usize::from(next < index));
        } else {
            index += 1;
        }
    }
}

/// One edge in place of two: from the first end of one to the second of the other.
fn together(one: &Edge, other: &Edge) -> Edge {
    let (a, b) = (one.length(), other.length());
    let longer = if a >= b { one } else { other };
    let mut edge = Edge { from: one.from, to: other.to, ..*longer };
    if one.aligned && other.aligned {
        edge.offset = (one.offset * a + other.offset * b) / (a + b).max(1e-9);
    }
    edge
}

/// Takes out one short edge between two that run the same way; whether there was one.
fn drop_jog(edges: &mut Vec<Edge>) -> bool {
    let count = edges.len();
    if count <= 4 {
        return false;
    }
    let jog = (0..count).find(|&at| {
        let (before, after) = (&edges[(at + count - 1) % count], &edges[(at + 1) % count]);
        before.aligned
            && after.aligned
            && before.same_way(after)
            && (before.offset - after.offset).abs() < LEAST_JOG
            && edges[at].length() < 2.0 * LEAST_JOG
    });
    let Some(at) = jog else { return false };
    let (before, after) = ((at + count - 1) % count, (at + 1) % count);
    edges[before] = together(&edges[before], &edges[after]);
    let mut gone = [at, after];
    gone.sort_unstable();
    let _ = (edges.remove(gone[1]), edges.remove(gone[0]));
    true
}

/// Takes out one short edge across a corner of two main directions, where chance has left a corner without points;
/// whether there was one.
fn drop_chamfer(edges: &mut Vec<Edge>) -> bool {
    let count = edges.len();
    let chamfer = (0..count).find(|&at| {
        let (before, after) = (&edges[(at + count - 1) % count], &edges[(at + 1) % count]);
        let across = before.aligned && after.aligned && before.meets(after).is_some();
        across && !edges[at].aligned && edges[at].length() < LEAST_CHAMFER
    });
    if let Some(at) = chamfer.filter(|_| count > 4) {
        let _ = edges.remove(at);
        ends(edges);
    }
    chamfer.is_some() && count > 4
}

/// Moves the ends of the edges to where their lines meet.
fn ends(edges: &mut [Edge]) {
    let count = edges.len();
    for at in 0..count {
        let next = (at + 1) % count;
        let (from, to) = meeting(&edges[at], &edges[next]);
        edges[at].to = from;
        edges[next].from = to;
    }
}

/// Where an edge ends and the next begins: the point where both lines meet, or, where that is far off or nowhere, the
/// points of both next to their common end.
fn meeting(one: &Edge, other: &Edge) -> (Uv, Uv) {
    let shared = [(one.to[0] + other.from[0]) / 2.0, (one.to[1] + other.from[1]) / 2.0];
    let near = |at: &Uv| (at[0] - shared[0]).hypot(at[1] - shared[1]) < 2.5;
    match one.meets(other).filter(near) {
        Some(at) => (at, at),
        None => (one.nearest(shared), other.nearest(shared)),
    }
}

/// The corners of an outline, each once.
fn corners(edges: &[Edge]) -> Vec<Uv> {
    let mut corners: Vec<Uv> = Vec::with_capacity(edges.len() + 4);
    let mut push = |at: Uv| {
        if corners.last().is_none_or(|last| (last[0] - at[0]).hypot(last[1] - at[1]) > 0.01) {
            corners.push(at);
        }
    };
    edges.iter().for_each(|edge| {
        push(edge.from);
        push(edge.to);
    });
    while corners.len() > 1
        && (corners[0][0] - corners[corners.len() - 1][0])
            .hypot(corners[0][1] - corners[corners.len() - 1][1])
            <= 0.01
    {
        let _ = corners.pop();
    }
    corners
}

/// Whether two edges cross or touch.
fn cross(one: (Uv, Uv), other: (Uv, Uv)) -> bool {
    let side = |(a, b): (Uv, Uv), at: Uv| (b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0]);
    side(one, other.0) * side(one, other.1) <= 0.0 && side(other, one.0) * side(other, one.1) <= 0.0
}

/// Whether no two edges of a ring cross or touch but at their common ends.
fn is_simple(ring: &[Uv]) -> bool {
    let edges: Vec<(Uv, Uv)> = pairs(ring).collect();
    let count = edges.len();
    count >= 3
        && (0..count).all(|i| {
            (i + 2..count).filter(|j| !(i == 0 && *j == count - 1)).all(|j| !cross(edges[i], edges[j]))
        })
}

/// Whether two rings cross or touch.
fn crosses(one: &[Uv], other: &[Uv]) -> bool {
    pairs(one).any(|a| pairs(other).any(|b| cross(a, b)))
}

/// Whether an outline has about the area of the cells that it was drawn from: within a fifth, or half a cell around.
fn agrees(corners: &[Uv], traced: &[Uv]) -> bool {
    let (own, cells) = (signed_area(corners), signed_area(traced));
    let length: f64 = pairs(traced).map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1])).sum();
    own * cells > 0.0 && (own - cells).abs() <= 0.2 * cells.abs() + 0.5 * length
}

/// A ring moved inwards by a quarter of a cell, corner by corner.
fn shrunk(ring: &[Uv]) -> Vec<Uv> {
    let mut edges: Vec<Edge> = pairs(ring).map(|(a, b)| Edge::between(a, b, false)).collect();
    edges.iter_mut().for_each(|edge| edge.offset -= SIDE / 4.0);
    ends(&mut edges);
    corners(&edges)
}
