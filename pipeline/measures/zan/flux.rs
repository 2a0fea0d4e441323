//! Flux between two dates: gains, losses, what is left of them without slivers, and who became what.
//!
//! Only soil that both dates cover, with a known status at both, can change: the stocks of this table are those of that
//! soil, and `net = stock after − stock before` holds exactly; what one date alone covers is a column of its own. A
//! sliver is what two polygons have in common where 2·area/perimeter is below 1 m: drawing, not change.

use super::closure::{self, Closure};
use super::mesh::{AGAIN, Area, Atom};
use super::population::{self, Growth, Population, Soil};
use super::state::{by_zone, exemption, prorata};
use super::survey::{Status, Sums, Survey};
use super::tables::{Sheet, hectares, percent};
use super::uncertainty::{self, FLUX_NAMES, Figure, Interval};
use super::{Answer, Question};
use crate::text;
use crate::text::{Fault, Text};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

/// Thickness below which a change is a sliver, m.
pub const SLIVER: f64 = 1.0;

/// What was at one date, what at the other: artificialised, not, not known, not covered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Turns([[Area; 4]; 4]);

const YES: usize = 0;
const NO: usize = 1;
const UNKNOWN: usize = 2;
const NOTHING: usize = 3;

impl Turns {
    fn add(&mut self, before: Option<Option<bool>>, after: Option<Option<bool>>, area: Area) {
        let place = |answer: Option<Option<bool>>| match answer {
            Some(Some(true)) => YES,
            Some(Some(false)) => NO,
            Some(None) => UNKNOWN,
            None => NOTHING,
        };
        self.0[place(before)][place(after)] += area;
    }

    /// No before, yes after.
    pub fn gain(&self) -> Area {
        self.0[NO][YES]
    }

    /// Yes before, no after.
    pub fn loss(&self) -> Area {
        self.0[YES][NO]
    }

    /// Their difference.
    pub fn net(&self) -> Area {
        self.gain() - self.loss()
    }

    /// Yes before, of what is known at both dates.
    fn before(&self) -> Area {
        self.0[YES][YES] + self.0[YES][NO]
    }

    /// Yes after, likewise.
    fn after(&self) -> Area {
        self.0[YES][YES] + self.0[NO][YES]
    }

    /// Covered at both dates.
    fn both(&self) -> Area {
        self.0[..NOTHING].iter().flat_map(|row| &row[..NOTHING]).copied().sum()
    }

    /// Covered at one date only.
    fn one_date(&self) -> Area {
        (0..NOTHING).map(|known| self.0[known][NOTHING] + self.0[NOTHING][known]).sum()
    }

    /// Known at both dates.
    fn known(&self) -> Area {
        self.both() - self.unknown()
    }

    /// Covered at both, not known at one of them at least.
    fn unknown(&self) -> Area {
        (0..NOTHING).map(|known| self.0[known][UNKNOWN]).sum::<Area>()
            + self.0[UNKNOWN][YES]
            + self.0[UNKNOWN][NO]
    }
}

/// Sums over a zone.
#[derive(Debug, Clone, Default)]
struct Flux {
    main: Turns,
    /// Beyond what a layer of changes spans.
    beyond: bool,
    /// By the matrix, with the thresholds, as given.
    by: [Turns; 3],
    exempt: Turns,
    sealed: Turns,
    /// Gain and loss in slivers, on the ellipsoid, by the areas given.
    slivers: [Area; 2],
    ellipsoid: [Area; 2],
    given_areas: [Area; 2],
    dates: [u64; 2],
    /// Net by the dates of its polygons.
    nets: BTreeMap<(u8, u8), Area>,
    covers: BTreeMap<(&'static str, &'static str), Area>,
    uses: BTreeMap<(&'static str, &'static str), Area>,
    categories: BTreeMap<(u8, u8), Area>,
}

/// What all atoms share.
struct Ways<'a> {
    survey: &'a Survey,
    slivers: HashSet<(u32, u32)>,
}

