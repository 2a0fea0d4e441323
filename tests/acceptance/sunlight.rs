//! `ilot sun` and `ilot comfort`: the same in any tiling, made once, and clear where an hour or its weather makes no sense.

use crate::harness::{Ran, band, ilot, text, town};
use crate::sky::{HERE, surface};
use ilot::formats::raster::read::Raster;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The sample town: its true surface, terrain, and a canopy with crown bases made of their difference.
struct Town {
    folder: TempDir,
    words: Vec<String>,
}

impl Town {
    fn new() -> Town {
        let folder = TempDir::new().unwrap();
        let (dsm, dtm) = (band(&town().join("truth/dsm.tif"), 0), band(&town().join("truth/dtm.tif"), 0));
        let raised = dsm.cells().iter().zip(dtm.cells()).map(|(top, ground)| top - ground);
        let raised: Vec<f32> = raised.collect();
        let cols = dsm.frame().cols;
        // Every other stripe of what rises stands for trees.
        let tree = move |i: usize, height: f32| (i % cols / 20).is_multiple_of(2) && height > 2.0;
        for (name, share) in [("canopy.tif", 1.0), ("base.tif", 0.4)] {
            surface(&folder.path().join(name), 2154, *dsm.frame(), |cells| {
                for (i, cell) in cells.iter_mut().enumerate() {
                    *cell = if tree(i, raised[i]) { raised[i] * share } else { 0.0 };
                }
            });
        }
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let dtm = town().join("truth/dtm.tif").to_str().unwrap().to_owned();
        let words = ["--dtm".to_owned(), dtm, "--canopy".to_owned(), path("canopy.tif")];
        let words = [&words[..], &["--crown-base".to_owned(), path("base.tif")]].concat();
        Town { words, folder }
    }

    fn run(&self, command: &str, out: &str, more: &[&str]) -> (Ran, PathBuf) {
        let out = self.folder.path().join(out);
        let dsm = town().join("truth/dsm.tif");
        let mut words = vec![command, text(&dsm), "--out", text(&out)];
        words.extend(self.words.iter().map(String::as_str));
        words.extend(more);
        (ilot(&words), out)
    }

