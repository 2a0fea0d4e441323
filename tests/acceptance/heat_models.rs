//! What a heat map rests on, through the command: ridge, widened intervals, and where a map is silent.

use crate::harness::{Ran, band, ilot, text};
use crate::sky::surface;
use ilot::formats::raster::read::Raster;
use ilot_kernels::frame::Frame;
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A kilometre of cells of 10 m.
const FRAME: Frame = Frame { west: 350_000.0, north: 6_790_000.0, cell: Metres(10.0), rows: 100, cols: 100 };

/// Evenly from −½ to ½, by a number.
fn chance(seed: usize) -> f64 {
    let mixed = (seed as u64 + 77).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
}

/// A town of a hundred squares of 100 m, a station in the middle of each of the first ones, at random.
struct Town {
    folder: TempDir,
    places: Vec<usize>,
}

impl Town {
    fn new(stations: usize) -> Town {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("maps")).unwrap();
        let mut squares: Vec<usize> = (0..100).collect();
        squares.sort_by(|a, b| chance(*a).total_cmp(&chance(*b)));
        Town { folder, places: squares[..stations].to_vec() }
    }

    fn maps(&self) -> PathBuf {
        self.folder.path().join("maps")
    }

    /// A map that has one value in each square.
    fn map(&self, name: &str, value: impl Fn(usize) -> f64) {
        surface(&self.maps().join(format!("{name}.tif")), 2154, FRAME, |cells| {
            for (cell, z) in cells.iter_mut().enumerate() {
                *z = value(cell / 100 / 10 * 10 + cell % 100 / 10) as f32;
            }
        });
    }

    /// Four days by the hour, in which a station's nights are so much warmer; the first two stations are rural.
    fn heat(&self, warmth: impl Fn(usize) -> f64, more: &[&str]) -> (Ran, PathBuf) {
        let mut sheet = "station,x,y,altitude,reference\n".to_owned();
        let mut readings = "station,time,value\n".to_owned();
        for (number, square) in self.places.iter().enumerate() {
            let (x, y) = (FRAME.x(square % 10 * 10 + 5), FRAME.y(square / 10 * 10 + 5));
            sheet += &format!("S{number},{x},{y},80,{}\n", if number < 2 { "yes" } else { "no" });
            for hour in 0..96 {
                let air = 20.0 + 5.0 * ((hour as f64 - 15.0) / 3.82).cos() + warmth(*square);
                let (day, clock) = (8 + hour / 24, hour % 24);
                readings += &format!("S{number},2022-07-{day:02}T{clock:02}:00Z,{air:.4}\n");
            }
        }
        let [sheet_path, readings_path, out] =
            ["sheet.csv", "readings.csv", "out"].map(|name| self.folder.path().join(name));
        std::fs::write(&sheet_path, sheet).unwrap();
        std::fs::write(&readings_path, readings).unwrap();
        let words = ["heat", "--crs", "EPSG:2154", "--only", "night", "--contours", "0"];
        let files = ["--readings", text(&readings_path), "--stations", text(&sheet_path)];
        let maps = self.maps();
        let folders = ["--covariates", text(&maps), "--out", text(&out)];
        (ilot(&[&words[..], &files, &folders, more].concat()), out)
    }
}

/// `observed, predicted, low, high` of the stations' nights.
fn nights(out: &Path) -> Vec<[f64; 4]> {
    let table = std::fs::read_to_string(out.join("stations.csv")).unwrap();
    let head: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let places = ["observed_k", "predicted_k", "low_k", "high_k"]
        .map(|name| head.iter().position(|column| *column == name).unwrap());
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<&str>>());
    rows.filter_map(|row| {
        let values = places.map(|place| row[place].parse::<f64>().unwrap_or(f64::NAN));
        values.iter().all(|value| value.is_finite()).then_some(values)
    })
    .collect()
}

