//! How often each class of the map is each class of the truth, on the sample town: what areas are uncertain by.
//!
//! Counts of cells of 1 m of the town of 1000 × 1000 m, 20 pulses a square metre, seed 1 (`ilot sample`); rows are the classes of
//! the map, columns those of the truth, 1 to 9. Roads given; without an image and with one. They hold for a town whose materials are
//! those of the classifier's table: on real ground, materials vary more, and the figures are the least that can be
//! expected. The accuracy they sum up to is tested (`tests/acceptance/cover.rs`).

/// Classes.
pub const CLASSES: usize = 9;

/// Names of the classes, as columns begin.
pub const NAMES: [&str; CLASSES] = [
    "building",
    "sealed",
    "mineral",
    "bare",
    "herbaceous",
    "shrub",
    "tree_permeable",
    "tree_sealed",
    "water",
];

/// Whether water cannot pass.
pub const SEALED: [bool; CLASSES] = [true, true, false, false, false, false, false, true, false];

/// Cells by class of the map and class of the truth.
pub type Confusion = [[u32; CLASSES]; CLASSES];

/// Without an infrared image.
pub const WITHOUT_IMAGE: Confusion = [
    [85_561, 1253, 93, 0, 2271, 347, 0, 0, 0],
    [88, 161_115, 242, 340, 119, 49, 4, 465, 15],
    [0, 7, 11, 0, 2, 0, 0, 0, 0],
    [0, 0, 0, 6756, 0, 4, 206, 0, 0],
    [386, 12_963, 10_434, 367, 559_960, 1888, 1157, 28, 2561],
    [1, 202, 163, 0, 5881, 24_742, 2048, 19, 0],
    [0, 116, 36, 2282, 1854, 35, 82_765, 1360, 0],
    [0, 759, 3, 14, 0, 1, 242, 17_269, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 10_426],
];

/// With an infrared image.
pub const WITH_IMAGE: Confusion = [
    [85_561, 1253, 93, 0, 2271, 347, 0, 0, 0],
    [97, 164_250, 1046, 59, 105, 24, 1, 352, 5],
    [7, 10, 7797, 0, 0, 0, 0, 0, 0],
    [0, 11, 0, 7386, 0, 5, 141, 1, 0],
    [370, 9814, 1844, 18, 559_978, 1912, 1225, 140, 597],
    [1, 202, 163, 0, 5881, 24_742, 2048, 19, 0],
    [0, 100, 32, 2282, 1854, 35, 82_759, 1254, 0],
    [0, 775, 7, 14, 0, 1, 248, 17_375, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 13_488],
];

/// The chance that a cell mapped as `map` is truly of the classes of `set`; 1 where these are all classes.
fn chance(confusion: &Confusion, map: usize, set: impl Fn(usize) -> bool) -> f64 {
    let all: u32 = confusion[map].iter().sum();
    let within: u32 = (0..CLASSES).filter(|&truth| set(truth)).map(|truth| confusion[map][truth]).sum();
    f64::from(within) / f64::from(all.max(1))
}

/// The matrix as CSV: a row for each class of the map.
pub fn csv(confusion: &Confusion) -> String {
    let mut text = format!("map,{}\r\n", NAMES.join(","));
    for (name, row) in NAMES.iter().zip(confusion) {
        let cells: Vec<String> = row.iter().map(u32::to_string).collect();
        text.push_str(&format!("{name},{}\r\n", cells.join(",")));
    }
    text
}

/// The Table Schema of [`csv`].
pub fn schema() -> String {
    let words = "mapped class | classe cartographiée";
    let mut fields = vec![serde_json::json!({ "name": "map", "type": "string", "description": words })];
    fields.extend(NAMES.iter().map(|name| {
        let words = format!("cells that are truly {name} | cellules qui sont en vérité {name}");
        serde_json::json!({ "name": name, "type": "integer", "description": words })
    }));
    crate::formats::table::schema(fields)
}

/// Mapped areas → what the true area of a set of classes is likely to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likely {
    /// As mapped, m².
    pub mapped: f64,
    /// 90 % interval, m².
    pub low: f64,
    /// 90 % interval, m².
    pub high: f64,
}

/// Cells of 1 m² whose errors go together.
const PATCH: f64 = 4.0;
/// Half-width of the 90 % interval of a normal distribution, in standard deviations.
const NINETY: f64 = 1.645;

/// The area of the classes of `set`, from the mapped areas of all classes (after Olofsson et al. 2014,
/// 10.1016/j.rse.2014.02.015): between the mapped area and the one corrected for confusion, and 1.645 standard deviations
/// beyond. `edge` is the area in cells that the zone's border cuts: the part inside may differ from the whole cell.
pub fn likely(
    confusion: &Confusion,
    areas: &[f64; CLASSES],
    set: impl Fn(usize) -> bool,
    edge: f64,
) -> Likely {
    let total: f64 = areas.iter().sum();
    let (mut mapped, mut corrected, mut variance) = (0.0, 0.0, 0.0);
    for (map, &area) in areas.iter().enumerate() {
        let truly = chance(confusion, map, &set);
        mapped += if set(map) { area } else { 0.0 };
        corrected += area * truly;
        variance += area * truly * (1.0 - truly) * PATCH;
    }
    let share = if total > 0.0 { mapped / total } else { 0.0 };
    variance += edge * share * (1.0 - share) * 0.25;
    let spread = NINETY * variance.sqrt();
    Likely {
        mapped,
        low: (mapped.min(corrected) - spread).max(0.0),
        high: (mapped.max(corrected) + spread).min(total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_lies_within_its_interval_and_the_interval_within_the_zone() {
        let areas = [100.0, 300.0, 0.0, 0.0, 500.0, 0.0, 80.0, 20.0, 0.0];
        let sealed = likely(&WITH_IMAGE, &areas, |class| SEALED[class], 50.0);
        assert_eq!(sealed.mapped, 420.0);
        assert!(
            sealed.low < 420.0 && sealed.high > 420.0 && sealed.low > 380.0 && sealed.high < 460.0,
            "{sealed:?}"
        );
        let all = likely(&WITH_IMAGE, &areas, |_| true, 50.0);
        assert!((all.low - 1000.0).abs() < 1e-9 && (all.high - 1000.0).abs() < 1e-9);
    }

    #[test]
    fn the_confusion_sums_up_to_the_stated_accuracy() {
        for (confusion, least) in [(&WITHOUT_IMAGE, 0.88), (&WITH_IMAGE, 0.95)] {
            let right: u32 = (0..CLASSES).map(|class| confusion[class][class]).sum();
            let all: u32 = confusion.iter().flatten().sum();
            assert!(f64::from(right) / f64::from(all) >= least && all > 990_000);
        }
    }
}
