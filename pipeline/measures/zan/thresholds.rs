//! The decree's thresholds, recomputed and explained: polygons and their common borders in, a verdict on each out.
//!
//! 1. The matrix gives each polygon its status; a share under trees, where it is known, decides between herbs and wood
//!    at 25 %; a linear infrastructure narrower than 5 m takes the status of its longest neighbour.
//! 2. Polygons of one status that share a border are a zone. An artificialised zone under 2,500 m² that is enclosed in
//!    other soil becomes non artificialised, but for buildings of 50 m² and more, for linear infrastructures of
//!    5 m and more, and for what buildings force; and the other way round for a non artificialised zone.
//! 3. Each polygon keeps the reason of its status.
//!
//! ```text
//!    matrix ─▶ trees 25 % ─▶ width 5 m ─▶ zones ─▶ < 2,500 m² and enclosed? ─▶ built ≥ 50 m²? ─▶ verdict, motif
//! ```
//!
//! The decree (R. 101-1, annex) and the notice of IGN do not say in which order the two directions are applied, what
//! enclosed means, nor how far a building forces: these are parameters, to be set by the agreement with IGN's own
//! attribute. All this is done before anything is cut by zones. The width is that of the rectangle with the polygon's
//! area and perimeter. Fails where: a zone touches the border of the data: beyond it nothing is known, and such a
//! border counts as not enclosed. Cost: some passes over polygons and borders.

use super::mesh::{Border, NONE};
use super::nomenclature::{Category, Couple};

/// A polygon to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Cover and use.
    pub couple: Couple,
    /// Area, m².
    pub area: f64,
    /// Share under trees, %, where it is known.
    pub trees: Option<f32>,
    /// Perimeter, m, where it is known better than by the borders.
    pub perimeter: Option<f32>,
}

/// How far a building of 50 m² forces the artificialised soil around it, however small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forcing {
    /// Not at all.
    None,
    /// Polygons that share a border with it.
    Adjacent,
    /// The whole zone that it is part of.
    #[default]
    Zone,
}

/// Which direction comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Small artificialised zones go first.
    #[default]
    ArtificialFirst,
    /// Small other zones go first.
    NaturalFirst,
}

/// The thresholds and what the law leaves open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Smallest building, m².
    pub building: f64,
    /// Smallest zone, m².
    pub zone: f64,
    /// Narrowest linear infrastructure, m.
    pub width: f64,
    /// Share under trees from which herbs are wood, %.
    pub trees: f64,
    /// Share of a zone's perimeter that must be soil of the other status for it to be enclosed.
    pub enclosed: f64,
    /// How far buildings force.
    pub forcing: Forcing,
    /// Which direction comes first.
    pub order: Order,
    /// Borders shorter than this join nothing, m: a corner.
    pub corner: f64,
    /// What is added to areas before they are compared, m² for a root of a metre of perimeter: to see what turns where
    /// outlines are off.
    pub slack: f64,
}

impl Rules {
    /// What is added to an area with this perimeter.
    fn margin(&self, perimeter: f64) -> f64 {
        self.slack * perimeter.sqrt()
    }
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            building: 50.0,
            zone: 2500.0,
            width: 5.0,
            trees: 25.0,
            enclosed: 1.0,
            forcing: Forcing::Zone,
            order: Order::ArtificialFirst,
            corner: 0.01,
            slack: 0.0,
        }
    }
}

/// Why a polygon has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Motif {
    /// The codes do not decide.
    #[default]
    Unknown,
    /// The matrix.
    Matrix,
    /// Enclosed in artificialised soil, under 2,500 m².
    ToArtificial,
    /// Enclosed in other soil, under 2,500 m².
    ToNatural,
    /// A building of at least 50 m², or of less.
    Building,
    /// Kept by a building.
    Forced,
    /// A linear infrastructure of at least 5 m, or of less.
    Width,
    /// At least a quarter under trees, or less.
    Trees,
    /// Read from IGN's attribute.
    Given,
}

