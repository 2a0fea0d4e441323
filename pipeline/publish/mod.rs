//! A finished folder of results → what people open: a page, a report, and a small server for both.
//!
//! Nothing is measured here: every figure comes from the files that the run wrote.

pub mod view;
