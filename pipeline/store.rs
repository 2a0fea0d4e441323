//! Where products live: `OUT/<product>/<tile>.tif`, a mosaic `OUT/<product>.vrt` over them, and a record of
//! each finished tile, by which a later run knows that it need not be made again.
//!
//! A file is written aside and renamed; the record of a tile is written last. A tile is therefore either
//! complete or, for the next run, not there at all.

use crate::fault;
use crate::formats::aside;
use crate::product::{self, Spec, VECTORS, Vector, of_tiles};
use crate::style;
use crate::text::{Fault, Language, Text};
use ilot_kernels::frame::Frame;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The folder of results.
#[derive(Debug, Clone)]
pub struct Store {
    out: PathBuf,
}

/// One file that a tile is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Name of the product.
    pub product: String,
    /// Path below the folder of results.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// When it was written, nanoseconds since 1970: only where this differs is the hash computed again.
    pub written: Option<u64>,
    /// Cells with a value, and all cells.
    pub cells: (u64, u64),
    /// 2nd and 98th percentile of the values, `None` where there is none.
    pub spread: Option<(f64, f64)>,
}

/// A finished tile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TileRecord {
    /// Name of the tile.
    pub tile: String,
    /// What it was made from and how, hashed.
    pub fingerprint: String,
    /// Its files.
    pub files: Vec<FileRecord>,
    /// Soft problems: French, English.
    pub remarks: Vec<(String, String)>,
}

impl TileRecord {
    /// The soft problems as texts.
    pub fn texts(&self) -> impl Iterator<Item = Text> {
        self.remarks.iter().map(|(fr, en)| Text { fr: fr.clone(), en: en.clone() })
    }
}

/// Folder of what ilot keeps for itself, below the results.
const OWN: &str = ".ilot";

impl Store {
    /// Opens the folder of results, made where it is missing, and removes what killed runs left half written.
    pub fn open(out: &Path) -> Result<Store, Fault> {
        let store = Store { out: out.to_owned() };
        let own = store.out.join(OWN);
        store.folder(&own.join("tiles"))?;
        let products = product::all().map(|spec| store.out.join(spec.name));
        let folders = [store.out.clone(), own.clone(), own.join("tiles")];
        folders.into_iter().chain(products).for_each(|folder| aside::sweep(&folder));
        Ok(store)
    }

    /// The folder itself.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// `<product>/<tile>.tif`, below the folder of results.
    pub fn raster_name(spec: &Spec, tile: &str) -> String {
        format!("{}/{tile}.tif", spec.name)
    }

    /// Where a tile's part of a layer waits for the others, below the folder of results.
    pub fn part_name(layer: &Vector, tile: &str) -> String {
        format!("{OWN}/parts/{}/{tile}.part", layer.name)
    }

