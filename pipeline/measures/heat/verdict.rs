//! Whether a model is worth its name, in a sentence.
//!
//! In: its errors and those of simple ways at the same stations, left out one by one and kept out; out: a text in French and
//! English. The strictest of both decides: what is claimed of a map must hold wherever it was tested. Fails nowhere; a few
//! stations kept out can refute and never prove. Cost: none.

use crate::text;
use crate::text::Text;
use ilot_kernels::learn::Scores;

/// A model is better than a simple way where its error is below this share of the other's.
const CLEAR: f64 = 0.95;
/// Fewer stations kept out prove nothing.
const FEW: usize = 5;

/// Compares a model with the best simple way at stations left out one by one and, where there are any, at those kept out.
pub(super) fn of(nested: &Scores, kept: Option<(usize, Scores)>) -> Text {
    let at_nested = text!(fr: "en validation croisée", en: "in cross-validation");
    let Some((count, kept)) = kept else {
        return concluded(is_better(nested), clause(nested, &at_nested));
    };
    let at_kept = if count == 1 {
        text!(fr: "à la station gardée à part", en: "at the station kept out")
    } else {
        text!(fr: "aux {count} stations gardées à part", en: "at the {count} stations kept out")
    };
    let (one, other) = (clause(nested, &at_nested), clause(&kept, &at_kept));
    let both = Text { fr: format!("{}, {}", one.fr, other.fr), en: format!("{}, {}", one.en, other.en) };
    let told = concluded(is_better(nested) && is_better(&kept), both);
    if count < FEW && is_better(&kept) {
        let Text { fr, en } = told;
        return text!(fr: "{fr} ({count}, c'est trop peu pour le prouver)", en: "{en} ({count} is too few to prove it)");
    }
    told
}

fn is_better(scores: &Scores) -> bool {
    scores.model < CLEAR * scores.simple()
}

/// What follows from it for the map.
fn concluded(is_better: bool, Text { fr, en }: Text) -> Text {
    if is_better {
        return Text { fr, en };
    }
    text!(
        fr: "{fr} : rien ne prouve que la carte apporte plus qu'une méthode simple",
        en: "{en}: nothing proves that the map adds anything to a simple way",
    )
}

/// How a model does somewhere.
fn clause(scores: &Scores, place: &Text) -> Text {
    let (model, simple) = (text::number(scores.model, 2), text::number(scores.simple(), 2));
    let way = if scores.mean <= scores.simple() {
        text!(fr: "la moyenne des stations", en: "the stations' mean")
    } else if scores.inverse <= scores.simple() {
        text!(fr: "l'inverse des distances", en: "inverse distances")
    } else {
        text!(fr: "la station la plus proche", en: "the nearest station")
    };
    if is_better(scores) {
        return Text {
            fr: format!(
                "mieux que les méthodes simples {} ({} K contre {} K par {})",
                place.fr, model.fr, simple.fr, way.fr
            ),
            en: format!(
                "better than all simple ways {} ({} K against {} K by {})",
                place.en, model.en, simple.en, way.en
            ),
        };
    }
    let (fr, en) = if scores.model < scores.simple() {
        ("à peine mieux que", "hardly better than")
    } else {
        ("pas mieux que", "no better than")
    };
    Text {
        fr: format!("{fr} {} {} ({} K contre {} K)", way.fr, place.fr, model.fr, simple.fr),
        en: format!("{en} {} {} ({} K against {} K)", way.en, place.en, model.en, simple.en),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(model: f64, mean: f64, inverse: f64, nearest: f64) -> Scores {
        Scores { model, mean, inverse, nearest }
    }

    /// Bern in 2018: well met one by one, not at the stations kept out.
    #[test]
    fn the_stations_kept_out_have_their_say() {
        let told = of(&scores(0.5, 0.8, 0.7, 0.75), Some((12, scores(0.60, 0.9, 0.57, 0.8))));
        assert_eq!(
            told.en,
            "better than all simple ways in cross-validation (0.50 K against 0.70 K by inverse distances), no better than inverse distances at the 12 stations kept out (0.60 K against 0.57 K): nothing proves that the map adds anything to a simple way"
        );
        assert!(told.fr.contains("pas mieux que l'inverse des distances aux 12 stations gardées à part (0,60 K contre 0,57 K) : rien ne prouve"), "{}", told.fr);
        // Too few prove nothing, but refute.
        let told = of(&scores(0.5, 0.8, 0.7, 0.75), Some((2, scores(0.60, 0.9, 0.57, 0.8))));
        assert!(
            told.en.contains("no better than inverse distances at the 2 stations kept out"),
            "{}",
            told.en
        );
        let told = of(&scores(0.5, 0.8, 0.7, 0.75), Some((2, scores(0.3, 0.9, 0.57, 0.8))));
        assert!(told.en.ends_with("(2 is too few to prove it)"), "{}", told.en);
    }

    #[test]
    fn the_best_of_the_simple_ways_is_the_one_to_beat() {
        let one = |model: f64, mean, inverse, nearest| of(&scores(model, mean, inverse, nearest), None).en;
        assert_eq!(
            one(0.5, 0.8, 0.7, 0.6),
            "better than all simple ways in cross-validation (0.50 K against 0.60 K by the nearest station)"
        );
        assert!(one(0.59, 0.8, 0.7, 0.6).starts_with("hardly better than the nearest station"));
        assert!(one(0.6, 0.6, 0.6, 0.6).starts_with("no better than the stations' mean"));
        assert!(one(f64::NAN, 0.6, 0.6, 0.6).starts_with("no better than"));
        let told = of(&scores(0.9, 0.8, 0.7, 0.75), Some((12, scores(0.3, 0.9, 0.57, 0.8)))).en;
        assert!(told.starts_with("no better than inverse distances in cross-validation"), "{told}");
        assert!(told.ends_with("nothing proves that the map adds anything to a simple way"), "{told}");
    }
}
