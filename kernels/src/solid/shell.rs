//! Parts of a footprint with their planes → the faces of a closed solid.
//!
//! Parts of one plane are joined; along each border that is left stands a wall, as high as the planes differ. Vertices
//! are whole millimetres; heights that differ by a centimetre at one place become one. A wall takes all heights that
//! meet at its corners as vertices, so that edges of neighbours are the same.

use super::partition::{Part, holds};
use super::planes::Plane;
use super::{Detail, Face, Solid, Surface};
use spade::handles::FixedVertexHandle;
use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};
use std::collections::BTreeMap;

/// Heights at one place that differ by less are one, millimetres.
const SAME: i64 = 10;
/// A vertex so near to the line between its neighbours is none, millimetres.
const STRAIGHT: f64 = 1.5;

/// A border's vertex, by its number.
type Corner = u32;
/// The plane of a part; none outside.
type Label = Option<usize>;

/// Metres rounded to millimetres.
pub fn millimetres(metres: f64) -> f64 {
    (metres * 1000.0).round() / 1000.0
}

/// The edges of a ring that is not closed.
pub fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    ring.iter().enumerate().map(|(index, &from)| (from, ring[(index + 1) % ring.len()]))
}

/// Square metres, positive where counter-clockwise.
pub fn area(ring: &[[f64; 2]]) -> f64 {
    edges(ring).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// Rings in whole millimetres, the first counter-clockwise, the others clockwise; `None` where there is no area.
pub fn tidy(rings: &[Vec<[f64; 2]>]) -> Option<Vec<Vec<[f64; 2]>>> {
    let mut tidy = Vec::new();
    for ring in rings {
        let mut ring: Vec<[f64; 2]> = ring.iter().map(|place| place.map(millimetres)).collect();
        ring.dedup();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        let outer = tidy.is_empty();
        if ring.len() < 3 || area(&ring) == 0.0 || ring.iter().flatten().any(|value| !value.is_finite()) {
            if outer {
                return None;
            }
            continue;
        }
        if (area(&ring) > 0.0) != outer {
            ring.reverse();
        }
        tidy.push(ring);
    }
    (!tidy.is_empty()).then_some(tidy)
}

/// Twice the vector of a ring's area (Newell).
pub fn twice_area(ring: &[u32], vertices: &[[f64; 3]]) -> [f64; 3] {
    // From the first vertex, so that nothing large cancels.
    let first = vertices[ring[0] as usize];
    let at = |index: usize| -> [f64; 3] {
        let place = vertices[ring[index % ring.len()] as usize];
        std::array::from_fn(|i| place[i] - first[i])
    };
    (0..ring.len()).fold([0.0; 3], |sum, index| {
        let (a, b) = (at(index), at(index + 1));
        std::array::from_fn(|i| sum[i] + a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3])
    })
}

/// Whether each edge is run through once in each direction.
pub fn is_closed(faces: &[Face]) -> bool {
    let mut seen: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for ring in faces.iter().flat_map(|face| &face.rings) {
        for (index, &from) in ring.iter().enumerate() {
            *seen.entry((from, ring[(index + 1) % ring.len()])).or_default() += 1;
        }
    }
    seen.iter().all(|(&(from, to), &count)| from != to && count == 1 && seen.contains_key(&(to, from)))
}

/// Borders between parts of different planes, seen from above.
#[derive(Default)]
struct Borders {
    places: Vec<[f64; 2]>,
    /// The label on the left of each directed edge; both directions are there.
    left: BTreeMap<(Corner, Corner), Label>,
    /// Millimetres of the heights at each corner, by label.
    heights: BTreeMap<Corner, BTreeMap<Label, i64>>,
}

/// The solid of parts; `None` where they do not fit together.
pub fn build(
    _: &[Vec<[f64; 2]>],
    parts: &[Part],
    planes: &[Plane],
    ground: f64,
    detail: Detail,
) -> Option<Solid> {
    let mut borders = Borders::of(parts)?;
    borders.straighten();
    borders.cross(planes);
    borders.raise(planes, (ground * 1000.0).round() as i64);
    let mut maker =
        Maker { borders: &borders, vertices: Vec::new(), number: BTreeMap::new(), faces: Vec::new() };
    maker.flat()?;
    maker.walls()?;
    Some(Solid { vertices: maker.vertices, faces: maker.faces, detail, fitted: None })
}

