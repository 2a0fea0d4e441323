//! Whose classes are taken as they are, and whose are found anew.
//!
//! In: a catalogue and the user's rule. Out: the clouds whose classes are recomputed ([`Trust`]), each with the
//! clouds around it on which its classes then depend. Under `auto` a cloud is recomputed where none of its points
//! bears a class but 0, 1 or 12 (never or not classified, overlap) and noise: a cloud that has classes but no
//! ground is somebody's work, and is told instead. Chunks are looked at in an order spread over the file, up to the
//! first point of ground or water, which most files have in their first; what was found is remembered by the
//! content of the file. Cost: a chunk of each classified cloud; a decode of each unclassified one, once.

use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::classes::{NOISE, VIRTUAL};
use crate::cloud::ground::{Classifier, Depth};
use crate::formats::points::{Batch, Layers, Scratch};
use crate::store::Store;
use crate::text;
use crate::text::{Fault, Text, counted};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the classes of clouds are taken as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClassesRule {
    /// Recomputed for clouds that bear none, taken as they are for others.
    #[default]
    Auto,
    /// Taken as they are.
    Trusted,
    /// Found anew for all clouds.
    Recompute,
}

/// What classes the points of a cloud bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Borne {
    /// Ground or water: a terrain can be made of them.
    Ground,
    /// Others, but no ground.
    Others,
    /// None.
    None,
}

/// Which clouds are recomputed.
#[derive(Debug, Default)]
pub struct Trust {
    /// The clouds that are recomputed, and those on which their classes depend.
    pub recomputed: BTreeMap<usize, Vec<usize>>,
    /// What the user should know.
    pub remarks: Vec<Text>,
}

/// Classes of points that are not classified: never, not, overlap.
const UNCLASSIFIED: [u8; 3] = [0, 1, 12];
/// Classes that carry a terrain.
const TERRAIN: [u8; 2] = [2, 9];
/// Where it is remembered what clouds bear.
const MEMORY: &str = "classes.json";
/// Names that a remark lists at most.
const NAMED: usize = 3;

impl Trust {
    /// Settles it for all clouds; `hashes` are those of their files.
    ///
    /// # Errors
    /// None of its own: a cloud that cannot be decoded is told by whoever needs its points.
    pub fn settle(
        catalogue: &Catalogue,
        rule: ClassesRule,
        hashes: &[String],
        store: &Store,
        stop: &AtomicBool,
    ) -> Trust {
        let sources = &catalogue.sources;
        let mut trust = Trust::default();
        let all: Vec<usize> = (0..sources.len()).filter(|&at| sources[at].cloud.header().count > 0).collect();
        let wanted: Vec<usize> = match rule {
            ClassesRule::Trusted => Vec::new(),
            ClassesRule::Recompute => all,
            ClassesRule::Auto => {
                let borne = remembered(catalogue, &all, hashes, store, stop);
                let of =
                    |kind: Borne| all.iter().copied().filter(|at| borne.get(at) == Some(&kind)).collect();
                let groundless: Vec<usize> = of(Borne::Others);
                if !groundless.is_empty() {
                    trust.remarks.push(groundless_remark(&names(catalogue, &groundless)));
                }
                of(Borne::None)
            }
        };
        if wanted.is_empty() {
            return trust;
        }
        trust.remarks.push(recomputed_remark(&names(catalogue, &wanted), sources.len() - wanted.len()));
        // Only its geometry is asked for here.
        let classifier = Classifier::new(catalogue, Depth::Objects, 0, stop);
        trust.remarks.extend(wanted.iter().filter_map(|&index| classifier.sparse(index)).take(NAMED));
        trust.recomputed = wanted.into_iter().map(|index| (index, classifier.near(index))).collect();
        trust
    }

    /// The clouds on which what is read of these depends, themselves among them, in order.
    pub fn behind(&self, sources: &[usize]) -> Vec<usize> {
        let near = sources.iter().filter_map(|source| self.recomputed.get(source)).flatten();
        let all: std::collections::BTreeSet<usize> = sources.iter().chain(near).copied().collect();
        all.into_iter().collect()
    }
}

