//! Classes of points, by the numbers of ASPRS and IGN: sets of them, and the groups in which they are counted.

use crate::product::Words;
use ilot_kernels::seen::Kind;

/// The class groups that are counted apart: ground, vegetation, building, water. Whatever belongs to none of them
/// is counted in one more group.
pub const GROUPS: [&[u8]; 4] = [&[2, 66], &[3, 4, 5], &[6], &[9]];

/// Classes of roofs.
pub const ROOFS: &[u8] = GROUPS[2];

/// Noise (ASPRS 7 and 18, IGN 65) is nothing that was seen.
pub const NOISE: [u8; 3] = [7, 18, 65];

/// IGN's virtual points carry the terrain under bridges and along banks; they are no surface.
pub const VIRTUAL: u8 = 66;

/// A class of LiDAR HD, as people are told of it.
pub struct Class {
    /// Its number (ASPRS, or IGN's own from 64 on).
    pub code: u8,
    /// What it is.
    pub name: Words,
    /// Its colour, sRGB.
    pub colour: [u8; 3],
}

const fn class(code: u8, colour: [u8; 3], fr: &'static str, en: &'static str) -> Class {
    Class { code, name: Words { fr, en }, colour }
}

/// The classes of LiDAR HD (IGN, "Descriptif de contenu LiDAR HD", 2024), in colours told apart by the colour-blind.
pub static CLASSES: &[Class] = &[
    class(1, [150, 150, 150], "Non classé", "Unclassified"),
    class(2, [187, 153, 112], "Sol", "Ground"),
    class(3, [190, 210, 120], "Végétation basse", "Low vegetation"),
    class(4, [120, 180, 80], "Végétation moyenne", "Medium vegetation"),
    class(5, [46, 125, 60], "Végétation haute", "High vegetation"),
    class(6, [201, 84, 66], "Bâtiment", "Building"),
    class(9, [74, 134, 196], "Eau", "Water"),
    class(17, [142, 110, 170], "Pont", "Bridge"),
    class(64, [230, 170, 60], "Sursol pérenne", "Permanent structure"),
    class(65, [60, 60, 60], "Artefact", "Artefact"),
    class(66, [220, 205, 170], "Point virtuel", "Virtual point"),
    class(67, [230, 130, 160], "Divers bâti", "Other built"),
];

/// The group of each class, 255 for noise.
pub fn group_of_class() -> [u8; 256] {
    let mut group = [GROUPS.len() as u8; 256];
    for (index, classes) in GROUPS.iter().enumerate() {
        classes.iter().for_each(|&class| group[usize::from(class)] = index as u8);
    }
    NOISE.iter().for_each(|&class| group[usize::from(class)] = u8::MAX);
    group
}

/// What each class is to land cover.
pub fn kinds() -> [Kind; 256] {
    let mut kinds = [Kind::Other; 256];
    let known = [(2, Kind::Ground), (3, Kind::Low), (4, Kind::Leaves), (5, Kind::Leaves), (6, Kind::Roof)];
    for (class, kind) in known.into_iter().chain([(9, Kind::Water), (17, Kind::Deck)]) {
        kinds[class] = kind;
    }
    NOISE.iter().chain(&[VIRTUAL]).for_each(|&class| kinds[usize::from(class)] = Kind::Nothing);
    kinds
}

/// Which classes count.
#[derive(Clone, PartialEq, Eq)]
pub struct ClassSet(pub Box<[bool; 256]>);

impl ClassSet {
    /// The set of these classes.
    pub fn of(classes: &[u8]) -> ClassSet {
        let mut set = Box::new([false; 256]);
        classes.iter().for_each(|&class| set[usize::from(class)] = true);
        ClassSet(set)
    }

    /// All classes but noise and virtual points.
    pub fn all() -> ClassSet {
        let mut set = Box::new([true; 256]);
        NOISE.iter().chain(&[VIRTUAL]).for_each(|&class| set[usize::from(class)] = false);
        ClassSet(set)
    }

    /// The classes, in order.
    pub fn list(&self) -> Vec<u8> {
        (0..=255).filter(|&class| self.0[usize::from(class)]).collect()
    }
}

impl std::fmt::Debug for ClassSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_counts_nowhere_and_other_classes_in_one_group() {
        let group = group_of_class();
        assert_eq!((group[2], group[5], group[6], group[9], group[1]), (0, 1, 2, 3, 4));
        assert_eq!((group[7], group[18], group[65]), (255, 255, 255));
    }

    #[test]
    fn all_leaves_noise_and_virtual_points_out() {
        let all = ClassSet::all().list();
        assert!(all.contains(&1) && all.contains(&67) && !all.contains(&65) && !all.contains(&66));
    }
}
