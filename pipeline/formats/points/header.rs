//! The header of a LAS file: raw bytes below, checked values above.
//!
//! In: a source. Out: a [`Header`] whose numbers can be trusted as far as the file's size allows, the
//! compression record of LAZ and the descriptions of extra dimensions. Layouts: ASPRS LAS 1.0 to 1.4 R15.
//! Tolerated, because the field is full of it: stale counts by return, a missing or wrong WKT flag, several
//! extra-bytes records, records cut off by the point data. Refused: what would shift or scale points wrongly.
//! Cost: two or three reads of some kilobytes.

use ilot_kernels::extent::Extent;

use super::flaw::Flaw;
use super::source::{self, Source};
use crate::text;
use crate::text::Text;

/// How the points lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Uncompressed.
    Las,
    /// Compressed.
    Laz,
    /// Compressed and ordered as an octree: a part of the map can be read alone.
    Copc,
}

/// What a file says of its CRS, not interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CrsRecord {
    /// WKT of the OGC record 2112, compound or not.
    pub wkt: Option<String>,
    /// Projected (or else geographic) code of the GeoTIFF keys; never the "user-defined" 32767.
    pub horizontal_epsg: Option<u32>,
    /// Vertical code of the GeoTIFF keys.
    pub vertical_epsg: Option<u32>,
    /// EPSG code of the heights' unit in the GeoTIFF keys: 9001 for metres.
    pub height_unit: Option<u32>,
}

/// One dimension among the extra bytes of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtraDimension {
    /// Its name in the file.
    pub name: String,
    /// Data type as in the LAS specification: 1 `u8` … 10 `f64`; other types are opaque bytes.
    pub data_type: u8,
    /// First byte among the extra bytes of a point.
    pub start: usize,
    /// Number of bytes.
    pub width: usize,
    /// Value = raw × scale + offset.
    pub scale: f64,
    /// Value = raw × scale + offset.
    pub offset: f64,
}

/// What a file says of itself. Positions are `raw × scale + offset`, in the metres of its CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Version of LAS: `(1, 4)`.
    pub version: (u8, u8),
    /// Point format, 0 to 10, without the compression bit.
    pub point_format: u8,
    /// Bytes of an uncompressed point, extra bytes included.
    pub point_bytes: usize,
    /// Number of points.
    pub count: u64,
    /// Bounds on the map, metres.
    pub extent: Extent,
    /// Lowest height, metres.
    pub low: f64,
    /// Highest height, metres.
    pub high: f64,
    /// Metres in one raw unit of x, y, z.
    pub scale: [f64; 3],
    /// Metres at raw 0 of x, y, z.
    pub offset: [f64; 3],
    /// Smallest raw x, y, z, by the bounds.
    pub raw_low: [i32; 3],
    /// Largest raw x, y, z, by the bounds.
    pub raw_high: [i32; 3],
    /// Day of the year and year in which the file was made; zeros where unknown.
    pub created: (u16, u16),
    /// Whether GPS time counts from 1980 (adjusted standard time), not within an unnamed week: global encoding, bit 0.
    pub standard_time: bool,
    /// What made the points.
    pub system_identifier: String,
    /// What wrote the file.
    pub generating_software: String,
    /// Number of points by return, 1st to 15th; all zeros where unknown.
    pub by_return: [u64; 15],
    /// How the points lie in the file.
    pub kind: Kind,
    /// What the file says of its CRS.
    pub crs: CrsRecord,
    /// Extra dimensions, in the order of their bytes.
    pub extra: Vec<ExtraDimension>,
    /// Oddities that do no harm.
    pub warnings: Vec<Text>,
}

