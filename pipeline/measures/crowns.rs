//! Trees taken out of a surface, and put over the terrain as crowns.
//!
//! In: the terrain, the heights of the vegetation above it and, where it is known, those of its lowest leaves, on the
//! cells of the surface. Out: the surface with the terrain below the trees, and the heights of their tops and bases. A
//! roof below a crown is not known: the terrain is taken. Where no base is known, trunks take a quarter of a tree's
//! height (UMEP's trunk ratio), which is told.
//!
//! Leaves let 3 % of the light through from day 97 to day 300 of the year, 50 % without them (SOLWEIG); in the tropics
//! they are always there.
//!
//! A canopy on other cells than the surface's, such as cover's cells of 1 m, tells where trees stand, and the surface
//! how high: a cell that shares ground with vegetation of 3 m and more is a crown as high as the surface stands above the
//! terrain, unless that is next to nothing (the ground seen between leaves) or far above the vegetation (a roof beside
//! it). Where cover tells of a building, the surface stays as it is, trees over roofs included. Nothing is shifted
//! (`laid.rs`).
//!
//! Fails where: the canopy holds buildings too (a height model of everything): they would be trees; on other cells, a
//! wall that a crown touches gives way within the cell that they share. Cost: nothing beside the reading.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::measures::laid::Laid;
use crate::measures::survey::require_heights;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::unit::{Degrees, Metres};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// Trees, as a user gives them.
#[derive(Debug, Clone)]
pub struct CrownsOrder {
    /// Raster of the bare ground's heights, metres.
    pub dtm: PathBuf,
    /// Raster of the vegetation's heights above the ground, metres; 0 or missing where there is none.
    pub canopy: PathBuf,
    /// Raster of the heights of the lowest leaves above the ground, metres.
    pub base: Option<PathBuf>,
    /// Raster of classes of the ground as the product `cover` has them: for a canopy on other cells, trees over roofs.
    pub cover: Option<PathBuf>,
    /// Share of the light that leaves let through; where `None`, that of the season.
    pub transmissivity: Option<f32>,
}

impl CrownsOrder {
    /// The files.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let others = [self.base.as_ref(), self.cover.as_ref()];
        [&self.dtm, &self.canopy].into_iter().chain(others.into_iter().flatten()).cloned().collect()
    }

    /// How light passes.
    pub(crate) fn light(&self) -> Light {
        self.transmissivity.map_or(Light::Seasonal, Light::Fixed)
    }
}

/// The share of the light that leaves let through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Light {
    /// The same all year.
    Fixed(f32),
    /// With and without leaves.
    Seasonal,
}

/// Shares with and without leaves (SOLWEIG).
const SEASONS: (f32, f32) = (0.03, 0.5);

/// Days of the year with leaves (SOLWEIG).
const IN_LEAF: std::ops::RangeInclusive<i16> = 97..=300;

/// Half of a year, by which the southern hemisphere's seasons differ.
const HALF_A_YEAR: i16 = 182;

impl Light {
    /// On a day, at a latitude.
    pub fn on(self, date: Date, latitude: Degrees) -> f32 {
        let day = match latitude.0 {
            north if north > TROPIC => date.day_of_year(),
            south if south < -TROPIC => (date.day_of_year() + HALF_A_YEAR) % 365,
            _ => *IN_LEAF.start(),
        };
        match self {
            Light::Fixed(share) => share,
            Light::Seasonal if IN_LEAF.contains(&day) => SEASONS.0,
            Light::Seasonal => SEASONS.1,
        }
    }

    /// All shares that there are, with their words.
    pub fn shares(self) -> Vec<(f32, String)> {
        match self {
            Light::Fixed(share) => vec![(share, format!("transmissivity {share}"))],
            Light::Seasonal => vec![
                (SEASONS.0, format!("in leaf (transmissivity {})", SEASONS.0)),
                (SEASONS.1, format!("without leaves (transmissivity {})", SEASONS.1)),
            ],
        }
    }
}

/// Where there is no season without leaves.
const TROPIC: f64 = 23.44;

/// Heights that no tree has: they are those of a surface, above the sea.
const TALLEST: f32 = 120.0;

