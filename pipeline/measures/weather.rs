//! The weather of some hours: from a small table, or from flags.
//!
//! In: a CSV table with a head, its columns by name, and the zone of its times; or single values. Out: air and radiation
//! at wanted instants, between two rows at most an hour apart by linear interpolation. What another unit would give is
//! refused (°F, K, humidity as a share, km/h); a wind below 0.5 m/s is raised to it, as UTCI asks, and told.
//!
//! A row is an instant, or the mean of the time until or from its time on ([`Times`]): a mean stands for the middle of its
//! time, half a step away. UMEP's files (its manual: the ending time stamp), EPW and the radiation of Météo-France are
//! means that end; SOLWEIG sets its sun half a step back for that. Half an hour of the sun makes 4 K of radiant
//! temperature at Göteborg.
//!
//! Fails where: air is measured at the instant and radiation as a mean, in one table: the air is then half a step off.

use crate::fault;
use crate::measures::sun::{self, Moment};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::utci::Air;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the weather comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The same values at all instants.
    Values(Reading),
    /// A table.
    Table(Table),
}

/// What the times of a table's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Times {
    /// The instant of a measurement.
    Instant,
    /// The end of the time of which a row is the mean.
    End,
    /// The beginning of the time of which a row is the mean.
    Start,
}

impl Times {
    /// By its word.
    ///
    /// # Errors
    /// Where it is none.
    pub fn named(word: &str) -> Result<Times, Fault> {
        match word {
            "instant" => Ok(Times::Instant),
            "end" => Ok(Times::End),
            "start" => Ok(Times::Start),
            _ => Err(fault!(
                fr: "« {word} » ne dit pas ce que sont les heures de la table : écrivez instant, end ou start.",
                en: "`{word}` does not say what the table's times are: write instant, end or start.",
            )),
        }
    }

    /// From the time of a row to the middle of what it holds, for rows `step` seconds apart.
    fn to_middle(self, step: i64) -> SignedDuration {
        match self {
            Times::Instant => SignedDuration::ZERO,
            Times::End => SignedDuration::from_millis(-step * 500),
            Times::Start => SignedDuration::from_millis(step * 500),
        }
    }
}

/// How the times of a table were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// What they are.
    pub times: Times,
    /// Whether the user said so.
    pub said: bool,
    /// Seconds between two rows, the median; 0 where there is one alone.
    pub step: i64,
}

impl Taken {
    /// What a user should know.
    pub fn remark(&self) -> Text {
        let minutes = self.step / 60;
        let (fr, en) = if self.said {
            ("", "")
        } else {
            (
                " (--times, ou weather_times, pour un autre sens)",
                " (--times, or weather_times, for another meaning)",
            )
        };
        match self.times {
            Times::Instant => text!(
                fr: "les heures de la table sont prises pour des instants{fr}",
                en: "times of the table are taken as instants{en}",
            ),
            Times::End => text!(
                fr: "les heures de la table sont prises pour la fin de moyennes de {minutes} min, dont le milieu est l'heure du soleil{fr}",
                en: "times of the table are taken as the end of means of {minutes} min, whose middle is the hour of the sun{en}",
            ),
            Times::Start => text!(
                fr: "les heures de la table sont prises pour le début de moyennes de {minutes} min, dont le milieu est l'heure du soleil{fr}",
                en: "times of the table are taken as the beginning of means of {minutes} min, whose middle is the hour of the sun{en}",
            ),
        }
    }
}

/// The weather of wanted hours.
#[derive(Debug, Clone)]
pub struct Hours {
    /// Each with its weather.
    pub hours: Vec<(Moment, Reading)>,
    /// How the times of the table were taken, where there is one.
    pub taken: Option<Taken>,
}

/// A table of weather.
#[derive(Debug, Clone)]
pub struct Table {
    /// The CSV file.
    pub path: PathBuf,
    /// Zone of its times, where they carry none.
    pub zone: Option<String>,
    /// Names of columns: what, and how the table calls it.
    pub columns: Vec<(String, String)>,
    /// What its times are; else the end of means where it holds radiation, and instants where it does not.
    pub times: Option<Times>,
}

/// What was read or given, in our units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// °C.
    pub temperature: f64,
    /// %.
    pub humidity: f64,
    /// m/s at 10 m.
    pub wind: f64,
    /// Global radiation on a level ground, W/m².
    pub global: Option<f64>,
    /// Direct radiation normal to the rays, W/m².
    pub direct: Option<f64>,
    /// Diffuse radiation on a level ground, W/m².
    pub diffuse: Option<f64>,
}

