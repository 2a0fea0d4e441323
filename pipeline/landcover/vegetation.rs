//! Vegetation by its height: how high, how low, and how much of the returns of each cell are shrubs and trees.

use crate::product::{COVER_CELL, CROWN_BASE, DTM, Passing, VEGETATION_HEIGHT, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::grid::Grid;
use ilot_kernels::par;
use ilot_kernels::points::Points;
use ilot_kernels::seen::Seen;
use ilot_kernels::strata::{self, Layers};
use ilot_kernels::unit::Metres;

static SIGNATURE: Signature = Signature {
    name: "vegetation",
    reads: &[Ware::Passing(Passing::LeafPoints), Ware::Passing(Passing::Seen), Ware::Kept(&DTM.spec)],
    makes: &[
        Ware::Kept(&VEGETATION_HEIGHT.spec),
        Ware::Kept(&CROWN_BASE.spec),
        Ware::Passing(Passing::Leaves),
    ],
};

/// Heights and shares of leaves.
pub struct Vegetation {
    /// Where the layers begin.
    pub layers: Layers,
    /// Side of a cell of the terrain.
    pub terrain: Metres,
}

impl Stage for Vegetation {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        // A cell more, since the cells of the elevation products may lie half a cell off; two of the terrain between.
        Halo(Metres(1.0) + self.terrain * 2.0)
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let points: Points = patch.passing(Passing::LeafPoints)?;
        let frame = [patch.frame(&VEGETATION_HEIGHT.spec), patch.frame(&CROWN_BASE.spec)].into_iter().fold(
            patch.frame_of(Passing::Leaves, COVER_CELL),
            |all, one| {
                if one.len() > all.len() { one } else { all }
            },
        );
        let stands = strata::stands(&points, patch.raster(&DTM)?, &frame, self.layers);
        let seen: &Grid<Seen> = patch.look(Passing::Seen)?;
        let (north, west) = seen.frame().offset_of(&frame).expect("returns are counted as far as leaves");
        let leaves = par::rows(frame, [0.0_f32; 2], |row, cells| {
            let seen = &seen.row(row + north)[west..];
            for ((cell, stand), seen) in cells.iter_mut().zip(stands.row(row)).zip(seen) {
                let all = seen.all().max(1) as f32;
                *cell = [stand.shrub as f32 / all, stand.tree as f32 / all];
            }
        });
        let of = |value: fn(&strata::Stand) -> f32| {
            Grid::new(frame, stands.cells().iter().map(value).collect::<Vec<f32>>())
        };
        let (height, base) = (of(|stand| stand.height), of(|stand| stand.base));
        patch.make(&VEGETATION_HEIGHT, vec![height.into_cropped(&patch.frame(&VEGETATION_HEIGHT.spec))])?;
        patch.make(&CROWN_BASE, vec![base.into_cropped(&patch.frame(&CROWN_BASE.spec))])?;
        patch.pass(Passing::Leaves, leaves.into_cropped(&patch.frame_of(Passing::Leaves, COVER_CELL)))
    }
}
