//! Where the map would go beyond what any station knows of a covariate, whether its model chose it or not.
//!
//! In: the values of covariates at a model's stations; out: the ranges that its own may have, a tenth wider than the stations',
//! and which cells lie beyond that range of one that it left aside. A slope learned within a range says little beyond it, and
//! that a factor does not show at the stations says nothing of places where it is far stronger
//! than at any of them: beside a river that no sound sensor stands near, or on a hill above the town. The area of applicability
//! compares the covariates of the model alone, all at once, and sees no such place (Meyer & Pebesma 2021, 10.1111/2041-210X.13650, compare all
//! predictors of theirs). What was left aside is compared by discs of 100 m or the next larger radius, for blocks of at most 40 m, as means of
//! such discs hardly change over less; distances cell by cell. Fails where: all stations have the same value: no range, no bound. Cost: a sixteenth of a covariate's.

use super::{Half, Part, Source, Study};
use crate::text::Fault;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::select::Sign;
use ilot_kernels::unit::Metres;

/// Radius of the discs that are compared, metres, where the raster can show it.
const RADIUS: f64 = 100.0;
/// Widest block that one disc stands for, metres, and most cells of the map along its side.
const BLOCK: (f64, f64) = (40.0, 4.0);
/// Share of the stations' range by which a place may lie beyond it.
const BEYOND: f64 = 0.1;

/// A family that a model left aside, and what its stations know of it.
pub(super) struct Guard {
    family: usize,
    radius: f64,
    low: f64,
    high: f64,
}

/// The ranges of the covariates that a model chose, at its stations and a tenth beyond.
pub(super) fn ranges(study: &Study, half: &Half) -> Vec<(f64, f64)> {
    let chosen = half.learned.model.choice.chosen.iter();
    chosen.map(|source| range(study, half, *source).unwrap_or((f64::NEG_INFINITY, f64::INFINITY))).collect()
}

/// The range of a covariate at a model's stations and a tenth beyond; none where it does not vary.
fn range(study: &Study, half: &Half, source: usize) -> Option<(f64, f64)> {
    let known = || half.rows.iter().map(|row| study.values[source][*row]);
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let more = BEYOND * (high - low);
    (more > 0.0).then_some((low - more, high + more))
}

/// The guards of a model: what it left aside.
pub(super) fn of(study: &Study, half: &Half) -> Vec<Guard> {
    let chosen: Vec<usize> =
        half.learned.model.choice.chosen.iter().filter_map(|n| family(study, *n)).collect();
    let left = (0..study.families.len()).filter(|family| !chosen.contains(family));
    left.filter_map(|family| guard(study, half, family)).collect()
}

fn family(study: &Study, source: usize) -> Option<usize> {
    match study.sources[source] {
        Source::Disc(family, _) => Some(family),
        Source::Sheet(_) => None,
    }
}

fn guard(study: &Study, half: &Half, number: usize) -> Option<Guard> {
    let signs = study.families[number].signs;
    if (if half.part == Part::Night { signs.0 } else { signs.1 }) == Sign::Never {
        return None;
    }
    let own = (0..study.sources.len()).filter(|source| family(study, *source) == Some(number));
    let radius = |source: &usize| match study.sources[*source] {
        Source::Disc(_, radius) => radius,
        Source::Sheet(_) => 0.0,
    };
    // The smallest of those that are large enough, else the largest.
    let source = own.max_by(|a, b| {
        let (a, b) = (radius(a), radius(b));
        (a >= RADIUS).cmp(&(b >= RADIUS)).then(if a >= RADIUS { b.total_cmp(&a) } else { a.total_cmp(&b) })
    })?;
    let (low, high) = range(study, half, source)?;
    Some(Guard { family: number, radius: radius(&source), low, high })
}

/// Which cells of a frame lie beyond what the stations know; a value that is not known is not beyond.
pub(super) fn beyond(guards: &[Guard], study: &Study, frame: &Frame) -> Result<Vec<bool>, Fault> {
    let mut found = vec![false; frame.len()];
    for guard in guards {
        let widest = if guard.radius > 0.0 { BLOCK.1 } else { 1.0 };
        let side = (BLOCK.0 / frame.cell.0).floor().clamp(1.0, widest) as usize;
        let blocks = Frame {
            cell: Metres(frame.cell.0 * side as f64),
            rows: frame.rows.div_ceil(side),
            cols: frame.cols.div_ceil(side),
            ..*frame
        };
        let means = study.families[guard.family].means(&blocks, guard.radius)?;
        for (row, cells) in found.chunks_mut(frame.cols).enumerate() {
            for (cells, mean) in cells.chunks_mut(side).zip(means.row(row / side)) {
                let mean = f64::from(*mean);
                if mean < guard.low || mean > guard.high {
                    cells.fill(true);
                }
            }
        }
    }
    Ok(found)
}

/// Takes the values of such cells away.
pub(super) fn clear(beyond: &[bool], grids: &mut [Grid<f32>]) {
    for grid in grids {
        let cells = grid.cells_mut().iter_mut().zip(beyond);
        cells.filter(|(_, beyond)| **beyond).for_each(|(cell, _)| *cell = f32::NAN);
    }
}
