//! Trees and shrubs: where they may stand, and what grows there.
//!
//! The rows and groves of the town go in, crowns come out. A place is taken when its ground suits, when the
//! crown keeps clear of roofs, walls and the bridge, and when it does not press too hard on its neighbours; a
//! crown that is too wide is tried again a little smaller. Sizes are usual ones for French towns. Cost:
//! milliseconds a hectare.

use super::model::{Buckets, Model};
use super::random::Random;
use super::shape::{Xy, along, direction, distance, turned};
use super::town::{Crown, CrownShape, Ground, Stand, Usage};

/// A crown that has no place yet: heights above the ground.
#[derive(Clone, Copy)]
struct Plant {
    shape: CrownShape,
    radius: f64,
    base: f64,
    top: f64,
}

/// Plants the rows and groves of a town without crowns.
pub fn plant(model: &Model, seed: u64) -> Vec<Crown> {
    let random = Random::new(seed).fork(3);
    let mut garden = Gardener::new(model);
    for (number, row) in model.town.rows.iter().enumerate() {
        let mut random = random.fork(2 * number as u64);
        let length = distance(row.from, row.to);
        let heading = direction(row.from, row.to);
        let count = (length / row.spacing).floor() as usize;
        for i in 0..=count {
            let slack = (length - count as f64 * row.spacing) / 2.0;
            let at = along(row.from, heading, slack + i as f64 * row.spacing);
            let at = along(at, turned(heading), random.within(-0.25, 0.25));
            garden.try_place(at, row.stand, &mut random);
        }
    }
    for (number, grove) in model.town.groves.iter().enumerate() {
        let mut random = random.fork(2 * number as u64 + 1);
        let (x, y) = (grove.shape.span([1.0, 0.0]), grove.shape.span([0.0, 1.0]));
        let (columns, rows) = ((x.1 - x.0) / grove.spacing, (y.1 - y.0) / grove.spacing);
        for row in 0..rows.ceil() as usize {
            for column in 0..columns.ceil() as usize {
                let (dx, dy) = (random.within(0.05, 0.95), random.within(0.05, 0.95));
                let at =
                    [x.0 + (column as f64 + dx) * grove.spacing, y.0 + (row as f64 + dy) * grove.spacing];
                if random.chance(grove.share) && grove.shape.depth(at) > 0.6 {
                    garden.try_place(at, grove.stand, &mut random);
                }
            }
        }
    }
    garden.crowns
}

struct Gardener<'a> {
    model: &'a Model,
    crowns: Vec<Crown>,
    /// Crowns by 12 m squares, for the distance to neighbours.
    squares: std::collections::HashMap<(i64, i64), Vec<usize>>,
    walls: Buckets,
}

