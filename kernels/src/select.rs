//! Which few covariates explain a target, and how well that holds where nobody looked.
//!
//! In: candidates, each of a family (one quantity at several radii) with the sign that physics gives it; out: the best
//! subset with one candidate per family, and the error of the whole choice by nested leave-one-out. The steps: per family
//! the candidate that goes best with the target; families that say the same (|r| above a limit) lose the weaker one;
//! all subsets up to a size, whose coefficients bear their signs and are not inflated; the smallest error of unseen rows
//! (PRESS), or a smaller subset if its squared errors are not more than one standard error of the paired differences
//! larger; at last the radii once more, each for itself. Where families hang together too closely for that (a pair was
//! passed over, or a subset refused for its inflation), ridge over the best of each family is tried beside (Hoerl & Kennard
//! 1970), and taken where the subset's squared errors are more than one standard error larger. As all this looked at the target, the error that counts repeats
//! it without the row it is tried on (nested cross-validation, Varma & Simon 2006, 10.1186/1471-2105-7-91).
//!
//! Fails where: with fewer than five rows nothing but the mean is offered; below three, nothing. Cost: subsets times
//! 5 µs; nested, times the rows.

use crate::regress::{Fit, least_squares, ridge, variance_inflation};
use crate::robust::correlation;

/// The sign that a coefficient must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Either.
    Free,
    /// Warms.
    Positive,
    /// Cools.
    Negative,
    /// Not to be taken at all, as hours of sun by night.
    Never,
}

impl Sign {
    fn allows(self, coefficient: f64) -> bool {
        match self {
            Sign::Free => true,
            Sign::Positive => coefficient > 0.0,
            Sign::Negative => coefficient < 0.0,
            Sign::Never => false,
        }
    }

    /// How well a correlation fits.
    fn strength(self, r: f64) -> f64 {
        match self {
            Sign::Free => r.abs(),
            Sign::Positive => r,
            Sign::Negative => -r,
            Sign::Never => f64::NAN,
        }
    }
}

/// A covariate at all rows.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Which quantity it is; a subset has one of each at most.
    pub family: usize,
    /// Its sign.
    pub sign: Sign,
    /// One value per row, all known.
    pub values: Vec<f64>,
}

/// Limits of the choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Most covariates; also bound by a tenth of the rows, of which one is allowed always.
    pub most: usize,
    /// Largest inflation of variance.
    pub inflation: f64,
    /// Largest correlation of two families.
    pub correlation: f64,
    /// Families that are tried together.
    pub pool: usize,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { most: 3, inflation: 5.0, correlation: 0.8, pool: 8 }
    }
}

/// A chosen model.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The candidates, by number.
    pub chosen: Vec<usize>,
    /// Their fit.
    pub fit: Fit,
}

impl Choice {
    /// The covariates of a row.
    pub fn row(&self, candidates: &[Candidate], row: usize) -> Vec<f64> {
        self.chosen.iter().map(|&number| candidates[number].values[row]).collect()
    }
}

/// What a model that had not seen a row says of it.
#[derive(Debug, Clone)]
pub struct Unseen {
    /// The value.
    pub value: f64,
    /// Variance of its error, as that model has it.
    pub variance: f64,
    /// Degrees of freedom of that model.
    pub freedom: usize,
    /// The model.
    pub choice: Choice,
}

/// Chooses a model from some of the rows; `None` where not even their mean has an error.
pub fn choose(candidates: &[Candidate], y: &[f64], rows: &[usize], rules: &Rules) -> Option<Choice> {
    let table = Table::of(candidates, y, rows);
    let most = rules.most.min((rows.len() / 10).max(1));
    let most = if rows.len() < 5 { 0 } else { most };
    let pool = table.pool(rules);
    let mut tried: Vec<Choice> = Vec::new();
    subsets(&pool, most, &mut |subset| tried.extend(table.fit(subset, rules)));
    let best = tried.iter().min_by(|a, b| a.fit.unseen_rmse().total_cmp(&b.fit.unseen_rmse()))?;
    let enough =
        |choice: &&Choice| choice.chosen.len() < best.chosen.len() && is_as_good(&choice.fit, &best.fit);
    let smaller = tried.iter().filter(enough).min_by(|a, b| {
        let size = a.chosen.len().cmp(&b.chosen.len());
        size.then(a.fit.unseen_rmse().total_cmp(&b.fit.unseen_rmse()))
    });
    let choice = table.refined(smaller.unwrap_or(best).clone(), rules);
    let together = table.ridged(rules, most).filter(|ridged| !is_as_good(&choice.fit, &ridged.fit));
    Some(together.unwrap_or(choice))
}

/// The whole choice repeated without each row, and what it says of that row.
pub fn nested(candidates: &[Candidate], y: &[f64], rules: &Rules) -> Option<Vec<Unseen>> {
    use rayon::prelude::*;
    let one = |left_out: usize| {
        let rows: Vec<usize> = (0..y.len()).filter(|row| *row != left_out).collect();
        let choice = choose(candidates, y, &rows, rules)?;
        let own = choice.row(candidates, left_out);
        let (value, variance) = (choice.fit.predict(&own), choice.fit.variance(&own));
        Some(Unseen { value, variance, freedom: choice.fit.freedom(), choice })
    };
    (0..y.len()).into_par_iter().map(one).collect()
}

