//! What is collected of the points of one tile while the clouds are decoded, once, for all stages.
//!
//! Batches go into accumulators while they are in cache: the highest point of each cell, counts by class
//! group, and compact columns of the points that must wait (the triangulation's). Nothing here depends on
//! the order of batches: maxima and sums do not, and kernels put columns into an order of their own.

use super::classes::{ClassSet, GROUPS, ROOFS, group_of_class, kinds};
use super::spill::Waiting;
use crate::formats::points::{Batch, Layers};
use crate::product::{COVER_CELL, Passing, Ware};
use crate::project::Settings;
use crate::stage::{Counts, Place, Shelf};
use crate::text::Fault;
use ilot_kernels::bin::{self, Binning};
use ilot_kernels::decide::{BRIGHTNESS, Ballot};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::points::{Lattice, Points};
use ilot_kernels::seen::{self, Kind, Met, Seen};
use ilot_kernels::unit::Metres;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One count for each class group that has a band, and one for all other classes.
const BANDS: usize = GROUPS.len() + 1;

/// What to collect of every tile of a run.
#[derive(Debug, Clone)]
pub struct Recipe {
    points: Vec<PointRecipe>,
    highest: Option<(ClassSet, usize)>,
    counts: Option<(Box<[u8; 256]>, usize)>,
    seen: Option<SeenRecipe>,
}

/// How returns are counted for land cover.
#[derive(Debug, Clone)]
struct SeenRecipe {
    kinds: Box<[Kind; 256]>,
    /// Votes of intensities; `None` where they are of no use.
    ballot: Option<Ballot>,
    reach: Metres,
}

/// One set of points that waits for a stage.
#[derive(Debug, Clone)]
struct PointRecipe {
    passing: Passing,
    classes: ClassSet,
    reach: Metres,
    with_class: bool,
}

impl Recipe {
    /// The recipe for the wares that no stage makes, each needed `reach` beyond the tile.
    pub fn new(collected: &[(Passing, Metres)], settings: &Settings) -> Recipe {
        let mut recipe = Recipe { points: Vec::new(), highest: None, counts: None, seen: None };
        let ring = |reach: Metres| (reach.0 / settings.gridding.cell.0 - 1e-9).ceil() as usize;
        for &(passing, reach) in collected {
            let points = |classes: ClassSet| PointRecipe { passing, classes, reach, with_class: false };
            match passing {
                Passing::GroundPoints => recipe.points.push(points(settings.dtm_classes.clone())),
                Passing::SurfacePoints => recipe.points.push(points(settings.dsm_classes.clone())),
                Passing::ClassedPoints => {
                    recipe.points.push(PointRecipe { with_class: true, ..points(not_noise()) });
                }
                Passing::LeafPoints => recipe.points.push(points(ClassSet::of(GROUPS[1]))),
                Passing::Seen => {
                    let bright = settings.cover.as_ref().map_or(0.0, |cover| cover.brightness());
                    let ballot = (bright > 0.0).then(|| Ballot::new(&BRIGHTNESS, bright, 0.0));
                    recipe.seen = Some(SeenRecipe { kinds: Box::new(kinds()), ballot, reach });
                }
                // Stages make them.
                Passing::Leaves | Passing::Pixels => {}
                Passing::RoofPoints => recipe.points.push(points(ClassSet::of(ROOFS))),
                Passing::Highest => recipe.highest = Some((settings.dsm_classes.clone(), ring(reach))),
                Passing::Counts => recipe.counts = Some((Box::new(group_of_class()), ring(reach))),
            }
        }
        recipe
    }
}

impl Recipe {
    /// The layers of a cloud that are looked at.
    pub fn layers(&self) -> Layers {
        let bright = self.seen.as_ref().is_some_and(|seen| seen.ballot.is_some());
        if bright { Layers::SURFACE | Layers::INTENSITY } else { Layers::SURFACE }
    }

    /// Cells around a tile in which points are binned.
    fn ring(&self) -> usize {
        let highest = self.highest.as_ref().map_or(0, |(_, ring)| *ring);
        highest.max(self.counts.as_ref().map_or(0, |(_, ring)| *ring))
    }
}

/// All classes but noise: virtual points carry the terrain under bridges.
fn not_noise() -> ClassSet {
    let group = group_of_class();
    ClassSet::of(&(0..=255).filter(|&class| group[usize::from(class)] != u8::MAX).collect::<Vec<u8>>())
}

/// A rectangle in lattice units, borders included.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    low: [i32; 2],
    high: [i32; 2],
}

