//! What comes of the maps of warmth: steps of a run, time stacks, contour lines, means of zones; columns named by the user.

use crate::harness::{Ran, band, ilot, text};
use ilot::formats::raster::read::Raster;
use ilot::formats::vector::Source;
use ilot::sample::{self, SampleOptions};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A town of 400 m and a run of its project, with `[sensors]` and `[heat]`.
fn run_town() -> &'static Path {
    static TOWN: OnceLock<TempDir> = OnceLock::new();
    TOWN.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let options = SampleOptions { size: (400.0, 400.0), density: 0.5, seed: 5 };
        let _ = sample::make(folder.path(), &options).unwrap();
        let project = project(folder.path());
        let toml = std::fs::read_to_string(&project).unwrap();
        let toml = toml.replace(
            "[heat]\n",
            "[heat]\nhourly = \"2022-07-14T20:00Z/2022-07-15T02:00Z\"\ncontours = 0.25\n",
        );
        std::fs::write(&project, toml).unwrap();
        let ran = run(folder.path());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        folder
    })
    .path()
}

fn project(town: &Path) -> PathBuf {
    town.join("ilot.toml")
}

fn run(town: &Path) -> Ran {
    ilot(&["run", text(&project(town))])
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn sensors_and_heat_are_steps_of_a_run_made_once() {
    let town = run_town();
    let out = town.join("out");
    for name in
        ["sensors/sensors.html", "sensors/readings_flags.csv", "heat.html", "stations.csv", "heat_night.vrt"]
    {
        assert!(out.join(name).exists(), "{name}");
    }
    let states = |report: &serde_json::Value| -> Vec<(String, String)> {
        let all = report["measures"].as_array().unwrap().iter();
        let pair = |m: &serde_json::Value| {
            (m["record"]["measure"].as_str().unwrap().to_owned(), m["state"].as_str().unwrap().to_owned())
        };
        all.map(pair).filter(|(name, _)| ["sensors", "heat"].contains(&name.as_str())).collect()
    };
    let again = run(town);
    assert_eq!(again.code, Some(0), "{}", again.err);
    let report = json(&out.join("run.json"));
    let current = |name: &str| (name.to_owned(), "current".to_owned());
    assert_eq!(states(&report), [current("sensors"), current("heat")]);
    // The readings are an input: what rests on them is made again where they change.
    let heat =
        report["measures"].as_array().unwrap().iter().find(|m| m["record"]["measure"] == "heat").unwrap();
    let inputs = heat["record"]["inputs"].to_string();
    assert!(inputs.contains("readings.csv") && inputs.contains("stations.csv"), "{inputs}");
}

#[test]
fn heat_without_sensors_is_refused_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ilot.toml");
    std::fs::write(&path, "[input]\nlidar = [\"none\"]\n[heat]\n").unwrap();
    let ran = ilot(&["run", text(&path)]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("[sensors]"), "{}", ran.err);
}

/// Six hours: six files, dated in their tags and in the index; their mask is that of the mean map; the warmest hour of the
/// night is near the true field times the night's own factor.
#[test]
fn hours_are_a_stack_of_dated_maps_with_the_mask_of_the_mean() {
    let out = run_town().join("out");
    let index = json(&out.join("heat_hours.json"));
    let items = index["features"].as_array().unwrap();
    assert_eq!(items.len(), 6);
    let mask = band(&out.join("heat_night.vrt"), 0);
    for (hour, item) in items.iter().enumerate() {
        let datetime = item["properties"]["datetime"].as_str().unwrap();
        let (day, clock) = if hour < 4 { (14, 20 + hour) } else { (15, hour - 4) };
        assert_eq!(datetime, format!("2022-07-{day:02}T{clock:02}:00:00Z"));
        let file = out.join(item["assets"]["data"]["href"].as_str().unwrap());
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        assert_eq!(stem, datetime.replace(['-', ':'], ""));
        let raster = Raster::open(&file).unwrap();
        assert_eq!(raster.tag("TIFFTAG_DATETIME").unwrap(), format!("2022:07:{day:02} {clock:02}:00:00"));
        if item["properties"]["ilot:covariates_of"] == "night" {
            let (warmth, half) = (band(&file, 0), band(&file, 1));
            let known = |grid: &ilot_kernels::grid::Grid<f32>| {
                grid.cells().iter().map(|cell| cell.is_finite()).collect::<Vec<bool>>()
            };
            assert_eq!(known(&warmth), known(&mask));
            assert_eq!(known(&half), known(&mask));
            assert!(half.cells().iter().all(|half| half.is_nan() || *half > 0.0));
        }
    }
    let nights = json(&out.join("heat_nights.json"));
    assert_eq!(nights["features"].as_array().unwrap().len(), 7);
}

