//! Trees by zone: how many tops, how high, how wide.
//!
//! In: the layer of trees that a run has made, and the zones. Out: columns. A tree belongs to the zone that holds its
//! top; a border shared by two zones gives it to one of them, so that the counts of a partition add up. A zone without
//! data has no count, one with data and no tree has 0.
//!
//! **Interval of the count:** of the trees of a quarter of the sample town (seed 1) 74 % are found, since grouped crowns close
//! into one, and 99 % of those found are trees; [`DETECTED`] and [`CORRECT`] are set a little below. The interval runs from
//! the count less what may be none to the count with what may have been missed (a tree is found or not by chance: the
//! missed ones follow a negative binomial), 1.645 standard deviations beyond; tops within [`OFF`] of the border may lie
//! on its other side. Whether 90 % of true counts lie in it was not measured. Trees that stand alone are found better,
//! woods worse.
//!
//! Cost: 2 ns for each tree near a zone and edge of it.

use crate::fault;
use crate::formats::vector::{FieldKind, Source, Value};
use crate::measures::zonal::{self, Column, Question, Ring};
use crate::text;
use crate::text::{Fault, Text};
use geo::Geometry;
use ilot_kernels::zonal::inside::{distance, holds};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Share of the trees that are found.
const DETECTED: f64 = 0.72;
/// Share of the found ones that are trees.
const CORRECT: f64 = 0.97;
/// Half-width of the 90 % interval of a normal distribution, in standard deviations.
const NINETY: f64 = 1.645;
/// A top is placed to about this, metres.
const OFF: f64 = 0.5;

/// What is read of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tree {
    x: f64,
    y: f64,
    height: f64,
    diameter: f64,
    area: f64,
}

/// The figures of one zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Stand {
    count: f64,
    low: f64,
    high: f64,
    /// Mean height, highest, mean diameter; missing where there is no tree.
    height: Option<[f64; 3]>,
    crowns: f64,
}

/// The columns; `known` tells which zones have data.
///
/// # Errors
/// Where the trees or the zones cannot be read.
pub fn columns(path: &Path, zones: &Question, known: &[bool]) -> Result<Vec<Column>, Fault> {
    let source = Source::open(path)?;
    let (layer, _) = source.read(source.find(None)?, None)?;
    let trees = read(&layer).ok_or_else(|| {
        let path = path.display();
        fault!(
            fr: "{path} n'a pas les colonnes des arbres d'ilot : supprimez-le et relancez.",
            en: "{path} has not the columns of ilot's trees: remove it and run again.",
        )
    })?;
    // What is odd with the zones has been said when the map was measured.
    let polygons = zonal::polygons(zones, layer.crs.as_ref(), &mut Vec::new())?;
    let squares = Squares::new(&trees);
    let stands: Vec<Option<Stand>> = polygons
        .rings
        .par_iter()
        .zip(known)
        .map(|(rings, known)| known.then(|| stand(rings, &trees, &squares)))
        .collect();
    let count = Titled {
        name: "trees",
        unit: "",
        meaning: text!(fr: "Nombre d'arbres dont le sommet est dans la zone", en: "Number of trees whose top is in the zone"),
    };
    Ok(vec![
        count.column(&stands, |stand| Some(stand.count)),
        Titled { name: "trees_low", unit: "", meaning: text!(fr: "Bas de l'intervalle à 90 % du nombre d'arbres", en: "Low end of the 90 % interval of the number of trees") }
            .column(&stands, |stand| Some(stand.low)),
        Titled { name: "trees_high", unit: "", meaning: text!(fr: "Haut de l'intervalle à 90 % du nombre d'arbres : houppiers groupés comptés pour un", en: "High end of the 90 % interval of the number of trees: grouped crowns counted as one") }
            .column(&stands, |stand| Some(stand.high)),
        Titled { name: "trees_height_mean", unit: "m", meaning: text!(fr: "Hauteur moyenne des arbres", en: "Mean height of the trees") }
            .column(&stands, |stand| stand.height.map(|all| all[0])),
        Titled { name: "trees_height_max", unit: "m", meaning: text!(fr: "Hauteur du plus haut arbre", en: "Height of the highest tree") }
            .column(&stands, |stand| stand.height.map(|all| all[1])),
        Titled { name: "trees_crown_diameter_mean", unit: "m", meaning: text!(fr: "Diamètre moyen des houppiers", en: "Mean diameter of the crowns") }
            .column(&stands, |stand| stand.height.map(|all| all[2])),
        Titled { name: "trees_crown_area", unit: "m²", meaning: text!(fr: "Surface des houppiers de ces arbres, parties hors de la zone comprises", en: "Area of the crowns of these trees, parts beyond the zone among them") }
            .column(&stands, |stand| Some(stand.crowns)),
    ])
}

/// A column before its values.
struct Titled {
    name: &'static str,
    unit: &'static str,
    meaning: Text,
}

impl Titled {
    fn column(self, stands: &[Option<Stand>], value: fn(&Stand) -> Option<f64>) -> Column {
        let of = |stand: &Option<Stand>| stand.as_ref().and_then(value).map_or(Value::Null, Value::Real);
        Column {
            name: self.name.to_owned(),
            kind: FieldKind::Real,
            unit: self.unit,
            meaning: self.meaning,
            values: stands.iter().map(of).collect(),
        }
    }
}

