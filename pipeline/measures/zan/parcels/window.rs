//! Parcel by parcel on cells: room to build, soil to grow food on, what unsealing does to the decree's threshold.
//!
//! In: the rings of all parcels and the maps; out: [`Figures`] for each. The town is walked in squares of half a
//! kilometre with a margin; within one, parcels are measured in parallel, each on its own few cells, so that no figure
//! depends on the walk: a cell is a parcel's where half of it or more lies inside. Fails where: the street is what no
//! parcel holds, so that a way of access is not known beyond the layer. Cost: 0.3 µs a cell of the parcels' bounds.

use super::plu::Plan;
use crate::formats::raster::read::Raster;
use crate::measures::zan::inputs::{Found, StateFields};
use crate::measures::zan::nomenclature::Couple;
use crate::measures::zan::read::rings;
use crate::measures::zonal::Ring;
use crate::text::Fault;
use geo::{Geometry, LineString, MultiPolygon, Polygon};
use ilot_kernels::clearance::{Cells, Disc};
use ilot_kernels::decide::class;
use ilot_kernels::extent::Extent;
use ilot_kernels::frame::Frame;
use ilot_kernels::grid::{Grid, Sample};
use ilot_kernels::outline::{self, CellSet};
use ilot_kernels::stamp;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Side of the squares in which the town is walked, metres.
const SQUARE: f64 = 500.0;
/// A parcel with a longer side than this is not looked at on cells, metres.
const LONGEST: f64 = 6000.0;
/// Cells of the street that a way of access must reach lie within this, metres.
const STREET: f64 = 8.0;

/// The maps that are there.
pub struct Maps {
    /// Land cover.
    pub cover: Raster,
    /// Slope of the terrain, °.
    pub slope: Option<Raster>,
    /// Heights above ground, m.
    pub heights: Option<Raster>,
    /// Hours of sun, and the band.
    pub sun: Option<(Raster, usize)>,
}

/// The layers of OCS GE, in the CRS of the maps, to be asked for the state of soil place by place.
pub struct State(pub Vec<Found<StateFields>>);

/// What parcels are laid over.
pub struct Town<'a> {
    /// The rings of each parcel, in the CRS of the maps.
    pub parcels: &'a [Vec<Ring>],
    /// Where nothing may be built: risk, protected wood.
    pub excluded: &'a [Vec<Ring>],
    /// The plan.
    pub plan: &'a Plan,
    /// The maps.
    pub maps: &'a Maps,
    /// The state of soil.
    pub state: Option<&'a State>,
}

/// Room to build on a parcel.
#[derive(Debug, Clone)]
pub struct Plot {
    /// Area where a plot of the wanted width fits, in one piece, m².
    pub area: f64,
    /// Diameter of the largest disc there, m.
    pub disc: f64,
    /// Whether a way leads to the street; `None` where no street is in sight.
    pub access: Option<bool>,
    /// Its ground by class of cover, cells.
    pub classes: [u32; 9],
    /// Its outline, in the CRS of the maps.
    pub shape: MultiPolygon<f64>,
}

/// What unsealing a parcel's ground does to the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Artificialised ground of the parcel outside of buildings, m².
    pub own: f64,
    /// With the ground that touches it and is not artificialised, m², as far as the threshold.
    pub joined: f64,
    /// Whether the threshold is reached.
    pub counts: bool,
}

/// Figures of a parcel that come from cells.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Mean and largest height above ground of what is built, m, and its volume, m³.
    pub heights: Option<(f64, f64, f64)>,
    /// Whether most of it lies within the built envelope.
    pub enveloped: Option<bool>,
    /// Room to build.
    pub plot: Option<Plot>,
    /// The threshold.
    pub effect: Option<Effect>,
    /// Largest piece of soil to grow on: area, m², mean hours of sun, outline.
    pub soil: Option<(f64, Option<f64>, MultiPolygon<f64>)>,
    /// Whether it was looked at.
    pub seen: bool,
}

/// One square and its margin.
struct Window {
    cover: Grid<u8>,
    held: Grid<f32>,
    excluded: Grid<f32>,
    slope: Option<Grid<f32>>,
    heights: Option<Grid<f32>>,
    sun: Option<Grid<f32>>,
    /// 1 artificialised, 2 not, 0 unknown.
    state: Option<Grid<u8>>,
    envelope: Cells,
}

