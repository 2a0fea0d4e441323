//! The layers of one strip: what is built and how high, façades, cover, sky view, terrain.
//!
//! In: the inputs and the rows wanted; out: layers on those rows, whatever the cells of the inputs: a raster on other
//! cells is asked at the centre of each. Footprints are laid by the exact share of each cell that they cover; a cell is a
//! building's where that is a half and more. The sky is that over terrain and buildings alone, without trees.

use super::inputs::{Inputs, Mask, Shape};
use crate::fault;
use crate::formats::raster::read::Raster;
use crate::text::Fault;
use ilot_kernels::focal;
use ilot_kernels::form::{self, LOWEST_ROOF, Strip, walls};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::sky::sky_view;
use ilot_kernels::zonal::coverage::Coverage;
use ilot_kernels::zonal::outline::Outline;
use std::path::Path;

/// A surface this far below the terrain is an error, metres; less is noise.
const BURIED: f32 = 1.0;

/// Heights that no surface on Earth has: an undeclared nodata value, or another quantity.
const HEIGHTS: std::ops::RangeInclusive<f32> = -500.0..=9000.0;

/// Heights above ground from which plants are bushes and trees, metres.
const PLANTS: (f32, f32) = (0.5, 3.0);

/// A footprint that covers this share of a cell gives it its height.
const ROOFED: f32 = 0.25;

/// What was met on the way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Cells with both heights.
    pub heights: u64,
    /// Of these, with the surface more than a metre below the terrain.
    pub buried: u64,
    /// Cells under buildings.
    pub built: u64,
    /// Of these, with a roof of 2 m and more.
    pub roofed: u64,
    /// Cells that the cover has for buildings and no footprint holds: taken as sealed.
    pub unmatched: u64,
}

/// The layers, and what they are made from.
pub struct Layers {
    built: Grid<f32>,
    roof: Grid<f32>,
    walls: Grid<f32>,
    cover: Grid<u8>,
    uses: Option<Grid<u8>>,
    sky: Grid<f32>,
    terrain: Option<(Grid<f32>, Grid<f32>)>,
}

/// Surface and terrain.
type Heights = (Grid<f32>, Grid<f32>);

/// Buildings of a window: share of each cell, height above ground, use.
struct Buildings {
    built: Grid<f32>,
    roof: Grid<f32>,
    uses: Option<Grid<u8>>,
}

impl Layers {
    /// The layers of some rows, made by pieces, so that what passes on the way is bounded however wide the rows are.
    ///
    /// # Errors
    /// Where a raster cannot be read, or holds what it cannot.
    pub fn of(inputs: &Inputs, core: &Frame, tally: &mut Tally) -> Result<Layers, Fault> {
        if core.cols <= inputs.piece {
            return Layers::of_piece(inputs, core, tally);
        }
        let mut whole: Option<Layers> = None;
        for first in (0..core.cols).step_by(inputs.piece) {
            let west = core.west + first as f64 * core.cell.0;
            let piece = Frame { west, cols: inputs.piece.min(core.cols - first), ..*core };
            let piece = Layers::of_piece(inputs, &piece, tally)?;
            whole.get_or_insert_with(|| piece.widened(core)).put(&piece, first);
        }
        Ok(whole.expect("there are columns"))
    }

    /// Empty layers of a frame, of the same kinds.
    fn widened(&self, core: &Frame) -> Layers {
        let numbers = || Grid::filled(*core, f32::MISSING);
        Layers {
            built: numbers(),
            roof: numbers(),
            walls: numbers(),
            cover: Grid::filled(*core, 0),
            uses: self.uses.as_ref().map(|_| Grid::filled(*core, 0)),
            sky: numbers(),
            terrain: self.terrain.as_ref().map(|_| (numbers(), numbers())),
        }
    }

