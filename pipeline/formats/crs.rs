//! Coordinate reference systems: what a file or a user says ↔ what ilot knows of it.
//!
//! In: WKT (1, 2, ESRI's), EPSG codes, a name such as `lambert93`. Out: a [`Crs`] that can be sent between
//! threads, and [`Transform`]s between two of them. PROJ is the only judge: a text is parsed by it and
//! described by its PROJJSON (OGC 18-005r4 §C), from which kind, unit, axes and codes are read. A missing CRS is never
//! guessed, a transformation that would need a missing grid is refused (PROJ would otherwise let heights pass
//! unshifted: 44 to 53 m wrong in France).
//!
//! Fails where: a WKT without codes is recognised only among the French systems of the table below; areas of use
//! are known for coded systems only. Cost: a parse takes about a millisecond, a plane transformation
//! about 0.3 µs per point.

mod place;
mod transform;

use std::fmt;
use std::path::Path;

use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use serde_json::Value;

pub use place::Place;
pub use transform::Transform;

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
    /// Metres in a unit of height, where there are heights and their unit is a length.
    height_metre: Option<Option<f64>>,
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
    /// The longitudes and latitudes of that grid.
    frame: u32,
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
        height: Some(Height { epsg: 5720, name: "NGF-IGN69", grid: MAINLAND_GRID, frame: 4171 }),
        name: "Lambert-93",
        fr: "France continentale",
        en: "mainland France",
    },
    System {
        words: &["corse", "corsica"],
        horizontal: 2154,
        height: Some(Height { epsg: 5721, name: "NGF-IGN78", grid: "fr_ign_RAC23.tif", frame: 4171 }),
        name: "Lambert-93",
        fr: "Corse",
        en: "Corsica",
    },
    System {
        words: &["guadeloupe"],
        horizontal: 5490,
        height: Some(Height {
            epsg: 5757,
            name: "Guadeloupe 1988",
            grid: "fr_ign_RAGTBT2016.tif",
            frame: 5489,
        }),
        name: "RGAF09 / UTM 20N",
        fr: "Guadeloupe",
        en: "Guadeloupe",
    },
    System {
        words: &["martinique"],
        horizontal: 5490,
        height: Some(Height {
            epsg: 5756,
            name: "Martinique 1987",
            grid: "fr_ign_RAMART2016.tif",
            frame: 5489,
        }),
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
        height: Some(Height { epsg: 5755, name: "NGG 1977", grid: "fr_ign_ggguy15.tif", frame: 4624 }),
        name: "RGFG95 / UTM 22N",
        fr: "Guyane",
        en: "French Guiana",
    },
    System {
        words: &["reunion", "réunion", "la-reunion", "la réunion"],
        horizontal: 2975,
        height: Some(Height { epsg: 5758, name: "Réunion 1989", grid: "fr_ign_RAR07_bl.tif", frame: 4627 }),
        name: "RGR92 / UTM 40S",
        fr: "La Réunion",
        en: "Réunion",
    },
    System {
        words: &["mayotte"],
        horizontal: 4471,
        height: Some(Height { epsg: 5793, name: "Mayotte 1950", grid: "fr_ign_ggm04v1.tif", frame: 4470 }),
        name: "RGM04 / UTM 38S",
        fr: "Mayotte",
        en: "Mayotte",
    },
];

/// The vertical systems of the territories.
fn heights() -> impl Iterator<Item = &'static Height> {
    SYSTEMS.iter().filter_map(|system| system.height.as_ref())
}

/// The vertical grids of the known systems: file and territory.
pub fn vertical_grids() -> impl Iterator<Item = (&'static str, Text)> {
    SYSTEMS.iter().filter_map(|system| {
        let height = system.height.as_ref()?;
        Some((height.grid, Text { fr: system.fr.to_owned(), en: system.en.to_owned() }))
    })
}

