//! Heat: a known field of night warmth, stations in it, and their readings with documented faults.
//!
//! The field is a formula of the true cover shares ([`night_warmth`]); the air at a station is a rural day
//! that all share, plus the station's warmth as the hour lets it act, minus the lapse with altitude, plus
//! noise ([`readings`]). Six stations have a fault each, which the truth lists: a drift, sun on the sensor, two
//! exchanged, a gap, a clock an hour ahead. Formulas and constants are in the sample's README. This is no
//! climate model: it is made so that the right answer is known. Cost: milliseconds.

use ilot_kernels::grid::Grid;

use super::model::Model;
use super::random::Random;
use super::shape::{Xy, distance};
use super::terrain::{HALF_WATER, river};
use super::town::Ground;
use super::{SOUTH, WEST, truth};

/// Days of readings, from 8 July 2022, 00:00 UTC.
pub const DAYS: usize = 14;
/// Standard deviation of a reading's noise, K.
pub const NOISE: f64 = 0.15;
/// Fall of temperature with height, K per metre.
pub const LAPSE: f64 = 0.0065;
/// Height above ground of all sensors, metres.
pub const MAST: f64 = 3.0;
/// Widest smoothing of the cover shares (standard deviation), metres.
const WIDE: f64 = 60.0;
/// Latitude and longitude for the sun, degrees.
const PLACE: (f64, f64) = (48.12, -1.2);

/// A sensor on its mast.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// `S01`, `S02`, …
    pub name: String,
    /// Where, metres from the sample's south-west corner.
    pub at: Xy,
    /// Ground height, metres above the datum.
    pub altitude: f64,
    /// Whether it is a rural reference.
    pub reference: bool,
    /// What surrounds it.
    pub environment: &'static str,
    /// True night warmth there, K.
    pub warmth: f64,
}

/// What is wrong with a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flaw {
    /// Drifts by this many K a day.
    Drift(f64),
    /// The sun shines on it: this many K with the sun in the zenith.
    Sun(f64),
    /// Its readings bear the name of this station, by number, from the sixth day on.
    Exchanged(usize),
    /// Silent for these hours.
    Gap(usize, usize),
    /// Its clock is an hour ahead.
    Clock,
}

/// A field smoothed with a Gaussian of this standard deviation (metres), borders left out of the mean.
fn smoothed(grid: &Grid<f32>, sigma: f64) -> Grid<f32> {
    let frame = *grid.frame();
    let cell = frame.cell.0;
    let reach = (3.0 * sigma / cell).ceil() as i64;
    let weight = |d: i64| (-0.5 * (d as f64 * cell / sigma).powi(2)).exp();
    let weights: Vec<f64> = (-reach..=reach).map(weight).collect();
    let pass = |values: &[f64], len: usize, count: usize, step: usize, stride: usize| {
        let mut out = vec![0.0; values.len()];
        for line in 0..count {
            for i in 0..len {
                let (mut sum, mut whole) = (0.0, 0.0);
                for d in -reach..=reach {
                    let j = i as i64 + d;
                    if (0..len as i64).contains(&j) {
                        let w = weights[(d + reach) as usize];
                        sum += w * values[line * stride + j as usize * step];
                        whole += w;
                    }
                }
                out[line * stride + i * step] = sum / whole;
            }
        }
        out
    };
    let values: Vec<f64> = grid.cells().iter().map(|&v| f64::from(v)).collect();
    let across = pass(&values, frame.cols, frame.rows, 1, frame.cols);
    let down = pass(&across, frame.rows, frame.cols, frame.cols, 1);
    Grid::new(frame, down.into_iter().map(|v| v as f32).collect())
}

/// True night warmth above the rural reference, K, 10 m: 0.034 K per % sealed and −0.018 K per % canopy, both
/// smoothed over 60 m, and −0.8 K at the water's edge, fading with exp(−d / 50 m).
pub fn night_warmth(model: &Model) -> Grid<f32> {
    let sealed = smoothed(&truth::imperviousness(model), WIDE);
    let leaves = smoothed(&truth::canopy(model), WIDE);
    let frame = *sealed.frame();
    let mut cells = Vec::with_capacity(frame.len());
    for row in 0..frame.rows {
        for col in 0..frame.cols {
            let plan = model.placement.plan([frame.x(col) - WEST, frame.y(row) - SOUTH]);
            let water = ((plan[1] - river(plan[0])).abs() - HALF_WATER).max(0.0);
            let cool = 0.8 * (-water / 50.0).exp();
            let warmth =
                0.034 * f64::from(sealed.at(row, col)) - 0.018 * f64::from(leaves.at(row, col)) - cool;
            cells.push(warmth as f32);
        }
    }
    Grid::new(frame, cells)
}

