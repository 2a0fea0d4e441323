//! The maps: warmth, interval and mask, tile by tile.
//!
//! In: models and rasters; out: COGs of 512 cells a side with mosaics and styles. Each tile reads what its discs need and
//! no more, so that a tile has the cells of the whole. Fails where: a model rests on numbers of the station sheet: no raster
//! holds them, no map. Cost: see [`super`].

use super::areas::{self, Place};
use super::guard::{self, Guard};
use super::picture::Look;
use super::{Half, Order, Part, Source, Study, lines, stack};
use crate::formats::raster::RasterMeta;
use crate::formats::raster::cog::encode_cog;
use crate::formats::raster::vrt::encode_vrt;
use crate::measures::sensors::output::Output;
use crate::product::{HEAT_DAY, HEAT_DAY_INTERVAL, HEAT_MASK, HEAT_NIGHT, HEAT_NIGHT_INTERVAL, Spec, median};
use crate::store::Store;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::applicability::Area;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::krige::{Estimate, Kriging};
use ilot_kernels::regress::Fit;
use rayon::prelude::*;

/// Cells of a tile's side.
const TILE: usize = 512;

/// Makes all maps; how many cells have a value by night (or by day, where there is no night), and a look at each.
pub(super) fn make(
    order: &Order,
    study: &mut Study,
    store: &Output,
) -> Result<(u64, Vec<(Part, Look)>), Fault> {
    let mut remarks = Vec::new();
    let (cells, looks) = all(order, study, store, &mut remarks)?;
    if cells == 0 && (order.zones.is_some() || !order.stack.is_empty()) {
        remarks.push(text!(
            fr: "pas de carte, donc ni moyennes par zone, ni isolignes, ni cartes par heure",
            en: "no map, hence no means of zones, no contour lines and no maps by the hour",
        ));
    }
    study.remarks.append(&mut remarks);
    Ok((cells, looks))
}

fn all(
    order: &Order,
    study: &Study,
    store: &Output,
    remarks: &mut Vec<Text>,
) -> Result<(u64, Vec<(Part, Look)>), Fault> {
    let halves: Vec<&Half> = study.halves.iter().filter(|half| drawable(study, half, remarks)).collect();
    let Some(whole) = whole(study, &halves) else { return Ok((0, Vec::new())) };
    let mut looks: Vec<(Part, Look)> = halves.iter().map(|half| (half.part, Look::new(whole))).collect();
    let limits: Vec<Limits> = halves.iter().map(|half| Limits::of(study, half)).collect();
    let zones = order.zones.as_ref().map(|zones| areas::places(zones, study, &whole, halves.len()));
    let mut places = zones.transpose()?.unwrap_or_default();
    let (mut cells, mut tiles) = (0, Vec::new());
    for tile in whole.squares(TILE) {
        let found = draw(study, &halves, &limits, &tile, (&whole, &mut places))?;
        let name = format!("{:07}_{:07}", tile.west.round(), tile.north.round());
        looks.iter_mut().zip(&found).for_each(|((_, look), drawn)| look.take(&drawn.warmth, &drawn.half));
        cells += found.first().map_or(0, Drawn::inside);
        if found.iter().any(|drawn| drawn.inside() > 0) {
            write(study, store, &halves, &found, &tile, &name)?;
            tiles.push((name, tile));
        }
    }
    let share = cells as f64 * 100.0 / whole.len() as f64;
    remarks.push(text!(
        fr: "la carte a une valeur sur {share:.0} % de ses cellules ; ailleurs aucun capteur n'est dans un lieu semblable, ou une covariable manque",
        en: "the map has a value in {share:.0} % of its cells; elsewhere no sensor stands at a place alike, or a covariate is missing",
    ));
    if tiles.is_empty() {
        return Ok((0, Vec::new()));
    }
    close(study, store, &halves, &tiles, &whole)?;
    let parts: Vec<Part> = halves.iter().map(|half| half.part).collect();
    if order.contours > 0.0 {
        remarks.extend(lines::write(order.contours, &parts, &study.survey.sheet.crs, store)?);
    }
    if let Some(zones) = &order.zones {
        remarks.extend(areas::write(zones, study, &halves, &places, store)?);
    }
    for wanted in &order.stack {
        remarks.extend(stack::make(*wanted, study, &halves, &limits, &whole, store)?);
    }
    Ok((cells, looks))
}

