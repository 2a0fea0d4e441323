//! How layers of features look on a map: title, sentence, symbols and legend of each layer that a run can write.
//!
//! Layers of the registry ([`super::vectors`]) have their words there; those that measures write (zones, stations, parcels,
//! contours) have them here, once, for QGIS, for the GeoPackages' own styles and for web maps.

use super::{Colour, Vector, Words, vectors};

/// What the symbols of a layer tell.
#[derive(Debug, Clone, Copy)]
pub enum Symbols {
    /// Where features are.
    Plain(Colour),
    /// Borders only, so that what lies below is seen.
    Outline(Colour),
    /// A number of each feature, by ranges: field, unit, and from, to, colour.
    Graded(&'static str, &'static str, &'static [Range]),
    /// The class of each feature: field, and value, colour and words of each class.
    Classes(&'static str, &'static [Class]),
}

/// From, to, colour.
pub type Range = (f64, f64, Colour);

/// A class of features.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// What the field holds.
    pub value: &'static str,
    /// Its colour.
    pub colour: Colour,
    /// Its words.
    pub label: Words,
}

/// What features of a layer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Places.
    Point,
    /// Lines.
    Line,
    /// Polygons.
    Area,
}

/// Groups of layers, from the top of a map down.
pub static GROUPS: &[Words] = &[SENSORS, OBJECTS, PARCELS, SOIL, ZONES];

const SENSORS: Words = words("Capteurs et chaleur", "Sensors and warmth");
const OBJECTS: Words = words("Objets", "Objects");
const PARCELS: Words = words("Parcelles", "Parcels");
const SOIL: Words = words("Sols artificialisés (ZAN)", "Artificialised soil (ZAN)");
const ZONES: Words = words("Zones", "Zones");

/// A layer on a map.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Name of the layer, unique among looks.
    pub name: &'static str,
    /// Its file below the folder of results, without ending.
    pub file: &'static str,
    /// Title.
    pub title: Words,
    /// One sentence that says what it means.
    pub meaning: Words,
    /// Its group of layers, one of [`GROUPS`].
    pub group: Words,
    /// What its features are.
    pub form: Form,
    /// Its symbols.
    pub symbols: Symbols,
    /// Whether there are so many features that they are only drawn from near.
    pub crowded: bool,
}

const fn words(fr: &'static str, en: &'static str) -> Words {
    Words { fr, en }
}

const fn look(name: &'static str, group: Words, title: Words, meaning: Words, symbols: Symbols) -> Look {
    Look { name, file: name, title, meaning, group, form: Form::Area, symbols, crowded: false }
}

const fn class(value: &'static str, colour: Colour, fr: &'static str, en: &'static str) -> Class {
    Class { value, colour, label: words(fr, en) }
}

/// Kelvin above the country: those of the heat maps, as ranges.
const KELVIN: &[Range] = &[
    (-30.0, 0.0, [144, 180, 216]),
    (0.0, 1.0, [222, 235, 247]),
    (1.0, 2.0, [254, 240, 201]),
    (2.0, 3.0, [253, 187, 112]),
    (3.0, 5.0, [240, 110, 70]),
    (5.0, 30.0, [150, 20, 50]),
];

/// Shares in per cent, from green to grey.
const SEALED: &[Range] = &[
    (0.0, 20.0, [166, 217, 106]),
    (20.0, 40.0, [217, 239, 139]),
    (40.0, 60.0, [254, 224, 182]),
    (60.0, 80.0, [190, 160, 150]),
    (80.0, 100.0, [110, 100, 105]),
];

const SCORE: &[Range] = &[
    (0.0, 0.4, [237, 248, 233]),
    (0.4, 0.6, [186, 228, 179]),
    (0.6, 0.8, [116, 196, 118]),
    (0.8, 1.0, [35, 139, 69]),
];

