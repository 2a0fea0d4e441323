//! The paths as tables: a row a zone, a row a group, a row for each zone and year.

use super::{Own, Path, Trajectory, Year};
use crate::measures::zan::Answer;
use crate::measures::zan::survey::Places;
use crate::measures::zan::tables::Sheet;
use crate::text;
use crate::text::{Text, counted};
use serde_json::json;
use std::collections::HashMap;

/// Hectares to a square metre's hundredth.
fn hectares(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}

/// The tables; `shapes` are of the zones, in their order, where they have some.
pub fn sheets(trajectory: &Trajectory, places: Option<&Places>) -> Vec<Sheet> {
    let mut zones = by_zone("zan_enaf", trajectory, &trajectory.zones);
    if let Some(places) = places {
        zones.shapes = places.shapes.clone();
        zones.crs = Some(places.crs.clone());
    }
    let mut all = vec![zones, by_year("zan_enaf_years", trajectory, &trajectory.zones)];
    if !trajectory.groups.is_empty() {
        all.push(by_zone("zan_enaf_groups", trajectory, &trajectory.groups));
        all.push(by_year("zan_enaf_groups_years", trajectory, &trajectory.groups));
    }
    all
}

fn period(years: &std::ops::RangeInclusive<u16>) -> String {
    format!("{}-{}", years.start(), years.end())
}

fn by_zone(name: &str, trajectory: &Trajectory, paths: &[Path]) -> Sheet {
    let mut sheet = Sheet::new(name);
    let words = |pick: &dyn Fn(&Path) -> String| paths.iter().map(pick).collect::<Vec<String>>();
    sheet.words(
        "zone_id",
        text!(fr: "Code de la zone", en: "Code of the zone"),
        words(&|path| path.id.clone()),
    );
    sheet.words(
        "zone_name",
        text!(fr: "Nom de la zone", en: "Name of the zone"),
        words(&|path| path.name.clone()),
    );
    let areas = paths.iter().map(|path| path.area.map(hectares)).collect();
    sheet.numbers(
        "zone_ha",
        "ha",
        text!(fr: "Surface de la zone : celle de la table, sinon celle du plan", en: "Area of the zone: that of the table, else that of the map"),
        areas,
    );
    let count = |path: &Path| Some(path.communes as f64);
    sheet.numbers(
        "communes",
        "",
        text!(fr: "Communes de la table dans la zone", en: "Communes of the table in the zone"),
        paths.iter().map(count).collect(),
    );
    let (reference, target) = (period(&trajectory.terms.reference), period(&trajectory.terms.target));
    sheet.words("reference", text!(fr: "Période de référence ; l'année N va du 1er janvier N au 1er janvier suivant", en: "Reference period; year N goes from 1 January N to the next"), words(&|_| reference.clone()));
    sheet.words("target", text!(fr: "Période visée", en: "Target period"), words(&|_| target.clone()));
    terms(trajectory, paths, &mut sheet);
    pace(trajectory, paths, &mut sheet);
    purposes(trajectory, paths, &mut sheet);
    let missing = |path: &Path| path.missing.iter().map(u16::to_string).collect::<Vec<_>>().join(" ");
    sheet.words(
        "missing_years",
        text!(fr: "Années qui manquent dans la table", en: "Years that the table lacks"),
        words(&missing),
    );
    sheet
}

type Pick<'a> = &'a dyn Fn(&Path) -> Option<f64>;

fn add(sheet: &mut Sheet, paths: &[Path], name: &str, unit: &'static str, meaning: Text, pick: Pick) {
    sheet.numbers(name, unit, meaning, paths.iter().map(|path| pick(path).map(hectares)).collect());
}

