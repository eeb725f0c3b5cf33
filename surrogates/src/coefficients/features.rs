//! Inputs of the Gaussian processes: thin-airfoil numbers of a case, z-scored on the train part.

use faer::{Mat, Side};
use karman_meshes::AirfoilMeasures;
use serde::{Deserialize, Serialize};

use super::descriptor::{Descriptor, Example, mean_and_std};
use super::thin_airfoil::ThinAirfoil;
use crate::SurrogateError;

/// Principal components of the measures that are kept: they hold all but 1e-4 of the variance of
/// NACA sections.
const COMPONENTS: usize = 5;

/// Which inputs a Gaussian process sees. Both sets hold the suction peak and the logarithm of the
/// speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FeatureSet {
    /// And the angle from that of zero lift, and numbers of the shape: largest thickness, its distribution, B_1 of the camber line, camber
    /// near the trailing edge.
    Shape,
    /// And the inviscid lift, and the first principal components of the z-scored measures.
    Components,
}

/// Turns descriptors into z-scored inputs.
#[derive(Debug, Clone)]
pub(super) struct Features {
    components: Option<Components>,
    scales: Vec<(f64, f64)>,
}

/// Principal axes of z-scored measures.
#[derive(Debug, Clone)]
struct Components {
    scales: Vec<(f64, f64)>,
    axes: Vec<Vec<f64>>,
}

impl Features {
    /// Scales and axes of the train part.
    ///
    /// # Errors
    /// Measures whose covariance has no eigenvectors (they are not finite).
    pub(super) fn fit(set: FeatureSet, examples: &[Example]) -> Result<Self, SurrogateError> {
        let components = match set {
            FeatureSet::Shape => None,
            FeatureSet::Components => Some(Components::fit(examples)?),
        };
        let mut features = Self {
            components,
            scales: Vec::new(),
        };
        let rows: Vec<_> = examples
            .iter()
            .map(|e| features.raw(&e.descriptor))
            .collect();
        let width = rows.first().map_or(0, Vec::len);
        features.scales = (0..width)
            .map(|j| mean_and_std(rows.iter().map(|row| row[j])))
            .collect();
        Ok(features)
    }

    /// The inputs of a case.
    pub(super) fn of(&self, descriptor: &Descriptor) -> Vec<f64> {
        let raw = self.raw(descriptor).into_iter().zip(&self.scales);
        raw.map(|(value, (mean, std))| (value - mean) / std)
            .collect()
    }

    fn raw(&self, case: &Descriptor) -> Vec<f64> {
        let thin = ThinAirfoil::new(&case.measures);
        let mut inputs = vec![thin.suction_peak(case.aoa), case.log_speed];
        if let Some(components) = &self.components {
            inputs.push(case.panel_cl);
            inputs.extend(components.of(&case.measures));
        } else {
            inputs.push(case.aoa - thin.zero_lift);
            inputs.extend(shape(&case.measures, &thin));
        }
        inputs
    }
}

/// Thickness, its share at 5 % and 70 % of the chord, B_1, camber at 80 %.
fn shape(measures: &[f64; AirfoilMeasures::COUNT], thin: &ThinAirfoil) -> [f64; 5] {
    let thickness = measures[1].max(1e-3);
    [
        thickness,
        measures[11] / thickness,
        measures[17] / thickness,
        thin.b1,
        measures[9],
    ]
}

impl Components {
    fn fit(examples: &[Example]) -> Result<Self, SurrogateError> {
        const N: usize = AirfoilMeasures::COUNT;
        let column = |j: usize| examples.iter().map(move |e| e.descriptor.measures[j]);
        let scales: Vec<(f64, f64)> = (0..N).map(|j| mean_and_std(column(j))).collect();
        let scaled = |e: &Example, j: usize| (e.descriptor.measures[j] - scales[j].0) / scales[j].1;
        let covariance = Mat::from_fn(N, N, |i, j| {
            let products = examples.iter().map(|e| scaled(e, i) * scaled(e, j));
            products.sum::<f64>() / examples.len() as f64
        });
        let eigen =
            covariance
                .self_adjoint_eigen(Side::Lower)
                .map_err(|_| SurrogateError::Data {
                    what: "principal components of the geometric measures",
                    problem: "they do not exist; check the measures of the train cases".into(),
                })?;
        // Eigenvalues come in ascending order; the sign of a vector is free and is fixed here.
        let axes = (0..COMPONENTS).map(|k| {
            let axis: Vec<f64> = (0..N).map(|j| eigen.U()[(j, N - 1 - k)]).collect();
            let largest = axis
                .iter()
                .fold(0.0, |l: f64, v| if v.abs() > l.abs() { *v } else { l });
            axis.iter().map(|v| v * largest.signum()).collect()
        });
        Ok(Self {
            axes: axes.collect(),
            scales,
        })
    }

    fn of(&self, measures: &[f64; AirfoilMeasures::COUNT]) -> Vec<f64> {
        let scaled: Vec<f64> = measures
            .iter()
            .zip(&self.scales)
            .map(|(v, (mean, std))| (v - mean) / std)
            .collect();
        let along = |axis: &Vec<f64>| axis.iter().zip(&scaled).map(|(a, v)| a * v).sum();
        self.axes.iter().map(along).collect()
    }
}
