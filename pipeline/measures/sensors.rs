//! Readings of a town's thermometers → what is wrong with them, and what each place is like.
//!
//! In: readings, a station sheet, a zone; out: `readings_flags` (each step of each station with its flags), `stations`
//! (indicators, faults by name) and one page with the curves. Readings are brought to one grid of instants in UTC; flags
//! never delete. A night's heat island is the difference of daily minima between a place and the mean of the rural
//! references (Foissard et al. 2013; Brabant et al. 2024, 10.3389/fbuil.2024.1455047), each over the night between sunset
//! and sunrise, of which 80 % must be known. Where there is no sound reference, the network's median takes its place, and
//! every figure says so.
//!
//! Fails where: fewer than three stations have readings: only their own figures are given. Cost: 0.5 µs a reading;
//! memory: 40 bytes a
//! station and step; a record of more than four million of them is looked at by years or months (`periods`).

pub mod almanac;
pub mod indicators;
mod mixing;
pub mod output;
pub mod page;
mod periods;
pub mod plot;
pub(crate) mod tables;
pub mod words;

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::sensors::sheet::{self, Sheet};
use crate::formats::sensors::{Chapters, Gathered, Reading, Series};
use crate::measures::sun::Site;
use crate::text;
use crate::text::{Fault, Text};
use almanac::Almanac;
use ilot_kernels::dense::Matrix;
use ilot_kernels::readings::checks::{Checked, Settings, check, without_lag};
use ilot_kernels::readings::faults::{self, Limits};
use ilot_kernels::readings::{DAY, HOUR, Network, Station};
use ilot_kernels::unit::Degrees;
use indicators::{Bases, Indicators};
use output::Output;
use std::path::PathBuf;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Files of readings.
    pub readings: Vec<PathBuf>,
    /// The station sheet.
    pub stations: PathBuf,
    /// Folder of the results.
    pub out: PathBuf,
    /// How readings are understood.
    pub reading: Reading,
    /// How the sheet is understood.
    pub sheet: sheet::Reading,
    /// Rural references, in place of those that the sheet names.
    pub references: Vec<String>,
    /// Thresholds of the checks.
    pub settings: Settings,
    /// What counts as a fault of a station.
    pub limits: Limits,
    /// Bases of the indicators.
    pub bases: Bases,
    /// Time constant of the sensors, s, where their lag shall be taken out (O4).
    pub lag: Option<f64>,
    /// Seconds of a step; what the readings show without one.
    pub step: Option<i64>,
    /// Whether dates whose day and month were exchanged are mended.
    pub mend_dates: bool,
    /// Only readings from this instant to before that one, seconds since 1970 UTC.
    pub period: Option<(i64, i64)>,
    /// A table of wind and cloudiness, by which the calibration is checked.
    pub weather: Option<PathBuf>,
}

/// A network, checked.
#[derive(Debug)]
pub struct Survey {
    /// The stations that have readings and a place, sorted by name.
    pub sheet: Sheet,
    /// Their readings, in the same order.
    pub network: Network,
    /// Metres between them.
    pub distance: Matrix,
    /// The sun.
    pub almanac: Almanac,
    /// Flags.
    pub checked: Checked,
    /// Faults.
    pub faults: Vec<Vec<faults::Fault>>,
    /// Indicators.
    pub indicators: Indicators,
    /// Readings taken.
    pub readings: u64,
    /// What the user should know.
    pub remarks: Vec<Text>,
}

/// What was made.
#[derive(Debug)]
pub struct Done {
    /// Stations with readings.
    pub stations: usize,
    /// Readings taken.
    pub readings: u64,
    /// Stations with a fault.
    pub faulty: usize,
    /// What the user should know.
    pub remarks: Vec<Text>,
    /// Each fault, as a sentence.
    pub faults: Vec<Text>,
    /// Files, below the folder of the results.
    pub files: Vec<String>,
}

impl Order {
    /// The files that it reads.
    pub fn inputs(&self) -> Vec<PathBuf> {
        self.readings.iter().chain([&self.stations]).chain(&self.weather).cloned().collect()
    }
}

/// Steps of all stations together that are looked at as one; memory is 40 bytes for each.
const MOST: i64 = 4_000_000;

