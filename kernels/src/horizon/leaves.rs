//! What only crowns hide along a ray: the sky between a crown's base and its top, above roofs and ground.
//!
//! In: heights of tops and bases of crowns, eyes, a ray and what the surface hides along it. Out: for each cell a set
//! of bits. The sky of a ray is cut into 31 levels of equal weight for a level ground (equal steps of sin² of their
//! height); a bit is set where a crown hides the middle of its level and the surface does not. Light passes below
//! crowns, between the trunks. For a sun, all bits are set or none.
//!
//! A crown over cell i of the ray hides the slopes from `(base − z₀) / d` to `(top − z₀) / d`; the one overhead hides
//! all above `(base − z₀)` in half of a cell. As in `horizon.rs`, segments that cannot hide anything more are skipped,
//! exactly: slopes, levels and sets grow with heights, roundings included.
//!
//! Source: Lindberg & Grimmond 2011, 10.1007/s00704-010-0382-8 (trunk zones). Fails where: a thin crown far above a
//! slanting ray slips between two steps. Cost: 1 to 3 times that of the horizon, by the share of trees.

use super::{Field, Ray, SEGMENT, Scene, Scratch, Tap, Taps, Tile, any_positive, at_tap, block, lines, load};
use crate::grid::Grid;
use crate::sky::Crowns;
use crate::unit::Metres;
use pulp::Simd;

/// Levels of a ray's sky: as many as leave a bit of 32 free, so that no shift is as wide as the word.
pub(crate) const LEVELS: u32 = 31;

/// Rows of a block, as in `horizon.rs`.
const ROWS: usize = super::ROWS;

/// A slope that stands for straight up: its square is a finite number.
const UP: f32 = 1e9;

/// Adding it makes a small number's nearest whole number the last bits of its mantissa (2²³).
const WHOLE: f32 = 8_388_608.0;

/// The crowns around a tile.
pub(crate) struct Leaves {
    tops: Field,
    bases: Field,
    /// One over half of a cell, 1/m.
    overhead: f32,
}

impl Leaves {
    pub(crate) fn around(crowns: &Crowns<'_>, eyes: &Grid<f32>, tile: Tile, rays: &[Ray]) -> Leaves {
        let field = |surface| Field::around(&Scene { surface, eyes }, tile, rays);
        let Metres(cell) = crowns.tops.frame().cell;
        Leaves { tops: field(crowns.tops), bases: field(crowns.bases), overhead: (2.0 / cell) as f32 }
    }

    /// The levels that only crowns hide, where `floor` holds what the surface hides along the same ray.
    pub(crate) fn levels(&self, arch: pulp::Arch, ray: &Ray, floor: &[f32], scratch: &mut Scratch) {
        self.look(arch, ray, floor, None, scratch);
    }

    /// All bits where only a crown hides a sun of this tangent; `floor` is as for [`Leaves::levels`].
    pub(crate) fn shade(
        &self,
        arch: pulp::Arch,
        ray: &Ray,
        tangent: f32,
        floor: &[f32],
        scratch: &mut Scratch,
    ) {
        self.look(arch, ray, floor, Some(tangent), scratch);
    }

    fn look(&self, arch: pulp::Arch, ray: &Ray, floor: &[f32], tangent: Option<f32>, scratch: &mut Scratch) {
        scratch.hidden.clear();
        scratch.hidden.resize(floor.len(), 0);
        let Some(taps) = Taps::new(ray, self.tops.stride) else { return };
        let bounded = self.tops.bound_if_worth_it(arch, ray, scratch);
        let bounds = bounded.then_some(&scratch.bounds[..]);
        let hidden = &mut scratch.hidden[..];
        match tangent {
            None => arch.dispatch(Looking { leaves: self, taps: &taps, bounds, floor, gaze: Sky, hidden }),
            Some(tangent) => {
                let gaze = Beam { tangent };
                arch.dispatch(Looking { leaves: self, taps: &taps, bounds, floor, gaze, hidden });
            }
        }
    }
}

