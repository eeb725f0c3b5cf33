//! Connected components of the fluid, and which of them are singular.

use super::{Cell, FlagGrid, Side, stencil::FlagStencil};
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

    /// Follows the change of one cell, which `grid` does not have yet. False: the components may have
    /// split, joined or met the air, and have to be found again.
    ///
    /// A cell may go if the fluid around it stays connected within its 26 neighbours, and come if
    /// all fluid beside it is of one component.
    pub fn change(&mut self, grid: &FlagGrid, index: usize, cell: Cell) -> bool {
        if grid.has_face_weights() || cell == Cell::Air || grid.cell(index) == Cell::Air {
            return false;
        }
        let around = Side::ALL.map(|side| grid.beyond(index, side));
        if around.iter().any(|a| a.1 == Cell::Air) {
            return false;
        }
        let fluid: Vec<usize> = around
            .iter()
            .filter(|a| a.1 == Cell::Fluid)
            .filter_map(|a| a.0)
            .collect();
        let Some(&first) = fluid.first() else {
            return false;
        };
        let label = self.labels[first];
        let ok = match cell {
            Cell::Fluid => fluid.iter().all(|&n| self.labels[n] == label),
            _ => grid.stays_connected_without(index, &fluid),
        };
        if ok {
            self.labels[index] = if cell == Cell::Fluid { label } else { u32::MAX };
        }
        ok
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

    #[test]
    fn changes_are_followed_or_refused() {
        let (mut followed, mut refused) = (0, 0);
        let dims = [9, 8, 3];
        let flags: Vec<u8> = (0..216u64)
            .map(|i| u8::from((i * 2_654_435_761) >> 9 & 7 > 1))
            .collect();
        let mut grid = FlagGrid::new(dims, &flags).expect("valid");
        let mut known = Components::new(&FlagStencil::new(&grid));
        for round in 0..600usize {
            let index = round * 101 % 216;
            let cell = match grid.cell(index) {
                Cell::Fluid => Cell::Solid,
                _ => Cell::Fluid,
            };
            let ok = known.change(&grid, index, cell);
            grid.set(index, cell);
            let fresh = Components::new(&FlagStencil::new(&grid));
            if ok {
                followed += 1;
                // the same partition, whatever its numbers
                let mut names = std::collections::HashMap::new();
                for (a, b) in known.labels.iter().zip(&fresh.labels) {
                    assert_eq!(*names.entry(a).or_insert(b), b, "round {round}");
                }
                assert_eq!(known.singular.len(), fresh.singular.len());
            } else {
                refused += 1;
            }
            known = fresh;
        }
        assert!(followed > 200 && refused > 50, "{followed} {refused}");
    }
}
