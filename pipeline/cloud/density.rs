//! How dense clouds are, and what that means for the objects that are found in them.
//!
//! In: the headers of a cloud and of those near by. Out: the settings of the kernel that looks for objects
//! ([`object_params`]), and a remark where the clouds are too sparse to tell them well. The density is that of the
//! clouds' rectangles: where they are half empty, or a header is wrong, objects are looked for in wider cells than
//! need be, and the remark says so.

use crate::cloud::catalogue::Catalogue;
use crate::text;
use crate::text::Text;
use ilot_kernels::classify::ClassifyParams;

/// Returns a square metre of some clouds together; infinite where they have no area.
pub fn density(catalogue: &Catalogue, clouds: &[usize]) -> f64 {
    let headers = clouds.iter().map(|&index| catalogue.sources[index].cloud.header());
    let (count, area) = headers.fold((0.0, 0.0), |(count, area), header| {
        let own = header.extent.width().0 * header.extent.height().0;
        (count + header.count as f64, area + own.max(0.0))
    });
    if area > 0.0 { count / area } else { f64::INFINITY }
}

/// How objects are looked for in a cloud, from itself and the clouds near by.
pub fn object_params(catalogue: &Catalogue, near: &[usize]) -> ClassifyParams {
    ClassifyParams::at_density(density(catalogue, near))
}

/// What to expect of objects in clouds of this density; none where it is enough.
pub fn sparse_remark(names: &str, density: f64) -> Option<Text> {
    let cell = ClassifyParams::at_density(density).cell.0;
    if cell <= ClassifyParams::default().cell.0 {
        return None;
    }
    let (narrow, returns) = (3.0 * cell, format!("{density:.1}"));
    let french = returns.replace('.', ",");
    Some(text!(
        fr: "{names} : {french} retour par m², trop peu pour bien distinguer bâtiments et arbres (LiDAR HD : 10 et plus) ; cherchés par mailles de {cell} m, les bâtiments de moins de {narrow} m de large manquent souvent et passent pour des arbres ou restent en classe 1",
        en: "{names}: {returns} returns per m², too few to tell buildings from trees well (LiDAR HD: 10 and more); looked for in cells of {cell} m, buildings narrower than {narrow} m are often missed and taken for trees, or stay in class 1",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sparse_clouds_are_told() {
        assert!(sparse_remark("a.laz", 10.0).is_none());
        assert!(sparse_remark("a.laz", f64::INFINITY).is_none());
        let remark = sparse_remark("a.laz", 0.31).unwrap();
        assert!(remark.en.contains("0.3 returns") && remark.en.contains("cells of 2 m"), "{}", remark.en);
        assert!(remark.fr.contains("0,3 retour"), "{}", remark.fr);
    }
}