/// What is looked for: sets of bits that grow with slopes.
trait Gaze: Copy {
    /// What lies below a slope.
    fn below<S: Simd>(self, simd: S, slope: S::f32s) -> S::u32s;
}

/// All levels of the sky.
#[derive(Clone, Copy)]
struct Sky;

impl Gaze for Sky {
    /// The lowest n levels, n being the nearest whole number to 31 sin²: 1 − 1 / (1 + tan²) never falls as the tangent
    /// rises, roundings included.
    #[inline(always)]
    fn below<S: Simd>(self, simd: S, slope: S::f32s) -> S::u32s {
        let one = simd.splat_f32s(1.0);
        let up = simd.max_f32s(slope, simd.splat_f32s(0.0));
        let squared = simd.mul_f32s(up, up);
        let share = simd.sub_f32s(one, simd.div_f32s(one, simd.add_f32s(one, squared)));
        let levels =
            simd.add_f32s(simd.mul_f32s(share, simd.splat_f32s(LEVELS as f32)), simd.splat_f32s(WHOLE));
        let count = simd.and_u32s(simd.transmute_u32s_f32s(levels), simd.splat_u32s(31));
        let bit = simd.wrapping_dyn_shl_u32s(simd.splat_u32s(1), count);
        simd.sub_u32s(bit, simd.splat_u32s(1))
    }
}

/// One sun.
#[derive(Clone, Copy)]
struct Beam {
    tangent: f32,
}

impl Gaze for Beam {
    #[inline(always)]
    fn below<S: Simd>(self, simd: S, slope: S::f32s) -> S::u32s {
        let above = simd.greater_than_f32s(slope, simd.splat_f32s(self.tangent));
        simd.select_u32s(above, simd.splat_u32s(u32::MAX), simd.splat_u32s(0))
    }
}

/// All blocks of a tile along one ray.
struct Looking<'a, G: Gaze> {
    leaves: &'a Leaves,
    taps: &'a Taps,
    bounds: Option<&'a [f32]>,
    floor: &'a [f32],
    gaze: G,
    hidden: &'a mut [u32],
}

impl<G: Gaze> pulp::WithSimd for Looking<'_, G> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let field = &self.leaves.tops;
        let wide = field.tile.wide();
        let len = self.taps.span + S::F32_LANES;
        for row in (0..field.tile.tall()).step_by(ROWS) {
            for col in (0..wide).step_by(S::F32_LANES) {
                let base = (field.origin.0 + row) * field.stride + field.origin.1 + col - self.taps.back;
                let bounds = self.bounds.map(|bounds| lines(bounds, base, field.stride, len));
                let mut look = Look {
                    simd,
                    gaze: self.gaze,
                    tops: lines(&field.heights, base, field.stride, len),
                    bases: lines(&self.leaves.bases.heights, base, field.stride, len),
                    eyes: block(simd, &field.eyes, row * wide + col, wide),
                    hidden: [simd.splat_u32s(0); ROWS],
                };
                let floor = block(simd, self.floor, row * wide + col, wide);
                let known = look.start(&floor, self.taps.back, self.leaves.overhead);
                look.walk(&self.taps.taps, bounds.as_ref(), field.highest);
                for (r, known) in known.iter().enumerate() {
                    let out = &mut self.hidden[(row + r) * wide + col..][..S::F32_LANES];
                    let new = simd.and_u32s(look.hidden[r], simd.not_u32s(*known));
                    S::as_mut_simd_u32s(out).0[0] = new;
                }
            }
        }
    }
}

