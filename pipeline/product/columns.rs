//! What the columns of tables and layers are called: label, unit and words of values, in both languages, once.
//!
//! In: the name of a layer and of a column. Out: what people read in its place: on the page, in the scene, in QGIS. Columns
//! of the registry's own layers keep the words that stand there; here are short labels for all others, and rules for
//! families of columns: areas by class of cover, ends of intervals, statistics of a map in a zone. A column that no rule
//! knows, such as one of the user's own, keeps its name. Cost: none.

use super::{LCZ, Style, Words, named, vectors};
use crate::text::Text;

/// How a column is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What it is.
    pub label: Text,
    /// Its unit; empty for words, counts and ratios.
    pub unit: &'static str,
    /// The words of its values, by what the column holds.
    pub values: Vec<(String, Words)>,
}

/// A column of a list.
struct Entry(&'static str, &'static str, Words);

const fn words(fr: &'static str, en: &'static str) -> Words {
    Words { fr, en }
}

const fn entry(name: &'static str, unit: &'static str, fr: &'static str, en: &'static str) -> Entry {
    Entry(name, unit, words(fr, en))
}

/// What a column of a layer is; none where no rule knows it.
pub fn told(layer: &str, column: &str) -> Option<Told> {
    let values = values(layer, column);
    let of = |words: &Words, unit: &'static str| Told { label: words.text(), unit, values: values.clone() };
    let listed = |list: &'static [Entry]| list.iter().find(|entry| entry.0 == column);
    let own = OWN.iter().filter(|(name, _)| *name == layer).find_map(|(_, list)| listed(list));
    if let Some(Entry(_, unit, words)) = own {
        return Some(of(words, unit));
    }
    let vector = vectors().find(|vector| vector.name == layer);
    if let Some(known) = vector.and_then(|it| it.columns.iter().find(|known| known.name == column)) {
        let unit = if known.unit == "1" { "" } else { known.unit };
        return Some(of(&known.meaning, unit));
    }
    if let Some(Entry(_, unit, words)) = listed(COMMON) {
        return Some(of(words, unit));
    }
    family(column).map(|(label, unit)| Told { label, unit, values: values.clone() })
}

/// Families of columns, by the parts of their names.
fn family(column: &str) -> Option<(Text, &'static str)> {
    end_of_interval(column).or_else(|| class_of_cover(column)).or_else(|| statistic(column))
}

/// `<stem>_low_<unit>` and `<stem>_high_<unit>`.
fn end_of_interval(column: &str) -> Option<(Text, &'static str)> {
    let (low, high) = (words("borne basse", "low end"), words("borne haute", "high end"));
    let (end, stem, rest) = [(low, "_low"), (high, "_high")].into_iter().find_map(|(end, mark)| {
        let (stem, rest) = column.split_once(mark)?;
        (rest.is_empty() || rest.starts_with('_')).then_some((end, stem, rest))
    })?;
    let whole = format!("{stem}{rest}");
    let common = COMMON.iter().chain(ZAN).find(|entry| entry.0 == whole);
    let (label, unit) = common.map(|entry| (entry.2.text(), entry.1)).or_else(|| class_of_cover(&whole))?;
    let Text { fr, en } = label;
    Some((Text { fr: format!("{fr} : {}", end.fr), en: format!("{en}: {}", end.en) }, unit))
}

/// `<class>_m2` and `<class>_pct`.
fn class_of_cover(column: &str) -> Option<(Text, &'static str)> {
    let (stem, unit, what) = column
        .strip_suffix("_m2")
        .map(|stem| (stem, "m²", words("surface", "area")))
        .or_else(|| Some((column.strip_suffix("_pct")?, "%", words("part", "share"))))?;
    let Entry(_, _, name) = COVERS.iter().find(|entry| entry.0 == stem)?;
    Some((Text { fr: format!("{} : {}", name.fr, what.fr), en: format!("{}: {}", name.en, what.en) }, unit))
}

