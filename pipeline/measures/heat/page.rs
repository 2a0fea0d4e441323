//! One page for the maps: what explains the warmth, how sure that is, where the model errs.
//!
//! In: a study; out: HTML as the sensors' page ([`crate::measures::sensors::page`]). Cost: none.

use super::{Half, Part, Study, table};
use crate::measures::sensors::indicators::Baseline;
use crate::measures::sensors::page::{both, frame, head};
use crate::measures::sensors::plot::{Plot, range, short};
use crate::measures::sensors::words::sentences;
use crate::text;
use crate::text::Text;
use ilot_kernels::learn::{Scores, scores_at, shares};
use ilot_kernels::robust::quantile;
use ilot_kernels::variogram::{empirical, regular_bounds};
use std::fmt::Write as _;

/// What a model says, in a sentence that can be read aloud.
pub(super) fn finding(study: &Study, half: &Half) -> Text {
    let learned = &half.learned;
    let part = half.part.name();
    let scores = learned.scores;
    let (model, mean) = (text::number(scores.model, 2), text::number(scores.mean, 2));
    let (idw, nearest) = (text::number(scores.inverse, 2), text::number(scores.nearest, 2));
    let (count, covered) = (half.rows.len(), (learned.coverage * 100.0).round());
    let (what, kept, verdict) = (explained(study, half), kept_words(study, half), verdict(study, half));
    let kriging = if learned.model.kriging.is_some() {
        text!(fr: ", résidus krigés", en: ", residuals kriged")
    } else {
        text!(fr: ", sans krigeage (il n'améliore rien)", en: ", without kriging (it gains nothing)")
    };
    Text {
        fr: format!(
            "{} : {count} stations ; {}{} ; erreur sur une station jamais vue {} K (moyenne {} K, inverse des distances {} K, plus proche {} K), {covered} % de ces stations dans leur intervalle à 90 %{} : {}",
            part.fr, what.fr, kriging.fr, model.fr, mean.fr, idw.fr, nearest.fr, kept.fr, verdict.fr
        ),
        en: format!(
            "{}: {count} stations; {}{}; error at a station never seen {} K (mean {} K, inverse distance {} K, nearest {} K), {covered} % of these stations within their 90 % interval{}: {}",
            part.en, what.en, kriging.en, model.en, mean.en, idw.en, nearest.en, kept.en, verdict.en
        ),
    }
}

/// How well the model does at stations that were kept out: how many, errors, share within the interval.
pub(super) fn kept_out(study: &Study, half: &Half) -> Option<(usize, Scores, f64)> {
    let there = |station: &usize| {
        study.kept_out[*station]
            && table::row(study, half.part, *station).iter().all(|value| value.is_finite())
    };
    let stations: Vec<usize> = (0..study.kept_out.len()).filter(there).collect();
    if stations.is_empty() {
        return None;
    }
    let rows: Vec<[f64; 4]> = stations.iter().map(|station| table::row(study, half.part, *station)).collect();
    let entries = &study.survey.sheet.entries;
    let places: Vec<(f64, f64)> = stations.iter().map(|s| (entries[*s].x, entries[*s].y)).collect();
    let pick = |column: usize| rows.iter().map(|row| row[column]).collect::<Vec<f64>>();
    let scores = scores_at(&half.table, &places, &pick(0), &pick(1));
    let within = rows.iter().filter(|[observed, _, low, high]| (low..=high).contains(&observed)).count();
    Some((rows.len(), scores, within as f64 / rows.len() as f64))
}

fn kept_words(study: &Study, half: &Half) -> Text {
    let Some((count, scores, within)) = kept_out(study, half) else { return text!(fr: "", en: "") };
    let (model, mean) = (text::number(scores.model, 2), text::number(scores.mean, 2));
    let (idw, nearest) = (text::number(scores.inverse, 2), text::number(scores.nearest, 2));
    let within = (within * 100.0).round();
    Text {
        fr: format!(
            " ; à {count} stations gardées à part {} K (moyenne {} K, inverse des distances {} K, plus proche {} K), {within} % dans l'intervalle",
            model.fr, mean.fr, idw.fr, nearest.fr
        ),
        en: format!(
            "; at {count} stations kept out {} K (mean {} K, inverse distance {} K, nearest {} K), {within} % within the interval",
            model.en, mean.en, idw.en, nearest.en
        ),
    }
}

