//! Points as rows of bytes: uncompressed files, and LAZ chunks that are one stream (formats 0 to 5).
//!
//! In: rows as the LAS specification lays them out. Out: the columns asked for. Streams are decoded by the
//! `laz` crate, a block of rows at a time, and must be spent to their last byte. Cost: 3 ns per point for
//! rows, some 0.3 µs for streams, whatever the layers.

use std::io::Cursor;

use laz::record::{RecordDecompressor, SequentialPointRecordDecompressor};

use super::batch::{Batch, Layers};
use super::flaw::Flaw;
use super::header::{Fields, Header};
use super::laszip::Compression;
use super::{guard, layered};
use crate::text;

/// Rows decoded at a time: they stay in the first cache.
const BLOCK: usize = 512;

/// Where the parts of a row are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    width: usize,
    legacy: bool,
    gps_time: Option<usize>,
    colour: Option<usize>,
    near_infrared: Option<usize>,
    extra: usize,
}

impl Layout {
    /// The layout of a file's point format.
    pub fn of(header: &Header) -> Layout {
        let format = header.point_format;
        let (gps_time, colour, near_infrared, extra) = match format {
            0 => (None, None, None, 20),
            1 => (Some(20), None, None, 28),
            2 => (None, Some(20), None, 26),
            3 => (Some(20), Some(28), None, 34),
            4 => (Some(20), None, None, 57),
            5 => (Some(20), Some(28), None, 63),
            6 => (Some(22), None, None, 30),
            7 => (Some(22), Some(30), None, 36),
            8 => (Some(22), Some(30), Some(36), 38),
            9 => (Some(22), None, None, 59),
            _ => (Some(22), Some(30), Some(36), 67),
        };
        Layout { width: header.point_bytes, legacy: format < 6, gps_time, colour, near_infrared, extra }
    }
}

/// Uncompressed rows. A row of zeros is no point: it is a hole in the file.
pub(super) fn plain(layout: &Layout, rows: &[u8], layers: Layers, batch: &mut Batch) -> Result<(), Flaw> {
    let mut first = 0;
    for block in rows.chunks(BLOCK * layout.width) {
        put(layout, block, first, layers, batch);
        first += block.len() / layout.width;
    }
    let empty = rows.chunks_exact(layout.width).any(|row| row[..20].iter().all(|&byte| byte == 0));
    if empty && holds_zero(rows, layout.width) {
        return Err(Flaw::Damaged(text!(
            fr: "des points ne contiennent que des zéros",
            en: "some points hold only zeros"
        )));
    }
    Ok(())
}

fn holds_zero(rows: &[u8], width: usize) -> bool {
    rows.chunks_exact(width).any(|row| row.iter().all(|&byte| byte == 0))
}

/// A chunk that is one stream of `points`.
pub(super) fn stream(
    compression: &Compression,
    layout: &Layout,
    bytes: &[u8],
    layers: Layers,
    rows: &mut Vec<u8>,
    batch: &mut Batch,
) -> Result<(), Flaw> {
    let points = batch.len();
    rows.resize(BLOCK * layout.width, 0);
    let spent = guard::quietly(|| -> laz::Result<bool> {
        let mut decoder = SequentialPointRecordDecompressor::new(Cursor::new(bytes));
        decoder.set_fields_from(&compression.laz_items)?;
        for first in (0..points).step_by(BLOCK) {
            let part = &mut rows[..BLOCK.min(points - first) * layout.width];
            decoder.decompress_many(part)?;
            put(layout, part, first, layers, batch);
        }
        Ok(decoder.get().position() == bytes.len() as u64)
    });
    match spent {
        Some(Ok(true)) => Ok(()),
        _ => Err(layered::out_of_step()),
    }
}

