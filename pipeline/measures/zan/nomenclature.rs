//! The nomenclature of OCS GE and what the law makes of it: codes of cover and use → artificialised or not, impermeable or
//! not, and the ten categories of the decree.
//!
//! The matrix of 14 covers × 20 uses is written as its rule, not as 280 lines: covers that are built, sealed or composite
//! are artificialised whatever their use, minerals but for extraction, herbs where people live, work or move; nothing
//! else. Sources: decree 2023-1096, annex to R. 101-1 of the Code de l'urbanisme; IGN's matrix of passage as the State's
//! portal applies it. A code of a higher level (CS2.1.1) is judged where all codes below it agree.
//!
//! The categories are our reading of the annex: the text gives no table by codes.

/// Covers, from OCS GE's terminal codes.
pub const COVERS: [&str; 14] = [
    "CS1.1.1.1",
    "CS1.1.1.2",
    "CS1.1.2.1",
    "CS1.1.2.2",
    "CS1.2.1",
    "CS1.2.2",
    "CS1.2.3",
    "CS2.1.1.1",
    "CS2.1.1.2",
    "CS2.1.1.3",
    "CS2.1.2",
    "CS2.1.3",
    "CS2.2.1",
    "CS2.2.2",
];

/// Uses, from OCS GE's terminal codes; US235 is that of the first editions.
pub const USES: [&str; 20] = [
    "US1.1", "US1.2", "US1.3", "US1.4", "US1.5", "US2", "US235", "US3", "US4.1.1", "US4.1.2", "US4.1.3",
    "US4.1.4", "US4.1.5", "US4.2", "US4.3", "US5", "US6.1", "US6.2", "US6.3", "US6.6",
];

/// Cover and use as a file gives them: known codes, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Couple {
    /// Cover, a set of [`COVERS`] by bits: one where the code is terminal, none where it is unknown or missing.
    covers: u16,
    /// Use, a set of [`USES`].
    uses: u32,
}

/// A category of the annex to R. 101-1, 1 to 10; 1 to 5 are artificialised.
pub type Category = u8;

impl Couple {
    /// From two codes: `CS1.1.1.1` or `1.1.1.1`, of any level.
    pub fn parse(cover: Option<&str>, usage: Option<&str>) -> Couple {
        Couple {
            covers: cover.map_or(0, |code| below(code, "CS", &COVERS) as u16),
            uses: usage.map_or(0, |code| below(code, "US", &USES)),
        }
    }

    /// A cover whose use is not known: judged where all uses agree.
    pub fn of_cover(cover: &str) -> Couple {
        Couple { uses: (1 << USES.len()) - 1, ..Couple::parse(Some(cover), None) }
    }

    /// Whether both codes are known.
    pub fn is_known(self) -> bool {
        self.covers != 0 && self.uses != 0
    }

    /// Whether neither code is there, or known.
    pub fn is_missing(self) -> bool {
        self.covers == 0 && self.uses == 0
    }

    /// Whether it is artificialised by the matrix; `None` where the codes do not decide.
    pub fn artificialised(self) -> Option<bool> {
        self.agree(artificialised)
    }

    /// Whether it is impermeable, whatever the use; `None` where the cover is not known.
    pub fn impermeable(self) -> Option<bool> {
        let couple = Couple { uses: 1, ..self };
        couple.agree(|cover, _| impermeable(cover))
    }

    /// Whether it is built: the only cover with a threshold of its own.
    pub fn built(self) -> bool {
        self.covers == 1
    }

    /// Whether it is a vegetated cover.
    pub fn vegetated(self) -> bool {
        self.covers != 0 && self.agree_on_cover(|cover| cover.starts_with("CS2"))
    }

    /// Whether it is herbaceous: less than a quarter under trees.
    pub fn herbaceous(self) -> bool {
        self.covers != 0 && self.agree_on_cover(|cover| cover.starts_with("CS2.2"))
    }

    /// Whether it is under trees.
    pub fn wooded(self) -> bool {
        self.covers != 0 && self.agree_on_cover(|cover| cover.starts_with("CS2.1.1"))
    }

