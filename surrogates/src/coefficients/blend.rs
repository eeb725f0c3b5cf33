//! Far from the train cases the Gaussian processes give way to the kernel ridge regression.
//!
//! Processes with a linear part and many inputs go astray where a case lies beyond all train cases in
//! several of them, and say so in their deviation σ. The ridge, whose kernels are wide, stays near.
//! Its weight is
//!
//! ```text
//! w = σ⁴ / (σ⁴ + τ⁴)
//! ```
//!
//! τ being [`CAUTION`] times the ridge's own error on train cases beyond the others: the outer quarters
//! in angle, speed, camber, thickness and inviscid lift, each predicted without it
//! ([`KernelRidge::error_beyond`](super::KernelRidge)). So w is under one per cent among the train cases
//! and over 99 per cent where the processes know nothing. The fourth powers (of squares, which weights
//! by inverse variance have, and these) and the factor were chosen on the train part of mini-AirfRANS:
//! they lower the errors on its outer quarters, of C_L from .030 to .025 and of ln C_D from .075 to
//! .074, and leave those of ten-fold cross-validation (`mini_airfrans_beyond_the_train_cases` prints
//! them). Lift is averaged as it is, drag by its logarithm where it is learned so.

/// Factor of the ridge's error at which both count alike.
const CAUTION: f64 = 3.0;

/// The weight of the ridge regression beside a process of deviation `std`, both in units in which they
/// are averaged.
pub(super) fn weight_of_ridge(std: f64, error_beyond: f64) -> f64 {
    // Of the quotient, so that nothing overflows: a deviation that is not finite gives weight 1.
    let quotient = (CAUTION * error_beyond / std).powi(4);
    if quotient.is_nan() {
        1.0
    } else {
        1.0 / (1.0 + quotient)
    }
}

/// A value between `process` and `ridge`; by logarithms where `logarithmic`, for positive values.
pub(super) fn between(process: f64, ridge: f64, weight: f64, logarithmic: bool) -> f64 {
    if weight >= 1.0 {
        ridge // Also where the process is not finite.
    } else if logarithmic {
        process * (ridge / process).powf(weight)
    } else {
        process + weight * (ridge - process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_go_from_nothing_to_one() {
        assert!((weight_of_ridge(0.03, 0.01) - 0.5).abs() < 1e-12);
        assert_eq!(weight_of_ridge(0.0, 0.01), 0.0);
        assert!(weight_of_ridge(0.004, 0.01) < 2e-3);
        assert!(weight_of_ridge(0.2, 0.01) > 0.999);
        for (std, error) in [
            (f64::INFINITY, 0.01),
            (f64::NAN, 0.01),
            (1e-3, 0.0),
            (0.0, 0.0),
        ] {
            assert_eq!(weight_of_ridge(std, error), 1.0, "{std} {error}");
        }
    }

    #[test]
    fn values_lie_between() {
        assert_eq!(between(1.0, 3.0, 0.25, false), 1.5);
        assert!((between(0.01, 0.04, 0.5, true) - 0.02).abs() < 1e-15);
        for logarithmic in [false, true] {
            assert_eq!(between(0.3, 0.7, 0.0, logarithmic), 0.3);
            assert_eq!(between(f64::INFINITY, 0.7, 1.0, logarithmic), 0.7);
        }
    }
}
