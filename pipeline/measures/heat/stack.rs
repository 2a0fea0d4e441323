//! A map per hour or per night of a heat wave, for a twin: a stack of COGs in time.
//!
//! In: the models of night and day, the readings of each step; out: one COG per step, named by its instant in UTC, with the
//! difference to the rural reference and the half-width of its 90 % interval as bands, and an index: a STAC item per step
//! (stac_version 1.0.0). The covariates are those that the mean maps chose, since a choice of its own for each hour would be
//! noise; the coefficients, the kriging and the interval are each step's own. As the covariates are the same, so is the area
//! of applicability: all steps share the mask of the mean map, and cells outside have no value. Hours with the sun up take the
//! covariates of the day, the others those of the night. Each step says how well it does at stations left out, and whether
//! their mean alone would do as well.
//!
//! Fails where: a step with too few stations, or without the references, has no map; it is counted. Cost: 20 ns a cell and
//! step, and the encoding; memory: a block of 2048 cells a side, whatever the period.

use super::guard;
use super::map::{Limits, Surface, against, styled};
use super::{Half, Part, Source, Study};
use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::raster::cog::encode_cog;
use crate::formats::sensors::period;
use crate::measures::sensors::indicators::Baseline;
use crate::measures::sensors::output::Output;
use crate::measures::sensors::words::instant;
use crate::product::{HEAT_HOURS, HEAT_NIGHTS, Spec};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::krige::{Kriging, leave_one_out};
use ilot_kernels::readings::HOUR;
use ilot_kernels::regress::{Fit, penalised};
use ilot_kernels::robust::median;
use serde_json::{Value, json};

/// Cells of a block's side.
const BLOCK: usize = 2048;
/// Steps of a stack at most.
const MOST: i64 = 24 * 366;
/// Share of an hour's readings that must be there.
const LEAST: f64 = 0.8;

/// Which steps a stack has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Hours.
    Hour,
    /// Nights, from sunset to sunrise.
    Night,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// Hours or nights.
    pub step: Step,
    /// From this instant on, seconds since 1970 UTC.
    pub from: i64,
    /// To before this one.
    pub to: i64,
}

impl Stack {
    /// The stacks that two periods ask for; `name` is how a message calls them.
    ///
    /// # Errors
    /// Where a period cannot be understood.
    pub fn of(hourly: Option<&str>, nightly: Option<&str>, name: &str) -> Result<Vec<Stack>, Fault> {
        let one = |words: &str, step: Step| {
            let (from, to) = period(words).ok_or_else(|| {
                fault!(
                    fr: "{name} « {words} » ne se comprend pas : écrivez début/fin, en UTC, comme 2022-07-17T18:00Z/2022-07-19T06:00Z ou 2022-07-12/2022-07-19.",
                    en: "{name} `{words}` cannot be understood: write start/end, in UTC, such as 2022-07-17T18:00Z/2022-07-19T06:00Z or 2022-07-12/2022-07-19.",
                )
            })?;
            if to <= from || (to - from) / HOUR > MOST {
                return Err(fault!(
                    fr: "{name} « {words} » : il faut une fin après le début, et {MOST} heures au plus.",
                    en: "{name} `{words}`: the end must come after the start, and {MOST} hours at most.",
                ));
            }
            Ok(Stack { step, from, to })
        };
        let hourly = hourly.map(|words| one(words, Step::Hour));
        hourly.into_iter().chain(nightly.map(|words| one(words, Step::Night))).collect()
    }

    fn spec(self) -> &'static Spec {
        match self.step {
            Step::Hour => &HEAT_HOURS.spec,
            Step::Night => &HEAT_NIGHTS.spec,
        }
    }
}

/// The model of one step.
struct Moment<'a> {
    from: i64,
    to: i64,
    /// Which model's covariates it has.
    half: usize,
    fit: Fit,
    kriging: Option<Kriging>,
    /// Factor of Student's distribution and widening.
    factor: f64,
    stations: usize,
    /// Errors at stations left out: the step's model, the mean of the others.
    errors: (f64, f64),
    /// Temperature of the reference, °C.
    reference: f64,
    halves: &'a [&'a Half],
}

