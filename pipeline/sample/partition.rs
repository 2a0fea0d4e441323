//! From the convex faces of the plan to polygons that share every vertex, in whole millimetres.
//!
//! Corners are rounded to millimetres, corners closer than 3 mm become one, and each edge takes up the corners
//! of its neighbours that lie on it. Then every edge inside the sample is there twice, once in each
//! direction, and areas add up to that of the sample to the last square millimetre ([`Partition::check`]).
//! Where a sliver of the plan is about as thin as that and the faces do not close, it is done again a little
//! coarser (`TOLERANCES`).
//! Faces of one kind are joined by striking out the edges that they share. Source: ours; the idea is that of
//! a planar graph with cancelled half-edges. Cost: some milliseconds per thousand faces.

use std::collections::{BTreeMap, HashMap};

use super::shape::Convex;

/// A position in whole millimetres from the sample's south-west corner.
pub type Point = [i64; 2];

/// Corners closer than the first are one; corners closer than the second to an edge are on it. Millimetres.
const TOLERANCES: [(i64, f64); 5] = [(3, 4.0), (5, 6.5), (8, 10.0), (12, 15.0), (20, 25.0)];
/// Side of the squares in which corners are looked up, millimetres.
const SQUARE: i64 = 4000;

/// An area: an outer ring, anticlockwise, and holes, clockwise. Rings are not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The outer ring first.
    pub rings: Vec<Vec<Point>>,
}

/// Faces over shared corners.
#[derive(Debug, Clone)]
pub struct Partition {
    size: Point,
    corners: Vec<Point>,
    /// The corners of each face, anticlockwise; empty where a face was thinner than the rounding.
    faces: Vec<Vec<u32>>,
}

/// Twice the area of a ring, square millimetres: positive where it runs anticlockwise.
fn twice_area(ring: &[Point]) -> i64 {
    let origin = ring[0];
    let at = |p: Point| [p[0] - origin[0], p[1] - origin[1]];
    ring.iter()
        .zip(ring.iter().cycle().skip(1))
        .map(|(&a, &b)| {
            let (a, b) = (at(a), at(b));
            a[0] * b[1] - b[0] * a[1]
        })
        .sum()
}

impl Area {
    /// Area, square metres.
    pub fn square_metres(&self) -> f64 {
        self.rings.iter().map(|ring| twice_area(ring)).sum::<i64>() as f64 / 2e6
    }
}

/// Corners by square.
struct Corners {
    size: Point,
    /// Corners closer than this are one.
    snap: i64,
    /// Corners closer than this to an edge are on it.
    near: f64,
    all: Vec<Point>,
    squares: HashMap<Point, Vec<u32>>,
}

impl Corners {
    fn id(&mut self, p: [f64; 2]) -> u32 {
        let axis = |i: usize| {
            let mm = (p[i] * 1000.0).round() as i64;
            match mm {
                mm if mm <= self.snap => 0,
                mm if mm >= self.size[i] - self.snap => self.size[i],
                mm => mm,
            }
        };
        let corner = [axis(0), axis(1)];
        for near in Self::around(corner, corner, self.snap) {
            for &id in self.squares.get(&near).into_iter().flatten() {
                let other = self.all[id as usize];
                if (other[0] - corner[0]).pow(2) + (other[1] - corner[1]).pow(2) <= self.snap * self.snap {
                    return id;
                }
            }
        }
        let id = self.all.len() as u32;
        self.all.push(corner);
        self.squares
            .entry([corner[0].div_euclid(SQUARE), corner[1].div_euclid(SQUARE)])
            .or_default()
            .push(id);
        id
    }

    /// The squares that touch the rectangle around two corners.
    fn around(a: Point, b: Point, margin: i64) -> impl Iterator<Item = Point> {
        let low = |i: usize| (a[i].min(b[i]) - margin).div_euclid(SQUARE);
        let high = |i: usize| (a[i].max(b[i]) + margin).div_euclid(SQUARE);
        let (x, y) = ((low(0), high(0)), (low(1), high(1)));
        (x.0..=x.1).flat_map(move |i| (y.0..=y.1).map(move |j| [i, j]))
    }