impl Ways<'_> {
    fn add(&self, flux: &mut Flux, atom: &Atom) {
        let survey = self.survey;
        let both = [0, 1].map(|side| survey.status(atom, side));
        let [before, after] = both;
        let turn = |turns: &mut Turns, pick: &dyn Fn(&Status) -> Option<bool>| {
            turns.add(before.map(pick), after.map(pick), atom.area);
        };
        turn(&mut flux.main, &|status| status.artificial);
        turn(&mut flux.by[0], &|status| status.verdict.matrix);
        turn(&mut flux.by[1], &|status| status.verdict.threshold);
        turn(&mut flux.by[2], &|status| status.given);
        turn(&mut flux.sealed, &|status| status.sealed);
        let spared = [0, 1].map(|side| {
            let exempt = exemption(survey, atom, side).is_some();
            both[side].map(|status| status.artificial.map(|yes| yes && !exempt))
        });
        flux.exempt.add(spared[0], spared[1], atom.area);
        let (Some(before), Some(after)) = (before, after) else { return };
        self.matrices(flux, atom, before, after);
        let pair = (before.artificial, after.artificial);
        let kind = match pair {
            (Some(false), Some(true)) => 0,
            (Some(true), Some(false)) => 1,
            _ => return,
        };
        self.changed(flux, atom, kind);
    }

    /// An atom that was gained (0) or lost (1).
    fn changed(&self, flux: &mut Flux, atom: &Atom, kind: usize) {
        let survey = self.survey;
        if self.slivers.contains(&(atom.first, atom.second)) {
            flux.slivers[kind] += atom.area;
        }
        // The later date's polygon tells where and how large.
        let side = if survey.changes { 0 } else { 1 - kind };
        let Some(number) = survey.polygon(atom, side) else { return };
        flux.ellipsoid[kind] += atom.area.times(survey.factors[side][number].into());
        flux.given_areas[kind] += prorata(survey, side, number, atom.area);
        let signed = if kind == 0 { atom.area } else { Area(-atom.area.0) };
        let dates = [0, 1].map(|side| {
            let side = if survey.changes { 0 } else { side };
            survey.polygon(atom, side).map_or(0, |number| survey.dated[side].rows[number].date)
        });
        *flux.nets.entry((dates[0], dates[1])).or_default() += signed;
    }

    fn matrices(&self, flux: &mut Flux, atom: &Atom, before: &Status, after: &Status) {
        let survey = self.survey;
        let row = |side: usize| {
            let place = if survey.changes { 0 } else { side };
            survey.polygon(atom, side).map(|number| &survey.dated[place].rows[number])
        };
        let (Some(first), Some(second)) = (row(0), row(1)) else { return };
        flux.dates[0] |= 1 << first.date.min(63);
        flux.dates[1] |= 1 << second.date.min(63);
        let (old, new) = (first.couple, if survey.changes { second.after } else { second.couple });
        *flux.covers.entry((old.cover_code(), new.cover_code())).or_default() += atom.area;
        *flux.uses.entry((old.use_code(), new.use_code())).or_default() += atom.area;
        let categories = (before.category.unwrap_or(0), after.category.unwrap_or(0));
        *flux.categories.entry(categories).or_default() += atom.area;
    }
}

/// Pairs of polygons whose common part changed its status, and its area; of a layer of changes, the polygon and none.
pub fn changed_pairs(survey: &Survey) -> BTreeMap<(u32, u32), Area> {
    let mut areas: BTreeMap<(u32, u32), Area> = BTreeMap::new();
    let changed = |atom: &&Atom| {
        let [before, after] =
            [0, 1].map(|side| survey.status(atom, side).and_then(|status| status.artificial));
        atom.bits & AGAIN == 0 && before.is_some() && after.is_some() && before != after
    };
    for atom in survey.picture.atoms.iter().filter(changed) {
        *areas.entry((atom.first, atom.second)).or_default() += atom.area;
    }
    areas
}

