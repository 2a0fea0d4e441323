//! The sample against itself: what is written is what the model says.

use std::collections::BTreeMap;
use std::path::Path;

use geo::{Area, Geometry};

use super::model::Model;
use super::partition::Partition;
use super::scan::{Cloud, NOISE, Part, scan};
use super::shape::Xy;
use super::town::*;
use super::*;

const SMALL: SampleOptions = SampleOptions { size: (150.0, 150.0), density: 4.0, seed: 2 };

fn small() -> (Model, Partition) {
    town(&SMALL).unwrap()
}

/// Position and height of a point, metres in the frame of the sample.
fn place(cloud: &Cloud, i: usize) -> (Xy, f64) {
    let metres = |cm: i32| f64::from(cm) / 100.0;
    ([metres(cloud.x[i]), metres(cloud.y[i])], metres(cloud.z[i]))
}

/// Most that a point can be off a surface of this slope: cut noise and two roundings to the centimetre.
fn tolerance(slope: f64) -> f64 {
    4.0 * NOISE + 0.006 + 0.0075 * slope
}

#[test]
fn a_town_has_what_a_town_needs() {
    for size in [200.0, 1000.0] {
        let (model, _) = town(&SampleOptions { size: (size, size), ..Default::default() }).unwrap();
        let buildings = &model.town.buildings;
        for roof in [Roof::Flat, Roof::Gable, Roof::Hip, Roof::Spire] {
            assert!(buildings.iter().any(|b| b.roof == roof), "{size}: no {roof:?} roof");
        }
        assert!(
            buildings.iter().any(|b| b.footprint.width == 60.0 && b.footprint.depth == 40.0),
            "{size}: hall"
        );
        let area = |b: &Building| b.footprint.width * b.footprint.depth;
        assert!(buildings.iter().any(|b| area(b) < 16.0), "{size}: shed");
        assert!(buildings.iter().all(|b| area(b) > 9.0), "{size}: no hutch");
        assert!(model.town.deck.is_some(), "{size}: bridge");
        let sealed = |c: &Crown| c.is_tree() && model.face(c.at).now.ground.sealed();
        assert!(model.crowns.iter().filter(|c| sealed(c)).count() > 10, "{size}: trees over asphalt");
        for shape in [CrownShape::Ellipsoid, CrownShape::Cone] {
            assert!(model.crowns.iter().any(|c| c.shape == shape), "{size}: no {shape:?}");
        }
        for ground in [Ground::Crop, Ground::Litter, Ground::Water, Ground::Gravel] {
            assert!(model.town.faces.iter().any(|f| f.now.ground == ground), "{size}: no {ground:?}");
        }
        for street in &model.town.streets {
            let length = shape::distance(street.from, street.to);
            assert!(length > 3.0, "{size}: {} is {length} m long", street.name);
        }
        for thing in [Thing::Hedge, Thing::Wall, Thing::Car, Thing::Pole] {
            assert!(model.town.furniture.iter().any(|f| f.thing == thing), "{size}: no {thing:?}");
        }
    }
}

#[test]
fn roofs_are_their_planes() {
    let (model, _) = small();
    for (number, b) in model.town.buildings.iter().enumerate() {
        let at = |s: f64, t: f64| {
            let [c, d] = b.footprint.axis;
            [b.footprint.centre[0] + c * s - d * t, b.footprint.centre[1] + d * s + c * t]
        };
        let (top, found) = model.roof(at(0.0, 0.0)).unwrap();
        assert_eq!(found, number, "buildings do not overlap");
        let (w, d) = (b.footprint.width / 2.0, b.footprint.depth / 2.0);
        assert!((top - b.ridge).abs() < 1e-9, "{:?}: middle {top}, ridge {}", b.roof, b.ridge);
        let (edge, _) = model.roof(at(0.0, d - 1e-7)).unwrap();
        let expected = match b.roof {
            Roof::Hip if w < d => continue,
            _ => b.eaves,
        };
        assert!((edge - expected).abs() < 1e-5, "{:?}: eaves {edge}, {expected}", b.roof);
        let (quarter, _) = model.roof(at(0.0, d / 2.0)).unwrap();
        if b.roof == Roof::Gable {
            assert!((quarter - (b.eaves + b.ridge) / 2.0).abs() < 1e-9);
        }
    }
}

