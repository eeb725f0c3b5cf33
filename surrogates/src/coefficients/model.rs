//! The coefficients that karman reports: Gaussian processes on top of inviscid theory.
//!
//! C_L is learned as the difference from the inviscid lift of vortex panels; the pressure and friction
//! parts of C_D each as its logarithm, and added. Inputs are the suction peak at the leading edge, the
//! angle from that of zero lift or the inviscid lift, the logarithm of the speed and the shape (see
//! `features.rs`): with the suction peak, which decides when the flow separates from the nose, the
//! cross-validated error of C_D is about half of that without. The mean over two sets of inputs and
//! two kernels is reported; its deviation is that of the mixture of their Gaussians. All this was
//! chosen by cross-validation on the 88 train cases of mini-AirfRANS. Far from the train cases the
//! value, but not the deviation, goes over to that of a kernel ridge regression (see `blend.rs`).

use std::path::Path;

use karman_datasets::CaseInfo;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blend::{between, weight_of_ridge};
use super::descriptor::{Descriptor, Example, examples};
use super::features::{FeatureSet, Features};
use super::gaussian_process::{Gaussian, GaussianProcess, Hyperparameters};
use super::kernel::Kernel;
use super::kernel_ridge::KernelRidge;
use super::store;
use crate::SurrogateError;

const KIND: &str = "coefficient_model";
const SETS: [FeatureSet; 2] = [FeatureSet::Shape, FeatureSet::Components];
const KERNELS: [Kernel; 2] = [Kernel::Rbf, Kernel::Matern52];

/// C_L and C_D of a case with their standard deviations (as the model states them: see
/// [`CoefficientPredictor`](super::CoefficientPredictor) for intervals).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CoefficientPrediction {
    /// Lift coefficient.
    pub cl: f64,
    /// Its standard deviation.
    pub cl_std: f64,
    /// Drag coefficient.
    pub cd: f64,
    /// Its standard deviation.
    pub cd_std: f64,
    /// The part of the drag coefficient that is due to pressure, where it was learned apart.
    pub cd_pressure: Option<f64>,
    /// The part that is due to friction, where it was learned apart.
    pub cd_viscous: Option<f64>,
}

/// How C_D is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DragForm {
    /// Logarithms of the pressure and the friction part.
    Parts,
    /// Logarithm of the whole: some case has a part that is not positive.
    Total,
    /// The whole: some case has no positive drag.
    Linear,
}

/// What a Gaussian process learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Lift,
    PressureDrag,
    FrictionDrag,
    LogDrag,
    Drag,
}

impl Target {
    fn of(self, example: &Example) -> f64 {
        let forces = &example.forces;
        match self {
            Self::Lift => forces.cl - example.descriptor.panel_cl,
            Self::PressureDrag => forces.cd_pressure.ln(),
            Self::FrictionDrag => forces.cd_viscous.ln(),
            Self::LogDrag => forces.cd.ln(),
            Self::Drag => forces.cd,
        }
    }
}

/// A regression of C_L and C_D on speed, angle, geometric measures and inviscid lift.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct CoefficientModel {
    stored: Stored,
    members: Vec<Member>,
}

/// What is written: everything else follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stored {
    examples: Vec<Example>,
    drag: DragForm,
    /// For each set of inputs, kernel and target, in this order of loops.
    hyperparameters: Vec<Hyperparameters>,
    /// On the same cases, for cases far from them.
    ridge: KernelRidge,
}

impl TryFrom<Stored> for CoefficientModel {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Self::from_stored(stored).ok_or("its hyperparameters do not fit its cases")
    }
}

impl From<CoefficientModel> for Stored {
    fn from(model: CoefficientModel) -> Self {
        model.stored
    }
}

/// The processes of one set of inputs and one kernel.
#[derive(Debug, Clone)]
struct Member {
    features: Features,
    /// One for each target.
    processes: Vec<GaussianProcess>,
}

impl CoefficientModel {
    /// Fits on the cases `train` of `infos` whose coefficients are known. Deterministic.
    ///
    /// # Errors
    /// An index out of range or given twice, a case without finite speed, angle and measures, fewer
    /// than eight cases with coefficients.
    pub fn fit(infos: &[CaseInfo], train: &[usize]) -> Result<Self, SurrogateError> {
        Self::fit_examples(examples(infos, train)?, None)
    }

