//! One name for every trainable network.

use burn::{Tensor, module::Module, tensor::Device};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Mlp, MlpConfig, PointNet, PointNetConfig, Precision};
use crate::{
    SurrogateError,
    mario::{Mario, MarioConfig},
};

/// Which network, with its settings; in TOML `kind = "mario"`, `"mlp"` or `"pointnet"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ModelConfig {
    /// The modulated neural field [`Mario`].
    Mario(MarioConfig),
    /// A plain network on point features.
    Mlp(MlpConfig),
    /// A network that sees the whole cloud through one maximum.
    PointNet(PointNetConfig),
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self::Mario(MarioConfig::default())
    }
}

impl ModelConfig {
    /// Builds the network. `sizes` are the numbers of inputs, of code entries and of outputs.
    pub fn init(
        &self,
        sizes: (usize, usize, usize),
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Network {
        match self {
            Self::Mario(config) => Network::Mario(config.init(sizes, rng, device)),
            Self::Mlp(config) => Network::Mlp(config.init(sizes, rng, device)),
            Self::PointNet(config) => Network::PointNet(config.init(sizes, rng, device)),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), SurrogateError> {
        let (sizes, scales): (&[(&str, usize)], &[f64]) = match self {
            Self::Mario(m) => (
                &[
                    ("n_freq", m.n_freq),
                    ("width", m.width),
                    ("depth", m.depth),
                    ("hyper_width", m.hyper_width),
                    ("scales (their number)", m.scales.len()),
                ],
                &m.scales,
            ),
            Self::Mlp(m) => (&[("width", m.width), ("depth", m.depth)], &[]),
            Self::PointNet(m) => (&[("width", m.width), ("global_width", m.global_width)], &[]),
        };
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Err(SurrogateError::config(
                format!("model.{name}"),
                "must be at least 1",
            ));
        }
        if let Some(scale) = scales.iter().find(|s| !(**s > 0.0 && s.is_finite())) {
            return Err(SurrogateError::config(
                "model.scales",
                format!("{scale} is not positive"),
            ));
        }
        Ok(())
    }

    /// Name for tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mario(_) => "MARIO",
            Self::Mlp(_) => "MLP",
            Self::PointNet(_) => "PointNet",
        }
    }

    /// Whether the value at a point depends on which other points are evaluated with it.
    pub fn couples_points(&self) -> bool {
        matches!(self, Self::PointNet(_))
    }

    /// Whether the network predicts coefficients beside the fields.
    pub fn has_coefficient_head(&self) -> bool {
        matches!(self, Self::Mario(config) if config.coefficient_head)
    }
}

/// What a network returns for a batch.
pub struct FieldOutput {
    /// Scaled fields `[cases, points, 4]`.
    pub fields: Tensor<3>,
    /// Scaled coefficients (C_L, C_D) `[cases, 2]`, where the network has a head for them.
    pub coefficients: Option<Tensor<2>>,
}

/// A trainable network.
#[derive(Module, Debug)]
pub enum Network {
    /// See [`ModelConfig::Mario`].
    Mario(Mario),
    /// See [`ModelConfig::Mlp`].
    Mlp(Mlp),
    /// See [`ModelConfig::PointNet`].
    PointNet(PointNet),
}

impl Network {
    /// # Shapes
    ///
    /// - `points`: `[cases, points, inputs]`
    /// - `code`: `[cases, code]`
    /// - output: see [`FieldOutput`]
    pub fn forward(&self, points: Tensor<3>, code: Tensor<2>, precision: Precision) -> FieldOutput {
        let fields = match self {
            Self::Mario(model) => return model.forward(points, code, precision),
            Self::Mlp(model) => model.forward(points, code, precision),
            Self::PointNet(model) => model.forward(points, code, precision),
        };
        FieldOutput {
            fields,
            coefficients: None,
        }
    }
}
