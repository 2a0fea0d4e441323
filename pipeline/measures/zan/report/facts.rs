//! What the tables say of each commune, gathered.
//!
//! In: `zan_state`, `zan_flux`, `zan_transitions_category`, `zan_enaf`, `zan_enaf_years`, those that are there; out: a
//! [`Commune`] each, in the order of the zones, and its figures in the order of the article.

use super::Figure;
use super::words::hectares_in;
use crate::formats::crs::Crs;
use crate::formats::vector::Value;
use crate::measures::zan::tables::Sheet;
use crate::text;
use crate::text::{Language, Text};
use geo::Geometry;
use std::collections::BTreeMap;

/// State at a date, ha.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The date.
    pub date: String,
    /// Artificialised, and its share of the territory in %.
    pub artificial: (Option<f64>, Option<f64>),
    /// Impermeable, and its share.
    pub sealed: (Option<f64>, Option<f64>),
    /// Outside of the data, and covered with a status that is not known.
    pub unseen: [Option<f64>; 2],
    /// Known part of the territory, %.
    pub known: Option<f64>,
    /// Intervals of what is artificialised and impermeable.
    pub intervals: [Option<(f64, f64)>; 2],
}

/// Flux of an interval, ha.
#[derive(Debug, Clone, Default)]
pub struct Flux {
    /// From when to when.
    pub period: (String, String),
    /// Artificialised.
    pub gain: Option<f64>,
    /// Given back.
    pub loss: Option<f64>,
    /// Net.
    pub net: Option<f64>,
    /// Net a year.
    pub rate: Option<f64>,
    /// Net, % of what is known of the territory.
    pub share: Option<f64>,
    /// Part of the territory known at both dates, %.
    pub known: Option<f64>,
    /// Intervals of the three.
    pub intervals: [Option<(f64, f64)>; 3],
    /// Made impermeable, made permeable, net.
    pub sealed: [Option<f64>; 3],
    /// Their intervals.
    pub sealed_intervals: [Option<(f64, f64)>; 3],
    /// Part of gain and of loss in slivers.
    pub slivers: [Option<f64>; 2],
    /// By category before and after, where the status changed.
    pub moves: BTreeMap<(u8, u8), f64>,
}

/// Consumption of ENAF, ha.
#[derive(Debug, Clone, Default)]
pub struct Enaf {
    /// The periods, as they were asked for.
    pub periods: (String, String),
    /// Consumed in the reference.
    pub reference: Option<f64>,
    /// What may be consumed.
    pub allowed: Option<f64>,
    /// Consumed since the target period began, and its share of the territory in %.
    pub since: (Option<f64>, Option<f64>),
    /// Consumed of what is allowed, %.
    pub used: Option<f64>,
    /// Where the pace leads.
    pub projected: Option<f64>,
    /// Whether what is allowed is the floor of a commune.
    pub floor: bool,
    /// Years of the target that are there.
    pub years: Option<f64>,
    /// Since the target began, by purpose: its name, hectares.
    pub purposes: Vec<(Text, f64)>,
    /// By year: total.
    pub series: Vec<(String, f64)>,
}

/// A commune, or another zone.
#[derive(Debug, Clone, Default)]
pub struct Commune {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its area, ha.
    pub area: Option<f64>,
    /// Its outline.
    pub shape: Option<Geometry<f64>>,
    /// CRS of the outline.
    pub crs: Option<Crs>,
    /// By date.
    pub states: Vec<State>,
    /// By interval.
    pub fluxes: Vec<Flux>,
    /// Consumption, where its table was given.
    pub enaf: Option<Enaf>,
}

/// A table, by row and name.
pub struct Rows<'a>(pub &'a Sheet);

impl Rows<'_> {
    /// A number; `None` where the column or the value is missing.
    pub fn number(&self, row: usize, name: &str) -> Option<f64> {
        let column = self.0.columns.iter().find(|column| column.name == name)?;
        column.values.get(row)?.number().filter(|value| value.is_finite())
    }

    /// A word, or a number as one.
    pub fn word(&self, row: usize, name: &str) -> String {
        let column = self.0.columns.iter().find(|column| column.name == name);
        match column.and_then(|column| column.values.get(row)) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Real(number)) => number.to_string(),
            Some(Value::Null) | None => String::new(),
        }
    }

    fn interval(&self, row: usize, name: &str) -> Option<(f64, f64)> {
        let low = self.number(row, &format!("{name}_low_ha"))?;
        Some((low, self.number(row, &format!("{name}_high_ha"))?))
    }
}

