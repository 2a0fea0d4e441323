//! `ilot pmtiles`: archives that another reader understands, in the colours of the styles, the same for any threads.

use crate::harness::{Ran, band, ilot, surface, text, town_cloud};
use flate2::read::GzDecoder;
use ilot::formats::crs::{Crs, Transform};
use ilot::formats::raster::cog::encode_cog;
use ilot::formats::vector::{Source, Value};
use ilot::product::{self, Style};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

/// An archive, read after the specification and without a line of ilot's.
struct Archive {
    zooms: (u8, u8),
    kind: u8,
    metadata: serde_json::Value,
    tiles: BTreeMap<(u8, u32, u32), Vec<u8>>,
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let _ = GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return number;
        }
    }
}

/// Tile id, run, length, offset.
fn directory(bytes: &[u8]) -> Vec<(u64, u64, u64, u64)> {
    let plain = gunzip(bytes);
    let mut rest = plain.as_slice();
    let count = varint(&mut rest);
    let mut column = || (0..count).map(|_| varint(&mut rest)).collect::<Vec<u64>>();
    let (differences, runs, lengths, places) = (column(), column(), column(), column());
    let (mut id, mut found): (u64, Vec<(u64, u64, u64, u64)>) = (0, Vec::new());
    for index in 0..differences.len() {
        id += differences[index];
        let offset = match places[index] {
            0 => found[index - 1].3 + found[index - 1].2,
            place => place - 1,
        };
        found.push((id, runs[index], lengths[index], offset));
    }
    found
}

/// Zoom, column and row of a tile's number.
fn place(mut id: u64) -> (u8, u32, u32) {
    let mut z = 0_u8;
    while id >= 1 << (2 * u64::from(z)) {
        id -= 1 << (2 * u64::from(z));
        z += 1;
    }
    let (mut x, mut y, mut side) = (0_u64, 0_u64, 1_u64);
    while side < 1 << z {
        let (right, down) = (1 & (id / 2), 1 & (id ^ (1 & (id / 2))));
        if down == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
        (x, y) = (x + side * right, y + side * down);
        id /= 4;
        side *= 2;
    }
    (z, x as u32, y as u32)
}

impl Archive {
    fn open(path: &Path) -> Archive {
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(&bytes[..8], b"PMTiles\x03");
        let number = |index: usize| {
            let at = 8 + index * 8;
            u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
        };
        let part = |index: usize| &bytes[number(index)..number(index) + number(index + 1)];
        let (data, leaves) = (part(6), part(4));
        assert_eq!(number(6) + number(7), bytes.len());
        assert_eq!((bytes[96], bytes[97]), (1, 2), "clustered, directories in gzip");
        let mut entries = Vec::new();
        for entry in directory(part(0)) {
            if entry.1 == 0 {
                entries.extend(directory(&leaves[entry.3 as usize..(entry.3 + entry.2) as usize]));
            } else {
                entries.push(entry);
            }
        }
        let mut tiles = BTreeMap::new();
        for (id, run, length, offset) in entries {
            let content = &data[offset as usize..(offset + length) as usize];
            for id in id..id + run {
                assert!(tiles.insert(place(id), content.to_vec()).is_none(), "a tile is there once");
            }
        }
        assert_eq!(tiles.len(), number(8));
        let metadata = serde_json::from_slice(&gunzip(part(2))).unwrap();
        Archive { zooms: (bytes[100], bytes[101]), kind: bytes[99], metadata, tiles }
    }

    fn images(&self) -> BTreeMap<(u8, u32, u32), Image> {
        self.tiles.iter().map(|(at, bytes)| (*at, Image::decode(bytes))).collect()
    }
}

/// A decoded tile.
struct Image {
    side: usize,
    rgba: Vec<[u8; 4]>,
}