impl Motif {
    /// Its word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Motif::Unknown => "inconnu",
            Motif::Matrix => "matrice",
            Motif::ToArtificial => "seuil_2500_vers_A",
            Motif::ToNatural => "seuil_2500_vers_N",
            Motif::Building => "bati_50",
            Motif::Forced => "forcage",
            Motif::Width => "largeur_5",
            Motif::Trees => "arbres_25",
            Motif::Given => "ign",
        }
    }
}

/// The status of a polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// By the matrix alone.
    pub matrix: Option<bool>,
    /// With the thresholds.
    pub threshold: Option<bool>,
    /// Why.
    pub motif: Motif,
    /// Category by the codes.
    pub category: Option<Category>,
    /// Category with the thresholds: where the status was turned, that of the neighbour that it joins.
    pub threshold_category: Option<Category>,
}

/// Areas within a thousandth of a mm² of a threshold are at it.
const ROUNDING: f64 = 1e-9;
/// What may miss from an enclosure by rounding, m.
const GAP: f64 = 0.1;

/// Judges polygons; `borders` are between their numbers, sorted or not.
pub fn judge(shapes: &[Shape], borders: &[Border], rules: &Rules) -> Vec<Verdict> {
    let near = Neighbours::new(shapes.len(), borders);
    let mut verdicts: Vec<Verdict> = shapes.iter().map(|shape| by_codes(shape, rules)).collect();
    narrow(shapes, &near, rules, &mut verdicts);
    let kept = kept(shapes, &near, rules, &verdicts);
    let first = rules.order == Order::ArtificialFirst;
    for artificial in [first, !first] {
        turn(artificial, shapes, &near, &kept, rules, &mut verdicts);
    }
    categories(&near, &mut verdicts);
    verdicts
}

/// The matrix, and trees.
fn by_codes(shape: &Shape, rules: &Rules) -> Verdict {
    let (couple, matrix) = (shape.couple, shape.couple.artificialised());
    let motif = if matrix.is_some() { Motif::Matrix } else { Motif::Unknown };
    let category = couple.category();
    let plain = Verdict { matrix, threshold: matrix, motif, category, threshold_category: category };
    let Some(trees) = shape.trees.map(f64::from) else { return plain };
    if couple.herbaceous() && matrix == Some(true) && trees >= rules.trees {
        let threshold_category = Some(10);
        return Verdict { threshold: Some(false), motif: Motif::Trees, threshold_category, ..plain };
    }
    let herbs = couple.as_herbs();
    if couple.wooded() && trees < rules.trees && herbs.artificialised() == Some(true) {
        let threshold_category = herbs.category();
        return Verdict { threshold: Some(true), motif: Motif::Trees, threshold_category, ..plain };
    }
    plain
}

/// Width of the rectangle with this area and perimeter; of what is more compact than any rectangle, that of a square.
pub fn width(area: f64, perimeter: f64) -> f64 {
    let quarter = perimeter / 4.0;
    quarter - (quarter * quarter - area).max(0.0).sqrt()
}

/// Linear infrastructures that are too narrow take the status of their longest neighbour.
fn narrow(shapes: &[Shape], near: &Neighbours, rules: &Rules, verdicts: &mut [Verdict]) {
    let is_narrow =
        |index: usize| shapes[index].couple.linear() && near.width(shapes, index, rules) < rules.width - 1e-6;
    let narrow: Vec<usize> = (0..shapes.len()).filter(|&index| is_narrow(index)).collect();
    let before: Vec<Option<bool>> = verdicts.iter().map(|verdict| verdict.threshold).collect();
    for &index in &narrow {
        let sides = near.of(index).filter(|(other, _)| narrow.binary_search(other).is_err());
        let mut lengths = [0.0; 2];
        for (other, length) in sides {
            if let Some(status) = before[other] {
                lengths[usize::from(status)] += length;
            }
        }
        if lengths[0] + lengths[1] > 0.0 {
            verdicts[index].threshold = Some(lengths[1] > lengths[0]);
            verdicts[index].motif = Motif::Width;
        }
    }
}

