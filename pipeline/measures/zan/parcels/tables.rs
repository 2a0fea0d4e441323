//! Parcels → tables: all of them with every figure, then a layer for each use with its reasons.
//!
//! `parcels`, `renaturation` (best first), `densification` (outline of the room), `urban_farming` (outline of soil, roofs).

use super::inputs::Read;
use super::plu::Zone;
use super::renature::{self, Rated, TERMS};
use super::window::{geometry, percent};
use super::{Answer, Order, Origin, Parcel};
use crate::formats::vector::{Feature, FieldKind, Source, Value};
use crate::landcover::confusion::{self, SEALED};
use crate::measures::zan::tables::Sheet;
use crate::measures::zonal;
use crate::text;
use crate::text::{Fault, Text};
use geo::Geometry;
use serde_json::json;
use std::path::Path;

/// Adds the tables and totals.
pub fn write(order: &Order, read: &Read, answer: &mut Answer) {
    let rated: Vec<Rated> = read.parcels.iter().map(|parcel| renature::rate(parcel, &order.plan)).collect();
    let plots: Vec<Option<Plot>> = read.parcels.iter().map(|parcel| plot(order, parcel)).collect();
    let table = parcels(order, read, &rated, &plots);
    totals(read, &rated, &plots, answer);
    answer.sheets.push(table);
    answer.sheets.push(renaturation(read, &rated));
    if read.maps.is_some() {
        answer.sheets.push(densification(read, &plots));
        let farming = farming(order, read, answer);
        answer.sheets.push(farming);
    }
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    (value * scale).round() / scale + 0.0
}

/// Columns of some parcels, with their rows.
struct Columns<'a> {
    rows: Vec<usize>,
    read: &'a Read,
    sheet: Sheet,
}

impl<'a> Columns<'a> {
    fn new(name: &str, read: &'a Read, rows: Vec<usize>) -> Columns<'a> {
        let mut sheet = Sheet::new(name);
        sheet.crs = Some(read.crs.clone());
        let mut columns = Columns { rows, read, sheet };
        columns.words("parcel_id", text!(fr: "Parcelle", en: "Parcel"), |parcel, _| parcel.id.clone());
        columns.words("commune", text!(fr: "Commune", en: "Commune"), |parcel, _| parcel.commune.clone());
        columns
    }

    fn own_shapes(mut self) -> Columns<'a> {
        let shape = |row: &usize| self.read.layer.features[*row].geometry.clone();
        self.sheet.shapes = self.rows.iter().map(shape).collect();
        self.sheet.crs = self.read.layer.crs.clone();
        self
    }

    fn number(
        &mut self,
        name: &str,
        unit: &'static str,
        meaning: Text,
        places: i32,
        value: impl Fn(&Parcel, usize) -> Option<f64>,
    ) {
        let of = |row: &usize| value(&self.read.parcels[*row], *row).filter(|value| value.is_finite());
        let values = self.rows.iter().map(|row| of(row).map(|value| rounded(value, places))).collect();
        self.sheet.numbers(name, unit, meaning, values);
    }

    fn words(&mut self, name: &str, meaning: Text, value: impl Fn(&Parcel, usize) -> String) {
        let values = self.rows.iter().map(|row| value(&self.read.parcels[*row], *row)).collect();
        self.sheet.words(name, meaning, values);
    }

    fn truth(&mut self, name: &str, meaning: Text, value: impl Fn(&Parcel, usize) -> Option<bool>) {
        let of = |row: &usize| value(&self.read.parcels[*row], *row);
        let values = self
            .rows
            .iter()
            .map(|row| of(row).map_or(Value::Null, |yes| Value::Integer(i64::from(yes))))
            .collect();
        self.sheet.column(name, FieldKind::Integer, "", meaning, values);
    }
}

