//! Which points carry the terrain and the surface model: the choice of IGN's production chain.
//!
//! In: classified points. Out: two marks for each point, `dtm` and `dsm`; a triangulation of the marked
//! points gives the model. The idea: thin each kind of surface on its own (highest ground and roof point,
//! lowest water point, highest canopy point of a cell), and take from the surface model what lies under a
//! canopy, a deck or beside a wall, so that no triangle falls through a roof or a crown.
//!
//! ```text
//!            dsm  ●    ●                     dsm ●───────────● deck (17)
//!               ●  crown ●                           │ under │
//!   dtm, dsm ●   ○ ground ○   ● dtm, dsm    ●   ○ ground, water ○   ●
//! ```
//!
//! Source: IGNF/pdal-ign-plugin 0.5.9,
//! `pdal_ign_macro/mark_points_to_use_for_digital_models_with_new_dimension.py`; the numbers in the comments
//! below are its own steps. Two things differ by default ([`Cells`]): cells lie on multiples of their size
//! where IGN's start at the corner of each selection of each file, and equal heights are told apart by
//! position where IGN takes the first in the file. Marks are then the same for every tiling and every order
//! of the points; IGN's are not. Distances are compared in whole units, not in binary fractions of metres.
//!
//! Where it fails: it trusts the classes. Ground missed under a bridge, or a deck in class 1, are not seen.
//! Point classes other than 2–6, 9, 17, 66–68 are never marked.
//!
//! Cost: linear, about 0.2 µs of CPU for each point, and 4 bytes for each beside the marks; patches of 64 m are
//! worked on in parallel.

mod patch;

use rayon::prelude::*;

use crate::points::Points;
use crate::unit::Metres;
use patch::{Keep, Level, Near, Patch, Selection, of};

/// Where the cells of the thinning lie, and which of equal heights is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cells {
    /// Cell edges on multiples of the cell size in the CRS; of equal heights the westernmost, then the
    /// southernmost. The marks of a point depend on nothing beyond [`ProductionParams::halo`].
    OfTheMap,
    /// As IGN's program: cells start at the south-west corner of what is thinned, of equal heights the first
    /// in the columns. For comparing with IGN's own marks, as a whole file at once: it needs memory for the
    /// rectangle around all points, and the marks of a point depend on all others.
    OfTheCloud,
}

/// The distances of the method. The default is IGN's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProductionParams {
    /// Cell for ground, water, buildings and decks.
    pub cell: Metres,
    /// Cell for the canopy.
    pub canopy_cell: Metres,
    /// How near others of its kind must be for a point to belong to the border of an area, and how near
    /// vegetation must be for a point to count as under it.
    pub neighbour: Metres,
    /// Reach of ground that overhangs water (cliffs of Corsica).
    pub overhang: Metres,
    /// Ground this near to vegetation, buildings or decks is first left out of the surface model …
    pub clear_of_objects: Metres,
    /// … and so is ground this near to a wall; it comes back where open ground is a `neighbour`.
    pub wall: Metres,
    /// Reach of a deck over what lies under it.
    pub deck: Metres,
    /// How near others not under a deck must be for a point to be at its border.
    pub deck_border: Metres,
    /// Reach of objects over virtual points.
    pub virtual_points: Metres,
    /// Heights this close are one level.
    pub same_level: Metres,
    /// Where cells lie.
    pub cells: Cells,
}

impl Default for ProductionParams {
    fn default() -> Self {
        ProductionParams {
            cell: Metres(0.5),
            canopy_cell: Metres(0.75),
            neighbour: Metres(1.0),
            overhang: Metres(1.25),
            clear_of_objects: Metres(1.5),
            wall: Metres(1.25),
            deck: Metres(1.5),
            deck_border: Metres(1.25),
            virtual_points: Metres(0.5),
            same_level: Metres(0.5),
            cells: Cells::OfTheMap,
        }
    }
}

impl ProductionParams {
    /// How far from a point others can decide on its marks, with [`Cells::OfTheMap`].
    ///
    /// A flag that a rule sets depends on what is within the rule's reach, and on what the flags there depend
    /// on; a thinning depends on what is in the cell, at most a diagonal away. With the default: 3.8 m.
    pub fn halo(&self) -> Metres {
        let diagonal = |cell: Metres| cell.0 * std::f64::consts::SQRT_2;
        let bordered = 2.0 * self.neighbour.0;
        let canopy = diagonal(self.canopy_cell) + bordered;
        let surface = diagonal(self.cell) + canopy.max(bordered);
        let water = diagonal(self.cell) + bordered.max(self.overhang.0 + self.neighbour.0);
        let beside_wall = self.neighbour.0 + bordered.max(self.wall.0);
        let under_deck = self.deck.0 + self.deck_border.0;
        let virtual_points = 2.0 * self.virtual_points.0;
        let farthest = [surface, water, beside_wall, under_deck, virtual_points, self.clear_of_objects.0];
        Metres(farthest.into_iter().fold(0.0, f64::max))
    }
}

