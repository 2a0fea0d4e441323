//! The door for points: LAS 1.0 to 1.4, LAZ and COPC into columns.
//!
//! In: a file, known by its content and not by its name. Out: its header, its chunks, and the points of a
//! chunk in columns, of which only the layers asked for are decoded. [`Cloud`] is shared by threads: the
//! caller decodes chunks in parallel, each thread with its own [`Scratch`] and [`Batch`].
//!
//! Silent damage is the worst that a point file can bring, so nothing is handed out unchecked:
//!
//! | what | when | if not |
//! |---|---|---|
//! | sizes, counts, scales, bounds possible; nothing beyond the end of the file | open | fault |
//! | chunks fill the point data exactly and hold as many points as promised | open | fault |
//! | layers fill their chunk exactly and tell its number of points | chunk | fault |
//! | **each layer read is spent to its last byte by its decoder** | chunk | fault |
//! | no run of zero bytes longer than a coder can write | chunk | fault |
//! | points inside the header's bounds, ± 1 unit | chunk | fault |
//! | counts by return, bounds attained, return ≤ returns | whole file | warning |
//!
//! Fails where a file holds what no reader here knows (LAZ of a stream without chunk table in formats 0
//! to 5, chunks above 20 million points). Cost: reading costs nothing beside decoding; see `layered.rs`.

mod arithmetic;
mod attributes;
mod audit;
mod batch;
mod chunks;
mod copc;
mod flaw;
mod guard;
mod header;
mod laszip;
mod layered;
mod reclassify;
mod rows;
mod source;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use ilot_kernels::extent::Extent;

pub use audit::Audit;
pub use batch::{Batch, Layers, flag};
pub use chunks::Chunk;
use flaw::Flaw;
pub use header::{CrsRecord, ExtraDimension, Header, Kind};
use laszip::{Compression, Compressor};
pub use reclassify::{NewClasses, losses, reclassify};
use rows::Layout;
use source::Source;
pub use write::{Colouring, Columns, Writing, write};

use crate::text;
use crate::text::{Fault, Text};

/// A point cloud whose header and chunk table were read and checked.
pub struct Cloud {
    path: PathBuf,
    source: Box<dyn Source>,
    header: Header,
    chunks: Vec<Chunk>,
    compression: Option<Compression>,
    layout: Layout,
}

/// Buffers of one thread.
#[derive(Debug, Default)]
pub struct Scratch {
    bytes: Vec<u8>,
    rows: Vec<u8>,
}

impl Cloud {
    /// Opens and checks a file, whatever its name.
    ///
    /// # Errors
    /// Where it cannot be read, is no LAS or LAZ, or is damaged.
    pub fn open(path: &Path) -> Result<Cloud, Fault> {
        source::open(path).and_then(|source| Cloud::read(path, source)).map_err(|flaw| flaw.at(path))
    }

    /// The same from bytes in memory; `name` stands for the file in faults.
    ///
    /// # Errors
    /// As [`Cloud::open`].
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Cloud, Fault> {
        let path = Path::new(name);
        Cloud::read(path, Box::new(bytes)).map_err(|flaw| flaw.at(path))
    }

    fn read(path: &Path, source: Box<dyn Source>) -> Result<Cloud, Flaw> {
        let mut opened = header::read(&*source)?;
        let compression = match (&opened.laszip, opened.header.kind) {
            (Some(record), Kind::Laz) => {
                Some(Compression::read(record, opened.header.point_format, opened.header.point_bytes)?)
            }
            _ => None,
        };
        let mut chunks = match &compression {
            _ if opened.header.count == 0 => Vec::new(),
            None => chunks::plain(&*source, &opened)?,
            Some(compression) => chunks::compressed(&*source, &opened, compression)?,
        };
        if let Some(info) = opened.copc.as_ref().filter(|_| compression.is_some()) {
            if copc::place(&*source, info, &mut chunks) {
                opened.header.kind = Kind::Copc;
            } else {
                chunks.iter_mut().for_each(|chunk| chunk.extent = None);
                opened.header.warnings.push(text!(
                    fr: "la hiérarchie COPC ne correspond pas aux blocs : le fichier est lu comme un LAZ",
                    en: "the COPC hierarchy does not fit the chunks: the file is read as LAZ"
                ));
            }
        }
        let layout = Layout::of(&opened.header);
        Ok(Cloud { path: path.to_owned(), source, header: opened.header, chunks, compression, layout })
    }

    /// What the file says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All chunks, in the order of the file.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The chunks that may hold points of `extent` (metres): those of a COPC octree that touch it, and all
    /// of other files that touch it. Points outside come along.
    pub fn chunks_within<'a>(&'a self, extent: &'a Extent) -> impl Iterator<Item = &'a Chunk> {
        let chunks = if self.header.extent.touches(extent) { &self.chunks[..] } else { &[] };
        chunks.iter().filter(move |chunk| chunk.extent.as_ref().is_none_or(|node| node.touches(extent)))
    }