impl Image {
    fn decode(bytes: &[u8]) -> Image {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
        let mut reader = decoder.read_info().unwrap();
        let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut buffer).unwrap();
        assert_eq!((info.width, info.color_type), (info.height, png::ColorType::Rgba));
        let rgba = buffer.chunks_exact(4).map(|pixel| pixel.try_into().unwrap()).collect();
        Image { side: info.width as usize, rgba }
    }
}

/// The sample town, its archives made twice.
fn town() -> &'static (TempDir, Ran) {
    static TOWN: OnceLock<(TempDir, Ran)> = OnceLock::new();
    TOWN.get_or_init(|| {
        let out = TempDir::new().unwrap();
        let ran = surface(
            &[town_cloud()],
            out.path(),
            &["--products", "dtm,chm,density,hillshade,cover,trees,buildings"],
        );
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let made = ilot(&["pmtiles", text(out.path()), "--threads", "1"]);
        (out, made)
    })
}

fn archive(name: &str) -> Archive {
    Archive::open(&town().0.path().join(format!("pmtiles/{name}.pmtiles")))
}

/// A tile, a pixel of it, and the row and column of a raster.
type Looked = ((u8, u32, u32), usize, (usize, usize));

/// The cell in which each pixel of the deepest zoom lies: tile, pixel, row and column of the raster.
fn cells(archive: &Archive, grid: &Grid<f32>) -> Vec<Looked> {
    let (web, map) = (Crs::from_epsg(3857, None).unwrap(), Crs::from_epsg(2154, None).unwrap());
    let way = Transform::new(&web, &map).unwrap();
    let world = 2.0 * PI * 6_378_137.0;
    let mut found = Vec::new();
    for (z, x, y) in archive.tiles.keys().filter(|at| at.0 == archive.zooms.1) {
        let side = world / f64::from(1_u32 << z);
        for pixel in (0..512 * 512).step_by(37) {
            let (row, col) = (pixel / 512, pixel % 512);
            let mx = (f64::from(*x) + (col as f64 + 0.5) / 512.0) * side - world / 2.0;
            let my = world / 2.0 - (f64::from(*y) + (row as f64 + 0.5) / 512.0) * side;
            let (east, north) = way.point(mx, my).unwrap();
            let frame = grid.frame();
            // On the border of a cell a micrometre decides.
            let share = |value: f64| (value / frame.cell.0).fract();
            let clear = |share: f64| share > 1e-4 && share < 1.0 - 1e-4;
            if clear(share(east - frame.west).abs())
                && clear(share(frame.north - north).abs())
                && let Some(cell) = frame.locate(east, north)
            {
                found.push(((*z, *x, *y), pixel, cell));
            }
        }
    }
    found
}

#[test]
fn every_tile_decodes_and_every_archive_says_what_it_is() {
    let (out, made) = town();
    assert_eq!(made.code, Some(0), "{}", made.err);
    for name in ["dtm", "chm", "density-1", "density-5", "hillshade", "cover"] {
        let archive = archive(name);
        assert_eq!(archive.kind, 2);
        assert!(archive.images().values().all(|image| image.side == 512));
        let zooms: Vec<u8> = archive.tiles.keys().map(|at| at.0).collect();
        assert_eq!((zooms[0], zooms[zooms.len() - 1]), archive.zooms, "{name}: no zoom is empty");
        let json = std::fs::read(out.path().join(format!("pmtiles/{name}.json"))).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!((&json["tilejson"], &json["maxzoom"]), (&"3.0.0".into(), &archive.zooms.1.into()));
        assert_eq!(json["legend"], archive.metadata["legend"]);
        let bounds: Vec<f64> =
            json["bounds"].as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect();
        // pyproj: the town lies around 1.2° W, 48.1° N.
        assert!((-1.4..-1.0).contains(&bounds[0]) && (47.9..48.3).contains(&bounds[1]), "{bounds:?}");
        assert!(bounds[0] < bounds[2] && bounds[1] < bounds[3]);
    }
    // Half a metre at 48° north, and a metre.
    assert_eq!((archive("chm").zooms.1, archive("cover").zooms.1), (17, 16));
}