/// Checks a network and writes what was found.
///
/// # Errors
/// Where readings or sheet cannot be understood, or a file cannot be written.
pub fn make(order: &Order) -> Result<Done, Fault> {
    let mut remarks = Vec::new();
    let (mut chapters, readings) = gather(order, &mut remarks)?;
    if chapters.len() > 1 {
        return periods::make(order, chapters, readings, remarks);
    }
    let series = chapters.series(0)?;
    drop(chapters);
    let survey = Survey::from(order, series, readings, remarks)?;
    let store = Output::open(&order.out)?;
    write(&survey, order, &store)?;
    let faults = words::sentences(&survey);
    Ok(Done {
        stations: survey.sheet.entries.len(),
        readings: survey.readings,
        faulty: survey.faults.iter().filter(|faults| !faults.is_empty()).count(),
        remarks: survey.remarks,
        faults,
        files: store.into_files(),
    })
}

fn write(survey: &Survey, order: &Order, store: &Output) -> Result<(), Fault> {
    tables::write(survey, order, store)?;
    store.write("sensors.html", page::of(survey, order).as_bytes())
}

impl Survey {
    /// Reads and checks.
    ///
    /// # Errors
    /// As [`make`], and where the readings are too many to be looked at as one.
    pub fn of(order: &Order) -> Result<Survey, Fault> {
        let mut remarks = Vec::new();
        let (mut chapters, readings) = gather(order, &mut remarks)?;
        if chapters.len() > 1 {
            return Err(too_long(order, &chapters));
        }
        let series = chapters.series(0)?;
        drop(chapters);
        Survey::from(order, series, readings, remarks)
    }

    /// Checks a series.
    fn from(order: &Order, series: Series, readings: u64, mut told: Vec<Text>) -> Result<Survey, Fault> {
        let mut sheet = sheet::read(&order.stations, &order.sheet)?;
        let mut remarks = std::mem::take(&mut sheet.remarks);
        remarks.append(&mut told);
        let series = apart(series, order.mend_dates, &mut remarks);
        let network = join(order, &mut sheet, series, &mut remarks)?;
        require_celsius(&network)?;
        choose_references(order, &mut sheet, &mut remarks)?;
        let count = sheet.entries.len() as f64;
        let mean = |of: fn(&sheet::Entry) -> f64| Degrees(sheet.entries.iter().map(of).sum::<f64>() / count);
        let site = Site {
            latitude: mean(|e| e.latitude),
            longitude: mean(|e| e.longitude),
            true_north: Degrees(0.0),
        };
        let almanac = Almanac::over(&site, &network)?;
        let distance = distances(&sheet);
        let checked = check(&network, &distance, &almanac.sines, &order.settings);
        let faults = faults::find(&network, &checked, &distance, &almanac.sines, &order.limits);
        let indicators =
            Indicators::of(&sheet, &network, &checked, &faults, &almanac, &order.bases, &mut remarks);
        mixing::tell(order, &sheet, &network, &checked, &almanac, &mut remarks)?;
        Ok(Survey { sheet, network, distance, almanac, checked, faults, indicators, readings, remarks })
    }
}

/// Reads all files.
fn gather(order: &Order, remarks: &mut Vec<Text>) -> Result<(Chapters, u64), Fault> {
    let mut gathered = Gathered::default();
    gathered.within = order.period;
    for path in &order.readings {
        gathered.read(path, &order.reading)?;
    }
    remarks.append(&mut gathered.settled);
    words::tell_tally(&gathered.tally, &gathered.empty, remarks);
    let (readings, outside) = (gathered.tally.readings, gathered.tally.outside);
    let chapters = gathered.close(order.step, MOST)?.ok_or_else(|| match outside {
        0 => nothing_read(order),
        outside => nothing_within(order, outside),
    })?;
    for (count, instant) in &chapters.strays {
        let day = words::day(*instant);
        remarks.push(text!(
            fr: "{count} mesures de la semaine du {day} environ, à plus d'un an de toutes les autres, sont laissées de côté : une horloge remise à zéro ?",
            en: "{count} readings of about the week of {day}, more than a year from all others, are left out: a clock that was reset?",
        ));
    }
    Ok((chapters, readings))
}

fn nothing_read(order: &Order) -> Fault {
    let path = order.readings.first().map(|path| path.display().to_string()).unwrap_or_default();
    fault!(
        fr: "{path} : aucune mesure ne se lit ; vérifiez les colonnes (--columns) et le séparateur.",
        en: "{path}: not one reading can be read; check the columns (--columns) and the separator.",
    )
}

