//! Heights and planes of a roof.
//!
//! A plane is fitted by least squares to the points around each metre cell (3 × 3 cells); where it fits to 0.15 m the cell
//! lies on a face of the roof. Most cells flat: a flat roof. Else the slope is the median of the pitched cells, and the
//! aspect the mean direction of the largest face (the sector of 45° around the most frequent one).

use super::FootprintParams;
use crate::unit::Degrees;
use std::collections::BTreeMap;

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

/// Sums for the least-squares plane of a cell, of positions from its corner.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    x: f64,
    y: f64,
    z: f64,
    xx: f64,
    xy: f64,
    yy: f64,
    xz: f64,
    yz: f64,
    zz: f64,
}

impl Sums {
    fn add(&mut self, [x, y, z]: [f64; 3]) {
        self.n += 1.0;
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

    /// The sums of the same points as seen from another origin, `(dx, dy)` farther west and south.
    fn shifted(&self, dx: f64, dy: f64) -> Sums {
        Sums {
            n: self.n,
            x: self.x + dx * self.n,
            y: self.y + dy * self.n,
            z: self.z,
            xx: self.xx + 2.0 * dx * self.x + dx * dx * self.n,
            xy: self.xy + dx * self.y + dy * self.x + dx * dy * self.n,
            yy: self.yy + 2.0 * dy * self.y + dy * dy * self.n,
            xz: self.xz + dx * self.z,
            yz: self.yz + dy * self.z,
            zz: self.zz,
        }
    }

    fn and(&self, other: &Sums) -> Sums {
        Sums {
            n: self.n + other.n,
            x: self.x + other.x,
            y: self.y + other.y,
            z: self.z + other.z,
            xx: self.xx + other.xx,
            xy: self.xy + other.xy,
            yy: self.yy + other.yy,
            xz: self.xz + other.xz,
            yz: self.yz + other.yz,
            zz: self.zz + other.zz,
        }
    }

    /// Gradient of the plane where it fits.
    fn plane(&self) -> Option<[f64; 2]> {
        let n = self.n;
        let (xx, xy, yy) =
            (self.xx - self.x * self.x / n, self.xy - self.x * self.y / n, self.yy - self.y * self.y / n);
        let (xz, yz, zz) =
            (self.xz - self.x * self.z / n, self.yz - self.y * self.z / n, self.zz - self.z * self.z / n);
        let determinant = xx * yy - xy * xy;
        if n < 8.0 || determinant < 0.02 * (xx + yy).powi(2) {
            return None;
        }
        let (a, b) = ((xz * yy - yz * xy) / determinant, (yz * xx - xz * xy) / determinant);
        let rest = (zz - a * xz - b * yz).max(0.0);
        (rest / n <= FIT * FIT).then_some([a, b])
    }
}

/// Heights and planes of the points `[easting, northing, height]` of one building, from any origin.
pub fn shape(points: &[[f64; 3]], params: &FootprintParams) -> RoofShape {
    let mut tops: BTreeMap<(i32, i32), f64> = BTreeMap::new();
    for point in points {
        let top = tops.entry(cell(point)).or_insert(f64::MIN);
        *top = top.max(point[2]);
    }
    let mut sums: BTreeMap<(i32, i32), Sums> = BTreeMap::new();
    let mut heights = Vec::with_capacity(points.len());
    let base = points.first().map_or(0.0, |point| point[2].floor());
    for point in points {
        let key = cell(point);
        if point[2] >= tops[&key] - BELOW {
            let corner = [f64::from(key.1) * CELL, f64::from(key.0) * CELL];
            sums.entry(key).or_default().add([point[0] - corner[0], point[1] - corner[1], point[2] - base]);
            heights.push(point[2]);
        }
    }
    heights.sort_by(f64::total_cmp);
    let at = |share: f64| heights[((heights.len() - 1) as f64 * share).round() as usize];
    let gradients = gradients(&sums);
    let slope = |gradient: &[f64; 2]| gradient[0].hypot(gradient[1]).atan().to_degrees();
    let (flat, pitched): (Vec<[f64; 2]>, Vec<[f64; 2]>) =
        gradients.iter().partition(|gradient| slope(gradient) <= params.flat.0);
    let is_flat = flat.len() >= pitched.len();
    let deciding = if is_flat { &flat } else { &pitched };
    let mut slopes: Vec<f64> = deciding.iter().map(slope).collect();
    slopes.sort_by(f64::total_cmp);
    RoofShape {
        eaves: at(if is_flat { 0.5 } else { 0.02 }),
        ridge: at(0.99),
        flat: is_flat,
        slope: slopes.get(slopes.len() / 2).map(|&slope| Degrees(slope)),
        aspect: if is_flat { None } else { aspect(&pitched) },
    }
}

fn cell(point: &[f64; 3]) -> (i32, i32) {
    ((point[1] / CELL).floor() as i32, (point[0] / CELL).floor() as i32)
}

/// Gradients of the planes that fit, in the order of their cells.
fn gradients(sums: &BTreeMap<(i32, i32), Sums>) -> Vec<[f64; 2]> {
    let around = |&(row, col): &(i32, i32)| {
        let mut total = Sums::default();
        for dr in -1..=1 {
            for dc in -1..=1 {
                if let Some(near) = sums.get(&(row + dr, col + dc)) {
                    total = total.and(&near.shifted(f64::from(dc) * CELL, f64::from(dr) * CELL));
                }
            }
        }
        total.plane()
    };
    sums.keys().filter_map(around).collect()
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
