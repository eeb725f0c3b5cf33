//! What the solids make of the grid: cells that are solid, faces that are closed, and walls between faces.
//!
//! A cell is solid if its centre lies in a solid; a face is closed if a cell beside it is solid, and has the solid's
//! velocity. So no fluid crosses the staircase of closed faces, and the pressure sees that staircase. Friction sees the
//! surface where it is: between an open face F and a closed one S, the wall lies at the share `theta` of the way,
//! found from the signed distances of both, and the velocity gradient at F is that between F and the wall (as in
//! Shortley and Weller, "The numerical solution of Laplace's equation", Journal of Applied Physics 9 (1938) 334; on MAC
//! grids Udaykumar, Mittal, Rampunggoon and Khanna, Journal of Computational Physics 174 (2001) 345).
//!
//! Departures:
//! 1. `theta` is kept above [`NEAREST`], which bounds the stiffness of explicit steps.
//! 2. Cells given as flags have no distance: their walls run along cell faces.

use super::layout::{Faces, Layout, places};
use super::solid::{Solid, SolidMotion};

/// The least share of the way to a closed face at which a wall may lie.
const NEAREST: f64 = 0.25;
/// Owner of a cell of fluid, and of a cell that was given as solid; solids are numbered from 2 on.
const FLUID: u32 = 0;
const FLAGGED: u32 = 1;

/// Friction at a wall between an open face and a closed one beside it, on top of what the plain stencil gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WallLink {
    /// Component of the velocity.
    pub component: usize,
    /// Index of the open face.
    pub face: usize,
    /// Index of the closed face.
    pub beyond: usize,
    /// (1 / theta - 1) / h^2.
    pub factor: f64,
}

/// A closed face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ClosedFace {
    pub component: usize,
    pub index: usize,
    /// The solid's velocity there.
    pub velocity: f64,
    /// Whether there is fluid near.
    pub at_surface: bool,
}

/// What is solid at a time.
pub(super) struct Geometry {
    layout: Layout,
    corner: [f64; 3],
    solids: Vec<Solid>,
    flagged: Vec<bool>,
    motions: Vec<SolidMotion>,
    /// Who a cell belongs to, and to whom it did before the last move.
    owners: Vec<u32>,
    owners_before: Vec<u32>,
    /// 1 on open faces, 0 on closed ones.
    pub open: Faces,
    pub closed: Vec<ClosedFace>,
    pub links: Vec<WallLink>,
    /// An upper bound of the eigenvalues of the negative Laplacian of velocities.
    pub friction_bound: f64,
}

impl Geometry {
    /// Solids, and cells that are solid from the start; `corner` is where the grid begins.
    pub fn new(layout: Layout, corner: [f64; 3], solids: Vec<Solid>, flagged: Vec<bool>) -> Self {
        let mut geometry = Self {
            layout,
            corner,
            motions: vec![SolidMotion::default(); solids.len()],
            solids,
            owners: vec![FLUID; layout.cell_count()],
            owners_before: vec![FLUID; layout.cell_count()],
            flagged,
            open: layout.faces(),
            closed: Vec::new(),
            links: Vec::new(),
            friction_bound: 0.0,
        };
        geometry.set_time(0.0);
        geometry
    }

    /// Whether any solid moves.
    pub fn moves(&self) -> bool {
        self.solids.iter().any(Solid::moves)
    }

    /// Whether any cell is solid.
    pub fn has_solids(&self) -> bool {
        self.owners.iter().any(|owner| *owner != FLUID)
    }

    /// Whether the cell of this number is solid.
    pub fn is_solid(&self, cell: usize) -> bool {
        self.owners[cell] != FLUID
    }

    /// Whether the last move made the cell of this number fluid.
    pub fn was_uncovered(&self, cell: usize) -> bool {
        self.owners[cell] == FLUID && self.owners_before[cell] != FLUID
    }

    /// Moves the solids to where they are at a time.
    pub fn set_time(&mut self, time: f64) {
        for (motion, solid) in self.motions.iter_mut().zip(&self.solids) {
            *motion = solid.motion(time);
        }
        self.find_owners();
        self.find_closed();
        self.find_links();
    }

