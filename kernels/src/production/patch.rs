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

/// Side of a square, into which the points are sorted first. The ring around a patch is one square at most.
const SQUARE: Metres = Metres(16.0);

/// Squares along the side of a patch: some hundred thousand points, which stay in the processor's cache.
const BLOCK: i64 = 4;

/// Side of a bucket: a third of the longest reach, so that few points beyond a reach are looked at.
const BUCKET: Metres = Metres(0.5);

/// What a length in units may be off by, being a product of binary fractions.
const SLACK: f64 = 1e-6;

/// The classes that the chain knows; a point's tag has one bit for its class, and bits for its flags.
const CLASSES: [u8; 10] = [2, 3, 4, 5, 6, 9, 17, 66, 67, 68];

/// The bits of the classes in a tag.
const CLASS_BITS: u32 = (1 << CLASSES.len()) - 1;

/// Flag of the points of the patch itself, not of its ring.
const INSIDE: u32 = 1 << 31;

/// The bit of a class, none for one that the chain does not know.
const fn bit(class: u8) -> u32 {
    let mut i = 0;
    while i < CLASSES.len() {
        if CLASSES[i] == class {
            return 1 << i;
        }
        i += 1;
    }
    0
}

/// Points of some classes that have some flags and lack others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection {
    classes: u32,
    with: u32,
    without: u32,
}

/// The points of these classes.
pub(super) const fn of(classes: &[u8]) -> Selection {
    let mut set = 0;
    let mut i = 0;
    while i < classes.len() {
        set |= bit(classes[i]);
        i += 1;
    }
    Selection { classes: set, with: 0, without: 0 }
}

impl Selection {
    /// The points of all classes.
    pub(super) const fn any() -> Selection {
        of(&CLASSES)
    }

    /// Those which have all these flags.
    pub(super) const fn with(self, flags: u32) -> Selection {
        Selection { with: self.with | flags, ..self }
    }

    /// Those which have none of these flags.
    pub(super) const fn without(self, flags: u32) -> Selection {
        Selection { without: self.without | flags, ..self }
    }

