//! The pages: one for each commune, ready for A4, and the index.

use super::facts::{Commune, Rows, partly, verdict};
use super::map::{self, Change};
use super::words::{category, cover, hectares, number, or_dash, shown, signed, usage};
use super::{Figure, Given, charts};
use crate::measures::sensors::plot::escape;
use crate::measures::zan::tables::Sheet;
use crate::text;
use crate::text::{Language, Text};
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

/// Passages from category to category that are listed.
const MOVES: usize = 8;
/// Changes that are listed.
const LISTED: usize = 10;

fn frame(title: &str, body: &str) -> String {
    let language = if Language::spoken() == Language::French { "fr" } else { "en" };
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n",
        escape(title)
    )
}

fn heading(body: &mut String, mark: &str, text: &Text) {
    let _ = write!(body, "<h2><b>{mark}</b>{}</h2>", shown(text));
}

fn say(body: &mut String, class: &str, text: &Text) {
    let _ = write!(body, "<p class=\"{class}\">{}</p>", shown(text));
}

/// The head of a table; the last so many columns are numbers.
fn heads(body: &mut String, class: &str, heads: &[Text], numbers: usize) {
    let first = heads.len() - numbers;
    let head = |(place, head): (usize, &Text)| {
        let class = if place >= first { " class=\"n\"" } else { "" };
        format!("<th{class}>{}</th>", shown(head))
    };
    let row: String = heads.iter().enumerate().map(head).collect();
    let _ = write!(body, "<table class=\"{class}\"><thead><tr>{row}</tr></thead><tbody>");
}

/// The page of a commune.
pub fn of(commune: &Commune, changes: Option<&Sheet>, given: &Given<'_>) -> String {
    let mut body = head(commune);
    tiles(commune, &mut body);
    consumed(commune, &mut body);
    balance(commune, &mut body);
    picture(commune, changes, &mut body);
    sealed(commune, &mut body);
    objectives(commune, &mut body);
    sources(given, &mut body);
    frame(&format!("{} – ZAN", commune.title()), &format!("<main>{body}</main>"))
}

fn period(commune: &Commune) -> String {
    let first = commune.states.first().map(|state| &state.date);
    let first = commune.fluxes.first().map(|flux| &flux.period.0).or(first);
    let last = commune.last().map(|flux| &flux.period.1).or(commune.states.last().map(|state| &state.date));
    match (first, last) {
        (Some(first), Some(last)) if first != last => span(first, last),
        (Some(first), _) => first.clone(),
        _ => "–".to_owned(),
    }
}

/// A period that no line breaks.
fn span(from: &str, to: &str) -> String {
    if from == to { from.to_owned() } else { format!("{from}\u{a0}–\u{a0}{to}") }
}

fn head(commune: &Commune) -> String {
    let kind = text!(fr: "Rapport triennal relatif à l'artificialisation des sols", en: "Three-yearly report on artificialised soil");
    let law = text!(fr: "Articles L. 2231-1 et R. 2231-1 du code général des collectivités territoriales", en: "Articles L. 2231-1 and R. 2231-1 of the Code général des collectivités territoriales");
    let council = text!(fr: "Présenté au conseil le", en: "Presented to the council on");
    let area = text!(fr: "Territoire", en: "Territory");
    let dates = text!(fr: "OCS GE", en: "OCS GE");
    format!(
        "<header><p class=\"kind\">{}</p><h1>{}</h1><p class=\"law\">{}</p><dl><div><dt>Code</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{} ha</dd></div><div><dt>{}</dt><dd>{}</dd></div><div class=\"sign\"><dt>{}</dt><dd></dd></div></dl></header>",
        shown(&kind),
        escape(commune.title()),
        shown(&law),
        escape(&commune.id),
        shown(&area),
        or_dash(commune.area, |area| number(area, 1)),
        shown(&dates),
        escape(&period(commune)),
        shown(&council),
    )
}

