//! Multiple linear regression with what tells how far to trust it; ridge where columns hang together.
//!
//! In: columns and a target, some tens of rows; out: coefficients, residuals, leverages, the error of leaving one out,
//! prediction variances. Least squares through QR (checked against NIST's Longley). The residual of a row that the fit
//! has not seen is eᵢ / (1 − hᵢ) (Allen 1974, PRESS); AICc after Hurvich & Tsai 1989; ridge on standardised columns,
//! with the penalty that leaves the smallest such residuals (Hoerl & Kennard 1970; Golub, Heath & Wahba 1979). Fails
//! where: columns depend on each other or rows are too few: `None`. Cost: microseconds.

use crate::dense::{Matrix, Qr, dot};

/// A least-squares fit; the intercept comes first.
#[derive(Debug, Clone)]
pub struct Fit {
    /// Intercept, then one per column.
    pub coefficients: Vec<f64>,
    /// Observed minus fitted.
    pub residuals: Vec<f64>,
    /// How much each row pulls the fit to itself, 0 to 1.
    pub leverages: Vec<f64>,
    /// Standard deviation of the residuals, n − p degrees of freedom.
    pub sigma: f64,
    /// Share of the variance that is explained.
    pub r_squared: f64,
    /// The ridge penalty on standardised columns; 0 of least squares.
    pub penalty: f64,
    /// Degrees of freedom that the fit uses, the intercept's among them.
    pub used: f64,
    /// R⁻¹ of the design's QR.
    triangle: Matrix,
}

/// The design matrix: ones, then the columns.
fn design(columns: &[&[f64]], rows: usize) -> Matrix {
    Matrix::from_fn(rows, columns.len() + 1, |row, col| if col == 0 { 1.0 } else { columns[col - 1][row] })
}

/// Fits; `None` where columns depend on each other or fewer than one degree of freedom is left.
pub fn least_squares(columns: &[&[f64]], y: &[f64]) -> Option<Fit> {
    penalised(columns, y, 0.0)
}

/// Ridge with a penalty on standardised columns: least squares with a row more per column, which holds the root of the
/// penalty, for which 0 is the target. Variances are those of the posterior with this penalty as its prior.
pub fn penalised(columns: &[&[f64]], y: &[f64], penalty: f64) -> Option<Fit> {
    let (rows, terms) = (y.len(), columns.len() + 1);
    let too_few = if penalty > 0.0 { rows < 3 } else { rows <= terms };
    if too_few || y.iter().any(|y| !y.is_finite()) {
        return None;
    }
    let plain = design(columns, rows);
    let more = if penalty > 0.0 { terms - 1 } else { 0 };
    let scales: Vec<f64> = columns.iter().map(|column| moments(column).1).collect();
    if more > 0 && scales.iter().any(|scale| !(*scale > 0.0 && scale.is_finite())) {
        return None;
    }
    let whole = Matrix::from_fn(rows + more, terms, |row, col| match row.checked_sub(rows) {
        None => plain.at(row, col),
        Some(column) if column + 1 == col => penalty.sqrt() * scales[column],
        Some(_) => 0.0,
    });
    let qr = Qr::new(&whole)?;
    let target: Vec<f64> = y.iter().copied().chain(std::iter::repeat_n(0.0, more)).collect();
    let coefficients = qr.solve(&target);
    let residuals: Vec<f64> = plain.times(&coefficients).iter().zip(y).map(|(fit, y)| y - fit).collect();
    let basis = qr.basis();
    let leverages: Vec<f64> = (0..rows).map(|row| dot(basis.row(row), basis.row(row))).collect();
    let used = if more > 0 { leverages.iter().sum() } else { terms as f64 };
    let mean = y.iter().sum::<f64>() / rows as f64;
    let (left, whole) = (dot(&residuals, &residuals), y.iter().map(|y| (y - mean).powi(2)).sum::<f64>());
    let r_squared = if whole > 0.0 { 1.0 - left / whole } else { 0.0 };
    let sigma = (left / (rows as f64 - used)).sqrt();
    let triangle = qr.inverse_triangle();
    Some(Fit { coefficients, residuals, leverages, sigma, r_squared, penalty, used, triangle })
}

