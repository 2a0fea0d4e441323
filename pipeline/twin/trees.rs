//! Trees of a tile → light meshes that carry what is known of them.
//!
//! In: the layer `trees` and the terrain. Out: a trunk of three sides and a crown of six for each, 20 vertices, as high as
//! measured and as wide as the disc of the crown's area. A crown begins at its measured base, else at 40 % of the height.
//!
//! Fails where: the terrain is missing under a tree, which is then left out and told.

use super::mesh::{Kind, Mesh, Said, Thing, shaded};
use crate::formats::vector::{Layer, Value};
use crate::product::TREES;
use geo::Geometry;
use std::f64::consts::TAU;

/// What is said of a tree.
pub const KIND: Kind = Kind {
    class: "tree",
    said: &[
        Said { name: "id", text: true, meaning: "Place of the top: kilometre, then decimetres" },
        Said { name: "height", text: false, meaning: "Height above the ground, m" },
        Said { name: "crown_diameter", text: false, meaning: "Diameter of the disc of the crown's area, m" },
        Said { name: "crown_area", text: false, meaning: "Area of the crown seen from the sky, m²" },
        Said { name: "crown_base", text: false, meaning: "Height of the lowest leaves, m" },
        Said { name: "confidence", text: false, meaning: "Confidence, %" },
    ],
    error: 24.0,
    largest: 600,
};

/// Sides of a crown.
const SIDES: u32 = 6;
/// Where a crown begins where that is not known, share of the height.
const BASE: f64 = 0.4;

/// The trees of a layer whose tops `owns` holds; `ground` gives the terrain. The number of those without terrain comes second.
pub fn things(
    layer: &Layer,
    owns: impl Fn([f64; 2]) -> bool,
    ground: impl Fn([f64; 2]) -> Option<f64>,
) -> (Vec<Thing>, usize) {
    let place = |name: &str| layer.field(name);
    let columns: Vec<Option<usize>> = KIND.said.iter().map(|said| place(said.name)).collect();
    debug_assert!(KIND.said.iter().all(|said| TREES.columns.iter().any(|column| column.name == said.name)));
    let (mut things, mut bare) = (Vec::new(), 0);
    for feature in &layer.features {
        let Geometry::Point(point) = &feature.geometry else { continue };
        let at = [point.x(), point.y()];
        if !owns(at) {
            continue;
        }
        let values: Vec<Value> = columns
            .iter()
            .map(|column| column.map_or(Value::Null, |at| feature.values[at].clone()))
            .collect();
        let number = |at: usize| values[at].number().filter(|value| *value > 0.0);
        let (Some(height), Some(diameter)) = (number(1), number(2)) else { continue };
        let Some(foot) = ground(at) else {
            bare += 1;
            continue;
        };
        let base = number(4).unwrap_or(BASE * height).clamp(0.05 * height, 0.8 * height);
        let mesh = mesh([at[0], at[1], foot], height, diameter / 2.0, base);
        things.push(Thing { at, size: height * diameter, mesh, values });
    }
    (things, bare)
}

fn mesh([x, y, foot]: [f64; 3], height: f64, radius: f64, base: f64) -> Mesh {
    let mut mesh = Mesh::default();
    // Neighbours differ a little, always in the same way.
    let hue = ((x * 7.3 + y * 3.7).fract().abs() * 30.0) as u8;
    let leaves = [74 + hue, 124 + hue / 2, 62];
    let (bark, girth) = ([112, 88, 66], (0.02 * height).clamp(0.1, 0.6));
    let mut ring = |share: f64, up: f64, sides: u32, colour: [u8; 3], slope: f64| {
        let first = mesh.vertices.len() as u32;
        for side in 0..sides {
            let (s, c) = (f64::from(side) / f64::from(sides) * TAU).sin_cos();
            mesh.vertices.push(([x + share * c, y + share * s, foot + up], shaded(colour, [c, s, slope])));
        }
        first
    };
    let low = ring(girth, -0.3, 3, bark, 0.0);
    let high = ring(girth, base + 0.1 * (height - base), 3, bark, 0.0);
    let belly = ring(0.85 * radius, base + 0.22 * (height - base), SIDES, leaves, -0.4);
    let waist = ring(radius, base + 0.52 * (height - base), SIDES, leaves, 0.5);
    let foot_of_crown = ring(0.0, base, 1, leaves.map(|part| part / 2 + 10), -1.0);
    let top = ring(0.0, height, 1, leaves, 1.0);
    let mut band = |low: u32, high: u32, sides: u32| {
        for side in 0..sides {
            let next = (side + 1) % sides;
            mesh.triangles.push([low + side, low + next, high + next]);
            mesh.triangles.push([low + side, high + next, high + side]);
        }
    };
    band(low, high, 3);
    band(belly, waist, SIDES);
    for side in 0..SIDES {
        let next = (side + 1) % SIDES;
        mesh.triangles.push([foot_of_crown, belly + next, belly + side]);
        mesh.triangles.push([waist + side, waist + next, top]);
    }
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_as_high_and_as_wide_as_measured_and_its_crown_is_turned_outwards() {
        let mesh = mesh([100.0, 200.0, 50.0], 12.0, 3.0, 4.0);
        let top = mesh.vertices.iter().map(|vertex| vertex.0[2]).fold(f64::MIN, f64::max);
        let wide = mesh
            .vertices
            .iter()
            .map(|vertex| (vertex.0[0] - 100.0).hypot(vertex.0[1] - 200.0))
            .fold(0.0, f64::max);
        assert!((top - 62.0).abs() < 1e-9 && (wide - 3.0).abs() < 1e-9);
        let at = |corner: u32| mesh.vertices[corner as usize].0;
        for corners in &mesh.triangles {
            let [a, b, c] = corners.map(at);
            let (u, v): ([f64; 3], [f64; 3]) =
                (std::array::from_fn(|i| b[i] - a[i]), std::array::from_fn(|i| c[i] - a[i]));
            let normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
            let middle: [f64; 3] = std::array::from_fn(|i| (a[i] + b[i] + c[i]) / 3.0);
            let axis = if middle[2] > 53.9 { 58.0 } else { middle[2] };
            let out = [middle[0] - 100.0, middle[1] - 200.0, middle[2] - axis];
            assert!((0..3).map(|i| normal[i] * out[i]).sum::<f64>() > 0.0, "{corners:?}");
        }
    }
}
