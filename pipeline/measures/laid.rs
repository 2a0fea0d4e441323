//! A raster over a surface whose cells are others: laid over the surface's cells by the parts that they share.
//!
//! In: a raster of any square cells on the surface's map; out: for each cell of the surface the highest, the mean or the
//! most frequent value of the cells that it shares ground with. Cover comes in cells of 1 m with their edges on whole
//! metres, surfaces in cells of 0.5 m with their centres there: every other cell of the surface then lies half in one
//! cell and half in the next, and asking one of both by a border rule would shift all by a quarter of a metre. Shares
//! have no side, so that nothing is shifted. Ties of classes go to the lower number, which has no side either.
//!
//! Places are counted from the corners of both rasters, so that no tile changes a bit. Cost: some nanoseconds a cell.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::{FromFile, Raster};
use crate::text::Fault;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use std::path::Path;

/// Shares of cells below this are rounding.
const SLACK: f64 = 1e-6;

/// A raster beside a surface.
pub(crate) struct Laid {
    raster: Raster,
    /// All cells of the surface.
    surface: Frame,
    same: bool,
}

/// Along one axis: the cells that a cell of the surface shares ground with, the first and the share of each.
type Shares = Vec<(usize, Vec<f64>)>;

impl Laid {
    /// Opens a raster, which must cover the surface, to one of its own cells where those are others.
    ///
    /// # Errors
    /// Where it cannot be read, lies on another map or covers a part only.
    pub(crate) fn open(path: &Path, surface: &Frame, crs: &Crs) -> Result<Laid, Fault> {
        let raster = Raster::open(path)?;
        if let Some(own) = raster.crs().filter(|own| !own.same_horizontal(crs)) {
            return Err(own.mismatch(crs, path));
        }
        let same = on_the_cells_of(raster.frame(), surface);
        let (own, wanted) = (raster.frame().extent(), surface.extent());
        let slack = if same { surface.cell.0 * 1e-3 } else { raster.frame().cell.0 * (1.0 + SLACK) };
        let covers = own.west <= wanted.west + slack
            && own.south <= wanted.south + slack
            && own.east >= wanted.east - slack
            && own.north >= wanted.north - slack;
        if covers {
            return Ok(Laid { raster, surface: *surface, same });
        }
        let path = path.display();
        Err(fault!(
            fr: "{path} ne couvre pas toute la surface : donnez un raster de la même emprise, ou découpez la surface.",
            en: "{path} does not cover all of the surface: give a raster of the same extent, or clip the surface.",
        ))
    }

    /// Whether its cells are those of the surface.
    pub(crate) fn same(&self) -> bool {
        self.same
    }

    /// Side of its cells, metres.
    pub(crate) fn side(&self) -> f64 {
        self.raster.frame().cell.0
    }

    /// On some cells of the surface, the highest of the known values.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn highest(&self, frame: &Frame) -> Result<Grid<f32>, Fault> {
        self.laid(frame, |values| values.iter().map(|(value, _)| *value).fold(f32::MISSING, f32::max))
    }

    /// The mean of the known values, by shares.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn mean(&self, frame: &Frame) -> Result<Grid<f32>, Fault> {
        self.laid(frame, |values: &[(f32, f64)]| {
            let whole: f64 = values.iter().map(|(_, share)| share).sum();
            let sum: f64 = values.iter().map(|(value, share)| f64::from(*value) * share).sum();
            if whole > 0.0 { (sum / whole) as f32 } else { f32::MISSING }
        })
    }

    /// The value of the largest share, the lower one where two are equal.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn most<T: FromFile + PartialOrd>(&self, frame: &Frame) -> Result<Grid<T>, Fault> {
        self.laid(frame, |values: &[(T, f64)]| {
            let share = |wanted: T| -> f64 {
                values.iter().filter(|(value, _)| *value == wanted).map(|(_, share)| share).sum()
            };
            let better = |best: Option<T>, &(value, _): &(T, f64)| match best {
                Some(best) => {
                    let ahead = share(value) - share(best);
                    let wins = ahead > SLACK || (ahead > -SLACK && value < best);
                    Some(if wins { value } else { best })
                }
                None => Some(value),
            };
            values.iter().fold(None, better).unwrap_or(T::MISSING)
        })
    }

    /// What `fold` makes of the known values that each cell shares ground with.
    fn laid<T: FromFile>(&self, frame: &Frame, fold: impl Fn(&[(T, f64)]) -> T) -> Result<Grid<T>, Fault> {
        if self.same {
            return self.raster.read_window(0, frame);
        }
        let mut grid = Grid::filled(*frame, T::MISSING);
        let own = self.raster.frame();
        let Some(part) = self.raster.window(&frame.padded(1).extent()) else { return Ok(grid) };
        let read: Grid<T> = self.raster.read_window(0, &part)?;
        let first = |metres: f64| (metres / own.cell.0).round() as usize;
        let (west, north) = (first(part.west - own.west), first(own.north - part.north));
        let cols = self.shares(frame.west - self.surface.west, self.surface.west - own.west, frame.cols);
        let rows = self.shares(self.surface.north - frame.north, own.north - self.surface.north, frame.rows);
        let mut values: Vec<(T, f64)> = Vec::new();
        for (row, (top, heights)) in rows.iter().enumerate() {
            for (col, (left, widths)) in cols.iter().enumerate() {
                values.clear();
                for (down, height) in heights.iter().enumerate() {
                    let Some(line) = (top + down).checked_sub(north).filter(|line| *line < part.rows) else {
                        continue;
                    };
                    for (right, width) in widths.iter().enumerate() {
                        let place = (left + right).checked_sub(west).filter(|place| *place < part.cols);
                        let value = place.map_or(T::MISSING, |place| read.at(line, place));
                        if !value.is_missing() {
                            values.push((value, width * height));
                        }
                    }
                }
                grid.cells_mut()[row * frame.cols + col] = fold(&values);
            }
        }
        Ok(grid)
    }

    /// The shares of `count` cells of the surface along one axis: `from` metres into it, which begins `offset` metres into
    /// the raster.
    fn shares(&self, from: f64, offset: f64, count: usize) -> Shares {
        let (fine, coarse) = (self.surface.cell.0, self.raster.frame().cell.0);
        let first = (from / fine).round();
        let of = |index: usize| {
            // Counted from the corner of the whole surface, the same for each tile.
            let start = (offset + (first + index as f64) * fine) / coarse;
            let end = (offset + (first + index as f64 + 1.0) * fine) / coarse;
            let low = (start + SLACK).floor().max(0.0);
            let high = (end - SLACK).ceil().max(low);
            let share = |cell: f64| end.min(cell + 1.0) - start.max(cell);
            let shares = (0..(high - low) as usize).map(|step| share(low + step as f64)).collect();
            (low as usize, shares)
        };
        (0..count).map(of).collect()
    }
}

