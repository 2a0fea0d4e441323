//! What was found of a network, in sentences.
//!
//! In: tallies, faults, names; out: texts in French and English, for the terminal and the page. Cost: none.

use super::{Order, Survey};
use crate::fault;
use crate::formats::sensors::Tally;
use crate::text;
use crate::text::{Fault, Text};
use ilot_kernels::readings::faults::Fault as Wrong;
use jiff::Timestamp;

/// An instant in UTC, `2022-07-08T00:00:00Z`.
pub fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// An instant for people: 08/07/2022 21:00 UTC, 2022-07-08 21:00 UTC.
pub fn moment(seconds: i64) -> Text {
    let text = instant(seconds);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
    Text {
        fr: format!("{}/{}/{} {} UTC", part(8..10), part(5..7), part(0..4), part(11..16)),
        en: format!("{} {} UTC", part(0..10), part(11..16)),
    }
}

/// A day for people: 08/07/2022, 2022-07-08.
pub fn date(seconds: i64) -> Text {
    let Text { fr, en } = moment(seconds);
    Text { fr: fr.chars().take(10).collect(), en: en.chars().take(10).collect() }
}

/// A day, `2022-07-08`.
pub fn day(seconds: i64) -> String {
    instant(seconds).chars().take(10).collect()
}

/// Names between commas, the first twelve of them.
pub fn list(names: &[String]) -> String {
    let mut shown = names.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 12 {
        shown.push_str(", …");
    }
    shown
}

/// Says what became of the rows.
pub fn tell_tally(tally: &Tally, empty: &[String], remarks: &mut Vec<Text>) {
    let Tally { unreadable, twice, never, outside, .. } = *tally;
    if outside > 0 {
        remarks.push(text!(
            fr: "{outside} mesures hors de la période voulue ne sont pas regardées",
            en: "{outside} readings outside of the wanted period are not looked at",
        ));
    }
    if twice > 0 {
        remarks.push(text!(
            fr: "{twice} mesures de l'heure double de fin octobre sont laissées de côté : rien ne dit laquelle c'est ; donnez des instants en UTC ou avec leur décalage",
            en: "{twice} readings of the doubled hour of late October are left out: nothing tells which of both it is; give instants in UTC or with their offset",
        ));
    }
    if never > 0 {
        remarks.push(text!(
            fr: "{never} mesures d'une heure qui n'existe pas (fin mars) sont laissées de côté ; vérifiez --zone",
            en: "{never} readings of an hour that does not exist (late March) are left out; check --zone",
        ));
    }
    if unreadable > 0 {
        remarks.push(text!(
            fr: "{unreadable} mesures illisibles sont laissées de côté : pas d'instant, ou pas un nombre",
            en: "{unreadable} readings that cannot be read are left out: no instant, or no number",
        ));
    }
    if !empty.is_empty() {
        let names = list(empty);
        remarks.push(
            text!(fr: "colonnes sans aucune valeur : {names}", en: "columns without any value: {names}"),
        );
    }
}

/// Says which stations have no readings, and which readings no place.
pub fn tell_unjoined(order: &Order, silent: &[String], placeless: &[String], remarks: &mut Vec<Text>) {
    let sheet = order.stations.display();
    if !silent.is_empty() {
        let (count, names) = (silent.len(), list(silent));
        remarks.push(text!(
            fr: "{count} stations de {sheet} sont sans mesures : {names}",
            en: "{count} stations of {sheet} are without readings: {names}",
        ));
    }
    if !placeless.is_empty() {
        let (count, names) = (placeless.len(), list(placeless));
        remarks.push(text!(
            fr: "{count} stations des mesures ne sont pas dans {sheet} et ne comptent pas : {names}",
            en: "{count} stations of the readings are not in {sheet} and do not count: {names}",
        ));
    }
}

/// Not one station has both readings and a place.
pub fn nothing_joined(order: &Order, silent: &[String], placeless: &[String]) -> Fault {
    let (sheet, silent, placeless) = (order.stations.display(), list(silent), list(placeless));
    fault!(
        fr: "Aucune station de {sheet} ({silent}) ne porte le nom d'une station des mesures ({placeless}) : accordez les noms, ou nommez la colonne (--station-columns id=…).",
        en: "No station of {sheet} ({silent}) bears the name of a station of the readings ({placeless}): make the names agree, or name the column (--station-columns id=…).",
    )
}

/// The short name of a fault, for tables.
pub fn word(fault: &Wrong) -> &'static str {
    match fault {
        Wrong::Silent => "silent",
        Wrong::Constant => "constant",
        Wrong::Drift(_) => "drift",
        Wrong::Sun(_) => "sun",
        Wrong::Exchanged(..) => "exchanged",
        Wrong::Moved(..) => "moved",
        Wrong::Gap(..) => "gap",
        Wrong::Clock(_) => "clock",
        Wrong::Apart => "apart",
        Wrong::SamePlace(_) => "same_place",
    }
}

