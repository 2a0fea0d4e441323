//! Against balances known by hand, closed forms, tiles and vector widths.

use super::*;

const FRAME: Frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: 81, cols: 81 };

fn hour(altitude: f64) -> Hour {
    let lit = altitude > 0.0;
    Hour {
        air: Air { temperature: 30.0, humidity: 40.0, wind: 2.0 },
        radiation: if lit {
            Radiation { global: 800.0, direct: 800.0, diffuse: 100.0 }
        } else {
            Radiation::default()
        },
        clearness: 1.0,
        sun: Sun { azimuth: Degrees(180.0), altitude: Degrees(altitude) },
        noon: Degrees(60.0),
        solar: (12.0, 5.0),
    }
}

fn surface(height: impl Fn(usize, usize) -> f32) -> Grid<f32> {
    Grid::new(FRAME, (0..FRAME.len()).map(|i| height(i / FRAME.cols, i % FRAME.cols)).collect())
}

fn radiant(surface: &Grid<f32>, lit: f32, hour: &Hour, material: Material) -> Grid<f32> {
    let around = Surroundings::of(surface, None, &FRAME, &SkyParams::default());
    let (lit, cover) = (Grid::filled(FRAME, lit), Grid::filled(FRAME, 0));
    let place = Place { surface, lit: &lit, cover: &cover, materials: &[material], transmissivity: 0.03 };
    mean_radiant_temperature(&around, &place, hour)
}

/// On a plain all shares are known: the balance is written out.
#[test]
fn an_open_plain_has_the_balance_of_its_fluxes() {
    let plain = surface(|_, _| 5.0);
    let hour = hour(60.0);
    let own = f64::from(radiant(&plain, 1.0, &hour, SEALED).at(40, 40));
    let kelvin: f64 = 303.15;
    let vapour = 0.4 * 6.107 * 10.0_f64.powf(7.5 * 30.0 / 267.3);
    let water = 46.5 * vapour / kelvin;
    let sky = 5.67051e-8 * kelvin.powi(4) * (1.0 - (1.0 + water) * (-(1.2 + 3.0 * water).sqrt()).exp());
    let down = 800.0 * 60.0_f64.to_radians().sin() + 100.0;
    let warmer = (0.58 * 60.0 - 9.78) * (7.0 / 10.0 * std::f64::consts::FRAC_PI_2).sin();
    let clear = (1.0 + 1.0 - (0.1473 * 60.0_f64.ln() + 0.3454)).min(1.0);
    let ground = 0.95 * 5.67051e-8 * (kelvin + warmer * clear).powi(4) + 0.05 * sky;
    let short = 800.0 * 60.0_f64.to_radians().cos() * 0.28
        + (down + 0.18 * down) * 0.06
        + 0.88 * (50.0 + 0.5 * 0.18 * down);
    let long = (sky + ground) * 0.06 + 0.88 * (0.5 * sky + 0.5 * ground);
    let expected = ((0.7 * short + 0.97 * long) / (0.97 * 5.67051e-8)).powf(0.25) - 273.15;
    assert!((own - expected).abs() < 0.01, "{own}, not {expected}");
    assert!((50.0..70.0).contains(&own), "a summer noon on asphalt: {own}");
}

#[test]
fn at_night_a_court_is_warmer_than_a_plain() {
    let plain = surface(|_, _| 0.0);
    let court =
        surface(|row, col| if (row as f32 - 40.0).hypot(col as f32 - 40.0) > 8.0 { 15.0 } else { 0.0 });
    let night = hour(-20.0);
    let (open, shut) = (radiant(&plain, 0.0, &night, SEALED), radiant(&court, 0.0, &night, SEALED));
    let (open, shut) = (open.at(40, 40), shut.at(40, 40));
    assert!(open < 26.0 && shut > open + 3.0 && shut < 30.0, "plain {open}, court {shut}");
}

