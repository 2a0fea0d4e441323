//! Files → parcels with all that is known of them.
//!
//! In: the order; out: parcels in the layer's order, with areas by class, means of maps, what lies over them. Columns are
//! found by pattern, since cadastres differ: `idu`, `id`, `geo_parcelle`; `commune`, `code_insee`; `public`, `proprietaire`.
//! Each missing input is told once. Cost: a zonal pass for each map.

use super::plu::Plan;
use super::window::{self, Maps, State, Town};
use super::{Answer, Land, Means, Order, Origin, Parcel};
use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::raster::read::Raster;
use crate::formats::vector::{Feature, Field, Layer, Value};
use crate::measures::zan::inputs::{self as zan_inputs, own_crs};
use crate::measures::zan::nomenclature::COVERS;
use crate::measures::zan::survey;
use crate::measures::zonal::{self, Column, Question, Ring};
use crate::text;
use crate::text::{Fault, Text};
use geo::{BoundingRect, Contains, Geometry, InteriorPoint, Point, Rect};
use ilot_kernels::frame::Frame;
use ilot_kernels::unit::Metres;
use ilot_kernels::zonal::outline::Outline;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// All that was read.
pub struct Read {
    /// The layer of parcels as it is.
    pub layer: Layer,
    /// The parcels.
    pub parcels: Vec<Parcel>,
    /// The CRS of the maps.
    pub crs: Crs,
    /// The folder of maps, where there is one with a cover.
    pub maps: Option<PathBuf>,
    /// Which map of warmth was taken.
    pub heat: Option<&'static str>,
    /// The band of the sun map, in words.
    pub sun: Option<String>,
}

const IDS: [&str; 9] =
    ["idu", "id", "geo_parcelle", "idpar", "parcelle", "id_parcelle", "ccodep_parcelle", "numero", "fid"];
const COMMUNES: [&str; 6] = ["code_insee", "commune", "insee", "idcom", "codgeo", "insee_com"];
const PUBLIC: [&str; 8] = [
    "public",
    "propriete_publique",
    "foncier_public",
    "groupe_personne",
    "grp_pers",
    "groupe",
    "proprietaire",
    "catpro2txt",
];
const ZONES: [&str; 6] = ["libelle", "zone", "nom_zone", "libelong", "zonage", "typezone"];

/// Reads and measures.
///
/// # Errors
/// Where a file cannot be read or has no CRS, or neither maps nor OCS GE are given.
pub fn read(order: &Order, answer: &mut Answer) -> Result<Read, Fault> {
    answer.files.push(order.parcels.clone());
    let cover = order.map("cover");
    if cover.is_none() && order.ocsge.is_none() {
        return Err(nothing(order));
    }
    let crs = common_crs(order, cover.as_deref())?;
    let question = question(order);
    let polygons = zonal::polygons(&question, Some(&crs), &mut answer.remarks)?;
    let mut parcels = named(order, &polygons.layer, &polygons.rings)?;
    answer.remarks.extend(apart(order, &polygons.layer, &mut parcels));
    let mut read = Read {
        parcels,
        layer: polygons.layer,
        crs,
        maps: order.maps.clone().filter(|_| cover.is_some()),
        heat: None,
        sun: None,
    };
    by_ocsge(order, &mut read, answer)?;
    if let Some(cover) = &cover {
        by_cover(order, cover, &mut read, answer)?;
        means(order, &mut read, answer)?;
    }
    over(order, &mut read, answer)?;
    if let Some(cover) = &cover {
        on_cells(order, cover, &polygons.rings, &mut read, answer)?;
    }
    answer.without_data = read.parcels.iter().filter(|parcel| parcel.land.is_none()).count();
    told(order, &read, answer);
    Ok(read)
}

fn nothing(order: &Order) -> Fault {
    match &order.maps {
        Some(maps) => {
            let maps = maps.display();
            fault!(
                fr: "{maps} ne contient pas cover.vrt ; faites d'abord la carte d'occupation (ilot cover, ou [cover] et ilot run), ou donnez --ocsge",
                en: "{maps} holds no cover.vrt; make the cover map first (ilot cover, or [cover] and ilot run), or give --ocsge",
            )
        }
        None => fault!(
            fr: "Il manque les données : donnez le dossier des cartes d'ilot par --maps, ou l'OCS GE par --ocsge.",
            en: "The data are missing: give the folder of ilot's maps by --maps, or OCS GE by --ocsge.",
        ),
    }
}

