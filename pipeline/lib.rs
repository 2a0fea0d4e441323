//! The pipeline of ilot: it reads, calls kernels and writes.

pub mod formats;
pub mod sample;
pub mod text;
