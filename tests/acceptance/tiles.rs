//! `ilot tiles`: every point once, at its height, inside every tile above it; nothing without a grid.

use crate::harness::{Ran, data, ilot, points_of, surface, text, town_cloud};
use ilot_kernels::globe;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A vertex, as a viewer places it.
struct Vertex {
    /// Metres from the Earth's centre.
    place: [f64; 3],
    class: u8,
    intensity: u16,
    /// Height above ground, metres.
    height: f64,
}

fn grids() -> Option<PathBuf> {
    Some(data()?.join("grids"))
}

fn tiled(more: &[&str]) -> Option<(TempDir, Ran)> {
    let grids = grids()?;
    let out = TempDir::new().unwrap();
    assert_eq!(surface(&[town_cloud()], out.path(), &["--products", "dtm"]).code, Some(0));
    let mut words = vec!["tiles", text(out.path()), "--grids", text(&grids)];
    words.extend(more);
    let ran = ilot(&words);
    Some((out, ran))
}

/// The vertices of a GLB, in the tile's own metres east, north and up.
fn vertices(path: &Path) -> Vec<([f64; 3], u8, u16, f64)> {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..4], b"glTF");
    let size = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(size(8), bytes.len());
    let words = size(12);
    let scene: Value = serde_json::from_slice(&bytes[20..20 + words]).unwrap();
    let binary = &bytes[28 + words..];
    let view = |name: &str| {
        let accessor = &scene["accessors"]
            [scene["meshes"][0]["primitives"][0]["attributes"][name].as_u64().unwrap() as usize];
        let packed = &scene["bufferViews"][accessor["bufferView"].as_u64().unwrap() as usize]["extensions"]["EXT_meshopt_compression"];
        let number = |key: &str| packed[key].as_u64().unwrap() as usize;
        let part = &binary[number("byteOffset")..number("byteOffset") + number("byteLength")];
        (part.to_vec(), number("count"))
    };
    let (places, count) = view("POSITION");
    let places: Vec<[u8; 8]> = meshopt::decode_vertex_buffer(&places, count).unwrap();
    let (said, _) = view("_INTENSITY");
    let said: Vec<[u8; 12]> = meshopt::decode_vertex_buffer(&said, count).unwrap();
    let node = &scene["nodes"][0];
    let coordinate = |bytes: &[u8; 8], axis: usize| {
        let raw = f64::from(u16::from_le_bytes([bytes[2 * axis], bytes[2 * axis + 1]]));
        node["translation"][axis].as_f64().unwrap() + raw * node["scale"][axis].as_f64().unwrap()
    };
    let zip = places.iter().zip(&said);
    zip.map(|(place, said)| {
        let [x, y, z] = std::array::from_fn(|axis| coordinate(place, axis));
        let height = f64::from(u16::from_le_bytes([said[8], said[9]])) * 0.01 - 50.0;
        ([x, -z, y], said[4], u16::from_le_bytes([said[0], said[1]]), height)
    })
    .collect()
}

/// Radians and metres of a place on the ellipsoid (Bowring 1976).
fn geographic([x, y, z]: [f64; 3]) -> [f64; 3] {
    let (a, f) = (6_378_137.0, 1.0 / 298.257_222_101);
    let (b, squeeze): (f64, f64) = (a * (1.0 - f), f * (2.0 - f));
    let p = x.hypot(y);
    let u = (z * a).atan2(p * b);
    let second = squeeze / (1.0 - squeeze);
    let lat = (z + second * b * u.sin().powi(3)).atan2(p - squeeze * a * u.cos().powi(3));
    let normal = a / (1.0 - squeeze * lat.sin().powi(2)).sqrt();
    [y.atan2(x), lat, p / lat.cos() - normal]
}

/// Walks a tileset; `regions` are those of all tiles above.
fn walk(
    folder: &Path,
    tile: &Value,
    matrix: Option<[f64; 16]>,
    regions: &mut Vec<[f64; 6]>,
    all: &mut Vec<Vertex>,
) {
    let numbers =
        |value: &Value| value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<f64>>();
    regions.push(numbers(&tile["boundingVolume"]["region"]).try_into().unwrap());
    let matrix = tile.get("transform").map_or(matrix, |own| Some(numbers(own).try_into().unwrap()));
    if let Some(uri) = tile["content"]["uri"].as_str() {
        let path = folder.join(uri);
        if uri.ends_with(".json") {
            let inner: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            walk(path.parent().unwrap(), &inner["root"], matrix, regions, all);
        } else {
            let m = matrix.unwrap();
            for (local, class, intensity, height) in vertices(&path) {
                let place = std::array::from_fn(|i| {
                    m[12 + i] + (0..3).map(|axis| m[4 * axis + i] * local[axis]).sum::<f64>()
                });
                let [lon, lat, up] = geographic(place);
                for [west, south, east, north, low, high] in &*regions {
                    assert!(
                        (west..=east).contains(&&lon)
                            && (south..=north).contains(&&lat)
                            && (low..=high).contains(&&up),
                        "{uri}"
                    );
                }
                all.push(Vertex { place, class, intensity, height });
            }
        }
    }
    for child in tile["children"].as_array().into_iter().flatten() {
        let (own, theirs) =
            (tile["geometricError"].as_f64().unwrap(), child["geometricError"].as_f64().unwrap());
        assert!(theirs < own || own == 0.0);
        walk(folder, child, matrix, regions, all);
    }
    let _ = regions.pop();
}

