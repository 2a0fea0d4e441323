//! Slope and hillshade of the terrain.

use crate::product::{DTM, HILLSHADE, SLOPE, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::focal::{self, Light};
use ilot_kernels::unit::Metres;

static SIGNATURE: Signature = Signature {
    name: "relief",
    reads: &[Ware::Kept(&DTM.spec)],
    makes: &[Ware::Kept(&SLOPE.spec), Ware::Kept(&HILLSHADE.spec)],
};

/// Slope and hillshade, of which the terrain is missing at most one cell away.
pub struct Relief {
    /// Light of the hillshade.
    pub light: Light,
    /// Side of a cell, which is how far a neighbourhood reaches.
    pub cell: Metres,
}

impl Stage for Relief {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(self.cell * focal::RING as f64)
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let terrain = patch.raster(&DTM)?;
        let slope = focal::slope(terrain).cropped(&patch.frame(&SLOPE.spec));
        let shade = focal::hillshade(terrain, self.light).cropped(&patch.frame(&HILLSHADE.spec));
        patch.make(&SLOPE, vec![slope])?;
        patch.make(&HILLSHADE, vec![shade])
    }
}
