//! Figures → files: `urban_form` and `lcz` as GeoPackage, GeoJSON and CSV with its schema, `lcz` as a raster too.
//!
//! Columns are declared once, with unit and meaning. What is not known is empty, never zero. Blocks keep their own
//! attributes and stand in a second layer, `urban_form_blocks` and `lcz_blocks`.

use super::inputs::{Inputs, Mask};
use super::{Found, square};
use crate::formats::raster::cog::encode_cog;
use crate::formats::raster::vrt::encode_vrt;
use crate::formats::vector::{Feature, Field, FieldKind, Layer, Value, encode_geojson, encode_styled_gpkg};
use crate::measures::zonal::{Column, Polygons, csv, schema, unique};
use crate::product::{BUILT_SHARES, LCZ, Style, URBAN_FORM, Words};
use crate::store::Store;
use crate::style;
use crate::text::{Fault, Language, Text};
use geo::{Geometry, LineString, Polygon};
use ilot_kernels::form::{self, Figures};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;

/// A measured column of [`URBAN_FORM`]: name, cover classes that must be known, value.
type Measured = (&'static str, &'static [usize], fn(&Figures) -> Option<f64>);

const fn words(fr: &'static str, en: &'static str) -> Words {
    Words { fr, en }
}

/// A share of cover classes.
fn share(figures: &Figures, classes: &[usize]) -> Option<f64> {
    figures.covers.map(|covers| classes.iter().map(|class| covers[*class]).sum())
}

/// Where the columns of `urban_form` come from, in their order.
const FORM: &[Measured] = &[
    ("area", &[], |f| Some(f.area)),
    ("undefined", &[], |f| Some(f.undefined)),
    ("building_fraction", &[], |f| f.building),
    ("height_mean", &[], |f| f.height),
    ("height_geometric", &[], |f| f.height_geometric),
    ("height_max", &[], |f| f.height_max),
    ("levels", &[], |f| f.levels),
    ("facade_density", &[], |f| f.facade),
    ("frontal_density", &[], |f| f.frontal),
    ("aspect_ratio", &[], |f| f.aspect_ratio),
    ("roughness_length", &[], |f| f.roughness),
    ("roughness_macdonald", &[], |f| f.macdonald.map(|(rough, _)| rough)),
    ("displacement_height", &[], |f| f.macdonald.map(|(_, displaced)| displaced)),
    ("sky_view", &[], |f| f.sky_view),
    ("impervious", &[form::SEALED], |f| share(f, &[form::SEALED, form::TREE_OVER_SEALED])),
    ("pervious", &[form::HERBACEOUS], |f| f.indicators().map(|place| place.pervious)),
    ("high_vegetation", &[form::TREE], |f| share(f, &[form::TREE, form::TREE_OVER_SEALED])),
    ("low_vegetation", &[form::HERBACEOUS], |f| share(f, &[form::HERBACEOUS, form::SHRUB])),
    ("shrub", &[form::SHRUB], |f| share(f, &[form::SHRUB])),
    ("mineral", &[form::MINERAL], |f| share(f, &[form::MINERAL])),
    ("bare_soil", &[form::BARE], |f| share(f, &[form::BARE])),
    ("water", &[form::WATER], |f| share(f, &[form::WATER])),
    ("altitude", &[], |f| f.altitude),
    ("relief", &[], |f| f.relief),
    ("slope", &[], |f| f.slope),
];

/// Writes both products and returns the files; `squares` and `blocks` come with what was found of each.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(
    store: &Store,
    inputs: &Inputs,
    squares: (&Frame, &[Option<Found>]),
    blocks: Option<(&Polygons, &[Option<Found>])>,
    remarks: &[Text],
) -> Result<Vec<String>, Fault> {
    let mut files = Files { store, written: Vec::new() };
    let (frame, found) = squares;
    let (base, kept) = base_of_squares(frame, found, inputs);
    let own = blocks.map(|(blocks, found)| (base_of_blocks(blocks, inputs), found.to_vec()));
    for (name, columns) in
        [("urban_form", form_columns as fn(&[Option<Found>], &Inputs) -> Vec<Column>), ("lcz", zone_columns)]
    {
        let mut tables = vec![(name.to_owned(), table(base.clone(), columns(&kept, inputs)))];
        if let Some((base, found)) = &own {
            tables.push((format!("{name}_blocks"), table(base.clone(), columns(found, inputs))));
        }
        write_tables(&mut files, name, &tables)?;
    }
    write_raster(&mut files, inputs, frame, found)?;
    write_provenance(&mut files, inputs, remarks)?;
    Ok(files.written)
}

/// The folder of results, and what was written there.
struct Files<'a> {
    store: &'a Store,
    written: Vec<String>,
}

impl Files<'_> {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.store.write(name, bytes)?;
        self.written.push(name.to_owned());
        Ok(())
    }
}