    /// Puts a piece of the same rows in, from a column on.
    fn put(&mut self, piece: &Layers, first: usize) {
        lay(&mut self.built, &piece.built, first);
        lay(&mut self.roof, &piece.roof, first);
        lay(&mut self.walls, &piece.walls, first);
        lay(&mut self.cover, &piece.cover, first);
        lay(&mut self.sky, &piece.sky, first);
        if let (Some(uses), Some(piece)) = (&mut self.uses, &piece.uses) {
            lay(uses, piece, first);
        }
        if let (Some((ground, slope)), Some(piece)) = (&mut self.terrain, &piece.terrain) {
            lay(ground, &piece.0, first);
            lay(slope, &piece.1, first);
        }
    }

    fn of_piece(inputs: &Inputs, core: &Frame, tally: &mut Tally) -> Result<Layers, Fault> {
        let window = inputs.frame.intersection(&core.padded(inputs.ring()));
        let heights = heights(inputs, &window)?;
        let cover = inputs.cover.as_ref().map(|raster| raster.sampled::<u8>(0, &window)).transpose()?;
        require_classes(inputs, cover.as_ref())?;
        let buildings = buildings(inputs, &window, heights.as_ref(), cover.as_ref())?;
        let bulk = bulk(&buildings);
        let sky = match &inputs.sky {
            Some(raster) => raster.sampled(0, core)?,
            None => sky_view(&skyline(&buildings, heights.as_ref()), core, &inputs.params).cosine_weighted,
        };
        let ground = cover_of(inputs, core, &buildings, heights.as_ref(), cover.as_ref(), tally);
        let layers = Layers {
            walls: walls(&bulk, core),
            built: buildings.built.cropped(core),
            roof: buildings.roof.cropped(core),
            uses: buildings.uses.map(|uses| uses.cropped(core)),
            cover: ground,
            sky,
            terrain: heights.as_ref().map(|(_, dtm)| (dtm.cropped(core), focal::slope(dtm).cropped(core))),
        };
        layers.count(heights.as_ref(), core, tally);
        Ok(layers)
    }

    /// As the kernel wants them.
    pub fn strip(&self) -> Strip<'_> {
        Strip {
            built: &self.built,
            roof: &self.roof,
            walls: &self.walls,
            cover: &self.cover,
            uses: self.uses.as_ref(),
            sky: Some(&self.sky),
            terrain: self.terrain.as_ref().map(|(ground, slope)| (ground, slope)),
        }
    }

    fn count(&self, heights: Option<&Heights>, core: &Frame, tally: &mut Tally) {
        for (built, roof) in self.built.cells().iter().zip(self.roof.cells()) {
            tally.built += u64::from(*built >= 0.5);
            tally.roofed += u64::from(*built >= 0.5 && !roof.is_missing());
        }
        let Some((dsm, dtm)) = heights else { return };
        for (surface, ground) in dsm.cropped(core).cells().iter().zip(dtm.cropped(core).cells()) {
            tally.heights += u64::from(!(surface - ground).is_missing());
            tally.buried += u64::from(surface - ground < -BURIED);
        }
    }
}

/// Lays the rows of a piece into those of a whole, from a column on.
fn lay<T: Sample>(whole: &mut Grid<T>, piece: &Grid<T>, first: usize) {
    let (wide, cols) = (whole.frame().cols, piece.frame().cols);
    let rows = whole.cells_mut().chunks_exact_mut(wide).zip(piece.cells().chunks_exact(cols));
    rows.for_each(|(row, part)| row[first..first + cols].copy_from_slice(part));
}

/// Surface and terrain of a window.
fn heights(inputs: &Inputs, window: &Frame) -> Result<Option<Heights>, Fault> {
    let Some((dsm, dtm)) = &inputs.heights else { return Ok(None) };
    let read = |raster: &Raster| {
        let grid: Grid<f32> = raster.read_window(0, window)?;
        let odd = grid.cells().iter().find(|height| !height.is_missing() && !HEIGHTS.contains(*height));
        match odd {
            None => Ok(grid),
            Some(odd) => Err(no_height(raster.path(), *odd)),
        }
    };
    Ok(Some((read(dsm)?, read(dtm)?)))
}

fn no_height(path: &Path, odd: f32) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} contient la valeur {odd}, qui n'est pas une altitude en mètres : déclarez sa valeur nodata (gdal_edit.py -a_nodata) ou donnez un modèle de surface et un terrain.",
        en: "{path} holds the value {odd}, which is no height in metres: declare its nodata value (gdal_edit.py -a_nodata) or give a surface model and a terrain.",
    )
}

