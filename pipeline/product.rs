//! Everything that comes out of ilot, each thing declared once.
//!
//! A product's name, sentence, unit, range, nodata value and style stand here and nowhere else. The table
//! of the README, the tags of the files, the styles and the command line's words follow from this list.
//! What stages hand to each other and nobody keeps ([`Ware::Passing`]) is declared here too.

use crate::formats::crs::Crs;
use crate::formats::raster::{Overview, RasterMeta};
use crate::formats::vector::FieldKind;
use crate::text::{Language, Text};
use ilot_kernels::frame::{Gridding, Registration};
use ilot_kernels::grid::{Percent, Sample};
use ilot_kernels::unit::Metres;
use std::marker::PhantomData;

/// A constant sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// French.
    pub fr: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// In one language.
    pub fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::French => self.fr,
            Language::English => self.en,
        }
    }

    /// As a [`Text`].
    pub fn text(&self) -> Text {
        Text { fr: self.fr.to_owned(), en: self.en.to_owned() }
    }
}

/// How a product is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Style {
    /// Colours at fixed values, interpolated between; the label says what a planner sees there.
    Ramp(&'static [Stop]),
    /// Colours spread over the values that a run found (its 2nd to 98th percentile).
    Stretched(&'static [Colour]),
    /// Grey, multiplied over what lies below.
    Shade,
    /// A colour and words for each class; smaller versions show the most frequent class.
    Classes(&'static [Stop]),
}

/// The cells that a product lies on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// Those of the elevation products of the run.
    OfElevation,
    /// Of this side in metres, edges on whole multiples of it.
    Metres(f64),
}

impl Cell {
    /// How frames of these cells are laid, beside elevation products on `elevation`.
    pub fn gridding(self, elevation: Gridding) -> Gridding {
        match self {
            Cell::OfElevation => elevation,
            Cell::Metres(side) => Gridding { cell: Metres(side), registration: Registration::Cell },
        }
    }
}

/// Red, green, blue.
pub type Colour = [u8; 3];

/// A value, its colour and its words in the legend.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Value in the product's unit.
    pub value: f64,
    /// Its colour.
    pub colour: Colour,
    /// Opacity, 0 to 255.
    pub alpha: u8,
    /// Its words.
    pub label: Words,
}

/// What can be said of a product without its values.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Short name: folder, file and command line.
    pub name: &'static str,
    /// Title of its layer.
    pub title: Words,
    /// One sentence that says what it means.
    pub meaning: Words,
    /// Unit of the values; empty for a pure number.
    pub unit: &'static str,
    /// The cells that it lies on.
    pub cell: Cell,
    /// Name of each band where there are several.
    pub bands: &'static [Words],
    /// Range that values cannot leave.
    pub range: (f64, f64),
    /// The value that a file holds where there is none.
    pub nodata: Option<f64>,
    /// Values are rounded to a multiple of this before they are written; 0 keeps them as they are.
    pub quantum: f64,
    /// How it is drawn.
    pub style: Style,
    /// Where the method comes from.
    pub source: &'static str,
}

impl Spec {
    /// What a file says of this product: its words and quantum, with bands, provenance and place.
    pub fn meta<'a>(&self, bands: Vec<String>, tags: Vec<(String, String)>, crs: &'a Crs) -> RasterMeta<'a> {
        RasterMeta {
            title: format!("{}: {}", self.title.en, self.meaning.en),
            unit: self.unit.to_owned(),
            bands,
            tags,
            crs,
            quantum: (self.quantum > 0.0).then_some(self.quantum),
            overview: match self.style {
                Style::Classes(_) => Overview::Majority,
                _ => Overview::Average,
            },
        }
    }
}

/// A raster product; reading it as another type does not compile.
#[derive(Debug)]
pub struct Raster<T> {
    /// Its declaration.
    pub spec: Spec,
    sample: PhantomData<fn() -> T>,
}

/// A sample type that products have.
pub trait Declared: Sample {
    /// The value that a file holds where there is none.
    const NODATA: f64;
}

impl Declared for f32 {
    const NODATA: f64 = -9999.0;
}

impl Declared for u8 {
    const NODATA: f64 = 0.0;
}

impl Declared for Percent {
    const NODATA: f64 = 255.0;
}

impl<T: Declared> Raster<T> {
    const fn new(spec: Spec) -> Raster<T> {
        assert!(
            matches!(spec.nodata, Some(nodata) if nodata == T::NODATA),
            "the nodata value is that of the type"
        );
        Raster { spec, sample: PhantomData }
    }
}

/// What stages hand to each other within a run and nobody keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// The points that the terrain rests on.
    GroundPoints,
    /// The points that the surface rests on, where it is triangulated.
    SurfacePoints,
    /// All points with their classes, noise apart.
    ClassedPoints,
    /// The highest point of each cell, among the classes of the surface.
    Highest,
    /// Points of each cell by class group.
    Counts,
    /// The points of roofs.
    RoofPoints,
}