/// Whether the cells of two frames are the same where both are.
fn on_the_cells_of(own: &Frame, surface: &Frame) -> bool {
    let cell = surface.cell.0;
    let whole = |metres: f64| (metres / cell - (metres / cell).round()).abs() < 1e-3;
    (own.cell.0 - cell).abs() < cell * 1e-9
        && whole(own.west - surface.west)
        && whole(own.north - surface.north)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::raster::cog::encode_cog;
    use crate::product::CROWN_BASE;
    use ilot_kernels::unit::Metres;

    const METRES: Frame =
        Frame { west: 700_000.0, north: 6_600_010.0, cell: Metres(1.0), rows: 10, cols: 10 };
    /// Cells of 0.5 m with their centres on whole multiples, as IGN's surfaces.
    const NODES: Frame =
        Frame { west: 699_999.75, north: 6_600_010.25, cell: Metres(0.5), rows: 21, cols: 21 };

    fn laid(folder: &Path, cells: impl Fn(usize, usize) -> f32) -> Laid {
        let crs = Crs::from_epsg(2154, None).unwrap();
        let values = (0..100).map(|i| cells(i / 10, i % 10)).collect();
        let meta = CROWN_BASE.spec.meta(vec!["x".to_owned()], Vec::new(), &crs);
        let path = folder.join("r.tif");
        std::fs::write(&path, encode_cog(&[&Grid::new(METRES, values)], &meta).unwrap()).unwrap();
        Laid::open(&path, &NODES, &crs).unwrap()
    }

    /// One cell of 1 m alone: the cells of 0.5 m around its middle take it, as far to each side.
    #[test]
    fn nothing_is_shifted() {
        let folder = tempfile::TempDir::new().unwrap();
        let raster = laid(folder.path(), |row, col| if (row, col) == (4, 6) { 8.0 } else { f32::NAN });
        assert!(!raster.same());
        for grid in [raster.highest(&NODES).unwrap(), raster.mean(&NODES).unwrap()] {
            let known: Vec<usize> = (0..NODES.len()).filter(|&i| !grid.cells()[i].is_nan()).collect();
            let (mut x, mut y) = (0.0, 0.0);
            for &i in &known {
                assert_eq!(grid.cells()[i], 8.0);
                x += NODES.x(i % NODES.cols) / known.len() as f64;
                y += NODES.y(i / NODES.cols) / known.len() as f64;
            }
            assert_eq!(known.len(), 9);
            assert!((x - METRES.x(6)).abs() < 1e-6 && (y - METRES.y(4)).abs() < 1e-6, "{x} {y}");
        }
    }

    #[test]
    fn means_and_classes_go_by_shares_and_ties_have_no_side() {
        let folder = tempfile::TempDir::new().unwrap();
        // West of 5 m: 2; east: 6. The cells at 5 m lie half in both.
        let raster = laid(folder.path(), |_, col| if col < 5 { 2.0 } else { 6.0 });
        let (mean, most) = (raster.mean(&NODES).unwrap(), raster.most::<f32>(&NODES).unwrap());
        assert_eq!((mean.at(10, 9), mean.at(10, 10), mean.at(10, 11)), (2.0, 4.0, 6.0));
        assert_eq!((most.at(10, 9), most.at(10, 10), most.at(10, 11)), (2.0, 2.0, 6.0));
        let mirrored = laid(folder.path(), |_, col| if col < 5 { 6.0 } else { 2.0 });
        assert_eq!(mirrored.most::<f32>(&NODES).unwrap().at(10, 10), 2.0);
    }

    #[test]
    fn a_part_has_the_cells_of_the_whole() {
        let folder = tempfile::TempDir::new().unwrap();
        let raster = laid(folder.path(), |row, col| (row * 7 + col * 3) as f32 / 9.0);
        let part = Frame { west: NODES.west + 3.5, north: NODES.north - 2.0, rows: 9, cols: 6, ..NODES };
        let whole = raster.mean(&NODES).unwrap().cropped(&part);
        let own = raster.mean(&part).unwrap();
        assert!(own.cells().iter().zip(whole.cells()).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}