fn tile(body: &mut String, mark: &str, label: &Text, value: &str, unit: &str, note: &str) {
    let _ = write!(
        body,
        "<div class=\"tile\"><p class=\"label\"><b>{mark}</b>{}</p><p class=\"big\">{value}<small>{unit}</small></p><p class=\"note\">{note}</p></div>",
        shown(label)
    );
}

fn tiles(commune: &Commune, body: &mut String) {
    body.push_str("<section class=\"tiles\">");
    let none = shown(&text!(fr: "non calculé : table non donnée", en: "not computed: table not given"));
    let enaf = commune.enaf.as_ref();
    let since = enaf.and_then(|enaf| enaf.since.0);
    let note = enaf.map_or(none.clone(), |enaf| {
        let (from, to) = enaf.seen();
        escape(&span(&from, &to))
    });
    tile(
        body,
        "1°",
        &text!(fr: "ENAF consommés", en: "ENAF consumed"),
        &or_dash(since, hectares),
        " ha",
        &note,
    );
    let flux = commune.last();
    let interval = flux.and_then(|flux| flux.intervals[2]);
    let mut notes: Vec<String> = Vec::new();
    if let Some(flux) = flux {
        notes.push(escape(&span(&flux.period.0, &flux.period.1)));
        notes.push(shown(&partly(flux.known)));
    }
    notes.push(match (flux, interval) {
        (Some(_), Some((low, high))) => {
            let (low, high) = (signed(low), signed(high));
            shown(&text!(fr: "intervalle à 95 % : {low} à {high}", en: "95 % interval: {low} to {high}"))
        }
        (Some(flux), None) if flux.net.is_none() => shown(&unmeasured()),
        (Some(_), None) => shown(&text!(fr: "intervalle non estimé : aucun changement relevé", en: "interval not estimated: no change found")),
        (None, _) => shown(&text!(fr: "non calculé : une seule date", en: "not computed: one date only")),
    });
    notes.retain(|note| !note.is_empty());
    let note = notes.join("<br>");
    tile(
        body,
        "2°",
        &text!(fr: "Solde artificialisé", en: "Balance"),
        &or_dash(flux.and_then(|flux| flux.net), signed),
        " ha",
        &note,
    );
    let state = commune.states.last();
    let gained = flux.and_then(|flux| flux.sealed[2]);
    let (value, unit) = match (state.and_then(|state| state.sealed.1), gained) {
        (Some(share), _) => (number(share, 1), " %"),
        (None, gained) => (or_dash(gained, signed), " ha"),
    };
    let mut notes = vec![shown(&partly(state.and_then(|state| state.known)))];
    notes.extend(gained.zip(flux).map(|(net, flux)| {
        let (net, when) = (signed(net), span(&flux.period.0, &flux.period.1));
        match state.is_some() {
            true => shown(&text!(fr: "{net} ha, {when}", en: "{net} ha, {when}")),
            false => escape(&when),
        }
    }));
    notes.retain(|note| !note.is_empty());
    let note = notes.join("<br>");
    tile(body, "3°", &text!(fr: "Imperméable", en: "Impermeable"), &value, unit, &note);
    let used = enaf.and_then(|enaf| enaf.used);
    let note = enaf.map_or(none, |enaf| {
        let kept = enaf.outlook().map(|outlook| match outlook.kept {
            true => text!(fr: " : tenu à ce rythme", en: ": kept at this pace"),
            false => text!(fr: " : non tenu à ce rythme", en: ": missed at this pace"),
        });
        let used = text!(fr: "de la consommation permise", en: "of what may be consumed");
        format!("{}{}", shown(&used), kept.map_or(String::new(), |kept| shown(&kept)))
    });
    tile(
        body,
        "4°",
        &text!(fr: "Objectif", en: "Objective"),
        &or_dash(used, |used| number(used, 0)),
        " %",
        &note,
    );
    body.push_str("</section>");
}

