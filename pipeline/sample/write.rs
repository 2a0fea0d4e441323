//! The folder of a sample: every file goes through here and appears whole or not at all.
//!
//! Grids, layers, texts and clouds go in, files come out. Which product goes where is said by the callers.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use ilot_kernels::grid::Grid;

use crate::fault;
use crate::formats::aside::Aside;
use crate::formats::crs::Crs;
use crate::formats::raster::cog::{Encoded, encode_cog};
use crate::formats::raster::{Overview, RasterMeta};
use crate::formats::vector::{Layer, encode_gpkg};
use crate::text::Fault;

/// What a raster shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// One sentence, in French and English.
    pub title: &'a str,
    /// Unit of the values; empty for classes.
    pub unit: &'a str,
    /// One name per band.
    pub bands: &'a [&'a str],
    /// Values are rounded to multiples of this.
    pub quantum: Option<f64>,
    /// How smaller versions are made.
    pub overview: Overview,
}

/// The folder of a sample.
pub struct Folder {
    root: PathBuf,
    /// Lambert-93.
    pub flat: Crs,
    /// Lambert-93 with heights NGF-IGN69.
    pub solid: Crs,
    /// Bytes written so far.
    pub bytes: u64,
}

impl Folder {
    /// The folder of a sample, made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be made, or PROJ does not know Lambert-93.
    pub fn at(root: &Path) -> Result<Folder, Fault> {
        let flat = Crs::from_epsg(2154, None)?;
        let solid = Crs::from_epsg(2154, Some(5720))?;
        let folder = Folder { root: root.to_owned(), flat, solid, bytes: 0 };
        for part in ["", "lidar", "ortho", "vectors", "truth"] {
            folder.make(part)?;
        }
        Ok(folder)
    }

    fn make(&self, part: &str) -> Result<(), Fault> {
        let path = self.root.join(part);
        fs::create_dir_all(&path).map_err(|error| {
            let path = path.display();
            fault!(
                fr: "{path} : le dossier n'a pas pu être créé ({error}) ; choisissez un autre dossier.",
                en: "{path}: the folder could not be made ({error}); choose another folder."
            )
        })
    }

    /// The path of a file by its name within the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// Where the folder is read-only or full.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let aside = Aside::create(&self.path(name))?;
        aside.open()?.write_all(bytes).map_err(|error| aside.fault(&error))?;
        aside.commit()?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Writes bands of one frame as a Cloud Optimized GeoTIFF.
    ///
    /// # Errors
    /// As [`Folder::bytes`], or where GDAL refuses.
    pub fn raster<T: Encoded>(
        &mut self,
        name: &str,
        bands: &[&Grid<T>],
        shown: &Shown<'_>,
    ) -> Result<(), Fault> {
        let meta = RasterMeta {
            title: shown.title.to_string(),
            unit: shown.unit.to_string(),
            bands: shown.bands.iter().map(|band| band.to_string()).collect(),
            tags: vec![("ilot_sample".to_string(), "synthetic".to_string())],
            crs: if shown.unit == "m" { &self.solid } else { &self.flat },
            quantum: shown.quantum,
            overview: shown.overview,
        };
        let encoded = encode_cog(bands, &meta)?;
        self.bytes(name, &encoded)
    }

    /// Writes one layer as a GeoPackage; the layer bears the file's name.
    ///
    /// # Errors
    /// As [`Folder::raster`].
    pub fn layer(&mut self, name: &str, layer: &Layer) -> Result<(), Fault> {
        let path = Path::new(name);
        let title = path.file_stem().unwrap_or_default().to_string_lossy();
        let encoded = encode_gpkg(&[(title.as_ref(), layer)])?;
        self.bytes(name, &encoded)
    }
}
