use super::*;
use crate::coefficients::testing::{parabolic_case, with_forces};

/// Cases on a lattice of angles, cambers and thicknesses.
fn cases() -> Vec<CaseInfo> {
    (0..48)
        .map(|i| {
            let (a, c, t) = (i % 4, i / 4 % 3, i / 12);
            let aoa = -2.0 + 4.0 * f64::from(a) + 0.3 * f64::from(t);
            let speed = 40.0 + f64::from(i);
            let (camber, thickness) = (0.02 * f64::from(c), 0.08 + 0.03 * f64::from(t));
            with_forces(parabolic_case(
                &format!("case {i}"),
                speed,
                aoa,
                camber,
                thickness,
            ))
        })
        .collect()
}

#[test]
fn closed_form_is_that_of_leaving_out() {
    let points: [f64; 6] = [0.0, 0.3, 0.9, 1.4, 2.2, 2.9];
    let target: Vec<f64> = points.iter().map(|x| x.sin()).collect();
    let inputs: Vec<Vec<f64>> = points.iter().map(|x| vec![*x, 0.0, 0.0]).collect();
    let weights = Weights {
        kernel: Kernel::Rbf,
        angle: 1.0,
        speed: 1.0,
        measures: 1.0,
        ridge: 1e-3,
    };
    let all = solve(&Distances::new(&inputs), &target, weights, &[vec![5, 3]]).unwrap();
    // With the mean of all: the closed form keeps it.
    let left_out =
        |kept: &[usize], at: usize| without(&inputs, &target, weights, kept, all.mean, at);
    let expected = left_out(&[0, 1, 3, 4, 5], 2);
    assert!(
        (all.left_out[2] - expected).abs() < 1e-10,
        "{} {expected}",
        all.left_out[2]
    );
    let errors = [3, 5].map(|at| target[at] - left_out(&[0, 1, 2, 4], at));
    let expected = errors[0].hypot(errors[1]) / 2.0_f64.sqrt();
    assert!(
        (all.error_beyond - expected).abs() < 1e-10,
        "{} {expected}",
        all.error_beyond
    );
}

/// The prediction for input `at` by those of `kept`.
fn without(
    inputs: &[Vec<f64>],
    target: &[f64],
    weights: Weights,
    kept: &[usize],
    mean: f64,
    at: usize,
) -> f64 {
    let others: Vec<Vec<f64>> = kept.iter().map(|&i| inputs[i].clone()).collect();
    let distances = Distances::new(&others);
    let entry = |i: usize, j: usize| {
        weights.correlation(distances.at(i, j)) + if i == j { weights.ridge } else { 0.0 }
    };
    let centred: Vec<f64> = kept.iter().map(|&i| target[i] - mean).collect();
    let n = kept.len();
    let dual = Cholesky::new(Mat::from_fn(n, n, entry))
        .unwrap()
        .solve(&centred);
    let cross = others
        .iter()
        .map(|x| weights.correlation(&groups(x, &inputs[at])));
    mean + cross.zip(&dual).map(|(k, c)| k * c).sum::<f64>()
}

#[test]
fn learns_a_smooth_law() {
    let infos = cases();
    let train: Vec<usize> = (0..48).filter(|i| i % 6 != 1).collect();
    let ridge = KernelRidge::fit(&infos, &train).unwrap();
    assert_eq!(ridge.n_train(), 40);
    for info in infos.iter().skip(1).step_by(6) {
        let truth = info.coefficients.unwrap();
        let [cl, cd] = ridge.predict(info).unwrap();
        assert!(
            (cl - truth.cl).abs() < 0.02,
            "{} {cl} {}",
            info.name,
            truth.cl
        );
        assert!(
            (cd / truth.cd - 1.0).abs() < 0.03,
            "{} {cd} {}",
            info.name,
            truth.cd
        );
    }
}

#[test]
fn files_give_the_same_predictions_and_damaged_ones_errors() {
    let infos = cases();
    let ridge = KernelRidge::fit(&infos, &(0..20).collect::<Vec<_>>()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ridge.json");
    ridge.save(&path).unwrap();
    assert_eq!(KernelRidge::load(&path).unwrap(), ridge);

    let text = std::fs::read_to_string(&path).unwrap();
    let message = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let error = KernelRidge::load(&path).unwrap_err().to_string();
        assert!(error.contains("ridge.json"), "{error}");
        error
    };
    assert!(message(&text[..text.len() / 2]).contains("no kernel_ridge file"));
    assert!(message("[]").contains("no kernel_ridge file"));
    assert!(message(&text.replacen("kernel_ridge", "other", 1)).contains("holds \"other\""));
    assert!(message(&text.replacen("\"version\":2", "\"version\":7", 1)).contains("version 7"));
    assert!(message(&text.replacen("\"inputs\":[[", "\"inputs\":[[1.0,", 1)).contains("damaged"));
    assert!(message(&text.replacen("\"lift\"", "\"left\"", 1)).contains("damaged"));
    let error = KernelRidge::load(&folder.path().join("none.json")).unwrap_err();
    assert!(error.to_string().contains("none.json"), "{error}");
}
