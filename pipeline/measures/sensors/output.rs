//! Where results go, and which files there are at the end.
//!
//! In: names below the folder of results, and bytes; out: files written aside and renamed, and the list of them, by which a
//! run knows later whether they are still there. Cost: none.

use crate::product::Spec;
use crate::store::Store;
use crate::text::Fault;
use ilot_kernels::frame::Frame;
use std::path::Path;
use std::sync::Mutex;

/// A folder of results that remembers what was written.
pub struct Output {
    store: Store,
    files: Mutex<Vec<String>>,
}

impl Output {
    /// Opens a folder of results.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn open(out: &Path) -> Result<Output, Fault> {
        Ok(Output { store: Store::open(out)?, files: Mutex::new(Vec::new()) })
    }

    /// The folder.
    pub fn out(&self) -> &Path {
        self.store.out()
    }

    /// Whether a file is there.
    pub fn has(&self, name: &str) -> bool {
        self.store.has(name)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.store.write(name, bytes)?;
        self.note(name);
        Ok(())
    }

    /// Writes the styles of a product.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn style(&self, spec: &Spec, tiles: &[(String, Frame)]) -> Result<(), Fault> {
        self.store.style(spec, None, tiles)
    }

    /// Notes a file that was written in another way.
    pub fn note(&self, name: &str) {
        self.files.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(name.to_owned());
    }

    /// All files, sorted.
    pub fn into_files(self) -> Vec<String> {
        let mut files = self.files.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        files.sort();
        files.dedup();
        files
    }
}
