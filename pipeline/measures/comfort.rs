//! A surface and the weather of some hours → mean radiant temperature and UTCI where people stand.
//!
//! In: a raster of heights, trees and the terrain where they are given, what covers the ground, and air and radiation of
//! each hour (`weather.rs`). Out: `tmrt` and `utci`, a band an hour, by tiles (`survey.rs`). Where the terrain is given,
//! roofs (surface 2.5 m and more above it) have no value: nobody walks there.
//!
//! Radiation that is missing is that of a clear sky, which is told; a global one alone is divided by Erbs. What covers the
//! ground is asphalt where no raster of it is given, which is told. The wind is the given one everywhere.
//!
//! Fails where: see `radiant.rs`; RMSE 6 K of the radiant temperature against measurements, which counts for 1.5 to 2 K
//! of UTCI. Cost: 0.5 µs a cell and 0.15 µs a cell and hour; memory: 8 bytes a cell and hour of a tile.

use crate::fault;
use crate::formats::raster::read::Raster;
use crate::measures::crowns::{Light, opened, require_above};
use crate::measures::laid::Laid;
use crate::measures::sun::{Moment, Site};
use crate::measures::sunlight::{linke_on, share_lit};
use crate::measures::survey::{Done, Ground, Keep, Method, Place, Survey, Tell};
use crate::measures::weather::{self, Reading, Source, file_name, raised};
use crate::product::{COMFORT, Spec, TMRT, UTCI, known_error};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::clear_sky::{Radiation, clear_sky, divided, extraterrestrial, refracted};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::radiant::{
    self, COBBLES, GRASS, GROUND_REACH, Hour, Material, SEALED, SOIL, Surroundings, WATER,
    mean_radiant_temperature,
};
use ilot_kernels::shade::ShadeParams;
use ilot_kernels::sky::SkyParams;
use ilot_kernels::unit::{Degrees, Metres};
use ilot_kernels::utci::Feeling;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The surface, and where its maps go.
    pub place: Place,
    /// Raster of the bare ground's heights, metres, where no trees are given: it tells roofs from ground.
    pub terrain: Option<PathBuf>,
    /// Raster of classes of the ground, as the product `cover` has them.
    pub cover: Option<PathBuf>,
    /// The hours; where there are none, all of the table.
    pub moments: Vec<Moment>,
    /// The weather.
    pub weather: Source,
    /// How the sky is looked at.
    pub sky: SkyParams,
    /// How far shadows are followed.
    pub shade: ShadeParams,
    /// Linke's turbidity, January to December.
    pub linke: [f64; 12],
}

/// The most hours of one run: a tile's bands are in memory together.
pub const MOST_HOURS: usize = 24;

/// Makes both products of a surface; `tell` hears of each tile, and of how many there are.
///
/// # Errors
/// Where a raster, the weather or the order makes no sense, or a file cannot be written.
pub fn make(order: &Order, stop: &AtomicBool, tell: Tell<'_>) -> Result<Done, Fault> {
    let survey = Survey::open(&order.place)?;
    let comfort = Comfort::new(order, &survey)?;
    survey.make(&comfort, stop, tell)
}

/// Classes of the ground as the product `cover` numbers them from 1 on, with what they are here.
const CLASSES: [(&str, Material); 9] = [
    ("building", SEALED),
    ("sealed", SEALED),
    ("mineral permeable", COBBLES),
    ("bare", SOIL),
    ("herbaceous", GRASS),
    ("shrub", GRASS),
    ("tree over permeable", GRASS),
    ("tree over sealed", SEALED),
    ("water", WATER),
];

/// Place of `sealed` among the classes: what is not known is asphalt.
const UNKNOWN: u8 = 1;

/// Where a surface stands this high above the terrain, it is a roof.
const ROOF: f32 = 2.5;

/// One hour, ready for all cells.
struct Ready {
    moment: Moment,
    hour: Hour,
    feeling: Feeling,
    /// How it came to be, for settings.
    words: String,
}

/// Some hours over a surface.
struct Comfort<'a> {
    order: &'a Order,
    hours: Vec<Ready>,
    /// Rows of the table as they were taken, in words.
    times: String,
    cover: Option<Laid>,
    terrain: Option<Raster>,
    remarks: Vec<Text>,
}

