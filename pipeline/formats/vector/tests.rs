//! Vectors against themselves after a round trip, against counts of others, and against damage.

use std::path::{Path, PathBuf};

use geo::{Area, LineString, MultiPolygon, Point, Polygon, point};

use super::*;

fn square(west: f64, south: f64, side: f64) -> Polygon<f64> {
    let (east, north) = (west + side, south + side);
    // Clockwise: GeoJSON must turn it.
    Polygon::new(
        LineString::from(vec![(west, south), (west, north), (east, north), (east, south), (west, south)]),
        vec![],
    )
}

fn layer() -> Layer {
    let field = |name: &str, kind| Field { name: name.to_owned(), kind };
    let fields = vec![
        field("nom", FieldKind::Text),
        field("hauteur", FieldKind::Real),
        field("etages", FieldKind::Integer),
        field("date", FieldKind::Date),
        field("fid", FieldKind::Integer),
    ];
    let hole = LineString::from(vec![
        (770_001.0, 6_277_001.0),
        (770_002.0, 6_277_001.0),
        (770_002.0, 6_277_002.0),
        (770_001.0, 6_277_001.0),
    ]);
    let courtyard = Polygon::new(square(770_000.0, 6_277_000.0, 10.0).exterior().clone(), vec![hole]);
    let features = vec![
        Feature {
            geometry: courtyard.into(),
            values: vec![
                Value::Text("l'Écusson « 1 »".to_owned()),
                Value::Real(12.3),
                Value::Integer(9_007_199_254_740_993),
                Value::Text("2022-03-01".to_owned()),
                Value::Integer(7),
            ],
        },
        Feature {
            geometry: MultiPolygon::new(vec![
                square(770_100.0, 6_277_000.0, 5.0),
                square(770_200.0, 6_277_000.0, 5.0),
            ])
            .into(),
            values: vec![Value::Null; 5],
        },
    ];
    Layer { crs: Some(Crs::from_user("lambert93").unwrap()), fields, features }
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_geopackage_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let layer = layer();
    let trees = Layer {
        crs: layer.crs.clone(),
        fields: vec![],
        features: (0..300)
            .map(|i| Feature {
                geometry: point! { x: 770_000.0 + f64::from(i), y: 6_277_000.5 }.into(),
                values: vec![],
            })
            .collect(),
    };
    let path =
        written(folder.path(), "a.gpkg", &encode_gpkg(&[("bâtiments", &layer), ("trees", &trees)]).unwrap());
    let source = Source::open(&path).unwrap();
    assert_eq!(
        source.layers().iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>(),
        ["bâtiments", "trees"]
    );
    let (found, tally) = source.read(source.find(Some("bâtiments")).unwrap(), None).unwrap();
    assert_eq!(tally, Tally { features: 2, ..Tally::default() });
    assert_eq!(found.fields, layer.fields);
    assert_eq!(found.crs.as_ref().unwrap(), &Crs::from_epsg(2154, None).unwrap(), "layers are flat");
    assert_eq!(found.features[0].values, layer.features[0].values);
    assert_eq!(found.features[1].values, layer.features[1].values);
    // A polygon among multiple ones becomes a multiple one of one.
    assert_eq!(found.features[0].geometry, multiple(&layer.features[0].geometry));
    assert_eq!(found.features[1].geometry, layer.features[1].geometry);
    assert_eq!(found.field("NOM"), Some(0));
    let within = Extent { west: 770_009.5, south: 6_277_000.0, east: 770_020.5, north: 6_277_001.0 };
    let (some, tally) = source.read(source.find(Some("trees")).unwrap(), Some(&within)).unwrap();
    assert_eq!((some.features.len(), tally.features), (11, 11));
    assert!(source.find(None).is_err() && source.find(Some("rues")).is_err());
}

#[test]
fn the_same_layers_give_the_same_bytes() {
    let layer = layer();
    let first = encode_gpkg(&[("a", &layer)]).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let layer = layer.clone();
            std::thread::spawn(move || encode_gpkg(&[("a", &layer)]).unwrap())
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == first));
    assert!(encode_gpkg(&[("a", &layer), ("a", &layer)]).is_err(), "a name twice");
}

