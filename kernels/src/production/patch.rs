//! A square of the map with its ring of neighbours: the two operations that IGN's chain is made of.
//!
//! In: points; out: flags on points. *Near* flags the points of one selection that have a point of another
//! within a reach; *thin* keeps the highest or lowest point of each cell. Points are sorted into buckets of
//! half a metre, so that what is near lies in a few runs of memory. Cost: linear in the points of the patch.

use std::collections::HashMap;
use std::ops::Range;

use super::Cells;
use crate::points::{Lattice, Points};
use crate::unit::Metres;

/// Side of a patch: some hundred thousand points, which stay in the processor's cache.
const PATCH: Metres = Metres(64.0);

/// Side of a bucket: a third of the longest reach, so that few points beyond a reach are looked at.
const BUCKET: Metres = Metres(0.5);

/// What a length in units may be off by, being a product of binary fractions.
const SLACK: f64 = 1e-6;

/// Points of some classes that have some flags and lack others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection {
    classes: u128,
    with: u16,
    without: u16,
}

/// The points of these classes, each below 128.
pub(super) const fn of(classes: &[u8]) -> Selection {
    let mut set = 0;
    let mut i = 0;
    while i < classes.len() {
        set |= 1 << classes[i];
        i += 1;
    }
    Selection { classes: set, with: 0, without: 0 }
}

impl Selection {
    /// The points of all classes below 128, hence of all that the chain knows.
    pub(super) const fn any() -> Selection {
        Selection { classes: u128::MAX, with: 0, without: 0 }
    }

    /// Those which have all these flags.
    pub(super) const fn with(self, flags: u16) -> Selection {
        Selection { with: self.with | flags, ..self }
    }

    /// Those which have none of these flags.
    pub(super) const fn without(self, flags: u16) -> Selection {
        Selection { without: self.without | flags, ..self }
    }

    fn holds(&self, class: u8, flags: u16) -> bool {
        class < 128
            && (self.classes >> class) & 1 == 1
            && flags & self.with == self.with
            && flags & self.without == 0
    }
}

/// What the height of a reference point must be, seen from the source.
#[derive(Debug, Clone, Copy)]
pub(super) enum Level {
    Any,
    AtOrAbove,
    Within(Metres),
}

/// The points of `source` that have a point of `reference` nearer than `reach` on the map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    pub(super) source: Selection,
    pub(super) reference: Selection,
    pub(super) reach: Metres,
    pub(super) level: Level,
}

impl Near {
    /// At any height.
    pub(super) const fn any(source: Selection, reference: Selection, reach: Metres) -> Near {
        Near { source, reference, reach, level: Level::Any }
    }
}

/// Which point of a cell stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Highest,
    Lowest,
}

/// The points of a patch, bucket by bucket, and their flags.
pub(super) struct Patch {
    lattice: Lattice,
    cells: Cells,
    position: Vec<[i32; 3]>,
    class: Vec<u8>,
    flags: Vec<u16>,
    /// Number of the point in the cloud.
    number: Vec<u32>,
    /// Whether the point is of the patch itself, not of its ring.
    inside: Vec<bool>,
    buckets: Buckets,
}

impl Patch {
    /// The points of these numbers; `inside` tells those of the patch from those of its ring.
    fn new(points: &Points, cells: Cells, members: &[(u32, bool)]) -> Patch {
        let place = |&(i, _): &(u32, bool)| [points.x[i as usize], points.y[i as usize]];
        let (buckets, sorted) = Buckets::sort(points.lattice, members, place);
        let at = |&(i, _): &(u32, bool)| i as usize;
        Patch {
            lattice: points.lattice,
            cells,
            position: sorted.iter().map(at).map(|i| [points.x[i], points.y[i], points.z[i]]).collect(),
            class: sorted.iter().map(at).map(|i| points.class[i]).collect(),
            flags: vec![0; sorted.len()],
            number: sorted.iter().map(|&(i, _)| i).collect(),
            inside: sorted.iter().map(|&(_, inside)| inside).collect(),
            buckets,
        }
    }

