//! Where the sun stands over a place, in the grid of its map.
//!
//! In: a place and a legal time in a named zone; out: azimuth from the grid's north, and altitude. Instants are UTC; a
//! zone is named, never guessed. The position is NREL's SPA (Reda & Andreas 2004, 10.1016/j.solener.2003.12.003),
//! geometric: refraction, 0.1° at 5°, is left out, as in SOLWEIG. ΔT is that of Espenak & Meeus.
//!
//! The grid's north is not the true one: true north is found by moving a little north on the ellipsoid and looking
//! where that lies on the map (0.64° in Montpellier, up to 6° at the borders of Lambert-93).
//!
//! Fails where: before −2000 or after 6000. Cost: microseconds a position.

use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::shade::Sun;
use ilot_kernels::unit::Degrees;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use solar_positioning::time::JulianDate;
use solar_positioning::{Horizon, Location, SolarEvents, SolarPositions, delta_t};

/// The hours at which shade is shown, local time.
pub const HOURS: [i8; 3] = [10, 13, 16];

/// The first and the last hour of the sun's account, local time.
const DAY: (i8, i8) = (8, 20);

/// Hours for which one position stands.
pub const STEP: f32 = 0.5;

/// A place under the sun.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    /// North of the equator.
    pub latitude: Degrees,
    /// East of Greenwich.
    pub longitude: Degrees,
    /// Azimuth of true north in the map's grid, clockwise from the grid's north.
    pub true_north: Degrees,
}

/// How far one moves to find true north, degrees of latitude.
const A_LITTLE_NORTH: f64 = 0.01;

impl Site {
    /// The place at these coordinates of a map.
    ///
    /// # Errors
    /// Where it has no longitude and latitude.
    pub fn of(crs: &Crs, x: f64, y: f64) -> Result<Site, Fault> {
        let wgs84 = Crs::wgs84()?;
        let (longitude, latitude) = Transform::new(crs, &wgs84)?.point(x, y)?;
        let (east, north) = Transform::new(&wgs84, crs)?.point(longitude, latitude + A_LITTLE_NORTH)?;
        let true_north = (east - x).atan2(north - y).to_degrees();
        Ok(Site {
            latitude: Degrees(latitude),
            longitude: Degrees(longitude),
            true_north: Degrees(true_north),
        })
    }

    /// The sun at an instant, seen from sea level.
    ///
    /// # Errors
    /// Where the instant is out of the method's range.
    pub fn sun(&self, instant: Timestamp) -> Result<Sun, Fault> {
        let position = position(self, instant).map_err(|why| {
            fault!(
                fr: "La position du soleil ne se calcule pas à {instant} ({why}) : donnez une date plus proche de nous.",
                en: "The sun's position cannot be computed at {instant} ({why}): give a date nearer to ours.",
            )
        })?;
        let azimuth = (position.azimuth() + self.true_north.0).rem_euclid(360.0);
        Ok(Sun { azimuth: Degrees(azimuth), altitude: Degrees(position.elevation_angle()) })
    }
}

/// The sun's way over a place on the day of an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// Solar time of the instant and of sunrise, hours; noon is 12.
    pub solar: (f64, f64),
    /// The highest that the sun stands.
    pub noon: Degrees,
}

/// When the sun comes and goes; `None` in a polar day or night.
pub type RiseAndSet = (Option<Timestamp>, Option<Timestamp>);

impl Site {
    /// Sunrise and sunset (upper limb, 34′ of refraction: −0.8333°) within a day after an instant.
    ///
    /// # Errors
    /// Where the instant is out of the method's range.
    pub fn rise_and_set(&self, midnight: Timestamp) -> Result<RiseAndSet, Fault> {
        let (from, to, delta) = day_after(midnight)?;
        let (place, horizon) = (self.location(), Horizon::SunriseSunset);
        let events = SolarEvents::new();
        let rise = events.next_rise_from_julian(from, to, place, delta, horizon);
        let set = events.next_set_from_julian(from, to, place, delta, horizon);
        Ok((timestamp(rise, midnight)?, timestamp(set, midnight)?))
    }