impl<'a> Gardener<'a> {
    fn new(model: &'a Model) -> Gardener<'a> {
        let reach = 8.0;
        let bounds: Vec<[f64; 4]> = model
            .town
            .buildings
            .iter()
            .map(|b| {
                let half = b.footprint.width.hypot(b.footprint.depth) / 2.0 + reach;
                let [x, y] = b.footprint.centre;
                [x - half, y - half, x + half, y + half]
            })
            .collect();
        let walls = Buckets::new(model.size, &bounds);
        Gardener { model, crowns: Vec::new(), squares: Default::default(), walls }
    }

    /// Tries a plant of the stand, up to four times smaller each time.
    fn try_place(&mut self, at: Xy, stand: Stand, random: &mut Random) {
        let plant = choose(stand, random);
        if !self.suits(at, stand) {
            return;
        }
        for shrink in [1.0, 0.88, 0.77, 0.66] {
            let smaller = Plant { radius: plant.radius * shrink, ..plant };
            if self.has_room(at, &smaller, stand) {
                self.place(at, &smaller);
                return;
            }
        }
    }

    fn suits(&self, at: Xy, stand: Stand) -> bool {
        let size = self.model.size;
        if at[0] < 0.5 || at[1] < 0.5 || at[0] > size[0] - 0.5 || at[1] > size[1] - 0.5 {
            return false;
        }
        let land = self.model.face(at).now;
        match stand {
            Stand::Street => match land.ground {
                Ground::Paving | Ground::Lawn | Ground::Gravel => true,
                Ground::Asphalt => land.usage != Usage::Road,
                _ => false,
            },
            Stand::Limes => {
                matches!(land.ground, Ground::Asphalt | Ground::Gravel | Ground::Paving | Ground::Lawn)
            }
            Stand::Garden => land.ground == Ground::Lawn,
            Stand::Park | Stand::Bank => matches!(land.ground, Ground::Lawn | Ground::Meadow),
            Stand::Wood => land.ground == Ground::Litter,
            Stand::Hedgerow => matches!(land.ground, Ground::Crop | Ground::Meadow | Ground::Litter),
        }
    }

    fn has_room(&self, at: Xy, plant: &Plant, stand: Stand) -> bool {
        let size = self.model.size;
        let r = plant.radius + 0.05;
        if at[0] < r || at[1] < r || at[0] > size[0] - r || at[1] > size[1] - r {
            return false;
        }
        let clear = plant.radius + 0.4;
        let town = &self.model.town;
        if self.walls.near(at).iter().any(|&b| town.buildings[b as usize].footprint.distance(at) < clear) {
            return false;
        }
        if town.deck.is_some_and(|deck| deck.footprint.distance(at) < clear) {
            return false;
        }
        let crowding = match stand {
            Stand::Wood => 0.62,
            Stand::Hedgerow => 0.75,
            _ => 0.97,
        };
        self.neighbours(at).all(|c| distance(c.at, at) > crowding * (c.radius + plant.radius))
    }

    fn neighbours(&self, at: Xy) -> impl Iterator<Item = &Crown> {
        let (i, j) = square(at);
        (-1..=1)
            .flat_map(move |di| (-1..=1).map(move |dj| (i + di, j + dj)))
            .filter_map(|key| self.squares.get(&key))
            .flatten()
            .map(|&c| &self.crowns[c])
    }

    fn place(&mut self, at: Xy, plant: &Plant) {
        let foot = self.model.terrain(at);
        let whole = |height: f64| (height * 100.0).round() / 100.0;
        let gap = match plant.shape {
            CrownShape::Cone => 0.10,
            CrownShape::Ellipsoid => 0.16,
            CrownShape::Umbrella => 0.22,
        };
        self.squares.entry(square(at)).or_default().push(self.crowns.len());
        self.crowns.push(Crown {
            at,
            shape: plant.shape,
            radius: whole(plant.radius),
            base: whole(foot + plant.base),
            top: whole(foot + plant.top),
            foot,
            gap,
        });
    }
}

fn square(at: Xy) -> (i64, i64) {
    ((at[0] / 12.0).floor() as i64, (at[1] / 12.0).floor() as i64)
}

/// What grows in a stand.
fn choose(stand: Stand, random: &mut Random) -> Plant {
    use CrownShape::{Cone, Ellipsoid, Umbrella};
    let lot = random.unit();
    let mut some = |shape, radius: (f64, f64), top: (f64, f64), clear: (f64, f64)| {
        let size = random.unit();
        let radius = radius.0 + (radius.1 - radius.0) * size;
        let top = top.0 + (top.1 - top.0) * (0.7 * size + 0.3 * random.unit());
        let share = clear.0 + (clear.1 - clear.0) * random.unit();
        Plant { shape, radius, base: top * share, top }
    };
    match stand {
        Stand::Street => some(Ellipsoid, (1.9, 2.9), (6.0, 10.0), (0.28, 0.36)),
        Stand::Limes => some(Ellipsoid, (2.6, 3.4), (8.0, 11.0), (0.26, 0.34)),
        Stand::Garden if lot < 0.42 => some(Ellipsoid, (0.7, 1.5), (1.0, 2.7), (0.05, 0.12)),
        Stand::Garden if lot < 0.56 => some(Cone, (1.3, 2.3), (4.5, 11.0), (0.05, 0.12)),
        Stand::Garden if lot < 0.60 => some(Umbrella, (2.2, 3.2), (6.5, 9.0), (0.62, 0.7)),
        Stand::Garden => some(Ellipsoid, (1.4, 3.1), (3.4, 7.5), (0.22, 0.34)),
        Stand::Park if lot < 0.16 => some(Cone, (2.4, 3.6), (12.0, 20.0), (0.06, 0.14)),
        Stand::Park if lot < 0.27 => some(Umbrella, (3.6, 5.4), (10.0, 15.0), (0.62, 0.72)),
        Stand::Park => some(Ellipsoid, (3.0, 5.4), (9.0, 18.0), (0.18, 0.3)),
        Stand::Wood if lot < 0.14 => some(Cone, (2.2, 3.2), (14.0, 22.0), (0.15, 0.3)),
        Stand::Wood => some(Ellipsoid, (2.7, 4.4), (13.0, 19.0), (0.3, 0.45)),
        Stand::Hedgerow if lot < 0.3 => some(Ellipsoid, (1.0, 1.7), (1.8, 2.9), (0.05, 0.1)),
        Stand::Hedgerow => some(Ellipsoid, (2.4, 4.0), (7.0, 13.0), (0.2, 0.3)),
        Stand::Bank if lot < 0.35 => some(Ellipsoid, (3.0, 4.2), (7.0, 10.0), (0.1, 0.18)),
        Stand::Bank => some(Ellipsoid, (1.5, 2.3), (13.0, 19.0), (0.1, 0.16)),
    }
}
