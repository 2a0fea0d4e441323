//! One pair of dates, read, swept and judged: what the tables are made of.

use super::ellipsoid::Ellipsoid;
use super::inputs::{self, Found};
use super::lidar::{self, Origin, Trees};
use super::mesh::{AGAIN, Area, Atom, Border, NONE, Picture, Role};
use super::read::{self, Dated, Ground, Zone};
use super::thresholds::{Motif, Rules, Shape, Verdict, judge};
use super::{Definition, Mode, Question};
use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::vector::{Feature, Layer};
use crate::text;
use crate::text::{Fault, Text};
use geo::{BoundingRect, Geometry, Intersects, MultiPoint, Point};
use std::collections::BTreeMap;
use std::path::Path;

/// A polygon's status at a date, as it counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Status {
    /// As asked for.
    pub artificial: Option<bool>,
    /// With the thresholds and without.
    pub verdict: Verdict,
    /// As given.
    pub given: Option<bool>,
    /// Whether it is impermeable.
    pub sealed: Option<bool>,
    /// The category that goes with the status.
    pub category: Option<u8>,
}

/// Everything known of one pair of dates, of one date, or of a layer of changes.
pub struct Survey {
    /// The layers: two dates, one date, or the changes.
    pub dated: Vec<Dated>,
    /// Statuses of the polygons: by date; of changes, before and after.
    pub status: [Vec<Status>; 2],
    /// Whether each is artificialised with thresholds moved by the error of outlines, areas smaller and larger; empty
    /// where thresholds do not act.
    pub moved: [Vec<[Option<bool>; 2]>; 2],
    /// Whether it is a layer of changes.
    pub changes: bool,
    /// What the sweep found.
    pub picture: Picture,
    /// Area of each polygon, by date.
    pub areas: Vec<Vec<Area>>,
    /// The zones.
    pub zones: Vec<Zone>,
    /// The zones as they were read, in the CRS of the data.
    pub layer: Layer,
    /// The CRS of the data.
    pub crs: Crs,
    /// Square metres of the ellipsoid for one of the map, at each polygon, by date.
    pub factors: Vec<Vec<f32>>,
    /// The same at each zone.
    pub zone_factors: Vec<f64>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Zones without any data.
    pub without_data: usize,
    /// Zones that cross themselves.
    pub crossing: Vec<bool>,
    /// Zones that a layer of changes cannot tell of: they hold none, and lie beyond what it spans.
    pub beyond: Vec<bool>,
    /// Perimeters of what changed, m, by the pair of polygons.
    around: BTreeMap<(u32, u32), f64>,
}

/// Zones alone: what a table is laid over.
pub struct Places {
    /// The zones.
    pub zones: Vec<Zone>,
    /// Their geometry.
    pub shapes: Vec<Geometry<f64>>,
    /// Its CRS.
    pub crs: Crs,
}

/// Reads zones alone: a file, its layer, the field that names them, the CRS of a file that says none.
///
/// # Errors
/// Where the file cannot be read, has no CRS, no polygon, or not the field asked for.
pub fn places(
    path: &Path,
    layer: Option<&str>,
    id: Option<&str>,
    crs: Option<&Crs>,
    remarks: &mut Vec<Text>,
) -> Result<Places, Fault> {
    let mut ground = Ground { given: crs.cloned(), ..Ground::default() };
    ground.mesh.begin(Role::Zones);
    let (zones, layer) = read::zones(path, layer, id, &mut ground)?;
    remarks.append(&mut ground.remarks);
    let shapes = layer.features.into_iter().map(|feature| feature.geometry).collect();
    Ok(Places { zones, shapes, crs: ground.crs.map_or_else(Crs::wgs84, Ok)? })
}

/// Something of each zone, of all of them together (each place once), and of all data.
pub struct Sums<T> {
    /// Of each zone.
    pub zones: Vec<T>,
    /// Of the zones together.
    pub together: T,
    /// Of all data.
    pub all: T,
}

