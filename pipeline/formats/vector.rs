//! Vector layers: files ↔ features.
//!
//! In: whatever GDAL reads as vectors (GeoPackage, Shapefile, GeoJSON, FlatGeobuf, …), whole or within an extent; out: the
//! bytes of a GeoPackage, or of a GeoJSON as RFC 7946 wants it: WGS 84, longitude first, outer rings
//! counter-clockwise, seven decimals (a centimetre). Features are read one at a time, so that a country's layer needs
//! no country's memory.
//!
//! Geometries are flat: heights of 3D geometries are dropped (BD TOPO keeps what matters of them in fields). Fails where:
//! curves are counted and left out; an empty text field cannot be told from a missing one. Cost: GDAL's reader
//! and GEOS's validity check.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gdal::config::{clear_thread_local_config_option, set_thread_local_config_option};
use gdal::errors::GdalError;
use gdal::vector::{Defn, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::orient::{Direction, Orient};
use geo::{CoordsIter, Geometry, MapCoords};
use ilot_kernels::extent::Extent;

use crate::fault;
use crate::formats::crs::{Crs, Transform};
use crate::formats::library::{ask, ask_strictly};
use crate::text::Fault;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Real,
    /// Text; lists and dates with a time come as text.
    Text,
    /// A day, as `2024-03-31`.
    Date,
}

/// A column of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

/// A value of a feature.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text, or a date.
    Text(String),
}

impl Value {
    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => Some(*value as f64),
            Value::Real(value) => Some(*value),
            Value::Null | Value::Text(_) => None,
        }
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A geometry and its values, one per field of the layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Where it is, in the layer's CRS.
    pub geometry: Geometry<f64>,
    /// What is said of it, in the order of the fields.
    pub values: Vec<Value>,
}

/// What was found and what was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Features given.
    pub features: usize,
    /// Of these, with a geometry that is not valid (it crosses itself, say): they are given as they are.
    pub invalid: usize,
    /// Left out since they have no geometry, or an empty one.
    pub empty: usize,
    /// Left out since their geometry is a curve, or has coordinates that are not numbers.
    pub unsupported: usize,
}

/// Rings as positions, and whether each is an outer one.
pub type Rings = Vec<(bool, Vec<(f64, f64)>)>;

/// A feature's polygons as bare rings, for those who measure and do not draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Its place in the layer, from 0.
    pub number: usize,
    /// Its rings.
    pub rings: Rings,
    /// The values of the fields asked for.
    pub values: Vec<Value>,
}

/// A layer in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The CRS, where the file says it.
    pub crs: Option<Crs>,
    /// The columns.
    pub fields: Vec<Field>,
    /// The features, in the file's order.
    pub features: Vec<Feature>,
}

impl Layer {
    /// Position of a field by its name, capitals or not: shapefiles shout.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// What a file says of one of its layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// The layer's name.
    pub name: String,
    /// The CRS, where the file says it.
    pub crs: Option<Crs>,
    /// The columns.
    pub fields: Vec<Field>,
    /// Number of features as the file promises it.
    pub features: Option<u64>,
}

/// An open vector file. It can be sent to another thread, not shared.
pub struct Source {
    path: PathBuf,
    dataset: Dataset,
    layers: Vec<Contents>,
}

impl Source {
    /// Opens a vector file.
    ///
    /// # Errors
    /// Where GDAL cannot read it as vectors.
    pub fn open(path: &Path) -> Result<Source, Fault> {
        Source::open_encoded(path, None)
    }

