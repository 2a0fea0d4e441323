//! What changed, drawn: the part that a polygon of each date have in common, where its status changed.
//!
//! Areas are those of the sweep; the drawing is the intersection of the two polygons (geo's boolean operations), for
//! maps alone. Only polygons that take part in a change are read again. Cost: 30 µs a change.

use super::flux::{SLIVER, changed_pairs};
use super::mesh::Area;
use super::polygons::outlines;
use super::survey::Survey;
use super::tables::Sheet;
use crate::formats::vector::{FieldKind, Value};
use crate::text;
use crate::text::Fault;
use geo::{BooleanOps, Geometry, MultiPolygon};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The changes as a map; none where nothing changed.
///
/// # Errors
/// Where a file has become unreadable.
pub fn sheet(survey: &Survey) -> Result<Option<Sheet>, Fault> {
    let pairs: Vec<((u32, u32), Area)> =
        changed_pairs(survey).into_iter().filter(|(_, area)| area.square_metres() > 1e-6).collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let mut shapes: Vec<BTreeMap<usize, MultiPolygon<f64>>> = Vec::new();
    for side in 0..survey.sides() {
        let wanted: BTreeSet<usize> =
            pairs.iter().map(|(pair, _)| if side == 0 { pair.0 } else { pair.1 } as usize).collect();
        let mut found = BTreeMap::new();
        outlines(survey, side, |number, shape| {
            if wanted.contains(&number) {
                found.insert(number, shape);
            }
        })?;
        shapes.push(found);
    }
    let draw = |((first, second), _): &((u32, u32), Area)| {
        let one = shapes[0].get(&(*first as usize));
        let common = match (one, shapes.get(1).and_then(|shapes| shapes.get(&(*second as usize)))) {
            (Some(one), Some(other)) => one.intersection(other),
            (Some(one), None) => one.clone(),
            _ => MultiPolygon(Vec::new()),
        };
        Geometry::MultiPolygon(common)
    };
    let mut sheet = Sheet::new("zan_changes");
    (sheet.map, sheet.crs) = (true, Some(survey.crs.clone()));
    sheet.shapes = pairs.par_iter().map(draw).collect();
    columns(survey, &pairs, &mut sheet);
    Ok(Some(sheet))
}

fn columns(survey: &Survey, pairs: &[((u32, u32), Area)], sheet: &mut Sheet) {
    let place =
        |pair: (u32, u32), side: usize| (if side == 0 || survey.changes { pair.0 } else { pair.1 }) as usize;
    let couple = |pair: (u32, u32), side: usize| {
        let row = &survey.dated[if survey.changes { 0 } else { side }].rows[place(pair, side)];
        if survey.changes && side == 1 { row.after } else { row.couple }
    };
    let all = |pick: &dyn Fn((u32, u32)) -> String| -> Vec<String> {
        pairs.iter().map(|(pair, _)| pick(*pair)).collect()
    };
    let gained = |pair| survey.status[1][place(pair, 1)].artificial == Some(true);
    sheet.words(
        "change",
        text!(fr: "gain : artificialisé ; loss : désartificialisé", en: "gain: artificialised; loss: given back"),
        all(&|pair| if gained(pair) { "gain" } else { "loss" }.to_owned()),
    );
    let words = [
        ("cs_before", text!(fr: "Couverture avant", en: "Cover before")),
        ("us_before", text!(fr: "Usage avant", en: "Use before")),
        ("cs_after", text!(fr: "Couverture après", en: "Cover after")),
        ("us_after", text!(fr: "Usage après", en: "Use after")),
    ];
    for (place, (name, meaning)) in words.into_iter().enumerate() {
        let code = |pair| {
            let couple = couple(pair, place / 2);
            if place % 2 == 0 { couple.cover_code() } else { couple.use_code() }.to_owned()
        };
        sheet.words(name, meaning, all(&code));
    }
    let areas = pairs.iter().map(|(_, area)| Some((area.square_metres() * 1e4).round() / 1e4)).collect();
    sheet.numbers("area_m2", "m²", text!(fr: "Surface", en: "Area"), areas);
    let thick = |(pair, area): &((u32, u32), Area)| {
        let around = survey.perimeter(*pair);
        (around > 0.0).then(|| (2.0 * area.square_metres() / around * 1e3).round() / 1e3)
    };
    let thickness: Vec<Option<f64>> = pairs.iter().map(thick).collect();
    let slivers = thickness
        .iter()
        .map(|thick| thick.map_or(Value::Null, |thick| Value::Integer(i64::from(thick < SLIVER))));
    let meaning = text!(fr: "Liseré : épaisseur inférieure à 1 m", en: "Sliver: thinner than 1 m");
    sheet.column("sliver", FieldKind::Integer, "", meaning, slivers.collect());
    sheet.numbers(
        "thickness_m",
        "m",
        text!(fr: "Épaisseur, 2 × surface / périmètre", en: "Thickness, 2 × area / perimeter"),
        thickness,
    );
}