    fn holds(&self, tag: u32) -> bool {
        tag & self.classes != 0 && tag & (self.with | self.without) == self.with
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

/// A point of a patch while the patch is built.
#[derive(Debug, Clone, Copy, Default)]
struct Member {
    position: [i32; 3],
    tag: u32,
    /// Number of the point in the cloud.
    number: u32,
}

/// The points of a patch in columns, bucket by bucket.
pub(super) struct Patch {
    lattice: Lattice,
    cells: Cells,
    position: Vec<[i32; 3]>,
    /// Class and flags.
    tag: Vec<u32>,
    number: Vec<u32>,
    /// Bits of the classes that occur.
    present: u32,
    buckets: Buckets,
}

impl Patch {
    fn new(lattice: Lattice, cells: Cells, members: &[Member]) -> Patch {
        let (buckets, sorted) = Buckets::sort(lattice, members);
        Patch {
            lattice,
            cells,
            position: sorted.iter().map(|m| m.position).collect(),
            tag: sorted.iter().map(|m| m.tag).collect(),
            number: sorted.iter().map(|m| m.number).collect(),
            present: members.iter().fold(0, |present, m| present | m.tag),
            buckets,
        }
    }

    /// Numbers of the patch's own points that have a flag.
    pub(super) fn inside(&self, flag: u32) -> Vec<u32> {
        let chosen = |tag: u32| tag & (INSIDE | flag) == INSIDE | flag;
        self.tag.iter().zip(&self.number).filter(|(tag, _)| chosen(**tag)).map(|(_, &i)| i).collect()
    }

    /// Sets a flag on a selection.
    pub(super) fn raise_all(&mut self, flag: u32, selection: Selection) {
        self.tag.iter_mut().filter(|tag| selection.holds(**tag)).for_each(|tag| *tag |= flag);
    }

    /// Clears a flag on a selection.
    pub(super) fn lower_all(&mut self, flag: u32, selection: Selection) {
        self.tag.iter_mut().filter(|tag| selection.holds(**tag)).for_each(|tag| *tag &= !flag);
    }

    /// Sets a flag where the rule holds. All points are judged before the first is changed.
    pub(super) fn raise(&mut self, flag: u32, near: Near) {
        for i in self.near(&near) {
            self.tag[i as usize] |= flag;
        }
    }

    /// Clears a flag where the rule holds. All points are judged before the first is changed.
    pub(super) fn lower(&mut self, flag: u32, near: Near) {
        for i in self.near(&near) {
            self.tag[i as usize] &= !flag;
        }
    }

    /// Leaves a flag to the highest or lowest point of each cell among the selections, and clears it on the
    /// others of the selections.
    pub(super) fn thin(&mut self, selections: &[Selection], cell: Metres, keep: Keep, flag: u32) {
        let held = |tag: u32| selections.iter().any(|s| s.holds(tag));
        let chosen: Vec<u32> = (0..self.tag.len() as u32).filter(|&i| held(self.tag[i as usize])).collect();
        let Some(thinning) = Thinning::over(self, &chosen, cell) else { return };
        let mut best = vec![u32::MAX; thinning.len()];
        for &i in &chosen {
            self.tag[i as usize] &= !flag;
            let held = &mut best[thinning.number_of(self.position[i as usize])];
            if *held == u32::MAX || self.precedes(i, *held, keep) {
                *held = i;
            }
        }
        for &i in best.iter().filter(|&&i| i != u32::MAX) {
            self.tag[i as usize] |= flag;
        }
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
                let rank = |at: usize, p: [i32; 3]| (p[0], p[1], self.tag[at] & CLASS_BITS, self.number[at]);
                rank(i, a) < rank(j, b)
            }
            Cells::OfTheCloud => self.number[i] < self.number[j],
        }
    }

