//! The Universal Thermal Climate Index: how hot it feels, as the air temperature of a reference room.
//!
//! In: air temperature, humidity, wind at 10 m, mean radiant temperature. Out: °C. The index is the polynomial of sixth
//! degree of Bröde et al. 2012, 10.1007/s00484-011-0454-1 (operational procedure, UTCI_a002), over air temperature, wind,
//! vapour pressure and the excess of the mean radiant temperature; the saturation pressure is Hardy's of 1998, as there.
//!
//! One hour has one air, so that its polynomial is one of the radiant excess alone ([`Feeling`]): 7 coefficients.
//!
//! Accuracy: of the polynomial against the model behind it 1.1 K (Bröde). Fails where: outside of its range (air −50 to
//! 50 °C, excess −30 to 70 K, wind 0.5 to 17 m/s, 5 kPa), where there is no value. Cost: 2 ns a cell.

/// The air of one hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Air {
    /// °C.
    pub temperature: f64,
    /// Relative humidity, %.
    pub humidity: f64,
    /// Wind 10 m above the ground, m/s.
    pub wind: f64,
}

/// The index of one hour, as a polynomial of the radiant excess.
#[derive(Debug, Clone, Copy)]
pub struct Feeling {
    temperature: f64,
    powers: [f64; DEGREE + 1],
}

/// Degree of the polynomial in all four variables together.
const DEGREE: usize = 6;

/// Vapour pressure beyond which the polynomial was not fitted, kPa.
const MOST_VAPOUR: f64 = 5.0;

impl Feeling {
    /// The index in this air; `None` where the polynomial does not hold.
    pub fn new(air: &Air) -> Option<Feeling> {
        let vapour = saturation_pressure(air.temperature) * air.humidity / 100.0;
        let holds = (-50.0..=50.0).contains(&air.temperature)
            && (0.5..=17.0).contains(&air.wind)
            && (0.0..=100.0).contains(&air.humidity)
            && vapour <= MOST_VAPOUR;
        if !holds {
            return None;
        }
        let mut powers = [0.0; DEGREE + 1];
        let mut coefficients = COEFFICIENTS.iter();
        for p in 0..=DEGREE {
            for (d, power) in powers.iter_mut().enumerate().take(DEGREE - p + 1) {
                let mut sum = 0.0;
                for v in 0..=(DEGREE - p - d) {
                    let row = (0..=(DEGREE - p - d - v)).map(|t| air.temperature.powi(t as i32));
                    let row: f64 = row.zip(coefficients.by_ref()).map(|(power, factor)| power * factor).sum();
                    sum += row * air.wind.powi(v as i32);
                }
                *power += sum * vapour.powi(p as i32);
            }
        }
        Some(Feeling { temperature: air.temperature, powers })
    }

    /// The index at a mean radiant temperature, °C; no number outside of the polynomial's range.
    #[inline]
    pub fn at(&self, radiant: f64) -> f64 {
        let excess = radiant - self.temperature;
        if !(-30.0..=70.0).contains(&excess) {
            return f64::NAN;
        }
        self.temperature + self.powers.iter().rev().fold(0.0, |sum, power| sum * excess + power)
    }
}

/// Pressure of saturated vapour over water, kPa (Hardy 1998, after ITS-90).
pub fn saturation_pressure(celsius: f64) -> f64 {
    const G: [f64; 7] = [
        -2_836.574_4,
        -6_028.076_559,
        19.542_636_12,
        -0.027_378_301_88,
        0.000_016_261_698,
        7.022_905_6e-10,
        -1.868_000_9e-13,
    ];
    let kelvin = celsius + 273.15;
    let terms = G.iter().zip(-2..).map(|(factor, power)| factor * kelvin.powi(power));
    (2.715_030_5 * kelvin.ln() + terms.sum::<f64>()).exp() / 1000.0
}

