//! How products are drawn: QML for QGIS and SLD for servers, both made from the registry's declaration.
//!
//! A stretched ramp is spread over the values that a run found, so that all its tiles are drawn alike.

use crate::formats::raster::escaped;
use crate::formats::vector::{Layer, encode_styled_gpkg};
use crate::product::{Class, Colour, Form, Look, Range, Spec, Stop, Style, Symbols, look_of};
use crate::text::{Fault, Language, Text};
use std::fmt::Write as _;

/// Values over which a stretched ramp is spread where no run has found any.
const NOMINAL_SPREAD: (f64, f64) = (0.0, 100.0);

/// Shades that are drawn black and white: flat ground, 181, is then a light grey that darkens no colour below it.
pub(crate) const SHADES: (f64, f64) = (20.0, 200.0);

/// One colour of a drawn ramp.
struct Entry {
    value: f64,
    colour: Colour,
    alpha: u8,
    label: String,
}

/// The QGIS style of a product; `spread` is the range of values that the run found.
pub fn qml(spec: &Spec, spread: Option<(f64, f64)>, language: Language) -> String {
    let renderer = match spec.style {
        Style::Shade => qml_shade(),
        Style::Classes(_) => qml_classes(&entries(spec, spread, language)),
        Style::Ramp(_) | Style::Stretched(_) => {
            qml_ramp(&entries(spec, spread, language), floats(spec, spread))
        }
    };
    let blend = if matches!(spec.style, Style::Shade) { 6 } else { 0 };
    // Nothing lies between two classes.
    let resampler = match spec.style {
        Style::Classes(_) => "<rasterresampler maxOversampling=\"2\"/>",
        _ => "<rasterresampler maxOversampling=\"2\" zoomedOutResampler=\"bilinear\"/>",
    };
    let head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n";
    format!(
        "{head}<qgis version=\"3.22.0\" styleCategories=\"Symbology|Rendering\" hasScaleBasedVisibilityFlag=\"0\">\n  \
         <pipe>\n{renderer}    <brightnesscontrast brightness=\"0\" contrast=\"0\" gamma=\"1\"/>\n    \
         <huesaturation saturation=\"0\" grayscaleMode=\"0\" colorizeOn=\"0\"/>\n    \
         {resampler}\n  </pipe>\n  \
         <blendMode>{blend}</blendMode>\n</qgis>\n"
    )
}

/// Whether QGIS stretches the ramp itself: where it is to be spread and no run has found a range.
fn floats(spec: &Spec, spread: Option<(f64, f64)>) -> bool {
    matches!(spec.style, Style::Stretched(_)) && spread.is_none()
}

fn qml_shade() -> String {
    let (low, high) = SHADES;
    format!(
        "    <rasterrenderer type=\"singlebandgray\" grayBand=\"1\" gradient=\"BlackToWhite\" opacity=\"1\" alphaBand=\"-1\" nodataColor=\"\">\n      \
         <rasterTransparency/>\n      <contrastEnhancement>\n        <minValue>{low}</minValue>\n        \
         <maxValue>{high}</maxValue>\n        <algorithm>StretchToMinimumMaximum</algorithm>\n      \
         </contrastEnhancement>\n    </rasterrenderer>\n"
    )
}

fn qml_classes(entries: &[Entry]) -> String {
    let mut text = String::from(
        "    <rasterrenderer type=\"paletted\" band=\"1\" opacity=\"1\" alphaBand=\"-1\" nodataColor=\"\">\n      \
         <rasterTransparency/>\n      <colorPalette>\n",
    );
    for Entry { value, colour: [r, g, b], alpha, label } in entries {
        let label = escaped(label);
        let _ = writeln!(
            text,
            "        <paletteEntry value=\"{value}\" color=\"#{r:02x}{g:02x}{b:02x}\" alpha=\"{alpha}\" label=\"{label}\"/>"
        );
    }
    text + "      </colorPalette>\n    </rasterrenderer>\n"
}