/// Anything that one stage makes and another reads.
#[derive(Debug, Clone, Copy)]
pub enum Ware {
    /// A product that is kept.
    Kept(&'static Spec),
    /// A layer of features that is kept.
    Layer(&'static Vector),
    /// Something that only passes.
    Passing(Passing),
}

impl Ware {
    /// A name for plans and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Ware::Kept(spec) => spec.name,
            Ware::Layer(vector) => vector.name,
            Ware::Passing(Passing::GroundPoints) => "(ground points)",
            Ware::Passing(Passing::SurfacePoints) => "(surface points)",
            Ware::Passing(Passing::ClassedPoints) => "(classed points)",
            Ware::Passing(Passing::Highest) => "(highest points)",
            Ware::Passing(Passing::Counts) => "(counts)",
            Ware::Passing(Passing::RoofPoints) => "(roof points)",
        }
    }
}

impl PartialEq for Ware {
    fn eq(&self, other: &Ware) -> bool {
        self.name() == other.name()
    }
}

/// Heights are whole 1/1024 m in the files: a millimetre, and half of the bytes.
const HEIGHT_QUANTUM: f64 = 1.0 / 1024.0;

/// Sky view factors are whole 1/4096: a fortieth of their accuracy.
const FACTOR_QUANTUM: f64 = 1.0 / 4096.0;

const fn stop(value: f64, colour: Colour, fr: &'static str, en: &'static str) -> Stop {
    Stop { value, colour, alpha: 255, label: Words { fr, en } }
}

/// From low to high ground: lightness climbs all the way, so that it reads for the colour-blind, in print and
/// under a hillshade.
const GROUND: &[Colour] = &[
    [44, 92, 110],
    [66, 122, 120],
    [104, 149, 124],
    [148, 173, 130],
    [190, 194, 142],
    [222, 210, 165],
    [240, 228, 196],
    [252, 246, 232],
];

/// Bare ground.
pub static DTM: Raster<f32> = Raster::new(Spec {
    name: "dtm",
    title: Words { fr: "Terrain (MNT)", en: "Terrain (DTM)" },
    meaning: Words {
        fr: "Altitude du sol nu, sans bâtiment ni végétation, dans le système altimétrique du nuage.",
        en: "Height of the bare ground, without buildings or vegetation, in the cloud's vertical datum.",
    },
    unit: "m",
    cell: Cell::OfElevation,
    bands: &[],
    range: (-500.0, 9000.0),
    nodata: Some(-9999.0),
    quantum: HEIGHT_QUANTUM,
    style: Style::Stretched(GROUND),
    source: "Linear interpolation in the Delaunay triangulation of the ground points (IGN, las-digital-models)",
});

/// First surface.
pub static DSM: Raster<f32> = Raster::new(Spec {
    name: "dsm",
    title: Words { fr: "Surface (MNS)", en: "Surface (DSM)" },
    meaning: Words {
        fr: "Altitude de la première surface vue du ciel : sol, toits, houppiers.",
        en: "Height of the first surface seen from the sky: ground, roofs, crowns.",
    },
    unit: "m",
    cell: Cell::OfElevation,
    bands: &[],
    range: (-500.0, 9000.0),
    nodata: Some(-9999.0),
    quantum: HEIGHT_QUANTUM,
    style: Style::Stretched(GROUND),
    source: "Highest point of a cell, or Delaunay triangulation of the surface points (IGN, las-digital-models)",
});

/// Height above ground.
pub static CHM: Raster<f32> = Raster::new(Spec {
    name: "chm",
    title: Words { fr: "Hauteur (MNH)", en: "Height above ground (CHM)" },
    meaning: Words {
        fr: "Hauteur de la surface au-dessus du sol : MNS moins MNT, sans valeur où l'un des deux manque.",
        en: "Height of the surface above the ground: DSM minus DTM, missing where either is.",
    },
    unit: "m",
    cell: Cell::OfElevation,
    bands: &[],
    range: (-100.0, 500.0),
    nodata: Some(-9999.0),
    quantum: HEIGHT_QUANTUM,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 255, 229],
            alpha: 0,
            label: Words { fr: "0 m : sol", en: "0 m: ground" },
        },
        stop(0.5, [255, 250, 205], "0,5 m : herbe, muret", "0.5 m: grass, low wall"),
        stop(3.0, [194, 230, 153], "3 m : haie, arbuste", "3 m: hedge, shrub"),
        stop(8.0, [90, 180, 113], "8 m : maison, petit arbre", "8 m: house, small tree"),
        stop(15.0, [34, 120, 120], "15 m : immeuble, arbre", "15 m: block of flats, tree"),
        stop(25.0, [30, 70, 120], "25 m : grand arbre, église", "25 m: tall tree, church"),
        stop(40.0, [48, 18, 80], "40 m et plus", "40 m and more"),
    ]),
    source: "DSM minus DTM, not clamped at 0 (IGN, las-digital-models)",
});

