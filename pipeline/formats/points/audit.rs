//! What only the whole cloud can tell: whether header and points agree.
//!
//! In: each decoded batch, in any order and from any thread. Out: warnings. Damage is found chunk by chunk
//! and is a fault; what remains here is a stale header, which many sound files have.

use super::batch::Batch;
use super::header::Header;
use crate::text;
use crate::text::Text;

/// Sums over batches; those of several threads are merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// Points seen.
    pub count: u64,
    /// Points by return number, 0 to 15.
    pub by_return: [u64; 16],
    /// Points whose return number is above the number of returns.
    pub odd_returns: u64,
    /// Smallest raw x, y, z.
    pub low: [i32; 3],
    /// Largest raw x, y, z.
    pub high: [i32; 3],
}

impl Default for Audit {
    fn default() -> Audit {
        Audit { count: 0, by_return: [0; 16], odd_returns: 0, low: [i32::MAX; 3], high: [i32::MIN; 3] }
    }
}

impl Audit {
    /// Takes a batch into account.
    pub fn add(&mut self, batch: &Batch) {
        let Batch { by_return, odd_returns, low, high, .. } = batch;
        let (count, by_return, odd_returns) = (batch.len() as u64, *by_return, *odd_returns);
        self.merge(&Audit { count, by_return, odd_returns, low: *low, high: *high });
    }

    /// Takes the sums of another thread into account.
    pub fn merge(&mut self, other: &Audit) {
        if other.count == 0 {
            return;
        }
        self.count += other.count;
        self.odd_returns += other.odd_returns;
        for (sum, number) in self.by_return.iter_mut().zip(other.by_return) {
            *sum += number;
        }
        for axis in 0..3 {
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
    }

    /// Where all points of a file were added: what its header says wrongly.
    pub(super) fn compare(&self, header: &Header) -> Vec<Text> {
        let mut warnings = header.warnings.clone();
        if self.count != header.count || self.count == 0 {
            return warnings;
        }
        let told: u64 = header.by_return.iter().sum();
        if told > 0 && self.by_return[1..] != header.by_return {
            warnings.push(text!(
                fr: "l'en-tête compte mal les points par retour (en-tête périmé)",
                en: "the header miscounts the points by return (a stale header)"
            ));
        }
        if self.odd_returns > 0 {
            let odd = self.odd_returns;
            warnings.push(text!(
                fr: "{odd} points ont un numéro de retour supérieur au nombre de retours",
                en: "{odd} points have a return number above their number of returns"
            ));
        }
        for axis in 0..3 {
            let short = i64::from(self.low[axis]) - i64::from(header.raw_low[axis]) > 1
                || i64::from(header.raw_high[axis]) - i64::from(self.high[axis]) > 1;
            if short {
                let name = ['x', 'y', 'z'][axis];
                warnings.push(text!(
                    fr: "les bornes en {name} de l'en-tête ne sont pas atteintes (fichier découpé ou incomplet)",
                    en: "the bounds of {name} in the header are not reached (a file cut out or incomplete)"
                ));
            }
        }
        warnings
    }
}
