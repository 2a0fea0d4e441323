//! Trees: tops and crowns from the heights of the vegetation.
//!
//! In: heights above the ground, how low leaves reach, and which class was seen how often in each cell. A cell is vegetation where points of
//! vegetation are there and those of roofs are not more; a cell without any point goes with most of its neighbours. Out: one feature per
//! tree, in the tile that holds its top (`kernels/crowns`). A top on the southern or eastern border of the data, which a
//! tile holds or not by its size, is left out.

use super::identity;
use crate::cloud::classes::GROUPS;
use crate::formats::parts::Part;
use crate::formats::vector::{Feature, Value};
use crate::product::{CHM, CROWN_BASE, CROWNS, Cell, Passing, TREES, Ware};
use crate::stage::{Counts, Halo, Patch, Signature, Stage};
use crate::text;
use crate::text::Fault;
use geo::{Geometry, LineString, Point, Polygon};
use ilot_kernels::crowns::{self, CrownParams, Tree};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::par;

static SIGNATURE: Signature = Signature {
    name: "trees",
    reads: &[Ware::Kept(&CHM.spec), Ware::Kept(&CROWN_BASE.spec), Ware::Passing(Passing::Counts)],
    makes: &[Ware::Layer(&TREES), Ware::Layer(&CROWNS)],
};

/// The groups of [`GROUPS`] that decide.
const VEGETATION: usize = 1;
const BUILDING: usize = 2;

/// Tops and crowns of trees.
pub struct Trees {
    /// What counts as a tree.
    pub params: CrownParams,
}

impl Stage for Trees {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(self.params.halo())
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let place = patch.place();
        let counts: &Counts = patch.look(Passing::Counts)?;
        if counts.cells.iter().skip(VEGETATION).step_by(counts.groups).all(|&count| count == 0) {
            patch.remark(text!(
                fr: "aucun point de végétation (classes 3, 4, 5) : aucun arbre ne peut être trouvé ; classez d'abord le nuage (ilot classify)",
                en: "no point of vegetation (classes 3, 4, 5): no tree can be found; classify the cloud first (ilot classify)",
            ));
        }
        let frame = place.padded(Cell::OfElevation, self.params.halo());
        let heights = vegetation(&patch.raster(&CHM)?.cropped(&frame), patch.look(Passing::Counts)?);
        let base = patch.raster(&CROWN_BASE)?;
        let found = crowns::trees(&heights, Some(base), &place.frame(Cell::OfElevation), &self.params);
        let in_data = |tree: &&Tree| {
            let data = place.data;
            tree.x >= data.west && tree.x < data.east && tree.y > data.south && tree.y <= data.north
        };
        let (mut tops, mut outlines) = (Part::default(), Part::default());
        for tree in found.iter().filter(in_data) {
            let values = values(tree);
            let top = Geometry::Point(Point::new(tree.x, tree.y));
            tops.features.push(Feature { geometry: top, values: values.clone() });
            let ring = LineString::from(tree.outline.clone());
            let crown = Geometry::Polygon(Polygon::new(ring, Vec::new()));
            outlines.features.push(Feature { geometry: crown, values });
        }
        patch.keep(&TREES, tops)?;
        patch.keep(&CROWNS, outlines)
    }
}

fn values(tree: &Tree) -> Vec<Value> {
    let rounded = |value: f64, unit: f64| Value::Real((value * unit).round() / unit);
    vec![
        Value::Text(identity::of_place(tree.x, tree.y)),
        rounded(tree.height, 100.0),
        rounded(tree.diameter, 100.0),
        rounded(tree.area, 100.0),
        tree.base.map_or(Value::Null, |base| rounded(base, 100.0)),
        Value::Integer(i64::from(tree.confidence)),
    ]
}

/// The heights of cells where vegetation was seen, others missing.
fn vegetation(heights: &Grid<f32>, counts: &Counts) -> Grid<f32> {
    let frame = *heights.frame();
    let Some((first_row, first_col)) = counts.frame.offset_of(&frame) else {
        return Grid::filled(frame, f32::MISSING);
    };
    let seen = Seen { counts, frame: counts.frame };
    par::rows(frame, f32::MISSING, |row, cells| {
        for (col, (cell, &height)) in cells.iter_mut().zip(heights.row(row)).enumerate() {
            if height > 0.0 && seen.is_vegetation(first_row + row, first_col + col) {
                *cell = height;
            }
        }
    })
}

/// What was seen of cells.
struct Seen<'a> {
    counts: &'a Counts,
    frame: Frame,
}

impl Seen<'_> {
    fn of(&self, row: usize, col: usize) -> &[u16] {
        let groups = self.counts.groups;
        let cell = row * self.frame.cols + col;
        &self.counts.cells[cell * groups..(cell + 1) * groups]
    }

    fn is_vegetation(&self, row: usize, col: usize) -> bool {
        let own = self.of(row, col);
        if own.iter().any(|&count| count > 0) {
            return own[VEGETATION] > 0 && own[VEGETATION] >= own[BUILDING];
        }
        let (mut for_it, mut against) = (0u32, 0u32);
        for row in row.saturating_sub(1)..=(row + 1).min(self.frame.rows - 1) {
            for col in col.saturating_sub(1)..=(col + 1).min(self.frame.cols - 1) {
                let near = self.of(row, col);
                let all: u32 = near.iter().map(|&count| u32::from(count)).sum();
                for_it += u32::from(near[VEGETATION]);
                against += all - u32::from(near[VEGETATION]);
            }
        }
        for_it > against
    }
}

const _: () = assert!(GROUPS[VEGETATION][0] == 3 && GROUPS[BUILDING][0] == 6);
