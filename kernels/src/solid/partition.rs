//! A footprint, parted by the lines where the planes of a roof meet; each part takes the plane that its points lie on.

use super::planes::{CELL, Found, Plane, centre};
use super::shell;
use spade::handles::FixedVertexHandle;
use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};
use std::collections::BTreeMap;

/// A triangle of the footprint and its plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Corners, counter-clockwise.
    pub places: [[f64; 2]; 3],
    /// The number of its plane.
    pub plane: usize,
}

type Mesh = ConstrainedDelaunayTriangulation<Point2<f64>>;

/// Smallest parts that decide for themselves, square metres.
const SMALL: f64 = 0.6;
/// What a metre of border between two planes costs, square metres of a metre off.
const BORDER: f64 = 0.08;
/// Planes whose gradients differ by less meet nowhere that could be told.
const PARALLEL: f64 = 0.1;
/// Borders within this of the line where two planes meet are that line, metres.
const NEAR: f64 = 0.6;
/// Cells of the shortest border that parts the footprint.
const SHORTEST: usize = 3;
/// More lines than this part no footprint.
const MOST_LINES: usize = 60;

/// Whether rings hold a place, by the even-odd rule.
pub fn holds(rings: &[Vec<[f64; 2]>], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    for ring in rings {
        let mut before = ring[ring.len() - 1];
        for &at in ring {
            if (at[1] > y) != (before[1] > y)
                && x < (before[0] - at[0]) * (y - at[1]) / (before[1] - at[1]) + at[0]
            {
                inside = !inside;
            }
            before = at;
        }
    }
    inside
}

/// The unit vector along most of the outline: mean of the edges by length, modulo 90°.
pub fn axis(rings: &[Vec<[f64; 2]>]) -> [f64; 2] {
    let (mut c, mut s) = (0.0, 0.0);
    for ring in rings {
        for (from, to) in shell::edges(ring) {
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let (length, angle) = (dx.hypot(dy), 4.0 * dy.atan2(dx));
            c += length * angle.cos();
            s += length * angle.sin();
        }
    }
    let angle = s.atan2(c) / 4.0;
    [angle.cos(), angle.sin()]
}

/// The triangles of rings, all of plane 0.
pub fn whole(rings: &[Vec<[f64; 2]>]) -> Option<Vec<Part>> {
    let mesh = mesh(rings, &[])?;
    let places = mesh.inner_faces().map(|face| face.vertices().map(|vertex| at(vertex.position())));
    Some(
        places
            .filter(|places| holds(rings, middle(places)))
            .map(|places| Part { places, plane: 0 })
            .collect(),
    )
}

/// The triangles of a footprint with their planes, and the share of the points that lie within `fit` of these.
pub fn parts(rings: &[Vec<[f64; 2]>], found: &Found, axis: [f64; 2], fit: f64) -> Option<(Vec<Part>, f64)> {
    let lines = lines(found, axis);
    if lines.len() > MOST_LINES {
        return Some((whole(rings)?, 0.0));
    }
    let mesh = mesh(rings, &lines)?;
    let pieces = Pieces::new(&mesh, rings, found);
    let planes = pieces.planes(found);
    let near = |(piece, points): (usize, &Vec<[f64; 3]>)| {
        let plane = found.planes[planes[piece]];
        points.iter().filter(|p| (p[2] - plane.at([p[0], p[1]])).abs() <= fit).count()
    };
    let on: usize = pieces.points.iter().enumerate().map(near).sum();
    let parts = mesh.inner_faces().filter_map(|face| {
        let piece = *pieces.of.get(&face.fix().index())?;
        Some(Part { places: face.vertices().map(|vertex| at(vertex.position())), plane: planes[piece] })
    });
    Some((parts.collect(), on as f64 / found.points.len().max(1) as f64))
}

fn at(point: Point2<f64>) -> [f64; 2] {
    [point.x, point.y]
}

fn middle(places: &[[f64; 2]; 3]) -> [f64; 2] {
    std::array::from_fn(|i| (places[0][i] + places[1][i] + places[2][i]) / 3.0)
}

