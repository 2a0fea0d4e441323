//! An interval beside every figure: how far outlines, classes and thresholds may move it.
//!
//! In: what the sweep found, the statuses, and how far they may be wrong ([`super::accuracy`]); out: for each zone and figure an interval of
//! 95 %, its parts, and whether a net figure can be told from zero.
//!
//! - **Outlines.** An outline is off by *e* across itself, together over a length ℓ: the area on one side is off by e·√(L·ℓ) (*L*
//!   the length of outlines that matter). Each border counts once, whoever shares it: between two polygons of one status
//!   it moves nothing, and one that is the same at both dates moves both stocks alike, so that nothing of it is left in the
//!   net. With *w* what a square metre is worth on either side, σ² = e²·ℓ·Σ (w₁ − w₂)²·L.
//! - **Classes.** [`ilot_kernels::accuracy`] (Olofsson et al. 2014, 10.1016/j.rse.2014.02.015), objects being what a polygon of each
//!   date have in common.
//! - **Thresholds.** Statuses are judged twice more, with every zone and building larger and smaller by 1.96 σ of its own
//!   outline; what turns is unstable. Only where thresholds act: not for the matrix alone, nor for a layer of changes.
//!
//! The interval goes from the lower of the mapped and the adjusted figure to the higher, and beyond both by the
//! quadratic sum of the three half-widths. Fails where: a border was drawn anew instead of kept: it counts at both dates;
//! borders that lie exactly on a zone's own count nowhere; changes that
//! were missed are in no interval without a matrix of changes, which is said. Cost: a pass over atoms and edges, two more judgements.

use super::Question;
use super::mesh::{AGAIN, Area, NONE};
use super::survey::Survey;
use super::tables::Sheet;
use crate::text;
use crate::text::Text;
use ilot_kernels::accuracy::Errors;

/// Standard deviations on either side that hold 95 %.
pub const WIDE: f64 = 1.96;

/// A figure with its interval, ha.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    /// As mapped.
    pub value: f64,
    /// Adjusted for the errors of classes.
    pub adjusted: f64,
    /// Half-width of 95 % by outlines.
    pub edge: f64,
    /// Half-width of 95 % by classes.
    pub class: f64,
    /// How far thresholds may lower and raise it.
    pub threshold: [f64; 2],
    /// The interval.
    pub low: f64,
    /// The interval.
    pub high: f64,
}

/// Whether a net figure can be told from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Above.
    Up,
    /// Below.
    Down,
    /// It cannot be told.
    Zero,
}

impl Verdict {
    /// In words; those of tables are French.
    pub fn words(self) -> Text {
        match self {
            Verdict::Up => text!(fr: "hausse", en: "increase"),
            Verdict::Down => text!(fr: "baisse", en: "decrease"),
            Verdict::Zero => text!(fr: "ne se distingue pas de zéro", en: "not distinguishable from zero"),
        }
    }
}

impl Interval {
    /// Whether there is one: where nothing was seen to change, what was missed is not known.
    pub fn is_estimated(&self) -> bool {
        self.value != 0.0 || self.high > self.low
    }

    /// Whether it can be told from zero.
    pub fn verdict(&self) -> Verdict {
        match (self.low > 0.0, self.high < 0.0) {
            (true, _) => Verdict::Up,
            (_, true) => Verdict::Down,
            _ => Verdict::Zero,
        }
    }

    /// The same about another figure.
    pub fn about(&self, value: f64) -> Interval {
        let by = value - self.value;
        Interval { value, adjusted: self.adjusted + by, low: self.low + by, high: self.high + by, ..*self }
    }

    /// Everything a multiple: shares, rates.
    pub fn times(&self, factor: f64) -> Interval {
        let Interval { value, adjusted, edge, class, threshold, low, high } = *self;
        Interval {
            value: value * factor,
            adjusted: adjusted * factor,
            edge: edge * factor,
            class: class * factor,
            threshold: threshold.map(|part| part * factor),
            low: low * factor,
            high: high * factor,
        }
    }
}

/// A figure of a zone, as it is told to others.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Code of the zone; `Σ` for all of them together.
    pub zone: String,
    /// The first date, or the only one.
    pub from: String,
    /// The second date; empty for a state.
    pub to: String,
    /// `artif`, `imper`; `gain`, `loss`, `net`, `imper_gain`, `imper_loss`, `imper_net`.
    pub name: &'static str,
    /// The figure.
    pub interval: Interval,
}

