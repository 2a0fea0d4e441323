//! All layers as one store of edges in whole millimetres, and the sweep over them.
//!
//! In: rings in metres; out: for each combination of a polygon of the first date, one of the second, a zone and the
//! exemptions, its area; for each two of these that touch, the length of their border. Positions are rounded
//! to millimetres once, here: vertices that neighbours share stay shared. Everything after this works on these tables.
//!
//! Vertices above 256 MB wait on the disk, in strips 2 km high, which are swept one after the other: memory is then that of
//! the tables. The cells are the same, so are the sums.
//!
//! Fails where: data lie more than 1000 km from their first vertex. Cost: see [`ilot_kernels::overlay`]; memory: 8 bytes a vertex
//! up to 256 MB, some 300 bytes a polygon, a band of cells a thread.

use ilot_kernels::overlay::{Chain, Lattice, PER_MM, PER_MM2, Scratch, Sink, Vertex, sweep};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// Edges of a chain: short, so that a band skips most of a long ring.
const CHAIN: usize = 64;
/// Cells are no smaller than 2^15 mm.
const SMALLEST: u32 = 15;
/// Edges of a cell, about.
const EDGES: u64 = 48;

/// Vertices that are kept in memory: 256 MB.
const ROOM: usize = 1 << 25;
/// Strips on the disk are 2^21 mm high.
const STRIP: u32 = 21;

/// Nothing of a layer.
pub const NONE: u32 = u32::MAX;

/// An area as a whole number of 1024ths of a mm²: sums are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Area(pub i128);

impl Area {
    /// Square metres.
    pub fn square_metres(self) -> f64 {
        self.0 as f64 / (PER_MM2 as f64 * 1e6)
    }

    /// From half square millimetres.
    pub fn from_half_mm2(twice: i128) -> Area {
        Area(twice * i128::from(PER_MM2) / 2)
    }

    /// From square metres.
    pub fn from_square_metres(area: f64) -> Area {
        Area((area * PER_MM2 as f64 * 1e6).round() as i128)
    }

    /// The part of it that a share is.
    pub fn times(self, share: f64) -> Area {
        Area((self.0 as f64 * share).round() as i128)
    }

    /// Its size, whatever its sign.
    pub fn abs(self) -> Area {
        Area(self.0.abs())
    }
}

impl std::ops::AddAssign for Area {
    fn add_assign(&mut self, other: Area) {
        self.0 += other.0;
    }
}

impl std::ops::Add for Area {
    type Output = Area;

    fn add(self, other: Area) -> Area {
        Area(self.0 + other.0)
    }
}

impl std::ops::Sub for Area {
    type Output = Area;

    fn sub(self, other: Area) -> Area {
        Area(self.0 - other.0)
    }
}

impl std::iter::Sum for Area {
    fn sum<I: Iterator<Item = Area>>(all: I) -> Area {
        all.fold(Area::default(), |sum, one| sum + one)
    }
}

/// The layers, in the order in which they are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The first date, or the changes.
    First,
    /// The second date.
    Second,
    /// The zones.
    Zones,
    /// Photovoltaic fields.
    Photovoltaic,
    /// Public parks.
    Parks,
}

const ROLES: usize = 5;

/// An atom lies in a photovoltaic field.
pub const IN_PV: u8 = 1;
/// An atom lies in a public park.
pub const IN_PARK: u8 = 2;
/// An atom's area is counted in a zone before: zones overlap.
pub const AGAIN: u8 = 4;

/// What one polygon of each date, one zone and the exemptions have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom {
    /// The polygon of the first date, or [`NONE`].
    pub first: u32,
    /// The polygon of the second date, or [`NONE`].
    pub second: u32,
    /// The zone, or [`NONE`].
    pub zone: u32,
    /// [`IN_PV`], [`IN_PARK`], [`AGAIN`].
    pub bits: u8,
    /// Its area.
    pub area: Area,
}

