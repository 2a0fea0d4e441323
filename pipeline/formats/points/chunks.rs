//! Where the chunks of a cloud lie.
//!
//! In: a source and its header. Out: chunks whose byte ranges lie one behind the other, fill the point data
//! exactly and hold the points that the header promises. The chunk table of LAZ is an arithmetic stream; a
//! file written to a pipe has none where the header says, but its place in the last 8 bytes, or, for layered
//! chunks, sizes that can be followed from chunk to chunk. Nothing is allocated by a number that the file
//! claims before its size allows it. Cost: one read, microseconds per hundred chunks.

use ilot_kernels::extent::Extent;

use super::arithmetic::{Decoder, Integer};
use super::flaw::Flaw;
use super::header::{Fields, Opened};
use super::laszip::{Compression, Compressor};
use super::layered;
use super::source::{self, Source};
use crate::text;

/// A part of a cloud that is decoded alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// First byte in the file.
    pub offset: u64,
    /// Number of bytes.
    pub bytes: u64,
    /// Number of points.
    pub points: u64,
    /// Where its points can lie on the map, for a node of a COPC octree.
    pub extent: Option<Extent>,
}

/// Points of a pseudo-chunk of an uncompressed file.
const PLAIN_CHUNK: u64 = 50_000;

/// Most points of a chunk: a batch of them takes 1 GB at worst.
pub(super) const LARGEST_CHUNK: u64 = 20_000_000;

/// Most points that a byte can hold: 8 symbols at the least entropy of a 256-symbol model take 0.09 bits.
const DENSEST: u64 = 1_000;

/// Uncompressed points in parts.
pub(super) fn plain(source: &dyn Source, opened: &Opened) -> Result<Vec<Chunk>, Flaw> {
    let width = opened.header.point_bytes as u64;
    let count = opened.header.count;
    let wanted = count.checked_mul(width).and_then(|bytes| bytes.checked_add(opened.data));
    let wanted = wanted.unwrap_or(u64::MAX);
    if wanted > opened.data_end {
        return Err(promised_too_much(opened, source.size(), wanted));
    }
    let surplus = (opened.data_end - wanted) / width.max(1);
    if surplus > 0 {
        // A writer that was stopped leaves its header behind its points.
        return Err(Flaw::Damaged(text!(
            fr: "l'en-tête annonce {count} points, le fichier en contient {surplus} de plus",
            en: "the header promises {count} points, the file holds {surplus} more"
        )));
    }
    let starts = (0..count).step_by(PLAIN_CHUNK as usize);
    Ok(starts
        .map(|first| {
            let points = PLAIN_CHUNK.min(count - first);
            Chunk { offset: opened.data + first * width, bytes: points * width, points, extent: None }
        })
        .collect())
}

fn promised_too_much(opened: &Opened, size: u64, wanted: u64) -> Flaw {
    let count = opened.header.count;
    Flaw::Damaged(text!(
        fr: "l'en-tête annonce {count} points, soit {wanted} octets, le fichier n'en a que {size}",
        en: "the header promises {count} points, that is {wanted} bytes, the file has only {size}"
    ))
}

/// Compressed points by chunk.
pub(super) fn compressed(
    source: &dyn Source,
    opened: &Opened,
    compression: &Compression,
) -> Result<Vec<Chunk>, Flaw> {
    let count = opened.header.count;
    let room = opened.data_end.saturating_sub(opened.data);
    if count > room.saturating_mul(DENSEST) {
        return Err(promised_too_much(opened, source.size(), count / DENSEST + opened.data));
    }
    if compression.compressor == Compressor::Whole {
        let whole = Chunk { offset: opened.data, bytes: room, points: count, extent: None };
        return checked(vec![whole], count);
    }
    if room < 8 {
        return Err(source::cut(source.size(), opened.data + 8));
    }
    let chunks = match table_start(source, opened)? {
        Some(table) => from_table(source, opened, compression, table)?,
        None if compression.compressor == Compressor::Layered => walked(source, opened, compression)?,
        None => {
            return Err(Flaw::Unsupported(text!(
                fr: "sa table des blocs manque (fichier écrit en flux, ou tronqué)",
                en: "its chunk table is missing (a streamed file, or a truncated one)"
            )));
        }
    };
    checked(chunks, count)
}

