//! A trained network with everything needed to use it: schema, normalisation, weights.

use std::collections::HashMap;
use std::path::Path;

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use karman_datasets::{CaseInfo, PointTable};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    SurrogateError,
    data::Encoder,
    files,
    mario::{SdfLatent, SdfLatentState},
    models::{ModelConfig, Network, Precision},
    parameters::NamedArrays,
};

/// Version of the folder layout; raised when old folders can no longer be read.
const SCHEMA_VERSION: u32 = 1;
const WEIGHTS_FILE: &str = "model.safetensors";
const LATENT_FILE: &str = "sdf-latent.safetensors";
const SCHEMA_FILE: &str = "schema.json";

/// Points evaluated in one pass.
const CHUNK: usize = 32_768;

/// What is stored beside the weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Schema {
    version: u32,
    model: ModelConfig,
    encoder: Encoder,
    /// Mean and standard deviation of C_L and C_D over the train cases, where there is a head.
    coefficients: Option<CoefficientScale>,
    /// Points a case that the network saw together in training.
    train_points: usize,
    /// The network behind a latent geometry code, where there is one.
    latent: Option<SdfLatentState>,
}

/// Mean and standard deviation of (C_L, C_D), by which the coefficient head is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CoefficientScale {
    pub mean: [f64; 2],
    pub std: [f64; 2],
}

/// A prediction in physical units.
#[derive(Clone, Debug)]
pub struct FieldPrediction {
    /// u_x, u_y (m/s), p (m²/s²), nu_t (m²/s) at each point, `[n, 4]`.
    pub fields: Vec<f32>,
    /// (C_L, C_D) of the coefficient head, where there is one.
    pub coefficients: Option<[f64; 2]>,
}

/// A trained surrogate for the fields around an airfoil.
#[derive(Debug, Clone)]
pub struct FieldModel {
    schema: Schema,
    network: Network,
    latent: Option<SdfLatent>,
    device: Device,
}

impl FieldModel {
    pub(crate) fn new(
        model: ModelConfig,
        encoder: Encoder,
        coefficients: Option<CoefficientScale>,
        train_points: usize,
        network: Network,
        latent: Option<SdfLatent>,
        device: Device,
    ) -> Self {
        Self {
            schema: Schema {
                version: SCHEMA_VERSION,
                model,
                encoder,
                coefficients,
                train_points,
                latent: latent.as_ref().map(|latent| latent.state().clone()),
            },
            network,
            latent,
            device,
        }
    }

    /// The schema and normalisation.
    pub fn encoder(&self) -> &Encoder {
        &self.schema.encoder
    }

    /// The network's configuration.
    pub fn config(&self) -> &ModelConfig {
        &self.schema.model
    }

    /// Number of weights, the frozen frequencies included.
    pub fn n_parameters(&self) -> usize {
        NamedArrays::of(&self.network).n_values()
    }