/// Of these the slivers.
fn slivers(survey: &Survey) -> HashSet<(u32, u32)> {
    let thin =
        |(pair, area): &((u32, u32), Area)| 2.0 * area.square_metres() < SLIVER * survey.perimeter(*pair);
    changed_pairs(survey).into_iter().filter(thin).map(|(pair, _)| pair).collect()
}

/// Adds the tables of a pair of dates, their checks and totals.
///
/// # Errors
/// Where the table of population is none.
pub fn report(survey: &Survey, question: &Question, answer: &mut Answer) -> Result<(), Fault> {
    let ways = Ways { survey, slivers: slivers(survey) };
    let Sums { mut zones, mut together, all } = survey.sums(|flux: &mut Flux, atom| ways.add(flux, atom));
    zones.iter_mut().zip(&survey.beyond).for_each(|(flux, beyond)| flux.beyond = *beyond);
    together.beyond = zones.iter().all(|flux| flux.beyond);
    let interval = dates(survey, &all);
    let intervals = uncertainty::of_flux(survey, question);
    let mut sheet = table(survey, question, &zones, &intervals);
    if let Some(path) = &question.population {
        people(survey, &zones, &Population::read(path)?, &mut sheet, answer);
    }
    answer.sheets.push(sheet);
    if !survey.changes {
        answer.half_seen(survey, zones.iter().map(|flux| flux.main.known()));
    }
    answer.sheets.extend(transitions(survey, &zones, &interval));
    check(survey, &zones, &together, answer);
    tell(survey, &zones, &together, &intervals, answer);
    let mut inside = totals(survey, &together);
    if let (Some(sums), Some(six)) = (inside.as_object_mut(), intervals.last()) {
        let ends = [("net_low_ha", six[2].low), ("net_high_ha", six[2].high)];
        let known = |end: f64| six[2].is_estimated().then_some(end);
        sums.extend(ends.map(|(name, value)| (name.to_owned(), json!(known(value)))));
        if six[2].is_estimated() {
            let Text { fr, en } = six[2].verdict().words();
            let _ = sums.insert("net_verdict".to_owned(), json!({ "fr": fr, "en": en }));
        }
    }
    answer.totals.insert(
        format!("flux {} {}", interval[0], interval[1]),
        json!({
            "mode": question.mode.word(),
            "inside_the_zones": inside,
            "all_data": totals(survey, &all),
            "slivers": ways.slivers.len(),
        }),
    );
    Ok(())
}

/// The mean date of a side, where it mixes some.
fn mean_year(survey: &Survey, side: usize, bits: u64) -> Option<f64> {
    let dates = &survey.dated[side].dates;
    let met: Vec<f64> =
        (0..dates.len()).filter(|date| bits >> date & 1 == 1).map(|date| dates[date].years).collect();
    (!met.is_empty()).then(|| met.iter().sum::<f64>() / met.len() as f64)
}

/// Rates of soil and people.
fn people(survey: &Survey, zones: &[Flux], population: &Population, sheet: &mut Sheet, answer: &mut Answer) {
    if survey.changes {
        answer.remarks.push(text!(
            fr: "--population demande deux états : une couche de changements ne dit pas ce qui était artificialisé",
            en: "--population needs two states: a layer of changes does not tell what was artificialised",
        ));
        return;
    }
    let soil = |flux: &Flux| {
        let years = [0, 1].map(|side| mean_year(survey, side, flux.dates[side]));
        let areas = [flux.main.before(), flux.main.after()].map(hectares);
        Some(Soil { areas, years: [years[0]?, years[1]?] })
    };
    let found: Vec<Option<Growth>> =
        zones.iter().zip(&survey.zones).map(|(flux, zone)| population.of(&zone.id, &soil(flux)?)).collect();
    let without: Vec<&str> = found
        .iter()
        .zip(&survey.zones)
        .filter(|(found, _)| found.is_none())
        .map(|(_, zone)| zone.id.as_str())
        .collect();
    if !without.is_empty() {
        let (count, names) = (without.len(), without[..without.len().min(5)].join(", "));
        answer.remarks.push(text!(
            fr: "{count} zones n'ont pas de population à deux années distinctes proches des dates ({names}…) ; leur LCRPGR est vide",
            en: "{count} zones have no population at two different years near the dates ({names}…); their LCRPGR is empty",
        ));
    }
    population::columns(sheet, &found);
}