/// Share of a tree's height that is its trunk, where no base is known (UMEP).
const TRUNK: f32 = 0.25;

/// On other cells than the surface's, vegetation from this height on is trees, metres.
const TREE: f32 = 3.0;

/// A surface that stands less than this above the terrain is the ground seen between leaves, metres.
const LEAST: f32 = 0.5;

/// A surface that stands more than this above the vegetation around it is no crown, metres.
const ABOVE: f32 = 2.0;

/// Number of the class `building` of the product `cover`.
const BUILDING: u8 = 1;

/// All rasters, open.
pub struct Crowns<'a> {
    order: &'a CrownsOrder,
    dtm: Raster,
    canopy: Laid,
    base: Option<Laid>,
    cover: Option<Laid>,
}

/// Vegetation, its lowest leaves and classes of the ground, on cells of the surface.
struct Layers {
    canopy: Grid<f32>,
    bases: Option<Grid<f32>>,
    classes: Option<Grid<u8>>,
}

/// The trees around a tile.
pub struct Stand {
    /// Heights of the tops, missing where there is no tree.
    pub tops: Grid<f32>,
    /// Heights of the lowest leaves, missing where there is no tree.
    pub bases: Grid<f32>,
    /// Heights of the bare ground.
    pub terrain: Grid<f32>,
    /// How light passes.
    pub light: Light,
}

/// Odd cells of trees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// With vegetation of negative height, taken as bare.
    pub buried: u64,
    /// With trees.
    pub trees: u64,
    /// With trees, but no base although bases are given: trunks are a quarter.
    pub baseless: u64,
    /// With a base above its top or below the ground: trunks are a quarter.
    pub upside_down: u64,
    /// Without trees, but a surface that stands above the terrain like a roof.
    pub roofs: u64,
    /// With trees by a canopy on other cells, but no rise of the surface: taken as bare.
    pub flat: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.buried += other.buried;
        self.trees += other.trees;
        self.baseless += other.baseless;
        self.upside_down += other.upside_down;
        self.flat += other.flat;
        self.roofs += other.roofs;
    }
}

impl Tally {
    /// What a user should know.
    pub fn remarks(&self) -> Vec<Text> {
        let Tally { buried, trees, baseless, upside_down, flat, roofs } = *self;
        let mut remarks = Vec::new();
        let all = flat + trees;
        if buried > 0 {
            remarks.push(text!(
                fr: "{buried} cellules ont une végétation de hauteur négative : elles sont prises pour nues",
                en: "{buried} cells have vegetation of negative height: they are taken as bare",
            ));
        }
        if baseless > 0 {
            remarks.push(text!(
                fr: "{baseless} des {trees} cellules d'arbres n'ont pas de base de houppier : leur tronc est pris pour un quart de leur hauteur",
                en: "{baseless} of {trees} cells of trees have no crown base: their trunk is taken as a quarter of their height",
            ));
        }
        if trees > 0 && roofs == 0 {
            remarks.push(text!(
                fr: "tout ce qui dépasse le terrain est pris pour des arbres : si la canopée porte aussi les bâtiments (produit chm), ils laissent passer la lumière ; donnez la hauteur de la seule végétation (produit vegetation_height)",
                en: "all that stands above the terrain is taken for trees: where the canopy holds buildings too (product chm), they let light through; give the height of the vegetation alone (product vegetation_height)",
            ));
        }
        if flat > trees {
            remarks.push(text!(
                fr: "{flat} cellules sur {all} où la canopée a des arbres n'en ont pas dans la surface, qui y est au ras du sol : elles sont prises pour nues ; donnez la canopée sur les cellules de la surface, ou une surface qui porte les arbres",
                en: "{flat} of {all} cells where the canopy has trees have none in the surface, which lies level with the ground there: they are taken as bare; give the canopy on the cells of the surface, or a surface with its trees",
            ));
        }
        if upside_down > 0 {
            remarks.push(text!(
                fr: "{upside_down} cellules d'arbres ont une base de houppier au-dessus de leur cime ou sous le sol : leur tronc est pris pour un quart de leur hauteur",
                en: "{upside_down} cells of trees have a crown base above their top or below the ground: their trunk is taken as a quarter of their height",
            ));
        }
        remarks
    }
}

