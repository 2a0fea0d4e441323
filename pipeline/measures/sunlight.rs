//! A surface → shade at any instant, hours of sun of a day or a season, and a year's light on roofs and ground.
//!
//! In: a raster of heights, trees where they are given, instants and days with their zone. Out: `shade`, `sun_hours` and
//! `irradiation`, by tiles (`survey.rs`).
//!
//! Hours of a season are those of a mean day: the mean over days sampled from its first on, which are told. A year's
//! light is that of clear skies (`clear_sky.rs`), summed over sampled suns; the horizon is found once for all of them
//! (`irradiation.rs`). Every fifth day and 20 minutes differ from every day and 5 minutes by less than 0.1 %, on level
//! ground and on a roof that faces south.
//!
//! Fails where: clouds, which take some 15 % (south) to 35 % (north) of a year's clear light in France: no yield of panels
//! is to be read from it without a correction. Cost: 0.02 µs a cell and sun; 1 µs a cell for the year.

use crate::measures::crowns::{CrownsOrder, Light};
use crate::measures::sky::behind;
use crate::measures::sun::{Day, HOURS, Moment, STEP, Site};
use crate::measures::survey::{Done, Ground, Keep, Method, Place, Survey, Tell};
use crate::product::{IRRADIATION, SHADE, SUN_HOURS, Spec};
use crate::text::{Fault, Text};
use crate::{fault, text};
use ilot_kernels::clear_sky::{clear_sky, refracted};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::irradiation::{Beam, Dome, IrradiationParams, irradiation};
use ilot_kernels::shade::{ShadeParams, Sun, sun_hours, sun_hours_behind_crowns};
use ilot_kernels::unit::Metres;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The surface, and where its maps go.
    pub place: Place,
    /// Which of shade, hours and irradiation.
    pub products: Vec<&'static Spec>,
    /// Instants of the shade; where there are none, 10, 13 and 16 h of each day.
    pub moments: Vec<Moment>,
    /// Days of the hours of sun, where no season is given.
    pub dates: Vec<Date>,
    /// The season of the hours of sun.
    pub season: Option<Season>,
    /// How far shadows are followed.
    pub shade: ShadeParams,
    /// The year's light.
    pub year: Year,
}

/// Days from one to another, of which every n-th is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Every n-th day.
    pub every: u16,
}

/// The most days that are looked at.
const MOST_DAYS: usize = 400;

impl Season {
    /// The sampled days.
    ///
    /// # Errors
    /// Where the last is before the first, or there are too many.
    pub fn days(&self) -> Result<Vec<Date>, Fault> {
        let Season { from, to, every } = *self;
        let step = i32::from(every.max(1));
        let next = |day: &Date| day.checked_add(jiff::Span::new().days(step)).ok();
        let days: Vec<Date> = std::iter::successors(Some(from), next)
            .take_while(|day| *day <= to)
            .take(MOST_DAYS + 1)
            .collect();
        if days.is_empty() || days.len() > MOST_DAYS {
            return Err(fault!(
                fr: "La saison du {from} au {to}, tous les {every} jours, ne convient pas : donnez un premier jour avant le dernier, et au plus {MOST_DAYS} jours.",
                en: "The season from {from} to {to}, every {every} days, makes no sense: give a first day before the last, and at most {MOST_DAYS} days.",
            ));
        }
        Ok(days)
    }
}

/// How a year's light is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Year {
    /// The calendar year of the suns.
    pub year: i16,
    /// Linke's turbidity, January to December.
    pub linke: [f64; 12],
    /// Sectors of the sky.
    pub sectors: u32,
    /// Horizon and ground.
    pub params: IrradiationParams,
}

/// The products of these names, or all where none is given, but only the shade where instants are; `key` asked for them.
///
/// # Errors
/// Where a name is none of them.
pub fn products(key: &str, names: &[String], at_instants: bool) -> Result<Vec<&'static Spec>, Fault> {
    if names.is_empty() && at_instants {
        return Ok(vec![&SHADE.spec]);
    }
    among(key, names, &[&SHADE.spec, &SUN_HOURS.spec, &IRRADIATION.spec])
}

