//! What is given, opened and checked: rasters on one map, vectors in its coordinates.
//!
//! The cells of the work are those of the surface, else of the cover, else squares of 1 m over the buildings. Which
//! input says what is built is settled here: footprints, else cover class 1, else where most points are of class 6.

use super::layers::Tally;
use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::Raster;
use crate::formats::vector::Layer;
use crate::measures::zonal::{Polygons, Question, Ring, polygons};
use crate::store::hash_file;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::extent::Extent;
use ilot_kernels::form;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::sky::SkyParams;
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Heights of the first surface, metres; with `dtm`.
    pub dsm: Option<PathBuf>,
    /// Heights of the bare ground, on the cells of the surface.
    pub dtm: Option<PathBuf>,
    /// Cover classes 1 to 9.
    pub cover: Option<PathBuf>,
    /// Sky view factor with buildings only; computed where it is not given.
    pub sky: Option<PathBuf>,
    /// Point densities with the bands of the product `density`, for a building mask where nothing else is given.
    pub density: Option<PathBuf>,
    /// Footprints of buildings.
    pub buildings: Option<PathBuf>,
    /// Their field of heights in metres.
    pub height_field: Option<String>,
    /// Polygons of trees and bushes, such as BD TOPO's ZONE_DE_VEGETATION.
    pub vegetation: Option<PathBuf>,
    /// Polygons of water.
    pub water: Option<PathBuf>,
    /// Cover class of the ground that no input names.
    pub rest: Option<u8>,
    /// Polygons that get figures beside the squares.
    pub blocks: Option<PathBuf>,
    /// The field that names the blocks in remarks.
    pub id: Option<String>,
    /// Side of the squares, metres.
    pub cell: f64,
    /// The CRS of files that name none.
    pub crs: Option<String>,
    /// Folder of the results.
    pub out: PathBuf,
    /// What was found odd before: see [`Order::take_from`].
    pub remarks: Vec<Text>,
}

impl Order {
    /// Takes from the folder of a run what is not given, and says what is not there.
    ///
    /// # Errors
    /// Where the folder holds neither surface nor terrain, or a raster in it cannot be read.
    pub fn take_from(&mut self, folder: &Path) -> Result<(), Fault> {
        let mut missing = Vec::new();
        let places = [
            ("dsm.vrt", &mut self.dsm),
            ("dtm.vrt", &mut self.dtm),
            ("cover.vrt", &mut self.cover),
            ("sky_view.vrt", &mut self.sky),
            ("density.vrt", &mut self.density),
        ];
        for (name, place) in places {
            let path = folder.join(name);
            match place {
                Some(_) => {}
                None if path.is_file() => *place = Some(path),
                None => missing.push(name),
            }
        }
        let (shown, names) = (folder.display(), missing.join(", "));
        if (self.dsm.is_none() || self.dtm.is_none()) && self.buildings.is_none() {
            return Err(fault!(
                fr: "{shown} n'a pas {names} : faites d'abord `ilot surface` dans ce dossier, ou donnez --dsm et --dtm.",
                en: "{shown} has no {names}: run `ilot surface` into this folder first, or give --dsm and --dtm.",
            ));
        }
        if !missing.is_empty() {
            self.remarks.push(text!(fr: "{shown} n'a pas {names}", en: "{shown} has no {names}"));
        }
        self.without_opaque_trees(folder)
    }

    /// A sky view over a surface with trees is not that of the zones: it is computed anew.
    fn without_opaque_trees(&mut self, folder: &Path) -> Result<(), Fault> {
        let Some(path) = self.sky.clone().filter(|path| path.starts_with(folder)) else { return Ok(()) };
        let settings = Raster::open(&path)?.tag("ILOT_SETTINGS").unwrap_or_default();
        if settings.contains("trees opaque") {
            self.sky = None;
            let path = path.display();
            self.remarks.push(text!(
                fr: "{path} compte les arbres comme des murs : la vue du ciel des zones est calculée sans eux",
                en: "{path} takes trees for walls: the sky view of the zones is computed without them",
            ));
        }
        Ok(())
    }
}

