//! The plan of the town: river, streets and blocks, laid by cutting a rectangle.
//!
//! The rectangle of the sample goes in; streets, blocks with a role, and the faces of the river come out. The
//! heart (bridge, quays, main street, church square, hall) is drawn by hand, the rest by cutting blocks
//! across their long side, a little askew, until they have the size of their district: small in the middle,
//! larger outside, fields beyond the town's radius. (Binary space partition as in Parish & Müller 2001,
//! "Procedural modeling of cities", their step from blocks to lots.) Cost: milliseconds.

use super::random::Random;
use super::shape::{Convex, Edge, Line, Rect, Xy, along, direction, distance, dot, turned};
use super::terrain::{self, HALF_BANKS, HALF_WATER, river};
use super::town::*;

/// Distance of the quays' middle lines from the river's axis, metres.
const QUAY: f64 = 30.5;
/// Columns in which the river's banks are straight, metres.
const REACH: f64 = 6.0;

/// What a block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Church, town hall and trees on a paved square.
    Square,
    /// The hall with its car park.
    Hall,
    /// Houses wall to wall along the street.
    RowHouses,
    /// Houses in pairs behind small front gardens.
    Semidetached,
    /// Houses in their gardens.
    Detached,
    /// As [`Role::Detached`], on land that was farmed at the earlier date.
    Estate,
    /// Blocks of flats.
    Flats,
    /// School with its yard.
    School,
    /// Supermarket with its car park.
    Shop,
    /// Workshops.
    Workshops,
    /// Public park.
    Park,
    /// Meadow where a sealed brownfield was at the earlier date.
    Reclaimed,
    /// A field.
    Field,
    /// A meadow.
    Meadow,
    /// A wood.
    Wood,
    /// A farm.
    Farm,
}

/// A piece of land between streets.
#[derive(Debug, Clone)]
pub struct Block {
    /// The land.
    pub shape: Convex,
    /// What it is for.
    pub role: Role,
    /// 0 north of the river, 1 south of it.
    pub commune: usize,
}

/// The plan while it is drawn.
pub struct Layout {
    random: Random,
    /// Distance from the bridge at which the fields begin, metres.
    pub radius: f64,
    /// Whether the sample is too small for a town with fields around.
    pub hamlet: bool,
    /// What is drawn so far.
    pub town: Town,
    /// Blocks to be filled.
    pub blocks: Vec<Block>,
    open: Vec<(Block, bool)>,
}

impl Layout {
    /// The plan of a rectangle (given in the frame of the plan).
    pub fn of(window: &Convex, radius: f64, hamlet: bool, seed: u64) -> Layout {
        let mut layout = Layout {
            random: Random::new(seed).fork(1),
            radius,
            hamlet,
            town: Town::default(),
            blocks: Vec::new(),
            open: Vec::new(),
        };
        layout.heart(window);
        layout.divide();
        layout.give_roles();
        layout.pave();
        layout
    }

    /// River, quays, main street and the blocks at the bridge.
    fn heart(&mut self, window: &Convex) {
        let east = |slope: f64| direction([0.0, 0.0], [1.0, slope]);
        let (rest, north) =
            self.street(window, [0.0, QUAY], east(0.012), StreetKind::Street, "Quai du Levant");
        let Some(rest) = rest else { return };
        let (south, corridor) =
            self.street(&rest, [0.0, -QUAY], east(-0.010), StreetKind::Street, "Quai des Tanneurs");
        if let Some(corridor) = corridor {
            self.river(&corridor);
        }
        if let Some(north) = north {
            self.north_bank(&north);
        }
        if let Some(south) = south {
            self.south_bank(&south);
        }
    }

    fn north_bank(&mut self, land: &Convex) {
        let up = direction([0.0, 0.0], [0.09, 1.0]);
        let (east, west) = self.street(land, [2.0, 35.0], up, StreetKind::Main, "Grande Rue");
        if let Some(east) = east {
            let along = direction([0.0, 0.0], [1.0, 0.05]);
            let (square, rest) =
                self.street(&east, [0.0, 99.0], along, StreetKind::Street, "Rue de l’Église");
            self.later(rest, 0);
            if let Some(square) = square {
                let up = direction([0.0, 0.0], [-0.03, 1.0]);
                let (rest, square) =
                    self.street(&square, [79.0, 50.0], up, StreetKind::Lane, "Venelle du Puits");
                self.later(rest, 0);
                self.settled(square, Role::Square, 0);
            }
        }
        if let Some(west) = west {
            let along = direction([0.0, 0.0], [-1.0, 0.06]);
            let (rest, near) = self.street(&west, [0.0, 90.0], along, StreetKind::Street, "Rue des Forges");
            self.later(rest, 0);
            self.later(near, 0);
        }
    }

