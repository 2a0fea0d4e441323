//! Measures as steps of `ilot run`: a section of the project file → an order on the maps of the run.
//!
//! A step runs where its section is there. One file each; [`crate::graph::measures`] has them in order. Here is what
//! those over the surface have in common: horizons, shadows, and the trees that the run knows from `[cover]`.

pub mod comfort;
pub mod cover_zones;
pub mod european;
pub mod heat;
pub mod lcz;
pub mod pmtiles;
pub mod sensors;
pub mod sky;
pub mod sun;
pub mod tiles;
pub mod zan;

use crate::fault;
use crate::measures::crowns::CrownsOrder;
use crate::measures::sunlight::linke_of;
use crate::measures::survey::Place;
use crate::product::{COVER, CROWN_BASE, DSM, DTM, Spec, VEGETATION_HEIGHT};
use crate::project::{Settings, positive};
use crate::text::Fault;
use ilot_kernels::clear_sky::LINKE_OF_FRANCE;
use ilot_kernels::shade::ShadeParams;
use ilot_kernels::sky::SkyParams;
use std::path::PathBuf;

/// Side of a tile of a step, cells.
const TILE: usize = 2048;

/// Days of the sun where none are given.
fn usual_dates() -> Vec<String> {
    ["2025-06-21", "2025-08-15"].map(str::to_owned).to_vec()
}

/// The mosaic of a product in the folder of results.
fn map(settings: &Settings, spec: &Spec) -> PathBuf {
    settings.out.join(format!("{}.vrt", spec.name))
}

/// The finished surface of the run, in whose folder the maps of a step go.
fn place(settings: &Settings, crowns: Option<CrownsOrder>, zone: Option<&str>) -> Place {
    Place {
        surface: map(settings, &DSM.spec),
        out: settings.out.clone(),
        crs: None,
        crowns,
        zone: zone.map(str::to_owned),
        tile: TILE,
    }
}

/// Whether the run keeps a product.
fn keeps(settings: &Settings, spec: &Spec) -> bool {
    settings.products.iter().any(|kept| kept.name == spec.name)
}

/// The trees of the run, which let light through, and the products that they are read from; none where the run keeps no
/// heights of vegetation, or they are to be opaque.
fn trees(
    key: &str,
    settings: &Settings,
    wanted: bool,
    transmissivity: Option<f32>,
) -> Result<(Option<CrownsOrder>, Vec<&'static str>), Fault> {
    if let Some(share) = transmissivity.filter(|share| !(0.0..=1.0).contains(share)) {
        return Err(fault!(
            fr: "{key}.transmissivity vaut {share} : donnez une part de 0 à 1.",
            en: "{key}.transmissivity is {share}: give a share from 0 to 1.",
        ));
    }
    if !wanted || !keeps(settings, &VEGETATION_HEIGHT.spec) || !keeps(settings, &DTM.spec) {
        return Ok((None, Vec::new()));
    }
    let (based, covered) = (keeps(settings, &CROWN_BASE.spec), keeps(settings, &COVER.spec));
    let order = CrownsOrder {
        dtm: map(settings, &DTM.spec),
        canopy: map(settings, &VEGETATION_HEIGHT.spec),
        base: based.then(|| map(settings, &CROWN_BASE.spec)),
        cover: covered.then(|| map(settings, &COVER.spec)),
        transmissivity,
    };
    let mut reads = vec![DTM.spec.name, VEGETATION_HEIGHT.spec.name];
    reads.extend(based.then_some(CROWN_BASE.spec.name));
    reads.extend(covered.then_some(COVER.spec.name));
    Ok((Some(order), reads))
}

fn directions(key: &str, directions: u32) -> Result<u32, Fault> {
    if (4..=360).contains(&directions) {
        return Ok(directions);
    }
    Err(fault!(
        fr: "{key}.directions vaut {directions} : il faut de 4 à 360 directions.",
        en: "{key}.directions is {directions}: it must be from 4 to 360 directions.",
    ))
}

fn horizon(key: &str, wanted: u32, reach: f64) -> Result<SkyParams, Fault> {
    let reach = positive(&format!("{key}.reach"), reach, 1.0, 5000.0)?;
    Ok(SkyParams::new(directions(key, wanted)?, reach).expect("both were checked"))
}

fn shadows(key: &str, reach: f64) -> Result<ShadeParams, Fault> {
    let reach = positive(&format!("{key}.shadow_reach"), reach, 1.0, 5000.0)?;
    Ok(ShadeParams::new(reach).expect("its length was checked"))
}

/// Linke's turbidity; that of France where the list is empty.
fn linke(key: &str, values: &[f64]) -> Result<[f64; 12], Fault> {
    if values.is_empty() {
        return Ok(LINKE_OF_FRANCE);
    }
    linke_of(values).ok_or_else(|| {
        fault!(
            fr: "{key}.linke vaut {values:?} : donnez un trouble de Linke de 1 à 10, ou douze, de janvier à décembre.",
            en: "{key}.linke is {values:?}: give one Linke turbidity from 1 to 10, or twelve, January to December.",
        )
    })
}
