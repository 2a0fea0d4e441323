//! What contents of `ilot tiles` say and show, at known places: pictures, warmth, and who owns a border.

use crate::harness::{Ran, band, data, ilot, points_of, text, town_cloud};
use crate::tiles::{Opened, glbs, grids, placed, tiled};
use ilot::formats::crs::Crs;
use ilot::formats::points::{Columns, Writing, write};
use ilot::formats::raster::cog::encode_cog;
use ilot::formats::raster::{Overview, RasterMeta};
use ilot::twin::heights::World;
use ilot_kernels::frame::Frame;
use ilot_kernels::globe;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

/// Metres from the Earth's centre of a place on the map.
fn earth([x, y, z]: [f64; 3]) -> [f64; 3] {
    let crs = Crs::from_user("EPSG:2154+5720").unwrap();
    let world = World::of(&crs, &[grids().unwrap()]).unwrap();
    let [lon, lat, up] = world.place(x, y, z).unwrap();
    globe::geocentric(lon, lat, up)
}

fn apart(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
}

fn raster(path: &Path, bands: &[&Grid<u8>]) {
    let crs = Crs::from_user("EPSG:2154").unwrap();
    let bytes = encode_cog(bands, &meta(&crs, bands.len())).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn meta(crs: &Crs, bands: usize) -> RasterMeta<'_> {
    RasterMeta {
        title: "made".to_owned(),
        unit: String::new(),
        bands: (0..bands).map(|band| format!("{band}")).collect(),
        tags: Vec::new(),
        crs,
        quantum: None,
        overview: Overview::Average,
    }
}

/// Clouds as points of a twin, without any map.
fn pointed(out: &Path, clouds: &Path, grids: &Path) -> Ran {
    let words = ["--crs", "EPSG:2154+5720", "--content", "points", "--grids", text(grids)];
    ilot(&[&["tiles", text(out), "--clouds", text(clouds)][..], &words].concat())
}

const GREY: [u8; 3] = [100, 100, 100];
const MARK: [u8; 3] = [200, 40, 90];

