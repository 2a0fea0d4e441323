//! Readings and sheets as they come.

use super::sheet::Sheet;
use super::*;
use std::collections::HashMap;
use tempfile::TempDir;

fn gathered(name: &str, text: &str, reading: &Reading) -> Result<Gathered, Fault> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let mut gathered = Gathered::default();
    gathered.read(&path, reading).map(|()| gathered)
}

fn in_zone(words: &str) -> Reading {
    Reading { zone: Some(zone(words).unwrap()), ..Reading::default() }
}

fn series(gathered: Gathered) -> Series {
    gathered.into_series(None).unwrap().unwrap()
}

#[test]
fn a_long_table_with_decimal_commas_and_a_wide_one_give_the_same_series() {
    let long = "capteur;date_heure;température\nA;08/07/2022 02:00;20,5\nB;08/07/2022 02:00;21,0\nA;28/07/2022 03:00;19,25\n";
    let wide =
        "time (UTC),A,B,gap,\n2022-07-08 00:00:00+00:00,20.5,21.0,,\n2022-07-28 01:00:00+00:00,19.25,,,\n";
    let (long, wide) = (
        gathered("a.csv", long, &in_zone("Europe/Paris")).unwrap(),
        gathered("b.csv", wide, &Reading::default()).unwrap(),
    );
    assert_eq!(wide.empty, ["gap"]);
    let (long, wide) = (series(long), series(wide));
    assert_eq!((long.step, long.first, long.steps), (3600, 1_657_238_400, 482));
    assert_eq!(long.stations[0].1[0], 20.5);
    assert_eq!(long.stations[0].1[481], 19.25);
    assert_eq!(format!("{:?}", long.stations), format!("{:?}", &wide.stations[..2]));
}

#[test]
fn the_doubled_and_the_missing_hour_are_counted_and_an_offset_tells_them_apart() {
    let paris = in_zone("Europe/Paris");
    let text = "station,time,value\nA,2022-10-30 01:30,1\nA,2022-10-30 02:30,2\nA,2022-10-30 03:30,3\nA,2022-03-27 02:30,4\nA,2022-10-30T02:30:00+01:00,5\n";
    let found = gathered("a.csv", text, &paris).unwrap();
    assert_eq!((found.tally.readings, found.tally.twice, found.tally.never), (3, 1, 1));
    let utc = gathered(
        "a.csv",
        "station,time,value\nA,2022-10-29T23:30Z,1\nA,2022-10-30T01:30Z,5\nA,2022-10-30T02:30Z,3\n",
        &paris,
    );
    assert_eq!(format!("{:?}", series(found).stations), format!("{:?}", series(utc.unwrap()).stations));
}

#[test]
fn what_nothing_settles_is_asked_for() {
    let no_zone = gathered("a.csv", "station,time,value\nA,2022-07-08 00:00,1\n", &Reading::default());
    assert!(no_zone.unwrap_err().0.en.contains("give --zone"));
    let either = "station,time,value\nA,08/07/2022 00:00,1\nA,09/07/2022 00:00,1\n";
    assert!(gathered("a.csv", either, &in_zone("UTC")).unwrap_err().0.en.contains("--dates"));
    let chosen = Reading { order: Some(DateOrder::MonthFirst), ..in_zone("UTC") };
    assert_eq!(series(gathered("a.csv", either, &chosen).unwrap()).first, 1_659_830_400);
}

#[test]
fn american_dates_with_half_days_and_second_headers_are_read() {
    let text = "Log Nr.;1;2;Validation;3\ndate, time UTC + 02:00;;;;\n07.30.18 06:00:00 AM;18,14;16.1;;1\n07.30.18 12:10:00 PM;18.2;16;;\n";
    let found = series(gathered("a.csv", text, &Reading::default()).unwrap());
    assert_eq!((found.step, found.first), (600, 1_532_923_200));
    assert_eq!(found.steps, 38);
    assert_eq!(found.stations[0].1[37], 18.2);
}

#[test]
fn the_order_of_rows_changes_no_bit() {
    let rows: Vec<String> = (0..500)
        .map(|i| format!("S{},2022-07-08T{:02}:{:02}Z,{}.{}", i % 7, i % 24, i % 60, i % 30, i % 997))
        .collect();
    let head = "station,time,value\n".to_owned();
    let one = gathered("a.csv", &(head.clone() + &rows.join("\n")), &Reading::default()).unwrap();
    let turned: Vec<String> = rows.iter().rev().cloned().collect();
    let other = gathered("a.csv", &(head + &turned.join("\n")), &Reading::default()).unwrap();
    assert_eq!(format!("{:?}", series(one)), format!("{:?}", series(other)));
}

