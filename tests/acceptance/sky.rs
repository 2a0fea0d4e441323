//! `ilot sky`: as UMEP sees Athens, the same in any tiling, and clear where a surface or a date makes no sense.

use crate::harness::{Ran, band, data, ilot, text, town};
use ilot::formats::crs::Crs;
use ilot::formats::raster::cog::encode_cog;
use ilot::formats::raster::{Overview, RasterMeta};
use ilot::product::named;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::shade::{ShadeParams, Sun, shade, sun_hours_behind_crowns};
use ilot_kernels::sky::{Crowns, SkyParams, sky_view, sky_view_behind_crowns};
use ilot_kernels::unit::{Degrees, Metres};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// UMEP's golden rasters: the folder is named after another town, but the surface is that of Athens, cell for cell.
const ATHENS: Frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: 400, cols: 400 };

/// A raster of UMEP's as its Python wrote it: NPY 1.0, rows of little-endian f32 or f64.
fn npy(path: &Path) -> Grid<f32> {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..start]).unwrap();
    assert!(header.contains("(400, 400)") && header.contains("'fortran_order': False"), "{header}");
    let values = &bytes[start..];
    let cells = if header.contains("<f4") {
        values.chunks_exact(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect()
    } else {
        assert!(header.contains("<f8"), "{header}");
        values.chunks_exact(8).map(|c| f64::from_le_bytes(c.try_into().unwrap()) as f32).collect()
    };
    Grid::new(ATHENS, cells)
}

fn umep(name: &str) -> Option<Grid<f32>> {
    Some(npy(&data()?.join("reference/heat/umep_goteborg").join(format!("{name}.npy"))))
}

#[test]
fn the_sky_over_athens_is_that_of_umep() {
    let (Some(surface), Some(theirs)) = (umep("input_dsm"), umep("svf_total")) else { return };
    let ours = sky_view(&surface, &ATHENS, &SkyParams::default()).cosine_weighted;
    let pairs = ours.cells().iter().zip(theirs.cells());
    let differences: Vec<f64> = pairs.map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
    let count = differences.len() as f64;
    let bias = differences.iter().sum::<f64>() / count;
    let rmse = (differences.iter().map(|d| d * d).sum::<f64>() / count).sqrt();
    let mut sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let most = sizes[sizes.len() * 95 / 100];
    println!("bias {bias:+.4}, RMSE {rmse:.4}, 95 % within {most:.4}, largest {:.4}", sizes[sizes.len() - 1]);
    assert!(bias.abs() <= 0.006 && rmse <= 0.016 && most <= 0.035);
}

#[test]
fn the_shadows_of_athens_are_those_of_umep() {
    for (name, azimuth, altitude) in
        [("morning", 90.0, 30.0), ("noon", 180.0, 60.0), ("afternoon", 270.0, 45.0)]
    {
        let theirs = umep(&format!("shadow_{name}_bldg_sh"));
        let (Some(surface), Some(theirs)) = (umep("input_dsm"), theirs) else { return };
        let sun = Sun { azimuth: Degrees(azimuth), altitude: Degrees(altitude) };
        let ours = shade(&surface, &ATHENS, &sun, &ShadeParams::default());
        // UMEP writes 1 in the sun.
        let same = ours.cells().iter().zip(theirs.cells()).filter(|(a, b)| **a == 1.0 - **b).count();
        println!("{name}: {same} of {} cells", ATHENS.len());
        assert!(same * 100 >= ATHENS.len() * 99, "{name}: {same}");
    }
}

/// Tops and bases of UMEP's crowns; no height is no tree.
fn umep_crowns() -> Option<(Grid<f32>, Grid<f32>)> {
    let (mut tops, mut bases) = (umep("input_cdsm")?, umep("input_tdsm")?);
    let trees: Vec<bool> = tops.cells().iter().map(|top| *top != 0.0).collect();
    for layer in [&mut tops, &mut bases] {
        let cells = layer.cells_mut().iter_mut().zip(&trees);
        cells.filter(|(_, tree)| !**tree).for_each(|(cell, _)| *cell = f32::NAN);
    }
    Some((tops, bases))
}