impl Reading {
    /// The air, the wind raised to what UTCI holds for; says whether it was.
    pub fn air(&self) -> (Air, bool) {
        let Reading { temperature, humidity, wind, .. } = *self;
        (Air { temperature, humidity: humidity.min(100.0), wind: wind.max(CALM) }, wind < CALM)
    }

    fn blend(&self, other: &Reading, share: f64) -> Reading {
        let mean = |a: f64, b: f64| a * (1.0 - share) + b * share;
        let both = |a: Option<f64>, b: Option<f64>| Some(mean(a?, b?));
        Reading {
            temperature: mean(self.temperature, other.temperature),
            humidity: mean(self.humidity, other.humidity),
            wind: mean(self.wind, other.wind),
            global: both(self.global, other.global),
            direct: both(self.direct, other.direct),
            diffuse: both(self.diffuse, other.diffuse),
        }
    }
}

/// The weakest wind for which UTCI holds, m/s.
pub const CALM: f64 = 0.5;

/// The quantities: our name, other names of their columns, whether they are needed.
const COLUMNS: [(&str, &[&str], bool); 7] = [
    ("time", &["date", "datetime", "timestamp", "heure", "instant"], true),
    ("temperature", &["ta", "t", "t_air", "tair", "air_temperature"], true),
    ("humidity", &["rh", "hr", "humidite", "humidité", "relative_humidity"], true),
    ("wind", &["ws", "vent", "wind_speed", "ff"], true),
    ("global", &["ghi", "kdown", "rayonnement", "glo"], false),
    ("direct", &["dni", "direct_normal"], false),
    ("diffuse", &["dhi", "kdiff", "dif"], false),
];

/// A row of a table.
#[derive(Debug, Clone, Copy)]
struct Row {
    instant: Timestamp,
    reading: Reading,
}

/// Two rows further apart than this leave a gap, seconds.
const STEP: i64 = 3600;

impl Source {
    /// The readings at these instants; all instants of the table where none are given.
    ///
    /// # Errors
    /// Where a table cannot be read, a value makes no sense, or an instant lies in a gap.
    pub fn readings(&self, moments: &[Moment], most: usize) -> Result<Hours, Fault> {
        let table = match self {
            Source::Values(reading) => {
                let place = Text { fr: "météo".to_owned(), en: "weather".to_owned() };
                check(reading, &place)?;
                if reading.humidity > 0.0 && reading.humidity <= 1.0 {
                    return Err(fraction(&place));
                }
                let hours = moments.iter().map(|moment| (moment.clone(), *reading)).collect();
                return Ok(Hours { hours, taken: None });
            }
            Source::Table(table) => table,
        };
        let mut rows = table.rows()?;
        let taken = table.centre(&mut rows)?;
        if !moments.is_empty() {
            let at = |moment: &Moment| Ok((moment.clone(), table.at(&rows, moment, taken)?));
            let hours = moments.iter().map(at).collect::<Result<_, Fault>>()?;
            return Ok(Hours { hours, taken: Some(taken) });
        }
        let (path, count) = (table.path.display(), rows.len());
        if count > most {
            return Err(fault!(
                fr: "{path} a {count} heures : nommez celles que vous voulez avec --at, au plus {most}.",
                en: "{path} has {count} hours: name the wanted ones with --at, at most {most}.",
            ));
        }
        let zone = table.zone.as_deref();
        let hour = |row: &Row| Ok((sun::moment(&row.instant.to_string(), zone)?, row.reading));
        let hours = rows.iter().map(hour).collect::<Result<_, Fault>>()?;
        Ok(Hours { hours, taken: Some(taken) })
    }

    /// The files read.
    pub fn inputs(&self) -> Vec<PathBuf> {
        match self {
            Source::Values(_) => Vec::new(),
            Source::Table(table) => vec![table.path.clone()],
        }
    }
}

