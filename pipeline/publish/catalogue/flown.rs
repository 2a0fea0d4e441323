//! A cloud → the day that it is of, and where that stands.
//!
//! In: an open cloud. Out: the GPS time of its first points, where the header says that this counts from 1980 (adjusted
//! standard GPS time, LAS 1.4 R15, global encoding bit 0); else the day on which the file was made, by its header; else
//! nothing: when a file was last copied is no date of what it shows. Fails where: GPS time was filled with nonsense, which is
//! taken for none. Cost: decoding one chunk's times.

use crate::formats::points::{Batch, Cloud, Layers, Scratch};
use crate::text;
use crate::text::Text;

/// A date, and whose word it is.
pub struct Dated {
    /// An instant in UTC, or a day at midnight; none where nothing tells.
    pub date: Option<String>,
    /// Where it stands, for machines: `gps-time`, `header`, `unknown`.
    pub by: &'static str,
}

impl Dated {
    /// Looks at a cloud.
    pub fn of(cloud: &Cloud) -> Dated {
        if let Some(date) = flown(cloud) {
            return Dated { date: Some(date), by: "gps-time" };
        }
        match day_of(cloud.header().created) {
            Some(date) => Dated { date: Some(date), by: "header" },
            None => Dated { date: None, by: "unknown" },
        }
    }

    /// The same in words.
    pub fn words(&self) -> Text {
        match self.by {
            "gps-time" => text!(fr: "temps GPS des premiers points", en: "GPS time of the first points"),
            "header" => text!(
                fr: "jour de création du fichier, par son en-tête ; les points ne disent pas celui du vol",
                en: "day on which the file was made, by its header; the points do not tell that of the flight",
            ),
            _ => text!(fr: "inconnue", en: "unknown"),
        }
    }
}

/// Adjusted standard GPS time is less by this, so that it keeps its decimals, s.
const ADJUSTMENT: f64 = 1e9;
/// 1980-01-06, s since 1970.
const GPS_EPOCH: f64 = 315_964_800.0;
/// GPS time runs ahead of UTC by so much since 2017 (IERS Bulletin C 52); 13 s and more since 1999, the same day nearly always.
const LEAP: f64 = 18.0;

/// When the first points were measured.
fn flown(cloud: &Cloud) -> Option<String> {
    let header = cloud.header();
    if !header.standard_time || matches!(header.point_format, 0 | 2) {
        return None;
    }
    let (mut scratch, mut batch) = (Scratch::default(), Batch::default());
    cloud.decode(cloud.chunks().first()?, Layers::GPS_TIME, &mut scratch, &mut batch).ok()?;
    let told = batch.gps_time.iter().copied().filter(|time| time.is_finite() && *time != 0.0);
    instant(told.reduce(f64::min)?)
}

/// Adjusted standard GPS time as an instant in UTC; none before the first LAS file and after this century.
fn instant(time: f64) -> Option<String> {
    let unix = time + ADJUSTMENT + GPS_EPOCH - LEAP;
    let instant = jiff::Timestamp::from_second(unix.floor() as i64).ok()?;
    let year = jiff::tz::TimeZone::UTC.to_datetime(instant).year();
    (2000..2100).contains(&year).then(|| instant.to_string())
}

/// The day in a header: day of the year and year; none where it is left out.
fn day_of((day, year): (u16, u16)) -> Option<String> {
    let year = i16::try_from(year).ok().filter(|year| (1980..=2100).contains(year))?;
    let first = jiff::civil::Date::new(year, 1, 1).ok()?;
    let date = first.checked_add(jiff::Span::new().days(i64::from(day.clamp(1, 366)) - 1)).ok()?;
    Some(format!("{date}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_headers_are_days_of_the_year() {
        assert_eq!(day_of((163, 2021)).as_deref(), Some("2021-06-12T00:00:00Z"));
        assert_eq!(day_of((60, 2024)).as_deref(), Some("2024-02-29T00:00:00Z"));
        assert_eq!(day_of((0, 0)), None);
    }

    #[test]
    fn gps_time_is_that_of_the_flight() {
        // GPS week 2162, Saturday noon: 2021-06-19T12:00:00 GPS, 18 s less in UTC.
        let time = 2162.0 * 604_800.0 + 6.0 * 86_400.0 + 43_200.0 - ADJUSTMENT;
        assert_eq!(instant(time).as_deref(), Some("2021-06-19T11:59:42Z"));
        assert_eq!(instant(-1.3e9), None);
        assert_eq!(instant(f64::MAX), None);
    }
}
