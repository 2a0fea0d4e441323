//! Where unsealing is worth most: a score from 0 to 1 with its terms, and its reasons in words.
//!
//! In: a parcel and the plan's weights; out: terms from 0 to 1, of which those without an input are empty, and their
//! weighted mean over the terms that are known. A parcel with hardly any ground to unseal has no score. The terms:
//! sealed share; whether the decree's threshold is reached once the ground is given back, alone or together with what
//! touches it (else the ZAN does not count it); warmth; public land; level ground; little of it built; few trees.
//! Source: the criteria of Cerema's EPODES and of R. 101-1. Fails where: weights are a choice, made visible.

use super::Parcel;
use super::plu::{Plan, Score};
use super::window::percent;
use crate::text;
use crate::text::Text;

/// Names of the terms, as columns begin.
pub const TERMS: [&str; 7] = ["sealed", "threshold", "heat", "public", "flat", "unbuilt", "treeless"];

/// A score and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// The score; `None` where there is hardly anything to unseal.
    pub score: Option<f64>,
    /// The terms, in the order of [`TERMS`].
    pub terms: [Option<f64>; 7],
    /// Share of the weights that the known terms have.
    pub known: f64,
    /// In words.
    pub reasons: Text,
}

fn weights(score: &Score) -> [f64; 7] {
    let Score { sealed, threshold, heat, public, flat, unbuilt, bare_of_trees, .. } = score;
    [*sealed, *threshold, *heat, *public, *flat, *unbuilt, *bare_of_trees]
}

/// Rates a parcel.
pub fn rate(parcel: &Parcel, plan: &Plan) -> Rated {
    let score = &plan.score;
    let terms = terms(parcel, plan);
    let weights = weights(score);
    let (mut sum, mut weight) = (0.0, 0.0);
    for (term, share) in terms.iter().zip(weights) {
        if let Some(term) = term {
            sum += term * share;
            weight += share;
        }
    }
    let enough = parcel.to_unseal().is_some_and(|area| area >= score.least_m2);
    let known = weight / weights.iter().sum::<f64>();
    Rated {
        score: (enough && terms[0].is_some() && weight > 0.0).then(|| sum / weight),
        terms,
        known,
        reasons: reasons(parcel, plan, &terms),
    }
}

fn terms(parcel: &Parcel, plan: &Plan) -> [Option<f64>; 7] {
    let score = &plan.score;
    let falling = |value: f64, none: f64| (1.0 - value / none).clamp(0.0, 1.0);
    [
        parcel.sealed(),
        threshold(parcel, plan).map(f64::from),
        parcel.means.heat.map(|(heat, _)| (heat / score.heat_full_k).clamp(0.0, 1.0)),
        parcel.public.map(|public| f64::from(u8::from(public))),
        parcel.means.slope.map(|slope| falling(percent(slope), score.slope_none_pct)),
        parcel.land.filter(|land| land.known > 0.0).map(|land| 1.0 - land.classes[0] / land.known),
        parcel.means.canopy.map(|canopy| falling(canopy, score.canopy_none_pct)),
    ]
}

/// Whether what is given back counts: with OCS GE as found; without it, only a parcel that is large enough alone is known.
fn threshold(parcel: &Parcel, plan: &Plan) -> Option<u8> {
    if let Some(effect) = parcel.figures.effect {
        return Some(u8::from(effect.counts));
    }
    let ground = parcel.land.filter(|land| land.known > 0.0).map(|land| land.known - land.classes[0])?;
    (parcel.ocsge.is_none() && ground >= plan.score.zone_m2 && parcel.to_unseal()? >= plan.score.zone_m2)
        .then_some(1)
}

/// What warmth was measured against, in French and English.
fn warmth_against(median: bool) -> (&'static str, &'static str) {
    if median {
        ("la médiane du réseau", "the median of the network")
    } else {
        ("la campagne", "open country")
    }
}

fn reasons(parcel: &Parcel, plan: &Plan, terms: &[Option<f64>; 7]) -> Text {
    let mut all: Vec<Text> = Vec::new();
    if let (Some(share), Some(area)) = (terms[0], parcel.to_unseal()) {
        let (share, area) = ((share * 100.0).round(), area.round());
        all.push(text!(fr: "{share} % imperméable, {area} m² à désimperméabiliser hors bâti", en: "{share} % sealed, {area} m² to unseal beside buildings"));
    }
    all.extend(threshold_words(parcel, plan));
    if let Some((heat, interval)) = parcel.means.heat {
        let (ours, theirs) = warmth_against(parcel.means.against_median);
        let en = format!("{heat:+.1}{}", interval.map(|half| format!(" ± {half:.1}")).unwrap_or_default());
        let fr = en.replace('.', ",");
        all.push(text!(fr: "{fr} K par rapport à {ours}", en: "{en} K against {theirs}"));
    }
    match parcel.public {
        Some(true) => all.push(text!(fr: "foncier public", en: "public land")),
        Some(false) => all.push(text!(fr: "foncier privé", en: "private land")),
        None => {}
    }
    if let Some(slope) = parcel.means.slope.map(percent) {
        all.push(text!(fr: "pente {slope:.0} %", en: "slope {slope:.0} %"));
    }
    if let Some(canopy) = parcel.means.canopy.filter(|canopy| *canopy < plan.score.canopy_none_pct) {
        all.push(text!(fr: "peu d'arbres ({canopy:.0} %)", en: "few trees ({canopy:.0} %)"));
    }
    if let Some(site) = &parcel.brownfield {
        all.push(text!(fr: "friche {site}", en: "brownfield {site}"));
    }
    let join = |pick: fn(&Text) -> &str| all.iter().map(pick).collect::<Vec<_>>().join(" ; ");
    Text { fr: join(|text| &text.fr), en: join(|text| &text.en) }
}