/// EPSG's code of the projection of web maps, whose unit stretches with latitude.
const WEB_MERCATOR: u32 = 3857;

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
            height_metre: vertical.map(|part| metres_in(&part["coordinate_system"]["axis"][0]["unit"])),
            east_north: ["east", "north"]
                .iter()
                .all(|way| axes.iter().take(2).any(|axis| axis["direction"] == **way)),
            horizontal: Part::of(horizontal),
            vertical: vertical.map(Part::of),
        })
    }

    /// Gives the code to French heights in metres that are called by their name alone, and to a French system that was written without it, as ESRI's `.prj` files are, and to a system
    /// that calls itself `EPSG:2154` and has that system's parameters, as some GeoTIFFs do.
    fn recognise(&mut self) {
        let metric = self.height_metre == Some(Some(1.0));
        if let Some(part) = self.vertical.as_mut().filter(|part| metric && part.epsg.is_none()) {
            let name: String = part.name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
            let said = |words: [&str; 2]| words.iter().any(|word| name.contains(word));
            part.epsg = [(5720, ["ign69", "ign1969"]), (5721, ["ign78", "ign1978"])]
                .into_iter()
                .find_map(|(code, words)| said(words).then_some(code));
        }
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

    /// The grid of PROJ-data that brings this system's heights to the ellipsoid, whatever the map, for French heights.
    pub fn height_grid(&self) -> Option<&'static str> {
        let vertical = self.vertical_epsg()?;
        heights().find(|height| height.epsg == vertical).map(|height| height.grid)
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
            _ if self.is_metric() && self.height_metre.is_some_and(|metre| metre != Some(1.0)) => {
                Err(fault!(
                    fr: "{file} : les altitudes de {name} ne sont pas en mètres ; convertissez-les d'abord",
                    en: "{file}: the heights of {name} are not in metres; convert them first",
                ))
            }
            _ if self.horizontal_epsg() == Some(WEB_MERCATOR) => Err(fault!(
                fr: "{file} : les mètres de {name} ne sont pas des mètres sur le terrain (un sur 0,68 à 46° nord) ; projetez d'abord les données, par exemple en Lambert-93 (EPSG:2154)",
                en: "{file}: the metres of {name} are no metres on the ground (one is 0.68 at 46° north); project the data first, for example to Lambert-93 (EPSG:2154)",
            )),
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

    /// The map as a PROJ string, for who projects without PROJ: `+proj=lcc +lat_0=46.5 …`.
    ///
    /// # Errors
    /// Where the system cannot be said so.
    pub fn proj(&self) -> Result<String, Fault> {
        ask(|| self.horizontal.spatial()?.to_proj4()).map(|words| words.trim().to_owned()).map_err(|why| {
            let name = &self.name;
            fault!(
                fr: "Le système {name} ne s'écrit pas pour une carte du web ({why}).",
                en: "The system {name} cannot be written for a web map ({why}).",
            )
        })
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
            fr: "{file} est en {own_fr} alors que la plupart des points ou --crs sont en {fr} ; reprojetez ce fichier, ou corrigez son système avec --crs",
            en: "{file} is in {own_en} while most points or --crs are in {en}; reproject this file, or correct its system with --crs",
        )
    }

    /// The same map with heights of another system, by its EPSG code: LiDAR HD clouds name their heights in the
    /// file's name only.
    ///
    /// # Errors
    /// Where the map's system has no code, or PROJ does not know such heights.
    pub fn with_heights(&self, vertical: u32) -> Result<Crs, Fault> {
        let Some(horizontal) = self.horizontal.epsg else {
            let name = &self.name;
            return Err(fault!(
                fr: "« {name} » n'a pas de code EPSG auquel joindre des altitudes ; donnez le système complet avec --crs",
                en: "\"{name}\" has no EPSG code to which heights can be joined; give the whole system with --crs",
            ));
        };
        Crs::from_epsg(horizontal, Some(vertical))
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
}

/// EPSG:9793 and 9794 are Lambert-93 in RGF93 v2 and v2b.
fn realised(code: u32) -> u32 {
    if matches!(code, 9793 | 9794) { 2154 } else { code }
}

fn spatial_of(definition: &str) -> Result<SpatialRef, gdal::errors::GdalError> {
    let mut spatial = SpatialRef::from_definition(definition)?;
    spatial.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(spatial)
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
mod tests;