/// What two faces of the overlay have between them: a polygon of each date on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The polygons of the first and of the second date on one side; each may be [`NONE`].
    pub one: (u32, u32),
    /// On the other side.
    pub other: (u32, u32),
    /// The zone that both sides are in, or [`NONE`].
    pub zone: u32,
    /// Whether it is there for another zone before: zones overlap.
    pub again: bool,
    /// Length, in [`PER_MM`] of a millimetre.
    length: i64,
}

impl Edge {
    /// Its length, m.
    pub fn metres(&self) -> f64 {
        metres(self.length.into())
    }
}

fn metres(length: i128) -> f64 {
    length as f64 / (PER_MM as f64 * 1000.0)
}

/// A common border of two polygons of one date; the second may be [`NONE`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Border {
    /// One polygon.
    pub one: u32,
    /// The other, a larger number.
    pub other: u32,
    /// Length, m.
    pub length: f64,
}

/// Everything that the sweep found.
#[derive(Debug, Default)]
pub struct Picture {
    /// The atoms, sorted.
    pub atoms: Vec<Atom>,
    /// Borders between faces, sorted.
    pub edges: Vec<Edge>,
    /// Per layer: the area that two of its polygons hold, and some of these.
    pub overlaps: [(Area, Vec<u32>); ROLES],
    /// Cells with too many crossings.
    pub tangled: usize,
    /// Area of polygons in zones of another group.
    pub foreign: Area,
}

impl Picture {
    /// Common borders of the polygons of a date, sorted.
    pub fn borders(&self, side: usize) -> Vec<Border> {
        let of = |pair: (u32, u32)| if side == 0 { pair.0 } else { pair.1 };
        let mut all: Vec<(u64, i64)> = Vec::new();
        for edge in self.edges.iter().filter(|edge| !edge.again) {
            let (one, other) = (of(edge.one), of(edge.other));
            if one != other {
                all.push((u64::from(one.min(other)) << 32 | u64::from(one.max(other)), edge.length));
            }
        }
        merge(&mut all);
        let border = |(key, length): (u64, i64)| Border {
            one: (key >> 32) as u32,
            other: key as u32,
            length: metres(length.into()),
        };
        all.into_iter().map(border).collect()
    }

    /// Perimeters of what a polygon of each date have in common, m, of the pairs that are wanted, by the pair.
    pub fn perimeters(&self, wanted: impl Fn((u32, u32)) -> bool) -> BTreeMap<(u32, u32), f64> {
        let mut all: BTreeMap<(u32, u32), i64> = BTreeMap::new();
        for edge in self.edges.iter().filter(|edge| !edge.again) {
            for pair in [edge.one, edge.other].into_iter().filter(|pair| wanted(*pair)) {
                *all.entry(pair).or_default() += edge.length;
            }
        }
        all.into_iter().map(|(pair, length)| (pair, metres(length.into()))).collect()
    }
}

/// A chain in the store.
#[derive(Debug, Clone, Copy)]
struct Stored {
    member: u32,
    start: u32,
    edges: u8,
}

/// Chains with their vertices.
#[derive(Debug, Default)]
struct Part {
    vertices: Vec<Vertex>,
    chains: Vec<Stored>,
}

/// The store. What it holds above its room waits in a file without a name, by strips of the plane.
#[derive(Debug)]
pub struct Mesh {
    origin: Option<[i64; 2]>,
    part: Part,
    /// Bounds and number of all vertices, also of those in the file.
    bounds: Option<(Vertex, Vertex)>,
    count: usize,
    /// Vertices that are kept in memory.
    room: usize,
    shelf: Option<Shelf>,
    starts: Vec<u32>,
    roles: Vec<Role>,
    members: u32,
    /// Of each polygon; 0 is of any.
    groups: Vec<u16>,
    /// The group of the polygons that are added next: a polygon and a zone of different groups have nothing in common.
    pub group: u16,
}

impl Default for Mesh {
    fn default() -> Mesh {
        Mesh {
            origin: None,
            part: Part::default(),
            bounds: None,
            count: 0,
            room: ROOM,
            shelf: None,
            starts: Vec::new(),
            roles: Vec::new(),
            members: 0,
            groups: Vec::new(),
            group: 0,
        }
    }
}

