//! What a tile keeps of a vector product until the run is closed: features, and things that are not finished.
//!
//! In and out: the bytes of ilot's own file, little-endian, geometries as WKB; numbers are kept to the bit. A building that
//! goes on in the next tile is such an unfinished thing; its stage knows how to read it. Lengths in a file are checked
//! against what is there before anything is read. Cost: a microsecond a feature.

use super::library::ask_strictly;
use super::vector::{Feature, Value};
use crate::fault;
use crate::text::Fault;
use gdal::vector::ToGdal;
use geo::Geometry;
use std::path::Path;

/// The part of a vector product that one tile makes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// Finished features.
    pub features: Vec<Feature>,
    /// What its stage finishes when all tiles are there, in bytes that it writes with [`Writer`].
    pub open: Vec<Vec<u8>>,
}

/// First bytes of the file.
const MAGIC: &[u8] = b"ilot part 1\n";

impl Part {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty() && self.open.is_empty()
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Where GDAL cannot write a geometry.
    pub fn encode(&self) -> Result<Vec<u8>, Fault> {
        let mut out = Writer::default();
        out.0.extend_from_slice(MAGIC);
        out.count(self.features.len());
        for feature in &self.features {
            let wkb = ask_strictly(|| feature.geometry.to_gdal()?.wkb()).map_err(|cause| {
                fault!(
                    fr: "Une géométrie ne peut pas être écrite ({cause}) : défaut d'ilot, à signaler.",
                    en: "A geometry cannot be written ({cause}): a defect of ilot, please report it.",
                )
            })?;
            out.bytes(&wkb);
            out.count(feature.values.len());
            feature.values.iter().for_each(|value| out.value(value));
        }
        out.count(self.open.len());
        self.open.iter().for_each(|bytes| out.bytes(bytes));
        Ok(out.0)
    }

    /// Reads it back; `path` is for the message.
    ///
    /// # Errors
    /// Where the bytes are not those of a part.
    pub fn decode(bytes: &[u8], path: &Path) -> Result<Part, Fault> {
        let read = || -> Option<Part> {
            let mut input = Reader(bytes.strip_prefix(MAGIC)?);
            let features = input.list(Reader::feature)?;
            let open = input.list(|input| input.bytes().map(<[u8]>::to_vec))?;
            input.0.is_empty().then_some(Part { features, open })
        };
        read().ok_or_else(|| {
            let path = path.display();
            fault!(
                fr: "{path} est endommagé : supprimez ce fichier et relancez, il sera refait.",
                en: "{path} is damaged: remove this file and run again, it will be made anew.",
            )
        })
    }
}

/// Bytes in the making.
#[derive(Debug, Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// A whole number.
    pub fn integer(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// How many things follow.
    pub fn count(&mut self, count: usize) {
        self.integer(count as i64);
    }

    /// Bytes with their number before them.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.push(0),
            Value::Integer(value) => {
                self.0.push(1);
                self.integer(*value);
            }
            Value::Real(value) => {
                self.0.push(2);
                self.0.extend_from_slice(&value.to_le_bytes());
            }
            Value::Text(text) => {
                self.0.push(3);
                self.bytes(text.as_bytes());
            }
        }
    }
}

/// Bytes while they are read; `None` where they end too early.
#[derive(Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A whole number.
    pub fn integer(&mut self) -> Option<i64> {
        self.take(8)?.try_into().ok().map(i64::from_le_bytes)
    }

    /// A number of things, each of which has at least a byte here.
    pub fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.integer()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    /// Bytes with their number before them.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    /// A list with its length before it.
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Reader<'a>) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn feature(&mut self) -> Option<Feature> {
        let wkb = self.bytes()?;
        let geometry = ask_strictly(|| gdal::vector::Geometry::from_wkb(wkb)).ok()?;
        let geometry = Geometry::<f64>::try_from(&geometry).ok()?;
        let values = self.list(Reader::value)?;
        Some(Feature { geometry, values })
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.take(1)? {
            [0] => Value::Null,
            [1] => Value::Integer(self.integer()?),
            [2] => Value::Real(f64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            [3] => Value::Text(String::from_utf8(self.bytes()?.to_vec()).ok()?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> Part {
        let ring = vec![(770_000.1, 6_277_000.3), (770_010.0, 6_277_000.3), (770_010.0, 6_277_009.7)];
        let values = vec![
            Value::Null,
            Value::Integer(-3),
            Value::Real(0.1 + 0.2),
            Value::Text("Toit à l'est".to_owned()),
        ];
        let polygon = geo::Polygon::new(ring.into(), Vec::new());
        Part {
            features: vec![
                Feature { geometry: Geometry::Polygon(polygon), values: values.clone() },
                Feature { geometry: Geometry::Point((1.5, 2.5).into()), values },
            ],
            open: vec![vec![1, 2, 3], Vec::new()],
        }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        let bytes = part().encode().unwrap();
        assert_eq!(Part::decode(&bytes, Path::new("x")).unwrap(), part());
    }

    #[test]
    fn damaged_bytes_are_a_fault() {
        let bytes = part().encode().unwrap();
        for end in 0..bytes.len() {
            assert!(Part::decode(&bytes[..end], Path::new("x")).is_err(), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x80;
            // Whatever comes of it, it neither panics nor asks for memory that is not there.
            let _ = Part::decode(&damaged, Path::new("x"));
        }
    }
}
