//! The kernels of cells: binning a batch, filling voids, slope and shade. `cargo bench -p ilot-kernels --bench cells`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ilot_kernels::bin::{Binning, raise};
use ilot_kernels::fill::small_voids;
use ilot_kernels::focal::{Light, hillshade, slope};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::points::Lattice;
use ilot_kernels::unit::{Degrees, Metres};
use std::hint::black_box;

const FRAME: Frame = Frame { west: 0.0, north: 500.0, cell: Metres(0.5), rows: 1000, cols: 1000 };

/// Heights of a hilly ground, one cell in twenty missing.
fn terrain() -> Grid<f32> {
    let height = |i: usize| {
        let (row, col) = ((i / 1000) as f32, (i % 1000) as f32);
        if i % 19 == 3 { f32::NAN } else { (row / 40.0).sin() * 6.0 + (col / 55.0).cos() * 9.0 }
    };
    Grid::new(FRAME, (0..FRAME.len()).map(height).collect())
}

fn binning(c: &mut Criterion) {
    let lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 0, y0: 0 };
    let scan = |i: i32| ((i * 37) % 50_000, 20_000 + (i / 1400) * 25 + (i % 7));
    let (x, y): (Vec<i32>, Vec<i32>) = (0..50_000).map(scan).unzip();
    let (z, class) = (vec![4200; x.len()], vec![2_u8; x.len()]);
    let binning = Binning::new(&FRAME, &lattice);
    let mut highest = Grid::filled(FRAME, i32::MISSING);
    let mut cells = Vec::new();
    let mut group = c.benchmark_group("bin");
    let _ = group.throughput(Throughput::Elements(x.len() as u64));
    let _ = group.bench_function("locate and raise a batch", |b| {
        b.iter(|| {
            binning.locate(&x, &y, &mut cells);
            raise(highest.cells_mut(), &cells, &z, &class, &[true; 256]);
        });
    });
    group.finish();
}

fn focal(c: &mut Criterion) {
    let terrain = terrain();
    let filled = small_voids(&terrain, Metres(2.0));
    let mut group = c.benchmark_group("cells");
    let _ = group.throughput(Throughput::Elements(FRAME.len() as u64));
    let _ = group.bench_function("small voids", |b| b.iter(|| small_voids(black_box(&terrain), Metres(2.0))));
    let _ = group.bench_function("slope", |b| b.iter(|| slope(black_box(&filled))));
    let _ = group.bench_function("hillshade", |b| b.iter(|| hillshade(black_box(&filled), Light::default())));
    let around = Light::Around(Degrees(45.0));
    let _ =
        group.bench_function("hillshade, four lights", |b| b.iter(|| hillshade(black_box(&filled), around)));
    group.finish();
}

criterion_group!(benches, binning, focal);
criterion_main!(benches);
