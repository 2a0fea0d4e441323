//! Consumption of natural, agricultural and forest land (ENAF), and the path that the law sets to it.
//!
//! In: Cerema's table (m² consumed by commune and year, from the land register files), the terms of the law and, where they
//! differ by place, of the territory; out: what was consumed in the reference period, what is allowed in the target
//! period, how much of it is used, and where the pace leads. This is not artificialisation ([`super::flux`]) and is never mixed with it.
//!
//! ```text
//!   reference = Σ of its years        allowed = max(reference × (1 − rate), floor)
//!   used = Σ of the target's years that are there / allowed      projected = used a year × years of the target
//! ```
//!
//! Year N is the flux from 1 January N to 1 January N + 1, as Cerema publishes it (`nafNNartMM`): 2011–2020 are ten fluxes, and the
//! projection is over as many years as the target has. Sources: law 2021-1104 art. 194; law 2023-630 art. 4 (floor of
//! 1 ha for communes under a planning document, half a hectare more for each delegated commune, 2 ha at most). The
//! floor is a commune's: groups have the sum of the floors beside. Fails where: a year of the reference is missing: nothing
//! is allowed then, rather than too little. Cost: reading the table.

mod read;
mod sheets;

pub use read::{Own, Owns, Source, owns, read};
pub use sheets::{report, sheets};

use super::read::Zone as Place;
use std::ops::RangeInclusive;

/// What land is consumed for, in the order of [`Year::by`].
pub const PURPOSES: [&str; 6] = ["hab", "act", "mix", "rou", "fer", "inc"];

/// The terms of the law.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Years of the reference.
    pub reference: RangeInclusive<u16>,
    /// Years of the target.
    pub target: RangeInclusive<u16>,
    /// By how much the target is below the reference, 0 to 1.
    pub rate: f64,
    /// What each commune may consume at least, ha.
    pub floor: f64,
    /// What each delegated commune adds to the floor, and the most that it comes to, ha.
    pub merged: (f64, f64),
}

impl Default for Terms {
    /// Those in force in 2026.
    fn default() -> Terms {
        Terms { reference: 2011..=2020, target: 2021..=2030, rate: 0.5, floor: 1.0, merged: (0.5, 2.0) }
    }
}

/// A year's consumption, m².
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Year {
    /// In all.
    pub total: f64,
    /// By purpose, where the table tells.
    pub by: [Option<f64>; 6],
}

/// A commune, a zone or a group on its path. Areas in hectares; `None` is not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Path {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its communes.
    pub communes: usize,
    /// Its area.
    pub area: Option<f64>,
    /// By year of [`Trajectory::years`].
    pub years: Vec<Option<Year>>,
    /// Consumed in the reference period.
    pub reference: Option<f64>,
    /// By how much it is to be less.
    pub rate: f64,
    /// What may be consumed at least; of a group, the sum of its communes' floors, which is not applied.
    pub floor: f64,
    /// What may be consumed in the target period.
    pub allowed: Option<f64>,
    /// Sum of what its communes may consume, each with its floor.
    pub allowed_communes: Option<f64>,
    /// Whether the floor is what is allowed.
    pub raised: bool,
    /// Consumed since the target period began, less projects of national interest.
    pub since: Option<f64>,
    /// Projects of national interest (PENE), which are counted for the nation.
    pub national: f64,
    /// Whether more was taken off for projects of national interest than was consumed.
    pub excess: bool,
    /// Years of the target that are there.
    pub count: usize,
    /// Years of both periods that should be there and are not.
    pub missing: Vec<u16>,
}

impl Path {
    /// Consumed of what is allowed, %.
    pub fn used(&self) -> Option<f64> {
        share(self.since?, self.allowed?)
    }

    /// Consumed a year since the target period began.
    pub fn pace(&self) -> Option<f64> {
        (self.count > 0).then_some(self.since? / self.count as f64)
    }

    /// What the target period comes to at this pace.
    pub fn projected(&self, terms: &Terms) -> Option<f64> {
        Some(self.pace()? * terms.target.len() as f64)
    }

    /// The same, in % of what is allowed.
    pub fn projected_share(&self, terms: &Terms) -> Option<f64> {
        share(self.projected(terms)?, self.allowed?)
    }

    /// What is left to consume; below zero where too much was.
    pub fn left(&self) -> Option<f64> {
        Some(self.allowed? - self.since?)
    }

    /// What is left a year; `None` where the period is over.
    pub fn left_per_year(&self, terms: &Terms) -> Option<f64> {
        let years = terms.target.len().checked_sub(self.count).filter(|years| *years > 0)?;
        Some(self.left()? / years as f64)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole * 100.0)
}

/// All paths.
#[derive(Debug, Clone, Default)]
pub struct Trajectory {
    /// The terms.
    pub terms: Terms,
    /// The years that the table has, in order.
    pub years: Vec<u16>,
    /// Communes of the table, or the zones asked for.
    pub zones: Vec<Path>,
    /// Groups of communes, where they are asked for.
    pub groups: Vec<Path>,
    /// All zones together.
    pub total: Path,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Cerema's table.
    pub table: std::path::PathBuf,
    /// The terms.
    pub terms: Terms,
    /// A table of terms by place.
    pub own: Option<std::path::PathBuf>,
    /// The column that groups communes.
    pub group: Option<String>,
}