    /// The same use on herbs: what a wooded polygon is where less than a quarter of it is under trees.
    pub fn as_herbs(self) -> Couple {
        Couple { covers: 1 << 12, ..self }
    }

    /// Whether it is a linear infrastructure, which has a width instead of an area: transport on a made surface.
    pub fn linear(self) -> bool {
        let transport = self.uses != 0 && self.uses & !below("US4.1", "US", &USES) == 0;
        transport && self.covers & !0b1110 == 0 && self.covers != 0
    }

    /// The category; `None` where the codes do not decide.
    pub fn category(self) -> Option<Category> {
        self.agree(category)
    }

    /// Cover, as a code; of a higher level where the file has it so.
    pub fn cover_code(self) -> &'static str {
        code(u32::from(self.covers), &COVERS, &COVER_PARENTS, "CS")
    }

    /// Use, as a code.
    pub fn use_code(self) -> &'static str {
        code(self.uses, &USES, &USE_PARENTS, "US")
    }

    fn agree_on_cover(self, test: impl Fn(&str) -> bool) -> bool {
        COVERS.iter().enumerate().filter(|(bit, _)| self.covers >> bit & 1 == 1).all(|(_, code)| test(code))
    }

    /// The answer that all terminal couples give.
    fn agree<T: PartialEq>(self, judge: impl Fn(&str, &str) -> T) -> Option<T> {
        let covers = || (0..COVERS.len()).filter(|bit| self.covers >> bit & 1 == 1);
        let uses = || (0..USES.len()).filter(|bit| self.uses >> bit & 1 == 1);
        let mut answers = covers().flat_map(|cover| uses().map(move |usage| (cover, usage)));
        let (cover, usage) = answers.next()?;
        let first = judge(COVERS[cover], USES[usage]);
        answers.all(|(cover, usage)| judge(COVERS[cover], USES[usage]) == first).then_some(first)
    }
}

const COVER_PARENTS: [&str; 8] = ["CS1", "CS1.1", "CS1.1.1", "CS1.1.2", "CS1.2", "CS2", "CS2.1", "CS2.1.1"];
const USE_PARENTS: [&str; 4] = ["US1", "US4", "US4.1", "US6"];

/// The terminal codes that a code is or holds, as bits.
fn below(code: &str, prefix: &str, codes: &[&str]) -> u32 {
    let plain = code.trim().to_ascii_uppercase();
    let plain = plain.strip_prefix(prefix).unwrap_or(&plain);
    if plain.is_empty() {
        return 0;
    }
    let holds = |other: &str| {
        let other = &other[prefix.len()..];
        other == plain || other.strip_prefix(plain).is_some_and(|rest| rest.starts_with('.'))
    };
    codes.iter().enumerate().filter(|(_, other)| holds(other)).fold(0, |bits, (bit, _)| bits | 1 << bit)
}

fn code(bits: u32, codes: &[&'static str], parents: &[&'static str], prefix: &str) -> &'static str {
    match bits.count_ones() {
        0 => "",
        1 => codes[bits.trailing_zeros() as usize],
        _ if prefix == "CS" && bits == 0b11 << 12 => "CS2.2",
        _ => parents.iter().copied().find(|parent| below(parent, prefix, codes) == bits).unwrap_or(""),
    }
}

/// Uses under which herbs are artificialised.
fn lived_in(usage: &str) -> bool {
    let exact = ["US2", "US3", "US235", "US5", "US6.1", "US6.2"].contains(&usage);
    exact || usage.starts_with("US4.")
}

fn artificialised(cover: &str, usage: &str) -> bool {
    match cover {
        "CS1.1.1.1" | "CS1.1.1.2" | "CS1.1.2.2" => true,
        "CS1.1.2.1" => usage != "US1.3",
        "CS2.2.1" | "CS2.2.2" => lived_in(usage),
        _ => false,
    }
}

fn impermeable(cover: &str) -> bool {
    cover.starts_with("CS1.1.1")
}

