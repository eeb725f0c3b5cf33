//! Kinds of cells, and sides of cells and domains.

use crate::SolverError;

/// What a cell is. The numbers are those of flag files.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// No flux passes its faces (Neumann).
    Solid = 0,
    /// An unknown.
    Fluid = 1,
    /// The pressure is zero at its centre (Dirichlet).
    Air = 2,
}

impl TryFrom<u8> for Cell {
    type Error = u8;

    fn try_from(flag: u8) -> Result<Self, u8> {
        match flag {
            0 => Ok(Self::Solid),
            1 => Ok(Self::Fluid),
            2 => Ok(Self::Air),
            other => Err(other),
        }
    }
}

/// A side of the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// x = 0.
    XMin = 0,
    /// x = nx hx.
    XMax = 1,
    /// y = 0.
    YMin = 2,
    /// y = ny hy.
    YMax = 3,
    /// z = 0.
    ZMin = 4,
    /// z = nz hz.
    ZMax = 5,
}

impl Side {
    /// All six, in the order x, y, z, low before high.
    pub const ALL: [Self; 6] = [
        Self::XMin,
        Self::XMax,
        Self::YMin,
        Self::YMax,
        Self::ZMin,
        Self::ZMax,
    ];

    /// 0, 1, 2 for x, y, z.
    pub fn axis(self) -> usize {
        self as usize / 2
    }

    /// Whether the side lies at the high end of its axis.
    pub fn is_high(self) -> bool {
        self as usize % 2 == 1
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(["x-", "x+", "y-", "y+", "z-", "z+"][*self as usize])
    }
}

impl std::str::FromStr for Side {
    type Err = SolverError;

    fn from_str(text: &str) -> Result<Self, SolverError> {
        Self::ALL
            .into_iter()
            .find(|side| side.to_string() == text)
            .ok_or_else(|| SolverError::Argument {
                what: "side",
                problem: format!("\"{text}\" is not one of x-, x+, y-, y+, z-, z+"),
            })
    }
}
