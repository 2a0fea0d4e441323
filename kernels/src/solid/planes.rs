//! Points of a roof → its planes, and the plane of each cell of half a metre.
//!
//! A plane is fitted to the points of 3 × 3 cells; cells whose planes agree in slope and height grow together, from the
//! best fit on. Planes are fitted again to all of their points, coplanar ones joined.

use std::collections::BTreeMap;

/// Side of a cell, metres.
pub const CELL: f64 = 0.5;
/// Root mean square by which a plane fits its 3 × 3 cells, metres.
const FIT: f64 = 0.12;
/// A point so much below the highest of its cell is of the wall, metres.
const BELOW: f64 = 1.2;
/// Gradients of cells of one plane differ by less.
const TURN: f64 = 0.2;
/// A cell lies on the plane beside it within this height, metres.
const STEP: f64 = 0.2;
/// Cells of the smallest plane: two square metres.
const LEAST: usize = 8;
/// More planes than this show no roof.
const MOST: usize = 40;

/// A plane over the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Rise east and north.
    pub slope: [f64; 2],
    /// Height at the origin.
    pub height: f64,
}

impl Plane {
    /// Its height at a place.
    pub fn at(&self, [x, y]: [f64; 2]) -> f64 {
        self.height + self.slope[0] * x + self.slope[1] * y
    }

    /// Least squares through points, and the root mean square of what is left.
    fn through<'a>(points: impl Iterator<Item = &'a [f64; 3]> + Clone) -> Option<(Plane, f64)> {
        let mut mean = [0.0; 3];
        let mut n = 0.0;
        for point in points.clone() {
            n += 1.0;
            (0..3).for_each(|i| mean[i] += point[i]);
        }
        if n < 6.0 {
            return None;
        }
        mean.iter_mut().for_each(|value| *value /= n);
        let (mut xx, mut xy, mut yy, mut xz, mut yz, mut zz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for point in points {
            let [x, y, z] = std::array::from_fn(|i| point[i] - mean[i]);
            (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
            (xz, yz, zz) = (xz + x * z, yz + y * z, zz + z * z);
        }
        let determinant = xx * yy - xy * xy;
        if determinant < 0.01 * (xx + yy) * (xx + yy) || determinant <= 0.0 {
            return None;
        }
        let slope = [(xz * yy - yz * xy) / determinant, (yz * xx - xz * xy) / determinant];
        let rest = (zz - slope[0] * xz - slope[1] * yz).max(0.0) / n;
        Some((Plane { slope, height: mean[2] - slope[0] * mean[0] - slope[1] * mean[1] }, rest.sqrt()))
    }
}

/// A cell by its column and row along the axes of the building.
pub type Place = (i32, i32);

/// Planes, and what lies on them.
pub struct Found {
    /// The planes.
    pub planes: Vec<Plane>,
    /// The plane of each cell that has points.
    pub cells: BTreeMap<Place, usize>,
    /// The points without those of walls.
    pub points: Vec<[f64; 3]>,
}

/// The cell of a place: columns along the axis, rows across.
pub fn place([x, y]: [f64; 2], [c, s]: [f64; 2]) -> Place {
    (((x * c + y * s) / CELL).floor() as i32, ((y * c - x * s) / CELL).floor() as i32)
}

/// The planes of the points of a roof; `axis` is the unit vector along the building.
pub fn find(points: &[[f64; 3]], axis: [f64; 2]) -> Option<Found> {
    let cells = tops(points, axis);
    let fits = fits(&cells, axis);
    let mut groups = grown(&fits, axis);
    groups.retain(|group| group.len() >= LEAST);
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));
    if groups.is_empty() || groups.len() > MOST {
        return None;
    }
    let planes = joined(groups.iter().filter_map(|group| robust(&cells, group)).collect());
    let label = |points: &Vec<[f64; 3]>| {
        let off = |plane: &Plane| {
            points.iter().map(|p| (p[2] - plane.at([p[0], p[1]])).abs().min(1.0)).sum::<f64>()
        };
        (0..planes.len()).min_by(|a, b| off(&planes[*a]).total_cmp(&off(&planes[*b])))
    };
    let labels = cells.iter().filter_map(|(place, points)| Some((*place, label(points)?))).collect();
    Some(Found { cells: labels, points: cells.into_values().flatten().collect(), planes })
}

