//! What a stage is: it says what it reads, what it makes and how far it looks; the engine does the rest.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::parts::Part;
use crate::formats::vector::Feature;
use crate::product::{Cell, Passing, Raster, Spec, Vector, Ware};
use crate::text::{Fault, Text};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::{Frame, Gridding};
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::points::Lattice;
use ilot_kernels::unit::Metres;
use std::any::Any;
use std::collections::BTreeMap;

/// What a stage reads and makes. Reading or making anything else is an error.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Name of the stage, for plans and messages.
    pub name: &'static str,
    /// What must be there before it runs.
    pub reads: &'static [Ware],
    /// What is there after it ran.
    pub makes: &'static [Ware],
}

/// How far a stage looks beyond what it makes. Halos add along a chain and take the larger across branches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Halo(pub Metres);

/// One method of the pipeline.
pub trait Stage: Send + Sync {
    /// What it reads and makes.
    fn signature(&self) -> &'static Signature;
    /// How far it looks.
    fn halo(&self) -> Halo;
    /// Does it for one tile.
    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault>;
    /// The features of one of its layers, from what all tiles have kept of it. Nothing may depend on the order of the parts.
    ///
    /// # Errors
    /// Where a part is damaged, or a file of the user makes no sense.
    fn close(
        &self,
        layer: &'static Vector,
        parts: Vec<Part>,
        _: &mut Closing<'_>,
    ) -> Result<Vec<Feature>, Fault> {
        debug_assert!(parts.iter().all(|part| part.open.is_empty()), "{}", layer.name);
        Ok(parts.into_iter().flat_map(|part| part.features).collect())
    }
}

/// What a stage knows when the run is closed.
pub struct Closing<'a> {
    /// What positions and heights of points count in.
    pub lattice: Lattice,
    /// The bounds of all data of the run.
    pub data: Extent,
    /// The CRS of the run.
    pub crs: &'a Crs,
    /// Soft problems, for the report.
    pub remarks: Vec<Text>,
}

/// Points of a cell by class group: `cells[cell * groups + group]`.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Where the cells lie.
    pub frame: Frame,
    /// Number of groups.
    pub groups: usize,
    /// The counts, group by group within a cell.
    pub cells: Vec<u16>,
}

/// A raster of several bands on one frame, as it is written.
pub type Bands<T> = Vec<Grid<T>>;

/// Where a tile lies: whatever the cells of a product, they are laid by one rule, so that tiles adjoin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The square that the tile is cut by.
    pub square: Extent,
    /// The bounds of all data of the run.
    pub data: Extent,
    /// The cells of the elevation products.
    pub elevation: Gridding,
}

impl Place {
    /// The tile's cells of one kind: those whose centre lies in the square, as far as there are data.
    pub fn frame(&self, cell: Cell) -> Frame {
        let gridding = cell.gridding(self.elevation);
        gridding.frame(&self.square).intersection(&gridding.covering(&self.data))
    }

    /// The cells of one kind that lie within `reach` of the tile, whole cells around its own.
    pub fn padded(&self, cell: Cell, reach: Metres) -> Frame {
        let frame = self.frame(cell);
        frame.padded((reach.0 / frame.cell.0 - 1e-9).ceil() as usize)
    }
}

/// A tile with its ring, as one stage sees it.
pub struct Patch<'a> {
    shelf: &'a mut Shelf,
    signature: &'static Signature,
    /// Whether no later stage reads a ware.
    last: Box<dyn Fn(&Ware) -> bool + 'a>,
}

/// What is at hand of one tile while its stages run.
pub struct Shelf {
    /// Where the tile lies.
    pub place: Place,
    /// What heights and positions of points count in.
    pub lattice: Lattice,
    /// How far beyond the tile each ware is needed.
    pub reach: BTreeMap<&'static str, Metres>,
    wares: BTreeMap<&'static str, Box<dyn Any + Send + Sync>>,
    /// Soft problems, for the report.
    pub remarks: Vec<Text>,
}

impl Shelf {
    /// An empty shelf for a tile.
    pub fn new(place: Place, lattice: Lattice, reach: BTreeMap<&'static str, Metres>) -> Shelf {
        Shelf { place, lattice, reach, wares: BTreeMap::new(), remarks: Vec::new() }
    }

    /// Puts something there.
    pub fn put(&mut self, ware: Ware, what: impl Any + Send + Sync) {
        self.wares.insert(ware.name(), Box::new(what));
    }

    /// Takes a raster down, if it was made.
    pub fn take<T: Any>(&mut self, ware: Ware) -> Option<T> {
        let found = self.wares.remove(ware.name())?;
        found.downcast().ok().map(|found| *found)
    }

    /// The bands of a product, if it was made.
    pub fn bands<T: Sample>(&self, spec: &Spec) -> Option<&Bands<T>> {
        self.wares.get(spec.name)?.downcast_ref()
    }

    /// What was made of a layer.
    pub fn part(&self, layer: &'static Vector) -> Option<&Part> {
        self.wares.get(layer.name)?.downcast_ref()
    }

    /// Runs one stage. `last` tells whether no later stage reads a ware.
    pub fn run<'a>(&'a mut self, stage: &dyn Stage, last: impl Fn(&Ware) -> bool + 'a) -> Result<(), Fault> {
        let mut patch = Patch { shelf: self, signature: stage.signature(), last: Box::new(last) };
        stage.run(&mut patch)
    }
}