/// All communes of the tables.
pub fn communes(sheets: &[Sheet]) -> Vec<Commune> {
    let table = |name: &str| sheets.iter().find(|sheet| sheet.name == name);
    let mut all: Vec<Commune> = Vec::new();
    let mut places: BTreeMap<(String, usize), usize> = BTreeMap::new();
    for sheet in ["zan_state", "zan_flux", "zan_enaf"].into_iter().filter_map(table) {
        let rows = Rows(sheet);
        let mut met: BTreeMap<(String, String), usize> = BTreeMap::new();
        for row in 0..sheet.rows() {
            let id = rows.word(row, "zone_id");
            // Zones without a code of their own, or that share one, are told apart by their order within a date.
            let when =
                format!("{} {} {}", rows.word(row, "date"), rows.word(row, "from"), rows.word(row, "to"));
            let turn = met.entry((id.clone(), when)).or_default();
            let place = *places.entry((id.clone(), *turn)).or_insert_with(|| {
                all.push(Commune { id, name: rows.word(row, "zone_name"), ..Commune::default() });
                all.len() - 1
            });
            *turn += 1;
            all[place].take(sheet, row);
        }
    }
    if let Some(sheet) = table("zan_transitions_category") {
        moves(sheet, &places, &mut all);
    }
    if let Some(sheet) = table("zan_enaf_years") {
        years(sheet, &places, &mut all);
    }
    all
}

impl Commune {
    fn take(&mut self, sheet: &Sheet, row: usize) {
        let rows = Rows(sheet);
        self.area = self.area.or(rows.number(row, "zone_ha"));
        if self.shape.is_none() {
            self.shape = sheet.shapes.get(row).cloned();
            self.crs.clone_from(&sheet.crs);
        }
        match sheet.name.as_str() {
            "zan_state" => self.states.push(state(&rows, row)),
            "zan_flux" => self.fluxes.push(flux(&rows, row)),
            _ => self.enaf = Some(enaf(&rows, row)),
        }
    }

    /// Its name, or its code where it has none.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// The last flux.
    pub fn last(&self) -> Option<&Flux> {
        self.fluxes.last()
    }
}

fn state(rows: &Rows<'_>, row: usize) -> State {
    let number = |name: &str| rows.number(row, name);
    State {
        date: rows.word(row, "date"),
        artificial: (number("artif_ha"), number("artif_pct")),
        sealed: (number("imper_ha"), number("imper_pct")),
        unseen: ["nodata_ha", "unknown_ha"].map(number),
        known: number("known_pct"),
        intervals: ["artif", "imper"].map(|name| rows.interval(row, name)),
    }
}

fn flux(rows: &Rows<'_>, row: usize) -> Flux {
    let number = |name: &str| rows.number(row, name);
    Flux {
        period: (rows.word(row, "from"), rows.word(row, "to")),
        gain: number("gain_ha"),
        loss: number("loss_ha"),
        net: number("net_ha"),
        rate: number("net_ha_per_year"),
        share: number("net_pct"),
        known: number("known_pct"),
        intervals: ["gain", "loss", "net"].map(|name| rows.interval(row, name)),
        sealed: ["imper_gain_ha", "imper_loss_ha", "imper_net_ha"].map(number),
        sealed_intervals: ["imper_gain", "imper_loss", "imper_net"].map(|name| rows.interval(row, name)),
        slivers: ["gain_slivers_ha", "loss_slivers_ha"].map(number),
        moves: BTreeMap::new(),
    }
}

/// Purposes, as columns and in words.
const PURPOSES: [(&str, &str, &str); 6] = [
    ("housing", "habitat", "housing"),
    ("activity", "activité", "activity"),
    ("mixed", "mixte", "mixed"),
    ("road", "routes", "roads"),
    ("rail", "ferroviaire", "railways"),
    ("unknown", "inconnu", "unknown"),
];

