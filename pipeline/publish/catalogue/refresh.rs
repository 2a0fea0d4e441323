//! Files that a command made anew → their size and checksum in the catalogue that lists them.
//!
//! In: paths below the folder of results. Out: the same catalogue, whose assets of these files say what they are now; an
//! archive that it did not list is added to the collection of results. Nothing where there is no catalogue. Fails where: a
//! file cannot be read again. Cost: reading the catalogue, SHA-256 of the files.

use super::{NAME, RESULTS, assets, multihash};
use crate::publish::archives;
use crate::store::{Store, hash_file};
use crate::text::Fault;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Brings the catalogue up to date with files that were made anew.
///
/// # Errors
/// Where a file cannot be read again, or the catalogue not be written.
pub fn refresh(store: &Store, files: &[String]) -> Result<(), Fault> {
    if !store.has(NAME) {
        return Ok(());
    }
    let mut now: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for path in files {
        let sha256 =
            hash_file(&store.out().join(path)).map_err(|why| assets::unreadable(store, path, &why))?;
        let _ = now.insert(format!("../../{path}"), (store.size(path).unwrap_or(0), multihash(&sha256)));
    }
    let folders = std::fs::read_dir(store.out().join("stac")).into_iter().flatten().flatten();
    for folder in folders.filter(|folder| folder.path().is_dir()) {
        let folder = folder.file_name().to_string_lossy().into_owned();
        let listed =
            std::fs::read_dir(store.out().join("stac").join(&folder)).into_iter().flatten().flatten();
        for file in listed {
            let name = format!("stac/{folder}/{}", file.file_name().to_string_lossy());
            let Ok(mut value) = serde_json::from_slice::<Value>(&store.read(&name)?) else { continue };
            let is_results = folder == RESULTS && name.ends_with("/collection.json");
            if renewed(&mut value, &now, is_results) {
                let text = serde_json::to_string_pretty(&value).expect("strings and numbers") + "\n";
                store.write(&name, text.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// Sizes and checksums of the assets of one part of the catalogue; whether anything changed.
fn renewed(value: &mut Value, now: &BTreeMap<String, (u64, String)>, adds: bool) -> bool {
    let before = value.clone();
    let Some(all) = value["assets"].as_object_mut() else { return false };
    for asset in all.values_mut() {
        if let Some((size, checksum)) = asset["href"].as_str().and_then(|href| now.get(href)) {
            asset["file:size"] = json!(size);
            asset["file:checksum"] = json!(checksum);
        }
    }
    for (href, (size, checksum)) in now.iter().filter(|_| adds) {
        let path = href.trim_start_matches("../../");
        let alone = path.matches('/').count() == 1;
        if alone && path.starts_with(archives::FOLDER) && path.ends_with(".pmtiles") {
            let _ = all.entry(path.replace('/', "_")).or_insert_with(|| {
                json!({
                    "href": href, "type": "application/vnd.pmtiles", "roles": ["visual"],
                    "file:size": size, "file:checksum": checksum,
                })
            });
        }
    }
    *value != before
}
