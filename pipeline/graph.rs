//! Everything that is done, in the order in which data flows.

use crate::cloud::production::Production;
use crate::elevation::canopy::Canopy;
use crate::elevation::density::Density;
use crate::elevation::relief::Relief;
use crate::elevation::surface::{HighestSurface, SpikeFree, SurfaceTin};
use crate::elevation::terrain::Terrain;
use crate::fault;
use crate::landcover;
use crate::measure::Measure;
use crate::measures::steps;
use crate::product::Ware;
use crate::project::{LightName, Method, Project, Settings};
use crate::stage::Stage;
use crate::text::Fault;
use ilot_kernels::focal::Light;
use ilot_kernels::production::ProductionParams;
use ilot_kernels::spike_free::SpikeFreeParams;
use ilot_kernels::tin::TinParams;
use ilot_kernels::unit::{Degrees, Metres};
use std::collections::BTreeMap;

/// All stages of a method, in flow order.
pub fn stages(settings: &Settings) -> Result<Vec<Box<dyn Stage>>, Fault> {
    let tin = || TinParams::new(settings.max_edge).map_err(|_| edge_fault(settings.max_edge));
    let mut stages: Vec<Box<dyn Stage>> = Vec::new();
    if settings.method == Method::Ign {
        stages.push(Box::new(Production { params: ProductionParams::default() }));
    }
    stages.push(Box::new(Terrain { tin: tin()? }));
    stages.push(match (settings.method, settings.spike_free) {
        (Method::Standard, false) => Box::new(HighestSurface { void_reach: settings.void_reach }),
        (Method::Standard, true) => Box::new(SpikeFree { params: spike_free(settings) }),
        (Method::Tin | Method::Ign, _) => Box::new(SurfaceTin { tin: tin()? }),
    });
    stages.push(Box::new(Canopy));
    stages.push(Box::new(Density));
    stages.extend(landcover::stages(settings));
    stages.push(Box::new(Relief { light: light(settings.light), cell: settings.gridding.cell }));
    Ok(stages)
}

/// The measures that a project asks for, in flow order: they run when all tiles are there.
pub fn measures(project: &Project, settings: &Settings) -> Result<Vec<Box<dyn Measure>>, Fault> {
    let mut measures: Vec<Box<dyn Measure>> = Vec::new();
    let sun = project.sun.as_ref().map(|section| steps::sun::Sun::new(section, settings)).transpose()?;
    if let Some(section) = &project.sky {
        // What [sun] makes by its own dates and hours, [sky] leaves to it.
        let taken = sun.as_ref().map(Measure::makes).unwrap_or_default();
        measures.push(Box::new(steps::sky::Sky::new(section, settings, &taken)?));
    }
    if let Some(sun) = sun {
        measures.push(Box::new(sun));
    }
    if let Some(section) = &project.comfort {
        measures.push(Box::new(steps::comfort::Comfort::new(section, settings)?));
    }
    let zones = project.cover.as_ref();
    let zones = zones.and_then(|section| steps::cover_zones::CoverZones::new(section, settings));
    if let Some(zones) = zones {
        measures.push(Box::new(zones));
    }
    let european = project.cover.as_ref();
    let european = european.and_then(|section| steps::european::European::new(section, settings));
    if let Some(european) = european {
        measures.push(Box::new(european));
    }
    if let Some(section) = &project.lcz {
        measures.push(Box::new(steps::lcz::Lcz::new(section, settings)?));
    }
    if let Some(section) = &project.sensors {
        measures.push(Box::new(steps::sensors::Sensors::new(section, settings)?));
    }
    if let Some(section) = &project.heat {
        let kept = rasters(settings, &measures);
        let heat = steps::heat::Heat::new(section, project.sensors.as_ref(), &kept, settings)?;
        measures.push(Box::new(heat));
    }
    if let Some(section) = &project.zan {
        let kept = rasters(settings, &measures);
        measures.push(Box::new(steps::zan::Zan::new(section, settings, &kept)?));
    }
    if let Some(section) = &project.tiles {
        let kept = rasters(settings, &measures);
        measures.push(Box::new(steps::tiles::Tiles::new(section, &kept, settings)));
    }
    if let Some(section) = &project.pmtiles {
        let kept = rasters(settings, &measures);
        let archives = steps::pmtiles::PmTiles::new(section, &kept, settings);
        measures.push(Box::new(archives));
    }
    let mut kept: Vec<&str> = settings.wanted();
    for measure in &measures {
        if let Some(missing) = measure.reads().into_iter().find(|name| !kept.contains(name)) {
            let name = measure.name();
            return Err(fault!(
                fr: "La section [{name}] demande le produit « {missing} », que output.products ne garde pas : ajoutez-le, ou retirez la section.",
                en: "Section [{name}] needs the product `{missing}`, which output.products does not keep: add it, or remove the section.",
            ));
        }
        kept.extend(measure.makes().iter().map(|spec| spec.name));
    }
    Ok(measures)
}

