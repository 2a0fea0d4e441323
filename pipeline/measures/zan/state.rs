//! State: what is artificialised and what is impermeable, by zone, at a date.

use super::closure::{self, Closure};
use super::mesh::{Area, Atom, IN_PARK, IN_PV};
use super::survey::{Status, Sums, Survey};
use super::tables::{Sheet, hectares, percent};
use super::uncertainty::{self, Figure, Interval, STATE_NAMES};
use super::{Answer, Mode, Question};
use crate::text;
use crate::text::Text;
use serde_json::json;

/// Sums over a zone.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// Covered by the data.
    pub covered: Area,
    /// Not covered.
    pub nodata: Area,
    /// Covered, but the status is not known.
    pub unknown: Area,
    /// Covered, and known to be impermeable or not.
    pub sealed_known: Area,
    /// Artificialised, as asked for.
    pub artificial: Area,
    /// By the matrix, with the thresholds, as given.
    pub by: [Area; 3],
    /// Impermeable.
    pub sealed: Area,
    /// Artificialised, in photovoltaic fields and in public parks: what the law lets leave out.
    pub exempt: [Area; 2],
    /// By category.
    pub categories: [Area; 11],
    /// Artificialised, on the ellipsoid.
    pub ellipsoid: Area,
    /// Artificialised, by the areas that the data give, in proportion.
    pub given_areas: Area,
    /// Dates met, as bits.
    pub dates: u64,
}

/// Whether the law lets an artificialised part count as not so: its exemptions, photovoltaic first.
pub fn exemption(survey: &Survey, atom: &Atom, side: usize) -> Option<usize> {
    let couple = |side: usize| {
        let rows = &survey.dated[if survey.changes { 0 } else { side }].rows;
        survey
            .polygon(atom, side)
            .map(|number| if survey.changes && side == 1 { rows[number].after } else { rows[number].couple })
    };
    let forest_before = side == 1 && couple(0).is_some_and(|couple| couple.wooded());
    if atom.bits & IN_PV != 0 && !forest_before {
        return Some(0);
    }
    let green = couple(side).is_some_and(|couple| couple.vegetated());
    (atom.bits & IN_PARK != 0 && green).then_some(1)
}

impl Stock {
    /// Covered, with a known status: what every figure and share is about.
    fn known(&self) -> Area {
        self.covered - self.unknown
    }

    fn add(&mut self, survey: &Survey, atom: &Atom, side: usize) {
        let Some(number) = survey.polygon(atom, side) else {
            self.nodata += atom.area;
            return;
        };
        let (row, status) = (&survey.dated[side].rows[number], &survey.status[side][number]);
        self.covered += atom.area;
        self.dates |= 1 << row.date.min(63);
        let Status { artificial, verdict, given, sealed, category } = *status;
        for (sum, answer) in self.by.iter_mut().zip([verdict.matrix, verdict.threshold, given]) {
            *sum += if answer == Some(true) { atom.area } else { Area::default() };
        }
        self.sealed += if sealed == Some(true) { atom.area } else { Area::default() };
        self.sealed_known += if sealed.is_some() { atom.area } else { Area::default() };
        self.categories[usize::from(category.unwrap_or(0))] += atom.area;
        match artificial {
            None => self.unknown += atom.area,
            Some(false) => {}
            Some(true) => {
                self.artificial += atom.area;
                self.ellipsoid += atom.area.times(survey.factors[side][number].into());
                if let Some(kind) = exemption(survey, atom, side) {
                    self.exempt[kind] += atom.area;
                }
                self.given_areas += prorata(survey, side, number, atom.area);
            }
        }
    }
}

/// A part by the area that the data give for its polygon, in proportion to the polygon's own; the part itself
/// where none is given.
pub fn prorata(survey: &Survey, side: usize, number: usize, part: Area) -> Area {
    let side = if survey.changes { 0 } else { side };
    let whole = survey.areas[side][number];
    match survey.dated[side].rows[number].area_given {
        Some(given) if whole.0 > 0 => part.times(f64::from(given) / whole.square_metres()),
        _ => part,
    }
}

