//! The plane mesh behind a case one cell thick.

use crate::DatasetError;
use crate::openfoam::mesh::{FoamMesh, Measures, mean};

/// Polygons and points of one side of the case.
pub(super) struct Plane {
    /// For each cell its points, counter-clockwise.
    pub(super) cells: Vec<Vec<u32>>,
    /// z between the two sides.
    pub(super) middle: f64,
}

impl Plane {
    pub(super) fn new(mesh: &FoamMesh, measures: &Measures) -> Result<Self, DatasetError> {
        let wrong = |problem: String| DatasetError::Argument {
            what: "OpenFOAM mesh",
            problem: format!("{problem}; a case one cell thick along z with empty sides is needed"),
        };
        let z: Vec<f64> = mesh.points().iter().map(|p| p[2]).collect();
        let low = z.iter().copied().fold(f64::INFINITY, f64::min);
        let high = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let middle = 0.5 * (low + high);
        let mut cells: Vec<Vec<u32>> = vec![Vec::new(); mesh.n_cells()];
        let empty = mesh.patches().iter().filter(|patch| patch.kind == "empty");
        for face in empty.flat_map(|patch| patch.faces()) {
            // The lower side: its normal leaves the cell downwards, so it turns clockwise seen from above.
            if measures.face_areas[face][2] < 0.0 {
                let corners = mesh.face(face);
                let place = mean(corners.iter().map(|&p| mesh.points()[p as usize]));
                let cell = &mut cells[mesh.owner()[face] as usize];
                if !cell.is_empty() || place[2] > middle {
                    return Err(wrong(format!("face {face} is not alone on its side")));
                }
                *cell = corners.iter().rev().copied().collect();
            }
        }
        match cells.iter().position(Vec::is_empty) {
            None => Ok(Self { cells, middle }),
            Some(cell) => Err(wrong(format!("cell {cell} has no face on the lower side"))),
        }
    }
}