/// All parcels with every figure.
fn parcels(order: &Order, read: &Read, rated: &[Rated], plots: &[Option<Plot>]) -> Sheet {
    let mut all = Columns::new("parcels", read, (0..read.parcels.len()).collect()).own_shapes();
    all.words("plu_zone", text!(fr: "Zone du PLU", en: "Zone of the PLU"), |parcel, _| {
        parcel.zone.clone().unwrap_or_default()
    });
    all.truth("public", text!(fr: "1 : foncier public ; 0 : privé ; vide : inconnu", en: "1: public land; 0: private; empty: not known"), |parcel, _| parcel.public);
    all.words(
        "brownfield",
        text!(fr: "Friche dont elle fait partie", en: "Brownfield that it is part of"),
        |parcel, _| parcel.brownfield.clone().unwrap_or_default(),
    );
    land(order, &mut all);
    soil(order, &mut all);
    climate(read, &mut all);
    room(&mut all, plots);
    all.number("renaturation_score", "", text!(fr: "Score de renaturation, 0 à 1 ; vide : presque rien à désimperméabiliser", en: "Renaturation score, 0 to 1; empty: hardly anything to unseal"), 4, |_, row| rated[row].score);
    all.sheet
}

fn land(order: &Order, all: &mut Columns<'_>) {
    all.number(
        "area_m2",
        "m²",
        text!(fr: "Surface de la parcelle, dans le plan", en: "Area of the parcel, on the plane"),
        2,
        |parcel, _| Some(parcel.area),
    );
    all.words("origin", text!(fr: "D'où viennent les surfaces : cover (1 m) ou ocsge", en: "Where the areas come from: cover (1 m) or ocsge"), |parcel, _| {
        parcel.land.map_or("", |land| if land.origin == Origin::Cover { "cover" } else { "ocsge" }).to_owned()
    });
    all.number(
        "known_m2",
        "m²",
        text!(fr: "Surface dont l'occupation est connue", en: "Area whose cover is known"),
        2,
        |parcel, _| parcel.land.map(|land| land.known),
    );
    for (class, name) in confusion::NAMES.iter().enumerate() {
        let meaning = text!(fr: "Surface de la classe {name}", en: "Area of class {name}");
        all.number(&format!("{name}_m2"), "m²", meaning, 2, |parcel, _| {
            parcel.land.map(|land| land.classes[class])
        });
    }
    all.number("impermeable_m2", "m²", text!(fr: "Surface imperméable : bâti, revêtements, revêtements sous les arbres", en: "Impermeable area: roofs, pavements, pavements under trees"), 2, |parcel, _| parcel.sealed_area());
    all.number("impermeable_pct", "%", text!(fr: "Part imperméable : bâti, revêtements, revêtements sous les arbres", en: "Sealed share: roofs, pavements, pavements under trees"), 3, |parcel, _| parcel.sealed().map(|share| share * 100.0));
    let likely = |parcel: &Parcel| {
        let land = parcel.land.filter(|land| land.origin == Origin::Cover && land.known > 0.0)?;
        let confusion = if order.with_image { &confusion::WITH_IMAGE } else { &confusion::WITHOUT_IMAGE };
        let likely = confusion::likely(confusion, &land.classes, |class| SEALED[class], land.edge);
        Some((likely.low / land.known * 100.0, likely.high / land.known * 100.0))
    };
    all.number("impermeable_low_pct", "%", text!(fr: "Bas de l'intervalle à 90 %, d'après la matrice de confusion", en: "Low end of the 90 % interval, by the confusion matrix"), 3, |parcel, _| likely(parcel).map(|both| both.0));
    all.number("impermeable_high_pct", "%", text!(fr: "Haut de l'intervalle à 90 %, d'après la matrice de confusion", en: "High end of the 90 % interval, by the confusion matrix"), 3, |parcel, _| likely(parcel).map(|both| both.1));
    if order.ocsge.is_some() {
        all.number("artif_m2", "m²", text!(fr: "Artificialisée selon l'OCS GE et la matrice du décret", en: "Artificialised by OCS GE and the decree's matrix"), 2, |parcel, _| parcel.ocsge.map(|both| both.0));
        all.number(
            "imper_ocsge_m2",
            "m²",
            text!(fr: "Imperméable selon l'OCS GE (CS1.1.1)", en: "Impermeable by OCS GE (CS1.1.1)"),
            2,
            |parcel, _| parcel.ocsge.map(|both| both.1),
        );
    }
}

