//! Rasters against themselves after a round trip, against GDAL, and against damage.

use std::path::{Path, PathBuf};

use gdal::raster::RasterCreationOptions;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use rayon::prelude::*;

use super::cog::{encode_cog, rounded};
use super::read::Raster;
use super::vrt::encode_vrt;
use super::{Overview, RasterMeta};
use crate::formats::crs::Crs;

fn lambert93() -> Crs {
    Crs::from_user("lambert93").unwrap()
}

fn meta<'a>(crs: &'a Crs, bands: &[&str]) -> RasterMeta<'a> {
    RasterMeta {
        title: "Terrain nu <dalle & voisines>".to_owned(),
        unit: "m".to_owned(),
        bands: bands.iter().map(|&band| band.to_owned()).collect(),
        tags: vec![("ILOT_METHOD".to_owned(), "tin \"é\" <2>".to_owned())],
        crs,
        quantum: Some(1.0 / 1024.0),
        overview: Overview::Average,
    }
}

fn frame(rows: usize, cols: usize) -> Frame {
    Frame { west: 769_999.75, north: 6_278_000.25, cell: Metres(0.5), rows, cols }
}

/// Hills with roofs and holes; heights as rough as a cloud's.
fn heights(frame: Frame) -> Grid<f32> {
    let mut noise = 1_u32;
    let cells = (0..frame.len()).map(|index| {
        let (row, col) = ((index / frame.cols) as f32, (index % frame.cols) as f32);
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hole = (row * 0.03).sin() * (col * 0.017).cos() > 0.93;
        let hill = 120.0 + 40.0 * (row * 0.003).sin() + 25.0 * (col * 0.004).cos();
        let roof = if (row as usize / 37 + col as usize / 53).is_multiple_of(5) { 8.5 } else { 0.0 };
        if hole { f32::NAN } else { hill + roof + (noise >> 16) as f32 / 65_536.0 * 0.15 }
    });
    Grid::new(frame, cells.collect())
}

fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn heights_come_back_exactly() {
    let crs = lambert93();
    let folder = tempfile::tempdir().unwrap();
    for (rows, cols) in [(1, 1), (3, 700), (512, 512), (513, 511), (1300, 1025)] {
        let grid = heights(frame(rows, cols));
        let bytes = encode_cog(&[&grid], &meta(&crs, &["altitude"])).unwrap();
        let raster = Raster::open(&written(folder.path(), "a.tif", &bytes)).unwrap();
        let expected: Vec<f32> =
            grid.cells().iter().map(|value| (value * 1024.0).round_ties_even() / 1024.0).collect();
        assert!(same(raster.read::<f32>(0).unwrap().cells(), &expected), "{rows} × {cols}");
        assert_eq!(raster.frame(), grid.frame());
        assert_eq!(raster.crs(), Some(&crs), "{rows} × {cols}");
        let band = &raster.bands()[0];
        assert_eq!(
            (band.description.as_str(), band.unit.as_str(), band.nodata),
            ("altitude", "m", Some(-9999.0))
        );
        assert_eq!(raster.tag("ILOT_METHOD").as_deref(), Some("tin \"é\" <2>"));
        assert_eq!(raster.tag("TIFFTAG_IMAGEDESCRIPTION").as_deref(), Some("Terrain nu <dalle & voisines>"));
    }
}

