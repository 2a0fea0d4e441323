//! Buildings, ground and plants → urban form and climate zones of squares and blocks.
//!
//! In: a surface and a terrain, cover, sky view and point density as rasters, buildings, vegetation and water as vectors:
//! what there is of them (`inputs.rs`). Out: `urban_form` and `lcz`, of squares of 100 m and of blocks (`tables.rs`).
//! The layers are made by strips of whole rows, from north to south (`layers.rs`), and each place adds up its own
//! rows: no thread changes a bit ([`ilot_kernels::form`], [`ilot_kernels::lcz`]).
//!
//! A place of which more than 0.3 is not known has no zone: GeoClimate's over-estimated zone E comes from such places.
//! Fails where: buildings hide below crowns, in cover or mask. Cost: 0.2 µs a cell and, where the sky view is not given,
//! 0.3 µs for it; memory: 26 bytes a cell of a strip, whose rows are as many as the sky reaches at least, and 60 bytes a cell
//! of a piece of 4096 columns of it with the reach of the sky around: 1 GB at 60,000 columns of 0.5 m.

mod inputs;
mod layers;
mod remarks;
mod tables;

pub use inputs::Order;

use crate::formats::raster::read::keep_cache_small;
use crate::measures::zonal::{Polygons, Question, Ring, polygons};
use crate::store::Store;
use crate::text::{Fault, Text};
use ilot_kernels::form::{Figures, Place};
use ilot_kernels::frame::Frame;
use ilot_kernels::lcz::{Verdict, Weights, classify};
use ilot_kernels::unit::Metres;
use inputs::Inputs;
use layers::{Layers, Tally};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// A place of which more than this is not known has no zone.
pub const MOST_UNDEFINED: f64 = 0.3;

/// Sides of squares, metres: what is smaller than a house says nothing, what is larger than a town neither.
pub const SIDES: std::ops::RangeInclusive<f64> = 10.0..=10_000.0;

/// Squares of which less than this is known are left out.
const LEAST_KNOWN: f64 = 0.01;

/// What was made.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// Squares and blocks with figures.
    pub places: (usize, usize),
    /// Of all of these, with a zone.
    pub zoned: usize,
    /// Blocks without data, without a geometry that can be used, or that cross themselves.
    pub troubled: usize,
    /// Files below the folder of results.
    pub files: Vec<String>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// What a user should know.
    pub remarks: Vec<Text>,
}

/// Figures and zone of a place.
#[derive(Debug, Clone, Copy)]
struct Found {
    figures: Figures,
    verdict: Option<Verdict>,
}

/// Makes both products; `tell` hears of each strip, and of how many there are.
///
/// # Errors
/// Where an input cannot be read or makes no sense, where what is given does not suffice, or a file cannot be written.
pub fn make(order: &Order, stop: &AtomicBool, tell: &(dyn Fn(usize, usize) + Sync)) -> Result<Done, Fault> {
    keep_cache_small();
    let mut done = Done { remarks: order.remarks.clone(), ..Done::default() };
    let inputs = Inputs::open(order, &mut done.remarks)?;
    let blocks = blocks(order, &inputs, &mut done)?;
    let squares = squares(&inputs.frame, order.cell);
    let mut queues = vec![Queue::of_squares(&squares, &inputs.frame)];
    queues.extend(blocks.as_ref().map(|blocks| Queue::of_blocks(blocks, &inputs.frame)));
    let mut tally = Tally::default();
    if !walk(&inputs, &mut queues, &mut tally, stop, tell)? {
        done.interrupted = true;
        return Ok(done);
    }
    inputs.judge(&tally)?;
    let mut found: Vec<Vec<Option<Found>>> = queues.into_iter().map(Queue::found).collect();
    let of_blocks = blocks.as_ref().map(|_| found.remove(1));
    let of_squares = found.remove(0);
    remarks::tell(&inputs, &tally, &of_squares, of_blocks.as_deref(), &mut done);
    let blocks = blocks.as_ref().zip(of_blocks.as_deref());
    let store = Store::open(&order.out)?;
    done.files = tables::write(&store, &inputs, (&squares, &of_squares), blocks, &done.remarks)?;
    Ok(done)
}

/// The blocks, where there are any, in the CRS of the rasters.
fn blocks(order: &Order, inputs: &Inputs, done: &mut Done) -> Result<Option<Polygons>, Fault> {
    let Some(path) = &order.blocks else { return Ok(None) };
    let question = Question {
        zones: path.clone(),
        id: order.id.clone(),
        crs: inputs.given.clone(),
        ..Question::default()
    };
    let blocks = polygons(&question, Some(&inputs.crs), &mut done.remarks)?;
    done.troubled += blocks.invalid + blocks.left_out;
    Ok(Some(blocks))
}

