//! The town as a function: what is at a position, and what does a ray meet.
//!
//! All answers are exact (planes, quadrics, polygons; no raster behind them): they are the truth that the
//! sample's rasters and tables are written from. Buckets on the map keep the faces and bodies near a
//! position at hand. Positions are metres from the south-west corner of the sample, heights metres above the
//! datum. Cost: about a tenth of a microsecond a question.

use super::shape::{Xy, dot};
use super::solid::{Body, Plane, Ray, Span};
use super::terrain;
use super::town::{Crown, Face, Furniture, Ground, Placement, Thing, Town};

/// Side of a bucket, metres.
const BUCKET: f64 = 8.0;

/// Lists of numbers by place.
#[derive(Debug, Clone)]
pub struct Buckets {
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Buckets {
    /// Files each item under every bucket that its bounds `(west, south, east, north)` touch.
    pub fn new(size: Xy, bounds: &[[f64; 4]]) -> Buckets {
        let columns = (size[0] / BUCKET).ceil() as usize + 1;
        let rows = (size[1] / BUCKET).ceil() as usize + 1;
        let mut lists = vec![Vec::new(); columns * rows];
        for (item, bounds) in bounds.iter().enumerate() {
            let clamp = |v: f64, n: usize| (v / BUCKET).floor().clamp(0.0, (n - 1) as f64) as usize;
            if bounds[2] < 0.0 || bounds[3] < 0.0 || bounds[0] > size[0] || bounds[1] > size[1] {
                continue;
            }
            for row in clamp(bounds[1], rows)..=clamp(bounds[3], rows) {
                for column in clamp(bounds[0], columns)..=clamp(bounds[2], columns) {
                    lists[row * columns + column].push(item as u32);
                }
            }
        }
        let mut starts = vec![0];
        let mut items = Vec::new();
        for list in lists {
            items.extend(list);
            starts.push(items.len() as u32);
        }
        Buckets { columns, rows, starts, items }
    }

    /// The items near a position, in the order in which they were filed.
    pub fn near(&self, p: Xy) -> &[u32] {
        let column = ((p[0] / BUCKET).max(0.0) as usize).min(self.columns - 1);
        let row = ((p[1] / BUCKET).max(0.0) as usize).min(self.rows - 1);
        let bucket = row * self.columns + column;
        &self.items[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

/// Something that a ray can meet, by its number in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A building.
    Building(usize),
    /// A tree or shrub.
    Crown(usize),
    /// A hedge, wall, car or pole.
    Furniture(usize),
    /// The deck of the bridge.
    Deck,
}

/// The bodies near the foot of rays that lean within some limits.
#[derive(Debug, Clone)]
pub struct Reach {
    buckets: Buckets,
}

/// What stands over a position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canopy {
    /// Highest leaves, metres above the datum.
    pub top: f64,
    /// Lowest leaves, metres above the datum.
    pub base: f64,
    /// Whether one of the crowns is that of a tree.
    pub tree: bool,
}

/// The whole town.
#[derive(Debug, Clone)]
pub struct Model {
    /// Size of the sample, metres.
    pub size: Xy,
    /// How the frame of the plan lies in that of the sample.
    pub placement: Placement,
    /// The plan, in the frame of the sample.
    pub town: Town,
    /// Trees and shrubs.
    pub crowns: Vec<Crown>,
    /// All bodies, in the order buildings, crowns, furniture, deck.
    items: Vec<Item>,
    buildings: Vec<Body>,
    furniture: Vec<Body>,
    deck: Option<Body>,
    faces: Buckets,
    upright: Reach,
}

impl Model {
    /// A town and the crowns that grow in it.
    pub fn new(size: Xy, placement: Placement, town: Town, crowns: Vec<Crown>) -> Model {
        let bounds: Vec<[f64; 4]> = town
            .faces
            .iter()
            .map(|f| {
                let (x, y) = (f.shape.span([1.0, 0.0]), f.shape.span([0.0, 1.0]));
                [x.0, y.0, x.1, y.1]
            })
            .collect();
        let faces = Buckets::new(size, &bounds);
        let mut model = Model {
            size,
            placement,
            items: Vec::new(),
            buildings: town.buildings.iter().map(Body::of_building).collect(),
            furniture: Vec::new(),
            deck: town.deck.as_ref().map(Body::of_deck),
            town,
            crowns,
            upright: Reach { buckets: Buckets::new(size, &[]) },
            faces,
        };
        model.furniture = model.town.furniture.iter().map(|f| model.standing(f)).collect();
        model.items = (0..model.buildings.len())
            .map(Item::Building)
            .chain((0..model.crowns.len()).map(Item::Crown))
            .chain((0..model.furniture.len()).map(Item::Furniture))
            .chain(model.deck.iter().map(|_| Item::Deck))
            .collect();
        model.upright = model.reach([0.0; 2], [0.0; 2]);
        model
    }

    /// A hedge, wall, car or pole: its top is parallel to the ground's slope at its middle.
    fn standing(&self, furniture: &Furniture) -> Body {
        let rect = furniture.footprint;
        let level = |s: f64, t: f64| {
            let along = [rect.axis[0] * s - rect.axis[1] * t, rect.axis[1] * s + rect.axis[0] * t];
            self.terrain([rect.centre[0] + along[0], rect.centre[1] + along[1]])
        };
        let (s, t) = (rect.width / 2.0, rect.depth / 2.0);
        let slope =
            [(level(s, 0.0) - level(-s, 0.0)) / (2.0 * s), (level(0.0, t) - level(0.0, -t)) / (2.0 * t)];
        let middle = (level(s, 0.0) + level(-s, 0.0)) / 2.0;
        let top = Plane { level: middle + furniture.height, slope };
        Body { footprint: rect, tops: vec![top], thickness: f64::INFINITY }
    }

    /// The face that holds a position; the nearest one for a position on the very border.
    pub fn face(&self, p: Xy) -> &Face {
        let candidates = self.faces.near(p);
        let holding = candidates.iter().map(|&f| &self.town.faces[f as usize]).find(|f| f.shape.holds(p));
        holding.unwrap_or_else(|| {
            let depth = |f: &&u32| self.town.faces[**f as usize].shape.depth(p);
            let nearest = candidates.iter().max_by(|a, b| depth(a).total_cmp(&depth(b)));
            &self.town.faces[nearest.map_or(0, |&f| f as usize)]
        })
    }

    /// Height of the ground without the water.
    pub fn terrain(&self, p: Xy) -> f64 {
        terrain::ground(self.placement.plan(p))
    }

    /// Height of the ground, which is the water's surface in the river: what a terrain model shows.
    pub fn ground(&self, p: Xy) -> f64 {
        self.ground_of(p, self.face(p))
    }

    /// As [`Model::ground`], where the face is known.
    pub fn ground_of(&self, p: Xy, face: &Face) -> f64 {
        let at = self.placement.plan(p);
        if face.now.ground == Ground::Water { terrain::water(at[0]) } else { terrain::ground(at) }
    }

    /// Height of the roof over a position, and the number of its building.
    pub fn roof(&self, p: Xy) -> Option<(f64, usize)> {
        self.near(p)
            .filter_map(|item| match item {
                Item::Building(b) => self.buildings[b].top(p).map(|top| (top, b)),
                _ => None,
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Height of the bridge's deck over a position.
    pub fn deck(&self, p: Xy) -> Option<f64> {
        self.deck.as_ref().and_then(|deck| deck.top(p))
    }

    /// Leaves over a position: crowns and hedges.
    pub fn canopy(&self, p: Xy) -> Option<Canopy> {
        let ground = self.terrain(p);
        let mut canopy: Option<Canopy> = None;
        for item in self.near(p) {
            let (span, tree) = match item {
                Item::Crown(c) => (self.crowns[c].over(p), self.crowns[c].is_tree()),
                Item::Furniture(f) if self.town.furniture[f].thing == Thing::Hedge => {
                    let top = self.furniture[f].top(p);
                    (top.map(|high| Span { low: ground, high, wall: false }), false)
                }
                _ => (None, false),
            };
            let Some(span) = span.filter(|s| s.high > ground) else { continue };
            let base = span.low.max(ground);
            let all = canopy.get_or_insert(Canopy { top: span.high, base, tree });
            *all = Canopy { top: all.top.max(span.high), base: all.base.min(base), tree: all.tree || tree };
        }
        canopy
    }

    /// Height of the first surface from above: roofs, leaves, deck, ground. Walls, cars and poles do not count.
    pub fn surface(&self, p: Xy) -> f64 {
        let over = [self.roof(p).map(|r| r.0), self.canopy(p).map(|c| c.top), self.deck(p)];
        over.into_iter().flatten().fold(self.ground(p), f64::max)
    }

    /// All bodies over a position.
    fn near(&self, p: Xy) -> impl Iterator<Item = Item> {
        self.upright.buckets.near(p).iter().map(|&i| self.items[i as usize])
    }

    /// The bodies that rays leaning between `least` and `most` can meet, filed by the rays' feet.
    pub fn reach(&self, least: Xy, most: Xy) -> Reach {
        let bounds: Vec<[f64; 4]> = self.items.iter().map(|&item| self.bounds(item, least, most)).collect();
        Reach { buckets: Buckets::new(self.size, &bounds) }
    }

    /// Where the feet of rays are that can meet a body: its own place, moved against the lean by its height.
    fn bounds(&self, item: Item, least: Xy, most: Xy) -> [f64; 4] {
        let (centre, half, top) = match item {
            Item::Crown(c) => (self.crowns[c].at, [self.crowns[c].radius; 2], self.crowns[c].top),
            _ => {
                let body = self.body(item);
                let rect = &body.footprint;
                let (w, d) = (rect.width / 2.0, rect.depth / 2.0);
                let (c, s) = (rect.axis[0].abs(), rect.axis[1].abs());
                let rise = |t: &Plane| t.level + t.slope[0].abs() * w + t.slope[1].abs() * d;
                let top = body.tops.iter().map(rise).fold(f64::INFINITY, f64::min);
                (rect.centre, [c * w + s * d, s * w + c * d], top)
            }
        };
        // Rays end on ground that may lie lower than the body's foot: the ground falls by less than 6 m there.
        let height = (top - self.terrain(centre)).max(0.0) + 6.0;
        let shift = |lean: f64| -lean * height;
        let (x, y) = ([shift(most[0]), shift(least[0])], [shift(most[1]), shift(least[1])]);
        [
            centre[0] - half[0] + x[0].min(0.0),
            centre[1] - half[1] + y[0].min(0.0),
            centre[0] + half[0] + x[1].max(0.0),
            centre[1] + half[1] + y[1].max(0.0),
        ]
    }

    fn body(&self, item: Item) -> &Body {
        match item {
            Item::Building(b) => &self.buildings[b],
            Item::Furniture(f) => &self.furniture[f],
            _ => self.deck.as_ref().expect("only buildings, furniture and the deck have a body"),
        }
    }

    /// All that a ray passes on its way down to its foot, unordered.
    pub fn met(&self, reach: &Reach, ray: &Ray, out: &mut Vec<(Span, Item)>) {
        out.clear();
        for &i in reach.buckets.near(ray.foot) {
            let item = self.items[i as usize];
            let span = match item {
                Item::Crown(c) => self.crowns[c].span(ray),
                _ => self.body(item).span(ray),
            };
            // What only touches the foot is behind the ground's own surface.
            out.extend(span.filter(|s| s.high > ray.level + 1e-6).map(|span| (span, item)));
        }
    }

    /// The direction that a surface looks at a position, of length 1: for shading.
    pub fn facing(&self, item: Option<Item>, p: Xy, z: f64) -> [f64; 3] {
        let slope = match item {
            None => {
                let (east, north) = ([p[0] + 0.5, p[1]], [p[0], p[1] + 0.5]);
                let here = self.terrain(p);
                [2.0 * (self.terrain(east) - here), 2.0 * (self.terrain(north) - here)]
            }
            Some(Item::Crown(c)) => return self.crowns[c].facing(p, z),
            Some(item) => {
                let body = self.body(item);
                let [sx, sy] = body.plane(p).slope;
                let axis = body.footprint.axis;
                [sx * axis[0] - sy * axis[1], sx * axis[1] + sy * axis[0]]
            }
        };
        let length = (1.0 + dot(slope, slope)).sqrt();
        [-slope[0] / length, -slope[1] / length, 1.0 / length]
    }
}

impl Crown {
    /// The direction away from the middle of the crown.
    fn facing(&self, p: Xy, z: f64) -> [f64; 3] {
        let middle = (self.base + self.top) / 2.0;
        let (dx, dy) = ((p[0] - self.at[0]) / self.radius, (p[1] - self.at[1]) / self.radius);
        let dz = ((z - middle) / (self.top - self.base)).max(0.1);
        let length = (dx * dx + dy * dy + dz * dz).sqrt();
        [dx / length, dy / length, dz / length]
    }
}
