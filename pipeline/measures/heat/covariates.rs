//! What surrounds a place: means of rasters over discs.
//!
//! In: a folder of rasters (ilot's own by their names, or any), a radius, a frame of places; out: means there. Land cover
//! becomes the share of buildings, of grass and of water. A raster is read by windows, made coarser to a twentieth of the
//! radius as it is read, and summed by rows: a disc of a kilometre over cells of a metre costs little. Fails where: less than
//! a fifth of a disc is known: no value. Cost: decoding, and 1 ns a place and row; memory: some tens of megabytes.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::text::Fault;
use ilot_kernels::disc::{RowSums, coarsened};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::select::Sign;
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};

/// Radii that are tried, metres.
pub const RADII: [f64; 8] = [25.0, 50.0, 100.0, 200.0, 300.0, 500.0, 600.0, 1000.0];
/// Least known share of a disc.
const LEAST: f64 = 0.2;
/// Cells decoded at a time.
const BAND: usize = 1 << 21;

/// A quantity from a raster.
pub struct Family {
    /// Its name, such as `canopy` or `cover_water`.
    pub name: String,
    path: PathBuf,
    raster: Raster,
    /// Classes of land cover whose share it is, 0 to 100.
    classes: Option<&'static [i32]>,
    /// The sign of its coefficient by night and by day.
    pub signs: (Sign, Sign),
}

/// Opens the rasters of a folder, sorted by name: mosaics before the tiles in their folders.
///
/// # Errors
/// Where the folder or a raster cannot be read, or a raster lies in another CRS.
pub fn open(folder: &Path, crs: Option<&Crs>) -> Result<Vec<Family>, Fault> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).map_err(|why| {
        fault!(
            fr: "Le dossier {shown} ne peut être lu ({why}) : donnez le dossier des rasters à --covariates.",
            en: "Folder {shown} cannot be read ({why}): give the folder of the rasters to --covariates.",
        )
    })?;
    let is_raster = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        path.is_file() && ["tif", "tiff", "vrt"].contains(&ending.as_str())
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_raster).collect();
    paths.sort();
    let mut families = Vec::new();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        if stem.starts_with("heat")
            || ["hillshade", "dsm", "density", "dtm_gap", "cover_confidence"].contains(&stem.as_str())
        {
            continue;
        }
        families.extend(of(&path, &stem, crs)?);
    }
    Ok(families)
}

fn of(path: &Path, stem: &str, crs: Option<&Crs>) -> Result<Vec<Family>, Fault> {
    const COVER: [(&str, &[i32]); 3] =
        [("cover_building", &[1]), ("cover_herbaceous", &[5]), ("cover_water", &[9])];
    let kinds: Vec<(String, Option<&'static [i32]>)> = match stem {
        "cover" => COVER.iter().map(|(name, classes)| ((*name).to_owned(), Some(*classes))).collect(),
        _ => vec![(stem.to_owned(), None)],
    };
    let family = |(name, classes): (String, Option<&'static [i32]>)| {
        let raster = Raster::open(path)?;
        let own = raster.crs().ok_or_else(|| Crs::missing(path))?;
        own.require_metric(path)?;
        if let Some(crs) = crs.filter(|crs| !crs.same_horizontal(own)) {
            return Err(own.mismatch(crs, path));
        }
        let signs = signs(&name);
        Ok(Family { name, path: path.to_owned(), raster, classes, signs })
    };
    kinds.into_iter().map(family).collect()
}

/// What physics says of a quantity: sealed ground and buildings warm, leaves cool, a narrow sky keeps a street warm by
/// night; the others are free.
fn signs(name: &str) -> (Sign, Sign) {
    let holds = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if holds(&["imperv", "imperm", "sealed", "build", "bati", "lambda_p"]) {
        (Sign::Positive, Sign::Positive)
    } else if holds(&["canopy", "vegetation", "tree", "ndvi", "herbaceous", "arbre", "canopee"]) {
        (Sign::Negative, Sign::Negative)
    } else if holds(&["sky_view"]) {
        (Sign::Negative, Sign::Free)
    } else {
        (Sign::Free, Sign::Free)
    }
}

impl Family {
    /// The raster's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the raster lies.
    pub fn frame(&self) -> &Frame {
        self.raster.frame()
    }

    /// The raster's CRS.
    pub fn crs(&self) -> Option<&Crs> {
        self.raster.crs()
    }

    /// Radii that its cells can show.
    pub fn radii(&self) -> Vec<f64> {
        let extent = self.frame().extent();
        let most = (extent.width().0.min(extent.height().0) / 2.0).max(RADII[0]);
        RADII.into_iter().filter(|radius| *radius >= 2.0 * self.frame().cell.0 && *radius <= most).collect()
    }

    /// Means of discs around the centres of `places`.
    ///
    /// # Errors
    /// Where the raster cannot be read.
    pub fn means(&self, places: &Frame, radius: f64) -> Result<Grid<f32>, Fault> {
        let own = *self.frame();
        let cell = own.cell.0;
        let factor = ((radius / 20.0 / cell).floor() as usize).clamp(1, 64);
        let wide = cell * factor as f64;
        let extent = places.extent().padded(Metres(radius + wide));
        // Blocks begin at whole multiples from the raster's corner, wherever the window lies.
        let col = ((extent.west - own.west) / wide).floor();
        let row = ((own.north - extent.north) / wide).floor();
        let cols = ((extent.east - own.west) / wide).ceil() - col;
        let rows = ((own.north - extent.south) / wide).ceil() - row;
        let frame = Frame {
            west: own.west + col * wide,
            north: own.north - row * wide,
            cell: Metres(wide),
            rows: rows as usize,
            cols: cols as usize,
        };
        let coarse = self.coarse(frame, factor)?;
        Ok(RowSums::of(&coarse).means(places, Metres(radius), LEAST))
    }

    /// The raster made coarser, read in bands.
    fn coarse(&self, frame: Frame, factor: usize) -> Result<Grid<f32>, Fault> {
        let own = *self.frame();
        let cols = frame.cols * factor;
        let band = (BAND / cols.max(1) / factor).max(1);
        let mut cells = Vec::with_capacity(frame.len());
        for first in (0..frame.rows).step_by(band) {
            let count = band.min(frame.rows - first);
            let part = Frame {
                west: frame.west,
                north: frame.north - first as f64 * frame.cell.0,
                cell: own.cell,
                rows: count * factor,
                cols,
            };
            let mut grid: Grid<f32> = self.raster.read_window(0, &part)?;
            if let Some(classes) = self.classes {
                for value in grid.cells_mut().iter_mut().filter(|value| !value.is_nan()) {
                    *value = if classes.contains(&(*value as i32)) { 100.0 } else { 0.0 };
                }
            }
            cells.extend(coarsened(&grid, factor).into_cells());
        }
        Ok(Grid::new(frame, cells))
    }
}