/// How far the terrain is from what was measured.
pub static DTM_GAP: Raster<f32> = Raster::new(Spec {
    name: "dtm_gap",
    title: Words { fr: "Distance au sol mesuré", en: "Distance to measured ground" },
    meaning: Words {
        fr: "Distance horizontale entre la cellule et le point de sol le plus proche : \
             au-delà de quelques mètres, le terrain est interpolé.",
        en: "Horizontal distance from the cell to the nearest ground point: \
             beyond a few metres, the terrain is interpolated.",
    },
    unit: "m",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1000.0),
    nodata: Some(-9999.0),
    quantum: HEIGHT_QUANTUM,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 255, 255],
            alpha: 0,
            label: Words { fr: "0 m : mesuré", en: "0 m: measured" },
        },
        stop(1.0, [254, 240, 217], "1 m : bien vu", "1 m: well seen"),
        stop(3.0, [253, 204, 138], "3 m : sous un arbre dense", "3 m: under a dense tree"),
        stop(10.0, [252, 141, 89], "10 m : sous un bâtiment", "10 m: under a building"),
        stop(
            50.0,
            [179, 0, 0],
            "50 m : grand vide, à ne pas publier",
            "50 m: large void, not to be published",
        ),
    ]),
    source: "Euclidean distance to the nearest point that the terrain rests on",
});

/// How well a cell was seen.
pub static DENSITY: Raster<f32> = Raster::new(Spec {
    name: "density",
    title: Words { fr: "Densité de points", en: "Point density" },
    meaning: Words {
        fr: "Points par mètre carré, par groupe de classes : combien la cellule a été vue.",
        en: "Points per square metre, by class group: how well the cell was seen.",
    },
    unit: "points/m²",
    cell: Cell::OfElevation,
    bands: &[
        Words { fr: "tous", en: "all" },
        Words { fr: "sol", en: "ground" },
        Words { fr: "végétation", en: "vegetation" },
        Words { fr: "bâtiment", en: "building" },
        Words { fr: "eau", en: "water" },
    ],
    range: (0.0, 1e6),
    nodata: Some(-9999.0),
    quantum: 0.0,
    style: Style::Ramp(&[
        stop(0.0, [64, 0, 75], "0 : rien vu", "0: nothing seen"),
        stop(4.0, [118, 102, 160], "4 : peu", "4: few"),
        stop(10.0, [166, 189, 219], "10 : LiDAR HD attendu", "10: LiDAR HD as promised"),
        stop(20.0, [120, 190, 170], "20 : bon", "20: good"),
        stop(40.0, [0, 109, 44], "40 et plus", "40 and more"),
    ]),
    source: "Count of points per cell",
});

/// Steepness of the terrain.
pub static SLOPE: Raster<f32> = Raster::new(Spec {
    name: "slope",
    title: Words { fr: "Pente", en: "Slope" },
    meaning: Words { fr: "Plus forte pente du terrain.", en: "Steepest slope of the terrain." },
    unit: "°",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 90.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 256.0,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 255, 255],
            alpha: 0,
            label: Words { fr: "0° : plat", en: "0°: flat" },
        },
        stop(2.9, [255, 247, 188], "3° : 5 %, accessible en fauteuil", "3°: 5 %, fit for a wheelchair"),
        stop(8.5, [254, 196, 79], "8,5° : 15 %", "8.5°: 15 %"),
        stop(16.7, [217, 95, 14], "17° : 30 %", "17°: 30 %"),
        stop(45.0, [102, 37, 6], "45° et plus : talus, mur", "45° and more: bank, wall"),
    ]),
    source: "Horn 1981, 10.1109/PROC.1981.11918",
});

