//! `ilot classify CLOUD… --out DIR [--only ground]`: copies of clouds with other classes.

use super::run::stop_signal;
use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::ground::{Classifier, Counts, Depth, GROUND, LOW_NOISE};
use crate::fault;
use crate::formats::aside;
use crate::formats::points::{losses, reclassify};
use crate::project;
use crate::report;
use crate::store::hash_file;
use crate::text;
use crate::text::{Fault, Text};
use clap::ArgMatches;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// A copy that was written.
struct Copy {
    from: PathBuf,
    to: PathBuf,
    counts: Counts,
    object_settings: Option<String>,
    remarks: Vec<Text>,
}

/// Classifies and writes.
pub fn main(words: &ArgMatches, json: bool) -> Result<u8, Fault> {
    let start = Instant::now();
    let out = words.get_one::<PathBuf>("out").expect("the grammar asks for it");
    let inputs: Vec<PathBuf> = words.get_many::<PathBuf>("clouds").into_iter().flatten().cloned().collect();
    let crs = words.get_one::<String>("crs").map(String::as_str);
    let (threads, memory) =
        project::machine(words.get_one::<usize>("threads").copied(), words.get_one::<String>("memory"))?;
    let stop = stop_signal()?;
    let catalogue = Catalogue::open(&inputs, crs)?;
    let targets = targets(&catalogue, out)?;
    make_folder(out)?;
    aside::sweep(out);
    let pool = project::pool(threads)?;
    catalogue.remarks.iter().for_each(|remark| super::say_remark(remark, json));
    catalogue.rejected.iter().for_each(|(_, why)| super::say_fault(why, json));
    let depth = if words.contains_id("only") { Depth::Ground } else { Depth::Objects };
    let mut classifier = Classifier::new(&catalogue, depth, memory, &stop);
    let (copies, failed) = pool.install(|| copy_all(&catalogue, &targets, &mut classifier, &stop, json));
    if !copies.is_empty() {
        let record = record(&catalogue, &copies, failed.len());
        aside::write(&out.join("classify.json"), (format!("{record:#}") + "\n").as_bytes())?;
    }
    let interrupted = stop.load(Ordering::Relaxed);
    let code = exit_code(copies.len(), failed.len() + catalogue.rejected.len(), interrupted);
    conclude(
        &copies,
        failed.len() + catalogue.rejected.len(),
        out,
        code,
        start.elapsed().as_secs_f64(),
        json,
    );
    Ok(code)
}

fn exit_code(copies: usize, failed: usize, interrupted: bool) -> u8 {
    match (interrupted, copies, failed) {
        (true, _, _) => report::INTERRUPTED,
        (_, _, 0) => report::ALL,
        (_, 0, _) => report::NONE,
        _ => report::SOME,
    }
}

/// Copies one cloud after the other; a cloud that fails does not keep the others from being copied.
fn copy_all(
    catalogue: &Catalogue,
    targets: &[PathBuf],
    classifier: &mut Classifier<'_>,
    stop: &AtomicBool,
    json: bool,
) -> (Vec<Copy>, Vec<Fault>) {
    let (mut copies, mut failed) = (Vec::new(), Vec::new());
    for (index, target) in targets.iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match copy(classifier, catalogue, index, target) {
            Ok(copy) => {
                copy.remarks.iter().for_each(|remark| super::say_remark(remark, json));
                if json {
                    let object =
                        json!({ "event": "made", "cloud": copy.from, "to": copy.to, "points": copy.counts });
                    println!("{object}");
                }
                copies.push(copy);
            }
            Err(_) if stop.load(Ordering::Relaxed) => break,
            Err(why) => {
                super::say_fault(&why, json);
                failed.push(why);
            }
        }
    }
    (copies, failed)
}

fn copy(
    classifier: &mut Classifier<'_>,
    catalogue: &Catalogue,
    index: usize,
    target: &Path,
) -> Result<Copy, Fault> {
    let source = &catalogue.sources[index];
    let sparse = classifier.sparse(index);
    let object_settings = classifier.object_params(index).map(|params| format!("{params:?}"));
    let classified = classifier.cloud(index)?;
    reclassify(&source.cloud, target, &|nth| classified.chunk(nth))?;
    let mut remarks: Vec<Text> = losses(&source.cloud).into_iter().chain(sparse).collect();
    for other in &classified.without {
        let (own, other) = (source.path.display(), catalogue.sources[*other].path.display());
        remarks.push(text!(
            fr: "{own} : classé sans {other}, voisin endommagé ; ses bords peuvent changer quand il sera réparé",
            en: "{own}: classified without {other}, a damaged neighbour; its borders may change when it is mended",
        ));
    }
    let counts = classified.counts();
    if !counts.contains_key(&GROUND) && source.cloud.header().count > 0 {
        let own = source.path.display();
        remarks.push(text!(fr: "{own} : aucun point de sol trouvé", en: "{own}: no ground point found"));
    }
    Ok(Copy { from: source.path.clone(), to: target.to_owned(), counts, object_settings, remarks })
}

