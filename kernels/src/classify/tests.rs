//! Shapes that are known exactly, scanned with 12 pulses a square metre and the noise of a real scanner, on ground
//! at height 0.

use super::*;
use crate::points::Lattice;

/// Numbers that are the same on every machine, evenly spread over [0, 1).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About normal, of standard deviation 1.
    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }
}

/// A scene: points with their returns and the number of the shape that made them.
struct Scene {
    dice: Dice,
    points: Points,
    number: Vec<u8>,
    count: Vec<u8>,
    height: Vec<f32>,
    shape: Vec<u8>,
}

const PER_SQUARE_METRE: f64 = 12.0;

impl Scene {
    fn new() -> Scene {
        let lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 65_000_000, y0: 686_000_000 };
        let none = || Vec::new();
        let points = Points::empty(lattice);
        Scene { dice: Dice(1), points, number: none(), count: none(), height: Vec::new(), shape: none() }
    }

    fn add(&mut self, shape: u8, (x, y, z): (f64, f64, f64), (number, count): (u8, u8)) {
        let whole = |value: f64| (value * 100.0).round() as i32;
        self.points.x.push(whole(x));
        self.points.y.push(whole(y));
        self.points.z.push(whole(z));
        self.points.class.push(if shape == GROUND { 2 } else { 0 });
        self.number.push(number);
        self.count.push(count);
        self.height.push(whole(z) as f32 / 100.0);
        self.shape.push(shape);
    }

    /// Pulses over a rectangle; `surface` gives the height hit at a place.
    fn scan(
        &mut self,
        shape: u8,
        (west, south, east, north): (f64, f64, f64, f64),
        surface: &dyn Fn(f64, f64) -> f64,
    ) {
        let pulses = ((east - west) * (north - south) * PER_SQUARE_METRE) as usize;
        for _ in 0..pulses {
            let (x, y) =
                (west + (east - west) * self.dice.roll(), south + (north - south) * self.dice.roll());
            let z = surface(x, y) + 0.025 * self.dice.noise();
            self.add(shape, (x, y, z), (1, 1));
        }
    }

    /// A crown: returns inside of an ellipsoid, two or three of a pulse, the upper ones nearer to the top.
    fn crown(&mut self, shape: u8, (x, y): (f64, f64), radius: f64, (base, top): (f64, f64)) {
        let pulses = (std::f64::consts::PI * radius * radius * PER_SQUARE_METRE) as usize;
        for _ in 0..pulses {
            let (angle, out) = (self.dice.roll() * std::f64::consts::TAU, radius * self.dice.roll().sqrt());
            let half = (top - base) / 2.0 * (1.0 - (out / radius).powi(2)).sqrt();
            let count = 2 + u8::from(self.dice.roll() < 0.5);
            for number in 1..=count {
                let depth = (f64::from(number - 1) + self.dice.roll()) / f64::from(count);
                let z = (base + top) / 2.0 + half * (1.0 - 2.0 * depth);
                self.add(shape, (x + out * angle.cos(), y + out * angle.sin(), z), (number, count));
            }
        }
    }

    /// Upright points along a line, from the ground to a height.
    fn face(&mut self, shape: u8, (x0, y0): (f64, f64), (x1, y1): (f64, f64), top: f64) {
        for _ in 0..((x1 - x0).hypot(y1 - y0) * top * 4.0) as usize {
            let (along, z) = (self.dice.roll(), top * self.dice.roll());
            self.add(shape, (x0 + (x1 - x0) * along, y0 + (y1 - y0) * along, z), (1, 1));
        }
    }

    fn classes(&self) -> Vec<u8> {
        let returns = Returns { number: &self.number, count: &self.count };
        let cloud = Cloud { points: &self.points, returns, height: &self.height };
        classify(&cloud, &ClassifyParams::default())
    }

    /// Share of a shape's points with one of some classes.
    fn share(&self, shape: u8, classes: &[u8]) -> f64 {
        let of: Vec<u8> = self
            .classes()
            .into_iter()
            .zip(&self.shape)
            .filter(|pair| *pair.1 == shape)
            .map(|p| p.0)
            .collect();
        of.iter().filter(|class| classes.contains(class)).count() as f64 / of.len() as f64
    }

    /// A house of 10 by 8 m whose roof has its ridge along x, with chimney and façade to the south.
    fn house(&mut self, x: f64, y: f64) {
        let pitched = move |_: f64, at: f64| 6.0 - 0.8 * (at - y - 4.0).abs() + 0.8 * 4.0 - 3.0;
        self.scan(ROOF, (x, y, x + 10.0, y + 8.0), &pitched);
        self.scan(CHIMNEY, (x + 4.0, y + 3.0, x + 4.6, y + 3.6), &|_, _| 7.5);
        self.face(FACADE, (x, y), (x + 10.0, y), 2.9);
    }
}

