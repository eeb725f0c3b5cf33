//! Where values lie: the arrays of all fields have one shape, the grid with two layers of ghost cells around it.
//!
//! A velocity component with the index of a cell lies on the low face of that cell, across its own axis. A
//! two-dimensional grid has one layer in z and no ghosts there.

use std::ops::Range;

/// Layers of ghost cells: the limited advection of the scalar looks two cells upstream.
pub(super) const GHOSTS: usize = 2;

/// Values of one field for each axis: velocities, or what belongs to faces. Empty in z on a 2D grid.
pub(super) type Faces = [Vec<f64>; 3];

/// Shape of the padded arrays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    /// Cells along x, y, z.
    pub cells: [usize; 3],
    /// The same with ghosts.
    pub padded: [usize; 3],
    ghosts: [usize; 3],
    /// Distance in numbering between neighbours.
    pub strides: [usize; 3],
    /// Metres.
    pub spacing: [f64; 3],
    /// Whether the two sides of an axis are joined.
    pub periodic: [bool; 3],
}

impl Layout {
    pub fn new(cells: [usize; 3], spacing: [f64; 3], periodic: [bool; 3]) -> Self {
        let ghosts = cells.map(|n| if n > 1 { GHOSTS } else { 0 });
        let padded = [0, 1, 2].map(|a| cells[a] + 2 * ghosts[a]);
        Self {
            cells,
            padded,
            ghosts,
            strides: [1, padded[0], padded[0] * padded[1]],
            spacing,
            periodic,
        }
    }

    /// 2 or 3.
    pub fn dimension(&self) -> usize {
        if self.cells[2] == 1 { 2 } else { 3 }
    }

    /// The axes: 0, 1 and in 3D 2.
    pub fn axes(&self) -> Range<usize> {
        0..self.dimension()
    }

    /// Values of a padded array.
    pub fn len(&self) -> usize {
        self.padded.iter().product()
    }

    /// Cells of the grid.
    pub fn cell_count(&self) -> usize {
        self.cells.iter().product()
    }

    /// Index in a padded array of a place, counted with ghosts.
    pub fn index(&self, place: [usize; 3]) -> usize {
        (0..3).map(|a| place[a] * self.strides[a]).sum()
    }

    /// Place, counted with ghosts, of an index in a padded array.
    pub fn place(&self, index: usize) -> [usize; 3] {
        let [width, height, _] = self.padded;
        [
            index % width,
            index / width % height,
            index / (width * height),
        ]
    }

    /// Place, counted with ghosts, of a cell counted without.
    pub fn with_ghosts(&self, cell: [usize; 3]) -> [usize; 3] {
        [0, 1, 2].map(|a| cell[a] + self.ghosts[a])
    }

    /// Index in an array of cells alone of a place counted with ghosts, which is not among them.
    pub fn cell(&self, place: [usize; 3]) -> usize {
        let [x, y, z] = [0, 1, 2].map(|a| place[a] - self.ghosts[a]);
        (z * self.cells[1] + y) * self.cells[0] + x
    }

    /// The cell at an offset along an axis, through joined sides; none outside of the grid.
    pub fn near(&self, place: [usize; 3], axis: usize, step: isize) -> Option<[usize; 3]> {
        let n = self.cells[axis] as isize;
        let mut to = (place[axis] - self.ghosts[axis]) as isize + step;
        if self.periodic[axis] {
            to = to.rem_euclid(n);
        }
        let mut near = place;
        near[axis] = usize::try_from(to).ok().filter(|_| to < n)? + self.ghosts[axis];
        Some(near)
    }

    /// Places of the faces across `axis` whose velocity the momentum equation gives: all but those on the domain's sides.
    pub fn inner_faces(&self, axis: usize) -> [Range<usize>; 3] {
        let first = usize::from(!self.periodic[axis]);
        [0, 1, 2].map(|a| {
            let ghosts = self.ghosts[a];
            ghosts + if a == axis { first } else { 0 }..ghosts + self.cells[a]
        })
    }

    /// Places of all faces across `axis`; where the sides are joined the last, which is the first again, is left out.
    pub fn all_faces(&self, axis: usize) -> [Range<usize>; 3] {
        let more = usize::from(!self.periodic[axis]);
        [0, 1, 2].map(|a| {
            let end = self.ghosts[a] + self.cells[a];
            self.ghosts[a]..end + if a == axis { more } else { 0 }
        })
    }

    /// Places of all cells.
    pub fn all_cells(&self) -> [Range<usize>; 3] {
        [0, 1, 2].map(|a| self.ghosts[a]..self.ghosts[a] + self.cells[a])
    }

    /// Places of all cells and of one layer of ghosts.
    pub fn cells_and_ghosts(&self) -> [Range<usize>; 3] {
        [0, 1, 2].map(|a| match self.ghosts[a] {
            0 => 0..1,
            ghosts => ghosts - 1..ghosts + self.cells[a] + 1,
        })
    }

    /// Place along `axis` of the first cell, and of what comes behind the last: the two faces on the sides.
    pub fn ends(&self, axis: usize) -> [usize; 2] {
        [self.ghosts[axis], self.ghosts[axis] + self.cells[axis]]
    }

    /// Volume of a cell; in 2D for a depth of one metre.
    pub fn volume(&self) -> f64 {
        self.axes().map(|a| self.spacing[a]).product()
    }

    /// Area of a face across `axis`; in 2D for a depth of one metre.
    pub fn area(&self, axis: usize) -> f64 {
        self.volume() / self.spacing[axis]
    }

    /// A padded array of zeros for each axis.
    pub fn faces(&self) -> Faces {
        [0, 1, 2].map(|a| match a < self.dimension() {
            true => vec![0.0; self.len()],
            false => Vec::new(),
        })
    }

    /// Centre of the cell at a place counted with ghosts, or of its low face across `face`, from the corner of the grid.
    pub fn position(&self, place: [usize; 3], face: Option<usize>) -> [f64; 3] {
        [0, 1, 2].map(|a| match (Some(a) == face, self.cells[a]) {
            (false, 1) => 0.0,
            (on_face, _) => {
                let middle = if on_face { 0.0 } else { 0.5 };
                (place[a] as f64 - self.ghosts[a] as f64 + middle) * self.spacing[a]
            }
        })
    }
}

/// All places of a box, x fastest.
pub(super) fn places([x, y, z]: [Range<usize>; 3]) -> impl Iterator<Item = [usize; 3]> {
    z.flat_map(move |k| {
        let x = x.clone();
        y.clone()
            .flat_map(move |j| x.clone().map(move |i| [i, j, k]))
    })
}