    /// Opens a file whose texts are in this encoding, such as `CP1252`, whatever it says itself. Old shapefiles
    /// without a `.cpg` beside them may need it.
    ///
    /// # Errors
    /// Where GDAL cannot read it as vectors.
    pub fn open_encoded(path: &Path, encoding: Option<&str>) -> Result<Source, Fault> {
        let chosen = encoding.map(|encoding| format!("ENCODING={encoding}"));
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            open_options: encoding.map(|_| chosen.as_slice()),
            ..Default::default()
        };
        let dataset =
            ask_strictly(|| Dataset::open_ex(path, options)).map_err(|cause| unreadable(path, &cause))?;
        let layers = dataset.layers().map(|layer| contents(&layer)).collect::<Result<Vec<_>, Fault>>();
        let layers = layers.map_err(|fault| unreadable(path, &fault))?;
        if layers.is_empty() {
            return Err(unreadable(path, &"no layer"));
        }
        Ok(Source { path: path.to_owned(), dataset, layers })
    }

    /// The layers of the file.
    pub fn layers(&self) -> &[Contents] {
        &self.layers
    }

    /// Position of a layer by name, or of the only one where no name is given.
    ///
    /// # Errors
    /// Where the name is unknown, or none is given among several.
    pub fn find(&self, name: Option<&str>) -> Result<usize, Fault> {
        // QGIS keeps the styles of a GeoPackage in a table that GDAL shows as a layer.
        let is_map = |layer: &&Contents| layer.name != "layer_styles";
        let found = match name {
            Some(name) => self.layers.iter().position(|layer| layer.name == name),
            None if self.layers.iter().filter(is_map).count() == 1 => {
                self.layers.iter().position(|layer| is_map(&layer))
            }
            None => None,
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = self.layers.iter().map(|layer| layer.name.as_str()).collect();
            let (path, names) = (self.path.display(), names.join(", "));
            fault!(
                fr: "{path} : indiquez une de ses couches ({names})",
                en: "{path}: name one of its layers ({names})",
            )
        })
    }

    /// The bounds of a layer as the file knows them; `None` where it is empty.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn extent(&self, layer: usize) -> Result<Option<Extent>, Fault> {
        let found = ask(|| {
            let file = self.dataset.layer(layer)?;
            if file.try_feature_count() == Some(0) { Ok(None) } else { file.get_extent().map(Some) }
        });
        let found = found.map_err(|cause| unreadable(&self.path, &cause))?;
        Ok(found.map(|bounds| Extent {
            west: bounds.MinX,
            south: bounds.MinY,
            east: bounds.MaxX,
            north: bounds.MaxY,
        }))
    }

    /// Gives the features of a layer, one at a time: those whose bounds touch `within`, or all.
    ///
    /// # Errors
    /// `take`'s own, or where the file is damaged on the way.
    pub fn each(
        &self,
        layer: usize,
        within: Option<&Extent>,
        mut take: impl FnMut(Feature) -> Result<(), Fault>,
    ) -> Result<Tally, Fault> {
        let fields = &self.layers[layer].fields;
        let (mut tally, mut stopped) = (Tally::default(), None);
        let walked = ask_strictly(|| {
            let mut file = self.dataset.layer(layer)?;
            match within {
                Some(Extent { west, south, east, north }) => {
                    file.set_spatial_filter_rect(*west, *south, *east, *north);
                }
                None => file.clear_spatial_filter(),
            }
            for feature in file.features() {
                let Some(geometry) = tally.geometry(&feature) else { continue };
                let values =
                    fields.iter().enumerate().map(|(index, field)| value(&feature, index, field.kind));
                let values = values.collect::<Result<Vec<_>, GdalError>>()?;
                tally.features += 1;
                if let Err(fault) = take(Feature { geometry, values }) {
                    stopped = Some(fault);
                    break;
                }
            }
            Ok(())
        });
        if let Some(fault) = stopped {
            return Err(fault);
        }
        walked.map_err(|cause| unreadable(&self.path, &cause))?;
        self.complete(layer, within, &tally)?;
        Ok(tally)
    }

    /// Gives the polygons of a layer as rings, one feature at a time, with the values of some fields by their position:
    /// three times as fast as [`Source::each`], which also asks whether they are valid. What has no polygon is
    /// counted as empty, or as unsupported where it is a curve, a line or a point.
    ///
    /// # Errors
    /// `take`'s own, or where the file is damaged on the way.
    pub fn each_outline(
        &self,
        layer: usize,
        wanted: &[usize],
        mut take: impl FnMut(Outline) -> Result<(), Fault>,
    ) -> Result<Tally, Fault> {
        let fields = &self.layers[layer].fields;
        let (mut tally, mut stopped) = (Tally::default(), None);
        let walked = ask_strictly(|| {
            let mut file = self.dataset.layer(layer)?;
            file.clear_spatial_filter();
            for (number, feature) in file.features().enumerate() {
                let Some(rings) = tally.rings(&feature) else { continue };
                let values = wanted.iter().map(|&index| value(&feature, index, fields[index].kind));
                let values = values.collect::<Result<Vec<_>, GdalError>>()?;
                if let Err(fault) = take(Outline { number, rings, values }) {
                    stopped = Some(fault);
                    break;
                }
            }
            Ok(())
        });
        if let Some(fault) = stopped {
            return Err(fault);
        }
        walked.map_err(|cause| unreadable(&self.path, &cause))?;
        self.complete(layer, None, &tally)?;
        Ok(tally)
    }

    /// The features that [`Source::each`] leaves out: their place in the layer from 1, and their values.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn left_out(&self, layer: usize) -> Result<Vec<(usize, Vec<Value>)>, Fault> {
        let fields = &self.layers[layer].fields;
        let walked = ask(|| {
            let mut file = self.dataset.layer(layer)?;
            file.clear_spatial_filter();
            let mut left_out = Vec::new();
            for (index, feature) in file.features().enumerate() {
                if Tally::default().geometry(&feature).is_none() {
                    let values =
                        fields.iter().enumerate().map(|(index, field)| value(&feature, index, field.kind));
                    left_out.push((index + 1, values.collect::<Result<Vec<_>, GdalError>>()?));
                }
            }
            Ok(left_out)
        });
        walked.map_err(|cause| unreadable(&self.path, &cause))
    }

    /// Some readers stop at the damage without a word: fewer features than promised are a fault.
    fn complete(&self, layer: usize, within: Option<&Extent>, tally: &Tally) -> Result<(), Fault> {
        let seen = (tally.features + tally.empty + tally.unsupported) as u64;
        match self.layers[layer].features {
            Some(promised) if within.is_none() && seen < promised => {
                let path = self.path.display();
                Err(fault!(
                    fr: "{path} : {seen} objets lus sur {promised} annoncés ; le fichier est incomplet, recopiez-le",
                    en: "{path}: {seen} features read of {promised} promised; the file is incomplete, copy it again",
                ))
            }
            _ => Ok(()),
        }
    }

    /// A layer in memory.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn read(&self, layer: usize, within: Option<&Extent>) -> Result<(Layer, Tally), Fault> {
        let mut features = Vec::new();
        let tally = self.each(layer, within, |feature| {
            features.push(feature);
            Ok(())
        })?;
        let Contents { crs, fields, .. } = self.layers[layer].clone();
        Ok((Layer { crs, fields, features }, tally))
    }
}

