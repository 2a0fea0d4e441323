//! The bare decode that whole runs are compared with: x, y, z, returns and class of a LAZ file of point
//! format 6 to 8 through the `laz` crate's selective record decompressor, one task per chunk, and nothing else.
//!
//! `decode_baseline FILE` prints the number of points decoded. No check, no column, no header beyond what the
//! decode needs. Limit the threads with `RAYON_NUM_THREADS`.

use std::error::Error;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use laz::laszip::ChunkTable;
use laz::record::{LayeredPointRecordDecompressor, RecordDecompressor};
use laz::{DecompressionSelection, LazVlr};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let path = std::env::args().nth(1).ok_or("usage: decode_baseline FILE.laz")?;
    let mut file = File::open(path)?;
    let (data, count, vlr) = head(&mut file)?;
    file.seek(SeekFrom::Start(data))?;
    let table = ChunkTable::read_from(&mut file, &vlr)?;
    let mut jobs = Vec::new();
    let (mut offset, mut left) = (data + 8, count);
    for entry in &table {
        let points = entry.point_count.min(left);
        jobs.push((offset, entry.byte_count as usize, points as usize));
        offset += entry.byte_count;
        left -= points;
    }
    let selection = DecompressionSelection::base().decompress_z().decompress_classification();
    let width = vlr.items_size() as usize;
    let decode = |(bytes, rows): &mut (Vec<u8>, Vec<u8>), &(offset, size, points): &(u64, usize, usize)| {
        bytes.resize(size, 0);
        file.read_exact_at(bytes, offset)?;
        rows.resize(points * width, 0);
        let mut decoder = LayeredPointRecordDecompressor::new(Cursor::new(bytes.as_slice()));
        decoder.set_fields_from(vlr.items())?;
        decoder.set_selection(selection);
        decoder.decompress_many(rows)?;
        Ok::<usize, laz::LasZipError>(points)
    };
    let decoded = jobs.par_iter().map_init(|| (Vec::new(), Vec::new()), decode);
    println!("{}", decoded.try_reduce(|| 0, |sum, points| Ok(sum + points))?);
    Ok(())
}

/// Start of the point data, number of points and the compression record.
fn head(file: &mut File) -> Result<(u64, u64, LazVlr), Box<dyn Error + Send + Sync>> {
    let mut head = [0; 375];
    file.read_exact(&mut head)?;
    let u32_at = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let mut eight = [0; 8];
    eight.copy_from_slice(&head[247..255]);
    let count = u64::from_le_bytes(eight);
    file.seek(SeekFrom::Start(u64::from(u16::from_le_bytes([head[94], head[95]]))))?;
    for _ in 0..u32_at(100) {
        let mut record = [0; 54];
        file.read_exact(&mut record)?;
        let mut content = vec![0; usize::from(u16::from_le_bytes([record[20], record[21]]))];
        file.read_exact(&mut content)?;
        if record[2..].starts_with(b"laszip encoded") {
            return Ok((u64::from(u32_at(96)), count, LazVlr::from_buffer(&content)?));
        }
    }
    Err("not a LAZ file".into())
}