/// Whether the mean square of unseen residuals is no more than one standard error of the paired differences larger.
fn is_as_good(smaller: &Fit, best: &Fit) -> bool {
    let pairs = smaller.unseen().into_iter().zip(best.unseen());
    let more: Vec<f64> = pairs.map(|(a, b)| a * a - b * b).collect();
    let n = more.len() as f64;
    let mean = more.iter().sum::<f64>() / n;
    let square = more.iter().map(|more| (more - mean).powi(2)).sum::<f64>() / (n - 1.0);
    mean <= (square / n).sqrt()
}

/// Calls `visit` with all subsets of at most `most` members, the empty one first.
fn subsets(pool: &[usize], most: usize, visit: &mut dyn FnMut(&[usize])) {
    fn grow(pool: &[usize], most: usize, taken: &mut Vec<usize>, visit: &mut dyn FnMut(&[usize])) {
        visit(taken);
        if taken.len() < most {
            for (index, member) in pool.iter().enumerate() {
                taken.push(*member);
                grow(&pool[index + 1..], most, taken, visit);
                taken.pop();
            }
        }
    }
    grow(pool, most, &mut Vec::new(), visit);
}

/// The candidates at the rows that are looked at.
struct Table<'a> {
    candidates: &'a [Candidate],
    columns: Vec<Vec<f64>>,
    y: Vec<f64>,
}

