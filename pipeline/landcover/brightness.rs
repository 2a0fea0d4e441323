//! How bright the brightest tenth of the ground is for the laser: the unit in which intensities are compared.
//!
//! In: the clouds. Out: the 90th percentile of the intensities of single returns of the ground, over chunks spread evenly
//! over all clouds, rounded to a fiftieth of it. Intensities have no unit, and differ from sensor to sensor; grass and
//! pale concrete, of which some is everywhere, are the bright end. It is found before the first tile, so that all tiles
//! have the same; it changes, a little, where clouds are added: `cover.intensity` holds it.
//!
//! Fails where: flights of one run differ in scale; the remark tells how far apart clouds are. Cost: 0.1 µs a point,
//! of at most [`MOST_CHUNKS`] chunks.

use crate::cloud::catalogue::Catalogue;
use crate::formats::points::{Batch, Layers, Scratch};
use crate::text;
use crate::text::Text;
use rayon::prelude::*;

/// Chunks that are looked at: a million points.
const MOST_CHUNKS: usize = 24;

/// Ground returns that make a percentile.
const LEAST: usize = 500;

/// The brightness, 0 where intensities are of no use, and what a user should know.
pub fn of(catalogue: &Catalogue, given: Option<f64>) -> (f32, Vec<Text>) {
    if let Some(given) = given {
        return (given as f32, Vec::new());
    }
    let chunks: Vec<(usize, usize)> = catalogue
        .sources
        .iter()
        .enumerate()
        .flat_map(|(source, cloud)| (0..cloud.cloud.chunks().len()).map(move |chunk| (source, chunk)))
        .collect();
    let step = chunks.len().div_ceil(MOST_CHUNKS).max(1);
    let picked: Vec<(usize, usize)> = chunks.into_iter().skip(step / 2).step_by(step).collect();
    let found: Vec<Vec<u16>> = picked.par_iter().map(|&place| singles(catalogue, place, true)).collect();
    let mut all: Vec<u16> = found.concat();
    if all.len() < LEAST {
        // Clouds without classes: all single returns, roofs among them.
        let found: Vec<Vec<u16>> = picked.par_iter().map(|&place| singles(catalogue, place, false)).collect();
        all = found.concat();
    }
    if all.len() < LEAST {
        return (0.0, vec![useless()]);
    }
    let bright = percentile(&mut all, 0.9);
    let flat = percentile(&mut all, 0.1) == bright;
    if bright == 0 || flat {
        return (0.0, vec![useless()]);
    }
    let unit = f64::from(bright) / 50.0;
    let step = 10_f64.powf(unit.log10().floor());
    let rounded = ((f64::from(bright) / step).round() * step).max(1.0);
    let remark = text!(
        fr: "sols clairs à une intensité de {rounded} dans ces nuages : les matériaux se comparent à elle (cover.intensity la fixe)",
        en: "bright ground has an intensity of {rounded} in these clouds: materials are compared with it (cover.intensity holds it)",
    );
    (rounded as f32, vec![remark])
}

fn useless() -> Text {
    text!(
        fr: "les intensités de ces nuages ne disent rien du sol : sans elles, enrobé, gravier et herbe ne se distinguent que par l'image ou les vecteurs",
        en: "the intensities of these clouds say nothing of the ground: without them, asphalt, gravel and grass are told apart by image or vectors only",
    )
}

/// Intensities of the single returns of a chunk, of the ground only or of all classes; none where it is damaged, which the run will tell.
fn singles(catalogue: &Catalogue, (source, chunk): (usize, usize), ground: bool) -> Vec<u16> {
    let cloud = &catalogue.sources[source].cloud;
    let layers = Layers::CLASS | Layers::RETURNS | Layers::INTENSITY;
    let (mut scratch, mut batch) = (Scratch::default(), Batch::default());
    if cloud.decode(&cloud.chunks()[chunk], layers, &mut scratch, &mut batch).is_err() {
        return Vec::new();
    }
    let points = batch.class.iter().zip(&batch.number_of_returns).zip(&batch.intensity);
    points
        .filter(|((class, returns), _)| (**class == 2 || !ground) && **returns <= 1)
        .map(|(_, bright)| *bright)
        .collect()
}

fn percentile(values: &mut [u16], share: f64) -> u16 {
    let at = ((values.len() - 1) as f64 * share) as usize;
    *values.select_nth_unstable(at).1
}
