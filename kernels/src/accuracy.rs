//! Areas from a map and a sample of it: mapped areas and a matrix of errors in, error-adjusted areas and their standard errors out.
//!
//! The sample is stratified by the classes of the map: row *i* of the matrix holds how many of the *n*ᵢ places mapped as *i* truly are
//! of each class. With mapped areas *a*ᵢ, a quantity that is worth *v*ⱼ on each unit of true class *j* is
//!
//! ```text
//!   Q = Σᵢ aᵢ mᵢ      mᵢ = Σⱼ pᵢⱼ vⱼ      pᵢⱼ = nᵢⱼ / nᵢ
//!   S²(Q) = Σᵢ aᵢ² sᵢ² / (nᵢ − 1)      sᵢ² = Σⱼ pᵢⱼ vⱼ² − mᵢ²
//! ```
//!
//! With *v* = 1 for one class and 0 for the others this is eqs. 9 to 11 of Olofsson et al. 2014 (10.1016/j.rse.2014.02.015);
//! with +1 and −1 it is a net change. Where the map is cut into objects, each right or wrong as a whole, a place's own
//! deviation from the rate of the sample adds Σ objects *a*² *s*². Fails where: a class was not sampled: its row says
//! nothing, and the answer is none. Cost: the square of the classes.

/// A matrix of errors: places by class of the map (rows) and true class (columns).
#[derive(Debug, Clone, PartialEq)]
pub struct Errors {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    shares: Vec<f64>,
    /// Places sampled; infinite where the shares are declared, not sampled.
    places: f64,
}

/// An area with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Adjusted for errors.
    pub area: f64,
    /// Standard error.
    pub error: f64,
}

impl Errors {
    /// From counts; `None` where the matrix is not square, a count is below zero, or a row has fewer than two places.
    pub fn from_counts(counts: &[Vec<f64>]) -> Option<Errors> {
        let row = |row: &Vec<f64>| {
            let places: f64 = row.iter().sum();
            let fits = row.len() == counts.len() && row.iter().all(|count| *count >= 0.0) && places >= 2.0;
            fits.then(|| Row { shares: row.iter().map(|count| count / places).collect(), places })
        };
        let rows = counts.iter().map(row).collect::<Option<Vec<_>>>()?;
        (!rows.is_empty()).then_some(Errors { rows })
    }

    /// Declared shares, without a sample behind them.
    pub fn declared(shares: &[Vec<f64>]) -> Errors {
        let row = |shares: &Vec<f64>| Row { shares: shares.clone(), places: f64::INFINITY };
        Errors { rows: shares.iter().map(row).collect() }
    }

    /// The share of what is mapped as one class that truly is another.
    pub fn share(&self, map: usize, truth: usize) -> f64 {
        self.rows[map].shares[truth]
    }

    /// Places sampled of a class of the map; infinite where its shares are declared.
    pub fn places(&self, map: usize) -> f64 {
        self.rows[map].places
    }

    /// What a unit mapped as a class is worth, and its variance.
    pub fn worth(&self, map: usize, values: &[f64]) -> (f64, f64) {
        let all = || self.rows[map].shares.iter().zip(values);
        let mean: f64 = all().map(|(share, value)| share * value).sum();
        let square: f64 = all().map(|(share, value)| share * value * value).sum();
        (mean, (square - mean * mean).max(0.0))
    }

    /// A quantity worth `values` on each unit of the true classes. `areas` are as mapped; `squares` are the sums of the
    /// squared areas of the objects of each class, zeros where no single place's deviation is asked for.
    pub fn estimate(&self, areas: &[f64], squares: &[f64], values: &[f64]) -> Estimate {
        let (mut area, mut variance) = (0.0, 0.0);
        for (map, row) in self.rows.iter().enumerate() {
            let (mean, spread) = self.worth(map, values);
            area += areas[map] * mean;
            variance += areas[map] * areas[map] * spread / (row.places - 1.0) + squares[map] * spread;
        }
        Estimate { area, error: variance.sqrt() }
    }

    /// The share of the whole map that is right.
    pub fn overall(&self, areas: &[f64]) -> f64 {
        let right: f64 = areas.iter().enumerate().map(|(class, area)| area * self.share(class, class)).sum();
        right / areas.iter().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of Olofsson et al. 2014, §5: 10 million pixels of 30 m, deforestation first.
    #[test]
    fn the_worked_example_of_olofsson_is_met() {
        let counts =
            [[66.0, 0.0, 5.0, 4.0], [0.0, 55.0, 8.0, 12.0], [1.0, 0.0, 153.0, 11.0], [2.0, 1.0, 9.0, 313.0]];
        let errors = Errors::from_counts(&counts.map(Vec::from)).unwrap();
        let areas = [200_000.0, 150_000.0, 3_200_000.0, 6_450_000.0].map(|pixels| pixels * 0.09);
        let class = |class: usize| {
            let mut values = [0.0; 4];
            values[class] = 1.0;
            errors.estimate(&areas, &[0.0; 4], &values)
        };
        let deforested = class(0);
        assert!((deforested.area - 21_157.8).abs() < 0.05, "{deforested:?}");
        assert!((1.96 * deforested.error - 6_157.6).abs() < 1.0, "{deforested:?}");
        assert!((errors.overall(&areas) - 0.9465).abs() < 5e-5);
        let sum: f64 = (0..4).map(|number| class(number).area).sum();
        assert!((sum - areas.iter().sum::<f64>()).abs() < 1e-6);
        // Gain less loss is the difference, and its error is not that of independent ones.
        let net = errors.estimate(&areas, &[0.0; 4], &[1.0, -1.0, 0.0, 0.0]);
        assert!((net.area - (class(0).area - class(1).area)).abs() < 1e-6);
    }

    #[test]
    fn objects_that_are_right_or_wrong_as_a_whole_are_binomial() {
        // One object of 3 and one of 4, right with 0.8: variance 0.16 · (9 + 16).
        let errors = Errors::declared(&[vec![0.8, 0.2], vec![0.0, 1.0]]);
        let found = errors.estimate(&[7.0, 100.0], &[25.0, 1e4], &[1.0, 0.0]);
        assert!((found.area - 5.6).abs() < 1e-12 && (found.error - 2.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn a_class_without_a_sample_gives_no_matrix() {
        assert_eq!(Errors::from_counts(&[vec![5.0, 1.0], vec![0.0, 0.0]]), None);
        assert_eq!(Errors::from_counts(&[vec![5.0, 1.0]]), None);
        assert_eq!(Errors::from_counts(&[]), None);
    }
}