/// What keeps its status whatever the zone: buildings and linear infrastructures large enough.
fn kept(shapes: &[Shape], near: &Neighbours, rules: &Rules, verdicts: &[Verdict]) -> Vec<Option<Motif>> {
    let group = |index: usize| shapes[index].couple.built().then_some(true);
    let zones = Zones::new(shapes, near, rules, group);
    let judge = |index: usize| {
        let shape = &shapes[index];
        if shape.couple.built() {
            let zone = zones.of[index];
            let area = zones.area[zone] + rules.margin(zones.perimeter[zone]);
            let enough = area >= rules.building - ROUNDING;
            enough.then_some(Motif::Building)
        } else {
            let linear = shape.couple.linear() && verdicts[index].threshold == Some(true);
            let wide = near.width(shapes, index, rules) >= rules.width - 1e-6;
            (linear && wide && verdicts[index].motif != Motif::Width).then_some(Motif::Width)
        }
    };
    (0..shapes.len()).map(judge).collect()
}

/// Turns the small enclosed zones of one status.
fn turn(
    artificial: bool,
    shapes: &[Shape],
    near: &Neighbours,
    kept: &[Option<Motif>],
    rules: &Rules,
    verdicts: &mut [Verdict],
) {
    let before: Vec<Option<bool>> = verdicts.iter().map(|verdict| verdict.threshold).collect();
    let zones = Zones::new(shapes, near, rules, |index| before[index].filter(|status| *status == artificial));
    let (mut outer, mut other) = (vec![0.0; shapes.len()], vec![0.0; shapes.len()]);
    let mut forced = vec![false; shapes.len()];
    for (index, kept) in kept.iter().enumerate() {
        let zone = zones.of[index];
        forced[zone] |= *kept == Some(Motif::Building);
        outer[zone] += near.open[index];
        for (neighbour, length) in near.of(index).filter(|(neighbour, _)| zones.of[*neighbour] != zone) {
            outer[zone] += length;
            other[zone] += if before[neighbour] == Some(!artificial) { length } else { 0.0 };
        }
    }
    for index in (0..shapes.len()).filter(|&index| before[index] == Some(artificial)) {
        let zone = zones.of[index];
        let small = zones.area[zone] + rules.margin(outer[zone]) < rules.zone - ROUNDING;
        if !small || other[zone] <= 0.0 || other[zone] < rules.enclosed * outer[zone] - GAP {
            continue;
        }
        let holds = artificial.then(|| holds(index, forced[zone], near, kept, rules)).flatten();
        let verdict = &mut verdicts[index];
        verdict.motif = match holds {
            Some(motif) => motif,
            None if artificial && shapes[index].couple.built() => Motif::Building,
            None if artificial => Motif::ToNatural,
            None => Motif::ToArtificial,
        };
        verdict.threshold = Some(artificial == holds.is_some());
    }
}

/// Why a polygon of a small artificialised zone stays so.
fn holds(
    index: usize,
    forced: bool,
    near: &Neighbours,
    kept: &[Option<Motif>],
    rules: &Rules,
) -> Option<Motif> {
    let built = |index: usize| kept[index] == Some(Motif::Building);
    let beside = || near.of(index).any(|(other, length)| length > rules.corner && built(other));
    kept[index].or(match rules.forcing {
        Forcing::None => None,
        Forcing::Adjacent => beside().then_some(Motif::Forced),
        Forcing::Zone => forced.then_some(Motif::Forced),
    })
}

