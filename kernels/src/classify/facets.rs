//! How flat the points around each small cube lie, and in which plane.
//!
//! In: columns of points. Out: for each cube that holds points, the plane through the points of the 27 cubes
//! around it (total least squares), how far they stand off it (the square root of the smallest eigenvalue of
//! their covariance), and the share of them that pulses of several returns have left. Roofs stand off by the noise
//! of the scanner, 2 to 3 cm; leaves by more than 10 cm.
//!
//! Source: eigenvalue features after Weinmann, Jutzi, Hinz & Mallet 2015 (10.1016/j.isprsjprs.2015.01.016) over
//! voxels instead of nearest neighbours. Sums are whole numbers and so exact: the order of points changes nothing.
//!
//! Fails where fewer than five points are near (nothing is then called flat), and on edges of roofs, which the
//! growing of roofs wins back. Cost: 0.1 µs a cube.

use super::columns::{Columns, Member, SEVERAL};

/// The points of a small cube: number, sums and sums of products of their coordinates, number of those of
/// pulses with several returns. Whole numbers, far below 2⁵³.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
struct Moments([f64; 12]);

/// A plane by its height over the middle of a cell, metres, and its rise to the east and to the south.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Plane {
    pub(super) z: f32,
    pub(super) east: f32,
    pub(super) south: f32,
}

impl Plane {
    /// What lies so far above the plane, measured upright, lies this share of it off the plane.
    pub(super) fn incline(&self) -> f32 {
        1.0 / (1.0 + self.east * self.east + self.south * self.south).sqrt()
    }

    /// Height so many metres east and south of the middle.
    pub(super) fn at(&self, (east, south): (f32, f32)) -> f32 {
        self.z + self.east * east + self.south * south
    }
}

/// What is around a cube.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facet {
    /// Metres by which points stand off the plane.
    pub(super) roughness: f32,
    /// Vertical part of the plane's normal: 1 for a level plane, 0 for a wall.
    pub(super) upright: f32,
    /// Metres by which points spread along the plane's narrow side.
    pub(super) breadth: f32,
    /// Share of points of pulses with several returns.
    pub(super) several: f32,
    /// Number of points.
    pub(super) count: f32,
    /// The plane over the middle of the cube's cell; level where the normal is flat.
    pub(super) plane: Plane,
}

/// The cubes of all columns, from low to high in each.
pub(super) struct Facets {
    /// First cube of each cell.
    starts: Vec<u32>,
    /// Members of each cube: the end of its run in the columns.
    ends: Vec<u32>,
    pub(super) facets: Vec<Facet>,
}

impl Facets {
    /// The cubes of a cell.
    pub(super) fn of(&self, cell: usize) -> std::ops::Range<usize> {
        self.starts[cell] as usize..self.starts[cell + 1] as usize
    }

    /// Where the members of a cell's cubes stand in the columns, cube by cube, with the cube's facet.
    pub(super) fn runs<'a>(
        &'a self,
        columns: &Columns,
        cell: usize,
    ) -> impl Iterator<Item = (std::ops::Range<usize>, &'a Facet)> + use<'a> {
        let last = columns.range(cell).end;
        let mut first = columns.range(cell).start;
        self.of(cell).map(move |cube| {
            let end = self.ends[cube] as usize;
            let run = first..end;
            first = end;
            debug_assert!(end <= last, "cubes lie in their cell");
            (run, &self.facets[cube])
        })
    }
}

/// The facets of all cubes that hold a point.
pub(super) fn facets(columns: &Columns) -> Facets {
    let cubes = Cubes::of(columns);
    let mut facets = Vec::with_capacity(cubes.levels.len());
    for cell in 0..columns.len() {
        if cubes.starts[cell] == cubes.starts[cell + 1] {
            continue;
        }
        let mut nearby = Nearby::new(&cubes, columns, cell);
        for cube in cubes.starts[cell] as usize..cubes.starts[cell + 1] as usize {
            let moments = nearby.sum(&cubes, cubes.levels[cube]);
            facets.push(cubes.scale.facet(&moments, columns, cell));
        }
    }
    Facets { starts: cubes.starts, ends: cubes.ends, facets }
}

/// The cubes with their sums.
struct Cubes {
    starts: Vec<u32>,
    levels: Vec<i32>,
    ends: Vec<u32>,
    moments: Vec<Moments>,
    scale: Scale,
}