/// Side of the cells where no raster gives them.
const CELL: f64 = 1.0;

/// Cells of a strip, where its height is not set by the reach of the sky.
const STRIP_CELLS: usize = 1 << 22;

/// Columns of a piece of a strip.
const PIECE: usize = 4096;

/// More cells than this come from a coordinate gone astray.
const MOST_CELLS: f64 = 4e10;

/// What says where buildings stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// Footprints.
    Footprints,
    /// Class 1 of the cover.
    Cover,
    /// Cells most of whose points are of class 6.
    Density,
}

/// A polygon with what the layers need of it.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its rings, metres.
    pub rings: Vec<Ring>,
    /// Its bounds.
    pub bounds: Extent,
    /// Height above ground, NaN where it is not known.
    pub height: f32,
    /// Cover class of its ground, or use of the building.
    pub class: u8,
}

/// All that is given.
pub struct Inputs {
    /// The cells of the work.
    pub frame: Frame,
    /// Their CRS.
    pub crs: Crs,
    /// The CRS of files that name none.
    pub given: Option<Crs>,
    /// Surface and terrain.
    pub heights: Option<(Raster, Raster)>,
    /// Cover classes.
    pub cover: Option<Raster>,
    /// Sky view factor.
    pub sky: Option<Raster>,
    /// Point densities.
    pub density: Option<Raster>,
    /// What is built.
    pub mask: Mask,
    /// Footprints of buildings; whether their uses are known.
    pub buildings: Vec<Shape>,
    /// See `buildings`.
    pub uses: bool,
    /// Trees, bushes and water, the later over the earlier.
    pub grounds: Vec<Shape>,
    /// Class of the ground that no input names; 0 is unknown.
    pub rest: u8,
    /// How the sky is looked at where it is not given.
    pub params: SkyParams,
    /// Rows of a strip.
    pub strip: usize,
    /// Columns of a piece of a strip, which passes on the way with the reach of the sky around it.
    pub piece: usize,
    /// Names and hashes of the files, for their tags.
    pub provenance: String,
    surface: PathBuf,
}

impl Inputs {
    /// Opens all of an order.
    ///
    /// # Errors
    /// Where a file cannot be read, lies elsewhere or in degrees, or nothing says what is built.
    pub fn open(order: &Order, remarks: &mut Vec<Text>) -> Result<Inputs, Fault> {
        let given = order.crs.as_deref().map(Crs::from_user).transpose()?;
        let mask = mask(order)?;
        let opened = |path: &Option<PathBuf>| path.as_deref().map(Raster::open).transpose();
        let (dsm, dtm) = (opened(&order.dsm)?, opened(&order.dtm)?);
        let (cover, sky) = (opened(&order.cover)?, opened(&order.sky)?);
        let density = opened(&order.density.clone().filter(|_| mask == Mask::Density))?;
        let first = [(&order.dsm, &dsm), (&order.cover, &cover), (&order.density, &density)];
        let first = first.into_iter().find_map(|(path, raster)| path.as_ref().zip(raster.as_ref()));
        let (mut crs, mut frame) = (None, None);
        if let Some((path, raster)) = first {
            crs = Some(crs_of(raster, path, given.as_ref())?);
            frame = Some(*raster.frame());
        }
        let mut vectors = Vectors { order, given: given.as_ref(), crs, remarks };
        let buildings = vectors.buildings(dsm.is_some())?;
        let grounds = vectors.grounds()?;
        let crs = vectors.crs.expect("a mask comes from a raster or from footprints");
        let frame = frame.map_or_else(|| over(&buildings, order), Ok)?;
        for (path, raster) in [(&order.dtm, &dtm), (&order.cover, &cover), (&order.sky, &sky)] {
            if let (Some(path), Some(raster)) = (path, raster) {
                lies_there(raster, path, &frame, &crs)?;
            }
        }
        let mut inputs = Inputs {
            frame,
            strip: 1,
            piece: PIECE,
            heights: dsm.zip(dtm),
            cover,
            sky,
            density,
            mask,
            uses: buildings.iter().any(|shape| shape.class > 0),
            buildings,
            grounds,
            rest: order.rest.unwrap_or(0),
            params: SkyParams::default(),
            provenance: provenance(order)?,
            surface: order.dsm.clone().unwrap_or_default(),
            given,
            crs,
        };
        // The sky looks over a strip's borders: lower strips would read more than they make.
        let (cols, ring) = (frame.cols.max(1), inputs.ring());
        let rows = (STRIP_CELLS / cols).max(2 * ring).min((4 * STRIP_CELLS / cols).max(ring));
        inputs.strip = rows.clamp(1, frame.rows.max(1));
        Ok(inputs)
    }