    /// The sun's way on the solar day of an instant.
    ///
    /// # Errors
    /// Where the instant is out of the method's range.
    pub fn course(&self, instant: Timestamp) -> Result<Course, Fault> {
        // Solar midnight lies half a day before the transit that is nearest.
        let half = SignedDuration::from_hours(12);
        let (from, to, delta) = day_after(instant.checked_sub(half).map_err(|_| out_of_range(instant))?)?;
        let transit = SolarEvents::new().next_transit_from_julian(from, to, self.longitude.0, delta);
        let noon = timestamp(transit, instant)?.ok_or_else(|| out_of_range(instant))?;
        let highest = self.sun(noon)?.altitude;
        let (rise, _) = self.rise_and_set(noon.checked_sub(half).map_err(|_| out_of_range(instant))?)?;
        let hour = |at: Timestamp| 12.0 + (at.as_second() - noon.as_second()) as f64 / 3600.0;
        Ok(Course { solar: (hour(instant), rise.map_or(0.0, hour)), noon: highest })
    }

    fn location(&self) -> Location {
        Location { latitude: self.latitude.0, longitude: self.longitude.0 }
    }

    /// Where the sun is computed, in words.
    pub fn remark(&self, zone: &str) -> Text {
        let Site { latitude, longitude, true_north } = self;
        let (latitude, longitude, north) = (latitude.0, longitude.0, true_north.0);
        text!(
            fr: "soleil de {latitude:.4}° N {longitude:.4}° E, heure légale de {zone}, nord vrai à {north:.2}° du nord de la carte",
            en: "sun of {latitude:.4}° N {longitude:.4}° E, legal time of {zone}, true north {north:.2}° off the map's",
        )
    }
}

/// A day from an instant on as Julian dates, and ΔT.
fn day_after(start: Timestamp) -> Result<(f64, f64, f64), Fault> {
    let utc = start.to_zoned_datetime(TimeZone::UTC);
    let month = u32::from(utc.month().unsigned_abs());
    let delta = delta_t::estimate_from_date(i32::from(utc.year()), month).map_err(|_| out_of_range(start))?;
    let from = start.as_second() as f64 / 86_400.0 + UNIX_EPOCH;
    Ok((from, from + 1.0, delta))
}

fn timestamp(
    julian: solar_positioning::Result<Option<f64>>,
    near: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let julian = julian.map_err(|_| out_of_range(near))?;
    let seconds = julian.map(|julian| ((julian - UNIX_EPOCH) * 86_400.0).round() as i64);
    seconds.map(|seconds| Timestamp::from_second(seconds).map_err(|_| out_of_range(near))).transpose()
}

fn out_of_range(instant: Timestamp) -> Fault {
    fault!(
        fr: "La course du soleil ne se calcule pas à {instant} : donnez une date plus proche de nous.",
        en: "The sun's course cannot be computed at {instant}: give a date nearer to ours.",
    )
}

fn position(site: &Site, instant: Timestamp) -> solar_positioning::Result<solar_positioning::SolarPosition> {
    let utc = instant.to_zoned_datetime(TimeZone::UTC);
    let month = u32::from(utc.month().unsigned_abs());
    let difference = delta_t::estimate_from_date(i32::from(utc.year()), month)?;
    let julian = JulianDate::new(instant.as_second() as f64 / 86_400.0 + UNIX_EPOCH, difference)?;
    SolarPositions::new().at_from_julian(julian, site.location(), 0.0, None)
}

/// Julian date of 1 January 1970, 0 h UTC.
const UNIX_EPOCH: f64 = 2_440_587.5;

/// The sun over a place on one day.
#[derive(Debug, Clone)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// In the middle of each half-hour from 8 to 20 h: 24 positions, which stand for 12 hours.
    pub halves: Vec<Sun>,
    /// At each of [`HOURS`].
    pub hours: Vec<Sun>,
}