/// The figures with their intervals, and the sentence for all zones together.
fn tell(survey: &Survey, zones: &[Flux], together: &Flux, intervals: &[[Interval; 6]], answer: &mut Answer) {
    let ids = survey.zones.iter().map(|zone| zone.id.as_str()).chain(["Σ"]);
    for ((zone, flux), six) in ids.zip(zones.iter().chain([together])).zip(intervals) {
        let [from, to] = dates(survey, flux);
        if !has_figures(survey, flux) {
            continue;
        }
        if zone == "Σ" {
            answer.remarks.push(uncertainty::sentence(&six[2], &from, &to));
        }
        let figure = |(name, interval): (&&'static str, &Interval)| Figure {
            zone: zone.to_owned(),
            from: from.clone(),
            to: to.clone(),
            name,
            interval: *interval,
        };
        answer.figures.extend(FLUX_NAMES.iter().zip(six).filter(|(_, six)| six.is_estimated()).map(figure));
    }
}

fn totals(survey: &Survey, flux: &Flux) -> serde_json::Value {
    let hectares = |area: Area| has_figures(survey, flux).then(|| hectares(area));
    json!({
        "gain_ha": hectares(flux.main.gain()),
        "loss_ha": hectares(flux.main.loss()),
        "net_ha": hectares(flux.main.net()),
        "stayed_artificial_ha": hectares(flux.main.0[YES][YES]),
        "stayed_other_ha": hectares(flux.main.0[NO][NO]),
        "unknown_ha": super::tables::hectares(flux.main.unknown()),
        "gain_slivers_ha": hectares(flux.slivers[0]),
        "loss_slivers_ha": hectares(flux.slivers[1]),
        "sealed_gain_ha": hectares(flux.sealed.gain()),
        "sealed_loss_ha": hectares(flux.sealed.loss()),
        "gain_attribute_ha": hectares(flux.given_areas[0]),
    })
}

/// The dates of a flux.
fn dates(survey: &Survey, flux: &Flux) -> [String; 2] {
    match &survey.dated[0].interval {
        Some(interval) if survey.changes => interval.each_ref().map(|date| date.label.clone()),
        _ if survey.changes => [String::new(), String::new()],
        _ => [0, 1].map(|side| super::state::when(survey, side, flux.dates[side])),
    }
}

/// Years between the dates of a pair of polygons.
fn years(survey: &Survey, pair: (u8, u8)) -> Option<f64> {
    if survey.changes {
        let interval = survey.dated[0].interval.as_ref()?;
        return Some(interval[1].years - interval[0].years).filter(|years| *years > 0.0);
    }
    let [before, after] =
        [(0, pair.0), (1, pair.1)].map(|(side, date)| survey.dated[side].dates.get(usize::from(date)));
    Some(after?.years - before?.years).filter(|years| *years > 0.0)
}

/// Net hectares a year, each part over its own interval.
fn rate(survey: &Survey, flux: &Flux) -> Option<f64> {
    let parts = flux.nets.iter().map(|(pair, net)| Some(net.square_metres() / 1e4 / years(survey, *pair)?));
    let sum: f64 = parts.sum::<Option<f64>>()?;
    Some((sum * 1e8).round() / 1e8 + 0.0)
}

/// The interval of a zone, years: where it mixes dates, none.
fn interval(survey: &Survey, flux: &Flux) -> Option<f64> {
    let one = |bits: u64| (bits.count_ones() == 1).then(|| bits.trailing_zeros() as u8);
    if survey.changes {
        return years(survey, (0, 0));
    }
    years(survey, (one(flux.dates[0])?, one(flux.dates[1])?))
}

