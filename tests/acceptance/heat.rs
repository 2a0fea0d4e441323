//! Heat: kriging against R's gstat, quality control against CrowdQC+, real networks, and the sample town.

use crate::harness::data;
use ilot_kernels::krige::{Kriging, leave_one_out};
use ilot_kernels::regress::least_squares;
use ilot_kernels::variogram::{Shape, Variogram, empirical, fit, regular_bounds};

/// The columns of a table of numbers.
fn numbers(path: &std::path::Path) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

/// Case 14: log zinc over the root of the distance to the Meuse, 155 places, 3103 cells, by gstat.
#[test]
fn regression_kriging_is_that_of_gstat() {
    let Some(data) = data() else { return };
    let folder = data.join("reference/heat/kriging");
    let meuse = numbers(&folder.join("meuse.csv"));
    let (x, y) = (&meuse[0], &meuse[1]);
    let zinc: Vec<f64> = meuse[2].iter().map(|zinc| zinc.ln()).collect();
    let root: Vec<f64> = meuse[3].iter().map(|distance| distance.sqrt()).collect();
    let line = least_squares(&[&root], &zinc).unwrap();
    assert!((line.coefficients[0] - 6.994379442).abs() < 1e-8);
    assert!((line.coefficients[1] + 2.549200324).abs() < 1e-8);
    assert!((line.r_squared - 0.6387816134).abs() < 1e-9);
    assert!((line.unseen_rmse() - 0.43754058).abs() < 1e-7);

    let fixed = Variogram {
        shape: Shape::Spherical,
        nugget: 0.07981775385,
        partial_sill: 0.14905741169,
        range: 872.7190192,
    };
    let kriging = Kriging::new(x, y, &zinc, fixed, &[&root]).unwrap();
    let cells = numbers(&folder.join("meuse_rk_gstat.csv"));
    assert_eq!(cells[0].len(), 3103);
    let (mut worst, mut worst_variance) = (0.0_f64, 0.0_f64);
    for cell in 0..cells[0].len() {
        let found = kriging.at(cells[0][cell], cells[1][cell], &[cells[2][cell].sqrt()]);
        worst = worst.max((found.value - cells[3][cell]).abs());
        worst_variance = worst_variance.max((found.variance - cells[4][cell]).abs());
    }
    assert!(worst < 1e-6 && worst_variance < 1e-6, "{worst} {worst_variance}");

    let unseen = leave_one_out(x, y, &zinc, fixed, &[&root]).unwrap();
    let square: f64 = unseen.iter().zip(&zinc).map(|(unseen, zinc)| (unseen.value - zinc).powi(2)).sum();
    assert!(((square / 155.0).sqrt() - 0.3752723425).abs() < 1e-6);

    // The fitted variogram of the residuals: gstat's own weights, 15 classes to a third of the diagonal.
    let classes = empirical(x, y, &line.residuals, &regular_bounds(x, y, 15));
    let fitted = fit(&classes, Shape::Spherical, 0.0).unwrap();
    for (found, expected) in [
        (fitted.nugget, fixed.nugget),
        (fitted.partial_sill, fixed.partial_sill),
        (fitted.range, fixed.range),
    ] {
        assert!((found / expected - 1.0).abs() < 0.02, "{fitted:?}");
    }
}
