//! Where the edges of a roof lie: points in cells turned to its main direction, and lines fitted to the outermost.

/// Side of the turned cells, metres.
pub const SIDE: f64 = 0.5;
/// Width of the strips across an edge, metres.
const STRIP: f64 = 1.0;
/// Depth to which gaps between points are measured, metres.
const DEPTH: f64 = 2.0;
/// How far outside of its first place an edge is sought, metres.
const OUTWARD: f64 = 1.0;
/// A point so much below another within half a metre inwards is of the wall, metres.
const WALL_DROP: f32 = 1.2;
/// Points farther than this from the median of an edge are of something else, metres.
const STRAY: f64 = 0.5;
/// Distance within which the outermost points confirm an edge, metres.
const CONFIRMED: f64 = 0.3;

/// Position in the turned frame.
pub type Uv = [f64; 2];

/// The points of a building in its turned frame, sorted into cells.
pub struct Turned {
    /// Position of the first cell's corner.
    low: Uv,
    rows: usize,
    cols: usize,
    starts: Vec<u32>,
    /// To a tenth of a millimetre over a kilometre.
    points: Vec<[f32; 3]>,
    /// The number of each in the list that they come from.
    order: Vec<u32>,
    /// Points in a square metre of occupied cells.
    pub density: f64,
}

/// A straight edge of an outline; the inside lies on its left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// First end, as far as is known yet.
    pub from: Uv,
    /// Second end.
    pub to: Uv,
    /// Unit vector along it.
    pub along: Uv,
    /// Whether `along` is a main direction.
    pub aligned: bool,
    /// Where the line lies: distance from the origin along the outward normal.
    pub offset: f64,
    /// Share of its strips that confirm it.
    pub confirmed: f64,
}

fn dot(a: Uv, b: Uv) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

impl Edge {
    /// An edge between two points: set to a main direction within 20° of one, or where it is too short to tell.
    pub fn between(from: Uv, to: Uv, regular: bool) -> Edge {
        let (du, dv) = (to[0] - from[0], to[1] - from[1]);
        let length = du.hypot(dv).max(1e-9);
        let steep = du.abs().min(dv.abs()) / du.abs().max(dv.abs()).max(1e-9);
        // The tangent of 20°.
        let aligned = regular && (steep < 0.364 || length < 2.0);
        let along = match (aligned, du.abs() >= dv.abs()) {
            (true, true) => [du.signum(), 0.0],
            (true, false) => [0.0, dv.signum()],
            (false, _) => [du / length, dv / length],
        };
        let middle = [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0];
        let mut edge = Edge { from, to, along, aligned, offset: 0.0, confirmed: 0.0 };
        edge.offset = dot(edge.outward(), middle);
        edge
    }

    /// The outward normal: to the right.
    pub fn outward(&self) -> Uv {
        [self.along[1], -self.along[0]]
    }

    /// Length between its ends.
    pub fn length(&self) -> f64 {
        dot(self.along, [self.to[0] - self.from[0], self.to[1] - self.from[1]]).abs()
    }

    /// The point of the line nearest to another.
    pub fn nearest(&self, at: Uv) -> Uv {
        let (normal, shift) = (self.outward(), self.offset - dot(self.outward(), at));
        [at[0] + normal[0] * shift, at[1] + normal[1] * shift]
    }

    /// Whether both run the same way, within about 10°.
    pub fn same_way(&self, other: &Edge) -> bool {
        dot(self.along, other.along) > 0.985
    }

    /// Angle by which another edge is turned counter-clockwise from this one, radians.
    pub fn turned_to(&self, other: &Edge) -> f64 {
        let (a, b) = (self.along, other.along);
        (a[0] * b[1] - a[1] * b[0]).atan2(dot(a, b))
    }

