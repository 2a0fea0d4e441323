//! What the program must agree with: other programs' results, known truths, and itself on other tilings.
//!
//! Tests that need the shared data find it through `ILOT_DATA` and say so where it is unset.

mod clouds;
mod production;
mod spike_free;
