//! Tiles → one virtual raster over them, as XML.
//!
//! In: relative paths and frames of tiles of one lattice; out: GDAL's VRT (gdal.org/drivers/raster/vrt.html), which GDAL
//! and QGIS read as one raster. It is written without opening a tile, in the order of the paths, so that it has the
//! same bytes whatever the order of the tiles.
//!
//! Fails where: tiles lie on different lattices. Where tiles overlap the last path wins. Cost: none.

use ilot_kernels::frame::Frame;

use super::{RasterMeta, Stored, escaped};
use crate::fault;
use crate::formats::raster::cog::TILE;
use crate::text::Fault;

/// A VRT of the frame `whole` over tiles within it, given as their paths relative to the VRT's folder (`/` between
/// parts) and their frames.
///
/// # Errors
/// Where a tile does not lie within `whole` on its lattice.
pub fn encode_vrt<T: Stored>(
    tiles: &[(String, Frame)],
    whole: &Frame,
    meta: &RasterMeta<'_>,
) -> Result<String, Fault> {
    let mut tiles: Vec<&(String, Frame)> = tiles.iter().collect();
    tiles.sort_by(|a, b| a.0.cmp(&b.0));
    let (cols, rows, cell) = (whole.cols, whole.rows, whole.cell.0);
    let mut xml = format!("<VRTDataset rasterXSize=\"{cols}\" rasterYSize=\"{rows}\">\n");
    let wkt = escaped(meta.crs.wkt());
    let axes = if is_north_first(meta.crs.wkt()) { "2,1" } else { "1,2" };
    xml.push_str(&format!("  <SRS dataAxisToSRSAxisMapping=\"{axes}\">{wkt}</SRS>\n"));
    let (west, north) = (whole.west, whole.north);
    xml.push_str(&format!(
        "  <GeoTransform>{west:?}, {cell:?}, 0.0, {north:?}, 0.0, {:?}</GeoTransform>\n",
        -cell
    ));
    xml.push_str("  <Metadata>\n    <MDI key=\"AREA_OR_POINT\">Area</MDI>\n");
    let title = ("TIFFTAG_IMAGEDESCRIPTION".to_owned(), meta.title.clone());
    for (name, value) in std::iter::once(&title).chain(&meta.tags) {
        let (name, value) = (escaped(name), escaped(value));
        xml.push_str(&format!("    <MDI key=\"{name}\">{value}</MDI>\n"));
    }
    xml.push_str("  </Metadata>\n");
    for band in 1..=meta.bands.len() {
        xml.push_str(&band_xml::<T>(&tiles, whole, meta, band)?);
    }
    xml.push_str("</VRTDataset>\n");
    Ok(xml)
}

/// Whether a projected system has its northing first, as EPSG:3035 has: rasters have the easting first whatever.
fn is_north_first(wkt: &str) -> bool {
    let projected = wkt.split_once("PROJECTION[").map(|(_, rest)| rest);
    let axis =
        projected.and_then(|rest| rest.split_once("AXIS[")).and_then(|(_, axis)| axis.split(']').next());
    axis.is_some_and(|axis| axis.to_uppercase().ends_with("NORTH"))
}

fn band_xml<T: Stored>(
    tiles: &[&(String, Frame)],
    whole: &Frame,
    meta: &RasterMeta<'_>,
    band: usize,
) -> Result<String, Fault> {
    let (kind, nodata) = (T::TYPE, T::NODATA);
    let (name, unit) = (escaped(&meta.bands[band - 1]), escaped(&meta.unit));
    let mut xml = format!(
        "  <VRTRasterBand dataType=\"{kind}\" band=\"{band}\" blockXSize=\"{TILE}\" blockYSize=\"{TILE}\">\n    \
         <Description>{name}</Description>\n    <UnitType>{unit}</UnitType>\n    <NoDataValue>{nodata}</NoDataValue>\n    \
         <ColorInterp>{}</ColorInterp>\n",
        if band == 1 { "Gray" } else { "Undefined" }
    );
    for (path, frame) in tiles {
        let (row, col) = whole.offset_of(frame).ok_or_else(|| off_lattice(&meta.title, path))?;
        let (path, Frame { rows, cols, .. }) = (escaped(path), *frame);
        // A complex source leaves what an earlier, overlapping tile knows where this one is missing.
        xml.push_str(&format!(
            "    <ComplexSource>\n      <SourceFilename relativeToVRT=\"1\">{path}</SourceFilename>\n      \
             <SourceBand>{band}</SourceBand>\n      <SourceProperties RasterXSize=\"{cols}\" RasterYSize=\"{rows}\" \
             DataType=\"{kind}\" BlockXSize=\"{TILE}\" BlockYSize=\"{TILE}\" />\n      \
             <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"{cols}\" ySize=\"{rows}\" />\n      \
             <DstRect xOff=\"{col}\" yOff=\"{row}\" xSize=\"{cols}\" ySize=\"{rows}\" />\n      \
             <NODATA>{nodata}</NODATA>\n    </ComplexSource>\n"
        ));
    }
    xml.push_str("  </VRTRasterBand>\n");
    Ok(xml)
}

fn off_lattice(title: &str, path: &str) -> Fault {
    fault!(
        fr: "« {title} » : la dalle {path} n'est pas sur la même grille que les autres ; refaites-la avec la même taille de cellule",
        en: "\"{title}\": tile {path} does not lie on the lattice of the others; make it again with the same cell size",
    )
}