impl Tally {
    /// A feature's rings, or `None` and a count.
    fn rings(&mut self, feature: &gdal::vector::Feature<'_>) -> Option<Rings> {
        let has_shape = |found: &&gdal::vector::Geometry| ask(|| Ok(!found.is_empty())).unwrap_or(false);
        let Some(found) = feature.geometry().filter(has_shape) else {
            self.empty += 1;
            return None;
        };
        let mut rings = Vec::new();
        push_rings(found, &mut rings, 0);
        let finite = rings.iter().flat_map(|(_, ring)| ring).all(|at| at.0.is_finite() && at.1.is_finite());
        if rings.is_empty() || !finite {
            self.unsupported += 1;
            return None;
        }
        self.features += 1;
        Some(rings)
    }

    /// A feature's geometry, flat, or `None` and a count.
    fn geometry(&mut self, feature: &gdal::vector::Feature<'_>) -> Option<Geometry<f64>> {
        // Asked apart: of a feature without a geometry GDAL answers "empty" and complains of a null pointer.
        let has_shape = |found: &&gdal::vector::Geometry| ask(|| Ok(!found.is_empty())).unwrap_or(false);
        let Some(found) = feature.geometry().filter(has_shape) else {
            self.empty += 1;
            return None;
        };
        let mut flat = found.clone();
        flat.flatten_to_2d();
        let shape = Geometry::<f64>::try_from(&flat).ok();
        let shape = shape.filter(|shape| shape.coords_iter().all(|at| at.x.is_finite() && at.y.is_finite()));
        if shape.is_none() {
            self.unsupported += 1;
        } else if !flat.is_valid() {
            self.invalid += 1;
        }
        shape
    }
}

