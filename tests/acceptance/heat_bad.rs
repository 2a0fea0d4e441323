//! Networks as they come: each thing that is wrong is named, with what can still be done.

use crate::harness::{Ran, ilot, text};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A sheet and readings of some stations over four days in July 2022.
struct Network {
    folder: TempDir,
    sheet: String,
    readings: String,
}

/// A day's wave, warmer in each further station.
fn air(station: usize, hour: usize) -> f64 {
    20.0 + 5.0 * ((hour as f64 - 15.0) / 3.82).cos() + 0.3 * station as f64
}

impl Network {
    fn new() -> Network {
        Network {
            folder: TempDir::new().unwrap(),
            sheet: "id,latitude,longitude,altitude,reference\n".to_owned(),
            readings: "station,time,value\n".to_owned(),
        }
    }

    /// So many stations, a kilometre apart, of which the first two are rural.
    fn of(count: usize) -> Network {
        let mut network = Network::new();
        for number in 0..count {
            let place = (48.10 + 0.009 * (number % 3) as f64, -1.25 + 0.013 * (number / 3) as f64);
            network.station(&format!("S{number}"), place, number < 2, |hour| Some(air(number, hour)));
        }
        network
    }

    fn station(
        &mut self,
        name: &str,
        (latitude, longitude): (f64, f64),
        rural: bool,
        value: impl Fn(usize) -> Option<f64>,
    ) {
        let reference = if rural { "yes" } else { "no" };
        self.sheet += &format!("{name},{latitude},{longitude},80,{reference}\n");
        for (hour, value) in (0..96).filter_map(|hour| Some((hour, value(hour)?))) {
            let (day, clock) = (8 + hour / 24, hour % 24);
            self.readings += &format!("{name},2022-07-{day:02}T{clock:02}:00Z,{value:.2}\n");
        }
    }