/// Layers that measures write, from the top of a map down.
pub static OTHER_LOOKS: &[Look] = &[
    Look {
        form: Form::Point,
        ..look(
            "stations",
            SENSORS,
            words("Stations : observé et modélisé", "Stations: observed and modelled"),
            words(
                "Capteurs de température, ce qu'ils ont observé et ce que le modèle en dit, avec l'intervalle à 90 %.",
                "Temperature sensors, what they observed and what the model says, with its 90 % interval.",
            ),
            Symbols::Classes(
                "role",
                &[
                    class("model", [31, 90, 160], "sert au modèle", "used by the model"),
                    class("kept_out", [230, 159, 0], "gardée pour vérifier", "kept out to check"),
                    class("not_used", [150, 150, 150], "hors du modèle", "not used by the model"),
                ],
            ),
        )
    },
    Look {
        file: "sensors/stations",
        form: Form::Point,
        ..look(
            "network",
            SENSORS,
            words("Réseau de capteurs", "Network of sensors"),
            words(
                "Capteurs de température avec leurs contrôles et leurs indicateurs.",
                "Temperature sensors with their checks and indicators.",
            ),
            Symbols::Plain([90, 60, 140]),
        )
    },
    Look {
        form: Form::Line,
        ..look(
            "heat_contours",
            SENSORS,
            words("Courbes d'égale chaleur", "Contours of warmth"),
            words(
                "Lignes d'égal écart à la campagne, de nuit et de jour, en kelvins.",
                "Lines of equal difference from the country, by night and by day, in kelvin.",
            ),
            Symbols::Plain([120, 40, 40]),
        )
    },
    Look {
        crowded: true,
        ..look(
            "urban_farming",
            PARCELS,
            words("Agriculture urbaine possible", "Possible urban farming"),
            words(
                "Toits plats et sols ensoleillés où cultiver est possible.",
                "Flat roofs and sunny soil where growing food is possible.",
            ),
            Symbols::Classes(
                "kind",
                &[class("toit", [140, 90, 170], "toit", "roof"), class("sol", [150, 190, 60], "sol", "soil")],
            ),
        )
    },
    look(
        "renaturation",
        PARCELS,
        words("Parcelles à renaturer", "Parcels to renature"),
        words(
            "Score de 0 à 1 des parcelles où désimperméabiliser a le plus d'effet, avec ses raisons.",
            "Score from 0 to 1 of the parcels where unsealing has most effect, with its reasons.",
        ),
        Symbols::Graded("score", "", SCORE),
    ),
    look(
        "densification",
        PARCELS,
        words("Parcelles à densifier", "Parcels to build on"),
        words(
            "Dents creuses et divisions possibles dans l'enveloppe urbaine.",
            "Gaps and possible divisions within the built-up area.",
        ),
        Symbols::Classes(
            "kind",
            &[
                class("dent_creuse", [217, 95, 2], "dent creuse", "gap"),
                class("division", [253, 200, 120], "division", "division"),
                class("surelevation", [117, 80, 160], "surélévation", "upwards"),
            ],
        ),
    ),
    Look {
        crowded: true,
        ..look(
            "parcels",
            PARCELS,
            words("Parcelles : part imperméable", "Parcels: sealed share"),
            words(
                "Parcelles du cadastre avec leur part imperméable et son intervalle, leurs surfaces par couverture, leur chaleur.",
                "Cadastral parcels with their sealed share and its interval, their areas by cover, their warmth.",
            ),
            Symbols::Graded("impermeable_pct", "%", SEALED),
        )
    },
    look(
        "zan_polygons",
        SOIL,
        words("Sols artificialisés (OCS GE)", "Artificialised soil (OCS GE)"),
        words(
            "Polygones de l'OCS GE de chaque date, artificialisés ou non selon la nomenclature du décret.",
            "Polygons of OCS GE of each date, artificialised or not by the decree's nomenclature.",
        ),
        Symbols::Classes(
            "artif",
            &[
                class("1", [178, 60, 50], "artificialisé", "artificialised"),
                class("0", [170, 210, 150], "non artificialisé", "not artificialised"),
            ],
        ),
    ),
    look(
        "zan_changes",
        SOIL,
        words("Changements d'artificialisation", "Changes of artificialisation"),
        words(
            "Surfaces artificialisées ou renaturées entre deux dates de l'OCS GE, avec ce qu'elles étaient et sont devenues.",
            "Areas artificialised or renatured between two dates of OCS GE, with what they were and have become.",
        ),
        Symbols::Classes(
            "change",
            &[
                class("gain", [200, 60, 30], "artificialisation", "artificialisation"),
                class("loss", [33, 102, 172], "renaturation", "renaturation"),
            ],
        ),
    ),
    look(
        "zan_flux",
        SOIL,
        words("Artificialisation nette par zone", "Net artificialisation by zone"),
        words(
            "Gains, pertes et solde de sols artificialisés entre deux dates, avec leurs intervalles.",
            "Gains, losses and net of artificialised soil between two dates, with their intervals.",
        ),
        Symbols::Outline([130, 40, 30]),
    ),
    look(
        "zan_state",
        SOIL,
        words("Part artificialisée par zone", "Artificialised share by zone"),
        words(
            "Sols artificialisés et imperméables de chaque zone à chaque date, avec leurs intervalles.",
            "Artificialised and sealed soil of each zone at each date, with their intervals.",
        ),
        Symbols::Graded("artif_pct", "%", SEALED),
    ),
    look(
        "heat_zones",
        SENSORS,
        words("Chaleur nocturne par zone", "Warmth by night by zone"),
        words(
            "Moyennes des cartes de chaleur par quartier ou commune, avec leurs demi-intervalles.",
            "Means of the heat maps by district or commune, with the half-widths of their intervals.",
        ),
        Symbols::Graded("heat_night_mean", "K", KELVIN),
    ),
    look(
        "cover_zones",
        ZONES,
        words("Part imperméable par zone", "Sealed share by zone"),
        words(
            "Surfaces par classe de couverture de chaque zone, avec leurs intervalles, et ses arbres.",
            "Areas by class of cover of each zone, with their intervals, and its trees.",
        ),
        Symbols::Graded("impermeable_pct", "%", SEALED),
    ),
];

