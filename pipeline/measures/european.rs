//! Imperviousness on the cells of the European grid: those of Copernicus' layers of high resolution.
//!
//! In: land cover of 1 m and its confidence, finished, in the CRS of the run. Out: the sealed share of each cell of 10 m of
//! EPSG:3035 with the half-width of its 90 % interval, as COGs with a mosaic and styles. The European grid is turned by
//! some degrees against Lambert-93: the corners of each of its cells are brought to the map of the run, and each cell of 1 m
//! counts for its exact part inside ([`ilot_kernels::zonal::quad`]). No value is resampled twice.
//!
//! Sides of a cell are taken as straight on both maps: over 10 m they bend by less than a tenth of a millimetre. Fails
//! where: the territory lies outside of Europe, where the grid is not defined; that is told, and no file is made. Cost:
//! 5 µs a cell of 10 m; memory: a tile of 2.56 km.

use crate::formats::crs::{Crs, Transform};
use crate::formats::raster::cog::encode_cog;
use crate::formats::raster::read::Raster;
use crate::formats::raster::vrt::encode_vrt;
use crate::landcover::shares::{KNOWN, NINETY, PATCH};
use crate::measure::Made;
use crate::measures::sensors::output::Output;
use crate::product::{COVER, COVER_CONFIDENCE, EUROPE, IMPERVIOUSNESS_3035, Spec};
use crate::store::Store;
use crate::text;
use crate::text::Fault;
use ilot_kernels::decide::class;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::par;
use ilot_kernels::unit::Metres;
use ilot_kernels::zonal::quad::covered;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cells of 10 m of a tile's side.
const TILE: usize = 256;

/// Its cells: edges on multiples of 10 m.
const GRIDDING: Gridding = Gridding { cell: Metres(10.0), registration: Registration::Cell };

/// Points along each side of the territory by which its place on the European map is found.
const ALONG: usize = 32;

/// The maps that are read, and the ways between both systems.
struct Maps {
    cover: Raster,
    sure: Raster,
    europe: Crs,
    back: Transform,
    whole: Frame,
}

/// Makes the map below the folder `out`.
///
/// # Errors
/// Where a map cannot be read, or a file cannot be written.
pub fn make(out: &Path, stop: &AtomicBool) -> Result<Made, Fault> {
    let mut made = Made::default();
    let Some(maps) = Maps::open(out)? else {
        made.remarks.push(text!(
            fr: "le territoire est hors de la grille européenne (EPSG:3035) : pas d'imperméabilisation sur les mailles de Copernicus",
            en: "the territory lies outside of the European grid (EPSG:3035): no imperviousness on the cells of Copernicus",
        ));
        return Ok(made);
    };
    let output = Output::open(out)?;
    let spec = &IMPERVIOUSNESS_3035.spec;
    let mut tiles = Vec::new();
    for frame in maps.whole.squares(TILE) {
        if stop.load(Ordering::Relaxed) {
            made.interrupted = true;
            return Ok(made);
        }
        let Some(bands) = maps.shares(&frame)? else { continue };
        let place = (frame.west / 10.0, (frame.north / 10.0) - frame.rows as f64);
        let path = Store::raster_name(spec, &format!("E{:06}_N{:06}", place.0, place.1));
        output.write(&path, &encode_cog(&[&bands[0], &bands[1]], &maps.meta(spec))?)?;
        tiles.push((path, frame));
    }
    if !tiles.is_empty() {
        let vrt = encode_vrt::<f32>(&tiles, &maps.whole, &maps.meta(spec))?;
        output.write(&format!("{}.vrt", spec.name), vrt.as_bytes())?;
        output.style(spec, &tiles)?;
    }
    made.files = output.into_files();
    Ok(made)
}

impl Maps {
    /// `None` outside of Europe.
    fn open(out: &Path) -> Result<Option<Maps>, Fault> {
        let open = |spec: &Spec| Raster::open(&out.join(format!("{}.vrt", spec.name)));
        let (cover, sure) = (open(&COVER.spec)?, open(&COVER_CONFIDENCE.spec)?);
        let own = cover.crs().ok_or_else(|| Crs::missing(cover.path()))?.flat()?;
        let europe = Crs::from_epsg(EUROPE, None)?;
        let Ok(there) = Transform::new(&own, &europe) else { return Ok(None) };
        let Some(extent) = bounds(&cover.frame().extent(), &there) else { return Ok(None) };
        if europe.sanity(&extent, cover.path()).is_err() {
            return Ok(None);
        }
        let back = Transform::new(&europe, &own)?;
        Ok(Some(Maps { whole: GRIDDING.covering(&extent), cover, sure, europe, back }))
    }

