//! `ilot tiles`: every point once, at its height, inside every tile above it; nothing without a grid.

use crate::harness::{Ran, data, ilot, points_of, surface, text, town_cloud};
use ilot_kernels::globe;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A point of a cloud, as a viewer places it.
struct Vertex {
    /// Metres from the Earth's centre.
    place: [f64; 3],
    class: u8,
    intensity: u16,
    /// Height above ground, metres.
    height: f64,
}

pub fn grids() -> Option<PathBuf> {
    Some(data()?.join("grids"))
}

pub fn tiled(more: &[&str]) -> Option<(TempDir, Ran)> {
    let grids = grids()?;
    let out = TempDir::new().unwrap();
    let products = ["--products", "dtm,imperviousness,buildings,trees"];
    assert_eq!(surface(&[town_cloud()], out.path(), &products).code, Some(0));
    let mut words = vec!["tiles", text(out.path()), "--grids", text(&grids)];
    words.extend(more);
    let ran = ilot(&words);
    Some((out, ran))
}

/// A GLB, its buffers decoded.
pub struct Opened {
    pub scene: Value,
    binary: Vec<u8>,
}

impl Opened {
    pub fn read(path: &Path) -> Opened {
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(&bytes[..4], b"glTF");
        let size = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(size(8), bytes.len());
        let words = size(12);
        let scene = serde_json::from_slice(&bytes[20..20 + words]).unwrap();
        Opened { scene, binary: bytes[28 + words..].to_vec() }
    }

    fn attributes(&self) -> &Value {
        &self.scene["meshes"][0]["primitives"][0]["attributes"]
    }

    /// Vertices of an attribute, `N` bytes each, compressed or not.
    pub fn stream<const N: usize>(&self, name: &str) -> Vec<[u8; N]>
    where
        [u8; N]: Default,
    {
        let accessor = &self.scene["accessors"][self.attributes()[name].as_u64().unwrap() as usize];
        let view = &self.scene["bufferViews"][accessor["bufferView"].as_u64().unwrap() as usize];
        let packed = &view["extensions"]["EXT_meshopt_compression"];
        let own = if packed.is_null() { view } else { packed };
        let number = |key: &str| own[key].as_u64().unwrap_or(0) as usize;
        let part = &self.binary[number("byteOffset")..number("byteOffset") + number("byteLength")];
        if packed.is_null() {
            return part.as_chunks::<N>().0.to_vec();
        }
        meshopt::decode_vertex_buffer(part, number("count")).unwrap()
    }

    /// Positions in the tile's own metres east, north and up.
    pub fn positions(&self) -> Vec<[f64; 3]> {
        let node = &self.scene["nodes"][0];
        let coordinate = |bytes: &[u8; 8], axis: usize| {
            let raw = f64::from(u16::from_le_bytes([bytes[2 * axis], bytes[2 * axis + 1]]));
            node["translation"][axis].as_f64().unwrap() + raw * node["scale"][axis].as_f64().unwrap()
        };
        let turned = |place: &[u8; 8]| {
            let [x, y, z] = std::array::from_fn(|axis| coordinate(place, axis));
            [x, -z, y]
        };
        self.stream::<8>("POSITION").iter().map(turned).collect()
    }

    /// Class, intensity and height above ground of points.
    fn said(&self) -> Vec<(u8, u16, f64)> {
        let number = |bytes: &[u8; 12], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let said = self.stream::<12>("_INTENSITY");
        said.iter()
            .map(|bytes| (bytes[4], number(bytes, 0), f64::from(number(bytes, 8)) * 0.01 - 50.0))
            .collect()
    }

    /// Shares of the texture.
    pub fn texels(&self) -> Vec<[f64; 2]> {
        let share = |low: u8, high: u8| f64::from(u16::from_le_bytes([low, high])) / 65_535.0;
        self.stream::<4>("TEXCOORD_0").iter().map(|at| [share(at[0], at[1]), share(at[2], at[3])]).collect()
    }

