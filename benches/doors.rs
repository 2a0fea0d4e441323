//! The doors at work: decoding a cloud, encoding a raster. `cargo bench --bench doors`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ilot::formats::crs::Crs;
use ilot::formats::points::{Batch, Cloud, Layers, Scratch};
use ilot::formats::raster::cog::encode_cog;
use ilot::formats::raster::{Overview, RasterMeta};
use ilot::sample::{SampleOptions, make};
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::Grid;
use ilot_kernels::unit::Metres;
use std::hint::black_box;

fn decode(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = SampleOptions { size: (200.0, 200.0), density: 10.0, seed: 1 };
    let made = make(folder.path(), &options).expect("the town is made");
    let path =
        std::fs::read_dir(folder.path().join("lidar")).expect("clouds").next().expect("one").expect("listed");
    let cloud = Cloud::open(&path.path()).expect("the cloud opens");
    let mut group = c.benchmark_group("decode x, y, z, class, returns, flags");
    let _ = group.throughput(Throughput::Elements(made.points));
    let _ = group.bench_function("layered", |b| {
        let (mut scratch, mut batch) = (Scratch::default(), Batch::default());
        b.iter(|| {
            for chunk in cloud.chunks() {
                cloud.decode(chunk, Layers::SURFACE, &mut scratch, &mut batch).expect("a sound chunk");
                let _ = black_box(&batch);
            }
        });
    });
    group.finish();
}

fn encode(c: &mut Criterion) {
    let frame = Frame { west: 0.0, north: 1000.0, cell: Metres(0.5), rows: 2000, cols: 2000 };
    let height = |i: usize| {
        let (row, col) = ((i / 2000) as f32, (i % 2000) as f32);
        100.0 + (row / 90.0).sin() * 8.0 + (col / 70.0).cos() * 5.0 + (row * col / 50.0).sin() * 0.02
    };
    let grid = Grid::new(frame, (0..frame.len()).map(height).collect());
    let crs = Crs::from_epsg(2154, Some(5720)).expect("Lambert-93");
    let meta = RasterMeta {
        title: "heights".to_owned(),
        unit: "m".to_owned(),
        bands: vec!["heights".to_owned()],
        tags: Vec::new(),
        crs: &crs,
        quantum: Some(1.0 / 1024.0),
        overview: Overview::Average,
    };
    let _ = c.bench_function("encode 2000 × 2000 heights as COG", |b| {
        b.iter(|| encode_cog(black_box(&[&grid]), &meta).expect("it is encoded"));
    });
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = decode, encode }
criterion_main!(benches);
