//! `truth/README.md`: the formulas, the noise and the columns of a sample, in French and in English.

use super::{SampleOptions, climate, ortho, scan};

/// The whole page for these options.
pub fn text(options: &SampleOptions) -> String {
    let SampleOptions { size: (width, height), density, seed } = options;
    let values = [
        ("width", width.to_string()),
        ("height", height.to_string()),
        ("density", density.to_string()),
        ("seed", seed.to_string()),
        ("noise", (scan::NOISE * 100.0).to_string()),
        ("dead", scan::DEAD_ZONE.to_string()),
        ("azimuth", ortho::SUN_AZIMUTH.to_string()),
        ("elevation", ortho::SUN_ELEVATION.to_string()),
        ("air", climate::NOISE.to_string()),
        ("lapse", climate::LAPSE.to_string()),
        ("days", climate::DAYS.to_string()),
    ];
    values.iter().fold(include_str!("readme.md").to_owned(), |page, (name, value)| {
        page.replace(&format!("{{{name}}}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_page_is_filled_in() {
        let page = text(&SampleOptions::default());
        assert!(page.contains("1000 × 1000 m") && !page.contains(['{', '}']), "{page}");
    }
}