/// One cell of trees: heights above the ground.
enum Cell {
    Bare,
    Buried,
    Flat,
    Tree { top: f32, base: f32, fallback: Option<Fallback> },
}

/// Why a trunk is taken as a quarter.
enum Fallback {
    NoBases,
    Missing,
    UpsideDown,
}

impl Cell {
    /// `base` is `None` where no bases are given at all.
    fn of(height: f32, base: Option<f32>) -> Cell {
        if height < 0.0 {
            return Cell::Buried;
        }
        if height.is_missing() || height == 0.0 {
            return Cell::Bare;
        }
        Cell::tree(height, base)
    }

    /// Of a canopy on other cells: `above` is what the surface stands above the terrain.
    fn seen(above: f32, height: f32, base: Option<f32>, class: u8) -> Cell {
        if height < 0.0 {
            return Cell::Buried;
        }
        if height.is_missing() || above.is_missing() || height < TREE || class == BUILDING {
            return Cell::Bare;
        }
        match above {
            low if low < LEAST => Cell::Flat,
            high if high > height + ABOVE => Cell::Bare,
            top => Cell::tree(top, base),
        }
    }

    fn tree(height: f32, base: Option<f32>) -> Cell {
        let fallback = match base {
            None => Some(Fallback::NoBases),
            Some(base) if base.is_missing() => Some(Fallback::Missing),
            Some(base) if !(0.0..=height).contains(&base) => Some(Fallback::UpsideDown),
            Some(_) => None,
        };
        let base = base.filter(|_| fallback.is_none()).unwrap_or(TRUNK * height);
        Cell::Tree { top: height, base, fallback }
    }
}