impl Table {
    /// Sets each row to the middle of the time that it stands for.
    fn centre(&self, rows: &mut [Row]) -> Result<Taken, Fault> {
        let gap = |pair: &[Row]| pair[1].instant.as_second() - pair[0].instant.as_second();
        let mut gaps: Vec<i64> = rows.windows(2).map(gap).collect();
        gaps.sort_unstable();
        let step = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
        let radiation = |row: &Row| {
            let Reading { global, direct, diffuse, .. } = row.reading;
            global.or(direct).or(diffuse).is_some()
        };
        let usual = if step > 0 && rows.iter().any(radiation) { Times::End } else { Times::Instant };
        let times = self.times.unwrap_or(usual);
        if step == 0 && times != Times::Instant {
            let path = self.path.display();
            return Err(fault!(
                fr: "{path} n'a qu'une ligne, qui ne dit pas sur combien de temps va sa moyenne : donnez deux lignes, ou le milieu de la moyenne avec « instant ».",
                en: "{path} has one row only, which does not tell how long its mean is: give two rows, or the middle of the mean with `instant`.",
            ));
        }
        let shift = times.to_middle(step);
        for row in rows {
            row.instant = row
                .instant
                .checked_add(shift)
                .map_err(|_| self.wrong(&row.instant.to_string(), 0, "time"))?;
        }
        Ok(Taken { times, said: self.times.is_some(), step })
    }