fn enaf(rows: &Rows<'_>, row: usize) -> Enaf {
    let number = |name: &str| rows.number(row, name);
    let purpose = |(name, fr, en): &(&str, &str, &str)| {
        let area = number(&format!("since_{name}_ha"))?;
        Some((Text { fr: (*fr).to_owned(), en: (*en).to_owned() }, area))
    };
    Enaf {
        periods: (rows.word(row, "reference"), rows.word(row, "target")),
        reference: number("reference_ha"),
        allowed: number("allowed_ha"),
        since: (number("since_ha"), number("since_pct")),
        used: number("used_pct"),
        projected: number("projected_ha"),
        floor: number("raised") == Some(1.0),
        years: number("years"),
        purposes: PURPOSES.iter().filter_map(purpose).collect(),
        series: Vec::new(),
    }
}

/// What changed its status, by category before and after.
fn moves(sheet: &Sheet, places: &BTreeMap<(String, usize), usize>, all: &mut [Commune]) {
    let rows = Rows(sheet);
    for row in 0..sheet.rows() {
        let Some(&place) = places.get(&(rows.word(row, "zone_id"), 0)) else { continue };
        let [before, after] = ["before", "after"].map(|name| rows.word(row, name).parse::<u8>().ok());
        let (Some(before), Some(after), Some(area)) = (before, after, rows.number(row, "area_ha")) else {
            continue;
        };
        let period = (rows.word(row, "from"), rows.word(row, "to"));
        let flux = all[place].fluxes.iter_mut().find(|flux| flux.period == period);
        if let Some(flux) = flux.filter(|_| (before <= 5) != (after <= 5) && area > 0.0) {
            *flux.moves.entry((before, after)).or_default() += area;
        }
    }
}

fn years(sheet: &Sheet, places: &BTreeMap<(String, usize), usize>, all: &mut [Commune]) {
    let rows = Rows(sheet);
    for row in 0..sheet.rows() {
        let Some(&place) = places.get(&(rows.word(row, "zone_id"), 0)) else { continue };
        if let (Some(enaf), Some(total)) = (all[place].enaf.as_mut(), rows.number(row, "total_ha")) {
            enaf.series.push((rows.word(row, "year"), total));
        }
    }
}

impl Commune {
    /// All that the article asks for, in its order.
    pub fn figures(&self) -> Vec<Figure> {
        let mut all = self.consumed();
        all.extend(self.balance());
        all.extend(self.sealed());
        all.extend(self.objectives());
        for figure in all.iter_mut().filter(|figure| figure.value.is_none() && figure.note.fr.is_empty()) {
            figure.note =
                text!(fr: "Ne se calcule pas sur ces données", en: "Cannot be computed from these data");
        }
        all
    }

    fn consumed(&self) -> Vec<Figure> {
        let source = text!(fr: "Fichiers fonciers (Cerema), consommation d'ENAF", en: "Land register files (Cerema), consumption of ENAF");
        let Some(enaf) = &self.enaf else {
            let note = text!(fr: "La table de consommation d'ENAF n'a pas été donnée (--enaf)", en: "The table of ENAF consumption was not given (--enaf)");
            return vec![missing(1, text!(fr: "ENAF consommés", en: "ENAF consumed"), "ha", source, note)];
        };
        let figure = enaf.figures(1, source.clone(), enaf.seen(), enaf.partial());
        let mut all = vec![
            figure(
                text!(fr: "ENAF consommés depuis le début de la période", en: "ENAF consumed since the period began"),
                enaf.since.0,
                "ha",
            ),
            figure(
                text!(fr: "ENAF consommés, part du territoire", en: "ENAF consumed, share of the territory"),
                enaf.since.1,
                "%",
            ),
        ];
        all.extend(enaf.purposes.iter().map(|(Text { fr, en }, area)| {
            figure(text!(fr: "ENAF consommés : {fr}", en: "ENAF consumed: {en}"), Some(*area), "ha")
        }));
        let note = text!(fr: "Le type d'espace consommé (naturel, agricole, forestier) et la renaturation ne sont pas dans les fichiers fonciers", en: "The kind of land consumed (natural, agricultural, forest) and renaturation are not in the land register files");
        all.push(missing(
            1,
            text!(fr: "ENAF consommés par type d'espace", en: "ENAF consumed by kind of land"),
            "ha",
            source,
            note,
        ));
        all
    }

