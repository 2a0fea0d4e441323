//! A finished run → `report.html`: what was found, how sure it is, where it comes from; for people who decide.
//!
//! In: the folder of a run; every figure stands in one of its files, which is named, and is shown with the interval that the
//! file gives it; where none was estimated, that is said. Out: one page that holds its pictures, French and English, and
//! prints on A4. What the run did not make is listed with what would bring it. Fails where: the folder holds no result.
//! Cost: reading small versions of ten maps, a second or two.

mod maps;
mod rows;
mod words;

use super::inventory::Inventory;
use super::sheets::{COVER_ZONES, HEAT_ZONES, STATIONS, ZAN_FLUX, ZAN_STATE};
use crate::formats::aside;
use crate::measures::sensors::page::{both, framed};
use crate::measures::sensors::plot::{Plot, escape, range, short};
use crate::report::Spent;
use crate::text;
use crate::text::{Fault, Text, counted, number};
use rows::{Reading, Row, table, whiskers};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use words::SUBJECTS;

/// The report, below the folder of results.
pub const NAME: &str = "report.html";

/// Communes that get a card; all are in the tables.
const CARDS: usize = 6;
/// Rows of a table; the file has all.
const ROWS: usize = 60;

/// The maps that are shown, where they are there.
const MAPS: [&str; 12] = [
    "heat_night",
    "heat_night_interval",
    "cover",
    "imperviousness",
    "canopy",
    "chm",
    "utci",
    "sun_hours",
    "heat_day",
    "heat_day_interval",
    "lcz",
    "irradiation",
];

/// Writes the report of a folder.
///
/// # Errors
/// Where the folder holds no result, or the report cannot be written.
pub fn write(inventory: &Inventory) -> Result<(), Fault> {
    aside::write(&inventory.out.join(NAME), inventory.account.told(page(inventory)?).as_bytes())
}

/// The tables of the run that figures are taken from.
struct Tables {
    cover: Vec<Row>,
    heat: Vec<Row>,
    state: Vec<Row>,
    flux: Vec<Row>,
    stations: Vec<Row>,
}

impl Tables {
    fn read(inventory: &Inventory) -> Tables {
        Tables {
            cover: rows::read(inventory, &COVER_ZONES),
            heat: rows::read(inventory, &HEAT_ZONES),
            state: rows::read(inventory, &ZAN_STATE),
            flux: rows::read(inventory, &ZAN_FLUX),
            stations: rows::read(inventory, &STATIONS),
        }
    }
}

fn page(inventory: &Inventory) -> Result<String, Fault> {
    let mut tables = Tables::read(inventory);
    let mut body = String::new();
    head(inventory, &tables, &mut body);
    cards(&tables, &mut body);
    pictures(inventory, &mut body)?;
    for rows in [&mut tables.cover, &mut tables.heat, &mut tables.state, &mut tables.flux] {
        rows.truncate(ROWS);
    }
    soil(&tables, &mut body);
    warmth(inventory, &tables, &mut body);
    zan(&tables, &mut body);
    method(inventory, &mut body);
    remarks(&inventory.run, &mut body);
    sources(inventory, &mut body);
    let title = text!(fr: "Rapport de territoire", en: "Report of a territory");
    Ok(framed(&title, STYLE, &body))
}

fn heading(body: &mut String, text: &Text) {
    let _ = write!(body, "<h2>{}</h2>", both(text));
}

fn paragraph(body: &mut String, class: &str, text: &Text) {
    let _ = write!(body, "<p class=\"{class}\">{}</p>", both(text));
}

/// Names of the communes of a folder of results.
pub fn communes_of(inventory: &Inventory) -> Vec<String> {
    communes(&Tables::read(inventory))
}

/// Which communes there are, from whichever table names them.
fn communes(tables: &Tables) -> Vec<String> {
    let named = [&tables.cover, &tables.flux, &tables.heat].into_iter().find(|rows| !rows.is_empty());
    let mut names: Vec<String> = named.into_iter().flatten().map(|row| row.name().to_owned()).collect();
    names.dedup();
    names
}

