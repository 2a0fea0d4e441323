//! ZAN: soil that is artificialised, by zone and date, and what changed.
//!
//! In: OCS GE at one or several dates, or a layer of changes, and zones; out: state, flux and transition tables, each
//! polygon with its status and the reason, checks that all adds up. The geometry is done once ([`mesh`]): everything
//! else works on a table of areas by polygon of each date and zone.
//!
//! ```text
//!  inputs → read → mesh ─ sweep ─▶ atoms, borders        one geometric pass for each pair of dates
//!                   thresholds ─▶ verdicts               the law, polygon by polygon, before any cut
//!                   state, flux ─▶ tables, closure       sums of whole numbers
//! ```
//!
//! Sources: Code de l'urbanisme R. 101-1 and its annex (decree 2023-1096); OCS GE 2.0 (IGN). Consumption of natural, agricultural and
//! forest land (ENAF) is another measure and is never mixed with this one. Fails where: areas on the map are those of
//! the plane; Lambert-93 is off by −0.2 to +0.6 %, the ellipsoid's are given beside. Cost: reading, then the
//! sweep; memory: 256 MB of vertices, the others wait on the disk, and some 300 bytes a polygon; the layer of all
//! polygons (not written with `--no-polygons`) is in memory as a whole.

pub mod accuracy;
pub mod changes;
pub mod closure;
pub mod ellipsoid;
pub mod enaf;
pub mod flux;
pub mod inputs;
pub mod lidar;
pub mod mesh;
pub mod nomenclature;
pub mod parcels;
pub mod polygons;
pub mod population;
pub mod read;
pub mod report;
pub mod state;
pub mod survey;
pub mod tables;
pub mod thresholds;
pub mod uncertainty;

use crate::fault;
use crate::formats::crs::Crs;
use crate::text;
use crate::text::{Fault, Text};
use accuracy::Accuracy;
use closure::Closure;
use read::Date;
use std::path::PathBuf;
use survey::{Places, Survey};
use tables::Sheet;
use thresholds::Rules;
use uncertainty::Figure;

/// Which status counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The matrix of the decree applied to the codes.
    #[default]
    Matrix,
    /// IGN's attribute, or the supplier's word for a layer of changes.
    Ign,
    /// The matrix and the thresholds.
    Recompute,
    /// The same, on `ilot`'s own cover at its true size.
    Lidar,
}

impl Mode {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Matrix => "matrix",
            Mode::Ign => "ign",
            Mode::Recompute => "recompute",
            Mode::Lidar => "lidar",
        }
    }
}

/// What a layer of changes means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Definition {
    /// The matrix of the law, on the codes before and after.
    #[default]
    Decree,
    /// Every polygon is what the supplier meant: artificialised soil, but where a sign says otherwise.
    Delivered,
    /// IGN's statuses before and after.
    Ign,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// OCS GE at each date, in order: one file or folder each.
    pub states: Vec<PathBuf>,
    /// Maps of cover at each date, in mode lidar; the states then give the use.
    pub covers: Vec<PathBuf>,
    /// A map of trees, for the share of polygons under them.
    pub trees: Option<PathBuf>,
    /// A layer of changes instead.
    pub changes: Option<PathBuf>,
    /// What it means.
    pub definition: Definition,
    /// The zones.
    pub zones: PathBuf,
    /// Layers to take, where files have several that fit: of the data, of the zones.
    pub layers: (Option<String>, Option<String>),
    /// The field that names zones.
    pub zone_id: Option<String>,
    /// The CRS of files that say none.
    pub crs: Option<Crs>,
    /// Dates given, in the order of the states; they go before those of the data.
    pub dates: Vec<Option<Date>>,
    /// Which status counts.
    pub mode: Mode,
    /// The thresholds.
    pub rules: Rules,
    /// Photovoltaic fields that the law lets count as not artificialised.
    pub photovoltaic: Option<PathBuf>,
    /// Public parks, likewise.
    pub parks: Option<PathBuf>,
    /// Whether each polygon is written with its status.
    pub polygons: bool,
    /// How far outlines and classes may be wrong.
    pub accuracy: Accuracy,
    /// Population by zone and year.
    pub population: Option<PathBuf>,
    /// Consumption of ENAF beside: another measure.
    pub enaf: Option<enaf::Question>,
}