/// Bytes of a point of each format, without extra bytes.
pub(super) const POINT_BYTES: [usize; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/// Most variable-length records that are read: real files hold fewer than a hundred.
const MOST_RECORDS: u32 = 10_000;

/// Largest CRS record: real WKTs have some kilobytes.
const LARGEST_WKT: u64 = 1 << 20;

/// What the readers of chunks need beyond the public header.
pub(super) struct Opened {
    pub header: Header,
    /// First byte of the point data.
    pub data: u64,
    /// First byte behind the point data, as far as the header tells.
    pub data_end: u64,
    /// Content of the LASzip record.
    pub laszip: Option<Vec<u8>>,
    /// Content of the COPC info record.
    pub copc: Option<Vec<u8>>,
}

/// Little-endian fields of a block of bytes whose length was checked.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        if let Some(found) = self.0.get(at..at + N) {
            bytes.copy_from_slice(found);
        }
        bytes
    }
    pub fn u8(&self, at: usize) -> u8 {
        self.array::<1>(at)[0]
    }
    pub fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }
    pub fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }
    pub fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.array(at))
    }
    pub fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }
    pub fn f64(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.array(at))
    }
    fn text(&self, at: usize, length: usize) -> String {
        let bytes = self.0.get(at..at + length).unwrap_or_default();
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).trim().to_owned()
    }
}

/// One variable-length record, of either kind.
struct Record {
    user: String,
    id: u16,
    at: u64,
    length: u64,
}

/// Reads and checks the header and its records.
pub(super) fn read(source: &dyn Source) -> Result<Opened, Flaw> {
    let start = first_bytes(source)?;
    let fields = Fields(&start);
    let data = u64::from(fields.u32(96));
    let mut header = checked(&fields)?;
    if data < u64::from(fields.u16(94)) {
        return Err(Flaw::Damaged(text!(
            fr: "ses points commenceraient dans son en-tête (octet {data})",
            en: "its points would start inside its header (byte {data})"
        )));
    }
    if data > source.size() {
        return Err(source::cut(source.size(), data));
    }
    let records = records(source, &fields, data, &mut header.warnings)?;
    let extended = extended_records(source, &fields)?;
    let data_end = match first_extended(&fields) {
        Some(at) if at >= data => at.min(source.size()),
        _ => source.size(),
    };
    let mut opened = Opened { header, data, data_end, laszip: None, copc: None };
    for record in records.iter().chain(&extended) {
        keep(source, record, &mut opened)?;
    }
    finish(&fields, &mut opened)?;
    Ok(opened)
}

/// The bytes of the longest header, or as many as there are.
fn first_bytes(source: &dyn Source) -> Result<Vec<u8>, Flaw> {
    let size = source.size();
    if size == 0 {
        return Err(Flaw::Damaged(text!(fr: "il est vide (0 octet)", en: "it is empty (0 bytes)")));
    }
    let start = source::bytes(source, 0, size.min(375))?;
    if !start.starts_with(b"LASF") {
        return Err(not_las(&start));
    }
    let fields = Fields(&start);
    let (major, minor) = (fields.u8(24), fields.u8(25));
    let wanted = match minor {
        0..=2 => 227,
        3 => 235,
        _ => 375,
    };
    if size < 227 || size < wanted {
        return Err(source::cut(size, wanted));
    }
    if major != 1 || minor > 4 {
        return Err(Flaw::Unsupported(text!(
            fr: "version LAS {major}.{minor} inconnue (1.0 à 1.4 sont lues)",
            en: "unknown LAS version {major}.{minor} (1.0 to 1.4 are read)"
        )));
    }
    if u64::from(fields.u16(94)) < wanted {
        let found = fields.u16(94);
        return Err(Flaw::Damaged(text!(
            fr: "en-tête de {found} octets au lieu de {wanted}",
            en: "a header of {found} bytes instead of {wanted}"
        )));
    }
    Ok(start)
}

fn not_las(start: &[u8]) -> Flaw {
    if start.iter().all(|&byte| byte == 0) {
        return Flaw::Damaged(text!(fr: "il commence par des zéros", en: "it starts with zeros"));
    }
    Flaw::Foreign(text!(
        fr: "ce n'est pas un nuage de points LAS ou LAZ (signature « LASF » absente) ; donnez un fichier .las, .laz ou .copc.laz",
        en: "this is not a LAS or LAZ point cloud (no \"LASF\" signature); give a .las, .laz or .copc.laz file"
    ))
}