#[test]
fn shade_and_grass_are_cooler_than_asphalt_in_the_sun() {
    let plain = surface(|_, _| 0.0);
    let noon = hour(60.0);
    let asphalt = radiant(&plain, 1.0, &noon, SEALED).at(40, 40);
    let grass = radiant(&plain, 1.0, &noon, GRASS).at(40, 40);
    let shade = radiant(&plain, 0.0, &noon, SEALED).at(40, 40);
    assert!(grass < asphalt - 2.0 && shade < asphalt - 15.0, "{asphalt} {grass} {shade}");
}

/// The walls north of a street that runs from west to east face the sun.
#[test]
fn walls_that_face_the_sun_are_lit() {
    let wall = |north: bool| {
        surface(move |row, _| if (row < 36) == north && !(36..=44).contains(&row) { 12.0 } else { 0.0 })
    };
    let noon = hour(40.0);
    let behind = radiant(&wall(true), 1.0, &noon, SEALED).at(40, 40);
    let before = radiant(&wall(false), 1.0, &noon, SEALED).at(40, 40);
    assert!(behind > before + 1.0, "lit wall {behind}, wall in the shade {before}");
}

#[test]
fn all_that_is_seen_adds_up() {
    let street = surface(|_, col| if col.abs_diff(40) > 7 { 14.0 } else { 0.0 });
    let around = Surroundings::of(&street, None, &FRAME, &SkyParams::default());
    let sky = crate::sky::sky_view(&street, &FRAME, &SkyParams::default()).cosine_weighted;
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
    assert!(around.sky.cells().iter().zip(sky.cells()).all(close));
    let weights: f32 = side_weights().iter().sum();
    assert!((weights - 0.5).abs() < 1e-6);
    for slope in [0.0_f32, 0.1, 0.7, 1.0, 1.3, 8.0, 500.0] {
        assert!((arc_tangent(slope) - slope.atan()).abs() < 2e-5, "{slope}");
    }
    assert!(around.walls.cells().iter().all(|walls| (0.0..=0.5).contains(walls)));
}

#[test]
fn tiles_and_widths_have_the_cells_of_the_whole() {
    let town = surface(|row, col| if row % 17 > 9 && col % 23 > 11 { 3.0 + (col % 7) as f32 } else { 0.0 });
    let tree = |height: f32| surface(|row, col| if (row * 5 + col * 3) % 31 < 4 { height } else { f32::NAN });
    let (tops, bases) = (tree(9.0), tree(2.5));
    let params = SkyParams::new(32, Metres(20.0)).unwrap();
    let bits = |grid: &Grid<f32>| grid.cells().iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
    let lit = surface(|row, col| if (row + col) % 5 < 2 { 1.0 } else { 0.03 });
    let run = |arch: pulp::Arch, around: &Frame, core: &Frame| {
        let (surface, lit) = (town.cropped(around), lit.cropped(around));
        let (tops, bases) = (tops.cropped(around), bases.cropped(around));
        let crowns = Crowns { tops: &tops, bases: &bases };
        let seen = Surroundings::by(arch, &surface, Some(&crowns), core, &params);
        let cover = Grid::filled(*core, 1);
        let materials = [SEALED, GRASS];
        let place = Place {
            surface: &surface,
            lit: &lit,
            cover: &cover,
            materials: &materials,
            transmissivity: 0.03,
        };
        mean_radiant_temperature(&seen, &place, &hour(50.0))
    };
    let whole = run(pulp::Arch::new(), &FRAME, &FRAME);
    assert_eq!(bits(&run(pulp::Arch::Scalar, &FRAME, &FRAME)), bits(&whole));
    for (row, col, rows, cols) in [(0, 0, 37, 44), (37, 44, 44, 37)] {
        let core = Frame { west: col as f64, north: -(row as f64), rows, cols, ..FRAME };
        let around = FRAME.intersection(&core.padded(20));
        assert_eq!(bits(&run(pulp::Arch::new(), &around, &core)), bits(&whole.cropped(&core)));
    }
}