/// The rings of all polygons in a geometry; collections in collections up to some depth.
fn push_rings(geometry: &gdal::vector::Geometry, rings: &mut Rings, depth: usize) {
    let kind = gdal::vector::geometry_type_flatten(geometry.geometry_type());
    let parts = geometry.geometry_count();
    if kind == OGRwkbGeometryType::wkbPolygon {
        let mut positions = Vec::new();
        for part in 0..parts {
            positions.clear();
            geometry.get_geometry(part).get_points(&mut positions);
            rings.push((part == 0, positions.iter().map(|at| (at.0, at.1)).collect()));
        }
    } else if matches!(kind, OGRwkbGeometryType::wkbMultiPolygon | OGRwkbGeometryType::wkbGeometryCollection)
        && depth < 8
    {
        (0..parts).for_each(|part| push_rings(&geometry.get_geometry(part), rings, depth + 1));
    }
}

fn contents(layer: &gdal::vector::Layer<'_>) -> Result<Contents, Fault> {
    let crs = layer.spatial_ref().map(|spatial| Crs::from_spatial_ref(&spatial)).transpose()?;
    let fields = layer.defn().fields().map(|field| {
        let kind = match field.field_type() {
            OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => FieldKind::Integer,
            OGRFieldType::OFTReal => FieldKind::Real,
            OGRFieldType::OFTDate => FieldKind::Date,
            _ => FieldKind::Text,
        };
        Field { name: field.name(), kind }
    });
    Ok(Contents { name: layer.name(), crs, fields: fields.collect(), features: layer.try_feature_count() })
}

/// The text is asked first: GDAL gives 0 for a number that a feature does not have.
fn value(feature: &gdal::vector::Feature<'_>, index: usize, kind: FieldKind) -> Result<Value, GdalError> {
    let Some(text) = feature.field_as_string(index)?.filter(|text| !text.is_empty()) else {
        return Ok(Value::Null);
    };
    Ok(match kind {
        FieldKind::Integer => feature.field_as_integer64(index)?.map_or(Value::Null, Value::Integer),
        FieldKind::Real => feature.field_as_double(index)?.map_or(Value::Null, Value::Real),
        FieldKind::Date => Value::Text(text.replace('/', "-")),
        FieldKind::Text => Value::Text(text),
    })
}

/// Encodes layers, each with its name, as a GeoPackage.
///
/// The bytes are the same for the same layers: the date that the format wants is always the first of January 2000.
///
/// # Errors
/// Where GDAL cannot write them: a name twice, say.
pub fn encode_gpkg(layers: &[(&str, &Layer)]) -> Result<Vec<u8>, Fault> {
    encode_styled_gpkg(layers, &[])
}

/// As [`encode_gpkg`], with QGIS styles of some layers, by their names, in the table `layer_styles` that QGIS looks for.
///
/// # Errors
/// As [`encode_gpkg`].
pub fn encode_styled_gpkg(layers: &[(&str, &Layer)], styles: &[(&str, &str)]) -> Result<Vec<u8>, Fault> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let path = format!("/vsimem/ilot-{}.gpkg", COUNT.fetch_add(1, Ordering::Relaxed));
    let spatial =
        layers.iter().map(|(_, layer)| layer.crs.as_ref().map(|crs| crs.flat()?.spatial_ref()).transpose());
    let spatial = spatial.collect::<Result<Vec<_>, Fault>>()?;
    let encoded = ask_strictly(|| {
        set_thread_local_config_option("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z")?;
        let driver = gdal::DriverManager::get_driver_by_name("GPKG")?;
        let mut dataset = driver.create_vector_only(&path)?;
        for ((name, layer), spatial) in layers.iter().zip(&spatial) {
            add_layer(&mut dataset, name, layer, spatial.as_ref())?;
        }
        if !styles.is_empty() {
            add_styles(&mut dataset, layers, styles)?;
        }
        dataset.close()?;
        gdal::vsi::get_vsi_mem_file_bytes_owned(&path)
    });
    let cleared = ask(|| clear_thread_local_config_option("OGR_CURRENT_DATE"));
    encoded.and_then(|bytes| cleared.map(|()| bytes)).map_err(|cause| {
        // What a failure leaves in memory; it is not there where the failure came first.
        let _ = gdal::vsi::unlink_mem_file(&path);
        let names: Vec<&str> = layers.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        fault!(
            fr: "Les couches {names} ne peuvent pas être écrites en GeoPackage : {cause}",
            en: "The layers {names} cannot be written as GeoPackage: {cause}",
        )
    })
}

