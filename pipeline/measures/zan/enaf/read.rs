//! Cerema's table of consumption, by pattern, and the table of terms by place.
//!
//! In: `idcom`, `nafAAartBB` and `artAAhabBB`, `…act…`, `…mix…`, `…rou…`, `…fer…`, `…inc…`, in m², `surfcomYYYY`; a column's years are read from its
//! name, sums over several years (`naf11art21`) only check. Out: consumption by commune and year, and remarks: identities that do
//! not hold, codes without their zero, years that are not there. Real tables hold −1 or −2 m² of unknown purpose (rounding).

use super::{PURPOSES, Year};
use crate::fault;
use crate::formats::table::{self, Table};
use crate::text;
use crate::text::{Fault, Text};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path as File;

/// A commune of the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Commune {
    /// INSEE's code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its area, m².
    pub area: Option<f64>,
    /// By year, in the order of [`Source::years`].
    pub years: Vec<Option<Year>>,
}

/// Communes that have a word in common.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// The word, such as a SIREN code.
    pub id: String,
    /// Its name, where the table has it in a column of the same name with `txt` behind.
    pub name: String,
    /// Numbers of the communes, sorted.
    pub members: Vec<usize>,
}

/// The table.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Years, sorted: N is the flux from 1 January N to the next.
    pub years: Vec<u16>,
    /// Communes in the table's order.
    pub communes: Vec<Commune>,
    /// The groups asked for, by code.
    pub groups: Vec<Group>,
    /// Numbers of communes by their codes, and by those of their groups.
    places: HashMap<String, Vec<usize>>,
}

impl Source {
    /// Numbers of the communes that a code names: a commune, or a group of the table.
    pub fn members(&self, code: &str) -> Vec<usize> {
        self.places.get(code).cloned().unwrap_or_default()
    }

    /// What some communes consumed in the year with this number; `None` where it is not known of one of them.
    pub fn sum(&self, members: &[usize], year: usize) -> Option<Year> {
        let mut sum = Year { total: 0.0, by: [Some(0.0); 6] };
        for member in members {
            let own = self.communes[*member].years[year]?;
            sum.total += own.total;
            for (sum, own) in sum.by.iter_mut().zip(own.by) {
                *sum = sum.zip(own).map(|(sum, own)| sum + own);
            }
        }
        (!members.is_empty()).then_some(sum)
    }

    /// Area of some communes, ha; `None` where it is not known of one of them.
    pub fn area(&self, members: &[usize]) -> Option<f64> {
        let areas = members.iter().map(|member| self.communes[*member].area);
        (!members.is_empty()).then(|| areas.sum::<Option<f64>>()).flatten().map(|area| area / 1e4)
    }
}

const CODES: [&str; 6] = ["idcom", "code_insee", "insee", "insee_com", "codgeo", "commune"];

/// A column that holds a consumption: its first and last year, and its purpose; `None` for all of them.
fn flux(name: &str) -> Option<(u16, u16, Option<usize>)> {
    let name = name.trim().to_ascii_lowercase();
    let year = |digits: &str| digits.parse::<u16>().ok().map(|year| 2000 + year);
    let two = |from: usize| {
        name.get(from..from + 2).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())).and_then(year)
    };
    if name.len() != 10 {
        return None;
    }
    let (first, word, last) = (two(3)?, name.get(5..8)?, two(8)?);
    let purpose = PURPOSES.iter().position(|purpose| *purpose == word);
    match (name.get(..3)?, word) {
        ("naf", "art") => Some((first, last, None)),
        ("art" | "naf", _) => purpose.map(|purpose| (first, last, Some(purpose))),
        _ => None,
    }
    .filter(|(first, last, _)| first < last)
}

/// The columns of the table.
struct Columns {
    code: usize,
    name: Option<usize>,
    area: Option<usize>,
    /// Total and purposes by year.
    years: BTreeMap<u16, (Option<usize>, [Option<usize>; 6])>,
    /// Totals over several years.
    sums: Vec<(u16, u16, usize)>,
}

impl Columns {
    fn new(table: &Table) -> Result<Columns, Fault> {
        let area = |name: &String| name.to_ascii_lowercase().starts_with("surfcom");
        let mut columns = Columns {
            code: table.needed(&CODES)?,
            name: table.column(&["idcomtxt", "nom", "nom_com", "libgeo", "nom_commune", "name"]),
            area: table.names.iter().position(area),
            years: BTreeMap::new(),
            sums: Vec::new(),
        };
        for (place, name) in table.names.iter().enumerate() {
            match flux(name) {
                Some((first, last, purpose)) if last == first + 1 => {
                    let year = columns.years.entry(first).or_default();
                    match purpose {
                        None => year.0 = Some(place),
                        Some(purpose) => year.1[purpose] = Some(place),
                    }
                }
                Some((first, last, None)) => columns.sums.push((first, last, place)),
                _ => {}
            }
        }
        columns.years.retain(|_, (total, _)| total.is_some());
        if columns.years.is_empty() {
            return Err(no_years(table));
        }
        Ok(columns)
    }
}