#[test]
fn several_bands_bytes_and_whole_numbers_come_back_exactly() {
    let crs = Crs::from_epsg(2975, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let frame = frame(700, 900);
    let bands: Vec<Grid<f32>> = (0..5)
        .map(|band| {
            Grid::new(frame, (0..frame.len()).map(|cell| ((cell * (band + 3)) % 97) as f32 / 0.25).collect())
        })
        .collect();
    let all: Vec<&Grid<f32>> = bands.iter().collect();
    let bytes = encode_cog(&all, &meta(&crs, &["a", "b", "c", "d", "e"])).unwrap();
    let raster = Raster::open(&written(folder.path(), "bands.tif", &bytes)).unwrap();
    assert_eq!(raster.bands().len(), 5);
    for (index, band) in bands.iter().enumerate() {
        assert!(same(raster.read::<f32>(index).unwrap().cells(), band.cells()), "band {index}");
        assert_eq!(raster.bands()[index].description, ["a", "b", "c", "d", "e"][index]);
    }
    let classes = Grid::new(frame, (0..frame.len()).map(|cell| (cell % 7) as u8).collect());
    let what = RasterMeta {
        unit: String::new(),
        quantum: None,
        overview: Overview::Majority,
        ..meta(&crs, &["classe"])
    };
    let raster =
        Raster::open(&written(folder.path(), "u8.tif", &encode_cog(&[&classes], &what).unwrap())).unwrap();
    assert_eq!(raster.read::<u8>(0).unwrap(), classes);
    assert!(raster.read::<f32>(0).unwrap().at(0, 0).is_nan());
    let counts = Grid::new(
        frame,
        (0..frame.len()).map(|cell| if cell == 5 { i32::MIN } else { cell as i32 * 3401 }).collect(),
    );
    let raster =
        Raster::open(&written(folder.path(), "i32.tif", &encode_cog(&[&counts], &what).unwrap())).unwrap();
    assert_eq!(raster.read::<i32>(0).unwrap(), counts);
    assert!(raster.read::<u8>(0).is_err());
}

#[test]
fn overviews_are_means_of_what_is_known() {
    let crs = lambert93();
    let folder = tempfile::tempdir().unwrap();
    let grid = heights(frame(1025, 600));
    let path = written(folder.path(), "a.tif", &encode_cog(&[&grid], &meta(&crs, &["altitude"])).unwrap());
    let dataset = gdal::Dataset::open(&path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    assert_eq!(band.overview_count().unwrap(), 2);
    let half = band.overview(0).unwrap();
    assert_eq!(half.size(), (300, 513));
    let values = half.read_band_as::<f32>().unwrap();
    for (row, col) in [(0, 0), (200, 100), (512, 299), (300, 17)] {
        let mut known = Vec::new();
        for r in [2 * row, (2 * row + 1).min(1024)] {
            known.extend(
                [2 * col, 2 * col + 1].map(|c| grid.at(r, c)).into_iter().filter(|value| !value.is_nan()),
            );
        }
        let mean = known.iter().sum::<f32>() / known.len() as f32;
        let found = values.data()[row * 300 + col];
        assert!(
            if known.is_empty() { found == -9999.0 } else { (found - mean).abs() < 0.001 },
            "{row}, {col}"
        );
    }
}

#[test]
fn the_smaller_version_of_classes_is_a_vote() {
    let crs = lambert93();
    let folder = tempfile::tempdir().unwrap();
    let mut classes = Grid::filled(frame(2, 600), 3_u8);
    // 1 0 / 2 2 → 2;  0 0 / 0 9 → 9;  4 5 / 5 4 → 4, the north-western of equals;  0 0 / 0 0 → 0.
    for (row, values) in [[1, 0, 0, 0, 4, 5, 0, 0], [2, 2, 0, 9, 5, 4, 0, 0]].iter().enumerate() {
        classes.cells_mut()[row * 600..row * 600 + 8].copy_from_slice(values);
    }
    let what = RasterMeta { overview: Overview::Majority, ..meta(&crs, &["classe"]) };
    let path = written(folder.path(), "c.tif", &encode_cog(&[&classes], &what).unwrap());
    let dataset = gdal::Dataset::open(&path).unwrap();
    let half = dataset.rasterband(1).unwrap().overview(0).unwrap().read_band_as::<u8>().unwrap();
    assert_eq!(half.data()[..5], [2, 9, 4, 0, 3]);
}

#[test]
fn the_same_grid_gives_the_same_bytes_on_any_thread() {
    let crs = lambert93();
    let grid = heights(frame(600, 700));
    let first = encode_cog(&[&grid], &meta(&crs, &["altitude"])).unwrap();
    let others: Vec<Vec<u8>> =
        (0..8).into_par_iter().map(|_| encode_cog(&[&grid], &meta(&crs, &["altitude"])).unwrap()).collect();
    assert!(others.iter().all(|bytes| *bytes == first));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let crs = lambert93();
    let mut grid = heights(frame(4, 4));
    assert!(encode_cog(&[&grid], &meta(&crs, &["a", "b"])).is_err());
    grid.cells_mut()[3] = -9999.0;
    let said = encode_cog(&[&grid], &meta(&crs, &["a"])).unwrap_err().0.en;
    assert!(said.contains("-9999"), "{said}");
}

#[test]
fn rounding_is_to_the_next_multiple() {
    for value in [0.0_f32, -0.3, 170.123_45, 4810.9, -12.000_5, 1e6, 3e38, -3e38] {
        let fine = f64::from(rounded(value, 1.0 / 1024.0));
        assert!((fine - f64::from(value)).abs() <= 0.5 / 1024.0, "{value}");
        assert!(value.abs() > 1e5 || (fine * 1024.0).fract() == 0.0, "{value}");
    }
    assert_eq!(rounded(12.37, 0.25), 12.25);
    assert!(rounded(f32::NAN, 0.25).is_nan());
}

#[test]
fn windows_are_cut_from_the_lattice() {
    let crs = lambert93();
    let folder = tempfile::tempdir().unwrap();
    let grid = heights(frame(700, 600));
    let what = RasterMeta { quantum: None, ..meta(&crs, &["altitude"]) };
    let raster =
        Raster::open(&written(folder.path(), "a.tif", &encode_cog(&[&grid], &what).unwrap())).unwrap();
    let part =
        Frame { west: 769_999.75 + 50.0, north: 6_278_000.25 - 100.0, rows: 300, cols: 200, ..*grid.frame() };
    assert!(same(raster.read_window::<f32>(0, &part).unwrap().cells(), grid.cropped(&part).cells()));
    // Half outside: missing there. Wholly outside: all missing.
    for (row, col, rows, cols) in
        [(-5_i64, -7_i64, 20, 20), (690, 590, 20, 20), (-5, 100, 3, 3), (100, 2000, 3, 3), (-3, -3, 800, 900)]
    {
        let part = Frame {
            west: grid.frame().west + col as f64 * 0.5,
            north: grid.frame().north - row as f64 * 0.5,
            rows,
            cols,
            ..*grid.frame()
        };
        let found = raster.read_window::<f32>(0, &part).unwrap();
        for r in 0..rows {
            for c in 0..cols {
                let (y, x) = (row + r as i64, col + c as i64);
                let inside = (0..700).contains(&y) && (0..600).contains(&x);
                let expected = if inside { grid.at(y as usize, x as usize) } else { f32::NAN };
                assert!(same(&[found.at(r, c)], &[expected]), "{row} {col} {r} {c}");
            }
        }
    }
    let off = Frame { west: part.west + 0.2, ..part };
    assert!(raster.read_window::<f32>(0, &off).is_err());
    let window = raster
        .window(&Extent { west: 770_010.0, south: 6_277_900.0, east: 770_020.0, north: 6_277_950.3 })
        .unwrap();
    assert_eq!((window.west, window.north, window.rows, window.cols), (770_009.75, 6_277_950.75, 102, 21));
    assert!(raster.read_window::<f32>(0, &window).is_ok());
    assert!(raster.window(&Extent { west: 0.0, south: 0.0, east: 1.0, north: 1.0 }).is_none());
    assert!(raster.read::<f32>(1).is_err());
}

/// A file as somebody else writes it, through GDAL's own driver.
fn foreign(path: &Path, transform: [f64; 6], nodata: Option<f64>, scale: Option<(f64, f64)>, values: &[i16]) {
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::from_iter(["COMPRESS=DEFLATE"]);
    let mut dataset =
        driver.create_with_band_type_with_options::<i16, _>(path, values.len(), 1, 1, &options).unwrap();
    dataset.set_geo_transform(&transform).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.set_no_data_value(nodata).unwrap();
    if let Some((scale, offset)) = scale {
        band.set_scale(scale).unwrap();
        band.set_offset(offset).unwrap();
    }
    band.write((0, 0), (values.len(), 1), &mut gdal::raster::Buffer::new((values.len(), 1), values.to_vec()))
        .unwrap();
    dataset.close().unwrap();
}

#[test]
fn foreign_files_mean_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let north_up = [0.0, 1.0, 0.0, 10.0, 0.0, -1.0];
    foreign(&path, north_up, Some(-32768.0), Some((0.1, 5.0)), &[0, 10, -32768]);
    let raster = Raster::open(&path).unwrap();
    let values = raster.read::<f32>(0).unwrap();
    assert!(same(values.cells(), &[5.0, 6.0, f32::NAN]));
    assert!(raster.crs().is_none());
    assert!(raster.read::<i32>(0).is_err(), "scaled numbers are not whole");
    foreign(&path, north_up, Some(7.0), None, &[0, 7, -3]);
    let raster = Raster::open(&path).unwrap();
    assert!(same(raster.read::<f32>(0).unwrap().cells(), &[0.0, f32::NAN, -3.0]));
    assert_eq!(raster.read::<i32>(0).unwrap().cells(), &[0, i32::MIN, -3]);
    let said = |transform| {
        foreign(&path, transform, None, None, &[1, 2, 3]);
        Raster::open(&path).map(|_| ()).unwrap_err().0.en
    };
    assert!(said([0.0, 1.0, 0.2, 10.0, 0.0, -1.0]).contains("rotated"));
    assert!(said([0.0, 1.0, 0.0, 10.0, 0.0, 1.0]).contains("south to north"));
    assert!(said([0.0, 1.0, 0.0, 10.0, 0.0, -2.0]).contains("not square"));
    std::fs::write(&path, b"P5 2 2 255\nabcd").unwrap();
    let said = Raster::open(&path).map(|_| ()).unwrap_err().0.en;
    assert!(said.contains("where it lies"), "{said}");
}

#[test]
fn damaged_files_are_faults_that_name_the_file() {
    let crs = lambert93();
    let folder = tempfile::tempdir().unwrap();
    let grid = heights(frame(900, 700));
    let whole = encode_cog(&[&grid], &meta(&crs, &["altitude"])).unwrap();
    let read = |bytes: &[u8]| {
        let path = written(folder.path(), "dalle.tif", bytes);
        Raster::open(&path).and_then(|raster| raster.read::<f32>(0))
    };
    for cut in [0, 1, 7, 8, 100, 192, 400, 1000, 3000, whole.len() / 2, whole.len() - 5000] {
        let said = read(&whole[..cut]).map(|_| ()).unwrap_err().0.en;
        assert!(said.contains("dalle.tif"), "cut at {cut}: {said}");
    }
    // 2 kB zeroed anywhere: a fault or other values (libtiff does not look at ZSTD's checksums), never a crash.
    let faults = (0..whole.len() - 2048).step_by(whole.len() / 60).filter(|&at| {
        let mut holed = whole.clone();
        holed[at..at + 2048].fill(0);
        read(&holed).is_err_and(|fault| fault.0.en.contains("dalle.tif"))
    });
    assert!(faults.count() > 20);
    let said = Raster::open(&folder.path().join("nulle part.tif")).map(|_| ()).unwrap_err().0.fr;
    assert!(said.contains("nulle part.tif"), "{said}");
    // A header that promises 10¹² cells.
    let huge = r#"<VRTDataset rasterXSize="1000000" rasterYSize="1000000"><GeoTransform>0,1,0,0,0,-1</GeoTransform><VRTRasterBand dataType="Float32" band="1"/></VRTDataset>"#;
    let path = written(folder.path(), "huge.vrt", huge.as_bytes());
    assert!(Raster::open(&path).unwrap().read::<f32>(0).unwrap_err().0.en.contains("memory"));
}

#[test]
fn a_virtual_raster_shows_its_tiles_without_seams() {
    let crs = lambert93();
    let folder = tempfile::tempdir().unwrap();
    let whole =
        heights(Frame { west: 770_000.0, north: 6_278_000.0, cell: Metres(0.5), rows: 1200, cols: 1400 });
    let what = RasterMeta { quantum: None, ..meta(&crs, &["altitude"]) };
    let mut tiles = Vec::new();
    std::fs::create_dir(folder.path().join("dtm")).unwrap();
    for (row, col, rows, cols) in [(0, 0, 600, 700), (0, 700, 600, 700), (600, 700, 600, 700)] {
        let part = Frame {
            west: whole.frame().west + f64::from(col) * 0.5,
            north: whole.frame().north - f64::from(row) * 0.5,
            rows,
            cols,
            ..*whole.frame()
        };
        let name = format!("dtm/été & co {row}_{col}.tif");
        written(folder.path(), &name, &encode_cog(&[&whole.cropped(&part)], &what).unwrap());
        tiles.push((name, part));
    }
    let xml = encode_vrt::<f32>(&tiles, &union(&tiles), &what).unwrap();
    tiles.reverse();
    assert_eq!(
        encode_vrt::<f32>(&tiles, &union(&tiles), &what).unwrap(),
        xml,
        "the order of tiles means nothing"
    );
    let raster = Raster::open(&written(folder.path(), "dtm.vrt", xml.as_bytes())).unwrap();
    assert_eq!(raster.frame(), whole.frame());
    assert_eq!(raster.crs(), Some(&crs));
    assert_eq!((raster.bands()[0].unit.as_str(), raster.bands()[0].nodata), ("m", Some(-9999.0)));
    let found = raster.read::<f32>(0).unwrap();
    for row in 0..1200 {
        let (shown, truth) = (found.row(row), whole.row(row));
        let known = if row < 600 { 0 } else { 700 };
        assert!(
            same(&shown[known..], &truth[known..]) && shown[..known].iter().all(|value| value.is_nan()),
            "row {row}"
        );
    }
    tiles[0].1.west += 0.2;
    assert!(encode_vrt::<f32>(&tiles, &union(&tiles), &what).is_err());
}

#[test]
fn rasters_of_others_are_read() {
    let Some(data) = std::env::var_os("ILOT_DATA").map(PathBuf::from) else {
        println!("skipped: ILOT_DATA is not set");
        return;
    };
    let montpellier = data.join("reference/montpellier");
    let dtm = Raster::open(&montpellier.join("DTM_test_data_77055_627760_LA93_IGN69_50CM.tif")).unwrap();
    assert_eq!(
        (dtm.frame().west, dtm.frame().north, dtm.frame().cell),
        (770_549.75, 6_277_600.25, Metres(0.5))
    );
    assert_eq!(dtm.crs().unwrap().horizontal_epsg(), Some(2154));
    let known = dtm.read::<f32>(0).unwrap().cells().iter().filter(|value| !value.is_nan()).count();
    assert_eq!(known, 9_995, "as the data's own description counts");
    let south_up =
        Raster::open(&montpellier.join("test_data_0000_0000_LA93_IGN69_ground_DTM_1M_Laplace.tif"));
    assert!(south_up.is_err_and(|fault| fault.0.en.contains("south to north")));
    let ortho = Raster::open(&data.join("ortho/test_data_irc.tif")).unwrap();
    assert_eq!((ortho.bands().len(), ortho.frame().rows), (3, 252));
    // Its GeoKeys hold the parameters of Lambert-93 and the words "EPSG:2154", but no code.
    assert_eq!(ortho.crs().unwrap().horizontal_epsg(), Some(2154));
}

/// The frame that holds all tiles.
fn union(tiles: &[(String, Frame)]) -> Frame {
    Frame::union(tiles.iter().map(|(_, frame)| *frame)).unwrap()
}