/// The fixed part of the header.
fn checked(fields: &Fields) -> Result<Header, Flaw> {
    let format = fields.u8(104) & 0x3f;
    let point_bytes = usize::from(fields.u16(105));
    let Some(&least) = POINT_BYTES.get(usize::from(format)) else {
        return Err(Flaw::Unsupported(text!(
            fr: "format de points {format} inconnu (0 à 10 sont lus)",
            en: "unknown point format {format} (0 to 10 are read)"
        )));
    };
    if point_bytes < least {
        return Err(Flaw::Damaged(text!(
            fr: "points de {point_bytes} octets, le format {format} en demande {least}",
            en: "points of {point_bytes} bytes, format {format} needs {least}"
        )));
    }
    let (count, by_return) = counts(fields);
    let mut header = Header {
        version: (fields.u8(24), fields.u8(25)),
        point_format: format,
        point_bytes,
        count,
        extent: Extent {
            west: fields.f64(187),
            south: fields.f64(203),
            east: fields.f64(179),
            north: fields.f64(195),
        },
        low: fields.f64(219),
        high: fields.f64(211),
        scale: [131, 139, 147].map(|at| fields.f64(at)),
        offset: [155, 163, 171].map(|at| fields.f64(at)),
        raw_low: [0; 3],
        raw_high: [0; 3],
        created: (fields.u16(90), fields.u16(92)),
        standard_time: fields.u16(6) & 1 == 1,
        system_identifier: fields.text(26, 32),
        generating_software: fields.text(58, 32),
        by_return,
        kind: if fields.u8(104) & 0xc0 == 0 { Kind::Las } else { Kind::Laz },
        crs: CrsRecord::default(),
        extra: Vec::new(),
        warnings: Vec::new(),
    };
    check_lattice(&mut header)?;
    Ok(header)
}

/// Number of points, in all and by return: the 64-bit ones of LAS 1.4, else the legacy ones.
fn counts(fields: &Fields) -> (u64, [u64; 15]) {
    let mut by_return = [0; 15];
    let extended = fields.u8(25) >= 4 && (fields.u64(247) > 0 || fields.u32(107) == 0);
    for (nth, number) in by_return.iter_mut().enumerate() {
        *number = match extended {
            true => fields.u64(255 + 8 * nth),
            false if nth < 5 => u64::from(fields.u32(111 + 4 * nth)),
            false => 0,
        };
    }
    (if extended { fields.u64(247) } else { u64::from(fields.u32(107)) }, by_return)
}

/// Scales, offsets and bounds must place points; raw bounds are made here.
fn check_lattice(header: &mut Header) -> Result<(), Flaw> {
    let (scale, offset) = (header.scale, header.offset);
    let sound = scale.iter().all(|s| s.is_finite() && s.abs() > 1e-12 && s.abs() < 1e6)
        && offset.iter().all(|o| o.is_finite() && o.abs() < 1e12);
    if !sound {
        return Err(Flaw::Damaged(text!(
            fr: "échelle {scale:?} ou décalage {offset:?} des coordonnées impossible",
            en: "impossible scale {scale:?} or offset {offset:?} of coordinates"
        )));
    }
    if header.count == 0 {
        return Ok(());
    }
    let extent = &header.extent;
    let low = [extent.west, extent.south, header.low];
    let high = [extent.east, extent.north, header.high];
    for axis in 0..3 {
        let ends = [low[axis], high[axis]].map(|end| ((end - offset[axis]) / scale[axis]).round());
        let [first, last] = if scale[axis] < 0.0 { [ends[1], ends[0]] } else { ends };
        let reachable = |end: f64| end >= f64::from(i32::MIN) - 1.0 && end <= f64::from(i32::MAX) + 1.0;
        if !(first <= last && reachable(first) && reachable(last)) {
            let (name, low, high) = (['x', 'y', 'z'][axis], low[axis], high[axis]);
            return Err(Flaw::Damaged(text!(
                fr: "bornes en {name} impossibles dans l'en-tête ({low} à {high})",
                en: "impossible bounds of {name} in the header ({low} to {high})"
            )));
        }
        (header.raw_low[axis], header.raw_high[axis]) = (first as i32, last as i32);
    }
    Ok(())
}