fn table(survey: &Survey, question: &Question, zones: &[Flux], intervals: &[[Interval; 6]]) -> Sheet {
    let mut sheet = by_zone(survey, "zan_flux");
    let labels: Vec<[String; 2]> = zones.iter().map(|flux| dates(survey, flux)).collect();
    sheet.words(
        "from",
        text!(fr: "Première date", en: "First date"),
        labels.iter().map(|pair| pair[0].clone()).collect(),
    );
    sheet.words(
        "to",
        text!(fr: "Seconde date", en: "Second date"),
        labels.iter().map(|pair| pair[1].clone()).collect(),
    );
    sheet.numbers(
        "years",
        "a",
        text!(fr: "Années entre les deux dates ; vide si la zone en mélange", en: "Years between the two dates; empty where the zone mixes them"),
        zones.iter().map(|flux| interval(survey, flux)).collect(),
    );
    figures(survey, zones, intervals, &mut sheet);
    others(survey, question, zones, &mut sheet);
    more_intervals(survey, question, zones, intervals, &mut sheet);
    sheet
}

/// A figure's interval in each zone that has figures.
fn known(
    survey: &Survey,
    zones: &[Flux],
    intervals: &[[Interval; 6]],
    pick: impl Fn(&Flux, &[Interval; 6]) -> Option<Interval>,
) -> Vec<Option<Interval>> {
    let both = zones.iter().zip(intervals);
    both.map(|(flux, six)| {
        let found = has_figures(survey, flux).then(|| pick(flux, six)).flatten();
        found.filter(Interval::is_estimated)
    })
    .collect()
}

/// The intervals of the other figures.
fn more_intervals(
    survey: &Survey,
    question: &Question,
    zones: &[Flux],
    intervals: &[[Interval; 6]],
    sheet: &mut Sheet,
) {
    for (place, name) in [(0, "gain"), (1, "loss"), (3, "imper_gain"), (4, "imper_loss"), (5, "imper_net")] {
        let found = known(survey, zones, intervals, |_, six| Some(six[place]));
        uncertainty::columns(sheet, name, "ha", &found, name == "imper_net");
    }
    if question.photovoltaic.is_some() || question.parks.is_some() {
        // As wide as without exemptions: what is exempt is taken as it is drawn.
        let net = |flux: &Flux, six: &[Interval; 6]| Some(six[2].about(hectares(flux.exempt.net())));
        let found = known(survey, zones, intervals, net);
        uncertainty::columns(sheet, "net_with_exemptions", "ha", &found, true);
    }
}

/// The net a year: where a zone mixes intervals, the shortest makes it widest.
fn rated(survey: &Survey, flux: &Flux, net: &Interval) -> Option<Interval> {
    let all = flux.nets.keys().map(|pair| years(survey, *pair)).collect::<Option<Vec<f64>>>()?;
    let shortest = all.into_iter().chain(interval(survey, flux)).reduce(f64::min)?;
    let scaled = net.times(1.0 / shortest).about(rate(survey, flux)?);
    let round = |value: f64| (value * 1e6).round() / 1e6 + 0.0;
    Some(Interval { low: round(scaled.low), high: round(scaled.high), ..scaled })
}

/// Whether a zone has figures: soil that is known at both dates; of a layer of changes, none that is not known alone.
fn has_figures(survey: &Survey, flux: &Flux) -> bool {
    flux.main.known().0 > 0 || (survey.changes && flux.main.unknown().0 == 0 && !flux.beyond)
}

/// What shares are of: soil known at both dates; of a layer of changes the whole zone.
fn whole(survey: &Survey, flux: &Flux, zone: &super::read::Zone) -> Area {
    if survey.changes { zone.area - flux.main.unknown() } else { flux.main.known() }
}