/// `<product>_<statistic>`.
fn statistic(column: &str) -> Option<(Text, &'static str)> {
    let (spec, rule) = STATISTICS.iter().find_map(|rule| {
        let stem = column.strip_suffix(rule.0)?.strip_suffix('_')?;
        Some((named(stem)?, rule))
    })?;
    let unit = if rule.1 == "of" { spec.unit } else { rule.1 };
    let Text { fr, en } = spec.title.text();
    Some((Text { fr: format!("{fr} : {}", rule.2.fr), en: format!("{en}: {}", rule.2.en) }, unit))
}

/// Statistics of a map in a zone; the unit `of` is that of the map.
const STATISTICS: &[Entry] = &[
    entry("mean", "of", "moyenne", "mean"),
    entry("min", "of", "plus petite valeur", "smallest value"),
    entry("max", "of", "plus grande valeur", "largest value"),
    entry("stdev", "of", "écart-type", "standard deviation"),
    entry("sum", "", "somme", "sum"),
    entry("count", "", "nombre de cellules", "number of cells"),
    entry("p50", "of", "médiane", "median"),
    entry("p95", "of", "95e centile", "95th percentile"),
    entry("area", "m²", "surface connue", "known area"),
    entry("missing", "", "part sans donnée", "share without data"),
    entry("edge", "", "part en bord de zone", "share on the zone's border"),
    entry("half_width", "of", "demi-largeur de l'intervalle à 90 %", "half-width of the 90 % interval"),
];

/// Classes of cover, as columns name them.
const COVERS: &[Entry] = &[
    entry("building", "", "Bâtiments", "Buildings"),
    entry("sealed", "", "Sols revêtus", "Paved ground"),
    entry("mineral", "", "Minéral perméable", "Permeable mineral"),
    entry("bare", "", "Sol nu", "Bare soil"),
    entry("herbaceous", "", "Herbe", "Grass"),
    entry("shrub", "", "Arbustes", "Shrubs"),
    entry("tree_permeable", "", "Arbres sur sol perméable", "Trees over permeable ground"),
    entry("tree_sealed", "", "Arbres sur sol revêtu", "Trees over paved ground"),
    entry("water", "", "Eau", "Water"),
    entry("impermeable", "", "Sols imperméables", "Sealed ground"),
];

/// Columns that mean the same wherever they stand.
const COMMON: &[Entry] = &[
    entry("id", "", "Identifiant", "Identifier"),
    entry("code_insee", "", "Code INSEE", "INSEE code"),
    entry("nom_officiel", "", "Nom", "Name"),
    entry("commune", "", "Commune", "Commune"),
    entry("parcel_id", "", "Parcelle", "Parcel"),
    entry("plu_zone", "", "Zone du PLU", "Zone of the PLU"),
    entry("public", "", "Foncier public", "Public land"),
    entry("area_m2", "m²", "Surface", "Area"),
    entry("date", "", "Date", "Date"),
    entry("from", "", "De", "From"),
    entry("to", "", "À", "To"),
    entry("zone_id", "", "Code de la zone", "Code of the zone"),
    entry("zone_name", "", "Nom de la zone", "Name of the zone"),
    entry("reasons_fr", "", "Raisons", "Reasons, in French"),
    entry("reasons_en", "", "Raisons, en anglais", "Reasons"),
    entry("to_unseal_m2", "m²", "À désimperméabiliser, hors bâti", "To unseal, beside buildings"),
    entry("room_m2", "m²", "Place libre d'un seul tenant", "Free area in one piece"),
    entry("room_disc_m", "m", "Plus grand disque libre : diamètre", "Largest free disc: diameter"),
    entry("trees", "", "Arbres de 3 m et plus", "Trees of 3 m and more"),
    entry("trees_height_mean", "m", "Hauteur moyenne des arbres", "Mean height of trees"),
    entry("trees_height_max", "m", "Arbre le plus haut", "Highest tree"),
    entry("trees_crown_diameter_mean", "m", "Diamètre moyen des houppiers", "Mean diameter of crowns"),
    entry("trees_crown_area", "m²", "Surface des houppiers", "Area of crowns"),
    entry("station_id", "", "Capteur", "Sensor"),
    entry("faults", "", "Défauts", "Faults"),
    entry("heat_night", "K", "Écart de chaleur, la nuit", "Warmth, by night"),
    entry("imperviousness", "%", "Part imperméable à 50 m à la ronde", "Sealed share within 50 m"),
];

