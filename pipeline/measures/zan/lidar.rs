//! Cover from `ilot`'s own map instead of OCS GE's polygons: the raster `cover` at its true size, use from OCS GE.
//!
//! In: the nine classes at 1 m of a date, and polygons with a use (OCS GE's `code_us`) where there are some; out: patches of one
//! cover and use, as polygons of the mesh, with codes of OCS GE, so that the matrix, thresholds and sums are those of
//! every other mode. Nothing is generalised: OCS GE swells buildings to 200 m², here 50 m² are 50 m².
//!
//! | class of `cover` | cover of OCS GE |
//! |---|---|
//! | 1 building | CS1.1.1.1 |
//! | 2 sealed, 8 tree over sealed ground | CS1.1.1.2: what trees hide is sealed all the same |
//! | 3 permeable mineral | CS1.1.2.1 |
//! | 4 bare soil | where people live, work, move or build CS1.1.2.1; in fields CS2.2.1, a crop's bare season; else CS1.2.1 |
//! | 5 herbaceous, 7 tree over permeable ground | together: CS2.1.1 where trees are 25 % and more of the patch, else CS2.2.1 |
//! | 6 shrub | CS2.1.2 |
//! | 9 water | CS1.2.2 |
//!
//! Herbs and trees are one patch, since the decree's note (**) is on their share: herbaceous is under 25 % of trees. A cell
//! takes the use at its centre. Without a use only what needs none is judged: herbs and minerals stay unknown. The same raster, or one of canopy shares, gives the
//! trees of OCS GE's own polygons ([`Trees`]).
//!
//! Fails where: a leaf of the classifier's doubt: a wrong class is a wrong status; widths are known to a cell. Cost: 50 ns a cell; memory: 12
//! bytes a cell, and the patches: a commune, not a département.

use super::inputs::{self, Found};
use super::mesh::Area;
use super::nomenclature::Couple;
use super::read::{Date, Dated, Ground, Row, bring, middle};
use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::raster::read::Raster;
use crate::text;
use crate::text::Fault;
use ilot_kernels::frame::Frame;
use ilot_kernels::patches::{self, Key, Patch};
use std::path::{Path, PathBuf};

/// Where a date's cover and use come from; enough to make its patches again.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The raster.
    pub cover: PathBuf,
    /// The polygons with a use, where there are some.
    pub usage: Option<PathBuf>,
    /// Their layer, where it is named.
    pub layer: Option<String>,
}

/// The patches of a date, in their order.
struct Patched {
    frame: Frame,
    patches: Vec<Patch>,
    /// Uses by number; the first is none.
    uses: Vec<String>,
}

const BUILT: u8 = 1;
const SEALED: u8 = 2;
const MINERAL: u8 = 3;
const BARE: u8 = 4;
const HERBS: u8 = 5;
const SHRUB: u8 = 6;
const TREE: u8 = 7;
const TREE_SEALED: u8 = 8;
const WATER: u8 = 9;
/// Share under trees from which a patch of herbs and trees is a wood, %.
const WOOD: f64 = 25.0;

/// The class that a cell counts as, with its use.
fn merged(class: u8, usage: &str) -> u8 {
    match class {
        TREE_SEALED => SEALED,
        TREE => HERBS,
        BARE if usage == "US1.1" => HERBS,
        BARE if Couple::parse(Some("CS2.2.1"), Some(usage)).artificialised() == Some(true) => MINERAL,
        other => other,
    }
}

/// Codes of a patch.
fn couple(class: u8, usage: &str, trees: f64) -> Couple {
    let cover = match class {
        BUILT => "CS1.1.1.1",
        SEALED => "CS1.1.1.2",
        MINERAL => "CS1.1.2.1",
        BARE => "CS1.2.1",
        HERBS if trees >= WOOD => "CS2.1.1",
        HERBS => "CS2.2.1",
        SHRUB => "CS2.1.2",
        WATER => "CS1.2.2",
        _ => return Couple::default(),
    };
    if usage.is_empty() { Couple::of_cover(cover) } else { Couple::parse(Some(cover), Some(usage)) }
}

fn open(path: &Path, ground: &mut Ground) -> Result<(Raster, Crs), Fault> {
    let raster = Raster::open(path)?;
    let crs = match (raster.crs(), &ground.given) {
        (Some(own), _) => own.clone(),
        (None, Some(given)) => given.clone(),
        (None, None) => return Err(Crs::missing(path)),
    };
    crs.require_metric(path)?;
    Ok((raster, crs))
}

fn no_classes(path: &Path) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} n'est pas une carte « cover » (classes 1 à 9) ; donnez celle d'ilot cover",
        en: "{path} is no map \"cover\" (classes 1 to 9); give that of ilot cover",
    )
}

