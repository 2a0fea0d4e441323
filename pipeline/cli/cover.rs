//! `ilot cover CLOUD… --out DIR`: what covers the ground, without a project file.

use super::run::{execute, machine_flags};
use crate::landcover::settings::Section;
use crate::product::{BUILDINGS, COVER, LAND, NDVI, TREES, VECTORS};
use crate::project::Project;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// Makes land cover, and the figures of the zones where some are given.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    execute(&project(words), Path::new(""), None, json)
}

/// The project that the flags describe.
fn project(words: &ArgMatches) -> Project {
    let mut project = Project::default();
    let text = |name: &str| words.get_one::<String>(name).cloned();
    let path = |name: &str| words.get_one::<PathBuf>(name).cloned();
    let paths = |name: &str| words.get_many::<PathBuf>(name).into_iter().flatten().cloned().collect();
    let section = Section::default();
    let number = |name: &str, usual: f64| words.get_one::<f64>(name).copied().unwrap_or(usual);
    let section = Section {
        irc: paths("irc"),
        roads: path("roads"),
        zones: path("zones"),
        zones_layer: text("zones-layer"),
        copernicus: section.copernicus,
        shrub: number("shrub", section.shrub),
        tree: number("tree", section.tree),
        intensity: words.get_one::<f64>("intensity").copied(),
        ndvi: words.get_one::<f64>("ndvi").copied(),
    };
    project.input.lidar = paths("clouds");
    project.input.crs = text("crs");
    project.input.buildings = path("buildings");
    project.output.dir = path("out").expect("the grammar asks for it");
    project.output.products = match text("products") {
        Some(list) => list.split(',').map(|name| name.trim().to_owned()).collect(),
        None => {
            let green = !section.irc.is_empty();
            let made = LAND.iter().filter(|spec| green || spec.name != NDVI.spec.name);
            let layers = VECTORS.iter().map(|layer| layer.name);
            made.map(|spec| spec.name).chain(layers).map(str::to_owned).collect()
        }
    };
    // The figures of zones are read off the map and off the trees; footprints are compared with the buildings.
    let needed = [
        (section.zones.is_some(), COVER.spec.name),
        (section.zones.is_some(), TREES.name),
        (project.input.buildings.is_some(), BUILDINGS.name),
    ];
    for (_, name) in needed.into_iter().filter(|(needed, _)| *needed) {
        if !project.output.products.iter().any(|product| product == name) {
            project.output.products.push(name.to_owned());
        }
    }
    project.output.tile_size = number("tile-size", project.output.tile_size);
    project.cover = Some(section);
    machine_flags(words, &mut project);
    project
}
