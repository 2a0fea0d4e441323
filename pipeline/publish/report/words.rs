//! What the report says in plain words: how each kind of figure is made, where it may be wrong, what is missing without it.
//!
//! Written for people who decide and have two minutes; those who check find files, hashes and papers further down.

use crate::product::Words;

/// A subject of the report.
pub struct Subject {
    /// Title.
    pub title: Words,
    /// Product or table that shows whether the run made it.
    pub shown_by: &'static str,
    /// How it is made.
    pub method: Words,
    /// Where it may be wrong.
    pub limits: Words,
    /// What would bring it.
    pub absent: Words,
}

const fn words(fr: &'static str, en: &'static str) -> Words {
    Words { fr, en }
}

/// The subjects, in the order of the report.
pub static SUBJECTS: &[Subject] = &[
    Subject {
        title: words("Relief et hauteurs", "Relief and heights"),
        shown_by: "dtm",
        method: words(
            "Un avion a mesuré des millions de points par laser (LiDAR). Les points classés « sol » donnent le terrain, les plus hauts la surface ; leur différence est la hauteur des bâtiments et des arbres.",
            "A plane measured millions of points by laser (LiDAR). Points of class \"ground\" give the terrain, the highest ones the surface; their difference is the height of buildings and trees.",
        ),
        limits: words(
            "Sous un bâtiment ou un feuillage dense, le terrain est interpolé ; la carte « distance au sol mesuré » dit où.",
            "Below a building or dense leaves the terrain is interpolated; the map of the distance to measured ground tells where.",
        ),
        absent: words("des nuages LiDAR", "LiDAR clouds"),
    },
    Subject {
        title: words("Végétation et sols", "Vegetation and soil"),
        shown_by: "cover",
        method: words(
            "Chaque mètre carré reçoit l'une de neuf classes d'après la forme et l'éclat des points laser, et d'après l'orthophoto infrarouge où il y en a une. Les surfaces sont corrigées des confusions attendues entre classes, d'où leur intervalle.",
            "Each square metre gets one of nine classes from the shape and brightness of the laser points, and from the infrared orthophoto where there is one. Areas are corrected for the confusions expected between classes, hence their interval.",
        ),
        limits: words(
            "Les classes sont étalonnées sur une ville de synthèse : un contrôle sur place reste utile avant une décision à la parcelle.",
            "The classes are calibrated on a synthetic town: a look on site remains useful before a decision on a parcel.",
        ),
        absent: words("une section [cover]", "a section [cover]"),
    },
    Subject {
        title: words("Chaleur", "Warmth"),
        shown_by: "heat_night",
        method: words(
            "Les capteurs de la ville sont contrôlés (dérive, soleil, échange, horloge), puis un modèle apprend ce qui va de pair avec leurs écarts à la campagne. Il est jugé sur des stations qu'il n'a jamais vues.",
            "The town's sensors are checked (drift, sun, exchange, clock), then a model learns what goes along with their differences to the country. It is judged at stations that it has never seen.",
        ),
        limits: words(
            "Température de l'air à hauteur de capteur, pas des surfaces. Un lien entre lieux n'est pas l'effet d'un aménagement. La carte se tait où aucun capteur ne se trouve en un lieu semblable.",
            "Air temperature at the height of the sensors, not of surfaces. A link between places is not the effect of works. The map is silent where no sensor stands at a place alike.",
        ),
        absent: words(
            "des capteurs (sections [sensors] et [heat])",
            "sensors (sections [sensors] and [heat])",
        ),
    },
    Subject {
        title: words("Sols artificialisés (ZAN)", "Artificialised soil (ZAN)"),
        shown_by: "zan_flux",
        method: words(
            "L'OCS GE de chaque date est lue à travers la nomenclature de l'article R. 101-1 du code de l'urbanisme, puis les deux dates sont croisées : ce qui est gagné, rendu, et le solde.",
            "The OCS GE of each date is read through the nomenclature of article R. 101-1 of the planning code, then both dates are crossed: what is gained, given back, and the balance.",
        ),
        limits: words(
            "L'intervalle tient compte de la précision des contours et des classes. Un solde dont l'intervalle contient zéro ne permet pas de conclure.",
            "The interval takes the accuracy of outlines and classes into account. A balance whose interval holds zero allows no conclusion.",
        ),
        absent: words("deux dates d'OCS GE (section [zan])", "two dates of OCS GE (section [zan])"),
    },
    Subject {
        title: words("Ciel, ombre et confort", "Sky, shade and comfort"),
        shown_by: "utci",
        method: words(
            "Le soleil est suivi au-dessus de la surface mesurée : ombres, part de ciel visible, rayonnement reçu par un passant, température ressentie (UTCI).",
            "The sun is followed over the measured surface: shadows, share of visible sky, radiation that a passer-by receives, felt temperature (UTCI).",
        ),
        limits: words(
            "Le vent et l'air sont supposés les mêmes partout. L'erreur connue du modèle est de 6 K sur le rayonnement, soit 1,5 à 2 K ressentis.",
            "Wind and air are taken as the same everywhere. The known error of the model is 6 K in radiation, or 1.5 to 2 K as felt.",
        ),
        absent: words("les sections [sky], [sun] ou [comfort]", "sections [sky], [sun] or [comfort]"),
    },
    Subject {
        title: words("Formes urbaines", "Urban form"),
        shown_by: "lcz",
        method: words(
            "Des carrés de 100 m sont décrits (bâti, hauteurs, façades, sols) et rangés en zones climatiques locales (LCZ).",
            "Squares of 100 m are described (buildings, heights, façades, soil) and sorted into local climate zones (LCZ).",
        ),
        limits: words(
            "Un carré mélangé reçoit la zone la plus proche.",
            "A mixed square gets the nearest zone.",
        ),
        absent: words("une section [lcz]", "a section [lcz]"),
    },
];
