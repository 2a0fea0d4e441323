//! `ilot zan parcels` and `ilot zan report`: a block known to the metre, the sample town, what is missing.

use crate::harness::{Ran, ilot, text};
use geo::{Geometry, LineString, Polygon};
use ilot::formats::crs::Crs;
use ilot::formats::raster::cog::encode_cog;
use ilot::formats::raster::{Overview, RasterMeta};
use ilot::formats::vector::{Feature, Field, FieldKind, Layer, Source, Value, encode_geojson, encode_gpkg};
use ilot::sample::{self, SampleOptions, landcover};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const CORNER: (f64, f64) = (700_000.0, 6_600_000.0);

fn square(west: f64, south: f64, east: f64, north: f64) -> Geometry<f64> {
    let at = |x: f64, y: f64| (CORNER.0 + x, CORNER.1 + y);
    let ring = vec![at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)];
    Geometry::Polygon(Polygon::new(LineString::from(ring), vec![]))
}

fn write(path: &Path, fields: &[&str], rows: &[(Geometry<f64>, &[&str])]) {
    let layer = Layer {
        crs: Some(Crs::from_epsg(2154, None).unwrap()),
        fields: fields.iter().map(|name| Field { name: (*name).to_owned(), kind: FieldKind::Text }).collect(),
        features: rows
            .iter()
            .map(|(geometry, words)| Feature {
                geometry: geometry.clone(),
                values: words.iter().map(|word| Value::Text((*word).to_owned())).collect(),
            })
            .collect(),
    };
    let name = path.file_stem().unwrap().to_str().unwrap();
    std::fs::write(path, encode_gpkg(&[(name, &layer)]).unwrap()).unwrap();
}

/// A map of a metre over 200 × 200 m, by west and south.
fn map<T: ilot::formats::raster::cog::Encoded>(path: &Path, value: impl Fn(f64, f64) -> T) {
    let frame = Frame { west: CORNER.0, north: CORNER.1 + 200.0, cell: Metres(1.0), rows: 200, cols: 200 };
    let cells = (0..200 * 200).map(|at| value(frame.x(at % 200) - CORNER.0, frame.y(at / 200) - CORNER.1));
    let grid = Grid::new(frame, cells.collect());
    let meta = RasterMeta {
        title: "made".to_owned(),
        unit: String::new(),
        bands: vec!["2025-05-15".to_owned()],
        tags: Vec::new(),
        crs: &Crs::from_epsg(2154, None).unwrap(),
        quantum: None,
        overview: Overview::Majority,
    };
    std::fs::write(path, encode_cog(&[&grid], &meta).unwrap()).unwrap();
}

/// A street along the south (y < 20), houses west and east, an empty plot of 40 × 60 m between, a car park behind.
fn block(folder: &Path) -> (PathBuf, PathBuf) {
    let maps = folder.join("maps");
    std::fs::create_dir_all(&maps).unwrap();
    let inside = |x: f64, y: f64, b: [f64; 4]| x > b[0] && y > b[1] && x < b[2] && y < b[3];
    map::<u8>(&maps.join("cover.vrt"), |x, y| match () {
        () if y < 20.0 => 2,
        () if inside(x, y, [45.0, 40.0, 55.0, 50.0]) || inside(x, y, [125.0, 40.0, 135.0, 50.0]) => 1,
        () if inside(x, y, [40.0, 100.0, 160.0, 150.0]) => 2,
        () => 5,
    });
    map::<f32>(&maps.join("chm.vrt"), |x, y| if inside(x, y, [45.0, 40.0, 55.0, 50.0]) { 6.0 } else { 0.0 });
    map::<f32>(&maps.join("slope.vrt"), |_, _| 0.0);
    map::<f32>(&maps.join("heat_night.vrt"), |_, _| 1.5);
    let parcels = folder.join("parcels.gpkg");
    write(
        &parcels,
        &["idu", "commune", "public"],
        &[
            (square(40.0, 20.0, 60.0, 80.0), &["house", "99001", "non"]),
            (square(70.0, 20.0, 110.0, 80.0), &["gap", "99001", "non"]),
            (square(110.0, 20.0, 150.0, 80.0), &["large", "99001", "non"]),
            (square(40.0, 100.0, 160.0, 150.0), &["carpark", "99001", "oui"]),
        ],
    );
    (parcels, maps)
}

fn rows(path: &Path, id: &str) -> BTreeMap<String, Vec<(String, Value)>> {
    let layer = Source::open(path).unwrap().read(0, None).unwrap().0;
    let place = layer.field(id).unwrap();
    let row = |feature: &Feature| {
        let name = feature.values[place].text().unwrap().to_owned();
        let values = layer.fields.iter().map(|field| field.name.clone()).zip(feature.values.clone());
        (name, values.collect())
    };
    layer.features.iter().map(row).collect()
}