    fn find_owners(&mut self) {
        self.owners_before.copy_from_slice(&self.owners);
        for (owner, flagged) in self.owners.iter_mut().zip(&self.flagged) {
            *owner = if *flagged { FLAGGED } else { FLUID };
        }
        let layout = self.layout;
        for (number, (solid, motion)) in self.solids.iter().zip(&self.motions).enumerate() {
            let bounds = solid.bounds(motion);
            let mut region = layout.all_cells();
            for axis in layout.axes() {
                let h = layout.spacing[axis];
                let [low, high] = bounds.map(|b| (b[axis] - self.corner[axis]) / h);
                let limit = |x: f64| x.clamp(0.0, layout.cells[axis] as f64) as usize;
                let first = region[axis].start;
                region[axis] = first + limit(low.floor())..first + limit(high.ceil());
            }
            for place in places(region) {
                let centre = self.corner_plus(layout.position(place, None));
                let owner = &mut self.owners[layout.cell(place)];
                if *owner == FLUID && solid.distance(centre, motion) < 0.0 {
                    *owner = number as u32 + 2;
                }
            }
        }
    }

    fn corner_plus(&self, position: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|a| position[a] + self.corner[a])
    }

    /// Owner of what closes the face at a place; `FLUID` if it is open.
    fn closer(&self, component: usize, place: [usize; 3]) -> u32 {
        let [first, end] = self.layout.ends(component);
        let high = (place[component] < end).then_some(place);
        let low = match place[component] > first || self.layout.periodic[component] {
            true => Some(self.before(component, place)),
            false => None,
        };
        let owner = |place: Option<[usize; 3]>| {
            place.map_or(FLUID, |place| self.owners[self.layout.cell(place)])
        };
        owner(high).max(owner(low))
    }

    /// The cell on the low side of a face, through joined sides.
    fn before(&self, component: usize, mut place: [usize; 3]) -> [usize; 3] {
        let [first, end] = self.layout.ends(component);
        place[component] = match place[component] == first {
            true => end - 1,
            false => place[component] - 1,
        };
        place
    }

    fn find_closed(&mut self) {
        let layout = self.layout;
        let mut closed = std::mem::take(&mut self.closed);
        closed.clear();
        for component in layout.axes() {
            self.open[component].fill(1.0);
            if !self.has_solids() {
                continue;
            }
            for place in places(layout.all_faces(component)) {
                let owner = self.closer(component, place);
                if owner == FLUID {
                    continue;
                }
                let index = layout.index(place);
                self.open[component][index] = 0.0;
                closed.push(ClosedFace {
                    component,
                    index,
                    velocity: self.wall_velocity(owner)[component],
                    at_surface: self.has_fluid_near(place),
                });
            }
        }
        for axis in layout.axes().filter(|a| layout.periodic[*a]) {
            for open in &mut self.open[..layout.dimension()] {
                super::sides::join(&layout, axis, super::layout::GHOSTS, open);
            }
        }
        self.closed = closed;
    }

    /// Velocity of a solid.
    fn wall_velocity(&self, owner: u32) -> [f64; 3] {
        match owner {
            FLUID | FLAGGED => [0.0; 3],
            solid => self.motions[solid as usize - 2].velocity,
        }
    }

    /// Whether one of the cells around the face's upper cell is fluid.
    fn has_fluid_near(&self, place: [usize; 3]) -> bool {
        let range = |axis: usize| match self.layout.dimension() > axis {
            true => -1..=1,
            false => 0..=0,
        };
        let near =
            |axis: usize, step: isize, place: [usize; 3]| self.layout.near(place, axis, step);
        range(2).any(|z| {
            range(1).any(|y| {
                range(0).any(|x| {
                    let cell = near(0, x, place)
                        .and_then(|p| near(1, y, p))
                        .and_then(|p| near(2, z, p));
                    cell.is_some_and(|p| self.owners[self.layout.cell(p)] == FLUID)
                })
            })
        })
    }

    /// Finds the walls between open and closed faces, by way of the closed ones.
    fn find_links(&mut self) {
        let layout = self.layout;
        let mut links = std::mem::take(&mut self.links);
        links.clear();
        for closed in self.closed.iter().filter(|c| c.at_surface) {
            let place = layout.place(closed.index);
            for axis in layout.axes() {
                for step in [-1, 1] {
                    links.extend(self.link(closed, place, axis, step));
                }
            }
        }
        links.sort_unstable_by_key(|link| (link.component, link.face, link.beyond));
        self.friction_bound = self.bound_friction(&links);
        self.links = links;
    }

    /// The wall between a closed face and the open one beside it, if that is one.
    fn link(
        &self,
        closed: &ClosedFace,
        place: [usize; 3],
        axis: usize,
        step: isize,
    ) -> Option<WallLink> {
        let layout = &self.layout;
        let component = closed.component;
        let mut near = place;
        near[axis] = near[axis].checked_add_signed(step)?;
        let first = layout.ends(axis)[0];
        if layout.periodic[axis] {
            let n = layout.cells[axis];
            near[axis] = first + (near[axis] + n - first) % n;
        }
        let inner = layout.inner_faces(component);
        if (0..3).any(|a| !inner[a].contains(&near[a])) {
            return None;
        }
        let face = layout.index(near);
        if self.open[component][face] == 0.0 {
            return None;
        }
        let theta = self.wall_share(component, place, near, axis);
        let h = layout.spacing[axis];
        let stride = layout.strides[axis] as isize;
        Some(WallLink {
            component,
            face,
            beyond: face.checked_add_signed(-step * stride)?,
            factor: (1.0 / theta - 1.0) / (h * h),
        })
    }

    /// The share of the way from the open face to the closed one at which the wall lies.
    fn wall_share(
        &self,
        component: usize,
        closed: [usize; 3],
        open: [usize; 3],
        axis: usize,
    ) -> f64 {
        let owner = self.closer(component, closed);
        if owner == FLAGGED {
            return if axis == component { 1.0 } else { 0.5 };
        }
        let number = owner as usize - 2;
        let (solid, motion) = (&self.solids[number], &self.motions[number]);
        let distance = |place: [usize; 3]| {
            let position = self.layout.position(place, Some(component));
            solid.distance(self.corner_plus(position), motion)
        };
        let (inside, outside) = (distance(closed), distance(open));
        if inside >= 0.0 {
            return 1.0;
        }
        (outside / (outside - inside)).clamp(NEAREST, 1.0)
    }

    /// Gershgorin's bound over all rows of the friction operator.
    fn bound_friction(&self, links: &[WallLink]) -> f64 {
        let scale = |axis: usize| 1.0 / self.layout.spacing[axis].powi(2);
        let plain: f64 = self.layout.axes().map(|a| 4.0 * scale(a)).sum();
        let of_face = |links: &[WallLink]| -> f64 {
            // A link takes a neighbour, 1 / h^2 on the diagonal and beside it, away, and puts 1 / (theta h^2) there.
            let change = |link: &WallLink| {
                let stride = link.face.abs_diff(link.beyond);
                let axis = self.layout.strides.iter().rposition(|s| *s == stride);
                link.factor - scale(axis.unwrap_or(0))
            };
            plain + links.iter().map(change).sum::<f64>()
        };
        links
            .chunk_by(|a, b| (a.component, a.face) == (b.component, b.face))
            .map(of_face)
            .fold(plain, f64::max)
    }

    /// Writes the velocities of the solids on the closed faces.
    pub fn write_closed(&self, velocity: &mut Faces) {
        for face in &self.closed {
            velocity[face.component][face.index] = face.velocity;
        }
    }

    /// Adds the friction at walls between faces to rates, in units of the rate times `viscosity`.
    pub fn add_wall_friction(&self, velocity: &Faces, factor: f64, into: &mut Faces) {
        for link in &self.links {
            let values = &velocity[link.component];
            let slip = values[link.beyond] - values[link.face];
            into[link.component][link.face] += factor * link.factor * slip;
        }
    }

    /// The transpose of [`add_wall_friction`](Self::add_wall_friction), for open faces.
    pub fn add_wall_friction_vjp(&self, rates: &Faces, factor: f64, into: &mut Faces) {
        for link in &self.links {
            let rate = rates[link.component][link.face];
            into[link.component][link.face] -= factor * link.factor * rate;
        }
    }
}