impl Origin {
    /// Makes the patches.
    fn make(&self, ground: &mut Ground) -> Result<Patched, Fault> {
        let (raster, crs) = open(&self.cover, ground)?;
        let shared = ground.crs.get_or_insert(crs.clone()).clone();
        if !crs.same_horizontal(&shared) {
            let (path, own, wanted) = (self.cover.display(), crs.name(), shared.name());
            return Err(fault!(
                fr: "{path} est en {own}, les autres cartes en {wanted} ; refaites-la dans le même système",
                en: "{path} is in {own}, the other maps in {wanted}; make it in the same system",
            ));
        }
        let grid = raster.read::<u8>(0).map_err(|_| no_classes(&self.cover))?;
        let frame = *raster.frame();
        let classes = grid.cells();
        if classes.iter().any(|class| *class > WATER) {
            return Err(no_classes(&self.cover));
        }
        let (uses, of) = self.uses(&frame, ground)?;
        let key = |(class, usage): (&u8, &u8)| {
            let class = if *class == 0 { 0 } else { merged(*class, &uses[usize::from(*usage)]) };
            if class == 0 { 0 } else { Key::from(class) << 8 | Key::from(*usage) }
        };
        let keys: Vec<Key> = classes.iter().zip(&of).map(key).collect();
        drop(of);
        let trees: Vec<bool> = classes.iter().map(|class| *class == TREE).collect();
        Ok(Patched { frame, patches: patches::patches(&keys, &trees, frame.cols), uses })
    }

    /// The use of each cell, by its number: that of the first polygon that holds its centre.
    fn uses(&self, frame: &Frame, ground: &mut Ground) -> Result<(Vec<String>, Vec<u8>), Fault> {
        let (mut uses, mut of) = (vec![String::new()], vec![0u8; frame.len()]);
        let Some(path) = &self.usage else { return Ok((uses, of)) };
        for found in usage_layers(path, self.layer.as_deref())? {
            let way = ground.way(&found)?;
            let _ = found.source.each_outline(found.layer, &[found.fields], |mut outline| {
                let code = outline.values[0].text();
                let code = Couple::parse(Some("CS2.2.1"), code).use_code();
                let place = uses.iter().position(|known| known == code).unwrap_or_else(|| {
                    uses.push(code.to_owned());
                    uses.len() - 1
                });
                let rings = cells_of(&mut outline.rings, way.as_ref(), frame)?;
                let place = place.min(255) as u8;
                patches::centres(&rings, frame.rows, frame.cols, |row, from, to| {
                    let row = &mut of[row * frame.cols..][from..to];
                    row.iter_mut().filter(|usage| **usage == 0).for_each(|usage| *usage = place);
                });
                Ok(())
            })?;
        }
        Ok((uses, of))
    }
}

/// Layers with a use.
fn usage_layers(path: &Path, layer: Option<&str>) -> Result<Vec<Found<usize>>, Fault> {
    inputs::find(path, layer, &["occupation", "artif"], |fields| {
        let known = inputs::state_fields(fields).map(|fields| fields.usage);
        known.or_else(|| inputs::usage_field(fields)).filter(|_| inputs::change_fields(fields).is_none())
    })
}

/// Rings in columns and rows of a frame.
fn cells_of(
    rings: &mut [(bool, Vec<(f64, f64)>)],
    way: Option<&Transform>,
    frame: &Frame,
) -> Result<Vec<Vec<(f64, f64)>>, Fault> {
    if let Some(way) = way {
        bring(rings, way)?;
    }
    let cell = frame.cell.0;
    let at = |&(x, y): &(f64, f64)| ((x - frame.west) / cell, (frame.north - y) / cell);
    Ok(rings.iter().map(|(_, ring)| ring.iter().map(at).collect()).collect())
}

impl Patched {
    fn rings(&self, patch: &Patch) -> Vec<(bool, Vec<(f64, f64)>)> {
        let Frame { west, north, cell, .. } = self.frame;
        let at = |&(row, col): &(u32, u32)| (west + f64::from(col) * cell.0, north - f64::from(row) * cell.0);
        patch.rings.iter().map(|(outer, ring)| (*outer, ring.iter().map(at).collect())).collect()
    }

    fn row(&self, patch: &Patch) -> Row {
        let (class, usage) = ((patch.key >> 8) as u8, &self.uses[usize::from(patch.key & 255)]);
        let trees = f64::from(patch.marked) / f64::from(patch.cells) * 100.0;
        Row {
            couple: couple(class, usage, trees),
            trees: (class == HERBS).then_some(trees as f32),
            perimeter: Some((patch.perimeter * self.frame.cell.0) as f32),
            ..Row::default()
        }
    }
}

