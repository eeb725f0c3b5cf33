//! Against dense solutions, in all orders, on singular and indefinite matrices.

use super::*;
use crate::linear::testing::*;
use crate::{Krylov, LinearOperator, Nullspace, SolveOptions, nested_dissection};

#[test]
fn solves_as_the_dense_solver_does_in_any_order() {
    for shape in [[9, 8, 1], [7, 6, 5]] {
        let matrix = laplacian(shape, false);
        let a = CsrOperator::new(&matrix).expect("matrix");
        let n = matrix.rows();
        let b = random(n, 1);
        let exact = dense_solve(&matrix, &b);
        let dissected = nested_dissection(shape);
        let backwards: Vec<usize> = (0..n).rev().collect();
        for ordering in [None, Some(&dissected[..]), Some(&backwards[..])] {
            let options = CholeskyOptions {
                ordering,
                ..CholeskyOptions::default()
            };
            let mut cholesky = SparseCholesky::with_options(&a, &options).expect("SPD");
            let mut x = b.clone();
            cholesky.solve_in_place(&mut x);
            assert!(difference(&x, &exact) < 1e-12);
        }
    }
}

#[test]
fn dissection_needs_less_than_the_natural_order() {
    let shape = [40, 40, 1];
    let a = laplacian_operator(shape, false);
    let entries = |order: &[usize]| {
        let options = CholeskyOptions {
            ordering: Some(order),
            ..CholeskyOptions::default()
        };
        let factor = SparseCholesky::with_options(&a, &options).expect("SPD");
        factor.factor_entries()
    };
    let natural: Vec<usize> = (0..1600).collect();
    assert!(2 * entries(&nested_dissection(shape)) < entries(&natural));
}

#[test]
fn as_a_preconditioner_one_iteration_does() {
    let a = laplacian_operator([30, 20, 10], false);
    let b = random(a.dim(), 2);
    let mut x = vec![0.0; b.len()];
    let mut cholesky = SparseCholesky::new(&a).expect("SPD");
    let mut krylov = Krylov::new(b.len(), 10);
    let options = SolveOptions::with_rtol(1e-12);
    let report = krylov.solve(&a, &mut cholesky, None, &b, &mut x, &options);
    assert!(report.converged() && report.iterations == 1, "{report}");
}

#[test]
fn a_closed_box_by_fixing_an_unknown() {
    let a = laplacian_operator([20, 15, 3], true);
    let n = a.dim();
    let space = Nullspace::constant(n).expect("size");
    let mut b = random(n, 3);
    space.project(&mut b);
    let options = CholeskyOptions {
        definiteness: Definiteness::Semidefinite,
        ..CholeskyOptions::default()
    };
    let mut cholesky = SparseCholesky::with_options(&a, &options).expect("semidefinite");
    assert_eq!(cholesky.vanished().len(), 1);
    let mut x = vec![0.0; n];
    let mut krylov = Krylov::new(n, 10);
    let options = SolveOptions::with_rtol(1e-11);
    let report = krylov.pcg(&a, &mut cholesky, Some(&space), &b, &mut x, &options);
    assert!(report.converged() && report.iterations <= 2, "{report}");
}

/// The more unknowns, the more rounding there is in the last pivot, which is to vanish.
#[test]
fn a_large_closed_box_is_singular_and_not_indefinite() {
    let shape = [512, 512, 1];
    let order = nested_dissection(shape);
    let options = CholeskyOptions {
        ordering: Some(&order),
        definiteness: Definiteness::Semidefinite,
        ..CholeskyOptions::default()
    };
    let a = laplacian_operator(shape, true);
    let cholesky = SparseCholesky::with_options(&a, &options).expect("semidefinite");
    assert_eq!(cholesky.vanished().len(), 1);
}

#[test]
fn an_indefinite_matrix_is_refused_whatever_its_size() {
    // Small: column by column; large: by supernodes.
    for n in [20, 300] {
        let sign = |i: usize| if i % 7 == 3 { -0.5 } else { 1.0 };
        let eigenvalues: Vec<f64> = (0..n).map(|i| sign(i) * (1.0 + i as f64)).collect();
        let a = CsrOperator::new(&with_spectrum(&eigenvalues, 4)).expect("matrix");
        for definiteness in [Definiteness::Positive, Definiteness::Semidefinite] {
            let options = CholeskyOptions {
                definiteness,
                ..CholeskyOptions::default()
            };
            let error = SparseCholesky::with_options(&a, &options).expect_err("indefinite");
            assert!(
                error.to_string().contains("not positive definite"),
                "{error}"
            );
        }
    }
}

#[test]
fn refuses_with_the_reason() {
    let a = laplacian_operator([20, 20, 1], false);
    let with = |ordering: &[usize], memory_limit| {
        let options = CholeskyOptions {
            ordering: Some(ordering),
            memory_limit,
            ..CholeskyOptions::default()
        };
        SparseCholesky::with_options(&a, &options).map(|_| ())
    };
    let mut order: Vec<usize> = (0..400).collect();
    let error = with(&order, Some(1000))
        .expect_err("1000 bytes")
        .to_string();
    assert!(error.contains("1000"), "{error}");
    order[5] = 6;
    let error = with(&order, None).expect_err("6 twice").to_string();
    assert!(error.contains("row 6"), "{error}");
    assert!(with(&order[1..], None).is_err());
}

#[test]
fn new_values_without_a_new_analysis() {
    let matrix = laplacian([10, 10, 1], false);
    let doubled = matrix.map(|v| 2.0 * v);
    let mut cholesky =
        SparseCholesky::new(&CsrOperator::new(&matrix).expect("matrix")).expect("SPD");
    cholesky
        .refactor(&CsrOperator::new(&doubled).expect("matrix"))
        .expect("SPD");
    let b = random(100, 5);
    let mut x = b.clone();
    cholesky.solve_in_place(&mut x);
    assert!(difference(&x, &dense_solve(&doubled, &b)) < 1e-12);
    assert!(
        cholesky
            .refactor(&laplacian_operator([9, 9, 1], false))
            .is_err()
    );
}
