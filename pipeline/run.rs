//! Running a plan: each cloud is decoded once, each tile is finished as soon as all that it looks at is there.
//!
//! ```text
//!   cloud ─┬─ chunk ┐                       ┌─ stage ─ stage ─ … ─┐
//!          ├─ chunk ┼─→ baskets of tiles ─→ ┤ finishing a tile    ├─→ files, then the tile's record
//!          └─ chunk ┘   (the budget bounds  └─────────────────────┘
//!                        them)                 while the next cloud is decoded
//! ```
//!
//! A cloud that turns out to be damaged takes the tiles that it covers with it. Tiles that only look at it
//! are gathered again without it, so that nothing depends on how far its decoding came.

use crate::account::{self, Account};
use crate::cloud::catalogue::{Catalogue, Source};
use crate::cloud::gather::{Basket, Scratch, Window};
use crate::cloud::ground::{Classified, Classifier, Depth};
use crate::cloud::trust::Trust;
use crate::fault;
use crate::formats::points::{self, Batch, Chunk};
use crate::ledger::Ledger;
use crate::measure::{self, Measure, MeasureOutcome};
use crate::plan::{Plan, Tile};
use crate::project::{self, Settings};
use crate::publish;
use crate::report::{FINISHED, InputRecord, Meter, Outcome, RUNNING, Report, Spent, recorded, settings_json};
use crate::stage::Shelf;
use crate::store::{self, Store, TileRecord, hash_file};
use crate::text;
use crate::text::{Fault, Text};
use crate::write;
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What a run tells while it goes.
pub enum Event<'a> {
    /// What lies ahead.
    Starts {
        /// Tiles to make.
        tiles: usize,
        /// Tiles that are there already.
        current: usize,
        /// Clouds to decode.
        clouds: usize,
        /// Points in them.
        points: u64,
    },
    /// So many more points are decoded.
    Decoded(u64),
    /// A tile is finished.
    Made(&'a str),
    /// A tile could not be made.
    Failed(&'a str, &'a Fault),
    /// A cloud could not be used.
    Rejected(&'a Fault),
    /// A measure begins.
    Measures(&'a str),
    /// A measure could not be made.
    MeasureFailed(&'a str, &'a Fault),
    /// Something that the user should know.
    Remark(&'a Text),
}

/// Listens to a run. Called from many threads.
pub trait Watch: Sync {
    /// Something happened.
    fn see(&self, event: Event<'_>);
}

/// All that a run needs.
pub struct Job<'a> {
    /// What is wanted.
    pub settings: &'a Settings,
    /// The clouds.
    pub catalogue: &'a Catalogue,
    /// What will be done.
    pub plan: &'a Plan,
    /// What is done on the finished tiles, in order.
    pub measures: &'a [Box<dyn Measure>],
    /// Where it goes.
    pub store: &'a Store,
    /// Who listens.
    pub watch: &'a dyn Watch,
    /// Set from outside to stop.
    pub stop: &'a AtomicBool,
}

/// What is known of a tile while it is gathered.
struct Pending {
    /// When it last took points: the one that waits longest goes to the disk first.
    touched: usize,
    remaining: BTreeSet<usize>,
    basket: Option<Basket>,
    /// The clouds among those that it looks at whose decoding failed.
    broken: BTreeSet<usize>,
}

/// A round gathers tiles over the clouds that are still trusted.
struct Round<'a> {
    job: &'a Job<'a>,
    fingerprints: &'a [String],
    hashes: &'a [String],
    trust: &'a Trust,
    ledger: &'a Ledger,
    outcomes: &'a Mutex<BTreeMap<usize, Outcome>>,
}

impl Job<'_> {
    /// Makes what is not there yet, and says what happened.
    pub fn run(&self) -> Result<Report, Fault> {
        let (start, meter) = (Instant::now(), Meter::start());
        let pool = project::pool(self.settings.threads)?;
        let mut report = Report { earlier: self.earlier(), ..Report::default() };
        self.catalogue.remarks.iter().for_each(|remark| self.watch.see(Event::Remark(remark)));
        report.remarks.extend(self.catalogue.remarks.iter().cloned());
        for (path, why) in &self.catalogue.rejected {
            self.watch.see(Event::Rejected(why));
            report.rejected.push((path.clone(), why.clone()));
        }
        let hashes = pool.install(|| self.hash_inputs())?;
        let (rule, catalogue) = (self.settings.classes, self.catalogue);
        let trust = pool.install(|| Trust::settle(catalogue, rule, &hashes, self.store, self.stop));
        trust.remarks.iter().for_each(|remark| self.watch.see(Event::Remark(remark)));
        report.remarks.extend(trust.remarks.iter().cloned());
        report.inputs = self.input_records(&hashes, &trust);
        self.make_tiles(&pool, &hashes, &trust, &mut report)?;
        report.interrupted = self.stopped();
        // The tiles that are there stay good where the disk is full now: it is told, and the exit code tells it.
        if let Err(why) = write::close(self, &mut report) {
            report.trouble.push(why);
        }
        self.note_progress(&mut report);
        pool.install(|| self.measure(&mut report));
        let account = Account::read(self.store.out(), RUNNING);
        self.name_others(&account, &mut report);
        let (store, Catalogue { crs, extent, .. }) = (self.store, self.catalogue);
        if let Err(why) = write::qgis::write(store, &account, crs, extent) {
            report.trouble.push(why);
        }
        if let Err(why) = publish::records::write(self, &account, &report) {
            report.trouble.push(why);
        }
        if let Err(why) = publish::catalogue::write(self, &account, &report) {
            report.trouble.push(why);
        }
        report.wall = start.elapsed();
        (report.processor, report.memory) = crate::report::usage();
        report.joules = meter.joules(report.wall);
        if let Err(why) = write::run_json(self, &report) {
            report.trouble.push(why);
        }
        Ok(report)
    }

    /// What earlier runs used for what lies in the folder.
    fn earlier(&self) -> Option<Spent> {
        Spent::of_results(&recorded(self.store.out(), FINISHED))
    }

    /// Measures that read clouds ask here which they are, and what the run has made so far.
    fn note_progress(&self, report: &mut Report) {
        let products: Vec<_> = self.settings.products.iter().map(|spec| report.product_json(spec)).collect();
        let record = account::running(report, &products, self.settings.crs.as_deref());
        if let Err(why) = self.store.write(RUNNING, record.to_string().as_bytes()) {
            report.trouble.push(why);
        }
    }

    /// Tells what the folder keeps of other runs: it is left out of all that is published.
    fn name_others(&self, account: &Account, report: &mut Report) {
        let tiles = if self.plan.is_partial() { 0 } else { write::tiles_of_others(self) };
        let others = account.others(self.store.out());
        if let Some(remark) = account::remark(&others, tiles) {
            self.watch.see(Event::Remark(&remark));
            report.remarks.push(remark);
        }
    }

    /// Makes the measures, one after the other: each has all threads.
    fn measure(&self, report: &mut Report) {
        if self.plan.is_partial() && !self.measures.is_empty() {
            let remark = text!(
                fr: "les mesures de tout le territoire attendent toutes les tuiles : relancez sans --tiles",
                en: "the measures of the whole territory wait for all tiles: run again without --tiles",
            );
            self.watch.see(Event::Remark(&remark));
            report.remarks.push(remark);
            return;
        }
        for step in self.measures {
            if self.stopped() {
                report.interrupted = true;
                return;
            }
            self.watch.see(Event::Measures(step.name()));
            let Some(outcome) = measure::make(step.as_ref(), self.store, report, self.stop) else {
                report.interrupted = true;
                return;
            };
            self.tell(&outcome);
            report.measures.push(outcome);
            self.note_progress(report);
        }
    }

    fn tell(&self, outcome: &MeasureOutcome) {
        if let MeasureOutcome::Failed(name, why) = outcome {
            self.watch.see(Event::MeasureFailed(name, why));
        }
        for (fr, en) in outcome.record().into_iter().flat_map(|record| &record.remarks) {
            let name = &outcome.record().expect("it has remarks").measure;
            self.watch.see(Event::Remark(&text!(fr: "{name} : {fr}", en: "{name}: {en}")));
        }
    }

    /// Gathers and finishes all tiles that are not current.
    fn make_tiles(
        &self,
        pool: &rayon::ThreadPool,
        hashes: &[String],
        trust: &Trust,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let fingerprints: Vec<String> =
            self.plan.tiles.iter().map(|tile| self.fingerprint(tile, hashes, trust)).collect();
        let mut outcomes = BTreeMap::new();
        let mut todo = BTreeSet::new();
        for (index, tile) in self.plan.tiles.iter().enumerate() {
            match self.store.current(&tile.name, &fingerprints[index]) {
                Some(record) if record.files.is_empty() => {
                    drop(outcomes.insert(index, Outcome::Empty(record)))
                }
                Some(record) => drop(outcomes.insert(index, Outcome::Current(record))),
                None if self.plan.wants(index) => drop(todo.insert(index)),
                None => {}
            }
        }
        self.announce(&todo, outcomes.len());
        for &index in &todo {
            self.store.clear(&self.plan.tiles[index].name)?;
        }
        let outcomes = Mutex::new(outcomes);
        let ledger = Ledger::new(self.settings.memory);
        let round = Round {
            job: self,
            fingerprints: &fingerprints,
            hashes,
            trust,
            ledger: &ledger,
            outcomes: &outcomes,
        };
        let mut broken: BTreeMap<usize, Fault> = BTreeMap::new();
        while !todo.is_empty() && !self.stopped() {
            todo = round.gather(pool, &todo, &mut broken);
        }
        for (source, why) in broken {
            report.rejected.push((self.catalogue.sources[source].path.clone(), why));
        }
        self.store.empty_waiting_room();
        let outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        report.tiles = outcomes.into_values().collect();
        Ok(())
    }

    fn announce(&self, todo: &BTreeSet<usize>, current: usize) {
        let clouds: BTreeSet<usize> =
            todo.iter().flat_map(|&tile| &self.plan.tiles[tile].looks_at).copied().collect();
        let points = clouds.iter().map(|&source| self.catalogue.sources[source].cloud.header().count).sum();
        self.watch.see(Event::Starts { tiles: todo.len(), current, clouds: clouds.len(), points });
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn input_records(&self, hashes: &[String], trust: &Trust) -> Vec<InputRecord> {
        let sources = self.catalogue.sources.iter().zip(hashes).enumerate();
        sources
            .map(|(index, (source, sha256))| InputRecord {
                path: source.path.display().to_string(),
                bytes: std::fs::metadata(&source.path).map_or(0, |file| file.len()),
                sha256: sha256.clone(),
                points: source.cloud.header().count,
                classes: if trust.recomputed.contains_key(&index) { "recomputed" } else { "trusted" },
            })
            .collect()
    }

    /// What a tile is made from and how: where it is the same, the files are the same.
    fn fingerprint(&self, tile: &Tile, hashes: &[String], trust: &Trust) -> String {
        let behind = trust.behind(&tile.looks_at);
        let mut sources: Vec<&str> = behind.iter().map(|&source| hashes[source].as_str()).collect();
        sources.sort_unstable();
        let products = self.settings.wanted();
        let line = format!(
            "ilot {} {} {:?} {:?} {:?} {:?} {sources:?}",
            env!("CARGO_PKG_VERSION"),
            settings_json(self.settings),
            self.catalogue.lattice.per_metre,
            self.catalogue.crs.wkt(),
            tile.core,
            products,
        );
        store::sha256(line.as_bytes())
    }

    /// The hash of each cloud, from memory where its file has not changed since.
    fn hash_inputs(&self) -> Result<Vec<String>, Fault> {
        let known = HashMemory::read(self.store);
        let hashes: Vec<(String, Option<Stamp>)> = self
            .catalogue
            .sources
            .par_iter()
            .map(|source| known.hash(source))
            .collect::<Result<_, Fault>>()?;
        HashMemory::write(self.store, self.catalogue.sources.iter().zip(&hashes));
        Ok(hashes.into_iter().map(|(hash, _)| hash).collect())
    }
}

impl Round<'_> {
    /// One pass over the clouds; returns the tiles to gather again, without the clouds that broke.
    fn gather(
        &self,
        pool: &rayon::ThreadPool,
        todo: &BTreeSet<usize>,
        broken: &mut BTreeMap<usize, Fault>,
    ) -> BTreeSet<usize> {
        let tiles = &self.job.plan.tiles;
        let trusted = |tile: &Tile| {
            tile.looks_at.iter().copied().filter(|source| !broken.contains_key(source)).collect()
        };
        let mut pending: BTreeMap<usize, Pending> = todo
            .iter()
            .map(|&tile| {
                let remaining: BTreeSet<usize> = trusted(&tiles[tile]);
                (tile, Pending { touched: 0, remaining, basket: None, broken: BTreeSet::new() })
            })
            .collect();
        let mut again = BTreeSet::new();
        let mut classifier = self.classifier(broken);
        pool.in_place_scope(|scope| {
            for source in 0..self.job.catalogue.sources.len() {
                let here: Vec<usize> = pending
                    .iter()
                    .filter(|(_, tile)| tile.remaining.contains(&source))
                    .map(|(tile, _)| *tile)
                    .collect();
                if here.is_empty() {
                    continue;
                }
                if self.job.stopped() {
                    return;
                }
                let outcome = self.decode(pool, source, &mut classifier, &here, &mut pending);
                if !self.job.stopped() {
                    // Neighbours whose points a recomputed cloud needed may be damaged as well.
                    let damaged = classifier.damaged().map(|(other, why)| (other, why.clone()));
                    let own = outcome.as_ref().err().map(|why| (source, why.clone()));
                    self.set_aside(damaged.chain(own), broken);
                }
                for tile in here {
                    let state = pending.get_mut(&tile).expect("a tile that looks at this cloud is pending");
                    state.remaining.remove(&source);
                    if outcome.is_err() {
                        state.broken.insert(source);
                    }
                    if state.remaining.is_empty() && !self.job.stopped() {
                        let state = pending.remove(&tile).expect("it was there a line ago");
                        self.complete(scope, tile, state, broken, &mut again);
                    }
                }
            }
        });
        again
    }

    /// Sets damaged clouds aside and tells each once.
    fn set_aside(&self, damaged: impl Iterator<Item = (usize, Fault)>, broken: &mut BTreeMap<usize, Fault>) {
        for (source, why) in damaged {
            if let Entry::Vacant(place) = broken.entry(source) {
                self.job.watch.see(Event::Rejected(&why));
                let _ = place.insert(why);
            }
        }
    }

    /// What finds the classes of the clouds that are recomputed, without those that are known to be damaged.
    fn classifier(&self, broken: &BTreeMap<usize, Fault>) -> Classifier<'_> {
        let job = self.job;
        let memory = job.settings.memory / 4;
        let mut classifier = Classifier::new(job.catalogue, Depth::Objects, memory, job.stop);
        broken.iter().for_each(|(&source, why)| classifier.leave_out(source, why));
        classifier
    }

    /// Decodes a cloud into the baskets of the tiles that look at it.
    fn decode(
        &self,
        pool: &rayon::ThreadPool,
        source: usize,
        classifier: &mut Classifier<'_>,
        here: &[usize],
        pending: &mut BTreeMap<usize, Pending>,
    ) -> Result<(), Fault> {
        let job = self.job;
        for tile in here {
            let state = pending.get_mut(tile).expect("a tile that looks at this cloud is pending");
            let Tile { core, place, .. } = &job.plan.tiles[*tile];
            state.touched = source + 1;
            state
                .basket
                .get_or_insert_with(|| Basket::new(core, place, job.catalogue.lattice, &job.plan.recipe))
                .wake()?;
        }
        self.make_room(source + 1, pending);
        let baskets: Vec<&Basket> = here.iter().filter_map(|tile| pending[tile].basket.as_ref()).collect();
        let recomputed = self.trust.recomputed.contains_key(&source);
        pool.install(|| {
            let classes = recomputed.then(|| classifier.cloud(source)).transpose()?;
            decode_into(job, &job.catalogue.sources[source], classes.as_ref(), &baskets)
        })
    }

    /// Puts baskets that wait on the disk, the longest waiting first, until the others fit into half of the
    /// budget; then waits until what is being finished fits into the rest.
    fn make_room(&self, now: usize, pending: &mut BTreeMap<usize, Pending>) {
        let held = |pending: &BTreeMap<usize, Pending>| -> u64 {
            pending.values().filter_map(|tile| tile.basket.as_ref()).map(Basket::bytes).sum()
        };
        let mut waiting: Vec<(usize, usize)> = pending
            .iter()
            .filter(|(_, tile)| tile.touched < now && tile.basket.is_some())
            .map(|(index, tile)| (tile.touched, *index))
            .collect();
        waiting.sort_unstable();
        for (_, index) in waiting {
            if held(pending) <= self.job.settings.memory / 2 {
                break;
            }
            let name = &self.job.plan.tiles[index].name;
            let Some(basket) = pending.get_mut(&index).and_then(|tile| tile.basket.as_mut()) else {
                continue;
            };
            let spilled = self.job.store.waiting_room().and_then(|room| basket.spill(&room.join(name)));
            if let Err(why) = spilled {
                // The run goes on in memory, above its budget: slower or not, it may still end well.
                self.job.watch.see(Event::Remark(&why.0));
                break;
            }
        }
        self.ledger.wait_for_room(held(pending));
    }

    /// A tile whose clouds have all been read: finish it, give it up, or gather it again.
    fn complete<'scope>(
        &'scope self,
        scope: &rayon::Scope<'scope>,
        index: usize,
        state: Pending,
        broken: &BTreeMap<usize, Fault>,
        again: &mut BTreeSet<usize>,
    ) {
        let tile = &self.job.plan.tiles[index];
        if let Some(source) = tile.covered_by.iter().find(|source| broken.contains_key(source)) {
            let path = self.job.catalogue.sources[*source].path.display();
            let name = &tile.name;
            let why = fault!(
                fr: "La tuile {name} n'est pas faite : {path}, qui la couvre, est endommagé.",
                en: "Tile {name} is not made: {path}, which covers it, is damaged.",
            );
            self.settle(index, Err(why));
        } else if !state.broken.is_empty() {
            let _ = again.insert(index);
        } else if let Some(basket) = state.basket {
            let without: Vec<usize> = self
                .trust
                .behind(&tile.looks_at)
                .into_iter()
                .filter(|source| broken.contains_key(source))
                .collect();
            let room =
                self.ledger.take(basket.bytes() * 2 + tile.core.len() as u64 * FINISHING_BYTES_PER_CELL);
            scope.spawn(move |_| {
                let outcome = self.finish_or_tell(index, basket, &without);
                drop(room);
                self.settle(index, outcome);
            });
        }
    }

    /// A defect of ours costs one tile, not the run.
    fn finish_or_tell(&self, index: usize, basket: Basket, without: &[usize]) -> Result<TileRecord, Fault> {
        let work = AssertUnwindSafe(|| self.finish(index, basket, without));
        catch_unwind(work).unwrap_or_else(|_| {
            let name = &self.job.plan.tiles[index].name;
            Err(fault!(
                fr: "La tuile {name} a rencontré un défaut d'ilot : signalez-le avec le message ci-dessus et le nuage.",
                en: "Tile {name} met a defect of ilot: please report it with the message above and the cloud.",
            ))
        })
    }

    /// Runs the stages of a tile and writes what they make.
    fn finish(&self, index: usize, basket: Basket, without: &[usize]) -> Result<TileRecord, Fault> {
        let job = self.job;
        let tile = &job.plan.tiles[index];
        if basket.is_empty() {
            return write::empty_tile(job, tile, &self.fingerprints[index]);
        }
        let mut shelf = Shelf::new(tile.place, job.catalogue.lattice, job.plan.needs.reach.clone());
        basket.unpack(&mut shelf)?;
        for source in without {
            let path = job.catalogue.sources[*source].path.display();
            shelf.remarks.push(text!(
                fr: "faite sans {path}, voisin endommagé : ses bords peuvent changer quand il sera réparé",
                en: "made without {path}, a damaged neighbour: its borders may change when it is mended",
            ));
        }
        let stages = &job.plan.needs.stages;
        for (position, stage) in stages.iter().enumerate() {
            if job.stopped() {
                return Err(interrupted());
            }
            let later = &stages[position + 1..];
            let last = |ware: &crate::product::Ware| {
                later.iter().all(|stage| !stage.signature().reads.contains(ware))
            };
            shelf.run(stage.as_ref(), last)?;
        }
        // A tile made without a neighbour is not current once the neighbour is mended.
        let fingerprint = if without.is_empty() { &self.fingerprints[index] } else { "" };
        write::tile(job, tile, &mut shelf, fingerprint, self.hashes)
    }

    fn settle(&self, index: usize, outcome: Result<TileRecord, Fault>) {
        let tile = &self.job.plan.tiles[index];
        let outcome = match outcome {
            Ok(record) => {
                record.texts().for_each(|remark| {
                    let (name, fr, en) = (&tile.name, remark.fr, remark.en);
                    self.job
                        .watch
                        .see(Event::Remark(&text!(fr: "tuile {name} : {fr}", en: "tile {name}: {en}")));
                });
                if record.files.is_empty() {
                    Outcome::Empty(record)
                } else {
                    self.job.watch.see(Event::Made(&tile.name));
                    Outcome::Made(record)
                }
            }
            Err(_) if self.job.stopped() => return,
            Err(why) => {
                self.job.watch.see(Event::Failed(&tile.name, &why));
                Outcome::Failed(tile.name.clone(), why)
            }
        };
        let mut outcomes = self.outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = outcomes.insert(index, outcome);
    }
}

