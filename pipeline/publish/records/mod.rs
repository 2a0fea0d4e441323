//! A finished run → records for catalogues of public data: ISO 19139 and DCAT-AP, in French.
//!
//! In: what the run knows of its products, clouds and settings. Out: `metadata/<name>.xml`, a record of each map and layer
//! after ISO 19115/19139 with what INSPIRE asks for (regulation 1205/2008), which géocatalogues harvest; and
//! `metadata/catalogue.jsonld`, the same as DCAT-AP 2, which data.gouv.fr reads. Nothing is guessed: a producer, a contact or a
//! licence that the project does not name is said to be unknown, and is to be written in the section `[publish]`.
//!
//! Fails where: the disk is full. Cost: milliseconds.

mod dcat;
mod iso;

use crate::account::Account;
use crate::formats::crs::{Crs, Transform};
use crate::product::{self, EUROPE, EUROPEAN, Look, Spec, Words, looks};
use crate::publish::archives::mercator;
use crate::report::Report;
use crate::run::Job;
use crate::store::sha256;
use crate::text::Fault;
use std::time::SystemTime;

/// Where records go, below the folder of results.
pub const FOLDER: &str = "metadata";

/// A theme of INSPIRE with the topic of ISO 19115.
#[derive(Debug, Clone, Copy)]
struct Theme {
    inspire: &'static str,
    topic: &'static str,
}

const HEIGHTS: Theme = Theme { inspire: "Altitude", topic: "elevation" };
const LAND: Theme = Theme { inspire: "Occupation des terres", topic: "imageryBaseMapsEarthCover" };
const AIR: Theme = Theme { inspire: "Conditions atmosphériques", topic: "climatologyMeteorologyAtmosphere" };
const BUILT: Theme = Theme { inspire: "Bâtiments", topic: "structure" };
const PLANS: Theme = Theme { inspire: "Usage des sols", topic: "planningCadastre" };

/// One map or layer.
struct Dataset {
    name: &'static str,
    title: Words,
    meaning: Words,
    theme: Theme,
    /// Side of a cell in metres; none for a layer of features.
    cell: Option<f64>,
    source: &'static str,
    files: Vec<File>,
}

/// A file of a dataset.
struct File {
    path: String,
    bytes: u64,
    kind: &'static str,
    format: &'static str,
}

/// What is common to all records.
struct Context {
    /// West, south, east, north in degrees.
    bounds: [f64; 4],
    crs: Crs,
    /// That of what lies on the European grid.
    europe: Crs,
    /// The day on which the records are written.
    today: String,
    /// What the results were made from, hashed: the same results have the same identifiers.
    origin: String,
    lineage: String,
}

impl Context {
    /// The coordinate system of a dataset.
    fn system(&self, dataset: &Dataset) -> &Crs {
        let european = EUROPEAN.iter().any(|spec| spec.name == dataset.name);
        if european { &self.europe } else { &self.crs }
    }
}

/// Writes the records of all that is there.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(job: &Job<'_>, account: &Account, report: &Report) -> Result<(), Fault> {
    let context = Context::of(job, report)?;
    let mut datasets = datasets(job, report);
    datasets.retain(|dataset| account.holds(&dataset.files[0].path));
    datasets.iter_mut().for_each(|dataset| dataset.files.retain(|file| account.holds(&file.path)));
    forget_others(job, &datasets)?;
    let credits = &job.settings.credits;
    for dataset in &datasets {
        let text = account.told(iso::record(dataset, &context, credits));
        job.store.write(&format!("{FOLDER}/{}.xml", dataset.name), text.as_bytes())?;
    }
    let text = account.told(dcat::catalogue(&datasets, &context, credits));
    job.store.write(&format!("{FOLDER}/catalogue.jsonld"), text.as_bytes())
}

impl Context {
    fn of(job: &Job<'_>, report: &Report) -> Result<Context, Fault> {
        let crs = job.catalogue.crs.flat()?;
        let to_degrees = Transform::new(&crs, &Crs::wgs84()?)?;
        let bounds = mercator::bounds(&job.catalogue.extent, &to_degrees)?;
        let hashes: Vec<&str> = report.inputs.iter().map(|input| input.sha256.as_str()).collect();
        let settings = crate::report::settings_json(job.settings);
        let now = crate::report::timestamp(SystemTime::now());
        Ok(Context {
            bounds: [bounds.west, bounds.south, bounds.east, bounds.north],
            crs,
            europe: Crs::from_epsg(EUROPE, None)?,
            today: now.split('T').next().unwrap_or(&now).to_owned(),
            origin: sha256(format!("{hashes:?} {settings}").as_bytes())[..16].to_owned(),
            lineage: lineage(job, report),
        })
    }
}

