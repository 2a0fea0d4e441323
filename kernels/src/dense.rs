//! Small dense linear algebra: Householder QR and Cholesky.
//!
//! In: matrices of some hundred rows at most, in double precision; out: least squares, triangular inverses. The idea:
//! least squares never through normal equations (they square the condition number: Longley's data would lose ten
//! digits), covariances through their Cholesky factor, so that no variance is ever negative. Source: Golub & Van Loan,
//! Matrix Computations, 4th ed., §5.2 (QR), §4.2 (Cholesky). Fails where: a matrix has not full rank, or is not
//! positive definite: `None`, never a wrong number. Cost: 2 m n² and n³ / 3 operations; nothing is blocked.

/// A matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    cells: Vec<f64>,
}

impl Matrix {
    /// Zeros.
    pub fn zeros(rows: usize, cols: usize) -> Matrix {
        Matrix { rows, cols, cells: vec![0.0; rows * cols] }
    }

    /// A matrix whose cells a function gives.
    pub fn from_fn(rows: usize, cols: usize, mut cell: impl FnMut(usize, usize) -> f64) -> Matrix {
        let mut matrix = Matrix::zeros(rows, cols);
        for row in 0..rows {
            for col in 0..cols {
                *matrix.cell_mut(row, col) = cell(row, col);
            }
        }
        matrix
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// One cell.
    pub fn at(&self, row: usize, col: usize) -> f64 {
        self.cells[row * self.cols + col]
    }

    /// One cell, to be changed.
    pub fn cell_mut(&mut self, row: usize, col: usize) -> &mut f64 {
        &mut self.cells[row * self.cols + col]
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.cols..(row + 1) * self.cols]
    }

    /// The product with a vector.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.rows).map(|row| dot(self.row(row), vector)).collect()
    }
}

/// Scalar product; as long as the shorter of both.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Columns whose part that is new among those before them is smaller than this share of their length are taken
/// as depending on them.
const RANK: f64 = 1e-11;

/// `A = Q R`, with Q as Householder reflections.
#[derive(Debug, Clone)]
pub struct Qr {
    /// R above the diagonal and on it, the reflections' vectors below.
    packed: Matrix,
    /// First cells of the reflections' vectors.
    heads: Vec<f64>,
}

impl Qr {
    /// Factors a matrix with no fewer rows than columns; `None` where its columns depend on each other.
    pub fn new(matrix: &Matrix) -> Option<Qr> {
        let (rows, cols) = (matrix.rows, matrix.cols);
        let finite = matrix.cells.iter().all(|cell| cell.is_finite());
        if rows < cols || !finite {
            return None;
        }
        let mut packed = matrix.clone();
        let mut heads = Vec::with_capacity(cols);
        for pivot in 0..cols {
            let whole = (0..rows).map(|row| matrix.at(row, pivot).powi(2)).sum::<f64>().sqrt();
            let rest = (pivot..rows).map(|row| packed.at(row, pivot).powi(2)).sum::<f64>().sqrt();
            if rest <= whole * RANK {
                return None;
            }
            let diagonal = if packed.at(pivot, pivot) > 0.0 { -rest } else { rest };
            let head = packed.at(pivot, pivot) - diagonal;
            *packed.cell_mut(pivot, pivot) = head;
            for col in pivot + 1..cols {
                reflect(&mut packed, pivot, col, -1.0 / (diagonal * head));
            }
            *packed.cell_mut(pivot, pivot) = diagonal;
            heads.push(head);
        }
        Some(Qr { packed, heads })
    }

    /// `Qᵀ y`.
    fn turned(&self, y: &[f64]) -> Vec<f64> {
        let mut y = y.to_vec();
        for (pivot, head) in self.heads.iter().enumerate() {
            self.turn(&mut y, pivot, *head);
        }
        y
    }

    /// One reflection.
    fn turn(&self, y: &mut [f64], pivot: usize, head: f64) {
        let below = pivot + 1..self.packed.rows;
        let along =
            head * y[pivot] + below.clone().map(|row| self.packed.at(row, pivot) * y[row]).sum::<f64>();
        let step = along / (self.packed.at(pivot, pivot) * head);
        y[pivot] += step * head;
        for row in below {
            y[row] += step * self.packed.at(row, pivot);
        }
    }

    /// The `b` that minimises `|A b − y|`.
    pub fn solve(&self, y: &[f64]) -> Vec<f64> {
        let mut b = self.turned(y);
        b.truncate(self.packed.cols);
        for row in (0..self.packed.cols).rev() {
            let rest: f64 = (row + 1..self.packed.cols).map(|col| self.packed.at(row, col) * b[col]).sum();
            b[row] = (b[row] - rest) / self.packed.at(row, row);
        }
        b
    }

    /// The first columns of Q: an orthonormal basis of A's columns.
    pub fn basis(&self) -> Matrix {
        let (rows, cols) = (self.packed.rows, self.packed.cols);
        let mut basis = Matrix::zeros(rows, cols);
        for col in 0..cols {
            let mut unit = vec![0.0; rows];
            unit[col] = 1.0;
            for (pivot, head) in self.heads.iter().enumerate().rev() {
                self.turn(&mut unit, pivot, *head);
            }
            unit.iter().enumerate().for_each(|(row, value)| *basis.cell_mut(row, col) = *value);
        }
        basis
    }

