//! What a run will do, known before it does it: tiles, the clouds that each needs, stages, halos, memory.

use crate::cloud::catalogue::Catalogue;
use crate::cloud::gather::Recipe;
use crate::fault;
use crate::graph::{self, Needs};
use crate::product::{Cell, Ware};
use crate::project::Settings;
use crate::stage::Place;
use crate::text;
use crate::text::{Fault, Text, counted};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::unit::Metres;
use std::collections::{BTreeMap, BTreeSet};

/// One tile of the results.
#[derive(Debug, Clone)]
pub struct Tile {
    /// Its name: the kilometre of its north-west corner, as IGN does; metres where tiles are no kilometres.
    pub name: String,
    /// Its cells of the elevation products.
    pub core: Frame,
    /// Where it lies: the cells of other sizes follow from it.
    pub place: Place,
    /// The clouds that cover it.
    pub covered_by: Vec<usize>,
    /// The clouds that it looks at, its neighbours' included.
    pub looks_at: Vec<usize>,
}

/// Everything that will be done.
pub struct Plan {
    /// The stages that run, and what they need.
    pub needs: Needs,
    /// What is collected of the points.
    pub recipe: Recipe,
    /// The tiles, from north to south, then from west to east.
    pub tiles: Vec<Tile>,
    /// The tiles to make, where not all of them are wanted.
    only: Option<BTreeSet<usize>>,
}

/// More tiles than this are a mistake: a tile size in the wrong unit, or coordinates gone astray.
const TOO_MANY_TILES: f64 = 1e6;

impl Plan {
    /// Lays the tiles over the clouds and keeps the stages that the wanted products need.
    pub fn new(settings: &Settings, catalogue: &Catalogue) -> Result<Plan, Fault> {
        let needs = graph::needs(graph::stages(settings)?, &settings.wanted());
        let collected: Vec<_> = needs
            .collected
            .iter()
            .filter_map(|ware| match ware {
                Ware::Passing(passing) => Some((*passing, needs.reach[ware.name()])),
                Ware::Kept(_) | Ware::Layer(_) => None,
            })
            .collect();
        let recipe = Recipe::new(&collected, settings);
        let farthest = collected.iter().map(|(_, reach)| reach.0).fold(0.0, f64::max);
        let tiles = tiles(settings, catalogue, Metres(farthest))?;
        if tiles.is_empty() {
            return Err(no_cell(settings));
        }
        Ok(Plan { needs, recipe, tiles, only: None })
    }

    /// Whether only some tiles of the project are wanted.
    pub fn is_partial(&self) -> bool {
        self.only.is_some()
    }

