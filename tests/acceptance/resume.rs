//! A run that is killed goes on where it was, to the same bytes; what is current is not made again.

use crate::harness::{command, surface, text, town_cloud};
use ilot::product::ELEVATION;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const WORDS: [&str; 4] = ["--tile-size", "40", "--max-edge", "20"];

/// All product files of a folder, with their bytes.
fn files(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for spec in ELEVATION {
        for entry in std::fs::read_dir(out.join(spec.name)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(out).unwrap().to_str().unwrap().to_owned();
            let _ = found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    let cloud = town_cloud();
    let start = std::time::Instant::now();
    assert_eq!(surface(std::slice::from_ref(&cloud), &whole, &WORDS).code, Some(0));
    let took = start.elapsed();
    for part in 1..=8 {
        let words = [&["surface", text(&cloud), "--out", text(&killed)], &WORDS[..]].concat();
        let mut child = command(&words).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(took.mul_f64(f64::from(part) / 9.0).max(Duration::from_millis(5)));
        let _ = child.kill();
        let _ = child.wait();
        for (name, bytes) in files(&killed) {
            // Whatever bears a final name is whole: it has the bytes of the undisturbed run.
            if !name.contains(".part") && name.ends_with(".tif") {
                assert!(files(&whole)[&name] == bytes, "{name} after a kill");
            }
        }
    }
    assert_eq!(surface(&[cloud], &killed, &WORDS).code, Some(0));
    let (whole, killed) = (files(&whole), files(&killed));
    assert_eq!(whole.keys().collect::<Vec<_>>(), killed.keys().collect::<Vec<_>>(), "nothing is left aside");
    assert!(whole == killed);
}

#[test]
fn what_is_current_is_not_made_again_and_what_changed_is() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let cloud = folder.path().join("cloud.laz");
    let _ = std::fs::copy(town_cloud(), &cloud).unwrap();
    let again = |words: &[&str]| surface(std::slice::from_ref(&cloud), &out, words).err;
    assert!(again(&[]).contains("1 tile made, 0 already current"));
    assert!(again(&[]).contains("0 tiles made, 1 already current"));
    assert!(again(&["--threads", "1"]).contains("0 tiles made, 1 already current"), "threads change nothing");
    assert!(again(&["--max-edge", "50"]).contains("1 tile made"), "a setting changed");
    let (reader, batch) = crate::harness::points_of(&town_cloud());
    crate::harness::write_part(&cloud, &reader, &batch, |x, _| x > reader.header().extent.west + 50.0);
    assert!(again(&["--max-edge", "50"]).contains("1 tile made"), "the cloud changed");
    let file = out.join("dtm/0379_6787.tif");
    std::fs::remove_file(&file).unwrap();
    assert!(again(&["--max-edge", "50"]).contains("1 tile made"), "a file is gone");
    let mut bytes = std::fs::read(&file).unwrap();
    let whole = bytes.clone();
    std::fs::write(&file, &whole).unwrap();
    assert!(
        again(&["--max-edge", "50"]).contains("0 tiles made, 1 already current"),
        "a copy of the same bytes"
    );
    let end = bytes.len() - 2000;
    bytes[end..end + 1000].fill(0);
    std::fs::write(&file, &bytes).unwrap();
    assert!(again(&["--max-edge", "50"]).contains("1 tile made"), "a file was damaged");
    assert!(std::fs::read(&file).unwrap() == whole);
}

#[test]
fn ctrl_c_ends_with_130_leaves_nothing_aside_and_can_be_gone_on_with() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let cloud = town_cloud();
    let words =
        [&["surface", text(&cloud), "--out", text(&out), "--tile-size", "10"], &["--max-edge", "20"][..]]
            .concat();
    let mut child = command(&words).stderr(std::process::Stdio::null()).spawn().unwrap();
    // As soon as the first tile is there, the run is well under way.
    while !std::fs::read_dir(out.join("dtm")).is_ok_and(|mut tiles| tiles.next().is_some()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be stopped");
        std::thread::sleep(Duration::from_millis(2));
    }
    let signal =
        std::process::Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(signal.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(files(&out).keys().all(|name| !name.ends_with(".part")));
    assert!(std::fs::read_to_string(out.join("run.json")).unwrap().contains("\"exit_code\": 130"));
    let again = command(&words).output().unwrap();
    assert_eq!(again.status.code(), Some(0));
    assert!(
        !String::from_utf8_lossy(&again.stderr).contains(" 0 already current"),
        "it went on where it was"
    );
}
