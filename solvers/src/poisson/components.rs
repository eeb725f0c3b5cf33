//! Connected components of the fluid, and which of them are singular.

use super::stencil::FlagStencil;
use crate::{SolverError, linear::Nullspace};

/// Components of the fluid cells.
#[derive(Clone, Debug)]
pub(super) struct Components {
    /// Component of each cell; `u32::MAX` for cells that are not fluid.
    pub labels: Vec<u32>,
    /// Whether a component touches no air, so that its pressure is known up to a constant.
    pub singular: Vec<bool>,
}

impl Components {
    /// Components of fluid cells that are coupled. A component is numbered by its first cell.
    pub fn new(stencil: &FlagStencil) -> Self {
        let mut labels = vec![u32::MAX; stencil.dims().iter().product()];
        let mut sets = join_runs(stencil, &mut labels);
        let mut singular = Vec::new();
        let mut number = vec![u32::MAX; sets.parents.len()];
        for (cell, label) in labels.iter_mut().enumerate() {
            if *label == u32::MAX {
                continue;
            }
            let root = sets.root(*label) as usize;
            if number[root] == u32::MAX {
                number[root] = singular.len() as u32;
                singular.push(true);
            }
            *label = number[root];
            if singular[*label as usize] && stencil.dirichlet(cell) > 0.0 {
                singular[*label as usize] = false;
            }
        }
        Self { labels, singular }
    }

    /// The constants of the singular components; `None` if there is no such component.
    pub fn nullspace(&self) -> Result<Option<Nullspace>, SolverError> {
        let any = self.singular.iter().any(|&s| s);
        any.then(|| Nullspace::from_labels(&self.labels, &self.singular))
            .transpose()
    }
}

/// Labels runs of coupled cells along x and joins those that touch along y and z.
fn join_runs(stencil: &FlagStencil, labels: &mut [u32]) -> Sets {
    let [nx, ny, _] = stencil.dims();
    let mut sets = Sets::default();
    for cell in 0..labels.len() {
        if !stencil.is_fluid(cell) {
            continue;
        }
        labels[cell] = if stencil.low_coupling(cell, 0) > 0.0 {
            labels[cell - 1]
        } else {
            sets.add()
        };
        for (axis, stride) in [(1, nx), (2, nx * ny)] {
            if stencil.low_coupling(cell, axis) > 0.0 {
                sets.join(labels[cell], labels[cell - stride]);
            }
        }
    }
    sets
}

/// Disjoint sets with path halving; the smaller root wins, so that sets keep their first member.
#[derive(Default)]
struct Sets {
    parents: Vec<u32>,
}

impl Sets {
    fn add(&mut self) -> u32 {
        let label = self.parents.len() as u32;
        self.parents.push(label);
        label
    }

    fn root(&mut self, mut label: u32) -> u32 {
        while self.parents[label as usize] != label {
            let grandparent = self.parents[self.parents[label as usize] as usize];
            self.parents[label as usize] = grandparent;
            label = grandparent;
        }
        label
    }

    fn join(&mut self, a: u32, b: u32) {
        if a != b {
            let (a, b) = (self.root(a), self.root(b));
            self.parents[a.max(b) as usize] = a.min(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FlagGrid, Side};
    use super::*;

    fn components(dims: [usize; 3], flags: &str, open: &[Side]) -> Components {
        let flags: Vec<u8> = flags
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|c| c - b'0')
            .collect();
        let grid = FlagGrid::new(dims, &flags).expect("valid");
        let grid = open
            .iter()
            .fold(grid, |g, &side| g.open(side).expect("valid"));
        Components::new(&FlagStencil::new(&grid))
    }

    #[test]
    fn a_spiral_is_one_component_and_a_pocket_another() {
        let c = components([5, 5, 1], "11111 10001 11101 00101 10111", &[]);
        assert_eq!(c.singular, [true, true]);
        assert_eq!(c.labels[20], 1, "the pocket in the corner");
        assert!(c.labels.iter().all(|&l| l == 0 || l == 1 || l == u32::MAX));
        assert_eq!(c.labels.iter().filter(|&&l| l == u32::MAX).count(), 8);
    }

    #[test]
    fn components_that_touch_air_are_regular() {
        // the left column opens to the side x-, the middle touches an air cell, the right is closed
        let c = components([5, 2, 1], "10101 10201", &[Side::XMin]);
        assert_eq!(c.singular, [false, false, true]);
        let u = u32::MAX;
        assert_eq!(c.labels, [0, u, 1, u, 2, 0, u, u, u, 2]);
    }

    #[test]
    fn a_face_of_weight_zero_separates() {
        let grid = FlagGrid::all_fluid([2, 1, 1]).expect("valid");
        let grid = grid
            .face_weights(&[1.0, 0.0, 1.0], &[1.0; 4], &[])
            .expect("valid");
        let c = Components::new(&FlagStencil::new(&grid));
        assert_eq!(c.labels, [0, 1]);
    }
}