    /// The width of the texture and its pixels, red, green, blue.
    pub fn picture(&self) -> (usize, Vec<u8>) {
        let view =
            &self.scene["bufferViews"][self.scene["images"][0]["bufferView"].as_u64().unwrap() as usize];
        let number = |key: &str| view[key].as_u64().unwrap() as usize;
        let part = &self.binary[number("byteOffset")..number("byteOffset") + number("byteLength")];
        let mut reader = png::Decoder::new(std::io::Cursor::new(part)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.color_type), (info.height, png::ColorType::Rgb));
        (info.width as usize, pixels)
    }

    /// A column of numbers of the property table.
    fn column(&self, name: &str) -> Vec<f32> {
        let table = &self.scene["extensions"]["EXT_structural_metadata"]["propertyTables"][0];
        let view = &self.scene["bufferViews"][table["properties"][name]["values"].as_u64().unwrap() as usize];
        let number = |key: &str| view[key].as_u64().unwrap() as usize;
        let part = &self.binary[number("byteOffset")..number("byteOffset") + number("byteLength")];
        part.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }
}

/// The GLBs below `tileset/`, each with the matrix of its content.
pub fn glbs(out: &Path) -> Vec<(PathBuf, [f64; 16])> {
    let entries = |path: &Path| -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    };
    let mut all = Vec::new();
    let contents = entries(&out.join("tileset")).into_iter().filter(|path| path.is_dir());
    for tile in contents.flat_map(|content| entries(&content)) {
        let set: Value = serde_json::from_slice(&std::fs::read(tile.join("tileset.json")).unwrap()).unwrap();
        let matrix: Vec<f64> =
            set["root"]["transform"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        let glbs = entries(&tile).into_iter().filter(|path| path.extension().is_some_and(|end| end == "glb"));
        all.extend(glbs.map(|path| (path, <[f64; 16]>::try_from(&matrix[..]).unwrap())));
    }
    all
}

/// Metres from the Earth's centre of a place in a tile's own metres.
pub fn placed(m: &[f64; 16], local: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| m[12 + i] + (0..3).map(|axis| m[4 * axis + i] * local[axis]).sum::<f64>())
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
            let glb = Opened::read(&path);
            let is_points = !glb.attributes()["_INTENSITY"].is_null();
            let said = if is_points { glb.said() } else { Vec::new() };
            for (at, local) in glb.positions().into_iter().enumerate() {
                let place = placed(&m, local);
                let [lon, lat, up] = geographic(place);
                for [west, south, east, north, low, high] in &*regions {
                    assert!(
                        (west..=east).contains(&&lon)
                            && (south..=north).contains(&&lat)
                            && (low..=high).contains(&&up),
                        "{uri}"
                    );
                }
                if let Some(&(class, intensity, height)) = said.get(at) {
                    all.push(Vertex { place, class, intensity, height });
                }
            }
        }
    }
    for child in tile["children"].as_array().into_iter().flatten() {
        let (own, theirs) =
            (tile["geometricError"].as_f64().unwrap(), child["geometricError"].as_f64().unwrap());
        assert!(theirs < own, "{theirs} below {own}");
        walk(folder, child, matrix, regions, all);
    }
    if tile["children"].is_null() && tile["content"]["uri"].as_str().is_some_and(|uri| uri.ends_with(".glb"))
    {
        assert_eq!(tile["geometricError"], 0.0, "a leaf");
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
    // -50 m stands for a ground that is not known: at the border, where the terrain has no triangle.
    let ground = || all.iter().filter(|vertex| vertex.class == 2);
    let known: Vec<f64> = ground().map(|vertex| vertex.height).filter(|height| *height > -49.9).collect();
    assert!(known.len() * 100 > ground().count() * 95, "{} of {}", known.len(), ground().count());
    let off = known.iter().map(|height| height.abs()).sum::<f64>() / known.len() as f64;
    assert!(off < 0.1, "{off}");
    assert!(all.iter().any(|vertex| vertex.class == 5 && vertex.height > 5.0));
}