/// Adds the table of a date, its checks and totals.
pub fn report(survey: &Survey, side: usize, question: &Question, answer: &mut Answer) {
    let sums = survey.sums(|stock: &mut Stock, atom| stock.add(survey, atom, side));
    let Sums { zones: stocks, together, all } = sums;
    let intervals = uncertainty::of_state(survey, side, question);
    let mut sheet = by_zone(survey, "zan_state");
    let label = |stock: &Stock| when(survey, side, stock.dates);
    sheet.words(
        "date",
        text!(fr: "Date de l'OCS GE ; plusieurs si la zone en mélange", en: "Date of OCS GE; several where the zone mixes them"),
        stocks.iter().map(label).collect(),
    );
    areas(survey, side, question, &stocks, &mut sheet);
    for (figure, name) in STATE_NAMES.iter().enumerate() {
        let known = stocks.iter().zip(&intervals);
        let known: Vec<Option<Interval>> =
            known.map(|(stock, both)| (stock.known().0 > 0).then_some(both[figure])).collect();
        uncertainty::columns(&mut sheet, name, "ha", &known, false);
    }
    let ids = survey.zones.iter().map(|zone| zone.id.clone()).chain(["Σ".to_owned()]);
    for ((zone, stock), both) in ids.zip(stocks.iter().chain([&together])).zip(&intervals) {
        let from = when(survey, side, stock.dates);
        let figure = |(name, interval): (&&'static str, &Interval)| Figure {
            zone: zone.clone(),
            from: from.clone(),
            to: String::new(),
            name,
            interval: *interval,
        };
        if stock.known().0 > 0 {
            answer.figures.extend(STATE_NAMES.iter().zip(both).map(figure));
        }
    }
    answer.sheets.push(sheet);
    answer.half_seen(survey, stocks.iter().map(Stock::known));
    check(survey, &stocks, &together, answer);
    agreement(survey, side, question, answer);
    let date = when(survey, side, all.dates);
    answer.totals.insert(
        format!("state {date}"),
        json!({
            "mode": question.mode.word(),
            "inside_the_zones": totals(&together),
            "all_data": totals(&all),
        }),
    );
}

fn totals(stock: &Stock) -> serde_json::Value {
    let known = |area: Area| (stock.known().0 > 0).then(|| hectares(area));
    json!({
        "covered_ha": hectares(stock.covered),
        "nodata_ha": hectares(stock.nodata),
        "unknown_ha": hectares(stock.unknown),
        "artif_ha": known(stock.artificial),
        "artif_matrix_ha": known(stock.by[0]),
        "artif_threshold_ha": known(stock.by[1]),
        "imper_ha": known(stock.sealed),
        "artif_ellipsoid_ha": known(stock.ellipsoid),
    })
}

/// A table with a row for each zone: its code, name, area and geometry.
pub fn by_zone(survey: &Survey, name: &str) -> Sheet {
    let mut sheet = Sheet::new(name);
    let zones = &survey.zones;
    sheet.words(
        "zone_id",
        text!(fr: "Code de la zone", en: "Code of the zone"),
        zones.iter().map(|zone| zone.id.clone()).collect(),
    );
    sheet.words(
        "zone_name",
        text!(fr: "Nom de la zone", en: "Name of the zone"),
        zones.iter().map(|zone| zone.name.clone()).collect(),
    );
    sheet.numbers(
        "zone_ha",
        "ha",
        text!(fr: "Surface de la zone, dans le plan", en: "Area of the zone, on the plane"),
        zones.iter().map(|zone| Some(hectares(zone.area))).collect(),
    );
    sheet.shapes = survey.layer.features.iter().map(|feature| feature.geometry.clone()).collect();
    sheet.crs = Some(survey.crs.clone());
    sheet
}

/// The dates of a stock, joined; of one without data, those of the layer.
pub fn when(survey: &Survey, side: usize, bits: u64) -> String {
    labels(survey, side, if bits == 0 { u64::MAX } else { bits })
}

/// The dates of a stock, joined.
pub fn labels(survey: &Survey, side: usize, bits: u64) -> String {
    let dates = &survey.dated[side].dates;
    let met = dates.iter().enumerate().filter(|(number, _)| bits >> (*number).min(63) & 1 == 1);
    let mut labels: Vec<&str> = met.map(|(_, date)| date.label.as_str()).collect();
    labels.sort_unstable();
    labels.join("+")
}

