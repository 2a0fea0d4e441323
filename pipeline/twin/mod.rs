//! From finished maps and clouds to a digital twin: 3D Tiles that stand at the right height.
//!
//! In: the folder of a run, whose `run.json` names the clouds. Out: `tileset/tileset.json` over one tileset for each content
//! of each square kilometre, `tileset/<content>/<tile>/tileset.json`; `tileset/<content>.json` over one content;
//! `buildings.city.jsonl`, the solids of buildings as CityJSON. `heights` brings the map to the globe; `points`, `buildings`,
//! `trees` and `terrain` make the contents, `mesh` and `picture` what they share; `tileset` writes the trees that viewers walk.
//! A content of a tile is written into a folder of another name and renamed; one whose clouds, maps, grid and settings are
//! the same is not made again.
//!
//! Fails where: a cloud was moved since the run, or no grid leads to the ellipsoid. Memory: one tile.

pub mod buildings;
pub mod contents;
mod gather;
pub mod heights;
pub mod mesh;
pub mod origin;
pub mod picture;
mod points;
mod roots;
pub mod terrain;
pub mod tileset;
pub mod trees;

pub use contents::{Content, Site};

use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::ground::{Classifier, Depth};
use crate::fault;
use crate::formats::aside::Folder;
use crate::formats::glb::Packing;
use crate::formats::raster::read::Raster;
use crate::formats::vector;
use crate::product::{self, BUILDINGS, COVER, DTM, HEAT_NIGHT, IMPERVIOUSNESS, TREES};
use crate::publish::archives::paint::Paint;
use crate::store::{self, Store, sha256};
use crate::style::spread_of;
use crate::text;
use crate::text::{Fault, Text};
use contents::{Built, Workshop};
use gather::{Reader, near};
use heights::World;
use ilot_kernels::extent::Extent;
use ilot_kernels::unit::Metres;
use origin::Origin;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Folder of a run.
    pub out: PathBuf,
    /// The record that names its clouds, below that folder.
    pub record: &'static str,
    /// The clouds, where they are not those that the record names.
    pub clouds: Vec<PathBuf>,
    /// CRS of clouds that name none.
    pub crs: Option<String>,
    /// Folders in which grids are looked for first.
    pub grids: Vec<PathBuf>,
    /// Points below which a square is not parted.
    pub most: usize,
    /// What is shown; empty for all that the run has.
    pub content: Vec<Content>,
    /// An orthophoto, laid over the terrain and the points.
    pub ortho: Option<PathBuf>,
    /// The product that is laid over the terrain where there is no orthophoto; land cover where none is named.
    pub drape: Option<String>,
    /// Whether buffers are compressed.
    pub packing: Packing,
}

/// What was made.
#[derive(Debug, Default)]
pub struct Done {
    /// Contents of tiles made, and those that were current.
    pub tiles: (usize, usize),
    /// Points, buildings and trees written.
    pub points: u64,
    /// Buildings written.
    pub buildings: u64,
    /// Trees written.
    pub trees: u64,
    /// Clouds and tiles that could not be used.
    pub failed: Vec<Fault>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Files that a later run looks at, below the folder of results.
    pub files: Vec<String>,
    /// The clouds and maps that it was made from.
    pub inputs: Vec<PathBuf>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// Side of a tile.
const SIDE: Metres = Metres(1000.0);

/// The finished maps of a run, as far as it has them.
pub struct Maps {
    terrain: Option<Raster>,
    imperviousness: Option<Raster>,
    heat: Option<Raster>,
    ortho: Option<Raster>,
    drape: Option<(Raster, Paint)>,
    buildings: Option<vector::Source>,
    trees: Option<vector::Source>,
    /// Its files; layers may not be there.
    files: Vec<PathBuf>,
    /// What these are, for fingerprints.
    stamps: Vec<Value>,
}

impl Maps {
    fn open(order: &Order) -> Result<Maps, Fault> {
        let map = |name: &str| {
            let path = order.out.join(format!("{name}.vrt"));
            path.is_file().then(|| Raster::open(&path)).transpose()
        };
        let layer = |name: &str| {
            let path = order.out.join(format!("{name}.gpkg"));
            path.is_file().then(|| vector::Source::open(&path)).transpose()
        };
        let mut maps = Maps {
            terrain: map(DTM.spec.name)?,
            imperviousness: map(IMPERVIOUSNESS.spec.name)?,
            heat: map(HEAT_NIGHT.spec.name)?,
            ortho: order.ortho.as_deref().map(Raster::open).transpose()?,
            drape: drape(order)?,
            buildings: layer(BUILDINGS.name)?,
            trees: layer(TREES.name)?,
            files: Vec::new(),
            stamps: Vec::new(),
        };
        let rasters = [&maps.terrain, &maps.imperviousness, &maps.heat, &maps.ortho];
        let drape = maps.drape.as_ref().map(|(raster, _)| raster);
        let layers = [BUILDINGS.name, TREES.name].map(|name| order.out.join(format!("{name}.gpkg")));
        let files = rasters
            .into_iter()
            .filter_map(Option::as_ref)
            .chain(drape)
            .map(|raster| raster.path().to_owned());
        maps.files = files.chain(layers).collect();
        maps.stamps = maps.files.iter().map(|path| stamp(path)).collect();
        Ok(maps)
    }

