//! IGN's production choice of the points that carry terrain and surface.

use crate::product::{Passing, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::points::Points;
use ilot_kernels::production::{self, ProductionParams};

static SIGNATURE: Signature = Signature {
    name: "production",
    reads: &[Ware::Passing(Passing::ClassedPoints)],
    makes: &[Ware::Passing(Passing::GroundPoints), Ware::Passing(Passing::SurfacePoints)],
};

/// Marks the points that IGN's production keeps for each model.
pub struct Production {
    /// Cells and radii of the choice.
    pub params: ProductionParams,
}

impl Stage for Production {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(self.params.halo())
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let points: Points = patch.passing(Passing::ClassedPoints)?;
        let marks = production::mark(&points, &self.params);
        patch.pass(Passing::GroundPoints, points.kept(&marks.dtm))?;
        patch.pass(Passing::SurfacePoints, points.kept(&marks.dsm))
    }
}
