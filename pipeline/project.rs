//! `ilot.toml` and the flags of the command line → [`Settings`], resolved once.
//!
//! A project file and the flags of `ilot surface` fill the same [`Project`]; below [`Settings::resolve`]
//! nothing is optional any more and no path is relative. The JSON Schema of the file is made from this type.

use crate::cloud::classes::ClassSet;
use crate::cloud::trust::ClassesRule;
use crate::fault;
use crate::landcover::settings::{CoverSettings, Section as CoverSection};
use crate::measures::steps;
use crate::product::{
    COMFORT, Cell, ELEVATION, FORM, LAND, LAYERS_OF_MEASURES, NDVI, SKY, SUNLIGHT, Spec, VECTORS, Vector,
    of_tiles,
};
use crate::publish::credits;
use crate::text::Fault;
use ilot_kernels::frame::{Gridding, Registration};
use ilot_kernels::unit::Metres;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A project as it is written in `ilot.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// What is read.
    pub input: Input,
    /// What is written, and where.
    pub output: Output,
    /// How terrain and surface are made.
    pub elevation: Elevation,
    /// What covers the ground; made where this section is there, or one of its products is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cover: Option<CoverSection>,
    /// The sky, the shade and the hours of sun over the surface; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sky: Option<steps::sky::Section>,
    /// Shade, hours of sun and a year's light over the surface; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sun: Option<steps::sun::Section>,
    /// Radiant and felt temperature at given hours; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comfort: Option<steps::comfort::Section>,
    /// Urban form and local climate zones of squares and blocks; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lcz: Option<steps::lcz::Section>,
    /// Temperature sensors of the town: their readings, checked; done where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensors: Option<steps::sensors::Section>,
    /// Maps of warmth from these sensors; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heat: Option<steps::heat::Section>,
    /// Artificialised soil by commune, its report, and what to do with each parcel; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zan: Option<steps::zan::Section>,
    /// 3D Tiles of the run, for a digital twin; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles: Option<steps::tiles::Section>,
    /// Archives of map tiles of all that the run has made; made where this section is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pmtiles: Option<steps::pmtiles::Section>,
    /// What the published results say of their origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<credits::Section>,
    /// How the machine is used; changes no result.
    pub machine: Machine,
}

/// What is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// Point clouds: LAS, LAZ or COPC files, or folders that hold them.
    pub lidar: Vec<PathBuf>,
    /// CRS of the clouds that name none: `EPSG:2154`, `EPSG:2154+5720`, `lambert93`…
    pub crs: Option<String>,
    /// `auto`: the classes of clouds that bear none are found anew, those of others taken as they are; `trusted`:
    /// all as they are; `recompute`: all anew.
    pub classes: ClassesRule,
    /// Footprints of buildings that those of the clouds are compared with: BD TOPO's BATIMENT, or a cadastre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buildings: Option<PathBuf>,
}

/// What is written, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Folder of the results, made where it is missing.
    pub dir: PathBuf,
    /// Names of the wanted products; empty for all of them.
    pub products: Vec<String>,
    /// Side of an output tile, metres.
    pub tile_size: f64,
}

impl Default for Output {
    fn default() -> Output {
        Output { dir: PathBuf::from("out"), products: Vec::new(), tile_size: 1000.0 }
    }
}

/// How terrain and surface are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Elevation {
    /// Side of a cell, metres.
    pub cell: f64,
    /// `node`: cell centres on multiples of the cell size, as IGN; `cell`: cell edges.
    pub registration: RegistrationName,
    /// `standard`: terrain by triangulation, surface by the highest point of a cell; `tin`: both by
    /// triangulation of class lists; `ign`: the choice of points of IGN's production, then triangulation.
    pub method: Method,
    /// Classes of the terrain.
    pub dtm_classes: Classes,
    /// Classes of the surface: a list, or `"all"` for all but noise (7, 18, 65) and virtual points (66).
    pub dsm_classes: Classes,
    /// No triangle has an edge longer than this, metres: larger voids stay open.
    pub max_edge: f64,
    /// Voids of the surface are filled from data within this distance, metres (method `standard`).
    pub void_reach: f64,
    /// Spike-free surface (Khosravipour 2016) in place of the highest point.
    pub spike_free: bool,
    /// Light of the hillshade.
    pub light: LightName,
}

impl Default for Elevation {
    fn default() -> Elevation {
        Elevation {
            cell: 0.5,
            registration: RegistrationName::Node,
            method: Method::Standard,
            dtm_classes: Classes::List(vec![2, 9, 66]),
            dsm_classes: Classes::List(vec![2, 3, 4, 5, 6, 9, 17]),
            max_edge: 200.0,
            void_reach: 2.0,
            spike_free: false,
            light: LightName::NorthWest,
        }
    }
}

/// How the machine is used; changes no result.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// Threads; 0 for one per core.
    pub threads: usize,
    /// Memory for tiles in flight, such as `"4G"`.
    pub memory: Option<String>,
}

/// Registration as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationName {
    /// Cell centres on multiples of the cell size.
    Node,
    /// Cell edges on multiples of the cell size.
    Cell,
}

/// How terrain and surface are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Terrain by triangulation, surface by the highest point of a cell.
    Standard,
    /// Both by triangulation of class lists.
    Tin,
    /// The points that IGN's production chooses, then triangulation.
    Ign,
}

/// Light of the hillshade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LightName {
    /// One light from the north-west, 45° high.
    NorthWest,
    /// Four lights, weighted by the aspect.
    Multidirectional,
}

/// A list of classes, or the word `all`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Classes {
    /// Class numbers.
    List(Vec<u8>),
    /// The word `all`.
    Word(String),
}

/// Everything that a run needs, checked; nothing is left to be guessed below.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Cloud files and folders, in the order given.
    pub lidar: Vec<PathBuf>,
    /// CRS of the clouds that name none, as the user wrote it.
    pub crs: Option<String>,
    /// Whether the classes of clouds are taken as they are.
    pub classes: ClassesRule,
    /// Folder of the results.
    pub out: PathBuf,
    /// Folder of the project file, from which its paths start.
    pub base: PathBuf,
    /// Wanted products, in registry order.
    pub products: Vec<&'static Spec>,
    /// Wanted layers of features, in registry order.
    pub layers: Vec<&'static Vector>,
    /// How land cover is made, where it is.
    pub cover: Option<CoverSettings>,
    /// Footprints of buildings to compare with, from BD TOPO or a cadastre.
    pub footprints: Option<PathBuf>,
    /// Side of an output tile.
    pub tile_size: Metres,
    /// Cell size and registration of the elevation products.
    pub gridding: Gridding,
    /// What is known of the origin of the results.
    pub credits: credits::Credits,
    /// How terrain and surface are made.
    pub method: Method,
    /// Classes of the terrain.
    pub dtm_classes: ClassSet,
    /// Classes of the surface.
    pub dsm_classes: ClassSet,
    /// Longest edge, and largest empty circle, that the triangulation bridges.
    pub max_edge: Metres,
    /// How far the filling of surface voids looks.
    pub void_reach: Metres,
    /// Whether the surface is spike-free.
    pub spike_free: bool,
    /// Light of the hillshade.
    pub light: LightName,
    /// Threads; 0 for one per core.
    pub threads: usize,
    /// Bytes for tiles in flight.
    pub memory: u64,
}

/// Bytes for tiles in flight where nothing is said.
const MEMORY: u64 = 4 << 30;

impl Project {
    /// Reads a project file.
    pub fn read(path: &Path) -> Result<Project, Fault> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|why| {
            fault!(
                fr: "Le fichier de projet {shown} ne peut être lu ({why}) : vérifiez le chemin, ou créez-en un par « ilot init ».",
                en: "Project file {shown} cannot be read ({why}): check the path, or make one with `ilot init`.",
            )
        })?;
        toml::from_str(&text).map_err(|why| {
            let why = why.to_string();
            let why = why.trim_end();
            fault!(
                fr: "Le fichier de projet {shown} n'est pas valable, corrigez-le et relancez :\n{why}",
                en: "Project file {shown} is not valid, mend it and run again:\n{why}",
            )
        })
    }

    /// The JSON Schema of `ilot.toml`.
    pub fn schema() -> String {
        let schema = schemars::schema_for!(Project);
        serde_json::to_string_pretty(&schema).expect("a schema is made of strings and maps") + "\n"
    }
}

impl Settings {
    /// Checks a project and resolves its paths against `base`.
    pub fn resolve(project: &Project, base: &Path) -> Result<Settings, Fault> {
        let Project { input, output, elevation, machine, .. } = project;
        let clouds: Vec<PathBuf> = input.lidar.iter().map(|path| base.join(path)).collect();
        let settings = Settings {
            lidar: clouds.clone(),
            crs: input.crs.clone(),
            classes: input.classes,
            out: base.join(&output.dir),
            base: base.to_owned(),
            products: wanted(&output.products, project.cover.as_ref())?,
            layers: VECTORS
                .iter()
                .copied()
                .filter(|layer| {
                    let named = output.products.iter().any(|name| name == layer.name);
                    named || (output.products.is_empty() && project.cover.is_some())
                })
                .collect(),
            cover: cover(project, base)?,
            footprints: input.buildings.as_ref().map(|path| base.join(path)),
            tile_size: positive("tile_size", output.tile_size, 1e-3, 100_000.0)?,
            gridding: Gridding {
                cell: positive("cell", elevation.cell, 0.01, 1000.0)?,
                registration: match elevation.registration {
                    RegistrationName::Node => Registration::Node,
                    RegistrationName::Cell => Registration::Cell,
                },
            },
            credits: credits::Credits::of(project.publish.as_ref(), &clouds),
            method: elevation.method,
            dtm_classes: class_set("dtm_classes", &elevation.dtm_classes)?,
            dsm_classes: class_set("dsm_classes", &elevation.dsm_classes)?,
            max_edge: positive("max_edge", elevation.max_edge, 0.1, 2000.0)?,
            void_reach: positive("void_reach", elevation.void_reach, 0.0, 100.0)?,
            spike_free: elevation.spike_free,
            light: elevation.light,
            threads: threads(machine.threads)?,
            memory: machine.memory.as_deref().map_or(Ok(MEMORY), bytes)?,
        };
        settings.agree()
    }

    /// Names of all that is wanted.
    pub fn wanted(&self) -> Vec<&'static str> {
        let layers = self.layers.iter().map(|layer| layer.name);
        self.products.iter().map(|spec| spec.name).chain(layers).collect()
    }

    /// Settings that exclude each other.
    fn agree(self) -> Result<Settings, Fault> {
        if self.tile_size.0 < self.gridding.cell.0 {
            let (tile, cell) = (self.tile_size, self.gridding.cell);
            return Err(fault!(
                fr: "Une tuile de {tile} est plus petite que sa cellule de {cell} : agrandissez tile_size.",
                en: "A tile of {tile} is smaller than its cell of {cell}: enlarge tile_size.",
            ));
        }
        let coarsest =
            self.products.iter().map(|spec| spec.cell.gridding(self.gridding).cell.0).fold(0.0, f64::max);
        let own = self.products.iter().any(|spec| spec.cell != Cell::OfElevation);
        if own && (self.tile_size.0 / coarsest).fract() > 1e-9 {
            let tile = self.tile_size;
            return Err(fault!(
                fr: "Des tuiles de {tile} coupent les cellules de {coarsest} m des produits voulus : prenez un multiple de {coarsest} m pour tile_size.",
                en: "Tiles of {tile} cut the cells of {coarsest} m of the wanted products: take a multiple of {coarsest} m as tile_size.",
            ));
        }
        if self.spike_free && self.method != Method::Standard {
            return Err(fault!(
                fr: "spike_free ne va qu'avec la méthode « standard » : retirez l'un des deux.",
                en: "spike_free goes with the method `standard` only: leave one of both out.",
            ));
        }
        Ok(self)
    }
}

/// Land cover is made where its section is there, or one of its products is named.
fn cover(project: &Project, base: &Path) -> Result<Option<CoverSettings>, Fault> {
    let named = |spec: &&Spec| project.output.products.iter().any(|name| name == spec.name);
    let section = match &project.cover {
        Some(section) => section.clone(),
        None if LAND.iter().any(named) => CoverSection::default(),
        None => return Ok(None),
    };
    CoverSettings::resolve(&section, base).map(Some)
}

fn wanted(names: &[String], cover: Option<&CoverSection>) -> Result<Vec<&'static Spec>, Fault> {
    for name in names {
        let of_surface = SKY.iter().chain(SUNLIGHT).chain(COMFORT);
        if of_surface.into_iter().any(|spec| spec.name == name) {
            return Err(fault!(
                fr: "Le produit « {name} » se fait sur la surface finie : ajoutez une section [sky], [sun] ou [comfort], ou « ilot sky DSM --out DOSSIER ».",
                en: "The product `{name}` is made of the finished surface: add a section [sky], [sun] or [comfort], or `ilot sky DSM --out DIR`.",
            ));
        }
        let layers = LAYERS_OF_MEASURES.iter().map(|layer| layer.name);
        if FORM.iter().map(|spec| spec.name).chain(layers).any(|known| known == name) {
            return Err(fault!(
                fr: "Le produit « {name} » se fait sur les cartes finies : ajoutez une section [lcz], ou « ilot lcz DOSSIER ».",
                en: "The product `{name}` is made of finished maps: add a section [lcz], or `ilot lcz FOLDER`.",
            ));
        }
        if VECTORS.iter().any(|layer| layer.name == name) {
            continue;
        }
        if of_tiles().all(|spec| spec.name != name) {
            let rasters = of_tiles().map(|spec| spec.name);
            let known = rasters.chain(VECTORS.iter().map(|layer| layer.name)).collect::<Vec<_>>().join(", ");
            return Err(fault!(
                fr: "Le produit « {name} » n'existe pas ; produits connus : {known}.",
                en: "There is no product `{name}`; known products: {known}.",
            ));
        }
    }
    let green = cover.is_some_and(|cover| !cover.irc.is_empty());
    if names.iter().any(|name| name == NDVI.spec.name) && !green {
        return Err(fault!(
            fr: "Le produit « ndvi » demande une orthophoto infrarouge : donnez-la par cover.irc ou --irc.",
            en: "The product `ndvi` needs an infrared orthophoto: give it by cover.irc or --irc.",
        ));
    }
    let all = ELEVATION
        .iter()
        .chain(LAND.iter().filter(|spec| cover.is_some() && (green || spec.name != NDVI.spec.name)));
    let named = |spec: &&'static Spec| names.iter().any(|name| name == spec.name);
    Ok(if names.is_empty() { all.copied().collect() } else { of_tiles().filter(named).collect() })
}

/// A length within reason.
///
/// # Errors
/// Where it is none, in a sentence that names `key`.
pub fn positive(key: &str, value: f64, least: f64, most: f64) -> Result<Metres, Fault> {
    if value.is_finite() && (least..=most).contains(&value) {
        return Ok(Metres(value));
    }
    Err(fault!(
        fr: "{key} vaut {value:?} : il faut une longueur de {least} à {most} m.",
        en: "{key} is {value:?}: it must be a length from {least} to {most} m.",
    ))
}

/// More threads than any machine of this trade has are a mistake that would only make it crawl.
const MOST_THREADS: usize = 1024;

fn threads(wanted: usize) -> Result<usize, Fault> {
    if wanted <= MOST_THREADS {
        return Ok(wanted);
    }
    Err(fault!(
        fr: "{wanted} fils d'exécution : il en faut de 1 à {MOST_THREADS}, ou 0 pour un par cœur.",
        en: "{wanted} threads: it must be from 1 to {MOST_THREADS}, or 0 for one per core.",
    ))
}

/// So many threads; 0 for one per core.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool, Fault> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|why| {
        fault!(
            fr: "Les fils d'exécution ne peuvent être lancés ({why}) : réduisez --threads.",
            en: "The threads cannot be started ({why}): lower --threads.",
        )
    })
}

/// Threads and bytes of memory, as the flags of a command without a project say.
pub fn machine(wanted: Option<usize>, memory: Option<&String>) -> Result<(usize, u64), Fault> {
    Ok((threads(wanted.unwrap_or(0))?, memory.map_or(Ok(MEMORY), |text| bytes(text))?))
}

fn class_set(key: &str, classes: &Classes) -> Result<ClassSet, Fault> {
    match classes {
        Classes::Word(word) if word == "all" => Ok(ClassSet::all()),
        Classes::List(list) if !list.is_empty() => Ok(ClassSet::of(list)),
        other => Err(fault!(
            fr: "{key} vaut {other:?} : il faut une liste de classes comme [2, 9, 66], ou \"all\".",
            en: "{key} is {other:?}: it must be a list of classes such as [2, 9, 66], or \"all\".",
        )),
    }
}

/// `2,9,66` or `all`, as the flags write classes.
pub fn parse_classes(flag: &str, text: &str) -> Result<Classes, Fault> {
    if text == "all" {
        return Ok(Classes::Word(text.to_owned()));
    }
    let list: Result<Vec<u8>, _> = text.split(',').map(|class| class.trim().parse::<u8>()).collect();
    list.map(Classes::List).map_err(|_| {
        fault!(
            fr: "--{flag} « {text} » : écrivez des numéros de classe séparés par des virgules, comme 2,9,66, ou all.",
            en: "--{flag} `{text}`: write class numbers between commas, such as 2,9,66, or all.",
        )
    })
}

/// `4G`, `512M`, `2GiB`, or a number of bytes.
fn bytes(text: &str) -> Result<u64, Fault> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim().to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => Some(1),
        "K" => Some(1_u64 << 10),
        "M" => Some(1 << 20),
        "G" => Some(1 << 30),
        "T" => Some(1 << 40),
        _ => None,
    };
    let amount = text[..digits].parse::<u64>().ok();
    let total =
        unit.zip(amount).and_then(|(unit, amount)| amount.checked_mul(unit)).filter(|&total| total > 0);
    total.ok_or_else(|| {
        fault!(
            fr: "La mémoire « {text} » ne se lit pas : écrivez par exemple 4G ou 512M.",
            en: "The memory `{text}` cannot be read: write for example 4G or 512M.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_project_has_the_defaults_of_french_data() {
        let settings = Settings::resolve(&Project::default(), Path::new("/data")).unwrap();
        assert_eq!(settings.gridding.cell, Metres(0.5));
        assert_eq!(settings.gridding.registration, Registration::Node);
        assert_eq!(settings.dtm_classes.list(), [2, 9, 66]);
        assert_eq!(settings.products.len(), ELEVATION.len());
        assert_eq!(settings.out, Path::new("/data/out"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let project = Project::default();
        let text = toml::to_string(&project).unwrap();
        assert_eq!(toml::from_str::<Project>(&text).unwrap(), project);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = toml::from_str::<Project>("[elevation]\ncel = 1.0\n").unwrap_err().to_string();
        assert!(error.contains("cel") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn settings_out_of_reason_are_refused() {
        for text in [
            "[elevation]\ncell = -1.0",
            "[elevation]\ncell = nan",
            "[elevation]\ndtm_classes = []",
            "[output]\nproducts = [\"mnt\"]",
            "[machine]\nmemory = \"lots\"",
            "[machine]\nthreads = 1000000",
            "[elevation]\nspike_free = true\nmethod = \"tin\"",
        ] {
            let project: Project = toml::from_str(text).unwrap();
            assert!(Settings::resolve(&project, Path::new(".")).is_err(), "{text}");
        }
    }

    #[test]
    fn memory_is_read_in_the_usual_units() {
        assert_eq!(bytes("4G").unwrap(), 4 << 30);
        assert_eq!(bytes("512MiB").unwrap(), 512 << 20);
        assert_eq!(bytes("1000").unwrap(), 1000);
        assert!(bytes("G").is_err() && bytes("0").is_err() && bytes("99999999999T").is_err());
    }
}