impl Crowns<'_> {
    /// Opens all, which must cover the surface.
    ///
    /// # Errors
    /// Where one cannot be read, is in another CRS or covers only a part.
    pub fn open<'a>(order: &'a CrownsOrder, surface: &Frame, crs: &Crs) -> Result<Crowns<'a>, Fault> {
        let dtm = opened(&order.dtm, surface, crs)?;
        require_heights(&dtm)?;
        require_heights(&Raster::open(&order.canopy)?)?;
        let laid = |path: &PathBuf| Laid::open(path, surface, crs);
        let canopy = laid(&order.canopy)?;
        let base = order.base.as_ref().map(laid).transpose()?;
        let cover = order.cover.as_ref().map(laid).transpose()?;
        Ok(Crowns { order, dtm, canopy, base, cover })
    }

    /// Takes the trees out of a surface.
    ///
    /// # Errors
    /// Where a raster cannot be read, or holds no heights of vegetation.
    pub fn stand(&self, surface: &mut Grid<f32>) -> Result<Stand, Fault> {
        let frame = *surface.frame();
        let terrain: Grid<f32> = self.dtm.read_window(0, &frame)?;
        let Layers { canopy: mut tops, bases, classes } = self.layers(&frame)?;
        require_above(surface, &terrain, &self.order.dtm)?;
        let given = bases.is_some();
        let mut lowest = bases.unwrap_or_else(|| Grid::filled(frame, f32::MISSING));
        let cells = surface.cells_mut().iter_mut().zip(terrain.cells());
        let layers = tops.cells_mut().iter_mut().zip(lowest.cells_mut());
        for (i, ((cell, &ground), (tall, low))) in cells.zip(layers).enumerate() {
            let class = classes.as_ref().map_or(0, |classes| classes.cells()[i]);
            match self.judged(*cell - ground, *tall, given.then_some(*low), class) {
                Cell::Tree { top, base, .. } => {
                    (*cell, *tall, *low) = (ground, ground + top, ground + base);
                }
                _ => (*tall, *low) = (f32::MISSING, f32::MISSING),
            }
        }
        Ok(Stand { tops, bases: lowest, terrain, light: self.order.light() })
    }

    /// Counts the odd cells of a tile, whose surface `read` gives.
    ///
    /// # Errors
    /// As [`Crowns::stand`].
    pub fn tally(
        &self,
        core: &Frame,
        read: impl FnOnce() -> Result<Grid<f32>, Fault>,
    ) -> Result<Tally, Fault> {
        let Layers { canopy, bases, classes } = self.layers(core)?;
        let (surface, terrain): (Grid<f32>, Grid<f32>) = (read()?, self.dtm.read_window(0, core)?);
        let mut tally = Tally::default();
        for (i, &height) in canopy.cells().iter().enumerate() {
            let known = bases.as_ref().map(|bases| bases.cells()[i]);
            let class = classes.as_ref().map_or(0, |classes| classes.cells()[i]);
            let above = surface.cells()[i] - terrain.cells()[i];
            match self.judged(above, height, known, class) {
                Cell::Bare => tally.roofs += u64::from(above > TREE),
                Cell::Buried => tally.buried += 1,
                Cell::Flat => tally.flat += 1,
                Cell::Tree { fallback, .. } => {
                    tally.trees += 1;
                    tally.baseless += u64::from(matches!(fallback, Some(Fallback::Missing)));
                    tally.upside_down += u64::from(matches!(fallback, Some(Fallback::UpsideDown)));
                }
            }
        }
        Ok(tally)
    }

    /// What stands on a cell: by the canopy alone on the surface's own cells, else by the surface too, `above` the terrain.
    fn judged(&self, above: f32, height: f32, base: Option<f32>, class: u8) -> Cell {
        if self.canopy.same() { Cell::of(height, base) } else { Cell::seen(above, height, base, class) }
    }

    /// Heights of the vegetation and of its lowest leaves, and classes of the ground.
    fn layers(&self, frame: &Frame) -> Result<Layers, Fault> {
        let canopy = self.canopy.highest(frame)?;
        let bases = self.base.as_ref().map(|base| base.mean(frame)).transpose()?;
        let classes = self.cover.as_ref().map(|cover| cover.most::<u8>(frame)).transpose()?;
        require_vegetation(&canopy, &self.order.canopy)?;
        if let (Some(bases), Some(path)) = (&bases, &self.order.base) {
            require_vegetation(bases, path)?;
        }
        Ok(Layers { canopy, bases, classes })
    }

    /// What a user should know of them.
    pub fn remarks(&self) -> Vec<Text> {
        let mut remarks = Vec::new();
        if !self.canopy.same() {
            let (path, side) = (self.order.canopy.display(), Metres(self.canopy.side()));
            remarks.push(text!(
                fr: "{path} a d'autres cellules ({side}) que la surface : il dit où sont les arbres (à partir de {TREE} m), la surface leur hauteur ; ce qui dépasse la végétation de plus de {ABOVE} m reste un mur",
                en: "{path} has other cells ({side}) than the surface: it tells where trees are (from {TREE} m on), the surface how high; what stands more than {ABOVE} m above the vegetation stays a wall",
            ));
        }
        if self.base.is_none() {
            remarks.push(text!(
                fr: "sans --crown-base, les troncs sont pris pour un quart de la hauteur des arbres",
                en: "without --crown-base, trunks are taken as a quarter of the height of trees",
            ));
        }
        remarks
    }

    /// The trees in words, for the tags of files.
    pub fn describe(&self) -> String {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let CrownsOrder { dtm, canopy, base, .. } = self.order;
        let base = base.as_deref().map_or(format!("{TRUNK} of the height"), name);
        let shares = self.order.light().shares();
        let light = shares.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ");
        let how = match (self.canopy.same(), &self.cover) {
            (true, _) => String::new(),
            (false, None) => {
                format!(", places from cells of {} m, tops from the surface", self.canopy.side())
            }
            (false, Some(_)) => {
                let side = self.canopy.side();
                format!(", places from cells of {side} m, tops from the surface, none over roofs")
            }
        };
        format!("{} over {}, crown base {base}, {light}{how}", name(canopy), name(dtm))
    }
}

/// A surface this far below the terrain is an error, metres; less is noise.
const BURIED: f32 = 1.0;

