//! Against exactextract on real polygons, and what must be said, counted, or never change.

use super::*;
use crate::formats::raster::cog::encode_cog;
use crate::formats::raster::{Overview, RasterMeta};
use crate::formats::vector::{Feature, FieldKind, encode_gpkg};
use geo::{Geometry, LineString, MultiPolygon, Polygon};
use ilot_kernels::unit::Metres;
use tempfile::TempDir;

const EXACTEXTRACT: &str = include_str!("exactextract.csv");

/// Rings of the made polygons; a part begins with each list, its holes follow.
type Parts = &'static [&'static [&'static [(f64, f64)]]];

const SYNTHETIC: &[(&str, Parts)] = &[
    (
        "hole",
        &[&[
            &[(651.3, 98.7), (700.2, 97.1), (690.4, 51.9), (655.5, 55.5)],
            &[(660.1, 90.2), (680.3, 88.8), (675.7, 70.1)],
        ]],
    ),
    (
        "parts",
        &[
            &[&[(700.5, 99.5), (710.25, 99.5), (710.25, 90.125), (700.5, 90.125)]],
            &[&[(720.0, 80.0), (731.7, 80.0), (725.3, 70.9)]],
        ],
    ),
    ("sliver", &[&[&[(650.2, 40.31), (749.7, 40.33), (749.7, 40.3301), (650.2, 40.3101)]]]),
    ("needle", &[&[&[(700.001, 1.5), (700.002, 1.5), (700.0015, 98.5)]]]),
    (
        "touching",
        &[&[&[
            (655.0, 5.0),
            (665.0, 5.0),
            (665.0, 15.0),
            (675.0, 15.0),
            (675.0, 25.0),
            (665.0, 25.0),
            (665.0, 15.0),
            (655.0, 15.0),
        ]]],
    ),
    (
        "ring_touching_shell",
        &[&[
            &[(680.0, 5.0), (700.0, 5.0), (700.0, 25.0), (680.0, 25.0)],
            &[(680.0, 15.0), (690.0, 10.5), (690.0, 19.5)],
        ]],
    ),
    ("on_borders", &[&[&[(710.0, 10.0), (720.0, 10.0), (720.0, 20.0), (710.0, 20.0)]]]),
    ("in_a_cell", &[&[&[(730.2, 10.2), (730.7, 10.3), (730.4, 10.9)]]]),
    ("across_the_edge", &[&[&[(740.0, -20.0), (780.0, 30.0), (745.0, 60.0)]]]),
];

fn lambert93() -> Crs {
    Crs::from_epsg(2154, None).unwrap()
}

fn polygons(parts: &[&[&[(f64, f64)]]]) -> Geometry<f64> {
    let line = |ring: &&[(f64, f64)]| LineString::from(ring.to_vec());
    let polygon =
        |rings: &&[&[(f64, f64)]]| Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect());
    let polygons: Vec<Polygon<f64>> = parts.iter().map(polygon).collect();
    if let [only] = &polygons[..] { only.clone().into() } else { MultiPolygon::from(polygons).into() }
}

fn square(west: f64, south: f64, side: f64) -> Geometry<f64> {
    let (east, north) = (west + side, south + side);
    let ring = vec![(west, south), (east, south), (east, north), (west, north)];
    Polygon::new(LineString::from(ring), vec![]).into()
}

