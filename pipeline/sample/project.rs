//! The project file of a sample: where its inputs are. Its grammar is [`crate::project::Project`]'s.

/// `ilot.toml`.
pub fn text() -> String {
    r#"# Ville d'exemple d'ilot / ilot's sample town
# Toutes les entrées sont de synthèse ; truth/README.md dit comment.
# All inputs are synthetic; truth/README.md tells how.

[input]
lidar = ["lidar"]

[output]
dir = "out"

[cover]
irc = ["ortho/irc.tif"]
roads = "vectors/roads.gpkg"
zones = "vectors/communes.gpkg"

[sky]
dates = ["2025-06-21", "2025-08-15"]

[sun]
products = ["irradiation"]

[comfort]
at = ["2025-08-15T16:00", "2025-08-15T23:00"]
zone = "Europe/Paris"
temperature = 31.0
humidity = 38.0
wind = 1.5

[lcz]

[sensors]
readings = ["readings.csv"]
stations = "stations.csv"
crs = "EPSG:2154"

[heat]
zones = "vectors/communes.gpkg"
nightly = "2022-07-12/2022-07-18"

[zan]
ocsge = ["vectors/ocsge_2018.gpkg", "vectors/ocsge_2021.gpkg"]
zones = "vectors/communes.gpkg"
parcels = "vectors/parcels.gpkg"

[tiles]
# Lisible par tout client 3D Tiles ; "meshopt" prend trois fois moins de place.
# Any 3D Tiles client reads it; "meshopt" takes a third of the space.
compression = "none"

[pmtiles]

[publish]
attribution = "Ville d'exemple, données de synthèse / Sample town, synthetic data"
"#
    .to_string()
}

#[cfg(test)]
mod tests {
    use crate::project::Project;

    #[test]
    fn the_project_of_a_sample_is_one() {
        let project: Project = toml::from_str(&super::text()).unwrap();
        assert_eq!(project.input.lidar, [std::path::PathBuf::from("lidar")]);
    }
}
