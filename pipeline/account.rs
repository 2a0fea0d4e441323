//! A folder of results → which of its files are of the results that stand, and which other runs have left there.
//!
//! A folder outlives the project that made it: a section is dropped, a layer no longer asked for, and the old files stay
//! beside new maps that contradict them. One rule decides what is published: **a file counts where the run's own record
//! names it, or where a command given by itself has noted that it made it, from inputs that are still what they were.**
//! All else is left out and named. In: `run.json` (of a run at work, `.ilot/inputs.json`) and `.ilot/commands.json`, in
//! which `ilot sky`, `ilot tiles` and their like note what they made and from what. Out: whether a path counts.
//!
//! Names stand for files: `heat_zones` for its table, its layers and their styles, `dtm` for the folder of its tiles too.
//! A folder without the record of a run is taken whole, but for what is known to be old. Inputs outside of the folder
//! that are gone contradict nothing. Fails where: nothing; a record that cannot be read counts as none. Cost: the time to
//! look at the inputs of commands, hashed again only where size or instant changed.

use crate::product::median;
use crate::report::{FINISHED, LayerRecord, Report, recorded};
use crate::store::{Store, files_of, hash_file, is_same, stamp};
use crate::text;
use crate::text::{Fault, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What commands have noted, in ilot's own folder.
const COMMANDS: &str = "commands.json";

/// Folders of which each file has a name of its own.
const SHARED: [&str; 5] = ["pmtiles", "tileset", "sensors", "report", "metadata"];

/// What the publication itself writes, anew with each run.
const PUBLISHED: [&str; 5] = ["index", "report", "catalog", "ilot", "metadata/catalogue"];

/// Endings of what is published.
const ENDINGS: [&str; 9] =
    [".vrt", ".gpkg", ".geojson", ".csv", ".html", ".jsonl", ".pmtiles", "tileset.json", "_nights.json"];

/// One input as it was when a command read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    /// Below the folder of results where it lies there, else whole.
    path: PathBuf,
    bytes: u64,
    instant: u64,
    sha256: String,
}

/// What a command made, and from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    command: String,
    made: BTreeSet<String>,
    inputs: Vec<Part>,
}

/// What of a folder counts.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// What the run's record names; none where there is no run.
    own: Option<BTreeSet<String>>,
    current: BTreeSet<String>,
    old: BTreeSet<String>,
    /// Whether maps of warmth are against the network's median, no rural reference being sound.
    median: bool,
}

impl Account {
    /// Looks at a folder; `record` is that of a finished run or of one at work.
    pub fn read(out: &Path, record: &str) -> Account {
        let run = recorded(out, record);
        let (current, old): (Vec<Note>, Vec<Note>) =
            notes(out).into_iter().partition(|note| note.inputs.iter().all(|part| part.is_same(out)));
        let names = |notes: Vec<Note>| notes.into_iter().flat_map(|note| note.made).collect();
        Account { own: own(&run), current: names(current), old: names(old), median: is_median(out) }
    }

    /// A text as it is to be published: warmth against what it was measured against.
    pub fn told(&self, text: String) -> String {
        if self.median { median::told(&text) } else { text }
    }

    /// What commands alone have made there from inputs that still are what they were: nothing of any run.
    pub fn beside(out: &Path) -> Account {
        Account { own: Some(BTreeSet::new()), ..Account::read(out, FINISHED) }
    }

    /// Whether a file of the folder, by its path in it, belongs to what stands.
    pub fn holds(&self, path: &str) -> bool {
        let name = name_of(path);
        let subject = name.strip_prefix("metadata/").unwrap_or(&name);
        let has = |names: &BTreeSet<String>| names.contains(subject);
        let published = PUBLISHED.contains(&name.as_str());
        match &self.own {
            Some(own) => published || has(own) || has(&self.current),
            None => published || has(&self.current) || !has(&self.old),
        }
    }

