//! The twenty rows that GeoClimate's authors test with, and the two zones that GeoClimate never gives.

use super::*;

/// Rows of `data_for_tests.sql` of GeoClimate: sky view, H/W, building, impervious, pervious, height, roughness, high and
/// low vegetation, water, heavy industry, commercial, residential, levels, light industry. The sealed share without
/// streets and the ground's sky view are columns that no rule reads apart from row 19 (below).
type Row = [f64; 15];

/// No value.
const NONE: f64 = f64::NAN;

#[rustfmt::skip]
const ROWS: [Row; 20] = [
    [0.3, 4.0, 0.5, 0.5, 0.05, 30.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.7, 11.2, 0.0],
    [0.9, 0.4, 0.4, 0.45, 0.1, 5.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.1, 0.9, NONE, 0.3],
    [0.9, 0.08, 0.09, 0.1, 0.9, 30.0, 3.0, 0.2, 0.2, 0.5, 0.0, 0.0, 1.0, 5.1, 0.0],
    [1.0, 0.0, 0.0, 0.1, 0.9, 5.5, 0.25, 0.2, 0.6, 0.2, 0.0, 0.0, 1.0, 6.4, 0.0],
    [0.95, 0.08, 0.09, 0.1, 0.9, 30.0, 3.0, 0.9, 0.0, 0.0, 0.0, 0.0, 1.0, 1.8, 0.0],
    [1.0, 0.0, 0.0, 0.0, 1.0, 5.5, 0.25, 0.03, 0.6, 0.2, 0.0, 0.0, 1.0, 2.8, 0.0],
    [1.0, 0.0, 0.0, 0.45, 0.3, 5.5, 0.25, 0.05, 0.05, 0.2, 0.0, 0.0, 1.0, 1.9, 0.0],
    [1.0, 0.0, 0.0, 0.0, 0.0, 5.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.3, 0.0],
    [1.0, 0.0, 0.0, 0.22, 0.38, 0.0, 0.19, 0.0, 0.0, 0.19, 0.0, 0.0, 1.0, 5.6, 0.0],
    [1.0, 0.0, 0.0, 0.0, 0.77, 0.0, 0.25, 0.76, 0.01, 0.0, 0.0, 0.0, 1.0, 9.8, 0.0],
    [1.0, 0.0, 0.0, 0.0, 0.12, 0.0, 0.25, 0.12, 0.08, 0.0, 0.0, 0.0, 1.0, 1.8, 0.0],
    [1.0, 0.0, 0.15, 0.0, 0.12, 0.0, 0.25, 0.12, 0.08, 0.0, 0.35, 0.0, 1.0, NONE, 0.0],
    [0.687, 1.111, 0.288, 0.058, 0.103, 5.66, 0.849, 0.116, 0.0, 0.0, NONE, 0.0, 1.0, 2.1, 0.0],
    [0.83, 0.36, 0.21, 0.0, 0.0, 6.44, 0.58, 0.0, 0.0, 0.0, NONE, 0.0, 1.0, 3.3, 0.0],
    [0.701, 1.38, 0.156, 0.0, 0.0, 21.95, 3.0, 0.0, 0.0, 0.0, NONE, 0.0, 1.0, 4.6, 0.0],
    [0.82, 0.56, 0.22, 0.0, 0.0, 5.28, 0.726, 0.0, 0.0, 0.0, NONE, 0.0, 1.0, 7.6, 0.0],
    [0.0, 0.0, 0.0, 0.1, 0.42, 0.0, 0.0, 0.42, 0.0, 0.0, NONE, 0.0, 1.0, 0.8, 0.0],
    [1.0, 0.0, 0.0, 0.0, 0.999, 0.0, 0.0, 0.999, 0.0, 0.999, 0.0, 0.0, 1.0, 2.3, 0.0],
    // Row 19: the version of the data whose uniqueness is 0.08 / 0.67 has no vegetation and no light industry there.
    [0.8, 0.2, 0.4, 0.45, 0.16, 5.0, 0.25, 0.0, 0.0, 0.0, 0.4, 0.41, 0.19, 2.8, 0.0],
    [0.3, 4.0, 0.5, 0.5, 0.05, 30.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.7, 8.8, 0.0],
];

