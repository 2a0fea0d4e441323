//! Numbers, dates and names of categories as a page shows them, in the language spoken.

use crate::text;
use crate::text::{Language, Text};

/// A number with its decimals: `1 234,56` in French, `1,234.56` in English.
pub fn number(value: f64, places: usize) -> String {
    Language::spoken().number(value, places)
}

/// Hectares to two decimals, as they are published; what is less is said to be so.
pub fn hectares(value: f64) -> String {
    hectares_in(Language::spoken(), value)
}

/// The same in a language.
pub fn hectares_in(language: Language, value: f64) -> String {
    if value != 0.0 && value.abs() < 0.005 {
        let least = language.number(0.01, 2);
        return if value < 0.0 { format!("> \u{2212}{least}") } else { format!("< {least}") };
    }
    language.number(value, 2)
}

/// Hectares with their sign.
pub fn signed(value: f64) -> String {
    let shown = hectares(value);
    if value >= 0.005 { format!("+{shown}") } else { shown }
}

/// A figure, or a dash.
pub fn or_dash(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), show)
}

/// Short name of a category of the annex to R. 101-1.
pub fn category(number: u8) -> Text {
    match number {
        1 => text!(fr: "1° bâti", en: "1° buildings"),
        2 => text!(fr: "2° revêtement imperméable", en: "2° sealed pavements"),
        3 => text!(fr: "3° minéral, composite", en: "3° mineral, composite"),
        4 => text!(fr: "4° herbe d'un usage urbain", en: "4° grass of urban use"),
        5 => text!(fr: "5° chantier, abandon", en: "5° works, abandoned"),
        6 => text!(fr: "6° nu ou en eau", en: "6° bare or water"),
        7 => text!(fr: "7° agricole", en: "7° farmed"),
        8 => text!(fr: "8° sylvicole", en: "8° forestry"),
        9 => text!(fr: "9° habitat naturel", en: "9° natural habitat"),
        _ => text!(fr: "10° autre végétation", en: "10° other vegetation"),
    }
}

/// Where a change comes from, by its codes.
pub fn cover(code: &str) -> Text {
    let both = |fr: &str, en: &str| Text { fr: fr.to_owned(), en: en.to_owned() };
    match code {
        "CS1.1.1.1" => both("bâti", "buildings"),
        "CS1.1.1.2" => both("revêtement", "pavement"),
        "CS1.1.2.1" => both("minéral", "mineral"),
        "CS1.1.2.2" => both("composite", "composite"),
        "CS1.2.1" => both("sol nu", "bare soil"),
        "CS1.2.2" => both("eau", "water"),
        "CS1.2.3" => both("névé, glacier", "snow, ice"),
        "CS2.2.1" => both("herbe", "grass"),
        "CS2.2.2" => both("mousses, lichens", "mosses, lichens"),
        "CS2.1.2" => both("arbustes", "shrubs"),
        "CS2.1.3" => both("vignes, vergers", "vines, orchards"),
        code if code.starts_with("CS2.1.1") => both("arbres", "trees"),
        code => both(code, code),
    }
}

/// What a place is used for, by its code.
pub fn usage(code: &str) -> Text {
    let both = |fr: &str, en: &str| Text { fr: fr.to_owned(), en: en.to_owned() };
    match code {
        "US1.1" => both("agriculture", "farming"),
        "US1.2" => both("sylviculture", "forestry"),
        "US1.3" => both("extraction", "extraction"),
        "US1.4" => both("pêche, aquaculture", "fishing"),
        "US2" => both("industrie", "industry"),
        "US3" => both("services", "services"),
        "US235" => both("mixte", "mixed"),
        "US5" => both("habitat", "housing"),
        "US6.1" => both("transition, chantier", "works"),
        "US6.2" => both("abandon", "abandoned"),
        "US6.3" => both("sans usage", "no use"),
        "US6.6" => both("usage inconnu", "use not known"),
        code if code.starts_with("US4.1") => both("transports", "transport"),
        code if code.starts_with("US4") => both("réseaux", "networks"),
        code => both(code, code),
    }
}

/// Text that a page may hold, in the language spoken.
pub fn shown(text: &Text) -> String {
    crate::measures::sensors::plot::escape(text.in_language(Language::spoken()))
}
