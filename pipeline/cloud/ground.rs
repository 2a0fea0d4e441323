//! Which class each point of a cloud gets, where its own classes are absent or not trusted.
//!
//! In: a catalogue. Out: for one cloud after the other, its new classes chunk by chunk ([`Classifier::cloud`]),
//! for a reclassified copy or for a run that recomputes them. A cloud is first reduced to the lowest point of each
//! square metre; the ground is found in the lowest points of the cloud and of all clouds within the filter's halo;
//! then each point is judged against it. Classes therefore do not depend on how points are parted into files.
//!
//! Points that a producer withheld (deleted), and IGN's virtual points (66), are not looked at and stay as they are.
//! Fails where: see `ground.rs` of the kernels. Memory: 4 bytes a square metre of the clouds near by, and 14 bytes a
//! point of clouds that are decoded once only, as long as the budget allows; others are decoded twice.

use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::classes::VIRTUAL;
use crate::fault;
use crate::formats::points::{Batch, Layers, NewClasses, Scratch};
use crate::text::Fault;
use ilot_kernels::bin::Binning;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::ground::{self, Ground, GroundParams, NO_POINT, Verdict};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The classes that are given: ground, low noise, and anything else.
pub const GROUND: u8 = 2;
/// Low noise (ASPRS 7).
pub const LOW_NOISE: u8 = 7;
/// Unclassified.
pub const OTHER: u8 = 1;

/// Bytes that a kept point takes.
const POINT_BYTES: u64 = 14;
/// Bit of a kept context: the class of this point is not touched.
const STAYS: u8 = 0x80;

/// Finds the classes of clouds, one cloud after the other.
pub struct Classifier<'a> {
    catalogue: &'a Catalogue,
    params: GroundParams,
    memory: u64,
    stop: &'a AtomicBool,
    read: BTreeMap<usize, Result<Reading, Fault>>,
}

/// What is known of a cloud that was read.
struct Reading {
    lowest: Grid<i32>,
    /// Its points by chunk; none where the memory is too small for them.
    chunks: Option<Vec<Seen>>,
}

/// The points of one chunk, on the lattice of the job.
#[derive(Default)]
struct Seen {
    x: Vec<i32>,
    y: Vec<i32>,
    z: Vec<i32>,
    class: Vec<u8>,
    /// What coding the class depends on, and [`STAYS`].
    contexts: Vec<u8>,
}

/// A cloud whose ground is known.
pub struct Classified<'a> {
    catalogue: &'a Catalogue,
    source: &'a Source,
    ground: Ground,
    chunks: Option<Vec<Seen>>,
    stop: &'a AtomicBool,
    /// Clouds near by that could not be read.
    pub without: Vec<usize>,
    counts: [AtomicU64; 4],
}

/// How many points got which class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Ground, 2.
    pub ground: u64,
    /// Low noise, 7.
    pub low_noise: u64,
    /// Anything else, 1.
    pub other: u64,
    /// Withheld and virtual points, as they were.
    pub untouched: u64,
}

