//! Files → the mesh and what is said of each polygon.
//!
//! In: the layers that [`super::inputs`] found; out: rows of codes, statuses and dates in the order of the mesh's numbers,
//! the zones, and counts of all that is odd. Cost: GDAL's reader, some microseconds a polygon.

use super::inputs::{self, ChangeFields, Found, StateFields, own_crs};
use super::lidar::{Origin, Trees};
use super::mesh::{Area, Mesh};
use super::nomenclature::Couple;
use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::vector::{Layer, Outline, Source, Value};
use crate::text;
use crate::text::{Fault, Text};
use geo::{Coord, CoordsIter, MapCoords};
use ilot_kernels::extent::Extent;
use std::path::{Path, PathBuf};

/// A date, as the data have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Date {
    /// `2018`, or `2018-07-15`.
    pub label: String,
    /// Years since 0, with their fraction.
    pub years: f64,
}

impl Date {
    /// From a year or a day, with or without a time after it.
    pub fn parse(words: &str) -> Option<Date> {
        let words = words.trim();
        let year: i16 = words.get(..4)?.parse().ok().filter(|year| (1900..2200).contains(year))?;
        if words.len() == 4 {
            return Some(Date { label: words.to_owned(), years: f64::from(year) });
        }
        let day: jiff::civil::Date = words.get(..10)?.parse().ok()?;
        let passed = f64::from(day.day_of_year() - 1) / f64::from(day.days_in_year());
        Some(Date { label: day.to_string(), years: f64::from(year) + passed })
    }
}

/// What is said of a polygon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row {
    /// Cover and use; before, in a layer of changes.
    pub couple: Couple,
    /// Cover and use after, in a layer of changes.
    pub after: Couple,
    /// The status given; before, in a layer of changes.
    pub given: Option<bool>,
    /// The status given after.
    pub given_after: Option<bool>,
    /// Whether the status given follows from a threshold.
    pub by_threshold: bool,
    /// The area given, where there is one.
    pub area_given: Option<f32>,
    /// Share under trees, %, where it is given.
    pub trees: Option<f32>,
    /// Perimeter, m, where it is known better than by the vertices: of patches of cells.
    pub perimeter: Option<f32>,
    /// Number of its date in [`Dated::dates`].
    pub date: u8,
    /// Number of its file.
    pub file: u16,
    /// Its place in the layer, from 0.
    pub number: u32,
    /// Twice its signed area, by its rings.
    pub rings: Area,
    /// Where it is, m: the middle of its bounds.
    pub place: (f32, f32),
}

/// A layer of polygons, from one or several files.
#[derive(Default)]
pub struct Dated {
    /// The polygons.
    pub rows: Vec<Row>,
    /// The dates met.
    pub dates: Vec<Date>,
    /// The files and layers.
    pub files: Vec<(PathBuf, String)>,
    /// The layer of each file, to read it again.
    pub layers: Vec<usize>,
    /// The CRS that each file was taken in.
    pub systems: Vec<Crs>,
    /// Left out: no geometry, or no polygon.
    pub left_out: usize,
    /// Out of reach of the others.
    pub astray: usize,
    /// Whether a status is given.
    pub has_status: bool,
    /// Whether areas are given.
    pub has_areas: bool,
    /// Where patches of cells come from.
    pub origin: Option<Origin>,
    /// The fields' names of the interval, in a layer of changes.
    pub interval: Option<[Date; 2]>,
}

/// A zone.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Its code.
    pub id: String,
    /// Its name; empty where there is none.
    pub name: String,
    /// Its area by its rings.
    pub area: Area,
    /// Left out of the mesh.
    pub astray: bool,
}

/// What all layers share.
#[derive(Default)]
pub struct Ground {
    /// The mesh.
    pub mesh: Mesh,
    /// The CRS of the data.
    pub crs: Option<Crs>,
    /// The CRS of the files that say none, or a wrong one.
    pub given: Option<Crs>,
    /// The CRS that the last layer was taken in.
    pub last: Option<Crs>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// What polygons take their share under trees from.
    pub trees: Option<Trees>,
    /// The départements of deliveries that come in several files; the group of each is its place, from 1.
    pub departements: Vec<String>,
}

impl Ground {
    /// The group of a département's delivery; any where it has no name, or comes alone.
    fn group(&mut self, departement: Option<String>, files: usize) -> u16 {
        let Some(code) = departement.filter(|_| files > 1) else { return 0 };
        let place = self.departements.iter().position(|other| *other == code).unwrap_or_else(|| {
            self.departements.push(code);
            self.departements.len() - 1
        });
        place as u16 + 1
    }