#[test]
fn geojson_is_as_rfc_7946_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut layer = layer();
    layer.features.push(Feature {
        geometry: Point::new(770_550.0, 6_277_550.0).into(),
        values: vec![Value::Null, Value::Real(f64::NAN), Value::Null, Value::Null, Value::Null],
    });
    let text = encode_geojson("bâtiments", &layer).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(json.get("crs").is_none());
    let features = json["features"].as_array().unwrap();
    assert_eq!(features.len(), 3);
    // cs2cs: 770550 6277550 → 3.873396158, 43.593494855.
    assert_eq!(features[2]["geometry"]["coordinates"], serde_json::json!([3.8733962, 43.5934949]));
    assert_eq!(features[0]["properties"]["nom"], "l'Écusson « 1 »");
    assert_eq!(features[0]["properties"]["etages"], 9_007_199_254_740_993_i64);
    assert!(features[1]["properties"]["hauteur"].is_null() && features[2]["properties"]["hauteur"].is_null());
    let source = Source::open(&written(folder.path(), "a.geojson", text.as_bytes())).unwrap();
    let (found, _) = source.read(0, None).unwrap();
    assert_eq!(found.crs.unwrap().horizontal_epsg(), Some(4326));
    let Geometry::Polygon(courtyard) = &found.features[0].geometry else { panic!("a polygon") };
    assert!(courtyard.exterior().0.len() == 5 && courtyard.interiors().len() == 1);
    assert!(
        Polygon::new(courtyard.exterior().clone(), vec![]).signed_area() > 0.0,
        "outer ring counter-clockwise"
    );
    assert!(Polygon::new(courtyard.interiors()[0].clone(), vec![]).signed_area() < 0.0, "hole clockwise");
    let again = encode_geojson("bâtiments", &layer).unwrap();
    assert_eq!(again, text);
    layer.crs = None;
    assert!(encode_geojson("bâtiments", &layer).unwrap_err().0.fr.contains("--crs"));
}

#[test]
fn what_is_missing_is_null_and_what_is_odd_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"h":3,"n":"a"},"geometry":{"type":"Point","coordinates":[3,43,120.5]}},
        {"type":"Feature","properties":{"n":"b"},"geometry":{"type":"Point","coordinates":[4,43]}},
        {"type":"Feature","properties":{"h":null},"geometry":null},
        {"type":"Feature","properties":{"h":0},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}]}"#;
    let source = Source::open(&written(folder.path(), "odd.geojson", json.as_bytes())).unwrap();
    let (found, tally) = source.read(0, None).unwrap();
    assert_eq!(tally, Tally { features: 3, invalid: 1, empty: 1, unsupported: 0 });
    let h = found.field("h").unwrap();
    let heights: Vec<&Value> = found.features.iter().map(|feature| &feature.values[h]).collect();
    assert_eq!(heights, [&Value::Integer(3), &Value::Null, &Value::Integer(0)]);
    assert_eq!(found.features[0].geometry, Point::new(3.0, 43.0).into(), "heights are dropped");
    assert_eq!(
        (heights[0].number(), found.features[1].values[found.field("n").unwrap()].text()),
        (Some(3.0), Some("b"))
    );
}

#[test]
fn damaged_vectors_are_faults_that_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let whole = encode_gpkg(&[("a", &layer())]).unwrap();
    for cut in [0, 10, 100, 5000, whole.len() / 2] {
        let path = written(folder.path(), "coupé.gpkg", &whole[..cut]);
        let found = Source::open(&path).and_then(|source| source.read(0, None));
        assert!(found.is_err_and(|fault| fault.0.fr.contains("coupé.gpkg")), "cut at {cut}");
    }
    let text = encode_geojson("a", &layer()).unwrap();
    let path = written(folder.path(), "coupé.geojson", &text.as_bytes()[..text.len() / 2]);
    assert!(Source::open(&path).and_then(|source| source.read(0, None)).is_err());
    assert!(Source::open(&folder.path().join("rien.shp")).is_err());
    let raster = written(folder.path(), "a.tif", b"II*\0 not a raster");
    assert!(Source::open(&raster).is_err_and(|fault| fault.0.en.contains("a.tif")));
}

