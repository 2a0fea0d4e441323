//! Coordinate reference systems: what a file or a user says ↔ what ilot knows of it.
//!
//! In: WKT (1, 2, ESRI's), EPSG codes, a name such as `lambert93`. Out: a [`Crs`] that can be sent between
//! threads, and [`Transform`]s between two of them. PROJ is the only judge: a text is parsed by it and
//! described by its PROJJSON (OGC 18-005r4 §C), from which kind, unit, axes and codes are read. A missing CRS is never
//! guessed, a transformation that would need a missing grid is refused (PROJ would otherwise let heights pass
//! unshifted: 44 to 53 m wrong in France).
//!
//! Fails where: a WKT without codes is recognised only among the French systems of [`SYSTEMS`]; areas of use
//! are known for coded systems only. Cost: a parse takes about a millisecond, a plane transformation
//! about 0.3 µs per point.

use std::fmt;
use std::path::Path;

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};
use ilot_kernels::extent::Extent;
use serde_json::Value;

use crate::fault;
use crate::formats::library::ask;
use crate::text;
use crate::text::{Fault, Text};

/// What the coordinates on the map are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Easting and northing on a plane.
    Projected,
    /// Longitude and latitude.
    Geographic,
    /// X, Y, Z from the centre of the Earth.
    Geocentric,
    /// A building site's own axes, or what else has no place on Earth.
    Local,
}

/// A coordinate reference system: its WKT, its codes where it has them, and what it is.
///
/// Two are equal where they mean the same, however they were written.
#[derive(Debug, Clone)]
pub struct Crs {
    wkt: String,
    name: String,
    kind: Kind,
    metre: Option<f64>,
    east_north: bool,
    horizontal: Part,
    vertical: Option<Part>,
}

/// The horizontal or the vertical half of a system.
#[derive(Debug, Clone)]
struct Part {
    name: String,
    epsg: Option<u32>,
    /// PROJJSON, from which PROJ builds it again.
    json: String,
}

/// A vertical system of a territory.
struct Height {
    epsg: u32,
    name: &'static str,
    /// PROJ-data's grid to the ellipsoid.
    grid: &'static str,
}

/// A French system: the names by which users call it, its codes, its names in both languages.
struct System {
    words: &'static [&'static str],
    horizontal: u32,
    height: Option<Height>,
    name: &'static str,
    fr: &'static str,
    en: &'static str,
}

/// RAF20: NGF-IGN69 heights to the ellipsoid, mainland.
pub const MAINLAND_GRID: &str = "fr_ign_RAF20.tif";

/// The French systems of LiDAR HD. Codes looked up in EPSG v10.076 (`projinfo`), grids in PROJ-data `fr_ign`.
static SYSTEMS: [System; 8] = [
    System {
        words: &["lambert93", "lambert-93", "l93", "france", "metropole"],
        horizontal: 2154,
        height: Some(Height { epsg: 5720, name: "NGF-IGN69", grid: MAINLAND_GRID }),
        name: "Lambert-93",
        fr: "France continentale",
        en: "mainland France",
    },
    System {
        words: &["corse", "corsica"],
        horizontal: 2154,
        height: Some(Height { epsg: 5721, name: "NGF-IGN78", grid: "fr_ign_RAC23.tif" }),
        name: "Lambert-93",
        fr: "Corse",
        en: "Corsica",
    },
    System {
        words: &["guadeloupe"],
        horizontal: 5490,
        height: Some(Height { epsg: 5757, name: "Guadeloupe 1988", grid: "fr_ign_RAGTBT2016.tif" }),
        name: "RGAF09 / UTM 20N",
        fr: "Guadeloupe",
        en: "Guadeloupe",
    },
    System {
        words: &["martinique"],
        horizontal: 5490,
        height: Some(Height { epsg: 5756, name: "Martinique 1987", grid: "fr_ign_RAMART2016.tif" }),
        name: "RGAF09 / UTM 20N",
        fr: "Martinique",
        en: "Martinique",
    },
    // Each island has its own heights: the plane system alone is what the word can mean.
    System {
        words: &["antilles"],
        horizontal: 5490,
        height: None,
        name: "RGAF09 / UTM 20N",
        fr: "Antilles françaises",
        en: "French Antilles",
    },
    System {
        words: &["guyane", "french-guiana"],
        horizontal: 2972,
        height: Some(Height { epsg: 5755, name: "NGG 1977", grid: "fr_ign_ggguy15.tif" }),
        name: "RGFG95 / UTM 22N",
        fr: "Guyane",
        en: "French Guiana",
    },
    System {
        words: &["reunion", "réunion", "la-reunion", "la réunion"],
        horizontal: 2975,
        height: Some(Height { epsg: 5758, name: "Réunion 1989", grid: "fr_ign_RAR07_bl.tif" }),
        name: "RGR92 / UTM 40S",
        fr: "La Réunion",
        en: "Réunion",
    },
    System {
        words: &["mayotte"],
        horizontal: 4471,
        height: Some(Height { epsg: 5793, name: "Mayotte 1950", grid: "fr_ign_ggm04v1.tif" }),
        name: "RGM04 / UTM 38S",
        fr: "Mayotte",
        en: "Mayotte",
    },
];