impl Borders {
    fn of(parts: &[Part]) -> Option<Borders> {
        let mut borders = Borders::default();
        let mut known: BTreeMap<[i64; 2], Corner> = BTreeMap::new();
        let mut owner: BTreeMap<(Corner, Corner), usize> = BTreeMap::new();
        for part in parts {
            let corners = part.places.map(|place| {
                let whole = place.map(|value| (value * 1000.0).round() as i64);
                *known.entry(whole).or_insert_with(|| {
                    borders.places.push(whole.map(|value| value as f64 / 1000.0));
                    borders.places.len() as Corner - 1
                })
            });
            if corners[0] == corners[1] || corners[1] == corners[2] || corners[2] == corners[0] {
                continue;
            }
            for side in 0..3 {
                let edge = (corners[side], corners[(side + 1) % 3]);
                if owner.insert(edge, part.plane).is_some() {
                    return None;
                }
            }
        }
        for (&(from, to), &plane) in &owner {
            let beside = owner.get(&(to, from)).copied();
            if beside != Some(plane) {
                let _ = borders.left.insert((from, to), Some(plane));
                if beside.is_none() {
                    let _ = borders.left.insert((to, from), None);
                }
            }
        }
        Some(borders)
    }

    fn neighbours(&self, corner: Corner) -> Vec<Corner> {
        self.left.range((corner, 0)..=(corner, Corner::MAX)).map(|((_, to), _)| *to).collect()
    }

    /// Leaves out corners on a straight border between the same two planes.
    fn straighten(&mut self) {
        for corner in 0..self.places.len() as Corner {
            let beside = self.neighbours(corner);
            let &[one, other] = &beside[..] else { continue };
            let [a, b, c] = [one, corner, other].map(|corner| self.places[corner as usize]);
            let (along, own) = ([c[0] - a[0], c[1] - a[1]], [b[0] - a[0], b[1] - a[1]]);
            let length = along[0].hypot(along[1]);
            let off = (along[0] * own[1] - along[1] * own[0]).abs() / length.max(1e-9);
            let between = (0.0..=length * length).contains(&(along[0] * own[0] + along[1] * own[1]));
            if off * 1000.0 > STRAIGHT || !between || self.left.contains_key(&(one, other)) {
                continue;
            }
            for (from, to) in [(one, other), (other, one)] {
                let label = self.left.remove(&(from, corner)).flatten();
                let _ = self.left.remove(&(corner, to));
                let _ = self.left.insert((from, to), label);
            }
        }
    }

    /// Adds corners where two planes cross along their border.
    fn cross(&mut self, planes: &[Plane]) {
        let edges: Vec<(Corner, Corner)> = self.left.keys().copied().filter(|(from, to)| from < to).collect();
        for (from, to) in edges {
            let (Some(one), Some(other)) = (self.left[&(from, to)], self.left[&(to, from)]) else { continue };
            let [a, b] = [from, to].map(|corner| self.places[corner as usize]);
            let [start, end] = [a, b].map(|place| planes[one].at(place) - planes[other].at(place));
            let least = SAME as f64 / 1000.0;
            if start * end >= 0.0 || start.abs() <= least || end.abs() <= least {
                continue;
            }
            let share = start / (start - end);
            let corner = self.places.len() as Corner;
            self.places.push(std::array::from_fn(|i| millimetres(a[i] + share * (b[i] - a[i]))));
            for (from, to) in [(from, to), (to, from)] {
                let label = self.left.remove(&(from, to)).flatten();
                let _ = self.left.insert((from, corner), label);
                let _ = self.left.insert((corner, to), label);
            }
        }
    }

