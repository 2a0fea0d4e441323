//! A town's sensors and its maps → maps of warmth by night and by day, with their honesty.
//!
//! In: a checked network ([`super::sensors`]), rasters of what surrounds each place, or numbers of the station sheet; out: per
//! station what was observed and what models that had not seen it say (`stations`), the error beside simple baselines,
//! maps of warmth, of the half-width of the 90 % interval and of where the model may speak, means of zones, one page.
//! Night and day are two models, never mixed. Cells outside of the area of applicability have no value. Fails where: fewer
//! than three sound stations; covariates that no raster holds give no map. Cost: the model milliseconds, the map 0.1 µs
//! a cell and what the discs cost; memory: one tile of 512 cells a side with its surroundings.

mod areas;
pub mod covariates;
mod guard;
mod lines;
mod map;
mod page;
mod picture;
pub mod stack;
mod table;
mod verdict;

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::read::keep_cache_small;
use crate::measures::sensors::output::Output;
use crate::measures::sensors::tables::write_layer;
use crate::measures::sensors::{self, Survey};
use crate::text;
use crate::text::{Fault, Text};
use covariates::Family;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::learn::{Learned, Table, learn};
use ilot_kernels::select::{Candidate, Sign};
use ilot_kernels::unit::Metres;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Readings, stations, checks.
    pub network: sensors::Order,
    /// Rasters, and folders of rasters.
    pub covariates: Vec<PathBuf>,
    /// Columns of the station sheet that are covariates too.
    pub with: Vec<String>,
    /// Stations that no model may see.
    pub keep_out: Vec<String>,
    /// Side of a cell, metres.
    pub cell: f64,
    /// Zones whose means are wanted.
    pub zones: Option<PathBuf>,
    /// Step between contour lines, K; 0 for none.
    pub contours: f64,
    /// The one map that is wanted, where it is not both.
    pub only: Option<Part>,
    /// Stacks of maps in time.
    pub stack: Vec<stack::Stack>,
}

/// Step between contour lines where nothing is said, K.
pub const CONTOURS: f64 = 0.5;

/// Whether contour lines may be so far apart, K; 0 is for none.
pub fn is_contour_step(step: f64) -> bool {
    step == 0.0 || (0.05..=10.0).contains(&step)
}

/// Night or day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Minima between sunset and sunrise.
    Night,
    /// Means from 13 to 17 h solar time.
    Day,
}

/// One covariate: what it is and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A raster, by its place among the families, and a radius.
    Disc(usize, f64),
    /// A column of the station sheet.
    Sheet(usize),
}

/// A model of night or day.
pub struct Half {
    /// Which.
    pub part: Part,
    /// The stations it was learned from, by their place in the sheet.
    pub rows: Vec<usize>,
    /// What was known there.
    pub table: Table,
    /// What was learned.
    pub learned: Learned,
}

/// All that was learned.
pub struct Study {
    /// The network.
    pub survey: Survey,
    /// The rasters.
    pub families: Vec<Family>,
    /// Covariates, in the order of the tables' candidates.
    pub sources: Vec<Source>,
    /// Their values per station; NaN where one is not known.
    pub values: Vec<Vec<f64>>,
    /// Whether a station is kept out, in the order of the sheet.
    pub kept_out: Vec<bool>,
    /// The lattice of the map.
    pub gridding: Gridding,
    /// Fall of temperature with altitude by night and by day, K/m.
    pub lapse: (f64, f64),
    /// Night and day, where there are enough stations.
    pub halves: Vec<Half>,
    /// What the user should know.
    pub remarks: Vec<Text>,
}

/// What was made.
#[derive(Debug)]
pub struct Done {
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Faults of stations.
    pub faults: Vec<Text>,
    /// What each model says, in a sentence.
    pub findings: Vec<Text>,
    /// Cells with a value by night.
    pub cells: u64,
    /// Files, below the folder of the results.
    pub files: Vec<String>,
}

/// Learns and maps.
///
/// # Errors
/// Where readings, sheet or rasters cannot be understood, too few stations are left, or a file cannot be written.
pub fn make(order: &Order) -> Result<Done, Fault> {
    keep_cache_small();
    let mut study = Study::of(order)?;
    let store = Output::open(&order.network.out)?;
    let (layer, columns) = table::stations(&study);
    write_layer(&store, "stations", &layer, &columns)?;
    let (cells, looks) = map::make(order, &mut study, &store)?;
    let picture = |half: &Half| {
        let look = looks.iter().find(|(part, _)| *part == half.part);
        look.and_then(|(_, look)| picture::of(&study, half, look))
    };
    let pictures: Vec<Option<String>> = study.halves.iter().map(picture).collect();
    store.write("heat.html", page::of(&study, &pictures).as_bytes())?;
    let findings = study.halves.iter().map(|half| page::finding(&study, half)).collect();
    let faults = sensors::words::sentences(&study.survey);
    Ok(Done { remarks: study.remarks, faults, findings, cells, files: store.into_files() })
}