fn terms(trajectory: &Trajectory, paths: &[Path], sheet: &mut Sheet) {
    let rules = &trajectory.terms;
    let years = rules.reference.clone().count().max(1) as f64;
    add(
        sheet,
        paths,
        "reference_ha",
        "ha",
        text!(fr: "Consommé pendant la période de référence", en: "Consumed in the reference period"),
        &|p| p.reference,
    );
    add(
        sheet,
        paths,
        "reference_ha_per_year",
        "ha/a",
        text!(fr: "Par an, pendant la période de référence", en: "A year, in the reference period"),
        &|p| Some(p.reference? / years),
    );
    add(
        sheet,
        paths,
        "rate",
        "1",
        text!(fr: "Réduction visée, de 0 à 1", en: "Reduction aimed at, 0 to 1"),
        &|p| Some(p.rate),
    );
    add(
        sheet,
        paths,
        "floor_ha",
        "ha",
        text!(fr: "Plancher de la commune (garantie communale) ; somme des planchers d'un groupe, qui ne lui est pas appliquée", en: "Floor of the commune; of a group the sum of the floors, not applied to it"),
        &|p| Some(p.floor),
    );
    add(
        sheet,
        paths,
        "allowed_ha",
        "ha",
        text!(fr: "Autorisé pendant la période visée : référence × (1 − réduction), relevée au plancher", en: "Allowed in the target period: reference × (1 − reduction), raised to the floor"),
        &|p| p.allowed,
    );
    add(
        sheet,
        paths,
        "raised",
        "",
        text!(fr: "1 si l'autorisé est le plancher", en: "1 where what is allowed is the floor"),
        &|p| p.allowed.map(|_| f64::from(u8::from(p.raised))),
    );
    add(
        sheet,
        paths,
        "allowed_communes_ha",
        "ha",
        text!(fr: "Somme de l'autorisé des communes, chacune avec son plancher", en: "Sum of what the communes are allowed, each with its floor"),
        &|p| p.allowed_communes,
    );
    add(
        sheet,
        paths,
        "national_ha",
        "ha",
        text!(fr: "Projets d'envergure nationale, décomptés", en: "Projects of national interest, taken off"),
        &|p| Some(p.national),
    );
}

fn pace(trajectory: &Trajectory, paths: &[Path], sheet: &mut Sheet) {
    add(
        sheet,
        paths,
        "years",
        "a",
        text!(fr: "Années de la période visée présentes dans la table", en: "Years of the target period that the table has"),
        &|p| Some(p.count as f64),
    );
    add(
        sheet,
        paths,
        "since_ha",
        "ha",
        text!(fr: "Consommé depuis le début de la période visée", en: "Consumed since the target period began"),
        &|p| p.since,
    );
    add(
        sheet,
        paths,
        "since_pct",
        "%",
        text!(fr: "Le même, en part du territoire", en: "The same, share of the territory"),
        &|p| super::share(p.since?, p.area?),
    );
    add(
        sheet,
        paths,
        "used_pct",
        "%",
        text!(fr: "Part de l'autorisé déjà consommée", en: "Share of what is allowed that is consumed"),
        &|p| p.used(),
    );
    add(
        sheet,
        paths,
        "since_ha_per_year",
        "ha/a",
        text!(fr: "Rythme depuis le début de la période visée", en: "Pace since the target period began"),
        &|p| p.pace(),
    );
    course(trajectory, paths, sheet);
}

/// Where the pace leads.
fn course(trajectory: &Trajectory, paths: &[Path], sheet: &mut Sheet) {
    let rules = &trajectory.terms;
    let yes = |yes: bool| f64::from(u8::from(yes));
    add(
        sheet,
        paths,
        "projected_ha",
        "ha",
        text!(fr: "Consommation de la période visée à ce rythme : rythme × nombre d'années de la période", en: "What the target period comes to at this pace: pace × years of the period"),
        &|p| p.projected(rules),
    );
    add(
        sheet,
        paths,
        "projected_pct",
        "%",
        text!(fr: "La même, en part de l'autorisé", en: "The same, share of what is allowed"),
        &|p| p.projected_share(rules),
    );
    add(
        sheet,
        paths,
        "left_ha",
        "ha",
        text!(fr: "Reste à consommer ; négatif si dépassé", en: "Left to consume; negative where exceeded"),
        &|p| p.left(),
    );
    add(
        sheet,
        paths,
        "left_ha_per_year",
        "ha/a",
        text!(fr: "Reste par an jusqu'à la fin de la période", en: "Left a year until the end of the period"),
        &|p| p.left_per_year(rules),
    );
    add(
        sheet,
        paths,
        "respected",
        "",
        text!(fr: "1 si l'autorisé n'est pas dépassé à ce jour", en: "1 where what is allowed is not exceeded so far"),
        &|p| Some(yes(p.since? <= p.allowed?)),
    );
    add(
        sheet,
        paths,
        "on_course",
        "",
        text!(fr: "1 si l'autorisé ne sera pas dépassé à ce rythme", en: "1 where what is allowed will not be exceeded at this pace"),
        &|p| Some(yes(p.projected(rules)? <= p.allowed?)),
    );
}

