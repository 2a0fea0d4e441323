//! A curved world over a small piece of map: positions between the nodes of a lattice whose images are known exactly.
//!
//! In: the images of the nodes of a square lattice at height 0, with the way up there. Out: the image of any position
//! and height between them: bilinear in the images, linear in the height. A projection and a geoid are smooth, so that
//! nodes `s` metres apart leave an error of `s² / 8R` (R the Earth's radius) for the curve, 0.02 mm at 31 m, and a
//! tenth of a millimetre where the lattice of a geoid has its kinks. It spares a projection of each point.
//!
//! Fails where: the lattice is so wide that this matters. Cost: 10 ns a point.

use crate::unit::Metres;

/// Images of a lattice of map positions.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Easting of the western nodes.
    pub west: f64,
    /// Northing of the southern nodes.
    pub south: f64,
    /// Distance of nodes.
    pub step: Metres,
    /// Nodes from west to east, at least 2.
    pub cols: usize,
    /// Image at height 0 and way up of each node, rows from south to north.
    pub nodes: Vec<Node>,
}

/// The image of a node: any three coordinates, such as metres east, north and up of a point of the Earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Image at height 0.
    pub foot: [f64; 3],
    /// What a metre of height adds.
    pub up: [f64; 3],
}

impl Chart {
    /// The image of a position; positions beyond the lattice go on as its border does.
    pub fn image(&self, easting: f64, northing: f64, height: f64) -> [f64; 3] {
        let (col, right) = split((easting - self.west) / self.step.0, self.cols);
        let (row, above) = split((northing - self.south) / self.step.0, self.nodes.len() / self.cols);
        let corner = |row: usize, col: usize| &self.nodes[row * self.cols + col];
        let weights = [
            (corner(row, col), (1.0 - above) * (1.0 - right)),
            (corner(row, col + 1), (1.0 - above) * right),
            (corner(row + 1, col), above * (1.0 - right)),
            (corner(row + 1, col + 1), above * right),
        ];
        let mut image = [0.0; 3];
        for (node, weight) in weights {
            for axis in 0..3 {
                image[axis] += weight * (node.foot[axis] + height * node.up[axis]);
            }
        }
        image
    }
}

/// The node before a position, and the part of the way to the next.
fn split(position: f64, nodes: usize) -> (usize, f64) {
    let node = position.floor().clamp(0.0, nodes as f64 - 2.0);
    (node as usize, position - node)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sphere of 6371 km seen through an equirectangular map.
    fn on_sphere(easting: f64, northing: f64, height: f64) -> [f64; 3] {
        let radius = 6_371_000.0;
        let (lon, lat) = (easting / radius, northing / radius);
        let r = radius + height;
        [r * lat.cos() * lon.cos(), r * lat.cos() * lon.sin(), r * lat.sin()]
    }

    #[test]
    fn between_nodes_the_error_is_what_the_header_says() {
        let (west, south, step, cols) = (250_000.0, 5_000_000.0, 31.25, 33);
        let nodes = (0..cols * cols)
            .map(|i| {
                let (x, y) = (west + (i % cols) as f64 * step, south + (i / cols) as f64 * step);
                let (foot, top) = (on_sphere(x, y, 0.0), on_sphere(x, y, 1.0));
                Node { foot, up: std::array::from_fn(|axis| top[axis] - foot[axis]) }
            })
            .collect();
        let chart = Chart { west, south, step: Metres(step), cols, nodes };
        let mut worst = 0.0_f64;
        for i in 0..2000_u32 {
            let x = west + f64::from(i * 37 % 1000);
            let y = south + f64::from(i * 91 % 1000);
            let z = f64::from(i % 400) - 50.0;
            let (own, exact) = (chart.image(x, y, z), on_sphere(x, y, z));
            let off = (0..3).map(|axis| (own[axis] - exact[axis]).powi(2)).sum::<f64>().sqrt();
            worst = worst.max(off);
        }
        assert!(worst < 4e-5, "{worst}");
    }
}