    /// The group of a commune, by its code; any where no delivery is of its département.
    fn group_of_zone(&self, code: &str) -> u16 {
        let insee = code.len() == 5 && code.as_bytes()[2..].iter().all(u8::is_ascii_digit);
        let own = if code.starts_with("97") { code.get(..3) } else { code.get(..2) };
        let place = self.departements.iter().position(|other| insee && Some(other.as_str()) == own);
        place.map_or(0, |place| place as u16 + 1)
    }

    /// The CRS of a layer, settled and checked, and the way to that of the data where it is another.
    pub(super) fn way<F>(&mut self, found: &Found<F>) -> Result<Option<Transform>, Fault> {
        let extent = found.source.extent(found.layer)?;
        let crs = self.settle(own_crs(found.contents()), extent.as_ref(), &found.path)?;
        self.last = Some(crs.clone());
        let Some(shared) = &self.crs else {
            crs.require_metric(&found.path)?;
            self.crs = Some(crs);
            return Ok(None);
        };
        if crs.same_horizontal(shared) {
            return Ok(None);
        }
        let (path, from, to) = (found.path.display(), crs.title(), shared.title());
        let (from_fr, from_en, fr, en) = (from.fr, from.en, to.fr, to.en);
        self.remarks.push(text!(
            fr: "{path} est passé de {from_fr} à {fr}, sommet par sommet",
            en: "{path} was brought from {from_en} to {en}, vertex by vertex",
        ));
        Transform::new(&crs, shared).map(Some)
    }

    /// The file's own CRS where its coordinates lie where it is used, else the one given.
    fn settle(&mut self, own: Option<&Crs>, extent: Option<&Extent>, path: &Path) -> Result<Crs, Fault> {
        let sane = |crs: &Crs| extent.map_or(Ok(()), |extent| crs.sanity(extent, path));
        match (own, &self.given) {
            (Some(own), None) => sane(own).map(|()| own.clone()),
            (None, None) => Err(missing(path)),
            (None, Some(given)) => sane(given).map(|()| given.clone()),
            (Some(own), Some(given)) => match sane(own) {
                Ok(()) => Ok(own.clone()),
                Err(_) => {
                    sane(given)?;
                    let (path, own, given_title) = (path.display(), own.name(), given.name());
                    self.remarks.push(text!(
                        fr: "{path} se dit en {own}, où ses coordonnées ne peuvent être ; il est pris en {given_title}, comme --crs le demande",
                        en: "{path} says {own}, where its coordinates cannot be; it is taken as {given_title}, as --crs asks",
                    ));
                    Ok(given.clone())
                }
            },
        }
    }
}

fn missing(path: &Path) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne dit pas dans quel système de coordonnées il est ; indiquez-le, par exemple --crs EPSG:2154 (Lambert-93)",
        en: "{path} does not say its coordinate reference system; give it, for example --crs EPSG:2154 (Lambert-93)",
    )
}

/// The fields that are read, and where their values come.
struct Wanted(Vec<usize>);

impl Wanted {
    fn of(fields: &[Option<usize>]) -> Wanted {
        let mut all: Vec<usize> = fields.iter().copied().flatten().collect();
        all.sort_unstable();
        all.dedup();
        Wanted(all)
    }

    fn value<'v>(&self, values: &'v [Value], field: Option<usize>) -> &'v Value {
        let place = field.and_then(|field| self.0.iter().position(|other| *other == field));
        place.map_or(&Value::Null, |place| &values[place])
    }

    fn couple(&self, values: &[Value], (cover, usage): (usize, usize)) -> Couple {
        Couple::parse(self.value(values, Some(cover)).text(), self.value(values, Some(usage)).text())
    }
}

/// Reads cover and use at one date. The date is the one given, else the polygon's own, else the one in the name of the
/// layer or the file.
///
/// # Errors
/// Where a file cannot be read, has no CRS, or no date.
pub fn state(found: &[Found<StateFields>], date: Option<&Date>, ground: &mut Ground) -> Result<Dated, Fault> {
    let mut dated = Dated::default();
    let files = found.len();
    for found in found {
        let fields = &found.fields;
        let file = dated.open(found);
        ground.mesh.group = ground.group(found.departement(), files);
        let fallback = date.cloned().or_else(|| named_date(found));
        let own_date = fields.date.filter(|_| date.is_none());
        let wanted = Wanted::of(&[
            Some(fields.cover),
            Some(fields.usage),
            fields.artif,
            fields.threshold,
            fields.area,
            own_date,
            fields.trees,
        ]);
        dated.has_status |= fields.artif.is_some();
        dated.has_areas |= fields.area.is_some();
        let mut dates = std::mem::take(&mut dated.dates);
        dated.walk(found, &wanted, ground, |values, row| {
            row.file = file;
            row.couple = wanted.couple(values, (fields.cover, fields.usage));
            row.given = status(wanted.value(values, fields.artif));
            row.by_threshold = status(wanted.value(values, fields.threshold)).unwrap_or(false);
            row.area_given = wanted.value(values, fields.area).number().map(|area| area as f32);
            row.trees = wanted.value(values, fields.trees).number().map(|share| share as f32);
            let own = Date::parse(&words(wanted.value(values, own_date)));
            let date = own.or_else(|| fallback.clone()).ok_or_else(|| undated(&found.path))?;
            row.date = number(&mut dates, date);
            Ok(())
        })?;
        dated.dates = dates;
    }
    Ok(dated)
}