fn question(order: &Order) -> Question {
    Question {
        zones: order.parcels.clone(),
        layer: order.layer.clone(),
        id: order.id.clone(),
        crs: order.crs.clone(),
        ..Question::default()
    }
}

/// That of the maps; without maps, that of OCS GE.
fn common_crs(order: &Order, cover: Option<&Path>) -> Result<Crs, Fault> {
    if let Some(path) = cover {
        let raster = Raster::open(path)?;
        let crs = raster.crs().or(order.crs.as_ref()).ok_or_else(|| Crs::missing(path))?;
        crs.require_metric(path)?;
        return crs.flat();
    }
    let path = order.ocsge.as_deref().unwrap_or(&order.parcels);
    let found = zan_inputs::find(path, None, &["artif", "occupation"], zan_inputs::state_fields)?;
    let own = found.first().and_then(|found| own_crs(found.contents())).or(order.crs.as_ref());
    let crs = own.ok_or_else(|| Crs::missing(path))?.clone();
    crs.require_metric(path)?;
    Ok(crs)
}

fn field(fields: &[Field], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| fields.iter().position(|field| is(&field.name, name)))
}

/// Whether a field bears a name, which a Shapefile cuts after ten letters.
fn is(field: &str, name: &str) -> bool {
    field.eq_ignore_ascii_case(name) || name.get(..10).is_some_and(|cut| field.eq_ignore_ascii_case(cut))
}

fn word(value: &Value) -> String {
    match value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Null => String::new(),
    }
}

/// Names, communes, areas and owners, from the layer's own columns.
fn named(order: &Order, layer: &Layer, rings: &[Vec<Ring>]) -> Result<Vec<Parcel>, Fault> {
    let fields = &layer.fields;
    let id = match &order.id {
        Some(name) => layer.field(name),
        None => field(fields, &IDS),
    };
    let (commune, public) = (field(fields, &COMMUNES), field(fields, &PUBLIC));
    let parcels = layer.features.iter().zip(rings).enumerate().map(|(number, (feature, rings))| {
        let name = id.map(|id| word(&feature.values[id])).filter(|name| !name.is_empty());
        Parcel {
            id: name.unwrap_or_else(|| (number + 1).to_string()),
            commune: commune.map(|commune| word(&feature.values[commune])).unwrap_or_default(),
            area: area(rings),
            public: public.and_then(|public| owner(&feature.values[public], &fields[public].name)),
            ..Parcel::default()
        }
    });
    Ok(parcels.collect())
}

/// Tells parcels apart that bear one name, as where the cadastre numbers them by section: by commune, prefix, section and
/// number, where the layer has them; says so where names stay shared.
fn apart(order: &Order, layer: &Layer, parcels: &mut [Parcel]) -> Option<Text> {
    let shared = |names: &[&str]| -> Vec<String> {
        let mut names = names.to_vec();
        names.sort_unstable();
        let twice = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned());
        let mut twice: Vec<String> = twice.collect();
        twice.dedup();
        twice
    };
    let twice = shared(&parcels.iter().map(|parcel| parcel.id.as_str()).collect::<Vec<_>>());
    let first = twice.first()?;
    let count = twice.len();
    let parts = ["prefixe", "section", "numero"].map(|name| field(&layer.fields, &[name]));
    if order.id.is_none() && parts[1].is_some() && parts[2].is_some() {
        let whole = |(parcel, feature): (&Parcel, &Feature)| {
            let own = parts.iter().flatten().map(|part| word(&feature.values[*part]));
            let parts = std::iter::once(parcel.commune.clone()).chain(own);
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let names: Vec<String> = parcels.iter().zip(&layer.features).map(whole).collect();
        if shared(&names.iter().map(String::as_str).collect::<Vec<_>>()).is_empty() {
            parcels.iter_mut().zip(names).for_each(|(parcel, name)| parcel.id = name);
            return Some(text!(
                fr: "Les parcelles sont nommées par commune, section et numéro : {count} noms seuls en désignaient plusieurs ({first}…)",
                en: "Parcels are named by commune, section and number: {count} names alone meant several of them ({first}…)",
            ));
        }
    }
    Some(text!(
        fr: "{count} noms désignent plusieurs parcelles ({first}…) : donnez par --id un champ qui les distingue, sinon une ligne ne se relie pas à sa parcelle",
        en: "{count} names mean several parcels ({first}…): give a field that tells them apart by --id, else a row cannot be joined to its parcel",
    ))
}

