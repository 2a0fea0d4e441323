//! The square world of web maps: Web Mercator (EPSG:3857), its tiles and pixels.
//!
//! In: metres of a map. Out: which tiles cover them, and where the pixels of a tile lie on that map. PROJ, through GDAL,
//! places every 32nd pixel; between, places are interpolated: over 32 pixels of 0.4 m a projection bends by micrometres, and
//! over 32 pixels of 40 m by less than a thousandth of a pixel. Fails where: poles. Cost: 0.1 ms a tile.

use crate::formats::crs::{Crs, Transform};
use crate::formats::pmtiles::TileId;
use crate::text::Fault;
use ilot_kernels::extent::Extent;

/// Pixels on a side of a tile.
pub const SIDE: usize = 512;

/// Half of the world's circumference on its sphere, metres.
pub const HALF: f64 = 6_378_137.0 * std::f64::consts::PI;

/// Pixels between those that PROJ places.
const STRIDE: usize = 32;
const NODES: usize = SIDE / STRIDE + 1;

/// Places along each side of an extent that are projected to find its bounds.
const ALONG: u32 = 32;

/// EPSG:3857.
///
/// # Errors
/// Where PROJ's database is missing.
pub fn crs() -> Result<Crs, Fault> {
    Crs::from_epsg(3857, None)
}

/// West, south, east and north of a tile, metres of Web Mercator.
pub fn extent(tile: TileId) -> Extent {
    let side = 2.0 * HALF / f64::from(1_u32 << tile.z);
    let (west, north) = (f64::from(tile.x) * side - HALF, HALF - f64::from(tile.y) * side);
    Extent { west, south: north - side, east: west + side, north }
}

/// The tiles of a zoom that an extent touches.
pub fn covering(bounds: &Extent, z: u8) -> Vec<TileId> {
    let (count, side) = (1_u32 << z, 2.0 * HALF / f64::from(1_u32 << z));
    let place = |metres: f64| ((metres / side).floor().max(0.0) as u32).min(count - 1);
    let (west, east) = (place(bounds.west + HALF), place(bounds.east + HALF));
    let (north, south) = (place(HALF - bounds.north), place(HALF - bounds.south));
    (north..=south).flat_map(|y| (west..=east).map(move |x| TileId { z, x, y })).collect()
}

/// The bounds of a map's extent in Web Mercator: its outline is projected, not only its corners.
///
/// # Errors
/// Where a place has no image.
pub fn bounds(extent: &Extent, to_mercator: &Transform) -> Result<Extent, Fault> {
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    for step in 0..=ALONG {
        let share = f64::from(step) / f64::from(ALONG);
        let (x, y) = (extent.west + extent.width().0 * share, extent.south + extent.height().0 * share);
        xs.extend([x, x, extent.west, extent.east]);
        ys.extend([extent.south, extent.north, y, y]);
    }
    to_mercator.points(&mut xs, &mut ys)?;
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok(Extent { west: least(&xs), south: least(&ys), east: most(&xs), north: most(&ys) })
}

/// Longitude and latitude of a place of Web Mercator, degrees.
pub fn degrees(x: f64, y: f64) -> (f64, f64) {
    let radius = HALF / std::f64::consts::PI;
    ((x / radius).to_degrees(), (y / radius).sinh().atan().to_degrees())
}

/// West, south, east, north in degrees.
pub fn degrees_of(bounds: &Extent) -> [f64; 4] {
    let ((west, south), (east, north)) =
        (degrees(bounds.west, bounds.south), degrees(bounds.east, bounds.north));
    [west, south, east, north]
}

/// Metres on the ground between two pixels at this latitude (degrees).
pub fn resolution(z: u8, latitude: f64) -> f64 {
    2.0 * HALF * latitude.to_radians().cos() / (SIDE as f64 * f64::from(1_u32 << z))
}

/// The deepest zoom: its pixels are at most a ninth larger than the cells of the map.
pub fn deepest(cell: f64, latitude: f64) -> u8 {
    (0..=22).find(|z| resolution(*z, latitude) <= cell * 10.0 / 9.0).unwrap_or(22)
}

/// The shallowest zoom: the extent is some 64 to 128 pixels wide there.
pub fn shallowest(bounds: &Extent) -> u8 {
    let size = bounds.width().0.max(bounds.height().0).max(1.0);
    let zoom = (2.0 * HALF / size).log2().floor() - 2.0;
    zoom.clamp(0.0, 20.0) as u8
}

/// Where the pixels of a tile lie on a map.
pub struct Places {
    xs: Vec<f64>,
    ys: Vec<f64>,
}

impl Places {
    /// Projects every 32nd pixel.
    ///
    /// # Errors
    /// Where a place has no image.
    pub fn of(tile: TileId, to_map: &Transform) -> Result<Places, Fault> {
        let Extent { west, north, east, .. } = extent(tile);
        let step = (east - west) / (NODES - 1) as f64;
        let mut places = Places { xs: Vec::new(), ys: Vec::new() };
        for row in 0..NODES {
            places.xs.extend((0..NODES).map(|col| west + step * col as f64));
            places.ys.extend((0..NODES).map(|_| north - step * row as f64));
        }
        to_map.points(&mut places.xs, &mut places.ys)?;
        Ok(places)
    }