impl Patch<'_> {
    /// What points count in.
    pub fn lattice(&self) -> Lattice {
        self.shelf.lattice
    }

    /// The frame on which a product is to be made: its cells of the tile and the ring that later stages look at.
    pub fn frame(&self, spec: &Spec) -> Frame {
        let reach = self.shelf.reach.get(spec.name).copied().unwrap_or_default();
        self.shelf.place.padded(spec.cell, reach)
    }

    /// The frame on which something that passes is to be made, where it lies on cells of this kind.
    pub fn frame_of(&self, passing: Passing, cell: Cell) -> Frame {
        let reach = self.shelf.reach.get(Ware::Passing(passing).name()).copied().unwrap_or_default();
        self.shelf.place.padded(cell, reach)
    }

    /// Where the tile lies.
    pub fn place(&self) -> Place {
        self.shelf.place
    }

    /// A raster that an earlier stage made.
    pub fn raster<T: Sample>(&self, product: &'static Raster<T>) -> Result<&Grid<T>, Fault> {
        let ware = Ware::Kept(&product.spec);
        self.declared(&ware, self.signature.reads)?;
        let bands: Option<&Bands<T>> = self.shelf.bands(&product.spec);
        bands.and_then(|bands| bands.first()).ok_or_else(|| self.absent(&ware))
    }

    /// Something that passes, left where it is.
    pub fn look<T: Any>(&self, passing: Passing) -> Result<&T, Fault> {
        let ware = Ware::Passing(passing);
        self.declared(&ware, self.signature.reads)?;
        let found = self.shelf.wares.get(ware.name()).and_then(|found| found.downcast_ref::<T>());
        found.ok_or_else(|| self.absent(&ware))
    }

    /// Something that passes, moved out where nobody reads it later.
    pub fn passing<T: Any + Clone>(&mut self, passing: Passing) -> Result<T, Fault> {
        let ware = Ware::Passing(passing);
        self.declared(&ware, self.signature.reads)?;
        let found = if (self.last)(&ware) {
            self.shelf.take(ware)
        } else {
            self.shelf.wares.get(ware.name()).and_then(|found| found.downcast_ref::<T>()).cloned()
        };
        found.ok_or_else(|| self.absent(&ware))
    }

    /// Hands a product on. Its frame must be the one of [`Patch::frame`].
    pub fn make<T: Sample>(&mut self, product: &'static Raster<T>, bands: Bands<T>) -> Result<(), Fault> {
        let ware = Ware::Kept(&product.spec);
        self.declared(&ware, self.signature.makes)?;
        debug_assert!(bands.iter().all(|band| *band.frame() == self.frame(&product.spec)));
        self.shelf.put(ware, bands);
        Ok(())
    }

    /// Hands on what the tile has of a layer.
    pub fn keep(&mut self, layer: &'static Vector, part: Part) -> Result<(), Fault> {
        let ware = Ware::Layer(layer);
        self.declared(&ware, self.signature.makes)?;
        self.shelf.put(ware, part);
        Ok(())
    }

    /// Hands something on that only passes.
    pub fn pass(&mut self, passing: Passing, what: impl Any + Send + Sync) -> Result<(), Fault> {
        self.declared(&Ware::Passing(passing), self.signature.makes)?;
        self.shelf.put(Ware::Passing(passing), what);
        Ok(())
    }

    /// Notes a soft problem for the report.
    pub fn remark(&mut self, text: Text) {
        self.shelf.remarks.push(text);
    }

    fn declared(&self, ware: &Ware, list: &[Ware]) -> Result<(), Fault> {
        let (stage, name) = (self.signature.name, ware.name());
        list.contains(ware).then_some(()).ok_or_else(|| {
            fault!(
                fr: "L'étape {stage} n'a pas déclaré {name} : défaut d'ilot, à signaler.",
                en: "Stage {stage} has not declared {name}: a defect of ilot, please report it.",
            )
        })
    }

    fn absent(&self, ware: &Ware) -> Fault {
        let (stage, name) = (self.signature.name, ware.name());
        fault!(
            fr: "L'étape {stage} attend {name}, qu'aucune étape n'a produit.",
            en: "Stage {stage} needs {name}, which no stage has made.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ilot_kernels::frame::Registration;

    const ELEVATION: Gridding = Gridding { cell: Metres(0.5), registration: Registration::Node };

    fn place(west: f64) -> Place {
        let square = Extent { west, south: 6_277_000.0, east: west + 1000.0, north: 6_278_000.0 };
        let data = Extent { west: 770_003.2, south: 6_277_000.0, east: 772_000.0, north: 6_277_999.99 };
        Place { square, data, elevation: ELEVATION }
    }

    #[test]
    fn a_tile_has_cells_of_every_size_and_adjoins_its_neighbour_in_each() {
        for (cell, west) in
            [(Cell::OfElevation, 770_002.75), (Cell::Metres(1.0), 770_003.0), (Cell::Metres(10.0), 770_000.0)]
        {
            let (left, right) = (place(770_000.0).frame(cell), place(771_000.0).frame(cell));
            assert_eq!(left.west, west, "as far as there are data, in whole cells");
            assert_eq!((left.extent().east, left.north), (right.west, right.north));
        }
        let shares = place(771_000.0).frame(Cell::Metres(10.0));
        assert_eq!((shares.west, shares.north, shares.rows, shares.cols), (771_000.0, 6_278_000.0, 100, 100));
    }

    #[test]
    fn a_ring_is_given_in_metres_and_made_of_whole_cells() {
        let frame = |cell| place(771_000.0).padded(cell, Metres(12.0));
        assert_eq!(frame(Cell::Metres(1.0)).west, 771_000.0 - 12.0);
        assert_eq!(frame(Cell::Metres(10.0)).west, 771_000.0 - 20.0);
        assert_eq!(frame(Cell::OfElevation).west, 770_999.75 - 12.0);
    }
}