#[test]
fn a_pixel_has_the_colour_of_its_class_and_none_where_there_is_none() {
    let grid = band(&town().0.path().join("cover.vrt"), 0);
    let archive = archive("cover");
    let images = archive.images();
    let Style::Classes(stops) = product::COVER.spec.style else { panic!("cover has classes") };
    let mut seen = 0;
    for (tile, pixel, (row, col)) in cells(&archive, &grid) {
        let class = grid.at(row, col);
        let stop = stops.iter().find(|stop| stop.value as f32 == class);
        let expected =
            stop.map_or([0; 4], |stop| [stop.colour[0], stop.colour[1], stop.colour[2], stop.alpha]);
        let found = images[&tile].rgba[pixel];
        assert!(
            found == expected || (found[3] == 0 && expected[3] == 0),
            "{tile:?} {pixel}: class {class}, {found:?}"
        );
        seen += usize::from(stop.is_some());
    }
    assert!(seen > 500, "{seen} pixels");
}

/// Values and colours of a legend.
fn legend(archive: &Archive) -> Vec<(f64, [f64; 3])> {
    let entries = archive.metadata["legend"]["entries"].as_array().unwrap();
    let stop = |entry: &serde_json::Value| {
        let colour = entry["color"].as_str().unwrap();
        let channel = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap());
        (entry["value"].as_f64().unwrap(), [channel(1), channel(3), channel(5)])
    };
    entries.iter().map(stop).collect()
}

#[test]
fn a_pixel_among_like_heights_has_the_colour_of_the_ramp() {
    let grid = band(&town().0.path().join("dtm.vrt"), 0);
    let archive = archive("dtm");
    let (images, stops, frame) = (archive.images(), legend(&archive), *grid.frame());
    let mut seen = 0;
    for (tile, pixel, (row, col)) in cells(&archive, &grid) {
        if row == 0 || col == 0 || row + 1 == frame.rows || col + 1 == frame.cols {
            continue;
        }
        let around = (row - 1..=row + 1).flat_map(|row| (col - 1..=col + 1).map(move |col| (row, col)));
        let near: Vec<f64> = around.map(|(row, col)| f64::from(grid.at(row, col))).collect();
        let (low, high) =
            near.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        let at = stops[1..stops.len() - 1].iter().take_while(|stop| stop.0 <= low).count();
        let (from, to) = (&stops[at], &stops[at + 1]);
        // Between the same two stops, and a small part of their distance apart: the colour is known.
        if near.iter().any(|v| v.is_nan()) || high > to.0 || high - low > 0.06 * (to.0 - from.0) {
            continue;
        }
        let share = ((low.midpoint(high) - from.0) / (to.0 - from.0)).clamp(0.0, 1.0);
        let found = images[&tile].rgba[pixel];
        for (channel, have) in found[..3].iter().enumerate() {
            let expected = from.1[channel] + (to.1[channel] - from.1[channel]) * share;
            let apart = (to.1[channel] - from.1[channel]).abs() * 0.03 + 2.0;
            let off = (f64::from(*have) - expected).abs();
            assert!(off <= apart, "{tile:?} {pixel}: {low} to {high} m, {found:?}, {expected} expected");
        }
        seen += 1;
    }
    assert!(seen > 500, "{seen} pixels");
}

#[test]
fn neighbouring_tiles_join() {
    let archive = archive("hillshade");
    let images = archive.images();
    let (mut seam, mut inside, mut count) = (0.0, 0.0, 0.0);
    for ((z, x, y), west) in images.iter().filter(|(at, _)| at.0 == archive.zooms.1) {
        let Some(east) = images.get(&(*z, x + 1, *y)) else { continue };
        for row in 0..512 {
            let at = |image: &Image, col: usize| f64::from(image.rgba[row * 512 + col][3]);
            if [west.rgba[row * 512 + 510], west.rgba[row * 512 + 511]].iter().all(|pixel| pixel[3] > 0) {
                seam += (at(west, 511) - at(east, 0)).abs();
                inside += (at(west, 510) - at(west, 511)).abs();
                count += 1.0;
            }
        }
    }
    assert!(count > 100.0, "{count} pairs of pixels");
    assert!(seam / count <= 1.5 * inside / count + 1.0, "{} across, {} within", seam / count, inside / count);
}