impl Survey {
    /// Adds every atom to what it is part of.
    pub fn sums<T: Clone + Default>(&self, add: impl Fn(&mut T, &Atom)) -> Sums<T> {
        let mut sums =
            Sums { zones: vec![T::default(); self.zones.len()], together: T::default(), all: T::default() };
        for atom in &self.picture.atoms {
            if atom.zone != NONE {
                add(&mut sums.zones[atom.zone as usize], atom);
            }
            if atom.bits & AGAIN == 0 {
                add(&mut sums.all, atom);
                if atom.zone != NONE {
                    add(&mut sums.together, atom);
                }
            }
        }
        sums
    }

    /// Whether zones overlap: their sum is then more than all of them together.
    pub fn overlapping(&self) -> bool {
        self.picture.atoms.iter().any(|atom| atom.bits & AGAIN != 0)
    }

    /// Number of layers.
    pub fn sides(&self) -> usize {
        self.dated.len()
    }

    /// The polygon of an atom at a date.
    pub fn polygon(&self, atom: &Atom, side: usize) -> Option<usize> {
        let number = if side == 0 || self.changes { atom.first } else { atom.second };
        (number != NONE).then_some(number as usize)
    }

    /// Its status at a date.
    pub fn status(&self, atom: &Atom, side: usize) -> Option<&Status> {
        self.polygon(atom, side).map(|number| &self.status[side][number])
    }

    /// Perimeter of what two polygons have in common and whose status changed, m; in a layer of changes, of the polygon.
    pub fn perimeter(&self, pair: (u32, u32)) -> f64 {
        self.around.get(&pair).copied().unwrap_or(0.0)
    }

    /// Perimeters of what changed, once all is judged.
    fn walk_around(&mut self) {
        let status = |number: u32, side: usize| {
            self.status[side].get(number as usize).and_then(|status| status.artificial)
        };
        let changed = |(first, second): (u32, u32)| {
            let after = status(if self.changes { first } else { second }, 1);
            let before = status(first, 0);
            before.is_some() && after.is_some() && before != after
        };
        self.around = self.picture.perimeters(changed);
    }
}

/// Reads, sweeps and judges the pair of dates with this number.
///
/// # Errors
/// As [`super::measure`].
pub fn of_states(question: &Question, pair: usize) -> Result<Survey, Fault> {
    let mut ground = ground(question);
    let last = (pair + 1).min(question.count() - 1);
    if let Some(path) = &question.trees {
        ground.trees = Some(Trees::open(path, &mut ground)?);
    }
    let mut dated = Vec::new();
    for (side, number) in (pair..=last).enumerate() {
        ground.mesh.begin(if side == 0 { Role::First } else { Role::Second });
        let date = question.dates.get(number).and_then(Option::as_ref);
        if question.mode == Mode::Lidar {
            dated.push(lidar::state(&origin(question, number), date, &mut ground)?);
            continue;
        }
        let words = ["artif", "occupation"];
        let layer = question.layers.0.as_deref();
        let found = inputs::find(&question.states[number], layer, &words, |fields| {
            inputs::state_fields(fields).filter(|_| inputs::change_fields(fields).is_none())
        })?;
        dated.push(read::state(&found, date, &mut ground)?);
        told(&found, &dated[side], &mut ground.remarks);
    }
    let mut survey = rest(question, ground, dated, false)?;
    for side in 0..survey.sides() {
        survey.judge(side, question)?;
    }
    survey.walk_around();
    Ok(survey)
}

/// Reads, sweeps and judges a layer of changes.
///
/// # Errors
/// As [`super::measure`].
pub fn of_changes(question: &Question, path: &Path) -> Result<Survey, Fault> {
    let mut ground = ground(question);
    ground.mesh.begin(Role::First);
    let words = ["zan_evol", "diff", "diif"];
    let found = inputs::find(path, question.layers.0.as_deref(), &words, inputs::change_fields)?;
    let mut dated = read::changes(&found, &mut ground)?;
    dated.interval = dated.interval.or_else(|| found.first().and_then(read::named_interval));
    told(&found, &dated, &mut ground.remarks);
    if let [Some(first), Some(last)] = [0, 1].map(|side| question.dates.get(side).cloned().flatten()) {
        dated.interval = Some([first, last]);
    }
    if dated.interval.is_none() {
        let path = path.display();
        ground.remarks.push(text!(
            fr: "{path} : ni les champs ni le nom ne donnent les deux dates ; donnez-les par --date1 et --date2 pour un rythme par an",
            en: "{path}: neither the fields nor the name give both dates; give them by --date1 and --date2 for a rate a year",
        ));
    }
    if question.definition == Definition::Ign && !dated.has_status {
        return Err(no_status(path));
    }
    let mut survey = rest(question, ground, vec![dated], true)?;
    survey.judge_changes(question.definition);
    survey.walk_around();
    Ok(survey)
}