/// Words of one layer.
static OWN: &[(&str, &[Entry])] = &[
    ("buildings", BUILDING),
    ("trees", TREE),
    ("crowns", TREE),
    ("points", POINT),
    ("parcels", PARCEL),
    ("renaturation", RENATURE),
    ("densification", DENSIFY),
    ("urban_farming", FARM),
    ("zan_flux", ZAN),
    ("zan_state", ZAN),
    ("zan_polygons", POLYGON),
    ("zan_changes", CHANGE),
    ("stations", STATION),
    ("heat_contours", CONTOUR),
    ("lcz", CLIMATE),
];

/// What the twin adds to the layer of buildings.
const BUILDING: &[Entry] = &[
    entry("id", "", "Identifiant", "Identifier"),
    entry("area", "m²", "Surface du toit vu du ciel", "Area of the roof seen from the sky"),
    entry("height_eaves", "m", "Hauteur à l'égout du toit", "Height at the eaves"),
    entry("height_ridge", "m", "Hauteur au faîte", "Height at the ridge"),
    entry("z_ground", "m", "Altitude du sol", "Elevation of the ground"),
    entry("confidence", "%", "Contour confirmé par les points", "Outline confirmed by points"),
    entry("slope", "°", "Pente du toit", "Slope of the roof"),
    entry(
        "aspect",
        "°",
        "Orientation du plus grand pan, depuis le nord",
        "Aspect of the largest face, from north",
    ),
    entry("reference", "", "Emprises données recouvertes", "Given footprints covered"),
    entry("overlap", "", "Accord avec ces emprises (IoU)", "Agreement with those footprints (IoU)"),
    entry("roof", "", "Toit", "Roof"),
    entry("cut", "", "Coupé par le bord des données", "Cut by the border of the data"),
    entry("status", "", "Face aux emprises données", "Against the given footprints"),
    entry("year", "", "Année de construction", "Year of building"),
    entry("lod", "", "Niveau de détail", "Level of detail"),
    entry(
        "roof_fit",
        "",
        "Points du toit à 0,2 m des pans trouvés, part",
        "Points of the roof within 0.2 m of its faces, share",
    ),
    entry("volume", "m³", "Volume", "Volume"),
    entry("roof_area", "m²", "Surface des pans du toit", "Area of the roof's faces"),
];

const TREE: &[Entry] = &[
    entry("id", "", "Identifiant", "Identifier"),
    entry("height", "m", "Hauteur", "Height"),
    entry("crown_diameter", "m", "Diamètre du houppier", "Diameter of the crown"),
    entry("crown_area", "m²", "Surface du houppier", "Area of the crown"),
    entry("crown_base", "m", "Base du houppier", "Base of the crown"),
    entry("confidence", "%", "Confiance", "Confidence"),
];

const POINT: &[Entry] = &[
    entry("classification", "", "Classe", "Class"),
    entry("intensity", "", "Intensité du retour", "Intensity of the return"),
    entry("height", "m", "Hauteur au-dessus du sol", "Height above ground"),
];

