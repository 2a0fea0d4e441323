//! A raster of the run → an archive of PNG tiles, drawn in its own style.
//!
//! In: a mosaic of the folder of results, on whatever map; out: tiles of 512 pixels in Web Mercator, from the zoom whose
//! pixels are as fine as its cells up to the zoom at which it is a speck. Values are taken to the pixels, and colours from
//! values: at the deepest zoom the class of the cell in which a pixel's centre lies, or the known values around it, bilinear,
//! where its own cell has one; above, the mean of the known of four pixels, or their most frequent class, as in the overviews
//! of the raster. No colour is therefore a mixture of colours, and none appears where no cell has a value.
//!
//! Each tile asks for its four parts, which threads share; a value is the same whoever computes it. Fails where: the mosaic
//! is damaged. Cost: some 20 ns a pixel and the PNG; memory: a few tiles per thread and zoom.

use super::mercator::{self, Places, SIDE};
use super::paint::Paint;
use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::pmtiles::{TileId, Writer};
use crate::formats::raster::read::Raster;
use crate::text::Fault;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use rayon::prelude::*;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// One band of a raster that becomes an archive.
pub struct Pyramid<'a> {
    path: PathBuf,
    band: usize,
    crs: Crs,
    paint: &'a Paint,
    /// Bounds in Web Mercator.
    pub bounds: Extent,
    /// Shallowest and deepest zoom.
    pub zooms: (u8, u8),
    writer: &'a Mutex<Writer>,
    readers: Mutex<Vec<Reader>>,
    stop: &'a AtomicBool,
}

/// What one thread reads with.
struct Reader {
    raster: Raster,
    spare: Vec<f32>,
}

thread_local! {
    /// The way to the last map asked for: it belongs to its thread, and takes tens of milliseconds to find.
    static WAY: RefCell<Option<(String, Transform)>> = const { RefCell::new(None) };
}

/// Where the pixels of a tile lie on a map.
fn places(tile: TileId, crs: &Crs) -> Result<Places, Fault> {
    WAY.with(|way| {
        let mut way = way.borrow_mut();
        let known = way.as_ref().is_some_and(|(wkt, _)| wkt == crs.wkt());
        if !known {
            *way = Some((crs.wkt().to_owned(), Transform::new(&mercator::crs()?, crs)?));
        }
        let (_, to_map) = way.as_ref().expect("it was just made");
        Places::of(tile, to_map)
    })
}

const HALF: usize = SIDE / 2;