fn soil(order: &Order, all: &mut Columns<'_>) {
    let plan = &order.plan;
    fn rules<'p>(plan: &'p super::plu::Plan, parcel: &Parcel) -> &'p Zone {
        plan.rules(parcel.zone.as_deref())
    }
    all.number(
        "to_unseal_m2",
        "m²",
        text!(fr: "Sol imperméable hors bâti", en: "Sealed ground beside buildings"),
        2,
        |parcel, _| parcel.to_unseal(),
    );
    all.number("open_soil_m2", "m²", text!(fr: "Pleine terre, au plus : sol nu ou végétalisé, ni gravier, ni eau, ni toit ; les sous-sols ne se voient pas", en: "Open soil, at most: bare or planted, no gravel, no water, no roof; basements cannot be seen"), 2, |parcel, _| parcel.open_soil());
    let share = |parcel: &Parcel| Some(parcel.open_soil()? / parcel.land?.known * 100.0);
    all.number(
        "open_soil_pct",
        "%",
        text!(fr: "Part de pleine terre", en: "Share of open soil"),
        3,
        |parcel, _| share(parcel),
    );
    let source = &plan.source;
    all.number("biotope", "", text!(fr: "Coefficient de biotope par surface (CBS) ; poids : {source}", en: "Biotope area factor (CBS); weights: {source}"), 4, |parcel, _| {
        parcel.biotope(plan.weights(parcel.zone.as_deref()))
    });
    all.truth("biotope_kept", text!(fr: "1 : le CBS exigé par le PLU est atteint ; vide : non exigé", en: "1: the CBS that the PLU asks for is reached; empty: none asked for"), |parcel, _| {
        let least = rules(plan, parcel).biotope_min?;
        Some(parcel.biotope(plan.weights(parcel.zone.as_deref()))? >= least)
    });
    all.truth("open_soil_kept", text!(fr: "1 : la pleine terre exigée par le PLU est atteinte ; vide : non exigée", en: "1: the open soil that the PLU asks for is reached; empty: none asked for"), |parcel, _| {
        let least = rules(plan, parcel).open_soil_min_pct?;
        Some(share(parcel)? >= least)
    });
}

/// A label of warmth with the reference that the maps have.
fn against(read: &Read, label: Text) -> Text {
    let median = read.maps.as_deref().is_some_and(crate::account::is_median);
    let told = crate::product::median::told;
    if median { Text { fr: told(&label.fr), en: told(&label.en) } } else { label }
}

fn climate(read: &Read, all: &mut Columns<'_>) {
    let heat = read.heat.unwrap_or("heat");
    all.number(
        "heat_k",
        "K",
        against(
            read,
            text!(fr: "Chaleur au-dessus de la campagne ({heat})", en: "Warmth above open country ({heat})"),
        ),
        3,
        |parcel, _| parcel.means.heat.map(|heat| heat.0),
    );
    all.number("heat_interval_k", "K", text!(fr: "Demi-largeur moyenne de l'intervalle de prédiction à 90 %", en: "Mean half-width of the 90 % prediction interval"), 3, |parcel, _| parcel.means.heat.and_then(|heat| heat.1));
    all.number(
        "canopy_pct",
        "%",
        text!(fr: "Part sous les arbres", en: "Share under trees"),
        3,
        |parcel, _| parcel.means.canopy,
    );
    all.number(
        "plants_m",
        "m",
        text!(fr: "Hauteur moyenne de la végétation", en: "Mean height of plants"),
        3,
        |parcel, _| parcel.means.plants,
    );
    all.number(
        "slope_pct",
        "%",
        text!(fr: "Pente moyenne du terrain", en: "Mean slope of the terrain"),
        3,
        |parcel, _| parcel.means.slope.map(percent),
    );
    all.number("imperviousness_pct", "%", text!(fr: "Moyenne de la carte d'imperméabilité à 10 m, pour comparaison", en: "Mean of the imperviousness map of 10 m, for comparison"), 3, |parcel, _| parcel.means.sealed);
}

