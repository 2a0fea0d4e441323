//! Checks that all adds up: what is compared, by how much it differs, and the fault where that is too much.

use super::mesh::Area;
use super::survey::Survey;
use crate::fault;
use crate::text;
use crate::text::{Fault, Text};

/// One identity, over all zones.
#[derive(Debug, Clone)]
pub struct Closure {
    /// What should equal what.
    pub identity: Text,
    /// Largest difference.
    pub worst: Area,
    /// Where.
    pub place: String,
    /// How often it was checked.
    pub checks: usize,
}

/// Sums must close to a square metre.
pub const TOLERANCE: f64 = 1.0;

impl Closure {
    /// An identity that was not checked yet.
    pub fn new(identity: Text) -> Closure {
        Closure { identity, worst: Area::default(), place: String::new(), checks: 0 }
    }

    /// Compares two sums.
    pub fn check(&mut self, one: Area, other: Area, place: &str) {
        let difference = (one - other).abs();
        self.checks += 1;
        if difference > self.worst {
            (self.worst, self.place) = (difference, place.to_owned());
        }
    }
}

/// The zones' sums against those of all zones together; not checked where zones overlap.
pub fn adds_up<T>(survey: &Survey, zones: &[T], together: &T, picks: &[&dyn Fn(&T) -> Area]) -> Closure {
    let mut sums = Closure::new(text!(fr: "Σ des zones = ensemble", en: "Σ of the zones = all together"));
    if !survey.overlapping() {
        for pick in picks {
            sums.check(zones.iter().map(pick).sum(), pick(together), "Σ");
        }
    }
    sums
}

/// Refuses sums that do not close.
///
/// # Errors
/// Where a difference is above [`TOLERANCE`].
pub fn enforce(closures: &[Closure]) -> Result<(), Fault> {
    match closures.iter().find(|closure| closure.worst.square_metres() > TOLERANCE) {
        None => Ok(()),
        Some(Closure { identity, worst, place, .. }) => {
            let (fr, en, worst) = (&identity.fr, &identity.en, worst.square_metres());
            Err(fault!(
                fr: "Les sommes ne ferment pas ({fr}, {place} : {worst:.2} m² d'écart) ; rien n'est écrit, signalez-le avec les données",
                en: "The sums do not close ({en}, {place}: {worst:.2} m² apart); nothing is written, report it with the data",
            ))
        }
    }
}