#[test]
fn exports_in_json_are_read_by_their_fields() {
    let columns = [("station", "end.id"), ("instant", "received_at"), ("value", "object.temperature")];
    let columns: HashMap<String, String> = columns.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let text = "{\"end\":{\"id\":\"A\"},\"received_at\":\"2022-07-08T00:00:00.123Z\",\"object\":{\"temperature\":20.5}}\n\nbroken\n";
    let found = gathered("a.jsonl", text, &Reading { columns, ..Reading::default() }).unwrap();
    assert_eq!((found.tally.readings, found.tally.unreadable), (1, 1));
    assert_eq!(series(found).stations, [("A".to_owned(), vec![20.5])]);
}

#[test]
fn sensorthings_answers_are_read_in_their_three_shapes() {
    let nested = r#"{"value":[{"name":"A","Datastreams":[{"name":"air","Observations":[{"phenomenonTime":"2022-07-08T00:00:00Z","result":20.5}]}]}]}"#;
    let flat = r#"{"value":[{"phenomenonTime":"2022-07-08T00:00:00Z/2022-07-08T01:00:00Z","result":"20,5","Datastream":{"name":"air","Thing":{"name":"A"}}}]}"#;
    let rows = r#"{"value":[{"Thing":{"name":"A"},"name":"air","Observations":{"components":["phenomenonTime","result"],"dataArray":[["2022-07-08T00:00:00Z",20.5]]}}]}"#;
    for text in [nested, flat, rows] {
        let found = gathered("a.json", text, &Reading::default()).unwrap();
        assert_eq!(series(found).stations, [("A".to_owned(), vec![20.5])], "{text}");
    }
    assert!(gathered("a.json", "{}", &Reading::default()).is_err());
}

#[test]
fn units_are_brought_to_celsius() {
    let text = "station,time,value\nA,2022-07-08T00:00Z,68\n";
    let warm = Reading { unit: Unit::Fahrenheit, ..Reading::default() };
    assert_eq!(series(gathered("a.csv", text, &warm).unwrap()).stations[0].1[0], 20.0);
}

fn sheet(text: &str, crs: Option<&str>) -> Result<Sheet, Fault> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("stations.csv");
    std::fs::write(&path, text).unwrap();
    let crs = crs.map(|words| Crs::from_user(words).unwrap());
    sheet::read(&path, &sheet::Reading { crs, ..sheet::Reading::default() })
}

use crate::formats::crs::Crs;

#[test]
fn a_sheet_in_degrees_and_one_in_metres_agree() {
    let degrees = "id;latitude;longitude;altitude;reference\nA;48,1236;-1,2106;80;oui\nB;48.13;-1.2;90;non\n";
    let found = sheet(degrees, Some("EPSG:2154")).unwrap();
    assert!(found.entries[0].reference && !found.entries[1].reference);
    let (x, y) = (found.entries[0].x, found.entries[0].y);
    let metres = format!("id,x,y,altitude,canopy\nA,{x:.3},{y:.3},80,12.5\n");
    let again = sheet(&metres, Some("EPSG:2154")).unwrap();
    assert!((again.entries[0].longitude + 1.2106).abs() < 1e-6);
    assert_eq!(again.numbers.last().map(String::as_str), Some("canopy"));
    assert!(sheet(&metres, None).unwrap_err().0.en.contains("--crs"));
}

#[test]
fn positions_that_cannot_be_are_named() {
    let swapped = "id,latitude,longitude\nA,-1.2,48.1\nB,-1.3,48.2\n";
    assert!(sheet(swapped, None).unwrap_err().0.en.contains("exchanged"));
    let one = "id,latitude,longitude\nA,48.1,-1.2\nB,-1.3,48.2\nC,48.15,-1.25\nD,0,0\nA,48.1,-1.2\n";
    let found = sheet(one, None).unwrap();
    assert_eq!(found.entries.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["A", "C"]);
    assert_eq!(found.remarks.len(), 3, "{:?}", found.remarks);
}
