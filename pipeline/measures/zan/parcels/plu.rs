//! What a local plan (PLU) and its readers set: weights of surfaces, rules of a zone, what counts as room, as a good place
//! to unseal, as a field in town.
//!
//! In: a TOML file, or nothing; out: [`Plan`], whole and checked. The biotope coefficient (art. L. 151-22 of the Code de
//! l'urbanisme) has no national weights: each PLU gives its own. Without a file those of the label Effinature hold, which
//! for what is seen from above are those of Berlin's Biotopflächenfaktor too: sealed 0, permeable mineral 0.3, soil 1.

use crate::fault;
use crate::text::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Ecological value of a square metre, 0 to 1, by what covers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Roofs.
    pub building: f64,
    /// Asphalt, concrete, paving.
    pub sealed: f64,
    /// Gravel, stabilised soil.
    pub mineral: f64,
    /// Bare soil.
    pub bare: f64,
    /// Grass and crops.
    pub herbaceous: f64,
    /// Shrubs.
    pub shrub: f64,
    /// Trees over open soil.
    pub tree: f64,
    /// Trees over sealed ground.
    pub tree_over_sealed: f64,
    /// Water; a pool cannot be told from a pond.
    pub water: f64,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights {
            building: 0.0,
            sealed: 0.0,
            mineral: 0.3,
            bare: 1.0,
            herbaceous: 1.0,
            shrub: 1.0,
            tree: 1.0,
            tree_over_sealed: 0.0,
            water: 0.0,
        }
    }
}

impl Weights {
    /// In the order of the classes of `cover`.
    pub fn list(&self) -> [f64; 9] {
        [
            self.building,
            self.sealed,
            self.mineral,
            self.bare,
            self.herbaceous,
            self.shrub,
            self.tree,
            self.tree_over_sealed,
            self.water,
        ]
    }
}

/// What a zone of the plan asks for; what it is silent on is not checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Zone {
    /// Least biotope coefficient.
    pub biotope_min: Option<f64>,
    /// Least share of open soil, %.
    pub open_soil_min_pct: Option<f64>,
    /// Largest share of the parcel that is built, %.
    pub footprint_max_pct: Option<f64>,
    /// Largest height of buildings, m.
    pub height_max_m: Option<f64>,
    /// Whether it can be built upon: by default where its name begins with U or AU.
    pub buildable: Option<bool>,
    /// Weights of its own.
    pub weights: Option<Weights>,
}

/// What counts as room to build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Room {
    /// Distance kept from the parcel's limits, m (R. 111-17: 3 m at least).
    pub from_limits_m: f64,
    /// Distance kept from standing buildings, m.
    pub from_buildings_m: f64,
    /// Width that a plot must have, m.
    pub width_m: f64,
    /// Width of a way to the street, m.
    pub access_m: f64,
    /// Steepest slope, %.
    pub slope_max_pct: f64,
    /// Smallest parcel that is called a gap, m².
    pub gap_min_m2: f64,
    /// A parcel with less than this is not built upon, m².
    pub built_min_m2: f64,
    /// The built envelope: buildings grown by this, m.
    pub envelope_grow_m: f64,
    /// And shrunk again by this, m.
    pub envelope_shrink_m: f64,
}

impl Default for Room {
    fn default() -> Room {
        Room {
            from_limits_m: 3.0,
            from_buildings_m: 4.0,
            width_m: 12.0,
            access_m: 3.5,
            slope_max_pct: 25.0,
            gap_min_m2: 300.0,
            built_min_m2: 10.0,
            envelope_grow_m: 50.0,
            envelope_shrink_m: 25.0,
        }
    }
}