impl Table<'_> {
    fn of<'a>(candidates: &'a [Candidate], y: &[f64], rows: &[usize]) -> Table<'a> {
        let some = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        Table { candidates, columns: candidates.iter().map(|c| some(&c.values)).collect(), y: some(y) }
    }

    fn between(&self, a: &[f64], b: &[f64]) -> f64 {
        correlation(a.iter().copied().zip(b.iter().copied())).0
    }

    /// The best candidate of each family, without those that repeat a better one.
    fn pool(&self, rules: &Rules) -> Vec<usize> {
        let strength = |number: usize| {
            self.candidates[number].sign.strength(self.between(&self.columns[number], &self.y))
        };
        // A column that does not vary has no correlation.
        let mut ranked: Vec<(usize, f64)> = (0..self.columns.len())
            .map(|number| (number, strength(number)))
            .filter(|(_, strength)| !strength.is_nan())
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut pool: Vec<usize> = Vec::new();
        for (number, _) in ranked {
            let own = &self.candidates[number];
            let known = pool.iter().any(|&other| self.candidates[other].family == own.family);
            let repeats = |other: &usize| {
                self.between(&self.columns[number], &self.columns[*other]).abs() > rules.correlation
            };
            let passed_over = !known && pool.iter().any(repeats);
            if !known && !passed_over && pool.len() < rules.pool {
                pool.push(number);
            }
        }
        pool
    }

    /// The fit of a subset, where its signs and its inflation are as they shall be.
    fn fit(&self, subset: &[usize], rules: &Rules) -> Option<Choice> {
        let columns: Vec<&[f64]> = subset.iter().map(|&number| self.columns[number].as_slice()).collect();
        let fit = least_squares(&columns, &self.y)?;
        let mut signed = subset.iter().zip(&fit.coefficients[1..]);
        let fits = signed.all(|(&number, slope)| self.candidates[number].sign.allows(*slope));
        let calm =
            || columns.len() < 2 || variance_inflation(&columns).iter().all(|vif| *vif < rules.inflation);
        (fits && calm()).then(|| Choice { chosen: subset.to_vec(), fit })
    }

    /// Ridge over the best candidate of each family, where some of them hang together; those whose coefficient bears the
    /// wrong sign go, the weakest first.
    fn ridged(&self, rules: &Rules, most: usize) -> Option<Choice> {
        let wide = self.pool(&Rules { correlation: 2.0, ..*rules });
        if most == 0 || wide.len() == self.pool(rules).len() && !self.inflated(&wide, rules) {
            return None;
        }
        let mut chosen = wide;
        loop {
            let columns: Vec<&[f64]> = chosen.iter().map(|&number| self.columns[number].as_slice()).collect();
            let fit = ridge(&columns, &self.y)?;
            let wrong = (0..chosen.len())
                .rev()
                .find(|&place| !self.candidates[chosen[place]].sign.allows(fit.coefficients[place + 1]));
            match wrong {
                Some(place) => drop(chosen.remove(place)),
                None => return (chosen.len() > 1).then_some(Choice { chosen, fit }),
            }
        }
    }

    /// Whether families inflate each other's coefficients.
    fn inflated(&self, pool: &[usize], rules: &Rules) -> bool {
        let columns: Vec<&[f64]> = pool.iter().map(|&number| self.columns[number].as_slice()).collect();
        columns.len() > 1 && variance_inflation(&columns).iter().any(|vif| *vif >= rules.inflation)
    }

    /// Tries the other radii of each family, while that makes unseen rows fit better.
    fn refined(&self, mut choice: Choice, rules: &Rules) -> Choice {
        for place in 0..choice.chosen.len() {
            let family = self.candidates[choice.chosen[place]].family;
            for number in
                (0..self.candidates.len()).filter(|&number| self.candidates[number].family == family)
            {
                let mut other = choice.chosen.clone();
                other[place] = number;
                if let Some(tried) = self.fit(&other, rules)
                    && tried.fit.unseen_rmse() < choice.fit.unseen_rmse() * (1.0 - 1e-9)
                {
                    choice = tried;
                }
            }
        }
        choice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: usize) -> f64 {
        let mixed = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x51_7CC1;
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
    }

    fn column(seed: usize, rows: usize) -> Vec<f64> {
        (0..rows).map(|row| 10.0 * noise(seed * 1000 + row)).collect()
    }

    fn candidate(family: usize, sign: Sign, values: Vec<f64>) -> Candidate {
        Candidate { family, sign, values }
    }

    /// 30 rows: y = 1 + 0.5 a − 0.3 b + noise of 0.1; c plays no part, a2 is a blurred a.
    fn example() -> (Vec<Candidate>, Vec<f64>) {
        let (a, b, c) = (column(1, 30), column(2, 30), column(3, 30));
        let y = (0..30).map(|row| 1.0 + 0.5 * a[row] - 0.3 * b[row] + 0.3 * noise(9000 + row)).collect();
        let blurred = (0..30).map(|row| a[row] + 3.0 * noise(5000 + row)).collect();
        let free = |family, values| candidate(family, Sign::Free, values);
        (vec![free(0, blurred), free(0, a), candidate(1, Sign::Negative, b), free(2, c)], y)
    }

    #[test]
    fn the_columns_that_made_the_target_are_found() {
        let (candidates, y) = example();
        let rows: Vec<usize> = (0..30).collect();
        let mut chosen = choose(&candidates, &y, &rows, &Rules::default()).unwrap().chosen;
        chosen.sort_unstable();
        assert_eq!(chosen, [1, 2]);
    }

    #[test]
    fn a_coefficient_of_the_wrong_sign_is_not_taken() {
        let (mut candidates, y) = example();
        candidates[2].sign = Sign::Positive;
        let rows: Vec<usize> = (0..30).collect();
        let choice = choose(&candidates, &y, &rows, &Rules::default()).unwrap();
        assert!(!choice.chosen.contains(&2), "{:?}", choice.chosen);
    }

    /// Pure chance: the nested error is not better than that of the mean, whatever the choice finds.
    #[test]
    fn the_nested_error_of_chance_is_that_of_the_mean() {
        let y = column(77, 30);
        let candidates: Vec<Candidate> =
            (0..12).map(|k| candidate(k, Sign::Free, column(100 + k, 30))).collect();
        let unseen = nested(&candidates, &y, &Rules::default()).unwrap();
        let square = |values: Vec<f64>| (values.iter().map(|v| v * v).sum::<f64>() / 30.0).sqrt();
        let error = square(unseen.iter().zip(&y).map(|(u, y)| u.value - y).collect());
        let mean = y.iter().sum::<f64>() / 30.0;
        let plain = square(y.iter().map(|y| (y - mean) * 30.0 / 29.0).collect());
        assert!(error > 0.95 * plain, "{error} {plain}");
    }

    /// Six blurred views of one cause: no subset of three sees it as well as ridge over all of them; with one clear view
    /// beside them, it alone is chosen.
    #[test]
    fn ridge_is_chosen_where_covariates_hang_together() {
        let cause = column(1, 40);
        let y: Vec<f64> = (0..40).map(|row| 2.0 + 0.4 * cause[row] + 0.1 * noise(9000 + row)).collect();
        let view = |number: usize| {
            let blurred = (0..40).map(|row| cause[row] + 3.0 * noise(number * 777 + 3000 + row)).collect();
            candidate(number, Sign::Positive, blurred)
        };
        let mut candidates: Vec<Candidate> = (0..6).map(view).collect();
        let rows: Vec<usize> = (0..40).collect();
        let choice = choose(&candidates, &y, &rows, &Rules::default()).unwrap();
        assert!(choice.fit.penalty > 0.0 && choice.chosen.len() > 3, "{:?}", choice.chosen);
        assert!(choice.fit.coefficients[1..].iter().all(|slope| *slope > 0.0));
        candidates.push(candidate(6, Sign::Positive, cause));
        let choice = choose(&candidates, &y, &rows, &Rules::default()).unwrap();
        assert_eq!((choice.chosen.as_slice(), choice.fit.penalty), (&[6][..], 0.0));
    }

    #[test]
    fn three_rows_have_their_mean_and_no_more() {
        let candidates = [candidate(0, Sign::Free, vec![1.0, 2.0, 4.0])];
        let choice = choose(&candidates, &[1.0, 2.0, 4.0], &[0, 1, 2], &Rules::default()).unwrap();
        assert!(choice.chosen.is_empty());
        assert!(choose(&candidates, &[1.0], &[0], &Rules::default()).is_none());
    }
}