fn no_years(table: &Table) -> Fault {
    let (path, names) =
        (table.path.display(), table.names.iter().take(40).cloned().collect::<Vec<_>>().join(", "));
    fault!(
        fr: "{path} n'a aucune colonne de consommation annuelle (naf11art12…) ; donnez la table communale du Cerema ; ses colonnes sont : {names}",
        en: "{path} has no column of a year's consumption (naf11art12…); give Cerema's table by commune; its columns are: {names}",
    )
}

/// Reads the table; `group` is a column by which communes are grouped.
///
/// # Errors
/// Where it cannot be read, has no commune or no year, a commune twice, or a cell that is no number.
pub fn read(path: &File, group: Option<&str>, remarks: &mut Vec<Text>) -> Result<Source, Fault> {
    let table = table::read(path)?;
    let columns = Columns::new(&table)?;
    let mut source = Source { years: columns.years.keys().copied().collect(), ..Source::default() };
    let mut short = 0;
    for row in 0..table.rows.len() {
        let (id, padded) = code(&table.rows[row][columns.code]);
        short += usize::from(padded);
        source.communes.push(commune(&table, &columns, row, id)?);
    }
    source.index(&table, group)?;
    tell(&table, &columns, &source, short, remarks);
    Ok(source)
}

/// INSEE's code; spreadsheets eat its first zero.
fn code(cell: &str) -> (String, bool) {
    let short = cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit());
    if short { (format!("0{cell}"), true) } else { (cell.to_owned(), false) }
}

fn commune(table: &Table, columns: &Columns, row: usize, id: String) -> Result<Commune, Fault> {
    let cell = |column: Option<usize>| column.map_or(Ok(None), |column| table.checked(row, column));
    let year = |(total, by): &(Option<usize>, [Option<usize>; 6])| -> Result<Option<Year>, Fault> {
        let mut purposes = [None; 6];
        for (found, column) in purposes.iter_mut().zip(by) {
            *found = cell(*column)?;
        }
        Ok(cell(*total)?.map(|total| Year { total, by: purposes }))
    };
    Ok(Commune {
        id,
        name: columns.name.map_or_else(String::new, |name| table.rows[row][name].clone()),
        area: cell(columns.area)?.filter(|area| *area > 0.0),
        years: columns.years.values().map(year).collect::<Result<_, _>>()?,
    })
}

impl Source {
    /// Where communes and groups are.
    fn index(&mut self, table: &Table, group: Option<&str>) -> Result<(), Fault> {
        for (number, commune) in self.communes.iter().enumerate() {
            if self.places.insert(commune.id.clone(), vec![number]).is_some() {
                let (path, id) = (table.path.display(), &commune.id);
                return Err(fault!(
                    fr: "{path} : la commune {id} y est deux fois ; gardez une ligne par commune",
                    en: "{path}: commune {id} is there twice; keep one row a commune",
                ));
            }
        }
        let column = group.map(|name| table.needed(&[name])).transpose()?;
        let is_group = |(place, name): (usize, &String)| {
            let name = name.to_ascii_lowercase();
            let usual = ["epci", "scot", "iddep", "idreg", "aav"].iter().any(|start| name.starts_with(start));
            (Some(place) == column || usual && !name.ends_with("txt")).then_some(place)
        };
        for place in table.names.iter().enumerate().filter_map(is_group) {
            let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (number, row) in table.rows.iter().enumerate().filter(|(_, row)| !row[place].is_empty()) {
                found.entry(&row[place]).or_default().push(number);
            }
            let named = table.column(&[&format!("{}txt", table.names[place])]);
            for (id, members) in found {
                if Some(place) == column {
                    let name = named.map_or_else(String::new, |named| table.rows[members[0]][named].clone());
                    self.groups.push(Group { id: id.to_owned(), name, members: members.clone() });
                }
                let _ = self.places.entry(id.to_owned()).or_insert(members);
            }
        }
        Ok(())
    }
}

