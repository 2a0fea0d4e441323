//! Points of a tile of the map → a tree of 3D tiles that carry class, intensity and height above ground.
//!
//! In: the points of a square kilometre on the lattice of the job, the terrain there, and the tile's place on the globe.
//! Out: GLBs of points and the tree over them. Points are laid on levels of detail that show every class from afar
//! (`ilot_kernels::levels`), put into the tile's horizon between exactly projected nodes, rounded to a centimetre (less
//! where a tile is wider than 655 m), compressed. The colour is the class's; glTF's colours are linear, so that those of
//! the registry are converted from sRGB (IEC 61966-2-1). A tile's geometric error is the spacing of the points shown so
//! far, measured in it. The order of clouds and threads changes no byte.
//!
//! GLBs are written as soon as they are made. Memory: 17 bytes a point of the tile, and the GLBs in hand. Cost: 0.3 µs a point.

use crate::cloud::classes::{CLASSES, group_of_class};
use crate::formats::aside::Folder;
use crate::formats::glb::{Glb, Number, Packing, Part, axes};
use crate::text::Fault;
use crate::twin::mesh::linear;
use crate::twin::picture::Picture;
use crate::twin::tileset::{Branch, Region};
use ilot_kernels::chart::Chart;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::levels::{self, ACROSS, LevelParams, Placed};
use ilot_kernels::points::Lattice;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::ops::Range;

/// A point that waits for its tile to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its place on the Z-order curve of the tile, in units of the lattice.
    pub place: u64,
    /// Its height, in units of the lattice.
    pub z: i32,
    /// Its intensity.
    pub intensity: u16,
    /// Its class.
    pub class: u8,
    /// The group of its class.
    pub group: u8,
}

impl Placed for Held {
    fn place(&self) -> u64 {
        self.place
    }

    fn group(&self) -> u8 {
        self.group
    }
}

impl Held {
    /// Everything as one number, by place first: compared without a branch, so that sorting takes half the time.
    fn order(&self) -> u128 {
        let height = self.z.cast_unsigned() ^ 1 << 31;
        let rest = u128::from(self.intensity) << 16 | u128::from(self.class) << 8 | u128::from(self.group);
        u128::from(self.place) << 64 | u128::from(height) << 32 | rest
    }
}

/// The group of each class, as levels of detail count them.
pub fn groups() -> [u8; 256] {
    group_of_class().map(|group| group.min(31))
}

/// A tile of the map, about to be written.
pub struct Square<'a> {
    /// Units of the points.
    pub lattice: Lattice,
    /// South-western corner, in units of the lattice from its origin.
    pub corner: (i64, i64),
    /// Metres east, north and up.
    pub local: &'a Chart,
    /// Longitude, latitude, height above the ellipsoid.
    pub geographic: &'a Chart,
    /// The terrain, where it is known.
    pub terrain: Option<&'a Grid<f32>>,
    /// The warmth of nights, where it is known.
    pub heat: Option<&'a Grid<f32>>,
    /// Colours, where they are not those of classes.
    pub picture: Option<&'a Picture>,
    /// How points are laid on levels.
    pub levels: LevelParams,
    /// Whether buffers are compressed.
    pub packing: Packing,
}

/// Smallest step of positions, metres: half of it is lost.
const STEP: f64 = 0.01;

/// Heights above ground are whole centimetres from here on, metres.
const LOWEST: f64 = -50.0;

/// Warmth is in whole milliKelvin from here on, Kelvin.
const COLDEST: f64 = -30.0;
const MILLI: f64 = 0.001;

/// The largest whole number of 16 bits.
const FULL: f64 = 65_535.0;

/// A square of the tree: its level, its points (those of its children too), its children.
struct Node {
    level: u8,
    range: Range<usize>,
    children: Vec<Node>,
}

