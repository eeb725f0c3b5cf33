//! The parts of a set: AirfRANS's tasks, and one by geometry.

use std::collections::BTreeMap;
use std::path::Path;

use super::config::AirfoilSweep;
use super::record::AirfoilRecord;
use crate::{DatasetError, MANIFEST_NAME, Manifest, split_validation};

/// The manifest of the accepted cases. Tasks that would have an empty part are left out.
pub(super) fn manifest(
    root: &Path,
    sweep: &AirfoilSweep,
    accepted: &[&AirfoilRecord],
) -> Result<Manifest, DatasetError> {
    let seed = sweep.sampling.seed;
    let names: Vec<String> = accepted.iter().map(|r| r.name.clone()).collect();
    let mut parts = BTreeMap::new();
    let full = if names.len() > 1 {
        split_validation(&names, sweep.splits.test, seed)?
    } else {
        split_validation(&names, 0.0, seed)?
    };
    let scarce = (sweep.splits.scarce * full.train.len() as f64).round() as usize;
    if scarce > 0 && scarce < full.train.len() {
        let rest = 1.0 - scarce as f64 / full.train.len() as f64;
        let split = split_validation(&full.train, rest, seed)?;
        parts.insert("scarce_train".to_string(), split.train);
    }
    parts.insert("full_train".into(), full.train);
    if !full.validation.is_empty() {
        parts.insert("full_test".into(), full.validation);
    }
    type Pick = fn(&AirfoilRecord) -> f64;
    let tasks: [(&str, [f64; 2], Pick); 3] = [
        ("reynolds", sweep.splits.reynolds, |r| {
            r.conditions.speed / r.conditions.nu
        }),
        ("aoa", sweep.splits.angle, |r| r.conditions.aoa),
        ("thickness", sweep.splits.thickness, |r| {
            r.naca.last().copied().unwrap_or_default()
        }),
    ];
    for (task, [low, high], of) in tasks {
        let inside = |r: &&&AirfoilRecord| low < of(r) && of(r) < high;
        let (train, test): (Vec<_>, Vec<_>) = accepted.iter().partition(inside);
        if train.is_empty() || test.is_empty() {
            continue;
        }
        let list = |part: Vec<&&AirfoilRecord>| part.into_iter().map(|r| r.name.clone()).collect();
        parts.insert(format!("{task}_train"), list(train));
        parts.insert(format!("{task}_test"), list(test));
    }
    Manifest::from_parts(root.join(MANIFEST_NAME), parts)
}
