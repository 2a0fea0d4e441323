//! The Delaunay triangle over a position, found locally and exactly: no triangulation is built.
//!
//! In: an index of points and a position. Out: the triangle of the Delaunay triangulation of all points (within
//! a given reach of the position) that contains it.
//!
//! Idea: lift each point to w = u² + v² with the position as origin. The triangle wanted is the facet of the
//! lower convex hull over the origin, the optimum of a linear programme in three unknowns. The dual simplex
//! keeps a triangle that holds the origin, finds the point deepest below its plane (inside its circumcircle),
//! and swaps it for the corner whose removal keeps the origin inside:
//!
//! ```text
//!        b                      b            plane through a, b, c:  D w = A u + B v + C
//!       / \    . p   →         / \ ` p       depth of a point:       e = D w − A u − B v − C
//!      / o \                  / o \ |        e < 0: inside the circumcircle
//!     a-----c                a-----`         circle: centre (A, B) / 2D, radius² = centre² + C / D
//! ```
//!
//! It ends when no point is below the plane and the circle lies in the part that was looked at. On average 1.5
//! exchanges over some fifty points. Empty quadrants are crossed on coarser levels (one point in a cell), at
//! last from four ghost corners beyond the reach.
//!
//! Exactness: coordinates are multiples of a half unit; f64 is exact while w ≤ 2²² (20 m at centimetres). Beyond,
//! f64 decides only where its error bound allows, and i128 decides the rest. Ties (four points on a circle, a
//! position on an edge) are broken by symbolic perturbation (Edelsbrunner & Mücke 1990, 10.1145/77635.77639): w
//! of the lexicographically last point by (x, y) is raised by the largest infinitesimal, and the position is
//! moved by (ε, ε²). Both depend on positions only, so the result is the same in any tiling and any order.
//!
//! Sources: Preparata & Shamos (1985) for the lifting map; Lemke (1954) for the dual simplex. Cost: about 0.5 µs a
//! search at 11 points/m² between buildings (AVX2).

use pulp::Simd;

use crate::buckets::{Buckets, GRAIN, Level, Window};

/// Places from here on are the four ghost corners.
const GHOST: u32 = u32::MAX - 3;

/// Largest w for which all of the plane's arithmetic in f64 is exact: 13 w² in quarter units stays under 2⁵³.
pub(crate) const EXACT: f64 = (1u64 << 22) as f64;

/// w of the lanes that hold no point: above every plane.
const FAR: f64 = 1e30;

/// By the number of lanes in use: 1 for these, and `FAR` for the others.
const KEEP: [[f64; GRAIN]; GRAIN + 1] =
    [[0.0; 4], [1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0], [1.0; 4]];
const LIFT: [[f64; GRAIN]; GRAIN + 1] =
    [[FAR; 4], [0.0, FAR, FAR, FAR], [0.0, 0.0, FAR, FAR], [0.0, 0.0, 0.0, FAR], [0.0; 4]];

/// Points looked at together where a circle is large.
const BATCH: usize = 4096;

/// Cells of a window that are read whole rather than clipped to the circle.
const SMALL: usize = 36;

/// Points of a row that are read rather than clipped to the circle.
const FEW: usize = 8;

/// A point relative to the position, in units of the lattice (multiples of a half).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Corner {
    pub(crate) u: f64,
    pub(crate) v: f64,
    pub(crate) place: u32,
}

/// Three corners, counter-clockwise around the position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Facet {
    pub(crate) corners: [Corner; 3],
}

/// The infinitesimal move of the position that decides on edges and corners: first along `first`, then, far
/// less, along `then`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Nudge {
    pub(crate) first: (f64, f64),
    pub(crate) then: (f64, f64),
}

impl Nudge {
    /// East, then north.
    pub(crate) const PLAIN: Nudge = Nudge { first: (1.0, 0.0), then: (0.0, 1.0) };
}

/// A position in local units of the index, and how it gives way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) nudge: Nudge,
}

/// The part of the plane that matters to a block of positions, in local units: points outside are not looked
/// for, and its four corners bear the ghosts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings {
    pub(crate) west: f64,
    pub(crate) east: f64,
    pub(crate) south: f64,
    pub(crate) north: f64,
}