/// A unit as a page has it.
fn unit(unit: &str) -> String {
    match unit {
        "ha/a" => text!(fr: "ha/an", en: "ha/year").to_string(),
        unit => unit.to_owned(),
    }
}

/// A table of figures, with their intervals and notes.
fn table(body: &mut String, figures: &[&Figure]) {
    let heads = [
        text!(fr: "Indicateur", en: "Indicator"),
        text!(fr: "Période", en: "Period"),
        text!(fr: "Valeur", en: "Value"),
        text!(fr: "Intervalle à 95 %", en: "95 % interval"),
    ];
    let with_interval = figures.iter().any(|figure| figure.interval.is_some());
    let numbers = 1 + usize::from(with_interval);
    self::heads(body, "figures", &heads[..2 + numbers], numbers);
    for figure in figures {
        let (from, to) = &figure.period;
        let when = span(from, to);
        let value =
            or_dash(
                figure.value,
                |value| if figure.unit == "%" { number(value, 2) } else { hectares(value) },
            );
        let note = if figure.note.fr.is_empty() {
            String::new()
        } else {
            format!("<small>{}</small>", shown(&figure.note))
        };
        let _ = write!(
            body,
            "<tr><td>{}{note}</td><td class=\"when\">{}</td><td class=\"n\">{value} {}</td>",
            shown(&figure.indicator),
            escape(&when),
            unit(figure.unit)
        );
        if with_interval {
            let interval = figure
                .interval
                .map_or("–".to_owned(), |(low, high)| format!("{} … {}", hectares(low), hectares(high)));
            let _ = write!(body, "<td class=\"n\">{interval}</td>");
        }
        body.push_str("</tr>");
    }
    body.push_str("</tbody></table>");
}

fn item(commune: &Commune, item: u8, body: &mut String) {
    let figures = commune.figures();
    let own: Vec<&Figure> = figures.iter().filter(|figure| figure.item == item).collect();
    table(body, &own);
    let mut sources: Vec<String> = own.iter().map(|figure| shown(&figure.source)).collect();
    sources.dedup();
    let _ = write!(body, "<p class=\"source\">{}</p>", sources.join(" · "));
}

fn consumed(commune: &Commune, body: &mut String) {
    body.push_str("<section>");
    heading(
        body,
        "1°",
        &text!(fr: "Espaces naturels, agricoles et forestiers consommés", en: "Natural, agricultural and forest land consumed"),
    );
    if let Some(chart) = commune.enaf.as_ref().and_then(charts::years) {
        let label = text!(fr: "Consommation par an, ha", en: "Consumption by year, ha");
        let _ = write!(body, "<figure><figcaption>{}</figcaption>{chart}</figure>", shown(&label));
    }
    item(commune, 1, body);
    body.push_str("</section>");
}

fn balance(commune: &Commune, body: &mut String) {
    body.push_str("<section>");
    heading(
        body,
        "2°",
        &text!(fr: "Solde des surfaces artificialisées et désartificialisées", en: "Balance of what was artificialised and given back"),
    );
    if let Some(flux) = commune.last() {
        let when = span(&flux.period.0, &flux.period.1);
        if let Some(Text { fr, en }) = verdict(flux) {
            let seen = partly(flux.known);
            let (fr_seen, en_seen) = match seen.fr.is_empty() {
                true => (String::new(), String::new()),
                false => (format!(", {}", seen.fr), format!(", {}", seen.en)),
            };
            say(body, "verdict", &text!(fr: "{when}{fr_seen} : {fr}", en: "{when}{en_seen}: {en}"));
        }
        match charts::balance(flux) {
            Some(chart) => {
                let label = text!(fr: "Par catégorie de la nomenclature, {when}", en: "By category of the nomenclature, {when}");
                let _ = write!(body, "<figure><figcaption>{}</figcaption>{chart}</figure>", shown(&label));
            }
            None => say(body, "verdict", &nothing(commune)),
        }
        moves(flux, body);
    }
    item(commune, 2, body);
    if let Some([gain, loss]) = commune.last().map(|flux| flux.slivers.map(|part| part.unwrap_or(0.0)))
        && gain + loss > 0.0
    {
        let (gain, loss) = (hectares(gain), hectares(loss));
        say(
            body,
            "source",
            &text!(
                fr: "Dont liserés de moins d'un mètre, peut-être de simples décalages entre les deux relevés : {gain} ha de gain, {loss} ha de perte.",
                en: "Of which slivers thinner than a metre, perhaps mere shifts between both surveys: {gain} ha of gain, {loss} ha of loss.",
            ),
        );
    }
    body.push_str("</section>");
}