/// Along a contour line the map has its level: read back by bilinear interpolation at the lines' places.
#[test]
fn contour_lines_follow_the_map_and_stay_within_it() {
    let out = run_town().join("out");
    let source = Source::open(&out.join("heat_contours.gpkg")).unwrap();
    let (layer, _) = source.read(0, None).unwrap();
    let (part, level) = (layer.field("part").unwrap(), layer.field("level_k").unwrap());
    let map = band(&out.join("heat_night.vrt"), 0);
    let mut places = 0;
    for feature in layer.features.iter().filter(|f| f.values[part].text() == Some("night")) {
        let level = feature.values[level].number().unwrap();
        let geo::Geometry::LineString(line) = &feature.geometry else { panic!("lines only") };
        for at in &line.0 {
            let (row, col) = ((map.frame().y(0) - at.y) / 10.0, (at.x - map.frame().x(0)) / 10.0);
            let (r, c) = ((row + 1e-9).floor(), (col + 1e-9).floor());
            let (fr, fc) = ((row - r).max(0.0), (col - c).max(0.0));
            let value = |dr: usize, dc: usize, share: f64| {
                if share < 1e-6 { 0.0 } else { share * f64::from(map.at(r as usize + dr, c as usize + dc)) }
            };
            let found = value(0, 0, (1.0 - fr) * (1.0 - fc))
                + value(0, 1, (1.0 - fr) * fc)
                + value(1, 0, fr * (1.0 - fc))
                + value(1, 1, fr * fc);
            assert!((found - level).abs() < 1e-3, "{found} {level}");
            places += 1;
        }
    }
    assert!(places > 50, "{places}");
}

/// The interval of a zone's mean is no wider than that of a cell in it, and far from a hundredth of it, as if cells were
/// independent.
#[test]
fn the_interval_of_a_zone_knows_that_errors_go_together() {
    let out = run_town().join("out");
    let text = std::fs::read_to_string(out.join("heat_zones.csv")).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at =
        |name: &str| head.iter().position(|column| *column == name).unwrap_or_else(|| panic!("{head:?}"));
    let (mean, half) = (at("heat_night_mean"), at("heat_night_half_width"));
    let interval = band(&out.join("heat_night_interval.vrt"), 0);
    let known: Vec<f32> = interval.cells().iter().copied().filter(|half| half.is_finite()).collect();
    let typical = f64::from(known.iter().sum::<f32>()) / known.len() as f64;
    let mut zones = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        if let (Ok(_), Ok(half)) = (cells[mean].parse::<f64>(), cells[half].parse::<f64>()) {
            assert!(half < 1.1 * typical && half > 0.1 * typical, "{half} {typical}");
            zones += 1;
        }
    }
    assert!(zones >= 1);
}

/// The same readings under other names: columns, separator, unit, date format, zone, all told by flags or by the project.
#[test]
fn columns_units_and_formats_are_named_by_flags_and_by_the_project() {
    let (town, folder) = (run_town(), TempDir::new().unwrap());
    let plain = std::fs::read_to_string(town.join("readings.csv")).unwrap();
    let mut rows = String::from("noeud|quand|fiable|fahr\n");
    for line in plain.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let fahrenheit = cells[2].parse::<f64>().unwrap() * 1.8 + 32.0;
        let at = cells[1];
        rows += &format!(
            "{}|{}h{} le {}.{}.{}|1|{fahrenheit:.3}\n",
            cells[0],
            &at[11..13],
            &at[14..16],
            &at[8..10],
            &at[5..7],
            &at[..4]
        );
    }
    let readings = folder.path().join("mesures.txt");
    std::fs::write(&readings, rows).unwrap();
    let sheet = std::fs::read_to_string(town.join("stations.csv")).unwrap();
    let stations = folder.path().join("fiche.csv");
    std::fs::write(&stations, sheet.replace("station,x,y,altitude", "nom_du_lieu,XL,YL,cote")).unwrap();
    let (flags, keys) = (folder.path().join("flags"), folder.path().join("keys"));
    let ran = ilot(&[
        "sensors",
        text(&readings),
        "--stations",
        text(&stations),
        "--crs",
        "EPSG:2154",
        "--columns",
        "station=noeud,instant=quand,value=fahr",
        "--station-columns",
        "id=nom_du_lieu,x=XL,y=YL,altitude=cote",
        "--separator",
        "|",
        "--dates",
        "%Hh%M le %d.%m.%Y",
        "--unit",
        "fahrenheit",
        "--zone",
        "UTC",
        "--out",
        text(&flags),
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let toml = format!(
        "[input]\nlidar = [{:?}]\n[output]\ndir = {:?}\nproducts = [\"dtm\"]\n[sensors]\nreadings = [\"mesures.txt\"]\nstations = \"fiche.csv\"\ncrs = \"EPSG:2154\"\nseparator = \"|\"\ndates = \"%Hh%M le %d.%m.%Y\"\nunit = \"fahrenheit\"\nzone = \"UTC\"\ncolumns = {{ station = \"noeud\", instant = \"quand\", value = \"fahr\" }}\nstation_columns = {{ id = \"nom_du_lieu\", x = \"XL\", y = \"YL\", altitude = \"cote\" }}\n",
        text(&town.join("lidar")),
        text(&keys)
    );
    let project = folder.path().join("ilot.toml");
    std::fs::write(&project, toml).unwrap();
    let ran = ilot(&["run", text(&project)]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let read = |folder: &Path| std::fs::read_to_string(folder.join("stations.csv")).unwrap();
    assert_eq!(read(&flags), read(&keys.join("sensors")));
    // The same figures as from °C, to the rounding of °F.
    let own = read(&town.join("out/sensors"));
    for (a, b) in own.lines().zip(read(&flags).lines()).skip(1) {
        for (a, b) in a.split(',').zip(b.split(',')) {
            match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) => assert!((a - b).abs() < 0.02, "{a} {b}"),
                _ => assert_eq!(a.is_empty(), b.is_empty()),
            }
        }
    }
}
