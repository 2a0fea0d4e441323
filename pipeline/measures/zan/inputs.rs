//! Which layer and which fields: deliveries of OCS GE, layers of changes, zones, in whatever case and spelling.
//!
//! In: a file, or a folder with the files of one date (one for each département); out: the layers that are meant, with the
//! positions of their fields. Names are found by pattern, since deliveries differ: `CODE_CS`, `code_cs`, `couverture`;
//! `OCCUPATION_SOL`, `artif_2018_33`; `CS_2018`, `cs_avant`; `diff`, `diif`. Where nothing fits, the fault lists the layers.

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::vector::{Contents, Field, Source};
use crate::text::Fault;
use std::path::{Path, PathBuf};

/// A layer that was found, open.
pub struct Found<F> {
    /// Its file.
    pub path: PathBuf,
    /// The open file.
    pub source: Source,
    /// The layer's place in it.
    pub layer: usize,
    /// Its fields.
    pub fields: F,
}

impl<F> Found<F> {
    /// The layer.
    pub fn contents(&self) -> &Contents {
        &self.source.layers()[self.layer]
    }

    /// The département in the file's or the layer's name, such as `D033`.
    pub fn departement(&self) -> Option<String> {
        let name = self.path.to_string_lossy().to_ascii_uppercase();
        departement(&name).or_else(|| departement(&self.contents().name.to_ascii_uppercase()))
    }
}

/// The CRS that a layer says, but for GeoPackage's words for none (OGC 12-128r18 §1.1.2).
pub fn own_crs(contents: &Contents) -> Option<&Crs> {
    contents.crs.as_ref().filter(|crs| !crs.name().starts_with("Undefined "))
}

/// The fields of a layer of cover and use.
#[derive(Debug, Clone, Default)]
pub struct StateFields {
    /// Code of the cover.
    pub cover: usize,
    /// Code of the use.
    pub usage: usize,
    /// The polygon's name.
    pub id: Option<usize>,
    /// IGN's status.
    pub artif: Option<usize>,
    /// Whether IGN's status follows from a threshold.
    pub threshold: Option<usize>,
    /// The area that is given, m².
    pub area: Option<usize>,
    /// The date.
    pub date: Option<usize>,
    /// Share under trees, %.
    pub trees: Option<usize>,
}

/// The fields of a layer of changes.
#[derive(Debug, Clone, Default)]
pub struct ChangeFields {
    /// Cover and use before and after.
    pub codes: [(usize, usize); 2],
    /// Their dates, where the names of the fields have them.
    pub dates: Option<[String; 2]>,
    /// The status before and after.
    pub artif: Option<[usize; 2]>,
    /// +1 where artificialised, −1 where no more.
    pub sign: Option<usize>,
    /// The area that is given, m².
    pub area: Option<usize>,
    /// The polygon's name.
    pub id: Option<usize>,
}

/// The position of the first of some names, capitals or not.
fn named(fields: &[Field], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| fields.iter().position(|field| field.name.eq_ignore_ascii_case(name)))
}

const AREAS: [&str; 6] = ["aire", "surface", "surf", "surface_m2", "area", "shape_area"];
const IDS: [&str; 6] = ["id", "id_ocsge", "cleabs", "gid", "objectid", "id_origine"];

/// The fields of a layer of cover and use; `None` where it is none.
pub fn state_fields(fields: &[Field]) -> Option<StateFields> {
    Some(StateFields {
        cover: named(fields, &["code_cs", "couverture", "cs", "code_couv", "cs_code"])?,
        usage: usage_field(fields)?,
        id: named(fields, &IDS),
        artif: named(fields, &["artif", "artificialise", "is_artif"]),
        threshold: named(fields, &["crit_seuil"]),
        area: named(fields, &AREAS),
        date: named(fields, &["millesime", "annee", "date", "year"]),
        trees: named(fields, &["part_arbres", "tree_share", "canopy"]),
    })
}

/// The field of the use alone; `None` where there is none.
pub fn usage_field(fields: &[Field]) -> Option<usize> {
    named(fields, &["code_us", "usage", "us", "code_usage", "us_code"])
}

/// The fields of a layer of changes; `None` where it is none.
pub fn change_fields(fields: &[Field]) -> Option<ChangeFields> {
    let [cover, usage] = ["cs", "us"].map(|kind| pair(fields, kind));
    let (cover, usage) = (cover?, usage?);
    Some(ChangeFields {
        codes: [(cover.places[0], usage.places[0]), (cover.places[1], usage.places[1])],
        dates: cover.dates,
        artif: pair(fields, "artif").map(|pair| pair.places),
        sign: named(fields, &["artificialisation", "artificial", "artifici_1", "evolution"]),
        area: named(fields, &AREAS),
        id: named(fields, &IDS),
    })
}