    /// The heights of all labels at each corner; those that nearly agree become one.
    fn raise(&mut self, planes: &[Plane], ground: i64) {
        for (&(from, to), &label) in &self.left {
            for corner in [from, to] {
                let place = self.places[corner as usize];
                let height = label.map_or(ground, |plane| (planes[plane].at(place) * 1000.0).round() as i64);
                let _ = self.heights.entry(corner).or_default().insert(label, height);
            }
        }
        for heights in self.heights.values_mut() {
            let mut sorted: Vec<i64> = heights.values().copied().collect();
            sorted.sort_unstable();
            let runs: Vec<&[i64]> = sorted.chunk_by(|a, b| b - a <= SAME).collect();
            for height in heights.values_mut() {
                if let Some(run) = runs.iter().find(|run| run.contains(height)) {
                    *height = run[run.len() / 2];
                }
            }
        }
    }
}

/// Faces in the making.
struct Maker<'a> {
    borders: &'a Borders,
    vertices: Vec<[f64; 3]>,
    number: BTreeMap<(Corner, i64), u32>,
    faces: Vec<Face>,
}

impl Maker<'_> {
    fn vertex(&mut self, corner: Corner, height: i64) -> u32 {
        let [x, y] = self.borders.places[corner as usize];
        *self.number.entry((corner, height)).or_insert_with(|| {
            self.vertices.push([x, y, height as f64 / 1000.0]);
            self.vertices.len() as u32 - 1
        })
    }

    /// Roof and ground.
    fn flat(&mut self) -> Option<()> {
        let mut labels: Vec<Label> = self.borders.left.values().copied().collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            for polygon in polygons(self.borders, label)? {
                let places: Vec<Vec<[f64; 2]>> = polygon
                    .iter()
                    .map(|ring| ring.iter().map(|c| self.borders.places[*c as usize]).collect())
                    .collect();
                let mut rings = Vec::new();
                for ring in &polygon {
                    let heights: Vec<i64> = ring.iter().map(|c| self.borders.heights[c][&label]).collect();
                    rings.push(ring.iter().zip(heights).map(|(c, height)| self.vertex(*c, height)).collect());
                }
                let surface = if label.is_some() { Surface::Roof } else { Surface::Ground };
                self.push(surface, rings, &places, label.is_none())?;
            }
        }
        Some(())
    }

    fn walls(&mut self) -> Option<()> {
        for (&(from, to), high) in &self.borders.left {
            let low = &self.borders.left[&(to, from)];
            let at = |corner: Corner, label: &Label| self.borders.heights[&corner][label];
            let [start, end] = [from, to].map(|corner| (at(corner, low), at(corner, high)));
            let (first, second) = (start.1 - start.0, end.1 - end.0);
            if first.signum() * second.signum() < 0 {
                return None;
            }
            if first < 0 || second < 0 || (first, second) == (0, 0) {
                continue;
            }
            let between = |corner: Corner, (low, high): (i64, i64)| {
                let mut all: Vec<i64> = self.borders.heights[&corner].values().copied().collect();
                all.retain(|height| (low..=high).contains(height));
                all.sort_unstable();
                all.dedup();
                all
            };
            let [mut left, right] = [between(from, start), between(to, end)];
            left.reverse();
            let (a, b) = (self.borders.places[from as usize], self.borders.places[to as usize]);
            let length = (b[0] - a[0]).hypot(b[1] - a[1]);
            let up = right.into_iter().map(|height| (to, height, length));
            let corners: Vec<(Corner, i64, f64)> =
                up.chain(left.into_iter().map(|height| (from, height, 0.0))).collect();
            let places =
                vec![corners.iter().map(|(_, height, along)| [*along, *height as f64 / 1000.0]).collect()];
            let ring = corners.iter().map(|(corner, height, _)| self.vertex(*corner, *height)).collect();
            self.push(Surface::Wall, vec![ring], &places, false)?;
        }
        Some(())
    }

    fn push(
        &mut self,
        surface: Surface,
        rings: Vec<Vec<u32>>,
        places: &[Vec<[f64; 2]>],
        turned: bool,
    ) -> Option<()> {
        let all: Vec<u32> = rings.iter().flatten().copied().collect();
        let triangles = triangles(places)?
            .into_iter()
            .map(|[a, b, c]| if turned { [a, c, b] } else { [a, b, c] }.map(|at| all[at]));
        self.faces.push(Face { surface, triangles: triangles.collect(), rings });
        Some(())
    }
}