/// Shaded relief of the terrain.
pub static HILLSHADE: Raster<u8> = Raster::new(Spec {
    name: "hillshade",
    title: Words { fr: "Ombrage du terrain", en: "Hillshade of the terrain" },
    meaning: Words {
        fr: "Relief éclairé, de 1 (sombre) à 255 (clair).",
        en: "Lit relief, from 1 (dark) to 255 (bright).",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (1.0, 255.0),
    nodata: Some(0.0),
    quantum: 0.0,
    style: Style::Shade,
    source: "Horn 1981, 10.1109/PROC.1981.11918; Mark 1992, USGS OFR 92-422 (multidirectional)",
});

/// From the bottom of a court to the open field: lightness climbs, fit for the colour-blind.
const SKY_STOPS: &[Stop] = &[
    stop(0.0, [13, 8, 60], "0 : fond de cour, pas de ciel", "0: bottom of a shaft, no sky"),
    stop(0.2, [70, 30, 110], "0,2 : ruelle, cour étroite", "0.2: alley, narrow court"),
    stop(0.4, [130, 60, 120], "0,4 : rue étroite", "0.4: narrow street"),
    stop(0.6, [200, 100, 90], "0,6 : rue, pied d'un mur", "0.6: street, foot of a wall"),
    stop(0.8, [245, 170, 70], "0,8 : avenue, petite place", "0.8: avenue, small square"),
    stop(1.0, [255, 250, 200], "1 : tout le ciel", "1: all of the sky"),
];

/// What a level ground receives of an even sky.
pub static SKY_VIEW: Raster<f32> = Raster::new(Spec {
    name: "sky_view",
    title: Words { fr: "Vue du ciel (cosinus)", en: "Sky view factor (cosine-weighted)" },
    meaning: Words {
        fr: "Part du rayonnement d'un ciel uniforme qui atteint la cellule, obstacles opaques (moyenne de cos² de l'horizon) : \
             celle des zones climatiques locales et du confort.",
        en: "Share of an even sky's radiation that reaches the cell, obstacles being opaque (mean of cos² of the horizon): \
             the one of local climate zones and comfort.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: FACTOR_QUANTUM,
    style: Style::Ramp(SKY_STOPS),
    source: "Johnson & Watson 1984, 10.1175/1520-0450(1984)023<0329:TDOVFI>2.0.CO;2",
});

/// The same with trees that let a share of the light through; made where a canopy is given.
pub static SKY_VIEW_CANOPY: Raster<f32> = Raster::new(Spec {
    name: "sky_view_canopy",
    title: Words { fr: "Vue du ciel avec arbres", en: "Sky view factor with trees" },
    meaning: Words {
        fr: "Comme sky_view, mais avec des arbres dont le feuillage laisse passer une part de la lumière, vue du sol sous les arbres ; \
             demande --canopy.",
        en: "As sky_view, but with trees whose leaves let a share of the light through, seen from the ground below them; \
             needs --canopy.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: FACTOR_QUANTUM,
    style: Style::Ramp(SKY_STOPS),
    source: "Johnson & Watson 1984; Lindberg & Grimmond 2011, 10.1007/s00704-010-0382-8 (transmissivity)",
});

/// The open share of the hemisphere.
pub static SKY_VIEW_GEOMETRIC: Raster<f32> = Raster::new(Spec {
    name: "sky_view_geometric",
    title: Words { fr: "Ciel ouvert (angle solide)", en: "Open sky (solid angle)" },
    meaning: Words {
        fr: "Part de la demi-sphère céleste qui n'est pas cachée (1 moins la moyenne du sinus de l'horizon), plus petite que sky_view : \
             pour lire le relief, pas pour le climat.",
        en: "Share of the hemisphere that is not hidden (1 minus the mean sine of the horizon), smaller than sky_view: \
             for reading relief, not for climate.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: FACTOR_QUANTUM,
    style: Style::Ramp(SKY_STOPS),
    source: "Zakšek et al. 2011, 10.3390/rs3020398",
});

/// Whether the sun is hidden; bands by date and hour, named in the file.
pub static SHADE: Raster<f32> = Raster::new(Spec {
    name: "shade",
    title: Words { fr: "Ombre", en: "Shade" },
    meaning: Words {
        fr: "1 où le soleil est caché, 0 où il éclaire, à 10, 13 et 16 h locales de chaque date ; arbres opaques, sauf avec --canopy.",
        en: "1 where the sun is hidden, 0 where it shines, at 10, 13 and 16 h local time of each date; trees opaque, unless with --canopy.",
    },
    unit: "",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 1.0),
    nodata: Some(-9999.0),
    quantum: 0.0,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 244, 190],
            alpha: 0,
            label: Words { fr: "0 : au soleil", en: "0: in the sun" },
        },
        Stop {
            value: 1.0,
            colour: [40, 50, 90],
            alpha: 170,
            label: Words { fr: "1 : à l'ombre", en: "1: in the shade" },
        },
    ]),
    source: "Ratti & Richens 1999; sun: Reda & Andreas 2004, 10.1016/j.solener.2003.12.003",
});

/// Time in the sun; bands by date, named in the file.
pub static SUN_HOURS: Raster<f32> = Raster::new(Spec {
    name: "sun_hours",
    title: Words { fr: "Heures de soleil", en: "Sun hours" },
    meaning: Words {
        fr: "Heures de soleil par ciel clair entre 8 et 20 h locales, par pas d'une demi-heure, à chaque date ; arbres opaques, sauf avec --canopy.",
        en: "Hours of sun under a clear sky between 8 and 20 h local time, by steps of half an hour, at each date; trees opaque, unless with --canopy.",
    },
    unit: "h",
    cell: Cell::OfElevation,
    bands: &[],
    range: (0.0, 12.0),
    nodata: Some(-9999.0),
    quantum: 0.0,
    style: Style::Ramp(&[
        stop(0.0, [20, 30, 70], "0 h : jamais", "0 h: never"),
        stop(2.0, [60, 80, 130], "2 h", "2 h"),
        stop(5.0, [150, 120, 130], "5 h", "5 h"),
        stop(8.0, [235, 160, 80], "8 h", "8 h"),
        stop(12.0, [255, 240, 150], "12 h : toute la journée", "12 h: all day"),
    ]),
    source: "Ratti & Richens 1999; sun: Reda & Andreas 2004, 10.1016/j.solener.2003.12.003",
});

