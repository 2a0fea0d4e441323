//! The bodies that a ray can meet, each with an exact answer: boxes under roof planes, and crowns.
//!
//! A ray is followed by height: at height `z` it is at `foot + lean · (z − level)`. A convex body is a set of
//! linear or quadratic conditions on `z`, so that the part of a ray inside is one interval of heights. The
//! same functions answer the laser, the sun and the plumb line. Cost: some tens of nanoseconds.

use super::shape::{Rect, Xy, dot, turned};
use super::town::{Building, Crown, CrownShape, Deck, Roof};

/// A straight ray that ends on the ground.
#[derive(Debug, Clone, Copy)]
pub struct Ray {
    /// Where it ends on the map.
    pub foot: Xy,
    /// The height at which it ends, metres above the datum.
    pub level: f64,
    /// How far it moves on the map for each metre that it rises.
    pub lean: Xy,
}

impl Ray {
    /// The plumb line over a position.
    pub fn plumb(foot: Xy) -> Ray {
        Ray { foot, level: 0.0, lean: [0.0, 0.0] }
    }

    /// Where it is at a height.
    pub fn at(&self, z: f64) -> Xy {
        let rise = z - self.level;
        [self.foot[0] + self.lean[0] * rise, self.foot[1] + self.lean[1] * rise]
    }
}

/// Heights between which a ray is inside a body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Lower end, metres above the datum; −∞ where the body reaches into the ground.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether the upper end is on a side wall, not on top.
    pub wall: bool,
}

/// A plane over the frame of a rectangle: `z = level + slope · local`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Height at the rectangle's centre, metres above the datum.
    pub level: f64,
    /// Rise per metre along the rectangle's width and depth.
    pub slope: Xy,
}

/// A rectangle between a floor and some planes.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its walls.
    pub footprint: Rect,
    /// It lies under each of these.
    pub tops: Vec<Plane>,
    /// It lies above this height below its first plane; −∞ for what stands on the ground.
    pub thickness: f64,
}

impl Body {
    /// A building under its roof.
    pub fn of_building(building: &Building) -> Body {
        let Building { footprint, eaves, ridge, .. } = building;
        let (w, d) = (footprint.width / 2.0, footprint.depth / 2.0);
        let plane = |level: f64, sx: f64, sy: f64| Plane { level, slope: [sx, sy] };
        let rise = ridge - eaves;
        let tops = match building.roof {
            Roof::Flat => vec![plane(*eaves, 0.0, 0.0)],
            Roof::Gable => vec![plane(*ridge, 0.0, -rise / d), plane(*ridge, 0.0, rise / d)],
            Roof::Hip | Roof::Spire => {
                let k = rise / w.min(d);
                vec![
                    plane(eaves + k * d, 0.0, -k),
                    plane(eaves + k * d, 0.0, k),
                    plane(eaves + k * w, -k, 0.0),
                    plane(eaves + k * w, k, 0.0),
                ]
            }
        };
        Body { footprint: *footprint, tops, thickness: f64::INFINITY }
    }

    /// The deck of the bridge.
    pub fn of_deck(deck: &Deck) -> Body {
        let slope = [0.0, (deck.far - deck.near) / deck.footprint.depth];
        let top = Plane { level: (deck.near + deck.far) / 2.0, slope };
        Body { footprint: deck.footprint, tops: vec![top], thickness: deck.thickness }
    }

    /// Highest point of its top over a position, or `None` beside it.
    pub fn top(&self, p: Xy) -> Option<f64> {
        let [x, y] = self.footprint.local(p);
        let inside = x.abs() <= self.footprint.width / 2.0 && y.abs() <= self.footprint.depth / 2.0;
        inside.then(|| self.tops.iter().map(|t| t.level + dot(t.slope, [x, y])).fold(f64::INFINITY, f64::min))
    }

    /// The plane of its top over a position.
    pub fn plane(&self, p: Xy) -> Plane {
        let local = self.footprint.local(p);
        let height = |t: &Plane| t.level + dot(t.slope, local);
        let lowest = self.tops.iter().min_by(|a, b| height(a).total_cmp(&height(b)));
        *lowest.expect("a body has a top")
    }