fn qml_ramp(entries: &[Entry], floats: bool) -> String {
    let (low, high) = (entries[0].value, entries[entries.len() - 1].value);
    let (limits, extent) = if floats { ("CumulativeCut", "UpdatedCanvas") } else { ("None", "WholeRaster") };
    let mut text = format!(
        "    <rasterrenderer type=\"singlebandpseudocolor\" band=\"1\" opacity=\"1\" alphaBand=\"-1\" nodataColor=\"\" \
         classificationMin=\"{low}\" classificationMax=\"{high}\">\n      <rasterTransparency/>\n      \
         <minMaxOrigin>\n        <limits>{limits}</limits>\n        <extent>{extent}</extent>\n        \
         <statAccuracy>Estimated</statAccuracy>\n        <cumulativeCutLower>0.02</cumulativeCutLower>\n        \
         <cumulativeCutUpper>0.98</cumulativeCutUpper>\n        <stdDevFactor>2</stdDevFactor>\n      </minMaxOrigin>\n      \
         <rastershader>\n        <colorrampshader colorRampType=\"INTERPOLATED\" classificationMode=\"1\" clip=\"0\" \
         minimumValue=\"{low}\" maximumValue=\"{high}\" labelPrecision=\"2\">\n"
    );
    for Entry { value, colour: [r, g, b], alpha, label } in entries {
        let label = escaped(label);
        let _ = writeln!(
            text,
            "          <item value=\"{value}\" color=\"#{r:02x}{g:02x}{b:02x}\" alpha=\"{alpha}\" label=\"{label}\"/>"
        );
    }
    text + "        </colorrampshader>\n      </rastershader>\n    </rasterrenderer>\n"
}

/// The SLD 1.0 style of a product, for GeoServer, MapServer and QGIS Server.
pub fn sld(spec: &Spec, spread: Option<(f64, f64)>, language: Language) -> String {
    let entries = match spec.style {
        Style::Shade => shade_entries(),
        Style::Ramp(_) | Style::Stretched(_) | Style::Classes(_) => entries(spec, spread, language),
    };
    let kind = if matches!(spec.style, Style::Classes(_)) { "values" } else { "ramp" };
    let mut map = String::new();
    for Entry { value, colour: [r, g, b], alpha, label } in &entries {
        let (label, opacity) = (escaped(label), f64::from(*alpha) / 255.0);
        let _ = writeln!(
            map,
            "              <sld:ColorMapEntry color=\"#{r:02x}{g:02x}{b:02x}\" quantity=\"{value}\" opacity=\"{opacity}\" label=\"{label}\"/>"
        );
    }
    let blend = match spec.style {
        Style::Shade => "            <sld:VendorOption name=\"composite\">multiply</sld:VendorOption>\n",
        _ => "",
    };
    let (name, title, meaning) =
        (spec.name, escaped(spec.title.in_language(language)), escaped(spec.meaning.in_language(language)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <sld:StyledLayerDescriptor version=\"1.0.0\" xmlns:sld=\"http://www.opengis.net/sld\" xmlns:ogc=\"http://www.opengis.net/ogc\">\n  \
         <sld:NamedLayer>\n    <sld:Name>{name}</sld:Name>\n    <sld:UserStyle>\n      <sld:Title>{title}</sld:Title>\n      \
         <sld:Abstract>{meaning}</sld:Abstract>\n      <sld:FeatureTypeStyle>\n        <sld:Rule>\n          \
         <sld:RasterSymbolizer>\n            <sld:ChannelSelection>\n              <sld:GrayChannel>\n                \
         <sld:SourceChannelName>1</sld:SourceChannelName>\n              </sld:GrayChannel>\n            \
         </sld:ChannelSelection>\n            <sld:ColorMap type=\"{kind}\">\n{map}            </sld:ColorMap>\n{blend}          \
         </sld:RasterSymbolizer>\n        </sld:Rule>\n      </sld:FeatureTypeStyle>\n    </sld:UserStyle>\n  \
         </sld:NamedLayer>\n</sld:StyledLayerDescriptor>\n"
    )
}

/// A value of a legend: its colour, its opacity, its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Value in the product's unit.
    pub value: f64,
    /// Its colour.
    pub colour: Colour,
    /// Opacity, 0 to 255.
    pub alpha: u8,
    /// Its words; empty for a shade.
    pub label: Text,
}

