//! Stationary kernels on scaled inputs.

use serde::{Deserialize, Serialize};

/// A correlation function of the scaled distance r.
///
/// C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press 2006,
/// section 4.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kernel {
    /// `exp(-r²/2)`: infinitely smooth.
    #[default]
    Rbf,
    /// `(1 + s + s²/3) exp(-s)` with `s = √5 r`: twice differentiable.
    Matern52,
}

impl Kernel {
    /// The correlation at squared distance `r2`, and its derivative by `r2` times -2: what a squared
    /// difference over a length scale is multiplied with in the derivative by the logarithm of that
    /// length scale.
    pub(super) fn value_and_slope(self, r2: f64) -> (f64, f64) {
        match self {
            Self::Rbf => {
                let value = (-0.5 * r2).exp();
                (value, value)
            }
            Self::Matern52 => {
                let s = (5.0 * r2).sqrt();
                let decay = (-s).exp();
                (
                    (1.0 + s + s * s / 3.0) * decay,
                    5.0 / 3.0 * (1.0 + s) * decay,
                )
            }
        }
    }

    /// The correlation at squared distance `r2`.
    pub(super) fn value(self, r2: f64) -> f64 {
        self.value_and_slope(r2).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_is_the_derivative() {
        for kernel in [Kernel::Rbf, Kernel::Matern52] {
            assert_eq!(kernel.value(0.0), 1.0);
            for r2 in [1e-3, 0.3, 1.0, 7.0] {
                let h = 1e-5 * r2;
                let difference = (kernel.value(r2 + h) - kernel.value(r2 - h)) / (2.0 * h);
                let slope = kernel.value_and_slope(r2).1;
                assert!((slope + 2.0 * difference).abs() < 1e-7, "{kernel:?} {r2}");
            }
        }
    }
}
