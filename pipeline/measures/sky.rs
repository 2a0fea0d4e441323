//! A surface → how much sky each cell sees, its shade and its hours of sun.
//!
//! In: a raster of heights that GDAL reads, in a projected CRS in metres, and days in the legal time of a zone. Out:
//! `sky_view`, `sky_view_geometric`, `shade` and `sun_hours`, each in tiles with a mosaic and its styles. The raster is
//! read by windows with a halo of what the kernels look at, so that a tile has the cells of the whole, to the bit.
//!
//! The surface is taken as it is: crowns are opaque to the ground. With a raster of vegetation heights and the terrain,
//! trees are taken out of the surface and stand over the terrain as crowns that let a share of the light through
//! (`crowns.rs`), and `sky_view_canopy` is made too. The sun is that over the raster's middle, one for
//! all cells (0.3° off at 30 km). Cells without height hide nothing and have no value, which is told.
//!
//! Fails where: mountains farther than the reach of shadows hide the sun. Cost: 0.3 µs a cell for the sky, 0.02 µs a
//! cell and sun; memory: one tile with its halo, ten bytes a cell.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::RasterMeta;
use crate::formats::raster::cog::encode_cog;
use crate::formats::raster::read::Raster;
use crate::formats::raster::vrt::encode_vrt;
use crate::measures::crowns::{Crowns, CrownsOrder, Stand};
use crate::measures::sun::{self, Day, HOURS, STEP, Site};
use crate::product::{SHADE, SKY, SKY_VIEW, SKY_VIEW_CANOPY, SKY_VIEW_GEOMETRIC, SUN_HOURS, Spec};
use crate::store::{Store, hash_file};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::shade::{ShadeParams, Sun, sun_hours, sun_hours_behind_crowns};
use ilot_kernels::sky::{SkyParams, sky_view, sky_view_behind_crowns};
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The raster of heights.
    pub surface: PathBuf,
    /// Folder of the results.
    pub out: PathBuf,
    /// The raster's CRS, where it names none.
    pub crs: Option<String>,
    /// Trees that let light through.
    pub crowns: Option<CrownsOrder>,
    /// How the sky is looked at.
    pub sky: SkyParams,
    /// How far shadows are followed.
    pub shade: ShadeParams,
    /// Days of the sun.
    pub dates: Vec<Date>,
    /// Zone of the legal time; the mainland's own map systems need none.
    pub zone: Option<String>,
    /// Side of a tile, cells.
    pub tile: usize,
}

/// What was made.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// Tiles with at least one value.
    pub tiles: usize,
    /// Cells with a value, and all cells.
    pub cells: (u64, u64),
    /// Cells whose vegetation is below the ground: taken as bare.
    pub buried: u64,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// What a user should know.
    pub remarks: Vec<Text>,
    /// The files written, below the folder of results.
    pub files: Vec<String>,
}

/// Heights that no surface on Earth has: an undeclared nodata value, or another quantity.
const HEIGHTS: std::ops::RangeInclusive<f32> = -500.0..=9000.0;

/// Makes all products of a surface; `tell` hears of each tile, and of how many there are.
///
/// # Errors
/// Where the raster or the order makes no sense, or a file cannot be written.
pub fn make(order: &Order, stop: &AtomicBool, tell: &(dyn Fn(&str, usize) + Sync)) -> Result<Done, Fault> {
    let survey = Survey::open(order)?;
    let store = Store::open(&order.out)?;
    let tiles = survey.tiles(order.tile);
    let mut done = Done::default();
    let mut files: Vec<(String, Frame)> = Vec::new();
    for core in &tiles {
        if stop.load(Ordering::Relaxed) {
            done.interrupted = true;
            return Ok(done);
        }
        let name = tile_name(core);
        let (seen, buried) = survey.make_tile(&store, core, &name)?;
        done.buried += buried;
        done.cells = (done.cells.0 + seen, done.cells.1 + core.len() as u64);
        if seen > 0 {
            files.push((name.clone(), *core));
        }
        tell(&name, tiles.len());
    }
    done.files = survey.close(&store, &files)?;
    done.tiles = files.len();
    done.remarks = survey.remarks(&done);
    Ok(done)
}