const MONTHS: [[&str; 2]; 12] = [
    ["janvier", "January"],
    ["février", "February"],
    ["mars", "March"],
    ["avril", "April"],
    ["mai", "May"],
    ["juin", "June"],
    ["juillet", "July"],
    ["août", "August"],
    ["septembre", "September"],
    ["octobre", "October"],
    ["novembre", "November"],
    ["décembre", "December"],
];

/// The day on which a run ended, as people write it; a dash where it does not say.
pub fn day_of(run: &Value) -> Text {
    let text: String = run["finished"].as_str().unwrap_or_default().chars().take(10).collect();
    let Ok(date) = text.parse::<jiff::civil::Date>() else {
        return Text { fr: "–".into(), en: "–".into() };
    };
    let (day, year) = (date.day(), date.year());
    let [fr, en] = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    let first = if day == 1 { "er" } else { "" };
    text!(fr: "{day}{first} {fr} {year}", en: "{day} {en} {year}")
}

/// Whose report it is, of when, of what.
fn head(inventory: &Inventory, tables: &Tables, body: &mut String) {
    let names = communes(tables);
    if !names.is_empty() {
        let _ =
            write!(body, "<p class=\"where\">{}</p>", escape(&crate::measures::sensors::words::list(&names)));
    }
    let run = &inventory.run;
    let day = day_of(run);
    let area = covered(inventory) / 1e6;
    let area = number(area, if area < 10.0 { 2 } else { 0 });
    let points = points(run);
    let points = number(points as f64 / 1e6, 1);
    let text = Text {
        fr: format!(
            "Calcul du {}, {} km² couverts, {} millions de points LiDAR.",
            day.fr, area.fr, points.fr
        ),
        en: format!("Computed on {}, {} km² covered, {} million LiDAR points.", day.en, area.en, points.en),
    };
    paragraph(body, "note", &text);
    let mut parts = Vec::new();
    if let Some(trees) = inventory.features("trees") {
        parts.push(counted(
            trees as usize,
            ["arbre de 3 m et plus", "arbres de 3 m et plus"],
            ["tree of 3 m and more", "trees of 3 m and more"],
        ));
    }
    if let Some(buildings) = inventory.features("buildings") {
        parts.push(counted(
            buildings as usize,
            ["bâtiment de 10 m² et plus", "bâtiments de 10 m² et plus"],
            ["building of 10 m² and more", "buildings of 10 m² and more"],
        ));
    }
    if !parts.is_empty() {
        let list = |of: fn(&Text) -> &str| parts.iter().map(of).collect::<Vec<_>>().join(", ");
        let (fr, en) = (list(|text| &text.fr), list(|text| &text.en));
        paragraph(
            body,
            "note",
            &text!(
                fr: "Repérés sur l'emprise : {fr} (comptes des fichiers ; l'intervalle des arbres est donné par commune).",
                en: "Found within the extent: {en} (counts of the files; the interval of trees is given by commune).",
            ),
        );
    }
}

/// Points of the clouds that were used: those set aside gave none.
fn points(run: &Value) -> u64 {
    let list = |key: &str| run[key].as_array().map_or(&[][..], Vec::as_slice);
    let used = |input: &&Value| !list("rejected").iter().any(|rejected| rejected["path"] == input["path"]);
    list("inputs").iter().filter(used).filter_map(|input| input["points"].as_u64()).sum()
}

/// Square metres on which the widest of the elevation products has a value; the rectangle around all maps where the run
/// does not count them.
fn covered(inventory: &Inventory) -> f64 {
    let run = &inventory.run;
    let cell = run["settings"]["cell_m"].as_f64().unwrap_or(0.0);
    let counted = run["products"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|product| crate::product::ELEVATION.iter().any(|spec| product["name"] == spec.name));
    let of = |product: &Value| {
        let spec = product["name"].as_str().and_then(crate::product::named)?;
        let side = match spec.cell {
            crate::product::Cell::OfElevation => cell,
            crate::product::Cell::Metres(side) => side,
        };
        Some(product["cells_with_a_value"].as_f64()? * side * side)
    };
    let widest = counted.filter_map(of).fold(0.0, f64::max);
    if widest > 0.0 { widest } else { inventory.extent.width().0 * inventory.extent.height().0 }
}

