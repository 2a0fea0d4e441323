//! Points into cells for land cover: what was met there, and what the ground under it is made of.
//!
//! In: columns of points with their cell, class, return number and intensity. Out: counts by kind, and votes: each
//! ground return votes for the materials that its brightness fits ([`crate::decide`] says which). A cell that
//! lies half on a road has two groups of votes where a mean would show a third material.
//!
//! A return that is not the first of its pulse has lost light on the way: its intensity is taken times its return
//! number (a rough model; leaves of equal strength). All is whole numbers that only grow, so that neither order
//! nor tiling changes a bit. Cost: 4 ns a point, while its batch is in cache.

use crate::bin::NOWHERE;
use crate::decide::{Ballot, MATERIALS};

/// What a class of points is to land cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The ground.
    Ground,
    /// Vegetation below 0.5 m: tall grass.
    Low,
    /// Leaves from 0.5 m on.
    Leaves,
    /// Roofs and walls.
    Roof,
    /// Water.
    Water,
    /// Bridge decks.
    Deck,
    /// Anything else that was met: cars, walls, masts, what has no class.
    Other,
    /// Nothing that was met: noise, virtual points.
    Nothing,
}

/// What was met in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Returns by [`Kind`], up to 65 535.
    pub counts: [u16; 7],
    /// Votes of the ground returns for each material, [`crate::decide::VOTES`] a return.
    pub votes: [u32; MATERIALS],
}

impl Seen {
    /// Cells from columns: seven counts and five votes a cell.
    pub fn columns(counts: &[u16], votes: &[u32]) -> Vec<Seen> {
        let cells = counts.as_chunks().0.iter().zip(votes.as_chunks().0);
        cells.map(|(&counts, &votes)| Seen { counts, votes }).collect()
    }

    /// Returns of one kind.
    pub fn count(&self, kind: Kind) -> u32 {
        u32::from(self.counts[kind as usize])
    }

    /// All returns.
    pub fn all(&self) -> u32 {
        self.counts.iter().map(|&count| u32::from(count)).sum()
    }

    /// Returns of what stands on or is the ground and stops light, other than roofs.
    pub fn floor(&self) -> u32 {
        self.count(Kind::Ground) + self.count(Kind::Low) + self.count(Kind::Deck) + self.count(Kind::Other)
    }
}

/// Points of a batch, columns of equal length.
#[derive(Debug, Clone, Copy)]
pub struct Met<'a> {
    /// Cell of each point, [`NOWHERE`] outside.
    pub cells: &'a [u32],
    /// Class of each point.
    pub class: &'a [u8],
    /// Return number of each point, 0 where the file has none.
    pub number: &'a [u8],
    /// Intensity of each point; empty where it is of no use.
    pub intensity: &'a [u16],
}

/// Adds points to the cells that they lie in; `kinds` says what each class is, `ballot` how intensities vote.
pub fn tally(seen: &mut [Seen], points: &Met<'_>, kinds: &[Kind; 256], ballot: Option<&Ballot>) {
    for (at, (&cell, &class)) in points.cells.iter().zip(points.class).enumerate() {
        let kind = kinds[usize::from(class)];
        if cell == NOWHERE || kind == Kind::Nothing {
            continue;
        }
        let Some(seen) = seen.get_mut(cell as usize) else { continue };
        let count = &mut seen.counts[kind as usize];
        *count = count.saturating_add(1);
        if kind == Kind::Ground
            && let Some(ballot) = ballot
            && let (Some(&intensity), Some(&number)) = (points.intensity.get(at), points.number.get(at))
        {
            let whole = u32::from(intensity) * u32::from(number.max(1));
            for (votes, &vote) in seen.votes.iter_mut().zip(ballot.of(whole as f32)) {
                *votes = votes.saturating_add(u32::from(vote));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{BRIGHTNESS, VOTES};

    #[test]
    fn ground_returns_vote_and_a_late_return_is_taken_as_whole() {
        let ballot = Ballot::new(&BRIGHTNESS, 1000.0, 0.0);
        let mut kinds = [Kind::Nothing; 256];
        (kinds[2], kinds[5]) = (Kind::Ground, Kind::Leaves);
        let mut seen = [Seen::default(); 2];
        let points = Met {
            cells: &[1, 1, 1, NOWHERE, 1],
            class: &[2, 2, 5, 2, 65],
            number: &[1, 2, 1, 1, 1],
            intensity: &[310, 155, 900, 310, 1],
        };
        tally(&mut seen, &points, &kinds, Some(&ballot));
        assert_eq!(seen[0], Seen::default());
        assert_eq!((seen[1].count(Kind::Ground), seen[1].count(Kind::Leaves), seen[1].all()), (2, 1, 3));
        assert!(seen[1].votes[0] > 2 * VOTES * 9 / 10, "asphalt: {:?}", seen[1].votes);
    }
}