/// Whether rasters hold all that a model chose.
fn drawable(study: &Study, half: &Half, remarks: &mut Vec<Text>) -> bool {
    let chosen = &half.learned.model.choice.chosen;
    let sheet: Vec<String> = chosen
        .iter()
        .filter(|n| matches!(study.sources[**n], Source::Sheet(_)))
        .map(|n| study.name(*n))
        .collect();
    if !sheet.is_empty() {
        let (names, part) = (sheet.join(", "), half.part.name());
        let (fr, en) = (part.fr, part.en);
        remarks.push(text!(
            fr: "{fr} : pas de carte, le modèle repose sur {names} de la feuille des stations, qu'aucun raster ne porte",
            en: "{en}: no map, the model rests on {names} of the station sheet, which no raster holds",
        ));
    }
    sheet.is_empty() && !study.families.is_empty()
}

/// The map's frame: where all chosen rasters are, or, where none was chosen, the first.
fn whole(study: &Study, halves: &[&Half]) -> Option<Frame> {
    let chosen = halves.iter().flat_map(|half| &half.learned.model.choice.chosen);
    let mut frames: Vec<Frame> = chosen
        .filter_map(|number| match study.sources[*number] {
            Source::Disc(family, _) => Some(*study.families[family].frame()),
            Source::Sheet(_) => None,
        })
        .collect();
    if frames.is_empty() && !halves.is_empty() {
        frames.extend(study.families.first().map(|family| *family.frame()));
    }
    let extents = frames.into_iter().map(|frame| frame.extent());
    let shared = extents.map(Some).reduce(|a, b| a?.intersection(&b?))??;
    let frame = study.gridding.frame(&shared);
    (!frame.is_empty()).then_some(frame)
}

/// Where a model may speak: within the area of applicability with covariates weighted by what they do, and within the same
/// without weights. A covariate that does little at the stations may do much where none stands, as the nearness of water. None
/// where it chose no covariate: there is nothing to compare.
fn area(half: &Half) -> Option<[Area; 2]> {
    let choice = &half.learned.model.choice;
    if choice.chosen.is_empty() {
        return None;
    }
    let rows: Vec<Vec<f64>> =
        (0..half.rows.len()).map(|row| choice.row(&half.table.candidates, row)).collect();
    let deviation = |column: usize| {
        let n = rows.len() as f64;
        let mean = rows.iter().map(|row| row[column]).sum::<f64>() / n;
        (rows.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
    };
    let weights: Vec<f64> = (0..choice.chosen.len())
        .map(|column| choice.fit.coefficients[column + 1].abs() * deviation(column))
        .collect();
    let folds: Vec<usize> = (0..rows.len()).collect();
    let plain = vec![1.0; weights.len()];
    Some([Area::new(&rows, &weights, &folds), Area::new(&rows, &plain, &folds)])
}

/// Where a model may speak: within its area of applicability, and not beyond what its stations know of other covariates.
pub(super) struct Limits {
    pub area: Option<[Area; 2]>,
    /// Of each covariate of the model.
    pub ranges: Vec<(f64, f64)>,
    pub guards: Vec<Guard>,
}

impl Limits {
    fn of(study: &Study, half: &Half) -> Limits {
        Limits { area: area(half), ranges: guard::ranges(study, half), guards: guard::of(study, half) }
    }
}

/// One model over one tile; a cell outside of where it may speak has no value.
struct Drawn {
    warmth: Grid<f32>,
    half: Grid<f32>,
}

impl Drawn {
    fn inside(&self) -> u64 {
        self.warmth.cells().iter().filter(|cell| cell.is_finite()).count() as u64
    }

    fn mask(&self) -> Grid<u8> {
        let cells = self.warmth.cells().iter().map(|cell| u8::from(cell.is_finite()));
        Grid::new(*self.warmth.frame(), cells.collect())
    }
}

fn draw(
    study: &Study,
    halves: &[&Half],
    limits: &[Limits],
    tile: &Frame,
    (whole, places): (&Frame, &mut [Place]),
) -> Result<Vec<Drawn>, Fault> {
    let (row, col) = whole.offset_of(tile).unwrap_or_default();
    let mut one = |(number, (half, limits)): (usize, (&&Half, &Limits))| {
        let covariates = half.learned.model.choice.chosen.iter().map(|number| match study.sources[*number] {
            Source::Disc(family, radius) => study.families[family].means(tile, radius),
            Source::Sheet(_) => Ok(Grid::filled(*tile, f32::NAN)),
        });
        let covariates = covariates.collect::<Result<Vec<_>, Fault>>()?;
        let mut grids = Surface::of(half, limits).draw(&covariates, tile);
        guard::clear(&guard::beyond(&limits.guards, study, tile)?, &mut grids);
        let [warmth, width] = grids;
        let drawn = Drawn { warmth, half: width };
        for place in places.iter_mut() {
            let at = (place.cell.0.wrapping_sub(row), place.cell.1.wrapping_sub(col));
            if at.0 < tile.rows && at.1 < tile.cols && drawn.warmth.at(at.0, at.1).is_finite() {
                let own = covariates.iter().map(|grid| f64::from(grid.at(at.0, at.1))).collect();
                place.covariates[number] = Some(own);
            }
        }
        Ok(drawn)
    };
    halves.iter().zip(limits).enumerate().map(&mut one).collect()
}

/// What a fitted model says over a frame, and where it may.
pub(super) struct Surface<'a> {
    pub fit: &'a Fit,
    pub kriging: Option<&'a Kriging>,
    /// By what a standard deviation is multiplied to make the half-width of an interval.
    pub multiple: f64,
    pub limits: &'a Limits,
}