/// Each fault of each station, as a sentence that begins with the station's name.
pub fn sentences(survey: &Survey) -> Vec<Text> {
    let named = survey.sheet.entries.iter().zip(&survey.faults);
    named
        .flat_map(|(entry, faults)| {
            faults.iter().map(move |fault| {
                let (name, what) = (&entry.name, sentence(survey, fault));
                Text { fr: format!("{name} : {}", what.fr), en: format!("{name}: {}", what.en) }
            })
        })
        .collect()
}

/// A fault in words.
pub fn sentence(survey: &Survey, fault: &Wrong) -> Text {
    let at = |step: usize| moment(survey.network.instant(step));
    let name = |station: usize| &survey.sheet.entries[station].name;
    match *fault {
        Wrong::Silent => text!(
            fr: "aucune mesure ; les autres stations comptent, vérifiez la colonne et l'export",
            en: "no reading at all; other stations count, check its column and the export",
        ),
        Wrong::Constant => {
            text!(
                fr: "toutes les mesures ont la même valeur ; écartée, vérifiez la sonde, ou la colonne si c'est un réglage ou un état",
                en: "all readings are one value; set aside, check its probe, or the column if it is a setting or a state",
            )
        }
        Wrong::Drift(rate) => {
            let rate = text::number(rate, 2);
            Text {
                fr: format!("dérive de {} K par jour ; écartée, à étalonner", rate.fr),
                en: format!("drifts by {} K a day; set aside, to be calibrated", rate.en),
            }
        }
        Wrong::Sun(share) => {
            let share = (share * 100.0).round();
            text!(
                fr: "soleil sur le capteur ({share} % des mesures de jour) ; nuits gardées, jours écartés, abri à revoir",
                en: "sun on the sensor ({share} % of the day's readings); nights kept, days set aside, look at its shield",
            )
        }
        Wrong::Exchanged(other, step) => {
            let (other, at) = (name(other), at(step));
            let (fr, en) = (at.fr, at.en);
            text!(
                fr: "échangée avec {other} depuis le {fr} environ ; écartée, rétablissez les noms",
                en: "exchanged with {other} since about {en}; set aside, put the names right",
            )
        }
        Wrong::Moved(step, change) => {
            let (change, at) = (text::number(change, 1), at(step));
            Text {
                fr: format!(
                    "change de niveau de {} K le {} environ : déplacée ou remplacée ? ; écartée",
                    change.fr, at.fr
                ),
                en: format!(
                    "changes its level by {} K at about {}: moved or replaced?; set aside",
                    change.en, at.en
                ),
            }
        }
        Wrong::Gap(from, to) => {
            let (from, to) = (at(from), at(to));
            Text {
                fr: format!("sans mesures du {} au {}", from.fr, to.fr),
                en: format!("no readings from {} to {}", from.en, to.en),
            }
        }
        Wrong::Clock(seconds) => clock(seconds),
        Wrong::Apart => text!(
            fr: "ne suit pas le réseau (corrélation trop faible, M4) ; écartée",
            en: "does not go with the network (correlation too low, M4); set aside",
        ),
        Wrong::SamePlace(other) => {
            let other = name(other);
            text!(
                fr: "au même endroit que {other} ; toutes deux comptent, corrigez sa position ou n'en gardez qu'une",
                en: "at the same place as {other}; both count, mend its position or keep one only",
            )
        }
    }
}

fn clock(seconds: i64) -> Text {
    let minutes = seconds.abs() / 60;
    if seconds > 0 {
        text!(
            fr: "horloge en avance de {minutes} min ; écartée, corrigez ses instants ou son fuseau",
            en: "clock {minutes} min ahead; set aside, mend its instants or its zone",
        )
    } else {
        text!(
            fr: "horloge en retard de {minutes} min ; écartée, corrigez ses instants ou son fuseau",
            en: "clock {minutes} min behind; set aside, mend its instants or its zone",
        )
    }
}

/// What a flag says of a reading, in words; its name behind.
pub fn flag_words(name: &str) -> Text {
    let (fr, en) = match name {
        "P1" => ("hors de la plage", "out of range"),
        "P2" => ("saut", "jump"),
        "P3" => ("capteur figé", "frozen sensor"),
        "P4" => ("soleil sur le capteur", "sun on the sensor"),
        "M1" => ("deux stations au même lieu", "two stations at one place"),
        "M2" => ("loin de la médiane du réseau", "far from the network's median"),
        "M3" => ("trop souvent loin de la médiane", "too often far from the median"),
        "M4" => ("ne suit pas le réseau", "does not go with the network"),
        "M5" => ("loin de ses voisines", "far from its neighbours"),
        "M5?" => ("trop peu de voisines", "too few neighbours"),
        "O1" => ("lacune comblée", "gap filled"),
        "O2" => ("jour trop incomplet", "day too incomplete"),
        "O3" => ("période trop incomplète", "period too incomplete"),
        _ => ("", ""),
    };
    text!(fr: "{fr} ({name})", en: "{en} ({name})")
}

/// Several texts, one after another.
pub fn listed(texts: impl Iterator<Item = Text>, between: &str) -> Text {
    let (fr, en): (Vec<String>, Vec<String>) = texts.map(|text| (text.fr, text.en)).unzip();
    Text { fr: fr.join(between), en: en.join(between) }
}
