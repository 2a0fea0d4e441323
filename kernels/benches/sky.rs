//! Sky view against reach, and shade: one thread, a town of blocks. `cargo bench -p ilot-kernels --bench sky`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::shade::{ShadeParams, Sun, shade};
use ilot_kernels::sky::{SkyParams, sky_view};
use ilot_kernels::unit::{Degrees, Metres};
use std::hint::black_box;

const SIDE: usize = 1024;
const FRAME: Frame = Frame { west: 0.0, north: 0.0, cell: Metres(1.0), rows: SIDE, cols: SIDE };

/// Blocks of 4 to 26 m between streets of 10 to 20 m, trees in some, on a gentle slope.
fn town() -> Grid<f32> {
    let height = |i: usize| {
        let (row, col) = (i / SIDE, i % SIDE);
        let dice = ((row / 58) * 7919 + (col / 41) * 104_729) % 23;
        let inside = row % 58 > 17 && col % 41 > 11;
        let tree = if (row * 31 + col * 17) % 89 == 0 { 8.0 } else { 0.0 };
        row as f32 * 0.01 + if inside { 4.0 + dice as f32 } else { tree }
    };
    Grid::new(FRAME, (0..FRAME.len()).map(height).collect())
}

/// On one thread, so that the time is that of the processor.
fn alone() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started")
}

fn sky(c: &mut Criterion) {
    let (town, pool) = (town(), alone());
    let mut group = c.benchmark_group("sky view, 32 directions");
    let _ = group.sample_size(10).throughput(Throughput::Elements(FRAME.len() as u64));
    for reach in [50.0, 100.0, 200.0, 400.0] {
        let params = SkyParams::new(32, Metres(reach)).expect("the reach is a length");
        let _ = group.bench_function(BenchmarkId::from_parameter(reach), |b| {
            b.iter(|| pool.install(|| sky_view(black_box(&town), &FRAME, &params)));
        });
    }
    group.finish();
}

fn sun(c: &mut Criterion) {
    let (town, pool) = (town(), alone());
    let mut group = c.benchmark_group("shade");
    let _ = group.sample_size(10).throughput(Throughput::Elements(FRAME.len() as u64));
    for (azimuth, altitude) in [(180.0, 60.0), (117.0, 30.0), (285.0, 5.0)] {
        let sun = Sun { azimuth: Degrees(azimuth), altitude: Degrees(altitude) };
        let _ = group.bench_function(BenchmarkId::from_parameter(altitude), |b| {
            b.iter(|| pool.install(|| shade(black_box(&town), &FRAME, &sun, &ShadeParams::default())));
        });
    }
    group.finish();
}

criterion_group!(benches, sky, sun);
criterion_main!(benches);
