//! The parameters of each sample: a function of the seed and its number, so that neither the order nor
//! the number of threads matters.
//!
//! M. D. McKay, R. J. Beckman, W. J. Conover, "A comparison of three methods for selecting values of
//! input variables in the analysis of output from a computer code", Technometrics 21 (1979) for Latin
//! hypercubes; `sobol.rs` for Sobol' points.
//!
//! Samples past the count, which replace rejected ones, go on in the sequence; a Latin hypercube goes on
//! with another one of the same size.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::parameter::ParameterRange;
use super::sobol;

/// How samples are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplingMethod {
    /// Independently.
    Random,
    /// One sample in each of as many equal strata as there are samples, for each parameter.
    #[default]
    LatinHypercube,
    /// Sobol' points with a random shift: even in several parameters at once.
    Sobol,
    /// Every combination of the parameters' choices.
    Grid,
}

/// How many samples are drawn, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplingConfig {
    /// How they are drawn.
    #[serde(default)]
    pub method: SamplingMethod,
    /// Cases; a grid has as many as there are combinations.
    #[serde(default)]
    pub count: Option<usize>,
    /// Where all random numbers of the sweep come from.
    #[serde(default)]
    pub seed: u64,
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    /// Its number.
    pub(super) index: usize,
    /// The seed of its own random numbers, below 2^52 so that JSON holds it exactly.
    pub(super) seed: u64,
    /// The values of the swept parameters.
    pub(super) parameters: toml::Table,
}

/// Draws samples.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    method: SamplingMethod,
    seed: u64,
    count: usize,
    ranges: BTreeMap<String, ParameterRange>,
    /// The strata of the first hypercube, for each parameter.
    strata: Vec<Vec<usize>>,
}

/// Streams of random numbers of one seed: those of samples are their numbers, others lie above.
const HYPERCUBES: u64 = 1 << 40;
const SHIFT: u64 = 1 << 41;

impl Sampler {
    /// For ranges that have no fault.
    ///
    /// # Errors
    /// What is wrong, as a setting and a clause.
    pub(super) fn new(
        config: &SamplingConfig,
        ranges: &BTreeMap<String, ParameterRange>,
    ) -> Result<Self, (String, String)> {
        for (name, range) in ranges {
            if let Some(fault) = range.fault() {
                return Err((format!("parameters.{name}"), fault));
            }
        }
        if config.method == SamplingMethod::Sobol && ranges.len() > sobol::DIMENSIONS {
            let problem = format!(
                "sobol goes up to {} parameters, here are {}; latin_hypercube takes any number",
                sobol::DIMENSIONS,
                ranges.len()
            );
            return Err(("sampling.method".into(), problem));
        }
        let mut sampler = Self {
            method: config.method,
            seed: config.seed,
            count: count(config, ranges)?,
            ranges: ranges.clone(),
            strata: Vec::new(),
        };
        if config.method == SamplingMethod::LatinHypercube {
            sampler.strata = (0..ranges.len()).map(|d| sampler.strata(0, d)).collect();
        }
        Ok(sampler)
    }

    /// Samples that are wanted.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether there are samples past the count.
    pub(super) fn is_endless(&self) -> bool {
        self.method != SamplingMethod::Grid
    }

    /// Sample number `index`.
    pub(super) fn sample(&self, index: usize) -> Sample {
        let mut rng = self.rng(index as u64);
        let seed = rng.random::<u64>() >> 12;
        let mut parameters = toml::Table::new();
        let mut rest = index;
        for (dimension, (name, range)) in self.ranges.iter().enumerate().rev() {
            let value = match (self.method, range.count()) {
                (SamplingMethod::Grid, Some(n)) => {
                    let value = range.at((rest % n) as f64 / n as f64 + 0.5 / n as f64);
                    rest /= n;
                    value
                }
                _ => range.at(self.fraction(index, dimension, &mut rng)),
            };
            parameters.insert(name.clone(), value);
        }
        Sample {
            index,
            seed,
            parameters,
        }
    }

    /// Where in its range a parameter lies.
    fn fraction(&self, index: usize, dimension: usize, rng: &mut ChaCha8Rng) -> f64 {
        match self.method {
            SamplingMethod::Random | SamplingMethod::Grid => rng.random(),
            SamplingMethod::LatinHypercube => {
                let (cube, row) = (index / self.count, index % self.count);
                let stratum = match cube {
                    0 => self.strata[dimension][row],
                    _ => self.strata(cube, dimension)[row],
                };
                (stratum as f64 + rng.random::<f64>()) / self.count as f64
            }
            SamplingMethod::Sobol => {
                let shift: u32 = self.rng(SHIFT + dimension as u64).random();
                // In the middle of the smallest interval: never the end of the range.
                let point = sobol::coordinate(index as u32, dimension) ^ shift;
                (f64::from(point) + 0.5) / 4_294_967_296.0
            }
        }
    }

    /// The order in which a parameter takes the strata of a hypercube.
    fn strata(&self, cube: usize, dimension: usize) -> Vec<usize> {
        let stream = HYPERCUBES + (cube * self.ranges.len() + dimension) as u64;
        let mut strata: Vec<usize> = (0..self.count).collect();
        strata.shuffle(&mut self.rng(stream));
        strata
    }

    fn rng(&self, stream: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream);
        rng
    }
}

