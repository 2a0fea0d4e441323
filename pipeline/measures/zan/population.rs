//! People beside soil: land consumption rate over population growth rate (SDG 11.3.1).
//!
//! In: the artificialised soil of each zone at two dates, and a table of population by code and year; out: LCR = (V₂ − V₁)/(V₁·t), PGR =
//! ln(P₂/P₁)/t′, their ratio LCRPGR, and the ratio by the former definition of LCR, ln(V₂/V₁)/t. *t* is the interval of the
//! soil, *t′* that of the population: the years of the table nearest to both dates, which are told.
//! Source: UN-Habitat, metadata of indicator 11.3.1 (2021; the former definition 2018). *V* is artificialised soil, not built-up
//! area. Fails where: nobody lived there, or nobody came or went: there is no ratio. Cost: reading the table.

use super::tables::Sheet;
use crate::fault;
use crate::formats::table::{self, Table};
use crate::text;
use crate::text::{Fault, Text};
use std::collections::HashMap;
use std::path::Path;

/// Population by code and year.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    /// Years, sorted.
    pub years: Vec<u16>,
    /// By code, in the order of the years.
    people: HashMap<String, Vec<Option<f64>>>,
}

/// Soil of a zone at two dates, ha, and the dates in years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Soil {
    /// Artificialised.
    pub areas: [f64; 2],
    /// When; mixed dates have their mean.
    pub years: [f64; 2],
}

/// Rates of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Growth {
    /// Years of the table.
    pub years: [u16; 2],
    /// People then.
    pub people: [f64; 2],
    /// Land consumption rate, a year.
    pub land: Option<f64>,
    /// Population growth rate, a year.
    pub growth: Option<f64>,
    /// Their ratio.
    pub ratio: Option<f64>,
    /// The ratio by the former definition.
    pub former: Option<f64>,
}

/// Rates from soil and people at two dates.
pub fn growth(soil: &Soil, years: [u16; 2], people: [f64; 2]) -> Growth {
    let span = soil.years[1] - soil.years[0];
    let passed = f64::from(years[1]) - f64::from(years[0]);
    let [before, after] = soil.areas;
    let known = before > 0.0 && span > 0.0;
    let land = known.then(|| (after - before) / (before * span));
    let former = (known && after > 0.0).then(|| (after / before).ln() / span);
    let lived = people[0] > 0.0 && people[1] > 0.0 && passed > 0.0;
    let growth = lived.then(|| (people[1] / people[0]).ln() / passed);
    let over = |rate: Option<f64>| Some(rate? / growth.filter(|growth| *growth != 0.0)?);
    Growth { years, people, land, growth, ratio: over(land), former: over(former) }
}

impl Population {
    /// Reads a table: a code, and a column a year: `pop_2015`, `PMUN2015`, `2015`, or INSEE's `P15_POP`.
    ///
    /// # Errors
    /// Where it cannot be read, has fewer than two years, a code twice or a cell that is no number.
    pub fn read(path: &Path) -> Result<Population, Fault> {
        let table = table::read(path)?;
        let codes =
            ["zone_id", "code", "codgeo", "code_insee", "insee", "idcom", "insee_com", "siren", "com"];
        let code = table.needed(&codes)?;
        let named = table.names.iter().enumerate().filter_map(|(place, name)| Some((year(name)?, place)));
        let mut columns: Vec<(u16, usize)> = named.collect();
        columns.sort_unstable();
        columns.dedup_by_key(|(year, _)| *year);
        if columns.len() < 2 {
            return Err(no_years(&table));
        }
        let mut people = HashMap::new();
        for row in 0..table.rows.len() {
            let cells = columns.iter().map(|(_, column)| table.checked(row, *column));
            let cells = cells.collect::<Result<Vec<_>, _>>()?;
            let id = table.rows[row][code].clone();
            let id = if id.len() == 4 && id.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("0{id}")
            } else {
                id
            };
            if people.insert(id, cells).is_some() {
                return Err(table.wrong(row, code));
            }
        }
        Ok(Population { years: columns.into_iter().map(|(year, _)| year).collect(), people })
    }

    /// The rates of a zone; `None` where its population is not known at two years.
    pub fn of(&self, code: &str, soil: &Soil) -> Option<Growth> {
        let people = self.people.get(code)?;
        let known: Vec<(u16, f64)> =
            self.years.iter().zip(people).filter_map(|(year, people)| Some((*year, (*people)?))).collect();
        let nearest = |wanted: f64| {
            let off = |(year, _): &&(u16, f64)| (f64::from(*year) - wanted).abs();
            known.iter().min_by(|a, b| off(a).total_cmp(&off(b))).copied()
        };
        let [first, last] = soil.years.map(nearest);
        let (first, last) = (first?, last?);
        (first.0 < last.0).then(|| growth(soil, [first.0, last.0], [first.1, last.1]))
    }
}

