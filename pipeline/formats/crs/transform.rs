//! Changes of coordinates between two CRS.
//!
//! PROJ chooses the way, and may not choose one that it calls ballpark: such a way lets heights pass unshifted
//! where a vertical grid is not installed, without an error (44 to 53 m wrong in France). Axes are in
//! traditional order on both sides: longitude or easting first.
//!
//! Fails where: a grid is missing, or a position lies outside of where the way is defined. Cost: 0.3 µs per
//! position in batches, 1 µs one by one; tens of milliseconds to build.

use std::path::Path;

use gdal::errors::GdalError;
use gdal::spatial_ref::{CoordTransform, CoordTransformOptions};

use super::{Crs, heights, spatial_of, unreadable};
use crate::fault;
use crate::formats::library::ask;
use crate::text::Fault;

/// From RGF93 v1 to RGF93 v2, EPSG:9967; v2b is v2 for positions.
const TO_V2B: &str = "+step +proj=push +v_3 +step +proj=cart +ellps=GRS80 \
     +step +proj=helmert +x=-0.017 +y=0.058 +z=0.009 +rx=0.001305 +ry=0.00068 +rz=-0.001467 +s=-0.00072 \
     +convention=position_vector +step +inv +proj=cart +ellps=GRS80 +step +proj=pop +v_3";

/// RGF93 v1, longitude and latitude.
const RGF93_V1: u32 = 4171;
/// WGS 84, that of grids of the whole world.
const WGS84: u32 = 4326;

/// A change of coordinates. It belongs to the thread that made it.
pub struct Transform {
    /// A change on the map only that comes first.
    flat: Option<CoordTransform>,
    inner: CoordTransform,
    names: (String, String),
}

impl Transform {
    /// On the map only: heights pass untouched.
    ///
    /// # Errors
    /// Where PROJ knows no way, or only one that needs a grid that is not installed.
    pub fn new(from: &Crs, to: &Crs) -> Result<Transform, Fault> {
        Transform::built(&from.horizontal.definition(), &to.horizontal.definition(), (&from.name, &to.name))
    }

    /// With heights, through whatever vertical grids PROJ finds.
    ///
    /// # Errors
    /// Where PROJ knows no way, or only one that needs a grid that is not installed.
    pub fn with_heights(from: &Crs, to: &Crs) -> Result<Transform, Fault> {
        Transform::built(&from.wkt, &to.wkt, (&from.name, &to.name))
    }

    /// From heights above the sea to longitude, latitude (degrees) and height above the ellipsoid (metres), through the
    /// vertical grid in this file: pinned, so that the result does not depend on what else is installed.
    ///
    /// Whatever the map, positions first go to the grid's own longitudes and latitudes, heights untouched, and only then
    /// through the grid. Those of the mainland and of Corsica refer to RGF93 v2b: 3 to 4 mm from v1 on the map, by
    /// EPSG's own change between them, as PROJ chains them.
    ///
    /// # Errors
    /// Where the grid cannot be read, or no safe way leads to its longitudes and latitudes.
    pub fn to_ellipsoid(from: &Crs, grid: &Path) -> Result<Transform, Fault> {
        let failed = |cause: String| unreadable(&grid.display().to_string(), &cause);
        let path = grid.display().to_string();
        if path.contains(['"', '\'', '=', ' ', ',']) {
            return Err(failed("a grid's path must have no space, quote, comma or equals sign".to_owned()));
        }
        if !grid.is_file() {
            return Err(failed("no such file".to_owned()));
        }
        let own = heights().find(|height| grid.file_name().is_some_and(|file| file == height.grid));
        let frame = own.map_or(WGS84, |height| height.frame);
        let flat = Transform::new(from, &Crs::from_epsg(frame, None)?)?;
        let shift = if frame == RGF93_V1 { TO_V2B } else { "" };
        let built = ask(|| {
            let mut options = strict()?;
            // GDAL hands over and takes back latitude first, as both systems have it, and turns it round.
            options.set_coordinate_operation(
                &format!(
                    "+proj=pipeline +step +proj=axisswap +order=2,1 +step +proj=unitconvert +xy_in=deg +xy_out=rad \
                     {shift} +step +proj=vgridshift +grids={path} +multiplier=1 \
                     +step +proj=unitconvert +xy_in=rad +xy_out=deg +step +proj=axisswap +order=2,1"
                ),
                false,
            )?;
            CoordTransform::new_with_options(
                &spatial_of(&format!("EPSG:{frame}"))?,
                &spatial_of("EPSG:4979")?,
                &options,
            )
        });
        let names = (from.name.clone(), path.clone());
        Ok(Transform { flat: Some(flat.inner), inner: built.map_err(failed)?, names })
    }