#[track_caller]
fn number(row: &[(String, Value)], name: &str) -> f64 {
    row.iter()
        .find(|(other, _)| other == name)
        .unwrap_or_else(|| panic!("{name}"))
        .1
        .number()
        .unwrap_or(f64::NAN)
}

#[track_caller]
fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} is not {wanted}");
}

fn parcels(words: &[&str], parcels: &Path, out: &Path) -> Ran {
    ilot(&[&["zan", "parcels", text(parcels)], words, &["--out", text(out)]].concat())
}

#[test]
fn a_block_known_to_the_metre_has_its_figures() {
    let folder = TempDir::new().unwrap();
    let (layer, maps) = block(folder.path());
    let out = folder.path().join("out");
    let ran = parcels(&["--maps", text(&maps)], &layer, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let all = rows(&out.join("parcels.gpkg"), "parcel_id");
    let house = &all["house"];
    near(number(house, "area_m2"), 1200.0, 1e-6);
    near(number(house, "building_m2"), 100.0, 1e-6);
    near(number(house, "impermeable_pct"), 100.0 / 12.0, 1e-3);
    near(number(house, "open_soil_m2"), 1100.0, 1e-6);
    near(number(house, "biotope"), 1100.0 / 1200.0, 1e-4);
    near(number(house, "height_mean_m"), 6.0, 1e-6);
    near(number(house, "volume_m3"), 600.0, 1e-6);
    // 40 × 60 less 3 m on each side: 34 × 54, whose corners the opening with a disc of 6 m rounds.
    near(number(&all["gap"], "room_disc_m"), 34.0, 1e-6);
    near(number(&all["gap"], "room_m2"), 34.0 * 54.0 - 36.0 * (4.0 - std::f64::consts::PI), 8.0);
    let plots = rows(&out.join("densification.gpkg"), "parcel_id");
    let kind = |name: &str| plots[name].iter().find(|(field, _)| field == "kind").unwrap().1.clone();
    assert_eq!(kind("gap"), Value::Text("dent_creuse".to_owned()));
    assert_eq!(kind("large"), Value::Text("division".to_owned()));
    // Behind the house 14 × 23 m are left, and 5 m beside it to the street.
    assert_eq!(kind("house"), Value::Text("division".to_owned()));
    near(number(&plots["house"], "room_disc_m"), 14.0, 1e-6);
    near(number(&plots["house"], "access"), 1.0, 0.0);
    near(number(&plots["gap"], "access"), 1.0, 0.0);
    // All of its room built upon: what is left is grass.
    let left = 2400.0 - number(&plots["gap"], "new_footprint_m2");
    near(number(&plots["gap"], "open_soil_after_pct"), left / 24.0, 1e-2);
    let best = rows(&out.join("renaturation.gpkg"), "parcel_id");
    assert_eq!(best.keys().collect::<Vec<_>>(), ["carpark"], "only the car park has ground to unseal");
    let park = &best["carpark"];
    near(number(park, "to_unseal_m2"), 6000.0, 1e-6);
    for (term, wanted) in [("sealed", 1.0), ("threshold", 1.0), ("heat", 0.5), ("public", 1.0), ("flat", 1.0)]
    {
        near(number(park, &format!("term_{term}")), wanted, 1e-4);
    }
    // The canopy is not given: its weight is left out.
    near(number(park, "score"), (0.3 + 0.2 + 0.075 + 0.15 + 0.1 + 0.05) / 0.95, 1e-4);
    assert!(ran.err.contains("trees (canopy)") && ran.err.contains("cellars"), "{}", ran.err);
}

#[test]
fn rules_and_weights_of_a_plan_are_its_own() {
    let folder = TempDir::new().unwrap();
    let (layer, maps) = block(folder.path());
    let plan = folder.path().join("plu.toml");
    std::fs::write(
        &plan,
        "source = \"PLU\"\n[zone.UB]\nfootprint_max_pct = 25.0\nheight_max_m = 9.0\nbiotope_min = 0.75\n[zone.UB.weights]\nherbaceous = 0.8\n",
    )
    .unwrap();
    let zones = folder.path().join("zones.gpkg");
    write(
        &zones,
        &["libelle"],
        &[(square(0.0, 0.0, 105.0, 200.0), &["UB"]), (square(105.0, 0.0, 200.0, 200.0), &["N"])],
    );
    let out = folder.path().join("out");
    let words = ["--maps", text(&maps), "--plu", text(&plan), "--plu-zones", text(&zones)];
    let ran = parcels(&words, &layer, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let all = rows(&out.join("parcels.gpkg"), "parcel_id");
    near(number(&all["house"], "biotope"), 0.8 * 1100.0 / 1200.0, 1e-4);
    near(number(&all["house"], "biotope_kept"), 0.0, 0.0);
    let plots = rows(&out.join("densification.gpkg"), "parcel_id");
    assert!(!plots.contains_key("large"), "nothing is built in a zone N");
    // Of 600 m² that the footprint allows, the CBS leaves (0.8 − 0.75) × 2400 / 0.8.
    near(number(&plots["gap"], "new_footprint_m2"), 150.0, 1e-6);
    near(number(&plots["gap"], "biotope_after"), 0.75, 1e-6);
    near(number(&plots["house"], "new_footprint_m2"), 0.0, 1e-6);
    assert!(ran.err.contains("zones of parcels without a rule of their own: N"), "{}", ran.err);
    near(number(&plots["gap"], "residual_m3"), 9.0 * 600.0, 1e-6);
    // The house may grow upwards: 9 m × 25 % of 1200 m² less its 600 m³.
    near(number(&plots["house"], "residual_m3"), 9.0 * 300.0 - 600.0, 1e-6);
    std::fs::write(&plan, "[weights]\nherbaceous = 8\n").unwrap();
    let ran = parcels(&words, &layer, &out);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("weights are 0 to 1"), "{}", ran.err);
}

#[test]
fn the_threshold_counts_what_touches_a_parcel() {
    let folder = TempDir::new().unwrap();
    let (layer, maps) = block(folder.path());
    let state = folder.path().join("occupation_2021.gpkg");
    let fields = ["code_cs", "code_us", "millesime"];
    // The large plot is a yard; a field touches it on the east, or does not.
    for (east, counts) in [(151.0, 0.0), (150.0, 1.0)] {
        let rows_of: [(Geometry<f64>, &[&str]); 2] = [
            (square(110.0, 20.0, 150.0, 80.0), &["CS1.1.2.1", "US5", "2021"]),
            (square(east, 20.0, 200.0, 80.0), &["CS2.2.1", "US1.1", "2021"]),
        ];
        write(&state, &fields, &rows_of);
        let yard = folder.path().join("yard.gpkg");
        write(&yard, &["idu"], &[(square(110.0, 20.0, 150.0, 80.0), &["yard"])]);
        map::<u8>(&maps.join("cover.vrt"), |_, _| 2);
        let out = folder.path().join("out");
        let ran = parcels(&["--maps", text(&maps), "--ocsge", text(&state)], &yard, &out);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let best = rows(&out.join("renaturation.gpkg"), "parcel_id");
        near(number(&best["yard"], "term_threshold"), counts, 0.0);
        near(number(&rows(&out.join("parcels.gpkg"), "parcel_id")["yard"], "artif_m2"), 2400.0, 1e-2);
    }
    let _ = layer;
}

/// A town that is large enough to have parcels of all kinds, made once.
fn town() -> &'static Path {
    static TOWN: OnceLock<TempDir> = OnceLock::new();
    TOWN.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let options = SampleOptions { size: (420.0, 420.0), density: 0.1, seed: 1 };
        let _ = sample::make(folder.path(), &options).unwrap();
        folder
    })
    .path()
}

