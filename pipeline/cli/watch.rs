//! How a run is told: bars on a terminal, plain lines elsewhere, objects for machines.

use crate::run::{Event, Watch};
use crate::text;
use crate::text::counted;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The listener that fits where the messages go.
pub fn listener(json: bool) -> Box<dyn Watch> {
    if json {
        Box::new(Machine)
    } else if std::io::stderr().is_terminal() {
        Box::new(Terminal { bar: ProgressBar::hidden() })
    } else {
        Box::new(Plain { progress: Mutex::new(Progress::default()) })
    }
}

/// Bars on a terminal.
struct Terminal {
    bar: ProgressBar,
}

impl Watch for Terminal {
    fn see(&self, event: Event<'_>) {
        match event {
            Event::Starts { points, .. } => {
                let template = "{bar:40.cyan} {human_pos}/{human_len} points  {elapsed}  {msg}";
                if let Ok(style) = ProgressStyle::with_template(template) {
                    self.bar.set_style(style);
                }
                self.bar.set_length(points);
                self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                self.bar.println(words(&event));
            }
            Event::Decoded(points) => self.bar.inc(points),
            Event::Made(tile) => self.bar.set_message(tile.to_owned()),
            _ => self.bar.suspend(|| eprintln!("{}", words(&event))),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Plain lines, with the share of the points now and then.
struct Plain {
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    all: u64,
    done: u64,
    said: Option<Instant>,
}

/// Between two lines that tell the share.
const SILENCE: Duration = Duration::from_secs(10);

impl Watch for Plain {
    fn see(&self, event: Event<'_>) {
        let mut progress = self.progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::Starts { points, .. } => {
                *progress = Progress { all: points, done: 0, said: Some(Instant::now()) };
                eprintln!("{}", words(&event));
            }
            Event::Decoded(points) => {
                progress.done += points;
                if progress.said.is_some_and(|said| said.elapsed() > SILENCE) {
                    progress.said = Some(Instant::now());
                    let share = progress.done * 100 / progress.all.max(1);
                    eprintln!(
                        "{}",
                        text!(fr: "{share} % des points lus", en: "{share} % of the points read")
                    );
                }
            }
            _ => eprintln!("{}", words(&event)),
        }
    }
}

/// One JSON object a line, on standard output.
struct Machine;

impl Watch for Machine {
    fn see(&self, event: Event<'_>) {
        let object = match event {
            Event::Starts { tiles, current, clouds, points } => {
                json!({ "event": "starts", "tiles": tiles, "current": current, "clouds": clouds, "points": points })
            }
            Event::Decoded(points) => json!({ "event": "decoded", "points": points }),
            Event::Made(tile) => json!({ "event": "made", "tile": tile }),
            Event::Measures(name) => json!({ "event": "measures", "measure": name }),
            Event::Failed(tile, why) => {
                json!({ "event": "failed", "tile": tile, "fr": why.0.fr, "en": why.0.en })
            }
            Event::MeasureFailed(name, why) => {
                json!({ "event": "failed", "measure": name, "fr": why.0.fr, "en": why.0.en })
            }
            Event::Rejected(why) => json!({ "event": "rejected", "fr": why.0.fr, "en": why.0.en }),
            Event::Remark(text) => json!({ "event": "remark", "fr": text.fr, "en": text.en }),
        };
        println!("{object}");
    }
}

/// An event in words.
fn words(event: &Event<'_>) -> String {
    match event {
        Event::Starts { tiles: 0, .. } => text!(
            fr: "tout est déjà à jour",
            en: "everything is current already",
        )
        .to_string(),
        Event::Starts { tiles, current, clouds, points } => {
            let tiles =
                counted(*tiles, ["tuile à faire", "tuiles à faire"], ["tile to make", "tiles to make"]);
            let clouds = counted(*clouds, ["nuage", "nuages"], ["cloud", "clouds"]);
            let current = text!(fr: "{current} déjà à jour", en: "{current} already current");
            format!("{tiles} ({current}), {clouds}, {points} points")
        }
        Event::Decoded(points) => format!("{points} points"),
        Event::Made(tile) => text!(fr: "tuile {tile} faite", en: "tile {tile} made").to_string(),
        Event::Failed(tile, why) => {
            let (fr, en) = (&why.0.fr, &why.0.en);
            text!(fr: "échec de la tuile {tile} : {fr}", en: "tile {tile} failed: {en}").to_string()
        }
        Event::Measures(name) => {
            text!(fr: "mesure sur tout le territoire : {name}", en: "measure of the whole territory: {name}")
                .to_string()
        }
        Event::MeasureFailed(name, why) => {
            let (fr, en) = (&why.0.fr, &why.0.en);
            text!(fr: "échec de la mesure {name} : {fr}", en: "measure {name} failed: {en}").to_string()
        }
        Event::Rejected(why) => {
            let (fr, en) = (&why.0.fr, &why.0.en);
            text!(fr: "nuage écarté : {fr}", en: "cloud set aside: {en}").to_string()
        }
        Event::Remark(remark) => {
            let (fr, en) = (&remark.fr, &remark.en);
            text!(fr: "attention : {fr}", en: "note: {en}").to_string()
        }
    }
}