    fn rows(&self) -> Result<Vec<Row>, Fault> {
        let path = self.path.display();
        let text = std::fs::read_to_string(&self.path).map_err(|why| {
            fault!(
                fr: "{path} ne peut être lu ({why}) : donnez une table CSV en UTF-8.",
                en: "{path} cannot be read ({why}): give a CSV table in UTF-8.",
            )
        })?;
        let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
        let head = lines.next().unwrap_or_default();
        let separator = [';', '\t', ','].into_iter().find(|mark| head.contains(*mark)).unwrap_or(',');
        let places = self.places(head, separator)?;
        let zone = self.zone.as_deref().map(sun::zone_named).transpose()?;
        let row = |(index, line): (usize, &str)| self.row(line, index + 2, separator, &places, zone.as_ref());
        let mut rows = lines.enumerate().map(row).collect::<Result<Vec<Row>, Fault>>()?;
        rows.sort_by_key(|row| row.instant);
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].instant == pair[1].instant) {
            let instant = pair[0].instant;
            return Err(fault!(
                fr: "{path} : l'instant {instant} y est deux fois ; gardez une ligne par instant.",
                en: "{path}: the instant {instant} is there twice; keep one row per instant.",
            ));
        }
        if rows.is_empty() {
            return Err(fault!(
                fr: "{path} n'a pas de ligne : donnez au moins une heure sous l'en-tête.",
                en: "{path} has no row: give at least one hour below the head.",
            ));
        }
        self.require_percent(&rows)?;
        Ok(rows)
    }

    /// Where the quantities stand in a row.
    fn places(&self, head: &str, separator: char) -> Result<[Option<usize>; 7], Fault> {
        let names: Vec<String> =
            head.split(separator).map(|name| name.trim().trim_matches('"').to_lowercase()).collect();
        let mut places = [None; 7];
        for ((name, others, needed), place) in COLUMNS.iter().zip(&mut places) {
            let mapped =
                self.columns.iter().find(|(what, _)| what == name).map(|(_, column)| column.to_lowercase());
            *place = names.iter().position(|column| match &mapped {
                Some(mapped) => column == mapped,
                None => column == name || others.contains(&column.as_str()),
            });
            if place.is_none() && (*needed || mapped.is_some()) {
                let (path, columns) = (self.path.display(), names.join(", "));
                let wanted = mapped.unwrap_or_else(|| (*name).to_owned());
                return Err(fault!(
                    fr: "{path} n'a pas de colonne « {wanted} » pour {name} (il a {columns}) : nommez-la, --columns {name}=NOM.",
                    en: "{path} has no column `{wanted}` for {name} (it has {columns}): name it, --columns {name}=NAME.",
                ));
            }
        }
        Ok(places)
    }

    fn row(
        &self,
        line: &str,
        number: usize,
        separator: char,
        places: &[Option<usize>; 7],
        zone: Option<&TimeZone>,
    ) -> Result<Row, Fault> {
        let cells: Vec<&str> = line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect();
        let cell = |index: usize| places[index].and_then(|place| cells.get(place)).copied().unwrap_or("");
        let value = |index: usize| self.number(cell(index), number, COLUMNS[index].0);
        let needed =
            |index: usize| value(index)?.ok_or_else(|| self.wrong(cell(index), number, COLUMNS[index].0));
        let reading = Reading {
            temperature: needed(1)?,
            humidity: needed(2)?,
            wind: needed(3)?,
            global: value(4)?,
            direct: value(5)?,
            diffuse: value(6)?,
        };
        let path = self.path.display();
        check(&reading, &text!(fr: "{path}, ligne {number}", en: "{path}, line {number}"))?;
        Ok(Row { instant: self.instant(cell(0), number, zone)?, reading })
    }

    /// A number, `None` where the cell is empty or says that nothing was measured.
    fn number(&self, cell: &str, row: usize, name: &str) -> Result<Option<f64>, Fault> {
        if cell.is_empty() || cell.eq_ignore_ascii_case("nan") || cell.eq_ignore_ascii_case("na") {
            return Ok(None);
        }
        // A comma is a decimal mark where it does not separate.
        let value: f64 = cell.replace(',', ".").parse().map_err(|_| self.wrong(cell, row, name))?;
        Ok(Some(value).filter(|value| *value > MISSING))
    }

    fn wrong(&self, cell: &str, row: usize, name: &str) -> Fault {
        let path = self.path.display();
        fault!(
            fr: "{path}, ligne {row} : « {cell} » n'est pas une valeur de {name} ; corrigez ou retirez la ligne.",
            en: "{path}, line {row}: `{cell}` is no value of {name}; mend or remove the line.",
        )
    }

    fn instant(&self, cell: &str, row: usize, zone: Option<&TimeZone>) -> Result<Timestamp, Fault> {
        if let Ok(instant) = cell.parse::<Timestamp>() {
            return Ok(instant);
        }
        let civil: DateTime = cell.parse().map_err(|_| self.wrong(cell, row, "time"))?;
        let Some(zone) = zone else {
            let path = self.path.display();
            return Err(fault!(
                fr: "{path}, ligne {row} : « {cell} » n'a pas de fuseau horaire ; donnez celui de la table, --weather-zone UTC ou Europe/Paris.",
                en: "{path}, line {row}: `{cell}` has no time zone; give that of the table, --weather-zone UTC or Europe/Paris.",
            ));
        };
        sun::unambiguous(civil, zone).map_err(|why| {
            let (path, Text { fr, en }) = (self.path.display(), &*why.0);
            fault!(fr: "{path}, ligne {row} : {fr}", en: "{path}, line {row}: {en}")
        })
    }

    fn at(&self, rows: &[Row], moment: &Moment, taken: Taken) -> Result<Reading, Fault> {
        let after = rows.partition_point(|row| row.instant < moment.instant);
        let exact = rows.get(after).filter(|row| row.instant == moment.instant);
        if let Some(row) = exact {
            return Ok(row.reading);
        }
        let pair = after.checked_sub(1).and_then(|before| Some((rows.get(before)?, rows.get(after)?)));
        let second = |row: &Row| row.instant.as_second();
        let Some((before, after)) = pair.filter(|(a, b)| second(b) - second(a) <= STEP) else {
            let (path, words) = (self.path.display(), &moment.words);
            let (fr, en) = match taken.times {
                Times::Instant => ("", ""),
                Times::End => (
                    " (une ligne vaut pour le milieu du temps qui la précède)",
                    " (a row stands for the middle of the time before it)",
                ),
                Times::Start => (
                    " (une ligne vaut pour le milieu du temps qui la suit)",
                    " (a row stands for the middle of the time after it)",
                ),
            };
            return Err(fault!(
                fr: "{path} n'a pas de ligne à {words}, ni deux lignes à une heure l'une de l'autre autour{fr} : donnez une autre heure ou complétez la table.",
                en: "{path} has no row at {words}, nor two rows an hour apart around it{en}: give another hour or complete the table.",
            ));
        };
        let share =
            (moment.instant.as_second() - second(before)) as f64 / (second(after) - second(before)) as f64;
        Ok(before.reading.blend(&after.reading, share))
    }

    /// A table of which no humidity exceeds 1 holds shares.
    fn require_percent(&self, rows: &[Row]) -> Result<(), Fault> {
        if rows.iter().any(|row| row.reading.humidity > 1.0) {
            return Ok(());
        }
        let path = self.path.display().to_string();
        Err(fraction(&Text { fr: path.clone(), en: path }))
    }
}

/// Values below stand for «not measured» (−999, −9999).
const MISSING: f64 = -900.0;

fn fraction(place: &Text) -> Fault {
    let Text { fr, en } = place;
    fault!(
        fr: "{fr} : l'humidité ne dépasse pas 1, c'est une part ; donnez-la en %, de 0 à 100.",
        en: "{en}: the humidity does not exceed 1, it is a share; give it in %, from 0 to 100.",
    )
}

