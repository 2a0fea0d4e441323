//! What is measured on finished maps: figures per zone.

pub mod zonal;