/// Where each cloud's copy goes: its name, as plain LAZ.
fn targets(catalogue: &Catalogue, out: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut known: BTreeMap<PathBuf, &Source> = BTreeMap::new();
    let mut targets = Vec::new();
    for source in &catalogue.sources {
        let target = out.join(copy_name(&source.path));
        let same =
            |path: &Path| path.canonicalize().ok().is_some_and(|own| target.canonicalize().ok() == Some(own));
        if let Some(input) = catalogue.sources.iter().find(|other| same(&other.path)) {
            let (out, input) = (out.display(), input.path.display());
            return Err(fault!(
                fr: "{out} contient {input}, qui serait écrasé : choisissez un autre dossier.",
                en: "{out} holds {input}, which would be overwritten: choose another folder.",
            ));
        }
        if let Some(twin) = known.insert(target.clone(), source) {
            let (one, two, target) = (twin.path.display(), source.path.display(), target.display());
            return Err(fault!(
                fr: "{one} et {two} donneraient tous deux {target} : traitez-les séparément.",
                en: "{one} and {two} would both give {target}: run them apart.",
            ));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// `tile.copc.laz` and `tile.las` become `tile.laz`.
fn copy_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".copc").unwrap_or(&stem);
    format!("{stem}.laz")
}

fn make_folder(out: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(out).map_err(|why| {
        let out = out.display();
        fault!(
            fr: "Le dossier {out} ne peut être créé ({why}) : choisissez-en un autre.",
            en: "Folder {out} cannot be made ({why}): choose another one.",
        )
    })
}

/// What was done to which file, for who reads the copies later.
fn record(catalogue: &Catalogue, copies: &[Copy], failed: usize) -> Value {
    let of = |copy: &Copy| {
        let hash = |path: &Path| hash_file(path).ok();
        json!({
            "cloud": copy.from, "sha256": hash(&copy.from), "copy": copy.to, "copy_sha256": hash(&copy.to),
            "points": copy.counts, "object_settings": copy.object_settings,
            "remarks": copy.remarks.iter().map(|remark| json!({ "fr": remark.fr, "en": remark.en })).collect::<Vec<_>>(),
        })
    };
    json!({
        "ilot": env!("CARGO_PKG_VERSION"),
        "finished": report::timestamp(std::time::SystemTime::now()),
        "method": "ground: SMRF (Pingel et al. 2013), each opening of the same surface, break lines restored by planes",
        "ground_settings": format!("{:?}", ilot_kernels::ground::GroundParams::default()),
        "crs": catalogue.crs.name(),
        "clouds": copies.iter().map(of).collect::<Vec<_>>(),
        "rejected": catalogue.rejected.len() + failed,
    })
}

fn conclude(copies: &[Copy], failed: usize, out: &Path, code: u8, seconds: f64, json: bool) {
    let of = |class: u8| copies.iter().filter_map(|copy| copy.counts.get(&class)).sum::<u64>();
    let (ground, noise) = (of(GROUND), of(LOW_NOISE));
    let all: u64 = copies.iter().flat_map(|copy| copy.counts.values()).sum();
    let made = copies.len();
    if json {
        let object = json!({
            "event": "done", "made": made, "failed": failed, "points": all, "ground": ground, "low_noise": noise,
            "exit_code": code, "out": out,
        });
        println!("{object}");
        return;
    }
    let out = out.display();
    let share = 100.0 * ground as f64 / all.max(1) as f64;
    eprintln!(
        "{}",
        text!(
            fr: "{made} nuages reclassés, {failed} en échec : {all} points, dont {share:.1} % de sol et {noise} de bruit, en {seconds:.1} s : {out}",
            en: "{made} clouds reclassified, {failed} failed: {all} points, {share:.1} % of them ground and {noise} noise, in {seconds:.1} s: {out}",
        )
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_plain_laz() {
        assert_eq!(copy_name(Path::new("a/LHD_0770.copc.laz")), "LHD_0770.laz");
        assert_eq!(copy_name(Path::new("b.v2.LAS")), "b.v2.laz");
    }
}
