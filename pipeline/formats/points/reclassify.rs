//! Copies a cloud with other classes: same points, same order, every other byte of every point as it was.
//!
//! In: an open cloud and, chunk by chunk, the classes that its points get. Out: a LAZ file that bears its name only
//! when complete. Point formats 6 to 10 that are compressed keep their chunks: a chunk is layers, of which only the
//! classes' one is coded anew, by the contexts of LASzip's `LASwriteItemCompressed_POINT14` (class before, single
//! return, scanner channel), and all others are copied byte for byte. Formats 0 to 5, and uncompressed files, are
//! compressed by the `laz` crate. Header, records in front of the points and behind them are kept, with their places
//! mended; the octree of a COPC file is dropped, as its places are no longer right, and the file is plain LAZ then.
//!
//! Fails where: the disk is full; the cloud changed since it was opened. Formats 0 to 5 keep classes up to 31 only:
//! the caller gives no others. Cost: some 15 ns a point for layered files, 0.3 µs for others.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use laz::encoders::ArithmeticEncoder;
use laz::laszip::{ChunkTable, ChunkTableEntry};
use laz::models::{ArithmeticModel, ArithmeticModelBuilder};
use laz::{LazVlr, LazVlrBuilder, ParLasZipCompressor};
use rayon::prelude::*;

use super::batch::Batch;
use super::chunks::Chunk;
use super::flaw::Flaw;
use super::header::{self, Fields, Kind, Opened, POINT_BYTES};
use super::laszip::{Compression, Compressor};
use super::{Cloud, layered, rows, source};
use crate::formats::aside::Aside;
use crate::text;
use crate::text::{Fault, Text};

/// Chunks that are coded before they are written: enough for all threads, few enough for the memory.
const LOT: usize = 64;
/// Points of a chunk where chunks are made anew.
const CHUNK: u32 = 50_000;
/// Start of a record in front of the points, and behind them.
const RECORD: usize = 54;
const EXTENDED: usize = 60;
/// The class of a raw point in formats from 6 on; below, it shares a byte with flags.
const CLASS_AT: usize = 16;
const LEGACY_CLASS_AT: usize = 15;
const LEGACY_CLASS_BITS: u8 = 31;

/// The classes of the points of one chunk, in order.
#[derive(Debug, Clone, Default)]
pub struct NewClasses {
    /// One class for each point.
    pub class: Vec<u8>,
    /// What the coding of a class depends on beside classes; see [`Batch::class_contexts`].
    pub contexts: Vec<u8>,
}

/// Tells the new classes of the chunk with this number.
pub type Tell<'a> = dyn Fn(usize) -> Result<NewClasses, Fault> + Sync + 'a;

impl Batch {
    /// Scanner channel and whether the return is a single one, for each point: what coding classes depends on.
    /// Needs the returns and channels.
    pub fn class_contexts(&self) -> Vec<u8> {
        let single = |point: usize| {
            let (number, returns) = (self.return_number[point], self.number_of_returns[point]);
            u8::from(number == 1 && number >= returns)
        };
        let channel = |point: usize| self.channel.get(point).copied().unwrap_or(0);
        (0..self.return_number.len()).map(|point| channel(point) << 1 | single(point)).collect()
    }
}

/// Where a copy goes.
type Out = BufWriter<File>;

/// Why a copy was not made.
enum Trouble {
    Told(Fault),
    Read(Flaw),
    Written(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Written(error)
    }
}

impl From<Flaw> for Trouble {
    fn from(flaw: Flaw) -> Trouble {
        Trouble::Read(flaw)
    }
}

impl From<laz::LasZipError> for Trouble {
    fn from(error: laz::LasZipError) -> Trouble {
        match error {
            laz::LasZipError::IoError(error) => Trouble::Written(error),
            other => Trouble::Written(io::Error::other(other)),
        }
    }
}