    fn balance(&self) -> Vec<Figure> {
        let source = text!(fr: "OCS GE (IGN), nomenclature annexée à R. 101-1", en: "OCS GE (IGN), nomenclature annexed to R. 101-1");
        if self.fluxes.is_empty() {
            let note = text!(fr: "Il faut deux dates d'OCS GE", en: "Two dates of OCS GE are needed");
            return vec![missing(
                2,
                text!(fr: "Solde artificialisé − désartificialisé", en: "Balance, artificialised − given back"),
                "ha",
                source,
                note,
            )];
        }
        let names = [
            text!(fr: "Surfaces artificialisées", en: "Artificialised"),
            text!(fr: "Surfaces désartificialisées", en: "Given back"),
            text!(fr: "Solde (artificialisation nette)", en: "Balance (net artificialisation)"),
        ];
        let of = |flux: &Flux| -> Vec<Figure> {
            let values = [flux.gain, flux.loss, flux.net];
            let seen = partly(flux.known);
            let plain = |indicator: Text, value: Option<f64>, unit: &'static str| Figure {
                item: 2,
                indicator,
                period: flux.period.clone(),
                value,
                interval: None,
                unit,
                source: source.clone(),
                note: seen.clone(),
            };
            let figure = |place: usize| Figure {
                item: 2,
                indicator: names[place].clone(),
                period: flux.period.clone(),
                value: values[place],
                interval: flux.intervals[place],
                unit: "ha",
                source: source.clone(),
                note: if place == 2 {
                    joined(verdict(flux).unwrap_or_default(), &seen)
                } else {
                    seen.clone()
                },
            };
            let rest = [
                plain(
                    text!(fr: "Solde, part de ce qui est connu du territoire", en: "Balance, share of what is known of the territory"),
                    flux.share,
                    "%",
                ),
                plain(
                    text!(fr: "Solde par an, sur l'intervalle vrai", en: "Balance a year, over the true interval"),
                    flux.rate,
                    "ha/a",
                ),
            ];
            (0..3).map(figure).chain(rest).collect()
        };
        let whole = self.whole().map(|(period, net)| Figure {
            item: 2,
            indicator: text!(fr: "Solde de toutes les périodes, additionnées", en: "Balance of all periods, added up"),
            period,
            value: Some(net),
            interval: None,
            unit: "ha",
            source: source.clone(),
            note: Text::default(),
        });
        self.fluxes.iter().flat_map(of).chain(whole).chain(self.stocks(&source)).collect()
    }

    /// The whole period, where there are several, and the sum of their balances.
    fn whole(&self) -> Option<((String, String), f64)> {
        let [first, .., last] = &self.fluxes[..] else { return None };
        let net = self.fluxes.iter().map(|flux| flux.net).sum::<Option<f64>>()?;
        Some(((first.period.0.clone(), last.period.1.clone()), net))
    }

    /// What is artificialised at each date.
    fn stocks(&self, source: &Text) -> Vec<Figure> {
        let of = |state: &State| {
            let note = state.note();
            let figure = |indicator: Text, value: Option<f64>, unit: &'static str| Figure {
                item: 2,
                indicator,
                period: (state.date.clone(), state.date.clone()),
                value,
                interval: state.intervals[0].filter(|_| unit == "ha"),
                unit,
                source: source.clone(),
                note: note.clone(),
            };
            let (area, share) = state.artificial;
            [
                figure(text!(fr: "Surface artificialisée", en: "Artificialised area"), area, "ha"),
                figure(
                    text!(fr: "Part artificialisée de ce qui est connu du territoire", en: "Artificialised share of what is known of the territory"),
                    share,
                    "%",
                ),
            ]
        };
        self.states.iter().flat_map(of).collect()
    }

    fn sealed(&self) -> Vec<Figure> {
        let source = text!(fr: "OCS GE (IGN), couverture CS1.1.1, sans les seuils du décret", en: "OCS GE (IGN), cover CS1.1.1, without the decree's thresholds");
        let mut all: Vec<Figure> = Vec::new();
        type Found = (Option<f64>, Option<(f64, f64)>);
        let mut add =
            |indicator: Text, period: &(String, String), (value, interval): Found, unit, note: Text| {
                let (period, source) = (period.clone(), source.clone());
                all.push(Figure { item: 3, indicator, period, value, interval, unit, source, note });
            };
        for state in &self.states {
            let at = (state.date.clone(), state.date.clone());
            let area = (state.sealed.0, state.intervals[1]);
            let share = text!(fr: "Part imperméable de ce qui est connu du territoire", en: "Impermeable share of what is known of the territory");
            add(text!(fr: "Surface imperméable", en: "Impermeable area"), &at, area, "ha", state.note());
            add(share, &at, (state.sealed.1, None), "%", state.note());
        }
        let names = [
            text!(fr: "Surfaces rendues imperméables", en: "Made impermeable"),
            text!(fr: "Surfaces rendues perméables", en: "Made permeable"),
            text!(fr: "Imperméabilisation nette", en: "Net sealing"),
        ];
        for flux in &self.fluxes {
            for (place, name) in names.iter().enumerate() {
                let found = (flux.sealed[place], flux.sealed_intervals[place]);
                add(name.clone(), &flux.period, found, "ha", partly(flux.known));
            }
        }
        all
    }

    fn objectives(&self) -> Vec<Figure> {
        let source = text!(fr: "Loi 2021-1104, art. 194, et loi 2023-630, art. 4", en: "Law 2021-1104, art. 194, and law 2023-630, art. 4");
        let Some(enaf) = &self.enaf else {
            let note = text!(fr: "L'objectif 2021-2031 porte sur les ENAF, dont la table n'a pas été donnée (--enaf)", en: "The objective of 2021-2031 is about ENAF, whose table was not given (--enaf)");
            return vec![missing(
                4,
                text!(fr: "Respect de l'objectif", en: "Objective kept"),
                "%",
                source,
                note,
            )];
        };
        let over = |period: (String, String), note: Text| enaf.figures(4, source.clone(), period, note);
        let (reference, target) = (split(&enaf.periods.0), split(&enaf.periods.1));
        let floor = text!(fr: "Plancher de la commune (loi 2023-630, art. 4)", en: "Floor of the commune (law 2023-630, art. 4)");
        let floor = if enaf.floor { floor } else { Text::default() };
        let outlook = enaf.outlook().map_or_else(Text::default, |outlook| outlook.words);
        vec![
            over(reference, Text::default())(
                text!(fr: "Consommation de référence", en: "Consumption of reference"),
                enaf.reference,
                "ha",
            ),
            over(target.clone(), floor)(
                text!(fr: "Consommation permise", en: "Consumption allowed"),
                enaf.allowed,
                "ha",
            ),
            over(enaf.seen(), enaf.partial())(
                text!(fr: "Part consommée de ce qui est permis", en: "Consumed of what is allowed"),
                enaf.used,
                "%",
            ),
            over(target, outlook)(
                text!(fr: "Consommation en fin de période au rythme actuel", en: "Consumption at the period's end at the present pace"),
                enaf.projected,
                "ha",
            ),
        ]
    }
}

