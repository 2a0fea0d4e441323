//! Whom a reader of published figures thanks, asks and may sue: licence, attribution, producer, contact.
//!
//! In: the section `[publish]` of a project, and the names of its clouds. Out: credits in which nothing is guessed: what
//! neither the project nor the inputs say is unknown. IGN publishes LiDAR HD under the Licence Ouverte 2.0 (Etalab), whose
//! terms are the source's name and the date of its last update. Fails where: clouds were renamed; the project then says it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What the published results say of their origin; what is not written here is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Licence of the results, such as `Licence Ouverte 2.0` or its SPDX code `etalab-2.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Line that maps show in their corner; else the source of the clouds, where their names tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    /// Who publishes the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
    /// Whom to write to: an e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// What is known of the origin of results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credits {
    /// As the project has it.
    #[serde(flatten)]
    pub section: Section,
    /// Whether all clouds are IGN's LiDAR HD, by their names.
    pub lidar_hd: bool,
}

impl Credits {
    /// From a project and its clouds, files or folders.
    pub fn of(section: Option<&Section>, clouds: &[PathBuf]) -> Credits {
        let files: Vec<PathBuf> = clouds.iter().flat_map(|path| inside(path)).collect();
        let lidar_hd = !files.is_empty() && files.iter().all(|path| is_lidar_hd(path));
        Credits { section: section.cloned().unwrap_or_default(), lidar_hd }
    }

    /// As the record of a run has them; none where it does not tell.
    pub fn of_run(run: &serde_json::Value) -> Option<Credits> {
        let credits = run["credits"].as_object()?;
        let said = |key: &str| credits.get(key).and_then(|it| it.as_str()).map(str::to_owned);
        let section = Section {
            licence: said("licence"),
            attribution: said("attribution"),
            producer: said("producer"),
            contact: said("contact"),
        };
        Some(Credits { section, lidar_hd: credits.get("lidar_hd")?.as_bool()? })
    }

    /// The SPDX code of the results' licence; `other` where it is not known or has none.
    pub fn spdx(&self) -> &str {
        match self.section.licence.as_deref().map(str::trim) {
            Some(words) if is_open(words) => OPEN,
            Some(words) if !words.is_empty() && words.chars().all(is_of_code) => words,
            _ => "other",
        }
    }

    /// That of the clouds.
    pub fn licence_of_clouds(&self) -> &str {
        if self.lidar_hd { OPEN } else { "other" }
    }

    /// Where the licence can be read, as a link of a catalogue.
    pub fn licence_links(&self) -> Option<serde_json::Value> {
        let open = self.lidar_hd || self.section.licence.as_deref().is_some_and(is_open);
        open.then(|| serde_json::json!({ "rel": "license", "href": OPEN_TEXT, "type": "text/html", "title": "Licence Ouverte 2.0" }))
    }

    /// The line for the corner of a map.
    pub fn attribution(&self) -> String {
        let source = self.lidar_hd.then_some("LiDAR HD © IGN, Licence Ouverte 2.0");
        let own = self.section.attribution.as_deref().or(source).map(str::to_owned);
        let producer = self.section.producer.clone().filter(|_| self.section.attribution.is_none());
        let made = concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned();
        own.into_iter().chain(producer).chain([made]).collect::<Vec<_>>().join(" · ")
    }
}

/// Etalab's Licence Ouverte 2.0.
const OPEN: &str = "etalab-2.0";

/// Where it can be read.
pub const OPEN_TEXT: &str = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/";

fn is_open(words: &str) -> bool {
    let words = words.to_lowercase();
    words.trim() == OPEN || (words.contains("licence ouverte") && words.contains('2'))
}

/// Letters of SPDX codes.
fn is_of_code(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-.+".contains(letter)
}

/// The clouds of a folder, or the cloud itself.
fn inside(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_cloud = |path: &PathBuf| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        ending.is_some_and(|ending| ending == "laz" || ending == "las")
    };
    entries.filter(is_cloud).collect()
}

/// IGN's names: `LHD_FXX_0771_6279_PTS_O_LAMB93_IGN69.copc.laz`.
fn is_lidar_hd(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    name.starts_with("LHD_") && name.contains("_PTS_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clouds_that_bear_its_name_are_credited_to_ign() {
        let ign = PathBuf::from("LHD_FXX_0771_6279_PTS_O_LAMB93_IGN69.copc.laz");
        assert!(Credits::of(None, std::slice::from_ref(&ign)).attribution().contains("IGN"));
        assert!(!Credits::of(None, &[ign, PathBuf::from("drone.laz")]).attribution().contains("IGN"));
        assert!(!Credits::of(None, &[]).lidar_hd);
    }

    #[test]
    fn what_the_project_says_comes_first() {
        let section = Section { attribution: Some("Ville de Laval".to_owned()), ..Section::default() };
        assert!(Credits::of(Some(&section), &[]).attribution().starts_with("Ville de Laval · ilot"));
    }
}