/// The squares that touch a frame, edges on whole multiples of their side.
fn squares(frame: &Frame, side: f64) -> Frame {
    let extent = frame.extent();
    let slack = frame.cell.0 * 1e-6;
    let first = |edge: f64| ((edge + slack) / side).floor();
    let last = |edge: f64| ((edge - slack) / side).ceil();
    let (west, north) = (first(extent.west), last(extent.north));
    Frame {
        west: west * side,
        north: north * side,
        cell: Metres(side),
        rows: (north - first(extent.south)) as usize,
        cols: (last(extent.east) - west) as usize,
    }
}

/// Strips from north to south; `false` where it was stopped on the way.
fn walk(
    inputs: &Inputs,
    queues: &mut [Queue<'_>],
    tally: &mut Tally,
    stop: &AtomicBool,
    tell: &(dyn Fn(usize, usize) + Sync),
) -> Result<bool, Fault> {
    let (frame, height) = (&inputs.frame, inputs.strip);
    let strips = frame.rows.div_ceil(height);
    for index in 0..strips {
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let first = index * height;
        let core = Frame {
            north: frame.north - first as f64 * frame.cell.0,
            rows: height.min(frame.rows - first),
            ..*frame
        };
        let layers = Layers::of(inputs, &core, tally)?;
        queues.iter_mut().for_each(|queue| queue.take(&layers, first, first + core.rows));
        tell(index + 1, strips);
    }
    queues.iter_mut().for_each(Queue::settle);
    Ok(true)
}

/// Places on their way: those that wait for their first row, those at work, and those that are done.
struct Queue<'a> {
    waiting: std::iter::Peekable<Box<dyn Iterator<Item = (usize, Place)> + 'a>>,
    active: Vec<(usize, Place)>,
    done: Vec<Option<Found>>,
    /// Less known than this is no place.
    least: f64,
}

impl<'a> Queue<'a> {
    fn new(places: Box<dyn Iterator<Item = (usize, Place)> + 'a>, count: usize, least: f64) -> Queue<'a> {
        Queue { waiting: places.peekable(), active: Vec::new(), done: vec![None; count], least }
    }

    /// Squares are made when their row comes: a département has hundreds of thousands.
    fn of_squares(squares: &'a Frame, frame: &'a Frame) -> Queue<'a> {
        let places = (0..squares.len()).filter_map(move |index| {
            let ring = square(squares, index);
            Some((index, Place::new(&[&ring], frame).ok()?))
        });
        Queue::new(Box::new(places), squares.len(), LEAST_KNOWN)
    }

    /// What cannot be laid over the frame stays without figures.
    fn of_blocks(blocks: &Polygons, frame: &Frame) -> Queue<'a> {
        let place = |rings: &Vec<Ring>| {
            let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
            Place::new(&rings, frame).ok()
        };
        let places: Vec<Option<Place>> = blocks.rings.par_iter().map(place).collect();
        let mut places: Vec<(usize, Place)> =
            places.into_iter().enumerate().filter_map(|(index, place)| Some((index, place?))).collect();
        places.sort_by_key(|(index, place)| (place.rows().start, *index));
        Queue::new(Box::new(places.into_iter()), blocks.rings.len(), 0.0)
    }

    /// Lets the places near a strip gather it, and those that end in it settle.
    fn take(&mut self, layers: &Layers, first: usize, last: usize) {
        while let Some(next) = self.waiting.next_if(|(_, place)| place.rows().start < last) {
            self.active.push(next);
        }
        let strip = layers.strip();
        self.active.par_iter_mut().for_each(|(_, place)| place.gather(&strip, first));
        let (done, active) =
            std::mem::take(&mut self.active).into_iter().partition(|(_, place)| place.rows().end <= last);
        self.active = active;
        self.file(done);
    }

    /// Files what is left.
    fn settle(&mut self) {
        let rest = self.active.drain(..).chain(&mut self.waiting).collect();
        self.file(rest);
    }

    fn file(&mut self, places: Vec<(usize, Place)>) {
        for (index, place) in places {
            let figures = place.figures();
            let known = figures.building.is_some() && figures.measured >= self.least;
            self.done[index] = known.then(|| Found { figures, verdict: verdict(&figures) });
        }
    }

    fn found(self) -> Vec<Option<Found>> {
        self.done
    }
}

/// The ring of a square, by its number.
fn square(squares: &Frame, index: usize) -> [(f64, f64); 5] {
    let (row, col) = ((index / squares.cols) as f64, (index % squares.cols) as f64);
    let side = squares.cell.0;
    let (west, north) = (squares.west + col * side, squares.north - row * side);
    let (east, south) = (west + side, north - side);
    [(west, south), (east, south), (east, north), (west, north), (west, south)]
}

/// The zone of a place; none where too little is known.
fn verdict(figures: &Figures) -> Option<Verdict> {
    let known = figures.undefined <= MOST_UNDEFINED;
    figures.indicators().filter(|_| known).map(|place| classify(&place, &Weights::default()))
}

#[cfg(test)]
mod tests;