#[test]
fn the_sample_towns_parcels_add_up_to_its_truth() {
    let (out, vectors) = (TempDir::new().unwrap(), town().join("vectors"));
    let words = ["--ocsge", text(&vectors.join("ocsge_2021.gpkg"))].map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = parcels(&words, &vectors.join("parcels.gpkg"), out.path());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let found = rows(&out.path().join("parcels.gpkg"), "parcel_id");
    let options = SampleOptions { size: (420.0, 420.0), density: 0.1, seed: 1 };
    let (model, partition) = sample::town(&options).unwrap();
    let (mut sealed, mut artificial) = (0.0, 0.0);
    for (number, face) in model.town.faces.iter().enumerate().filter(|(_, face)| face.parcel.is_some()) {
        let (cover, usage) = landcover::codes(face, 1);
        let area = partition.square_metres(number);
        sealed += if landcover::impermeable(cover) { area } else { 0.0 };
        artificial += if landcover::artificialised(cover, usage) { area } else { 0.0 };
    }
    let sum = |name: &str| found.values().map(|row| number(row, name)).sum::<f64>();
    near(sum("imper_ocsge_m2"), sealed, 0.5);
    near(sum("artif_m2"), artificial, 0.5);
    assert!(ran.err.contains("Without a cover map"), "{}", ran.err);
    let maps = TempDir::new().unwrap();
    for name in ["cover", "chm", "canopy", "heat_night"] {
        let from = town().join(format!("truth/{name}.tif"));
        let _ = std::fs::copy(from, maps.path().join(format!("{name}.vrt"))).unwrap();
    }
    let words = ["--maps", text(maps.path())];
    let ran = parcels(&words, &vectors.join("parcels.gpkg"), out.path());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let found = rows(&out.path().join("parcels.gpkg"), "parcel_id");
    let sum = |name: &str| found.values().map(|row| number(row, name)).sum::<f64>();
    // The truth's cover is asked at the centres of cells of a metre.
    near(sum("impermeable_m2") / sealed, 1.0, 0.01);
    assert!(found.values().any(|row| number(row, "public") == 1.0));
}