/// From what and how, in French: records are for French catalogues.
fn lineage(job: &Job<'_>, report: &Report) -> String {
    const NAMED: usize = 20;
    let version = env!("CARGO_PKG_VERSION");
    let count = report.inputs.len();
    let name = |path: &str| {
        std::path::Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = report
        .inputs
        .iter()
        .map(|input| format!("{} (SHA-256 {})", name(&input.path), input.sha256))
        .collect();
    names.sort();
    let rest = if names.len() > NAMED {
        format!(" et {} autres, voir run.json", names.len() - NAMED)
    } else {
        String::new()
    };
    names.truncate(NAMED);
    let source = if job.settings.credits.lidar_hd { "LiDAR HD de l'IGN" } else { "de source non précisée" };
    let settings = crate::report::settings_json(job.settings);
    let libraries: Vec<String> =
        crate::write::libraries().iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!(
        "Calculé par ilot {version} ({}) à partir de {count} nuages de points {source} : {}{rest}. Réglages : {settings}. \
         Le fichier run.json donne toutes les entrées, les méthodes, les réserves et les empreintes.",
        libraries.join(", "),
        names.join(" ; "),
    )
}

/// Removes records of maps and layers that are no longer published.
fn forget_others(job: &Job<'_>, datasets: &[Dataset]) -> Result<(), Fault> {
    for entry in std::fs::read_dir(job.store.out().join(FOLDER)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let other = |stem: &str| datasets.iter().all(|dataset| dataset.name != stem);
        if name.strip_suffix(".xml").is_some_and(other) {
            job.store.forget(&format!("../{FOLDER}/{name}"))?;
        }
    }
    Ok(())
}

fn datasets(job: &Job<'_>, report: &Report) -> Vec<Dataset> {
    let rasters = product::all().filter_map(|spec| of_raster(job, report, spec));
    let layers = looks().into_iter().filter_map(|look| of_layer(job, look));
    rasters.chain(layers).collect()
}

fn of_raster(job: &Job<'_>, report: &Report, spec: &'static Spec) -> Option<Dataset> {
    let mosaic = format!("{}.vrt", spec.name);
    if !job.store.has(&mosaic) {
        return None;
    }
    let theme = match spec.name {
        name if product::ELEVATION.iter().any(|own| own.name == name) => HEIGHTS,
        name if product::LAND.iter().any(|own| own.name == name) => LAND,
        "lcz" => PLANS,
        _ => AIR,
    };
    let cell = spec.cell.gridding(job.settings.gridding).cell.0;
    let mut kinds = vec![
        (mosaic, "application/xml", "VRT sur les GeoTIFF optimisés (COG) du dossier"),
        (format!("pmtiles/{}.pmtiles", spec.name), "application/vnd.pmtiles", "PMTiles"),
    ];
    kinds.extend(tiles(report, spec).into_iter().map(|path| (path, COG, "GeoTIFF optimisé (COG)")));
    Some(Dataset {
        name: spec.name,
        title: spec.title,
        meaning: spec.meaning,
        theme,
        cell: Some(cell),
        source: spec.source,
        files: files(job, kinds),
    })
}

const COG: &str = "image/tiff; application=geotiff; profile=cloud-optimized";

/// Tiles that a record names one by one; of a larger territory it names the mosaic, and `catalog.json` has the tiles.
const NAMED_TILES: usize = 50;

fn tiles(report: &Report, spec: &Spec) -> Vec<String> {
    let folder = format!("{}/", spec.name);
    let measures = report.measures.iter().filter_map(|measure| measure.record());
    let measured = measures.flat_map(|record| record.files.iter().map(|(path, ..)| path));
    let all = report.files(spec).map(|(_, file)| &file.path).chain(measured);
    let mut names: Vec<String> =
        all.filter(|path| path.starts_with(&folder) && path.ends_with(".tif")).cloned().collect();
    names.sort();
    names.dedup();
    if names.len() > NAMED_TILES { Vec::new() } else { names }
}

fn of_layer(job: &Job<'_>, look: Look) -> Option<Dataset> {
    let package = format!("{}.gpkg", look.file);
    // What bears the name of its raster is described with it.
    if !job.store.has(&package) || product::named(look.name).is_some() {
        return None;
    }
    let theme = match look.name {
        "trees" | "crowns" | "cover_zones" => LAND,
        "buildings" | "urban_form" => BUILT,
        "stations" | "network" | "heat_zones" | "heat_contours" => AIR,
        _ => PLANS,
    };
    let source =
        product::vectors().find(|vector| vector.name == look.name).map_or("", |vector| vector.source);
    let kinds = [
        (package, "application/geopackage+sqlite3", "GeoPackage"),
        (format!("{}.geojson", look.file), "application/geo+json", "GeoJSON"),
        (format!("{}.csv", look.file), "text/csv", "CSV"),
        (format!("pmtiles/{}.pmtiles", look.name), "application/vnd.pmtiles", "PMTiles"),
    ];
    let (name, title, meaning) = (look.name, look.title, look.meaning);
    Some(Dataset { name, title, meaning, theme, cell: None, source, files: files(job, kinds) })
}

/// Those of some files that are there.
fn files(job: &Job<'_>, kinds: impl IntoIterator<Item = (String, &'static str, &'static str)>) -> Vec<File> {
    let there = |(path, kind, format): (String, &'static str, &'static str)| {
        let bytes = job.store.size(&path)?;
        Some(File { path, bytes, kind, format })
    };
    kinds.into_iter().filter_map(there).collect()
}