/// Writes the cloud to `target` with other classes.
///
/// # Errors
/// Where `tell` fails, the cloud cannot be read any more, or the copy cannot be written.
pub fn reclassify(cloud: &Cloud, target: &Path, tell: &Tell<'_>) -> Result<(), Fault> {
    let aside = Aside::create(target)?;
    let file = aside.open()?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let written = copy(cloud, tell, &mut out).and_then(|()| Ok(out.flush()?));
    match written {
        Ok(()) => aside.commit(),
        Err(Trouble::Told(fault)) => Err(fault),
        Err(Trouble::Read(flaw)) => Err(flaw.at(&cloud.path)),
        Err(Trouble::Written(error)) => Err(aside.fault(&error)),
    }
}

fn copy(cloud: &Cloud, tell: &Tell<'_>, out: &mut Out) -> Result<(), Trouble> {
    let opened = header::read(&*cloud.source)?;
    let layers = cloud.compression.as_ref().filter(|how| how.compressor == Compressor::Layered);
    let vlr = match &opened.laszip {
        Some(record) if layers.is_some() => LazVlr::from_buffer(record)?,
        _ => {
            let extra = opened.header.point_bytes - POINT_BYTES[usize::from(opened.header.point_format)];
            let builder = LazVlrBuilder::default();
            let builder = builder.with_point_format(opened.header.point_format, extra as u16)?;
            builder.with_fixed_chunk_size(CHUNK).build()
        }
    };
    let mut head = Head::read(cloud, &opened, &vlr)?;
    out.write_all(&head.bytes)?;
    let data = head.bytes.len() as u64;
    match layers {
        Some(compression) => copy_layers(cloud, compression, &vlr, tell, out, data)?,
        None => compress_rows(cloud, vlr, tell, out)?,
    }
    head.follow(cloud, &opened, out)
}

/// Copies chunks of layers, with new classes.
fn copy_layers(
    cloud: &Cloud,
    compression: &Compression,
    vlr: &LazVlr,
    tell: &Tell<'_>,
    out: &mut Out,
    data: u64,
) -> Result<(), Trouble> {
    out.write_all(&[0; 8])?;
    let mut at = data + 8;
    let mut table = ChunkTable::with_capacity(cloud.chunks.len());
    for first in (0..cloud.chunks.len()).step_by(LOT) {
        let lot = first..cloud.chunks.len().min(first + LOT);
        let coded: Vec<Result<Vec<u8>, Trouble>> = lot
            .clone()
            .into_par_iter()
            .map(|nth| {
                layers_with(cloud, compression, &cloud.chunks[nth], &tell(nth).map_err(Trouble::Told)?)
            })
            .collect();
        for (chunk, bytes) in cloud.chunks[lot].iter().zip(coded) {
            let bytes = bytes?;
            out.write_all(&bytes)?;
            at += bytes.len() as u64;
            table.push(ChunkTableEntry { point_count: chunk.points, byte_count: bytes.len() as u64 });
        }
    }
    table.write_to(&mut *out, vlr)?;
    out.seek(SeekFrom::Start(data))?;
    out.write_all(&at.to_le_bytes())?;
    out.seek(SeekFrom::End(0))?;
    Ok(())
}

/// The bytes of a chunk of layers whose classes are these.
fn layers_with(
    cloud: &Cloud,
    compression: &Compression,
    chunk: &Chunk,
    new: &NewClasses,
) -> Result<Vec<u8>, Trouble> {
    let bytes = source::bytes(&*cloud.source, chunk.offset, chunk.bytes)?;
    let raw: usize = compression.items.iter().map(|item| usize::from(item.size)).sum();
    let points = chunk.points as usize;
    let head = layered::head_size(&compression.items);
    let whole = bytes.len() >= head
        && layered::measure(&compression.items, &bytes) == (chunk.bytes, chunk.points)
        && new.class.len() == points
        && new.contexts.len() == points;
    if !whole {
        return Err(Trouble::Read(changed()));
    }
    let sizes = raw + 4;
    let size = |nth: usize| Fields(&bytes).u32(sizes + 4 * nth) as usize;
    // Layers of a point: x and y, z, class, …
    let class_start = head + size(0) + size(1);
    let class_end = class_start + size(2);
    let layer = class_layer(new)?;
    let mut coded = Vec::with_capacity(bytes.len() + layer.len());
    coded.extend_from_slice(&bytes[..class_start]);
    coded.extend_from_slice(&layer);
    coded.extend_from_slice(&bytes[class_end..]);
    coded[CLASS_AT] = new.class[0];
    coded[sizes + 8..sizes + 12].copy_from_slice(&(layer.len() as u32).to_le_bytes());
    Ok(coded)
}

