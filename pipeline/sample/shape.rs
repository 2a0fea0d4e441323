//! Convex polygons and straight cuts: the plan of the town is made of nothing else.
//!
//! A convex polygon cut by a line gives two convex polygons, which share the new edge to the last bit. So a
//! rectangle cut again and again stays a partition: no gap, no overlap, and each area is known. Each edge
//! carries a tag (the street that it borders). Vertices nearer than a millimetre to the cut count as on it,
//! so that no sliver is made. Cost: proportional to the number of vertices.

/// A position, metres.
pub type Xy = [f64; 2];

/// Nearer than this to a cut is on it, metres.
const ON_LINE: f64 = 1e-3;

/// What an edge borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The border of the sample.
    Border,
    /// A street, by its number.
    Street(usize),
    /// Another piece of land.
    Land,
}

/// A directed line. Its left side, where `normal · p > offset`, is beyond it.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    normal: Xy,
    offset: f64,
}

/// `a · b`.
pub fn dot(a: Xy, b: Xy) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// `from + step · by`.
pub fn along(from: Xy, step: Xy, by: f64) -> Xy {
    [from[0] + step[0] * by, from[1] + step[1] * by]
}

/// A quarter turn to the left.
pub fn turned(a: Xy) -> Xy {
    [-a[1], a[0]]
}

/// The direction from one position to another, of length 1.
pub fn direction(from: Xy, to: Xy) -> Xy {
    let length = distance(from, to);
    [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
}

/// The distance between two positions.
pub fn distance(a: Xy, b: Xy) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

impl Line {
    /// The line through a position along a direction of length 1.
    pub fn through(position: Xy, direction: Xy) -> Line {
        let normal = turned(direction);
        Line { normal, offset: dot(normal, position) }
    }

    /// The line moved to its left by this many metres.
    pub fn shifted(&self, by: f64) -> Line {
        Line { offset: self.offset + by, ..*self }
    }

    /// Signed distance, metres: positive beyond the line (to its left), 0 nearer than a millimetre.
    pub fn beyond(&self, p: Xy) -> f64 {
        let distance = dot(self.normal, p) - self.offset;
        if distance.abs() < ON_LINE { 0.0 } else { distance }
    }

    /// Where two lines meet, or `None` where they are nearly parallel.
    pub fn meets(&self, other: &Line) -> Option<Xy> {
        let det = self.normal[0] * other.normal[1] - self.normal[1] * other.normal[0];
        let x = (self.offset * other.normal[1] - self.normal[1] * other.offset) / det;
        let y = (self.normal[0] * other.offset - self.offset * other.normal[0]) / det;
        (det.abs() > 0.05).then_some([x, y])
    }

    /// Where the edge `a`–`b` crosses the line: the same bits whichever way the edge runs.
    fn crossing(&self, a: Xy, b: Xy) -> Xy {
        let (a, b) = if (a[0], a[1]) < (b[0], b[1]) { (a, b) } else { (b, a) };
        let (da, db) = (dot(self.normal, a) - self.offset, dot(self.normal, b) - self.offset);
        let t = da / (da - db);
        [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
    }
}

/// A convex polygon, anticlockwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Convex {
    /// Corners.
    pub ring: Vec<Xy>,
    /// What the edge from each corner to the next borders.
    pub edges: Vec<Edge>,
}

impl Convex {
    /// A polygon of these corners, all its edges alike.
    pub fn new(ring: Vec<Xy>, edge: Edge) -> Convex {
        let edges = vec![edge; ring.len()];
        Convex { ring, edges }
    }

    /// Both sides of a cut: before the line and beyond it. The new edges get `edge`.
    pub fn cut(&self, line: &Line, edge: Edge) -> (Option<Convex>, Option<Convex>) {
        let sides: Vec<f64> = self.ring.iter().map(|&p| line.beyond(p)).collect();
        let before = sides.iter().any(|&d| d < 0.0);
        let beyond = sides.iter().any(|&d| d > 0.0);
        match (before, beyond) {
            (true, true) => (self.part(line, edge, &sides, -1.0), self.part(line, edge, &sides, 1.0)),
            (true, false) => (Some(self.clone()), None),
            (false, _) => (None, Some(self.clone())),
        }
    }

    /// Sutherland & Hodgman 1974, with the tags of the edges.
    fn part(&self, line: &Line, edge: Edge, sides: &[f64], keep: f64) -> Option<Convex> {
        let mut out = Convex { ring: Vec::new(), edges: Vec::new() };
        for i in 0..self.ring.len() {
            let j = (i + 1) % self.ring.len();
            let (a, b) = (sides[i] * keep, sides[j] * keep);
            if a >= 0.0 {
                out.ring.push(self.ring[i]);
                out.edges.push(if a == 0.0 && b < 0.0 { edge } else { self.edges[i] });
            }
            if a * b < 0.0 {
                out.ring.push(line.crossing(self.ring[i], self.ring[j]));
                out.edges.push(if a > 0.0 { edge } else { self.edges[i] });
            }
        }
        (out.ring.len() >= 3).then_some(out)
    }

    /// Area, m² (shoelace formula).
    pub fn area(&self) -> f64 {
        let origin = self.ring[0];
        let sum: f64 = self
            .ring
            .windows(2)
            .map(|p| {
                (p[0][0] - origin[0]) * (p[1][1] - origin[1]) - (p[1][0] - origin[0]) * (p[0][1] - origin[1])
            })
            .sum();
        sum / 2.0
    }

    /// Centre of gravity.
    pub fn centre(&self) -> Xy {
        let origin = self.ring[0];
        let (mut weight, mut x, mut y) = (0.0, 0.0, 0.0);
        for p in self.ring.windows(2) {
            let (a, b) =
                ([p[0][0] - origin[0], p[0][1] - origin[1]], [p[1][0] - origin[0], p[1][1] - origin[1]]);
            let cross = a[0] * b[1] - b[0] * a[1];
            weight += cross;
            x += (a[0] + b[0]) * cross;
            y += (a[1] + b[1]) * cross;
        }
        [origin[0] + x / (3.0 * weight), origin[1] + y / (3.0 * weight)]
    }

    /// Whether a position lies inside or on the border.
    pub fn holds(&self, p: Xy) -> bool {
        self.depth(p) >= 0.0
    }

    /// Distance to the nearest edge's line: positive inside.
    pub fn depth(&self, p: Xy) -> f64 {
        let mut depth = f64::INFINITY;
        for i in 0..self.ring.len() {
            let (a, b) = (self.ring[i], self.ring[(i + 1) % self.ring.len()]);
            let cross = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
            depth = depth.min(cross / distance(a, b));
        }
        depth
    }

    /// Smallest and largest of `direction · p`.
    pub fn span(&self, direction: Xy) -> (f64, f64) {
        self.ring
            .iter()
            .map(|&p| dot(direction, p))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |span, s| (span.0.min(s), span.1.max(s)))
    }

    /// The direction of the longer side of the smallest rectangle around the polygon, with both sides.
    pub fn long_axis(&self) -> (Xy, f64, f64) {
        let mut best = ([1.0, 0.0], f64::INFINITY, 0.0);
        for i in 0..self.ring.len() {
            let axis = direction(self.ring[i], self.ring[(i + 1) % self.ring.len()]);
            let (a, b) = (self.span(axis), self.span(turned(axis)));
            let (length, width) = (a.1 - a.0, b.1 - b.0);
            if length * width < best.1 * best.2 || best.2 == 0.0 {
                best = if length >= width { (axis, length, width) } else { (turned(axis), width, length) };
            }
        }
        best
    }

    /// The part inside another convex polygon.
    pub fn clipped(&self, by: &Convex) -> Option<Convex> {
        let mut rest = Some(self.clone());
        for i in 0..by.ring.len() {
            let (a, b) = (by.ring[i], by.ring[(i + 1) % by.ring.len()]);
            rest = rest?.cut(&Line::through(a, direction(a, b)), Edge::Land).1;
        }
        rest
    }
}