/// Figures of all parcels, in their order.
///
/// # Errors
/// Where a map or OCS GE cannot be read.
pub fn walk(town: &Town<'_>) -> Result<Vec<Figures>, Fault> {
    let mut squares: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    let bounds: Vec<Option<Extent>> = town.parcels.iter().map(|rings| extent(rings)).collect();
    for (number, bounds) in bounds.iter().enumerate() {
        let Some(bounds) = bounds else { continue };
        if bounds.width().0.max(bounds.height().0) <= LONGEST {
            let middle = |low: f64, high: f64| ((low + high) / 2.0 / SQUARE).floor() as i64;
            let key = (middle(bounds.south, bounds.north), middle(bounds.west, bounds.east));
            squares.entry(key).or_default().push(number);
        }
    }
    let mut figures = vec![Figures::default(); town.parcels.len()];
    for numbers in squares.into_values() {
        let mut whole = bounds[numbers[0]].expect("only those with bounds are listed");
        numbers.iter().filter_map(|number| bounds[*number]).for_each(|one| whole = whole.union(&one));
        let Some(window) = Window::of(town, &bounds, &whole)? else { continue };
        let (plan, parcels) = (town.plan, town.parcels);
        let found: Vec<Figures> =
            numbers.par_iter().map(|&number| window.parcel(plan, &parcels[number])).collect();
        for (number, found) in numbers.into_iter().zip(found) {
            figures[number] = found;
        }
    }
    Ok(figures)
}

fn extent(rings: &[Ring]) -> Option<Extent> {
    let all = || rings.iter().flatten();
    let first = all().next()?;
    let start = Extent { west: first.0, south: first.1, east: first.0, north: first.1 };
    Some(
        all().fold(start, |extent, at| {
            extent.union(&Extent { west: at.0, south: at.1, east: at.0, north: at.1 })
        }),
    )
}

/// The cells of a lattice that an extent and a margin around touch.
fn frame_around(lattice: &Frame, bounds: &Extent, margin: f64) -> Frame {
    let cell = lattice.cell.0;
    let first = |metres: f64| ((metres - margin) / cell).floor();
    let last = |metres: f64| ((metres + margin) / cell).ceil();
    let (west, north) = (first(bounds.west - lattice.west), first(lattice.north - bounds.north));
    let (east, south) = (last(bounds.east - lattice.west), last(lattice.north - bounds.south));
    Frame {
        west: lattice.west + west * cell,
        north: lattice.north - north * cell,
        rows: (south - north) as usize,
        cols: (east - west) as usize,
        cell: lattice.cell,
    }
}

fn stamp_all<'r>(frame: &Frame, polygons: impl Iterator<Item = &'r Vec<Ring>>) -> Grid<f32> {
    let mut shares = Grid::filled(*frame, 0.0);
    let bounds = frame.extent();
    for rings in polygons {
        if extent(rings).is_some_and(|own| own.intersection(&bounds).is_some()) {
            let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
            stamp::polygon(&mut shares, &rings);
        }
    }
    shares
}

impl Window {
    /// `None` where the maps do not reach it.
    fn of(town: &Town<'_>, bounds: &[Option<Extent>], whole: &Extent) -> Result<Option<Window>, Fault> {
        let maps = town.maps;
        let room = &town.plan.room;
        let margin = room.envelope_grow_m + room.envelope_shrink_m + 10.0;
        let frame = frame_around(maps.cover.frame(), whole, margin);
        let cover: Grid<u8> = maps.cover.sampled(0, &frame)?;
        if cover.cells().iter().all(|class| class.is_missing()) {
            return Ok(None);
        }
        let around = frame.extent();
        let near = town
            .parcels
            .iter()
            .zip(bounds)
            .filter(|(_, own)| own.is_some_and(|own| own.intersection(&around).is_some()));
        let grid =
            |raster: &Option<Raster>| raster.as_ref().map(|raster| raster.sampled(0, &frame)).transpose();
        let envelope = envelope(&cover, room.envelope_grow_m, room.envelope_shrink_m);
        Ok(Some(Window {
            held: stamp_all(&frame, near.map(|(rings, _)| rings)),
            excluded: stamp_all(&frame, town.excluded.iter()),
            slope: grid(&maps.slope)?,
            heights: grid(&maps.heights)?,
            sun: maps.sun.as_ref().map(|(raster, band)| raster.sampled(*band, &frame)).transpose()?,
            state: town.state.map(|state| state.laid(&frame)).transpose()?,
            envelope,
            cover,
        }))
    }

