//! Brownfields crossed with the maps: how much is sealed, under trees, warm, artificialised.
//!
//! In: sites as polygons, such as Cartofriches (CNIG's schema: `site_id`, `site_nom`, `site_statut`, `sol_pollution_existe`);
//! out: a layer of them with their own columns and the figures. Those that are only potential are left out, as the
//! State's own portal does. Points have no area: they are counted and left out. Cost: a zonal pass for each map.

use super::inputs::Read;
use super::{Answer, Order};
use crate::formats::vector::{Field, Layer, Value};
use crate::measures::zan::tables::Sheet;
use crate::measures::zonal::{self, Column, Question};
use crate::text;
use crate::text::{Fault, Text};

/// Columns that name a site.
pub const IDS: [&str; 5] = ["site_id", "id", "idfriche", "site_nom", "fid"];

/// The layer; none where no file is given, or no map is there.
///
/// # Errors
/// Where the file or a map cannot be read.
pub fn measure(order: &Order, read: &Read, answer: &mut Answer) -> Result<Option<Sheet>, Fault> {
    let (Some(path), Some(maps)) = (&order.brownfields, &read.maps) else { return Ok(None) };
    let question = Question { zones: path.clone(), crs: order.crs.clone(), ..Question::default() };
    let cover = Question { rasters: vec![maps.join("cover.vrt")], classes: true, ..question.clone() };
    let found = zonal::measure(&cover)?;
    answer.remarks.extend(found.remarks);
    let names = ["canopy", "slope", "vegetation_height"].into_iter().chain(read.heat);
    let rasters = names.filter_map(|name| order.map(name)).collect();
    let means = zonal::measure(&Question { rasters, ..question })?;
    let own = found.layer.fields.len() - found.columns.len();
    let fields = &found.layer.fields[..own];
    let kept = kept(&found.layer, fields, answer);
    let mut sheet = Sheet::new("brownfields");
    sheet.crs = found.layer.crs.clone();
    sheet.shapes = kept.iter().map(|&row| found.layer.features[row].geometry.clone()).collect();
    for (place, field) in fields.iter().enumerate() {
        let values = kept.iter().map(|&row| found.layer.features[row].values[place].clone()).collect();
        let meaning = text!(fr: "Colonne du fichier des friches", en: "Column of the file of brownfields");
        sheet.column(&field.name, field.kind, "", meaning, values);
    }
    figures(&found.columns, &means.columns, &kept, read.heat, &mut sheet);
    zonal::unique(&mut sheet.columns[own..], fields);
    Ok(Some(sheet))
}

/// Rows of the sites that are not only potential.
fn kept(layer: &Layer, fields: &[Field], answer: &mut Answer) -> Vec<usize> {
    let status = fields.iter().position(|field| field.name.eq_ignore_ascii_case("site_statut"));
    let potential = |row: &usize| {
        let value = status.map(|status| &layer.features[*row].values[status]);
        matches!(value, Some(Value::Text(words)) if words.to_lowercase().contains("potentielle"))
    };
    let (left, kept): (Vec<usize>, Vec<usize>) = (0..layer.features.len()).partition(potential);
    let count = left.len();
    if count > 0 {
        answer.remarks.push(text!(
            fr: "{count} friches « potentielles » ne sont pas retenues",
            en: "{count} brownfields that are only potential are left out",
        ));
    }
    kept
}

fn figures(areas: &[Column], means: &[Column], kept: &[usize], heat: Option<&str>, sheet: &mut Sheet) {
    let number = |columns: &[Column], name: &str, row: usize| {
        columns.iter().find(|column| column.name == name).and_then(|column| column.values[row].number())
    };
    let sum = |classes: &[usize], row: usize| -> Option<f64> {
        let known = number(areas, "cover_area", row).filter(|known| *known > 0.0)?;
        let area = |class: &usize| number(areas, &format!("cover_area_{class}"), row).unwrap_or(0.0);
        Some(classes.iter().map(area).sum::<f64>() / known * 100.0)
    };
    let mut add = |name: &str, unit: &'static str, meaning: Text, pick: &dyn Fn(usize) -> Option<f64>| {
        sheet.numbers(name, unit, meaning, kept.iter().map(|&row| pick(row)).collect());
    };
    add("area_m2", "m²", text!(fr: "Surface avec données", en: "Area with data"), &|row| {
        number(areas, "cover_area", row)
    });
    add("sealed_pct", "%", text!(fr: "Part imperméable", en: "Sealed share"), &|row| sum(&[1, 2, 8], row));
    add("built_pct", "%", text!(fr: "Part bâtie", en: "Built share"), &|row| sum(&[1], row));
    add("open_soil_pct", "%", text!(fr: "Part de pleine terre", en: "Share of open soil"), &|row| {
        sum(&[4, 5, 6, 7], row)
    });
    add("canopy_pct", "%", text!(fr: "Part sous les arbres", en: "Share under trees"), &|row| {
        number(means, "canopy_mean", row)
    });
    add("slope_deg", "°", text!(fr: "Pente moyenne", en: "Mean slope"), &|row| {
        number(means, "slope_mean", row)
    });
    if let Some(heat) = heat {
        let name = format!("{heat}_mean");
        add(
            "heat_k",
            "K",
            text!(fr: "Chaleur, écart à la référence des cartes", en: "Warmth, against the reference of the maps"),
            &|row| number(means, &name, row),
        );
    }
}