    fn meta(&self, spec: &Spec) -> crate::formats::raster::RasterMeta<'_> {
        let bands = spec.bands.iter().map(|words| words.en.to_owned()).collect();
        let tags = [
            ("ILOT_METHOD", spec.source.to_owned()),
            ("TIFFTAG_SOFTWARE", concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        spec.meta(bands, tags.map(|(name, value)| (name.to_owned(), value)).to_vec(), &self.europe)
    }

    /// Both bands of a tile; `None` where nothing of it is known.
    fn shares(&self, tile: &Frame) -> Result<Option<[Grid<f32>; 2]>, Fault> {
        let corners = self.corners(tile)?;
        let Some(part) = bounds_of(&corners).and_then(|extent| self.cover.window(&extent)) else {
            return Ok(None);
        };
        let cover: Grid<u8> = self.cover.read_window(0, &part)?;
        let sure: Grid<u8> = self.sure.read_window(0, &part)?;
        let shares = par::rows(*tile, [f32::MISSING; 2], |row, cells| {
            for (col, cell) in cells.iter_mut().enumerate() {
                let at = |row: usize, col: usize| corners[row * (tile.cols + 1) + col];
                let ring = [at(row, col), at(row + 1, col), at(row + 1, col + 1), at(row, col + 1)];
                *cell = share(&ring, &cover, &sure);
            }
        });
        if shares.cells().iter().all(|cell| cell[0].is_missing()) {
            return Ok(None);
        }
        let band = |index: usize| Grid::new(*tile, shares.cells().iter().map(|cell| cell[index]).collect());
        Ok(Some([band(0), band(1)]))
    }

    /// The corners of the cells of a tile on the map of the run, row by row.
    fn corners(&self, tile: &Frame) -> Result<Vec<(f64, f64)>, Fault> {
        let side = tile.cell.0;
        let places = (0..=tile.rows).flat_map(|row| (0..=tile.cols).map(move |col| (row, col)));
        let (mut x, mut y): (Vec<f64>, Vec<f64>) =
            places.map(|(row, col)| (tile.west + col as f64 * side, tile.north - row as f64 * side)).unzip();
        self.back.points(&mut x, &mut y)?;
        Ok(x.into_iter().zip(y).collect())
    }
}

/// The sealed share of a cell in percent, and the half-width of its 90 % interval; as [`crate::landcover::shares`] has it
/// for whole cells.
fn share(ring: &[(f64, f64)], cover: &Grid<u8>, sure: &Grid<u8>) -> [f32; 2] {
    let (mut known, mut sealed, mut doubt) = (0.0, 0.0, 0.0);
    let area = covered(ring, cover.frame(), |row, cols, share| {
        let cells = cover.row(row)[cols.clone()].iter().zip(&sure.row(row)[cols]);
        for (&class, &sure) in cells.filter(|(class, _)| **class != class::UNKNOWN) {
            let right = f64::from(sure) / 100.0;
            known += share;
            sealed += if class::is_sealed(class) { share } else { 0.0 };
            doubt += share * right * (1.0 - right);
        }
    });
    if area.is_err() || known <= 0.0 || area.is_ok_and(|area| known < f64::from(KNOWN) * area) {
        return [f32::MISSING; 2];
    }
    let deviation = (doubt * f64::from(PATCH)).sqrt() / known;
    let half = f64::from(NINETY) * deviation * 100.0;
    [(sealed / known * 100.0) as f32, half.min(100.0) as f32]
}

/// The box on the other map around an extent of this one; `None` where it has no place there.
fn bounds(extent: &Extent, there: &Transform) -> Option<Extent> {
    let along =
        |from: f64, length: f64| (0..=ALONG).map(move |step| from + length * step as f64 / ALONG as f64);
    let (width, height) = (extent.width().0, extent.height().0);
    let mut places = Vec::new();
    for x in along(extent.west, width) {
        places.extend([(x, extent.south), (x, extent.north)]);
    }
    for y in along(extent.south, height) {
        places.extend([(extent.west, y), (extent.east, y)]);
    }
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = places.into_iter().unzip();
    there.points(&mut x, &mut y).ok()?;
    bounds_of(&x.into_iter().zip(y).collect::<Vec<_>>())
}

/// The box around positions.
fn bounds_of(places: &[(f64, f64)]) -> Option<Extent> {
    let one = |&(x, y): &(f64, f64)| Extent { west: x, south: y, east: x, north: y };
    places.iter().map(one).reduce(|all, one| all.union(&one))
}

#[cfg(test)]
mod tests;