impl Question {
    /// Number of dates.
    fn count(&self) -> usize {
        if self.mode == Mode::Lidar { self.covers.len() } else { self.states.len() }
    }
}

/// What is found.
#[derive(Debug, Default)]
pub struct Answer {
    /// The tables, with the zones' geometry where they are by zone.
    pub sheets: Vec<Sheet>,
    /// The checks.
    pub closures: Vec<Closure>,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Totals over all zones, and over all data, for people and `run.json`.
    pub totals: serde_json::Map<String, serde_json::Value>,
    /// Zones without any data.
    pub without_data: usize,
    /// Zones known in part only at some date: their figures are of that part.
    pub half_seen: usize,
    /// Files read.
    pub files: Vec<PathBuf>,
    /// Every figure with its interval.
    pub figures: Vec<Figure>,
    /// The path of ENAF consumption, where it is asked for.
    pub enaf: Option<enaf::Trajectory>,
}

/// Measures.
///
/// # Errors
/// Where a file cannot be read, has no CRS, no date, or no layer that fits; and where sums do not close.
pub fn measure(question: &Question) -> Result<Answer, Fault> {
    let mut answer = Answer { files: vec![question.zones.clone()], ..Answer::default() };
    let mut places = None;
    if let Some(changes) = &question.changes {
        answer.files.push(changes.clone());
        let survey = survey::of_changes(question, changes)?;
        flux::report(&survey, question, &mut answer)?;
        answer.sheets.extend(changes::sheet(&survey)?);
        places = Some(answer.finish(survey));
    } else {
        answer.files.extend(question.states.iter().cloned());
        answer.files.extend(question.covers.iter().chain(&question.trees).cloned());
        let pairs = question.count().max(2) - 1;
        for pair in 0..pairs {
            let survey = survey::of_states(question, pair)?;
            pair_of(&survey, question, pair, &mut answer)?;
            places = Some(answer.finish(survey));
        }
    }
    answer.files.extend(
        [&question.photovoltaic, &question.parks, &question.population].into_iter().flatten().cloned(),
    );
    answer.sheets.push(uncertainty::sheet(&answer.figures));
    let flux = answer.figures.iter().any(|figure| figure.name == "net");
    answer.remarks.extend(question.accuracy.assumed(flux));
    if let Some(question) = &question.enaf {
        consumption(question, places.as_ref(), &mut answer)?;
    }
    tables::join(&mut answer.sheets);
    closure::enforce(&answer.closures)?;
    Ok(answer)
}

/// State of the dates that are new in this pair, and its flux.
fn pair_of(survey: &Survey, question: &Question, pair: usize, answer: &mut Answer) -> Result<(), Fault> {
    let new = if pair == 0 { 0..survey.sides() } else { 1..survey.sides() };
    for side in new {
        state::report(survey, side, question, answer);
        if question.polygons {
            answer.sheets.push(polygons::sheet(survey, side, question.mode)?);
        }
    }
    if survey.sides() == 2 {
        in_order(survey)?;
        flux::report(survey, question, answer)?;
        answer.sheets.extend(if question.polygons { changes::sheet(survey)? } else { None });
    }
    Ok(())
}

/// A change runs from the earlier date to the later one.
fn in_order(survey: &Survey) -> Result<(), Fault> {
    let dates = |side: usize| survey.dated[side].dates.iter();
    let first = dates(0).min_by(|a, b| a.years.total_cmp(&b.years));
    let last = dates(1).max_by(|a, b| a.years.total_cmp(&b.years));
    let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
    if last.years > first.years {
        return Ok(());
    }
    let (first, last) = (&first.label, &last.label);
    Err(fault!(
        fr: "Les dates vont de {first} à {last} : donnez d'abord l'état le plus ancien (--t1), puis un plus récent (--t2).",
        en: "The dates go from {first} to {last}: give the earlier state first (--t1), then a later one (--t2).",
    ))
}

