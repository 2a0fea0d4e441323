//! IGN's choice of points over a made-up quarter of a town: a million points on 190 m × 190 m, about as dense
//! as LiDAR HD, with ground, water, woods, roofs and a bridge. `cargo bench -p ilot-kernels --bench production`

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ilot_kernels::points::{Lattice, Points};
use ilot_kernels::production::{ProductionParams, mark};

/// Side of the quarter in centimetres.
const SIDE: u64 = 19_000;

/// Numbers that look random and are always the same.
fn dice() -> impl FnMut(u64) -> i32 {
    let mut state = 7_u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below) as i32
    }
}

/// Squares of 20 m of one kind each; a river along the west, with a bridge over its middle.
fn quarter(count: usize) -> Points {
    let mut dice = dice();
    let lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 66_000_000, y0: 687_000_000 };
    let mut points = Points::empty(lattice);
    for _ in 0..count {
        let (x, y) = (dice(SIDE), dice(SIDE));
        let river = x < 3_000;
        let (z, class) = match (x / 2_000 * 7 + y / 2_000 * 3) % 5 {
            _ if river && (9_000..10_000).contains(&y) && dice(3) > 0 => (900 + dice(10), 17),
            _ if river => (dice(10), 9),
            0 => (600 + dice(30), 6),
            1 if dice(2) == 0 => (300 + dice(900), 5),
            2 if dice(3) == 0 => (50 + dice(100), 4),
            3 if dice(4) == 0 => (dice(50), 3),
            _ => (200 + dice(20), 2),
        };
        points.x.push(x);
        points.y.push(y);
        points.z.push(z);
        points.class.push(class);
    }
    points
}

fn bench(criterion: &mut Criterion) {
    let points = quarter(1_000_000);
    let mut group = criterion.benchmark_group("production");
    group.throughput(Throughput::Elements(points.len() as u64)).measurement_time(Duration::from_secs(10));
    group.sample_size(20);
    group.bench_function("mark", |b| b.iter(|| mark(black_box(&points), &ProductionParams::default())));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