/// Zones of `lcz`, in the colours of their raster.
static LCZ_ZONES: Words = words("Zones climatiques locales, par maille", "Local climate zones, by square");

/// Shares under buildings and their colours; the bounds are those of the zones' own ranges.
pub const BUILT_SHARES: &[Range] = &[
    (0.0, 0.1, [247, 247, 247]),
    (0.1, 0.2, [253, 219, 199]),
    (0.2, 0.4, [244, 165, 130]),
    (0.4, 0.6, [214, 96, 77]),
    (0.6, 1.0, [140, 20, 40]),
];

fn of_vector(vector: &'static Vector) -> Look {
    let symbols = match vector.name {
        "urban_form" => Symbols::Graded("building_fraction", "", BUILT_SHARES),
        _ => Symbols::Plain(vector.colour),
    };
    let crowded = ["trees", "crowns"].contains(&vector.name);
    let form = if vector.name == "trees" { Form::Point } else { Form::Area };
    let group = if vector.name == "urban_form" { ZONES } else { OBJECTS };
    Look { crowded, form, ..look(vector.name, group, vector.title, vector.meaning, symbols) }
}

/// All layers that a run can write, from the top of a map down: points, lines, small polygons, zones.
pub fn looks() -> Vec<Look> {
    let (zones, objects): (Vec<Look>, Vec<Look>) =
        vectors().map(of_vector).partition(|look| matches!(look.symbols, Symbols::Graded(..)));
    let lcz = look("lcz", ZONES, LCZ_ZONES, super::LCZ.spec.meaning, Symbols::Outline([90, 90, 90]));
    let others = OTHER_LOOKS.iter().copied();
    objects.into_iter().chain(others).chain(zones).chain([lcz]).collect()
}

/// The look of a layer by its name.
pub fn look_of(name: &str) -> Option<Look> {
    looks().into_iter().find(|look| look.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_has_a_name_of_its_own_and_speaks_both_languages() {
        let looks = looks();
        for (index, look) in looks.iter().enumerate() {
            assert!(looks[..index].iter().all(|other| other.name != look.name), "{}", look.name);
            assert!(look.meaning.fr.ends_with('.') && look.meaning.en.ends_with('.'), "{}", look.name);
            if let Symbols::Graded(_, _, ranges) = look.symbols {
                assert!(ranges.windows(2).all(|pair| pair[0].1 == pair[1].0), "{}", look.name);
            }
        }
    }
}
