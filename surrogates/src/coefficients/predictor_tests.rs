use karman_datasets::CoefficientScore;
use rand::Rng;

use super::*;
use crate::coefficients::KernelRidge;
use crate::coefficients::testing::{MiniAirfrans, mini_airfrans, parabolic_case, with_forces};
use crate::uncertainty::Coverage;

/// Cases with known coefficients.
fn cases(n: usize, seed: u64) -> Vec<CaseInfo> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let case = |i| {
        let (speed, aoa) = (rng.random_range(30.0..90.0), rng.random_range(-4.0..12.0));
        let (camber, thickness) = (rng.random_range(0.0..0.06), rng.random_range(0.06..0.18));
        with_forces(parabolic_case(
            &format!("case {i}"),
            speed,
            aoa,
            camber,
            thickness,
        ))
    };
    (0..n).map(case).collect()
}

#[test]
fn learns_a_smooth_law_and_covers() {
    let infos = cases(140, 1);
    let train: Vec<usize> = (0..40).collect();
    let predictor = CoefficientPredictor::fit(&infos, &train, 5, 0).unwrap();
    let estimates: Vec<_> = infos[40..]
        .iter()
        .map(|i| predictor.predict(i, 0.9).unwrap())
        .collect();
    let truth = |f: fn(&karman_datasets::Forces) -> f64| -> Vec<f64> {
        infos[40..]
            .iter()
            .map(|i| f(i.coefficients.as_ref().unwrap()))
            .collect()
    };
    let (cl, cd) = (truth(|f| f.cl), truth(|f| f.cd));
    let predicted: Vec<f64> = estimates.iter().map(|e| e.prediction.cl).collect();
    assert!(
        CoefficientScore::new(&cl, &predicted)
            .absolute_error
            .unwrap()
            < 2e-3
    );
    let predicted: Vec<f64> = estimates.iter().map(|e| e.prediction.cd).collect();
    assert!(
        CoefficientScore::new(&cd, &predicted)
            .relative_error
            .unwrap()
            < 5e-3
    );
    let drag = &estimates[0].prediction;
    let parts = drag.cd_pressure.unwrap() + drag.cd_viscous.unwrap();
    assert!((parts - drag.cd).abs() < 1e-12);
    let lift: Vec<_> = estimates.iter().map(|e| e.cl).collect();
    let drag: Vec<_> = estimates.iter().map(|e| e.cd).collect();
    for coverage in [Coverage::measure(&lift, &cl), Coverage::measure(&drag, &cd)] {
        assert!(
            coverage.covered >= 80 && coverage.infinite == 0,
            "{coverage:?}"
        );
    }
}

#[test]
fn too_few_cases_for_the_coverage_give_open_intervals() {
    let infos = cases(12, 2);
    let predictor = CoefficientPredictor::fit(&infos, &(0..11).collect::<Vec<_>>(), 11, 0).unwrap();
    assert_eq!(predictor.n_folds(), 11);
    assert!(predictor.predict(&infos[11], 0.9).unwrap().cl.is_finite());
    assert!(!predictor.predict(&infos[11], 0.95).unwrap().cl.is_finite());
}

#[test]
fn files_give_the_same_predictions() {
    let infos = cases(30, 3);
    let train: Vec<usize> = (0..24).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coefficients.json");
    let predictor = CoefficientPredictor::fit(&infos, &train, 4, 1).unwrap();
    predictor.save(&path).unwrap();
    let loaded = CoefficientPredictor::load(&path).unwrap();
    let same = |info| predictor.predict(info, 0.8).unwrap() == loaded.predict(info, 0.8).unwrap();
    assert!(infos.iter().all(same));
    predictor.model().save(&path).unwrap();
    let error = CoefficientPredictor::load(&path).unwrap_err().to_string();
    assert!(error.contains("holds \"coefficient_model\""), "{error}");
    let model = CoefficientModel::load(&path).unwrap();
    assert_eq!(
        model.predict(&infos[27]).unwrap(),
        predictor.model().predict(&infos[27]).unwrap()
    );
}

#[test]
fn wrong_input_is_an_error() {
    let mut infos = cases(12, 4);
    let all: Vec<usize> = (0..12).collect();
    let message = |infos: &[CaseInfo], train: &[usize], folds| {
        CoefficientPredictor::fit(infos, train, folds, 0)
            .unwrap_err()
            .to_string()
    };
    assert!(message(&infos, &all, 1).contains("folds"));
    assert!(message(&infos, &[0, 1, 1, 2], 2).contains("case 1 is given twice"));
    assert!(message(&infos, &[0, 12], 2).contains("case 12 of 12"));
    assert!(message(&infos, &[0, 1, 2], 2).contains("at least 8"));
    let predictor = CoefficientPredictor::fit(&infos, &all, 3, 0).unwrap();
    infos[2].speed = 0.0;
    let error = predictor.predict(&infos[2], 0.9).unwrap_err().to_string();
    assert!(error.contains("speed of case 2 is 0"), "{error}");
    assert!(message(&infos, &all, 3).contains("speed of case 2"));
    infos[2].speed = 50.0;
    infos.iter_mut().skip(4).for_each(|i| i.coefficients = None);
    assert!(message(&infos, &all, 3).contains("4 of 12 train cases have coefficients"));
}