impl Square<'_> {
    /// Writes all points into a folder; they are put in order first. There must be some.
    ///
    /// # Errors
    /// Where a GLB would be too large, or the disk fails.
    pub fn tiles(&self, points: &mut [Held], folder: &Folder) -> Result<Branch, Fault> {
        points.par_sort_unstable_by_key(Held::order);
        let levels = levels::levels(points, &self.levels);
        let root = self.node(points, &levels, 0..points.len(), 0);
        let mut nodes = Vec::new();
        root.list(&mut nodes);
        let work = Work { square: self, points, levels: &levels, folder };
        let made: Vec<(Region, f64, String)> = nodes
            .par_iter()
            .map_init(Scratch::default, |scratch, node| work.write(node, scratch))
            .collect::<Result<_, _>>()?;
        Ok(root.branch(&mut made.iter()))
    }

    /// The tree of squares that have points of their own level or below.
    fn node(&self, points: &[Held], levels: &[u8], range: Range<usize>, level: u8) -> Node {
        let deeper = levels[range.clone()].iter().any(|own| *own > level);
        let parts = levels::squares(&points[range.clone()], self.levels.bits, level + 1);
        let children = if deeper {
            let whole = parts.map(|part| range.start + part.start..range.start + part.end);
            let below = whole.filter(|part| levels[part.clone()].iter().any(|own| *own > level));
            below.map(|part| self.node(points, levels, part, level + 1)).collect()
        } else {
            Vec::new()
        };
        Node { level, range, children }
    }

    /// Easting, northing and height in metres.
    fn position(&self, point: &Held) -> [f64; 3] {
        let (x, y) = levels::unplace(point.place);
        let unit = f64::from(self.lattice.per_metre);
        let metres =
            |origin: i64, corner: i64, value: u32| (origin + corner + i64::from(value)) as f64 / unit;
        [
            metres(self.lattice.x0, self.corner.0, x),
            metres(self.lattice.y0, self.corner.1, y),
            self.lattice.height(point.z),
        ]
    }

    /// Height above ground in whole centimetres from [`LOWEST`] on, 0 where the ground is not known.
    fn above_ground(&self, [x, y, z]: [f64; 3]) -> u16 {
        let ground = self.terrain.and_then(|terrain| {
            let (row, col) = terrain.frame().locate(x, y)?;
            Some(terrain.at(row, col)).filter(|height| !height.is_missing())
        });
        ground.map_or(0, |ground| ((z - f64::from(ground) - LOWEST) / STEP).round().clamp(1.0, FULL) as u16)
    }
}

impl Node {
    fn list<'a>(&'a self, all: &mut Vec<&'a Node>) {
        all.push(self);
        self.children.iter().for_each(|child| child.list(all));
    }

    /// The branch of this node; what was made comes in the order of [`Node::list`].
    fn branch<'a>(&self, made: &mut impl Iterator<Item = &'a (Region, f64, String)>) -> Branch {
        let (region, spacing, uri) = made.next().expect("one of each node");
        let children: Vec<Branch> = self.children.iter().map(|child| child.branch(made)).collect();
        let error = if children.is_empty() { 0.0 } else { *spacing };
        Branch::new(error, *region, Some(uri.clone()), children)
    }
}

/// What GLBs are made from.
struct Work<'a> {
    square: &'a Square<'a>,
    points: &'a [Held],
    levels: &'a [u8],
    folder: &'a Folder,
}

/// What one node after the other is put into: memory that is asked for once.
#[derive(Default)]
struct Scratch {
    /// The points of a node.
    own: Vec<Held>,
    /// Where they are in the tile's horizon, in the order of glTF's axes.
    local: Vec<[f64; 3]>,
    /// The vertices of a stream.
    stream: Vec<u8>,
}

impl Scratch {
    /// The stream with room for `N` bytes of each point, all 0, beside the points.
    fn stream<const N: usize>(&mut self) -> (&mut [[u8; N]], &[Held], &[[f64; 3]]) {
        self.stream.clear();
        self.stream.resize(N * self.own.len(), 0);
        (self.stream.as_chunks_mut().0, &self.own, &self.local)
    }
}

/// The smallest and the largest coordinates.
struct Bounds {
    low: [f64; 3],
    high: [f64; 3],
}

impl Bounds {
    const NONE: Bounds = Bounds { low: [f64::MAX; 3], high: [f64::MIN; 3] };

    fn add(&mut self, place: &[f64; 3]) {
        for (i, value) in place.iter().enumerate() {
            // Coordinates are numbers: what `min` does for others would cost.
            self.low[i] = if *value < self.low[i] { *value } else { self.low[i] };
            self.high[i] = if *value > self.high[i] { *value } else { self.high[i] };
        }
    }

    fn corners(&self) -> impl Iterator<Item = [f64; 3]> + '_ {
        (0..8).map(|corner| {
            std::array::from_fn(|axis| if corner >> axis & 1 == 0 { self.low[axis] } else { self.high[axis] })
        })
    }
}