/// From sRGB to linear light (IEC 61966-2-1).
fn linear(value: u8) -> f64 {
    let share = f64::from(value) / 255.0;
    if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

#[test]
fn a_mark_of_the_orthophoto_is_seen_where_it_is_in_its_colour() {
    let Some(_) = data() else { return };
    let folder = TempDir::new().unwrap();
    let (cloud, _) = points_of(&town_cloud());
    let extent = cloud.header().extent;
    let cell = 0.25;
    let (west, north) = (extent.west.floor() - 5.0, extent.north.ceil() + 5.0);
    let cells = |metres: f64| (metres / cell) as usize;
    let (rows, cols) = (cells(north - extent.south + 5.0), cells(extent.east - west + 5.0));
    let frame = Frame { west, north, cell: Metres(cell), rows, cols };
    // A square of 20 m, away from the middle so that no flip hides.
    let middle = [extent.west + 0.4 * extent.width().0, extent.south + 0.6 * extent.height().0];
    let marked = |index: usize| {
        let (row, col) = (index / cols, index % cols);
        let (x, y) = (west + (col as f64 + 0.5) * cell, north - (row as f64 + 0.5) * cell);
        (x - middle[0]).abs() < 10.0 && (y - middle[1]).abs() < 10.0
    };
    let bands: Vec<Grid<u8>> = (0..3)
        .map(|band| {
            let colour = |index| if marked(index) { MARK[band] } else { GREY[band] };
            Grid::new(frame, (0..rows * cols).map(colour).collect())
        })
        .collect();
    let photo = folder.path().join("ortho.tif");
    raster(&photo, &bands.iter().collect::<Vec<_>>());
    let Some((out, ran)) = tiled(&["--content", "terrain,points", "--ortho", text(&photo)]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ground = f64::from({
        let terrain = band(&out.path().join("dtm.vrt"), 0);
        let (row, col) = terrain.frame().locate(middle[0], middle[1]).unwrap();
        terrain.at(row, col)
    });
    let mark = earth([middle[0], middle[1], ground]);
    // The mark reaches from 10 to 14 m; nothing on it is as high as 30 m.
    let colour_at = |place: &[f64; 3]| match apart(place, &mark) {
        near if near < 8.0 => Some(MARK),
        far if far > 36.0 => Some(GREY),
        _ => None,
    };
    let mut seen = BTreeMap::new();
    for (path, matrix) in glbs(out.path()) {
        let glb = Opened::read(&path);
        let places = glb.positions().into_iter().map(|local| placed(&matrix, local));
        if path.parent().unwrap().parent().unwrap().ends_with("terrain") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // Coarser pictures blend.
            if !name.starts_with("3_") {
                continue;
            }
            let (width, picture) = glb.picture();
            for (place, [u, v]) in places.zip(glb.texels()) {
                let pixel = |share: f64| ((share * width as f64) as usize).min(width - 1);
                let at = 3 * (pixel(v) * width + pixel(u));
                if let Some(colour) = colour_at(&place) {
                    assert_eq!(picture[at..at + 3], colour, "{name}: {:.1} m", apart(&place, &mark));
                    *seen.entry((true, colour)).or_insert(0) += 1;
                }
            }
        } else {
            for (place, own) in places.zip(glb.stream::<8>("COLOR_0")) {
                let Some(colour) = colour_at(&place) else { continue };
                for channel in 0..3 {
                    let light =
                        f64::from(u16::from_le_bytes([own[2 * channel], own[2 * channel + 1]])) / 65_535.0;
                    assert!((light - linear(colour[channel])).abs() < 2e-5, "{light} of {colour:?}");
                }
                *seen.entry((false, colour)).or_insert(0) += 1;
            }
        }
    }
    // The finest terrain has a vertex each 1.95 m, the cloud some ten points a square metre.
    let count = |terrain, colour| seen.get(&(terrain, colour)).copied().unwrap_or(0);
    assert!(count(true, MARK) > 30 && count(true, GREY) > 1000, "{seen:?}");
    assert!(count(false, MARK) > 500 && count(false, GREY) > 10_000, "{seen:?}");
}

#[test]
fn points_carry_the_warmth_of_their_cell() {
    let Some((out, _)) = tiled(&["--content", "terrain"]) else { return };
    let (cloud, points) = points_of(&town_cloud());
    let header = cloud.header();
    let cell = 5.0;
    let (west, north) = (header.extent.west.floor() - 5.0, header.extent.north.ceil() + 5.0);
    let (rows, cols) = (
        ((north - header.extent.south) / cell) as usize + 1,
        ((header.extent.east - west) / cell) as usize + 1,
    );
    let frame = Frame { west, north, cell: Metres(cell), rows, cols };
    // Each cell has a warmth of its own, some below the country's; the first rows are not known.
    let warmth = |row: usize, col: usize| -1.5 + 0.04 * row as f32 + 0.0007 * col as f32;
    let values = (0..rows * cols).map(|index| {
        let (row, col) = (index / cols, index % cols);
        if row < 4 { f32::NAN } else { warmth(row, col) }
    });
    let grid = Grid::new(frame, values.collect());
    let crs = Crs::from_user("EPSG:2154").unwrap();
    // GDAL knows a file by its first bytes, not by its name.
    std::fs::write(out.path().join("heat_night.vrt"), encode_cog(&[&grid], &meta(&crs, 1)).unwrap()).unwrap();
    let ran = ilot(&["tiles", text(out.path()), "--grids", text(&grids().unwrap()), "--content", "points"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    type Told = Vec<([f64; 3], f64)>;
    let mut told: BTreeMap<(u8, u16), Told> = BTreeMap::new();
    for (path, matrix) in glbs(out.path()) {
        if !path.parent().unwrap().parent().unwrap().ends_with("points") {
            continue;
        }
        let glb = Opened::read(&path);
        let property = &glb.scene["extensions"]["EXT_structural_metadata"]["schema"]["classes"]["point"]["properties"]
            ["heat_night"];
        let (offset, scale) = (property["offset"].as_f64().unwrap(), property["scale"].as_f64().unwrap());
        for (local, said) in glb.positions().into_iter().zip(glb.stream::<16>("_INTENSITY")) {
            let number = |at: usize| u16::from_le_bytes([said[at], said[at + 1]]);
            // 0 stands for what is not known.
            let own =
                if number(12) == 0 { f64::NAN } else { offset + f64::from(number(12)) / 65_535.0 * scale };
            told.entry((said[4], number(0))).or_default().push((placed(&matrix, local), own));
        }
    }
    let (mut found, mut unknown) = (0, 0);
    for at in (0..points.len()).step_by(211).filter(|&at| ![7, 18, 65].contains(&points.class[at])) {
        let raw = [points.x[at], points.y[at], points.z[at]];
        let [x, y, z] = std::array::from_fn(|i| f64::from(raw[i]) * header.scale[i] + header.offset[i]);
        let place = earth([x, y, z]);
        let same = &told[&(points.class[at], points.intensity[at])];
        let (nearest, own) =
            same.iter().min_by(|a, b| apart(&a.0, &place).total_cmp(&apart(&b.0, &place))).unwrap();
        assert!(apart(nearest, &place) < 0.012);
        let (row, col) = (((north - y) / cell) as usize, ((x - west) / cell) as usize);
        if row < 4 {
            assert!(own.is_nan(), "{own}");
            unknown += 1;
        } else {
            let expected = f64::from(warmth(row, col));
            assert!((own - expected).abs() < 0.0006, "{own} and {expected} in {row}, {col}");
            found += 1;
        }
    }
    assert!(found > 500 && unknown > 0, "{found}, {unknown}");
}

/// Points beside and on the border of four kilometres, in metres from it, whole numbers of `scale`.
fn border(scale: f64, seed: u32) -> Vec<[f64; 2]> {
    let mut noise = seed;
    let mut next = |most: u32| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 8) % most
    };
    let near = |unit: u32| (f64::from(unit) - 3.0) * scale;
    (0..400)
        .map(|_| match next(3) {
            0 => [near(next(7)), near(next(7))],
            1 => [near(next(7)), f64::from(next(40)) - 20.0],
            _ => [f64::from(next(40)) - 20.0, near(next(7))],
        })
        .collect()
}

#[test]
fn a_point_on_a_border_is_in_one_tile_whatever_the_scale_of_its_cloud() {
    let Some(grids) = grids() else { return };
    // A centimetre, a millimetre, and steps that no decimal lattice holds, so that positions are rounded.
    for (round, scales) in
        [vec![0.01], vec![0.01, 0.001], vec![0.01, 0.007_812_5], vec![0.003]].iter().enumerate()
    {
        let folder = TempDir::new().unwrap();
        let clouds = folder.path().join("clouds");
        std::fs::create_dir(&clouds).unwrap();
        let crs = Crs::from_user("EPSG:2154").unwrap();
        // The intensity is the number of the point.
        let mut count = 0_u16;
        let mut expected: BTreeMap<u16, (i64, i64)> = BTreeMap::new();
        let finest = if scales.iter().all(|scale| *scale == 0.01) { 100.0 } else { 1000.0 };
        for (nth, &scale) in scales.iter().enumerate() {
            let (east, north) = (771_000.0, 6_278_000.0);
            let offset = [east, north, 0.0];
            let places = border(scale, (round * 10 + nth) as u32 + 1);
            let raw = |axis: usize| -> Vec<i32> {
                places.iter().map(|place| (place[axis] / scale).round() as i32).collect()
            };
            let (x, y) = (raw(0), raw(1));
            let numbers: Vec<u16> = (count..).take(places.len()).collect();
            for ((x, y), number) in x.iter().zip(&y).zip(&numbers) {
                let tile =
                    |raw: i32| ((f64::from(raw) * scale * finest).round() / finest).div_euclid(1000.0) as i64;
                let _ = expected.insert(*number, (tile(*x), tile(*y)));
            }
            count += places.len() as u16;
            let ones = vec![1; places.len()];
            let z = vec![3000; places.len()];
            let columns = Columns {
                x: &x,
                y: &y,
                z: &z,
                class: &vec![2; places.len()],
                intensity: &numbers,
                return_number: &ones,
                number_of_returns: &ones,
                ..Columns::default()
            };
            let writing =
                Writing { scale: [scale, scale, 0.01], offset, wkt: crs.wkt(), ..Writing::default() };
            write(&clouds.join(format!("{nth}.laz")), &columns, &writing).unwrap();
        }
        let out = folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let ran = pointed(&out, &clouds, &grids);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let mut found: BTreeMap<u16, Vec<(i64, i64)>> = BTreeMap::new();
        for (path, _) in glbs(&out) {
            let tile = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            let (col, row) = tile.split_once('_').unwrap();
            let tile = (col.parse::<i64>().unwrap() - 771, row.parse::<i64>().unwrap() - 6279);
            for said in Opened::read(&path).stream::<8>("_INTENSITY") {
                found.entry(u16::from_le_bytes([said[0], said[1]])).or_default().push(tile);
            }
        }
        let expected = expected.into_iter().map(|(number, tile)| (number, vec![tile])).collect();
        assert!(found == expected, "{scales:?}");
    }
}

#[test]
fn clouds_of_one_shape_elsewhere_are_no_copies() {
    let Some(grids) = grids() else { return };
    let folder = TempDir::new().unwrap();
    let crs = Crs::from_user("EPSG:2154").unwrap();
    let (plane, ones) = ([0, 500, 900], [1; 3]);
    let columns = Columns {
        x: &plane,
        y: &plane,
        z: &plane,
        class: &[2; 3],
        intensity: &[1, 2, 3],
        return_number: &ones,
        number_of_returns: &ones,
        ..Columns::default()
    };
    for east in [771_000.0, 772_000.0] {
        let writing = Writing { offset: [east, 6_278_000.0, 0.0], wkt: crs.wkt(), ..Writing::default() };
        write(&folder.path().join(format!("{east}.laz")), &columns, &writing).unwrap();
    }
    let ran = pointed(folder.path(), folder.path(), &grids);
    assert!(
        ran.code == Some(0) && ran.err.contains("2 tiles made") && ran.err.contains(" 6 points"),
        "{}",
        ran.err
    );
}