/// A position too far from the others, or one polygon too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Astray;

/// Whole millimetres.
fn millimetres(metres: f64) -> i64 {
    (metres * 1000.0).round() as i64
}

impl Mesh {
    /// Begins a layer; each is begun once.
    pub fn begin(&mut self, role: Role) {
        self.roles.push(role);
        self.starts.push(self.members);
    }

    /// Adds a polygon to the layer begun last, by its rings; returns twice its signed area in mm², outer rings less
    /// holes, without regard to crossings.
    ///
    /// # Errors
    /// Where a position is out of reach; nothing is added then.
    pub fn add(&mut self, rings: &[(bool, Vec<(f64, f64)>)]) -> Result<i128, Astray> {
        let (vertices, chains) = (self.part.vertices.len(), self.part.chains.len());
        let mut twice = 0;
        for (outer, ring) in rings {
            match self.ring(ring) {
                Some(area) => twice += if *outer { area.abs() } else { -area.abs() },
                None => {
                    self.part.vertices.truncate(vertices);
                    self.part.chains.truncate(chains);
                    return Err(Astray);
                }
            }
        }
        for at in &self.part.vertices[vertices..] {
            let (low, high) = self.bounds.get_or_insert((*at, *at));
            for axis in 0..2 {
                low[axis] = low[axis].min(at[axis]);
                high[axis] = high[axis].max(at[axis]);
            }
        }
        self.count += self.part.vertices.len() - vertices;
        self.skip();
        Ok(twice)
    }

    /// Adds a polygon that holds nothing, so that numbers stay in step.
    pub fn skip(&mut self) {
        self.members += 1;
        self.groups.push(self.group);
    }

    fn ring(&mut self, ring: &[(f64, f64)]) -> Option<i128> {
        let first = ring.first()?;
        let origin = *self.origin.get_or_insert_with(|| {
            // A multiple of the largest cell, so that cells lie where they lie for any other data.
            let near = |metres: f64| (millimetres(metres) >> 24) << 24;
            [near(first.0), near(first.1)]
        });
        let Part { vertices, chains } = &mut self.part;
        let start = vertices.len();
        for &(x, y) in ring {
            let place = [millimetres(x) - origin[0], millimetres(y) - origin[1]];
            if place.iter().any(|value| value.abs() > 1_000_000_000) {
                return None;
            }
            let place = place.map(|value| value as i32);
            if vertices[start..].last() != Some(&place) {
                vertices.push(place);
            }
        }
        if vertices[start] != *vertices.last()? {
            vertices.push(vertices[start]);
        }
        let all = start..vertices.len();
        for from in all.clone().step_by(CHAIN) {
            let edges = (all.end - 1 - from).min(CHAIN);
            if edges > 0 {
                let start = u32::try_from(from).ok()?;
                chains.push(Stored { member: self.members, start, edges: edges as u8 });
            }
        }
        Some(twice_area(&vertices[all]))
    }

    /// The numbers of a layer's polygons; empty where it is not there.
    fn range(&self, role: Role) -> Range<u32> {
        let Some(place) = self.roles.iter().position(|other| *other == role) else { return 0..0 };
        self.starts[place]..self.starts.get(place + 1).copied().unwrap_or(self.members)
    }

