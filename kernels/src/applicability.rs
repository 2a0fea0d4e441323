//! Where a model may speak: the area of applicability.
//!
//! In: the covariates of the training places, their weights, and the folds of the validation; out: for any covariates,
//! their dissimilarity from the training places, and whether it is within what the validation saw. Covariates are
//! scaled by mean and sample standard deviation and weighted; the distance to the nearest training place is divided by the
//! mean distance among them. Inside is what is no farther than the upper whisker (Q75 + 1.5 IQR, quantiles of type 7)
//! of the training places' own dissimilarities from the places outside of their fold. Source: Meyer & Pebesma 2021,
//! 10.1111/2041-210X.13650. Fails where: a covariate does not vary: it is left out of the distance; with one training
//! place nothing is inside. Cost: with up to three covariates 3 ns a cell, as a lattice laid over their space once tells most
//! cells at a glance, with more a nanosecond per cell, place and covariate.

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
    /// What tells most covariates at a glance.
    sieve: Option<Sieve>,
}

/// A lattice over the space of the scaled covariates. A cell is inside where one place is near enough to all of it; outside
/// where none is to any of it; else only the few places at whose reach it lies need to be asked.
#[derive(Debug, Clone)]
struct Sieve {
    /// Per covariate: where the lattice begins, and its cells per unit.
    axes: Vec<(f64, f64)>,
    /// Cells along each side.
    side: usize,
    /// Per cell: inside, or the part of `near` to be asked, none where it is outside.
    cells: Vec<Option<(u32, u32)>>,
    near: Vec<u16>,
}

/// Cells along a side of the lattice for one, two and three covariates.
const SIDES: [usize; 3] = [512, 96, 24];

impl Sieve {
    /// Lays the lattice over all that is no farther than `reach` from a place; none with more covariates than three.
    fn new(places: &[Vec<f64>], reach: f64) -> Option<Sieve> {
        let count = places.first()?.len();
        let side = *SIDES.get(count.checked_sub(1)?)?;
        if !(reach > 0.0 && reach.is_finite() && places.len() < usize::from(u16::MAX)) {
            return None;
        }
        let axis = |covariate: usize| {
            let own = || places.iter().map(|place| place[covariate]);
            let (low, high) = (own().fold(f64::INFINITY, f64::min), own().fold(f64::NEG_INFINITY, f64::max));
            (low - reach * 1.01, side as f64 / (high - low + reach * 2.02))
        };
        let axes: Vec<(f64, f64)> = (0..count).map(axis).collect();
        // From the middle of a cell to its corner, with room for rounding.
        let corner = axes.iter().map(|(_, per)| (0.5 / per).powi(2)).sum::<f64>().sqrt() + reach * 1e-9;
        let (sure, never) = ((reach - corner).max(0.0).powi(2), (reach + corner).powi(2));
        let mut sieve = Sieve { axes, side, cells: Vec::new(), near: Vec::new() };
        let mut middle = vec![0.0; count];
        for cell in 0..side.pow(count as u32) {
            let mut left = cell;
            for (middle, (low, per)) in middle.iter_mut().zip(&sieve.axes) {
                *middle = low + ((left % side) as f64 + 0.5) / per;
                left /= side;
            }
            let first = sieve.near.len();
            let mut inside = false;
            for (number, place) in places.iter().enumerate() {
                let square: f64 = place.iter().zip(&middle).map(|(a, b)| (a - b) * (a - b)).sum();
                inside |= square < sure;
                if square <= never {
                    sieve.near.push(number as u16);
                }
            }
            if inside {
                sieve.near.truncate(first);
            }
            sieve.cells.push((!inside).then_some((first as u32, sieve.near.len() as u32)));
        }
        Some(sieve)
    }