    /// The corners that lie on the edge between two others, in order.
    fn on_edge(&self, a: u32, b: u32) -> Vec<u32> {
        let (p, q) = (self.all[a as usize], self.all[b as usize]);
        let (dx, dy) = ((q[0] - p[0]) as f64, (q[1] - p[1]) as f64);
        let length = dx.hypot(dy);
        let mut found: Vec<(f64, u32)> = Vec::new();
        for square in Self::around(p, q, self.near.ceil() as i64) {
            for &id in self.squares.get(&square).into_iter().flatten() {
                let c = self.all[id as usize];
                let (cx, cy) = ((c[0] - p[0]) as f64, (c[1] - p[1]) as f64);
                let (along, off) = ((cx * dx + cy * dy) / length, (cx * dy - cy * dx) / length);
                if id != a && id != b && off.abs() <= self.near && along > 0.0 && along < length {
                    found.push((along, id));
                }
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.into_iter().map(|(_, id)| id).collect()
    }
}

impl Partition {
    /// The partition of a sample of this size (metres) into faces, or `None` where they do not close.
    pub fn new(size: [f64; 2], shapes: &[&Convex]) -> Option<Partition> {
        TOLERANCES
            .iter()
            .map(|&(snap, near)| Partition::within(size, shapes, snap, near))
            .find(|partition| partition.check())
    }

    fn within(size: [f64; 2], shapes: &[&Convex], snap: i64, near: f64) -> Partition {
        let size = size.map(|m| (m * 1000.0).round() as i64);
        let mut corners = Corners { size, snap, near, all: Vec::new(), squares: HashMap::new() };
        let rings: Vec<Vec<u32>> =
            shapes.iter().map(|shape| shape.ring.iter().map(|&p| corners.id(p)).collect()).collect();
        let faces = rings.iter().map(|ring| noded(ring, &corners)).collect();
        Partition { size, corners: corners.all, faces }
    }

    /// Area of a face, square metres.
    pub fn square_metres(&self, face: usize) -> f64 {
        match self.faces[face].as_slice() {
            [] => 0.0,
            ring => twice_area(&self.points(ring)) as f64 / 2e6,
        }
    }

    fn points(&self, ring: &[u32]) -> Vec<Point> {
        ring.iter().map(|&id| self.corners[id as usize]).collect()
    }

    /// Whether faces cover the sample once: each inner edge is there once in each direction, each outer edge
    /// lies on the border, and areas add up.
    pub fn check(&self) -> bool {
        let mut edges: HashMap<(u32, u32), i32> = HashMap::new();
        for ring in &self.faces {
            for (a, b) in edges_of(ring) {
                *edges.entry((a, b)).or_default() += 1;
            }
        }
        let on_border = |a: u32, b: u32| {
            let (p, q) = (self.corners[a as usize], self.corners[b as usize]);
            (0..2).any(|i| p[i] == q[i] && (p[i] == 0 || p[i] == self.size[i]))
        };
        let paired = edges
            .iter()
            .all(|(&(a, b), &count)| count == 1 && (edges.contains_key(&(b, a)) || on_border(a, b)));
        let whole: i64 =
            self.faces.iter().filter(|r| !r.is_empty()).map(|r| twice_area(&self.points(r))).sum();
        paired && whole == 2 * self.size[0] * self.size[1]
    }

    /// Faces of one key joined to areas: all that touch along an edge are one. Faces without a key are left out.
    pub fn joined<K: Ord + Clone>(&self, key: impl Fn(usize) -> Option<K>) -> Vec<(K, Area)> {
        let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for face in (0..self.faces.len()).filter(|&f| !self.faces[f].is_empty()) {
            if let Some(key) = key(face) {
                groups.entry(key).or_default().push(face);
            }
        }
        let mut out = Vec::new();
        for (key, faces) in groups {
            let rings = self.outline(&faces);
            out.extend(areas(rings).into_iter().map(|area| (key.clone(), area)));
        }
        out
    }

    /// The rings around a group of faces.
    fn outline(&self, faces: &[usize]) -> Vec<Vec<Point>> {
        let mut edges: BTreeMap<(u32, u32), ()> = BTreeMap::new();
        for &face in faces {
            for (a, b) in edges_of(&self.faces[face]) {
                if edges.remove(&(b, a)).is_none() {
                    edges.insert((a, b), ());
                }
            }
        }
        let mut next: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &(a, b) in edges.keys() {
            next.entry(a).or_default().push(b);
        }
        let mut rings = Vec::new();
        while let Some((&start, _)) = next.iter().next() {
            self.trace(start, &mut next, &mut rings);
        }
        rings
    }

    /// Follows edges from a corner until all are used up; a corner met again closes a ring.
    fn trace(&self, start: u32, next: &mut BTreeMap<u32, Vec<u32>>, rings: &mut Vec<Vec<Point>>) {
        let mut path = vec![start];
        while let Some(&here) = path.last() {
            let Some(choices) = next.get_mut(&here) else { return };
            let arrived = path.len().checked_sub(2).map(|i| path[i]);
            let pick = self.leftmost(arrived, here, choices);
            let there = choices.swap_remove(pick);
            choices.sort_unstable();
            if choices.is_empty() {
                next.remove(&here);
            }
            match path.iter().position(|&p| p == there) {
                Some(first) => {
                    rings.push(self.points(&path[first..]));
                    path.truncate(first + 1);
                }
                None => path.push(there),
            }
        }
    }

    /// The choice that turns most to the left: it keeps areas apart that touch at a corner only.
    fn leftmost(&self, from: Option<u32>, here: u32, choices: &[u32]) -> usize {
        let Some(from) = from.filter(|_| choices.len() > 1) else { return 0 };
        let at = |id: u32| self.corners[id as usize];
        let (a, b) = (at(from), at(here));
        let turn = |id: u32| {
            let c = at(id);
            let (u, v) = ([b[0] - a[0], b[1] - a[1]], [c[0] - b[0], c[1] - b[1]]);
            let (cross, dot) = (u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1]);
            (cross as f64).atan2(dot as f64)
        };
        (0..choices.len()).max_by(|&i, &j| turn(choices[i]).total_cmp(&turn(choices[j]))).unwrap_or(0)
    }
}

fn edges_of(ring: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(&a, &b)| (a, b))
}

