//! Seeded Poisson problems on flag grids: what solvers are compared on, and tested with.
//!
//! Six geometries in 2D and 3D, from the easiest to those on which multigrid methods are known to
//! suffer, each with a right-hand side that is the negative divergence of a face velocity field. That field is
//! zero on the faces of solids, so the right-hand side sums to zero over each fluid component that no
//! air touches: the problem has a solution whatever the geometry.
//!
//! The same kind, size and seed give the same problem on every machine.

mod flow;
mod moving;
mod shapes;

use std::fmt;
use std::str::FromStr;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::SolverError;

pub use moving::MovingSolidCase;

/// Flag of a solid cell: no flow through its faces.
const SOLID: u8 = 0;
/// Flag of a fluid cell: an unknown.
const FLUID: u8 = 1;
/// Flag of an air cell: pressure zero.
const AIR: u8 = 2;

/// Fewest cells along an axis on which all shapes still have fluid around them.
const FEWEST_CELLS: usize = 8;

/// The geometry of a [`PoissonCase`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoissonCaseKind {
    /// Fluid everywhere, walls all around: singular.
    EmptyBox,
    /// Fluid everywhere, open to the air on top (the last axis in use).
    OpenTop,
    /// A closed box with a sphere, a floating box and one that stands on the floor: singular.
    SphereAndBoxes,
    /// A closed box with a dozen plates, one cell thick, across it; the way past each is one cell wide:
    /// a slit along a wall, left and right in turns, or a single hole. Singular.
    PlateMaze,
    /// A closed box, a quarter of it grains of 1.5 to 4.5 cells radius: pores as wide as a cell. Singular,
    /// with as many components as the grains happen to cut off.
    PorousMedium,
    /// Open on top, with hollow spheres and boxes that seal fluid in, one of them around an air bubble, and
    /// some sealed single cells.
    SealedPockets,
    /// A sphere on its way through a box that is open on top: the first step of
    /// [`MovingSolidCase`].
    MovingSolid,
}

impl PoissonCaseKind {
    /// The kinds that stand still, from the easiest.
    pub const ALL: [Self; 6] = [
        Self::EmptyBox,
        Self::OpenTop,
        Self::SphereAndBoxes,
        Self::PlateMaze,
        Self::PorousMedium,
        Self::SealedPockets,
    ];

    /// The name in commands and files: `box`, `open-top`, `sphere`, `maze`, `porous`, `pockets`, `moving`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EmptyBox => "box",
            Self::OpenTop => "open-top",
            Self::SphereAndBoxes => "sphere",
            Self::PlateMaze => "maze",
            Self::PorousMedium => "porous",
            Self::SealedPockets => "pockets",
            Self::MovingSolid => "moving",
        }
    }

    /// What it is, in a few words.
    pub fn description(self) -> &'static str {
        match self {
            Self::EmptyBox => "empty box, walls all around",
            Self::OpenTop => "empty box, open on top",
            Self::SphereAndBoxes => "closed box with a sphere and two boxes",
            Self::PlateMaze => "plates with one-cell gaps",
            Self::PorousMedium => "porous medium, a quarter solid",
            Self::SealedPockets => "open top, sealed pockets",
            Self::MovingSolid => "open top, a sphere that moves",
        }
    }
}

impl fmt::Display for PoissonCaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for PoissonCaseKind {
    type Err = SolverError;

    fn from_str(text: &str) -> Result<Self, SolverError> {
        let mut all = Self::ALL.into_iter().chain([Self::MovingSolid]);
        all.find(|kind| kind.name() == text)
            .ok_or_else(|| SolverError::Argument {
                what: "case",
                problem: format!(
                    "`{text}` is not known; the cases are {}, moving",
                    Self::ALL.map(Self::name).join(", ")
                ),
            })
    }
}