/// The paths of the table's communes, or of `places`: communes, or codes of a column of the table (EPCI, SCoT, …).
pub fn paths(source: &Source, owns: &Owns, terms: &Terms, places: Option<&[Place]>) -> Trajectory {
    let all: Vec<usize> = (0..source.communes.len()).collect();
    let commune = |&index: &usize| path(source, owns, terms, &source.communes[index].id, &[index]);
    let (zones, members): (Vec<Path>, Vec<usize>) = match places {
        None => (all.iter().map(commune).collect(), all.clone()),
        Some(places) => {
            let found: Vec<Vec<usize>> = places.iter().map(|place| source.members(&place.id)).collect();
            let zones = places.iter().zip(&found).map(|(place, members)| {
                let mut path = path(source, owns, terms, &place.id, members);
                path.name = if place.name.is_empty() { path.name } else { place.name.clone() };
                path.area = path.area.or(Some(place.area.square_metres() / 1e4));
                path
            });
            let zones = zones.collect();
            let mut members: Vec<usize> = found.into_iter().flatten().collect();
            members.sort_unstable();
            members.dedup();
            (zones, members)
        }
    };
    let inside =
        |group: &read::Group| group.members.iter().any(|member| members.binary_search(member).is_ok());
    let of_group = |group: &read::Group| {
        let mut path = path(source, owns, terms, &group.id, &group.members);
        path.name.clone_from(&group.name);
        path.groups()
    };
    let groups = source.groups.iter().filter(|group| inside(group)).map(of_group).collect();
    let total = path(source, owns, terms, "Σ", &members).groups();
    Trajectory { terms: terms.clone(), years: source.years.clone(), zones, groups, total }
}

impl Path {
    /// A group of one commune is a group.
    fn groups(self) -> Path {
        let allowed = self.reference.map(|reference| reference * (1.0 - self.rate));
        Path { allowed, raised: false, ..self }
    }
}

/// The path of some communes together.
fn path(source: &Source, owns: &Owns, terms: &Terms, id: &str, members: &[usize]) -> Path {
    let own = owns.get(id);
    let rate = own.and_then(|own| own.rate).unwrap_or(terms.rate);
    let years: Vec<Option<Year>> = (0..source.years.len()).map(|year| source.sum(members, year)).collect();
    let wanted = |year: &u16| {
        let known = source.years.binary_search(year).ok().is_some_and(|place| years[place].is_some());
        let due = source.years.last().is_some_and(|last| year <= last) || terms.reference.contains(year);
        due && !known
    };
    let sum = |range: &RangeInclusive<u16>| -> (f64, usize) {
        let inside = source.years.iter().zip(&years).filter(|(year, _)| range.contains(year));
        inside
            .filter_map(|(_, found)| found.as_ref())
            .fold((0.0, 0), |(sum, count), year| (sum + year.total, count + 1))
    };
    let (reference, count) = sum(&terms.reference);
    let whole = count == terms.reference.len() && !members.is_empty();
    let reference = whole.then_some(reference / 1e4);
    let (since, count) = sum(&terms.target);
    let national = own.map_or(0.0, |own| own.national);
    let single = (members.len() == 1).then_some(());
    let floors: Vec<f64> =
        members.iter().map(|&member| floor(owns, terms, &source.communes[member].id)).collect();
    let floor: f64 = own.and_then(|own| own.floor).unwrap_or(floors.iter().sum());
    let allowed = reference.map(|reference| reference * (1.0 - rate));
    let raised = single.is_some() && allowed.is_some_and(|allowed| allowed < floor);
    let each = |&member: &usize| {
        let id = &source.communes[member].id;
        (members.len() > 1).then(|| path(source, owns, terms, id, &[member]).allowed).flatten()
    };
    Path {
        id: id.to_owned(),
        name: members
            .first()
            .filter(|_| single.is_some())
            .map_or_else(String::new, |&one| source.communes[one].name.clone()),
        communes: members.len(),
        area: source.area(members),
        reference,
        rate,
        floor,
        allowed: if raised { Some(floor) } else { allowed },
        allowed_communes: members.iter().map(each).sum::<Option<f64>>().filter(|_| members.len() > 1),
        raised,
        since: (count > 0 && !members.is_empty()).then_some((since / 1e4 - national).max(0.0)),
        excess: count > 0 && national > since / 1e4,
        national,
        count,
        missing: terms.reference.clone().chain(terms.target.clone()).filter(wanted).collect(),
        years,
    }
}

/// What a commune may consume at least.
fn floor(owns: &Owns, terms: &Terms, id: &str) -> f64 {
    let Some(own) = owns.get(id) else { return terms.floor };
    let (more, most) = terms.merged;
    let plain = match own.covered {
        Some(false) => 0.0,
        _ => (terms.floor + more * f64::from(own.delegated)).min(most.max(terms.floor)),
    };
    own.floor.unwrap_or(plain)
}

#[cfg(test)]
mod tests;