    /// Takes what is above the room out of memory.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub fn relieve(&mut self) -> io::Result<()> {
        if self.part.vertices.len() < self.room {
            return Ok(());
        }
        self.put_away()
    }

    fn put_away(&mut self) -> io::Result<()> {
        let part = std::mem::take(&mut self.part);
        let shelf = match &mut self.shelf {
            Some(shelf) => shelf,
            None => self.shelf.insert(Shelf::new()?),
        };
        shelf.put(&part)
    }

    /// Sweeps everything; what was in memory is gone then.
    ///
    /// # Errors
    /// Where what waits on the disk cannot be read.
    pub fn sweep(&mut self) -> io::Result<Picture> {
        let Some(lattice) = self.lattice() else { return Ok(Picture::default()) };
        let ranges = [Role::First, Role::Second, Role::Zones, Role::Photovoltaic, Role::Parks]
            .map(|role| self.range(role));
        let mut gathered = Gathered::default();
        if self.shelf.is_none() {
            let part = std::mem::take(&mut self.part);
            gathered.add(part.sweep(&lattice, 0..lattice.rows, &ranges, &self.groups));
            return Ok(gathered.picture());
        }
        self.put_away()?;
        let Some(shelf) = &mut self.shelf else { return Ok(Picture::default()) };
        // Cells are never taller than strips but where data are sparse: strips go together then.
        let tall = lattice.shift.max(STRIP);
        let strip = |row: u32| (i64::from(lattice.south) + (i64::from(row) << lattice.shift)) >> tall;
        let mut row = 0;
        while row < lattice.rows {
            let own = strip(row);
            let end = (row..lattice.rows).find(|other| strip(*other) != own).unwrap_or(lattice.rows);
            let wide = tall - STRIP;
            let part = shelf.take((own << wide) as i32..((own + 1) << wide) as i32)?;
            gathered.add(part.sweep(&lattice, row..end, &ranges, &self.groups));
            row = end;
        }
        Ok(gathered.picture())
    }

    fn lattice(&self) -> Option<Lattice> {
        let (low, high) = self.bounds?;
        // By the number of edges, in powers of two.
        let area = (f64::from(high[0]) - f64::from(low[0])) * (f64::from(high[1]) - f64::from(low[1]));
        let wanted = area * EDGES as f64 / self.count as f64;
        let shift = (wanted.max(1.0).log2() / 2.0).round() as u32;
        Some(Lattice::around(low, high, shift.max(SMALLEST)))
    }
}

impl Part {
    /// Sweeps some rows of cells.
    fn sweep<'a>(
        &self,
        lattice: &Lattice,
        rows: Range<u32>,
        ranges: &'a [Range<u32>; ROLES],
        groups: &'a [u16],
    ) -> Vec<Book<'a>> {
        let (starts, chains) = self.bands(lattice, &rows);
        let first = rows.start;
        rows.into_par_iter()
            .map_init(Scratch::default, |scratch, row| {
                let at = (row - first) as usize;
                let own = &chains[starts[at] as usize..starts[at + 1] as usize];
                let mut book = Book::new(ranges, groups);
                let chain = |&index: &u32| {
                    let stored = &self.chains[index as usize];
                    Chain { member: stored.member, vertices: self.of(stored) }
                };
                book.tangled = sweep(lattice, row, own.iter().map(chain), scratch, &mut book);
                book.settle();
                book
            })
            .collect()
    }

    fn of(&self, chain: &Stored) -> &[Vertex] {
        &self.vertices[chain.start as usize..][..usize::from(chain.edges) + 1]
    }

    /// Lowest and highest ordinate of a chain.
    fn span(&self, chain: &Stored) -> (i32, i32) {
        let own = self.of(chain).iter().map(|at| at[1]);
        own.fold((i32::MAX, i32::MIN), |(low, high), y| (low.min(y), high.max(y)))
    }

    /// The chains that each of some rows of cells needs.
    fn bands(&self, lattice: &Lattice, rows: &Range<u32>) -> (Vec<u32>, Vec<u32>) {
        let reach = |chain: &Stored| {
            let (low, high) = self.span(chain);
            let (low, high) = (lattice.row(low).max(rows.start), (lattice.row(high) + 1).min(rows.end));
            (low.saturating_sub(rows.start)) as usize..high.saturating_sub(rows.start) as usize
        };
        let mut starts = vec![0u32; rows.len() + 2];
        for chain in &self.chains {
            reach(chain).for_each(|row| starts[row + 2] += 1);
        }
        for row in 2..starts.len() {
            starts[row] += starts[row - 1];
        }
        let mut chains = vec![0u32; starts[starts.len() - 1] as usize];
        for (index, chain) in self.chains.iter().enumerate() {
            for row in reach(chain) {
                let place = &mut starts[row + 1];
                chains[*place as usize] = index as u32;
                *place += 1;
            }
        }
        (starts, chains)
    }
}

