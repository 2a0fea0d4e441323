//! How alike values are at a distance: the empirical variogram and its model.
//!
//! In: places and values; out: half the mean square difference by class of distance (Matheron 1962), and a model fitted
//! to it. Models: spherical, exponential with its effective range `a` (γ reaches 95 % of the sill there:
//! 1 − exp(−3 h / a)) and Gaussian (1 − exp(−3 h² / a²)). Fit: least squares weighted by the pairs over h² (gstat's
//! own weights, after Cressie 1985), by Levenberg and Marquardt from several ranges. Fails where: no class has pairs, or
//! the values do not vary. Cost: all pairs; microseconds a fit.

use crate::dense::{Cholesky, Matrix};

/// The shape of a variogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Reaches its sill at the range.
    Spherical,
    /// Comes near its sill, linear at the origin.
    Exponential,
    /// Comes near its sill, flat at the origin: very smooth fields.
    Gaussian,
}

impl Shape {
    /// 0 at the origin, 1 at the sill; `h` in ranges.
    #[inline(always)]
    pub fn rise(self, h: f64) -> f64 {
        match self {
            Shape::Spherical => {
                let h = h.min(1.0);
                h * (1.5 - 0.5 * h * h)
            }
            Shape::Exponential => 1.0 - decay(3.0 * h),
            Shape::Gaussian => 1.0 - decay(3.0 * h * h),
        }
    }
}

/// e to the power of minus `t`, `t` not negative, within 2 units of the last place; of no branch, so that several are
/// computed at once, and of the same bits on every processor, which the system's own is not.
///
/// −t = n ln 2 + r, ln 2 in two parts (Cody & Waite 1980, "Software Manual for the Elementary Functions", ch. 6), then the
/// series of r and n into the exponent. Below e⁻⁷⁰⁸ it stays.
#[inline(always)]
fn decay(t: f64) -> f64 {
    const LN2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    // Added, it leaves no room for a fraction: the last bits are the whole number.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let power = -if t < 708.0 { t } else { 708.0 };
    let shifted = power * std::f64::consts::LOG2_E + WHOLE;
    let whole = shifted - WHOLE;
    let rest = (power - whole * LN2[0]) - whole * LN2[1];
    // By halves (Estrin), since one term after the other is one wait after the other.
    let (two, four) = (rest * rest, (rest * rest) * (rest * rest));
    let pair = |even: f64, odd: f64| 1.0 / even + rest * (1.0 / odd);
    let low = (1.0 + rest) + two * pair(2.0, 6.0);
    let middle = pair(24.0, 120.0) + two * pair(720.0, 5040.0);
    let high = pair(40_320.0, 362_880.0) + two * pair(3_628_800.0, 39_916_800.0);
    let series = low + four * (middle + four * (high + four * pair(479_001_600.0, 6_227_020_800.0)));
    series * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// A model of a variogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variogram {
    /// Its shape.
    pub shape: Shape,
    /// What two values at one place differ by: noise of the sensors and of what is smaller than their distances.
    pub nugget: f64,
    /// The sill without the nugget.
    pub partial_sill: f64,
    /// The range; the effective one of shapes that have no end. Metres.
    pub range: f64,
}

impl Variogram {
    /// γ(h) at a distance in metres; 0 at no distance.
    pub fn gamma(&self, h: f64) -> f64 {
        if h > 0.0 { self.nugget + self.partial_sill * self.shape.rise(h / self.range) } else { 0.0 }
    }

    /// Covariance at a distance: the sill without γ.
    pub fn covariance(&self, h: f64) -> f64 {
        self.sill() - self.gamma(h)
    }

    /// The mean covariance of all pairs of places, each with itself among them: the variance of their mean.
    pub fn mean_covariance(&self, x: &[f64], y: &[f64]) -> f64 {
        let count = x.len();
        let mut sum = count as f64 * self.sill();
        for i in 0..count {
            for j in 0..i {
                sum += 2.0 * self.covariance((x[i] - x[j]).hypot(y[i] - y[j]));
            }
        }
        sum / (count * count) as f64
    }

    /// Where γ ends.
    pub fn sill(&self) -> f64 {
        self.nugget + self.partial_sill
    }
}

