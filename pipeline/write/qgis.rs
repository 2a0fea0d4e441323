//! What lies in a folder of results → `ilot.qgz`, a QGIS project over it.
//!
//! In: the mosaics and layers of the registry that are there, with their styles. Out: a project with relative paths, so
//! that the folder can be moved: a group for each family, objects on top, titles and descriptions in the language spoken,
//! the land cover (else the height above ground) under the buildings and the hillshade at first sight. Trees are shown from
//! 1:15,000 on. QGIS 3.22 and later open it. The project is XML in a ZIP archive, as QGIS writes it.
//!
//! Fails where: the disk is full. Cost: milliseconds.

use crate::account::Account;
use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::raster::escaped;
use crate::product::{EUROPE, EUROPEAN, FAMILIES, GROUPS, HILLSHADE, Look, Spec, Words, looks};
use crate::store::Store;
use crate::style;
use crate::text;
use crate::text::{Fault, Language};
use ilot_kernels::extent::Extent;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

/// The project, below the folder of results.
pub const NAME: &str = "ilot.qgz";

/// Rasters of which the first that is there is seen at first, below hillshade and buildings.
const FIRST: [&str; 4] = ["heat_night", "cover", "chm", "dtm"];

/// Layers of features that are seen at first.
const SEEN: [&str; 2] = ["stations", "buildings"];

/// Layers of many features are drawn from this scale on.
const NEAR: u32 = 15_000;

/// One layer of the project.
struct Shown {
    name: &'static str,
    title: Words,
    meaning: Words,
    source: String,
    is_raster: bool,
    crowded: bool,
    style: String,
}

/// Writes the project over what is there; nothing where nothing is.
///
/// # Errors
/// Where it cannot be written.
pub fn write(store: &Store, account: &Account, crs: &Crs, extent: &Extent) -> Result<(), Fault> {
    let language = Language::spoken();
    let groups = groups(store, account);
    if groups.iter().all(|(_, layers)| layers.is_empty()) {
        return Ok(());
    }
    let mut systems = Systems { own: system(crs)?, european: String::new() };
    if groups.iter().any(|(_, layers)| layers.iter().any(Shown::is_european)) {
        systems.european = system(&Crs::from_epsg(EUROPE, None)?)?;
    }
    let project = account.told(project(&groups, &systems, extent, language));
    store.write(NAME, &zipped(&project)?)
}

/// Groups from top to bottom, each with the layers that are there.
fn groups(store: &Store, account: &Account) -> Vec<(Words, Vec<Shown>)> {
    let looks: Vec<Look> =
        looks().into_iter().filter(|look| account.holds(&format!("{}.gpkg", look.file))).collect();
    let raster =
        |store: &Store, spec: &'static Spec| raster(store, spec).filter(|_| account.holds(spec.name));
    let of = |title: &Words| {
        looks.iter().filter(|look| look.group == *title).filter_map(|look| layer(store, look)).collect()
    };
    let mut groups: Vec<(Words, Vec<Shown>)> = GROUPS.iter().map(|title| (*title, of(title))).collect();
    // What shades all others lies over them.
    let relief = &HILLSHADE.spec;
    groups.push((relief.title, raster(store, relief).into_iter().collect()));
    for family in FAMILIES.iter().rev() {
        let specs = family.specs.iter().filter(|spec| spec.name != relief.name);
        groups.push((family.title, specs.filter_map(|spec| raster(store, spec)).collect()));
    }
    groups
}

/// The inside of a style, as a layer of a project has it.
fn inside(style: &str) -> Option<String> {
    let style = style.split_once("<qgis").and_then(|(_, rest)| rest.split_once('>'))?.1;
    Some(style.rsplit_once("</qgis>")?.0.to_owned())
}

fn raster(store: &Store, spec: &'static Spec) -> Option<Shown> {
    let name = spec.name;
    let style = std::fs::read_to_string(store.out().join(format!("{name}.qml"))).ok()?;
    let (title, meaning, source) = (spec.title, spec.meaning, format!("./{name}.vrt"));
    let shown =
        Shown { name, title, meaning, source, is_raster: true, crowded: false, style: inside(&style)? };
    store.has(&format!("{name}.vrt")).then_some(shown)
}

fn layer(store: &Store, look: &Look) -> Option<Shown> {
    let Look { name, file, title, meaning, crowded, .. } = *look;
    let inner = file.rsplit('/').next().unwrap_or(file);
    let source = format!("./{file}.gpkg|layername={inner}");
    let style = inside(&style::look_qml(look, Language::spoken()))?;
    let shown = Shown { name, title, meaning, source, is_raster: false, crowded, style };
    store.has(&format!("{file}.gpkg")).then_some(shown)
}

/// The system of the map as QGIS wants it; heights are not its matter.
fn system(crs: &Crs) -> Result<String, Fault> {
    let flat = crs.flat()?;
    let code = flat.horizontal_epsg();
    let id = code.map_or(String::new(), |code| format!("<srid>{code}</srid><authid>EPSG:{code}</authid>"));
    let wkt = escaped(flat.wkt());
    Ok(format!("<spatialrefsys><wkt>{wkt}</wkt>{id}<geographicflag>false</geographicflag></spatialrefsys>"))
}

