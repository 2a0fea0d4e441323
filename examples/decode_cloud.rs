//! Decodes the same layers as `decode_baseline` through the points door, with all its checks.
//!
//! `decode_cloud FILE` prints the number of points decoded, then what the audit says. Limit the threads with
//! `RAYON_NUM_THREADS`.

use std::error::Error;
use std::path::Path;

use ilot::formats::points::{Audit, Batch, Cloud, Layers, Scratch};
use rayon::prelude::*;

fn main() {
    if let Err(fault) = decode() {
        eprintln!("{fault}");
        std::process::exit(2);
    }
}

fn decode() -> Result<(), Box<dyn Error + Send + Sync>> {
    let path = std::env::args().nth(1).ok_or("usage: decode_cloud FILE")?;
    let cloud = Cloud::open(Path::new(&path))?;
    let decode = |(scratch, batch): &mut (Scratch, Batch), chunk| {
        cloud.decode(chunk, Layers::CLASS | Layers::RETURNS, scratch, batch)?;
        let mut audit = Audit::default();
        audit.add(batch);
        Ok::<Audit, ilot::text::Fault>(audit)
    };
    let audits = cloud.chunks().par_iter().map_init(Default::default, decode);
    let merge = |mut sum: Audit, other: Audit| {
        sum.merge(&other);
        Ok(sum)
    };
    let audit = audits.try_reduce(Audit::default, merge)?;
    println!("{}", audit.count);
    cloud.audit(&audit).iter().for_each(|warning| println!("{}", warning.en));
    Ok(())
}
