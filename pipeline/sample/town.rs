//! What a town is made of: the nouns of the sample's plan.
//!
//! The plan is a partition of the sample into convex faces; each says what covers it, what it is used for,
//! what it was at the earlier date and to which parcel, street or building it belongs. Buildings, plants and
//! street furniture stand on it. All positions are metres in the frame of the plan until [`Town::moved`]
//! brings them into that of the sample.

use super::shape::{Convex, Line, Rect, Xy};

/// What the ground is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Under a building.
    Floor,
    /// Carriageways, car parks, school yards.
    Asphalt,
    /// Stone and concrete: pavements, squares, terraces.
    Paving,
    /// Gravel paths and yards: mineral, but water passes.
    Gravel,
    /// Bare soil.
    Soil,
    /// Mown grass.
    Lawn,
    /// Tall grass.
    Meadow,
    /// A field of young cereals.
    Crop,
    /// The floor of a wood.
    Litter,
    /// The river.
    Water,
}

impl Ground {
    /// Whether rain runs off: buildings, asphalt, paving.
    pub fn sealed(self) -> bool {
        matches!(self, Ground::Floor | Ground::Asphalt | Ground::Paving)
    }

    /// Land cover code of OCS GE.
    pub fn cover_code(self) -> &'static str {
        match self {
            Ground::Floor => "CS1.1.1.1",
            Ground::Asphalt | Ground::Paving => "CS1.1.1.2",
            Ground::Gravel => "CS1.1.2.1",
            Ground::Soil => "CS1.2.1",
            Ground::Lawn | Ground::Meadow | Ground::Crop => "CS2.2.1",
            Ground::Litter => "CS2.1.1.1",
            Ground::Water => "CS1.2.2",
        }
    }
}

/// What the land is used for, as far as OCS GE tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Farming.
    Farming,
    /// Forestry.
    Forestry,
    /// Workshops.
    Industry,
    /// Shops, services, schools, parks.
    Services,
    /// Roads and streets.
    Road,
    /// Housing.
    Housing,
    /// Shops below, homes above.
    Mixed,
    /// Left to itself.
    Abandoned,
    /// None.
    Unused,
}

impl Usage {
    /// Land use code of OCS GE.
    pub fn use_code(self) -> &'static str {
        match self {
            Usage::Farming => "US1.1",
            Usage::Forestry => "US1.2",
            Usage::Industry => "US2",
            Usage::Services => "US3",
            Usage::Road => "US4.1.1",
            Usage::Housing => "US5",
            Usage::Mixed => "US235",
            Usage::Abandoned => "US6.2",
            Usage::Unused => "US6.3",
        }
    }
}

/// Cover and use of a face at one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Land {
    /// What covers it.
    pub ground: Ground,
    /// What it is used for.
    pub usage: Usage,
}

/// One convex piece of the plan.
#[derive(Debug, Clone)]
pub struct Face {
    /// Where it lies.
    pub shape: Convex,
    /// What it is now.
    pub now: Land,
    /// What it was at the earlier date, where that was something else.
    pub before: Option<Land>,
    /// 0 north of the river's middle, 1 south of it.
    pub commune: usize,
    /// The parcel that it is part of; none for streets and the river.
    pub parcel: Option<usize>,
    /// The building that stands on it.
    pub building: Option<usize>,
    /// Whether the bridge passes over it.
    pub deck: bool,
}

/// The shape of a roof, in the frame of its footprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roof {
    /// One level.
    Flat,
    /// Two sides; the ridge runs along the width.
    Gable,
    /// Four sides; a ridge along the width.
    Hip,
    /// Four sides that meet in a point.
    Spire,
}

/// What a roof is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covering {
    /// Slate.
    Slate,
    /// Clay tiles.
    Tile,
    /// Sheet metal.
    Metal,
    /// Bitumen or gravel on a flat roof.
    Bitumen,
}

/// A building, or a part of one with a roof of its own.
#[derive(Debug, Clone)]
pub struct Building {
    /// Outer walls; roofs do not overhang.
    pub footprint: Rect,
    /// Shape of the roof.
    pub roof: Roof,
    /// Height of the eaves, metres above the datum, whole centimetres.
    pub eaves: f64,
    /// Height of the ridge or point, metres above the datum, whole centimetres.
    pub ridge: f64,
    /// Material of the roof.
    pub covering: Covering,
    /// What it is, in the words of BD TOPO (`nature`).
    pub nature: &'static str,
    /// Its use, in the words of BD TOPO (`usage1`).
    pub usage: &'static str,
    /// Storeys.
    pub storeys: u32,
    /// Whether it stood at the earlier date.
    pub old: bool,
    /// 0 north of the river, 1 south of it.
    pub commune: usize,
}

/// The kind of a street: it sets its cross-section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreetKind {
    /// The main street.
    Main,
    /// With a row of trees on each side.
    Avenue,
    /// With pavements.
    Street,
    /// Of the old town, paved from wall to wall.
    Lane,
    /// Between fields.
    Country,
}

impl StreetKind {
    /// Width between the parcels, metres.
    pub fn width(self) -> f64 {
        match self {
            StreetKind::Main => 13.0,
            StreetKind::Avenue => 16.0,
            StreetKind::Street => 9.0,
            StreetKind::Lane => 5.5,
            StreetKind::Country => 5.0,
        }
    }

    /// Width between the kerbs, metres.
    pub fn carriageway(self) -> f64 {
        match self {
            StreetKind::Main | StreetKind::Avenue => 7.0,
            StreetKind::Street => 5.5,
            StreetKind::Lane | StreetKind::Country => self.width(),
        }
    }
}