const PARCEL: &[Entry] = &[
    entry("brownfield", "", "Friche", "Brownfield"),
    entry("origin", "", "Source des surfaces", "Source of the areas"),
    entry("known_m2", "m²", "Surface dont l'occupation est connue", "Area whose cover is known"),
    entry(
        "artif_m2",
        "m²",
        "Artificialisé (OCS GE, matrice du décret)",
        "Artificialised (OCS GE, decree's matrix)",
    ),
    entry("imper_ocsge_m2", "m²", "Imperméable (OCS GE)", "Impermeable (OCS GE)"),
    entry("open_soil_m2", "m²", "Pleine terre, au plus", "Open soil, at most"),
    entry("open_soil_pct", "%", "Part de pleine terre, au plus", "Share of open soil, at most"),
    entry("biotope", "", "Coefficient de biotope (CBS)", "Biotope area factor (CBS)"),
    entry("biotope_kept", "", "CBS exigé par le PLU atteint", "CBS that the PLU asks for reached"),
    entry(
        "open_soil_kept",
        "",
        "Pleine terre exigée par le PLU atteinte",
        "Open soil that the PLU asks for reached",
    ),
    entry("heat_k", "K", "Écart de chaleur, la nuit", "Warmth, by night"),
    entry(
        "heat_interval_k",
        "K",
        "Chaleur : demi-largeur de l'intervalle à 90 %",
        "Warmth: half-width of the 90 % interval",
    ),
    entry("canopy_pct", "%", "Part sous les arbres", "Share under trees"),
    entry("plants_m", "m", "Hauteur moyenne des végétaux", "Mean height of plants"),
    entry("slope_pct", "%", "Pente moyenne", "Mean slope"),
    entry("imperviousness_pct", "%", "Carte d'imperméabilité : moyenne", "Imperviousness map: mean"),
    entry("footprint_pct", "%", "Part bâtie (CES)", "Built share (CES)"),
    entry("height_mean_m", "m", "Hauteur moyenne du bâti", "Mean height of what is built"),
    entry("height_max_m", "m", "Hauteur du bâti, au plus", "Largest height of what is built"),
    entry("volume_m3", "m³", "Volume bâti", "Built volume"),
    entry(
        "volume_density_m",
        "m",
        "Volume bâti par surface de parcelle",
        "Built volume by area of the parcel",
    ),
    entry("densification", "", "Densification possible", "Possible densification"),
    entry("renaturation_score", "", "Score de renaturation, de 0 à 1", "Renaturation score, 0 to 1"),
];

const RENATURE: &[Entry] = &[
    entry("score", "", "Score, de 0 à 1", "Score, 0 to 1"),
    entry("term_sealed", "", "Terme : sols revêtus", "Term: paved ground"),
    entry("term_threshold", "", "Terme : seuils du décret", "Term: thresholds of the decree"),
    entry("term_heat", "", "Terme : chaleur", "Term: warmth"),
    entry("term_public", "", "Terme : foncier public", "Term: public land"),
    entry("term_flat", "", "Terme : terrain plat", "Term: flat ground"),
    entry("term_unbuilt", "", "Terme : peu bâti", "Term: little built"),
    entry("term_treeless", "", "Terme : peu d'arbres", "Term: few trees"),
    entry("weight_known", "", "Part du poids des termes connus", "Share of the weight of known terms"),
    entry("terms_missing", "", "Termes sans donnée", "Terms without data"),
    entry(
        "effect_m2",
        "m²",
        "Effet sur l'artificialisation, au plus",
        "Effect on artificialisation, at most",
    ),
];

const DENSIFY: &[Entry] = &[
    entry("kind", "", "Possibilité", "Possibility"),
    entry("parcel_m2", "m²", "Surface de la parcelle", "Area of the parcel"),
    entry("access", "", "Accès à la rue", "Way to the street"),
    entry("new_footprint_m2", "m²", "Emprise nouvelle, au plus", "New footprint, at most"),
    entry("residual_m3", "m³", "Volume encore permis", "Volume still allowed"),
    entry("biotope_after", "", "CBS après projet", "CBS afterwards"),
    entry("open_soil_after_pct", "%", "Pleine terre après projet", "Open soil afterwards"),
];

const FARM: &[Entry] = &[
    entry("kind", "", "Où", "Where"),
    entry("id", "", "Parcelle ou bâtiment", "Parcel or building"),
    entry("slope_pct", "%", "Pente moyenne", "Mean slope"),
    entry("sun_h", "h", "Heures de soleil", "Hours of sun"),
    entry("height_m", "m", "Hauteur du toit", "Height of the roof"),
    entry("in_envelope", "", "Dans l'enveloppe bâtie", "Within the built envelope"),
];