/// Those of some products that are named; all of them where no name is given.
///
/// # Errors
/// Where a name is none of them.
pub fn among(key: &str, names: &[String], products: &[&'static Spec]) -> Result<Vec<&'static Spec>, Fault> {
    if let Some(odd) = names.iter().find(|name| products.iter().all(|spec| spec.name != **name)) {
        let known = products.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ");
        return Err(fault!(
            fr: "{key} : « {odd} » n'en est pas un ; il y a {known}.",
            en: "{key}: `{odd}` is none; there are {known}.",
        ));
    }
    let wanted = |spec: &&'static Spec| names.is_empty() || names.iter().any(|name| name == spec.name);
    Ok(products.iter().copied().filter(wanted).collect())
}

/// Makes all products of a surface; `tell` hears of each tile, and of how many there are.
///
/// # Errors
/// Where the raster or the order makes no sense, or a file cannot be written.
pub fn make(order: &Order, stop: &AtomicBool, tell: Tell<'_>) -> Result<Done, Fault> {
    let survey = Survey::open(&order.place)?;
    let sunlight = Sunlight::new(order, &survey)?;
    survey.make(&sunlight, stop, tell)
}

/// Share of the sun that reaches each cell of a part of the ground, past surface and leaves.
pub(crate) fn share_lit(
    ground: &Ground,
    part: &Frame,
    date: Date,
    sun: &Sun,
    params: &ShadeParams,
) -> Grid<f32> {
    lit(ground, part, date, std::slice::from_ref(sun), 1.0, params)
}

/// Hours of sun of a day on each cell of a part of the ground.
pub(crate) fn light_of(ground: &Ground, part: &Frame, day: &Day, params: &ShadeParams) -> Grid<f32> {
    lit(ground, part, day.date, &day.halves, STEP, params)
}

fn lit(
    ground: &Ground,
    part: &Frame,
    date: Date,
    suns: &[Sun],
    step: f32,
    params: &ShadeParams,
) -> Grid<f32> {
    match (ground.crowns(), &ground.stand) {
        (Some(crowns), Some(stand)) => {
            let (open, leaves) = sun_hours_behind_crowns(&ground.surface, &crowns, part, suns, step, params);
            behind(&open, &leaves, stand.light.on(date, ground.site.latitude))
        }
        _ => sun_hours(&ground.surface, part, suns, step, params),
    }
}

/// Days between two samples of a year, and minutes between two of a day.
///
/// Five divides a year: each season has its share of the samples.
const SAMPLING: (u16, u16) = (5, 20);

/// The suns of a year of clear skies over a place, each for its share of the time.
///
/// # Errors
/// Where the year is out of the sun's range.
pub fn clear_year(
    site: &Site,
    year: &Year,
    level: Metres,
    light: Light,
    (days, minutes): (u16, u16),
) -> Result<Vec<Beam>, Fault> {
    let first = Date::new(year.year, 1, 1).map_err(|_| no_year(year.year))?;
    let length = first.days_in_year();
    let sampled: Vec<i16> = ((days / 2).cast_signed()..length).step_by(usize::from(days)).collect();
    let hours = f64::from(minutes) / 60.0 * f64::from(length) / sampled.len() as f64;
    let start = TimeZone::UTC.to_ambiguous_timestamp(first.at(0, 0, 0, 0));
    let start: Timestamp = start.unambiguous().map_err(|_| no_year(year.year))?;
    let mut beams = Vec::new();
    for &day in &sampled {
        let date =
            first.checked_add(jiff::Span::new().days(i32::from(day))).map_err(|_| no_year(year.year))?;
        let transmissivity = f64::from(light.on(date, site.latitude));
        let linke = linke_on(&year.linke, date);
        for sample in 0..1440 / i64::from(minutes) {
            let seconds = i64::from(day) * 86_400 + (sample * 2 + 1) * i64::from(minutes) * 30;
            let instant =
                Timestamp::from_second(start.as_second() + seconds).map_err(|_| no_year(year.year))?;
            let sun = site.sun(instant)?;
            let number = day.unsigned_abs() + 1;
            let radiation = clear_sky(refracted(sun.altitude), number, level, linke);
            let energy = |watts: f64| watts * hours / 1000.0;
            let (direct, diffuse) = (energy(radiation.direct), energy(radiation.diffuse));
            beams.push(Beam { sun, direct, diffuse, transmissivity });
        }
    }
    Ok(beams)
}

/// Linke's turbidity of twelve months, from one for all or from twelve; `None` where it is none.
pub fn linke_of(values: &[f64]) -> Option<[f64; 12]> {
    let sound = values.iter().all(|value| (1.0..=10.0).contains(value));
    match values {
        [one] if sound => Some([*one; 12]),
        twelve if sound && twelve.len() == 12 => Some(std::array::from_fn(|month| twelve[month])),
        _ => None,
    }
}

/// The turbidity of a day: months stand for their middles, days between for what lies between.
pub fn linke_on(months: &[f64; 12], date: Date) -> f64 {
    let month = f64::from(date.month() - 1) + (f64::from(date.day()) - 0.5) / f64::from(date.days_in_month());
    let from = (month - 0.5).rem_euclid(12.0);
    let (before, share) = (from.floor() as usize % 12, from.fract());
    months[before] * (1.0 - share) + months[(before + 1) % 12] * share
}

fn no_year(year: i16) -> Fault {
    fault!(
        fr: "L'année {year} ne se calcule pas : donnez une année plus proche de nous.",
        en: "The year {year} cannot be computed: give a year nearer to ours.",
    )
}

/// The sun of some instants, days and a year.
struct Sunlight<'a> {
    order: &'a Order,
    /// Instants of the shade: words, day, sun.
    instants: Vec<(String, Date, Sun)>,
    days: Vec<Day>,
    dome: Option<Dome>,
    level: Metres,
    zone: String,
    remarks: Vec<Text>,
}

impl Sunlight<'_> {
    fn new<'a>(order: &'a Order, survey: &Survey<'_>) -> Result<Sunlight<'a>, Fault> {
        let (site, level) = (&survey.site, survey.level()?);
        let wants = |spec: &Spec| order.products.iter().any(|wanted| wanted.name == spec.name);
        let (wants_shade, wants_hours) = (wants(&SHADE.spec), wants(&SUN_HOURS.spec));
        let needs_days = wants_hours || (wants_shade && order.moments.is_empty());
        // Instants bring their own zone; only days need that of the map.
        let zone = if needs_days { survey.zone()? } else { TimeZone::UTC };
        let name = zone.iana_name().unwrap_or("UTC").to_owned();
        let dates = order.season.map_or_else(|| Ok(order.dates.clone()), |season| season.days())?;
        let over = |dates: &[Date]| {
            dates.iter().map(|&date| Day::over(site, date, &zone)).collect::<Result<Vec<Day>, Fault>>()
        };
        let days = if wants_hours { over(&dates)? } else { Vec::new() };
        let instants = match (wants_shade, order.moments.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => hours_of(&over(&order.dates)?, &name),
            (true, false) => suns_of(site, &order.moments)?,
        };
        let light = order.place.crowns.as_ref().map_or(Light::Fixed(1.0), CrownsOrder::light);
        let beams = wants(&IRRADIATION.spec).then(|| clear_year(site, &order.year, level, light, SAMPLING));
        let dome = beams.transpose()?.map(|beams| Dome::gather(&beams, order.year.sectors));
        let mut sunlight = Sunlight { order, instants, days, dome, level, zone: name, remarks: Vec::new() };
        sunlight.remarks = sunlight.remarked(site, &zone)?;
        Ok(sunlight)
    }

    /// What a user should know.
    fn remarked(&self, site: &Site, zone: &TimeZone) -> Result<Vec<Text>, Fault> {
        let dated = self.order.moments.is_empty() && !(self.instants.is_empty() && self.days.is_empty());
        let mut remarks = Vec::new();
        remarks.extend((dated || !self.days.is_empty()).then(|| site.remark(&self.zone)));
        if self.order.season.is_none() {
            for day in &self.days {
                remarks.push(rise_and_set(site, day.date, zone)?);
            }
        } else if let (Some(first), Some(last)) = (self.days.first(), self.days.last()) {
            let (count, first, last) = (self.days.len(), first.date, last.date);
            remarks.push(text!(
                fr: "heures de soleil : moyenne de {count} jours, du {first} au {last}",
                en: "sun hours: mean of {count} days, from {first} to {last}",
            ));
        }
        if let Some(dome) = &self.dome {
            let (global, level, year) = (dome.global(), self.level, self.order.year.year);
            remarks.push(text!(
                fr: "irradiation : ciel clair toute l'année {year}, {global:.0} kWh/m² sur un sol plat et dégagé à {level} d'altitude ; les nuages en prennent une part, de 15 % au sud à 35 % au nord de la France environ",
                en: "irradiation: clear sky all year {year}, {global:.0} kWh/m² on a level and open ground at {level} of height; clouds take a part of it, from some 15 % in the south to 35 % in the north of France",
            ));
        }
        Ok(remarks)
    }
}

