//! A half-sealed town against polygons cut by another library, the axes of the mosaic, and a place outside of Europe.

use super::*;
use geo::{Area, BooleanOps, Polygon};
use ilot_kernels::grid::Percent;
use std::path::PathBuf;
use tempfile::TempDir;

/// Near Montpellier, where the European grid is turned by some degrees.
const TOWN: Frame = Frame { west: 770_000.0, north: 6_278_000.0, cell: Metres(1.0), rows: 300, cols: 400 };

/// Writes a folder of results of one tile: sealed where `sealed` says, else grass, with one confidence.
fn folder(frame: &Frame, epsg: u32, sealed: impl Fn(usize, usize) -> bool) -> TempDir {
    let folder = TempDir::new().unwrap();
    let crs = Crs::from_epsg(epsg, None).unwrap();
    let class = |at: usize| if sealed(at / frame.cols, at % frame.cols) { class::SEALED } else { 5 };
    let cover = Grid::new(*frame, (0..frame.len()).map(class).collect::<Vec<u8>>());
    let sure = Grid::new(*frame, vec![Percent(90); frame.len()]);
    let put = |spec: &Spec, bytes: Vec<u8>, mosaic: String| {
        std::fs::create_dir_all(folder.path().join(spec.name)).unwrap();
        std::fs::write(folder.path().join(format!("{}/t.tif", spec.name)), bytes).unwrap();
        std::fs::write(folder.path().join(format!("{}.vrt", spec.name)), mosaic).unwrap();
    };
    let meta = |spec: &Spec| -> (Vec<(String, Frame)>, Vec<String>) {
        (vec![(format!("{}/t.tif", spec.name), *frame)], vec![spec.name.to_owned()])
    };
    let (files, bands) = meta(&COVER.spec);
    let words = COVER.spec.meta(bands, Vec::new(), &crs);
    put(
        &COVER.spec,
        encode_cog(&[&cover], &words).unwrap(),
        encode_vrt::<u8>(&files, frame, &words).unwrap(),
    );
    let (files, bands) = meta(&COVER_CONFIDENCE.spec);
    let words = COVER_CONFIDENCE.spec.meta(bands, Vec::new(), &crs);
    let mosaic = encode_vrt::<Percent>(&files, frame, &words).unwrap();
    put(&COVER_CONFIDENCE.spec, encode_cog(&[&sure], &words).unwrap(), mosaic);
    folder
}

fn mosaic(folder: &TempDir) -> PathBuf {
    folder.path().join("imperviousness_3035.vrt")
}

/// Half of the town is sealed: each cell has the part of it that lies there, as another library cuts polygons.
#[test]
fn a_cell_has_the_part_of_it_that_is_sealed() {
    let folder = folder(&TOWN, 2154, |row, col| col >= 137 && row < 211);
    let made = make(folder.path(), &AtomicBool::new(false)).unwrap();
    assert!(made.remarks.is_empty() && made.files.contains(&"imperviousness_3035.vrt".to_owned()));
    let raster = Raster::open(&mosaic(&folder)).unwrap();
    assert_eq!(raster.crs().unwrap().horizontal_epsg(), Some(3035));
    let frame = *raster.frame();
    assert!((frame.west % 10.0, frame.north % 10.0, frame.cell.0) == (0.0, 0.0, 10.0));
    let found: Grid<f32> = raster.read(0).unwrap();
    let rectangle = |west: f64, south: f64, east: f64, north: f64| {
        Polygon::new(vec![(west, south), (east, south), (east, north), (west, north)].into(), vec![])
    };
    let (south, north) = (TOWN.north - 300.0, TOWN.north);
    let town = rectangle(TOWN.west, south, TOWN.west + 400.0, north);
    let sealed = rectangle(TOWN.west + 137.0, north - 211.0, TOWN.west + 400.0, north);
    let lambert = Crs::from_epsg(2154, None).unwrap();
    let back = Transform::new(&Crs::from_epsg(3035, None).unwrap(), &lambert).unwrap();
    let (mut between, mut area) = (0, 0.0);
    for row in 0..frame.rows {
        for col in 0..frame.cols {
            let (x, y) = (frame.x(col), frame.y(row));
            let corners = [(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)];
            let corners = corners.map(|(dx, dy)| back.point(x + dx, y + dy).unwrap());
            let cell = Polygon::new(corners.to_vec().into(), vec![]);
            let inside = cell.intersection(&town).unsigned_area();
            let value = found.at(row, col);
            assert_eq!(value.is_nan(), inside < 0.5 * cell.unsigned_area(), "{row} {col}");
            if !value.is_nan() {
                let truth = cell.intersection(&sealed).unsigned_area() / inside * 100.0;
                // Values are written to 1/64 of a percent.
                assert!((f64::from(value) - truth).abs() < 0.02, "{row} {col}: {value} for {truth}");
                between += usize::from(truth > 1.0 && truth < 99.0);
                area += f64::from(value) / 100.0 * inside;
            }
        }
    }
    assert!(between > 40, "{between} cells are cut");
    // Cells with less than half of their area in the town are left out, all along its border.
    assert!((area / (263.0 * 211.0) - 1.0).abs() < 0.02, "{area}");
    let half: Grid<f32> = raster.read(1).unwrap();
    // 100 cells of 0.9: 1.645 √(4 · 100 · 0.09) %.
    let (row, col) = (frame.rows / 2, frame.cols / 2);
    assert!((half.at(row, col) - 9.87).abs() < 0.05, "{}", half.at(row, col));
}

#[test]
fn the_axes_of_the_mosaic_are_those_of_its_tiles() {
    let folder = folder(&TOWN, 2154, |_, _| true);
    let made = make(folder.path(), &AtomicBool::new(false)).unwrap();
    let tile = made.files.iter().find(|file| file.ends_with(".tif")).unwrap();
    let tile = Raster::open(&folder.path().join(tile)).unwrap();
    let wgs84 = Crs::wgs84().unwrap();
    for raster in [tile, Raster::open(&mosaic(&folder)).unwrap()] {
        let way = Transform::new(raster.crs().unwrap(), &wgs84).unwrap();
        let extent = raster.frame().extent();
        let (lon, lat) = way.point(extent.west, extent.north).unwrap();
        assert!((lon - 3.86).abs() < 0.1 && (lat - 43.6).abs() < 0.2, "{lon} {lat}");
    }
}

/// Réunion has no place on the European grid.
#[test]
fn outside_of_europe_it_is_said_that_there_is_no_such_map() {
    let frame = Frame { west: 340_000.0, north: 7_680_000.0, rows: 30, cols: 30, ..TOWN };
    let folder = folder(&frame, 2975, |_, _| true);
    let made = make(folder.path(), &AtomicBool::new(false)).unwrap();
    assert!(made.files.is_empty() && made.remarks.len() == 1 && !mosaic(&folder).exists());
}