    /// Whether some input can tell that the ground is of a cover class: a share of none of it would else look like none.
    pub fn names(&self, class: usize) -> bool {
        let from_above = self.heights.is_some() && matches!(class, form::TREE | form::SHRUB);
        let drawn = self.grounds.iter().any(|shape| usize::from(shape.class) == class);
        self.cover.is_some() || from_above || drawn || usize::from(self.rest) == class
    }

    /// Cells beyond a strip that its layers look at.
    pub fn ring(&self) -> usize {
        let sky = if self.sky.is_some() { 0.0 } else { self.params.halo().0 / self.frame.cell.0 };
        (sky.ceil() as usize).max(form::REACH)
    }

    /// Refuses a surface that lies below its terrain.
    ///
    /// # Errors
    /// One sentence.
    pub fn judge(&self, tally: &Tally) -> Result<(), Fault> {
        let surface = self.surface.display();
        if self.heights.is_some() && tally.heights == 0 {
            return Err(fault!(
                fr: "{surface} et le terrain n'ont aucune cellule commune avec une altitude : vérifiez leurs emprises et leur valeur nodata.",
                en: "{surface} and the terrain have no cell with a height in common: check their extents and nodata values.",
            ));
        }
        if 2 * tally.buried > tally.heights {
            let (buried, all) = (tally.buried, tally.heights);
            return Err(fault!(
                fr: "{surface} est plus d'un mètre sous le terrain sur {buried} cellules de {all} : --dsm et --dtm sont sans doute échangés, ou dans deux systèmes d'altitude.",
                en: "{surface} lies more than a metre below the terrain in {buried} of {all} cells: --dsm and --dtm are swapped, it seems, or in two vertical datums.",
            ));
        }
        Ok(())
    }
}

/// The best of what can say where buildings stand.
fn mask(order: &Order) -> Result<Mask, Fault> {
    if order.dsm.is_some() != order.dtm.is_some() {
        return Err(fault!(
            fr: "--dsm et --dtm vont ensemble : la hauteur des bâtiments est leur différence.",
            en: "--dsm and --dtm come together: the height of buildings is their difference.",
        ));
    }
    let footprints = order.buildings.is_some();
    if !footprints && order.dsm.is_none() {
        return Err(fault!(
            fr: "Rien ne dit la hauteur des bâtiments : donnez --dsm et --dtm, ou --buildings avec un champ de hauteurs.",
            en: "Nothing says the height of the buildings: give --dsm and --dtm, or --buildings with a field of heights.",
        ));
    }
    match (footprints, &order.cover, &order.density) {
        (true, ..) => Ok(Mask::Footprints),
        (_, Some(_), _) => Ok(Mask::Cover),
        (.., Some(_)) => Ok(Mask::Density),
        _ => Err(fault!(
            fr: "Rien ne dit où sont les bâtiments : donnez --buildings, --cover (classe 1) ou --density.",
            en: "Nothing says where buildings stand: give --buildings, --cover (class 1) or --density.",
        )),
    }
}

fn crs_of(raster: &Raster, path: &Path, given: Option<&Crs>) -> Result<Crs, Fault> {
    let crs = given.or(raster.crs()).ok_or_else(|| Crs::missing(path))?;
    crs.require_metric(path)?;
    crs.sanity(&raster.frame().extent(), path)?;
    Ok(crs.clone())
}

