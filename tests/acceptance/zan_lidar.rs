//! `ilot zan --mode lidar`: thresholds at their true size on made-up maps, and the sample town against its truth.

use crate::harness::text;
use crate::zan::{OCSGE, communes, metres, near, square, table, town, write, zan};
use ilot::formats::crs::Crs;
use ilot::formats::raster::cog::encode_cog;
use ilot::formats::raster::read::Raster;
use ilot::formats::raster::{Overview, RasterMeta};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A map of cover of 200 × 100 m: herbs, and what is drawn on them as (class, west, south, east, north).
fn cover(path: &Path, drawn: &[(u8, usize, usize, usize, usize)]) {
    let frame = Frame { west: 700_000.0, north: 6_600_100.0, cell: Metres(1.0), rows: 100, cols: 200 };
    let mut grid = Grid::filled(frame, 5u8);
    for (class, west, south, east, north) in drawn {
        for row in 100 - north..100 - south {
            grid.cells_mut()[row * 200..][*west..*east].fill(*class);
        }
    }
    let crs = Crs::from_epsg(2154, None).unwrap();
    let meta = RasterMeta {
        title: "cover".to_owned(),
        unit: String::new(),
        bands: vec!["class".to_owned()],
        tags: Vec::new(),
        crs: &crs,
        quantum: None,
        overview: Overview::Majority,
    };
    std::fs::write(path, encode_cog(&[&grid], &meta).unwrap()).unwrap();
}

/// Uses: a garden, two roads, fields; the file has no cover that would fit.
fn uses(folder: &Path) -> PathBuf {
    let path = folder.join("occupation_2021.gpkg");
    let rows: [(geo::Geometry<f64>, &[&str]); 4] = [
        (square(0.0, 0.0, 60.0, 60.0), &["CS2.1.3", "US5", "2021"]),
        (square(100.0, 0.0, 105.0, 100.0), &["CS2.1.3", "US4.1.1", "2021"]),
        (square(120.0, 0.0, 124.0, 100.0), &["CS2.1.3", "US4.1.1", "2021"]),
        (square(0.0, 0.0, 200.0, 100.0), &["CS2.1.3", "US1.1", "2021"]),
    ];
    write(&path, &OCSGE, &rows, true);
    path
}

/// Roads of 5 and 4 m, a building of 50 m² and one of 49 m².
const DRAWN: [(u8, usize, usize, usize, usize); 4] =
    [(2, 100, 0, 105, 100), (2, 120, 0, 124, 100), (1, 160, 20, 170, 25), (1, 140, 20, 147, 27)];

#[test]
fn thresholds_are_those_of_the_ground() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 200.0, 100.0), &["22001", "A"])]);
    let (usage, map, out) =
        (uses(folder.path()), folder.path().join("cover_2021.tif"), folder.path().join("out"));
    // A quarter of the garden's 3,600 m² under trees makes a wood of it; 14 rows of 60 are a little less.
    for (rows, wanted) in [(14, 500.0 + 50.0 + 3600.0), (15, 500.0 + 50.0)] {
        let mut drawn = DRAWN.to_vec();
        drawn.push((7, 0, 0, 60, rows));
        cover(&map, &drawn);
        let words = ["state", "--mode", "lidar", "--cover", text(&map), "--t1", text(&usage)];
        let ran = zan(&words, &zones, &out);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let state = table(&out, "zan_state");
        near(metres(&state, "22001", "artif_ha"), wanted, 1e-3);
        near(metres(&state, "22001", "imper_ha"), 500.0 + 400.0 + 50.0 + 49.0, 1e-3);
        assert_eq!(state["22001"]["date"], "2021");
    }
    let polygons = ilot::formats::vector::Source::open(&out.join("zan_polygons.gpkg")).unwrap();
    let polygons = polygons.read(0, None).unwrap().0;
    // Three fields between the roads, the garden, two roads, two buildings.
    assert_eq!(polygons.features.len(), 8);
}

