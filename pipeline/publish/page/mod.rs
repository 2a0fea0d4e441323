//! A finished run → `index.html` and `web/`: a map and a 3D scene that work without a net.
//!
//! In: the folder of a run. Out: one page whose data island names every map, layer and document of the folder, with words,
//! legends and where each figure's interval stands; and the scripts that it needs, which this binary carries (`web/dist`,
//! made by `make web`). The page shows archives of map tiles (`pmtiles/`) and reads values from the COGs themselves; it asks
//! nothing of the net and is served by `ilot view`. Files that are already there are not written again. Fails where: the
//! folder holds no map. Cost: milliseconds.

mod island;

use super::inventory::Inventory;
use crate::fault;
use crate::formats::aside;
use crate::measures::sensors::plot::escape;
use crate::text::{Fault, Language};
use std::collections::BTreeMap;
use std::path::Path;

/// The page, below the folder of results.
pub const NAME: &str = "index.html";
/// Its scripts, below the folder of results.
pub const FOLDER: &str = "web";

const TEMPLATE: &str = include_str!("../../../web/src/index.html");
/// Names and texts of the scripts, as JSON, compressed.
const BUNDLE: &[u8] = include_bytes!("../../../web/dist/web.json.zst");

/// Writes the page over a folder, and its scripts where they are not there yet.
///
/// # Errors
/// Where the folder holds no map, or a file cannot be written.
pub fn write(inventory: &Inventory) -> Result<(), Fault> {
    written(inventory, Language::spoken())
}

/// Writes the page anew, in the language that it begins with: who looks at it need not speak that of who made it.
///
/// # Errors
/// As [`write()`].
pub fn renew(inventory: &Inventory) -> Result<(), Fault> {
    let there = std::fs::read_to_string(inventory.out.join(NAME)).unwrap_or_default();
    let speaks = |language: &Language| there.contains(&format!("<html lang=\"{}\">", language.code()));
    let language = [Language::French, Language::English].into_iter().find(speaks);
    written(inventory, language.unwrap_or_else(Language::spoken))
}

fn written(inventory: &Inventory, language: Language) -> Result<(), Fault> {
    scripts(&inventory.out.join(FOLDER))?;
    let language = language.code();
    let island = island::of(inventory, language)?;
    let title = escape(island["title"][language].as_str().unwrap_or("ilot"));
    // Within a script, only `<` could end it.
    let data = inventory.account.told(island.to_string()).replace('<', "\\u003c");
    let page = TEMPLATE
        .replace("%LANG%", language)
        .replace("%VERSION%", env!("CARGO_PKG_VERSION"))
        .replace("%TITLE%", &title)
        .replacen("%DATA%", &data, 1);
    renewed(&inventory.out.join(NAME), page.as_bytes())
}

/// Writes the scripts, and removes those of an earlier version.
fn scripts(folder: &Path) -> Result<(), Fault> {
    let unpacked = zstd::decode_all(BUNDLE).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let files: BTreeMap<String, String> = unpacked.ok_or_else(|| {
        fault!(
            fr: "Les scripts de la page sont abîmés dans ce programme : réinstallez ilot.",
            en: "The scripts of the page are damaged in this program: install ilot again.",
        )
    })?;
    std::fs::create_dir_all(folder).map_err(|why| {
        let folder = folder.display();
        fault!(fr: "Le dossier {folder} ne peut être créé ({why}).", en: "Folder {folder} cannot be made ({why}).")
    })?;
    for (name, text) in &files {
        renewed(&folder.join(name), text.as_bytes())?;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("part-") && !files.contains_key(&name) {
            // One that stays harms nobody.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Writes a file unless it holds these bytes already.
fn renewed(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    aside::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_holds_the_page_and_the_licences_of_what_it_bundles() {
        let folder = tempfile::tempdir().unwrap();
        scripts(folder.path()).unwrap();
        for name in ["page.js", "page.css", "worker.js", "LICENSES.txt"] {
            assert!(TEMPLATE.contains(name) || folder.path().join(name).is_file(), "{name}");
        }
        let licences = std::fs::read_to_string(folder.path().join("LICENSES.txt")).unwrap();
        for package in ["maplibre-gl", "three", "3d-tiles-renderer", "pmtiles", "geotiff", "proj4"] {
            assert!(licences.contains(&format!("{package} ")), "{package}");
        }
        let written = std::fs::metadata(folder.path().join("page.js")).unwrap().modified().unwrap();
        scripts(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(folder.path().join("page.js")).unwrap().modified().unwrap(), written);
    }
}
