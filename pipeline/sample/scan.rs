//! The flight: laser pulses sent at the town, and the points that come back.
//!
//! Two or more overlapping strips are flown along the northing, 900 m above ground. A pulse is a ray with a
//! foot on a jittered lattice on the ground; it leans towards the aircraft. It meets the exact bodies of the
//! model ([`super::solid`]): leaves let part of it pass (events at random depths, each of which may end it;
//! the chance to pass along a crown's axis is the crown's `gap`), anything else ends it; water swallows it
//! but in a few patches. Heights get normal noise of [`NOISE`]; positions on the map are exact to the
//! centimetre. Each pulse has random numbers of its own: any tile can be scanned alone, on any number of
//! threads, to the same points.
//!
//! What it leaves out: the width of the beam (no mixed returns at edges), ground hidden by hills, stems.
//! Cost: 0.6 µs of CPU a pulse.

use rayon::prelude::*;

use super::SampleOptions;
use super::model::{Item, Model, Reach};
use super::random::{Random, at_node};
use super::shape::{Xy, dot};
use super::solid::{Ray, Span};
use super::town::{Covering, Ground, Thing};

/// Standard deviation of the heights, metres; cut at four times this.
pub const NOISE: f64 = 0.025;
/// Two returns of one pulse are at least this far apart, metres.
pub const DEAD_ZONE: f64 = 1.2;
/// Height of the aircraft above the town, metres.
const ALTITUDE: f64 = 900.0;
/// Half the width of a strip on the ground, metres.
const HALF_SWATH: f64 = 310.0;
/// Distance between strips in wide samples, metres.
const STRIP_SPACING: f64 = 400.0;
/// Most that a ray leans, with room for its height over the ground.
const MOST_LEAN: f64 = 0.42;
/// Events per metre in leaves.
const EVENTS: f64 = 1.0;
/// GPS time of the first pulse: adjusted standard time, seconds (12 June 2021).
const FIRST_PULSE: f64 = 307_511_000.0;

/// The points of a part of the sample, in columns, in the order in which they were measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cloud {
    /// Eastings, centimetres from the sample's south-west corner.
    pub x: Vec<i32>,
    /// Northings, centimetres from the sample's south-west corner.
    pub y: Vec<i32>,
    /// Heights, centimetres above the datum.
    pub z: Vec<i32>,
    /// Intensities.
    pub intensity: Vec<u16>,
    /// Number of the return within its pulse, from 1.
    pub return_number: Vec<u8>,
    /// Returns of the pulse.
    pub number_of_returns: Vec<u8>,
    /// IGN classes.
    pub class: Vec<u8>,
    /// Scan angles, units of 0.006°, positive to the right of the flight.
    pub scan_angle: Vec<i16>,
    /// Numbers of the strips, from 1; 0 for virtual points.
    pub strip: Vec<u16>,
    /// GPS times, adjusted standard seconds.
    pub time: Vec<f64>,
}

/// One return of a pulse.
#[derive(Debug, Clone, Copy)]
struct Return {
    at: [i32; 3],
    intensity: u16,
    number: u8,
    count: u8,
    class: u8,
    angle: i16,
    strip: u16,
    time: f64,
}

/// A part of the sample, centimetres from its south-west corner: `[west, east) × (south, north]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Western edge, inside.
    pub west: i32,
    /// Southern edge, outside.
    pub south: i32,
    /// Eastern edge, outside.
    pub east: i32,
    /// Northern edge, inside.
    pub north: i32,
}

impl Part {
    /// The whole sample.
    pub fn whole(options: &SampleOptions) -> Part {
        let cm = |m: f64| (m * 100.0).round() as i32;
        Part { west: 0, south: 0, east: cm(options.size.0), north: cm(options.size.1) }
    }

    fn holds(&self, at: &[i32; 3]) -> bool {
        at[0] >= self.west && at[0] < self.east && at[1] > self.south && at[1] <= self.north
    }
}

/// One strip of the flight.
#[derive(Debug, Clone, Copy)]
struct Strip {
    number: u16,
    /// Easting of the aircraft.
    line: f64,
    /// Eastings of the swath's borders.
    west: f64,
    east: f64,
}

/// How the pulses lie.
struct Flight<'a> {
    model: &'a Model,
    reach: Reach,
    random: Random,
    strips: Vec<Strip>,
    /// Distance between pulses along and between scan lines, metres.
    step: f64,
    seed: u64,
}

