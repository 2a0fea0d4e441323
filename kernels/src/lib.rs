//! The pure methods of ilot: values in, values out; no file, no path, no log.
//!
//! The nouns come first, then the verbs in the order in which data flows. One verb is one file and one
//! method from the literature; its header names the paper, its limits and its cost.
//!
//! | verb | method | cost |
//! |---|---|---|

// The nouns.
pub mod extent;
pub mod frame;
pub mod grid;
pub mod points;
pub mod unit;

// The verbs, in flow order.
pub mod production;
pub mod spike_free;
