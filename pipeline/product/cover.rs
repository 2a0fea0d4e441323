//! Vegetation, land cover and imperviousness: what stages make of points and pixels, and how each is drawn.

use super::*;

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
        fr: "Hauteur au-dessus du sol des feuilles les plus basses vues des arbres (3 m et plus) : le profil des retours suivi vers le bas jusqu'à un vide de 1 m ; sans valeur hors des arbres.",
        en: "Height above ground of the lowest leaves seen of trees (3 m and more): the profile of returns followed down to a gap of 1 m; missing where there is no tree.",
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
    source: "Gap below the crown in the profile of returns, after Popescu & Zhao 2008 (10.1016/j.rse.2007.06.011)",
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
        stop(1.0, [190, 50, 60], "1 : bâtiment", "1: building"),
        stop(2.0, [110, 110, 116], "2 : sol revêtu (enrobé, dalles)", "2: sealed ground (asphalt, paving)"),
        stop(3.0, [214, 200, 176], "3 : minéral perméable (gravier)", "3: permeable mineral (gravel)"),
        stop(4.0, [176, 132, 88], "4 : sol nu", "4: bare soil"),
        stop(5.0, [186, 219, 120], "5 : herbe", "5: herbaceous"),
        stop(6.0, [122, 184, 84], "6 : arbuste (0,5 à 3 m)", "6: shrub (0.5 to 3 m)"),
        stop(7.0, [0, 90, 40], "7 : arbre sur sol perméable", "7: tree over permeable ground"),
        stop(8.0, [30, 80, 90], "8 : arbre sur sol revêtu", "8: tree over sealed ground"),
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

/// How sealed shares are drawn.
const SEALED: &[Stop] = &[
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
];

/// How much is sealed.
pub static IMPERVIOUSNESS: Raster<f32> = Raster::new(Spec {
    name: "imperviousness",
    title: Words { fr: "Imperméabilisation", en: "Imperviousness" },
    meaning: Words {
        fr: "Part imperméable de la cellule de 10 m, bâtiments et sols revêtus sous les arbres compris, avec la demi-largeur de son intervalle à 90 %.",
        en: "Sealed share of the cell of 10 m, with buildings and sealed ground under trees, with the half-width of its 90 % interval.",
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
    style: Style::Ramp(SEALED),
    source: "Share of the sealed cells of 1 m (classes 1, 2 and 8); interval from the confidence of each",
});

/// EPSG code of the European grid, ETRS89-LAEA.
pub const EUROPE: u32 = 3035;

/// What is made of finished land cover on the European grid.
pub static EUROPEAN: &[&Spec] = &[&IMPERVIOUSNESS_3035.spec];

/// How much is sealed, on the cells of Copernicus.
pub static IMPERVIOUSNESS_3035: Raster<f32> = Raster::new(Spec {
    name: "imperviousness_3035",
    title: Words {
        fr: "Imperméabilisation, mailles de Copernicus",
        en: "Imperviousness, cells of Copernicus",
    },
    meaning: Words {
        fr: "Part imperméable de la maille de 10 m de la grille européenne (EPSG:3035), celle des couches Copernicus, avec la demi-largeur de son intervalle à 90 %.",
        en: "Sealed share of the cell of 10 m of the European grid (EPSG:3035), that of Copernicus' layers, with the half-width of its 90 % interval.",
    },
    source: "Exact parts of the sealed cells of 1 m (classes 1, 2 and 8) in each cell; interval from the confidence of each",
    ..IMPERVIOUSNESS.spec
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
