//! Running the binary, making clouds, reading rasters back.

use ilot::formats::points::{Batch, Cloud, Columns, Layers, Scratch, Writing, write};
use ilot::formats::raster::read::Raster;
use ilot::sample::{self, SampleOptions};
use ilot_kernels::grid::Grid;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// The binary, speaking English.
pub fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ilot"));
    command.args(words).env("LC_ALL", "C.UTF-8").env_remove("LANG");
    command
}

/// Runs the binary.
pub fn ilot(words: &[&str]) -> Ran {
    let output = command(words).output().expect("the binary runs");
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// `ilot surface` on these clouds.
pub fn surface(clouds: &[PathBuf], out: &Path, more: &[&str]) -> Ran {
    let mut words = vec!["surface"];
    words.extend(clouds.iter().map(|path| text(path)));
    words.extend(["--out", text(out)]);
    words.extend(more);
    ilot(&words)
}

/// A path as a word of the command line.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

/// The small sample town, made once for all tests.
pub fn town() -> &'static Path {
    static TOWN: OnceLock<TempDir> = OnceLock::new();
    TOWN.get_or_init(|| {
        let folder = TempDir::new().expect("a folder for the town");
        let options = SampleOptions { size: (160.0, 160.0), density: 6.0, seed: 1 };
        let _ = sample::make(folder.path(), &options).expect("the town is made");
        folder
    })
    .path()
}

/// The town's only cloud.
pub fn town_cloud() -> PathBuf {
    let mut clouds = std::fs::read_dir(town().join("lidar")).expect("the town has clouds");
    clouds.next().expect("the town has a cloud").expect("it can be listed").path()
}

/// All points of a cloud.
pub fn points_of(path: &Path) -> (Cloud, Batch) {
    let cloud = Cloud::open(path).expect("the cloud opens");
    let mut all = Batch::default();
    let mut batch = Batch::default();
    let mut scratch = Scratch::default();
    for chunk in cloud.chunks() {
        let layers = Layers::SURFACE | Layers::INTENSITY;
        cloud.decode(chunk, layers, &mut scratch, &mut batch).expect("the chunk is sound");
        all.x.extend(&batch.x);
        all.y.extend(&batch.y);
        all.z.extend(&batch.z);
        all.class.extend(&batch.class);
        all.intensity.extend(&batch.intensity);
        all.return_number.extend(&batch.return_number);
        all.number_of_returns.extend(&batch.number_of_returns);
    }
    (cloud, all)
}

/// Writes the points of `batch` that `keep(x, y)` wants, metres, with the CRS and the lattice of `cloud`.
pub fn write_part(path: &Path, cloud: &Cloud, batch: &Batch, keep: impl Fn(f64, f64) -> bool) {
    let header = cloud.header();
    let metres = |raw: i32, axis: usize| f64::from(raw) * header.scale[axis] + header.offset[axis];
    let kept: Vec<usize> =
        (0..batch.x.len()).filter(|&i| keep(metres(batch.x[i], 0), metres(batch.y[i], 1))).collect();
    fn pick<T: Copy>(column: &[T], kept: &[usize]) -> Vec<T> {
        kept.iter().map(|&i| column[i]).collect()
    }
    let (x, y, z) = (pick(&batch.x, &kept), pick(&batch.y, &kept), pick(&batch.z, &kept));
    let class = pick(&batch.class, &kept);
    let intensity = if batch.intensity.is_empty() { Vec::new() } else { pick(&batch.intensity, &kept) };
    let (number, of) = (pick(&batch.return_number, &kept), pick(&batch.number_of_returns, &kept));
    let columns = Columns {
        x: &x,
        y: &y,
        z: &z,
        class: &class,
        intensity: &intensity,
        return_number: &number,
        number_of_returns: &of,
        ..Columns::default()
    };
    let wkt = header.crs.wkt.as_deref().unwrap_or("");
    let writing = Writing { scale: header.scale, offset: header.offset, wkt, ..Writing::default() };
    write(path, &columns, &writing).expect("the part is written");
}

/// A band of a raster, missing values as NaN.
pub fn band(path: &Path, band: usize) -> Grid<f32> {
    let raster = Raster::open(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    raster.read(band).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The real data, where `ILOT_DATA` says; a test without them says so.
pub fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("ILOT_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: ILOT_DATA is not set");
    }
    folder
}

/// How two rasters differ where both have a value: shares, and how many only one has.
#[derive(Debug)]
pub struct Difference {
    /// Cells that both have.
    pub both: usize,
    /// Cells that only the first has.
    pub only_mine: usize,
    /// Cells that only the second has.
    pub only_theirs: usize,
    /// Share of the common cells within the tolerance.
    pub share: f64,
    /// Root of the mean square.
    pub rmse: f64,
    /// Largest.
    pub max: f64,
}

/// Compares `mine` with `theirs` on the cells of `theirs`.
pub fn compare(mine: &Grid<f32>, theirs: &Grid<f32>, within: f64) -> Difference {
    let (mut both, mut only_mine, mut only_theirs, mut close, mut squares, mut max) =
        (0, 0, 0, 0, 0.0, 0.0_f64);
    let frame = theirs.frame();
    for row in 0..frame.rows {
        for col in 0..frame.cols {
            let place = mine.frame().locate(frame.x(col), frame.y(row));
            let own = place.map_or(f32::NAN, |(row, col)| mine.at(row, col));
            let other = theirs.at(row, col);
            match (own.is_nan(), other.is_nan()) {
                (false, false) => {
                    let difference = (f64::from(own) - f64::from(other)).abs();
                    both += 1;
                    close += usize::from(difference <= within);
                    squares += difference * difference;
                    max = max.max(difference);
                }
                (false, true) => only_mine += 1,
                (true, false) => only_theirs += 1,
                (true, true) => {}
            }
        }
    }
    let count = f64::from(u32::try_from(both.max(1)).expect("test rasters are small"));
    let share = f64::from(u32::try_from(close).expect("test rasters are small")) / count;
    Difference { both, only_mine, only_theirs, share, rmse: (squares / count).sqrt(), max }
}