/// The hours at which shade is shown by default.
fn hours_of(days: &[Day], zone: &str) -> Vec<(String, Date, Sun)> {
    let of = |day: &Day| {
        let date = day.date;
        let named = HOURS.iter().zip(day.hours.clone());
        named.map(|(hour, sun)| (format!("{date} {hour}:00 {zone}"), date, sun)).collect::<Vec<_>>()
    };
    days.iter().flat_map(of).collect()
}

fn suns_of(site: &Site, moments: &[Moment]) -> Result<Vec<(String, Date, Sun)>, Fault> {
    let of = |moment: &Moment| Ok((moment.words.clone(), moment.date, site.sun(moment.instant)?));
    moments.iter().map(of).collect()
}

fn rise_and_set(site: &Site, date: Date, zone: &TimeZone) -> Result<Text, Fault> {
    let midnight =
        zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().map_err(|_| no_year(date.year()))?;
    let (rise, set) = site.rise_and_set(midnight)?;
    let clock = |at: Option<Timestamp>| {
        at.map_or("–".to_owned(), |at| {
            let civil = zone.to_datetime(at);
            format!("{:02}:{:02}", civil.hour(), civil.minute())
        })
    };
    let (rise, set) = (clock(rise), clock(set));
    Ok(text!(
        fr: "{date} : lever du soleil à {rise}, coucher à {set}, horizon plat",
        en: "{date}: sunrise at {rise}, sunset at {set}, level horizon",
    ))
}