/// A rectangle of any orientation: the footprint of a building, a terrace, a parking place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Its centre.
    pub centre: Xy,
    /// Direction of its width, of length 1; its depth is a quarter turn to the left.
    pub axis: Xy,
    /// Side along the axis, metres.
    pub width: f64,
    /// Side across the axis, metres.
    pub depth: f64,
}

impl Rect {
    /// The rectangle as a polygon.
    pub fn shape(&self) -> Convex {
        let (w, d) = (self.width / 2.0, self.depth / 2.0);
        let corner = |x: f64, y: f64| along(along(self.centre, self.axis, x), turned(self.axis), y);
        Convex::new(vec![corner(-w, -d), corner(w, -d), corner(w, d), corner(-w, d)], Edge::Land)
    }

    /// Coordinates of a position in the rectangle's own frame, from its centre.
    pub fn local(&self, p: Xy) -> Xy {
        let offset = [p[0] - self.centre[0], p[1] - self.centre[1]];
        [dot(offset, self.axis), dot(offset, turned(self.axis))]
    }

    /// Distance from a position to the rectangle, 0 inside.
    pub fn distance(&self, p: Xy) -> f64 {
        let [x, y] = self.local(p);
        (x.abs() - self.width / 2.0).max(0.0).hypot((y.abs() - self.depth / 2.0).max(0.0))
    }
}

/// How a rectangle shall lie on a lot: seen from its front edge.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Distance of the front wall from the front edge, metres.
    pub setback: f64,
    /// Wanted width, metres.
    pub width: f64,
    /// Least acceptable width, metres.
    pub least: f64,
    /// Wanted depth, metres.
    pub depth: f64,
    /// Where in the free width: 0 at its start, 1 at its end.
    pub align: f64,
}

/// A piece of land with a front: houses stand along it.
#[derive(Debug, Clone)]
pub struct Lot {
    /// The land.
    pub shape: Convex,
    /// A position on the front edge.
    pub origin: Xy,
    /// Direction of the front edge; the land lies to its left.
    pub front: Xy,
}