/// The vertical grids of the known systems: file and territory.
pub fn vertical_grids() -> impl Iterator<Item = (&'static str, Text)> {
    SYSTEMS.iter().filter_map(|system| {
        let height = system.height.as_ref()?;
        Some((height.grid, Text { fr: system.fr.to_owned(), en: system.en.to_owned() }))
    })
}

impl Crs {
    /// From a WKT text of any dialect, as files hold it.
    ///
    /// # Errors
    /// Where PROJ does not understand it.
    pub fn from_wkt(wkt: &str) -> Result<Crs, Fault> {
        let wkt = wkt.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if !wkt.contains('[') && !wkt.contains('(') {
            let start = excerpt(wkt);
            return Err(fault!(
                fr: "« {start} » n'est pas un système de coordonnées au format WKT",
                en: "\"{start}\" is not a coordinate reference system in WKT",
            ));
        }
        Crs::from_definition(wkt)
    }

    /// From EPSG codes, as GeoTIFF keys give them: a horizontal or compound one, and perhaps a vertical one.
    ///
    /// # Errors
    /// Where PROJ's database does not hold them.
    pub fn from_epsg(horizontal: u32, vertical: Option<u32>) -> Result<Crs, Fault> {
        match vertical {
            Some(vertical) => Crs::from_definition(&format!("EPSG:{horizontal}+{vertical}")),
            None => Crs::from_definition(&format!("EPSG:{horizontal}")),
        }
    }

    /// From what a user writes: `EPSG:2154`, `2154`, `EPSG:2154+5720`, `EPSG:5698`, `lambert93`, `corse`, …
    ///
    /// # Errors
    /// Where it is none of these.
    pub fn from_user(words: &str) -> Result<Crs, Fault> {
        let words = words.trim();
        let plain = words.to_lowercase().replace([' ', '_'], "-");
        if let Some(system) = SYSTEMS.iter().find(|system| system.words.contains(&plain.as_str())) {
            return Crs::from_epsg(system.horizontal, system.height.as_ref().map(|height| height.epsg));
        }
        if words.contains('[') {
            return Crs::from_wkt(words);
        }
        let codes = plain.strip_prefix("epsg:").unwrap_or(&plain);
        let mut codes = codes.split('+').map(|code| code.trim_start_matches("epsg:").parse::<u32>());
        match (codes.next(), codes.next(), codes.next()) {
            (Some(Ok(horizontal)), None, None) => Crs::from_epsg(horizontal, None),
            (Some(Ok(horizontal)), Some(Ok(vertical)), None) => Crs::from_epsg(horizontal, Some(vertical)),
            _ => Err(fault!(
                fr: "« {words} » n'est pas un système de coordonnées connu ; écrivez par exemple EPSG:2154, \
                     EPSG:2154+5720, lambert93, corse, guadeloupe, martinique, guyane, reunion ou mayotte",
                en: "\"{words}\" is not a known coordinate reference system; write for example EPSG:2154, \
                     EPSG:2154+5720, lambert93, corsica, guadeloupe, martinique, guyane, reunion or mayotte",
            )),
        }
    }

    /// Longitude and latitude in WGS 84, in this order: GeoJSON's system.
    ///
    /// # Errors
    /// Where PROJ's database is not installed.
    pub fn wgs84() -> Result<Crs, Fault> {
        Crs::from_epsg(4326, None)
    }

    /// From GDAL's own object.
    pub(crate) fn from_spatial_ref(spatial: &SpatialRef) -> Result<Crs, Fault> {
        let described = ask(|| Ok((spatial.to_projjson()?, spatial.to_wkt().unwrap_or_default())));
        let (json, wkt) = described.map_err(|cause| unreadable("CRS", &cause))?;
        let value: Value = serde_json::from_str(&json).map_err(|cause| unreadable("PROJJSON", &cause))?;
        let mut crs = Crs::described(&value, if wkt.is_empty() { json } else { wkt })?;
        if value["components"].is_array() && epsg_of(&value).is_some() {
            crs.take_codes(spatial);
        }
        crs.recognise();
        Ok(crs)
    }

    /// The codes of the halves of a coded compound: PROJJSON gives only the compound's own, WKT 1 gives all.
    fn take_codes(&mut self, spatial: &SpatialRef) {
        let code = |node: &str| {
            let text = ask(|| spatial.get_attr_value(&format!("{node}|AUTHORITY"), 1)).ok()??;
            text.parse().ok()
        };
        self.horizontal.epsg = self.horizontal.epsg.or_else(|| code("PROJCS"));
        if let Some(vertical) = &mut self.vertical {
            vertical.epsg = vertical.epsg.or_else(|| code("VERT_CS"));
        }
    }

    /// From anything that PROJ parses.
    fn from_definition(definition: &str) -> Result<Crs, Fault> {
        let spatial = ask(|| SpatialRef::from_definition(definition))
            .map_err(|cause| unreadable(&excerpt(definition), &cause))?;
        Crs::from_spatial_ref(&spatial)
    }