fn figures(survey: &Survey, zones: &[Flux], intervals: &[[Interval; 6]], sheet: &mut Sheet) {
    let held = |pick: &dyn Fn(&Flux) -> Area| -> Vec<Option<f64>> {
        zones.iter().map(|flux| has_figures(survey, flux).then(|| hectares(pick(flux)))).collect()
    };
    let share = |pick: &dyn Fn(&Flux) -> Area| -> Vec<Option<f64>> {
        let both = zones.iter().zip(&survey.zones);
        both.map(|(flux, zone)| {
            percent(pick(flux), whole(survey, flux, zone)).filter(|_| has_figures(survey, flux))
        })
        .collect()
    };
    sheet.numbers("gain_ha", "ha", text!(fr: "Artificialisation : non artificialisé avant, artificialisé après", en: "Artificialised: not before, after"), held(&|f| f.main.gain()));
    sheet.numbers("loss_ha", "ha", text!(fr: "Désartificialisation : artificialisé avant, plus après", en: "Given back: artificialised before, no more after"), held(&|f| f.main.loss()));
    sheet.numbers(
        "net_ha",
        "ha",
        text!(fr: "Artificialisation nette : gain − perte", en: "Net artificialisation: gain − loss"),
        held(&|f| f.main.net()),
    );
    let net = known(survey, zones, intervals, |_, six| Some(six[2]));
    uncertainty::columns(sheet, "net", "ha", &net, true);
    let rates =
        zones.iter().map(|flux| has_figures(survey, flux).then(|| rate(survey, flux)).flatten()).collect();
    sheet.numbers("net_ha_per_year", "ha/a", text!(fr: "Artificialisation nette par an, sur l'intervalle vrai", en: "Net artificialisation a year, over the true interval"), rates);
    let rated = known(survey, zones, intervals, |flux, six| rated(survey, flux, &six[2]));
    uncertainty::columns(sheet, "net", "ha/a", &rated, false);
    if !survey.changes {
        let known = zones.iter().zip(&survey.zones);
        sheet.numbers(
            "known_pct",
            "%",
            text!(fr: "Part du territoire connue aux deux dates ; les autres parts ne portent que sur elle", en: "Share of the territory known at both dates; the other shares are of that alone"),
            known.map(|(flux, zone)| percent(flux.main.known(), zone.area)).collect(),
        );
    }
    sheet.numbers(
        "gain_pct",
        "%",
        text!(fr: "Gain, en part de ce qui est connu du territoire", en: "Gain, share of what is known of the territory"),
        share(&|f| f.main.gain()),
    );
    sheet.numbers(
        "loss_pct",
        "%",
        text!(fr: "Perte, en part de ce qui est connu du territoire", en: "Loss, share of what is known of the territory"),
        share(&|f| f.main.loss()),
    );
    sheet.numbers(
        "net_pct",
        "%",
        text!(fr: "Net, en part de ce qui est connu du territoire", en: "Net, share of what is known of the territory"),
        share(&|f| f.main.net()),
    );
    unseen(survey, zones, sheet);
}

/// What was artificialised at each date, and how much of a zone these figures are not of.
fn unseen(survey: &Survey, zones: &[Flux], sheet: &mut Sheet) {
    let held = |pick: &dyn Fn(&Flux) -> Area| -> Vec<Option<f64>> {
        zones.iter().map(|flux| has_figures(survey, flux).then(|| hectares(pick(flux)))).collect()
    };
    if !survey.changes {
        sheet.numbers("stock_from_ha", "ha", text!(fr: "Artificialisé avant, sur le sol connu aux deux dates", en: "Artificialised before, on soil known at both dates"), held(&|f| f.main.before()));
        sheet.numbers("stock_to_ha", "ha", text!(fr: "Artificialisé après, sur le sol connu aux deux dates", en: "Artificialised after, on soil known at both dates"), held(&|f| f.main.after()));
        sheet.numbers(
            "one_date_ha",
            "ha",
            text!(fr: "Couvert à une seule date", en: "Covered at one date only"),
            zones.iter().map(|flux| Some(hectares(flux.main.one_date()))).collect(),
        );
    }
    sheet.numbers(
        "unknown_ha",
        "ha",
        text!(fr: "Statut indéterminé à une date au moins", en: "Status not known at one date at least"),
        zones.iter().map(|flux| Some(hectares(flux.main.unknown()))).collect(),
    );
    sheet.numbers(
        "gain_slivers_ha",
        "ha",
        text!(fr: "Part du gain en liserés (2A/P < 1 m)", en: "Part of the gain in slivers (2A/P < 1 m)"),
        held(&|f| f.slivers[0]),
    );
    sheet.numbers(
        "loss_slivers_ha",
        "ha",
        text!(fr: "Part de la perte en liserés (2A/P < 1 m)", en: "Part of the loss in slivers (2A/P < 1 m)"),
        held(&|f| f.slivers[1]),
    );
}

