//! Random numbers that never change: a seed in, the same numbers out, on any machine and for any number of
//! threads.
//!
//! SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"): one 64-bit state,
//! one mixing function. Each row, tree or station has a generator of its own, forked by a label, so that the
//! order of the work means nothing. Not for cryptography. Cost: about 1 ns a number.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// The mixing function of SplitMix64: neighbouring numbers come out unrelated.
pub fn mixed(value: u64) -> u64 {
    let z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number in `[0, 1)` that depends on a lattice node and a seed alone.
pub fn at_node(seed: u64, column: i64, row: i64) -> f64 {
    let state = mixed(seed ^ mixed(column as u64 ^ mixed(row as u64)));
    (state >> 11) as f64 / (1u64 << 53) as f64
}

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Random {
        Random(mixed(seed))
    }

    /// A stream of its own for one thing, unrelated to this one and to its other forks.
    pub fn fork(&self, label: u64) -> Random {
        Random(mixed(self.0 ^ mixed(label)))
    }

    fn bits(&mut self) -> u64 {
        let out = mixed(self.0);
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        out
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `0..count`.
    pub fn index(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Standard normal (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Exponential of this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixing_function_is_splitmix64() {
        // First output of the reference implementation for the state 1234567 (Vigna, splitmix64.c).
        assert_eq!(mixed(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::new(1);
        let n = 200_000;
        let normals: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let mean = normals.iter().sum::<f64>() / n as f64;
        let variance = normals.iter().map(|z| z * z).sum::<f64>() / n as f64;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}");
        let mean = (0..n).map(|_| random.exponential(3.0)).sum::<f64>() / n as f64;
        assert!((mean - 3.0).abs() < 0.05, "mean {mean}");
    }

    #[test]
    fn forks_do_not_follow_each_other() {
        let root = Random::new(9);
        assert_ne!(root.fork(1).unit(), root.fork(2).unit());
        assert_eq!(root.fork(1).unit(), root.fork(1).unit());
    }
}
