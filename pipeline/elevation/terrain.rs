//! The terrain: the Delaunay triangulation of the ground points, and how far each cell is from one.

use crate::product::{DTM, DTM_GAP, Passing, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text;
use crate::text::Fault;
use ilot_kernels::buckets::{Buckets, Duplicate};
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::points::Points;
use ilot_kernels::{nearest, tin};

static SIGNATURE: Signature = Signature {
    name: "terrain",
    reads: &[Ware::Passing(Passing::GroundPoints)],
    makes: &[Ware::Kept(&DTM.spec), Ware::Kept(&DTM_GAP.spec)],
};

/// Terrain by triangulation.
pub struct Terrain {
    /// How far triangles may reach.
    pub tin: tin::TinParams,
}

impl Stage for Terrain {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(self.tin.halo())
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let ground: Points = patch.passing(Passing::GroundPoints)?;
        if ground.is_empty() {
            patch.remark(text!(
                fr: "aucun point de sol : le terrain et ce qui en dépend restent vides",
                en: "no ground point: the terrain and what depends on it stay empty",
            ));
        }
        let index = Buckets::new(ground, Duplicate::Lowest);
        let terrain = tin::interpolate(&index, &patch.frame(&DTM.spec), &self.tin);
        let gap = nearest::distance(&index, &patch.frame(&DTM_GAP.spec), self.tin.halo());
        patch.make(&DTM_GAP, vec![where_terrain(gap, &terrain)])?;
        patch.make(&DTM, vec![terrain])
    }
}

/// The distance only where there is a terrain that it speaks of.
fn where_terrain(mut gap: Grid<f32>, terrain: &Grid<f32>) -> Grid<f32> {
    let terrain = terrain.cropped(gap.frame());
    for (gap, height) in gap.cells_mut().iter_mut().zip(terrain.cells()) {
        if height.is_missing() {
            *gap = f32::MISSING;
        }
    }
    gap
}
