use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::coefficients::testing::{mini_airfrans, parabolic_case};

/// Cases with speed, angle and shape drawn uniformly.
fn cases(n: usize, seed: u64) -> Vec<CaseInfo> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n)
        .map(|i| {
            let speed = rng.random_range(30.0..90.0);
            let aoa = rng.random_range(-2.5..12.5);
            let camber = rng.random_range(0.0..0.06);
            parabolic_case(
                &format!("case {i}"),
                speed,
                aoa,
                camber,
                rng.random_range(0.06..0.18),
            )
        })
        .collect()
}

#[test]
fn most_cases_from_the_same_population_are_in() {
    let infos = cases(360, 1);
    let train: Vec<usize> = (0..60).collect();
    let detector = OodDetector::fit(&infos, &train).unwrap();
    let verdicts = infos[60..]
        .iter()
        .map(|i| detector.judge(i).unwrap().verdict);
    let counts = verdicts.fold([0; 3], |mut counts, v| {
        counts[v as usize] += 1;
        counts
    });
    assert!(counts[2] <= 15, "{counts:?}");
    assert!(counts[0] >= 240, "{counts:?}");
}

#[test]
fn says_which_input_sticks_out() {
    let infos = cases(60, 2);
    let train: Vec<usize> = (0..60).collect();
    let detector = OodDetector::fit(&infos, &train).unwrap();
    let verdict = detector
        .judge(&parabolic_case("new", 60.0, 16.0, 0.03, 0.12))
        .unwrap();
    assert!(
        verdict.is_outside() && verdict.score > verdict.threshold,
        "{verdict:?}"
    );
    assert_eq!(verdict.outside[0].name, "aoa");
    assert!(
        verdict.reason().starts_with("angle of attack 16.00° above"),
        "{}",
        verdict.reason()
    );
    let verdict = detector
        .judge(&parabolic_case("new", 20.0, 5.0, 0.03, 0.12))
        .unwrap();
    assert_eq!(verdict.outside[0].name, "speed");
    assert!((verdict.outside[0].value - 20.0).abs() < 1e-12);
    assert!(
        verdict.reason().starts_with("speed 20.00 m/s below"),
        "{}",
        verdict.reason()
    );
}

#[test]
fn a_train_case_is_its_own_nearest() {
    let infos = cases(40, 3);
    let train: Vec<usize> = (0..40).collect();
    let detector = OodDetector::fit(&infos, &train).unwrap();
    for info in &infos {
        let verdict = detector.judge(info).unwrap();
        assert_eq!(verdict.nearest_case, info.name);
        assert!(verdict.outside.is_empty(), "{verdict:?}");
    }
}

/// Strongly correlated inputs: each value alone is usual, the combination is not.
#[test]
fn unusual_combinations_are_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut case = |i: usize| {
        let camber: f64 = rng.random_range(0.0..0.06);
        let aoa = 200.0 * camber + rng.random_range(-0.3..0.3);
        parabolic_case(
            &format!("case {i}"),
            rng.random_range(40.0..80.0),
            aoa,
            camber,
            0.12,
        )
    };
    let infos: Vec<CaseInfo> = (0..80).map(&mut case).collect();
    let train: Vec<usize> = (0..80).collect();
    let detector = OodDetector::fit(&infos, &train).unwrap();
    let verdict = detector
        .judge(&parabolic_case("new", 60.0, 10.5, 0.005, 0.12))
        .unwrap();
    assert!(
        verdict.outside.is_empty() && verdict.is_outside(),
        "{verdict:?}"
    );
}

#[test]
fn an_input_that_never_varied_is_watched() {
    let infos: Vec<CaseInfo> = cases(20, 5)
        .into_iter()
        .map(|info| CaseInfo {
            speed: 50.0,
            ..info
        })
        .collect();
    let detector = OodDetector::fit(&infos, &(0..20).collect::<Vec<_>>()).unwrap();
    assert_eq!(detector.judge(&infos[3]).unwrap().outside, []);
    let faster = CaseInfo {
        speed: 60.0,
        ..infos[3].clone()
    };
    let verdict = detector.judge(&faster).unwrap();
    assert!(
        verdict.is_outside() && verdict.outside[0].name == "speed",
        "{verdict:?}"
    );
}

#[test]
fn wrong_input_is_an_error() {
    let mut infos = cases(10, 6);
    let message = |r: Result<OodDetector, SurrogateError>| r.unwrap_err().to_string();
    assert!(message(OodDetector::fit(&infos, &[0, 1])).contains("8 are needed"));
    let train = [0, 1, 2, 3, 4, 5, 6, 17];
    assert!(message(OodDetector::fit(&infos, &train)).contains("case 17 of 10"));
    infos[7].measures[3] = f64::NAN;
    let train: Vec<usize> = (0..8).collect();
    assert!(message(OodDetector::fit(&infos, &train)).contains("camber_10"));
}

#[test]
fn survives_json() {
    let infos = cases(20, 7);
    let detector = OodDetector::fit(&infos, &(0..15).collect::<Vec<_>>()).unwrap();
    let json = serde_json::to_string(&detector).unwrap();
    assert_eq!(
        serde_json::from_str::<OodDetector>(&json).unwrap(),
        detector
    );
}

/// Must hold: angles outside of those trained on are flagged, train cases mostly not.
#[test]
fn mini_airfrans_angles() {
    let Some(data) = mini_airfrans() else { return };
    let train = data.part("aoa_train");
    let detector = OodDetector::fit(&data.infos, &train).unwrap();
    let count = |cases: &[usize], verdict: Verdict| {
        let judged = cases
            .iter()
            .map(|&c| detector.judge(&data.infos[c]).unwrap());
        judged.filter(|v| v.verdict >= verdict).count()
    };
    let test = data.part("aoa_test");
    let out = count(&test, Verdict::OutOfDistribution);
    let not_in = count(&test, Verdict::Borderline);
    println!("aoa_test: {out} of {} out, {not_in} not in", test.len());
    assert!(
        out * 10 >= test.len() * 6 && not_in * 10 >= test.len() * 9,
        "{out} {not_in}"
    );
    // Full task: test cases come from the population of the train cases.
    let detector = OodDetector::fit(&data.infos, &data.part("full_train")).unwrap();
    let test = data.part("full_test");
    let judged: Vec<_> = test
        .iter()
        .map(|&c| detector.judge(&data.infos[c]).unwrap())
        .collect();
    let out = judged.iter().filter(|v| v.is_outside()).count();
    println!("full_test: {out} of {} out", test.len());
    assert!(out <= 3, "{out}");
}
