//! Solids of roofs whose volume is known, of roofs by chance, and of what is no roof.

use super::*;

const BOX: [[f64; 2]; 4] = [[1.0, 2.0], [13.0, 2.0], [13.0, 10.0], [1.0, 10.0]];

/// Points of a roof, eight in a square metre, with a noise of 3 cm.
fn scanned(rings: &[Vec<[f64; 2]>], roof: impl Fn(f64, f64) -> f64) -> Vec<[f64; 3]> {
    let mut state = 11_u64;
    let mut chance = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    let mut points = Vec::new();
    for row in 0..200 {
        for col in 0..200 {
            let (x, y) = (f64::from(col) * 0.35 + 0.3 * chance(), f64::from(row) * 0.35 + 0.3 * chance());
            if partition::holds(rings, [x, y]) {
                points.push([x, y, roof(x, y) + 0.06 * (chance() - 0.5)]);
            }
        }
    }
    points
}

fn made(rings: &[Vec<[f64; 2]>], roof: impl Fn(f64, f64) -> f64) -> Solid {
    let points = scanned(rings, roof);
    let outline = Outline { rings, points: &points, ground: 50.0, top: 60.0 };
    let solid = solid(&outline, &SolidParams::default()).unwrap();
    assert!(solid.is_closed());
    assert_eq!(
        solid.detail == Detail::Lod22,
        solid.faces.iter().filter(|f| f.surface == Surface::Roof).count() > 0
            && solid.fitted.unwrap_or(0.0) >= 0.9
    );
    for face in &solid.faces {
        plane_and_filled(face, &solid);
    }
    solid
}

/// A face lies in its plane to 2 cm, and its triangles have its area and its way.
fn plane_and_filled(face: &Face, solid: &Solid) {
    let twice = face.rings.iter().map(|ring| shell::twice_area(ring, &solid.vertices));
    let twice: [f64; 3] = twice.fold([0.0; 3], |sum, part| std::array::from_fn(|i| sum[i] + part[i]));
    let length = twice.iter().map(|part| part * part).sum::<f64>().sqrt();
    let normal = twice.map(|part| part / length);
    let first = solid.vertices[face.rings[0][0] as usize];
    for vertex in face.rings.iter().flatten() {
        let at = solid.vertices[*vertex as usize];
        let off: f64 = (0..3).map(|i| normal[i] * (at[i] - first[i])).sum();
        assert!(off.abs() < 0.02, "{off}");
    }
    let filled = face.triangles.iter().map(|triangle| shell::twice_area(triangle, &solid.vertices));
    let filled: f64 = filled.map(|part| (0..3).map(|i| normal[i] * part[i]).sum::<f64>()).sum();
    assert!((filled - length).abs() < 1e-3 * length + 1e-6, "{filled} {length}");
}

fn roofs(solid: &Solid) -> usize {
    solid.faces.iter().filter(|face| face.surface == Surface::Roof).count()
}

#[test]
fn a_flat_roof_is_a_box_of_its_volume() {
    let solid = made(&[BOX.to_vec()], |_, _| 58.0);
    assert_eq!((solid.detail, roofs(&solid), solid.faces.len()), (Detail::Lod22, 1, 6));
    assert!((solid.volume() - 96.0 * 8.0).abs() < 4.0, "{}", solid.volume());
}

#[test]
fn a_gable_has_two_faces_and_its_volume() {
    let solid = made(&[BOX.to_vec()], |_, y| 58.0 - 0.7 * (y - 6.0).abs());
    assert_eq!((solid.detail, roofs(&solid), solid.faces.len()), (Detail::Lod22, 2, 9));
    let exact = 96.0 * 8.0 - 12.0 * 0.7 * 16.0;
    assert!((solid.volume() - exact).abs() < 0.01 * exact, "{} {exact}", solid.volume());
}

#[test]
fn a_hip_has_four_faces() {
    let height = |x: f64, y: f64| 54.0 + 0.8 * (x - 1.0).min(13.0 - x).min(y - 2.0).min(10.0 - y);
    let solid = made(&[BOX.to_vec()], height);
    assert_eq!((solid.detail, roofs(&solid)), (Detail::Lod22, 4));
    // Base, and a frustum of 4 m less: the roof's volume of a hip is w² h / 6 · (3 l − w) / w.
    let exact = 96.0 * 4.0 + 8.0 * 3.2 * (3.0 * 12.0 - 8.0) / 6.0;
    assert!((solid.volume() - exact).abs() < 0.02 * exact, "{} {exact}", solid.volume());
}