const ZAN: &[Entry] = &[
    entry("zone_ha", "ha", "Surface de la zone", "Area of the zone"),
    entry("years", "", "Années entre les deux dates", "Years between both dates"),
    entry("gain_ha", "ha", "Artificialisé", "Artificialised"),
    entry("loss_ha", "ha", "Désartificialisé", "Given back"),
    entry("net_ha", "ha", "Solde", "Balance"),
    entry("net_verdict", "", "Sens du solde", "Which way the balance goes"),
    entry("net_ha_per_year", "ha/an", "Solde par an", "Balance a year"),
    entry("gain_pct", "%", "Artificialisé, part du territoire", "Artificialised, share of the territory"),
    entry("loss_pct", "%", "Désartificialisé, part du territoire", "Given back, share of the territory"),
    entry("net_pct", "%", "Solde, part du territoire", "Balance, share of the territory"),
    entry("stock_from_ha", "ha", "Artificialisé à la première date", "Artificialised at the first date"),
    entry("stock_to_ha", "ha", "Artificialisé à la seconde date", "Artificialised at the second date"),
    entry("one_date_ha", "ha", "Couvert à une seule date", "Covered at one date only"),
    entry("unknown_ha", "ha", "Statut inconnu", "Status not known"),
    entry(
        "gain_slivers_ha",
        "ha",
        "Artificialisé : part en liserés de moins de 1 m",
        "Artificialised: part in slivers below 1 m",
    ),
    entry(
        "loss_slivers_ha",
        "ha",
        "Désartificialisé : part en liserés de moins de 1 m",
        "Given back: part in slivers below 1 m",
    ),
    entry("imper_gain_ha", "ha", "Imperméabilisé", "Sealed"),
    entry("imper_loss_ha", "ha", "Désimperméabilisé", "Unsealed"),
    entry("imper_net_ha", "ha", "Imperméabilisation nette", "Net sealing"),
    entry("imper_net_verdict", "", "Sens de l'imperméabilisation nette", "Which way net sealing goes"),
    entry("gain_matrix_ha", "ha", "Artificialisé, matrice seule", "Artificialised, matrix alone"),
    entry("loss_matrix_ha", "ha", "Désartificialisé, matrice seule", "Given back, matrix alone"),
    entry(
        "gain_threshold_ha",
        "ha",
        "Artificialisé, seuils recalculés",
        "Artificialised, thresholds recomputed",
    ),
    entry(
        "loss_threshold_ha",
        "ha",
        "Désartificialisé, seuils recalculés",
        "Given back, thresholds recomputed",
    ),
    entry("gain_ellipsoid_ha", "ha", "Artificialisé, sur l'ellipsoïde", "Artificialised, on the ellipsoid"),
    entry("loss_ellipsoid_ha", "ha", "Désartificialisé, sur l'ellipsoïde", "Given back, on the ellipsoid"),
    entry("covered_ha", "ha", "Couvert par les données", "Covered by the data"),
    entry("artif_ha", "ha", "Surface artificialisée", "Artificialised area"),
    entry("imper_ha", "ha", "Surface imperméable", "Impermeable area"),
    entry("artif_matrix_ha", "ha", "Artificialisé, matrice seule", "Artificialised, matrix alone"),
    entry(
        "artif_threshold_ha",
        "ha",
        "Artificialisé, seuils recalculés",
        "Artificialised, thresholds recomputed",
    ),
    entry("nodata_ha", "ha", "Hors des données", "Outside the data"),
    entry("artif_pct", "%", "Part artificialisée", "Artificialised share"),
    entry("imper_pct", "%", "Part imperméable", "Impermeable share"),
    entry("artif_ellipsoid_ha", "ha", "Artificialisé, sur l'ellipsoïde", "Artificialised, on the ellipsoid"),
    entry(
        "zone_ellipsoid_ha",
        "ha",
        "Surface de la zone, sur l'ellipsoïde",
        "Area of the zone, on the ellipsoid",
    ),
    entry("cat_1_ha", "ha", "Catégorie 1° (annexe à R. 101-1)", "Category 1° (annex to R. 101-1)"),
    entry("cat_2_ha", "ha", "Catégorie 2° (annexe à R. 101-1)", "Category 2° (annex to R. 101-1)"),
    entry("cat_3_ha", "ha", "Catégorie 3° (annexe à R. 101-1)", "Category 3° (annex to R. 101-1)"),
    entry("cat_4_ha", "ha", "Catégorie 4° (annexe à R. 101-1)", "Category 4° (annex to R. 101-1)"),
    entry("cat_5_ha", "ha", "Catégorie 5° (annexe à R. 101-1)", "Category 5° (annex to R. 101-1)"),
    entry("cat_6_ha", "ha", "Catégorie 6° (annexe à R. 101-1)", "Category 6° (annex to R. 101-1)"),
    entry("cat_7_ha", "ha", "Catégorie 7° (annexe à R. 101-1)", "Category 7° (annex to R. 101-1)"),
    entry("cat_8_ha", "ha", "Catégorie 8° (annexe à R. 101-1)", "Category 8° (annex to R. 101-1)"),
    entry("cat_9_ha", "ha", "Catégorie 9° (annexe à R. 101-1)", "Category 9° (annex to R. 101-1)"),
    entry("cat_10_ha", "ha", "Catégorie 10° (annexe à R. 101-1)", "Category 10° (annex to R. 101-1)"),
];