/// The points of a part of the sample.
pub fn scan(model: &Model, options: &SampleOptions, part: &Part) -> Cloud {
    let flight = Flight::over(model, options);
    let mut cloud = Cloud::default();
    for strip in &flight.strips {
        let south = (f64::from(part.south) / 100.0 - 12.0) / flight.step;
        let north = (f64::from(part.north) / 100.0 + 12.0) / flight.step;
        let mut lines: Vec<i64> = (south.floor() as i64..=north.ceil() as i64).collect();
        if strip.number % 2 == 0 {
            lines.reverse();
        }
        for batch in lines.chunks(256) {
            let returns: Vec<Vec<Return>> =
                batch.par_iter().map(|&line| flight.line(strip, line, part)).collect();
            returns.iter().flatten().for_each(|r| cloud.push(r));
        }
    }
    flight.virtual_points().iter().filter(|r| part.holds(&r.at)).for_each(|r| cloud.push(r));
    cloud
}

impl Cloud {
    /// Number of points.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    fn push(&mut self, r: &Return) {
        self.x.push(r.at[0]);
        self.y.push(r.at[1]);
        self.z.push(r.at[2]);
        self.intensity.push(r.intensity);
        self.return_number.push(r.number);
        self.number_of_returns.push(r.count);
        self.class.push(r.class);
        self.scan_angle.push(r.angle);
        self.strip.push(r.strip);
        self.time.push(r.time);
    }
}

/// What a pulse has met.
#[derive(Debug, Clone, Copy)]
struct Echo {
    z: f64,
    class: u8,
    /// Brightness of the material, 0 to 1.
    bright: f64,
}

