//! Point density by class group: how well each cell was seen.

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

/// The class groups of the bands after the first, which counts all points; the last group is whatever
/// belongs to no other and has no band of its own.
pub const GROUPS: [&[u8]; 4] = [&[2, 66], &[3, 4, 5], &[6], &[9]];

/// Noise (ASPRS 7 and 18, IGN 65) is nothing that was seen.
pub const NOISE: [u8; 3] = [7, 18, 65];

/// The group of each class, 255 for noise.
pub fn group_of_class() -> [u8; 256] {
    let mut group = [GROUPS.len() as u8; 256];
    for (index, classes) in GROUPS.iter().enumerate() {
        classes.iter().for_each(|&class| group[usize::from(class)] = index as u8);
    }
    NOISE.iter().for_each(|&class| group[usize::from(class)] = u8::MAX);
    group
}

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
        let counts: Counts = patch.passing(Passing::Counts)?;
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

    #[test]
    fn noise_counts_nowhere_and_other_classes_in_one_group() {
        let group = group_of_class();
        assert_eq!((group[2], group[5], group[6], group[9], group[1]), (0, 1, 2, 3, 4));
        assert_eq!((group[7], group[18], group[65]), (255, 255, 255));
    }
}