const POLYGON: &[Entry] = &[
    entry("number", "", "Numéro", "Number"),
    entry("code_cs", "", "Couverture (OCS GE)", "Cover (OCS GE)"),
    entry("code_us", "", "Usage (OCS GE)", "Use (OCS GE)"),
    entry("artif", "", "Statut", "Status"),
    entry("artif_matrice", "", "Statut par la matrice seule", "Status by the matrix alone"),
    entry("artif_seuil", "", "Statut, seuils recalculés", "Status, thresholds recomputed"),
    entry("artif_ign", "", "Statut selon l'attribut livré", "Status by the attribute delivered"),
    entry("motif", "", "Motif", "Reason"),
    entry("categorie", "", "Catégorie (annexe à R. 101-1)", "Category (annex to R. 101-1)"),
    entry("impermeable", "", "Imperméable", "Impermeable"),
    entry("mode", "", "Mode de calcul", "How it was computed"),
];

const CHANGE: &[Entry] = &[
    entry("change", "", "Changement", "Change"),
    entry("cs_before", "", "Couverture avant", "Cover before"),
    entry("us_before", "", "Usage avant", "Use before"),
    entry("cs_after", "", "Couverture après", "Cover afterwards"),
    entry("us_after", "", "Usage après", "Use afterwards"),
    entry("sliver", "", "Liseré de moins de 1 m", "Sliver below 1 m"),
    entry("thickness_m", "m", "Épaisseur (2A/P)", "Thickness (2A/P)"),
];

const STATION: &[Entry] = &[
    entry("observed_k", "K", "Observé, la nuit", "Observed, by night"),
    entry("predicted_k", "K", "Prédit sans la station, la nuit", "Predicted without the station, by night"),
    entry("low_k", "K", "Prédit, la nuit : borne basse à 90 %", "Predicted, by night: low end, 90 %"),
    entry("high_k", "K", "Prédit, la nuit : borne haute à 90 %", "Predicted, by night: high end, 90 %"),
    entry("day_observed_k", "K", "Observé, l'après-midi", "Observed, in the afternoon"),
    entry(
        "day_predicted_k",
        "K",
        "Prédit sans la station, l'après-midi",
        "Predicted without the station, in the afternoon",
    ),
    entry(
        "day_low_k",
        "K",
        "Prédit, l'après-midi : borne basse à 90 %",
        "Predicted, afternoon: low end, 90 %",
    ),
    entry(
        "day_high_k",
        "K",
        "Prédit, l'après-midi : borne haute à 90 %",
        "Predicted, afternoon: high end, 90 %",
    ),
    entry("role", "", "Rôle", "Role"),
];