/// What was turned takes the category of the longest neighbour that was not and has its status.
fn categories(near: &Neighbours, verdicts: &mut [Verdict]) {
    let turned: Vec<usize> = (0..verdicts.len())
        .filter(|&index| {
            let Verdict { matrix, threshold, motif, .. } = verdicts[index];
            threshold != matrix && motif != Motif::Trees
        })
        .collect();
    for &index in &turned {
        let wanted = verdicts[index].threshold;
        let mut lengths = [0.0; 11];
        for (other, length) in near.of(index).filter(|(other, _)| turned.binary_search(other).is_err()) {
            let Verdict { threshold, threshold_category, .. } = verdicts[other];
            if let Some(category) = threshold_category.filter(|_| threshold == wanted) {
                lengths[usize::from(category)] += length;
            }
        }
        let best = (1..=10).max_by(|&a, &b| f64::total_cmp(&lengths[a], &lengths[b]).then(b.cmp(&a)));
        let fallback = if wanted == Some(true) { 4 } else { 10 };
        let best = best.filter(|&best| lengths[best] > 0.0).unwrap_or(fallback);
        verdicts[index].threshold_category = Some(best as Category);
    }
}

/// Who borders on whom.
struct Neighbours {
    starts: Vec<usize>,
    all: Vec<(u32, f64)>,
    /// Border with nothing, m.
    open: Vec<f64>,
    perimeter: Vec<f64>,
}

impl Neighbours {
    fn new(count: usize, borders: &[Border]) -> Neighbours {
        let (mut starts, mut open, mut perimeter) = (vec![0; count + 2], vec![0.0; count], vec![0.0; count]);
        let both = |border: &Border| [(border.one, border.other), (border.other, border.one)];
        for border in borders {
            for (own, other) in both(border).into_iter().filter(|(own, _)| *own != NONE) {
                let own = own as usize;
                perimeter[own] += border.length;
                if other == NONE {
                    open[own] += border.length;
                } else {
                    starts[own + 2] += 1;
                }
            }
        }
        for index in 2..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut all = vec![(0, 0.0); starts[starts.len() - 1]];
        for border in borders.iter().filter(|border| border.one != NONE && border.other != NONE) {
            for (own, other) in both(border) {
                let place = &mut starts[own as usize + 1];
                all[*place] = (other, border.length);
                *place += 1;
            }
        }
        Neighbours { starts, all, open, perimeter }
    }

    /// Width of a linear infrastructure.
    fn width(&self, shapes: &[Shape], index: usize, rules: &Rules) -> f64 {
        let perimeter = shapes[index].perimeter.map_or(self.perimeter[index], f64::from);
        width(shapes[index].area + rules.margin(perimeter), perimeter)
    }

    fn of(&self, index: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.all[self.starts[index]..self.starts[index + 1]]
            .iter()
            .map(|(other, length)| (*other as usize, *length))
    }
}

/// Polygons joined by what they have in common.
struct Zones {
    /// The zone of each polygon, as the number of one of its polygons.
    of: Vec<usize>,
    /// Area of each zone, m².
    area: Vec<f64>,
    /// Perimeter of each, m.
    perimeter: Vec<f64>,
}

impl Zones {
    /// Neighbours with the same mark are one zone; those without a mark are alone.
    fn new(
        shapes: &[Shape],
        near: &Neighbours,
        rules: &Rules,
        mark: impl Fn(usize) -> Option<bool>,
    ) -> Zones {
        let mut parent: Vec<usize> = (0..shapes.len()).collect();
        for index in 0..shapes.len() {
            let Some(own) = mark(index) else { continue };
            for (other, length) in near.of(index) {
                if length > rules.corner && mark(other) == Some(own) {
                    let (a, b) = (root(&mut parent, index), root(&mut parent, other));
                    parent[a.max(b)] = a.min(b);
                }
            }
        }
        let of: Vec<usize> = (0..shapes.len()).map(|index| root(&mut parent, index)).collect();
        let (mut area, mut perimeter) = (vec![0.0; shapes.len()], vec![0.0; shapes.len()]);
        for (index, (shape, zone)) in shapes.iter().zip(&of).enumerate() {
            area[*zone] += shape.area;
            let others = near.of(index).filter(|(other, _)| of[*other] != *zone);
            perimeter[*zone] += near.open[index] + others.map(|(_, length)| length).sum::<f64>();
        }
        Zones { of, area, perimeter }
    }
}

