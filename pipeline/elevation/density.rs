//! Point density by class group: how well each cell was seen.

use crate::cloud::classes::GROUPS;
use crate::product::{DENSITY, Passing, Ware};
use crate::stage::{Counts, Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::bin;
use ilot_kernels::unit::Metres;

static SIGNATURE: Signature = Signature {
    name: "density",
    reads: &[Ware::Passing(Passing::Counts)],
    makes: &[Ware::Kept(&DENSITY.spec)],
};

/// Counts per cell, as points per square metre.
pub struct Density;

impl Stage for Density {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(Metres(0.0))
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let counts: &Counts = patch.look(Passing::Counts)?;
        let frame = patch.frame(&DENSITY.spec);
        let groups = std::iter::once(None).chain((0..GROUPS.len()).map(Some));
        let bands = groups
            .map(|group| bin::density(&counts.frame, &counts.cells, counts.groups, group).cropped(&frame));
        let bands = bands.collect();
        patch.make(&DENSITY, bands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_band_for_all_points_and_one_for_each_group() {
        assert_eq!(DENSITY.spec.bands.len(), GROUPS.len() + 1);
    }
}