impl Surface<'_> {
    fn of<'a>(half: &'a Half, limits: &'a Limits) -> Surface<'a> {
        let model = &half.learned.model;
        let kriging = model.kriging.as_ref().map(|(kriging, _)| kriging);
        Surface { fit: &model.choice.fit, kriging, multiple: half.learned.multiple, limits }
    }

    /// Values and half-widths; missing where the model may not speak or a covariate is missing.
    pub fn draw(&self, covariates: &[Grid<f32>], frame: &Frame) -> [Grid<f32>; 2] {
        let mut warmth = Grid::filled(*frame, f32::NAN);
        let mut width = Grid::filled(*frame, f32::NAN);
        let rows = warmth.cells_mut().par_chunks_mut(frame.cols);
        let rows = rows.zip(width.cells_mut().par_chunks_mut(frame.cols));
        rows.enumerate().for_each(|(row, (warmth, width))| {
            let columns: Vec<Vec<f64>> = covariates
                .iter()
                .map(|grid| grid.row(row).iter().map(|value| f64::from(*value)).collect())
                .collect();
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let mut inside = vec![true; frame.cols];
            for (column, (low, high)) in columns.iter().zip(&self.limits.ranges) {
                let cells = inside.iter_mut().zip(*column);
                cells.for_each(|(inside, value)| *inside &= (*low..=*high).contains(value));
            }
            for area in self.limits.area.iter().flatten() {
                area.keep_inside(&columns, &mut inside);
            }
            if !inside.contains(&true) {
                return;
            }
            let (values, variances) = self.row(frame, row, &columns);
            let found = values.iter().zip(&variances).zip(&inside).zip(warmth).zip(width);
            for ((((value, variance), inside), warmth), width) in found {
                if *inside && value.is_finite() {
                    *warmth = *value as f32;
                    *width = (self.multiple * variance.sqrt()) as f32;
                }
            }
        });
        [warmth, width]
    }

    /// Values and variances of a row of cells.
    fn row(&self, frame: &Frame, row: usize, columns: &[&[f64]]) -> (Vec<f64>, Vec<f64>) {
        let (mut values, mut variances) = (vec![0.0; frame.cols], vec![0.0; frame.cols]);
        match self.kriging {
            Some(kriging) => {
                let x: Vec<f64> = (0..frame.cols).map(|col| frame.x(col)).collect();
                let y = vec![frame.y(row); frame.cols];
                let mut out = vec![Estimate { value: 0.0, variance: 0.0 }; frame.cols];
                kriging.along(&x, &y, columns, &mut out);
                for (found, (value, variance)) in out.iter().zip(values.iter_mut().zip(&mut variances)) {
                    (*value, *variance) = (found.value, found.variance);
                }
            }
            None => self.fit.along(columns, &mut values, &mut variances),
        }
        (values, variances)
    }
}

pub(super) fn specs(part: Part) -> [&'static Spec; 2] {
    match part {
        Part::Night => [&HEAT_NIGHT.spec, &HEAT_NIGHT_INTERVAL.spec],
        Part::Day => [&HEAT_DAY.spec, &HEAT_DAY_INTERVAL.spec],
    }
}

