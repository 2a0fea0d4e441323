//! The class of each point of a block: roofs, what belongs to them, vegetation, other things.
//!
//! In: columns, facets, roofs. Out: a class for each member. The rules, from certain to less so: what lies on the
//! plane of a roof or below it is building; what rises above a roof or stands within a metre beside it is
//! vegetation where vegetation outside rises as high next to it, and building (chimneys, walls of the façade)
//! elsewhere; what hangs alone in the air is noise; away from roofs, what is smooth and leaves single returns is some other thing (cars, walls, posts),
//! all else is vegetation by its height above the ground.
//!
//! Fails where ivy climbs a façade, where a crown stands over a roof without reaching beyond it, and on clipped
//! hedges, whose faces are as smooth as walls. Cost: 0.1 µs a point.

use super::ClassifyParams;
use super::columns::{Columns, MARGIN, Member, PASSED, SEVERAL};
use super::facets::Facets;
use super::roofs::{Roofs, widened};

/// Unclassified.
pub(super) const OTHER: u8 = 1;
const LOW: u8 = 3;
const MEDIUM: u8 = 4;
const HIGH: u8 = 5;
const BUILDING: u8 = 6;
const DECK: u8 = 17;
const HIGH_NOISE: u8 = 18;

/// Below every height.
const NOTHING: f32 = f32::MIN;

/// The number and the class of each point of the block itself.
pub(super) fn label(
    columns: &Columns,
    facets: &Facets,
    roofs: &Roofs,
    params: &ClassifyParams,
) -> Vec<(u32, u8)> {
    let texture = Texture::of(columns, facets, params);
    let near = widened(columns, &widened(columns, &roofs.covered));
    let levels: Vec<f32> = roofs.plane.iter().map(|plane| plane.map_or(NOTHING, |plane| plane.z)).collect();
    let top = columns.highest(&levels, 2);
    let canopy = canopy(columns, &texture, &near, &top, params);
    let scene = Scene { columns, roofs, params, texture: &texture, near: &near, top: &top, canopy: &canopy };
    let labelled = |cell: usize| {
        let scene = &scene;
        columns.range(cell).map(move |at| (columns.members[at].number, scene.class(cell, at)))
    };
    columns.own().flat_map(labelled).collect()
}

/// What the labels of a block are decided on.
struct Scene<'a> {
    columns: &'a Columns,
    roofs: &'a Roofs,
    params: &'a ClassifyParams,
    texture: &'a Texture,
    near: &'a [bool],
    /// Highest roof within two cells, metres above the datum.
    top: &'a [f32],
    /// Highest vegetation within two cells.
    canopy: &'a [f32],
}

impl Scene<'_> {
    fn class(&self, cell: usize, at: usize) -> u8 {
        let member = &self.columns.members[at];
        if self.floats(cell, at) {
            return HIGH_NOISE;
        }
        let height = self.columns.metres_up(member.z);
        let building = match self.roofs.plane[cell] {
            Some(plane) => {
                let off = height - plane.at(self.columns.offset(cell, member));
                f64::from(off.abs()) < self.params.of_roof.0 || self.beside(cell, at, height)
            }
            None => self.near[cell] && self.beside(cell, at, height),
        };
        match building {
            true if self.roofs.deck[cell] => self.on_deck(cell, height),
            true => BUILDING,
            false if self.other(cell) => OTHER,
            false => stratum(member.height, self.params),
        }
    }

    /// What rises above a deck are vehicles, railings and lamps.
    fn on_deck(&self, cell: usize, height: f32) -> u8 {
        if f64::from(height - self.top[cell]) > self.params.of_roof.0 { OTHER } else { DECK }
    }

    /// Whether a point hangs alone in the air: no more than one other within four cells, from some metres below
    /// it up. Wires, masts and crowns have more.
    fn floats(&self, cell: usize, at: usize) -> bool {
        let (columns, alone) = (self.columns, self.params.alone.0 as f32);
        let member = &columns.members[at];
        if member.height < alone || at + 2 < columns.range(cell).end {
            return false;
        }
        let floor = columns.metres_up(member.z) - alone;
        let reach = MARGIN as isize;
        let company = |near: usize| {
            let reaching = |other: &&Member| columns.metres_up(other.z) >= floor;
            let ground = columns.ground[near];
            let ground = ground != i32::MIN && columns.metres_up(ground) >= floor;
            columns.of(near).iter().rev().take_while(reaching).take(3).count() + 3 * usize::from(ground)
        };
        let mut others = 0;
        for row in -reach..=reach {
            for col in -reach..=reach {
                others += company((cell as isize + row * columns.cols as isize + col) as usize);
                if others > 2 {
                    return false;
                }
            }
        }
        true
    }

    /// Whether a point on, above or beside a roof, but not on its plane, belongs to the building.
    fn beside(&self, cell: usize, at: usize, height: f32) -> bool {
        let member = &self.columns.members[at];
        let (below, overgrown) = (self.top[cell] - height, self.canopy[cell] > height - 0.5);
        let (rough, several) = (self.texture.roughness[cell], self.texture.several[cell]);
        if below <= 0.0 {
            return !overgrown && several < 0.63;
        }
        if self.roofs.covered[cell] {
            return several < 0.55 || rough < 1.5 || below > 2.4;
        }
        match overgrown {
            true => self.texture.own[at] < 1.0 && member.height > 2.0,
            false if member.height < 2.3 => member.pulse & PASSED == 0,
            false => several < 0.73,
        }
    }

    /// Whether a point away from roofs is no vegetation.
    fn other(&self, cell: usize) -> bool {
        let texture = self.texture;
        let (rough, several) = (texture.roughness[cell], texture.several[cell]);
        let low = f64::from(texture.tallest[cell]) < self.params.largest_vehicle.height.0;
        (self.roofs.small[cell] && low)
            || rough < 1.0
            || (rough < 1.7 && several < 0.1)
            || (texture.tallest[cell] < 2.6 && texture.several_about[cell] < 0.2)
    }
}

