//! The infrared image over a tile: its vegetation index, and the votes of its pixels.

use super::settings::Found;
use crate::product::{COVER_CELL, NDVI, Passing, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text;
use crate::text::Fault;
use ilot_kernels::decide::Pixels;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::par;
use ilot_kernels::unit::Metres;
use std::sync::Arc;

static SIGNATURE: Signature = Signature {
    name: "infrared",
    reads: &[],
    makes: &[Ware::Kept(&NDVI.spec), Ware::Passing(Passing::Pixels)],
};

/// Reads the images.
pub struct Infrared {
    /// What was found out of them.
    pub found: Arc<Found>,
}

impl Stage for Infrared {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        Halo(Metres(0.0))
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let core = patch.frame(&NDVI.spec);
        let mut frame = patch.frame_of(Passing::Pixels, COVER_CELL);
        if core.len() > frame.len() {
            frame = core;
        }
        let (pixels, threshold) = match &self.found.images {
            Some(images) => (images.over(&frame)?, images.threshold),
            None => (Grid::filled(frame, Pixels::default()), 0.0),
        };
        let index = par::rows(frame, f32::MISSING, |row, cells| {
            for (cell, pixels) in cells.iter_mut().zip(pixels.row(row)).filter(|(_, pixels)| pixels.count > 0)
            {
                *cell = pixels.greenness + threshold;
            }
        });
        let own = index.cropped(&core);
        let blind = own.cells().iter().filter(|value| value.is_missing()).count();
        if blind > 0 {
            let share = blind as f64 * 100.0 / core.len() as f64;
            patch.remark(text!(
                fr: "l'orthophoto infrarouge ne montre pas {share:.1} % de la tuile : là, l'occupation du sol se fait sans elle et la confiance baisse",
                en: "the infrared orthophoto does not show {share:.1} % of the tile: there, land cover is made without it and the confidence falls",
            ));
        }
        patch.make(&NDVI, vec![own])?;
        patch.pass(Passing::Pixels, pixels.cropped(&patch.frame_of(Passing::Pixels, COVER_CELL)))
    }
}
