//! What covers each cell: from counts of returns, brightness and greenness to one of nine classes, and how sure it is.
//!
//! In order: roofs, water, leaves by their height, then the ground by its material. The ground's material is a vote:
//! each ground return, and each pixel of an infrared image, gives its vote to the materials whose usual value it
//! fits (a Gaussian for each, naive Bayes: Duda, Hart & Stork 2001, §2.9). Neighbours vote too (one step of
//! relaxation labelling, Rosenfeld, Hummel & Zucker 1976, 10.1109/TSMC.1976.4309519); where few returns reached the
//! ground, under trees, farther neighbours do.
//!
//! The usual values ([`BRIGHTNESS`]) are reflectances at 1064 nm relative to the brightest tenth of the ground,
//! which is lush grass or pale concrete, 0.67: asphalt 0.17 to 0.2, bare soil 0.3 to 0.35, paving 0.4, gravel and sand 0.5,
//! grass 0.55 to 0.65 (Wehr & Lohr 1999, 10.1016/S0924-2716(99)00011-8; Song et al. 2002, ISPRS Arch. 34-3B). Those of
//! [`GREENNESS`] are normalised differences (Rouse et al. 1974) above the threshold that parts green from grey in the
//! image at hand (Otsu 1979, 10.1109/TSMC.1979.4310076).
//!
//! Fails where: brightness alone cannot tell pale concrete from dry grass, nor wet soil from asphalt; the certainty says
//! so only as far as the spreads are those of the place. A cell depends on nothing farther than [`RING`] cells. Cost:
//! 0.3 µs a cell.

use crate::frame::Frame;
use crate::grid::Grid;
use crate::seen::{Kind, Seen};

/// Materials of the ground: asphalt, paving, gravel, soil, grass.
pub const MATERIALS: usize = 5;

/// Shares of belief in each material; they add up to 1.
pub type Odds = [f32; MATERIALS];

/// How often a material is not as bright as it usually is: pale concrete, worn asphalt, dry grass. However many returns agree,
/// they are of one piece of ground, and an image that says otherwise must be heard.
const UNUSUAL: f32 = 0.1;

/// Votes that a return or a pixel shares out.
pub const VOTES: u32 = 200;

/// Cells around a cell that it depends on: the context of its context, and the search for water.
pub const RING: usize = 16;

/// How a feature is spread within each material.
#[derive(Debug, Clone, Copy)]
pub struct Spreads {
    /// Usual value.
    pub mean: [f32; MATERIALS],
    /// Standard deviation.
    pub spread: [f32; MATERIALS],
    /// Smallest and largest value that is told apart.
    pub range: (f32, f32),
}

/// Laser brightness, relative to the brightest tenth of the ground.
pub const BRIGHTNESS: Spreads = Spreads {
    mean: [0.30, 0.63, 0.745, 0.52, 0.93],
    spread: [0.05, 0.06, 0.06, 0.05, 0.09],
    range: (0.0, 2.0),
};

/// Normalised difference of near infrared and red, above the threshold of the image.
pub const GREENNESS: Spreads = Spreads {
    mean: [-0.18, -0.18, -0.17, -0.05, 0.14],
    spread: [0.06, 0.06, 0.06, 0.05, 0.08],
    range: (-1.0, 1.0),
};

/// How often each material is met in towns and their surroundings, before anything is seen.
const PRIOR: Odds = [0.25, 0.14, 0.1, 0.09, 0.42];

/// Votes by value, in a table.
#[derive(Debug, Clone)]
pub struct Ballot {
    shares: Vec<[u8; MATERIALS]>,
    scale: f32,
    shift: f32,
}

/// Steps of a ballot's table.
const STEPS: usize = 512;

impl Ballot {
    /// The votes for a feature that is `value / unit − zero`.
    pub fn new(spreads: &Spreads, unit: f32, zero: f32) -> Ballot {
        let (low, high) = spreads.range;
        let step = (high - low) / STEPS as f32;
        let shares = (0..STEPS).map(|index| shares(spreads, low + (index as f32 + 0.5) * step));
        Ballot { shares: shares.collect(), scale: 1.0 / (unit * step), shift: (zero + low) / step }
    }