fn nothing_within(order: &Order, outside: u64) -> Fault {
    let path = order.readings.first().map(|path| path.display().to_string()).unwrap_or_default();
    fault!(
        fr: "{path} : les {outside} mesures sont toutes hors de la période voulue ; vérifiez --period (début/fin, UTC).",
        en: "{path}: all {outside} readings are outside of the wanted period; check --period (start/end, UTC).",
    )
}

fn too_long(order: &Order, chapters: &Chapters) -> Fault {
    let path = order.readings.first().map(|path| path.display().to_string()).unwrap_or_default();
    let (from, to) = chapters.span();
    let (from, to) = (words::day(from), words::day(to));
    fault!(
        fr: "{path} : les mesures vont du {from} au {to}, trop pour une seule carte ; choisissez une période, comme --period 2022-06-01/2022-08-31, ou un pas plus large (--step 60).",
        en: "{path}: the readings run from {from} to {to}, too much for one map; choose a period, such as --period 2022-06-01/2022-08-31, or a wider step (--step 60).",
    )
}

/// Finds a few readings that lie weeks from all others, as where day and month of a date were exchanged: they are left
/// out, or mended where that is asked for and fits.
fn apart(series: Series, mend: bool, remarks: &mut Vec<Text>) -> Series {
    let filled: Vec<bool> = (0..series.steps)
        .map(|step| series.stations.iter().any(|(_, values)| !values[step].is_nan()))
        .collect();
    let Some((start, end)) = longest_silence(&filled) else { return series };
    let silent = (end - start) as i64 * series.step;
    let (before, after) = (count(&filled[..start]), count(&filled[end..]));
    if silent < 7 * DAY || after * 5 > before {
        return series;
    }
    let first = series.first + end as i64 * series.step;
    let last_known = series.first + start as i64 * series.step;
    let shift = (0..=2).find_map(|hours| exchanged_shift(first, hours * HOUR, last_known));
    let (from, days) = (words::instant(first), silent / DAY);
    let Some(shift) = shift else {
        remarks.push(text!(
            fr: "les mesures à partir du {from} suivent {days} jours de silence ; vérifiez leurs dates",
            en: "the readings from {from} on follow {days} days of silence; check their dates",
        ));
        return series;
    };
    let to = words::instant(first - shift);
    if mend {
        remarks.push(text!(
            fr: "les mesures à partir du {from}, jour et mois inversés, sont remises au {to} et après",
            en: "the readings from {from} on, whose day and month were exchanged, are put back to {to} and after",
        ));
        return moved(series, end, shift);
    }
    remarks.push(text!(
        fr: "les mesures à partir du {from} suivent {days} jours de silence ; jour et mois inversés, elles commenceraient le {to}, juste après les autres : elles sont laissées de côté, --mend-dates les remet à leur place",
        en: "the readings from {from} on follow {days} days of silence; with day and month exchanged they would begin on {to}, right after the others: they are left out, --mend-dates puts them back",
    ));
    cut(series, start)
}

fn count(filled: &[bool]) -> usize {
    filled.iter().filter(|filled| **filled).count()
}

fn longest_silence(filled: &[bool]) -> Option<(usize, usize)> {
    let mut longest: Option<(usize, usize)> = None;
    let mut start = 0;
    for (step, &there) in filled.iter().enumerate() {
        if there {
            if longest.is_none_or(|(a, b)| step - start > b - a) && step > start {
                longest = Some((start, step));
            }
            start = step + 1;
        }
    }
    longest
}

/// By how many seconds an instant moves when day and month of its date, in a zone of this offset, are exchanged; only
/// where it then follows `last_known` within a day.
fn exchanged_shift(instant: i64, offset: i64, last_known: i64) -> Option<i64> {
    let local = jiff::Timestamp::from_second(instant + offset)
        .ok()?
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .datetime();
    let turned = jiff::civil::Date::new(local.year(), local.day(), local.month()).ok()?;
    let turned = turned
        .to_datetime(local.time())
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_second()
        - offset;
    (turned != instant && (0..=DAY).contains(&(turned - last_known))).then_some(instant - turned)
}

fn cut(mut series: Series, steps: usize) -> Series {
    series.steps = steps;
    series.stations.iter_mut().for_each(|(_, values)| values.truncate(steps));
    series
}

/// Moves what comes from a step on to earlier.
fn moved(mut series: Series, from: usize, seconds: i64) -> Series {
    let steps = (seconds / series.step) as usize;
    for (_, values) in &mut series.stations {
        for step in from..values.len() {
            values[step - steps] = values[step];
        }
    }
    let left = series.steps - steps;
    cut(series, left)
}