/// The trees of a layer; `None` where a column is missing.
fn read(layer: &crate::formats::vector::Layer) -> Option<Vec<Tree>> {
    let [height, diameter, area] =
        ["height", "crown_diameter", "crown_area"].map(|name| layer.field(name)).map(|at| at.ok_or(()));
    let (height, diameter, area) = (height.ok()?, diameter.ok()?, area.ok()?);
    let tree = |feature: &crate::formats::vector::Feature| {
        let Geometry::Point(top) = feature.geometry else { return None };
        let number = |at: usize| feature.values.get(at).and_then(Value::number);
        let (height, diameter, area) = (number(height)?, number(diameter)?, number(area)?);
        Some(Tree { x: top.x(), y: top.y(), height, diameter, area })
    };
    layer.features.iter().map(tree).collect()
}

/// Trees by squares of fifty metres.
struct Squares(BTreeMap<(i64, i64), Vec<usize>>);

impl Squares {
    fn at(value: f64) -> i64 {
        (value / 50.0).floor() as i64
    }

    fn new(trees: &[Tree]) -> Squares {
        let mut squares: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for (index, tree) in trees.iter().enumerate() {
            squares.entry((Squares::at(tree.y), Squares::at(tree.x))).or_default().push(index);
        }
        Squares(squares)
    }

    /// The trees near rings, in an order that depends on nothing but their places.
    fn near(&self, rings: &[Ring]) -> Vec<usize> {
        if rings.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let all = rings.iter().flatten();
        let bounds = all.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[west, south, east, north], at| {
            [west.min(at.0), south.min(at.1), east.max(at.0), north.max(at.1)]
        });
        let [west, south, east, north] = bounds.map(Squares::at);
        let squares = (south..=north).flat_map(|row| self.0.range((row, west)..=(row, east)));
        squares.flat_map(|(_, trees)| trees.iter().copied()).collect()
    }
}

fn stand(rings: &[Ring], trees: &[Tree], squares: &Squares) -> Stand {
    let edges: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
    let (mut stand, mut sums, mut doubtful) = (Stand::default(), [0.0, 0.0, 0.0], 0.0);
    for tree in squares.near(rings).into_iter().map(|index| &trees[index]) {
        doubtful += f64::from(u8::from(distance(&edges, tree.x, tree.y) < OFF));
        if holds(&edges, tree.x, tree.y) {
            stand.count += 1.0;
            stand.crowns += tree.area;
            sums = [sums[0] + tree.height, f64::max(sums[1], tree.height), sums[2] + tree.diameter];
        }
    }
    if stand.count > 0.0 {
        stand.height = Some([sums[0] / stand.count, sums[1], sums[2] / stand.count]);
    }
    (stand.low, stand.high) = interval(stand.count, doubtful);
    stand
}

/// The 90 % interval of a count, of which `doubtful` tops may lie on either side of the border.
fn interval(count: f64, doubtful: f64) -> (f64, f64) {
    let edge = 0.25 * doubtful;
    let right = count * CORRECT;
    let fewer = NINETY * (right * (1.0 - CORRECT) + edge).sqrt();
    let more = NINETY * (right * (1.0 - DETECTED) / (DETECTED * DETECTED) + edge).sqrt();
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    (tenths((right - fewer).max(0.0)), tenths(right / DETECTED + more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trees() -> Vec<Tree> {
        let place = |step: i32| {
            let (x, y) = (f64::from(step * 37 % 211), f64::from(step * 53 % 199));
            Tree { x, y, height: 4.0 + f64::from(step % 9), diameter: 3.0, area: 7.0 }
        };
        (0..400).map(place).collect()
    }

    #[test]
    fn zones_count_what_one_by_one_is_counted_and_a_partition_adds_up() {
        let trees = trees();
        let squares = Squares::new(&trees);
        let square = |west: f64, south: f64| -> Vec<Ring> {
            vec![vec![(west, south), (west + 53.0, south), (west + 53.0, south + 53.0), (west, south + 53.0)]]
        };
        let mut whole = 0.0;
        for (row, col) in (0..16).map(|at| (f64::from(at / 4), f64::from(at % 4))) {
            let (west, south) = (col * 53.0, row * 53.0);
            let within = |tree: &&Tree| {
                tree.x >= west && tree.x < west + 53.0 && tree.y >= south && tree.y < south + 53.0
            };
            let own: Vec<&Tree> = trees.iter().filter(within).collect();
            let found = stand(&square(west, south), &trees, &squares);
            assert_eq!(found.count, own.len() as f64);
            assert_eq!(found.crowns, 7.0 * own.len() as f64);
            let [mean, highest, _] = found.height.unwrap();
            assert!((mean - own.iter().map(|tree| tree.height).sum::<f64>() / found.count).abs() < 1e-9);
            assert_eq!(highest, own.iter().map(|tree| tree.height).fold(0.0, f64::max));
            assert!(found.low <= found.count && found.high > found.count);
            whole += found.count;
        }
        assert_eq!(whole, 400.0);
        assert_eq!(stand(&[], &trees, &squares), Stand::default());
    }
}
