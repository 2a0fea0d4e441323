//! The record that says how a LAZ file is compressed.
//!
//! In: its bytes (VLR "laszip encoded" 22204). Out: compressor, chunk size and items, checked against the
//! point format, so that the decoders meet nothing they do not know. Layout: LASzip 3, `laszip.cpp`.

use super::flaw::Flaw;
use super::header::Fields;
use crate::text;

/// How points are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compressor {
    /// One stream of all points, without a chunk table.
    Whole,
    /// Chunks, each one stream.
    Chunked,
    /// Chunks of layers.
    Layered,
}

/// What a part of a point holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Byte,
    Point10,
    GpsTime11,
    Rgb12,
    WavePacket13,
    Point14,
    Rgb14,
    RgbNir14,
    WavePacket14,
    Byte14,
}

/// A part of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub kind: ItemKind,
    pub size: u16,
    pub version: u16,
}

/// How the points are compressed.
#[derive(Debug, Clone)]
pub(super) struct Compression {
    pub compressor: Compressor,
    /// Points of a chunk; `None` where chunks differ.
    pub chunk_points: Option<u32>,
    pub items: Vec<Item>,
    /// The same items for the `laz` crate, for chunks that are one stream.
    pub laz_items: Vec<laz::LazItem>,
}

impl Compression {
    /// Reads and checks the record.
    pub fn read(record: &[u8], format: u8, point_bytes: usize) -> Result<Compression, Flaw> {
        let fields = Fields(record);
        let compressor = match fields.u16(0) {
            1 => Compressor::Whole,
            2 => Compressor::Chunked,
            3 => Compressor::Layered,
            other => {
                return Err(Flaw::Unsupported(text!(
                    fr: "compression LASzip de type {other} inconnue",
                    en: "unknown LASzip compression of type {other}"
                )));
            }
        };
        let count = usize::from(fields.u16(32));
        if record.len() < 34 + 6 * count || fields.u16(2) != 0 {
            return Err(inconsistent());
        }
        let items: Option<Vec<Item>> = (0..count).map(|nth| item(&fields, 34 + 6 * nth)).collect();
        let items = items.ok_or_else(inconsistent)?;
        let size: usize = items.iter().map(|item| usize::from(item.size)).sum();
        let kinds: Vec<ItemKind> = items.iter().map(|item| item.kind).collect();
        if size != point_bytes || !fits(&kinds, format) || !versions_fit(&items, compressor) {
            return Err(inconsistent());
        }
        let laz = laz::LazVlr::from_buffer(record).map_err(|_| inconsistent())?;
        let chunk_points = Some(fields.u32(12)).filter(|&points| points != 0 && points != u32::MAX);
        Ok(Compression { compressor, chunk_points, items, laz_items: laz.items().clone() })
    }
}

fn inconsistent() -> Flaw {
    Flaw::Damaged(text!(
        fr: "la description de sa compression (LASzip) ne va pas avec son format de points",
        en: "the record of its compression (LASzip) does not fit its point format"
    ))
}

fn item(fields: &Fields, at: usize) -> Option<Item> {
    let (size, version) = (fields.u16(at + 2), fields.u16(at + 4));
    let (kind, fixed) = match fields.u16(at) {
        0 => (ItemKind::Byte, size),
        6 => (ItemKind::Point10, 20),
        7 => (ItemKind::GpsTime11, 8),
        8 => (ItemKind::Rgb12, 6),
        9 => (ItemKind::WavePacket13, 29),
        10 => (ItemKind::Point14, 30),
        11 => (ItemKind::Rgb14, 6),
        12 => (ItemKind::RgbNir14, 8),
        13 => (ItemKind::WavePacket14, 29),
        14 => (ItemKind::Byte14, size),
        _ => return None,
    };
    (size == fixed && size > 0).then_some(Item { kind, size, version })
}

/// Whether the items are those of a point format, with or without extra bytes.
fn fits(kinds: &[ItemKind], format: u8) -> bool {
    use ItemKind::{GpsTime11, Point10, Point14, Rgb12, Rgb14, RgbNir14, WavePacket13, WavePacket14};
    let wanted: &[ItemKind] = match format {
        0 => &[Point10],
        1 => &[Point10, GpsTime11],
        2 => &[Point10, Rgb12],
        3 => &[Point10, GpsTime11, Rgb12],
        4 => &[Point10, GpsTime11, WavePacket13],
        5 => &[Point10, GpsTime11, Rgb12, WavePacket13],
        6 => &[Point14],
        7 => &[Point14, Rgb14],
        8 => &[Point14, RgbNir14],
        9 => &[Point14, WavePacket14],
        _ => &[Point14, RgbNir14, WavePacket14],
    };
    let bytes = if format < 6 { ItemKind::Byte } else { ItemKind::Byte14 };
    kinds.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest == [bytes])
}

fn versions_fit(items: &[Item], compressor: Compressor) -> bool {
    let known = if compressor == Compressor::Layered { 3..=4 } else { 1..=2 };
    let wave = |item: &Item| item.kind == ItemKind::WavePacket13 && item.version == 1;
    items.iter().all(|item| known.contains(&item.version) || wave(item))
}
