//! What each raster product would show if nothing were lost: the model, asked at the cells' centres.
//!
//! Elevation at 0.5 m by nodes (cell centres on multiples of the cell size), cover at 1 m and shares at 10 m by
//! cells (edges on multiples). Elevation and cover are exact at the centres; `imperviousness` is the exact area
//! inside the cell (polygons clipped); `canopy` counts 1600 positions a cell. Cost: 1 s of CPU a square
//! kilometre for elevation, 3 s for canopy.

use ilot_kernels::extent::Extent;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use rayon::prelude::*;

use super::model::Model;
use super::shape::{Convex, Edge, Xy};
use super::town::Ground;
use super::{SOUTH, WEST};

/// Leaves lower than this above the ground are herbs, metres.
pub const SHRUB: f64 = 0.5;
/// Leaves of this height above the ground and more are trees, metres.
pub const TREE: f64 = 3.0;

/// Classes of the `cover` product: the codes that the kernel decides on.
pub use ilot_kernels::decide::class as cover;

/// Terrain, first surface and their difference.
#[derive(Debug, Clone)]
pub struct Elevation {
    /// Bare ground; the water's surface on the river.
    pub dtm: Grid<f32>,
    /// First surface from above.
    pub dsm: Grid<f32>,
    /// Their difference.
    pub chm: Grid<f32>,
}

/// Where the sample lies, Lambert-93.
pub fn extent(model: &Model) -> Extent {
    Extent { west: WEST, south: SOUTH, east: WEST + model.size[0], north: SOUTH + model.size[1] }
}

/// The frame of the sample at a cell size.
pub fn frame(model: &Model, cell: f64, registration: Registration) -> Frame {
    Gridding { cell: Metres(cell), registration }.frame(&extent(model))
}

/// A value for each cell centre, row by row on all threads.
fn evaluated<T: Copy + Send>(frame: Frame, value: impl Fn(Xy) -> T + Sync) -> Grid<T> {
    let rows: Vec<Vec<T>> = (0..frame.rows)
        .into_par_iter()
        .map(|row| {
            let y = frame.y(row) - SOUTH;
            (0..frame.cols).map(|col| value([frame.x(col) - WEST, y])).collect()
        })
        .collect();
    Grid::new(frame, rows.concat())
}

/// True terrain, surface and heights above ground.
pub fn elevation(model: &Model) -> Elevation {
    let frame = frame(model, 0.5, Registration::Node);
    let both = evaluated(frame, |p| (model.ground(p), model.surface(p)));
    let of = |pick: fn(&(f64, f64)) -> f64| {
        Grid::new(frame, both.cells().iter().map(|pair| pick(pair) as f32).collect())
    };
    Elevation { dtm: of(|p| p.0), dsm: of(|p| p.1), chm: of(|p| p.1 - p.0) }
}

/// True cover at a position.
pub fn cover_at(model: &Model, p: Xy) -> u8 {
    if model.roof(p).is_some() {
        return cover::BUILDING;
    }
    let face = model.face(p);
    let sealed = face.now.ground.sealed() || face.deck;
    let leaves = model.canopy(p).map_or(0.0, |canopy| canopy.top - model.ground_of(p, face));
    match face.now.ground {
        _ if leaves >= TREE && sealed => cover::TREE_SEALED,
        _ if leaves >= TREE => cover::TREE_PERMEABLE,
        _ if leaves >= SHRUB => cover::SHRUB,
        _ if sealed => cover::SEALED,
        Ground::Gravel => cover::MINERAL,
        Ground::Soil | Ground::Litter => cover::BARE,
        Ground::Water => cover::WATER,
        _ => cover::HERBACEOUS,
    }
}

/// True cover, 1 m.
pub fn cover(model: &Model) -> Grid<u8> {
    evaluated(frame(model, 1.0, Registration::Cell), |p| cover_at(model, p))
}

/// True sealed share, %, 10 m: buildings, asphalt, paving and the bridge, under trees too.
pub fn imperviousness(model: &Model) -> Grid<f32> {
    let frame = frame(model, 10.0, Registration::Cell);
    let mut sealed = vec![0.0f64; frame.len()];
    for face in model.town.faces.iter().filter(|f| f.now.ground.sealed() || f.deck) {
        let (x, y) = (face.shape.span([1.0, 0.0]), face.shape.span([0.0, 1.0]));
        let inside = |v: f64, n: usize| (v / 10.0).floor().clamp(0.0, n as f64 - 1.0) as usize;
        for north in inside(y.0, frame.rows)..=inside(y.1, frame.rows) {
            for col in inside(x.0, frame.cols)..=inside(x.1, frame.cols) {
                let (w, s) = (col as f64 * 10.0, north as f64 * 10.0);
                let ring = vec![[w, s], [w + 10.0, s], [w + 10.0, s + 10.0], [w, s + 10.0]];
                let part = face.shape.clipped(&Convex::new(ring, Edge::Land));
                // Rows run from north to south.
                let row = frame.rows - 1 - north;
                sealed[row * frame.cols + col] += part.map_or(0.0, |part| part.area());
            }
        }
    }
    Grid::new(frame, sealed.iter().map(|&area| area.clamp(0.0, 100.0) as f32).collect())
}

/// True share under leaves of 3 m and more, %, 10 m.
pub fn canopy(model: &Model) -> Grid<f32> {
    let cell = 10.0;
    evaluated(frame(model, cell, Registration::Cell), |centre| {
        let step = cell / 40.0;
        let mut under = 0;
        for i in 0..40 {
            for j in 0..40 {
                let at = |k: i32| (f64::from(k) + 0.5) * step - cell / 2.0;
                let p = [centre[0] + at(i), centre[1] + at(j)];
                let high = |top: f64| top - model.ground(p) >= TREE;
                under += i32::from(model.canopy(p).is_some_and(|canopy| canopy.tree && high(canopy.top)));
            }
        }
        under as f32 / 16.0
    })
}

/// True height of the lowest leaves above the ground, metres, 1 m: missing where there are none.
pub fn crown_base(model: &Model) -> Grid<f32> {
    evaluated(frame(model, 1.0, Registration::Cell), |p| {
        model
            .canopy(p)
            .filter(|canopy| canopy.tree)
            .map_or(f32::NAN, |canopy| (canopy.base - model.ground(p)).max(0.0) as f32)
    })
}