/// Grids, their encoded copies and the index of the ground points, for each cell of a tile.
const FINISHING_BYTES_PER_CELL: u64 = 80;

fn interrupted() -> Fault {
    fault!(fr: "Interrompu.", en: "Interrupted.")
}

/// Decodes the chunks of a cloud in parallel; each goes into the baskets while it is in cache. `classes` stand in
/// for its own where they are recomputed.
fn decode_into(
    job: &Job<'_>,
    source: &Source,
    classes: Option<&Classified<'_>>,
    baskets: &[&Basket],
) -> Result<(), Fault> {
    let tally = Mutex::new(points::Audit::default());
    // A node of a COPC file tells where its points are; a chunk of another file does not.
    let matters = |(_, chunk): &(usize, &Chunk)| match &chunk.extent {
        Some(extent) => baskets.iter().any(|basket| basket.looks_at(extent)),
        None => true,
    };
    let layers = job.plan.recipe.layers();
    let chunks: Vec<(usize, &Chunk)> = source.cloud.chunks().iter().enumerate().filter(matters).collect();
    chunks.par_iter().try_for_each_init(
        || (points::Scratch::default(), Batch::default(), Scratch::default()),
        |(reader, batch, scratch), (nth, chunk)| {
            if job.stopped() {
                return Err(interrupted());
            }
            source.cloud.decode(chunk, layers, reader, batch)?;
            tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(batch);
            job.watch.see(Event::Decoded(batch.len() as u64));
            if let Some(classes) = classes {
                batch.class = classes.chunk(*nth)?.class;
            }
            drop_withheld(batch);
            source.shift.place(batch);
            let bounds = Window::around(&batch.x, &batch.y);
            baskets.iter().for_each(|basket| basket.take(batch, &bounds, scratch));
            Ok(())
        },
    )?;
    let tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    for remark in source.cloud.audit(&tally) {
        job.watch.see(Event::Remark(&remark));
    }
    Ok(())
}

