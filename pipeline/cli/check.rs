//! `ilot check PROJECT`: is everything there that the project needs?

use super::run;
use crate::cloud::catalogue::Catalogue;
use crate::fault;
use crate::graph;
use crate::measure::Measure;
use crate::plan::Plan;
use crate::project::Settings;
use crate::report;
use crate::text;
use crate::text::{Fault, counted};
use clap::ArgMatches;

/// Opens all inputs and lays the plan; prints what is wrong, or that nothing is.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let (project, base) = run::read(words)?;
    let settings = Settings::resolve(&project, &base)?;
    require_inputs(&graph::measures(&project, &settings)?)?;
    let catalogue = Catalogue::open(&settings.lidar, settings.crs.as_deref())?;
    let plan = Plan::new(&settings, &catalogue)?;
    for (_, why) in &catalogue.rejected {
        super::say_fault(why, json);
    }
    if json {
        let (clouds, tiles, rejected) = (catalogue.sources.len(), plan.tiles.len(), catalogue.rejected.len());
        println!(
            "{}",
            serde_json::json!({ "event": "check", "clouds": clouds, "tiles": tiles, "rejected": rejected })
        );
    } else {
        for remark in &catalogue.remarks {
            let (fr, en) = (&remark.fr, &remark.en);
            println!("{}", text!(fr: "attention : {fr}", en: "note: {en}"));
        }
        let clouds = counted(
            catalogue.sources.len(),
            ["nuage utilisable", "nuages utilisables"],
            ["usable cloud", "usable clouds"],
        );
        let tiles =
            counted(plan.tiles.len(), ["tuile à faire", "tuiles à faire"], ["tile to make", "tiles to make"]);
        println!("{clouds}, {tiles}.");
    }
    Ok(if catalogue.rejected.is_empty() { report::ALL } else { report::SOME })
}

/// The files that the measures of a project read are there.
fn require_inputs(measures: &[Box<dyn Measure>]) -> Result<(), Fault> {
    for measure in measures {
        if let Some(missing) = measure.inputs().into_iter().find(|path| !path.exists()) {
            let (name, missing) = (measure.name(), missing.display());
            return Err(fault!(
                fr: "{missing}, que la section [{name}] lit, n'est pas là : corrigez son nom ou retirez la section.",
                en: "{missing}, which section [{name}] reads, is not there: mend its name or take the section away.",
            ));
        }
    }
    Ok(())
}
