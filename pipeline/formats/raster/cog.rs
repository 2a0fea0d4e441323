//! Grids → the bytes of a Cloud Optimized GeoTIFF.
//!
//! In: one or several bands of one frame; out: a file's bytes, the same for the same input. Tiles of 512 cells,
//! predictor and ZSTD, overviews halved down to 512 cells, in the order that the COG layout wants: all
//! directories, then the smallest overview's tiles, …, then the full raster's, band after band (OGC 21-026; GDAL's "structural
//! metadata" with size leaders and trailers, gdal.org/drivers/raster/cog.html). The CRS's GeoKeys (OGC 19-008)
//! are GDAL's own, taken from a one-cell file that it writes in memory.
//!
//! It is written here rather than through GDAL's COG driver since that one builds the overviews in a
//! temporary file, reads them back and compresses them again, and cannot round averaged overviews to
//! the quantum: 0.24 s of CPU and 4.6 MB for a kilometre's surface model with ZSTD 1, 1.3 s and 10.6 MB for five
//! bands of densities, where this takes 0.04 s and 3.2 MB, 0.17 s and 5.1 MB (the same machine, GDAL 3.6.2). GDAL
//! opens every file before it leaves.
//!
//! Fails where: never lossy beyond the quantum; a value of −9999 in an `f32` band would come back missing, and is refused. Cost: 40
//! to 60 ms of CPU for 2000 × 2000 heights; in memory a quarter of the raster's bytes beside the file's.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gdal::errors::GdalError;
use gdal::raster::RasterCreationOptions;
use gdal::{Dataset, vsi};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Percent};

use super::{Overview, RasterMeta, Stored, escaped};
use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::library::ask;
use crate::text::Fault;

/// Side of a tile, cells.
pub const TILE: usize = 512;

/// ZSTD's level: 2 makes a fifth less bytes than 1 for the same time; 3 saves nothing more and takes a fifth more.
const LEVEL: i32 = 2;

/// A classic TIFF ends where 32-bit offsets end.
const CLASSIC_LIMIT: u64 = u32::MAX as u64 - 65_536;

/// TIFF's number of the ZSTD compression, as libtiff has it.
const ZSTD: u16 = 50_000;

/// A sample type that can be encoded.
pub trait Encoded: Stored {
    /// TIFF's sample format: 1 unsigned, 2 signed, 3 floating.
    const FORMAT: u16;
    /// TIFF's predictor: 2 differences of values, 3 differences of floating-point bytes.
    const PREDICTOR: u16;

    /// The values as the file has them: rounded, missing as nodata.
    fn filed(values: &[Self], quantum: Option<f64>, filed: &mut [Self]);
    /// Whether the value would come back missing though it is not.
    fn collides(self) -> bool;
    /// The mean of the known ones.
    fn mean(four: [Self; 4]) -> Self;
    /// A row of filed values as bytes, with the predictor applied.
    fn predicted(row: &[Self], scratch: &mut Vec<u8>, bytes: &mut Vec<u8>);
}

impl Encoded for f32 {
    const FORMAT: u16 = 3;
    const PREDICTOR: u16 = 3;

    fn filed(values: &[f32], quantum: Option<f64>, filed: &mut [f32]) {
        let known = |value: f32, rounded: f32| if value.is_nan() { -9999.0 } else { rounded };
        let pairs = filed.iter_mut().zip(values);
        match quantum {
            Some(quantum) if fits_singles(values, quantum) => {
                // As `rounded`, in single precision: exact where scaling by the quantum is, four at a time.
                const INTEGERS: f32 = 1.5 * (1_u32 << 23) as f32;
                let (scale, quantum) = ((1.0 / quantum) as f32, quantum as f32);
                pairs.for_each(|(filed, value)| {
                    *filed = known(*value, ((*value * scale + INTEGERS) - INTEGERS) * quantum);
                });
            }
            Some(quantum) => {
                pairs.for_each(|(filed, value)| *filed = known(*value, rounded(*value, quantum)))
            }
            None => pairs.for_each(|(filed, value)| *filed = known(*value, *value)),
        }
    }

