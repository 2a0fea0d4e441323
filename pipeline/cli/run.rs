//! `ilot surface`, `ilot run`, `ilot plan`.

use super::watch;
use crate::cloud::catalogue::Catalogue;
use crate::cloud::trust::ClassesRule;
use crate::fault;
use crate::graph;
use crate::landcover;
use crate::plan::Plan;
use crate::project::{LightName, Method, Project, RegistrationName, Settings, parse_classes};
use crate::publish;
use crate::report::{Outcome, Report};
use crate::run::Job;
use crate::store::Store;
use crate::text;
use crate::text::{Fault, counted};
use clap::ArgMatches;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// `ilot surface CLOUD… --out DIR`.
pub fn surface(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    execute(&project_of_flags(words)?, Path::new(""), None, json)
}

/// `ilot run PROJECT`.
pub fn project(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let (mut project, base) = read(words)?;
    machine_flags(words, &mut project);
    let code = execute(&project, &base, words.get_one::<String>("tiles"), json)?;
    if code == crate::report::INTERRUPTED {
        return Ok(code);
    }
    // What people open is made of what is there, whatever failed before; that it cannot be made fails nothing else.
    match publish::all(&base.join(&project.output.dir)) {
        Ok(()) => Ok(code),
        Err(why) => {
            super::say_fault(&why, json);
            Ok(crate::report::SOME)
        }
    }
}

/// `ilot plan PROJECT`.
pub fn plan(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let (project, base) = read(words)?;
    let settings = Settings::resolve(&project, &base)?;
    let catalogue = Catalogue::open(&settings.lidar, settings.crs.as_deref())?;
    let mut plan = Plan::new(&settings, &catalogue)?;
    plan.keep(words.get_one::<String>("tiles").map(String::as_str))?;
    if json {
        let tiles: Vec<_> = plan
            .wanted()
            .map(|tile| {
                let clouds = tile.looks_at.iter().map(|&source| catalogue.sources[source].path.to_string_lossy());
                serde_json::json!({ "tile": tile.name, "rows": tile.core.rows, "cols": tile.core.cols, "clouds": clouds.collect::<Vec<_>>() })
            })
            .collect();
        println!("{}", serde_json::json!({ "event": "plan", "tiles": tiles }));
    } else {
        plan.describe(&settings, &catalogue).iter().for_each(|line| println!("{line}"));
        for tile in plan.wanted() {
            let (name, rows, cols) = (&tile.name, tile.core.rows, tile.core.cols);
            let clouds = counted(tile.looks_at.len(), ["nuage", "nuages"], ["cloud", "clouds"]);
            let tile = text!(fr: "tuile {name} : {cols} × {rows} cellules", en: "tile {name}: {cols} × {rows} cells");
            println!("  {tile}, {clouds}");
        }
    }
    Ok(u8::from(!catalogue.rejected.is_empty()))
}

/// The project file named, and the folder that its paths start from.
pub fn read(words: &ArgMatches) -> Result<(Project, PathBuf), Fault> {
    let named = words.get_one::<PathBuf>("project").expect("the grammar has a default");
    let path = if named.is_dir() { named.join("ilot.toml") } else { named.clone() };
    let base = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok((Project::read(&path)?, base))
}

/// What the flags say of the machine.
pub fn machine_flags(words: &ArgMatches, project: &mut Project) {
    if let Some(&threads) = words.get_one::<usize>("threads") {
        project.machine.threads = threads;
    }
    if let Some(memory) = words.get_one::<String>("memory") {
        project.machine.memory = Some(memory.clone());
    }
}

/// The project that the flags of `ilot surface` describe.
fn project_of_flags(words: &ArgMatches) -> Result<Project, Fault> {
    let mut project = Project::default();
    let text = |name: &str| words.get_one::<String>(name).map(String::as_str);
    let number = |name: &str| words.get_one::<f64>(name).copied();
    project.input.lidar = words.get_many::<PathBuf>("clouds").into_iter().flatten().cloned().collect();
    project.input.crs = text("crs").map(str::to_owned);
    project.input.classes = match text("classes") {
        Some("trusted") => ClassesRule::Trusted,
        Some("recompute") => ClassesRule::Recompute,
        _ => ClassesRule::Auto,
    };
    project.output.dir.clone_from(words.get_one::<PathBuf>("out").expect("the grammar asks for it"));
    if let Some(list) = text("products") {
        project.output.products = list.split(',').map(|name| name.trim().to_owned()).collect();
    }
    let set = |value: &mut f64, name: &str| *value = number(name).unwrap_or(*value);
    set(&mut project.output.tile_size, "tile-size");
    let elevation = &mut project.elevation;
    set(&mut elevation.cell, "cell");
    set(&mut elevation.max_edge, "max-edge");
    set(&mut elevation.void_reach, "void-reach");
    elevation.spike_free = words.get_flag("spike-free");
    if text("registration") == Some("cell") {
        elevation.registration = RegistrationName::Cell;
    }
    if text("light") == Some("multidirectional") {
        elevation.light = LightName::Multidirectional;
    }
    elevation.method = match text("method") {
        Some("tin") => Method::Tin,
        Some("ign") => Method::Ign,
        _ => Method::Standard,
    };
    if let Some(list) = text("dtm-classes") {
        elevation.dtm_classes = parse_classes("dtm-classes", list)?;
    }
    if let Some(list) = text("dsm-classes") {
        elevation.dsm_classes = parse_classes("dsm-classes", list)?;
    }
    machine_flags(words, &mut project);
    Ok(project)
}