/// Weights and scales of the renaturation score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Score {
    /// Weight of the sealed share.
    pub sealed: f64,
    /// Weight of the effect of the threshold.
    pub threshold: f64,
    /// Weight of heat.
    pub heat: f64,
    /// Weight of public land.
    pub public: f64,
    /// Weight of level ground.
    pub flat: f64,
    /// Weight of ground that is not built.
    pub unbuilt: f64,
    /// Weight of a lack of trees.
    pub bare_of_trees: f64,
    /// Warmth above the rural reference that counts for 1, K.
    pub heat_full_k: f64,
    /// Slope that counts for 0, %.
    pub slope_none_pct: f64,
    /// Canopy that counts for 0, %.
    pub canopy_none_pct: f64,
    /// With less ground to unseal than this there is no score, m².
    pub least_m2: f64,
    /// Threshold of a zone, m² (annex to R. 101-1).
    pub zone_m2: f64,
}

impl Default for Score {
    fn default() -> Score {
        Score {
            sealed: 0.30,
            threshold: 0.20,
            heat: 0.15,
            public: 0.15,
            flat: 0.10,
            unbuilt: 0.05,
            bare_of_trees: 0.05,
            heat_full_k: 3.0,
            slope_none_pct: 15.0,
            canopy_none_pct: 10.0,
            least_m2: 50.0,
            zone_m2: 2500.0,
        }
    }
}

/// What soil and roofs must be to grow food.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Farming {
    /// Smallest field in one piece, m².
    pub soil_min_m2: f64,
    /// Steepest field, %.
    pub soil_slope_max_pct: f64,
    /// Smallest roof, m².
    pub roof_min_m2: f64,
    /// Steepest roof, °.
    pub roof_slope_max_deg: f64,
    /// Least sun on the day of the map, h.
    pub sun_min_h: f64,
}

impl Default for Farming {
    fn default() -> Farming {
        Farming {
            soil_min_m2: 500.0,
            soil_slope_max_pct: 10.0,
            roof_min_m2: 200.0,
            roof_slope_max_deg: 5.0,
            sun_min_h: 6.0,
        }
    }
}

/// A plan: where it comes from, and all of the above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// Where its figures come from.
    pub source: String,
    /// Weights where a zone has none of its own.
    pub weights: Weights,
    /// Rules where a parcel lies in no zone that is named.
    pub rules: Zone,
    /// Rules by the name of the zone.
    pub zone: BTreeMap<String, Zone>,
    /// Room to build.
    pub room: Room,
    /// The renaturation score.
    pub score: Score,
    /// Fields in town.
    pub farming: Farming,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            source: "Effinature (valeurs indicatives, à remplacer par celles du PLU)".to_owned(),
            weights: Weights::default(),
            rules: Zone::default(),
            zone: BTreeMap::new(),
            room: Room::default(),
            score: Score::default(),
            farming: Farming::default(),
        }
    }
}