    fn collides(self) -> bool {
        self == -9999.0
    }

    fn mean(four: [f32; 4]) -> f32 {
        let sum = (four[0] + four[1]) + (four[2] + four[3]);
        if !sum.is_nan() {
            return sum * 0.25;
        }
        let (mut sum, mut known) = (0.0_f32, 0.0_f32);
        for value in four.into_iter().filter(|value| !value.is_nan()) {
            sum += value;
            known += 1.0;
        }
        sum / known
    }

    /// TIFF Technical Note 3: the row's most significant bytes, then the next ones, …, then differences.
    fn predicted(row: &[f32], scratch: &mut Vec<u8>, bytes: &mut Vec<u8>) {
        scratch.clear();
        for shift in [24, 16, 8, 0] {
            scratch.extend(row.iter().map(|value| (value.to_bits() >> shift) as u8));
        }
        bytes.push(scratch[0]);
        bytes.extend(scratch[1..].iter().zip(&scratch[..]).map(|(next, last)| next.wrapping_sub(*last)));
    }
}

impl Encoded for u8 {
    const FORMAT: u16 = 1;
    const PREDICTOR: u16 = 2;

    fn filed(values: &[u8], _: Option<f64>, filed: &mut [u8]) {
        filed[..values.len()].copy_from_slice(values);
    }

    fn collides(self) -> bool {
        false
    }

    fn mean(four: [u8; 4]) -> u8 {
        let known = four.iter().filter(|value| **value != 0).count() as u32;
        let sum: u32 = four.iter().map(|value| u32::from(*value)).sum();
        (sum + known / 2).checked_div(known).unwrap_or(0) as u8
    }

    fn predicted(row: &[u8], _: &mut Vec<u8>, bytes: &mut Vec<u8>) {
        bytes.push(row[0]);
        bytes.extend(row[1..].iter().zip(row).map(|(next, last)| next.wrapping_sub(*last)));
    }
}

impl Encoded for Percent {
    const FORMAT: u16 = 1;
    const PREDICTOR: u16 = 2;

    fn filed(values: &[Percent], _: Option<f64>, filed: &mut [Percent]) {
        filed[..values.len()].copy_from_slice(values);
    }

    fn collides(self) -> bool {
        false
    }

    fn mean(four: [Percent; 4]) -> Percent {
        let known = four.iter().filter(|value| value.0 != 255);
        let (sum, count) = known.fold((0, 0), |(sum, count), value| (sum + u32::from(value.0), count + 1));
        (sum + count / 2).checked_div(count).map_or(Percent(255), |mean| Percent(mean as u8))
    }

    fn predicted(row: &[Percent], _: &mut Vec<u8>, bytes: &mut Vec<u8>) {
        bytes.push(row[0].0);
        bytes.extend(row[1..].iter().zip(row).map(|(next, last)| next.0.wrapping_sub(last.0)));
    }
}

impl Encoded for i32 {
    const FORMAT: u16 = 2;
    const PREDICTOR: u16 = 2;

    fn filed(values: &[i32], _: Option<f64>, filed: &mut [i32]) {
        filed[..values.len()].copy_from_slice(values);
    }

    fn collides(self) -> bool {
        false
    }

    fn mean(four: [i32; 4]) -> i32 {
        let known = four.iter().filter(|value| **value != i32::MIN).count() as i64;
        let sum: i64 = four.iter().filter(|value| **value != i32::MIN).map(|value| i64::from(*value)).sum();
        (sum + known / 2).checked_div_euclid(known).map_or(i32::MIN, |mean| mean as i32)
    }

    fn predicted(row: &[i32], _: &mut Vec<u8>, bytes: &mut Vec<u8>) {
        bytes.extend(row[0].to_le_bytes());
        bytes
            .extend(row[1..].iter().zip(row).flat_map(|(next, last)| next.wrapping_sub(*last).to_le_bytes()));
    }
}

