//! From finished maps and clouds to a digital twin: 3D Tiles that stand at the right height.
//!
//! In: the folder of a run, whose `run.json` names the clouds. Out: `tileset/tileset.json` over one tileset for each
//! square kilometre, `tileset/points/<tile>/`. `heights` brings the map to the globe, `points` lays the cloud on levels of
//! detail, `tileset` writes the trees that viewers walk. A tile is written into a folder of another name and renamed; one
//! whose clouds, terrain, grid and settings are the same is not made again.
//!
//! Fails where: a cloud was moved since the run, or no grid leads to the ellipsoid. Memory: one tile.

mod gather;
pub mod heights;
pub mod points;
pub mod tileset;

use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::ground::{Classifier, Depth};
use crate::fault;
use crate::formats::aside::Folder;
use crate::formats::raster::read::Raster;
use crate::store::{self, Store, sha256};
use crate::text;
use crate::text::{Fault, Text};
use gather::{Reader, near};
use heights::{World, seen_from};
use ilot_kernels::chart::Chart;
use ilot_kernels::extent::Extent;
use ilot_kernels::globe::Horizon;
use ilot_kernels::grid::Grid;
use ilot_kernels::levels::LevelParams;
use ilot_kernels::unit::Metres;
use points::Square;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tileset::{Branch, Region};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Folder of a run.
    pub out: PathBuf,
    /// The clouds, where they are not those that `run.json` names.
    pub clouds: Vec<PathBuf>,
    /// CRS of clouds that name none.
    pub crs: Option<String>,
    /// Folders in which grids are looked for first.
    pub grids: Vec<PathBuf>,
    /// Points below which a square is not parted.
    pub most: usize,
}

/// What was made.
#[derive(Debug, Default)]
pub struct Done {
    /// Tiles made, and those that were current.
    pub tiles: (usize, usize),
    /// Points written.
    pub points: u64,
    /// Clouds and tiles that could not be used.
    pub failed: Vec<Fault>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// Side of a tile.
const SIDE: Metres = Metres(1000.0);

/// Where tiles go, below the folder of results.
const POINTS: &str = "tileset/points";

/// Makes the twin; `tell` hears of each tile, and of how many there are.
///
/// # Errors
/// Where there is nothing to make it from, or heights cannot be brought to the ellipsoid.
pub fn make(order: &Order, stop: &AtomicBool, tell: &dyn Fn(&str, usize)) -> Result<Done, Fault> {
    let run = Run::read(order)?;
    let catalogue = Catalogue::open(&run.clouds, order.crs.as_deref().or(run.crs.as_deref()))?;
    let world = World::of(&catalogue.crs, &order.grids)?;
    let mut done = Done { remarks: catalogue.remarks.clone(), ..Done::default() };
    done.remarks.extend(world.remark.clone());
    done.failed.extend(catalogue.rejected.iter().map(|(_, why)| why.clone()));
    let terrain = order.out.join("dtm.vrt");
    let terrain = terrain.is_file().then(|| Raster::open(&terrain)).transpose()?;
    if terrain.is_none() {
        done.remarks.push(text!(
            fr: "sans dtm.vrt, les points ne portent pas de hauteur au-dessus du sol",
            en: "without dtm.vrt, points bear no height above ground",
        ));
    }
    let store = Store::open(&order.out)?;
    let work = Work { order, run: &run, catalogue: &catalogue, world: &world, terrain, store: &store, stop };
    let mut classifier = Classifier::new(&catalogue, Depth::Objects, CLASSIFIER_MEMORY, stop);
    let tiles = work.tiles();
    let mut kept = Vec::new();
    for tile in &tiles {
        if stop.load(Ordering::Relaxed) {
            done.interrupted = true;
            return Ok(done);
        }
        match work.tile(tile, &mut classifier, &mut done) {
            Ok(true) => kept.push(tile.name()),
            Ok(false) => {}
            Err(_) if stop.load(Ordering::Relaxed) => {}
            Err(why) => done.failed.push(why),
        }
        tell(&tile.name(), tiles.len());
    }
    work.root(&kept)?;
    Ok(done)
}

/// Memory in which a cloud's new classes are found, bytes.
const CLASSIFIER_MEMORY: u64 = 1 << 30;

/// What a run's own record says of its clouds.
struct Run {
    clouds: Vec<PathBuf>,
    recomputed: BTreeSet<PathBuf>,
    crs: Option<String>,
}

impl Run {
    fn read(order: &Order) -> Result<Run, Fault> {
        let path = order.out.join("run.json");
        let shown = path.display();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let record: Value = serde_json::from_str(&text).unwrap_or_default();
        let inputs = record["inputs"].as_array().map_or(&[][..], Vec::as_slice);
        let named = |input: &Value| input["path"].as_str().map(PathBuf::from);
        let recomputed =
            inputs.iter().filter(|input| input["classes"] == "recomputed").filter_map(named).collect();
        let clouds: Vec<PathBuf> = if order.clouds.is_empty() {
            inputs.iter().filter_map(named).collect()
        } else {
            order.clouds.clone()
        };
        if clouds.is_empty() {
            return Err(fault!(
                fr: "{shown} ne nomme pas de nuages : lancez d'abord ilot run ou surface, ou donnez-les avec --clouds.",
                en: "{shown} names no clouds: give ilot run or surface first, or name them with --clouds.",
            ));
        }
        if let Some(gone) = clouds.iter().find(|cloud| !cloud.exists()) {
            let gone = gone.display();
            return Err(fault!(
                fr: "{gone}, que {shown} nomme, n'est pas là : relancez du même dossier, ou donnez les nuages avec --clouds.",
                en: "{gone}, which {shown} names, is not there: run from the same folder, or give the clouds with --clouds.",
            ));
        }
        let crs = record["settings"]["crs_flag"].as_str().map(str::to_owned);
        Ok(Run { clouds, recomputed, crs })
    }
}

/// A square kilometre of the map, by its south-western corner in metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tile {
    west: i64,
    south: i64,
}