/// Stations that have both a place and readings; the others are named.
fn join(order: &Order, sheet: &mut Sheet, series: Series, remarks: &mut Vec<Text>) -> Result<Network, Fault> {
    let Series { step, first, steps, stations } = series;
    let mut stations: Vec<(String, Option<Vec<f64>>)> =
        stations.into_iter().map(|(name, values)| (name, Some(values))).collect();
    without_suffixes(sheet, &mut stations, remarks);
    let mut joined = Vec::new();
    let mut silent = Vec::new();
    sheet.entries.retain(|entry| {
        let own =
            stations.iter_mut().find(|(name, _)| *name == entry.name).and_then(|(_, values)| values.take());
        match own {
            Some(values) => {
                let values = order.lag.map_or_else(|| values.clone(), |lag| without_lag(&values, step, lag));
                joined.push(Station { altitude: entry.altitude, values });
                true
            }
            None => {
                silent.push(entry.name.clone());
                false
            }
        }
    });
    let has_any = |values: &Vec<f64>| values.iter().any(|value| !value.is_nan());
    let left = stations.iter().filter(|(_, values)| values.as_ref().is_some_and(has_any));
    let placeless: Vec<String> = left.map(|(name, _)| name.clone()).collect();
    words::tell_unjoined(order, &silent, &placeless, remarks);
    if joined.is_empty() {
        return Err(words::nothing_joined(order, &silent, &placeless));
    }
    Ok(Network { step, first, steps, stations: joined })
}

/// `99 (Ref)` of the readings is 99 of the sheet, where the sheet knows no other.
fn without_suffixes(sheet: &Sheet, stations: &mut [(String, Option<Vec<f64>>)], remarks: &mut Vec<Text>) {
    let known: Vec<String> = stations.iter().map(|(name, _)| name.clone()).collect();
    let in_sheet = |name: &str| sheet.entries.iter().any(|entry| entry.name == name);
    for (name, _) in stations.iter_mut() {
        let Some((short, _)) = name.split_once('(') else { continue };
        let short = short.trim().to_owned();
        if !in_sheet(name) && in_sheet(&short) && !known.contains(&short) {
            remarks.push(text!(
                fr: "« {name} » des mesures est pris pour la station {short} de la feuille",
                en: "\"{name}\" of the readings is taken as station {short} of the sheet",
            ));
            *name = short;
        }
    }
}

/// Refuses readings whose middle is no air temperature in °C.
fn require_celsius(network: &Network) -> Result<(), Fault> {
    let mut known: Vec<f64> = network
        .stations
        .iter()
        .flat_map(|station| station.values.iter().step_by(7))
        .copied()
        .filter(|v| !v.is_nan())
        .collect();
    let middle = ilot_kernels::robust::median(&mut known);
    if middle.is_nan() || (-30.0..=45.0).contains(&middle) {
        return Ok(());
    }
    let shown = middle.round();
    let (unit, fr, en) = if middle > 200.0 {
        ("kelvin", "kelvins", "kelvins")
    } else {
        ("fahrenheit", "degrés Fahrenheit", "degrees Fahrenheit")
    };
    Err(fault!(
        fr: "La médiane des mesures est {shown} : ce ne sont pas des degrés Celsius ; si ce sont des {fr}, ajoutez --unit {unit}.",
        en: "The median of the readings is {shown}: these are no degrees Celsius; if they are {en}, add --unit {unit}.",
    ))
}

/// References that the user names take the place of the sheet's.
fn choose_references(order: &Order, sheet: &mut Sheet, remarks: &mut Vec<Text>) -> Result<(), Fault> {
    if order.references.is_empty() {
        return Ok(());
    }
    for name in &order.references {
        if !sheet.entries.iter().any(|entry| entry.name == *name) {
            let path = order.stations.display();
            return Err(fault!(
                fr: "--reference {name} : aucune station de ce nom avec des mesures dans {path}.",
                en: "--reference {name}: no station of this name with readings in {path}.",
            ));
        }
    }
    for entry in &mut sheet.entries {
        entry.reference = order.references.contains(&entry.name);
    }
    let names = order.references.join(", ");
    remarks.push(text!(fr: "références rurales données : {names}", en: "rural references given: {names}"));
    Ok(())
}