/// Chains on the disk: one file, in it runs of chains by strip.
#[derive(Debug)]
struct Shelf {
    file: File,
    end: u64,
    /// Chains written.
    count: u32,
    runs: BTreeMap<i32, Vec<(u64, usize)>>,
}

impl Shelf {
    fn new() -> io::Result<Shelf> {
        Ok(Shelf { file: tempfile::tempfile()?, end: 0, count: 0, runs: BTreeMap::new() })
    }

    /// Writes the chains, each to all strips that it touches.
    fn put(&mut self, part: &Part) -> io::Result<()> {
        let mut all: Vec<(i32, u32)> = Vec::new();
        for (index, chain) in part.chains.iter().enumerate() {
            let (low, high) = part.span(chain);
            all.extend((low >> STRIP..=high >> STRIP).map(|strip| (strip, index as u32)));
        }
        all.sort_unstable();
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut bytes = Vec::new();
        for run in all.chunk_by(|a, b| a.0 == b.0) {
            bytes.clear();
            for &(_, index) in run {
                let chain = &part.chains[index as usize];
                bytes.extend(chain.member.to_le_bytes());
                bytes.extend((self.count + index).to_le_bytes());
                bytes.push(chain.edges);
                part.of(chain).iter().flatten().for_each(|value| bytes.extend(value.to_le_bytes()));
            }
            self.file.write_all(&bytes)?;
            self.runs.entry(run[0].0).or_default().push((self.end, bytes.len()));
            self.end += bytes.len() as u64;
        }
        self.count += part.chains.len() as u32;
        Ok(())
    }

    /// Reads the chains of some strips, each once.
    fn take(&mut self, strips: Range<i32>) -> io::Result<Part> {
        let mut part = Part::default();
        let mut seen: HashSet<u32> = HashSet::new();
        let several = strips.len() > 1;
        let runs: Vec<(u64, usize)> = self.runs.range(strips).flat_map(|(_, runs)| runs).copied().collect();
        for (start, length) in runs {
            self.file.seek(SeekFrom::Start(start))?;
            let mut bytes = vec![0; length];
            self.file.read_exact(&mut bytes)?;
            let mut rest = bytes.as_slice();
            let number = |at: &[u8]| i32::from_le_bytes([at[0], at[1], at[2], at[3]]);
            while let Some((head, tail)) = rest.split_first_chunk::<9>() {
                let (member, chain, edges) = (number(head) as u32, number(&head[4..]) as u32, head[8]);
                let (own, next) = tail.split_at(8 * (usize::from(edges) + 1));
                if !several || seen.insert(chain) {
                    let start = part.vertices.len() as u32;
                    part.vertices.extend(own.chunks_exact(8).map(|at| [number(at), number(&at[4..])]));
                    part.chains.push(Stored { member, start, edges });
                }
                rest = next;
            }
        }
        Ok(part)
    }
}

fn twice_area(ring: &[Vertex]) -> i128 {
    let Some(&origin) = ring.first() else { return 0 };
    let at = |v: Vertex| [i64::from(v[0]) - i64::from(origin[0]), i64::from(v[1]) - i64::from(origin[1])];
    let cross = |pair: &[Vertex]| {
        let (a, b) = (at(pair[0]), at(pair[1]));
        i128::from(a[0]) * i128::from(b[1]) - i128::from(b[0]) * i128::from(a[1])
    };
    ring.windows(2).map(cross).sum()
}

/// What the cells of a row gave.
#[derive(Debug)]
struct Book<'a> {
    ranges: &'a [Range<u32>; ROLES],
    groups: &'a [u16],
    foreign: Area,
    atoms: Vec<(u128, i128)>,
    edges: Vec<([u32; 5], i64)>,
    overlaps: [(Area, Vec<u32>); ROLES],
    tangled: usize,
}

