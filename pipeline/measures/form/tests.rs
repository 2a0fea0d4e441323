//! A made-up town in files: the figures of its squares do not depend on strips, nor on what says where buildings stand.

use super::*;
use crate::formats::crs::Crs;
use crate::formats::raster::cog::{Encoded, encode_cog};
use crate::formats::raster::{Overview, RasterMeta};
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value, encode_gpkg};
use geo::{Geometry, Rect, coord};
use ilot_kernels::grid::Grid;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// South-west corner and side of the town, metres.
const CORNER: (f64, f64) = (770_000.0, 6_277_000.0);
const SIDE: usize = 400;

fn crs() -> Crs {
    Crs::from_user("EPSG:2154").unwrap()
}

fn frame() -> Frame {
    let north = CORNER.1 + SIDE as f64;
    Frame { west: CORNER.0, north, cell: Metres(1.0), rows: SIDE, cols: SIDE }
}

/// Cubes of 20 m every 40 m, as high as they lie east: 6 m, 12 m from the middle on.
fn cube(x: f64, y: f64) -> Option<f32> {
    let (x, y) = (x - CORNER.0, y - CORNER.1);
    let inside = (10.0..30.0).contains(&(x % 40.0)) && (10.0..30.0).contains(&(y % 40.0));
    inside.then_some(if x < 200.0 { 6.0 } else { 12.0 })
}

fn raster<T: Encoded>(folder: &Path, name: &str, value: impl Fn(f64, f64) -> T) -> PathBuf {
    let (frame, crs, path) = (frame(), crs(), folder.join(name));
    let cells = (0..frame.len()).map(|i| value(frame.x(i % frame.cols), frame.y(i / frame.cols))).collect();
    let meta = RasterMeta {
        title: name.to_owned(),
        unit: String::new(),
        bands: vec![String::new()],
        tags: Vec::new(),
        crs: &crs,
        quantum: None,
        overview: Overview::Majority,
    };
    std::fs::write(&path, encode_cog(&[&Grid::new(frame, cells)], &meta).unwrap()).unwrap();
    path
}

/// A slope of 1 in 50, cubes, streets in the west and grass in the east.
fn town(folder: &Path) -> Order {
    let ground = |x: f64| 50.0 + ((x - CORNER.0) / 50.0) as f32;
    let west = |x: f64| x < CORNER.0 + 200.0;
    Order {
        dsm: Some(raster(folder, "dsm.tif", |x, y| ground(x) + cube(x, y).unwrap_or(0.0))),
        dtm: Some(raster(folder, "dtm.tif", |x, _| ground(x))),
        cover: Some(raster(folder, "cover.tif", |x, y| match cube(x, y) {
            Some(_) => 1,
            None if west(x) => 2,
            None => 5u8,
        })),
        cell: 40.0,
        out: folder.join("out"),
        ..Order::default()
    }
}

/// The same cubes as footprints.
fn footprints(folder: &Path) -> PathBuf {
    let mut features = Vec::new();
    for index in 0..100 {
        let (col, row) = (f64::from(index % 10), f64::from(index / 10));
        let (x, y) = (CORNER.0 + 40.0 * col + 10.0, CORNER.1 + 40.0 * row + 10.0);
        let rect = Rect::new(coord! { x: x, y: y }, coord! { x: x + 20.0, y: y + 20.0 });
        let height = if col < 5.0 { 6.0 } else { 12.0 };
        features.push(Feature { geometry: Geometry::Rect(rect), values: vec![Value::Real(height)] });
    }
    let fields = vec![Field { name: "HAUTEUR".to_owned(), kind: FieldKind::Real }];
    let layer = Layer { crs: Some(crs()), fields, features };
    let path = folder.join("buildings.gpkg");
    std::fs::write(&path, encode_gpkg(&[("buildings", &layer)]).unwrap()).unwrap();
    path
}

fn found(order: &Order, cut: Option<(usize, usize)>) -> Vec<Option<Found>> {
    let mut inputs = Inputs::open(order, &mut Vec::new()).unwrap();
    (inputs.strip, inputs.piece) = cut.unwrap_or((inputs.strip, inputs.piece));
    let squares = squares(&inputs.frame, order.cell);
    let mut queues = vec![Queue::of_squares(&squares, &inputs.frame)];
    let going = walk(&inputs, &mut queues, &mut Tally::default(), &AtomicBool::new(false), &|_, _| ());
    assert!(going.unwrap());
    queues.remove(0).found()
}

fn near(value: Option<f64>, known: f64, within: f64) {
    let value = value.expect("the figure is known");
    assert!((value - known).abs() <= within, "{value} is not {known}");
}

#[test]
fn squares_of_a_made_up_town_have_its_figures() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let all = found(&order, None);
    assert_eq!(all.len(), 100);
    for (index, high) in [(52, 6.0), (57, 12.0)] {
        let figures = all[index].unwrap().figures;
        let facade = 4.0 * 20.0 * high / 1600.0;
        near(figures.building, 0.25, 1e-9);
        near(figures.height, high, 1e-4);
        near(figures.facade, facade, facade * 0.016);
        near(figures.aspect_ratio, 0.5 * facade / 0.75, facade * 0.016);
        near(figures.relief, 40.0 * 0.02, 0.03);
        near(figures.slope, f64::to_degrees(f64::atan(0.02)), 1e-3);
        assert_eq!(figures.undefined, 0.0);
    }
    let covers = |index: usize| all[index].unwrap().figures.covers.unwrap();
    assert!((covers(52)[2] - 0.75).abs() < 1e-9 && (covers(57)[5] - 0.75).abs() < 1e-9);
    let sky = |index: usize| all[index].unwrap().figures.sky_view.unwrap();
    assert!(sky(57) < sky(52) && sky(52) < 0.9, "higher cubes hide more sky: {} {}", sky(52), sky(57));
}

