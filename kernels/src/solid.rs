//! Footprint and points of a roof → a closed solid, its faces turned outwards.
//!
//! In: the outline of a building, the points of its roof, the height of its ground. Out: a [`Solid`] whose faces are
//! planes: ground, walls, roof. Two answers, and which one it is is said:
//!
//! * **LoD 2.2** where planes fit. They grow from cells of half a metre (`planes`; Rabbani et al. 2006, "Segmentation of
//!   point clouds using smoothness constraint"); the lines where neighbouring ones meet, and the steps between them
//!   along the axes of the building, part the footprint (`partition`); each part takes the plane that its points lie on,
//!   with a preference for short borders (after the arrangement of Peters et al. 2022, "Automated 3D reconstruction of
//!   LoD2 and LoD1 models for all 10 million buildings of the Netherlands", 10.14358/PERS.21-00032R2). **The fit test:** at least [`SolidParams::share`]
//!   of the roof's points lie within [`SolidParams::fit`] of the faces, and every face lies above the ground.
//! * **LoD 1.2**, a block, elsewhere: its top is the mean height of the points, so that its volume is
//!   right (3DBAG's 70th percentile is some 10 % too much for a pitched roof).
//!
//! Each solid is checked before it is given (`shell`): every edge belongs to two faces that run through it in opposite
//! ways, and the volume is positive. A roof that fails the check becomes a block.
//!
//! Fails where: walls lean, roofs overlap in plan (only the highest is seen), round roofs (no plane fits: a block).
//! Cost: 1 µs a point, 1 ms a building.

mod partition;
mod planes;
mod shell;

use planes::Plane;

/// When planes fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolidParams {
    /// A point lies on a face within this distance in height, metres.
    pub fit: f64,
    /// Share of the points that must lie on faces.
    pub share: f64,
    /// Fewer points than this in a square metre show no planes.
    pub density: f64,
}

impl Default for SolidParams {
    fn default() -> SolidParams {
        SolidParams { fit: 0.2, share: 0.9, density: 2.0 }
    }
}

/// Level of detail, after Biljecki et al. 2016 (10.1016/j.compenvurbsys.2016.04.005).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// A block.
    Lod12,
    /// Walls and the faces of the roof.
    Lod22,
}

impl Detail {
    /// As CityJSON writes it.
    pub fn name(self) -> &'static str {
        match self {
            Detail::Lod12 => "1.2",
            Detail::Lod22 => "2.2",
        }
    }
}

/// What a face is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Below.
    Ground,
    /// Beside.
    Wall,
    /// Above.
    Roof,
}

/// A plane face with its holes: counter-clockwise seen from outside, holes clockwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// What it is of.
    pub surface: Surface,
    /// Vertices by their number; the outer ring first, none closed.
    pub rings: Vec<Vec<u32>>,
    /// Triangles that fill it.
    pub triangles: Vec<[u32; 3]>,
}

/// A closed solid.
#[derive(Debug, Clone, PartialEq)]
pub struct Solid {
    /// Positions in metres, whole millimetres from the origin that was given.
    pub vertices: Vec<[f64; 3]>,
    /// Its faces.
    pub faces: Vec<Face>,
    /// Its level of detail.
    pub detail: Detail,
    /// Share of the points that lie on the faces of the planes found, where there were enough to look for any.
    pub fitted: Option<f64>,
}

impl Solid {
    /// Cubic metres.
    pub fn volume(&self) -> f64 {
        let at = |vertex: u32| self.vertices[vertex as usize];
        let cone = |face: &Face| {
            let twice = face.rings.iter().map(|ring| shell::twice_area(ring, &self.vertices));
            let twice = twice.fold([0.0; 3], |sum, part| std::array::from_fn(|i| sum[i] + part[i]));
            let apex = at(face.rings[0][0]);
            (0..3).map(|i| apex[i] * twice[i]).sum::<f64>() / 6.0
        };
        self.faces.iter().map(cone).sum()
    }

    /// Square metres of the faces of one kind.
    pub fn area(&self, surface: Surface) -> f64 {
        let of = |face: &Face| {
            let twice = face.rings.iter().map(|ring| shell::twice_area(ring, &self.vertices));
            let twice = twice.fold([0.0; 3], |sum, part| std::array::from_fn(|i| sum[i] + part[i]));
            twice.iter().map(|part| part * part).sum::<f64>().sqrt() / 2.0
        };
        self.faces.iter().filter(|face| face.surface == surface).map(of).sum()
    }

    /// Whether every edge is run through once in each direction, and the volume is positive.
    pub fn is_closed(&self) -> bool {
        shell::is_closed(&self.faces) && self.volume() > 0.0
    }
}

/// A building as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline<'a> {
    /// Outer ring, then courts, metres from any origin near it, not closed.
    pub rings: &'a [Vec<[f64; 2]>],
    /// Points of the roof, from the same origin, in an order that is always the same.
    pub points: &'a [[f64; 3]],
    /// Height of the ground.
    pub ground: f64,
    /// Top of the block where there are no points.
    pub top: f64,
}

/// Lowest height of a solid, metres.
const LOWEST: f64 = 0.5;

/// The solid of a building; `None` where its outline is none.
pub fn solid(outline: &Outline<'_>, params: &SolidParams) -> Option<Solid> {
    let rings = shell::tidy(outline.rings)?;
    let ground = shell::millimetres(outline.ground);
    let inside: Vec<[f64; 3]> = outline
        .points
        .iter()
        .copied()
        .filter(|point| partition::holds(&rings, [point[0], point[1]]))
        .collect();
    let block = |fitted| block(&rings, &inside, ground, outline.top, fitted);
    let area: f64 = rings.iter().map(|ring| shell::area(ring)).sum();
    if (inside.len() as f64) < params.density * area {
        return block(None);
    }
    let axis = partition::axis(&rings);
    let Some(found) = planes::find(&inside, axis) else { return block(Some(0.0)) };
    let (parts, share) = partition::parts(&rings, &found, axis, params.fit)?;
    let high = |part: &partition::Part| {
        part.places.iter().all(|at| found.planes[part.plane].at(*at) > ground + LOWEST)
    };
    if share < params.share || !parts.iter().all(high) {
        return block(Some(share));
    }
    let roof = shell::build(&rings, &parts, &found.planes, ground, Detail::Lod22);
    match roof.filter(Solid::is_closed) {
        Some(solid) => Some(Solid { fitted: Some(share), ..solid }),
        None => block(Some(share)),
    }
}

fn block(
    rings: &[Vec<[f64; 2]>],
    points: &[[f64; 3]],
    ground: f64,
    top: f64,
    fitted: Option<f64>,
) -> Option<Solid> {
    let sum: f64 = points.iter().map(|point| point[2]).sum();
    let top = if points.is_empty() { top } else { shell::millimetres(sum / points.len() as f64) };
    let plane = Plane { slope: [0.0, 0.0], height: top.max(ground + LOWEST) };
    let parts = partition::whole(rings)?;
    let solid = shell::build(rings, &parts, &[plane], ground, Detail::Lod12)?;
    solid.is_closed().then_some(Solid { fitted, ..solid })
}

#[cfg(test)]
mod tests;