impl Day {
    /// A day of a place, in the legal time of a zone.
    ///
    /// # Errors
    /// Where the zone skips or repeats an hour between 8 and 20 h, or the day is out of range.
    pub fn over(site: &Site, date: Date, zone: &TimeZone) -> Result<Day, Fault> {
        let sun = |hour: i8, minute: i8| site.sun(instant(date, hour, minute, zone)?);
        let quarters = (DAY.0..DAY.1).flat_map(|hour| [(hour, 15), (hour, 45)]);
        let halves = quarters.map(|(hour, minute)| sun(hour, minute)).collect::<Result<_, Fault>>()?;
        let hours = HOURS.iter().map(|&hour| sun(hour, 0)).collect::<Result<_, Fault>>()?;
        Ok(Day { date, halves, hours })
    }
}

/// One instant, as a user named it.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The instant.
    pub instant: Timestamp,
    /// The day of its legal time.
    pub date: Date,
    /// Its words: legal time and zone.
    pub words: String,
}

/// An instant as a user writes it: `2026-08-15T16:00` in a named zone, or `2026-08-15T16:00+02:00`.
///
/// # Errors
/// Where it is none, has no zone, or the zone skips or repeats that time.
pub fn moment(words: &str, zone: Option<&str>) -> Result<Moment, Fault> {
    let zone = zone.map(zone_named).transpose()?;
    if let Ok(instant) = words.parse::<Timestamp>() {
        let (civil, name) = match &zone {
            Some(zone) => (zone.to_datetime(instant), zone.iana_name().unwrap_or("UTC").to_owned()),
            None => (TimeZone::UTC.to_datetime(instant), "UTC".to_owned()),
        };
        return Ok(Moment { instant, date: civil.date(), words: in_words(civil, &name) });
    }
    let shaped = words.len() >= 16 && words.as_bytes().get(10).is_some_and(|byte| b"T ".contains(byte));
    let civil = words.parse::<DateTime>().ok().filter(|_| shaped).ok_or_else(|| {
        fault!(
            fr: "« {words} » n'est pas un instant : écrivez année-mois-jourTheure:minute, comme 2026-08-15T16:00, avec --zone ou un décalage (+02:00).",
            en: "`{words}` is no instant: write year-month-dayThour:minute, such as 2026-08-15T16:00, with --zone or an offset (+02:00).",
        )
    })?;
    let zone = zone.ok_or_else(|| {
        fault!(
            fr: "« {words} » n'a pas de fuseau horaire : donnez --zone, par exemple Europe/Paris, ou un décalage comme {words}+02:00.",
            en: "`{words}` has no time zone: give --zone, for example Europe/Paris, or an offset such as {words}+02:00.",
        )
    })?;
    let instant = unambiguous(civil, &zone)?;
    let name = zone.iana_name().unwrap_or("UTC");
    Ok(Moment { instant, date: civil.date(), words: in_words(civil, name) })
}

/// `2026-08-15 16:00 Europe/Paris`.
fn in_words(civil: DateTime, zone: &str) -> String {
    format!("{} {:02}:{:02} {zone}", civil.date(), civil.hour(), civil.minute())
}

/// A legal time as an instant.
fn instant(date: Date, hour: i8, minute: i8, zone: &TimeZone) -> Result<Timestamp, Fault> {
    unambiguous(date.at(hour, minute, 0, 0), zone)
}

/// The instant of a legal time that is there once.
///
/// # Errors
/// Where the zone skips or repeats it.
pub fn unambiguous(time: DateTime, zone: &TimeZone) -> Result<Timestamp, Fault> {
    zone.to_ambiguous_timestamp(time).unambiguous().map_err(|_| {
        let zone = zone.iana_name().unwrap_or("?");
        fault!(
            fr: "{time} n'est pas une heure unique en {zone} (changement d'heure) : choisissez une autre date.",
            en: "{time} is not one single time in {zone} (clocks change): choose another date.",
        )
    })
}

/// A day as a user writes it, such as 2025-06-21.
///
/// # Errors
/// Where it is none.
pub fn date(words: &str) -> Result<Date, Fault> {
    let shaped = words.len() == 10 && words.bytes().filter(|&byte| byte == b'-').count() == 2;
    words.parse::<Date>().ok().filter(|_| shaped).ok_or_else(|| {
        fault!(
            fr: "« {words} » n'est pas un jour du calendrier : écrivez année-mois-jour, comme 2025-06-21.",
            en: "`{words}` is no day of the calendar: write year-month-day, such as 2025-06-21.",
        )
    })
}

