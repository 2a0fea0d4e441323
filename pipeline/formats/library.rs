//! GDAL and PROJ, quiet: what they say goes into our faults, never to the terminal, and what is installed.
//!
//! GDAL prints its complaints to standard error unless a handler takes them. Ours keeps them per thread, so
//! that a fault can quote the cause. [`Installation`] is what `ilot doctor` shows: versions, drivers, vertical
//! grids, and whether the grid for mainland France gives a known height.
//!
//! Fails where: the handler is one per process; a program that embeds this library and sets its own handler
//! afterwards gets GDAL's words itself. Cost: none beside GDAL's own.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Once;

use gdal::config;
use gdal::errors::{CplErrType, GdalError};

use crate::formats::crs::{self, Crs, Transform};
use crate::text::Text;

/// At most so many complaints are kept per call: a broken file may give one per block.
const KEPT: usize = 20;

thread_local! {
    static SAID: RefCell<Vec<(CplErrType, String)>> = const { RefCell::new(Vec::new()) };
}

/// Takes GDAL's words from the terminal. Every door calls it; only the first call has an effect.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        config::set_error_handler(|class, _, message| {
            if matches!(class, CplErrType::None | CplErrType::Debug) {
                return;
            }
            SAID.with(|said| {
                if let Ok(mut said) = said.try_borrow_mut()
                    && said.len() < KEPT
                {
                    said.push((class, message.trim().to_owned()));
                }
            });
        });
    });
}

/// Runs GDAL calls; an error comes back as GDAL's own words, most telling first. Calls may be nested.
///
/// # Errors
/// What GDAL complained of, as one line of English.
pub fn ask<T>(work: impl FnOnce() -> Result<T, GdalError>) -> Result<T, String> {
    let (done, said) = listen(work);
    done.map_err(|error| cause(&error, said))
}

/// As [`ask`], for calls that report damage by stopping early instead of failing: GDAL's first complaint of a
/// failure is then an error too. Warnings are not.
///
/// # Errors
/// What GDAL complained of, as one line of English.
pub fn ask_strictly<T>(work: impl FnOnce() -> Result<T, GdalError>) -> Result<T, String> {
    let (done, mut said) = listen(work);
    let done = done.map_err(|error| cause(&error, said.clone()))?;
    said.retain(|(class, _)| matches!(class, CplErrType::Failure | CplErrType::Fatal));
    said.into_iter().next().map_or(Ok(done), |(_, line)| Err(line))
}

/// What GDAL said first, else what its error holds.
fn cause(error: &GdalError, said: Vec<(CplErrType, String)>) -> String {
    said.into_iter().map(|(_, line)| line).find(|line| !line.is_empty()).unwrap_or_else(|| words(error))
}

/// Runs calls and takes what GDAL says on this thread meanwhile; what it said before is kept for the caller's
/// caller.
fn listen<T>(work: impl FnOnce() -> T) -> (T, Vec<(CplErrType, String)>) {
    quiet();
    let before = SAID.with(|said| std::mem::take(&mut *said.borrow_mut()));
    let done = work();
    let said = SAID.with(|said| std::mem::replace(&mut *said.borrow_mut(), before));
    (done, said)
}

/// GDAL's words inside an error, without the crate's wrapping.
fn words(error: &GdalError) -> String {
    match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } if !msg.trim().is_empty() => {
            msg.trim().to_owned()
        }
        other => other.to_string(),
    }
}

/// A vertical grid: from heights above the sea to heights above the ellipsoid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerticalGrid {
    /// Name of the file, as PROJ-data has it.
    pub file: &'static str,
    /// The territory that it serves.
    pub territory: Text,
    /// Where it was found.
    pub found: Option<PathBuf>,
}

/// The known point of the check: Lambert-93 easting and northing, NGF-IGN69 height, and the height above the
/// ellipsoid there as PROJ 9.5 computes it with RAF20 (metres).
pub const KNOWN_POINT: ([f64; 3], f64) = ([842_000.0, 6_518_000.0, 170.0], 219.465);

/// What is installed.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Version of GDAL, such as `3.6.2`.
    pub gdal: String,
    /// Version of PROJ, such as `9.1.1`, where GDAL says it.
    pub proj: Option<String>,
    /// The drivers that the doors use, and whether each is there.
    pub drivers: Vec<(&'static str, bool)>,
    /// The vertical grids of the known French systems.
    pub grids: Vec<VerticalGrid>,
    /// Height above the ellipsoid at [`KNOWN_POINT`], where RAF20 was found: right within a millimetre or two.
    pub known_height: Option<Result<f64, Text>>,
}

