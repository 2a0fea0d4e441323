//! Files that appear whole or not at all.
//!
//! In: the name that a file shall bear. Out: a hidden `.<name>.<process>.part` beside it, which takes that
//! name when it is complete and on the disk, and which vanishes when anything fails before. A kill leaves at
//! worst a `.part`, never half a product. Cost: one `fsync` and one rename per file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::fault;
use crate::text::Fault;

/// A file in the making.
#[derive(Debug)]
pub struct Aside {
    target: PathBuf,
    part: PathBuf,
    committed: bool,
}

impl Aside {
    /// Starts an empty file beside `target`, whose folder must exist.
    ///
    /// # Errors
    /// Where the folder is missing, read-only or full.
    pub fn create(target: &Path) -> Result<Aside, Fault> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let part = target.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let aside = Aside { target: target.to_owned(), part, committed: false };
        File::create(&aside.part).map_err(|error| aside.fault(&error))?;
        Ok(aside)
    }

    /// The file to write to, until [`Aside::commit`].
    pub fn path(&self) -> &Path {
        &self.part
    }

    /// Opens the file to be written from its start.
    ///
    /// # Errors
    /// As [`Aside::create`].
    pub fn open(&self) -> Result<File, Fault> {
        let options = File::options().read(true).write(true).truncate(true).create(true).open(&self.part);
        options.map_err(|error| self.fault(&error))
    }

    /// Brings the file to the disk and gives it its name, in place of an older file.
    ///
    /// # Errors
    /// Where the disk is full or fails; nothing bears the name then that did not before.
    pub fn commit(mut self) -> Result<(), Fault> {
        let written = File::open(&self.part).and_then(|file| file.sync_all());
        written.and_then(|()| fs::rename(&self.part, &self.target)).map_err(|error| self.fault(&error))?;
        self.committed = true;
        // The name itself: not every file system can sync a folder, and the content is safe already.
        let _ = File::open(self.folder()).and_then(|folder| folder.sync_all());
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The sentence for an error while writing: it names the folder and the remedy.
    pub fn fault(&self, error: &io::Error) -> Fault {
        let folder = self.folder().display();
        let name = self.target.file_name().unwrap_or_default().to_string_lossy();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => fault!(
                fr: "{folder} : plus de place pour écrire {name} ; libérez de l'espace ou choisissez un autre dossier.",
                en: "{folder}: no space left to write {name}; free some space or choose another folder."
            ),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => fault!(
                fr: "{folder} : dossier en lecture seule, {name} n'a pas pu y être écrit ; donnez-vous le droit d'écrire ou choisissez un autre dossier.",
                en: "{folder}: read-only folder, {name} could not be written there; give yourself the right to write or choose another folder."
            ),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => fault!(
                fr: "{folder} : dossier introuvable, {name} n'a pas pu y être écrit ; créez-le ou choisissez-en un autre.",
                en: "{folder}: no such folder, {name} could not be written there; make it or choose another one."
            ),
            _ => fault!(
                fr: "{folder} : {name} n'a pas pu être écrit ({error}) ; vérifiez le disque ou choisissez un autre dossier.",
                en: "{folder}: {name} could not be written ({error}); check the disk or choose another folder."
            ),
        }
    }
}

/// Writes a whole file, aside first.
///
/// # Errors
/// As [`Aside::create`] and [`Aside::commit`].
pub fn write(target: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let aside = Aside::create(target)?;
    aside.open()?.write_all(bytes).map_err(|error| aside.fault(&error))?;
    aside.commit()
}

/// A folder in the making: its files are written into a hidden one beside it, which takes its name when all are there.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    part: PathBuf,
}

impl Folder {
    /// Starts an empty folder beside `target`, whose parents are made where they are missing.
    ///
    /// # Errors
    /// As [`Aside::create`].
    pub fn create(target: &Path) -> Result<Folder, Fault> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let part = target.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let folder = Folder { target: target.to_owned(), part };
        fs::create_dir_all(&folder.part).map_err(|error| folder.fault(&folder.target, &error))?;
        Ok(folder)
    }

    /// Writes a whole file into it.
    ///
    /// # Errors
    /// As [`Aside::create`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        fs::write(self.part.join(name), bytes).map_err(|error| self.fault(&self.target.join(name), &error))
    }

    /// Brings it to the disk and gives it its name, in place of an older folder.
    ///
    /// # Errors
    /// As [`Aside::commit`].
    pub fn commit(self) -> Result<(), Fault> {
        let synced = fs::read_dir(&self.part).and_then(|entries| {
            entries.into_iter().try_for_each(|entry| File::open(entry?.path())?.sync_all())
        });
        synced.map_err(|error| self.fault(&self.target, &error))?;
        Folder::forget(&self.target);
        fs::rename(&self.part, &self.target).map_err(|error| self.fault(&self.target, &error))
    }

    /// Removes a folder that bears a final name, where there is one: renamed first, so that it never shows in part.
    pub fn forget(target: &Path) {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let old = target.with_file_name(format!(".{name}.old.{}.part", std::process::id()));
        // What cannot be removed now is tried again by the next run.
        if fs::rename(target, &old).is_ok() {
            let _ = fs::remove_dir_all(old);
        }
    }

    fn fault(&self, target: &Path, error: &io::Error) -> Fault {
        Aside { target: target.to_owned(), part: self.part.clone(), committed: true }.fault(error)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Gone already where it was committed.
        let _ = fs::remove_dir_all(&self.part);
    }
}

/// Removes what killed processes left in a folder: `.part` files of processes that live no more.
///
/// Only Linux tells which processes live; elsewhere nothing is removed.
pub fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| is_orphan(path)) {
        // What cannot be removed now is tried again by the next run.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

/// `.<name>.<process>.part` of a process that lives no more.
fn is_orphan(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let process = name.strip_prefix('.').and_then(|name| name.strip_suffix(".part")?.rsplit_once('.'));
    process.is_some_and(|(_, process)| {
        let number = !process.is_empty() && process.bytes().all(|digit| digit.is_ascii_digit());
        number && Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists()
    })
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing to do where it is already gone.
            let _ = fs::remove_file(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_bears_its_name_only_when_committed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("dtm.tif");
        fs::write(&target, "old").unwrap();
        let aside = Aside::create(&target).unwrap();
        aside.open().unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        aside.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["dtm.tif"]);
    }

    #[test]
    fn a_file_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let aside = Aside::create(&folder.path().join("dtm.tif")).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(aside);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let fault = Aside::create(&folder.path().join("none/dtm.tif")).unwrap_err();
        assert!(fault.0.en.contains("none: no such folder"), "{}", fault.0.en);
    }

    #[test]
    fn a_full_disk_is_told_in_one_sentence() {
        let Ok(full) = File::options().write(true).open("/dev/full") else { return };
        let error = (&full).write_all(b"x").unwrap_err();
        let aside =
            Aside { target: "out/dtm.tif".into(), part: "/nonexistent/part".into(), committed: false };
        assert_eq!(
            aside.fault(&error).0.en,
            "out: no space left to write dtm.tif; free some space or choose another folder."
        );
    }
}
