//! All layers as one store of edges in whole millimetres, and the sweep over them.
//!
//! In: rings in metres; out: for each combination of a polygon of the first date, one of the second, a zone and the
//! exemptions, its area; for each two of these that touch, the length of their border. Positions are rounded
//! to millimetres once, here: vertices that neighbours share stay shared. Everything after this works on these tables.
//!
//! Fails where: data lie more than 1000 km from their first vertex. Cost: see [`ilot_kernels::overlay`]; memory: 8 bytes a vertex,
//! some 100 bytes a polygon, a band of cells a thread.

use ilot_kernels::overlay::{Chain, Lattice, PER_MM, PER_MM2, Scratch, Sink, Vertex, sweep};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// Edges of a chain: short, so that a band skips most of a long ring.
const CHAIN: usize = 64;
/// Cells are no smaller than 2^15 mm.
const SMALLEST: u32 = 15;
/// Edges of a cell, about.
const EDGES: u64 = 48;

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

/// The store.
#[derive(Debug, Default)]
pub struct Mesh {
    origin: Option<[i64; 2]>,
    vertices: Vec<Vertex>,
    chains: Vec<Stored>,
    starts: Vec<u32>,
    roles: Vec<Role>,
    members: u32,
    /// Of each polygon; 0 is of any.
    groups: Vec<u16>,
    /// The group of the polygons that are added next: a polygon and a zone of different groups have nothing in common.
    pub group: u16,
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
        let (vertices, chains) = (self.vertices.len(), self.chains.len());
        let mut twice = 0;
        for (outer, ring) in rings {
            match self.ring(ring) {
                Some(area) => twice += if *outer { area.abs() } else { -area.abs() },
                None => {
                    self.vertices.truncate(vertices);
                    self.chains.truncate(chains);
                    return Err(Astray);
                }
            }
        }
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
        let start = self.vertices.len();
        for &(x, y) in ring {
            let place = [millimetres(x) - origin[0], millimetres(y) - origin[1]];
            if place.iter().any(|value| value.abs() > 1_000_000_000) {
                return None;
            }
            let place = place.map(|value| value as i32);
            if self.vertices[start..].last() != Some(&place) {
                self.vertices.push(place);
            }
        }
        if self.vertices[start] != *self.vertices.last()? {
            self.vertices.push(self.vertices[start]);
        }
        let all = start..self.vertices.len();
        for from in all.clone().step_by(CHAIN) {
            let edges = (all.end - 1 - from).min(CHAIN);
            if edges > 0 {
                let start = u32::try_from(from).ok()?;
                self.chains.push(Stored { member: self.members, start, edges: edges as u8 });
            }
        }
        Some(twice_area(&self.vertices[all]))
    }

    /// The numbers of a layer's polygons; empty where it is not there.
    fn range(&self, role: Role) -> Range<u32> {
        let Some(place) = self.roles.iter().position(|other| *other == role) else { return 0..0 };
        self.starts[place]..self.starts.get(place + 1).copied().unwrap_or(self.members)
    }

    /// Vertices in the store.
    pub fn vertices(&self) -> usize {
        self.vertices.len()
    }

    /// Sweeps everything.
    pub fn sweep(&self) -> Picture {
        let Some(lattice) = self.lattice() else { return Picture::default() };
        let (starts, chains) = self.bands(&lattice);
        let ranges = [Role::First, Role::Second, Role::Zones, Role::Photovoltaic, Role::Parks]
            .map(|role| self.range(role));
        let rows: Vec<Book> = (0..lattice.rows)
            .into_par_iter()
            .map_init(Scratch::default, |scratch, row| {
                let own = &chains[starts[row as usize] as usize..starts[row as usize + 1] as usize];
                let mut book = Book::new(&ranges, &self.groups);
                let chain = |&index: &u32| {
                    let Stored { member, start, edges } = self.chains[index as usize];
                    let vertices = &self.vertices[start as usize..][..usize::from(edges) + 1];
                    Chain { member, vertices }
                };
                book.tangled = sweep(&lattice, row, own.iter().map(chain), scratch, &mut book);
                book.settle();
                book
            })
            .collect();
        picture(rows)
    }

    fn lattice(&self) -> Option<Lattice> {
        let mut low = *self.vertices.first()?;
        let mut high = low;
        for at in &self.vertices {
            for axis in 0..2 {
                low[axis] = low[axis].min(at[axis]);
                high[axis] = high[axis].max(at[axis]);
            }
        }
        // By the number of edges, in powers of two.
        let area = (f64::from(high[0]) - f64::from(low[0])) * (f64::from(high[1]) - f64::from(low[1]));
        let wanted = area * EDGES as f64 / self.vertices.len() as f64;
        let shift = (wanted.max(1.0).log2() / 2.0).round() as u32;
        Some(Lattice::around(low, high, shift.max(SMALLEST)))
    }

    /// The chains that each row of cells needs.
    fn bands(&self, lattice: &Lattice) -> (Vec<u32>, Vec<u32>) {
        let reach = |chain: &Stored| {
            let own = &self.vertices[chain.start as usize..][..usize::from(chain.edges) + 1];
            let low = own.iter().map(|at| at[1]).min().unwrap_or(0);
            let high = own.iter().map(|at| at[1]).max().unwrap_or(0);
            lattice.row(low) as usize..lattice.row(high) as usize + 1
        };
        let mut starts = vec![0u32; lattice.rows as usize + 2];
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
            if own.windows(2).any(|pair| group(&pair[0]) == group(&pair[1])) {
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

/// Adds the rows up: whole numbers, in any order.
fn picture(rows: Vec<Book>) -> Picture {
    let mut picture = Picture::default();
    let (mut atoms, mut edges) = (Vec::new(), Vec::new());
    for mut row in rows {
        atoms.append(&mut row.atoms);
        edges.append(&mut row.edges);
        picture.tangled += row.tangled;
        picture.foreign += row.foreign;
        for (all, own) in picture.overlaps.iter_mut().zip(row.overlaps) {
            all.0 += own.0;
            all.1.extend(own.1);
        }
    }
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