impl Cubes {
    fn of(columns: &Columns) -> Cubes {
        let scale = Scale::of(columns);
        let mut cubes =
            Cubes { starts: vec![0], levels: Vec::new(), ends: Vec::new(), moments: Vec::new(), scale };
        for cell in 0..columns.len() {
            let range = columns.range(cell);
            let mut last = None;
            for (member, at) in columns.of(cell).iter().zip(range.start as u32..) {
                let level = cubes.scale.level(member);
                if last != Some(level) {
                    cubes.levels.push(level);
                    cubes.ends.push(at);
                    cubes.moments.push(Moments::default());
                    last = Some(level);
                }
                let here = cubes.moments.len() - 1;
                cubes.ends[here] = at + 1;
                cubes.scale.add(&mut cubes.moments[here], member);
            }
            cubes.starts.push(cubes.levels.len() as u32);
        }
        cubes
    }
}

/// Whole units of the sums: those of the lattice, or millimetres where the lattice is finer.
struct Scale {
    /// Units of the lattice in a unit of the sums, on the map and in height.
    coarser: (i32, i32),
    /// Metres of a unit of the sums.
    metres: (f64, f64),
    /// Height from which the sums count.
    base: i32,
    /// Units of the lattice in the side of a cube.
    cube: i32,
}

impl Scale {
    fn of(columns: &Columns) -> Scale {
        let lattice = &columns.lattice;
        let coarser = |per_metre: i32| (per_metre / 1000).max(1);
        let (across, up) = (coarser(lattice.per_metre), coarser(lattice.per_metre_up));
        let cube = (f64::from(columns.side) * f64::from(lattice.per_metre_up)).round() as i32;
        Scale {
            coarser: (across, up),
            metres: (
                f64::from(across) / f64::from(lattice.per_metre),
                f64::from(up) / f64::from(lattice.per_metre_up),
            ),
            base: columns.members.iter().map(|m| m.z).min().unwrap_or(0),
            cube: cube.max(1),
        }
    }

    fn level(&self, member: &Member) -> i32 {
        member.z.div_euclid(self.cube)
    }

    fn add(&self, moments: &mut Moments, member: &Member) {
        let x = f64::from(member.x / self.coarser.0);
        let y = f64::from(member.y / self.coarser.0);
        let z = f64::from((member.z - self.base) / self.coarser.1);
        let several = f64::from(member.pulse & SEVERAL);
        let terms = [1.0, x, y, z, x * x, y * y, z * z, x * y, x * z, y * z, several, 0.0];
        for (sum, term) in moments.0.iter_mut().zip(terms) {
            *sum += term;
        }
    }

    fn facet(&self, Moments(sums): &Moments, columns: &Columns, cell: usize) -> Facet {
        let count = sums[0];
        let mean = [sums[1] / count, sums[2] / count, sums[3] / count];
        let (across, up) = self.metres;
        // Products of whole numbers: exact before the division.
        let covariance = |product: usize, a: usize, b: usize, unit: f64| {
            (count * sums[product] - sums[a] * sums[b]) / (count * count) * unit
        };
        let matrix = [
            covariance(4, 1, 1, across * across),
            covariance(5, 2, 2, across * across),
            covariance(6, 3, 3, up * up),
            covariance(7, 1, 2, across * across),
            covariance(8, 1, 3, across * up),
            covariance(9, 2, 3, across * up),
        ];
        let flat = Flat::of(&matrix);
        let lie =
            |axis: usize| if flat.normal[2].abs() < 0.2 { 0.0 } else { -flat.normal[axis] / flat.normal[2] };
        let (east, south) = (lie(0), lie(1));
        let middle = columns.middle(cell);
        let z = (mean[2] * up + f64::from(self.base) / f64::from(columns.lattice.per_metre_up))
            + east * (middle.0 - mean[0] * across)
            + south * (middle.1 - mean[1] * across);
        Facet {
            roughness: flat.smallest.sqrt() as f32,
            upright: flat.normal[2].abs() as f32,
            breadth: flat.middle.sqrt() as f32,
            several: (sums[10] / count) as f32,
            count: count as f32,
            plane: Plane { z: z as f32, east: east as f32, south: south as f32 },
        }
    }
}