/// A raster beside the first one: on the same map, over a part of it at least.
fn lies_there(raster: &Raster, path: &Path, frame: &Frame, crs: &Crs) -> Result<(), Fault> {
    if let Some(own) = raster.crs().filter(|own| !own.same_horizontal(crs)) {
        return Err(own.mismatch(crs, path));
    }
    if raster.window(&frame.extent()).is_none() {
        let path = path.display();
        return Err(fault!(
            fr: "{path} est ailleurs : il n'a aucune cellule commune avec les autres données.",
            en: "{path} lies elsewhere: it has no cell in common with the other data.",
        ));
    }
    Ok(())
}

/// Squares of 1 m over the footprints.
fn over(buildings: &[Shape], order: &Order) -> Result<Frame, Fault> {
    let path = order.buildings.as_deref().unwrap_or(Path::new("")).display();
    let bounds = buildings.iter().map(|shape| shape.bounds).reduce(|a, b| a.union(&b));
    let bounds = bounds.ok_or_else(|| {
        fault!(
            fr: "{path} n'a aucun polygone : donnez les emprises des bâtiments.",
            en: "{path} has no polygon: give the footprints of the buildings.",
        )
    })?;
    if bounds.width().0 * bounds.height().0 > MOST_CELLS * CELL * CELL {
        let (width, height) = (bounds.width().0 / 1000.0, bounds.height().0 / 1000.0);
        return Err(fault!(
            fr: "{path} s'étend sur {width:.0} × {height:.0} km : une géométrie est sans doute égarée, ou découpez le fichier.",
            en: "{path} extends over {width:.0} × {height:.0} km: a geometry has gone astray, it seems, or cut the file.",
        ));
    }
    // Whole squares, so that those at the rim are whole, too.
    let side = order.cell.max(CELL);
    let down = |edge: f64| (edge / side).floor() * side;
    let up = |edge: f64| (edge / side).ceil() * side;
    let extent = Extent {
        west: down(bounds.west),
        south: down(bounds.south),
        east: up(bounds.east),
        north: up(bounds.north),
    };
    Ok(Gridding { cell: Metres(CELL), registration: Registration::Cell }.frame(&extent))
}

/// Vector files on their way to shapes.
struct Vectors<'a> {
    order: &'a Order,
    given: Option<&'a Crs>,
    crs: Option<Crs>,
    remarks: &'a mut Vec<Text>,
}