impl Comfort<'_> {
    fn new<'a>(order: &'a Order, survey: &Survey<'_>) -> Result<Comfort<'a>, Fault> {
        let weather::Hours { hours: readings, taken } = order.weather.readings(&order.moments, MOST_HOURS)?;
        if readings.is_empty() || readings.len() > MOST_HOURS {
            return Err(fault!(
                fr: "Il faut de 1 à {MOST_HOURS} heures : donnez-les par --at, comme --at 2026-08-15T16:00 --zone Europe/Paris.",
                en: "From 1 to {MOST_HOURS} hours are needed: give them by --at, such as --at 2026-08-15T16:00 --zone Europe/Paris.",
            ));
        }
        let level = survey.level()?;
        let mut told = Told::default();
        let ready =
            |(moment, reading): (Moment, Reading)| ready(order, survey, moment, &reading, level, &mut told);
        let hours = readings.into_iter().map(ready).collect::<Result<Vec<Ready>, Fault>>()?;
        let (frame, crs) = (survey.frame(), &survey.crs);
        let cover = order.cover.as_ref().map(|path| Laid::open(path, frame, crs)).transpose()?;
        let terrain = order.terrain.as_ref().map(|path| opened(path, frame, crs)).transpose()?;
        let mut remarks = told.remarks();
        remarks.extend(taken.map(|taken| taken.remark()));
        let known = survey.has_trees() || terrain.is_some();
        remarks.extend(standing(survey, cover.as_ref(), known));
        let times = taken.map_or("values".to_owned(), |taken| format!("{:?}, {} s", taken.times, taken.step));
        Ok(Comfort { order, hours, times, cover, terrain, remarks })
    }

    /// What each wanted cell is made of.
    fn materials(&self, core: &Frame) -> Result<Grid<u8>, Fault> {
        let Some(cover) = &self.cover else { return Ok(Grid::filled(*core, UNKNOWN)) };
        let classes: Grid<f32> = cover.most(core)?;
        let index = |class: &f32| {
            let known = (1.0..=CLASSES.len() as f32).contains(class) && class.fract() == 0.0;
            if class.is_missing() || *class == 0.0 {
                return Ok(UNKNOWN);
            }
            if known { Ok(*class as u8 - 1) } else { Err(self.no_class(*class)) }
        };
        let cells = classes.cells().iter().map(index).collect::<Result<Vec<u8>, Fault>>()?;
        Ok(Grid::new(*core, cells))
    }

    /// Which wanted cells are roofs, where the terrain is known.
    fn roofs(&self, ground: &Ground) -> Result<Option<Vec<bool>>, Fault> {
        let core = &ground.core;
        let terrain = match (&ground.stand, &self.terrain) {
            (Some(stand), _) => stand.terrain.cropped(core),
            (None, Some(raster)) => raster.read_window(0, core)?,
            (None, None) => return Ok(None),
        };
        let surface = ground.surface.cropped(core);
        if let Some(path) = &self.order.terrain {
            require_above(&surface, &terrain, path)?;
        }
        let cells = surface.cells().iter().zip(terrain.cells());
        Ok(Some(cells.map(|(height, bare)| height - bare > ROOF).collect()))
    }

    fn no_class(&self, class: f32) -> Fault {
        let path = self.order.cover.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let known = CLASSES.iter().enumerate().map(|(i, (name, _))| format!("{} {name}", i + 1));
        let known = known.collect::<Vec<_>>().join(", ");
        fault!(
            fr: "{path} contient la classe {class}, qui n'en est pas une du produit cover : {known}.",
            en: "{path} holds the class {class}, which is none of the product cover: {known}.",
        )
    }
}

/// What a user should know of sun, ground and roofs.
fn standing(survey: &Survey<'_>, cover: Option<&Laid>, terrain: bool) -> Vec<Text> {
    let Site { latitude, longitude, .. } = survey.site;
    let (latitude, longitude) = (latitude.0, longitude.0);
    let mut remarks = vec![text!(
        fr: "soleil de {latitude:.4}° N {longitude:.4}° E",
        en: "sun of {latitude:.4}° N {longitude:.4}° E",
    )];
    match cover {
        None => remarks.push(text!(
            fr: "sans --cover, tout le sol est pris pour de l'asphalte : l'herbe et l'eau y sont trop chaudes au soleil",
            en: "without --cover, all ground is taken as asphalt: grass and water are too warm in the sun",
        )),
        Some(cover) if !cover.same() => {
            let side = Metres(cover.side());
            remarks.push(text!(
                fr: "l'occupation du sol a d'autres cellules ({side}) que la surface : la classe de la plus grande part est prise",
                en: "cover has other cells ({side}) than the surface: the class of the largest share is taken",
            ));
        }
        Some(_) => {}
    }
    remarks.push(match (terrain, survey.has_trees()) {
        (true, true) => text!(
            fr: "les toits (surface à plus de {ROOF} m du terrain) n'ont pas de valeur",
            en: "roofs (surface more than {ROOF} m above the terrain) have no value",
        ),
        (true, false) => text!(
            fr: "les toits et les arbres, opaques (surface à plus de {ROOF} m du terrain), n'ont pas de valeur",
            en: "roofs and trees, which are opaque (surface more than {ROOF} m above the terrain), have no value",
        ),
        (false, _) => text!(
            fr: "sans --dtm, les toits ont une valeur, qui n'est celle d'aucun passant",
            en: "without --dtm, roofs have a value, which is that of no passer-by",
        ),
    });
    let (radiant, felt) = (known_error(&TMRT.spec), known_error(&UTCI.spec));
    let both = [(&TMRT.spec, radiant), (&UTCI.spec, felt)];
    remarks.extend(both.into_iter().filter_map(|(spec, words)| {
        let (name, words) = (spec.name, words?);
        Some(Text { fr: format!("{name} : {}", words.fr), en: format!("{name}: {}", words.en) })
    }));
    remarks
}