/// A layer with a name and a number per zone.
fn layer(zones: impl IntoIterator<Item = (&'static str, Geometry<f64>)>) -> Layer {
    let field = |name: &str, kind| Field { name: name.to_owned(), kind };
    let feature = |(index, (name, geometry)): (usize, (&str, Geometry<f64>))| Feature {
        geometry,
        values: vec![Value::Text(name.to_owned()), Value::Integer(index as i64)],
    };
    Layer {
        crs: Some(lambert93()),
        fields: vec![field("nom", FieldKind::Text), field("r_mean", FieldKind::Integer)],
        features: zones.into_iter().enumerate().map(feature).collect(),
    }
}

fn gpkg(folder: &TempDir, layer: &Layer) -> PathBuf {
    let path = folder.path().join("zones.gpkg");
    std::fs::write(&path, encode_gpkg(&[("zones", layer)]).unwrap()).unwrap();
    path
}

fn tif(folder: &TempDir, name: &str, grid: &Grid<f32>) -> PathBuf {
    let crs = lambert93();
    let meta = RasterMeta {
        title: name.to_owned(),
        unit: String::new(),
        bands: vec![name.to_owned()],
        tags: vec![],
        crs: &crs,
        quantum: None,
        overview: Overview::Average,
    };
    let path = folder.path().join(format!("{name}.tif"));
    std::fs::write(&path, encode_cog(&[grid], &meta).unwrap()).unwrap();
    path
}

fn frame(west: f64, north: f64, cell: f64, rows: usize, cols: usize) -> Frame {
    Frame { west, north, cell: Metres(cell), rows, cols }
}

/// The raster that exactextract was given.
fn by_formula(frame: Frame) -> Grid<f32> {
    let value = |index: usize| {
        let (row, col) = (index / frame.cols, index % frame.cols);
        let value = 20.0 + ((row * 37 + col * 101 + row * col) % 1009) as f32 * 0.25;
        if (row * 7 + col * 3) % 29 == 4 { f32::NAN } else { value }
    };
    Grid::new(frame, (0..frame.len()).map(value).collect())
}

fn ask(zones: &Path, rasters: &[&Path]) -> Question {
    let rasters = rasters.iter().map(|path| (*path).to_owned()).collect();
    Question { zones: zones.to_owned(), rasters, ..Question::default() }
}

fn figure(answer: &Answer, column: &str, zone: usize) -> Option<f64> {
    let place = answer.layer.field(column).unwrap_or_else(|| panic!("a column {column}"));
    answer.layer.features[zone].values[place].number()
}

/// Every figure that exactextract gave for a set, against ours: 1e-6 relative.
fn compare(set: &str, zones: &Path, id: &str, frame: Frame) {
    let folder = TempDir::new().unwrap();
    let answer = measure(&ask(zones, &[&tif(&folder, set, &by_formula(frame))])).unwrap();
    let id = answer.layer.field(id).unwrap();
    let mut compared = 0;
    for line in EXACTEXTRACT.lines().filter_map(|line| line.strip_prefix(set)?.strip_prefix(',')) {
        let words: Vec<&str> = line.split(',').collect();
        let found = |feature: &Feature| feature.values[id].text() == Some(words[0]);
        let zone = answer.layer.features.iter().position(found).unwrap();
        for (column, known) in ["count", "mean", "sum", "min", "max"].iter().zip(&words[1..]) {
            let known: f64 = known.parse().unwrap();
            let own = figure(&answer, &format!("{set}_{column}"), zone).unwrap();
            assert!((own / known - 1.0).abs() <= 1e-6, "{} {column}: {own}, not {known}", words[0]);
            compared += 1;
        }
    }
    assert!(compared >= 45, "{set}: {compared} figures");
}

#[test]
fn holes_parts_slivers_and_touching_rings_equal_exactextract() {
    let folder = TempDir::new().unwrap();
    let zones = layer(SYNTHETIC.iter().map(|(name, parts)| (*name, polygons(parts))));
    compare("synthetic", &gpkg(&folder, &zones), "nom", frame(650.0, 100.0, 1.0, 100, 100));
}

#[test]
fn communes_and_buildings_equal_exactextract() {
    let Some(data) = std::env::var_os("ILOT_DATA").map(PathBuf::from) else {
        println!("skipped: ILOT_DATA is not set");
        return;
    };
    let communes = data.join("zan/communes/communes-34-herault.geojson");
    compare("communes", &communes, "code", frame(662_000.5, 6_320_000.5, 100.0, 860, 1340));
    let buildings = data.join("bdtopo_olemps/BATIMENT.shp");
    compare("buildings", &buildings, "ID", frame(661_900.25, 6_362_600.25, 2.0, 2400, 2100));
}

#[test]
fn threads_and_strips_change_no_bit() {
    let folder = TempDir::new().unwrap();
    let zones = gpkg(&folder, &layer(SYNTHETIC.iter().map(|(name, parts)| (*name, polygons(parts)))));
    let grid = by_formula(frame(650.0, 100.0, 1.0, 100, 100));
    let raster = tif(&folder, "r", &grid);
    let question = Question { percentiles: vec![5.0, 50.0], ..ask(&zones, &[&raster]) };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        csv(&pool.install(|| measure(&question)).unwrap().layer)
    };
    let known = with(1);
    assert!(with(3) == known, "threads change a figure");
    let laid = || -> Vec<Zone> {
        let wanted = Wanted { classes: false, spread: true };
        let (zones, ..) = shapes::read(&question, &mut vec![]).unwrap();
        let laid = shapes::lay(&zones, &lambert93(), grid.frame(), wanted, &raster, &mut vec![]);
        let mut laid = laid.unwrap();
        laid.sort_by_key(|zone| zone.rows().start);
        laid
    };
    let of = |cells: usize, block: (usize, usize)| {
        let mut zones = laid();
        let strips = strips(&zones, grid.frame(), block, cells);
        let _ = gather(Raster::open(&raster).unwrap(), &question, &strips, &mut zones).unwrap();
        (strips.len(), zones.iter().map(|zone| format!("{:?}", zone.statistics())).collect::<Vec<_>>())
    };
    let (count, known) = of(STRIP_CELLS, (512, 512));
    assert_eq!(count, 1);
    for (block, strips) in [((16, 16), 7), ((100, 1), 100), ((7, 30), 4)] {
        let (count, found) = of(1, block);
        assert_eq!(count, strips, "{block:?}");
        assert!(found == known, "strips of {block:?} change a figure");
    }
}