#[test]
fn rasters_are_the_model_at_their_cells() {
    let (model, partition) = small();
    let elevation = truth::elevation(&model);
    let frame = *elevation.dtm.frame();
    assert_eq!((frame.rows, frame.cols), (300, 300));
    assert_eq!((frame.x(0), frame.y(0)), (WEST, SOUTH + 150.0));
    for (row, col) in [(0, 0), (10, 290), (150, 150), (299, 299), (201, 77)] {
        let p = [frame.x(col) - WEST, frame.y(row) - SOUTH];
        assert_eq!(elevation.dtm.at(row, col), model.ground(p) as f32);
        assert_eq!(elevation.dsm.at(row, col), model.surface(p) as f32);
    }
    assert!(elevation.chm.cells().iter().all(|&h| (0.0..40.0).contains(&h)));
    // The formula of the README, by hand, at the middle of the bridge: u = v = 0 lies on the water.
    let bridge = [75.0, 60.0];
    assert!((model.ground(bridge) - 62.0).abs() < 1e-9);
    let sealed = truth::imperviousness(&model);
    let area: f64 = sealed.cells().iter().map(|&share| f64::from(share)).sum();
    let faces = model.town.faces.iter().enumerate().filter(|(_, f)| f.now.ground.sealed() || f.deck);
    let expected: f64 = faces.map(|(number, _)| partition.square_metres(number)).sum();
    assert!((area - expected).abs() < 0.5, "sealed {area} m², by faces {expected} m²");
}

#[test]
fn cover_follows_roofs_leaves_and_ground() {
    let (model, _) = small();
    let cover = truth::cover(&model);
    let count = |class: u8| cover.cells().iter().filter(|&&c| c == class).count();
    assert!((1..=9).contains(cover.cells().iter().min().unwrap()));
    for class in [1, 2, 3, 5, 7, 8, 9] {
        assert!(count(class) > 20, "class {class}: {} cells", count(class));
    }
    // Cells count areas: those of the buildings to the error of their borders.
    let roofs: f64 = model.town.buildings.iter().map(|b| b.footprint.width * b.footprint.depth).sum();
    assert!((count(1) as f64 - roofs).abs() < 0.02 * roofs, "{} cells, {roofs} m²", count(1));
}

#[test]
fn points_lie_on_the_surfaces_within_the_noise() {
    let (model, _) = small();
    let cloud = scan(&model, &SMALL, &Part::whole(&SMALL));
    let mut squares = (0.0, 0u32);
    for i in 0..cloud.len() {
        let (p, z) = place(&cloud, i);
        let ground = model.ground(p);
        match cloud.class[i] {
            2 => {
                // A position rounded across the water's edge is on the other side of its step.
                let off = (z - ground).abs().min((z - model.terrain(p)).abs());
                assert!(off < tolerance(0.9), "ground {off} at {p:?}");
                squares = (squares.0 + off * off, squares.1 + 1);
            }
            9 => assert!((z - ground).abs() < tolerance(0.0) + 0.3, "water at {p:?}"),
            17 => assert!(model.deck(p).is_none_or(|deck| z - deck < tolerance(0.1))),
            66 => assert!((z - ground).abs() < 0.31, "virtual point at {p:?}: {z}, ground {ground}"),
            _ => {}
        }
    }
    let deviation = (squares.0 / f64::from(squares.1)).sqrt();
    assert!((deviation - NOISE).abs() < 0.001, "noise {deviation}");
}