impl Window {
    /// The lattice positions within an extent.
    fn of(extent: &Extent, lattice: &Lattice) -> Window {
        let units = f64::from(lattice.per_metre);
        let (x0, y0) = (lattice.x0 as f64, lattice.y0 as f64);
        let first = |edge: f64, origin: f64| (edge * units - origin).ceil() as i32;
        let last = |edge: f64, origin: f64| (edge * units - origin).floor() as i32;
        Window {
            low: [first(extent.west, x0), first(extent.south, y0)],
            high: [last(extent.east, x0), last(extent.north, y0)],
        }
    }

    /// The bounds of points.
    pub fn around(x: &[i32], y: &[i32]) -> Window {
        let bounds = |column: &[i32]| {
            column.iter().fold((i32::MAX, i32::MIN), |(low, high), &v| (low.min(v), high.max(v)))
        };
        let ((west, east), (south, north)) = (bounds(x), bounds(y));
        Window { low: [west, south], high: [east, north] }
    }

    fn meets(&self, other: &Window) -> bool {
        (0..2).all(|axis| self.low[axis] <= other.high[axis] && other.low[axis] <= self.high[axis])
    }

    fn holds(&self, other: &Window) -> bool {
        (0..2).all(|axis| self.low[axis] <= other.low[axis] && other.high[axis] <= self.high[axis])
    }

    fn has(&self, x: i32, y: i32) -> bool {
        (self.low[0] <= x) & (x <= self.high[0]) & (self.low[1] <= y) & (y <= self.high[1])
    }
}

/// What has been collected of one tile so far. Many threads may add to it at once.
pub struct Basket {
    lattice: Lattice,
    frame: Frame,
    binning: Binning,
    cells_window: Window,
    core: Window,
    /// Whether a point fell into the tile itself.
    seen: AtomicBool,
    columns: Vec<Column>,
    cells: Mutex<Cells>,
    waiting_cells: Option<(Option<Waiting>, Option<Waiting>)>,
    raised: Option<ClassSet>,
    group: Option<Box<[u8; 256]>>,
    land: Option<Land>,
}

/// What is collected for land cover, on cells of its own.
struct Land {
    recipe: SeenRecipe,
    frame: Frame,
    binning: Binning,
    window: Window,
    cells: Mutex<Vec<Seen>>,
    waiting: Option<(Waiting, Waiting)>,
}

/// The accumulators over the cells of the padded tile; empty until a point falls there, and where not wanted.
struct Cells {
    highest: Vec<i32>,
    counts: Vec<u16>,
}

/// One set of points that waits for a stage.
struct Column {
    recipe: PointRecipe,
    window: Window,
    points: Mutex<Points>,
    waiting: Vec<(Waiting, Option<Waiting>)>,
}

/// Room that one thread reuses from batch to batch.
#[derive(Default)]
pub struct Scratch {
    cells: Vec<u32>,
    picked: Vec<u32>,
}

impl Basket {
    /// An empty basket for a tile.
    pub fn new(core: &Frame, place: &Place, lattice: Lattice, recipe: &Recipe) -> Basket {
        let column = |points: &PointRecipe| Column {
            recipe: points.clone(),
            window: Window::of(&core.extent().padded(points.reach), &lattice),
            points: Mutex::new(Points::empty(lattice)),
            waiting: Vec::new(),
        };
        let frame = core.padded(recipe.ring());
        Basket {
            lattice,
            frame,
            binning: Binning::new(&frame, &lattice),
            cells_window: Window::of(&frame.extent(), &lattice),
            columns: recipe.points.iter().map(column).collect(),
            core: Window::of(&core.extent(), &lattice),
            seen: AtomicBool::new(false),
            cells: Mutex::new(Cells { highest: Vec::new(), counts: Vec::new() }),
            waiting_cells: None,
            raised: recipe.highest.as_ref().map(|(classes, _)| classes.clone()),
            group: recipe.counts.as_ref().map(|(group, _)| group.clone()),
            land: recipe.seen.as_ref().map(|recipe| Land::new(recipe, place, &lattice)),
        }
    }

    /// Whether points within `extent` may matter to it: what does not need not be decoded.
    pub fn looks_at(&self, extent: &Extent) -> bool {
        // A metre more than enough, so that no rounding decides.
        let window = Window::of(&extent.padded(Metres(1.0)), &self.lattice);
        self.cells_window.meets(&window)
            || self.columns.iter().any(|column| column.window.meets(&window))
            || self.land.as_ref().is_some_and(|land| land.window.meets(&window))
    }