/// Does all that a project asks for, and says what there is.
pub fn execute(project: &Project, base: &Path, tiles: Option<&String>, json: bool) -> Result<u8, Fault> {
    let mut settings = Settings::resolve(project, base)?;
    let measures = graph::measures(project, &settings)?;
    let stop = stop_signal()?;
    let mut catalogue = Catalogue::open(&settings.lidar, settings.crs.as_deref())?;
    let remarks = landcover::prepare(&mut settings, &catalogue)?;
    catalogue.remarks.extend(remarks);
    let settings = &settings;
    let mut plan = Plan::new(settings, &catalogue)?;
    plan.keep(tiles.map(String::as_str))?;
    let store = Store::open(&settings.out)?;
    let listener = watch::listener(json);
    let job = Job {
        settings,
        catalogue: &catalogue,
        plan: &plan,
        measures: &measures,
        store: &store,
        watch: listener.as_ref(),
        stop: &stop,
    };
    let report = job.run()?;
    drop(listener);
    conclude(settings, &report, json);
    Ok(report.exit_code())
}

/// A flag that Ctrl-C and a polite kill set; the second one kills at once.
pub fn stop_signal() -> Result<Arc<AtomicBool>, Fault> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(
            signal,
            i32::from(crate::report::INTERRUPTED),
            Arc::clone(&stop),
        )
        .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
        .map_err(|why| {
            fault!(
                fr: "Les signaux du système ne peuvent être suivis ({why}).",
                en: "The signals of the system cannot be followed ({why}).",
            )
        })?;
    }
    Ok(stop)
}

/// The last words of a run: what there is, and where to look.
fn conclude(settings: &Settings, report: &Report, json: bool) {
    let count = |wanted: fn(&Outcome) -> bool| report.tiles.iter().filter(|tile| wanted(tile)).count();
    let made = count(|tile| matches!(tile, Outcome::Made(_)));
    let current = count(|tile| matches!(tile, Outcome::Current(_)));
    let empty = count(|tile| matches!(tile, Outcome::Empty(_)));
    let failed = count(|tile| matches!(tile, Outcome::Failed(..)));
    let rejected = report.rejected.len();
    report.trouble.iter().for_each(|why| super::say_fault(why, json));
    if json {
        let object = serde_json::json!({
            "event": "done", "made": made, "current": current, "empty": empty, "failed": failed, "rejected": rejected,
            "exit_code": report.exit_code(), "out": settings.out.to_string_lossy(),
        });
        println!("{object}");
        return;
    }
    let mut parts = vec![
        counted(made, ["tuile faite", "tuiles faites"], ["tile made", "tiles made"]),
        counted(current, ["déjà à jour", "déjà à jour"], ["already current", "already current"]),
        counted(failed, ["en échec", "en échec"], ["failed", "failed"]),
        counted(rejected, ["nuage écarté", "nuages écartés"], ["cloud set aside", "clouds set aside"]),
    ];
    if !report.measures.is_empty() {
        let there = report.measures.iter().filter(|measure| measure.record().is_some()).count();
        parts.push(counted(
            there,
            ["mesure à jour", "mesures à jour"],
            ["measure up to date", "measures up to date"],
        ));
    }
    if empty > 0 {
        parts.push(counted(empty, ["sans donnée", "sans donnée"], ["without data", "without data"]));
    }
    let list = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let seconds = report.wall.as_secs_f64();
    eprintln!("{list} ({seconds:.1} s)");
    point_at_results(settings, report, made + current);
}

/// Where to look, or how to go on.
fn point_at_results(settings: &Settings, report: &Report, there: usize) {
    let out = settings.out.display();
    if report.interrupted {
        let again = text!(
            fr: "Interrompu : relancez la même commande pour continuer.",
            en: "Interrupted: give the same command again to go on.",
        );
        eprintln!("{again}");
    } else if there > 0 {
        let missing = |name: &str| report.empty.iter().any(|empty| empty.name == name);
        let raster = settings
            .products
            .iter()
            .find(|spec| !missing(spec.name))
            .map(|spec| format!("{}.vrt", spec.name));
        let layer = || settings.layers.first().map(|layer| format!("{}.gpkg", layer.name));
        let first = raster.or_else(layer).unwrap_or_default();
        let results = text!(
            fr: "Résultats dans {out} : ouvrez {out}/{first} dans QGIS ; {out}/run.json dit d'où vient chaque chiffre.",
            en: "Results in {out}: open {out}/{first} in QGIS; {out}/run.json says where each figure comes from.",
        );
        eprintln!("{results}");
    }
}