fn add_layer(
    dataset: &mut Dataset,
    name: &str,
    layer: &Layer,
    spatial: Option<&gdal::spatial_ref::SpatialRef>,
) -> Result<(), GdalError> {
    let (kind, promoted) = common_type(&layer.features);
    let key = if has_field(layer, "fid") { "FID=ilot_fid" } else { "FID=fid" };
    let column = format!("GEOMETRY_NAME={}", geometry_column(layer));
    let mut transaction = dataset.start_transaction()?;
    let options = LayerOptions { name, srs: spatial, ty: kind, options: Some(&[key, &column]) };
    let file = transaction.create_layer(options)?;
    let fields: Vec<(&str, OGRFieldType::Type)> =
        layer.fields.iter().map(|field| (field.name.as_str(), ogr_type(field.kind))).collect();
    file.create_defn_fields(&fields)?;
    let definition = Defn::from_layer(&file);
    for feature in &layer.features {
        let mut row = gdal::vector::Feature::new(&definition)?;
        row.set_geometry(
            if promoted { multiple(&feature.geometry) } else { feature.geometry.clone() }.to_gdal()?,
        )?;
        for (index, value) in feature.values.iter().enumerate() {
            match value {
                Value::Null => row.set_field_null(index)?,
                Value::Integer(value) => row.set_field_integer64(index, *value)?,
                Value::Real(value) if value.is_finite() => row.set_field_double(index, *value)?,
                Value::Real(_) => row.set_field_null(index)?,
                Value::Text(text) => row.set_field_string(index, text)?,
            }
        }
        row.create(&file)?;
    }
    transaction.commit()
}

fn has_field(layer: &Layer, wanted: &str) -> bool {
    layer.fields.iter().any(|field| field.name.eq_ignore_ascii_case(wanted))
}

fn geometry_column(layer: &Layer) -> &'static str {
    if has_field(layer, "geom") { "ilot_geom" } else { "geom" }
}

/// Columns of the table of styles, as QGIS makes it.
const STYLE_TEXTS: [&str; 8] = [
    "f_table_catalog",
    "f_table_schema",
    "f_table_name",
    "f_geometry_column",
    "styleName",
    "styleQML",
    "description",
    "update_time",
];

fn add_styles(
    dataset: &mut Dataset,
    layers: &[(&str, &Layer)],
    styles: &[(&str, &str)],
) -> Result<(), GdalError> {
    let mut transaction = dataset.start_transaction()?;
    let kind = OGRwkbGeometryType::wkbNone;
    let options = LayerOptions { name: "layer_styles", srs: None, ty: kind, options: Some(&["FID=id"]) };
    let file = transaction.create_layer(options)?;
    let texts = STYLE_TEXTS.iter().map(|name| (*name, OGRFieldType::OFTString));
    let fields: Vec<_> = texts.chain([("useAsDefault", OGRFieldType::OFTInteger)]).collect();
    file.create_defn_fields(&fields)?;
    let definition = Defn::from_layer(&file);
    for (name, qml) in styles {
        let Some((_, layer)) = layers.iter().find(|(own, _)| own == name) else { continue };
        let values = ["", "", name, geometry_column(layer), name, qml, "", "2000-01-01T00:00:00Z"];
        let mut row = gdal::vector::Feature::new(&definition)?;
        for (index, value) in values.into_iter().enumerate() {
            row.set_field_string(index, value)?;
        }
        row.set_field_integer(values.len(), 1)?;
        row.create(&file)?;
    }
    transaction.commit()
}

