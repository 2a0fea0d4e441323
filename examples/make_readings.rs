//! Writes many readings as CSV, to try `ilot sensors` on: `make_readings ROWS STATIONS SHEET > readings.csv`.
//!
//! One reading a minute and station, in order of time, from 1 January 2015 UTC; the sheet is written beside. Needs nothing
//! but the standard library: `rustc -O examples/make_readings.rs`.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let number =
        |place: usize, otherwise: usize| words.get(place).and_then(|w| w.parse().ok()).unwrap_or(otherwise);
    let (rows, stations) = (number(1, 1_000_000), number(2, 33));
    let mut sheet = String::from("id,latitude,longitude,altitude,reference\n");
    for k in 0..stations {
        let (a, b) = ((k * 7 % stations) as f64, (k * 5 % stations) as f64);
        let reference = if k < 2 { "yes" } else { "no" };
        let _ =
            writeln!(sheet, "S{k:03},{:.5},{:.5},{},{reference}", 48.1 + a * 1e-3, -1.2 + b * 1e-3, 80 + k);
    }
    std::fs::write(words.get(3).map_or("sheet.csv", String::as_str), sheet)?;
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    writeln!(out, "station,instant_utc,temperature_c")?;
    let mut line = String::new();
    for row in 0..rows {
        let (minute, k) = (row / stations, row % stations);
        let (day, rest) = (minute / 1440, minute % 1440);
        let (year, month, date) = civil(day as i64 + 16_436);
        let angle = (rest as f64 - 900.0) / 1440.0 * std::f64::consts::TAU;
        let noise = (row.wrapping_mul(2_654_435_761) >> 7 & 255) as f64 / 512.0;
        let air = 15.0 + 6.0 * angle.cos() + 0.05 * k as f64 + noise;
        line.clear();
        let (hour, minute) = (rest / 60, rest % 60);
        let _ = writeln!(line, "S{k:03},{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:00Z,{air:.2}");
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// Days since 1970-01-01 as year, month, day (Hinnant).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}