/// Factors of the polynomial, as published.
#[rustfmt::skip]
#[allow(clippy::unreadable_literal, reason = "as published")]
const COEFFICIENTS: [f64; 210] = [
    // vapour pressure^0, radiant excess^0: rows by wind speed, columns by air temperature.
    0.607562052, -0.0227712343, 8.06470249e-4, -1.54271372e-4, -3.24651735e-6, 7.32602852e-8, 1.35959073e-9,
    -2.2583652, 0.0880326035, 0.00216844454, -1.53347087e-5, -5.72983704e-7, -2.55090145e-9,
    -0.751269505, -0.00408350271, -5.21670675e-5, 1.94544667e-6, 1.14099531e-8,
    0.158137256, -6.57263143e-5, 2.22697524e-7, -4.16117031e-8,
    -0.0127762753, 9.66891875e-6, 2.52785852e-9,
    4.56306672e-4, -1.74202546e-7,
    -5.91491269e-6,
    // vapour pressure^0, radiant excess^1: rows by wind speed, columns by air temperature.
    0.398374029, 1.83945314e-4, -1.7375451e-4, -7.60781159e-7, 3.77830287e-8, 5.43079673e-10,
    -0.0200518269, 8.92859837e-4, 3.45433048e-6, -3.77925774e-7, -1.69699377e-9,
    1.69992415e-4, -4.99204314e-5, 2.47417178e-7, 1.07596466e-8,
    8.49242932e-5, 1.35191328e-6, -6.21531254e-9,
    -4.99410301e-6, -1.89489258e-8,
    8.15300114e-8,
    // vapour pressure^0, radiant excess^2: rows by wind speed, columns by air temperature.
    7.5504309e-4, -5.65095215e-5, -4.52166564e-7, 2.46688878e-8, 2.42674348e-10,
    1.5454725e-4, 5.2411097e-6, -8.75874982e-8, -1.50743064e-9,
    -1.56236307e-5, -1.33895614e-7, 2.49709824e-9,
    6.51711721e-7, 1.94960053e-9,
    -1.00361113e-8,
    // vapour pressure^0, radiant excess^3: rows by wind speed, columns by air temperature.
    -1.21206673e-5, -2.1820366e-7, 7.51269482e-9, 9.79063848e-11,
    1.25006734e-6, -1.81584736e-9, -3.52197671e-10,
    -3.3651463e-8, 1.35908359e-10,
    4.1703262e-10,
    // vapour pressure^0, radiant excess^4: rows by wind speed, columns by air temperature.
    -1.30369025e-9, 4.13908461e-10, 9.22652254e-12,
    -5.08220384e-9, -2.24730961e-11,
    1.17139133e-10,
    // vapour pressure^0, radiant excess^5: rows by wind speed, columns by air temperature.
    6.62154879e-10, 4.0386326e-13,
    1.95087203e-12,
    // vapour pressure^0, radiant excess^6: rows by wind speed, columns by air temperature.
    -4.73602469e-12,
    // vapour pressure^1, radiant excess^0: rows by wind speed, columns by air temperature.
    5.12733497, -0.312788561, -0.0196701861, 9.9969087e-4, 9.51738512e-6, -4.66426341e-7,
    0.548050612, -0.00330552823, -0.0016411944, -5.16670694e-6, 9.52692432e-7,
    -0.0429223622, 0.00500845667, 1.00601257e-6, -1.81748644e-6,
    -1.25813502e-3, -1.79330391e-4, 2.34994441e-6,
    1.29735808e-4, 1.2906487e-6,
    -2.28558686e-6,
    // vapour pressure^1, radiant excess^1: rows by wind speed, columns by air temperature.
    -0.0369476348, 0.00162325322, -3.1427968e-5, 2.59835559e-6, -4.77136523e-8,
    8.6420339e-3, -6.87405181e-4, -9.13863872e-6, 5.15916806e-7,
    -3.59217476e-5, 3.28696511e-5, -7.10542454e-7,
    -1.243823e-5, -7.385844e-9,
    2.20609296e-7,
    // vapour pressure^1, radiant excess^2: rows by wind speed, columns by air temperature.
    -7.3246918e-4, -1.87381964e-5, 4.80925239e-6, -8.7549204e-8,
    2.7786293e-5, -5.06004592e-6, 1.14325367e-7,
    2.53016723e-6, -1.72857035e-8,
    -3.95079398e-8,
    // vapour pressure^1, radiant excess^3: rows by wind speed, columns by air temperature.
    -3.59413173e-7, 7.04388046e-7, -1.89309167e-8,
    -4.79768731e-7, 7.96079978e-9,
    1.62897058e-9,
    // vapour pressure^1, radiant excess^4: rows by wind speed, columns by air temperature.
    3.94367674e-8, -1.18566247e-9,
    3.34678041e-10,
    // vapour pressure^1, radiant excess^5: rows by wind speed, columns by air temperature.
    -1.15606447e-10,
    // vapour pressure^2, radiant excess^0: rows by wind speed, columns by air temperature.
    -2.80626406, 0.548712484, -0.0039942841, -9.54009191e-4, 1.93090978e-5,
    -0.308806365, 0.0116952364, 4.95271903e-4, -1.90710882e-5,
    0.00210787756, -6.98445738e-4, 2.30109073e-5,
    4.1785659e-4, -1.27043871e-5,
    -3.04620472e-6,
    // vapour pressure^2, radiant excess^1: rows by wind speed, columns by air temperature.
    0.0514507424, -0.00432510997, 8.99281156e-5, -7.14663943e-7,
    -2.66016305e-4, 2.63789586e-4, -7.01199003e-6,
    -1.06823306e-4, 3.61341136e-6,
    2.29748967e-7,
    // vapour pressure^2, radiant excess^2: rows by wind speed, columns by air temperature.
    3.04788893e-4, -6.42070836e-5, 1.16257971e-6,
    7.68023384e-6, -5.47446896e-7,
    -3.5993791e-8,
    // vapour pressure^2, radiant excess^3: rows by wind speed, columns by air temperature.
    -4.36497725e-6, 1.68737969e-7,
    2.67489271e-8,
    // vapour pressure^2, radiant excess^4: rows by wind speed, columns by air temperature.
    3.23926897e-9,
    // vapour pressure^3, radiant excess^0: rows by wind speed, columns by air temperature.
    -0.0353874123, -0.22120119, 0.0155126038, -2.63917279e-4,
    0.0453433455, -0.00432943862, 1.45389826e-4,
    2.1750861e-4, -6.66724702e-5,
    3.3321714e-5,
    // vapour pressure^3, radiant excess^1: rows by wind speed, columns by air temperature.
    -0.00226921615, 3.80261982e-4, -5.45314314e-9,
    -7.96355448e-4, 2.53458034e-5,
    -6.31223658e-6,
    // vapour pressure^3, radiant excess^2: rows by wind speed, columns by air temperature.
    3.02122035e-4, -4.77403547e-6,
    1.73825715e-6,
    // vapour pressure^3, radiant excess^3: rows by wind speed, columns by air temperature.
    -4.09087898e-7,
    // vapour pressure^4, radiant excess^0: rows by wind speed, columns by air temperature.
    0.614155345, -0.0616755931, 0.00133374846,
    0.00355375387, -5.13027851e-4,
    1.02449757e-4,
    // vapour pressure^4, radiant excess^1: rows by wind speed, columns by air temperature.
    -0.00148526421, -4.11469183e-5,
    -6.80434415e-6,
    // vapour pressure^4, radiant excess^2: rows by wind speed, columns by air temperature.
    -9.77675906e-6,
    // vapour pressure^5, radiant excess^0: rows by wind speed, columns by air temperature.
    0.0882773108, -0.00301859306,
    0.00104452989,
    // vapour pressure^5, radiant excess^1: rows by wind speed, columns by air temperature.
    2.47090539e-4,
    // vapour pressure^6, radiant excess^0: rows by wind speed, columns by air temperature.
    0.00148348065,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn index(temperature: f64, humidity: f64, radiant: f64, wind: f64) -> f64 {
        Feeling::new(&Air { temperature, humidity, wind }).expect("within the range").at(radiant)
    }

    /// UMEP's own tests, which pythermalcomfort 4.8.1 reproduces to 1e-4.
    #[test]
    fn the_index_is_that_of_others() {
        for (temperature, humidity, radiant, wind, expected) in [
            (20.0, 50.0, 22.0, 1.5, 19.3836),
            (35.0, 40.0, 55.0, 1.0, 40.3799),
            (5.0, 70.0, 2.0, 3.0, -2.2280),
            (30.0, 85.0, 38.0, 0.5, 36.3411),
            (25.0, 60.0, 30.0, 8.0, 20.1681),
            (25.0, 45.0, 60.0, 2.0, 32.8293),
            (25.0, 50.0, 25.0, 1.0, 24.6121),
        ] {
            let own = index(temperature, humidity, radiant, wind);
            assert!((own - expected).abs() < 1e-3, "{own}, not {expected}");
        }
    }

    #[test]
    fn outside_of_its_range_there_is_none() {
        let air = Air { temperature: 25.0, humidity: 50.0, wind: 1.0 };
        assert!(Feeling::new(&Air { wind: 0.2, ..air }).is_none());
        assert!(Feeling::new(&Air { temperature: 55.0, ..air }).is_none());
        assert!(Feeling::new(&Air { temperature: 45.0, humidity: 90.0, ..air }).is_none(), "8.6 kPa");
        assert!(Feeling::new(&air).unwrap().at(96.0).is_nan());
    }
}