/// Six blurred views of one cause, all of sealed ground: they go together too closely for a subset, and none of them tells it
/// as all do together. The map's own
/// description names more than three terms, all warming, and stations left out are met better than by their mean.
#[test]
fn ridge_maps_what_covariates_say_together() {
    let town = Town::new(40);
    let cause = |square: usize| 50.0 + 40.0 * chance(1000 + square);
    for view in 0..6 {
        town.map(&format!("imperv_{view}"), |square| {
            cause(square) + 12.0 * chance(3000 + 777 * view + square)
        });
    }
    let (ran, out) = town.heat(|square| 0.05 * cause(square) + 0.1 * chance(9000 + square), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let formula = Raster::open(&out.join("heat_night.vrt")).unwrap().tag("ILOT_SETTINGS").unwrap();
    let terms: Vec<&str> = formula.split(" kriging").next().unwrap().split(" + ").skip(1).collect();
    assert!(terms.len() > 3 && terms.iter().all(|term| !term.starts_with('-')), "{formula}");
    let rows = nights(&out);
    let mean = rows.iter().map(|row| row[0]).sum::<f64>() / rows.len() as f64;
    let rms =
        |of: &dyn Fn(&[f64; 4]) -> f64| (rows.iter().map(|row| of(row).powi(2)).sum::<f64>() / 40.0).sqrt();
    assert!(rms(&|row| row[0] - row[1]) < 0.5 * rms(&|row| row[0] - mean), "{formula}");
}

/// Pure chance: a choice among twelve covariates of twenty-four stations promises too much; the interval that is published is
/// as wide as the errors of stations that no model had seen.
#[test]
fn intervals_are_as_wide_as_unseen_errors() {
    let town = Town::new(24);
    for number in 0..12 {
        town.map(&format!("any_{number}"), |square| 100.0 * chance(2000 + 555 * number + square));
    }
    let (ran, out) = town.heat(|square| 2.0 * chance(500 + square), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let rows = nights(&out);
    assert_eq!(rows.len(), 24);
    let within = rows.iter().filter(|row| row[2] <= row[0] && row[0] <= row[3]).count();
    let square: f64 = rows.iter().map(|row| (row[0] - row[1]).powi(2)).sum();
    let half = rows.iter().map(|row| (row[3] - row[2]) / 2.0).sum::<f64>() / 24.0;
    let error = (square / 24.0).sqrt();
    assert!(within >= 20 && half > 1.5 * error && half < 3.0 * error, "{within} {half} {error}");
}

/// A hill of 300 m in a square where no station stands, altitude playing no part at the stations, and a park twice as green
/// as any of them knows: the map says nothing there, and speaks everywhere else.
#[test]
fn a_map_is_silent_beyond_what_any_station_knows() {
    let town = Town::new(60);
    let empty: Vec<usize> = (0..100).filter(|square| !town.places.contains(square)).collect();
    let (high, green) = (empty[3], empty[20]);
    let sealed = |square: usize| 50.0 + 40.0 * chance(1000 + square);
    town.map("imperviousness", sealed);
    town.map("dtm", |square| if square == high { 300.0 } else { 80.0 + 10.0 * chance(4000 + square) });
    town.map("canopy", |square| if square == green { 60.0 } else { 15.0 + 10.0 * chance(6000 + square) });
    let (ran, out) = town.heat(|square| 0.03 * sealed(square) + 0.1 * chance(9000 + square), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let map = band(&out.join("heat_night.vrt"), 0);
    let formula = Raster::open(&out.join("heat_night.vrt")).unwrap().tag("ILOT_SETTINGS").unwrap();
    assert!(formula.contains("imperviousness") && !formula.contains("altitude"), "{formula}");
    let value = |square: usize| {
        let (x, y) = (FRAME.x(square % 10 * 10 + 5), FRAME.y(square / 10 * 10 + 5));
        let (row, col) = map.frame().locate(x, y).unwrap();
        map.at(row, col)
    };
    assert!(value(high).is_nan() && value(green).is_nan(), "{formula}");
    let silent = (0..100).filter(|square| value(*square).is_nan()).count();
    assert!(silent < 20, "{silent} squares are silent");
}