#[test]
fn drag_that_is_not_positive_is_learned_as_it_is() {
    for (part, total) in [(-1e-4, 0.01), (0.01, -0.01)] {
        let mut infos = cases(20, 5);
        let forces = infos[3].coefficients.as_mut().unwrap();
        (forces.cd_pressure, forces.cd) = (part, total);
        let model = CoefficientModel::fit(&infos, &(0..20).collect::<Vec<_>>()).unwrap();
        let prediction = model.predict(&infos[5]).unwrap();
        assert!(prediction.cd.is_finite() && prediction.cd_pressure.is_none());
    }
}

/// |(t - p)/t| and rank of C_L and C_D over cases of mini-AirfRANS.
fn scores(
    data: &MiniAirfrans,
    cases: &[usize],
    predict: impl Fn(&CaseInfo) -> [f64; 2],
) -> [CoefficientScore; 2] {
    let infos = cases.iter().map(|&c| &data.infos[c]);
    let pairs: Vec<_> = infos
        .map(|i| (i.coefficients.unwrap(), predict(i)))
        .collect();
    let score = |truth: fn(&karman_datasets::Forces) -> f64, k: usize| {
        let truth: Vec<f64> = pairs.iter().map(|(forces, _)| truth(forces)).collect();
        CoefficientScore::new(&truth, &pairs.iter().map(|(_, p)| p[k]).collect::<Vec<_>>())
    };
    [score(|f| f.cl, 0), score(|f| f.cd, 1)]
}

fn show(what: &str, scores: &[CoefficientScore; 2]) -> [f64; 4] {
    let [lift, drag] = scores;
    let numbers = [
        lift.relative_error,
        lift.rank,
        drag.relative_error,
        drag.rank,
    ];
    let numbers = numbers.map(|v| v.unwrap());
    println!(
        "{what}: C_L error {:.4} (absolute {:.5}, rank {:.4}), C_D error {:.4} (absolute {:.6}, \
         rank {:.4})",
        numbers[0],
        lift.absolute_error.unwrap(),
        numbers[1],
        numbers[2],
        drag.absolute_error.unwrap(),
        numbers[3]
    );
    numbers
}

/// Of predictions for named train cases by the others.
fn left_out_scores(data: &MiniAirfrans, left_out: &[(&str, [f64; 2])]) -> [CoefficientScore; 2] {
    let at = |name: &str| data.infos.iter().position(|i| i.name == name).unwrap();
    let cases: Vec<usize> = left_out.iter().map(|(name, _)| at(name)).collect();
    let of = |info: &CaseInfo| {
        left_out
            .iter()
            .find(|(name, _)| *name == info.name)
            .unwrap()
            .1
    };
    scores(data, &cases, of)
}