impl Vectors<'_> {
    fn read(&mut self, path: &Path) -> Result<Polygons, Fault> {
        let question = Question { zones: path.to_owned(), crs: self.given.cloned(), ..Question::default() };
        let read = polygons(&question, self.crs.as_ref(), self.remarks)?;
        if self.crs.is_none() {
            let crs = read.layer.crs.clone().ok_or_else(|| Crs::missing(path))?;
            crs.require_metric(path)?;
            self.crs = Some(crs);
        }
        Ok(read)
    }

    /// Footprints with heights and uses.
    fn buildings(&mut self, measured: bool) -> Result<Vec<Shape>, Fault> {
        let Some(path) = self.order.buildings.clone() else { return Ok(Vec::new()) };
        let read = self.read(&path)?;
        let field = self.height_field(&read.layer, &path, measured)?;
        let usage = ["usage1", "usage", "use"].iter().find_map(|name| read.layer.field(name));
        let shapes: Vec<Shape> = shapes(&read, |values| {
            let height = field
                .and_then(|field| values[field].number())
                .filter(|height| (0.0..=500.0).contains(height));
            let usage = usage.and_then(|field| values[field].text()).map_or(0, use_of);
            (height.filter(|height| *height > 0.0).map_or(f32::NAN, |height| height as f32), usage)
        });
        let unknown = shapes.iter().filter(|shape| shape.height.is_nan()).count();
        if !measured && unknown > 0 {
            let (path, all) = (path.display(), shapes.len());
            self.remarks.push(text!(
                fr: "{path} : {unknown} bâtiments sur {all} n'ont pas de hauteur ; ils comptent dans la surface bâtie, pas dans les hauteurs ni les façades",
                en: "{path}: {unknown} of {all} buildings have no height; they count as built area, not for heights and façades",
            ));
        }
        Ok(shapes)
    }

    /// The field asked for, or one of the usual name; needed where no surface gives the heights.
    fn height_field(&self, layer: &Layer, path: &Path, measured: bool) -> Result<Option<usize>, Fault> {
        let asked = self.order.height_field.as_deref();
        let names: &[&str] = &["hauteur", "height", "height_roof", "hauteur_m"];
        let found = match asked {
            Some(name) => layer.field(name),
            None => names.iter().find_map(|name| layer.field(name)),
        };
        if found.is_some() || (measured && asked.is_none()) {
            return Ok(found);
        }
        let fields: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).collect();
        let (path, fields, wanted) = (path.display(), fields.join(", "), asked.unwrap_or("HAUTEUR"));
        Err(fault!(
            fr: "{path} n'a pas de champ « {wanted} » : nommez celui des hauteurs avec --height-field (ses champs : {fields}).",
            en: "{path} has no field \"{wanted}\": name that of the heights with --height-field (its fields: {fields}).",
        ))
    }

    /// Trees and bushes, then water.
    fn grounds(&mut self) -> Result<Vec<Shape>, Fault> {
        let mut all = Vec::new();
        if let Some(path) = self.order.vegetation.clone() {
            let read = self.read(&path)?;
            let nature = read.layer.field("nature");
            let class = |nature: Option<&str>| nature.map_or(form::TREE, plant) as u8;
            all.extend(shapes(&read, |values| {
                (f32::NAN, class(nature.and_then(|field| values[field].text())))
            }));
        }
        if let Some(path) = self.order.water.clone() {
            all.extend(shapes(&self.read(&path)?, |_| (f32::NAN, form::WATER as u8)));
        }
        Ok(all)
    }
}

/// Cover class of BD TOPO's natures of vegetation.
fn plant(nature: &str) -> usize {
    let nature = nature.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| nature.contains(word));
    if is(&["lande", "vigne", "heath", "scrub", "shrub"]) {
        form::SHRUB
    } else if is(&["herb", "prairie", "grass", "meadow"]) {
        form::HERBACEOUS
    } else {
        form::TREE
    }
}

/// Use of BD TOPO's USAGE1: 1 heavy industry, 2 trade, services and light industry, 3 housing, 0 unknown or other.
fn use_of(usage: &str) -> u8 {
    let usage = usage.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| usage.contains(word));
    if is(&["industrie lourde", "heavy"]) {
        1
    } else if is(&["commerc", "industri", "services", "retail", "warehouse"]) {
        2
    } else if is(&["résidentiel", "residentiel", "residential", "habitation"]) {
        3
    } else {
        0
    }
}

fn shapes(read: &Polygons, values: impl Fn(&[crate::formats::vector::Value]) -> (f32, u8)) -> Vec<Shape> {
    let shape = |(feature, rings): (&crate::formats::vector::Feature, &Vec<Ring>)| {
        let corners = rings.iter().flatten();
        let corners = corners.map(|&(x, y)| Extent { west: x, south: y, east: x, north: y });
        let bounds = corners.reduce(|a, b| a.union(&b))?;
        let (height, class) = values(&feature.values);
        Some(Shape { rings: rings.clone(), bounds, height, class })
    };
    read.layer.features.iter().zip(&read.rings).filter_map(shape).collect()
}

/// Names and hashes of all files.
fn provenance(order: &Order) -> Result<String, Fault> {
    let files = [
        &order.dsm,
        &order.dtm,
        &order.cover,
        &order.sky,
        &order.density,
        &order.buildings,
        &order.vegetation,
        &order.water,
    ];
    let mut parts = Vec::new();
    for path in files.into_iter().flatten() {
        let hash = hash_file(path).map_err(|why| {
            let path = path.display();
            fault!(
                fr: "{path} ne peut être lu ({why}) : vérifiez le fichier.",
                en: "{path} cannot be read ({why}): check the file.",
            )
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        parts.push(format!("{name} sha256:{hash}"));
    }
    Ok(parts.join(" "))
}