const GROUND: u8 = 0;
const ROOF: u8 = 1;
const CHIMNEY: u8 = 2;
const FACADE: u8 = 3;
const FLAT: u8 = 4;
const TREE: u8 = 5;
const HEDGE: u8 = 6;
const CAR: u8 = 7;
const WALL: u8 = 8;
const SPAN: u8 = 9;
const OVERHANG: u8 = 10;

#[test]
fn a_pitched_roof_with_its_chimney_and_facade_is_a_building() {
    let mut scene = Scene::new();
    scene.scan(GROUND, (-10.0, -10.0, 20.0, 0.0), &|_, _| 0.0);
    scene.house(0.0, 0.0);
    assert_eq!(scene.share(ROOF, &[6]), 1.0);
    assert!(scene.share(CHIMNEY, &[6]) > 0.9);
    assert!(scene.share(FACADE, &[6]) > 0.9, "{}", scene.share(FACADE, &[6]));
    assert_eq!(scene.share(GROUND, &[2]), 1.0);
}

#[test]
fn a_flat_roof_is_a_building_down_to_ten_square_metres() {
    let mut scene = Scene::new();
    scene.scan(FLAT, (0.0, 0.0, 30.0, 20.0), &|_, _| 9.0);
    scene.scan(ROOF, (60.0, 0.0, 64.0, 4.0), &|_, _| 2.6);
    assert_eq!(scene.share(FLAT, &[6]), 1.0);
    assert_eq!(scene.share(ROOF, &[6]), 1.0);
}

#[test]
fn a_tree_is_high_vegetation() {
    let mut scene = Scene::new();
    scene.crown(TREE, (0.0, 0.0), 4.0, (3.0, 11.0));
    assert!(scene.share(TREE, &[5]) > 0.98, "{}", scene.share(TREE, &[5]));
}

#[test]
fn a_hedge_is_vegetation_by_its_height() {
    let mut scene = Scene::new();
    (0..20).for_each(|i| scene.crown(HEDGE, (f64::from(i) * 0.5, 0.0), 0.7, (0.2, 2.2)));
    assert!(scene.share(HEDGE, &[3, 4, 5]) > 0.98, "{}", scene.share(HEDGE, &[3, 4, 5]));
    let classes = scene.classes();
    for (class, height) in classes.iter().zip(&scene.height).filter(|(class, _)| **class != 1) {
        let stratum = if *height < 0.5 {
            3
        } else if *height <= 1.5 {
            4
        } else {
            5
        };
        assert_eq!(*class, stratum, "at {height} m");
    }
}

#[test]
fn a_car_a_van_and_a_wall_are_neither_building_nor_high_vegetation() {
    let mut scene = Scene::new();
    scene.scan(CAR, (0.0, 0.0, 4.4, 1.8), &|x, _| if x < 1.2 { 0.9 } else { 1.45 });
    scene.scan(CAR, (20.0, 0.0, 25.5, 2.0), &|_, _| 2.3);
    scene.face(WALL, (40.0, 0.0), (60.0, 0.0), 2.0);
    assert!(scene.share(CAR, &[1]) > 0.98, "{}", scene.share(CAR, &[1]));
    assert_eq!(scene.share(CAR, &[6]), 0.0);
    assert!(scene.share(WALL, &[1]) > 0.98, "{}", scene.share(WALL, &[1]));
}

#[test]
fn a_deck_that_a_road_meets_at_both_ends_is_no_building() {
    let mut scene = Scene::new();
    scene.scan(SPAN, (0.0, 0.0, 40.0, 8.0), &|_, _| 5.0);
    scene.scan(GROUND, (-10.0, 0.0, 0.0, 8.0), &|_, _| 5.0);
    scene.scan(GROUND, (40.0, 0.0, 50.0, 8.0), &|_, _| 5.0);
    assert_eq!(scene.share(SPAN, &[17]), 1.0);
    let mut scene = Scene::new();
    scene.scan(SPAN, (0.0, 0.0, 40.0, 8.0), &|_, _| 5.0);
    scene.scan(GROUND, (-10.0, 0.0, 0.0, 8.0), &|_, _| 5.0);
    assert_eq!(scene.share(SPAN, &[6]), 1.0, "a roof that meets a slope on one side");
}