/// Makes a stack; what a user should know.
pub(super) fn make(
    stack: Stack,
    study: &Study,
    halves: &[&Half],
    limits: &[Limits],
    whole: &Frame,
    store: &Output,
) -> Result<Vec<Text>, Fault> {
    let (moments, lost) = moments(stack, study, halves);
    let spec = stack.spec();
    let blocks = whole.squares(BLOCK);
    let mut files: Vec<Vec<(String, Frame)>> = vec![Vec::new(); moments.len()];
    for block in &blocks {
        let covariates =
            halves.iter().map(|half| covariates(study, half, block)).collect::<Result<Vec<_>, _>>()?;
        let beyond = limits.iter().map(|limits| guard::beyond(&limits.guards, study, block));
        let beyond = beyond.collect::<Result<Vec<_>, Fault>>()?;
        for (moment, files) in moments.iter().zip(&mut files) {
            let grids = &covariates[moment.half];
            let surface = Surface {
                fit: &moment.fit,
                kriging: moment.kriging.as_ref(),
                multiple: moment.factor,
                limits: &limits[moment.half],
            };
            let mut bands = surface.draw(grids, block);
            guard::clear(&beyond[moment.half], &mut bands);
            if bands[0].cells().iter().all(|cell| cell.is_nan()) {
                continue;
            }
            let name = file_name(spec, moment, block, blocks.len());
            let words = spec.bands.iter().map(|words| words.en.to_owned()).collect();
            let meta = against(study, spec.meta(words, tags(study, moment), &study.survey.sheet.crs));
            store.write(&name, &encode_cog(&[&bands[0], &bands[1]], &meta)?)?;
            files.push((name, *block));
        }
    }
    styled(study, store, spec, &files.concat())?;
    let index = index(stack, study, &moments, &files)?;
    store.write(&format!("{}.json", spec.name), format!("{index:#}\n").as_bytes())?;
    Ok(told(stack, &moments, lost))
}