/// What does not add up, and what is not there.
fn tell(table: &Table, columns: &Columns, source: &Source, short: usize, remarks: &mut Vec<Text>) {
    let path = table.path.display();
    if short > 0 {
        remarks.push(text!(
            fr: "{path} : {short} codes de commune de quatre chiffres ont retrouvé leur zéro initial",
            en: "{path}: {short} commune codes of four digits got their first zero back",
        ));
    }
    let (mut apart, mut negative, mut places) = (0, 0, BTreeSet::new());
    for (row, commune) in source.communes.iter().enumerate() {
        for year in commune.years.iter().flatten() {
            let parts: Option<f64> = year.by.iter().copied().sum();
            let off = parts.is_some_and(|parts| (parts - year.total).abs() > 1.5);
            apart += usize::from(off);
            negative += usize::from(year.total < 0.0);
            if off || year.total < 0.0 {
                let _ = places.insert(&commune.id);
            }
        }
        for (first, last, column) in &columns.sums {
            let inside =
                source.years.iter().zip(&commune.years).filter(|(year, _)| (*first..*last).contains(year));
            let years: Vec<f64> = inside.filter_map(|(_, year)| Some(year.as_ref()?.total)).collect();
            let given = table.number(row, *column).number();
            let all = years.len() == usize::from(last - first);
            if all && given.is_some_and(|given| (given - years.iter().sum::<f64>()).abs() > 1.5) {
                apart += 1;
                let _ = places.insert(&commune.id);
            }
        }
    }
    if apart + negative > 0 {
        let some = places.iter().take(5).map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
        remarks.push(text!(
            fr: "{path} : {apart} sommes ne retombent pas sur leurs parties et {negative} consommations sont négatives ({some}…) ; les flux annuels totaux comptent tels quels",
            en: "{path}: {apart} sums are not those of their parts and {negative} consumptions are negative ({some}…); the yearly totals count as they are",
        ));
    }
    if let Some(last) = source.years.last() {
        remarks.push(text!(
            fr: "{path} : la dernière année ({last}) est provisoire, le Cerema la révise au millésime suivant",
            en: "{path}: the last year ({last}) is provisional, Cerema revises it with the next edition",
        ));
    }
}

/// Terms by the code of a commune or group.
pub type Owns = HashMap<String, Own>;

/// Terms of one place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// Its own rate, 0 to 1.
    pub rate: Option<f64>,
    /// Its own floor, ha.
    pub floor: Option<f64>,
    /// Whether a planning document covers it.
    pub covered: Option<bool>,
    /// Its delegated communes.
    pub delegated: u32,
    /// Projects of national interest, ha.
    pub national: f64,
}

/// Reads terms by place: a code, and some of `rate` (0 to 1) or `rate_pct`, `floor_ha`, `covered`, `delegated`, `national_ha`.
///
/// # Errors
/// Where it cannot be read, or a cell is out of range.
pub fn owns(path: &File) -> Result<Owns, Fault> {
    let table = table::read(path)?;
    let id = table.needed(&["zone_id", "code", "idcom", "code_insee", "insee", "codgeo", "siren"])?;
    let share = table.column(&["rate", "taux"]);
    let percent = table.column(&["rate_pct", "taux_pct", "taux_pourcent"]);
    let floor = table.column(&["floor_ha", "plancher_ha"]);
    let covered = table.column(&["covered", "document", "document_urbanisme", "plu"]);
    let delegated = table.column(&["delegated", "deleguees", "communes_deleguees"]);
    let national = table.column(&["national_ha", "pene_ha"]);
    let cell = |row: usize, column: Option<usize>, range: (f64, f64)| -> Result<Option<f64>, Fault> {
        let Some(column) = column else { return Ok(None) };
        let found = table.checked(row, column)?;
        let fits = found.is_none_or(|value| (range.0..=range.1).contains(&value));
        if fits { Ok(found) } else { Err(table.wrong(row, column)) }
    };
    let own = |row: usize| {
        let rate = cell(row, share, (0.0, 1.0))?;
        let rate = rate.or(cell(row, percent, (0.0, 100.0))?.map(|rate| rate / 100.0));
        let yes = covered.map(|column| (table::plain(&table.rows[row][column]), column));
        let covered = match yes.as_ref().map(|(word, _)| word.as_str()) {
            None | Some("") => None,
            Some("oui" | "yes" | "o" | "1" | "true" | "vrai") => Some(true),
            Some("non" | "no" | "n" | "0" | "false" | "faux") => Some(false),
            Some(_) => return Err(table.wrong(row, yes.map_or(id, |(_, column)| column))),
        };
        let own = Own {
            rate,
            floor: cell(row, floor, (0.0, 1e6))?,
            covered,
            delegated: cell(row, delegated, (0.0, 1000.0))?.map_or(0, |count| count as u32),
            national: cell(row, national, (0.0, 1e6))?.unwrap_or(0.0),
        };
        Ok((code(&table.rows[row][id]).0, own))
    };
    (0..table.rows.len()).map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_tell_their_years_and_purposes() {
        assert_eq!(flux("naf09art10"), Some((2009, 2010, None)));
        assert_eq!(flux("ART23HAB24"), Some((2023, 2024, Some(0))));
        assert_eq!(flux("naf11art21"), Some((2011, 2021, None)));
        assert_eq!(flux("naf11fer21"), Some((2011, 2021, Some(4))));
        for name in ["naf11art11", "art11xyz12", "idcom", "surfcom2025", "nafééart10"] {
            assert_eq!(flux(name), None, "{name}");
        }
    }
}