/// Reads a date: its patches go into the mesh.
///
/// # Errors
/// Where a file cannot be read, has no CRS or no date, or the raster is no map of cover.
pub fn state(origin: &Origin, date: Option<&Date>, ground: &mut Ground) -> Result<Dated, Fault> {
    let date = date.cloned().or_else(|| dated(&origin.cover)).ok_or_else(|| {
        let path = origin.cover.display();
        fault!(
            fr: "{path} : le nom du fichier ne donne pas l'année ; indiquez la date du vol avec --date1 ou --date2",
            en: "{path}: the file's name gives no year; give the day of the flight with --date1 or --date2",
        )
    })?;
    let mut dated = Dated { dates: vec![date], origin: Some(origin.clone()), ..Dated::default() };
    dated.files.push((origin.cover.clone(), "cover".to_owned()));
    let patched = origin.make(ground)?;
    ground.mesh.group = 0;
    for (number, patch) in patched.patches.iter().enumerate() {
        let rings = patched.rings(patch);
        let mut row = Row { number: number as u32, place: middle(&rings), ..patched.row(patch) };
        match ground.mesh.add(&rings) {
            Ok(twice) => row.rings = Area::from_half_mm2(twice),
            Err(_) => {
                ground.mesh.skip();
                dated.astray += 1;
            }
        }
        dated.rows.push(row);
    }
    if origin.usage.is_none() {
        let path = origin.cover.display();
        ground.remarks.push(text!(
            fr: "{path} : sans OCS GE (--t1) l'usage n'est pas connu ; l'herbe et les sols minéraux restent indéterminés",
            en: "{path}: without OCS GE (--t1) the use is not known; herbs and mineral soils stay unknown",
        ));
    }
    Ok(dated)
}

fn dated(path: &Path) -> Option<Date> {
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    inputs::year(&stem).as_deref().and_then(Date::parse)
}

/// Gives the outlines of a date's patches again, in their order.
///
/// # Errors
/// Where a file has become unreadable.
pub fn outlines(
    origin: &Origin,
    crs: &Crs,
    mut take: impl FnMut(usize, Vec<(bool, Vec<(f64, f64)>)>),
) -> Result<(), Fault> {
    let mut ground = Ground { given: Some(crs.clone()), crs: Some(crs.clone()), ..Ground::default() };
    let patched = origin.make(&mut ground)?;
    for (number, patch) in patched.patches.iter().enumerate() {
        take(number, patched.rings(patch));
    }
    Ok(())
}

/// A map from which polygons take their share under trees.
pub struct Trees {
    frame: Frame,
    crs: Crs,
    /// Share of each cell, %; NaN where it is not known.
    shares: Vec<f32>,
}

impl Trees {
    /// Opens a map of cover (classes 7 and 8 are trees) or of canopy shares in %.
    ///
    /// # Errors
    /// Where it cannot be read, has no CRS, or its shares are not 0 to 100.
    pub fn open(path: &Path, ground: &mut Ground) -> Result<Trees, Fault> {
        let (raster, crs) = open(path, ground)?;
        let frame = *raster.frame();
        let shares: Vec<f32> = if raster.bands()[0].stored == "Byte" {
            let classes = raster.read::<u8>(0).map_err(|_| no_classes(path))?;
            if classes.cells().iter().any(|class| *class > WATER) {
                return Err(no_classes(path));
            }
            let share = |class: &u8| match *class {
                0 => f32::NAN,
                TREE | TREE_SEALED => 100.0,
                _ => 0.0,
            };
            classes.cells().iter().map(share).collect()
        } else {
            raster.read::<f32>(0)?.cells().to_vec()
        };
        if shares.iter().any(|share| !share.is_nan() && !(0.0..=100.001).contains(share)) {
            let path = path.display();
            return Err(fault!(
                fr: "{path} n'est ni une carte « cover » ni un couvert arboré en % ; donnez l'une ou l'autre",
                en: "{path} is neither a map \"cover\" nor one of tree canopy in %; give one of these",
            ));
        }
        Ok(Trees { frame, crs, shares })
    }

    /// The map's CRS.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The share of a polygon under trees, %; `None` where fewer than half of the cells whose centres it holds are
    /// known, or it holds none.
    pub fn share(
        &self,
        rings: &[(bool, Vec<(f64, f64)>)],
        way: Option<&Transform>,
    ) -> Result<Option<f32>, Fault> {
        let mut own = rings.to_vec();
        let rings = cells_of(&mut own, way, &self.frame)?;
        let (mut sum, mut known, mut all) = (0.0, 0u32, 0u32);
        patches::centres(&rings, self.frame.rows, self.frame.cols, |row, from, to| {
            for share in &self.shares[row * self.frame.cols..][from..to] {
                all += 1;
                if !share.is_nan() {
                    known += 1;
                    sum += f64::from(*share);
                }
            }
        });
        Ok((known > 0 && known * 2 >= all).then(|| (sum / f64::from(known)) as f32))
    }
}
