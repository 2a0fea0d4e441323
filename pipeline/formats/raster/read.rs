//! Raster files → grids.
//!
//! In: whatever GDAL opens as a raster (GeoTIFF, COG, JPEG 2000, VRT, ASCII grid, …); out: frames and grids, whole
//! or by window. Nodata, masks, scale and offset are applied here, so that a grid's values are what the file means.
//!
//! Fails where: rotated, south-up and non-square rasters are refused; cells in which a file holds an infinity come
//! back missing. Cost: GDAL's decoder, and one strip of rows beside the result.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use gdal::raster::{GdalDataType, GdalType, RasterBand, ResampleAlg};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::unit::Metres;

use crate::fault;
use crate::formats::crs::Crs;
use crate::formats::library::ask;
use crate::text::Fault;

/// More cells than this are read by windows only: a header may promise anything.
const MOST_CELLS: usize = 1 << 30;

/// Cells that are decoded at a time.
const STRIP_CELLS: usize = 1 << 22;

/// An open raster file. It can be sent to another thread, not shared.
pub struct Raster {
    path: PathBuf,
    dataset: Dataset,
    frame: Frame,
    crs: Option<Crs>,
    bands: Vec<Band>,
}

/// What a file says of one band.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// What it shows; empty where the file does not say.
    pub description: String,
    /// Unit of its values; empty where the file does not say.
    pub unit: String,
    /// GDAL's name of the type in the file, such as `Int16`.
    pub stored: String,
    /// The nodata value in the file.
    pub nodata: Option<f64>,
    /// A value is `offset + scale × number in the file`.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
}