/// The points of each cell that are not far below its highest.
fn tops(points: &[[f64; 3]], axis: [f64; 2]) -> BTreeMap<Place, Vec<[f64; 3]>> {
    let mut cells: BTreeMap<Place, Vec<[f64; 3]>> = BTreeMap::new();
    for point in points {
        cells.entry(place([point[0], point[1]], axis)).or_default().push(*point);
    }
    for points in cells.values_mut() {
        let top = points.iter().map(|point| point[2]).fold(f64::MIN, f64::max);
        points.retain(|point| point[2] > top - BELOW);
    }
    cells
}

/// The plane around each cell, where one fits, and how well.
fn fits(cells: &BTreeMap<Place, Vec<[f64; 3]>>, axis: [f64; 2]) -> BTreeMap<Place, (Plane, f64, f64)> {
    let plane = |(col, row): Place| {
        let around = (-1..=1).flat_map(move |r| (-1..=1).map(move |c| (col + c, row + r)));
        let near = around.filter_map(|place| cells.get(&place)).flatten();
        let (plane, rest) = Plane::through(near).filter(|(_, rest)| *rest <= FIT)?;
        Some((plane, rest, plane.at(centre((col, row), axis))))
    };
    cells.keys().filter_map(|place| Some((*place, plane(*place)?))).collect()
}

/// The middle of a cell on the map.
pub fn centre((col, row): Place, [c, s]: [f64; 2]) -> [f64; 2] {
    let (u, v) = ((f64::from(col) + 0.5) * CELL, (f64::from(row) + 0.5) * CELL);
    [u * c - v * s, u * s + v * c]
}

/// Cells that grow together, from the best fit on.
fn grown(fits: &BTreeMap<Place, (Plane, f64, f64)>, axis: [f64; 2]) -> Vec<Vec<Place>> {
    let mut seeds: Vec<(&Place, f64)> = fits.iter().map(|(place, fit)| (place, fit.1)).collect();
    seeds.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)));
    let mut taken: BTreeMap<Place, ()> = BTreeMap::new();
    let mut groups = Vec::new();
    for (seed, _) in seeds {
        if taken.contains_key(seed) {
            continue;
        }
        taken.insert(*seed, ());
        let (mut group, mut next) = (vec![*seed], 0);
        let first = fits[seed].0;
        while let Some(&(col, row)) = group.get(next) {
            next += 1;
            let own = fits[&(col, row)].0;
            for other in [(col - 1, row), (col + 1, row), (col, row - 1), (col, row + 1)] {
                let Some((plane, _, height)) = fits.get(&other) else { continue };
                let turn =
                    |from: &Plane| (plane.slope[0] - from.slope[0]).hypot(plane.slope[1] - from.slope[1]);
                let step = (own.at(centre(other, axis)) - height).abs();
                if turn(&first) < TURN
                    && turn(&own) < TURN
                    && step < STEP
                    && taken.insert(other, ()).is_none()
                {
                    group.push(other);
                }
            }
        }
        groups.push(group);
    }
    groups
}

/// The plane of a group, fitted again without what lies off it; and how many points it has.
fn robust(cells: &BTreeMap<Place, Vec<[f64; 3]>>, group: &[Place]) -> Option<(Plane, Vec<[f64; 3]>)> {
    let points: Vec<[f64; 3]> =
        group.iter().filter_map(|place| cells.get(place)).flatten().copied().collect();
    let (first, _) = Plane::through(points.iter())?;
    let near = |point: &&[f64; 3]| (point[2] - first.at([point[0], point[1]])).abs() < STEP;
    let (plane, _) = Plane::through(points.iter().filter(near)).unwrap_or((first, 0.0));
    Some((plane, points))
}

/// Planes of which none lies on another: the larger ones take the smaller.
fn joined(groups: Vec<(Plane, Vec<[f64; 3]>)>) -> Vec<Plane> {
    let mut kept: Vec<(Plane, Vec<[f64; 3]>)> = Vec::new();
    for (plane, points) in groups {
        let turn = |other: &Plane| (plane.slope[0] - other.slope[0]).hypot(plane.slope[1] - other.slope[1]);
        let on = |other: &Plane| {
            let off: f64 = points.iter().map(|p| (p[2] - other.at([p[0], p[1]])).abs()).sum();
            off / points.len() as f64
        };
        match kept.iter_mut().find(|(other, _)| turn(other) < 0.1 && on(other) < 0.12) {
            Some((other, own)) => {
                own.extend(points);
                *other = Plane::through(own.iter()).map_or(*other, |(plane, _)| plane);
            }
            None => kept.push((plane, points)),
        }
    }
    kept.into_iter().map(|(plane, _)| plane).collect()
}
