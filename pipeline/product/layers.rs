//! Layers of features: trees, crowns and buildings, with what their columns mean.

use super::*;

/// All vector products that stages make of clouds.
pub static VECTORS: &[&Vector] = &[&TREES, &CROWNS, &BUILDINGS];

/// Layers that measures make of finished maps; the zones of `lcz` bear the name of their raster.
pub static LAYERS_OF_MEASURES: &[&Vector] = &[&URBAN_FORM];

/// All layers of the registry.
pub fn vectors() -> impl Iterator<Item = &'static Vector> {
    VECTORS.iter().chain(LAYERS_OF_MEASURES).copied()
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
        "hauteur des feuilles les plus basses, 10e centile sur le houppier",
        "height of the lowest leaves, 10th percentile over the crown",
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
        column(
            "year",
            FieldKind::Integer,
            "",
            "année de construction de la plus grande de ces emprises (BD TOPO : date d'apparition), si elle la porte",
            "year of building of the largest of those footprints (BD TOPO: date_d_apparition), where it bears one",
        ),
    ],
    colour: [178, 92, 60],
    source: "Outlines from points, regularised after Dutter 2007 and Awrangjeb 2016, 10.1080/01431161.2015.1131868; edges by mean gaps of the scan",
};

/// What squares and blocks are like, for local climate zones and models of warmth.
pub static URBAN_FORM: Vector = Vector {
    name: "urban_form",
    title: Words { fr: "Forme urbaine", en: "Urban form" },
    meaning: Words {
        fr: "Bâti, hauteurs, façades, rapport H/L, rugosité, vue du ciel, occupation et terrain de carrés de 100 m, et des îlots donnés.",
        en: "Buildings, heights, façades, H/W, roughness, sky view, cover and terrain of squares of 100 m, and of given blocks.",
    },
    columns: &[
        column(
            "id",
            FieldKind::Text,
            "",
            "CRS, côté et coin sud-ouest du carré, comme les carreaux de l'INSEE",
            "CRS, side and south-west corner of the square, as INSEE's",
        ),
        column("area", FieldKind::Real, "m²", "Surface de la zone", "Area of the place"),
        column(
            "undefined",
            FieldKind::Real,
            "1",
            "Part de la surface dont le bâti ou l'occupation n'est pas connu",
            "Share of the area whose buildings or cover are not known",
        ),
        column("building_fraction", FieldKind::Real, "1", "Part bâtie (λp)", "Share under buildings (λp)"),
        column(
            "height_mean",
            FieldKind::Real,
            "m",
            "Hauteur moyenne des toits, pondérée par la surface",
            "Mean height of roofs, weighted by area",
        ),
        column(
            "height_geometric",
            FieldKind::Real,
            "m",
            "Moyenne géométrique des hauteurs de toit, pondérée par la surface",
            "Geometric mean height of roofs, weighted by area",
        ),
        column("height_max", FieldKind::Real, "m", "Toit le plus haut", "Highest roof"),
        column(
            "levels",
            FieldKind::Real,
            "1",
            "Nombre moyen de niveaux, à 3 m l'un",
            "Mean number of levels, 3 m each",
        ),
        column(
            "facade_density",
            FieldKind::Real,
            "1",
            "Surface de façades libres par surface de sol",
            "Area of free façades per area",
        ),
        column(
            "frontal_density",
            FieldKind::Real,
            "1",
            "Surface frontale par surface de sol, moyenne de toutes les directions (λf)",
            "Frontal area per area, mean of all directions (λf)",
        ),
        column(
            "aspect_ratio",
            FieldKind::Real,
            "1",
            "Hauteur sur largeur des rues : façades libres / (2 × sol non bâti)",
            "Height to width of streets: free façades / (2 × ground not built)",
        ),
        column(
            "roughness_length",
            FieldKind::Real,
            "m",
            "Longueur de rugosité, Hanna & Britter 2002 comme GeoClimate",
            "Roughness length, Hanna & Britter 2002 as GeoClimate",
        ),
        column(
            "roughness_macdonald",
            FieldKind::Real,
            "m",
            "Longueur de rugosité, Macdonald et al. 1998",
            "Roughness length, Macdonald et al. 1998",
        ),
        column(
            "displacement_height",
            FieldKind::Real,
            "m",
            "Hauteur de déplacement, Macdonald et al. 1998",
            "Displacement height, Macdonald et al. 1998",
        ),
        column(
            "sky_view",
            FieldKind::Real,
            "1",
            "Vue du ciel moyenne (cosinus) du sol non bâti",
            "Mean sky view factor (cosine-weighted) of the ground not built",
        ),
        column(
            "impervious",
            FieldKind::Real,
            "1",
            "Part imperméable hors bâti, sous les arbres comprise",
            "Sealed share without buildings, below trees included",
        ),
        column(
            "pervious",
            FieldKind::Real,
            "1",
            "Part perméable : ni bâtie ni imperméable",
            "Pervious share: neither built nor sealed",
        ),
        column(
            "high_vegetation",
            FieldKind::Real,
            "1",
            "Part sous les arbres de 3 m et plus",
            "Share under trees of 3 m and more",
        ),
        column(
            "low_vegetation",
            FieldKind::Real,
            "1",
            "Part d'herbes, de cultures et d'arbustes",
            "Share of grass, crops and bushes",
        ),
        column(
            "shrub",
            FieldKind::Real,
            "1",
            "Part d'arbustes de 0,5 à 3 m, comprise dans low_vegetation",
            "Share of bushes of 0.5 to 3 m, part of low_vegetation",
        ),
        column(
            "mineral",
            FieldKind::Real,
            "1",
            "Part minérale perméable : gravier, ballast",
            "Mineral pervious share: gravel, ballast",
        ),
        column("bare_soil", FieldKind::Real, "1", "Part de sol nu", "Share of bare soil"),
        column("water", FieldKind::Real, "1", "Part en eau", "Share of water"),
        column("altitude", FieldKind::Real, "m", "Altitude moyenne du terrain", "Mean height of the terrain"),
        column(
            "relief",
            FieldKind::Real,
            "m",
            "Dénivelé du terrain : du point le plus bas au plus haut",
            "Local relief of the terrain: from lowest to highest",
        ),
        column("slope", FieldKind::Real, "°", "Pente moyenne du terrain", "Mean slope of the terrain"),
    ],
    colour: [214, 96, 77],
    source: "Stewart & Oke 2012, 10.1175/BAMS-D-11-00019.1; Bernard et al. 2018, 10.3390/cli6030060; Hanna & Britter 2002; Macdonald et al. 1998, 10.1016/S1352-2310(97)00403-2",
};
