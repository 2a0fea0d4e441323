//! The doors: bytes ↔ types. No method here.

pub mod aside;
pub mod points;
