//! Which class each point of a cloud gets, where its own classes are absent or not trusted.
//!
//! In: a catalogue. Out: for one cloud after the other, its new classes chunk by chunk ([`Classifier::cloud`]),
//! for a reclassified copy or for a run that recomputes them. A cloud is first reduced to the lowest point of each
//! square metre; the ground is found in the lowest points of the cloud and of all clouds within the filter's halo;
//! then each point is judged against it. Where objects are wanted too, the points of the neighbours within that
//! kernel's reach come along. Classes therefore do not depend on how points are parted into files.
//!
//! Points that a producer withheld (deleted) or marked as noise (7, 18, 65), and IGN's virtual points (66), are not
//! looked at and stay as they are. Water is not told from ground.
//! Fails where: see `ground.rs` and `classify.rs` of the kernels. Memory: 4 bytes a square metre of the clouds near
//! by, and 15 bytes a point of clouds that are decoded once only, as long as the budget allows; others are decoded
//! twice. With objects: 20 bytes a point of one cloud and its ring besides, and what the kernel takes.

use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::classes::{NOISE, VIRTUAL};
use crate::cloud::density::{self, object_params, sparse_remark};
use crate::fault;
use crate::formats::points::{Batch, Layers, NewClasses, Scratch};
use crate::text::{Fault, Text};
use ilot_kernels::bin::Binning;
use ilot_kernels::classify::{self, ClassifyParams, Cloud as Objects, Returns};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::ground::{self, Ground, GroundParams, NO_POINT, Verdict};
use ilot_kernels::points::Points;
use ilot_kernels::unit::Metres;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The classes that are given: ground, low noise, and anything else.
pub const GROUND: u8 = 2;
/// Low noise (ASPRS 7).
pub const LOW_NOISE: u8 = 7;
/// Unclassified.
pub const OTHER: u8 = 1;

/// Bytes that a kept point takes.
const POINT_BYTES: u64 = 15;
/// Bit of a kept context: the class of this point is not touched.
const STAYS: u8 = 0x80;

/// Which classes are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Ground (2), low noise (7), and the rest (1).
    Ground,
    /// Vegetation (3, 4, 5), buildings (6), decks (17) besides.
    Objects,
}

/// Finds the classes of clouds, one cloud after the other.
pub struct Classifier<'a> {
    catalogue: &'a Catalogue,
    depth: Depth,
    params: GroundParams,
    memory: u64,
    stop: &'a AtomicBool,
    read: BTreeMap<usize, Result<Reading, Fault>>,
}

/// What is known of a cloud that was read.
struct Reading {
    lowest: Grid<i32>,
    /// Its points by chunk; none where the memory is too small for them.
    chunks: Option<Arc<Vec<Seen>>>,
}

/// The points of one chunk, on the lattice of the job.
#[derive(Default)]
struct Seen {
    x: Vec<i32>,
    y: Vec<i32>,
    z: Vec<i32>,
    class: Vec<u8>,
    /// Return number, and number of returns times 16.
    returns: Vec<u8>,
    /// What coding the class depends on, and [`STAYS`].
    contexts: Vec<u8>,
}

/// A cloud whose ground is known.
pub struct Classified<'a> {
    catalogue: &'a Catalogue,
    source: &'a Source,
    ground: Ground,
    chunks: Option<Arc<Vec<Seen>>>,
    /// The classes by chunk, where objects were looked for.
    objects: Option<Vec<Vec<u8>>>,
    stop: &'a AtomicBool,
    /// Clouds near by that could not be read.
    pub without: Vec<usize>,
    counts: Vec<AtomicU64>,
}

/// How many points got which class.
pub type Counts = BTreeMap<u8, u64>;