/// A Poisson problem: A x = b with A the negative five- or seven-point Laplacian on a flag grid.
///
/// Cell (x, y, z) has index (z·ny + y)·nx + x; nz = 1 in 2D.
#[derive(Clone, Debug)]
pub struct PoissonCase {
    /// Geometry.
    pub kind: PoissonCaseKind,
    /// Cells along x, y and z; nz = 1 in 2D.
    pub dims: [usize; 3],
    /// Size of a cell along x, y and z (m).
    pub spacing: [f64; 3],
    /// A flag for each cell: 0 solid, 1 fluid, 2 air.
    pub flags: Vec<u8>,
    /// Right-hand side b, one value for each cell, zero where there is no fluid; root mean square 1 over
    /// the fluid cells.
    pub rhs: Vec<f64>,
    /// Which sides of the domain are open to the air, in the order x-, x+, y-, y+, z-, z+; walls
    /// otherwise.
    pub open: [bool; 6],
}

impl PoissonCase {
    /// The problem of this kind on a grid of `dims` cells (nz = 1: 2D) in a domain whose longest
    /// side is 1.
    ///
    /// # Errors
    /// [`SolverError::Argument`] when an axis in use has fewer than 8 cells.
    pub fn new(kind: PoissonCaseKind, dims: [usize; 3], seed: u64) -> Result<Self, SolverError> {
        check(dims)?;
        if kind == PoissonCaseKind::MovingSolid {
            return Ok(MovingSolidCase::new(dims, seed)?.into_case());
        }
        let mut rng = random(kind, seed);
        let spacing = [1.0 / dims.into_iter().max().unwrap_or(1) as f64; 3];
        let mut case = Self {
            kind,
            dims,
            spacing,
            flags: shapes::flags(kind, dims, &mut rng),
            rhs: Vec::new(),
            open: shapes::open_sides(kind, dims),
        };
        case.rhs = flow::right_hand_side(&case, &mut rng);
        Ok(case)
    }

    /// All kinds on grids of `n`² (`dimension` 2) or `n`³ cells.
    ///
    /// # Errors
    /// [`SolverError::Argument`] when `dimension` is neither 2 nor 3, or `n` below 8.
    pub fn all(n: usize, dimension: usize, seed: u64) -> Result<Vec<Self>, SolverError> {
        let dims = cube(n, dimension)?;
        PoissonCaseKind::ALL
            .into_iter()
            .map(|kind| Self::new(kind, dims, seed))
            .collect()
    }

    /// Name of the geometry: see [`PoissonCaseKind::name`].
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Number of unknowns: fluid cells.
    pub fn fluid_cells(&self) -> usize {
        self.flags.iter().filter(|flag| **flag == FLUID).count()
    }
}

/// Random numbers of their own for each kind.
fn random(kind: PoissonCaseKind, seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed ^ ((kind as u64) << 56))
}

/// A square or cube of `n` cells a side.
fn cube(n: usize, dimension: usize) -> Result<[usize; 3], SolverError> {
    match dimension {
        2 => Ok([n, n, 1]),
        3 => Ok([n, n, n]),
        _ => Err(SolverError::Argument {
            what: "dimension",
            problem: format!("{dimension} is not possible; 2 and 3 are"),
        }),
    }
}

/// Refuses grids that are too small for the shapes, or too large to be counted.
fn check([nx, ny, nz]: [usize; 3]) -> Result<(), SolverError> {
    let used = if nz == 1 {
        &[nx, ny][..]
    } else {
        &[nx, ny, nz]
    };
    let refuse = |why: &str| {
        Err(SolverError::Argument {
            what: "size of a case",
            problem: format!("{nx} x {ny} x {nz} cells are {why}"),
        })
    };
    if used.iter().any(|n| *n < FEWEST_CELLS) {
        return refuse("too few: each axis needs 8 or more (nz = 1 makes a 2D case)");
    }
    match used
        .iter()
        .try_fold(1usize, |cells, n| cells.checked_mul(*n))
    {
        Some(cells) if cells <= u32::MAX as usize => Ok(()),
        _ => refuse("too many: 4294967295 are possible"),
    }
}

#[cfg(test)]
mod tests;
