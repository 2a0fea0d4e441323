//! CRS against what `projinfo` and `cs2cs` 9.1.1 say, and against what real clouds hold.

use ilot_kernels::extent::Extent;

use super::*;

const ESRI_LAMBERT_93: &str = r#"PROJCS["RGF_1993_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",49.0],PARAMETER["Standard_Parallel_2",44.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]"#;

fn extent(west: f64, south: f64) -> Extent {
    Extent { west, south, east: west + 50.0, north: south + 50.0 }
}

#[test]
fn all_ways_to_say_lambert_93_mean_the_same() {
    let ways = [
        "EPSG:2154+5720",
        "2154+5720",
        "epsg:5698",
        "5698",
        "lambert93",
        "Lambert-93",
        "EPSG:2154+EPSG:5720",
    ];
    for way in ways {
        let crs = Crs::from_user(way).unwrap();
        assert_eq!((crs.horizontal_epsg(), crs.vertical_epsg()), (Some(2154), Some(5720)), "{way}");
        assert_eq!(crs, Crs::from_epsg(2154, Some(5720)).unwrap(), "{way}");
        assert!(crs.is_metric());
    }
    let flat = Crs::from_user("EPSG:2154").unwrap();
    assert_ne!(flat, Crs::from_user("lambert93").unwrap());
    assert!(flat.same_horizontal(&Crs::from_user("lambert93").unwrap()));
    assert_eq!(Crs::from_user("lambert93").unwrap().flat().unwrap(), flat);
    assert_eq!(Crs::from_user("lambert93").unwrap().code(), "EPSG:2154+5720");
}

#[test]
fn the_table_holds_what_proj_says() {
    let expected = [
        ("lambert93", 2154, Some((5720, "NGF-IGN69 height"))),
        ("corse", 2154, Some((5721, "NGF-IGN78 height"))),
        ("corsica", 2154, Some((5721, "NGF-IGN78 height"))),
        ("guadeloupe", 5490, Some((5757, "Guadeloupe 1988 height"))),
        ("martinique", 5490, Some((5756, "Martinique 1987 height"))),
        ("antilles", 5490, None),
        ("guyane", 2972, Some((5755, "NGG1977 height"))),
        ("reunion", 2975, Some((5758, "Reunion 1989 height"))),
        ("mayotte", 4471, Some((5793, "Mayotte 1950 height"))),
    ];
    for (word, horizontal, vertical) in expected {
        let crs = Crs::from_user(word).unwrap();
        assert_eq!(crs.horizontal_epsg(), Some(horizontal), "{word}");
        assert_eq!(crs.vertical_epsg().zip(crs.vertical_name()), vertical, "{word}");
        assert!(crs.is_metric(), "{word}");
    }
    assert_eq!(Crs::from_user("EPSG:5699").unwrap(), Crs::from_user("corse").unwrap());
}

