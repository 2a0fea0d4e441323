//! The tilesets over all tiles, one of everything and one of each content; and the buildings of all tiles as one file.

use super::contents::Content;
use super::tileset::{self, Branch, Region};
use super::{SIDE, Tile, buildings};
use crate::fault;
use crate::formats::aside::Aside;
use crate::store::Store;
use crate::text::Fault;
use ilot_kernels::extent::Extent;
use serde_json::{Value, json};
use std::io::Write as _;

/// The contents of a tile that are there.
pub type Kept = (Tile, Vec<Content>);

/// Writes the tilesets over all tiles; returns their paths below the folder of results.
///
/// # Errors
/// Where there is nothing, or the disk fails.
pub fn write(store: &Store, kept: &[Kept], extent: &Extent, about: &Value) -> Result<Vec<String>, Fault> {
    let mut files = vec!["tileset/tileset.json".to_owned()];
    let whole = encoded(store, kept, extent, about, &Content::ALL).ok_or_else(nothing)?;
    store.write(&files[0], &whole)?;
    for content in Content::ALL {
        let name = format!("tileset/{}.json", content.name());
        match encoded(store, kept, extent, about, &[content]) {
            Some(bytes) => {
                store.write(&name, &bytes)?;
                files.push(name);
            }
            // Of an earlier order; what cannot be removed is harmless.
            None => drop(std::fs::remove_file(store.out().join(name))),
        }
    }
    Ok(files)
}

fn nothing() -> Fault {
    fault!(
        fr: "Rien n'a pu être mis en tuiles : voyez les messages au-dessus.",
        en: "Nothing could be put into tiles: see the messages above.",
    )
}

fn encoded(
    store: &Store,
    kept: &[Kept],
    extent: &Extent,
    about: &Value,
    wanted: &[Content],
) -> Option<Vec<u8>> {
    let tile = |(tile, contents): &Kept| {
        let own = contents.iter().filter(|content| wanted.contains(content));
        let children: Vec<Branch> = own.filter_map(|content| reference(store, tile, *content)).collect();
        let region = whole(&children)?;
        Some(Branch::new(SIDE.0 * 2.0, region, None, children))
    };
    let children: Vec<Branch> = kept.iter().filter_map(tile).collect();
    let region = whole(&children)?;
    // As wide as the whole, so that it never vanishes from afar.
    let error = extent.width().0.hypot(extent.height().0).max(SIDE.0 * 4.0);
    Some(tileset::encode(&Branch::new(error, region, None, children), None, error, about))
}

fn whole(children: &[Branch]) -> Option<Region> {
    children.iter().map(|child| child.region).reduce(|all, one| all.union(&one))
}

/// A branch that refers to a content's own tileset.
fn reference(store: &Store, tile: &Tile, content: Content) -> Option<Branch> {
    let uri = format!("{}/{}/tileset.json", content.name(), tile.name());
    let text = std::fs::read(store.out().join("tileset").join(&uri)).ok()?;
    let value: Value = serde_json::from_slice(&text).ok()?;
    // Above any error inside, so that viewers always look into the tile: some stop at a reference that is fine enough.
    let error = value["root"]["geometricError"].as_f64()?.max(SIDE.0 * std::f64::consts::SQRT_2);
    let region = Region::read(&value["root"]["boundingVolume"]["region"])?;
    Some(Branch::new(error, region, Some(uri), Vec::new()))
}

/// Writes the buildings of all tiles as one CityJSON text sequence; returns its path, where there are any.
///
/// # Errors
/// Where the disk fails.
pub fn city(store: &Store, kept: &[Kept], reference: &str) -> Result<Option<String>, Fault> {
    let tiles: Vec<&Tile> = kept
        .iter()
        .filter(|(_, contents)| contents.contains(&Content::Buildings))
        .map(|(tile, _)| tile)
        .collect();
    if tiles.is_empty() {
        return Ok(None);
    }
    let aside = Aside::create(&store.out().join(buildings::CITY))?;
    let mut file = aside.open()?;
    let head = buildings::head(reference);
    file.write_all(head.as_bytes()).map_err(|error| aside.fault(&error))?;
    for tile in tiles {
        let part = format!("tileset/{}/{}/{}", Content::Buildings.name(), tile.name(), buildings::CITY);
        let part = store.read(&part)?;
        file.write_all(&part).map_err(|error| aside.fault(&error))?;
    }
    aside.commit()?;
    Ok(Some(buildings::CITY.to_owned()))
}

/// What the files of a run say of their heights.
pub fn about(crs: &str, grid: &str, remark: Option<&crate::text::Text>) -> Value {
    json!({
        "crs": crs, "height_grid": grid,
        "remark": remark.map(|remark| json!({ "fr": remark.fr, "en": remark.en })),
    })
}