/// GeoPackage of all layers; GeoJSON, CSV and schema of each.
fn write_tables(
    files: &mut Files<'_>,
    name: &str,
    tables: &[(String, (Layer, Vec<Column>))],
) -> Result<(), Fault> {
    let layers: Vec<(&str, &Layer)> =
        tables.iter().map(|(name, (layer, _))| (name.as_str(), layer)).collect();
    // A style beside `lcz.gpkg` would be taken for that of `lcz.vrt`, and the other way round: it goes inside.
    let style = style_of(name);
    let styles: Vec<(&str, &str)> = layers.iter().map(|(layer, _)| (*layer, style.as_str())).collect();
    files.write(&format!("{name}.gpkg"), &encode_styled_gpkg(&layers, &styles)?)?;
    for (name, (layer, columns)) in tables {
        files.write(&format!("{name}.geojson"), encode_geojson(name, layer)?.as_bytes())?;
        files.write(&format!("{name}.csv.schema.json"), schema(layer, columns).as_bytes())?;
        files.write(&format!("{name}.csv"), csv(layer).as_bytes())?;
    }
    Ok(())
}

/// How a layer is drawn: zones by their colours, urban form by the share under buildings.
fn style_of(name: &str) -> String {
    let language = Language::spoken();
    match LCZ.spec.style {
        Style::Classes(stops) if name == LCZ.spec.name => style::classed_qml("lcz_code", stops, language),
        _ => style::graded_qml("building_fraction", BUILT_SHARES, language),
    }
}

/// Squares that have figures, named as INSEE names its own: by CRS, side and south-west corner.
fn base_of_squares(frame: &Frame, found: &[Option<Found>], inputs: &Inputs) -> (Layer, Vec<Option<Found>>) {
    let code = inputs.crs.horizontal_epsg().map_or_else(|| "?".to_owned(), |code| code.to_string());
    let side = frame.cell.0;
    let kept: Vec<usize> = (0..found.len()).filter(|index| found[*index].is_some()).collect();
    let feature = |&index: &usize| {
        let ring = square(frame, index);
        let name = format!("CRS{code}RES{side}mN{}E{}", ring[0].1, ring[0].0);
        let geometry = Geometry::Polygon(Polygon::new(LineString::from(ring.to_vec()), Vec::new()));
        Feature { geometry, values: vec![Value::Text(name)] }
    };
    let fields = vec![Field { name: "id".to_owned(), kind: FieldKind::Text }];
    let layer = Layer { crs: Some(inputs.crs.clone()), fields, features: kept.iter().map(feature).collect() };
    (layer, kept.iter().map(|index| found[*index]).collect())
}

/// Blocks with their own attributes.
fn base_of_blocks(blocks: &Polygons, inputs: &Inputs) -> Layer {
    let mut layer = blocks.layer.clone();
    layer.crs = layer.crs.or_else(|| Some(inputs.crs.clone()));
    layer
}

/// A layer with more columns.
fn table(mut layer: Layer, mut columns: Vec<Column>) -> (Layer, Vec<Column>) {
    unique(&mut columns, &layer.fields);
    for column in &columns {
        layer.fields.push(Field { name: column.name.clone(), kind: column.kind });
    }
    for (index, feature) in layer.features.iter_mut().enumerate() {
        feature.values.extend(columns.iter().map(|column| column.values[index].clone()));
    }
    (layer, columns)
}

fn form_columns(found: &[Option<Found>], inputs: &Inputs) -> Vec<Column> {
    let column = |(&(_, classes, value), column): (&Measured, &crate::product::Column)| {
        // A share of what no input can tell is not zero: it is not known.
        let told = classes.iter().all(|class| inputs.names(*class));
        let value =
            |found: &Option<Found>| real(found.filter(|_| told).and_then(|found| value(&found.figures)));
        let values = found.iter().map(value).collect();
        let crate::product::Column { name, kind, unit, meaning } = *column;
        Column { name: name.to_owned(), kind, unit, meaning: meaning.text(), values }
    };
    // The first column, the id, is that of the places themselves.
    FORM.iter().zip(&URBAN_FORM.columns[1..]).map(column).collect()
}

