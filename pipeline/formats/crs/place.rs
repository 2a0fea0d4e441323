//! Whether coordinates lie where their CRS is used: finds swapped axes, degrees, a wrong zone, a wrong datum of heights.
//!
//! In: an extent and the file that it comes from; out: nothing, or one sentence. The areas are those of the EPSG
//! registry as PROJ holds them, with half a degree of margin, and a position must come back from longitude and
//! latitude to where it was: far outside their area projections fold, and nonsense may land in France.
//!
//! Fails where: a CRS has no code and so no known area: it passes. Cost: 60 ms to
//! look a CRS up, microseconds for each file then.

use std::path::Path;

use gdal::spatial_ref::SpatialRef;
use ilot_kernels::extent::Extent;

use super::{Crs, Kind, Part, Transform};
use crate::fault;
use crate::formats::library::ask;
use crate::text::Fault;

/// Around an area of use, degrees.
const MARGIN: f64 = 0.5;

impl Crs {
    /// Whether coordinates plausibly lie where the system is used: finds swapped axes, degrees, a wrong zone, heights
    /// of another place.
    ///
    /// A system without a known area passes.
    ///
    /// # Errors
    /// One sentence that names `file`.
    pub fn sanity(&self, extent: &Extent, file: &Path) -> Result<(), Fault> {
        self.place().check(extent, file)
    }

    /// The same check for many files: what PROJ must look up is looked up once.
    pub fn place(&self) -> Place<'_> {
        Place::of(self)
    }

    fn swapped(&self, x: f64, y: f64, file: &Path) -> Fault {
        let (file, title) = (file.display(), self.title());
        let (fr, en) = (title.fr, title.en);
        fault!(
            fr: "{file} : les axes semblent inversés (x = {x:.0}, y = {y:.0}) pour {fr} ; le premier doit être l'est, le second le nord",
            en: "{file}: the axes seem swapped (x = {x:.0}, y = {y:.0}) for {en}; the first must be the easting, the second the northing",
        )
    }

    fn in_degrees(&self, x: f64, y: f64, file: &Path) -> Fault {
        let (file, title) = (file.display(), self.title());
        let (fr, en) = (title.fr, title.en);
        fault!(
            fr: "{file} : les coordonnées ({x:.4}, {y:.4}) semblent être des degrés, pas des mètres en {fr} ; projetez les données ou corrigez --crs",
            en: "{file}: the coordinates ({x:.4}, {y:.4}) seem to be degrees, not metres in {en}; project the data or correct --crs",
        )
    }

    fn elsewhere(&self, x: f64, y: f64, file: &Path) -> Fault {
        let (file, title) = (file.display(), self.title());
        let (fr, en) = (title.fr, title.en);
        fault!(
            fr: "{file} : les coordonnées (x = {x:.0}, y = {y:.0}) sont hors du domaine d'emploi de {fr} ; donnez le bon système avec --crs",
            en: "{file}: the coordinates (x = {x:.0}, y = {y:.0}) lie outside the area of use of {en}; give the right system with --crs",
        )
    }

    /// Whether the heights' system serves this place: IGN69 in Corsica is a wrong label.
    fn heights_sanity(&self, place: &Place<'_>, (lon, lat): (f64, f64), file: &Path) -> Result<(), Fault> {
        match (&place.heights, &self.vertical) {
            (Some(area), Some(vertical)) if !area.holds(lon, lat) => {
                let (file, name) = (file.display(), &vertical.name);
                Err(fault!(
                    fr: "{file} : les altitudes « {name} » ne sont pas en usage à cet endroit ({lon:.2}°, {lat:.2}°) ; donnez le bon système avec --crs",
                    en: "{file}: heights \"{name}\" are not used at this place ({lon:.2}°, {lat:.2}°); give the right system with --crs",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Where a system is used, and the way there and back. It belongs to the thread that made it.
pub struct Place<'a> {
    crs: &'a Crs,
    area: Option<Area>,
    heights: Option<Area>,
    ways: Option<(Transform, Transform)>,
    /// How far a position may come back from where it was.
    slack: f64,
}

impl Place<'_> {
    /// Whether coordinates plausibly lie where the system is used; see [`Crs::sanity`].
    ///
    /// # Errors
    /// One sentence that names `file`.
    pub fn check(&self, extent: &Extent, file: &Path) -> Result<(), Fault> {
        let (x, y) = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
        match self.locate(x, y) {
            Some(place) => self.crs.heights_sanity(self, place, file),
            None if self.area.is_none() => Ok(()),
            None if self.locate(y, x).is_some() => Err(self.crs.swapped(x, y, file)),
            None if self.crs.kind == Kind::Projected && x.abs() <= 180.0 && y.abs() <= 90.0 => {
                Err(self.crs.in_degrees(x, y, file))
            }
            None => Err(self.crs.elsewhere(x, y, file)),
        }
    }

    fn of(crs: &Crs) -> Place<'_> {
        let on_earth = matches!(crs.kind, Kind::Projected | Kind::Geographic);
        let ways = Crs::wgs84()
            .and_then(|wgs84| Ok((Transform::new(crs, &wgs84)?, Transform::new(&wgs84, crs)?)))
            .ok()
            .filter(|_| on_earth);
        Place {
            crs,
            area: crs.horizontal.area().filter(|_| ways.is_some()),
            heights: crs.vertical.as_ref().filter(|part| part.epsg.is_some()).and_then(Part::area),
            ways,
            slack: if crs.kind == Kind::Projected { 10.0 } else { 1e-3 },
        }
    }

    /// Longitude and latitude of a position inside the area.
    fn locate(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (there, back) = self.ways.as_ref()?;
        let place = there.point(x, y).ok()?;
        let returned = back.point(place.0, place.1).ok()?;
        let inside = self.area.as_ref()?.holds(place.0, place.1);
        (inside && (returned.0 - x).hypot(returned.1 - y) < self.slack).then_some(place)
    }
}

impl Part {
    /// The registry's own definition where the code is known: a file's copy may name a datum for which PROJ then
    /// knows no transformation.
    pub(super) fn definition(&self) -> String {
        self.epsg.map_or_else(|| self.json.clone(), |code| format!("EPSG:{code}"))
    }

    /// Area of use with its margin; by the code, as a WKT seldom carries it.
    fn area(&self) -> Option<Area> {
        let area = ask(|| Ok(SpatialRef::from_definition(&self.definition())?.area_of_use())).ok()??;
        Some(Area {
            west: area.west_lon_degree - MARGIN,
            south: area.south_lat_degree - MARGIN,
            east: area.east_lon_degree + MARGIN,
            north: area.north_lat_degree + MARGIN,
        })
    }
}

/// Degrees; `east` is smaller than `west` where the area crosses the antimeridian.
struct Area {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Area {
    fn holds(&self, lon: f64, lat: f64) -> bool {
        let across = self.west > self.east;
        let inside =
            if across { lon >= self.west || lon <= self.east } else { lon >= self.west && lon <= self.east };
        inside && lat >= self.south && lat <= self.north
    }
}