fn told(stack: Stack, moments: &[Moment<'_>], lost: usize) -> Vec<Text> {
    let (name, count) = (stack.spec().name, moments.len());
    let no_better = moments.iter().filter(|moment| moment.errors.0 >= moment.errors.1).count();
    let mut remarks = vec![text!(
        fr: "{name} : {count} cartes, {lost} pas sans assez de stations ou sans référence ; {no_better} cartes ne font pas mieux que la moyenne des stations (better_than_mean dans {name}.json) ; toutes partagent le masque des cartes moyennes, dont elles ont les covariables",
        en: "{name}: {count} maps, {lost} steps without enough stations or without a reference; {no_better} maps do no better than the mean of the stations (better_than_mean in {name}.json); all share the mask of the mean maps, whose covariates they have",
    )];
    if moments.iter().any(|moment| moment.halves.len() < 2) {
        remarks.push(text!(
            fr: "{name} : un seul modèle, de nuit ou de jour, sert à toutes les heures",
            en: "{name}: one model only, of night or day, serves all hours",
        ));
    }
    remarks
}

/// `heat_hours/20220718T140000Z.tif`, with the block's corner where there are several.
fn file_name(spec: &Spec, moment: &Moment<'_>, block: &Frame, blocks: usize) -> String {
    let stamp = stamp(moment.from);
    if blocks == 1 {
        return format!("{}/{stamp}.tif", spec.name);
    }
    format!("{}/{stamp}_{:07}_{:07}.tif", spec.name, block.west.round(), block.north.round())
}

fn stamp(seconds: i64) -> String {
    instant(seconds).replace(['-', ':'], "")
}

fn covariates(study: &Study, half: &Half, block: &Frame) -> Result<Vec<Grid<f32>>, Fault> {
    let chosen = half.learned.model.choice.chosen.iter();
    chosen
        .map(|number| match study.sources[*number] {
            Source::Disc(family, radius) => study.families[family].means(block, radius),
            Source::Sheet(_) => Ok(Grid::filled(*block, f32::NAN)),
        })
        .collect()
}

/// The models of all steps, and how many steps have none.
fn moments<'a>(stack: Stack, study: &Study, halves: &'a [&'a Half]) -> (Vec<Moment<'a>>, usize) {
    let spells = spells(stack, study);
    let count = spells.len();
    let found: Vec<Moment<'a>> =
        spells.into_iter().filter_map(|spell| moment(study, halves, &spell)).collect();
    let lost = count - found.len();
    (found, lost)
}

/// A step's readings: per station the difference to the reference, K.
struct Spell {
    from: i64,
    to: i64,
    part: Part,
    warmth: Vec<f64>,
    reference: f64,
}

fn spells(stack: Stack, study: &Study) -> Vec<Spell> {
    let network = &study.survey.network;
    match stack.step {
        Step::Hour => {
            let first = (stack.from + HOUR - 1).div_euclid(HOUR).max(network.first.div_euclid(HOUR));
            let last = stack.to.div_euclid(HOUR).min(network.instant(network.steps).div_euclid(HOUR));
            (first..last).map(|hour| hour_of(study, hour * HOUR)).collect()
        }
        Step::Night => {
            let nights = study.survey.almanac.nights.iter().enumerate();
            let within = |date: i64| (stack.from..stack.to).contains(&date);
            nights
                .filter(|(_, night)| within(night.date))
                .map(|(number, night)| {
                    let stations = &study.survey.indicators.stations;
                    Spell {
                        from: network.instant(night.steps.start),
                        to: network.instant(night.steps.end),
                        part: Part::Night,
                        warmth: stations.iter().map(|figures| figures.night[number]).collect(),
                        reference: study.survey.indicators.reference_minima[number],
                    }
                })
                .collect()
        }
    }
}

/// Means of an hour.
fn hour_of(study: &Study, from: i64) -> Spell {
    let (survey, network) = (&study.survey, &study.survey.network);
    let (first, per) = ((from - network.first).div_euclid(network.step), (HOUR / network.step).max(1));
    let steps: Vec<usize> = (first..first + per)
        .filter(|step| (0..network.steps as i64).contains(step))
        .map(|step| step as usize)
        .collect();
    let sun: f64 = steps.iter().map(|step| survey.almanac.sines[*step]).sum();
    let part = if sun > 0.0 { Part::Day } else { Part::Night };
    let lapse = if part == Part::Day { study.lapse.1 } else { study.lapse.0 };
    let shift = network.to_mean_altitude(lapse);
    let mean = |(left, shift): (&Vec<f64>, &f64)| {
        let known: Vec<f64> = steps.iter().map(|step| left[*step]).filter(|value| !value.is_nan()).collect();
        let enough = !known.is_empty() && known.len() as f64 >= LEAST * per as f64;
        if enough { known.iter().sum::<f64>() / known.len() as f64 + shift } else { f64::NAN }
    };
    let air: Vec<f64> = survey.checked.left.iter().zip(&shift).map(mean).collect();
    let reference = reference(study, &air, part);
    Spell { from, to: from + HOUR, part, warmth: air.iter().map(|air| air - reference).collect(), reference }
}

/// The mean of the references, all of them known; the median of the network where there is none.
fn reference(study: &Study, air: &[f64], part: Part) -> f64 {
    let indicators = &study.survey.indicators;
    if indicators.baseline == Baseline::Median {
        let fit = |station: &usize| {
            if part == Part::Day { indicators.usable[*station].1 } else { indicators.usable[*station].0 }
        };
        let known = (0..air.len()).filter(fit).map(|station| air[station]).filter(|air| !air.is_nan());
        return median(&mut known.collect::<Vec<_>>());
    }
    let all = indicators.references.iter().map(|station| air[*station]);
    all.sum::<f64>() / indicators.references.len() as f64
}

fn moment<'a>(study: &Study, halves: &'a [&'a Half], spell: &Spell) -> Option<Moment<'a>> {
    let number = halves.iter().position(|half| half.part == spell.part).unwrap_or(0);
    let half = halves.get(number)?;
    let usable = &study.survey.indicators.usable;
    let fit_for_use =
        |station: usize| if spell.part == Part::Day { usable[station].1 } else { usable[station].0 };
    let rows: Vec<usize> = half
        .rows
        .iter()
        .copied()
        .filter(|station| fit_for_use(*station) && spell.warmth[*station].is_finite())
        .collect();
    let pick = |of: &dyn Fn(usize) -> f64| rows.iter().map(|station| of(*station)).collect::<Vec<f64>>();
    let y = pick(&|station| spell.warmth[station]);
    let chosen = &half.learned.model.choice.chosen;
    if rows.len() < chosen.len() + 4 || rows.len() * 2 < half.rows.len() {
        return None;
    }
    let columns: Vec<Vec<f64>> =
        chosen.iter().map(|number| pick(&|station| study.values[*number][station])).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let fit = penalised(&columns, &y, half.learned.model.choice.fit.penalty)?;
    let count = y.len() as f64;
    let mean = y.iter().sum::<f64>() / count;
    let plain = (y.iter().map(|y| ((y - mean) * count / (count - 1.0)).powi(2)).sum::<f64>() / count).sqrt();
    let entries = &study.survey.sheet.entries;
    let places = (pick(&|station| entries[station].x), pick(&|station| entries[station].y));
    let (kriging, error) = kriged(half, &fit, &places, &y, &columns);
    Some(Moment {
        from: spell.from,
        to: spell.to,
        half: number,
        factor: half.learned.factor_with(fit.freedom()),
        errors: (error, plain),
        stations: rows.len(),
        reference: spell.reference,
        fit,
        kriging,
        halves,
    })
}

/// Kriging with the shape and range of the mean map's variogram, where that has one, and the step's own sill; the error at
/// stations left out.
fn kriged(
    half: &Half,
    fit: &Fit,
    (x, y): &(Vec<f64>, Vec<f64>),
    z: &[f64],
    columns: &[&[f64]],
) -> (Option<Kriging>, f64) {
    let plain = (None, fit.unseen_rmse());
    let Some((_, variogram)) = &half.learned.model.kriging else { return plain };
    let scale = (fit.sigma * fit.sigma).max(1e-6) / variogram.sill();
    let own = ilot_kernels::variogram::Variogram {
        nugget: variogram.nugget * scale,
        partial_sill: variogram.partial_sill * scale,
        ..*variogram
    };
    let Some(unseen) = leave_one_out(x, y, z, own, columns) else { return plain };
    let square: f64 = unseen.iter().zip(z).map(|(unseen, z)| (unseen.value - z).powi(2)).sum();
    match Kriging::new(x, y, z, own, columns) {
        Some(kriging) => (Some(kriging), (square / z.len() as f64).sqrt()),
        None => plain,
    }
}

fn tags(study: &Study, moment: &Moment<'_>) -> Vec<(String, String)> {
    let half = moment.halves[moment.half];
    let (from, to) = (instant(moment.from), instant(moment.to));
    let terms = half.learned.model.choice.chosen.iter().zip(&moment.fit.coefficients[1..]);
    let terms: Vec<String> =
        terms.map(|(number, slope)| format!("{slope:.6} x {}", study.name(*number))).collect();
    let formula = format!("{:.4} + {}", moment.fit.coefficients[0], terms.join(" + "));
    let dated = from.replace('-', ":").replace('T', " ").replace('Z', "");
    [
        ("TIFFTAG_DATETIME", dated),
        ("TIFFTAG_SOFTWARE", concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("ILOT_DATETIME", format!("{from}/{to}")),
        ("ILOT_REFERENCE_C", format!("{:.2}", moment.reference)),
        ("ILOT_SETTINGS", format!("{formula}; leave-one-out RMSE {:.3} K", moment.errors.0)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The index: a feature collection of STAC items.
fn index(
    stack: Stack,
    study: &Study,
    moments: &[Moment<'_>],
    files: &[Vec<(String, Frame)>],
) -> Result<Value, Fault> {
    let crs = &study.survey.sheet.crs;
    let way = Transform::new(crs, &Crs::wgs84()?)?;
    let mut items = Vec::new();
    for (moment, files) in moments.iter().zip(files) {
        for (name, frame) in files {
            items.push(item(stack, crs, &way, moment, name, frame)?);
        }
    }
    Ok(json!({
        "type": "FeatureCollection",
        "ilot:product": stack.spec().name,
        "ilot:mask": "heat_mask",
        "ilot:mask_why": "all steps have the covariates of the mean maps, hence their area of applicability; cells outside have no value",
        "features": items,
    }))
}

fn item(
    stack: Stack,
    crs: &Crs,
    way: &Transform,
    moment: &Moment<'_>,
    name: &str,
    frame: &Frame,
) -> Result<Value, Fault> {
    let extent = frame.extent();
    let corners = [
        (extent.west, extent.south),
        (extent.east, extent.south),
        (extent.east, extent.north),
        (extent.west, extent.north),
    ];
    let ring = corners.iter().map(|(x, y)| way.point(*x, *y)).collect::<Result<Vec<_>, Fault>>()?;
    let most = |of: fn(&(f64, f64)) -> f64, pick: fn(f64, f64) -> f64, start: f64| {
        ring.iter().map(of).fold(start, pick)
    };
    let bbox = [
        most(|p| p.0, f64::min, f64::INFINITY),
        most(|p| p.1, f64::min, f64::INFINITY),
        most(|p| p.0, f64::max, f64::NEG_INFINITY),
        most(|p| p.1, f64::max, f64::NEG_INFINITY),
    ];
    let closed: Vec<[f64; 2]> = ring.iter().chain(ring.first()).map(|p| [p.0, p.1]).collect();
    let id = name.trim_end_matches(".tif").replace('/', "_");
    let rounded = |value: f64| (value * 1e4).round() / 1e4;
    Ok(json!({
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": ["https://stac-extensions.github.io/projection/v1.1.0/schema.json"],
        "id": id,
        "geometry": { "type": "Polygon", "coordinates": [closed] },
        "bbox": bbox,
        "properties": {
            "datetime": instant(moment.from),
            "start_datetime": instant(moment.from),
            "end_datetime": instant(moment.to),
            "proj:epsg": crs.horizontal_epsg(),
            "proj:shape": [frame.rows, frame.cols],
            "proj:transform": [frame.cell.0, 0.0, frame.west, 0.0, -frame.cell.0, frame.north],
            "ilot:covariates_of": moment.halves[moment.half].part.word(),
            "ilot:stations": moment.stations,
            "ilot:reference_c": rounded(moment.reference),
            "ilot:rmse_left_out_k": rounded(moment.errors.0),
            "ilot:rmse_mean_k": rounded(moment.errors.1),
            "better_than_mean": moment.errors.0 < moment.errors.1,
        },
        "links": [],
        "assets": { "data": {
            "href": format!("./{name}"),
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "title": stack.spec().title.en,
            "roles": ["data"],
        } },
    }))
}
