//! Writes a cloud: LAS 1.4, compressed, as LiDAR HD is.
//!
//! In: columns of raw integers, their lattice and a CRS. Out: a LAZ file of point format 6, 7 (colour) or 8
//! (colour and near infrared), in chunks of 50,000, which bears its name only when complete. The same columns
//! give the same bytes, whatever the number of threads. Compression is the `laz` crate's. Cost: 0.2 µs per
//! point.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use laz::{LazVlr, LazVlrBuilder, ParLasZipCompressor};

use crate::formats::aside::Aside;
use crate::text::Fault;

/// Points of a chunk.
const CHUNK: usize = 50_000;
/// Bytes of the header and of the start of a record.
const HEADER: usize = 375;
const RECORD: usize = 54;

/// Colours of points; the point format follows from them.
#[derive(Debug, Clone, Copy, Default)]
pub enum Colouring<'a> {
    /// Point format 6.
    #[default]
    None,
    /// Point format 7: red, green, blue.
    Colour(&'a [[u16; 3]]),
    /// Point format 8: red, green, blue and near infrared.
    Infrared(&'a [[u16; 3]], &'a [u16]),
}

/// Columns to write. Positions are needed; another column may be empty and is then 0 for all points (returns:
/// first of one).
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns<'a> {
    /// Raw x: metres are `raw × scale + offset`.
    pub x: &'a [i32],
    /// Raw y.
    pub y: &'a [i32],
    /// Raw z.
    pub z: &'a [i32],
    /// Classes.
    pub class: &'a [u8],
    /// Return numbers, 1 to 15.
    pub return_number: &'a [u8],
    /// Numbers of returns, 1 to 15.
    pub number_of_returns: &'a [u8],
    /// Bits of [`super::flag`].
    pub flags: &'a [u8],
    /// Intensities.
    pub intensity: &'a [u16],
    /// Scan angles, in units of 0.006 degrees.
    pub scan_angle: &'a [i16],
    /// User data.
    pub user_data: &'a [u8],
    /// Point sources.
    pub point_source: &'a [u16],
    /// GPS times: adjusted standard time, seconds.
    pub gps_time: &'a [f64],
    /// Colours.
    pub colouring: Colouring<'a>,
}

/// What the header says.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// Metres in one raw unit of x, y, z.
    pub scale: [f64; 3],
    /// Metres at raw 0 of x, y, z.
    pub offset: [f64; 3],
    /// CRS as WKT; the WKT flag is set in any case, as point formats from 6 on demand.
    pub wkt: &'a str,
    /// Day of the year and year.
    pub created: (u16, u16),
    /// What made the points, at most 31 bytes.
    pub system_identifier: &'a str,
    /// What writes them, at most 31 bytes.
    pub generating_software: &'a str,
}

impl Default for Writing<'_> {
    fn default() -> Self {
        Writing {
            scale: [0.01; 3],
            offset: [0.0; 3],
            wkt: "",
            created: (1, 2026),
            system_identifier: "ilot",
            generating_software: concat!("ilot ", env!("CARGO_PKG_VERSION")),
        }
    }
}

/// Writes a cloud to `path`.
///
/// # Errors
/// Where the folder is missing, read-only or full.
///
/// # Panics
/// Where a column is neither empty nor as long as the positions: the caller built both.
pub fn write(path: &Path, columns: &Columns, writing: &Writing) -> Result<(), Fault> {
    columns.check();
    let aside = Aside::create(path)?;
    let file = aside.open()?;
    write_to(file, columns, writing).map_err(|error| aside.fault(&error))?;
    aside.commit()
}

fn write_to(file: File, columns: &Columns, writing: &Writing) -> io::Result<()> {
    let format = columns.format();
    let broken = |error: laz::LasZipError| match error {
        laz::LasZipError::IoError(error) => error,
        other => io::Error::other(other),
    };
    let builder = LazVlrBuilder::default().with_point_format(format, 0).map_err(broken)?;
    let vlr = builder.with_fixed_chunk_size(CHUNK as u32).build();
    let mut out = BufWriter::with_capacity(1 << 20, file);
    out.write_all(&head(columns, writing, &vlr)?)?;
    let mut compressor = ParLasZipCompressor::new(out, vlr).map_err(broken)?;
    let mut rows = Vec::new();
    for first in (0..columns.x.len()).step_by(16 * CHUNK) {
        rows.clear();
        (first..columns.x.len().min(first + 16 * CHUNK)).for_each(|point| columns.put(point, &mut rows));
        compressor.compress_many(&rows)?;
    }
    compressor.done().map_err(broken)?;
    compressor.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(())
}

/// Header and records.
fn head(columns: &Columns, writing: &Writing, vlr: &LazVlr) -> io::Result<Vec<u8>> {
    let mut laszip = Vec::new();
    vlr.write_to(&mut &mut laszip)?;
    let mut records = Vec::new();
    let mut number = 1u32;
    if !writing.wkt.is_empty() {
        let mut wkt = writing.wkt.as_bytes().to_vec();
        wkt.push(0);
        record(&mut records, "LASF_Projection", 2112, "OGC WKT", &wkt);
        number += 1;
    }
    record(&mut records, LazVlr::USER_ID, LazVlr::RECORD_ID, LazVlr::DESCRIPTION, &laszip);
    let mut head = vec![0; HEADER];
    let data = (HEADER + records.len()) as u32;
    put_head(&mut head, columns, writing);
    head[96..100].copy_from_slice(&data.to_le_bytes());
    head[100..104].copy_from_slice(&number.to_le_bytes());
    head.append(&mut records);
    Ok(head)
}