/// What an elected official reads first: four figures a commune, each over its interval.
fn cards(tables: &Tables, body: &mut String) {
    let names = communes(tables);
    if names.is_empty() {
        paragraph(
            body,
            "verdict",
            &text!(
                fr: "Aucune limite de commune n'a été donnée : les chiffres par commune manquent, les cartes sont là (zones = \"communes.gpkg\" dans [cover], [heat] ou [zan]).",
                en: "No borders of communes were given: figures by commune are missing, the maps are there (zones = \"communes.gpkg\" in [cover], [heat] or [zan]).",
            ),
        );
        return;
    }
    heading(body, &text!(fr: "L'essentiel", en: "In short"));
    for name in names.iter().take(CARDS) {
        let of = |rows: &'_ [Row], column: &str| {
            rows.iter().rfind(|row| row.name() == name).and_then(|row| row.of(column).cloned())
        };
        let _ = write!(body, "<section class=\"commune\"><h3>{}</h3><div class=\"cards\">", escape(name));
        let mut card = |reading: Option<Reading>| {
            if let Some(reading) = reading.filter(|reading| reading.value.is_some()) {
                let doubt = if reading.may_be_nothing() { nothing() } else { String::new() };
                let label = both(&reading.figure.label.text());
                let _ = write!(
                    body,
                    "<div class=\"card\"><span>{label}</span><b>{}</b>{}<small>{}{doubt}</small></div>",
                    reading.shown(),
                    reading.part(),
                    reading.sure()
                );
            }
        };
        card(of(&tables.cover, "canopy_mean"));
        card(of(&tables.cover, "impermeable_m2"));
        card(of(&tables.cover, "trees"));
        card(of(&tables.heat, "heat_night_mean").map(|reading| titled(reading, &HEAT_CARD)));
        card(of(&tables.state, "artif_ha"));
        card(of(&tables.flux, "net_ha").map(|reading| titled(reading, &ZAN_CARD)));
        *body += "</div></section>";
    }
    if names.len() > CARDS {
        let rest = names.len() - CARDS;
        paragraph(
            body,
            "note",
            &text!(fr: "{rest} autres communes : voir les tableaux.", en: "{rest} other communes: see the tables."),
        );
    }
}

static HEAT_CARD: super::sheets::Figure = super::sheets::Figure {
    label: crate::product::Words {
        fr: "Chaleur la nuit, écart à la campagne",
        en: "Warmth by night, against the country",
    },
    ..HEAT_ZONES.figures[0]
};
static ZAN_CARD: super::sheets::Figure = super::sheets::Figure {
    label: crate::product::Words { fr: "Artificialisation nette", en: "Net artificialisation" },
    ..ZAN_FLUX.figures[0]
};

/// A reading under a longer title.
fn titled(reading: Reading, figure: &'static super::sheets::Figure) -> Reading {
    Reading { figure, ..reading }
}

fn nothing() -> String {
    let text = text!(fr: "ne se distingue pas de zéro", en: "cannot be told from zero");
    format!("<em>{}</em>", both(&text))
}

fn pictures(inventory: &Inventory, body: &mut String) -> Result<(), Fault> {
    let outlines = maps::outlines(inventory);
    heading(body, &text!(fr: "Cartes", en: "Maps"));
    *body += "<div class=\"maps\">";
    for name in MAPS {
        if let Some(held) = inventory.raster(name) {
            *body += &maps::figure(inventory, held, &outlines)?;
        }
    }
    *body += "</div>";
    let note = text!(
        fr: "Le relief ombré est dessous ; en gris pâle, pas de valeur. Trait noir : limites des communes.",
        en: "Shaded relief lies below; pale grey: no value. Black lines: borders of communes.",
    );
    paragraph(body, "note", &note);
    Ok(())
}