#[test]
fn strips_and_pieces_change_no_bit() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let whole = found(&order, None);
    for (strip, piece) in [(17, SIDE), (100, 90), (SIDE, 131)] {
        let parts = found(&order, Some((strip, piece)));
        for (one, other) in whole.iter().zip(&parts) {
            assert_eq!(
                one.map(|found| found.figures),
                other.map(|found| found.figures),
                "strips of {strip} rows in pieces of {piece} columns"
            );
        }
    }
}

#[test]
fn footprints_say_the_same_as_the_surface() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let vectors = Order {
        dsm: None,
        dtm: None,
        cover: None,
        buildings: Some(footprints(folder.path())),
        rest: Some(5),
        ..order.clone()
    };
    let (rasters, vectors) = (found(&order, None), found(&vectors, None));
    assert_eq!(vectors.len(), 100, "whole squares over the footprints");
    let (one, other) = (rasters[57].unwrap(), vectors[57].unwrap());
    near(other.figures.building, 0.25, 1e-9);
    near(other.figures.height, 12.0, 1e-6);
    near(other.figures.facade, one.figures.facade.unwrap(), 1e-6);
    near(other.figures.sky_view, one.figures.sky_view.unwrap(), 0.01);
    assert_eq!(one.verdict.unwrap().zone, other.verdict.unwrap().zone);
    assert_eq!(other.figures.altitude, None, "footprints know no terrain");
}

#[test]
fn what_nothing_names_is_undefined_and_has_no_zone() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let bare = Order { cover: None, buildings: Some(footprints(folder.path())), ..order };
    let figures = found(&bare, None)[57].unwrap();
    near(Some(figures.figures.undefined), 0.75, 1e-9);
    near(figures.figures.building, 0.25, 1e-9);
    assert!(figures.verdict.is_none());
}

#[test]
fn holes_of_the_surface_and_of_the_cover_are_undefined() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let hole = |x: f64, y: f64| x < CORNER.0 + 10.0 && y > CORNER.1 + 360.0;
    let dsm = raster(folder.path(), "holes.tif", |x, y| if hole(x, y) { f32::NAN } else { 60.0 });
    let first = |order: Order| found(&order, None)[0].unwrap().figures;
    near(Some(first(Order { dsm: Some(dsm), ..order.clone() }).undefined), 0.25, 1e-9);
    let cover = raster(folder.path(), "thin.tif", |x, y| if hole(x, y) { 0 } else { 5u8 });
    let thin = Order { cover: Some(cover), ..order.clone() };
    near(Some(first(thin.clone()).undefined), 0.25, 1e-9);
    let with_footprints = first(Order { buildings: Some(footprints(folder.path())), ..thin });
    near(Some(with_footprints.undefined), 0.25, 1e-9);
    near(with_footprints.covers.map(|covers| covers[5]), 1.0 - 400.0 / 1200.0, 1e-9);
}

#[test]
fn open_water_without_returns_is_known_and_a_lake_has_its_zone() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let lake = |x: f64, y: f64| x < CORNER.0 + 80.0 && y > CORNER.1 + 320.0;
    let dsm = raster(folder.path(), "lake.tif", |x, y| if lake(x, y) { f32::NAN } else { 60.0 });
    let cover = raster(folder.path(), "wet.tif", |x, y| if lake(x, y) { 9 } else { 5u8 });
    let order = Order { dsm: Some(dsm), cover: Some(cover), ..order };
    let figures = found(&order, None)[0].expect("a square of water is a place").figures;
    assert_eq!(figures.undefined, 0.0);
    near(figures.covers.map(|covers| covers[9]), 1.0, 1e-9);
}

#[test]
fn a_share_that_no_input_can_tell_is_empty() {
    let folder = TempDir::new().unwrap();
    let order = Order { cover: None, buildings: Some(footprints(folder.path())), ..town(folder.path()) };
    let done = make(&order, &AtomicBool::new(false), &|_, _| ()).unwrap();
    assert_eq!((done.places.0, done.zoned), (100, 0));
    let csv = std::fs::read_to_string(order.out.join("urban_form.csv")).unwrap();
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let row = lines.next().unwrap();
    let cell = |name: &str| row[names.iter().position(|other| *other == name).unwrap()];
    assert_eq!((cell("impervious"), cell("low_vegetation"), cell("water")), ("", "", ""));
    assert_eq!((cell("high_vegetation"), cell("undefined")), ("0", "0.75"));
}

#[test]
fn swapped_heights_are_refused() {
    let folder = TempDir::new().unwrap();
    let order = town(folder.path());
    let swapped = Order { dsm: order.dtm.clone(), dtm: order.dsm.clone(), ..order.clone() };
    // A quarter of the cells is buried: a remark. More than half: refused.
    let done = make(&swapped, &AtomicBool::new(false), &|_, _| ()).unwrap();
    assert!(
        done.remarks.iter().any(|remark| remark.en.contains("below the terrain in 40000 cells (25.00 %)"))
    );
    let low = raster(folder.path(), "low.tif", |_, _| 0.0f32);
    let fault = make(&Order { dsm: Some(low), ..order }, &AtomicBool::new(false), &|_, _| ()).unwrap_err();
    assert!(fault.0.en.contains("--dsm and --dtm are swapped"), "{fault}");
}