/// Pairs of one class of distances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// Number of pairs.
    pub pairs: usize,
    /// Their mean distance, metres.
    pub distance: f64,
    /// Half the mean square of their differences.
    pub gamma: f64,
}

/// The empirical variogram: pairs whose distance lies in `[bounds[k], bounds[k + 1])`; classes without a pair have NaN.
pub fn empirical(x: &[f64], y: &[f64], values: &[f64], bounds: &[f64]) -> Vec<Class> {
    let mut sums = vec![(0_usize, 0.0, 0.0); bounds.len().saturating_sub(1)];
    for i in 0..values.len() {
        for j in i + 1..values.len() {
            let distance = (x[i] - x[j]).hypot(y[i] - y[j]);
            let class = bounds.partition_point(|bound| *bound <= distance);
            if class >= 1 && class <= sums.len() {
                let (pairs, distances, squares) = &mut sums[class - 1];
                *pairs += 1;
                *distances += distance;
                *squares += (values[i] - values[j]).powi(2);
            }
        }
    }
    let class = |(pairs, distances, squares): (usize, f64, f64)| {
        let count = pairs as f64;
        Class { pairs, distance: distances / count, gamma: squares / (2.0 * count) }
    };
    sums.into_iter().map(class).collect()
}

/// Bounds of `classes` classes of one width up to a third of the diagonal of all places, as gstat has them.
pub fn regular_bounds(x: &[f64], y: &[f64], classes: usize) -> Vec<f64> {
    let span = |values: &[f64]| {
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        high - low
    };
    let cutoff = span(x).hypot(span(y)) / 3.0;
    (0..=classes).map(|bound| cutoff * bound as f64 / classes as f64).collect()
}

/// Fits a shape to classes; the nugget is not below `least_nugget`. `None` where fewer than three classes have pairs or
/// nothing varies.
pub fn fit(classes: &[Class], shape: Shape, least_nugget: f64) -> Option<Variogram> {
    let classes: Vec<Class> =
        classes.iter().filter(|class| class.pairs > 0 && class.distance > 0.0).copied().collect();
    let farthest = classes.iter().map(|class| class.distance).fold(0.0, f64::max);
    let top = classes.iter().map(|class| class.gamma).fold(0.0, f64::max);
    if classes.len() < 3 || top.is_nan() || top <= 0.0 {
        return None;
    }
    let starts = [0.2, 0.35, 0.5, 0.75, 1.0].map(|share| {
        descend(
            &classes,
            Variogram { shape, nugget: least_nugget, partial_sill: top, range: share * farthest },
            least_nugget,
        )
    });
    starts
        .into_iter()
        .filter(|(_, model)| model.range > 0.0 && model.range <= 10.0 * farthest)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, model)| model)
}

/// Sum of the weighted squares.
fn misfit(classes: &[Class], model: &Variogram) -> f64 {
    classes.iter().map(|class| weight(class) * (class.gamma - model.gamma(class.distance)).powi(2)).sum()
}

fn weight(class: &Class) -> f64 {
    class.pairs as f64 / (class.distance * class.distance)
}

/// Levenberg and Marquardt from one start; the misfit and the model.
fn descend(classes: &[Class], start: Variogram, least_nugget: f64) -> (f64, Variogram) {
    let (mut model, mut damping) = (start, 1e-3);
    let mut best = misfit(classes, &model);
    for _ in 0..200 {
        let Some(step) = step(classes, &model, damping) else { break };
        let tried = Variogram {
            nugget: (model.nugget + step[0]).max(least_nugget),
            partial_sill: (model.partial_sill + step[1]).max(0.0),
            range: (model.range + step[2]).max(model.range * 0.2),
            ..model
        };
        let value = misfit(classes, &tried);
        if value < best {
            let settled = best - value < best * 1e-14;
            (model, best, damping) = (tried, value, damping * 0.3);
            if settled {
                break;
            }
        } else if damping > 1e12 {
            break;
        } else {
            damping *= 4.0;
        }
    }
    (best, model)
}

