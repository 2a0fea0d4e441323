//! Everything that comes out of ilot, each thing declared once.
//!
//! A product's name, sentence, unit, range, nodata value and style stand here and nowhere else. The table
//! of the README, the tags of the files, the styles and the command line's words follow from this list.
//! What stages hand to each other and nobody keeps ([`Ware::Passing`]) is declared here too.

use crate::formats::crs::Crs;
use crate::formats::raster::{Overview, RasterMeta};
use crate::formats::vector::FieldKind;
use crate::text::{Language, Text};
use ilot_kernels::frame::{Gridding, Registration};
use ilot_kernels::grid::{Percent, Sample};
use ilot_kernels::unit::Metres;
use std::marker::PhantomData;

mod columns;
mod cover;
mod elevation;
mod form;
mod heat;
mod layers;
mod light;
mod looks;

pub mod median;
pub use columns::told;
pub use cover::*;
pub use elevation::*;
pub use form::*;
pub use heat::*;
pub use layers::*;
pub use light::*;
pub use looks::*;

/// Products that one command makes, or several that belong together on a map.
pub struct Family {
    /// Title of its group of layers.
    pub title: Words,
    /// Its products, in flow order.
    pub specs: &'static [&'static Spec],
}

const fn family(fr: &'static str, en: &'static str, specs: &'static [&'static Spec]) -> Family {
    Family { title: Words { fr, en }, specs }
}

/// The registry: every raster, family after family, in flow order.
pub static FAMILIES: &[Family] = &[
    family("Terrain et hauteurs", "Terrain and heights", ELEVATION),
    family("Végétation et sols", "Vegetation and soil", LAND),
    family("Grille européenne", "European grid", EUROPEAN),
    family("Ciel et ombres", "Sky and shade", SKY),
    family("Soleil", "Sun", SUNLIGHT),
    family("Confort", "Comfort", COMFORT),
    family("Forme urbaine", "Urban form", FORM),
    family("Îlots de chaleur", "Heat islands", HEAT),
];

/// Every raster of the registry, in flow order.
pub fn all() -> impl Iterator<Item = &'static Spec> {
    FAMILIES.iter().flat_map(|family| family.specs).copied()
}

/// All rasters that stages make tile by tile.
pub fn of_tiles() -> impl Iterator<Item = &'static Spec> {
    ELEVATION.iter().chain(LAND).copied()
}

/// A constant sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// French.
    pub fr: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// In one language.
    pub fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::French => self.fr,
            Language::English => self.en,
        }
    }

    /// As a [`Text`].
    pub fn text(&self) -> Text {
        Text { fr: self.fr.to_owned(), en: self.en.to_owned() }
    }
}

/// How a product is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Style {
    /// Colours at fixed values, interpolated between; the label says what a planner sees there.
    Ramp(&'static [Stop]),
    /// Colours spread over the values that a run found (its 2nd to 98th percentile).
    Stretched(&'static [Colour]),
    /// Grey, multiplied over what lies below.
    Shade,
    /// A colour and words for each class; smaller versions show the most frequent class.
    Classes(&'static [Stop]),
}

/// The cells that a product lies on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// Those of the elevation products of the run.
    OfElevation,
    /// Of this side in metres, edges on whole multiples of it.
    Metres(f64),
}

impl Cell {
    /// How frames of these cells are laid, beside elevation products on `elevation`.
    pub fn gridding(self, elevation: Gridding) -> Gridding {
        match self {
            Cell::OfElevation => elevation,
            Cell::Metres(side) => Gridding { cell: Metres(side), registration: Registration::Cell },
        }
    }
}

/// Red, green, blue.
pub type Colour = [u8; 3];

/// A value, its colour and its words in the legend.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// Value in the product's unit.
    pub value: f64,
    /// Its colour.
    pub colour: Colour,
    /// Opacity, 0 to 255.
    pub alpha: u8,
    /// Its words.
    pub label: Words,
}

