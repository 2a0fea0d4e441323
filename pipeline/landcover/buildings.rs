//! Buildings: outlines and roofs from the points of roofs, compared with footprints where some are given.
//!
//! A tile draws the buildings that lie wholly in it; of those that go on in a neighbour it keeps the points, and they are
//! drawn when the run is closed, from all tiles (`kernels/footprint`). Where the neighbour is missing, because it failed or
//! was not wanted, the building is drawn as far as it is known and said to be cut.

use super::{footprints, identity};
use crate::fault;
use crate::formats::parts::{Part, Reader, Writer};
use crate::formats::vector::{Feature, Value};
use crate::product::{BUILDINGS, DTM, Passing, Vector, Ware};
use crate::project::Settings;
use crate::stage::{Closing, Counts, Halo, Patch, Signature, Stage};
use crate::text;
use crate::text::Fault;
use geo::{Geometry, LineString, Polygon};
use ilot_kernels::extent::Extent;
use ilot_kernels::footprint::{self, Building, FootprintParams, Ground, Piece};
use ilot_kernels::points::{Lattice, Points};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;

static SIGNATURE: Signature = Signature {
    name: "buildings",
    reads: &[Ware::Passing(Passing::RoofPoints), Ware::Passing(Passing::Counts), Ware::Kept(&DTM.spec)],
    makes: &[Ware::Layer(&BUILDINGS)],
};

/// The group of [`crate::cloud::classes::GROUPS`] that roofs are counted in.
const BUILDING: usize = 2;

/// Outlines and roofs of buildings.
pub struct Buildings {
    /// What counts as a building.
    params: FootprintParams,
    /// Footprints to compare with.
    footprints: Option<PathBuf>,
}

impl Buildings {
    /// As the settings say.
    pub fn new(settings: &Settings) -> Buildings {
        Buildings { params: FootprintParams::default(), footprints: settings.footprints.clone() }
    }

    fn features(&self, pieces: &[&Piece], data: &Extent, cut: bool) -> Vec<Feature> {
        let drawn = footprint::buildings(pieces, data, &self.params);
        drawn.iter().map(|building| feature(building, cut)).collect()
    }
}

impl Stage for Buildings {
    fn signature(&self) -> &'static Signature {
        &SIGNATURE
    }

    fn halo(&self) -> Halo {
        // A cell more than it looks: cells of the terrain lie half a cell off those of the roofs.
        Halo(footprint::REACH + footprint::GRIDDING.cell)
    }

    fn run(&self, patch: &mut Patch<'_>) -> Result<(), Fault> {
        let points: Points = patch.passing(Passing::RoofPoints)?;
        let place = patch.place();
        if points.is_empty() {
            patch.remark(text!(
                fr: "aucun point de bâtiment (classe 6) : aucun bâtiment ne peut être trouvé ; classez d'abord le nuage s'il y en a (ilot classify)",
                en: "no point of a building (class 6): no building can be found; classify the cloud first if there are any (ilot classify)",
            ));
        }
        let core = footprint::cells_of(&place.square, &place.data);
        let counts: &Counts = patch.look(Passing::Counts)?;
        let seen = |x: f64, y: f64| {
            counts.frame.locate(x, y).is_some_and(|(row, col)| {
                let cell = row * counts.frame.cols + col;
                let groups = &counts.cells[cell * counts.groups..(cell + 1) * counts.groups];
                groups.iter().enumerate().any(|(group, &count)| group != BUILDING && count > 0)
            })
        };
        let pieces = footprint::pieces(&points, seen, patch.raster(&DTM)?, &core);
        let (whole, open): (Vec<Piece>, Vec<Piece>) =
            pieces.into_iter().partition(|piece| piece.links.is_empty());
        let drawn: Vec<Vec<Feature>> =
            whole.par_iter().map(|piece| self.features(&[piece], &place.data, false)).collect();
        let part = Part { features: drawn.concat(), open: open.iter().map(written).collect() };
        patch.keep(&BUILDINGS, part)
    }

    fn close(
        &self,
        _: &'static Vector,
        parts: Vec<Part>,
        closing: &mut Closing<'_>,
    ) -> Result<Vec<Feature>, Fault> {
        let mut features = Vec::new();
        let mut pieces = Vec::new();
        for part in parts {
            features.extend(part.features);
            for bytes in &part.open {
                pieces.push(read(bytes, closing.lattice).ok_or_else(damaged)?);
            }
        }
        let own: BTreeSet<(i32, i32)> =
            pieces.iter().flat_map(|piece| piece.links.iter().map(|link| link.0)).collect();
        let groups = footprint::joined(&pieces);
        let drawn: Vec<Vec<Feature>> = groups
            .par_iter()
            .map(|group| {
                let parts: Vec<&Piece> = group.iter().map(|&index| &pieces[index]).collect();
                let cut = parts.iter().flat_map(|piece| &piece.links).any(|(_, other)| !own.contains(other));
                self.features(&parts, &closing.data, cut)
            })
            .collect();
        features.extend(drawn.into_iter().flatten());
        match &self.footprints {
            Some(path) => footprints::compare(features, path, closing),
            None => Ok(features),
        }
    }
}

