//! What stands on the ground, found anew with all classes dropped, against IGN's classes and the town's truth.
//!
//! Border rule: the map is parted into cells of half a metre, on multiples of it; the class of the highest point
//! of a cell makes it a cell of buildings (6), of vegetation (3, 4, 5) or of other things. A point within half a
//! metre of a cell of another kind than its own lies at a border and is left out. F1 is printed with them, too.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ilot::formats::points::{Batch, Cloud};

use crate::harness::{data, ilot, points_of, text, town_cloud, write_part};

/// IGN's virtual points were never scanned.
const VIRTUAL: u8 = 66;

/// The clouds' points with their true classes and those that the program gives them.
#[derive(Default)]
struct Outcome {
    truth: Vec<u8>,
    found: Vec<u8>,
    at_border: Vec<bool>,
}

/// Drops the classes of some clouds, classifies them together, and reads them again.
fn outcome(clouds: &[PathBuf]) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder for the clouds");
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::create_dir(&input).unwrap();
    let mut scans = Vec::new();
    for (nth, path) in clouds.iter().enumerate() {
        let (cloud, all) = points_of(path);
        let scan = scanned(&all);
        let dropped = Batch { class: vec![0; scan.class.len()], ..scan.clone() };
        write_part(&input.join(format!("{nth}.laz")), &cloud, &dropped, |_, _| true);
        scans.push((cloud, scan));
    }
    let ran = ilot(&["classify", text(&input), "--out", text(&out)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut outcome = Outcome::default();
    for (nth, (_, scan)) in scans.iter().enumerate() {
        let (_, again) = points_of(&out.join(format!("{nth}.laz")));
        assert_eq!((&again.x, &again.y, &again.z), (&scan.x, &scan.y, &scan.z), "same points, same order");
        outcome.truth.extend(&scan.class);
        outcome.found.extend(&again.class);
    }
    outcome.at_border = at_border(&scans);
    outcome
}

/// The points of a batch without the virtual ones.
fn scanned(all: &Batch) -> Batch {
    let kept: Vec<usize> = (0..all.x.len()).filter(|&i| all.class[i] != VIRTUAL).collect();
    fn pick<T: Copy>(column: &[T], kept: &[usize]) -> Vec<T> {
        kept.iter().map(|&i| column[i]).collect()
    }
    Batch {
        x: pick(&all.x, &kept),
        y: pick(&all.y, &kept),
        z: pick(&all.z, &kept),
        class: pick(&all.class, &kept),
        return_number: pick(&all.return_number, &kept),
        number_of_returns: pick(&all.number_of_returns, &kept),
        ..Batch::default()
    }
}

fn kind(class: u8) -> u8 {
    match class {
        6 => 2,
        3..=5 => 1,
        _ => 0,
    }
}

/// Which points lie within half a metre of a cell of another kind.
fn at_border(scans: &[(Cloud, Batch)]) -> Vec<bool> {
    const CELL: f64 = 0.5;
    let place = |cloud: &Cloud, scan: &Batch, i: usize| {
        let header = cloud.header();
        let metres = |raw: i32, axis: usize| f64::from(raw) * header.scale[axis] + header.offset[axis];
        (metres(scan.x[i], 0), metres(scan.y[i], 1), metres(scan.z[i], 2))
    };
    let cell = |x: f64, y: f64| ((x / CELL).floor() as i64, (y / CELL).floor() as i64);
    let mut tops: HashMap<(i64, i64), (f64, u8)> = HashMap::new();
    for (cloud, scan) in scans {
        for i in 0..scan.x.len() {
            let (x, y, z) = place(cloud, scan, i);
            let top = tops.entry(cell(x, y)).or_insert((f64::MIN, 0));
            if z > top.0 {
                *top = (z, kind(scan.class[i]));
            }
        }
    }
    let mut border = Vec::new();
    for (cloud, scan) in scans {
        for i in 0..scan.x.len() {
            let (x, y, _) = place(cloud, scan, i);
            let (col, row) = cell(x, y);
            let own = tops[&(col, row)].1;
            let gap =
                |cell: i64, at: f64| (cell as f64 * CELL - at).max(at - (cell + 1) as f64 * CELL).max(0.0);
            border.push((row - 1..=row + 1).any(|r| {
                (col - 1..=col + 1).any(|c| {
                    let other = tops.get(&(c, r)).is_some_and(|top| top.1 != own);
                    other && gap(c, x).hypot(gap(r, y)) < CELL
                })
            }));
        }
    }
    border
}

impl Outcome {
    /// F1 of a class, without points at borders.
    fn f1(&self, what: &str, class: u8) -> f64 {
        let score = |counts: &dyn Fn(usize) -> bool| {
            let of = |classes: &[u8], i: usize| classes[i] == class && counts(i);
            let all = 0..self.truth.len();
            let both = all.clone().filter(|&i| of(&self.truth, i) && of(&self.found, i)).count();
            let either = all.clone().filter(|&i| of(&self.truth, i)).count()
                + all.filter(|&i| of(&self.found, i)).count();
            2.0 * both as f64 / either as f64
        };
        let (inside, all) = (score(&|i| !self.at_border[i]), score(&|_| true));
        let left_out = self.at_border.iter().filter(|border| **border).count() as f64;
        println!(
            "{what}: class {class}: F1 {inside:.4}, with borders {all:.4} ({:.1} % of {} points left out)",
            100.0 * left_out / self.truth.len() as f64,
            self.truth.len(),
        );
        inside
    }
}

fn montpellier(folder: &Path) -> Vec<PathBuf> {
    let names = [
        "77050_627755_LA93_IGN69_full",
        "77050_627760_LA93_IGN69",
        "77055_627755_LA93_IGN69",
        "77055_627760_LA93_IGN69",
        "77060_627755_LA93_IGN69",
        "77060_627760_LA93_IGN69",
    ];
    let tile = |name: &str| folder.join(format!("lidar/montpellier_6x50m/test_data_{name}.laz"));
    names.map(tile).to_vec()
}

#[test]
fn buildings_and_high_vegetation_of_a_town_are_those_of_ign() {
    let Some(folder) = data() else { return };
    let outcome = outcome(&montpellier(&folder));
    for class in [5, 6] {
        assert!(outcome.f1("Montpellier", class) >= 0.95, "class {class}");
    }
}

#[test]
fn high_vegetation_around_a_bridge_is_that_of_ign_and_no_building_is_there() {
    let Some(folder) = data() else { return };
    let outcome = outcome(&[folder.join("lidar/crops_dxm/pont.laz")]);
    assert!(outcome.f1("bridge", 5) >= 0.95);
    assert!(!outcome.truth.contains(&6), "the reference has no building");
    let buildings = outcome.found.iter().filter(|class| **class == 6).count();
    println!("bridge: {buildings} of {} points taken for buildings", outcome.found.len());
    assert!(buildings * 1000 < outcome.found.len(), "{buildings} points");
}

#[test]
fn buildings_and_trees_of_the_sample_town_are_found() {
    let outcome = outcome(&[town_cloud()]);
    for class in [5, 6] {
        assert!(outcome.f1("sample town", class) >= 0.98, "class {class}");
    }
}

/// Objects at the seam of two files get the classes that they have in one.
#[test]
fn classes_do_not_depend_on_how_points_are_parted_into_files() {
    let folder = tempfile::tempdir().expect("a folder for the clouds");
    let (cloud, all) = points_of(&town_cloud());
    let dropped = Batch { class: vec![0; all.class.len()], ..all };
    let middle = {
        let extent = &cloud.header().extent;
        (extent.west + extent.east) / 2.0
    };
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    for path in [&whole, &parts] {
        std::fs::create_dir(path).unwrap();
    }
    write_part(&whole.join("all.laz"), &cloud, &dropped, |_, _| true);
    write_part(&parts.join("west.laz"), &cloud, &dropped, |x, _| x < middle);
    write_part(&parts.join("east.laz"), &cloud, &dropped, |x, _| x >= middle);
    let found = |input: &Path, names: &[&str]| {
        let out = folder.path().join("out");
        let ran = ilot(&["classify", text(input), "--out", text(&out)]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let mut points = Vec::new();
        for name in names {
            let (_, batch) = points_of(&out.join(name));
            points.extend((0..batch.x.len()).map(|i| (batch.x[i], batch.y[i], batch.z[i], batch.class[i])));
        }
        points.sort_unstable();
        points
    };
    let (one, two) = (found(&whole, &["all.laz"]), found(&parts, &["west.laz", "east.laz"]));
    assert!(one.iter().filter(|point| point.3 == 6).count() > 10_000, "there are buildings");
    let other = one.iter().zip(&two).filter(|(one, two)| one != two).count();
    assert_eq!((two.len(), other), (one.len(), 0));
}

#[test]
fn clouds_too_sparse_for_objects_are_told() {
    let folder = tempfile::tempdir().expect("a folder for the clouds");
    let (cloud, all) = points_of(&town_cloud());
    let (sparse, out) = (folder.path().join("sparse.laz"), folder.path().join("out"));
    // One square metre of nine keeps its points.
    write_part(&sparse, &cloud, &all, |x, y| x.rem_euclid(3.0) < 1.0 && y.rem_euclid(3.0) < 1.0);
    let ran = ilot(&["classify", text(&sparse), "--out", text(&out)]);
    assert!(ran.err.contains("returns per m²") && ran.err.contains("cells of 2 m"), "{ran:?}");
    let ran = ilot(&["classify", text(&town_cloud()), "--out", text(&out)]);
    assert!(!ran.err.contains("returns per m²"), "{ran:?}");
}