/// Figures of a state, with what each class is worth: artificialised, not.
pub const STATE: [(&str, [f64; 4]); 1] = [("artif", [1.0, 0.0, 0.0, 0.0])];
/// Figures of a flux: gained, lost, stayed artificialised, stayed other.
pub const FLUX: [(&str, [f64; 4]); 3] =
    [("gain", [1.0, 0.0, 0.0, 0.0]), ("loss", [0.0, 1.0, 0.0, 0.0]), ("net", [1.0, -1.0, 0.0, 0.0])];

/// A polygon of each date.
type Pair = (u32, u32);

/// Sums over a zone.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// By class: m², and the sum of the squares of its objects.
    areas: [f64; 4],
    squares: [f64; 4],
    /// By figure: Σ (w₁ − w₂)²·L, m.
    edges: [f64; 3],
    /// By class, with thresholds moved down and up.
    moved: [[f64; 4]; 2],
}

/// Which class a pair is of, as judged, and with thresholds moved.
trait Classes {
    fn class(&self, pair: Pair) -> Option<usize>;
    fn moved(&self, pair: Pair, way: usize) -> Option<usize>;
    /// Whether soil that no polygon holds stayed as it was: in a layer of changes.
    fn stays(&self) -> bool;
}

/// Statuses or covers, of a date or of a change.
struct Judged<'a> {
    survey: &'a Survey,
    sealed: bool,
    /// The date of a state; none of a change.
    side: Option<usize>,
}

impl Judged<'_> {
    fn answer(&self, pair: Pair, side: usize, way: Option<usize>) -> Option<bool> {
        let survey = self.survey;
        let number = if side == 0 || survey.changes { pair.0 } else { pair.1 };
        let status = (number != NONE).then(|| &survey.status[side][number as usize])?;
        if self.sealed {
            return status.sealed;
        }
        let moved = way.and_then(|way| survey.moved[side].get(number as usize).map(|both| both[way]));
        moved.unwrap_or(status.artificial)
    }

    fn of(&self, pair: Pair, way: Option<usize>) -> Option<usize> {
        if let Some(side) = self.side {
            return self.answer(pair, side, way).map(|yes| usize::from(!yes));
        }
        Some(match (self.answer(pair, 0, way)?, self.answer(pair, 1, way)?) {
            (false, true) => 0,
            (true, false) => 1,
            (true, true) => 2,
            (false, false) => 3,
        })
    }
}

impl Classes for Judged<'_> {
    fn class(&self, pair: Pair) -> Option<usize> {
        self.of(pair, None)
    }

    fn moved(&self, pair: Pair, way: usize) -> Option<usize> {
        self.of(pair, Some(way))
    }

    fn stays(&self) -> bool {
        self.survey.changes
    }
}

/// The sums of each zone, and of all together at the end.
fn tallies(survey: &Survey, classes: &dyn Classes, figures: &[(&str, [f64; 4])]) -> Vec<Tally> {
    let count = survey.zones.len();
    let mut tallies = vec![Tally::default(); count + 1];
    let atoms = &survey.picture.atoms;
    for object in atoms.chunk_by(|a, b| (a.first, a.second) == (b.first, b.second)) {
        let pair = (object[0].first, object[0].second);
        let Some(class) = classes.class(pair) else { continue };
        let moved = [0, 1].map(|way| classes.moved(pair, way).unwrap_or(class));
        let mut add = |place: usize, area: Area| {
            let (area, tally): (f64, &mut Tally) = (area.square_metres(), &mut tallies[place]);
            tally.areas[class] += area;
            tally.squares[class] += area * area;
            moved.iter().zip(&mut tally.moved).for_each(|(class, sums)| sums[*class] += area);
        };
        for part in object.chunk_by(|a, b| a.zone == b.zone).filter(|part| part[0].zone != NONE) {
            add(part[0].zone as usize, part.iter().map(|atom| atom.area).sum());
        }
        let inside = object.iter().filter(|atom| atom.zone != NONE && atom.bits & AGAIN == 0);
        add(count, inside.map(|atom| atom.area).sum());
    }
    let still = if classes.stays() { Some(3) } else { None };
    for edge in survey.picture.edges.iter().filter(|edge| edge.zone != NONE) {
        let class = |pair: Pair| classes.class(pair).or(still);
        let (Some(one), Some(other)) = (class(edge.one), class(edge.other)) else { continue };
        if one == other {
            continue;
        }
        for (figure, (_, worth)) in figures.iter().enumerate() {
            let step = (worth[one] - worth[other]).powi(2) * edge.metres();
            tallies[edge.zone as usize].edges[figure] += step;
            tallies[count].edges[figure] += if edge.again { 0.0 } else { step };
        }
    }
    tallies
}

