//! Urban form: what is made of surface, cover and buildings, and how it is drawn.

use super::*;

/// What `ilot lcz` makes of surface, cover and buildings, as rasters.
pub static FORM: &[&Spec] = &[&LCZ.spec];

/// Local climate zones, in WUDAPT's codes and colours.
pub static LCZ: Raster<u8> = Raster::new(Spec {
    name: "lcz",
    title: Words { fr: "Zones climatiques locales", en: "Local climate zones" },
    meaning: Words {
        fr: "Zone climatique locale (LCZ) de carrés de 100 m, par règles puis par distance aux intervalles de sept indicateurs ; \
             vide où plus de 30 % n'est pas connu.",
        en: "Local climate zone (LCZ) of squares of 100 m, by rules and then by the distance to ranges of seven indicators; \
             empty where more than 30 % is not known.",
    },
    unit: "",
    bands: &[],
    cell: Cell::Metres(100.0),
    range: (1.0, 17.0),
    nodata: Some(0.0),
    quantum: 0.0,
    style: Style::Classes(&[
        stop(1.0, [140, 0, 0], "1 : ensemble compact de tours", "1: compact high-rise"),
        stop(2.0, [209, 0, 0], "2 : ensemble compact d'immeubles", "2: compact mid-rise"),
        stop(3.0, [255, 0, 0], "3 : ensemble compact de maisons", "3: compact low-rise"),
        stop(4.0, [191, 77, 0], "4 : ensemble de tours espacées", "4: open high-rise"),
        stop(5.0, [255, 102, 0], "5 : ensemble d'immeubles espacés", "5: open mid-rise"),
        stop(6.0, [255, 153, 85], "6 : ensemble de maisons espacées", "6: open low-rise"),
        stop(7.0, [250, 238, 5], "7 : constructions légères", "7: lightweight low-rise"),
        stop(8.0, [188, 188, 188], "8 : bâtiments bas de grande emprise", "8: large low-rise"),
        stop(9.0, [255, 204, 170], "9 : bâti dispersé", "9: sparsely built"),
        stop(10.0, [85, 85, 85], "10 : industrie lourde", "10: heavy industry"),
        stop(11.0, [0, 106, 0], "A : espace arboré dense", "A: dense trees"),
        stop(12.0, [0, 170, 0], "B : espace arboré clairsemé", "B: scattered trees"),
        stop(13.0, [100, 133, 37], "C : espace arbustif", "C: bush, scrub"),
        stop(14.0, [185, 219, 121], "D : végétation basse", "D: low plants"),
        stop(15.0, [0, 0, 0], "E : sol imperméable ou rocheux", "E: bare rock or paved"),
        stop(16.0, [251, 247, 174], "F : sol nu ou sable", "F: bare soil or sand"),
        stop(17.0, [106, 106, 255], "G : eau", "G: water"),
    ]),
    source: "Stewart & Oke 2012, 10.1175/BAMS-D-11-00019.1; Bernard et al. 2018, 10.3390/cli6030060 (GeoClimate)",
});
