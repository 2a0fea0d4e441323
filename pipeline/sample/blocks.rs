//! What stands on each block: parcels, buildings, gardens, car parks, fields.
//!
//! A block and its role go in; faces, buildings, furniture and places to be planted come out. Housing blocks
//! are cut into two rows of lots back to back, square to their fronts; each lot gets a house at its front,
//! what belongs to it behind. Other blocks are drawn from their longest street front. All sizes are those of
//! small towns in the west of France. Cost: milliseconds.

use super::layout::{Block, Layout, Role, face, stamp};
use super::random::Random;
use super::shape::{Convex, Edge, Line, Lot, Rect, Wish, Xy, along, direction, distance, dot, turned};
use super::terrain;
use super::town::*;

/// One parcel while it is laid out.
struct Plot<'a> {
    town: &'a mut Town,
    random: Random,
    faces: Vec<Face>,
    lot: Lot,
    commune: usize,
    /// What all of it was at the earlier date, where that was something else.
    before: Option<Land>,
    usage: Usage,
}

/// What a building shall be.
#[derive(Clone, Copy)]
struct Design {
    roof: Roof,
    covering: Covering,
    /// Eaves above the ground at the middle, metres.
    eaves: f64,
    /// Slope of the roof, degrees.
    slope: f64,
    nature: &'static str,
    usage: &'static str,
    storeys: u32,
}

/// Fills all blocks of a layout.
pub fn fill(layout: &mut Layout, seed: u64) {
    let random = Random::new(seed).fork(2);
    let blocks = std::mem::take(&mut layout.blocks);
    for (number, block) in blocks.into_iter().enumerate() {
        fill_block(&mut layout.town, &block, random.fork(number as u64));
    }
    street_furniture(&mut layout.town, random.fork(u64::MAX));
}

fn fill_block(town: &mut Town, block: &Block, random: Random) {
    match block.role {
        Role::RowHouses | Role::Semidetached | Role::Detached | Role::Estate => houses(town, block, random),
        Role::Field | Role::Meadow | Role::Wood => open_land(town, block, random),
        _ => {
            let mut plot = Plot::of(town, block, Lot::facing_longest(block.shape.clone()), random);
            match block.role {
                Role::Square => plot.square(),
                Role::Hall => plot.hall(),
                Role::Flats => plot.flats(),
                Role::School => plot.school(),
                Role::Shop => plot.shop(),
                Role::Workshops => plot.workshops(),
                Role::Farm => plot.farm(),
                _ => plot.park(block.role),
            }
            plot.settle();
        }
    }
}

/// Two rows of lots back to back, or one where the block is narrow.
fn houses(town: &mut Town, block: &Block, mut random: Random) {
    let (axis, _, width) = block.shape.long_axis();
    let (depth, narrow, wide) = match block.role {
        Role::RowHouses => (16.0, 7.2, 10.5),
        Role::Semidetached => (19.0, 10.5, 14.0),
        _ => (21.0, 16.5, 21.5),
    };
    let centre = block.shape.centre();
    let halves = match width > 2.0 * depth {
        true => block.shape.cut(&Line::through(centre, axis), Edge::Land),
        false => (Some(block.shape.clone()), None),
    };
    for half in [halves.0, halves.1].into_iter().flatten() {
        for lot in lots(half, centre, (narrow, wide), &mut random) {
            let label = town.parcels as u64;
            let mut plot = Plot::of(town, block, lot, random.fork(label));
            match block.role {
                Role::RowHouses => plot.row_house(),
                Role::Semidetached => plot.semidetached(),
                _ => plot.detached(),
            }
            plot.settle();
        }
    }
}

/// Cuts land square to its front, the edge on a street that looks away from the block's middle.
fn lots(land: Convex, middle: Xy, frontage: (f64, f64), random: &mut Random) -> Vec<Lot> {
    let ends = |i: usize| (land.ring[i], land.ring[(i + 1) % land.ring.len()]);
    let score = |i: usize| {
        let (a, b) = ends(i);
        let away = [(a[0] + b[0]) / 2.0 - middle[0], (a[1] + b[1]) / 2.0 - middle[1]];
        let street = f64::from(u8::from(matches!(land.edges[i], Edge::Street(_))));
        let outward = -dot(turned(direction(a, b)), away) / away[0].hypot(away[1]).max(1.0);
        distance(a, b) * (0.15 + street) * outward.max(0.05)
    };
    let front = (0..land.ring.len()).max_by(|&i, &j| score(i).total_cmp(&score(j))).unwrap_or(0);
    let (a, b) = ends(front);
    let heading = direction(a, b);
    let span = land.span(heading);
    let count = ((span.1 - span.0) / random.within(frontage.0, frontage.1)).floor().max(1.0);
    let step = (span.1 - span.0) / count;
    let mut rest = Some(land.clone());
    let mut shapes = Vec::new();
    for i in 1..count as usize {
        let Some(piece) = rest else { break };
        let at = span.0 + step * (i as f64 + random.within(-0.13, 0.13)) - dot(heading, a);
        let line = Line::through(along(a, heading, at), turned(heading));
        // Beyond a line that runs inward lies what comes earlier along the front.
        let (after, before) = piece.cut(&line, Edge::Land);
        shapes.extend(before);
        rest = after;
    }
    shapes.extend(rest);
    shapes.into_iter().map(|shape| lot_along(shape, heading)).collect()
}