/// One mark of each kind for each point, in the order of the points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markers {
    /// Whether the point carries the terrain model.
    pub dtm: Vec<bool>,
    /// Whether the point carries the surface model.
    pub dsm: Vec<bool>,
}

/// The points that carry the terrain and the surface model.
///
/// # Panics
/// Where the class column is missing or a cell is no positive length: the caller reads and checks both.
pub fn mark(points: &Points, params: &ProductionParams) -> Markers {
    assert_eq!(points.class.len(), points.len(), "the method needs the class of each point");
    assert!(params.cell.0 > 0.0 && params.canopy_cell.0 > 0.0, "a cell has a positive size");
    let layout = match params.cells {
        Cells::OfTheMap => patch::Layout::of_squares(points, params.halo()),
        Cells::OfTheCloud => patch::Layout::of_one(points),
    };
    let chosen: Vec<(Vec<u32>, Vec<u32>)> = (0..layout.len())
        .into_par_iter()
        .map(|number| {
            let mut patch = layout.patch(number, points, params.cells);
            choose(&mut patch, params);
            (patch.inside(DTM), patch.inside(DSM))
        })
        .collect();
    let mut markers = Markers { dtm: vec![false; points.len()], dsm: vec![false; points.len()] };
    for (dtm, dsm) in chosen {
        dtm.iter().for_each(|&i| markers.dtm[i as usize] = true);
        dsm.iter().for_each(|&i| markers.dsm[i as usize] = true);
    }
    markers
}

// Classes of IGN's LiDAR HD.
const GROUND: Selection = of(&[2]);
const LOW_VEGETATION: Selection = of(&[3]);
const VEGETATION: Selection = of(&[4, 5]);
const HIGH_VEGETATION: Selection = of(&[5]);
const BUILDINGS: Selection = of(&[6, 67]);
const ROOFS_AND_DECKS: Selection = of(&[6, 17, 67]);
const WATER: Selection = of(&[9]);
const DECK: Selection = of(&[17]);
const VIRTUAL: Selection = of(&[66]);
const FROM_PHOTOS: Selection = of(&[68]);
const UNDER_SOMETHING: Selection = of(&[6, 9, 17, 67]);
const OBJECTS: Selection = of(&[4, 5, 6, 17, 67]);
const BELOW_DECKS: Selection = of(&[2, 3, 4, 5, 6, 9, 67]);

// Flags of a point, above the bits of the classes; in brackets IGN's name.
const CANOPY: u32 = 1 << 16; // part of the canopy (PT_VEG_DSM)
const UNDER_CANOPY: u32 = 1 << 17; // (PT_UNDER_VEGET)
const UNDER_GROUND: u32 = 1 << 18; // water under a rock (PT_ON_SOL)
const BY_VIRTUAL: u32 = 1 << 19; // water that virtual points replace (PT_ON_VIRT)
const BESIDE_WALL: u32 = 1 << 20; // (PT_CLOSED_BUILDING)
const UNDER_DECK: u32 = 1 << 21; // (PT_UNDER_BRIDGE)
const DTM: u32 = 1 << 22; // (dtm_marker)
const DSM: u32 = 1 << 23; // (dsm_marker)

/// The whole chain, in IGN's order: later steps read what earlier ones have set.
fn choose(patch: &mut Patch, params: &ProductionParams) {
    canopy(patch, params);
    under_canopy(patch, params);
    patch.raise(CANOPY, Near::any(LOW_VEGETATION, HIGH_VEGETATION, params.neighbour));
    patch.thin(&[Selection::any().with(CANOPY)], params.canopy_cell, Keep::Highest, DSM);
    water(patch, params);
    first_choice(patch, params);
    ground_beside_objects(patch, params);
    under_decks(patch, params);
    patch
        .raise_all(DSM, Selection::any().with(DTM).without(CANOPY | UNDER_DECK | BESIDE_WALL | UNDER_CANOPY));
    virtual_points(patch, params);
    patch.raise_all(DTM, FROM_PHOTOS);
}

/// 1.1, 1.2: vegetation, and ground inside of it: near vegetation, and not near ground that is not.
fn canopy(patch: &mut Patch, params: &ProductionParams) {
    patch.raise_all(CANOPY, VEGETATION);
    patch.raise(CANOPY, Near::any(GROUND, VEGETATION, params.neighbour));
    patch.lower(CANOPY, Near::any(GROUND.with(CANOPY), GROUND.without(CANOPY), params.neighbour));
}