const CONTOUR: &[Entry] = &[
    entry("part", "", "Moment", "Time of day"),
    entry("level_k", "K", "Écart à la campagne", "Difference to the country"),
    entry("length_m", "m", "Longueur", "Length"),
];

const CLIMATE: &[Entry] = &[
    entry("lcz", "", "Zone climatique locale", "Local climate zone"),
    entry("lcz_code", "", "Le même, en nombre (WUDAPT)", "The same, as a number (WUDAPT)"),
    entry("lcz_second", "", "Zone suivante", "Next zone"),
    entry(
        "uniqueness",
        "",
        "Netteté : 0, la suivante convient autant ; 1, nulle autre",
        "Uniqueness: 0, the next one fits as well; 1, no other",
    ),
    entry(
        "distance",
        "",
        "Distance pondérée aux plages de la zone",
        "Weighted distance to the zone's ranges",
    ),
    entry("undefined", "", "Part non connue", "Share not known"),
];

const YES: &[(&str, Words)] = &[("1", words("oui", "yes")), ("0", words("non", "no"))];
const ARTIFICIAL: &[(&str, Words)] = &[
    ("1", words("artificialisé", "artificialised")),
    ("0", words("non artificialisé", "not artificialised")),
];
const POSSIBLE: &[(&str, Words)] = &[
    ("dent_creuse", words("dent creuse", "gap")),
    ("division", words("division", "division")),
    ("surelevation", words("surélévation", "upwards")),
];
const VERDICT: &[(&str, Words)] = &[
    ("hausse", words("hausse", "increase")),
    ("baisse", words("baisse", "decrease")),
    ("ne se distingue pas de zéro", words("ne se distingue pas de zéro", "cannot be told from zero")),
];

/// Why a polygon has its status.
const REASONS: &[(&str, Words)] = &[
    ("inconnu", words("codes inconnus", "codes not known")),
    ("matrice", words("matrice du décret", "decree's matrix")),
    (
        "seuil_2500_vers_A",
        words("moins de 2 500 m², enclavé : artificialisé", "below 2,500 m², enclosed: artificialised"),
    ),
    (
        "seuil_2500_vers_N",
        words(
            "moins de 2 500 m², enclavé : non artificialisé",
            "below 2,500 m², enclosed: not artificialised",
        ),
    ),
    ("bati_50", words("bâti, seuil de 50 m²", "built, threshold of 50 m²")),
    ("forcage", words("usage imposé", "use that decides")),
    ("largeur_5", words("largeur, seuil de 5 m", "width, threshold of 5 m")),
    ("arbres_25", words("arbres, seuil de 25 %", "trees, threshold of 25 %")),
    ("ign", words("attribut livré par l'IGN", "attribute delivered by IGN")),
];

/// The words of a column's values.
fn values(layer: &str, column: &str) -> Vec<(String, Words)> {
    if let ("lcz", "lcz" | "lcz_second", Style::Classes(stops)) = (layer, column, LCZ.spec.style) {
        let name = |label: &Words| label.en.split(':').next().unwrap_or_default().to_owned();
        return stops.iter().map(|stop| (name(&stop.label), stop.label)).collect();
    }
    listed(layer, column).iter().map(|(raw, words)| ((*raw).to_owned(), *words)).collect()
}

/// What a column may hold, with its words.
type Values = &'static [(&'static str, Words)];

