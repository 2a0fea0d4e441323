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
    /// The points of vegetation.
    LeafPoints,
    /// What was met in each cell of land cover, and votes for its ground.
    Seen,
    /// The shares of shrubs and trees among the returns of each cell of land cover.
    Leaves,
    /// What an infrared image shows in each cell of land cover.
    Pixels,
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
            Ware::Passing(Passing::LeafPoints) => "(leaf points)",
            Ware::Passing(Passing::Seen) => "(returns by kind)",
            Ware::Passing(Passing::Leaves) => "(shares of leaves)",
            Ware::Passing(Passing::Pixels) => "(pixels)",
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
        fr: "1 où le soleil est caché, 0 où il éclaire, à 10, 13 et 16 h locales de chaque date ou aux instants demandés ; arbres opaques, sauf avec --canopy.",
        en: "1 where the sun is hidden, 0 where it shines, at 10, 13 and 16 h local time of each date or at the wanted instants; trees opaque, unless with --canopy.",
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
        fr: "Heures de soleil par ciel clair entre 8 et 20 h locales, par pas d'une demi-heure, à chaque date ou en moyenne par jour d'une saison ; arbres opaques, sauf avec --canopy.",
        en: "Hours of sun under a clear sky between 8 and 20 h local time, by steps of half an hour, at each date or of a season's mean day; trees opaque, unless with --canopy.",
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