fn interval(
    tally: &Tally,
    figure: usize,
    worth: &[f64; 4],
    errors: &Errors,
    question: &Question,
) -> Interval {
    let sum = |areas: &[f64; 4]| areas.iter().zip(worth).map(|(area, worth)| area * worth).sum::<f64>();
    let value = sum(&tally.areas);
    let found = errors.estimate(&tally.areas, &tally.squares, worth);
    let (edge, class) = (question.accuracy.outline(tally.edges[figure]), WIDE * found.error);
    let moved = tally.moved.map(|areas| sum(&areas));
    let down = value - moved[0].min(moved[1]).min(value);
    let up = moved[0].max(moved[1]).max(value) - value;
    let wide = |threshold: f64| (edge * edge + class * class + threshold * threshold).sqrt();
    let low = value.min(found.area) - wide(down);
    let floor = if worth.iter().any(|worth| *worth < 0.0) { f64::NEG_INFINITY } else { 0.0 };
    let hectares = |area: f64| (area * 1e2).round() / 1e6 + 0.0;
    Interval {
        value: hectares(value),
        adjusted: hectares(found.area),
        edge: hectares(edge),
        class: hectares(class),
        threshold: [hectares(down), hectares(up)],
        low: hectares(low.max(floor)),
        high: hectares(value.max(found.area) + wide(up)),
    }
}

fn of(
    survey: &Survey,
    question: &Question,
    side: Option<usize>,
    sealed: bool,
    figures: &[(&str, [f64; 4])],
) -> Vec<Vec<Interval>> {
    let accuracy = &question.accuracy;
    let errors = match side {
        Some(_) if sealed => accuracy.sealed.clone(),
        Some(_) => accuracy.status.clone(),
        None => accuracy.of_changes(sealed),
    };
    let tallies = tallies(survey, &Judged { survey, sealed, side }, figures);
    let all = |tally: &Tally| {
        let one = |(number, (_, worth)): (usize, &(&str, [f64; 4]))| {
            interval(tally, number, worth, &errors, question)
        };
        figures.iter().enumerate().map(one).collect()
    };
    tallies.iter().map(all).collect()
}

/// Artificialised and impermeable soil of each zone at a date, and of all together at the end.
pub fn of_state(survey: &Survey, side: usize, question: &Question) -> Vec<[Interval; 2]> {
    let both = [false, true].map(|sealed| of(survey, question, Some(side), sealed, &STATE));
    both[0].iter().zip(&both[1]).map(|(artif, sealed)| [artif[0], sealed[0]]).collect()
}

/// Gain, loss and net of each zone, artificialised and impermeable, and of all together at the end.
pub fn of_flux(survey: &Survey, question: &Question) -> Vec<[Interval; 6]> {
    let both = [false, true].map(|sealed| of(survey, question, None, sealed, &FLUX));
    let six = |(artif, sealed): (&Vec<Interval>, &Vec<Interval>)| {
        [artif[0], artif[1], artif[2], sealed[0], sealed[1], sealed[2]]
    };
    both[0].iter().zip(&both[1]).map(six).collect()
}

/// Names of the figures, in the order of [`of_state`].
pub const STATE_NAMES: [&str; 2] = ["artif", "imper"];
/// Names of the figures, in the order of [`of_flux`].
pub const FLUX_NAMES: [&str; 6] = ["gain", "loss", "net", "imper_gain", "imper_loss", "imper_net"];

/// Adds low, high and, of a net figure, the verdict to a table by zone.
pub fn columns(sheet: &mut Sheet, name: &str, unit: &'static str, intervals: &[Option<Interval>], net: bool) {
    let of = |pick: fn(&Interval) -> f64| intervals.iter().map(|found| found.as_ref().map(pick)).collect();
    let ending = if unit == "ha/a" { "_ha_per_year" } else { "_ha" };
    sheet.numbers(
        &format!("{name}_low{ending}"),
        unit,
        text!(fr: "Bas de l'intervalle à 95 % (contours, classement, seuils)", en: "Low end of the 95 % interval (outlines, classes, thresholds)"),
        of(|interval| interval.low),
    );
    sheet.numbers(
        &format!("{name}_high{ending}"),
        unit,
        text!(fr: "Haut de l'intervalle à 95 %", en: "High end of the 95 % interval"),
        of(|interval| interval.high),
    );
    if net {
        let verdict =
            |found: &Option<Interval>| found.map_or_else(String::new, |found| found.verdict().words().fr);
        sheet.words(
            &format!("{name}_verdict"),
            text!(fr: "hausse, baisse, ou « ne se distingue pas de zéro » si l'intervalle contient zéro", en: "hausse (increase), baisse (decrease), or \"ne se distingue pas de zéro\" (not distinguishable from zero) where the interval holds zero"),
            intervals.iter().map(verdict).collect(),
        );
    }
}