/// What can be said of a product without its values.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Short name: folder, file and command line.
    pub name: &'static str,
    /// Title of its layer.
    pub title: Words,
    /// One sentence that says what it means.
    pub meaning: Words,
    /// Unit of the values; empty for a pure number.
    pub unit: &'static str,
    /// The cells that it lies on.
    pub cell: Cell,
    /// Name of each band where there are several.
    pub bands: &'static [Words],
    /// Range that values cannot leave.
    pub range: (f64, f64),
    /// The value that a file holds where there is none.
    pub nodata: Option<f64>,
    /// Values are rounded to a multiple of this before they are written; 0 keeps them as they are.
    pub quantum: f64,
    /// How it is drawn.
    pub style: Style,
    /// Where the method comes from.
    pub source: &'static str,
}

impl Spec {
    /// What a file says of this product: its words and quantum, with bands, provenance and place.
    pub fn meta<'a>(&self, bands: Vec<String>, tags: Vec<(String, String)>, crs: &'a Crs) -> RasterMeta<'a> {
        RasterMeta {
            title: format!("{}: {}", self.title.en, self.meaning.en),
            unit: self.unit.to_owned(),
            bands,
            tags,
            crs,
            quantum: (self.quantum > 0.0).then_some(self.quantum),
            overview: match self.style {
                Style::Classes(_) => Overview::Majority,
                _ => Overview::Average,
            },
        }
    }
}

/// A raster product; reading it as another type does not compile.
#[derive(Debug)]
pub struct Raster<T> {
    /// Its declaration.
    pub spec: Spec,
    sample: PhantomData<fn() -> T>,
}

/// A sample type that products have.
pub trait Declared: Sample {
    /// The value that a file holds where there is none.
    const NODATA: f64;
}

impl Declared for f32 {
    const NODATA: f64 = -9999.0;
}

impl Declared for u8 {
    const NODATA: f64 = 0.0;
}

impl Declared for Percent {
    const NODATA: f64 = 255.0;
}

impl<T: Declared> Raster<T> {
    const fn new(spec: Spec) -> Raster<T> {
        assert!(
            matches!(spec.nodata, Some(nodata) if nodata == T::NODATA),
            "the nodata value is that of the type"
        );
        Raster { spec, sample: PhantomData }
    }
}

/// What stages hand to each other within a run and nobody keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// The points that the terrain rests on.
    GroundPoints,
    /// The points that the surface rests on, where it is triangulated.
    SurfacePoints,
    /// All points with their classes, noise apart.
    ClassedPoints,
    /// The highest point of each cell, among the classes of the surface.
    Highest,
    /// Points of each cell by class group.
    Counts,
    /// The points of roofs.
    RoofPoints,
    /// The points of vegetation.
    LeafPoints,
    /// What was met in each cell of land cover, and votes for its ground.
    Seen,
    /// The shares of shrubs and trees among the returns of each cell of land cover.
    Leaves,
    /// What an infrared image shows in each cell of land cover.
    Pixels,
}

/// Anything that one stage makes and another reads.
#[derive(Debug, Clone, Copy)]
pub enum Ware {
    /// A product that is kept.
    Kept(&'static Spec),
    /// A layer of features that is kept.
    Layer(&'static Vector),
    /// Something that only passes.
    Passing(Passing),
}

impl Ware {
    /// A name for plans and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Ware::Kept(spec) => spec.name,
            Ware::Layer(vector) => vector.name,
            Ware::Passing(Passing::GroundPoints) => "(ground points)",
            Ware::Passing(Passing::SurfacePoints) => "(surface points)",
            Ware::Passing(Passing::ClassedPoints) => "(classed points)",
            Ware::Passing(Passing::Highest) => "(highest points)",
            Ware::Passing(Passing::Counts) => "(counts)",
            Ware::Passing(Passing::RoofPoints) => "(roof points)",
            Ware::Passing(Passing::LeafPoints) => "(leaf points)",
            Ware::Passing(Passing::Seen) => "(returns by kind)",
            Ware::Passing(Passing::Leaves) => "(shares of leaves)",
            Ware::Passing(Passing::Pixels) => "(pixels)",
        }
    }
}

impl PartialEq for Ware {
    fn eq(&self, other: &Ware) -> bool {
        self.name() == other.name()
    }
}

/// Heights are whole 1/1024 m in the files: a millimetre, and half of the bytes.
pub(super) const HEIGHT_QUANTUM: f64 = 1.0 / 1024.0;

