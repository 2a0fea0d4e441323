//! `[zan]`: artificialised soil, its change and its report, and what to do with each parcel, on the finished maps.

use crate::account::Account;
use crate::measure::{Made, Measure};
use crate::measures::zan::parcels::plu::Plan;
use crate::measures::zan::parcels::{self, Order};
use crate::measures::zan::read::Date;
use crate::measures::zan::tables::Sheet;
use crate::measures::zan::{self, Mode, Question, enaf};
use crate::product::Spec;
use crate::project::Settings;
use crate::store::{Store, hash_inputs};
use crate::text::Fault;
use crate::{fault, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Artificialised soil by commune, the three-yearly report, and what to do with each parcel; made where this section
/// is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// OCS GE of each date, in order: files, or folders of départements.
    pub ocsge: Vec<PathBuf>,
    /// Communes or other zones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zones: Option<PathBuf>,
    /// Field that names the zones; found by pattern else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<String>,
    /// True dates, `2018` or `2018-07-15`, in the order of `ocsge`; those of the data else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<String>,
    /// Which status counts.
    pub mode: ModeName,
    /// CRS of files that name none, such as `EPSG:2154`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Cerema's table of ENAF consumption; terms of the law in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enaf: Option<PathBuf>,
    /// Parcels of the cadastre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcels: Option<PathBuf>,
    /// Table of the PLU (TOML): weights, rules, settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plu: Option<PathBuf>,
    /// Zones of the PLU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plu_zones: Option<PathBuf>,
    /// Public land; else the column of the parcels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<PathBuf>,
    /// Where nothing is built or grown: flood zones, protected woods, polluted soil.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<PathBuf>,
    /// Brownfields, such as Cartofriches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brownfields: Option<PathBuf>,
}

/// Which status counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModeName {
    /// The decree's matrix of cover and use.
    #[default]
    Matrix,
    /// With the thresholds of the decree.
    Recompute,
    /// The attribute delivered.
    Ign,
}

/// Maps that parcels are laid over, where the run has them.
const MAPS: [&str; 9] = [
    "cover",
    "slope",
    "chm",
    "canopy",
    "imperviousness",
    "vegetation_height",
    "sun_hours",
    "heat_night",
    "heat_day",
];

/// The step of a run.
pub struct Zan {
    section: Section,
    question: Option<Question>,
    order: Option<Order>,
    reads: Vec<&'static str>,
    /// Maps that other commands left in the folder of results.
    found: Vec<PathBuf>,
}