/// A lot that faces the edge nearest in direction to `heading`.
fn lot_along(shape: Convex, heading: Xy) -> Lot {
    let score = |i: usize| {
        let (a, b) = (shape.ring[i], shape.ring[(i + 1) % shape.ring.len()]);
        dot(direction(a, b), heading) + 0.001 * distance(a, b)
    };
    let edge = (0..shape.ring.len()).max_by(|&i, &j| score(i).total_cmp(&score(j))).unwrap_or(0);
    Lot::facing(shape, edge)
}

/// Fields, meadows and woods, with hedgerows along their edges.
fn open_land(town: &mut Town, block: &Block, mut random: Random) {
    let (ground, usage) = match block.role {
        Role::Field => (Ground::Crop, Usage::Farming),
        Role::Meadow => (Ground::Meadow, Usage::Farming),
        _ => (Ground::Litter, Usage::Forestry),
    };
    let lot = Lot::facing_longest(block.shape.clone());
    let mut plot = Plot::of(town, block, lot, random.clone());
    plot.usage = usage;
    plot.cover(ground);
    if block.role == Role::Wood {
        plot.grove(block.shape.clone(), 4.2, 0.92, Stand::Wood);
    }
    plot.settle();
    if block.role == Role::Wood {
        return;
    }
    let centre = block.shape.centre();
    for i in 0..block.shape.ring.len() {
        let (a, b) = (block.shape.ring[i], block.shape.ring[(i + 1) % block.shape.ring.len()]);
        if block.shape.edges[i] == Edge::Border || distance(a, b) < 20.0 || random.chance(0.3) {
            continue;
        }
        let inset = |p: Xy| along(p, direction(p, centre), 3.0);
        town.rows.push(Row { from: inset(a), to: inset(b), spacing: 7.5, stand: Stand::Hedgerow });
    }
}

