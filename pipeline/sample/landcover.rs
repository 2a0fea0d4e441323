//! Land cover and use of two dates, as OCS GE has them, and the figures of soil sealing that follow.
//!
//! Each face of the plan has a cover and a use at both dates ([`super::town::Land`]); faces of one code that
//! touch are one polygon. The polygons of a date cover the sample once. Whether a polygon is *artificialisé* is
//! read from the matrix of cover and use (decree 2023-1096, annex to R. 101-1 of the Code de l'urbanisme),
//! without the decree's thresholds of area. Minimal areas of collection are not applied: a shed of 10 m² is
//! there. Cost: some milliseconds.

use super::partition::Partition;
use super::town::{Face, Ground, Land, Town, Usage};

/// The two dates.
pub const YEARS: [u32; 2] = [2018, 2021];
/// INSEE-like codes of the two communes; no commune bears them.
pub const COMMUNES: [(&str, &str); 2] = [("35998", "Ville-Exemple"), ("35999", "Outre-Rivière")];

/// Cover and use of a face at date 0 or 1.
pub fn codes(face: &Face, date: usize) -> (&'static str, &'static str) {
    if face.deck {
        return (Ground::Asphalt.cover_code(), Usage::Road.use_code());
    }
    let land: Land = if date == 0 { face.before.unwrap_or(face.now) } else { face.now };
    (land.ground.cover_code(), land.usage.use_code())
}

/// Whether cover and use together are *artificialisé* by the matrix.
pub fn artificialised(cover: &str, usage: &str) -> bool {
    match cover {
        "CS1.1.1.1" | "CS1.1.1.2" | "CS1.1.2.2" => true,
        "CS1.1.2.1" => usage != "US1.3",
        "CS2.2.1" | "CS2.2.2" => {
            ["US2", "US3", "US5", "US235", "US6.1", "US6.2"].contains(&usage) || usage.starts_with("US4")
        }
        _ => false,
    }
}

/// Whether a cover is impermeable.
pub fn impermeable(cover: &str) -> bool {
    matches!(cover, "CS1.1.1.1" | "CS1.1.1.2")
}

/// Areas of one commune, m².
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Balance {
    /// Area of the commune within the sample.
    pub area: f64,
    /// Artificialised at both dates.
    pub artificialised: [f64; 2],
    /// Impermeable at both dates.
    pub impermeable: [f64; 2],
    /// Artificialised at the second date only.
    pub gain: f64,
    /// Artificialised at the first date only.
    pub loss: f64,
    /// Impermeable at the second date only.
    pub sealed: f64,
    /// Impermeable at the first date only.
    pub unsealed: f64,
}

/// The balance of each commune: sums over the faces, exact to the rounding of corners to millimetres.
pub fn balances(town: &Town, partition: &Partition) -> [Balance; 2] {
    let mut balances = [Balance::default(); 2];
    for (number, face) in town.faces.iter().enumerate() {
        let area = partition.square_metres(number);
        let balance = &mut balances[face.commune];
        balance.area += area;
        let both = [codes(face, 0), codes(face, 1)];
        let artificial = both.map(|(cover, usage)| artificialised(cover, usage));
        let sealed = both.map(|(cover, _)| impermeable(cover));
        for date in 0..2 {
            balance.artificialised[date] += if artificial[date] { area } else { 0.0 };
            balance.impermeable[date] += if sealed[date] { area } else { 0.0 };
        }
        balance.gain += if !artificial[0] && artificial[1] { area } else { 0.0 };
        balance.loss += if artificial[0] && !artificial[1] { area } else { 0.0 };
        balance.sealed += if !sealed[0] && sealed[1] { area } else { 0.0 };
        balance.unsealed += if sealed[0] && !sealed[1] { area } else { 0.0 };
    }
    balances
}

/// `zan_flux.csv` and `zan_state.csv`.
pub fn tables(balances: &[Balance; 2]) -> (String, String) {
    let [first, second] = YEARS;
    let mut state = "commune,annee,surface_m2,artificialisee_m2,impermeable_m2\n".to_string();
    let mut flux = "commune,de,a,artificialisation_m2,desartificialisation_m2,artificialisation_nette_m2,\
                    impermeabilisation_m2,desimpermeabilisation_m2\n"
        .to_string();
    for (balance, (insee, _)) in balances.iter().zip(COMMUNES) {
        for (date, year) in YEARS.iter().enumerate() {
            let Balance { area, artificialised, impermeable, .. } = balance;
            let (artificial, sealed) = (artificialised[date], impermeable[date]);
            state += &format!("{insee},{year},{area:.3},{artificial:.3},{sealed:.3}\n");
        }
        let Balance { gain, loss, sealed, unsealed, .. } = balance;
        let net = gain - loss;
        flux += &format!("{insee},{first},{second},{gain:.3},{loss:.3},{net:.3},{sealed:.3},{unsealed:.3}\n");
    }
    (state, flux)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_that_of_the_decree() {
        assert!(artificialised("CS1.1.1.1", "US1.1"));
        assert!(artificialised("CS2.2.1", "US4.1.1") && artificialised("CS2.2.1", "US6.2"));
        assert!(!artificialised("CS2.2.1", "US1.1") && !artificialised("CS2.2.1", "US6.3"));
        assert!(!artificialised("CS2.1.1.1", "US5") && !artificialised("CS1.1.2.1", "US1.3"));
    }
}
