//! The surface, three ways: the highest point of a cell, a triangulation of class lists, spike-free.

use crate::product::{DSM, Passing, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::buckets::{Buckets, Duplicate};
use ilot_kernels::grid::Grid;
use ilot_kernels::points::Points;
use ilot_kernels::spike_free::{self, SpikeFreeParams};
use ilot_kernels::unit::Metres;
use ilot_kernels::{bin, fill, tin};

static FROM_HIGHEST: Signature =
    Signature { name: "surface", reads: &[Ware::Passing(Passing::Highest)], makes: &[Ware::Kept(&DSM.spec)] };

static FROM_POINTS: Signature = Signature {
    name: "surface",
    reads: &[Ware::Passing(Passing::SurfacePoints)],
    makes: &[Ware::Kept(&DSM.spec)],
};

/// The highest point of each cell; small voids are interpolated, larger ones stay open.
pub struct HighestSurface {
    /// How far the filling looks.
    pub void_reach: Metres,
}

impl Stage for HighestSurface {
    fn signature(&self) -> &'static Signature {
        &FROM_HIGHEST
    }

    fn halo(&self) -> Halo {
        Halo(self.void_reach)
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let highest: Grid<i32> = patch.passing(Passing::Highest)?;
        let heights = bin::heights(&highest, &patch.lattice());
        let filled = fill::small_voids(&heights, self.void_reach);
        let frame = patch.frame(&DSM.spec);
        patch.make(&DSM, vec![filled.cropped(&frame)])
    }
}

/// Linear interpolation in the triangulation of the surface points.
pub struct SurfaceTin {
    /// How far triangles may reach.
    pub tin: tin::TinParams,
}

impl Stage for SurfaceTin {
    fn signature(&self) -> &'static Signature {
        &FROM_POINTS
    }

    fn halo(&self) -> Halo {
        Halo(self.tin.halo())
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let points: Points = patch.passing(Passing::SurfacePoints)?;
        let index = Buckets::new(points, Duplicate::Highest);
        let surface = tin::interpolate(&index, &patch.frame(&DSM.spec), &self.tin);
        patch.make(&DSM, vec![surface])
    }
}

/// A surface without the pits that pulses make inside of crowns.
pub struct SpikeFree {
    /// Freeze distance and insertion buffer.
    pub params: SpikeFreeParams,
}

impl Stage for SpikeFree {
    fn signature(&self) -> &'static Signature {
        &FROM_POINTS
    }

    fn halo(&self) -> Halo {
        Halo(self.params.halo())
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let points: Points = patch.passing(Passing::SurfacePoints)?;
        let surface = spike_free::surface(&points, &patch.frame(&DSM.spec), &self.params);
        patch.make(&DSM, vec![surface])
    }
}
