//! Samples, readers, caches, normalisation, splits and the scorer
//!
//! # From a folder of cases to training batches
//!
//! ```text
//! AirfransDataset::open(root)      manifest.json, case folders, inlet conditions
//!   .load(name) -> Sample          meshes and fields of one case, checked
//! CaseTable::from_sample(..)       model rows with named columns (x, y, sdf, normals, .., u_x, p, ..)
//! Cache::open_or_build(..)         the tables of all cases on disk; random subsets in about a millisecond
//! Normaliser                       statistics of the train part only, f64
//! split_validation(..)             seeded, a part of train held out
//! ```
//!
//! # What others publish
//!
//! [`ArrayFile`] reads arrays by name from NumPy's, HDF5, PyTorch's and MATLAB's files, whole or a range
//! of the first axis. [`PublishedFile`] puts one face on data sets of trajectories (PDEBench,
//! neuraloperator, PINNs' `.mat`, XDMF series): fields over samples, time and space. [`XdmfFile`] reads
//! series on meshes.
//!
//! Everything random takes a seed and gives the same result on every machine. Units are SI; the
//! pressure is kinematic (m²/s²).

mod airfrans;
mod arrays;
mod cache;
mod case_info;
mod closest;
mod error;
mod features;
mod files;
mod generate;
mod hash;
mod mask;
mod normaliser;
mod openfoam;
mod parallel;
mod progress;
mod published;
mod sample;
mod scorer;
mod settings;
mod splits;
mod synthetic;
mod table;
mod trajectories;
mod transform;
mod xdmf;

pub use airfrans::{
    AIRFRANS_TEMPERATURE, AirfransDataset, CaseName, Conditions, MANIFEST_NAME, Manifest, Task,
    WallMatch, WallNodes, air_kinematic_viscosity, scan_cases, wall_nodes,
};
pub use arrays::{Array, ArrayFile, ArrayNumber, check_array_path, write_array};
pub use cache::{BuildReport, Cache, RowOrder};
pub use case_info::CaseInfo;
pub use error::DatasetError;
pub use features::{
    AirfoilOutline, CaseTable, PointInputs, PredictionCase, PredictionRequest, Similarity,
    TrainingReach, find_airfoil,
};
pub use generate::{
    GenerateConfig, HeldOut, LimitsConfig, ParameterRange, SamplingConfig, SamplingMethod,
    SetConfig, SplitBy, SplitsConfig, StoreConfig, SweepReport, TimesConfig, generate,
    generator_kinds,
};
pub use mask::{BoundaryLayerMask, MaskForm, bl_mask};
pub use normaliser::{ColumnStatistics, Normaliser};
pub use openfoam::{
    AIRFRANS_BOX, AirfoilGenerator, AirfoilLimits, AirfoilRanges, AirfoilRecord, AirfoilSample,
    AirfoilSampling, AirfoilSplits, AirfoilSweep, AirfoilSweepReport, ConvergenceRule, ExportBox,
    FoamCase, FoamControls, FoamField, FoamGrid, FoamIteration, FoamLog, FoamMesh, FoamOutcome,
    FoamPatch, FoamRun, FoamRunReport, FoamSolution, FoamSolver, Judgement, MeshQuality,
    NacaFamily, PatchField, QualityLimits, RESIDUALS, WallTreatment, generate_airfoils,
};
pub use progress::{Progress, ProgressCounter};
pub use published::{ArrayAxis, PublishedField, PublishedFile, PublishedLayout, SpaceAxis};
pub use sample::{Boundary, Provenance, Sample};
pub use scorer::{
    CaseScore, CoefficientScore, Comparison, CpCurve, CpPoint, DragBreakdown, DragRegion,
    DragSegment, FieldStatistics, FlowFields, ForceOptions, ForcePair, ForceScores, Forces,
    Friction, NormalRule, PerVariable, Profile, ProfileError, ProfileFields, ProfileOptions,
    RegionScore, ScoreReport, ScoreSummary, SegmentForce, Side, StationScore, Wall, WallErrors,
    WallHeight, WallLaw, WallLawForces, WallProfile, WallState, ZERO_COEFFICIENT,
    boundary_layer_profiles, cp_curve, forces_of, forces_with, read_prediction, score_case,
    score_predictions, spearman, summarise, wall_law_shear, wall_shear,
};
pub use settings::{apply_setting, explained_toml_error};
pub use splits::{Split, k_fold, split_fractions, split_stratified, split_validation};
pub use synthetic::{SyntheticCase, synthetic_dataset, write_case};
pub use table::{
    Column, ColumnSelector, INPUT_COLUMNS, PointTable, SURFACE_COLUMN, TARGET_COLUMNS,
    point_columns,
};
pub use trajectories::{
    Attributes, Precision, RejectedCase, StaticField, Trajectories, Trajectory, TrajectoryCase,
    TrajectoryField, TrajectoryGrid, TrajectoryHeader, TrajectoryManifest, TrajectoryNumber,
    TrajectoryPart, TrajectoryWindow, TrajectoryWriter,
};
pub use transform::{Scaling, Transform};
pub use xdmf::{XdmfField, XdmfFile};
