//! Measures as steps of a run: made when all tiles are there, made again where what they rest on has changed.

use crate::harness::{Ran, band, ilot, text, town};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project on the town's cloud with tiles of 80 m, and its `more` sections.
fn project(folder: &Path, more: &str) -> PathBuf {
    let path = folder.join("ilot.toml");
    let lidar = town().join("lidar");
    let toml = format!(
        "[input]\nlidar = [{:?}]\n[output]\ndir = \"out\"\ntile_size = 80.0\n[elevation]\nmax_edge = 20.0\n{more}",
        text(&lidar)
    );
    std::fs::write(&path, toml).unwrap();
    path
}

fn run(project: &Path, more: &[&str]) -> Ran {
    ilot(&[&["run", text(project)], more].concat())
}

fn measures(folder: &Path) -> serde_json::Value {
    let report = std::fs::read_to_string(folder.join("out/run.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&report).unwrap()["measures"].clone()
}

const SKY: &str = "[sky]\nreach = 50.0\nshadow_reach = 60.0\ndates = [\"2025-06-21\"]\n";

#[test]
fn a_step_is_made_once_and_again_where_its_settings_or_maps_change() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), SKY);
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(measures(folder.path())[0]["state"], "made");
    let sky = band(&folder.path().join("out/sky_view.vrt"), 0);
    assert_eq!(sky.frame(), band(&folder.path().join("out/dsm.vrt"), 0).frame());

    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(measures(folder.path())[0]["state"], "current");

    let made = measures(folder.path())[0]["record"]["files"][0][0].as_str().unwrap().to_owned();
    std::fs::remove_file(folder.path().join("out").join(&made)).unwrap();
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(measures(folder.path())[0]["state"], "made", "{made} was gone");

    let _ = project(folder.path(), &SKY.replace("50.0", "40.0"));
    let again = run(&file, &[]);
    assert!(again.err.contains("6 already current"), "{}", again.err);
    assert_eq!(measures(folder.path())[0]["state"], "made");
}

#[test]
fn a_run_of_some_tiles_keeps_the_mosaic_of_all_and_tells_that_steps_wait() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), "");
    assert_eq!(run(&file, &[]).code, Some(0));
    let mosaic = || std::fs::read(folder.path().join("out/dtm.vrt")).unwrap();
    let whole = mosaic();
    let records = folder.path().join("out/.ilot/tiles");
    let tile = std::fs::read_dir(&records).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(&tile).unwrap();
    let _ = project(folder.path(), SKY);
    let part = run(&file, &["--tiles", tile.file_stem().unwrap().to_str().unwrap()]);
    assert_eq!(part.code, Some(0));
    assert!(part.err.contains("1 tile made, 5 already current"), "{}", part.err);
    assert!(part.err.contains("wait for all tiles"), "{}", part.err);
    assert!(mosaic() == whole);
    assert!(!folder.path().join("out/sky_view.vrt").exists());
}

#[test]
fn a_step_whose_maps_are_not_kept_is_refused_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), SKY);
    let toml =
        std::fs::read_to_string(&file).unwrap().replace("tile_size", "products = [\"dtm\"]\ntile_size");
    std::fs::write(&file, toml).unwrap();
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("[sky]") && ran.err.contains("`dsm`"), "{}", ran.err);
}

