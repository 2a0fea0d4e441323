//! The octree of a COPC file: where each chunk lies on the map.
//!
//! In: the info record and the hierarchy pages behind the points. Out: an extent for each chunk. The chunk
//! table stays the truth: a hierarchy that does not name exactly the chunks of the table is stale (the file
//! was rewritten by a tool that copies records) and is ignored with a warning. Layout: COPC 1.0. Cost: one
//! read per page.

use std::collections::HashMap;

use ilot_kernels::extent::Extent;

use super::chunks::Chunk;
use super::header::Fields;
use super::source::{self, Source};

/// Most pages that are read: IGN's tiles have a handful.
const MOST_PAGES: usize = 10_000;

/// Gives each chunk its extent; `false`, and no extents, where the hierarchy does not fit the chunks.
pub(super) fn place(source: &dyn Source, info: &[u8], chunks: &mut [Chunk]) -> bool {
    if info.len() < 160 {
        return false;
    }
    let fields = Fields(info);
    let cube = Cube { centre: [fields.f64(0), fields.f64(8)], half: fields.f64(24) };
    if !(cube.half.is_finite() && cube.half > 0.0 && cube.centre.iter().all(|c| c.is_finite())) {
        return false;
    }
    let Some(nodes) = nodes(source, fields.u64(40), fields.u64(48), chunks.len()) else { return false };
    let fits = |chunk: &Chunk| {
        let node = nodes.get(&chunk.offset)?;
        (node.bytes == chunk.bytes && node.points == chunk.points).then(|| cube.part(node))
    };
    let Some(extents) = chunks.iter().map(fits).collect::<Option<Vec<Extent>>>() else { return false };
    for (chunk, extent) in chunks.iter_mut().zip(extents) {
        chunk.extent = Some(extent);
    }
    nodes.len() == chunks.len()
}

/// A node that holds points.
struct Node {
    level: u32,
    column: u32,
    row: u32,
    bytes: u64,
    points: u64,
}

/// All nodes by their first byte, or `None` where a page cannot be read.
fn nodes(source: &dyn Source, root: u64, size: u64, expected: usize) -> Option<HashMap<u64, Node>> {
    let mut pages = vec![(root, size)];
    let mut nodes = HashMap::new();
    let mut read = 0;
    while let Some((offset, size)) = pages.pop() {
        read += 1;
        if read > MOST_PAGES {
            return None;
        }
        let page = source::bytes(source, offset, size).ok()?;
        for entry in page.as_chunks::<32>().0 {
            let fields = Fields(entry);
            let (offset, bytes, points) = (fields.u64(16), fields.i32(24), fields.i32(28));
            if points == -1 {
                pages.push((offset, u64::try_from(bytes).ok()?));
            } else if points > 0 {
                let [level, column, row] = [0, 4, 8].map(|at| fields.u32(at));
                let (bytes, points) = (u64::try_from(bytes).ok()?, points as u64);
                nodes.insert(offset, Node { level, column, row, bytes, points });
            }
            if nodes.len() > expected {
                return None;
            }
        }
    }
    Some(nodes)
}

/// The cube of the octree, seen from above.
struct Cube {
    centre: [f64; 2],
    half: f64,
}

impl Cube {
    /// The square of a node.
    fn part(&self, node: &Node) -> Extent {
        let side = 2.0 * self.half / f64::from(node.level.min(60)).exp2();
        let west = self.centre[0] - self.half + f64::from(node.column) * side;
        let south = self.centre[1] - self.half + f64::from(node.row) * side;
        Extent { west, south, east: west + side, north: south + side }
    }
}
