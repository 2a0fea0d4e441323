//! A surface → how much sky each cell sees, its shade and its hours of sun.
//!
//! In: a raster of heights, and days in the legal time of a zone. Out: `sky_view`, `sky_view_geometric`, `shade` and
//! `sun_hours`, by tiles (`survey.rs`).
//!
//! The surface is taken as it is: crowns are opaque to the ground. With a raster of vegetation heights and the terrain,
//! trees are taken out of the surface and stand over the terrain as crowns that let a share of the light through
//! (`crowns.rs`), and `sky_view_canopy` is made too. The sun is that over the raster's middle, one for
//! all cells (0.3° off at 30 km). Cells without height hide nothing and have no value, which is told.
//!
//! Fails where: mountains farther than the reach of shadows hide the sun. Cost: 0.3 µs a cell for the sky, 0.02 µs a
//! cell and sun; memory: one tile with its halo, ten bytes a cell.

use crate::fault;
use crate::measures::sun::{Day, HOURS};
use crate::measures::sunlight::{light_of, share_lit};
use crate::measures::survey::{Ground, Keep, Method, Place, Survey, Tell};
use crate::product::{SHADE, SKY, SKY_VIEW, SKY_VIEW_CANOPY, SKY_VIEW_GEOMETRIC, SUN_HOURS, Spec};
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::grid::Grid;
use ilot_kernels::shade::ShadeParams;
use ilot_kernels::sky::{SkyParams, sky_view, sky_view_behind_crowns};
use ilot_kernels::unit::Metres;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

pub use crate::measures::survey::Done;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The surface, and where its maps go.
    pub place: Place,
    /// How the sky is looked at.
    pub sky: SkyParams,
    /// How far shadows are followed.
    pub shade: ShadeParams,
    /// Days of the sun.
    pub dates: Vec<Date>,
    /// Which of the products; that with trees is made only where trees are given.
    pub products: Vec<&'static Spec>,
}

/// Makes all products of a surface; `tell` hears of each tile, and of how many there are.
///
/// # Errors
/// Where the raster or the order makes no sense, or a file cannot be written.
pub fn make(order: &Order, stop: &AtomicBool, tell: Tell<'_>) -> Result<Done, Fault> {
    let survey = Survey::open(&order.place)?;
    if order.place.crowns.is_none()
        && order.products.iter().all(|spec| spec.name == SKY_VIEW_CANOPY.spec.name)
    {
        return Err(fault!(
            fr: "Rien n'est à faire : sky_view_canopy demande les arbres, --dtm et --canopy.",
            en: "There is nothing to make: sky_view_canopy needs trees, --dtm and --canopy.",
        ));
    }
    let sunny = order.products.iter().any(|spec| [SHADE.spec.name, SUN_HOURS.spec.name].contains(&spec.name));
    let zone = if sunny { survey.zone()? } else { TimeZone::UTC };
    let dates: &[Date] = if sunny { &order.dates } else { &[] };
    let days = dates.iter().map(|&date| Day::over(&survey.site, date, &zone));
    let sky = Sky {
        order,
        days: days.collect::<Result<_, Fault>>()?,
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        has_trees: survey.has_trees(),
        remarks: if sunny { vec![survey.site.remark(zone.iana_name().unwrap_or("UTC"))] } else { Vec::new() },
    };
    let sky = Sky { remarks: sky.remarks.iter().cloned().chain(sky.below()).collect(), ..sky };
    survey.make(&sky, stop, tell)
}

/// The sky and the sun of some days.
struct Sky<'a> {
    order: &'a Order,
    days: Vec<Day>,
    zone: String,
    has_trees: bool,
    remarks: Vec<Text>,
}

