//! Which zones share cells.
//!
//! In: the zones that gathered a strip; out: their mark, and the shared area. Two zones overlap where both hold the same
//! cell wholly: neighbours whose borders differ by less than a cell are neighbours. The whole cells of each row are
//! sorted from west to east; a run that starts before the farthest end so far shares the cells between.
//!
//! Fails where: an overlap is narrower than a cell. Cost: 50 ns per zone and row.

use super::Zone;

/// Marks the zones that overlap in the strip last gathered, and returns the shared area: cells, counted once for
/// each zone beyond the first.
pub fn mark(zones: &mut [Zone], gathered: &[usize]) -> u64 {
    let mut runs: Vec<(u32, u32, u32, usize)> = Vec::new();
    for &zone in gathered {
        runs.extend(zones[zone].whole.iter().map(|&(row, start, end)| (row, start, end, zone)));
    }
    runs.sort_unstable();
    let mut shared = 0;
    for row in runs.chunk_by(|a, b| a.0 == b.0) {
        let (mut reached, mut owner) = (row[0].2, row[0].3);
        for &(_, start, end, zone) in &row[1..] {
            if start < reached {
                shared += u64::from(end.min(reached) - start);
                zones[zone].mark_overlap();
                zones[owner].mark_overlap();
            }
            if end > reached {
                (reached, owner) = (end, zone);
            }
        }
    }
    shared
}
