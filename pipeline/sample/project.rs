//! The project file of a sample: where its inputs are, in the grammar of [`crate::project`].

/// `ilot.toml`.
pub fn text() -> String {
    "# Ville d'exemple d'ilot : toutes les entrées sont de synthèse, truth/README.md dit comment.\n\
     # Sample town of ilot: all inputs are synthetic, truth/README.md says how.\n\n\
     [input]\nlidar = [\"lidar\"]\n\n[output]\ndir = \"out\"\n"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::project::Project;

    #[test]
    fn the_project_of_a_sample_is_valid() {
        let project: Project = toml::from_str(&super::text()).unwrap();
        assert_eq!(project.input.lidar, [std::path::PathBuf::from("lidar")]);
    }
}