impl Surroundings {
    /// The ghosts around a position, counter-clockwise from the south-west.
    fn ghosts(&self, query: &Query) -> [Corner; 4] {
        let corner = |x: f64, y: f64, at: u32| Corner { u: x - query.x, v: y - query.y, place: GHOST + at };
        [
            corner(self.west, self.south, 0),
            corner(self.east, self.south, 1),
            corner(self.east, self.north, 2),
            corner(self.west, self.north, 3),
        ]
    }
}

/// `p × q`: its sign is exact, its value to 10⁻⁸, and exact for coordinates up to 2²⁴.
#[inline(always)]
pub(crate) fn cross(p: (f64, f64), q: (f64, f64)) -> f64 {
    let (left, right) = (p.0 * q.1, p.1 * q.0);
    let difference = left - right;
    // Products of half units are exact below 2⁵⁰; above, the difference stands where little cancels.
    if left.abs() + right.abs() < 1e15 || difference.abs() > 1e-7 * (left.abs() + right.abs()) {
        return difference;
    }
    exact_cross(p, q)
}

#[cold]
#[inline(never)]
fn exact_cross(p: (f64, f64), q: (f64, f64)) -> f64 {
    let [pu, pv, qu, qv] = [p.0, p.1, q.0, q.1].map(halves);
    ((pu * qv - pv * qu) as f64) / 4.0
}

/// A coordinate in whole half units.
#[inline(always)]
pub(crate) fn halves(coordinate: f64) -> i128 {
    i128::from((coordinate * 2.0) as i64)
}

impl Corner {
    /// Whether this is no point but a corner of the surroundings.
    pub(crate) fn is_ghost(&self) -> bool {
        self.place >= GHOST
    }

    #[inline(always)]
    pub(crate) fn at(&self) -> (f64, f64) {
        (self.u, self.v)
    }

    /// Whether the position, nudged, lies to the left of the line from here to `other`.
    #[inline(always)]
    fn turns_left_to(&self, other: &Corner, nudge: &Nudge) -> bool {
        let turn = cross(self.at(), other.at());
        if turn != 0.0 { turn > 0.0 } else { self.nudged_left_of(other, nudge) }
    }

    #[cold]
    #[inline(never)]
    fn nudged_left_of(&self, other: &Corner, nudge: &Nudge) -> bool {
        let along = (other.u - self.u, other.v - self.v);
        let first = cross(along, nudge.first);
        if first != 0.0 { first > 0.0 } else { cross(along, nudge.then) > 0.0 }
    }

    #[inline(always)]
    pub(crate) fn w(&self) -> f64 {
        self.u * self.u + self.v * self.v
    }
}

/// The plane through the lifted corners, `d w = a u + b v + c`, and how far below it f64 may place a point that
/// is on it.
#[derive(Debug, Clone, Copy)]
struct Plane {
    d: f64,
    a: f64,
    b: f64,
    c: f64,
    slack: f64,
}

/// A circumcircle, relative to the position.
#[derive(Debug, Clone, Copy)]
struct Circle {
    u: f64,
    v: f64,
    /// Not less than the true radius, by more than the rounding of centre and cells.
    reach: f64,
}

impl Plane {
    #[inline(always)]
    fn through(facet: &Facet, highest: f64) -> Plane {
        let [p, q, r] = facet.corners;
        let (pw, qw, rw) = (p.w(), q.w(), r.w());
        if highest.max(pw).max(qw).max(rw) > EXACT {
            return Plane::through_far(facet, highest);
        }
        let (lp, lq, lr) = (q.u * r.v - q.v * r.u, r.u * p.v - r.v * p.u, p.u * q.v - p.v * q.u);
        Plane {
            d: lp + lq + lr,
            a: pw * (q.v - r.v) + qw * (r.v - p.v) + rw * (p.v - q.v),
            b: pw * (r.u - q.u) + qw * (p.u - r.u) + rw * (q.u - p.u),
            c: lp * pw + lq * qw + lr * rw,
            slack: 0.0,
        }
    }

    #[cold]
    #[inline(never)]
    fn through_far(facet: &Facet, highest: f64) -> Plane {
        let WholePlane { d, a, b, c } = WholePlane::through(facet);
        let (d, a, b, c) = (d as f64 / 4.0, a as f64 / 8.0, b as f64 / 8.0, c as f64 / 16.0);
        let size = d * highest + (a.abs() + b.abs()) * highest.sqrt() + c;
        Plane { d, a, b, c, slack: size * 2f64.powi(-49) }
    }