/// What to say where both dates have nothing in common.
fn unmeasured() -> Text {
    text!(fr: "non mesuré : aucune surface n'est connue aux deux dates", en: "not measured: no area is known at both dates")
}

/// What to say where nothing changed.
fn nothing(commune: &Commune) -> Text {
    if commune.last().is_some_and(|flux| flux.net.is_none()) {
        return unmeasured();
    }
    if commune.states.is_empty() {
        return text!(
            fr: "La couche de changements n'en contient aucun ici ; si elle ne couvre pas ce territoire, ce n'est pas un zéro.",
            en: "The layer of changes holds none here; where it does not cover this territory, that is no zero.",
        );
    }
    text!(fr: "Aucun changement d'état n'a été relevé sur la période.", en: "No change of status was found in the period.")
}

/// What became what.
fn moves(flux: &super::facts::Flux, body: &mut String) {
    let mut all: Vec<((u8, u8), f64)> = flux.moves.iter().map(|(pair, area)| (*pair, *area)).collect();
    if all.is_empty() {
        return;
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let heads =
        [text!(fr: "Avant", en: "Before"), text!(fr: "Après", en: "After"), text!(fr: "Surface", en: "Area")];
    self::heads(body, "figures", &heads, 1);
    for ((before, after), area) in all.iter().take(MOVES) {
        let class = if *after <= 5 { "gain" } else { "loss" };
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{}</td><td class=\"n {class}\">{} ha</td></tr>",
            shown(&category(*before)),
            shown(&category(*after)),
            hectares(*area)
        );
    }
    body.push_str("</tbody></table>");
    let (rest, area) = (all.len().saturating_sub(MOVES), all.iter().skip(MOVES).map(|(_, area)| area).sum());
    if rest > 0 {
        let area: String = hectares(area);
        say(
            body,
            "source",
            &text!(fr: "Et {rest} autres passages, {area} ha en tout.", en: "And {rest} others, {area} ha in all."),
        );
    }
}

fn picture(commune: &Commune, sheet: Option<&Sheet>, body: &mut String) {
    let changes = map::changes(commune, sheet);
    let Some(drawn) = map::draw(commune, sheet, &changes).filter(|_| !commune.fluxes.is_empty()) else {
        return;
    };
    body.push_str("<section class=\"whole\">");
    heading(body, "", &text!(fr: "Où le sol a changé d'état", en: "Where the soil changed its status"));
    let _ = write!(body, "<figure>{drawn}{}</figure>", map::legend(&changes));
    if commune.last().is_some_and(|flux| !partly(flux.known).fr.is_empty()) {
        say(
            body,
            "source",
            &text!(
                fr: "La carte ne distingue pas ce qui n'a pas changé de ce qui n'est pas connu aux deux dates.",
                en: "The map does not tell what did not change from what is not known at both dates.",
            ),
        );
    }
    listed(sheet, &changes, body);
    body.push_str("</section>");
}

