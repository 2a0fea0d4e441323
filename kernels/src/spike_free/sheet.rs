//! The falling sheet: a triangulation that freezes, and how it is drawn.
//!
//! In: points from the highest down, on their integer lattice, so that every comparison is exact. Out: a
//! raster. Vertices are numbered in the order in which they came, hence by height: the last corner of a
//! triangle is its lowest, and is what the triangle came with. Cost: a few steps of a walk for each point.

use spade::handles::{FixedFaceHandle, FixedVertexHandle, InnerTag};
use spade::{
    ConstrainedDelaunayTriangulation, HasPosition, LastUsedVertexHintGenerator, Point2,
    PositionInTriangulation, Triangulation,
};

use super::SpikeFreeParams;
use crate::frame::Frame;
use crate::grid::{Grid, Sample};
use crate::points::{Lattice, Points};
use crate::unit::Metres;

/// A point of the sheet, in units of the lattice.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    x: i32,
    y: i32,
    z: i32,
}

impl HasPosition for Vertex {
    type Scalar = f64;
    fn position(&self) -> Point2<f64> {
        Point2::new(f64::from(self.x), f64::from(self.y))
    }
}

/// Whether a triangle is frozen.
#[derive(Debug, Clone, Copy, Default)]
struct Frozen(bool);

type Triangles = ConstrainedDelaunayTriangulation<Vertex, (), (), Frozen, LastUsedVertexHintGenerator>;

/// The sheet while it falls.
pub(super) struct Sheet {
    triangles: Triangles,
    /// Square of the freeze distance, in units.
    freeze: f64,
    /// Insertion buffer, in units.
    buffer: i64,
    /// Number of vertices whose triangles have been judged.
    judged: usize,
    hints: Hints,
}

impl Sheet {
    /// A sheet above all points.
    pub(super) fn over(points: &Points, params: &SpikeFreeParams) -> Sheet {
        let freeze = params.freeze_distance.0 * f64::from(points.lattice.per_metre);
        let buffer = params.insertion_buffer.0 * f64::from(points.lattice.per_metre_up);
        Sheet {
            triangles: Triangles::new(),
            freeze: freeze * freeze,
            buffer: buffer.round() as i64,
            judged: 0,
            hints: Hints::over(points),
        }
    }

    /// Freezes the triangles that the sheet leaves behind when it falls to a height.
    pub(super) fn lower_to(&mut self, z: i32) {
        while self.judged < self.triangles.num_vertices() {
            let vertex = FixedVertexHandle::from_index(self.judged);
            let above = i64::from(self.triangles.vertex(vertex).data().z) - i64::from(z);
            if above <= self.buffer {
                return;
            }
            self.freeze_around(vertex);
            self.judged += 1;
        }
    }

    /// Freezes the short triangles whose lowest corner is this vertex.
    fn freeze_around(&mut self, vertex: FixedVertexHandle) {
        let faces = self.triangles.vertex(vertex).out_edges().filter_map(|edge| edge.face().as_inner());
        let due: Vec<FixedFaceHandle<InnerTag>> = faces
            .filter(|face| face.vertices().iter().all(|corner| corner.fix() <= vertex))
            .filter(|face| face.adjacent_edges().iter().all(|edge| edge.length_2() < self.freeze))
            .map(|face| face.fix())
            .collect();
        for face in due {
            self.triangles.face_data_mut(face).0 = true;
            let edges = self.triangles.face(face).adjacent_edges();
            let loose = edges.map(|edge| {
                let [from, to] = edge.vertices().map(|corner| corner.fix());
                (!edge.is_constraint_edge()).then_some((from, to))
            });
            for (from, to) in loose.into_iter().flatten() {
                self.triangles.add_constraint(from, to);
            }
        }
    }

