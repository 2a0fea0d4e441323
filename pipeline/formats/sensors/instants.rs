//! Dates and hours as files write them → instants in UTC.
//!
//! In: `2022-07-08T00:00:00Z`, `2022/07/08 02:00+02:00`, `08/07/2022 02:00`, `07.30.18 06:00:00 AM`, seconds or
//! milliseconds since 1970; out: seconds since 1970 UTC. Where day and month could be either, the rows of the same
//! shape settle it, or the user; an hour that a zone has twice (late October) or never (late March) is told. Fails
//! where: a shape that nothing settles is refused. Cost: 30 ns an instant; a zone's offset is looked up once per quarter
//! of an hour.

use crate::fault;
use crate::text::Fault;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// Which comes first in dates without a leading year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 08/07 is in July.
    DayFirst,
    /// 08/07 is in August.
    MonthFirst,
}

/// What an instant came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    /// Seconds since 1970 UTC.
    At(i64),
    /// In an hour that the zone has twice.
    Twice,
    /// In an hour that the zone does not have.
    Never,
    /// No offset, and no zone is known.
    NoZone,
    /// Day and month could be either.
    NoOrder,
    /// Not an instant.
    Wrong,
}

/// A zone by its name: IANA's, `UTC`, or a fixed `+01:00`.
///
/// # Errors
/// Where there is none of that name.
pub fn zone(words: &str) -> Result<TimeZone, Fault> {
    let fixed = fixed_offset(words.trim().trim_start_matches("UTC").trim_start_matches("utc").trim());
    if let Some(seconds) = fixed {
        return Ok(Offset::from_seconds(seconds).map_or(TimeZone::UTC, TimeZone::fixed));
    }
    if words.eq_ignore_ascii_case("utc") || words.eq_ignore_ascii_case("z") {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(words).map_err(|_| {
        fault!(
            fr: "Le fuseau horaire « {words} » n'existe pas : donnez UTC, un décalage comme +01:00, ou un nom de la base IANA comme Europe/Paris.",
            en: "There is no time zone `{words}`: give UTC, an offset such as +01:00, or a name of the IANA database such as Europe/Paris.",
        )
    })
}

/// A period `start/end` in UTC, seconds since 1970, from its start to before its end; a date stands for its whole day.
pub fn period(words: &str) -> Option<(i64, i64)> {
    let midnight = |words: &str| {
        let date: jiff::civil::Date = words.trim().parse().ok()?;
        Some(
            date.to_datetime(jiff::civil::Time::midnight())
                .to_zoned_datetime(TimeZone::UTC)
                .ok()?
                .timestamp()
                .as_second(),
        )
    };
    let at = |words: &str| words.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
    let dated = |words: &str| !words.trim().contains(['T', ' ']);
    let (from, to) = words.split_once('/')?;
    let from = if dated(from) { midnight(from)? } else { at(from)? };
    let to = if dated(to) { midnight(to)? + 86_400 } else { at(to)? };
    Some((from, to))
}

/// `+02:00`, `+0200`, `+2`, `+ 02:00`, `+2h`: seconds.
fn fixed_offset(words: &str) -> Option<i32> {
    let sign = match words.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = words[1..].chars().filter(|c| c.is_ascii_digit()).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A zone that the name of a column states: `time (UTC)`, `instant_utc`, `UTC + 02:00`.
pub fn stated_zone(name: &str) -> Option<TimeZone> {
    let small = name.to_lowercase();
    let after = small.split("utc").nth(1)?.trim_start_matches([' ', ')', '(', '_']).replace(' ', "");
    match fixed_offset(after.trim_end_matches([')', 'h'])) {
        Some(seconds) => Offset::from_seconds(seconds).ok().map(TimeZone::fixed),
        None => Some(TimeZone::UTC),
    }
}

/// Numbers of a date and an hour, before it is known which is which.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    date: [i64; 3],
    /// Digits of the first and of the third number.
    digits: [usize; 2],
    separator: u8,
    seconds: i64,
    offset: Option<i64>,
}

/// Shapes of dates without a leading year: their separator, and the digits of their year.
type Shape = (u8, usize);

/// Reads instants.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: Option<TimeZone>,
    chosen: Option<DateOrder>,
    format: Option<String>,
    settled: Vec<(Shape, DateOrder)>,
    /// The quarter of an hour, local, that was looked up last, and its offset.
    last: Option<(i64, i64)>,
}

impl Clock {
    /// A clock of a zone, an order and a format, where they are known.
    pub fn new(zone: Option<TimeZone>, chosen: Option<DateOrder>, format: Option<String>) -> Clock {
        Clock { zone, chosen, format, settled: Vec::new(), last: None }
    }

    /// Whether a zone is known.
    pub fn has_zone(&self) -> bool {
        self.zone.is_some()
    }

    /// Takes a zone that the file states, unless one is known.
    pub fn state_zone(&mut self, zone: TimeZone) {
        let _ = self.zone.get_or_insert(zone);
    }

    /// Learns from a date whose day can be no month.
    pub fn learn(&mut self, bytes: &[u8]) {
        let Some(parts) = parts(bytes) else { return };
        let shape = (parts.separator, parts.digits[1]);
        let order = match parts.date {
            _ if parts.digits[0] == 4 => return,
            [13..=31, 1..=12, _] => DateOrder::DayFirst,
            [1..=12, 13..=31, _] => DateOrder::MonthFirst,
            _ => return,
        };
        if !self.settled.iter().any(|(known, _)| *known == shape) {
            self.settled.push((shape, order));
        }
    }