impl<'a> Classifier<'a> {
    /// For the clouds of a catalogue, with so many bytes for points that are kept.
    pub fn new(catalogue: &'a Catalogue, depth: Depth, memory: u64, stop: &'a AtomicBool) -> Classifier<'a> {
        Classifier { catalogue, depth, params: GroundParams::default(), memory, stop, read: BTreeMap::new() }
    }

    /// Leaves a cloud out that is known to be damaged.
    pub fn leave_out(&mut self, index: usize, why: &Fault) {
        let _ = self.read.insert(index, Err(why.clone()));
    }

    /// The clouds that could not be read so far.
    pub fn damaged(&self) -> impl Iterator<Item = (usize, &Fault)> {
        self.read.iter().filter_map(|(&index, reading)| Some((index, reading.as_ref().err()?)))
    }

    /// The cells in which the terrain under a cloud is needed; none where it has no point.
    fn core(&self, index: usize) -> Frame {
        let header = self.catalogue.sources[index].cloud.header();
        let own = extent_on_lattice(self.catalogue, &header.extent);
        let extent = if self.depth == Depth::Objects { classify::reach(&own) } else { own };
        let core = ground::frame_of(&extent);
        if header.count > 0 { core } else { Frame { rows: 0, cols: 0, ..core } }
    }

    /// The clouds whose points matter for the classes of a cloud, itself among them.
    pub fn near(&self, index: usize) -> Vec<usize> {
        let core = self.core(index);
        let seen = core.extent().padded(self.params.halo());
        let matters = |other: &usize| {
            let header = self.catalogue.sources[*other].cloud.header();
            !core.is_empty() && header.count > 0 && header.extent.touches(&seen)
        };
        (0..self.catalogue.sources.len()).filter(matters).collect()
    }

    /// What the user should know of the objects in a cloud that is too sparse for them.
    pub fn sparse(&self, index: usize) -> Option<Text> {
        let wanted = self.depth == Depth::Objects && !self.core(index).is_empty();
        let name = self.catalogue.sources[index].path.display().to_string();
        if wanted { sparse_remark(&name, density::density(self.catalogue, &self.near(index))) } else { None }
    }

    /// How objects are looked for in a cloud; none where they are not.
    pub fn object_params(&self, index: usize) -> Option<ClassifyParams> {
        let wanted = self.depth == Depth::Objects && !self.core(index).is_empty();
        wanted.then(|| object_params(self.catalogue, &self.near(index)))
    }

    /// Finds the classes of a cloud. Clouds are asked for in the catalogue's order: what none of the later ones
    /// needs is forgotten.
    ///
    /// # Errors
    /// Where the cloud is damaged. A damaged neighbour is left out.
    pub fn cloud(&mut self, index: usize) -> Result<Classified<'a>, Fault> {
        let near = self.near(index);
        for &other in &near {
            if !self.read.contains_key(&other) {
                let reading = self.read_cloud(other);
                self.go_on()?;
                let _ = self.read.insert(other, reading);
            }
        }
        if let Some(Err(why)) = self.read.get(&index) {
            return Err(why.clone());
        }
        let ground = self.ground(index, &near);
        let objects = match self.depth {
            Depth::Ground => None,
            Depth::Objects => Some(self.objects(index, &near, &ground)?),
        };
        let chunks = match self.read.get_mut(&index) {
            // Neighbours need the points of a ring once more, the lowest points only otherwise.
            Some(Ok(reading)) if self.depth == Depth::Objects => reading.chunks.clone(),
            Some(Ok(reading)) => reading.chunks.take(),
            _ => None,
        };
        let without =
            near.iter().copied().filter(|other| matches!(self.read.get(other), Some(Err(_)))).collect();
        self.forget(index);
        Ok(Classified {
            catalogue: self.catalogue,
            source: &self.catalogue.sources[index],
            ground,
            chunks,
            objects,
            stop: self.stop,
            without,
            counts: (0..256).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    /// The classes of a cloud by chunk, objects among them.
    fn objects(&self, index: usize, near: &[usize], ground: &Ground) -> Result<Vec<Vec<u8>>, Fault> {
        let own_extent =
            extent_on_lattice(self.catalogue, &self.catalogue.sources[index].cloud.header().extent);
        let reach = classify::reach(&own_extent);
        let mut gathered = Gathered::new(self.catalogue, ground);
        let mut lengths = Vec::new();
        for nth in 0..self.catalogue.sources[index].cloud.chunks().len() {
            lengths.push(self.seen(index, nth, |seen| gathered.add(seen, None))?);
        }
        for &other in near.iter().filter(|other| **other != index) {
            let source = &self.catalogue.sources[other];
            let readable = self.read.get(&other).is_some_and(Result::is_ok);
            if !readable || !source.cloud.header().extent.touches(&reach) {
                continue;
            }
            let touching = |nth: &usize| {
                let chunk = &source.cloud.chunks()[*nth];
                chunk.extent.as_ref().is_none_or(|node| node.padded(Metres(1.0)).touches(&reach))
            };
            for nth in (0..source.cloud.chunks().len()).filter(touching) {
                let _ = self.seen(other, nth, |seen| gathered.add(seen, Some(&reach)))?;
            }
        }
        let classes = gathered.classes(&object_params(self.catalogue, near));
        self.go_on()?;
        let mut classes = &classes[..];
        let mut split = |length: usize| {
            let (own, rest) = classes.split_at(length);
            classes = rest;
            own.to_vec()
        };
        Ok(lengths.into_iter().map(&mut split).collect())
    }

    /// Hands the points of a chunk on, kept or decoded again.
    fn seen<T>(&self, index: usize, nth: usize, take: impl FnOnce(&Seen) -> T) -> Result<T, Fault> {
        self.go_on()?;
        if let Some(Ok(Reading { chunks: Some(chunks), .. })) = self.read.get(&index)
            && let Some(seen) = chunks.get(nth)
        {
            return Ok(take(seen));
        }
        Ok(take(&decoded(&self.catalogue.sources[index], nth)?))
    }

    /// Drops what no cloud after this one looks at.
    fn forget(&mut self, index: usize) {
        let later: std::collections::BTreeSet<usize> =
            (index + 1..self.catalogue.sources.len()).flat_map(|later| self.near(later)).collect();
        self.read.retain(|other, reading| later.contains(other) || reading.is_err());
    }

    /// The ground under a cloud, from the lowest points around it.
    fn ground(&self, index: usize, near: &[usize]) -> Ground {
        let halo = self.params.halo().0 as usize;
        let all = ground::frame_of(&extent_on_lattice(self.catalogue, &self.catalogue.extent));
        let core = self.core(index);
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
        let kept: u64 = self
            .read
            .values()
            .flatten()
            .filter_map(|reading| reading.chunks.as_deref())
            .flatten()
            .map(Seen::bytes)
            .sum();
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
                    source.shift.place(batch);
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
        Ok(Reading { lowest: Grid::new(frame, lowest), chunks: keep.then(|| Arc::new(chunks)) })
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
    extent.padded(Metres(2.0 / f64::from(catalogue.lattice.per_metre)))
}

/// Whether the class of a point stays and the ground does not see it.
fn stays(batch: &Batch, point: usize) -> bool {
    let class = batch.class[point];
    class == VIRTUAL || NOISE.contains(&class) || batch.is_withheld(point)
}

/// Points that are not looked at get no cell.
fn leave_out(batch: &Batch, cells: &mut [u32]) {
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
        let numbers = batch.return_number.iter().zip(&batch.number_of_returns);
        let returns = numbers.map(|(number, count)| number & 15 | count << 4).collect();
        let take = std::mem::take::<Vec<i32>>;
        Seen {
            x: take(&mut batch.x),
            y: take(&mut batch.y),
            z: take(&mut batch.z),
            class: std::mem::take(&mut batch.class),
            returns,
            contexts,
        }
    }

    fn bytes(&self) -> u64 {
        self.x.len() as u64 * POINT_BYTES
    }
}

/// The points of a chunk, decoded.
fn decoded(source: &Source, nth: usize) -> Result<Seen, Fault> {
    let mut batch = Batch::default();
    let chunk = &source.cloud.chunks()[nth];
    source.cloud.decode(chunk, Layers::SURFACE | Layers::CHANNEL, &mut Scratch::default(), &mut batch)?;
    source.shift.place(&mut batch);
    Ok(Seen::take(&mut batch))
}

/// The classes of points by their ground alone; those that stay have their own.
fn by_ground(ground: &Ground, catalogue: &Catalogue, seen: &Seen, mut tell: impl FnMut(usize, u8, f32)) {
    let mut point = 0;
    ground.judge(&catalogue.lattice, &seen.x, &seen.y, &seen.z, |verdict, above| {
        let class = match verdict {
            _ if seen.contexts[point] & STAYS != 0 => seen.class[point],
            Verdict::Ground => GROUND,
            Verdict::LowNoise => LOW_NOISE,
            Verdict::Other => OTHER,
        };
        tell(point, class, above);
        point += 1;
    });
}

/// The points of a cloud and of its ring, as the kernel that looks for objects wants them.
struct Gathered<'a> {
    catalogue: &'a Catalogue,
    ground: &'a Ground,
    points: Points,
    number: Vec<u8>,
    count: Vec<u8>,
    height: Vec<f32>,
    /// Classes that stay, by point: what is withheld is noise for the kernel.
    stays: Vec<(usize, u8)>,
}