    fn built(from: &str, to: &str, names: (&str, &str)) -> Result<Transform, Fault> {
        let (source, target) = names;
        let inner =
            ask(|| CoordTransform::new_with_options(&spatial_of(from)?, &spatial_of(to)?, &strict()?));
        let inner = inner.map_err(|cause| no_way(source, target, &cause))?;
        Ok(Transform { flat: None, inner, names: (source.to_owned(), target.to_owned()) })
    }

    /// One position.
    ///
    /// # Errors
    /// Where it has no image: outside the area, or a grid is missing.
    pub fn point(&self, x: f64, y: f64) -> Result<(f64, f64), Fault> {
        let (mut xs, mut ys) = ([x], [y]);
        self.points(&mut xs, &mut ys)?;
        Ok((xs[0], ys[0]))
    }

    /// One position with its height.
    ///
    /// # Errors
    /// Where it has no image: outside the area, or a grid is missing.
    pub fn point3(&self, x: f64, y: f64, z: f64) -> Result<(f64, f64, f64), Fault> {
        let (mut xs, mut ys, mut zs) = ([x], [y], [z]);
        self.points3(&mut xs, &mut ys, &mut zs)?;
        Ok((xs[0], ys[0], zs[0]))
    }

    /// Positions in place.
    ///
    /// # Errors
    /// Where one of them has no image; the slices are then of no use.
    ///
    /// # Panics
    /// Where the slices differ in length.
    pub fn points(&self, xs: &mut [f64], ys: &mut [f64]) -> Result<(), Fault> {
        self.run(xs, ys, &mut [])
    }

    /// Positions with heights in place.
    ///
    /// # Errors
    /// Where one of them has no image; the slices are then of no use.
    ///
    /// # Panics
    /// Where the slices differ in length.
    pub fn points3(&self, xs: &mut [f64], ys: &mut [f64], zs: &mut [f64]) -> Result<(), Fault> {
        assert_eq!(xs.len(), zs.len(), "a height per position");
        self.run(xs, ys, zs)
    }

    fn run(&self, xs: &mut [f64], ys: &mut [f64], zs: &mut [f64]) -> Result<(), Fault> {
        if xs.is_empty() {
            return Ok(());
        }
        let (from, to) = (&self.names.0, &self.names.1);
        let ways = || {
            if let Some(flat) = &self.flat {
                flat.transform_coords(xs, ys, &mut [])?;
            }
            self.inner.transform_coords(xs, ys, zs)
        };
        ask(ways).map_err(|cause| no_way(from, to, &cause))?;
        let finite = [&*xs, &*ys, &*zs].iter().all(|column| column.iter().all(|value| value.is_finite()));
        if finite { Ok(()) } else { Err(no_way(from, to, "a position has no image")) }
    }
}

/// No ballpark: a missing grid is an error, not an unshifted height.
fn strict() -> Result<CoordTransformOptions, GdalError> {
    let mut options = CoordTransformOptions::new()?;
    options.set_ballpark_allowed(false)?;
    Ok(options)
}

fn no_way(from: &str, to: &str, cause: &str) -> Fault {
    fault!(
        fr: "Aucune transformation sûre de « {from} » vers « {to} » ({cause}) ; une grille de PROJ manque peut-être, voyez `ilot doctor`",
        en: "No safe transformation from \"{from}\" to \"{to}\" ({cause}); a grid of PROJ may be missing, see `ilot doctor`",
    )
}