impl Tile {
    /// Kilometres of the north-western corner, as IGN names tiles.
    fn name(self) -> String {
        let side = SIDE.0 as i64;
        format!("{:04}_{:04}", self.west / side, self.south / side + 1)
    }

    fn extent(self) -> Extent {
        let (west, south) = (self.west as f64, self.south as f64);
        Extent { west, south, east: west + SIDE.0, north: south + SIDE.0 }
    }
}

struct Work<'a> {
    order: &'a Order,
    run: &'a Run,
    catalogue: &'a Catalogue,
    world: &'a World,
    terrain: Option<Raster>,
    store: &'a Store,
    stop: &'a AtomicBool,
}

impl Work<'_> {
    /// The tiles that clouds touch, from north to south, then from west to east.
    fn tiles(&self) -> Vec<Tile> {
        let side = SIDE.0 as i64;
        let lines = |low: f64, high: f64| {
            let first = (low / SIDE.0).floor() as i64;
            let last = (high / SIDE.0).floor() as i64;
            (first..=last).map(move |line| line * side)
        };
        let mut tiles: Vec<Tile> = Vec::new();
        for source in &self.catalogue.sources {
            let extent = source.cloud.header().extent;
            for south in lines(extent.south, extent.north) {
                tiles.extend(lines(extent.west, extent.east).map(|west| Tile { west, south }));
            }
        }
        tiles.sort_by_key(|tile| (-tile.south, tile.west));
        tiles.dedup();
        tiles
    }

    /// Makes a tile unless it is there; says whether it has points.
    fn tile(&self, tile: &Tile, classifier: &mut Classifier<'_>, done: &mut Done) -> Result<bool, Fault> {
        let folder = self.order.out.join(POINTS).join(tile.name());
        let fingerprint = self.fingerprint(tile);
        if current(&folder, &fingerprint) {
            done.tiles.1 += 1;
            return Ok(true);
        }
        let reader = Reader { catalogue: self.catalogue, recomputed: &self.run.recomputed, stop: self.stop };
        let mut points = reader.gather(tile, classifier)?;
        let extent = tile.extent();
        let geographic = self.world.geographic(&extent)?;
        let low = points.iter().map(|point| point.z).min().map_or(0.0, |z| self.catalogue.lattice.height(z));
        let [longitude, latitude, up] =
            geographic.image(extent.west + SIDE.0 / 2.0, extent.south + SIDE.0 / 2.0, low);
        let horizon = Horizon::at(longitude, latitude, up);
        let local = seen_from(&horizon, &geographic);
        let terrain = self.terrain(&extent)?;
        let square = self.square(tile, &local, &geographic, terrain.as_ref());
        let Some((branch, files)) = square.tiles(&mut points)? else {
            Folder::forget(&folder);
            return Ok(false);
        };
        let about = json!({
            "fingerprint": fingerprint, "crs": self.catalogue.crs.code(), "points": points.len(),
            "height_grid": self.world.grid.file_name().map(|name| name.to_string_lossy()),
            "undulation_m": up - low, "clouds": self.names(tile),
        });
        let whole = Folder::create(&folder)?;
        files.par_iter().try_for_each(|(name, bytes)| whole.write(name, bytes))?;
        let error = branch.error.max(SIDE.0);
        whole.write("tileset.json", &tileset::encode(&branch, Some(horizon.matrix()), error, &about))?;
        whole.commit()?;
        done.tiles.0 += 1;
        done.points += points.len() as u64;
        Ok(true)
    }

    fn square<'a>(
        &self,
        tile: &Tile,
        local: &'a Chart,
        geographic: &'a Chart,
        terrain: Option<&'a Grid<f32>>,
    ) -> Square<'a> {
        let lattice = self.catalogue.lattice;
        let unit = i64::from(lattice.per_metre);
        let corner = (tile.west * unit - lattice.x0, tile.south * unit - lattice.y0);
        let levels = LevelParams { bits: points::bits(SIDE.0 as i64 * unit), most: self.order.most };
        Square { lattice, corner, local, geographic, terrain, levels }
    }

    fn terrain(&self, extent: &Extent) -> Result<Option<Grid<f32>>, Fault> {
        let Some(raster) = &self.terrain else { return Ok(None) };
        raster.window(extent).map(|window| raster.read_window(0, &window)).transpose()
    }

    fn names(&self, tile: &Tile) -> Vec<String> {
        let name =
            |source: &Source| source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        near(self.catalogue, &tile.extent()).map(|(_, source)| name(source)).collect()
    }

    fn fingerprint(&self, tile: &Tile) -> String {
        let stamp = |path: &Path| {
            let (bytes, changed) = store::stamp(path).unzip();
            let changed = changed.map(|nanoseconds| nanoseconds.to_string());
            json!([path.file_name().map(|name| name.to_string_lossy()), bytes, changed])
        };
        let clouds: Vec<Value> =
            near(self.catalogue, &tile.extent()).map(|(_, source)| stamp(&source.path)).collect();
        let recomputed: Vec<bool> = near(self.catalogue, &tile.extent())
            .map(|(_, source)| self.run.recomputed.contains(&source.path))
            .collect();
        let terrain = self.terrain.as_ref().map(|raster| stamp(raster.path()));
        let all = json!({
            "version": env!("CARGO_PKG_VERSION"), "tile": tile.name(), "clouds": clouds, "recomputed": recomputed,
            "terrain": terrain, "grid": stamp(&self.world.grid), "most": self.order.most,
            "crs": self.catalogue.crs.code(),
        });
        sha256(all.to_string().as_bytes())
    }

    /// The tileset over all tiles.
    fn root(&self, tiles: &[String]) -> Result<(), Fault> {
        let branch = |name: &String| {
            let uri = format!("points/{name}/tileset.json");
            let text = std::fs::read(self.order.out.join("tileset").join(&uri)).ok()?;
            let value: Value = serde_json::from_slice(&text).ok()?;
            // Above any error inside, so that viewers always look into the tile: some stop at a reference that is fine enough.
            let error = value["root"]["geometricError"].as_f64()?.max(SIDE.0 * std::f64::consts::SQRT_2);
            let region = Region::read(&value["root"]["boundingVolume"]["region"])?;
            Some(Branch::new(error, region, Some(uri), Vec::new()))
        };
        let children: Vec<Branch> = tiles.iter().filter_map(branch).collect();
        let Some(region) = children.iter().map(|child| child.region).reduce(|all, one| all.union(&one))
        else {
            return Err(fault!(
                fr: "Aucun point n'a pu être mis en tuiles : voyez les messages au-dessus.",
                en: "No point could be put into tiles: see the messages above.",
            ));
        };
        // As wide as the whole, so that it never vanishes from afar.
        let extent = self.catalogue.extent;
        let error = extent.width().0.hypot(extent.height().0).max(SIDE.0 * 2.0);
        let root = Branch::new(error, region, None, children);
        let about = json!({
            "crs": self.catalogue.crs.code(),
            "height_grid": self.world.grid.file_name().map(|name| name.to_string_lossy()),
            "remark": self.world.remark.as_ref().map(|remark| json!({ "fr": remark.fr, "en": remark.en })),
        });
        self.store.write("tileset/tileset.json", &tileset::encode(&root, None, error, &about))
    }
}

/// Whether a tile's folder was made from the same things.
fn current(folder: &Path, fingerprint: &str) -> bool {
    let text = std::fs::read(folder.join("tileset.json")).unwrap_or_default();
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    value["asset"]["extras"]["fingerprint"] == fingerprint
}
