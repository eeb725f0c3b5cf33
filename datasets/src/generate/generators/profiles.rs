//! Random smooth periodic profiles.

use std::f64::consts::TAU;

use karman_solvers::SolverError;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::refused;

/// Values at `n` points of a period: a sum of sines of 1 to `waves` periods with random phases and
/// amplitudes, scaled to the root mean square `rms`.
///
/// # Errors
/// No waves or more than the points hold, an amplitude that is negative or not finite.
pub(super) fn profile(
    seed: u64,
    n: usize,
    waves: usize,
    rms: f64,
) -> Result<Vec<f64>, SolverError> {
    if waves == 0 || 4 * waves > n {
        let problem = format!("{waves} for {n} points; 1 to {} are possible", n / 4);
        return Err(refused("waves", problem));
    }
    if !(rms.is_finite() && rms >= 0.0) {
        return Err(refused("amplitude", format!("{rms}: must not be negative")));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let parts: Vec<(f64, f64, f64)> = (1..=waves)
        .map(|k| {
            let amplitude = rng.random_range(0.1..1.0);
            (k as f64, amplitude, rng.random_range(0.0..TAU))
        })
        .collect();
    // Sines of whole periods are orthogonal: the mean square of the sum is known.
    let square: f64 = parts.iter().map(|(_, a, _)| 0.5 * a * a).sum();
    let scale = rms / square.sqrt();
    let at = |i: usize| {
        let x = TAU * i as f64 / n as f64;
        let sum: f64 = parts
            .iter()
            .map(|(k, a, phase)| a * (k * x + phase).sin())
            .sum();
        scale * sum
    };
    Ok((0..n).map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_amplitude() {
        let u = profile(3, 64, 5, 0.7).unwrap();
        let mean = |f: fn(f64) -> f64| u.iter().map(|u| f(*u)).sum::<f64>() / 64.0;
        assert!(mean(|u| u).abs() < 1e-15);
        assert!((mean(|u| u * u).sqrt() - 0.7).abs() < 1e-14);
        assert_eq!(u, profile(3, 64, 5, 0.7).unwrap());
        assert_ne!(u, profile(4, 64, 5, 0.7).unwrap());
        assert!(profile(3, 64, 17, 0.7).is_err() && profile(3, 64, 0, 0.7).is_err());
    }
}