/// A year's light; the year is named in the file.
pub static IRRADIATION: Raster<f32> = Raster::new(Spec {
    name: "irradiation",
    title: Words { fr: "Irradiation annuelle par ciel clair", en: "Yearly irradiation under clear skies" },
    meaning: Words {
        fr: "Énergie solaire que reçoit en un an de ciel clair un mètre carré de la surface, selon sa pente et son exposition, masques et part de ciel compris : \
             un maximum, dont les nuages prennent une part.",
        en: "Solar energy that a square metre of the surface receives in a year of clear skies, on its own slope and aspect, with the horizon's shade and the sky that it sees: \
             an upper bound, of which clouds take a part.",
    },
    unit: "kWh/m²/yr",
    bands: &[],
    range: (0.0, 4000.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 16.0,
    cell: Cell::OfElevation,
    style: Style::Ramp(&[
        stop(0.0, [20, 20, 60], "0 : jamais éclairé", "0: never lit"),
        stop(500.0, [70, 50, 120], "500 : fond de cour, mur nord", "500: bottom of a court, north wall"),
        stop(1000.0, [160, 70, 120], "1000 : pan nord raide", "1000: steep northern roof"),
        stop(
            1500.0,
            [230, 120, 80],
            "1500 : pan nord doux, partie ombragée",
            "1500: gentle northern roof, partly shaded",
        ),
        stop(1800.0, [250, 180, 70], "1800 : toit plat dégagé", "1800: open flat roof"),
        stop(2200.0, [255, 245, 170], "2200 et plus : pan sud", "2200 and more: southern roof"),
    ]),
    source: "Ineichen & Perez 2002, 10.1016/S0038-092X(02)00045-2; cumulative sky: Robinson & Stone 2004",
});

/// What a standing person receives of radiation, as a temperature; bands by hour, named in the file.
pub static TMRT: Raster<f32> = Raster::new(Spec {
    name: "tmrt",
    title: Words { fr: "Température moyenne de rayonnement", en: "Mean radiant temperature" },
    meaning: Words {
        fr: "Température moyenne de rayonnement d'une personne debout, à chaque heure demandée ; erreur connue du modèle : 6 K (écart quadratique moyen), 15 à 20 K au bord des ombres.",
        en: "Mean radiant temperature of a standing person at each wanted hour; known error of the model: 6 K (RMSE), 15 to 20 K at the edge of shadows.",
    },
    unit: "°C",
    bands: &[],
    range: (-50.0, 80.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    cell: Cell::OfElevation,
    style: Style::Ramp(&[
        stop(10.0, [49, 54, 149], "10 °C", "10 °C"),
        stop(25.0, [116, 173, 209], "25 °C : nuit, ombre épaisse", "25 °C: night, deep shade"),
        stop(35.0, [224, 243, 248], "35 °C : ombre", "35 °C: shade"),
        stop(45.0, [254, 224, 144], "45 °C", "45 °C"),
        stop(55.0, [244, 109, 67], "55 °C : soleil", "55 °C: sun"),
        stop(70.0, [165, 0, 38], "70 °C : plein soleil, murs chauds", "70 °C: full sun, warm walls"),
    ]),
    source: "Lindberg, Holmer & Thorsson 2008, 10.1007/s00484-008-0162-7; known error: RMSE 6 K against measurements",
});

/// How hot it feels; bands by hour, named in the file.
pub static UTCI: Raster<f32> = Raster::new(Spec {
    name: "utci",
    title: Words { fr: "Température ressentie (UTCI)", en: "Felt temperature (UTCI)" },
    meaning: Words {
        fr: "Indice climatique universel (UTCI) d'une personne, à chaque heure demandée, sous un vent qui est partout celui donné à 10 m ; l'erreur de tmrt, 6 K, y compte pour 1,5 à 2 K.",
        en: "Universal Thermal Climate Index of a person at each wanted hour, the wind being everywhere the one given at 10 m; the error of tmrt, 6 K, counts for 1.5 to 2 K in it.",
    },
    unit: "°C",
    bands: &[],
    range: (-80.0, 80.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    cell: Cell::OfElevation,
    style: Style::Ramp(&[
        stop(9.0, [69, 117, 180], "9 °C : pas de contrainte", "9 °C: no thermal stress"),
        stop(26.0, [171, 217, 233], "26 °C : contrainte modérée", "26 °C: moderate heat stress"),
        stop(32.0, [254, 224, 144], "32 °C : contrainte forte", "32 °C: strong heat stress"),
        stop(38.0, [244, 109, 67], "38 °C : contrainte très forte", "38 °C: very strong heat stress"),
        stop(46.0, [140, 0, 40], "46 °C : contrainte extrême", "46 °C: extreme heat stress"),
    ]),
    source: "Bröde et al. 2012, 10.1007/s00484-011-0454-1; known error of the radiant temperature: RMSE 6 K",
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

/// Cells of land cover.
pub const COVER_CELL: Cell = Cell::Metres(1.0);

/// Cells of shares: edges on multiples of 10 m of the run's own CRS.
pub const SHARE_CELL: Cell = Cell::Metres(10.0);

/// How high the vegetation is.
pub static VEGETATION_HEIGHT: Raster<f32> = Raster::new(Spec {
    name: "vegetation_height",
    title: Words { fr: "Hauteur de la végétation", en: "Height of the vegetation" },
    meaning: Words {
        fr: "95e centile des hauteurs au-dessus du sol des retours de végétation ; sans valeur où il n'y en a pas.",
        en: "95th percentile of the heights above ground of the returns of vegetation; missing where there are none.",
    },
    unit: "m",
    cell: COVER_CELL,
    bands: &[],
    range: (0.0, 100.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    style: Style::Ramp(&[
        stop(0.0, [255, 255, 229], "0 m : herbe", "0 m: grass"),
        stop(0.5, [217, 240, 163], "0,5 m : herbe haute, arbuste", "0.5 m: tall grass, shrub"),
        stop(3.0, [120, 198, 121], "3 m : arbuste, jeune arbre", "3 m: shrub, young tree"),
        stop(10.0, [35, 132, 67], "10 m : arbre", "10 m: tree"),
        stop(20.0, [0, 69, 41], "20 m et plus : grand arbre", "20 m and more: tall tree"),
    ]),
    source: "Nearest-rank 95th percentile of the returns above the terrain",
});

/// How low the crowns reach.
pub static CROWN_BASE: Raster<f32> = Raster::new(Spec {
    name: "crown_base",
    title: Words { fr: "Base du houppier", en: "Base of the crown" },
    meaning: Words {
        fr: "Hauteur au-dessus du sol du bas du houppier : 10e centile des retours d'arbre (3 m et plus) ; sans valeur hors des arbres.",
        en: "Height above ground of the bottom of the crown: 10th percentile of the returns of trees (3 m and more); missing where there is no tree.",
    },
    unit: "m",
    cell: COVER_CELL,
    bands: &[],
    range: (0.0, 100.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    style: Style::Ramp(&[
        stop(3.0, [254, 235, 226], "3 m : branches basses", "3 m: low branches"),
        stop(6.0, [250, 159, 181], "6 m", "6 m"),
        stop(10.0, [197, 27, 138], "10 m : haut passage", "10 m: high clearance"),
        stop(20.0, [73, 0, 106], "20 m et plus", "20 m and more"),
    ]),
    source: "10th percentile of the returns of 3 m and more, which Lindberg & Grimmond 2011 (10.1007/s00704-010-0382-8) need for the trunk zone",
});

/// How much lies under trees.
pub static CANOPY: Raster<f32> = Raster::new(Spec {
    name: "canopy",
    title: Words { fr: "Couvert arboré", en: "Tree canopy" },
    meaning: Words {
        fr: "Part de la cellule de 10 m sous des arbres de 3 m et plus, bâtiments surplombés compris.",
        en: "Share of the cell of 10 m under trees of 3 m and more, also where they stand over roofs.",
    },
    unit: "%",
    cell: SHARE_CELL,
    bands: &[],
    range: (0.0, 100.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 255, 255],
            alpha: 0,
            label: Words { fr: "0 % : aucun arbre", en: "0 %: no tree" },
        },
        stop(10.0, [229, 245, 224], "10 % : arbres isolés", "10 %: single trees"),
        stop(25.0, [161, 217, 155], "25 % : seuil du boisé (R. 101-1)", "25 %: wooded by the law (R. 101-1)"),
        stop(60.0, [49, 163, 84], "60 % : parc arboré", "60 %: wooded park"),
        stop(100.0, [0, 68, 27], "100 % : forêt", "100 %: forest"),
    ]),
    source: "Share of cells of 1 m of whose returns more than 38 % come from 3 m and more above ground",
});

/// What covers the ground.
pub static COVER: Raster<u8> = Raster::new(Spec {
    name: "cover",
    title: Words { fr: "Occupation du sol", en: "Land cover" },
    meaning: Words {
        fr: "Ce qui couvre le sol, en neuf classes, y compris sous les arbres.",
        en: "What covers the ground, in nine classes, also under trees.",
    },
    unit: "",
    cell: COVER_CELL,
    bands: &[],
    range: (1.0, 9.0),
    nodata: Some(0.0),
    quantum: 0.0,
    style: Style::Classes(&[
        stop(1.0, [168, 50, 50], "1 : bâtiment", "1: building"),
        stop(2.0, [110, 110, 116], "2 : sol revêtu (enrobé, dalles)", "2: sealed ground (asphalt, paving)"),
        stop(3.0, [214, 200, 176], "3 : minéral perméable (gravier)", "3: permeable mineral (gravel)"),
        stop(4.0, [176, 132, 88], "4 : sol nu", "4: bare soil"),
        stop(5.0, [186, 219, 120], "5 : herbe", "5: herbaceous"),
        stop(6.0, [122, 184, 84], "6 : arbuste (0,5 à 3 m)", "6: shrub (0.5 to 3 m)"),
        stop(7.0, [26, 112, 48], "7 : arbre sur sol perméable", "7: tree over permeable ground"),
        stop(8.0, [58, 96, 92], "8 : arbre sur sol revêtu", "8: tree over sealed ground"),
        stop(9.0, [70, 130, 200], "9 : eau", "9: water"),
    ]),
    source: "Votes of returns and pixels (naive Bayes, Duda, Hart & Stork 2001), relaxation labelling with neighbours (Rosenfeld et al. 1976, 10.1109/TSMC.1976.4309519)",
});

/// How sure the class is.
pub static COVER_CONFIDENCE: Raster<Percent> = Raster::new(Spec {
    name: "cover_confidence",
    title: Words { fr: "Confiance dans l'occupation", en: "Confidence in the land cover" },
    meaning: Words {
        fr: "Chance que la classe de la cellule soit juste, d'après les marges entre classes, calée sur la ville d'exemple.",
        en: "Chance that the class of the cell is right, from the margins between classes, calibrated on the sample town.",
    },
    unit: "%",
    cell: COVER_CELL,
    bands: &[],
    range: (0.0, 100.0),
    nodata: Some(255.0),
    quantum: 0.0,
    style: Style::Ramp(&[
        stop(0.0, [165, 0, 38], "0 % : au hasard", "0 %: by chance"),
        stop(50.0, [244, 109, 67], "50 % : à vérifier", "50 %: to be checked"),
        stop(75.0, [254, 224, 144], "75 % : bord, ombre", "75 %: edge, shade"),
        stop(90.0, [171, 217, 233], "90 % : sûr", "90 %: sure"),
        stop(100.0, [49, 54, 149], "100 %", "100 %"),
    ]),
    source: "Margins of the votes, calibrated by reliability on the sample town",
});

/// How much is sealed.
pub static IMPERVIOUSNESS: Raster<f32> = Raster::new(Spec {
    name: "imperviousness",
    title: Words { fr: "Imperméabilisation", en: "Imperviousness" },
    meaning: Words {
        fr: "Part imperméable de la cellule de 10 m, bâtiments et sols revêtus sous les arbres compris ; bande 2 : demi-largeur de l'intervalle à 90 %.",
        en: "Sealed share of the cell of 10 m, with buildings and sealed ground under trees; band 2: half-width of the 90 % interval.",
    },
    unit: "%",
    cell: SHARE_CELL,
    bands: &[
        Words { fr: "part imperméable", en: "sealed share" },
        Words { fr: "demi-largeur à 90 %", en: "half-width at 90 %" },
    ],
    range: (0.0, 100.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 64.0,
    style: Style::Ramp(&[
        Stop {
            value: 0.0,
            colour: [255, 255, 255],
            alpha: 0,
            label: Words { fr: "0 % : perméable", en: "0 %: permeable" },
        },
        stop(20.0, [254, 224, 210], "20 % : jardins", "20 %: gardens"),
        stop(50.0, [252, 146, 114], "50 % : pavillons", "50 %: detached houses"),
        stop(80.0, [222, 45, 38], "80 % : centre", "80 %: town centre"),
        stop(100.0, [103, 0, 13], "100 % : tout est revêtu", "100 %: all sealed"),
    ]),
    source: "Share of the sealed cells of 1 m (classes 1, 2 and 8); interval from the confidence of each",
});

/// How green it is.
pub static NDVI: Raster<f32> = Raster::new(Spec {
    name: "ndvi",
    title: Words { fr: "Indice de végétation (NDVI)", en: "Vegetation index (NDVI)" },
    meaning: Words {
        fr: "Différence normalisée du proche infrarouge et du rouge de l'orthophoto, moyenne des pixels ; non étalonnée.",
        en: "Normalised difference of near infrared and red of the orthophoto, mean of its pixels; not calibrated.",
    },
    unit: "",
    cell: COVER_CELL,
    bands: &[],
    range: (-1.0, 1.0),
    nodata: Some(-9999.0),
    quantum: 1.0 / 1024.0,
    style: Style::Ramp(&[
        stop(-0.4, [49, 54, 149], "−0,4 : eau", "−0.4: water"),
        stop(-0.1, [200, 200, 205], "−0,1 : toit, enrobé", "−0.1: roof, asphalt"),
        stop(0.1, [245, 235, 190], "0,1 : sol nu, herbe sèche", "0.1: bare soil, dry grass"),
        stop(0.3, [150, 200, 110], "0,3 : herbe", "0.3: grass"),
        stop(0.6, [0, 104, 55], "0,6 : feuillage dense", "0.6: dense leaves"),
    ]),
    source: "Rouse et al. 1974, NASA SP-351",
});

/// What is made of clouds as land cover, in flow order, where a project or a command asks for it.
pub static LAND: &[&Spec] = &[
    &VEGETATION_HEIGHT.spec,
    &CROWN_BASE.spec,
    &CANOPY.spec,
    &NDVI.spec,
    &COVER.spec,
    &COVER_CONFIDENCE.spec,
    &IMPERVIOUSNESS.spec,
];

/// All rasters that stages make tile by tile.
pub fn of_tiles() -> impl Iterator<Item = &'static Spec> {
    ELEVATION.iter().chain(LAND).copied()
}

/// What `ilot surface` and `ilot run` make of clouds, in flow order: the stages of the graph make each of them.
pub static ELEVATION: &[&Spec] =
    &[&DTM.spec, &DSM.spec, &CHM.spec, &DTM_GAP.spec, &DENSITY.spec, &SLOPE.spec, &HILLSHADE.spec];

/// What `ilot sky` makes of a surface.
pub static SKY: &[&Spec] =
    &[&SKY_VIEW.spec, &SKY_VIEW_CANOPY.spec, &SKY_VIEW_GEOMETRIC.spec, &SHADE.spec, &SUN_HOURS.spec];

/// What `ilot sun` makes beside what `ilot sky` makes too.
pub static SUNLIGHT: &[&Spec] = &[&IRRADIATION.spec];

/// What `ilot comfort` makes of a surface and an hour's weather.
pub static COMFORT: &[&Spec] = &[&TMRT.spec, &UTCI.spec];

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
    &VEGETATION_HEIGHT.spec,
    &CROWN_BASE.spec,
    &CANOPY.spec,
    &NDVI.spec,
    &COVER.spec,
    &COVER_CONFIDENCE.spec,
    &IMPERVIOUSNESS.spec,
    &SKY_VIEW.spec,
    &SKY_VIEW_CANOPY.spec,
    &SKY_VIEW_GEOMETRIC.spec,
    &SHADE.spec,
    &SUN_HOURS.spec,
    &IRRADIATION.spec,
    &TMRT.spec,
    &UTCI.spec,
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
        "hauteur du bas du houppier, 10e centile",
        "height of the crown's base, 10th percentile",
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
        let lists = [ELEVATION, LAND, SKY, SUNLIGHT, COMFORT, FORM, HEAT].concat();
        let makers: Vec<&str> = lists.iter().map(|spec| spec.name).collect();
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
