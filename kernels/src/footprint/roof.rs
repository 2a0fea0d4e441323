//! Heights and planes of a roof.
//!
//! A plane is fitted by least squares to the points around each metre cell (3 × 3 cells); where it fits to 0.15 m the cell
//! lies on a face of the roof. Most cells flat: a flat roof. Else the slope is the median of the pitched cells, and the
//! aspect the mean direction of the largest face (the sector of 45° around the most frequent one).

use super::FootprintParams;
use crate::unit::Degrees;

/// Side of the cells that planes are fitted on, metres.
const CELL: f64 = 1.0;
/// Planes fit to this, metres.
const FIT: f64 = 0.15;
/// A point so much below the highest of its cell is of the wall, metres.
const BELOW: f64 = 1.2;

/// What is known of a roof.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoofShape {
    pub eaves: f64,
    pub ridge: f64,
    pub flat: bool,
    pub slope: Option<Degrees>,
    pub aspect: Option<Degrees>,
}

/// Sums for the least-squares plane of a cell, of positions from its corner, in whole units: no order of the points
/// changes them. A cell of a million points within a kilometre of height stays far below what they hold.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: i64,
    x: i64,
    y: i64,
    z: i64,
    xx: i64,
    xy: i64,
    yy: i64,
    xz: i64,
    yz: i64,
    zz: i64,
}

impl Sums {
    fn add(&mut self, [x, y, z]: [i64; 3]) {
        self.n += 1;
        self.x += x;
        self.y += y;
        self.z += z;
        self.xx += x * x;
        self.xy += x * y;
        self.yy += y * y;
        self.xz += x * z;
        self.yz += y * z;
        self.zz += z * z;
    }

    /// Adds the sums of a cell whose corner lies `dx` farther east and `dy` farther north.
    fn add_cell(&mut self, other: &Sums, dx: i64, dy: i64) {
        self.n += other.n;
        self.x += other.x + dx * other.n;
        self.y += other.y + dy * other.n;
        self.z += other.z;
        self.xx += other.xx + 2 * dx * other.x + dx * dx * other.n;
        self.xy += other.xy + dx * other.y + dy * other.x + dx * dy * other.n;
        self.yy += other.yy + 2 * dy * other.y + dy * dy * other.n;
        self.xz += other.xz + dx * other.z;
        self.yz += other.yz + dy * other.z;
        self.zz += other.zz;
    }

    /// Gradient of the plane where it fits; `across` and `up` are units in a metre.
    fn plane(&self, across: f64, up: f64) -> Option<[f64; 2]> {
        let n = self.n as f64;
        let [x, y] = [self.x, self.y].map(|sum| sum as f64 / across);
        let z = self.z as f64 / up;
        let [xx, xy, yy] = [self.xx, self.xy, self.yy].map(|sum| sum as f64 / (across * across));
        let [xz, yz] = [self.xz, self.yz].map(|sum| sum as f64 / (across * up));
        let zz = self.zz as f64 / (up * up);
        let (xx, xy, yy) = (xx - x * x / n, xy - x * y / n, yy - y * y / n);
        let (xz, yz, zz) = (xz - x * z / n, yz - y * z / n, zz - z * z / n);
        let determinant = xx * yy - xy * xy;
        if n < 8.0 || determinant < 0.02 * (xx + yy).powi(2) {
            return None;
        }
        let (a, b) = ((xz * yy - yz * xy) / determinant, (yz * xx - xz * xy) / determinant);
        let rest = (zz - a * xz - b * yz).max(0.0);
        (rest / n <= FIT * FIT).then_some([a, b])
    }
}

/// The points of a roof by metre cells, those of the wall left out.
struct Cells {
    rows: i32,
    cols: i32,
    /// Units in a cell.
    side: i32,
    sums: Vec<Sums>,
    heights: Vec<i32>,
}

