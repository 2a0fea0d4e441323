//! The spike-free surface of a town, against the highest points, and cut into tiles.

use ilot::formats::points::Layers;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::grid::Grid;
use ilot_kernels::points::Points;
use ilot_kernels::spike_free::{SpikeFreeParams, surface};
use ilot_kernels::unit::Metres;

use crate::clouds::read;

const TOWN: Extent = Extent { west: 770_550.0, south: 6_277_500.0, east: 770_600.0, north: 6_277_550.0 };

/// A town of 50 m without noise, and the frame over it.
fn town() -> Option<(Points, Frame)> {
    let name = "lidar/montpellier_6x50m/test_data_77055_627755_LA93_IGN69.laz";
    let (points, _) = read(name, Layers::POSITION, |_, _, _: &mut Vec<()>| ())?;
    assert!(points.class.iter().all(|class| ![7, 18, 65].contains(class)), "the file has no noise");
    let frame = Gridding { cell: Metres(0.5), registration: Registration::Cell }.frame(&TOWN);
    Some((points, frame))
}

/// Pairs of the surface and the highest point of each cell that has both.
fn beside_highest(surface: &Grid<f32>, points: &Points) -> Vec<(f32, f32)> {
    let mut highest = Grid::filled(*surface.frame(), f32::NAN);
    for i in 0..points.len() {
        let (x, y) = (points.lattice.easting(points.x[i]), points.lattice.northing(points.y[i]));
        if let Some((row, col)) = surface.frame().locate(x, y) {
            let cell = &mut highest.cells_mut()[row * surface.frame().cols + col];
            *cell = cell.max(points.lattice.height(points.z[i]) as f32);
        }
    }
    let pairs = surface.cells().iter().zip(highest.cells()).map(|(a, b)| (*a, *b));
    pairs.filter(|(a, b)| !a.is_nan() && !b.is_nan()).collect()
}

#[test]
fn few_cells_of_a_town_are_spikes_that_the_sheet_raises() {
    let Some((points, frame)) = town() else { return };
    let pairs = beside_highest(&surface(&points, &frame, &SpikeFreeParams::default()), &points);
    let share = |least: f32| {
        let raised = pairs.iter().filter(|(surface, highest)| surface - highest > least).count();
        raised as f64 / pairs.len() as f64
    };
    println!("{} cells, raised by 0.5 m {:.4}, by 2 m {:.4}", pairs.len(), share(0.5), share(2.0));
    assert!(pairs.len() > 9_500, "{} cells have both", pairs.len());
    // Walls and roof edges aside, a town has few spikes, and most cells are what the highest point says.
    assert!((0.001..0.05).contains(&share(0.5)), "{} of the cells are raised", share(0.5));
    let close = pairs.iter().filter(|(surface, highest)| (surface - highest).abs() < 0.5).count();
    assert!(close as f64 > 0.8 * pairs.len() as f64, "{close} cells of {} are close", pairs.len());
}

#[test]
fn nothing_of_the_surface_is_above_the_highest_point_or_below_the_lowest() {
    let Some((points, frame)) = town() else { return };
    let heights = || points.z.iter().map(|z| points.lattice.height(*z) as f32);
    let (low, high) = (heights().fold(f32::MAX, f32::min), heights().fold(f32::MIN, f32::max));
    let grid = surface(&points, &frame, &SpikeFreeParams::default());
    assert!(grid.cells().iter().filter(|z| !z.is_nan()).all(|z| (low..=high).contains(z)));
}

/// The agreement that tiles keep with the declared halo: at least 99.9 % of the cells, bit for bit.
#[test]
fn tiles_of_a_town_agree() {
    let Some((points, frame)) = town() else { return };
    let params = SpikeFreeParams::default();
    let whole = surface(&points, &frame, &params);
    let ring = params.halo();
    let gridding = Gridding { cell: Metres(0.5), registration: Registration::Cell };
    let (mut same, mut all) = (0, 0);
    for (across, up) in [(0.0, 0.0), (25.0, 0.0), (0.0, 25.0), (25.0, 25.0)] {
        let (west, south) = (TOWN.west + across, TOWN.south + up);
        let extent = Extent { west, south, east: west + 25.0, north: south + 25.0 };
        let tile = gridding.frame(&extent);
        let alone = surface(&within(&points, &extent.padded(ring)), &tile, &params);
        let there = whole.cropped(&tile);
        all += tile.len();
        same += alone.cells().iter().zip(there.cells()).filter(|(a, b)| a.to_bits() == b.to_bits()).count();
    }
    assert!(same as f64 >= 0.999 * all as f64, "{same} of {all} cells are the same");
}

fn within(points: &Points, extent: &Extent) -> Points {
    let mut part = Points::empty(points.lattice);
    for i in 0..points.len() {
        let (x, y) = (points.lattice.easting(points.x[i]), points.lattice.northing(points.y[i]));
        if (extent.west..=extent.east).contains(&x) && (extent.south..=extent.north).contains(&y) {
            part.x.push(points.x[i]);
            part.y.push(points.y[i]);
            part.z.push(points.z[i]);
        }
    }
    part
}
