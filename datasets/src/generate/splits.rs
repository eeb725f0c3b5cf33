//! What is for training, validation and tests.
//!
//! Nothing leaks: cases that are equal in every bit stay together; with `by = "geometry"` all cases of
//! one geometry do. Ranges of parameters that are held out make parts of their own, `test_NAME`; what is
//! later than `train_until` makes the part `test_time`.

use std::collections::{BTreeMap, HashMap};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::parameter::ParameterRange;
use crate::{DatasetError, TrajectoryCase, TrajectoryManifest, TrajectoryPart};

/// How cases are split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitsConfig {
    /// What stays together in one part.
    pub by: SplitBy,
    /// Share of the cases in the part `validation`, of those that are not held out.
    pub validation: f64,
    /// Share of the cases in the part `test`, of those that are not held out.
    pub test: f64,
    /// Where the random order comes from.
    pub seed: u64,
    /// `train` and `validation` hold times up to this one, s; what is later of the cases of `train` is
    /// the part `test_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_until: Option<f64>,
    /// Ranges of parameters that are tested on only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held_out: Vec<HeldOut>,
}

impl Default for SplitsConfig {
    fn default() -> Self {
        Self {
            by: SplitBy::Case,
            validation: 0.1,
            test: 0.1,
            seed: 0,
            train_until: None,
            held_out: Vec::new(),
        }
    }
}

/// What stays together in one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// Each case; cases that are equal in every bit count as one.
    #[default]
    Case,
    /// All cases whose static fields are equal in every bit.
    Geometry,
}

/// A range of a parameter that is tested on only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// The part is called `test_NAME`.
    pub name: String,
    /// A swept parameter.
    pub parameter: String,
    /// Its lowest value in the part; no bound where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Its highest value in the part; no bound where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// Its values in the part, in place of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<toml::Value>>,
}

impl HeldOut {
    /// The name of the part.
    fn part(&self) -> String {
        format!("test_{}", self.name)
    }

    /// Whether a case belongs to the part.
    fn holds(&self, case: &TrajectoryCase) -> bool {
        let Some(value) = case.parameters.get(&self.parameter) else {
            return false;
        };
        match &self.values {
            Some(values) => values.iter().any(|wanted| same(wanted, value)),
            None => value.as_f64().is_some_and(|value| {
                self.from.is_none_or(|from| from <= value) && self.to.is_none_or(|to| value <= to)
            }),
        }
    }

    /// What is wrong with it, if anything.
    fn fault(&self, parameters: &BTreeMap<String, ParameterRange>) -> Option<String> {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if self.name.is_empty() || !self.name.chars().all(letters) || self.name == "time" {
            return Some(format!(
                "name = \"{}\" cannot be that of a part; letters, digits and _ are possible",
                self.name
            ));
        }
        if !parameters.contains_key(&self.parameter) {
            let known: Vec<&str> = parameters.keys().map(String::as_str).collect();
            return Some(format!(
                "parameter = \"{}\" is not swept; swept are: {}",
                self.parameter,
                known.join(", ")
            ));
        }
        let bounds = [self.from, self.to];
        let given = bounds.iter().flatten().count();
        if self.values.is_some() == (given > 0) {
            return Some("give either values, or from, to or both".into());
        }
        if bounds.iter().flatten().any(|v| !v.is_finite()) {
            return Some("from and to must be finite; leave out what has no bound".into());
        }
        match bounds {
            [Some(from), Some(to)] if from > to => {
                Some(format!("from = {from} is above to = {to}"))
            }
            _ => None,
        }
    }
}

/// Whether a value of the configuration is one of a case.
fn same(a: &toml::Value, b: &serde_json::Value) -> bool {
    match a {
        toml::Value::Integer(a) => b.as_f64() == Some(*a as f64),
        toml::Value::Float(a) => b.as_f64() == Some(*a),
        toml::Value::String(a) => b.as_str() == Some(a),
        toml::Value::Boolean(a) => b.as_bool() == Some(*a),
        _ => false,
    }
}

