use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

#[test]
fn quantile_is_the_corrected_order_statistic() {
    let scores: Vec<f64> = (1..=9).rev().map(f64::from).collect();
    // (9 + 1) 0.9 = 9: the largest, although 10 * 0.9 is not exactly 9 in binary.
    assert_eq!(conformal_quantile(&scores, 0.1), 9.0);
    assert_eq!(conformal_quantile(&scores, 0.5), 5.0);
    assert_eq!(conformal_quantile(&scores, 0.11), 9.0);
    // One more would be needed.
    assert_eq!(conformal_quantile(&scores, 0.099), f64::INFINITY);
    assert_eq!(conformal_quantile(&scores, 1.0), 1.0);
    assert_eq!(conformal_quantile(&scores, 0.0), f64::INFINITY);
    assert_eq!(conformal_quantile(&scores, f64::NAN), f64::INFINITY);
    assert_eq!(conformal_quantile(&[], 0.5), f64::INFINITY);
}

#[test]
fn cases_needed_is_where_intervals_become_finite() {
    for (alpha, needed) in [(0.1, 9), (0.05, 19), (0.2, 4), (0.5, 1), (0.3, 3)] {
        assert_eq!(SplitConformal::cases_needed(alpha), needed, "{alpha}");
        for n in [needed - 1, needed] {
            let zeros = vec![0.0; n];
            let conformal = SplitConformal::fit(&zeros, &zeros, None).unwrap();
            let finite = conformal.interval(1.0, None, alpha).is_finite();
            assert_eq!(finite, n == needed, "{alpha} {n}");
        }
    }
}

#[test]
fn intervals_by_hand() {
    let conformal = SplitConformal::fit(&[1.0, 2.0, 3.0], &[1.5, 2.0, 4.0], None).unwrap();
    let interval = conformal.interval(10.0, None, 0.25);
    assert_eq!((interval.lower, interval.upper), (9.0, 11.0));
    let scaled = SplitConformal::fit(&[1.0, 2.0], &[2.0, 4.0], Some(&[1.0, 4.0])).unwrap();
    let interval = scaled.interval(0.0, Some(3.0), 0.34);
    assert_eq!((interval.lower, interval.upper), (-3.0, 3.0));
    assert!(!scaled.interval(0.0, None, 0.34).is_finite());
    assert!(!scaled.interval(0.0, Some(f64::NAN), 0.34).is_finite());
}

#[test]
fn cross_conformal_by_hand() {
    // Two folds; residuals 1, 2 (fold 0) and 0, 3 (fold 1); predictions 10 and 20.
    let fit = CrossConformal::fit(&[1.0, 2.0, 0.0, 3.0], &[0.0; 4], &[0, 0, 1, 1], None).unwrap();
    let interval = fit.interval(&[10.0, 20.0], None, 0.4).unwrap();
    // Upper ends 11, 12, 20, 23: ⌈5 * 0.6⌉ = 3rd; lower ends 9, 8, 20, 17: ⌊5 * 0.4⌋ = 2nd.
    assert_eq!((interval.lower, interval.upper), (9.0, 20.0));
    assert!(!fit.interval(&[10.0, 20.0], None, 0.1).unwrap().is_finite());
    assert!(fit.interval(&[10.0], None, 0.4).is_err());
    let json = serde_json::to_string(&fit).unwrap();
    assert_eq!(serde_json::from_str::<CrossConformal>(&json).unwrap(), fit);
    let damaged = json.replace("[0,0,1,1]", "[0,0,1]");
    assert!(serde_json::from_str::<CrossConformal>(&damaged).is_err());
}

#[test]
fn wrong_calibration_is_an_error() {
    let error = |e: Result<SplitConformal, SurrogateError>| e.unwrap_err().to_string();
    assert!(error(SplitConformal::fit(&[1.0], &[1.0, 2.0], None)).contains("2 predictions"));
    assert!(error(SplitConformal::fit(&[f64::NAN], &[1.0], None)).contains("case 0"));
    assert!(error(SplitConformal::fit(&[1.0], &[1.0], Some(&[0.0]))).contains("scale 0"));
    assert!(error(SplitConformal::fit(&[1.0], &[1.0], Some(&[]))).contains("0 scales"));
}