/// Classes of cover and the colours of their bars: those of the registry.
fn soil(tables: &Tables, body: &mut String) {
    if tables.cover.is_empty() {
        return;
    }
    heading(body, &text!(fr: "Végétation et sols, par commune", en: "Vegetation and soil, by commune"));
    *body +=
        &table(&COVER_ZONES, &tables.cover, &["impermeable_m2", "impermeable_pct", "canopy_mean", "trees"]);
    file(body, "cover_zones.csv");
    let colours = [
        "building_m2",
        "sealed_m2",
        "mineral_m2",
        "bare_m2",
        "herbaceous_m2",
        "shrub_m2",
        "tree_permeable_m2",
        "tree_sealed_m2",
        "water_m2",
    ];
    for row in tables.cover.iter().take(CARDS) {
        let bars = colours.iter().enumerate().filter_map(|(place, column)| {
            let reading = row.of(column)?.clone();
            Some((both_svg(&reading.figure.label.text()), reading, class_colour(place)))
        });
        let bars: Vec<_> = bars.collect();
        let _ = write!(
            body,
            "<div class=\"plot\"><h3>{}{}</h3>{}</div>",
            escape(row.name()),
            part_of(row),
            whiskers(&bars, "ha")
        );
    }
}

/// Of how much of a commune its bars are, where that is not all.
fn part_of(row: &Row) -> String {
    let part = row.values.iter().find_map(Reading::of_part);
    part.map_or_else(String::new, |text| format!(" <small>({})</small>", both(&text)))
}

/// The colour of the class at this place of the legend of land cover.
fn class_colour(place: usize) -> String {
    let marks = crate::style::legend(&crate::product::COVER.spec, None);
    marks.get(place).map_or_else(
        || "#888".to_owned(),
        |mark| format!("rgb({},{},{})", mark.colour[0], mark.colour[1], mark.colour[2]),
    )
}

/// Text of a picture in both languages.
fn both_svg(text: &Text) -> String {
    format!("<tspan lang=\"fr\">{}</tspan><tspan lang=\"en\">{}</tspan>", escape(&text.fr), escape(&text.en))
}

fn warmth(inventory: &Inventory, tables: &Tables, body: &mut String) {
    if inventory.raster("heat_night").is_none() {
        return;
    }
    heading(body, &text!(fr: "Chaleur", en: "Warmth"));
    // What the measure said of its own model, word for word: its error at stations never seen among it.
    for remark in of_measure(&inventory.run, "heat").filter(is_finding) {
        paragraph(body, "verdict", &remark);
    }
    if !tables.heat.is_empty() {
        *body += &table(&HEAT_ZONES, &tables.heat, &["heat_night_mean", "heat_day_mean"]);
        file(body, "heat_zones.csv");
    }
    if let Some(plot) = stations(&tables.stations) {
        let title = text!(
            fr: "Jugé sur des stations jamais vues : observé (en bas), prédit sans la station (à gauche) et son intervalle à 90 %, la nuit, K",
            en: "Judged at stations never seen: observed (below), predicted without the station (left) and its 90 % interval, by night, K",
        );
        let _ = write!(body, "<div class=\"plot\"><h3>{}</h3>{plot}</div>", both(&title));
        file(body, "stations.csv");
    }
}

/// Observed against predicted, by night.
fn stations(rows: &[Row]) -> Option<String> {
    let known: Vec<(&str, f64, f64, (f64, f64))> = rows
        .iter()
        .filter_map(|row| {
            let (observed, predicted) = (row.of("observed_k")?.value?, row.of("predicted_k")?);
            let (low, high, _) = predicted.interval?;
            Some((row.names[0].as_str(), observed, predicted.value?, (low, high)))
        })
        .collect();
    if known.len() < 3 {
        return None;
    }
    let span = range(known.iter().flat_map(|(_, a, b, (low, high))| [*a, *b, *low, *high]));
    let mut plot = Plot::new(420.0, 380.0, span, span);
    plot.line((span.0, span.0), (span.1, span.1), "even");
    for (_, observed, _, (low, high)) in &known {
        plot.line((*observed, *low), (*observed, *high), "span");
    }
    for (name, observed, predicted, _) in &known {
        plot.dot((*observed, *predicted), 3.6, "#2b6cb0", name);
    }
    Some(plot.svg(&text!(fr: "observé et prédit", en: "observed and predicted"), "K", short))
}