    /// The heights at which a ray is inside.
    pub fn span(&self, ray: &Ray) -> Option<Span> {
        let [x, y] = self.footprint.local(ray.foot);
        let lean = [dot(ray.lean, self.footprint.axis), dot(ray.lean, turned(self.footprint.axis))];
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        // Conditions `value + rate · (z − level) ≤ 0`, walls first.
        let mut keep = |value: f64, rate: f64| {
            if rate > 0.0 {
                high = f64::min(high, -value / rate);
            } else if rate < 0.0 {
                low = f64::max(low, -value / rate);
            } else if value > 0.0 {
                high = f64::NEG_INFINITY;
            }
            high
        };
        for (offset, rate, half) in
            [(x, lean[0], self.footprint.width / 2.0), (y, lean[1], self.footprint.depth / 2.0)]
        {
            keep(offset - half, rate);
            keep(-offset - half, -rate);
        }
        let walls = keep(-1.0, 0.0);
        for plane in &self.tops {
            let value = ray.level - plane.level - dot(plane.slope, [x, y]);
            keep(value, 1.0 - dot(plane.slope, lean));
        }
        if self.thickness.is_finite() {
            let plane = &self.tops[0];
            let value = plane.level + dot(plane.slope, [x, y]) - self.thickness - ray.level;
            keep(value, dot(plane.slope, lean) - 1.0);
        }
        let wall = walls <= high;
        (low < high).then_some(Span { low: low + ray.level, high: high + ray.level, wall })
    }
}

impl Crown {
    /// The heights at which a ray is inside.
    pub fn span(&self, ray: &Ray) -> Option<Span> {
        // With h = z − centre: |o + lean h|² / r² compared with the squared radius at h.
        let (centre, half) = match self.shape {
            CrownShape::Ellipsoid => ((self.base + self.top) / 2.0, (self.top - self.base) / 2.0),
            CrownShape::Umbrella => (self.base, self.top - self.base),
            CrownShape::Cone => (self.top, self.top - self.base),
        };
        let at = ray.at(centre);
        let o = [at[0] - self.at[0], at[1] - self.at[1]];
        let r2 = self.radius * self.radius;
        let (lean2, mixed, o2) = (dot(ray.lean, ray.lean), dot(o, ray.lean), dot(o, o));
        let (low, high) = match self.shape {
            CrownShape::Cone => cone(lean2 / r2 - 1.0 / (half * half), mixed / r2, o2 / r2)?,
            _ => between(lean2 / r2 + 1.0 / (half * half), mixed / r2, o2 / r2 - 1.0)?,
        };
        let (low, high) = ((centre + low).max(self.base), (centre + high).min(self.top));
        (low < high).then_some(Span { low, high, wall: false })
    }

    /// Highest and lowest point of the crown over a position.
    pub fn over(&self, p: Xy) -> Option<Span> {
        let near = (p[0] - self.at[0]).abs() < self.radius && (p[1] - self.at[1]).abs() < self.radius;
        near.then(|| self.span(&Ray::plumb(p))).flatten()
    }

    /// Whether it counts as a tree: 3 m and more.
    pub fn is_tree(&self) -> bool {
        self.top - self.foot >= 3.0
    }
}

/// Where `a h² + 2 b h + c ≤ 0`, a > 0.
fn between(a: f64, b: f64, c: f64) -> Option<(f64, f64)> {
    let root = b * b - a * c;
    (root > 0.0).then(|| ((-b - root.sqrt()) / a, (-b + root.sqrt()) / a))
}

