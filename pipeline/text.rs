//! What a user reads, in French and in English side by side.
//!
//! A message is written once, in both languages, where it is known: `text!(fr: "…{x}", en: "…{x}")`. The language
//! is chosen when it is shown, so that a report can be written in either.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// The languages that ilot speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
}

static ENGLISH: AtomicBool = AtomicBool::new(false);

impl Language {
    /// Speak this language from now on, in the whole process.
    pub fn speak(self) {
        ENGLISH.store(self == Language::English, Ordering::Relaxed);
    }

    /// The language spoken now.
    pub fn spoken() -> Language {
        if ENGLISH.load(Ordering::Relaxed) { Language::English } else { Language::French }
    }

    /// `fr` or `en`.
    pub fn code(self) -> &'static str {
        if self == Language::English { "en" } else { "fr" }
    }

    /// From a locale such as `fr_FR.UTF-8`: French where it says so, else English.
    pub fn of_locale(locale: &str) -> Language {
        if locale.to_ascii_lowercase().starts_with("fr") { Language::French } else { Language::English }
    }

    /// A number with its decimals: `1 234,56` in French, `1,234.56` in English; a dash where it is none.
    pub fn number(self, value: f64, places: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let (point, gap) = if self == Language::French { (',', "\u{202f}") } else { ('.', ",") };
        let plain = format!("{:.places$}", value.abs());
        let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::new();
        // What rounds to nothing has no sign.
        if value < 0.0 && plain.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
            text.push('\u{2212}');
        }
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                text.push_str(gap);
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push(point);
            text.push_str(decimals);
        }
        text
    }
}

impl Text {
    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_language(Language::spoken()))
    }
}

/// A [`Text`] from two format strings; inline arguments are shared: `text!(fr: "{n} points", en: "{n} points")`.
#[macro_export]
macro_rules! text {
    (fr: $fr:literal, en: $en:literal $(,)?) => {
        $crate::text::Text { fr: format!($fr), en: format!($en) }
    };
}

/// A number and its noun, in both languages: one or many.
pub fn counted(number: usize, fr: [&str; 2], en: [&str; 2]) -> Text {
    // French counts nothing in the singular, English in the plural.
    let (fr, en) = (fr[usize::from(number > 1)], en[usize::from(number != 1)]);
    Text { fr: format!("{number} {fr}"), en: format!("{number} {en}") }
}

/// A number with its decimals, in both languages.
pub fn number(value: f64, places: usize) -> Text {
    Text { fr: Language::French.number(value, places), en: Language::English.number(value, places) }
}

/// What went wrong, in one sentence that names the file, the fault and the remedy.
#[derive(Debug, Clone)]
pub struct Fault(pub Box<Text>);

impl Fault {
    /// A fault with its sentence.
    pub fn new(text: Text) -> Fault {
        Fault(Box::new(text))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

/// A [`Fault`] from two format strings, as [`text!`].
#[macro_export]
macro_rules! fault {
    ($($words:tt)*) => { $crate::text::Fault::new($crate::text!($($words)*)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_singular_in_french_and_plural_in_english() {
        let tiles = |number| counted(number, ["tuile", "tuiles"], ["tile", "tiles"]);
        assert_eq!((tiles(0).fr.as_str(), tiles(0).en.as_str()), ("0 tuile", "0 tiles"));
        assert_eq!((tiles(1).fr.as_str(), tiles(2).en.as_str()), ("1 tuile", "2 tiles"));
    }
}