#[test]
fn wkt_of_all_dialects_is_understood() {
    let compound = Crs::from_epsg(2154, Some(5720)).unwrap();
    assert_eq!(Crs::from_wkt(compound.wkt()).unwrap(), compound);
    assert!(compound.wkt().starts_with("COMPD_CS["), "{}", compound.wkt());
    let esri = Crs::from_wkt(ESRI_LAMBERT_93).unwrap();
    assert_eq!(esri.horizontal_epsg(), Some(2154));
    assert_eq!(esri, Crs::from_epsg(2154, None).unwrap());
    // As PDAL and LAStools write it: no code at the top.
    let bare = compound.wkt().replace(r#",AUTHORITY["EPSG","2154"]"#, "");
    assert_eq!(Crs::from_wkt(&bare).unwrap(), compound);
    let padded = format!("{}\0\0\0", compound.wkt());
    assert_eq!(Crs::from_wkt(&padded).unwrap(), compound);
    let wkt2 = r#"COMPOUNDCRS["mine",PROJCRS["RGF93 v1 / Lambert-93",BASEGEOGCRS["RGF93 v1",DATUM["Reseau Geodesique Francais 1993 v1",ELLIPSOID["GRS 1980",6378137,298.257222101]]],CONVERSION["Lambert-93",METHOD["Lambert Conic Conformal (2SP)",ID["EPSG",9802]],PARAMETER["Latitude of false origin",46.5,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of false origin",3,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Latitude of 1st standard parallel",49,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Latitude of 2nd standard parallel",44,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Easting at false origin",700000,LENGTHUNIT["metre",1]],PARAMETER["Northing at false origin",6600000,LENGTHUNIT["metre",1]]],CS[Cartesian,2],AXIS["easting (X)",east],AXIS["northing (Y)",north],LENGTHUNIT["metre",1],ID["EPSG",2154]],VERTCRS["NGF-IGN69 height",VDATUM["Nivellement General de la France - IGN69"],CS[vertical,1],AXIS["gravity-related height (H)",up,LENGTHUNIT["metre",1]],ID["EPSG",5720]]]"#;
    assert_eq!(Crs::from_wkt(wkt2).unwrap(), compound);
}

#[test]
fn malformed_text_is_a_fault() {
    let compound = Crs::from_epsg(2154, Some(5720)).unwrap();
    for cut in [0, 1, 9, 40, 200, 500] {
        assert!(Crs::from_wkt(&compound.wkt()[..cut]).is_err(), "cut at {cut}");
    }
    let deep = "PROJCS[".repeat(20_000);
    let texts =
        ["", "\0", "PROJCS[", "PROJCS[\"\u{0}\"]", "[]", "{\"type\":[1]}", "((((", &deep, "VERT_CS[\"x\"]"];
    for text in texts {
        assert!(Crs::from_wkt(text).is_err(), "{}", excerpt(text));
    }
    for text in [
        "",
        "lambert",
        "EPSG:",
        "EPSG:0",
        "EPSG:99999999999",
        "2154+",
        "2154+5720+1",
        "-1",
        "5720",
        "EPSG:2154+2154",
    ] {
        assert!(Crs::from_user(text).is_err(), "{text}");
    }
    let said = Crs::from_user("paris").unwrap_err().0.en;
    assert!(said.contains("paris") && said.contains("EPSG:2154"), "{said}");
}

#[test]
fn degrees_and_feet_are_refused() {
    let file = Path::new("tile.laz");
    assert!(Crs::from_epsg(2154, Some(5720)).unwrap().require_metric(file).is_ok());
    // WGS 84; geocentric; New York in feet; Sweden's RT90, north first on paper but east first in files.
    let said = Crs::wgs84().unwrap().require_metric(file).unwrap_err().0.en;
    assert!(said.contains("tile.laz") && said.contains("degrees"), "{said}");
    assert!(Crs::from_epsg(4978, None).unwrap().require_metric(file).is_err());
    assert!(Crs::from_epsg(2263, None).unwrap().require_metric(file).is_err());
    // UTM 18N in metres with heights in US feet (EPSG:6360).
    let feet = Crs::from_epsg(26918, Some(6360)).unwrap();
    assert!(feet.is_metric() && feet.require_metric(file).unwrap_err().0.en.contains("heights"));
    assert!(Crs::from_epsg(3021, None).unwrap().require_metric(file).is_ok());
}

#[test]
fn transformations_agree_with_cs2cs() {
    // cs2cs 9.1.1, `cs2cs -f %.9f EPSG:2154 EPSG:4326` and so on (there: latitude first).
    let known = [
        (2154, (770_550.0, 6_277_550.0), (3.873_396_158, 43.593_494_855)),
        (2154, (652_000.0, 6_862_000.0), (2.345_811_959, 48.856_248_141)),
        (2154, (1_200_000.0, 6_100_000.0), (9.010_871_732, 41.829_506_140)),
        (2975, (377_000.0, 7_655_950.0), (55.815_024_443, -21.193_744_561)),
        (5490, (650_000.0, 1_790_000.0), (-61.596_835_543, 16.185_801_949)),
        (2972, (350_000.0, 545_000.0), (-52.352_858_115, 4.929_287_137)),
        (4471, (520_000.0, 8_585_000.0), (45.184_284_563, -12.799_766_964)),
    ];
    let wgs84 = Crs::wgs84().unwrap();
    for (code, (x, y), (lon, lat)) in known {
        let crs = Crs::from_epsg(code, None).unwrap();
        let found = Transform::new(&crs, &wgs84).unwrap().point(x, y).unwrap();
        assert!((found.0 - lon).abs() < 2e-9 && (found.1 - lat).abs() < 2e-9, "{code}: {found:?}");
        let back = Transform::new(&wgs84, &crs).unwrap().point(found.0, found.1).unwrap();
        assert!((back.0 - x).abs() < 1e-5 && (back.1 - y).abs() < 1e-5, "{code}: {back:?}");
    }
}

#[test]
fn a_missing_grid_is_an_error_and_no_height_passes_unshifted() {
    // No French overseas grid is on any build machine of ours; where one is, the shift is real.
    let reunion = Crs::from_user("reunion").unwrap();
    let ellipsoidal = Crs::from_epsg(4979, None).unwrap();
    let height = Transform::with_heights(&reunion, &ellipsoidal)
        .and_then(|it| it.point3(377_000.0, 7_655_950.0, 150.0));
    assert!(
        height.is_err_and(|fault| fault.0.en.contains("doctor"))
            || crate::formats::library::find_grid("fr_ign_RAR07_bl.tif", &[]).is_some()
    );
    let nowhere = Transform::to_ellipsoid(&reunion, Path::new("/nowhere/fr_ign_RAR07_bl.tif"));
    assert!(nowhere.is_err());
}

#[test]
fn a_wrong_place_is_told_apart() {
    let file = Path::new("tile.laz");
    let crs = Crs::from_user("lambert93").unwrap();
    assert!(crs.sanity(&extent(770_550.0, 6_277_550.0), file).is_ok());
    assert!(crs.sanity(&extent(299_000.0, 6_801_000.0), file).is_ok());
    let said = |crs: &Crs, x, y| crs.sanity(&extent(x, y), file).unwrap_err().0.en;
    assert!(said(&crs, 6_277_550.0, 770_550.0).contains("swapped"));
    assert!(said(&crs, 3.87, 43.59).contains("degrees"));
    assert!(said(&crs, 377_000.0, 7_655_950.0).contains("outside"), "Réunion is not in Lambert-93");
    assert!(said(&crs, 0.0, 0.0).contains("tile.laz"));
    assert!(said(&crs, f64::NAN, 0.0).contains("outside"));
    assert!(said(&crs, 1e300, -1e300).contains("outside"));
    // Ajaccio with mainland heights, and Montpellier with Corsican ones.
    assert!(said(&crs, 1_180_000.0, 6_110_000.0).contains("NGF-IGN69"));
    let corsica = Crs::from_user("corse").unwrap();
    assert!(corsica.sanity(&extent(1_180_000.0, 6_110_000.0), file).is_ok());
    assert!(said(&corsica, 770_550.0, 6_277_550.0).contains("NGF-IGN78"));
    let reunion = Crs::from_user("reunion").unwrap();
    assert!(reunion.sanity(&extent(377_000.0, 7_655_950.0), file).is_ok());
    assert!(said(&reunion, 7_655_950.0, 377_000.0).contains("swapped"));
}

#[test]
fn a_user_reads_names_not_codes_alone() {
    let title = Crs::from_user("corse").unwrap().title();
    assert_eq!(title.fr, "Lambert-93, altitudes NGF-IGN78 (EPSG:2154+5721)");
    assert_eq!(title.en, "Lambert-93, heights NGF-IGN78 (EPSG:2154+5721)");
    assert_eq!(Crs::from_epsg(3007, None).unwrap().title().en, "SWEREF99 12 00 (EPSG:3007)");
    assert!(Crs::missing(Path::new("a.laz")).0.fr.contains("--crs"));
    let reunion = Crs::from_user("reunion").unwrap();
    assert!(reunion.mismatch(&Crs::from_user("corse").unwrap(), Path::new("a.laz")).0.en.contains("UTM 40S"));
}

#[test]
fn a_crs_goes_between_threads() {
    fn travels<T: Send + Sync + Clone>() {}
    travels::<Crs>();
}

#[test]
fn clouds_of_others_say_their_crs() {
    let Some(data) = std::env::var_os("ILOT_DATA").map(std::path::PathBuf::from) else {
        println!("skipped: ILOT_DATA is not set");
        return;
    };
    let known = [
        ("montpellier_6x50m/test_data_77055_627755_LA93_IGN69.laz", "EPSG:2154"),
        ("crops_dxm/pont.laz", "EPSG:2154"),
        ("edge_cases/sample_lareunion_epsg2975.laz", "EPSG:2975"),
        ("bc_forest_4tiles/bcts_1.laz", "EPSG:3005+5713"),
    ];
    for (cloud, code) in known {
        let path = data.join("lidar").join(cloud);
        let reader = las::Reader::from_path(&path).unwrap();
        let wkt = &reader.header().all_vlrs().find(|vlr| vlr.record_id == 2112).unwrap().data;
        let crs = Crs::from_wkt(&String::from_utf8_lossy(wkt)).unwrap();
        assert_eq!(crs.code(), code, "{cloud}");
        crs.require_metric(&path).unwrap();
        let bounds = reader.header().bounds();
        let extent =
            Extent { west: bounds.min.x, south: bounds.min.y, east: bounds.max.x, north: bounds.max.y };
        crs.sanity(&extent, &path).unwrap();
    }
    let flat = Crs::from_epsg(2154, None).unwrap();
    assert_eq!(flat.with_heights(5720).unwrap(), Crs::from_user("lambert93").unwrap());
    assert!(flat.with_heights(2154).is_err());
}
