//! The domain of a Poisson problem: a uniform grid with a flag per cell, its domain sides, and
//! optionally a weight per face.

use super::cell::{Cell, Side};
use crate::SolverError;

/// A uniform 2D or 3D grid of solid, fluid and air cells.
///
/// Cells are numbered `(z * ny + y) * nx + x`; a 2D grid has nz = 1 and no faces in z. Domain
/// sides are solid walls unless [opened](Self::open): an open side has air behind it, with p = 0
/// one spacing from the centres of the last cells.
///
/// The operator A of the grid is the negative Laplacian of finite volumes: in a fluid cell c
///
/// ```text
/// (A p)_c = sum over faces f of c that are not solid:  w_f / h_f^2 (p_c - p_neighbour)
/// ```
///
/// where h_f is the spacing across the face, w_f its [weight](Self::face_weights) (1 if none are
/// given), and the neighbour's p is 0 in air. It is symmetric, and positive definite but for one
/// constant per connected component of fluid that touches no air.
#[derive(Clone, Debug)]
pub struct FlagGrid {
    dims: [usize; 3],
    spacing: [f64; 3],
    cells: Vec<u8>,
    open: [bool; 6],
    weights: Option<[Vec<f64>; 3]>,
}

impl FlagGrid {
    /// A grid of `dims` cells, `[nx, ny, nz]`, with spacing 1 and solid walls all around. `flags`
    /// holds a [`Cell`] number per cell.
    ///
    /// # Errors
    /// No cell at all, more than 2^31 cells, a wrong number of flags, or a number that is none of
    /// 0, 1, 2.
    pub fn new(dims: [usize; 3], flags: &[u8]) -> Result<Self, SolverError> {
        let cells = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let cells = cells.filter(|&n| n > 0 && n < 1 << 31).ok_or_else(|| {
            argument(
                "dims",
                format!("{dims:?}: between 1 and 2^31 cells are possible"),
            )
        })?;
        if flags.len() != cells {
            let problem = format!("{} flags for {dims:?}, that is {cells} cells", flags.len());
            return Err(argument("flags", problem));
        }
        if let Some((index, flag)) = (flags.iter().enumerate()).find(|&(_, &flag)| flag > 2) {
            let problem = format!("{flag} at index {index}: 0 is solid, 1 fluid, 2 air");
            return Err(argument("flags", problem));
        }
        Ok(Self {
            dims,
            spacing: [1.0; 3],
            cells: flags.to_vec(),
            open: [false; 6],
            weights: None,
        })
    }