/// Where `a h² + 2 b h + c ≤ 0` and h ≤ 0: the lower half of a double cone whose point is at h = 0.
fn cone(a: f64, b: f64, c: f64) -> Option<(f64, f64)> {
    if a > 0.0 {
        return between(a, b, c);
    }
    // Flatter than the cone: one root below the point, one above; the ray is inside below the lower one.
    let root = (b * b - a * c).max(0.0).sqrt();
    Some((f64::NEG_INFINITY, (-b + root) / a))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gable() -> Body {
        Body {
            footprint: Rect { centre: [0.0, 0.0], axis: [1.0, 0.0], width: 10.0, depth: 8.0 },
            tops: vec![Plane { level: 9.0, slope: [0.0, -1.0] }, Plane { level: 9.0, slope: [0.0, 1.0] }],
            thickness: f64::INFINITY,
        }
    }

    fn crown(shape: CrownShape) -> Crown {
        Crown { at: [1.0, 2.0], shape, radius: 3.0, base: 4.0, top: 12.0, foot: 0.0, gap: 0.1 }
    }

    /// Steps along a ray and looks whether each position is inside: slow and plain.
    fn stepped(ray: &Ray, inside: impl Fn(Xy, f64) -> bool) -> Option<(f64, f64)> {
        let heights = (0..20_000).map(|i| f64::from(i) * 0.001);
        let within: Vec<f64> = heights.filter(|&z| inside(ray.at(z), z)).collect();
        Some((*within.first()?, *within.last()?))
    }

    fn rays() -> Vec<Ray> {
        let mut rays = Vec::new();
        for i in 0..12 {
            for (lean_x, lean_y) in [(0.0, 0.0), (0.3, 0.02), (-0.35, 0.0), (0.05, -0.8)] {
                let foot = [f64::from(i) - 5.0, 0.37 * f64::from(i) - 1.5];
                rays.push(Ray { foot, level: 0.5, lean: [lean_x, lean_y] });
            }
        }
        rays
    }

    #[test]
    fn a_ray_meets_a_house_where_small_steps_meet_it() {
        let body = gable();
        for ray in rays() {
            let found = body.span(&ray).filter(|s| s.high > 0.0).map(|s| (s.low.max(0.0), s.high));
            let slow = stepped(&ray, |p, z| body.top(p).is_some_and(|top| z <= top));
            assert_eq!(found.is_some(), slow.is_some(), "{ray:?}");
            if let (Some(found), Some(slow)) = (found, slow) {
                assert!((found.0 - slow.0).abs() < 0.003 && (found.1 - slow.1).abs() < 0.003, "{ray:?}");
            }
        }
    }

    #[test]
    fn a_ray_meets_each_crown_where_small_steps_meet_it() {
        for shape in [CrownShape::Ellipsoid, CrownShape::Cone, CrownShape::Umbrella] {
            let crown = crown(shape);
            let radius = |z: f64| match shape {
                CrownShape::Ellipsoid => (1.0 - ((z - 8.0) / 4.0f64).powi(2)).max(0.0).sqrt() * 3.0,
                CrownShape::Umbrella => (1.0 - ((z - 4.0) / 8.0f64).powi(2)).max(0.0).sqrt() * 3.0,
                CrownShape::Cone => 3.0 * (12.0 - z) / 8.0,
            };
            for ray in rays() {
                let inside =
                    |p: Xy, z: f64| (4.0..=12.0).contains(&z) && (p[0] - 1.0).hypot(p[1] - 2.0) <= radius(z);
                let (found, slow) = (crown.span(&ray), stepped(&ray, inside));
                let long = |s: f64| s > 0.01;
                assert_eq!(
                    found.is_some_and(|s| long(s.high - s.low)),
                    slow.is_some_and(|s| long(s.1 - s.0)),
                    "{shape:?} {ray:?} {found:?} {slow:?}"
                );
                if let (Some(found), Some(slow)) = (found, slow) {
                    assert!((found.low - slow.0).abs() < 0.004, "{shape:?} {ray:?}");
                    assert!((found.high - slow.1).abs() < 0.004, "{shape:?} {ray:?}");
                }
            }
        }
    }

    #[test]
    fn the_wall_is_told_from_the_roof() {
        let steep = Ray { foot: [6.0, 0.0], level: 0.0, lean: [-0.3, 0.0] };
        assert!(gable().span(&steep).unwrap().wall);
        assert!(!gable().span(&Ray::plumb([1.0, 1.0])).unwrap().wall);
    }
}
