//! The flow next to the wall of one case: velocity profiles through the boundary layer, and friction
//! along the chord.

use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::nullable;

/// A true and a predicted curve over the same places.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerCurve {
    /// Places: distances from the wall, or x/c; in chords.
    #[serde(deserialize_with = "nullable::list")]
    pub at: Vec<f64>,
    /// True values.
    #[serde(deserialize_with = "nullable::list")]
    pub truth: Vec<f64>,
    /// Predicted values.
    #[serde(deserialize_with = "nullable::list")]
    pub prediction: Vec<f64>,
}

/// Velocity along the wall over the inlet speed, on lines out of the wall at one station.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerProfile {
    /// Station, x/c.
    #[serde(deserialize_with = "nullable::scalar")]
    pub station: f64,
    /// Upper and lower side, against the distance from the wall.
    pub sides: [LayerCurve; 2],
}

/// The flow next to the wall of one case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WallLayer {
    /// Profiles from the nose to the tail.
    pub profiles: Vec<LayerProfile>,
    /// Friction coefficient of the upper and the lower side against x/c; positive downstream.
    pub friction: [LayerCurve; 2],
}

impl LayerCurve {
    /// Pairs of place and value, of the truth or of the prediction.
    pub fn pairs(&self, truth: bool) -> impl Iterator<Item = (f64, f64)> {
        let values = if truth { &self.truth } else { &self.prediction };
        self.at.iter().copied().zip(values.iter().copied())
    }
}

impl WallLayer {
    /// Checks that every curve has one true and one predicted value for each place.
    ///
    /// # Errors
    /// [`ReportError::Shape`] naming `case` and the curve that does not fit.
    pub fn validate(&self, case: &str) -> Result<(), ReportError> {
        let profiles = self.profiles.iter().flat_map(|p| {
            let name = move || format!("profile at x/c = {}", p.station);
            p.sides.iter().map(move |curve| (name(), curve))
        });
        let friction = self.friction.iter().map(|c| ("friction".to_owned(), c));
        for (name, curve) in profiles.chain(friction) {
            let [n, truth, prediction] =
                [&curve.at, &curve.truth, &curve.prediction].map(|list| list.len());
            if truth != n || prediction != n {
                return Err(ReportError::Shape {
                    case: case.to_owned(),
                    what: format!(
                        "{name} has {truth} true and {prediction} predicted values for {n} places"
                    ),
                    mend: "give one of each for every place",
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_that_do_not_fit_are_named() {
        let curve = LayerCurve {
            at: vec![0.1, 0.2],
            truth: vec![1.0, 2.0],
            prediction: vec![1.0],
        };
        let layer = WallLayer {
            profiles: vec![LayerProfile {
                station: 0.4,
                sides: [LayerCurve::default(), curve.clone()],
            }],
            ..WallLayer::default()
        };
        let message = layer.validate("case_7").unwrap_err().to_string();
        assert!(
            message.contains("case_7") && message.contains("x/c = 0.4"),
            "{message}"
        );
        let layer = WallLayer {
            friction: [curve, LayerCurve::default()],
            ..WallLayer::default()
        };
        let message = layer.validate("case_7").unwrap_err().to_string();
        assert!(message.contains("friction"), "{message}");
        assert!(WallLayer::default().validate("case_7").is_ok());
    }
}