fn ogr_type(kind: FieldKind) -> OGRFieldType::Type {
    match kind {
        FieldKind::Integer => OGRFieldType::OFTInteger64,
        FieldKind::Real => OGRFieldType::OFTReal,
        FieldKind::Text => OGRFieldType::OFTString,
        FieldKind::Date => OGRFieldType::OFTDate,
    }
}

/// The type that all features of a layer have, and whether single ones must become multiple ones for it.
fn common_type(features: &[Feature]) -> (OGRwkbGeometryType::Type, bool) {
    let dimension = |geometry: &Geometry<f64>| match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => Some(0),
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => Some(1),
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            Some(2)
        }
        Geometry::GeometryCollection(_) => None,
    };
    let is_multiple = |geometry: &Geometry<f64>| {
        matches!(geometry, Geometry::MultiPoint(_) | Geometry::MultiLineString(_) | Geometry::MultiPolygon(_))
    };
    let Some(first) = features.first().and_then(|feature| dimension(&feature.geometry)) else {
        return (OGRwkbGeometryType::wkbUnknown, false);
    };
    if features.iter().any(|feature| dimension(&feature.geometry) != Some(first)) {
        return (OGRwkbGeometryType::wkbUnknown, false);
    }
    let multiple = features.iter().any(|feature| is_multiple(&feature.geometry));
    let kind = match (first, multiple) {
        (0, false) => OGRwkbGeometryType::wkbPoint,
        (0, true) => OGRwkbGeometryType::wkbMultiPoint,
        (1, false) => OGRwkbGeometryType::wkbLineString,
        (1, true) => OGRwkbGeometryType::wkbMultiLineString,
        (_, false) => OGRwkbGeometryType::wkbPolygon,
        (_, true) => OGRwkbGeometryType::wkbMultiPolygon,
    };
    (kind, multiple)
}

fn multiple(geometry: &Geometry<f64>) -> Geometry<f64> {
    match geometry.clone() {
        Geometry::Point(point) => Geometry::MultiPoint(vec![point].into()),
        Geometry::LineString(line) => Geometry::MultiLineString(geo::MultiLineString(vec![line])),
        Geometry::Line(line) => Geometry::MultiLineString(geo::MultiLineString(vec![line.into()])),
        Geometry::Polygon(polygon) => Geometry::MultiPolygon(vec![polygon].into()),
        Geometry::Rect(rect) => Geometry::MultiPolygon(vec![rect.to_polygon()].into()),
        Geometry::Triangle(triangle) => Geometry::MultiPolygon(vec![triangle.to_polygon()].into()),
        other => other,
    }
}

/// Encodes a layer as GeoJSON after RFC 7946, one feature a line. A layer without a CRS cannot be.
///
/// # Errors
/// Where the layer has no CRS, or a position has no longitude and latitude.
pub fn encode_geojson(name: &str, layer: &Layer) -> Result<String, Fault> {
    let crs = layer.crs.as_ref().ok_or_else(|| Crs::missing(Path::new(name)))?;
    let transform = Transform::new(crs, &Crs::wgs84()?)?;
    let mut json =
        format!("{{\"type\":\"FeatureCollection\",\"name\":{},\"features\":[", serde_json::json!(name));
    // All positions at once: PROJ needs a third of the time then.
    let positions = RefCell::new((Vec::new(), Vec::new()));
    for feature in &layer.features {
        let _ = feature.geometry.map_coords(|at| {
            let (x, y) = &mut *positions.borrow_mut();
            x.push(at.x);
            y.push(at.y);
            at
        });
    }
    let (mut x, mut y) = positions.into_inner();
    transform.points(&mut x, &mut y)?;
    let (next, x, y) = (Cell::new(0), &x[..], &y[..]);
    for (index, feature) in layer.features.iter().enumerate() {
        json.push_str(if index == 0 { "\n" } else { ",\n" });
        let degrees = feature.geometry.map_coords(|_| {
            let place = next.replace(next.get() + 1);
            geo::Coord { x: x[place], y: y[place] }
        });
        json.push_str("{\"type\":\"Feature\",\"properties\":");
        let named =
            layer.fields.iter().zip(&feature.values).map(|(field, value)| (field.name.clone(), plain(value)));
        json.push_str(&serde_json::Value::Object(named.collect()).to_string());
        json.push_str(",\"geometry\":");
        push_geometry(&mut json, &degrees);
        json.push('}');
    }
    json.push_str("\n]}\n");
    Ok(json)
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(value) => (*value).into(),
        Value::Real(value) => {
            serde_json::Number::from_f64(*value).map_or(serde_json::Value::Null, Into::into)
        }
        Value::Text(text) => text.as_str().into(),
    }
}

