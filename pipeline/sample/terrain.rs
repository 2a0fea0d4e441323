//! The terrain: one smooth formula, so that its height is known at any place.
//!
//! Positions are in the frame of the plan: origin at the middle of the bridge, `u` downstream along the
//! valley, `v` to the north bank. Heights are metres NGF-IGN69. A river winds along `v = river(u)` and falls
//! by 2 mm a metre; its banks rise to the level of the quays, the sides of the valley rise beyond, with
//! gentle hills. Within the water's edge the ground is the water surface; there is a step of
//! [`FREEBOARD`] at the edge itself. Source: our own formula, written out in the sample's README.

use super::shape::Xy;

/// Half the width of the water, metres.
pub const HALF_WATER: f64 = 7.0;
/// Half the width between the tops of the banks, metres.
pub const HALF_BANKS: f64 = 14.0;
/// The lowest bank above the water, metres.
pub const FREEBOARD: f64 = 0.25;
/// Height of the quays above the water's edge, metres.
const BANK_RISE: f64 = 3.2;
/// Height of the hillsides above the quays, metres.
const HILL_RISE: f64 = 14.0;
/// Distance over which the hillsides rise, metres.
const HILL_REACH: f64 = 230.0;

/// Where the middle of the river runs.
pub fn river(u: f64) -> f64 {
    4.0 * (u / 70.0).sin() + 2.0 * (u / 31.0 + 1.0).sin() - 1.7
}

/// Height of the water surface.
pub fn water(u: f64) -> f64 {
    62.0 - 0.002 * u
}

/// Height of the ground beside the river, were there no water.
pub fn ground(at: Xy) -> f64 {
    let [u, v] = at;
    let away = v - river(u);
    let side = if away > 0.0 { 1.0 } else { 0.72 };
    let d = away.abs();
    let bank = FREEBOARD + BANK_RISE * smooth(HALF_WATER, HALF_BANKS, d);
    let hill = side * HILL_RISE * (1.0 - (-(d / HILL_REACH).powi(2)).exp());
    let far = smooth(20.0, 90.0, d);
    let rolling = 1.3 * (u / 92.0 + 0.5).sin() * (v / 77.0).sin() + 0.3 * (u / 24.0).sin() * (v / 21.0).cos();
    water(u) + bank + hill + far * rolling
}

/// 0 before `from`, 1 after `to`, a smooth step between (3 t² − 2 t³).
pub fn smooth(from: f64, to: f64, x: f64) -> f64 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_a_small_town() {
        let mut steepest = 0.0f64;
        for i in -60..60 {
            for j in -60..60 {
                let (u, v) = (f64::from(i) * 8.0, f64::from(j) * 8.0);
                if (v - river(u)).abs() < HALF_BANKS {
                    continue;
                }
                let east = ground([u + 0.5, v]) - ground([u - 0.5, v]);
                let north = ground([u, v + 0.5]) - ground([u, v - 0.5]);
                steepest = steepest.max(east.hypot(north));
            }
        }
        assert!(steepest > 0.05 && steepest < 0.18, "steepest street {steepest}");
    }

    #[test]
    fn banks_stand_above_the_water() {
        for u in -500..500 {
            let u = f64::from(u);
            let edge = ground([u, river(u) + HALF_WATER]) - water(u);
            let top = ground([u, river(u) - HALF_BANKS]) - water(u);
            assert!(edge > FREEBOARD - 1e-9 && edge < FREEBOARD + 0.05, "edge {edge} at {u}");
            assert!(top > 3.4 && top < 3.6, "bank {top} at {u}");
        }
    }
}