/// Where cover and use of a date come from; the last use serves all later dates.
fn origin(question: &Question, number: usize) -> Origin {
    Origin {
        cover: question.covers[number].clone(),
        usage: question.states.get(number).or(question.states.last()).cloned(),
        layer: question.layers.0.clone(),
    }
}

fn ground(question: &Question) -> Ground {
    Ground { given: question.crs.clone(), ..Ground::default() }
}

/// What each polygon turns to with areas smaller and larger by 1.96 times the error of their outlines; `None` where it
/// does not turn.
fn moved(
    shapes: &[Shape],
    borders: &[Border],
    question: &Question,
    verdicts: &[Verdict],
) -> Vec<[Option<Option<bool>>; 2]> {
    let unit = question.accuracy.outline(1.0);
    let both = [-unit, unit].map(|slack| judge(shapes, borders, &Rules { slack, ..question.rules }));
    let turned = |number: usize| {
        both.each_ref().map(|other| {
            let found = other[number].threshold;
            (found != verdicts[number].threshold).then_some(found)
        })
    };
    (0..shapes.len()).map(turned).collect()
}

fn no_status(path: &Path) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} n'a pas d'attribut « artif » ; enlevez le mode ign, ou donnez la livraison « artificialisation » de l'IGN",
        en: "{path} has no attribute \"artif\"; leave the mode ign out, or give IGN's delivery \"artificialisation\"",
    )
}

fn told<F>(found: &[Found<F>], dated: &Dated, remarks: &mut Vec<Text>) {
    let Some(first) = found.first() else { return };
    let path = first.path.display();
    let (left_out, astray) = (dated.left_out, dated.astray);
    if dated.rows.is_empty() {
        remarks.push(text!(
            fr: "{path} ne contient aucun polygone : rien n'y est connu",
            en: "{path} holds no polygon: nothing is known there",
        ));
    }
    if left_out > 0 {
        remarks.push(text!(
            fr: "{path} : {left_out} objets sans polygone sont laissés de côté",
            en: "{path}: {left_out} features without a polygon are left out",
        ));
    }
    if astray > 0 {
        remarks.push(text!(
            fr: "{path} : {astray} polygones à plus de 1000 km des autres ou réduits à rien sont laissés de côté",
            en: "{path}: {astray} polygons more than 1000 km from the others, or shrunk to nothing, are left out",
        ));
    }
}

/// Zones and exemptions, and the sweep.
fn rest(question: &Question, mut ground: Ground, dated: Vec<Dated>, changes: bool) -> Result<Survey, Fault> {
    ground.mesh.begin(Role::Zones);
    let (zones, layer) =
        read::zones(&question.zones, question.layers.1.as_deref(), question.zone_id.as_deref(), &mut ground)?;
    let exempt = [
        (Role::Photovoltaic, &question.photovoltaic, 0.0),
        (Role::Parks, &question.parks, question.rules.zone),
    ];
    for (role, path, smallest) in exempt {
        let Some(path) = path else { continue };
        ground.mesh.begin(role);
        let found = inputs::find(path, None, &[], |_| Some(()))?;
        read::plain(&found, smallest, &mut ground)?;
    }
    let picture = ground.mesh.sweep().map_err(|why| read::no_room(&why))?;
    let Ground { crs, remarks, mesh, .. } = ground;
    drop(mesh);
    let crs = crs.unwrap_or(Crs::wgs84()?);
    let mut survey = Survey {
        dated,
        status: [Vec::new(), Vec::new()],
        moved: [Vec::new(), Vec::new()],
        changes,
        picture,
        areas: Vec::new(),
        zones,
        layer,
        crs,
        factors: Vec::new(),
        zone_factors: Vec::new(),
        remarks,
        without_data: 0,
        crossing: Vec::new(),
        beyond: Vec::new(),
        around: BTreeMap::new(),
    };
    survey.zones_valid();
    survey.neighbours_out();
    survey.measure_polygons();
    survey.stretch()?;
    survey.audit();
    Ok(survey)
}