const NAMES: [(&str, &str, &str); 6] = [
    ("housing", "l'habitat", "housing"),
    ("activity", "l'activité", "activity"),
    ("mixed", "un usage mixte", "mixed use"),
    ("road", "les routes", "roads"),
    ("rail", "le ferroviaire", "railways"),
    ("unknown", "une destination inconnue", "an unknown purpose"),
];

fn purposes(trajectory: &Trajectory, paths: &[Path], sheet: &mut Sheet) {
    let periods = [("reference", &trajectory.terms.reference), ("since", &trajectory.terms.target)];
    for (start, range) in periods {
        for (place, (name, fr, en)) in NAMES.iter().enumerate() {
            let sum = |path: &Path| {
                let inside =
                    trajectory.years.iter().zip(&path.years).filter(|(year, _)| range.contains(year));
                let mut parts =
                    inside.filter_map(|(_, year)| year.as_ref()).map(|year| year.by[place]).peekable();
                parts.peek()?;
                Some(parts.sum::<Option<f64>>()? / 1e4)
            };
            let when = if start == "since" {
                text!(fr: "depuis le début de la période visée", en: "since the target period began")
            } else {
                text!(fr: "pendant la période de référence", en: "in the reference period")
            };
            let meaning = Text {
                fr: format!("Consommé pour {fr}, {}", when.fr),
                en: format!("Consumed for {en}, {}", when.en),
            };
            add(sheet, paths, &format!("{start}_{name}_ha"), "ha", meaning, &sum);
        }
    }
}

/// A row for each zone and year: of the table, and of the target.
fn by_year(name: &str, trajectory: &Trajectory, paths: &[Path]) -> Sheet {
    let rules = &trajectory.terms;
    let mut years: Vec<u16> = trajectory.years.iter().copied().chain(rules.target.clone()).collect();
    years.sort_unstable();
    years.dedup();
    let rows: Vec<(&Path, u16)> =
        paths.iter().flat_map(|path| years.iter().map(move |year| (path, *year))).collect();
    let found =
        |path: &Path, year: u16| -> Option<Year> { path.years[trajectory.years.binary_search(&year).ok()?] };
    let mut sheet = Sheet::new(name);
    sheet.words(
        "zone_id",
        text!(fr: "Code de la zone", en: "Code of the zone"),
        rows.iter().map(|(path, _)| path.id.clone()).collect(),
    );
    sheet.numbers(
        "year",
        "",
        text!(fr: "Année : du 1er janvier au 1er janvier suivant", en: "Year: from 1 January to the next"),
        rows.iter().map(|(_, year)| Some(f64::from(*year))).collect(),
    );
    let mut add =
        |name: &str, unit: &'static str, meaning: Text, pick: &dyn Fn(&Path, u16) -> Option<f64>| {
            sheet.numbers(
                name,
                unit,
                meaning,
                rows.iter().map(|(path, year)| pick(path, *year).map(hectares)).collect(),
            );
        };
    add("total_ha", "ha", text!(fr: "Consommé dans l'année", en: "Consumed in the year"), &|path, year| {
        Some(found(path, year)?.total / 1e4)
    });
    add(
        "total_pct",
        "%",
        text!(fr: "Le même, en part du territoire", en: "The same, share of the territory"),
        &|path, year| super::share(found(path, year)?.total / 1e4, path.area?),
    );
    for (place, (name, fr, en)) in NAMES.iter().enumerate() {
        add(
            &format!("{name}_ha"),
            "ha",
            text!(fr: "Consommé pour {fr}", en: "Consumed for {en}"),
            &|path, year| Some(found(path, year)?.by[place]? / 1e4),
        );
    }
    let inside = |year: u16| rules.target.contains(&year).then(|| f64::from(year - rules.target.start() + 1));
    let cumul = |path: &Path, year: u16| {
        inside(year)?;
        (*rules.target.start()..=year).map(|year| Some(found(path, year)?.total / 1e4)).sum::<Option<f64>>()
    };
    add(
        "cumul_ha",
        "ha",
        text!(fr: "Consommé depuis le début de la période visée, projets nationaux compris", en: "Consumed since the target period began, national projects included"),
        &cumul,
    );
    let length = rules.target.clone().count() as f64;
    add(
        "allowed_cumul_ha",
        "ha",
        text!(fr: "Autorisé jusqu'à la fin de l'année, réparti également", en: "Allowed until the end of the year, spread evenly"),
        &|path, year| Some(path.allowed? / length * inside(year)?),
    );
    add(
        "projected_cumul_ha",
        "ha",
        text!(fr: "Consommé jusqu'à la fin de l'année, au rythme depuis le début de la période", en: "Consumed until the end of the year, at the pace since the period began"),
        &|path, year| Some(path.pace()? * inside(year)?),
    );
    sheet
}