/// The number of samples wanted.
fn count(
    config: &SamplingConfig,
    ranges: &BTreeMap<String, ParameterRange>,
) -> Result<usize, (String, String)> {
    let wrong = |place: &str, problem: String| Err((place.to_string(), problem));
    if config.method != SamplingMethod::Grid {
        return match config.count {
            Some(count @ 1..=1_000_000) => Ok(count),
            Some(count) => wrong(
                "sampling.count",
                format!("{count}; 1 to 1 000 000 are possible"),
            ),
            None => wrong("sampling.count", "is needed: the number of cases".into()),
        };
    }
    let mut product = 1usize;
    for (name, range) in ranges {
        let Some(n) = range.count() else {
            let problem = "has no list of values, which a grid needs; give choice or integers";
            return wrong(&format!("parameters.{name}"), problem.into());
        };
        product = product.saturating_mul(n);
    }
    match config.count {
        Some(count) if count != product => wrong(
            "sampling.count",
            format!("{count}, but the grid has {product} combinations; leave it out"),
        ),
        _ if product > 1_000_000 => wrong(
            "sampling.method",
            format!("a grid of {product} combinations; 1 000 000 are possible"),
        ),
        _ => Ok(product),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(method: SamplingMethod, count: Option<usize>, seed: u64) -> Sampler {
        let ranges = BTreeMap::from([
            ("a".to_string(), ParameterRange::Uniform([0.0, 1.0])),
            ("b".to_string(), ParameterRange::LogUniform([1.0, 10.0])),
        ]);
        let config = SamplingConfig {
            method,
            count,
            seed,
        };
        Sampler::new(&config, &ranges).unwrap()
    }

    fn values(sampler: &Sampler, indices: std::ops::Range<usize>, name: &str) -> Vec<f64> {
        let value = |i| sampler.sample(i).parameters[name].as_float().unwrap();
        indices.map(value).collect()
    }

    #[test]
    fn a_sample_depends_on_seed_and_number_only() {
        for method in [
            SamplingMethod::Random,
            SamplingMethod::LatinHypercube,
            SamplingMethod::Sobol,
        ] {
            let [a, b] = [7, 8].map(|seed| sampler(method, Some(20), seed));
            let forward: Vec<Sample> = (0..20).map(|i| a.sample(i)).collect();
            let mut backward: Vec<Sample> = (0..20).rev().map(|i| a.sample(i)).collect();
            backward.reverse();
            assert_eq!(forward, backward);
            assert_ne!(forward[3].parameters, b.sample(3).parameters);
            let mut seeds: Vec<u64> = forward.iter().map(|s| s.seed).collect();
            seeds.sort_unstable();
            seeds.dedup();
            assert_eq!(seeds.len(), 20);
            assert!(seeds[19] < 1 << 52);
        }
    }

    /// The result is part of a data set's identity: a changed generator would silently change it.
    #[test]
    fn recorded_outcome() {
        let a = sampler(SamplingMethod::LatinHypercube, Some(4), 1);
        let sample = a.sample(2);
        let value = sample.parameters["a"].as_float().unwrap();
        assert_eq!(
            (sample.seed, (value * 1e9) as u64),
            (3_946_928_243_544_871, 584_166_580)
        );
    }

    #[test]
    fn strata_of_latin_hypercubes() {
        let a = sampler(SamplingMethod::LatinHypercube, Some(16), 3);
        for block in [0..16, 16..32] {
            for (name, of) in [("a", 1.0), ("b", 0.0)] {
                let mut strata: Vec<usize> = values(&a, block.clone(), name)
                    .into_iter()
                    .map(|v| if of > 0.0 { v } else { v.log10() })
                    .map(|u| (u * 16.0) as usize)
                    .collect();
                strata.sort_unstable();
                assert_eq!(strata, (0..16).collect::<Vec<_>>());
            }
        }
        assert_ne!(values(&a, 0..16, "a"), values(&a, 16..32, "a"));
    }

    #[test]
    fn shifted_sobol_points_stay_stratified() {
        let a = sampler(SamplingMethod::Sobol, Some(16), 3);
        let mut boxes: Vec<usize> = (0..16)
            .map(|i| {
                let sample = a.sample(i).parameters;
                let u = sample["a"].as_float().unwrap();
                let v = sample["b"].as_float().unwrap().log10();
                4 * (u * 4.0) as usize + (v * 4.0) as usize
            })
            .collect();
        boxes.sort_unstable();
        assert_eq!(boxes, (0..16).collect::<Vec<_>>());
    }

    #[test]
    fn grids_have_every_combination_once() {
        let ranges = BTreeMap::from([
            ("n".to_string(), ParameterRange::Integers([1, 3])),
            (
                "shape".to_string(),
                ParameterRange::Choice(vec!["disc".into(), "square".into()]),
            ),
        ]);
        let config = SamplingConfig {
            method: SamplingMethod::Grid,
            count: None,
            seed: 0,
        };
        let sampler = Sampler::new(&config, &ranges).unwrap();
        assert_eq!((sampler.count(), sampler.is_endless()), (6, false));
        let found: Vec<String> = (0..6)
            .map(|i| {
                let p = sampler.sample(i).parameters;
                format!("{}{}", p["n"], p["shape"].as_str().unwrap())
            })
            .collect();
        let expected = ["1disc", "1square", "2disc", "2square", "3disc", "3square"];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_sampled_is_told() {
        let ranges = BTreeMap::from([("a".to_string(), ParameterRange::Uniform([0.0, 1.0]))]);
        let told = |method, count, place: &str| {
            let config = SamplingConfig {
                method,
                count,
                seed: 0,
            };
            assert_eq!(Sampler::new(&config, &ranges).unwrap_err().0, place);
        };
        told(SamplingMethod::Random, None, "sampling.count");
        told(SamplingMethod::Sobol, Some(0), "sampling.count");
        told(SamplingMethod::Grid, None, "parameters.a");
    }
}
