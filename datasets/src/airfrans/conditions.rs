//! Inlet conditions of a case: from `conditions.json`, its name, or its freestream file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::air::{AIRFRANS_TEMPERATURE, air_kinematic_viscosity};
use super::name::CaseName;
use crate::DatasetError;

/// Names under which the optional file of conditions is looked for, beside the manifest.
const FILE_NAMES: [&str; 2] = ["conditions.json", "cases.json"];

/// Inlet conditions of one case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Inlet speed, m/s; positive.
    pub speed: f64,
    /// Angle of attack, degrees: the angle of the inlet velocity to the x axis.
    pub aoa: f64,
    /// Kinematic viscosity, m²/s.
    #[serde(default = "default_nu")]
    pub nu: f64,
}

fn default_nu() -> f64 {
    air_kinematic_viscosity(AIRFRANS_TEMPERATURE)
}

impl Conditions {
    /// Conditions in air at 298.15 K.
    ///
    /// # Errors
    /// A speed that is not positive, or a value that is not finite.
    pub fn new(speed: f64, aoa: f64) -> Result<Self, DatasetError> {
        let conditions = Self {
            speed,
            aoa,
            nu: default_nu(),
        };
        match conditions.fault() {
            None => Ok(conditions),
            Some(problem) => Err(DatasetError::Argument {
                what: "inlet conditions",
                problem,
            }),
        }
    }

    /// Inlet velocity, m/s.
    pub fn inlet(&self) -> [f64; 2] {
        let (sin, cos) = self.aoa.to_radians().sin_cos();
        [self.speed * cos, self.speed * sin]
    }

    pub(crate) fn fault(&self) -> Option<String> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            return Some(format!("speed {} m/s is not a positive number", self.speed));
        }
        if !self.aoa.is_finite() {
            return Some(format!("angle of attack {} is not a number", self.aoa));
        }
        if !(self.nu.is_finite() && self.nu > 0.0) {
            return Some(format!(
                "viscosity {} m2/s is not a positive number",
                self.nu
            ));
        }
        None
    }
}

/// Reads the optional file of conditions beside the manifest: `{"NAME": {"speed": 50.0, "aoa": 4.0}}`,
/// with an optional `nu`. Empty when there is none.
pub(super) fn read_conditions(root: &Path) -> Result<BTreeMap<String, Conditions>, DatasetError> {
    let Some(path) = FILE_NAMES
        .iter()
        .map(|name| root.join(name))
        .find(|path| path.is_file())
    else {
        return Ok(BTreeMap::new());
    };
    let wrong = |problem: String| DatasetError::Manifest {
        path: path.clone(),
        problem,
    };
    let text = std::fs::read_to_string(&path).map_err(DatasetError::io("read", &path))?;
    let map: BTreeMap<String, Conditions> = serde_json::from_str(&text).map_err(|e| {
        wrong(format!(
            "not a map of case names to {{\"speed\": m/s, \"aoa\": degrees}}: {e}"
        ))
    })?;
    match map
        .iter()
        .find_map(|(name, c)| c.fault().map(|f| (name, f)))
    {
        Some((name, fault)) => Err(wrong(format!("case {name}: {fault}"))),
        None => Ok(map),
    }
}

/// The conditions that a case name of AirfRANS's form tells.
pub(super) fn from_name(name: &str) -> Option<Conditions> {
    CaseName::parse(name).map(|parsed| Conditions {
        speed: parsed.speed,
        aoa: parsed.aoa,
        nu: default_nu(),
    })
}

/// The conditions that the velocity on the far-field boundary tells: its median, because part of
/// that boundary is outflow, where the wake and the airfoil's circulation show.
pub(super) fn from_freestream(velocity: &[[f64; 2]]) -> Result<Conditions, String> {
    if velocity.is_empty() {
        return Err("the freestream boundary is empty".into());
    }
    let median = |component: usize| {
        let mut values: Vec<f64> = velocity.iter().map(|u| u[component]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (u, v) = (median(0), median(1));
    let conditions = Conditions {
        speed: u.hypot(v),
        aoa: v.atan2(u).to_degrees(),
        nu: default_nu(),
    };
    match conditions.fault() {
        None => Ok(conditions),
        Some(fault) => Err(format!("from the freestream boundary: {fault}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inlet_has_the_angle() {
        let inlet = Conditions::new(10.0, 30.0).unwrap().inlet();
        assert!((inlet[0] - 75.0f64.sqrt()).abs() < 1e-12 && (inlet[1] - 5.0).abs() < 1e-12);
    }

    #[test]
    fn freestream_ignores_a_disturbed_minority() {
        let mut velocity = vec![[30.0, 40.0]; 11];
        velocity.extend([[0.0, 0.0]; 4]);
        let conditions = from_freestream(&velocity).unwrap();
        assert!((conditions.speed - 50.0).abs() < 1e-12);
        assert!((conditions.aoa - 53.130_102_354).abs() < 1e-8);
        assert!(from_freestream(&[]).is_err());
        assert!(from_freestream(&[[0.0, 0.0]]).is_err(), "no speed");
    }

    #[test]
    fn files_are_read_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_conditions(folder.path()).unwrap().is_empty());
        let path = folder.path().join("conditions.json");
        std::fs::write(
            &path,
            r#"{"a": {"speed": 20, "aoa": -3, "nu": 1e-6}, "b": {"speed": 5, "aoa": 0}}"#,
        )
        .unwrap();
        let map = read_conditions(folder.path()).unwrap();
        assert_eq!(
            (map["a"].speed, map["a"].aoa, map["a"].nu),
            (20.0, -3.0, 1e-6)
        );
        assert!((map["b"].nu - 1.55e-5).abs() < 1e-7);
        for (text, expected) in [
            (r#"{"a": {"speed": -1, "aoa": 0}}"#, "case a: speed -1"),
            (r#"{"a": {"speed": 1}}"#, "missing field `aoa`"),
            ("[", "not a map"),
        ] {
            std::fs::write(&path, text).unwrap();
            let message = read_conditions(folder.path()).unwrap_err().to_string();
            assert!(
                message.contains(expected) && message.contains("conditions.json"),
                "{message}"
            );
        }
    }
}