impl Survey {
    /// Where a neighbouring département's delivery reaches into a zone of another, it does not count there.
    fn neighbours_out(&mut self) {
        let area = self.picture.foreign.square_metres();
        if area >= 0.01 {
            self.remarks.push(text!(
                fr: "La livraison d'un département déborde sur {area:.0} m² de zones d'un autre : elle n'y est pas comptée",
                en: "A département's delivery reaches over {area:.0} m² of zones of another: it is not counted there",
            ));
        }
    }

    /// Zones that cross themselves have no area by their vertices: it is that of what the sweep gave to them.
    fn zones_valid(&mut self) {
        use geo::Validation;
        self.crossing = self.layer.features.iter().map(|feature| !feature.geometry.is_valid()).collect();
        let names: Vec<&str> = self
            .zones
            .iter()
            .zip(&self.crossing)
            .filter(|(_, crossing)| **crossing)
            .map(|(zone, _)| zone.id.as_str())
            .collect();
        if !names.is_empty() {
            let (count, names) = (names.len(), names[..names.len().min(5)].join(", "));
            self.remarks.push(text!(
                fr: "{count} zones sont invalides, elles se croisent ({names}) ; leur intérieur et leur surface sont pris par la règle pair-impair, sans la contre-épreuve par les sommets : corrigez-les (vérification de géométrie de QGIS)",
                en: "{count} zones are not valid, they cross themselves ({names}); their inside and area are taken by the even-odd rule, without the cross-check by vertices: mend them (QGIS's check of geometries)",
            ));
            self.area_by_parts();
        }
    }

    fn area_by_parts(&mut self) {
        let mut held = vec![Area::default(); self.zones.len()];
        for atom in self.picture.atoms.iter().filter(|atom| atom.zone != NONE) {
            held[atom.zone as usize] += atom.area;
        }
        for ((zone, held), crossing) in self.zones.iter_mut().zip(held).zip(&self.crossing) {
            if *crossing {
                zone.area = held;
            }
        }
    }

    /// Areas of the polygons, from what the sweep gave to them.
    fn measure_polygons(&mut self) {
        self.areas = self.dated.iter().map(|dated| vec![Area::default(); dated.rows.len()]).collect();
        for atom in self.picture.atoms.iter().filter(|atom| atom.bits & AGAIN == 0) {
            for side in 0..self.sides() {
                if let Some(polygon) = self.polygon(atom, side) {
                    self.areas[side][polygon] += atom.area;
                }
            }
        }
    }

    /// The ellipsoid's share at each polygon and zone.
    fn stretch(&mut self) -> Result<(), Fault> {
        let mut ellipsoid = Ellipsoid::new(&self.crs)?;
        for dated in &self.dated {
            let at = |row: &read::Row| (f64::from(row.place.0), f64::from(row.place.1));
            let factor = |row: &read::Row| ellipsoid.factor(at(row).0, at(row).1) as f32;
            self.factors.push(dated.rows.iter().map(factor).collect());
        }
        for feature in &self.layer.features {
            let rings = read::rings(&feature.geometry);
            let place = read::middle(&rings);
            let known = place.0.is_finite() && place.1.is_finite();
            let factor = known.then(|| ellipsoid.factor(f64::from(place.0), f64::from(place.1)));
            self.zone_factors.push(factor.unwrap_or(1.0));
        }
        Ok(())
    }

