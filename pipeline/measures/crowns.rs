//! Trees taken out of a surface, and put over the terrain as crowns.
//!
//! In: the terrain and the heights of the vegetation above it, on the cells of the surface. Out: the surface with the
//! terrain below the trees, and the heights of their tops. A roof below a crown is not known: the terrain is taken.
//!
//! Fails where: the canopy holds buildings too (a height model of everything): they would be trees. Cost: nothing
//! beside the reading.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::text::Fault;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use std::path::{Path, PathBuf};

/// Trees, as a user gives them.
#[derive(Debug, Clone)]
pub struct CrownsOrder {
    /// Raster of the bare ground's heights, metres.
    pub dtm: PathBuf,
    /// Raster of the vegetation's heights above the ground, metres; 0 or missing where there is none.
    pub canopy: PathBuf,
    /// Share of the light that leaves let through: 0.03 in leaf, 0.5 without (SOLWEIG).
    pub transmissivity: f32,
}

/// Heights that no tree has: they are those of a surface, above the sea.
const TALLEST: f32 = 120.0;

/// Both rasters, open.
pub struct Crowns<'a> {
    order: &'a CrownsOrder,
    dtm: Raster,
    canopy: Raster,
}

/// The trees around a tile.
pub struct Stand {
    /// Heights of the tops, missing where there is no tree.
    pub tops: Grid<f32>,
    /// Share of the light that they let through.
    pub transmissivity: f32,
    /// Cells of the tile with vegetation of negative height, taken as bare.
    pub buried: u64,
}

impl Crowns<'_> {
    /// Opens both, which must cover the surface.
    ///
    /// # Errors
    /// Where one cannot be read, is in another CRS or covers only a part.
    pub fn open<'a>(order: &'a CrownsOrder, surface: &Frame, crs: &Crs) -> Result<Crowns<'a>, Fault> {
        let dtm = opened(&order.dtm, surface, crs)?;
        let canopy = opened(&order.canopy, surface, crs)?;
        Ok(Crowns { order, dtm, canopy })
    }

    /// Takes the trees out of a surface.
    ///
    /// # Errors
    /// Where a raster cannot be read, lies on other cells, or holds no heights of vegetation.
    pub fn stand(&self, surface: &mut Grid<f32>, core: &Frame) -> Result<Stand, Fault> {
        let frame = *surface.frame();
        let dtm: Grid<f32> = self.dtm.read_window(0, &frame)?;
        let canopy: Grid<f32> = self.canopy.read_window(0, &frame)?;
        if let Some(odd) = canopy.cells().iter().find(|height| height.abs() > TALLEST) {
            let path = self.order.canopy.display();
            return Err(fault!(
                fr: "{path} contient la valeur {odd}, qui n'est pas une hauteur de végétation au-dessus du sol : donnez des hauteurs, en mètres, et déclarez la valeur nodata.",
                en: "{path} holds the value {odd}, which is no height of vegetation above the ground: give heights, in metres, and declare the nodata value.",
            ));
        }
        let mut tops = Grid::filled(frame, f32::MISSING);
        let cells = surface.cells_mut().iter_mut().zip(tops.cells_mut());
        for ((cell, top), (&ground, &height)) in cells.zip(dtm.cells().iter().zip(canopy.cells())) {
            if height > 0.0 {
                (*cell, *top) = (ground, ground + height);
            }
        }
        let buried = canopy.cropped(core).cells().iter().filter(|height| **height < 0.0).count() as u64;
        Ok(Stand { tops, transmissivity: self.order.transmissivity, buried })
    }

    /// The trees in words, for the tags of files.
    pub fn describe(&self) -> String {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let CrownsOrder { dtm, canopy, transmissivity } = self.order;
        format!("{} over {} transmissivity {transmissivity}", name(canopy), name(dtm))
    }
}

fn opened(path: &Path, surface: &Frame, crs: &Crs) -> Result<Raster, Fault> {
    let raster = Raster::open(path)?;
    if let Some(own) = raster.crs().filter(|own| !own.same_horizontal(crs)) {
        return Err(own.mismatch(crs, path));
    }
    let (own, wanted) = (raster.frame().extent(), surface.extent());
    let slack = surface.cell.0 * 1e-3;
    let covers = own.west <= wanted.west + slack
        && own.south <= wanted.south + slack
        && own.east >= wanted.east - slack
        && own.north >= wanted.north - slack;
    if !covers {
        let path = path.display();
        return Err(fault!(
            fr: "{path} ne couvre pas toute la surface : donnez un raster de la même emprise, ou découpez la surface.",
            en: "{path} does not cover all of the surface: give a raster of the same extent, or clip the surface.",
        ));
    }
    // Other cells are found out at once, not after the first tiles.
    let corner = Frame { rows: 1, cols: 1, ..*surface };
    let _: Grid<f32> = raster.read_window(0, &corner)?;
    Ok(raster)
}