fn require_classes(inputs: &Inputs, cover: Option<&Grid<u8>>) -> Result<(), Fault> {
    let odd = cover.and_then(|cover| cover.cells().iter().find(|class| usize::from(**class) > form::COVERS));
    let (Some(odd), Some(raster)) = (odd, &inputs.cover) else { return Ok(()) };
    let path = raster.path().display();
    Err(fault!(
        fr: "{path} contient la classe {odd} : une carte d'occupation va de 1 (bâtiment) à 9 (eau), `ilot products` les nomme.",
        en: "{path} holds class {odd}: a cover map goes from 1 (building) to 9 (water), `ilot products` names them.",
    ))
}

/// What stands in a window, by the mask that is given.
fn buildings(
    inputs: &Inputs,
    window: &Frame,
    heights: Option<&Heights>,
    cover: Option<&Grid<u8>>,
) -> Result<Buildings, Fault> {
    let mut buildings = match (inputs.mask, cover) {
        (Mask::Cover, Some(cover)) => {
            let known = |class: &u8| if *class == 0 { f32::MISSING } else { f32::from(*class == 1) };
            Buildings::bare(Grid::new(*window, cover.cells().iter().map(known).collect()))
        }
        (Mask::Density, _) => Buildings::bare(dense(inputs, window)?),
        _ => painted(&inputs.buildings, window, inputs.uses),
    };
    if let Some(cover) = cover.filter(|_| inputs.rest == 0 && inputs.grounds.is_empty()) {
        // Holes of the map are no ground without cover.
        let cells = buildings.built.cells_mut().iter_mut().zip(cover.cells());
        cells.filter(|(_, class)| **class == 0).for_each(|(built, _)| *built = f32::MISSING);
    }
    if let Some((dsm, dtm)) = heights {
        let above = dsm.cells().iter().zip(dtm.cells()).map(|(surface, ground)| surface - ground);
        let cells = buildings.built.cells_mut().iter_mut().zip(buildings.roof.cells_mut());
        // Open water gives no returns: a hole of the surface over it is no gap of what is known.
        let wet = |cell: usize| cover.is_some_and(|cover| usize::from(cover.cells()[cell]) == form::WATER);
        for (cell, ((built, roof), above)) in cells.zip(above).enumerate() {
            if above.is_missing() {
                *built = if wet(cell) { 0.0 } else { f32::MISSING };
            }
            let is_roof = *built >= 0.5 && above >= LOWEST_ROOF.0 as f32;
            *roof = if is_roof { above } else { f32::MISSING };
        }
    }
    Ok(buildings)
}

impl Buildings {
    fn bare(built: Grid<f32>) -> Buildings {
        Buildings { roof: Grid::filled(*built.frame(), f32::MISSING), built, uses: None }
    }
}

/// Cells most of whose points are of class 6.
fn dense(inputs: &Inputs, window: &Frame) -> Result<Grid<f32>, Fault> {
    let Some(raster) = &inputs.density else { return Ok(Grid::filled(*window, f32::MISSING)) };
    let all: Grid<f32> = raster.read_window(0, window)?;
    let mut built: Grid<f32> = raster.read_window(3, window)?;
    for (cell, all) in built.cells_mut().iter_mut().zip(all.cells()) {
        *cell = if *all > 0.0 { f32::from(*cell >= all / 2.0) } else { f32::MISSING };
    }
    Ok(built)
}

/// Footprints laid over a window.
fn painted(shapes: &[Shape], window: &Frame, uses: bool) -> Buildings {
    let mut buildings = Buildings::bare(Grid::filled(*window, 0.0));
    buildings.uses = uses.then(|| Grid::filled(*window, 0));
    for shape in shapes {
        cover_cells(shape, window, |cells, share| {
            for cell in cells {
                let built = &mut buildings.built.cells_mut()[cell];
                *built = (*built + share).min(1.0);
                if share < ROOFED {
                    continue;
                }
                let roof = &mut buildings.roof.cells_mut()[cell];
                // The maximum of a number and NaN is the number; the higher of two.
                *roof = roof.max(shape.height);
                if let Some(uses) = &mut buildings.uses {
                    uses.cells_mut()[cell] = shape.class;
                }
            }
        });
    }
    let lowest = LOWEST_ROOF.0 as f32;
    buildings
        .roof
        .cells_mut()
        .iter_mut()
        .filter(|roof| **roof < lowest)
        .for_each(|roof| *roof = f32::MISSING);
    buildings
}

