//! Exactness, symmetry, iteration counts, breakdowns.

use super::*;
use crate::linear::testing::*;
use crate::{Krylov, LinearOperator, Nullspace, SolveOptions};

/// Where no fill is dropped the factorisation is exact, but for the f32 of the factors.
#[test]
fn exact_for_a_chain() {
    let matrix = laplacian([50, 1, 1], false);
    // Dirichlet at y as well: 4 on the diagonal.
    let a = CsrOperator::new(&matrix).expect("matrix");
    let b = random(50, 1);
    for mut m in [
        IncompleteCholesky::new(&a).expect("SPD"),
        IncompleteCholesky::modified(&a).expect("SPD"),
    ] {
        let mut z = vec![f64::NAN; 50];
        m.apply(&b, &mut z);
        assert!(difference(&z, &dense_solve(&matrix, &b)) < 1e-6);
        assert_eq!(m.shift(), 0.0);
    }
}

/// L D L^T agrees with A on A's pattern (IC) and on constants (MIC with all of it moved).
#[test]
fn reproduces_the_matrix_on_its_pattern() {
    let a = laplacian_operator([6, 5, 4], false);
    let n = a.dim();
    let m = IncompleteCholesky::new(&a).expect("SPD");
    let mut dense = vec![0.0; n * n];
    let factor = |row: usize| {
        let range = m.lower.offsets[row] as usize..m.lower.offsets[row + 1] as usize;
        let columns = m.lower.columns[range.clone()].iter().map(|c| *c as usize);
        let values = m.lower.values[range].iter().map(|v| f64::from(*v));
        let mut entries: Vec<(usize, f64)> = columns.zip(values).collect();
        entries.push((row, 1.0));
        entries
    };
    for i in 0..n {
        for j in 0..n {
            for (k, left) in factor(i) {
                for (l, right) in factor(j) {
                    if k == l {
                        dense[i * n + j] += left * right / m.inverse_pivots[k];
                    }
                }
            }
        }
    }
    for i in 0..n {
        let (columns, values) = a.matrix().row(i);
        for (j, value) in columns.iter().zip(values) {
            assert!((dense[i * n + *j as usize] - value).abs() < 1e-6);
        }
    }
}

#[test]
fn symmetric_and_positive_on_any_number_of_threads() {
    let a = laplacian_operator([40, 30, 20], true);
    let n = a.dim();
    let (u, v) = (random(n, 2), random(n, 3));
    for modified in [false, true] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("pool").install(|| {
                let mut m = IncompleteCholesky::factor(a.matrix(), modified).expect("SPD");
                let (mut mu, mut mv) = (vec![0.0; n], vec![0.0; n]);
                m.apply(&u, &mut mu);
                m.apply(&v, &mut mv);
                (mu, mv)
            })
        };
        let (mu, mv) = on(1);
        assert!((mu.clone(), mv.clone()) == on(2));
        assert!((mu.clone(), mv.clone()) == on(3));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (left, right) = (dot(&u, &mv), dot(&v, &mu));
        let scale = (dot(&u, &mu) * dot(&v, &mv)).sqrt();
        assert!((left - right).abs() < 1e-12 * scale);
        assert!(dot(&u, &mu) > 0.0);
    }
}

#[test]
fn fewer_iterations_with_each_refinement() {
    let a = laplacian_operator([64, 64, 1], true);
    let n = a.dim();
    let space = Nullspace::constant(n).expect("size");
    let mut b = random(n, 4);
    space.project(&mut b);
    let mut krylov = Krylov::new(n, 500);
    let mut count = |m: &mut dyn Preconditioner| {
        let mut x = vec![0.0; n];
        let options = SolveOptions::with_rtol(1e-8);
        let report = krylov.solve(&a, m, Some(&space), &b, &mut x, &options);
        assert!(report.converged(), "{report}");
        report.iterations
    };
    let plain = count(&mut crate::Identity::new(n));
    let ic = count(&mut IncompleteCholesky::new(&a).expect("SPD"));
    let mic = count(&mut IncompleteCholesky::modified(&a).expect("SPD"));
    assert!(2 * ic < plain && 3 * mic < 2 * ic, "{plain} {ic} {mic}");
}

/// Kershaw's matrix: positive definite, but IC(0) meets a negative pivot.
#[test]
fn a_breakdown_is_mended_by_a_shift_and_told() {
    let rows = [
        [3.0, -2.0, 0.0, 2.0],
        [-2.0, 3.0, -2.0, 0.0],
        [0.0, -2.0, 3.0, -2.0],
        [2.0, 0.0, -2.0, 3.0],
    ];
    let mut triplets = sprs::TriMat::new((4, 4));
    for (i, row) in rows.iter().enumerate() {
        for (j, value) in row.iter().enumerate().filter(|(_, v)| **v != 0.0) {
            triplets.add_triplet(i, j, *value);
        }
    }
    let matrix = triplets.to_csr();
    let a = CsrOperator::new(&matrix).expect("matrix");
    let mut m = IncompleteCholesky::new(&a).expect("a shift helps");
    assert!(m.shift() > 0.0);
    assert!(m.note().is_some_and(|n| n.contains("broke down")));
    let b = [1.0, 2.0, -1.0, 0.5];
    let mut x = [0.0; 4];
    let mut krylov = Krylov::new(4, 10);
    let options = SolveOptions::with_rtol(1e-10);
    let report = krylov.solve(&a, &mut m, None, &b, &mut x, &options);
    assert!(report.converged(), "{report}");
    assert!(difference(&x, &dense_solve(&matrix, &b)) < 1e-8);
}

#[test]
fn what_cannot_be_factored_is_named() {
    let a = CsrOperator::new(&sprs::CsMat::new(
        (3, 3),
        vec![0, 1, 2, 3],
        vec![0, 1, 2],
        vec![1.0, -2.0, 1.0],
    ));
    let error = IncompleteCholesky::new(&a.expect("matrix")).expect_err("negative diagonal");
    assert!(error.to_string().contains("row 1"), "{error}");
    for (indptr, indices) in [
        (vec![0, 2, 3, 4], vec![0, 2, 1, 2]),
        (vec![0, 1, 2, 4], vec![0, 1, 0, 2]),
    ] {
        let matrix = sprs::CsMat::new((3, 3), indptr, indices, vec![1.0; 4]);
        let a = CsrOperator::new(&matrix).expect("matrix");
        let error = IncompleteCholesky::new(&a)
            .expect_err("one side only")
            .to_string();
        assert!(error.contains("not symmetric"), "{error}");
    }
}