    /// Votes of a value for each material; they add up to about [`VOTES`].
    #[inline(always)]
    pub fn of(&self, value: f32) -> &[u8; MATERIALS] {
        // Casts stop at the bounds.
        let index = (value * self.scale - self.shift) as usize;
        &self.shares[index.min(STEPS - 1)]
    }
}

fn shares(spreads: &Spreads, value: f32) -> [u8; MATERIALS] {
    let mut odds: Odds = [0.0; MATERIALS];
    for (material, odd) in odds.iter_mut().enumerate() {
        let away = (value - spreads.mean[material]) / spreads.spread[material];
        *odd = (-0.5 * away * away).exp() / spreads.spread[material] + 1e-3;
    }
    let sum: f32 = odds.iter().sum();
    odds.map(|odd| (odd / sum * VOTES as f32).round() as u8)
}

/// What an infrared image shows in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pixels {
    /// Pixels with a value; 0 where the image shows nothing.
    pub count: u16,
    /// Of these, so dark that their colour says little.
    pub dark: u16,
    /// Votes of all pixels, [`VOTES`] a pixel.
    pub votes: [u32; MATERIALS],
    /// Mean normalised difference, above the threshold of the image.
    pub greenness: f32,
    /// Mean brightness relative to the image's median.
    pub light: f32,
    /// Mean hue, the same in sun and shade: the normalised difference of green and red.
    pub tint: f32,
}

/// What maps of others say of one cell: shares of its area.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Drawn {
    /// Within a footprint of a building.
    pub building: f32,
    /// On a sealed road or surface.
    pub road: f32,
    /// On a way that is not sealed.
    pub track: f32,
}

/// All that is known; each grid lies on one frame.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Returns.
    pub seen: &'a Grid<Seen>,
    /// Shares of the returns that are leaves of shrubs and of trees.
    pub leaves: &'a Grid<[f32; 2]>,
    /// The image, where there is one.
    pub pixels: Option<&'a Grid<Pixels>>,
    /// Maps of others, where there are some.
    pub drawn: Option<&'a Grid<Drawn>>,
}

/// Where leaves begin to cover a cell: the share of its returns at which half of its centres lie under leaves, as the
/// sample town has it.
pub const LEAFY: f32 = 0.38;

/// Codes of the classes.
pub mod class {
    /// Not known.
    pub const UNKNOWN: u8 = 0;
    /// Building.
    pub const BUILDING: u8 = 1;
    /// Asphalt, paving, bridge.
    pub const SEALED: u8 = 2;
    /// Gravel and the like: mineral, but water passes.
    pub const MINERAL: u8 = 3;
    /// Bare soil.
    pub const BARE: u8 = 4;
    /// Grass, meadow, field.
    pub const HERBACEOUS: u8 = 5;
    /// Leaves from 0.5 to 3 m.
    pub const SHRUB: u8 = 6;
    /// Leaves of 3 m and more over ground that lets water pass.
    pub const TREE_PERMEABLE: u8 = 7;
    /// Leaves of 3 m and more over sealed ground.
    pub const TREE_SEALED: u8 = 8;
    /// Water.
    pub const WATER: u8 = 9;
    /// Whether water cannot pass.
    pub fn is_sealed(class: u8) -> bool {
        matches!(class, BUILDING | SEALED | TREE_SEALED)
    }
}

/// How often classes of a stated sureness are right: the sample town's reliability, straightened.
pub fn calibrated(sure: f32) -> f32 {
    sure.clamp(0.0, 1.0)
}

/// A class, and the chance that it is right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// One of [`class`].
    pub class: u8,
    /// From 0 to 1; 0 where nothing is known.
    pub sure: f32,
}

/// Decides the cells of `part`; what is known must reach [`RING`] cells beyond it, as far as there are data.
///
/// # Panics
/// Where the grids are not of one frame, or `part` lies outside: the engine lays them.
pub fn decide(known: &Known<'_>, part: &Frame) -> Grid<Decision> {
    let frame = *known.seen.frame();
    let evidence = crate::par::rows(frame, Belief::NONE, |row, cells| {
        for (col, cell) in cells.iter_mut().enumerate() {
            *cell = believed(known, row * frame.cols + col);
        }
    });
    let near = around(&evidence, NEAR);
    let beliefs = crate::par::rows(frame, Belief::NONE, |row, cells| {
        for (col, cell) in cells.iter_mut().enumerate() {
            *cell = evidence.at(row, col).sharpened(&near.at(row, col), 1.0);
        }
    });
    let voids = Voids::of(known.seen);
    let (north, west) = frame.offset_of(part).expect("the part lies on the frame");
    crate::par::rows(*part, Decision { class: class::UNKNOWN, sure: 0.0 }, |row, cells| {
        for (col, cell) in cells.iter_mut().enumerate() {
            *cell = decided(known, &beliefs, &voids, (row + north, col + west));
        }
    })
}