/// Leaves withheld points (ASPRS: not to be used) out of the columns that are used here; most batches have none.
fn drop_withheld(batch: &mut Batch) {
    if batch.flags.iter().all(|flags| flags & points::flag::WITHHELD == 0) {
        return;
    }
    let flags = std::mem::take(&mut batch.flags);
    let kept = |index: usize| flags[index] & points::flag::WITHHELD == 0;
    keep(&mut batch.x, kept);
    keep(&mut batch.y, kept);
    keep(&mut batch.z, kept);
    keep(&mut batch.class, kept);
    keep(&mut batch.return_number, kept);
    keep(&mut batch.intensity, kept);
}

fn keep<T>(column: &mut Vec<T>, kept: impl Fn(usize) -> bool) {
    let mut index = 0;
    column.retain(|_| {
        index += 1;
        kept(index - 1)
    });
}

/// Size and time of change of a file: while both stay, its hash is not computed again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Stamp {
    bytes: u64,
    changed: u128,
    sha256: String,
}

/// The hashes that earlier runs computed.
struct HashMemory(BTreeMap<String, Stamp>);

impl HashMemory {
    fn read(store: &Store) -> HashMemory {
        let text = std::fs::read_to_string(store.own("hashes.json")).unwrap_or_default();
        HashMemory(serde_json::from_str(&text).unwrap_or_default())
    }