impl Cells {
    fn new(points: &[[i32; 3]], units: [f64; 2]) -> Option<Cells> {
        let side = (CELL * units[0]).round() as i32;
        let bounds = points.iter().fold(
            [i32::MAX, i32::MAX, i32::MIN, i32::MIN, i32::MAX],
            |[west, south, east, north, low], &[x, y, z]| {
                [west.min(x), south.min(y), east.max(x), north.max(y), low.min(z)]
            },
        );
        let base = if points.is_empty() { return None } else { bounds[4] };
        let [west, south, east, north] = [0, 1, 2, 3].map(|at| bounds[at].div_euclid(side));
        let (cols, rows) = (east - west + 1, north - south + 1);
        let count = rows as usize * cols as usize;
        // From the corner of the first cell, so that nothing is negative.
        let (west, south, size) = (west * side, south * side, side as u32);
        let places: Vec<[u32; 3]> = points
            .iter()
            .map(|point| {
                let (x, y) = ((point[0] - west) as u32, (point[1] - south) as u32);
                let (col, row) = (x / size, y / size);
                [row * cols as u32 + col, x - col * size, y - row * size]
            })
            .collect();
        let mut tops = vec![i32::MIN; count];
        for (point, place) in points.iter().zip(&places) {
            let top = &mut tops[place[0] as usize];
            *top = (*top).max(point[2]);
        }
        let below = (BELOW * units[1]).round() as i32;
        let (mut sums, mut heights) = (vec![Sums::default(); count], Vec::with_capacity(points.len()));
        for (point, &[at, x, y]) in points.iter().zip(&places) {
            if point[2] >= tops[at as usize].saturating_sub(below) {
                sums[at as usize].add([i64::from(x), i64::from(y), i64::from(point[2]) - i64::from(base)]);
                heights.push(point[2]);
            }
        }
        Some(Cells { rows, cols, side, sums, heights })
    }

    /// Gradients of the planes that fit, in the order of their cells.
    fn gradients(&self, units: [f64; 2]) -> Vec<[f64; 2]> {
        let mut gradients = Vec::new();
        for row in 0..self.rows {
            for col in 0..self.cols {
                if self.sums[(row * self.cols + col) as usize].n == 0 {
                    continue;
                }
                let mut total = Sums::default();
                for r in (row - 1).max(0)..=(row + 1).min(self.rows - 1) {
                    for c in (col - 1).max(0)..=(col + 1).min(self.cols - 1) {
                        let [dx, dy] = [c - col, r - row].map(|step| i64::from(step * self.side));
                        total.add_cell(&self.sums[(r * self.cols + c) as usize], dx, dy);
                    }
                }
                gradients.extend(total.plane(units[0], units[1]));
            }
        }
        gradients
    }

    /// The height below which a share of the points lies.
    fn height(&mut self, share: f64) -> f64 {
        let at = ((self.heights.len() - 1) as f64 * share).round() as usize;
        f64::from(*self.heights.select_nth_unstable(at).1)
    }
}

/// Heights and planes of the points of one building, whole units from any origin; `None` where there is no point.
pub fn shape(points: &[[i32; 3]], units: [f64; 2], params: &FootprintParams) -> Option<RoofShape> {
    let mut cells = Cells::new(points, units)?;
    let gradients = cells.gradients(units);
    // Squares of gradients are in the order of slopes: one of them is made an angle.
    let steepness = |gradient: &[f64; 2]| gradient[0] * gradient[0] + gradient[1] * gradient[1];
    let flattest = params.flat.0.to_radians().tan().powi(2);
    let (flat, pitched): (Vec<[f64; 2]>, Vec<[f64; 2]>) =
        gradients.iter().partition(|gradient| steepness(gradient) <= flattest);
    let is_flat = flat.len() >= pitched.len();
    let deciding = if is_flat { &flat } else { &pitched };
    let mut slopes: Vec<f64> = deciding.iter().map(steepness).collect();
    let middle = slopes.len() / 2;
    let median = (!slopes.is_empty()).then(|| *slopes.select_nth_unstable_by(middle, f64::total_cmp).1);
    Some(RoofShape {
        eaves: cells.height(if is_flat { 0.5 } else { 0.02 }) / units[1],
        ridge: cells.height(0.99) / units[1],
        flat: is_flat,
        slope: median.map(|square| Degrees(square.sqrt().atan().to_degrees())),
        aspect: if is_flat { None } else { aspect(&pitched) },
    })
}

/// Mean direction down the largest face, degrees clockwise from north.
fn aspect(gradients: &[[f64; 2]]) -> Option<Degrees> {
    let downhill = |gradient: &[f64; 2]| (-gradient[0]).atan2(-gradient[1]).to_degrees().rem_euclid(360.0);
    let mut bins = [0u32; 72];
    for gradient in gradients {
        bins[(downhill(gradient) / 5.0) as usize % 72] += 1;
    }
    let window = |first: usize| (0..9).map(|step| bins[(first + step) % 72]).sum::<u32>();
    let best = (0..72).max_by_key(|&first| (window(first), std::cmp::Reverse(first)))?;
    let middle = best as f64 * 5.0 + 22.5;
    let near = gradients.iter().filter(|gradient| {
        let off = (downhill(gradient) - middle + 180.0).rem_euclid(360.0) - 180.0;
        off.abs() <= 22.5
    });
    let sum = near.fold([0.0, 0.0], |sum, gradient| [sum[0] + gradient[0], sum[1] + gradient[1]]);
    (sum != [0.0, 0.0]).then(|| Degrees(downhill(&sum)))
}