fn room(all: &mut Columns<'_>, plots: &[Option<Plot>]) {
    all.number(
        "footprint_pct",
        "%",
        text!(fr: "Coefficient d'emprise au sol (CES)", en: "Share that is built (CES)"),
        3,
        |parcel, _| Some(parcel.built()? / parcel.land?.known * 100.0),
    );
    all.number(
        "height_mean_m",
        "m",
        text!(fr: "Hauteur moyenne du bâti", en: "Mean height of what is built"),
        2,
        |parcel, _| parcel.figures.heights.map(|heights| heights.0),
    );
    all.number(
        "height_max_m",
        "m",
        text!(fr: "Hauteur la plus grande du bâti", en: "Largest height of what is built"),
        2,
        |parcel, _| parcel.figures.heights.map(|heights| heights.1),
    );
    all.number(
        "volume_m3",
        "m³",
        text!(fr: "Volume bâti : somme des hauteurs", en: "Built volume: sum of heights"),
        1,
        |parcel, _| parcel.figures.heights.map(|heights| heights.2),
    );
    all.number("volume_density_m", "m", text!(fr: "COS volumique : volume bâti par surface de parcelle", en: "Built volume by area of the parcel"), 3, |parcel, _| Some(parcel.figures.heights?.2 / parcel.area));
    all.number("room_m2", "m²", text!(fr: "Surface d'un seul tenant où tient un bâti de la largeur voulue, reculs tenus", en: "Area in one piece where a building of the wanted width fits, distances kept"), 0, |parcel, _| parcel.figures.seen.then(|| parcel.figures.plot.as_ref().map_or(0.0, |plot| plot.area)));
    all.number("room_disc_m", "m", text!(fr: "Diamètre du plus grand disque qui y tient", en: "Diameter of the largest disc that fits there"), 2, |parcel, _| parcel.figures.plot.as_ref().map(|plot| plot.disc));
    all.words("densification", text!(fr: "dent_creuse, division, surelevation ; vide : rien", en: "dent_creuse (gap), division, surelevation (upwards); empty: nothing"), |_, row| plots[row].as_ref().map_or(String::new(), |plot| plot.kind.to_owned()));
}

fn renaturation(read: &Read, rated: &[Rated]) -> Sheet {
    let mut rows: Vec<usize> = (0..rated.len()).filter(|&row| rated[row].score.is_some()).collect();
    rows.sort_by(|&a, &b| {
        rated[b].score.partial_cmp(&rated[a].score).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(&b))
    });
    let mut all = Columns::new("renaturation", read, rows).own_shapes();
    all.number("score", "", text!(fr: "Score, moyenne pondérée des termes connus, 0 à 1", en: "Score, weighted mean of the known terms, 0 to 1"), 4, |_, row| rated[row].score);
    for (term, name) in TERMS.iter().enumerate() {
        let meaning = text!(fr: "Terme {name}, 0 à 1 ; vide : donnée absente", en: "Term {name}, 0 to 1; empty: no data");
        all.number(&format!("term_{name}"), "", meaning, 4, |_, row| rated[row].terms[term]);
    }
    all.number("weight_known", "", text!(fr: "Part du poids des termes connus, 0 à 1", en: "Share of the weight of the known terms, 0 to 1"), 4, |_, row| Some(rated[row].known));
    all.words("terms_missing", text!(fr: "Termes sans donnée", en: "Terms without data"), |_, row| {
        let missing = TERMS.iter().zip(&rated[row].terms).filter(|(_, term)| term.is_none());
        missing.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
    });
    all.number(
        "to_unseal_m2",
        "m²",
        text!(fr: "Sol imperméable hors bâti", en: "Sealed ground beside buildings"),
        2,
        |parcel, _| parcel.to_unseal(),
    );
    all.number("effect_m2", "m²", text!(fr: "Artificialisé hors bâti, avec le sol non artificialisé qui le touche, jusqu'au seuil", en: "Artificialised beside buildings, with the soil not artificialised that touches it, up to the threshold"), 1, |parcel, _| parcel.figures.effect.map(|effect| effect.joined));
    all.truth("public", text!(fr: "1 : foncier public", en: "1: public land"), |parcel, _| parcel.public);
    all.words("reasons_fr", text!(fr: "Raisons", en: "Reasons, in French"), |_, row| {
        rated[row].reasons.fr.clone()
    });
    all.words("reasons_en", text!(fr: "Raisons, en anglais", en: "Reasons"), |_, row| {
        rated[row].reasons.en.clone()
    });
    all.sheet
}

