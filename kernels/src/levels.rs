//! Which points are seen from how far: levels of detail of a square of points, each point in exactly one.
//!
//! In: points of a square, sorted by their Z-order key (Morton 1966), and the group of classes of each.
//! Out: the level of each point. The square of level 0 is the whole, that of level `n` has a side `2^n` times
//! shorter; each is looked at through [`ACROSS`] × [`ACROSS`] cells. From coarse to fine, a cell gives one point of
//! every group that has any left, so that a lonely tree or a wall shows from afar, not only the ground. A square with
//! few points takes all that are left in it. Points are chosen by a hash of their place (as Schütz 2020, "Fast
//! out-of-core octree generation", samples by chance): no lattice shows, and the same points give the same levels.
//!
//! Fails where: nothing; more points in one place than a square may have stay together at the last level.
//! Cost: 3 ns a point and level, in parallel over squares.

use rayon::prelude::*;
use std::ops::Range;

/// Cells on a side of the square of any level.
pub const ACROSS: u32 = 1 << ACROSS_BITS;
const ACROSS_BITS: u32 = 7;

/// Squares of this level are worked on side by side.
const APART: u8 = 4;

/// How points are laid on levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelParams {
    /// Bits of a coordinate: the square is `2^bits` units wide, at most 2^28.
    pub bits: u32,
    /// A square with at most so many points, those of coarser levels counted too, is not parted further.
    pub most: usize,
}

/// A point as levels see it: what else it is stays where it is, so that nothing is copied.
pub trait Placed: Sync {
    /// Its place on the Z-order curve of the square.
    fn place(&self) -> u64;
    /// The group of its class, at most 31.
    fn group(&self) -> u8;
}

/// The place of `x` and `y` on the Z-order curve: their bits in turn.
pub fn place(x: u32, y: u32) -> u64 {
    spread(x) | spread(y) << 1
}

/// The `x` and `y` of a place on the Z-order curve.
pub fn unplace(place: u64) -> (u32, u32) {
    (gather(place), gather(place >> 1))
}

fn spread(value: u32) -> u64 {
    let mut bits = u64::from(value);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

fn gather(place: u64) -> u32 {
    let mut bits = place & 0x5555_5555_5555_5555;
    for (shift, mask) in [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff),
    ] {
        bits = (bits | bits >> shift) & mask;
    }
    bits as u32
}

/// The level of each point.
///
/// # Panics
/// Where points are not sorted by place, or a group is above 31.
pub fn levels<P: Placed>(points: &[P], params: &LevelParams) -> Vec<u8> {
    assert!(points.is_sorted_by_key(Placed::place), "points in Z-order");
    let mut levels = vec![u8::MAX; points.len()];
    let square = Square { points, params, deepest: deepest(params.bits) };
    let mut parts: Vec<(Range<usize>, &mut [u8], u8)> = Vec::new();
    let mut rest = &mut levels[..];
    for part in square.apart(0..points.len(), 0) {
        let (own, others) = rest.split_at_mut(part.0.len());
        rest = others;
        parts.push((part.0, own, part.1));
    }
    parts.into_par_iter().for_each(|(range, levels, ends)| square.lay(range, levels, ends));
    levels
}

/// The last level whose cells are at least one unit wide, and the squares of the points of each level.
fn deepest(bits: u32) -> u8 {
    bits.saturating_sub(ACROSS_BITS) as u8
}

/// Runs of points that share a square of `level`.
pub fn squares<P: Placed>(points: &[P], bits: u32, level: u8) -> impl Iterator<Item = Range<usize>> + '_ {
    let shift = 2 * (bits - u32::from(level));
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = points.get(start)?.place() >> shift;
        let end = start + points[start..].partition_point(|point| point.place() >> shift == first);
        Some(std::mem::replace(&mut start, end)..end)
    })
}

struct Square<'a, P> {
    points: &'a [P],
    params: &'a LevelParams,
    deepest: u8,
}