/// What each cloud bears, from memory where its content was looked at before.
fn remembered(
    catalogue: &Catalogue,
    wanted: &[usize],
    hashes: &[String],
    store: &Store,
    stop: &AtomicBool,
) -> BTreeMap<usize, Borne> {
    let text = std::fs::read_to_string(store.own(MEMORY)).unwrap_or_default();
    let known: BTreeMap<String, Borne> = serde_json::from_str(&text).unwrap_or_default();
    let look = |&index: &usize| {
        let found = known.get(&hashes[index]).copied();
        let found = found.or_else(|| borne(&catalogue.sources[index], stop).ok());
        // A damaged cloud is trusted here: it is told, and set aside, when its points are needed.
        found.map(|found| (index, found))
    };
    let borne: BTreeMap<usize, Borne> = wanted.par_iter().filter_map(look).collect();
    let kept: BTreeMap<&str, Borne> =
        borne.iter().map(|(&index, &found)| (hashes[index].as_str(), found)).collect();
    let text = serde_json::to_string(&kept).expect("names and words");
    // Without it the next run looks again, no more.
    let _ = store.write(&format!(".ilot/{MEMORY}"), text.as_bytes());
    borne
}

/// Looks for classes, chunk by chunk.
fn borne(source: &Source, stop: &AtomicBool) -> Result<Borne, Fault> {
    let chunks = source.cloud.chunks();
    let (mut scratch, mut batch) = (Scratch::default(), Batch::default());
    let mut found = Borne::None;
    for nth in spread(chunks.len()) {
        if stop.load(Ordering::Relaxed) {
            return Err(crate::fault!(fr: "Interrompu.", en: "Interrupted."));
        }
        source.cloud.decode(&chunks[nth], Layers::CLASS, &mut scratch, &mut batch)?;
        if batch.class.iter().any(|class| TERRAIN.contains(class)) {
            return Ok(Borne::Ground);
        }
        let bears = |class: &u8| !UNCLASSIFIED.contains(class) && !NOISE.contains(class) && *class != VIRTUAL;
        if batch.class.iter().any(bears) {
            found = Borne::Others;
        }
    }
    Ok(found)
}

/// All numbers below `count`: ever finer steps over the whole, so that the first few are spread.
fn spread(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let bits = usize::BITS - count.leading_zeros();
    order.sort_by_key(|nth| nth.reverse_bits() >> (usize::BITS - bits.max(1)));
    order
}

/// The names of files, the first few of them.
fn names(catalogue: &Catalogue, which: &[usize]) -> (String, usize) {
    let name = |&index: &usize| {
        catalogue.sources[index].path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let more = if which.len() > NAMED { ", …" } else { "" };
    (which.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ") + more, which.len())
}

fn recomputed_remark((names, count): &(String, usize), trusted: usize) -> Text {
    let clouds = counted(*count, ["nuage", "nuages"], ["cloud", "clouds"]);
    let (fr, en) = (clouds.fr, clouds.en);
    text!(
        fr: "classes recalculées pour {fr} ({names}), prises telles quelles pour {trusted} : sol, végétation, bâtiments et ponts viennent alors d'ilot, l'eau reste comptée comme sol",
        en: "classes recomputed for {en} ({names}), taken as they are for {trusted}: ground, vegetation, buildings and bridges are then ilot's, water is counted as ground",
    )
}

fn groundless_remark((names, count): &(String, usize)) -> Text {
    let clouds = counted(*count, ["nuage", "nuages"], ["cloud", "clouds"]);
    let (fr, en) = (clouds.fr, clouds.en);
    text!(
        fr: "{fr} avec des classes mais sans sol ({names}) : le terrain y reste vide ; classes = \"recompute\" le recalcule",
        en: "{en} with classes but without ground ({names}): the terrain stays empty there; classes = \"recompute\" finds it anew",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_looked_at_spread_over_the_file() {
        let order = spread(9);
        assert_eq!(order[..3], [0, 8, 4]);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..9).collect::<Vec<_>>());
        assert_eq!(spread(1), [0]);
        assert!(spread(0).is_empty());
    }
}