/// What is said of all hours together.
#[derive(Default)]
struct Told {
    calm: Vec<String>,
    clear: Vec<String>,
    divided: Vec<String>,
    night: Vec<String>,
}

impl Told {
    fn remarks(&self) -> Vec<Text> {
        let mut remarks: Vec<Text> = raised(&self.calm).into_iter().collect();
        let list = self.clear.join(", ");
        if !self.clear.is_empty() {
            remarks.push(text!(
                fr: "sans mesure, le rayonnement est celui d'un ciel clair : {list}",
                en: "without a measurement, radiation is that of a clear sky: {list}",
            ));
        }
        let list = self.divided.join(", ");
        if !self.divided.is_empty() {
            remarks.push(text!(
                fr: "le rayonnement global est partagé entre soleil et ciel par Erbs : {list}",
                en: "global radiation is divided between sun and sky by Erbs: {list}",
            ));
        }
        let list = self.night.join(", ");
        if !self.night.is_empty() {
            remarks.push(text!(
                fr: "la nuit, le ciel est pris pour clair et le sol a la température de l'air : {list}",
                en: "at night, the sky is taken as clear and the ground has the temperature of the air: {list}",
            ));
        }
        remarks
    }
}

/// The sun is this far down, degrees, and nothing is measured but twilight, W/m².
const NIGHT: (f64, f64) = (-3.0, 30.0);

/// Clouds throw so much more on a place, for minutes, than comes from space on the level, as a share and W/m².
const THROWN: (f64, f64) = (1.2, 100.0);

/// Refuses radiation at night, and more of it than comes from space: a clock or a unit is wrong then.
fn possible(moment: &Moment, reading: &Reading, sun: Degrees, day: u16) -> Result<(), Fault> {
    let (words, high) = (&moment.words, sun.0);
    let level = reading.direct.map_or(0.0, |direct| direct * sun.radians().sin().max(0.0));
    let flux = reading.global.unwrap_or(0.0).max(level + reading.diffuse.unwrap_or(0.0));
    if high < NIGHT.0 && flux.max(reading.direct.unwrap_or(0.0)) > NIGHT.1 {
        let flux = flux.max(reading.direct.unwrap_or(0.0));
        return Err(fault!(
            fr: "À {words}, le soleil est {high:.1}° sous l'horizon, et le rayonnement est de {flux:.0} W/m² : vérifiez le fuseau et les heures de la météo.",
            en: "At {words}, the sun is at {high:.1}°, below the horizon, and radiation is {flux:.0} W/m²: check the zone and the times of the weather.",
        ));
    }
    let most = THROWN.0 * extraterrestrial(day) * sun.radians().sin().max(0.0) + THROWN.1;
    if flux > most {
        return Err(fault!(
            fr: "À {words}, le soleil est à {high:.1}° et le rayonnement de {flux:.0} W/m² dépasse ce qui vient de l'espace : vérifiez le fuseau, les heures et l'unité de la météo.",
            en: "At {words}, the sun is {high:.1}° high and radiation of {flux:.0} W/m² exceeds what comes from space: check zone, times and unit of the weather.",
        ));
    }
    Ok(())
}

