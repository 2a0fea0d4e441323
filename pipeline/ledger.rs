//! The memory budget: how many bytes tiles in flight may hold.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Counts the bytes of the tiles that are being finished, and makes the reader wait for room.
pub struct Ledger {
    budget: u64,
    inner: Arc<Inner>,
}

struct Inner {
    taken: Mutex<u64>,
    freed: Condvar,
}

/// Bytes that are given back when this is dropped.
pub struct Room {
    bytes: u64,
    inner: Arc<Inner>,
}

impl Ledger {
    /// A budget of so many bytes.
    pub fn new(budget: u64) -> Ledger {
        Ledger { budget, inner: Arc::new(Inner { taken: Mutex::new(0), freed: Condvar::new() }) }
    }

    /// Takes room for a tile that is being finished.
    pub fn take(&self, bytes: u64) -> Room {
        *self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner) += bytes;
        Room { bytes, inner: Arc::clone(&self.inner) }
    }

    /// Waits until what is being finished and `held` fit into the budget, or nothing is being finished.
    pub fn wait_for_room(&self, held: u64) {
        let mut taken = self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken > 0 && *taken + held > self.budget {
            taken = self.inner.freed.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        *self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.inner.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_waits_until_there_is_room() {
        let ledger = Ledger::new(100);
        let room = ledger.take(90);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ledger.wait_for_room(20));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            drop(room);
        });
        ledger.wait_for_room(1000);
    }
}