    #[inline(always)]
    fn circle(&self) -> Circle {
        let half = 0.5 / self.d;
        let (u, v) = (self.a * half, self.b * half);
        let radius = (u * u + v * v + 2.0 * half * self.c).sqrt();
        Circle { u, v, reach: radius + 1e-9 * (radius + u.abs() + v.abs()) + 2.0 }
    }
}

/// A plane in half units, exact: positions within 2³⁰ half units keep all its terms under 2¹²⁷.
struct WholePlane {
    d: i128,
    a: i128,
    b: i128,
    c: i128,
}

impl WholePlane {
    fn through(facet: &Facet) -> WholePlane {
        let [(pu, pv), (qu, qv), (ru, rv)] = facet.corners.map(|corner| (halves(corner.u), halves(corner.v)));
        let (pw, qw, rw) = (pu * pu + pv * pv, qu * qu + qv * qv, ru * ru + rv * rv);
        let (lp, lq, lr) = (qu * rv - qv * ru, ru * pv - rv * pu, pu * qv - pv * qu);
        WholePlane {
            d: lp + lq + lr,
            a: pw * (qv - rv) + qw * (rv - pv) + rw * (pv - qv),
            b: pw * (ru - qu) + qw * (pu - ru) + rw * (qu - pu),
            c: lp * pw + lq * qw + lr * rw,
        }
    }

    fn depth(&self, (u, v): (f64, f64)) -> i128 {
        let (u, v) = (halves(u), halves(v));
        self.d * (u * u + v * v) - self.a * u - self.b * v - self.c
    }
}

impl Facet {
    /// Exchange one corner for a point inside the circumcircle, so that the position stays inside.
    #[inline(always)]
    fn exchange(&mut self, p: Corner, nudge: &Nudge) {
        let [a, b, c] = &self.corners;
        let left = usize::from(p.turns_left_to(a, nudge))
            + 2 * usize::from(p.turns_left_to(b, nudge))
            + 4 * usize::from(p.turns_left_to(c, nudge));
        // The opposite of p lies between a and b where p has a on its left and b on its right, and so on.
        const LEAVES: [usize; 8] = [1, 2, 0, 0, 1, 2, 1, 1];
        self.corners[LEAVES[left]] = p;
    }

    /// Whether a point at zero depth is, after the perturbation, inside the circumcircle.
    ///
    /// Raising the point that ranks last by (x, y) raises the point itself above the plane, or the plane's
    /// corner: then the point falls below where that corner weighs positively in it.
    fn holds_tied(&self, p: (f64, f64)) -> bool {
        let corners = self.corners.map(|corner| corner.at());
        if corners.contains(&p) {
            return false;
        }
        let last =
            (0..3).max_by(|&i, &j| corners[i].partial_cmp(&corners[j]).expect("no NaN")).expect("three");
        if p > corners[last] {
            return false;
        }
        let [next, after] = [corners[(last + 1) % 3], corners[(last + 2) % 3]];
        cross((next.0 - p.0, next.1 - p.1), (after.0 - p.0, after.1 - p.1)) > 0.0
    }
}

/// Local coordinates relative to the position's; 0 in the lanes that are not kept.
#[inline(always)]
fn relative(local: &[i32; GRAIN], origin: f64, keep: &[f64; GRAIN]) -> [f64; GRAIN] {
    let [a, b, c, d] = *local;
    let [i, j, k, l] = *keep;
    let from = |at: i32| f64::from(at) - origin;
    [from(a) * i, from(b) * j, from(c) * k, from(d) * l]
}

/// The points looked at, relative to the position, ready for vector arithmetic.
#[derive(Debug, Default)]
struct Sight {
    u: Vec<f64>,
    v: Vec<f64>,
    w: Vec<f64>,
    /// Where each group of points begins in the level.
    at: Vec<u32>,
    len: usize,
    /// Not less than the largest w.
    highest: f64,
    /// The cells of which all points that may touch the circle are in sight.
    seen: Option<Window>,
}

/// What a look over the points found: the deepest one, and how many are not clearly above the plane.
struct Deepest {
    depth: f64,
    at: usize,
    near: usize,
}

impl Sight {
    #[inline(always)]
    fn clear(&mut self) {
        self.len = 0;
        self.highest = 0.0;
        self.seen = None;
    }