impl<'a> Book<'a> {
    fn new(ranges: &'a [Range<u32>; ROLES], groups: &'a [u16]) -> Book<'a> {
        Book {
            ranges,
            groups,
            foreign: Area::default(),
            atoms: Vec::new(),
            edges: Vec::new(),
            overlaps: Default::default(),
            tangled: 0,
        }
    }

    /// The members of a layer; layers' numbers follow each other.
    fn of<'m>(&self, role: Role, members: &'m [u32]) -> &'m [u32] {
        let Range { start, end } = self.ranges[role as usize];
        let from = members.partition_point(|&member| member < start);
        &members[from..from + members[from..].partition_point(|&member| member < end)]
    }

    /// Whether a polygon may count in a zone of this group; 0 is of any.
    fn fits(&self, member: u32, group: u16) -> bool {
        let other = self.groups[member as usize];
        group == 0 || other == 0 || other == group
    }

    /// The polygon of a layer that counts in a zone: of those that overlap, the first of its group in the file.
    fn one(&self, role: Role, members: &[u32], group: u16) -> u32 {
        let mut own = self.of(role, members).iter().filter(|member| self.fits(**member, group));
        own.next().map_or(NONE, |member| member - self.ranges[role as usize].start)
    }

    /// The polygons of both dates that count in a zone.
    fn pair(&self, members: &[u32], group: u16) -> (u32, u32) {
        (self.one(Role::First, members, group), self.one(Role::Second, members, group))
    }

    /// Books what polygons of another group hold in a zone.
    fn astray(&mut self, members: &[u32], group: u16, area: i64) {
        for role in [Role::First, Role::Second] {
            if self.of(role, members).iter().any(|member| !self.fits(*member, group)) {
                self.foreign += Area(i128::from(area));
            }
        }
    }

    fn edge(&mut self, here: (u32, u32), there: (u32, u32), zone: u32, length: i64) {
        if here != there {
            let (one, other) = (here.min(there), here.max(there));
            self.edges.push(([one.0, one.1, other.0, other.1, zone], length));
        }
    }

    fn settle(&mut self) {
        merge(&mut self.atoms);
        merge(&mut self.edges);
    }
}

impl Sink for Book<'_> {
    fn area(&mut self, members: &[u32], area: i64) {
        for role in [Role::First, Role::Second, Role::Zones] {
            let own = self.of(role, members);
            let group = |member: &u32| self.groups[*member as usize];
            let apart = |pair: &[u32]| role != Role::Zones && group(&pair[0]) != group(&pair[1]);
            if own.windows(2).any(|pair| !apart(pair)) {
                let own = own.to_vec();
                let (shared, some) = &mut self.overlaps[role as usize];
                *shared += Area(i128::from(area));
                if some.len() < 16 {
                    some.extend(own.iter().map(|member| member - self.ranges[role as usize].start));
                }
            }
        }
        let bit = |role, bit| if self.of(role, members).is_empty() { 0 } else { bit };
        let mut bits = bit(Role::Photovoltaic, IN_PV) | bit(Role::Parks, IN_PARK);
        let zones = self.of(Role::Zones, members);
        if zones.is_empty() {
            let (first, second) = self.pair(members, 0);
            self.atoms.push((pack(first, second, NONE, bits), area.into()));
        }
        for zone in zones {
            let group = self.groups[*zone as usize];
            let (first, second) = self.pair(members, group);
            self.astray(members, group, area);
            let zone = zone - self.ranges[Role::Zones as usize].start;
            self.atoms.push((pack(first, second, zone, bits), area.into()));
            bits |= AGAIN;
        }
        if self.atoms.len() > 1 << 16 && self.atoms.len().is_power_of_two() {
            merge(&mut self.atoms);
        }
    }

    fn border(&mut self, one: &[u32], other: &[u32], length: i64) {
        let (here, there) = (self.of(Role::Zones, one), self.of(Role::Zones, other));
        let group = |zones: &[u32]| zones.first().map_or(0, |zone| self.groups[*zone as usize]);
        let mut again = 0;
        for zone in here.iter().filter(|zone| there.binary_search(zone).is_ok()) {
            let group = self.groups[*zone as usize];
            let pairs = (self.pair(one, group), self.pair(other, group));
            let number = zone - self.ranges[Role::Zones as usize].start;
            self.edge(pairs.0, pairs.1, number | again, length);
            again = SAID;
        }
        if again == 0 {
            let pairs = (self.pair(one, group(here)), self.pair(other, group(there)));
            self.edge(pairs.0, pairs.1, NONE, length);
        }
    }
}