    fn south_bank(&mut self, land: &Convex) {
        let down = direction([0.0, 0.0], [-0.07, -1.0]);
        let (west, east) = self.street(land, [-2.0, -35.0], down, StreetKind::Main, "Rue du Pont");
        if let Some(east) = east {
            let along = direction([0.0, 0.0], [1.0, 0.02]);
            let (rest, near) =
                self.street(&east, [0.0, -102.0], along, StreetKind::Avenue, "Avenue de la Gare");
            self.later(rest, 1);
            if let Some(near) = near {
                let down = direction([0.0, 0.0], [0.02, -1.0]);
                let (hall, rest) =
                    self.street(&near, [118.0, -60.0], down, StreetKind::Street, "Rue du Marché");
                self.later(rest, 1);
                self.settled(hall, Role::Hall, 1);
            }
        }
        match west {
            Some(west) if self.hamlet => self.fields_of_a_hamlet(&west),
            west => self.later(west, 1),
        }
    }

    /// A small sample has no room for a town's edge: its south-west is one.
    fn fields_of_a_hamlet(&mut self, land: &Convex) {
        let down = direction([0.0, 0.0], [0.1, -1.0]);
        let centre = land.centre();
        let (west, east) = land.cut(&Line::through([centre[0] - 8.0, centre[1]], down), Edge::Land);
        self.settled(west, Role::Wood, 1);
        if let Some(east) = east {
            let across = Line::through([centre[0], centre[1] + 4.0], direction([0.0, 0.0], [1.0, 0.1]));
            let (south, north) = east.cut(&across, Edge::Land);
            self.settled(south, Role::Field, 1);
            self.settled(north, Role::Semidetached, 1);
        }
    }

    fn later(&mut self, shape: Option<Convex>, commune: usize) {
        if let Some(shape) = shape {
            self.open.push((Block { shape, role: Role::RowHouses, commune }, true));
        }
    }

    fn settled(&mut self, shape: Option<Convex>, role: Role, commune: usize) {
        self.blocks.extend(shape.map(|shape| Block { shape, role, commune }));
    }

    /// Distance of a place from the bridge: 1 at the town's edge, which is not quite round.
    fn remoteness(&self, p: Xy) -> f64 {
        let angle = p[1].atan2(p[0]);
        let wobble = 1.0 + 0.10 * (3.0 * angle + 0.6).sin() + 0.05 * (5.0 * angle).cos();
        p[0].hypot(p[1]) / (self.radius * wobble)
    }

    /// Cuts the open land into blocks.
    fn divide(&mut self) {
        while let Some((block, _)) = self.open.pop() {
            let remoteness = self.remoteness(block.shape.centre());
            let target = if remoteness < 1.0 { 4300.0 + 4800.0 * remoteness } else { 22_000.0 };
            let (axis, length, width) = block.shape.long_axis();
            let area = block.shape.area();
            if area < 1.5 * target || (remoteness < 1.0 && width < 45.0 && length < 110.0) {
                self.blocks.push(block);
                continue;
            }
            let kind = self.kind_of_cut(area, remoteness);
            self.split(&block, axis, kind);
        }
    }

    fn kind_of_cut(&mut self, area: f64, remoteness: f64) -> Option<StreetKind> {
        match () {
            () if remoteness > 1.0 => self.random.chance(0.45).then_some(StreetKind::Country),
            () if area > 55_000.0 => Some(StreetKind::Avenue),
            () if remoteness < 0.4 && area < 16_000.0 => Some(StreetKind::Lane),
            () => Some(StreetKind::Street),
        }
    }