impl<'a> Flight<'a> {
    fn over(model: &'a Model, options: &SampleOptions) -> Flight<'a> {
        let width = model.size[0];
        let count = (((width - 220.0) / STRIP_SPACING).ceil()).max(2.0) as usize;
        let strips: Vec<Strip> = (0..count)
            .map(|i| {
                let line = width / 2.0 + (i as f64 - (count as f64 - 1.0) / 2.0) * STRIP_SPACING;
                let (west, east) = ((line - HALF_SWATH).max(-12.0), (line + HALF_SWATH).min(width + 12.0));
                Strip { number: i as u16 + 1, line, west, east }
            })
            .collect();
        let inside = |s: &Strip| s.east.min(width) - s.west.max(0.0);
        let flown: f64 = strips.iter().map(inside).sum();
        Flight {
            reach: model.reach([-MOST_LEAN, -0.03], [MOST_LEAN, 0.03]),
            random: Random::new(options.seed).fork(4),
            step: (flown / width / options.density).sqrt(),
            seed: options.seed,
            strips,
            model,
        }
    }

    /// The returns of one scan line that lie in a part.
    fn line(&self, strip: &Strip, line: i64, part: &Part) -> Vec<Return> {
        let random = self.random.fork(u64::from(strip.number)).fork(line as u64);
        let first = (strip.west.max(f64::from(part.west) / 100.0 - 12.0) / self.step).ceil() as i64;
        let last = (strip.east.min(f64::from(part.east) / 100.0 + 12.0) / self.step).floor() as i64;
        let (mut met, mut returns) = (Vec::new(), Vec::new());
        for pulse in first..last {
            let mut random = random.fork(pulse as u64);
            let (jx, jy) = (random.within(-0.3, 0.3), random.within(-0.3, 0.3));
            let foot = [(pulse as f64 + 0.5 + jx) * self.step, (line as f64 + 0.5 + jy) * self.step];
            let time = self.time(strip, line, pulse);
            let before = returns.len();
            self.pulse(strip, foot, time, &mut random, &mut met, &mut returns);
            let mut kept = before;
            for i in before..returns.len() {
                if part.holds(&returns[i].at) {
                    returns[kept] = returns[i];
                    kept += 1;
                }
            }
            returns.truncate(kept);
        }
        returns
    }

    fn time(&self, strip: &Strip, line: i64, pulse: i64) -> f64 {
        let lines = (self.model.size[1] / self.step).ceil() as i64;
        let flown = if strip.number % 2 == 0 { lines - line } else { line };
        let microseconds = (f64::from(strip.number) * 4e8) + flown as f64 * 1e4 + (pulse + 40) as f64 * 2.0;
        FIRST_PULSE + microseconds * 1e-6
    }

    /// Sends one pulse and appends its returns.
    fn pulse(
        &self,
        strip: &Strip,
        foot: Xy,
        time: f64,
        random: &mut Random,
        met: &mut Vec<(Span, Item)>,
        returns: &mut Vec<Return>,
    ) {
        let face = self.model.face(foot);
        let level = self.model.ground_of(foot, face);
        let lean = [(strip.line - foot[0]) / ALTITUDE, 0.01];
        let ray = Ray { foot, level, lean };
        self.model.met(&self.reach, &ray, met);
        let mut echoes = [Echo { z: 0.0, class: 0, bright: 0.0 }; 5];
        let count = self.echoes(&ray, face.now.ground, random, met, &mut echoes);
        let nadir = (foot[0] - strip.line) / ALTITUDE;
        // The aircraft flies north on odd strips: its right is east.
        let side = if strip.number % 2 == 0 { -1.0 } else { 1.0 };
        let angle = (side * nadir.atan().to_degrees() / 0.006).round() as i16;
        for (i, echo) in echoes[..count].iter().enumerate() {
            let p = ray.at(echo.z);
            let bright = echo.bright * (1.0 + 0.08 * random.normal()).clamp(0.6, 1.4) / (i + 1) as f64;
            let lone = echo.class == 65;
            let noise = if lone { 0.0 } else { NOISE * random.normal().clamp(-4.0, 4.0) };
            returns.push(Return {
                at: [centimetres(p[0]), centimetres(p[1]), centimetres(echo.z + noise)],
                intensity: (bright * 2400.0).round().clamp(1.0, 65_535.0) as u16,
                number: i as u8 + 1,
                count: count as u8,
                class: echo.class,
                angle,
                strip: strip.number,
                time,
            });
        }
    }

    /// What a pulse meets on its way down, from the top; returns how many.
    fn echoes(
        &self,
        ray: &Ray,
        ground: Ground,
        random: &mut Random,
        met: &mut Vec<(Span, Item)>,
        out: &mut [Echo; 5],
    ) -> usize {
        if random.chance(6e-6) {
            let away =
                if random.chance(0.7) { random.within(35.0, 120.0) } else { random.within(-8.0, -3.0) };
            out[0] = Echo { z: ray.level + away, class: 65, bright: 0.05 };
            return 1;
        }
        let solid =
            met.iter().filter(|(_, item)| self.is_solid(*item)).max_by(|a, b| a.0.high.total_cmp(&b.0.high));
        let solid = solid.copied();
        let floor = solid.map_or(ray.level, |(span, _)| span.high);
        met.retain(|(span, item)| !self.is_solid(*item) && span.high > floor);
        met.sort_by(|a, b| b.0.high.total_cmp(&a.0.high));
        let mut count = 0;
        let mut last = f64::INFINITY;
        for (span, item) in met.iter() {
            if !self.leaves(ray, span.high, span.low.max(floor), *item, random, &mut last, &mut count, out) {
                return count;
            }
        }
        let end = match solid {
            Some((span, item)) => self.solid_echo(item, &span, ray, random),
            None => self.ground_echo(ray, ground, random),
        };
        if let Some(end) = end.filter(|end| last - end.z > 0.5) {
            out[count] = end;
            count += 1;
        }
        count
    }

    /// The way through leaves; whether the pulse comes out below.
    #[expect(clippy::too_many_arguments, reason = "the state of one pulse, kept in registers")]
    fn leaves(
        &self,
        ray: &Ray,
        high: f64,
        low: f64,
        item: Item,
        random: &mut Random,
        last: &mut f64,
        count: &mut usize,
        out: &mut [Echo; 5],
    ) -> bool {
        let (optical, bright) = match item {
            Item::Crown(c) => {
                let crown = &self.model.crowns[c];
                (-crown.gap.ln() / (crown.top - crown.base), 0.42)
            }
            _ => (2.6, 0.38),
        };
        let stretch = (1.0 + dot(ray.lean, ray.lean)).sqrt();
        // Thin leaves along a long way have as many events as make the chance to pass that of the crown.
        let events = EVENTS.max(2.0 * optical);
        let stop = optical / events;
        let mut z = high;
        loop {
            z -= random.exponential(1.0 / events) / stretch;
            if z <= low {
                return true;
            }
            if *last - z > DEAD_ZONE && *count < 4 {
                let above = z - self.model.terrain(ray.at(z));
                let class = if above < 0.5 {
                    3
                } else if above <= 1.5 {
                    4
                } else {
                    5
                };
                out[*count] = Echo { z, class, bright };
                *count += 1;
                *last = z;
            }
            if random.chance(stop) {
                return false;
            }
        }
    }

    fn is_solid(&self, item: Item) -> bool {
        match item {
            Item::Building(_) | Item::Deck => true,
            Item::Crown(_) => false,
            Item::Furniture(f) => self.model.town.furniture[f].thing != Thing::Hedge,
        }
    }

    fn solid_echo(&self, item: Item, span: &Span, ray: &Ray, random: &mut Random) -> Option<Echo> {
        let (class, bright) = match item {
            Item::Building(b) => match self.model.town.buildings[b].covering {
                Covering::Slate => (6, 0.22),
                Covering::Tile => (6, 0.52),
                Covering::Metal => (6, 0.70),
                Covering::Bitumen => (6, 0.30),
            },
            Item::Furniture(f) => match self.model.town.furniture[f].thing {
                Thing::Wall => (67, 0.45),
                Thing::Car => (1, 0.60),
                _ => (64, 0.50),
            },
            _ => (17, 0.25),
        };
        let facade = span.wall && matches!(item, Item::Building(_));
        // Windows and smooth walls send half of the light elsewhere.
        if facade && random.chance(0.5) {
            return None;
        }
        let p = ray.at(span.high);
        let bright = if span.wall { 0.3 } else { bright * self.lit(Some(item), p, span.high, ray) };
        Some(Echo { z: span.high, class, bright })
    }

    fn ground_echo(&self, ray: &Ray, ground: Ground, random: &mut Random) -> Option<Echo> {
        let (bright, grass) = match ground {
            Ground::Asphalt => (0.20, 0.0),
            Ground::Paving | Ground::Floor => (0.42, 0.0),
            Ground::Gravel => (0.50, 0.0),
            Ground::Soil => (0.34, 0.0),
            Ground::Lawn => (0.62, 0.015),
            Ground::Meadow => (0.66, 0.12),
            Ground::Crop => (0.58, 0.10),
            Ground::Litter => (0.36, 0.05),
            Ground::Water => return self.water_echo(ray, random),
        };
        let tall = random.exponential(0.11);
        if random.chance(grass) && (0.03..0.45).contains(&tall) {
            return Some(Echo { z: ray.level + tall, class: 3, bright: 0.5 });
        }
        Some(Echo { z: ray.level, class: 2, bright: bright * self.lit(None, ray.foot, ray.level, ray) })
    }

    /// Smooth water sends nothing back; a few ruffled patches do.
    fn water_echo(&self, ray: &Ray, random: &mut Random) -> Option<Echo> {
        let patch = |v: f64| (v / 14.0).floor() as i64;
        let ruffled = at_node(self.seed ^ 0x57A7, patch(ray.foot[0]), patch(ray.foot[1])) < 0.3;
        let back = ruffled && random.chance(0.08);
        back.then_some(Echo { z: ray.level, class: 9, bright: 0.04 })
    }

    /// Cosine of the angle at which the pulse meets a surface.
    fn lit(&self, item: Option<Item>, p: Xy, z: f64, ray: &Ray) -> f64 {
        let n = self.model.facing(item, p, z);
        let length = (1.0 + dot(ray.lean, ray.lean)).sqrt();
        ((n[0] * ray.lean[0] + n[1] * ray.lean[1] + n[2]) / length).max(0.1)
    }

    /// IGN's virtual points: the ground under the bridge, along its two sides, every 25 cm.
    fn virtual_points(&self) -> Vec<Return> {
        let Some(deck) = self.model.town.deck else { return Vec::new() };
        let rect = deck.footprint;
        let count = (rect.depth / 0.25).floor() as i64;
        let mut out = Vec::new();
        for side in [-1.0, 1.0] {
            for i in 0..=count {
                let (s, t) = (side * (rect.width / 2.0 - 0.3), (i as f64 - count as f64 / 2.0) * 0.25);
                let p = [
                    rect.centre[0] + rect.axis[0] * s - rect.axis[1] * t,
                    rect.centre[1] + rect.axis[1] * s + rect.axis[0] * t,
                ];
                out.push(Return {
                    at: [centimetres(p[0]), centimetres(p[1]), centimetres(self.model.ground(p))],
                    intensity: 0,
                    number: 1,
                    count: 1,
                    class: 66,
                    angle: 0,
                    strip: 0,
                    time: FIRST_PULSE,
                });
            }
        }
        out
    }
}

fn centimetres(metres: f64) -> i32 {
    (metres * 100.0).round() as i32
}