    /// Names of what lies in the folder and does not count, in order.
    pub fn others(&self, out: &Path) -> Vec<String> {
        let mut names = BTreeSet::new();
        for folder in ["", "pmtiles", "tileset", "sensors", "report"] {
            for entry in std::fs::read_dir(out.join(folder)).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let shown = ENDINGS.iter().any(|ending| path.ends_with(ending)) && !path.starts_with('.');
                if shown && !self.holds(&path) {
                    let _ = names.insert(name_of(&path));
                }
            }
        }
        // An archive is told with what it is of.
        let told = |name: &String| {
            name.strip_prefix("pmtiles/").is_none_or(|of| {
                let own = of.rsplit_once('-').map_or(of, |(own, _)| own);
                !names.contains(of) && !names.contains(own)
            })
        };
        names.iter().filter(|name| told(name)).cloned().collect()
    }
}

/// Whether the maps of warmth in a folder are against the network's median.
pub fn is_median(out: &Path) -> bool {
    let maps = ["heat_night.vrt", "heat_day.vrt"];
    maps.iter().any(|name| std::fs::read_to_string(out.join(name)).is_ok_and(|vrt| median::is_median(&vrt)))
}

/// Whether the folder holds the record of a run, not of a single command.
pub fn is_of_run(out: &Path) -> bool {
    own(&recorded(out, FINISHED)).is_some()
}

/// Notes what a command given by itself has made in a folder of ours, and from what.
///
/// # Errors
/// Where the folder cannot be written.
pub fn note(out: &Path, command: &str, made: &[String], inputs: &[PathBuf]) -> Result<(), Fault> {
    if !out.join(".ilot").is_dir() {
        return Ok(());
    }
    let made: BTreeSet<String> = made.iter().map(|path| name_of(path)).collect();
    let mut all = notes(out);
    all.iter_mut().for_each(|note| note.made.retain(|name| !made.contains(name)));
    all.retain(|note| !note.made.is_empty());
    let mut files: Vec<PathBuf> = inputs.iter().flat_map(|path| files_of(path)).collect();
    files.extend(files.clone().iter().flat_map(|path| crate::measures::survey::sources_of(path)));
    files.sort();
    files.dedup();
    let inputs = files.iter().filter_map(|path| Part::of(out, path)).collect();
    all.push(Note { command: command.to_owned(), made, inputs });
    let text = serde_json::to_string_pretty(&all).expect("strings and numbers");
    Store::open(out)?.write_own(COMMANDS, text.as_bytes())
}

/// What a run at work has made so far, as its record will have it.
pub fn running(report: &Report, products: &[Value], crs: Option<&str>) -> Value {
    json!({
        "inputs": report.inputs,
        "settings": { "crs_flag": crs },
        "products": products,
        "layers": report.layers.iter().map(|LayerRecord { layer, .. }| json!({ "layer": layer })).collect::<Vec<_>>(),
        "measures": report.measures.iter().map(crate::report::measure_json).collect::<Vec<_>>(),
    })
}

/// What is said of what was left out; `tiles` are tiles of other plans.
pub fn remark(names: &[String], tiles: usize) -> Option<Text> {
    const NAMED: usize = 12;
    if names.is_empty() && tiles == 0 {
        return None;
    }
    let (more, some) = (names.len().saturating_sub(NAMED), names[..names.len().min(NAMED)].join(", "));
    let rest = if more > 0 { format!(", … (+{more})") } else { String::new() };
    let some = if some.is_empty() { "–".to_owned() } else { some };
    Some(text!(
        fr: "le dossier garde des résultats d'autres calculs, que celui-ci n'a pas faits : tuiles {tiles}, produits {some}{rest} ; ni page, ni rapport, ni catalogue ne les montrent : remettez leur section (ou refaites-les par leur commande) pour les avoir à jour, sinon supprimez-les",
        en: "the folder keeps results of other runs, which this one has not made: tiles {tiles}, products {some}{rest}; neither page nor report nor catalogue show them: put their section back (or make them again by their command) to have them up to date, else delete them",
    ))
}

/// The names in the record of a run; none where it is not that of a run.
fn own(run: &Value) -> Option<BTreeSet<String>> {
    let products = run["products"].as_array().filter(|_| run["command"].is_null())?.iter();
    let made = products.filter(|product| product["tiles"].as_u64().is_some_and(|tiles| tiles > 0));
    let layers = run["layers"].as_array().into_iter().flatten().map(|layer| &layer["layer"]);
    let measures = run["measures"].as_array().into_iter().flatten();
    let files = measures.flat_map(|measure| measure["record"]["files"].as_array().into_iter().flatten());
    let all = made.map(|product| &product["name"]).chain(layers).chain(files.map(|file| &file[0]));
    Some(all.filter_map(Value::as_str).map(name_of).collect())
}