/// A block of cells looking along a ray.
struct Look<'a, S: Simd, G: Gaze> {
    simd: S,
    gaze: G,
    tops: [&'a [f32]; ROWS],
    bases: [&'a [f32]; ROWS],
    eyes: [S::f32s; ROWS],
    /// What is hidden so far, by the surface or by crowns.
    hidden: [S::u32s; ROWS],
}

impl<S: Simd, G: Gaze> Look<'_, S, G> {
    /// What the surface hides, which is returned, and the crown overhead.
    #[inline(always)]
    fn start(&mut self, floor: &[S::f32s; ROWS], here: usize, overhead: f32) -> [S::u32s; ROWS] {
        let simd = self.simd;
        let (overhead, up) = (simd.splat_f32s(overhead), simd.splat_f32s(UP));
        let mut known = self.hidden;
        for (r, known) in known.iter_mut().enumerate() {
            *known = self.gaze.below(simd, floor[r]);
            let (top, base) = (load(simd, self.tops[r], here), load(simd, self.bases[r], here));
            let from = simd.mul_f32s(simd.sub_f32s(base, self.eyes[r]), overhead);
            let crown = self.gaze.below(simd, up);
            let above = simd.and_u32s(crown, simd.not_u32s(self.gaze.below(simd, from)));
            let covered = simd.greater_than_f32s(top, self.eyes[r]);
            let above = simd.select_u32s(covered, above, simd.splat_u32s(0));
            self.hidden[r] = simd.or_u32s(*known, above);
        }
        known
    }

    #[inline(always)]
    fn walk(&mut self, taps: &[Tap], bounds: Option<&[&[f32]; ROWS]>, highest: f32) {
        let highest = [self.simd.splat_f32s(highest); ROWS];
        for (number, part) in taps.chunks(SEGMENT).enumerate() {
            if number % super::EXIT == 0 && !self.hides_more(&highest, &part[0]) {
                break;
            }
            // The bound of a segment is known from the second on.
            if let Some(bounds) = bounds.filter(|_| number > 0) {
                let bound = at_tap(self.simd, bounds, &part[0]);
                if !self.hides_more(&bound, &part[0]) {
                    continue;
                }
            }
            part.iter().for_each(|tap| self.step(tap));
        }
    }

    /// Whether a crown that reaches from the ground to these heights, as far away as this tap, hides anything more.
    #[inline(always)]
    fn hides_more(&self, heights: &[S::f32s; ROWS], tap: &Tap) -> bool {
        let simd = self.simd;
        let inverse = simd.splat_f32s(tap.inverse);
        let mut more = simd.splat_u32s(0);
        for (r, height) in heights.iter().enumerate() {
            let slope = simd.mul_f32s(simd.sub_f32s(*height, self.eyes[r]), inverse);
            let below = self.gaze.below(simd, slope);
            more = simd.or_u32s(more, simd.and_u32s(below, simd.not_u32s(self.hidden[r])));
        }
        any_set(simd, more)
    }

    #[inline(always)]
    fn step(&mut self, tap: &Tap) {
        let simd = self.simd;
        let inverse = simd.splat_f32s(tap.inverse);
        let mut rises = [simd.splat_f32s(0.0); ROWS];
        let mut highest = simd.splat_f32s(0.0);
        for (r, rise) in rises.iter_mut().enumerate() {
            *rise = simd.sub_f32s(load(simd, self.tops[r], tap.at), self.eyes[r]);
            highest = simd.max_f32s(highest, *rise);
        }
        if !any_positive(simd, highest) {
            return;
        }
        for (r, rise) in rises.iter().enumerate() {
            let low = simd.sub_f32s(load(simd, self.bases[r], tap.at), self.eyes[r]);
            let to = self.gaze.below(simd, simd.mul_f32s(*rise, inverse));
            let from = self.gaze.below(simd, simd.mul_f32s(low, inverse));
            let crown = simd.and_u32s(to, simd.not_u32s(from));
            self.hidden[r] = simd.or_u32s(self.hidden[r], crown);
        }
    }
}

#[inline(always)]
fn any_set<S: Simd>(simd: S, values: S::u32s) -> bool {
    let set = simd.greater_than_u32s(values, simd.splat_u32s(0));
    simd.first_true_m32s(set) < S::F32_LANES
}
