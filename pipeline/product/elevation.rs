//! Terrain, surface, height, density and relief: what stages make of the points, and how each is drawn.

use super::*;

/// What `ilot surface` and `ilot run` make of clouds, in flow order: the stages of the graph make each of them.
pub static ELEVATION: &[&Spec] =
    &[&DTM.spec, &DSM.spec, &CHM.spec, &DTM_GAP.spec, &DENSITY.spec, &SLOPE.spec, &HILLSHADE.spec];

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
