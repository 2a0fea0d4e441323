//! The terrain of a tile → a textured mesh in four levels of detail.
//!
//! In: the terrain of the tile and a little around it, and a picture that is laid over it: an orthophoto or a product in its
//! style. Out: a quadtree of GLBs of 64 × 64 squares whose children stand in for them. Vertices lie at whole multiples of a
//! level's spacing and take the terrain there (bilinear), so that neighbours share their border exactly at one level;
//! between levels skirts hide the seam, as deep as the error of the level.
//!
//! A level's error is the largest distance in height of the terrain from its mesh, or six pixels of its texture where that
//! is more; finest tiles have none. Where the terrain is missing there is no triangle. Memory: 40 bytes a cell.

use super::Site;
use super::mesh::{positions, unlit};
use super::picture::Picture;
use super::tileset::{Branch, Region};
use crate::fault;
use crate::formats::aside::Folder;
use crate::formats::glb::{Glb, Number, Packing, Part};
use crate::text::Fault;
use ilot_kernels::extent::Extent;
use ilot_kernels::grid::{Grid, Sample};
use rayon::prelude::*;
use serde_json::json;

/// Squares along a tile of any level.
const ACROSS: usize = 64;
/// Levels below the first.
const LEVELS: u32 = 3;
/// Pixels along a texture.
const PIXELS: usize = 256;
/// Pixels by which a texture may be coarser than what is seen.
const BLUR: f64 = 6.0;

/// The terrain of a tile, about to be written.
pub struct Relief<'a> {
    /// The tile.
    pub extent: Extent,
    /// Heights, two cells farther than the tile.
    pub heights: &'a Grid<f32>,
    /// What is laid over it.
    pub picture: &'a Picture,
    /// Whether buffers are compressed.
    pub packing: Packing,
}

/// A square of the quadtree that has terrain.
struct Node {
    level: u32,
    col: u32,
    row: u32,
    children: Vec<Node>,
}