/// Cells of the first context, and of the second.
const NEAR: usize = 2;
const FAR: usize = 5;

/// Belief in the materials of a cell's ground, and how much it weighs for its neighbours.
#[derive(Debug, Clone, Copy)]
struct Belief {
    odds: Odds,
    weight: f32,
}

/// Ground returns at which a cell is seen well.
const WELL_SEEN: f32 = 6.0;

impl Belief {
    const NONE: Belief = Belief { odds: [0.0; MATERIALS], weight: 0.0 };

    /// Times what the neighbours believe, to a power.
    fn sharpened(&self, context: &Belief, power: f32) -> Belief {
        if context.weight <= 0.0 || power <= 0.0 {
            return *self;
        }
        let mut odds = self.odds;
        for (odd, near) in odds.iter_mut().zip(context.odds) {
            let near = near / context.weight + 0.01;
            *odd *= if power == 1.0 { near } else { near.powf(power) };
        }
        Belief { odds: normalised(odds), weight: self.weight }
    }
}

fn normalised(odds: Odds) -> Odds {
    let sum: f32 = odds.iter().sum();
    if sum > 0.0 { odds.map(|odd| odd / sum) } else { PRIOR }
}

/// What a cell alone says of its ground.
fn believed(known: &Known<'_>, at: usize) -> Belief {
    let seen = &known.seen.cells()[at];
    let leaves = known.leaves.cells()[at];
    let ground = seen.count(Kind::Ground) as f32;
    let mut odds = PRIOR;
    let votes: u32 = seen.votes.iter().sum();
    if votes > 0 {
        // Half a return's worth of not knowing.
        for (odd, &vote) in odds.iter_mut().zip(&seen.votes) {
            *odd *= (vote as f32 / VOTES as f32 + 0.1) / (votes as f32 / VOTES as f32 + 0.5) + UNUSUAL;
        }
    }
    let low = seen.count(Kind::Low) as f32;
    odds[4] *= 1.0 + 6.0 * low / (low + ground).max(1.0);
    let open = leaves[0] + leaves[1] <= LEAFY;
    if let Some(pixels) = known.pixels.map(|pixels| &pixels.cells()[at])
        && open
        && pixels.count > 0
    {
        for (odd, share) in odds.iter_mut().zip(pixel_odds(pixels)) {
            *odd *= share;
        }
    }
    if let Some(drawn) = known.drawn.map(|drawn| &drawn.cells()[at]) {
        (odds[0], odds[1]) = (odds[0] * (1.0 + 6.0 * drawn.road), odds[1] * (1.0 + 4.0 * drawn.road));
        odds[2] *= 1.0 + 10.0 * drawn.track;
    }
    // Roofs say nothing of the ground around them; a cell without a return asks its neighbours.
    let roof = seen.count(Kind::Roof) > seen.floor();
    let weight = if roof { 0.0 } else { ground.min(WELL_SEEN) / WELL_SEEN };
    Belief { odds: normalised(odds), weight: weight.max(1e-3) }
}

/// What the pixels of a cell say, less where they lie in shade.
fn pixel_odds(pixels: &Pixels) -> Odds {
    let votes: u32 = pixels.votes.iter().sum();
    let lit = 1.0 - f32::from(pixels.dark) / f32::from(pixels.count);
    let doubt = 0.02 + 0.1 * (1.0 - lit);
    pixels.votes.map(|vote| vote as f32 / votes.max(1) as f32 + doubt)
}