#[test]
fn zones_outside_or_over_nodata_are_empty_said_and_counted() {
    let folder = TempDir::new().unwrap();
    let mut grid = by_formula(frame(650.0, 100.0, 1.0, 100, 100));
    for row in 0..20 {
        grid.cells_mut()[row * 100..row * 100 + 20].fill(f32::NAN);
    }
    let zones = [
        ("inside", square(700.0, 40.0, 10.0)),
        ("over nodata", square(655.0, 85.0, 10.0)),
        ("far away", square(5000.0, 40.0, 10.0)),
        ("at the border", square(750.0, 40.0, 10.0)),
        ("half", square(745.0, 40.0, 10.0)),
        ("line", LineString::from(vec![(700.0, 50.0), (710.0, 60.0)]).into()),
    ];
    let path = gpkg(&folder, &layer(zones));
    let question = Question { id: Some("NOM".to_owned()), ..ask(&path, &[&tif(&folder, "a", &grid)]) };
    let answer = measure(&question).unwrap();
    assert_eq!((answer.without_data, answer.invalid), (4, 0));
    for zone in [1, 2, 3] {
        for column in ["a_mean", "a_min", "a_max", "a_sum", "a_stdev"] {
            assert_eq!(figure(&answer, column, zone), None, "{column} of zone {zone}");
        }
        assert_eq!(
            (figure(&answer, "a_missing", zone), figure(&answer, "a_area", zone)),
            (Some(1.0), Some(0.0))
        );
    }
    assert!(figure(&answer, "a_missing", 4).unwrap() > 0.5);
    let said: Vec<&str> = answer.remarks.iter().map(|remark| remark.en.as_str()).collect();
    assert!(
        said.iter().any(|line| line.contains("1 zones are no polygons and have no area (line)")),
        "{said:?}"
    );
    let blind = "4 of 6 zones without any data (over nodata, far away, at the border, line)";
    assert!(said.iter().any(|line| line.contains(blind)), "{said:?}");
    let table = csv(&answer.layer);
    assert!(table.contains("far away,2,,,,,,0,0,1,0\r\n"), "{table}");
}

#[test]
fn crossing_overlapping_and_missing_geometries_are_said() {
    let folder = TempDir::new().unwrap();
    let raster = tif(&folder, "r", &by_formula(frame(650.0, 100.0, 1.0, 100, 100)));
    let path = folder.path().join("zones.geojson");
    let json = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:2154"}},"features":[
      {"type":"Feature","properties":{"n":"bow"},"geometry":{"type":"Polygon","coordinates":[[[700,10],[720,30],[720,10],[700,30],[700,10]]]}},
      {"type":"Feature","properties":{"n":"nothing"},"geometry":null},
      {"type":"Feature","properties":{"n":"a"},"geometry":{"type":"Polygon","coordinates":[[[660,10],[680,10],[680,30],[660,30],[660,10]]]}},
      {"type":"Feature","properties":{"n":"b"},"geometry":{"type":"Polygon","coordinates":[[[670,10],[690,10],[690,20],[670,20],[670,10]]]}}]}"#;
    std::fs::write(&path, json).unwrap();
    let answer = measure(&Question { id: Some("n".to_owned()), ..ask(&path, &[&raster]) }).unwrap();
    assert_eq!((answer.without_data, answer.invalid), (1, 1));
    let said = answer.remarks.iter().map(|remark| remark.en.as_str()).collect::<Vec<_>>().join("\n");
    for words in [
        "1 zones are not valid (they cross themselves)",
        "1 features without a usable geometry are left out (nothing)",
        "2 zones overlap, over 100 m²",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    // Two wings of 20 × 10 / 2.
    let area = figure(&answer, "r_area", 0).unwrap() / (1.0 - figure(&answer, "r_missing", 0).unwrap());
    assert!((area - 200.0).abs() < 1e-9, "{area}");
}

