//! What labels of warmth say where no rural reference was sound: differences are then from the network's median.
//!
//! In: text as it is published, in either language; out: the same with the other reference. The registry's own phrases are
//! replaced, which no name of a place holds. A map of warmth bears its reference as a tag ([`TAG`]), and from it every
//! label is told: legend, page, report, QGIS project, archives, catalogue. Fails where: nothing.

/// The tag of a map of warmth that names its reference.
pub const TAG: &str = "ILOT_REFERENCE";
/// Its value where differences are from the network's median.
pub const MEDIAN: &str = "median of the network";
/// Its value where they are from rural references.
pub const RURAL: &str = "rural references";

/// What is said against the country, and what against the median.
const PHRASES: [(&str, &str); 22] = [
    ("Îlot de chaleur nocturne", "Chaleur nocturne, écart à la médiane du réseau"),
    ("Heat island by night", "Warmth by night, against the median of the network"),
    ("celui de la campagne de référence", "celui de la médiane du réseau"),
    ("à la campagne de référence", "à la médiane du réseau"),
    ("to that of the rural reference", "to the median of the network"),
    ("to the rural reference", "to the median of the network"),
    ("plus frais que la campagne", "plus frais que la médiane du réseau"),
    ("cooler than the country", "cooler than the median of the network"),
    ("0 K : comme la campagne", "0 K : comme la médiane du réseau"),
    ("0 K: as the country", "0 K: as the median of the network"),
    ("cart à la campagne", "cart à la médiane du réseau"),
    ("carts à la campagne", "carts à la médiane du réseau"),
    ("air à la campagne", "air à la médiane du réseau"),
    ("observé à la campagne", "observé à la médiane du réseau"),
    ("against the country", "against the median of the network"),
    ("from the country", "from the median of the network"),
    ("ifference to the country", "ifference to the median of the network"),
    ("ifferences to the country", "ifferences to the median of the network"),
    ("temperature to the country", "temperature to the median of the network"),
    ("Chaleur au-dessus de la campagne", "Chaleur au-dessus de la médiane du réseau"),
    ("Warmth above open country", "Warmth above the median of the network"),
    ("îlot marqué", "écart très marqué"),
];

/// The text with the network's median as its reference.
pub fn told(text: &str) -> String {
    PHRASES.iter().fold(text.to_owned(), |text, (rural, median)| text.replace(rural, median))
}

/// What the raster's own text says of its reference, where it is a map of warmth of ours.
pub fn is_median(vrt: &str) -> bool {
    vrt.contains(&format!("<MDI key=\"{TAG}\">{MEDIAN}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Style, all, looks, told as told_column};
    use crate::publish::sheets::SHEETS;

    #[test]
    fn no_label_speaks_of_the_country_where_the_median_is_the_reference() {
        let mut texts: Vec<String> = Vec::new();
        for spec in all() {
            texts.extend(
                [spec.title, spec.meaning].iter().flat_map(|words| [words.fr, words.en]).map(String::from),
            );
            if let Style::Ramp(stops) = spec.style {
                texts.extend(stops.iter().flat_map(|stop| [stop.label.fr, stop.label.en]).map(String::from));
            }
        }
        texts.extend(looks().iter().flat_map(|look| [look.meaning.fr, look.meaning.en]).map(String::from));
        texts.extend(SHEETS.iter().flat_map(|sheet| [sheet.meaning.fr, sheet.meaning.en]).map(String::from));
        let column = told_column("heat_contours", "level_k").unwrap().label;
        texts.extend([column.fr, column.en]);
        let rural = |text: &String| {
            ["campagne", "the country", "rural reference"].iter().any(|word| text.contains(word))
        };
        let spoken: Vec<&String> = texts.iter().filter(|text| rural(text)).collect();
        assert!(spoken.len() >= 14, "the registry speaks of the country: {spoken:?}");
        let left: Vec<String> = spoken.iter().map(|text| told(text)).filter(rural).collect();
        assert!(left.is_empty(), "{left:?}");
        let remark = "relative to the network's median, not to the country; pas à la campagne";
        assert_eq!(told(remark), remark);
    }
}