/// Weighted sums of the odds within `reach` cells: along rows, then along columns, in one order whatever the tile.
fn around(beliefs: &Grid<Belief>, reach: usize) -> Grid<Belief> {
    let frame = *beliefs.frame();
    let along = crate::par::rows(frame, Belief::NONE, |row, cells| {
        let line = beliefs.row(row);
        for (col, cell) in cells.iter_mut().enumerate() {
            let near = &line[col.saturating_sub(reach)..(col + reach + 1).min(frame.cols)];
            near.iter().for_each(|other| cell.add(other, other.weight));
        }
    });
    crate::par::rows(frame, Belief::NONE, |row, cells| {
        for other in row.saturating_sub(reach)..(row + reach + 1).min(frame.rows) {
            cells.iter_mut().zip(along.row(other)).for_each(|(cell, sum)| cell.add(sum, 1.0));
        }
    })
}

impl Belief {
    fn add(&mut self, other: &Belief, weight: f32) {
        for (sum, odd) in self.odds.iter_mut().zip(other.odds) {
            *sum += odd * weight;
        }
        self.weight += other.weight;
    }
}

/// One cell, roofs first.
fn decided(known: &Known<'_>, beliefs: &Grid<Belief>, voids: &Voids, (row, col): (usize, usize)) -> Decision {
    let at = row * known.seen.frame().cols + col;
    let seen = &known.seen.cells()[at];
    let drawn = known.drawn.map(|drawn| drawn.cells()[at]);
    if let Some(sure) = roof(seen, drawn.as_ref()) {
        return Decision { class: class::BUILDING, sure };
    }
    let pixels = known.pixels.map(|pixels| pixels.cells()[at]).filter(|pixels| pixels.count > 0);
    if let Some(decision) = water(seen, pixels.as_ref(), voids, (row, col)) {
        return decision;
    }
    let ground = ground(known, beliefs, (row, col));
    let [shrub, tree] = known.leaves.cells()[at];
    let leafy = shrub + tree;
    // How far the share is from where leaves begin; a tenth is an edge, three tenths are none.
    let clear = 0.6 + 0.4 * ((leafy - LEAFY).abs() / 0.3).min(1.0);
    let odds = ground.odds;
    let sealed = if seen.count(Kind::Deck) > seen.count(Kind::Ground) { 1.0 } else { odds[0] + odds[1] };
    if leafy > LEAFY {
        return under_leaves(shrub, tree, sealed, clear);
    }
    let shares = [sealed, odds[2], odds[3], odds[4]];
    let (best, share) = largest(&shares);
    let class = [class::SEALED, class::MINERAL, class::BARE, class::HERBACEOUS][best];
    let roofless = 1.0 - 0.5 * seen.count(Kind::Roof) as f32 / seen.all().max(1) as f32;
    Decision { class, sure: share * clear * roofless }
}

/// Shrubs and trees; under a tree, whether water passes.
fn under_leaves(shrub: f32, tree: f32, sealed: f32, clear: f32) -> Decision {
    let high = tree > shrub;
    let between = 0.6 + 0.4 * ((tree - shrub).abs() / 0.3).min(1.0);
    let (class, share) = match (high, sealed > 0.5) {
        (false, _) => (class::SHRUB, 1.0),
        (true, true) => (class::TREE_SEALED, sealed),
        (true, false) => (class::TREE_PERMEABLE, 1.0 - sealed),
    };
    Decision { class, sure: share * clear * between }
}

fn largest(shares: &[f32]) -> (usize, f32) {
    shares.iter().enumerate().fold(
        (0, f32::MIN),
        |best, (index, &share)| {
            if share > best.1 { (index, share) } else { best }
        },
    )
}

/// How sure a roof is, where it is one: most returns that stopped there are a roof's, or none say anything and a map does.
fn roof(seen: &Seen, drawn: Option<&Drawn>) -> Option<f32> {
    let (roof, floor) = (seen.count(Kind::Roof) as f32, seen.floor() as f32);
    let share = roof / (roof + floor).max(1.0);
    let footprint = drawn.map(|drawn| drawn.building);
    if roof > floor {
        let clear = 0.6 + 0.4 * ((share - 0.5) * 2.0).min(1.0);
        // A footprint agrees, or the building is not on the map.
        let agreed = footprint.map_or(1.0, |footprint| 0.85 + 0.15 * footprint);
        return Some(clear * agreed);
    }
    let unseen = seen.count(Kind::Ground) + seen.count(Kind::Low) + seen.count(Kind::Water) == 0;
    footprint.filter(|footprint| *footprint > 0.5 && unseen).map(|footprint| 0.6 * footprint)
}