#[test]
fn open_ends_survive_json() {
    let interval = Interval {
        lower: f64::NEG_INFINITY,
        upper: 2.5,
    };
    let json = serde_json::to_string(&interval).unwrap();
    assert_eq!(json, r#"{"lower":null,"upper":2.5}"#);
    assert_eq!(serde_json::from_str::<Interval>(&json).unwrap(), interval);
}

#[test]
fn coverage_counts() {
    let interval = |lower, upper| Interval { lower, upper };
    let intervals = [
        interval(0.0, 1.0),
        interval(0.0, 3.0),
        interval(f64::NEG_INFINITY, f64::INFINITY),
    ];
    let coverage = Coverage::measure(&intervals, &[1.0, 4.0, 9.0]);
    assert_eq!((coverage.cases, coverage.covered), (3, 2));
    assert_eq!((coverage.infinite, coverage.mean_width), (1, Some(2.0)));
    assert_eq!(Coverage::measure(&[], &[]).fraction(), None);
}

/// Skewed noise whose spread depends on the case.
fn draw(rng: &mut ChaCha8Rng, n: usize) -> (Vec<f64>, Vec<f64>) {
    let pair = |rng: &mut ChaCha8Rng| {
        let x: f64 = rng.random_range(0.0..1.0);
        let noise = -rng.random_range(f64::MIN_POSITIVE..1.0).ln() * (0.1 + x);
        (x, 2.0 * x + noise)
    };
    (0..n).map(|_| pair(rng)).unzip()
}

/// Over many draws of calibration set and case the share of covered cases is at least 1 - α, and
/// above it by no more than 1/(n + 1); the exact value is ⌈(n + 1)(1 - α)⌉ / (n + 1).
#[test]
fn split_conformal_covers() {
    let draws = 20_000;
    for (seed, n, alpha) in [(1, 9, 0.1), (2, 19, 0.1), (3, 30, 0.2)] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut covered, mut covered_scaled) = (0, 0);
        for _ in 0..draws {
            let (x, y) = draw(&mut rng, n + 1);
            let prediction: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
            let scale: Vec<f64> = x.iter().map(|x| 0.1 + x).collect();
            let fit = |scale| SplitConformal::fit(&y[..n], &prediction[..n], scale).unwrap();
            let interval = fit(None).interval(prediction[n], None, alpha);
            covered += usize::from(interval.contains(y[n]));
            let fitted = fit(Some(&scale[..n]));
            let interval = fitted.interval(prediction[n], Some(scale[n]), alpha);
            covered_scaled += usize::from(interval.contains(y[n]));
        }
        let exact = rank_above(n, alpha) as f64 / (n + 1) as f64;
        assert!(exact >= 1.0 - alpha);
        // Four standard deviations of the mean of the draws.
        let tolerance = 4.0 * (exact * (1.0 - exact) / draws as f64).sqrt();
        for count in [covered, covered_scaled] {
            let share = count as f64 / draws as f64;
            assert!(
                (share - exact).abs() < tolerance,
                "{n} {alpha}: {share} {exact}"
            );
        }
    }
}

/// CV+ with a least-squares line in ten folds: about 1 - α, never below the guaranteed 1 - 2α.
#[test]
fn cross_conformal_covers() {
    let (n, folds, alpha, draws) = (30, 10, 0.1, 3000);
    let line = |x: &[f64], y: &[f64]| {
        let count = x.len() as f64;
        let (mx, my) = (x.iter().sum::<f64>() / count, y.iter().sum::<f64>() / count);
        let sxy: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
        let slope = sxy / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>();
        move |at: f64| my + slope * (at - mx)
    };
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut covered = 0;
    for _ in 0..draws {
        let (x, y) = draw(&mut rng, n + 1);
        let fold: Vec<usize> = (0..n).map(|i| i % folds).collect();
        let (mut left_out, mut new) = (vec![0.0; n], Vec::new());
        for k in 0..folds {
            let kept: Vec<usize> = (0..n).filter(|i| fold[*i] != k).collect();
            let of = |v: &[f64]| kept.iter().map(|&i| v[i]).collect::<Vec<_>>();
            let model = line(&of(&x), &of(&y));
            (0..n)
                .filter(|i| fold[*i] == k)
                .for_each(|i| left_out[i] = model(x[i]));
            new.push(model(x[n]));
        }
        let fit = CrossConformal::fit(&y[..n], &left_out, &fold, None).unwrap();
        covered += usize::from(fit.interval(&new, None, alpha).unwrap().contains(y[n]));
    }
    let share = covered as f64 / draws as f64;
    assert!(share > 0.88, "{share}");
    assert!(share < 0.97, "{share}");
}