impl Study {
    /// Checks the network, measures the covariates, learns the models.
    ///
    /// # Errors
    /// As [`make`].
    pub fn of(order: &Order) -> Result<Study, Fault> {
        let asked = order.network.sheet.crs.clone();
        let mut families = covariates::open(&order.covariates, asked.as_ref())?;
        let mut network = order.network.clone();
        // Stations in degrees are placed on the rasters' own map.
        network.sheet.crs = asked.or_else(|| families.first().and_then(|family| family.crs().cloned()));
        let mut survey = Survey::of(&network)?;
        let crs = survey.sheet.crs.clone();
        same_map(&mut families, &crs)?;
        let mut remarks = std::mem::take(&mut survey.remarks);
        let kept_out = kept_out(order, &survey)?;
        let gridding = Gridding { cell: Metres(order.cell), registration: Registration::Cell };
        let (sources, values) = measure(order, &survey, &families, gridding, &mut remarks)?;
        let lapse = network.bases.lapse;
        let halves = Vec::new();
        let mut study =
            Study { survey, families, sources, values, kept_out, gridding, lapse, halves, remarks };
        for part in
            [Part::Night, Part::Day].into_iter().filter(|part| order.only.is_none_or(|only| only == *part))
        {
            study.learn(part);
        }
        if study.halves.is_empty() {
            return Err(too_few(order));
        }
        Ok(study)
    }

    /// What was observed at a station, K above the baseline; NaN where it is not known or not fit for use.
    pub fn observed(&self, station: usize, part: Part) -> f64 {
        let (figures, usable) =
            (&self.survey.indicators.stations[station], self.survey.indicators.usable[station]);
        match part {
            Part::Night if usable.0 => figures.heat_night,
            Part::Day if usable.1 => figures.heat_day,
            _ => f64::NAN,
        }
    }

    fn learn(&mut self, part: Part) {
        let complete = |station: usize| self.values.iter().all(|values| !values[station].is_nan());
        let fit = |station: &usize| {
            !self.kept_out[*station] && self.observed(*station, part).is_finite() && complete(*station)
        };
        let rows: Vec<usize> = (0..self.survey.sheet.entries.len()).filter(fit).collect();
        let at = |of: &dyn Fn(usize) -> f64| rows.iter().map(|station| of(*station)).collect::<Vec<f64>>();
        let candidate = |(source, values): (&Source, &Vec<f64>)| Candidate {
            family: match source {
                Source::Disc(family, _) => *family,
                Source::Sheet(column) => 10_000 + column,
            },
            sign: self.sign(source, part),
            values: rows.iter().map(|station| values[*station]).collect(),
        };
        let table = Table {
            x: at(&|station| self.survey.sheet.entries[station].x),
            y: at(&|station| self.survey.sheet.entries[station].y),
            warmth: at(&|station| self.observed(station, part)),
            candidates: self.sources.iter().zip(&self.values).map(candidate).collect(),
        };
        match learn(&table) {
            Some(learned) => self.halves.push(Half { part, rows, table, learned }),
            None => {
                let (count, name) = (rows.len(), part.name());
                let (fr, en) = (name.fr, name.en);
                self.remarks.push(text!(
                    fr: "{fr} : {count} stations utilisables, trop peu pour un modèle (3 au moins, 10 pour un facteur sûr) ; les indicateurs des stations restent valables",
                    en: "{en}: {count} usable stations, too few for a model (3 at least, 10 for one sound factor); the stations' indicators stand",
                ));
            }
        }
    }

    fn sign(&self, source: &Source, part: Part) -> Sign {
        match (source, part) {
            (Source::Disc(family, _), Part::Night) => self.families[*family].signs.0,
            (Source::Disc(family, _), Part::Day) => self.families[*family].signs.1,
            (Source::Sheet(_), _) => Sign::Free,
        }
    }

    /// A covariate in words.
    pub fn name(&self, number: usize) -> String {
        match &self.sources[number] {
            Source::Disc(family, 0.0) => self.families[*family].name.clone(),
            Source::Disc(family, radius) => format!("{} {radius:.0} m", self.families[*family].name),
            Source::Sheet(column) => self.survey.sheet.numbers[*column].clone(),
        }
    }

    /// The covariates that a model chose, at a station.
    pub fn covariates(&self, half: &Half, station: usize) -> Vec<f64> {
        half.learned.model.choice.chosen.iter().map(|number| self.values[*number][station]).collect()
    }
}