impl Method for Sunlight<'_> {
    fn name(&self) -> &'static str {
        "sun"
    }

    fn specs(&self) -> Vec<&'static Spec> {
        self.order.products.clone()
    }

    fn halo(&self) -> Metres {
        let year = self.dome.as_ref().map_or(Metres(0.0), |_| self.order.year.params.halo());
        let shadows = !self.instants.is_empty() || !self.days.is_empty();
        let shade = if shadows { self.order.shade.halo() } else { Metres(0.0) };
        Metres(year.0.max(shade.0))
    }

    fn bands(&self, spec: &Spec) -> Vec<String> {
        if spec.name == SHADE.spec.name {
            return self.instants.iter().map(|(words, ..)| words.clone()).collect();
        }
        if spec.name == IRRADIATION.spec.name {
            return vec![format!("{} under clear skies", self.order.year.year)];
        }
        let zone = &self.zone;
        match self.order.season {
            Some(Season { from, to, every }) => {
                vec![format!("mean day of {from} to {to}, every {every} days, 8:00 to 20:00 {zone}")]
            }
            None => self.days.iter().map(|day| format!("{} 8:00 to 20:00 {zone}", day.date)).collect(),
        }
    }

    fn settings(&self) -> Value {
        let Order { shade, year, .. } = self.order;
        let instants: Vec<&String> = self.instants.iter().map(|(words, ..)| words).collect();
        let days: Vec<String> = self.days.iter().map(|day| day.date.to_string()).collect();
        let light = self.dome.as_ref().map(|dome| {
            json!({
                "year": year.year, "linke": year.linke, "sectors": year.sectors, "level_m": self.level.0,
                "params": format!("{:?}", year.params), "every_days": SAMPLING.0, "every_minutes": SAMPLING.1,
                "level_ground_kwh_m2": dome.global(),
            })
        });
        json!({
            "shade": format!("{shade:?}"), "instants": instants, "days": days, "mean": self.order.season.is_some(),
            "zone": self.zone, "irradiation": light,
        })
    }

    fn inputs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn remarks(&self) -> Vec<Text> {
        self.remarks.clone()
    }

    fn make(&self, ground: &Ground, keep: Keep<'_>) -> Result<(), Fault> {
        let (core, params) = (&ground.core, &self.order.shade);
        for spec in &self.order.products {
            if spec.name == SHADE.spec.name {
                let shade = self.instants.iter().map(|(_, date, sun)| {
                    let mut shade = share_lit(ground, core, *date, sun, params);
                    shade.cells_mut().iter_mut().for_each(|lit| *lit = 1.0 - *lit);
                    shade
                });
                keep(spec, &shade.collect::<Vec<_>>())?;
            } else if spec.name == SUN_HOURS.spec.name {
                let hours = self.days.iter().map(|day| light_of(ground, core, day, params));
                let bands = if self.order.season.is_some() { vec![mean(hours)] } else { hours.collect() };
                keep(spec, &bands)?;
            } else if let Some(dome) = &self.dome {
                let crowns = ground.crowns();
                let year = irradiation(&ground.surface, crowns.as_ref(), core, dome, &self.order.year.params);
                keep(spec, &[year])?;
            }
        }
        Ok(())
    }
}