/// The nine columns around a cell, each with the first cube that may still be near.
struct Nearby {
    next: [usize; 9],
    end: [usize; 9],
}

impl Nearby {
    fn new(cubes: &Cubes, columns: &Columns, cell: usize) -> Nearby {
        let mut nearby = Nearby { next: [0; 9], end: [0; 9] };
        for (slot, near) in columns.around(cell).into_iter().chain([cell]).enumerate() {
            nearby.next[slot] = cubes.starts[near] as usize;
            nearby.end[slot] = cubes.starts[near + 1] as usize;
        }
        nearby
    }

    /// The sum over the 27 cubes around a level, which may only rise from call to call.
    fn sum(&mut self, cubes: &Cubes, level: i32) -> Moments {
        let mut total = Moments::default();
        for (next, &end) in self.next.iter_mut().zip(&self.end) {
            while *next < end && cubes.levels[*next] < level - 1 {
                *next += 1;
            }
            let mut cube = *next;
            while cube < end && cubes.levels[cube] <= level + 1 {
                for (sum, term) in total.0.iter_mut().zip(cubes.moments[cube].0) {
                    *sum += term;
                }
                cube += 1;
            }
        }
        total
    }
}

/// Smallest and middle eigenvalue of a covariance, and the unit vector of the smallest.
struct Flat {
    smallest: f64,
    middle: f64,
    normal: [f64; 3],
}

impl Flat {
    /// `[xx, yy, zz, xy, xz, yz]`. Newton's iteration from zero rises to the smallest root of the characteristic
    /// polynomial, whose roots are none below zero; only +, −, ×, ÷ and √: the same bits on every machine.
    fn of(&[xx, yy, zz, xy, xz, yz]: &[f64; 6]) -> Flat {
        let trace = xx + yy + zz;
        let minors = xx * yy - xy * xy + xx * zz - xz * xz + yy * zz - yz * yz;
        let determinant = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
        let mut root = 0.0;
        for _ in 0..12 {
            let value = ((root - trace) * root + minors) * root - determinant;
            let rise = (3.0 * root - 2.0 * trace) * root + minors;
            if value >= 0.0 || rise <= 0.0 {
                break;
            }
            root -= value / rise;
        }
        let smallest = root.clamp(0.0, (trace / 3.0).max(0.0));
        let (sum, product) = (trace - smallest, minors - smallest * (trace - smallest));
        let middle = ((sum - (sum * sum - 4.0 * product).max(0.0).sqrt()) / 2.0).max(0.0);
        let rows = [[xx - smallest, xy, xz], [xy, yy - smallest, yz], [xz, yz, zz - smallest]];
        Flat { smallest, middle, normal: normal(&rows) }
    }
}

/// The direction that the rows of a singular matrix are square to: their longest cross product, or up.
fn normal(rows: &[[f64; 3]; 3]) -> [f64; 3] {
    let cross = |a: &[f64; 3], b: &[f64; 3]| {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    };
    let square = |v: &[f64; 3]| v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    let mut longest = [0.0, 0.0, 0.0];
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let candidate = cross(&rows[a], &rows[b]);
        if square(&candidate) > square(&longest) {
            longest = candidate;
        }
    }
    let length = square(&longest).sqrt();
    if length > 0.0 { longest.map(|part| part / length) } else { [0.0, 0.0, 1.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_a_known_matrix() {
        // Eigenvalues 1, 2, 4 along a turned frame.
        let turned = |a: f64, b: f64| {
            let (c, s) = (0.6, 0.8);
            [c * c * a + s * s * b, s * s * a + c * c * b, c * s * (b - a)]
        };
        let [xx, zz, xz] = turned(1.0, 4.0);
        let flat = Flat::of(&[xx, 2.0, zz, 0.0, xz, 0.0]);
        assert!((flat.smallest - 1.0).abs() < 1e-9 && (flat.middle - 2.0).abs() < 1e-9);
        assert!((flat.normal[0].abs() - 0.6).abs() < 1e-6 && (flat.normal[2].abs() - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_ball_and_a_single_point_are_no_trouble() {
        let ball = Flat::of(&[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        assert!((ball.smallest - 1.0).abs() < 0.02, "{}", ball.smallest);
        let point = Flat::of(&[0.0; 6]);
        assert_eq!((point.smallest, point.normal), (0.0, [0.0, 0.0, 1.0]));
    }
}