/// What could be built more on a parcel.
struct Plot {
    kind: &'static str,
    /// New footprint, m².
    footprint: f64,
    /// Volume that the rules still allow, m³.
    residual: Option<f64>,
    /// Biotope coefficient afterwards.
    biotope: Option<f64>,
    /// Share of open soil afterwards, %.
    open_soil: Option<f64>,
    /// Whether the biotope coefficient, or open soil, holds the footprint back.
    held_back: [bool; 2],
    reasons: Text,
}

fn plot(order: &Order, parcel: &Parcel) -> Option<Plot> {
    let plan = &order.plan;
    let zone = parcel.zone.as_deref();
    let (rules, room) = (plan.rules(zone), &plan.room);
    let (built, land) = (parcel.built()?, parcel.land?);
    if !parcel.figures.seen || plan.buildable(zone) == Some(false) {
        return None;
    }
    let allowed = rules.footprint_max_pct.map(|share| share / 100.0 * parcel.area);
    let volume = parcel.figures.heights.map(|heights| heights.2);
    let whole = allowed.zip(rules.height_max_m).map(|(area, height)| area * height);
    let residual = whole.zip(volume).map(|(whole, volume)| (whole - volume).max(0.0));
    let found = parcel.figures.plot.as_ref();
    let enveloped = parcel.figures.enveloped == Some(true);
    let kind = match found {
        Some(_) if built < room.built_min_m2 && parcel.area >= room.gap_min_m2 && enveloped => "dent_creuse",
        Some(plot) if built >= room.built_min_m2 && plot.access != Some(false) => "division",
        _ if built >= room.built_min_m2 && residual.is_some_and(|volume| volume > 0.0) => "surelevation",
        _ => return None,
    };
    let free = if kind == "surelevation" { 0.0 } else { found.map_or(0.0, |plot| plot.area) };
    let by_rule = allowed.map_or(free, |allowed| free.min((allowed - built).max(0.0)));
    let weights = plan.weights(zone).list();
    let cells: f64 = found.map_or(0.0, |plot| plot.classes.iter().sum::<u32>().into());
    let mean = |value: &dyn Fn(usize) -> f64| {
        found.filter(|_| cells > 0.0).map_or(0.0, |plot| {
            (0..9).map(|class| f64::from(plot.classes[class]) * value(class)).sum::<f64>() / cells
        })
    };
    // What a square metre of roof takes from both shares.
    let (worth, soil) = (
        mean(&|class| weights[class]) - weights[0],
        mean(&|class| f64::from(u8::from((3..7).contains(&class)))),
    );
    let before = parcel.biotope(plan.weights(zone));
    let spare = [
        (before, worth, rules.biotope_min),
        (
            parcel.open_soil().map(|area| area / land.known),
            soil,
            rules.open_soil_min_pct.map(|share| share / 100.0),
        ),
    ]
    .map(|(before, step, least)| {
        let (before, least) = (before?, least?);
        (step > 0.0).then(|| ((before - least) * land.known / step).max(0.0))
    });
    let footprint = spare.iter().flatten().fold(by_rule, |most, spare| most.min(*spare));
    let biotope = before.map(|before| (before - worth * footprint / land.known).max(0.0));
    let open_soil = parcel.open_soil().map(|area| (area - soil * footprint).max(0.0) / land.known * 100.0);
    let held_back = spare.map(|spare| spare.is_some_and(|spare| spare < by_rule && spare <= footprint));
    let mut plot =
        Plot { kind, footprint, residual, biotope, open_soil, held_back, reasons: Text::default() };
    plot.reasons = words(order, parcel, &plot, rules);
    Some(plot)
}

