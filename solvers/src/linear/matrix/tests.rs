//! Small matrices of every kind, and all the matrices that nobody here wrote.

use std::path::{Path, PathBuf};

use super::*;
use crate::linear::testing::*;
use crate::{EigenOptions, Imbalance, MatrixFile, Status, smallest_eigenpair};

fn tight() -> SolveOptions {
    SolveOptions::with_rtol(1e-10)
}

#[test]
fn every_method_on_a_definite_matrix() {
    let matrix = laplacian([20, 15, 4], false);
    let b = random(matrix.rows(), 1);
    let exact = dense_solve(&matrix, &b);
    for method in ["auto", "cg", "ic", "amg", "cholesky", "minres"] {
        let method: MatrixMethod = method.parse().expect("a method");
        let mut solver = MatrixSolver::new(&matrix, method).expect("definite");
        let mut x = vec![0.0; b.len()];
        let report = solver.solve(&b, &mut x, &tight()).expect("lengths");
        assert!(report.converged(), "{method}: {report}");
        assert!(difference(&x, &exact) < 1e-8, "{method}");
    }
    assert!("gauss".parse::<MatrixMethod>().is_err());
}

#[test]
fn singular_matrices_are_told_and_their_right_sides_checked() {
    let matrix = laplacian([20, 15, 1], true);
    let n = matrix.rows();
    let b = random(n, 2);
    for method in [
        MatrixMethod::Auto,
        MatrixMethod::IncompleteCholesky,
        MatrixMethod::Amg,
    ] {
        let mut solver = MatrixSolver::new(&matrix, method).expect("semidefinite");
        assert_eq!(solver.nullspace().map(Nullspace::count), Some(1));
        let mut x = vec![0.0; n];
        let report = solver.solve(&b, &mut x, &tight()).expect("lengths");
        assert_eq!(report.status, Status::Incompatible);
        let options = SolveOptions {
            imbalance: Imbalance::Project,
            ..tight()
        };
        let report = solver.solve(&b, &mut x, &options).expect("lengths");
        assert!(report.converged(), "{report}");
        assert!(x.iter().sum::<f64>().abs() < 1e-9);
    }
    let solver = MatrixSolver::new(&matrix, MatrixMethod::Auto).expect("semidefinite");
    assert_eq!(solver.spectrum(), Spectrum::Semidefinite(1));
    assert!(solver.choice().contains("nullity 1"), "{}", solver.choice());
}

/// Null vectors that are no constants.
#[test]
fn a_nullspace_of_any_kind() {
    let mut eigenvalues: Vec<f64> = (0..40).map(|i| 1.0 + i as f64).collect();
    (eigenvalues[3], eigenvalues[17]) = (0.0, 0.0);
    let matrix = with_spectrum(&eigenvalues, 3);
    let mut solver = MatrixSolver::new(&matrix, MatrixMethod::Auto).expect("semidefinite");
    assert_eq!(solver.spectrum(), Spectrum::Semidefinite(2));
    let mut b = vec![0.0; 40];
    solver.operator().apply(&random(40, 4), &mut b);
    let mut x = vec![0.0; 40];
    assert!(
        solver
            .solve(&b, &mut x, &tight())
            .expect("lengths")
            .converged()
    );
    let report = solver
        .solve(&random(40, 5), &mut x, &tight())
        .expect("lengths");
    assert!(
        matches!(report.reason, Some(Reason::NullVector { .. })),
        "{report}"
    );
}

#[test]
fn indefinite_matrices_are_factored_with_pivots() {
    let eigenvalues: Vec<f64> = (0..50).map(|i| i as f64 - 20.5).collect();
    let matrix = with_spectrum(&eigenvalues, 6);
    let b = random(50, 7);
    let mut solver = MatrixSolver::new(&matrix, MatrixMethod::Auto).expect("symmetric");
    assert_eq!(solver.spectrum(), Spectrum::Indefinite);
    let mut x = vec![0.0; 50];
    let report = solver.solve(&b, &mut x, &tight()).expect("lengths");
    assert!(report.converged() && report.iterations <= 5, "{report}");
    assert!(difference(&x, &dense_solve(&matrix, &b)) < 1e-7);
    let mut minres = MatrixSolver::new(&matrix, MatrixMethod::Minres).expect("symmetric");
    assert!(
        minres
            .solve(&b, &mut x, &tight())
            .expect("lengths")
            .converged()
    );
    assert!(difference(&x, &dense_solve(&matrix, &b)) < 1e-7);
    let error = MatrixSolver::new(&matrix, MatrixMethod::Cholesky).expect_err("indefinite");
    assert!(
        error.to_string().contains("not positive definite"),
        "{error}"
    );
    // A diagonal of zeros: no pivot to begin with.
    let swap = sprs::CsMat::new((2, 2), vec![0, 1, 2], vec![1, 0], vec![1.0, 1.0]);
    let mut solver = MatrixSolver::new(&swap, MatrixMethod::Auto).expect("symmetric");
    let mut x = [0.0; 2];
    assert!(
        solver
            .solve(&[1.0, 2.0], &mut x, &tight())
            .expect("lengths")
            .converged()
    );
    assert!((x[0] - 2.0).abs() < 1e-9 && (x[1] - 1.0).abs() < 1e-9);
}

