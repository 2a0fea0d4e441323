//! `ilot info FILE`: what a cloud or a raster is.

use crate::cloud::catalogue::recorded_crs;
use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::points::{Audit, Batch, Cloud, Header, Layers, Scratch};
use crate::formats::raster::read::Raster;
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Describes a file; a cloud is decoded whole, so that damage is found.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let path = words.get_one::<PathBuf>("file").expect("the grammar asks for it");
    if let Err(why) = std::fs::metadata(path) {
        let shown = path.display();
        return Err(fault!(
            fr: "{shown} ne peut être ouvert ({why}) : vérifiez le chemin et vos droits.",
            en: "{shown} cannot be opened ({why}): check the path and your permissions.",
        ));
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_ascii_lowercase();
    let is_cloud = matches!(ending.as_str(), "las" | "laz") || starts_as_cloud(path);
    if is_cloud { cloud(path, json) } else { raster(path, json) }
}

/// Content decides where the ending says nothing.
fn starts_as_cloud(path: &Path) -> bool {
    use std::io::Read as _;
    let mut start = [0; 4];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && &start == b"LASF"
}

fn cloud(path: &Path, json: bool) -> Result<u8, Fault> {
    let cloud = Cloud::open(path)?;
    let header = cloud.header();
    let (audit, classes) = decode(&cloud)?;
    let crs = recorded_crs(&header.crs).and_then(Result::ok);
    let remarks = cloud.audit(&audit);
    if json {
        println!("{}", object(header, crs.as_ref(), &classes));
    } else {
        lines(header, crs.as_ref(), &classes).iter().for_each(|line| println!("{line}"));
        for remark in remarks {
            let (fr, en) = (remark.fr, remark.en);
            println!("{}", text!(fr: "attention : {fr}", en: "note: {en}"));
        }
    }
    Ok(report::ALL)
}

/// Decodes every layer, so that damage to any of them is found; counts points by class.
fn decode(cloud: &Cloud) -> Result<(Audit, Vec<u64>), Fault> {
    let sums = Mutex::new((Audit::default(), vec![0_u64; 256]));
    cloud.chunks().par_iter().try_for_each_init(
        || (Scratch::default(), Batch::default()),
        |(scratch, batch), chunk| {
            cloud.decode(chunk, Layers::ALL, scratch, batch)?;
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            sums.0.add(batch);
            batch.class.iter().for_each(|&class| sums.1[usize::from(class)] += 1);
            Ok(())
        },
    )?;
    Ok(sums.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn lines(header: &Header, crs: Option<&Crs>, classes: &[u64]) -> Vec<String> {
    let ((major, minor), format, kind) = (header.version, header.point_format, header.kind);
    let (count, extent) = (header.count, &header.extent);
    let area = extent.width().0 * extent.height().0;
    let density = if area > 0.0 { count as f64 / area } else { 0.0 };
    let [step, _, step_up] = header.scale;
    let (west, south, east, north) = (extent.west, extent.south, extent.east, extent.north);
    let (low, high) = (header.low, header.high);
    let crs = crs.map_or_else(|| text!(fr: "aucun", en: "none"), Crs::title);
    let mut lines = vec![
        text!(
            fr: "{kind:?} {major}.{minor}, format de point {format}, {count} points, {density:.2} points/m²",
            en: "{kind:?} {major}.{minor}, point format {format}, {count} points, {density:.2} points/m²",
        ),
        text!(fr: "CRS : {crs}", en: "CRS: {crs}"),
        text!(
            fr: "x {west:.2} à {east:.2}, y {south:.2} à {north:.2}, z {low:.2} à {high:.2} ; pas {step} et {step_up} m",
            en: "x {west:.2} to {east:.2}, y {south:.2} to {north:.2}, z {low:.2} to {high:.2}; steps {step} and {step_up} m",
        ),
    ];
    for (class, points) in classes.iter().enumerate().filter(|(_, points)| **points > 0) {
        let share = *points as f64 * 100.0 / count.max(1) as f64;
        lines.push(text!(
            fr: "  classe {class} : {points} points ({share:.1} %)",
            en: "  class {class}: {points} points ({share:.1} %)",
        ));
    }
    lines.iter().map(ToString::to_string).collect()
}

fn object(header: &Header, crs: Option<&Crs>, classes: &[u64]) -> serde_json::Value {
    let classes = classes.iter().enumerate().filter(|(_, points)| **points > 0);
    let classes: std::collections::BTreeMap<String, u64> =
        classes.map(|(class, points)| (class.to_string(), *points)).collect();
    let extent = &header.extent;
    serde_json::json!({
        "event": "info", "kind": format!("{:?}", header.kind), "version": [header.version.0, header.version.1],
        "point_format": header.point_format, "points": header.count, "classes": classes,
        "crs": crs.map(Crs::code), "scale": header.scale, "offset": header.offset,
        "extent": [extent.west, extent.south, extent.east, extent.north], "z": [header.low, header.high],
    })
}

fn raster(path: &Path, json: bool) -> Result<u8, Fault> {
    let raster = Raster::open(path)?;
    let frame = raster.frame();
    let (rows, cols, cell, extent) = (frame.rows, frame.cols, frame.cell, frame.extent());
    if json {
        let bands: Vec<_> = raster.bands().iter().map(|band| format!("{band:?}")).collect();
        println!(
            "{}",
            serde_json::json!({
                "event": "info", "kind": "Raster", "rows": rows, "cols": cols, "cell": cell.0, "bands": bands,
                "crs": raster.crs().map(Crs::code), "extent": [extent.west, extent.south, extent.east, extent.north],
            })
        );
        return Ok(report::ALL);
    }
    let bands = raster.bands().len();
    let crs = raster.crs().map_or_else(|| text!(fr: "aucun", en: "none"), Crs::title);
    println!(
        "{}",
        text!(
            fr: "Raster de {cols} × {rows} cellules de {cell}, {bands} bandes",
            en: "Raster of {cols} × {rows} cells of {cell}, {bands} bands",
        )
    );
    println!("CRS: {crs}");
    println!("x {} – {}, y {} – {}", extent.west, extent.east, extent.south, extent.north);
    for (index, band) in (1..).zip(raster.bands()) {
        let nodata = band.nodata.map_or_else(|| "–".to_owned(), |nodata| nodata.to_string());
        let (description, unit, stored) = (&band.description, &band.unit, &band.stored);
        println!(
            "{}",
            text!(
                fr: "  bande {index} : {description} [{unit}], {stored}, sans donnée = {nodata}",
                en: "  band {index}: {description} [{unit}], {stored}, no data = {nodata}",
            )
        );
    }
    for tag in ["ILOT_METHOD", "ILOT_SETTINGS", "ILOT_INPUTS", "ILOT_FINGERPRINT"] {
        if let Some(value) = raster.tag(tag) {
            println!("  {tag}: {value}");
        }
    }
    Ok(report::ALL)
}