    fn split(&mut self, block: &Block, axis: Xy, kind: Option<StreetKind>) {
        let span = block.shape.span(axis);
        let share = self.random.within(0.40, 0.60);
        let skew = self.random.within(-0.15, 0.15);
        let centre = block.shape.centre();
        let at = along(centre, axis, span.0 + (span.1 - span.0) * share - dot(axis, centre));
        let across = direction([0.0, 0.0], along(turned(axis), axis, skew));
        let (a, b) = match kind {
            Some(kind) => {
                let name = self.name();
                self.street(&block.shape, at, across, kind, &name)
            }
            None => block.shape.cut(&Line::through(at, across), Edge::Land),
        };
        for shape in [a, b].into_iter().flatten() {
            self.open.push((Block { shape, ..block.clone() }, true));
        }
    }

    fn name(&mut self) -> String {
        const NAMES: [&str; 24] = [
            "Rue des Tisserands",
            "Rue du Moulin",
            "Rue des Lilas",
            "Rue de la Fontaine",
            "Rue du Four",
            "Rue des Écoles",
            "Rue du Verger",
            "Rue des Acacias",
            "Rue du Lavoir",
            "Rue des Jardins",
            "Rue du Champ de Foire",
            "Rue des Tilleuls",
            "Rue de la Poterie",
            "Rue Neuve",
            "Rue du Calvaire",
            "Rue des Prés",
            "Rue de la Lande",
            "Rue des Ajoncs",
            "Rue du Bois",
            "Rue de la Prairie",
            "Rue des Hirondelles",
            "Rue du Château d’Eau",
            "Rue des Genêts",
            "Rue du Stade",
        ];
        let count = self.town.streets.len();
        let round = count / NAMES.len();
        let name = NAMES[count % NAMES.len()];
        if round == 0 { name.to_string() } else { format!("{name} {}", round + 1) }
    }

    /// Lays a street across a piece of land: what lies to its right and to its left remains.
    fn street(
        &mut self,
        land: &Convex,
        at: Xy,
        heading: Xy,
        kind: StreetKind,
        name: &str,
    ) -> (Option<Convex>, Option<Convex>) {
        let id = self.town.streets.len();
        let line = Line::through(at, heading);
        let half = kind.width() / 2.0;
        let (right, rest) = land.cut(&line.shifted(-half), Edge::Street(id));
        let Some(rest) = rest else { return (right, None) };
        let (strip, left) = rest.cut(&line.shifted(half), Edge::Street(id));
        let Some(strip) = strip else { return (right, left) };
        let commune = usize::from(strip.centre()[1] < 0.0);
        let ends = self.ends(land, &line, heading);
        self.town.streets.push(Street {
            kind,
            line,
            from: ends[0].1,
            to: ends[1].1,
            strip: [ends[0].0, ends[1].0],
            bridge: false,
            name: name.to_string(),
        });
        self.sections(&strip, &line, kind, commune);
        (right, left)
    }

    /// Where a line leaves a piece of land, and where it meets the middle of the street there.
    fn ends(&self, land: &Convex, line: &Line, heading: Xy) -> [(Xy, Xy); 2] {
        let mut ends = Vec::new();
        for i in 0..land.ring.len() {
            let (a, b) = (land.ring[i], land.ring[(i + 1) % land.ring.len()]);
            let (da, db) = (line.beyond(a), line.beyond(b));
            if (da < 0.0) == (db < 0.0) {
                continue;
            }
            let cut = [a[0] + (b[0] - a[0]) * da / (da - db), a[1] + (b[1] - a[1]) * da / (da - db)];
            let joined = match land.edges[i] {
                Edge::Street(s) => self.town.streets[s].line.meets(line).filter(|&m| distance(m, cut) < 20.0),
                _ => None,
            };
            ends.push((cut, joined.unwrap_or(cut)));
        }
        ends.sort_by(|p, q| dot(heading, p.0).total_cmp(&dot(heading, q.0)));
        match (ends.first(), ends.last()) {
            (Some(&first), Some(&last)) => [first, last],
            _ => [([0.0; 2], [0.0; 2]); 2],
        }
    }

    /// Pavement, carriageway, pavement.
    fn sections(&mut self, strip: &Convex, line: &Line, kind: StreetKind, commune: usize) {
        let half = kind.carriageway() / 2.0;
        let middle = if kind == StreetKind::Lane { Ground::Paving } else { Ground::Asphalt };
        let mut add = |shape: Option<Convex>, ground| {
            let now = Land { ground, usage: Usage::Road };
            self.town.faces.extend(shape.map(|shape| face(shape, now, commune)));
        };
        if half * 2.0 >= kind.width() {
            return add(Some(strip.clone()), middle);
        }
        let (right, rest) = strip.cut(&line.shifted(-half), Edge::Land);
        add(right, Ground::Paving);
        if let Some(rest) = rest {
            let (carriageway, left) = rest.cut(&line.shifted(half), Edge::Land);
            add(carriageway, middle);
            add(left, Ground::Paving);
        }
    }