fn zan(tables: &Tables, body: &mut String) {
    if tables.flux.is_empty() && tables.state.is_empty() {
        return;
    }
    heading(body, &text!(fr: "Sols artificialisés (ZAN)", en: "Artificialised soil (ZAN)"));
    if !tables.flux.is_empty() {
        *body += &table(&ZAN_FLUX, &tables.flux, &["gain_ha", "loss_ha", "net_ha", "imper_net_ha"]);
        file(body, "zan_flux.csv");
        let bars: Vec<_> = tables
            .flux
            .iter()
            .filter_map(|row| {
                let reading = row.of("net_ha")?.clone();
                let colour = if reading.may_be_nothing() {
                    "#9aa7b5"
                } else if reading.value? > 0.0 {
                    "#c2410c"
                } else {
                    "#3f7d4e"
                };
                Some((escape(row.name()), reading, colour.to_owned()))
            })
            .collect();
        let title = text!(
            fr: "Artificialisation nette et son intervalle à 95 %, ha (gris : ne se distingue pas de zéro)",
            en: "Net artificialisation and its 95 % interval, ha (grey: cannot be told from zero)",
        );
        let _ = write!(body, "<div class=\"plot\"><h3>{}</h3>{}</div>", both(&title), whiskers(&bars, "ha"));
    }
    if !tables.state.is_empty() {
        *body += &table(&ZAN_STATE, &tables.state, &["artif_ha", "artif_pct", "imper_ha"]);
        file(body, "zan_state.csv");
    }
}

/// Where the figures above stand.
fn file(body: &mut String, name: &str) {
    let _ = write!(body, "<p class=\"file\"><a href=\"{name}\">{name}</a></p>");
}

/// How figures are made and where they may be wrong; what the run did not make.
fn method(inventory: &Inventory, body: &mut String) {
    heading(
        body,
        &text!(fr: "Comment ces chiffres sont faits, et leurs limites", en: "How these figures are made, and their limits"),
    );
    let is_there = |name: &str| inventory.raster(name).is_some() || inventory.has(&format!("{name}.csv"));
    let (made, missing): (Vec<_>, Vec<_>) = SUBJECTS.iter().partition(|subject| is_there(subject.shown_by));
    for subject in made {
        let (title, method, limits) =
            (both(&subject.title.text()), both(&subject.method.text()), both(&subject.limits.text()));
        let _ = write!(
            body,
            "<div class=\"subject\"><h3>{title}</h3><p>{method}</p><p class=\"limits\">{limits}</p></div>"
        );
    }
    if !missing.is_empty() {
        let lead = text!(fr: "Ce que ce calcul n'a pas fait, et ce qu'il y faudrait :", en: "What this run did not make, and what it would take:");
        let items: String = missing
            .iter()
            .map(|subject| {
                let (title, absent) = (subject.title, subject.absent);
                format!(
                    "<li>{}</li>",
                    both(&Text {
                        fr: format!("{} : {}", title.fr, absent.fr),
                        en: format!("{}: {}", title.en, absent.en)
                    })
                )
            })
            .collect();
        let _ = write!(body, "<p>{}</p><ul>{items}</ul>", both(&lead));
    }
}

/// What a measure said.
fn of_measure<'a>(run: &'a Value, name: &'a str) -> impl Iterator<Item = Text> + 'a {
    let measures = run["measures"].as_array().into_iter().flatten();
    let records = measures.map(|measure| &measure["record"]).filter(move |record| record["measure"] == name);
    records
        .flat_map(|record| record["remarks"].as_array().into_iter().flatten())
        .map(|pair| said(&pair[0], &pair[1]))
}