/// The mean of some grids, one after the other in memory.
fn mean(mut grids: impl Iterator<Item = Grid<f32>>) -> Grid<f32> {
    let mut sum = grids.next().expect("a season has a day");
    let mut count = 1.0;
    for grid in grids {
        sum.cells_mut().iter_mut().zip(grid.cells()).for_each(|(sum, cell)| *sum += cell);
        count += 1.0;
    }
    sum.cells_mut().iter_mut().for_each(|cell| *cell /= count);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use ilot_kernels::clear_sky::LINKE_OF_FRANCE;
    use ilot_kernels::unit::Degrees;

    fn year() -> Year {
        let params = IrradiationParams::new(Metres(200.0), 0.2).unwrap();
        Year { year: 2025, linke: LINKE_OF_FRANCE, sectors: 64, params }
    }

    fn montpellier() -> Site {
        Site { latitude: Degrees(43.61), longitude: Degrees(3.88), true_north: Degrees(0.0) }
    }

    fn total(sampling: (u16, u16)) -> (f64, f64) {
        let beams = clear_year(&montpellier(), &year(), Metres(30.0), Light::Fixed(1.0), sampling).unwrap();
        let global = Dome::gather(&beams, 64).global();
        // A roof that faces south by 30°, its normal (0, −½, ½√3).
        let roof = |beam: &Beam| {
            let (up, level) = beam.sun.altitude.radians().sin_cos();
            let cosine = up * 0.75_f64.sqrt() - 0.5 * level * beam.sun.azimuth.radians().cos();
            if up > 0.0 { beam.direct * cosine.max(0.0) } else { 0.0 }
        };
        (global, beams.iter().map(roof).sum())
    }

    #[test]
    fn a_sampled_year_is_a_whole_one() {
        let whole = total((1, 5));
        for (sampling, most) in [((5, 60), 0.004), ((5, 30), 0.002), (SAMPLING, 0.001), ((1, 10), 0.001)] {
            let own = total(sampling);
            println!(
                "{sampling:?}: level {:+.3} %, roof {:+.3} %",
                (own.0 / whole.0 - 1.0) * 100.0,
                (own.1 / whole.1 - 1.0) * 100.0
            );
            assert!(
                (own.0 / whole.0 - 1.0).abs() < most && (own.1 / whole.1 - 1.0).abs() < most,
                "{sampling:?}"
            );
        }
        println!("level {:.1} kWh/m²", whole.0);
    }

    #[test]
    fn turbidity_glides_from_month_to_month() {
        let mut months = [3.0; 12];
        months[6] = 5.0;
        let on = |month: i8, day: i8| linke_on(&months, Date::constant(2025, month, day));
        assert!((on(7, 16) - 5.0).abs() < 0.01 && (on(7, 1) - 4.0).abs() < 0.05 && on(1, 1) == 3.0);
    }

    #[test]
    fn a_season_has_days_or_is_refused() {
        let day = |month: i8, day: i8| Date::constant(2025, month, day);
        let season = Season { from: day(6, 1), to: day(8, 31), every: 10 };
        assert_eq!(season.days().unwrap().len(), 10);
        assert!(Season { from: day(8, 1), to: day(6, 1), every: 10 }.days().is_err());
    }
}