#[test]
fn tiles_are_the_same_for_any_threads_and_not_made_twice() {
    let Some((out, ran)) = tiled(&["--threads", "1"]) else { return };
    let Some((other, _)) = tiled(&["--threads", "3"]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let files = |out: &TempDir| {
        let mut files = BTreeMap::new();
        for content in ["points", "buildings", "trees", "terrain"] {
            let folder = std::fs::read_dir(out.path().join("tileset").join(content)).unwrap().next().unwrap();
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()) {
                // The records name the instants of their sources.
                if file.file_name().is_some_and(|name| name != "tileset.json") {
                    let name = format!("{content}/{}", file.file_name().unwrap().to_string_lossy());
                    assert!(files.insert(name, std::fs::read(&file).unwrap()).is_none());
                }
            }
        }
        files
    };
    assert!(files(&out) == files(&other));
    let again = ilot(&["tiles", text(out.path()), "--grids", text(&grids().unwrap())]);
    assert!(again.err.contains("0 tiles made, 4 already there"), "{}", again.err);
}

#[test]
fn heights_never_pass_unshifted() {
    let out = TempDir::new().unwrap();
    let ran = ilot(&["tiles", text(out.path())]);
    assert!(ran.code == Some(2) && ran.err.contains("names no clouds"), "{}", ran.err);
    let cloud = town_cloud();
    // What is installed decides: the nation's grid, the world's, which is said, or none, which is refused.
    let ran = ilot(&["tiles", text(out.path()), "--clouds", text(&cloud)]);
    let tileset = out.path().join("tileset/tileset.json");
    if ran.code == Some(0) {
        let root: Value = serde_json::from_slice(&std::fs::read(tileset).unwrap()).unwrap();
        let about = &root["asset"]["extras"];
        let is_nations = about["height_grid"] == "fr_ign_RAF20.tif";
        assert_eq!(is_nations, about["remark"].is_null());
        assert_eq!(!is_nations, ran.err.contains("EGM96") && ran.err.contains("projsync"), "{}", ran.err);
    } else {
        assert!(ran.code == Some(2) && ran.err.contains("projsync"), "{}", ran.err);
        assert!(!tileset.exists());
    }
}

#[test]
fn points_of_one_cloud_are_not_put_on_the_terrain_of_another() {
    let out = TempDir::new().unwrap();
    let cloud = out.path().join("cloud.laz");
    let mut bytes = std::fs::read(town_cloud()).unwrap();
    std::fs::write(&cloud, &bytes).unwrap();
    let maps = out.path().join("maps");
    assert_eq!(surface(std::slice::from_ref(&cloud), &maps, &["--products", "dtm"]).code, Some(0));
    // Ten metres up: the offset of z, and the bounds, in the header of LAS 1.4.
    for at in [171, 211, 219] {
        let up = f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) + 10.0;
        bytes[at..at + 8].copy_from_slice(&up.to_le_bytes());
    }
    std::fs::write(&cloud, &bytes).unwrap();
    let ran = ilot(&["tiles", text(&maps)]);
    assert!(ran.code == Some(2) && ran.err.contains("cloud.laz has changed since"), "{}", ran.err);
    let Some(grids) = grids() else { return };
    let words = ["--content", "terrain", "--grids", text(&grids)];
    let named = [&["tiles", text(&maps), "--clouds", text(&cloud)][..], &words].concat();
    let ran = ilot(&named);
    assert!(ran.code == Some(0) && ran.err.contains("not one of the clouds"), "{:?} {}", ran.code, ran.err);
}