impl Raster {
    /// Opens a raster and checks that its cells lie on a frame.
    ///
    /// # Errors
    /// Where GDAL cannot open it, or its cells are not square, north-up and bounded.
    pub fn open(path: &Path) -> Result<Raster, Fault> {
        let flags = GdalOpenFlags::GDAL_OF_RASTER | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR;
        let options = DatasetOptions { open_flags: flags, ..Default::default() };
        let dataset = ask(|| Dataset::open_ex(path, options)).map_err(|cause| unreadable(path, &cause))?;
        let frame = frame_of(&dataset, path)?;
        let crs = match dataset.spatial_ref() {
            Ok(spatial) => Some(Crs::from_spatial_ref(&spatial).map_err(|fault| unreadable(path, &fault))?),
            Err(_) => None,
        };
        let bands = ask(|| dataset.rasterbands().map(|band| Ok(described(&band?))).collect());
        let bands: Vec<Band> = bands.map_err(|cause| unreadable(path, &cause))?;
        if bands.is_empty() {
            return Err(unreadable(path, &"no band"));
        }
        Ok(Raster { path: path.to_owned(), dataset, frame, crs, bands })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the cells lie.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The CRS, where the file says it.
    pub fn crs(&self) -> Option<&Crs> {
        self.crs.as_ref()
    }

    /// What the file says of its bands.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Columns and rows of the blocks in which a band is stored.
    ///
    /// # Errors
    /// Where there is no such band.
    pub fn block(&self, band: usize) -> Result<(usize, usize), Fault> {
        let _ = self.bands.get(band).ok_or_else(|| self.no_band(band))?;
        let file =
            ask(|| self.dataset.rasterband(band + 1)).map_err(|cause| unreadable(&self.path, &cause))?;
        let (cols, rows) = file.block_size();
        Ok((cols.max(1), rows.max(1)))
    }

    /// A value of the file's own description, such as `TIFFTAG_SOFTWARE` or a provenance tag.
    pub fn tag(&self, name: &str) -> Option<String> {
        self.dataset.metadata_item(name, "")
    }

    /// A whole band; the first is band 0.
    ///
    /// Bytes (`u8`) and whole numbers (`i32`) are read from bands that hold such and have no scale; `f32` from any. Mind
    /// that 0 is missing in memory among bytes: photographs are read as `f32`.
    ///
    /// # Errors
    /// Where there is no such band, it holds another type, or the file is damaged.
    pub fn read<T: FromFile>(&self, band: usize) -> Result<Grid<T>, Fault> {
        self.read_window(band, &self.frame)
    }

    /// The part of a band that a frame on the raster's own lattice covers; outside of the raster it is missing.
    ///
    /// # Errors
    /// As [`Raster::read`], and where the frame lies on another lattice.
    pub fn read_window<T: FromFile>(&self, band: usize, part: &Frame) -> Result<Grid<T>, Fault> {
        self.read_window_into(band, part, Vec::new())
    }

    /// As [`Raster::read_window`], in the memory of a former grid: who reads many windows spares the system's work of
    /// handing out fresh pages, a fifth of the whole.
    ///
    /// # Errors
    /// As [`Raster::read_window`].
    pub fn read_window_into<T: FromFile>(
        &self,
        band: usize,
        part: &Frame,
        mut cells: Vec<T>,
    ) -> Result<Grid<T>, Fault> {
        let (row, col) = self.offset_of(part)?;
        let about = self.bands.get(band).ok_or_else(|| self.no_band(band))?;
        T::accepts(about).map_err(|cause| unreadable(&self.path, &cause))?;
        if part.len() > MOST_CELLS {
            return Err(self.too_large(part));
        }
        let missing = part.len().saturating_sub(cells.len());
        cells.try_reserve_exact(missing).map_err(|_| self.too_large(part))?;
        let file =
            ask(|| self.dataset.rasterband(band + 1)).map_err(|cause| unreadable(&self.path, &cause))?;
        let window = Window::new(&self.frame, part, row, col);
        if (window.rows, window.cols) == (part.rows, part.cols) {
            cells.resize(part.len(), T::MISSING);
            self.fill(&file, about, &window, &mut cells)?;
            return Ok(Grid::new(*part, cells));
        }
        cells.clear();
        cells.resize(part.len(), T::MISSING);
        let mut inside = vec![T::MISSING; window.rows * window.cols];
        self.fill(&file, about, &window, &mut inside)?;
        if window.cols > 0 {
            let rows = cells.chunks_exact_mut(part.cols).skip(window.rows_before);
            for (row, values) in rows.zip(inside.chunks_exact(window.cols)) {
                row[window.cols_before..window.cols_before + window.cols].copy_from_slice(values);
            }
        }
        Ok(Grid::new(*part, cells))
    }

    /// A band on the cells of any frame: its own where they are the same, else the value at the centre of each; missing
    /// outside of the raster.
    ///
    /// # Errors
    /// As [`Raster::read_window`], but for the lattice.
    pub fn sampled<T: FromFile>(&self, band: usize, frame: &Frame) -> Result<Grid<T>, Fault> {
        let own = &self.frame;
        let (col, row) = ((frame.west - own.west) / own.cell.0, (own.north - frame.north) / own.cell.0);
        let aligned = |cells: f64| (cells - cells.round()).abs() < 1e-6;
        if own.cell == frame.cell && aligned(col) && aligned(row) {
            return self.read_window(band, frame);
        }
        let mut grid = Grid::filled(*frame, T::MISSING);
        let Some(part) = self.window(&frame.extent()) else { return Ok(grid) };
        let read: Grid<T> = self.read_window(band, &part)?;
        let (north, west) = own.offset_of(&part).unwrap_or((0, 0));
        // Asked of the whole raster, so that strips do not round apart.
        let cols: Vec<Option<usize>> = (0..frame.cols)
            .map(|col| own.locate(frame.x(col), own.y(0)).and_then(|(_, col)| col.checked_sub(west)))
            .map(|col| col.filter(|col| *col < part.cols))
            .collect();
        for row in 0..frame.rows {
            let place = own.locate(own.x(0), frame.y(row)).and_then(|(row, _)| row.checked_sub(north));
            let Some(place) = place.filter(|row| *row < part.rows) else { continue };
            let values = read.row(place);
            let cells = &mut grid.cells_mut()[row * frame.cols..(row + 1) * frame.cols];
            for (cell, col) in cells.iter_mut().zip(&cols) {
                *cell = col.map_or(T::MISSING, |col| values[col]);
            }
        }
        Ok(grid)
    }

    /// A whole band in at most `most` columns and rows, for a picture: means of cells, or the nearest ones where they are
    /// classes. The file's smaller versions are used, so that the cost is that of the picture.
    ///
    /// # Errors
    /// As [`Raster::read`].
    pub fn glance(&self, band: usize, most: usize, is_classes: bool) -> Result<Grid<f32>, Fault> {
        let about = self.bands.get(band).ok_or_else(|| self.no_band(band))?;
        f32::accepts(about).map_err(|cause| unreadable(&self.path, &cause))?;
        let own = &self.frame;
        let shrunk = (own.cols.max(own.rows) as f64 / most.max(1) as f64).max(1.0);
        let (cols, rows) = (own.cols as f64 / shrunk, own.rows as f64 / shrunk);
        let (cols, rows) = ((cols.round() as usize).max(1), (rows.round() as usize).max(1));
        let way = if is_classes { ResampleAlg::NearestNeighbour } else { ResampleAlg::Average };
        let read = || {
            let file = self.dataset.rasterband(band + 1)?;
            file.read_as::<f64>((0, 0), (own.cols, own.rows), (cols, rows), Some(way))
        };
        let buffer = ask(read).map_err(|cause| unreadable(&self.path, &cause))?;
        let nodata = about.nodata.unwrap_or(f64::NAN);
        let meant = |value: &f64| {
            let known = *value != nodata && value.is_finite();
            if known { (about.offset + about.scale * value) as f32 } else { f32::NAN }
        };
        let frame = Frame { cell: Metres(own.cell.0 * own.cols as f64 / cols as f64), rows, cols, ..*own };
        Ok(Grid::new(frame, buffer.data().iter().map(meant).collect()))
    }

    /// Decodes a window, some rows at a time.
    fn fill<T: FromFile>(
        &self,
        file: &RasterBand<'_>,
        about: &Band,
        window: &Window,
        cells: &mut [T],
    ) -> Result<(), Fault> {
        let strip = (STRIP_CELLS / window.cols.max(1)).max(1);
        for (index, values) in cells.chunks_mut((strip * window.cols).max(1)).enumerate() {
            let done = ask(|| fill_rows(file, about, window, index * strip, values));
            done.map_err(|cause| unreadable(&self.path, &cause))?;
        }
        Ok(())
    }

    /// The cells of this raster that an extent covers, wholly or in part; one at least where it only touches the
    /// raster, `None` where it does not.
    pub fn window(&self, extent: &Extent) -> Option<Frame> {
        let own = self.frame.extent();
        let shared = own.intersection(extent)?;
        let cell = self.frame.cell.0;
        let first = |metres: f64, most: usize| {
            ((metres / cell).floor().max(0.0) as usize).min(most.saturating_sub(1))
        };
        let last = |metres: f64, most: usize| ((metres / cell).ceil() as usize).min(most);
        let (west, east) =
            (first(shared.west - own.west, self.frame.cols), last(shared.east - own.west, self.frame.cols));
        let (north, south) = (
            first(own.north - shared.north, self.frame.rows),
            last(own.north - shared.south, self.frame.rows),
        );
        Some(Frame {
            west: own.west + west as f64 * cell,
            north: own.north - north as f64 * cell,
            rows: south.max(north + 1) - north,
            cols: east.max(west + 1) - west,
            ..self.frame
        })
    }

    /// Row and column of `part`'s first cell; negative outside.
    fn offset_of(&self, part: &Frame) -> Result<(i64, i64), Fault> {
        let cell = self.frame.cell.0;
        let col = (part.west - self.frame.west) / cell;
        let row = (self.frame.north - part.north) / cell;
        let aligned = (col - col.round()).abs() < 1e-3 && (row - row.round()).abs() < 1e-3;
        let same = (part.cell.0 - cell).abs() * (part.rows.max(part.cols) as f64) < cell * 1e-3;
        if aligned && same && !part.is_empty() && col.abs() < 1e15 && row.abs() < 1e15 {
            return Ok((row.round() as i64, col.round() as i64));
        }
        let (path, own, others) = (self.path.display(), self.frame.cell, part.cell);
        Err(fault!(
            fr: "{path} : ses cellules de {own} ne tombent pas sur la grille demandée ({others}) ; rééchantillonnez-le d'abord",
            en: "{path}: its cells of {own} do not lie on the wanted lattice ({others}); resample it first",
        ))
    }

    fn no_band(&self, band: usize) -> Fault {
        let (path, wanted, count) = (self.path.display(), band + 1, self.bands.len());
        fault!(
            fr: "{path} n'a que {count} bande(s), la bande {wanted} est demandée",
            en: "{path} has only {count} band(s), band {wanted} is wanted",
        )
    }

    fn too_large(&self, part: &Frame) -> Fault {
        let (path, rows, cols) = (self.path.display(), part.rows, part.cols);
        fault!(
            fr: "{path} : {rows} × {cols} cellules ne tiennent pas en mémoire ; le fichier est peut-être abîmé, sinon découpez-le",
            en: "{path}: {rows} × {cols} cells do not fit in memory; the file may be damaged, else cut it into parts",
        )
    }
}

/// Lets GDAL keep at most 256 MB of decoded blocks instead of a twentieth of the memory, where the user does not say it
/// himself: enough for a row of blocks of a raster that is read once. Only before the first block is decoded.
pub fn keep_cache_small() {
    const NAME: &str = "GDAL_CACHEMAX";
    if std::env::var_os(NAME).is_none() {
        // What GDAL refuses leaves its own choice, which is only larger.
        let _ = ask(|| gdal::config::set_config_option(NAME, "256"));
    }
}

/// The rectangle of the file that a part covers, and what lies around it.
struct Window {
    row: usize,
    col: usize,
    rows: usize,
    cols: usize,
    rows_before: usize,
    cols_before: usize,
}

impl Window {
    fn new(whole: &Frame, part: &Frame, row: i64, col: i64) -> Window {
        let span = |first: i64, length: usize, most: usize| {
            let last = first.saturating_add(length as i64).clamp(0, most as i64);
            let inside = first.clamp(0, most as i64);
            (inside as usize, (last - inside).max(0) as usize)
        };
        let (from_row, rows) = span(row, part.rows, whole.rows);
        let (from_col, cols) = span(col, part.cols, whole.cols);
        let empty = rows == 0 || cols == 0;
        Window {
            row: from_row,
            col: from_col,
            rows: if empty { 0 } else { rows },
            cols: if empty { 0 } else { cols },
            rows_before: if empty { part.rows } else { (-row).max(0) as usize },
            cols_before: (-col).clamp(0, part.cols as i64) as usize,
        }
    }
}

/// A strip of rows as the grid has them.
fn fill_rows<T: FromFile>(
    file: &RasterBand<'_>,
    about: &Band,
    window: &Window,
    first: usize,
    values: &mut [T],
) -> gdal::errors::Result<()> {
    let place = (window.col as isize, (window.row + first) as isize);
    let size = (window.cols, values.len() / window.cols);
    T::decode(file, about, place, size, values)?;
    let mask = file.mask_flags()?;
    if mask.is_per_dataset() && !mask.is_alpha() {
        let mask = raw::<u8>(&file.open_mask_band()?, place, size)?;
        for (value, _) in values.iter_mut().zip(mask).filter(|(_, shown)| *shown == 0) {
            *value = T::MISSING;
        }
    }
    Ok(())
}

fn raw<T: GdalType + Copy + Default>(
    file: &RasterBand<'_>,
    place: (isize, isize),
    size: (usize, usize),
) -> gdal::errors::Result<Vec<T>> {
    let mut values = vec![T::default(); size.0 * size.1];
    file.read_into_slice(place, size, size, &mut values, None)?;
    Ok(values)
}

/// A sample type that bands can be read as.
pub trait FromFile: Sample {
    /// Whether a band's values fit, and if not, why.
    ///
    /// # Errors
    /// The reason.
    fn accepts(band: &Band) -> Result<(), String>;

