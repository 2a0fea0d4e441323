//! What is shown of a square kilometre: points, buildings, trees, terrain, each as a tree of 3D tiles.

use super::gather::Reader;
use super::heights::{World, seen_from};
use super::mesh;
use super::picture::Picture;
use super::points::{self, Square};
use super::terrain::Relief;
use super::tileset::Branch;
use super::{Maps, Order, SIDE, Tile, buildings, trees};
use crate::cloud::catalogue::Catalogue;
use crate::cloud::ground::Classifier;
use crate::formats::aside::Folder;
use crate::formats::raster::read::Raster;
use crate::formats::vector::Feature;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::chart::Chart;
use ilot_kernels::extent::Extent;
use ilot_kernels::globe::Horizon;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::levels::LevelParams;
use ilot_kernels::unit::Metres;
use serde::{Deserialize, Serialize};

/// A kind of content.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// The terrain as a textured mesh.
    Terrain,
    /// Buildings as solids.
    Buildings,
    /// Trees.
    Trees,
    /// The clouds.
    Points,
}

impl Content {
    /// All of them, as they are listed in tilesets.
    pub const ALL: [Content; 4] = [Content::Terrain, Content::Buildings, Content::Trees, Content::Points];

    /// Its folder below the tileset.
    pub fn name(self) -> &'static str {
        match self {
            Content::Terrain => "terrain",
            Content::Buildings => "buildings",
            Content::Trees => "trees",
            Content::Points => "points",
        }
    }
}

/// Where a tile lies on the globe.
#[derive(Debug)]
pub struct Site {
    /// Longitude, latitude, height above the ellipsoid.
    pub geographic: Chart,
    /// Metres east, north and up of the horizon.
    pub local: Chart,
    /// The middle of the tile at the height of the sea.
    pub horizon: Horizon,
    /// Height of the geoid above the ellipsoid there, metres.
    pub undulation: f64,
}

impl Site {
    /// The site of a piece of map.
    ///
    /// # Errors
    /// Where it reaches outside of the grid.
    pub fn of(world: &World, extent: &Extent) -> Result<Site, Fault> {
        let geographic = world.geographic(extent)?;
        let (x, y) = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
        let [longitude, latitude, undulation] = geographic.image(x, y, 0.0);
        let horizon = Horizon::at(longitude, latitude, undulation);
        Ok(Site { local: seen_from(&horizon, &geographic), geographic, horizon, undulation })
    }
}

/// A content of a tile.
pub struct Built {
    /// Where it lies.
    pub site: Site,
    /// Its tree.
    pub branch: Branch,
    /// Its files, which bear no final name yet.
    pub folder: Folder,
    /// Number of points, buildings, trees or meshes.
    pub count: usize,
    /// What a user should know.
    pub remarks: Vec<Text>,
}

/// What contents are made of.
pub struct Workshop<'a> {
    /// What is asked for.
    pub order: &'a Order,
    /// The clouds.
    pub catalogue: &'a Catalogue,
    /// The globe.
    pub world: &'a World,
    /// The finished maps.
    pub maps: &'a Maps,
    /// What reads the clouds.
    pub reader: Reader<'a>,
}

