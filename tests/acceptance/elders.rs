//! The elders' verdict: rasters and markers made by IGN's own tools and by lasR, on real LiDAR HD.

use crate::harness::{band, compare, data, surface};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The six adjoining tiles, the sixth one whole.
fn montpellier(data: &Path) -> Vec<PathBuf> {
    let names = [
        "77050_627760_LA93_IGN69",
        "77055_627755_LA93_IGN69",
        "77055_627760_LA93_IGN69",
        "77060_627755_LA93_IGN69",
        "77060_627760_LA93_IGN69",
        "77050_627755_LA93_IGN69_full",
    ];
    names.iter().map(|name| data.join(format!("lidar/montpellier_6x50m/test_data_{name}.laz"))).collect()
}

fn against_ign(method: &str, product: &str, reference: &str, share: f64) {
    let Some(data) = data() else { return };
    let out = TempDir::new().unwrap();
    let ran = surface(&montpellier(&data), out.path(), &["--method", method]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mine = band(&out.path().join(format!("{product}.vrt")), 0);
    let name = format!("reference/montpellier/{reference}_test_data_77055_627760_LA93_IGN69_50CM.tif");
    let found = compare(&mine, &band(&data.join(name), 0), 0.001);
    println!("{method} {product}: {found:?}");
    assert!(found.both > 9_800 && found.share >= share, "{found:?}");
}

#[test]
fn the_terrain_is_ign_s_to_the_millimetre() {
    against_ign("tin", "dtm", "DTM", 0.999);
}

#[test]
fn the_default_terrain_is_ign_s_to_the_millimetre() {
    against_ign("standard", "dtm", "DTM", 0.999);
}

#[test]
fn the_triangulated_surface_is_ign_s_to_the_millimetre() {
    against_ign("tin", "dsm", "DSM", 0.99);
}

#[test]
fn the_height_above_ground_is_ign_s_to_the_millimetre() {
    against_ign("tin", "chm", "DHM", 0.98);
}

#[test]
fn the_highest_point_of_each_cell_is_lasr_s() {
    let Some(data) = data() else { return };
    let clouds: Vec<PathBuf> =
        (1..=4).map(|i| data.join(format!("lidar/bc_forest_4tiles/bcts_{i}.laz"))).collect();
    let out = TempDir::new().unwrap();
    let words = ["--dsm-classes", "all", "--cell", "5", "--registration", "cell", "--products", "dsm"];
    let ran = surface(&clouds, out.path(), &words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let reference = band(&data.join("reference/bc_forest_4tiles/bcts_dsm_5m.tif"), 0);
    let found = compare(&band(&out.path().join("dsm.vrt"), 0), &reference, 0.0005);
    assert_eq!((found.both, found.only_mine, found.only_theirs), (8338, 0, 0));
    assert!(found.max <= 0.0005, "{found:?}");
}

#[test]
fn a_copc_file_gives_the_cells_of_the_same_points_in_a_laz_and_so_does_a_part_of_it() {
    let Some(data) = data() else { return };
    let cloud = |name: &str| {
        data.join(format!("lidar/montpellier_6x50m/test_data_77050_627755_LA93_IGN69{name}.laz"))
    };
    let folder = TempDir::new().unwrap();
    let (laz, copc) = (folder.path().join("laz"), folder.path().join("copc"));
    let words = ["--tile-size", "10", "--max-edge", "5"];
    assert_eq!(surface(&[cloud("")], &laz, &words).code, Some(0));
    let toml = format!(
        "[input]\nlidar = [{:?}]\n[output]\ndir = \"copc\"\ntile_size = 10.0\n[elevation]\nmax_edge = 5.0\n",
        cloud("_buildings.copc")
    );
    let project = folder.path().join("ilot.toml");
    std::fs::write(&project, toml).unwrap();
    let project = project.to_str().unwrap();
    let part = crate::harness::ilot(&["run", project, "--tiles", "0770520_6277530,0770530_6277530"]);
    assert_eq!(part.code, Some(0), "{}", part.err);
    let same = |spec: &str, tile: &str| {
        let of = |out: &Path| band(&out.join(spec).join(tile), 0);
        let (one, other) = (of(&laz), of(&copc));
        assert_eq!(one.frame(), other.frame(), "{spec}/{tile}");
        let bits = |grid: &ilot_kernels::grid::Grid<f32>| {
            grid.cells().iter().map(|c| c.to_bits()).collect::<Vec<_>>()
        };
        assert!(bits(&one) == bits(&other), "{spec}/{tile}");
    };
    for spec in ["dtm", "dsm", "density"] {
        same(spec, "0770520_6277530.tif");
    }
    let whole = crate::harness::ilot(&["run", project]);
    assert!(whole.err.contains("(2 already current)"), "{}", whole.err);
    for tile in std::fs::read_dir(laz.join("dsm")).unwrap() {
        let name = tile.unwrap().file_name().to_str().unwrap().to_owned();
        if name.ends_with(".tif") {
            same("dsm", &name);
        }
    }
}
