//! The points that carry the models, against the marks that IGN's own program made (0.5.x with PDAL 2.7.2).

use ilot::formats::points::Layers;
use ilot_kernels::points::Points;
use ilot_kernels::production::{Cells, Markers, ProductionParams, mark};

use crate::clouds::read;

/// A crop and IGN's marks of its points, in one order: by position, then by GPS time.
fn crop(name: &str) -> Option<(Points, Markers)> {
    let input = format!("lidar/crops_dxm/{name}.laz");
    let (points, times) =
        read(&input, Layers::GPS_TIME, |_, batch, times| times.extend_from_slice(&batch.gps_time))?;
    let marked = format!("reference/crops_dxm/{name}_marked.laz");
    let (reference, marks) = read(&marked, Layers::GPS_TIME | Layers::EXTRA, |cloud, batch, marks| {
        let of = |name: &str| batch.extra(cloud.extra_dimension(name).expect("the file has the marks"));
        let (dtm, dsm) = (of("dtm_marker"), of("dsm_marker"));
        let all = batch.gps_time.iter().zip(dtm.iter().zip(&dsm));
        marks.extend(all.map(|(time, (dtm, dsm))| (*time, *dtm > 0.0, *dsm > 0.0)));
    })?;
    let order = by_place(&reference, &marks.iter().map(|mark| mark.0).collect::<Vec<_>>());
    let mut markers = Markers { dtm: vec![false; points.len()], dsm: vec![false; points.len()] };
    for (here, there) in by_place(&points, &times).into_iter().zip(order) {
        let place = |points: &Points, i: usize| (points.x[i], points.y[i], points.z[i]);
        assert_eq!(place(&points, here), place(&reference, there), "both files hold the same points");
        (markers.dtm[here], markers.dsm[here]) = (marks[there].1, marks[there].2);
    }
    Some((points, markers))
}

fn by_place(points: &Points, times: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by_key(|&i| (points.x[i], points.y[i], points.z[i], times[i].to_bits()));
    order
}

/// Share of our marks that IGN has too, and of IGN's that we have.
fn precision_and_recall(ours: &[bool], theirs: &[bool]) -> (f64, f64) {
    let count = |marks: &[bool]| marks.iter().filter(|mark| **mark).count() as f64;
    let both = ours.iter().zip(theirs).filter(|(ours, theirs)| **ours && **theirs).count() as f64;
    (both / count(ours), both / count(theirs))
}

fn assert_agreement(what: &str, ours: &[bool], theirs: &[bool], least: f64) {
    let (precision, recall) = precision_and_recall(ours, theirs);
    println!("{what}: precision {precision:.4}, recall {recall:.4}");
    assert!(precision >= least && recall >= least, "{what}: precision {precision}, recall {recall}");
}

/// With IGN's cells and IGN's choice among equal heights. What is left: IGN's program changes the order of
/// the points on its way, hence some of those choices, and compares distances in binary fractions of metres.
#[test]
fn a_bridge_over_a_river_is_marked_as_by_ign() {
    let Some((points, theirs)) = crop("pont") else { return };
    let params = ProductionParams { cells: Cells::OfTheCloud, ..ProductionParams::default() };
    let ours = mark(&points, &params);
    assert_agreement("pont dtm", &ours.dtm, &theirs.dtm, 0.998);
    assert_agreement("pont dsm", &ours.dsm, &theirs.dsm, 0.998);
}

/// IGN's marks of this file were made upon marks of an earlier run, which changes some of the surface; IGN's
/// own test leaves the file out for that.
#[test]
fn a_wooded_bank_is_marked_as_by_ign() {
    let Some((points, theirs)) = crop("crop_2") else { return };
    let params = ProductionParams { cells: Cells::OfTheCloud, ..ProductionParams::default() };
    let ours = mark(&points, &params);
    assert_agreement("crop_2 dtm", &ours.dtm, &theirs.dtm, 0.999);
    assert_agreement("crop_2 dsm", &ours.dsm, &theirs.dsm, 0.99);
}

/// Cells of the map lie elsewhere than IGN's, which start at the corner of each selection: other points are
/// then the highest of their cells, but as many, on the same surfaces.
#[test]
fn cells_of_the_map_keep_as_many_points_of_each_class() {
    for name in ["pont", "crop_2"] {
        let Some((points, theirs)) = crop(name) else { return };
        let ours = mark(&points, &ProductionParams::default());
        for (what, ours, theirs) in [("dtm", &ours.dtm, &theirs.dtm), ("dsm", &ours.dsm, &theirs.dsm)] {
            for class in [2, 5, 9, 17, 66] {
                let count = |marks: &[bool]| {
                    marks.iter().zip(&points.class).filter(|(mark, of)| **mark && **of == class).count()
                };
                let (ours, theirs) = (count(ours), count(theirs));
                let close = ours.abs_diff(theirs) as f64 <= 0.03 * theirs as f64 + 5.0;
                assert!(close, "{name} {what}: {ours} points of class {class}, IGN has {theirs}");
            }
        }
    }
}

/// A part read with the halo, and no more, is marked as in the whole.
#[test]
fn tiles_of_a_real_cloud_are_marked_as_the_whole() {
    let Some((points, _)) = crop("pont") else { return };
    let params = ProductionParams::default();
    let whole = mark(&points, &params);
    let ring = (params.halo().0 * 100.0).ceil() as i32;
    let (west, south) = (72_684_000, 676_429_000);
    let within = |i: usize, ring: i32| {
        (west - ring..west + 4_000 + ring).contains(&points.x[i])
            && (south - ring..south + 6_000 + ring).contains(&points.y[i])
    };
    let read: Vec<usize> = (0..points.len()).filter(|&i| within(i, ring)).collect();
    let mut tile = Points::empty(points.lattice);
    for &i in &read {
        tile.x.push(points.x[i]);
        tile.y.push(points.y[i]);
        tile.z.push(points.z[i]);
        tile.class.push(points.class[i]);
    }
    let alone = mark(&tile, &params);
    let core: Vec<(usize, usize)> = read.into_iter().enumerate().filter(|(_, i)| within(*i, 0)).collect();
    assert!(core.len() > 20_000, "{} points in the core", core.len());
    for (there, here) in core {
        assert_eq!((alone.dtm[there], alone.dsm[there]), (whole.dtm[here], whole.dsm[here]), "point {here}");
    }
}