    /// Leaves those of `out` that are inside, with `K` columns of covariates.
    fn keep<const K: usize>(&self, area: &Area, columns: &[&[f64]], out: &mut [bool]) {
        let columns: [&[f64]; K] = std::array::from_fn(|column| &columns[column][..out.len()]);
        let scales: [(f64, f64); K] = std::array::from_fn(|column| area.scales[column]);
        let axes: [(f64, f64); K] = std::array::from_fn(|column| self.axes[column]);
        for (place, out) in out.iter_mut().enumerate() {
            let (mut scaled, mut cell, mut step, mut within) = ([0.0; K], 0, 1, *out);
            for k in 0..K {
                scaled[k] = (columns[k][place] - scales[k].0) * scales[k].1;
                let along = (scaled[k] - axes[k].0) * axes[k].1;
                // False for NaN.
                within &= along >= 0.0 && along < self.side as f64;
                cell += (along as usize).min(self.side - 1) * step;
                step *= self.side;
            }
            *out = within
                && self.cells[cell].is_none_or(|(from, to)| {
                    let near = self.near[from as usize..to as usize].iter();
                    near.map(|near| area.apart(&scaled, &area.places[usize::from(*near)]))
                        .any(|square| area.is_near(square))
                });
        }
    }
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
        let threshold = (q75 + 1.5 * (q75 - q25)).min(most);
        let sieve = Sieve::new(&places, threshold * mean_distance);
        Area { scales, places, mean_distance, threshold, sieve }
    }

    /// The dissimilarity of these covariates from the training places; NaN where one is missing.
    pub fn dissimilarity(&self, covariates: &[f64]) -> f64 {
        if covariates.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        let own = scaled(&self.scales, covariates);
        let nearest = self.places.iter().map(|place| self.apart(&own, place)).fold(f64::INFINITY, f64::min);
        nearest.sqrt() / self.mean_distance
    }

    /// The square of the distance of two places, scaled.
    #[inline(always)]
    fn apart(&self, one: &[f64], other: &[f64]) -> f64 {
        one.iter().zip(other).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
    }

    /// Whether a training place at this square of a distance is near enough.
    #[inline(always)]
    fn is_near(&self, square: f64) -> bool {
        square.sqrt() / self.mean_distance <= self.threshold
    }

    /// Leaves those of `out` where the model may speak, with a column of each covariate: where [`Area::holds`].
    pub fn keep_inside(&self, columns: &[&[f64]], out: &mut [bool]) {
        match (&self.sieve, columns.len()) {
            (Some(sieve), 1) => sieve.keep::<1>(self, columns, out),
            (Some(sieve), 2) => sieve.keep::<2>(self, columns, out),
            (Some(sieve), 3) => sieve.keep::<3>(self, columns, out),
            _ => pulp::Arch::new().dispatch(Inside { area: self, columns, out }),
        }
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
                *out &= !unknown.is_nan() && area.is_near(*nearest);
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
        let mut found = vec![true; many.len()];
        area.keep_inside(&columns, &mut found);
        let expected: Vec<bool> = many.iter().map(|row| area.holds(row)).collect();
        assert_eq!(found, expected);
        // So does the way for more covariates than the sieve takes.
        let mut again = vec![true; many.len()];
        Area { sieve: None, ..area.clone() }.keep_inside(&columns, &mut again);
        assert_eq!(again, expected);
        assert!(found.iter().any(|inside| *inside) && found.iter().any(|inside| !*inside));
        assert!(!area.holds(&[f64::NAN, 1.0, 1.0]));
    }

    /// At the rim, in one, two and three dimensions, the glance decides as the distance does.
    #[test]
    fn the_sieve_decides_as_the_distances_do() {
        for count in 1..=3_usize {
            let draw = |k: usize| {
                let mixed = (k as u64 + 77 * count as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                ((mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / 1e6
            };
            let places: Vec<Vec<f64>> =
                (0..25).map(|row| (0..count).map(|k| draw(row * 3 + k)).collect()).collect();
            let folds: Vec<usize> = (0..25).collect();
            let area = Area::new(&places, &vec![1.0; count], &folds);
            let columns: Vec<Vec<f64>> = (0..count)
                .map(|k| (0..20_000).map(|row| draw(900 + row * 13 + k * 5) * 1.4 - 3.0).collect())
                .collect();
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let mut found = vec![true; 20_000];
            area.keep_inside(&columns, &mut found);
            for (row, found) in found.iter().enumerate() {
                let own: Vec<f64> = columns.iter().map(|column| column[row]).collect();
                assert_eq!(*found, area.holds(&own), "{count} {own:?}");
            }
            assert!(found.contains(&true) && found.contains(&false));
        }
    }
}
