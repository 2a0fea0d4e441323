//! Where a model may speak: the area of applicability.
//!
//! In: the covariates of the training places, their weights, and the folds of the validation; out: for any covariates,
//! their dissimilarity from the training places, and whether it is within what the validation saw. Covariates are
//! scaled by mean and sample standard deviation and weighted; the distance to the nearest training place is divided by the
//! mean distance among them. Inside is what is no farther than the upper whisker (Q75 + 1.5 IQR, quantiles of type 7)
//! of the training places' own dissimilarities from the places outside of their fold. Source: Meyer & Pebesma 2021,
//! 10.1111/2041-210X.13650. Fails where: a covariate does not vary: it is left out of the distance; with one training
//! place nothing is inside. Cost: a nanosecond per cell, place and covariate.

use crate::robust::quantile;

/// A trained area of applicability.
#[derive(Debug, Clone)]
pub struct Area {
    /// Per covariate: mean and scale, of weight over deviation.
    scales: Vec<(f64, f64)>,
    /// The training places, scaled and weighted.
    places: Vec<Vec<f64>>,
    /// Mean distance among training places.
    pub mean_distance: f64,
    /// The largest dissimilarity that is inside.
    pub threshold: f64,
}

impl Area {
    /// Trains: `places` are rows of covariates, `folds` says in which fold each is (a number of its own each for
    /// leave-one-out).
    pub fn new(places: &[Vec<f64>], weights: &[f64], folds: &[usize]) -> Area {
        let count = places.len() as f64;
        let scale = |covariate: usize| {
            let mean = places.iter().map(|place| place[covariate]).sum::<f64>() / count;
            let square =
                places.iter().map(|place| (place[covariate] - mean).powi(2)).sum::<f64>() / (count - 1.0);
            let factor = if square > 0.0 { weights[covariate].abs() / square.sqrt() } else { 0.0 };
            (mean, factor)
        };
        let scales: Vec<(f64, f64)> = (0..weights.len()).map(scale).collect();
        let places: Vec<Vec<f64>> = places.iter().map(|place| scaled(&scales, place)).collect();
        let mean_distance = mean_distance(&places);
        let own = places.iter().zip(folds).map(|(place, fold)| {
            let others = places.iter().zip(folds).filter(|(_, other)| *other != fold);
            others.map(|(other, _)| distance(place, other)).fold(f64::INFINITY, f64::min) / mean_distance
        });
        let mut own: Vec<f64> = own.filter(|own| own.is_finite()).collect();
        let most = own.iter().copied().fold(0.0, f64::max);
        let (q25, q75) = (quantile(&mut own, 0.25), quantile(&mut own, 0.75));
        Area { scales, places, mean_distance, threshold: (q75 + 1.5 * (q75 - q25)).min(most) }
    }

    /// The dissimilarity of these covariates from the training places; NaN where one is missing.
    pub fn dissimilarity(&self, covariates: &[f64]) -> f64 {
        let mut nearest = f64::INFINITY;
        for place in &self.places {
            let mut square = 0.0;
            for ((value, (mean, factor)), own) in covariates.iter().zip(&self.scales).zip(place) {
                let apart = (value - mean) * factor - own;
                square += apart * apart;
            }
            // A comparison that is false for NaN would pass over it.
            nearest = if square.is_nan() { f64::NAN } else { nearest.min(square) };
        }
        if covariates.iter().any(|value| value.is_nan()) {
            f64::NAN
        } else {
            nearest.sqrt() / self.mean_distance
        }
    }

    /// Whether the model may speak at each of many places, with a column of each covariate: what [`Area::holds`] gives.
    pub fn inside(&self, columns: &[&[f64]], out: &mut [bool]) {
        pulp::Arch::new().dispatch(Inside { area: self, columns, out });
    }

    /// Whether the model may speak there.
    pub fn holds(&self, covariates: &[f64]) -> bool {
        self.dissimilarity(covariates) <= self.threshold
    }
}

/// A closure would not be inlined where the wide instructions are.
struct Inside<'a> {
    area: &'a Area,
    columns: &'a [&'a [f64]],
    out: &'a mut [bool],
}