    /// Takes what it needs of a batch that lies on the lattice of the job, within `bounds`.
    pub fn take(&self, batch: &Batch, bounds: &Window, scratch: &mut Scratch) {
        for column in self.columns.iter().filter(|column| column.window.meets(bounds)) {
            column.pick(batch, bounds, &mut scratch.picked);
            column.append(batch, &scratch.picked);
        }
        self.note(batch, bounds);
        if let Some(land) = self.land.as_ref().filter(|land| land.window.meets(bounds)) {
            land.take(batch, &mut scratch.cells);
        }
        if (self.raised.is_none() && self.group.is_none()) || !self.cells_window.meets(bounds) {
            return;
        }
        self.binning.locate(&batch.x, &batch.y, &mut scratch.cells);
        let mut cells = lock(&self.cells);
        self.lay(&mut cells);
        if let Some(classes) = &self.raised {
            bin::raise(&mut cells.highest, &scratch.cells, &batch.z, &batch.class, &classes.0);
        }
        if let Some(group) = &self.group {
            bin::tally(&mut cells.counts, BANDS, &scratch.cells, &batch.class, group);
        }
    }

    /// Notes whether a point of the batch lies on the tile itself.
    fn note(&self, batch: &Batch, bounds: &Window) {
        if !self.seen.load(Ordering::Relaxed) && self.core.meets(bounds) {
            let here = batch.x.iter().zip(&batch.y).any(|(&x, &y)| self.core.has(x, y));
            self.seen.fetch_or(here, Ordering::Relaxed);
        }
    }

    /// Makes the accumulators where they are wanted and not there yet.
    fn lay(&self, cells: &mut Cells) {
        if self.raised.is_some() && cells.highest.is_empty() {
            cells.highest = vec![i32::MISSING; self.frame.len()];
        }
        if self.group.is_some() && cells.counts.is_empty() {
            cells.counts = vec![0; self.frame.len() * BANDS];
        }
    }

    /// Whether no point fell into the tile itself.
    pub fn is_empty(&self) -> bool {
        !self.seen.load(Ordering::Relaxed)
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> u64 {
        let points: usize = self.columns.iter().map(|column| lock(&column.points).bytes()).sum();
        let cells = lock(&self.cells);
        let land = self.land.as_ref().map_or(0, |land| lock(&land.cells).len() * size_of::<Seen>());
        (points + cells.highest.len() * 4 + cells.counts.len() * 2 + land) as u64
    }

    /// Puts what it holds on the disk; `stem` begins the names of the files.
    pub fn spill(&mut self, stem: &Path) -> Result<(), Fault> {
        let name = |what: &str| stem.with_extension(what);
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.spill(&name(&format!("points{index}-{}", column.waiting.len())))?;
        }
        if let Some(land) = &mut self.land {
            land.spill(&name("kinds"), &name("votes"))?;
        }
        if self.waiting_cells.is_none() {
            let cells = unlocked(&mut self.cells);
            let highest = Waiting::put(name("highest"), &[&cells.highest])?;
            let counts = Waiting::put(name("counts"), &[&cells.counts])?;
            *cells = Cells { highest: Vec::new(), counts: Vec::new() };
            self.waiting_cells = Some((Some(highest), Some(counts)));
        }
        Ok(())
    }

    /// Makes it ready to take batches again.
    pub fn wake(&mut self) -> Result<(), Fault> {
        if let Some(land) = &mut self.land {
            land.wake()?;
        }
        let Some((highest, counts)) = self.waiting_cells.take() else { return Ok(()) };
        let cells = unlocked(&mut self.cells);
        highest.map_or(Ok(()), |waiting| waiting.take(&mut [&mut cells.highest]))?;
        counts.map_or(Ok(()), |waiting| waiting.take(&mut [&mut cells.counts]))
    }

    /// Hands everything to the stages.
    pub fn unpack(mut self, shelf: &mut Shelf) -> Result<(), Fault> {
        self.wake()?;
        let mut cells =
            std::mem::replace(unlocked(&mut self.cells), Cells { highest: Vec::new(), counts: Vec::new() });
        self.lay(&mut cells);
        for column in self.columns {
            let passing = column.recipe.passing;
            shelf.put(Ware::Passing(passing), column.into_points()?);
        }
        if self.raised.is_some() {
            shelf.put(Ware::Passing(Passing::Highest), Grid::new(self.frame, cells.highest));
        }
        if self.group.is_some() {
            let counts = Counts { frame: self.frame, groups: BANDS, cells: cells.counts };
            shelf.put(Ware::Passing(Passing::Counts), counts);
        }
        if let Some(land) = self.land {
            shelf.put(Ware::Passing(Passing::Seen), land.into_grid());
        }
        Ok(())
    }
}