fn said(fr: &Value, en: &Value) -> Text {
    Text { fr: fr.as_str().unwrap_or("").to_owned(), en: en.as_str().unwrap_or("").to_owned() }
}

/// All that the run remarked, by who said it, and what failed.
fn remarks(run: &Value, body: &mut String) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let both_of = |value: &Value| said(&value["fr"], &value["en"]);
    let faults = list(&run["measures"]).into_iter().filter(|measure| measure["state"] == "failed");
    let faults = faults.chain(list(&run["tiles"]["failed"])).chain(list(&run["rejected"]));
    let failed: Vec<Text> = faults.map(|it| both_of(&it["fault"])).collect();
    if !failed.is_empty() {
        heading(body, &text!(fr: "Ce qui a échoué", en: "What failed"));
        items(&failed, body);
    }
    let mut seen = BTreeSet::new();
    let mut once = |texts: Vec<Text>| -> Vec<Text> {
        texts.into_iter().filter(|text| !is_finding(text) && seen.insert(text.fr.clone())).collect()
    };
    heading(
        body,
        &text!(fr: "À savoir avant d'en citer un chiffre", en: "To be known before a figure is quoted"),
    );
    *body += "<div class=\"remarks\">";
    items(&once(list(&run["remarks"]).iter().map(both_of).collect()), body);
    for measure in list(&run["measures"]) {
        let name = measure["record"]["measure"].as_str().unwrap_or("").to_owned();
        let own = once(of_measure(run, &name).collect());
        if !own.is_empty() {
            let _ = write!(body, "<h3>[{}]</h3>", escape(&name));
            items(&own, body);
        }
    }
    *body += "</div>";
}

fn items(texts: &[Text], body: &mut String) {
    let items: String = texts.iter().map(|text| format!("<li>{}</li>", both(text))).collect();
    let _ = write!(body, "<ul>{items}</ul>");
}

/// Whether a remark of the heat model is its finding, which stands with the figures.
fn is_finding(text: &Text) -> bool {
    text.en.starts_with("night:") || text.en.starts_with("day:")
}

/// Files, hashes, licences, versions, energy.
fn sources(inventory: &Inventory, body: &mut String) {
    let run = &inventory.run;
    heading(body, &text!(fr: "Données, versions, énergie", en: "Data, versions, energy"));
    paragraph(
        body,
        "",
        &text!(
            fr: "Les données d'IGN (LiDAR HD, BD ORTHO, BD TOPO, OCS GE) sont sous Licence Ouverte 2.0 (Etalab) : citez IGN et leur date. Les fichiers ne disent pas leur licence : pour toute autre source, celui qui publie la nomme.",
            en: "Data of IGN (LiDAR HD, BD ORTHO, BD TOPO, OCS GE) are under Licence Ouverte 2.0 (Etalab): name IGN and their date. Files do not tell their licence: for any other source, who publishes names it.",
        ),
    );
    paragraph(body, "", &licence(run));
    let mut files: Vec<(String, String)> = Vec::new();
    let name = |path: &str| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    for input in run["inputs"].as_array().into_iter().flatten() {
        files.push((
            name(input["path"].as_str().unwrap_or("")),
            input["sha256"].as_str().unwrap_or("–").to_owned(),
        ));
    }
    for measure in run["measures"].as_array().into_iter().flatten() {
        for input in measure["record"]["inputs"].as_array().into_iter().flatten() {
            files.push((name(input[0].as_str().unwrap_or("")), input[1].as_str().unwrap_or("–").to_owned()));
        }
    }
    files.sort();
    files.dedup();
    *body += "<table class=\"hashes\"><tbody>";
    for (name, hash) in files {
        let _ = write!(
            body,
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td></tr>",
            escape(&name),
            escape(&hash)
        );
    }
    *body += "</tbody></table>";
    paragraph(body, "note", &made_by(run));
    paragraph(body, "note", &energy(run));
}