#[test]
fn two_levels_have_a_wall_between_them() {
    let solid = made(&[BOX.to_vec()], |x, _| if x < 7.0 { 62.0 } else { 56.0 });
    assert_eq!((solid.detail, roofs(&solid)), (Detail::Lod22, 2));
    let exact = 48.0 * 12.0 + 48.0 * 6.0;
    assert!((solid.volume() - exact).abs() < 0.04 * exact, "{} {exact}", solid.volume());
}

#[test]
fn an_l_with_crossing_gables_and_a_court_is_closed() {
    let l = vec![[0.0, 0.0], [20.0, 0.0], [20.0, 8.0], [8.0, 8.0], [8.0, 20.0], [0.0, 20.0]];
    let solid = made(&[l], |x, y| {
        let (one, other) = (58.0 - 0.6 * (y - 4.0).abs(), 58.0 - 0.6 * (x - 4.0).abs());
        if x < 8.0 && y < 8.0 {
            one.max(other).min(58.0)
        } else if y < 8.0 {
            one
        } else {
            other
        }
    });
    assert_eq!(solid.detail, Detail::Lod22);
    let court = vec![
        vec![[0.0, 0.0], [30.0, 0.0], [30.0, 30.0], [0.0, 30.0]],
        vec![[10.0, 10.0], [10.0, 20.0], [20.0, 20.0], [20.0, 10.0]],
    ];
    let solid = made(&court, |_, _| 60.0);
    assert_eq!(solid.faces.len(), 10);
    assert!((solid.volume() - 8000.0).abs() < 20.0, "{}", solid.volume());
}

#[test]
fn what_no_plane_fits_is_a_block() {
    let dome = |x: f64, y: f64| 58.0 - 0.1 * ((x - 7.0).powi(2) + (y - 6.0).powi(2));
    let solid = made(&[BOX.to_vec()], |x, y| dome(x, y) + 1.2 * ((x * 2.1).sin() * (y * 1.7).cos()));
    assert_eq!((solid.detail, solid.faces.len()), (Detail::Lod12, 6));
    // Volume under the dome over the box of 12 by 8 m about (7, 6), above the ground at 50 m; its waves cancel out.
    let exact = 96.0 * (8.0 - 0.1 * (12.0_f64.powi(2) + 8.0_f64.powi(2)) / 12.0);
    assert!((solid.volume() - exact).abs() < 0.01 * exact, "{} {exact}", solid.volume());
    let none = Outline { rings: &[BOX.to_vec()], points: &[], ground: 50.0, top: 57.0 };
    let solid = super::solid(&none, &SolidParams::default()).unwrap();
    assert!((solid.volume() - 96.0 * 7.0).abs() < 1e-9 && solid.fitted.is_none());
    let line = [vec![[0.0, 0.0], [1.0, 1.0]]];
    assert!(
        super::solid(&Outline { rings: &line, points: &[], ground: 0.0, top: 3.0 }, &SolidParams::default())
            .is_none()
    );
}

/// Whatever the roof, what is given is closed, outward and above its ground.
#[test]
fn any_roof_gives_a_closed_solid() {
    let mut state = 5_u64;
    let mut chance = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    let (mut detailed, mut all) = (0, 0);
    for _ in 0..120 {
        let angle = chance() * 3.0;
        let (c, s) = (angle.cos(), angle.sin());
        let (w, d, cut) = (6.0 + 14.0 * chance(), 6.0 + 14.0 * chance(), 2.0 + 3.0 * chance());
        let ring: Vec<[f64; 2]> =
            [[0.0, 0.0], [w, 0.0], [w, d - cut], [w - cut, d - cut], [w - cut, d], [0.0, d]]
                .iter()
                .map(|[u, v]| [30.0 + u * c - v * s, 30.0 + u * s + v * c])
                .collect();
        let planes: Vec<[f64; 3]> = (0..1 + (chance() * 5.0) as usize)
            .map(|_| [chance() - 0.5, chance() - 0.5, 60.0 + 6.0 * chance()])
            .collect();
        let lowest = chance() < 0.5;
        let height = |x: f64, y: f64| {
            let heights = planes.iter().map(|p| p[2] + p[0] * (x - 30.0) + p[1] * (y - 30.0));
            if lowest { heights.fold(f64::MAX, f64::min) } else { heights.fold(f64::MIN, f64::max) }.max(52.0)
        };
        let solid = made(&[ring], height);
        detailed += usize::from(solid.detail == Detail::Lod22);
        all += 1;
        assert!(solid.vertices.iter().all(|at| at[2] >= 50.0));
    }
    assert!(detailed * 10 >= all * 7, "{detailed} of {all} in detail");
}