fn words(order: &Order, parcel: &Parcel, plot: &Plot, rules: &Zone) -> Text {
    let mut all: Vec<Text> = Vec::new();
    let room = &order.plan.room;
    match plot.kind {
        "dent_creuse" => all.push(text!(fr: "parcelle non bâtie dans l'enveloppe bâtie", en: "parcel not built upon within the built envelope")),
        "division" => all.push(text!(fr: "parcelle bâtie avec une pièce libre", en: "built parcel with free room")),
        _ => all.push(text!(fr: "volume encore permis sans emprise nouvelle", en: "volume still allowed without a new footprint")),
    }
    if let Some(found) = parcel.figures.plot.as_ref().filter(|_| plot.kind != "surelevation") {
        let (area, disc) = (found.area.round(), found.disc);
        all.push(text!(fr: "{area} m² d'un seul tenant, disque de {disc:.0} m", en: "{area} m² in one piece, disc of {disc:.0} m"));
        let width = room.access_m;
        all.push(match found.access {
            Some(true) => text!(fr: "accès de {width} m à la rue", en: "a way of {width} m to the street"),
            Some(false) => text!(fr: "pas d'accès de {width} m à la rue", en: "no way of {width} m to the street"),
            None => text!(fr: "accès inconnu (aucune rue à la limite)", en: "access not known (no street at its limits)"),
        });
    }
    let new = plot.footprint.round();
    if let (Some(least), true) = (rules.biotope_min, plot.held_back[0]) {
        let Text { fr, en } = text::number(least, 2);
        all.push(text!(fr: "emprise nouvelle limitée à {new} m² par le CBS exigé ({fr}, toit nu)", en: "new footprint held to {new} m² by the CBS asked for ({en}, bare roof)"));
    }
    if let (Some(least), true) = (rules.open_soil_min_pct, plot.held_back[1]) {
        all.push(text!(fr: "emprise nouvelle limitée à {new} m² par la pleine terre exigée ({least} %)", en: "new footprint held to {new} m² by the open soil asked for ({least} %)"));
    }
    if parcel.zone.is_none() {
        all.push(text!(fr: "zone du PLU inconnue", en: "zone of the PLU not known"));
    }
    let join = |pick: fn(&Text) -> &str| all.iter().map(pick).collect::<Vec<_>>().join(" ; ");
    Text { fr: join(|text| &text.fr), en: join(|text| &text.en) }
}

fn densification(read: &Read, plots: &[Option<Plot>]) -> Sheet {
    let rows: Vec<usize> = (0..plots.len()).filter(|&row| plots[row].is_some()).collect();
    let mut all = Columns::new("densification", read, rows);
    let of = |row: usize| plots[row].as_ref();
    all.words("kind", text!(fr: "dent_creuse, division ou surelevation", en: "dent_creuse (gap), division or surelevation (upwards)"), |_, row| of(row).map_or("", |plot| plot.kind).to_owned());
    all.truth("public", text!(fr: "1 : foncier public", en: "1: public land"), |parcel, _| parcel.public);
    all.words("plu_zone", text!(fr: "Zone du PLU", en: "Zone of the PLU"), |parcel, _| {
        parcel.zone.clone().unwrap_or_default()
    });
    all.number(
        "parcel_m2",
        "m²",
        text!(fr: "Surface de la parcelle", en: "Area of the parcel"),
        2,
        |parcel, _| Some(parcel.area),
    );
    all.number(
        "room_m2",
        "m²",
        text!(fr: "Surface libre d'un seul tenant", en: "Free area in one piece"),
        0,
        |parcel, _| parcel.figures.plot.as_ref().map(|plot| plot.area),
    );
    all.number(
        "room_disc_m",
        "m",
        text!(fr: "Diamètre du plus grand disque", en: "Diameter of the largest disc"),
        2,
        |parcel, _| parcel.figures.plot.as_ref().map(|plot| plot.disc),
    );
    all.truth("access", text!(fr: "1 : accès à la rue de la largeur voulue ; vide : inconnu", en: "1: a way to the street of the wanted width; empty: not known"), |parcel, _| parcel.figures.plot.as_ref().and_then(|plot| plot.access));
    all.number(
        "new_footprint_m2",
        "m²",
        text!(fr: "Emprise nouvelle possible, au plus, règles du PLU tenues (emprise, CBS, pleine terre)", en: "New footprint, at most, the rules of the PLU kept (footprint, CBS, open soil)"),
        0,
        |_, row| of(row).map(|plot| plot.footprint),
    );
    all.number("residual_m3", "m³", text!(fr: "Volume encore permis : hauteur × emprise permises − volume bâti ; vide : règles non données", en: "Volume still allowed: allowed height × footprint − built volume; empty: no rules given"), 0, |_, row| of(row).and_then(|plot| plot.residual));
    all.number("biotope_after", "", text!(fr: "CBS après projet, toit compté comme bâti", en: "CBS afterwards, the roof counted as built"), 4, |_, row| of(row).and_then(|plot| plot.biotope));
    all.number(
        "open_soil_after_pct",
        "%",
        text!(fr: "Pleine terre après projet", en: "Open soil afterwards"),
        2,
        |_, row| of(row).and_then(|plot| plot.open_soil),
    );
    all.words("reasons_fr", text!(fr: "Raisons", en: "Reasons, in French"), |_, row| {
        of(row).map_or(String::new(), |plot| plot.reasons.fr.clone())
    });
    all.words("reasons_en", text!(fr: "Raisons, en anglais", en: "Reasons"), |_, row| {
        of(row).map_or(String::new(), |plot| plot.reasons.en.clone())
    });
    let shape = |row: &usize| match &read.parcels[*row].figures.plot {
        Some(plot) => geometry(&plot.shape),
        None => Geometry::MultiPolygon(geo::MultiPolygon(Vec::new())),
    };
    all.sheet.shapes = all.rows.iter().map(shape).collect();
    all.sheet
}