/// Local climate zones, in WUDAPT's codes and colours.
pub static LCZ: Raster<u8> = Raster::new(Spec {
    name: "lcz",
    title: Words { fr: "Zones climatiques locales", en: "Local climate zones" },
    meaning: Words {
        fr: "Zone climatique locale (LCZ) de carrés de 100 m, par règles puis par distance aux intervalles de sept indicateurs ; \
             vide où plus de 30 % n'est pas connu.",
        en: "Local climate zone (LCZ) of squares of 100 m, by rules and then by the distance to ranges of seven indicators; \
             empty where more than 30 % is not known.",
    },
    unit: "",
    bands: &[],
    cell: Cell::Metres(100.0),
    range: (1.0, 17.0),
    nodata: Some(0.0),
    quantum: 0.0,
    style: Style::Classes(&[
        stop(1.0, [140, 0, 0], "1 : ensemble compact de tours", "1: compact high-rise"),
        stop(2.0, [209, 0, 0], "2 : ensemble compact d'immeubles", "2: compact mid-rise"),
        stop(3.0, [255, 0, 0], "3 : ensemble compact de maisons", "3: compact low-rise"),
        stop(4.0, [191, 77, 0], "4 : ensemble de tours espacées", "4: open high-rise"),
        stop(5.0, [255, 102, 0], "5 : ensemble d'immeubles espacés", "5: open mid-rise"),
        stop(6.0, [255, 153, 85], "6 : ensemble de maisons espacées", "6: open low-rise"),
        stop(7.0, [250, 238, 5], "7 : constructions légères", "7: lightweight low-rise"),
        stop(8.0, [188, 188, 188], "8 : bâtiments bas de grande emprise", "8: large low-rise"),
        stop(9.0, [255, 204, 170], "9 : bâti dispersé", "9: sparsely built"),
        stop(10.0, [85, 85, 85], "10 : industrie lourde", "10: heavy industry"),
        stop(11.0, [0, 106, 0], "A : espace arboré dense", "A: dense trees"),
        stop(12.0, [0, 170, 0], "B : espace arboré clairsemé", "B: scattered trees"),
        stop(13.0, [100, 133, 37], "C : espace arbustif", "C: bush, scrub"),
        stop(14.0, [185, 219, 121], "D : végétation basse", "D: low plants"),
        stop(15.0, [0, 0, 0], "E : sol imperméable ou rocheux", "E: bare rock or paved"),
        stop(16.0, [251, 247, 174], "F : sol nu ou sable", "F: bare soil or sand"),
        stop(17.0, [106, 106, 255], "G : eau", "G: water"),
    ]),
    source: "Stewart & Oke 2012, 10.1175/BAMS-D-11-00019.1; Bernard et al. 2018, 10.3390/cli6030060 (GeoClimate)",
});

/// Warmth by night: cool blue to red, the middle is the rural reference.
const HEAT_STOPS: &[Stop] = &[
    stop(-2.0, [49, 84, 160], "−2 K : plus frais que la campagne", "−2 K: cooler than the country"),
    stop(0.0, [222, 235, 247], "0 K : comme la campagne", "0 K: as the country"),
    stop(1.0, [254, 240, 201], "1 K : un peu plus chaud", "1 K: a little warmer"),
    stop(2.0, [253, 187, 112], "2 K : sensiblement plus chaud", "2 K: clearly warmer"),
    stop(3.0, [240, 110, 70], "3 K : nuits difficiles", "3 K: hard nights"),
    stop(5.0, [150, 20, 50], "5 K et plus : îlot marqué", "5 K and more: strong heat island"),
];

/// Half-widths of intervals.
const INTERVAL_STOPS: &[Stop] = &[
    stop(0.0, [247, 252, 253], "0 K : sûr", "0 K: sure"),
    stop(0.5, [191, 211, 230], "0,5 K : bon pour un réseau de ville", "0.5 K: good for a town's network"),
    stop(1.0, [140, 150, 198], "1 K : ordre de grandeur", "1 K: an order of magnitude"),
    stop(2.0, [110, 1, 107], "2 K et plus : ne pas conclure", "2 K and more: do not conclude"),
];

const fn heat(
    name: &'static str,
    title: Words,
    meaning: Words,
    stops: &'static [Stop],
    source: &'static str,
) -> Spec {
    Spec {
        name,
        title,
        meaning,
        unit: "K",
        cell: Cell::Metres(10.0),
        bands: &[],
        range: (-30.0, 30.0),
        nodata: Some(-9999.0),
        quantum: 1.0 / 256.0,
        style: Style::Ramp(stops),
        source,
    }
}

const HEAT_SOURCE: &str = "Best subset of signed covariates by nested leave-one-out (Allen 1974), kriging of residuals where it pays (Matheron 1971)";
const INTERVAL_SOURCE: &str =
    "Prediction variance of the fit or the kriging, widened by the errors of unseen stations";

/// Heat island by night.
pub static HEAT_NIGHT: Raster<f32> = Raster::new(heat(
    "heat_night",
    Words { fr: "Îlot de chaleur nocturne", en: "Heat island by night" },
    Words {
        fr: "Écart moyen des minima de nuit à la campagne de référence, d'après le modèle des capteurs, sans valeur hors de son domaine.",
        en: "Mean difference of night minima to the rural reference, by the model of the sensors, missing outside of where it may speak.",
    },
    HEAT_STOPS,
    HEAT_SOURCE,
));

