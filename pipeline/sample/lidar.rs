//! LiDAR tiles of the sample: LAS 1.4, point format 6, LAZ, on the kilometre grid, named as IGN names them.
//!
//! Each tile is scanned and written alone, so that memory depends on a tile and not on the sample. A tile holds
//! `[west, east) × (south, north]`; the name gives the kilometre of its north-west corner. Cost: that of
//! [`super::scan`], and 0.3 µs a point for compression.

use super::model::Model;
use super::scan::{Cloud, Part, scan};
use super::write::Folder;
use super::{SOUTH, SampleOptions, WEST};
use crate::formats::points::{Columns, Writing, write};
use crate::text::Fault;

/// Centimetres in a kilometre.
const KILOMETRE: i32 = 100_000;

/// The tiles of a sample with the part that each holds.
pub fn tiles(options: &SampleOptions) -> Vec<(String, Part)> {
    let whole = Part::whole(options);
    let (columns, rows) = (whole.east.div_euclid(KILOMETRE) + 1, whole.north.div_euclid(KILOMETRE) + 1);
    let mut tiles = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let part = Part {
                west: column * KILOMETRE,
                south: row * KILOMETRE,
                east: ((column + 1) * KILOMETRE).min(whole.east),
                north: ((row + 1) * KILOMETRE).min(whole.north),
            };
            if part.west < part.east && part.south < part.north {
                let (x, y) = ((WEST / 1000.0) as i32 + column, (SOUTH / 1000.0) as i32 + row + 1);
                tiles.push((format!("LHD_FXX_{x:04}_{y:04}_PTS_C_LAMB93_IGN69.laz"), part));
            }
        }
    }
    tiles
}

/// Scans and writes all tiles; returns the number of points.
///
/// # Errors
/// Where the folder is read-only or full.
pub fn write_tiles(model: &Model, options: &SampleOptions, folder: &mut Folder) -> Result<u64, Fault> {
    let mut points = 0;
    for (name, part) in tiles(options) {
        let cloud = scan(model, options, &part);
        points += cloud.len() as u64;
        let path = folder.path(&format!("lidar/{name}"));
        write_tile(&path, cloud, folder.solid.wkt())?;
        folder.bytes += std::fs::metadata(&path).map_or(0, |found| found.len());
    }
    Ok(points)
}

fn write_tile(path: &std::path::Path, mut cloud: Cloud, wkt: &str) -> Result<(), Fault> {
    cloud.x.iter_mut().for_each(|x| *x += (WEST * 100.0) as i32);
    cloud.y.iter_mut().for_each(|y| *y += (SOUTH * 100.0) as i32);
    let columns = Columns {
        x: &cloud.x,
        y: &cloud.y,
        z: &cloud.z,
        class: &cloud.class,
        return_number: &cloud.return_number,
        number_of_returns: &cloud.number_of_returns,
        intensity: &cloud.intensity,
        scan_angle: &cloud.scan_angle,
        point_source: &cloud.strip,
        gps_time: &cloud.time,
        ..Columns::default()
    };
    // 12 June 2021, the day of the flight.
    let writing = Writing {
        wkt,
        created: (163, 2021),
        system_identifier: "synthetic sample town",
        ..Writing::default()
    };
    write(path, &columns, &writing)
}