#[test]
fn classes_give_areas_and_shares_and_shades_are_refused() {
    let folder = TempDir::new().unwrap();
    let frame = frame(0.0, 2.0, 2.0, 1, 4);
    let classes = tif(&folder, "cover", &Grid::new(frame, vec![0.0, 7.0, 7.0, f32::NAN]));
    let zone = Polygon::new(LineString::from(vec![(1.0, 0.0), (8.0, 0.0), (8.0, 2.0), (1.0, 2.0)]), vec![]);
    let path = gpkg(&folder, &layer([("a", zone.into())]));
    let question = Question { classes: true, ..ask(&path, &[&classes]) };
    let answer = measure(&question).unwrap();
    let known = [
        ("cover_majority", 7.0),
        ("cover_area_0", 2.0),
        ("cover_share_0", 0.2),
        ("cover_area_7", 8.0),
        ("cover_share_7", 0.8),
        ("cover_area", 10.0),
        ("cover_count", 2.5),
        ("cover_missing", 4.0 / 14.0),
        ("cover_edge", 2.0 / 14.0),
    ];
    for (column, value) in known {
        let found = figure(&answer, column, 0).unwrap();
        assert!((found - value).abs() < 1e-12, "{column}: {found}, not {value}");
    }
    assert!(answer.layer.field("cover_mean").is_none());
    let shades = tif(&folder, "shades", &Grid::new(frame, vec![0.5; 4]));
    let refused = measure(&Question { classes: true, ..ask(&path, &[&shades]) }).unwrap_err();
    assert!(refused.0.en.contains("shades.tif does not hold classes (a cell is 0.5)"), "{refused}");
}

#[test]
fn a_crs_is_never_guessed_and_a_change_is_said() {
    let folder = TempDir::new().unwrap();
    let raster = tif(&folder, "r", &by_formula(frame(770_000.0, 6_278_000.0, 1.0, 100, 100)));
    let bare = Layer { crs: None, ..layer([("a", square(770_010.0, 6_277_910.0, 50.0))]) };
    let path = gpkg(&folder, &bare);
    let fault = measure(&ask(&path, &[&raster])).unwrap_err();
    assert!(fault.0.en.contains("zones.gpkg") && fault.0.en.contains("--crs"), "{fault}");
    let given = measure(&Question { crs: Some(lambert93()), ..ask(&path, &[&raster]) }).unwrap();
    let known = figure(&given, "r_mean_2", 0).unwrap();
    // The same square in UTM 31: projected there by PROJ, back by our transformation.
    let way =
        crate::formats::crs::Transform::new(&lambert93(), &Crs::from_epsg(32631, None).unwrap()).unwrap();
    let corners = [(10.0, 10.0), (60.0, 10.0), (60.0, 60.0), (10.0, 60.0)];
    let corners = corners.map(|(x, y)| way.point(770_000.0 + x, 6_277_900.0 + y).unwrap());
    let moved = Polygon::new(LineString::from(corners.to_vec()), vec![]);
    let utm = Layer { crs: Some(Crs::from_epsg(32631, None).unwrap()), ..layer([("a", moved.into())]) };
    let answer = measure(&ask(&gpkg(&folder, &utm), &[&raster])).unwrap();
    assert!(answer.remarks.iter().any(|remark| remark.en.contains("brought from")), "{:?}", answer.remarks);
    assert!((figure(&answer, "r_mean_2", 0).unwrap() / known - 1.0).abs() < 1e-5);
    assert!(
        (figure(&answer, "r_count", 0).unwrap() / figure(&given, "r_count", 0).unwrap() - 1.0).abs() < 1e-6
    );
}

#[test]
fn names_stay_unique_and_the_table_says_what_it_holds() {
    let folder = TempDir::new().unwrap();
    let grid = by_formula(frame(650.0, 100.0, 1.0, 100, 100));
    let raster = tif(&folder, "r", &grid);
    let path = gpkg(&folder, &layer([("a \"b\", c", square(660.0, 60.0, 20.0))]));
    let question = Question { percentiles: vec![50.0, 2.5], ..ask(&path, &[&raster, &raster]) };
    let answer = measure(&question).unwrap();
    let names: Vec<&str> = answer.layer.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names[..9],
        ["nom", "r_mean", "r_mean_2", "r_min", "r_max", "r_stdev", "r_sum", "r_p50", "r_p2_5"]
    );
    assert!(names.contains(&"r_mean_3") && names.contains(&"r_count_2"));
    assert!(csv(&answer.layer).contains("\r\n\"a \"\"b\"\", c\",0,"));
    let schema: serde_json::Value = serde_json::from_str(&schema(&answer.layer, &answer.columns)).unwrap();
    let fields = schema["fields"].as_array().unwrap();
    assert_eq!(fields.len(), names.len());
    assert_eq!((&fields[1]["type"], fields[1].get("description")), (&"integer".into(), None));
    let area = fields.iter().find(|field| field["name"] == "r_area").unwrap();
    assert_eq!((&area["unit"], &area["type"]), (&"m²".into(), &"number".into()));
}