/// Warmth in the afternoon.
pub static HEAT_DAY: Raster<f32> = Raster::new(heat(
    "heat_day",
    Words { fr: "Écart de chaleur l'après-midi", en: "Warmth in the afternoon" },
    Words {
        fr: "Écart moyen de température de l'air de 13 à 17 h solaires à la campagne de référence, d'après le modèle des capteurs, sans valeur hors de son domaine.",
        en: "Mean difference of air temperature from 13 to 17 h solar time to the rural reference, by the model of the sensors, missing outside of where it may speak.",
    },
    HEAT_STOPS,
    HEAT_SOURCE,
));

/// How sure the night is.
pub static HEAT_NIGHT_INTERVAL: Raster<f32> = Raster::new(heat(
    "heat_night_interval",
    Words { fr: "Incertitude de l'îlot nocturne", en: "Uncertainty of the heat island by night" },
    Words {
        fr: "Demi-largeur de l'intervalle de prévision à 90 % de heat_night.",
        en: "Half-width of the 90 % prediction interval of heat_night.",
    },
    INTERVAL_STOPS,
    INTERVAL_SOURCE,
));

/// How sure the day is.
pub static HEAT_DAY_INTERVAL: Raster<f32> = Raster::new(heat(
    "heat_day_interval",
    Words { fr: "Incertitude de l'écart l'après-midi", en: "Uncertainty of the afternoon's warmth" },
    Words {
        fr: "Demi-largeur de l'intervalle de prévision à 90 % de heat_day.",
        en: "Half-width of the 90 % prediction interval of heat_day.",
    },
    INTERVAL_STOPS,
    INTERVAL_SOURCE,
));

/// Where the models may speak.
pub static HEAT_MASK: Raster<u8> = Raster::new(Spec {
    name: "heat_mask",
    title: Words { fr: "Domaine des modèles de chaleur", en: "Area of applicability of the heat models" },
    meaning: Words {
        fr: "1 où le modèle peut parler : des lieux semblables portaient un capteur ; sans valeur ailleurs.",
        en: "1 where the model may speak: places alike bore a sensor; missing elsewhere.",
    },
    unit: "",
    cell: Cell::Metres(10.0),
    bands: &[Words { fr: "nuit", en: "night" }, Words { fr: "jour", en: "day" }],
    range: (1.0, 1.0),
    nodata: Some(0.0),
    quantum: 0.0,
    style: Style::Ramp(&[stop(1.0, [120, 180, 130], "1 : le modèle peut parler", "1: the model may speak")]),
    source: "Meyer & Pebesma 2021, 10.1111/2041-210X.13650",
});

/// What `ilot surface` and `ilot run` make of clouds, in flow order: the stages of the graph make each of them.
pub static ELEVATION: &[&Spec] =
    &[&DTM.spec, &DSM.spec, &CHM.spec, &DTM_GAP.spec, &DENSITY.spec, &SLOPE.spec, &HILLSHADE.spec];

/// What `ilot sky` makes of a surface.
pub static SKY: &[&Spec] =
    &[&SKY_VIEW.spec, &SKY_VIEW_CANOPY.spec, &SKY_VIEW_GEOMETRIC.spec, &SHADE.spec, &SUN_HOURS.spec];

/// What `ilot lcz` makes of surface, cover and buildings, as rasters.
pub static FORM: &[&Spec] = &[&LCZ.spec];

/// What `ilot heat` makes of readings and covariates.
pub static HEAT: &[&Spec] =
    &[&HEAT_NIGHT.spec, &HEAT_DAY.spec, &HEAT_NIGHT_INTERVAL.spec, &HEAT_DAY_INTERVAL.spec, &HEAT_MASK.spec];

/// The whole registry, in flow order: all lists above, one after the other.
pub static PRODUCTS: &[&Spec] = &[
    &DTM.spec,
    &DSM.spec,
    &CHM.spec,
    &DTM_GAP.spec,
    &DENSITY.spec,
    &SLOPE.spec,
    &HILLSHADE.spec,
    &SKY_VIEW.spec,
    &SKY_VIEW_CANOPY.spec,
    &SKY_VIEW_GEOMETRIC.spec,
    &SHADE.spec,
    &SUN_HOURS.spec,
    &LCZ.spec,
    &HEAT_NIGHT.spec,
    &HEAT_DAY.spec,
    &HEAT_NIGHT_INTERVAL.spec,
    &HEAT_DAY_INTERVAL.spec,
    &HEAT_MASK.spec,
];

/// A column of a vector product.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the files.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Unit of its values; empty for a pure number or a text.
    pub unit: &'static str,
    /// What it means.
    pub meaning: Words,
}

/// A vector product: a layer of features, written as GeoPackage in the CRS of the run and as GeoJSON after RFC 7946 in
/// WGS 84. Features are sorted by their first column, the id, which no other feature of the layer has.
#[derive(Debug, Clone, Copy)]
pub struct Vector {
    /// Short name: files and command line.
    pub name: &'static str,
    /// Title of its layer.
    pub title: Words,
    /// One sentence that says what it means.
    pub meaning: Words,
    /// Its columns; the first is the id.
    pub columns: &'static [Column],
    /// Colour of its symbols.
    pub colour: Colour,
    /// Where the method comes from.
    pub source: &'static str,
}