fn damaged() -> Fault {
    fault!(
        fr: "Un morceau de bâtiment gardé dans le dossier .ilot/parts est endommagé : supprimez ce dossier et relancez.",
        en: "A piece of a building that is kept in the folder .ilot/parts is damaged: remove that folder and run again.",
    )
}

/// A building as a feature; `cut` where a neighbouring tile is missing.
fn feature(building: &Building, cut: bool) -> Feature {
    let rounded = |value: f64, unit: f64| Value::Real((value * unit).round() / unit);
    let above = |height: f64| building.ground.map_or(Value::Null, |ground| rounded(height - ground, 100.0));
    let confidence = if cut && !building.cut { building.confidence / 2 } else { building.confidence };
    let values = vec![
        Value::Text(identity::of_place(building.anchor[0], building.anchor[1])),
        rounded(building.area, 10.0),
        above(building.eaves),
        above(building.ridge),
        building.ground.map_or(Value::Null, |ground| rounded(ground, 100.0)),
        rounded(building.eaves, 100.0),
        rounded(building.ridge, 100.0),
        Value::Text(if building.flat { "flat" } else { "pitched" }.to_owned()),
        building.slope.map_or(Value::Null, |slope| rounded(slope.0, 10.0)),
        building.aspect.map_or(Value::Null, |aspect| Value::Real(aspect.0.round() % 360.0)),
        rounded(building.density, 10.0),
        Value::Integer(i64::from(building.cut || cut)),
        Value::Integer(i64::from(confidence)),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
    ];
    let ring = |ring: &Vec<[f64; 2]>| LineString::from(ring.clone());
    let mut rings = building.rings.iter().map(ring);
    let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Feature { geometry: Geometry::Polygon(Polygon::new(outer, rings.collect())), values }
}

/// The bytes of a piece; positions are absolute, since the lattice of a later run may begin elsewhere.
fn written(piece: &Piece) -> Vec<u8> {
    let mut out = Writer::default();
    let Points { lattice, x, y, z, .. } = &piece.points;
    out.count(x.len());
    for ((&x, &y), &z) in x.iter().zip(y).zip(z) {
        out.integer(lattice.x0 + i64::from(x));
        out.integer(lattice.y0 + i64::from(y));
        out.integer(i64::from(z));
    }
    let cells = |out: &mut Writer, cells: &mut dyn ExactSizeIterator<Item = (i32, i32)>| {
        out.count(cells.len());
        cells.for_each(|(row, col)| {
            out.integer(i64::from(row));
            out.integer(i64::from(col));
        });
    };
    cells(&mut out, &mut piece.cells.iter().copied());
    cells(&mut out, &mut piece.seen.iter().copied());
    cells(&mut out, &mut piece.links.iter().map(|link| link.0));
    cells(&mut out, &mut piece.links.iter().map(|link| link.1));
    let Ground { low, sum, count } = piece.ground;
    [low, sum, count].into_iter().for_each(|number| out.integer(number));
    zstd::bulk::compress(&out.0, 1).unwrap_or_default()
}

/// Pieces are at most this large: a building of a square kilometre.
const LARGEST: usize = 2 << 30;

fn read(bytes: &[u8], lattice: Lattice) -> Option<Piece> {
    let bytes = zstd::stream::decode_all(std::io::Read::take(bytes, LARGEST as u64)).ok()?;
    let mut input = Reader(&bytes);
    let places = input.list(|input| Some([input.integer()?, input.integer()?, input.integer()?]))?;
    let mut points = Points::empty(lattice);
    for [x, y, z] in places {
        points.x.push(i32::try_from(x.checked_sub(lattice.x0)?).ok()?);
        points.y.push(i32::try_from(y.checked_sub(lattice.y0)?).ok()?);
        points.z.push(i32::try_from(z).ok()?);
    }
    let cell = |input: &mut Reader<'_>| {
        Some((i32::try_from(input.integer()?).ok()?, i32::try_from(input.integer()?).ok()?))
    };
    let (cells, seen) = (input.list(cell)?, input.list(cell)?);
    let (own, others) = (input.list(cell)?, input.list(cell)?);
    let ground = Ground { low: input.integer()?, sum: input.integer()?, count: input.integer()? };
    let links = own.into_iter().zip(others).collect();
    Some(Piece { points, cells, links, seen, ground })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_read_back_on_another_lattice() {
        let lattice = Lattice { per_metre: 100, per_metre_up: 100, x0: 77_000_000, y0: 627_700_000 };
        let points = Points { lattice, x: vec![5, -7], y: vec![1, 2], z: vec![3, 4], class: Vec::new() };
        let piece = Piece {
            points,
            cells: vec![(-12_554_000, 1_540_000)],
            links: vec![((1, 2), (1, 3))],
            seen: vec![(9, 9), (10, 9)],
            ground: Ground { low: 20_000, sum: 40_100, count: 2 },
        };
        assert_eq!(read(&written(&piece), lattice).unwrap(), piece);
        let other = Lattice { x0: 76_000_000, ..lattice };
        assert_eq!(read(&written(&piece), other).unwrap().points.x, [1_000_005, 999_993]);
        assert!(read(&written(&piece)[..9], lattice).is_none());
    }
}