/// A figure of each zone; none where no status is known.
fn held(stocks: &[Stock], pick: &dyn Fn(&Stock) -> Area) -> Vec<Option<f64>> {
    stocks.iter().map(|stock| (stock.known().0 > 0).then(|| hectares(pick(stock)))).collect()
}

fn statuses(survey: &Survey, side: usize, question: &Question, stocks: &[Stock], sheet: &mut Sheet) {
    let covered = |pick: &dyn Fn(&Stock) -> Area| {
        stocks.iter().map(|stock| (stock.covered.0 > 0).then(|| hectares(pick(stock)))).collect()
    };
    let (whole, unknown) = (covered(&|s| s.covered), covered(&|s| s.unknown));
    sheet.numbers(
        "covered_ha",
        "ha",
        text!(fr: "Surface couverte par les données", en: "Area covered by the data"),
        whole,
    );
    sheet.numbers(
        "unknown_ha",
        "ha",
        text!(fr: "Couverte, statut indéterminé : codes absents ou inconnus", en: "Covered, status not known: codes missing or unknown"),
        unknown,
    );
    let mut add = |name: &str, meaning: Text, pick: &dyn Fn(&Stock) -> Area| {
        sheet.numbers(name, "ha", meaning, held(stocks, pick));
    };
    add(
        "artif_ha",
        text!(fr: "Surface artificialisée, selon le mode demandé", en: "Artificialised area, in the mode asked for"),
        &|s| s.artificial,
    );
    add(
        "imper_ha",
        text!(fr: "Surface imperméable par la couverture (CS1.1.1), sans les seuils", en: "Impermeable area by cover (CS1.1.1), without thresholds"),
        &|s| s.sealed,
    );
    add(
        "artif_matrix_ha",
        text!(fr: "Artificialisée par la seule matrice couverture × usage du décret", en: "Artificialised by the decree's matrix of cover × use alone"),
        &|s| s.by[0],
    );
    add(
        "artif_threshold_ha",
        text!(fr: "Artificialisée, seuils de 50 m², 2 500 m², 5 m et 25 % recalculés", en: "Artificialised, thresholds of 50 m², 2,500 m², 5 m and 25 % recomputed"),
        &|s| s.by[1],
    );
    if survey.dated[side].has_status {
        add(
            "artif_ign_ha",
            text!(fr: "Artificialisée selon l'attribut livré", en: "Artificialised by the attribute delivered"),
            &|s| s.by[2],
        );
    }
    if survey.dated[side].has_areas {
        add(
            "artif_attribute_ha",
            text!(fr: "Artificialisée, par l'aire donnée en attribut, au prorata", en: "Artificialised, by the area given as an attribute, in proportion"),
            &|s| s.given_areas,
        );
    }
    if question.photovoltaic.is_some() || question.parks.is_some() {
        add(
            "exempt_pv_ha",
            text!(fr: "Artificialisée, sous photovoltaïque (R. 101-1 III 1°)", en: "Artificialised, under photovoltaics (R. 101-1 III 1°)"),
            &|s| s.exempt[0],
        );
        add(
            "exempt_park_ha",
            text!(fr: "Artificialisée, végétalisée dans un parc public (R. 101-1 III 2°)", en: "Artificialised, vegetated within a public park (R. 101-1 III 2°)"),
            &|s| s.exempt[1],
        );
        add(
            "artif_with_exemptions_ha",
            text!(fr: "Artificialisée, exemptions facultatives déduites", en: "Artificialised, optional exemptions taken off"),
            &|s| s.artificial - s.exempt[0] - s.exempt[1],
        );
    }
}

