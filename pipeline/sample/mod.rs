//! The sample town: a small French-looking town whose truth is known exactly.
//!
//! Options go in; a folder comes out with LiDAR tiles, an orthophoto, vectors, land cover of two dates,
//! sensor readings, and the truth of each product. The town is a formula ([`model`]): what is written is
//! what the formula says, plus stated noise. Model, scanning and writing are apart, one file per output
//! family, so that a later product adds its truth in one place.
//!
//! | what | where |
//! |---|---|
//! | numbers, cuts, bodies | [`random`], [`shape`], [`solid`], [`partition`] |
//! | the town: ground, plan, contents, plants | [`terrain`], [`layout`], [`blocks`], [`planting`], [`mod@town`] |
//! | the town as a function | [`model`] |
//! | what instruments see of it | [`scan`], [`ortho`], [`climate`] |
//! | what is true of it | [`truth`], [`landcover`], [`vectors`] |
//! | files | [`lidar`], [`write`](mod@write), [`readme`], [`project`] |
//!
//! A product's truth: a function in [`truth`] (or [`vectors`]) of the model, one line in `write_rasters` or
//! `write_vectors`, its columns in [`readme`].

pub mod blocks;
pub mod climate;
pub mod landcover;
pub mod layout;
pub mod lidar;
pub mod model;
pub mod ortho;
pub mod partition;
pub mod planting;
pub mod project;
pub mod random;
pub mod readme;
pub mod scan;
pub mod shape;
pub mod solid;
pub mod terrain;
pub mod town;
pub mod truth;
pub mod vectors;
pub mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

use model::Model;
use partition::Partition;
use shape::{Convex, Edge};
use town::Placement;
use write::{Folder, Shown};

use crate::fault;
use crate::formats::raster::Overview;
use crate::text::Fault;

/// Easting of the sample's south-west corner, Lambert-93, metres.
pub const WEST: f64 = 379_000.0;
/// Northing of the sample's south-west corner, Lambert-93, metres.
pub const SOUTH: f64 = 6_786_000.0;

/// What sample to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleOptions {
    /// Width and height, metres.
    pub size: (f64, f64),
    /// Laser pulses sent per square metre, over all strips; a pulse has one to five returns.
    pub density: f64,
    /// Another seed gives another town.
    pub seed: u64,
}

impl Default for SampleOptions {
    fn default() -> SampleOptions {
        SampleOptions { size: (1000.0, 1000.0), density: 20.0, seed: 1 }
    }
}

/// The town of these options, and its plan as polygons that share their corners.
///
/// # Errors
/// Where no plan of the seed closes to the millimetre; one in sixty fails, and sixteen are tried.
pub fn town(options: &SampleOptions) -> Result<(Model, Partition), Fault> {
    for attempt in 0..16 {
        let seed = options.seed.wrapping_add(attempt * 0x9E37_79B9);
        let bare = plan(options, seed);
        let shapes: Vec<&Convex> = bare.town.faces.iter().map(|face| &face.shape).collect();
        if let Some(partition) = Partition::new(bare.size, &shapes) {
            let crowns = planting::plant(&bare, options.seed);
            return Ok((Model::new(bare.size, bare.placement, bare.town, crowns), partition));
        }
    }
    let seed = options.seed;
    Err(fault!(
        fr: "ville d'exemple : le plan tiré de la graine {seed} ne se referme pas ; prenez une autre graine.",
        en: "sample town: the plan of seed {seed} does not close; take another seed."
    ))
}

