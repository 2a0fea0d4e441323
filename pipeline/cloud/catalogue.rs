//! Which clouds a run reads, in which CRS, and the one lattice on which all their points lie.
//!
//! Files are opened and checked, never decoded here. A file that cannot be used is set aside with its fault;
//! the others go on.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::points::{Batch, Cloud, CrsRecord, Header};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::extent::Extent;
use ilot_kernels::points::Lattice;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// A cloud that can be read.
pub struct Source {
    /// Its file.
    pub path: PathBuf,
    /// The open file.
    pub cloud: Cloud,
    /// From its own integers to the lattice of the job.
    pub shift: Shift,
}

/// All clouds of a job.
pub struct Catalogue {
    /// The clouds that can be read, from north to south, then from west to east.
    pub sources: Vec<Source>,
    /// The files that cannot, and why.
    pub rejected: Vec<(PathBuf, Fault)>,
    /// CRS of the clouds and of all results.
    pub crs: Crs,
    /// What all their points count in.
    pub lattice: Lattice,
    /// The ground that they cover.
    pub extent: Extent,
    /// What the user should know.
    pub remarks: Vec<Text>,
}

impl Catalogue {
    /// Opens all clouds under `inputs`; `crs` stands in where a file names none.
    pub fn open(inputs: &[PathBuf], crs: Option<&str>) -> Result<Catalogue, Fault> {
        let flag = crs.map(Crs::from_user).transpose()?;
        let files = cloud_files(inputs)?;
        let opened: Vec<_> = files
            .into_par_iter()
            .map(|path| {
                let cloud = Cloud::open(&path);
                (path, cloud)
            })
            .collect();
        let mut known = Known { flag, records: Vec::new() };
        let mut rejected = Vec::new();
        let mut usable = Vec::new();
        for (path, outcome) in opened {
            match outcome.and_then(|cloud| Ok((known.crs_of(cloud.header(), &path)?, cloud))) {
                Ok((crs, cloud)) => usable.push((path, cloud, crs)),
                Err(why) => rejected.push((path, why)),
            }
        }
        usable.sort_by(|a, b| {
            reading_order(a.1.header()).cmp(&reading_order(b.1.header())).then(a.0.cmp(&b.0))
        });
        Catalogue::of_one_crs(usable, rejected)
    }

    /// Keeps the clouds of the CRS that most points have, and lays the lattice.
    fn of_one_crs(usable: Vec<Opened>, mut rejected: Vec<(PathBuf, Fault)>) -> Result<Catalogue, Fault> {
        let Some(crs) = crs_of_most(&usable) else { return Err(nothing_usable(rejected)) };
        let (same, other): (Vec<_>, Vec<_>) =
            usable.into_iter().partition(|(_, _, its)| its.same_horizontal(&crs));
        rejected.extend(other.into_iter().map(|(path, _, its)| {
            let why = its.mismatch(&crs, &path);
            (path, why)
        }));
        let (same, copies) = without_copies(same);
        rejected.extend(copies);
        let (same, misplaced) = in_place(same, &crs);
        rejected.extend(misplaced);
        if same.is_empty() {
            return Err(nothing_usable(rejected));
        }
        let mut remarks = vertical_remarks(&same, &crs);
        remarks.extend(overlap_remarks(&same));
        let headers = || same.iter().map(|(_, cloud, _)| cloud.header());
        let extents = headers().filter(|header| header.count > 0).map(|header| header.extent);
        let extent = extents.reduce(|all, one| all.union(&one)).ok_or_else(no_point_at_all)?;
        let (lattice, rounded) = lattice_of(headers(), &extent)?;
        if rounded {
            remarks.push(text!(
                fr: "les coordonnées ne sont pas décimales : elles sont arrondies au millimètre",
                en: "coordinates are not decimal: they are rounded to the millimetre",
            ));
        }
        let sources = same
            .into_iter()
            .map(|(path, cloud, _)| {
                let shift = Shift::new(cloud.header(), &lattice);
                Source { path, cloud, shift }
            })
            .collect();
        Ok(Catalogue { sources, rejected, crs, lattice, extent, remarks })
    }
}