    /// A point touches the sheet: it becomes a vertex unless the sheet is frozen there.
    pub(super) fn touch(&mut self, x: i32, y: i32, z: i32) {
        let vertex = Vertex { x, y, z };
        let number = match self.hints.near(x, y) {
            Some(hint) => {
                let Some(neighbour) = self.open_at(vertex.position(), hint) else { return };
                self.triangles.insert_with_hint(vertex, neighbour)
            }
            None => self.triangles.insert(vertex),
        };
        let number = number.expect("whole numbers of 32 bits are valid positions");
        self.hints.set(x, y, number);
    }

    /// A vertex beside a position, unless a vertex or a frozen triangle is there.
    fn open_at(&self, position: Point2<f64>, hint: FixedVertexHandle) -> Option<FixedVertexHandle> {
        let edge = match self.triangles.locate_with_hint(position, hint) {
            PositionInTriangulation::OnVertex(_) => return None,
            PositionInTriangulation::NoTriangulation => return Some(hint),
            PositionInTriangulation::OnFace(face) => self.triangles.face(face).adjacent_edge(),
            PositionInTriangulation::OnEdge(edge) => {
                let edge = self.triangles.directed_edge(edge);
                if edge.rev().face().as_inner().is_some_and(|face| face.data().0) {
                    return None;
                }
                edge
            }
            PositionInTriangulation::OutsideOfConvexHull(edge) => self.triangles.directed_edge(edge),
        };
        let is_frozen = edge.face().as_inner().is_some_and(|face| face.data().0);
        (!is_frozen).then(|| edge.from().fix())
    }

    /// Heights at the cell centres, linear in each triangle.
    pub(super) fn draw(&self, lattice: &Lattice, frame: &Frame, longest_edge: Metres) -> Grid<f32> {
        let mut grid = Grid::filled(*frame, f32::MISSING);
        let longest = longest_edge.0 * f64::from(lattice.per_metre);
        let canvas = Canvas::new(lattice, frame);
        for face in self.triangles.inner_faces() {
            if face.adjacent_edges().iter().all(|edge| edge.length_2() <= longest * longest) {
                canvas.paint(face.vertices().map(|corner| *corner.data()), grid.cells_mut());
            }
        }
        grid
    }
}

/// A frame in units of the lattice.
struct Canvas {
    rows: usize,
    cols: usize,
    /// Centre of the first cell, and the step from cell to cell.
    west: f64,
    north: f64,
    step: f64,
    per_metre_up: f64,
}

impl Canvas {
    fn new(lattice: &Lattice, frame: &Frame) -> Canvas {
        let per_metre = f64::from(lattice.per_metre);
        Canvas {
            rows: frame.rows,
            cols: frame.cols,
            west: frame.x(0) * per_metre - lattice.x0 as f64,
            north: frame.y(0) * per_metre - lattice.y0 as f64,
            step: frame.cell.0 * per_metre,
            per_metre_up: f64::from(lattice.per_metre_up),
        }
    }

    /// Paints one triangle, corners counter-clockwise. Centres on an edge belong to both triangles and take
    /// the higher value (they differ by rounding only), so that the order of the triangles does not matter.
    fn paint(&self, corners: [Vertex; 3], cells: &mut [f32]) {
        let corners = from_smallest(corners);
        let (low, high) = corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(f64::from(v.y)), high.max(f64::from(v.y)))
        });
        let rows = span((self.north - high) / self.step, (self.north - low) / self.step, self.rows);
        for row in rows {
            let y = self.north - row as f64 * self.step;
            let Some((west, east)) = crossing(&corners, y) else { continue };
            let cols = span((west - self.west) / self.step, (east - self.west) / self.step, self.cols);
            for col in cols {
                let x = self.west + col as f64 * self.step;
                if let Some(z) = height_at(&corners, x, y) {
                    let cell = &mut cells[row * self.cols + col];
                    *cell = cell.max((z / self.per_metre_up) as f32);
                }
            }
        }
    }
}

/// Whole numbers below `count` from one position to another, with one more on each side against rounding.
fn span(from: f64, to: f64, count: usize) -> std::ops::Range<usize> {
    let first = (from.ceil() - 1.0).max(0.0) as usize;
    let end = (to.floor() + 2.0).clamp(0.0, count as f64) as usize;
    first.min(end)..end
}