impl Vector {
    /// Units of its columns, each once.
    pub fn units(&self) -> String {
        let mut units: Vec<&str> = Vec::new();
        for column in self.columns {
            if !column.unit.is_empty() && !units.contains(&column.unit) {
                units.push(column.unit);
            }
        }
        units.join(", ")
    }
}

const fn column(
    name: &'static str,
    kind: FieldKind,
    unit: &'static str,
    fr: &'static str,
    en: &'static str,
) -> Column {
    Column { name, kind, unit, meaning: Words { fr, en } }
}

/// What is said of a tree, by its top and by its crown alike.
const TREE_COLUMNS: &[Column] = &[
    column(
        "id",
        FieldKind::Text,
        "",
        "place du sommet : kilomètre, puis décimètres",
        "place of the top: kilometre, then decimetres",
    ),
    column("height", FieldKind::Real, "m", "hauteur au-dessus du sol", "height above the ground"),
    column(
        "crown_diameter",
        FieldKind::Real,
        "m",
        "diamètre du disque de même aire que le houppier",
        "diameter of the disc of the crown's area",
    ),
    column(
        "crown_area",
        FieldKind::Real,
        "m²",
        "aire du houppier vu du ciel",
        "area of the crown seen from the sky",
    ),
    column(
        "crown_base",
        FieldKind::Real,
        "m",
        "hauteur du bas du houppier, médiane",
        "height of the crown's base, median",
    ),
    column(
        "confidence",
        FieldKind::Integer,
        "%",
        "confiance : houppier détaché de ses voisins, et de taille sûre",
        "confidence: a crown that stands out from its neighbours, of a sure size",
    ),
];

const TREE_SOURCE: &str = "Variable window, Popescu & Wynne 2004, 10.14358/PERS.70.5.589; watershed, Meyer 1994; bounds of crowns, Silva et al. 2016, 10.1080/07038992.2016.1196582";

/// Tops of trees.
pub static TREES: Vector = Vector {
    name: "trees",
    title: Words { fr: "Arbres", en: "Trees" },
    meaning: Words {
        fr: "Sommet de chaque arbre de 3 m et plus, avec sa hauteur et la taille de son houppier.",
        en: "Top of each tree of 3 m and more, with its height and the size of its crown.",
    },
    columns: TREE_COLUMNS,
    colour: [30, 110, 50],
    source: TREE_SOURCE,
};

/// Crowns of trees.
pub static CROWNS: Vector = Vector {
    name: "crowns",
    title: Words { fr: "Houppiers", en: "Crowns" },
    meaning: Words {
        fr: "Contour du houppier de chaque arbre, du même id que son sommet.",
        en: "Outline of the crown of each tree, with the id of its top.",
    },
    columns: TREE_COLUMNS,
    colour: [120, 190, 110],
    source: TREE_SOURCE,
};

/// Footprints of buildings.
pub static BUILDINGS: Vector = Vector {
    name: "buildings",
    title: Words { fr: "Bâtiments", en: "Buildings" },
    meaning: Words {
        fr: "Emprise au sol du toit de chaque bâtiment de 10 m² et plus (maisons accolées ensemble), avec hauteurs et pente.",
        en: "Outline of the roof of each building of 10 m² and more (adjoining houses together), with heights and slope.",
    },
    columns: &[
        column(
            "id",
            FieldKind::Text,
            "",
            "place du point le plus au nord : kilomètre, puis décimètres",
            "place of the northernmost point: kilometre, then decimetres",
        ),
        column(
            "area",
            FieldKind::Real,
            "m²",
            "aire du toit vu du ciel, débords compris, cours déduites",
            "area of the roof seen from the sky, eaves included, courts left out",
        ),
        column(
            "height_eaves",
            FieldKind::Real,
            "m",
            "hauteur de l'égout (toit plat : du toit) au-dessus du sol le plus bas",
            "height of the eaves (flat: of the roof) above the lowest ground",
        ),
        column(
            "height_ridge",
            FieldKind::Real,
            "m",
            "hauteur du faîte au-dessus du sol le plus bas",
            "height of the ridge above the lowest ground",
        ),
        column(
            "z_ground",
            FieldKind::Real,
            "m",
            "altitude du sol le plus bas sous le bâtiment",
            "elevation of the lowest ground under the building",
        ),
        column("z_eaves", FieldKind::Real, "m", "altitude de l'égout", "elevation of the eaves"),
        column("z_ridge", FieldKind::Real, "m", "altitude du faîte", "elevation of the ridge"),
        column("roof", FieldKind::Text, "", "flat : plat ; pitched : en pente", "flat or pitched"),
        column("slope", FieldKind::Real, "°", "pente médiane des pans", "median slope of the faces"),
        column(
            "aspect",
            FieldKind::Real,
            "°",
            "orientation du plus grand pan, depuis le nord dans le sens horaire",
            "where the largest face looks to, clockwise from north",
        ),
        column(
            "density",
            FieldKind::Real,
            "points/m²",
            "points du toit par mètre carré",
            "points of the roof per square metre",
        ),
        column(
            "cut",
            FieldKind::Integer,
            "",
            "1 s'il touche le bord des données ou d'une tuile manquante",
            "1 where it touches the border of the data or of a missing tile",
        ),
        column(
            "confidence",
            FieldKind::Integer,
            "%",
            "part du contour que les points confirment à 0,3 m",
            "share of the outline that points confirm to 0.3 m",
        ),
        column(
            "status",
            FieldKind::Text,
            "",
            "face aux emprises données : taken_over (reprise), corrected (corrigée), new (nouvelle) ; vide sans emprises",
            "against given footprints: taken_over, corrected, new; empty without any",
        ),
        column(
            "reference",
            FieldKind::Text,
            "",
            "identifiants des emprises données qu'il recouvre",
            "ids of the given footprints that it covers",
        ),
        column(
            "overlap",
            FieldKind::Real,
            "",
            "aire commune sur aire réunie (IoU) avec ces emprises",
            "shared over joined area (IoU) with those footprints",
        ),
    ],
    colour: [178, 92, 60],
    source: "Outlines from points, regularised after Dutter 2007 and Awrangjeb 2016, 10.1080/01431161.2015.1131868; edges by mean gaps of the scan",
};