fn threshold_words(parcel: &Parcel, plan: &Plan) -> Option<Text> {
    let zone = plan.score.zone_m2;
    let Some(effect) = parcel.figures.effect else {
        return threshold(parcel, plan).map(|_| {
            text!(
                fr: "plus de {zone} m² d'un seul tenant : compte pour le ZAN si arboré ou changé d'usage",
                en: "more than {zone} m² in one piece: counts for the ZAN once wooded or of another use",
            )
        });
    };
    let (own, joined) = (effect.own.round(), effect.joined.round());
    Some(match (own > 0.0, effect.counts, effect.own >= zone) {
        (false, ..) => {
            text!(fr: "rien d'artificialisé hors bâti", en: "nothing artificialised beside buildings")
        }
        (_, true, true) => text!(
            fr: "{own} m² artificialisés hors bâti, au-dessus du seuil de {zone} m² : compte pour le ZAN si arboré ou changé d'usage",
            en: "{own} m² artificialised beside buildings, above the threshold of {zone} m²: counts for the ZAN once wooded or of another use",
        ),
        (_, true, false) => text!(
            fr: "{own} m², et touche du sol non artificialisé : le seuil de {zone} m² est passé, compte pour le ZAN si arboré ou changé d'usage",
            en: "{own} m², and touches soil that is not artificialised: the threshold of {zone} m² is passed, counts for the ZAN once wooded or of another use",
        ),
        _ => text!(
            fr: "{joined} m² seulement avec ce qui le touche : sous le seuil de {zone} m², ne compte pas pour le ZAN",
            en: "only {joined} m² with what touches it: below the threshold of {zone} m², does not count for the ZAN",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::window::{Effect, Figures};
    use super::super::{Land, Means, Origin};
    use super::*;

    fn yard() -> Parcel {
        let classes = [200.0, 700.0, 0.0, 0.0, 100.0, 0.0, 0.0, 0.0, 0.0];
        Parcel {
            area: 1000.0,
            land: Some(Land { classes, known: 1000.0, edge: 0.0, origin: Origin::Cover }),
            public: Some(true),
            means: Means { heat: Some((1.5, None)), slope: Some(0.0), canopy: Some(5.0), ..Means::default() },
            figures: Figures {
                effect: Some(Effect { own: 800.0, joined: 2500.0, counts: true }),
                ..Figures::default()
            },
            ..Parcel::default()
        }
    }

    #[test]
    fn the_score_is_the_weighted_mean_of_its_terms() {
        let rated = rate(&yard(), &Plan::default());
        let wanted = [0.9, 1.0, 0.5, 1.0, 1.0, 0.8, 0.5];
        assert_eq!(rated.terms.map(Option::unwrap), wanted);
        let score = 0.9 * 0.3 + 0.2 + 0.5 * 0.15 + 0.15 + 0.1 + 0.8 * 0.05 + 0.5 * 0.05;
        assert!((rated.score.unwrap() - score).abs() < 1e-12 && (rated.known - 1.0).abs() < 1e-12);
        assert!(rated.reasons.fr.contains("foncier public") && rated.reasons.fr.contains("seuil"));
    }

    #[test]
    fn a_term_without_an_input_is_empty_and_the_others_carry_the_score() {
        let bare = Parcel { public: None, means: Means::default(), figures: Figures::default(), ..yard() };
        let rated = rate(&bare, &Plan::default());
        assert_eq!(rated.terms, [Some(0.9), None, None, None, None, Some(0.8), None]);
        assert!((rated.score.unwrap() - (0.9 * 0.3 + 0.8 * 0.05) / 0.35).abs() < 1e-12);
        assert!((rated.known - 0.35).abs() < 1e-12);
    }

    #[test]
    fn where_nothing_can_be_unsealed_there_is_no_score() {
        let classes = [900.0, 40.0, 0.0, 0.0, 60.0, 0.0, 0.0, 0.0, 0.0];
        let land = Some(Land { classes, known: 1000.0, edge: 0.0, origin: Origin::Cover });
        assert_eq!(rate(&Parcel { land, ..yard() }, &Plan::default()).score, None);
    }
}