    /// The instant that some bytes mean.
    pub fn instant(&mut self, bytes: &[u8]) -> Instant {
        let bytes = bytes.trim_ascii();
        if let Some(format) = &self.format {
            return match formatted(format, bytes) {
                Some((local, None)) => self.in_zone(local),
                Some((local, Some(offset))) => Instant::At(local - offset),
                None => Instant::Wrong,
            };
        }
        if (bytes.len() == 10 || bytes.len() == 13) && bytes.iter().all(u8::is_ascii_digit) {
            let number = bytes.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
            return Instant::At(if bytes.len() == 13 { number / 1000 } else { number });
        }
        let Some(parts) = parts(bytes) else { return Instant::Wrong };
        let [first, second, third] = parts.date;
        let (year, month, day) = if parts.digits[0] == 4 {
            (first, second, third)
        } else {
            let year = if parts.digits[1] <= 2 { 2000 + third } else { third };
            match self.order(&parts) {
                Some(DateOrder::DayFirst) => (year, second, first),
                Some(DateOrder::MonthFirst) => (year, first, second),
                None => return Instant::NoOrder,
            }
        };
        let Some(days) = days(year, month, day) else { return Instant::Wrong };
        let local = days * 86_400 + parts.seconds;
        match parts.offset {
            Some(offset) => Instant::At(local - offset),
            None => self.in_zone(local),
        }
    }

    fn order(&self, parts: &Parts) -> Option<DateOrder> {
        let shape = (parts.separator, parts.digits[1]);
        let settled = self.settled.iter().find(|(known, _)| *known == shape).map(|(_, order)| *order);
        settled.or(self.chosen)
    }

    fn in_zone(&mut self, local: i64) -> Instant {
        let quarter = local.div_euclid(900);
        if let Some((known, offset)) = self.last
            && known == quarter
        {
            return Instant::At(local - offset);
        }
        let Some(zone) = &self.zone else { return Instant::NoZone };
        let Some(civil) = civil(local) else { return Instant::Wrong };
        match zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => {
                let offset = i64::from(offset.seconds());
                self.last = Some((quarter, offset));
                Instant::At(local - offset)
            }
            AmbiguousOffset::Gap { .. } => Instant::Never,
            AmbiguousOffset::Fold { .. } => Instant::Twice,
        }
    }
}

/// Local seconds since 1970 and the offset, where there is one, by the user's own format.
fn formatted(format: &str, bytes: &[u8]) -> Option<(i64, Option<i64>)> {
    let read = jiff::fmt::strtime::parse(format, bytes).ok()?;
    let local = read
        .to_datetime()
        .or_else(|_| read.to_date().map(|date| date.to_datetime(jiff::civil::Time::midnight())));
    let local = local.ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_second();
    Some((local, read.offset().map(|offset| i64::from(offset.seconds()))))
}

fn civil(local: i64) -> Option<DateTime> {
    let instant = jiff::Timestamp::from_second(local).ok()?;
    Some(instant.to_zoned_datetime(TimeZone::UTC).datetime())
}

/// Days since 1970-01-01 of a date that exists (Hinnant).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) || !(1900..=2200).contains(&year) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Takes a run of digits.
fn digits(bytes: &[u8], at: &mut usize) -> Option<(i64, usize)> {
    let start = *at;
    let mut value = 0_i64;
    while let Some(byte) = bytes.get(*at).filter(|byte| byte.is_ascii_digit()) {
        value = value.checked_mul(10)? + i64::from(byte - b'0');
        *at += 1;
    }
    (*at > start && *at - start <= 9).then_some((value, *at - start))
}

fn parts(bytes: &[u8]) -> Option<Parts> {
    let mut parts = Parts::default();
    let mut at = 0;
    for number in 0..3 {
        let (value, count) = digits(bytes, &mut at)?;
        parts.date[number] = value;
        if number != 1 {
            parts.digits[number / 2] = count;
        }
        if number < 2 {
            let separator = *bytes.get(at).filter(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
            parts.separator = separator;
            at += 1;
        }
    }
    parts.seconds = time(bytes, &mut at)?;
    let rest = bytes[at..].trim_ascii();
    parts.offset = match rest {
        [] => None,
        [b'Z' | b'z'] | b"UTC" => Some(0),
        _ => Some(i64::from(fixed_offset(std::str::from_utf8(rest).ok()?)?)),
    };
    Some(parts)
}

/// Seconds of the day; midnight where there is no time.
fn time(bytes: &[u8], at: &mut usize) -> Option<i64> {
    while bytes.get(*at).is_some_and(|byte| matches!(byte, b' ' | b'T' | b't')) {
        *at += 1;
    }
    if *at >= bytes.len() {
        return Some(0);
    }
    let (mut hour, _) = digits(bytes, at)?;
    let (mut minute, mut second) = (0, 0);
    if bytes.get(*at) == Some(&b':') || bytes.get(*at) == Some(&b'h') {
        *at += 1;
        minute = digits(bytes, at)?.0;
        if bytes.get(*at) == Some(&b':') {
            *at += 1;
            second = digits(bytes, at)?.0;
            if matches!(bytes.get(*at), Some(b'.' | b',')) {
                *at += 1;
                let _ = digits(bytes, at)?;
            }
        }
    }
    let rest = bytes[*at..].trim_ascii_start();
    let (before_noon, after_noon) = (starts(rest, b"am"), starts(rest, b"pm"));
    if before_noon || after_noon {
        *at = bytes.len() - rest.len() + 2;
        hour = hour % 12 + if after_noon { 12 } else { 0 };
    }
    let sound = hour < 24 && minute < 60 && second <= 60;
    sound.then_some(hour * 3600 + minute * 60 + second)
}

fn starts(bytes: &[u8], word: &[u8]) -> bool {
    bytes.len() >= word.len() && bytes[..word.len()].eq_ignore_ascii_case(word)
}
