//! The doors: bytes ↔ types. No method here.