impl<'a> Classifier<'a> {
    /// For the clouds of a catalogue, with so many bytes for points that are kept.
    pub fn new(catalogue: &'a Catalogue, memory: u64, stop: &'a AtomicBool) -> Classifier<'a> {
        Classifier { catalogue, params: GroundParams::default(), memory, stop, read: BTreeMap::new() }
    }

    /// The clouds whose points matter for the ground under a cloud, itself among them.
    pub fn near(&self, index: usize) -> Vec<usize> {
        let sources = &self.catalogue.sources;
        let own = sources[index].cloud.header();
        let seen = ground::frame_of(&own.extent).extent().padded(self.params.halo());
        let matters = |other: &usize| {
            let header = sources[*other].cloud.header();
            header.count > 0 && header.extent.touches(&seen)
        };
        (0..sources.len()).filter(matters).collect()
    }

    /// Finds the ground under a cloud. Clouds are asked for in the catalogue's order, each once: what none of the
    /// later ones needs is forgotten.
    ///
    /// # Errors
    /// Where the cloud is damaged. A damaged neighbour is left out.
    pub fn cloud(&mut self, index: usize) -> Result<Classified<'a>, Fault> {
        let near =
            if self.catalogue.sources[index].cloud.header().count > 0 { self.near(index) } else { vec![] };
        for &other in &near {
            if !self.read.contains_key(&other) {
                let reading = self.read_cloud(other);
                let _ = self.read.insert(other, reading);
            }
        }
        let chunks = match self.read.get_mut(&index) {
            Some(Err(why)) => return Err(why.clone()),
            Some(Ok(reading)) => reading.chunks.take(),
            None => None,
        };
        let without =
            near.iter().copied().filter(|other| matches!(self.read.get(other), Some(Err(_)))).collect();
        let ground = self.ground(index, &near);
        self.forget(index);
        let source = &self.catalogue.sources[index];
        let counts = Default::default();
        Ok(Classified { catalogue: self.catalogue, source, ground, chunks, stop: self.stop, without, counts })
    }

    /// Drops what no cloud after this one looks at.
    fn forget(&mut self, index: usize) {
        let later: std::collections::BTreeSet<usize> =
            (index + 1..self.catalogue.sources.len()).flat_map(|later| self.near(later)).collect();
        self.read.retain(|other, reading| later.contains(other) || reading.is_err());
    }

    /// The ground under a cloud, from the lowest points around it.
    fn ground(&self, index: usize, near: &[usize]) -> Ground {
        let own = ground::frame_of(&self.catalogue.sources[index].cloud.header().extent);
        let halo = self.params.halo().0 as usize;
        let all = ground::frame_of(&self.catalogue.extent);
        let core = if near.is_empty() { Frame { rows: 0, cols: 0, ..own } } else { own };
        let frame = core.padded(halo).intersection(&all);
        let mut lowest = vec![NO_POINT; frame.len()];
        for other in near {
            if let Some(Ok(reading)) = self.read.get(other) {
                lower_to(&mut lowest, &frame, &reading.lowest);
            }
        }
        let metres =
            |&low: &i32| if low == NO_POINT { f32::NAN } else { self.catalogue.lattice.height(low) as f32 };
        let lowest = Grid::new(frame, lowest.iter().map(metres).collect());
        let mut found = ground::filter(&lowest, &self.params);
        let kept = core.padded(1).intersection(&frame);
        found.terrain = found.terrain.cropped(&kept);
        found.tolerance = found.tolerance.cropped(&kept);
        found
    }

    /// Decodes a cloud: its lowest points, and the points themselves where there is room.
    fn read_cloud(&self, index: usize) -> Result<Reading, Fault> {
        let source = &self.catalogue.sources[index];
        let header = source.cloud.header();
        let kept: u64 =
            self.read.values().flatten().flat_map(|reading| &reading.chunks).flatten().map(Seen::bytes).sum();
        let keep = kept + header.count * POINT_BYTES <= self.memory / 2;
        let frame = ground::frame_of(&extent_on_lattice(self.catalogue, &header.extent));
        let binning = Binning::new(&frame, &self.catalogue.lattice);
        let lowest = Mutex::new(vec![NO_POINT; frame.len()]);
        let layers = if keep { Layers::SURFACE | Layers::CHANNEL } else { Layers::CLASS | Layers::FLAGS };
        let chunks: Vec<Seen> = source
            .cloud
            .chunks()
            .par_iter()
            .map_init(
                || (Scratch::default(), Batch::default(), Vec::new()),
                |(scratch, batch, cells), chunk| {
                    self.go_on()?;
                    source.cloud.decode(chunk, layers, scratch, batch)?;
                    on_lattice(source, batch);
                    binning.locate(&batch.x, &batch.y, cells);
                    leave_out(batch, cells);
                    ground::lower(
                        &mut lowest.lock().unwrap_or_else(PoisonError::into_inner),
                        cells,
                        &batch.z,
                    );
                    Ok(if keep { Seen::take(batch) } else { Seen::default() })
                },
            )
            .collect::<Result<_, Fault>>()?;
        let lowest = lowest.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Reading { lowest: Grid::new(frame, lowest), chunks: keep.then_some(chunks) })
    }

    fn go_on(&self) -> Result<(), Fault> {
        go_on(self.stop)
    }
}

/// Stops the work where the user wants it.
fn go_on(stop: &AtomicBool) -> Result<(), Fault> {
    if stop.load(Ordering::Relaxed) {
        return Err(fault!(fr: "Interrompu.", en: "Interrupted."));
    }
    Ok(())
}

/// A cloud's extent, large enough for its points once they are rounded to the lattice.
fn extent_on_lattice(catalogue: &Catalogue, extent: &Extent) -> Extent {
    extent.padded(ilot_kernels::unit::Metres(2.0 / f64::from(catalogue.lattice.per_metre)))
}

