//! Clouds of the shared data, read whole through the door.

use std::path::PathBuf;

use ilot::formats::points::{Batch, Cloud, Layers, Scratch};
use ilot_kernels::points::{Lattice, Points};

/// A file of the shared data; `None`, and a word about it, where the data are not at hand.
pub fn shared(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("ILOT_DATA") else {
        eprintln!("skipped: ILOT_DATA is not set");
        return None;
    };
    Some(PathBuf::from(folder).join(name))
}

/// All points of a file in centimetres, with what else of each the closure picks.
pub fn read<T>(
    name: &str,
    layers: Layers,
    mut pick: impl FnMut(&Cloud, &Batch, &mut Vec<T>),
) -> Option<(Points, Vec<T>)> {
    let cloud = Cloud::open(&shared(name)?).expect("the shared file opens");
    let header = cloud.header();
    assert!(header.scale.iter().all(|scale| (scale - 0.01).abs() < 1e-12), "{name} is in centimetres");
    let lattice = Lattice {
        per_metre: 100,
        per_metre_up: 100,
        x0: (header.offset[0] * 100.0).round() as i64,
        y0: (header.offset[1] * 100.0).round() as i64,
    };
    let (mut points, mut picked) = (Points::empty(lattice), Vec::new());
    let (mut scratch, mut batch) = (Scratch::default(), Batch::default());
    let lift = (header.offset[2] * 100.0).round() as i32;
    for chunk in cloud.chunks() {
        cloud.decode(chunk, layers | Layers::CLASS, &mut scratch, &mut batch).expect("the chunk decodes");
        points.x.extend_from_slice(&batch.x);
        points.y.extend_from_slice(&batch.y);
        points.z.extend(batch.z.iter().map(|z| z + lift));
        points.class.extend_from_slice(&batch.class);
        pick(&cloud, &batch, &mut picked);
    }
    Some((points, picked))
}