fn push_geometry(json: &mut String, geometry: &Geometry<f64>) {
    match geometry {
        Geometry::Point(point) => push_typed(json, "Point", |json| push_position(json, point.0)),
        Geometry::MultiPoint(points) => {
            push_typed(json, "MultiPoint", |json| {
                push_list(json, &points.0, |json, point| push_position(json, point.0))
            });
        }
        Geometry::Line(line) => push_geometry(json, &Geometry::LineString((*line).into())),
        Geometry::LineString(line) => push_typed(json, "LineString", |json| push_positions(json, line)),
        Geometry::MultiLineString(lines) => {
            push_typed(json, "MultiLineString", |json| push_list(json, &lines.0, push_positions));
        }
        Geometry::Polygon(polygon) => push_typed(json, "Polygon", |json| push_polygon(json, polygon)),
        Geometry::MultiPolygon(polygons) => {
            push_typed(json, "MultiPolygon", |json| push_list(json, &polygons.0, push_polygon));
        }
        Geometry::Rect(rect) => push_geometry(json, &Geometry::Polygon(rect.to_polygon())),
        Geometry::Triangle(triangle) => push_geometry(json, &Geometry::Polygon(triangle.to_polygon())),
        Geometry::GeometryCollection(parts) => {
            json.push_str("{\"type\":\"GeometryCollection\",\"geometries\":");
            push_list(json, &parts.0, push_geometry);
            json.push('}');
        }
    }
}

fn push_typed(json: &mut String, kind: &str, coordinates: impl FnOnce(&mut String)) {
    json.push_str(&format!("{{\"type\":\"{kind}\",\"coordinates\":"));
    coordinates(json);
    json.push('}');
}

/// Outer rings counter-clockwise, holes clockwise (RFC 7946 §3.1.6).
fn push_polygon(json: &mut String, polygon: &geo::Polygon<f64>) {
    let wound = polygon.orient(Direction::Default);
    let rings: Vec<geo::LineString<f64>> =
        std::iter::once(wound.exterior()).chain(wound.interiors()).cloned().collect();
    push_list(json, &rings, push_positions);
}

fn push_positions(json: &mut String, line: &geo::LineString<f64>) {
    push_list(json, &line.0, |json, at| push_position(json, *at));
}

fn push_list<T>(json: &mut String, items: &[T], mut push: impl FnMut(&mut String, &T)) {
    json.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push(json, item);
    }
    json.push(']');
}

/// Seven decimals of a degree are 11 mm; adding zero turns −0 into 0.
fn push_position(json: &mut String, at: geo::Coord<f64>) {
    let rounded = |degrees: f64| (degrees * 1e7).round() / 1e7 + 0.0;
    json.push_str(&format!("[{},{}]", rounded(at.x), rounded(at.y)));
}

fn unreadable(path: &Path, cause: &dyn Display) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne peut pas être lu comme couche vectorielle ({cause}) ; vérifiez que le fichier est complet et d'un format connu de GDAL",
        en: "{path} cannot be read as a vector layer ({cause}); check that the file is complete and in a format that GDAL knows",
    )
}

#[cfg(test)]
mod tests;
