//! Weighted percentiles of many values in bounded memory.
//!
//! In: values with weights, in a fixed order; out: percentiles. The percentile p is the smallest value below or at
//! which at least p % of the weight lies (the inverse of the weighted distribution). Up to [`EXACT`] values are kept
//! as they are; more go into bins of equal relative width, 2⁻¹² (0.024 %) around the middle, over the whole range
//! of `f32`. Fails where: see the bins. Cost: 2 ns a value, a sort at the end; at most 4 MB of bins, or 2 MB of values.

/// Values that are kept as they are.
pub const EXACT: usize = 1 << 18;

/// Bits of a value that its bin leaves out: 11 of 23 remain.
const LEFT_OUT: u32 = 12;

/// The distribution of values.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    whole: Vec<f32>,
    part: Vec<(f32, f64)>,
    first: usize,
    bins: Vec<f64>,
    binned: bool,
}

impl Spread {
    /// Adds values of one weight; missing ones (NaN) are left out.
    pub fn add(&mut self, weight: f64, values: &[f32]) {
        let values = values.iter().copied().filter(|value| !value.is_nan());
        if self.binned {
            return values.for_each(|value| self.drop_in(value, weight));
        }
        if weight == 1.0 {
            self.whole.extend(values);
        } else {
            self.part.extend(values.map(|value| (value, weight)));
        }
        if self.whole.len() + self.part.len() > EXACT {
            self.binned = true;
            let (whole, part) = (std::mem::take(&mut self.whole), std::mem::take(&mut self.part));
            whole.into_iter().for_each(|value| self.drop_in(value, 1.0));
            part.into_iter().for_each(|(value, weight)| self.drop_in(value, weight));
        }
    }

    /// Percentiles, in the order asked for; `None` where there is no value.
    pub fn percentiles(&self, wanted: &[f64]) -> Option<Vec<f64>> {
        let sorted = self.sorted();
        let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
        let last = f64::from(sorted.last()?.0);
        let value = |percent: &f64| {
            let goal = percent / 100.0 * total;
            let mut below = 0.0;
            let reached = sorted.iter().find(|(_, weight)| {
                below += weight;
                // Sums of shares are rounded.
                below >= goal - 1e-12 * total
            });
            reached.map_or(last, |(value, _)| f64::from(*value))
        };
        Some(wanted.iter().map(value).collect())
    }

    fn sorted(&self) -> Vec<(f32, f64)> {
        if self.binned {
            let bins = self.bins.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
            return bins.map(|(index, weight)| (middle(self.first + index), *weight)).collect();
        }
        let mut all: Vec<(f32, f64)> = self.whole.iter().map(|value| (*value, 1.0)).collect();
        all.extend(&self.part);
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }

    fn drop_in(&mut self, value: f32, weight: f64) {
        let bin = bin(value);
        if self.bins.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            let missing = self.first - bin;
            self.bins.splice(0..0, std::iter::repeat_n(0.0, missing));
            self.first = bin;
        }
        if bin - self.first >= self.bins.len() {
            self.bins.resize(bin - self.first + 1, 0.0);
        }
        self.bins[bin - self.first] += weight;
    }
}

/// The bin of a value: the bits of floats, the sign turned, sort as the floats do.
fn bin(value: f32) -> usize {
    let bits = value.to_bits();
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    (ordered >> LEFT_OUT) as usize
}

/// The value in the middle of a bin.
fn middle(bin: usize) -> f32 {
    let ordered = (bin as u32) << LEFT_OUT | 1 << (LEFT_OUT - 1);
    f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_few_weighted_values_are_known() {
        let mut spread = Spread::default();
        assert_eq!(spread.percentiles(&[50.0]), None);
        spread.add(1.0, &[4.0, f32::NAN, 1.0]);
        spread.add(0.5, &[2.0]);
        spread.add(1.5, &[3.0]);
        // Weights 1, 0.5, 1.5, 1: the half of 4 is reached within 3.
        assert_eq!(
            spread.percentiles(&[0.0, 25.0, 37.5, 50.0, 90.0, 100.0]).unwrap(),
            [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]
        );
    }

    #[test]
    fn many_values_come_from_narrow_bins() {
        let mut spread = Spread::default();
        let count = EXACT + 1000;
        // −500 … 500 evenly, shuffled by a step without a common divisor.
        let values: Vec<f32> =
            (0..count).map(|i| ((i * 7919) % count) as f32 / count as f32 * 1000.0 - 500.0).collect();
        values.chunks(1000).for_each(|run| spread.add(1.0, run));
        assert!(spread.binned && spread.bins.len() < 1 << 20);
        for (percent, value) in
            [10.0, 50.1, 90.0].iter().zip(spread.percentiles(&[10.0, 50.1, 90.0]).unwrap())
        {
            let known = percent * 10.0 - 500.0;
            assert!((value - known).abs() <= known.abs() / 4096.0 + 0.01, "{percent}: {value}, not {known}");
        }
    }

    #[test]
    fn bins_sort_as_values_do_and_hold_them() {
        let values = [-1e30_f32, -5.0, -1e-20, 0.0, 1e-20, 0.1, 5.0, 1e30];
        assert!(values.is_sorted_by(|a, b| bin(*a) < bin(*b)));
        for value in values.into_iter().filter(|value| *value != 0.0) {
            assert!((middle(bin(value)) / value - 1.0).abs() <= 1.0 / 4096.0, "{value}");
        }
    }
}