fn changed() -> Flaw {
    Flaw::Damaged(text!(
        fr: "le fichier a changé pendant la lecture",
        en: "the file changed while it was read"
    ))
}

/// The layer of the classes of a chunk; empty where all are the same.
fn class_layer(new: &NewClasses) -> io::Result<Vec<u8>> {
    let first = new.class.first().copied().unwrap_or(0);
    if new.class.iter().all(|&class| class == first) {
        return Ok(Vec::new());
    }
    let mut encoder = ArithmeticEncoder::new(Vec::new());
    let mut models: Vec<Option<ArithmeticModel>> = vec![None; 4 * 64];
    // The class before in each channel; a channel that is new starts with the last class of the one in use.
    let mut last: [Option<u8>; 4] = [None; 4];
    let mut now = usize::from(new.contexts[0] >> 1 & 3);
    last[now] = Some(first);
    for (&class, &context) in new.class.iter().zip(&new.contexts).skip(1) {
        let channel = usize::from(context >> 1 & 3);
        let before = last[channel].or(last[now]).unwrap_or(first);
        let nth = channel << 6 | usize::from(before & 31) << 1 | usize::from(context & 1);
        let model = models[nth]
            .get_or_insert_with(|| ArithmeticModelBuilder::new(256).with_compression(true).build());
        encoder.encode_symbol(model, u32::from(class))?;
        last[channel] = Some(class);
        now = channel;
    }
    encoder.done()?;
    Ok(encoder.into_inner())
}

/// Compresses points with new classes, by rows.
fn compress_rows(cloud: &Cloud, vlr: LazVlr, tell: &Tell<'_>, out: &mut Out) -> Result<(), Trouble> {
    let legacy = cloud.header.point_format < 6;
    let mut compressor = ParLasZipCompressor::new(&mut *out, vlr)?;
    for first in (0..cloud.chunks.len()).step_by(LOT / 4) {
        let lot = first..cloud.chunks.len().min(first + LOT / 4);
        let patched: Vec<Result<Vec<u8>, Trouble>> = lot
            .into_par_iter()
            .map(|nth| rows_with(cloud, &cloud.chunks[nth], &tell(nth).map_err(Trouble::Told)?, legacy))
            .collect();
        for rows in patched {
            compressor.compress_many(&rows?)?;
        }
    }
    compressor.done()?;
    Ok(())
}

/// The rows of a chunk, with these classes.
fn rows_with(cloud: &Cloud, chunk: &Chunk, new: &NewClasses, legacy: bool) -> Result<Vec<u8>, Trouble> {
    let bytes = source::bytes(&*cloud.source, chunk.offset, chunk.bytes)?;
    let width = cloud.header.point_bytes;
    let mut rows = match &cloud.compression {
        None => bytes,
        Some(compression) => rows::of_stream(compression, &bytes, chunk.points as usize * width)?,
    };
    if rows.len() != new.class.len() * width {
        return Err(Trouble::Read(changed()));
    }
    for (row, &class) in rows.chunks_exact_mut(width).zip(&new.class) {
        if legacy {
            let byte = &mut row[LEGACY_CLASS_AT];
            *byte = *byte & !LEGACY_CLASS_BITS | class & LEGACY_CLASS_BITS;
        } else {
            row[CLASS_AT] = class;
        }
    }
    Ok(rows)
}

/// Everything in front of the points.
struct Head {
    bytes: Vec<u8>,
}