    /// Whether a tile is to be made. The others stay as they are: what covers the whole project lists them too.
    pub fn wants(&self, index: usize) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&index))
    }

    /// The tiles to make, in order.
    pub fn wanted(&self) -> impl Iterator<Item = &Tile> {
        self.tiles.iter().enumerate().filter(|(index, _)| self.wants(*index)).map(|(_, tile)| tile)
    }

    /// Makes only the tiles of a list such as `0770_6278,0771_6278`; all of them where there is none.
    pub fn keep(&mut self, list: Option<&str>) -> Result<(), Fault> {
        let Some(list) = list else { return Ok(()) };
        let names: Vec<&str> = list.split(',').map(str::trim).collect();
        if let Some(unknown) = names.iter().find(|name| self.tiles.iter().all(|tile| tile.name != **name)) {
            let known: Vec<&str> = self.tiles.iter().take(5).map(|tile| tile.name.as_str()).collect();
            let known = known.join(", ");
            return Err(fault!(
                fr: "La tuile {unknown} n'est pas dans ce projet, qui a {known}… : « ilot plan » les nomme toutes.",
                en: "Tile {unknown} is not in this project, which has {known}…: `ilot plan` names them all.",
            ));
        }
        let wanted = self.tiles.iter().enumerate().filter(|(_, tile)| names.contains(&tile.name.as_str()));
        self.only = Some(wanted.map(|(index, _)| index).collect());
        Ok(())
    }

    /// The plan in words, the same for the same project.
    pub fn describe(&self, settings: &Settings, catalogue: &Catalogue) -> Vec<Text> {
        let mut lines = Vec::new();
        let points: u64 = catalogue.sources.iter().map(|source| source.cloud.header().count).sum();
        let clouds = counted(catalogue.sources.len(), ["nuage", "nuages"], ["cloud", "clouds"]);
        let tiles = counted(self.wanted().count(), ["tuile", "tuiles"], ["tile", "tiles"]);
        let crs = catalogue.crs.title();
        lines.push(Text {
            fr: format!("{}, {points} points, {}", clouds.fr, crs.fr),
            en: format!("{}, {points} points, {}", clouds.en, crs.en),
        });
        let (size, cell) = (settings.tile_size, settings.gridding.cell);
        let registration = format!("{:?}", settings.gridding.registration).to_lowercase();
        let (fr, en) = (tiles.fr, tiles.en);
        lines.push(text!(
            fr: "{fr} de {size}, cellules de {cell} ({registration})",
            en: "{en} of {size}, cells of {cell} ({registration})",
        ));
        for stage in &self.needs.stages {
            let signature = stage.signature();
            let names = |wares: &[Ware]| wares.iter().map(Ware::name).collect::<Vec<_>>().join(", ");
            let (name, reads, makes) = (signature.name, names(signature.reads), names(signature.makes));
            let halo = stage.halo().0;
            lines.push(text!(
                fr: "  {name} : lit {reads} → fait {makes} ; regarde à {halo}",
                en: "  {name}: reads {reads} → makes {makes}; looks {halo} far",
            ));
        }
        let memory = self.tile_bytes(settings, catalogue) / (1 << 20);
        let seconds = (points as f64 / DECODED_PER_SECOND).ceil() as u64;
        lines.push(text!(
            fr: "mémoire d'une tuile : environ {memory} Mo ; calcul : environ {seconds} s de processeur",
            en: "memory of a tile: about {memory} MB; computing: about {seconds} s of processor time",
        ));
        lines
    }

    /// A careful guess at the bytes that the busiest tile needs.
    pub fn tile_bytes(&self, settings: &Settings, catalogue: &Catalogue) -> u64 {
        let count = |tile: &Tile| -> u64 {
            tile.looks_at.iter().map(|&source| catalogue.sources[source].cloud.header().count).sum()
        };
        let points = self.tiles.iter().map(count).max().unwrap_or(0);
        let side = settings.tile_size.0 / settings.gridding.cell.0;
        let cells = self.tiles.iter().map(|tile| tile.core.len()).max().unwrap_or(0);
        (points * 12 + (side * side).min(cells as f64) as u64 * 64).max(1)
    }
}

/// Points that one core turns into all seven products in a second: for the estimate of a plan only.
const DECODED_PER_SECOND: f64 = 4e6;

fn no_cell(settings: &Settings) -> Fault {
    let (cell, tile) = (settings.gridding.cell, settings.tile_size);
    fault!(
        fr: "Aucun centre de cellule de {cell} ne tombe dans les nuages (tuiles de {tile}) : réduisez la cellule.",
        en: "No centre of a cell of {cell} falls into the clouds (tiles of {tile}): lower the cell size.",
    )
}

