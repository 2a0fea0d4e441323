//! A record too long for memory, looked at period by period.
//!
//! In: chapters of a record (calendar years, or months); out: for each a folder with all that a short record gets, and above
//! them `stations` with a row per station and period, and a page that leads to each. Checks, faults and indicators are those of
//! the period: a sensor that was mended in spring is sound in summer. Fails where: a period without any station of the sheet is
//! passed over, and told; the night over the end of a period belongs to none. Cost: as one period after the other.

use super::indicators::Baseline;
use super::output::Output;
use super::page::{both, frame, head};
use super::plot::escape;
use super::words::{moment, sentences};
use super::{Done, Order, Survey, tables};
use crate::formats::sensors::Chapters;
use crate::formats::vector::{Field, FieldKind, Layer, Value};
use crate::text;
use crate::text::{Fault, Text};
use std::fmt::Write as _;

/// What the upper page says of a period.
struct Period {
    name: String,
    from: i64,
    to: i64,
    stations: usize,
    faulty: usize,
    faults: Vec<Text>,
    /// The warmest station by night, K.
    warmest: Option<(String, f64)>,
    baseline: Baseline,
}

/// Checks all periods and writes what was found.
pub(super) fn make(
    order: &Order,
    mut chapters: Chapters,
    readings: u64,
    mut remarks: Vec<Text>,
) -> Result<Done, Fault> {
    let store = Output::open(&order.out)?;
    let (mut periods, mut files) = (Vec::new(), Vec::new());
    let mut all: Option<(Layer, Vec<(Text, &'static str)>)> = None;
    let mut first_fault = None;
    for chapter in 0..chapters.len() {
        let name = chapters.name(chapter).to_owned();
        let series = chapters.series(chapter)?;
        let filled = series.stations.iter().flat_map(|(_, values)| values).filter(|v| !v.is_nan()).count();
        let mut survey = match Survey::from(order, series, filled as u64, Vec::new()) {
            Ok(survey) => survey,
            Err(fault) => {
                remarks.push(dated(&name, &fault.0));
                first_fault = first_fault.or(Some(fault));
                continue;
            }
        };
        let own = Output::open(&order.out.join(&name))?;
        super::write(&survey, order, &own)?;
        files.extend(own.into_files().into_iter().map(|file| format!("{name}/{file}")));
        let (layer, columns) = tables::stations(&survey, order);
        add(&mut all, &name, layer, columns);
        for remark in std::mem::take(&mut survey.remarks) {
            if !remarks.iter().any(|known| known.en == remark.en) {
                remarks.push(remark);
            }
        }
        periods.push(period(name, &survey));
    }
    let Some((layer, columns)) = all else {
        return Err(first_fault.unwrap_or_else(|| super::nothing_read(order)));
    };
    tables::write_layer(&store, "stations", &layer, &columns)?;
    remarks.insert(0, told(order, &periods));
    store.write("sensors.html", page(&periods, &remarks).as_bytes())?;
    files.extend(store.into_files());
    files.sort();
    Ok(Done {
        stations: periods.iter().map(|period| period.stations).max().unwrap_or(0),
        readings,
        faulty: periods.iter().map(|period| period.faulty).max().unwrap_or(0),
        remarks,
        faults: periods.iter().flat_map(|p| p.faults.iter().map(|fault| dated(&p.name, fault))).collect(),
        files,
    })
}

fn dated(name: &str, text: &Text) -> Text {
    Text { fr: format!("{name} : {}", text.fr), en: format!("{name}: {}", text.en) }
}

fn told(order: &Order, periods: &[Period]) -> Text {
    let (count, out) = (periods.len(), order.out.display());
    text!(
        fr: "les mesures sont trop longues pour être contrôlées d'un bloc : {count} périodes, chacune dans son dossier de {out} ; --period DÉBUT/FIN n'en regarde qu'une",
        en: "the readings are too long to be checked as one: {count} periods, each in its folder of {out}; --period START/END looks at one only",
    )
}

fn period(name: String, survey: &Survey) -> Period {
    let figures = survey.indicators.stations.iter().enumerate();
    let fit = figures.filter(|(s, f)| survey.indicators.usable[*s].0 && f.heat_night.is_finite());
    let warmest = fit.max_by(|a, b| a.1.heat_night.total_cmp(&b.1.heat_night));
    Period {
        name,
        from: survey.network.first,
        to: survey.network.instant(survey.network.steps - 1),
        stations: survey.sheet.entries.len(),
        faulty: survey.faults.iter().filter(|faults| !faults.is_empty()).count(),
        faults: sentences(survey),
        warmest: warmest.map(|(s, f)| (survey.sheet.entries[s].name.clone(), f.heat_night)),
        baseline: survey.indicators.baseline,
    }
}

/// Adds a period's rows, with its name as their second column.
fn add(
    all: &mut Option<(Layer, Vec<(Text, &'static str)>)>,
    name: &str,
    mut layer: Layer,
    mut columns: Vec<(Text, &'static str)>,
) {
    layer.fields.insert(1, Field { name: "period".to_owned(), kind: FieldKind::Text });
    columns.insert(1, (text!(fr: "Période, année ou mois UTC", en: "Period, year or month UTC"), ""));
    layer.features.iter_mut().for_each(|feature| feature.values.insert(1, Value::Text(name.to_owned())));
    match all {
        Some((known, _)) => known.features.append(&mut layer.features),
        None => *all = Some((layer, columns)),
    }
}

fn page(periods: &[Period], remarks: &[Text]) -> String {
    let heads = [
        text!(fr: "Période", en: "Period"),
        text!(fr: "Du", en: "From"),
        text!(fr: "Au", en: "To"),
        text!(fr: "Stations", en: "Stations"),
        text!(fr: "En défaut", en: "With a fault"),
        text!(fr: "Nuits les plus chaudes", en: "Warmest nights"),
        text!(fr: "Écart à", en: "Difference from"),
    ];
    let mut body = format!("<table>{}", head(&heads));
    for Period { name, from, to, stations, faulty, warmest, baseline, .. } in periods {
        let (from, to) = (both(&moment(*from)), both(&moment(*to)));
        let warmest = warmest.as_ref().map_or("–".to_owned(), |(station, warmth)| {
            format!("{} {} K", escape(station), both(&text::number(*warmth, 1)))
        });
        let base = both(&baseline.words());
        let _ = write!(
            body,
            "<tr><td><a href=\"{name}/sensors.html\">{name}</a></td><td>{from}</td><td>{to}</td><td>{stations}</td><td>{faulty}</td><td>{warmest}</td><td>{base}</td></tr>"
        );
    }
    body += "</table>";
    let mut faults: Vec<Text> =
        periods.iter().flat_map(|p| p.faults.iter().map(|fault| dated(&p.name, fault))).collect();
    if faults.is_empty() {
        faults.push(
            text!(fr: "Aucun défaut de station n'a été trouvé.", en: "No fault of a station was found."),
        );
    }
    let items = |texts: &mut dyn Iterator<Item = Text>| {
        texts.map(|text| format!("<li>{}</li>", both(&text))).collect::<String>()
    };
    let wrong = both(&text!(fr: "Ce qui ne va pas", en: "What is wrong"));
    let known = both(&text!(fr: "À savoir", en: "To be known"));
    let _ = write!(body, "<h2>{wrong}</h2><ul>{}</ul>", items(&mut faults.into_iter()));
    let _ = write!(body, "<h2>{known}</h2><ul>{}</ul>", items(&mut remarks.iter().cloned()));
    frame(
        &text!(fr: "Réseau de capteurs, période par période", en: "Sensor network, period by period"),
        &body,
    )
}
