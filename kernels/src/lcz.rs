//! Local climate zones: seventeen kinds of place, from what is built and what grows there.
//!
//! In: the indicators of a place, shares of its area from 0 to 1, metres. Out: its zone, the next one, and how sure that
//! is. Rules come first, then distances to the ranges of the zones:
//!
//! ```text
//!   building < 0.1 and H/W < 0.1 ── rural: paved E, bare F, water G, trees A (≥ 3/4), bushes C, some trees B, else D
//!   uses are known ── heavy industry > 0.33: 10; shops and workshops > 0.33, low, bare, open: 8
//!   else ── the nearest ranges: D² = Σ wᵢ (distance of indicator i to the range / σᵢ)²
//! ```
//!
//! σᵢ is the deviation (population) of all finite bounds of the zones 1 to 7 and 9. Where no uses are known, zone 8 is
//! among the candidates: its ranges (low, wide, open) then decide. Zone 1 asks for ten levels and more.
//!
//! Sources: Stewart & Oke 2012, 10.1175/BAMS-D-11-00019.1 (zones, ranges); Bernard et al. 2018, 10.3390/cli6030060, and
//! GeoClimate (rules, weights, uniqueness; implemented from its documents). C and F are ours: GeoClimate never gives them.
//! **Traps:** the impervious columns of LCZ4r repeat its building columns; E has 0.9–1 impervious in Stewart & Oke,
//! 0–0.1 in a comment of GeoClimate. GeoClimate's uniqueness of B takes 0.35 for the middle of 0.05–0.75; it is
//! kept, so that both can be compared. Fails where: two zones overlap (their ranges do); uniqueness says it. Cost: 0.2 µs.

/// A zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Zone {
    /// 1
    CompactHighRise = 1,
    /// 2
    CompactMidRise,
    /// 3
    CompactLowRise,
    /// 4
    OpenHighRise,
    /// 5
    OpenMidRise,
    /// 6
    OpenLowRise,
    /// 7
    LightweightLowRise,
    /// 8
    LargeLowRise,
    /// 9
    SparselyBuilt,
    /// 10
    HeavyIndustry,
    /// A
    DenseTrees,
    /// B
    ScatteredTrees,
    /// C
    Bush,
    /// D
    LowPlants,
    /// E
    Paved,
    /// F
    BareSoil,
    /// G
    Water,
}

impl Zone {
    /// All, in the order of their codes.
    pub const ALL: [Zone; 17] = [
        Zone::CompactHighRise,
        Zone::CompactMidRise,
        Zone::CompactLowRise,
        Zone::OpenHighRise,
        Zone::OpenMidRise,
        Zone::OpenLowRise,
        Zone::LightweightLowRise,
        Zone::LargeLowRise,
        Zone::SparselyBuilt,
        Zone::HeavyIndustry,
        Zone::DenseTrees,
        Zone::ScatteredTrees,
        Zone::Bush,
        Zone::LowPlants,
        Zone::Paved,
        Zone::BareSoil,
        Zone::Water,
    ];

    /// 1 to 17, as WUDAPT's rasters have it: A is 11, G is 17.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// `1` to `10`, `A` to `G`.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 17] =
            ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "A", "B", "C", "D", "E", "F", "G"];
        NAMES[self as usize - 1]
    }
}

/// Lowest and highest value of an indicator; infinite where the range is open.
pub type Range = (f64, f64);

/// Number of the indicators that have ranges.
pub const INDICATORS: usize = 7;

const OPEN: f64 = f64::INFINITY;