    /// Add the points of a range of a level.
    #[inline(always)]
    fn load(&mut self, level: &Level, (first, end): (usize, usize), query: &Query) {
        if first == end {
            return;
        }
        let groups = (end - first).div_ceil(GRAIN);
        let (from, to) = (self.len, self.len + groups * GRAIN);
        if to > self.u.len() {
            self.grow(to);
        }
        let (xs, _) = level.x[first..first + groups * GRAIN].as_chunks::<GRAIN>();
        let (ys, _) = level.y[first..first + groups * GRAIN].as_chunks::<GRAIN>();
        let (us, _) = self.u[from..to].as_chunks_mut::<GRAIN>();
        let (vs, _) = self.v[from..to].as_chunks_mut::<GRAIN>();
        let (ws, _) = self.w[from..to].as_chunks_mut::<GRAIN>();
        let at = &mut self.at[from / GRAIN..to / GRAIN];
        for group in 0..groups {
            // Lanes beyond the range hold points of other cells, which are not looked at.
            let left = (end - first - group * GRAIN).min(GRAIN);
            let (keep, lift) = (&KEEP[left], &LIFT[left]);
            let (x, y) = (&xs[group], &ys[group]);
            let (u, v) = (relative(x, query.x, keep), relative(y, query.y, keep));
            let w = |lane: usize| u[lane] * u[lane] + v[lane] * v[lane] + lift[lane];
            ws[group] = [w(0), w(1), w(2), w(3)];
            (us[group], vs[group]) = (u, v);
            at[group] = (first + group * GRAIN) as u32;
        }
        self.len = to;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, to: usize) {
        let room = (to * 2).max(256);
        debug_assert!(room.is_multiple_of(GRAIN));
        self.u.resize(room, 0.0);
        self.v.resize(room, 0.0);
        self.w.resize(room, FAR);
        self.at.resize(room / GRAIN, 0);
    }

    /// Add all points of a window.
    #[inline(always)]
    fn load_window(&mut self, level: &Level, window: &Window, query: &Query) {
        for row in window.south..=window.north {
            self.load(level, level.range(row, window.west, window.east), query);
        }
    }

    #[inline(always)]
    fn corner(&self, level: &Level, at: usize) -> Corner {
        Corner { u: self.u[at], v: self.v[at], place: level.place(self.at[at / GRAIN] as usize + at % GRAIN) }
    }

    /// Bound the w of all points of a window.
    #[inline(always)]
    fn bound(&mut self, level: &Level, window: &Window, query: &Query) {
        let u = (query.x - level.easting(window.west)).max(level.easting(window.east + 1) - query.x) + 2.0;
        let v =
            (query.y - level.northing(window.south)).max(level.northing(window.north + 1) - query.y) + 2.0;
        self.highest = u * u + v * v;
    }

    /// The point deepest below a plane.
    #[inline(always)]
    fn deepest<S: Simd>(&self, simd: S, plane: &Plane) -> Deepest {
        let (us, _) = S::as_simd_f64s(&self.u[..self.len]);
        let (vs, _) = S::as_simd_f64s(&self.v[..self.len]);
        let (ws, _) = S::as_simd_f64s(&self.w[..self.len]);
        let (a, b, c) = (simd.splat_f64s(plane.a), simd.splat_f64s(plane.b), simd.splat_f64s(plane.c));
        let (d, slack) = (simd.splat_f64s(plane.d), simd.splat_f64s(plane.slack));
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let step = simd.splat_f64s(S::F64_LANES as f64);
        let mut least = simd.splat_f64s(f64::INFINITY);
        let (mut least_at, mut at, mut near) = (zero, first_lanes(simd), zero);
        for ((&u, &v), &w) in us.iter().zip(vs).zip(ws) {
            let e = simd.sub_f64s(simd.mul_f64s(d, w), simd.mul_f64s(a, u));
            let e = simd.sub_f64s(simd.sub_f64s(e, simd.mul_f64s(b, v)), c);
            let less = simd.less_than_f64s(e, least);
            least = simd.select_f64s(less, e, least);
            least_at = simd.select_f64s(less, at, least_at);
            let close = simd.less_than_or_equal_f64s(e, slack);
            near = simd.add_f64s(near, simd.select_f64s(close, one, zero));
            at = simd.add_f64s(at, step);
        }
        let depth = simd.reduce_min_f64s(least);
        let deepest = simd.equal_f64s(least, simd.splat_f64s(depth));
        let at = simd.reduce_min_f64s(simd.select_f64s(deepest, least_at, simd.splat_f64s(FAR))) as usize;
        Deepest { depth, at, near: simd.reduce_sum_f64s(near) as usize }
    }