#[test]
fn points_of_buildings_lie_on_roofs_or_walls() {
    let (model, _) = small();
    let cloud = scan(&model, &SMALL, &Part::whole(&SMALL));
    let (mut roofs, mut walls) = (0, 0);
    for i in (0..cloud.len()).filter(|&i| cloud.class[i] == 6) {
        let (p, z) = place(&cloud, i);
        // Steep roofs and the spire's tip: look a centimetre around.
        let around = [[0.0, 0.0], [0.01, 0.0], [-0.01, 0.0], [0.0, 0.01], [0.0, -0.01]];
        let near: Vec<f64> =
            around.iter().filter_map(|d| model.roof([p[0] + d[0], p[1] + d[1]]).map(|r| r.0)).collect();
        assert!(!near.is_empty(), "a point of class 6 beside every building at {p:?}");
        if near.iter().any(|top| (z - top).abs() < tolerance(3.1)) {
            roofs += 1;
        } else {
            let edge = model.town.buildings.iter().any(|b| b.footprint.shape().depth(p).abs() < 0.012);
            assert!(edge, "neither roof nor wall at {p:?}, {z}, roof {near:?}");
            walls += 1;
        }
    }
    assert!(roofs > 5_000 && walls > 200, "{roofs} on roofs, {walls} on walls");
}

#[test]
fn points_of_plants_lie_in_leaves_and_have_the_class_of_their_height() {
    let (model, _) = small();
    let cloud = scan(&model, &SMALL, &Part::whole(&SMALL));
    let mut counts = BTreeMap::new();
    for i in (0..cloud.len()).filter(|&i| (3..=5).contains(&cloud.class[i])) {
        let (p, z) = place(&cloud, i);
        let above = z - model.terrain(p);
        let slack = tolerance(0.9) + 0.03;
        let class = cloud.class[i];
        let fits = match class {
            3 => above < 0.5 + slack,
            4 => above > 0.5 - slack && above < 1.5 + slack,
            _ => above > 1.5 - slack,
        };
        assert!(fits, "class {class} at {above} m");
        let grass = class == 3 && above < 0.45 + slack;
        let around = [[0.0, 0.0], [0.02, 0.0], [-0.02, 0.0], [0.0, 0.02], [0.0, -0.02]];
        let leaves = around.iter().filter_map(|d| model.canopy([p[0] + d[0], p[1] + d[1]]));
        let inside = leaves.into_iter().any(|c| z < c.top + 0.6 && z > c.base - 0.6);
        assert!(grass || inside, "class {class} outside all leaves at {p:?}, {above} m");
        *counts.entry(class).or_insert(0) += 1;
    }
    assert!(counts[&5] > 5_000 && counts[&3] > 50 && counts[&4] > 20, "{counts:?}");
}

#[test]
fn pulses_have_their_returns_in_order() {
    let (model, _) = small();
    let cloud = scan(&model, &SMALL, &Part::whole(&SMALL));
    let mut pulses: BTreeMap<(u16, u64), Vec<usize>> = BTreeMap::new();
    for i in 0..cloud.len() {
        assert!(cloud.return_number[i] >= 1 && cloud.return_number[i] <= cloud.number_of_returns[i]);
        assert!(cloud.number_of_returns[i] <= 5);
        assert!(cloud.scan_angle[i].unsigned_abs() < 3500, "21° at most");
        if cloud.class[i] != 66 {
            pulses.entry((cloud.strip[i], cloud.time[i].to_bits())).or_default().push(i);
        }
    }
    let mut several = 0;
    for points in pulses.values() {
        let inner = points.iter().all(|&i| {
            let ([x, y], _) = place(&cloud, i);
            x > 12.0 && x < 138.0 && y > 12.0 && y < 138.0
        });
        let numbers: Vec<u8> = points.iter().map(|&i| cloud.return_number[i]).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        assert!(points.windows(2).all(|pair| cloud.z[pair[0]] > cloud.z[pair[1]]), "from the top down");
        if inner {
            assert_eq!(numbers.len(), usize::from(cloud.number_of_returns[points[0]]), "a pulse is whole");
            several += usize::from(numbers.len() > 1);
        }
    }
    assert!(several > 1000, "{several} pulses with several returns");
    let pulses_sent = SMALL.density * SMALL.size.0 * SMALL.size.1;
    let heard = pulses.len() as f64 / pulses_sent;
    assert!(heard > 0.85 && heard < 0.99, "heard {heard}: water swallows some");
}