/// The drivers that the doors need or gladly use.
const DRIVERS: [&str; 9] =
    ["GTiff", "COG", "VRT", "MEM", "JP2OpenJPEG", "GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf"];

impl Installation {
    /// Looks at what is installed; grids are looked for in `folders` first, then in [`grid_folders`].
    pub fn examine(folders: &[PathBuf]) -> Installation {
        quiet();
        let grids: Vec<VerticalGrid> = crs::vertical_grids()
            .map(|(file, territory)| VerticalGrid { file, territory, found: find_grid(file, folders) })
            .collect();
        let mainland = grids.iter().find(|grid| grid.file == crs::MAINLAND_GRID);
        Installation {
            gdal: gdal::version::VersionInfo::release_name(),
            proj: proj_version(),
            drivers: DRIVERS.map(|name| (name, gdal::DriverManager::get_driver_by_name(name).is_ok())).into(),
            known_height: mainland.and_then(|grid| grid.found.as_deref()).map(known_height),
            grids,
        }
    }

    /// Whether the known point came out right (within 5 mm), where the grid was found.
    pub fn known_height_is_right(&self) -> Option<bool> {
        let height = self.known_height.as_ref()?;
        Some(height.as_ref().is_ok_and(|height| (height - KNOWN_POINT.1).abs() < 0.005))
    }
}

/// Height above the ellipsoid at the known point through this grid.
fn known_height(grid: &Path) -> Result<f64, Text> {
    let height = || {
        let [x, y, z] = KNOWN_POINT.0;
        let lambert93 = Crs::from_epsg(2154, Some(5720))?;
        Ok(Transform::to_ellipsoid(&lambert93, grid)?.point3(x, y, z)?.2)
    };
    height().map_err(|fault: crate::text::Fault| *fault.0)
}

/// PROJ's version, as GDAL's build information tells it.
fn proj_version() -> Option<String> {
    let info = gdal::version::version_info("BUILD_INFO");
    let runtime = info.lines().find_map(|line| line.strip_prefix("PROJ_RUNTIME_VERSION="));
    let build = info.lines().find_map(|line| line.strip_prefix("PROJ_BUILD_VERSION="));
    runtime.or(build).map(str::to_owned)
}

/// The folders in which PROJ looks for grids: `PROJ_DATA`, `PROJ_LIB`, the user's folder, the system's.
pub fn grid_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = ["PROJ_DATA", "PROJ_LIB"]
        .iter()
        .filter_map(std::env::var_os)
        .flat_map(|value| std::env::split_paths(&value).collect::<Vec<_>>())
        .collect();
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or(home);
    folders.extend(data.map(|data| data.join("proj")));
    folders.extend(["/usr/local/share/proj", "/usr/share/proj"].map(PathBuf::from));
    folders
}

/// Where a grid lies, in `folders` first, then in [`grid_folders`].
pub fn find_grid(file: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().cloned().chain(grid_folders()).map(|folder| folder.join(file)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gdal_speaks_through_our_faults() {
        let open_flags = gdal::GdalOpenFlags::GDAL_OF_VERBOSE_ERROR;
        let options = gdal::DatasetOptions { open_flags, ..Default::default() };
        let said = ask(|| gdal::Dataset::open_ex("/nowhere/at all.tif", options)).map(|_| ()).unwrap_err();
        assert!(said.contains("No such file"), "{said}");
    }

    #[test]
    fn the_installation_is_described() {
        let found = Installation::examine(&[]);
        assert!(found.gdal.starts_with('3'), "{}", found.gdal);
        assert!(found.drivers.iter().filter(|(_, there)| *there).count() >= 8, "{:?}", found.drivers);
        assert!(found.grids.len() >= 7);
    }

    #[test]
    fn raf20_gives_the_known_height() {
        let Some(data) = std::env::var_os("ILOT_DATA") else {
            println!("skipped: ILOT_DATA is not set");
            return;
        };
        let found = Installation::examine(&[PathBuf::from(data).join("grids")]);
        assert_eq!(found.known_height_is_right(), Some(true), "{:?}", found.known_height);
    }
}
