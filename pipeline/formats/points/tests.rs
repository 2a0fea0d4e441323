//! The door for points against answers known exactly or made by the `las` and `laz` crates, and against
//! damage.

use std::path::{Path, PathBuf};

use super::*;

/// The shared data, where it is.
fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ILOT_DATA");
    if root.is_none() {
        println!("skipped: ILOT_DATA is not set");
    }
    root.map(|root| Path::new(&root).join(part))
}

/// All points of a cloud, in one batch.
fn all(cloud: &Cloud, layers: Layers) -> Result<Batch, Fault> {
    let (mut whole, mut scratch, mut batch) = (Batch::default(), Scratch::default(), Batch::default());
    for chunk in cloud.chunks() {
        cloud.decode(chunk, layers, &mut scratch, &mut batch)?;
        // A batch without flags stands for zeros.
        if layers.has(Layers::FLAGS) {
            batch.flags.resize(batch.len(), 0);
        }
        append(&mut whole, &batch);
    }
    whole.summarise();
    Ok(whole)
}

fn append(whole: &mut Batch, part: &Batch) {
    whole.x.extend(&part.x);
    whole.y.extend(&part.y);
    whole.z.extend(&part.z);
    whole.class.extend(&part.class);
    whole.return_number.extend(&part.return_number);
    whole.number_of_returns.extend(&part.number_of_returns);
    whole.flags.extend(&part.flags);
    whole.intensity.extend(&part.intensity);
    whole.scan_angle.extend(&part.scan_angle);
    whole.gps_time.extend(&part.gps_time);
    whole.colour.extend(&part.colour);
    whole.near_infrared.extend(&part.near_infrared);
    whole.point_source.extend(&part.point_source);
    whole.user_data.extend(&part.user_data);
    whole.extra_bytes.extend(&part.extra_bytes);
    whole.extra_width = part.extra_width;
    whole.odd_returns += part.odd_returns;
    for (sum, number) in whole.by_return.iter_mut().zip(part.by_return) {
        *sum += number;
    }
}

/// The same points as the `las` crate decodes them.
fn elder(path: &Path, layers: Layers) -> Batch {
    let rows = las::Reader::from_path(path).unwrap().read_all().unwrap();
    let layout = Layout::of(Cloud::open(path).unwrap().header());
    let mut batch = Batch::default();
    batch.reset(rows.len(), layers);
    rows::plain(&layout, rows.raw_bytes(), layers, &mut batch).unwrap();
    batch.summarise();
    batch
}

/// All sound clouds of the shared data.
fn sound() -> Vec<PathBuf> {
    let Some(root) = shared("") else { return Vec::new() };
    let mut found = Vec::new();
    for folder in ["lidar", "reference"] {
        for group in std::fs::read_dir(root.join(folder)).unwrap() {
            for file in std::fs::read_dir(group.unwrap().path()).into_iter().flatten() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if (name.ends_with(".laz") || name.ends_with(".las")) && !name.ends_with("_nok.laz") {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_layer_of_real_clouds_equals_the_las_crate() {
    for path in sound() {
        let cloud = Cloud::open(&path).unwrap();
        assert_eq!(all(&cloud, Layers::ALL).unwrap(), elder(&path, Layers::ALL), "{}", path.display());
    }
}

#[test]
fn a_choice_of_layers_gives_the_same_values_and_no_more() {
    for path in sound() {
        let cloud = Cloud::open(&path).unwrap();
        assert_eq!(
            all(&cloud, Layers::SURFACE).unwrap(),
            elder(&path, Layers::SURFACE),
            "{}",
            path.display()
        );
    }
}
