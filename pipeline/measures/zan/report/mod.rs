//! The report that a mayor presents every three years (CGCT L. 2231-1, R. 2231-1): one page a commune, a table of all.
//!
//! In: the tables that were measured; out: self-contained HTML in the language spoken, an index, and `zan_report` as a long
//! table: a row for each commune and indicator, with its period, interval, source and method. The article asks for 1° the
//! consumption of natural, agricultural and forest land, in hectares and per cent, by purpose; 2° the balance of what
//! was artificialised and given back; 3° the soil made impermeable; 4° how far the objectives are kept. 2° to 4° are
//! asked for from 2031 on. What cannot be computed is said, never filled in. Fails nowhere. Cost: a millisecond a page.

mod charts;
mod facts;
mod map;
mod page;
mod words;

use super::tables::Sheet;
use crate::text;
use crate::text::Text;
use facts::{Commune, communes};
use serde_json::Value;

/// What a report is made from.
pub struct Given<'a> {
    /// All tables.
    pub sheets: &'a [Sheet],
    /// What a user should know.
    pub remarks: &'a [Text],
    /// The files, with their hashes.
    pub inputs: &'a [Value],
    /// How it was asked for.
    pub settings: &'a Value,
    /// The checks, in words.
    pub closures: Vec<Text>,
}

/// The pages by their names below the folder of results, and the table.
pub fn make(given: &Given<'_>) -> (Vec<(String, String)>, Sheet) {
    let communes = communes(given.sheets);
    let changes = given.sheets.iter().find(|sheet| sheet.name == "zan_changes");
    let names = names(&communes);
    let mut pages: Vec<(String, String)> = communes
        .iter()
        .zip(&names)
        .map(|(commune, name)| (format!("report/{name}.html"), page::of(commune, changes, given)))
        .collect();
    pages.push(("report/index.html".to_owned(), page::index(&communes, &names, given)));
    (pages, table(&communes))
}

/// Names of files: the codes, where they are plain and differ.
fn names(communes: &[Commune]) -> Vec<String> {
    let plain = |code: &str| -> String {
        code.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect()
    };
    let mut taken = std::collections::BTreeSet::from(["index".to_owned()]);
    communes
        .iter()
        .enumerate()
        .map(|(number, commune)| {
            let name = plain(&commune.id).to_lowercase();
            let name = if name.is_empty() || !taken.insert(name.clone()) {
                format!("zone-{}", number + 1)
            } else {
                name
            };
            let _ = taken.insert(name.clone());
            name
        })
        .collect()
}

/// A row of the table: one figure of one commune.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Number of the article's item, 1 to 4.
    pub item: u8,
    /// What it is.
    pub indicator: Text,
    /// From when to when.
    pub period: (String, String),
    /// The value; `None` where it cannot be computed.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
    /// Unit.
    pub unit: &'static str,
    /// Where it comes from and how.
    pub source: Text,
    /// What should be known, or why it is empty.
    pub note: Text,
}

impl Figure {
    /// A key that no language changes, out of the French name and the unit.
    fn key(&self) -> String {
        let plain = |c: char| match c {
            'à' | 'â' => 'a',
            'é' | 'è' | 'ê' => 'e',
            'î' => 'i',
            'ô' => 'o',
            c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
            _ => '_',
        };
        let name: String = self.indicator.fr.chars().map(plain).collect();
        let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
        let unit = if self.unit == "%" { "pct" } else { self.unit };
        format!("{}_{}_{}", self.item, words.join("_"), unit.replace('/', "_per_"))
    }
}

fn table(communes: &[Commune]) -> Sheet {
    let rows: Vec<(&Commune, Figure)> = communes
        .iter()
        .flat_map(|commune| commune.figures().into_iter().map(move |figure| (commune, figure)))
        .collect();
    let mut sheet = Sheet::new("zan_report");
    let all = |pick: &dyn Fn(&Commune, &Figure) -> String| -> Vec<String> {
        rows.iter().map(|(commune, figure)| pick(commune, figure)).collect()
    };
    let spoken = |text: &Text| text.to_string();
    sheet.words(
        "zone_id",
        text!(fr: "Code de la commune ou de la zone", en: "Code of the commune or zone"),
        all(&|commune, _| commune.id.clone()),
    );
    sheet.words("zone_name", text!(fr: "Nom", en: "Name"), all(&|commune, _| commune.name.clone()));
    sheet.words(
        "article",
        text!(fr: "Alinéa de l'article R. 2231-1 du CGCT", en: "Item of article R. 2231-1 of the CGCT"),
        all(&|_, figure| format!("R. 2231-1 {}°", figure.item)),
    );
    sheet.words(
        "indicator_id",
        text!(fr: "Clé de l'indicateur, la même dans toutes les langues", en: "Key of the indicator, the same in every language"),
        all(&|_, figure| figure.key()),
    );
    sheet.words(
        "indicator",
        text!(fr: "Indicateur", en: "Indicator"),
        all(&|_, figure| spoken(&figure.indicator)),
    );
    sheet.words("from", text!(fr: "Début", en: "Start"), all(&|_, figure| figure.period.0.clone()));
    sheet.words("to", text!(fr: "Fin", en: "End"), all(&|_, figure| figure.period.1.clone()));
    let numbers =
        |pick: &dyn Fn(&Figure) -> Option<f64>| rows.iter().map(|(_, figure)| pick(figure)).collect();
    sheet.numbers("value", "", text!(fr: "Valeur ; vide : ne peut être calculée, voir la note", en: "Value; empty: cannot be computed, see the note"), numbers(&|figure| figure.value));
    sheet.words("unit", text!(fr: "Unité", en: "Unit"), all(&|_, figure| figure.unit.to_owned()));
    sheet.numbers(
        "low",
        "",
        text!(fr: "Bas de l'intervalle, où il y en a un", en: "Low end of the interval, where there is one"),
        numbers(&|figure| figure.interval.map(|both| both.0)),
    );
    sheet.numbers("high", "", text!(fr: "Haut de l'intervalle, où il y en a un", en: "High end of the interval, where there is one"), numbers(&|figure| figure.interval.map(|both| both.1)));
    sheet.words(
        "source",
        text!(fr: "Source et méthode", en: "Source and method"),
        all(&|_, figure| spoken(&figure.source)),
    );
    sheet.words("note", text!(fr: "À savoir", en: "To be known"), all(&|_, figure| spoken(&figure.note)));
    sheet
}

#[cfg(test)]
mod tests;