#[test]
fn soil_its_report_and_parcels_are_a_step_that_knows_its_files() {
    let folder = TempDir::new().unwrap();
    let vectors = folder.path().join("vectors");
    std::fs::create_dir(&vectors).unwrap();
    for name in ["ocsge_2018", "ocsge_2021", "communes", "parcels"] {
        let from = town().join(format!("vectors/{name}.gpkg"));
        let _ = std::fs::copy(from, vectors.join(format!("{name}.gpkg"))).unwrap();
    }
    let section = "[cover]\n[zan]\nocsge = [\"vectors/ocsge_2018.gpkg\", \"vectors/ocsge_2021.gpkg\"]\nzones = \"vectors/communes.gpkg\"\nparcels = \"vectors/parcels.gpkg\"\n";
    let file = project(folder.path(), section);
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let of_zan = || measures(folder.path()).as_array().unwrap().last().unwrap().clone();
    assert_eq!(of_zan()["state"], "made");
    for name in
        ["zan_flux.csv", "zan_report.csv", "report/index.html", "parcels.gpkg", "renaturation.geojson"]
    {
        assert!(folder.path().join("out").join(name).exists(), "{name}");
    }
    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(of_zan()["state"], "current");
    let _ = std::fs::copy(vectors.join("ocsge_2018.gpkg"), vectors.join("ocsge_2021.gpkg")).unwrap();
    let ran = run(&file, &[]);
    assert!(ran.code == Some(1) && ran.err.contains("give the earlier state first"), "{}", ran.err);
    let later = town().join("vectors/ocsge_2021.gpkg");
    let _ = std::fs::copy(later, vectors.join("ocsge_2021.gpkg")).unwrap();
    let _ = project(folder.path(), &section.replace("[zan]\n", "[zan]\ndates = [\"2018\", \"2022\"]\n"));
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(of_zan()["state"], "made", "a date is another");
    std::fs::remove_file(vectors.join("parcels.gpkg")).unwrap();
    let ran = ilot(&["check", text(&file)]);
    assert!(ran.code == Some(2) && ran.err.contains("parcels.gpkg"), "{:?} {}", ran.code, ran.err);
    let _ = project(folder.path(), "[zan]\nzones = \"vectors/communes.gpkg\"\n");
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("[zan]"), "{}", ran.err);
}

/// Land cover, and what it lets `[sky]`, `[sun]` and `[comfort]` know of trees.
const LIGHT: &str = "[cover]\n[sky]\nreach = 50.0\nshadow_reach = 60.0\ndates = [\"2025-06-21\"]\n\
    [sun]\nproducts = [\"irradiation\"]\nreach = 50.0\ndirections = 16\n\
    [comfort]\nat = [\"2025-08-15T16:00\"]\nzone = \"Europe/Paris\"\ntemperature = 31.0\nhumidity = 38.0\nwind = 1.5\n\
    reach = 50.0\nshadow_reach = 60.0\n";

fn states(folder: &Path) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let measures = measures(folder);
    measures
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["record"]["measure"]), text(&one["state"])))
        .collect()
}

fn named(names: &[&str], state: &str) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), state.to_owned())).collect()
}

#[test]
fn sky_sun_and_comfort_know_the_trees_of_the_cover() {
    let folder = TempDir::new().unwrap();
    let file = project(folder.path(), LIGHT);
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(states(folder.path()), named(&["sky", "sun", "comfort", "european"], "made"));
    assert!(ran.err.contains("has other cells (1 m) than the surface"), "{}", ran.err);
    let map = |name: &str| band(&folder.path().join(format!("out/{name}.vrt")), 0);
    let (dsm, dtm, cover) = (map("dsm"), map("dtm"), map("cover"));
    let (open, behind) = (map("sky_view"), map("sky_view_canopy"));
    let (felt, warm, year) = (map("utci"), map("tmrt"), map("irradiation"));
    assert_eq!((open.frame(), warm.frame(), year.frame()), (dsm.frame(), dsm.frame(), dsm.frame()));
    // Cells of 0.5 m with their centre in the middle of a cell of cover of 1 m: what stands there is sure.
    let (mut trees, mut roofs, mut sunny) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..dsm.cells().len() {
        let (x, y) = (dsm.frame().x(i % dsm.frame().cols), dsm.frame().y(i / dsm.frame().cols));
        let above = dsm.cells()[i] - dtm.cells()[i];
        let Some((row, col)) = cover.frame().locate(x, y) else { continue };
        let middle = (x.rem_euclid(1.0) - 0.5).abs() < 0.01 && (y.rem_euclid(1.0) - 0.5).abs() < 0.01;
        match cover.at(row, col) as u8 {
            1 if above > 4.0 => roofs.push(i),
            7 | 8 if middle && above > 3.0 => trees.push(i),
            2 if above < 0.3 && open.cells()[i] > 0.8 => sunny.push(i),
            _ => {}
        }
    }
    assert!(
        trees.len() > 200 && roofs.len() > 1000 && sunny.len() > 1000,
        "{}, {}, {}",
        trees.len(),
        roofs.len(),
        sunny.len()
    );
    let mean = |grid: &ilot_kernels::grid::Grid<f32>, cells: &[usize]| {
        let known: Vec<f64> =
            cells.iter().map(|&i| f64::from(grid.cells()[i])).filter(|cell| !cell.is_nan()).collect();
        (known.len() as f64 / cells.len() as f64, known.iter().sum::<f64>() / known.len().max(1) as f64)
    };
    // Below trees people stand, on roofs nobody.
    assert!(
        mean(&warm, &trees).0 > 0.99 && mean(&warm, &roofs).0 < 0.01,
        "{:?} {:?}",
        mean(&warm, &trees),
        mean(&warm, &roofs)
    );
    assert!(mean(&felt, &trees).0 > 0.99);
    // Leaves take much of the sky that lone trees leave open at their sides, buildings little; their shade is cooler than the sun.
    let (above, below) = (mean(&open, &trees).1, mean(&behind, &trees).1);
    assert!(above > 0.8 && below < 0.6 * above, "sky below trees {below}, without them {above}");
    assert!(
        mean(&warm, &sunny).1 - mean(&warm, &trees).1 > 8.0,
        "{:?} {:?}",
        mean(&warm, &sunny),
        mean(&warm, &trees)
    );
    // The sun's own section makes the year's light, the sky's the hours.
    let makers: Vec<bool> = ["sun_hours", "irradiation"]
        .iter()
        .map(|name| folder.path().join(format!("out/{name}.vrt")).exists())
        .collect();
    assert_eq!(makers, [true, true]);

    assert_eq!(run(&file, &[]).code, Some(0));
    assert_eq!(states(folder.path()), named(&["sky", "sun", "comfort", "european"], "current"));
    let _ = project(folder.path(), &LIGHT.replace("temperature = 31.0", "temperature = 28.0"));
    assert_eq!(run(&file, &[]).code, Some(0));
    let kept =
        [named(&["sky", "sun"], "current"), named(&["comfort"], "made"), named(&["european"], "current")];
    assert_eq!(states(folder.path()), kept.concat(), "another air is another comfort, and no other sun");
}