/// The variable-length records between header and points.
fn records(
    source: &dyn Source,
    fields: &Fields,
    data: u64,
    warnings: &mut Vec<Text>,
) -> Result<Vec<Record>, Flaw> {
    let (mut at, count) = (u64::from(fields.u16(94)), fields.u32(100));
    let mut records = Vec::new();
    for nth in 0..count.min(MOST_RECORDS) {
        if at + 54 > data {
            warnings.push(text!(
                fr: "l'en-tête annonce {count} enregistrements, {nth} tiennent avant les points",
                en: "the header promises {count} records, {nth} fit before the points"
            ));
            break;
        }
        let bytes = source::bytes(source, at, 54)?;
        if bytes.iter().all(|&byte| byte == 0) {
            return Err(Flaw::Damaged(text!(
                fr: "un enregistrement de l'en-tête (octet {at}) ne contient que des zéros",
                en: "a record of the header (byte {at}) holds only zeros"
            )));
        }
        let record = Fields(&bytes);
        let length = u64::from(record.u16(20));
        if at + 54 + length > data {
            return Err(Flaw::Damaged(text!(
                fr: "un enregistrement de l'en-tête (octet {at}) déborde sur les points",
                en: "a record of the header (byte {at}) overlaps the points"
            )));
        }
        records.push(Record { user: record.text(2, 16), id: record.u16(18), at: at + 54, length });
        at += 54 + length;
    }
    Ok(records)
}

/// Where the records behind the points start, in LAS 1.4.
pub(super) fn first_extended(fields: &Fields) -> Option<u64> {
    (fields.u8(25) >= 4 && fields.u32(243) > 0).then(|| fields.u64(235)).filter(|&at| at > 0)
}

/// The records behind the points.
fn extended_records(source: &dyn Source, fields: &Fields) -> Result<Vec<Record>, Flaw> {
    let mut records = Vec::new();
    let Some(mut at) = first_extended(fields) else { return Ok(records) };
    for _ in 0..fields.u32(243).min(MOST_RECORDS) {
        let bytes = source::bytes(source, at, 60)?;
        let record = Fields(&bytes);
        let length = record.u64(20);
        let next = at.saturating_add(60).saturating_add(length);
        if next > source.size() {
            return Err(source::cut(source.size(), next));
        }
        if bytes.iter().all(|&byte| byte == 0) {
            return Err(Flaw::Damaged(text!(
                fr: "un enregistrement final (octet {at}) ne contient que des zéros",
                en: "a record at the end (byte {at}) holds only zeros"
            )));
        }
        records.push(Record { user: record.text(2, 16), id: record.u16(18), at: at + 60, length });
        at = next;
    }
    Ok(records)
}

/// Takes from a record what points, CRS and extra dimensions need. The first of a kind counts, except for
/// extra bytes, whose records are joined as writers that append do.
fn keep(source: &dyn Source, record: &Record, opened: &mut Opened) -> Result<(), Flaw> {
    let content = || source::bytes(source, record.at, record.length);
    match (record.user.as_str(), record.id) {
        ("laszip encoded", 22204) if record.length < 1 << 16 => {
            opened.laszip.get_or_insert(content()?);
        }
        ("copc", 1) if record.length < 1 << 16 => {
            opened.copc.get_or_insert(content()?);
        }
        ("LASF_Projection", 2112) if record.length <= LARGEST_WKT => {
            let wkt = Fields(&content()?).text(0, record.length as usize);
            if opened.header.crs.wkt.is_none() && !wkt.is_empty() {
                opened.header.crs.wkt = Some(wkt);
            }
        }
        ("LASF_Projection", 34735) if record.length < 1 << 16 => {
            geotiff_keys(&Fields(&content()?), &mut opened.header.crs);
        }
        ("LASF_Spec", 4) if record.length < 1 << 16 => {
            opened.header.extra.extend(content()?.as_chunks::<192>().0.iter().map(|bytes| extra(bytes)));
        }
        _ => {}
    }
    Ok(())
}

