//! Sums of readings by station and week, in memory or on the disk.
//!
//! In: station, step of ten minutes, millionths of a degree; out: the sums of any stretch of steps. Steps lie in blocks of 1024
//! (a week). Where more blocks are filled than may be held, all go to a temporary file as what they hold, ordered by week, and
//! are added up again as they are read: sums are whole numbers, so that neither the order of rows nor what went to the disk when
//! changes a bit. Fails where: the disk is full. Cost: 10 ns a reading; memory: 12 kB a block held; disk: 14 bytes a filled
//! step, at most per reading.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// Steps of a block.
const SIZE: usize = 1 << BITS;
const BITS: u32 = 10;

/// Blocks held in memory: 100 MB.
const HELD: usize = 8192;

/// One station's sums over a block.
#[derive(Debug, Clone)]
struct Block {
    /// Millionths of a degree.
    sums: Box<[i64; SIZE]>,
    counts: Box<[u32; SIZE]>,
}

/// What goes to the disk.
#[derive(Debug)]
struct Shelf {
    file: File,
    end: u64,
    /// Per block number: where its runs lie, and how long they are.
    runs: BTreeMap<i64, Vec<(u64, usize)>>,
}

/// All sums.
#[derive(Debug)]
pub struct Blocks {
    held: Vec<Block>,
    /// Station and block number of each.
    keys: Vec<(u32, i64)>,
    places: HashMap<(u32, i64), usize>,
    /// Per station: the block that was filled last.
    last: Vec<(i64, usize)>,
    shelf: Option<Shelf>,
    /// Readings per block number.
    readings: BTreeMap<i64, u64>,
    most: usize,
}

impl Default for Blocks {
    fn default() -> Blocks {
        Blocks::holding(HELD)
    }
}

/// No block.
const NONE: (i64, usize) = (i64::MIN, 0);

impl Blocks {
    /// Holds so many blocks in memory.
    pub fn holding(most: usize) -> Blocks {
        Blocks {
            held: Vec::new(),
            keys: Vec::new(),
            places: HashMap::new(),
            last: Vec::new(),
            shelf: None,
            readings: BTreeMap::new(),
            most: most.max(1),
        }
    }

    /// Adds a reading.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn add(&mut self, station: usize, step: i64, micro: i64) -> io::Result<()> {
        let number = step >> BITS;
        if self.last.len() <= station {
            self.last.resize(station + 1, NONE);
        }
        if self.last[station].0 != number {
            self.last[station] = (number, self.place(station as u32, number)?);
        }
        let block = &mut self.held[self.last[station].1];
        let at = (step & (SIZE as i64 - 1)) as usize;
        block.sums[at] += micro;
        block.counts[at] = block.counts[at].saturating_add(1);
        Ok(())
    }

    fn place(&mut self, station: u32, number: i64) -> io::Result<usize> {
        if let Some(place) = self.places.get(&(station, number)) {
            return Ok(*place);
        }
        if self.held.len() >= self.most {
            self.put()?;
        }
        let empty = Block { sums: Box::new([0; SIZE]), counts: Box::new([0; SIZE]) };
        self.held.push(empty);
        self.keys.push((station, number));
        let _ = self.places.insert((station, number), self.held.len() - 1);
        Ok(self.held.len() - 1)
    }

    /// Puts all blocks on the disk.
    fn put(&mut self) -> io::Result<()> {
        let mut order: Vec<usize> = (0..self.held.len()).collect();
        order.sort_unstable_by_key(|place| (self.keys[*place].1, self.keys[*place].0));
        let shelf = match &mut self.shelf {
            Some(shelf) => shelf,
            none => none.insert(Shelf { file: tempfile::tempfile()?, end: 0, runs: BTreeMap::new() }),
        };
        let _ = shelf.file.seek(SeekFrom::Start(shelf.end))?;
        let mut bytes = Vec::new();
        for week in order.chunk_by(|a, b| self.keys[*a].1 == self.keys[*b].1) {
            bytes.clear();
            let number = self.keys[week[0]].1;
            let mut readings = 0;
            for place in week {
                readings += encode(self.keys[*place].0, &self.held[*place], &mut bytes);
            }
            shelf.file.write_all(&bytes)?;
            shelf.runs.entry(number).or_default().push((shelf.end, bytes.len()));
            shelf.end += bytes.len() as u64;
            *self.readings.entry(number).or_default() += readings;
        }
        self.held.clear();
        self.keys.clear();
        self.places.clear();
        self.last.fill(NONE);
        Ok(())
    }

    /// Ends the gathering: first and past-the-last step of each filled block with its readings, in order.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn close(&mut self) -> io::Result<Vec<(Range<i64>, u64)>> {
        if self.shelf.is_some() {
            self.put()?;
        }
        let mut readings = self.readings.clone();
        for ((_, number), block) in self.keys.iter().zip(&self.held) {
            *readings.entry(*number).or_default() +=
                block.counts.iter().map(|count| u64::from(*count)).sum::<u64>();
        }
        let size = SIZE as i64;
        Ok(readings.into_iter().map(|(number, count)| (number * size..(number + 1) * size, count)).collect())
    }

    /// Visits what is filled within a stretch of steps, as station, step, sum and count: in parts that are to be added, in
    /// no order.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn visit(
        &mut self,
        within: Range<i64>,
        mut visit: impl FnMut(usize, i64, i64, u32),
    ) -> io::Result<()> {
        let numbers = (within.start >> BITS)..(within.end >> BITS) + 1;
        let mut told = |station: u32, number: i64, at: usize, sum: i64, count: u32| {
            let step = (number << BITS) + at as i64;
            if within.contains(&step) {
                visit(station as usize, step, sum, count);
            }
        };
        for ((station, number), block) in self.keys.iter().zip(&self.held) {
            if numbers.contains(number) {
                let filled = block.sums.iter().zip(block.counts.iter()).enumerate();
                filled
                    .filter(|(_, (_, count))| **count > 0)
                    .for_each(|(at, (sum, count))| told(*station, *number, at, *sum, *count));
            }
        }
        let Some(shelf) = &mut self.shelf else { return Ok(()) };
        let mut bytes = Vec::new();
        for (number, runs) in shelf.runs.range(numbers) {
            for (start, length) in runs {
                let _ = shelf.file.seek(SeekFrom::Start(*start))?;
                bytes.resize(*length, 0);
                shelf.file.read_exact(&mut bytes)?;
                decode(&bytes, |station, at, sum, count| told(station, *number, at, sum, count));
            }
        }
        Ok(())
    }
}

