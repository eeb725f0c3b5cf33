//! The boundary-layer mask: a model input that is 1 at the wall and fades to 0 at a small distance.
//!
//! G. Catalani, J. Fesquet, X. Bertrand, F. Tost, M. Bauerheim, J. Morlier, "Towards scalable
//! surrogate models based on Neural Fields for large scale aerodynamic simulations",
//! arXiv:2505.14704, where the exponential form is `(e^r - 1) / (e - 1)`.
//!
//! With d the distance to the wall and d_max its largest value in the case, the ramp is
//! `r = max(0, d' - (1 - tau)) / (max d' - (1 - tau))`, `d' = (d_max - d) / max(d_max - d)`. A case
//! has nodes on its wall, so `max d' = 1` and the ramp is `max(0, 1 - d / (tau d_max))`: it can be
//! evaluated at one point without the others.

use serde::{Deserialize, Serialize};

use crate::DatasetError;

/// How the mask falls from 1 at the wall to 0 at the distance `tau * sdf_max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaskForm {
    /// `r²`, the form of the paper.
    #[default]
    Squared,
    /// `r`.
    Linear,
    /// `(e^r - 1) / (e - 1)`.
    Exponential,
}

/// A boundary-layer mask of a certain thickness and form.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoundaryLayerMask {
    /// Thickness as a part of the largest distance in the case; 0.02 or 0.03 in the paper.
    pub tau: f64,
    /// How it falls.
    pub form: MaskForm,
}

impl Default for BoundaryLayerMask {
    fn default() -> Self {
        Self {
            tau: 0.02,
            form: MaskForm::Squared,
        }
    }
}

impl BoundaryLayerMask {
    /// A mask of thickness `tau`.
    ///
    /// # Errors
    /// `tau` outside `0 < tau <= 1`.
    pub fn new(tau: f64, form: MaskForm) -> Result<Self, DatasetError> {
        if tau > 0.0 && tau <= 1.0 {
            return Ok(Self { tau, form });
        }
        Err(DatasetError::Argument {
            what: "thickness tau of the boundary-layer mask",
            problem: format!("{tau} is not in 0 < tau <= 1"),
        })
    }

    /// The mask, 0 to 1, at distance `sdf` (m) in a case whose largest distance is `sdf_max` (m).
    pub fn at(&self, sdf: f64, sdf_max: f64) -> f64 {
        let ramp = (1.0 - sdf.max(0.0) / (self.tau * sdf_max)).max(0.0);
        match self.form {
            MaskForm::Squared => ramp * ramp,
            MaskForm::Linear => ramp,
            MaskForm::Exponential => ramp.exp_m1() / 1.0f64.exp_m1(),
        }
    }
}

/// The mask at every node of a case, from the distances `sdf` (m) of all of its nodes.
///
/// # Errors
/// `tau` outside `0 < tau <= 1`, or no positive distance.
pub fn bl_mask(sdf: &[f64], tau: f64, form: MaskForm) -> Result<Vec<f64>, DatasetError> {
    let mask = BoundaryLayerMask::new(tau, form)?;
    let largest = sdf.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(DatasetError::Argument {
            what: "distances of the boundary-layer mask",
            problem: "none of them is positive".into(),
        });
    }
    Ok(sdf.iter().map(|&d| mask.at(d, largest)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, with both maxima taken over the data.
    fn by_definition(sdf: &[f64], tau: f64) -> Vec<f64> {
        let largest = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let d_max = largest(sdf);
        let from_far: Vec<f64> = sdf.iter().map(|d| d_max - d).collect();
        let scale = largest(&from_far);
        let primed: Vec<f64> = from_far.iter().map(|d| d / scale).collect();
        let top = largest(&primed) - (1.0 - tau);
        primed
            .iter()
            .map(|d| ((d - (1.0 - tau)).max(0.0) / top).powi(2))
            .collect()
    }

    #[test]
    fn closed_form_equals_the_definition() {
        let sdf: Vec<f64> = (0..200)
            .map(|i| 3.7 * (f64::from(i) / 199.0).powi(3))
            .collect();
        let mask = bl_mask(&sdf, 0.02, MaskForm::Squared).unwrap();
        for (a, b) in mask.iter().zip(by_definition(&sdf, 0.02)) {
            assert!((a - b).abs() < 1e-13, "{a} {b}");
        }
        assert!(
            mask.iter().any(|m| *m > 0.1 && *m < 0.9),
            "the ramp is resolved"
        );
    }

    #[test]
    fn ends_and_middle_of_each_form() {
        let half = 0.5f64;
        let e = std::f64::consts::E;
        for (form, middle) in [
            (MaskForm::Squared, 0.25),
            (MaskForm::Linear, half),
            (MaskForm::Exponential, (half.exp() - 1.0) / (e - 1.0)),
        ] {
            let mask = bl_mask(&[0.0, 0.1, 0.2, 1.0], 0.2, form).unwrap();
            assert!((mask[0] - 1.0).abs() < 1e-15 && mask[2].abs() < 1e-15 && mask[3] == 0.0);
            assert!((mask[1] - middle).abs() < 1e-15, "{form:?} {}", mask[1]);
        }
    }

    #[test]
    fn wrong_arguments_are_errors() {
        for tau in [0.0, -0.1, 1.5, f64::NAN] {
            assert!(bl_mask(&[0.0, 1.0], tau, MaskForm::Linear).is_err());
        }
        assert!(bl_mask(&[0.0, 0.0], 0.1, MaskForm::Linear).is_err());
        assert!(bl_mask(&[], 0.1, MaskForm::Linear).is_err());
    }
}
