//! `ilot sample DIR`: a small town whose truth is known.

use crate::fault;
use crate::report;
use crate::sample::{self, SampleOptions};
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::PathBuf;

/// Writes the town, and says what to do with it.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let folder = words.get_one::<PathBuf>("dir").expect("the grammar asks for it");
    let options = SampleOptions {
        size: size(words.get_one::<String>("size").expect("the grammar has a default"))?,
        density: *words.get_one("density").expect("the grammar has a default"),
        seed: *words.get_one("seed").expect("the grammar has a default"),
    };
    let made = sample::make(folder, &options)?;
    let (points, buildings, trees, stations) = (made.points, made.buildings, made.trees, made.stations);
    let (tiles, megabytes, shown) = (made.tiles.len(), made.bytes / 1_000_000, folder.display());
    if json {
        println!(
            "{}",
            serde_json::json!({
                "event": "sample", "dir": folder, "tiles": made.tiles, "points": points, "buildings": buildings,
                "trees": trees, "stations": stations, "bytes": made.bytes,
            })
        );
    } else {
        println!(
            "{}",
            text!(
                fr: "{shown} : {tiles} tuiles LiDAR, {points} points, {buildings} bâtiments, {trees} arbres, {stations} stations, {megabytes} Mo. « ilot run {shown} » la calcule ; {shown}/truth dit ce qui est vrai.",
                en: "{shown}: {tiles} LiDAR tiles, {points} points, {buildings} buildings, {trees} trees, {stations} stations, {megabytes} MB. `ilot run {shown}` computes it; {shown}/truth says what is true.",
            )
        );
    }
    Ok(report::ALL)
}

/// `1000x1000`, metres.
fn size(text: &str) -> Result<(f64, f64), Fault> {
    let parts = text.split_once(['x', 'X', '×']);
    let number = |part: &str| part.trim().parse::<f64>().ok();
    parts.and_then(|(width, height)| Some((number(width)?, number(height)?))).ok_or_else(|| {
        fault!(
            fr: "La taille « {text} » ne se lit pas : écrivez largeur et hauteur en mètres, comme 1000x1000.",
            en: "The size `{text}` cannot be read: write width and height in metres, such as 1000x1000.",
        )
    })
}
