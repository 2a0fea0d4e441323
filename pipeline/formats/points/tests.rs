//! The door for points against answers known exactly or made by the `las` and `laz` crates, and against
//! damage.

use std::path::{Path, PathBuf};

use super::*;

/// The shared data, where it is.
fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ILOT_DATA");
    if root.is_none() {
        println!("skipped: ILOT_DATA is not set");
    }
    root.map(|root| Path::new(&root).join(part))
}

/// All points of a cloud, in one batch.
fn all(cloud: &Cloud, layers: Layers) -> Result<Batch, Fault> {
    let (mut whole, mut scratch, mut batch) = (Batch::default(), Scratch::default(), Batch::default());
    for chunk in cloud.chunks() {
        cloud.decode(chunk, layers, &mut scratch, &mut batch)?;
        // A batch without flags stands for zeros.
        if layers.has(Layers::FLAGS) {
            batch.flags.resize(batch.len(), 0);
        }
        append(&mut whole, &batch);
    }
    whole.summarise();
    Ok(whole)
}

fn append(whole: &mut Batch, part: &Batch) {
    whole.x.extend(&part.x);
    whole.y.extend(&part.y);
    whole.z.extend(&part.z);
    whole.class.extend(&part.class);
    whole.return_number.extend(&part.return_number);
    whole.number_of_returns.extend(&part.number_of_returns);
    whole.flags.extend(&part.flags);
    whole.intensity.extend(&part.intensity);
    whole.scan_angle.extend(&part.scan_angle);
    whole.gps_time.extend(&part.gps_time);
    whole.colour.extend(&part.colour);
    whole.near_infrared.extend(&part.near_infrared);
    whole.point_source.extend(&part.point_source);
    whole.user_data.extend(&part.user_data);
    whole.extra_bytes.extend(&part.extra_bytes);
    whole.extra_width = part.extra_width;
    whole.odd_returns += part.odd_returns;
    for (sum, number) in whole.by_return.iter_mut().zip(part.by_return) {
        *sum += number;
    }
}

/// The same points as the `las` crate decodes them.
fn elder(path: &Path, layers: Layers) -> Batch {
    let rows = las::Reader::from_path(path).unwrap().read_all().unwrap();
    let layout = Layout::of(Cloud::open(path).unwrap().header());
    let mut batch = Batch::default();
    batch.reset(rows.len(), layers);
    rows::plain(&layout, rows.raw_bytes(), layers, &mut batch).unwrap();
    batch.summarise();
    batch
}