/// The CRS that most points have, with a vertical datum where one of its clouds names one.
fn crs_of_most(clouds: &[Opened]) -> Option<Crs> {
    let mut systems: Vec<(&Crs, u64)> = Vec::new();
    for (_, cloud, crs) in clouds {
        let count = cloud.header().count;
        match systems.iter_mut().find(|(known, _)| known.same_horizontal(crs)) {
            Some((_, points)) => *points += count,
            None => systems.push((crs, count)),
        }
    }
    // The first of equals, so that the order of reading decides and not that of the command line.
    let (most, _) = systems.into_iter().reduce(|most, other| if other.1 > most.1 { other } else { most })?;
    let same = clouds.iter().map(|(_, _, crs)| crs).filter(|crs| crs.same_horizontal(most));
    same.into_iter().find(|crs| crs.vertical_epsg().is_some()).or(Some(most)).cloned()
}

/// Sets copies aside: as many points within the very same bounds as a cloud before, which would count twice.
fn without_copies(clouds: Vec<Opened>) -> (Vec<Opened>, Vec<(PathBuf, Fault)>) {
    let mut kept: Vec<Opened> = Vec::new();
    let mut copies = Vec::new();
    for (path, cloud, crs) in clouds {
        // A cloud whose numbers are those of another from another origin lies elsewhere.
        let units = |header: &Header| (header.scale.map(f64::to_bits), header.offset.map(f64::to_bits));
        let identity = |header: &Header| (header.count, header.raw_low, header.raw_high, units(header));
        let own = identity(cloud.header());
        let twin = kept.iter().find(|(_, other, _)| own.0 > 1 && identity(other.header()) == own);
        if let Some((twin, _, _)) = twin {
            let (shown, twin) = (path.display(), twin.display());
            let why = fault!(
                fr: "{shown} est une copie de {twin} (autant de points, mêmes bornes), qui compterait deux fois : retirez l'un des deux.",
                en: "{shown} is a copy of {twin} (as many points, the same bounds), which would count twice: leave one of both out.",
            );
            copies.push((path, why));
        } else {
            kept.push((path, cloud, crs));
        }
    }
    (kept, copies)
}

/// From north to south, then from west to east; a metre more or less is the same row.
fn reading_order(header: &Header) -> (i64, i64) {
    (-header.extent.north.round() as i64, header.extent.west.round() as i64)
}

/// CRS records that were read already: most files of a job have the same, and PROJ takes its time.
struct Known {
    flag: Option<Crs>,
    records: Vec<(CrsRecord, Result<Crs, Fault>)>,
}

impl Known {
    /// The CRS of a cloud: its own record, completed or replaced by the user's words where it is lacking.
    fn crs_of(&mut self, header: &Header, path: &Path) -> Result<Crs, Fault> {
        let record = &header.crs;
        let unit = record.height_unit.filter(|unit| record.wkt.is_none() && *unit != METRE);
        if let (Some(unit), false) =
            (unit, self.flag.as_ref().is_some_and(|flag| flag.vertical_name().is_some()))
        {
            return Err(in_feet(unit, path));
        }
        let own = match self.records.iter().find(|(known, _)| known == record) {
            Some((_, own)) => Some(own.clone()),
            None => recorded_crs(record).inspect(|own| self.records.push((record.clone(), own.clone()))),
        };
        let crs = match (own, &self.flag) {
            // A record that cannot be read is as good as none where the user says what it is.
            (Some(Err(_)) | None, Some(flag)) => flag.clone(),
            (None, None) => return Err(Crs::missing(path)),
            (Some(Err(why)), None) => return Err(why),
            (Some(Ok(own)), Some(flag)) if !own.same_horizontal(flag) => return Err(own.mismatch(flag, path)),
            (Some(Ok(own)), Some(flag)) if own.vertical_epsg().is_none() => flag.clone(),
            (Some(Ok(own)), _) => own,
        };
        crs.require_metric(path)?;
        Ok(crs)
    }
}

