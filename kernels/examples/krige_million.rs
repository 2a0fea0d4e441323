//! Kriging with variance over a million cells from 33 stations: a whole process, to be timed from outside.
//!
//! `cargo run --release -p ilot-kernels --example krige_million`, under `/usr/bin/time -v`.

use ilot_kernels::krige::{Estimate, Kriging};
use ilot_kernels::variogram::{Shape, Variogram};

fn main() {
    let place = |i: usize, k: usize| ((i * 7919 + k * 104_729) % 10_007) as f64 / 10_007.0 * 10_000.0;
    let (x, y): (Vec<f64>, Vec<f64>) = (0..33).map(|i| (place(i, 1), place(i * i + 3, 2))).unzip();
    let z: Vec<f64> = (0..33).map(|i| (x[i] / 3000.0).sin() + (y[i] / 2000.0).cos()).collect();
    // The shape of PyKrige's job by default; `spherical` needs no exponential.
    let spherical = std::env::args().any(|word| word == "spherical");
    let shape = if spherical { Shape::Spherical } else { Shape::Exponential };
    let variogram = Variogram { shape, nugget: 0.05, partial_sill: 0.6, range: 3000.0 };
    let kriging = Kriging::new(&x, &y, &z, variogram, &[]).expect("stations apart from each other");
    let columns: Vec<f64> = (0..1000).map(|col| f64::from(col) * 10.0 + 5.0).collect();
    let mut out = vec![Estimate { value: 0.0, variance: 0.0 }; 1000];
    let (mut values, mut variances) = (0.0, 0.0);
    for row in 0..1000 {
        let north = vec![f64::from(row) * 10.0 + 5.0; 1000];
        kriging.along(&columns, &north, &[], &mut out);
        values += out.iter().map(|estimate| estimate.value).sum::<f64>();
        variances += out.iter().map(|estimate| estimate.variance).sum::<f64>();
    }
    println!("mean {:.6}, mean variance {:.6}", values / 1e6, variances / 1e6);
}
