//! Conjugate gradients against dense solutions, on singular systems, and where they must fail.

use super::*;
use crate::linear::testing::*;
use crate::{CsrOperator, FnOperator, Identity, Imbalance, Jacobi, Properties, Start};

const TIGHT: f64 = 1e-12;

#[test]
fn matches_dense_solutions_with_and_without_preconditioner() {
    let matrix = laplacian([7, 6, 5], false);
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(a.dim(), 1);
    let exact = dense_solve(&matrix, &b);
    let mut krylov = Krylov::new(a.dim(), 100);
    let preconditioners: [&mut dyn Preconditioner; 2] = [
        &mut Identity::new(a.dim()),
        &mut Jacobi::new(&a).expect("diagonal"),
    ];
    for m in preconditioners {
        let mut x = vec![f64::NAN; a.dim()];
        let report = krylov.pcg(&a, m, None, &b, &mut x, &SolveOptions::with_rtol(TIGHT));
        assert!(report.converged(), "{report}");
        assert_eq!(report.history.len(), report.iterations + 1);
        assert!(report.relative_residual() <= TIGHT);
        assert!(difference(&x, &exact) < 1e-11);
    }
}

#[test]
fn the_error_falls_in_the_norm_of_a_at_every_iteration() {
    let matrix = laplacian([12, 9, 1], false);
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(a.dim(), 2);
    let exact = dense_solve(&matrix, &b);
    let mut krylov = Krylov::new(a.dim(), 100);
    let mut last = f64::INFINITY;
    for iterations in 1..30 {
        let options = SolveOptions {
            max_iterations: iterations,
            ..SolveOptions::with_rtol(0.0)
        };
        let mut x = vec![0.0; a.dim()];
        let report = krylov.pcg(&a, &mut Identity::new(a.dim()), None, &b, &mut x, &options);
        assert_eq!(report.status, Status::MaxIterations);
        let error: Vec<f64> = x.iter().zip(&exact).map(|(x, e)| x - e).collect();
        let mut product = vec![0.0; a.dim()];
        let norm = a.apply_dot(&error, &mut product).sqrt();
        assert!(norm < last, "iteration {iterations}: {norm} after {last}");
        last = norm;
    }
}

#[test]
fn closed_boxes_need_balance_and_give_mean_zero() {
    let a = laplacian_operator([10, 10, 1], true);
    let n = a.dim();
    let space = Nullspace::constant(n).expect("size");
    let mut b = random(n, 3);
    let mut x = vec![7.0; n];
    let mut krylov = Krylov::new(n, 100);
    let mut jacobi = Jacobi::new(&a).expect("diagonal");
    let mut options = SolveOptions::with_rtol(1e-10);
    let report = krylov.pcg(&a, &mut jacobi, Some(&space), &b, &mut x, &options);
    assert_eq!(report.status, Status::Incompatible);
    assert!(report.imbalance > 1e-4);
    assert!(x.iter().all(|x| *x == 7.0));
    options.imbalance = Imbalance::Project;
    let report = krylov.pcg(&a, &mut jacobi, Some(&space), &b, &mut x, &options);
    assert!(report.converged() && report.projected, "{report}");
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    assert!(mean(&x).abs() < 1e-14);
    // With b balanced the residual is that of b itself.
    let shift = mean(&b);
    b.iter_mut().for_each(|b| *b -= shift);
    options.imbalance = Imbalance::ProjectBelow(1e-12);
    options.start = Start::Given;
    let report = krylov.pcg(&a, &mut jacobi, Some(&space), &b, &mut x, &options);
    assert_eq!((report.status, report.iterations), (Status::Converged, 0));
}