/// Station, number of filled steps, and these; how many readings.
fn encode(station: u32, block: &Block, bytes: &mut Vec<u8>) -> u64 {
    bytes.extend(station.to_le_bytes());
    let head = bytes.len();
    bytes.extend(0_u16.to_le_bytes());
    let (mut filled, mut readings) = (0_u16, 0);
    for (at, (sum, count)) in block.sums.iter().zip(block.counts.iter()).enumerate() {
        if *count > 0 {
            bytes.extend((at as u16).to_le_bytes());
            bytes.extend(sum.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            filled += 1;
            readings += u64::from(*count);
        }
    }
    bytes[head..head + 2].copy_from_slice(&filled.to_le_bytes());
    readings
}

fn decode(mut bytes: &[u8], mut visit: impl FnMut(u32, usize, i64, u32)) {
    while let Some((head, rest)) = bytes.split_first_chunk::<6>() {
        let station = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let filled = usize::from(u16::from_le_bytes([head[4], head[5]]));
        let (own, rest) = rest.split_at((filled * 14).min(rest.len()));
        for step in own.as_chunks::<14>().0 {
            let (at, sum, count) = ([step[0], step[1]], step[2..10].try_into(), step[10..14].try_into());
            let (sum, count) =
                (i64::from_le_bytes(sum.unwrap_or_default()), u32::from_le_bytes(count.unwrap_or_default()));
            visit(station, usize::from(u16::from_le_bytes(at)), sum, count);
        }
        bytes = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two blocks held, four stations over a year, each reading twice, far apart: the sums are those of memory.
    #[test]
    fn what_went_to_the_disk_comes_back_to_the_last_bit() {
        let gathered = |most: usize, turned: bool| {
            let mut blocks = Blocks::holding(most);
            let mut rows: Vec<(usize, i64)> =
                (0..2).flat_map(|_| (0..52_000).step_by(13).map(|s| (s as usize % 4, s - 900))).collect();
            if turned {
                rows.reverse();
            }
            rows.iter().for_each(|(station, step)| blocks.add(*station, *step, step * 7 % 1000).unwrap());
            let filled = blocks.close().unwrap();
            assert_eq!(filled.iter().map(|(_, count)| count).sum::<u64>(), 8000);
            let mut found: BTreeMap<(usize, i64), (i64, u32)> = BTreeMap::new();
            blocks
                .visit(-900..40_000, |station, step, sum, count| {
                    let own = found.entry((station, step)).or_default();
                    *own = (own.0 + sum, own.1 + count);
                })
                .unwrap();
            (filled, found)
        };
        let whole = gathered(10_000, false);
        assert_eq!(whole.1[&(0, -900)], (2 * (-6300 % 1000), 2));
        assert_eq!(whole, gathered(2, false));
        assert_eq!(whole, gathered(3, true));
    }
}