/// Whether an owner is public: a yes or no, or DGFiP's group of persons (1 State, 2 region, 3 département, 4 commune,
/// 9 public establishment; 5 to 8 and 0 are others).
fn owner(value: &Value, field: &str) -> Option<bool> {
    let words = word(value).to_lowercase();
    let group = ["groupe_personne", "grp_pers", "groupe"].iter().any(|name| is(field, name));
    if group {
        let number: u32 = words.split(['.', ' ']).next()?.parse().ok()?;
        return (number <= 9).then_some([1, 2, 3, 4, 9].contains(&number));
    }
    match words.as_str() {
        "" => None,
        "1" | "oui" | "o" | "true" | "t" | "yes" | "public" | "publique" => Some(true),
        "0" | "non" | "n" | "false" | "f" | "no" | "prive" | "privé" | "privée" => Some(false),
        _ => {
            let public = [
                "commune",
                "etat",
                "état",
                "departement",
                "département",
                "region",
                "région",
                "metropole",
                "métropole",
                "communaute",
                "communauté",
                "etablissement public",
                "établissement public",
                "domaine public",
                "office public",
            ];
            let private = [
                "sci",
                "sarl",
                "sas",
                "sasu",
                "sa",
                "snc",
                "eurl",
                "gfa",
                "gaec",
                "scea",
                "earl",
                "m",
                "mme",
                "monsieur",
                "madame",
                "copropriete",
                "copropriété",
            ];
            let words: Vec<&str> =
                words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
            let spaced = format!(" {} ", words.join(" "));
            let holds = |list: &[&str]| list.iter().any(|name| spaced.contains(&format!(" {name} ")));
            Some(holds(&public) && !holds(&private))
        }
    }
}

/// Area of rings by the even-odd rule, m².
fn area(rings: &[Ring]) -> f64 {
    let Some(&(west, north)) = rings.iter().flatten().next() else { return 0.0 };
    let frame = Frame { west, north, cell: Metres(1.0), rows: 1, cols: 1 };
    let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
    Outline::new(&rings, &frame).map_or(0.0, |outline| outline.area())
}

/// The class of `cover` that a cover of OCS GE is nearest to, from 0.
fn class_of(code: &str) -> Option<usize> {
    Some(match code {
        "CS1.1.1.1" => 0,
        "CS1.1.1.2" => 1,
        "CS1.1.2.1" | "CS1.1.2.2" => 2,
        "CS1.2.1" => 3,
        "CS1.2.2" | "CS1.2.3" => 8,
        "CS2.2.1" | "CS2.2.2" => 4,
        "CS2.1.2" | "CS2.1.3" => 5,
        _ if COVERS.contains(&code) && code.starts_with("CS2.1.1") => 6,
        _ => return None,
    })
}

/// Areas by OCS GE, exact.
fn by_ocsge(order: &Order, read: &mut Read, answer: &mut Answer) -> Result<(), Fault> {
    let Some(path) = &order.ocsge else { return Ok(()) };
    answer.files.push(path.clone());
    let survey = survey::of_states(&order.state(path), 0)?;
    let mut sums = vec![([0.0; 9], 0.0, 0.0, 0.0); read.parcels.len()];
    for atom in &survey.picture.atoms {
        let Some(sum) = sums.get_mut(atom.zone as usize) else { continue };
        let Some(polygon) = survey.polygon(atom, 0) else { continue };
        let (row, status) = (&survey.dated[0].rows[polygon], &survey.status[0][polygon]);
        let area = atom.area.square_metres();
        sum.1 += area;
        sum.2 += if status.artificial == Some(true) { area } else { 0.0 };
        sum.3 += if status.sealed == Some(true) { area } else { 0.0 };
        if let Some(class) = class_of(row.couple.cover_code()) {
            sum.0[class] += area;
        }
    }
    for (parcel, (classes, covered, artificial, sealed)) in read.parcels.iter_mut().zip(sums) {
        let known: f64 = classes.iter().sum();
        if known > 0.0 {
            parcel.land = Some(Land { classes, known, edge: 0.0, origin: Origin::OcsGe });
        }
        parcel.ocsge = (covered > 0.0).then_some((artificial, sealed));
    }
    answer.remarks.extend(survey.remarks);
    Ok(())
}

