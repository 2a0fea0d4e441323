//! Any bytes as a point cloud: opened, and all layers of all chunks decoded. Must not panic, hang or take
//! memory out of proportion.
#![no_main]

use ilot::formats::points::{Audit, Batch, Cloud, Layers, Scratch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(cloud) = Cloud::from_bytes("fuzz", bytes.to_vec()) else { return };
    let (mut scratch, mut batch, mut audit) = (Scratch::default(), Batch::default(), Audit::default());
    for chunk in cloud.chunks() {
        if cloud.decode(chunk, Layers::ALL, &mut scratch, &mut batch).is_ok() {
            audit.add(&batch);
            for dimension in &cloud.header().extra {
                let _ = batch.extra(dimension);
            }
        }
    }
    let _ = cloud.audit(&audit);
});