/// Adds the tables, totals and remarks to an answer.
pub fn report(
    trajectory: Trajectory,
    owns: &HashMap<String, Own>,
    places: Option<&Places>,
    answer: &mut Answer,
) {
    answer.sheets.extend(sheets(&trajectory, places));
    let (total, rules) = (&trajectory.total, &trajectory.terms);
    answer.totals.insert(
        "enaf".to_owned(),
        json!({
            "reference": period(&rules.reference),
            "target": period(&rules.target),
            "inside_the_zones": {
                "reference_ha": total.reference.map(hectares),
                "allowed_ha": total.allowed.map(hectares),
                "allowed_communes_ha": total.allowed_communes.map(hectares),
                "since_ha": total.since.map(hectares),
                "used_pct": total.used().map(hectares),
                "projected_ha": total.projected(rules).map(hectares),
                "projected_pct": total.projected_share(rules).map(hectares),
            },
            "years": trajectory.years,
        }),
    );
    remarks(&trajectory, owns, &mut answer.remarks);
    let blind = trajectory.zones.iter().filter(|path| path.communes == 0).count();
    answer.without_data = answer.without_data.max(blind);
    let half = trajectory.zones.iter().filter(|path| path.communes > 0 && path.reference.is_none()).count();
    answer.half_seen = answer.half_seen.max(half);
    answer.enaf = Some(trajectory);
}

fn remarks(trajectory: &Trajectory, owns: &HashMap<String, Own>, remarks: &mut Vec<Text>) {
    let names =
        |paths: &[&Path]| paths.iter().take(5).map(|path| path.id.as_str()).collect::<Vec<_>>().join(", ");
    let blind: Vec<&Path> = trajectory.zones.iter().filter(|path| path.communes == 0).collect();
    if !blind.is_empty() {
        let (count, names) = (counted(blind.len(), ["zone", "zones"], ["zone", "zones"]), names(&blind));
        let (fr, en) = (count.fr, count.en);
        remarks.push(text!(
            fr: "{fr} sans ligne dans la table de consommation d'ENAF ({names}) ; leurs chiffres sont vides, pas nuls",
            en: "{en} without a row in the table of ENAF consumption ({names}); their figures are empty, not zero",
        ));
    }
    let excess: Vec<&Path> = trajectory.zones.iter().filter(|path| path.excess).collect();
    if !excess.is_empty() {
        let (count, names) = (counted(excess.len(), ["zone", "zones"], ["zone", "zones"]), names(&excess));
        let (fr, en) = (count.fr, count.en);
        remarks.push(text!(
            fr: "{fr} déclarent plus de projets nationaux que la table n'a de consommation ({names}) ; la consommation y est comptée nulle : vérifiez la table --terms",
            en: "{en} declare more projects of national interest than the table has consumption ({names}); it is counted as zero there: check the table --terms",
        ));
    }
    let gaps: Vec<&Path> =
        trajectory.zones.iter().filter(|path| path.communes > 0 && !path.missing.is_empty()).collect();
    if let Some(first) = gaps.first() {
        let years = first.missing.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let (count, names) = (gaps.len(), names(&gaps));
        remarks.push(text!(
            fr: "consommation d'ENAF : des années manquent ({years} pour {names}…, {count} zones) ; sans toute la période de référence l'autorisé n'est pas calculé, et le rythme ne porte que sur les années présentes",
            en: "ENAF consumption: years are missing ({years} for {names}…, {count} zones); without the whole reference period nothing is allowed, and the pace is that of the years that are there",
        ));
    }
    let floor = trajectory.terms.floor;
    let unsaid = trajectory
        .zones
        .iter()
        .any(|path| path.raised && owns.get(&path.id).is_none_or(|own| own.covered.is_none()));
    if unsaid {
        remarks.push(text!(
            fr: "le plancher de {floor} ha est appliqué à toutes les communes ; la loi 2023-630 le réserve à celles que couvre un document d'urbanisme : dites lesquelles dans la table --terms (colonne « covered »)",
            en: "the floor of {floor} ha is applied to every commune; law 2023-630 reserves it to those under a planning document: say which in the table --terms (column \"covered\")",
        ));
    }
}