/// Reads a layer of changes. Its interval is the one given, else that of its fields' names.
///
/// # Errors
/// Where a file cannot be read or has no CRS.
pub fn changes(found: &[Found<ChangeFields>], ground: &mut Ground) -> Result<Dated, Fault> {
    let mut dated = Dated::default();
    ground.mesh.group = 0;
    for found in found {
        let fields = &found.fields;
        let file = dated.open(found);
        let [before, after] = fields.codes;
        let artif = fields.artif.map_or([None, None], |places| places.map(Some));
        let wanted = Wanted::of(&[
            Some(before.0),
            Some(before.1),
            Some(after.0),
            Some(after.1),
            artif[0],
            artif[1],
            fields.sign,
            fields.area,
        ]);
        dated.has_status |= fields.sign.is_some() || fields.artif.is_some();
        dated.has_areas |= fields.area.is_some();
        if let Some(names) = &fields.dates {
            let [first, last] = names.each_ref().map(|name| Date::parse(name));
            dated.interval = first.zip(last).map(|(first, last)| [first, last]);
        }
        dated.walk(found, &wanted, ground, |values, row| {
            row.file = file;
            row.couple = wanted.couple(values, before);
            row.after = wanted.couple(values, after);
            row.given = status(wanted.value(values, artif[0]));
            row.given_after = status(wanted.value(values, artif[1]));
            if let Some(sign) = wanted.value(values, fields.sign).number() {
                (row.given, row.given_after) = (Some(sign < 0.0), Some(sign > 0.0));
            }
            row.area_given = wanted.value(values, fields.area).number().map(|area| area as f32);
            Ok(())
        })?;
    }
    Ok(dated)
}

/// Reads polygons of which only the place counts; those smaller than so many m² are left out.
///
/// # Errors
/// Where a file cannot be read or has no CRS.
pub fn plain(found: &[Found<()>], smallest: f64, ground: &mut Ground) -> Result<(), Fault> {
    let mut small = 0;
    ground.mesh.group = 0;
    for found in found {
        let way = ground.way(found)?;
        let _ = found.source.each_outline(found.layer, &[], |mut outline: Outline| {
            if let Some(way) = &way {
                bring(&mut outline.rings, way)?;
            }
            if area(&outline.rings) < smallest - 1e-6 || ground.mesh.add(&outline.rings).is_err() {
                small += 1;
            }
            Ok(())
        })?;
    }
    if let (true, Some(found)) = (small > 0, found.first()) {
        let path = found.path.display();
        ground.remarks.push(text!(
            fr: "{path} : {small} polygones de moins de {smallest} m² sont laissés de côté",
            en: "{path}: {small} polygons of less than {smallest} m² are left out",
        ));
    }
    Ok(())
}

/// Area of rings, outer ones less holes, m².
fn area(rings: &[(bool, Vec<(f64, f64)>)]) -> f64 {
    let ring = |ring: &[(f64, f64)]| {
        let Some(&(x0, y0)) = ring.first() else { return 0.0 };
        let cross =
            |pair: &[(f64, f64)]| (pair[0].0 - x0) * (pair[1].1 - y0) - (pair[1].0 - x0) * (pair[0].1 - y0);
        (ring.windows(2).map(cross).sum::<f64>() / 2.0).abs()
    };
    rings.iter().map(|(outer, line)| if *outer { ring(line) } else { -ring(line) }).sum()
}

impl Dated {
    fn open<F>(&mut self, found: &Found<F>) -> u16 {
        self.files.push((found.path.clone(), found.contents().name.clone()));
        self.layers.push(found.layer);
        (self.files.len() - 1) as u16
    }

