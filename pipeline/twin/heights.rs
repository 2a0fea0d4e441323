//! The map and its heights above the sea → places on the globe.
//!
//! In: the CRS of the clouds, with its vertical system, and the folders in which grids may lie. Out: a [`World`] that
//! draws [`Chart`]s of pieces of map: metres east, north and up of a place, or longitude, latitude and height above the
//! ellipsoid. Heights go through one named grid of PROJ-data (RAF20 on the mainland), checked at a known point before
//! anything is written; without it through EGM96, which is said aloud, since it is a metre off in France; without any
//! grid nothing is written, because heights above the sea taken for those above the ellipsoid lie 44 to 53 m too low.
//!
//! Fails where: the CRS has no vertical system or one without an EPSG code ("unknown", "ellipsoid"), no grid is found, or the place lies outside of it.

use crate::fault;
use crate::formats::crs::{Crs, MAINLAND_GRID, Transform};
use crate::formats::library::{KNOWN_POINT, find_grid};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::chart::{Chart, Node};
use ilot_kernels::extent::Extent;
use ilot_kernels::globe::{self, Horizon};
use ilot_kernels::unit::Metres;
use std::path::{Path, PathBuf};

/// The grid of the whole world that stands in, about a metre off in France.
const WORLD_GRID: &str = "egm96_15.gtx";

/// Distance of the places that PROJ projects; between them the [`Chart`] is 0.04 mm off at most.
const STEP: Metres = Metres(31.25);

/// How far the known point may be off, metres.
const TOLERANCE: f64 = 0.005;

/// Heights of the geoid above the ellipsoid that there are on Earth, metres.
const UNDULATIONS: std::ops::RangeInclusive<f64> = -110.0..=90.0;

/// Where the map lies on the globe. It belongs to the thread that made it.
pub struct World {
    transform: Transform,
    /// The grid's file.
    pub grid: PathBuf,
    /// What the user should know of the grid.
    pub remark: Option<Text>,
}

impl World {
    /// Finds the grid and checks it at a known point.
    ///
    /// # Errors
    /// Where there is no vertical system, no grid, or the grid is not what its name says.
    pub fn of(crs: &Crs, folders: &[PathBuf]) -> Result<World, Fault> {
        let coded = crs.vertical_epsg().is_some();
        let Some(vertical) = crs.vertical_name().filter(|_| coded) else { return Err(no_heights(crs)) };
        let named = crs.height_grid();
        if let Some(missing) = folders.iter().find(|folder| !folder.is_dir()) {
            return Err(no_folder(missing));
        }
        let own = named.and_then(|file| find_grid(file, folders));
        let Some(grid) = own.clone().or_else(|| find_grid(WORLD_GRID, folders)) else {
            return Err(no_grid(vertical, named));
        };
        let remark = own.is_none().then(|| stand_in(vertical, named));
        if grid.file_name().is_some_and(|file| file == MAINLAND_GRID) {
            known_point(&grid)?;
        }
        Ok(World { transform: Transform::to_ellipsoid(crs, &grid)?, grid, remark })
    }

    /// Longitude, latitude and height above the ellipsoid.
    ///
    /// # Errors
    /// Where the place lies outside of the grid.
    pub fn place(&self, easting: f64, northing: f64, height: f64) -> Result<[f64; 3], Fault> {
        let (longitude, latitude, up) = self.transform.point3(easting, northing, height)?;
        plausible(up - height, &self.grid)?;
        Ok([longitude, latitude, up])
    }

    /// Longitudes, latitudes and heights of a piece of map.
    ///
    /// # Errors
    /// Where it reaches outside of the grid.
    pub fn geographic(&self, extent: &Extent) -> Result<Chart, Fault> {
        let cols = nodes(extent.width());
        let rows = nodes(extent.height());
        let count = rows * cols;
        let mut xs: Vec<f64> = (0..count).map(|i| extent.west + (i % cols) as f64 * STEP.0).collect();
        let mut ys: Vec<f64> = (0..count).map(|i| extent.south + (i / cols) as f64 * STEP.0).collect();
        let mut zs = vec![0.0; count];
        self.transform.points3(&mut xs, &mut ys, &mut zs)?;
        zs.iter().try_for_each(|undulation| plausible(*undulation, &self.grid))?;
        let nodes = (0..count).map(|i| Node { foot: [xs[i], ys[i], zs[i]], up: [0.0, 0.0, 1.0] }).collect();
        Ok(Chart { west: extent.west, south: extent.south, step: STEP, cols, nodes })
    }
}