    /// Where both lines meet, `None` where they are about parallel.
    pub fn meets(&self, other: &Edge) -> Option<Uv> {
        let (a, b) = (self.outward(), other.outward());
        let cross = a[0] * b[1] - a[1] * b[0];
        (cross.abs() > 0.17).then(|| {
            [
                (self.offset * b[1] - other.offset * a[1]) / cross,
                (a[0] * other.offset - b[0] * self.offset) / cross,
            ]
        })
    }
}

/// Smallest and largest value.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

/// First coordinates of the ends of the part of a segment whose second coordinate lies in a range.
fn cut(a: Uv, b: Uv, low: f64, high: f64) -> Option<[f64; 2]> {
    let (first, last) = (a[1].min(b[1]), a[1].max(b[1]));
    let at = |level: f64| {
        let share = if first < last { (level.clamp(first, last) - a[1]) / (b[1] - a[1]) } else { 0.0 };
        a[0] + share * (b[0] - a[0])
    };
    let level = first == last;
    (first <= high && last >= low).then(|| if level { [a[0], b[0]] } else { [at(low), at(high)] })
}

impl Turned {
    /// Sorts points into cells of the turned frame; `place` says where a point lies there, `corners` are those of a
    /// box around all points.
    pub fn new(
        points: &[[i32; 3]],
        corners: &[[i32; 3]; 4],
        place: impl Fn(&[i32; 3]) -> [f64; 3],
    ) -> Turned {
        // Rounding keeps order, so that no point lies beyond the corners.
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for corner in corners {
            let [u, v, _] = place(corner);
            low = [low[0].min(u), low[1].min(v)];
            high = [high[0].max(u), high[1].max(v)];
        }
        let low = low.map(|value| (value / SIDE).floor() * SIDE);
        let count = |axis: usize| ((high[axis] - low[axis]) / SIDE).floor() as usize + 1;
        let (cols, rows) = (count(0), count(1));
        let starts = vec![0; rows * cols + 1];
        let mut turned =
            Turned { low, rows, cols, starts, points: Vec::new(), order: Vec::new(), density: 0.0 };
        let mut placed = Vec::with_capacity(points.len());
        for point in points {
            let [u, v, z] = place(point);
            let cell = turned.cell([u, v]);
            turned.starts[cell + 1] += 1;
            placed.push(([u as f32, v as f32, z as f32], cell as u32));
        }
        turned.sort(&placed);
        turned
    }

    /// Puts points in the order of their cells.
    fn sort(&mut self, placed: &[([f32; 3], u32)]) {
        let occupied = self.starts.iter().filter(|count| **count > 0).count();
        self.density = placed.len() as f64 / (occupied as f64 * SIDE * SIDE).max(SIDE * SIDE);
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        let mut next = self.starts.clone();
        self.points = vec![[0.0; 3]; placed.len()];
        self.order = vec![0; placed.len()];
        for (index, (point, cell)) in placed.iter().enumerate() {
            let slot = &mut next[*cell as usize];
            self.points[*slot as usize] = *point;
            self.order[*slot as usize] = index as u32;
            *slot += 1;
        }
    }