/// What a file is called, whatever its ending: `heat_zones`, `pmtiles/dtm`.
fn name_of(path: &str) -> String {
    let mut parts = path.split('/');
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(second) if SHARED.contains(&first) => format!("{first}/{}", stem(second)),
        Some(_) => first.to_owned(),
        None => stem(first).to_owned(),
    }
}

fn stem(name: &str) -> &str {
    let name = name.strip_suffix(".schema.json").unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn notes(out: &Path) -> Vec<Note> {
    serde_json::from_value(recorded(out, &format!(".ilot/{COMMANDS}"))).unwrap_or_default()
}

impl Part {
    /// A file as it is now; none where it cannot be read.
    fn of(out: &Path, path: &Path) -> Option<Part> {
        let (bytes, instant) = stamp(path)?;
        let whole = path.canonicalize().ok()?;
        let inside = whole.strip_prefix(out.canonicalize().ok()?).map(Path::to_owned);
        let sha256 = hash_file(path).ok()?;
        Some(Part { path: inside.unwrap_or(whole), bytes, instant: instant.try_into().ok()?, sha256 })
    }

    /// Whether it is what it was; what lies elsewhere and is gone is not known to have changed.
    fn is_same(&self, out: &Path) -> bool {
        let path = out.join(&self.path);
        match stamp(&path) {
            Some(_) => is_same(&path, self.bytes, Some(self.instant), &self.sha256),
            None => self.path.is_absolute(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_all_files_of_a_result() {
        for (path, name) in [
            ("dtm/0379_6787.tif", "dtm"),
            ("dtm.vrt", "dtm"),
            ("heat_zones.csv.schema.json", "heat_zones"),
            ("heat_zones.geojson", "heat_zones"),
            ("buildings.city.jsonl", "buildings.city"),
            ("pmtiles/dtm.pmtiles", "pmtiles/dtm"),
            ("pmtiles/heat_nights/20220712T210000Z.pmtiles", "pmtiles/heat_nights"),
            ("tileset/buildings/0379_6787/tileset.json", "tileset/buildings"),
        ] {
            assert_eq!(name_of(path), name);
        }
    }

    #[test]
    fn what_no_record_names_is_left_out_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let put = |name: &str, text: &str| std::fs::write(out.join(name), text).unwrap();
        for name in ["dtm.vrt", "heat_zones.csv", "heat_zones.gpkg", "sky_view.vrt", "run.json"] {
            put(name, "");
        }
        assert!(Account::read(out, FINISHED).holds("heat_zones.csv"), "without a run, all is taken");
        put("run.json", r#"{ "products": [{ "name": "dtm", "tiles": 1 }, { "name": "chm", "tiles": 0 }] }"#);
        let account = Account::read(out, FINISHED);
        assert!(
            account.holds("dtm/a.tif") && account.holds("metadata/dtm.xml") && account.holds("index.html")
        );
        assert!(!account.holds("chm.vrt") && !account.holds("metadata/chm.xml"));
        assert_eq!(account.others(out), ["heat_zones", "sky_view"]);
        assert!(remark(&[], 0).is_none() && remark(&account.others(out), 0).is_some());
    }

    #[test]
    fn what_a_command_made_counts_until_its_inputs_change() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        std::fs::create_dir(out.join(".ilot")).unwrap();
        std::fs::write(out.join("run.json"), r#"{ "products": [] }"#).unwrap();
        std::fs::write(out.join("dsm.vrt"), "one").unwrap();
        note(out, "sky", &["sky_view/a.tif".to_owned()], &[out.join("dsm.vrt")]).unwrap();
        let holds = || Account::read(out, FINISHED).holds("sky_view.vrt");
        assert!(holds());
        std::fs::write(out.join("dsm.vrt"), "two").unwrap();
        assert!(!holds());
        std::fs::write(out.join("dsm.vrt"), "one").unwrap();
        assert!(holds(), "the same bytes again");
    }
}