#[test]
fn two_closed_pockets_and_an_open_box() {
    // Blocks: closed 4 x 4, open 5 x 5, closed single cell.
    let blocks = [
        laplacian([4, 4, 1], true),
        laplacian([5, 5, 1], false),
        sprs::TriMat::<f64>::new((1, 1)).to_csr(),
    ];
    let n = 16 + 25 + 1;
    let mut triplets = sprs::TriMat::new((n, n));
    let mut labels = Vec::new();
    for (label, block) in blocks.iter().enumerate() {
        for (value, (i, j)) in block {
            triplets.add_triplet(i + labels.len(), j + labels.len(), *value);
        }
        labels.extend(vec![label as u32; block.rows()]);
    }
    let a = CsrOperator::new(&triplets.to_csr()).expect("matrix");
    let space = Nullspace::from_labels(&labels, &[true, false, true]).expect("labels");
    let mut b = random(n, 4);
    let options = SolveOptions::with_rtol(1e-10);
    let mut krylov = Krylov::new(n, 100);
    let mut x = vec![0.0; n];
    b[n - 1] = 0.5;
    space.project(&mut b[..]);
    b[n - 1] = 0.5;
    let mut identity = Identity::new(n);
    let report = krylov.pcg(&a, &mut identity, Some(&space), &b, &mut x, &options);
    assert_eq!(report.status, Status::Incompatible);
    let expected = Reason::Imbalance {
        component: 2,
        sum: 0.5,
    };
    assert_eq!(report.reason, Some(expected));
    b[n - 1] = 0.0;
    let report = krylov.pcg(&a, &mut identity, Some(&space), &b, &mut x, &options);
    assert!(report.converged(), "{report}");
    let mut r = vec![0.0; n];
    assert!(a.residual(&b, &x, &mut r).sqrt() <= 1e-10 * report.rhs_norm);
}

#[test]
fn starts_from_zero_given_and_scaled() {
    let matrix = laplacian([15, 15, 1], false);
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(a.dim(), 5);
    let exact = dense_solve(&matrix, &b);
    let mut krylov = Krylov::new(a.dim(), 100);
    let run = |krylov: &mut Krylov, start, guess: &[f64]| {
        let mut x = guess.to_vec();
        let options = SolveOptions {
            start,
            ..SolveOptions::default()
        };
        let mut m = Identity::new(a.dim());
        let report = krylov.pcg(&a, &mut m, None, &b, &mut x, &options);
        assert!(
            report.converged() && difference(&x, &exact) < 1e-4,
            "{report}"
        );
        (report.residual_start / report.rhs_norm, report.iterations)
    };
    let zero = run(&mut krylov, Start::Zero, &exact);
    assert_eq!(zero.0, 1.0);
    assert_eq!(run(&mut krylov, Start::Given, &exact).1, 0);
    let tenfold: Vec<f64> = exact.iter().map(|v| 10.0 * v).collect();
    assert!((run(&mut krylov, Start::Given, &tenfold).0 - 9.0).abs() < 1e-9);
    assert_eq!(run(&mut krylov, Start::Scaled, &tenfold).1, 0);
    let unrelated = random(a.dim(), 6);
    assert!(run(&mut krylov, Start::Given, &unrelated).0 > 1.0);
    assert!(run(&mut krylov, Start::Scaled, &unrelated).0 <= 1.0);
    assert_eq!(run(&mut krylov, Start::Scaled, &vec![0.0; a.dim()]), zero);
}

#[test]
fn a_right_side_of_zero_returns_at_once() {
    let a = laplacian_operator([5, 5, 1], false);
    let mut x = random(a.dim(), 7);
    let mut krylov = Krylov::new(a.dim(), 10);
    let options = SolveOptions {
        start: Start::Given,
        ..SolveOptions::default()
    };
    let zero = vec![0.0; a.dim()];
    let report = krylov.pcg(
        &a,
        &mut Identity::new(a.dim()),
        None,
        &zero,
        &mut x,
        &options,
    );
    assert_eq!(
        (report.status, report.operator_applications),
        (Status::Converged, 0)
    );
    assert!(x.iter().all(|x| *x == 0.0));
}