    /// One tile and many have the same bits; `products` with their number of bands.
    fn same_in_any_tiling(&self, command: &str, more: &[&str], products: &[(&str, usize)]) -> PathBuf {
        let near = ["--reach", "25", "--shadow-reach", "30"];
        let (ran, one) = self.run(command, "one", &[more, &near].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let small = ["--tile", "83", "--threads", "1"];
        let (ran, many) = self.run(command, "many", &[more, &near, &small].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        for &(name, bands) in products {
            let vrt = format!("{name}.vrt");
            assert_eq!(Raster::open(&one.join(&vrt)).unwrap().bands().len(), bands, "{name}");
            for index in 0..bands {
                let (a, b) = (band(&one.join(&vrt), index), band(&many.join(&vrt), index));
                let differ = a.cells().iter().zip(b.cells()).filter(|(a, b)| a.to_bits() != b.to_bits());
                assert_eq!(differ.count(), 0, "{name} band {index}");
                let range = ilot::product::named(name).unwrap().range;
                let known = a.cells().iter().filter(|cell| !cell.is_nan());
                assert!(known.clone().count() > a.cells().len() / 2, "{name}");
                assert!(known.clone().all(|cell| (range.0..=range.1).contains(&f64::from(*cell))), "{name}");
                assert!(known.clone().any(|cell| cell != known.clone().next().unwrap()), "{name} is flat");
            }
        }
        assert!(std::fs::read_dir(many.join(products[0].0)).unwrap().count() > 8);
        one
    }
}

#[test]
fn sun_has_the_same_bits_in_any_tiling() {
    let town = Town::new();
    let products = [("shade", 6), ("sun_hours", 2), ("irradiation", 1)];
    let out = town.same_in_any_tiling("sun", &["--directions", "16"], &products);
    let open = band(&out.join("irradiation.vrt"), 0);
    let most = open.cells().iter().copied().filter(|cell| !cell.is_nan()).fold(0.0, f32::max);
    assert!((1500.0..2400.0).contains(&most), "the best roof of a town in the south of France: {most}");
}

const HOUR: [&str; 8] =
    ["--at", "2026-08-15T14:00+02:00", "--temperature", "31", "--humidity", "38", "--wind", "1.5"];

#[test]
fn comfort_has_the_same_bits_in_any_tiling() {
    let town = Town::new();
    let hours = [&HOUR[..], &["--at", "2026-08-15T23:00+02:00"]].concat();
    let out = town.same_in_any_tiling("comfort", &hours, &[("tmrt", 2), ("utci", 2)]);
    let mean = |product: &str, index: usize| {
        let cells = band(&out.join(product), index).into_cells();
        let known: Vec<f64> =
            cells.iter().filter(|cell| !cell.is_nan()).map(|cell| f64::from(*cell)).collect();
        known.iter().sum::<f64>() / known.len() as f64
    };
    let (day, night) = (mean("tmrt.vrt", 0), mean("tmrt.vrt", 1));
    assert!((45.0..65.0).contains(&day) && (18.0..31.0).contains(&night), "{day} {night}");
    let (day, night) = (mean("utci.vrt", 0), mean("utci.vrt", 1));
    assert!((34.0..42.0).contains(&day) && (26.0..33.0).contains(&night), "{day} {night}");
}

#[test]
fn sky_with_crown_bases_has_the_same_bits_in_any_tiling() {
    let products =
        [("sky_view", 1), ("sky_view_canopy", 2), ("sky_view_geometric", 1), ("shade", 6), ("sun_hours", 2)];
    let town = Town::new();
    let out = town.same_in_any_tiling("sky", &[], &products);
    let (leaf, bare) = (band(&out.join("sky_view_canopy.vrt"), 0), band(&out.join("sky_view_canopy.vrt"), 1));
    let open = band(&out.join("sky_view.vrt"), 0);
    for i in 0..open.cells().len() {
        assert!(
            leaf.cells()[i] <= bare.cells()[i] && bare.cells()[i] <= open.cells()[i]
                || open.cells()[i].is_nan()
        );
    }
}

#[test]
fn what_is_current_is_not_made_again_and_can_be_traced() {
    let folder = TempDir::new().unwrap();
    let (dsm, out) = (folder.path().join("dsm.tif"), folder.path().join("out"));
    surface(&dsm, 2154, HERE, |_| {});
    let run = |more: &[&str]| {
        let words = [&["sun", text(&dsm), "--out", text(&out), "--json"][..], more].concat();
        let ran = ilot(&words);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    };
    let instant = ["--at", "2026-08-15T16:00", "--zone", "Europe/Paris"];
    assert!(run(&instant).contains("\"made\":1,\"current\":0"));
    assert!(run(&instant).contains("\"made\":0,\"current\":1"));
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("run_sun.json")).unwrap()).unwrap();
    assert_eq!(report["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(report["products"][0]["bands"][0], "2026-08-15 16:00 Europe/Paris");
    // Another hour, a damaged file or another surface are made again.
    assert!(run(&["--at", "2026-08-15T17:00", "--zone", "Europe/Paris"]).contains("\"made\":1"));
    let tile = std::fs::read_dir(out.join("shade")).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.extension().is_some_and(|ending| ending == "tif").then_some(path)
    });
    std::fs::write(tile.unwrap(), b"gone").unwrap();
    assert!(run(&["--at", "2026-08-15T17:00", "--zone", "Europe/Paris"]).contains("\"made\":1"));
    surface(&dsm, 2154, HERE, |cells| cells[5] = 13.0);
    assert!(run(&["--at", "2026-08-15T17:00", "--zone", "Europe/Paris"]).contains("\"made\":1"));
    assert!(run(&["--date", "2025-06-21", "--products", "sun_hours"]).contains("\"made\":1"));
}