impl Mark {
    /// Its colour with its opacity.
    pub fn rgba(&self) -> [u8; 4] {
        let [red, green, blue] = self.colour;
        [red, green, blue, self.alpha]
    }
}

/// The legend of a product, from the lowest value up, as its QML and SLD have it.
pub fn legend(spec: &Spec, spread: Option<(f64, f64)>) -> Vec<Mark> {
    let both = [Language::French, Language::English].map(|language| entries(spec, spread, language));
    let [fr, en] = both;
    let pairs = fr.into_iter().zip(en);
    pairs
        .map(|(fr, en)| Mark {
            value: fr.value,
            colour: fr.colour,
            alpha: fr.alpha,
            label: Text { fr: fr.label, en: en.label },
        })
        .collect()
}

/// The colours and words of a product's legend.
fn entries(spec: &Spec, spread: Option<(f64, f64)>, language: Language) -> Vec<Entry> {
    match spec.style {
        Style::Ramp(stops) | Style::Classes(stops) => {
            stops.iter().map(|stop| fixed(stop, language)).collect()
        }
        Style::Stretched(colours) => {
            stretched(colours, spread.unwrap_or(NOMINAL_SPREAD), spec.unit, language)
        }
        Style::Shade => shade_entries(),
    }
}

fn fixed(stop: &Stop, language: Language) -> Entry {
    let label = stop.label.in_language(language).to_owned();
    Entry { value: stop.value, colour: stop.colour, alpha: stop.alpha, label }
}

/// The range over which a style that was written is spread: the ends of its ramp.
pub(crate) fn spread_of(qml: &str) -> Option<(f64, f64)> {
    let end = |name: &str| {
        let after = qml.split_once(&format!("{name}=\""))?.1;
        after.split('"').next()?.parse::<f64>().ok()
    };
    Some((end("classificationMin")?, end("classificationMax")?))
}

/// Colours at equal steps over a range whose ends are whole units.
fn stretched(colours: &[Colour], (low, high): (f64, f64), unit: &str, language: Language) -> Vec<Entry> {
    let (low, high) = (low.floor(), high.ceil().max(low.floor() + 1.0));
    let step = (high - low) / (colours.len() - 1) as f64;
    let entry = |(index, colour): (usize, &Colour)| {
        let value = low + step * index as f64;
        let number = format!("{value:.1}");
        let number = if language == Language::French { number.replace('.', ",") } else { number };
        Entry { value, colour: *colour, alpha: 255, label: format!("{number} {unit}") }
    };
    colours.iter().enumerate().map(entry).collect()
}

fn shade_entries() -> Vec<Entry> {
    let entry = |value: f64, grey: u8| Entry { value, colour: [grey; 3], alpha: 255, label: String::new() };
    vec![entry(SHADES.0, 0), entry(SHADES.1, 255)]
}

/// The QGIS style of a layer of features.
pub fn look_qml(look: &Look, language: Language) -> String {
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis version=\"3.22.0\" styleCategories=\"Symbology\">\n{}</qgis>\n",
        look_renderer(look, language)
    )
}

/// The inside of [`look_qml`].
fn look_renderer(look: &Look, language: Language) -> String {
    let symbols = |colours: &[Colour]| -> String {
        let all = colours.iter().enumerate().map(|(index, colour)| symbol(look, index, *colour));
        all.collect()
    };
    let (kind, list, symbols) = match look.symbols {
        Symbols::Plain(colour) | Symbols::Outline(colour) => {
            ("type=\"singleSymbol\"".to_owned(), String::new(), symbols(&[colour]))
        }
        Symbols::Graded(field, unit, ranges) => {
            let colours: Vec<Colour> = ranges.iter().map(|range| range.2).collect();
            let kind =
                format!("type=\"graduatedSymbol\" attr=\"{field}\" graduatedMethod=\"GraduatedColor\"");
            (kind, graded(unit, ranges, language), symbols(&colours))
        }
        Symbols::Classes(field, classes) => {
            let colours: Vec<Colour> = classes.iter().map(|class| class.colour).collect();
            let kind = format!("type=\"categorizedSymbol\" attr=\"{field}\"");
            (kind, categories(classes, language), symbols(&colours))
        }
    };
    format!(
        "  <renderer-v2 {kind} symbollevels=\"0\">\n{list}    <symbols>\n{symbols}    </symbols>\n  </renderer-v2>\n"
    )
}