#[test]
fn what_cannot_be_solved_ends_with_its_reason() {
    let n = 30;
    let b = random(n, 8);
    let mut krylov = Krylov::new(n, 10);
    let mut options = SolveOptions::default();
    let mut solve = |eigenvalues: &[f64], b: &[f64], options: &SolveOptions| {
        let a = CsrOperator::new(&with_spectrum(eigenvalues, 9)).expect("matrix");
        let mut x = vec![1.0; n];
        let m = &mut Identity::new(n);
        let report = krylov.pcg(&a, m, None, b, &mut x, options);
        assert!(x.iter().all(|x| x.is_finite()));
        (report.status, report.reason)
    };
    let positive: Vec<f64> = (1..=n).map(|i| i as f64).collect();
    let indefinite: Vec<f64> = (1..=n).map(|i| i as f64 - 10.5).collect();
    let (status, reason) = solve(&indefinite, &b, &options);
    assert_eq!(status, Status::Breakdown);
    assert!(matches!(reason, Some(Reason::OperatorNotPositive { curvature }) if curvature < 0.0));

    let mut bad = b.clone();
    bad[17] = f64::NAN;
    let (status, reason) = solve(&positive, &bad, &options);
    assert_eq!(
        (status, reason),
        (Status::Breakdown, Some(Reason::NotFinite { what: "b" }))
    );
    for factor in [1e-200, 1e200] {
        let scaled: Vec<f64> = b.iter().map(|b| factor * b).collect();
        let (status, reason) = solve(&positive, &scaled, &options);
        assert_eq!(status, Status::Breakdown);
        assert!(matches!(reason, Some(Reason::Scale { .. })));
    }
    // No f64 x has a residual of zero here, so the true residual stays above 1e-30.
    options.rtol = 1e-30;
    let (status, reason) = solve(&positive, &b, &options);
    assert_eq!(
        (status, reason),
        (Status::Stagnated, Some(Reason::AttainableAccuracy))
    );
    let (status, reason) = solve(&positive, &b[1..], &options);
    let shape = Reason::Shape {
        what: "b",
        expected: n,
        found: n - 1,
    };
    assert_eq!((status, reason), (Status::Breakdown, Some(shape)));
    let a = laplacian_operator([6, 5, 1], false);
    let mut x = vec![0.0; n];
    let report = krylov.pcg(&a, &mut Identity::new(n + 1), None, &b, &mut x, &options);
    assert!(matches!(
        report.reason,
        Some(Reason::Shape {
            what: "the preconditioner",
            ..
        })
    ));
}

/// The residual may grow on the way: by about the square root of the condition.
#[test]
fn the_divergence_limit_stops_growth() {
    let n = 60;
    let eigenvalues: Vec<f64> = (0..n).map(|i| 10f64.powf(i as f64 / 5.0)).collect();
    let a = CsrOperator::new(&with_spectrum(&eigenvalues, 10)).expect("matrix");
    // b mostly along the small eigenvalues: the first steps overshoot along the large ones.
    let e: Vec<f64> = dense_solve(&with_spectrum(&eigenvalues, 10), &random(n, 11));
    let mut x = vec![0.0; n];
    let options = SolveOptions {
        divergence: 1.5,
        ..SolveOptions::with_rtol(1e-12)
    };
    let mut krylov = Krylov::new(n, 100);
    let report = krylov.pcg(&a, &mut Identity::new(n), None, &e, &mut x, &options);
    assert_eq!(report.status, Status::Diverged, "{report}");
    assert!(report.residual > 1.5 * report.rhs_norm);
}

/// A singular matrix whose nullspace is not told: what b has there stays in the residual.
#[test]
fn stagnation_is_noticed() {
    let a = laplacian_operator([20, 20, 1], true);
    let n = a.dim();
    let mut b = random(n, 12);
    b.iter_mut().for_each(|b| *b += 0.05);
    let options = SolveOptions {
        stagnation: 20,
        ..SolveOptions::with_rtol(1e-8)
    };
    let mut x = vec![0.0; n];
    let mut krylov = Krylov::new(n, 100);
    let report = krylov.pcg(&a, &mut Identity::new(n), None, &b, &mut x, &options);
    assert_eq!(report.status, Status::Stagnated, "{report}");
    assert_eq!(report.reason, Some(Reason::NoProgress { iterations: 20 }));
}

