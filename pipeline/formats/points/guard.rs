//! A last resort around somebody else's decoder.
//!
//! The `laz` crate was not written for hostile bytes; the streams of point formats 0 to 5 go through it. A
//! panic in there must be a fault of that file, not the end of a run over a thousand others, and must not
//! write on the user's terminal. No such panic is known; fuzzing, which runs without this guard, looks for
//! them.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The result of `work`, or `None` where it panicked. Its captured state must not be used after that.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    if cfg!(fuzzing) {
        return Some(work());
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            if !QUIET.get() {
                loud(about);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_nothing_and_the_next_call_works() {
        let empty: Vec<u8> = Vec::new();
        assert_eq!(super::quietly(|| empty[0]), None);
        assert_eq!(super::quietly(|| 7), Some(7));
    }
}
