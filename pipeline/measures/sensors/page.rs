//! One page for a network: what is wrong, what each place is like, every station's curve.
//!
//! In: a survey; out: HTML with its styles and plots inside, in French and English at the flick of a word, which opens
//! from a disk without a network. Fails nowhere. Cost: ten kilobytes a station.

use super::indicators::Baseline;
use super::plot::{Plot, escape, range, short};
use super::words::{date, flag_words, listed, moment, sentence};
use super::{Order, Survey};
use crate::text;
use crate::text::{Language, Text};
use ilot_kernels::readings::checks::Flags;
use ilot_kernels::robust::median;
use std::fmt::Write as _;

/// A row of a table's head.
pub fn head(heads: &[Text]) -> String {
    let cells: String = heads.iter().map(|head| format!("<th>{}</th>", both(head))).collect();
    format!("<tr>{cells}</tr>")
}

/// A text in both languages, of which the page shows one.
pub fn both(text: &Text) -> String {
    format!("<span lang=\"fr\">{}</span><span lang=\"en\">{}</span>", escape(&text.fr), escape(&text.en))
}

/// A page around its content.
pub fn frame(title: &Text, content: &str) -> String {
    framed(title, "", content)
}

/// A page with a look of its own beside the common one.
pub fn framed(title: &Text, style: &str, content: &str) -> String {
    let language = Language::spoken().code();
    let name = escape(title.in_language(Language::spoken()));
    let heading = both(title);
    format!(
        "<!doctype html><html lang=\"{language}\" data-speaks=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><link rel=\"icon\" href=\"data:,\"><title>{name}</title><style>{STYLE}{style}</style></head>\
         <body><p class=\"flick\"><button onclick=\"document.documentElement.dataset.speaks='fr'\">Français</button> \
         <button onclick=\"document.documentElement.dataset.speaks='en'\">English</button></p><h1>{heading}</h1>{content}</body></html>\n"
    )
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:1.5rem auto;padding:0 1rem;color:#1d2733}\
h1{font-size:1.6rem}h2{margin-top:2.2rem;font-size:1.25rem}h3{margin:1.6rem 0 .2rem;font-size:1.05rem}\
table{border-collapse:collapse;font-size:13px;display:block;overflow-x:auto}td,th{padding:.22rem .55rem;border-bottom:1px solid #dde3ea;text-align:right}\
td:first-child,th:first-child,td.words{text-align:left}tr.bad td:first-child{color:#b3261e;font-weight:600}\
svg{max-width:100%;height:auto;overflow:visible}svg text{font:11px system-ui,sans-serif;fill:#3a4654}svg path{fill:none}.grid{stroke:#e6eaf0}\
.own{stroke:#c2410c;stroke-width:1.3}.all{stroke:#9aa7b5;stroke-width:.5;opacity:.55}.middle{stroke:#1f2937;stroke-width:1.4}\
.rural{fill:#3f7d4e}.span{stroke:#9db8d6;stroke-width:1.4}.verdict{border-left:4px solid #2b6cb0;padding:.3rem .8rem;background:#f2f6fa}\
.bad{fill:#b3261e}.doubt{fill:#e0a100}.bar{fill:#c2410c}.cool{fill:#2b6cb0}.even{stroke:#9aa7b5;stroke-dasharray:4 3}\
.model{stroke:#2b6cb0;stroke-width:1.6}.point{fill:#2b6cb0;fill-opacity:.75}.note{color:#566270;font-size:13px}\
.flick{float:right}html[data-speaks=fr] [lang=en],html[data-speaks=en] [lang=fr]{display:none}\
html[data-speaks=fr][lang],html[data-speaks=en][lang]{display:block}@media print{.flick{display:none}}";

/// The page of a network.
pub fn of(survey: &Survey, order: &Order) -> String {
    let mut body = String::new();
    let (stations, readings) = (survey.sheet.entries.len(), text::number(survey.readings as f64, 0));
    let (first, last) = (survey.network.first, survey.network.instant(survey.network.steps - 1));
    let (from, to) = (moment(first), moment(last));
    let minutes = survey.network.step / 60;
    let summary = Text {
        fr: format!(
            "{stations} stations, {} mesures, du {} au {}, au pas de {minutes} min.",
            readings.fr, from.fr, to.fr
        ),
        en: format!(
            "{stations} stations, {} readings, from {} to {}, in steps of {minutes} min.",
            readings.en, from.en, to.en
        ),
    };
    let _ = write!(body, "<p>{}</p>", both(&summary));
    faults(survey, &mut body);
    remarks(survey, &mut body);
    curves(survey, &mut body);
    bars(survey, &mut body);
    table(survey, order, &mut body);
    legend(order, &mut body);
    for station in 0..stations {
        one(survey, station, &mut body);
    }
    let title = text!(fr: "Réseau de capteurs : contrôle et indicateurs", en: "Sensor network: checks and indicators");
    frame(&title, &body)
}

fn heading(body: &mut String, text: &Text) {
    let _ = write!(body, "<h2>{}</h2>", both(text));
}

fn faults(survey: &Survey, body: &mut String) {
    heading(body, &text!(fr: "Ce qui ne va pas", en: "What is wrong"));
    let found = super::words::sentences(survey);
    if found.is_empty() {
        let none =
            text!(fr: "Aucun défaut de station n'a été trouvé.", en: "No fault of a station was found.");
        let _ = write!(body, "<p>{}</p>", both(&none));
        return;
    }
    let items: String = found.iter().map(|text| format!("<li>{}</li>", both(text))).collect();
    let _ = write!(body, "<ul>{items}</ul>");
}

fn remarks(survey: &Survey, body: &mut String) {
    if !survey.remarks.is_empty() {
        heading(body, &text!(fr: "À savoir", en: "To be known"));
        let items: String = survey.remarks.iter().map(|text| format!("<li>{}</li>", both(text))).collect();
        let _ = write!(body, "<ul>{items}</ul>");
    }
}

/// The network's median at each step, of what is left.
fn middle(survey: &Survey) -> Vec<f64> {
    let one = |step: usize| {
        let known = survey.checked.left.iter().map(|left| left[step]).filter(|value| !value.is_nan());
        median(&mut known.collect::<Vec<_>>())
    };
    (0..survey.network.steps).map(one).collect()
}

fn instants(survey: &Survey) -> impl Iterator<Item = f64> + '_ {
    (0..survey.network.steps).map(|step| survey.network.instant(step) as f64)
}

fn time_range(survey: &Survey) -> (f64, f64) {
    (survey.network.first as f64, survey.network.instant(survey.network.steps) as f64)
}

fn curves(survey: &Survey, body: &mut String) {
    heading(body, &text!(fr: "Toutes les courbes", en: "All curves"));
    let values = survey.network.stations.iter().flat_map(|station| station.values.iter().copied());
    let mut plot =
        Plot::new(920.0, 300.0, time_range(survey), range(values.filter(|v| (-30.0..50.0).contains(v))));
    for left in &survey.checked.left {
        plot.curve(instants(survey).zip(left.iter().copied()), "all");
    }
    plot.curve(instants(survey).zip(middle(survey)), "middle");
    *body += &plot.svg(&text!(fr: "courbes", en: "curves"), "°C", |x| date(x as i64));
    let note = text!(
        fr: "Gris : chaque station, sans les mesures écartées ; noir : médiane du réseau.",
        en: "Grey: each station, without the readings set aside; black: the network's median.",
    );
    let _ = write!(body, "<p class=\"note\">{}</p>", both(&note));
}

/// Bars that bear their names.
const MOST_NAMES: usize = 60;

/// Heat islands by night, from the coolest to the warmest station.
fn bars(survey: &Survey, body: &mut String) {
    let mut ranked: Vec<(f64, usize)> = survey
        .indicators
        .stations
        .iter()
        .enumerate()
        .filter(|(station, figures)| survey.indicators.usable[*station].0 && figures.heat_night.is_finite())
        .map(|(station, figures)| (figures.heat_night, station))
        .collect();
    if ranked.is_empty() {
        return;
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    heading(body, &text!(fr: "Îlot de chaleur nocturne par station", en: "Heat island by night, by station"));
    let (low, high) = range(ranked.iter().map(|(value, _)| *value).chain([0.0]));
    let mut plot = Plot::new(920.0, 260.0, (0.0, ranked.len() as f64), (low, high));
    for (place, (value, station)) in ranked.iter().enumerate() {
        let entry = &survey.sheet.entries[*station];
        let class = match (entry.reference, *value < 0.0) {
            (true, _) => "rural",
            (false, true) => "cool",
            (false, false) => "bar",
        };
        plot.bar((place as f64 + 0.1, place as f64 + 0.9), *value, class);
        if ranked.len() <= MOST_NAMES {
            plot.upright(place as f64 + 0.5, &entry.name);
        }
    }
    *body += &plot.svg(&text!(fr: "îlot de chaleur", en: "heat island"), "K", |_| Text::default());
    let Text { fr, en } = survey.indicators.baseline.words();
    let note = match survey.indicators.baseline {
        Baseline::References(_) => text!(
            fr: "Écart moyen des minima de nuit à {fr} (en vert) ; stations sans défaut.",
            en: "Mean difference of night minima to {en} (green); stations without a fault.",
        ),
        Baseline::Median => text!(
            fr: "Écart moyen des minima de nuit à la médiane du réseau : aucune référence rurale.",
            en: "Mean difference of night minima to the network's median: no rural reference.",
        ),
    };
    let _ = write!(body, "<p class=\"note\">{}</p>", both(&note));
}

fn table(survey: &Survey, order: &Order, body: &mut String) {
    heading(body, &text!(fr: "Indicateurs", en: "Indicators"));
    let (tropical, hot) = (short(order.bases.tropical), short(order.bases.hot.0));
    let heads = [
        text!(fr: "Station", en: "Station"),
        text!(fr: "Nuit, K", en: "Night, K"),
        text!(fr: "Nuits intenses, K", en: "Intense nights, K"),
        text!(fr: "Jour, K", en: "Day, K"),
        text!(fr: "Minimum, °C", en: "Minimum, °C"),
        text!(fr: "Maximum, °C", en: "Maximum, °C"),
        Text { fr: format!("Nuits ≥ {} °C", tropical.fr), en: format!("Nights ≥ {} °C", tropical.en) },
        Text { fr: format!("Jours ≥ {} °C", hot.fr), en: format!("Days ≥ {} °C", hot.en) },
        text!(fr: "Refroidissement, K/h", en: "Cooling, K/h"),
    ];
    let _ = write!(body, "<table>{}", head(&heads));
    for (station, figures) in survey.indicators.stations.iter().enumerate() {
        let class = if survey.faults[station].is_empty() { "" } else { " class=\"bad\"" };
        let cell = |value: f64, decimals: usize| format!("<td>{}</td>", both(&text::number(value, decimals)));
        let name = escape(&survey.sheet.entries[station].name);
        let _ = write!(
            body,
            "<tr{class}><td><a href=\"#s{station}\">{name}</a></td>{}{}{}{}{}<td>{}</td><td>{}</td>{}</tr>",
            cell(figures.heat_night, 2),
            cell(figures.heat_intense, 2),
            cell(figures.heat_day, 2),
            cell(figures.minimum, 1),
            cell(figures.maximum, 1),
            figures.tropical,
            figures.hot.0,
            cell(figures.cooling, 2),
        );
    }
    *body += "</table>";
}

fn legend(order: &Order, body: &mut String) {
    let names = Flags::NAMES.iter().filter(|(flag, _)| order.settings.rejecting.any(*flag));
    let Text { fr, en } = listed(names.map(|(_, name)| flag_words(name)), ", ");
    let note = text!(
        fr: "Écartent une mesure (points rouges) : {fr}. Les autres drapeaux appellent un regard (points jaunes) : un îlot de chaleur est justement un écart entre lieux. Rien n'est effacé : readings_flags.csv garde toutes les mesures.",
        en: "Set a reading aside (red dots): {en}. Other flags call for a look (yellow dots): a heat island is just such a difference between places. Nothing is deleted: readings_flags.csv keeps all readings.",
    );
    heading(body, &text!(fr: "Station par station", en: "Station by station"));
    let _ = write!(body, "<p class=\"note\">{}</p>", both(&note));
}

/// The part of one station.
fn one(survey: &Survey, station: usize, body: &mut String) {
    let entry = &survey.sheet.entries[station];
    let _ = write!(body, "<h3 id=\"s{station}\">{}</h3>", escape(&entry.name));
    // What a file says is text, never markup.
    let mut about: Vec<String> = vec![escape(&entry.environment), escape(&entry.shield)];
    about.retain(|words| !words.is_empty());
    if entry.reference {
        about.push(both(&text!(fr: "référence rurale", en: "rural reference")));
    }
    let _ = write!(body, "<p class=\"note\">{}</p>", about.join(" · "));
    for fault in &survey.faults[station] {
        let _ = write!(body, "<p><b>{}</b></p>", both(&sentence(survey, fault)));
    }
    let (values, flags) = (&survey.network.stations[station].values, &survey.checked.flags[station]);
    let y = range(values.iter().copied().filter(|value| (-30.0..60.0).contains(value)));
    let mut plot = Plot::new(920.0, 200.0, time_range(survey), y);
    plot.curve(instants(survey).zip(middle(survey)), "middle");
    plot.curve(instants(survey).zip(values.iter().copied()), "own");
    dots(&mut plot, survey, station);
    let named = Text { fr: entry.name.clone(), en: entry.name.clone() };
    *body += &plot.svg(&named, "°C", |x| date(x as i64));
    let counts = Flags::NAMES.iter().filter_map(|(flag, name)| {
        let count =
            flags.iter().zip(values).filter(|(flags, value)| flags.any(*flag) && !value.is_nan()).count();
        let Text { fr, en } = flag_words(name);
        (count > 0).then(|| text!(fr: "{count} × {fr}", en: "{count} × {en}"))
    });
    let known = values.iter().filter(|value| !value.is_nan()).count();
    let Text { fr, en } = listed(counts, ", ");
    let note = if fr.is_empty() {
        text!(fr: "{known} mesures, aucun drapeau", en: "{known} readings, no flag")
    } else {
        text!(fr: "{known} mesures ; drapeaux : {fr}", en: "{known} readings; flags: {en}")
    };
    let _ = write!(body, "<p class=\"note\">{}</p>", both(&note));
}

/// Marks flagged readings, at most one in a pixel's column for each kind.
fn dots(plot: &mut Plot, survey: &Survey, station: usize) {
    let (values, flags) = (&survey.network.stations[station].values, &survey.checked.flags[station]);
    let rejected = Flags(0b1111).with(Flags::M4);
    let thinning = (survey.network.steps / 800).max(1);
    let of = |wanted: fn(Flags, Flags) -> bool| {
        (0..values.len())
            .filter(move |step| wanted(flags[*step], rejected) && !values[*step].is_nan())
            .step_by(thinning)
            .map(move |step| (survey.network.instant(step) as f64, values[step]))
            .collect::<Vec<_>>()
    };
    let doubt = of(|flags, rejected| !flags.any(rejected) && flags.any(Flags::M2.with(Flags::M5)));
    plot.dots(doubt.into_iter(), 1.3, "doubt");
    plot.dots(of(|flags, rejected| flags.any(rejected)).into_iter(), 1.5, "bad");
}
