//! The project file of a sample: where its inputs are. Its grammar is that of the command line's project reader;
//! this is the one place to adapt.

/// `ilot.toml`.
pub fn text() -> String {
    r#"# Ville d'exemple d'ilot / ilot's sample town
# Toutes les entrées sont de synthèse ; truth/README.md dit comment. / All inputs are synthetic; see truth/README.md.

[project]
name = "Ville d'exemple"

[input]
lidar = ["lidar/*.laz"]
"#
    .to_string()
}