    /// Decodes a rectangle into as many values.
    ///
    /// # Errors
    /// GDAL's.
    #[doc(hidden)]
    fn decode(
        file: &RasterBand<'_>,
        about: &Band,
        place: (isize, isize),
        size: (usize, usize),
        values: &mut [Self],
    ) -> gdal::errors::Result<()>;
}

impl FromFile for f32 {
    fn accepts(band: &Band) -> Result<(), String> {
        if band.stored.starts_with('C') { Err(format!("complex numbers ({})", band.stored)) } else { Ok(()) }
    }

    fn decode(
        file: &RasterBand<'_>,
        about: &Band,
        place: (isize, isize),
        size: (usize, usize),
        values: &mut [f32],
    ) -> gdal::errors::Result<()> {
        let plain = about.scale == 1.0 && about.offset == 0.0;
        if plain && matches!(about.stored.as_str(), "Float32" | "Byte" | "Int8" | "UInt16" | "Int16") {
            let nodata = about.nodata.map_or(f32::NAN, |nodata| nodata as f32);
            file.read_into_slice(place, size, size, values, None)?;
            for value in values {
                *value = if *value == nodata || !value.is_finite() { f32::NAN } else { *value };
            }
            return Ok(());
        }
        let nodata = about.nodata.unwrap_or(f64::NAN);
        let meant = |value: f64| {
            let meant = (about.offset + about.scale * value) as f32;
            if value == nodata || !meant.is_finite() { f32::NAN } else { meant }
        };
        for (value, stored) in values.iter_mut().zip(raw::<f64>(file, place, size)?) {
            *value = meant(stored);
        }
        Ok(())
    }
}

impl FromFile for u8 {
    fn accepts(band: &Band) -> Result<(), String> {
        whole(band, &["Byte"])
    }