/// Refuses a terrain that lies above most of its surface.
///
/// # Errors
/// One sentence.
pub(crate) fn require_above(surface: &Grid<f32>, terrain: &Grid<f32>, path: &Path) -> Result<(), Fault> {
    let rise = surface.cells().iter().zip(terrain.cells()).map(|(top, ground)| top - ground);
    let known: Vec<f32> = rise.filter(|rise| !rise.is_missing()).collect();
    let buried = known.iter().filter(|rise| **rise < -BURIED).count();
    if 2 * buried <= known.len() {
        return Ok(());
    }
    let (path, all) = (path.display(), known.len());
    Err(fault!(
        fr: "{path} est plus d'un mètre au-dessus de la surface sur {buried} cellules de {all} : les deux modèles sont sans doute échangés, ou dans deux systèmes d'altitude.",
        en: "{path} lies more than a metre above the surface in {buried} of {all} cells: both models are swapped, it seems, or in two vertical datums.",
    ))
}

fn require_vegetation(heights: &Grid<f32>, path: &Path) -> Result<(), Fault> {
    let Some(odd) = heights.cells().iter().find(|height| height.abs() > TALLEST) else { return Ok(()) };
    let path = path.display();
    Err(fault!(
        fr: "{path} contient la valeur {odd}, qui n'est pas une hauteur de végétation au-dessus du sol : donnez des hauteurs, en mètres, et déclarez la valeur nodata.",
        en: "{path} holds the value {odd}, which is no height of vegetation above the ground: give heights, in metres, and declare the nodata value.",
    ))
}

/// A raster on the cells of the surface, all of which it covers.
pub(crate) fn opened(path: &Path, surface: &Frame, crs: &Crs) -> Result<Raster, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_come_and_go_with_the_season() {
        let on = |month: i8, day: i8, latitude: f64| {
            Light::Seasonal.on(Date::constant(2025, month, day), Degrees(latitude))
        };
        assert_eq!((on(4, 6, 48.0), on(4, 7, 48.0)), (0.5, 0.03), "day 97 is the first in leaf");
        assert_eq!((on(10, 27, 48.0), on(10, 28, 48.0)), (0.03, 0.5), "day 300 is the last");
        assert_eq!((on(1, 15, -21.0), on(7, 15, -21.0)), (0.03, 0.03), "Réunion");
        assert_eq!((on(1, 15, -45.0), on(7, 15, -45.0)), (0.03, 0.5), "far south");
        assert_eq!(Light::Fixed(0.2).on(Date::constant(2025, 1, 1), Degrees(48.0)), 0.2);
    }

    #[test]
    fn on_other_cells_the_surface_tells_crowns_from_roofs_and_gaps() {
        let seen = |above: f32, height: f32, class: u8| match Cell::seen(above, height, Some(2.0), class) {
            Cell::Tree { top, base, .. } => Some((top, base)),
            _ => None,
        };
        assert_eq!(seen(7.0, 8.0, 7), Some((7.0, 2.0)), "as high as the surface, not as the canopy");
        assert_eq!(seen(9.5, 8.0, 7), Some((9.5, 2.0)), "a pointed crown");
        assert_eq!(seen(1.0, 8.0, 7), Some((1.0, 0.25)), "a low branch");
        assert_eq!(seen(12.0, 8.0, 7), None, "a roof beside");
        assert_eq!(seen(7.0, 8.0, 1), None, "a tree over a roof");
        assert_eq!((seen(0.2, 8.0, 7), seen(2.0, 2.5, 6), seen(f32::NAN, 8.0, 7)), (None, None, None));
    }

    #[test]
    fn a_base_that_makes_no_sense_is_not_believed() {
        let base = |height: f32, base: Option<f32>| match Cell::of(height, base) {
            Cell::Tree { base, fallback, .. } => Some((base, fallback.is_some())),
            _ => None,
        };
        assert_eq!(base(8.0, Some(3.0)), Some((3.0, false)));
        assert_eq!(base(8.0, None), Some((2.0, true)));
        assert_eq!(base(8.0, Some(f32::NAN)), Some((2.0, true)));
        assert_eq!(base(8.0, Some(9.0)), Some((2.0, true)));
        assert_eq!(base(8.0, Some(-1.0)), Some((2.0, true)));
        assert_eq!((base(0.0, Some(1.0)), base(-1.0, None), base(f32::NAN, None)), (None, None, None));
    }
}
