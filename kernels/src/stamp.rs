//! Shapes drawn into cells: the share of each cell that polygons cover, or a band along a line.
//!
//! Polygons are scanned along [`LINES`] lines a cell, exact along each line, by the even-odd rule: what crosses itself
//! has a definite inside. A band covers a cell by how far its edge is from the centre, which is exact for bands along
//! the axes. Where shapes overlap the larger share counts, so that their order means nothing. Lines lie at places of the
//! map, not of the tile: a cell has the same bits in every tile. Cost: the cells near edges.

use crate::grid::Grid;

/// A position, metres.
pub type Place = (f64, f64);

/// Scan lines in a cell.
pub const LINES: usize = 8;

/// Raises each cell to the share that a polygon covers; all its rings, holes and parts included, by the even-odd rule.
pub fn polygon(shares: &mut Grid<f32>, rings: &[&[Place]]) {
    let frame = *shares.frame();
    let cell = frame.cell.0;
    let edges = || {
        let pairs = |ring: &&[Place]| {
            let next = ring.iter().cycle().skip(1);
            ring.iter().copied().zip(next.copied()).take(ring.len()).collect::<Vec<_>>()
        };
        rings.iter().flat_map(pairs)
    };
    let span = |pick: fn(Place) -> f64| {
        edges().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (a, _)| {
            (low.min(pick(a)), high.max(pick(a)))
        })
    };
    let (south, north) = span(|place| place.1);
    if south > north {
        return;
    }
    let clamp = |row: f64| row.clamp(0.0, frame.rows as f64) as usize;
    let rows = clamp(((frame.north - north) / cell).floor())..clamp(((frame.north - south) / cell).ceil());
    let mut line = vec![0.0_f32; frame.cols];
    let mut crossings = Vec::new();
    for row in rows {
        line.fill(0.0);
        for part in 0..LINES {
            let y = frame.north - (row as f64 + (part as f64 + 0.5) / LINES as f64) * cell;
            crossings.clear();
            crossings.extend(edges().filter_map(|(a, b)| crossing(a, b, y)));
            crossings.sort_by(f64::total_cmp);
            crossings.chunks_exact(2).for_each(|pair| cover(&mut line, frame.west, cell, pair[0], pair[1]));
        }
        let cells = &mut shares.cells_mut()[row * frame.cols..(row + 1) * frame.cols];
        for (cell, share) in cells.iter_mut().zip(&line) {
            *cell = cell.max(share / LINES as f32);
        }
    }
}

/// Where an edge crosses a line; it holds its lower end.
fn crossing(a: Place, b: Place, y: f64) -> Option<f64> {
    let (low, high) = if a.1 <= b.1 { (a, b) } else { (b, a) };
    let crosses = low.1 <= y && y < high.1;
    crosses.then(|| low.0 + (high.0 - low.0) * ((y - low.1) / (high.1 - low.1)))
}

fn cover(line: &mut [f32], west: f64, cell: f64, from: f64, to: f64) {
    let (first, last) = ((from - west) / cell, (to - west) / cell);
    let most = line.len() as f64;
    if last <= 0.0 || first >= most {
        return;
    }
    for (index, share) in
        line.iter_mut().enumerate().take(last.min(most).ceil() as usize).skip(first.max(0.0) as usize)
    {
        let (left, right) = (west + index as f64 * cell, west + (index as f64 + 1.0) * cell);
        *share += ((right.min(to) - left.max(from)) / cell).max(0.0) as f32;
    }
}

/// Raises each cell to the share that a band of this width along a line covers, its ends round.
pub fn band(shares: &mut Grid<f32>, line: &[Place], width: f64) {
    let frame = *shares.frame();
    let (cell, half) = (frame.cell.0, width / 2.0);
    let reach = half + cell;
    for pair in line.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let clamp = |value: f64, most: usize| value.clamp(0.0, most as f64) as usize;
        let cols = clamp(((ax.min(bx) - reach - frame.west) / cell).floor(), frame.cols)
            ..clamp(((ax.max(bx) + reach - frame.west) / cell).ceil(), frame.cols);
        let rows = clamp(((frame.north - ay.max(by) - reach) / cell).floor(), frame.rows)
            ..clamp(((frame.north - ay.min(by) + reach) / cell).ceil(), frame.rows);
        for row in rows {
            for col in cols.clone() {
                let away = distance((frame.x(col), frame.y(row)), pair[0], pair[1]);
                let share = ((half - away) / cell + 0.5).clamp(0.0, (width / cell).min(1.0)) as f32;
                let old = &mut shares.cells_mut()[row * frame.cols + col];
                *old = old.max(share);
            }
        }
    }
}

/// Distance of a place from a piece of a line.
fn distance(p: Place, a: Place, b: Place) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use crate::unit::Metres;

    const FRAME: Frame = Frame { west: 100.0, north: 210.0, cell: Metres(1.0), rows: 10, cols: 10 };

    fn area(shares: &Grid<f32>) -> f32 {
        shares.cells().iter().sum()
    }

    #[test]
    fn a_rectangle_with_a_hole_covers_its_area() {
        let mut shares = Grid::filled(FRAME, 0.0);
        let outer = [(101.25, 201.5), (108.75, 201.5), (108.75, 208.0), (101.25, 208.0)];
        let hole = [(103.0, 203.0), (105.0, 203.0), (105.0, 205.5), (103.0, 205.5)];
        polygon(&mut shares, &[&outer, &hole]);
        assert!((area(&shares) - (7.5 * 6.5 - 2.0 * 2.5)).abs() < 1e-4, "{}", area(&shares));
        assert_eq!((shares.at(2, 1), shares.at(5, 3), shares.at(0, 0)), (0.75, 0.0, 0.0));
        polygon(&mut shares, &[&outer, &hole]);
        assert!((area(&shares) - 43.75).abs() < 1e-4, "the same shape twice is that shape once");
    }

    #[test]
    fn a_triangle_covers_its_area_and_reaches_beyond_the_frame() {
        let mut shares = Grid::filled(FRAME, 0.0);
        polygon(&mut shares, &[&[(95.0, 205.0), (115.0, 195.0), (115.0, 215.0)]]);
        // Over the frame: heights from 5/2 to 15/2 on each side of the middle, cut at 5.
        let exact: f32 =
            (0..10_000).map(|i| ((5.0 + (i as f32 + 0.5) / 1000.0) / 2.0).min(5.0) * 2.0 / 1000.0).sum();
        assert!((area(&shares) - exact).abs() < 0.1, "{} {exact}", area(&shares));
    }

    #[test]
    fn a_band_along_an_axis_covers_its_width() {
        let mut shares = Grid::filled(FRAME, 0.0);
        band(&mut shares, &[(90.0, 204.7), (120.0, 204.7)], 3.0);
        assert!((area(&shares) - 30.0).abs() < 1e-3, "{}", area(&shares));
        let mut thin = Grid::filled(FRAME, 0.0);
        band(&mut thin, &[(90.0, 204.5), (120.0, 204.5)], 0.4);
        assert!((area(&thin) - 4.0).abs() < 1e-3, "{}", area(&thin));
    }
}