#[test]
fn the_river_has_voids() {
    let (model, _) = small();
    let cloud = scan(&model, &SMALL, &Part::whole(&SMALL));
    let water: f64 = model
        .town
        .faces
        .iter()
        .filter(|f| f.now.ground == Ground::Water && !f.deck)
        .map(|f| f.shape.area())
        .sum();
    let wet = cloud.class.iter().filter(|&&class| class == 9).count() as f64;
    assert!(wet > 0.0 && wet / water < 0.2, "{wet} points on {water} m²");
}

#[test]
fn tiles_share_out_the_points() {
    let options = SampleOptions { size: (1080.0, 120.0), density: 0.5, seed: 3 };
    let (model, _) = town(&options).unwrap();
    let rows = |cloud: &Cloud| -> Vec<_> {
        let of =
            |i: usize| (cloud.x[i], cloud.y[i], cloud.z[i], cloud.time[i].to_bits(), cloud.return_number[i]);
        (0..cloud.len()).map(of).collect()
    };
    let mut whole = rows(&scan(&model, &options, &Part::whole(&options)));
    let tiles = lidar::tiles(&options);
    let names: Vec<&str> = tiles.iter().map(|(name, _)| &name[8..17]).collect();
    assert_eq!(names, ["0379_6787", "0380_6787"]);
    let mut parts: Vec<_> = tiles.iter().flat_map(|(_, part)| rows(&scan(&model, &options, part))).collect();
    whole.sort_unstable();
    parts.sort_unstable();
    assert!(whole.len() > 50_000);
    assert_eq!(whole, parts);
}

#[test]
fn land_cover_is_whole_and_its_balance_that_of_its_polygons() {
    let options = SampleOptions { size: (1000.0, 1000.0), ..Default::default() };
    let (model, partition) = town(&options).unwrap();
    assert!(partition.check());
    let balances = landcover::balances(&model.town, &partition);
    assert!((balances[0].area + balances[1].area - 1e6).abs() < 1e-3);
    let crs = crate::formats::crs::Crs::from_epsg(2154, None).unwrap();
    for date in 0..2 {
        let layer = vectors::land_cover(&model, &partition, &crs, date);
        let (mut area, mut artificial) = (0.0, 0.0);
        for feature in &layer.features {
            let Geometry::Polygon(polygon) = &feature.geometry else { panic!("only polygons") };
            let size = polygon.unsigned_area();
            let code = |i: usize| feature.values[i].text().unwrap();
            area += size;
            artificial += if landcover::artificialised(code(1), code(2)) { size } else { 0.0 };
        }
        assert!((area - 1e6).abs() < 0.01, "{area}");
        let expected = balances[0].artificialised[date] + balances[1].artificialised[date];
        assert!((artificial - expected).abs() < 0.01, "{artificial}, {expected}");
    }
    let net: f64 = balances.iter().map(|b| b.gain - b.loss).sum();
    let change: f64 = balances.iter().map(|b| b.artificialised[1] - b.artificialised[0]).sum();
    assert!((net - change).abs() < 1e-6);
    assert!(
        balances.iter().any(|b| b.gain > 3000.0) && balances.iter().any(|b| b.loss > 3000.0),
        "{balances:?}"
    );
}

#[test]
fn the_older_database_of_buildings_differs_as_told() {
    let options = SampleOptions { size: (1000.0, 1000.0), ..Default::default() };
    let (model, _) = town(&options).unwrap();
    let crs = crate::formats::crs::Crs::from_epsg(2154, None).unwrap();
    let (old, truth) = (vectors::buildings(&model, &crs), vectors::true_buildings(&model, &crs));
    let status = truth.field("bdtopo").unwrap();
    let count = |word: &str| truth.features.iter().filter(|f| f.values[status].text() == Some(word)).count();
    let gone = model.town.gone.len();
    assert!(count("missing") > 5 && count("off") > 50 && gone > 0, "{gone} gone");
    assert_eq!(old.features.len(), count("right") + count("off") + gone);
    for feature in &old.features {
        let same = truth.features.iter().any(|f| f.geometry == feature.geometry);
        let id = feature.values[0].text().unwrap();
        let number: usize = id["BATIMENT99".len()..].parse().unwrap();
        let right = number < 90_000_000 && truth.features[number].values[status].text() == Some("right");
        assert_eq!(same, right, "{id}");
    }
}