    /// Writes `schema.json` and `model.safetensors` into `folder`.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), SurrogateError> {
        let path = folder.join(SCHEMA_FILE);
        let json = serde_json::to_vec_pretty(&self.schema).map_err(|error| {
            SurrogateError::Checkpoint {
                path: path.clone(),
                problem: format!("cannot be encoded: {error}"),
            }
        })?;
        files::write_atomic(&path, &json)?;
        let metadata = HashMap::from([("format".to_string(), "karman field model".to_string())]);
        if let Some(latent) = &self.latent {
            let arrays = NamedArrays::of(latent.network());
            arrays.save(&folder.join(LATENT_FILE), metadata.clone())?;
        }
        NamedArrays::of(&self.network).save(&folder.join(WEIGHTS_FILE), metadata)
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// Absent or damaged files; weights of another schema.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, SurrogateError> {
        let path = folder.join(SCHEMA_FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| {
            SurrogateError::io(
                &path,
                source,
                "give the folder of a finished `karman train`",
            )
        })?;
        let wrong = |problem: String| SurrogateError::Checkpoint {
            path: path.clone(),
            problem,
        };
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let version: Version = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("is no schema of karman ({error})")))?;
        if version.version != SCHEMA_VERSION {
            return Err(wrong(format!(
                "has schema version {}, this program reads {SCHEMA_VERSION}; train again or use \
                 the karman that made it",
                version.version
            )));
        }
        let schema: Schema = serde_json::from_str(&text).map_err(|error| {
            wrong(format!(
                "does not fit this version of karman ({error}); train again or use the karman \
                 that made it"
            ))
        })?;
        let latent = match &schema.latent {
            Some(state) => {
                let path = folder.join(LATENT_FILE);
                let (arrays, _) = NamedArrays::load(&path)?;
                let load = |network| arrays.load_into(network, &path);
                Some(SdfLatent::restore(state.clone(), device, load)?)
            }
            None => None,
        };
        let code = schema.encoder.n_code() + latent.as_ref().map_or(0, SdfLatent::size);
        let sizes = (schema.encoder.n_inputs(), code, 4);
        let network = schema
            .model
            .init(sizes, &mut ChaCha8Rng::seed_from_u64(0), device);
        let weights = folder.join(WEIGHTS_FILE);
        let (arrays, _) = NamedArrays::load(&weights)?;
        let network = arrays.load_into(network, &weights)?;
        Ok(Self {
            schema,
            network,
            latent,
            device: device.clone(),
        })
    }

    /// The fields at all rows of `table`, in its order.
    ///
    /// # Errors
    /// A table without the columns the model was trained on.
    pub fn predict(
        &self,
        info: &CaseInfo,
        table: &PointTable,
    ) -> Result<FieldPrediction, SurrogateError> {
        let encoder = &self.schema.encoder;
        let inputs = encoder.inputs(info, table)?;
        let mut code = encoder.code(info)?;
        if let Some(latent) = &self.latent {
            code.extend(latent.encode(table)?);
        }
        let (outputs, head) = if self.schema.model.couples_points() {
            self.evaluate_subsets(&inputs, &code)
        } else {
            self.evaluate_in_order(&inputs, &code)
        };
        let coefficients = match (head, self.schema.coefficients) {
            (Some(head), Some(scale)) => {
                Some([0, 1].map(|i| f64::from(head[i]) * scale.std[i] + scale.mean[i]))
            }
            _ => None,
        };
        Ok(FieldPrediction {
            fields: encoder.decode(info, table, outputs)?,
            coefficients,
        })
    }

    /// All points in passes of [`CHUNK`].
    fn evaluate_in_order(&self, inputs: &[f32], code: &[f32]) -> (Vec<f32>, Option<Vec<f32>>) {
        let width = self.schema.encoder.n_inputs();
        let mut outputs = Vec::with_capacity(inputs.len() / width * 4);
        let mut head = None;
        for chunk in inputs.chunks(CHUNK * width) {
            let (values, coefficients) = self.evaluate(chunk.to_vec(), code);
            outputs.extend(values);
            head = coefficients;
        }
        (outputs, head)
    }

    /// Random subsets of the size seen in training until every point is covered.
    fn evaluate_subsets(&self, inputs: &[f32], code: &[f32]) -> (Vec<f32>, Option<Vec<f32>>) {
        let width = self.schema.encoder.n_inputs();
        let n = inputs.len() / width;
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(n as u64));
        let mut outputs = vec![0.0; n * 4];
        let mut head = None;
        for subset in order.chunks(self.schema.train_points.max(1)) {
            let rows = subset
                .iter()
                .flat_map(|&row| inputs[row * width..(row + 1) * width].iter().copied())
                .collect();
            let (values, coefficients) = self.evaluate(rows, code);
            for (&row, value) in subset.iter().zip(values.chunks_exact(4)) {
                outputs[row * 4..(row + 1) * 4].copy_from_slice(value);
            }
            head = coefficients;
        }
        (outputs, head)
    }

    fn evaluate(&self, inputs: Vec<f32>, code: &[f32]) -> (Vec<f32>, Option<Vec<f32>>) {
        let width = self.schema.encoder.n_inputs();
        let points = inputs.len() / width;
        let inputs =
            Tensor::<3>::from_data(TensorData::new(inputs, [1, points, width]), &self.device);
        let code = Tensor::<2>::from_data(
            TensorData::new(code.to_vec(), [1, code.len()]),
            &self.device,
        );
        let output = self.network.forward(inputs, code, Precision::F32);
        let values = |data: TensorData| {
            data.convert::<f32>()
                .try_to_vec::<f32>()
                .unwrap_or_default()
        };
        (
            values(output.fields.into_data()),
            output.coefficients.map(|head| values(head.into_data())),
        )
    }
}