/// The multiple of `quantum` next to a value: adding 1.5 · 2⁵² leaves no room for a fraction in an `f64`, the
/// rounding is then the processor's own.
#[inline]
pub fn rounded(value: f32, quantum: f64) -> f32 {
    const INTEGERS: f64 = 1.5 * (1_u64 << 52) as f64;
    let multiples = f64::from(value) * (1.0 / quantum);
    ((multiples + INTEGERS - INTEGERS) * quantum) as f32
}

/// Whether the quantum is a power of two and all values are less than 2²² of it: 4096 m for 1/1024 m.
fn fits_singles(values: &[f32], quantum: f64) -> bool {
    let is_power_of_two = quantum.is_normal() && quantum.to_bits() << 12 == 0;
    let limit = (quantum * f64::from(1_u32 << 22)) as f32;
    is_power_of_two && values.iter().filter(|value| value.abs() >= limit).count() == 0
}

/// Encodes bands of one frame as a Cloud Optimized GeoTIFF.
///
/// # Errors
/// Where the meta does not fit the bands, a value is the nodata value, the CRS cannot be expressed, or the
/// finished file does not read back.
///
/// # Panics
/// Where bands differ in frame: the caller lays one frame for all.
pub fn encode_cog<T: Encoded>(bands: &[&Grid<T>], meta: &RasterMeta<'_>) -> Result<Vec<u8>, Fault> {
    encode(bands, meta, CLASSIC_LIMIT)
}

/// With more than `classic` bytes of tiles, a BigTIFF.
fn encode<T: Encoded>(bands: &[&Grid<T>], meta: &RasterMeta<'_>, classic: u64) -> Result<Vec<u8>, Fault> {
    check(bands, meta)?;
    let frame = *bands[0].frame();
    let mut encoder = Encoder::new(meta)?;
    let mut levels = vec![encoder.level(bands)?];
    let mut smaller = smaller_bands(bands, meta.overview, &frame);
    while let Some(grids) = smaller {
        let bands: Vec<&Grid<T>> = grids.iter().collect();
        levels.push(encoder.level(&bands)?);
        smaller = smaller_bands(&bands, meta.overview, grids[0].frame());
    }
    let keys = geo_keys(meta.crs)?;
    let data: u64 = levels.iter().flat_map(|level| &level.tiles).map(|tile| tile.len() as u64 + 8).sum();
    let file = Layout { big: data > classic }.write::<T>(&levels, &frame, meta, &keys);
    verified(file, &levels)
}

fn check<T: Encoded>(bands: &[&Grid<T>], meta: &RasterMeta<'_>) -> Result<(), Fault> {
    let (given, named) = (bands.len(), meta.bands.len());
    if given == 0 || given != named || given > usize::from(u16::MAX) || bands[0].frame().is_empty() {
        let (title, frame) = (&meta.title, bands.first().map_or(0, |band| band.frame().len()));
        return Err(fault!(
            fr: "« {title} » ne peut pas être écrit : {given} bandes de {frame} cellules pour {named} noms de bandes",
            en: "\"{title}\" cannot be written: {given} bands of {frame} cells for {named} band names",
        ));
    }
    assert!(bands.iter().all(|band| band.frame() == bands[0].frame()), "all bands lie on one frame");
    // Counted by chunks, which the compiler makes four times as fast as a search that may stop anywhere.
    let collides = |chunk: &[T]| chunk.iter().filter(|value| value.collides()).count() > 0;
    if bands.iter().any(|band| band.cells().chunks(1 << 14).any(collides)) {
        let (title, nodata) = (&meta.title, T::NODATA);
        return Err(fault!(
            fr: "« {title} » ne peut pas être écrit : une cellule vaut {nodata}, la valeur qui signifie « inconnu » dans le fichier",
            en: "\"{title}\" cannot be written: a cell is {nodata}, the value that means \"unknown\" in the file",
        ));
    }
    Ok(())
}

/// The bands at half the size, or `None` where one tile holds them already.
fn smaller_bands<T: Encoded>(bands: &[&Grid<T>], overview: Overview, frame: &Frame) -> Option<Vec<Grid<T>>> {
    (frame.rows.max(frame.cols) > TILE).then(|| bands.iter().map(|band| halved(band, overview)).collect())
}