/// Where the table is: by the first 8 bytes of the data, or by the last 8 of the file.
fn table_start(source: &dyn Source, opened: &Opened) -> Result<Option<u64>, Flaw> {
    let mut place = Fields(&source::bytes(source, opened.data, 8)?).u64(0) as i64;
    if place == -1 {
        place = Fields(&source::bytes(source, source.size() - 8, 8)?).u64(0) as i64;
        let inside = place > 0 && place as u64 >= opened.data + 8 && place as u64 <= source.size() - 16;
        return Ok(inside.then_some(place as u64));
    }
    let place = place as u64;
    if place.saturating_add(8) > source.size() {
        return Err(source::cut(source.size(), place.saturating_add(8)));
    }
    if place < opened.data + 8 {
        return Err(bad_table());
    }
    Ok(Some(place))
}

fn bad_table() -> Flaw {
    Flaw::Damaged(
        text!(fr: "la table de ses blocs est illisible", en: "the table of its chunks cannot be read"),
    )
}

/// Decodes the chunk table.
fn from_table(
    source: &dyn Source,
    opened: &Opened,
    compression: &Compression,
    table: u64,
) -> Result<Vec<Chunk>, Flaw> {
    let data = opened.data + 8;
    let number = u64::from(Fields(&source::bytes(source, table, 8)?).u32(4));
    // Each chunk starts with a raw point.
    if number > (table - data) / opened.header.point_bytes as u64 {
        return Err(bad_table());
    }
    if number == 0 {
        return if table == data { Ok(Vec::new()) } else { Err(bad_table()) };
    }
    let size = (source.size() - table - 8).min(16 * number + 16);
    let bytes = source::bytes(source, table + 8, size)?;
    let mut decoder = Decoder::new(&bytes, bytes.len());
    let mut integer = Integer::new(32, 2);
    let (mut offset, mut points, mut length) = (data, 0, 0);
    let mut chunks = Vec::with_capacity(number as usize);
    for nth in 0..number {
        points = match compression.chunk_points {
            Some(fixed) if nth + 1 < number => i64::from(fixed),
            Some(fixed) => last_of(opened.header.count, number, fixed),
            None => i64::from(integer.next(&mut decoder, points as i32, 0) as u32),
        };
        length = integer.next(&mut decoder, length, 1);
        let chunk =
            Chunk { offset, bytes: u64::from(length as u32), points: points.max(0) as u64, extent: None };
        offset += chunk.bytes;
        chunks.push(chunk);
    }
    if offset != table || decoder.is_overdrawn() { Err(bad_table()) } else { Ok(chunks) }
}

/// Points of the last of `number` chunks of fixed size; none where the others hold more than `count`.
fn last_of(count: u64, number: u64, fixed: u32) -> i64 {
    let others = (number - 1).saturating_mul(u64::from(fixed));
    i64::try_from(count.saturating_sub(others)).unwrap_or(i64::MAX)
}

/// Follows the sizes that layered chunks tell of themselves.
fn walked(source: &dyn Source, opened: &Opened, compression: &Compression) -> Result<Vec<Chunk>, Flaw> {
    let (mut offset, mut left) = (opened.data + 8, opened.header.count);
    let mut chunks = Vec::new();
    while left > 0 {
        let head = source::bytes(source, offset, layered::head_size(&compression.items) as u64)?;
        let (bytes, points) = layered::measure(&compression.items, &head);
        if points == 0 || points > left || offset.saturating_add(bytes) > source.size() {
            return Err(source::cut(source.size(), offset.saturating_add(bytes)));
        }
        chunks.push(Chunk { offset, bytes, points, extent: None });
        offset += bytes;
        left -= points;
    }
    Ok(chunks)
}

/// All chunks have points, none too many, and in all as many as the header promises.
fn checked(mut chunks: Vec<Chunk>, count: u64) -> Result<Vec<Chunk>, Flaw> {
    chunks.retain(|chunk| chunk.points > 0 || chunk.bytes > 0);
    let found: u64 = chunks.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.points));
    if found != count {
        return Err(Flaw::Damaged(text!(
            fr: "l'en-tête annonce {count} points, les blocs en contiennent {found}",
            en: "the header promises {count} points, the chunks hold {found}"
        )));
    }
    if let Some(large) = chunks.iter().map(|chunk| chunk.points).find(|&points| points > LARGEST_CHUNK) {
        return Err(Flaw::Unsupported(text!(
            fr: "un bloc de {large} points ne tient pas en mémoire (maximum {LARGEST_CHUNK})",
            en: "a chunk of {large} points does not fit in memory (at most {LARGEST_CHUNK})"
        )));
    }
    if chunks.iter().any(|chunk| chunk.points == 0 || chunk.points > chunk.bytes.saturating_mul(DENSEST)) {
        return Err(bad_table());
    }
    Ok(chunks)
}