#[test]
fn a_season_is_a_mean_day() {
    let folder = TempDir::new().unwrap();
    let (dsm, out) = (folder.path().join("dsm.tif"), folder.path().join("out"));
    surface(&dsm, 2154, HERE, |cells| cells.fill(3.0));
    let words = ["sun", text(&dsm), "--out", text(&out), "--products", "sun_hours"];
    let ran = ilot(&[&words[..], &["--from", "2025-12-01", "--to", "2025-12-31", "--every", "5"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("mean of 7 days"), "{}", ran.err);
    let hours = band(&out.join("sun_hours.vrt"), 0).at(30, 30);
    // At Montpellier in December the sun rises at 8:05 and sets at 17:08, legal time.
    assert!((hours - 9.0).abs() <= 0.5, "{hours}");
}

fn refused(folder: &Path, command: &str, more: &[&str], told: &str) {
    let (dsm, out) = (folder.join("dsm.tif"), folder.join("out"));
    let ran = ilot(&[&[command, text(&dsm), "--out", text(&out)][..], more].concat());
    assert!(ran.code == Some(2) && ran.err.contains(told), "{command} {more:?}: {:?} {}", ran.code, ran.err);
    assert_eq!(ran.err.trim().lines().count(), 1, "{command} {more:?}: {}", ran.err);
}

#[test]
fn hours_and_weather_that_make_no_sense_are_refused() {
    let folder = TempDir::new().unwrap();
    surface(&folder.path().join("dsm.tif"), 2154, HERE, |_| {});
    surface(&folder.path().join("cover.tif"), 2154, HERE, |cells| cells[9] = 77.0);
    let refuse = |command: &str, more: &[&str], told: &str| refused(folder.path(), command, more, told);
    refuse("sun", &["--at", "2026-08-15T16:00"], "no time zone");
    refuse("sun", &["--at", "2026-03-29T02:30", "--zone", "Europe/Paris"], "not one single time");
    refuse("sun", &["--at", "noon", "--zone", "Europe/Paris"], "no instant");
    refuse("sun", &["--from", "2025-08-01", "--to", "2025-06-01"], "makes no sense");
    refuse("sun", &["--linke", "0.2"], "Linke turbidity");
    refuse("sun", &["--products", "shadow"], "`shadow` is none");
    let at = ["--at", "2026-08-15T14:00Z"];
    refuse("comfort", &at, "weather is missing");
    let values = |t: &str, h: &str, w: &str| {
        ["--temperature", t, "--humidity", h, "--wind", w].map(str::to_owned).to_vec()
    };
    for (values, told) in [
        (values("88", "40", "2"), "convert °F or K"),
        (values("31", "0.4", "2"), "it is a share"),
        (values("31", "140", "2"), "humidity in %"),
        (values("31", "40", "30"), "km/h"),
        (values("49", "90", "2"), "outside of UTCI's range"),
        (values("nan", "40", "2"), "weather: NaN is no air temperature"),
    ] {
        let more: Vec<&str> = at.into_iter().chain(values.iter().map(String::as_str)).collect();
        refuse("comfort", &more, told);
    }
    let weather = ["--temperature", "31", "--humidity", "40", "--wind", "2"];
    refuse("comfort", &weather, "hours are needed");
    let night = [&["--at", "2026-08-15T01:00Z", "--global", "500"][..], &weather].concat();
    refuse("comfort", &night, "below the horizon");
    refuse("comfort", &[&at[..], &weather, &["--global", "1450"]].concat(), "what comes from space");
    surface(&folder.path().join("high.tif"), 2154, HERE, |cells| cells.fill(90.0));
    surface(&folder.path().join("none.tif"), 2154, HERE, |cells| cells.fill(0.0));
    let (high, none) = (folder.path().join("high.tif"), folder.path().join("none.tif"));
    refuse("comfort", &[&at[..], &weather, &["--dtm", text(&high)]].concat(), "both models are swapped");
    for command in ["sky", "sun"] {
        let trees = ["--dtm", text(&high), "--canopy", text(&none)];
        refuse(command, &trees, "both models are swapped");
        refuse(command, &["--dtm", text(&high)], "--canopy");
    }
    let cover = folder.path().join("cover.tif");
    let odd = [&at[..], &weather, &["--cover", text(&cover)]].concat();
    refuse("comfort", &odd, "none of the product cover");
}

#[test]
fn tables_that_make_no_sense_are_refused_with_their_line() {
    let folder = TempDir::new().unwrap();
    surface(&folder.path().join("dsm.tif"), 2154, HERE, |_| {});
    let head = "time,temperature,humidity,wind,global\n";
    let row = "2026-08-15 14:00,31,40,2,800\n";
    for (table, told) in [
        (String::new(), "no column `time`"),
        (head.to_owned(), "has no row"),
        (format!("{head}2026-10-25 02:30,9,50,1,0\n"), "line 2: 2026-10-25T02:30:00 is not one single time"),
        (format!("{head}2026-08-15 14:00,31\n"), "line 2"),
        (format!("{head}2026-08-15 14:00,inf,40,2,800\n"), "line 2: inf is no air temperature"),
        (format!("{head}{row}{row}"), "twice"),
        (format!("{head}{row}2026-08-15 15:00,31,40,25,800\n"), "line 3: 25 is no wind"),
    ] {
        let path = folder.path().join("w.csv");
        std::fs::write(&path, table).unwrap();
        let weather = ["--weather", text(&path), "--weather-zone", "Europe/Paris"];
        refused(folder.path(), "comfort", &weather, told);
    }
    let path = folder.path().join("w.csv");
    std::fs::write(&path, format!("{head}{row}")).unwrap();
    let weather = ["--weather", text(&path), "--weather-zone", "Europe/Paris", "--times", "end"];
    refused(folder.path(), "comfort", &weather, "one row only");
    refused(folder.path(), "comfort", &["--weather", text(&path)], "no time zone");
}

#[test]
fn a_canopy_that_holds_buildings_is_told() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    surface(&path("dsm.tif"), 2154, HERE, |_| {});
    surface(&path("dtm.tif"), 2154, HERE, |cells| cells.fill(12.0));
    surface(&path("chm.tif"), 2154, HERE, |cells| cells.iter_mut().for_each(|cell| *cell -= 12.0));
    let (dsm, dtm, chm) = (path("dsm.tif"), path("dtm.tif"), path("chm.tif"));
    let words =
        ["sky", text(&dsm), "--dtm", text(&dtm), "--canopy", text(&chm), "--out", text(folder.path())];
    let ran = ilot(&words);
    assert!(ran.code == Some(0) && ran.err.contains("holds buildings too"), "{}", ran.err);
}

/// A mean until 15:00 is that of 14:30: the map of its middle is the map of that instant, and says so.
#[test]
fn the_hour_of_a_mean_is_its_middle() {
    let folder = TempDir::new().unwrap();
    let (dsm, table, out) =
        (folder.path().join("dsm.tif"), folder.path().join("w.csv"), folder.path().join("out"));
    surface(&dsm, 2154, HERE, |_| {});
    let rows = "2026-08-15 15:00,31,40,2,800\n2026-08-15 16:00,31,40,2,700\n";
    std::fs::write(&table, format!("time,temperature,humidity,wind,global\n{rows}")).unwrap();
    let run = |more: &[&str]| {
        let words = ["comfort", text(&dsm), "--out", text(&out), "--weather", text(&table)];
        let ran = ilot(&[&words[..], &["--weather-zone", "Europe/Paris"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let tmrt = Raster::open(&out.join("tmrt.vrt")).unwrap();
        (
            tmrt.bands().iter().map(|band| band.description.clone()).collect::<Vec<_>>(),
            band(&out.join("tmrt.vrt"), 0),
            ran.err,
        )
    };
    let (unsaid, mean, told) = run(&[]);
    assert_eq!(unsaid, ["2026-08-15 14:30 Europe/Paris", "2026-08-15 15:30 Europe/Paris"]);
    assert!(told.contains("end of means of 60 min") && told.contains("--times"), "{told}");
    let (said, again, told) = run(&["--times", "end"]);
    assert!(said == unsaid && !told.contains("--times"), "{told}");
    assert!(again.cells().iter().zip(mean.cells()).all(|(a, b)| a.to_bits() == b.to_bits()));
    let (instants, other, told) = run(&["--times", "instant"]);
    assert_eq!(instants[0], "2026-08-15 15:00 Europe/Paris");
    assert!(told.contains("as instants") && other.cells() != mean.cells(), "{told}");
    assert_eq!(run(&["--times", "start"]).0[0], "2026-08-15 15:30 Europe/Paris");
    let known = Raster::open(&out.join("utci.vrt")).unwrap().tag("ILOT_KNOWN_ERROR");
    assert!(known.is_some_and(|words| words.contains("known error")));
}

#[test]
fn what_is_repaired_is_told() {
    let folder = TempDir::new().unwrap();
    let (dsm, table, out) =
        (folder.path().join("dsm.tif"), folder.path().join("w.csv"), folder.path().join("out"));
    surface(&dsm, 2154, HERE, |_| {});
    std::fs::write(&table, "time,ta,rh,ws\n2026-08-15 14:00,31,40,0\n2026-08-15 15:00,32,38,1\n").unwrap();
    let words =
        ["comfort", text(&dsm), "--out", text(&out), "--weather", text(&table), "--weather-zone", "UTC"];
    let ran = ilot(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for told in ["wind raised to 0.5", "that of a clear sky: 2026-08-15 14:00 UTC", "asphalt", "6 K"] {
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    }
    assert_eq!(Raster::open(&out.join("utci.vrt")).unwrap().bands().len(), 2);
}