/// r.z <= 0 is told as what it is.
#[test]
fn a_preconditioner_that_is_not_positive_is_named() {
    struct Minus(usize);
    impl Preconditioner for Minus {
        fn dim(&self) -> usize {
            self.0
        }
        fn properties(&self) -> Properties {
            Properties::SPD
        }
        fn apply(&mut self, r: &[f64], z: &mut [f64]) {
            z.iter_mut().zip(r).for_each(|(z, r)| *z = -0.5 * r);
        }
    }
    let a = laplacian_operator([5, 5, 1], false);
    let mut x = vec![0.0; 25];
    let mut krylov = Krylov::new(25, 10);
    let b = random(25, 13);
    let options = SolveOptions::default();
    let report = krylov.pcg(&a, &mut Minus(25), None, &b, &mut x, &options);
    let expected = Reason::PreconditionerNotPositive { curvature: -0.5 };
    assert_eq!(
        (report.status, report.reason),
        (Status::Breakdown, Some(expected))
    );
    // The flexible method goes on with the residual instead.
    let report = krylov.flexible_cg(&a, &mut Minus(25), None, &b, &mut x, &options);
    assert!(
        report.converged() && report.fallbacks == report.iterations,
        "{report}"
    );
}

#[test]
fn an_operator_that_gives_nan_leaves_x_as_it_was() {
    let a = FnOperator::new(3, |x: &[f64], y: &mut [f64]| {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = f64::NAN * x);
    });
    let mut x = vec![0.0; 3];
    let mut krylov = Krylov::new(3, 10);
    let options = SolveOptions::default();
    let report = krylov.pcg(&a, &mut Identity::new(3), None, &[1.0; 3], &mut x, &options);
    assert_eq!(report.status, Status::Breakdown);
    assert_eq!(x, [0.0; 3]);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let a = laplacian_operator([60, 50, 40], false);
    let b = random(a.dim(), 14);
    let options = SolveOptions {
        max_iterations: 30,
        ..SolveOptions::with_rtol(1e-6)
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("pool").install(|| {
            let mut x = vec![0.0; a.dim()];
            let mut krylov = Krylov::new(a.dim(), 100);
            let mut m = Jacobi::new(&a).expect("diagonal");
            let report = krylov.pcg(&a, &mut m, None, &b, &mut x, &options);
            (x, report.history.clone())
        })
    };
    let one = on(1);
    for threads in [2, 5] {
        assert!(one == on(threads), "{threads} threads");
    }
}

#[test]
fn a_batch_is_one_solve_after_the_other() {
    let a = laplacian_operator([9, 9, 1], false);
    let b = random(3 * 81, 15);
    let mut krylov = Krylov::new(81, 100);
    let mut jacobi = Jacobi::new(&a).expect("diagonal");
    let options = SolveOptions::with_rtol(1e-10);
    let mut x = vec![0.0; 3 * 81];
    let mut iterations = Vec::new();
    krylov
        .solve_batch(
            &a,
            &mut jacobi,
            None,
            &b,
            &mut x,
            3,
            &options,
            |i, report| {
                assert!(report.converged() && i == iterations.len(), "{report}");
                iterations.push(report.iterations);
            },
        )
        .expect("lengths");
    for i in 0..3 {
        let part = 81 * i..81 * (i + 1);
        let mut alone = vec![0.0; 81];
        krylov.solve(
            &a,
            &mut jacobi,
            None,
            &b[part.clone()],
            &mut alone,
            &options,
        );
        assert_eq!(alone, x[part]);
    }
    let error = krylov.solve_batch(&a, &mut jacobi, None, &b, &mut x, 2, &options, |_, _| {});
    assert!(error.expect_err("3 in b").to_string().contains("243"));
}