#[test]
fn singular_and_indefinite_matrices_turn_to_minres() {
    let mut eigenvalues: Vec<f64> = (0..50).map(|i| i as f64 - 20.5).collect();
    eigenvalues[7] = 0.0;
    let matrix = with_spectrum(&eigenvalues, 8);
    let mut solver = MatrixSolver::new(&matrix, MatrixMethod::Auto).expect("symmetric");
    let mut b = vec![0.0; 50];
    solver.operator().apply(&random(50, 9), &mut b);
    let mut x = vec![0.0; 50];
    let report = solver.solve(&b, &mut x, &tight()).expect("lengths");
    assert!(report.converged(), "{report}");
    let report = solver
        .solve(&random(50, 10), &mut x, &tight())
        .expect("lengths");
    assert_eq!(report.status, Status::Incompatible, "{report}");
    assert!(solver.choice().contains("MINRES"), "{}", solver.choice());
}

#[test]
fn what_cannot_be_solved_is_refused() {
    let upper = sprs::CsMat::new((2, 2), vec![0, 2, 3], vec![0, 1, 1], vec![2.0, 1.0, 2.0]);
    let error = MatrixSolver::new(&upper, MatrixMethod::Auto)
        .expect_err("upper")
        .to_string();
    assert!(
        error.contains("not symmetric") && error.contains("(0, 1)"),
        "{error}"
    );
    let wide = sprs::CsMat::new((1, 2), vec![0, 1], vec![0], vec![1.0]);
    assert!(MatrixSolver::new(&wide, MatrixMethod::Auto).is_err());
    let empty = sprs::CsMat::<f64>::zero((0, 0));
    assert!(MatrixSolver::new(&empty, MatrixMethod::Auto).is_err());
    let matrix = laplacian([3, 3, 1], false);
    let mut solver = MatrixSolver::new(&matrix, MatrixMethod::Auto).expect("SPD");
    let mut x = vec![0.0; 9];
    assert!(solver.solve(&[1.0; 8], &mut x, &tight()).is_err());
    let error = solver
        .solve(&[f64::NAN; 9], &mut x, &tight())
        .expect_err("NaN")
        .to_string();
    assert!(error.contains("entry 0"), "{error}");
}

/// The files of a folder beside the repository, or a message that there are none.
fn third_party(folder: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/third_party")
        .join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Each is solved to 1e-8 for a right-hand side that has a solution, and for one that may have none
/// solved or refused with the reason.
#[test]
fn matrices_nobody_here_wrote() {
    for path in [third_party("suitesparse"), third_party("pyamg")].concat() {
        let name = path.display();
        let matrix = MatrixFile::read(&path)
            .and_then(|file| file.matrix(None))
            .expect("readable");
        let n = matrix.rows();
        let mut solver = match MatrixSolver::new(&matrix, MatrixMethod::Auto) {
            Ok(solver) => solver,
            Err(error) => {
                assert!(
                    matches!(error, SolverError::NotSymmetric { .. }),
                    "{name}: {error}"
                );
                eprintln!("{name}: {error}");
                continue;
            }
        };
        let options = SolveOptions::with_rtol(1e-8);
        let mut b = vec![0.0; n];
        solver.operator().apply(&random(n, 1), &mut b);
        let mut x = vec![0.0; n];
        let report = solver.solve(&b, &mut x, &options).expect("lengths");
        assert!(report.converged(), "{name}: {report}");
        // By another way than the solver's own.
        let mut left = b.clone();
        for (value, (i, j)) in &matrix {
            left[i] -= value * x[j];
        }
        let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        assert!(norm(&left) <= 1.01e-8 * norm(&b), "{name}");
        let singular = solver.nullspace().is_some();
        let report = solver
            .solve(&random(n, 2), &mut x, &options)
            .expect("lengths");
        let (status, reason) = (report.status, report.reason);
        assert_eq!(status == Status::Converged, !singular, "{name}: {report}");
        eprintln!(
            "{name}: {}\n    random b: {status} {}",
            solver.choice(),
            reason.map_or(String::new(), |r| r.to_string())
        );
    }
}

#[test]
fn the_smallest_eigenvalue_of_the_l_shaped_domain() {
    let Some(path) = third_party("suitesparse")
        .into_iter()
        .find(|p| p.ends_with("pts5ldd03.mtx"))
    else {
        return;
    };
    let matrix = MatrixFile::read(&path)
        .and_then(|file| file.matrix(None))
        .expect("readable");
    let mut solver = MatrixSolver::new(&matrix, MatrixMethod::Auto).expect("SPD");
    let operator = solver.operator().clone();
    let options = EigenOptions::default();
    let pair = smallest_eigenpair(&operator, solver.preconditioner(), None, &options);
    let pair = pair.expect("sizes");
    // The file holds 4 / h^2 and so on for h = 1/8, and tells the eigenvalue in its header.
    assert!(
        (pair.value - 9.693_162_213_551_155).abs() < 1e-9,
        "{}",
        pair.value
    );
}
