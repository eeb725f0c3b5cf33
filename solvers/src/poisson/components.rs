//! Connected components of the fluid, and which of them are singular.

use rayon::prelude::*;

use super::{Cell, FlagGrid, Side, stencil::FlagStencil};
use crate::linear::Nullspace;

/// Components of the fluid cells.
#[derive(Clone, Debug)]
pub(super) struct Components {
    /// Component of each cell; `u32::MAX` for cells that are not fluid.
    pub labels: Vec<u32>,
    /// Whether a component touches no air, so that its pressure is known up to a constant.
    pub singular: Vec<bool>,
}

impl Components {
    /// Components of fluid cells that are coupled, and the constants of the singular ones, if there are any. A
    /// component is numbered by its first cell.
    pub fn find(stencil: &FlagStencil) -> (Self, Option<Nullspace>) {
        let mut rows = Rows::new(stencil);
        let mut sets = rows.join(stencil);
        let mut singular = Vec::new();
        let mut number = vec![u32::MAX; rows.runs.len()];
        for (i, run) in rows.runs.iter_mut().enumerate() {
            let root = sets.root(i as u32) as usize;
            if number[root] == u32::MAX {
                number[root] = singular.len() as u32;
                singular.push(true);
            }
            run.label = number[root];
            singular[run.label as usize] &= !run.meets_air;
        }
        let nullspace = singular.iter().any(|&s| s).then(|| {
            let runs = rows.runs.iter().map(|run| (run.label, run.start..run.end));
            Nullspace::from_runs(stencil.len(), runs, &singular)
        });
        let labels = rows.labels(stencil.dims()[0]);
        (Self { labels, singular }, nullspace)
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
}

/// Coupled cells that follow each other along x.
struct Run {
    start: u32,
    end: u32,
    label: u32,
    meets_air: bool,
}

/// The runs of all rows, one row after the other.
struct Rows {
    runs: Vec<Run>,
    /// Where the runs of a row begin; one more at the end.
    offsets: Vec<u32>,
}

/// Rows that one task looks at.
const TASK_ROWS: usize = 256;

impl Rows {
    fn new(stencil: &FlagStencil) -> Self {
        let nx = stencil.dims()[0];
        let rows = stencil.len() / nx;
        let starts = (0..rows).into_par_iter().step_by(TASK_ROWS);
        let parts: Vec<(Vec<Run>, Vec<u32>)> = starts
            .map(|first| {
                let (mut runs, mut counts) = (Vec::new(), Vec::new());
                for row in first..rows.min(first + TASK_ROWS) {
                    let before = runs.len();
                    runs_of(stencil, row * nx..(row + 1) * nx, &mut runs);
                    counts.push((runs.len() - before) as u32);
                }
                (runs, counts)
            })
            .collect();
        let mut all = Self {
            runs: Vec::with_capacity(parts.iter().map(|p| p.0.len()).sum()),
            offsets: Vec::with_capacity(rows + 1),
        };
        all.offsets.push(0);
        for (runs, counts) in parts {
            all.runs.extend(runs);
            for count in counts {
                all.offsets.push(all.offsets[all.offsets.len() - 1] + count);
            }
        }
        all
    }

    fn of(&self, row: usize) -> std::ops::Range<usize> {
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }

    /// Joins runs that touch along y and z.
    fn join(&self, stencil: &FlagStencil) -> Sets {
        let [nx, ny, nz] = stencil.dims();
        let mut sets = Sets {
            parents: (0..self.runs.len() as u32).collect(),
        };
        for row in 0..ny * nz {
            for (axis, rows) in [(1, 1), (2, ny)] {
                let is_first = if axis == 1 { row % ny == 0 } else { row < ny };
                if is_first {
                    continue;
                }
                let stride = (rows * nx) as u32;
                let (mut below, mut own) = (self.of(row - rows), self.of(row));
                while !below.is_empty() && !own.is_empty() {
                    let [a, b] = [&self.runs[below.start], &self.runs[own.start]];
                    let (start, end) = (b.start.max(a.start + stride), b.end.min(a.end + stride));
                    let mut shared = start..end;
                    if shared.any(|cell| stencil.low_coupling(cell as usize, axis) > 0.0) {
                        sets.join(below.start as u32, own.start as u32);
                    }
                    if a.end + stride < b.end {
                        below.start += 1;
                    } else {
                        own.start += 1;
                    }
                }
            }
        }
        sets
    }

    /// The label of each cell.
    fn labels(&self, nx: usize) -> Vec<u32> {
        let rows = self.offsets.len() - 1;
        let mut labels = vec![0; rows * nx];
        let tasks = labels.par_chunks_mut(nx * TASK_ROWS).enumerate();
        tasks.for_each(|(task, labels)| {
            labels.fill(u32::MAX);
            let first = task * TASK_ROWS;
            let end = rows.min(first + TASK_ROWS);
            for run in &self.runs[self.of(first).start..self.of(end - 1).end] {
                let [start, end] = [run.start, run.end].map(|cell| cell as usize - first * nx);
                labels[start..end].fill(run.label);
            }
        });
        labels
    }
}

/// Adds the runs of a row of cells.
fn runs_of(stencil: &FlagStencil, cells: std::ops::Range<usize>, runs: &mut Vec<Run>) {
    let mut cell = cells.start;
    while cell < cells.end {
        if !stencil.is_fluid(cell) {
            cell += 1;
            continue;
        }
        let start = cell;
        let mut meets_air = false;
        loop {
            meets_air |= stencil.dirichlet(cell) > 0.0;
            cell += 1;
            if cell == cells.end || stencil.low_coupling(cell, 0) == 0.0 {
                break;
            }
        }
        runs.push(Run {
            start: start as u32,
            end: cell as u32,
            label: 0,
            meets_air,
        });
    }
}

/// Disjoint sets with path halving; the smaller root wins, so that sets keep their first member.
struct Sets {
    parents: Vec<u32>,
}

impl Sets {
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
        Components::find(&FlagStencil::new(&grid)).0
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
        let c = Components::find(&FlagStencil::new(&grid)).0;
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
        let mut known = Components::find(&FlagStencil::new(&grid)).0;
        for round in 0..600usize {
            let index = round * 101 % 216;
            let cell = match grid.cell(index) {
                Cell::Fluid => Cell::Solid,
                _ => Cell::Fluid,
            };
            let ok = known.change(&grid, index, cell);
            grid.set(index, cell);
            let fresh = Components::find(&FlagStencil::new(&grid)).0;
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