    /// Reads a file below the folder of results.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let path = self.out.join(name);
        std::fs::read(&path).map_err(|why| {
            let path = path.display();
            fault!(
                fr: "{path} ne peut être lu ({why}) : relancez, il sera refait.",
                en: "{path} cannot be read ({why}): run again, it will be made anew.",
            )
        })
    }

    /// Writes a file below the folder of results, aside first.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = self.out.join(name);
        if let Some(folder) = path.parent() {
            self.folder(folder)?;
        }
        aside::write(&path, bytes)
    }

    /// Writes the styles of a product beside its mosaic and beside each of its tiles, where QGIS looks for them.
    pub fn style(
        &self,
        spec: &Spec,
        spread: Option<(f64, f64)>,
        tiles: &[(String, Frame)],
    ) -> Result<(), Fault> {
        let language = Language::spoken();
        let qml = style::qml(spec, spread, language);
        self.write(&format!("{}.qml", spec.name), qml.as_bytes())?;
        self.write(&format!("{}.sld", spec.name), style::sld(spec, spread, language).as_bytes())?;
        for (path, _) in tiles {
            self.write(&path.replace(".tif", ".qml"), qml.as_bytes())?;
        }
        Ok(())
    }

    /// A file of ilot's own, below the folder of results.
    pub fn own(&self, name: &str) -> PathBuf {
        self.out.join(OWN).join(name)
    }

    /// The record of a tile, if it was finished.
    pub fn record(&self, tile: &str) -> Option<TileRecord> {
        let text = std::fs::read_to_string(self.own(&format!("tiles/{tile}.json"))).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Notes that a tile is finished.
    pub fn finish(&self, record: &TileRecord) -> Result<(), Fault> {
        let text = serde_json::to_string_pretty(record).expect("a record is made of strings and numbers");
        self.write(&format!("{OWN}/tiles/{}.json", record.tile), text.as_bytes())
    }

    /// The record of a tile that need not be made again: same fingerprint, all files there at their size.
    pub fn current(&self, tile: &str, fingerprint: &str) -> Option<TileRecord> {
        let record = self.record(tile).filter(|record| record.fingerprint == fingerprint)?;
        let there = |file: &FileRecord| self.is_intact(file);
        record.files.iter().all(there).then_some(record)
    }

    /// Whether a file is the one that was written: same size and instant, or same bytes.
    pub(crate) fn is_intact(&self, file: &FileRecord) -> bool {
        is_same(&self.out.join(&file.path), file.bytes, file.written, &file.sha256)
    }

    /// Writes a file of ilot's own, aside first.
    pub fn write_own(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.write(&format!("{OWN}/{name}"), bytes)
    }

    /// Removes a file of ilot's own, if it is there.
    pub fn forget(&self, name: &str) -> Result<(), Fault> {
        remove(&self.own(name))
    }

    /// Size of a file below the folder of results, bytes.
    pub fn size(&self, name: &str) -> Option<u64> {
        std::fs::metadata(self.out.join(name)).ok().map(|found| found.len())
    }

    /// When a file below the folder of results was written, where the system tells.
    pub fn instant(&self, name: &str) -> Option<u64> {
        written(&self.out.join(name))
    }

    /// Whether a file is there, below the folder of results.
    pub fn has(&self, name: &str) -> bool {
        self.out.join(name).exists()
    }

    /// Names of the finished tiles whose records are here, of whichever run.
    pub fn finished(&self) -> Vec<String> {
        let records = std::fs::read_dir(self.own("tiles")).into_iter().flatten().flatten();
        let mut names: Vec<String> = records
            .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    /// Forgets a tile before it is made anew.
    pub fn clear(&self, tile: &str) -> Result<(), Fault> {
        let record = self.own(&format!("tiles/{tile}.json"));
        let products = of_tiles().map(|spec| self.out.join(Store::raster_name(spec, tile)));
        let parts = VECTORS.iter().map(|layer| self.out.join(Store::part_name(layer, tile)));
        std::iter::once(record).chain(products).chain(parts).try_for_each(|path| remove(&path))
    }

    /// Where this run keeps what does not fit into memory.
    pub fn waiting_room(&self) -> Result<PathBuf, Fault> {
        let room = self.own("waiting").join(std::process::id().to_string());
        self.folder(&room)?;
        Ok(room)
    }

    /// Removes this run's waiting room, and those of runs that were killed.
    pub fn empty_waiting_room(&self) {
        let own = std::process::id().to_string();
        let rooms = std::fs::read_dir(self.own("waiting")).into_iter().flatten().flatten();
        for room in rooms {
            let name = room.file_name().to_string_lossy().into_owned();
            // On Linux a process that lives has a folder here; elsewhere only the own room is removed.
            let gone = Path::new("/proc/self").exists() && !Path::new("/proc").join(&name).exists();
            if name == own || gone {
                // What cannot be removed now is tried again by the next run.
                let _ = std::fs::remove_dir_all(room.path());
            }
        }
        // Not empty where another run is at work.
        let _ = std::fs::remove_dir(self.own("waiting"));
    }

    /// Makes a folder below the folder of results where it is missing.
    ///
    /// # Errors
    /// Where the disk is read-only or full.
    pub fn make_folder(&self, name: &str) -> Result<(), Fault> {
        self.folder(&self.out.join(name))
    }

    fn folder(&self, folder: &Path) -> Result<(), Fault> {
        std::fs::create_dir_all(folder).map_err(|why| {
            let shown = folder.display();
            fault!(
                fr: "Le dossier {shown} ne peut être créé ({why}) : choisissez un autre --out, ou vérifiez vos droits et la place libre.",
                en: "Folder {shown} cannot be made ({why}): choose another --out, or check your permissions and the free space.",
            )
        })
    }
}

/// Size of a file in bytes, and when it was last changed in nanoseconds since 1970, where the system tells both.
pub(crate) fn stamp(path: &Path) -> Option<(u64, u128)> {
    let file = std::fs::metadata(path).ok()?;
    let changed = file.modified().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    Some((file.len(), changed.as_nanos()))
}

/// Whether a file is what it was: of this size, and unchanged since this instant or of the same bytes.
pub(crate) fn is_same(path: &Path, bytes: u64, instant: Option<u64>, sha256: &str) -> bool {
    let same_instant = || instant.is_some() && written(path) == instant;
    let same_bytes = || hash_file(path).is_ok_and(|hash| hash == sha256);
    std::fs::metadata(path).is_ok_and(|found| found.len() == bytes) && (same_instant() || same_bytes())
}

fn written(path: &Path) -> Option<u64> {
    stamp(path)?.1.try_into().ok()
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of a file in hexadecimal, read piece by piece.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// The files that a user's input stands for: a folder's, by name, and all parts of a shapefile.
pub fn files_of(path: &Path) -> Vec<PathBuf> {
    const PARTS: [&str; 5] = ["shp", "dbf", "shx", "prj", "cpg"];
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        inside.sort();
        return inside
            .iter()
            .flat_map(|path| if path.is_dir() { files_of(path) } else { vec![path.clone()] })
            .collect();
    }
    let shape = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("shp"));
    if !shape {
        return vec![path.to_owned()];
    }
    let upper = path.extension().is_some_and(|ending| ending == "SHP");
    let part =
        |ending: &&str| path.with_extension(if upper { ending.to_uppercase() } else { (*ending).to_owned() });
    PARTS.iter().map(part).filter(|path| path.exists()).collect()
}

/// Inputs as `run.json` has them: each file with its SHA-256, `null` where it cannot be read any more.
pub fn hash_inputs(paths: &[PathBuf]) -> Vec<serde_json::Value> {
    let mut files: Vec<PathBuf> = Vec::new();
    for file in paths.iter().flat_map(|path| files_of(path)) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let entry = |path: &PathBuf| serde_json::json!({ "path": path.to_string_lossy(), "sha256": hash_file(path).ok() });
    files.iter().map(entry).collect()
}

/// Removes an old file, if it is there.
fn remove(path: &Path) -> Result<(), Fault> {
    match std::fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => {
            let shown = path.display();
            Err(fault!(
                fr: "L'ancien fichier {shown} ne peut être retiré ({why}) : vérifiez vos droits sur le dossier.",
                en: "The old file {shown} cannot be removed ({why}): check your permissions on the folder.",
            ))
        }
        _ => Ok(()),
    }
}

/// Bytes in hexadecimal.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
