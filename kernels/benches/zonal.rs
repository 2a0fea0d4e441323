//! Zonal statistics: circles over a raster, and a border with many bends. `cargo bench -p ilot-kernels --bench zonal`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use ilot_kernels::zonal::Zone;
use ilot_kernels::zonal::statistics::Wanted;
use std::hint::black_box;

const FRAME: Frame = Frame { west: 0.0, north: 1000.0, cell: Metres(1.0), rows: 1000, cols: 1000 };

/// A circle with waves on it.
fn wavy(vertices: usize, radius: f64, waves: f64) -> Vec<(f64, f64)> {
    let vertex = |i: usize| {
        let angle = i as f64 / vertices as f64 * std::f64::consts::TAU;
        let reach = radius * (1.0 + 0.1 * (waves * angle).sin());
        (500.0 + reach * angle.cos(), 500.0 + reach * angle.sin())
    };
    (0..vertices).map(vertex).collect()
}

fn zonal(c: &mut Criterion) {
    let grid = Grid::new(FRAME, (0..FRAME.len()).map(|i| (i % 1013) as f32 * 0.01).collect());
    let plain = Wanted::default();
    let all = Wanted { spread: true, ..plain };
    let mut group = c.benchmark_group("zonal");
    for (name, ring, wanted) in [
        ("circle of 65 vertices", wavy(65, 70.0, 0.0), plain),
        ("circle of 65 vertices, percentiles", wavy(65, 70.0, 0.0), all),
        ("border of 20,000 vertices", wavy(20_000, 450.0, 60.0), plain),
    ] {
        let area = Zone::new(&[&ring], &FRAME, wanted).expect("a polygon").area();
        let _ = group.throughput(Throughput::Elements(area as u64));
        let _ = group.bench_function(name, |b| {
            b.iter(|| {
                let mut zone = Zone::new(&[black_box(&ring)], &FRAME, wanted).expect("a polygon");
                zone.gather(&grid, (0, 0));
                zone.finish(&[50.0]);
                zone.statistics().clone()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, zonal);
criterion_main!(benches);