    fn walk<F>(
        &mut self,
        found: &Found<F>,
        wanted: &Wanted,
        ground: &mut Ground,
        mut fill: impl FnMut(&[Value], &mut Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let way = ground.way(found)?;
        self.systems.extend(ground.last.clone());
        let Dated { rows, astray, .. } = self;
        let trees = ground.trees.take();
        let leafy = match (&trees, &ground.crs) {
            (Some(trees), Some(crs)) if !trees.crs().same_horizontal(crs) => {
                Some(Transform::new(crs, trees.crs())?)
            }
            _ => None,
        };
        let tally = found.source.each_outline(found.layer, &wanted.0, |mut outline: Outline| {
            if let Some(way) = &way {
                bring(&mut outline.rings, way)?;
            }
            let mut row = Row { number: outline.number as u32, ..Row::default() };
            fill(&outline.values, &mut row)?;
            if let (None, Some(trees)) = (row.trees, &trees) {
                row.trees = trees.share(&outline.rings, leafy.as_ref())?;
            }
            row.place = middle(&outline.rings);
            match ground.mesh.add(&outline.rings) {
                Ok(twice) => row.rings = Area::from_half_mm2(twice),
                Err(_) => {
                    ground.mesh.skip();
                    *astray += 1;
                }
            }
            rows.push(row);
            ground.mesh.relieve().map_err(|why| no_room(&why))
        })?;
        ground.trees = trees;
        self.left_out += tally.empty + tally.unsupported;
        Ok(())
    }
}

/// What waits on the disk cannot be written or read.
pub fn no_room(why: &std::io::Error) -> Fault {
    let folder = std::env::temp_dir();
    let folder = folder.display();
    fault!(
        fr: "Le dossier temporaire {folder} ne prend pas ce qui dépasse la mémoire ({why}) : faites-y de la place, ou nommez-en un autre par TMPDIR",
        en: "The temporary folder {folder} does not take what is above the memory ({why}): make room there, or name another by TMPDIR",
    )
}

/// Brings rings to another CRS, vertex by vertex.
///
/// # Errors
/// Where a vertex has no place there.
pub fn bring(rings: &mut [(bool, Vec<(f64, f64)>)], way: &Transform) -> Result<(), Fault> {
    for (_, ring) in rings {
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = ring.iter().copied().unzip();
        way.points(&mut x, &mut y)?;
        *ring = x.into_iter().zip(y).collect();
    }
    Ok(())
}

/// The middle of the bounds of rings.
pub fn middle(rings: &[(bool, Vec<(f64, f64)>)]) -> (f32, f32) {
    let all = || rings.iter().flat_map(|(_, ring)| ring);
    let span = |axis: fn(&(f64, f64)) -> f64| {
        let (low, high) = all()
            .map(axis)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        ((low + high) / 2.0) as f32
    };
    (span(|at| at.0), span(|at| at.1))
}

/// `artif`, `oui`, `true`, 1 against `non artif`, `non`, `false`, 0.
fn status(value: &Value) -> Option<bool> {
    match value {
        Value::Integer(number) => Some(*number > 0),
        Value::Real(number) => Some(*number > 0.0),
        Value::Null => None,
        Value::Text(text) => match text.trim().to_lowercase().replace('_', " ").as_str() {
            "artif" | "artificialise" | "artificialisé" | "oui" | "true" | "t" | "1" | "o" => Some(true),
            "non artif" | "non artificialise" | "non artificialisé" | "non" | "false" | "f" | "0" | "n" => {
                Some(false)
            }
            _ => None,
        },
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Null => String::new(),
    }
}

fn number(dates: &mut Vec<Date>, date: Date) -> u8 {
    let place = dates.iter().rposition(|other| other.label == date.label).unwrap_or_else(|| {
        dates.push(date);
        dates.len() - 1
    });
    place.min(255) as u8
}

fn named_date<F>(found: &Found<F>) -> Option<Date> {
    let stem = found.path.file_stem().unwrap_or_default().to_string_lossy();
    let year = inputs::year(&found.contents().name).or_else(|| inputs::year(&stem));
    year.as_deref().and_then(Date::parse)
}

/// The two years in the name of a layer of changes or of its file, `…_DIFF_2018-2021`.
pub fn named_interval<F>(found: &Found<F>) -> Option<[Date; 2]> {
    let stem = found.path.file_stem().unwrap_or_default().to_string_lossy();
    [found.contents().name.as_str(), &stem].into_iter().find_map(|name| {
        let mut years = inputs::years(name);
        years.sort_unstable();
        years.dedup();
        let [first, last] = years[..] else { return None };
        Some([Date::parse(first)?, Date::parse(last)?])
    })
}

fn undated(path: &Path) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} : ni un champ « millesime » ni le nom du fichier ne donne la date ; indiquez-la avec --date1 ou --date2",
        en: "{path}: neither a field \"millesime\" nor the file's name gives the date; give it with --date1 or --date2",
    )
}

