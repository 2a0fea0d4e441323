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
use crate::text::Fault;
use ilot_kernels::shade::Sun;
use ilot_kernels::unit::Degrees;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use solar_positioning::time::JulianDate;
use solar_positioning::{Location, SolarPositions, delta_t};

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

fn position(site: &Site, instant: Timestamp) -> solar_positioning::Result<solar_positioning::SolarPosition> {
    let utc = instant.to_zoned_datetime(TimeZone::UTC);
    let month = u32::from(utc.month().unsigned_abs());
    let difference = delta_t::estimate_from_date(i32::from(utc.year()), month)?;
    let julian = JulianDate::new(instant.as_second() as f64 / 86_400.0 + UNIX_EPOCH, difference)?;
    let place = Location { latitude: site.latitude.0, longitude: site.longitude.0 };
    SolarPositions::new().at_from_julian(julian, place, 0.0, None)
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

/// A legal time as an instant.
fn instant(date: Date, hour: i8, minute: i8, zone: &TimeZone) -> Result<Timestamp, Fault> {
    let time = date.at(hour, minute, 0, 0);
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