impl Workshop<'_> {
    /// A content of a tile; `None` where there is nothing of it.
    ///
    /// # Errors
    /// Where a cloud, a map or the grid fails.
    pub fn build(
        &self,
        content: Content,
        tile: &Tile,
        classifier: &mut Classifier<'_>,
    ) -> Result<Option<Built>, Fault> {
        match content {
            Content::Points => self.points(tile, classifier),
            Content::Buildings => self.buildings(tile, classifier),
            Content::Trees => self.trees(tile),
            Content::Terrain => self.terrain(tile),
        }
    }

    /// The folder of a content of a tile, aside.
    fn folder(&self, content: Content, tile: &Tile) -> Result<Folder, Fault> {
        Folder::create(&self.order.out.join(tile.place(content)))
    }

    fn points(&self, tile: &Tile, classifier: &mut Classifier<'_>) -> Result<Option<Built>, Fault> {
        let mut points = self.reader.gather(tile, classifier)?;
        if points.is_empty() {
            return Ok(None);
        }
        let extent = tile.extent();
        let site = Site::of(self.world, &extent)?;
        let (terrain, heat) =
            (window(self.maps.terrain.as_ref(), &extent)?, window(self.maps.heat.as_ref(), &extent)?);
        let picture = self.maps.ortho.as_ref().map(|raster| Picture::photo(raster, &extent)).transpose()?;
        let lattice = self.catalogue.lattice;
        let unit = i64::from(lattice.per_metre);
        let square = Square {
            lattice,
            corner: (tile.west * unit - lattice.x0, tile.south * unit - lattice.y0),
            local: &site.local,
            geographic: &site.geographic,
            terrain: terrain.as_ref(),
            heat: heat.as_ref(),
            picture: picture.as_ref(),
            levels: LevelParams { bits: points::bits(SIDE.0 as i64 * unit), most: self.order.most },
            packing: self.order.packing,
        };
        let folder = self.folder(Content::Points, tile)?;
        let branch = square.tiles(&mut points, &folder)?;
        Ok(Some(Built { site, branch, folder, count: points.len(), remarks: Vec::new() }))
    }

    fn buildings(&self, tile: &Tile, classifier: &mut Classifier<'_>) -> Result<Option<Built>, Fault> {
        let Some(source) = &self.maps.buildings else { return Ok(None) };
        let extent = tile.extent();
        let (layer, _) = source.read(0, Some(&extent))?;
        let owns = |feature: &&Feature| {
            buildings::bounds(feature)
                .is_some_and(|own| tile.holds([(own.west + own.east) / 2.0, (own.south + own.north) / 2.0]))
        };
        let owned: Vec<&Feature> = layer.features.iter().filter(owns).collect();
        let Some(whole) =
            owned.iter().filter_map(|own| buildings::bounds(own)).reduce(|all, one| all.union(&one))
        else {
            return Ok(None);
        };
        let site = Site::of(self.world, &extent.union(&whole))?;
        let points = self.reader.roofs(&whole, classifier)?;
        let around = whole.padded(Metres(100.0));
        let (terrain, sealed, heat) = (
            window(self.maps.terrain.as_ref(), &around)?,
            window(self.maps.imperviousness.as_ref(), &around)?,
            window(self.maps.heat.as_ref(), &around)?,
        );
        let surroundings = buildings::Surroundings {
            terrain: terrain.as_ref(),
            imperviousness: sealed.as_ref(),
            heat: heat.as_ref(),
        };
        let made = buildings::made(&layer, &owned, &points, &surroundings);
        let mut remarks = Vec::new();
        if made.groundless > 0 {
            let (number, name) = (made.groundless, tile.name());
            remarks.push(text!(
                fr: "tuile {name} : {number} bâtiments sans sol connu sont laissés de côté",
                en: "tile {name}: {number} buildings whose ground is not known are left out",
            ));
        }
        let count = made.things.len();
        if count == 0 {
            return Ok(None);
        }
        let folder = self.folder(Content::Buildings, tile)?;
        let branch = mesh::tree(&site, made.things, &buildings::KIND, self.order.packing, &folder)?;
        folder.write(buildings::CITY, made.city.as_bytes())?;
        Ok(Some(Built { site, branch, folder, count, remarks }))
    }

    fn trees(&self, tile: &Tile) -> Result<Option<Built>, Fault> {
        let Some(source) = &self.maps.trees else { return Ok(None) };
        let extent = tile.extent();
        let (layer, _) = source.read(0, Some(&extent))?;
        let terrain = window(self.maps.terrain.as_ref(), &extent.padded(Metres(5.0)))?;
        let ground = |[x, y]: [f64; 2]| {
            let terrain = terrain.as_ref()?;
            let (row, col) = terrain.frame().locate(x, y)?;
            Some(terrain.at(row, col)).filter(|height| !height.is_missing()).map(f64::from)
        };
        let (things, bare) = trees::things(&layer, |at| tile.holds(at), ground);
        let mut remarks = Vec::new();
        if bare > 0 {
            let name = tile.name();
            remarks.push(text!(
                fr: "tuile {name} : {bare} arbres sans terrain connu sont laissés de côté",
                en: "tile {name}: {bare} trees without a known terrain are left out",
            ));
        }
        let count = things.len();
        if count == 0 {
            return Ok(None);
        }
        let site = Site::of(self.world, &extent)?;
        let folder = self.folder(Content::Trees, tile)?;
        let branch = mesh::tree(&site, things, &trees::KIND, self.order.packing, &folder)?;
        Ok(Some(Built { site, branch, folder, count, remarks }))
    }

    fn terrain(&self, tile: &Tile) -> Result<Option<Built>, Fault> {
        let extent = tile.extent();
        let Some(heights) = window(self.maps.terrain.as_ref(), &extent.padded(Metres(2.0)))? else {
            return Ok(None);
        };
        let picture = match (&self.maps.ortho, &self.maps.drape) {
            (Some(ortho), _) => Picture::photo(ortho, &extent)?,
            (None, Some((raster, paint))) => Picture::painted(raster, paint, &extent)?.lit(&heights),
            (None, None) => Picture::bare(&extent).lit(&heights),
        };
        let site = Site::of(self.world, &extent)?;
        let relief = Relief { extent, heights: &heights, picture: &picture, packing: self.order.packing };
        let folder = self.folder(Content::Terrain, tile)?;
        let made = relief.tiles(&site, &folder)?;
        Ok(made.map(|(branch, count)| Built { site, branch, folder, count, remarks: Vec::new() }))
    }
}

/// A raster within an extent.
fn window(raster: Option<&Raster>, extent: &Extent) -> Result<Option<Grid<f32>>, Fault> {
    let Some(raster) = raster else { return Ok(None) };
    raster.window(extent).map(|window| raster.read_window(0, &window)).transpose()
}