impl Lot {
    /// A lot whose front is the longest edge that borders a street, else the longest edge.
    pub fn facing_longest(shape: Convex) -> Lot {
        let score = |i: usize| {
            let length = distance(shape.ring[i], shape.ring[(i + 1) % shape.ring.len()]);
            if matches!(shape.edges[i], Edge::Street(_)) { length + 1e4 } else { length }
        };
        let best = (0..shape.ring.len()).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(0);
        Lot::facing(shape, best)
    }

    /// A lot whose front is edge `edge` of its shape.
    pub fn facing(shape: Convex, edge: usize) -> Lot {
        let (a, b) = (shape.ring[edge], shape.ring[(edge + 1) % shape.ring.len()]);
        Lot { origin: a, front: direction(a, b), shape }
    }

    /// Whether a street passes at the front.
    pub fn length(&self) -> f64 {
        let span = self.shape.span(self.front);
        span.1 - span.0
    }

    /// How far the land reaches behind its front.
    pub fn reach(&self) -> f64 {
        self.shape.span(turned(self.front)).1 - dot(turned(self.front), self.origin)
    }

    /// The free interval along the front at a depth behind it.
    fn interval(&self, depth: f64) -> Option<(f64, f64)> {
        let inward = turned(self.front);
        let at = |p: Xy| (dot(self.front, p), dot(inward, p) - dot(inward, self.origin) - depth);
        let mut span = (f64::INFINITY, f64::NEG_INFINITY);
        for i in 0..self.shape.ring.len() {
            let (a, b) = (at(self.shape.ring[i]), at(self.shape.ring[(i + 1) % self.shape.ring.len()]));
            if a.1 * b.1 <= 0.0 && a.1 != b.1 {
                let s = a.0 + (b.0 - a.0) * a.1 / (a.1 - b.1);
                span = (span.0.min(s), span.1.max(s));
            }
        }
        (span.0 < span.1).then_some(span)
    }

    /// The rectangle that a wish gives, wholly on the land, or `None` where there is no room.
    pub fn place(&self, wish: &Wish) -> Option<Rect> {
        // The front edge itself may be a hair's breadth short by rounding: look a centimetre behind it.
        let near = self.interval(wish.setback.max(0.01))?;
        let far = self.interval(wish.setback + wish.depth)?;
        let (low, high) = (near.0.max(far.0), near.1.min(far.1));
        let width = wish.width.min(high - low);
        if width < wish.least {
            return None;
        }
        let start = low + (high - low - width) * wish.align;
        let inward = turned(self.front);
        let behind = dot(inward, self.origin) + wish.setback + wish.depth / 2.0;
        let middle = start + width / 2.0;
        let centre = along(along([0.0, 0.0], self.front, middle), inward, behind);
        Some(Rect { centre, axis: self.front, width, depth: wish.depth })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Convex {
        Convex::new(vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]], Edge::Border)
    }

    #[test]
    fn both_sides_of_a_cut_make_the_whole() {
        let line = Line::through([3.0, 0.0], direction([3.0, 0.0], [6.0, 10.0]));
        let (before, beyond) = square().cut(&line, Edge::Street(4));
        let (before, beyond) = (before.unwrap(), beyond.unwrap());
        assert!((before.area() + beyond.area() - 100.0).abs() < 1e-12);
        assert!((before.area() - 55.0).abs() < 1e-12 || (before.area() - 45.0).abs() < 1e-12);
        for part in [&before, &beyond] {
            assert_eq!(part.edges.iter().filter(|&&e| e == Edge::Street(4)).count(), 1);
            assert_eq!(part.edges.iter().filter(|&&e| e == Edge::Border).count(), 3);
            assert!(part.area() > 0.0, "corners stay anticlockwise");
        }
    }

    #[test]
    fn a_cut_along_an_edge_cuts_nothing() {
        let line = Line::through([0.0, 10.0], [1.0, 0.0]);
        let (before, beyond) = square().cut(&line, Edge::Land);
        assert!(before.is_some() != beyond.is_some());
    }

    #[test]
    fn centre_depth_and_axis_of_a_rectangle() {
        let rect = Rect { centre: [5.0, 3.0], axis: [0.6, 0.8], width: 8.0, depth: 2.0 };
        let shape = rect.shape();
        assert!((shape.area() - 16.0).abs() < 1e-12);
        assert!(distance(shape.centre(), rect.centre) < 1e-12);
        assert!((shape.depth(rect.centre) - 1.0).abs() < 1e-12);
        let (axis, length, width) = shape.long_axis();
        assert!(dot(axis, rect.axis).abs() > 1.0 - 1e-12);
        assert!((length - 8.0).abs() < 1e-9 && (width - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_house_stands_on_its_lot() {
        let lot = Lot::facing(square(), 0);
        let rect = lot.place(&Wish { setback: 2.0, width: 6.0, least: 5.0, depth: 4.0, align: 0.5 }).unwrap();
        assert_eq!(rect.centre, [5.0, 4.0]);
        assert!(lot.place(&Wish { setback: 2.0, width: 6.0, least: 5.0, depth: 9.0, align: 0.5 }).is_none());
    }
}
