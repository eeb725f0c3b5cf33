//! The solvers that a sweep can drive.
//!
//! To add one, write a file with a struct of flat settings that implements [`Generator`], and add it to
//! [`KINDS`]. Any setting can be swept.

mod cylinder_wake;
mod darcy;
mod diffusion_sorption;
mod periodic_line;
mod profiles;
mod smoke_plume;
#[cfg(test)]
pub(super) mod testing;
mod vorticity;

use std::fmt::Debug;

use karman_solvers::{Simulation, SolverError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::set_config::AIRFOILS;
use crate::closest::closest;
use crate::settings::explained_toml_error;
use crate::{DatasetError, StaticField, TrajectoryField};

/// Settings of one case, complete and typed.
pub(super) trait Generator: Debug + Settings + Send + Sync {
    /// The solver behind it, for provenance.
    fn solver(&self) -> &'static str;

    /// Whether it solves for a stationary state, which has no times.
    fn is_stationary(&self) -> bool {
        false
    }

    /// Sets a case up. Everything random comes from `seed`.
    ///
    /// # Errors
    /// Settings that make no case.
    fn start(&self, seed: u64) -> Result<CaseStart, SolverError>;
}

/// A case before its first step.
pub(super) struct CaseStart {
    /// What is driven.
    pub(super) simulation: Box<dyn Simulation>,
    /// Fields that are the same at all times.
    pub(super) statics: Vec<StaticField>,
}

/// The settings as they stand in a file.
pub(super) trait Settings {
    /// All of them, with defaults filled in.
    fn settings(&self) -> toml::Table;
}

impl<T: Serialize> Settings for T {
    fn settings(&self) -> toml::Table {
        // A struct of numbers and texts always becomes a table.
        toml::Table::try_from(self).unwrap_or_default()
    }
}

type Read = fn(toml::Table) -> Result<Box<dyn Generator>, toml::de::Error>;

/// The kinds of cases by name.
const KINDS: &[(&str, Read)] = &[
    ("allen_cahn", read::<periodic_line::AllenCahn>),
    ("burgers", read::<periodic_line::Burgers>),
    ("cylinder_wake", read::<cylinder_wake::CylinderWake>),
    ("darcy", read::<darcy::DarcyFlow>),
    ("diffusion_sorption", read::<diffusion_sorption::Sorption>),
    ("kdv", read::<periodic_line::Kdv>),
    ("smoke_plume", read::<smoke_plume::SmokePlume>),
    ("vorticity", read::<vorticity::Vorticity>),
    #[cfg(test)]
    ("test_wave", read::<testing::TestWave>),
];

fn read<G: Generator + DeserializeOwned + 'static>(
    table: toml::Table,
) -> Result<Box<dyn Generator>, toml::de::Error> {
    Ok(Box::new(table.try_into::<G>()?))
}

/// A static field that is 1 in some cells and 0 in others.
fn mask(name: &str, cells: &[bool]) -> StaticField {
    StaticField {
        field: TrajectoryField {
            name: name.into(),
            components: 1,
            unit: "1".into(),
        },
        values: cells
            .iter()
            .map(|&cell| f64::from(u8::from(cell)))
            .collect(),
    }
}

/// A setting that makes no case.
fn refused(what: &'static str, problem: String) -> SolverError {
    SolverError::Argument { what, problem }
}

/// Names of the kinds of cases that can be generated.
pub fn generator_kinds() -> Vec<&'static str> {
    let own = KINDS.iter().map(|(name, _)| *name);
    own.chain([AIRFOILS]).collect()
}

/// The generator of a kind, from its settings.
///
/// # Errors
/// An unknown kind or setting, a setting of a wrong type, one that is missing.
pub(super) fn generator(
    kind: Option<&str>,
    settings: toml::Table,
) -> Result<Box<dyn Generator>, DatasetError> {
    let known: Vec<String> = generator_kinds().into_iter().map(String::from).collect();
    let list = known.join(", ");
    let Some(kind) = kind else {
        let problem = format!("is needed: one of {list}");
        return Err(DatasetError::config("generator.kind", problem));
    };
    let Some((_, read)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        let near = closest(kind, &known)
            .map(|near| format!("; did you mean \"{near}\"?"))
            .unwrap_or_default();
        let problem = format!("\"{kind}\" is unknown; there are {list}{near}");
        return Err(DatasetError::config("generator.kind", problem));
    };
    read(settings).map_err(|error| {
        DatasetError::config(
            format!("settings of the generator {kind}"),
            explained_toml_error(&error),
        )
    })
}