    /// The points that f64 could not tell from the plane: one that is below it.
    #[cold]
    #[inline(never)]
    fn below(&self, level: &Level, facet: &Facet, plane: &Plane) -> Option<Corner> {
        let whole = (plane.slack > 0.0).then(|| WholePlane::through(facet));
        (0..self.len).find_map(|at| {
            let (u, v, w) = (self.u[at], self.v[at], self.w[at]);
            let e = plane.d * w - plane.a * u - plane.b * v - plane.c;
            if e > plane.slack || w == FAR {
                return None;
            }
            let depth = whole.as_ref().map_or(0, |whole| whole.depth((u, v)));
            let below = depth < 0 || depth == 0 && facet.holds_tied((u, v));
            below.then(|| self.corner(level, at))
        })
    }

    /// A triangle of the nearest points in three or four quadrants that holds the position.
    #[inline(always)]
    fn start<S: Simd>(&self, simd: S, level: &Level) -> Option<Facet> {
        if self.highest > EXACT || self.len >= 1 << 20 {
            return self.start_far(level);
        }
        let (us, _) = S::as_simd_f64s(&self.u[..self.len]);
        let (vs, _) = S::as_simd_f64s(&self.v[..self.len]);
        let (ws, _) = S::as_simd_f64s(&self.w[..self.len]);
        // w and place in one exact number: the minimum tells both.
        let (zero, shift) = (simd.splat_f64s(0.0), simd.splat_f64s(KEY));
        let step = simd.splat_f64s(S::F64_LANES as f64);
        let mut at = first_lanes(simd);
        let mut best = [simd.splat_f64s(FAR); 4];
        for ((&u, &v), &w) in us.iter().zip(vs).zip(ws) {
            let key = simd.add_f64s(simd.mul_f64s(w, shift), at);
            let (east, north) = (simd.less_than_f64s(zero, u), simd.less_than_f64s(zero, v));
            let (near_east, near_west) = (
                simd.select_f64s(east, key, simd.splat_f64s(FAR)),
                simd.select_f64s(east, simd.splat_f64s(FAR), key),
            );
            best[0] = simd.min_f64s(best[0], simd.select_f64s(north, near_east, simd.splat_f64s(FAR)));
            best[1] = simd.min_f64s(best[1], simd.select_f64s(north, near_west, simd.splat_f64s(FAR)));
            best[2] = simd.min_f64s(best[2], simd.select_f64s(north, simd.splat_f64s(FAR), near_west));
            best[3] = simd.min_f64s(best[3], simd.select_f64s(north, simd.splat_f64s(FAR), near_east));
            at = simd.add_f64s(at, step);
        }
        let mut found = [None; 4];
        for (found, best) in found.iter_mut().zip(best) {
            let key = simd.reduce_min_f64s(best);
            if key < FAR {
                *found = Some(self.corner(level, (key as u64 & (KEY as u64 / 4 - 1)) as usize));
            }
        }
        around(&found)
    }

    #[cold]
    #[inline(never)]
    fn start_far(&self, level: &Level) -> Option<Facet> {
        let mut best = [(FAR, 0); 4];
        for at in 0..self.len {
            let quadrant = match (self.u[at] > 0.0, self.v[at] > 0.0) {
                (true, true) => 0,
                (false, true) => 1,
                (false, false) => 2,
                (true, false) => 3,
            };
            if self.w[at] < best[quadrant].0 {
                best[quadrant] = (self.w[at], at);
            }
        }
        around(&best.map(|(w, at)| (w < FAR).then(|| self.corner(level, at))))
    }
}

/// One unit of w in a key; below its quarter, w being a multiple of that, there is room for 2²⁰ places.
const KEY: f64 = (1u64 << 22) as f64;

#[inline(always)]
fn first_lanes<S: Simd>(simd: S) -> S::f64s {
    simd.partial_load_f64s(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0][..S::F64_LANES])
}