/// The columns in which two batches differ.
fn differing(found: &Batch, wanted: &Batch) -> String {
    let same = [
        ("x, y, z", found.x == wanted.x && found.y == wanted.y && found.z == wanted.z),
        ("class", found.class == wanted.class),
        ("return_number", found.return_number == wanted.return_number),
        ("number_of_returns", found.number_of_returns == wanted.number_of_returns),
        ("flags", found.flags == wanted.flags),
        ("intensity", found.intensity == wanted.intensity),
        ("scan_angle", found.scan_angle == wanted.scan_angle),
        ("gps_time", same_bits(&found.gps_time, &wanted.gps_time)),
        ("colour", found.colour == wanted.colour),
        ("near_infrared", found.near_infrared == wanted.near_infrared),
        ("point_source", found.point_source == wanted.point_source),
        ("user_data", found.user_data == wanted.user_data),
        ("extra", found.extra_bytes == wanted.extra_bytes && found.extra_width == wanted.extra_width),
        ("bounds", found.low == wanted.low && found.high == wanted.high),
        ("by_return", found.by_return == wanted.by_return && found.odd_returns == wanted.odd_returns),
    ];
    same.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Random bytes make times that are not numbers, which equal nothing.
fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// All sound clouds of the shared data.
fn sound() -> Vec<PathBuf> {
    let Some(root) = shared("") else { return Vec::new() };
    let mut found = Vec::new();
    for folder in ["lidar", "reference"] {
        for group in std::fs::read_dir(root.join(folder)).unwrap() {
            for file in std::fs::read_dir(group.unwrap().path()).into_iter().flatten() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if (name.ends_with(".laz") || name.ends_with(".las")) && !name.ends_with("_nok.laz") {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_layer_of_real_clouds_equals_the_las_crate() {
    for path in sound() {
        let cloud = Cloud::open(&path).unwrap();
        let found = all(&cloud, Layers::ALL).unwrap();
        assert_eq!(differing(&found, &elder(&path, Layers::ALL)), "", "{}", path.display());
    }
}

#[test]
fn a_choice_of_layers_gives_the_same_values_and_no_more() {
    for path in sound() {
        let cloud = Cloud::open(&path).unwrap();
        assert_eq!(
            all(&cloud, Layers::SURFACE).unwrap(),
            elder(&path, Layers::SURFACE),
            "{}",
            path.display()
        );
    }
}

/// Random numbers that are the same everywhere (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }
}

/// Rows of a format whose positions wander and whose other bytes are partly random: every layer changes.
fn made_rows(format: u8, extra: usize, points: usize) -> Vec<u8> {
    const WIDTHS: [usize; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];
    let width = WIDTHS[usize::from(format)] + extra;
    let mut random = Random(0x1234_5678 + u64::from(format));
    let mut rows = vec![0; points * width];
    let mut before = vec![0; width];
    let mut position = [1000i32, -2000, 300];
    for row in rows.chunks_exact_mut(width) {
        row.copy_from_slice(&before);
        for (axis, raw) in position.iter_mut().enumerate() {
            *raw += random.below(41) as i32 - 20;
            row[4 * axis..4 * axis + 4].copy_from_slice(&raw.to_le_bytes());
        }
        let returns = 1 + random.below(4) as u8;
        let number = 1 + random.below(u64::from(returns)) as u8;
        row[14] = if format < 6 { number | returns << 3 } else { number | returns << 4 };
        for byte in &mut row[15..] {
            if random.below(3) == 0 {
                *byte = random.next() as u8 & if random.below(5) == 0 { 255 } else { 3 };
            }
        }
        before.copy_from_slice(row);
    }
    rows
}

/// How a made file is compressed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packing {
    Plain,
    Fixed(u32),
    Variable,
    /// Layered items of version 4.
    Fourth,
}

/// A whole LAS 1.4 file of these rows.
fn made(format: u8, extra: u16, rows: &[u8], packing: Packing) -> Vec<u8> {
    use laz::las::{Point6, Point7, Point8, Point9, Point10};
    use laz::{LazItemRecordBuilder as Items, LazVlrBuilder};
    let builder = LazVlrBuilder::default();
    let builder = match (packing, format) {
        (Packing::Fourth, 6) => builder.with_laz_items(Items::version_4_of::<Point6>(extra)),
        (Packing::Fourth, 7) => builder.with_laz_items(Items::version_4_of::<Point7>(extra)),
        (Packing::Fourth, 8) => builder.with_laz_items(Items::version_4_of::<Point8>(extra)),
        (Packing::Fourth, 9) => builder.with_laz_items(Items::version_4_of::<Point9>(extra)),
        (Packing::Fourth, 10) => builder.with_laz_items(Items::version_4_of::<Point10>(extra)),
        _ => builder.with_point_format(format, extra).unwrap(),
    };
    let vlr = match packing {
        Packing::Variable => builder.with_variable_chunk_size(),
        Packing::Fixed(points) => builder.with_fixed_chunk_size(points),
        _ => builder.with_fixed_chunk_size(700),
    };
    let vlr = vlr.build();
    let width = vlr.items_size() as usize;
    let mut laszip = Vec::new();
    vlr.write_to(&mut &mut laszip).unwrap();
    let mut file = made_header(format, width, rows);
    if packing != Packing::Plain {
        file[104] |= 0x80;
        file[100] = 1;
        file.extend([0; 54]);
        file[375 + 2..375 + 16].copy_from_slice(b"laszip encoded");
        file[375 + 18..375 + 20].copy_from_slice(&22204u16.to_le_bytes());
        file[375 + 20..375 + 22].copy_from_slice(&(laszip.len() as u16).to_le_bytes());
        file.extend(laszip);
    }
    let data = file.len() as u32;
    file[96..100].copy_from_slice(&data.to_le_bytes());
    if packing == Packing::Plain {
        file.extend(rows);
        return file;
    }
    let mut out = std::io::Cursor::new(file);
    out.set_position(u64::from(data));
    let mut compressor = laz::LasZipCompressor::new(out, vlr).unwrap();
    for (nth, part) in rows.chunks(width * 300).enumerate() {
        compressor.compress_many(part).unwrap();
        if packing == Packing::Variable && nth % 2 == 1 {
            compressor.finish_current_chunk().unwrap();
        }
    }
    compressor.done().unwrap();
    compressor.into_inner().into_inner()
}

fn made_header(format: u8, width: usize, rows: &[u8]) -> Vec<u8> {
    let mut head = vec![0; 375];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"LASF");
    put(24, &[1, 4]);
    put(94, &375u16.to_le_bytes());
    put(104, &[format]);
    put(105, &(width as u16).to_le_bytes());
    put(247, &((rows.len() / width) as u64).to_le_bytes());
    let offset = [700_000.0, 6_600_000.0, 0.0];
    for (axis, offset) in offset.into_iter().enumerate() {
        let raws = || rows.chunks_exact(width).map(|row| header::Fields(row).i32(4 * axis));
        let metres = |raw: i32| f64::from(raw) * 0.01 + offset;
        put(131 + 8 * axis, &0.01f64.to_le_bytes());
        put(155 + 8 * axis, &offset.to_le_bytes());
        put(179 + 16 * axis, &metres(raws().max().unwrap_or(0)).to_le_bytes());
        put(187 + 16 * axis, &metres(raws().min().unwrap_or(0)).to_le_bytes());
    }
    head
}

/// What a file of these rows must decode to.
fn expected(cloud: &Cloud, rows: &[u8], layers: Layers) -> Batch {
    let mut batch = Batch::default();
    batch.reset(rows.len() / cloud.header().point_bytes, layers);
    rows::plain(&cloud.layout, rows, layers, &mut batch).unwrap();
    batch.summarise();
    batch
}

#[test]
fn all_point_formats_and_packings_give_the_rows_that_went_in() {
    for format in 0..=10 {
        for (extra, packing) in [
            (0, Packing::Plain),
            (5, Packing::Plain),
            (0, Packing::Fixed(500)),
            (3, Packing::Fixed(50_000)),
            (0, Packing::Variable),
            (2, Packing::Fourth),
        ] {
            let rows = made_rows(format, extra, 2_000);
            let cloud = Cloud::from_bytes("made", made(format, extra as u16, &rows, packing)).unwrap();
            for layers in [Layers::ALL, Layers::SURFACE, Layers::POSITION, Layers::COLOUR | Layers::GPS_TIME]
            {
                let (found, wanted) = (all(&cloud, layers).unwrap(), expected(&cloud, &rows, layers));
                assert_eq!(differing(&found, &wanted), "", "format {format}, {packing:?}, {layers:?}");
            }
        }
    }
}

#[test]
fn a_row_is_read_as_the_specification_lays_it_out() {
    let mut row = vec![0u8; 34];
    row[0..12].copy_from_slice(&[1, 0, 0, 0, 254, 255, 255, 255, 3, 0, 0, 0]);
    row[12..20].copy_from_slice(&[0x34, 0x12, 2 | 3 << 3 | 64, 5 | 0x80, 0xf6, 9, 7, 0]);
    row[20..28].copy_from_slice(&1.5f64.to_le_bytes());
    row[28..34].copy_from_slice(&[1, 0, 2, 0, 3, 0]);
    let cloud = Cloud::from_bytes("made", made(3, 0, &row, Packing::Plain)).unwrap();
    let batch = all(&cloud, Layers::ALL).unwrap();
    assert_eq!((batch.x[0], batch.y[0], batch.z[0]), (1, -2, 3));
    assert_eq!((batch.return_number[0], batch.number_of_returns[0], batch.class[0]), (2, 3, 5));
    assert_eq!((batch.flags[0], batch.is_withheld(0)), (flag::WITHHELD, true));
    assert_eq!((batch.intensity[0], batch.scan_angle[0], batch.user_data[0]), (0x1234, -10.0, 9));
    assert_eq!((batch.point_source[0], batch.gps_time[0], batch.colour[0]), (7, 1.5, [1, 2, 3]));
}

/// A small cloud by our own writer, in memory.
fn written(points: i32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.laz");
    let mut random = Random(7);
    let mut column = |spread: u64| (0..points).map(|_| random.below(spread) as i32).collect::<Vec<i32>>();
    let (x, y, z) = (column(100_000), column(100_000), column(2_000));
    let class: Vec<u8> = z.iter().map(|z| [2, 2, 5, 6][*z as usize % 4]).collect();
    let columns = Columns { x: &x, y: &y, z: &z, class: &class, ..Columns::default() };
    let writing = Writing { offset: [770_000.0, 6_277_000.0, 0.0], wkt: "PROJCS[]", ..Writing::default() };
    write(&path, &columns, &writing).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tile.laz");
    let points = 60_000;
    let mut random = Random(11);
    let mut bytes = |end: u64| (0..points).map(|_| random.below(end) as u8).collect::<Vec<u8>>();
    let (class, flags, returns) = (bytes(70), bytes(16), bytes(3).iter().map(|n| n + 2).collect::<Vec<u8>>());
    let number: Vec<u8> = returns.iter().map(|n| n - 1).collect();
    let x: Vec<i32> = (0..points).map(|nth| nth * 7 % 100_000).collect();
    let (y, z): (Vec<i32>, Vec<i32>) = x.iter().map(|x| (x / 2 - 500, x % 3_000)).unzip();
    let gps_time: Vec<f64> = x.iter().map(|x| f64::from(*x) * 1e-3).collect();
    let colour: Vec<[u16; 3]> = x.iter().map(|x| [*x as u16, 256, (*x / 3) as u16]).collect();
    let infrared: Vec<u16> = x.iter().map(|x| (*x % 999) as u16).collect();
    let columns = Columns {
        x: &x,
        y: &y,
        z: &z,
        class: &class,
        flags: &flags,
        return_number: &number,
        number_of_returns: &returns,
        gps_time: &gps_time,
        colouring: Colouring::Infrared(&colour, &infrared),
        ..Columns::default()
    };
    let wkt = "PROJCS[\"RGF93 / Lambert-93\"]";
    write(&path, &columns, &Writing { wkt, ..Writing::default() }).unwrap();
    let cloud = Cloud::open(&path).unwrap();
    let batch = all(&cloud, Layers::ALL).unwrap();
    assert_eq!((cloud.header().version, cloud.header().point_format), ((1, 4), 8));
    assert_eq!((cloud.chunks().len(), cloud.header().kind), (2, Kind::Laz));
    assert_eq!(cloud.header().crs.wkt.as_deref(), Some(wkt));
    assert!(batch.x == x && batch.y == y && batch.z == z && batch.class == class && batch.flags == flags);
    assert!(
        batch.return_number == number && batch.number_of_returns == returns && batch.gps_time == gps_time
    );
    assert!(batch.colour == colour && batch.near_infrared == infrared);
    let mut audit = Audit::default();
    audit.add(&batch);
    assert_eq!(cloud.audit(&audit), []);
    let elder = las::Reader::from_path(&path).unwrap();
    assert_eq!(elder.header().number_of_points(), points as u64);
    assert!(elder.header().has_wkt_crs());
}

/// The English fault of a file.
fn fault(bytes: Vec<u8>) -> String {
    let cloud = Cloud::from_bytes("tile.laz", bytes);
    let result = cloud.and_then(|cloud| all(&cloud, Layers::SURFACE));
    result.map_or_else(|fault| fault.0.en.clone(), |_| "no fault".to_owned())
}

#[test]
fn each_kind_of_damage_is_one_sentence_that_names_file_and_remedy() {
    let sound = written(1_000);
    let with = |at: usize, bytes: &[u8]| {
        let mut file = sound.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    for (bytes, words) in [
        (Vec::new(), "it is empty"),
        (b"\x89PNG\r\n and more".to_vec(), "not a LAS or LAZ point cloud"),
        (sound[..200].to_vec(), "truncated (200 bytes"),
        (sound[..400].to_vec(), "truncated (400 bytes"),
        (sound[..sound.len() - 1].to_vec(), "damaged file"),
        (with(25, &[9]), "unknown LAS version 1.9"),
        (with(104, &[0x80 | 42]), "unknown point format 42"),
        (with(105, &[7, 0]), "points of 7 bytes"),
        (with(131, &[0; 8]), "impossible scale"),
        (with(179, &f64::NAN.to_le_bytes()), "impossible bounds of x"),
        (with(187, &770_500.0f64.to_le_bytes()), "outside the bounds of the header"),
        (with(247, &1_000_000_000_000_000_000u64.to_le_bytes()), "promises 1000000000000000000 points"),
        (with(247, &999u64.to_le_bytes()), "damaged file"),
        (with(375, &[0; 54]), "only zeros"),
    ] {
        let fault = fault(bytes);
        assert!(fault.starts_with("tile.laz: ") && fault.contains(words), "{words}: {fault}");
        assert!(fault.ends_with('.') && fault.contains(';') || words == "unknown", "{fault}");
    }
}

#[test]
fn an_uncompressed_file_of_any_name_is_read_and_a_promise_beyond_its_end_is_not() {
    let rows = made_rows(6, 0, 3);
    let mut file = made(6, 0, &rows, Packing::Plain);
    assert_eq!(Cloud::from_bytes("tile.laz", file.clone()).unwrap().header().kind, Kind::Las);
    file[247..255].copy_from_slice(&1_000_000_000_000_000_000u64.to_le_bytes());
    assert!(fault(file.clone()).contains("promises 1000000000000000000 points"));
    file[247..255].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(fault(file).contains("promises"));
}

#[test]
fn a_streamed_file_without_chunk_table_is_followed_chunk_by_chunk() {
    let rows = made_rows(6, 0, 2_000);
    let mut file = made(6, 0, &rows, Packing::Fixed(500));
    let data = header::Fields(&file).u32(96) as usize;
    let table = header::Fields(&file).u64(data) as usize;
    file[data..data + 8].copy_from_slice(&(-1i64).to_le_bytes());
    let mut at_end = file.clone();
    at_end.extend((table as u64).to_le_bytes());
    file.truncate(table);
    for bytes in [file, at_end] {
        let cloud = Cloud::from_bytes("made", bytes).unwrap();
        assert_eq!(cloud.chunks().len(), 4);
        let found = all(&cloud, Layers::ALL).unwrap();
        assert_eq!(differing(&found, &expected(&cloud, &rows, Layers::ALL)), "");
    }
    let old = made(1, 0, &made_rows(1, 0, 2_000), Packing::Fixed(500));
    let mut streamed = old.clone();
    let data = header::Fields(&old).u32(96) as usize;
    streamed[data..data + 8].copy_from_slice(&(-1i64).to_le_bytes());
    assert!(fault(streamed).contains("chunk table is missing"));
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path| Cloud::open(path).err().unwrap().0.en.clone();
    assert!(said(folder.path()).contains("this is a folder"));
    assert!(said(&folder.path().join("none.laz")).contains("no such file"));
}

/// What became of damage.
#[derive(Debug, Default, PartialEq)]
struct Damage {
    /// A fault.
    found: u32,
    /// None, and the columns read are as before: the damage lies in a layer that was not read.
    harmless: u32,
    /// None, and the columns read are wrong.
    silent: u32,
}

/// Overwrites `length` bytes of the chunks of a file, at so many places, with zeros or with noise.
fn damage(bytes: &[u8], places: u32, length: usize, noise: bool) -> Damage {
    let whole = Cloud::from_bytes("whole", bytes.to_vec()).unwrap();
    let first = whole.chunks()[0].offset;
    let end = whole.chunks().last().map(|chunk| chunk.offset + chunk.bytes).unwrap();
    let mut random = Random(99);
    let mut damage = Damage::default();
    for _ in 0..places {
        let at = first + random.below(end - first - length as u64);
        let mut file = bytes.to_vec();
        let hole = &mut file[at as usize..at as usize + length];
        hole.iter_mut().for_each(|byte| *byte = if noise { random.next() as u8 } else { 0 });
        match outcome(&whole, file, at, length as u64) {
            None => damage.found += 1,
            Some(true) => damage.harmless += 1,
            Some(false) => damage.silent += 1,
        }
    }
    damage
}

/// `None` where damage is found, at opening or in the chunks that hold it (the others are as they were), else
/// whether these chunks give the same points.
fn outcome(whole: &Cloud, file: Vec<u8>, at: u64, length: u64) -> Option<bool> {
    let cloud = Cloud::from_bytes("holed", file).ok()?;
    let touched = |chunk: &&Chunk| chunk.offset < at + length && at < chunk.offset + chunk.bytes;
    let (mut scratch, mut wanted, mut found) = (Scratch::default(), Batch::default(), Batch::default());
    let mut same = true;
    for chunk in cloud.chunks().iter().filter(touched) {
        cloud.decode(chunk, Layers::SURFACE, &mut scratch, &mut found).ok()?;
        whole.decode(chunk, Layers::SURFACE, &mut scratch, &mut wanted).unwrap();
        same &= differing(&found, &wanted).is_empty();
    }
    Some(same)
}

#[test]
fn a_hole_of_2_kb_is_always_found_and_noise_never_gives_wrong_points() {
    let plain = made(6, 0, &made_rows(6, 0, 3_000), Packing::Plain);
    assert_eq!(damage(&plain, 40, 2_048, false).found, 40);
    let streams = made(3, 0, &made_rows(3, 0, 9_000), Packing::Fixed(50_000));
    let layers = made(8, 0, &made_rows(8, 0, 9_000), Packing::Fixed(3_000));
    for file in [written(20_000), streams, layers] {
        assert_eq!(damage(&file, 40, 2_048, false).found, 40);
        assert_eq!(damage(&file, 40, 200, true).silent, 0);
    }
}

#[test]
#[ignore = "a measurement: minutes; run it with --release --nocapture"]
fn measure_how_much_damage_is_found() {
    let mut paths = sound();
    paths.sort_by_key(|path| std::fs::metadata(path).unwrap().len());
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        for (length, noise) in [(2_048, false), (2_048, true), (512, false), (64, true), (4, true)] {
            if bytes.len() > 50_000 {
                println!("{name}: {length} bytes, noise {noise}: {:?}", damage(&bytes, 200, length, noise));
            }
        }
    }
}

/// Small files of all packings.
fn small_files() -> Vec<Vec<u8>> {
    let mut files = vec![written(300)];
    for format in 0..=10 {
        for packing in [Packing::Plain, Packing::Fixed(40), Packing::Variable, Packing::Fourth] {
            files.push(made(format, 2, &made_rows(format, 2, 100), packing));
        }
    }
    files
}

#[test]
#[ignore = "writes files for the fuzzer to the folder ILOT_SEEDS"]
fn seeds_for_fuzzing() {
    let folder = PathBuf::from(std::env::var_os("ILOT_SEEDS").unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    for (nth, file) in small_files().iter().enumerate() {
        std::fs::write(folder.join(format!("small_{nth}")), file).unwrap();
    }
}

#[test]
fn no_mutation_makes_a_reader_panic_or_hang() {
    let mut random = Random(5);
    let files = small_files();
    for (nth, sound) in files.iter().enumerate() {
        for round in 0..60 {
            let mut file = sound.clone();
            for _ in 0..=random.below(4) {
                let at = match random.below(3) {
                    0 => random.below(375),
                    1 => random.below(600),
                    _ => random.below(file.len() as u64),
                };
                file[(at as usize).min(sound.len() - 1)] = match random.below(3) {
                    0 => 0,
                    1 => 255,
                    _ => random.next() as u8,
                };
            }
            if round % 5 == 0 {
                file.truncate(random.below(sound.len() as u64) as usize);
            }
            if let Ok(cloud) = Cloud::from_bytes("mutant", file) {
                let layers = if round % 2 == 0 { Layers::ALL } else { Layers::SURFACE };
                let points = cloud.chunks().iter().map(|chunk| chunk.points).sum::<u64>();
                assert!(points < 1 << 24, "file {nth}, round {round}: {points} points out of some kilobytes");
                let _ = all(&cloud, layers);
            }
        }
    }
}

#[test]
fn every_truncation_is_a_fault() {
    for sound in [written(300), made(3, 0, &made_rows(3, 0, 200), Packing::Fixed(90))] {
        for end in (0..sound.len()).step_by(7).chain([sound.len() - 1]) {
            let cloud = Cloud::from_bytes("cut", sound[..end].to_vec());
            assert!(cloud.and_then(|cloud| all(&cloud, Layers::SURFACE)).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn edge_cases_of_the_shared_data() {
    let Some(root) = shared("lidar/edge_cases") else { return };
    let open = |name: &str| Cloud::open(&root.join(name));
    assert_eq!(open("test_data_empty.las").unwrap().chunks(), []);
    assert_eq!(open("test_data_0436_6384_LA93_IGN69_single_point.laz").unwrap().header().count, 1);
    let fault = open("Semis_2022_0906_6665_LA93_IGN69_nok.laz").err().unwrap();
    assert!(fault.0.en.contains("damaged file"), "{}", fault.0.en);
    let marked = open("test_data_77055_627755_LA93_IGN69_extra_dims.laz").unwrap();
    let batch = all(&marked, Layers::EXTRA).unwrap();
    let marker = batch.extra(marked.extra_dimension("dtm_marker").unwrap());
    assert_eq!(marker.len(), 72_770);
    assert_eq!(open("sample_lareunion_epsg2975.laz").unwrap().header().point_format, 8);
    let no_crs = open("test_noepsg_043500_629205_IGN69.laz").unwrap();
    assert_eq!(no_crs.header().crs, CrsRecord::default());
}

#[test]
fn the_octree_of_a_copc_file_holds_the_points_of_its_nodes() {
    let Some(root) = shared("lidar/montpellier_6x50m") else { return };
    let cloud = Cloud::open(&root.join("test_data_77050_627755_LA93_IGN69_buildings.copc.laz")).unwrap();
    assert_eq!(cloud.header().kind, Kind::Copc);
    let (mut scratch, mut batch) = (Scratch::default(), Batch::default());
    let header = cloud.header();
    for chunk in cloud.chunks() {
        cloud.decode(chunk, Layers::POSITION, &mut scratch, &mut batch).unwrap();
        let node = chunk.extent.unwrap().padded(ilot_kernels::unit::Metres(0.01));
        let metres = |raw: i32, axis: usize| f64::from(raw) * header.scale[axis] + header.offset[axis];
        assert!(metres(batch.low[0], 0) >= node.west && metres(batch.high[0], 0) <= node.east);
        assert!(metres(batch.low[1], 1) >= node.south && metres(batch.high[1], 1) <= node.north);
    }
    let corner = Extent { west: 770_500.0, south: 6_277_500.0, east: 770_501.0, north: 6_277_501.0 };
    let part = cloud.chunks_within(&corner).count();
    assert!(part > 0 && part <= cloud.chunks().len());
    let outside = Extent { west: 0.0, south: 0.0, east: 1.0, north: 1.0 };
    assert_eq!(cloud.chunks_within(&outside).count(), 0);
}
