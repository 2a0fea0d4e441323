//! What land cover must know before the first tile: brightness of the ground, images, maps of others.

use super::brightness;
use super::drawn::{Shapes, unread};
use super::ortho::Images;
use super::settings::Found;
use crate::cloud::catalogue::Catalogue;
use crate::project::Settings;
use crate::store::hash_file;
use crate::text::{Fault, Text};
use std::sync::Arc;

/// Finds out what the stages of land cover need, into the settings; returns what a user should know.
///
/// # Errors
/// Where an image or a map cannot be read or lies elsewhere.
pub fn prepare(settings: &mut Settings, catalogue: &Catalogue) -> Result<Vec<Text>, Fault> {
    let footprints = settings.footprints.clone();
    let Some(cover) = &mut settings.cover else { return Ok(Vec::new()) };
    let (bright, mut remarks) = brightness::of(catalogue, cover.intensity);
    let images = if cover.irc.is_empty() {
        None
    } else {
        Some(Images::open(&cover.irc, cover.ndvi, &catalogue.crs, &catalogue.extent, &mut remarks)?)
    };
    let shapes = Shapes::read(
        footprints.as_deref(),
        cover.roads.as_deref(),
        &catalogue.crs,
        &catalogue.extent,
        &mut remarks,
    )?;
    let mut files = Vec::new();
    for path in cover.irc.iter().chain(&cover.roads).chain(&footprints) {
        let hash = hash_file(path).map_err(|why| unread(path, &why))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, hash));
    }
    cover.found = Arc::new(Found { brightness: bright, images, shapes, files });
    Ok(remarks)
}
