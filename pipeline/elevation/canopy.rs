//! Height above ground: the surface minus the terrain.

use crate::product::{CHM, DSM, DTM, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::par;
use ilot_kernels::unit::Metres;

static SIGNATURE: Signature = Signature {
    name: "canopy",
    reads: &[Ware::Kept(&DSM.spec), Ware::Kept(&DTM.spec)],
    makes: &[Ware::Kept(&CHM.spec)],
};

/// DSM minus DTM; missing where either is, negative where the surface lies below the terrain.
pub struct Canopy;

impl Stage for Canopy {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(Metres(0.0))
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let frame = patch.frame(&CHM.spec);
        let surface: Grid<f32> = patch.raster(&DSM)?.cropped(&frame);
        let terrain: Grid<f32> = patch.raster(&DTM)?.cropped(&frame);
        let height = par::rows(frame, f32::MISSING, |row, cells| {
            let both = surface.row(row).iter().zip(terrain.row(row));
            // A missing value is NaN: the difference is missing where either is.
            cells.iter_mut().zip(both).for_each(|(cell, (top, ground))| *cell = top - ground);
        });
        patch.make(&CHM, vec![height])
    }
}