/// Rings and lines as a constrained triangulation.
fn mesh(rings: &[Vec<[f64; 2]>], lines: &[[[f64; 2]; 2]]) -> Option<Mesh> {
    let mut mesh = Mesh::new();
    let put = |mesh: &mut Mesh, place: [f64; 2]| mesh.insert(Point2::new(place[0], place[1])).ok();
    for ring in rings {
        let handles: Vec<FixedVertexHandle> =
            ring.iter().map(|place| put(&mut mesh, *place)).collect::<Option<_>>()?;
        for (index, &from) in handles.iter().enumerate() {
            let to = handles[(index + 1) % handles.len()];
            if from == to || !mesh.can_add_constraint(from, to) {
                return None;
            }
            mesh.add_constraint(from, to);
        }
    }
    let (low, high) = bounds(rings);
    for line in lines {
        let Some([from, to]) = clipped(line, low, high) else { continue };
        let (from, to) = (put(&mut mesh, from)?, put(&mut mesh, to)?);
        if from != to {
            mesh.add_constraint_and_split(from, to, |vertex| vertex);
        }
    }
    Some(mesh)
}

/// The corners of a box a metre around rings.
fn bounds(rings: &[Vec<[f64; 2]>]) -> ([f64; 2], [f64; 2]) {
    let all = || rings.iter().flatten();
    let low = |i: usize| all().map(|place| place[i]).fold(f64::MAX, f64::min) - 1.0;
    let high = |i: usize| all().map(|place| place[i]).fold(f64::MIN, f64::max) + 1.0;
    ([low(0), low(1)], [high(0), high(1)])
}

/// The part of a line, through a place along a direction, that lies in a box: Liang & Barsky 1984.
fn clipped([place, way]: &[[f64; 2]; 2], low: [f64; 2], high: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    let (mut first, mut last) = (f64::MIN, f64::MAX);
    for i in 0..2 {
        if way[i].abs() < 1e-12 {
            if place[i] < low[i] || place[i] > high[i] {
                return None;
            }
            continue;
        }
        let (a, b) = ((low[i] - place[i]) / way[i], (high[i] - place[i]) / way[i]);
        (first, last) = (first.max(a.min(b)), last.min(a.max(b)));
    }
    let end = |t: f64| [place[0] + t * way[0], place[1] + t * way[1]];
    (last - first > 1e-6).then(|| [end(first), end(last)])
}

/// Whether a border between two cells runs across the axis, and its middle.
type Border = (bool, [f64; 2]);

/// The lines where neighbouring planes meet or step: a place and a direction each.
fn lines(found: &Found, axis: [f64; 2]) -> Vec<[[f64; 2]; 2]> {
    let mut borders: BTreeMap<(usize, usize), Vec<Border>> = BTreeMap::new();
    for (&(col, row), &own) in &found.cells {
        for (upright, other) in [(true, (col + 1, row)), (false, (col, row + 1))] {
            let Some(&beside) = found.cells.get(&other).filter(|beside| **beside != own) else { continue };
            let (a, b) = (centre((col, row), axis), centre(other, axis));
            let key = (own.min(beside), own.max(beside));
            borders.entry(key).or_default().push((upright, [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]));
        }
    }
    let mut lines = Vec::new();
    let mut steps: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    for ((one, other), places) in &borders {
        let meet = meeting(&found.planes[*one], &found.planes[*other]);
        let far = |place: &[f64; 2]| meet.is_none_or(|line| distance(&line, *place) > NEAR);
        let rest: Vec<&Border> = places.iter().filter(|(_, place)| far(place)).collect();
        if let Some(line) = meet.filter(|_| places.len() - rest.len() >= SHORTEST) {
            lines.push(line);
        }
        for (upright, place) in rest {
            let across = [place[0] * axis[0] + place[1] * axis[1], place[1] * axis[0] - place[0] * axis[1]];
            steps[usize::from(!upright)].push(across[usize::from(!upright)]);
        }
    }
    let [c, s] = axis;
    let along = [[-s, c], [c, s]];
    let normal = [[c, s], [-s, c]];
    for (which, offsets) in steps.into_iter().enumerate() {
        let place = |offset: f64| normal[which].map(|part| part * offset);
        lines.extend(clusters(offsets).into_iter().map(|offset| [place(offset), along[which]]));
    }
    lines
}

/// The middles of offsets that lie together.
fn clusters(mut offsets: Vec<f64>) -> Vec<f64> {
    offsets.sort_unstable_by(f64::total_cmp);
    let runs = offsets.chunk_by(|a, b| b - a < 0.9 * CELL);
    runs.filter(|run| run.len() >= SHORTEST).map(|run| run[run.len() / 2]).collect()
}

/// The line where two planes meet.
fn meeting(one: &Plane, other: &Plane) -> Option<[[f64; 2]; 2]> {
    let turn = [one.slope[0] - other.slope[0], one.slope[1] - other.slope[1]];
    let square = turn[0] * turn[0] + turn[1] * turn[1];
    let lift = other.height - one.height;
    let length = square.sqrt();
    (length > PARALLEL)
        .then(|| [[lift * turn[0] / square, lift * turn[1] / square], [-turn[1] / length, turn[0] / length]])
}