/// The same piece of map in metres east, north and up of a horizon.
pub fn seen_from(horizon: &Horizon, geographic: &Chart) -> Chart {
    let node = |node: &Node| {
        let [longitude, latitude, undulation] = node.foot;
        Node {
            foot: horizon.position(globe::geocentric(longitude, latitude, undulation)),
            up: horizon.direction(globe::up(longitude, latitude)),
        }
    };
    Chart { nodes: geographic.nodes.iter().map(node).collect(), ..geographic.clone() }
}

fn nodes(span: Metres) -> usize {
    (span.0 / STEP.0).ceil() as usize + 2
}

fn known_point(grid: &Path) -> Result<(), Fault> {
    let ([x, y, z], expected) = KNOWN_POINT;
    let own = Transform::to_ellipsoid(&Crs::from_epsg(2154, Some(5720))?, grid)?.point3(x, y, z)?.2;
    if (own - expected).abs() < TOLERANCE {
        return Ok(());
    }
    let shown = grid.display();
    Err(fault!(
        fr: "{shown} donne {own:.3} m au point connu au lieu de {expected:.3} m : remplacez cette grille (projsync --file {MAINLAND_GRID}).",
        en: "{shown} gives {own:.3} m at the known point in place of {expected:.3} m: replace this grid (projsync --file {MAINLAND_GRID}).",
    ))
}

fn plausible(undulation: f64, grid: &Path) -> Result<(), Fault> {
    if UNDULATIONS.contains(&undulation) && undulation != 0.0 {
        return Ok(());
    }
    let shown = grid.display();
    Err(fault!(
        fr: "{shown} ne couvre pas ce lieu (ondulation {undulation} m) : aucune hauteur n'y est sûre, donnez la grille de ce territoire avec --grids.",
        en: "{shown} does not cover this place (undulation {undulation} m): no height is safe there, give the territory's grid with --grids.",
    ))
}

fn no_folder(folder: &Path) -> Fault {
    let shown = folder.display();
    fault!(
        fr: "Le dossier de grilles {shown} n'existe pas : corrigez --grids (ou tiles.grids du projet), ou retirez-le.",
        en: "The folder of grids {shown} does not exist: mend --grids (or tiles.grids of the project), or leave it out.",
    )
}

fn no_heights(crs: &Crs) -> Fault {
    let name = crs.name();
    fault!(
        fr: "« {name} » ne dit pas de quelles altitudes il s'agit : donnez-les, par exemple --crs EPSG:2154+5720 (NGF-IGN69).",
        en: "\"{name}\" does not say which heights these are: give them, for example --crs EPSG:2154+5720 (NGF-IGN69).",
    )
}

fn no_grid(vertical: &str, named: Option<&str>) -> Fault {
    let file = named.unwrap_or(WORLD_GRID);
    fault!(
        fr: "Aucune grille ne mène de « {vertical} » à l'ellipsoïde, et les tuiles seraient des dizaines de mètres trop bas : installez {file} (projsync --file {file}) ou donnez son dossier avec --grids.",
        en: "No grid leads from \"{vertical}\" to the ellipsoid, and the tiles would lie tens of metres too low: install {file} (projsync --file {file}) or give its folder with --grids.",
    )
}