/// The year in a column's name.
fn year(name: &str) -> Option<u16> {
    let plain = table::plain(name);
    let two = plain.strip_prefix('p').and_then(|rest| rest.strip_suffix("pop"));
    let digits = plain.trim_start_matches(|c: char| !c.is_ascii_digit());
    let starts =
        ["", "pop", "population", "pmun", "ptot", "p", "popmun", "popmunicipale", "hab", "habitants"];
    let start = &plain[..plain.len() - digits.len()];
    match two.map(str::parse::<u16>) {
        Some(Ok(short)) if short < 100 => Some(if short < 60 { 2000 + short } else { 1900 + short }),
        _ if digits.len() == 4 && starts.contains(&start) => {
            digits.parse().ok().filter(|year| (1800..2200).contains(year))
        }
        _ => None,
    }
}

fn no_years(table: &Table) -> Fault {
    let (path, names) = (table.path.display(), table.names.join(", "));
    fault!(
        fr: "{path} n'a pas deux colonnes de population par année (pop_2015, P15_POP…) ; ses colonnes sont : {names}",
        en: "{path} has not two columns of population by year (pop_2015, P15_POP…); its columns are: {names}",
    )
}

/// Adds the rates of each zone to a table.
pub fn columns(sheet: &mut Sheet, found: &[Option<Growth>]) {
    let mut add = |name: &str, unit: &'static str, meaning: Text, pick: fn(&Growth) -> Option<f64>| {
        let values = found
            .iter()
            .map(|one| one.as_ref().and_then(pick).map(|value| (value * 1e8).round() / 1e8 + 0.0));
        sheet.numbers(name, unit, meaning, values.collect());
    };
    add(
        "population_from_year",
        "",
        text!(fr: "Année de population la plus proche de la première date", en: "Year of population nearest to the first date"),
        |g| Some(g.years[0].into()),
    );
    add(
        "population_to_year",
        "",
        text!(fr: "Année de population la plus proche de la seconde date", en: "Year of population nearest to the second date"),
        |g| Some(g.years[1].into()),
    );
    add("population_from", "", text!(fr: "Habitants alors", en: "People then"), |g| Some(g.people[0]));
    add("population_to", "", text!(fr: "Habitants ensuite", en: "People then"), |g| Some(g.people[1]));
    add(
        "lcr",
        "1/a",
        text!(fr: "Taux de consommation du sol (ODD 11.3.1) : (V2 − V1)/(V1·t), V : sol artificialisé", en: "Land consumption rate (SDG 11.3.1): (V2 − V1)/(V1·t), V: artificialised soil"),
        |g| g.land,
    );
    add(
        "pgr",
        "1/a",
        text!(fr: "Taux de croissance de la population : ln(P2/P1)/t", en: "Population growth rate: ln(P2/P1)/t"),
        |g| g.growth,
    );
    add(
        "lcrpgr",
        "1",
        text!(fr: "LCR/PGR ; vide si la population ne change pas", en: "LCR/PGR; empty where the population does not change"),
        |g| g.ratio,
    );
    add(
        "lcrpgr_former",
        "1",
        text!(fr: "LCR/PGR, ancienne définition : ln(V2/V1)/t", en: "LCR/PGR by the former definition: ln(V2/V1)/t"),
        |g| g.former,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V11.
    #[test]
    fn both_definitions_give_what_they_should() {
        let soil = Soil { areas: [100.0, 121.0], years: [2011.0, 2021.0] };
        let found = growth(&soil, [2011, 2021], [1000.0, 1100.0]);
        assert!((found.former.unwrap() - 2.0).abs() < 1e-12);
        assert!((found.ratio.unwrap() - 2.2033).abs() < 5e-5);
        assert_eq!(growth(&soil, [2011, 2021], [1000.0, 1000.0]).ratio, None);
        assert_eq!(growth(&soil, [2011, 2021], [0.0, 1000.0]).growth, None);
    }

    #[test]
    fn years_are_read_from_names() {
        for (name, wanted) in [
            ("pop_2015", Some(2015)),
            ("PMUN2021", Some(2021)),
            ("P15_POP", Some(2015)),
            ("P99_POP", Some(1999)),
            ("2020", Some(2020)),
        ] {
            assert_eq!(year(name), wanted, "{name}");
        }
        for name in ["codgeo", "surface_2020", "p15_log", "id12"] {
            assert_eq!(year(name), None, "{name}");
        }
    }
}