    /// Invalid and overlapping polygons, zones without data.
    fn audit(&mut self) {
        for side in 0..self.sides() {
            self.invalid(side);
            self.unknown(side);
        }
        let roles = [Role::First, Role::Second, Role::Zones];
        for role in roles {
            let (area, some) = &self.picture.overlaps[role as usize];
            let area = area.square_metres();
            if area < 0.01 {
                continue;
            }
            let Text { fr: area_fr, en: area_en } = text::number(area, 2);
            let names: Vec<String> = some.iter().take(6).map(|number| self.name(role, *number)).collect();
            let (what, names) = (self.layer_name(role), names.join(", "));
            self.remarks.push(if role == Role::Zones {
                text!(
                    fr: "{what} : des zones se recouvrent sur {area_fr} m² ({names}…) ; chacune compte ce qu'elle contient, le total une seule fois",
                    en: "{what}: zones overlap over {area_en} m² ({names}…); each counts what it holds, the total counts it once",
                )
            } else {
                text!(
                    fr: "{what} : des polygones se recouvrent sur {area_fr} m² ({names}…) ; le premier du fichier y compte seul",
                    en: "{what}: polygons overlap over {area_en} m² ({names}…); only the first in the file counts there",
                )
            });
        }
        let tangled = self.picture.tangled;
        if tangled > 0 {
            self.remarks.push(text!(
                fr: "{tangled} mailles contiennent trop de croisements pour être découpées exactement",
                en: "{tangled} cells hold too many crossings to be cut exactly",
            ));
        }
        self.blind();
    }

    fn layer_name(&self, role: Role) -> String {
        let side = usize::from(role == Role::Second);
        match self.dated.get(side).and_then(|dated| dated.files.first()).filter(|_| role != Role::Zones) {
            Some((path, layer)) => format!("{} ({layer})", path.display()),
            None => "zones".to_owned(),
        }
    }

    fn name(&self, role: Role, number: u32) -> String {
        match role {
            Role::Zones => self.zones[number as usize].id.clone(),
            _ => format!(
                "n° {}",
                self.dated[usize::from(role == Role::Second)].rows[number as usize].number + 1
            ),
        }
    }

    /// Polygons whose rings do not add up to what they hold cross themselves.
    fn invalid(&mut self, side: usize) {
        let overlapping = &self.picture.overlaps[side].1;
        let rows = &self.dated[side].rows;
        let crosses = |number: &usize| {
            let held = self.areas[side][*number];
            let off = (rows[*number].rings - held).abs().square_metres();
            off > 1e-3 && overlapping.binary_search(&(*number as u32)).is_err()
        };
        // Where the delivery of a neighbour is left out, its polygons hold less than their rings.
        if self.dated[side].files.len() > 1 {
            return;
        }
        let crossing: Vec<usize> = (0..rows.len()).filter(crosses).collect();
        if let Some(first) = crossing.first() {
            let (count, what) =
                (crossing.len(), self.layer_name(if side == 0 { Role::First } else { Role::Second }));
            let first = rows[*first].number + 1;
            self.remarks.push(text!(
                fr: "{what} : {count} polygones se croisent ou se recouvrent (le premier : n° {first}) ; leur intérieur est pris par la règle pair-impair",
                en: "{what}: {count} polygons cross themselves or overlap others (the first: n° {first}); their inside is taken by the even-odd rule",
            ));
        }
    }

    /// Codes that are missing or unknown.
    fn unknown(&mut self, side: usize) {
        self.missing_before(side);
        let odd = |row: &read::Row| {
            let missing_before = self.changes && row.couple.is_missing();
            (!row.couple.is_known() && !missing_before) || (self.changes && !row.after.is_known())
        };
        let rows = &self.dated[side].rows;
        let odd: Vec<usize> = (0..rows.len()).filter(|&number| odd(&rows[number])).collect();
        let Some(&first) = odd.first() else { return };
        let area = odd.iter().map(|&number| self.areas[side][number]).sum::<Area>().square_metres() / 1e4;
        let (count, first) = (odd.len(), rows[first].number + 1);
        let what = self.layer_name(if side == 0 { Role::First } else { Role::Second });
        let Text { fr: area_fr, en: area_en } = text::number(area, 4);
        self.remarks.push(text!(
            fr: "{what} : {count} polygones ({area_fr} ha) ont un code de couverture ou d'usage absent ou inconnu (le premier : n° {first}) ; ils sont comptés à part, les parts portent sur le reste",
            en: "{what}: {count} polygons ({area_en} ha) have a missing or unknown code of cover or use (the first: n° {first}); they are counted apart, shares are of the rest",
        ));
    }