fn distance([place, way]: &[[f64; 2]; 2], at: [f64; 2]) -> f64 {
    ((at[0] - place[0]) * way[1] - (at[1] - place[1]) * way[0]).abs()
}

/// The parts of a footprint between its lines.
struct Pieces {
    /// The piece of each triangle inside.
    of: BTreeMap<usize, usize>,
    /// The points of each.
    points: Vec<Vec<[f64; 3]>>,
    areas: Vec<f64>,
    /// Length of the border between two.
    beside: BTreeMap<(usize, usize), f64>,
}

impl Pieces {
    fn new(mesh: &Mesh, rings: &[Vec<[f64; 2]>], found: &Found) -> Pieces {
        let inside: Vec<_> = mesh
            .inner_faces()
            .filter(|face| holds(rings, middle(&face.vertices().map(|vertex| at(vertex.position())))))
            .collect();
        let mut pieces =
            Pieces { of: BTreeMap::new(), points: Vec::new(), areas: Vec::new(), beside: BTreeMap::new() };
        for face in &inside {
            if pieces.of.contains_key(&face.fix().index()) {
                continue;
            }
            let piece = pieces.areas.len();
            let (mut group, mut area) = (vec![*face], 0.0);
            let _ = pieces.of.insert(face.fix().index(), piece);
            while let Some(own) = group.pop() {
                area += own.area();
                for edge in own.adjacent_edges() {
                    let Some(other) = edge.rev().face().as_inner() else { continue };
                    let open = !edge.is_constraint_edge() && !pieces.of.contains_key(&other.fix().index());
                    if open {
                        let _ = pieces.of.insert(other.fix().index(), piece);
                        group.push(other);
                    }
                }
            }
            pieces.areas.push(area);
        }
        pieces.points = vec![Vec::new(); pieces.areas.len()];
        pieces.meet(mesh);
        for point in &found.points {
            use spade::PositionInTriangulation::OnFace;
            if let OnFace(face) = mesh.locate(Point2::new(point[0], point[1]))
                && let Some(&piece) = pieces.of.get(&face.index())
            {
                pieces.points[piece].push(*point);
            }
        }
        pieces
    }

    fn meet(&mut self, mesh: &Mesh) {
        for edge in mesh.undirected_edges() {
            let [one, other] = edge.as_directed().face().as_inner().map_or([None, None], |face| {
                let back = edge.as_directed().rev().face().as_inner();
                [self.of.get(&face.fix().index()), back.and_then(|face| self.of.get(&face.fix().index()))]
            });
            if let (Some(&one), Some(&other)) = (one, other)
                && one != other
            {
                *self.beside.entry((one.min(other), one.max(other))).or_default() += edge.length_2().sqrt();
            }
        }
    }

    /// The plane of each piece: what its points say, less what borders cost (iterated conditional modes, Besag 1986).
    fn planes(&self, found: &Found) -> Vec<usize> {
        let count = found.planes.len();
        let cost: Vec<Vec<f64>> = (0..self.areas.len())
            .map(|piece| {
                let points = &self.points[piece];
                let off = |plane: &Plane| {
                    let sum: f64 =
                        points.iter().map(|p| (p[2] - plane.at([p[0], p[1]])).abs().min(0.5)).sum();
                    sum / points.len().max(1) as f64 * self.areas[piece]
                };
                found.planes.iter().map(off).collect()
            })
            .collect();
        let least = |costs: &Vec<f64>| (0..count).min_by(|a, b| costs[*a].total_cmp(&costs[*b])).unwrap_or(0);
        let mut planes: Vec<usize> = cost.iter().map(least).collect();
        let mut beside: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.areas.len()];
        for (&(one, other), &length) in &self.beside {
            beside[one].push((other, length));
            beside[other].push((one, length));
        }
        for _ in 0..8 {
            for piece in 0..planes.len() {
                let silent = self.areas[piece] < SMALL || self.points[piece].len() < 3;
                let whole = |plane: usize| {
                    let differs = beside[piece].iter().filter(|(other, _)| planes[*other] != plane);
                    let border: f64 = differs.map(|(_, length)| length).sum();
                    border * BORDER + if silent { 0.0 } else { cost[piece][plane] }
                };
                let best = (0..count).min_by(|a, b| whole(*a).total_cmp(&whole(*b)));
                planes[piece] = best.unwrap_or(0);
            }
        }
        planes
    }
}
