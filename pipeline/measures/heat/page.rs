//! One page for the maps: what explains the warmth, how sure that is, where the model errs.
//!
//! In: a study; out: HTML as the sensors' page ([`crate::measures::sensors::page`]). Cost: none.

use super::{Half, Part, Study, table};
use crate::measures::sensors::indicators::Baseline;
use crate::measures::sensors::page::{both, frame};
use crate::measures::sensors::plot::{Plot, escape, range};
use crate::measures::sensors::words::{decimal, sentences};
use crate::text;
use crate::text::Text;
use ilot_kernels::variogram::{empirical, regular_bounds};
use std::fmt::Write as _;

/// What a model says, in a sentence that can be read aloud.
pub(super) fn finding(study: &Study, half: &Half) -> Text {
    let learned = &half.learned;
    let part = half.part.name();
    let scores = learned.scores;
    let (model, mean) = (decimal(scores.model, 2), decimal(scores.mean, 2));
    let (idw, nearest) = (decimal(scores.inverse, 2), decimal(scores.nearest, 2));
    let (count, covered) = (half.rows.len(), (learned.coverage * 100.0).round());
    let best = scores.mean.min(scores.inverse).min(scores.nearest);
    let verdict = if scores.model < 0.95 * best {
        text!(fr: "mieux que toutes les méthodes simples", en: "better than all simple ways")
    } else {
        text!(fr: "PAS mieux qu'une méthode simple : la carte n'apporte rien de plus", en: "NO better than a simple way: the map adds nothing")
    };
    let what = explained(study, half);
    let kriging = if learned.model.kriging.is_some() {
        text!(fr: ", résidus krigés", en: ", residuals kriged")
    } else {
        text!(fr: ", sans krigeage (il n'améliore rien)", en: ", without kriging (it gains nothing)")
    };
    Text {
        fr: format!(
            "{} : {count} stations ; {}{} ; erreur sur une station jamais vue {} K (moyenne {} K, inverse des distances {} K, plus proche {} K) : {} ; {covered} % des stations dans leur intervalle à 90 %",
            part.fr, what.fr, kriging.fr, model.fr, mean.fr, idw.fr, nearest.fr, verdict.fr
        ),
        en: format!(
            "{}: {count} stations; {}{}; error at a station never seen {} K (mean {} K, inverse distance {} K, nearest {} K): {}; {covered} % of the stations within their 90 % interval",
            part.en, what.en, kriging.en, model.en, mean.en, idw.en, nearest.en, verdict.en
        ),
    }
}

fn explained(study: &Study, half: &Half) -> Text {
    let choice = &half.learned.model.choice;
    if choice.chosen.is_empty() {
        return text!(fr: "aucune covariable n'explique les écarts", en: "no covariate explains the differences");
    }
    let shares = super::model::shares(&half.table, choice);
    let parts: Vec<String> = choice
        .chosen
        .iter()
        .zip(shares)
        .zip(&choice.fit.coefficients[1..])
        .map(|((number, share), slope)| {
            format!("{} {:.0} % ({slope:+.4})", study.name(*number), share * 100.0)
        })
        .collect();
    let parts = parts.join(", ");
    text!(
        fr: "part des écarts expliquée (et pente, K par unité) : {parts}",
        en: "share of the differences explained (and slope, K per unit): {parts}",
    )
}

/// The page.
pub(super) fn of(study: &Study) -> String {
    let mut body = String::new();
    let base = match study.survey.indicators.baseline {
        Baseline::References(count) => text!(
            fr: "Écarts à la moyenne de {count} références rurales. Température de l'air à hauteur de capteur, pas de surface.",
            en: "Differences from the mean of {count} rural references. Air temperature at the height of the sensors, not of surfaces.",
        ),
        Baseline::Median => text!(
            fr: "Écarts à la médiane du réseau : aucune référence rurale sans défaut. Température de l'air, pas de surface.",
            en: "Differences from the network's median: no rural reference without a fault. Air temperature, not of surfaces.",
        ),
    };
    let _ = write!(body, "<p>{}</p>", both(&base));
    for half in &study.halves {
        one(study, half, &mut body);
    }
    let list = |title: Text, texts: &[Text], body: &mut String| {
        if !texts.is_empty() {
            let items: String = texts.iter().map(|text| format!("<li>{}</li>", both(text))).collect();
            let _ = write!(body, "<h2>{}</h2><ul>{items}</ul>", both(&title));
        }
    };
    list(text!(fr: "Capteurs en défaut", en: "Sensors with a fault"), &sentences(&study.survey), &mut body);
    list(text!(fr: "À savoir", en: "To be known"), &study.remarks, &mut body);
    let caution = text!(
        fr: "Une pente tirée de lieux différents n'est pas un effet de travaux : elle dit que des lieux semblables sont plus frais, non que planter rafraîchira d'autant.",
        en: "A slope read off different places is no effect of works: it says that places alike are cooler, not that planting will cool by as much.",
    );
    let _ = write!(body, "<p class=\"note\">{}</p>", both(&caution));
    frame(&text!(fr: "Cartes de chaleur", en: "Maps of warmth"), &body)
}