/// The largest changes, with what they were and what they became.
fn listed(sheet: Option<&Sheet>, changes: &[Change], body: &mut String) {
    let Some(sheet) = sheet.filter(|_| !changes.is_empty()) else { return };
    let heads = [
        text!(fr: "Plus grands changements", en: "Largest changes"),
        text!(fr: "Avant", en: "Before"),
        text!(fr: "Après", en: "After"),
        text!(fr: "Surface", en: "Area"),
    ];
    self::heads(body, "figures", &heads, 1);
    let rows = Rows(sheet);
    for change in changes.iter().take(LISTED) {
        let word = |name: &str| rows.word(change.row, name);
        let land = |cs: &str, us: &str| format!("{}, {}", shown(&cover(&word(cs))), shown(&usage(&word(us))));
        let (kind, class) = if change.gain {
            (text!(fr: "artificialisé", en: "artificialised"), "gain")
        } else {
            (text!(fr: "désartificialisé", en: "given back"), "loss")
        };
        let _ = write!(
            body,
            "<tr><td class=\"{class}\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{} m²</td></tr>",
            shown(&kind),
            land("cs_before", "us_before"),
            land("cs_after", "us_after"),
            number(change.area, 0)
        );
    }
    body.push_str("</tbody></table>");
    say(
        body,
        "source",
        &text!(fr: "Surface du polygone entier, même s'il dépasse la limite ; les sommes ci-dessus sont découpées.", en: "Area of the whole polygon, even beyond the border; the sums above are cut."),
    );
}

fn sealed(commune: &Commune, body: &mut String) {
    body.push_str("<section>");
    heading(body, "3°", &text!(fr: "Surfaces rendues imperméables", en: "Soil made impermeable"));
    item(commune, 3, body);
    body.push_str("</section>");
}

fn objectives(commune: &Commune, body: &mut String) {
    body.push_str("<section>");
    heading(body, "4°", &text!(fr: "Respect des objectifs", en: "Whether the objectives are kept"));
    if let Some(enaf) = &commune.enaf {
        if let Some(outlook) = enaf.outlook() {
            say(body, "verdict", &outlook.words);
        }
        body.push_str(&enaf.used.map_or(String::new(), charts::gauge));
    }
    item(commune, 4, body);
    say(
        body,
        "source",
        &text!(
            fr: "Le trait marque ce qui est permis. Les alinéas 2° à 4° ne sont exigés qu'à partir de 2031. ENAF et artificialisation sont deux mesures distinctes, qui ne s'additionnent pas.",
            en: "The line marks what is allowed. Items 2° to 4° are asked for from 2031 on only. ENAF and artificialisation are two different measures, which do not add up.",
        ),
    );
    body.push_str("</section>");
}

fn sources(given: &Given<'_>, body: &mut String) {
    body.push_str("<section class=\"sources\">");
    heading(body, "", &text!(fr: "Sources, méthode, contrôles", en: "Sources, method, checks"));
    let version = env!("CARGO_PKG_VERSION");
    let Text { fr: fr_mode, en: en_mode } = match given.settings["mode"].as_str().unwrap_or("–") {
        "matrix" => {
            text!(fr: "matrice du décret, sans les seuils", en: "the decree's matrix, without thresholds")
        }
        "recompute" => text!(fr: "matrice et seuils du décret", en: "the decree's matrix and thresholds"),
        "ign" => text!(fr: "attribut livré par l'IGN", en: "attribute delivered by IGN"),
        "lidar" => {
            text!(fr: "occupation du sol tirée du LiDAR, matrice et seuils", en: "land cover from LiDAR, matrix and thresholds")
        }
        other => text!(fr: "{other}", en: "{other}"),
    };
    say(
        body,
        "",
        &text!(
            fr: "Calculé par ilot {version} ({fr_mode}), surfaces en plan dans la projection des données, découpées aux limites du territoire.",
            en: "Computed by ilot {version} ({en_mode}), areas on the plane in the projection of the data, cut at the territory's borders.",
        ),
    );
    list(body, given.remarks.iter().chain(&given.closures).map(shown));
    body.push_str("<table class=\"hashes\"><tbody>");
    for input in given.inputs {
        let path = input["path"].as_str().unwrap_or("");
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let hash = input["sha256"].as_str().unwrap_or("–");
        let _ = write!(body, "<tr><td>{}</td><td><code>{}</code></td></tr>", escape(name), escape(hash));
    }
    body.push_str("</tbody></table></section>");
}