/// All vector products that stages make of clouds.
pub static VECTORS: &[&Vector] = &[&TREES, &CROWNS, &BUILDINGS];

/// The product of this name.
pub fn named(name: &str) -> Option<&'static Spec> {
    PRODUCTS.iter().copied().find(|spec| spec.name == name)
}

/// The table of the README: one line a product.
pub fn markdown_table(language: Language) -> String {
    let head = match language {
        Language::French => "| nom | unité | ce que c'est |\n|---|---|---|\n",
        Language::English => "| name | unit | what it is |\n|---|---|---|\n",
    };
    let line = |spec: &&Spec| {
        let unit = if spec.unit.is_empty() { "–" } else { spec.unit };
        format!("| `{}` | {unit} | {} |\n", spec.name, spec.meaning.in_language(language))
    };
    let layer = |vector: &&Vector| {
        let meaning = vector.meaning.in_language(language);
        format!("| `{}` | {} | {meaning} |\n", vector.name, vector.units())
    };
    let rasters: String = PRODUCTS.iter().map(line).collect();
    head.to_owned() + &rasters + &VECTORS.iter().map(layer).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_snake_case() {
        for (i, spec) in PRODUCTS.iter().enumerate() {
            assert!(spec.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            assert!(
                PRODUCTS[..i].iter().all(|other| other.name != spec.name),
                "{} is there twice",
                spec.name
            );
        }
    }

    #[test]
    fn the_registry_is_what_its_makers_list() {
        let makers: Vec<&str> =
            ELEVATION.iter().chain(SKY).chain(FORM).chain(HEAT).map(|spec| spec.name).collect();
        assert_eq!(PRODUCTS.iter().map(|spec| spec.name).collect::<Vec<_>>(), makers);
    }

    #[test]
    fn each_product_says_what_it_means_in_one_sentence_of_each_language() {
        for spec in PRODUCTS {
            for sentence in [spec.meaning.fr, spec.meaning.en] {
                assert!(sentence.ends_with('.'), "{}: «{sentence}» is no sentence", spec.name);
            }
            assert!(!spec.source.is_empty() && !spec.title.fr.is_empty() && !spec.title.en.is_empty());
        }
    }

    #[test]
    fn layers_have_names_of_their_own_and_say_what_their_columns_mean() {
        for (i, vector) in VECTORS.iter().enumerate() {
            assert!(
                named(vector.name).is_none() && VECTORS[..i].iter().all(|other| other.name != vector.name)
            );
            assert!(vector.meaning.fr.ends_with('.') && vector.meaning.en.ends_with('.'));
            assert_eq!((vector.columns[0].name, vector.columns[0].kind), ("id", FieldKind::Text));
            for column in vector.columns {
                assert!(!column.meaning.fr.is_empty() && !column.meaning.en.is_empty(), "{}", column.name);
            }
        }
    }

    #[test]
    fn the_nodata_value_lies_outside_of_the_range() {
        for spec in PRODUCTS {
            let nodata = spec.nodata.expect("every raster of ours has a nodata value");
            assert!(nodata < spec.range.0 || nodata > spec.range.1, "{}", spec.name);
        }
    }

    #[test]
    fn ramps_climb_and_speak_both_languages() {
        for spec in PRODUCTS {
            if let Style::Ramp(stops) | Style::Classes(stops) = spec.style {
                assert!(stops.windows(2).all(|pair| pair[0].value < pair[1].value), "{}", spec.name);
                assert!(
                    stops.iter().all(|stop| !stop.label.fr.is_empty() && !stop.label.en.is_empty()),
                    "{}",
                    spec.name
                );
            }
        }
    }
}