/// Words of values: the layer, empty for any, its columns, and what they may hold.
const VALUES: &[(&str, &[&str], Values)] = &[
    ("buildings", &["roof"], &[("flat", words("plat", "flat")), ("pitched", words("en pente", "pitched"))]),
    (
        "buildings",
        &["lod"],
        &[
            ("2.2", words("pans du toit (LoD 2.2)", "faces of the roof (LoD 2.2)")),
            ("1.2", words("bloc (LoD 1.2)", "block (LoD 1.2)")),
        ],
    ),
    (
        "buildings",
        &["status"],
        &[
            ("taken_over", words("reprise", "taken over")),
            ("corrected", words("corrigée", "corrected")),
            ("new", words("nouvelle", "new")),
        ],
    ),
    (
        "parcels",
        &["origin"],
        &[("cover", words("couverture à 1 m", "cover of 1 m")), ("ocsge", words("OCS GE", "OCS GE"))],
    ),
    ("parcels", &["densification"], POSSIBLE),
    ("densification", &["kind"], POSSIBLE),
    ("urban_farming", &["kind"], &[("sol", words("sol", "soil")), ("toit", words("toit", "roof"))]),
    ("zan_flux", &["net_verdict", "imper_net_verdict"], VERDICT),
    ("zan_polygons", &["artif", "artif_matrice", "artif_seuil", "artif_ign"], ARTIFICIAL),
    ("zan_polygons", &["motif"], REASONS),
    (
        "zan_polygons",
        &["mode"],
        &[
            ("matrix", words("matrice du décret", "decree's matrix")),
            ("ign", words("attribut livré par l'IGN", "attribute delivered by IGN")),
            ("recompute", words("matrice et seuils recalculés", "matrix and thresholds, recomputed")),
            ("lidar", words("couverture du LiDAR", "cover of the LiDAR")),
        ],
    ),
    (
        "zan_changes",
        &["change"],
        &[
            ("gain", words("artificialisé", "artificialised")),
            ("loss", words("désartificialisé", "given back")),
        ],
    ),
    (
        "stations",
        &["role"],
        &[
            ("model", words("sert au modèle", "used by the model")),
            ("kept_out", words("gardée pour vérifier", "kept out to check")),
            ("not_used", words("hors du modèle", "not used by the model")),
        ],
    ),
    (
        "heat_contours",
        &["part"],
        &[("night", words("nuit", "night")), ("day", words("après-midi", "afternoon"))],
    ),
    (
        "",
        &[
            "public",
            "biotope_kept",
            "open_soil_kept",
            "access",
            "in_envelope",
            "cut",
            "sliver",
            "impermeable",
        ],
        YES,
    ),
];

/// Those that are listed here.
fn listed(layer: &str, column: &str) -> Values {
    let own = |entry: &&(&str, &[&str], Values)| {
        (entry.0 == layer || entry.0.is_empty()) && entry.1.contains(&column)
    };
    VALUES.iter().find(own).map_or(&[], |entry| entry.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(layer: &str, column: &str) -> (String, String, &'static str) {
        let told = told(layer, column).unwrap_or_else(|| panic!("{layer}.{column}"));
        (told.label.fr, told.label.en, told.unit)
    }

    #[test]
    fn columns_are_told_in_both_languages_by_list_registry_and_rule() {
        let is = |layer: &str, column: &str, fr: &str, en: &str, unit: &str| {
            assert_eq!(label(layer, column), (fr.to_owned(), en.to_owned(), unit));
        };
        is("buildings", "volume", "Volume", "Volume", "m³");
        is("trees", "height", "Hauteur", "Height", "m");
        is("urban_form", "height_max", "Toit le plus haut", "Highest roof", "m");
        is("cover_zones", "bare_low_m2", "Sol nu : surface : borne basse", "Bare soil: area: low end", "m²");
        is(
            "heat_zones",
            "heat_night_mean",
            "Îlot de chaleur nocturne : moyenne",
            "Heat island by night: mean",
            "K",
        );
        is(
            "zan_flux",
            "net_high_ha_per_year",
            "Solde par an : borne haute",
            "Balance a year: high end",
            "ha/an",
        );
        is(
            "cover_zones",
            "trees_low",
            "Arbres de 3 m et plus : borne basse",
            "Trees of 3 m and more: low end",
            "",
        );
        assert_eq!(told("cover_zones", "quartier"), None);
        let roof = told("buildings", "roof").unwrap();
        assert_eq!(roof.values.iter().find(|(raw, _)| raw == "flat").unwrap().1.fr, "plat");
        let zone = told("lcz", "lcz_second").unwrap();
        assert_eq!(zone.values.iter().find(|(raw, _)| raw == "G").unwrap().1.fr, "G : eau");
        assert!(told("trees", "height").unwrap().values.is_empty());
    }
}