/// A field of a protocol buffer.
enum Field<'a> {
    Number(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => {
                let (eight, rest) = bytes.split_at(8);
                bytes = rest;
                Field::Double(f64::from_le_bytes(eight.try_into().unwrap()))
            }
            2 => {
                let length = varint(&mut bytes) as usize;
                let (content, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(content)
            }
            other => panic!("wire type {other}"),
        };
        all.push((key >> 3, field));
    }
    all
}

/// A feature: id, kind, first corner in units, its attributes as text.
struct Seen {
    id: u64,
    kind: u64,
    first: (i64, i64),
    values: BTreeMap<String, String>,
}

fn numbers(mut bytes: &[u8]) -> Vec<u64> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        all.push(varint(&mut bytes));
    }
    all
}

fn signed(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn features(tile: &[u8], layer: &str) -> Vec<Seen> {
    let plain = gunzip(tile);
    let (mut raw, mut keys, mut values, mut name) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    let layers = fields(&plain);
    assert_eq!(layers.len(), 1);
    let (3, Field::Bytes(content)) = &layers[0] else { panic!("a tile holds layers") };
    for (number, field) in fields(content) {
        match (number, field) {
            (1, Field::Bytes(text)) => name = String::from_utf8(text.to_vec()).unwrap(),
            (2, Field::Bytes(feature)) => raw.push(feature),
            (3, Field::Bytes(text)) => keys.push(String::from_utf8(text.to_vec()).unwrap()),
            (4, Field::Bytes(value)) => values.push(match fields(value).remove(0) {
                (1, Field::Bytes(text)) => String::from_utf8(text.to_vec()).unwrap(),
                (3, Field::Double(real)) => real.to_string(),
                (6, Field::Number(whole)) => signed(whole).to_string(),
                (other, _) => panic!("value {other}"),
            }),
            (5, Field::Number(extent)) => assert_eq!(extent, 4096),
            (15, Field::Number(version)) => assert_eq!(version, 2),
            (other, _) => panic!("field {other}"),
        }
    }
    assert_eq!(name, layer);
    let one = |feature: &&[u8]| {
        let mut seen = Seen { id: 0, kind: 0, first: (0, 0), values: BTreeMap::new() };
        for (number, field) in fields(feature) {
            match (number, field) {
                (1, Field::Number(id)) => seen.id = id,
                (2, Field::Bytes(tags)) => {
                    for pair in numbers(tags).chunks(2) {
                        let key = keys[pair[0] as usize].clone();
                        let _ = seen.values.insert(key, values[pair[1] as usize].clone());
                    }
                }
                (3, Field::Number(kind)) => seen.kind = kind,
                (4, Field::Bytes(way)) => {
                    let way = numbers(way);
                    assert_eq!(way[0] & 7, 1, "a way begins with a move");
                    seen.first = (signed(way[1]), signed(way[2]));
                }
                (other, _) => panic!("field {other}"),
            }
        }
        seen
    };
    raw.iter().map(one).collect()
}

#[test]
fn vector_tiles_hold_every_feature_at_every_zoom_with_all_it_says() {
    let (out, made) = town();
    assert_eq!(made.code, Some(0), "{}", made.err);
    for (name, kind) in [("trees", 1), ("buildings", 3)] {
        let source = Source::open(&out.path().join(format!("{name}.gpkg"))).unwrap();
        let (layer, _) = source.read(0, None).unwrap();
        let archive = archive(name);
        assert_eq!(archive.kind, 1);
        assert_eq!(archive.metadata["features"], layer.features.len());
        let way = Transform::new(layer.crs.as_ref().unwrap(), &Crs::from_epsg(3857, None).unwrap()).unwrap();
        for zoom in archive.zooms.0..=archive.zooms.1 {
            let tiles = archive.tiles.iter().filter(|(at, _)| at.0 == zoom);
            let seen: Vec<((u8, u32, u32), Seen)> = tiles
                .flat_map(|(at, tile)| features(tile, name).into_iter().map(|seen| (*at, seen)))
                .collect();
            let ids: std::collections::BTreeSet<u64> = seen.iter().map(|(_, seen)| seen.id).collect();
            assert_eq!(ids.len(), layer.features.len(), "{name} at zoom {zoom}");
            for ((z, x, y), seen) in &seen {
                assert_eq!(seen.kind, kind);
                let feature = &layer.features[seen.id as usize - 1];
                let named = layer.fields.iter().zip(&feature.values);
                for (field, value) in named.filter(|(_, value)| **value != Value::Null) {
                    let text = match value {
                        Value::Integer(whole) => whole.to_string(),
                        Value::Real(real) => real.to_string(),
                        Value::Text(text) => text.clone(),
                        Value::Null => unreachable!("it was left out"),
                    };
                    assert_eq!(seen.values[&field.name], text, "{name} {}", field.name);
                }
                let geo::Geometry::Point(point) = &feature.geometry else { continue };
                let (mx, my) = way.point(point.x(), point.y()).unwrap();
                let unit = 2.0 * PI * 6_378_137.0 / f64::from(1_u32 << z) / 4096.0;
                let west = f64::from(*x) * 4096.0 * unit - PI * 6_378_137.0;
                let north = PI * 6_378_137.0 - f64::from(*y) * 4096.0 * unit;
                let off =
                    (west + seen.first.0 as f64 * unit - mx).hypot(north - seen.first.1 as f64 * unit - my);
                assert!(off <= unit * 0.75, "{name} {}: {off} m off, a unit is {unit} m", seen.id);
            }
        }
        assert_eq!(archive.zooms.1, 16);
    }
}

#[test]
fn the_same_archives_come_of_any_number_of_threads() {
    let folder = town().0.path().join("pmtiles");
    let read = |name: &str| std::fs::read(folder.join(format!("{name}.pmtiles"))).unwrap();
    let names = ["dtm", "cover", "density-3", "trees"];
    let before: Vec<Vec<u8>> = names.iter().map(|name| read(name)).collect();
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(town().0.path()).unwrap() {
        let path = entry.unwrap().path();
        // Mosaics name their tiles by relative paths.
        if path.is_dir()
            && path.file_name().is_some_and(|name| name != "pmtiles" && name != ".ilot" && name != "stac")
        {
            let target = copy.path().join(path.file_name().unwrap());
            std::fs::create_dir(&target).unwrap();
            for file in std::fs::read_dir(&path).unwrap() {
                let file = file.unwrap().path();
                let _ = std::fs::copy(&file, target.join(file.file_name().unwrap())).unwrap();
            }
        } else if path.is_file() {
            let _ = std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let made =
        ilot(&["pmtiles", text(copy.path()), "--threads", "4", "--products", "dtm,cover,density,trees"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    for (name, bytes) in names.iter().zip(before) {
        assert!(
            std::fs::read(copy.path().join(format!("pmtiles/{name}.pmtiles"))).unwrap() == bytes,
            "{name}"
        );
    }
}

#[test]
fn what_is_not_there_is_named() {
    let out = TempDir::new().unwrap();
    let ran = ilot(&["pmtiles", text(out.path()), "--products", "heat_night"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("heat_night"), "{}", ran.err);
    let ran = ilot(&["pmtiles", "/nowhere"]);
    assert_eq!((ran.code, ran.err.lines().count()), (Some(2), 1), "{}", ran.err);
}

/// A block of a step: two bands, half of it outside of the mask.
fn block(west: f64, warmth: f32) -> Vec<u8> {
    let frame = Frame { west, north: 6_278_000.0, cell: Metres(10.0), rows: 40, cols: 40 };
    let inside = |row: usize, value: f32| if row < 20 { value } else { f32::NAN };
    let cells = |value: f32| (0..40 * 40).map(|at| inside(at / 40, value)).collect::<Vec<f32>>();
    let (shown, half) = (Grid::new(frame, cells(warmth)), Grid::new(frame, cells(0.5)));
    let (spec, crs) = (&product::HEAT_NIGHTS.spec, Crs::from_epsg(2154, None).unwrap());
    let bands = spec.bands.iter().map(|words| words.en.to_owned()).collect();
    encode_cog(&[&shown, &half], &spec.meta(bands, Vec::new(), &crs)).unwrap()
}

#[test]
fn each_night_has_an_archive_a_place_in_time_and_no_colour_outside_of_the_mask() {
    let out = TempDir::new().unwrap();
    std::fs::create_dir(out.path().join("heat_nights")).unwrap();
    let mut features = Vec::new();
    for (day, warmth) in [(13, 3.0), (12, 0.0)] {
        for west in [770_000.0, 770_400.0] {
            let name = format!("heat_nights/202207{day}T210000Z_{west:07}_6278000.tif");
            std::fs::write(out.path().join(&name), block(west, warmth)).unwrap();
            features.push(serde_json::json!({
                "assets": { "data": { "href": format!("./{name}") } },
                "properties": {
                    "start_datetime": format!("2022-07-{day}T21:00:00Z"), "end_datetime": format!("2022-07-{}T05:00:00Z", day + 1),
                    "proj:shape": [40, 40], "proj:transform": [10.0, 0.0, west, 0.0, -10.0, 6_278_000.0],
                },
            }));
        }
    }
    let index = serde_json::json!({ "features": features });
    std::fs::write(out.path().join("heat_nights.json"), index.to_string()).unwrap();
    let folder = out.path().join("pmtiles/heat_nights");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("20200101T210000Z.pmtiles"), b"of an earlier period").unwrap();
    let ran = ilot(&["pmtiles", text(out.path())]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let index = std::fs::read(out.path().join("pmtiles/heat_nights.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    let steps = index["steps"].as_array().unwrap();
    let from: Vec<&str> = steps.iter().map(|step| step["from"].as_str().unwrap()).collect();
    assert_eq!(from, ["2022-07-12T21:00:00Z", "2022-07-13T21:00:00Z"], "in the order of time");
    assert!(!folder.join("20200101T210000Z.pmtiles").exists(), "what is no step any more is gone");
    let Style::Ramp(stops) = product::HEAT_NIGHTS.spec.style else { panic!("warmth is a ramp") };
    for (step, warmth) in steps.iter().zip([0.0, 3.0]) {
        assert_eq!(step["rasters"].as_array().unwrap().len(), 2);
        let archive = Archive::open(&out.path().join("pmtiles").join(step["archive"].as_str().unwrap()));
        let colour = stops.iter().find(|stop| stop.value == warmth).unwrap().colour;
        let whole = Frame { west: 770_000.0, north: 6_278_000.0, cell: Metres(10.0), rows: 40, cols: 80 };
        let images = archive.images();
        let looked = cells(&archive, &Grid::new(whole, vec![0.0; 40 * 80]));
        assert!(looked.len() > 100, "{}", looked.len());
        for (tile, pixel, (row, col)) in looked {
            let rgba = images[&tile].rgba[pixel];
            let wanted = if row < 20 { [colour[0], colour[1], colour[2], 255] } else { [0; 4] };
            assert_eq!(rgba, wanted, "row {row}, column {col} of {warmth} K");
        }
    }
}
