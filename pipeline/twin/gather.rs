//! The points of a square kilometre, from all clouds that touch it.
//!
//! In: the clouds of a run, and which of them have their classes found anew. Out: the points of a tile but noise and
//! withheld ones, in any order. A point on the border belongs to the tile east and north of it. Cost: the decoder's.

use super::points::{self, Held};
use super::{SIDE, Tile};
use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::classes::NOISE;
use crate::cloud::ground::{Classified, Classifier};
use crate::fault;
use crate::formats::points::{Batch, Chunk, Layers, Scratch};
use crate::text::Fault;
use ilot_kernels::extent::Extent;
use ilot_kernels::levels;
use ilot_kernels::unit::Metres;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// The clouds that may have points in a tile: its eastern and northern border belong to the next ones, so that a cloud that only
/// begins there is not decoded. Where positions are rounded onto the lattice, bounds are a unit wider.
pub fn near<'a>(catalogue: &'a Catalogue, extent: &Extent) -> impl Iterator<Item = (usize, &'a Source)> {
    let extent = *extent;
    let sources = catalogue.sources.iter().enumerate();
    sources.filter(move |(_, source)| {
        let own = reach(source, catalogue);
        own.touches(&extent) && own.west < extent.east && own.south < extent.north
    })
}

/// The bounds of a cloud's points on the lattice.
pub fn reach(source: &Source, catalogue: &Catalogue) -> Extent {
    grown(&source.cloud.header().extent, source, catalogue)
}

fn grown(extent: &Extent, source: &Source, catalogue: &Catalogue) -> Extent {
    let unit = if source.shift.rounds() { 1.0 / f64::from(catalogue.lattice.per_metre) } else { 0.0 };
    extent.padded(Metres(unit))
}

/// The class of roofs.
const ROOF: u8 = 6;

/// Reads the points of tiles.
pub struct Reader<'a> {
    /// The clouds.
    pub catalogue: &'a Catalogue,
    /// Those whose classes are found anew.
    pub recomputed: &'a BTreeSet<PathBuf>,
    /// Set where the user stops.
    pub stop: &'a AtomicBool,
    /// Points on the border of a tile, of clouds that were decoded for the one beside it.
    pub waiting: Waiting,
}

/// Points of a cloud that wait for the tile east or north of theirs.
pub type Waiting = Mutex<BTreeMap<(usize, Tile), Vec<Held>>>;

/// A cloud that reaches less far into a tile only lies on its border, metres: it is not decoded again for that.
const SLIVER: f64 = 1.0;

/// The tiles that a cloud reaches into by a sliver only.
fn slivers(source: &Source, catalogue: &Catalogue) -> Vec<Tile> {
    let extent = reach(source, catalogue);
    let thin = |tile: &Tile| {
        let shared = extent.intersection(&tile.extent());
        shared.is_some_and(|shared| shared.width().0 < SLIVER || shared.height().0 < SLIVER)
    };
    Tile::under(&extent).into_iter().filter(thin).collect()
}