fn numbers<'c>(columns: &'c [Column], name: &str) -> Option<&'c [Value]> {
    columns.iter().find(|column| column.name == name).map(|column| column.values.as_slice())
}

/// Areas by the cover map, each cell for its exact part.
fn by_cover(order: &Order, cover: &Path, read: &mut Read, answer: &mut Answer) -> Result<(), Fault> {
    answer.files.push(cover.to_owned());
    let question = Question { rasters: vec![cover.to_owned()], classes: true, ..question(order) };
    let found = zonal::measure(&question)?;
    answer.remarks.extend(found.remarks);
    let column =
        |name: &str, parcel: usize| numbers(&found.columns, name).and_then(|values| values[parcel].number());
    for (number, parcel) in read.parcels.iter_mut().enumerate() {
        let Some(known) = column("cover_area", number).filter(|known| *known > 0.0) else { continue };
        let mut classes = [0.0; 9];
        for (class, area) in classes.iter_mut().enumerate() {
            *area = column(&format!("cover_area_{}", class + 1), number).unwrap_or(0.0);
        }
        let edge = column("cover_edge", number).unwrap_or(0.0) * known;
        parcel.land = Some(Land { classes, known, edge, origin: Origin::Cover });
    }
    Ok(())
}

/// Means of the maps that are there.
fn means(order: &Order, read: &mut Read, answer: &mut Answer) -> Result<(), Fault> {
    let Some(maps) = &read.maps else { return Ok(()) };
    let there = |name: &str| order.map(name);
    read.heat = ["heat_night", "heat_day"].into_iter().find(|name| there(name).is_some());
    let interval = read.heat.map(|name| format!("{name}_interval"));
    let names = ["slope", "canopy", "imperviousness", "vegetation_height"];
    let wanted = names.into_iter().chain(read.heat).chain(interval.as_deref());
    let rasters: Vec<PathBuf> = wanted.filter_map(there).collect();
    if rasters.is_empty() {
        return Ok(());
    }
    answer.files.extend(rasters.iter().cloned());
    let found = zonal::measure(&Question { rasters, ..question(order) })?;
    // Which parcels miss a part of the cover was told once, and their own columns say how much.
    let mean = |name: &str, parcel: usize| {
        numbers(&found.columns, &format!("{name}_mean")).and_then(|values| values[parcel].number())
    };
    let median = crate::account::is_median(maps);
    for (number, parcel) in read.parcels.iter_mut().enumerate() {
        let heat = read.heat.and_then(|name| mean(name, number));
        let interval = interval.as_deref().and_then(|name| mean(name, number));
        parcel.means = Means {
            heat: heat.map(|heat| (heat, interval)),
            against_median: median,
            slope: mean("slope", number),
            canopy: mean("canopy", number),
            sealed: mean("imperviousness", number),
            plants: mean("vegetation_height", number),
        };
    }
    Ok(())
}

/// Polygons to be asked which of them holds a place.
struct Places {
    shapes: Vec<(Rect<f64>, Geometry<f64>, usize)>,
    layer: Layer,
    way: Option<Transform>,
}

impl Places {
    fn open(order: &Order, path: &Path, crs: &Crs) -> Result<Places, Fault> {
        let question = Question { zones: path.to_owned(), crs: order.crs.clone(), ..Question::default() };
        let mut remarks = Vec::new();
        let layer = zonal::polygons(&question, None, &mut remarks)?.layer;
        let own = layer.crs.clone().unwrap_or_else(|| crs.clone());
        let way = if own.same_horizontal(crs) { None } else { Some(Transform::new(crs, &own)?) };
        let shape = |(number, feature): (usize, &Feature)| {
            Some((feature.geometry.bounding_rect()?, feature.geometry.clone(), number))
        };
        let shapes = layer.features.iter().enumerate().filter_map(shape).collect();
        Ok(Places { shapes, layer, way })
    }

