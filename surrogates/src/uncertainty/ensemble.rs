//! Mean and spread of several predictions of the same thing.

use crate::SurrogateError;

/// Mean and standard deviation of fields over the members of an ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSpread {
    /// Mean, `[n, 4]`, in the unit of the members.
    pub mean: Vec<f32>,
    /// Standard deviation (divided by the number of members), `[n, 4]`.
    pub std: Vec<f32>,
}

impl FieldSpread {
    /// Over members of the same shape.
    ///
    /// # Shapes
    /// Each member: `[n, 4]`, row-major (any common length is accepted).
    ///
    /// # Errors
    /// No members, or members of different lengths.
    pub fn new(members: &[Vec<f32>]) -> Result<Self, SurrogateError> {
        let wrong = |problem: String| SurrogateError::Data {
            what: "predictions of an ensemble",
            problem,
        };
        let Some(first) = members.first() else {
            return Err(wrong("there are none; give at least one member's".into()));
        };
        if let Some(at) = members.iter().position(|m| m.len() != first.len()) {
            return Err(wrong(format!(
                "member {at} has {} values, the first {}; all must be of the same points",
                members[at].len(),
                first.len()
            )));
        }
        let (mean, std) = mean_and_std(members);
        Ok(Self { mean, std })
    }
}

/// Mean and standard deviation (divided by the number of members) at every position.
///
/// Members of different lengths are compared as far as the shortest goes, and nothing comes of none:
/// see [`FieldSpread::new`] for a checked form.
pub fn mean_and_std(members: &[Vec<f32>]) -> (Vec<f32>, Vec<f32>) {
    let length = members.iter().map(Vec::len).min().unwrap_or(0);
    (0..length)
        .map(|i| {
            let (mean, std) = moments(members.iter().map(|m| f64::from(m[i])));
            (mean as f32, std as f32)
        })
        .unzip()
}

/// Mean and standard deviation of C_L and C_D over the members of an ensemble.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CoefficientSpread {
    /// Means of (C_L, C_D).
    pub mean: [f64; 2],
    /// Standard deviations (divided by the number of members).
    pub std: [f64; 2],
}

impl CoefficientSpread {
    /// Over members' (C_L, C_D); `None` without members.
    pub fn new(members: &[[f64; 2]]) -> Option<Self> {
        if members.is_empty() {
            return None;
        }
        let [lift, drag] = [0, 1].map(|k| moments(members.iter().map(move |m| m[k])));
        Some(Self {
            mean: [lift.0, drag.0],
            std: [lift.1, drag.1],
        })
    }
}

/// In two passes: the members may agree to all digits but the last.
fn moments(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let spread = FieldSpread::new(&[vec![1.0, 5.0], vec![3.0, 5.0]]).unwrap();
        assert_eq!(spread.mean, [2.0, 5.0]);
        assert_eq!(spread.std, [1.0, 0.0]);
        let spread = CoefficientSpread::new(&[[1.0, 0.01], [2.0, 0.02], [3.0, 0.03]]).unwrap();
        assert_eq!(spread.mean, [2.0, 0.02]);
        assert!((spread.std[0] - (2.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn small_differences_of_large_values_survive() {
        let (mean, std) = mean_and_std(&[vec![1e6], vec![1e6 + 1.0]]);
        assert_eq!((mean[0], std[0]), (1e6 + 0.5, 0.5));
    }

    #[test]
    fn wrong_members_are_errors() {
        assert!(FieldSpread::new(&[]).is_err());
        let error = FieldSpread::new(&[vec![1.0; 4], vec![1.0; 8]]).unwrap_err();
        assert!(
            error.to_string().contains("member 1 has 8 values"),
            "{error}"
        );
        assert!(CoefficientSpread::new(&[]).is_none());
    }
}