/// Each cell from four; the last row or column of an odd number stands for both of its.
fn halved<T: Encoded>(grid: &Grid<T>, overview: Overview) -> Grid<T> {
    let frame = *grid.frame();
    let (rows, cols) = (frame.rows.div_ceil(2), frame.cols.div_ceil(2));
    let combine = match overview {
        Overview::Average => T::mean,
        Overview::Majority => majority,
    };
    let mut cells = Vec::with_capacity(rows * cols);
    for row in 0..rows {
        let (north, south) = (grid.row(2 * row), grid.row((2 * row + 1).min(frame.rows - 1)));
        let pairs = north.chunks_exact(2).zip(south.chunks_exact(2));
        match overview {
            Overview::Average => cells.extend(pairs.map(|(n, s)| T::mean([n[0], n[1], s[0], s[1]]))),
            Overview::Majority => cells.extend(pairs.map(|(n, s)| majority([n[0], n[1], s[0], s[1]]))),
        }
        if frame.cols % 2 == 1 {
            let (n, s) = (north[frame.cols - 1], south[frame.cols - 1]);
            cells.push(combine([n, n, s, s]));
        }
    }
    let cell = frame.cell * 2.0;
    Grid::new(Frame { cell, rows, cols, ..frame }, cells)
}

fn majority<T: Encoded>(four: [T; 4]) -> T {
    let [first, rest @ ..] = four;
    if rest.iter().all(|value| *value == first) {
        return first;
    }
    let votes =
        |value: T| if value.is_missing() { 0 } else { four.iter().filter(|other| **other == value).count() };
    let mut best = first;
    for value in rest {
        if votes(value) > votes(best) {
            best = value;
        }
    }
    best
}

/// One size of the raster, compressed.
struct Level {
    rows: usize,
    cols: usize,
    tiles: Vec<Vec<u8>>,
}

struct Encoder {
    zstd: zstd::bulk::Compressor<'static>,
    quantum: Option<f64>,
    scratch: Vec<u8>,
    bytes: Vec<u8>,
}

impl Encoder {
    fn new(meta: &RasterMeta<'_>) -> Result<Encoder, Fault> {
        // A reader that checks it refuses a damaged tile instead of decoding it to wrong heights. libtiff 4.5 does not.
        let zstd = zstd::bulk::Compressor::new(LEVEL)
            .and_then(|mut zstd| zstd.include_checksum(true).map(|()| zstd))
            .map_err(|cause| not_compressed(&meta.title, &cause))?;
        Ok(Encoder { zstd, quantum: meta.quantum, scratch: Vec::new(), bytes: Vec::new() })
    }

    /// Bands lie one after another: five counts take half the bytes and two thirds of the time that they take
    /// cell by cell.
    fn level<T: Encoded>(&mut self, bands: &[&Grid<T>]) -> Result<Level, Fault> {
        let (rows, cols) = (bands[0].frame().rows, bands[0].frame().cols);
        let mut tiles = Vec::with_capacity(bands.len() * rows.div_ceil(TILE) * cols.div_ceil(TILE));
        for band in bands {
            for north in (0..rows).step_by(TILE) {
                for west in (0..cols).step_by(TILE) {
                    tiles.push(self.tile(band, north, west).map_err(|cause| not_compressed("COG", &cause))?);
                }
            }
        }
        Ok(Level { rows, cols, tiles })
    }

    /// Past the border the last cell of a row and the last row are repeated, which costs no bytes.
    fn tile<T: Encoded>(&mut self, band: &Grid<T>, north: usize, west: usize) -> std::io::Result<Vec<u8>> {
        let (rows, east) = (band.frame().rows, (west + TILE).min(band.frame().cols));
        let mut line = [T::MISSING; TILE];
        self.bytes.clear();
        for row in north..north + TILE {
            if row < rows {
                let values = &band.row(row)[west..east];
                T::filed(values, self.quantum, &mut line);
                let last = line[values.len() - 1];
                line[values.len()..].fill(last);
            }
            T::predicted(&line, &mut self.scratch, &mut self.bytes);
        }
        self.zstd.compress(&self.bytes)
    }
}