fn tiles(settings: &Settings, catalogue: &Catalogue, farthest: Metres) -> Result<Vec<Tile>, Fault> {
    let size = settings.tile_size.0;
    let across = catalogue.extent.width().0 / size * (catalogue.extent.height().0 / size);
    if across > TOO_MANY_TILES {
        let size = settings.tile_size;
        return Err(fault!(
            fr: "Des tuiles de {size} en feraient plus d'un million : agrandissez tile_size, ou vérifiez les coordonnées des nuages.",
            en: "Tiles of {size} would be more than a million: enlarge tile_size, or check the coordinates of the clouds.",
        ));
    }
    let mut tiles: BTreeMap<(i64, i64), Tile> = BTreeMap::new();
    for (index, source) in
        catalogue.sources.iter().enumerate().filter(|(_, source)| source.cloud.header().count > 0)
    {
        for (col, row) in squares(&source.cloud.header().extent, size) {
            let tile = tiles.entry((-row, col)).or_insert_with(|| {
                let square = square(col, row, size);
                let place = Place { square, data: catalogue.extent, elevation: settings.gridding };
                let core = place.frame(Cell::OfElevation);
                Tile { name: name(&square, size), core, place, covered_by: Vec::new(), looks_at: Vec::new() }
            });
            tile.covered_by.push(index);
        }
    }
    // Neighbours are looked up by square: a département has thousands of tiles and as many clouds.
    let on_square: BTreeMap<(i64, i64), Vec<usize>> =
        tiles.iter().map(|(square, tile)| (*square, tile.covered_by.clone())).collect();
    let mut tiles: Vec<Tile> = tiles.into_values().filter(|tile| !tile.core.is_empty()).collect();
    for tile in &mut tiles {
        let seen = tile.core.extent().padded(farthest);
        // A metre more, since a cloud that touches the border of what is seen lies on the square beyond it.
        let around = seen.padded(Metres(1.0));
        let near = squares(&around, size);
        let sources: BTreeSet<usize> =
            near.filter_map(|(col, row)| on_square.get(&(-row, col))).flatten().copied().collect();
        let touches = |source: &usize| catalogue.sources[*source].cloud.header().extent.touches(&seen);
        tile.looks_at = sources.into_iter().filter(touches).collect();
    }
    Ok(tiles)
}

/// The squares that an extent lies on: `[west, east) × (south, north]`. An extent that only touches a
/// square's far border does not lie on it, so that a full tile makes no sliver of its neighbours.
fn squares(extent: &Extent, size: f64) -> impl Iterator<Item = (i64, i64)> {
    let first_col = (extent.west / size).floor() as i64;
    let last_col = ((extent.east / size).ceil() as i64 - 1).max(first_col);
    let last_row = (extent.north / size).ceil() as i64 - 1;
    let first_row = ((extent.south / size).floor() as i64).min(last_row);
    (first_row..=last_row).flat_map(move |row| (first_col..=last_col).map(move |col| (col, row)))
}

fn square(col: i64, row: i64, size: f64) -> Extent {
    Extent {
        west: col as f64 * size,
        south: row as f64 * size,
        east: (col + 1) as f64 * size,
        north: (row + 1) as f64 * size,
    }
}

/// `0770_6278`: the kilometre of the north-west corner; in metres where the size is no whole kilometre.
fn name(square: &Extent, size: f64) -> String {
    if size % 1000.0 == 0.0 {
        format!("{:04}_{:04}", square.west / 1000.0, square.north / 1000.0)
    } else if size % 1.0 == 0.0 {
        format!("{:07}_{:07}", square.west, square.north)
    } else {
        format!("{:010.2}_{:010.2}", square.west, square.north)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: Extent = Extent { west: 770_000.0, south: 6_277_000.0, east: 771_000.0, north: 6_278_000.0 };

    #[test]
    fn a_full_tile_lies_on_one_square_only() {
        assert_eq!(squares(&TILE, 1000.0).collect::<Vec<_>>(), [(770, 6277)]);
        assert_eq!(squares(&Extent { west: 769_999.99, ..TILE }, 1000.0).count(), 2);
    }

    #[test]
    fn one_point_lies_on_one_square_even_on_a_border() {
        let point = Extent { west: 770_000.0, east: 770_000.0, south: 6_278_000.0, north: 6_278_000.0 };
        assert_eq!(squares(&point, 1000.0).collect::<Vec<_>>(), [(770, 6277)]);
    }

    #[test]
    fn tiles_are_named_by_their_north_west_kilometre() {
        assert_eq!(name(&TILE, 1000.0), "0770_6278");
        assert_eq!(name(&square(1541, 12555, 500.0), 500.0), "0770500_6278000");
    }
}