    /// The first polygon that holds a place.
    fn at(&self, place: Point<f64>) -> Option<usize> {
        let place = match &self.way {
            None => place,
            Some(way) => way.point(place.x(), place.y()).ok().map(Point::from)?,
        };
        let holds = |(bounds, shape, _): &&(Rect<f64>, Geometry<f64>, usize)| {
            bounds.contains(&place) && shape.contains(&place)
        };
        self.shapes.iter().find(holds).map(|(.., number)| *number)
    }
}

/// Public land, zones of the PLU and brownfields, by a place inside of each parcel.
fn over(order: &Order, read: &mut Read, answer: &mut Answer) -> Result<(), Fault> {
    let own = read.layer.crs.clone().unwrap_or_else(|| read.crs.clone());
    let inside: Vec<Option<Point<f64>>> =
        read.layer.features.iter().map(|feature| feature.geometry.interior_point()).collect();
    let mut each = |path: &Option<PathBuf>, take: &mut dyn FnMut(&mut Parcel, &Layer, Option<usize>)| {
        let Some(path) = path else { return Ok(()) };
        answer.files.push(path.clone());
        let places = Places::open(order, path, &own)?;
        for (parcel, place) in read.parcels.iter_mut().zip(&inside) {
            take(parcel, &places.layer, place.and_then(|place| places.at(place)));
        }
        Ok::<(), Fault>(())
    };
    each(&order.public, &mut |parcel, _, found| parcel.public = Some(found.is_some()))?;
    each(&order.zones, &mut |parcel, layer, found| {
        let name = field(&layer.fields, &ZONES);
        parcel.zone = found.zip(name).map(|(row, name)| word(&layer.features[row].values[name]));
    })?;
    each(&order.brownfields, &mut |parcel, layer, found| {
        let name = field(&layer.fields, &super::brownfields::IDS);
        parcel.brownfield = found.map(|row| match name {
            Some(name) => word(&layer.features[row].values[name]),
            None => (row + 1).to_string(),
        });
    })?;
    answer.remarks.extend(unruled(order, &read.parcels));
    Ok(())
}

/// Zones of the table of the PLU without any parcel, and zones of parcels without a rule: their names must be the same.
fn unruled(order: &Order, parcels: &[Parcel]) -> Option<Text> {
    let named: BTreeSet<&str> = order.plan.zone.keys().map(String::as_str).collect();
    let met: BTreeSet<&str> = parcels.iter().filter_map(|parcel| parcel.zone.as_deref()).collect();
    let list = |names: BTreeSet<&str>| names.into_iter().take(8).collect::<Vec<_>>().join(", ");
    let (idle, plain) = (list(&named - &met), list(&met - &named));
    if named.is_empty() || (idle.is_empty() && plain.is_empty()) {
        return None;
    }
    let none = |names: String| if names.is_empty() { "–".to_owned() } else { names };
    let (idle, plain) = (none(idle), none(plain));
    Some(text!(
        fr: "Zones de la table du PLU sans parcelle : {idle} ; zones de parcelles sans règle propre : {plain} (les noms doivent être les mêmes, casse comprise)",
        en: "Zones of the PLU's table without a parcel: {idle}; zones of parcels without a rule of their own: {plain} (names must be the same, to the case)",
    ))
}