#[test]
fn what_cannot_start_says_why() {
    let folder = TempDir::new().unwrap();
    let (layer, _) = block(folder.path());
    let (nothing, out) = (folder.path().join("none"), folder.path().join("out"));
    let cases: [(&[&str], &str); 3] = [
        (&[], "--maps"),
        (&["--maps", text(&nothing)], "cover.vrt"),
        (&["--maps", text(folder.path()), "--plu", text(&nothing)], "cannot be read"),
    ];
    for (words, why) in cases {
        let ran = parcels(words, &layer, &out);
        assert_eq!(ran.code, Some(2), "{words:?}");
        assert!(ran.err.contains(why), "{}", ran.err);
    }
    assert!(!out.exists());
}

#[test]
fn the_report_of_the_sample_town_has_every_item_and_its_figures() {
    let (out, vectors) = (TempDir::new().unwrap(), town().join("vectors"));
    let file = |name: &str| vectors.join(name).to_str().unwrap().to_owned();
    let (first, second, zones) = (file("ocsge_2018.gpkg"), file("ocsge_2021.gpkg"), file("communes.gpkg"));
    let words =
        ["zan", "report", "--t1", &first, "--t2", &second, "--zones", &zones, "--out", text(out.path())];
    let ran = ilot(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let table = std::fs::read_to_string(out.path().join("zan_report.csv")).unwrap();
    for item in 1..=4 {
        assert!(table.contains(&format!("R. 2231-1 {item}°")), "{table}");
    }
    assert!(out.path().join("zan_report.csv.schema.json").exists());
    let truth = std::fs::read_to_string(town().join("truth/zan_flux.csv")).unwrap();
    for line in truth.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let row = table
            .lines()
            .find(|row| row.starts_with(cells[0]) && row.contains("Balance (net artificialisation)"));
        let value: f64 = row.unwrap().split(',').nth(7).unwrap().parse().unwrap();
        near(value * 1e4, cells[5].parse().unwrap(), 2e-3);
        let page = std::fs::read_to_string(out.path().join(format!("report/{}.html", cells[0]))).unwrap();
        assert!(
            page.contains("<svg") && page.contains("R. 2231-1") && !page.contains("http"),
            "{}",
            cells[0]
        );
        let hash = ilot::store::hash_file(Path::new(&first)).unwrap();
        assert!(page.contains(&hash), "the page names its sources");
    }
    let index = std::fs::read_to_string(out.path().join("report/index.html")).unwrap();
    assert!(index.contains("35998.html") && index.contains("35999.html"));
}

#[test]
fn brownfields_are_crossed_with_the_maps_and_a_cadastre_may_be_in_degrees() {
    let folder = TempDir::new().unwrap();
    let (layer, maps) = block(folder.path());
    let sites = folder.path().join("friches.gpkg");
    write(
        &sites,
        &["site_id", "site_statut"],
        &[
            (square(30.0, 90.0, 170.0, 160.0), &["99001_1", "friche sans projet"]),
            (square(110.0, 20.0, 150.0, 80.0), &["99001_2", "friche potentielle"]),
        ],
    );
    let degrees = folder.path().join("cadastre.geojson");
    let own = Source::open(&layer).unwrap().read(0, None).unwrap().0;
    std::fs::write(&degrees, encode_geojson("cadastre", &own).unwrap()).unwrap();
    let out = folder.path().join("out");
    let ran = parcels(&["--maps", text(&maps), "--brownfields", text(&sites)], &degrees, &out);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let found = rows(&out.join("brownfields.gpkg"), "site_id");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["99001_1"]);
    near(number(&found["99001_1"], "sealed_pct"), 6000.0 / 98.0, 1e-2);
    near(number(&found["99001_1"], "heat_k"), 1.5, 1e-6);
    assert!(ran.err.contains("only potential"), "{}", ran.err);
    let all = rows(&out.join("parcels.gpkg"), "parcel_id");
    let of = |name: &str| all[name].iter().find(|(field, _)| field == "brownfield").unwrap().1.clone();
    assert_eq!((of("carpark"), of("gap")), (Value::Text("99001_1".to_owned()), Value::Null));
    // Seven decimals of a degree are a centimetre.
    near(number(&all["gap"], "area_m2"), 2400.0, 2.0);
    near(number(&all["gap"], "room_disc_m"), 34.0, 1.0);
}