/// Of the nearest points in the quadrants, counter-clockwise from the north-east, three that hold the position
/// moved by (ε, ε²).
#[inline(always)]
fn around(found: &[Option<Corner>; 4]) -> Option<Facet> {
    if let [Some(p), Some(q), Some(r), Some(s)] = *found {
        let left = usize::from(r.turns_left_to(&p, &Nudge::PLAIN));
        let ring = [p, q, r, s];
        return Some(Facet { corners: [p, ring[2 - left], ring[3 - left]] });
    }
    let missing = found.iter().position(Option::is_none)?;
    let corner = |step: usize| found[(missing + step) % 4];
    let (p, q, r) = (corner(1)?, corner(2)?, corner(3)?);
    r.turns_left_to(&p, &Nudge::PLAIN).then_some(Facet { corners: [p, q, r] })
}

/// Searches one after the other: keeps its memory between them.
#[derive(Debug)]
pub(crate) struct Seeker<'a> {
    index: &'a Buckets,
    surroundings: Surroundings,
    sight: Sight,
    /// How far from the position the first look goes, in units of the finest level.
    reach: f64,
}

impl<'a> Seeker<'a> {
    pub(crate) fn new(index: &'a Buckets, surroundings: Surroundings) -> Seeker<'a> {
        let reach = index.levels()[0].side() * FIRST_LOOK;
        Seeker { index, surroundings, sight: Sight::default(), reach }
    }

    pub(crate) fn move_to(&mut self, surroundings: Surroundings) {
        self.surroundings = surroundings;
    }

    /// The triangle that holds a position within the surroundings.
    #[inline(always)]
    pub(crate) fn facet<S: Simd>(&mut self, simd: S, query: &Query) -> Facet {
        let levels = self.index.levels();
        let mut at = 0;
        self.look(&levels[0], self.reach, query);
        let mut own = true;
        let mut facet = loop {
            if query.nudge == Nudge::PLAIN
                && let Some(facet) = self.sight.start(simd, &levels[at])
            {
                break facet;
            }
            if at + 1 == levels.len() {
                own = false;
                break self.between_ghosts(query);
            }
            at += 1;
            self.look(&levels[at], levels[at].side(), query);
        };
        loop {
            let level = &levels[at];
            let (plane, _) = self.sight.descend(simd, level, &mut facet, query, own);
            if !sees(level, self.sight.seen, &plane.circle(), query) {
                simd.vectorize(Widen { seeker: self, level, facet: &mut facet, query, plane });
            }
            if at == 0 {
                return facet;
            }
            at -= 1;
            own = false;
            self.look(&levels[at], levels[at].side(), query);
        }
    }

    /// Load the cells around a position.
    #[inline(always)]
    fn look(&mut self, level: &Level, reach: f64, query: &Query) {
        let window = level.window(query.x - reach, query.x + reach, query.y - reach, query.y + reach);
        self.sight.clear();
        if let Some(window) = &window {
            self.sight.load_window(level, window, query);
            self.sight.bound(level, window, query);
        }
        self.sight.seen = window;
    }

    fn between_ghosts(&self, query: &Query) -> Facet {
        let [a, b, c, d] = self.surroundings.ghosts(query);
        let corners = if c.turns_left_to(&a, &query.nudge) { [a, b, c] } else { [a, c, d] };
        Facet { corners }
    }
}

/// How far the first look goes, in sides of a bucket.
const FIRST_LOOK: f64 = 0.8;

impl Sight {
    /// Exchange corners until none of the points in sight is inside the circle. Returns the last plane, and
    /// whether the facet changed. The facet is `own` where its corners are points in sight.
    #[inline(always)]
    fn descend<S: Simd>(
        &self,
        simd: S,
        level: &Level,
        facet: &mut Facet,
        query: &Query,
        own: bool,
    ) -> (Plane, bool) {
        let mut changed = false;
        loop {
            let plane = Plane::through(facet, self.highest);
            let deepest = self.deepest(simd, &plane);
            let below = if deepest.depth < -plane.slack {
                Some(self.corner(level, deepest.at))
            } else if deepest.near > if own { 3 } else { self.corners_in_sight(level, facet, query) } {
                self.below(level, facet, &plane)
            } else {
                None
            };
            let Some(below) = below else { return (plane, changed) };
            facet.exchange(below, &query.nudge);
            changed = true;
        }
    }