impl<'a> Gathered<'a> {
    fn new(catalogue: &'a Catalogue, ground: &'a Ground) -> Gathered<'a> {
        let points = Points::empty(catalogue.lattice);
        let (number, count, height, stays) = Default::default();
        Gathered { catalogue, ground, points, number, count, height, stays }
    }

    /// Adds the points of a chunk, those within an extent where one is given; returns how many the chunk has.
    fn add(&mut self, seen: &Seen, within: Option<&Extent>) -> usize {
        let lattice = self.catalogue.lattice;
        by_ground(self.ground, self.catalogue, seen, |point, class, above| {
            let (x, y) = (seen.x[point], seen.y[point]);
            let inside = within.is_none_or(|extent| {
                let (east, north) = (lattice.easting(x), lattice.northing(y));
                (extent.west..=extent.east).contains(&east) && (extent.south..=extent.north).contains(&north)
            });
            if !inside {
                return;
            }
            let stays = seen.contexts[point] & STAYS != 0;
            if stays {
                self.stays.push((self.points.x.len(), class));
            }
            self.points.x.push(x);
            self.points.y.push(y);
            self.points.z.push(seen.z[point]);
            self.points.class.push(if stays { LOW_NOISE } else { class });
            self.number.push(seen.returns[point] & 15);
            self.count.push(seen.returns[point] >> 4);
            // Where there is no terrain near by there is no object to be found either.
            self.height.push(if above.is_nan() { 0.0 } else { above });
        });
        seen.x.len()
    }

    fn classes(self, params: &ClassifyParams) -> Vec<u8> {
        let returns = Returns { number: &self.number, count: &self.count };
        let cloud = Objects { points: &self.points, returns, height: &self.height };
        let mut classes = classify::classify(&cloud, params);
        self.stays.into_iter().for_each(|(point, class)| classes[point] = class);
        classes
    }
}