/// Consumption of ENAF, in a table's communes or in places.
///
/// # Errors
/// Where a table cannot be read, or is none of consumption.
pub fn consumption(
    question: &enaf::Question,
    places: Option<&Places>,
    answer: &mut Answer,
) -> Result<(), Fault> {
    answer.files.push(question.table.clone());
    answer.files.extend(question.own.clone());
    let source = enaf::read(&question.table, question.group.as_deref(), &mut answer.remarks)?;
    let owns = question.own.as_deref().map(enaf::owns).transpose()?.unwrap_or_default();
    let zones = places.map(|places| places.zones.as_slice());
    let trajectory = enaf::paths(&source, &owns, &question.terms, zones);
    enaf::report(trajectory, &owns, places, answer);
    Ok(())
}

/// Zones that bear one code are rows of their own: who joins by code must know.
fn shared_codes(zones: &[read::Zone]) -> Option<Text> {
    let mut codes: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
    codes.sort_unstable();
    let mut twice: Vec<&str> =
        codes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    twice.dedup();
    let (count, some) = (twice.len(), twice[..twice.len().min(5)].join(", "));
    (count > 0).then(|| {
        text!(
            fr: "{count} codes nomment plusieurs zones ({some}) ; chacune a sa ligne et sa page : regroupez-les si elles n'en font qu'une",
            en: "{count} codes name several zones ({some}); each has its own row and page: dissolve them where they are one",
        )
    })
}

impl Answer {
    /// The pages and the table of the three-yearly report; `inputs` are the files with their hashes.
    pub fn report(
        &self,
        settings: &serde_json::Value,
        inputs: &[serde_json::Value],
    ) -> (Vec<(String, String)>, Sheet) {
        let checked = |closure: &Closure| {
            let (fr, en) = (&closure.identity.fr, &closure.identity.en);
            let worst = text::number(closure.worst.square_metres(), 4);
            let (fr_worst, en_worst) = (worst.fr, worst.en);
            text!(fr: "Fermeture vérifiée : {fr}, à {fr_worst} m² près", en: "Closure checked: {en}, within {en_worst} m²")
        };
        // Of an identity that was checked at several dates, the worst.
        let mut worst: Vec<&Closure> = Vec::new();
        for closure in &self.closures {
            match worst.iter_mut().find(|known| known.identity == closure.identity) {
                Some(known) if known.worst < closure.worst => *known = closure,
                Some(_) => {}
                None => worst.push(closure),
            }
        }
        report::make(&report::Given {
            sheets: &self.sheets,
            remarks: &self.remarks,
            inputs,
            settings,
            closures: worst.into_iter().map(checked).collect(),
        })
    }

    /// Counts zones of which a hundredth or more is not known: less is what borders drawn apart leave over.
    fn half_seen(&mut self, survey: &Survey, known: impl Iterator<Item = mesh::Area>) {
        let half = |(zone, known): (&read::Zone, mesh::Area)| known.0 > 0 && known.0 < zone.area.0 / 100 * 99;
        let count = survey.zones.iter().zip(known).filter(|pair| half((pair.0, pair.1))).count();
        self.half_seen = self.half_seen.max(count);
    }

    /// Takes the remarks over, and leaves the zones.
    fn finish(&mut self, survey: Survey) -> Places {
        for remark in survey.remarks {
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
        self.without_data = self.without_data.max(survey.without_data);
        self.remarks.extend(shared_codes(&survey.zones).filter(|remark| !self.remarks.contains(remark)));
        let shapes = survey.layer.features.into_iter().map(|feature| feature.geometry).collect();
        Places { zones: survey.zones, shapes, crs: survey.crs }
    }
}