fn not_compressed(what: &str, cause: &std::io::Error) -> Fault {
    fault!(fr: "« {what} » n'a pas pu être compressé : {cause}", en: "\"{what}\" could not be compressed: {cause}")
}

/// The GeoTIFF tags of a CRS: directory, doubles, text.
#[derive(Clone)]
struct GeoKeys(Vec<Field>);

/// GDAL's GeoKeys of a CRS; kept, since PROJ takes milliseconds to look one up.
fn geo_keys(crs: &Crs) -> Result<GeoKeys, Fault> {
    static KNOWN: Mutex<Vec<(String, GeoKeys)>> = Mutex::new(Vec::new());
    let known = || KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, keys)) = known().iter().find(|(wkt, _)| wkt == crs.wkt()) {
        return Ok(keys.clone());
    }
    let spatial = crs.spatial_ref()?;
    let name = crs.name();
    let bytes = ask(|| {
        let path = memory_path("keys");
        let options = RasterCreationOptions::from_iter(["GEOTIFF_VERSION=1.1"]);
        let driver = gdal::DriverManager::get_driver_by_name("GTiff")?;
        let mut one = driver.create_with_band_type_with_options::<u8, _>(&path, 1, 1, 1, &options)?;
        one.set_geo_transform(&[0.0, 1.0, 0.0, 0.0, 0.0, -1.0])?;
        one.set_spatial_ref(&spatial)?;
        one.close()?;
        vsi::get_vsi_mem_file_bytes_owned(&path)
    });
    let keys = bytes.and_then(|bytes| parsed_keys(&bytes).ok_or_else(|| "no GeoKeys".to_owned()));
    let keys = keys.map_err(|cause| {
        fault!(
            fr: "Le système « {name} » ne peut pas être écrit dans un GeoTIFF : {cause}",
            en: "\"{name}\" cannot be written into a GeoTIFF: {cause}",
        )
    })?;
    known().push((crs.wkt().to_owned(), keys.clone()));
    Ok(keys)
}