    /// The numbers of the points in a cell, by the rows and columns of [`Turned::occupied`].
    pub fn numbers(&self, (row, col): (i32, i32)) -> &[u32] {
        let (row, col) = (-1 - i64::from(row), i64::from(col));
        let inside = (0..self.rows as i64).contains(&row) && (0..self.cols as i64).contains(&col);
        let cell = if inside { row as usize * self.cols + col as usize } else { return &[] };
        &self.order[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }

    fn cell(&self, at: Uv) -> usize {
        let step = |axis: usize, most: usize| (((at[axis] - self.low[axis]) / SIDE) as usize).min(most - 1);
        step(1, self.rows) * self.cols + step(0, self.cols)
    }

    /// Cells with points and how many, as rows that run south and columns: the rings of [`crate::outline`] then turn as on the map.
    pub fn occupied(&self) -> Vec<((i32, i32), u32)> {
        let count = |at: usize| self.starts[at + 1] - self.starts[at];
        let full = (0..self.rows * self.cols).filter(|&at| count(at) > 0);
        full.map(|at| ((-((at / self.cols) as i32) - 1, (at % self.cols) as i32), count(at))).collect()
    }

    /// The position of a corner of these cells.
    pub fn corner(&self, (row, col): (i32, i32)) -> Uv {
        [self.low[0] + f64::from(col) * SIDE, self.low[1] - f64::from(row) * SIDE]
    }

    /// The cell, in the rows and columns of [`Turned::occupied`], that holds a position.
    pub fn holding(&self, at: Uv) -> (i32, i32) {
        let step = |axis: usize| ((at[axis] - self.low[axis]) / SIDE).floor() as i32;
        (-step(1) - 1, step(0))
    }

    /// Gives the points of the cells that a quadrilateral touches, and maybe some more; `corners` follow each other around it.
    fn within(&self, corners: &[Uv; 4], mut take: impl FnMut([f64; 3])) {
        let clamp = |value: f64, most: usize| (value.floor().max(0.0) as usize).min(most - 1);
        let cells = corners.map(|at| [0, 1].map(|axis| (at[axis] - self.low[axis]) / SIDE));
        let (bottom, top) = span(cells.iter().map(|at| at[1]));
        for row in clamp(bottom, self.rows)..=clamp(top, self.rows) {
            // A slanting quadrilateral touches few of the cells of its box: only those of its part in this row.
            let (low, high) = (row as f64 - 0.01, row as f64 + 1.01);
            let sides = cells.iter().zip(cells.iter().cycle().skip(1));
            let (left, right) = span(sides.filter_map(|(a, b)| cut(*a, *b, low, high)).flatten());
            if left > right {
                continue;
            }
            let (left, right) = (clamp(left - 0.01, self.cols), clamp(right + 0.01, self.cols));
            let first = self.starts[row * self.cols + left] as usize;
            let last = self.starts[row * self.cols + right + 1] as usize;
            self.points[first..last].iter().for_each(|point| take(point.map(f64::from)));
        }
    }

    /// Puts edges where the outermost points say.
    pub fn place(&self, edges: &mut [Edge]) {
        let strips: Vec<Vec<Strip>> = edges.iter().map(|edge| self.strips(edge)).collect();
        let gaps: Vec<Gaps> = strips.iter().map(|strips| self.gaps(strips)).collect();
        let whole = gaps.iter().fold(Gaps::default(), |sum, one| sum.and(*one)).rest();
        for ((edge, strips), gaps) in edges.iter_mut().zip(&strips).zip(&gaps) {
            edge.settle(strips, gaps.rest().or(whole).unwrap_or(0.5 / self.density.sqrt()));
        }
    }

    /// The direction of an edge as its outermost points say, radians counter-clockwise from it.
    pub fn lean(&self, edge: &Edge) -> f64 {
        let mut free = Edge { aligned: false, ..*edge };
        let strips = self.strips(&free);
        free.settle(&strips, self.gaps(&strips).rest().unwrap_or(0.5 / self.density.sqrt()));
        edge.turned_to(&free)
    }

    fn gaps(&self, strips: &[Strip]) -> Gaps {
        let mut gaps = Gaps::default();
        strips.iter().for_each(|strip| gaps.add(strip, self.widest_gap()));
        gaps
    }

    /// A gap wider than this between points that follow each other inwards is no spacing but a void, metres.
    fn widest_gap(&self) -> f64 {
        (6.0 / (self.density * STRIP)).max(0.5)
    }

    /// The points along an edge, by strips across it.
    fn strips(&self, edge: &Edge) -> Vec<Strip> {
        let length = edge.length();
        let inset = if length > 2.0 { 0.3 } else { 0.15 * length };
        let (start, span) = (dot(edge.along, edge.from) + inset, (length - 2.0 * inset).max(0.1));
        let count = ((span / STRIP).round() as usize).max(1);
        let width = span / count as f64;
        let expected = (self.density * width * DEPTH * 1.25).clamp(4.0, 1024.0);
        let mut strips: Vec<Strip> = (0..count)
            .map(|index| Strip {
                along: start + (index as f64 + 0.5) * width,
                keys: Vec::with_capacity(expected as usize),
                wall: Vec::new(),
            })
            .collect();
        let normal = edge.outward();
        let corner = |t: f64, depth: f64| {
            let out = edge.offset - depth;
            [edge.along[0] * t + normal[0] * out, edge.along[1] * t + normal[1] * out]
        };
        let corners = [
            corner(start, -OUTWARD),
            corner(start + span, -OUTWARD),
            corner(start + span, DEPTH),
            corner(start, DEPTH),
        ];
        let per_metre = 1.0 / width;
        self.within(&corners, |point| {
            let at = [point[0], point[1]];
            let (t, deep) = (dot(edge.along, at) - start, edge.offset - dot(normal, at));
            let inside = t >= 0.0 && t < span && (-OUTWARD..=DEPTH).contains(&deep);
            if inside {
                let strip = ((t * per_metre) as usize).min(count - 1);
                strips[strip].keys.push(key(deep, point[2]));
            }
        });
        strips.iter_mut().for_each(Strip::sort);
        strips
    }
}

impl Edge {
    /// Moves to where its strips say; `rest` is the mean rest of a gap.
    fn settle(&mut self, strips: &[Strip], rest: f64) {
        let samples: Vec<Uv> =
            strips.iter().filter_map(|strip| Some([strip.along, strip.outermost(rest)?])).collect();
        let mut depths: Vec<f64> = samples.iter().map(|sample| sample[1]).collect();
        depths.sort_by(f64::total_cmp);
        let Some(&median) = depths.get(depths.len() / 2) else { return };
        let kept: Vec<Uv> =
            samples.iter().copied().filter(|sample| (sample[1] - median).abs() <= STRAY).collect();
        let level = kept.iter().map(|sample| sample[1]).sum::<f64>() / kept.len() as f64;
        let (middle, slope) =
            if !self.aligned && kept.len() >= 4 { self.turn(&kept, level) } else { self.shift(level) };
        let off = |sample: &&Uv| (sample[1] - level - slope * (sample[0] - middle)).abs() <= CONFIRMED;
        self.confirmed = samples.iter().filter(off).count() as f64 / strips.len() as f64;
    }