    /// Whether there is what a content is made of, beside clouds.
    fn have(&self, content: Content) -> bool {
        match content {
            Content::Points => true,
            Content::Terrain => self.terrain.is_some(),
            Content::Buildings => self.buildings.is_some(),
            Content::Trees => self.trees.is_some() && self.terrain.is_some(),
        }
    }
}

/// The product that is laid over the terrain.
fn drape(order: &Order) -> Result<Option<(Raster, Paint)>, Fault> {
    let name = order.drape.as_deref().unwrap_or(COVER.spec.name);
    let path = order.out.join(format!("{name}.vrt"));
    let Some(spec) = product::all().find(|spec| spec.name == name).filter(|_| path.is_file()) else {
        if order.drape.is_none() {
            return Ok(None);
        }
        let out = order.out.display();
        return Err(fault!(
            fr: "{out} n'a pas de produit « {name} » à draper : nommez-en un que ce calcul a fait.",
            en: "{out} has no product `{name}` to drape: name one that this run has made.",
        ));
    };
    let style = std::fs::read_to_string(path.with_extension("qml")).unwrap_or_default();
    Ok(Some((Raster::open(&path)?, Paint::of(spec, spread_of(&style)))))
}

/// Makes the twin; `tell` hears of each tile, and of how many there are.
///
/// # Errors
/// Where there is nothing to make it from, or heights cannot be brought to the ellipsoid.
pub fn make(order: &Order, stop: &AtomicBool, tell: &dyn Fn(&str, usize)) -> Result<Done, Fault> {
    let run = Origin::read(order)?;
    let catalogue = Catalogue::open(&run.clouds, order.crs.as_deref().or(run.crs.as_deref()))?;
    let world = World::of(&catalogue.crs, &order.grids)?;
    let mut done = Done { remarks: catalogue.remarks.clone(), ..Done::default() };
    done.remarks.extend(run.others.clone());
    done.remarks.extend(world.remark.clone());
    done.failed.extend(catalogue.rejected.iter().map(|(_, why)| why.clone()));
    let maps = Maps::open(order)?;
    done.inputs = run.clouds.iter().chain(&maps.files).cloned().collect();
    if maps.terrain.is_none() {
        done.remarks.push(text!(
            fr: "sans dtm.vrt, les points ne portent pas de hauteur au-dessus du sol",
            en: "without dtm.vrt, points bear no height above ground",
        ));
    }
    let contents = wanted(order, &maps)?;
    let store = Store::open(&order.out)?;
    let reader = Reader {
        catalogue: &catalogue,
        recomputed: &run.recomputed,
        stop,
        waiting: gather::Waiting::default(),
    };
    let workshop = Workshop { order, catalogue: &catalogue, world: &world, maps: &maps, reader };
    let work = Work { workshop, run: &run };
    let mut classifier = Classifier::new(&catalogue, Depth::Objects, CLASSIFIER_MEMORY, stop);
    let tiles = work.tiles();
    let mut kept = Vec::new();
    for tile in &tiles {
        let mut own = Vec::new();
        for &content in &contents {
            if stop.load(Ordering::Relaxed) {
                done.interrupted = true;
                return Ok(done);
            }
            match work.tile(content, tile, &mut classifier, &mut done) {
                Ok(true) => own.push(content),
                Ok(false) => {}
                Err(_) if stop.load(Ordering::Relaxed) => {}
                Err(why) => done.failed.push(why),
            }
        }
        work.workshop.reader.forget(tile);
        kept.push((*tile, own));
        tell(&tile.name(), tiles.len());
    }
    let grid = world.grid.file_name().unwrap_or_default().to_string_lossy();
    let about = roots::about(&catalogue.crs.code(), &grid, world.remark.as_ref());
    done.files.extend(roots::write(&store, &kept, &catalogue.extent, &about)?);
    done.files.extend(roots::city(&store, &kept, &reference(&catalogue))?);
    Ok(done)
}

/// What is shown: what is asked for, or all that there is.
fn wanted(order: &Order, maps: &Maps) -> Result<Vec<Content>, Fault> {
    if order.content.is_empty() {
        return Ok(Content::ALL.into_iter().filter(|content| maps.have(*content)).collect());
    }
    if let Some(missing) = order.content.iter().find(|content| !maps.have(**content)) {
        let (name, out) = (missing.name(), order.out.display());
        return Err(fault!(
            fr: "{out} n'a pas de quoi montrer « {name} » : il faut dtm, et buildings ou trees pour ceux-ci (section [cover]).",
            en: "{out} lacks what shows `{name}`: it takes dtm, and buildings or trees for these (section [cover]).",
        ));
    }
    Ok(Content::ALL.into_iter().filter(|content| order.content.contains(content)).collect())
}

/// The CRS as CityJSON names it.
fn reference(catalogue: &Catalogue) -> String {
    let crs = &catalogue.crs;
    let code = match (crs.horizontal_epsg(), crs.vertical_epsg()) {
        (Some(2154), Some(5720)) => 5698,
        (Some(2154), Some(5721)) => 5699,
        (horizontal, _) => horizontal.unwrap_or(0),
    };
    format!("https://www.opengis.net/def/crs/EPSG/0/{code}")
}

/// Memory in which a cloud's new classes are found, bytes.
const CLASSIFIER_MEMORY: u64 = 1 << 30;

/// A square kilometre of the map, by its south-western corner in metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    west: i64,
    south: i64,
}