impl Work<'_> {
    /// Writes one node; its region, spacing and file.
    fn write(&self, node: &Node, scratch: &mut Scratch) -> Result<(Region, f64, String), Fault> {
        let (points, levels) = (&self.points[node.range.clone()], &self.levels[node.range.clone()]);
        scratch.own.clear();
        let own = points.iter().zip(levels).filter(|(_, level)| **level == node.level);
        scratch.own.extend(own.map(|(point, _)| *point));
        scratch.local.clear();
        let (mut whole, mut local) = (Bounds::NONE, Bounds::NONE);
        for point in &scratch.own {
            let [x, y, z] = self.square.position(point);
            let place = axes(self.square.local.image(x, y, z));
            whole.add(&[x, y, z]);
            local.add(&place);
            scratch.local.push(place);
        }
        let corners = whole.corners().map(|[x, y, z]| self.square.geographic.image(x, y, z));
        let region = Region::around(corners).expect("a node has points");
        let (x, y) = levels::unplace(points[0].place);
        let shift = self.square.levels.bits - u32::from(node.level);
        let name = format!("{}_{}_{}.glb", node.level, x >> shift, y >> shift);
        self.folder.write(&name, &self.square.glb(scratch, &local)?)?;
        Ok((region, self.spacing(node), name))
    }

    /// Mean distance of the points shown up to the level of a node, over the cells that hold any: metres.
    fn spacing(&self, node: &Node) -> f64 {
        let bits = self.square.levels.bits;
        let shift = 2 * (bits - u32::from(node.level) - ACROSS.trailing_zeros());
        let shown = node.range.clone().filter(|&at| self.levels[at] <= node.level);
        let (mut cells, mut count, mut last) = (0_u32, 0_u32, u64::MAX);
        for at in shown {
            let cell = self.points[at].place >> shift;
            cells += u32::from(cell != last);
            count += 1;
            last = cell;
        }
        let side = f64::from(1_u32 << (shift / 2)) / f64::from(self.square.lattice.per_metre);
        side * (f64::from(cells) / f64::from(count.max(1))).sqrt()
    }
}

impl Square<'_> {
    fn glb(&self, scratch: &mut Scratch, bounds: &Bounds) -> Result<Vec<u8>, Fault> {
        let Bounds { low, high } = bounds;
        let widest = (0..3).map(|i| high[i] - low[i]).fold(0.0, f64::max);
        let step = STEP.max(widest / FULL);
        // Rounded half up: no number is negative.
        let number = |place: &[f64; 3], i: usize| ((place[i] - low[i]) / step + 0.5) as u16;
        let mut glb = Glb::new(self.packing);
        let (stream, _, local) = scratch.stream::<8>();
        for (bytes, place) in stream.iter_mut().zip(local) {
            for i in 0..3 {
                bytes[2 * i..2 * i + 2].copy_from_slice(&number(place, i).to_le_bytes());
            }
        }
        let place = Part { offset: 0, number: Number::U16, shape: "VEC3", normalized: false };
        let position = glb.vertices(stream, &[place])?;
        let most: [u32; 3] = std::array::from_fn(|i| u32::from(number(high, i)));
        glb.bounds(position, &[0, 0, 0], &most);
        let colour = self.colours(&mut glb, scratch)?;
        let said = self.attributes(&mut glb, scratch)?;
        let mut attributes = json!({ "POSITION": position, "COLOR_0": colour });
        for (name, accessor) in &said {
            attributes[*name] = json!(accessor);
        }
        let names: Vec<&str> = said.iter().map(|(name, _)| *name).collect();
        glb.finish(
            scene(&attributes, &names, *low, step),
            &["EXT_structural_metadata", "KHR_materials_unlit"],
        )
    }

    /// Colours of classes, or of the picture; these in 16 bits, since linear darks would show bands in 8.
    fn colours(&self, glb: &mut Glb, scratch: &mut Scratch) -> Result<usize, Fault> {
        let part = |number| Part { offset: 0, number, shape: "VEC4", normalized: true };
        let Some(picture) = self.picture else {
            let palette = palette();
            let (stream, points, _) = scratch.stream::<4>();
            for (bytes, point) in stream.iter_mut().zip(points) {
                *bytes = palette[usize::from(point.class)];
            }
            return glb.vertices(stream, &[part(Number::U8)]);
        };
        let (stream, points, _) = scratch.stream::<8>();
        for (bytes, point) in stream.iter_mut().zip(points) {
            let [x, y, _] = self.position(point);
            let own = || CLASSES.iter().find(|class| class.code == point.class).map(|class| class.colour);
            let colour = picture.at(x, y).or_else(own).unwrap_or([128; 3]);
            let [red, green, blue] = linear(colour).map(u16::to_le_bytes);
            *bytes = [red[0], red[1], green[0], green[1], blue[0], blue[1], 255, 255];
        }
        glb.vertices(stream, &[part(Number::U16)])
    }

    /// Intensity, class and, where they are known, height above ground and warmth.
    fn attributes(&self, glb: &mut Glb, scratch: &mut Scratch) -> Result<Vec<(&'static str, usize)>, Fault> {
        let part = |offset, number| Part { offset, number, shape: "SCALAR", normalized: false };
        let mut parts = vec![part(0, Number::U16), part(4, Number::U8)];
        let mut names = vec!["_INTENSITY", "_CLASSIFICATION"];
        for (name, there) in [("_HEIGHT", self.terrain.is_some()), ("_HEAT_NIGHT", self.heat.is_some())] {
            if there {
                parts.push(Part { normalized: true, ..part(4 * names.len(), Number::U16) });
                names.push(name);
            }
        }
        let first = match names.len() {
            2 => glb.vertices(self.said::<8>(scratch), &parts)?,
            3 => glb.vertices(self.said::<12>(scratch), &parts)?,
            _ => glb.vertices(self.said::<16>(scratch), &parts)?,
        };
        Ok(names.into_iter().enumerate().map(|(index, name)| (name, first + index)).collect())
    }

    /// What is said of points, four bytes each.
    fn said<'s, const N: usize>(&self, scratch: &'s mut Scratch) -> &'s [[u8; N]] {
        let (stream, points, _) = scratch.stream::<N>();
        for (bytes, point) in stream.iter_mut().zip(points) {
            bytes[..2].copy_from_slice(&point.intensity.to_le_bytes());
            bytes[4] = point.class;
            let mut at = 8;
            if self.terrain.is_some() {
                bytes[at..at + 2].copy_from_slice(&self.above_ground(self.position(point)).to_le_bytes());
                at += 4;
            }
            if self.heat.is_some() {
                bytes[at..at + 2].copy_from_slice(&self.warmth(self.position(point)).to_le_bytes());
            }
        }
        stream
    }

    /// Warmth in whole milliKelvin from [`COLDEST`] on, 0 where it is not known.
    fn warmth(&self, [x, y, _]: [f64; 3]) -> u16 {
        let warmth = self.heat.and_then(|heat| {
            let (row, col) = heat.frame().locate(x, y)?;
            Some(heat.at(row, col)).filter(|value| !value.is_missing())
        });
        warmth.map_or(0, |value| ((f64::from(value) - COLDEST) / MILLI).round().clamp(1.0, FULL) as u16)
    }
}