/// A name in GDAL's memory that no other thread uses.
fn memory_path(what: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("/vsimem/ilot-{what}-{}.tif", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The tags 34735 to 34737 of a small classic little-endian TIFF.
fn parsed_keys(bytes: &[u8]) -> Option<GeoKeys> {
    let short = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let directory = long(4)?;
    let mut fields = Vec::new();
    for entry in 0..usize::from(short(directory)?) {
        let at = directory + 2 + 12 * entry;
        let (tag, kind, count) = (short(at)?, short(at + 2)?, long(at + 4)?);
        if !(34_735..=34_737).contains(&tag) {
            continue;
        }
        let size = count * usize::from(Field::size_of(kind));
        let from = if size <= 4 { at + 8 } else { long(at + 8)? };
        fields.push(Field { tag, kind, count: count as u64, bytes: bytes.get(from..from + size)?.to_vec() });
    }
    (!fields.is_empty()).then_some(GeoKeys(fields))
}

/// A directory entry.
#[derive(Clone)]
struct Field {
    tag: u16,
    kind: u16,
    count: u64,
    bytes: Vec<u8>,
}

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const DOUBLE: u16 = 12;
const LONG8: u16 = 16;

impl Field {
    fn size_of(kind: u16) -> u8 {
        match kind {
            SHORT => 2,
            LONG => 4,
            DOUBLE | LONG8 => 8,
            _ => 1,
        }
    }

    fn shorts(tag: u16, values: &[u16]) -> Field {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Field { tag, kind: SHORT, count: values.len() as u64, bytes }
    }

    fn long(tag: u16, value: usize) -> Field {
        Field { tag, kind: LONG, count: 1, bytes: (value as u32).to_le_bytes().into() }
    }

    fn doubles(tag: u16, values: &[f64]) -> Field {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Field { tag, kind: DOUBLE, count: values.len() as u64, bytes }
    }

    fn text(tag: u16, text: &str) -> Field {
        let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).chain([0]).collect();
        Field { tag, kind: ASCII, count: bytes.len() as u64, bytes }
    }
}

/// Classic TIFF, or BigTIFF where offsets need 64 bits.
#[derive(Clone, Copy)]
struct Layout {
    big: bool,
}

impl Layout {
    /// Bytes of an offset, and of a value that a directory entry holds itself.
    fn word(self) -> usize {
        if self.big { 8 } else { 4 }
    }

    fn write<T: Encoded>(
        self,
        levels: &[Level],
        frame: &Frame,
        meta: &RasterMeta<'_>,
        keys: &GeoKeys,
    ) -> Vec<u8> {
        let start = self.header().len();
        let directories = |places: &[Vec<u64>]| -> Vec<Vec<Field>> {
            let placed = levels.iter().zip(places).enumerate();
            placed
                .map(|(index, (level, places))| self.directory::<T>(index, level, places, frame, meta, keys))
                .collect()
        };
        // Sizes do not depend on the offsets inside: lay out with zeros first.
        let unplaced: Vec<Vec<u64>> = levels.iter().map(|level| vec![0; level.tiles.len()]).collect();
        let sizes: usize = directories(&unplaced).iter().map(|fields| self.size(fields)).sum();
        let (places, end) = places(levels, (start + sizes) as u64);

        let mut file = Vec::with_capacity(end as usize);
        file.extend(self.header());
        let directories = directories(&places);
        for (index, fields) in directories.iter().enumerate() {
            self.append_directory(&mut file, fields, index + 1 == directories.len());
        }
        for tile in levels.iter().rev().flat_map(|level| &level.tiles) {
            file.extend((tile.len() as u32).to_le_bytes());
            file.extend_from_slice(tile);
            file.extend_from_slice(&tile[tile.len().saturating_sub(4)..]);
        }
        file
    }

    /// Magic, offset of the first directory, and the promises of GDAL's structural metadata.
    fn header(self) -> Vec<u8> {
        const PROMISES: &str = "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n\
            BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";
        let ghost = format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{PROMISES}", PROMISES.len());
        let magic = if self.big { 16 } else { 8 };
        let first = (magic + ghost.len()).next_multiple_of(8);
        let mut header = b"II".to_vec();
        if self.big {
            header.extend([43, 0, 8, 0, 0, 0]);
            header.extend((first as u64).to_le_bytes());
        } else {
            header.extend([42, 0]);
            header.extend((first as u32).to_le_bytes());
        }
        header.extend(ghost.bytes());
        header.resize(first, 0);
        header
    }

    fn directory<T: Encoded>(
        self,
        index: usize,
        level: &Level,
        places: &[u64],
        frame: &Frame,
        meta: &RasterMeta<'_>,
        keys: &GeoKeys,
    ) -> Vec<Field> {
        let bands = meta.bands.len();
        let counts: Vec<u64> = level.tiles.iter().map(|tile| tile.len() as u64).collect();
        let mut fields = vec![
            Field::long(256, level.cols),
            Field::long(257, level.rows),
            Field::shorts(258, &vec![size_of::<T>() as u16 * 8; bands]),
            Field::shorts(259, &[ZSTD]),
            Field::shorts(262, &[1]),
            Field::shorts(277, &[bands as u16]),
            // Bands one after another, where there are several.
            Field::shorts(284, &[if bands > 1 { 2 } else { 1 }]),
            Field::shorts(317, &[T::PREDICTOR]),
            Field::shorts(322, &[TILE as u16]),
            Field::shorts(323, &[TILE as u16]),
            self.offsets(324, places),
            self.offsets(325, &counts),
            Field::shorts(339, &vec![T::FORMAT; bands]),
            Field::text(42_113, T::NODATA),
        ];
        if bands > 1 {
            fields.push(Field::shorts(338, &vec![0; bands - 1]));
        }
        if index == 0 {
            fields.extend(described(frame, meta));
            fields.extend(keys.0.iter().cloned());
        } else {
            fields.push(Field::long(254, 1));
        }
        fields.sort_by_key(|field| field.tag);
        fields
    }

    fn offsets(self, tag: u16, values: &[u64]) -> Field {
        let word = self.word();
        let bytes = values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(word)).collect();
        Field { tag, kind: if self.big { LONG8 } else { LONG }, count: values.len() as u64, bytes }
    }

    fn size(self, fields: &[Field]) -> usize {
        let outside = fields.iter().map(|field| field.bytes.len()).filter(|size| *size > self.word());
        self.entries(fields.len()) + outside.map(|size| size.next_multiple_of(8)).sum::<usize>()
    }

    /// Bytes of a directory without the values that lie outside of it.
    fn entries(self, count: usize) -> usize {
        let bytes = if self.big { 8 + 20 * count + 8 } else { 2 + 12 * count + 4 };
        bytes.next_multiple_of(8)
    }

    fn append_directory(self, file: &mut Vec<u8>, fields: &[Field], last: bool) {
        let word = self.word();
        let start = file.len();
        let (mut outside, next) = (start + self.entries(fields.len()), start + self.size(fields));
        let mut values = Vec::new();
        let count = fields.len() as u64;
        file.extend(count.to_le_bytes().into_iter().take(if self.big { 8 } else { 2 }));
        for field in fields {
            file.extend(field.tag.to_le_bytes());
            file.extend(field.kind.to_le_bytes());
            file.extend(field.count.to_le_bytes().into_iter().take(word));
            let mut held = field.bytes.clone();
            if held.len() > word {
                held = (outside as u64).to_le_bytes().into_iter().take(word).collect();
                values.extend_from_slice(&field.bytes);
                values.resize(values.len().next_multiple_of(8), 0);
                outside += field.bytes.len().next_multiple_of(8);
            }
            held.resize(word, 0);
            file.extend(held);
        }
        let next = if last { 0 } else { next as u64 };
        file.extend(next.to_le_bytes().into_iter().take(word));
        file.resize(start + self.entries(fields.len()), 0);
        file.extend(values);
    }
}