    /// R⁻¹, upper triangular: `(AᵀA)⁻¹ = R⁻¹ R⁻ᵀ`.
    pub fn inverse_triangle(&self) -> Matrix {
        let cols = self.packed.cols;
        let mut inverse = Matrix::zeros(cols, cols);
        for col in 0..cols {
            for row in (0..=col).rev() {
                let unit = if row == col { 1.0 } else { 0.0 };
                let rest: f64 = (row + 1..=col).map(|k| self.packed.at(row, k) * inverse.at(k, col)).sum();
                *inverse.cell_mut(row, col) = (unit - rest) / self.packed.at(row, row);
            }
        }
        inverse
    }
}

/// Applies the reflection whose vector stands in column `pivot` to column `col`.
fn reflect(packed: &mut Matrix, pivot: usize, col: usize, scale: f64) {
    let along: f64 = (pivot..packed.rows).map(|row| packed.at(row, pivot) * packed.at(row, col)).sum();
    let step = -along * scale;
    for row in pivot..packed.rows {
        let change = step * packed.at(row, pivot);
        *packed.cell_mut(row, col) += change;
    }
}

/// `A = L Lᵀ`, L lower triangular.
#[derive(Debug, Clone)]
pub struct Cholesky {
    lower: Matrix,
}

impl Cholesky {
    /// Factors a symmetric matrix, of which only the lower half is looked at; `None` where it is not positive definite.
    pub fn new(matrix: &Matrix) -> Option<Cholesky> {
        let size = matrix.rows;
        let mut lower = Matrix::zeros(size, size);
        for row in 0..size {
            for col in 0..=row {
                let known = dot(&lower.row(row)[..col], &lower.row(col)[..col]);
                let rest = matrix.at(row, col) - known;
                if row == col {
                    let sound = rest > matrix.at(row, row).abs() * 1e-13;
                    *lower.cell_mut(row, row) = sound.then(|| rest.sqrt())?;
                } else {
                    *lower.cell_mut(row, col) = rest / lower.at(col, col);
                }
            }
        }
        Some(Cholesky { lower })
    }

    /// `L⁻¹ b`.
    pub fn forward(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(b.len());
        for (row, value) in b.iter().enumerate() {
            let known = dot(&self.lower.row(row)[..row], &x);
            x.push((value - known) / self.lower.at(row, row));
        }
        x
    }

    /// `L⁻ᵀ b`.
    pub fn backward(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for row in (0..x.len()).rev() {
            let known: f64 = (row + 1..x.len()).map(|below| self.lower.at(below, row) * x[below]).sum();
            x[row] = (x[row] - known) / self.lower.at(row, row);
        }
        x
    }

    /// `A⁻¹ b`.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        self.backward(&self.forward(b))
    }

    /// L⁻¹, lower triangular.
    pub fn inverse_triangle(&self) -> Matrix {
        let size = self.lower.rows;
        let mut inverse = Matrix::zeros(size, size);
        for col in 0..size {
            let unit: Vec<f64> = (0..size).map(|row| if row == col { 1.0 } else { 0.0 }).collect();
            let column = self.forward(&unit);
            (0..size).for_each(|row| *inverse.cell_mut(row, col) = column[row]);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Matrix {
        let cells = [[2.0, -1.0, 0.5], [1.0, 3.0, -2.0], [0.0, 4.0, 1.0], [5.0, -2.0, 2.0]];
        Matrix::from_fn(4, 3, |row, col| cells[row][col])
    }

    #[test]
    fn least_squares_leave_residuals_that_no_column_sees() {
        let (a, y) = (example(), [1.0, -2.0, 3.0, 0.5]);
        let qr = Qr::new(&a).unwrap();
        let b = qr.solve(&y);
        let residuals: Vec<f64> = a.times(&b).iter().zip(&y).map(|(fit, y)| y - fit).collect();
        for col in 0..3 {
            let along: f64 = (0..4).map(|row| a.at(row, col) * residuals[row]).sum();
            assert!(along.abs() < 1e-13, "{along}");
        }
    }

    #[test]
    fn the_basis_is_orthonormal_and_the_triangle_is_its_inverse() {
        let a = example();
        let qr = Qr::new(&a).unwrap();
        let (q, inverse) = (qr.basis(), qr.inverse_triangle());
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..4).map(|row| q.at(row, i) * q.at(row, j)).sum();
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-14);
            }
            // A R⁻¹ = Q.
            for row in 0..4 {
                let product: f64 = (0..3).map(|k| a.at(row, k) * inverse.at(k, i)).sum();
                assert!((product - q.at(row, i)).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn cholesky_solves_and_refuses() {
        let spd = Matrix::from_fn(3, 3, |i, j| [[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]][i][j]);
        let factor = Cholesky::new(&spd).unwrap();
        let x = factor.solve(&[1.0, 2.0, 3.0]);
        for (value, expected) in spd.times(&x).iter().zip([1.0, 2.0, 3.0]) {
            assert!((value - expected).abs() < 1e-13);
        }
        let by_inverse = factor.inverse_triangle().times(&[1.0, 2.0, 3.0]);
        for (a, b) in by_inverse.iter().zip(factor.forward(&[1.0, 2.0, 3.0])) {
            assert!((a - b).abs() < 1e-14);
        }
        assert!(Cholesky::new(&Matrix::from_fn(2, 2, |_, _| 1.0)).is_none());
    }

    #[test]
    fn dependent_columns_are_refused() {
        assert!(Qr::new(&Matrix::from_fn(5, 2, |row, col| (row + 1) as f64 * (col + 1) as f64)).is_none());
        assert!(Qr::new(&Matrix::from_fn(5, 1, |_, _| 0.0)).is_none());
        assert!(Qr::new(&Matrix::from_fn(2, 3, |row, col| (row * col) as f64)).is_none());
    }
}