/// The town without its trees.
fn plan(options: &SampleOptions, seed: u64) -> Model {
    let size = [options.size.0, options.size.1];
    let smaller = size[0].min(size[1]);
    let angle = 11f64.to_radians();
    let placement = Placement {
        origin: [size[0] * 0.5, size[1] * 0.5 - (0.1 * size[1]).min(70.0)],
        axis: [angle.cos(), angle.sin()],
    };
    let corners = [[0.0, 0.0], [size[0], 0.0], size, [0.0, size[1]]];
    let window = Convex::new(corners.iter().map(|&c| placement.plan(c)).collect(), Edge::Border);
    let radius = (0.43 * smaller).clamp(150.0, 520.0);
    let mut layout = layout::Layout::of(&window, radius, smaller < 350.0, seed);
    blocks::fill(&mut layout, seed);
    Model::new(size, placement, layout.town.moved(&placement), Vec::new())
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSummary {
    /// Names of the LiDAR tiles.
    pub tiles: Vec<String>,
    /// LiDAR points in all tiles.
    pub points: u64,
    /// Buildings.
    pub buildings: usize,
    /// Trees of 3 m and more.
    pub trees: usize,
    /// Stations.
    pub stations: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Writes a sample into a folder, which is made where it is missing. The same options give the same bytes, for
/// any number of threads.
///
/// # Errors
/// Where the options make no town, or the folder is read-only or full.
pub fn make(dir: &Path, options: &SampleOptions) -> Result<SampleSummary, Fault> {
    check(options)?;
    let (model, partition) = town(options)?;
    let mut folder = Folder::at(dir)?;
    let points = lidar::write_tiles(&model, options, &mut folder)?;
    write_rasters(&model, options, &mut folder)?;
    write_vectors(&model, &partition, &mut folder)?;
    let stations = write_heat(&model, options, &mut folder)?;
    folder.bytes("truth/README.md", readme::text(options).as_bytes())?;
    folder.bytes("ilot.toml", project::text().as_bytes())?;
    Ok(SampleSummary {
        tiles: lidar::tiles(options).into_iter().map(|(name, _)| name).collect(),
        points,
        buildings: model.town.buildings.len(),
        trees: model.crowns.iter().filter(|c| c.is_tree()).count(),
        stations,
        bytes: folder.bytes,
    })
}

/// Sizes are whole tens of metres, so that every raster covers the sample exactly.
fn check(options: &SampleOptions) -> Result<(), Fault> {
    let (width, height) = options.size;
    let whole = |m: f64| (120.0..=5000.0).contains(&m) && (m / 10.0).fract() == 0.0;
    if !whole(width) || !whole(height) {
        return Err(fault!(
            fr: "ville d'exemple : {width} × {height} m n'est pas possible ; donnez des dizaines de mètres entières entre 120 et 5000.",
            en: "sample town: {width} × {height} m is not possible; give whole tens of metres from 120 to 5000."
        ));
    }
    let density = options.density;
    if !(0.1..=200.0).contains(&density) {
        return Err(fault!(
            fr: "ville d'exemple : {density} impulsions par m² n'est pas possible ; donnez une densité entre 0,1 et 200.",
            en: "sample town: {density} pulses per m² is not possible; give a density from 0.1 to 200."
        ));
    }
    Ok(())
}

fn write_rasters(model: &Model, options: &SampleOptions, folder: &mut Folder) -> Result<(), Fault> {
    let metres = |title| Shown {
        title,
        unit: "m",
        bands: &["metres"],
        quantum: Some(1.0 / 4096.0),
        overview: Overview::Average,
    };
    let elevation = truth::elevation(model);
    folder.raster("truth/dtm.tif", &[&elevation.dtm], &metres("Terrain vrai / True terrain"))?;
    folder.raster("truth/dsm.tif", &[&elevation.dsm], &metres("Surface vraie / True first surface"))?;
    folder.raster(
        "truth/chm.tif",
        &[&elevation.chm],
        &metres("Hauteurs vraies / True heights above ground"),
    )?;
    let base = truth::crown_base(model);
    folder.raster("truth/crown_base.tif", &[&base], &metres("Base des houppiers vraie / True crown base"))?;
    let classes = Shown { unit: "", bands: &["class"], overview: Overview::Majority, ..metres("") };
    let cover = truth::cover(model);
    folder.raster(
        "truth/cover.tif",
        &[&cover],
        &Shown { title: "Couverture vraie / True cover", ..classes },
    )?;
    let share =
        |title| Shown { title, unit: "%", bands: &["share"], quantum: None, overview: Overview::Average };
    let sealed = truth::imperviousness(model);
    folder.raster(
        "truth/imperviousness.tif",
        &[&sealed],
        &share("Part imperméable vraie / True sealed share"),
    )?;
    let canopy = truth::canopy(model);
    folder.raster(
        "truth/canopy.tif",
        &[&canopy],
        &share("Part sous les arbres vraie / True canopy share"),
    )?;
    let [infrared, red, green] = ortho::infrared_colour(model, options.seed);
    let photo = Shown {
        title: "Orthophoto infrarouge couleur de synthèse / Synthetic infrared-colour orthophoto",
        unit: "",
        bands: &["near infrared", "red", "green"],
        quantum: None,
        overview: Overview::Average,
    };
    folder.raster("ortho/irc.tif", &[&infrared, &red, &green], &photo)
}

fn write_vectors(model: &Model, partition: &Partition, folder: &mut Folder) -> Result<(), Fault> {
    let crs = folder.flat.clone();
    folder.layer("vectors/buildings.gpkg", &vectors::buildings(model, &crs))?;
    folder.layer("vectors/roads.gpkg", &vectors::roads(model, &crs))?;
    folder.layer("vectors/parcels.gpkg", &vectors::parcels(model, partition, &crs))?;
    folder.layer("vectors/communes.gpkg", &vectors::communes(model, partition, &crs))?;
    for (date, year) in landcover::YEARS.iter().enumerate() {
        let layer = vectors::land_cover(model, partition, &crs, date);
        folder.layer(&format!("vectors/ocsge_{year}.gpkg"), &layer)?;
    }
    folder.layer("truth/buildings.gpkg", &vectors::true_buildings(model, &crs))?;
    folder.layer("truth/trees.gpkg", &vectors::true_trees(model, &crs))?;
    let (state, flux) = landcover::tables(&landcover::balances(&model.town, partition));
    folder.bytes("truth/zan_state.csv", state.as_bytes())?;
    folder.bytes("truth/zan_flux.csv", flux.as_bytes())
}

fn write_heat(model: &Model, options: &SampleOptions, folder: &mut Folder) -> Result<usize, Fault> {
    let warmth = climate::night_warmth(model);
    let kelvin = Shown {
        title: "Chaleur nocturne vraie au-dessus de la campagne / True night warmth above open country",
        unit: "K",
        bands: &["kelvin"],
        quantum: None,
        overview: Overview::Average,
    };
    folder.raster("truth/heat_night.tif", &[&warmth], &kelvin)?;
    let stations = climate::stations(model, &warmth, options.seed);
    folder.bytes("stations.csv", climate::station_table(&stations).as_bytes())?;
    folder.bytes("readings.csv", climate::readings(&stations, options.seed).as_bytes())?;
    let (faults, places) = climate::truth_tables(&stations);
    folder.bytes("truth/station_faults.csv", faults.as_bytes())?;
    folder.bytes("truth/stations.csv", places.as_bytes())?;
    Ok(stations.len())
}
