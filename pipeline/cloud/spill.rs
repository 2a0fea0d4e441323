//! Columns that wait on the disk while the memory budget is spent.
//!
//! In: columns of whole numbers. Out: files of little-endian bytes below the run's own folder, read back
//! once and removed. They never outlive their run and never bear a product's name.

use crate::fault;
use crate::text::Fault;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Numbers that can wait on the disk.
pub trait Spilled: Copy + Default {
    /// Bytes of one number.
    const BYTES: usize;
    /// Writes the number.
    fn put(self, bytes: &mut Vec<u8>);
    /// Reads the number.
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! spilled {
    ($($number:ty),*) => {$(
        impl Spilled for $number {
            const BYTES: usize = size_of::<$number>();
            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &[u8]) -> Self {
                bytes.try_into().map_or_else(|_| Self::default(), Self::from_le_bytes)
            }
        }
    )*};
}

spilled!(i32, u32, u16, u8);

/// Numbers that are turned into bytes at once.
const BLOCK: usize = 1 << 16;

/// Columns of one kind, one after the other in a file.
pub struct Waiting {
    path: PathBuf,
    lengths: Vec<usize>,
}

impl Waiting {
    /// Puts columns on the disk.
    pub fn put<T: Spilled>(path: PathBuf, columns: &[&[T]]) -> Result<Waiting, Fault> {
        let write = || -> io::Result<()> {
            let mut file = BufWriter::with_capacity(BLOCK, File::create(&path)?);
            let mut bytes = Vec::with_capacity(BLOCK * T::BYTES);
            for block in columns.iter().flat_map(|column| column.chunks(BLOCK)) {
                bytes.clear();
                block.iter().for_each(|number| number.put(&mut bytes));
                file.write_all(&bytes)?;
            }
            file.flush()
        };
        write().map_err(|why| trouble(&path, &why))?;
        Ok(Waiting { path, lengths: columns.iter().map(|column| column.len()).collect() })
    }

    /// Adds each column to the end of one in memory, in their order.
    pub fn take<T: Spilled>(self, columns: &mut [&mut Vec<T>]) -> Result<(), Fault> {
        let mut read = || -> io::Result<()> {
            let mut file = BufReader::with_capacity(BLOCK, File::open(&self.path)?);
            let mut bytes = Vec::new();
            for (column, &length) in columns.iter_mut().zip(&self.lengths) {
                column.reserve(length);
                for start in (0..length).step_by(BLOCK) {
                    bytes.resize((length - start).min(BLOCK) * T::BYTES, 0);
                    file.read_exact(&mut bytes)?;
                    column.extend(bytes.chunks_exact(T::BYTES).map(T::get));
                }
            }
            Ok(())
        };
        read().map_err(|why| trouble(&self.path, &why))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // The whole folder goes with the run: a file that stays a little longer does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

fn trouble(path: &Path, why: &io::Error) -> Fault {
    let folder = path.parent().unwrap_or(path).display();
    fault!(
        fr: "{folder} : les points en attente ne peuvent y être gardés ({why}) ; libérez de l'espace ou augmentez --memory.",
        en: "{folder}: waiting points cannot be kept there ({why}); free some space or raise --memory.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_comes_back_behind_what_came_since() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points");
        let long: Vec<i32> = (0..200_000).map(|i| i * 7 - 500_000).collect();
        let waiting = Waiting::put(path.clone(), &[&long, &[1, 2, 3]]).unwrap();
        let (mut first, mut second) = (vec![9], Vec::new());
        waiting.take(&mut [&mut first, &mut second]).unwrap();
        assert_eq!((first[0], &first[1..]), (9, &long[..]));
        assert_eq!(second, [1, 2, 3]);
        assert!(!path.exists());
    }

    #[test]
    fn a_missing_folder_is_a_fault_and_no_panic() {
        assert!(Waiting::put::<u8>(PathBuf::from("/nowhere/at/all"), &[&[1]]).is_err());
    }
}
