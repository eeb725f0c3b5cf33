//! OpenFOAM's mesh: faces between an owner and a neighbour, and patches of boundary faces.

mod extrude;
mod measure;
mod quality;
mod write;

pub(super) use measure::{Measures, mean, minus, norm};
pub use quality::{MeshQuality, QualityLimits};
pub(super) use write::write_poly_mesh;

/// A patch: boundary faces that lie one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoamPatch {
    /// Its name.
    pub name: String,
    /// OpenFOAM's type: `wall`, `patch`, `empty`, ..
    pub kind: String,
    /// Its first face.
    pub start: usize,
    /// How many faces it has.
    pub count: usize,
}

impl FoamPatch {
    /// The indices of its faces.
    pub fn faces(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.count
    }
}

/// A polyhedral mesh as OpenFOAM holds it (`constant/polyMesh`).
///
/// Guaranteed of every mesh that the crate builds or reads: indices exist; faces have three points at
/// least; internal faces come first, in the upper triangular order (by owner, then by neighbour, the
/// owner being the smaller); the patches cover the other faces without gap or overlap.
#[derive(Debug, Clone, PartialEq)]
pub struct FoamMesh {
    pub(super) points: Vec<[f64; 3]>,
    /// Points of every face; they turn so that its normal leaves the owner.
    pub(super) faces: Vec<Vec<u32>>,
    pub(super) owner: Vec<u32>,
    /// Of the internal faces.
    pub(super) neighbour: Vec<u32>,
    pub(super) patches: Vec<FoamPatch>,
    pub(super) n_cells: usize,
}

impl FoamMesh {
    /// Coordinates, m.
    pub fn points(&self) -> &[[f64; 3]] {
        &self.points
    }

    /// Number of faces, internal ones and boundary.
    pub fn n_faces(&self) -> usize {
        self.faces.len()
    }

    /// Number of faces between two cells; they come first.
    pub fn n_internal_faces(&self) -> usize {
        self.neighbour.len()
    }

    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// The points of a face, turning so that the normal leaves the owner.
    ///
    /// # Panics
    /// When there is no such face, as slice indexing does.
    pub fn face(&self, index: usize) -> &[u32] {
        &self.faces[index]
    }

    /// The cell that owns each face.
    pub fn owner(&self) -> &[u32] {
        &self.owner
    }

    /// The other cell of each internal face.
    pub fn neighbour(&self) -> &[u32] {
        &self.neighbour
    }

    /// The patches, in the order of their faces.
    pub fn patches(&self) -> &[FoamPatch] {
        &self.patches
    }

    /// The patch of this name.
    pub fn patch(&self, name: &str) -> Option<&FoamPatch> {
        self.patches.iter().find(|patch| patch.name == name)
    }
}

#[cfg(test)]
mod tests;