/// A flat roof.
struct Roof {
    id: String,
    area: f64,
    slope: f64,
    height: Option<f64>,
    sun: Option<f64>,
    shape: Geometry<f64>,
}

/// Soil and roofs to grow food on.
fn farming(order: &Order, read: &Read, answer: &mut Answer) -> Sheet {
    let roofs = roofs(order, read, answer).unwrap_or_else(|why| {
        answer.remarks.push(*why.0);
        Vec::new()
    });
    let rows: Vec<usize> =
        (0..read.parcels.len()).filter(|&row| read.parcels[row].figures.soil.is_some()).collect();
    let soil = |row: &usize| read.parcels[*row].figures.soil.as_ref();
    let mut sheet = Sheet::new("urban_farming");
    sheet.crs = Some(read.crs.clone());
    let both = |of_soil: &dyn Fn(&usize) -> Value, of_roof: &dyn Fn(&Roof) -> Value| -> Vec<Value> {
        rows.iter().map(of_soil).chain(roofs.iter().map(of_roof)).collect()
    };
    let number = |value: Option<f64>, places: i32| {
        value.map_or(Value::Null, |value| Value::Real(rounded(value, places)))
    };
    let word = |words: &str| if words.is_empty() { Value::Null } else { Value::Text(words.to_owned()) };
    let text = FieldKind::Text;
    let real = FieldKind::Real;
    sheet.column(
        "kind",
        text,
        "",
        text!(fr: "sol ou toit", en: "sol (soil) or toit (roof)"),
        both(&|_| word("sol"), &|_| word("toit")),
    );
    sheet.column(
        "id",
        text,
        "",
        text!(fr: "Parcelle ou bâtiment", en: "Parcel or building"),
        both(&|row| word(&read.parcels[*row].id), &|roof| word(&roof.id)),
    );
    sheet.column(
        "area_m2",
        real,
        "m²",
        text!(fr: "Surface d'un seul tenant", en: "Area in one piece"),
        both(&|row| number(soil(row).map(|soil| soil.0), 1), &|roof| number(Some(roof.area), 1)),
    );
    sheet.column(
        "slope_pct",
        real,
        "%",
        text!(fr: "Pente moyenne de la parcelle, ou du toit", en: "Mean slope of the parcel, or of the roof"),
        both(&|row| number(read.parcels[*row].means.slope.map(percent), 1), &|roof| {
            number(Some(percent(roof.slope)), 1)
        }),
    );
    let day = read.sun.as_deref().unwrap_or("");
    sheet.column("sun_h", real, "h", text!(fr: "Heures de soleil ({day}) ; vide : carte absente", en: "Hours of sun ({day}); empty: no map"), both(&|row| number(soil(row).and_then(|soil| soil.1), 2), &|roof| number(roof.sun, 2)));
    sheet.column(
        "height_m",
        real,
        "m",
        text!(fr: "Hauteur du toit", en: "Height of the roof"),
        both(&|_| Value::Null, &|roof| number(roof.height, 1)),
    );
    let enveloped = |row: &usize| read.parcels[*row].figures.enveloped;
    let meaning = text!(fr: "1 : dans l'enveloppe bâtie ; 0 : en dehors, déjà agricole peut-être", en: "1: within the built envelope; 0: outside of it, perhaps a field already");
    let values =
        both(&|row| enveloped(row).map_or(Value::Null, |yes| Value::Integer(i64::from(yes))), &|_| {
            Value::Integer(1)
        });
    sheet.column("in_envelope", FieldKind::Integer, "", meaning, values);
    sheet.shapes = rows
        .iter()
        .filter_map(|row| soil(row).map(|soil| geometry(&soil.2)))
        .chain(roofs.iter().map(|roof| roof.shape.clone()))
        .collect();
    sheet
}