    /// Changes without any code before.
    fn missing_before(&mut self, side: usize) {
        let rows = &self.dated[side].rows;
        let missing: Vec<usize> =
            (0..rows.len()).filter(|&number| self.changes && rows[number].couple.is_missing()).collect();
        let Some(&first) = missing.first() else { return };
        let area = missing.iter().map(|&number| self.areas[side][number]).sum::<Area>().square_metres() / 1e4;
        let (count, first, what) = (missing.len(), rows[first].number + 1, self.layer_name(Role::First));
        let Text { fr: area_fr, en: area_en } = text::number(area, 4);
        self.remarks.push(text!(
            fr: "{what} : {count} polygones ({area_fr} ha) n'ont aucun code avant (le premier : n° {first}) ; ils sont pris comme non artificialisés avant",
            en: "{what}: {count} polygons ({area_en} ha) have no code before (the first: n° {first}); they are taken as not artificialised before",
        ));
    }

    /// Zones without any change: a layer of changes has gaps by nature, but knows nothing beyond what it spans.
    fn unchanged(&mut self) {
        let mut held = vec![false; self.zones.len()];
        for atom in self.picture.atoms.iter().filter(|atom| atom.zone != NONE && atom.first != NONE) {
            held[atom.zone as usize] = true;
        }
        let place = |row: &read::Row| Point::new(f64::from(row.place.0), f64::from(row.place.1));
        let span = MultiPoint::from_iter(self.dated[0].rows.iter().map(place)).bounding_rect();
        let outside = |(feature, held): (&Feature, &bool)| {
            let near = span.zip(feature.geometry.bounding_rect());
            !held && !near.is_some_and(|(span, bounds)| span.intersects(&bounds))
        };
        self.beyond = self.layer.features.iter().zip(&held).map(outside).collect();
        let names = |wanted: &dyn Fn(usize) -> bool| -> (usize, String) {
            let all: Vec<usize> = (0..self.zones.len()).filter(|&zone| wanted(zone)).collect();
            let some: Vec<&str> = all.iter().take(5).map(|&zone| self.zones[zone].id.as_str()).collect();
            (all.len(), some.join(", ") + if all.len() > 5 { ", …" } else { "" })
        };
        let (beyond, beyond_names) = names(&|zone| self.beyond[zone]);
        let (still, still_names) = names(&|zone| !held[zone] && !self.beyond[zone]);
        if beyond > 0 {
            self.remarks.push(text!(
                fr: "{beyond} zones sont au-delà de la couche de changements ({beyond_names}) ; leurs chiffres sont vides, pas nuls",
                en: "{beyond} zones lie beyond the layer of changes ({beyond_names}); their figures are empty, not zero",
            ));
        }
        if still > 0 {
            self.remarks.push(text!(
                fr: "{still} zones ne contiennent aucun changement ({still_names}) ; leur zéro ne vaut que si la couche les couvre",
                en: "{still} zones hold no change ({still_names}); their zero holds only where the layer covers them",
            ));
        }
        self.without_data = beyond;
    }

    /// Zones without data.
    fn blind(&mut self) {
        if self.changes {
            return self.unchanged();
        }
        let mut held = vec![[Area::default(); 2]; self.zones.len()];
        for atom in self.picture.atoms.iter().filter(|atom| atom.zone != NONE) {
            for (side, sum) in held[atom.zone as usize].iter_mut().enumerate() {
                if self.polygon(atom, side).is_some() {
                    *sum += atom.area;
                }
            }
        }
        let sides = self.sides();
        let none = |number: &usize| held[*number][..sides].iter().all(|area| *area == Area::default());
        let once = |number: &usize| {
            !none(number) && held[*number][..sides].iter().any(|area| *area == Area::default())
        };
        let partly = |number: &usize| {
            let missing = held[*number][..sides].iter().map(|area| self.zones[*number].area - *area).max();
            !none(number) && !once(number) && missing.is_some_and(|area| area.square_metres() > 1.0)
        };
        let blind: Vec<usize> = (0..self.zones.len()).filter(none).collect();
        let partly: Vec<usize> = (0..self.zones.len()).filter(partly).collect();
        let once: Vec<usize> = (0..self.zones.len()).filter(once).collect();
        let names = |list: &[usize]| {
            let some: Vec<&str> = list.iter().take(5).map(|&number| self.zones[number].id.as_str()).collect();
            some.join(", ") + if list.len() > 5 { ", …" } else { "" }
        };
        let mut said = Vec::new();
        if !blind.is_empty() {
            let (count, names) = (blind.len(), names(&blind));
            said.push(text!(
                fr: "{count} zones sont hors des données ({names}) ; leurs chiffres sont vides, pas nuls",
                en: "{count} zones lie outside the data ({names}); their figures are empty, not zero",
            ));
        }
        if !once.is_empty() {
            let (count, names) = (once.len(), names(&once));
            said.push(text!(
                fr: "{count} zones n'ont de données qu'à une seule des deux dates ({names}) ; leur flux est vide, pas nul",
                en: "{count} zones have data at one of both dates only ({names}); their flux is empty, not zero",
            ));
        }
        if !partly.is_empty() {
            let (count, names) = (partly.len(), names(&partly));
            said.push(text!(
                fr: "{count} zones ne sont couvertes qu'en partie à une date au moins ({names}) ; voyez les colonnes « nodata_ha » et « one_date_ha », le flux ne porte que sur ce qui est couvert aux deux dates",
                en: "{count} zones are covered in part only at one date at least ({names}); see the columns \"nodata_ha\" and \"one_date_ha\", the flux is that of what both dates cover",
            ));
        }
        self.without_data = blind.len();
        self.remarks.extend(said);
    }

