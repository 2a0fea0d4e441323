//! Triangles and what is said of their features → GLBs, and features of a tile → a tree of these.
//!
//! In: vertices on the map with a colour and the number of their feature, and a table of what is said of each. Out: a GLB
//! whose positions are whole steps of a few millimetres in the tile's horizon, with `EXT_mesh_features` and a property
//! table of `EXT_structural_metadata` (OGC 22-025r4 annexes): a value that is not known is the table's `noData`, never 0.
//! Materials are unlit, since not every viewer has a sun: shades are in the colours, which glTF keeps linear.
//!
//! A tile shows its largest features from afar, the others by squares of 250 m from near.

use super::Site;
use super::tileset::{Branch, Region};
use crate::formats::aside::Folder;
use crate::formats::glb::{Glb, Number, Packing, Part, axes};
use crate::formats::vector::Value as Cell;
use crate::text::Fault;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// Triangles on the map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mesh {
    /// Easting, northing, height above the sea, and colour in sRGB.
    pub vertices: Vec<([f64; 3], [u8; 3])>,
    /// Counter-clockwise from outside.
    pub triangles: Vec<[u32; 3]>,
}

/// A thing in a tile.
#[derive(Debug, Clone)]
pub struct Thing {
    /// Where it is.
    pub at: [f64; 2],
    /// Larger ones are seen from farther.
    pub size: f64,
    /// What it looks like.
    pub mesh: Mesh,
    /// What is said of it, in the order of the columns.
    pub values: Vec<Cell>,
}

/// A column of what is said.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    /// Its name in the table.
    pub name: &'static str,
    /// Whether it holds text, or numbers.
    pub text: bool,
    /// What it means, with its unit.
    pub meaning: &'static str,
}

/// What things of a kind have in common.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The class of the table.
    pub class: &'static str,
    /// Its columns.
    pub said: &'static [Said],
    /// The geometric error of a tile that shows its largest things only, metres.
    pub error: f64,
    /// Number of these.
    pub largest: usize,
}

/// Stands for a number that is not known.
const NO_NUMBER: f32 = -9999.0;

/// Smallest step of positions, metres.
const STEP: f64 = 0.001;

/// Side of the squares that are seen from near, metres.
const NEAR: f64 = 250.0;

/// Things of one GLB: the numbers of features have 16 bits.
const MOST: usize = 60_000;

/// Writes the GLBs of things into a folder; the tree over them. There must be some.
///
/// # Errors
/// Where a GLB would be too large, or the disk fails.
pub fn tree(
    site: &Site,
    mut things: Vec<Thing>,
    kind: &Kind,
    packing: Packing,
    folder: &Folder,
) -> Result<Branch, Fault> {
    things.sort_by(|a, b| {
        b.size.total_cmp(&a.size).then(a.at.partial_cmp(&b.at).unwrap_or(std::cmp::Ordering::Equal))
    });
    let rest = things.split_off(kind.largest.min(things.len()));
    let square = |thing: &Thing| thing.at.map(|metres| (metres / NEAR).floor() as i64);
    let mut parts: std::collections::BTreeMap<([i64; 2], usize), Vec<Thing>> =
        std::collections::BTreeMap::new();
    for (index, thing) in rest.into_iter().enumerate() {
        parts.entry((square(&thing), index / MOST)).or_default().push(thing);
    }
    let mut groups = vec![("0.glb".to_owned(), things)];
    groups.extend(
        parts.into_iter().map(|(([col, row], part), things)| (format!("1_{col}_{row}_{part}.glb"), things)),
    );
    let made: Vec<(Region, String)> = groups
        .par_iter()
        .map(|(name, things)| {
            let (region, bytes) = glb(site, things, kind, packing)?;
            folder.write(name, &bytes)?;
            Ok((region, name.clone()))
        })
        .collect::<Result<_, Fault>>()?;
    let leaf = |(region, name): &(Region, String)| Branch::new(0.0, *region, Some(name.clone()), Vec::new());
    let children: Vec<Branch> = made[1..].iter().map(leaf).collect();
    let error = if children.is_empty() { 0.0 } else { kind.error };
    Ok(Branch::new(error, made[0].0, Some(made[0].1.clone()), children))
}