#[test]
fn a_crown_that_reaches_over_a_roof_stays_vegetation() {
    let mut scene = Scene::new();
    scene.scan(ROOF, (0.0, 0.0, 20.0, 15.0), &|_, _| 5.0);
    scene.crown(OVERHANG, (-3.0, 7.0), 5.0, (4.0, 12.0));
    let over: Vec<u8> = scene
        .classes()
        .into_iter()
        .enumerate()
        .filter(|(i, _)| scene.shape[*i] == OVERHANG && scene.points.x[*i] > 0 && scene.points.z[*i] > 600)
        .map(|(_, class)| class)
        .collect();
    let right = over.iter().filter(|class| **class == 5).count();
    assert!(right as f64 > 0.9 * over.len() as f64, "{right} of {}", over.len());
}

#[test]
fn a_bird_is_noise_and_a_wire_and_a_tree_are_not() {
    let mut scene = Scene::new();
    scene.scan(GROUND, (-5.0, -5.0, 30.0, 5.0), &|_, _| 0.0);
    scene.add(ROOF, (0.0, 0.0, 35.0), (1, 1));
    (0..40).for_each(|i| scene.add(WALL, (10.0 + f64::from(i) * 0.5, 0.0, 12.0), (1, 2)));
    scene.crown(TREE, (0.0, 0.0), 4.0, (3.0, 11.0));
    assert_eq!(scene.share(ROOF, &[18]), 1.0);
    assert_eq!(scene.share(WALL, &[18]) + scene.share(TREE, &[18]), 0.0);
}

#[test]
fn order_and_tiling_change_nothing() {
    // A house across the corner of four blocks, a tree across a border.
    let mut scene = Scene::new();
    scene.house(395.0, 397.0);
    scene.crown(TREE, (400.0, 380.0), 4.0, (3.0, 11.0));
    scene.scan(FLAT, (250.0, 390.0, 420.0, 396.0), &|_, _| 4.0);
    let whole = scene.classes();
    let reversed = scene.part(|_, _| true, true).1;
    assert_eq!(whole.iter().rev().copied().collect::<Vec<u8>>(), reversed);
    let tile = Extent { west: 650_380.0, south: 6_860_380.0, east: 650_399.0, north: 6_860_410.0 };
    let needed = reach(&tile);
    let inside = |extent: &Extent, x: f64, y: f64| {
        extent.west <= x && x < extent.east && extent.south < y && y <= extent.north
    };
    let (numbers, classes) = scene.part(|x, y| inside(&needed, x, y), false);
    assert!(numbers.len() < whole.len(), "the part leaves points out");
    let mut compared = 0;
    for (&i, &class) in numbers.iter().zip(&classes) {
        let (x, y) = scene.place(i);
        if inside(&tile, x, y) {
            assert_eq!(class, whole[i], "point {i}");
            compared += 1;
        }
    }
    assert!(compared > 500);
}

impl Scene {
    fn place(&self, i: usize) -> (f64, f64) {
        let lattice = &self.points.lattice;
        (lattice.easting(self.points.x[i]), lattice.northing(self.points.y[i]))
    }

    /// Numbers and classes of some points, classified without the others.
    fn part(&self, keep: impl Fn(f64, f64) -> bool, backwards: bool) -> (Vec<usize>, Vec<u8>) {
        let mut numbers: Vec<usize> = (0..self.shape.len())
            .filter(|&i| {
                let (x, y) = self.place(i);
                keep(x, y)
            })
            .collect();
        if backwards {
            numbers.reverse();
        }
        let mut part = Scene::new();
        for &i in &numbers {
            part.points.x.push(self.points.x[i]);
            part.points.y.push(self.points.y[i]);
            part.points.z.push(self.points.z[i]);
            part.points.class.push(self.points.class[i]);
            part.number.push(self.number[i]);
            part.count.push(self.count[i]);
            part.height.push(self.height[i]);
        }
        let classes = part.classes();
        (numbers, classes)
    }
}

#[test]
fn no_points_and_one_point_are_no_trouble() {
    let mut scene = Scene::new();
    assert!(scene.classes().is_empty());
    scene.add(TREE, (3.0, 4.0, 6.0), (1, 1));
    assert_eq!(scene.classes().len(), 1);
}
