//! Small scenes whose cover is known.

use super::*;
use crate::unit::Metres;

const FRAME: Frame = Frame { west: 0.0, north: 40.0, cell: Metres(1.0), rows: 40, cols: 40 };

/// Reference brightness of the scenes.
const BRIGHT: f32 = 1500.0;

fn ground(relative: f32, returns: u16) -> Seen {
    let ballot = Ballot::new(&BRIGHTNESS, BRIGHT, 0.0);
    let mut seen = Seen::default();
    seen.counts[Kind::Ground as usize] = returns;
    let votes = ballot.of(relative * BRIGHT).map(|vote| u32::from(vote) * u32::from(returns));
    seen.votes = votes;
    seen
}

fn scene(of: impl Fn(usize, usize) -> Seen) -> Grid<Seen> {
    Grid::new(FRAME, (0..FRAME.len()).map(|at| of(at / 40, at % 40)).collect())
}

fn bare(seen: &Grid<Seen>) -> Grid<[f32; 2]> {
    Grid::filled(*seen.frame(), [0.0; 2])
}

fn decide_all(seen: &Grid<Seen>, leaves: &Grid<[f32; 2]>) -> Grid<Decision> {
    decide(&Known { seen, leaves, pixels: None, drawn: None }, &FRAME)
}

#[test]
fn each_material_is_told_by_its_brightness() {
    for (relative, expected) in [
        (0.30, class::SEALED),
        (0.63, class::SEALED),
        (0.51, class::BARE),
        (0.75, class::MINERAL),
        (0.97, class::HERBACEOUS),
    ] {
        let seen = scene(|_, _| ground(relative, 20));
        let decision = decide_all(&seen, &bare(&seen)).at(20, 20);
        assert_eq!(decision.class, expected, "{relative}");
        assert!(decision.sure > 0.5, "{relative}: {}", decision.sure);
    }
}

#[test]
fn a_cell_that_is_half_road_and_half_lawn_is_no_third_material() {
    let mixed = |col: usize| match col {
        0..20 => ground(0.31, 20),
        20 => {
            let (road, lawn) = (ground(0.31, 11), ground(0.95, 9));
            let mut both = ground(0.31, 20);
            for (sum, (a, b)) in both.votes.iter_mut().zip(road.votes.iter().zip(lawn.votes)) {
                *sum = a + b;
            }
            both
        }
        _ => ground(0.95, 20),
    };
    let seen = scene(|_, col| mixed(col));
    let decided = decide_all(&seen, &bare(&seen));
    let classes: Vec<u8> = (18..23).map(|col| decided.at(20, col).class).collect();
    assert!([class::SEALED, class::HERBACEOUS].contains(&classes[2]), "{classes:?}");
    assert_eq!((classes[1], classes[3]), (class::SEALED, class::HERBACEOUS));
    assert!(decided.at(20, 20).sure < decided.at(20, 5).sure, "an edge is less sure");
}

#[test]
fn under_a_tree_without_ground_returns_the_neighbours_speak() {
    let seen = scene(|row, col| {
        let mut seen = ground(if col < 20 { 0.31 } else { 0.95 }, 20);
        if (10..14).contains(&row) {
            seen = Seen::default();
            seen.counts[Kind::Leaves as usize] = 10;
        }
        seen
    });
    let leaves = Grid::new(
        FRAME,
        (0..FRAME.len())
            .map(|at| if (10..14).contains(&(at / 40)) { [0.0, 1.0] } else { [0.0; 2] })
            .collect(),
    );
    let decided = decide_all(&seen, &leaves);
    assert_eq!(decided.at(12, 5).class, class::TREE_SEALED);
    assert_eq!(decided.at(12, 35).class, class::TREE_PERMEABLE);
}

#[test]
fn a_void_is_water_beside_water_and_unknown_elsewhere() {
    let wet = |with_water: bool| {
        let seen = scene(|row, col| {
            let mut seen = Seen::default();
            if !(10..30).contains(&col) {
                seen = ground(0.95, 20);
            } else if with_water && row == 20 && col == 20 {
                seen.counts[Kind::Water as usize] = 3;
            }
            seen
        });
        decide_all(&seen, &bare(&seen)).at(22, 15).class
    };
    assert_eq!(wet(true), class::WATER);
    assert_eq!(wet(false), class::UNKNOWN);
}

#[test]
fn a_part_has_the_cells_of_the_whole() {
    let seen = scene(|row, col| ground(0.3 + 0.1 * ((row * 7 + col * 3) % 8) as f32, (row * col % 9) as u16));
    let leaves = bare(&seen);
    let whole = decide_all(&seen, &leaves);
    let part = Frame { west: 18.0, north: 22.0, rows: 4, cols: 5, ..FRAME };
    let around = part.padded(RING);
    let (seen, leaves) = (seen.cropped(&around), leaves.cropped(&around));
    let alone = decide(&Known { seen: &seen, leaves: &leaves, pixels: None, drawn: None }, &part);
    assert_eq!(alone, whole.cropped(&part));
}

/// Pale concrete is as bright as grass: however bright, the image decides, and grey is no grass.
#[test]
fn green_pixels_make_grass_of_what_is_as_bright_as_concrete() {
    let ballot = Ballot::new(&GREENNESS, 1.0, 0.07);
    for bright in [0.86, 0.95, 1.05] {
        let seen = scene(|_, _| ground(bright, 25));
        let leaves = bare(&seen);
        let class_of = |ndvi: f32| {
            let votes = ballot.of(ndvi).map(|vote| u32::from(vote) * 25);
            let greenness = ndvi - 0.07;
            let pixels = Pixels { count: 25, dark: 0, votes, greenness, light: 1.0, tint: 0.0 };
            let pixels = Grid::filled(FRAME, pixels);
            let known = Known { seen: &seen, leaves: &leaves, pixels: Some(&pixels), drawn: None };
            decide(&known, &FRAME).at(20, 20)
        };
        assert_eq!(class_of(0.25).class, class::HERBACEOUS, "{bright}");
        assert_ne!(class_of(-0.12).class, class::HERBACEOUS, "{bright}");
    }
}