/// The corners, in their order, from the westernmost on: a triangle has one value in each cell, however it
/// came about.
fn from_smallest(mut corners: [Vertex; 3]) -> [Vertex; 3] {
    let first = (0..3).min_by_key(|&i| (corners[i].x, corners[i].y)).unwrap_or_default();
    corners.rotate_left(first);
    corners
}

/// Where the edges of a triangle cross a parallel.
fn crossing(corners: &[Vertex; 3], y: f64) -> Option<(f64, f64)> {
    let mut span: Option<(f64, f64)> = None;
    for i in 0..3 {
        let (a, b) = (corners[i].position(), corners[(i + 1) % 3].position());
        if y < a.y.min(b.y) || y > a.y.max(b.y) {
            continue;
        }
        let (west, east) = if a.y == b.y {
            (a.x.min(b.x), a.x.max(b.x))
        } else {
            let x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
            (x, x)
        };
        span = Some(span.map_or((west, east), |(low, high)| (low.min(west), high.max(east))));
    }
    span
}

/// The height of a triangle's plane at a position in it, borders included, in units.
fn height_at(corners: &[Vertex; 3], x: f64, y: f64) -> Option<f64> {
    let mut weights = [0.0; 3];
    for i in 0..3 {
        let (a, b) = (corners[(i + 1) % 3].position(), corners[(i + 2) % 3].position());
        weights[i] = (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
        if weights[i] < 0.0 {
            return None;
        }
    }
    let whole: f64 = weights.iter().sum();
    let z = |i: usize| weights[i] * f64::from(corners[i].z);
    Some((z(0) + z(1) + z(2)) / whole)
}

/// For each place a vertex nearby, from which to walk: rasters of four times the step at each level, of which
/// the finest that knows a vertex answers.
struct Hints {
    west: i64,
    south: i64,
    levels: Vec<Level>,
}

struct Level {
    step: i64,
    columns: usize,
    known: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl Hints {
    /// As many places at the finest level as a quarter of the points.
    fn over(points: &Points) -> Hints {
        let bounds = |values: &[i32]| {
            let (low, high) = (values.iter().min(), values.iter().max());
            (i64::from(low.copied().unwrap_or(0)), i64::from(high.copied().unwrap_or(0)))
        };
        let ((west, east), (south, north)) = (bounds(&points.x), bounds(&points.y));
        let (width, height) = (east - west + 1, north - south + 1);
        let area = width as f64 * height as f64;
        let mut step = (2.0 * (area / points.len().max(1) as f64).sqrt()).ceil() as i64;
        // A strip one point wide must not have more places than points.
        step = step.max(width.max(height) / points.len().max(1) as i64 + 1);
        let mut levels = Vec::new();
        loop {
            let (columns, rows) = ((width / step + 1) as usize, (height / step + 1) as usize);
            levels.push(Level { step, columns, known: vec![UNKNOWN; columns * rows] });
            if columns * rows == 1 {
                return Hints { west, south, levels };
            }
            step *= 4;
        }
    }

    fn near(&self, x: i32, y: i32) -> Option<FixedVertexHandle> {
        let known = self.levels.iter().map(|level| level.known[self.place(level, x, y)]);
        known.into_iter().find(|&number| number != UNKNOWN).map(|n| FixedVertexHandle::from_index(n as usize))
    }

    fn set(&mut self, x: i32, y: i32, vertex: FixedVertexHandle) {
        for number in 0..self.levels.len() {
            let place = self.place(&self.levels[number], x, y);
            self.levels[number].known[place] = vertex.index() as u32;
        }
    }

    fn place(&self, level: &Level, x: i32, y: i32) -> usize {
        let along = |value: i32, first: i64| ((i64::from(value) - first) / level.step) as usize;
        along(y, self.south) * level.columns + along(x, self.west)
    }
}