impl<'a> Plot<'a> {
    fn of(town: &'a mut Town, block: &Block, lot: Lot, random: Random) -> Plot<'a> {
        let (usage, before) = match block.role {
            Role::Estate => (Usage::Housing, Some((Ground::Crop, Usage::Farming))),
            Role::Reclaimed => (Usage::Unused, Some((Ground::Asphalt, Usage::Abandoned))),
            Role::Square | Role::Hall | Role::School | Role::Shop | Role::Park => (Usage::Services, None),
            Role::Workshops => (Usage::Industry, None),
            Role::Farm => (Usage::Farming, None),
            _ => (Usage::Housing, None),
        };
        let parcel = town.parcels;
        town.parcels += 1;
        let mut first = face(lot.shape.clone(), Land { ground: Ground::Lawn, usage }, block.commune);
        first.parcel = Some(parcel);
        let before = before.map(|(ground, usage)| Land { ground, usage });
        Plot { town, random, faces: vec![first], lot, commune: block.commune, before, usage }
    }

    /// Hands the faces over to the town.
    fn settle(mut self) {
        for face in &mut self.faces {
            if face.before.is_none() {
                face.before = self.before.filter(|&land| land != face.now);
            }
        }
        self.town.faces.append(&mut self.faces);
    }

    /// All of the plot gets this ground.
    fn cover(&mut self, ground: Ground) {
        for face in &mut self.faces {
            face.now = Land { ground, usage: self.usage };
        }
    }

    /// A part of the plot gets this ground; buildings stay.
    fn lay(&mut self, shape: &Convex, ground: Ground) {
        stamp(&mut self.faces, shape, |face| {
            if face.building.is_none() {
                face.now.ground = ground;
            }
        });
    }

    fn lay_wish(&mut self, wish: &Wish, ground: Ground) -> Option<Rect> {
        let rect = self.lot.place(wish)?;
        self.lay(&rect.shape(), ground);
        Some(rect)
    }

    fn inward(&self) -> Xy {
        turned(self.lot.front)
    }

    fn build(&mut self, footprint: Rect, design: &Design) {
        let id = self.town.buildings.len();
        let whole = |height: f64| (height * 100.0).round() / 100.0;
        let eaves = whole(terrain::ground(footprint.centre) + design.eaves);
        let run = match design.roof {
            Roof::Flat => 0.0,
            Roof::Gable => footprint.depth / 2.0,
            Roof::Hip | Roof::Spire => footprint.depth.min(footprint.width) / 2.0,
        };
        let ridge = whole(eaves + run * design.slope.to_radians().tan());
        self.town.buildings.push(Building {
            footprint,
            roof: design.roof,
            eaves,
            ridge,
            covering: design.covering,
            nature: design.nature,
            usage: design.usage,
            storeys: design.storeys,
            old: self.before.is_none(),
            commune: self.commune,
        });
        stamp(&mut self.faces, &footprint.shape(), |face| {
            face.now.ground = Ground::Floor;
            face.building = Some(id);
        });
    }

    fn covering(&mut self) -> Covering {
        if self.random.chance(0.78) { Covering::Slate } else { Covering::Tile }
    }

    fn house(&mut self, eaves: f64, slope: (f64, f64), roof: Roof, storeys: u32) -> Design {
        Design {
            roof,
            covering: self.covering(),
            eaves,
            slope: self.random.within(slope.0, slope.1),
            nature: "Indifférenciée",
            usage: "Résidentiel",
            storeys,
        }
    }

    /// A house from wall to wall at the street, a paved court and a garden behind, perhaps an outbuilding.
    fn row_house(&mut self) {
        self.usage = if self.random.chance(0.25) { Usage::Mixed } else { Usage::Housing };
        self.cover(Ground::Lawn);
        let storeys = 2 + u32::from(self.random.chance(0.35));
        let eaves = 2.75 * f64::from(storeys) + self.random.within(0.1, 0.9);
        let depth = [9.0f64, 9.5, 10.0, 9.5][self.random.index(4)].min(self.lot.reach() - 1.0);
        let design = self.house(eaves, (40.0, 46.0), Roof::Gable, storeys);
        let wish = Wish { setback: 0.0, width: 30.0, least: 4.0, depth, align: 0.5 };
        let Some(rect) = self.lot.place(&wish) else {
            return self.cover(Ground::Paving);
        };
        self.build(rect, &design);
        let court = self.random.within(2.5, 7.0);
        self.lay_wish(&Wish { setback: depth, depth: court, least: 2.0, ..wish }, Ground::Paving);
        self.outbuilding(depth + court);
        self.garden(depth + 4.0, 0.5);
        self.back_walls(depth, Thing::Wall);
    }

    /// A shed or a garage at the back.
    fn outbuilding(&mut self, behind: f64) {
        let room = self.lot.reach() - behind;
        if room < 5.0 || !self.random.chance(0.5) {
            return;
        }
        let (width, depth) = (self.random.within(3.2, 5.0), self.random.within(3.1, 4.4));
        let align = if self.random.chance(0.5) { 0.06 } else { 0.94 };
        let wish = Wish { setback: behind + room - depth - 1.0, width, least: 3.0, depth, align };
        let flat = self.random.chance(0.3);
        let design = Design {
            roof: if flat { Roof::Flat } else { Roof::Gable },
            covering: if flat { Covering::Bitumen } else { self.covering() },
            eaves: self.random.within(2.2, 2.6),
            slope: 28.0,
            nature: "Indifférenciée",
            usage: "Annexe",
            storeys: 1,
        };
        if let Some(rect) = self.lot.place(&wish) {
            self.build(rect, &design);
        }
    }

    /// Half of a pair, or a house with a gap on one side, behind a small front garden.
    fn semidetached(&mut self) {
        let setback = 3.5;
        let depth = self.random.within(8.6, 9.6).min(self.lot.reach() - setback - 2.0);
        let align = if self.random.chance(0.5) { 0.0 } else { 1.0 };
        let wish = Wish { setback, width: self.lot.length() - 3.2, least: 6.0, depth, align };
        let Some(rect) = self.lot.place(&wish) else { return self.garden(0.0, 1.2) };
        let eaves = self.random.within(4.6, 5.9);
        let design = self.house(eaves, (38.0, 44.0), Roof::Gable, 2);
        self.build(rect, &design);
        let drive = Wish { setback: 0.0, width: 2.8, least: 2.2, depth: setback + depth, align: 1.0 - align };
        self.lay_wish(&drive, Ground::Paving);
        self.lay_wish(&Wish { setback: setback + depth, depth: 3.2, ..wish }, Ground::Paving);
        self.outbuilding(setback + depth + 4.0);
        self.garden(setback + depth + 3.0, 0.9);
        self.back_walls(setback + depth, Thing::Hedge);
        self.front_hedge(1.0 - align, 0.9);
    }

    /// A house in its garden: drive, garage, terrace, hedges, trees, shed.
    fn detached(&mut self) {
        let setback = self.random.within(5.0, 7.5);
        let depth = self.random.within(8.2, 9.8);
        let align = if self.random.chance(0.5) { 0.28 } else { 0.72 };
        let width = (self.lot.length() - 5.5).min(self.random.within(10.5, 13.5));
        let wish = Wish { setback, width, least: 8.0, depth, align };
        let Some(rect) = self.lot.place(&wish) else { return self.garden(0.0, 1.4) };
        let roof = if self.random.chance(0.28) { Roof::Hip } else { Roof::Gable };
        let (eaves, storeys) = if self.random.chance(0.3) {
            (self.random.within(4.9, 5.6), 2)
        } else {
            (self.random.within(2.7, 3.4), 1)
        };
        let mut design = self.house(eaves, (35.0, 43.0), roof, storeys);
        if self.before.is_some() && self.random.chance(0.3) {
            design = Design { roof: Roof::Flat, covering: Covering::Bitumen, eaves: eaves + 0.4, ..design };
        }
        self.build(rect, &design);
        let far = if align < 0.5 { 1.0 } else { 0.0 };
        self.garage(setback, depth, far);
        let terrace = Wish { setback: setback + depth, width: 5.5, least: 3.0, depth: 3.6, align: 0.45 };
        self.lay_wish(&terrace, Ground::Paving);
        self.outbuilding(setback + depth + 5.0);
        self.garden(0.0, 1.0);
        self.back_walls(0.0, Thing::Hedge);
        self.front_hedge(far, 1.3);
    }

    fn garage(&mut self, setback: f64, depth: f64, align: f64) {
        let ground = if self.random.chance(0.45) { Ground::Gravel } else { Ground::Asphalt };
        self.lay_wish(&Wish { setback: 0.0, width: 3.2, least: 2.6, depth: setback + 1.0, align }, ground);
        let wish = Wish { setback: setback + 0.6, width: 3.4, least: 2.9, depth: depth - 2.0, align };
        let Some(rect) = self.lot.place(&wish) else { return };
        let Some(house) = self.town.buildings.last() else { return };
        let gap =
            (rect.centre[0] - house.footprint.centre[0]).hypot(rect.centre[1] - house.footprint.centre[1]);
        if gap < (rect.width + house.footprint.width) / 2.0 + 0.05 {
            return;
        }
        let design = Design {
            roof: Roof::Flat,
            covering: Covering::Bitumen,
            eaves: 2.6,
            slope: 0.0,
            nature: "Indifférenciée",
            usage: "Annexe",
            storeys: 1,
        };
        self.build(rect, &design);
        let front = along(rect.centre, self.inward(), -rect.depth / 2.0 - 3.2);
        self.park_car(front, self.inward(), 0.4);
    }

    fn park_car(&mut self, at: Xy, heading: Xy, chance: f64) {
        if self.random.chance(chance) {
            self.town.furniture.push(car(at, heading, &mut self.random));
        }
    }

    /// Trees and shrubs behind `behind` metres, `share` of the places taken.
    fn garden(&mut self, behind: f64, share: f64) {
        let inward = self.inward();
        let line = Line::through(along(self.lot.origin, inward, behind), self.lot.front);
        if let Some(shape) = self.lot.shape.cut(&line, Edge::Land).1 {
            self.grove(shape, 4.6, 0.42 * share, Stand::Garden);
        }
    }

    fn grove(&mut self, shape: Convex, spacing: f64, share: f64, stand: Stand) {
        self.town.groves.push(Grove { shape, spacing, share, stand });
    }

    /// Hedges or walls along the sides of the lot that border other land, behind `behind` metres.
    fn back_walls(&mut self, behind: f64, thing: Thing) {
        let inward = self.inward();
        let shape = &self.lot.shape;
        for i in 0..shape.ring.len() {
            let (a, b) = (shape.ring[i], shape.ring[(i + 1) % shape.ring.len()]);
            let outer = shape.edges[i];
            let heading = direction(a, b);
            if outer == Edge::Border || dot(heading, self.lot.front) > 0.9 || !self.random.chance(0.55) {
                continue;
            }
            let depth = |p: Xy| dot(inward, p) - dot(inward, self.lot.origin);
            let (near, far) = (depth(a), depth(b));
            let start = if near < behind && far > near { (behind - near) / (far - near) } else { 0.0 };
            let end = if far < behind && near > far { (near - behind) / (near - far) } else { 1.0 };
            let length = distance(a, b);
            let (from, to) = (start * length + 0.9, end * length - 0.9);
            if to - from < 3.0 {
                continue;
            }
            let (inset, thick, height) = match thing {
                Thing::Wall => (0.2, 0.3, 1.8),
                _ => (0.75, 0.9, self.random.within(1.3, 1.9)),
            };
            let middle = along(along(a, heading, (from + to) / 2.0), turned(heading), inset);
            let footprint = Rect { centre: middle, axis: heading, width: to - from, depth: thick };
            self.town.furniture.push(Furniture { thing, footprint, height });
        }
    }

    /// A hedge along the street, with a gap at the drive.
    fn front_hedge(&mut self, drive: f64, height: f64) {
        if !self.random.chance(0.6) {
            return;
        }
        let align = 1.0 - drive;
        let width = self.lot.length() - 5.0;
        let wish = Wish { setback: 0.3, width, least: 4.0, depth: 0.8, align };
        if let Some(footprint) = self.lot.place(&wish) {
            self.town.furniture.push(Furniture { thing: Thing::Hedge, footprint, height });
        }
    }

    /// Church with tower and choir, town hall, limes, fountain basin.
    fn square(&mut self) {
        self.cover(Ground::Paving);
        let public = |nature, usage| Design {
            roof: Roof::Gable,
            covering: Covering::Slate,
            eaves: 9.0,
            slope: 52.0,
            nature,
            usage,
            storeys: 1,
        };
        let church = public("Eglise", "Religieux");
        // The nave lies across the plan's axis: its choir to the east, as it should.
        let east = [1.0, 0.03];
        let axis = direction([0.0, 0.0], east);
        let centre = [44.0, 74.0];
        let nave = Rect { centre, axis, width: 26.0, depth: 12.0 };
        if self.lot.shape.clipped(&nave.shape()).map_or(0.0, |p| p.area()) > 311.0 {
            self.build(nave, &church);
            let tower = Rect { centre: along(centre, axis, -17.0), axis, width: 8.0, depth: 8.0 };
            self.build(tower, &Design { roof: Roof::Spire, eaves: 19.0, slope: 72.0, ..church });
            let choir = Rect { centre: along(centre, axis, 17.0), axis, width: 8.0, depth: 9.0 };
            self.build(choir, &Design { roof: Roof::Hip, eaves: 7.0, slope: 48.0, ..church });
        }
        let hall = Design {
            eaves: 8.2,
            slope: 42.0,
            storeys: 2,
            roof: Roof::Hip,
            ..public("Mairie", "Administratif")
        };
        let wish = Wish { setback: 0.0, width: 17.0, least: 12.0, depth: 11.0, align: 0.93 };
        if let Some(rect) = self.lot.place(&wish) {
            self.build(rect, &hall);
        }
        for row in 0..2 {
            let v = 49.0 + 7.5 * f64::from(row);
            let (from, to) = ([14.0, v], [50.0, v + 0.7]);
            let pad = Rect {
                centre: [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0],
                axis: direction(from, to),
                width: 40.0,
                depth: 2.4,
            };
            self.lay(&pad.shape(), Ground::Gravel);
            self.town.rows.push(Row { from, to, spacing: 7.2, stand: Stand::Limes });
        }
        for step in 0..4 {
            let at = [15.0 + 15.0 * f64::from(step), 62.5];
            self.town.furniture.push(pole(at));
        }
    }

    /// The hall of 60 by 40 metres and a car park with trees beside it.
    fn hall(&mut self) {
        self.cover(Ground::Asphalt);
        let design = Design {
            roof: Roof::Gable,
            covering: Covering::Metal,
            eaves: 6.5,
            slope: 14.0,
            nature: "Industriel, agricole ou commercial",
            usage: "Commercial et services",
            storeys: 1,
        };
        // The front towards the quay: the edge whose inner side looks south.
        let lot = lot_along(self.lot.shape.clone(), [-1.0, 0.0]);
        self.lot = lot;
        for (width, depth) in [(60.0, 40.0), (48.0, 32.0), (36.0, 24.0)] {
            let wish = Wish { setback: 8.0, width, least: width, depth, align: 0.93 };
            if let Some(rect) = self.lot.place(&wish) {
                self.build(rect, &design);
                self.beside_hall(&rect);
                break;
            }
        }
        let lawn = Wish { setback: 0.0, width: 200.0, least: 10.0, depth: 3.0, align: 0.5 };
        if let Some(rect) = self.lay_wish(&lawn, Ground::Lawn) {
            let reach = rect.width / 2.0 - 4.0;
            let (from, to) = (along(rect.centre, rect.axis, -reach), along(rect.centre, rect.axis, reach));
            self.town.rows.push(Row { from, to, spacing: 9.0, stand: Stand::Street });
        }
    }

    /// Rows of parking places behind and beside the hall.
    fn beside_hall(&mut self, hall: &Rect) {
        let shape = self.lot.shape.clone();
        let side = along(hall.centre, hall.axis, -hall.width / 2.0 - 3.0);
        let line = Line::through(side, turned(hall.axis));
        if let Some(beside) = shape.cut(&line, Edge::Land).1 {
            self.parking(&beside, turned(hall.axis));
        }
        let back = along(hall.centre, turned(hall.axis), hall.depth / 2.0 + 3.0);
        let line = Line::through(back, hall.axis);
        if let Some(behind) = shape.cut(&line, Edge::Land).1 {
            self.parking(&behind, hall.axis);
        }
    }

    /// Double rows of cars along `heading`, with trees between them.
    fn parking(&mut self, shape: &Convex, heading: Xy) {
        let across = turned(heading);
        let (low, high) = shape.span(across);
        let rows = ((high - low) / 16.5).floor().max(1.0);
        let pitch = (high - low) / rows;
        for row in 0..rows as usize {
            let middle = low + pitch * (row as f64 + 0.5);
            let span = shape.span(heading);
            let at = |s: f64, t: f64| along(along([0.0, 0.0], heading, s), across, t);
            let place = |s: f64| at(s, middle);
            self.town.rows.push(Row {
                from: place(span.0 + 3.0),
                to: place(span.1 - 3.0),
                spacing: 7.8,
                stand: Stand::Street,
            });
            let count = ((span.1 - span.0 - 4.0) / 2.6).floor().max(0.0) as usize;
            for i in 0..count {
                let s = span.0 + 3.0 + 2.6 * i as f64;
                for side in [-1.0, 1.0] {
                    let centre = at(s, middle + side * 3.4);
                    if shape.depth(centre) > 3.0 && self.random.chance(0.55) {
                        self.town.furniture.push(car(centre, across, &mut self.random));
                    }
                }
            }
        }
    }

    /// Two slabs with flat roofs between lawns, a car park in front.
    fn flats(&mut self) {
        let reach = self.lot.reach();
        let wish =
            Wish { setback: 0.0, width: self.lot.length() * 0.7, least: 12.0, depth: 15.0, align: 0.3 };
        if let Some(rect) = self.lay_wish(&wish, Ground::Asphalt) {
            self.parking(&rect.shape(), rect.axis);
        }
        let mut setback = 21.0;
        while setback + 14.0 < reach {
            let storeys = 3 + self.random.index(3) as u32;
            let design = Design {
                roof: Roof::Flat,
                covering: Covering::Bitumen,
                eaves: 2.9 * f64::from(storeys) + 0.8,
                slope: 0.0,
                nature: "Indifférenciée",
                usage: "Résidentiel",
                storeys,
            };
            let width = self.random.within(30.0, 46.0);
            let align = self.random.within(0.35, 0.65);
            let wish = Wish { setback, width, least: 16.0, depth: 12.0, align };
            if let Some(rect) = self.lot.place(&wish) {
                self.build(rect, &design);
                self.lay_wish(&Wish { setback: setback - 2.2, depth: 2.2, ..wish }, Ground::Paving);
            }
            setback += 31.0;
        }
        self.grove(self.lot.shape.clone(), 8.0, 0.62, Stand::Park);
    }

    /// Two wings around an asphalt yard with trees; a lawn behind.
    fn school(&mut self) {
        let design = Design {
            roof: Roof::Gable,
            covering: Covering::Slate,
            eaves: 6.8,
            slope: 36.0,
            nature: "Indifférenciée",
            usage: "Enseignement",
            storeys: 2,
        };
        let front = Wish { setback: 6.0, width: 44.0, least: 22.0, depth: 11.0, align: 0.5 };
        let Some(rect) = self.lot.place(&front) else { return self.park(Role::Park) };
        self.build(rect, &design);
        let depth = (self.lot.reach() - 17.0).clamp(8.0, 34.0);
        let yard = Wish { setback: 17.0, width: 46.0, least: 12.0, depth, align: 0.5 };
        if let Some(yard) = self.lay_wish(&yard, Ground::Asphalt) {
            let wing = Wish { setback: 17.0, width: 10.0, least: 8.0, depth: depth - 4.0, align: 0.08 };
            let flat =
                Design { roof: Roof::Flat, covering: Covering::Bitumen, eaves: 4.2, storeys: 1, ..design };
            if let Some(rect) = self.lot.place(&wing) {
                self.build(rect, &flat);
            }
            let at = |s: f64, t: f64| along(along(yard.centre, yard.axis, s), turned(yard.axis), t);
            let reach = yard.width / 2.0 - 5.0;
            for t in [-0.25 * depth, 0.22 * depth] {
                let row =
                    Row { from: at(-reach * 0.4, t), to: at(reach, t), spacing: 9.0, stand: Stand::Limes };
                self.town.rows.push(row);
            }
        }
        self.grove(self.lot.shape.clone(), 8.5, 0.4, Stand::Park);
        self.back_walls(2.0, Thing::Wall);
    }

    /// A large flat shop behind its car park.
    fn shop(&mut self) {
        self.cover(Ground::Asphalt);
        let reach = self.lot.reach();
        let depth = (reach * 0.42).clamp(18.0, 45.0);
        let design = Design {
            roof: Roof::Flat,
            covering: Covering::Metal,
            eaves: 7.0,
            slope: 0.0,
            nature: "Industriel, agricole ou commercial",
            usage: "Commercial et services",
            storeys: 1,
        };
        let setback = reach - depth - 10.0;
        let wish = Wish { setback, width: 70.0, least: 18.0, depth, align: 0.5 };
        if let Some(rect) = self.lot.place(&wish) {
            self.build(rect, &design);
        }
        let (a, shape) = (self.lot.origin, self.lot.shape.clone());
        let line = Line::through(along(a, self.inward(), setback - 4.0), self.lot.front);
        if let Some(front) = shape.cut(&line, Edge::Land).0 {
            self.parking(&front, self.lot.front);
        }
        self.lay_wish(
            &Wish { setback: 0.0, width: 300.0, least: 10.0, depth: 2.5, align: 0.5 },
            Ground::Lawn,
        );
    }

    /// Workshops with low gables on gravel and asphalt.
    fn workshops(&mut self) {
        self.cover(Ground::Gravel);
        let reach = self.lot.reach();
        let yard = Wish { setback: 0.0, width: 300.0, least: 10.0, depth: reach * 0.55, align: 0.5 };
        self.lay_wish(&yard, Ground::Asphalt);
        let mut setback = 9.0;
        while setback + 20.0 < reach {
            let align = self.random.within(0.3, 0.7);
            let design = Design {
                roof: Roof::Gable,
                covering: Covering::Metal,
                eaves: self.random.within(4.5, 6.5),
                slope: 12.0,
                nature: "Industriel, agricole ou commercial",
                usage: "Industriel",
                storeys: 1,
            };
            let wish =
                Wish { setback, width: self.random.within(24.0, 42.0), least: 12.0, depth: 17.0, align };
            if let Some(rect) = self.lot.place(&wish) {
                self.build(rect, &design);
            }
            setback += 30.0;
        }
        let strip = Wish { setback: 0.0, width: 300.0, least: 8.0, depth: 4.0, align: 0.5 };
        self.lay_wish(&strip, Ground::Lawn);
        self.back_walls(4.0, Thing::Hedge);
    }

    /// House and barns around a gravel yard, in a meadow.
    fn farm(&mut self) {
        self.cover(Ground::Meadow);
        let yard = Wish { setback: 6.0, width: 46.0, least: 20.0, depth: 34.0, align: 0.5 };
        if let Some(rect) = self.lay_wish(&yard, Ground::Gravel) {
            let at = |s: f64, t: f64| along(along(rect.centre, rect.axis, s), turned(rect.axis), t);
            let house = self.house(5.4, (42.0, 46.0), Roof::Gable, 2);
            let barn =
                Design { covering: Covering::Metal, eaves: 6.0, slope: 18.0, usage: "Agricole", ..house };
            let place =
                |s: f64, t: f64, width: f64, depth: f64, axis| Rect { centre: at(s, t), axis, width, depth };
            let (w, axis) = (rect.width / 2.0, rect.axis);
            self.build(place(0.0, 11.0, 19.0, 8.0, axis), &house);
            self.build(place(-w + 9.0, -2.0, 24.0, 13.0, turned(axis)), &barn);
            if w > 18.0 {
                self.build(
                    place(w - 6.0, -4.0, 16.0, 8.0, turned(axis)),
                    &Design { eaves: 3.6, slope: 30.0, ..house },
                );
            }
        }
        self.grove(self.lot.shape.clone(), 14.0, 0.22, Stand::Park);
    }

    /// Lawns, crossing paths, tall trees; or the meadow of a reclaimed site.
    fn park(&mut self, role: Role) {
        let (ground, share) = if role == Role::Park { (Ground::Lawn, 0.6) } else { (Ground::Meadow, 0.25) };
        self.cover(ground);
        let (axis, length, width) = self.lot.shape.long_axis();
        let centre = self.lot.shape.centre();
        let path = Rect { centre, axis, width: length * 1.5, depth: 3.0 };
        self.lay(&path.shape(), Ground::Gravel);
        if role == Role::Park {
            self.lay(&Rect { axis: turned(axis), width: width * 1.5, ..path }.shape(), Ground::Gravel);
            let skew = direction([0.0, 0.0], along(axis, turned(axis), 0.9));
            self.lay(&Rect { axis: skew, depth: 2.2, width: length * 1.4, ..path }.shape(), Ground::Gravel);
            self.lay(&Rect { centre, axis, width: 11.0, depth: 11.0 }.shape(), Ground::Paving);
        }
        self.grove(self.lot.shape.clone(), 7.0, share, Stand::Park);
    }
}

fn car(at: Xy, heading: Xy, random: &mut Random) -> Furniture {
    let footprint = Rect { centre: at, axis: heading, width: random.within(3.9, 4.7), depth: 1.8 };
    Furniture { thing: Thing::Car, footprint, height: random.within(1.4, 1.75) }
}

fn pole(at: Xy) -> Furniture {
    let footprint = Rect { centre: at, axis: [1.0, 0.0], width: 0.22, depth: 0.22 };
    Furniture { thing: Thing::Pole, footprint, height: 7.0 }
}

/// Lamp posts, parked cars and rows of trees along the streets; poplars along the river.
fn street_furniture(town: &mut Town, mut random: Random) {
    for street in town.streets.clone().iter().filter(|s| !s.bridge) {
        let [a, b] = street.strip;
        let length = distance(a, b);
        let heading = direction(a, b);
        let kerb = street.kind.carriageway() / 2.0;
        let at = |s: f64, t: f64| along(along(a, heading, s), turned(heading), t);
        let pavement = street.kind.width() / 2.0 - kerb;
        if pavement > 1.0 {
            let posts = (length / 32.0).floor() as usize;
            for i in 0..posts {
                let side = if i % 2 == 0 { 1.0 } else { -1.0 };
                let s = (i as f64 + 0.5) * length / posts as f64;
                town.furniture.push(pole(at(s, side * (kerb + 0.4))));
            }
        }
        if pavement > 2.0 {
            let (spacing, inset) = if street.kind == StreetKind::Avenue { (8.5, 1.5) } else { (11.0, 0.9) };
            for side in [-1.0, 1.0] {
                let t = side * (kerb + inset);
                let (from, to) = (at(7.0, t), at(length - 7.0, t));
                if length > 30.0 {
                    town.rows.push(Row { from, to, spacing, stand: Stand::Street });
                }
            }
        }
        if matches!(street.kind, StreetKind::Main | StreetKind::Avenue | StreetKind::Street) {
            let mut s = 8.0;
            while s < length - 10.0 {
                if random.chance(0.3) {
                    town.furniture.push(car(at(s, kerb - 1.05), heading, &mut random));
                }
                s += 5.8;
            }
        }
    }
    bank_trees(town);
}

/// Rows of trees on the banks, outside the bridge.
fn bank_trees(town: &mut Town) {
    let reach = town.faces.iter().flat_map(|f| f.shape.ring.iter()).fold(0.0f64, |m, p| m.max(p[0].abs()));
    let mut u = -reach;
    while u < reach {
        for (side, next) in [(-17.5, u + 24.0), (20.0, u + 24.0)] {
            let on = |u: f64| [u, terrain::river(u) + side];
            town.rows.push(Row { from: on(u), to: on(next), spacing: 9.5, stand: Stand::Bank });
        }
        u += 24.0;
    }
}