/// UMEP's factor of the vegetation alone is one minus what crowns take of the sky.
#[test]
fn the_trees_of_athens_hide_what_umep_says() {
    let (Some(surface), Some((tops, bases))) = (umep("input_dsm"), umep_crowns()) else { return };
    let Some(theirs) = umep("svf_veg") else { return };
    let crowns = Crowns { tops: &tops, bases: &bases };
    let leaves = sky_view_behind_crowns(&surface, &crowns, &ATHENS, &SkyParams::default()).1;
    for (place, below, most) in [("beside crowns", false, 0.008), ("below crowns", true, 0.03)] {
        let cells = (0..ATHENS.len()).filter(|&i| tops.cells()[i].is_nan() != below);
        let difference = |i: usize| 1.0 - f64::from(leaves.cells()[i]) - f64::from(theirs.cells()[i]);
        let differences: Vec<f64> = cells.map(difference).collect();
        let count = differences.len() as f64;
        let rmse = (differences.iter().map(|d| d * d).sum::<f64>() / count).sqrt();
        let bias = differences.iter().sum::<f64>() / count;
        println!("{place}: {} cells, bias {bias:+.4}, RMSE {rmse:.4}", differences.len());
        assert!(rmse <= most && differences.len() > 5000, "{place}: {rmse}");
    }
}

/// UMEP writes 1 where no crown shades; where buildings shade, crowns do not count.
#[test]
fn the_shadows_of_athens_trees_are_those_of_umep() {
    for (name, azimuth, altitude) in
        [("morning", 90.0, 30.0), ("noon", 180.0, 60.0), ("afternoon", 270.0, 45.0)]
    {
        let theirs = umep(&format!("shadow_{name}_veg_sh"));
        let (Some(surface), Some((tops, bases))) = (umep("input_dsm"), umep_crowns()) else { return };
        let Some(theirs) = theirs else { return };
        let sun = Sun { azimuth: Degrees(azimuth), altitude: Degrees(altitude) };
        let crowns = Crowns { tops: &tops, bases: &bases };
        let params = ShadeParams::default();
        let ours = sun_hours_behind_crowns(&surface, &crowns, &ATHENS, &[sun], 1.0, &params).1;
        let same = ours.cells().iter().zip(theirs.cells()).filter(|(a, b)| **a == 1.0 - **b).count();
        let shaded = ours.cells().iter().filter(|cell| **cell > 0.0).count();
        println!("{name}: {same} of {} cells, {shaded} behind crowns", ATHENS.len());
        assert!(same * 100 >= ATHENS.len() * 99 && shaded > 1000, "{name}: {same}");
    }
}

fn sky(surface: &Path, out: &Path, more: &[&str]) -> Ran {
    let mut words = vec!["sky", text(surface), "--out", text(out)];
    words.extend(more);
    ilot(&words)
}

/// The sample town's true surface.
fn town_surface() -> PathBuf {
    town().join("truth/dsm.tif")
}

