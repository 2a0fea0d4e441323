//! Shares of cells of 10 m: how much is sealed, how much lies under trees.
//!
//! Edges lie on multiples of 10 m of the run's own CRS, in which areas are exact cell counts. On the cells of Copernicus,
//! in EPSG:3035, the sealed share is made of the same cells of 1 m ([`crate::measures::european`]).
//!
//! The interval of the sealed share comes from the confidence of each cell: what is doubtful may be on the wrong side.
//! Errors of neighbours go together (a car park is paved or gravel as a whole), so that they add up in patches of
//! [`PATCH`] cells rather than one by one.

use crate::product::{CANOPY, COVER, COVER_CONFIDENCE, IMPERVIOUSNESS, Passing, Ware};
use crate::stage::{Halo, Patch, Signature, Stage};
use crate::text::Fault;
use ilot_kernels::decide::{LEAFY, class};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Percent, Sample};
use ilot_kernels::par;
use ilot_kernels::unit::Metres;

static SIGNATURE: Signature = Signature {
    name: "shares",
    reads: &[Ware::Kept(&COVER.spec), Ware::Kept(&COVER_CONFIDENCE.spec), Ware::Passing(Passing::Leaves)],
    makes: &[Ware::Kept(&IMPERVIOUSNESS.spec), Ware::Kept(&CANOPY.spec)],
};

/// Cells whose errors go together.
pub const PATCH: f32 = 4.0;

/// Half-width of the 90 % interval of a normal distribution, in standard deviations.
pub const NINETY: f32 = 1.645;

/// Shares from the cells of 1 m.
pub struct Shares;

impl Stage for Shares {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        // A cell of 10 m reaches at most so far beyond those of 1 m.
        Halo(Metres(10.0))
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let leaves: Grid<[f32; 2]> = patch.passing(Passing::Leaves)?;
        let (cover, sure) = (patch.raster(&COVER)?, patch.raster(&COVER_CONFIDENCE)?);
        let frame = patch.frame(&IMPERVIOUSNESS.spec);
        let sealed = par::rows(frame, [f32::MISSING; 2], |row, cells| {
            for (col, cell) in cells.iter_mut().enumerate() {
                *cell = sealed(cover, sure, &frame, (row, col));
            }
        });
        let band = |index: usize| Grid::new(frame, sealed.cells().iter().map(|cell| cell[index]).collect());
        let bands = vec![band(0), band(1)];
        let frame = patch.frame(&CANOPY.spec);
        let canopy = par::rows(frame, f32::MISSING, |row, cells| {
            for (col, cell) in cells.iter_mut().enumerate() {
                *cell = canopy(&leaves, cover, &frame, (row, col));
            }
        });
        patch.make(&IMPERVIOUSNESS, bands)?;
        patch.make(&CANOPY, vec![canopy])
    }
}

/// Least share of a cell that must be known.
pub const KNOWN: f32 = 0.5;

/// The cells of a fine grid within a cell of a coarse frame.
fn within<'a, T: Copy>(
    fine: &'a Grid<T>,
    coarse: &Frame,
    (row, col): (usize, usize),
) -> impl Iterator<Item = T> + 'a {
    let own = *fine.frame();
    let side = (coarse.cell.0 / own.cell.0).round() as isize;
    let north = ((own.north - coarse.north) / own.cell.0).round() as isize + row as isize * side;
    let west = ((coarse.west - own.west) / own.cell.0).round() as isize + col as isize * side;
    (north..north + side).flat_map(move |r| {
        (west..west + side).filter_map(move |c| {
            let inside = r >= 0 && c >= 0 && r < own.rows as isize && c < own.cols as isize;
            inside.then(|| fine.at(r as usize, c as usize))
        })
    })
}

/// The sealed share in percent, and the half-width of its interval.
fn sealed(cover: &Grid<u8>, sure: &Grid<Percent>, frame: &Frame, place: (usize, usize)) -> [f32; 2] {
    let (mut known, mut share, mut doubt) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (class, sure) in within(cover, frame, place).zip(within(sure, frame, place)) {
        if class != class::UNKNOWN {
            let right = f32::from(sure.0) / 100.0;
            known += 1.0;
            share += f32::from(u8::from(class::is_sealed(class)));
            doubt += right * (1.0 - right);
        }
    }
    let cells = (frame.cell.0 * frame.cell.0) as f32;
    if known < KNOWN * cells {
        return [f32::MISSING; 2];
    }
    let deviation = (doubt * PATCH).sqrt() / known;
    [share / known * 100.0, (NINETY * deviation * 100.0).min(100.0)]
}

/// The share under trees in percent.
fn canopy(leaves: &Grid<[f32; 2]>, cover: &Grid<u8>, frame: &Frame, place: (usize, usize)) -> f32 {
    let (mut known, mut under) = (0.0_f32, 0.0_f32);
    for (leaves, class) in within(leaves, frame, place).zip(within(cover, frame, place)) {
        if class != class::UNKNOWN {
            known += 1.0;
            under += f32::from(u8::from(leaves[0] + leaves[1] > LEAFY && leaves[1] >= leaves[0]));
        }
    }
    let cells = (frame.cell.0 * frame.cell.0) as f32;
    if known < KNOWN * cells { f32::MISSING } else { under / known * 100.0 }
}