    fn decode(
        file: &RasterBand<'_>,
        about: &Band,
        place: (isize, isize),
        size: (usize, usize),
        values: &mut [u8],
    ) -> gdal::errors::Result<()> {
        file.read_into_slice(place, size, size, values, None)?;
        if let Some(nodata) =
            about.nodata.filter(|nodata| (1.0..=255.0).contains(nodata) && nodata.fract() == 0.0)
        {
            values.iter_mut().filter(|value| f64::from(**value) == nodata).for_each(|value| *value = 0);
        }
        Ok(())
    }
}

impl FromFile for i32 {
    fn accepts(band: &Band) -> Result<(), String> {
        whole(band, &["Byte", "Int8", "UInt16", "Int16", "Int32"])
    }

    fn decode(
        file: &RasterBand<'_>,
        about: &Band,
        place: (isize, isize),
        size: (usize, usize),
        values: &mut [i32],
    ) -> gdal::errors::Result<()> {
        file.read_into_slice(place, size, size, values, None)?;
        if let Some(nodata) = about.nodata {
            values
                .iter_mut()
                .filter(|value| f64::from(**value) == nodata)
                .for_each(|value| *value = i32::MIN);
        }
        Ok(())
    }
}

fn whole(band: &Band, types: &[&str]) -> Result<(), String> {
    let stored = band.stored.as_str();
    if types.contains(&stored) && band.scale == 1.0 && band.offset == 0.0 {
        return Ok(());
    }
    Err(format!("{stored} × {} + {} ≠ {}", band.scale, band.offset, types.join(" / ")))
}

fn described(band: &RasterBand<'_>) -> Band {
    Band {
        description: band.description().unwrap_or_default(),
        unit: band.unit(),
        stored: type_name(band.band_type()),
        nodata: band.no_data_value(),
        scale: band.scale().unwrap_or(1.0),
        offset: band.offset().unwrap_or(0.0),
    }
}

fn type_name(stored: GdalDataType) -> String {
    match stored {
        GdalDataType::UInt8 => "Byte".to_owned(),
        other => other.name(),
    }
}

/// The frame of a dataset: its geotransform must be north-up, with square cells.
fn frame_of(dataset: &Dataset, path: &Path) -> Result<Frame, Fault> {
    let (cols, rows) = dataset.raster_size();
    let Ok([west, width, row_turn, north, col_turn, height]) = ask(|| dataset.geo_transform()) else {
        let path = path.display();
        return Err(fault!(
            fr: "{path} ne dit pas où il se trouve sur la carte : ni géoréférencement interne, ni fichier .tfw ou .aux.xml à côté",
            en: "{path} does not say where it lies on the map: no georeferencing inside, and no .tfw or .aux.xml file beside it",
        ));
    };
    let shown = path.display();
    if row_turn.abs() > width.abs() * 1e-9 || col_turn.abs() > height.abs() * 1e-9 {
        return Err(fault!(
            fr: "{shown} est tourné par rapport au nord ; redressez-le d'abord, par exemple avec gdalwarp",
            en: "{shown} is rotated against north; straighten it first, for example with gdalwarp",
        ));
    }
    if width < 0.0 || height > 0.0 {
        return Err(fault!(
            fr: "{shown} est écrit du sud au nord ; remettez-le à l'endroit d'abord, par exemple avec gdalwarp",
            en: "{shown} is stored from south to north; turn it first, for example with gdalwarp",
        ));
    }
    // A side may be off by a hundredth of a cell over the whole raster: text formats round their sizes.
    let drift = (width + height).abs() * cols.max(rows) as f64;
    let sound =
        width > 0.0 && width.is_finite() && west.is_finite() && north.is_finite() && drift < width * 0.01;
    if !sound || cols == 0 || rows == 0 {
        let height = -height;
        return Err(fault!(
            fr: "{shown} : ses cellules ({width} × {height}) ne sont pas carrées ; rééchantillonnez-le d'abord, par exemple avec gdalwarp",
            en: "{shown}: its cells ({width} × {height}) are not square; resample it first, for example with gdalwarp",
        ));
    }
    Ok(Frame { west, north, cell: Metres(width), rows, cols })
}

fn unreadable(path: &Path, cause: &dyn Display) -> Fault {
    let path = path.display();
    fault!(
        fr: "{path} ne peut pas être lu comme raster ({cause}) ; vérifiez que le fichier est complet et d'un format connu de GDAL",
        en: "{path} cannot be read as a raster ({cause}); check that the file is complete and in a format that GDAL knows",
    )
}
