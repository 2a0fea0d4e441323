//! What is gathered of a zone: areas, moments, extremes, percentiles, classes.
//!
//! In: runs of values with the share of each cell that lies inside; out: the statistics, all weighted by
//! the share. Moments are taken about the zone's first value (shifted data, Chan et al. 1983), so that the deviation
//! of heights of 2000 m keeps its digits. Missing values (NaN) count as area without data, never as zero.
//!
//! Fails where: classes are no whole numbers, or more than [`MOST_CLASSES`]: [`Statistics::fitness`] says it. Cost:
//! 0.5 ns per whole cell; with classes 1 ns, with percentiles 2 ns more.

use super::spread::Spread;
use super::{DUST, sums};

/// A raster with more values than this does not hold classes.
pub const MOST_CLASSES: usize = 256;

/// What is to be gathered beside areas, moments and extremes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Areas per class: the values are whole numbers that stand for something.
    pub classes: bool,
    /// The distribution, for percentiles.
    pub spread: bool,
}

/// Whether values were classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fitness {
    /// They were, or classes are not wanted.
    Fit,
    /// This value is no whole number.
    Fraction(f32),
    /// There are more than [`MOST_CLASSES`].
    TooMany,
}

/// The statistics of a zone so far. Areas are in cells.
#[derive(Debug, Clone)]
pub struct Statistics {
    arch: pulp::Arch,
    inside: f64,
    valid: f64,
    edge: f64,
    pivot: Option<f64>,
    distance: f64,
    square: f64,
    min: f32,
    max: f32,
    spread: Option<Box<Spread>>,
    percentiles: Option<Vec<f64>>,
    classes: Option<Vec<(i32, f64)>>,
    fitness: Fitness,
}

impl Statistics {
    /// Nothing yet.
    pub fn new(wanted: Wanted) -> Statistics {
        Statistics {
            arch: pulp::Arch::new(),
            inside: 0.0,
            valid: 0.0,
            edge: 0.0,
            pivot: None,
            distance: 0.0,
            square: 0.0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            spread: wanted.spread.then(Box::default),
            percentiles: None,
            classes: wanted.classes.then(Vec::new),
            fitness: Fitness::Fit,
        }
    }

    /// Adds cells that are covered to the same share.
    pub fn add(&mut self, share: f64, values: &[f32]) {
        let area = share * values.len() as f64;
        self.inside += area;
        if share < 1.0 - DUST {
            self.edge += area;
        }
        let Some(pivot) = self.pivot.or_else(|| {
            self.pivot = values.iter().find(|value| !value.is_nan()).map(|value| f64::from(*value));
            self.pivot
        }) else {
            return;
        };
        if let &[value] = values {
            return self.add_cell(share, value, pivot);
        }
        let sums = sums::of(self.arch, values, pivot);
        self.valid += share * sums.count;
        self.distance += share * sums.distance;
        self.square += share * sums.square;
        if share > DUST {
            self.min = self.min.min(sums.min);
            self.max = self.max.max(sums.max);
            if let Some(spread) = &mut self.spread {
                spread.add(share, values);
            }
            self.sort_into_classes(share, values);
        }
    }

    /// Most cells that a border cuts come alone.
    fn add_cell(&mut self, share: f64, value: f32, pivot: f64) {
        if value.is_nan() {
            return;
        }
        let distance = f64::from(value) - pivot;
        self.valid += share;
        self.distance += share * distance;
        self.square += share * (distance * distance);
        if share > DUST {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            if let Some(spread) = &mut self.spread {
                spread.add(share, &[value]);
            }
            self.sort_into_classes(share, &[value]);
        }
    }

    fn sort_into_classes(&mut self, share: f64, values: &[f32]) {
        let Some(classes) = &mut self.classes else { return };
        for run in values.chunk_by(|a, b| a == b).filter(|run| !run[0].is_nan()) {
            let value = run[0];
            if value.fract() != 0.0 || value.abs() > 16_777_216.0 {
                self.fitness = Fitness::Fraction(value);
                return;
            }
            let (class, area) = (value as i32, share * run.len() as f64);
            match classes.binary_search_by_key(&class, |(class, _)| *class) {
                Ok(index) => classes[index].1 += area,
                Err(_) if classes.len() == MOST_CLASSES => self.fitness = Fitness::TooMany,
                Err(index) => classes.insert(index, (class, area)),
            }
        }
    }

    /// Area inside of the zone and of the raster, with a value or without.
    pub fn inside(&self) -> f64 {
        self.inside
    }

    /// Area with a value: the sum of the coverage of cells that have one.
    pub fn valid(&self) -> f64 {
        self.valid
    }

    /// Area inside of the zone that lies in cells cut by its border.
    pub fn edge(&self) -> f64 {
        self.edge
    }

    /// Whether there is enough of a value to speak of it.
    pub fn has_values(&self) -> bool {
        self.valid > DUST
    }

    /// Mean of the values.
    pub fn mean(&self) -> Option<f64> {
        self.pivot.filter(|_| self.has_values()).map(|pivot| pivot + self.distance / self.valid)
    }

    /// Sum of the values, each times the covered share of its cell.
    pub fn sum(&self) -> Option<f64> {
        self.pivot.filter(|_| self.has_values()).map(|pivot| pivot * self.valid + self.distance)
    }

    /// Standard deviation of the values within the zone (of the population, not of a sample).
    pub fn deviation(&self) -> Option<f64> {
        let variance = (self.square - self.distance * self.distance / self.valid) / self.valid;
        self.has_values().then(|| variance.max(0.0).sqrt())
    }

    /// Smallest value of the cells that the zone covers at least in part.
    pub fn min(&self) -> Option<f64> {
        (self.has_values() && self.min.is_finite()).then(|| f64::from(self.min))
    }

    /// Largest value of the cells that the zone covers at least in part.
    pub fn max(&self) -> Option<f64> {
        (self.has_values() && self.max.is_finite()).then(|| f64::from(self.max))
    }

    /// Settles these percentiles and lets the distribution go: nothing can be added after.
    pub fn finish(&mut self, percentiles: &[f64]) {
        self.percentiles = self.spread.take().and_then(|spread| spread.percentiles(percentiles));
    }

    /// The percentiles settled by [`Statistics::finish`], as [`Spread::percentiles`] defines them.
    pub fn percentiles(&self) -> Option<&[f64]> {
        self.percentiles.as_deref()
    }

    /// Areas per class, in cells, from the smallest class on.
    pub fn classes(&self) -> &[(i32, f64)] {
        self.classes.as_deref().unwrap_or(&[])
    }

    /// The class with the largest area; of equal ones the smallest.
    pub fn majority(&self) -> Option<i32> {
        let largest = self.classes().iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
        largest.map(|(class, _)| class)
    }

    /// Whether the values were classes, where classes are wanted.
    pub fn fitness(&self) -> Fitness {
        self.fitness
    }
}
