//! How far outlines and classes may be wrong: what the user says of it, or declared assumptions.
//!
//! In: the accuracy of outlines and how far along them errors go together, matrices of errors as CSV: a row a class of the map, a
//! column a true class, places counted (`map,artif,non_artif`). Out: matrices by what they are of. Which they are is read from the
//! names of the classes: artificialised or not, impermeable or not, or what changed (`gain`, `loss`, `stable_artif`,
//! `stable_other`). A matrix of changes goes before one of a single date, which says of changes only that both dates must be right.
//!
//! Without a matrix, 2 % of the statuses are taken as wrong: the upper bound of what IGN's own corrections (patches of 2024,
//! Brittany) changed of a commune's artificialised soil; no matrix of OCS GE is published. Outlines: a metre, together over
//! 20 m: an assumption.

use crate::fault;
use crate::formats::table::{self, Cell, Table};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::accuracy::Errors;
use std::path::Path;

/// What is known of errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Standard deviation of outlines across themselves, m.
    pub edge: f64,
    /// Length along outlines over which their errors go together, m.
    pub correlation: f64,
    /// Of statuses: artificialised or not.
    pub status: Errors,
    /// Of covers: impermeable or not.
    pub sealed: Errors,
    /// Of changes: gain, loss, stayed artificialised, stayed other.
    pub change: Option<Errors>,
    /// Whether the matrices of statuses and of covers are declared, not given.
    pub declared: [bool; 2],
}

/// Share of statuses that is taken as wrong where no matrix is given.
pub const WRONG: f64 = 0.02;

impl Default for Accuracy {
    fn default() -> Accuracy {
        let plain = || Errors::declared(&[vec![1.0 - WRONG, WRONG], vec![WRONG, 1.0 - WRONG]]);
        Accuracy {
            edge: 1.0,
            correlation: 20.0,
            status: plain(),
            sealed: plain(),
            change: None,
            declared: [true, true],
        }
    }
}

/// Names of classes, in the order of a matrix; the first is ours, the others mean the same.
const STATUS: [&[&str]; 2] = [
    &["artif", "artificialise", "artificialisee", "artificial", "a"],
    &["nonartif", "nonartificialise", "nonartificialisee", "other", "nonartificial", "n"],
];
const SEALED: [&[&str]; 2] = [
    &["imper", "impermeable", "sealed"],
    &["nonimper", "nonimpermeable", "permeable", "unsealed", "nonsealed"],
];
const CHANGE: [&[&str]; 4] = [
    &["gain", "artificialisation"],
    &["loss", "perte", "desartificialisation"],
    &["stableartif", "stableartificialise", "resteartif"],
    &["stableother", "stablenonartif", "stablenonartificialise", "restenonartif"],
];

impl Accuracy {
    /// Reads a matrix; what it is of, its classes say.
    ///
    /// # Errors
    /// Where it cannot be read, its classes are of none of the three kinds, or a class was not sampled.
    pub fn add(&mut self, path: &Path) -> Result<(), Fault> {
        let table = table::read(path)?;
        let kinds: [&[&[&str]]; 3] = [&CHANGE, &STATUS, &SEALED];
        let found =
            kinds.iter().enumerate().find_map(|(kind, classes)| Some((kind, places(&table, classes)?)));
        let (kind, (rows, columns)) = found.ok_or_else(|| no_classes(&table))?;
        let count = |row: usize, column: usize| match table.number(row, column) {
            Cell::Number(count) if count >= 0.0 => Ok(count),
            _ => Err(table.wrong(row, column)),
        };
        let counts = rows.iter().map(|&row| columns.iter().map(|&column| count(row, column)).collect());
        let counts: Vec<Vec<f64>> = counts.collect::<Result<_, Fault>>()?;
        let errors = Errors::from_counts(&counts).ok_or_else(|| {
            let path = path.display();
            fault!(
                fr: "{path} : chaque classe de la carte doit avoir au moins deux points de contrôle ; complétez l'échantillon",
                en: "{path}: each class of the map must have two places sampled at least; complete the sample",
            )
        })?;
        match kind {
            0 => self.change = Some(errors),
            1 => (self.status, self.declared[0]) = (errors, false),
            _ => (self.sealed, self.declared[1]) = (errors, false),
        }
        Ok(())
    }