impl Land {
    fn new(recipe: &SeenRecipe, place: &Place, lattice: &Lattice) -> Land {
        let frame = place.padded(COVER_CELL, recipe.reach);
        Land {
            recipe: recipe.clone(),
            frame,
            binning: Binning::new(&frame, lattice),
            window: Window::of(&frame.extent(), lattice),
            cells: Mutex::new(Vec::new()),
            waiting: None,
        }
    }

    fn take(&self, batch: &Batch, places: &mut Vec<u32>) {
        self.binning.locate(&batch.x, &batch.y, places);
        let mut cells = lock(&self.cells);
        if cells.is_empty() {
            cells.resize(self.frame.len(), Seen::default());
        }
        let intensity = if self.recipe.ballot.is_some() { &batch.intensity[..] } else { &[] };
        let points = Met { cells: places, class: &batch.class, number: &batch.return_number, intensity };
        seen::tally(&mut cells, &points, &self.recipe.kinds, self.recipe.ballot.as_ref());
    }

    fn spill(&mut self, kinds: &Path, votes: &Path) -> Result<(), Fault> {
        let cells = unlocked(&mut self.cells);
        if self.waiting.is_none() && !cells.is_empty() {
            let counts: Vec<u16> = cells.iter().flat_map(|seen| seen.counts).collect();
            let voted: Vec<u32> = cells.iter().flat_map(|seen| seen.votes).collect();
            self.waiting = Some((
                Waiting::put(kinds.to_owned(), &[&counts])?,
                Waiting::put(votes.to_owned(), &[&voted])?,
            ));
            *cells = Vec::new();
        }
        Ok(())
    }

    fn wake(&mut self) -> Result<(), Fault> {
        let Some((kinds, votes)) = self.waiting.take() else { return Ok(()) };
        let (mut counts, mut voted) = (Vec::new(), Vec::new());
        kinds.take(&mut [&mut counts])?;
        votes.take(&mut [&mut voted])?;
        *unlocked(&mut self.cells) = Seen::columns(&counts, &voted);
        Ok(())
    }

    fn into_grid(self) -> Grid<Seen> {
        let mut cells = self.cells.into_inner().unwrap_or_else(PoisonError::into_inner);
        cells.resize(self.frame.len(), Seen::default());
        Grid::new(self.frame, cells)
    }
}

impl Column {
    fn spill(&mut self, stem: &Path) -> Result<(), Fault> {
        let points = unlocked(&mut self.points);
        if points.is_empty() {
            return Ok(());
        }
        let places = Waiting::put(stem.to_owned(), &[&points.x, &points.y, &points.z])?;
        let classes = (!points.class.is_empty())
            .then(|| Waiting::put(stem.with_added_extension("class"), &[&points.class]))
            .transpose()?;
        *points = Points::empty(points.lattice);
        self.waiting.push((places, classes));
        Ok(())
    }

    fn into_points(self) -> Result<Points, Fault> {
        let mut points = self.points.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (places, classes) in self.waiting {
            places.take(&mut [&mut points.x, &mut points.y, &mut points.z])?;
            classes.map_or(Ok(()), |waiting| waiting.take(&mut [&mut points.class]))?;
        }
        Ok(points)
    }

    /// The positions in a batch of the points that it keeps.
    fn pick(&self, batch: &Batch, bounds: &Window, picked: &mut Vec<u32>) {
        picked.resize(batch.len(), 0);
        let (wanted, mut kept) = (&self.recipe.classes.0, 0);
        // Each number is written, and the next one over it where it is not kept: classes follow each other at random, so that
        // a branch would be guessed wrong.
        let mut put = |index: u32, keep: bool| {
            picked[kept] = index;
            kept += usize::from(keep);
        };
        if self.window.holds(bounds) {
            for (index, &class) in (0_u32..).zip(&batch.class) {
                put(index, wanted[usize::from(class)]);
            }
        } else {
            for ((index, &class), (&x, &y)) in (0_u32..).zip(&batch.class).zip(batch.x.iter().zip(&batch.y)) {
                put(index, wanted[usize::from(class)] & self.window.has(x, y));
            }
        }
        picked.truncate(kept);
    }

    fn append(&self, batch: &Batch, picked: &[u32]) {
        let mut points = lock(&self.points);
        points.x.extend(picked.iter().map(|&index| batch.x[index as usize]));
        points.y.extend(picked.iter().map(|&index| batch.y[index as usize]));
        points.z.extend(picked.iter().map(|&index| batch.z[index as usize]));
        if self.recipe.with_class {
            points.class.extend(picked.iter().map(|&index| batch.class[index as usize]));
        }
    }
}

fn unlocked<T>(mutex: &mut Mutex<T>) -> &mut T {
    mutex.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that panicked while it held a basket has ended the run already: what it left is not used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