/// Metres between stations, on the ellipsoid.
fn distances(sheet: &Sheet) -> Matrix {
    let count = sheet.entries.len();
    let at = |station: usize| (sheet.entries[station].longitude, sheet.entries[station].latitude);
    Matrix::from_fn(count, count, |i, j| if i == j { 0.0 } else { geodesic(at(i), at(j)) })
}

/// Distance on WGS 84 between two places in degrees (Vincenty 1975, 10.1179/sre.1975.23.176.88): a millimetre, except near
/// the antipodes, where no town's network reaches.
pub fn geodesic(from: (f64, f64), to: (f64, f64)) -> f64 {
    const A: f64 = 6_378_137.0;
    const F: f64 = 1.0 / 298.257_223_563;
    const B: f64 = A * (1.0 - F);
    let reduced = |latitude: f64| ((1.0 - F) * latitude.to_radians().tan()).atan();
    let (u1, u2, l) = (reduced(from.1), reduced(to.1), (to.0 - from.0).to_radians());
    let mut lambda = l;
    for _ in 0..100 {
        let east = u2.cos() * lambda.sin();
        let north = u1.cos() * u2.sin() - u1.sin() * u2.cos() * lambda.cos();
        let sin_sigma = east.hypot(north);
        if sin_sigma == 0.0 {
            return 0.0;
        }
        let cos_sigma = u1.sin() * u2.sin() + u1.cos() * u2.cos() * lambda.cos();
        let sigma = sin_sigma.atan2(cos_sigma);
        let sin_alpha = u1.cos() * u2.cos() * lambda.sin() / sin_sigma;
        let cos2_alpha = 1.0 - sin_alpha * sin_alpha;
        let middle = if cos2_alpha > 0.0 { cos_sigma - 2.0 * u1.sin() * u2.sin() / cos2_alpha } else { 0.0 };
        let c = F / 16.0 * cos2_alpha * (4.0 + F * (4.0 - 3.0 * cos2_alpha));
        let turned = middle + c * cos_sigma * (2.0 * middle * middle - 1.0);
        let next = l + (1.0 - c) * F * sin_alpha * (sigma + c * sin_sigma * turned);
        let settled = (next - lambda).abs() < 1e-13;
        lambda = next;
        if settled {
            let u = cos2_alpha * (A * A - B * B) / (B * B);
            let a = 1.0 + u / 16384.0 * (4096.0 + u * (u * (320.0 - 175.0 * u) - 768.0));
            let b = u / 1024.0 * (256.0 + u * (u * (74.0 - 47.0 * u) - 128.0));
            let square = 2.0 * middle * middle - 1.0;
            let last = b / 6.0 * middle * (4.0 * sin_sigma * sin_sigma - 3.0) * (4.0 * middle * middle - 3.0);
            return B * a * (sigma - b * sin_sigma * (middle + b / 4.0 * (cos_sigma * square - last)));
        }
    }
    f64::NAN
}

/// The CRS in which the stations' metres are.
pub fn crs(survey: &Survey) -> &Crs {
    &survey.sheet.crs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// pyproj 3.7, `Geod(ellps="WGS84").inv`: Berlin to Paris, and two places of a town.
    #[test]
    fn distances_are_those_of_proj() {
        assert!((geodesic((13.4, 52.5), (2.35, 48.85)) - 879_035.387_812_6).abs() < 1e-3);
        assert!((geodesic((-1.2106, 48.1236), (-1.2, 48.13)) - 1_062.583_280_985_8).abs() < 1e-6);
        assert_eq!(geodesic((13.4, 52.5), (13.4, 52.5)), 0.0);
    }

    #[test]
    fn a_day_and_a_month_exchanged_are_told_and_mended() {
        // Hours from 2018-08-01 to 2018-08-08 inclusive, then a block dated 8 September.
        let (first, late) = (1_533_081_600_i64, 1_536_364_800_i64);
        let steps = ((late - first) / HOUR) as usize + 5;
        let mut values = vec![f64::NAN; steps];
        values[..192].fill(20.0);
        values[steps - 5..].fill(21.0);
        let series = Series { step: HOUR, first, steps, stations: vec![("A".into(), values)] };
        let mut remarks = Vec::new();
        let left = apart(series.clone(), false, &mut remarks);
        assert_eq!((left.steps, remarks.len()), (192, 1), "{remarks:?}");
        let mended = apart(series, true, &mut remarks);
        assert_eq!((mended.steps, mended.stations[0].1[192]), (197, 21.0));
    }
}