fn on_lattice(source: &Source, batch: &mut Batch) {
    source.shift.apply(0, &mut batch.x);
    source.shift.apply(1, &mut batch.y);
    source.shift.apply(2, &mut batch.z);
}

/// Whether the class of a point stays and the ground does not see it.
fn stays(batch: &Batch, point: usize) -> bool {
    batch.class[point] == VIRTUAL || batch.is_withheld(point)
}

/// Points that are not looked at get no cell.
fn leave_out(batch: &Batch, cells: &mut [u32]) {
    if batch.flags.is_empty() && !batch.class.contains(&VIRTUAL) {
        return;
    }
    (0..cells.len()).filter(|&point| stays(batch, point)).for_each(|point| {
        cells[point] = ilot_kernels::bin::NOWHERE;
    });
}

/// Lowers the cells of `frame` to those of another grid where both lie.
fn lower_to(lowest: &mut [i32], frame: &Frame, other: &Grid<i32>) {
    let shared = frame.intersection(other.frame());
    let (Some((row, col)), Some((its_row, its_col))) =
        (frame.offset_of(&shared), other.frame().offset_of(&shared))
    else {
        return;
    };
    for nth in 0..shared.rows {
        let own = &mut lowest[(row + nth) * frame.cols + col..][..shared.cols];
        let its = &other.row(its_row + nth)[its_col..its_col + shared.cols];
        own.iter_mut().zip(its).for_each(|(own, its)| *own = (*own).min(*its));
    }
}

impl Seen {
    /// Takes the points out of a batch on the lattice that has its returns and channels.
    fn take(batch: &mut Batch) -> Seen {
        let mut contexts = batch.class_contexts();
        for (point, context) in contexts.iter_mut().enumerate() {
            if stays(batch, point) {
                *context |= STAYS;
            }
        }
        let take = std::mem::take::<Vec<i32>>;
        Seen {
            x: take(&mut batch.x),
            y: take(&mut batch.y),
            z: take(&mut batch.z),
            class: std::mem::take(&mut batch.class),
            contexts,
        }
    }

    fn bytes(&self) -> u64 {
        self.x.len() as u64 * POINT_BYTES
    }
}

impl Classified<'_> {
    /// The new classes of the chunk with this number.
    ///
    /// # Errors
    /// Where the chunk is damaged, or the user stops the work.
    pub fn chunk(&self, nth: usize) -> Result<NewClasses, Fault> {
        go_on(self.stop)?;
        if let Some(seen) = self.chunks.as_ref().and_then(|chunks| chunks.get(nth)) {
            return Ok(self.judge(seen));
        }
        let mut batch = Batch::default();
        let layers = Layers::SURFACE | Layers::CHANNEL;
        let chunk = &self.source.cloud.chunks()[nth];
        self.source.cloud.decode(chunk, layers, &mut Scratch::default(), &mut batch)?;
        on_lattice(self.source, &mut batch);
        Ok(self.judge(&Seen::take(&mut batch)))
    }

    fn judge(&self, seen: &Seen) -> NewClasses {
        let mut class = Vec::with_capacity(seen.x.len());
        self.ground.judge(&self.catalogue.lattice, &seen.x, &seen.y, &seen.z, |verdict, _| {
            class.push(match verdict {
                Verdict::Ground => GROUND,
                Verdict::LowNoise => LOW_NOISE,
                Verdict::Other => OTHER,
            });
        });
        let mut counts = [0_u64; 4];
        for (point, class) in class.iter_mut().enumerate() {
            if seen.contexts[point] & STAYS != 0 {
                *class = seen.class[point];
                counts[3] += 1;
            } else {
                counts[match *class {
                    GROUND => 0,
                    LOW_NOISE => 1,
                    _ => 2,
                }] += 1;
            }
        }
        for (all, count) in self.counts.iter().zip(counts) {
            let _ = all.fetch_add(count, Ordering::Relaxed);
        }
        NewClasses { class, contexts: seen.contexts.iter().map(|context| context & !STAYS).collect() }
    }

    /// How many points of the chunks told so far got which class.
    pub fn counts(&self) -> Counts {
        let [ground, low_noise, other, untouched] =
            [0, 1, 2, 3].map(|nth: usize| self.counts[nth].load(Ordering::Relaxed));
        Counts { ground, low_noise, other, untouched }
    }
}