impl<'a> Pyramid<'a> {
    /// Opens a mosaic and finds where it lies on the web's map.
    ///
    /// # Errors
    /// Where it cannot be read, or has no CRS.
    pub fn new(
        path: &Path,
        band: usize,
        paint: &'a Paint,
        writer: &'a Mutex<Writer>,
        stop: &'a AtomicBool,
    ) -> Result<Pyramid<'a>, Fault> {
        let raster = Raster::open(path)?;
        let crs = raster.crs().ok_or_else(|| Crs::missing(path))?.flat()?;
        let (frame, to_mercator) = (*raster.frame(), Transform::new(&crs, &mercator::crs()?)?);
        let bounds = mercator::bounds(&frame.extent(), &to_mercator)?;
        let (_, latitude) = mercator::degrees(0.0, bounds.south.midpoint(bounds.north));
        let deepest = mercator::deepest(frame.cell.0, latitude);
        let zooms = (mercator::shallowest(&bounds).min(deepest), deepest);
        let readers = Mutex::new(Vec::new());
        Ok(Pyramid { path: path.to_owned(), band, crs, paint, bounds, zooms, writer, readers, stop })
    }

    /// Makes all tiles.
    ///
    /// # Errors
    /// Where the mosaic is damaged, or the disk is full.
    pub fn make(&self) -> Result<(), Fault> {
        let tops = mercator::covering(&self.bounds, self.zooms.0);
        tops.into_par_iter().try_for_each(|tile| self.tile(tile).map(drop))
    }

    /// Makes a tile with all that is below it; returns its values at half the size, where it has any.
    fn tile(&self, tile: TileId) -> Result<Option<Vec<f32>>, Fault> {
        if !mercator::extent(tile).touches(&self.bounds) || self.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let values = if tile.z == self.zooms.1 { self.sampled(tile)? } else { self.joined(tile)? };
        let Some(values) = values else { return Ok(None) };
        self.write(tile, &values)?;
        Ok(Some(if self.paint.is_classes() { reduced(&values, frequent) } else { reduced(&values, mean) }))
    }

    /// The values of a tile from those of its four parts.
    fn joined(&self, tile: TileId) -> Result<Option<Vec<f32>>, Fault> {
        let parts: Vec<Option<Vec<f32>>> =
            tile.children().into_par_iter().map(|child| self.tile(child)).collect::<Result<_, Fault>>()?;
        if parts.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut values = vec![f32::NAN; SIDE * SIDE];
        for (index, part) in
            parts.iter().enumerate().filter_map(|(index, part)| Some((index, part.as_ref()?)))
        {
            let first = index / 2 * HALF * SIDE + index % 2 * HALF;
            for (row, cells) in part.chunks_exact(HALF).enumerate() {
                let start = first + row * SIDE;
                values[start..start + HALF].copy_from_slice(cells);
            }
        }
        Ok(Some(values))
    }

    /// The values of a tile of the deepest zoom.
    fn sampled(&self, tile: TileId) -> Result<Option<Vec<f32>>, Fault> {
        let waiting = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = waiting.map_or_else(|| self.reader(), Ok)?;
        let values = reader.values(&places(tile, &self.crs)?, self.band, self.paint.is_classes());
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        values
    }

    fn reader(&self) -> Result<Reader, Fault> {
        Ok(Reader { raster: Raster::open(&self.path)?, spare: Vec::new() })
    }

    fn write(&self, tile: TileId, values: &[f32]) -> Result<(), Fault> {
        let places: Vec<u8> = values.iter().map(|value| self.paint.place(*value)).collect();
        if places.iter().all(|place| *place == 0) {
            return Ok(());
        }
        let bytes = png(&places, self.paint).map_err(|why| {
            fault!(
                fr: "Une tuile ne peut être encodée en PNG ({why}), défaut d'ilot à signaler.",
                en: "A tile cannot be encoded as PNG ({why}), a defect of ilot, please report it.",
            )
        })?;
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).add(tile, &bytes)
    }
}

impl Reader {
    fn values(&mut self, places: &Places, band: usize, classes: bool) -> Result<Option<Vec<f32>>, Fault> {
        // A ring of one cell for those who look at their neighbours.
        let around = places.extent().padded(self.raster.frame().cell);
        let Some(window) = self.raster.window(&around) else { return Ok(None) };
        let grid: Grid<f32> = self.raster.read_window_into(band, &window, std::mem::take(&mut self.spare))?;
        let mut values = vec![f32::NAN; SIDE * SIDE];
        // Asked of the whole raster, so that windows do not round apart.
        let whole = *self.raster.frame();
        let first = whole.offset_of(&window).unwrap_or((0, 0));
        for (row, cells) in values.chunks_exact_mut(SIDE).enumerate() {
            places.row(row, |col, x, y| cells[col] = at(&grid, &whole, first, (x, y), classes));
        }
        self.spare = grid.into_cells();
        Ok(values.iter().any(|value| !value.is_nan()).then_some(values))
    }
}