    /// The matrix of changes: the one given; else of a single date's, for what did change. Soil that stayed as it was is
    /// wrong at both dates or at none: that takes nothing from the change.
    pub fn of_changes(&self, sealed: bool) -> Errors {
        if let (Some(change), false) = (&self.change, sealed) {
            return change.clone();
        }
        let one = if sealed { &self.sealed } else { &self.status };
        let (yes, no) = (one.share(0, 0), one.share(1, 1));
        let (right, turned) = (yes * no, (1.0 - yes) * (1.0 - no));
        let rows = [
            vec![right, turned, yes * (1.0 - no), no * (1.0 - yes)],
            vec![turned, right, yes * (1.0 - no), no * (1.0 - yes)],
            vec![0.0, 0.0, 1.0, 0.0],
            vec![0.0, 0.0, 0.0, 1.0],
        ];
        let places = one.places(0).min(one.places(1));
        if places.is_finite() {
            let counts: Vec<Vec<f64>> =
                rows.iter().map(|row| row.iter().map(|share| share * places).collect()).collect();
            return Errors::from_counts(&counts).unwrap_or_else(|| Errors::declared(&rows));
        }
        Errors::declared(&rows)
    }

    /// Half-width of an area's 95 % interval by its outline, m², of a length of outlines in m.
    pub fn outline(&self, length: f64) -> f64 {
        super::uncertainty::WIDE * self.edge * (self.correlation * length).sqrt()
    }

    /// What is assumed, in words; of a flux also what no interval holds without a matrix of changes.
    pub fn assumed(&self, flux: bool) -> Vec<Text> {
        let (edge, correlation, wrong) = (self.edge, self.correlation, WRONG * 100.0);
        let mut said = Vec::new();
        if self.declared[0] && self.change.is_none() || self.declared[1] {
            said.push(text!(
                fr: "incertitude : contours à {edge} m près, corrélés sur {correlation} m (--edge-accuracy, --edge-length) ; faute de matrice d'erreurs (--error-matrix), {wrong} % des statuts ou des couvertures sont supposés faux, borne haute de l'effet communal des correctifs bretons de l'OCS GE",
                en: "uncertainty: outlines within {edge} m, together over {correlation} m (--edge-accuracy, --edge-length); without a matrix of errors (--error-matrix), {wrong} % of the statuses or covers are assumed wrong, the upper bound of what OCS GE's corrections in Brittany changed of a commune",
            ));
        }
        if flux && self.change.is_none() {
            said.push(text!(
                fr: "incertitude : les changements que les données ont manqués n'entrent dans l'intervalle du flux qu'avec une matrice d'erreurs des changements (gain, loss, stable_artif, stable_other) : sans elle, il est un minimum",
                en: "uncertainty: changes that the data missed are in the interval of the flux only with a matrix of errors of changes (gain, loss, stable_artif, stable_other): without one it is the least there is",
            ));
        }
        said
    }
}

/// Rows and columns of a matrix's classes; `None` where one is not there.
fn places(table: &Table, classes: &[&[&str]]) -> Option<(Vec<usize>, Vec<usize>)> {
    let is = |word: &str, class: &[&str]| class.contains(&table::plain(word).as_str());
    let row = |class: &&[&str]| table.rows.iter().position(|row| is(&row[0], class));
    let column =
        |class: &&[&str]| table.names.iter().skip(1).position(|name| is(name, class)).map(|place| place + 1);
    Some((
        classes.iter().map(row).collect::<Option<_>>()?,
        classes.iter().map(column).collect::<Option<_>>()?,
    ))
}

fn no_classes(table: &Table) -> Fault {
    let (path, names) = (table.path.display(), table.names.join(", "));
    fault!(
        fr: "{path} n'est pas une matrice d'erreurs : il faut en lignes et en colonnes artif et non_artif, ou imper et non_imper, ou gain, loss, stable_artif et stable_other ; ses colonnes sont : {names}",
        en: "{path} is no matrix of errors: rows and columns must be artif and non_artif, or imper and non_imper, or gain, loss, stable_artif and stable_other; its columns are: {names}",
    )
}