/// Whether the model is worth its name, see [`super::verdict`].
fn verdict(study: &Study, half: &Half) -> Text {
    super::verdict::of(&half.learned.scores, kept_out(study, half).map(|(count, scores, _)| (count, scores)))
}

fn explained(study: &Study, half: &Half) -> Text {
    let factors = factors(study, half);
    if factors.is_empty() {
        return text!(fr: "aucune covariable n'explique les écarts", en: "no covariate explains the differences");
    }
    let list = |of: fn(&Text) -> &String| {
        let one = |factor: &Factor| format!("{} {:.0} %", of(&factor.name), factor.share * 100.0);
        factors.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let (fr, en) = (list(|text| &text.fr), list(|text| &text.en));
    text!(fr: "part des écarts expliquée : {fr}", en: "share of the differences explained: {en}")
}

/// What a chosen covariate does.
struct Factor {
    name: Text,
    /// Share of the variance among stations.
    share: f64,
    /// K from the tenth to the ninetieth of a hundred stations, and its values there.
    effect: f64,
    span: (f64, f64),
    slope: f64,
}

fn factors(study: &Study, half: &Half) -> Vec<Factor> {
    let choice = &half.learned.model.choice;
    let shares = shares(&half.table, choice);
    let terms = choice.chosen.iter().zip(shares).zip(&choice.fit.coefficients[1..]);
    terms
        .map(|((number, share), slope)| {
            let at =
                |probability: f64| quantile(&mut half.table.candidates[*number].values.clone(), probability);
            let span = (at(0.1), at(0.9));
            Factor {
                name: words_of(&study.name(*number)),
                share,
                effect: slope * (span.1 - span.0),
                span,
                slope: *slope,
            }
        })
        .collect()
}

/// A covariate's name for people: `imperviousness 50 m` is sealed ground within 50 m.
fn words_of(name: &str) -> Text {
    let (stem, radius) = match name.rsplit_once(' ').and_then(|(rest, _)| rest.rsplit_once(' ')) {
        Some((stem, radius)) if name.ends_with(" m") => (stem, Some(radius)),
        _ => (name, None),
    };
    let (fr, en) = match stem {
        "imperviousness" => ("sols imperméables (%)", "sealed ground (%)"),
        "canopy" => ("couvert arboré (%)", "tree canopy (%)"),
        "cover_building" => ("emprise des bâtiments (%)", "ground under buildings (%)"),
        "cover_herbaceous" => ("herbe (%)", "grass (%)"),
        "cover_water" => ("eau (%)", "water (%)"),
        "water_distance" => ("éloignement de l'eau (ln m)", "distance to water (ln m)"),
        "chm" => ("hauteur des bâtiments et des arbres (m)", "height of buildings and trees (m)"),
        "sky_view" => ("part de ciel visible", "share of visible sky"),
        "altitude" => ("altitude (m)", "altitude (m)"),
        "relief" => ("hauteur au-dessus des environs (m)", "height above the surroundings (m)"),
        "ndvi" => ("verdure (NDVI)", "greenness (NDVI)"),
        "sun_hours" => ("heures de soleil", "hours of sun"),
        "irradiation" => ("rayonnement solaire", "solar irradiation"),
        other => (other, other),
    };
    match radius {
        Some(radius) => text!(fr: "{fr} à {radius} m", en: "{en} within {radius} m"),
        None => text!(fr: "{fr}", en: "{en}"),
    }
}

/// The page.
pub(super) fn of(study: &Study, pictures: &[Option<String>]) -> String {
    let mut body = String::new();
    let Text { fr, en } = study.survey.indicators.baseline.words();
    let base = match study.survey.indicators.baseline {
        Baseline::References(_) => text!(
            fr: "Écarts à {fr}. Température de l'air à hauteur de capteur, pas de surface.",
            en: "Differences from {en}. Air temperature at the height of the sensors, not of surfaces.",
        ),
        Baseline::Median => text!(
            fr: "Écarts à la médiane du réseau : aucune référence rurale sans défaut. Température de l'air, pas de surface.",
            en: "Differences from the network's median: no rural reference without a fault. Air temperature, not of surfaces.",
        ),
    };
    let _ = write!(body, "<p>{}</p>", both(&base));
    for (half, picture) in study.halves.iter().zip(pictures) {
        one(study, half, picture.as_deref(), &mut body);
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

fn one(study: &Study, half: &Half, picture: Option<&str>, body: &mut String) {
    let title = match half.part {
        Part::Night => text!(fr: "La nuit", en: "By night"),
        Part::Day => text!(fr: "L'après-midi", en: "In the afternoon"),
    };
    let verdict = verdict(study, half);
    let verdict = Text {
        fr: format!("Ce modèle face aux méthodes simples : {}.", verdict.fr),
        en: format!("This model beside simple ways: {}.", verdict.en),
    };
    let _ = write!(body, "<h2>{}</h2><p class=\"verdict\">{}</p>", both(&title), both(&verdict));
    body.push_str(picture.unwrap_or_default());
    factor_table(study, half, body);
    stability(study, half, body);
    error_table(study, half, body);
    let mut figure = |title: Text, plot: String| {
        let _ = write!(body, "<h3>{}</h3>{plot}", both(&title));
    };
    figure(
        text!(fr: "Observé (en bas) et prédit sans la station (à gauche), avec l'intervalle à 90 %, K", en: "Observed (below) and predicted without the station (left), with the 90 % interval, K"),
        against(study, half),
    );
    figure(
        text!(fr: "Où le modèle se trompe : rouge, plus chaud que prédit ; bleu, plus frais ; d'autant plus grand que l'erreur l'est", en: "Where the model errs: red, warmer than predicted; blue, cooler; the larger the error, the larger the dot"),
        residuals(study, half),
    );
    figure(
        text!(fr: "Demi-variogramme de ce que la régression laisse, K² selon la distance en m", en: "Semivariogram of what the regression leaves, K² by distance in m"),
        variogram(half),
    );
}

fn row(cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    format!("<tr>{cells}</tr>")
}

/// What explains the differences, in words for those who decide and numbers for those who check.
fn factor_table(study: &Study, half: &Half, body: &mut String) {
    let factors = factors(study, half);
    if factors.is_empty() {
        let none = if half.learned.model.kriging.is_some() {
            text!(
                fr: "Aucun des facteurs proposés n'explique les écarts entre stations : entre elles, la carte interpole leurs mesures (krigeage).",
                en: "None of the factors offered explains the differences between stations: between them the map interpolates what they measured (kriging).",
            )
        } else {
            text!(
                fr: "Aucun des facteurs proposés n'explique les écarts entre stations : la carte est leur moyenne.",
                en: "None of the factors offered explains the differences between stations: the map is their mean.",
            )
        };
        let _ = write!(body, "<p>{}</p>", both(&none));
        return;
    }
    let whole: f64 = factors.iter().map(|factor| factor.share).sum();
    let (known, rest) = ((whole * 100.0).round(), 100.0 - (whole * 100.0).round());
    let lead = text!(
        fr: "Sur 100 % des écarts entre stations, {known} % vont de pair avec les facteurs ci-dessous ; {rest} % restent inexpliqués.",
        en: "Of 100 % of the differences between stations, {known} % go along with the factors below; {rest} % remain unexplained.",
    );
    let heads = [
        text!(fr: "Facteur", en: "Factor"),
        text!(fr: "Part des écarts", en: "Share of the differences"),
        text!(fr: "Entre un lieu qui en a peu et un qui en a beaucoup", en: "Between a place with little and one with much of it"),
        text!(fr: "Pente, K par unité", en: "Slope, K per unit"),
    ];
    let _ = write!(body, "<p>{}</p><table>{}", both(&lead), head(&heads));
    for factor in &factors {
        let signed = |value: f64, decimals: usize| {
            let text = text::number(value, decimals);
            let plus = if value > 0.0 { "+" } else { "" };
            Text { fr: format!("{plus}{}", text.fr), en: format!("{plus}{}", text.en) }
        };
        let (low, high) = (text::number(factor.span.0, 1), text::number(factor.span.1, 1));
        let effect = signed(factor.effect, 1);
        let effect = Text {
            fr: format!("{} K (de {} à {})", effect.fr, low.fr, high.fr),
            en: format!("{} K (from {} to {})", effect.en, low.en, high.en),
        };
        let share = format!("{:.0} %", factor.share * 100.0);
        *body += &row(&[both(&factor.name), share, both(&effect), both(&signed(factor.slope, 4))]);
    }
    let note = text!(
        fr: "Parts de la variance selon Lindeman, Merenda et Gold (LMG ; Grömping 2006) ; peu et beaucoup : 10e et 90e centile des stations. Ce sont des liens entre lieux, pas des effets de travaux.",
        en: "Shares of the variance after Lindeman, Merenda and Gold (LMG; Grömping 2006); little and much: 10th and 90th percentile of the stations. These are links between places, not effects of works.",
    );
    let _ = write!(body, "</table><p class=\"note\">{}</p>", both(&note));
}

/// Errors at stations that the model had not seen, beside those of simple ways.
fn error_table(study: &Study, half: &Half, body: &mut String) {
    let kept = kept_out(study, half);
    let learned = &half.learned;
    let mut heads = vec![
        text!(fr: "Erreur typique, K", en: "Typical error, K"),
        text!(fr: "stations laissées de côté une à une", en: "stations left out one by one"),
    ];
    if let Some((count, ..)) = &kept {
        heads.push(text!(fr: "{count} stations gardées à part", en: "{count} stations kept out"));
    }
    let _ = write!(body, "<table>{}", head(&heads));
    type Of = fn(&Scores) -> f64;
    let ways: [(Text, Of); 4] = [
        (text!(fr: "Ce modèle", en: "This model"), |scores| scores.model),
        (text!(fr: "La moyenne des stations partout", en: "The stations' mean everywhere"), |scores| {
            scores.mean
        }),
        (text!(fr: "Inverse des distances", en: "Inverse distances"), |scores| scores.inverse),
        (text!(fr: "La station la plus proche", en: "The nearest station"), |scores| scores.nearest),
    ];
    for (name, of) in ways {
        let mut cells = vec![both(&name), both(&text::number(of(&learned.scores), 2))];
        cells.extend(kept.as_ref().map(|(_, scores, _)| both(&text::number(of(scores), 2))));
        *body += &row(&cells);
    }
    let more = [
        (
            text!(fr: "Ce modèle, sans les voisines à moins de 500 m", en: "This model, without neighbours within 500 m"),
            learned.apart.0,
        ),
        (
            text!(fr: "Ce modèle, un cinquième de la ville laissé de côté", en: "This model, a fifth of the town left out"),
            learned.apart.1,
        ),
    ];
    for (name, error) in more.iter().filter(|(_, error)| error.is_finite()) {
        *body += &row(&[both(name), both(&text::number(*error, 2))]);
    }
    let covered = (learned.coverage * 100.0).round();
    let within = kept.as_ref().map_or(text!(fr: "", en: ""), |(_, _, within)| {
        let within = (within * 100.0).round();
        text!(fr: " et {within} % de celles gardées à part", en: " and {within} % of those kept out")
    });
    let note = Text {
        fr: format!(
            "Le choix des facteurs est refait sans chaque station. {covered} % des stations{} tombent dans leur intervalle à 90 %.",
            within.fr
        ),
        en: format!(
            "The choice of factors is repeated without each station. {covered} % of the stations{} fall within their 90 % interval.",
            within.en
        ),
    };
    let _ = write!(body, "</table><p class=\"note\">{}</p>", both(&note));
}

fn stability(study: &Study, half: &Half, body: &mut String) {
    let (same, count) = (half.learned.same_choice, half.rows.len());
    let chosen = &half.learned.model.choice.chosen;
    if chosen.is_empty() {
        return;
    }
    let ranges = |of: fn(Text) -> String| {
        let one = |(number, (low, high)): (&usize, &(f64, f64))| {
            let (low, high) = (of(text::number(*low, 4)), of(text::number(*high, 4)));
            format!("{} {low} … {high}", of(words_of(&study.name(*number))))
        };
        chosen.iter().zip(&half.learned.coefficients).map(one).collect::<Vec<_>>().join(" ; ")
    };
    let (fr, en) = (ranges(|text| text.fr), ranges(|text| text.en));
    let text = text!(
        fr: "Stabilité : sans l'une des stations, les mêmes facteurs sont choisis {same} fois sur {count} ; pentes : {fr}.",
        en: "Stability: without one of the stations the same factors are chosen {same} times out of {count}; slopes: {en}.",
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
        plot.line((*observed, *low), (*observed, *high), "span");
    }
    for (name, [observed, predicted, ..]) in &rows {
        plot.dot(
            (*observed, *predicted),
            4.0,
            "#2b6cb0",
            &format!("{name} : {} K, {} K", text::number(*observed, 2), text::number(*predicted, 2)),
        );
    }
    plot.svg(&text!(fr: "observé et prédit", en: "observed and predicted"), "K", short)
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
        let pairs = class.pairs;
        plot.dot(
            (class.distance, class.gamma),
            3.0 + (class.pairs as f64).sqrt() / 5.0,
            "#2b6cb0",
            &text!(fr: "{pairs} paires", en: "{pairs} pairs").to_string(),
        );
    }
    if let Some(model) = model {
        plot.curve((1..=100).map(|k| f64::from(k) * farthest / 100.0).map(|h| (h, model.gamma(h))), "model");
    }
    plot.svg(&text!(fr: "demi-variogramme", en: "semivariogram"), "K²", short)
}

/// Stations that bear their names on a map; more of them hide each other, and a name shows under the pointer.
const MOST_NAMES: usize = 40;

/// A map of the errors of unseen stations, as wide as it is true to scale.
fn residuals(study: &Study, half: &Half) -> String {
    let table = &half.table;
    let (x, y) = (range(table.x.iter().copied()), range(table.y.iter().copied()));
    let side = (x.1 - x.0).max(y.1 - y.0).max(1.0) * 1.08;
    let about = |(low, high): (f64, f64)| ((low + high - side) / 2.0, (low + high + side) / 2.0);
    // The frame's margins leave a square.
    let mut plot = Plot::new(516.0, 494.0, about(x), about(y));
    for (place, row) in half.rows.iter().enumerate() {
        let name = &study.survey.sheet.entries[*row].name;
        let error = table.warmth[place] - half.learned.unseen[place].value;
        let (colour, sign) = if error > 0.0 { ("#c2410c", "+") } else { ("#2b6cb0", "") };
        plot.dot(
            (table.x[place], table.y[place]),
            3.0 + 8.0 * error.abs().sqrt(),
            colour,
            &format!("{name} : {sign}{} K", text::number(error, 2)),
        );
        if half.rows.len() <= MOST_NAMES {
            plot.words((table.x[place], table.y[place]), name);
        }
    }
    let length = 10f64.powf((side / 3.0).log10().floor());
    let length = [5.0, 2.0, 1.0]
        .map(|factor| factor * length)
        .into_iter()
        .find(|l| *l <= side / 3.0)
        .unwrap_or(length);
    let shown = if length >= 1000.0 { format!("{} km", length / 1000.0) } else { format!("{length} m") };
    plot.scale(length, &shown);
    plot.map(&text!(fr: "carte des erreurs", en: "errors on the map"))
}