/// Sky view factor, H/W, building, impervious and pervious share, height (m) and roughness length (m) of each zone, in
/// the order of [`Zone::ALL`]: Stewart & Oke 2012, tables 3 and 5, the roughness classes as lengths after GeoClimate.
pub const RANGES: [[Range; INDICATORS]; 17] = [
    [(0.2, 0.4), (2.0, OPEN), (0.4, 0.6), (0.4, 0.6), (0.0, 0.1), (25.0, OPEN), (1.5, OPEN)],
    [(0.3, 0.6), (0.8, 2.0), (0.4, 0.7), (0.3, 0.5), (0.0, 0.2), (10.0, 25.0), (0.375, 1.5)],
    [(0.2, 0.6), (0.8, 1.5), (0.4, 0.7), (0.2, 0.5), (0.0, 0.3), (3.0, 10.0), (0.375, 0.75)],
    [(0.5, 0.7), (0.8, 1.3), (0.2, 0.4), (0.3, 0.4), (0.3, 0.4), (25.0, OPEN), (0.75, OPEN)],
    [(0.5, 0.8), (0.3, 0.8), (0.2, 0.4), (0.3, 0.5), (0.2, 0.4), (10.0, 25.0), (0.175, 0.75)],
    [(0.6, 0.9), (0.3, 0.8), (0.2, 0.4), (0.2, 0.5), (0.3, 0.6), (3.0, 10.0), (0.175, 0.75)],
    [(0.2, 0.5), (1.0, 2.0), (0.6, 0.9), (0.0, 0.2), (0.0, 0.3), (2.0, 4.0), (0.175, 0.375)],
    [(0.7, 1.0), (0.1, 0.3), (0.3, 0.5), (0.4, 0.5), (0.0, 0.2), (3.0, 10.0), (0.175, 0.375)],
    [(0.8, 1.0), (0.1, 0.3), (0.1, 0.2), (0.0, 0.2), (0.6, 0.8), (3.0, 10.0), (0.175, 0.75)],
    [(0.6, 0.9), (0.2, 0.5), (0.2, 0.3), (0.2, 0.4), (0.4, 0.5), (5.0, 15.0), (0.175, 0.75)],
    [(0.0, 0.4), (1.0, OPEN), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (3.0, 30.0), (1.5, OPEN)],
    [(0.5, 0.8), (0.3, 0.8), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (3.0, 15.0), (0.175, 0.75)],
    [(0.7, 0.9), (0.3, 1.0), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (0.0, 2.0), (0.065, 0.375)],
    [(0.9, 1.0), (0.0, 0.1), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (0.0, 1.0), (0.01525, 0.175)],
    [(0.9, 1.0), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (0.0, 0.1), (0.0, 0.3), (0.0, 0.01525)],
    [(0.9, 1.0), (0.0, 0.1), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (0.0, 0.3), (0.0, 0.01525)],
    [(0.9, 1.0), (0.0, 0.1), (0.0, 0.1), (0.0, 0.1), (0.9, 1.0), (0.0, 0.0), (0.0, 0.00035)],
];

/// Of rural places: less building and less H/W than this.
const RURAL: f64 = 0.1;
/// High vegetation of the land that is neither water nor sealed: from here on scattered, from there on dense trees.
const TREES: (f64, f64) = (0.05, 0.75);
/// Bushes of the same land: from here on, where they are more than the trees, bush.
const BUSHES: f64 = 0.3;
/// Water from here on is a water zone.
const WATER: f64 = 0.31;
/// Share of the buildings' area from which on a use decides.
const USE: f64 = 0.33;
/// Zone 1 has at least so many levels.
const HIGH_RISE_LEVELS: f64 = 10.0;

/// What a place is used for: shares of the area of its buildings.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Uses {
    /// Heavy industry.
    pub heavy_industry: f64,
    /// Shops, services, warehouses, light industry.
    pub low_rise_trade: f64,
    /// Housing.
    pub residential: f64,
}

/// What is known of a place. Shares are of its area.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Indicators {
    /// Mean sky view factor (cosine-weighted) of the ground, buildings only.
    pub sky_view: Option<f64>,
    /// Height to width of its streets; unknown where all is built.
    pub aspect_ratio: Option<f64>,
    /// Under buildings.
    pub building: f64,
    /// Sealed, buildings apart.
    pub impervious: f64,
    /// Neither.
    pub pervious: f64,
    /// Geometric mean height of the buildings.
    pub height: Option<f64>,
    /// Roughness length.
    pub roughness: Option<f64>,
    /// Trees.
    pub high_vegetation: f64,
    /// Grass, crops and bushes.
    pub low_vegetation: f64,
    /// Of these, bushes of 0.5 to 3 m.
    pub bushes: f64,
    /// Gravel, rock, ballast: part of the pervious share.
    pub mineral: f64,
    /// Bare soil, sand: part of the pervious share.
    pub bare_soil: f64,
    /// Water: part of the pervious share.
    pub water: f64,
    /// Mean number of levels, weighted by area.
    pub levels: Option<f64>,
    /// What the buildings are used for, where it is known.
    pub uses: Option<Uses>,
}

/// Weights of the indicators, in the order of [`RANGES`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights(pub [f64; INDICATORS]);

impl Default for Weights {
    /// GeoClimate's: what is measured best counts most; what is sealed is left to the rules.
    fn default() -> Weights {
        Weights([4.0, 3.0, 8.0, 0.0, 0.0, 6.0, 0.5])
    }
}

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Its zone.
    pub zone: Zone,
    /// The next one; none where a rule decided.
    pub second: Option<Zone>,
    /// 0 (the second fits as well) to 1 (no other comes near).
    pub uniqueness: f64,
    /// Distance to the ranges of the zone; none where a rule decided.
    pub distance: Option<f64>,
}

/// The zone of a place.
pub fn classify(place: &Indicators, weights: &Weights) -> Verdict {
    let by_rule = |(zone, uniqueness): (Zone, f64)| Verdict {
        zone,
        second: None,
        uniqueness: f64::clamp(uniqueness, 0.0, 1.0),
        distance: None,
    };
    if let Some(aspect) = place.aspect_ratio.filter(|aspect| *aspect < RURAL && place.building < RURAL) {
        return by_rule(rural(place, aspect));
    }
    match place.uses.and_then(|uses| by_use(place, &uses)) {
        Some(found) => by_rule(found),
        None => nearest(place, weights),
    }
}