#[test]
fn what_two_sections_could_make_one_makes() {
    let folder = TempDir::new().unwrap();
    let sun = "[sun]\nproducts = [\"shade\"]\nat = [\"2025-08-15T16:00+02:00\"]\nshadow_reach = 60.0\n";
    let file = project(folder.path(), &format!("{SKY}{sun}"));
    let ran = run(&file, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let shade = ilot::formats::raster::read::Raster::open(&folder.path().join("out/shade.vrt")).unwrap();
    assert_eq!(shade.bands().len(), 1, "the one instant of [sun], not the hours of [sky]");
    assert!(folder.path().join("out/sun_hours.vrt").exists());
    let opaque = ran.err.contains("trees of the surface are opaque");
    assert!(opaque && !folder.path().join("out/sky_view_canopy.vrt").exists(), "{}", ran.err);
}

#[test]
fn sections_that_make_no_sense_are_refused_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    for (section, told) in [
        ("[sun]\nat = [\"2025-08-15T16:00\"]", "no time zone"),
        ("[sun]\nproducts = [\"shadow\"]", "`shadow` is none"),
        ("[sun]\nfrom = \"2025-06-01\"", "go together"),
        ("[sun]\nfrom = \"2025-06-01\"\nto = \"2025-08-31\"\nevery = 0", "sun.every is 0"),
        ("[sun]\nlinke = [0.5]", "sun.linke"),
        ("[sun]\nyear = 9000", "sun.year is 9000"),
        ("[sun]\nalbedo = 2.0", "sun.albedo is 2"),
        ("[sky]\ntransmissivity = 3.0", "sky.transmissivity is 3"),
        ("[sky]\ndirections = 2", "sky.directions is 2"),
        ("[comfort]\nat = [\"2025-08-15T16:00Z\"]", "weather of [comfort] is missing"),
        ("[comfort]\ntemperature = 30.0\nhumidity = 40.0\nwind = 2.0", "hours"),
        ("[comfort]\nweather = \"w.csv\"\nwind = 2.0", "already"),
        ("[comfort]\nweather = \"w.csv\"\nweather_times = \"middle\"", "middle"),
        (
            "[comfort]\nat = [\"2025-10-26T02:30\"]\nzone = \"Europe/Paris\"\ntemperature = 9.0\nhumidity = 40.0\nwind = 2.0",
            "not one single time",
        ),
    ] {
        let ran = run(&project(folder.path(), section), &[]);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{section}: {:?} {}", ran.code, ran.err);
    }
    let named = project(folder.path(), "").as_path().to_owned();
    let toml =
        std::fs::read_to_string(&named).unwrap().replace("tile_size", "products = [\"utci\"]\ntile_size");
    std::fs::write(&named, toml).unwrap();
    assert!(run(&named, &[]).err.contains("[comfort]"));
}
