//! Random fields: their covariance, and that they do not depend on the resolution.

use super::*;

fn field(boundary: FieldBoundary, alpha: f64) -> GaussianField {
    GaussianField::new(boundary, alpha, 3.0, 2.0).expect("valid")
}

const ALL: [FieldBoundary; 3] = [
    FieldBoundary::Periodic,
    FieldBoundary::Neumann,
    FieldBoundary::Dirichlet,
];

/// The eigenfunctions of an interval with wave number k at x, of norm 1.
fn eigenfunctions(boundary: FieldBoundary, k: usize, x: f64, length: f64) -> Vec<f64> {
    let wave = PI * k as f64 * x / length;
    let factor = if k == 0 { 1.0 } else { SQRT_2 } / length.sqrt();
    match boundary {
        FieldBoundary::Periodic if k == 0 => vec![factor],
        FieldBoundary::Periodic => vec![factor * (2.0 * wave).cos(), factor * (2.0 * wave).sin()],
        FieldBoundary::Neumann => vec![factor * wave.cos()],
        FieldBoundary::Dirichlet if k == 0 => vec![],
        FieldBoundary::Dirichlet => vec![factor * wave.sin()],
    }
}

fn lambda(boundary: FieldBoundary, k: [usize; 2], lengths: [f64; 2]) -> f64 {
    let unit = if boundary == FieldBoundary::Periodic {
        2.0 * PI
    } else {
        PI
    };
    let wave = |a: usize| unit * k[a] as f64 / lengths[a];
    4.0 * (wave(0).powi(2) + wave(1).powi(2) + 9.0).powi(-2)
}

/// The waves that `n` points hold.
fn waves(boundary: FieldBoundary, n: usize) -> usize {
    if boundary == FieldBoundary::Periodic {
        (n - 1) / 2
    } else {
        n - 1
    }
}

fn point(boundary: FieldBoundary, i: usize, n: usize, length: f64) -> f64 {
    let shift = if boundary == FieldBoundary::Periodic {
        0.0
    } else {
        0.5
    };
    length * (i as f64 + shift) / n as f64
}

#[test]
fn the_covariance_on_a_line_is_the_series() {
    let (n, length, samples) = (12, 1.5, 2000);
    for boundary in ALL {
        let distribution = field(boundary, 2.0);
        let mut sums = [0.0; 2];
        for seed in 0..samples {
            let u = distribution.sample_line(n, length, seed).expect("valid");
            sums[0] += u[2] * u[2];
            sums[1] += u[2] * u[3];
        }
        let covariance = |j: usize| -> f64 {
            let at =
                |i: usize, k| eigenfunctions(boundary, k, point(boundary, i, n, length), length);
            let terms = (1..=waves(boundary, n)).map(|k| {
                let product: f64 = at(2, k).iter().zip(at(j, k)).map(|(a, b)| a * b).sum();
                lambda(boundary, [k, 0], [length, length]) * product
            });
            terms.sum()
        };
        // The standard error of a variance is sqrt(2 / samples) of it.
        let variance = covariance(2);
        for (sum, j) in sums.into_iter().zip([2, 3]) {
            let error = (sum / samples as f64 - covariance(j)).abs() / variance;
            assert!(
                error < 4.0 * (2.0 / samples as f64).sqrt(),
                "{boundary:?} {j}: {error}"
            );
        }
    }
}