/// Places at a time: their scaled covariates stay in the nearest cache.
const TOGETHER: usize = 128;

impl pulp::NullaryFnOnce for Inside<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Inside { area, columns, out } = self;
        let mut own = vec![[0.0; TOGETHER]; columns.len()];
        for (number, out) in out.chunks_mut(TOGETHER).enumerate() {
            let first = number * TOGETHER;
            let mut unknown = [0.0; TOGETHER];
            for ((own, column), (mean, factor)) in own.iter_mut().zip(columns).zip(&area.scales) {
                for (lane, (own, value)) in own.iter_mut().zip(&column[first..first + out.len()]).enumerate()
                {
                    *own = (value - mean) * factor;
                    // NaN where a covariate is missing, even one that does not count.
                    unknown[lane] += value * 0.0;
                }
            }
            let mut nearest = [f64::INFINITY; TOGETHER];
            for place in &area.places {
                let mut square = [0.0; TOGETHER];
                for (own, there) in own.iter().zip(place) {
                    for (square, own) in square.iter_mut().zip(own) {
                        *square += (own - there) * (own - there);
                    }
                }
                for (nearest, square) in nearest.iter_mut().zip(&square) {
                    *nearest = if *square < *nearest { *square } else { *nearest };
                }
            }
            for (out, (nearest, unknown)) in out.iter_mut().zip(nearest.iter().zip(&unknown)) {
                *out = !unknown.is_nan() && nearest.sqrt() / area.mean_distance <= area.threshold;
            }
        }
    }
}

fn scaled(scales: &[(f64, f64)], place: &[f64]) -> Vec<f64> {
    place.iter().zip(scales).map(|(value, (mean, factor))| (value - mean) * factor).collect()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// The mean, over the places, of the mean distance to the others.
fn mean_distance(places: &[Vec<f64>]) -> f64 {
    let count = places.len() as f64;
    let mean =
        |place: &Vec<f64>| places.iter().map(|other| distance(place, other)).sum::<f64>() / (count - 1.0);
    places.iter().map(mean).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy's own means, sample deviations and percentiles, on the twelve fixed places.
    #[test]
    fn the_area_is_the_formula_s() {
        let places: Vec<Vec<f64>> =
            crate::variogram::tests::TWELVE.iter().map(|place| place.to_vec()).collect();
        let folds: Vec<usize> = (0..places.len()).collect();
        let area = Area::new(&places, &[1.0, 0.8, 0.3], &folds);
        assert!((area.mean_distance - 1.721_547_868_155_48).abs() < 1e-9, "{}", area.mean_distance);
        assert!((area.threshold - 0.602_575_493_598_952_6).abs() < 1e-9, "{}", area.threshold);
        let new = [[500.0, 500.0, 2.0], [3000.0, 100.0, 1.0], [700.0, 1400.0, 0.0], [300.0, 300.0, 1.6]];
        let expected =
            [(0.265_086_979_2, true), (2.742_962_419_1, false), (0.634_553_238_5, false), (0.0, true)];
        for (place, (expected, inside)) in new.iter().zip(expected) {
            assert!((area.dissimilarity(place) - expected).abs() < 1e-9, "{}", area.dissimilarity(place));
            assert_eq!(area.holds(place), inside);
        }
        // Many at once say the same, whatever the number and what is missing.
        let many: Vec<[f64; 3]> = (0..301)
            .map(|i| [f64::from(i * 37 % 1500), f64::from(i * 91 % 1600), f64::from(i % 7) * 0.4])
            .map(|row| if row[0] == 37.0 { [row[0], f64::NAN, row[2]] } else { row })
            .collect();
        let columns: Vec<Vec<f64>> = (0..3).map(|k| many.iter().map(|row| row[k]).collect()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut found = vec![false; many.len()];
        area.inside(&columns, &mut found);
        assert_eq!(found, many.iter().map(|row| area.holds(row)).collect::<Vec<bool>>());
        assert!(found.iter().any(|inside| *inside) && found.iter().any(|inside| !*inside));
        assert!(!area.holds(&[f64::NAN, 1.0, 1.0]));
    }
}