/// The licence of the results and who answers for them, as the project's section `[publish]` has it.
fn licence(run: &Value) -> Text {
    let measures = run["measures"].as_array().into_iter().flatten();
    let credits = measures.map(|measure| &measure["record"]["settings"]["credits"]);
    let credits = [&run["credits"]].into_iter().chain(credits).find(|it| it.is_object());
    let said = |key: &str| credits.and_then(|credits| credits[key].as_str()).map(str::to_owned);
    let licence = said("licence").map_or_else(
        || text!(fr: "non dite (section [publish] du projet)", en: "not said (section [publish] of the project)"),
        |words| Text { fr: words.clone(), en: words },
    );
    let who: Vec<String> = ["producer", "contact"].iter().filter_map(|key| said(key)).collect();
    let who = if who.is_empty() { String::new() } else { format!(" ({})", who.join(", ")) };
    Text {
        fr: format!("Licence des résultats : {}{who}.", licence.fr),
        en: format!("Licence of the results: {}{who}.", licence.en),
    }
}

fn made_by(run: &Value) -> Text {
    let of = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let (version, finished) = (of(&run["ilot"]), of(&run["finished"]));
    let (gdal, proj, crs) =
        (of(&run["libraries"]["gdal"]), of(&run["libraries"]["proj"]), of(&run["crs"]["name"]));
    text!(
        fr: "ilot {version}, GDAL {gdal}, PROJ {proj} ; {crs} ; fini le {finished}. run.json porte tous les réglages ; mêmes entrées, mêmes octets.",
        en: "ilot {version}, GDAL {gdal}, PROJ {proj}; {crs}; finished {finished}. run.json holds all settings; same inputs, same bytes.",
    )
}

/// What the results took, as `run.json` has it: measured or estimated. A run that found all there has made none of them.
fn energy(run: &Value) -> Text {
    let Some(spent) = Spent::of_results(run) else {
        return text!(fr: "Énergie : non connue pour les calculs qui ont fait ces résultats.", en: "Energy: not known of the runs that made these results.");
    };
    let (hours, seconds) = (number(spent.watt_hours, 2), number(spent.processor_seconds, 0));
    let how = if spent.measured {
        text!(fr: "mesurés par les compteurs des processeurs (RAPL), toute la machine comprise", en: "measured by the processors' counters (RAPL), the whole machine included")
    } else {
        text!(fr: "ESTIMÉS, non mesurés : 10 W par cœur occupé", en: "ESTIMATED, not measured: 10 W a busy core")
    };
    let runs = counted(
        spent.runs as usize,
        ["calcul qui a fait ces résultats", "calculs qui ont fait ces résultats"],
        ["run that made these results", "runs that made these results"],
    );
    Text {
        fr: format!("Énergie ({}) : {} Wh, {} ; {} s de processeur.", runs.fr, hours.fr, how.fr, seconds.fr),
        en: format!("Energy ({}): {} Wh, {}; {} s of processor time.", runs.en, hours.en, how.en, seconds.en),
    }
}