    /// The faces between the quays: grass, path, banks and water, in columns with straight edges.
    fn river(&mut self, corridor: &Convex) {
        let (west, east) = corridor.span([1.0, 0.0]);
        let (first, last) = ((west / REACH).floor() as i64, (east / REACH).ceil() as i64);
        for column in first..last {
            let (u0, u1) = (column as f64 * REACH, (column + 1) as f64 * REACH);
            let east_of = Line::through([u0, 0.0], [0.0, -1.0]);
            let Some(rest) = corridor.cut(&east_of, Edge::Land).1 else { continue };
            let Some(piece) = rest.cut(&east_of.shifted(REACH), Edge::Land).0 else { continue };
            self.column(piece, u0, u1);
        }
        self.bridge(corridor);
    }

    fn column(&mut self, piece: Convex, u0: f64, u1: f64) {
        use Ground::{Gravel, Lawn, Meadow, Water};
        let bands = [
            (-HALF_BANKS - 0.5, Lawn, 1),
            (-HALF_WATER, Meadow, 1),
            (0.0, Water, 1),
            (HALF_WATER, Water, 0),
            (HALF_BANKS, Meadow, 0),
            (HALF_BANKS + 1.0, Lawn, 0),
            (HALF_BANKS + 3.5, Gravel, 0),
        ];
        let mut rest = Some(piece);
        for (edge, ground, commune) in bands {
            let Some(piece) = rest else { return };
            let (a, b) = ([u0, river(u0) + edge], [u1, river(u1) + edge]);
            let (south, north) = piece.cut(&Line::through(a, direction(a, b)), Edge::Land);
            self.town.faces.extend(south.map(|shape| face(shape, riverside(ground), commune)));
            rest = north;
        }
        self.town.faces.extend(rest.map(|shape| face(shape, riverside(Lawn), 0)));
    }

    /// The deck from quay to quay, where the sample holds it whole.
    fn bridge(&mut self, corridor: &Convex) {
        let kind = StreetKind::Main;
        let (south, north) =
            (-QUAY + StreetKind::Street.width() / 2.0, QUAY - StreetKind::Street.width() / 2.0);
        let footprint = Rect {
            centre: [0.0, (south + north) / 2.0],
            axis: [1.0, 0.0],
            width: kind.width(),
            depth: north - south,
        };
        let shape = footprint.shape();
        let inside = shape.clipped(corridor).map_or(0.0, |part| part.area());
        if inside < 0.97 * shape.area() {
            return;
        }
        stamp(&mut self.town.faces, &shape, |face| {
            // The quays are a little askew to the deck: what reaches them is their business.
            if face.now.usage != Usage::Road {
                face.deck = true;
            }
        });
        self.town.deck = Some(Deck {
            footprint,
            near: terrain::ground([0.0, south]),
            far: terrain::ground([0.0, north]),
            thickness: 0.7,
        });
        let (from, to) = ([0.0, -QUAY], [0.0, QUAY]);
        self.town.streets.push(Street {
            kind,
            line: Line::through(from, [0.0, 1.0]),
            from,
            to,
            strip: [[0.0, south], [0.0, north]],
            bridge: true,
            name: "Pont Vieux".to_string(),
        });
    }

    /// Carriageways go on through the pavements of the streets that they meet.
    fn pave(&mut self) {
        let streets = self.town.streets.clone();
        for street in streets.iter().filter(|s| s.kind != StreetKind::Lane) {
            let heading = direction(street.strip[0], street.strip[1]);
            for (end, joined, out) in
                [(street.strip[0], street.from, -1.0), (street.strip[1], street.to, 1.0)]
            {
                let reach = distance(end, joined).min(7.0);
                if reach < 1.0 {
                    continue;
                }
                let centre = along(end, heading, out * (reach / 2.0 - 1.0));
                let mouth =
                    Rect { centre, axis: heading, width: reach + 2.0, depth: street.kind.carriageway() };
                stamp(&mut self.town.faces, &mouth.shape(), |face| {
                    if face.now == (Land { ground: Ground::Paving, usage: Usage::Road }) {
                        face.now.ground = Ground::Asphalt;
                    }
                });
            }
        }
    }