/// 1.3: roofs, decks and water inside of what vegetation covers.
fn under_canopy(patch: &mut Patch, params: &ProductionParams) {
    patch.raise(
        UNDER_CANOPY,
        Near {
            source: UNDER_SOMETHING,
            reference: VEGETATION,
            reach: params.neighbour,
            level: Level::AtOrAbove,
        },
    );
    patch.lower(
        UNDER_CANOPY,
        Near {
            source: UNDER_SOMETHING.with(UNDER_CANOPY),
            reference: UNDER_SOMETHING.without(UNDER_CANOPY),
            reach: params.neighbour,
            level: Level::Within(params.same_level),
        },
    );
}

/// 2: water under overhanging ground, and water that virtual points stand for.
fn water(patch: &mut Patch, params: &ProductionParams) {
    patch.raise(
        UNDER_GROUND,
        Near { source: WATER, reference: GROUND, reach: params.overhang, level: Level::AtOrAbove },
    );
    patch.lower(
        UNDER_GROUND,
        Near {
            source: WATER.with(UNDER_GROUND),
            reference: WATER.without(UNDER_GROUND),
            reach: params.neighbour,
            level: Level::Within(params.same_level),
        },
    );
    patch.raise(BY_VIRTUAL, Near::any(WATER, VIRTUAL, params.neighbour));
    patch.lower(BY_VIRTUAL, Near::any(WATER.with(BY_VIRTUAL), WATER.without(BY_VIRTUAL), params.neighbour));
}

/// 3: one point of a cell. The second thinning of the surface also thins the canopy among roofs and decks.
fn first_choice(patch: &mut Patch, params: &ProductionParams) {
    let open_water = WATER.without(UNDER_GROUND | BY_VIRTUAL);
    let surface = [ROOFS_AND_DECKS.without(UNDER_CANOPY), Selection::any().with(DSM)];
    patch.thin(&[GROUND], params.cell, Keep::Highest, DTM);
    patch.thin(&surface, params.cell, Keep::Highest, DSM);
    patch.thin(&[open_water], params.cell, Keep::Lowest, DTM);
    patch.thin(&[open_water.without(UNDER_CANOPY)], params.cell, Keep::Lowest, DSM);
}

/// 4: terrain points near objects leave the surface model; beside a wall those next to open ground return.
fn ground_beside_objects(patch: &mut Patch, params: &ProductionParams) {
    patch.lower(DSM, Near::any(Selection::any().with(DTM), OBJECTS, params.clear_of_objects));
    patch.raise(BESIDE_WALL, Near::any(GROUND.without(CANOPY), BUILDINGS, params.wall));
    patch.raise(
        DSM,
        Near::any(
            GROUND.with(BESIDE_WALL | DTM).without(DSM),
            GROUND.without(BESIDE_WALL | CANOPY),
            params.neighbour,
        ),
    );
}

/// 5: nothing inside of what a deck covers is part of the surface.
fn under_decks(patch: &mut Patch, params: &ProductionParams) {
    patch.raise(
        UNDER_DECK,
        Near { source: BELOW_DECKS, reference: DECK, reach: params.deck, level: Level::AtOrAbove },
    );
    // The condition as it stands in the script reads "not under a deck and ground, or any vegetation …";
    // the marks that IGN published follow the reading "not under a deck" for all of them.
    patch.lower(
        UNDER_DECK,
        Near {
            source: BELOW_DECKS.with(UNDER_DECK),
            reference: BELOW_DECKS.without(UNDER_DECK),
            reach: params.deck_border,
            level: Level::Within(params.same_level),
        },
    );
    patch.lower_all(DSM, Selection::any().with(UNDER_DECK));
}

/// 7: virtual points carry the terrain, and the surface where nothing stands over them.
fn virtual_points(patch: &mut Patch, params: &ProductionParams) {
    patch.raise_all(DTM, VIRTUAL);
    patch.raise(UNDER_CANOPY, Near::any(VIRTUAL, OBJECTS, params.virtual_points));
    patch.lower(
        UNDER_CANOPY,
        Near::any(VIRTUAL.with(UNDER_CANOPY), VIRTUAL.without(UNDER_CANOPY), params.virtual_points),
    );
    patch.raise(UNDER_DECK, Near::any(VIRTUAL, DECK, params.virtual_points));
    patch.raise_all(DSM, VIRTUAL.without(UNDER_CANOPY | UNDER_DECK));
}

#[cfg(test)]
mod tests;