    /// Numbers of the patch's own points that have a flag.
    pub(super) fn inside(&self, flag: u16) -> Vec<u32> {
        let chosen = |&i: &usize| self.inside[i] && self.flags[i] & flag != 0;
        (0..self.flags.len()).filter(chosen).map(|i| self.number[i]).collect()
    }

    /// Sets a flag on a selection.
    pub(super) fn raise_all(&mut self, flag: u16, selection: Selection) {
        for (flags, class) in self.flags.iter_mut().zip(&self.class) {
            if selection.holds(*class, *flags) {
                *flags |= flag;
            }
        }
    }

    /// Clears a flag on a selection.
    pub(super) fn lower_all(&mut self, flag: u16, selection: Selection) {
        for (flags, class) in self.flags.iter_mut().zip(&self.class) {
            if selection.holds(*class, *flags) {
                *flags &= !flag;
            }
        }
    }

    /// Sets a flag where the rule holds. All points are judged before the first is changed.
    pub(super) fn raise(&mut self, flag: u16, near: Near) {
        for i in self.near(&near) {
            self.flags[i as usize] |= flag;
        }
    }

    /// Clears a flag where the rule holds. All points are judged before the first is changed.
    pub(super) fn lower(&mut self, flag: u16, near: Near) {
        for i in self.near(&near) {
            self.flags[i as usize] &= !flag;
        }
    }

    /// Leaves a flag to the highest or lowest point of each cell among the selections, and clears it on the
    /// others of the selections.
    pub(super) fn thin(&mut self, selections: &[Selection], cell: Metres, keep: Keep, flag: u16) {
        let chosen: Vec<u32> = (0..self.flags.len() as u32)
            .filter(|&i| selections.iter().any(|s| s.holds(self.class[i as usize], self.flags[i as usize])))
            .collect();
        for i in self.best_of_each_cell(&chosen, cell, keep, flag) {
            self.flags[i as usize] |= flag;
        }
    }

    fn best_of_each_cell(&mut self, chosen: &[u32], cell: Metres, keep: Keep, flag: u16) -> Vec<u32> {
        let Some(thinning) = Thinning::over(self, chosen, cell) else { return Vec::new() };
        let mut best = vec![u32::MAX; thinning.len()];
        for &i in chosen {
            self.flags[i as usize] &= !flag;
            let held = &mut best[thinning.number_of(self.position[i as usize])];
            if *held == u32::MAX || self.precedes(i, *held, keep) {
                *held = i;
            }
        }
        best.retain(|&i| i != u32::MAX);
        best
    }

    /// Whether the first of two points stays when both are in one cell.
    fn precedes(&self, first: u32, second: u32, keep: Keep) -> bool {
        let (i, j) = (first as usize, second as usize);
        let (a, b) = (self.position[i], self.position[j]);
        if a[2] != b[2] {
            return (a[2] > b[2]) == (keep == Keep::Highest);
        }
        match self.cells {
            Cells::OfTheMap => {
                (a[0], a[1], self.class[i], self.number[i]) < (b[0], b[1], self.class[j], self.number[j])
            }
            Cells::OfTheCloud => self.number[i] < self.number[j],
        }
    }

    fn near(&self, near: &Near) -> Vec<u32> {
        let (references, starts) = self.references(near.reference);
        let mut hits = Vec::new();
        if references.is_empty() {
            return hits;
        }
        let test = Test::new(near, &self.lattice);
        let reach = self.buckets.reach(near.reach, &self.lattice);
        let mut runs = Vec::with_capacity(2 * reach + 1);
        for bucket in 0..self.buckets.len() {
            let source = |&i: &usize| near.source.holds(self.class[i], self.flags[i]);
            let mut sources = self.buckets.range(bucket).filter(source).peekable();
            if sources.peek().is_none() {
                continue;
            }
            self.buckets.runs_around(bucket, reach, &starts, &mut runs);
            let found = |i: &usize| {
                let source = self.position[*i];
                let close = |run: &Range<usize>| {
                    references[run.clone()].iter().any(|&reference| test.holds(source, reference))
                };
                runs.iter().any(close)
            };
            hits.extend(sources.filter(found).map(|i| i as u32));
        }
        hits
    }