    /// Moves inwards by a depth.
    fn shift(&mut self, depth: f64) -> (f64, f64) {
        self.offset -= depth;
        (0.0, 0.0)
    }

    /// Least-squares line through samples of position along and depth, of mean `depth`: middle and slope.
    fn turn(&mut self, samples: &[Uv], depth: f64) -> (f64, f64) {
        let t = samples.iter().map(|sample| sample[0]).sum::<f64>() / samples.len() as f64;
        let (mut square, mut product) = (0.0, 0.0);
        for sample in samples {
            square += (sample[0] - t).powi(2);
            product += (sample[0] - t) * (sample[1] - depth);
        }
        let slope = if square > 0.0 { product / square } else { 0.0 };
        let normal = self.outward();
        let out = self.offset - depth;
        let through = [self.along[0] * t + normal[0] * out, self.along[1] * t + normal[1] * out];
        let turned = [self.along[0] - normal[0] * slope, self.along[1] - normal[1] * slope];
        let length = turned[0].hypot(turned[1]);
        self.along = [turned[0] / length, turned[1] / length];
        self.offset = dot(self.outward(), through);
        (t, slope)
    }
}

/// Points of a strip across an edge: depth below the edge's first place, and height; and which are of the wall.
struct Strip {
    along: f64,
    /// By [`key`], from the outermost on.
    keys: Vec<u64>,
    /// Empty where none is of the wall.
    wall: Vec<bool>,
}

/// Steps in a metre to which depths and heights within a strip are told apart.
const FINE: f64 = 10_000.0;
/// Stretches of a quarter of a metre in the depth of a strip, and two beyond.
const STRETCHES: usize = ((OUTWARD + DEPTH) * 4.0) as usize + 3;
/// The step of height zero, so that no height is negative.
const ZERO: f64 = 2_147_483_648.0;

/// One number that sorts by depth, then by height: whole numbers sort faster than pairs.
#[inline(always)]
fn key(depth: f64, height: f64) -> u64 {
    let deep = ((depth + OUTWARD) * FINE) as u64;
    // Cut off above zero is rounded, without a call to the mathematics library.
    let high = (height * FINE + ZERO + 0.5) as u32;
    (deep << 32) | u64::from(high)
}

/// The depth and the height of a key.
fn of_key(key: u64) -> (f32, f32) {
    let high = f64::from(key as u32) - ZERO;
    (((key >> 32) as f64 / FINE - OUTWARD) as f32, (high / FINE) as f32)
}

impl Strip {
    /// Sorts by depth, and finds the points that hang below the roof, at its wall.
    fn sort(&mut self) {
        self.keys.sort_unstable();
        let heights = self.keys.iter().map(|&key| key as u32);
        let (low, high) = heights.fold((u32::MAX, u32::MIN), |(low, high), at| (low.min(at), high.max(at)));
        if f64::from(high) - f64::from(low) > f64::from(WALL_DROP) * FINE {
            self.find_wall();
        }
    }