fn one(study: &Study, half: &Half, body: &mut String) {
    let title = match half.part {
        Part::Night => text!(fr: "La nuit", en: "By night"),
        Part::Day => text!(fr: "L'après-midi", en: "In the afternoon"),
    };
    let _ = write!(body, "<h2>{}</h2><p>{}</p>", both(&title), both(&finding(study, half)));
    stability(study, half, body);
    let _ = write!(
        body,
        "<p>{}</p>",
        both(
            &text!(fr: "Observé et prédit sans la station, avec l'intervalle à 90 %, K :", en: "Observed, and predicted without the station, with the 90 % interval, K:")
        )
    );
    *body += &against(study, half);
    let _ = write!(
        body,
        "<p>{}</p>",
        both(
            &text!(fr: "Demi-variogramme de ce que la régression laisse, K² selon m :", en: "Semivariogram of what the regression leaves, K² by m:")
        )
    );
    *body += &variogram(half);
    let _ = write!(
        body,
        "<p>{}</p>",
        both(
            &text!(fr: "Où le modèle se trompe (rouge : plus chaud que prédit, bleu : plus frais) :", en: "Where the model errs (red: warmer than predicted, blue: cooler):")
        )
    );
    *body += &residuals(study, half);
}

fn stability(study: &Study, half: &Half, body: &mut String) {
    let (same, count) = (half.learned.same_choice, half.rows.len());
    let chosen = &half.learned.model.choice.chosen;
    let ranges: Vec<String> = chosen
        .iter()
        .zip(&half.learned.coefficients)
        .map(|(number, (low, high))| format!("{} {low:+.4} … {high:+.4}", study.name(*number)))
        .collect();
    let ranges = if ranges.is_empty() { "–".to_owned() } else { ranges.join(" ; ") };
    let text = text!(
        fr: "Stabilité : sans une station, les mêmes facteurs sont choisis {same} fois sur {count} ; pentes : {ranges}.",
        en: "Stability: without one station the same factors are chosen {same} times out of {count}; slopes: {ranges}.",
    );
    let _ = write!(body, "<p>{}</p>", both(&text));
}

/// Observed against predicted.
fn against(study: &Study, half: &Half) -> String {
    let rows: Vec<(String, [f64; 4])> = (0..study.survey.sheet.entries.len())
        .map(|station| {
            (study.survey.sheet.entries[station].name.clone(), table::row(study, half.part, station))
        })
        .filter(|(_, row)| row.iter().all(|value| value.is_finite()))
        .collect();
    let span = range(rows.iter().flat_map(|(_, row)| *row));
    let mut plot = Plot::new(460.0, 420.0, span, span);
    plot.line((span.0, span.0), (span.1, span.1), "even");
    for (_, [observed, _, low, high]) in &rows {
        plot.line((*observed, *low), (*observed, *high), "grid");
    }
    for (name, [observed, predicted, ..]) in &rows {
        plot.dot(
            (*observed, *predicted),
            4.0,
            "#2b6cb0",
            &format!("{name}: {observed:.2} K, {predicted:.2} K"),
        );
    }
    plot.svg("observed and predicted", "K", |x| format!("{x:.1}"))
}

fn variogram(half: &Half) -> String {
    let table = &half.table;
    let residuals = &half.learned.model.choice.fit.residuals;
    let classes = empirical(&table.x, &table.y, residuals, &regular_bounds(&table.x, &table.y, 6));
    let known: Vec<_> = classes.iter().filter(|class| class.pairs > 0).collect();
    let model = half.learned.model.kriging.as_ref().map(|(_, variogram)| *variogram);
    let farthest = known.iter().map(|class| class.distance).fold(1.0, f64::max) * 1.05;
    let top =
        known.iter().map(|class| class.gamma).chain(model.map(|model| model.sill())).fold(1e-6, f64::max)
            * 1.1;
    let mut plot = Plot::new(460.0, 260.0, (0.0, farthest), (0.0, top));
    for class in known {
        plot.dot(
            (class.distance, class.gamma),
            3.0 + (class.pairs as f64).sqrt() / 5.0,
            "#2b6cb0",
            &format!("{} pairs", class.pairs),
        );
    }
    if let Some(model) = model {
        plot.curve((1..=100).map(|k| f64::from(k) * farthest / 100.0).map(|h| (h, model.gamma(h))), "model");
    }
    plot.svg("semivariogram", "K²", |x| format!("{x:.0}"))
}

/// A map of the errors of unseen stations.
fn residuals(study: &Study, half: &Half) -> String {
    let table = &half.table;
    let (x, y) = (range(table.x.iter().copied()), range(table.y.iter().copied()));
    let (width, height) = (x.1 - x.0, y.1 - y.0);
    let tall = (460.0 * height / width.max(1e-9)).clamp(200.0, 700.0);
    let mut plot = Plot::new(520.0, tall, x, y);
    for (place, row) in half.rows.iter().enumerate() {
        let name = &study.survey.sheet.entries[*row].name;
        let error = table.warmth[place] - half.learned.unseen[place].value;
        let colour = if error > 0.0 { "#c2410c" } else { "#2b6cb0" };
        plot.dot(
            (table.x[place], table.y[place]),
            3.0 + 8.0 * error.abs().sqrt(),
            colour,
            &format!("{name}: {error:+.2} K"),
        );
        plot.words((table.x[place], table.y[place]), &escape(name));
    }
    plot.svg("errors on the map", "m", |x| format!("{x:.0}"))
}
