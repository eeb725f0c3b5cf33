//! Solving allocates nothing: counted by the allocator, over all threads.

mod counting;

use counting::allocations;
use karman_solvers::{
    CholeskyOptions, CsrOperator, Definiteness, FnOperator, Identity, IncompleteCholesky, Jacobi,
    Krylov, Nullspace, Preconditioner, SearchDirection, SmoothedAggregation, SolveOptions,
    SparseCholesky,
};
use sprs::TriMat;

/// The closed 5-point Laplacian on n x n cells: large enough for all threads to take part.
fn laplacian(n: usize) -> CsrOperator {
    let mut matrix = TriMat::new((n * n, n * n));
    for cell in 0..n * n {
        let (x, y) = (cell % n, cell / n);
        let mut diagonal = 0.0;
        let sides = [
            (x > 0, -1),
            (x + 1 < n, 1),
            (y > 0, -(n as i64)),
            (y + 1 < n, n as i64),
        ];
        for (inside, step) in sides {
            if inside {
                matrix.add_triplet(cell, (cell as i64 + step) as usize, -1.0);
                diagonal += 1.0;
            }
        }
        matrix.add_triplet(cell, cell, diagonal);
    }
    CsrOperator::new(&matrix.to_csr()).expect("a square matrix")
}

struct Residual;

impl SearchDirection for Residual {
    fn direction(&mut self, residual: &[f64], out: &mut [f64]) {
        out.copy_from_slice(residual);
    }
}

#[test]
fn solving_allocates_nothing() {
    let a = laplacian(400);
    let n = 160_000;
    let space = Nullspace::constant(n).expect("size");
    let mut b: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    space.project(&mut b);
    let mut x = vec![0.0; n];
    let mut jacobi = Jacobi::new(&a).expect("diagonal");
    let mut incomplete = IncompleteCholesky::modified(&a).expect("semidefinite");
    let mut amg = SmoothedAggregation::new(&a).expect("semidefinite");
    let options = CholeskyOptions {
        definiteness: Definiteness::Semidefinite,
        ..CholeskyOptions::default()
    };
    let mut cholesky = SparseCholesky::with_options(&a, &options).expect("semidefinite");
    let closure = FnOperator::new(n, |x: &[f64], y: &mut [f64]| {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = 2.0 * x);
    });
    let options = SolveOptions {
        max_iterations: 30,
        ..SolveOptions::with_rtol(1e-3)
    };
    // A history shorter than the iterations: it is thinned out, not grown.
    let mut krylov = Krylov::new(n, 16).with_directions(3).with_minres();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .expect("pool");
    pool.install(|| {
        let mut all = |x: &mut [f64]| {
            let some = Some(&space);
            krylov.pcg(&a, &mut Identity::new(n), some, &b, x, &options);
            krylov.pcg(&a, &mut jacobi, some, &b, x, &options);
            krylov.flexible_cg(&a, &mut jacobi, some, &b, x, &options);
            let factored: [&mut dyn Preconditioner; 3] = [&mut incomplete, &mut amg, &mut cholesky];
            for m in factored {
                let report = krylov.solve(&a, m, some, &b, x, &options);
                assert!(report.converged(), "{report}");
            }
            krylov.refinement(&a, &mut cholesky, some, &b, x, &options);
            krylov.conjugate_directions(&a, &mut Residual, 3, some, &b, x, &options);
            krylov.minres(&a, &mut jacobi, some, &b, x, &options);
            let report = krylov.solve(&closure, &mut Identity::new(n), None, &b, x, &options);
            assert!(report.converged(), "{report}");
        };
        // The first time the pool's threads make their own memory.
        all(&mut x);
        let (_, second) = allocations(|| all(&mut x));
        assert_eq!(second, 0, "allocations in the second round");
    });
}
