//! The terrain kernels on a made cloud of the density of LiDAR HD ground: 3 million points on 550 m, with voids
//! under buildings and a lake. `cargo bench -p ilot-kernels --bench tin`.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ilot_kernels::buckets::{Buckets, Duplicate};
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::{Frame, Gridding, Registration};
use ilot_kernels::nearest::distance;
use ilot_kernels::points::{Lattice, Points};
use ilot_kernels::tin::{TinParams, interpolate};
use ilot_kernels::unit::Metres;

const SIDE: i32 = 55_000;

/// Points at random, by a linear congruential generator, without those in buildings and in the lake.
fn ground() -> Points {
    let mut points =
        Points::empty(Lattice { per_metre: 100, per_metre_up: 100, x0: 77_000_000, y0: 627_700_000 });
    let mut state = 1u64;
    let mut next = |bound: i32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % bound as u64) as i32
    };
    while points.len() < 3_000_000 {
        let (x, y) = (next(SIDE), next(SIDE));
        let building = x % 4000 < 1200 && y % 3000 < 1500;
        let lake = f64::from(x - 40_000).hypot(f64::from(y - 15_000)) < 6000.0;
        if !building && !lake {
            points.x.push(x);
            points.y.push(y);
            points.z.push(x / 10 + next(12));
        }
    }
    points
}

fn frame() -> Frame {
    let extent = Extent { west: 770_000.0, south: 6_277_000.0, east: 770_550.0, north: 6_277_550.0 };
    Gridding { cell: Metres(0.5), registration: Registration::Node }.frame(&extent)
}

fn terrain(criterion: &mut Criterion) {
    let (points, frame) = (ground(), frame());
    let index = Buckets::new(points.clone(), Duplicate::Lowest);
    let mut group = criterion.benchmark_group("terrain");
    group.sample_size(10);
    group.bench_function("index 3 M points", |bencher| {
        let index = |points| Buckets::new(points, Duplicate::Lowest);
        bencher.iter_batched(|| points.clone(), index, BatchSize::LargeInput);
    });
    group.bench_function("tin 1.2 M cells", |bencher| {
        bencher.iter(|| interpolate(&index, &frame, &TinParams::default()));
    });
    group.bench_function("distance 1.2 M cells", |bencher| {
        bencher.iter(|| distance(&index, &frame, Metres(100.0)));
    });
    group.finish();
}

criterion_group!(benches, terrain);
criterion_main!(benches);