/// The value at a place.
fn at(grid: &Grid<f32>, whole: &Frame, first: (usize, usize), (x, y): (f64, f64), classes: bool) -> f32 {
    let (col, row) = ((x - whole.west) / whole.cell.0, (whole.north - y) / whole.cell.0);
    let (cols, rows) = (grid.frame().cols as isize, grid.frame().rows as isize);
    let (left, top) = (first.1 as isize, first.0 as isize);
    let value = |row: f64, col: f64| {
        let (row, col) = (row as isize - top, col as isize - left);
        let inside = (0..rows).contains(&row) && (0..cols).contains(&col);
        if inside { grid.cells()[(row * cols + col) as usize] } else { f32::NAN }
    };
    if row < 0.0 || col < 0.0 {
        return f32::NAN;
    }
    let own = value(row.floor(), col.floor());
    if classes || own.is_nan() {
        return own;
    }
    let (above, before) = ((row - 0.5).floor(), (col - 0.5).floor());
    let (down, right) = ((row - 0.5 - above) as f32, (col - 0.5 - before) as f32);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (step, across) in [(0.0, 1.0 - down), (1.0, down)] {
        for (aside, along) in [(0.0, 1.0 - right), (1.0, right)] {
            let near = if above + step < 0.0 || before + aside < 0.0 {
                f32::NAN
            } else {
                value(above + step, before + aside)
            };
            if !near.is_nan() {
                sum += near * across * along;
                weights += across * along;
            }
        }
    }
    sum / weights
}

/// A tile at half its size.
fn reduced(values: &[f32], join: impl Fn([f32; 4]) -> f32) -> Vec<f32> {
    let mut smaller = Vec::with_capacity(HALF * HALF);
    for rows in values.chunks_exact(2 * SIDE) {
        let (above, below) = rows.split_at(SIDE);
        let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
        smaller.extend(pairs.map(|(a, b)| join([a[0], a[1], b[0], b[1]])));
    }
    smaller
}

fn mean(cells: [f32; 4]) -> f32 {
    let (sum, count) = cells
        .into_iter()
        .filter(|cell| !cell.is_nan())
        .fold((0.0_f32, 0.0_f32), |(sum, count), cell| (sum + cell, count + 1.0));
    sum / count
}

/// The most frequent class, the north-westernmost of equals.
fn frequent(cells: [f32; 4]) -> f32 {
    let mut best = (0, f32::NAN);
    for cell in cells.into_iter().filter(|cell| !cell.is_nan()) {
        let count = cells.iter().filter(|other| **other == cell).count();
        if count > best.0 {
            best = (count, cell);
        }
    }
    best.1
}

fn png(places: &[u8], paint: &Paint) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(paint.palette().iter().flat_map(|colour| colour[..3].to_vec()).collect::<Vec<u8>>());
    encoder.set_trns(paint.palette().iter().map(|colour| colour[3]).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(places)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ilot_kernels::unit::Metres;

    #[test]
    fn four_pixels_become_the_mean_of_the_known_or_the_most_frequent() {
        assert_eq!(mean([1.0, f32::NAN, 3.0, f32::NAN]), 2.0);
        assert!(mean([f32::NAN; 4]).is_nan() && frequent([f32::NAN; 4]).is_nan());
        assert_eq!(frequent([1.0, 2.0, 2.0, 3.0]), 2.0);
        assert_eq!(frequent([5.0, 2.0, 2.0, 5.0]), 5.0);
    }

    #[test]
    fn a_place_has_the_known_values_around_it_and_none_where_its_cell_has_none() {
        let frame = Frame { west: 0.0, north: 2.0, cell: Metres(1.0), rows: 2, cols: 2 };
        let grid = Grid::new(frame, vec![1.0, 3.0, 5.0, f32::NAN]);
        let value = |x: f64, y: f64, classes: bool| at(&grid, &frame, (0, 0), (x, y), classes);
        assert_eq!(value(0.5, 1.5, false), 1.0);
        assert!((value(0.999, 1.5, false) - 1.998).abs() < 1e-5);
        assert_eq!(value(0.999, 1.5, true), 1.0);
        assert!(value(1.5, 0.5, false).is_nan() && value(-0.1, 1.0, false).is_nan());
        // Half-way down: the missing one has no weight.
        assert_eq!(value(0.5, 1.0 + 1e-9, false).round(), 3.0);
    }
}