/// The rasters that there are after the tiles and these measures.
fn rasters(settings: &Settings, measures: &[Box<dyn Measure>]) -> Vec<&'static str> {
    let made = measures.iter().flat_map(|measure| measure.makes());
    settings.products.iter().copied().chain(made).map(|spec| spec.name).collect()
}

fn light(name: LightName) -> Light {
    match name {
        LightName::NorthWest => Light::default(),
        LightName::Multidirectional => Light::Around(Degrees(45.0)),
    }
}

fn spike_free(settings: &Settings) -> SpikeFreeParams {
    SpikeFreeParams { longest_edge: settings.max_edge, ..SpikeFreeParams::default() }
}

fn edge_fault(edge: Metres) -> Fault {
    fault!(
        fr: "max_edge vaut {edge} : la triangulation demande une longueur positive.",
        en: "max_edge is {edge}: the triangulation needs a positive length.",
    )
}

/// What a run needs: the stages that lead to the wanted products, and how far beyond a tile each ware is needed.
pub struct Needs {
    /// The stages to run, in order.
    pub stages: Vec<Box<dyn Stage>>,
    /// Metres beyond the tile, for each ware that some stage reads or the user keeps.
    pub reach: BTreeMap<&'static str, Metres>,
    /// What must be collected from the points, in the order of first use.
    pub collected: Vec<Ware>,
}

/// Keeps the stages that `wanted` products need, and adds their halos up along the chain.
pub fn needs(stages: Vec<Box<dyn Stage>>, wanted: &[&'static str]) -> Needs {
    let mut reach: BTreeMap<&'static str, Metres> = wanted.iter().map(|name| (*name, Metres(0.0))).collect();
    let mut kept = Vec::new();
    for stage in stages.into_iter().rev() {
        let signature = stage.signature();
        let made: Vec<Metres> =
            signature.makes.iter().filter_map(|ware| reach.get(ware.name())).copied().collect();
        let Some(out) = made.into_iter().reduce(farther) else { continue };
        // What a stage makes is made on one frame where one of its makers needs it; each keeps its own reach.
        for ware in signature.reads {
            let asked = out + stage.halo().0;
            let entry = reach.entry(ware.name()).or_insert(asked);
            *entry = farther(*entry, asked);
        }
        kept.push(stage);
    }
    kept.reverse();
    let made: Vec<&str> = kept.iter().flat_map(|stage| stage.signature().makes).map(Ware::name).collect();
    let mut collected: Vec<Ware> = Vec::new();
    for ware in kept.iter().flat_map(|stage| stage.signature().reads) {
        if !made.contains(&ware.name()) && !collected.contains(ware) {
            collected.push(*ware);
        }
    }
    Needs { stages: kept, reach, collected }
}

fn farther(a: Metres, b: Metres) -> Metres {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{CHM, DENSITY, DTM, ELEVATION, Passing, SLOPE, Spec};
    use crate::project::Project;
    use std::path::Path;

    fn settings(toml: &str) -> Settings {
        Settings::resolve(&toml::from_str::<Project>(toml).unwrap(), Path::new(".")).unwrap()
    }

    fn needs_of(toml: &str, wanted: &[&'static Spec]) -> Needs {
        let wanted: Vec<&str> = wanted.iter().map(|spec| spec.name).collect();
        needs(stages(&settings(toml)).unwrap(), &wanted)
    }

    #[test]
    fn each_product_is_made_by_one_stage_in_each_method() {
        for method in ["standard", "tin", "ign"] {
            let stages = stages(&settings(&format!("[elevation]\nmethod = \"{method}\""))).unwrap();
            for spec in ELEVATION {
                let makers = stages.iter().flat_map(|stage| stage.signature().makes);
                assert_eq!(
                    makers.filter(|ware| ware.name() == spec.name).count(),
                    1,
                    "{method}: {}",
                    spec.name
                );
            }
        }
    }

    #[test]
    fn only_what_is_wanted_runs() {
        let needs = needs_of("", &[&DENSITY.spec]);
        assert_eq!(needs.stages.len(), 1);
        assert_eq!(needs.collected, [Ware::Passing(Passing::Counts)]);
    }

    #[test]
    fn halos_add_along_a_chain() {
        let needs = needs_of("", &[&SLOPE.spec, &CHM.spec]);
        assert_eq!(needs.reach[SLOPE.spec.name], Metres(0.0));
        assert_eq!(needs.reach[DTM.spec.name], Metres(0.5));
        assert_eq!(needs.reach[Ware::Passing(Passing::GroundPoints).name()], Metres(200.5));
        assert_eq!(needs.reach[Ware::Passing(Passing::Highest).name()], Metres(2.0));
    }
}