impl Part {
    /// A word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Part::Night => "night",
            Part::Day => "day",
        }
    }

    /// In words.
    pub fn name(self) -> Text {
        match self {
            Part::Night => text!(fr: "nuit", en: "night"),
            Part::Day => text!(fr: "jour", en: "day"),
        }
    }
}

fn same_map(families: &mut Vec<Family>, crs: &Crs) -> Result<(), Fault> {
    for family in families {
        if let Some(own) = family.crs().filter(|own| !own.same_horizontal(crs)) {
            return Err(own.mismatch(crs, family.path()));
        }
    }
    Ok(())
}

fn too_few(order: &Order) -> Fault {
    let sheet = order.network.stations.display();
    fault!(
        fr: "{sheet} : moins de trois stations sans défaut, avec des nuits ou des jours complets et toutes les covariables : pas de carte possible ; ilot sensors donne les indicateurs des stations.",
        en: "{sheet}: fewer than three stations without a fault, with complete nights or days and all covariates: no map is possible; ilot sensors gives the stations' indicators.",
    )
}

fn kept_out(order: &Order, survey: &Survey) -> Result<Vec<bool>, Fault> {
    for name in &order.keep_out {
        if !survey.sheet.entries.iter().any(|entry| entry.name == *name) {
            let sheet = order.network.stations.display();
            return Err(fault!(
                fr: "--keep-out {name} : aucune station de ce nom avec des mesures dans {sheet}.",
                en: "--keep-out {name}: no station of this name with readings in {sheet}.",
            ));
        }
    }
    Ok(survey.sheet.entries.iter().map(|entry| order.keep_out.contains(&entry.name)).collect())
}

/// The cell of the map that holds a place.
fn cell_at(gridding: Gridding, x: f64, y: f64) -> Frame {
    let side = gridding.cell.0;
    let (west, north) = ((x / side).floor() * side, ((y / side).ceil()) * side);
    Frame { west, north, cell: gridding.cell, rows: 1, cols: 1 }
}

/// All covariates at all stations: of a raster, means over discs around the station's own cell of the map.
fn measure(
    order: &Order,
    survey: &Survey,
    families: &[Family],
    gridding: Gridding,
    remarks: &mut Vec<Text>,
) -> Result<(Vec<Source>, Vec<Vec<f64>>), Fault> {
    let entries = &survey.sheet.entries;
    let (mut sources, mut values) = (Vec::new(), Vec::new());
    for name in &order.with {
        let column = survey
            .sheet
            .numbers
            .iter()
            .position(|column| *column == name.to_lowercase())
            .ok_or_else(|| {
                let (sheet, known) = (order.network.stations.display(), survey.sheet.numbers.join(", "));
                fault!(
                    fr: "--with {name} : {sheet} n'a pas de colonne de nombres de ce nom ; elle a : {known}.",
                    en: "--with {name}: {sheet} has no column of numbers of this name; it has: {known}.",
                )
            })?;
        sources.push(Source::Sheet(column));
        values.push(entries.iter().map(|entry| entry.numbers[column]).collect::<Vec<f64>>());
    }
    let mut unseen = 0;
    for (number, family) in families.iter().enumerate() {
        let mut blind = Vec::new();
        let radii = family.radii();
        let around = entries.iter().map(|entry| family.around(&cell_at(gridding, entry.x, entry.y), &radii));
        let around = around.collect::<Result<Vec<Vec<f32>>, Fault>>()?;
        for (place, radius) in radii.into_iter().enumerate() {
            let column: Vec<f64> = around.iter().map(|values| f64::from(values[place])).collect();
            blind = entries
                .iter()
                .zip(&column)
                .filter(|(_, value)| value.is_nan())
                .map(|(e, _)| e.name.clone())
                .collect();
            if blind.len() * 4 < entries.len() {
                sources.push(Source::Disc(number, radius));
                values.push(column);
            }
        }
        unseen += usize::from(blind.len() == entries.len());
        if !blind.is_empty() {
            let (path, names) = (family.path().display(), sensors::words::list(&blind));
            remarks.push(text!(
                fr: "{path} n'a pas de valeur autour de {names} : ces stations, hors de la carte, n'entrent pas dans le modèle",
                en: "{path} has no value around {names}: these stations, off the map, do not enter the model",
            ));
        }
    }
    if unseen > 0 && unseen == families.len() {
        let sheet = order.network.stations.display();
        return Err(fault!(
            fr: "Aucune station de {sheet} n'est sur les cartes données à --covariates : vérifiez leurs coordonnées (x et y échangés ?), leur système (--crs), et que ces cartes sont celles de ce territoire.",
            en: "No station of {sheet} lies on the maps given to --covariates: check their coordinates (x and y exchanged?), their system (--crs), and that these maps are those of this territory.",
        ));
    }
    Ok((sources, values))
}