impl Tile {
    /// Kilometres of the north-western corner, as IGN names tiles.
    fn name(self) -> String {
        let side = SIDE.0 as i64;
        format!("{:04}_{:04}", self.west / side, self.south / side + 1)
    }

    /// Where a content of it lies below the folder of results.
    fn place(self, content: Content) -> String {
        format!("tileset/{}/{}", content.name(), self.name())
    }

    /// The tiles that an extent touches.
    fn under(extent: &Extent) -> Vec<Tile> {
        let side = SIDE.0 as i64;
        let lines = |low: f64, high: f64| {
            let line = |metres: f64| (metres / SIDE.0).floor() as i64;
            (line(low)..=line(high)).map(move |line| line * side)
        };
        let rows = lines(extent.south, extent.north);
        rows.flat_map(|south| lines(extent.west, extent.east).map(move |west| Tile { west, south })).collect()
    }

    /// Whether it holds a place: its western and southern border are its own.
    fn holds(self, [x, y]: [f64; 2]) -> bool {
        let side = |value: f64, low: i64| (0.0..SIDE.0).contains(&(value - low as f64));
        side(x, self.west) && side(y, self.south)
    }

    fn extent(self) -> Extent {
        let (west, south) = (self.west as f64, self.south as f64);
        Extent { west, south, east: west + SIDE.0, north: south + SIDE.0 }
    }
}

struct Work<'a> {
    workshop: Workshop<'a>,
    run: &'a Origin,
}

