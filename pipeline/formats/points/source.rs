//! Where the bytes of a cloud come from: positioned reads of a file, or of a buffer in memory.
//!
//! In: an offset and a length. Out: exactly these bytes, or a flaw. Reads need no cursor, so that many
//! threads read one source at once; nothing is mapped, so that a file that shrinks under our hands is an
//! error and not a crash. Costs one system call per read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::flaw::Flaw;
use crate::text;

/// Bytes that can be read from any place, by many threads at once.
pub(super) trait Source: Send + Sync {
    /// Fills `bytes` from `offset`.
    fn fill(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()>;
    /// Number of bytes.
    fn size(&self) -> u64;
}

/// A file on disk and its size when it was opened.
struct OnDisk {
    file: File,
    size: u64,
}

impl Source for OnDisk {
    fn fill(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, offset)
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Source for Vec<u8> {
    fn fill(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let part = start.checked_add(bytes.len()).and_then(|end| self.get(start..end));
        bytes.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn size(&self) -> u64 {
        self.len() as u64
    }
}

/// Opens a regular file.
pub(super) fn open(path: &Path) -> Result<Box<dyn Source>, Flaw> {
    // Asked before it is opened: opening a pipe would wait for ever for somebody to write to it.
    let about = std::fs::metadata(path).map_err(Flaw::Unreadable)?;
    if about.is_dir() {
        return Err(Flaw::Foreign(text!(
            fr: "c'est un dossier, pas un nuage de points ; donnez un fichier .las ou .laz",
            en: "this is a folder, not a point cloud; give a .las or .laz file"
        )));
    }
    if !about.is_file() {
        return Err(Flaw::Foreign(text!(
            fr: "ce n'est pas un fichier ordinaire ; donnez un fichier .las ou .laz",
            en: "this is no regular file; give a .las or .laz file"
        )));
    }
    let file = File::open(path).map_err(Flaw::Unreadable)?;
    Ok(Box::new(OnDisk { file, size: about.len() }))
}

/// `length` bytes from `offset`, none of which is allocated before it is known to exist.
pub(super) fn bytes(source: &dyn Source, offset: u64, length: u64) -> Result<Vec<u8>, Flaw> {
    let end = offset.checked_add(length).filter(|&end| end <= source.size());
    end.ok_or_else(|| cut(source.size(), offset.saturating_add(length)))?;
    let mut bytes = vec![0; length as usize];
    source.fill(offset, &mut bytes).map_err(Flaw::Unreadable)?;
    Ok(bytes)
}

/// The flaw of a file that ends too early.
pub(super) fn cut(size: u64, wanted: u64) -> Flaw {
    Flaw::Damaged(text!(
        fr: "le fichier est tronqué ({size} octets, il en faudrait au moins {wanted})",
        en: "the file is truncated ({size} bytes, at least {wanted} are needed)"
    ))
}
