//! The cycle is symmetric and positive, converges as multigrid should, and copes with odd matrices.

use super::*;
use crate::linear::testing::*;
use crate::{Krylov, LinearOperator, Nullspace, SolveOptions};

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn double() -> AmgOptions {
    AmgOptions {
        double_precision: true,
        ..AmgOptions::default()
    }
}

#[test]
fn the_cycle_is_symmetric_and_positive() {
    for closed in [false, true] {
        let a = laplacian_operator([40, 30, 11], closed);
        let n = a.dim();
        let mut m = SmoothedAggregation::with_options(&a, &double()).expect("SPD");
        assert!(m.level_sizes().len() > 1);
        for seed in 0..5 {
            let (mut u, mut v) = (random(n, 2 * seed), random(n, 2 * seed + 1));
            if closed {
                // On the range: the unknown that is fixed at the bottom is no symmetric choice.
                let space = Nullspace::constant(n).expect("size");
                space.project(&mut u);
                space.project(&mut v);
            }
            let (mut mu, mut mv) = (vec![f64::NAN; n], vec![f64::NAN; n]);
            let uu = m.apply_dot(&u, &mut mu);
            let vv = m.apply_dot(&v, &mut mv);
            assert!(uu > 0.0 && (uu - dot(&u, &mu)).abs() < 1e-12 * uu);
            let (left, right) = (dot(&u, &mv), dot(&v, &mu));
            assert!(
                (left - right).abs() < 1e-9 * (uu * vv).sqrt(),
                "{left} {right}"
            );
        }
    }
}

/// 10 digits, with about the same number of iterations on all grids.
#[test]
fn iterations_hardly_grow_with_the_grid() {
    let mut counts = Vec::new();
    for size in [[24, 24, 24], [48, 48, 48], [200, 200, 1], [400, 400, 1]] {
        let a = laplacian_operator(size, false);
        let b = random(a.dim(), 1);
        let mut x = vec![0.0; b.len()];
        let mut m = SmoothedAggregation::new(&a).expect("SPD");
        let mut krylov = Krylov::new(b.len(), 100);
        let options = SolveOptions::with_rtol(1e-10);
        let report = krylov.solve(&a, &mut m, None, &b, &mut x, &options);
        assert!(report.converged(), "{report}");
        counts.push(report.iterations);
        assert!(m.operator_complexity() < 1.8, "{}", m.operator_complexity());
    }
    assert!(counts.iter().all(|c| *c <= 30), "{counts:?}");
    assert!(
        counts[1] <= counts[0] + 6 && counts[3] <= counts[2] + 6,
        "{counts:?}"
    );
}

#[test]
fn closed_boxes_with_their_nullspace() {
    let a = laplacian_operator([40, 40, 20], true);
    let n = a.dim();
    let space = Nullspace::constant(n).expect("size");
    let mut b = random(n, 2);
    space.project(&mut b);
    let mut x = vec![0.0; n];
    let mut m = SmoothedAggregation::new(&a).expect("semidefinite");
    let mut krylov = Krylov::new(n, 100);
    let options = SolveOptions::with_rtol(1e-8);
    let report = krylov.solve(&a, &mut m, Some(&space), &b, &mut x, &options);
    assert!(report.converged() && report.iterations <= 25, "{report}");
}

/// Couplings of 1 along x and 1e-3 across: strength of connection coarsens along x only.
#[test]
fn strongly_anisotropic_problems() {
    let (nx, ny) = (120, 120);
    let mut triplets = sprs::TriMat::new((nx * ny, nx * ny));
    for cell in 0..nx * ny {
        let (x, y) = (cell % nx, cell / nx);
        for (inside, other, weight) in [
            (x > 0, cell.wrapping_sub(1), 1.0),
            (x + 1 < nx, cell + 1, 1.0),
            (y > 0, cell.wrapping_sub(nx), 1e-3),
            (y + 1 < ny, cell + nx, 1e-3),
        ] {
            triplets.add_triplet(cell, cell, weight);
            if inside {
                triplets.add_triplet(cell, other, -weight);
            }
        }
    }
    let a = CsrOperator::new(&triplets.to_csr()).expect("matrix");
    let b = random(nx * ny, 3);
    let mut x = vec![0.0; b.len()];
    let mut m = SmoothedAggregation::new(&a).expect("SPD");
    let mut krylov = Krylov::new(b.len(), 100);
    let options = SolveOptions::with_rtol(1e-8);
    let report = krylov.solve(&a, &mut m, None, &b, &mut x, &options);
    assert!(report.converged() && report.iterations <= 25, "{report}");
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let a = laplacian_operator([50, 40, 30], false);
    let r = random(a.dim(), 4);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("pool").install(|| {
            let mut m = SmoothedAggregation::new(&a).expect("SPD");
            let mut z = vec![0.0; r.len()];
            m.apply(&r, &mut z);
            z
        })
    };
    let one = on(1);
    assert!(one == on(2) && one == on(5));
}

#[test]
fn odd_matrices() {
    // A diagonal one: nothing to coarsen, and one sweep is exact.
    let diagonal = sprs::CsMat::new(
        (5000, 5000),
        (0..=5000).collect(),
        (0..5000).collect(),
        (0..5000).map(|i| 1.0 + i as f64).collect(),
    );
    let a = CsrOperator::new(&diagonal).expect("matrix");
    let mut m = SmoothedAggregation::new(&a).expect("SPD");
    let mut z = vec![0.0; 5000];
    m.apply(&vec![1.0; 5000], &mut z);
    for (i, z) in z.iter().enumerate() {
        let exact = 1.0 / (1.0 + i as f64);
        assert!((z - exact).abs() < 1e-6 * exact);
    }
    // Entries far from 1, and right-hand sides too.
    let scaled = laplacian([30, 30, 1], false).map(|v| 1e-60 * v);
    let a = CsrOperator::new(&scaled).expect("matrix");
    let b: Vec<f64> = random(900, 5).iter().map(|b| 1e30 * b).collect();
    let mut x = vec![0.0; 900];
    let mut m = SmoothedAggregation::new(&a).expect("SPD");
    let mut krylov = Krylov::new(900, 100);
    let options = SolveOptions::with_rtol(1e-8);
    let report = krylov.solve(&a, &mut m, None, &b, &mut x, &options);
    assert!(report.converged() && report.iterations < 20, "{report}");
    // A diagonal that is not positive.
    let negative = laplacian([5, 5, 1], false).map(|v| -v);
    let a = CsrOperator::new(&negative).expect("matrix");
    let error = SmoothedAggregation::new(&a)
        .expect_err("negative")
        .to_string();
    assert!(error.contains("row 0"), "{error}");
    // An indefinite one with a positive diagonal.
    let shifted = laplacian([30, 30, 1], false);
    let shifted = &shifted - &sprs::CsMat::eye(900).map(|v: &f64| 2.0 * v);
    let a = CsrOperator::new(&shifted).expect("matrix");
    let error = SmoothedAggregation::new(&a)
        .expect_err("indefinite")
        .to_string();
    assert!(error.contains("MINRES"), "{error}");
}