fn on_cells(
    order: &Order,
    cover: &Path,
    rings: &[Vec<Ring>],
    read: &mut Read,
    answer: &mut Answer,
) -> Result<(), Fault> {
    if read.maps.is_none() {
        return Ok(());
    }
    let there = |name: &str| order.map(name);
    let open = |name: &str| there(name).map(|path| Raster::open(&path)).transpose();
    let sun = open("sun_hours")?.map(|raster| {
        let band = spring(raster.bands().iter().map(|band| band.description.as_str()));
        read.sun = Some(raster.bands()[band].description.clone());
        (raster, band)
    });
    answer.files.extend(["chm", "sun_hours"].iter().filter_map(|name| there(name)));
    let maps = Maps { cover: Raster::open(cover)?, slope: open("slope")?, heights: open("chm")?, sun };
    let mut excluded = Vec::new();
    for path in &order.excluded {
        answer.files.push(path.clone());
        let question = Question { zones: path.clone(), crs: order.crs.clone(), ..Question::default() };
        excluded.extend(zonal::polygons(&question, Some(&read.crs), &mut answer.remarks)?.rings);
    }
    let state = state(order, &read.crs, &mut answer.remarks)?;
    let plan: &Plan = &order.plan;
    let town = Town { parcels: rings, excluded: &excluded, plan, maps: &maps, state: state.as_ref() };
    for (parcel, figures) in read.parcels.iter_mut().zip(window::walk(&town)?) {
        parcel.figures = figures;
    }
    Ok(())
}

/// The band of a map of sun hours whose day is nearest to the middle of May.
///
/// # Errors
/// Where the map cannot be read.
pub fn spring_band(map: &Path) -> Result<usize, Fault> {
    Ok(spring(Raster::open(map)?.bands().iter().map(|band| band.description.as_str())))
}

/// The band whose day is nearest to the 15th of May; the first where no band names a day.
fn spring<'b>(bands: impl Iterator<Item = &'b str>) -> usize {
    let away = |words: &str| {
        let day = words.split(|c: char| !c.is_ascii_digit() && c != '-').find_map(|part| part.parse().ok());
        day.map(|day: jiff::civil::Date| (i32::from(day.day_of_year()) - 135).abs())
    };
    bands.enumerate().filter_map(|(band, words)| Some((away(words)?, band))).min().map_or(0, |(_, band)| band)
}

/// OCS GE, where it lies in the CRS of the maps.
fn state(order: &Order, crs: &Crs, remarks: &mut Vec<Text>) -> Result<Option<State>, Fault> {
    let Some(path) = &order.ocsge else { return Ok(None) };
    let words = ["artif", "occupation"];
    let found = zan_inputs::find(path, None, &words, |fields| {
        zan_inputs::state_fields(fields).filter(|_| zan_inputs::change_fields(fields).is_none())
    })?;
    let same = |found: &zan_inputs::Found<_>| {
        own_crs(found.contents()).or(order.crs.as_ref()).is_some_and(|own| own.same_horizontal(crs))
    };
    if found.iter().all(same) {
        return Ok(Some(State(found)));
    }
    let path = path.display();
    remarks.push(text!(
        fr: "{path} n'est pas dans le système de coordonnées des cartes : l'effet des seuils n'est pas calculé",
        en: "{path} is not in the coordinate system of the maps: the effect of the thresholds is not computed",
    ));
    Ok(None)
}