impl Reader<'_> {
    /// All points of a tile but noise; the border belongs to the tile east and north of it.
    pub fn gather(&self, tile: &Tile, classifier: &mut Classifier<'_>) -> Result<Vec<Held>, Fault> {
        let held = Mutex::new(Vec::new());
        let open = |waiting: &Waiting, key: &(usize, Tile)| {
            waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(key)
        };
        for (index, source) in near(self.catalogue, &tile.extent()) {
            if let Some(points) = open(&self.waiting, &(index, *tile)) {
                held.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(points);
                continue;
            }
            let recomputed = self.recomputed.contains(&source.path);
            let classes = recomputed.then(|| classifier.cloud(index)).transpose()?;
            self.take(tile, (index, source), classes.as_ref(), &held)?;
        }
        Ok(held.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Drops what waits for a tile that is done, whether it was asked for or not.
    pub fn forget(&self, tile: &Tile) {
        let mut waiting = self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting.retain(|(_, other), _| other != tile);
    }

    fn take(
        &self,
        tile: &Tile,
        (index, source): (usize, &Source),
        classes: Option<&Classified<'_>>,
        held: &Mutex<Vec<Held>>,
    ) -> Result<(), Fault> {
        let layers = Layers::CLASS | Layers::FLAGS | Layers::INTENSITY;
        let slivers: Vec<Tile> =
            slivers(source, self.catalogue).into_iter().filter(|other| other != tile).collect();
        let beside: Vec<Mutex<Vec<Held>>> = slivers.iter().map(|_| Mutex::new(Vec::new())).collect();
        let lock = |list: &Mutex<Vec<Held>>, own: &[Held]| {
            list.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(own);
        };
        // Chunks with bounds are chosen by the tile's: what lies beside it is then not whole.
        let whole = source.cloud.chunks().iter().all(|chunk| chunk.extent.is_none());
        self.each(&tile.extent(), source, classes, layers, |batch| {
            lock(held, &self.held(tile, batch));
            for (other, list) in slivers.iter().zip(&beside).filter(|_| whole) {
                lock(list, &self.held(other, batch));
            }
        })?;
        if whole {
            let mut waiting = self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (other, list) in slivers.into_iter().zip(beside) {
                let list = list.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
                let _ = waiting.insert((index, other), list);
            }
        }
        Ok(())
    }

    /// Decodes the chunks of a cloud that may have points in an extent, in parallel, and puts them on the lattice.
    fn each(
        &self,
        extent: &Extent,
        source: &Source,
        classes: Option<&Classified<'_>>,
        layers: Layers,
        take: impl Fn(&mut Batch) + Sync,
    ) -> Result<(), Fault> {
        let cloud = &source.cloud;
        let matters = |chunk: &Chunk| {
            chunk.extent.is_none_or(|node| grown(&node, source, self.catalogue).touches(extent))
        };
        let chunks = cloud.chunks().par_iter().enumerate().filter(|(_, chunk)| matters(chunk));
        chunks.try_for_each_init(
            || (Scratch::default(), Batch::default()),
            |(scratch, batch), (nth, chunk)| {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(fault!(fr: "Interrompu.", en: "Interrupted."));
                }
                cloud.decode(chunk, layers, scratch, batch)?;
                if let Some(classes) = classes {
                    batch.class = classes.chunk(nth)?.class;
                }
                source.shift.place(batch);
                take(batch);
                Ok(())
            },
        )
    }

    /// The points of roofs in an extent: easting, northing, height in metres, sorted.
    pub fn roofs(&self, extent: &Extent, classifier: &mut Classifier<'_>) -> Result<Vec<[f64; 3]>, Fault> {
        let found = Mutex::new(Vec::new());
        let lattice = self.catalogue.lattice;
        let unit = f64::from(lattice.per_metre);
        for (index, source) in near(self.catalogue, extent) {
            let recomputed = self.recomputed.contains(&source.path);
            let classes = recomputed.then(|| classifier.cloud(index)).transpose()?;
            self.each(extent, source, classes.as_ref(), Layers::CLASS | Layers::FLAGS, |batch| {
                let roofs = (0..batch.len()).filter(|&at| batch.class[at] == ROOF && !batch.is_withheld(at));
                let places = roofs.map(|at| [batch.x[at], batch.y[at], batch.z[at]]);
                let metre = |origin: i64, value: i32| (origin + i64::from(value)) as f64 / unit;
                let inside = |[x, y, _]: &[i32; 3]| {
                    let (x, y) = (metre(lattice.x0, *x), metre(lattice.y0, *y));
                    (extent.west..=extent.east).contains(&x) && (extent.south..=extent.north).contains(&y)
                };
                let own: Vec<[i32; 3]> = places.filter(inside).collect();
                found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(&own);
            })?;
        }
        let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.par_sort_unstable();
        let metres = |[x, y, z]: [i32; 3]| {
            let metre = |origin: i64, value: i32| (origin + i64::from(value)) as f64 / unit;
            [metre(lattice.x0, x), metre(lattice.y0, y), lattice.height(z)]
        };
        Ok(found.into_iter().map(metres).collect())
    }

    /// The points of a batch that lie in a tile.
    fn held(&self, tile: &Tile, batch: &Batch) -> Vec<Held> {
        let lattice = self.catalogue.lattice;
        let unit = i64::from(lattice.per_metre);
        let (west, south) = (tile.west * unit - lattice.x0, tile.south * unit - lattice.y0);
        let within = |value: i32, low: i64| {
            let value = i64::from(value) - low;
            (0..SIDE.0 as i64 * unit).contains(&value).then_some(value as u32)
        };
        let group = points::groups();
        let mut held = Vec::with_capacity(batch.len());
        let kept = (0..batch.len()).filter(|&at| !batch.is_withheld(at) && !NOISE.contains(&batch.class[at]));
        held.extend(kept.filter_map(|at| {
            let place = levels::place(within(batch.x[at], west)?, within(batch.y[at], south)?);
            let (class, intensity) = (batch.class[at], batch.intensity[at]);
            Some(Held { place, z: batch.z[at], intensity, class, group: group[usize::from(class)] })
        }));
        held
    }
}