fn others(survey: &Survey, question: &Question, zones: &[Flux], sheet: &mut Sheet) {
    let mut add = |name: &str, meaning: Text, pick: &dyn Fn(&Flux) -> Area| {
        let values = zones.iter().map(|flux| has_figures(survey, flux).then(|| hectares(pick(flux))));
        sheet.numbers(name, "ha", meaning, values.collect());
    };
    add("imper_gain_ha", text!(fr: "Imperméabilisation", en: "Sealed"), &|f| f.sealed.gain());
    add("imper_loss_ha", text!(fr: "Désimperméabilisation", en: "Unsealed"), &|f| f.sealed.loss());
    add("imper_net_ha", text!(fr: "Imperméabilisation nette", en: "Net sealing"), &|f| f.sealed.net());
    add(
        "gain_matrix_ha",
        text!(fr: "Gain par la seule matrice du décret", en: "Gain by the decree's matrix alone"),
        &|f| f.by[0].gain(),
    );
    add(
        "loss_matrix_ha",
        text!(fr: "Perte par la seule matrice du décret", en: "Loss by the decree's matrix alone"),
        &|f| f.by[0].loss(),
    );
    if !survey.changes {
        add(
            "gain_threshold_ha",
            text!(fr: "Gain, seuils recalculés", en: "Gain, thresholds recomputed"),
            &|f| f.by[1].gain(),
        );
        add(
            "loss_threshold_ha",
            text!(fr: "Perte, seuils recalculés", en: "Loss, thresholds recomputed"),
            &|f| f.by[1].loss(),
        );
    }
    if survey.dated.iter().all(|dated| dated.has_status) {
        add(
            "gain_ign_ha",
            text!(fr: "Gain selon l'attribut livré", en: "Gain by the attribute delivered"),
            &|f| f.by[2].gain(),
        );
        add(
            "loss_ign_ha",
            text!(fr: "Perte selon l'attribut livré", en: "Loss by the attribute delivered"),
            &|f| f.by[2].loss(),
        );
    }
    if survey.dated.iter().any(|dated| dated.has_areas) {
        add(
            "gain_attribute_ha",
            text!(fr: "Gain, par l'aire donnée en attribut, au prorata", en: "Gain, by the area given as an attribute, in proportion"),
            &|f| f.given_areas[0],
        );
        add(
            "loss_attribute_ha",
            text!(fr: "Perte, par l'aire donnée en attribut, au prorata", en: "Loss, by the area given as an attribute, in proportion"),
            &|f| f.given_areas[1],
        );
    }
    if question.photovoltaic.is_some() || question.parks.is_some() {
        add(
            "gain_with_exemptions_ha",
            text!(fr: "Gain, exemptions facultatives appliquées", en: "Gain, optional exemptions applied"),
            &|f| f.exempt.gain(),
        );
        add(
            "loss_with_exemptions_ha",
            text!(fr: "Perte, exemptions facultatives appliquées", en: "Loss, optional exemptions applied"),
            &|f| f.exempt.loss(),
        );
        add(
            "net_with_exemptions_ha",
            text!(fr: "Net, exemptions facultatives appliquées", en: "Net, optional exemptions applied"),
            &|f| f.exempt.net(),
        );
    }
    add("gain_ellipsoid_ha", text!(fr: "Gain sur l'ellipsoïde", en: "Gain on the ellipsoid"), &|f| {
        f.ellipsoid[0]
    });
    add("loss_ellipsoid_ha", text!(fr: "Perte sur l'ellipsoïde", en: "Loss on the ellipsoid"), &|f| {
        f.ellipsoid[1]
    });
}