    /// Not more than the number of corners of the facet that are among the points in sight.
    #[inline(always)]
    fn corners_in_sight(&self, level: &Level, facet: &Facet, query: &Query) -> usize {
        let Some(seen) = self.seen else { return 0 };
        let inside = |corner: &Corner| {
            let (col, row) = (level.col(query.x + corner.u), level.row(query.y + corner.v));
            let (wide, high) =
                (seen.west as f64..(seen.east + 1) as f64, seen.south as f64..(seen.north + 1) as f64);
            !corner.is_ghost() && wide.contains(&col) && high.contains(&row)
        };
        facet.corners.iter().filter(|corner| inside(corner)).count()
    }
}

/// Whether a circle lies in the cells looked at, or beyond all points.
#[inline(always)]
fn sees(level: &Level, seen: Option<Window>, circle: &Circle, query: &Query) -> bool {
    let Some(seen) = seen else { return false };
    let (x, y) = (query.x + circle.u, query.y + circle.v);
    let west = seen.west == 0 || level.easting(seen.west) <= x - circle.reach;
    let south = seen.south == 0 || level.northing(seen.south) <= y - circle.reach;
    let east = seen.east + 1 == level.cols || level.easting(seen.east + 1) >= x + circle.reach;
    let north = seen.north + 1 == level.rows || level.northing(seen.north + 1) >= y + circle.reach;
    west && south && east && north
}

/// The rare part of a search: the circle reaches beyond the first look.
struct Widen<'s, 'a, 'f> {
    seeker: &'s mut Seeker<'a>,
    level: &'s Level,
    facet: &'f mut Facet,
    query: &'s Query,
    plane: Plane,
}

impl pulp::WithSimd for Widen<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        while self.once(simd) {}
    }
}

impl Widen<'_, '_, '_> {
    /// Look at the whole circle; whether another is to be looked at.
    #[inline(always)]
    fn once<S: Simd>(&mut self, simd: S) -> bool {
        let (level, query) = (self.level, self.query);
        let circle = self.plane.circle();
        let Some(window) = self.window(&circle) else { return false };
        self.seeker.sight.clear();
        self.seeker.sight.bound(level, &window, query);
        let small = window.cells() <= SMALL;
        let mut whole = true;
        for row in window.south..=window.north {
            let (mut first, mut end) = level.range(row, window.west, window.east);
            if end - first > FEW && !small {
                let (west, east) = chord(level, &window, row, &circle, query);
                (first, end) = if west > east { (0, 0) } else { level.range(row, west, east) };
            }
            while first < end {
                let part = end.min(first + BATCH);
                self.seeker.sight.load(level, (first, part), query);
                first = part;
                let full = self.seeker.sight.len >= BATCH;
                if full {
                    let (plane, changed) = self.seeker.sight.descend(simd, level, self.facet, query, false);
                    self.plane = plane;
                    if changed {
                        return true;
                    }
                    self.seeker.sight.len = 0;
                    whole = false;
                }
            }
        }
        self.seeker.sight.seen = whole.then_some(window);
        if self.seeker.sight.len == 0 {
            return false;
        }
        let (plane, changed) = self.seeker.sight.descend(simd, level, self.facet, query, false);
        self.plane = plane;
        changed && !(small && sees(level, Some(window), &plane.circle(), query))
    }

    /// The cells that hold the circle, as far as they matter.
    fn window(&self, circle: &Circle) -> Option<Window> {
        let (x, y) = (self.query.x + circle.u, self.query.y + circle.v);
        let around = &self.seeker.surroundings;
        self.level.window(
            (x - circle.reach).max(around.west),
            (x + circle.reach).min(around.east),
            (y - circle.reach).max(around.south),
            (y + circle.reach).min(around.north),
        )
    }
}

/// The part of a row of a window that a circle touches; ends before it begins where there is none.
fn chord(level: &Level, window: &Window, row: usize, circle: &Circle, query: &Query) -> (usize, usize) {
    let (x, y) = (query.x + circle.u, query.y + circle.v);
    let (south, north) = (level.northing(row), level.northing(row + 1));
    let away = (south - y).max(y - north).max(0.0) - 1.0;
    let half = (circle.reach * circle.reach - away.max(0.0).powi(2)).max(0.0).sqrt() + 1.0;
    let west = level.col(x - half).max(window.west as f64) as usize;
    let east = level.col(x + half).min(window.east as f64);
    if east < 0.0 { (1, 0) } else { (west, east as usize) }
}