    fn give_roles(&mut self) {
        let wishes = [
            (Role::Park, 0.25, 0.70, 6000.0),
            (Role::School, 0.30, 0.80, 5500.0),
            (Role::Flats, 0.45, 0.85, 5000.0),
            (Role::Shop, 0.65, 1.0, 7000.0),
            (Role::Estate, 0.75, 1.05, 8000.0),
            (Role::Reclaimed, 0.5, 0.95, 5000.0),
            (Role::Flats, 0.5, 0.95, 5000.0),
            (Role::Workshops, 0.7, 1.05, 6000.0),
            (Role::Estate, 0.7, 1.1, 7000.0),
        ];
        let places: Vec<f64> = self.blocks.iter().map(|b| self.remoteness(b.shape.centre())).collect();
        let mut free: Vec<bool> = self.blocks.iter().map(|b| b.role == Role::RowHouses).collect();
        for (role, near, far, least) in wishes {
            let fits = |&i: &usize| {
                free[i] && places[i] > near && places[i] < far && self.blocks[i].shape.area() > least
            };
            let choice: Vec<usize> = (0..self.blocks.len()).filter(fits).collect();
            if !choice.is_empty() && !self.hamlet {
                let chosen = choice[self.random.index(choice.len())];
                self.blocks[chosen].role = role;
                free[chosen] = false;
            }
        }
        for i in (0..self.blocks.len()).filter(|&i| free[i]) {
            self.blocks[i].role = self.ordinary_role(places[i], self.blocks[i].shape.area());
        }
    }

    fn ordinary_role(&mut self, remoteness: f64, area: f64) -> Role {
        let lot = self.random.unit();
        match () {
            () if self.hamlet && remoteness < 1.0 => Role::RowHouses,
            () if remoteness < 0.42 => Role::RowHouses,
            () if remoteness < 0.68 => {
                if lot < 0.35 {
                    Role::RowHouses
                } else {
                    Role::Semidetached
                }
            }
            () if remoteness < 1.0 => Role::Detached,
            () if area < 9000.0 => {
                if lot < 0.5 {
                    Role::Detached
                } else {
                    Role::Meadow
                }
            }
            () if lot < 0.22 => Role::Wood,
            () if lot < 0.32 => Role::Farm,
            () if lot < 0.62 => Role::Meadow,
            () => Role::Field,
        }
    }
}

fn riverside(ground: Ground) -> Land {
    let usage =
        if ground == Ground::Water || ground == Ground::Meadow { Usage::Unused } else { Usage::Services };
    Land { ground, usage }
}

/// A face of a street, the river or a block.
pub fn face(shape: Convex, now: Land, commune: usize) -> Face {
    Face { shape, now, before: None, commune, parcel: None, building: None, deck: false }
}

/// Cuts the faces along the edges of `shape` and changes those inside.
pub fn stamp(faces: &mut Vec<Face>, shape: &Convex, change: impl Fn(&mut Face)) {
    let mut out = Vec::with_capacity(faces.len() + 8);
    let (wide, high) = (shape.span([1.0, 0.0]), shape.span([0.0, 1.0]));
    let apart = |a: (f64, f64), b: (f64, f64)| a.1 < b.0 || b.1 < a.0;
    for face in faces.drain(..) {
        if apart(wide, face.shape.span([1.0, 0.0]))
            || apart(high, face.shape.span([0.0, 1.0]))
            || face.shape.clipped(shape).is_none_or(|part| part.area() < 1e-3)
        {
            out.push(face);
            continue;
        }
        let mut inside = Some(face.shape.clone());
        for i in 0..shape.ring.len() {
            let (a, b) = (shape.ring[i], shape.ring[(i + 1) % shape.ring.len()]);
            let Some(piece) = inside else { break };
            let (rest, kept) = piece.cut(&Line::through(a, direction(a, b)), Edge::Land);
            out.extend(rest.map(|shape| Face { shape, ..face.clone() }));
            inside = kept;
        }
        if let Some(shape) = inside {
            let mut changed = Face { shape, ..face };
            change(&mut changed);
            out.push(changed);
        }
    }
    *faces = out;
}
