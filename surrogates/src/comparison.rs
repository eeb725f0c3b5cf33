//! How far two arrays are apart.

use serde::Serialize;

/// The distance of an array to its reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ArrayError {
    /// Euclidean norm of the difference over that of the reference.
    pub relative: f64,
    /// Largest absolute difference of an entry.
    pub absolute: f64,
}

impl ArrayError {
    /// The distance of `actual` to `reference`.
    ///
    /// # Errors
    /// Another length, an entry that is not finite, a reference that is zero everywhere: with none
    /// of these can anything be said.
    pub(crate) fn between(actual: &[f64], reference: &[f64]) -> Result<Self, String> {
        if actual.len() != reference.len() {
            return Err(format!(
                "{} values, expected {}",
                actual.len(),
                reference.len()
            ));
        }
        for (values, whose) in [(reference, "the reference"), (actual, "the result")] {
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                return Err(format!("{whose} is {} at index {at}", values[at]));
            }
        }
        let (mut difference, mut norm, mut absolute) = (0.0f64, 0.0f64, 0.0f64);
        for (a, r) in actual.iter().zip(reference) {
            difference += (a - r).powi(2);
            norm += r.powi(2);
            absolute = absolute.max((a - r).abs());
        }
        if norm == 0.0 {
            return Err("the reference is zero everywhere, so nothing was compared".to_owned());
        }
        Ok(Self {
            relative: (difference / norm).sqrt(),
            absolute,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_are_those_of_the_difference() {
        let error = ArrayError::between(&[3.0, 4.5], &[3.0, 4.0]).expect("comparable");
        assert!((error.relative - 0.1).abs() < 1e-15);
        assert!((error.absolute - 0.5).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        let wrong = [
            (vec![1.0], vec![1.0, 2.0], "1 values, expected 2"),
            (vec![f64::NAN], vec![1.0], "the result is NaN at index 0"),
            (
                vec![1.0, 1.0],
                vec![1.0, f64::INFINITY],
                "the reference is inf at index 1",
            ),
            (vec![0.0], vec![0.0], "zero everywhere"),
            (vec![], vec![], "zero everywhere"),
        ];
        for (actual, reference, expected) in wrong {
            let error = ArrayError::between(&actual, &reference).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
    }
}