impl Relief<'_> {
    /// Writes the GLBs; the tree over them and their number, `None` where there is no terrain.
    ///
    /// # Errors
    /// Where a texture cannot be written, or the disk fails.
    pub fn tiles(&self, site: &Site, folder: &Folder) -> Result<Option<(Branch, usize)>, Fault> {
        let Some(root) = self.node(0, 0, 0) else { return Ok(None) };
        let mut nodes = Vec::new();
        root.list(&mut nodes);
        let write = |node: &&Node| {
            let (region, error, bytes) = self.glb(site, node)?;
            let name = format!("{}_{}_{}.glb", node.level, node.col, node.row);
            folder.write(&name, &bytes)?;
            Ok((region, error, name))
        };
        let made: Vec<(Region, f64, String)> = nodes.par_iter().map(write).collect::<Result<_, Fault>>()?;
        let branch = root.branch(&mut made.iter()).replaced();
        Ok(Some((branch, made.len())))
    }

    fn node(&self, level: u32, col: u32, row: u32) -> Option<Node> {
        let side = self.side(level);
        let part = Extent {
            west: self.extent.west + f64::from(col) * side,
            east: self.extent.west + f64::from(col + 1) * side,
            north: self.extent.north - f64::from(row) * side,
            south: self.extent.north - f64::from(row + 1) * side,
        };
        let step = side / ACROSS as f64;
        let line = |from: f64, index: usize| from + index as f64 * step;
        let any = (0..ACROSS).any(|r| {
            (0..ACROSS).any(|c| self.square(line(part.west, c), line(part.south, r), step).is_some())
        });
        if !any {
            return None;
        }
        let below = |at: u32| self.node(level + 1, 2 * col + at % 2, 2 * row + at / 2);
        let children = if level < LEVELS { (0..4).filter_map(below).collect() } else { Vec::new() };
        Some(Node { level, col, row, children })
    }

    fn side(&self, level: u32) -> f64 {
        self.extent.width().0 / f64::from(1_u32 << level)
    }

    /// The heights of the corners of a square, where all are known.
    fn square(&self, west: f64, south: f64, step: f64) -> Option<[f64; 4]> {
        let at = |x: f64, y: f64| self.height(x, y);
        Some([
            at(west, south)?,
            at(west + step, south)?,
            at(west + step, south + step)?,
            at(west, south + step)?,
        ])
    }

    /// The terrain at a place, between the centres of its cells.
    fn height(&self, x: f64, y: f64) -> Option<f64> {
        let frame = self.heights.frame();
        let cell = frame.cell.0;
        let (col, row) = ((x - frame.west) / cell - 0.5, (frame.north - y) / cell - 0.5);
        let last = |count: usize| count.saturating_sub(1) as f64;
        if col < -1.0 || row < -1.0 || col > last(frame.cols) + 1.0 || row > last(frame.rows) + 1.0 {
            return None;
        }
        let (col, row) = (col.clamp(0.0, last(frame.cols)), row.clamp(0.0, last(frame.rows)));
        let (c, r) = (col.floor() as usize, row.floor() as usize);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (dr, dc) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let (row_at, col_at) = ((r + dr).min(frame.rows - 1), (c + dc).min(frame.cols - 1));
            let share = |part: f64, second: usize| if second == 1 { part } else { 1.0 - part };
            let weight = share(row - r as f64, dr) * share(col - c as f64, dc);
            let value = self.heights.at(row_at, col_at);
            if !value.is_missing() {
                (sum, weights) = (sum + weight * f64::from(value), weights + weight);
            }
        }
        (weights > 1e-9).then(|| sum / weights)
    }

    fn glb(&self, site: &Site, node: &Node) -> Result<(Region, f64, Vec<u8>), Fault> {
        let side = self.side(node.level);
        let step = side / ACROSS as f64;
        let (west, north) =
            (self.extent.west + f64::from(node.col) * side, self.extent.north - f64::from(node.row) * side);
        let heights: Vec<Option<f64>> = (0..=ACROSS)
            .flat_map(|row| (0..=ACROSS).map(move |col| (row, col)))
            .map(|(row, col)| self.height(west + col as f64 * step, north - row as f64 * step))
            .collect();
        let error = self.error(&heights, west, north, step);
        let mesh = Sheet::new(&heights, west, north, step, error.max(0.5) + 0.5 * step.min(2.0));
        let mut glb = Glb::new(self.packing);
        let (region, position, body) = positions(site, &mut glb, &mesh.places)?;
        let full = f64::from(u16::MAX);
        let texels: Vec<[u8; 4]> = mesh
            .texels
            .iter()
            .map(|share| {
                let [u, v] = share.map(|part| ((part * full).round() as u16).to_le_bytes());
                [u[0], u[1], v[0], v[1]]
            })
            .collect();
        let texel = glb
            .vertices(&texels, &[Part { offset: 0, number: Number::U16, shape: "VEC2", normalized: true }])?;
        let indices = glb.triangles(&mesh.triangles, mesh.places.len())?;
        let image = glb.plain(&self.picture.png(west, north, side, PIXELS).map_err(|why| unpainted(&why))?);
        let scene = json!({
            "scene": 0, "scenes": [{ "nodes": [0] }], "nodes": [body],
            "materials": [unlit(Some(0))],
            "textures": [{ "source": 0, "sampler": 0 }],
            "samplers": [{ "magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071 }],
            "images": [{ "mimeType": "image/png", "bufferView": image }],
            "meshes": [{ "primitives": [{
                "mode": 4, "indices": indices, "material": 0,
                "attributes": { "POSITION": position, "TEXCOORD_0": texel },
            }] }],
        });
        let bytes = glb.finish(scene, &["KHR_materials_unlit"])?;
        let blur = BLUR * side / PIXELS as f64;
        Ok((region, error.max(blur), bytes))
    }

    /// The largest distance of the terrain from a mesh, over four places along each square.
    fn error(&self, heights: &[Option<f64>], west: f64, north: f64, step: f64) -> f64 {
        let at = |row: usize, col: usize| heights[row * (ACROSS + 1) + col];
        let mut worst = 0.0_f64;
        for row in 0..ACROSS * 4 {
            for col in 0..ACROSS * 4 {
                let (r, c) = (row / 4, col / 4);
                let (down, right) = ((row % 4) as f64 / 4.0, (col % 4) as f64 / 4.0);
                let corners = [at(r, c), at(r, c + 1), at(r + 1, c), at(r + 1, c + 1)];
                let [Some(a), Some(b), Some(d), Some(e)] = corners else { continue };
                let exact = self.height(west + (c as f64 + right) * step, north - (r as f64 + down) * step);
                // The two triangles of a square.
                let own = if right + down <= 1.0 {
                    a + right * (b - a) + down * (d - a)
                } else {
                    e + (1.0 - right) * (d - e) + (1.0 - down) * (b - e)
                };
                worst = worst.max(exact.map_or(0.0, |exact| (exact - own).abs()));
            }
        }
        worst
    }
}

impl Node {
    fn list<'a>(&'a self, all: &mut Vec<&'a Node>) {
        all.push(self);
        self.children.iter().for_each(|child| child.list(all));
    }

    /// The branch of this node; what was made comes in the order of [`Node::list`].
    fn branch<'a>(&self, made: &mut impl Iterator<Item = &'a (Region, f64, String)>) -> Branch {
        let (region, error, uri) = made.next().expect("one of each node");
        let children: Vec<Branch> = self.children.iter().map(|child| child.branch(made)).collect();
        let error = if children.is_empty() { 0.0 } else { *error };
        Branch::new(error, *region, Some(uri.clone()), children)
    }
}