/// What is missing, and what can never be known.
fn told(order: &Order, read: &Read, answer: &mut Answer) {
    let remarks = &mut answer.remarks;
    remarks.push(text!(
        fr: "La pleine terre est un maximum : caves, parkings souterrains et dalles plantées ne se voient pas d'en haut",
        en: "Open soil is a maximum: cellars, underground car parks and planted slabs cannot be seen from above",
    ));
    remarks.push(text!(
        fr: "L'infiltration (nappe, argile, pollution du sol) n'est pas connue et n'entre pas dans le score",
        en: "Infiltration (groundwater, clay, pollution) is not known and is not part of the score",
    ));
    if let (Some(maps), None) = (&order.maps, &read.maps) {
        let maps = maps.display();
        remarks.push(text!(
            fr: "{maps} ne contient pas cover.vrt : les surfaces viennent de l'OCS GE, trop générale pour une parcelle (polygones de 200 m² et plus) : ni pièce libre, ni pente, ni chaleur",
            en: "{maps} holds no cover.vrt: areas come from OCS GE, too general for a parcel (polygons of 200 m² and more): no room, no slope, no heat",
        ));
    } else if read.maps.is_none() {
        remarks.push(text!(
            fr: "Sans carte d'occupation (--maps), les surfaces viennent de l'OCS GE, trop générale pour une parcelle (polygones de 200 m² et plus) : ni pièce libre, ni pente, ni chaleur",
            en: "Without a cover map (--maps), areas come from OCS GE, too general for a parcel (polygons of 200 m² and more): no room, no slope, no heat",
        ));
    }
    let none = |known: &dyn Fn(&Parcel) -> bool| !read.parcels.iter().any(known);
    let on_maps = |parcel: &Parcel| parcel.land.is_some_and(|land| land.origin == Origin::Cover);
    let mapped = read.maps.is_some() && !none(&on_maps);
    if read.maps.is_some() && !mapped {
        let (parcels, crs) = (order.parcels.display(), read.crs.name());
        remarks.push(text!(
            fr: "Aucune parcelle de {parcels} n'est sur les cartes ({crs}) : vérifiez l'emprise et le système de coordonnées des deux",
            en: "No parcel of {parcels} lies on the maps ({crs}): check the extent and the coordinate system of both",
        ));
    }
    let missing = [
        (read.heat.is_none(), "chaleur (heat_night, heat_day)", "heat (heat_night, heat_day)"),
        (mapped && none(&|parcel| parcel.means.slope.is_some()), "pente (slope)", "slope (slope)"),
        (mapped && none(&|parcel| parcel.means.canopy.is_some()), "arbres (canopy)", "trees (canopy)"),
        (mapped && none(&|parcel| parcel.figures.heights.is_some()), "hauteurs (chm)", "heights (chm)"),
        (mapped && read.sun.is_none(), "soleil (sun_hours)", "sun (sun_hours)"),
        (order.ocsge.is_none(), "OCS GE (--ocsge)", "OCS GE (--ocsge)"),
        (
            none(&|parcel| parcel.public.is_some()),
            "foncier public (--public, ou une colonne)",
            "public land (--public, or a column)",
        ),
        (order.zones.is_none(), "zones du PLU (--plu-zones)", "zones of the PLU (--plu-zones)"),
        (
            order.excluded.is_empty(),
            "risques et bois classés (--exclude)",
            "risks and protected woods (--exclude)",
        ),
    ];
    let list = |pick: fn(&(bool, &'static str, &'static str)) -> &'static str| {
        missing.iter().filter(|one| one.0).map(pick).collect::<Vec<_>>().join(" ; ")
    };
    let (fr, en) = (list(|one| one.1), list(|one| one.2));
    if !fr.is_empty() {
        remarks
            .push(text!(fr: "Non donnés, donc non comptés : {fr}", en: "Not given, hence not counted: {en}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_read_from_words_and_from_groups() {
        let text = |words: &str| Value::Text(words.to_owned());
        assert_eq!(owner(&text("oui"), "public"), Some(true));
        assert_eq!(owner(&Value::Integer(0), "public"), Some(false));
        assert_eq!(owner(&Value::Integer(4), "groupe_personne"), Some(true));
        assert_eq!(owner(&Value::Integer(5), "groupe_personne"), Some(false));
        assert_eq!(owner(&text("COMMUNE DE RENNES"), "proprietaire"), Some(true));
        assert_eq!(owner(&text("SCI du Port"), "proprietaire"), Some(false));
        assert_eq!(owner(&text("SCI PUBLIC IMMO"), "proprietaire"), Some(false));
        assert_eq!(owner(&text("Établissement public foncier"), "proprietaire"), Some(true));
        assert_eq!(owner(&Value::Integer(5), "groupe_per"), Some(false));
        assert_eq!(owner(&Value::Null, "public"), None);
    }

    #[test]
    fn the_day_nearest_to_the_middle_of_may_is_taken() {
        let bands = ["2025-08-15", "sun 2025-05-20", "2025-06-21"];
        assert_eq!(spring(bands.into_iter()), 1);
        assert_eq!(spring(["mean"].into_iter()), 0);
    }

    #[test]
    fn an_area_is_that_of_the_rings_less_the_holes() {
        let square =
            |low: f64, high: f64| vec![(low, low), (high, low), (high, high), (low, high), (low, low)];
        assert_eq!(area(&[square(700_000.0, 700_010.0), square(700_002.0, 700_004.0)]), 96.0);
        assert_eq!(area(&[]), 0.0);
    }
}