impl SplitsConfig {
    /// # Errors
    /// What is wrong, as a setting and a clause.
    pub(super) fn check(
        &self,
        parameters: &BTreeMap<String, ParameterRange>,
        times: &[f64],
    ) -> Result<(), (String, String)> {
        let wrong = |place: &str, problem: String| Err((format!("splits.{place}"), problem));
        for (place, share) in [("validation", self.validation), ("test", self.test)] {
            if !(0.0..1.0).contains(&share) {
                return wrong(place, format!("{share} is no share: 0 <= share < 1"));
            }
        }
        if self.validation + self.test >= 1.0 {
            let problem = "and splits.validation leave nothing to train on".to_string();
            return wrong("test", problem);
        }
        if let Some(until) = self.train_until
            && !(times[0] <= until && until < times[times.len() - 1])
        {
            let problem = format!(
                "{until} must lie between the first and the last time, {} and {} s",
                times[0],
                times[times.len() - 1]
            );
            return wrong("train_until", problem);
        }
        for (index, rule) in self.held_out.iter().enumerate() {
            if let Some(fault) = rule.fault(parameters) {
                return wrong(&format!("held_out[{index}]"), fault);
            }
            if self.held_out[..index]
                .iter()
                .any(|other| other.name == rule.name)
            {
                let problem = format!("name = \"{}\" comes twice", rule.name);
                return wrong(&format!("held_out[{index}]"), problem);
            }
        }
        Ok(())
    }

    /// Fills in the parts of a manifest.
    ///
    /// # Errors
    /// Shares that leave a part without a case.
    pub(super) fn apply(&self, manifest: &mut TrajectoryManifest) -> Result<(), DatasetError> {
        let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut free = Vec::new();
        let mut unused = Vec::new();
        for group in self.groups(&manifest.cases) {
            let holds = |rule: &&HeldOut| group.iter().any(|&i| rule.holds(&manifest.cases[i]));
            match self.held_out.iter().find(holds) {
                None => free.push(group),
                Some(rule) => {
                    // Those of the group that are not in the range would tell about those that are.
                    let (inside, outside): (Vec<usize>, Vec<usize>) =
                        group.iter().partition(|&&i| rule.holds(&manifest.cases[i]));
                    members.entry(rule.part()).or_default().extend(inside);
                    unused.extend(outside);
                }
            }
        }
        let n_free = free.iter().map(Vec::len).sum::<usize>();
        free.shuffle(&mut ChaCha8Rng::seed_from_u64(self.seed));
        let mut free = free.into_iter();
        for (part, share) in [("test", self.test), ("validation", self.validation)] {
            let wanted = (share * n_free as f64).round() as usize;
            let mut taken = Vec::new();
            // At least one, but never the last: that is to train on.
            while share > 0.0 && taken.len() < wanted.max(1) && free.len() > 1 {
                taken.extend(free.next().into_iter().flatten());
            }
            if !taken.is_empty() {
                members.insert(part.into(), taken);
            }
        }
        members.insert("train".into(), free.flatten().collect());
        self.write(manifest, members, unused)
    }

    /// The cases that stay together, each by its place, in the order of their first case.
    fn groups(&self, cases: &[TrajectoryCase]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (index, case) in cases.iter().enumerate() {
            let key = match self.by {
                SplitBy::Case => &case.data,
                SplitBy::Geometry => &case.geometry,
            };
            let group = *known.entry(key).or_insert(groups.len());
            if group == groups.len() {
                groups.push(Vec::new());
            }
            groups[group].push(index);
        }
        groups
    }

    fn write(
        &self,
        manifest: &mut TrajectoryManifest,
        members: BTreeMap<String, Vec<usize>>,
        mut unused: Vec<usize>,
    ) -> Result<(), DatasetError> {
        let n_times = manifest.times.len();
        let seen = match self.train_until {
            Some(until) => manifest.times.partition_point(|&t| t <= until),
            None => n_times,
        };
        let names = |mut places: Vec<usize>| -> Vec<String> {
            places.sort_unstable();
            let name = |i: usize| manifest.cases[i].name.clone();
            places.into_iter().map(name).collect()
        };
        let mut parts = BTreeMap::new();
        for (name, places) in members {
            if places.is_empty() {
                return Err(DatasetError::config(
                    format!("splits: the part \"{name}\""),
                    format!(
                        "gets none of {} cases; draw more cases or hold out fewer",
                        manifest.cases.len()
                    ),
                ));
            }
            let until = match name.as_str() {
                "train" | "validation" => seen,
                _ => n_times,
            };
            let cases = names(places);
            if name == "train" && seen < n_times {
                let later = TrajectoryPart {
                    cases: cases.clone(),
                    times: [seen, n_times],
                };
                parts.insert("test_time".into(), later);
            }
            let times = [0, until];
            parts.insert(name, TrajectoryPart { cases, times });
        }
        unused.sort_unstable();
        let unused = names(unused);
        (manifest.parts, manifest.unused) = (parts, unused);
        Ok(())
    }
}

#[cfg(test)]
#[path = "splits_tests.rs"]
mod tests;