fn zone_columns(found: &[Option<Found>], _: &Inputs) -> Vec<Column> {
    let column = |name: &str, kind, meaning: Words, value: &dyn Fn(&Found) -> Value| {
        let values = found.iter().map(|found| found.as_ref().map_or(Value::Null, value)).collect();
        let unit = if kind == FieldKind::Real { "1" } else { "" };
        Column { name: name.to_owned(), kind, unit, meaning: meaning.text(), values }
    };
    let name = |zone: Option<ilot_kernels::lcz::Zone>| {
        zone.map_or(Value::Null, |zone| Value::Text(zone.name().to_owned()))
    };
    vec![
        column(
            "lcz",
            FieldKind::Text,
            words(
                "Zone climatique locale : 1 à 10, A à G ; vide où trop peu est connu",
                "Local climate zone: 1 to 10, A to G; empty where too little is known",
            ),
            &|found| name(found.verdict.map(|verdict| verdict.zone)),
        ),
        column(
            "lcz_code",
            FieldKind::Integer,
            words(
                "La même en nombre, comme WUDAPT : A est 11, G est 17",
                "The same as a number, as WUDAPT: A is 11, G is 17",
            ),
            &|found| found.verdict.map_or(Value::Null, |verdict| Value::Integer(verdict.zone.code().into())),
        ),
        column(
            "lcz_second",
            FieldKind::Text,
            words("Zone suivante ; vide où une règle a décidé", "Next zone; empty where a rule decided"),
            &|found| name(found.verdict.and_then(|verdict| verdict.second)),
        ),
        column(
            "uniqueness",
            FieldKind::Real,
            words(
                "De 0 (la suivante convient autant) à 1 (aucune autre ne convient)",
                "From 0 (the next one fits as well) to 1 (no other fits)",
            ),
            &|found| real(found.verdict.map(|verdict| verdict.uniqueness)),
        ),
        column(
            "distance",
            FieldKind::Real,
            words(
                "Distance pondérée aux intervalles de la zone ; vide où une règle a décidé",
                "Weighted distance to the ranges of the zone; empty where a rule decided",
            ),
            &|found| real(found.verdict.and_then(|verdict| verdict.distance)),
        ),
        column(
            "undefined",
            FieldKind::Real,
            words(
                "Part de la surface dont le bâti ou l'occupation n'est pas connu ; au-delà de 0,3, pas de zone",
                "Share of the area whose buildings or cover are not known; above 0.3 there is no zone",
            ),
            &|found| Value::Real(found.figures.undefined),
        ),
    ]
}

fn real(value: Option<f64>) -> Value {
    value.map_or(Value::Null, Value::Real)
}

/// The zones of the squares as one raster.
fn write_raster(
    files: &mut Files<'_>,
    inputs: &Inputs,
    frame: &Frame,
    found: &[Option<Found>],
) -> Result<(), Fault> {
    let spec = &LCZ.spec;
    let code = |found: &Option<Found>| {
        found.and_then(|found| found.verdict).map_or(0, |verdict| verdict.zone.code())
    };
    let part = known_part(frame, found);
    let grid = Grid::new(*frame, found.iter().map(code).collect()).cropped(&part);
    let name = format!("{:07}_{:07}", part.west.round(), part.north.round());
    let tiles = [(Store::raster_name(spec, &name), part)];
    let meta = spec.meta(vec![spec.title.en.to_owned()], tags(inputs), &inputs.crs);
    files.write(&tiles[0].0, &encode_cog(&[&grid], &meta)?)?;
    files.write(&format!("{}.vrt", spec.name), encode_vrt::<u8>(&tiles, &part, &meta)?.as_bytes())?;
    files.store.style(spec, None, &tiles)
}

/// The squares between the outermost that have figures: cells laid by their centres leave slivers of squares at the rim.
fn known_part(frame: &Frame, found: &[Option<Found>]) -> Frame {
    let square = |(index, found): (usize, &Option<Found>)| {
        found.map(|_| Frame {
            west: frame.west + (index % frame.cols) as f64 * frame.cell.0,
            north: frame.north - (index / frame.cols) as f64 * frame.cell.0,
            rows: 1,
            cols: 1,
            ..*frame
        })
    };
    Frame::union(found.iter().enumerate().filter_map(square)).unwrap_or(*frame)
}

/// `lcz.run.json`: version, inputs and settings of all files, which tables cannot hold themselves.
fn write_provenance(files: &mut Files<'_>, inputs: &Inputs, remarks: &[Text]) -> Result<(), Fault> {
    let tags: serde_json::Map<String, serde_json::Value> =
        tags(inputs).into_iter().map(|(name, value)| (name, value.into())).collect();
    let remarks: Vec<_> =
        remarks.iter().map(|text| serde_json::json!({ "fr": text.fr, "en": text.en })).collect();
    let object = serde_json::json!({ "files": ["urban_form", "lcz"], "tags": tags, "remarks": remarks });
    files.write("lcz.run.json", format!("{object:#}\n").as_bytes())
}

/// Where the values come from.
fn tags(inputs: &Inputs) -> Vec<(String, String)> {
    let mask = match inputs.mask {
        Mask::Footprints => "footprints",
        Mask::Cover => "cover class 1",
        Mask::Density => "point density of class 6",
    };
    let sky = if inputs.sky.is_some() { "given".to_owned() } else { format!("{:?}", inputs.params) };
    let (uses, rest) = (inputs.uses, inputs.rest);
    let settings = format!("buildings from {mask}, uses known {uses}, sky {sky}, rest class {rest}");
    [
        ("ILOT_METHOD", LCZ.spec.source.to_owned()),
        ("TIFFTAG_SOFTWARE", concat!("ilot ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("ILOT_SETTINGS", settings),
        ("ILOT_INPUTS", inputs.provenance.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_of_the_registry_has_its_figure() {
        let own: Vec<&str> = FORM.iter().map(|(name, ..)| *name).collect();
        let declared: Vec<&str> = URBAN_FORM.columns[1..].iter().map(|column| column.name).collect();
        assert_eq!(own, declared);
    }
}