    fn is_wall(&self, index: usize) -> bool {
        self.wall.get(index).copied().unwrap_or(false)
    }

    /// A point is of the wall where another tops it by a drop within half a metre inwards. The tops of stretches of a quarter
    /// of a metre tell for most points that none does.
    fn find_wall(&mut self) {
        const DROP: u32 = (WALL_DROP as f64 * FINE) as u32;
        const NEAR: u64 = (0.5 * FINE) as u64;
        let stretch = |key: u64| ((key >> 32) / (NEAR / 2)) as usize;
        let mut tops = [0_u32; STRETCHES];
        for &key in &self.keys {
            let top = &mut tops[stretch(key).min(STRETCHES - 1)];
            *top = (*top).max(key as u32);
        }
        let is_topped = |(index, &key): (usize, &u64)| {
            let (first, least) = (stretch(key), (key as u32).saturating_add(DROP));
            let near = &tops[first.min(STRETCHES - 3)..][..3];
            near.iter().any(|&top| top > least) && {
                let last = (key >> 32) + NEAR;
                let inwards = self.keys[index + 1..].iter().take_while(|other| **other >> 32 <= last);
                inwards.into_iter().any(|&other| other as u32 > least)
            }
        };
        self.wall = self.keys.iter().enumerate().map(is_topped).collect();
    }

    /// Where the edge lies in this strip; `rest` is the mean rest of a gap.
    fn outermost(&self, rest: f64) -> Option<f64> {
        let depth = f64::from(of_key(*self.keys.first()?).0);
        Some(if self.is_wall(0) { depth } else { depth - rest })
    }
}

/// Sums of gaps between points that follow each other inwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Gaps {
    sum: f64,
    squares: f64,
}

impl Gaps {
    fn add(&mut self, strip: &Strip, widest: f64) {
        let roof = strip.keys.iter().enumerate().filter(|(index, _)| !strip.is_wall(*index));
        let mut roof = roof.map(|(_, &key)| f64::from(of_key(key).0));
        let Some(mut last) = roof.next() else { return };
        for depth in roof {
            let gap = depth - last;
            if gap > widest {
                break;
            }
            self.sum += gap;
            self.squares += gap * gap;
            last = depth;
        }
    }

    /// Both together.
    fn and(self, other: Gaps) -> Gaps {
        Gaps { sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    /// The mean rest of a gap that a chance position falls into, where enough is measured.
    fn rest(&self) -> Option<f64> {
        (self.sum > 6.0).then(|| self.squares / (2.0 * self.sum))
    }
}