/// EPSG's code of the metre.
const METRE: u32 = 9001;

fn in_feet(unit: u32, path: &Path) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} dit ses altitudes en une autre unité que le mètre (EPSG:{unit}) : convertissez-les, ou donnez leur système avec --crs si le fichier se trompe.",
        en: "{path} says that its heights are in another unit than metres (EPSG:{unit}): convert them, or give their system with --crs where the file is wrong.",
    )
}

/// What a file's record says, `None` where it says nothing.
pub fn recorded_crs(record: &CrsRecord) -> Option<Result<Crs, Fault>> {
    match (&record.wkt, record.horizontal_epsg) {
        (Some(wkt), _) => Some(Crs::from_wkt(wkt)),
        (None, Some(code)) => Some(Crs::from_epsg(code, record.vertical_epsg)),
        (None, None) => None,
    }
}

/// The cloud files named, and those in the folders named, in order and each once.
fn cloud_files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut files = Vec::new();
    for input in inputs {
        if input.is_dir() {
            files.extend(in_folder(input)?);
        } else {
            files.push(input.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    if files.is_empty() {
        return Err(fault!(
            fr: "Aucun nuage de points n'est donné : nommez des fichiers LAS, LAZ ou COPC, ou leur dossier.",
            en: "No point cloud is given: name LAS, LAZ or COPC files, or their folder.",
        ));
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).map_err(|why| {
        fault!(
            fr: "Le dossier {shown} ne peut être lu ({why}) : vérifiez vos droits.",
            en: "Folder {shown} cannot be read ({why}): check your permissions.",
        )
    })?;
    let is_cloud = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        path.is_file() && ["las", "laz"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_cloud).collect();
    files.sort();
    if files.is_empty() {
        return Err(fault!(
            fr: "Le dossier {shown} ne contient aucun fichier .las ou .laz : vérifiez le chemin.",
            en: "Folder {shown} holds no .las or .laz file: check the path.",
        ));
    }
    Ok(files)
}

/// An open cloud, its file and its CRS.
type Opened = (PathBuf, Cloud, Crs);

/// Parts the clouds that lie where their CRS is used from those that do not.
fn in_place(clouds: Vec<Opened>, crs: &Crs) -> (Vec<Opened>, Vec<(PathBuf, Fault)>) {
    let place = crs.place();
    let mut misplaced = Vec::new();
    let kept = clouds.into_iter().filter_map(|(path, cloud, its)| {
        let header = cloud.header();
        match if header.count > 0 { place.check(&header.extent, &path) } else { Ok(()) } {
            Ok(()) => Some((path, cloud, its)),
            Err(why) => {
                misplaced.push((path, why));
                None
            }
        }
    });
    (kept.collect(), misplaced)
}

fn nothing_usable(mut rejected: Vec<(PathBuf, Fault)>) -> Fault {
    if rejected.len() == 1 {
        return rejected.remove(0).1;
    }
    let count = rejected.len();
    let (fr, en): (Vec<String>, Vec<String>) = rejected
        .into_iter()
        .map(|(_, why)| (format!("\n  {}", why.0.fr), format!("\n  {}", why.0.en)))
        .unzip();
    let (fr, en) = (fr.concat(), en.concat());
    fault!(
        fr: "Aucun des {count} nuages ne peut être utilisé :{fr}",
        en: "None of the {count} clouds can be used:{en}",
    )
}

fn no_point_at_all() -> Fault {
    fault!(
        fr: "Les nuages donnés ne contiennent aucun point : il n'y a rien à calculer.",
        en: "The clouds given hold no point: there is nothing to compute.",
    )
}

/// Files that do not all name the same vertical datum, or name none.
fn vertical_remarks(same: &[Opened], crs: &Crs) -> Vec<Text> {
    let differing = same
        .iter()
        .filter(|(_, _, its)| its.vertical_epsg().is_some() && its.vertical_epsg() != crs.vertical_epsg());
    let mut remarks: Vec<Text> = differing
        .map(|(path, _, its)| {
            let (path, its, crs) = (path.display(), its.name(), crs.name());
            text!(
                fr: "{path} a un autre système altimétrique ({its}) que les premiers nuages ({crs}) : ses hauteurs sont prises telles quelles",
                en: "{path} has another vertical datum ({its}) than the first clouds ({crs}): its heights are taken as they are",
            )
        })
        .collect();
    if crs.vertical_epsg().is_none() {
        remarks.push(text!(
            fr: "aucun nuage ne nomme son système altimétrique : les altitudes restent celles du fichier (--crs le précise, par exemple EPSG:2154+5720 pour IGN69)",
            en: "no cloud names its vertical datum: heights stay those of the file (--crs names it, for example EPSG:2154+5720 for IGN69)",
        ));
    }
    remarks
}

/// Pairs of clouds that cover the same ground: their points would count twice.
fn overlap_remarks(same: &[Opened]) -> Vec<Text> {
    let area = |extent: &Extent| extent.width().0 * extent.height().0;
    let mut remarks = Vec::new();
    for (i, (path, cloud, _)) in same.iter().enumerate() {
        for (other_path, other, _) in &same[i + 1..] {
            let (one, two) = (&cloud.header().extent, &other.header().extent);
            let shared = one.intersection(two).map_or(0.0, |shared| area(&shared));
            if shared > 0.5 * area(one).min(area(two)) {
                let (a, b) = (path.display(), other_path.display());
                remarks.push(text!(
                    fr: "{a} et {b} couvrent le même terrain : leurs points comptent deux fois, retirez l'un des deux s'il est une copie",
                    en: "{a} and {b} cover the same ground: their points count twice, leave one of both out if it is a copy",
                ));
            }
        }
    }
    remarks
}

/// Steps that files are written in, as units in a metre.
const STEPS: [i32; 3] = [100, 1000, 10_000];

/// The coarsest decimal lattice on which all points lie, and whether points must be rounded to lie on it.
fn lattice_of<'a>(
    headers: impl Iterator<Item = &'a Header> + Clone,
    extent: &Extent,
) -> Result<(Lattice, bool), Fault> {
    let on_map = |header: &Header| (0..2).all(|axis| header.scale[axis] > 0.0);
    debug_assert!(headers.clone().all(on_map));
    let plane = STEPS.into_iter().find(|&step| headers.clone().all(|h| fits(h, 0, step) && fits(h, 1, step)));
    let up = STEPS.into_iter().find(|&step| headers.clone().all(|h| fits(h, 2, step)));
    let per_metre = plane.unwrap_or(1000);
    let lattice = Lattice {
        per_metre,
        per_metre_up: up.unwrap_or(1000),
        x0: extent.west.floor() as i64 * i64::from(per_metre),
        y0: extent.south.floor() as i64 * i64::from(per_metre),
    };
    // Half of what 32 bits hold leaves room for the halo.
    let span = extent.width().0.max(extent.height().0) * f64::from(per_metre);
    if span > f64::from(i32::MAX / 2) {
        let (width, height) = (extent.width(), extent.height());
        return Err(fault!(
            fr: "Les nuages s'étendent sur {width} × {height} : traitez-les en plusieurs lots, ou vérifiez leurs coordonnées.",
            en: "The clouds extend over {width} × {height}: run them in several lots, or check their coordinates.",
        ));
    }
    Ok((lattice, plane.is_none() || up.is_none()))
}

/// Whether one axis of a file lies on a lattice of `step` units in a metre.
fn fits(header: &Header, axis: usize, step: i32) -> bool {
    let whole = |value: f64| (value - value.round()).abs() < 1e-6;
    let factor = header.scale[axis] * f64::from(step);
    factor > 0.5 && whole(factor) && whole(header.offset[axis] * f64::from(step))
}

/// From a file's own integers to the lattice of the job.
#[derive(Debug, Clone, Copy)]
pub struct Shift {
    axes: [Axis; 3],
}

#[derive(Debug, Clone, Copy)]
enum Axis {
    /// Whole numbers stay whole: `value * factor + offset`.
    Whole { factor: i64, offset: i64 },
    /// Anything else is rounded.
    Rounded { scale: f64, offset: f64 },
}

impl Shift {
    fn new(header: &Header, lattice: &Lattice) -> Shift {
        let origin = [lattice.x0, lattice.y0, 0];
        let steps = [lattice.per_metre, lattice.per_metre, lattice.per_metre_up];
        let axis = |i: usize| {
            let (scale, offset) =
                (header.scale[i] * f64::from(steps[i]), header.offset[i] * f64::from(steps[i]));
            if fits(header, i, steps[i]) {
                Axis::Whole { factor: scale.round() as i64, offset: offset.round() as i64 - origin[i] }
            } else {
                Axis::Rounded { scale, offset: offset - origin[i] as f64 }
            }
        };
        Shift { axes: [axis(0), axis(1), axis(2)] }
    }

    /// Whether positions on the map are rounded: a point may then lie half a unit beyond the bounds of its cloud.
    pub fn rounds(&self) -> bool {
        self.axes[..2].iter().any(|axis| matches!(axis, Axis::Rounded { .. }))
    }

    /// Moves a batch onto the lattice, in place.
    pub fn place(&self, batch: &mut Batch) {
        self.apply(0, &mut batch.x);
        self.apply(1, &mut batch.y);
        self.apply(2, &mut batch.z);
    }

    /// Moves one axis (0 east, 1 north, 2 up) of a batch onto the lattice, in place.
    fn apply(&self, axis: usize, column: &mut [i32]) {
        match self.axes[axis] {
            Axis::Whole { factor: 1, offset } if i32::try_from(offset).is_ok() => {
                let offset = offset as i32;
                column.iter_mut().for_each(|value| *value = value.wrapping_add(offset));
            }
            Axis::Whole { factor, offset } => {
                column.iter_mut().for_each(|value| *value = (i64::from(*value) * factor + offset) as i32);
            }
            Axis::Rounded { scale, offset } => {
                column
                    .iter_mut()
                    .for_each(|value| *value = (f64::from(*value) * scale + offset).round() as i32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_in_feet_are_refused_unless_the_user_knows_better() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples/town/lidar/LHD_FXX_0379_6787_PTS_C_LAMB93_IGN69.laz");
        let mut header = Cloud::open(&path).unwrap().header().clone();
        let record = |height_unit: Option<u32>| CrsRecord {
            wkt: None,
            horizontal_epsg: Some(2154),
            vertical_epsg: Some(5720),
            height_unit,
        };
        let known = |flag: Option<&str>| Known {
            flag: flag.map(|words| Crs::from_user(words).unwrap()),
            records: Vec::new(),
        };
        for unit in [None, Some(METRE)] {
            header.crs = record(unit);
            assert!(known(None).crs_of(&header, &path).is_ok());
        }
        header.crs = record(Some(9003));
        let why = known(None).crs_of(&header, &path).unwrap_err();
        assert!(why.0.en.contains("another unit than metres (EPSG:9003)"), "{}", why.0.en);
        assert!(known(Some("EPSG:2154")).crs_of(&header, &path).is_err());
        assert!(known(Some("lambert93")).crs_of(&header, &path).is_ok());
    }
}