/// The systems of layers, as QGIS wants them.
struct Systems {
    own: String,
    european: String,
}

fn project(groups: &[(Words, Vec<Shown>)], systems: &Systems, extent: &Extent, language: Language) -> String {
    let system = &systems.own;
    let there = |name: &str| {
        let mut all = groups.iter().flat_map(|(_, layers)| layers);
        all.any(|layer| layer.is_raster && layer.name == name)
    };
    let first = FIRST.into_iter().find(|name| there(name));
    let is_seen = |layer: &Shown| {
        let name = layer.name;
        if layer.is_raster {
            Some(name) == first || name == HILLSHADE.spec.name
        } else {
            SEEN.contains(&name)
        }
    };
    let (mut tree, mut layers) = (String::new(), String::new());
    for (title, shown) in groups.iter().filter(|(_, layers)| !layers.is_empty()) {
        let title = escaped(title.in_language(language));
        let _ = write!(tree, "<layer-tree-group name=\"{title}\" checked=\"Qt::Checked\" expanded=\"1\">");
        for layer in shown {
            tree.push_str(&layer.leaf(is_seen(layer), language));
            let own = if layer.is_european() { &systems.european } else { system };
            layers.push_str(&layer.whole(own, language));
        }
        tree.push_str("</layer-tree-group>");
    }
    let Extent { west, south, east, north } = extent;
    let version = env!("CARGO_PKG_VERSION");
    let title = text!(fr: "Résultats d'ilot {version}", en: "Results of ilot {version}");
    let title = escaped(if language == Language::French { &title.fr } else { &title.en });
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis projectname=\"{title}\" version=\"3.22.0\"><homePath path=\"\"/><title>{title}</title>\
         <projectCrs>{system}</projectCrs><layer-tree-group><customproperties/>{tree}</layer-tree-group>\
         <mapcanvas name=\"theMapCanvas\" annotationsVisible=\"1\"><units>meters</units><extent><xmin>{west}</xmin>\
         <ymin>{south}</ymin><xmax>{east}</xmax><ymax>{north}</ymax></extent><rotation>0</rotation>\
         <destinationsrs>{system}</destinationsrs></mapcanvas><projectlayers>{layers}</projectlayers><properties>\
         <SpatialRefSys><ProjectionsEnabled type=\"int\">1</ProjectionsEnabled></SpatialRefSys>\
         <Paths><Absolute type=\"bool\">false</Absolute></Paths></properties></qgis>\n"
    )
}

impl Shown {
    /// QGIS finds no layer whose id is short.
    fn id(&self) -> String {
        format!("ilot_{}_{}", if self.is_raster { "product" } else { "layer" }, self.name)
    }

    /// Whether it lies on the European grid and not on the map of the run.
    fn is_european(&self) -> bool {
        EUROPEAN.iter().any(|spec| spec.name == self.name)
    }

    fn provider(&self) -> &'static str {
        if self.is_raster { "gdal" } else { "ogr" }
    }

    /// Its place in the tree.
    fn leaf(&self, seen: bool, language: Language) -> String {
        let (id, title) = (self.id(), escaped(self.title.in_language(language)));
        let (source, provider) = (escaped(&self.source), self.provider());
        let checked = if seen { "Qt::Checked" } else { "Qt::Unchecked" };
        format!(
            "<layer-tree-layer id=\"{id}\" name=\"{title}\" source=\"{source}\" providerKey=\"{provider}\" \
             checked=\"{checked}\" expanded=\"0\"/>"
        )
    }

    /// The layer with its style.
    fn whole(&self, system: &str, language: Language) -> String {
        let (id, title) = (self.id(), escaped(self.title.in_language(language)));
        let (source, provider) = (escaped(&self.source), self.provider());
        let meaning = escaped(self.meaning.in_language(language));
        let kind = if self.is_raster { "raster" } else { "vector" };
        let near = u8::from(self.crowded);
        let style = &self.style;
        format!(
            "<maplayer type=\"{kind}\" hasScaleBasedVisibilityFlag=\"{near}\" maxScale=\"0\" minScale=\"{NEAR}\">\
             <id>{id}</id><datasource>{source}</datasource><layername>{title}</layername><srs>{system}</srs>\
             <provider encoding=\"UTF-8\">{provider}</provider><title>{title}</title><abstract>{meaning}</abstract>\
             <resourceMetadata><title>{title}</title><abstract>{meaning}</abstract></resourceMetadata>{style}</maplayer>"
        )
    }
}

fn zipped(project: &str) -> Result<Vec<u8>, Fault> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // The same results give the same bytes, whenever.
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    let written = archive
        .start_file("ilot.qgs", options)
        .and_then(|()| Ok(archive.write_all(project.as_bytes())?))
        .and_then(|()| archive.finish());
    written.map(Cursor::into_inner).map_err(
        |why| fault!(fr: "{NAME} ne peut être écrit ({why}).", en: "{NAME} cannot be written ({why})."),
    )
}