impl Plan {
    /// The table in a file.
    ///
    /// # Errors
    /// Where it cannot be read, or a figure makes no sense.
    pub fn read(path: &Path) -> Result<Plan, Fault> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|why| {
            fault!(
                fr: "{shown} ne peut être lu ({why}) ; donnez la table TOML du PLU, ou aucune pour les poids par défaut",
                en: "{shown} cannot be read ({why}); give the PLU's TOML table, or none for the default weights",
            )
        })?;
        let plan: Plan = toml::from_str(&text).map_err(|why| {
            let why = why.to_string();
            let why = why.trim_end();
            fault!(
                fr: "{shown} n'est pas une table de PLU valable, corrigez-la :\n{why}",
                en: "{shown} is no valid table of a PLU, mend it:\n{why}",
            )
        })?;
        let named = plan.source != Plan::default().source;
        let plan = Plan { source: if named { plan.source } else { shown.to_string() }, ..plan };
        plan.checked().map_err(|key| {
            fault!(
                fr: "{shown} : {key} est hors de propos ; les poids vont de 0 à 1, les parts en pour cent de 1 à 100 (ou 0), les longueurs sont positives",
                en: "{shown}: {key} is out of reason; weights are 0 to 1, shares in per cent 1 to 100 (or 0), lengths positive",
            )
        })
    }

    /// The name of the first figure that makes no sense, as an error.
    fn checked(self) -> Result<Plan, &'static str> {
        let unit = |list: &[f64]| list.iter().all(|weight| (0.0..=1.0).contains(weight));
        let zones = || self.zone.values().chain([&self.rules]);
        let own = zones().filter_map(|zone| zone.weights.as_ref()).chain([&self.weights]);
        if !own.into_iter().all(|weights| unit(&weights.list())) {
            return Err("weights");
        }
        // Between 0 and 1 it is a fraction that was taken for a percentage.
        let share =
            |share: Option<f64>| share.is_none_or(|share| share == 0.0 || (1.0..=100.0).contains(&share));
        if !zones().all(|zone| share(zone.open_soil_min_pct) && share(zone.footprint_max_pct)) {
            return Err("open_soil_min_pct, footprint_max_pct");
        }
        if !zones().all(|zone| zone.height_max_m.is_none_or(|height| (0.0..=500.0).contains(&height))) {
            return Err("height_max_m");
        }
        let Room { from_limits_m, from_buildings_m, width_m, access_m, .. } = self.room;
        let Room { envelope_grow_m, envelope_shrink_m, .. } = self.room;
        let lengths =
            [from_limits_m, from_buildings_m, width_m, access_m, envelope_grow_m, envelope_shrink_m];
        if !lengths.iter().all(|length| (0.0..=200.0).contains(length)) || envelope_shrink_m > envelope_grow_m
        {
            return Err("room");
        }
        let Score { sealed, threshold, heat, public, flat, unbuilt, bare_of_trees, .. } = self.score;
        let Score { heat_full_k, slope_none_pct, canopy_none_pct, .. } = self.score;
        let scales = [heat_full_k, slope_none_pct, canopy_none_pct].iter().all(|scale| *scale > 0.0);
        if !unit(&[sealed, threshold, heat, public, flat, unbuilt, bare_of_trees]) || sealed <= 0.0 || !scales
        {
            return Err("score");
        }
        Ok(self)
    }

    /// The rules of a parcel, by the name of its zone.
    pub fn rules(&self, zone: Option<&str>) -> &Zone {
        zone.and_then(|name| self.zone.get(name)).unwrap_or(&self.rules)
    }

    /// The weights of a parcel.
    pub fn weights(&self, zone: Option<&str>) -> &Weights {
        self.rules(zone).weights.as_ref().unwrap_or(&self.weights)
    }

    /// Whether a zone can be built upon: as the table says, else U and AU; `None` without a zone.
    pub fn buildable(&self, zone: Option<&str>) -> Option<bool> {
        let name = zone?;
        let letters = name.trim().trim_start_matches(|c: char| c.is_ascii_digit()).to_ascii_uppercase();
        Some(self.rules(zone).buildable.unwrap_or(letters.starts_with('U') || letters.starts_with("AU")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_its_own_rules_and_weights() {
        let text = "source = \"PLU\"\n[weights]\nmineral = 0.4\n[zone.UA]\nbiotope_min = 0.3\n[zone.UA.weights]\nmineral = 0.2\n";
        let plan = toml::from_str::<Plan>(text).unwrap().checked().unwrap();
        assert_eq!(plan.weights(Some("UA")).mineral, 0.2);
        assert_eq!((plan.weights(Some("UB")).mineral, plan.weights(None).bare), (0.4, 1.0));
        assert_eq!(plan.rules(Some("UA")).biotope_min, Some(0.3));
        let zones = [("UA", true), ("1AUh", true), ("A", false), ("N", false), ("Nzh", false)];
        assert!(zones.iter().all(|(zone, wanted)| plan.buildable(Some(zone)) == Some(*wanted)));
        assert_eq!(plan.buildable(None), None);
    }

    #[test]
    fn figures_out_of_reason_are_refused() {
        for text in [
            "[weights]\nbare = 1.5",
            "[rules]\nfootprint_max_pct = 140",
            "[rules]\nopen_soil_min_pct = 0.2",
            "[room]\nwidth_m = -1",
            "[score]\nsealed = 0",
        ] {
            assert!(toml::from_str::<Plan>(text).unwrap().checked().is_err(), "{text}");
        }
        assert!(toml::from_str::<Plan>("[weights]\nroof = 1").is_err());
    }
}