/// A ring with the corners that lie on its edges, without repeats and without spikes.
fn noded(ring: &[u32], corners: &Corners) -> Vec<u32> {
    let mut out: Vec<u32> = ring.to_vec();
    // A corner taken up bends the edge a little, so that another may come to lie on it.
    for _ in 0..4 {
        let mut next: Vec<u32> = Vec::new();
        for (a, b) in edges_of(&out).filter(|(a, b)| a != b) {
            next.push(a);
            next.extend(corners.on_edge(a, b));
        }
        if next == out {
            break;
        }
        out = next;
    }
    // Where rounding folded the ring back on itself, `… a b a …` is `… a …`.
    loop {
        let before = out.len();
        let mut i = 0;
        while out.len() > 2 && i < out.len() {
            let n = out.len();
            let (last, next) = (out[(i + n - 1) % n], out[(i + 1) % n]);
            if last == next || out[i] == next {
                out.remove(i);
            } else {
                i += 1;
            }
        }
        if out.len() == before {
            break;
        }
    }
    if out.len() < 3 { Vec::new() } else { out }
}

/// Outer rings with their holes.
fn areas(rings: Vec<Vec<Point>>) -> Vec<Area> {
    let (outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| twice_area(ring) > 0);
    let mut areas: Vec<Area> = outer.into_iter().map(|ring| Area { rings: vec![ring] }).collect();
    let sizes: Vec<i64> = areas.iter().map(|area| twice_area(&area.rings[0])).collect();
    for hole in holes {
        let inside = beside(&hole);
        let home = (0..areas.len()).filter(|&i| holds(&areas[i].rings[0], inside)).min_by_key(|&i| sizes[i]);
        if let Some(home) = home {
            areas[home].rings.push(hole);
        }
    }
    areas
}