/// Gives runs of cells of a window that a shape covers, with the share of each.
fn cover_cells(shape: &Shape, window: &Frame, mut give: impl FnMut(std::ops::Range<usize>, f32)) {
    if !shape.bounds.touches(&window.extent()) {
        return;
    }
    let rings: Vec<&[(f64, f64)]> = shape.rings.iter().map(Vec::as_slice).collect();
    // Hopeless tangles were told of when the file was read.
    let Ok(outline) = Outline::new(&rings, window) else { return };
    let mut coverage = Coverage::new(outline, window);
    let mut spans = Vec::new();
    for row in coverage.rows() {
        coverage.row(row, &mut spans);
        for span in &spans {
            give(row * window.cols + span.start..row * window.cols + span.end, span.share as f32);
        }
    }
}

/// Heights of roofs, 0 where nothing is built; missing where it is not known, or how high.
fn bulk(buildings: &Buildings) -> Grid<f32> {
    let from_above = buildings.uses.is_none();
    let height = |(built, roof): (&f32, &f32)| match (built.is_missing(), *built >= 0.5) {
        (true, _) => f32::MISSING,
        (_, false) => 0.0,
        // A low place within a building seen from above is a court; a footprint without a height is unknown.
        (_, true) if roof.is_missing() && from_above => 0.0,
        (_, true) => *roof,
    };
    let cells = buildings.built.cells().iter().zip(buildings.roof.cells()).map(height).collect();
    Grid::new(*buildings.built.frame(), cells)
}

/// Terrain and buildings; over footprints alone the ground is level.
fn skyline(buildings: &Buildings, heights: Option<&Heights>) -> Grid<f32> {
    let mut skyline = match heights {
        Some((_, dtm)) => dtm.clone(),
        None => Grid::filled(*buildings.built.frame(), 0.0),
    };
    for ((cell, built), roof) in
        skyline.cells_mut().iter_mut().zip(buildings.built.cells()).zip(buildings.roof.cells())
    {
        if *built >= 0.5 && !roof.is_missing() {
            *cell += roof;
        }
    }
    skyline
}

/// Cover of what is not built: the map's, else that of polygons, else plants by their height, else the rest's.
fn cover_of(
    inputs: &Inputs,
    core: &Frame,
    buildings: &Buildings,
    heights: Option<&Heights>,
    cover: Option<&Grid<u8>>,
    tally: &mut Tally,
) -> Grid<u8> {
    let mut grid = Grid::filled(*core, inputs.rest);
    if let (None, Some((dsm, dtm))) = (&inputs.cover, heights) {
        let above = dsm.cropped(core);
        for ((cell, surface), ground) in
            grid.cells_mut().iter_mut().zip(above.cells()).zip(dtm.cropped(core).cells())
        {
            let height = surface - ground;
            if height >= PLANTS.0 {
                *cell = if height >= PLANTS.1 { form::TREE } else { form::SHRUB } as u8;
            }
        }
    }
    for shape in &inputs.grounds {
        cover_cells(shape, core, |cells, share| {
            if share >= 0.5 {
                grid.cells_mut()[cells].fill(shape.class);
            }
        });
    }
    let Some(cover) = cover else { return grid };
    let built = buildings.built.cropped(core);
    for ((cell, class), built) in
        grid.cells_mut().iter_mut().zip(cover.cropped(core).cells()).zip(built.cells())
    {
        match usize::from(*class) {
            0 => {}
            form::BUILDING => {
                *cell = form::SEALED as u8;
                tally.unmatched += u64::from(*built < 0.5);
            }
            _ => *cell = *class,
        }
    }
    grid
}
