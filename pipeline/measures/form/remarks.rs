//! What a user should know of urban form and climate zones: where figures come from, and which are missing.

use super::inputs::{Inputs, Mask};
use super::layers::Tally;
use super::{Done, Found, MOST_UNDEFINED};
use crate::text;
use crate::text::Text;

/// Counts what was found, and says what is odd.
pub fn tell(
    inputs: &Inputs,
    tally: &Tally,
    squares: &[Option<Found>],
    blocks: Option<&[Option<Found>]>,
    done: &mut Done,
) {
    let known = |found: &[Option<Found>]| found.iter().flatten().count();
    done.places = (known(squares), blocks.map_or(0, known));
    let all = || squares.iter().chain(blocks.unwrap_or_default()).flatten();
    done.zoned = all().filter(|found| found.verdict.is_some()).count();
    done.remarks.push(origin(inputs));
    done.remarks.extend(heights(inputs, tally));
    done.remarks.push(sky(inputs));
    if !inputs.uses {
        done.remarks.push(text!(
            fr: "l'usage des bâtiments n'est pas connu : la zone 8 vient de ses intervalles, la zone 10 n'est jamais donnée",
            en: "the uses of buildings are not known: zone 8 comes from its ranges, zone 10 is never given",
        ));
    }
    let refused = all().filter(|found| found.figures.undefined > MOST_UNDEFINED).count();
    if refused > 0 {
        let count = all().count();
        done.remarks.push(text!(
            fr: "{refused} lieux sur {count} n'ont pas de zone : plus de 30 % de leur surface est inconnue (colonne « undefined »)",
            en: "{refused} of {count} places have no zone: more than 30 % of their area is not known (column \"undefined\")",
        ));
    }
    if let Some(blocks) = blocks {
        let (blind, count) = (blocks.len() - known(blocks), blocks.len());
        done.troubled += blind;
        if blind > 0 {
            done.remarks.push(text!(
                fr: "{blind} îlots sur {count} sont hors des données ; leurs chiffres sont vides, pas nuls",
                en: "{blind} of {count} blocks lie outside of the data; their figures are empty, not zero",
            ));
        }
    }
}

/// What says where buildings stand.
fn origin(inputs: &Inputs) -> Text {
    match inputs.mask {
        Mask::Footprints => {
            text!(fr: "les bâtiments sont ceux des emprises vectorielles", en: "buildings are those of the footprints")
        }
        Mask::Cover => {
            text!(fr: "les bâtiments sont ceux de la carte d'occupation (classe 1)", en: "buildings are those of the cover map (class 1)")
        }
        Mask::Density => text!(
            fr: "les bâtiments sont les cellules dont la moitié des points au moins est de classe 6",
            en: "buildings are the cells at least half of whose points are of class 6",
        ),
    }
}

fn heights(inputs: &Inputs, tally: &Tally) -> Vec<Text> {
    let mut remarks = Vec::new();
    let Tally { built, roofed, buried, heights, unmatched } = *tally;
    if built == 0 {
        remarks.push(text!(
            fr: "aucun bâtiment n'est trouvé : toutes les zones sont rurales, vérifiez la source des bâtiments",
            en: "no building is found: all zones are rural, check the source of buildings",
        ));
    } else if roofed < built {
        let share = (built - roofed) as f64 * 100.0 / built as f64;
        remarks.push(text!(
            fr: "{share:.1} % de la surface bâtie n'a pas de toit à 2 m ou plus : elle compte comme bâtie, pas dans les hauteurs",
            en: "{share:.1} % of the built area has no roof of 2 m or more: it counts as built, not for heights",
        ));
    }
    if buried > 0 {
        let share = buried as f64 * 100.0 / heights as f64;
        remarks.push(text!(
            fr: "la surface est plus d'un mètre sous le terrain sur {buried} cellules ({share:.2} %)",
            en: "the surface lies more than a metre below the terrain in {buried} cells ({share:.2} %)",
        ));
    }
    if inputs.mask == Mask::Footprints && unmatched > 0 {
        let area = unmatched as f64 * inputs.frame.cell.0 * inputs.frame.cell.0;
        remarks.push(text!(
            fr: "{area:.0} m² que la carte d'occupation dit bâtis sont hors des emprises : ils comptent comme imperméables",
            en: "{area:.0} m² that the cover map has for buildings lie outside of the footprints: they count as sealed",
        ));
    }
    remarks
}

fn sky(inputs: &Inputs) -> Text {
    if inputs.sky.is_some() {
        return text!(
            fr: "la vue du ciel est celle qui est donnée : elle devrait être sans les arbres",
            en: "the sky view is the one that is given: it should be without trees",
        );
    }
    let reach = inputs.params.halo();
    text!(
        fr: "la vue du ciel est calculée sur le terrain et les bâtiments seuls, sans les arbres ; à moins de {reach} du bord des données, elle est surestimée",
        en: "the sky view is computed over terrain and buildings alone, without trees; within {reach} of the border of the data it is overestimated",
    )
}