/// A position a hair's breadth to the left of a ring's first edge.
fn beside(ring: &[Point]) -> [f64; 2] {
    let (a, b) = (ring[0], ring[1]);
    let (dx, dy) = ((b[0] - a[0]) as f64, (b[1] - a[1]) as f64);
    let length = dx.hypot(dy);
    let middle = [(a[0] + b[0]) as f64 / 2.0, (a[1] + b[1]) as f64 / 2.0];
    [middle[0] - dy / length * 0.25, middle[1] + dx / length * 0.25]
}

/// Whether a ring goes around a position.
fn holds(ring: &[Point], p: [f64; 2]) -> bool {
    let mut inside = false;
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (a, b) = ([a[0] as f64, a[1] as f64], [b[0] as f64, b[1] as f64]);
        if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::shape::Edge;

    fn square(west: f64, south: f64, side: f64) -> Convex {
        let ring =
            vec![[west, south], [west + side, south], [west + side, south + side], [west, south + side]];
        Convex::new(ring, Edge::Land)
    }

    /// Nine squares of a board of 3 × 3 metres, from the south-west.
    fn board() -> Partition {
        let shapes: Vec<Convex> = (0..9).map(|i| square(f64::from(i % 3), f64::from(i / 3), 1.0)).collect();
        Partition::new([3.0, 3.0], &shapes.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_ring_of_squares_has_a_hole() {
        let board = board();
        assert!(board.check());
        let joined = board.joined(|face| Some(face == 4));
        assert_eq!(joined.len(), 2);
        let (_, ring) = joined.iter().find(|(middle, _)| !middle).unwrap();
        assert_eq!(ring.rings.len(), 2);
        assert_eq!(ring.square_metres(), 8.0);
    }

    #[test]
    fn squares_that_touch_at_a_corner_stay_apart() {
        let joined = board().joined(|face| (face == 0 || face == 4).then_some(()));
        assert_eq!(joined.len(), 2);
        assert!(joined.iter().all(|(_, area)| area.rings.len() == 1 && area.square_metres() == 1.0));
    }

    #[test]
    fn holes_that_touch_at_a_corner_are_two() {
        let joined = board().joined(|face| (face != 0 && face != 4).then_some(()));
        // The corner square is no hole: it lies on the border. The middle one is.
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].1.square_metres(), 7.0);
        for ring in &joined[0].1.rings {
            let mut corners = ring.clone();
            corners.sort_unstable();
            corners.dedup();
            assert_eq!(corners.len(), ring.len(), "no ring meets itself");
        }
    }

    #[test]
    fn a_corner_on_a_neighbours_edge_becomes_a_corner_of_both() {
        let halves = [square(0.0, 0.0, 2.0), square(2.0, 0.0, 1.0), square(2.0, 1.0, 1.0)];
        let partition = Partition::new([3.0, 2.0], &halves.iter().collect::<Vec<_>>()).unwrap();
        assert!(partition.check());
        assert_eq!(partition.faces[0].len(), 5);
    }

    #[test]
    fn a_gap_is_seen() {
        let shapes = [square(0.0, 0.0, 1.0), square(1.1, 0.0, 1.0)];
        assert!(Partition::new([2.1, 1.0], &[&shapes[0], &shapes[1]]).is_none());
    }
}