impl Fit {
    /// The value at these covariates.
    pub fn predict(&self, covariates: &[f64]) -> f64 {
        self.coefficients[0] + dot(&self.coefficients[1..], covariates)
    }

    /// Variance of a new observation there: s² (1 + x₀ᵀ (XᵀX)⁻¹ x₀).
    pub fn variance(&self, covariates: &[f64]) -> f64 {
        self.sigma * self.sigma * (1.0 + self.distance(covariates))
    }

    /// Values and variances at many places, with a column of each covariate: what [`Fit::predict`] and [`Fit::variance`] give,
    /// column by column.
    pub fn along(&self, columns: &[&[f64]], values: &mut [f64], variances: &mut [f64]) {
        values.fill(self.coefficients[0]);
        for (slope, column) in self.coefficients[1..].iter().zip(columns) {
            values.iter_mut().zip(*column).for_each(|(value, x)| *value += slope * x);
        }
        variances.fill(1.0 + self.triangle.at(0, 0).powi(2));
        let mut along = vec![0.0; values.len()];
        for col in 1..self.coefficients.len() {
            along.fill(self.triangle.at(0, col));
            for (row, column) in columns[..col].iter().enumerate() {
                let weight = self.triangle.at(row + 1, col);
                along.iter_mut().zip(*column).for_each(|(along, x)| *along += weight * x);
            }
            variances.iter_mut().zip(&along).for_each(|(variance, along)| *variance += along * along);
        }
        let square = self.sigma * self.sigma;
        variances.iter_mut().for_each(|variance| *variance *= square);
    }

    /// x₀ᵀ (XᵀX)⁻¹ x₀.
    pub fn distance(&self, covariates: &[f64]) -> f64 {
        let terms = self.coefficients.len();
        let x = |row: usize| if row == 0 { 1.0 } else { covariates[row - 1] };
        (0..terms)
            .map(|col| (0..=col).map(|row| self.triangle.at(row, col) * x(row)).sum::<f64>().powi(2))
            .sum()
    }

    /// Degrees of freedom left, whole ones.
    pub fn freedom(&self) -> usize {
        self.residuals.len().saturating_sub(self.used.round() as usize).max(1)
    }

    /// Residuals of rows that the fit has not seen.
    pub fn unseen(&self) -> Vec<f64> {
        self.residuals.iter().zip(&self.leverages).map(|(e, h)| e / (1.0 - h).max(1e-12)).collect()
    }

    /// Root of the mean square of [`Fit::unseen`].
    pub fn unseen_rmse(&self) -> f64 {
        let unseen = self.unseen();
        (dot(&unseen, &unseen) / unseen.len() as f64).sqrt()
    }

    /// Akaike's criterion, corrected for few rows.
    pub fn aicc(&self) -> f64 {
        let (n, p) = (self.residuals.len() as f64, self.coefficients.len() as f64);
        let left = dot(&self.residuals, &self.residuals);
        n * (left / n).ln() + 2.0 * p + 2.0 * p * (p + 1.0) / (n - p - 1.0)
    }
}

/// How much the variance of each column's coefficient is inflated by the other columns: 1 / (1 − R²) (Marquardt
/// 1970); infinite where it depends on them.
pub fn variance_inflation(columns: &[&[f64]]) -> Vec<f64> {
    let one = |index: usize| {
        let others: Vec<&[f64]> = columns
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, column)| *column)
            .collect();
        let fit = least_squares(&others, columns[index]);
        fit.map_or(f64::INFINITY, |fit| 1.0 / (1.0 - fit.r_squared).max(1e-12))
    };
    (0..columns.len()).map(one).collect()
}