    fn frame(&self) -> &Frame {
        self.cover.frame()
    }

    fn parcel(&self, plan: &Plan, rings: &[Ring]) -> Figures {
        let Some(bounds) = extent(rings) else { return Figures::default() };
        let frame = self.frame().intersection(&frame_around(self.frame(), &bounds, STREET));
        if frame.is_empty() {
            return Figures::default();
        }
        let mut shares = Grid::filled(frame, 0.0);
        let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
        stamp::polygon(&mut shares, &rings);
        let own = Cells::of(frame.rows, frame.cols, |row, col| shares.row(row)[col] >= 0.5);
        let ground =
            Ground { window: self, frame, offset: self.frame().offset_of(&frame).unwrap_or((0, 0)), own };
        Figures {
            heights: ground.heights(),
            enveloped: ground.enveloped(),
            plot: ground.plot(plan),
            effect: ground.effect(plan),
            soil: ground.soil(plan),
            seen: true,
        }
    }
}

/// Buildings grown and shrunk again: the envelope of what is built.
fn envelope(cover: &Grid<u8>, grow: f64, shrink: f64) -> Cells {
    let Frame { rows, cols, cell, .. } = *cover.frame();
    let built = Cells::of(rows, cols, |row, col| cover.row(row)[col] == class::BUILDING);
    if built.count() == 0 {
        return built;
    }
    let grown = built.grown(grow / cell.0);
    let outside = Cells::of(rows, cols, |row, col| !grown.inside[row * cols + col]);
    let lost = outside.grown(shrink / cell.0);
    Cells::of(rows, cols, |row, col| grown.inside[row * cols + col] && !lost.inside[row * cols + col])
}

impl State {
    fn laid(&self, frame: &Frame) -> Result<Grid<u8>, Fault> {
        let mut shares = [Grid::filled(*frame, 0.0f32), Grid::filled(*frame, 0.0f32)];
        for found in &self.0 {
            let fields = &found.fields;
            let _ = found.source.each(found.layer, Some(&frame.extent()), |feature| {
                let text = |field: usize| feature.values[field].text().map(str::to_owned);
                let couple = Couple::parse(text(fields.cover).as_deref(), text(fields.usage).as_deref());
                let Some(artificial) = couple.artificialised() else { return Ok(()) };
                let all = rings(&feature.geometry);
                let lines: Vec<&[(f64, f64)]> = all.iter().map(|(_, ring)| ring.as_slice()).collect();
                stamp::polygon(&mut shares[usize::from(!artificial)], &lines);
                Ok(())
            })?;
        }
        let state = shares[0].cells().iter().zip(shares[1].cells());
        let cells = state.map(|(artificial, other)| match artificial.max(*other) {
            share if share <= 0.0 => 0,
            _ if artificial >= other => 1,
            _ => 2,
        });
        Ok(Grid::new(*frame, cells.collect()))
    }
}

/// A parcel on its cells.
struct Ground<'w> {
    window: &'w Window,
    frame: Frame,
    offset: (usize, usize),
    own: Cells,
}

