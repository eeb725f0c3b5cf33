//! One case of a sweep: set up, driven, watched, written.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use karman_solvers::{Health, Simulation};
use serde_json::{Value, json};

use super::config::{GenerateConfig, Prepared};
use super::generators::{CaseStart, Generator};
use super::record::{Record, name_of};
use super::sampling::Sample;
use crate::hash::{hash, hash_file};
use crate::trajectories::xdmf;
use crate::{
    Attributes, DatasetError, Precision, ProgressCounter, RejectedCase, StaticField,
    TrajectoryCase, TrajectoryField, TrajectoryGrid, TrajectoryHeader, TrajectoryWriter,
};

/// What all cases of a sweep share.
pub(super) struct Work<'a> {
    pub(super) config: &'a GenerateConfig,
    pub(super) prepared: &'a Prepared,
    pub(super) fingerprint: &'a str,
    /// The folder of the cases.
    pub(super) folder: &'a Path,
    pub(super) counter: &'a ProgressCounter,
    pub(super) stop: &'a AtomicBool,
}

/// Why a case ends early.
enum End {
    /// It is of no use; the reason.
    Rejected(String),
    /// Somebody wants to stop.
    Stopped,
    /// Nothing can be written any more.
    Failed(DatasetError),
}

impl From<DatasetError> for End {
    fn from(error: DatasetError) -> Self {
        Self::Failed(error)
    }
}