/// Ranges of numbers; the first and the last are open where they are far out.
fn graded(unit: &str, ranges: &[Range], language: Language) -> String {
    let number = |value: f64| match language {
        Language::French => format!("{value}").replace('.', ","),
        Language::English => format!("{value}"),
    };
    let entries = ranges.iter().enumerate().map(|(index, &(from, to, _))| {
        let label = if index == 0 && from <= -30.0 {
            format!("< {} {unit}", number(to))
        } else if index + 1 == ranges.len() && to >= 30.0 && unit == "K" {
            format!("> {} {unit}", number(from))
        } else {
            format!("{} – {} {unit}", number(from), number(to))
        };
        let label = escaped(label.trim_end());
        format!("      <range symbol=\"{index}\" lower=\"{from}\" upper=\"{to}\" label=\"{label}\" render=\"true\"/>\n")
    });
    format!("    <ranges>\n{}    </ranges>\n", entries.collect::<String>())
}

fn categories(classes: &[Class], language: Language) -> String {
    let entries = classes.iter().enumerate().map(|(index, class)| {
        let (value, label) = (class.value, escaped(class.label.in_language(language)));
        let kind = if value.parse::<i64>().is_ok() { "long" } else { "string" };
        format!("      <category symbol=\"{index}\" value=\"{value}\" label=\"{label}\" render=\"true\" type=\"{kind}\"/>\n")
    });
    format!("    <categories>\n{}    </categories>\n", entries.collect::<String>())
}

/// Discs with a white rim, lines, fills that let what lies below through, or borders alone.
fn symbol(look: &Look, index: usize, colour: Colour) -> String {
    let [r, g, b] = colour;
    let [dr, dg, db] = colour.map(|part| part / 2);
    let solid = format!("{r},{g},{b},255");
    let filled = matches!(look.symbols, Symbols::Graded(..) | Symbols::Classes(..));
    let (kind, class, options) = match (look.form, look.symbols) {
        (Form::Point, _) => {
            let size = if look.crowded { "1.4" } else { "3" };
            let rim = if look.crowded {
                option("outline_style", "no")
            } else {
                option("outline_color", "255,255,255,255")
            };
            ("marker", "SimpleMarker", option("color", &solid) + &option("size", size) + &rim)
        }
        (Form::Line, _) => {
            ("line", "SimpleLine", option("line_color", &solid) + &option("line_width", "0.4"))
        }
        (Form::Area, Symbols::Outline(_)) => {
            let border = option("outline_color", &solid) + &option("outline_width", "0.5");
            ("fill", "SimpleFill", option("style", "no") + &border)
        }
        (Form::Area, _) => {
            let alpha = if filled { 190 } else { 110 };
            let fill = option("color", &format!("{r},{g},{b},{alpha}"));
            let border =
                option("outline_color", &format!("{dr},{dg},{db},200")) + &option("outline_width", "0.15");
            ("fill", "SimpleFill", fill + &border)
        }
    };
    format!(
        "      <symbol type=\"{kind}\" name=\"{index}\" alpha=\"1\"><layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\">\
         <Option type=\"Map\">{options}</Option></layer></symbol>\n"
    )
}

/// A layer as GeoPackage, with the style of a look inside, which QGIS takes without being asked.
///
/// # Errors
/// Where GDAL cannot write it.
pub fn styled_gpkg(look: &str, name: &str, layer: &Layer) -> Result<Vec<u8>, Fault> {
    let style = look_of(look).map(|look| look_qml(&look, Language::spoken()));
    let styles: Vec<(&str, &str)> = style.iter().map(|style| (name, style.as_str())).collect();
    encode_styled_gpkg(&[(name, layer)], &styles)
}