fn root(parent: &mut [usize], mut index: usize) -> usize {
    while parent[index] != index {
        parent[index] = parent[parent[index]];
        index = parent[index];
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: (&str, &str) = ("CS2.2.1", "US1.1");
    const YARD: (&str, &str) = ("CS1.1.2.1", "US5");
    const HOUSE: (&str, &str) = ("CS1.1.1.1", "US5");
    const ROAD: (&str, &str) = ("CS1.1.1.2", "US4.1.1");
    const LAWN: (&str, &str) = ("CS2.2.1", "US5");

    fn shape((cover, usage): (&str, &str), area: f64) -> Shape {
        Shape { couple: Couple::parse(Some(cover), Some(usage)), area, trees: None, perimeter: None }
    }

    fn border(one: u32, other: u32, length: f64) -> Border {
        Border { one, other, length }
    }

    /// A polygon in the middle of a large one.
    fn island(inner: Shape, outer: (&str, &str), rules: &Rules) -> Verdict {
        let side = inner.area.sqrt();
        let borders = [border(0, 1, 4.0 * side), border(1, NONE, 4000.0)];
        judge(&[inner, shape(outer, 1e6)], &borders, rules)[0]
    }

    #[test]
    fn zones_turn_below_2500_square_metres() {
        let rules = Rules::default();
        let verdict = island(shape(FIELD, 2499.0), YARD, &rules);
        assert_eq!((verdict.threshold, verdict.motif), (Some(true), Motif::ToArtificial));
        assert_eq!(verdict.threshold_category, Some(3));
        let verdict = island(shape(FIELD, 2500.0), YARD, &rules);
        assert_eq!((verdict.threshold, verdict.motif), (Some(false), Motif::Matrix));
        let verdict = island(shape(YARD, 2499.0), FIELD, &rules);
        assert_eq!((verdict.threshold, verdict.motif), (Some(false), Motif::ToNatural));
        assert_eq!((verdict.matrix, verdict.threshold_category), (Some(true), Some(7)));
        assert_eq!(island(shape(YARD, 2500.0), FIELD, &rules).threshold, Some(true));
    }

    #[test]
    fn buildings_count_from_50_square_metres() {
        let rules = Rules::default();
        let verdict = island(shape(HOUSE, 49.0), FIELD, &rules);
        assert_eq!((verdict.threshold, verdict.motif), (Some(false), Motif::Building));
        let verdict = island(shape(HOUSE, 50.0), FIELD, &rules);
        assert_eq!((verdict.threshold, verdict.motif), (Some(true), Motif::Building));
    }

    #[test]
    fn a_building_in_two_parts_counts_whole() {
        let shapes = [shape(HOUSE, 30.0), shape(HOUSE, 25.0), shape(FIELD, 1e6)];
        let borders = [border(0, 1, 5.0), border(0, 2, 17.0), border(1, 2, 15.0), border(2, NONE, 4000.0)];
        let verdicts = judge(&shapes, &borders, &Rules::default());
        assert_eq!((verdicts[0].threshold, verdicts[1].threshold), (Some(true), Some(true)));
    }

    #[test]
    fn roads_count_from_five_metres() {
        // 1000 m long, in a field.
        for (wide, wanted) in [(4.9, false), (5.0, true)] {
            let shapes = [shape(ROAD, wide * 1000.0), shape(FIELD, 1e6)];
            let borders = [border(0, 1, 2.0 * (1000.0 + wide)), border(1, NONE, 4000.0)];
            let verdict = judge(&shapes, &borders, &Rules::default())[0];
            assert_eq!((verdict.threshold, verdict.matrix), (Some(wanted), Some(true)), "{wide} m");
        }
        // A short one is kept by its width.
        let shapes = [shape(ROAD, 500.0), shape(FIELD, 1e6)];
        let borders = [border(0, 1, 210.0), border(1, NONE, 4000.0)];
        let verdict = judge(&shapes, &borders, &Rules::default())[0];
        assert_eq!((verdict.threshold, verdict.motif), (Some(true), Motif::Width));
    }

    #[test]
    fn herbs_are_wood_from_a_quarter_under_trees() {
        let rules = Rules::default();
        for (trees, wanted) in [(24.9, true), (25.0, false)] {
            let lawn = Shape { trees: Some(trees), ..shape(LAWN, 9000.0) };
            assert_eq!(island(lawn, FIELD, &rules).threshold, Some(wanted), "{trees} %");
            let wood = Shape { trees: Some(trees), ..shape(("CS2.1.1.1", "US5"), 9000.0) };
            assert_eq!(island(wood, FIELD, &rules).threshold, Some(wanted), "{trees} %");
        }
        let wood = Shape { trees: Some(3.0), ..shape(("CS2.1.1.1", "US1.2"), 9000.0) };
        assert_eq!(island(wood, YARD, &rules).threshold, Some(false), "no garden");
    }

    #[test]
    fn buildings_force_as_far_as_is_asked() {
        // A house, a yard beside it, a yard beyond, in a field: 1,100 m² in all.
        let shapes = [shape(HOUSE, 100.0), shape(YARD, 500.0), shape(YARD, 500.0), shape(FIELD, 1e6)];
        let borders = [
            border(0, 1, 10.0),
            border(1, 2, 20.0),
            border(0, 3, 30.0),
            border(1, 3, 60.0),
            border(2, 3, 70.0),
            border(3, NONE, 4000.0),
        ];
        for (forcing, wanted) in [
            (Forcing::None, [true, false, false]),
            (Forcing::Adjacent, [true, true, false]),
            (Forcing::Zone, [true, true, true]),
        ] {
            let verdicts = judge(&shapes, &borders, &Rules { forcing, ..Rules::default() });
            let found: Vec<bool> = verdicts.iter().take(3).filter_map(|verdict| verdict.threshold).collect();
            assert_eq!(found, wanted, "{forcing:?}");
        }
    }

    #[test]
    fn what_lies_at_the_border_of_the_data_is_not_enclosed() {
        let shapes = [shape(YARD, 1000.0), shape(FIELD, 1e6)];
        let borders = [border(0, 1, 90.0), border(0, NONE, 40.0), border(1, NONE, 4000.0)];
        assert_eq!(judge(&shapes, &borders, &Rules::default())[0].threshold, Some(true));
        let half = Rules { enclosed: 0.5, ..Rules::default() };
        assert_eq!(judge(&shapes, &borders, &half)[0].threshold, Some(false));
    }

    #[test]
    fn the_order_decides_where_each_is_within_the_other() {
        // A field of 1,000 m² in a yard ring of 2,000 m² in a large field.
        let shapes = [shape(FIELD, 1000.0), shape(YARD, 2000.0), shape(FIELD, 1e6)];
        let borders = [border(0, 1, 130.0), border(1, 2, 220.0), border(2, NONE, 4000.0)];
        let first = judge(&shapes, &borders, &Rules::default());
        assert_eq!((first[0].threshold, first[1].threshold), (Some(false), Some(false)));
        let other = Rules { order: Order::NaturalFirst, ..Rules::default() };
        let second = judge(&shapes, &borders, &other);
        assert_eq!((second[0].threshold, second[1].threshold), (Some(true), Some(true)));
    }

    #[test]
    fn the_width_of_a_rectangle_is_exact() {
        assert!((width(5.0 * 200.0, 410.0) - 5.0).abs() < 1e-12);
        assert!((width(100.0, 40.0) - 10.0).abs() < 1e-12);
    }
}