fn stand_in(vertical: &str, named: Option<&str>) -> Text {
    let Some(file) = named else {
        return text!(
            fr: "aucune grille n'est connue pour « {vertical} » : les hauteurs viennent d'EGM96, à un ou deux mètres près ; vérifiez-les en un point connu",
            en: "no grid is known for \"{vertical}\": heights come from EGM96, within a metre or two; check them at a known point",
        );
    };
    text!(
        fr: "la grille de « {vertical} » ({file}) n'est pas installée : les hauteurs viennent d'EGM96, à un mètre près en France ; `projsync --file {file}` ou --grids donnent la bonne",
        en: "the grid of \"{vertical}\" ({file}) is not installed: heights come from EGM96, within about a metre in France; `projsync --file {file}` or --grids give the right one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grids() -> Option<Vec<PathBuf>> {
        let data = std::env::var_os("ILOT_DATA");
        if data.is_none() {
            println!("skipped: ILOT_DATA is not set");
        }
        Some(vec![PathBuf::from(data?).join("grids")])
    }

    #[test]
    fn a_flat_system_has_no_place_on_the_globe() {
        let flat = Crs::from_epsg(2154, None).unwrap();
        assert!(World::of(&flat, &[]).err().unwrap().0.fr.contains("EPSG:2154+5720"));
    }

    /// Computed with PROJ 9.5 through pyproj: metres from the Earth's centre.
    #[test]
    fn places_are_those_of_proj_within_a_millimetre() {
        let Some(folders) = grids() else { return };
        let world = World::of(&Crs::from_epsg(2154, Some(5720)).unwrap(), &folders).unwrap();
        for (map, expected) in [
            ([842_000.0, 6_518_000.0, 170.0], [4_442_862.514_20, 375_151.132_09, 4_545_811.549_34]),
            ([379_500.25, 6_787_000.5, 62.25], [4_266_023.022_94, -97_410.101_77, 4_724_737.960_47]),
            ([1_000_000.0, 6_300_000.0, 1200.0], [4_584_998.990_43, 540_597.401_96, 4_387_755.976_59]),
            ([120_000.5, 6_850_000.75, 3.0], [4_219_851.567_78, -358_988.316_11, 4_753_213.079_74]),
        ] {
            let [longitude, latitude, up] = world.place(map[0], map[1], map[2]).unwrap();
            let own = globe::geocentric(longitude, latitude, up);
            assert!((0..3).all(|i| (own[i] - expected[i]).abs() < 1e-3), "{map:?} {own:?}");
        }
    }

    #[test]
    fn the_chart_is_the_projection_within_a_tenth_of_a_millimetre() {
        let Some(folders) = grids() else { return };
        let world = World::of(&Crs::from_epsg(2154, Some(5720)).unwrap(), &folders).unwrap();
        assert!(world.remark.is_none());
        let mut worst = 0.0_f64;
        for (west, south) in [(842_000.0, 6_518_000.0), (120_000.0, 6_850_000.0), (1_000_000.0, 6_300_000.0)]
        {
            let extent = Extent { west, south, east: west + 1000.0, north: south + 1000.0 };
            let geographic = world.geographic(&extent).unwrap();
            let [lon, lat, up] = world.place(west + 500.0, south + 500.0, 0.0).unwrap();
            let horizon = Horizon::at(lon, lat, up);
            let local = seen_from(&horizon, &geographic);
            for i in 0..1000_u32 {
                let x = west + f64::from(i * 37 % 1000) + 0.37;
                let y = south + f64::from(i * 91 % 1000) + 0.11;
                let z = f64::from(i % 700);
                let [lon, lat, up] = world.place(x, y, z).unwrap();
                let exact = globe::geocentric(lon, lat, up);
                let own = horizon.back(local.image(x, y, z));
                worst = worst.max((0..3).map(|axis| (own[axis] - exact[axis]).powi(2)).sum::<f64>().sqrt());
            }
        }
        assert!(worst < 2e-4, "{worst}");
    }

    /// Places over France, its height there, and where pyproj 3.7 (PROJ 9.5) puts them through RAF20, EPSG:4978:
    /// `pipeline/twin/raf20.csv`.
    #[test]
    fn two_hundred_places_over_france_are_those_of_pyproj_within_a_millimetre() {
        let Some(folders) = grids() else { return };
        let world = World::of(&Crs::from_epsg(2154, Some(5720)).unwrap(), &folders).unwrap();
        let (mut worst, mut count) = (0.0_f64, 0);
        // A longer table of the same kind may be named: ten thousand places were tried.
        let more = std::env::var("ILOT_PLACES").ok().and_then(|path| std::fs::read_to_string(path).ok());
        let table = more.as_deref().unwrap_or(include_str!("raf20.csv"));
        for line in table.lines().skip(1) {
            let numbers: Vec<f64> = line.split(',').map(|number| number.parse().unwrap()).collect();
            let [longitude, latitude, up] = world.place(numbers[0], numbers[1], numbers[2]).unwrap();
            let own = globe::geocentric(longitude, latitude, up);
            worst = worst.max((0..3).map(|i| (own[i] - numbers[3 + i]).powi(2)).sum::<f64>().sqrt());
            count += 1;
        }
        assert!(count >= 200 && worst < 1e-3, "{worst} m over {count}");
    }

    /// One place in ten map systems, by pyproj 3.7 (PROJ 9.5) from RGF93: only the change from NTF and ED50, without
    /// their own grids, is some metres wide.
    #[test]
    fn whatever_the_map_a_place_is_where_it_is() {
        let Some(folders) = grids() else { return };
        for (code, x, y, tolerance) in [
            (2154, 652_301.565, 6_861_302.726, 2e-3),
            (9794, 652_301.563, 6_861_302.724, 2e-2),
            (3949, 1_652_300.165, 8_183_524.371, 2e-3),
            (9849, 1_652_300.163, 8_183_524.368, 2e-2),
            (25_831, 452_314.891, 5_410_984.887, 0.1),
            (32_631, 452_314.891, 5_410_984.888, 0.1),
            (3035, 3_760_536.823, 2_888_771.021, 0.1),
            (27_572, 600_990.892, 2_427_961.512, 3.0),
            (27_561, 600_990.315, 127_726.451, 3.0),
            (23_031, 452_406.691, 5_411_192.537, 5.0),
        ] {
            let world = World::of(&Crs::from_epsg(code, Some(5720)).unwrap(), &folders).unwrap();
            assert!(world.remark.is_none() && world.grid.ends_with(MAINLAND_GRID), "{code}");
            let [longitude, latitude, up] = world.place(x, y, 40.0).unwrap();
            let east = (longitude - 2.349_999_971).to_radians() * 6.378e6 * latitude.to_radians().cos();
            let north = (latitude - 48.849_999_979).to_radians() * 6.378e6;
            assert!(east.hypot(north) < tolerance, "{code}: {east} {north}");
            assert!((up - 83.7955).abs() < 2e-3, "{code}: {up}");
        }
    }

    #[test]
    fn heights_of_no_known_system_are_refused() {
        let flat = Crs::from_epsg(2154, None).unwrap();
        let with = |name: &str| {
            let vertical =
                format!(r#"VERT_CS["{name}",VERT_DATUM["{name}",2005],UNIT["metre",1],AXIS["Up",UP]]"#);
            Crs::from_wkt(&format!(r#"COMPD_CS["map and heights",{},{vertical}]"#, flat.wkt())).unwrap()
        };
        for name in ["unknown", "Ellipsoid (metre)"] {
            let why = World::of(&with(name), &[]).err().unwrap();
            assert!(why.0.en.contains("does not say which heights"), "{}", why.0.en);
        }
        assert_eq!(with("NGF_IGN69_height").height_grid(), Some(MAINLAND_GRID));
    }

    #[test]
    fn a_folder_of_grids_that_does_not_exist_is_told() {
        let crs = Crs::from_epsg(2154, Some(5720)).unwrap();
        let why = World::of(&crs, &[PathBuf::from("no/such/grids")]).err().unwrap();
        assert!(why.0.en.contains("no/such/grids does not exist"), "{}", why.0.en);
    }

    #[test]
    fn outside_of_the_grid_nothing_passes() {
        let Some(folders) = grids() else { return };
        let world = World::of(&Crs::from_epsg(2154, Some(5720)).unwrap(), &folders).unwrap();
        assert!(world.place(-2_000_000.0, 6_500_000.0, 10.0).is_err());
    }
}
