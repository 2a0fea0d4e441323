//! The house itself: one direction of dependencies, documents that are true, functions that can be read.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds Rust files");
    found
}

/// The code of a file without its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn assert_never(folder: &str, words: &[&str]) {
    for (path, text) in sources(folder) {
        for word in words {
            assert!(!code(&text).contains(word), "{} must not know of {word}", path.display());
        }
    }
}

#[test]
fn kernels_know_nothing_of_files_logs_or_words() {
    assert_never("kernels/src", &["std::fs", "std::path", "println!", "eprintln!", "serde", "std::env"]);
    let manifest = std::fs::read_to_string(root().join("kernels/Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    for line in dependencies.lines().filter(|line| line.contains('=')) {
        let name = line.split('=').next().unwrap().trim();
        assert!(["rayon", "pulp", "spade"].contains(&name), "{name} is no pure maths");
    }
}

#[test]
fn doors_know_nothing_of_the_method_and_methods_nothing_of_the_command_line() {
    let above = [
        "crate::stage",
        "crate::graph",
        "crate::plan",
        "crate::run",
        "crate::cloud",
        "crate::elevation",
        "crate::measures",
        "crate::twin",
        "crate::cli",
    ];
    assert_never("pipeline/formats", &above);
    for folder in ["pipeline/cloud", "pipeline/elevation", "pipeline/measures", "pipeline/twin"] {
        assert_never(folder, &["crate::cli", "crate::run", "crate::plan", "clap::"]);
    }
    for (path, text) in sources("pipeline") {
        let inside = path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "cli");
        let speaks = code(&text).contains("println!") || code(&text).contains("clap::");
        assert!(inside || !speaks, "{}: only the command line speaks", path.display());
    }
}

#[test]
fn every_file_says_what_it_is() {
    for folder in ["kernels/src", "pipeline", "tests", "benches"] {
        for (path, text) in sources(folder) {
            let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
            assert!(first.starts_with("//!") || first.starts_with("//"), "{} has no header", path.display());
        }
    }
}

#[test]
fn nine_functions_in_ten_are_short_and_none_is_long() {
    let mut lengths: Vec<(usize, String)> = Vec::new();
    for folder in ["kernels/src", "pipeline"] {
        for (path, text) in sources(folder) {
            lengths.extend(
                functions(code(&text)).map(|(name, length)| (length, format!("{}: {name}", path.display()))),
            );
        }
    }
    lengths.sort_unstable();
    let at = lengths.len() * 9 / 10;
    assert!(lengths[at].0 <= 32, "nine in ten have at most {} lines", lengths[at].0);
    let longest = lengths.last().unwrap();
    assert!(longest.0 <= 80, "{} has {} lines", longest.1, longest.0);
}

/// Names and lengths of the functions of formatted code: from `fn` to the brace that closes at its indent.
fn functions(text: &str) -> impl Iterator<Item = (String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|&i| is_function(lines[i])).collect();
    let found: Vec<(String, usize)> = starts
        .into_iter()
        .filter_map(|start| {
            let indent = lines[start].len() - lines[start].trim_start().len();
            let close = format!("{}}}", " ".repeat(indent));
            let end = (start..lines.len())
                .find(|&i| lines[i] == close || (i == start && lines[i].ends_with('}')))?;
            let name = lines[start].split("fn ").nth(1)?.split(['(', '<']).next()?.to_owned();
            Some((name, end - start + 1))
        })
        .collect();
    found.into_iter()
}

fn is_function(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub(super) ")).unwrap_or(line);
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("const ").unwrap_or(line).starts_with("fn ") && !line.ends_with(';')
}

#[test]
fn the_readme_shows_the_registry() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let table = ilot::product::markdown_table(ilot::text::Language::English);
    assert!(readme.contains(&table), "README.md lacks the table of `ilot products --markdown --lang en`");
}

#[test]
fn the_schema_of_projects_is_fresh() {
    let committed = std::fs::read_to_string(root().join("docs/ilot.schema.json")).unwrap();
    assert_eq!(committed, ilot::project::Project::schema(), "write it with `ilot init --schema`");
}

#[test]
fn the_architecture_stays_one_read() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 150);
    for folder in ["cloud/", "elevation/", "measures/", "formats/", "kernels/", "sample/"] {
        assert!(text.contains(folder), "ARCHITECTURE.md does not speak of {folder}");
    }
}
