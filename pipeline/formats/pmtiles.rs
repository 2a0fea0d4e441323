//! PMTiles: one file that holds all tiles of a map, read by range requests (protomaps/PMTiles, spec version 3).
//!
//! In: tiles in any order, as bytes. Out: a clustered archive: tiles in the order of their ids (zoom after zoom, along a
//! Hilbert curve), each content once, directories and metadata in gzip. Tiles wait in a nameless file on the disk, so that
//! memory holds 24 bytes a tile. The same tiles give the same bytes, in whatever order they came.
//!
//! Fails where: the disk is full. Cost: a copy of all bytes, and SHA-256 to find what is there twice.

use crate::fault;
use crate::formats::aside::Aside;
use crate::text::Fault;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// Zoom, column from the west, row from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Zoom.
    pub z: u8,
    /// Column.
    pub x: u32,
    /// Row.
    pub y: u32,
}

impl TileId {
    /// Its number along the Hilbert curves of all zooms.
    pub fn number(self) -> u64 {
        let before = ((1_u64 << (2 * u32::from(self.z))) - 1) / 3;
        let (mut x, mut y, mut along) = (self.x, self.y, 0_u64);
        let mut side = (1_u32 << self.z) >> 1;
        while side > 0 {
            let (right, down) = (u32::from(x & side > 0), u32::from(y & side > 0));
            along += u64::from(side) * u64::from(side) * u64::from((3 * right) ^ down);
            if down == 0 {
                if right == 1 {
                    x = side.wrapping_sub(1).wrapping_sub(x);
                    y = side.wrapping_sub(1).wrapping_sub(y);
                }
                std::mem::swap(&mut x, &mut y);
            }
            side >>= 1;
        }
        before + along
    }

    /// The four tiles of the next zoom that it is made of: north-west, north-east, south-west, south-east.
    pub fn children(self) -> [TileId; 4] {
        let child = |right, down| TileId { z: self.z + 1, x: 2 * self.x + right, y: 2 * self.y + down };
        [child(0, 0), child(1, 0), child(0, 1), child(1, 1)]
    }
}

/// What the tiles hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Mapbox vector tiles, in gzip.
    Vector,
    /// PNG images.
    Png,
}

/// What an archive says of itself.
#[derive(Debug, Clone)]
pub struct About {
    /// What the tiles hold.
    pub kind: Kind,
    /// Smallest and largest zoom.
    pub zooms: (u8, u8),
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// JSON object of the metadata.
    pub metadata: String,
}

/// A tile that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    number: u64,
    at: u64,
    length: u32,
}

/// An entry of a directory: `run` tiles from `number` on have this content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    number: u64,
    at: u64,
    length: u32,
    run: u32,
}

/// An archive in the making.
pub struct Writer {
    aside: Aside,
    waiting: BufWriter<File>,
    tiles: Vec<Waiting>,
    at: u64,
}

const HEADER: u64 = 127;

/// Header and root directory must be in the first 16 KiB.
const ROOT: usize = 16_384 - HEADER as usize;

impl Writer {
    /// Starts an archive that shall bear this name.
    ///
    /// # Errors
    /// Where the folder is missing, read-only or full.
    pub fn create(target: &Path) -> Result<Writer, Fault> {
        let aside = Aside::create(target)?;
        let folder = aside.path().parent().filter(|folder| !folder.as_os_str().is_empty());
        let waiting = tempfile::tempfile_in(folder.unwrap_or(Path::new(".")));
        let waiting = BufWriter::new(waiting.map_err(|why| aside.fault(&why))?);
        Ok(Writer { aside, waiting, tiles: Vec::new(), at: 0 })
    }

    /// Adds a tile, each once.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn add(&mut self, tile: TileId, bytes: &[u8]) -> Result<(), Fault> {
        self.waiting.write_all(bytes).map_err(|why| self.aside.fault(&why))?;
        let length = u32::try_from(bytes.len()).map_err(|_| too_large(tile))?;
        self.tiles.push(Waiting { number: tile.number(), at: self.at, length });
        self.at += u64::from(length);
        Ok(())
    }

    /// Number of tiles added.
    pub fn len(&self) -> usize {
        self.tiles.len()
    }

    /// Whether no tile was added.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    /// Writes the archive and gives it its name; returns its size in bytes.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn finish(mut self, about: &About) -> Result<u64, Fault> {
        let written = self.lay(about).map_err(|why| self.aside.fault(&why))?;
        self.aside.commit()?;
        Ok(written)
    }

    fn lay(&mut self, about: &About) -> io::Result<u64> {
        self.waiting.flush()?;
        self.tiles.sort_by_key(|tile| tile.number);
        let (entries, order, data) = self.distinct()?;
        let (root, leaves) = directories(&entries)?;
        let metadata = gzip(about.metadata.as_bytes())?;
        let mut numbers = [0_u64; 11];
        let mut place = HEADER;
        for (index, length) in
            [(0, root.len() as u64), (2, metadata.len() as u64), (4, leaves.len() as u64), (6, data)]
        {
            numbers[index] = place;
            numbers[index + 1] = length;
            place += length;
        }
        numbers[8] = self.tiles.len() as u64;
        numbers[9] = entries.len() as u64;
        numbers[10] = order.len() as u64;
        let mut file = BufWriter::new(File::create(self.aside.path())?);
        for part in [&header(&numbers, about), &root, &metadata, &leaves] {
            file.write_all(part)?;
        }
        let mut buffer = Vec::new();
        for tile in &order {
            self.fetch(tile, &mut buffer)?;
            file.write_all(&buffer)?;
        }
        file.flush()?;
        Ok(place)
    }

    /// Entries, the tiles whose contents are written, and the length of these.
    fn distinct(&mut self) -> io::Result<(Vec<Entry>, Vec<Waiting>, u64)> {
        let (mut entries, mut order, mut data): (Vec<Entry>, _, _) = (Vec::new(), Vec::new(), 0_u64);
        let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
        let mut buffer = Vec::new();
        for tile in self.tiles.clone() {
            self.fetch(&tile, &mut buffer)?;
            let at = *seen.entry(Sha256::digest(&buffer).into()).or_insert_with(|| {
                order.push(tile);
                data += u64::from(tile.length);
                data - u64::from(tile.length)
            });
            match entries.last_mut() {
                Some(last) if last.at == at && last.number + u64::from(last.run) == tile.number => {
                    last.run += 1;
                }
                _ => entries.push(Entry { number: tile.number, at, length: tile.length, run: 1 }),
            }
        }
        Ok((entries, order, data))
    }

    fn fetch(&mut self, tile: &Waiting, buffer: &mut Vec<u8>) -> io::Result<()> {
        let file = self.waiting.get_mut();
        file.seek(SeekFrom::Start(tile.at))?;
        buffer.resize(tile.length as usize, 0);
        file.read_exact(buffer)
    }
}

