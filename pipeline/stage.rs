//! What a stage is: it says what it reads, what it makes and how far it looks; the engine does the rest.

use crate::fault;
use crate::product::{Passing, Raster, Spec, Ware};
use crate::text::{Fault, Text};
use ilot_kernels::frame::Frame;
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

/// A tile with its ring, as one stage sees it.
pub struct Patch<'a> {
    shelf: &'a mut Shelf,
    signature: &'static Signature,
    /// Whether no later stage reads a ware.
    last: Box<dyn Fn(&Ware) -> bool + 'a>,
}

/// What is at hand of one tile while its stages run.
pub struct Shelf {
    /// The cells of the tile itself.
    pub core: Frame,
    /// What heights and positions of points count in.
    pub lattice: Lattice,
    /// How many cells beyond the core each ware is needed.
    pub rings: BTreeMap<&'static str, usize>,
    wares: BTreeMap<&'static str, Box<dyn Any + Send + Sync>>,
    /// Soft problems, for the report.
    pub remarks: Vec<Text>,
}

impl Shelf {
    /// An empty shelf for a tile.
    pub fn new(core: Frame, lattice: Lattice, rings: BTreeMap<&'static str, usize>) -> Shelf {
        Shelf { core, lattice, rings, wares: BTreeMap::new(), remarks: Vec::new() }
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

    /// The frame on which a product is to be made: the core and the ring that later stages look at.
    pub fn frame(&self, spec: &Spec) -> Frame {
        self.shelf.core.padded(self.shelf.rings.get(spec.name).copied().unwrap_or(0))
    }

    /// A raster that an earlier stage made.
    pub fn raster<T: Sample>(&self, product: &'static Raster<T>) -> Result<&Grid<T>, Fault> {
        let ware = Ware::Kept(&product.spec);
        self.declared(&ware, self.signature.reads)?;
        let bands: Option<&Bands<T>> = self.shelf.bands(&product.spec);
        bands.and_then(|bands| bands.first()).ok_or_else(|| self.absent(&ware))
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