    /// Judges the polygons of a date.
    fn judge(&mut self, side: usize, question: &Question) -> Result<(), Fault> {
        let dated = &self.dated[side];
        if question.mode == Mode::Ign && !dated.has_status {
            return Err(no_status(&dated.files[0].0));
        }
        let shapes: Vec<Shape> = dated
            .rows
            .iter()
            .zip(&self.areas[side])
            .map(|(row, area)| Shape {
                couple: row.couple,
                area: area.square_metres(),
                trees: row.trees,
                perimeter: row.perimeter,
            })
            .collect();
        let borders = self.picture.borders(side);
        let verdicts = judge(&shapes, &borders, &question.rules);
        let moved = if question.mode == Mode::Matrix {
            Vec::new()
        } else {
            moved(&shapes, &borders, question, &verdicts)
        };
        let status = |(row, verdict): (&read::Row, Verdict)| {
            let (artificial, category) = match question.mode {
                Mode::Matrix => (verdict.matrix, verdict.category),
                Mode::Recompute | Mode::Lidar => (verdict.threshold, verdict.threshold_category),
                Mode::Ign if row.given == verdict.matrix => (row.given, verdict.category),
                Mode::Ign if row.given == verdict.threshold => (row.given, verdict.threshold_category),
                Mode::Ign => (row.given, row.given.map(|artificial| if artificial { 4 } else { 10 })),
            };
            let sealed = row.couple.impermeable();
            let mut verdict = verdict;
            match question.mode {
                Mode::Ign => verdict.motif = Motif::Given,
                Mode::Matrix if verdict.matrix.is_some() => verdict.motif = Motif::Matrix,
                _ => {}
            }
            Status { artificial, verdict, given: row.given, sealed, category }
        };
        self.status[side] = dated.rows.iter().zip(verdicts).map(status).collect();
        let alike = |(moved, status): (&mut [Option<Option<bool>>; 2], &Status)| {
            moved.map(|turned| turned.unwrap_or(status.artificial))
        };
        let mut moved = moved;
        self.moved[side] = moved.iter_mut().zip(&self.status[side]).map(alike).collect();
        Ok(())
    }

    /// Judges changes: each polygon before and after.
    fn judge_changes(&mut self, definition: Definition) {
        for side in 0..2 {
            let status = |row: &read::Row| {
                let couple = if side == 0 { row.couple } else { row.after };
                let given = if side == 0 { row.given } else { row.given_after };
                let matrix = couple.artificialised();
                // What was not there before was not artificialised: the supplier says that it became so.
                let matrix = matrix.or((side == 0 && row.couple.is_missing()).then_some(false));
                let artificial = match definition {
                    Definition::Decree => matrix,
                    Definition::Delivered => given.or(Some(side == 1)),
                    Definition::Ign => given,
                };
                let category = couple.category().filter(|_| artificial == matrix);
                let verdict = Verdict { matrix, threshold: matrix, category, ..Verdict::default() };
                Status { artificial, verdict, given, sealed: couple.impermeable(), category }
            };
            self.status[side] = self.dated[0].rows.iter().map(status).collect();
        }
    }
}
