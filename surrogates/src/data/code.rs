//! The code of a case: what a hypernetwork, or a regression of coefficients, is told about its
//! geometry and flow.

use karman_datasets::CaseInfo;
use karman_meshes::AirfoilMeasures;
use serde::{Deserialize, Serialize};

use crate::SurrogateError;

/// How the airfoil enters the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeometryCode {
    /// 20 geometric measures: largest camber and thickness, and both at nine stations.
    #[default]
    Measures,
    /// The digits of the NACA designation.
    Parameters,
    /// A learned latent vector of the signed distance field; see
    /// [`SdfLatent`](crate::SdfLatent).
    Latent,
}

/// How inlet velocity enters the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionCode {
    /// Both components of the inlet velocity.
    #[default]
    Inlet,
    /// Angle of attack (degrees) and the logarithm of the speed.
    AngleLogSpeed,
}

impl GeometryCode {
    /// Names and values of the geometric part of a case's code. The latent vector is found
    /// elsewhere: it contributes nothing here.
    ///
    /// # Errors
    /// [`GeometryCode::Parameters`] of a case that is no NACA airfoil.
    pub fn of(self, info: &CaseInfo) -> Result<Vec<(String, f64)>, SurrogateError> {
        match self {
            Self::Measures => Ok(AirfoilMeasures::names()
                .iter()
                .map(|name| name.to_string())
                .zip(info.measures)
                .collect()),
            Self::Parameters if info.digits.is_empty() => Err(SurrogateError::config(
                "features.geometry",
                format!(
                    "case {} has no NACA digits in its name; use \"measures\"",
                    info.name
                ),
            )),
            // Four- and five-digit sections share one code: family flag, then up to four digits.
            Self::Parameters => {
                let mut digits = info.digits.clone();
                digits.resize(4, 0.0);
                let family = f64::from(u8::from(info.digits.len() == 4));
                Ok(std::iter::once(("naca_family".to_string(), family))
                    .chain((0..4).map(|i| (format!("digit_{}", i + 1), digits[i])))
                    .collect())
            }
            Self::Latent => Ok(Vec::new()),
        }
    }
}

impl ConditionCode {
    /// Names and values of the flow part of a case's code.
    pub fn of(self, info: &CaseInfo) -> Vec<(String, f64)> {
        match self {
            Self::Inlet => vec![
                ("inlet_x".into(), info.inlet[0]),
                ("inlet_y".into(), info.inlet[1]),
            ],
            Self::AngleLogSpeed => vec![
                ("aoa".into(), info.aoa),
                ("log_speed".into(), info.speed.ln()),
            ],
        }
    }
}