/// The damped Gauss-Newton step of nugget, partial sill and range.
fn step(classes: &[Class], model: &Variogram, damping: f64) -> Option<Vec<f64>> {
    let mut gram = Matrix::zeros(3, 3);
    let mut along = vec![0.0; 3];
    for class in classes {
        let h = class.distance;
        let little = model.range * 1e-6;
        let wider = Variogram { range: model.range + little, ..*model };
        let slopes = [1.0, model.shape.rise(h / model.range), (wider.gamma(h) - model.gamma(h)) / little];
        let (weight, left) = (weight(class), class.gamma - model.gamma(h));
        for i in 0..3 {
            along[i] += weight * slopes[i] * left;
            for j in 0..3 {
                *gram.cell_mut(i, j) += weight * slopes[i] * slopes[j];
            }
        }
    }
    for i in 0..3 {
        let diagonal = gram.at(i, i).max(1e-300);
        *gram.cell_mut(i, i) = diagonal * (1.0 + damping);
    }
    Some(Cholesky::new(&gram)?.solve(&along))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Twelve fixed places and values.
    pub(crate) const TWELVE: [[f64; 3]; 12] = [
        [0.0, 0.0, 1.20],
        [400.0, 100.0, 1.85],
        [900.0, 50.0, 2.40],
        [150.0, 500.0, 0.95],
        [600.0, 550.0, 2.95],
        [1100.0, 480.0, 2.10],
        [50.0, 1000.0, 0.40],
        [500.0, 950.0, 1.75],
        [950.0, 1020.0, 1.30],
        [300.0, 300.0, 1.60],
        [750.0, 780.0, 2.25],
        [1200.0, 1150.0, 0.55],
    ];

    pub(crate) fn twelve(axis: usize) -> Vec<f64> {
        TWELVE.iter().map(|row| row[axis]).collect()
    }

    /// Case 13: GSTools 1.7.0.
    #[test]
    fn decay_is_the_exponential_within_two_units_of_the_last_place() {
        assert_eq!(decay(0.0), 1.0);
        for i in 0..1_000_000 {
            let t = f64::from(i) * 7.07e-4;
            let exact = (-t).exp();
            assert!((decay(t) - exact).abs() <= 2.0 * f64::EPSILON * exact, "{t}");
        }
        assert!(decay(1e9) < 1e-300 && decay(f64::INFINITY) < 1e-300);
    }

    #[test]
    fn the_empirical_variogram_is_that_of_gstools() {
        let bounds = [0.0, 250.0, 500.0, 750.0, 1000.0, 1300.0];
        let classes = empirical(&twelve(0), &twelve(1), &twelve(2), &bounds);
        let expected = [(1, 0.03125), (16, 0.457188), (19, 0.699737), (16, 0.595312), (11, 0.670682)];
        for (class, (pairs, gamma)) in classes.iter().zip(expected) {
            assert_eq!(class.pairs, pairs);
            assert!((class.gamma - gamma).abs() < 1e-5, "{class:?}");
        }
    }

    #[test]
    fn a_model_is_found_again_from_its_own_values() {
        for shape in [Shape::Spherical, Shape::Exponential, Shape::Gaussian] {
            let truth = Variogram { shape, nugget: 0.05, partial_sill: 0.6, range: 700.0 };
            let classes: Vec<Class> = (1..=12)
                .map(|k| f64::from(k) * 100.0)
                .map(|distance| Class { pairs: 40, distance, gamma: truth.gamma(distance) })
                .collect();
            let found = fit(&classes, shape, 0.0).unwrap();
            assert!((found.range / 700.0 - 1.0).abs() < 1e-4, "{found:?}");
            assert!(
                (found.nugget - 0.05).abs() < 1e-5 && (found.partial_sill - 0.6).abs() < 1e-4,
                "{found:?}"
            );
            let floored = fit(&classes, shape, 0.1).unwrap();
            assert!(floored.nugget >= 0.1);
        }
    }

    #[test]
    fn what_does_not_vary_has_no_model() {
        let classes = [Class { pairs: 9, distance: 100.0, gamma: 0.0 }; 4];
        assert!(fit(&classes, Shape::Spherical, 0.0).is_none());
        assert!(fit(&classes[..2], Shape::Spherical, 0.0).is_none());
    }
}