fn list(body: &mut String, items: impl Iterator<Item = String>) {
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    if !items.is_empty() {
        let _ = write!(body, "<ul>{items}</ul>");
    }
}

/// All communes, with their figures.
pub fn index(communes: &[Commune], names: &[String], given: &Given<'_>) -> String {
    let title = text!(fr: "Rapports triennaux : artificialisation des sols", en: "Three-yearly reports: artificialised soil");
    let count = communes.len();
    let about =
        text!(fr: "{count} territoires ; un rapport par ligne.", en: "{count} territories; a report a line.");
    let mut body = format!(
        "<main><header><p class=\"kind\">ZAN</p><h1>{}</h1><p class=\"law\">{}</p></header>",
        shown(&title),
        shown(&about)
    );
    let heads = [
        text!(fr: "Territoire", en: "Territory"),
        text!(fr: "Code", en: "Code"),
        text!(fr: "Surface, ha", en: "Area, ha"),
        text!(fr: "Artif., ha", en: "Artif., ha"),
        text!(fr: "Désartif., ha", en: "Given back, ha"),
        text!(fr: "Solde, ha", en: "Balance, ha"),
        text!(fr: "Imperm., %", en: "Imperm., %"),
        text!(fr: "ENAF, % permis", en: "ENAF, % allowed"),
        text!(fr: "Connu, %", en: "Known, %"),
    ];
    let known = |commune: &Commune| {
        let all = commune
            .states
            .iter()
            .map(|state| state.known)
            .chain([commune.last().and_then(|flux| flux.known)]);
        all.flatten().reduce(f64::min)
    };
    body.push_str("<section>");
    self::heads(&mut body, "figures index", &heads, 7);
    for (commune, name) in communes.iter().zip(names) {
        let flux = commune.last();
        let cells = [
            or_dash(commune.area, |area| number(area, 1)),
            or_dash(flux.and_then(|flux| flux.gain), hectares),
            or_dash(flux.and_then(|flux| flux.loss), hectares),
            or_dash(flux.and_then(|flux| flux.net), signed),
            or_dash(commune.states.last().and_then(|state| state.sealed.1), |share| number(share, 1)),
            or_dash(commune.enaf.as_ref().and_then(|enaf| enaf.used), |used| number(used, 0)),
            or_dash(known(commune), |known| number(known, if known < 99.95 { 1 } else { 0 })),
        ];
        let missed =
            commune.enaf.as_ref().and_then(|enaf| enaf.outlook()).is_some_and(|outlook| !outlook.kept);
        let class = |place: usize| if place == 5 && missed { "n gain" } else { "n" };
        let cell = |(place, cell): (usize, &String)| format!("<td class=\"{}\">{cell}</td>", class(place));
        let cells: Vec<String> = cells.iter().enumerate().map(cell).collect();
        let _ = write!(
            body,
            "<tr><td><a href=\"{name}.html\">{}</a></td><td class=\"code\">{}</td>{}</tr>",
            escape(commune.title()),
            escape(&commune.id),
            cells.concat()
        );
    }
    body.push_str("</tbody></table>");
    say(
        &mut body,
        "source",
        &text!(
            fr: "Surfaces et parts ne portent que sur la partie connue de chaque territoire (dernière colonne : couverte par les données à chaque date, avec un statut). ENAF en rouge : objectif non tenu au rythme actuel.",
            en: "Areas and shares are of the known part of each territory only (last column: covered by the data at each date, with a status). ENAF in red: the objective is missed at the present pace.",
        ),
    );
    body.push_str("</section>");
    sources(given, &mut body);
    body.push_str("</main>");
    frame(&title.to_string(), &body)
}