/// The polygons of a label: rings with it on the left, holes with the outer ring that holds them.
fn polygons(borders: &Borders, label: Label) -> Option<Vec<Vec<Vec<Corner>>>> {
    let mut open: BTreeMap<(Corner, Corner), ()> =
        borders.left.iter().filter(|(_, own)| **own == label).map(|(edge, _)| (*edge, ())).collect();
    let mut rings: Vec<(f64, Vec<Corner>)> = Vec::new();
    while let Some(((first, mut to), ())) = open.pop_first() {
        let (mut from, mut ring) = (first, vec![first]);
        while to != first {
            ring.push(to);
            let next = sharpest(borders, &open, from, to)?;
            open.remove(&(to, next));
            (from, to) = (to, next);
        }
        let places: Vec<[f64; 2]> = ring.iter().map(|corner| borders.places[*corner as usize]).collect();
        // The ground is seen from below.
        let sign = if label.is_some() { 1.0 } else { -1.0 };
        rings.push((sign * area(&places), ring));
    }
    let (mut outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| ring.0 > 0.0);
    outer.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut polygons: Vec<Vec<Vec<Corner>>> = outer.into_iter().map(|ring| vec![ring.1]).collect();
    for (_, hole) in holes {
        let places = |ring: &[Corner]| ring.iter().map(|c| borders.places[*c as usize]).collect::<Vec<_>>();
        let own = places(&hole);
        let beside = std::array::from_fn(|i| (own[0][i] + own[1][i]) / 2.0);
        let holder = polygons.iter().position(|polygon| holds(&[places(&polygon[0])], beside))?;
        polygons[holder].push(hole);
    }
    Some(polygons)
}

/// The next corner of a ring: the sharpest turn to the left, so that rings that touch stay apart.
fn sharpest(
    borders: &Borders,
    open: &BTreeMap<(Corner, Corner), ()>,
    from: Corner,
    at: Corner,
) -> Option<Corner> {
    let way = |a: Corner, b: Corner| {
        let [a, b] = [a, b].map(|corner| borders.places[corner as usize]);
        (b[1] - a[1]).atan2(b[0] - a[0])
    };
    let come = way(from, at);
    let turn = |next: &Corner| {
        let turn = (way(at, *next) - come).rem_euclid(std::f64::consts::TAU);
        if turn > std::f64::consts::PI { turn - std::f64::consts::TAU } else { turn }
    };
    let ways = open.range((at, 0)..=(at, Corner::MAX)).map(|((_, to), ())| *to);
    ways.max_by(|a, b| turn(a).total_cmp(&turn(b)))
}

/// Triangles that fill rings, by the number of their corners in the order of the rings.
fn triangles(rings: &[Vec<[f64; 2]>]) -> Option<Vec<[usize; 3]>> {
    let mut mesh = ConstrainedDelaunayTriangulation::<Point2<f64>>::new();
    let mut number: BTreeMap<usize, usize> = BTreeMap::new();
    let mut next = 0;
    for ring in rings {
        let mut handles: Vec<FixedVertexHandle> = Vec::new();
        for place in ring {
            let handle = mesh.insert(Point2::new(place[0], place[1])).ok()?;
            // A ring that meets itself has one corner twice: either stands for both.
            let _ = number.entry(handle.index()).or_insert(next);
            handles.push(handle);
            next += 1;
        }
        for (index, &from) in handles.iter().enumerate() {
            let to = handles[(index + 1) % handles.len()];
            if from == to || !mesh.can_add_constraint(from, to) {
                return None;
            }
            mesh.add_constraint(from, to);
        }
    }
    let inner = mesh.inner_faces().filter(|face| {
        let corners = face.vertices().map(|vertex| vertex.position());
        let middle = [
            corners.iter().map(|corner| corner.x).sum::<f64>() / 3.0,
            corners.iter().map(|corner| corner.y).sum::<f64>() / 3.0,
        ];
        holds(rings, middle)
    });
    Some(inner.map(|face| face.vertices().map(|vertex| number[&vertex.fix().index()])).collect())
}