/// A square of mesh with its skirts.
struct Sheet {
    places: Vec<[f64; 3]>,
    /// Shares of the texture, from the north-western corner.
    texels: Vec<[f64; 2]>,
    triangles: Vec<[u32; 3]>,
}

impl Sheet {
    fn new(heights: &[Option<f64>], west: f64, north: f64, step: f64, skirt: f64) -> Sheet {
        let mut sheet = Sheet { places: Vec::new(), texels: Vec::new(), triangles: Vec::new() };
        let mut number = vec![None; heights.len()];
        let width = ACROSS + 1;
        for (at, height) in heights.iter().enumerate() {
            let Some(height) = height else { continue };
            let (row, col) = (at / width, at % width);
            number[at] = Some(sheet.places.len() as u32);
            sheet.places.push([west + col as f64 * step, north - row as f64 * step, *height]);
            sheet.texels.push([col as f64 / ACROSS as f64, row as f64 / ACROSS as f64]);
        }
        for row in 0..ACROSS {
            for col in 0..ACROSS {
                let at = |r: usize, c: usize| number[(row + r) * width + col + c];
                if let [Some(a), Some(b), Some(d), Some(e)] = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)] {
                    sheet.triangles.extend([[a, d, b], [d, e, b]]);
                }
            }
        }
        // Around the border, the inside on the left: west southwards, south eastwards, east northwards, north westwards.
        let sides: [Vec<usize>; 4] = [
            (0..width).map(|row| row * width).collect(),
            (0..width).map(|col| ACROSS * width + col).collect(),
            (0..width).rev().map(|row| row * width + ACROSS).collect(),
            (0..width).rev().collect(),
        ];
        for pair in sides.iter().flat_map(|side| side.windows(2)) {
            if let (Some(from), Some(to)) = (number[pair[0]], number[pair[1]]) {
                sheet.hang(from, to, skirt);
            }
        }
        sheet
    }

    /// A skirt below an edge, seen from outside.
    fn hang(&mut self, from: u32, to: u32, skirt: f64) {
        let first = self.places.len() as u32;
        for corner in [from, to] {
            let [x, y, z] = self.places[corner as usize];
            self.places.push([x, y, z - skirt]);
            self.texels.push(self.texels[corner as usize]);
        }
        self.triangles.extend([[first, first + 1, to], [first, to, from]]);
    }
}

fn unpainted(why: &dyn std::fmt::Display) -> Fault {
    fault!(
        fr: "La texture d'une tuile de terrain ne peut être écrite ({why}) : signalez ce défaut d'ilot.",
        en: "The texture of a terrain tile cannot be written ({why}): please report this defect of ilot.",
    )
}