fn areas(survey: &Survey, side: usize, question: &Question, stocks: &[Stock], sheet: &mut Sheet) {
    statuses(survey, side, question, stocks, sheet);
    let share = |pick: &dyn Fn(&Stock) -> Area, whole: &dyn Fn(&Stock) -> Area| -> Vec<Option<f64>> {
        stocks.iter().map(|stock| percent(pick(stock), whole(stock))).collect()
    };
    sheet.numbers(
        "nodata_ha",
        "ha",
        text!(fr: "Hors des données", en: "Outside the data"),
        stocks.iter().map(|stock| Some(hectares(stock.nodata))).collect(),
    );
    let zones = stocks.iter().zip(&survey.zones);
    sheet.numbers(
        "known_pct",
        "%",
        text!(fr: "Part du territoire dont le statut est connu ; les autres parts ne portent que sur elle", en: "Share of the territory whose status is known; the other shares are of that alone"),
        zones.map(|(stock, zone)| percent(stock.known(), zone.area)).collect(),
    );
    sheet.numbers(
        "artif_pct",
        "%",
        text!(fr: "Part artificialisée de ce qui est connu du territoire", en: "Artificialised share of what is known of the territory"),
        share(&|s| s.artificial, &Stock::known),
    );
    sheet.numbers(
        "imper_pct",
        "%",
        text!(fr: "Part imperméable de ce qui est connu du territoire", en: "Impermeable share of what is known of the territory"),
        share(&|s| s.sealed, &|s| s.sealed_known),
    );
    for category in 1..=10 {
        let meaning = text!(fr: "Catégorie {category}° de l'annexe à R. 101-1", en: "Category {category}° of the annex to R. 101-1");
        sheet.numbers(
            &format!("cat_{category}_ha"),
            "ha",
            meaning,
            held(stocks, &|s| s.categories[category]),
        );
    }
    sheet.numbers(
        "artif_ellipsoid_ha",
        "ha",
        text!(fr: "Surface artificialisée sur l'ellipsoïde", en: "Artificialised area on the ellipsoid"),
        held(stocks, &|s| s.ellipsoid),
    );
    let zones = survey.zones.iter().zip(&survey.zone_factors);
    let ellipsoid = zones.map(|(zone, factor)| Some(hectares(zone.area.times(*factor)))).collect();
    sheet.numbers(
        "zone_ellipsoid_ha",
        "ha",
        text!(fr: "Surface de la zone sur l'ellipsoïde", en: "Area of the zone on the ellipsoid"),
        ellipsoid,
    );
}

fn check(survey: &Survey, stocks: &[Stock], together: &Stock, answer: &mut Answer) {
    let mut whole = Closure::new(text!(
        fr: "couvert + hors données = surface de la zone par ses sommets",
        en: "covered + outside the data = area of the zone by its vertices",
    ));
    let mut parts = Closure::new(text!(
        fr: "Σ des catégories = couvert",
        en: "Σ categories = covered",
    ));
    for (number, (stock, zone)) in stocks.iter().zip(&survey.zones).enumerate() {
        if !survey.crossing[number] {
            whole.check(stock.covered + stock.nodata, zone.area, &zone.id);
        }
        parts.check(stock.categories.iter().copied().sum(), stock.covered, &zone.id);
    }
    let pick: &dyn Fn(&Stock) -> Area = &|stock| stock.artificial;
    answer.closures.extend([whole, parts, closure::adds_up(survey, stocks, together, &[pick])]);
}

/// How far the statuses agree with the attribute delivered, by area.
fn agreement(survey: &Survey, side: usize, question: &Question, answer: &mut Answer) {
    if !survey.dated[side].has_status || question.mode == Mode::Ign && survey.changes {
        return;
    }
    let (mut known, mut agree) = (Area::default(), [Area::default(); 2]);
    for (status, area) in survey.status[side].iter().zip(&survey.areas[side]) {
        let (Some(given), Some(matrix), Some(threshold)) =
            (status.given, status.verdict.matrix, status.verdict.threshold)
        else {
            continue;
        };
        known += *area;
        for (sum, answer) in agree.iter_mut().zip([matrix, threshold]) {
            *sum += if answer == given { *area } else { Area::default() };
        }
    }
    let (matrix, threshold) =
        (percent(agree[0], known).unwrap_or(0.0), percent(agree[1], known).unwrap_or(0.0));
    let date = labels(survey, side, u64::MAX);
    let Text { fr: matrix_fr, en: matrix_en } = text::number(matrix, 3);
    let Text { fr: threshold_fr, en: threshold_en } = text::number(threshold, 3);
    answer.remarks.push(text!(
        fr: "{date} : accord avec l'attribut « artif » livré, en surface : matrice {matrix_fr} %, seuils recalculés {threshold_fr} %",
        en: "{date}: agreement with the attribute \"artif\" delivered, by area: matrix {matrix_en} %, thresholds recomputed {threshold_en} %",
    ));
    let object = json!({ "matrix_pct": matrix, "threshold_pct": threshold, "known_ha": hectares(known) });
    answer.totals.insert(format!("agreement {date}"), object);
}