#[test]
fn plans_of_many_seeds_close() {
    for seed in 0..12 {
        let options = SampleOptions { size: (300.0, 240.0), density: 1.0, seed };
        let (_, partition) = town(&options).unwrap();
        assert!(partition.check(), "seed {seed}");
    }
}

#[test]
fn readings_are_the_formula_noise_and_the_listed_faults() {
    let (model, _) = small();
    let warmth = climate::night_warmth(&model);
    let stations = climate::stations(&model, &warmth, 2);
    assert!(stations.len() > 21, "{} stations", stations.len());
    assert!(stations.iter().filter(|s| s.reference).count() == 2);
    for s in &stations {
        let frame = warmth.frame();
        let (row, col) = frame.locate(s.at[0] + WEST, s.at[1] + SOUTH).unwrap();
        assert_eq!(f64::from(warmth.at(row, col)), s.warmth, "{}", s.name);
    }
    let nights = climate::nights(2);
    let base = stations.iter().map(|s| s.altitude).sum::<f64>() / stations.len() as f64;
    let table = climate::readings(&stations, 2);
    let mut residuals: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |text: &str| text.parse::<f64>().unwrap();
        let hour = (number(&cells[1][8..10]) - 8.0) * 24.0 + number(&cells[1][11..13]);
        let station = stations.iter().find(|s| s.name == cells[0]).unwrap();
        let expected = climate::true_air(station, base, hour, &nights);
        residuals.entry(cells[0].to_string()).or_default().push(number(cells[2]) - expected);
    }
    let faulty: Vec<usize> = climate::flaws(stations.len()).iter().map(|f| f.0).collect();
    assert_eq!(faulty.len(), 6);
    for (number, station) in stations.iter().enumerate() {
        let off = &residuals[&station.name];
        let spread = (off.iter().map(|r| r * r).sum::<f64>() / off.len() as f64).sqrt();
        let sound = (spread - climate::NOISE).abs() < 0.03 && off.len() == climate::DAYS * 24;
        assert_eq!(sound, !faulty.contains(&number), "{}: {spread} K, {} rows", station.name, off.len());
    }
}

/// All files of a folder with their bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                all.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    all
}

#[test]
fn the_same_options_give_the_same_bytes_on_any_number_of_threads() {
    let options = SampleOptions { density: 2.0, ..SMALL };
    let made = |threads: usize| {
        let dir = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let summary = pool.install(|| make(dir.path(), &options)).unwrap();
        (files(dir.path()), summary)
    };
    let ((one, summary), (two, _)) = (made(1), made(2));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs");
    }
    assert_eq!(summary.bytes, one.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    let laz = &one[&format!("lidar/{}", summary.tiles[0])];
    let mut reader = las::Reader::new(std::io::Cursor::new(laz.clone())).unwrap();
    assert_eq!(reader.header().number_of_points(), summary.points);
    assert_eq!(reader.header().point_format().to_u8().unwrap() & 0x3f, 6);
    assert!(reader.header().has_wkt_crs());
    let points = reader.read_all().unwrap();
    assert!(points.x().all(|x| (WEST..WEST + 150.0).contains(&x)));
    assert!(points.z().all(|z| z > 50.0 && z < 260.0));
}

#[test]
fn impossible_options_are_refused_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    for (size, density) in [((155.0, 150.0), 4.0), ((40.0, 150.0), 4.0), ((150.0, 150.0), 0.0)] {
        let fault = make(dir.path(), &SampleOptions { size, density, seed: 1 }).unwrap_err();
        assert!(fault.0.en.ends_with('.'), "{}", fault.0.en);
    }
    assert!(files(dir.path()).is_empty());
}