/// Where each tile starts: the smallest level first, four bytes of size before and four repeated after each.
fn places(levels: &[Level], start: u64) -> (Vec<Vec<u64>>, u64) {
    let mut at = start;
    let mut places: Vec<Vec<u64>> = Vec::with_capacity(levels.len());
    for level in levels.iter().rev() {
        let offsets = level.tiles.iter().map(|tile| {
            let offset = at + 4;
            at = offset + tile.len() as u64 + tile.len().min(4) as u64;
            offset
        });
        places.push(offsets.collect());
    }
    places.reverse();
    (places, at)
}

/// Position, title, units, band names and provenance.
fn described(frame: &Frame, meta: &RasterMeta<'_>) -> Vec<Field> {
    let cell = frame.cell.0;
    let mut xml = String::from("<GDALMetadata>\n");
    for (name, value) in meta.tags.iter().filter(|(name, _)| name != "TIFFTAG_DATETIME") {
        let (name, value) = (escaped(name), escaped(value));
        xml.push_str(&format!("  <Item name=\"{name}\">{value}</Item>\n"));
    }
    let unit = escaped(&meta.unit);
    for (sample, name) in meta.bands.iter().enumerate() {
        let name = escaped(name);
        xml.push_str(&format!(
            "  <Item name=\"DESCRIPTION\" sample=\"{sample}\" role=\"description\">{name}</Item>\n"
        ));
        if !unit.is_empty() {
            xml.push_str(&format!(
                "  <Item name=\"UNITTYPE\" sample=\"{sample}\" role=\"unittype\">{unit}</Item>\n"
            ));
        }
    }
    xml.push_str("</GDALMetadata>\n");
    let mut fields = vec![
        Field::text(270, &meta.title),
        Field::text(305, concat!("ilot ", env!("CARGO_PKG_VERSION"))),
        Field::doubles(33_550, &[cell, cell, 0.0]),
        Field::doubles(33_922, &[0.0, 0.0, 0.0, frame.west, frame.north, 0.0]),
        Field::text(42_112, &xml),
    ];
    // TIFF's own tag, which readers show as TIFFTAG_DATETIME.
    if let Some((_, dated)) = meta.tags.iter().find(|(name, _)| name == "TIFFTAG_DATETIME") {
        fields.insert(2, Field::text(306, dated));
    }
    fields
}