    /// Positions of a selection, bucket by bucket, and where each bucket starts among them.
    fn references(&self, selection: Selection) -> (Vec<[i32; 3]>, Vec<u32>) {
        let mut references = Vec::new();
        let mut starts = Vec::with_capacity(self.buckets.len() + 1);
        for bucket in 0..self.buckets.len() {
            starts.push(references.len() as u32);
            let held = self.buckets.range(bucket).filter(|&i| selection.holds(self.class[i], self.flags[i]));
            references.extend(held.map(|i| self.position[i]));
        }
        starts.push(references.len() as u32);
        (references, starts)
    }
}

/// A rule in whole units.
struct Test {
    /// Squared distances below this are near: whole numbers are below a bound where they are below its ceiling.
    square: i64,
    lowest: i64,
    highest: i64,
}

impl Test {
    fn new(near: &Near, lattice: &Lattice) -> Test {
        let reach = near.reach.0 * f64::from(lattice.per_metre);
        let (lowest, highest) = match near.level {
            Level::Any => (i64::MIN, i64::MAX),
            Level::AtOrAbove => (0, i64::MAX),
            Level::Within(height) => {
                let units = (height.0 * f64::from(lattice.per_metre_up) + SLACK).floor() as i64;
                (-units, units)
            }
        };
        Test { square: (reach * reach - SLACK).ceil() as i64, lowest, highest }
    }

    fn holds(&self, source: [i32; 3], reference: [i32; 3]) -> bool {
        let difference = |axis: usize| i64::from(reference[axis]) - i64::from(source[axis]);
        let (dx, dy, dz) = (difference(0), difference(1), difference(2));
        dx * dx + dy * dy < self.square && dz >= self.lowest && dz <= self.highest
    }
}

/// The cells of one thinning, over the rectangle of what is thinned.
struct Thinning {
    cells: Cells,
    /// Cell size in units.
    size: f64,
    /// What is added to a local coordinate: the lattice's origin, or minus the corner of the selection.
    shift: [i64; 2],
    /// First cell, and number of cells, along each axis.
    first: [i64; 2],
    count: [usize; 2],
}

impl Thinning {
    fn over(patch: &Patch, chosen: &[u32], cell: Metres) -> Option<Thinning> {
        let positions = || chosen.iter().map(|&i| patch.position[i as usize]);
        let [west, east] = span(positions().map(|p| p[0]))?;
        let [south, north] = span(positions().map(|p| p[1]))?;
        let shift = match patch.cells {
            Cells::OfTheMap => [patch.lattice.x0, patch.lattice.y0],
            Cells::OfTheCloud => [-i64::from(west), -i64::from(south)],
        };
        let size = (cell.0 * f64::from(patch.lattice.per_metre)).max(1.0);
        let mut thinning = Thinning { cells: patch.cells, size, shift, first: [0; 2], count: [0; 2] };
        let (low, high) = (thinning.cell_of(west, south), thinning.cell_of(east, north));
        thinning.first = low;
        thinning.count = [(high[0] - low[0]) as usize + 1, (high[1] - low[1]) as usize + 1];
        Some(thinning)
    }

    fn len(&self) -> usize {
        self.count[0] * self.count[1]
    }

    fn number_of(&self, position: [i32; 3]) -> usize {
        let cell = self.cell_of(position[0], position[1]);
        (cell[1] - self.first[1]) as usize * self.count[0] + (cell[0] - self.first[0]) as usize
    }