/// Ridge regression with the penalty that leaves the smallest errors of unseen rows; `None` where a column does not vary or
/// rows are too few.
pub fn ridge(columns: &[&[f64]], y: &[f64]) -> Option<Fit> {
    if y.len() < 4 || columns.is_empty() {
        return None;
    }
    // Penalties from hardly any to nearly all, four to a decade.
    let penalties = (-12..=16).map(|step| y.len() as f64 * 10f64.powf(f64::from(step) / 4.0));
    let tried = penalties.filter_map(|penalty| penalised(columns, y, penalty));
    tried.min_by(|a, b| a.unseen_rmse().total_cmp(&b.unseen_rmse()))
}

/// Mean and sample standard deviation.
fn moments(column: &[f64]) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    (mean, (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Intercept and slopes by scikit-learn.
    const RIDGE: [f64; 3] = [3.256_624_367_335_703_6, 0.417_802_794_115_168_8, 0.474_932_169_399_551_7];

    /// NIST StRD, Longley: y, then six columns.
    const LONGLEY: [[f64; 7]; 16] = [
        [60323.0, 83.0, 234289.0, 2356.0, 1590.0, 107608.0, 1947.0],
        [61122.0, 88.5, 259426.0, 2325.0, 1456.0, 108632.0, 1948.0],
        [60171.0, 88.2, 258054.0, 3682.0, 1616.0, 109773.0, 1949.0],
        [61187.0, 89.5, 284599.0, 3351.0, 1650.0, 110929.0, 1950.0],
        [63221.0, 96.2, 328975.0, 2099.0, 3099.0, 112075.0, 1951.0],
        [63639.0, 98.1, 346999.0, 1932.0, 3594.0, 113270.0, 1952.0],
        [64989.0, 99.0, 365385.0, 1870.0, 3547.0, 115094.0, 1953.0],
        [63761.0, 100.0, 363112.0, 3578.0, 3350.0, 116219.0, 1954.0],
        [66019.0, 101.2, 397469.0, 2904.0, 3048.0, 117388.0, 1955.0],
        [67857.0, 104.6, 419180.0, 2822.0, 2857.0, 118734.0, 1956.0],
        [68169.0, 108.4, 442769.0, 2936.0, 2798.0, 120445.0, 1957.0],
        [66513.0, 110.8, 444546.0, 4681.0, 2637.0, 121950.0, 1958.0],
        [68655.0, 112.6, 482704.0, 3813.0, 2552.0, 123366.0, 1959.0],
        [69564.0, 114.2, 502601.0, 3931.0, 2514.0, 125368.0, 1960.0],
        [69331.0, 115.7, 518173.0, 4806.0, 2572.0, 127852.0, 1961.0],
        [70551.0, 116.9, 554894.0, 4007.0, 2827.0, 130081.0, 1962.0],
    ];

    fn longley() -> (Vec<Vec<f64>>, Vec<f64>) {
        let column = |index: usize| LONGLEY.iter().map(|row| row[index]).collect::<Vec<f64>>();
        ((1..7).map(column).collect(), column(0))
    }

    fn near(found: f64, expected: f64, relative: f64) {
        assert!((found / expected - 1.0).abs() < relative, "{found}, not {expected}");
    }

    /// Case 9: certified values of NIST; the PRESS by statsmodels.
    #[test]
    fn longley_has_its_certified_values() {
        let (columns, y) = longley();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let fit = least_squares(&columns, &y).unwrap();
        near(fit.coefficients[0], -3_482_258.634_595_82, 1e-9);
        near(fit.coefficients[1], 15.061_872_271_373_3, 1e-8);
        near(fit.coefficients[6], 1_829.151_464_613_55, 1e-9);
        near(fit.r_squared, 0.995_479_004_577_296, 1e-9);
        near(fit.sigma, 304.854_073_561_965, 1e-9);
        near(fit.unseen_rmse(), 424.771449, 1e-8);
        assert!(variance_inflation(&columns)[1] > 1000.0, "GNP follows time");
    }

    #[test]
    fn a_row_left_out_is_predicted_as_by_the_fit_without_it() {
        let (columns, y) = longley();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let whole = least_squares(&columns, &y).unwrap().unseen()[4];
        let rest =
            |values: &[f64]| values.iter().enumerate().filter(|(i, _)| *i != 4).map(|(_, v)| *v).collect();
        let without: Vec<Vec<f64>> = columns.iter().map(|column| rest(column)).collect();
        let without: Vec<&[f64]> = without.iter().map(Vec::as_slice).collect();
        let fit = least_squares(&without, &rest(&y)).unwrap();
        let covariates: Vec<f64> = columns.iter().map(|column| column[4]).collect();
        near(y[4] - fit.predict(&covariates), whole, 1e-6);
    }

    /// The variance of a new value about a straight line: s² (1 + 1/n + (x − x̄)² / Sxx).
    #[test]
    fn prediction_variance_is_the_textbook_s() {
        let x = [1.0, 2.0, 4.0, 5.0, 8.0];
        let fit = least_squares(&[&x], &[1.0, 2.5, 3.5, 6.0, 7.5]).unwrap();
        let expected = fit.sigma.powi(2) * (1.0 + 0.2 + (10.0 - 4.0_f64).powi(2) / 30.0);
        near(fit.variance(&[10.0]), expected, 1e-12);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let twice = x.map(|x| 2.0 * x);
        assert!(least_squares(&[&x, &twice], &[1.0, 2.0, 3.0, 5.0]).is_none());
        assert!(least_squares(&[&[5.0; 4]], &[1.0, 2.0, 3.0, 5.0]).is_none());
        assert!(least_squares(&[&x[..2]], &[1.0, 2.0]).is_none());
        assert!(least_squares(&[&x], &[1.0, f64::NAN, 3.0, 5.0]).is_none());
    }

    /// scikit-learn 1.9 on standardised columns (`StandardScaler` with n − 1, `Ridge(alpha = 5)`), turned back.
    #[test]
    fn ridge_is_the_formula_s() {
        let (a, b) = ([1.0, 2.0, 4.0, 7.0, 8.0, 11.0], [2.0, 1.0, 5.0, 6.0, 9.0, 10.0]);
        let y = [3.0, 2.5, 7.0, 9.0, 13.0, 14.5];
        let fit = penalised(&[&a, &b], &y, 5.0).unwrap();
        near(fit.coefficients[0], RIDGE[0], 1e-9);
        near(fit.coefficients[1], RIDGE[1], 1e-9);
        near(fit.coefficients[2], RIDGE[2], 1e-9);
    }

    /// With twin columns, ridge shares what least squares refuse; with hardly a penalty it is least squares.
    #[test]
    fn ridge_shares_between_twins_and_ends_in_least_squares() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let noise = |i: usize| ((i * 7919) % 13) as f64 / 13.0 - 0.5;
        let y: Vec<f64> = x.iter().enumerate().map(|(i, x)| 3.0 + 2.0 * x + noise(i)).collect();
        let twins = ridge(&[&x, &x], &y).unwrap();
        near(twins.coefficients[1], twins.coefficients[2], 1e-9);
        near(twins.coefficients[1] + twins.coefficients[2], 2.0, 0.01);
        let (alone, line) = (ridge(&[&x], &y).unwrap(), least_squares(&[&x], &y).unwrap());
        near(alone.coefficients[1], line.coefficients[1], 2e-3);
        let slightly = penalised(&[&x], &y, 1e-11).unwrap();
        near(slightly.coefficients[1], line.coefficients[1], 1e-9);
        for (a, b) in slightly.unseen().iter().zip(line.unseen()) {
            assert!((a - b).abs() < 1e-9);
        }
    }
}