/// Projected (3072), geographic (2048) and vertical (4096) CRS codes, and the unit of heights (4099).
fn geotiff_keys(keys: &Fields, crs: &mut CrsRecord) {
    let mut geographic = None;
    for nth in 0..usize::from(keys.u16(6)) {
        let at = 8 + 8 * nth;
        let (key, place, value) = (keys.u16(at), keys.u16(at + 2), keys.u16(at + 6));
        if place != 0 || value == 0 || value == 32767 {
            continue;
        }
        match key {
            3072 => crs.horizontal_epsg = Some(u32::from(value)),
            2048 => geographic = Some(u32::from(value)),
            4096 => crs.vertical_epsg = Some(u32::from(value)),
            4099 => crs.height_unit = Some(u32::from(value)),
            _ => {}
        }
    }
    crs.horizontal_epsg = crs.horizontal_epsg.or(geographic);
}

/// One description of 192 bytes; `start` is filled when all are known.
fn extra(bytes: &[u8]) -> ExtraDimension {
    let fields = Fields(bytes);
    let (data_type, options) = (fields.u8(2), fields.u8(3));
    let width = match data_type {
        0 => usize::from(options),
        1 | 2 => 1,
        3 | 4 => 2,
        5 | 6 | 9 => 4,
        7 | 8 | 10 => 8,
        11..=30 => {
            [1, 1, 2, 2, 4, 4, 8, 8, 4, 8][usize::from(data_type - 11) % 10]
                * (2 + usize::from(data_type - 11) / 10)
        }
        _ => 0,
    };
    let with = |bit: u8, at: usize, plain: f64| {
        if data_type != 0 && options & bit != 0 { fields.f64(at) } else { plain }
    };
    ExtraDimension {
        name: fields.text(4, 32),
        data_type,
        start: 0,
        width,
        scale: with(8, 112, 1.0),
        offset: with(16, 136, 0.0),
    }
}

/// What depends on all records: places of extra dimensions, compression, size of uncompressed points.
fn finish(fields: &Fields, opened: &mut Opened) -> Result<(), Flaw> {
    let header = &mut opened.header;
    let room = header.point_bytes - POINT_BYTES[usize::from(header.point_format)];
    let mut start = 0;
    for dimension in &mut header.extra {
        dimension.start = start;
        start += dimension.width;
    }
    if start > room {
        header.warnings.push(text!(
            fr: "les dimensions supplémentaires décrites ({start} octets) dépassent la place prévue ({room})",
            en: "the described extra dimensions ({start} bytes) exceed their room ({room})"
        ));
        header.extra.retain(|dimension| dimension.start + dimension.width <= room);
    }
    if header.point_format >= 6 && header.crs.wkt.is_some() && fields.u16(6) & 0x10 == 0 {
        header.warnings.push(text!(
            fr: "le CRS est donné en WKT mais l'en-tête ne le dit pas (bit WKT absent) : le WKT est utilisé",
            en: "the CRS is given as WKT but the header does not say so (WKT bit unset): the WKT is used"
        ));
    }
    if header.kind == Kind::Laz && opened.laszip.is_none() && header.count > 0 {
        return Err(Flaw::Damaged(text!(
            fr: "points compressés sans la description de leur compression (LASzip)",
            en: "compressed points without the record of their compression (LASzip)"
        )));
    }
    Ok(())
}