fn ready(
    order: &Order,
    survey: &Survey<'_>,
    moment: Moment,
    reading: &Reading,
    level: Metres,
    told: &mut Told,
) -> Result<Ready, Fault> {
    let sun = survey.site.sun(moment.instant)?;
    let course = survey.site.course(moment.instant)?;
    let (air, was_calm) = reading.air();
    if was_calm {
        told.calm.push(moment.words.clone());
    }
    let day = moment.date.day_of_year().unsigned_abs();
    let linke = linke_on(&order.linke, moment.date);
    let clear = clear_sky(refracted(sun.altitude), day, level, linke);
    let up = sun.altitude.0 > 0.0;
    possible(&moment, reading, sun.altitude, day)?;
    let radiation = match (reading.global, reading.direct, reading.diffuse) {
        _ if !up => {
            told.night.push(moment.words.clone());
            Radiation::default()
        }
        (_, Some(direct), Some(diffuse)) => {
            let (direct, diffuse) = (direct.max(0.0), diffuse.max(0.0));
            Radiation { global: direct * sun.altitude.radians().sin() + diffuse, direct, diffuse }
        }
        (Some(global), ..) => {
            told.divided.push(moment.words.clone());
            divided(global.max(0.0), sun.altitude, day)
        }
        _ => {
            told.clear.push(moment.words.clone());
            clear
        }
    };
    // Close to the horizon, the quotient of two small numbers says nothing.
    let clearness = if clear.global > 20.0 { (radiation.global / clear.global).min(1.0) } else { 1.0 };
    let feeling = Feeling::new(&air).ok_or_else(|| {
        let words = &moment.words;
        fault!(
            fr: "À {words}, l'air est hors du domaine de l'UTCI (air de −50 à 50 °C, vapeur d'au plus 5 kPa) : vérifiez température et humidité.",
            en: "At {words}, the air is outside of UTCI's range (air from −50 to 50 °C, vapour of at most 5 kPa): check temperature and humidity.",
        )
    })?;
    let words = format!(
        "{}: {:.1} °C, {:.0} %, {:.1} m/s, global {:.0}, direct {:.0}, diffuse {:.0} W/m², sun {:.3}° high",
        moment.words,
        air.temperature,
        air.humidity,
        air.wind,
        radiation.global,
        radiation.direct,
        radiation.diffuse,
        sun.altitude.0,
    );
    let hour = Hour { air, radiation, clearness, sun, noon: course.noon, solar: course.solar };
    Ok(Ready { moment, hour, feeling, words })
}

impl Method for Comfort<'_> {
    fn name(&self) -> &'static str {
        "comfort"
    }

    fn specs(&self) -> Vec<&'static Spec> {
        COMFORT.to_vec()
    }

    fn halo(&self) -> Metres {
        let farthest = self.order.sky.halo().0.max(self.order.shade.halo().0);
        // The shade of the ground around is looked at too.
        Metres(farthest) + GROUND_REACH
    }

    fn bands(&self, _: &Spec) -> Vec<String> {
        self.hours.iter().map(|ready| ready.moment.words.clone()).collect()
    }

    fn settings(&self) -> Value {
        let Order { sky, shade, linke, weather, .. } = self.order;
        let hours: Vec<&String> = self.hours.iter().map(|ready| &ready.words).collect();
        let table = weather.inputs().first().map(|path| file_name(path));
        let materials: Vec<String> =
            CLASSES.iter().map(|(name, material)| format!("{name}: {material:?}")).collect();
        json!({
            "sky": format!("{sky:?}"), "shade": format!("{shade:?}"), "linke": linke, "hours": hours,
            "weather": table, "times": self.times, "materials": materials, "cover": self.cover.is_some(), "roof_m": ROOF,
        })
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let rasters = self.order.cover.iter().chain(&self.order.terrain).cloned();
        rasters.chain(self.order.weather.inputs()).collect()
    }

    fn remarks(&self) -> Vec<Text> {
        self.remarks.clone()
    }

    fn make(&self, ground: &Ground, keep: Keep<'_>) -> Result<(), Fault> {
        let core = &ground.core;
        let crowns = ground.crowns();
        let around = Surroundings::of(&ground.surface, crowns.as_ref(), core, &self.order.sky);
        let cover = self.materials(core)?;
        let materials = CLASSES.map(|(_, material)| material);
        let ring = (GROUND_REACH.0 / core.cell.0).ceil() as usize;
        let near = ground.surface.frame().intersection(&core.padded(ring));
        let roofs = self.roofs(ground)?;
        let light = ground.stand.as_ref().map_or(Light::Fixed(0.0), |stand| stand.light);
        let (mut radiant, mut felt) = (Vec::new(), Vec::new());
        for Ready { moment, hour, feeling, .. } in &self.hours {
            let lit = share_lit(ground, &near, moment.date, &hour.sun, &self.order.shade);
            let transmissivity = light.on(moment.date, ground.site.latitude);
            let place = radiant::Place {
                surface: &ground.surface,
                lit: &lit,
                cover: &cover,
                materials: &materials,
                transmissivity,
            };
            let mut warmth = mean_radiant_temperature(&around, &place, hour);
            if let Some(roofs) = &roofs {
                let cells = warmth.cells_mut().iter_mut().zip(roofs);
                cells.filter(|(_, roof)| **roof).for_each(|(cell, _)| *cell = f32::MISSING);
            }
            let feels = warmth.cells().iter().map(|cell| feeling.at(f64::from(*cell)) as f32);
            felt.push(Grid::new(*core, feels.collect()));
            radiant.push(warmth);
        }
        keep(&TMRT.spec, &radiant)?;
        keep(&UTCI.spec, &felt)
    }
}