fn glb(site: &Site, things: &[Thing], kind: &Kind, packing: Packing) -> Result<(Region, Vec<u8>), Fault> {
    let mut glb = Glb::new(packing);
    let (mut triangles, mut colours, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (number, thing) in things.iter().enumerate() {
        let first = places.len() as u32;
        triangles.extend(thing.mesh.triangles.iter().map(|corners| corners.map(|corner| corner + first)));
        for (place, colour) in &thing.mesh.vertices {
            places.push(*place);
            colours.push((linear(*colour), number as u16));
        }
    }
    let (region, position, node) = positions(site, &mut glb, &places)?;
    let packed: Vec<[u8; 12]> = colours
        .iter()
        .map(|([red, green, blue], number)| {
            let mut bytes = [0; 12];
            for (at, value) in [red, green, blue, &u16::MAX, number].into_iter().enumerate() {
                bytes[2 * at..2 * at + 2].copy_from_slice(&value.to_le_bytes());
            }
            bytes
        })
        .collect();
    let colour = Part { offset: 0, number: Number::U16, shape: "VEC4", normalized: true };
    let number = Part { offset: 8, number: Number::U16, shape: "SCALAR", normalized: false };
    let first = glb.vertices(&packed, &[colour, number])?;
    let indices = glb.triangles(&triangles, places.len())?;
    let (schema, table) = table(&mut glb, things, kind);
    let scene = json!({
        "scene": 0, "scenes": [{ "nodes": [0] }], "nodes": [node],
        "materials": [unlit(None)],
        "meshes": [{ "primitives": [{
            "mode": 4, "indices": indices, "material": 0,
            "attributes": { "POSITION": position, "COLOR_0": first, "_FEATURE_ID_0": first + 1 },
            "extensions": { "EXT_mesh_features": { "featureIds": [
                { "featureCount": things.len(), "attribute": 0, "propertyTable": 0 },
            ] } },
        }] }],
        "extensions": { "EXT_structural_metadata": { "schema": schema, "propertyTables": [table] } },
    });
    let used = ["EXT_mesh_features", "EXT_structural_metadata", "KHR_materials_unlit"];
    Ok((region, glb.finish(scene, &used)?))
}

/// A material without light; with a texture where one is given.
pub fn unlit(texture: Option<usize>) -> Value {
    let mut rough = json!({ "metallicFactor": 0, "roughnessFactor": 1 });
    if let Some(texture) = texture {
        rough["baseColorTexture"] = json!({ "index": texture });
    }
    json!({ "pbrMetallicRoughness": rough, "extensions": { "KHR_materials_unlit": {} } })
}

/// Adds positions; returns what they fill, their accessor, and the node that brings them to the tile's horizon.
///
/// # Errors
/// Where they cannot be compressed.
pub fn positions(site: &Site, glb: &mut Glb, places: &[[f64; 3]]) -> Result<(Region, usize, Value), Fault> {
    let local: Vec<[f64; 3]> = places.iter().map(|[x, y, z]| axes(site.local.image(*x, *y, *z))).collect();
    let fold = |pick: fn(f64, f64) -> f64, start: f64| -> [f64; 3] {
        std::array::from_fn(|i| local.iter().map(|place| place[i]).fold(start, pick))
    };
    let (low, high) = (fold(f64::min, f64::MAX), fold(f64::max, f64::MIN));
    let widest = (0..3).map(|i| high[i] - low[i]).fold(0.0, f64::max);
    let step = STEP.max(widest / f64::from(u16::MAX));
    let number = |value: f64, low: f64| ((value - low) / step).round() as u16;
    let packed: Vec<[u8; 8]> = local
        .iter()
        .map(|place| {
            let mut bytes = [0; 8];
            for i in 0..3 {
                bytes[2 * i..2 * i + 2].copy_from_slice(&number(place[i], low[i]).to_le_bytes());
            }
            bytes
        })
        .collect();
    let part = Part { offset: 0, number: Number::U16, shape: "VEC3", normalized: false };
    let position = glb.vertices(&packed, &[part])?;
    let most: [u32; 3] = std::array::from_fn(|i| u32::from(number(high[i], low[i])));
    glb.bounds(position, &[0, 0, 0], &most);
    let region = Region::around(places.iter().map(|[x, y, z]| site.geographic.image(*x, *y, *z)));
    let node = json!({ "mesh": 0, "translation": low, "scale": [step, step, step] });
    Ok((region.expect("a mesh has vertices"), position, node))
}

/// The schema and the table of what is said.
fn table(glb: &mut Glb, things: &[Thing], kind: &Kind) -> (Value, Value) {
    let (mut schema, mut table) = (Map::new(), Map::new());
    for (column, said) in kind.said.iter().enumerate() {
        let cells = things.iter().map(|thing| thing.values.get(column).unwrap_or(&Cell::Null));
        let name = said.name.to_owned();
        if said.text {
            let (mut text, mut ends) = (Vec::new(), 0_u32.to_le_bytes().to_vec());
            for cell in cells {
                text.extend_from_slice(cell.text().unwrap_or_default().as_bytes());
                ends.extend_from_slice(&(text.len() as u32).to_le_bytes());
            }
            // A view of no bytes is none.
            if text.is_empty() {
                text.push(0);
            }
            let (values, offsets) = (glb.plain(&text), glb.plain(&ends));
            let _ = table.insert(name.clone(), json!({ "values": values, "stringOffsets": offsets }));
            let _ =
                schema.insert(name, json!({ "type": "STRING", "noData": "", "description": said.meaning }));
        } else {
            let number = |cell: &Cell| cell.number().map_or(NO_NUMBER, |value| value as f32);
            let bytes: Vec<u8> = cells.flat_map(|cell| number(cell).to_le_bytes()).collect();
            let values = glb.plain(&bytes);
            let _ = table.insert(name.clone(), json!({ "values": values }));
            let _ = schema.insert(name, json!({
                "type": "SCALAR", "componentType": "FLOAT32", "noData": NO_NUMBER, "description": said.meaning,
            }));
        }
    }
    let class = kind.class;
    let schema = json!({ "id": format!("ilot_{class}"), "classes": { class: { "properties": schema } } });
    (schema, json!({ "class": class, "count": things.len(), "properties": table }))
}

/// From sRGB to linear light in 16 bits (IEC 61966-2-1): in 8, darks would show bands.
pub fn linear(colour: [u8; 3]) -> [u16; 3] {
    colour.map(|value| {
        let share = f64::from(value) / 255.0;
        let light = if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) };
        (light * f64::from(u16::MAX)).round() as u16
    })
}

/// A colour as it looks with this way out, under a light from the south-west.
pub fn shaded(colour: [u8; 3], normal: [f64; 3]) -> [u8; 3] {
    const LIGHT: [f64; 3] = [-0.45, -0.55, 0.7];
    let length = normal.iter().map(|part| part * part).sum::<f64>().sqrt().max(1e-12);
    let faced: f64 = (0..3).map(|i| normal[i] / length * LIGHT[i]).sum();
    let share = 0.78 + 0.22 * faced;
    colour.map(|value| (f64::from(value) * share).round().clamp(0.0, 255.0) as u8)
}
