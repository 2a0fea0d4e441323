//! `ilot init`: a commented project file.

use crate::fault;
use crate::formats::aside;
use crate::project::Project;
use crate::report;
use crate::text;
use crate::text::Fault;
use clap::ArgMatches;
use std::path::PathBuf;

/// Writes `ilot.toml` where there is none, or prints the schema of one.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    if words.get_flag("schema") {
        print!("{}", Project::schema());
        return Ok(report::ALL);
    }
    let folder = words.get_one::<PathBuf>("dir").expect("the grammar has a default");
    let path = folder.join("ilot.toml");
    let shown = path.display();
    if path.exists() {
        return Err(fault!(
            fr: "{shown} existe déjà : il n'est pas écrasé.",
            en: "{shown} is already there: it is not overwritten.",
        ));
    }
    std::fs::create_dir_all(folder).map_err(|why| {
        fault!(
            fr: "Le dossier de {shown} ne peut être créé ({why}) : vérifiez vos droits.",
            en: "The folder of {shown} cannot be made ({why}): check your permissions.",
        )
    })?;
    aside::write(&path, template().to_string().as_bytes())?;
    if json {
        println!("{}", serde_json::json!({ "event": "init", "project": path.to_string_lossy() }));
        return Ok(report::ALL);
    }
    let written = text!(
        fr: "{shown} est écrit : indiquez-y vos nuages, puis lancez « ilot run {shown} ».",
        en: "{shown} is written: name your clouds in it, then `ilot run {shown}`.",
    );
    println!("{written}");
    Ok(report::ALL)
}

/// The commented project file, all settings at their default.
pub fn template() -> text::Text {
    text::Text { fr: include_str!("ilot.fr.toml").to_owned(), en: include_str!("ilot.en.toml").to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_holds_the_defaults_in_both_languages() {
        let mut expected = Project::default();
        expected.input.lidar = vec!["lidar".into()];
        expected.sky = Some(crate::measures::steps::sky::Section::default());
        expected.machine.memory = Some("4G".to_owned());
        let template = template();
        for text in [&template.fr, &template.en] {
            assert_eq!(toml::from_str::<Project>(text).unwrap(), expected);
        }
    }
}