impl Work<'_> {
    /// Computes a sample and writes its files, the record last. `None` when it was stopped.
    ///
    /// # Errors
    /// Files that cannot be written. What cannot be solved is a rejected case.
    pub(super) fn run(&self, sample: &Sample) -> Result<Option<Record>, DatasetError> {
        let generator = self.config.generator_of(sample)?;
        let record = match self.compute(sample, generator.as_ref()) {
            Ok(case) => Record::Finished(case),
            Err(End::Rejected(reason)) => Record::Rejected(RejectedCase {
                name: name_of(sample.index),
                sample: sample.index,
                seed: sample.seed,
                parameters: attributes_of(&sample.parameters),
                reason,
            }),
            Err(End::Stopped) => return Ok(None),
            Err(End::Failed(error)) => return Err(error),
        };
        record.write(self.folder, self.fingerprint)?;
        Ok(Some(record))
    }

    fn compute(&self, sample: &Sample, generator: &dyn Generator) -> Result<TrajectoryCase, End> {
        let started = generator.start(sample.seed);
        let CaseStart {
            mut simulation,
            statics,
        } = started.map_err(|error| End::Rejected(error.to_string()))?;
        let geometry = geometry_of(&statics);
        let header = self.header(sample, simulation.as_ref(), statics)?;
        let path = self.folder.join(format!("{}.h5", name_of(sample.index)));
        let mut writer = TrajectoryWriter::create(&path, header.clone())?;
        self.drive(simulation.as_mut(), &header, &mut writer)?;
        let health = simulation.health();
        self.judge(&health)
            .map_or(Ok(()), |reason| Err(End::Rejected(reason)))?;
        let data = writer.data_hash();
        writer.finish(&self.provenance(sample, generator, &health))?;
        xdmf::write(&path, &header)?;
        let (bytes, hash) = hash_file(&path)?;
        Ok(TrajectoryCase {
            name: name_of(sample.index),
            sample: sample.index,
            seed: sample.seed,
            parameters: header.parameters,
            grid: header.grid,
            geometry: format!("{geometry:016x}"),
            data: format!("{data:016x}"),
            bytes,
            hash: format!("{hash:016x}"),
            steps: health.steps,
            unconverged: health.unconverged,
            worst_residual: health.worst_residual,
        })
    }

    fn header(
        &self,
        sample: &Sample,
        simulation: &dyn Simulation,
        statics: Vec<StaticField>,
    ) -> Result<TrajectoryHeader, End> {
        let store = &self.config.store;
        // What the solver gives out but does not change is stored once.
        let fixed = |name: &str| statics.iter().any(|fixed| fixed.field.name == name);
        let mut fields: Vec<TrajectoryField> = simulation
            .fields()
            .into_iter()
            .filter(|field| !fixed(field.name))
            .map(|field| TrajectoryField {
                name: field.name.into(),
                components: field.components,
                unit: field.unit.into(),
            })
            .collect();
        let known = |name: &&String| fields.iter().any(|field| field.name == **name);
        let listed = store.fields.iter().flatten();
        let mut named = listed.chain(self.config.limits.largest.keys());
        if let Some(unknown) = named.find(|name| !known(name)) {
            let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let problem = format!(
                "\"{unknown}\" is no field of this generator; it has {}",
                names.join(", ")
            );
            return Err(DatasetError::config("store.fields, limits.largest", problem).into());
        }
        if let Some(names) = &store.fields {
            fields.retain(|field| names.contains(&field.name));
        }
        Ok(TrajectoryHeader {
            grid: TrajectoryGrid {
                shape: simulation.shape(),
                spacing: simulation.spacing(),
                origin: simulation.origin(),
            },
            times: self.prepared.times.clone(),
            fields,
            statics,
            parameters: attributes_of(&sample.parameters),
            precision: store.precision,
            compression: store.compression,
        })
    }

    /// Goes through the times; what has been read at each is written at once.
    fn drive(
        &self,
        simulation: &mut dyn Simulation,
        header: &TrajectoryHeader,
        writer: &mut TrajectoryWriter,
    ) -> Result<(), End> {
        let n_cells = header.grid.n_cells();
        let mut values: Vec<Vec<f64>> = header
            .fields
            .iter()
            .map(|field| vec![0.0; n_cells * field.components])
            .collect();
        for &time in &header.times {
            if self.stop.load(Ordering::Relaxed) {
                return Err(End::Stopped);
            }
            let rejected = |reason: String| End::Rejected(format!("at t = {time} s: {reason}"));
            let told = |error: karman_solvers::SolverError| rejected(error.to_string());
            simulation.advance_to(time).map_err(told)?;
            if let Some(reason) = simulation.health().failure {
                return Err(rejected(reason));
            }
            for (field, values) in header.fields.iter().zip(&mut values) {
                simulation.read(&field.name, values).map_err(told)?;
                if let Some(reason) = self.odd_value(field, values) {
                    return Err(rejected(reason));
                }
            }
            writer.push(&values)?;
            self.counter.advance();
        }
        Ok(())
    }

    /// The first value of a field that is not finite or too large, in words.
    fn odd_value(&self, field: &TrajectoryField, values: &[f64]) -> Option<String> {
        let held = match self.config.store.precision {
            Precision::Single => f64::from(f32::MAX),
            Precision::Double => f64::MAX,
        };
        let most = self.config.limits.largest.get(&field.name);
        let most = most.map_or(held, |most| most.min(held));
        let odd = |value: &f64| value.is_nan() || value.abs() > most;
        let at = values.iter().position(odd)?;
        let (cell, component) = (at / field.components, at % field.components);
        let limit = match most == held {
            true => String::new(),
            false => format!(", above limits.largest.{} = {most}", field.name),
        };
        Some(format!(
            "{} is {} in cell {cell}, component {component}{limit}",
            field.name, values[at]
        ))
    }

    /// Why a case that went through is of no use, if it is not.
    fn judge(&self, health: &Health) -> Option<String> {
        let limits = &self.config.limits;
        let share = health.unconverged as f64 / health.steps.max(1) as f64;
        if share > limits.unconverged {
            return Some(format!(
                "{} of {} steps did not converge, above limits.unconverged = {}",
                health.unconverged, health.steps, limits.unconverged
            ));
        }
        let fine = health.worst_residual <= limits.residual;
        (!fine).then(|| {
            format!(
                "the worst residual is {} of its tolerance, above limits.residual = {}",
                health.worst_residual, limits.residual
            )
        })
    }

    fn provenance(
        &self,
        sample: &Sample,
        generator: &dyn Generator,
        health: &Health,
    ) -> Attributes {
        let mut settings = attributes_of(&generator.settings());
        settings.retain(|key, _| !sample.parameters.contains_key(key));
        let mut provenance: Attributes = settings
            .into_iter()
            .map(|(key, value)| (format!("setting_{key}"), value))
            .collect();
        let kind = self
            .config
            .generator
            .get("kind")
            .and_then(|kind| kind.as_str());
        for (key, value) in [
            ("generator", json!(kind)),
            ("solver", json!(generator.solver())),
            ("karman", json!(env!("CARGO_PKG_VERSION"))),
            ("fingerprint", json!(self.fingerprint)),
            ("sample", json!(sample.index)),
            ("seed", json!(sample.seed)),
            ("steps", json!(health.steps)),
            ("unconverged", json!(health.unconverged)),
            ("worst_residual", json!(health.worst_residual)),
        ] {
            provenance.insert(key.into(), value);
        }
        provenance
    }
}

/// A number for the static fields.
fn geometry_of(statics: &[StaticField]) -> u64 {
    let bytes: Vec<u8> = statics
        .iter()
        .flat_map(|fixed| &fixed.values)
        .flat_map(|value| value.to_le_bytes())
        .collect();
    hash(&bytes)
}

/// A TOML table as attributes.
pub(super) fn attributes_of(table: &toml::Table) -> Attributes {
    let convert = |(key, value): (&String, &toml::Value)| (key.clone(), json_of(value));
    table.iter().map(convert).collect()
}

fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(integer) => json!(integer),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(truth) => json!(truth),
        toml::Value::Datetime(time) => json!(time.to_string()),
        toml::Value::Array(list) => list.iter().map(json_of).collect(),
        toml::Value::Table(table) => json!(attributes_of(table)),
    }
}

/// The file of a case.
pub(super) fn path_of(folder: &Path, name: &str, extension: &str) -> PathBuf {
    folder.join(format!("{name}.{extension}"))
}