impl Head {
    /// Header and records of the copy; places that are not known yet are filled in by [`Head::follow`].
    fn read(cloud: &Cloud, opened: &Opened, vlr: &LazVlr) -> Result<Head, Trouble> {
        let old = source::bytes(&*cloud.source, 0, opened.data)?;
        let fields = Fields(&old);
        let mut at = usize::from(fields.u16(94));
        let mut bytes = old.get(..at).unwrap_or_default().to_vec();
        let (mut number, mut compressed) = (0_u32, false);
        for _ in 0..fields.u32(100) {
            let Some(start) = old.get(at..at + RECORD) else { break };
            let end = at + RECORD + usize::from(Fields(start).u16(20));
            let Some(record) = old.get(at..end) else { break };
            at = end;
            match named(start) {
                ("copc", 1) => continue,
                (LazVlr::USER_ID, LazVlr::RECORD_ID) => {
                    compressed = true;
                    compression_record(vlr, &mut bytes)?;
                }
                _ => bytes.extend_from_slice(record),
            }
            number += 1;
        }
        if !compressed {
            compression_record(vlr, &mut bytes)?;
            number += 1;
        }
        // What lies between the records and the points belongs to somebody.
        bytes.extend_from_slice(old.get(at..).unwrap_or_default());
        let data = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        bytes[96..100].copy_from_slice(&data.to_le_bytes());
        bytes[100..104].copy_from_slice(&number.to_le_bytes());
        bytes[104] = opened.header.point_format | 0x80;
        Ok(Head { bytes })
    }

    /// Copies the records behind the points and mends what the header says of them.
    fn follow(&mut self, cloud: &Cloud, opened: &Opened, out: &mut Out) -> Result<(), Trouble> {
        let first = header::first_extended(&Fields(&self.bytes));
        let Some(mut from) = first else { return Ok(()) };
        let start = out.seek(SeekFrom::End(0))?;
        let (mut at, mut number) = (start, 0_u32);
        let waves = Fields(&self.bytes).u64(227);
        for _ in 0..Fields(&self.bytes).u32(243) {
            let record = source::bytes(&*cloud.source, from, EXTENDED as u64)?;
            let length = EXTENDED as u64 + Fields(&record).u64(20);
            if waves == from && opened.header.version >= (1, 3) {
                self.bytes[227..235].copy_from_slice(&at.to_le_bytes());
            }
            if named(&record) != ("copc", 1000) {
                copy_range(cloud, from, length, out)?;
                at += length;
                number += 1;
            }
            from += length;
        }
        let start = if number > 0 { start } else { 0 };
        self.bytes[235..243].copy_from_slice(&start.to_le_bytes());
        self.bytes[243..247].copy_from_slice(&number.to_le_bytes());
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&self.bytes)?;
        Ok(())
    }
}

/// User and number of a record, by its first bytes.
fn named(start: &[u8]) -> (&str, u16) {
    let user = start.get(2..18).unwrap_or_default();
    let end = user.iter().position(|&byte| byte == 0).unwrap_or(user.len());
    (std::str::from_utf8(&user[..end]).unwrap_or(""), Fields(start).u16(18))
}

/// Appends the record that says how points are compressed.
fn compression_record(vlr: &LazVlr, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut content = Vec::new();
    vlr.write_to(&mut &mut content)?;
    let mut start = [0; RECORD];
    start[2..2 + LazVlr::USER_ID.len()].copy_from_slice(LazVlr::USER_ID.as_bytes());
    start[18..20].copy_from_slice(&LazVlr::RECORD_ID.to_le_bytes());
    start[20..22].copy_from_slice(&(content.len() as u16).to_le_bytes());
    start[22..22 + LazVlr::DESCRIPTION.len()].copy_from_slice(LazVlr::DESCRIPTION.as_bytes());
    bytes.extend_from_slice(&start);
    bytes.extend_from_slice(&content);
    Ok(())
}

/// Copies a part of the file as it is.
fn copy_range(cloud: &Cloud, from: u64, length: u64, out: &mut Out) -> Result<(), Trouble> {
    const PART: u64 = 1 << 20;
    for start in (0..length).step_by(PART as usize) {
        out.write_all(&source::bytes(&*cloud.source, from + start, PART.min(length - start))?)?;
    }
    Ok(())
}

/// What a copy of this cloud loses: words for the user; `None` where it loses nothing.
pub fn losses(cloud: &Cloud) -> Option<Text> {
    let path = cloud.path.display();
    (cloud.header.kind == Kind::Copc).then(|| {
        text!(
            fr: "{path} était un COPC : sa copie reclassée est un LAZ ordinaire, sans l'octree",
            en: "{path} was a COPC: its reclassified copy is plain LAZ, without the octree",
        )
    })
}