#[test]
fn small_tiles_have_the_cells_of_one() {
    let folder = TempDir::new().unwrap();
    let (one, many) = (folder.path().join("one"), folder.path().join("many"));
    let words = ["--reach", "30", "--shadow-reach", "40"];
    let ran = sky(&town_surface(), &one, &words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ran = sky(&town_surface(), &many, &[&words[..], &["--tile", "97", "--threads", "1"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let bands = [("sky_view", 1), ("sky_view_geometric", 1), ("shade", 6), ("sun_hours", 2)];
    for (spec, bands) in bands.map(|(name, bands)| (named(name).unwrap(), bands)) {
        let name = format!("{}.vrt", spec.name);
        for index in 0..bands {
            let (a, b) = (band(&one.join(&name), index), band(&many.join(&name), index));
            assert_eq!(a.frame(), b.frame());
            let differing = a.cells().iter().zip(b.cells()).filter(|(a, b)| a.to_bits() != b.to_bits());
            assert_eq!(differing.count(), 0, "{name} band {index}");
            let inside = |cell: &f32| (spec.range.0..=spec.range.1).contains(&f64::from(*cell));
            assert!(a.cells().iter().filter(|cell| !cell.is_nan()).all(inside), "{name} band {index}");
        }
        assert!(one.join(format!("{}.qml", spec.name)).exists());
    }
    assert!(std::fs::read_dir(many.join("sky_view")).unwrap().count() > 8);
}

/// A small surface with a tower, in a CRS of one's choice.
pub fn surface(path: &Path, epsg: u32, frame: Frame, change: impl Fn(&mut [f32])) {
    let mut cells = vec![12.0; frame.len()];
    cells[frame.len() / 2 + frame.cols / 2] = 40.0;
    change(&mut cells);
    let crs = Crs::from_epsg(epsg, None).unwrap();
    let meta = RasterMeta {
        title: "surface".to_owned(),
        unit: "m".to_owned(),
        bands: vec!["surface".to_owned()],
        tags: Vec::new(),
        crs: &crs,
        quantum: None,
        overview: Overview::Average,
    };
    std::fs::write(path, encode_cog(&[&Grid::new(frame, cells)], &meta).unwrap()).unwrap();
}

#[test]
fn trees_let_their_share_through_and_their_rasters_are_checked() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let tree = |value: f32| {
        move |cells: &mut [f32]| {
            cells.iter_mut().for_each(|cell| *cell = if *cell > 20.0 { value } else { 0.0 })
        }
    };
    surface(&path("dsm.tif"), 2154, HERE, |_| {});
    surface(&path("dtm.tif"), 2154, HERE, |cells| cells.fill(12.0));
    surface(&path("canopy.tif"), 2154, HERE, |cells| {
        tree(28.0)(cells);
        cells[3] = -2.0;
    });
    surface(&path("absolute.tif"), 2154, HERE, tree(140.0));
    surface(&path("shifted.tif"), 2154, Frame { west: HERE.west - 0.4, cols: 61, ..HERE }, tree(28.0));
    surface(&path("small.tif"), 2154, Frame { rows: 30, ..HERE }, tree(28.0));
    let run = |canopy: &str| {
        let words = ["--dtm", text(&path("dtm.tif")), "--canopy", text(&path(canopy))].map(str::to_owned);
        sky(&path("dsm.tif"), &path("out"), &words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for (canopy, told) in [("absolute.tif", "no height of vegetation"), ("small.tif", "does not cover")] {
        let ran = run(canopy);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{canopy}: {}", ran.err);
    }
    // On other cells it tells where trees are, and it is said.
    let ran = run("shifted.tif");
    assert!(ran.code == Some(0) && ran.err.contains("has other cells (1 m)"), "{}", ran.err);
    let ran = run("canopy.tif");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("1 cells have vegetation of negative height"), "{}", ran.err);
    let open = band(&path("out/sky_view.vrt"), 0);
    assert!(open.cells().iter().all(|cell| *cell == 1.0), "the tree is no building");
    let trees = band(&path("out/sky_view_canopy.vrt"), 0);
    // Light passes below a crown of 7 to 28 m; ten metres away it hides a part of one direction.
    assert!(trees.at(30, 31) > 0.99 && trees.at(30, 40) < 0.99 && trees.at(0, 0) > 0.99);
    let shade = band(&path("out/shade.vrt"), 1);
    let shades: Vec<f32> = shade.cells().iter().copied().filter(|cell| *cell > 0.0).collect();
    assert!(!shades.is_empty() && shades.iter().all(|cell| (cell - 0.97).abs() < 1e-6), "{shades:?}");
}

pub const HERE: Frame = Frame { west: 770_000.0, north: 6_279_000.0, cell: Metres(1.0), rows: 60, cols: 60 };

#[test]
fn noon_shadows_point_to_true_north() {
    let folder = TempDir::new().unwrap();
    let (path, out) = (folder.path().join("dsm.tif"), folder.path().join("out"));
    surface(&path, 2154, HERE, |_| {});
    let ran = sky(&path, &out, &["--date", "2025-06-21"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let hours = band(&out.join("sun_hours.vrt"), 0);
    assert!(hours.cells().iter().all(|hours| (0.0..=12.0).contains(hours)));
    assert!(hours.cells().iter().filter(|hours| **hours == 12.0).count() > 3000, "most of the plain");
    // 13 h legal time is 11 h UTC: the sun is still in the south-east of Montpellier, the shadow falls north-west.
    let shade = band(&out.join("shade.vrt"), 1);
    let dark = (0..60 * 60).filter(|&i| shade.cells()[i] == 1.0).map(|i| (i / 60, i % 60));
    let dark: Vec<(usize, usize)> = dark.collect();
    assert!(!dark.is_empty() && dark.iter().all(|&(row, col)| row < 30 && col <= 30), "{dark:?}");
    assert!(ran.err.contains("true north -0.6"), "{}", ran.err);
}

#[test]
fn what_makes_no_sense_is_refused_in_one_sentence() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    surface(&path("ok.tif"), 2154, HERE, |_| {});
    surface(&path("reunion.tif"), 2975, Frame { west: 340_000.0, north: 7_690_000.0, ..HERE }, |_| {});
    let degrees = Frame { west: 3.8, north: 43.7, cell: Metres(0.00001), ..HERE };
    surface(&path("degrees.tif"), 4326, degrees, |_| {});
    surface(&path("undeclared.tif"), 2154, HERE, |cells| cells[7] = -32768.0);
    let rows = "1 2 3\n4 5 6\n7 8 9\n";
    let head = "ncols 3\nnrows 3\nxllcorner 770000\nyllcorner 6279000\ndx 1\ndy 2\n";
    std::fs::write(path("oblong.asc"), format!("{head}{rows}")).unwrap();
    surface(&path("empty.tif"), 2154, HERE, |cells| cells.fill(f32::NAN));
    let cases: [(&str, &[&str], &str); 12] = [
        ("ok.tif", &["--products", "sky_veiw"], "`sky_veiw` is none"),
        ("ok.tif", &["--products", "sky_view_canopy"], "needs trees"),
        ("oblong.asc", &[], "not square"),
        ("ok.tif", &["--date", "2025-02-30"], "no day of the calendar"),
        ("ok.tif", &["--zone", "Europe/Vitry"], "no time zone"),
        ("ok.tif", &["--reach", "-3"], "--reach is -3"),
        ("ok.tif", &["--directions", "2"], "from 4 to 360"),
        ("reunion.tif", &[], "give --zone"),
        ("degrees.tif", &[], "degrees"),
        ("undeclared.tif", &[], "nodata"),
        ("empty.tif", &[], "no height at all"),
        ("missing.tif", &[], "missing.tif"),
    ];
    for (name, words, told) in cases {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let joined: Vec<String> = match &words[..] {
            [key, value] => vec![format!("{key}={value}")],
            _ => Vec::new(),
        };
        let more: Vec<&str> = joined.iter().map(String::as_str).collect();
        let ran = sky(&path(name), &path("out"), &more);
        assert_eq!(ran.code, Some(2), "{name} {words:?}: {}", ran.err);
        assert!(ran.err.contains(told), "{name} {words:?}: {}", ran.err);
        assert_eq!(ran.err.trim().lines().count(), 1, "{name} {words:?}: {}", ran.err);
    }
    let ran = sky(&path("reunion.tif"), &path("out"), &["--zone", "Indian/Reunion"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn holes_are_told_and_hide_nothing() {
    let folder = TempDir::new().unwrap();
    let (path, out) = (folder.path().join("dsm.tif"), folder.path().join("out"));
    surface(&path, 2154, HERE, |cells| {
        cells.fill(5.0);
        cells[100..110].fill(f32::NAN);
    });
    let ran = sky(&path, &out, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("10 cells without height"), "{}", ran.err);
    let factors = band(&out.join("sky_view.vrt"), 0);
    assert_eq!(factors.cells().iter().filter(|cell| cell.is_nan()).count(), 10);
    assert_eq!(factors.cells().iter().filter(|cell| **cell == 1.0).count(), 3590);
}

/// Rasters that say themselves that they are something else, a sun that is down, a turbidity that cannot be.
#[test]
fn other_quantities_are_no_heights_and_a_sun_that_is_down_is_told() {
    let folder = TempDir::new().unwrap();
    let frame = Frame { west: 600_000.0, north: 6_800_000.0, cell: Metres(1.0), rows: 40, cols: 40 };
    let crs = Crs::from_epsg(2154, None).unwrap();
    let write = |name: &str, unit: &str, band: &str| {
        let meta = RasterMeta {
            title: band.to_owned(),
            unit: unit.to_owned(),
            bands: vec![band.to_owned()],
            tags: Vec::new(),
            crs: &crs,
            quantum: None,
            overview: Overview::Average,
        };
        let path = folder.path().join(name);
        std::fs::write(&path, encode_cog(&[&Grid::filled(frame, 12.0_f32)], &meta).unwrap()).unwrap();
        path
    };
    let plain = write("dsm.tif", "m", "surface");
    let slope = write("slope.tif", "°", "slope");
    let cover = write("other.tif", "", named("cover").unwrap().title.en);
    let share = write("canopy.tif", "%", "canopy");
    let out = folder.path().join("out");
    let refused = |ran: Ran, words: &str| {
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.err);
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    };
    refused(sky(&slope, &out, &[]), "its unit is `°`");
    refused(sky(&cover, &out, &[]), "is the product cover");
    let trees = ["--dtm", text(&plain), "--canopy", text(&share)];
    refused(sky(&plain, &out, &trees), "its unit is `%`");
    let words = ["sun", text(&plain), "--out", text(&out), "--linke", "-3"];
    refused(ilot(&words), "--linke -3: give one Linke turbidity");
    let ran = sky(&plain, &out, &["--date", "2026-12-21", "--zone", "Pacific/Auckland"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("the sun is below the horizon: 2026-12-21"), "{}", ran.err);
}