    fn near(&self, near: &Near) -> Vec<u32> {
        let mut hits = Vec::new();
        if self.present & near.source.classes == 0 || self.present & near.reference.classes == 0 {
            return hits;
        }
        let (references, starts) = self.references(near.reference);
        let test = Test::new(near, &self.lattice);
        let reach = self.buckets.reach(near.reach, &self.lattice);
        let mut runs = Vec::with_capacity(2 * reach + 1);
        for bucket in 0..self.buckets.len() {
            let source = |&i: &usize| near.source.holds(self.tag[i]);
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
            let held = self.buckets.range(bucket).filter(|&i| selection.holds(self.tag[i]));
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
    fn sort(lattice: Lattice, members: &[Member]) -> (Buckets, Vec<Member>) {
        let side = units(BUCKET, &lattice);
        let [west, east] = span(members.iter().map(|m| m.position[0])).unwrap_or_default();
        let [south, north] = span(members.iter().map(|m| m.position[1])).unwrap_or_default();
        let along = |value: i32, first: i32| ((i64::from(value) - i64::from(first)) / side) as usize;
        let (columns, rows) = (along(east, west) + 1, along(north, south) + 1);
        let bucket_of =
            |member: &Member| along(member.position[1], south) * columns + along(member.position[0], west);
        let mut starts = vec![0; columns * rows + 1];
        members.iter().for_each(|member| starts[bucket_of(member) + 1] += 1);
        accumulate(&mut starts);
        let mut next = starts.clone();
        let mut sorted = vec![Member::default(); members.len()];
        for member in members {
            let place = &mut next[bucket_of(member)];
            sorted[*place as usize] = *member;
            *place += 1;
        }
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

/// How a cloud is cut: points are sorted into squares, and a patch is a block of squares.
pub(super) struct Layout {
    /// Numbers of all points, square by square.
    order: Vec<u32>,
    /// Where each square starts in `order`.
    starts: Vec<u32>,
    /// Number of the square at a column and row; only those that hold points exist.
    squares: HashMap<[i64; 2], u32>,
    /// Column and row of each patch, sorted.
    patches: Vec<[i64; 2]>,
    /// Side of a square and width of a patch's ring, in units.
    side: i64,
    ring: i64,
}

impl Layout {
    /// Patches with a ring of `halo`; only those that hold points exist, however far apart they lie.
    pub(super) fn of_squares(points: &Points, halo: Metres) -> Layout {
        let ring = (halo.0 * f64::from(points.lattice.per_metre)).ceil() as i64;
        Layout::new(points, units(SQUARE, &points.lattice).max(ring), ring)
    }

    /// One patch of all points.
    pub(super) fn of_one(points: &Points) -> Layout {
        Layout::new(points, 1 << 40, 0)
    }

    fn new(points: &Points, side: i64, ring: i64) -> Layout {
        assert!(u32::try_from(points.len()).is_ok(), "a tile holds fewer than 2^32 points");
        let (mut keys, mut squares, mut starts) = (Vec::new(), HashMap::new(), vec![0]);
        let mut runs: Vec<(u32, Range<u32>)> = Vec::new();
        for i in 0..points.len() as u32 {
            let key = [points.x[i as usize], points.y[i as usize]].map(|along| from_corner(along) / side);
            match runs.last_mut() {
                Some((square, run)) if keys[*square as usize] == key => run.end = i + 1,
                _ => {
                    let square = *squares.entry(key).or_insert_with(|| {
                        keys.push(key);
                        starts.push(0);
                        keys.len() as u32 - 1
                    });
                    runs.push((square, i..i + 1));
                }
            }
        }
        runs.iter().for_each(|(square, run)| starts[*square as usize + 1] += run.end - run.start);
        accumulate(&mut starts);
        let order = ordered(&runs, starts.clone(), points.len());
        let mut patches: Vec<[i64; 2]> = keys.iter().map(|key| key.map(|along| along / BLOCK)).collect();
        patches.sort_unstable();
        patches.dedup();
        Layout { order, starts, squares, patches, side, ring }
    }

    /// Number of patches.
    pub(super) fn len(&self) -> usize {
        self.patches.len()
    }

    /// A patch and its ring.
    pub(super) fn patch(&self, number: usize, points: &Points, cells: Cells) -> Patch {
        let first = self.patches[number].map(|along| along * BLOCK);
        let mut members = Vec::new();
        for (across, up) in (-1..=BLOCK).flat_map(|up| (-1..=BLOCK).map(move |across| (across, up))) {
            let Some(&square) = self.squares.get(&[first[0] + across, first[1] + up]) else { continue };
            let own = (0..BLOCK).contains(&across) && (0..BLOCK).contains(&up);
            let flag = if own { INSIDE } else { 0 };
            let range = self.starts[square as usize] as usize..self.starts[square as usize + 1] as usize;
            for &point in &self.order[range] {
                let i = point as usize;
                let (position, class) = ([points.x[i], points.y[i], points.z[i]], bit(points.class[i]));
                if class != 0 && (own || self.within_ring(first, position)) {
                    members.push(Member { position, tag: class | flag, number: point });
                }
            }
        }
        Patch::new(points.lattice, cells, &members)
    }

    /// Whether a position lies in the patch that starts at this square, or in its ring.
    fn within_ring(&self, first: [i64; 2], position: [i32; 3]) -> bool {
        let within = |axis: usize| {
            let along = from_corner(position[axis]) - first[axis] * self.side;
            (-self.ring..=BLOCK * self.side + self.ring).contains(&along)
        };
        within(0) && within(1)
    }
}

/// A coordinate counted from the smallest there can be, so that it is never negative.
fn from_corner(along: i32) -> i64 {
    i64::from(along) - i64::from(i32::MIN)
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