/// Refuses what another unit would give, in words that begin with a place.
fn check(reading: &Reading, place: &Text) -> Result<(), Fault> {
    let (Reading { temperature, humidity, wind, .. }, Text { fr, en }) = (*reading, place);
    if !(-50.0..=50.0).contains(&temperature) {
        return Err(fault!(
            fr: "{fr} : {temperature} n'est pas une température de l'air en °C (−50 à 50) ; convertissez les °F ou les K.",
            en: "{en}: {temperature} is no air temperature in °C (−50 to 50); convert °F or K.",
        ));
    }
    if !(0.0..=101.0).contains(&humidity) {
        return Err(fault!(
            fr: "{fr} : {humidity} n'est pas une humidité relative en % (0 à 100).",
            en: "{en}: {humidity} is no relative humidity in % (0 to 100).",
        ));
    }
    if !(0.0..=17.0).contains(&wind) {
        return Err(fault!(
            fr: "{fr} : {wind} n'est pas un vent à 10 m en m/s pour lequel l'UTCI vaut (0 à 17) ; convertissez les km/h.",
            en: "{en}: {wind} is no wind at 10 m in m/s for which UTCI holds (0 to 17); convert km/h.",
        ));
    }
    let fluxes = [reading.global, reading.direct, reading.diffuse];
    if let Some(odd) = fluxes.into_iter().flatten().find(|flux| !(-20.0..=1500.0).contains(flux)) {
        return Err(fault!(
            fr: "{fr} : {odd} n'est pas un rayonnement en W/m² (0 à 1500) ; convertissez les J/cm² ou les kWh.",
            en: "{en}: {odd} is no radiation in W/m² (0 to 1500); convert J/cm² or kWh.",
        ));
    }
    Ok(())
}

/// Columns as a user maps them: `time=Date,temperature=T`.
///
/// # Errors
/// Where a quantity is not known.
pub fn columns(words: &str) -> Result<Vec<(String, String)>, Fault> {
    let known = || COLUMNS.map(|(name, ..)| name).join(", ");
    let pair = |part: &str| {
        let (what, name) = part.split_once('=')?;
        let what = what.trim().to_lowercase();
        COLUMNS.iter().any(|(known, ..)| *known == what).then(|| (what, name.trim().to_owned()))
    };
    words
        .split(',')
        .map(|part| {
            pair(part).ok_or_else(|| {
                let known = known();
                fault!(
                    fr: "« {part} » ne nomme pas une colonne : écrivez quantité=nom, les quantités étant {known}.",
                    en: "`{part}` names no column: write quantity=name, the quantities being {known}.",
                )
            })
        })
        .collect()
}

/// Said where the wind was raised.
pub fn raised(hours: &[String]) -> Option<Text> {
    let list = hours.join(", ");
    (!hours.is_empty()).then(|| {
        text!(
            fr: "vent relevé à {CALM} m/s, en dessous de quoi l'UTCI ne vaut pas : {list}",
            en: "wind raised to {CALM} m/s, below which UTCI does not hold: {list}",
        )
    })
}