    /// A cell of the map holds its west and its north edge, as all our rasters; one of the cloud its west and
    /// its south edge, as IGN's.
    fn cell_of(&self, x: i32, y: i32) -> [i64; 2] {
        let across = (self.shift[0] + i64::from(x)) as f64 / self.size;
        let up = (self.shift[1] + i64::from(y)) as f64 / self.size;
        let row = match self.cells {
            Cells::OfTheMap => up.ceil(),
            Cells::OfTheCloud => up.floor(),
        };
        [across.floor() as i64, row as i64]
    }
}

/// Smallest and largest of some numbers.
fn span(values: impl Iterator<Item = i32>) -> Option<[i32; 2]> {
    values.fold(None, |held: Option<[i32; 2]>, value| {
        Some(held.map_or([value; 2], |[low, high]| [low.min(value), high.max(value)]))
    })
}

/// A raster of buckets, row by row, and where each starts among the sorted points.
struct Buckets {
    columns: usize,
    /// Side of a bucket in units.
    side: i64,
    starts: Vec<u32>,
}

impl Buckets {
    /// Lays buckets over the members and sorts the members by bucket.
    fn sort<M: Copy>(lattice: Lattice, members: &[M], place: impl Fn(&M) -> [i32; 2]) -> (Buckets, Vec<M>) {
        let side = units(BUCKET, &lattice);
        let [west, east] = span(members.iter().map(|m| place(m)[0])).unwrap_or_default();
        let [south, north] = span(members.iter().map(|m| place(m)[1])).unwrap_or_default();
        let along = |value: i32, first: i32| ((i64::from(value) - i64::from(first)) / side) as usize;
        let (columns, rows) = (along(east, west) + 1, along(north, south) + 1);
        let bucket_of = |member: &M| {
            let [x, y] = place(member);
            along(y, south) * columns + along(x, west)
        };
        let mut starts = vec![0; columns * rows + 1];
        members.iter().for_each(|member| starts[bucket_of(member) + 1] += 1);
        accumulate(&mut starts);
        let sorted = placed(members, &mut starts.clone(), bucket_of);
        (Buckets { columns, side, starts }, sorted)
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Places of a bucket's points.
    fn range(&self, bucket: usize) -> Range<usize> {
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }

    /// A reach in buckets, rounded up.
    fn reach(&self, reach: Metres, lattice: &Lattice) -> usize {
        (reach.0 * f64::from(lattice.per_metre) / self.side as f64).ceil() as usize
    }

    /// The runs of references around a bucket that are not empty; `starts` numbers them by bucket.
    fn runs_around(&self, bucket: usize, reach: usize, starts: &[u32], runs: &mut Vec<Range<usize>>) {
        let (row, column) = (bucket / self.columns, bucket % self.columns);
        let last_row = (self.len() / self.columns - 1).min(row + reach);
        let west = column.saturating_sub(reach);
        let east = (self.columns - 1).min(column + reach);
        runs.clear();
        for row in row.saturating_sub(reach)..=last_row {
            let first = row * self.columns;
            let run = starts[first + west] as usize..starts[first + east + 1] as usize;
            if !run.is_empty() {
                runs.push(run);
            }
        }
    }
}

/// How a cloud is cut into patches.
pub(super) struct Layout {
    /// Numbers of all points, patch by patch.
    order: Vec<u32>,
    /// Where each patch starts in `order`.
    starts: Vec<u32>,
    /// Column and row of each patch.
    keys: Vec<[i64; 2]>,
    numbers: HashMap<[i64; 2], u32>,
    /// Side of a patch and width of its ring, in units.
    side: i64,
    ring: i64,
}

impl Layout {
    /// Squares with a ring of `halo`; only squares that hold points exist, however far apart they lie.
    pub(super) fn of_squares(points: &Points, halo: Metres) -> Layout {
        let ring = (halo.0 * f64::from(points.lattice.per_metre)).ceil() as i64;
        Layout::new(points, units(PATCH, &points.lattice).max(ring), ring)
    }