#[test]
fn buildings_say_what_is_known_and_are_closed_solids_on_their_ground() {
    let Some((out, ran)) = tiled(&["--content", "buildings,terrain", "--compression", "none"]) else {
        return;
    };
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!out.path().join("tileset/points").exists());
    let text = std::fs::read_to_string(out.path().join("buildings.city.jsonl")).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let head = lines.next().unwrap();
    assert_eq!((head["type"].as_str(), head["version"].as_str()), (Some("CityJSON"), Some("2.0")));
    assert_eq!(head["metadata"]["referenceSystem"], "https://www.opengis.net/def/crs/EPSG/0/5698");
    let (mut count, mut detailed) = (0, 0);
    for feature in lines {
        let id = feature["id"].as_str().unwrap();
        let building = &feature["CityObjects"][id];
        let geometry = &building["geometry"][0];
        detailed += usize::from(geometry["lod"] == "2.2");
        assert_eq!(geometry["lod"], building["attributes"]["lod"]);
        count += 1;
        let mut edges: BTreeMap<(u64, u64), usize> = BTreeMap::new();
        for ring in
            geometry["boundaries"][0].as_array().unwrap().iter().flat_map(|face| face.as_array().unwrap())
        {
            let ring: Vec<u64> = ring.as_array().unwrap().iter().map(|at| at.as_u64().unwrap()).collect();
            for (at, from) in ring.iter().enumerate() {
                *edges.entry((*from, ring[(at + 1) % ring.len()])).or_default() += 1;
            }
        }
        let closed = edges.iter().all(|((from, to), times)| *times == 1 && edges.contains_key(&(*to, *from)));
        assert!(closed, "{id}");
        let heights = feature["vertices"].as_array().unwrap().iter().map(|at| at[2].as_i64().unwrap());
        let ground = building["attributes"]["z_ground"].as_f64().unwrap();
        assert_eq!(heights.min().unwrap(), (ground * 1000.0).round() as i64, "{id}");
    }
    // The town's roofs are planes: gables, hips and flat ones.
    assert!(count > 5 && detailed * 10 >= count * 7, "{detailed} of {count}");
    let mut told = 0;
    let folder =
        std::fs::read_dir(out.path().join("tileset/buildings")).unwrap().next().unwrap().unwrap().path();
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|end| end == "glb") {
            let glb = Opened::read(&file);
            assert!(!glb.scene["extensionsRequired"].to_string().contains("meshopt"));
            told += glb.column("volume").iter().filter(|volume| **volume > 0.0).count();
            // No map of warmth was made: noData, not 0.
            assert!(glb.column("heat_night").iter().all(|warmth| *warmth == -9999.0));
            assert!(glb.column("imperviousness").iter().all(|share| (0.0..=100.0).contains(share)));
        }
    }
    assert_eq!(told, count);
}

#[test]
fn neighbouring_terrain_shares_its_border_and_what_is_missing_is_told() {
    let Some((out, _)) = tiled(&["--content", "terrain"]) else { return };
    let folder =
        std::fs::read_dir(out.path().join("tileset/terrain")).unwrap().next().unwrap().unwrap().path();
    // Two squares of the finest level beside each other: the eastern border of one is the western of the other.
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let pair = names.iter().find_map(|name| {
        let mut parts = name.strip_suffix(".glb")?.split('_').map(|part| part.parse::<u32>());
        let (level, col, row) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        let east = format!("{level}_{}_{row}.glb", col + 1);
        (level == 3 && names.contains(&east)).then(|| (name.clone(), east))
    });
    let (west, east) = pair.expect("squares beside each other");
    let of = |name: &str| Opened::read(&folder.join(name)).positions();
    let (west, east) = (of(&west), of(&east));
    let mut shared = 0;
    // The horizon is turned against the map, so that its east tells no border: any vertex may be the neighbour's.
    for place in &west {
        let apart = |other: &[f64; 3]| (0..3).map(|i| (other[i] - place[i]).powi(2)).sum::<f64>().sqrt();
        shared += usize::from(east.iter().map(apart).fold(f64::MAX, f64::min) < 0.01);
    }
    // The town covers some hundred metres of that border, a vertex each 1.95 m.
    assert!(shared >= 50, "{shared}");
    let grids = grids().unwrap();
    let ran = ilot(&["tiles", text(out.path()), "--grids", text(&grids), "--drape", "heat_night"]);
    assert!(ran.code == Some(2) && ran.err.contains("heat_night"), "{}", ran.err);
    let ran = ilot(&["tiles", text(out.path()), "--grids", "no/such/folder"]);
    assert!(ran.code == Some(2) && ran.err.contains("no/such/folder"), "{}", ran.err);
}