/// Flat roofs of the layer of buildings, large and sunny enough.
fn roofs(order: &Order, read: &Read, answer: &mut Answer) -> Result<Vec<Roof>, Fault> {
    if read.maps.is_none() {
        return Ok(Vec::new());
    }
    let path = order.file("buildings.gpkg").filter(|_| !order.left.contains("buildings"));
    let Some(path) = path else {
        answer.remarks.push(text!(
            fr: "Les toits ne sont pas regardés : buildings.gpkg n'est pas parmi les cartes",
            en: "Roofs are not looked at: buildings.gpkg is not among the maps",
        ));
        return Ok(Vec::new());
    };
    answer.files.push(path.clone());
    let source = Source::open(&path)?;
    let (layer, _) = source.read(0, None)?;
    let sun = sun_of(order, &path)?;
    let column = |name: &str| layer.field(name);
    let (id, area, slope, height) = (column("id"), column("area"), column("slope"), column("height_eaves"));
    let number =
        |feature: &Feature, field: Option<usize>| field.and_then(|field| feature.values[field].number());
    let farming = &order.plan.farming;
    let roof = |(row, feature): (usize, &Feature)| {
        let (area, slope) = (number(feature, area)?, number(feature, slope)?);
        let sun = sun.as_ref().and_then(|sun| sun[row]);
        let fits = area >= farming.roof_min_m2
            && slope <= farming.roof_slope_max_deg
            && sun.is_none_or(|hours| hours >= farming.sun_min_h);
        let name = id.and_then(|id| feature.values[id].text()).unwrap_or("").to_owned();
        fits.then(|| Roof {
            id: name,
            area,
            slope,
            height: number(feature, height),
            sun,
            shape: feature.geometry.clone(),
        })
    };
    Ok(layer.features.iter().enumerate().filter_map(roof).collect())
}

/// Mean hours of sun on each building, where the map is there.
fn sun_of(order: &Order, buildings: &Path) -> Result<Option<Vec<Option<f64>>>, Fault> {
    let Some(map) = order.map("sun_hours") else { return Ok(None) };
    let band = super::inputs::spring_band(&map)?;
    let question = zonal::Question {
        zones: buildings.to_owned(),
        rasters: vec![map],
        band,
        ..zonal::Question::default()
    };
    let found = zonal::measure(&question)?;
    let mean = found.columns.iter().find(|column| column.name == "sun_hours_mean");
    Ok(mean.map(|column| column.values.iter().map(Value::number).collect()))
}

fn totals(read: &Read, rated: &[Rated], plots: &[Option<Plot>], answer: &mut Answer) {
    let sum =
        |pick: &dyn Fn(&Parcel) -> Option<f64>| rounded(read.parcels.iter().filter_map(pick).sum::<f64>(), 1);
    let count = |kind: &str| plots.iter().flatten().filter(|plot| plot.kind == kind).count();
    let known = sum(&|parcel| parcel.land.map(|land| land.known));
    let sealed = sum(&Parcel::sealed_area);
    let object = json!({
        "parcels": read.parcels.len(),
        "known_m2": known,
        "sealed_m2": sealed,
        "to_unseal_m2": sum(&Parcel::to_unseal),
        "open_soil_m2": sum(&Parcel::open_soil),
        "scored": rated.iter().filter(|one| one.score.is_some()).count(),
        "gaps": count("dent_creuse"),
        "divisions": count("division"),
        "upwards": count("surelevation"),
    });
    answer.totals.insert("parcels".to_owned(), object);
}
