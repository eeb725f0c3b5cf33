//! Neural surrogates for flows, their training and evaluation.

mod baselines;
mod coefficients;
mod data;
mod device;
mod error;
mod field_model;
mod files;
mod init;
mod mario;
mod metrics_log;
mod models;
mod ops;
mod parameters;
mod run;
mod training;
mod uncertainty;
mod validation;

/// Where tensors live and are computed with; see [`device_from_name`].
pub use burn::tensor::Device;

pub use baselines::NearestCase;
pub use coefficients::{
    CoefficientEstimate, CoefficientModel, CoefficientPrediction, CoefficientPredictor,
    KernelRidge, ThinAirfoil,
};
pub use data::{
    CaseSource, ConditionCode, Draw, Encoder, FeatureConfig, GeometryCode, MemorySource,
    TrainingSet, TrainingSource,
};
pub use device::{describe_device, device_from_name};
pub use error::SurrogateError;
pub use field_model::{FieldModel, FieldPrediction};
pub use mario::{
    LatentMethod, Mario, MarioConfig, ModulatedField, ModulatedFieldConfig, Modulation, SdfLatent,
    SdfLatentConfig,
};
pub use metrics_log::read_metrics;
pub use models::{
    FieldOutput, Mlp, MlpConfig, ModelConfig, Network, PointNet, PointNetConfig, Precision,
};
pub use ops::{affine, affine_relu, fourier_features};
pub use run::{
    BaselineConfig, CaseEvaluation, CasePrediction, Companions, DataConfig, EnsembleConfig,
    Estimate, Evaluation, MethodScores, PreparedData, Pretrained, RunConfig, RunFacts, SavedRun, Stage,
    TrainedRun, UncertaintyConfig, evaluate, flow_fields, peak_memory_bytes, train,
};
pub use training::{
    EpochMetrics, Optimiser, Schedule, StepBench, StepRate, StopReason, Trainer, TrainingConfig,
    TrainingObserver, TrainingOutcome,
};
pub use uncertainty::{
    CoefficientSpread, Coverage, CrossConformal, FieldSpread, Interval, OodDetector, OodVerdict,
    OutsideInput, SplitConformal, Verdict, conformal_quantile,
};
pub use validation::{ValidationScore, validate};