fn known(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

fn row(number: usize) -> Indicators {
    let row = ROWS[number - 1];
    Indicators {
        sky_view: known(row[0]),
        aspect_ratio: known(row[1]),
        building: row[2],
        impervious: row[3],
        pervious: row[4],
        height: known(row[5]),
        roughness: known(row[6]),
        high_vegetation: row[7],
        low_vegetation: row[8],
        water: row[9],
        levels: known(row[13]),
        uses: Some(Uses {
            heavy_industry: known(row[10]).unwrap_or(0.0),
            low_rise_trade: row[11] + row[14],
            residential: row[12],
        }),
        ..Indicators::default()
    }
}

const EVEN: Weights = Weights([1.0; INDICATORS]);

#[test]
fn geoclimates_rows_have_geoclimates_zones() {
    use Zone::*;
    let even = [
        (1, CompactHighRise),
        (2, OpenMidRise),
        (3, Water),
        (4, ScatteredTrees),
        (5, DenseTrees),
        (6, LowPlants),
        (7, Paved),
        (8, LowPlants),
        (9, Paved),
        (10, DenseTrees),
        (11, ScatteredTrees),
        (12, HeavyIndustry),
        (18, Water),
        (19, LargeLowRise),
        (20, OpenHighRise),
    ];
    for (number, zone) in even {
        assert_eq!(classify(&row(number), &EVEN).zone, zone, "row {number}");
    }
    let real =
        [(13, OpenLowRise), (14, OpenLowRise), (15, OpenHighRise), (16, OpenLowRise), (17, ScatteredTrees)];
    for (number, zone) in real {
        assert_eq!(classify(&row(number), &Weights::default()).zone, zone, "row {number}");
    }
    assert_eq!(classify(&row(15), &Weights::default()).second, Some(OpenMidRise));
}

#[test]
fn geoclimates_rows_are_as_sure_as_geoclimate_says() {
    let first = classify(&row(1), &EVEN);
    assert_eq!((first.distance, first.uniqueness), (Some(0.0), 1.0));
    let scattered = 0.25 + 0.25 + 0.25 * 0.7 / 0.9 + 0.25 * 0.2 / 0.7 / 0.35;
    for (number, uniqueness) in [(4, scattered), (19, 0.08 / 0.67)] {
        let verdict = classify(&row(number), &EVEN);
        assert!((verdict.uniqueness - uniqueness).abs() < 1e-12, "row {number}: {}", verdict.uniqueness);
        assert_eq!((verdict.second, verdict.distance), (None, None), "a rule decides row {number}");
    }
    for number in 1..=20 {
        let verdict = classify(&row(number), &EVEN);
        assert!(verdict.second != Some(verdict.zone) && (0.0..=1.0).contains(&verdict.uniqueness));
    }
}

/// The figures of the method's specification, computed apart from this code.
#[test]
fn deviations_are_those_of_the_bounds() {
    let known = [0.24238, 0.62275, 0.21651, 0.17399, 0.23243, 8.87354, 0.43133];
    for (ours, known) in deviations().into_iter().zip(known) {
        assert!((ours - known).abs() < 5e-6, "{ours} {known}");
    }
}

#[test]
fn without_uses_ranges_find_the_large_low_rise() {
    let known = row(2);
    assert_eq!(classify(&known, &EVEN).zone, Zone::OpenMidRise);
    assert_eq!(classify(&Indicators { uses: None, ..known }, &EVEN).zone, Zone::LargeLowRise);
}

#[test]
fn each_rural_cover_has_its_zone() {
    let open =
        Indicators { sky_view: Some(1.0), aspect_ratio: Some(0.0), pervious: 1.0, ..Indicators::default() };
    let zone = |place: Indicators| classify(&place, &Weights::default()).zone;
    assert_eq!(zone(Indicators { low_vegetation: 0.95, bushes: 0.6, ..open }), Zone::Bush);
    assert_eq!(
        zone(Indicators { low_vegetation: 0.6, bushes: 0.4, high_vegetation: 0.4, ..open }),
        Zone::ScatteredTrees
    );
    assert_eq!(zone(Indicators { low_vegetation: 0.3, bare_soil: 0.7, ..open }), Zone::BareSoil);
    assert_eq!(zone(Indicators { low_vegetation: 0.3, mineral: 0.7, ..open }), Zone::Paved);
    assert_eq!(zone(Indicators { low_vegetation: 0.3, water: 0.7, ..open }), Zone::Water);
    assert_eq!(zone(Indicators { low_vegetation: 0.97, high_vegetation: 0.03, ..open }), Zone::LowPlants);
}

#[test]
fn codes_are_wudapts() {
    assert_eq!(Zone::ALL.map(Zone::code), std::array::from_fn(|index| index as u8 + 1));
    assert_eq!((Zone::DenseTrees.code(), Zone::DenseTrees.name(), Zone::Water.name()), (11, "A", "G"));
}