fn too_large(tile: TileId) -> Fault {
    let TileId { z, x, y } = tile;
    fault!(
        fr: "La tuile {z}/{x}/{y} dépasse 4 Go : réduisez la couche.",
        en: "Tile {z}/{x}/{y} is larger than 4 GB: make the layer smaller.",
    )
}

/// The root directory, and the leaves below it where one directory does not hold all.
fn directories(entries: &[Entry]) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let root = directory(entries)?;
    if root.len() <= ROOT {
        return Ok((root, Vec::new()));
    }
    let mut size = 4096;
    loop {
        let (mut leaves, mut above) = (Vec::new(), Vec::new());
        for part in entries.chunks(size) {
            let leaf = directory(part)?;
            let (at, length) = (leaves.len() as u64, leaf.len() as u32);
            above.push(Entry { number: part[0].number, at, length, run: 0 });
            leaves.extend(leaf);
        }
        let root = directory(&above)?;
        if root.len() <= ROOT {
            return Ok((root, leaves));
        }
        size *= 2;
    }
}

/// Numbers as differences, run lengths, lengths, places: each column in turn, in gzip.
fn directory(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    varint(&mut bytes, entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        varint(&mut bytes, entry.number - last);
        last = entry.number;
    }
    entries.iter().for_each(|entry| varint(&mut bytes, u64::from(entry.run)));
    entries.iter().for_each(|entry| varint(&mut bytes, u64::from(entry.length)));
    let mut expected = None;
    for entry in entries {
        // Zero stands for "right after the one before".
        varint(&mut bytes, if expected == Some(entry.at) { 0 } else { entry.at + 1 });
        expected = Some(entry.at + u64::from(entry.length));
    }
    gzip(&bytes)
}

/// A number in groups of seven bits, the lowest first.
pub(crate) fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Bytes in gzip, without a date.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn header(numbers: &[u64; 11], about: &About) -> Vec<u8> {
    let mut bytes = b"PMTiles\x03".to_vec();
    numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    let (compression, kind) = match about.kind {
        Kind::Vector => (2, 1),
        Kind::Png => (1, 2),
    };
    let (least, most) = about.zooms;
    bytes.extend([1, 2, compression, kind, least, most]);
    let degrees = |value: f64| ((value * 1e7).round() as i32).to_le_bytes();
    let [west, south, east, north] = about.bounds;
    [west, south, east, north].into_iter().for_each(|value| bytes.extend(degrees(value)));
    bytes.push(least.midpoint(most));
    [west.midpoint(east), south.midpoint(north)].into_iter().for_each(|value| bytes.extend(degrees(value)));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_numbered_as_the_specification_has_it() {
        // The specification's own examples.
        let number = |z, x, y| TileId { z, x, y }.number();
        assert_eq!([number(0, 0, 0), number(1, 0, 0), number(1, 0, 1)], [0, 1, 2]);
        assert_eq!([number(1, 1, 1), number(1, 1, 0), number(2, 0, 0)], [3, 4, 5]);
        assert_eq!(number(12, 3423, 1763), 19_078_479);
    }

    #[test]
    fn each_tile_of_a_zoom_has_a_number_of_its_own_beside_its_neighbours() {
        let mut tiles: Vec<(u64, u32, u32)> = Vec::new();
        for x in 0..16 {
            tiles.extend((0..16).map(|y| (TileId { z: 4, x, y }.number(), x, y)));
        }
        tiles.sort_unstable();
        assert_eq!((tiles[0].0, tiles[255].0), (85, 340));
        for pair in tiles.windows(2) {
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1);
        }
    }

    #[test]
    fn a_thousand_entries_have_one_directory_and_a_million_have_leaves() {
        let entries = |count: u64| -> Vec<Entry> {
            let entry = |i: u64| Entry { number: i * 3, at: i * i, length: (i % 977) as u32, run: 1 };
            (0..count).map(entry).collect()
        };
        let (root, leaves) = directories(&entries(1000)).unwrap();
        assert!(root.len() <= ROOT && leaves.is_empty());
        let (root, leaves) = directories(&entries(200_000)).unwrap();
        assert!(root.len() <= ROOT && !leaves.is_empty());
    }
}