    /// One patch of all points.
    pub(super) fn of_one(points: &Points) -> Layout {
        Layout::new(points, 1 << 40, 0)
    }

    fn new(points: &Points, side: i64, ring: i64) -> Layout {
        assert!(u32::try_from(points.len()).is_ok(), "a tile holds fewer than 2^32 points");
        let key_of = |i: u32| {
            let (x, y) = (points.x[i as usize], points.y[i as usize]);
            [i64::from(x).div_euclid(side), i64::from(y).div_euclid(side)]
        };
        let (mut keys, mut numbers, mut starts) = (Vec::new(), HashMap::new(), vec![0]);
        let mut runs: Vec<(u32, Range<u32>)> = Vec::new();
        for i in 0..points.len() as u32 {
            let key = key_of(i);
            match runs.last_mut() {
                Some((number, run)) if keys[*number as usize] == key => run.end = i + 1,
                _ => {
                    let number = *numbers.entry(key).or_insert_with(|| {
                        keys.push(key);
                        starts.push(0);
                        keys.len() as u32 - 1
                    });
                    runs.push((number, i..i + 1));
                }
            }
        }
        runs.iter().for_each(|(number, run)| starts[*number as usize + 1] += run.end - run.start);
        accumulate(&mut starts);
        let order = ordered(&runs, starts.clone(), points.len());
        Layout { order, starts, keys, numbers, side, ring }
    }

    /// Number of patches.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// A patch and its ring.
    pub(super) fn patch(&self, number: usize, points: &Points, cells: Cells) -> Patch {
        let [column, row] = self.keys[number];
        let (west, south) = (column * self.side - self.ring, row * self.side - self.ring);
        let (east, north) = (west + self.side + 2 * self.ring, south + self.side + 2 * self.ring);
        let near = |&i: &u32| {
            let (x, y) = (i64::from(points.x[i as usize]), i64::from(points.y[i as usize]));
            (west..=east).contains(&x) && (south..=north).contains(&y)
        };
        let mut members = Vec::new();
        for (across, up) in (-1..=1).flat_map(|up| (-1..=1).map(move |across| (across, up))) {
            if let Some(&other) = self.numbers.get(&[column + across, row + up]) {
                let inside = other as usize == number;
                let range = self.starts[other as usize] as usize..self.starts[other as usize + 1] as usize;
                members.extend(self.order[range].iter().filter(|i| near(i)).map(|&i| (i, inside)));
            }
        }
        Patch::new(points, cells, &members)
    }
}

/// A length in whole units, at least one.
fn units(length: Metres, lattice: &Lattice) -> i64 {
    (length.0 * f64::from(lattice.per_metre)).round().max(1.0) as i64
}

/// Counts, each one place further, become starts.
fn accumulate(counts: &mut [u32]) {
    let mut sum = 0;
    for count in counts {
        sum += *count;
        *count = sum;
    }
}

/// Numbers of the points patch by patch, from runs of points of one patch; `next` are the patches' starts.
fn ordered(runs: &[(u32, Range<u32>)], mut next: Vec<u32>, count: usize) -> Vec<u32> {
    let mut order = vec![0; count];
    for (patch, run) in runs {
        let place = &mut next[*patch as usize];
        for i in run.clone() {
            order[*place as usize] = i;
            *place += 1;
        }
    }
    order
}

/// Members sorted by their key, in the order in which they came where keys are equal; `next` is used up.
fn placed<M: Copy>(members: &[M], next: &mut [u32], key_of: impl Fn(&M) -> usize) -> Vec<M> {
    let mut sorted = members.to_vec();
    for member in members {
        let place = &mut next[key_of(member)];
        sorted[*place as usize] = *member;
        *place += 1;
    }
    sorted
}