fn category(cover: &str, usage: &str) -> Category {
    match (cover, usage) {
        _ if artificialised(cover, usage) => match (cover, usage) {
            (_, "US6.1" | "US6.2") => 5,
            ("CS1.1.1.1", _) => 1,
            ("CS1.1.1.2", _) => 2,
            ("CS1.1.2.1" | "CS1.1.2.2", _) => 3,
            _ => 4,
        },
        (_, "US1.4") => 7,
        ("CS1.1.2.1" | "CS1.2.2" | "CS1.2.3", _) => 6,
        (_, "US1.1") => 7,
        ("CS1.2.1", _) => 6,
        (_, "US1.2") => 8,
        (_, "US6.3") => 9,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn couple(cover: &str, usage: &str) -> Couple {
        Couple::parse(Some(cover), Some(usage))
    }

    #[test]
    fn the_matrix_agrees_with_the_published_one() {
        let Some(data) = std::env::var_os("ILOT_DATA") else {
            eprintln!("skipped: ILOT_DATA is not set");
            return;
        };
        let path = std::path::Path::new(&data).join("zan/nomenclature/ocsge_matrix.csv");
        let text = std::fs::read_to_string(path).unwrap();
        let (mut couples, mut artificial) = (0, 0);
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let wanted = cells[2] == "1";
            assert_eq!(couple(cells[0], cells[1]).artificialised(), Some(wanted), "{line}");
            (couples, artificial) = (couples + 1, artificial + usize::from(wanted));
        }
        assert_eq!((couples, artificial), (280, 105));
    }

    #[test]
    fn of_280_couples_105_are_artificialised() {
        let couples = COVERS.iter().flat_map(|cover| USES.iter().map(move |usage| couple(cover, usage)));
        let judged: Vec<Option<bool>> = couples.map(Couple::artificialised).collect();
        assert_eq!(judged.len(), 280);
        assert_eq!(judged.iter().filter(|one| **one == Some(true)).count(), 105);
        assert!(judged.iter().all(Option::is_some));
        assert_eq!(couple("CS1.1.2.1", "US1.3").artificialised(), Some(false));
        assert_eq!(couple("CS2.2.1", "US6.1").artificialised(), Some(true));
        assert_eq!(couple("CS2.2.1", "US6.3").artificialised(), Some(false));
        assert_eq!(couple("CS2.1.1.1", "US5").artificialised(), Some(false));
    }

    #[test]
    fn the_first_five_categories_are_the_artificialised_ones() {
        for cover in COVERS {
            for usage in USES {
                let couple = couple(cover, usage);
                let category = couple.category().unwrap();
                assert_eq!(couple.artificialised(), Some(category <= 5), "{cover} {usage}");
                assert_eq!((couple.cover_code(), couple.use_code()), (cover, usage));
            }
        }
        assert_eq!(couple("CS1.2.1", "US1.3").category(), Some(6), "a quarry at work");
        assert_eq!(couple("CS2.2.1", "US1.1").category(), Some(7));
        assert_eq!(couple("CS2.2.1", "US5").category(), Some(4));
        assert_eq!(couple("CS2.1.1.1", "US1.2").category(), Some(8));
        assert_eq!(couple("CS1.1.1.2", "US6.1").category(), Some(5));
    }

    #[test]
    fn codes_of_a_higher_level_are_judged_where_what_they_hold_agrees() {
        assert_eq!(couple("CS2.1.1", "US5").artificialised(), Some(false));
        assert_eq!(couple("CS2.1.1", "US5").cover_code(), "CS2.1.1");
        assert_eq!(couple("CS2", "US5").artificialised(), None);
        assert_eq!(couple("cs1.1.1", "us4").impermeable(), Some(true));
        assert_eq!(couple("1.1.1.1", "5").category(), Some(1));
        assert_eq!(couple("CS9", "US5").artificialised(), None);
        assert!(!Couple::parse(None, Some("US5")).is_known());
        let of_cover = |cover: &str| Couple::of_cover(cover).artificialised();
        let found = ["CS1.1.1.1", "CS1.1.2.1", "CS2.2.1", "CS2.1.1"].map(of_cover);
        assert_eq!(found, [Some(true), None, None, Some(false)]);
        assert!(couple("CS1.1.1.2", "US4.1.1").linear() && !couple("CS1.1.1.1", "US4.1.1").linear());
    }
}