impl Classified<'_> {
    /// The new classes of the chunk with this number.
    ///
    /// # Errors
    /// Where the chunk is damaged, or the user stops the work.
    pub fn chunk(&self, nth: usize) -> Result<NewClasses, Fault> {
        go_on(self.stop)?;
        let fresh;
        let seen = match self.chunks.as_ref().and_then(|chunks| chunks.get(nth)) {
            Some(seen) => seen,
            None => {
                fresh = decoded(self.source, nth)?;
                &fresh
            }
        };
        let class = match self.objects.as_ref().and_then(|objects| objects.get(nth)) {
            Some(class) => class.clone(),
            None => {
                let mut classes = Vec::with_capacity(seen.x.len());
                by_ground(&self.ground, self.catalogue, seen, |_, class, _| classes.push(class));
                classes
            }
        };
        let mut counts = [0_u64; 256];
        class.iter().for_each(|&class| counts[usize::from(class)] += 1);
        for (all, count) in self.counts.iter().zip(counts).filter(|(_, count)| *count > 0) {
            let _ = all.fetch_add(count, Ordering::Relaxed);
        }
        Ok(NewClasses { class, contexts: seen.contexts.iter().map(|context| context & !STAYS).collect() })
    }

    /// How many points of the chunks told so far got which class.
    pub fn counts(&self) -> Counts {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        (0..=255).zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}