/// The transition tables: who became what, by cover, use and category.
fn transitions(survey: &Survey, zones: &[Flux], interval: &[String; 2]) -> Vec<Sheet> {
    let word = |code: &str| if code.is_empty() { "?".to_owned() } else { code.to_owned() };
    let list = |map: &BTreeMap<(&'static str, &'static str), Area>| -> Vec<(String, String, Area)> {
        map.iter().map(|((old, new), area)| (word(old), word(new), *area)).collect()
    };
    let category = |number: u8| if number == 0 { "?".to_owned() } else { number.to_string() };
    let categories = |map: &BTreeMap<(u8, u8), Area>| -> Vec<(String, String, Area)> {
        map.iter().map(|((old, new), area)| (category(*old), category(*new), *area)).collect()
    };
    type Rows = Vec<(String, String, Area)>;
    type Kind<'a> = (&'a str, &'a dyn Fn(&Flux) -> Rows);
    let kinds: [Kind; 3] = [
        ("zan_transitions_cover", &|flux| list(&flux.covers)),
        ("zan_transitions_use", &|flux| list(&flux.uses)),
        ("zan_transitions_category", &|flux| categories(&flux.categories)),
    ];
    let sheet = |(name, rows): &Kind| {
        let (mut ids, mut old, mut new, mut areas) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (flux, zone) in zones.iter().zip(&survey.zones) {
            for (before, after, area) in rows(flux) {
                ids.push(zone.id.clone());
                old.push(before);
                new.push(after);
                areas.push(Some(hectares(area)));
            }
        }
        let mut sheet = Sheet::new(name);
        let count = ids.len();
        sheet.words("zone_id", text!(fr: "Code de la zone", en: "Code of the zone"), ids);
        sheet.words("from", text!(fr: "Première date", en: "First date"), vec![interval[0].clone(); count]);
        sheet.words("to", text!(fr: "Seconde date", en: "Second date"), vec![interval[1].clone(); count]);
        sheet.words("before", text!(fr: "Ce que c'était", en: "What it was"), old);
        sheet.words("after", text!(fr: "Ce que c'est devenu", en: "What it became"), new);
        sheet.numbers("area_ha", "ha", text!(fr: "Surface", en: "Area"), areas);
        sheet
    };
    kinds.iter().map(sheet).collect()
}

fn check(survey: &Survey, zones: &[Flux], together: &Flux, answer: &mut Answer) {
    let mut net = Closure::new(text!(
        fr: "gain − perte = stock après − stock avant",
        en: "gain − loss = stock after − stock before",
    ));
    let mut margins = Closure::new(text!(
        fr: "marges des matrices de transition = surface couverte aux deux dates",
        en: "margins of the transition matrices = area covered at both dates",
    ));
    let mut stocks = Closure::new(text!(
        fr: "marges 1° à 5° de la matrice des catégories = stocks",
        en: "margins 1° to 5° of the matrix of categories = stocks",
    ));
    for (flux, zone) in zones.iter().zip(&survey.zones) {
        let id = &zone.id;
        net.check(flux.main.net(), flux.main.after() - flux.main.before(), id);
        margins.check(flux.covers.values().copied().sum(), flux.main.both(), id);
        margins.check(flux.uses.values().copied().sum(), flux.main.both(), id);
        margins.check(flux.categories.values().copied().sum(), flux.main.both(), id);
        if flux.main.unknown().0 == 0 && !survey.changes {
            let built = |number: u8| (1..=5).contains(&number);
            let sum = |pick: &dyn Fn(&(u8, u8)) -> u8| -> Area {
                flux.categories.iter().filter(|(pair, _)| built(pick(pair))).map(|(_, area)| *area).sum()
            };
            stocks.check(sum(&|pair| pair.0), flux.main.before(), id);
            stocks.check(sum(&|pair| pair.1), flux.main.after(), id);
        }
    }
    let picks: [&dyn Fn(&Flux) -> Area; 2] = [&|flux| flux.main.gain(), &|flux| flux.main.loss()];
    answer.closures.extend([net, margins, stocks, closure::adds_up(survey, zones, together, &picks)]);
}
