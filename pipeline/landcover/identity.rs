//! Names of features by their place, the same for any tiling and any run over the same points.

/// Digits of a number below 46,656 in base 36.
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// `0770_6278_0YA2GF`: the kilometre square, named by its north-west corner as IGN's tiles are, then decimetres eastwards
/// and southwards from that corner, three digits of base 36 each. A square holds its west and its north edge.
pub fn of_place(x: f64, y: f64) -> String {
    // Positions are whole centimetres or cells: a millionth of a metre keeps their binary rounding from deciding.
    let (west, north) = (((x + 1e-6) / 1000.0).floor(), ((y - 1e-6) / 1000.0).ceil());
    let decimetres = |metres: f64| ((metres + 1e-6) * 10.0).floor().clamp(0.0, 9999.0) as usize;
    let digits = |number: usize| {
        [number / 1296 % 36, number / 36 % 36, number % 36].map(|digit| char::from(DIGITS[digit]))
    };
    let (east, south) = (digits(decimetres(x - west * 1000.0)), digits(decimetres(north * 1000.0 - y)));
    format!("{west:04}_{north:04}_{}", east.iter().chain(&south).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_by_its_kilometre_and_decimetres() {
        assert_eq!(of_place(770_000.0, 6_278_000.0), "0770_6278_000000");
        assert_eq!(of_place(770_123.4, 6_277_876.6), "0770_6278_0YA0YA");
        assert_eq!(of_place(770_999.99, 6_277_000.01), "0770_6278_7PR7PR");
        assert_eq!(of_place(771_000.0, 6_277_000.0), "0771_6277_000000");
    }

    #[test]
    fn places_a_decimetre_apart_differ() {
        let names: std::collections::BTreeSet<String> =
            (0..10_000).map(|step| of_place(770_000.0 + f64::from(step) / 10.0, 6_277_500.0)).collect();
        assert_eq!(names.len(), 10_000);
    }
}