fn missing(item: u8, indicator: Text, unit: &'static str, source: Text, note: Text) -> Figure {
    Figure { item, indicator, period: Default::default(), value: None, interval: None, unit, source, note }
}

impl Enaf {
    /// Makes figures of an item over a period.
    fn figures(
        &self,
        item: u8,
        source: Text,
        period: (String, String),
        note: Text,
    ) -> impl Fn(Text, Option<f64>, &'static str) -> Figure {
        move |indicator, value, unit| Figure {
            item,
            indicator,
            period: period.clone(),
            value,
            interval: None,
            unit,
            source: source.clone(),
            note: note.clone(),
        }
    }
}

/// Where the present pace leads, in words.
pub struct Outlook {
    /// The sentence.
    pub words: Text,
    /// Whether the objective is kept at this pace.
    pub kept: bool,
}

impl Enaf {
    /// Years of the period aimed at that are there: the first, and the last that the table has.
    pub fn seen(&self) -> (String, String) {
        let (first, last) = split(&self.periods.1);
        let known = self.series.iter().map(|(year, _)| year).filter(|year| (&first..=&last).contains(year));
        known.max().cloned().map_or((first.clone(), last.clone()), |year| (first, year))
    }

    /// Years of the whole period.
    pub fn length(&self) -> Option<f64> {
        let (first, last) = split(&self.periods.1);
        Some(last.parse::<f64>().ok()? - first.parse::<f64>().ok()? + 1.0)
    }