    /// `like` is a model of nearly the same cases, whose ridge regression needs no search of its own.
    pub(super) fn fit_examples(
        examples: Vec<Example>,
        like: Option<&Self>,
    ) -> Result<Self, SurrogateError> {
        let drag = DragForm::of(&examples);
        let mut jobs = Vec::new();
        for set in SETS {
            let features = Features::fit(set, &examples)?;
            let inputs: Vec<_> = examples
                .iter()
                .map(|e| features.of(&e.descriptor))
                .collect();
            for kernel in KERNELS {
                jobs.extend(drag.targets().iter().map(|&t| (inputs.clone(), kernel, t)));
            }
        }
        let hyperparameters = jobs
            .par_iter()
            .map(|(inputs, kernel, target)| {
                let values: Vec<f64> = examples.iter().map(|e| target.of(e)).collect();
                GaussianProcess::hyperparameters(*kernel, inputs, &values)
            })
            .collect();
        let stored = Stored {
            ridge: KernelRidge::fit_examples(&examples, like.map(Self::ridge))?,
            examples,
            drag,
            hyperparameters,
        };
        Self::from_stored(stored).ok_or_else(|| SurrogateError::Data {
            what: "a regression of coefficients",
            problem: "its covariance is not positive definite; check the coefficients and \
                      measures of the train cases"
                .into(),
        })
    }

    fn from_stored(stored: Stored) -> Option<Self> {
        let targets = stored.drag.targets();
        let expected = SETS.len() * KERNELS.len() * targets.len();
        let ridge_fits = stored.ridge.n_train() == stored.examples.len()
            && stored.ridge.log_drag() == (stored.drag != DragForm::Linear);
        if stored.hyperparameters.len() != expected || !ridge_fits {
            return None;
        }
        let mut members = Vec::new();
        let mut of_members = stored.hyperparameters.chunks(targets.len());
        for set in SETS {
            let features = Features::fit(set, &stored.examples).ok()?;
            let cases = stored.examples.iter();
            let inputs: Vec<_> = cases.map(|e| features.of(&e.descriptor)).collect();
            for _ in KERNELS {
                let found = of_members.next()?;
                let processes = found.iter().zip(targets).map(|(h, target)| {
                    let values: Vec<f64> = stored.examples.iter().map(|e| target.of(e)).collect();
                    GaussianProcess::new(h.clone(), inputs.clone(), &values)
                });
                members.push(Member {
                    processes: processes.collect::<Option<_>>()?,
                    features: features.clone(),
                });
            }
        }
        Some(Self { stored, members })
    }

    /// Predicts a case from its speed, angle, measures and inviscid lift.
    ///
    /// # Errors
    /// A case without finite speed, angle and measures.
    pub fn predict(&self, info: &CaseInfo) -> Result<CoefficientPrediction, SurrogateError> {
        Ok(self.predict_descriptor(&Descriptor::of(info)?))
    }

    pub(super) fn predict_descriptor(&self, case: &Descriptor) -> CoefficientPrediction {
        self.blended(
            self.processes(case),
            self.stored.ridge.predict_descriptor(case),
        )
    }

    /// What the Gaussian processes say by themselves.
    pub(super) fn processes(&self, case: &Descriptor) -> CoefficientPrediction {
        let of_member = |member: &Member| {
            let input = member.features.of(case);
            member.processes.iter().map(|p| p.predict(&input)).collect()
        };
        self.mixture(case, self.members.iter().map(of_member))
    }

    /// For each train case its name and the prediction by the others, with the hyperparameters
    /// found with it.
    pub fn leave_one_out(&self) -> Vec<(&str, CoefficientPrediction)> {
        let left_out: Vec<Vec<Vec<Gaussian>>> = self
            .members
            .iter()
            .map(|m| m.processes.iter().map(|p| p.leave_one_out()).collect())
            .collect();
        let ridge = self.stored.ridge.leave_one_out();
        let cases = self.stored.examples.iter().zip(ridge).enumerate();
        cases
            .map(|(i, (example, (name, ridge)))| {
                let members = left_out.iter().map(|m| m.iter().map(|g| g[i]).collect());
                let processes = self.mixture(&example.descriptor, members);
                (name, self.blended(processes, ridge))
            })
            .collect()
    }

    /// The kernel ridge regression on the same cases: what is reported far from them.
    pub fn ridge(&self) -> &KernelRidge {
        &self.stored.ridge
    }

    /// Number of train cases.
    pub fn n_train(&self) -> usize {
        self.stored.examples.len()
    }

    pub(super) fn examples(&self) -> &[Example] {
        &self.stored.examples
    }