/// The QGIS style of a layer of polygons whose field holds the numbers of some classes.
pub fn classed_qml(field: &str, stops: &[Stop], language: Language) -> String {
    let entries = stops.iter().enumerate().map(|(index, stop)| {
        let (value, label) = (stop.value, escaped(stop.label.in_language(language)));
        format!("      <category symbol=\"{index}\" value=\"{value}\" label=\"{label}\" render=\"true\" type=\"long\"/>\n")
    });
    let colours: Vec<Colour> = stops.iter().map(|stop| stop.colour).collect();
    polygons_qml("categorizedSymbol", field, "categories", &entries.collect::<String>(), &colours)
}

/// The QGIS style of a layer of polygons by ranges of a field: from, to, colour.
pub fn graded_qml(field: &str, ranges: &[(f64, f64, Colour)], language: Language) -> String {
    let number = |value: f64| match language {
        Language::French => format!("{value}").replace('.', ","),
        Language::English => format!("{value}"),
    };
    let entries = ranges.iter().enumerate().map(|(index, &(from, to, _))| {
        let label = format!("{} – {}", number(from), number(to));
        format!("      <range symbol=\"{index}\" lower=\"{from}\" upper=\"{to}\" label=\"{label}\" render=\"true\"/>\n")
    });
    let colours: Vec<Colour> = ranges.iter().map(|range| range.2).collect();
    polygons_qml("graduatedSymbol", field, "ranges", &entries.collect::<String>(), &colours)
}

fn polygons_qml(kind: &str, field: &str, list: &str, entries: &str, colours: &[Colour]) -> String {
    let mut symbols = String::new();
    for (index, [r, g, b]) in colours.iter().enumerate() {
        let fill = option("color", &format!("{r},{g},{b},200"));
        let border = option("outline_color", "90,90,90,120") + &option("outline_width", "0.1");
        let _ = writeln!(
            symbols,
            "      <symbol type=\"fill\" name=\"{index}\" alpha=\"1\"><layer class=\"SimpleFill\" enabled=\"1\" locked=\"0\" pass=\"0\">\
             <Option type=\"Map\">{fill}{border}</Option></layer></symbol>"
        );
    }
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis version=\"3.22.0\" styleCategories=\"Symbology\">\n  \
         <renderer-v2 type=\"{kind}\" attr=\"{field}\" graduatedMethod=\"GraduatedColor\" symbollevels=\"0\">\n    \
         <{list}>\n{entries}    </{list}>\n    <symbols>\n{symbols}    </symbols>\n  </renderer-v2>\n</qgis>\n"
    )
}

fn option(name: &str, value: &str) -> String {
    format!("<Option type=\"QString\" name=\"{name}\" value=\"{value}\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{self, DTM};

    #[test]
    fn a_stretched_ramp_spans_what_the_run_found() {
        let text = qml(&DTM.spec, Some((20.4, 39.2)), Language::French);
        assert!(text.contains("value=\"20\"") && text.contains("value=\"40\""), "{text}");
        assert!(text.contains("label=\"20,0 m\""));
    }

    /// The committed styles are what the registry makes: `ilot products --styles styles` writes them.
    #[test]
    fn each_product_has_its_committed_styles_and_each_style_its_product() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("styles");
        let mut expected = std::collections::BTreeSet::new();
        for spec in product::all() {
            for (ending, text) in
                [("qml", qml(spec, None, Language::French)), ("sld", sld(spec, None, Language::French))]
            {
                let name = format!("{}.{ending}", spec.name);
                let committed = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
                assert_eq!(committed, text, "{name} is not fresh");
                let _ = expected.insert(name);
            }
        }
        let found = std::fs::read_dir(folder).unwrap();
        let found: std::collections::BTreeSet<String> =
            found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(found, expected);
    }
}