    fn partial(&self) -> Text {
        match (self.years, self.length()) {
            (Some(years), Some(length)) if years < length => {
                text!(fr: "{years} années connues sur {length}", en: "{years} years known of {length}")
            }
            _ => Text::default(),
        }
    }

    /// Whether the objective is kept, where all that it needs is known.
    pub fn outlook(&self) -> Option<Outlook> {
        let (allowed, since, projected) = (self.allowed?, self.since.0?, self.projected?);
        let (years, length, (_, end)) = (self.years?, self.length()?, split(&self.periods.1));
        let [fr, en] = [Language::French, Language::English]
            .map(|language| [since, allowed, projected].map(|area| hectares_in(language, area)));
        let ([since_fr, allowed_fr, projected_fr], [since_en, allowed_en, projected_en]) = (fr, en);
        let kept = projected <= allowed;
        let words = if since > allowed {
            text!(
                fr: "Objectif déjà dépassé : {since_fr} ha consommés en {years} ans sur {length}, pour {allowed_fr} ha permis jusqu'à fin {end}.",
                en: "The objective is already exceeded: {since_en} ha consumed in {years} years of {length}, for {allowed_en} ha allowed until the end of {end}.",
            )
        } else if kept {
            text!(
                fr: "Objectif tenu à ce rythme : {since_fr} ha consommés en {years} ans sur {length} ; {projected_fr} ha à fin {end}, pour {allowed_fr} ha permis.",
                en: "The objective is kept at this pace: {since_en} ha consumed in {years} years of {length}; {projected_en} ha at the end of {end}, for {allowed_en} ha allowed.",
            )
        } else {
            text!(
                fr: "Objectif non tenu à ce rythme : {since_fr} ha consommés en {years} ans sur {length} ; {projected_fr} ha à fin {end}, pour {allowed_fr} ha permis.",
                en: "The objective is missed at this pace: {since_en} ha consumed in {years} years of {length}; {projected_en} ha at the end of {end}, for {allowed_en} ha allowed.",
            )
        };
        Some(Outlook { words, kept })
    }
}

impl State {
    /// What is not known of the territory.
    fn note(&self) -> Text {
        let [outside, unknown] = self.unseen.map(|area| area.filter(|area| *area >= 0.01));
        let said = |area: Option<f64>, fr: &str, en: &str| {
            area.map(|area| Text {
                fr: format!("{} ha {fr}", hectares_in(Language::French, area)),
                en: format!("{} ha {en}", hectares_in(Language::English, area)),
            })
        };
        let all = [
            said(outside, "hors des données", "outside the data"),
            said(unknown, "de statut inconnu", "of unknown status"),
        ];
        let join = |pick: fn(&Text) -> &str| all.iter().flatten().map(pick).collect::<Vec<_>>().join(", ");
        Text { fr: join(|text| &text.fr), en: join(|text| &text.en) }
    }
}

/// What to say of a figure that is of a part of the territory only; nothing where all but a hundredth is known.
pub fn partly(known: Option<f64>) -> Text {
    let Some(known) = known.filter(|known| *known < 99.0) else { return Text::default() };
    let Text { fr, en } = text::number(known, 1);
    text!(fr: "sur les {fr} % connus du territoire", en: "of the {en} % of the territory that are known")
}

/// `2021:2030` or `2021–2030`, as two.
fn split(period: &str) -> (String, String) {
    let mut parts = period.split([':', '–', '-']);
    let first = parts.next().unwrap_or("").trim().to_owned();
    let last = parts.next().map_or_else(|| first.clone(), |last| last.trim().to_owned());
    (first, last)
}

/// Two notes as one.
fn joined(one: Text, other: &Text) -> Text {
    match (one.fr.is_empty(), other.fr.is_empty()) {
        (true, _) => other.clone(),
        (_, true) => one,
        _ => Text { fr: format!("{} ; {}", one.fr, other.fr), en: format!("{}; {}", one.en, other.en) },
    }
}

/// Whether the net can be told from nothing, where its interval is known.
pub fn verdict(flux: &Flux) -> Option<Text> {
    let (low, high) = flux.intervals[2]?;
    Some(if low <= 0.0 && high >= 0.0 {
        text!(fr: "Solde non distinguable de zéro : l'intervalle contient 0", en: "Balance not distinguishable from zero: the interval holds 0")
    } else {
        text!(fr: "Solde distinct de zéro", en: "Balance distinct from zero")
    })
}