const fn stop(value: f64, colour: Colour, fr: &'static str, en: &'static str) -> Stop {
    Stop { value, colour, alpha: 255, label: Words { fr, en } }
}

/// A column of a vector product.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the files.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Unit of its values; empty for a pure number or a text.
    pub unit: &'static str,
    /// What it means.
    pub meaning: Words,
}

/// A vector product: a layer of features, written as GeoPackage in the CRS of the run and as GeoJSON after RFC 7946 in
/// WGS 84. Features are sorted by their first column, the id, which no other feature of the layer has.
#[derive(Debug, Clone, Copy)]
pub struct Vector {
    /// Short name: files and command line.
    pub name: &'static str,
    /// Title of its layer.
    pub title: Words,
    /// One sentence that says what it means.
    pub meaning: Words,
    /// Its columns; the first is the id.
    pub columns: &'static [Column],
    /// Colour of its symbols.
    pub colour: Colour,
    /// Where the method comes from.
    pub source: &'static str,
}

impl Vector {
    /// Units of its columns, each once.
    pub fn units(&self) -> String {
        let mut units: Vec<&str> = Vec::new();
        for column in self.columns {
            if !column.unit.is_empty() && !units.contains(&column.unit) {
                units.push(column.unit);
            }
        }
        units.join(", ")
    }
}

/// The product of this name.
pub fn named(name: &str) -> Option<&'static Spec> {
    all().find(|spec| spec.name == name)
}

/// The table of the README: one line a product.
pub fn markdown_table(language: Language) -> String {
    let head = match language {
        Language::French => "| nom | unité | ce que c'est |\n|---|---|---|\n",
        Language::English => "| name | unit | what it is |\n|---|---|---|\n",
    };
    let line = |spec: &Spec| {
        let unit = if spec.unit.is_empty() { "–" } else { spec.unit };
        format!("| `{}` | {unit} | {} |\n", spec.name, spec.meaning.in_language(language))
    };
    let layer = |vector: &Vector| {
        let meaning = vector.meaning.in_language(language);
        format!("| `{}` | {} | {meaning} |\n", vector.name, vector.units())
    };
    let rasters: String = all().map(line).collect();
    head.to_owned() + &rasters + &vectors().map(layer).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_snake_case() {
        for (i, spec) in all().enumerate() {
            assert!(spec.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            assert!(all().take(i).all(|other| other.name != spec.name), "{} is there twice", spec.name);
        }
    }

    #[test]
    fn each_product_says_what_it_means_in_one_sentence_of_each_language() {
        for spec in all() {
            for sentence in [spec.meaning.fr, spec.meaning.en] {
                assert!(sentence.ends_with('.'), "{}: «{sentence}» is no sentence", spec.name);
            }
            assert!(!spec.source.is_empty() && !spec.title.fr.is_empty() && !spec.title.en.is_empty());
        }
    }

    #[test]
    fn layers_have_names_of_their_own_and_say_what_their_columns_mean() {
        for (i, vector) in vectors().enumerate() {
            assert!(named(vector.name).is_none() && vectors().take(i).all(|other| other.name != vector.name));
            assert!(vector.meaning.fr.ends_with('.') && vector.meaning.en.ends_with('.'));
            assert_eq!((vector.columns[0].name, vector.columns[0].kind), ("id", FieldKind::Text));
            for column in vector.columns {
                assert!(!column.meaning.fr.is_empty() && !column.meaning.en.is_empty(), "{}", column.name);
            }
        }
    }

    #[test]
    fn the_nodata_value_lies_outside_of_the_range() {
        for spec in all() {
            let nodata = spec.nodata.expect("every raster of ours has a nodata value");
            assert!(nodata < spec.range.0 || nodata > spec.range.1, "{}", spec.name);
        }
    }

    #[test]
    fn ramps_climb_and_speak_both_languages() {
        for spec in all() {
            if let Style::Ramp(stops) | Style::Classes(stops) = spec.style {
                assert!(stops.windows(2).all(|pair| pair[0].value < pair[1].value), "{}", spec.name);
                assert!(
                    stops.iter().all(|stop| !stop.label.fr.is_empty() && !stop.label.en.is_empty()),
                    "{}",
                    spec.name
                );
            }
        }
    }
}