impl<P: Placed> Square<'_, P> {
    fn is_last(&self, points: usize, level: u8) -> bool {
        points <= self.params.most || level >= self.deepest
    }

    /// Squares that can be worked on alone, in order, with the level at which they end where that is above [`APART`].
    fn apart(&self, range: Range<usize>, level: u8) -> Vec<(Range<usize>, u8)> {
        if range.is_empty() {
            return Vec::new();
        }
        if self.is_last(range.len(), level) {
            return vec![(range, level)];
        }
        if level == APART {
            return vec![(range, u8::MAX)];
        }
        let inner = squares(&self.points[range.clone()], self.params.bits, level + 1);
        inner
            .flat_map(|part| self.apart(range.start + part.start..range.start + part.end, level + 1))
            .collect()
    }

    /// Lays the points of one square on levels: all left at level `ends`, or where its own squares end.
    fn lay(&self, range: Range<usize>, levels: &mut [u8], ends: u8) {
        let part = Square { points: &self.points[range], params: self.params, deepest: self.deepest };
        for level in 0..ends.min(APART) {
            part.choose(0..levels.len(), levels, level);
        }
        if ends == u8::MAX {
            part.descend(0..levels.len(), levels, APART);
        } else {
            take_all(levels, ends);
        }
    }

    fn descend(&self, range: Range<usize>, levels: &mut [u8], level: u8) {
        if self.is_last(range.len(), level) {
            take_all(&mut levels[range], level);
            return;
        }
        self.choose(range.clone(), levels, level);
        for part in squares(&self.points[range.clone()], self.params.bits, level + 1) {
            self.descend(range.start + part.start..range.start + part.end, levels, level + 1);
        }
    }

    /// One point of each group in each cell of a level.
    fn choose(&self, range: Range<usize>, levels: &mut [u8], level: u8) {
        let cells = squares(&self.points[range.clone()], self.params.bits, level + ACROSS_BITS as u8);
        let mut best = [(0, 0); 32];
        for cell in cells {
            let mut met = 0_u32;
            let start = range.start + cell.start;
            let free = levels[start..range.start + cell.end].iter().enumerate();
            for (at, _) in free.filter(|(_, level)| **level == u8::MAX) {
                let point = start + at;
                let group = usize::from(self.points[point].group());
                let chance = hash(self.points[point].place(), point as u32);
                if met >> group & 1 == 0 || chance < best[group].0 {
                    best[group] = (chance, point);
                }
                met |= 1 << group;
            }
            while met != 0 {
                levels[best[met.trailing_zeros() as usize].1] = level;
                met &= met - 1;
            }
        }
    }
}

fn take_all(levels: &mut [u8], level: u8) {
    levels.iter_mut().filter(|own| **own == u8::MAX).for_each(|own| *own = level);
}

/// Chance that is always the same for the same place (splitmix64); points in one place differ by their turn.
fn hash(place: u64, turn: u32) -> u32 {
    let mut bits = place.wrapping_add(u64::from(turn & 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (bits >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Placed for (u64, u8) {
        fn place(&self) -> u64 {
            self.0
        }

        fn group(&self) -> u8 {
            self.1
        }
    }

    /// A plane of points, with one odd group in one of `rare` of them.
    fn meadow(bits: u32, step: usize, rare: u32) -> Vec<(u64, u8)> {
        let side = 1_u32 << bits;
        let mut points: Vec<(u64, u8)> = (0..side)
            .step_by(step)
            .flat_map(|y| {
                (0..side).step_by(step).map(move |x| (place(x, y), u8::from((x * 7 + y * 13) % rare == 0)))
            })
            .collect();
        points.sort_unstable();
        points
    }

    #[test]
    fn places_come_back() {
        for (x, y) in [(0, 0), (1, 0), (0, 1), (12_345, 67_890), (u32::MAX, 5), (1 << 27, (1 << 28) - 1)] {
            assert_eq!(unplace(place(x, y)), (x, y));
        }
        assert!(place(3, 4) > place(3, 3));
    }

    #[test]
    fn each_point_has_one_level_and_squares_below_the_limit_end() {
        let params = LevelParams { bits: 12, most: 2000 };
        let points = meadow(12, 8, 1000);
        let levels = levels(&points, &params);
        assert!(levels.iter().all(|level| *level != u8::MAX));
        let last = levels.iter().copied().max().unwrap();
        assert!(last >= 2, "{last}");
        for level in 0..last {
            for square in squares(&points, params.bits, level).filter(|square| square.len() <= params.most) {
                assert!(levels[square].iter().all(|own| *own <= level));
            }
        }
    }

    #[test]
    fn every_cell_shows_each_of_its_groups_at_each_level_while_there_are_any() {
        let params = LevelParams { bits: 12, most: 500 };
        let points = meadow(12, 4, 5000);
        let levels = levels(&points, &params);
        for cell in squares(&points, params.bits, ACROSS_BITS as u8) {
            for group in 0..2 {
                let own = |point: &usize| points[*point].1 == group;
                let there = cell.clone().filter(own).count();
                let first = cell.clone().filter(own).filter(|point| levels[*point] == 0).count();
                assert_eq!(first, there.min(1));
            }
        }
    }

    #[test]
    fn threads_and_company_change_nothing() {
        let params = LevelParams { bits: 11, most: 300 };
        let points = meadow(11, 4, 90);
        let all = levels(&points, &params);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| levels(&points, &params)), all);
    }

    #[test]
    fn many_points_in_one_place_end_somewhere() {
        let points = vec![(place(77, 99), 0); 10_000];
        let levels = levels(&points, &LevelParams { bits: 10, most: 100 });
        assert!(levels.iter().all(|level| *level <= deepest(10)));
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(levels::<(u64, u8)>(&[], &LevelParams { bits: 10, most: 100 }).is_empty());
    }
}