impl Sky<'_> {
    fn wants(&self, spec: &Spec) -> bool {
        self.order.products.iter().any(|wanted| wanted.name == spec.name)
    }

    /// Instants of the shade at which the sun is down.
    fn below(&self) -> Option<Text> {
        let hours =
            self.days.iter().flat_map(|day| day.hours.iter().zip(HOURS).map(move |hour| (day.date, hour)));
        let down = hours.filter(|(_, (sun, _))| sun.altitude.0 <= 0.0);
        let names: Vec<String> = down.map(|(date, (_, hour))| format!("{date} {hour} h")).collect();
        let names = names.join(", ");
        (self.wants(&SHADE.spec) && !names.is_empty()).then(|| {
            text!(
                fr: "le soleil est sous l'horizon : {names} ; tout y est à l'ombre (1)",
                en: "the sun is below the horizon: {names}; all is in shade there (1)",
            )
        })
    }

    fn wants_sky(&self) -> bool {
        [&SKY_VIEW.spec, &SKY_VIEW_CANOPY.spec, &SKY_VIEW_GEOMETRIC.spec]
            .into_iter()
            .any(|spec| self.wants(spec))
    }

    fn sky(&self, ground: &Ground, keep: Keep<'_>) -> Result<(), Fault> {
        let (Ground { surface, core, .. }, params) = (ground, &self.order.sky);
        let mut give = |spec: &'static Spec, bands: &[Grid<f32>]| match self.wants(spec) {
            true => keep(spec, bands),
            false => Ok(()),
        };
        let (Some(crowns), Some(stand)) = (ground.crowns(), &ground.stand) else {
            let sky = sky_view(surface, core, params);
            give(&SKY_VIEW.spec, &[sky.cosine_weighted])?;
            return give(&SKY_VIEW_GEOMETRIC.spec, &[sky.solid_angle]);
        };
        let (sky, leaves) = sky_view_behind_crowns(surface, &crowns, core, params);
        let shares = stand.light.shares();
        let behind = shares.iter().map(|&(share, _)| behind(&sky.cosine_weighted, &leaves, share));
        let behind: Vec<Grid<f32>> = behind.collect();
        give(&SKY_VIEW.spec, &[sky.cosine_weighted])?;
        give(&SKY_VIEW_CANOPY.spec, &behind)?;
        give(&SKY_VIEW_GEOMETRIC.spec, &[sky.solid_angle])
    }

    fn sun(&self, ground: &Ground, keep: Keep<'_>) -> Result<(), Fault> {
        let params = &self.order.shade;
        if self.wants(&SHADE.spec) {
            keep(&SHADE.spec, &self.shade(ground))?;
        }
        if self.wants(&SUN_HOURS.spec) {
            let hours = self.days.iter().map(|day| light_of(ground, &ground.core, day, params));
            keep(&SUN_HOURS.spec, &hours.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn shade(&self, ground: &Ground) -> Vec<Grid<f32>> {
        let params = &self.order.shade;
        let instants = self.days.iter().flat_map(|day| day.hours.iter().map(move |sun| (day.date, *sun)));
        let shade = instants.map(|(date, sun)| {
            let mut shade = share_lit(ground, &ground.core, date, &sun, params);
            shade.cells_mut().iter_mut().for_each(|lit| *lit = 1.0 - *lit);
            shade
        });
        shade.collect()
    }
}

/// `o − (1 − τ) l`: what only leaves hide counts for 1 − τ.
pub(crate) fn behind(open: &Grid<f32>, leaves: &Grid<f32>, transmissivity: f32) -> Grid<f32> {
    let cells = open.cells().iter().zip(leaves.cells());
    Grid::new(*open.frame(), cells.map(|(open, leaves)| open - (1.0 - transmissivity) * leaves).collect())
}

impl Method for Sky<'_> {
    fn name(&self) -> &'static str {
        "sky"
    }

    fn specs(&self) -> Vec<&'static Spec> {
        let there = |spec: &&'static Spec| self.has_trees || spec.name != SKY_VIEW_CANOPY.spec.name;
        SKY.iter().copied().filter(there).filter(|spec| self.wants(spec)).collect()
    }

    fn halo(&self) -> Metres {
        let sun = self.wants(&SHADE.spec) || self.wants(&SUN_HOURS.spec);
        let sky = if self.wants_sky() { self.order.sky.halo().0 } else { 0.0 };
        Metres(sky.max(if sun { self.order.shade.halo().0 } else { 0.0 }))
    }

    fn bands(&self, spec: &Spec) -> Vec<String> {
        let days = || self.days.iter().map(|day| day.date.to_string());
        if spec.name == SHADE.spec.name {
            days().flat_map(|day| HOURS.map(|hour| format!("{day} {hour}:00 {}", self.zone))).collect()
        } else if spec.name == SUN_HOURS.spec.name {
            days().map(|day| format!("{day} 8:00 to 20:00 {}", self.zone)).collect()
        } else if let (true, Some(crowns)) =
            (spec.name == SKY_VIEW_CANOPY.spec.name, &self.order.place.crowns)
        {
            crowns.light().shares().into_iter().map(|(_, name)| name).collect()
        } else {
            vec![spec.title.en.to_owned()]
        }
    }

    fn settings(&self) -> Value {
        let Order { sky, shade, .. } = self.order;
        let days: Vec<String> = self.days.iter().map(|day| day.date.to_string()).collect();
        json!({ "sky": format!("{sky:?}"), "shade": format!("{shade:?}"), "dates": days, "zone": self.zone })
    }

    fn inputs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn remarks(&self) -> Vec<Text> {
        self.remarks.clone()
    }

    fn make(&self, ground: &Ground, keep: Keep<'_>) -> Result<(), Fault> {
        if self.wants_sky() {
            self.sky(ground, keep)?;
        }
        self.sun(ground, keep)
    }
}
