//! Matrices and right-hand sides for tests.

use faer::prelude::Solve;
use rand::{Rng, SeedableRng};
use sprs::{CsMat, TriMat};

use super::CsrOperator;

/// Numbers in [-1, 1) from a seed.
pub(crate) fn random(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// The 5- or 7-point Laplacian on a box of cells (nz = 1: 2D), Dirichlet at all sides or closed.
pub(crate) fn laplacian([nx, ny, nz]: [usize; 3], closed: bool) -> CsMat<f64> {
    let n = nx * ny * nz;
    let mut matrix = TriMat::new((n, n));
    let steps = [(1, nx), (nx, ny), (nx * ny, nz)];
    for cell in 0..n {
        let at = [cell % nx, cell / nx % ny, cell / (nx * ny)];
        let mut diagonal = 0.0;
        for (axis, (step, size)) in steps.into_iter().enumerate() {
            if size == 1 && axis == 2 {
                continue;
            }
            for (inside, neighbour) in [
                (at[axis] > 0, cell.wrapping_sub(step)),
                (at[axis] + 1 < size, cell + step),
            ] {
                if inside {
                    matrix.add_triplet(cell, neighbour, -1.0);
                }
                if inside || !closed {
                    diagonal += 1.0;
                }
            }
        }
        matrix.add_triplet(cell, cell, diagonal);
    }
    matrix.to_csr()
}

/// The same as an operator.
pub(crate) fn laplacian_operator(size: [usize; 3], closed: bool) -> CsrOperator {
    CsrOperator::new(&laplacian(size, closed)).expect("a square matrix")
}

/// A random symmetric matrix with the eigenvalues given.
pub(crate) fn with_spectrum(eigenvalues: &[f64], seed: u64) -> CsMat<f64> {
    let n = eigenvalues.len();
    let entries = random(n * n, seed);
    let square = faer::Mat::from_fn(n, n, |i, j| entries[i * n + j]);
    let basis = square.qr().compute_Q();
    let scaled = faer::Mat::from_fn(n, n, |i, j| basis[(i, j)] * eigenvalues[j]);
    let matrix = scaled * basis.transpose();
    let mut triplets = TriMat::new((n, n));
    for i in 0..n {
        for j in 0..n {
            triplets.add_triplet(i, j, 0.5 * (matrix[(i, j)] + matrix[(j, i)]));
        }
    }
    triplets.to_csr()
}

/// Solves by dense LU with pivots.
pub(crate) fn dense_solve(matrix: &CsMat<f64>, b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut dense = faer::Mat::<f64>::zeros(n, n);
    for (value, (i, j)) in matrix {
        dense[(i, j)] += *value;
    }
    let right = faer::Mat::from_fn(n, 1, |i, _| b[i]);
    let x = dense.partial_piv_lu().solve(right);
    (0..n).map(|i| x[(i, 0)]).collect()
}

/// Largest difference over the largest of `b`.
pub(crate) fn difference(a: &[f64], b: &[f64]) -> f64 {
    let scale = b.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let pairs = a.iter().zip(b);
    pairs.fold(0.0, |m: f64, (a, b)| m.max((a - b).abs())) / scale
}
