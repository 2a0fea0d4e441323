//! `ilot doctor`: what is installed, and which grids are found.

use crate::fault;
use crate::formats::library::{Installation, KNOWN_POINT};
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::PathBuf;

/// Prints the versions, the drivers and the grids; fails where something that a run needs is missing.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let folders: Vec<PathBuf> = words.get_one::<PathBuf>("grids").into_iter().cloned().collect();
    if let Some(missing) = folders.iter().find(|folder| !folder.is_dir()) {
        let shown = missing.display();
        return Err(fault!(
            fr: "Le dossier de grilles {shown} n'existe pas : vérifiez le chemin.",
            en: "There is no folder of grids {shown}: check the path.",
        ));
    }
    let found = Installation::examine(&folders);
    let wrong = found.drivers.iter().any(|(name, there)| NEEDED.contains(name) && !there)
        || found.known_height_is_right() == Some(false);
    if json {
        println!("{}", object(&found));
    } else {
        lines(&found).iter().for_each(|line| println!("{line}"));
    }
    Ok(if wrong { report::SOME } else { report::ALL })
}

/// The drivers without which nothing can be read or written.
const NEEDED: [&str; 4] = ["GTiff", "VRT", "GPKG", "GeoJSON"];

fn lines(found: &Installation) -> Vec<String> {
    let mut lines = vec![format!("ilot {}", env!("CARGO_PKG_VERSION"))];
    let proj = found.proj.as_deref().unwrap_or("?");
    lines.push(format!("GDAL {}, PROJ {proj}", found.gdal));
    for (name, there) in &found.drivers {
        let word =
            if *there { text!(fr: "présent", en: "there") } else { text!(fr: "absent", en: "missing") };
        lines.push(format!("  {name:<16} {word}"));
    }
    lines.push(text!(fr: "Grilles altimétriques :", en: "Vertical grids:").to_string());
    for grid in &found.grids {
        let (file, territory) = (grid.file, &grid.territory);
        let place = match &grid.found {
            Some(path) => path.display().to_string(),
            None => text!(
                fr: "introuvable ; « projsync --file {file} » l'installe",
                en: "not found; `projsync --file {file}` installs it",
            )
            .to_string(),
        };
        lines.push(format!("  {file:<24} {territory} : {place}"));
    }
    lines.extend(known_point(found));
    lines
}

/// The check at the known point, where the grid was found.
fn known_point(found: &Installation) -> Option<String> {
    let ([x, y, z], expected) = KNOWN_POINT;
    let text = match found.known_height.as_ref()? {
        Ok(height) if found.known_height_is_right() == Some(true) => text!(
            fr: "Point connu ({x}, {y}, {z} m IGN69) : {height:.3} m sur l'ellipsoïde, juste.",
            en: "Known point ({x}, {y}, {z} m IGN69): {height:.3} m above the ellipsoid, right.",
        ),
        Ok(height) => text!(
            fr: "Point connu ({x}, {y}, {z} m IGN69) : {height:.3} m au lieu de {expected} m, la grille ou PROJ est à revoir.",
            en: "Known point ({x}, {y}, {z} m IGN69): {height:.3} m in place of {expected} m, look at the grid or PROJ.",
        ),
        Err(why) => {
            let (fr, en) = (&why.fr, &why.en);
            text!(fr: "Point connu : {fr}", en: "Known point: {en}")
        }
    };
    Some(text.to_string())
}

fn object(found: &Installation) -> serde_json::Value {
    let grids = found.grids.iter().map(|grid| serde_json::json!({ "file": grid.file, "path": grid.found }));
    let drivers =
        found.drivers.iter().map(|(name, there)| serde_json::json!({ "name": name, "there": there }));
    serde_json::json!({
        "event": "doctor", "ilot": env!("CARGO_PKG_VERSION"), "gdal": found.gdal, "proj": found.proj,
        "drivers": drivers.collect::<Vec<_>>(), "grids": grids.collect::<Vec<_>>(),
        "known_height": found.known_height.as_ref().and_then(|height| height.as_ref().ok()),
        "known_height_is_right": found.known_height_is_right(),
    })
}
