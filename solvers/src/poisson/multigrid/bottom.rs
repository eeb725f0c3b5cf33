//! Exact solution on the coarsest level, by a dense inverse made once.

use faer::{Mat, linalg::solvers::Solve};

use super::graph::{Graph, GridGraph};
use super::level::{Layout, Level, Places};
use crate::SolverError;
use crate::linear::vector::{lane_sum, vectorised};

/// The pseudo-inverse of the coarsest operator: on a component of nodes without any coupling to
/// p = 0 it returns the solution whose mean over the component's nodes is zero.
#[derive(Debug, Default)]
pub(super) struct Bottom {
    /// Colour and entry of each node that is there.
    places: Vec<(usize, usize)>,
    /// Row-major.
    inverse: Vec<f64>,
    rhs: Vec<f64>,
}

impl Bottom {
    pub fn new(graph: &GridGraph) -> Result<Self, SolverError> {
        let nodes: Vec<usize> = (0..graph.nodes())
            .filter(|&n| graph.diag[n] > 0.0)
            .collect();
        let n = nodes.len();
        let place = |node: usize| nodes.binary_search(&node).ok();
        let mut a = Mat::<f64>::zeros(n, n);
        for (row, &node) in nodes.iter().enumerate() {
            a[(row, row)] += f64::from(graph.dirichlet[node]);
            for (other, weight) in graph.all_couplings(node) {
                if let Some(column) = place(other) {
                    a[(row, row)] += f64::from(weight);
                    a[(row, column)] -= f64::from(weight);
                }
            }
        }
        let component = components(graph, &nodes);
        let grounded: Vec<bool> = (0..n)
            .map(|c| {
                let members = || (0..n).filter(|&i| component[i] == c);
                members().next().is_some() && members().all(|i| graph.dirichlet[nodes[i]] == 0.0)
            })
            .collect();
        // a component is named after its first node, which is where it is grounded
        for c in (0..n).filter(|&c| grounded[c]) {
            a[(c, c)] += f64::from(graph.diag[nodes[c]]);
        }
        let factor = a
            .llt(faer::Side::Lower)
            .map_err(|_| SolverError::Singular {
                what: "coarsest multigrid operator",
                problem: "it is not positive definite; are face weights extremely uneven?".into(),
            })?;
        let mut inverse = factor.solve(Mat::<f64>::identity(n, n));
        remove_means(&mut inverse, &component, &grounded);
        let places = Places::new(Layout::new(graph.dims), graph);
        Ok(Self {
            places: nodes.iter().map(|&node| places.of(node)).collect(),
            inverse: (0..n * n).map(|i| inverse[(i / n, i % n)]).collect(),
            rhs: vec![0.0; n],
        })
    }

    /// Sets `x` of the level to the solution for its `b`.
    pub fn solve(&mut self, level: &mut Level) {
        for (value, &(colour, entry)) in self.rhs.iter_mut().zip(&self.places) {
            *value = f64::from(level.b[colour][entry]);
        }
        let n = self.rhs.len();
        let rows = self.inverse.chunks_exact(n.max(1)).zip(&self.places);
        vectorised(|| {
            for (row, &(colour, entry)) in rows {
                let sum = lane_sum(n, |i| row[i] * self.rhs[i]);
                level.x[colour][entry] = sum as f32;
            }
        });
    }

    pub fn memory_bytes(&self) -> usize {
        8 * (self.inverse.len() + 3 * self.rhs.len())
    }
}

/// The first node of each node's component.
fn components(graph: &GridGraph, nodes: &[usize]) -> Vec<usize> {
    let mut component = vec![usize::MAX; nodes.len()];
    for first in 0..nodes.len() {
        if component[first] != usize::MAX {
            continue;
        }
        let mut open = vec![first];
        component[first] = first;
        while let Some(node) = open.pop() {
            for (other, _) in graph.all_couplings(nodes[node]) {
                if let Ok(other) = nodes.binary_search(&other)
                    && component[other] == usize::MAX
                {
                    component[other] = first;
                    open.push(other);
                }
            }
        }
    }
    component
}

/// Projects out the constants of grounded components on both sides.
fn remove_means(matrix: &mut Mat<f64>, component: &[usize], grounded: &[bool]) {
    let n = component.len();
    for c in (0..n).filter(|&c| grounded[c]) {
        let members: Vec<usize> = (0..n).filter(|&i| component[i] == c).collect();
        let count = members.len() as f64;
        for column in 0..n {
            let mean = members.iter().map(|&i| matrix[(i, column)]).sum::<f64>() / count;
            members.iter().for_each(|&i| matrix[(i, column)] -= mean);
        }
        for row in 0..n {
            let mean = members.iter().map(|&i| matrix[(row, i)]).sum::<f64>() / count;
            members.iter().for_each(|&i| matrix[(row, i)] -= mean);
        }
    }
}