/// A street: a straight strip.
#[derive(Debug, Clone)]
pub struct Street {
    /// Its cross-section.
    pub kind: StreetKind,
    /// Its middle line.
    pub line: Line,
    /// Where its middle line begins: on that of the street it leaves.
    pub from: Xy,
    /// Where its middle line ends.
    pub to: Xy,
    /// Where it meets the edges of the land that it cuts.
    pub strip: [Xy; 2],
    /// Whether it crosses the river.
    pub bridge: bool,
    /// Its name.
    pub name: String,
}

/// The shape of a crown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrownShape {
    /// An ellipsoid between its base and its top: oaks, limes.
    Ellipsoid,
    /// A cone on its base: spruces.
    Cone,
    /// The upper half of an ellipsoid: stone pines.
    Umbrella,
}

/// A tree, or a shrub that stands alone: a crown of one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crown {
    /// Where its stem stands.
    pub at: Xy,
    /// Its shape.
    pub shape: CrownShape,
    /// Radius on the map, metres.
    pub radius: f64,
    /// Height of its lowest leaves, metres above the datum.
    pub base: f64,
    /// Height of its top, metres above the datum.
    pub top: f64,
    /// Height of the ground at its stem, metres above the datum.
    pub foot: f64,
    /// Chance that a beam passes along its axis from top to base.
    pub gap: f64,
}

/// What a small upright object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A clipped hedge.
    Hedge,
    /// A garden wall.
    Wall,
    /// A parked car.
    Car,
    /// A lamp post.
    Pole,
}

/// A small upright object: a rectangle that rises from the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Furniture {
    /// What it is.
    pub thing: Thing,
    /// Where it stands.
    pub footprint: Rect,
    /// Height above the ground, metres.
    pub height: f64,
}

/// A row in which trees shall stand.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// One end.
    pub from: Xy,
    /// The other end.
    pub to: Xy,
    /// Metres from stem to stem.
    pub spacing: f64,
    /// What grows there.
    pub stand: Stand,
}

/// An area in which trees shall stand.
#[derive(Debug, Clone)]
pub struct Grove {
    /// Where.
    pub shape: Convex,
    /// Least distance between stems, metres.
    pub spacing: f64,
    /// Share of the possible places that are taken.
    pub share: f64,
    /// What grows there.
    pub stand: Stand,
}

/// What grows together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Small round street trees.
    Street,
    /// Clipped limes of a square.
    Limes,
    /// Fruit trees, ornamentals, shrubs.
    Garden,
    /// Tall broadleaves, pines, some conifers.
    Park,
    /// Closed broadleaf wood with some conifers.
    Wood,
    /// Oaks of a hedgerow.
    Hedgerow,
    /// Poplars and willows.
    Bank,
}

/// The plan and all that stands on it.
#[derive(Debug, Clone, Default)]
pub struct Town {
    /// A partition of the sample.
    pub faces: Vec<Face>,
    /// Streets.
    pub streets: Vec<Street>,
    /// Number of parcels.
    pub parcels: usize,
    /// Buildings.
    pub buildings: Vec<Building>,
    /// Rows to be planted.
    pub rows: Vec<Row>,
    /// Areas to be planted.
    pub groves: Vec<Grove>,
    /// Hedges, walls, cars, poles.
    pub furniture: Vec<Furniture>,
    /// The deck of the bridge, where there is one: its footprint and the height of its two ends.
    pub deck: Option<Deck>,
}

/// The deck of the bridge: straight from one bank to the other, level across.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deck {
    /// Where it lies; its depth runs across the river.
    pub footprint: Rect,
    /// Height of its surface at the near end of its depth, metres above the datum.
    pub near: f64,
    /// Height of its surface at the far end.
    pub far: f64,
    /// Thickness, metres.
    pub thickness: f64,
}

/// How the frame of the plan lies in that of the sample: a turn, then a shift.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    /// The origin of the plan in the sample, metres from its south-west corner.
    pub origin: Xy,
    /// Direction of the plan's first axis in the sample.
    pub axis: Xy,
}

impl Placement {
    /// A position of the plan in the sample.
    pub fn sample(&self, p: Xy) -> Xy {
        let turned = self.turn(p);
        [self.origin[0] + turned[0], self.origin[1] + turned[1]]
    }

    /// A direction of the plan in the sample.
    pub fn turn(&self, d: Xy) -> Xy {
        let [c, s] = self.axis;
        [c * d[0] - s * d[1], s * d[0] + c * d[1]]
    }

    /// A position of the sample in the plan.
    pub fn plan(&self, p: Xy) -> Xy {
        let [c, s] = self.axis;
        let [x, y] = [p[0] - self.origin[0], p[1] - self.origin[1]];
        [c * x + s * y, -s * x + c * y]
    }

    fn rect(&self, rect: &mut Rect) {
        rect.centre = self.sample(rect.centre);
        rect.axis = self.turn(rect.axis);
    }
}

impl Town {
    /// The town in the frame of the sample.
    pub fn moved(mut self, placement: &Placement) -> Town {
        let shapes = self.faces.iter_mut().map(|f| &mut f.shape);
        for shape in shapes.chain(self.groves.iter_mut().map(|g| &mut g.shape)) {
            shape.ring.iter_mut().for_each(|p| *p = placement.sample(*p));
        }
        for street in &mut self.streets {
            street.from = placement.sample(street.from);
            street.to = placement.sample(street.to);
            street.strip = street.strip.map(|p| placement.sample(p));
        }
        for row in &mut self.rows {
            (row.from, row.to) = (placement.sample(row.from), placement.sample(row.to));
        }
        self.buildings.iter_mut().for_each(|b| placement.rect(&mut b.footprint));
        self.furniture.iter_mut().for_each(|f| placement.rect(&mut f.footprint));
        if let Some(deck) = &mut self.deck {
            placement.rect(&mut deck.footprint);
        }
        self
    }
}