/// The name of a file, for messages and settings.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str, zone: Option<&str>, map: &str) -> (tempfile::TempDir, Table) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("weather.csv");
        std::fs::write(&path, text).unwrap();
        let columns = if map.is_empty() { Vec::new() } else { columns(map).unwrap() };
        (folder, Table { path, zone: zone.map(str::to_owned), columns, times: None })
    }

    fn at_times(
        text: &str,
        zone: Option<&str>,
        map: &str,
        instant: &str,
        times: Option<Times>,
    ) -> Result<Reading, Fault> {
        let (_folder, table) = table(text, zone, map);
        let moment = sun::moment(instant, None).unwrap();
        Ok(Source::Table(Table { times, ..table }).readings(&[moment], 24)?.hours[0].1)
    }

    fn at(text: &str, zone: Option<&str>, map: &str, instant: &str) -> Result<Reading, Fault> {
        at_times(text, zone, map, instant, Some(Times::Instant))
    }

    const HOURS: &str = "time;ta;rh;ws;ghi\n2026-08-15 14:00;30,5;40;2;800\n2026-08-15 15:00;31,5;38;3;700\n";

    #[test]
    fn rows_are_read_in_their_zone_and_between_them() {
        let exact = at(HOURS, Some("Europe/Paris"), "", "2026-08-15T12:00Z").unwrap();
        assert_eq!(
            (exact.temperature, exact.humidity, exact.wind, exact.global),
            (30.5, 40.0, 2.0, Some(800.0))
        );
        let between = at(HOURS, Some("Europe/Paris"), "", "2026-08-15T12:30Z").unwrap();
        assert_eq!((between.temperature, between.global, between.direct), (31.0, Some(750.0), None));
        let mapped = "Jour,T,H,V\n2026-08-15T12:00Z,25,50,0\n";
        let mapped =
            at(mapped, None, "time=Jour,temperature=T,humidity=H,wind=V", "2026-08-15T12:00Z").unwrap();
        assert_eq!(mapped.air(), (Air { temperature: 25.0, humidity: 50.0, wind: 0.5 }, true));
    }

    /// The row of 14:00 is the mean of 13 to 14 h where its time is an end, of 14 to 15 h where it is a beginning.
    #[test]
    fn means_stand_for_their_middle() {
        let temperature = |instant: &str, times: Option<Times>| {
            at_times(HOURS, Some("Europe/Paris"), "", instant, times).map(|reading| reading.temperature)
        };
        assert_eq!(temperature("2026-08-15T11:30Z", Some(Times::End)).unwrap(), 30.5);
        assert_eq!(temperature("2026-08-15T12:00Z", Some(Times::End)).unwrap(), 31.0);
        assert_eq!(temperature("2026-08-15T12:30Z", Some(Times::Start)).unwrap(), 30.5);
        let late = temperature("2026-08-15T13:00Z", Some(Times::End)).unwrap_err();
        assert!(late.0.en.contains("before it"), "{}", late.0.en);
        // What holds radiation is a mean that ends where nothing is said; what holds none is an instant.
        assert_eq!(temperature("2026-08-15T11:30Z", None).unwrap(), 30.5);
        let bare = "time,ta,rh,ws\n2026-08-15T12:00Z,20,50,1\n2026-08-15T13:00Z,22,50,1\n";
        assert_eq!(at_times(bare, None, "", "2026-08-15T12:30Z", None).unwrap().temperature, 21.0);
    }

    #[test]
    fn all_rows_are_taken_at_their_middle_and_it_is_told() {
        let (_folder, table) = table(HOURS, Some("Europe/Paris"), "");
        let Hours { hours, taken } = Source::Table(table).readings(&[], 24).unwrap();
        assert_eq!(hours[0].0.words, "2026-08-15 13:30 Europe/Paris");
        let taken = taken.unwrap();
        assert_eq!(taken, Taken { times: Times::End, said: false, step: 3600 });
        assert!(
            taken.remark().en.contains("end of means of 60 min") && taken.remark().en.contains("--times")
        );
    }

    #[test]
    fn one_row_is_no_mean() {
        let row = "time,ta,rh,ws,ghi\n2026-08-15T12:00Z,20,50,1,700\n";
        assert_eq!(at_times(row, None, "", "2026-08-15T12:00Z", None).unwrap().global, Some(700.0));
        let why = at_times(row, None, "", "2026-08-15T12:00Z", Some(Times::End)).unwrap_err();
        assert!(why.0.en.contains("one row only"), "{}", why.0.en);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let row = |row: &str| format!("time,temperature,humidity,wind,global\n2026-08-15T12:00Z,{row}\n");
        for (text, zone, told) in [
            (HOURS.to_owned(), None, "no time zone"),
            (row("86,50,2,800"), None, "°F"),
            (row("303.1,50,2,800"), None, "°F or K"),
            (row("30,0.5,2,800"), None, "a share"),
            (row("30,120,2,800"), None, "humidity in %"),
            (row("30,50,36,800"), None, "km/h"),
            (row("30,50,2,2880"), None, "J/cm²"),
            (row("30,50,,800"), None, "no value of wind"),
            (row("30,50,x,800"), None, "no value of wind"),
            ("time,temperature,wind\n".to_owned(), None, "no column `humidity`"),
            ("time,ta,rh,ws\n".to_owned(), None, "no row"),
            (row("30,50,2,800\n2026-08-15T12:00Z,30,50,2,800"), None, "twice"),
        ] {
            let why = at(&text, zone, "", "2026-08-15T12:00Z").unwrap_err();
            assert!(why.0.en.contains(told), "{}", why.0.en);
        }
        let gap = at(HOURS, Some("UTC"), "", "2026-08-15T17:00Z").unwrap_err();
        assert!(gap.0.en.contains("no row at"), "{}", gap.0.en);
        assert!(columns("time=T,pressure=p").is_err());
    }

    #[test]
    fn missing_radiation_is_none() {
        let text = "time,temperature,humidity,wind,global\n2026-08-15T12:00Z,30,50,2,-999\n";
        assert_eq!(at(text, None, "", "2026-08-15T12:00Z").unwrap().global, None);
    }
}