    /// An extra dimension by its name in the file.
    pub fn extra_dimension(&self, name: &str) -> Option<&ExtraDimension> {
        self.header.extra.iter().find(|dimension| dimension.name == name)
    }

    /// Decodes the points of a chunk of this cloud into `batch`, whose former content is lost.
    ///
    /// # Errors
    /// Where the chunk is damaged; `batch` is then worthless.
    pub fn decode(
        &self,
        chunk: &Chunk,
        layers: Layers,
        scratch: &mut Scratch,
        batch: &mut Batch,
    ) -> Result<(), Fault> {
        self.decode_chunk(chunk, layers, scratch, batch)
            .map_err(|flaw| self.locate(flaw, chunk).at(&self.path))
    }

    fn decode_chunk(
        &self,
        chunk: &Chunk,
        layers: Layers,
        scratch: &mut Scratch,
        batch: &mut Batch,
    ) -> Result<(), Flaw> {
        let (size, points) = (chunk.bytes as usize, chunk.points as usize);
        scratch.bytes.resize(size + layered::PADDING, 0);
        self.source.fill(chunk.offset, &mut scratch.bytes[..size]).map_err(Flaw::Unreadable)?;
        scratch.bytes[size..].fill(0);
        batch.reset(points, layers);
        let bytes = &scratch.bytes[..size];
        match &self.compression {
            None => rows::plain(&self.layout, bytes, layers, batch)?,
            Some(compression) => {
                whole(bytes, points)?;
                if compression.compressor == Compressor::Layered {
                    layered::decode(&compression.items, &scratch.bytes, points, layers, batch)?;
                } else {
                    rows::stream(compression, &self.layout, bytes, layers, &mut scratch.rows, batch)?;
                }
            }
        }
        batch.summarise();
        self.bounded(batch)
    }

    /// All points lie inside the header's bounds; their rounding may differ by a unit.
    fn bounded(&self, batch: &Batch) -> Result<(), Flaw> {
        for axis in 0..3 {
            let low = self.header.raw_low[axis].saturating_sub(1);
            let high = self.header.raw_high[axis].saturating_add(1);
            if batch.low[axis] >= low && batch.high[axis] <= high {
                continue;
            }
            let name = ['x', 'y', 'z'][axis];
            let metres = |raw: i32| f64::from(raw) * self.header.scale[axis] + self.header.offset[axis];
            let far = metres(if batch.low[axis] < low { batch.low[axis] } else { batch.high[axis] });
            return Err(Flaw::Damaged(text!(
                fr: "un point ({name} = {far:.2}) est hors des bornes de l'en-tête",
                en: "a point ({name} = {far:.2}) lies outside the bounds of the header"
            )));
        }
        Ok(())
    }

    /// Says in which part of the file the damage is.
    fn locate(&self, flaw: Flaw, chunk: &Chunk) -> Flaw {
        let Flaw::Damaged(Text { fr, en }) = flaw else { return flaw };
        let nth = self.chunks.iter().position(|other| other.offset == chunk.offset).map_or(0, |nth| nth + 1);
        let (all, first, last) = (self.chunks.len(), chunk.offset, chunk.offset + chunk.bytes);
        Flaw::Damaged(text!(
            fr: "{fr} dans le bloc {nth} sur {all} (octets {first} à {last})",
            en: "{en} in chunk {nth} of {all} (bytes {first} to {last})"
        ))
    }

    /// What the header says wrongly, once all chunks were decoded and added; warnings of the header come first.
    pub fn audit(&self, audit: &Audit) -> Vec<Text> {
        audit.compare(&self.header)
    }
}

/// No run of zeros in compressed bytes that is longer than a coder can write: the mark of a hole that a broken
/// download or a bad disk leaves. A 256-symbol model spends at least 0.011 bits on a point, that is one zero
/// byte for 700 of them; ten times that, and 512 bytes besides, are allowed.
fn whole(bytes: &[u8], points: usize) -> Result<(), Flaw> {
    const STEP: usize = 256;
    let longest = 2 * STEP + points / 70;
    let is_zero = |&at: &usize| bytes[at..].first_chunk::<8>() == Some(&[0; 8]);
    for start in (0..bytes.len().saturating_sub(8)).step_by(STEP).filter(is_zero) {
        let before = bytes[..start].iter().rev().take_while(|&&byte| byte == 0).count();
        let after = bytes[start..].iter().take_while(|&&byte| byte == 0).count();
        if before + after > longest {
            let run = before + after;
            return Err(Flaw::Damaged(text!(
                fr: "un trou de {run} octets à zéro",
                en: "a hole of {run} zero bytes"
            )));
        }
    }
    Ok(())
}