/// The file, once GDAL has opened it and found what was put in.
fn verified(mut file: Vec<u8>, levels: &[Level]) -> Result<Vec<u8>, Fault> {
    let path = memory_path("check");
    let fits = ask(|| {
        let memory = vsi::create_mem_file_from_ref(&path, &mut file)?;
        let dataset = Dataset::open(&path)?;
        let band = dataset.rasterband(1)?;
        let expected = (levels[0].cols, levels[0].rows);
        let fits = dataset.raster_size() == expected
            && band.block_size() == (TILE, TILE)
            && band.overview_count()? as usize == levels.len() - 1
            && dataset.spatial_ref().is_ok();
        drop(dataset);
        drop(memory);
        Ok::<bool, GdalError>(fits)
    });
    match fits {
        Ok(true) => Ok(file),
        other => {
            let cause = other.err().unwrap_or_else(|| "size, blocks, overviews or CRS differ".to_owned());
            Err(fault!(
                fr: "Le GeoTIFF produit ne se relit pas ({cause}) ; c'est un défaut d'ilot, signalez-le",
                en: "The GeoTIFF made does not read back ({cause}); this is a defect of ilot, report it",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::raster::read::Raster;
    use ilot_kernels::unit::Metres;

    #[test]
    fn nought_percent_is_a_value_and_255_is_none() {
        let crs = Crs::from_epsg(2154, Some(5720)).unwrap();
        let frame = Frame { west: 0.0, north: 2.0, cell: Metres(1.0), rows: 1, cols: 3 };
        let meta = RasterMeta {
            title: "t".to_owned(),
            unit: "%".to_owned(),
            bands: vec!["a".to_owned()],
            tags: Vec::new(),
            crs: &crs,
            quantum: None,
            overview: Overview::Average,
        };
        let bytes =
            encode_cog(&[&Grid::new(frame, vec![Percent(0), Percent(255), Percent(100)])], &meta).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.tif"), bytes).unwrap();
        let grid = Raster::open(&folder.path().join("a.tif")).unwrap().read::<f32>(0).unwrap();
        assert!(grid.at(0, 0) == 0.0 && grid.at(0, 1).is_nan() && grid.at(0, 2) == 100.0);
        assert_eq!(Percent::mean([Percent(0), Percent(255), Percent(3), Percent(255)]), Percent(2));
    }

    #[test]
    fn a_bigtiff_reads_back_as_a_classic_one() {
        let crs = Crs::from_epsg(2154, Some(5720)).unwrap();
        let frame = Frame { west: 0.0, north: 600.0, cell: Metres(1.0), rows: 600, cols: 530 };
        let grid = Grid::new(frame, (0..frame.len()).map(|cell| (cell % 1013) as f32).collect());
        let meta = RasterMeta {
            title: "t".to_owned(),
            unit: "m".to_owned(),
            bands: vec!["a".to_owned(), "b".to_owned()],
            tags: Vec::new(),
            crs: &crs,
            quantum: None,
            overview: Overview::Average,
        };
        let folder = tempfile::tempdir().unwrap();
        for (limit, version) in [(CLASSIC_LIMIT, 42), (0, 43)] {
            let bytes = encode(&[&grid, &grid], &meta, limit).unwrap();
            assert_eq!(bytes[2], version);
            let path = folder.path().join("a.tif");
            std::fs::write(&path, bytes).unwrap();
            let raster = Raster::open(&path).unwrap();
            assert_eq!(raster.read::<f32>(1).unwrap(), grid);
            assert_eq!(raster.crs(), Some(&crs));
        }
    }
}