/// Water returns, a void beside water, or what only water looks like; `None` where it is land.
fn water(seen: &Seen, pixels: Option<&Pixels>, voids: &Voids, place: (usize, usize)) -> Option<Decision> {
    let returns = seen.count(Kind::Water) as f32 / seen.all().max(1) as f32;
    let looks = pixels.is_some_and(|pixels| pixels.greenness < WATER_GREENNESS && pixels.light < WATER_LIGHT);
    let leaves = seen.count(Kind::Leaves) as f32 / seen.all().max(1) as f32;
    let water = |sure: f32| Some(Decision { class: class::WATER, sure });
    if returns > 0.3 {
        return water(if pixels.is_none() || looks { 0.97 } else { 0.8 });
    }
    let void = voids.is_void(place);
    if void && voids.near_water(place) {
        return water(match pixels {
            Some(_) if looks => 0.97,
            Some(_) => 0.6,
            None => 0.85,
        });
    }
    if looks && leaves < LEAFY {
        return water(0.85);
    }
    // A void without water near: the flight saw nothing, nor does the image.
    (void && pixels.is_none()).then_some(Decision { class: class::UNKNOWN, sure: 0.0 })
}

/// Water is far below the threshold of green, and dark in all three bands.
const WATER_GREENNESS: f32 = -0.4;
const WATER_LIGHT: f32 = 0.45;

/// Belief in the ground's materials: with few returns, farther neighbours count.
fn ground(known: &Known<'_>, beliefs: &Grid<Belief>, (row, col): (usize, usize)) -> Belief {
    let frame = beliefs.frame();
    let own = beliefs.at(row, col);
    let seen = known.seen.at(row, col).count(Kind::Ground) as f32;
    let few = 1.0 - seen.min(WELL_SEEN) / WELL_SEEN;
    if few <= 0.0 {
        return own;
    }
    let mut context = Belief::NONE;
    for near in row.saturating_sub(FAR)..(row + FAR + 1).min(frame.rows) {
        let line = &beliefs.row(near)[col.saturating_sub(FAR)..(col + FAR + 1).min(frame.cols)];
        line.iter().for_each(|other| context.add(other, other.weight));
    }
    own.sharpened(&context, few)
}

/// Where no return came from, and where water is near.
struct Voids {
    returns: Sums,
    water: Sums,
}

/// Cells to each side that are empty in a void, and within which water is near.
const VOID: usize = 1;
const NEAR_WATER: usize = RING - 1;

impl Voids {
    fn of(seen: &Grid<Seen>) -> Voids {
        let land = |seen: &Seen| seen.all() - seen.count(Kind::Water);
        Voids { returns: Sums::of(seen, land), water: Sums::of(seen, |seen| seen.count(Kind::Water)) }
    }

    fn is_void(&self, place: (usize, usize)) -> bool {
        self.returns.within(place, VOID) <= 1
    }

    fn near_water(&self, place: (usize, usize)) -> bool {
        self.water.within(place, NEAR_WATER) > 0
    }
}

/// Sums over rectangles, in whole numbers: exact wherever a tile begins (Crow 1984, summed-area table).
struct Sums {
    sums: Vec<u32>,
    frame: Frame,
}

impl Sums {
    fn of(seen: &Grid<Seen>, count: impl Fn(&Seen) -> u32) -> Sums {
        let frame = *seen.frame();
        let width = frame.cols + 1;
        let mut sums = vec![0_u32; width * (frame.rows + 1)];
        for row in 0..frame.rows {
            let mut line = 0_u32;
            for (col, cell) in seen.row(row).iter().enumerate() {
                // Wrapping sums still have right differences.
                line = line.wrapping_add(count(cell));
                sums[(row + 1) * width + col + 1] = sums[row * width + col + 1].wrapping_add(line);
            }
        }
        Sums { sums, frame }
    }

    fn within(&self, (row, col): (usize, usize), reach: usize) -> u32 {
        let width = self.frame.cols + 1;
        let (north, south) = (row.saturating_sub(reach), (row + reach + 1).min(self.frame.rows));
        let (west, east) = (col.saturating_sub(reach), (col + reach + 1).min(self.frame.cols));
        let at = |row: usize, col: usize| self.sums[row * width + col];
        at(south, east)
            .wrapping_add(at(north, west))
            .wrapping_sub(at(north, east))
            .wrapping_sub(at(south, west))
    }
}

#[cfg(test)]
mod tests;
