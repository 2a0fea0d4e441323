//! Waiting.
use crate::frame::Frame; use crate::grid::Grid; use crate::points::Points; use crate::unit::Metres;
/// P
#[derive(Default)]
pub struct SpikeFreeParams;
impl SpikeFreeParams { /// h
pub fn halo(&self)->Metres { Metres(10.0) } }
/// s
pub fn surface(_: &Points, f: &Frame, _: &SpikeFreeParams) -> Grid<f32> { Grid::filled(*f, f32::NAN) }