#[test]
fn every_point_is_there_once_at_its_height_inside_every_tile_above_it() {
    let Some((out, ran)) = tiled(&["--points-per-tile", "2000"]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!ran.err.contains("EGM96"), "{}", ran.err);
    let folder = out.path().join("tileset");
    let root: Value = serde_json::from_slice(&std::fs::read(folder.join("tileset.json")).unwrap()).unwrap();
    let mut all = Vec::new();
    walk(&folder, &root["root"], None, &mut Vec::new(), &mut all);
    let (cloud, points) = points_of(&town_cloud());
    let header = cloud.header();
    let world = ilot::twin::heights::World::of(
        &ilot::formats::crs::Crs::from_user("EPSG:2154+5720").unwrap(),
        &[grids().unwrap()],
    )
    .unwrap();
    // By class and intensity, sorted by height: the same points must be there, a centimetre apart at most.
    let mut expected: BTreeMap<(u8, u16), Vec<[f64; 3]>> = BTreeMap::new();
    for at in
        (0..points.len()).filter(|&at| ![7, 18, 65].contains(&points.class[at]) && !points.is_withheld(at))
    {
        let raw = [points.x[at], points.y[at], points.z[at]];
        let [x, y, z]: [f64; 3] =
            std::array::from_fn(|i| f64::from(raw[i]) * header.scale[i] + header.offset[i]);
        let [lon, lat, up] = world.place(x, y, z).unwrap();
        let key = (points.class[at], points.intensity[at]);
        expected.entry(key).or_default().push(globe::geocentric(lon, lat, up));
    }
    assert_eq!(all.len(), expected.values().map(Vec::len).sum::<usize>());
    for vertex in &all {
        let candidates =
            expected.get_mut(&(vertex.class, vertex.intensity)).expect("such a point was measured");
        let apart = |place: &[f64; 3]| (0..3).map(|i| (place[i] - vertex.place[i]).powi(2)).sum::<f64>();
        let nearest =
            (0..candidates.len()).min_by(|&a, &b| apart(&candidates[a]).total_cmp(&apart(&candidates[b])));
        let place = candidates.swap_remove(nearest.expect("it was not taken yet"));
        assert!(apart(&place).sqrt() < 0.012, "{}", apart(&place).sqrt());
    }
    let ground: Vec<f64> =
        all.iter().filter(|vertex| vertex.class == 2).map(|vertex| vertex.height.abs()).collect();
    assert!(ground.iter().sum::<f64>() / (ground.len() as f64) < 0.1);
    assert!(all.iter().any(|vertex| vertex.class == 5 && vertex.height > 5.0));
}

#[test]
fn tiles_are_the_same_for_any_threads_and_not_made_twice() {
    let Some((out, ran)) = tiled(&["--threads", "1"]) else { return };
    let Some((other, _)) = tiled(&["--threads", "3"]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let files = |out: &TempDir| {
        let tile =
            std::fs::read_dir(out.path().join("tileset/points")).unwrap().next().unwrap().unwrap().path();
        let files = std::fs::read_dir(tile).unwrap().map(|file| file.unwrap().path());
        let glbs = files.filter(|file| file.extension().is_some_and(|end| end == "glb"));
        glbs.map(|file| (file.file_name().unwrap().to_owned(), std::fs::read(&file).unwrap()))
            .collect::<BTreeMap<_, _>>()
    };
    assert!(files(&out) == files(&other));
    let again = ilot(&["tiles", text(out.path()), "--grids", text(&grids().unwrap())]);
    assert!(again.err.contains("0 tiles made, 1 already there"), "{}", again.err);
}

#[test]
fn heights_never_pass_unshifted() {
    let out = TempDir::new().unwrap();
    let ran = ilot(&["tiles", text(out.path())]);
    assert!(ran.code == Some(2) && ran.err.contains("names no clouds"), "{}", ran.err);
    let cloud = town_cloud();
    let empty = TempDir::new().unwrap();
    let mut command = crate::harness::command(&["tiles", text(out.path()), "--clouds", text(&cloud)]);
    for variable in ["PROJ_DATA", "PROJ_LIB", "XDG_DATA_HOME", "HOME"] {
        let _ = command.env(variable, empty.path());
    }
    // PROJ's own data lies in a folder of the system, where the world's grid may be, but not the nation's.
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    let told = said.contains("projsync") || said.contains("fr_ign_RAF20");
    assert!(told || out.path().join("tileset/tileset.json").is_file(), "{said}");
    if ran.status.code() != Some(0) {
        assert!(!out.path().join("tileset").exists());
    }
}