/// Nodes, mesh, material and the schema of what points say.
fn scene(attributes: &Value, said: &[&str], low: [f64; 3], step: f64) -> Value {
    let all = json!({
        "_INTENSITY": { "name": "Intensity", "type": "SCALAR", "componentType": "UINT16", "required": true },
        "_CLASSIFICATION": {
            "name": "Class (ASPRS, IGN)", "type": "SCALAR", "componentType": "UINT8", "required": true,
        },
        "_HEIGHT": {
            "name": "Height above ground, m", "type": "SCALAR", "componentType": "UINT16", "normalized": true,
            "offset": LOWEST, "scale": FULL * STEP, "noData": 0,
        },
        "_HEAT_NIGHT": {
            "name": "Warmth of nights above the country, K", "type": "SCALAR", "componentType": "UINT16",
            "normalized": true, "offset": COLDEST, "scale": FULL * MILLI, "noData": 0,
        },
    });
    let id = |name: &str| name.trim_start_matches('_').to_lowercase();
    let properties: Value =
        said.iter().map(|name| (id(name), all[*name].clone())).collect::<serde_json::Map<_, _>>().into();
    let borne: Value = said
        .iter()
        .map(|name| (id(name), json!({ "attribute": name })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "scene": 0, "scenes": [{ "nodes": [0] }],
        "nodes": [{ "mesh": 0, "translation": low, "scale": [step, step, step] }],
        "materials": [{
            "pbrMetallicRoughness": { "metallicFactor": 0, "roughnessFactor": 1 },
            "extensions": { "KHR_materials_unlit": {} },
        }],
        "meshes": [{ "primitives": [{
            "mode": 0, "attributes": attributes, "material": 0,
            "extensions": { "EXT_structural_metadata": { "propertyAttributes": [0] } },
        }] }],
        "extensions": { "EXT_structural_metadata": {
            "schema": { "id": "ilot_points", "classes": { "point": { "properties": properties } } },
            "propertyAttributes": [{ "class": "point", "properties": borne }],
        }},
    })
}

/// Colours of classes, linear.
fn palette() -> [[u8; 4]; 256] {
    let mut palette = [[128, 128, 128, 255]; 256];
    for class in CLASSES {
        let [red, green, blue] = class.colour.map(linear_8);
        palette[usize::from(class.code)] = [red, green, blue, 255];
    }
    palette
}

/// From sRGB to linear light, both in 8 bits.
fn linear_8(value: u8) -> u8 {
    let share = f64::from(value) / 255.0;
    let light = if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) };
    (light * 255.0).round() as u8
}

/// Bits of a coordinate in a tile of this many units.
pub fn bits(units: i64) -> u32 {
    (i64::BITS - (units - 1).leading_zeros()).max(ACROSS.trailing_zeros())
}