    fn write(&self) -> (PathBuf, PathBuf) {
        let (sheet, readings) =
            (self.folder.path().join("sheet.csv"), self.folder.path().join("readings.csv"));
        std::fs::write(&sheet, &self.sheet).unwrap();
        std::fs::write(&readings, &self.readings).unwrap();
        (sheet, readings)
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn sensors(&self, more: &[&str]) -> Ran {
        let ((sheet, readings), out) = (self.write(), self.out());
        let words = ["sensors", text(&readings), "--stations", text(&sheet), "--out", text(&out)];
        ilot(&[&words[..], more].concat())
    }

    fn heat(&self, more: &[&str]) -> Ran {
        let ((sheet, readings), out) = (self.write(), self.out());
        let words = ["heat", "--readings", text(&readings), "--stations", text(&sheet), "--out", text(&out)];
        ilot(&[&words[..], more].concat())
    }
}

fn assert_told(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.err);
    for words in words {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

fn there(path: &Path, names: &[&str]) {
    for name in names {
        assert!(path.join(name).exists(), "{name}");
    }
}

const RESULTS: &[&str] = &["sensors.html", "stations.csv", "readings_flags.csv"];

#[test]
fn two_stations_at_one_place_are_named_and_the_others_go_on() {
    let mut network = Network::of(6);
    network.station("twin", (48.10, -1.25), false, |hour| Some(air(0, hour) + 0.1));
    assert_told(&network.sensors(&[]), 0, &["twin: at the same place as S0"]);
    there(&network.out(), RESULTS);
    assert_told(&network.heat(&[]), 0, &["twin: at the same place as S0"]);
}

#[test]
fn a_station_in_the_ocean_is_left_out_by_name() {
    let mut network = Network::of(6);
    network.station("buoy", (47.0, -9.0), false, |hour| Some(air(1, hour)));
    assert_told(&network.sensors(&[]), 0, &["buoy is left out", "more than 100 km"]);
    there(&network.out(), RESULTS);
}

#[test]
fn latitude_and_longitude_exchanged_are_told_for_one_and_for_all() {
    let mut network = Network::of(6);
    network.station("turned", (-1.25, 48.10), false, |hour| Some(air(1, hour)));
    assert_told(&network.sensors(&[]), 0, &["turned is left out", "seem exchanged"]);
    let mut network = Network::new();
    for number in 0..4 {
        network.station(&format!("S{number}"), (-1.25, 48.1), false, |hour| Some(air(number, hour)));
    }
    assert_told(&network.sensors(&[]), 2, &["seem exchanged for all", "--station-columns"]);
}

#[test]
fn fahrenheit_is_refused_until_it_is_said() {
    let mut network = Network::new();
    for number in 0..4 {
        let place = (48.1 + 0.01 * number as f64, -1.25);
        network
            .station(&format!("S{number}"), place, number < 2, |hour| Some(air(number, hour) * 1.8 + 32.0));
    }
    assert_told(&network.sensors(&[]), 2, &["no degrees Celsius", "--unit fahrenheit"]);
    assert_told(&network.sensors(&["--unit", "fahrenheit"]), 0, &["4 stations"]);
    there(&network.out(), RESULTS);
}

#[test]
fn a_constant_sensor_is_named_and_set_aside() {
    let mut network = Network::of(6);
    network.station("stuck", (48.12, -1.23), false, |_| Some(21.0));
    assert_told(&network.sensors(&[]), 0, &["stuck: all readings are one value"]);
    there(&network.out(), RESULTS);
}

#[test]
fn three_stations_have_indicators_and_a_mean_but_no_map() {
    let network = Network::of(3);
    assert_told(&network.sensors(&[]), 0, &["3 stations"]);
    let ran = network.heat(&[]);
    assert_told(&ran, 0, &["night: 3 stations", "no covariate explains", "NO better than a simple way"]);
    there(&network.out(), &["heat.html", "stations.csv"]);
    assert!(!network.out().join("heat_night.vrt").exists());
}

#[test]
fn no_rural_reference_is_said_with_the_baseline_that_takes_its_place() {
    let mut network = Network::new();
    for number in 0..6 {
        let place = (48.1 + 0.01 * number as f64, -1.25);
        network.station(&format!("S{number}"), place, false, |hour| Some(air(number, hour)));
    }
    let ran = network.sensors(&[]);
    assert_told(&ran, 0, &["no rural reference", "network's median", "--reference"]);
    assert_told(&network.sensors(&["--reference", "S9"]), 2, &["--reference S9"]);
}

#[test]
fn nights_that_are_all_incomplete_leave_the_other_figures() {
    let mut network = Network::new();
    for number in 0..6 {
        let place = (48.1 + 0.01 * number as f64, -1.25);
        let by_day = |hour: usize| ((8..18).contains(&(hour % 24))).then(|| air(number, hour));
        network.station(&format!("S{number}"), place, number < 2, by_day);
    }
    assert_told(&network.sensors(&[]), 0, &["no complete night"]);
    there(&network.out(), RESULTS);
    let ran = network.heat(&[]);
    assert_told(&ran, 0, &["night: 0 usable stations"]);
}

/// Names and surroundings come from files: they are text on the pages, never markup.
#[test]
fn what_a_file_says_is_no_markup_on_a_page() {
    let mut network = Network::of(5);
    network.sheet = network.sheet.replace("reference\n", "reference,environment\n");
    network.station("<script>x</script>", (48.12, -1.23), false, |hour| Some(air(1, hour)));
    network.sheet = network.sheet.trim_end().to_owned() + ",<b>court</b>\n";
    assert_told(&network.sensors(&[]), 0, &["6 stations"]);
    let page = std::fs::read_to_string(network.out().join("sensors.html")).unwrap();
    assert!(!page.contains("<script>") && !page.contains("<b>court"));
    assert!(page.contains("&lt;script&gt;") && page.contains("&lt;b&gt;court"));
}

/// Six windy, overcast nights: the sensor that is 0.8 K too warm is named, nothing is changed; without weather that is said.
#[test]
fn windy_overcast_nights_show_who_is_out_of_true() {
    let mut network = Network::new();
    let mut weather = String::from("instant_utc,vent,nebulosite\n");
    network.readings = "station,time,value\n".to_owned();
    for number in 0..6 {
        let (latitude, longitude) = (48.1 + 0.01 * number as f64, -1.25);
        network.sheet +=
            &format!("S{number},{latitude},{longitude},80,{}\n", if number < 2 { "yes" } else { "no" });
        let warm = if number == 4 { 0.8 } else { 0.0 };
        for hour in 0..168 {
            let value = air(0, hour) + warm + 0.02 * ((hour * 7 + number * 3) % 5) as f64;
            network.readings +=
                &format!("S{number},2022-07-{:02}T{:02}:00Z,{value:.2}\n", 8 + hour / 24, hour % 24);
        }
    }
    for hour in 0..168 {
        weather += &format!("2022-07-{:02}T{:02}:00Z,6.5,8\n", 8 + hour / 24, hour % 24);
    }
    let path = network.folder.path().join("weather.csv");
    std::fs::write(&path, &weather).unwrap();
    assert_told(&network.sensors(&[]), 0, &["without weather"]);
    let ran = network.sensors(&["--weather", text(&path)]);
    assert_told(&ran, 0, &["S4: differs by 0.80 K in the 6 windy", "nothing is corrected"]);
    assert!(!ran.err.contains("S3: differs"), "{}", ran.err);
    std::fs::write(&path, weather.replace("vent,", "v,")).unwrap();
    assert_told(&network.sensors(&["--weather", text(&path)]), 2, &["no column of wind"]);
    std::fs::write(&path, weather.replace("nebulosite", "x")).unwrap();
    assert_told(&network.sensors(&["--weather", text(&path)]), 0, &["no column of cloudiness"]);
}
