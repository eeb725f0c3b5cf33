//! MINRES on indefinite, badly scaled and singular systems.

use super::*;
use crate::linear::testing::*;
use crate::{CsrOperator, Identity, Jacobi};

/// Eigenvalues at both sides of zero, none near it.
fn indefinite(n: usize) -> Vec<f64> {
    let at = |i: usize| 1.0 + i as f64 / 7.0;
    (0..n)
        .map(|i| if i % 3 == 0 { -at(i) } else { at(i) })
        .collect()
}

#[test]
fn solves_indefinite_systems() {
    let n = 90;
    let matrix = with_spectrum(&indefinite(n), 1);
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(n, 2);
    let exact = dense_solve(&matrix, &b);
    let mut krylov = Krylov::new(n, 500).with_minres();
    let mut x = vec![0.0; n];
    let options = SolveOptions::with_rtol(1e-11);
    let report = krylov.minres(&a, &mut Identity::new(n), None, &b, &mut x, &options);
    assert!(report.converged(), "{report}");
    assert!(difference(&x, &exact) < 1e-9);
    // The residual never grows, and the recurrence tells the true one.
    assert!(
        report
            .history
            .windows(2)
            .all(|pair| pair[1] <= pair[0] * (1.0 + 1e-10))
    );
    assert_eq!(report.restarts, 0, "{report}");
    let last = report.history.last().copied().unwrap_or(0.0);
    assert!(
        (last - report.residual).abs() < 1e-3 * report.residual,
        "{report}"
    );
}

#[test]
fn a_preconditioner_helps_a_badly_scaled_system() {
    let n = 100;
    // D T D with T = tridiag(1, -3, 1) and signs on the second half: indefinite.
    let mut triplets = sprs::TriMat::new((n, n));
    let d = |i: usize| 10f64.powf(i as f64 / 40.0);
    for i in 0..n {
        let sign = if i < n / 2 { 3.0 } else { -3.0 };
        triplets.add_triplet(i, i, sign * d(i) * d(i));
        if i + 1 < n {
            triplets.add_triplet(i, i + 1, d(i) * d(i + 1));
            triplets.add_triplet(i + 1, i, d(i) * d(i + 1));
        }
    }
    let matrix = triplets.to_csr();
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(n, 3);
    let exact = dense_solve(&matrix, &b);
    let squares: Vec<f64> = (0..n).map(|i| d(i) * d(i)).collect();
    let mut m = Jacobi::from_diagonal(&squares).expect("positive");
    let mut krylov = Krylov::new(n, 500).with_minres();
    let options = SolveOptions::with_rtol(1e-10);
    let mut x = vec![0.0; n];
    let plain = krylov
        .minres(&a, &mut Identity::new(n), None, &b, &mut x, &options)
        .iterations;
    let report = krylov.minres(&a, &mut m, None, &b, &mut x, &options);
    assert!(report.converged(), "{report}");
    assert!(2 * report.iterations < plain, "{plain} without, {report}");
    assert!(difference(&x, &exact) < 1e-8);
}

#[test]
fn definite_systems_and_a_first_guess() {
    let matrix = laplacian([12, 10, 1], false);
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(120, 4);
    let exact = dense_solve(&matrix, &b);
    let mut krylov = Krylov::new(120, 500);
    let mut x = exact.clone();
    x[60] += 1.0;
    let options = SolveOptions {
        start: crate::Start::Given,
        ..SolveOptions::with_rtol(1e-10)
    };
    let report = krylov.minres(&a, &mut Identity::new(120), None, &b, &mut x, &options);
    assert!(
        report.converged() && report.residual_start < report.rhs_norm,
        "{report}"
    );
    assert!(difference(&x, &exact) < 1e-8);
}

#[test]
fn a_singular_matrix_gives_least_squares_and_says_so() {
    let a = laplacian_operator([9, 9, 1], true);
    let b = random(81, 5);
    let mut krylov = Krylov::new(81, 500).with_minres();
    let mut x = vec![0.0; 81];
    let options = SolveOptions::with_rtol(1e-9);
    let report = krylov.minres(&a, &mut Identity::new(81), None, &b, &mut x, &options);
    assert_eq!(report.status, Status::Incompatible, "{report}");
    assert!(matches!(report.reason, Some(Reason::LeastSquares { .. })));
    // What is left is the mean of b.
    let mean = b.iter().sum::<f64>() / 81.0;
    assert!((report.residual - 9.0 * mean.abs()).abs() < 1e-8 * mean.abs());
    // A compatible right-hand side has a solution all the same.
    let balanced: Vec<f64> = b.iter().map(|b| b - mean).collect();
    let report = krylov.minres(
        &a,
        &mut Identity::new(81),
        None,
        &balanced,
        &mut x,
        &options,
    );
    assert!(report.converged(), "{report}");
}

#[test]
fn a_solution_in_one_step_ends_the_space() {
    let a = CsrOperator::new(&sprs::CsMat::eye(5)).expect("matrix");
    let mut x = vec![0.0; 5];
    let b = [1.0, -2.0, 3.0, 0.5, 0.0];
    let mut krylov = Krylov::new(5, 10).with_minres();
    let options = SolveOptions::with_rtol(1e-14);
    let report = krylov.minres(&a, &mut Identity::new(5), None, &b, &mut x, &options);
    assert!(report.converged() && report.iterations <= 2, "{report}");
    assert!(difference(&x, &b) < 1e-15);
}

#[test]
fn the_zero_matrix_is_singular_and_no_crash() {
    let a = CsrOperator::new(&sprs::CsMat::zero((4, 4))).expect("matrix");
    let mut x = vec![0.0; 4];
    let mut krylov = Krylov::new(4, 10).with_minres();
    let options = SolveOptions::default();
    let report = krylov.minres(&a, &mut Identity::new(4), None, &[1.0; 4], &mut x, &options);
    assert_eq!(report.status, Status::Incompatible, "{report}");
    assert_eq!(x, [0.0; 4]);
}

/// Scales far from one, with a preconditioner that takes them out.
#[test]
fn scales_do_not_matter() {
    for scale in [1e-12, 1e12] {
        let matrix = laplacian([15, 15, 1], false).map(|v| scale * v);
        let a = CsrOperator::new(&matrix).expect("matrix");
        let mut m = Jacobi::new(&a).expect("diagonal");
        let b = random(225, 6);
        let mut x = vec![0.0; 225];
        let mut krylov = Krylov::new(225, 500).with_minres();
        let options = SolveOptions::with_rtol(1e-10);
        let report = krylov.minres(&a, &mut m, None, &b, &mut x, &options);
        assert!(report.converged(), "{report}");
    }
}
