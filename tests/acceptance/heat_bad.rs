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
    assert_told(&network.sensors(&[]), 0, &["twin: at the same place as S0; both count"]);
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
    assert_told(&network.sensors(&[]), 0, &["stuck: all readings are one value; set aside, check its probe"]);
    there(&network.out(), RESULTS);
}

#[test]
fn three_stations_have_indicators_and_a_mean_but_no_map() {
    let network = Network::of(3);
    assert_told(&network.sensors(&[]), 0, &["3 stations"]);
    let ran = network.heat(&[]);
    assert_told(
        &ran,
        0,
        &["night: 3 stations", "no covariate explains", "nothing proves that the map adds anything"],
    );
    there(&network.out(), &["heat.html", "stations.csv"]);
    assert!(!network.out().join("heat_night.vrt").exists());
}

#[test]
fn maps_on_which_no_station_stands_are_refused() {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/town/truth/canopy.tif");
    let network = Network::of(8);
    let ran = network.heat(&["--crs", "EPSG:2154", "--covariates", text(&map)]);
    assert_told(&ran, 2, &["No station of", "lies on the maps"]);
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

/// Four stations in each of two Julys, four years apart, 36 more that only the header names: more steps than are looked at as
/// one. Each year has its folder and its rows; a period alone is one record; a map asks for one.
#[test]
fn a_long_record_is_looked_at_year_by_year() {
    let mut network = Network::new();
    let names: Vec<String> = (0..40).map(|number| format!("S{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        let place = (48.10 + 0.009 * (number % 7) as f64, -1.25 + 0.013 * (number / 7) as f64);
        network.station(name, place, number < 2, |_| None);
    }
    network.readings = format!("time_utc,{}\n", names.join(","));
    for year in [2020, 2024] {
        for step in 0..4 * 144 {
            let (day, hour, minute) = (8 + step / 144, step % 144 / 6, step % 6 * 10);
            let row = (0..4).map(|s| format!("{:.2}", air(s, step / 6) + 0.01 * (step % 6) as f64));
            let row: Vec<String> = row.chain((4..40).map(|_| String::new())).collect();
            network.readings += &format!("{year}-07-{day:02} {hour:02}:{minute:02},{}\n", row.join(","));
        }
    }
    let ran = network.sensors(&[]);
    assert_told(&ran, 0, &["2 periods", "--period"]);
    let folder = network.out();
    there(&folder, &["sensors.html", "2020/sensors.html", "2024/readings_flags.csv"]);
    assert!(!folder.join("2021").exists() && !ran.err.contains("no readings from"), "{}", ran.err);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let all = read("stations.csv");
    assert!(all.starts_with("station_id,period,faults"), "{all}");
    assert_eq!(all.lines().filter(|line| line.contains(",2020,")).count(), 40);
    assert_eq!(all.lines().filter(|line| line.contains(",2024,")).count(), 40);
    let of_2024 = read("2024/stations.csv");
    assert_told(&network.heat(&[]), 2, &["2020-07-08", "--period", "--step 60"]);
    let ran = network.sensors(&["--period", "2024-07-01/2024-07-31"]);
    assert_told(&ran, 0, &["2304 readings outside of the wanted period"]);
    assert_eq!(read("stations.csv"), of_2024);
    assert_told(&network.sensors(&["--period", "2024-07"]), 2, &["--period `2024-07` cannot be understood"]);
    assert_told(
        &network.sensors(&["--period", "2023-01-01/2023-02-01"]),
        2,
        &["outside of the wanted period"],
    );
}

#[test]
fn a_clock_that_began_in_1970_neither_fills_memory_nor_counts() {
    let mut network = Network::of(6);
    network.readings += "S3,1970-01-01T00:00Z,20.1\n";
    assert_told(&network.sensors(&[]), 0, &["1 readings of about the week of 19", "left out", "6 stations"]);
}

/// Rows twice, rows without a number, words for nothing: the same figures, and what was left out is counted.
#[test]
fn rows_twice_and_rows_of_nothing_change_no_figure() {
    let mut network = Network::of(6);
    assert_told(&network.sensors(&[]), 0, &[]);
    let figures = |network: &Network| std::fs::read_to_string(network.out().join("stations.csv")).unwrap();
    let plain = figures(&network);
    let twice: String = network.readings.lines().skip(1).map(|line| format!("{line}\n")).collect();
    network.readings += &twice;
    for (row, value) in ["NaN", "", "-9999", "null", "abc"].iter().enumerate() {
        network.readings += &format!("S1,2022-07-09T{row:02}:00Z,{value}\n");
    }
    network.readings += "S1,2022-13-45T99:00Z,20\nS1\n\n";
    assert_told(&network.sensors(&[]), 0, &["3 readings that cannot be read"]);
    assert_eq!(figures(&network), plain);
}

/// Readings packed by gzip, whatever their name, give the tables of plain ones.
#[test]
fn packed_readings_give_what_plain_ones_give() {
    let network = Network::of(6);
    let (sheet, readings) = network.write();
    let plain = network.sensors(&[]);
    assert_eq!(plain.code, Some(0), "{}", plain.err);
    let figures = |out: &Path| std::fs::read(out.join("stations.csv")).unwrap();
    for name in ["readings.csv.gz", "packed.csv"] {
        let path = network.folder.path().join(name);
        let file = std::fs::File::create(&path).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        std::io::copy(&mut std::fs::File::open(&readings).unwrap(), &mut packer).unwrap();
        let _ = packer.finish().unwrap();
        let out = network.folder.path().join("unpacked");
        let ran = ilot(&["sensors", text(&path), "--stations", text(&sheet), "--out", text(&out)]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(figures(&out), figures(&network.out()));
    }
}

#[test]
fn files_that_are_no_table_are_named_with_what_to_do() {
    let network = Network::of(4);
    let (sheet, _) = network.write();
    let cases: [(&str, &[u8], &str); 6] = [
        ("r.csv.zst", b"\x28\xb5\x2f\xfd\0\0", "is compressed: unpack it first"),
        ("r.csv.gz", b"\x1f\x8b\x08\0\0\0", "cannot be read"),
        ("r.xlsx", b"PK\x03\x04\0\0\0\0", "save it as CSV"),
        ("r.csv", b"", "cannot be told among"),
        ("r2.csv", b"station,time,value\n", "not one reading can be read"),
        ("r.parquet", b"PAR1", "export it as CSV"),
    ];
    for (name, bytes, words) in cases {
        let path = network.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let out = network.out();
        let ran = ilot(&["sensors", text(&path), "--stations", text(&sheet), "--out", text(&out)]);
        assert_told(&ran, 2, &[words]);
        assert_eq!(ran.err.trim().lines().count(), 1, "{}", ran.err);
    }
}