/// A raster, checked, and the sun over it.
struct Survey<'a> {
    order: &'a Order,
    raster: Raster,
    crowns: Option<Crowns<'a>>,
    crs: Crs,
    site: Site,
    zone: String,
    days: Vec<Day>,
    /// SHA-256 of the raster's file.
    hash: String,
}

impl Survey<'_> {
    fn open(order: &Order) -> Result<Survey<'_>, Fault> {
        let path = &order.surface;
        let raster = Raster::open(path)?;
        let crs = match (&order.crs, raster.crs()) {
            (Some(words), _) => Crs::from_user(words)?,
            (None, Some(crs)) => crs.clone(),
            (None, None) => return Err(Crs::missing(path)),
        };
        crs.require_metric(path)?;
        let extent = raster.frame().extent();
        crs.sanity(&extent, path)?;
        let zone = sun::zone(order.zone.as_deref(), &crs)?;
        let middle = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
        let site = Site::of(&crs, middle.0, middle.1)?;
        let days = order.dates.iter().map(|&date| Day::over(&site, date, &zone));
        let days = days.collect::<Result<Vec<Day>, Fault>>()?;
        let zone = zone.iana_name().unwrap_or("UTC").to_owned();
        let crowns = order.crowns.as_ref().map(|crowns| Crowns::open(crowns, raster.frame(), &crs));
        let crowns = crowns.transpose()?;
        Ok(Survey { order, raster, crowns, crs, site, zone, days, hash: hash(path)? })
    }

    /// Squares of cells, from north to south, then from west to east.
    fn tiles(&self, side: usize) -> Vec<Frame> {
        let whole = self.raster.frame();
        let tile = |row: usize, col: usize| Frame {
            west: whole.west + col as f64 * whole.cell.0,
            north: whole.north - row as f64 * whole.cell.0,
            rows: side.min(whole.rows - row),
            cols: side.min(whole.cols - col),
            ..*whole
        };
        let rows = (0..whole.rows).step_by(side);
        rows.flat_map(|row| (0..whole.cols).step_by(side).map(move |col| tile(row, col))).collect()
    }

    /// Computes and writes a tile; returns how many of its cells have a value, and how many are buried.
    fn make_tile(&self, store: &Store, core: &Frame, name: &str) -> Result<(u64, u64), Fault> {
        let farthest = self.order.sky.halo().0.max(self.order.shade.halo().0);
        let ring = (farthest / core.cell.0).ceil() as usize;
        let around = self.raster.frame().intersection(&core.padded(ring));
        let mut surface: Grid<f32> = self.raster.read_window(0, &around)?;
        self.require_heights(&surface)?;
        let stand = self.crowns.as_ref().map(|crowns| crowns.stand(&mut surface, core)).transpose()?;
        let seen = surface.cropped(core).cells().iter().filter(|cell| !cell.is_missing()).count() as u64;
        if seen > 0 {
            self.sky(store, &surface, stand.as_ref(), core, name)?;
            self.sun(store, &surface, stand.as_ref(), core, name)?;
        }
        Ok((seen, stand.map_or(0, |stand| stand.buried)))
    }

    fn sky(
        &self,
        store: &Store,
        surface: &Grid<f32>,
        stand: Option<&Stand>,
        core: &Frame,
        name: &str,
    ) -> Result<(), Fault> {
        let params = &self.order.sky;
        let sky = sky_view(surface, core, params);
        self.write(store, &SKY_VIEW.spec, name, &[sky.cosine_weighted])?;
        self.write(store, &SKY_VIEW_GEOMETRIC.spec, name, &[sky.solid_angle])?;
        let Some(Stand { tops, transmissivity, .. }) = stand else { return Ok(()) };
        let sky = sky_view_behind_crowns(surface, tops, core, params, *transmissivity);
        self.write(store, &SKY_VIEW_CANOPY.spec, name, &[sky.cosine_weighted])
    }

    fn sun(
        &self,
        store: &Store,
        surface: &Grid<f32>,
        stand: Option<&Stand>,
        core: &Frame,
        name: &str,
    ) -> Result<(), Fault> {
        let params = &self.order.shade;
        let hours = |suns: &[Sun], step: f32| match stand {
            Some(Stand { tops, transmissivity, .. }) => {
                sun_hours_behind_crowns(surface, tops, core, suns, step, params, *transmissivity)
            }
            None => sun_hours(surface, core, suns, step, params),
        };
        let shade = |sun: &Sun| {
            let mut shade = hours(std::slice::from_ref(sun), 1.0);
            shade.cells_mut().iter_mut().for_each(|lit| *lit = 1.0 - *lit);
            shade
        };
        let instants = self.days.iter().flat_map(|day| &day.hours);
        self.write(store, &SHADE.spec, name, &instants.map(shade).collect::<Vec<_>>())?;
        let sums = self.days.iter().map(|day| hours(&day.halves, STEP));
        self.write(store, &SUN_HOURS.spec, name, &sums.collect::<Vec<_>>())
    }

    fn require_heights(&self, surface: &Grid<f32>) -> Result<(), Fault> {
        let mut known = surface.cells().iter().filter(|cell| !cell.is_missing());
        let Some(odd) = known.find(|height| !HEIGHTS.contains(*height)) else { return Ok(()) };
        let path = self.order.surface.display();
        Err(fault!(
            fr: "{path} contient la valeur {odd}, qui n'est pas une altitude en mètres : déclarez sa valeur nodata (gdal_edit.py -a_nodata) ou donnez un modèle de surface.",
            en: "{path} holds the value {odd}, which is no height in metres: declare its nodata value (gdal_edit.py -a_nodata) or give a surface model.",
        ))
    }

    fn write(&self, store: &Store, spec: &Spec, tile: &str, bands: &[Grid<f32>]) -> Result<(), Fault> {
        let bytes = encode_cog(&bands.iter().collect::<Vec<_>>(), &self.meta(spec))?;
        store.write(&Store::raster_name(spec, tile), &bytes)
    }

    /// What a file says of a product.
    fn meta(&self, spec: &Spec) -> RasterMeta<'_> {
        spec.meta(self.bands(spec), self.tags(spec), &self.crs)
    }

    /// Names of the bands: dates, and hours of local time.
    fn bands(&self, spec: &Spec) -> Vec<String> {
        let days = || self.days.iter().map(|day| day.date.to_string());
        if spec.name == SHADE.spec.name {
            days().flat_map(|day| HOURS.map(|hour| format!("{day} {hour}:00 {}", self.zone))).collect()
        } else if spec.name == SUN_HOURS.spec.name {
            days().map(|day| format!("{day} 8:00 to 20:00 {}", self.zone)).collect()
        } else {
            vec![spec.title.en.to_owned()]
        }
    }

    /// Where the values come from, in each file.
    fn tags(&self, spec: &Spec) -> Vec<(String, String)> {
        let Order { sky, shade, dates, .. } = self.order;
        let Site { latitude, longitude, true_north } = self.site;
        let zone = &self.zone;
        let days = dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let crowns = self.crowns.as_ref().map_or("opaque".to_owned(), Crowns::describe);
        let settings = format!(
            "{sky:?} {shade:?} dates {days} zone {zone} sun over {:.6} {:.6} true north {:.4} trees {crowns}",
            latitude.0, longitude.0, true_north.0,
        );
        let name = self.order.surface.file_name().unwrap_or_default().to_string_lossy();
        [
            ("ILOT_METHOD", spec.source.to_owned()),
            ("TIFFTAG_SOFTWARE", concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
            ("ILOT_SETTINGS", settings),
            ("ILOT_INPUTS", format!("{name} sha256:{}", self.hash)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Mosaics and styles.
    fn close(&self, store: &Store, tiles: &[(String, Frame)]) -> Result<Vec<String>, Fault> {
        if tiles.is_empty() {
            let path = self.order.surface.display();
            return Err(fault!(
                fr: "{path} n'a aucune altitude : toutes ses cellules sont sans valeur ; vérifiez le fichier.",
                en: "{path} has no height at all: all of its cells are missing; check the file.",
            ));
        }
        let trees = self.crowns.is_some();
        let mut written = Vec::new();
        for spec in SKY.iter().filter(|spec| trees || spec.name != SKY_VIEW_CANOPY.spec.name) {
            let files: Vec<(String, Frame)> =
                tiles.iter().map(|(name, core)| (Store::raster_name(spec, name), *core)).collect();
            let vrt = encode_vrt::<f32>(&files, self.raster.frame(), &self.meta(spec))?;
            store.write(&format!("{}.vrt", spec.name), vrt.as_bytes())?;
            store.style(spec, None, &files)?;
            written.extend(files.into_iter().map(|(path, _)| path));
        }
        Ok(written)
    }

    /// What a user should know of the result.
    fn remarks(&self, done: &Done) -> Vec<Text> {
        let (seen, all) = done.cells;
        let missing = all - seen;
        let mut remarks = Vec::new();
        if missing > 0 {
            let share = missing as f64 * 100.0 / all as f64;
            let path = self.order.surface.display();
            remarks.push(text!(
                fr: "{path} : {missing} cellules sans altitude ({share:.2} %) n'ont pas de résultat et ne cachent rien ; autour d'elles, ciel et soleil sont surestimés",
                en: "{path}: {missing} cells without height ({share:.2} %) have no result and hide nothing; around them, sky and sun are overestimated",
            ));
        }
        let Site { latitude, longitude, true_north } = self.site;
        let (latitude, longitude, north, zone) = (latitude.0, longitude.0, true_north.0, &self.zone);
        let buried = done.buried;
        if buried > 0 {
            remarks.push(text!(
                fr: "{buried} cellules ont une végétation de hauteur négative : elles sont prises pour nues",
                en: "{buried} cells have vegetation of negative height: they are taken as bare",
            ));
        }
        remarks.push(text!(
            fr: "soleil de {latitude:.4}° N {longitude:.4}° E, heure légale de {zone}, nord vrai à {north:.2}° du nord de la carte",
            en: "sun of {latitude:.4}° N {longitude:.4}° E, legal time of {zone}, true north {north:.2}° off the map's",
        ));
        if self.crowns.is_none() {
            remarks.push(text!(
                fr: "les arbres de la surface sont opaques ; --dtm et --canopy les rendent perméables à la lumière",
                en: "trees of the surface are opaque; --dtm and --canopy let light through them",
            ));
        }
        let reach = self.order.shade.halo();
        remarks.push(text!(
            fr: "ciel et soleil à moins de {reach} du bord de la surface sont surestimés : ce qui est au-delà n'est pas vu",
            en: "sky and sun within {reach} of the border of the surface are overestimated: what lies beyond is not seen",
        ));
        remarks
    }
}

/// `0770500_6278000`: metres of the north-west corner.
fn tile_name(core: &Frame) -> String {
    format!("{:07}_{:07}", core.west.round(), core.north.round())
}

/// SHA-256 of the surface's file.
fn hash(path: &Path) -> Result<String, Fault> {
    hash_file(path).map_err(|why| {
        let path = path.display();
        fault!(
            fr: "{path} ne peut être lu ({why}) : vérifiez le fichier.",
            en: "{path} cannot be read ({why}): check the file.",
        )
    })
}