/// A place without streets: its zone and uniqueness.
fn rural(place: &Indicators, aspect: f64) -> (Zone, f64) {
    let vegetation = place.low_vegetation + place.high_vegetation;
    let paved = place.impervious + place.mineral;
    let open = 0.25 * (RURAL - place.building) / RURAL + 0.25 * (RURAL - aspect) / RURAL;
    let sure = |share: f64| open + 0.5 * (share - RURAL) / (1.0 - RURAL);
    let (bare, water) = (place.bare_soil, place.water);
    if paved > RURAL && paved > vegetation && paved > water && paved >= bare {
        return (Zone::Paved, sure(paved));
    }
    if bare > RURAL && bare > vegetation && bare > water {
        return (Zone::BareSoil, sure(bare));
    }
    if vegetation <= water && water > WATER {
        return (Zone::Water, sure(water));
    }
    let land = 1.0 - place.impervious - water - place.building;
    let of_land = |share: f64| if land > 1e-9 { (share / land).min(1.0) } else { 0.0 };
    let (trees, bushes) = (of_land(place.high_vegetation), of_land(place.bushes));
    if trees >= TREES.1 {
        (Zone::DenseTrees, sure(place.high_vegetation))
    } else if bushes >= BUSHES && bushes > trees {
        (Zone::Bush, sure(place.bushes))
    } else if trees >= TREES.0 {
        let half = (TREES.1 - TREES.0) / 2.0;
        let vegetated = 0.25 * (vegetation - RURAL) / (1.0 - RURAL);
        (Zone::ScatteredTrees, open + vegetated + 0.25 * (half - (trees - half).abs()) / half)
    } else {
        (Zone::LowPlants, sure(place.low_vegetation))
    }
}

/// What the uses of buildings say.
fn by_use(place: &Indicators, uses: &Uses) -> Option<(Zone, f64)> {
    let sure = |share: f64| (share - USE) / (1.0 - USE);
    let Uses { heavy_industry, low_rise_trade, residential } = *uses;
    if heavy_industry > low_rise_trade && heavy_industry > USE {
        return Some((Zone::HeavyIndustry, sure(heavy_industry)));
    }
    let large = low_rise_trade > residential && low_rise_trade > USE;
    let low = place.levels.is_some_and(|levels| levels < 3.0);
    let bare = place.low_vegetation + place.high_vegetation < 0.2;
    let open = place.sky_view.is_some_and(|sky| sky > 0.7);
    (large && low && bare && open).then(|| (Zone::LargeLowRise, sure(low_rise_trade)))
}

/// The zone whose ranges are nearest; of equals the one of the lower number.
fn nearest(place: &Indicators, weights: &Weights) -> Verdict {
    let not_high = place.levels.is_some_and(|levels| levels < HIGH_RISE_LEVELS);
    let candidate = |zone: &Zone| match zone {
        Zone::CompactHighRise => !not_high,
        Zone::LargeLowRise => place.uses.is_none(),
        zone => *zone < Zone::HeavyIndustry,
    };
    let deviations = deviations();
    let mut far: Vec<(f64, Zone)> = Zone::ALL
        .into_iter()
        .filter(candidate)
        .map(|zone| (distance(place, zone, weights, &deviations), zone))
        .collect();
    far.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let ((first, zone), (second, next)) = (far[0], far[1]);
    let uniqueness = if first + second > 0.0 { (second - first) / (first + second) } else { 0.0 };
    Verdict { zone, second: Some(next), uniqueness, distance: Some(first) }
}

/// Weighted distance of a place to the ranges of a zone; what is unknown counts for no zone.
fn distance(place: &Indicators, zone: Zone, weights: &Weights, deviations: &[f64; INDICATORS]) -> f64 {
    let values = [
        place.sky_view,
        place.aspect_ratio,
        Some(place.building),
        Some(place.impervious),
        Some(place.pervious),
        place.height,
        place.roughness,
    ];
    let ranges = &RANGES[zone as usize - 1];
    let mut sum = 0.0;
    for (index, value) in values.into_iter().enumerate() {
        let Some(value) = value else { continue };
        let (low, high) = ranges[index];
        let outside = (low - value).max(value - high).max(0.0) / deviations[index];
        sum += weights.0[index] * outside * outside;
    }
    f64::sqrt(sum)
}

/// Deviations of the finite bounds of the zones 1 to 7 and 9.
fn deviations() -> [f64; INDICATORS] {
    std::array::from_fn(|indicator| {
        let built = RANGES[..9].iter().enumerate().filter(|(index, _)| *index != 7);
        let bounds = built.flat_map(|(_, ranges)| [ranges[indicator].0, ranges[indicator].1]);
        let bounds: Vec<f64> = bounds.filter(|bound| bound.is_finite()).collect();
        let count = bounds.len() as f64;
        let mean = bounds.iter().sum::<f64>() / count;
        (bounds.iter().map(|bound| (bound - mean) * (bound - mean)).sum::<f64>() / count).sqrt()
    })
}

#[cfg(test)]
mod tests;