/// Marks an edge's zone as not its first.
const SAID: u32 = 1 << 31;

fn pack(first: u32, second: u32, zone: u32, bits: u8) -> u128 {
    u128::from(first) << 96 | u128::from(second) << 64 | u128::from(zone) << 32 | u128::from(bits)
}

/// Sorts by key and adds what has the same.
fn merge<K: Ord + Copy + Send, L: std::ops::AddAssign + Copy + Send>(list: &mut Vec<(K, L)>) {
    list.sort_unstable_by_key(|(key, _)| *key);
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

/// What the rows gave so far.
#[derive(Default)]
struct Gathered {
    atoms: Vec<(u128, i128)>,
    edges: Vec<([u32; 5], i64)>,
    picture: Picture,
}

impl Gathered {
    /// Adds rows up: whole numbers, in any order.
    fn add(&mut self, rows: Vec<Book>) {
        let (mut atoms, mut edges) = (Vec::new(), Vec::new());
        for mut row in rows {
            atoms.append(&mut row.atoms);
            edges.append(&mut row.edges);
            self.picture.tangled += row.tangled;
            self.picture.foreign += row.foreign;
            for (all, own) in self.picture.overlaps.iter_mut().zip(row.overlaps) {
                all.0 += own.0;
                all.1.extend(own.1);
            }
        }
        merge(&mut atoms);
        merge(&mut edges);
        if self.atoms.is_empty() {
            (self.atoms, self.edges) = (atoms, edges);
        } else {
            self.atoms.append(&mut atoms);
            self.edges.append(&mut edges);
        }
    }

    fn picture(self) -> Picture {
        let Gathered { mut atoms, mut edges, mut picture } = self;
        merge(&mut atoms);
        merge(&mut edges);
        let atom = |(key, area): (u128, i128)| Atom {
            first: (key >> 96) as u32,
            second: (key >> 64) as u32,
            zone: (key >> 32) as u32,
            bits: key as u8,
            area: Area(area),
        };
        let edge = |(key, length): ([u32; 5], i64)| {
            let again = key[4] != NONE && key[4] & SAID != 0;
            let zone = if again { key[4] & !SAID } else { key[4] };
            Edge { one: (key[0], key[1]), other: (key[2], key[3]), zone, again, length }
        };
        picture.atoms = atoms.into_iter().map(atom).collect();
        picture.edges = edges.into_iter().map(edge).collect();
        for (_, some) in &mut picture.overlaps {
            some.sort_unstable();
            some.dedup();
        }
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares of 700 m over 9 km, and one zone over most of them; the second date's are shifted.
    fn mesh(room: usize) -> Picture {
        let mut mesh = Mesh { room, ..Mesh::default() };
        let square = |x: f64, y: f64, side: f64| {
            let ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
            [(true, ring.to_vec())]
        };
        for (role, off) in [(Role::First, 0.0), (Role::Second, 123.456)] {
            mesh.begin(role);
            for place in 0..169 {
                let (x, y) = (f64::from(place % 13) * 700.0, f64::from(place / 13) * 700.0);
                let _ = mesh.add(&square(x + off, y - off, 700.0)).unwrap();
                mesh.relieve().unwrap();
            }
        }
        mesh.begin(Role::Zones);
        let _ = mesh.add(&square(333.333, 444.444, 8000.0)).unwrap();
        mesh.sweep().unwrap()
    }

    #[test]
    fn what_waits_on_the_disk_changes_nothing() {
        let whole = mesh(ROOM);
        assert!(whole.atoms.len() > 500 && whole.edges.len() > 900);
        for room in [1, 100, 777] {
            let found = mesh(room);
            assert_eq!(found.atoms, whole.atoms, "{room}");
            assert_eq!(found.edges, whole.edges, "{room}");
        }
    }
}