    /// What the tile covers of the map.
    pub fn extent(&self) -> Extent {
        let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Extent { west: least(&self.xs), south: least(&self.ys), east: most(&self.xs), north: most(&self.ys) }
    }

    /// Gives the centre of each pixel of a row.
    pub fn row(&self, row: usize, mut take: impl FnMut(usize, f64, f64)) {
        let down = ((row % STRIDE) as f64 + 0.5) / STRIDE as f64;
        let above = row / STRIDE * NODES;
        let at = |values: &[f64], node: usize| {
            values[above + node] * (1.0 - down) + values[above + NODES + node] * down
        };
        for block in 0..NODES - 1 {
            let (west, east) = (at(&self.xs, block), at(&self.xs, block + 1));
            let (north, south) = (at(&self.ys, block), at(&self.ys, block + 1));
            for inside in 0..STRIDE {
                let right = (inside as f64 + 0.5) / STRIDE as f64;
                let (x, y) = (west + (east - west) * right, north + (south - north) * right);
                take(block * STRIDE + inside, x, y);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(z: u8, x: u32, y: u32) -> (TileId, Places) {
        let tile = TileId { z, x, y };
        let map = Transform::new(&crs().unwrap(), &Crs::from_epsg(2154, None).unwrap()).unwrap();
        (tile, Places::of(tile, &map).unwrap())
    }

    /// pyproj 3.7 (PROJ 9.5), EPSG:3857 → EPSG:2154, always_xy.
    #[test]
    fn pixels_lie_where_pyproj_has_them() {
        for (z, x, y, row, col, east, north) in PYPROJ {
            let (_, places) = places(z, x, y);
            let mut found = (0.0, 0.0);
            places.row(row, |at, x, y| {
                if at == col {
                    found = (x, y);
                }
            });
            // The bend grows with the square of the stride: a thousandth of a pixel of 40 m, a fiftieth of one of 800 m.
            let tolerance = resolution(z, 46.5) * 0.001 * (resolution(z, 46.5) / 40.0).max(1.0);
            let off = (found.0 - east).hypot(found.1 - north);
            assert!(off <= tolerance, "{z}/{x}/{y} {row} {col}: {off} m, {tolerance} allowed");
        }
    }

    /// Neighbours place the pixels along their common border by the same nodes.
    #[test]
    fn neighbours_join() {
        let (_, west) = places(16, 32768 + 300, 23000);
        let (_, east) = places(16, 32768 + 301, 23000);
        let last = |places: &Places, row: usize, node: usize| {
            (places.xs[row * NODES + node], places.ys[row * NODES + node])
        };
        for row in 0..NODES {
            let (a, b) = (last(&west, row, NODES - 1), last(&east, row, 0));
            assert!((a.0 - b.0).hypot(a.1 - b.1) < 1e-6);
        }
    }

    #[test]
    fn half_a_metre_is_drawn_at_zoom_17_and_the_world_at_zoom_0() {
        assert_eq!(deepest(0.5, 47.0), 17);
        assert_eq!(deepest(10.0, 47.0), 13);
        assert_eq!(shallowest(&Extent { west: -HALF, south: -HALF, east: HALF, north: HALF }), 0);
        let (x, y) = degrees(HALF, HALF);
        assert!((x - 180.0).abs() < 1e-9 && (y - 85.051_128_779_806_59).abs() < 1e-9);
    }

    const PYPROJ: [(u8, u32, u32, usize, usize, f64, f64); 21] = [
        (6, 31, 22, 378, 485, 445895.6394, 6562555.7924),
        (6, 32, 23, 13, 480, 879603.9322, 6434259.1965),
        (6, 31, 23, 481, 487, 425124.8307, 6020150.5096),
        (8, 128, 87, 237, 155, 513274.5835, 6927039.6288),
        (8, 132, 90, 15, 65, 913045.7578, 6660554.9218),
        (8, 126, 86, 43, 308, 348545.1287, 7073707.4302),
        (11, 1054, 698, 275, 484, 876606.5007, 6941628.8182),
        (11, 1041, 691, 396, 437, 709876.5908, 7024103.7106),
        (11, 1028, 700, 455, 137, 536298.6308, 6911313.0120),
        (13, 4244, 2999, 139, 506, 987678.1234, 6256383.9910),
        (13, 4064, 2753, 446, 308, 390082.9438, 7073878.9184),
        (13, 4119, 2792, 359, 417, 558704.5495, 6945247.0008),
        (15, 16658, 11086, 29, 286, 701172.6101, 7010273.6044),
        (15, 17102, 11362, 167, 334, 1063430.5768, 6800967.5501),
        (15, 17073, 11086, 106, 216, 1026853.3977, 7019625.4936),
        (17, 66845, 43938, 273, 291, 742073.7162, 7089323.9848),
        (17, 64623, 46315, 495, 90, 278749.0323, 6625432.6724),
        (17, 65582, 48129, 154, 20, 465798.7143, 6222814.7492),
        (18, 130727, 89987, 121, 45, 446078.7446, 6887259.9900),
        (18, 133445, 90055, 386, 338, 719014.4866, 6874840.5785),
        (18, 132972, 88522, 285, 241, 672190.5077, 7026562.8102),
    ];
}