/// The zones with their own attributes, in the CRS of the data.
///
/// # Errors
/// Where the file cannot be read, has no CRS, no polygon, or not the field asked for.
pub fn zones(
    path: &Path,
    layer: Option<&str>,
    id: Option<&str>,
    ground: &mut Ground,
) -> Result<(Vec<Zone>, Layer), Fault> {
    let source = Source::open(path)?;
    let place = source.find(layer)?;
    let found = Found { path: path.to_owned(), source, layer: place, fields: () };
    let (id, name) = inputs::zone_fields(path, &found.contents().fields, id)?;
    let way = ground.way(&found)?;
    let (mut layer, tally) = found.source.read(place, None)?;
    let left_out = tally.empty + tally.unsupported;
    if left_out > 0 {
        let shown = path.display();
        ground.remarks.push(text!(
            fr: "{shown} : {left_out} zones sans géométrie utilisable sont laissées de côté",
            en: "{shown}: {left_out} zones without a usable geometry are left out",
        ));
    }
    let mut zones: Vec<Zone> = Vec::new();
    let (mut drawn, mut nameless) = (false, 0);
    for (number, feature) in layer.features.iter_mut().enumerate() {
        if let Some(way) = &way {
            feature.geometry = feature.geometry.try_map_coords(|at| {
                let (x, y) = way.point(at.x, at.y)?;
                Ok::<_, Fault>(Coord { x, y })
            })?;
        }
        let word =
            |field: Option<usize>| field.map(|field| words(&feature.values[field])).unwrap_or_default();
        let code = Some(word(id)).filter(|code| !code.is_empty());
        nameless += usize::from(id.is_some() && code.is_none());
        ground.mesh.group = code.as_deref().map_or(0, |code| ground.group_of_zone(code));
        let rings = rings(&feature.geometry);
        let added = ground.mesh.add(&rings);
        if added.is_err() {
            ground.mesh.skip();
        }
        drawn |= !rings.is_empty();
        zones.push(Zone {
            id: code.unwrap_or_else(|| (number + 1).to_string()),
            name: word(name),
            area: Area::from_half_mm2(added.unwrap_or(0)),
            astray: added.is_err() || rings.is_empty(),
        });
    }
    let shown = path.display();
    if drawn && zones.iter().all(|zone| zone.astray) {
        let crs = ground.crs.as_ref().map(Crs::name).unwrap_or_default();
        return Err(fault!(
            fr: "{shown} : aucune zone n'a de place dans le système des données ({crs}) ; le système de coordonnées de l'un des deux fichiers est faux : corrigez-le (QGIS, « Définir la projection »), ou donnez-le par --crs s'il manque",
            en: "{shown}: no zone has a place in the system of the data ({crs}); the coordinate system of one of both files is wrong: mend it (QGIS, \"Assign projection\"), or give it by --crs where it is missing",
        ));
    }
    if !drawn {
        return Err(fault!(
            fr: "{shown} ne contient aucun polygone ; donnez une couche de communes ou d'autres zones",
            en: "{shown} holds no polygon; give a layer of communes or of other zones",
        ));
    }
    if nameless > 0 {
        ground.remarks.push(text!(
            fr: "{shown} : {nameless} zones n'ont pas de code ; leur rang dans le fichier en tient lieu",
            en: "{shown}: {nameless} zones have no code; their place in the file stands for it",
        ));
    }
    layer.crs.clone_from(&ground.crs);
    Ok((zones, layer))
}

/// The rings of all polygons of a geometry.
pub fn rings(geometry: &geo::Geometry<f64>) -> Vec<(bool, Vec<(f64, f64)>)> {
    use geo::Geometry::{GeometryCollection, MultiPolygon, Polygon};
    let of = |polygon: &geo::Polygon<f64>| {
        let ring = |line: &geo::LineString<f64>| line.coords_iter().map(|at| (at.x, at.y)).collect();
        let outer = std::iter::once((true, ring(polygon.exterior())));
        outer.chain(polygon.interiors().iter().map(|line| (false, ring(line)))).collect::<Vec<_>>()
    };
    match geometry {
        Polygon(polygon) => of(polygon),
        MultiPolygon(polygons) => polygons.iter().flat_map(of).collect(),
        GeometryCollection(parts) => parts.iter().flat_map(rings).collect(),
        _ => Vec::new(),
    }
}