/// The class of vegetation of a height above the ground.
fn stratum(height: f32, params: &ClassifyParams) -> u8 {
    match f64::from(height) {
        height if height < params.shrub.0 => LOW,
        height if height <= params.tree.0 => MEDIUM,
        _ => HIGH,
    }
}

/// How rough and how dense things are around each cell, over its points and those of the eight around it.
struct Texture {
    /// Mean roughness, as a multiple of that of a flat cube; infinite where too few points are near to tell it.
    roughness: Vec<f32>,
    /// Share of points of pulses with several returns.
    several: Vec<f32>,
    /// The same share over the 81 cells around.
    several_about: Vec<f32>,
    /// Highest point within two cells, metres above the ground.
    tallest: Vec<f32>,
    /// Roughness at each member, in the same way.
    own: Vec<f32>,
}

impl Texture {
    fn of(columns: &Columns, facets: &Facets, params: &ClassifyParams) -> Texture {
        let mut own = vec![f32::INFINITY; columns.members.len()];
        let limit = params.roughness.0 as f32;
        let scale = 1e3 / limit;
        // Sums of whole numbers: roughness in thousandths of the limit, points with a roughness, several returns, points.
        let mut sums = vec![[0u32; 4]; columns.len()];
        for cell in columns.inner() {
            let sum = &mut sums[cell];
            for (run, facet) in facets.runs(columns, cell) {
                // A few points always lie in a plane, which says nothing.
                if facet.count >= params.fewest {
                    let count = run.len() as u32;
                    sum[0] += (facet.roughness * scale) as u32 * count;
                    sum[1] += count;
                    own[run].fill(facet.roughness / limit);
                }
            }
            let members = columns.of(cell);
            sum[2] = members.iter().map(|member| u32::from(member.pulse & SEVERAL)).sum();
            sum[3] = members.len() as u32;
        }
        let column = |which: usize| sums.iter().map(|sum| sum[which]).collect::<Vec<u32>>();
        let share = |part: usize, whole: usize, reach: usize, unit: f32| {
            let (part, whole) = (columns.sums(column(part), reach), columns.sums(column(whole), reach));
            let share = |(&part, &whole): (&u32, &u32)| match whole {
                0 => f32::INFINITY,
                whole => part as f32 * unit / whole as f32,
            };
            part.iter().zip(&whole).map(share).collect()
        };
        let tops: Vec<f32> = (0..columns.len())
            .map(|cell| columns.of(cell).last().map_or(NOTHING, |top| top.height))
            .collect();
        Texture {
            roughness: share(0, 1, 1, 1e-3),
            several: share(2, 3, 1, 1.0),
            several_about: share(2, 3, MARGIN, 1.0),
            tallest: columns.highest(&tops, 2),
            own,
        }
    }
}

/// The highest vegetation within two cells of each, metres above the datum: what stands outside of the ring around
/// the roofs, and what of it reaches over them, cell by cell.
fn canopy(
    columns: &Columns,
    texture: &Texture,
    near: &[bool],
    top: &[f32],
    params: &ClassifyParams,
) -> Vec<f32> {
    const ROUGH: f32 = 1.2;
    let mut canopy = vec![NOTHING; columns.len()];
    let mut front = Vec::new();
    for cell in columns.inner() {
        let Some(highest) = columns.of(cell).last() else { continue };
        let height = columns.metres_up(highest.z);
        if !near[cell] {
            if highest.height > 1.0 && texture.roughness[cell] > ROUGH {
                canopy[cell] = height;
            }
        } else if height > top[cell] && texture.roughness[cell] > ROUGH && texture.several[cell] > 0.2 {
            front.push((cell, height));
        }
    }
    for _ in 0..params.overhang {
        let reached = |&(cell, height): &(usize, f32)| {
            columns.around(cell).iter().any(|&from| canopy[from] > height - 1.0)
        };
        let added: Vec<(usize, f32)> = front.iter().copied().filter(reached).collect();
        if added.is_empty() {
            break;
        }
        for &(cell, height) in &added {
            canopy[cell] = height;
        }
        front.retain(|&(cell, _)| canopy[cell] == NOTHING);
    }
    columns.highest(&canopy, 2)
}