fn record(records: &mut Vec<u8>, user: &str, id: u16, description: &str, content: &[u8]) {
    let start = records.len();
    records.resize(start + RECORD, 0);
    let place = &mut records[start..];
    place[2..2 + user.len()].copy_from_slice(user.as_bytes());
    place[18..20].copy_from_slice(&id.to_le_bytes());
    place[20..22].copy_from_slice(&(content.len() as u16).to_le_bytes());
    place[22..22 + description.len()].copy_from_slice(description.as_bytes());
    records.extend_from_slice(content);
}

/// The fixed header, but for the place and number of records.
fn put_head(head: &mut [u8], columns: &Columns, writing: &Writing) {
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    let encoding = 0x10 | u16::from(!columns.gps_time.is_empty());
    put(0, b"LASF");
    put(6, &encoding.to_le_bytes());
    put(24, &[1, 4]);
    for (at, text) in [(26, writing.system_identifier), (58, writing.generating_software)] {
        put(at, &text.as_bytes()[..text.len().min(31)]);
    }
    put(90, &writing.created.0.to_le_bytes());
    put(92, &writing.created.1.to_le_bytes());
    put(94, &(HEADER as u16).to_le_bytes());
    put(104, &[columns.format() | 0x80]);
    put(105, &(columns.width() as u16).to_le_bytes());
    for axis in 0..3 {
        let column = [columns.x, columns.y, columns.z][axis];
        let metres = |raw: Option<&i32>| {
            raw.map_or(0.0, |&raw| f64::from(raw) * writing.scale[axis] + writing.offset[axis])
        };
        put(131 + 8 * axis, &writing.scale[axis].to_le_bytes());
        put(155 + 8 * axis, &writing.offset[axis].to_le_bytes());
        put(179 + 16 * axis, &metres(column.iter().max()).to_le_bytes());
        put(187 + 16 * axis, &metres(column.iter().min()).to_le_bytes());
    }
    put(247, &(columns.x.len() as u64).to_le_bytes());
    for nth in 0..15 {
        let number = match columns.return_number {
            [] if nth == 0 => columns.x.len(),
            numbers => numbers.iter().filter(|&&number| usize::from(number) == nth + 1).count(),
        };
        put(255 + 8 * nth, &(number as u64).to_le_bytes());
    }
}

impl Columns<'_> {
    fn format(&self) -> u8 {
        match self.colouring {
            Colouring::None => 6,
            Colouring::Colour(_) => 7,
            Colouring::Infrared(..) => 8,
        }
    }

    fn width(&self) -> usize {
        [30, 36, 38][usize::from(self.format() - 6)]
    }

    fn check(&self) {
        let (colour, infrared) = match self.colouring {
            Colouring::None => (0, 0),
            Colouring::Colour(colour) => (colour.len(), 0),
            Colouring::Infrared(colour, infrared) => (colour.len(), infrared.len()),
        };
        let points = self.x.len();
        let optional = [
            self.class.len(),
            self.return_number.len(),
            self.number_of_returns.len(),
            self.flags.len(),
            self.intensity.len(),
            self.scan_angle.len(),
            self.user_data.len(),
            self.point_source.len(),
            self.gps_time.len(),
            colour,
            infrared,
        ];
        let fit = optional.iter().all(|&length| length == 0 || length == points);
        assert!(
            fit && self.y.len() == points && self.z.len() == points,
            "columns of one cloud are equally long"
        );
    }

    /// Appends the row of a point.
    fn put(&self, point: usize, rows: &mut Vec<u8>) {
        fn at<T: Copy + Default>(column: &[T], point: usize) -> T {
            column.get(point).copied().unwrap_or_default()
        }
        let number = self.return_number.get(point).map_or(1, |&number| number & 15);
        let returns = self.number_of_returns.get(point).map_or(1, |&returns| returns & 15);
        for column in [self.x, self.y, self.z] {
            rows.extend_from_slice(&column[point].to_le_bytes());
        }
        rows.extend_from_slice(&at(self.intensity, point).to_le_bytes());
        rows.push(number | returns << 4);
        rows.push(at(self.flags, point) & 15);
        rows.push(at(self.class, point));
        rows.push(at(self.user_data, point));
        rows.extend_from_slice(&at(self.scan_angle, point).to_le_bytes());
        rows.extend_from_slice(&at(self.point_source, point).to_le_bytes());
        rows.extend_from_slice(&at(self.gps_time, point).to_le_bytes());
        let (colour, infrared): (&[[u16; 3]], &[u16]) = match self.colouring {
            Colouring::None => return,
            Colouring::Colour(colour) => (colour, &[]),
            Colouring::Infrared(colour, infrared) => (colour, infrared),
        };
        at(colour, point).iter().for_each(|band| rows.extend_from_slice(&band.to_le_bytes()));
        if let Colouring::Infrared(..) = self.colouring {
            rows.extend_from_slice(&at(infrared, point).to_le_bytes());
        }
    }
}