#[test]
fn the_covariance_on_a_plane_is_the_series() {
    let (dims, lengths, samples) = ([6, 10], [1.0, 1.5], 2000);
    for boundary in ALL {
        let distribution = field(boundary, 2.0);
        // The points (1, 2) and (2, 4).
        let mut sums = [0.0; 2];
        for seed in 0..samples {
            let u = distribution
                .sample_plane(dims, lengths, seed)
                .expect("valid");
            sums[0] += u[2 * 6 + 1] * u[2 * 6 + 1];
            sums[1] += u[2 * 6 + 1] * u[4 * 6 + 2];
        }
        let covariance = |p: [usize; 2]| -> f64 {
            let along = |axis: usize, k: usize| -> f64 {
                let at = |i: usize| {
                    let x = point(boundary, i, dims[axis], lengths[axis]);
                    eigenfunctions(boundary, k, x, lengths[axis])
                };
                at([1, 2][axis])
                    .iter()
                    .zip(at(p[axis]))
                    .map(|(a, b)| a * b)
                    .sum()
            };
            let mut sum = 0.0;
            for k in 0..=waves(boundary, dims[0]) {
                for l in 0..=waves(boundary, dims[1]) {
                    if (k, l) != (0, 0) {
                        sum += lambda(boundary, [k, l], lengths) * along(0, k) * along(1, l);
                    }
                }
            }
            sum
        };
        let variance = covariance([1, 2]);
        for (sum, p) in sums.into_iter().zip([[1, 2], [2, 4]]) {
            let error = (sum / samples as f64 - covariance(p)).abs() / variance;
            assert!(
                error < 4.0 * (2.0 / samples as f64).sqrt(),
                "{boundary:?} {p:?}: {error}"
            );
        }
    }
}

#[test]
fn a_seed_gives_the_same_field_at_every_resolution() {
    for boundary in ALL {
        // So smooth that the waves beyond the coarse points do not show.
        let distribution = GaussianField::new(boundary, 16.0, 6.0, 1e12).expect("valid");
        // The points of the coarse grid are among those of one three times as fine.
        let fine_of = |i: usize| {
            if boundary == FieldBoundary::Periodic {
                3 * i
            } else {
                3 * i + 1
            }
        };
        let close = |a: f64, b: f64, scale: f64| {
            assert!((a - b).abs() < 1e-6 * scale, "{boundary:?}: {a} {b}")
        };
        let coarse = distribution.sample_line(40, 1.0, 5).expect("valid");
        let fine = distribution.sample_line(120, 1.0, 5).expect("valid");
        let scale = coarse.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        (0..40).for_each(|i| close(coarse[i], fine[fine_of(i)], scale));
        let coarse = distribution
            .sample_plane([40, 36], [1.0, 1.0], 5)
            .expect("valid");
        let fine = distribution
            .sample_plane([120, 108], [1.0, 1.0], 5)
            .expect("valid");
        let scale = coarse.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        for (p, value) in coarse.iter().enumerate() {
            let (x, y) = (fine_of(p % 40), fine_of(p / 40));
            close(*value, fine[y * 120 + x], scale);
        }
        let other = distribution
            .sample_plane([40, 36], [1.0, 1.0], 6)
            .expect("valid");
        assert!(
            coarse
                .iter()
                .zip(&other)
                .any(|(a, b)| (a - b).abs() > 0.1 * scale)
        );
    }
}

#[test]
fn bad_parameters_are_refused_by_name() {
    let new = |alpha, tau, sigma| GaussianField::new(FieldBoundary::Periodic, alpha, tau, sigma);
    assert!(new(0.0, 1.0, 1.0).is_err_and(|e| e.to_string().starts_with("alpha")));
    assert!(new(2.0, -1.0, 1.0).is_err_and(|e| e.to_string().starts_with("tau")));
    assert!(new(2.0, 1.0, f64::NAN).is_err_and(|e| e.to_string().starts_with("sigma")));
    assert!(new(200.0, 1e-10, 1.0).is_err());
    let rough = new(0.8, 1.0, 1.0).expect("valid");
    assert!(rough.sample_line(16, 1.0, 0).is_ok());
    let error = rough.sample_plane([16, 16], [1.0, 1.0], 0);
    assert!(error.is_err_and(|e| e.to_string().contains("alpha above 1")));
    assert!(rough.sample_line(1, 1.0, 0).is_err() && rough.sample_line(8, 0.0, 0).is_err());
}