#[test]
fn what_was_built_between_two_flights_is_gained() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 200.0, 100.0), &["22001", "A"])]);
    let (usage, out) = (uses(folder.path()), folder.path().join("out"));
    let [first, second] = ["cover_2021.tif", "cover_2024.tif"].map(|name| folder.path().join(name));
    cover(&first, &DRAWN);
    // The small building grows to 56 m², trees grow over the wide road and hide nothing.
    cover(&second, &[&DRAWN[..], &[(1, 140, 20, 148, 27), (8, 100, 40, 105, 60)]].concat());
    let words = ["--mode", "lidar", "--cover", text(&first), "--cover", text(&second), "--t1", text(&usage)];
    let ran = zan(&words, &zones, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let flux = table(&out, "zan_flux");
    near(metres(&flux, "22001", "gain_ha"), 56.0, 1e-3);
    near(metres(&flux, "22001", "loss_ha"), 0.0, 1e-3);
    near(metres(&flux, "22001", "imper_gain_ha"), 7.0, 1e-3);
    assert_eq!(flux["22001"]["years"], "3");
}

#[test]
fn without_a_use_herbs_stay_unknown() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 200.0, 100.0), &["22001", "A"])]);
    let (map, out) = (folder.path().join("cover_2021.tif"), folder.path().join("out"));
    cover(&map, &DRAWN);
    let ran = zan(&["--mode", "lidar", "--cover", text(&map)], &zones, &out);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("without OCS GE (--t1) the use is not known"), "{}", ran.err);
    let state = table(&out, "zan_state");
    near(metres(&state, "22001", "unknown_ha"), 20_000.0 - 500.0 - 400.0 - 50.0 - 49.0, 1e-3);
    let ran = zan(&["--mode", "lidar"], &zones, &out);
    assert!(ran.code == Some(2) && ran.err.contains("go together"), "{}", ran.err);
    let ran = zan(&["--mode", "lidar", "--cover", text(&zones)], &zones, &out);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
}

#[test]
fn trees_of_a_map_decide_on_the_polygons_of_ocs_ge() {
    let folder = TempDir::new().unwrap();
    let zones = communes(folder.path(), &[(square(0.0, 0.0, 200.0, 100.0), &["22001", "A"])]);
    let (map, out) = (folder.path().join("cover_2021.tif"), folder.path().join("out"));
    let state = folder.path().join("occupation_2021.gpkg");
    let rows: [(geo::Geometry<f64>, &[&str]); 2] = [
        (square(0.0, 0.0, 100.0, 100.0), &["CS2.2.1", "US5", "2021"]),
        (square(100.0, 0.0, 200.0, 100.0), &["CS2.2.1", "US1.1", "2021"]),
    ];
    write(&state, &OCSGE, &rows, true);
    for (high, wanted) in [(24, 10_000.0), (25, 0.0)] {
        cover(&map, &[(7, 0, 0, 100, high)]);
        let words = ["--t1", text(&state), "--mode", "recompute", "--trees", text(&map)];
        let ran = zan(&words, &zones, &out);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let table = table(&out, "zan_state");
        near(metres(&table, "22001", "artif_ha"), wanted, 1e-3);
        near(metres(&table, "22001", "artif_matrix_ha"), 10_000.0, 1e-3);
    }
}

#[test]
fn the_sample_town_is_sealed_as_it_truly_is() {
    let folder = TempDir::new().unwrap();
    let [_, usage, zones] = town();
    let map = zones.with_file_name("../truth/cover.tif");
    let words = ["state", "--mode", "lidar", "--cover", text(&map), "--t1", text(&usage), "--date1", "2021"];
    let ran = zan(&words, &zones, folder.path());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let state = table(folder.path(), "zan_state");
    let truth = std::fs::read_to_string(zones.with_file_name("../truth/zan_state.csv")).unwrap();
    let (mut shortfall, mut count) = (0.0, 0);
    for line in truth.lines().skip(1).filter(|line| line.contains(",2021,")) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse::<f64>().unwrap();
        near(metres(&state, cells[0], "covered_ha"), number(2), 1.0);
        // Cells of a metre against corners in millimetres; the ground under trees is sealed all the same.
        near(metres(&state, cells[0], "imper_ha"), number(4), 0.005 * number(4));
        shortfall += number(3) - metres(&state, cells[0], "artif_matrix_ha");
        count += 1;
    }
    assert_eq!(count, 2);
    // The truth is of the ground: it knows no trees. By the decree what they cover of gardens is no lawn.
    let classes = Raster::open(&map).unwrap().read::<u8>(0).unwrap();
    let cells = |wanted: &[u8]| classes.cells().iter().filter(|class| wanted.contains(class)).count() as f64;
    assert!(shortfall > 0.0 && shortfall < cells(&[5, 6, 7]), "{shortfall}");
    let wooded = metres(&state, "35999", "cat_10_ha");
    assert!(wooded > 0.0, "{wooded}");
}