/// A field before and a field after.
struct Pair {
    places: [usize; 2],
    dates: Option<[String; 2]>,
}

/// `CS_2018` and `CS_2021`, or `cs_avant` and `cs_apres`; of several dates, the first and the last.
fn pair(fields: &[Field], kind: &str) -> Option<Pair> {
    let rest = |field: &Field| {
        let name = field.name.to_ascii_lowercase();
        name.strip_prefix(kind).map(|rest| rest.trim_start_matches('_').to_owned())
    };
    let mut dated: Vec<(String, usize)> = Vec::new();
    let (mut before, mut after) = (None, None);
    for (place, field) in fields.iter().enumerate() {
        let Some(rest) = rest(field) else { continue };
        if rest.len() == 4 && rest.bytes().all(|digit| digit.is_ascii_digit()) {
            dated.push((rest, place));
        } else if ["avant", "before", "old"].contains(&rest.as_str()) {
            before = Some(place);
        } else if ["apres", "après", "after", "new"].contains(&rest.as_str()) {
            after = Some(place);
        }
    }
    dated.sort();
    if let (Some(first), Some(last)) = (dated.first(), dated.last())
        && first.1 != last.1
    {
        return Some(Pair { places: [first.1, last.1], dates: Some([first.0.clone(), last.0.clone()]) });
    }
    Some(Pair { places: [before?, after?], dates: None })
}

/// Finds the layers of one date, or of one pair of dates: one in a file, one in each file of a folder.
///
/// # Errors
/// Where no layer fits, or several in one file: the layers are listed then.
pub fn find<F>(
    path: &Path,
    layer: Option<&str>,
    words: &[&str],
    fields: impl Fn(&[Field]) -> Option<F>,
) -> Result<Vec<Found<F>>, Fault> {
    let (mut found, mut seen) = (Vec::new(), Vec::new());
    for file in files(path)? {
        let source = Source::open(&file)?;
        let fits: Vec<(usize, F)> = source
            .layers()
            .iter()
            .enumerate()
            .filter(|(_, contents)| layer.is_none_or(|wanted| contents.name.eq_ignore_ascii_case(wanted)))
            .filter_map(|(place, contents)| Some((place, fields(&contents.fields)?)))
            .collect();
        seen.extend(source.layers().iter().map(listed));
        let names: Vec<&str> = source.layers().iter().map(|contents| contents.name.as_str()).collect();
        if let Some((place, fields)) = choose(fits, &names, words).map_err(|()| several(&file, &source))? {
            found.push(Found { path: file, source, layer: place, fields });
        }
    }
    if found.is_empty() {
        let (path, seen) = (path.display(), seen.join(" ; "));
        return Err(fault!(
            fr: "{path} : aucune couche n'a les champs attendus ; couches trouvées : {seen}",
            en: "{path}: no layer has the fields that are needed; layers found: {seen}",
        ));
    }
    Ok(found)
}

/// The layer that fits; of several, the one whose name has the first of some words. An error where that is not one.
fn choose<F>(mut fits: Vec<(usize, F)>, names: &[&str], words: &[&str]) -> Result<Option<(usize, F)>, ()> {
    for word in words {
        if fits.len() > 1 && fits.iter().any(|(place, _)| holds(names[*place], word)) {
            fits.retain(|(place, _)| holds(names[*place], word));
        }
    }
    if fits.len() > 1 { Err(()) } else { Ok(fits.pop()) }
}

fn holds(name: &str, word: &str) -> bool {
    name.to_ascii_lowercase().contains(word)
}

fn listed(contents: &Contents) -> String {
    let fields: Vec<&str> = contents.fields.iter().map(|field| field.name.as_str()).collect();
    format!("{} ({})", contents.name, fields.join(", "))
}

fn several(path: &Path, source: &Source) -> Fault {
    let (path, names) = (path.display(), source.layers().iter().map(listed).collect::<Vec<_>>().join(" ; "));
    fault!(
        fr: "{path} : plusieurs couches conviennent ; nommez-en une avec --layer : {names}",
        en: "{path}: several layers fit; name one with --layer: {names}",
    )
}