/// The rows of a chunk that is one stream, `size` bytes in all.
pub(super) fn of_stream(compression: &Compression, bytes: &[u8], size: usize) -> Result<Vec<u8>, Flaw> {
    let mut rows = vec![0; size];
    let decoded = guard::quietly(|| -> laz::Result<()> {
        let mut decoder = SequentialPointRecordDecompressor::new(Cursor::new(bytes));
        decoder.set_fields_from(&compression.laz_items)?;
        Ok(decoder.decompress_many(&mut rows)?)
    });
    match decoded {
        Some(Ok(())) => Ok(rows),
        _ => Err(layered::out_of_step()),
    }
}

/// Writes rows to the columns, from point `first` on.
fn put(layout: &Layout, rows: &[u8], first: usize, layers: Layers, batch: &mut Batch) {
    let rows = || rows.chunks_exact(layout.width).map(Fields);
    for (point, row) in (first..).zip(rows()) {
        batch.x[point] = row.i32(0);
        batch.y[point] = row.i32(4);
        batch.z[point] = row.i32(8);
        let (number, returns) = match (row.u8(14), layout.legacy) {
            (bits, true) => (bits & 7, bits >> 3 & 7),
            (bits, false) => (bits & 15, bits >> 4),
        };
        batch.by_return[usize::from(number)] += 1;
        batch.odd_returns += u64::from(number > returns);
        if layers.has(Layers::RETURNS) {
            batch.return_number[point] = number;
            batch.number_of_returns[point] = returns;
        }
    }
    put_attributes(layout, rows(), first, layers, batch);
}

fn put_attributes<'a>(
    layout: &Layout,
    rows: impl Iterator<Item = Fields<'a>> + Clone,
    first: usize,
    layers: Layers,
    batch: &mut Batch,
) {
    let legacy = layout.legacy;
    fill(&mut batch.class, first, rows.clone(), |row| match legacy {
        true => row.u8(15) & 31,
        false => row.u8(16),
    });
    fill(&mut batch.flags, first, rows.clone(), |row| if legacy { row.u8(15) >> 5 } else { row.u8(15) & 15 });
    fill(&mut batch.channel, first, rows.clone(), |row| if legacy { 0 } else { row.u8(15) >> 4 & 3 });
    fill(&mut batch.intensity, first, rows.clone(), |row| row.u16(12));
    fill(&mut batch.scan_angle, first, rows.clone(), |row| match legacy {
        true => f32::from(row.u8(16) as i8),
        false => f32::from(row.u16(18) as i16) * 0.006,
    });
    fill(&mut batch.user_data, first, rows.clone(), |row| row.u8(17));
    fill(&mut batch.point_source, first, rows.clone(), |row| row.u16(if legacy { 18 } else { 20 }));
    if let Some(at) = layout.gps_time.filter(|_| layers.has(Layers::GPS_TIME)) {
        batch.gps_time.extend(rows.clone().map(|row| row.f64(at)));
    }
    if let Some(at) = layout.colour.filter(|_| layers.has(Layers::COLOUR)) {
        batch.colour.extend(rows.clone().map(|row| [row.u16(at), row.u16(at + 2), row.u16(at + 4)]));
    }
    if let Some(at) = layout.near_infrared.filter(|_| layers.has(Layers::NEAR_INFRARED)) {
        batch.near_infrared.extend(rows.clone().map(|row| row.u16(at)));
    }
    if layers.has(Layers::EXTRA) && layout.width > layout.extra {
        batch.extra_width = layout.width - layout.extra;
        rows.for_each(|row| batch.extra_bytes.extend_from_slice(&row.0[layout.extra..]));
    }
}

/// Fills a column from `first` on, unless it was not asked for.
fn fill<'a, T>(
    column: &mut [T],
    first: usize,
    rows: impl Iterator<Item = Fields<'a>>,
    value: impl Fn(&Fields) -> T,
) {
    let cells = column.get_mut(first..).unwrap_or_default();
    for (cell, row) in cells.iter_mut().zip(rows) {
        *cell = value(&row);
    }
}
