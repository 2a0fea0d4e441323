//! `stations`: what was observed, and what models that had not seen a station say of it.
//!
//! In: a study; out: a layer with `station_id, observed_k, predicted_k, low_k, high_k` of the nights, the same of the days,
//! and what a station was used for. A station that was kept out is predicted by the model of all others; a station with a
//! fault too, but has no observation. Cost: none.

use super::{Half, Part, Study};
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value};
use crate::measures::sensors::tables::real;
use crate::measures::sensors::words;
use crate::text;
use crate::text::Text;
use ilot_kernels::learn::Predicted;

/// Observed, predicted, low and high of a station.
pub(super) fn row(study: &Study, part: Part, station: usize) -> [f64; 4] {
    let observed = study.observed(station, part);
    let Some(half) = study.halves.iter().find(|half| half.part == part) else {
        return [observed, f64::NAN, f64::NAN, f64::NAN];
    };
    let found = match half.rows.iter().position(|row| *row == station) {
        Some(place) => half.learned.unseen[place],
        None => kept_out(study, half, station),
    };
    [observed, found.value, found.value - found.half, found.value + found.half]
}

fn kept_out(study: &Study, half: &Half, station: usize) -> Predicted {
    let entry = &study.survey.sheet.entries[station];
    half.learned.predict(entry.x, entry.y, &study.covariates(half, station))
}

pub(super) fn stations(study: &Study) -> (Layer, Vec<(Text, &'static str)>) {
    let names = ["observed", "predicted", "low", "high"];
    let real_field = |name: String| Field { name, kind: FieldKind::Real };
    let text_field = |name: &str| Field { name: name.to_owned(), kind: FieldKind::Text };
    let mut fields = vec![text_field("station_id")];
    fields.extend(names.map(|name| real_field(format!("{name}_k"))));
    fields.extend(names.map(|name| real_field(format!("day_{name}_k"))));
    fields.extend([text_field("role"), text_field("faults")]);
    let feature = |station: usize| {
        let entry = &study.survey.sheet.entries[station];
        let faults: Vec<&str> = study.survey.faults[station].iter().map(words::word).collect();
        let used = study.halves.iter().any(|half| half.rows.contains(&station));
        let role = if study.kept_out[station] {
            "kept_out"
        } else if used {
            "model"
        } else {
            "not_used"
        };
        let figures =
            [Part::Night, Part::Day].into_iter().flat_map(|part| row(study, part, station)).map(real);
        let mut values = vec![Value::Text(entry.name.clone())];
        values.extend(figures);
        values.extend([Value::Text(role.to_owned()), Value::Text(faults.join(" "))]);
        Feature { geometry: geo::Point::new(entry.x, entry.y).into(), values }
    };
    let features = (0..study.survey.sheet.entries.len()).map(feature).collect();
    let layer = Layer { crs: Some(study.survey.sheet.crs.clone()), fields, features };
    (layer, meanings())
}

fn meanings() -> Vec<(Text, &'static str)> {
    let figures = |part: Text| {
        let (fr, en) = (part.fr, part.en);
        [
            text!(fr: "Écart observé à la référence, {fr}", en: "Difference from the reference as observed, {en}"),
            text!(fr: "Écart prédit par un modèle qui n'a pas vu la station, {fr}", en: "Difference by a model that had not seen the station, {en}"),
            text!(fr: "Bas de l'intervalle à 90 %, {fr}", en: "Low end of the 90 % interval, {en}"),
            text!(fr: "Haut de l'intervalle à 90 %, {fr}", en: "High end of the 90 % interval, {en}"),
        ]
        .map(|text| (text, "K"))
    };
    let mut all = vec![(text!(fr: "Nom", en: "Name"), "")];
    all.extend(figures(Part::Night.name()));
    all.extend(figures(Part::Day.name()));
    all.push((text!(fr: "model : apprise, prédite sans elle ; kept_out : gardée à part ; not_used : écartée", en: "model: learned from, predicted without it; kept_out: kept apart; not_used: set aside"), ""));
    all.push((text!(fr: "Défauts", en: "Faults"), ""));
    all
}