/// The zone of a legal time: as named, or that of the mainland for its own map systems.
///
/// # Errors
/// Where there is no such zone, or none is named and the map does not tell.
pub fn zone(words: Option<&str>, crs: &Crs) -> Result<TimeZone, Fault> {
    // Lambert-93 and its nine conical zones serve mainland France, whose legal time is one.
    let mainland = matches!(crs.horizontal_epsg(), Some(2154 | 9793 | 9794 | 3942..=3950));
    let Some(words) = words.or(mainland.then_some("Europe/Paris")) else {
        let crs = crs.name();
        return Err(fault!(
            fr: "Le fuseau horaire ne se devine pas de {crs} : donnez --zone, par exemple Europe/Paris ou Indian/Reunion.",
            en: "The time zone cannot be told from {crs}: give --zone, for example Europe/Paris or Indian/Reunion.",
        ));
    };
    zone_named(words)
}

/// A zone of the IANA database.
///
/// # Errors
/// Where there is none of this name.
pub fn zone_named(words: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(words).map_err(|_| {
        fault!(
            fr: "Le fuseau horaire « {words} » n'existe pas : donnez un nom de la base IANA, comme Europe/Paris ou Indian/Reunion.",
            en: "There is no time zone `{words}`: give a name of the IANA database, such as Europe/Paris or Indian/Reunion.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(latitude: f64, longitude: f64) -> Site {
        Site { latitude: Degrees(latitude), longitude: Degrees(longitude), true_north: Degrees(0.0) }
    }

    /// The worked example of NREL/TP-560-34302: zenith 50.11162° (refraction at 820 hPa and 11 °C included), azimuth
    /// 194.34024° at 1830.14 m, ΔT 67 s.
    #[test]
    fn the_position_is_that_of_nrels_example() {
        let julian = JulianDate::from_utc(2003, 10, 17, 19, 30, 30.0, 67.0).unwrap();
        let place = Location { latitude: 39.742476, longitude: -105.1786 };
        let air = solar_positioning::RefractionCorrection::new(820.0, 11.0).unwrap();
        let position = SolarPositions::new().at_from_julian(julian, place, 1830.14, Some(air)).unwrap();
        assert!((position.zenith_angle() - 50.11162).abs() < 1e-4, "{}", position.zenith_angle());
        assert!((position.azimuth() - 194.34024).abs() < 1e-4, "{}", position.azimuth());
    }

    /// pvlib 0.16.1, SPA, geometric, at 80 m; the estimate of ΔT and the height move it by less than 1e-3°.
    #[test]
    fn french_suns_are_those_of_pvlib() {
        let noon: Timestamp = "2022-07-18T12:00:00Z".parse().unwrap();
        for (latitude, longitude, altitude, azimuth) in
            [(48.1236, -1.2106, 62.7562, 174.3230), (43.4933, -1.4750, 67.3361, 172.6062)]
        {
            let sun = site(latitude, longitude).sun(noon).unwrap();
            assert!((sun.altitude.0 - altitude).abs() < 1e-3, "{sun:?}");
            assert!((sun.azimuth.0 - azimuth).abs() < 1e-3, "{sun:?}");
        }
    }

    /// pvlib 0.16.1, SPA: sunrise and sunset of 18 July 2022.
    #[test]
    fn the_sun_comes_and_goes_as_in_pvlib() {
        let midnight: Timestamp = "2022-07-18T00:00:00Z".parse().unwrap();
        for (latitude, longitude, rise, set) in [
            (48.1236, -1.2106, "2022-07-18T04:23:34Z", "2022-07-18T19:58:00Z"),
            (43.4933, -1.4750, "2022-07-18T04:41:17Z", "2022-07-18T19:42:32Z"),
        ] {
            let own = site(latitude, longitude).rise_and_set(midnight).unwrap();
            for (own, expected) in [(own.0, rise), (own.1, set)] {
                let off = own.unwrap().as_second() - expected.parse::<Timestamp>().unwrap().as_second();
                assert!(off.abs() <= 30, "{off} s off {expected}");
            }
        }
        let course = site(48.1236, -1.2106).course("2022-07-18T12:00:00Z".parse().unwrap()).unwrap();
        // Sunrise and sunset lie on both sides of solar noon: 12:10:47 UTC.
        assert!((course.solar.0 - (12.0 - 647.0 / 3600.0)).abs() < 0.02, "{course:?}");
        assert!((course.solar.1 - (12.0 - 7.787)).abs() < 0.02, "{course:?}");
        assert!((course.noon.0 - 62.82).abs() < 0.05, "{course:?}");
        assert_eq!(site(70.0, 20.0).rise_and_set(midnight).unwrap(), (None, None), "a polar day");
    }

    #[test]
    fn an_instant_has_a_zone_or_is_refused() {
        let paris = moment("2026-08-15T16:00", Some("Europe/Paris")).unwrap();
        let offset = moment("2026-08-15T16:00+02:00", None).unwrap();
        assert_eq!(paris.instant, offset.instant);
        assert_eq!(paris.words, "2026-08-15 16:00 Europe/Paris");
        assert_eq!(offset.words, "2026-08-15 14:00 UTC");
        assert_eq!(moment("2026-08-15T14:00Z", Some("Europe/Paris")).unwrap().words, paris.words);
        for (words, zone) in [
            ("2026-08-15T16:00", None),
            ("2026-08-15", Some("Europe/Paris")),
            ("16:00", Some("Europe/Paris")),
            ("2026-10-25T02:30", Some("Europe/Paris")),
            ("2026-03-29T02:30", Some("Europe/Paris")),
        ] {
            assert!(moment(words, zone).is_err(), "{words} {zone:?}");
        }
    }

    /// The convergence of Lambert-93 is sin φ₀ (λ − 3°), sin φ₀ = 0.7256077650.
    #[test]
    fn true_north_turns_with_the_meridians() {
        let crs = Crs::from_epsg(2154, None).unwrap();
        for (x, y) in [(770_500.0, 6_279_500.0), (150_000.0, 6_830_000.0), (700_000.0, 6_600_000.0)] {
            let site = Site::of(&crs, x, y).unwrap();
            let expected = -0.725_607_765 * (site.longitude.0 - 3.0);
            assert!((site.true_north.0 - expected).abs() < 2e-3, "{site:?}, not {expected}");
        }
    }

    #[test]
    fn the_same_instants_in_two_zones_are_the_same_suns() {
        let site = site(43.6, 3.88);
        let day = date("2025-06-21").unwrap();
        let paris = Day::over(&site, day, &TimeZone::get("Europe/Paris").unwrap()).unwrap();
        // GMT-2 is two hours ahead of Greenwich, by the sign of POSIX.
        let fixed = Day::over(&site, day, &TimeZone::get("Etc/GMT-2").unwrap()).unwrap();
        assert_eq!(paris.halves, fixed.halves);
        assert_eq!(paris.halves.len(), 24);
        let winter = Day::over(&site, date("2025-12-21").unwrap(), &TimeZone::get("Europe/Paris").unwrap());
        assert!(winter.unwrap().halves.last().unwrap().altitude.0 < 0.0, "19:45 in December is night");
    }

    #[test]
    fn days_and_zones_that_are_none_are_refused() {
        for words in ["2025-02-30", "21/06/2025", "2025-6-1", "", "2025-06-21T10:00"] {
            assert!(date(words).is_err(), "{words}");
        }
        let (lambert, reunion) = (Crs::from_epsg(2154, None).unwrap(), Crs::from_epsg(2975, None).unwrap());
        assert_eq!(zone(None, &lambert).unwrap().iana_name(), Some("Europe/Paris"));
        assert!(zone(None, &reunion).is_err());
        assert!(zone(Some("Europe/Vitré"), &lambert).is_err());
        assert_eq!(zone(Some("Indian/Reunion"), &reunion).unwrap().iana_name(), Some("Indian/Reunion"));
    }
}
