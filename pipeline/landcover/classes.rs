//! Land cover at 1 m: the stage around [`ilot_kernels::decide`].

use super::settings::Found;
use crate::product::{COVER, COVER_CELL, COVER_CONFIDENCE, Passing, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text;
use crate::text::Fault;
use ilot_kernels::decide::{self, Known, Pixels, class};
use ilot_kernels::grid::{Grid, Percent, Sample};
use ilot_kernels::misfit;
use ilot_kernels::par;
use ilot_kernels::seen::{Kind, Seen};
use ilot_kernels::unit::Metres;
use std::sync::Arc;

static ALONE: Signature = Signature {
    name: "cover",
    reads: &[Ware::Passing(Passing::Seen), Ware::Passing(Passing::Leaves)],
    makes: &[Ware::Kept(&COVER.spec), Ware::Kept(&COVER_CONFIDENCE.spec)],
};

static WITH_IMAGE: Signature = Signature {
    name: "cover",
    reads: &[Ware::Passing(Passing::Seen), Ware::Passing(Passing::Leaves), Ware::Passing(Passing::Pixels)],
    makes: &[Ware::Kept(&COVER.spec), Ware::Kept(&COVER_CONFIDENCE.spec)],
};

/// Decides the class of each cell.
pub struct Classes {
    /// Whether an infrared image is given.
    pub with_image: bool,
    /// What was found out of the inputs.
    pub found: Arc<Found>,
}

impl Stage for Classes {
    fn signature(&self) -> &'static Signature {
        if self.with_image { &WITH_IMAGE } else { &ALONE }
    }

    fn halo(&self) -> Halo {
        Halo(Metres(decide::RING as f64))
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let seen: Grid<Seen> = patch.passing(Passing::Seen)?;
        let leaves: Grid<[f32; 2]> = patch.passing(Passing::Leaves)?;
        let leaves_frame = *leaves.frame();
        let seen = seen.into_cropped(&leaves_frame);
        let pixels: Option<Grid<Pixels>> =
            self.with_image.then(|| patch.passing(Passing::Pixels)).transpose()?;
        let pixels = pixels.map(|pixels| pixels.into_cropped(&leaves_frame));
        let drawn = self.found.shapes.as_ref().map(|shapes| shapes.over(&leaves_frame));
        let known = Known { seen: &seen, leaves: &leaves, pixels: pixels.as_ref(), drawn: drawn.as_ref() };
        let frame = patch.frame(&COVER.spec);
        let decided = decide::decide(&known, &frame);
        if let Some(pixels) = &pixels {
            tell_shift(patch, &seen, pixels);
            tell_date(patch, &leaves, pixels);
        }
        let classes = Grid::new(frame, decided.cells().iter().map(|decision| decision.class).collect());
        let sure = par::rows(frame, Percent::MISSING, |row, cells| {
            for (cell, decision) in cells.iter_mut().zip(decided.row(row)) {
                if decision.class != class::UNKNOWN {
                    *cell = Percent((decide::calibrated(decision.sure) * 100.0).round() as u8);
                }
            }
        });
        patch.make(&COVER, vec![classes])?;
        patch.make(&COVER_CONFIDENCE, vec![sure.into_cropped(&patch.frame(&COVER_CONFIDENCE.spec))])
    }
}

/// An image that lies more than this beside the roofs is told, metres.
const SHIFT: f64 = 0.75;

/// Compares the edges of roofs with those of the image.
fn tell_shift(patch: &mut Patch<'_>, seen: &Grid<Seen>, pixels: &Grid<Pixels>) {
    // Roofs cut by the border of the clouds have no edge there.
    let own = patch.place().frame(COVER_CELL);
    let (seen, pixels) = (seen.cropped(&own), pixels.cropped(&own));
    let is_roof = |seen: &Seen| seen.count(Kind::Roof) > seen.floor() + seen.count(Kind::Leaves);
    let is_open = |seen: &Seen| seen.floor() > seen.count(Kind::Leaves);
    let (roofs, open) = (
        Grid::new(own, seen.cells().iter().map(is_roof).collect()),
        Grid::new(own, seen.cells().iter().map(is_open).collect()),
    );
    let shown = |value: fn(&Pixels) -> f32| {
        let cell = |pixels: &Pixels| if pixels.count > 0 { value(pixels) } else { f32::NAN };
        Grid::new(own, pixels.cells().iter().map(cell).collect())
    };
    // Hue and greenness have edges where roofs end, and none where their shadows do.
    let (tint, green) = (shown(|pixels| pixels.tint), shown(|pixels| pixels.greenness));
    let scene = misfit::Scene { roofs: &roofs, open: &open, tint: &tint, green: &green };
    let Some(shift) = misfit::shift(&scene) else {
        patch.remark(text!(
            fr: "calage de l'orthophoto infrarouge non vérifié : trop peu de bords de toits nets dans la tuile pour le mesurer",
            en: "the place of the infrared orthophoto is not checked: too few clear edges of roofs in the tile to measure it",
        ));
        return;
    };
    let (east, north) = (shift.east, shift.north);
    if east.hypot(north) >= SHIFT {
        patch.remark(text!(
            fr: "l'orthophoto infrarouge est décalée d'environ {east:+.1} m vers l'est et {north:+.1} m vers le nord par rapport aux bords des toits : recalez-la, sinon les limites de l'occupation du sol sont fausses d'autant",
            en: "the infrared orthophoto lies about {east:+.1} m to the east and {north:+.1} m to the north of the edges of the roofs: shift it back, else borders of land cover are wrong by as much",
        ));
    }
}

/// Trees that are grey in the image: it is of another date or season.
fn tell_date(patch: &mut Patch<'_>, leaves: &Grid<[f32; 2]>, pixels: &Grid<Pixels>) {
    let trees = leaves
        .cells()
        .iter()
        .zip(pixels.cells())
        .filter(|(leaves, pixels)| leaves[1] > 0.7 && pixels.count > 0 && pixels.dark * 2 < pixels.count);
    let (mut all, mut grey) = (0_u64, 0_u64);
    trees.for_each(|(_, pixels)| {
        all += 1;
        grey += u64::from(pixels.greenness < 0.0);
    });
    if all > 200 && grey * 10 > all * 3 {
        let share = grey * 100 / all;
        patch.remark(text!(
            fr: "{share} % des arbres du nuage ne sont pas verts sur l'orthophoto infrarouge : elle est d'une autre date ou d'une autre saison, les pelouses peuvent être prises pour du sol nu",
            en: "{share} % of the trees of the cloud are not green in the infrared orthophoto: it is of another date or season, lawns may be taken for bare soil",
        ));
    }
}