/// Must hold: the baseline reaches the reference regression (C_L .023 and rank 1.000, C_D .018 and
/// rank .989), and what is reported to users reaches it too. Which of the two has the smaller relative
/// error of C_L on 19 cases is decided by the three of them whose lift is nearly zero; in
/// cross-validation on the 88 train cases what is reported has about half of the baseline's error.
#[test]
fn mini_airfrans_coefficients() {
    let Some(data) = mini_airfrans() else { return };
    let (train, test) = (data.part("full_train"), data.part("full_test"));
    let ridge = KernelRidge::fit(&data.infos, &train).unwrap();
    let found = scores(data, &test, |i| ridge.predict(i).unwrap());
    let baseline = show("kernel ridge, full_test", &found);
    assert!(baseline[0] <= 0.023 && baseline[1] > 0.9985, "{baseline:?}");
    assert!(baseline[2] <= 0.018 && baseline[3] > 0.985, "{baseline:?}");

    let left_out = left_out_scores(data, &ridge.leave_one_out());
    let baseline = show("kernel ridge, leave-one-out on full_train", &left_out);
    let model = CoefficientModel::fit(&data.infos, &train).unwrap();
    let left_out: Vec<_> = model.leave_one_out();
    let left_out: Vec<_> = left_out.iter().map(|(n, p)| (*n, [p.cl, p.cd])).collect();
    let left_out = left_out_scores(data, &left_out);
    let reported = show("reported, leave-one-out on full_train", &left_out);
    assert!(
        reported[0] < 0.7 * baseline[0] && reported[2] < 0.6 * baseline[2],
        "{reported:?}"
    );

    let predictor = CoefficientPredictor::fit(&data.infos, &train, 10, 0).unwrap();
    let left_out: Vec<_> = predictor.cross_validation().collect();
    let left_out: Vec<_> = left_out
        .iter()
        .map(|(n, _, p)| (*n, [p.cl, p.cd]))
        .collect();
    show(
        "reported, 10-fold on full_train",
        &left_out_scores(data, &left_out),
    );
    let found = scores(data, &test, |i| {
        let p = predictor.predict(i, 0.9).unwrap().prediction;
        [p.cl, p.cd]
    });
    let reported = show("reported, full_test", &found);
    assert!(reported[0] <= 0.023 && reported[1] > 0.9985, "{reported:?}");
    assert!(reported[2] <= 0.018 && reported[3] > 0.989, "{reported:?}");
    for coverage in [0.8, 0.9] {
        let estimates = test
            .iter()
            .map(|&c| predictor.predict(&data.infos[c], coverage).unwrap());
        let (cl, cd): (Vec<_>, Vec<_>) = estimates.map(|e| (e.cl, e.cd)).unzip();
        let forces = test.iter().map(|&c| data.infos[c].coefficients.unwrap());
        let (lift, drag): (Vec<f64>, Vec<f64>) = forces.map(|f| (f.cl, f.cd)).unzip();
        for (name, intervals, truth) in [("C_L", cl, lift), ("C_D", cd, drag)] {
            let found = Coverage::measure(&intervals, &truth);
            println!("{name} at {coverage}: {found:?}");
            // 19 cases: at 80 % fewer than 11 come by chance once in two hundred times.
            assert!(found.covered >= 11 && found.infinite == 0, "{found:?}");
        }
    }
}

/// Root mean square errors of C_L and of ln C_D.
fn rms(errors: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|k| (errors.iter().map(|e| e[k] * e[k]).sum::<f64>() / errors.len() as f64).sqrt())
}

/// What the weight of the ridge regression rests on (`blend.rs`), on the train part alone: where cases
/// lie beyond the others in some quantity it does good for C_L and no harm for C_D, and among them
/// no harm.
#[test]
fn mini_airfrans_beyond_the_train_cases() {
    let Some(data) = mini_airfrans() else { return };
    let train = data.part("full_train");
    let quantities: [fn(&CaseInfo) -> f64; 5] = [
        |i| i.aoa,
        |i| i.speed,
        |i| i.measures[0],
        |i| i.measures[1],
        |i| i.panel_cl,
    ];
    let mut outer = Vec::new();
    for of in quantities {
        let mut order = train.clone();
        order.sort_by(|a, b| of(&data.infos[*a]).total_cmp(&of(&data.infos[*b])));
        let size = order.len() / 4;
        outer.push(order[..size].to_vec());
        outer.push(order[order.len() - size..].to_vec());
    }
    let folds: Vec<Vec<usize>> = (0..10)
        .map(|fold| train.iter().copied().skip(fold).step_by(10).collect())
        .collect();
    let errors = |groups: &[Vec<usize>]| {
        let of_group = |group: &Vec<usize>| -> Vec<[[f64; 2]; 3]> {
            let rest: Vec<usize> = train
                .iter()
                .copied()
                .filter(|c| !group.contains(c))
                .collect();
            let model = CoefficientModel::fit(&data.infos, &rest).unwrap();
            let of_case = |&case: &usize| {
                let info = &data.infos[case];
                let truth = info.coefficients.unwrap();
                let error = |cl: f64, cd: f64| [cl - truth.cl, (cd / truth.cd).ln()];
                let alone = model.processes(&Descriptor::of(info).unwrap());
                let reported = model.predict(info).unwrap();
                let [cl, cd] = model.ridge().predict(info).unwrap();
                [
                    error(alone.cl, alone.cd),
                    error(reported.cl, reported.cd),
                    error(cl, cd),
                ]
            };
            group.iter().map(of_case).collect()
        };
        let all: Vec<_> = groups.par_iter().flat_map(of_group).collect();
        [0, 1, 2].map(|k| rms(&all.iter().map(|e| e[k]).collect::<Vec<_>>()))
    };
    for (name, groups, worse) in [
        ("outer quarters", &outer, [0.9, 1.01]),
        ("ten folds", &folds, [1.01; 2]),
    ] {
        let [alone, reported, ridge] = errors(groups);
        println!(
            "{name}, errors of C_L and ln C_D: processes alone {alone:.4?}, reported {reported:.4?}, \
             ridge {ridge:.4?}"
        );
        for k in 0..2 {
            assert!(reported[k] < worse[k] * alone[k], "{name} {k}");
        }
    }
}
