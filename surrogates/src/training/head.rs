//! What the coefficient head learns.

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};

use crate::{
    SurrogateError, data::TrainingSet, field_model::CoefficientScale, models::ModelConfig,
};

/// Scaled coefficients of the train cases, when the network has a head for them.
pub(super) struct HeadTargets {
    pub(super) scale: CoefficientScale,
    /// `[cases, 2]`, on the device.
    pub(super) targets: Tensor<2>,
}

impl HeadTargets {
    /// `None` for a network without a head.
    ///
    /// # Errors
    /// A train case without coefficients.
    pub(super) fn new(
        model: &ModelConfig,
        set: &TrainingSet<'_>,
        device: &Device,
    ) -> Result<Option<Self>, SurrogateError> {
        if !model.has_coefficient_head() {
            return Ok(None);
        }
        let values = set
            .infos()
            .iter()
            .map(|info| match info.coefficients {
                Some(c) => Ok([c.cl, c.cd]),
                None => Err(SurrogateError::Data {
                    what: "coefficient head",
                    problem: format!(
                        "case {} has no force coefficients; set model.coefficient_head = false",
                        info.name
                    ),
                }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let n = values.len() as f64;
        let mean = [0, 1].map(|i| values.iter().map(|v| v[i]).sum::<f64>() / n);
        let std = [0, 1].map(|i| {
            let square = values.iter().map(|v| (v[i] - mean[i]).powi(2)).sum::<f64>() / n;
            square.sqrt().max(1e-12)
        });
        let targets: Vec<f32> = values
            .iter()
            .flat_map(|v| [0, 1].map(|i| ((v[i] - mean[i]) / std[i]) as f32))
            .collect();
        Ok(Some(Self {
            scale: CoefficientScale { mean, std },
            targets: Tensor::from_data(TensorData::new(targets, [values.len(), 2]), device),
        }))
    }
}