impl Ground<'_> {
    fn at(&self, row: usize, col: usize) -> usize {
        (row + self.offset.0) * self.window.frame().cols + col + self.offset.1
    }

    fn cover(&self, row: usize, col: usize) -> u8 {
        self.window.cover.cells()[self.at(row, col)]
    }

    fn map(&self, grid: Option<&Grid<f32>>, row: usize, col: usize) -> Option<f64> {
        grid.map(|grid| grid.cells()[self.at(row, col)]).filter(|value| !value.is_missing()).map(f64::from)
    }

    fn cells(&self, pick: impl Fn(usize, usize) -> bool) -> Cells {
        Cells::of(self.frame.rows, self.frame.cols, pick)
    }

    fn has(&self, cells: &Cells, row: usize, col: usize) -> bool {
        cells.inside[row * self.frame.cols + col]
    }

    fn area(&self, cells: usize) -> f64 {
        cells as f64 * self.frame.cell.0 * self.frame.cell.0
    }

    fn each_own(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let cols = self.frame.cols;
        (0..self.own.inside.len()).filter(|&at| self.own.inside[at]).map(move |at| (at / cols, at % cols))
    }

    fn heights(&self) -> Option<(f64, f64, f64)> {
        let heights = self.window.heights.as_ref()?;
        let built = self.each_own().filter(|&(row, col)| self.cover(row, col) == class::BUILDING);
        let known: Vec<f64> = built
            .filter_map(|(row, col)| self.map(Some(heights), row, col))
            .map(|height| height.max(0.0))
            .collect();
        if known.is_empty() {
            return Some((0.0, 0.0, 0.0));
        }
        let sum: f64 = known.iter().sum();
        let highest = known.iter().copied().fold(0.0, f64::max);
        Some((sum / known.len() as f64, highest, sum * self.area(1)))
    }

    fn enveloped(&self) -> Option<bool> {
        let count = self.own.count();
        let inside =
            self.each_own().filter(|&(row, col)| self.window.envelope.inside[self.at(row, col)]).count();
        (count > 0).then_some(2 * inside >= count)
    }

    /// Where a building may stand: away from limits and buildings, on level ground, not excluded, not water.
    fn free(&self, plan: &Plan) -> Cells {
        let (room, cell) = (&plan.room, self.frame.cell.0);
        let outside = self.cells(|row, col| !self.has(&self.own, row, col));
        let near_limits = outside.grown(room.from_limits_m / cell);
        let built =
            self.cells(|row, col| self.has(&self.own, row, col) && self.cover(row, col) == class::BUILDING);
        let near_built = built.grown(room.from_buildings_m / cell);
        let steep = room.slope_max_pct;
        self.cells(|row, col| {
            let cover = self.cover(row, col);
            self.has(&self.own, row, col)
                && !self.has(&near_limits, row, col)
                && !self.has(&near_built, row, col)
                && cover != class::WATER
                && !cover.is_missing()
                && self.window.excluded.cells()[self.at(row, col)] < 0.5
                && self.map(self.window.slope.as_ref(), row, col).is_none_or(|slope| percent(slope) <= steep)
        })
    }

    fn plot(&self, plan: &Plan) -> Option<Plot> {
        let cell = self.frame.cell.0;
        let opened = self.free(plan).opened(plan.room.width_m / cell / 2.0);
        let best = self.largest(&opened)?;
        let plot = self.cells_of(&best);
        let Disc { radius, .. } = plot.room().disc()?;
        let mut classes = [0; 9];
        for &(row, col) in &best {
            let class = usize::from(self.cover(row as usize, col as usize));
            if let Some(count) = class.checked_sub(1).and_then(|class| classes.get_mut(class)) {
                *count += 1;
            }
        }
        Some(Plot {
            area: self.area(best.len()),
            disc: 2.0 * radius * cell,
            access: self.access(&plot, plan.room.access_m / cell),
            classes,
            shape: self.outline(&best),
        })
    }

    /// Whether a way of this width leads from a plot to the street.
    fn access(&self, plot: &Cells, width: f64) -> Option<bool> {
        let street = self.cells(|row, col| self.window.held.cells()[self.at(row, col)] <= 0.0);
        if street.count() == 0 {
            return None;
        }
        let way = self.cells(|row, col| {
            let own = self.has(&self.own, row, col) && self.cover(row, col) != class::BUILDING;
            own || self.has(&street, row, col)
        });
        Some(way.leads(plot, &street, width))
    }

    /// The largest part in one piece; the northernmost of equal ones.
    fn largest(&self, cells: &Cells) -> Option<Vec<(i32, i32)>> {
        let set = self.set(cells);
        let parts = set.parts(true);
        parts.into_iter().reduce(|best, part| if part.len() > best.len() { part } else { best })
    }

    fn set(&self, cells: &Cells) -> CellSet {
        CellSet { row: 0, col: 0, rows: cells.rows, cols: cells.cols, inside: cells.inside.clone() }
    }

    fn cells_of(&self, part: &[(i32, i32)]) -> Cells {
        let mut cells = self.cells(|_, _| false);
        part.iter()
            .for_each(|&(row, col)| cells.inside[row as usize * self.frame.cols + col as usize] = true);
        cells
    }

    /// A part as polygons of the map.
    fn outline(&self, part: &[(i32, i32)]) -> MultiPolygon<f64> {
        let Some(set) = CellSet::of(part, 1) else { return MultiPolygon(Vec::new()) };
        let at = |corner: &(i32, i32)| {
            let cell = self.frame.cell.0;
            (self.frame.west + f64::from(corner.1) * cell, self.frame.north - f64::from(corner.0) * cell)
        };
        let line = |ring: &Vec<(i32, i32)>| {
            let mut line: Vec<(f64, f64)> = ring.iter().map(at).collect();
            line.extend(line.first().copied());
            LineString::from(line)
        };
        let (outer, holes): (Vec<_>, Vec<_>) =
            outline::rings(&set).into_iter().partition(|ring| outline::doubled_area(ring) > 0);
        let holes: Vec<LineString<f64>> = holes.iter().map(line).collect();
        match outer.first() {
            Some(ring) if outer.len() == 1 => MultiPolygon(vec![Polygon::new(line(ring), holes)]),
            _ => MultiPolygon(outer.iter().map(|ring| Polygon::new(line(ring), Vec::new())).collect()),
        }
    }

    /// The threshold, where the parcel's ground outside of buildings is given back.
    fn effect(&self, plan: &Plan) -> Option<Effect> {
        let state = self.window.state.as_ref()?;
        let built = |row, col| self.cover(row, col) == class::BUILDING;
        let own: Vec<usize> = self
            .each_own()
            .filter(|&(row, col)| !built(row, col))
            .map(|(row, col)| self.at(row, col))
            .filter(|&at| state.cells()[at] == 1)
            .collect();
        let enough = (plan.score.zone_m2 / self.area(1) - 1e-9).ceil() as usize;
        let mut joined = own.clone();
        let mut seen: std::collections::HashSet<usize> = own.iter().copied().collect();
        let (rows, cols) = (state.frame().rows, state.frame().cols);
        let mut next = 0;
        while next < joined.len() && joined.len() < enough {
            let (row, col) = (joined[next] / cols, joined[next] % cols);
            next += 1;
            let up = (row > 0).then(|| joined[next - 1] - cols);
            let down = (row + 1 < rows).then(|| joined[next - 1] + cols);
            let left = (col > 0).then(|| joined[next - 1] - 1);
            let right = (col + 1 < cols).then(|| joined[next - 1] + 1);
            for at in [up, left, right, down].into_iter().flatten() {
                if state.cells()[at] == 2 && seen.insert(at) {
                    joined.push(at);
                }
            }
        }
        let counts = !own.is_empty() && joined.len() >= enough;
        Some(Effect {
            own: self.area(own.len()),
            joined: self.area(joined.len().min(enough.max(own.len()))),
            counts,
        })
    }

    /// The largest piece of level, sunny, open soil.
    fn soil(&self, plan: &Plan) -> Option<(f64, Option<f64>, MultiPolygon<f64>)> {
        let farming = &plan.farming;
        let sun = self.window.sun.as_ref();
        let fit = self.cells(|row, col| {
            self.has(&self.own, row, col)
                && matches!(self.cover(row, col), class::HERBACEOUS | class::BARE)
                && self.window.excluded.cells()[self.at(row, col)] < 0.5
                && self
                    .map(self.window.slope.as_ref(), row, col)
                    .is_none_or(|slope| percent(slope) <= farming.soil_slope_max_pct)
                && self.map(sun, row, col).is_none_or(|hours| hours >= farming.sun_min_h)
        });
        let best = self.largest(&fit).filter(|best| self.area(best.len()) >= farming.soil_min_m2)?;
        let hours: Vec<f64> =
            best.iter().filter_map(|&(row, col)| self.map(sun, row as usize, col as usize)).collect();
        let mean = (!hours.is_empty()).then(|| hours.iter().sum::<f64>() / hours.len() as f64);
        Some((self.area(best.len()), mean, self.outline(&best)))
    }
}

/// A slope in degrees, as per cent.
pub fn percent(degrees: f64) -> f64 {
    degrees.to_radians().tan() * 100.0
}

/// As one geometry.
pub fn geometry(shape: &MultiPolygon<f64>) -> Geometry<f64> {
    match shape.0.as_slice() {
        [one] => Geometry::Polygon(one.clone()),
        _ => Geometry::MultiPolygon(shape.clone()),
    }
}