    /// A grid of fluid alone.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn all_fluid(dims: [usize; 3]) -> Result<Self, SolverError> {
        let cells = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        match cells.filter(|&n| n < 1 << 31) {
            Some(n) => Self::new(dims, &vec![Cell::Fluid as u8; n]),
            None => Self::new(dims, &[]),
        }
    }

    /// Sets the spacing of each axis (any unit of length).
    ///
    /// # Errors
    /// A spacing that is not a positive finite number, or too small or large to be squared.
    pub fn spacing(mut self, spacing: [f64; 3]) -> Result<Self, SolverError> {
        let fits = |h: f64| h > 0.0 && (1.0 / (h * h)).is_normal();
        if let Some(h) = spacing.into_iter().find(|&h| !fits(h)) {
            let problem = format!("{h} is not a positive number whose square is one too");
            return Err(argument("spacing", problem));
        }
        self.spacing = spacing;
        Ok(self)
    }

    /// Puts air (p = 0) behind a side of the domain.
    ///
    /// # Errors
    /// A side in z of a 2D grid.
    pub fn open(mut self, side: Side) -> Result<Self, SolverError> {
        if side.axis() == 2 && self.dims[2] == 1 {
            let problem = format!("a 2D grid has no side {side}");
            return Err(argument("open side", problem));
        }
        self.open[side as usize] = true;
        Ok(self)
    }

    /// Sets a weight per face, as on a MAC grid: `x` has `(nx + 1) ny nz` values, the i-th of a
    /// row between cells i - 1 and i; `y` and `z` likewise (`z` may be empty in 2D). For cut cells
    /// the open fraction of the face, for variable density 1 / density there. Weights of faces
    /// of solid cells, and of walls, are ignored.
    ///
    /// # Errors
    /// A wrong number of weights; one that is negative or not finite.
    pub fn face_weights(mut self, x: &[f64], y: &[f64], z: &[f64]) -> Result<Self, SolverError> {
        let [nx, ny, nz] = self.dims;
        let expected = [(nx + 1) * ny * nz, nx * (ny + 1) * nz, nx * ny * (nz + 1)];
        for (axis, (weights, expected)) in [x, y, z].into_iter().zip(expected).enumerate() {
            let name = ["x", "y", "z"][axis];
            let flat = axis == 2 && nz == 1 && weights.is_empty();
            if weights.len() != expected && !flat {
                let found = weights.len();
                let problem = format!(
                    "{found} weights in {name}, {:?} needs {expected}",
                    self.dims
                );
                return Err(argument("face weights", problem));
            }
            let bad = |w: &f64| !(w.is_finite() && *w >= 0.0);
            if let Some(index) = weights.iter().position(bad) {
                let problem = format!(
                    "{} in {name} at index {index}: a weight is finite and at least 0",
                    weights[index]
                );
                return Err(argument("face weights", problem));
            }
        }
        self.weights = Some([x.to_vec(), y.to_vec(), z.to_vec()]);
        Ok(self)
    }

    /// Cells along each axis.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// 2 or 3.
    pub fn dimension(&self) -> usize {
        if self.dims[2] == 1 { 2 } else { 3 }
    }

    /// Cells in all.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Never: a grid has at least one cell.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Spacing along each axis.
    pub fn spacing_of_axes(&self) -> [f64; 3] {
        self.spacing
    }

    /// Whether the side has air behind it.
    pub fn is_open(&self, side: Side) -> bool {
        self.open[side as usize]
    }

    /// Whether faces have weights of their own.
    pub fn has_face_weights(&self) -> bool {
        self.weights.is_some()
    }

    /// The cell at `index`.
    pub fn cell(&self, index: usize) -> Cell {
        match self.cells[index] {
            1 => Cell::Fluid,
            2 => Cell::Air,
            _ => Cell::Solid,
        }
    }

    /// The numbers of all cells.
    pub fn flags(&self) -> &[u8] {
        &self.cells
    }

    /// Whether every cell is fluid and no face has a weight of its own.
    pub(super) fn is_empty_box(&self) -> bool {
        self.fluid_cells() == self.len() && !self.has_face_weights()
    }

    /// Number of fluid cells: the unknowns.
    pub fn fluid_cells(&self) -> usize {
        self.cells
            .iter()
            .filter(|&&c| c == Cell::Fluid as u8)
            .count()
    }

    /// Changes one cell.
    pub(super) fn set(&mut self, index: usize, cell: Cell) {
        self.cells[index] = cell as u8;
    }

    /// Distance in numbering between neighbours along each axis.
    pub(super) fn strides(&self) -> [usize; 3] {
        [1, self.dims[0], self.dims[0] * self.dims[1]]
    }

    /// Position `[x, y, z]` of a cell.
    pub(super) fn position(&self, index: usize) -> [usize; 3] {
        let [nx, ny, _] = self.dims;
        [index % nx, index / nx % ny, index / (nx * ny)]
    }

    /// 1 / h^2 along each axis; 0 along the z of a 2D grid, which has no faces.
    pub(super) fn scales(&self) -> [f64; 3] {
        let mut scales = self.spacing.map(|h| 1.0 / (h * h));
        if self.dims[2] == 1 {
            scales[2] = 0.0;
        }
        scales
    }

    /// A cell and its neighbours.
    pub(super) fn with_neighbours(&self, index: usize) -> impl Iterator<Item = usize> {
        let near = Side::ALL.map(|side| self.beyond(index, side).0);
        std::iter::once(index).chain(near.into_iter().flatten())
    }

    /// Whether the fluid cells `beside` a cell are connected without it through fluid among its 26
    /// neighbours.
    pub(super) fn stays_connected_without(&self, index: usize, beside: &[usize]) -> bool {
        let centre = self.position(index);
        let near = |cell: usize| {
            let p = self.position(cell);
            (0..3).all(|a| p[a].abs_diff(centre[a]) <= 1)
        };
        let mut reached = vec![beside[0]];
        let mut next = 0;
        while let Some(&cell) = reached.get(next) {
            next += 1;
            for side in Side::ALL {
                if let (Some(other), Cell::Fluid) = self.beyond(cell, side)
                    && other != index
                    && near(other)
                    && !reached.contains(&other)
                {
                    reached.push(other);
                }
            }
        }
        beside.iter().all(|cell| reached.contains(cell))
    }

    /// What is behind a side of the domain.
    pub(super) fn behind(&self, side: Side) -> Cell {
        match self.is_open(side) {
            true => Cell::Air,
            false => Cell::Solid,
        }
    }

    /// The cell beyond a face, if it is in the grid, and what it is.
    pub(super) fn beyond(&self, index: usize, side: Side) -> (Option<usize>, Cell) {
        let (axis, position) = (side.axis(), self.position(index));
        let edge = if side.is_high() {
            self.dims[axis] - 1
        } else {
            0
        };
        if position[axis] == edge {
            return (None, self.behind(side));
        }
        let stride = self.strides()[axis];
        let neighbour = if side.is_high() {
            index + stride
        } else {
            index - stride
        };
        (Some(neighbour), self.cell(neighbour))
    }

    /// The face of a fluid cell towards `side`.
    pub(super) fn face(&self, index: usize, side: Side) -> Face {
        let (neighbour, beyond) = self.beyond(index, side);
        if beyond == Cell::Solid {
            return Face::WALL;
        }
        let scale = self.scales()[side.axis()];
        let coefficient = match &self.weights {
            Some(weights) => {
                scale * weights[side.axis()][self.face_index(self.position(index), side)]
            }
            None => scale,
        };
        Face {
            fluid: neighbour.filter(|_| beyond == Cell::Fluid),
            coefficient,
        }
    }

    /// Where the weight of a face lies in the array of its axis.
    fn face_index(&self, [x, y, z]: [usize; 3], side: Side) -> usize {
        let [nx, ny, _] = self.dims;
        let high = usize::from(side.is_high());
        match side.axis() {
            0 => (z * ny + y) * (nx + 1) + x + high,
            1 => (z * (ny + 1) + y + high) * nx + x,
            _ => ((z + high) * ny + y) * nx + x,
        }
    }
}