/// The file itself, or the vector files of a folder and its folders, by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
            if path.is_dir() {
                folders.push(path);
            } else if ["gpkg", "shp"].iter().any(|wanted| ending == *wanted) {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        let path = path.display();
        return Err(fault!(
            fr: "{path} ne contient aucun fichier .gpkg ou .shp ; décompressez d'abord la livraison",
            en: "{path} holds no .gpkg or .shp file; unpack the delivery first",
        ));
    }
    Ok(found)
}

/// The code after a `D` that stands alone: `…_D033_2018…`.
fn departement(name: &str) -> Option<String> {
    let plain = |part: &&str| {
        let code = part.strip_prefix('D')?;
        let fits = code.len() == 3 && code[..1].bytes().all(|digit| digit.is_ascii_digit());
        let tail = fits && code[1..].bytes().all(|c| c.is_ascii_digit() || c == b'A' || c == b'B');
        tail.then(|| code.strip_prefix('0').unwrap_or(code).to_owned())
    };
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|part| plain(&part)).next_back()
}

/// Years from 1980 to 2079 in a name.
pub fn years(name: &str) -> Vec<&str> {
    let parts = name.split(|c: char| !c.is_ascii_digit());
    parts.filter(|part| part.len() == 4 && ("1980".."2080").contains(part)).collect()
}

/// A year from 1980 to 2079 in a name that has only one.
pub fn year(name: &str) -> Option<String> {
    let mut years = years(name);
    years.dedup();
    if let [year] = years[..] { Some(year.to_owned()) } else { None }
}

/// The fields that name zones: the one asked for, else by pattern.
///
/// # Errors
/// Where the field asked for is not there.
pub fn zone_fields(
    path: &Path,
    fields: &[Field],
    id: Option<&str>,
) -> Result<(Option<usize>, Option<usize>), Fault> {
    const CODES: [&str; 14] = [
        "code_insee",
        "insee_com",
        "insee",
        "codgeo",
        "code",
        "idu",
        "code_siren",
        "siren_epci",
        "code_epci",
        "zone_id",
        "id",
        "libelle_zone",
        "fid",
        "gid",
    ];
    const NAMES: [&str; 8] =
        ["nom_officiel", "nom_com", "nom", "name", "libelle", "nom_zone", "zone_name", "libgeo"];
    let code = match id {
        None => named(fields, &CODES),
        Some(wanted) => Some(named(fields, &[wanted]).ok_or_else(|| {
            let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let (path, names) = (path.display(), names.join(", "));
            fault!(
                fr: "{path} n'a pas de champ « {wanted} » ; ses champs sont : {names}",
                en: "{path} has no field \"{wanted}\"; its fields are: {names}",
            )
        })?),
    };
    Ok((code, named(fields, &NAMES)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::vector::FieldKind;

    fn fields(names: &[&str]) -> Vec<Field> {
        names.iter().map(|name| Field { name: (*name).to_owned(), kind: FieldKind::Text }).collect()
    }

    #[test]
    fn fields_are_found_in_any_spelling() {
        for names in
            [["ID", "CODE_CS", "CODE_US"], ["id", "code_cs", "code_us"], ["x", "couverture", "usage"]]
        {
            let found = state_fields(&fields(&names)).unwrap();
            assert_eq!((found.cover, found.usage), (1, 2));
        }
        assert!(state_fields(&fields(&["ID", "MILLESIME"])).is_none());
        let found = change_fields(&fields(&["Surface", "cs_2018", "us_2018", "cs_2015", "us_2015"])).unwrap();
        assert_eq!((found.codes, found.area), ([(3, 4), (1, 2)], Some(0)));
        assert_eq!(found.dates.unwrap(), ["2015", "2018"]);
        let found = change_fields(&fields(&["cs_avant", "us_avant", "cs_apres", "us_apres"])).unwrap();
        assert_eq!(found.codes, [(0, 1), (2, 3)]);
        let names =
            ["CS_2018", "US_2018", "ARTIF_2018", "CS_2021", "US_2021", "ARTIF_2021", "artificialisation"];
        let found = change_fields(&fields(&names)).unwrap();
        assert_eq!((found.artif, found.sign), (Some([2, 5]), Some(6)));
    }

    #[test]
    fn departements_and_years_are_read_from_names() {
        assert_eq!(departement("OCS-GE_2-0__SHP_LAMB93_D033_2018-01-01"), Some("33".to_owned()));
        assert_eq!(departement("PATCH_CORR_D02A_2019"), Some("2A".to_owned()));
        assert_eq!(departement("OCCUPATION_SOL"), None);
        assert_eq!(year("artif_2018_33"), Some("2018".to_owned()));
        assert_eq!(year("DIFF_2018-2021"), None);
    }
}