/// Figures as a table: a row for each zone and figure, with the parts of the interval.
pub fn sheet(figures: &[Figure]) -> Sheet {
    let mut sheet = Sheet::new("zan_uncertainty");
    let words = |pick: fn(&Figure) -> String| figures.iter().map(pick).collect::<Vec<String>>();
    sheet.words(
        "zone_id",
        text!(fr: "Code de la zone ; Σ pour l'ensemble", en: "Code of the zone; Σ for all together"),
        words(|figure| figure.zone.clone()),
    );
    sheet.words(
        "from",
        text!(fr: "Première date, ou la seule", en: "First date, or the only one"),
        words(|figure| figure.from.clone()),
    );
    sheet.words(
        "to",
        text!(fr: "Seconde date ; vide pour un état", en: "Second date; empty for a state"),
        words(|figure| figure.to.clone()),
    );
    sheet.words("figure", text!(fr: "artif, imper : états ; gain, loss, net, imper_… : flux", en: "artif, imper: states; gain, loss, net, imper_…: fluxes"), words(|figure| figure.name.to_owned()));
    let mut add = |name: &str, meaning: Text, pick: fn(&Interval) -> f64| {
        sheet.numbers(
            name,
            "ha",
            meaning,
            figures.iter().map(|figure| Some(pick(&figure.interval))).collect(),
        );
    };
    add("value_ha", text!(fr: "Chiffre tel que cartographié", en: "Figure as mapped"), |i| i.value);
    add(
        "adjusted_ha",
        text!(fr: "Chiffre corrigé des erreurs de classement (Olofsson 2014)", en: "Figure adjusted for errors of classes (Olofsson 2014)"),
        |i| i.adjusted,
    );
    add(
        "edge_ha",
        text!(fr: "Demi-largeur à 95 % due aux contours", en: "Half-width of 95 % by outlines"),
        |i| i.edge,
    );
    add(
        "class_ha",
        text!(fr: "Demi-largeur à 95 % due au classement", en: "Half-width of 95 % by classes"),
        |i| i.class,
    );
    add(
        "threshold_down_ha",
        text!(fr: "De combien les seuils, déplacés de l'erreur des contours, peuvent l'abaisser", en: "By how much thresholds, moved by the error of outlines, may lower it"),
        |i| i.threshold[0],
    );
    add(
        "threshold_up_ha",
        text!(fr: "De combien ils peuvent le relever", en: "By how much they may raise it"),
        |i| i.threshold[1],
    );
    add("low_ha", text!(fr: "Bas de l'intervalle à 95 %", en: "Low end of the 95 % interval"), |i| i.low);
    add("high_ha", text!(fr: "Haut de l'intervalle à 95 %", en: "High end of the 95 % interval"), |i| {
        i.high
    });
    let verdict = |figure: &Figure| match figure.name {
        "net" | "imper_net" => figure.interval.verdict().words().fr,
        _ => String::new(),
    };
    sheet.words("verdict", text!(fr: "Pour un solde : hausse, baisse, ou « ne se distingue pas de zéro »", en: "Of a net figure: hausse (increase), baisse (decrease), or \"ne se distingue pas de zéro\" (not distinguishable from zero)"), figures.iter().map(verdict).collect());
    sheet
}

/// The sentence for all zones together; none where there is nothing to compare.
pub fn sentence(net: &Interval, from: &str, to: &str) -> Text {
    let (fr_when, en_when) = match from {
        "" => (String::new(), String::new()),
        from => (format!(", {from} à {to}"), format!(", {from} to {to}")),
    };
    if !net.is_estimated() {
        return text!(
            fr: "artificialisation nette de l'ensemble{fr_when} : aucun changement relevé ; ce qui a pu échapper aux données ne s'estime pas sans matrice d'erreurs des changements",
            en: "net artificialisation of all zones{en_when}: no change found; what the data may have missed cannot be estimated without a matrix of errors of changes",
        );
    }
    let [value, low, high] = [net.value, net.low, net.high].map(|area| text::number(area, 2));
    let Text { fr, en } = net.verdict().words();
    let [fr_figures, en_figures] = [[&value.fr, &low.fr, &high.fr], [&value.en, &low.en, &high.en]];
    let ([fr_value, fr_low, fr_high], [en_value, en_low, en_high]) = (fr_figures, en_figures);
    text!(
        fr: "artificialisation nette de l'ensemble{fr_when} : {fr_value} ha, intervalle à 95 % de {fr_low} à {fr_high} ha : {fr}",
        en: "net artificialisation of all zones{en_when}: {en_value} ha, 95 % interval {en_low} to {en_high} ha: {en}",
    )
}