    /// Writes a JSON file: the train cases' descriptors and coefficients, and the hyperparameters.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SurrogateError> {
        store::save(path, KIND, self)
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// An absent or damaged file, or one of another kind or version.
    pub fn load(path: &Path) -> Result<Self, SurrogateError> {
        store::load(path, KIND)
    }

    /// The mixture of the members' Gaussians; each gives one for each target.
    fn mixture(
        &self,
        case: &Descriptor,
        members: impl Iterator<Item = Vec<Gaussian>>,
    ) -> CoefficientPrediction {
        let (mut lift, mut drag) = (Mixture::default(), Mixture::default());
        let mut parts = [Mixture::default(); 2];
        for gaussians in members {
            lift.add(case.panel_cl + gaussians[0].mean, gaussians[0].std);
            match self.stored.drag {
                DragForm::Linear => drag.add(gaussians[1].mean, gaussians[1].std),
                DragForm::Total => drag.add_logarithm(gaussians[1]),
                DragForm::Parts => {
                    let [pressure, friction] = [gaussians[1], gaussians[2]].map(of_logarithm);
                    // Both errors come from the same missing cases: they are added, not squared.
                    drag.add(pressure.mean + friction.mean, pressure.std + friction.std);
                    parts[0].add(pressure.mean, pressure.std);
                    parts[1].add(friction.mean, friction.std);
                }
            }
        }
        let apart = self.stored.drag == DragForm::Parts;
        CoefficientPrediction {
            cl: lift.mean(),
            cl_std: lift.std(),
            cd: drag.mean(),
            cd_std: drag.std(),
            cd_pressure: apart.then(|| parts[0].mean()),
            cd_viscous: apart.then(|| parts[1].mean()),
        }
    }

    /// What the processes say, but far from the train cases the values of the ridge regression.
    /// Deviations stay: they tell how far a case lies, which the ridge's error does not know.
    fn blended(&self, processes: CoefficientPrediction, ridge: [f64; 2]) -> CoefficientPrediction {
        let [lift_error, drag_error] = self.stored.ridge.error_beyond();
        let p = processes;
        let logarithmic = self.stored.ridge.log_drag();
        let drag_std = if logarithmic {
            p.cd_std / p.cd
        } else {
            p.cd_std
        };
        let weights = [
            weight_of_ridge(p.cl_std, lift_error),
            weight_of_ridge(drag_std, drag_error),
        ];
        let cd = between(p.cd, ridge[1], weights[1], logarithmic);
        // The ridge has no parts: theirs keep their share of the whole.
        let part = |part: Option<f64>| part.map(|v| v / p.cd * cd).filter(|v| v.is_finite());
        CoefficientPrediction {
            cl: between(p.cl, ridge[0], weights[0], false),
            cd,
            cd_pressure: part(p.cd_pressure),
            cd_viscous: part(p.cd_viscous),
            ..p
        }
    }
}

/// Median of a number whose logarithm is Gaussian, and its deviation to first order.
fn of_logarithm(logarithm: Gaussian) -> Gaussian {
    let mean = logarithm.mean.exp();
    Gaussian {
        mean,
        std: mean * logarithm.std,
    }
}

impl DragForm {
    fn of(examples: &[Example]) -> Self {
        let all = |positive: fn(&Example) -> bool| examples.iter().all(positive);
        if !all(|e| e.forces.cd > 0.0) {
            Self::Linear
        } else if all(|e| e.forces.cd_pressure > 0.0 && e.forces.cd_viscous > 0.0) {
            Self::Parts
        } else {
            Self::Total
        }
    }

    fn targets(self) -> &'static [Target] {
        match self {
            Self::Parts => &[Target::Lift, Target::PressureDrag, Target::FrictionDrag],
            Self::Total => &[Target::Lift, Target::LogDrag],
            Self::Linear => &[Target::Lift, Target::Drag],
        }
    }
}

/// Equal parts of Gaussians.
#[derive(Debug, Clone, Copy, Default)]
struct Mixture {
    n: f64,
    sum: f64,
    /// Of squares of means and deviations.
    squares: f64,
}

impl Mixture {
    fn add(&mut self, mean: f64, std: f64) {
        self.n += 1.0;
        self.sum += mean;
        self.squares += mean * mean + std * std;
    }

    fn add_logarithm(&mut self, logarithm: Gaussian) {
        let value = of_logarithm(logarithm);
        self.add(value.mean, value.std);
    }

    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    fn std(&self) -> f64 {
        (self.squares / self.n - self.mean().powi(2))
            .max(0.0)
            .sqrt()
    }
}