impl Zan {
    /// Checks a section; `made` are the products that the run keeps or makes before.
    ///
    /// # Errors
    /// Where there are neither zones nor parcels, or a date, a CRS or the PLU's table cannot be read.
    pub fn new(section: &Section, settings: &Settings, made: &[&'static str]) -> Result<Zan, Fault> {
        if section.zones.is_none() && section.parcels.is_none()
            || section.zones.is_some() && section.ocsge.is_empty()
        {
            return Err(fault!(
                fr: "La section [zan] demande zones et ocsge, ou parcels : donnez-les.",
                en: "Section [zan] needs zones and ocsge, or parcels: give them.",
            ));
        }
        let question = question(section, &settings.base)?;
        let mut order = order(section, settings)?;
        let wanted = MAPS.iter().filter(|_| order.is_some());
        let (reads, others): (Vec<&'static str>, Vec<&'static str>) =
            wanted.partition(|name| made.contains(name));
        let left =
            |name: &&str| [format!("{name}.vrt"), (*name).to_owned()].map(|name| settings.out.join(name));
        let beside = Account::beside(&settings.out);
        let made =
            |name: &&str| settings.layers.iter().any(|layer| layer.name == *name) || beside.holds(name);
        let (others, old): (Vec<&str>, Vec<&str>) = others.into_iter().chain(["buildings"]).partition(made);
        if let Some(order) = &mut order {
            order.left = old.into_iter().map(str::to_owned).collect();
        }
        let found = others.iter().flat_map(left).filter(|path| path.exists()).collect();
        Ok(Zan { section: section.clone(), question, order, reads, found })
    }
}

fn mode(name: ModeName) -> Mode {
    match name {
        ModeName::Matrix => Mode::Matrix,
        ModeName::Recompute => Mode::Recompute,
        ModeName::Ign => Mode::Ign,
    }
}

fn crs(section: &Section) -> Result<Option<crate::formats::crs::Crs>, Fault> {
    section.crs.as_deref().map(crate::formats::crs::Crs::from_user).transpose()
}

fn question(section: &Section, base: &Path) -> Result<Option<Question>, Fault> {
    let Some(zones) = &section.zones else { return Ok(None) };
    let date = |words: &String| {
        Date::parse(words).map(Some).ok_or_else(|| {
            fault!(
                fr: "zan.dates : « {words} » n'est pas une date ; écrivez 2018 ou 2018-07-15.",
                en: "zan.dates: \"{words}\" is no date; write 2018 or 2018-07-15.",
            )
        })
    };
    let enaf = section.enaf.as_ref().map(|table| enaf::Question {
        table: base.join(table),
        terms: enaf::Terms::default(),
        own: None,
        group: None,
    });
    Ok(Some(Question {
        states: section.ocsge.iter().map(|path| base.join(path)).collect(),
        zones: base.join(zones),
        zone_id: section.zone_id.clone(),
        crs: crs(section)?,
        dates: section.dates.iter().map(date).collect::<Result<_, Fault>>()?,
        mode: mode(section.mode),
        polygons: true,
        enaf,
        ..Question::default()
    }))
}

fn order(section: &Section, settings: &Settings) -> Result<Option<Order>, Fault> {
    let Some(parcels) = &section.parcels else { return Ok(None) };
    let place = |path: &PathBuf| settings.base.join(path);
    let plan = section.plu.as_ref().map(place);
    Ok(Some(Order {
        parcels: place(parcels),
        layer: None,
        id: None,
        maps: Some(settings.out.clone()),
        left: BTreeSet::new(),
        ocsge: section.ocsge.last().map(place),
        mode: mode(section.mode),
        public: section.public.as_ref().map(place),
        zones: section.plu_zones.as_ref().map(place),
        excluded: section.exclude.iter().map(place).collect(),
        brownfields: section.brownfields.as_ref().map(place),
        plan: plan.map_or(Ok(Plan::default()), |path| Plan::read(&path))?,
        crs: crs(section)?,
        with_image: settings.wanted().contains(&"ndvi"),
    }))
}

impl Measure for Zan {
    fn name(&self) -> &'static str {
        "zan"
    }

    fn reads(&self) -> Vec<&'static str> {
        self.reads.clone()
    }

    fn makes(&self) -> Vec<&'static Spec> {
        Vec::new()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let mut all = self.found.clone();
        if let Some(Question { states, zones, enaf, .. }) = &self.question {
            all.extend(states.iter().chain([zones]).cloned());
            all.extend(enaf.iter().map(|enaf| enaf.table.clone()));
        }
        if let Some(Order { parcels, ocsge, public, zones, excluded, brownfields, .. }) = &self.order {
            all.push(parcels.clone());
            all.extend([ocsge, public, zones, brownfields].into_iter().flatten().cloned());
            all.extend(excluded.iter().cloned());
        }
        all
    }

    fn settings(&self) -> Value {
        json!({ "section": self.section, "plan": self.order.as_ref().map(|order| &order.plan) })
    }

    fn run(&self, store: &Store, _: &AtomicBool) -> Result<Made, Fault> {
        let mut made = Made::default();
        if let Some(question) = &self.question {
            let answer = zan::measure(question)?;
            let settings = json!({ "mode": question.mode.word() });
            let (pages, table) = answer.report(&settings, &hash_inputs(&answer.files));
            write(store, answer.sheets.iter().chain([&table]), &mut made)?;
            for (name, page) in pages {
                store.write(&name, page.as_bytes())?;
                made.files.push(name);
            }
            made.remarks.extend(answer.remarks);
        }
        if let Some(order) = &self.order {
            let answer = parcels::measure(order)?;
            write(store, answer.sheets.iter(), &mut made)?;
            made.remarks.extend(answer.remarks);
            if answer.without_data > 0 {
                let count = answer.without_data;
                made.remarks.push(text!(
                    fr: "{count} parcelles sont hors des données",
                    en: "{count} parcels are outside of the data",
                ));
            }
        }
        Ok(made)
    }
}

fn write<'s>(store: &Store, sheets: impl Iterator<Item = &'s Sheet>, made: &mut Made) -> Result<(), Fault> {
    for sheet in sheets {
        for (name, bytes) in sheet.files()? {
            store.write(&name, &bytes)?;
            made.files.push(name);
        }
    }
    Ok(())
}