/// A face of a fluid cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Face {
    /// The fluid cell beyond it, if there is one; else air, or a wall when the coefficient is 0.
    pub fluid: Option<usize>,
    /// Weight / h^2.
    pub coefficient: f64,
}

impl Face {
    const WALL: Self = Self {
        fluid: None,
        coefficient: 0.0,
    };
}

fn argument(what: &'static str, problem: String) -> SolverError {
    SolverError::Argument { what, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_know_what_is_beyond() {
        // row: fluid fluid solid air fluid
        let grid = FlagGrid::new([5, 1, 1], &[1, 1, 0, 2, 1])
            .and_then(|g| g.spacing([0.5, 1.0, 1.0]))
            .and_then(|g| g.open(Side::XMax))
            .expect("valid");
        assert_eq!(grid.face(0, Side::XMin), Face::WALL);
        assert_eq!(grid.face(0, Side::XMax).fluid, Some(1));
        assert_eq!(grid.face(0, Side::XMax).coefficient, 4.0);
        assert_eq!(grid.face(1, Side::XMax), Face::WALL);
        assert_eq!(
            grid.face(4, Side::XMin),
            Face {
                fluid: None,
                coefficient: 4.0
            }
        );
        assert_eq!(
            grid.face(4, Side::XMax),
            Face {
                fluid: None,
                coefficient: 4.0
            }
        );
        assert_eq!(grid.face(4, Side::ZMax), Face::WALL);
    }

    #[test]
    fn weights_are_those_of_a_mac_grid() {
        let x: Vec<f64> = (0..3 * 2 * 2).map(f64::from).collect();
        let y: Vec<f64> = (0..2 * 3 * 2).map(|i| f64::from(i) + 100.0).collect();
        let z: Vec<f64> = (0..2 * 2 * 3).map(|i| f64::from(i) + 200.0).collect();
        let grid = FlagGrid::all_fluid([2, 2, 2])
            .and_then(|g| g.face_weights(&x, &y, &z))
            .expect("valid");
        // cell (0, 1, 1) is number 6
        assert_eq!(grid.face(6, Side::XMax).coefficient, 10.0);
        assert_eq!(grid.face(6, Side::YMin).coefficient, 108.0);
        assert_eq!(grid.face(6, Side::ZMin).coefficient, 206.0);
        assert_eq!(
            grid.face(7, Side::XMin),
            Face {
                fluid: Some(6),
                coefficient: 10.0
            }
        );
    }

    #[test]
    fn bad_input_is_refused_by_name() {
        let message = |result: Result<FlagGrid, SolverError>| match result {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        };
        assert!(message(FlagGrid::new([2, 2, 1], &[1, 1, 1])).contains("3 flags"));
        assert!(message(FlagGrid::new([2, 2, 1], &[1, 1, 7, 1])).contains("7 at index 2"));
        assert!(message(FlagGrid::new([usize::MAX, 2, 1], &[])).contains("dims"));
        assert!(message(FlagGrid::all_fluid([1 << 20, 1 << 20, 1])).contains("dims"));
        let flat = || FlagGrid::all_fluid([2, 2, 1]).expect("valid");
        assert!(message(flat().spacing([1.0, f64::NAN, 1.0])).contains("NaN"));
        assert!(message(flat().spacing([1.0, 1e-200, 1.0])).contains("spacing"));
        assert!(message(flat().open(Side::ZMax)).contains("z+"));
        assert!(message(flat().face_weights(&[1.0; 5], &[1.0; 6], &[])).contains("needs 6"));
        let negative = [1.0, 1.0, -1.0, 1.0, 1.0, 1.0];
        assert!(message(flat().face_weights(&[1.0; 6], &negative, &[])).contains("index 2"));
    }
}