/// What the report adds to the look of our pages.
const STYLE: &str = "body{max-width:1040px}h1{font-size:2rem;margin:.6rem 0 .2rem;letter-spacing:-.01em}h2{border-top:3px solid #2b6cb0;padding-top:.5rem}\
.where{font-size:1.25rem;margin:.1rem 0 .6rem;color:#2b6cb0}.commune{break-inside:avoid;margin:.4rem 0 1.2rem}\
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:.7rem}.card{border:1px solid #d5dde6;border-radius:8px;padding:.6rem .8rem;background:#f7f9fb}\
.card span,.card b,.card small,.card em{display:block}.card>span{font-size:13px;color:#3a4654;min-height:2.4em}.card>b{font-size:1.55rem;line-height:1.25;color:#16324f}\
.card small{color:#566270}.card em{color:#8a4b00;font-style:normal;font-weight:600}.card span span{display:inline}\
.maps{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:1.2rem}figure.map{margin:0;break-inside:avoid}figure.map h3{margin:.2rem 0 .4rem}\
figure.map svg{width:100%;border:1px solid #cfd8e2;border-radius:6px;background:#f4f3ef}figcaption{font-size:13px;color:#3a4654}figcaption em{color:#566270}\
.zone{stroke:#111;stroke-width:1.6;stroke-opacity:.75}.scale path{stroke:#111;stroke-width:2}.scale text,.north text{font:600 15px system-ui,sans-serif;fill:#111;paint-order:stroke;stroke:#fff;stroke-width:3px}\
.north path{fill:#111;stroke:#fff;stroke-width:1.5}.key{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem .9rem;padding:0;margin:.45rem 0;font-size:12px}\
.key li{display:flex;align-items:center;gap:.35rem}.key i{width:14px;height:14px;border:1px solid #8b97a3;border-radius:3px;flex:none}\
table.figures{display:table;width:100%;font-size:14px}table.figures th{font-weight:600}table.figures td small,table.figures td b{display:block}td small{color:#566270}td em{display:block;color:#8a4b00;font-style:normal;font-size:12px}\
.file{font-size:12px;margin:.2rem 0 1rem;text-align:right}.file a{color:#2b6cb0}.plot{break-inside:avoid}.whiskers{width:100%;max-width:760px}.whiskers .whisker{stroke:#111;stroke-width:1.3}\
.whiskers .axis{stroke:#9aa7b5}.whiskers text{font-size:12.5px}.subject{break-inside:avoid}.subject p{margin:.2rem 0}.limits{color:#6b4a00}.remarks{font-size:13px;columns:2;column-gap:2rem}.remarks ul{margin:.2rem 0 .6rem;padding-left:1.1rem}.remarks h3{margin:.4rem 0 0;font-size:.95rem;color:#51606e}\
table.hashes{font-size:11px}table.hashes th{font-weight:400}table.hashes td{text-align:left}html[data-speaks=fr] svg [lang=en],html[data-speaks=en] svg [lang=fr]{display:none}\
@page{size:A4;margin:14mm}@media(max-width:700px){.remarks{columns:1}}@media print{figure.map svg{max-height:70mm}figcaption,.key{font-size:8pt}.maps{gap:3mm 6mm}figure.map h3{font-size:10pt}.remarks{font-size:8pt}body{font-size:10.5pt;margin:0;padding:0;max-width:none}h2{break-after:avoid}h3{break-after:avoid}.maps{grid-template-columns:1fr 1fr}\
.cards{grid-template-columns:repeat(3,1fr)}table.hashes{font-size:7pt}a{color:inherit;text-decoration:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn points_of_a_cloud_set_aside_are_not_counted() {
        let run = json!({
            "inputs": [{ "path": "west.laz", "points": 520_000 }, { "path": "east.laz", "points": 580_000 }],
            "rejected": [{ "path": "east.laz" }],
        });
        assert_eq!(points(&run), 520_000);
    }

    #[test]
    fn a_figure_of_a_part_says_of_how_much_it_is() {
        let reading =
            |seen| Reading { figure: &COVER_ZONES.figures[0], value: Some(1.0), interval: None, seen };
        assert_eq!(reading(Some(0.999)).of_part(), None);
        assert_eq!(reading(None).of_part(), None);
        let text = reading(Some(0.5599)).of_part().unwrap();
        assert!(text.fr.starts_with("sur 55\u{a0}% du territoire"), "{}", text.fr);
    }

    #[test]
    fn energy_is_that_of_the_runs_that_made_the_results() {
        let of = |all: Value| {
            energy(
                &json!({ "energy": { "watt_hours": 0.0 }, "processor_seconds": 0.1, "energy_of_results": all }),
            )
        };
        let kept = of(json!({ "watt_hours": 0.03, "processor_seconds": 11.0, "runs": 1, "measured": false }));
        assert!(kept.fr.contains("0,03 Wh") && kept.fr.contains("11 s"), "{}", kept.fr);
        assert!(of(Value::Null).fr.contains("non connue"));
    }
}