impl Work<'_> {
    /// The tiles that clouds touch, from south to north, then from west to east: what a cloud has on the border of the tiles
    /// east and north of its own is decoded before these ask for it.
    fn tiles(&self) -> Vec<Tile> {
        let catalogue = self.workshop.catalogue;
        let of = |source: &Source| Tile::under(&gather::reach(source, catalogue));
        let mut tiles: Vec<Tile> = catalogue.sources.iter().flat_map(of).collect();
        tiles.sort_by_key(|tile| (tile.south, tile.west));
        tiles.dedup();
        tiles
    }

    /// Makes a content of a tile unless it is there; says whether there is anything of it.
    fn tile(
        &self,
        content: Content,
        tile: &Tile,
        classifier: &mut Classifier<'_>,
        done: &mut Done,
    ) -> Result<bool, Fault> {
        let place = tile.place(content);
        let folder = self.workshop.order.out.join(&place);
        let fingerprint = self.fingerprint(content, tile);
        let file = format!("{place}/tileset.json");
        if current(&folder, &fingerprint) {
            done.tiles.1 += 1;
            done.files.push(file);
            return Ok(true);
        }
        let Some(built) = self.workshop.build(content, tile, classifier)? else {
            Folder::forget(&folder);
            return Ok(false);
        };
        let count = built.count as u64;
        done.remarks.extend(self.keep(tile, built, &fingerprint)?);
        done.tiles.0 += 1;
        done.files.push(file);
        match content {
            Content::Points => done.points += count,
            Content::Buildings => done.buildings += count,
            Content::Trees => done.trees += count,
            Content::Terrain => {}
        }
        Ok(true)
    }

    /// Gives a content its tileset and its name; what a user should know.
    fn keep(&self, tile: &Tile, built: Built, fingerprint: &str) -> Result<Vec<Text>, Fault> {
        let world = self.workshop.world;
        let about = json!({
            "fingerprint": fingerprint, "crs": self.workshop.catalogue.crs.code(), "count": built.count,
            "height_grid": world.grid.file_name().map(|name| name.to_string_lossy()),
            "undulation_m": built.site.undulation, "clouds": self.names(tile),
        });
        let error = built.branch.error.max(SIDE.0);
        let matrix = Some(built.site.horizon.matrix());
        built.folder.write("tileset.json", &tileset::encode(&built.branch, matrix, error, &about))?;
        built.folder.commit()?;
        Ok(built.remarks)
    }

    fn names(&self, tile: &Tile) -> Vec<String> {
        let name =
            |source: &Source| source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        near(self.workshop.catalogue, &tile.extent()).map(|(_, source)| name(source)).collect()
    }

    fn fingerprint(&self, content: Content, tile: &Tile) -> String {
        let Workshop { order, catalogue, world, maps, .. } = &self.workshop;
        // Roofs go on in the tiles around.
        let extent = tile.extent().padded(if content == Content::Buildings { SIDE } else { Metres(0.0) });
        let clouds: Vec<Value> = near(catalogue, &extent).map(|(_, source)| stamp(&source.path)).collect();
        let recomputed: Vec<bool> =
            near(catalogue, &extent).map(|(_, source)| self.run.recomputed.contains(&source.path)).collect();
        let all = json!({
            "version": env!("CARGO_PKG_VERSION"), "content": content.name(), "tile": tile.name(), "clouds": clouds,
            "recomputed": recomputed, "maps": maps.stamps, "grid": stamp(&world.grid), "most": order.most,
            "crs": catalogue.crs.code(), "packing": order.packing, "drape": order.drape,
        });
        sha256(all.to_string().as_bytes())
    }
}

/// A file by its name, size and instant.
fn stamp(path: &Path) -> Value {
    let (bytes, changed) = store::stamp(path).unzip();
    let changed = changed.map(|nanoseconds| nanoseconds.to_string());
    json!([path.file_name().map(|name| name.to_string_lossy()), bytes, changed])
}

/// Whether a tile's folder was made from the same things.
fn current(folder: &Path, fingerprint: &str) -> bool {
    let text = std::fs::read(folder.join("tileset.json")).unwrap_or_default();
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    value["asset"]["extras"]["fingerprint"] == fingerprint
}