    fn described(value: &Value, wkt: String) -> Result<Crs, Fault> {
        let whole = unbound(value);
        let components = whole["components"].as_array().map_or(&[][..], Vec::as_slice);
        let horizontal = unbound(components.first().unwrap_or(whole));
        let vertical = components.get(1).map(unbound);
        let kind = kind_of(horizontal).ok_or_else(|| {
            let name = name_of(whole);
            fault!(
                fr: "« {name} » ne dit pas où sont les points sur la carte : il faut un système horizontal",
                en: "\"{name}\" does not say where points lie on the map: a horizontal system is needed",
            )
        })?;
        let axes = horizontal["coordinate_system"]["axis"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(Crs {
            wkt,
            name: name_of(whole),
            kind,
            metre: axes.first().and_then(|axis| metres_in(&axis["unit"])),
            east_north: ["east", "north"]
                .iter()
                .all(|way| axes.iter().take(2).any(|axis| axis["direction"] == **way)),
            horizontal: Part::of(horizontal),
            vertical: vertical.map(Part::of),
        })
    }

    /// Gives the code to a French system that was written without it, as ESRI's `.prj` files are, and to a system
    /// that calls itself `EPSG:2154` and has that system's parameters, as some GeoTIFFs do.
    fn recognise(&mut self) {
        if self.horizontal.epsg.is_some() || self.kind != Kind::Projected {
            return;
        }
        let called = self.horizontal.name.strip_prefix("EPSG:").and_then(|code| code.parse().ok());
        if let Some(code) = called.filter(|code| self.horizontal.has_parameters_of(*code)) {
            self.horizontal.epsg = Some(code);
            return;
        }
        let mut known: Vec<u32> = SYSTEMS.iter().map(|system| system.horizontal).collect();
        known.dedup();
        self.horizontal.epsg = ask(|| {
            let own = self.horizontal.spatial()?;
            Ok(known.into_iter().find(|code| spatial_of(&format!("EPSG:{code}")).is_ok_and(|it| it == own)))
        })
        .unwrap_or(None);
    }

    /// The system as WKT (version 1 wherever that can express it).
    pub fn wkt(&self) -> &str {
        &self.wkt
    }

    /// The system's own name, such as `RGF93 v1 / Lambert-93 + NGF-IGN69 height`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// EPSG code of the horizontal half.
    pub fn horizontal_epsg(&self) -> Option<u32> {
        self.horizontal.epsg
    }

    /// EPSG code of the vertical half.
    pub fn vertical_epsg(&self) -> Option<u32> {
        self.vertical.as_ref()?.epsg
    }

    /// Name of the vertical datum's system, such as `NGF-IGN69 height`, or `None` where the CRS is flat.
    pub fn vertical_name(&self) -> Option<&str> {
        self.vertical.as_ref().map(|part| part.name.as_str())
    }

    /// As a flag or a project file takes it: `EPSG:2154+5720`, or the name where there is no code.
    pub fn code(&self) -> String {
        match (self.horizontal.epsg, self.vertical_epsg()) {
            (Some(horizontal), Some(vertical)) => format!("EPSG:{horizontal}+{vertical}"),
            (Some(horizontal), None) => format!("EPSG:{horizontal}"),
            _ => self.name.clone(),
        }
    }

    /// How a user calls it, in both languages.
    pub fn title(&self) -> Text {
        let codes = (self.horizontal.epsg, self.vertical_epsg());
        let known = SYSTEMS.iter().find(|system| {
            codes.0 == Some(system.horizontal)
                && codes.1.is_none_or(|code| system.height.as_ref().is_some_and(|height| height.epsg == code))
        });
        let code = self.code();
        let Some(system) = known else {
            let name = &self.name;
            return if *name == code {
                text!(fr: "{name}", en: "{name}")
            } else {
                text!(fr: "{name} ({code})", en: "{name} ({code})")
            };
        };
        let name = system.name;
        match (&system.height, codes.1) {
            (Some(Height { name: height, .. }), Some(_)) => {
                text!(fr: "{name}, altitudes {height} ({code})", en: "{name}, heights {height} ({code})")
            }
            _ => text!(fr: "{name} ({code})", en: "{name} ({code})"),
        }
    }

    /// What the coordinates on the map are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the map's coordinates are eastings and northings in metres.
    ///
    /// Files hold them in this order whatever order the CRS declares for its axes (GDAL's "traditional GIS
    /// order"), and so does ilot.
    pub fn is_metric(&self) -> bool {
        self.kind == Kind::Projected && self.metre == Some(1.0) && self.east_north
    }

    /// Refuses what is not a projected system in metres: no cell size and no height ratio makes sense there.
    ///
    /// # Errors
    /// One sentence that names `file`.
    pub fn require_metric(&self, file: &Path) -> Result<(), Fault> {
        let (file, name) = (file.display(), &self.name);
        match self.kind {
            _ if self.is_metric() => Ok(()),
            Kind::Geographic => Err(fault!(
                fr: "{file} : les coordonnées sont en degrés ({name}) ; projetez d'abord les données en mètres, par exemple en Lambert-93 (EPSG:2154)",
                en: "{file}: the coordinates are in degrees ({name}); project the data to metres first, for example to Lambert-93 (EPSG:2154)",
            )),
            Kind::Projected => Err(fault!(
                fr: "{file} : {name} n'est pas en mètres vers l'est et vers le nord ; projetez d'abord les données, par exemple en Lambert-93 (EPSG:2154)",
                en: "{file}: {name} is not in metres eastwards and northwards; project the data first, for example to Lambert-93 (EPSG:2154)",
            )),
            Kind::Geocentric | Kind::Local => Err(fault!(
                fr: "{file} : {name} n'est pas un système projeté ; projetez d'abord les données en mètres, par exemple en Lambert-93 (EPSG:2154)",
                en: "{file}: {name} is not a projected system; project the data to metres first, for example to Lambert-93 (EPSG:2154)",
            )),
        }
    }

    /// Whether both mean the same place on the map, whatever their heights.
    ///
    /// The realisations v1, v2 and v2b of RGF93 / Lambert-93 count as one: they differ by 2 to 3 mm.
    pub fn same_horizontal(&self, other: &Crs) -> bool {
        match (self.horizontal.epsg, other.horizontal.epsg) {
            (Some(own), Some(others)) => realised(own) == realised(others),
            _ => self.horizontal.means(&other.horizontal),
        }
    }

    /// The same map without heights.
    ///
    /// # Errors
    /// Where PROJ refuses its own description.
    pub fn flat(&self) -> Result<Crs, Fault> {
        if self.vertical.is_none() {
            return Ok(self.clone());
        }
        Crs::from_definition(&self.horizontal.json)
    }

    /// Whether coordinates plausibly lie where the system is used: finds swapped axes, degrees, a wrong zone.
    ///
    /// A system without a known area passes.
    ///
    /// # Errors
    /// One sentence that names `file`.
    pub fn sanity(&self, extent: &Extent, file: &Path) -> Result<(), Fault> {
        let (x, y) = ((extent.west + extent.east) / 2.0, (extent.south + extent.north) / 2.0);
        let title = self.title();
        let (shown, fr, en) = (file.display(), &title.fr, &title.en);
        if !self.knows_area() || self.is_in_use_at(x, y) {
            return self.heights_sanity(x, y, file);
        }
        let place = format!("x = {x:.0}, y = {y:.0}");
        if self.is_in_use_at(y, x) {
            return Err(fault!(
                fr: "{shown} : les axes semblent inversés ({place}) pour {fr} ; le premier doit être l'est, le second le nord",
                en: "{shown}: the axes seem swapped ({place}) for {en}; the first must be the easting, the second the northing",
            ));
        }
        if self.kind == Kind::Projected && x.abs() <= 180.0 && y.abs() <= 90.0 {
            let place = format!("{x:.4}, {y:.4}");
            return Err(fault!(
                fr: "{shown} : les coordonnées ({place}) semblent être des degrés, pas des mètres en {fr} ; projetez les données ou corrigez --crs",
                en: "{shown}: the coordinates ({place}) seem to be degrees, not metres in {en}; project the data or correct --crs",
            ));
        }
        Err(fault!(
            fr: "{shown} : les coordonnées ({place}) sont hors du domaine d'emploi de {fr} ; donnez le bon système avec --crs",
            en: "{shown}: the coordinates ({place}) lie outside the area of use of {en}; give the right system with --crs",
        ))
    }

    /// Whether the heights' system serves this place: IGN69 in Corsica is a wrong label.
    fn heights_sanity(&self, x: f64, y: f64, file: &Path) -> Result<(), Fault> {
        let Some(vertical) = self.vertical.as_ref().filter(|part| part.epsg.is_some()) else { return Ok(()) };
        let Some(area) = vertical.area(0.5) else { return Ok(()) };
        match self.lon_lat(x, y) {
            Some((lon, lat)) if !area.holds(lon, lat) => {
                let (shown, name) = (file.display(), &vertical.name);
                let place = format!("{lon:.2}°, {lat:.2}°");
                Err(fault!(
                    fr: "{shown} : les altitudes « {name} » ne sont pas en usage à cet endroit ({place}) ; donnez le bon système avec --crs",
                    en: "{shown}: heights \"{name}\" are not used at this place ({place}); give the right system with --crs",
                ))
            }
            _ => Ok(()),
        }
    }

    fn knows_area(&self) -> bool {
        self.horizontal.area(0.0).is_some() && matches!(self.kind, Kind::Projected | Kind::Geographic)
    }

    /// Whether a position lies within half a degree of the area of use, and comes back where it was: far outside
    /// their area projections fold, and nonsense may land in France.
    fn is_in_use_at(&self, x: f64, y: f64) -> bool {
        let Some(area) = self.horizontal.area(0.5) else { return false };
        let Some((lon, lat)) = self.lon_lat(x, y) else { return false };
        area.holds(lon, lat)
            && Crs::wgs84()
                .and_then(|wgs84| Transform::new(&wgs84, self)?.point(lon, lat))
                .is_ok_and(|back| self.kind != Kind::Projected || (back.0 - x).hypot(back.1 - y) < 10.0)
    }

    fn lon_lat(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let place = Transform::new(self, &Crs::wgs84().ok()?).ok()?.point(x, y).ok()?;
        (place.0.is_finite() && place.1.is_finite()).then_some(place)
    }

    /// The fault of a file that says no CRS.
    pub fn missing(file: &Path) -> Fault {
        let file = file.display();
        fault!(
            fr: "{file} ne dit pas dans quel système de coordonnées il est ; indiquez-le, par exemple --crs EPSG:2154+5720 (Lambert-93 et altitudes NGF-IGN69)",
            en: "{file} does not say its coordinate reference system; give it, for example --crs EPSG:2154+5720 (Lambert-93 and heights NGF-IGN69)",
        )
    }

    /// The fault of a file whose CRS is not that of the others.
    pub fn mismatch(&self, expected: &Crs, file: &Path) -> Fault {
        let (file, own, others) = (file.display(), self.title(), expected.title());
        let (own_fr, own_en, fr, en) = (own.fr, own.en, others.fr, others.en);
        fault!(
            fr: "{file} est en {own_fr} alors que le reste est en {fr} ; reprojetez ce fichier, ou corrigez son système avec --crs",
            en: "{file} is in {own_en} while the rest is in {en}; reproject this file, or correct its system with --crs",
        )
    }

    /// GDAL's own object, axes in traditional order. It must stay on this thread.
    pub(crate) fn spatial_ref(&self) -> Result<SpatialRef, Fault> {
        ask(|| spatial_of(&self.wkt)).map_err(|cause| unreadable(&self.name, &cause))
    }
}

impl PartialEq for Crs {
    fn eq(&self, other: &Crs) -> bool {
        let heights = match (&self.vertical, &other.vertical) {
            (None, None) => true,
            (Some(own), Some(others)) => match (own.epsg, others.epsg) {
                (Some(own), Some(others)) => own == others,
                _ => own.means(others),
            },
            _ => false,
        };
        heights && self.same_horizontal(other)
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.title().fmt(f)
    }
}

impl Part {
    fn of(value: &Value) -> Part {
        Part { name: name_of(value), epsg: epsg_of(value), json: value.to_string() }
    }

