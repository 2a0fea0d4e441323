//! The pure methods of ilot: values in, values out; no file, no path, no log.
//!
//! The nouns come first, then the verbs in the order in which data flows. One verb is one file and one
//! method from the literature; its header names the paper, its limits and its cost.
//!
//! | verb | method | cost |
//! |---|---|---|
//! | [`buckets`] | counting sort into square buckets, pyramid of coarser cells | 25 ns a point |
//! | [`tin`] | linear interpolation in the Delaunay triangulation, found locally (dual simplex) | 0.35 µs a cell |
//! | [`nearest`] | distance to the nearest point, branch and bound over the pyramid | 0.13 µs a cell |

// The nouns.
pub mod extent;
pub mod frame;
pub mod grid;
pub mod points;
pub mod unit;

// The verbs, in flow order.
pub mod buckets;
mod facet;
pub mod nearest;
pub mod tin;
