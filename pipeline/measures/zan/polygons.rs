//! Each polygon of a date with its status, category and reason, for maps.

use super::Mode;
use super::lidar;
use super::read::bring;
use super::survey::Survey;
use super::tables::Sheet;
use crate::formats::crs::Transform;
use crate::formats::vector::{FieldKind, Source, Value};
use crate::text;
use crate::text::Fault;
use geo::{Geometry, LineString, MultiPolygon, Polygon};

/// The polygons of a date, read again: their geometry as delivered.
///
/// # Errors
/// Where a file has become unreadable.
pub fn sheet(survey: &Survey, side: usize, mode: Mode) -> Result<Sheet, Fault> {
    let dated = &survey.dated[side];
    let mut sheet = Sheet::new("zan_polygons");
    (sheet.map, sheet.crs) = (true, Some(survey.crs.clone()));
    outlines(survey, side, |_, shape| sheet.shapes.push(single(shape)))?;
    let kept: Vec<usize> = (0..dated.rows.len().min(sheet.shapes.len())).collect();
    columns(survey, side, mode, &kept, &mut sheet);
    Ok(sheet)
}

/// Gives the polygons of a date in the order of their rows, read again, in the CRS of the data.
///
/// # Errors
/// Where a file has become unreadable.
pub fn outlines(
    survey: &Survey,
    side: usize,
    mut take: impl FnMut(usize, MultiPolygon<f64>),
) -> Result<(), Fault> {
    let (dated, mut number) = (&survey.dated[side], 0);
    if let Some(origin) = &dated.origin {
        return lidar::outlines(origin, &survey.crs, |number, rings| take(number, polygons(rings)));
    }
    for (file, (path, _)) in dated.files.iter().enumerate() {
        let source = Source::open(path)?;
        let place = dated.layers[file];
        let own = dated.systems.get(file).filter(|own| !own.same_horizontal(&survey.crs));
        let way = own.map(|own| Transform::new(own, &survey.crs)).transpose()?;
        let _ = source.each_outline(place, &[], |mut outline| {
            if let Some(way) = &way {
                bring(&mut outline.rings, way)?;
            }
            take(number, polygons(outline.rings));
            number += 1;
            Ok(())
        })?;
    }
    Ok(())
}

/// Rings as polygons: an outer ring and the holes that follow it.
fn polygons(rings: Vec<(bool, Vec<(f64, f64)>)>) -> MultiPolygon<f64> {
    let mut parts: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
    for (outer, ring) in rings {
        let line = LineString::from(ring);
        match parts.last_mut() {
            Some((_, holes)) if !outer => holes.push(line),
            _ => parts.push((line, Vec::new())),
        }
    }
    parts.into_iter().map(|(outer, holes)| Polygon::new(outer, holes)).collect()
}

fn single(mut shape: MultiPolygon<f64>) -> Geometry<f64> {
    if shape.0.len() == 1 { Geometry::Polygon(shape.0.remove(0)) } else { Geometry::MultiPolygon(shape) }
}

fn columns(survey: &Survey, side: usize, mode: Mode, kept: &[usize], sheet: &mut Sheet) {
    let dated = &survey.dated[side];
    let all = |pick: &dyn Fn(usize) -> Value| kept.iter().map(|&number| pick(number)).collect();
    let (text, whole) = (FieldKind::Text, FieldKind::Integer);
    sheet.column(
        "date",
        text,
        "",
        text!(fr: "Date", en: "Date"),
        all(&|n| word(&dated.dates[usize::from(dated.rows[n].date)].label)),
    );
    sheet.column(
        "number",
        whole,
        "",
        text!(fr: "Rang dans la couche livrée", en: "Place in the layer delivered"),
        all(&|n| Value::Integer(i64::from(dated.rows[n].number) + 1)),
    );
    sheet.column(
        "code_cs",
        text,
        "",
        text!(fr: "Couverture", en: "Cover"),
        all(&|n| word(dated.rows[n].couple.cover_code())),
    );
    sheet.column(
        "code_us",
        text,
        "",
        text!(fr: "Usage", en: "Use"),
        all(&|n| word(dated.rows[n].couple.use_code())),
    );
    judged(survey, side, kept, sheet);
    let mode = mode.word().to_owned();
    sheet.column("mode", text, "", text!(fr: "Mode demandé", en: "Mode asked for"), all(&|_| word(&mode)));
}

fn word(word: &str) -> Value {
    if word.is_empty() { Value::Null } else { Value::Text(word.to_owned()) }
}

fn judged(survey: &Survey, side: usize, kept: &[usize], sheet: &mut Sheet) {
    let (dated, status, areas) = (&survey.dated[side], &survey.status[side], &survey.areas[side]);
    let yes = |answer: Option<bool>| answer.map_or(Value::Null, |yes| Value::Integer(yes.into()));
    let all = |pick: &dyn Fn(usize) -> Value| kept.iter().map(|&number| pick(number)).collect();
    let (text, whole, real) = (FieldKind::Text, FieldKind::Integer, FieldKind::Real);
    sheet.column(
        "artif",
        whole,
        "",
        text!(fr: "Artificialisé, selon le mode demandé", en: "Artificialised, in the mode asked for"),
        all(&|n| yes(status[n].artificial)),
    );
    sheet.column(
        "artif_matrice",
        whole,
        "",
        text!(fr: "Artificialisé par la matrice", en: "Artificialised by the matrix"),
        all(&|n| yes(status[n].verdict.matrix)),
    );
    sheet.column(
        "artif_seuil",
        whole,
        "",
        text!(fr: "Artificialisé, seuils recalculés", en: "Artificialised, thresholds recomputed"),
        all(&|n| yes(status[n].verdict.threshold)),
    );
    if dated.has_status {
        sheet.column("artif_ign", whole, "", text!(fr: "Artificialisé selon l'attribut livré", en: "Artificialised by the attribute delivered"), all(&|n| yes(status[n].given)));
    }
    sheet.column(
        "motif",
        text,
        "",
        text!(fr: "Raison du statut avec seuils", en: "Reason of the status with thresholds"),
        all(&|n| word(status[n].verdict.motif.word())),
    );
    let category = |n: usize| status[n].category.map_or(Value::Null, |number| Value::Integer(number.into()));
    sheet.column("categorie", whole, "", text!(fr: "Catégorie de l'annexe à R. 101-1, 1 à 10", en: "Category of the annex to R. 101-1, 1 to 10"), all(&category));
    sheet.column(
        "impermeable",
        whole,
        "",
        text!(fr: "Imperméable", en: "Impermeable"),
        all(&|n| yes(status[n].sealed)),
    );
    let area = |n: usize| Value::Real((areas[n].square_metres() * 1e4).round() / 1e4);
    sheet.column(
        "area_m2",
        real,
        "m²",
        text!(fr: "Surface dans le plan", en: "Area on the plane"),
        all(&area),
    );
}