    fn hash(&self, source: &Source) -> Result<(String, Option<Stamp>), Fault> {
        let path = whole_path(source);
        let stamp = store::stamp(&source.path);
        if let (Some(known), Some((bytes, changed))) = (self.0.get(&path), stamp)
            && (known.bytes, known.changed) == (bytes, changed)
        {
            return Ok((known.sha256.clone(), Some(known.clone())));
        }
        let sha256 = hash_file(&source.path).map_err(|why| {
            let shown = source.path.display();
            fault!(
                fr: "{shown} ne peut être lu ({why}) : vérifiez le disque et vos droits.",
                en: "{shown} cannot be read ({why}): check the disk and your permissions.",
            )
        })?;
        let stamp = stamp.map(|(bytes, changed)| Stamp { bytes, changed, sha256: sha256.clone() });
        Ok((sha256, stamp))
    }

    fn write<'a>(store: &Store, hashes: impl Iterator<Item = (&'a Source, &'a (String, Option<Stamp>))>) {
        let known: BTreeMap<String, &Stamp> =
            hashes.filter_map(|(source, (_, stamp))| Some((whole_path(source), stamp.as_ref()?))).collect();
        let text = serde_json::to_string(&known).expect("paths and numbers");
        // Without it the next run computes the hashes again, no more.
        let _ = store.write(".ilot/hashes.json", text.as_bytes());
    }
}

fn whole_path(source: &Source) -> String {
    source.path.canonicalize().unwrap_or_else(|_| source.path.clone()).to_string_lossy().into_owned()
}