    fn spatial(&self) -> Result<SpatialRef, gdal::errors::GdalError> {
        spatial_of(&self.json)
    }

    fn means(&self, other: &Part) -> bool {
        self.json == other.json || ask(|| Ok(self.spatial()? == other.spatial()?)).unwrap_or(false)
    }

    /// Whether the projection is that of a code, number for number.
    fn has_parameters_of(&self, code: u32) -> bool {
        let parameters = |json: &str| -> Option<Vec<(String, f64)>> {
            let value: Value = serde_json::from_str(json).ok()?;
            let list = value["conversion"]["parameters"].as_array()?;
            list.iter().map(|one| Some((name_of(one), one["value"].as_f64()?))).collect()
        };
        let theirs = ask(|| spatial_of(&format!("EPSG:{code}"))?.to_projjson())
            .ok()
            .and_then(|json| parameters(&json));
        theirs.is_some() && parameters(&self.json) == theirs
    }

    /// Area of use in degrees, with a margin; by the code, as a WKT seldom carries it.
    fn area(&self, margin: f64) -> Option<Area> {
        let definition = self.epsg.map_or_else(|| self.json.clone(), |code| format!("EPSG:{code}"));
        let area = ask(|| Ok(SpatialRef::from_definition(&definition)?.area_of_use())).ok()??;
        Some(Area {
            west: area.west_lon_degree - margin,
            south: area.south_lat_degree - margin,
            east: area.east_lon_degree + margin,
            north: area.north_lat_degree + margin,
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

/// A change of coordinates. It belongs to the thread that made it.
pub struct Transform {
    inner: CoordTransform,
    names: (String, String),
}

impl Transform {
    /// On the map only: heights pass untouched.
    ///
    /// # Errors
    /// Where PROJ knows no way, or only one that needs a grid that is not installed.
    pub fn new(from: &Crs, to: &Crs) -> Result<Transform, Fault> {
        Transform::built(&from.horizontal.json, &to.horizontal.json, (&from.name, &to.name))
    }

    /// With heights, through whatever vertical grids PROJ finds.
    ///
    /// # Errors
    /// Where PROJ knows no way, or only one that needs a grid that is not installed.
    pub fn with_heights(from: &Crs, to: &Crs) -> Result<Transform, Fault> {
        Transform::built(&from.wkt, &to.wkt, (&from.name, &to.name))
    }

    /// From heights above the sea to longitude, latitude (degrees) and height above the ellipsoid (metres) of the
    /// system's own geodetic datum, through the vertical grid in this file: pinned, so that the result does not
    /// depend on what else is installed.
    ///
    /// RAF20 refers to RGF93 v2b while Lambert-93 is RGF93 v1: 2 to 3 mm on the map, nothing in height.
    ///
    /// # Errors
    /// Where the grid cannot be read.
    pub fn to_ellipsoid(from: &Crs, grid: &Path) -> Result<Transform, Fault> {
        let failed = |cause: String| unreadable(&grid.display().to_string(), &cause);
        let path = grid.display().to_string();
        if path.contains(['"', '\'', '=', ' ', ',']) {
            return Err(failed("a grid's path must have no space, quote, comma or equals sign".to_owned()));
        }
        if !grid.is_file() {
            return Err(failed("no such file".to_owned()));
        }
        let built = ask(|| {
            let flat = from.horizontal.spatial()?;
            let plane = flat.to_proj4()?.replace("+type=crs", "").replace("+no_defs", "");
            let mut options = strict()?;
            options.set_coordinate_operation(
                &format!(
                    "+proj=pipeline +step +inv {plane} +step +proj=vgridshift +grids={path} +multiplier=1 \
                     +step +proj=unitconvert +xy_in=rad +xy_out=deg"
                ),
                false,
            )?;
            CoordTransform::new_with_options(&flat, &spatial_of("EPSG:4979")?, &options)
        });
        let names = (from.name.clone(), path.clone());
        Ok(Transform { inner: built.map_err(failed)?, names })
    }

    fn built(from: &str, to: &str, names: (&str, &str)) -> Result<Transform, Fault> {
        let (source, target) = names;
        let inner =
            ask(|| CoordTransform::new_with_options(&spatial_of(from)?, &spatial_of(to)?, &strict()?));
        let inner = inner.map_err(|cause| no_way(source, target, &cause))?;
        Ok(Transform { inner, names: (source.to_owned(), target.to_owned()) })
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
        ask(|| self.inner.transform_coords(xs, ys, zs)).map_err(|cause| no_way(from, to, &cause))?;
        let finite = [&*xs, &*ys, &*zs].iter().all(|column| column.iter().all(|value| value.is_finite()));
        if finite { Ok(()) } else { Err(no_way(from, to, "a position has no image")) }
    }
}

/// EPSG:9793 and 9794 are Lambert-93 in RGF93 v2 and v2b.
fn realised(code: u32) -> u32 {
    if matches!(code, 9793 | 9794) { 2154 } else { code }
}

/// No ballpark: a missing grid is an error, not an unshifted height.
fn strict() -> Result<CoordTransformOptions, gdal::errors::GdalError> {
    let mut options = CoordTransformOptions::new()?;
    options.set_ballpark_allowed(false)?;
    Ok(options)
}

fn spatial_of(definition: &str) -> Result<SpatialRef, gdal::errors::GdalError> {
    let mut spatial = SpatialRef::from_definition(definition)?;
    spatial.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(spatial)
}

fn no_way(from: &str, to: &str, cause: &str) -> Fault {
    fault!(
        fr: "Aucune transformation sûre de « {from} » vers « {to} » ({cause}) ; une grille de PROJ manque peut-être, voyez `ilot doctor`",
        en: "No safe transformation from \"{from}\" to \"{to}\" ({cause}); a grid of PROJ may be missing, see `ilot doctor`",
    )
}

fn unreadable(what: &str, cause: &dyn fmt::Display) -> Fault {
    fault!(
        fr: "Système de coordonnées illisible « {what} » : {cause}",
        en: "Unreadable coordinate reference system \"{what}\": {cause}",
    )
}

/// The start of a text that may be a whole file.
fn excerpt(text: &str) -> String {
    let start: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

/// The system inside a bound one (WKT 1 with `TOWGS84`).
fn unbound(value: &Value) -> &Value {
    if value["type"] == "BoundCRS" { &value["source_crs"] } else { value }
}

fn kind_of(value: &Value) -> Option<Kind> {
    match value["type"].as_str()? {
        "ProjectedCRS" | "DerivedProjectedCRS" => Some(Kind::Projected),
        "GeographicCRS" | "DerivedGeographicCRS" => Some(Kind::Geographic),
        "GeodeticCRS" | "DerivedGeodeticCRS" => Some(Kind::Geocentric),
        "EngineeringCRS" | "DerivedEngineeringCRS" => Some(Kind::Local),
        _ => None,
    }
}

fn name_of(value: &Value) -> String {
    value["name"].as_str().unwrap_or("?").to_owned()
}

fn epsg_of(value: &Value) -> Option<u32> {
    let id = &value["id"];
    let code = id["code"].as_u64().or_else(|| id["code"].as_str()?.parse().ok())?;
    (id["authority"] == "EPSG").then_some(code)?.try_into().ok()
}

/// Metres in a PROJJSON unit of length.
fn metres_in(unit: &Value) -> Option<f64> {
    match unit.as_str() {
        Some("metre") => Some(1.0),
        Some(_) => None,
        None if unit["type"] == "LinearUnit" => unit["conversion_factor"].as_f64(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESRI_LAMBERT_93: &str = r#"PROJCS["RGF_1993_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",49.0],PARAMETER["Standard_Parallel_2",44.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]"#;

    fn extent(west: f64, south: f64) -> Extent {
        Extent { west, south, east: west + 50.0, north: south + 50.0 }
    }

    #[test]
    fn all_ways_to_say_lambert_93_mean_the_same() {
        let ways = [
            "EPSG:2154+5720",
            "2154+5720",
            "epsg:5698",
            "5698",
            "lambert93",
            "Lambert-93",
            "EPSG:2154+EPSG:5720",
        ];
        for way in ways {
            let crs = Crs::from_user(way).unwrap();
            assert_eq!((crs.horizontal_epsg(), crs.vertical_epsg()), (Some(2154), Some(5720)), "{way}");
            assert_eq!(crs, Crs::from_epsg(2154, Some(5720)).unwrap(), "{way}");
            assert!(crs.is_metric());
        }
        let flat = Crs::from_user("EPSG:2154").unwrap();
        assert_ne!(flat, Crs::from_user("lambert93").unwrap());
        assert!(flat.same_horizontal(&Crs::from_user("lambert93").unwrap()));
        assert_eq!(Crs::from_user("lambert93").unwrap().flat().unwrap(), flat);
        assert_eq!(Crs::from_user("lambert93").unwrap().code(), "EPSG:2154+5720");
    }

    #[test]
    fn the_table_holds_what_proj_says() {
        let expected = [
            ("lambert93", 2154, Some((5720, "NGF-IGN69 height"))),
            ("corse", 2154, Some((5721, "NGF-IGN78 height"))),
            ("corsica", 2154, Some((5721, "NGF-IGN78 height"))),
            ("guadeloupe", 5490, Some((5757, "Guadeloupe 1988 height"))),
            ("martinique", 5490, Some((5756, "Martinique 1987 height"))),
            ("antilles", 5490, None),
            ("guyane", 2972, Some((5755, "NGG1977 height"))),
            ("reunion", 2975, Some((5758, "Reunion 1989 height"))),
            ("mayotte", 4471, Some((5793, "Mayotte 1950 height"))),
        ];
        for (word, horizontal, vertical) in expected {
            let crs = Crs::from_user(word).unwrap();
            assert_eq!(crs.horizontal_epsg(), Some(horizontal), "{word}");
            assert_eq!(crs.vertical_epsg().zip(crs.vertical_name()), vertical, "{word}");
            assert!(crs.is_metric(), "{word}");
        }
        assert_eq!(Crs::from_user("EPSG:5699").unwrap(), Crs::from_user("corse").unwrap());
    }

    #[test]
    fn wkt_of_all_dialects_is_understood() {
        let compound = Crs::from_epsg(2154, Some(5720)).unwrap();
        assert_eq!(Crs::from_wkt(compound.wkt()).unwrap(), compound);
        assert!(compound.wkt().starts_with("COMPD_CS["), "{}", compound.wkt());
        let esri = Crs::from_wkt(ESRI_LAMBERT_93).unwrap();
        assert_eq!(esri.horizontal_epsg(), Some(2154));
        assert_eq!(esri, Crs::from_epsg(2154, None).unwrap());
        // As PDAL and LAStools write it: no code at the top.
        let bare = compound.wkt().replace(r#",AUTHORITY["EPSG","2154"]"#, "");
        assert_eq!(Crs::from_wkt(&bare).unwrap(), compound);
        let padded = format!("{}\0\0\0", compound.wkt());
        assert_eq!(Crs::from_wkt(&padded).unwrap(), compound);
        let wkt2 = r#"COMPOUNDCRS["mine",PROJCRS["RGF93 v1 / Lambert-93",BASEGEOGCRS["RGF93 v1",DATUM["Reseau Geodesique Francais 1993 v1",ELLIPSOID["GRS 1980",6378137,298.257222101]]],CONVERSION["Lambert-93",METHOD["Lambert Conic Conformal (2SP)",ID["EPSG",9802]],PARAMETER["Latitude of false origin",46.5,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of false origin",3,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Latitude of 1st standard parallel",49,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Latitude of 2nd standard parallel",44,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Easting at false origin",700000,LENGTHUNIT["metre",1]],PARAMETER["Northing at false origin",6600000,LENGTHUNIT["metre",1]]],CS[Cartesian,2],AXIS["easting (X)",east],AXIS["northing (Y)",north],LENGTHUNIT["metre",1],ID["EPSG",2154]],VERTCRS["NGF-IGN69 height",VDATUM["Nivellement General de la France - IGN69"],CS[vertical,1],AXIS["gravity-related height (H)",up,LENGTHUNIT["metre",1]],ID["EPSG",5720]]]"#;
        assert_eq!(Crs::from_wkt(wkt2).unwrap(), compound);
    }

    #[test]
    fn malformed_text_is_a_fault() {
        let compound = Crs::from_epsg(2154, Some(5720)).unwrap();
        for cut in [0, 1, 9, 40, 200, 500] {
            assert!(Crs::from_wkt(&compound.wkt()[..cut]).is_err(), "cut at {cut}");
        }
        let deep = "PROJCS[".repeat(20_000);
        let texts = [
            "",
            "\0",
            "PROJCS[",
            "PROJCS[\"\u{0}\"]",
            "[]",
            "{\"type\":[1]}",
            "((((",
            &deep,
            "VERT_CS[\"x\"]",
        ];
        for text in texts {
            assert!(Crs::from_wkt(text).is_err(), "{}", excerpt(text));
        }
        for text in [
            "",
            "lambert",
            "EPSG:",
            "EPSG:0",
            "EPSG:99999999999",
            "2154+",
            "2154+5720+1",
            "-1",
            "5720",
            "EPSG:2154+2154",
        ] {
            assert!(Crs::from_user(text).is_err(), "{text}");
        }
        let said = Crs::from_user("paris").unwrap_err().0.en;
        assert!(said.contains("paris") && said.contains("EPSG:2154"), "{said}");
    }

    #[test]
    fn degrees_and_feet_are_refused() {
        let file = Path::new("tile.laz");
        assert!(Crs::from_epsg(2154, Some(5720)).unwrap().require_metric(file).is_ok());
        // WGS 84; geocentric; New York in feet; Sweden's RT90, north first on paper but east first in files.
        let said = Crs::wgs84().unwrap().require_metric(file).unwrap_err().0.en;
        assert!(said.contains("tile.laz") && said.contains("degrees"), "{said}");
        assert!(Crs::from_epsg(4978, None).unwrap().require_metric(file).is_err());
        assert!(Crs::from_epsg(2263, None).unwrap().require_metric(file).is_err());
        assert!(Crs::from_epsg(3021, None).unwrap().require_metric(file).is_ok());
    }

    #[test]
    fn transformations_agree_with_cs2cs() {
        // cs2cs 9.1.1, `cs2cs -f %.9f EPSG:2154 EPSG:4326` and so on (there: latitude first).
        let known = [
            (2154, (770_550.0, 6_277_550.0), (3.873_396_158, 43.593_494_855)),
            (2154, (652_000.0, 6_862_000.0), (2.345_811_959, 48.856_248_141)),
            (2154, (1_200_000.0, 6_100_000.0), (9.010_871_732, 41.829_506_140)),
            (2975, (377_000.0, 7_655_950.0), (55.815_024_443, -21.193_744_561)),
            (5490, (650_000.0, 1_790_000.0), (-61.596_835_543, 16.185_801_949)),
            (2972, (350_000.0, 545_000.0), (-52.352_858_115, 4.929_287_137)),
            (4471, (520_000.0, 8_585_000.0), (45.184_284_563, -12.799_766_964)),
        ];
        let wgs84 = Crs::wgs84().unwrap();
        for (code, (x, y), (lon, lat)) in known {
            let crs = Crs::from_epsg(code, None).unwrap();
            let found = Transform::new(&crs, &wgs84).unwrap().point(x, y).unwrap();
            assert!((found.0 - lon).abs() < 2e-9 && (found.1 - lat).abs() < 2e-9, "{code}: {found:?}");
            let back = Transform::new(&wgs84, &crs).unwrap().point(found.0, found.1).unwrap();
            assert!((back.0 - x).abs() < 1e-5 && (back.1 - y).abs() < 1e-5, "{code}: {back:?}");
        }
    }

    #[test]
    fn a_missing_grid_is_an_error_and_no_height_passes_unshifted() {
        // No French overseas grid is on any build machine of ours; where one is, the shift is real.
        let reunion = Crs::from_user("reunion").unwrap();
        let ellipsoidal = Crs::from_epsg(4979, None).unwrap();
        let height = Transform::with_heights(&reunion, &ellipsoidal)
            .and_then(|it| it.point3(377_000.0, 7_655_950.0, 150.0));
        assert!(
            height.is_err_and(|fault| fault.0.en.contains("doctor"))
                || crate::formats::library::find_grid("fr_ign_RAR07_bl.tif", &[]).is_some()
        );
        let nowhere = Transform::to_ellipsoid(&reunion, Path::new("/nowhere/fr_ign_RAR07_bl.tif"));
        assert!(nowhere.is_err());
    }

    #[test]
    fn a_wrong_place_is_told_apart() {
        let file = Path::new("tile.laz");
        let crs = Crs::from_user("lambert93").unwrap();
        assert!(crs.sanity(&extent(770_550.0, 6_277_550.0), file).is_ok());
        assert!(crs.sanity(&extent(299_000.0, 6_801_000.0), file).is_ok());
        let said = |crs: &Crs, x, y| crs.sanity(&extent(x, y), file).unwrap_err().0.en;
        assert!(said(&crs, 6_277_550.0, 770_550.0).contains("swapped"));
        assert!(said(&crs, 3.87, 43.59).contains("degrees"));
        assert!(said(&crs, 377_000.0, 7_655_950.0).contains("outside"), "Réunion is not in Lambert-93");
        assert!(said(&crs, 0.0, 0.0).contains("tile.laz"));
        assert!(said(&crs, f64::NAN, 0.0).contains("outside"));
        assert!(said(&crs, 1e300, -1e300).contains("outside"));
        // Ajaccio with mainland heights, and Montpellier with Corsican ones.
        assert!(said(&crs, 1_180_000.0, 6_110_000.0).contains("NGF-IGN69"));
        let corsica = Crs::from_user("corse").unwrap();
        assert!(corsica.sanity(&extent(1_180_000.0, 6_110_000.0), file).is_ok());
        assert!(said(&corsica, 770_550.0, 6_277_550.0).contains("NGF-IGN78"));
        let reunion = Crs::from_user("reunion").unwrap();
        assert!(reunion.sanity(&extent(377_000.0, 7_655_950.0), file).is_ok());
        assert!(said(&reunion, 7_655_950.0, 377_000.0).contains("swapped"));
    }

    #[test]
    fn a_user_reads_names_not_codes_alone() {
        let title = Crs::from_user("corse").unwrap().title();
        assert_eq!(title.fr, "Lambert-93, altitudes NGF-IGN78 (EPSG:2154+5721)");
        assert_eq!(title.en, "Lambert-93, heights NGF-IGN78 (EPSG:2154+5721)");
        assert_eq!(Crs::from_epsg(3007, None).unwrap().title().en, "SWEREF99 12 00 (EPSG:3007)");
        assert!(Crs::missing(Path::new("a.laz")).0.fr.contains("--crs"));
        let reunion = Crs::from_user("reunion").unwrap();
        assert!(
            reunion.mismatch(&Crs::from_user("corse").unwrap(), Path::new("a.laz")).0.en.contains("UTM 40S")
        );
    }

    #[test]
    fn a_crs_goes_between_threads() {
        fn travels<T: Send + Sync + Clone>() {}
        travels::<Crs>();
    }
}
