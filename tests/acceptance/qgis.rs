//! `ilot.qgz`: the project that a planner opens holds what was made, by relative paths, once each.

use crate::harness::{surface, town_cloud};
use std::io::Read;
use tempfile::TempDir;

#[test]
fn the_project_of_a_run_holds_each_layer_once_and_moves_with_its_folder() {
    let out = TempDir::new().unwrap();
    let ran = surface(&[town_cloud()], out.path(), &["--products", "dtm,chm,hillshade,buildings"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let file = std::fs::File::open(out.path().join("ilot.qgz")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut project = String::new();
    let _ = archive.by_name("ilot.qgs").unwrap().read_to_string(&mut project).unwrap();
    let sources: Vec<&str> =
        project.split("<datasource>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(
        sources,
        ["./buildings.gpkg|layername=buildings", "./hillshade.vrt", "./dtm.vrt", "./chm.vrt"]
    );
    for source in sources {
        let file = source.trim_start_matches("./").split('|').next().unwrap();
        assert!(out.path().join(file).is_file(), "{file}");
        assert!(!source.contains(&*out.path().to_string_lossy()));
    }
    assert!(
        project.contains("EPSG:2154")
            && project.contains("<rasterrenderer")
            && project.contains("<renderer-v2")
    );
    let checked = project.matches("Qt::Checked").count() - project.matches("<layer-tree-group name").count();
    assert_eq!(checked, 3, "buildings, hillshade and the height above ground are seen at first");
}