fn write(
    study: &Study,
    store: &Output,
    halves: &[&Half],
    found: &[Drawn],
    tile: &Frame,
    name: &str,
) -> Result<(), Fault> {
    let crs = &study.survey.sheet.crs;
    for (half, drawn) in halves.iter().zip(found) {
        for (spec, grid) in specs(half.part).into_iter().zip([&drawn.warmth, &drawn.half]) {
            let meta = against(study, spec.meta(vec![spec.title.en.to_owned()], tags(study, half), crs));
            store.write(&Store::raster_name(spec, name), &encode_cog(&[grid], &meta)?)?;
        }
    }
    let band = |part: Part| {
        let place = halves.iter().position(|half| half.part == part);
        place.map_or_else(|| Grid::filled(*tile, 0_u8), |place| found[place].mask())
    };
    let bands = HEAT_MASK.spec.bands.iter().map(|words| words.en.to_owned()).collect();
    let meta = HEAT_MASK.spec.meta(bands, Vec::new(), crs);
    let bytes = encode_cog(&[&band(Part::Night), &band(Part::Day)], &meta)?;
    store.write(&Store::raster_name(&HEAT_MASK.spec, name), &bytes)
}

/// Whether differences are from the network's median.
pub(super) fn is_median(study: &Study) -> bool {
    study.survey.indicators.references.is_empty()
}

/// Writes the styles of a map of warmth, with the reference that it has.
pub(super) fn styled(
    study: &Study,
    store: &Output,
    spec: &Spec,
    files: &[(String, Frame)],
) -> Result<(), Fault> {
    store.style(spec, files)?;
    if !is_median(study) {
        return Ok(());
    }
    let own = ["qml", "sld"].map(|ending| format!("{}.{ending}", spec.name));
    for name in own.into_iter().chain(files.iter().map(|(path, _)| path.replace(".tif", ".qml"))) {
        let text = std::fs::read_to_string(store.out().join(&name)).unwrap_or_default();
        store.write(&name, median::told(&text).as_bytes())?;
    }
    Ok(())
}

/// A map's own words, with the reference that it has.
pub(super) fn against<'a>(study: &Study, meta: RasterMeta<'a>) -> RasterMeta<'a> {
    let title = if is_median(study) { median::told(&meta.title) } else { meta.title };
    RasterMeta { title, ..meta }
}

/// Where the values come from.
fn tags(study: &Study, half: &Half) -> Vec<(String, String)> {
    let choice = &half.learned.model.choice;
    let terms = choice.chosen.iter().zip(&choice.fit.coefficients[1..]);
    let terms: Vec<String> =
        terms.map(|(number, slope)| format!("{slope:.6} x {}", study.name(*number))).collect();
    let kriging = half
        .learned
        .model
        .kriging
        .as_ref()
        .map_or("none".to_owned(), |(_, variogram)| format!("{variogram:?}"));
    let formula = format!("{:.4} + {} kriging {kriging}", choice.fit.coefficients[0], terms.join(" + "));
    let stations: Vec<&str> =
        half.rows.iter().map(|row| study.survey.sheet.entries[*row].name.as_str()).collect();
    let rmse = half.learned.scores.model;
    [
        ("ILOT_METHOD", specs(half.part)[0].source.to_owned()),
        ("TIFFTAG_SOFTWARE", concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("ILOT_SETTINGS", format!("{formula}; nested leave-one-out RMSE {rmse:.3} K")),
        ("ILOT_INPUTS", format!("stations {}", stations.join(" "))),
        (median::TAG, if is_median(study) { median::MEDIAN } else { median::RURAL }.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn close(
    study: &Study,
    store: &Output,
    halves: &[&Half],
    tiles: &[(String, Frame)],
    whole: &Frame,
) -> Result<(), Fault> {
    let crs = &study.survey.sheet.crs;
    let files = |spec: &Spec| -> Vec<(String, Frame)> {
        tiles.iter().map(|(name, frame)| (Store::raster_name(spec, name), *frame)).collect()
    };
    for half in halves {
        for spec in specs(half.part) {
            let meta = against(study, spec.meta(vec![spec.title.en.to_owned()], tags(study, half), crs));
            let vrt = encode_vrt::<f32>(&files(spec), whole, &meta)?;
            store.write(&format!("{}.vrt", spec.name), vrt.as_bytes())?;
            styled(study, store, spec, &files(spec))?;
        }
    }
    let spec = &HEAT_MASK.spec;
    let bands = spec.bands.iter().map(|words| words.en.to_owned()).collect();
    let vrt = encode_vrt::<u8>(&files(spec), whole, &spec.meta(bands, Vec::new(), crs))?;
    store.write(&format!("{}.vrt", spec.name), vrt.as_bytes())?;
    store.style(spec, &files(spec))
}