/// Stations spread over the range of warmth: two coolest outskirts as references, the rest in the town.
pub fn stations(model: &Model, warmth: &Grid<f32>, seed: u64) -> Vec<Station> {
    let mut random = Random::new(seed).fork(5);
    let frame = warmth.frame();
    let mut places: Vec<(f32, Xy)> = Vec::new();
    for _ in 0..4000 {
        let p = [random.within(4.0, model.size[0] - 4.0), random.within(4.0, model.size[1] - 4.0)];
        let face = model.face(p);
        let open = model.roof(p).is_none() && !face.deck && face.now.ground != Ground::Water;
        if let Some((row, col)) = frame.locate(p[0] + WEST, p[1] + SOUTH).filter(|_| open) {
            places.push((warmth.at(row, col), p));
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let apart = (model.size[0].min(model.size[1]) / 14.0).min(60.0);
    let wanted = 26;
    let mut chosen: Vec<(f32, Xy)> = Vec::new();
    for number in 0..wanted {
        let from = number * places.len() / wanted;
        let clear = |p: &&(f32, Xy)| chosen.iter().all(|c| distance(c.1, p.1) > apart);
        if let Some(&place) = places[from..].iter().find(clear) {
            chosen.push(place);
        }
    }
    chosen.into_iter().enumerate().map(|(number, (warmth, at))| station(model, number, at, warmth)).collect()
}

fn station(model: &Model, number: usize, at: Xy, warmth: f32) -> Station {
    // To the decimetre, as a town would survey it.
    let at = at.map(|v| (v * 10.0).round() / 10.0);
    let ground = model.face(at).now.ground;
    let environment = match ground {
        Ground::Asphalt | Ground::Paving | Ground::Floor => "rue",
        Ground::Gravel | Ground::Soil => "cour",
        Ground::Lawn => "jardin",
        Ground::Litter => "bois",
        _ => "champ",
    };
    Station {
        name: format!("S{:02}", number + 1),
        at,
        altitude: (model.terrain(at) * 100.0).round() / 100.0,
        reference: number < 2,
        environment,
        warmth: f64::from(warmth),
    }
}

/// The faults, by number of the station.
pub fn flaws(count: usize) -> Vec<(usize, Flaw)> {
    let all = [
        (4, Flaw::Drift(0.15)),
        (8, Flaw::Sun(5.0)),
        (11, Flaw::Exchanged(21)),
        (21, Flaw::Exchanged(11)),
        (13, Flaw::Gap(100, 152)),
        (17, Flaw::Clock),
    ];
    all.into_iter().filter(|&(station, _)| station < count && count > 21).collect()
}

/// Sine of the sun's height above the horizon at an hour from 8 July 2022, 00:00 UTC.
fn sun(hour: f64) -> f64 {
    let day = 189.0 + hour / 24.0;
    let declination = (-23.44f64).to_radians() * (std::f64::consts::TAU * (day + 10.0) / 365.0).cos();
    let angle = ((hour.rem_euclid(24.0) - 12.0) * 15.0 + PLACE.1).to_radians();
    let latitude = PLACE.0.to_radians();
    latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * angle.cos()
}

/// Air in open country at an hour, °C: a slow heat wave and a daily wave, warmest at 15 h UTC.
pub fn rural(hour: f64) -> f64 {
    let wave = 3.5 * (-((hour / 24.0 - 7.5) / 3.2).powi(2)).exp();
    let phase = std::f64::consts::TAU * (hour - 15.0) / 24.0;
    18.5 + wave + 6.2 * phase.cos() + 0.9 * (2.0 * phase).cos()
}

/// How much of the night warmth acts at an hour: 1 from 22 h to 4 h UTC, 0.1 from 9 h to 17 h, times the night's own factor.
pub fn action(hour: f64, nights: &[f64]) -> f64 {
    let clock = hour.rem_euclid(24.0);
    let night = (((hour + 12.0) / 24.0) as usize).min(nights.len() - 1);
    let shape = match clock {
        h if h >= 22.0 => 1.0,
        h if h < 4.0 => 1.0,
        h if h < 9.0 => 1.0 - 0.9 * (h - 4.0) / 5.0,
        h if h < 17.0 => 0.1,
        h => 0.1 + 0.9 * (h - 17.0) / 5.0,
    };
    shape * nights[night]
}

/// A factor for each night (clear or cloudy), of mean 1 over all of them.
pub fn nights(seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed).fork(6);
    let raw: Vec<f64> = (0..=DAYS).map(|_| random.within(0.6, 1.35)).collect();
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    raw.iter().map(|n| n / mean).collect()
}

/// Air at a station at an hour without noise or fault, °C.
pub fn true_air(station: &Station, base: f64, hour: f64, nights: &[f64]) -> f64 {
    rural(hour) + station.warmth * action(hour, nights) - LAPSE * (station.altitude - base)
}

/// `stations.csv`.
pub fn station_table(stations: &[Station]) -> String {
    let mut out = "station,x,y,altitude,hauteur_mat,abri,environnement,reference\n".to_string();
    for s in stations {
        let (x, y) = (WEST + s.at[0], SOUTH + s.at[1]);
        let reference = if s.reference { "oui" } else { "non" };
        out += &format!(
            "{},{x:.1},{y:.1},{:.2},{MAST:.1},passif,{},{reference}\n",
            s.name, s.altitude, s.environment
        );
    }
    out
}

/// `readings.csv`: one row per station and hour, UTC.
pub fn readings(stations: &[Station], seed: u64) -> String {
    let nights = nights(seed);
    let flaws = flaws(stations.len());
    let random = Random::new(seed).fork(7);
    let base = stations.iter().map(|s| s.altitude).sum::<f64>() / stations.len().max(1) as f64;
    let mut out = "station,instant_utc,temperature_c\n".to_string();
    for (number, station) in stations.iter().enumerate() {
        let mut random = random.fork(number as u64);
        let of = |flaw: fn(&Flaw) -> bool| flaws.iter().find(|f| f.0 == number && flaw(&f.1)).map(|f| f.1);
        for step in 0..DAYS * 24 {
            let noise = NOISE * random.normal();
            if matches!(of(|f| matches!(f, Flaw::Gap(..))), Some(Flaw::Gap(from, to)) if (from..to).contains(&step))
            {
                continue;
            }
            let hour = step as f64;
            // From the sixth day on, exchanged sensors measure at each other's place.
            let place = match of(|f| matches!(f, Flaw::Exchanged(_))) {
                Some(Flaw::Exchanged(other)) if step >= 5 * 24 => &stations[other],
                _ => station,
            };
            let mut air = true_air(place, base, hour, &nights) + noise;
            if let Some(Flaw::Drift(rate)) = of(|f| matches!(f, Flaw::Drift(_))) {
                air += rate * hour / 24.0;
            }
            if let Some(Flaw::Sun(most)) = of(|f| matches!(f, Flaw::Sun(_))) {
                air += most * sun(hour).max(0.0);
            }
            let ahead = usize::from(of(|f| matches!(f, Flaw::Clock)).is_some());
            let shown = step + ahead;
            let (day, clock) = (8 + shown / 24, shown % 24);
            out += &format!("{},2022-07-{day:02}T{clock:02}:00:00Z,{air:.2}\n", station.name);
        }
    }
    out
}

/// `truth/station_faults.csv` and `truth/stations.csv`.
pub fn truth_tables(stations: &[Station]) -> (String, String) {
    let mut faults = "station,defaut,de_utc,a_utc,grandeur\n".to_string();
    let last = 8 + DAYS;
    for (number, flaw) in flaws(stations.len()) {
        let name = &stations[number].name;
        let instant = |hour: usize| format!("2022-07-{:02}T{:02}:00:00Z", 8 + hour / 24, hour % 24);
        let (from, to) = (instant(0), format!("2022-07-{last:02}T00:00:00Z"));
        faults += &match flaw {
            Flaw::Drift(rate) => format!("{name},derive,{from},{to},{rate} K/jour\n"),
            Flaw::Sun(most) => format!("{name},soleil,{from},{to},{most} K × sin(hauteur du soleil)\n"),
            Flaw::Exchanged(other) => {
                format!("{name},echange,{},{to},avec {}\n", instant(5 * 24), stations[other].name)
            }
            Flaw::Gap(a, b) => format!("{name},lacune,{},{},{} h\n", instant(a), instant(b), b - a),
            Flaw::Clock => format!("{name},horloge,{from},{to},+1 h\n"),
        };
    }
    let mut places = "station,ilot_nocturne_k\n".to_string();
    for s in stations {
        places += &format!("{},{:.4}\n", s.name, s.warmth);
    }
    (faults, places)
}