#[test]
fn a_fault_of_the_taker_stops_the_reading() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "a.gpkg", &encode_gpkg(&[("a", &layer())]).unwrap());
    let mut taken = 0;
    let stopped = Source::open(&path).unwrap().each(0, None, |_| {
        taken += 1;
        Err(fault!(fr: "assez", en: "enough"))
    });
    assert_eq!((stopped.unwrap_err().0.en.as_str(), taken), ("enough", 1));
}

#[test]
fn layers_of_others_are_read() {
    let Some(data) = std::env::var_os("ILOT_DATA").map(PathBuf::from) else {
        println!("skipped: ILOT_DATA is not set");
        return;
    };
    let read = |path: &str| {
        let source = Source::open(&data.join(path)).unwrap();
        source.read(0, None).unwrap()
    };
    let (parcels, tally) = read("zan/sybarval/A_B_2015_2018.shp");
    // Counts and hectares from the data's own description: 3970 polygons, 2 of them invalid, 349.7 ha, no .prj.
    assert_eq!((tally.features, tally.invalid, parcels.crs), (3970, 2, None));
    let hectares: f64 =
        parcels.features.iter().map(|feature| feature.geometry.unsigned_area()).sum::<f64>() / 1e4;
    assert!((hectares - 349.7).abs() < 0.1, "{hectares}");
    let (communes, _) = read("zan/sybarval/communes_sybarval.gpkg");
    assert_eq!((communes.features.len(), communes.crs.unwrap().horizontal_epsg()), (17, Some(2154)));
    let (buildings, tally) = read("bdtopo_olemps/BATIMENT.shp");
    assert_eq!((buildings.features.len(), tally.empty + tally.unsupported), (2273, 0));
    let crs = buildings.crs.as_ref().unwrap();
    assert_eq!(crs.horizontal_epsg(), Some(2154), "{}", crs.wkt());
    assert_eq!(read("reference/bridges_2x1km/NUALHD_1-0_DF_tabliers_pont.geojson").0.features.len(), 794);
    assert_eq!(read("lidar/km_decimated/Points_virtuels_0292_6833.geojson").0.features.len(), 2423);
    let json = encode_geojson("batiment", &buildings).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());

    // A shapefile whose last third is gone.
    let folder = tempfile::tempdir().unwrap();
    for end in ["shx", "dbf", "prj"] {
        std::fs::copy(
            data.join(format!("bdtopo_olemps/BATIMENT.{end}")),
            folder.path().join(format!("b.{end}")),
        )
        .unwrap();
    }
    let bytes = std::fs::read(data.join("bdtopo_olemps/BATIMENT.shp")).unwrap();
    let path = written(folder.path(), "b.shp", &bytes[..bytes.len() * 2 / 3]);
    let found = Source::open(&path).and_then(|source| source.read(0, None));
    assert!(found.is_err_and(|fault| fault.0.en.contains("b.shp")));
}

#[test]
fn flatgeobuf_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let gpkg = written(folder.path(), "a.gpkg", &encode_gpkg(&[("a", &layer())]).unwrap());
    let path = folder.path().join("a.fgb");
    let from = Dataset::open_ex(
        &gpkg,
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_VECTOR, ..Default::default() },
    );
    let driver = gdal::DriverManager::get_driver_by_name("FlatGeobuf").unwrap();
    from.unwrap().create_copy(&driver, &path, &gdal::cpl::CslStringList::new()).unwrap().close().unwrap();
    let (found, _) = Source::open(&path).unwrap().read(0, None).unwrap();
    assert_eq!(found.features.len(), 2);
    assert_eq!(found.crs.unwrap(), Crs::from_epsg(2154, None).unwrap());
}
