//! Seeded splits of case names: validation held out of train, random parts, strata, folds.
//!
//! The outcome depends on the set of names, the sizes and the seed, and not on the order in which
//! the names come nor on the machine: names are sorted before they are shuffled (ChaCha8). Each
//! part keeps the order of the input.

use std::collections::{HashMap, HashSet};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::DatasetError;

/// Two disjoint parts that make up the whole together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The part to train on.
    pub train: Vec<String>,
    /// The part held out.
    pub validation: Vec<String>,
}

/// Holds `fraction` of `names` out for validation.
///
/// The held-out part has `round(fraction * n)` names, at least one when `fraction > 0`, and always
/// leaves one to train on. `fraction = 0` holds nothing out.
///
/// # Errors
/// A fraction outside `0 <= fraction < 1`, an empty list, a name that comes twice, or a single
/// name of which a part is to be held out.
pub fn split_validation(names: &[String], fraction: f64, seed: u64) -> Result<Split, DatasetError> {
    let held_out = held_out_size(names, fraction)?;
    let shuffled = shuffled(names, seed)?;
    let chosen: HashSet<&str> = shuffled.into_iter().take(held_out).collect();
    Ok(part_by(names, &chosen))
}

/// As [`split_validation`], but the held-out part is spread evenly over `values` (one per name,
/// for example the angle of attack), so that it covers their range.
///
/// The names are ordered by value and cut into as many strata as names are to be held out; one is
/// drawn from each stratum.
///
/// # Errors
/// As [`split_validation`]; also when `values` has another length than `names`, or holds a value
/// that is not finite.
pub fn split_stratified(
    names: &[String],
    values: &[f64],
    fraction: f64,
    seed: u64,
) -> Result<Split, DatasetError> {
    if values.len() != names.len() {
        return Err(DatasetError::Size {
            what: "values to stratify by, one per name".into(),
            expected: names.len(),
            found: values.len(),
        });
    }
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        return Err(DatasetError::Argument {
            what: "values to stratify by",
            problem: format!("the value of {} is {}", names[at], values[at]),
        });
    }
    let held_out = held_out_size(names, fraction)?;
    // Equal values are ordered by the shuffle, not by the name: a stable sort keeps its order.
    let value_of: HashMap<&str, f64> = names
        .iter()
        .map(String::as_str)
        .zip(values.iter().copied())
        .collect();
    let mut ordered = shuffled(names, seed)?;
    ordered.sort_by(|a, b| value_of[a].total_cmp(&value_of[b]));
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5354_5241_5441);
    let n = ordered.len();
    let chosen = (0..held_out)
        .map(|s| {
            let (from, to) = (s * n / held_out, (s + 1) * n / held_out);
            ordered[rand::Rng::random_range(&mut rng, from..to)]
        })
        .collect();
    Ok(part_by(names, &chosen))
}

/// Cuts `names` at random into one part per entry of `fractions`, which must add up to 1.
///
/// Sizes are rounded so that they add up to the number of names and differ from the exact ones by
/// at most one.
///
/// # Errors
/// Fractions that are negative or do not add up to 1 (to 1e-9), an empty list, a name that comes
/// twice, or a positive fraction whose part would be empty.
pub fn split_fractions(
    names: &[String],
    fractions: &[f64],
    seed: u64,
) -> Result<Vec<Vec<String>>, DatasetError> {
    let sum: f64 = fractions.iter().sum();
    if fractions.iter().any(|f| f.is_nan() || *f < 0.0) || (sum - 1.0).abs() > 1e-9 {
        return Err(DatasetError::Argument {
            what: "fractions",
            problem: format!("{fractions:?} must each be at least 0 and add up to 1, not {sum}"),
        });
    }
    let shuffled = shuffled(names, seed)?;
    let mut parts = Vec::with_capacity(fractions.len());
    let (mut covered, mut from) = (0.0, 0);
    for &fraction in fractions {
        covered += fraction;
        let to = ((covered * names.len() as f64).round() as usize).min(names.len());
        if to == from && fraction > 0.0 {
            return Err(DatasetError::Argument {
                what: "fractions",
                problem: format!("a part of {fraction} of {} cases is empty", names.len()),
            });
        }
        let chosen: HashSet<&str> = shuffled[from..to].iter().copied().collect();
        parts.push(part_by(names, &chosen).validation);
        from = to;
    }
    Ok(parts)
}

/// `k` splits; each name is held out in exactly one of them.
///
/// # Errors
/// `k` below 2 or above the number of names, an empty list, or a name that comes twice.
pub fn k_fold(names: &[String], k: usize, seed: u64) -> Result<Vec<Split>, DatasetError> {
    if k < 2 || k > names.len() {
        return Err(DatasetError::Argument {
            what: "k",
            problem: format!("{k} folds of {} cases; allowed: 2 to that", names.len()),
        });
    }
    let shuffled = shuffled(names, seed)?;
    let n = names.len();
    Ok((0..k)
        .map(|f| {
            let fold = &shuffled[f * n / k..(f + 1) * n / k];
            part_by(names, &fold.iter().copied().collect())
        })
        .collect())
}

fn held_out_size(names: &[String], fraction: f64) -> Result<usize, DatasetError> {
    let problem = if !(0.0..1.0).contains(&fraction) {
        Some(format!("{fraction} is not in 0 <= fraction < 1"))
    } else if fraction > 0.0 && names.len() < 2 {
        Some(format!("cannot hold a part out of {} cases", names.len()))
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(DatasetError::Argument {
            what: "validation fraction",
            problem,
        });
    }
    if fraction == 0.0 {
        return Ok(0);
    }
    let wanted = (fraction * names.len() as f64).round() as usize;
    Ok(wanted.clamp(1, names.len() - 1))
}

/// The names in a seeded random order that does not depend on the order they come in.
fn shuffled(names: &[String], seed: u64) -> Result<Vec<&str>, DatasetError> {
    if names.is_empty() {
        return Err(DatasetError::Argument {
            what: "names",
            problem: "an empty list cannot be split".into(),
        });
    }
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(DatasetError::Argument {
            what: "names",
            problem: format!("\"{}\" comes more than once", pair[0]),
        });
    }
    sorted.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    Ok(sorted)
}

fn part_by(names: &[String], held_out: &HashSet<&str>) -> Split {
    let (validation, train) = names
        .iter()
        .cloned()
        .partition(|name| held_out.contains(name.as_str()));
    Split { train, validation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|i| format!("case_{i:03}")).collect()
    }

    #[test]
    fn sizes_are_rounded_and_never_take_all() {
        for (n, fraction, expected) in [(88, 0.1, 9), (22, 0.1, 2), (2, 0.01, 1), (3, 0.99, 2)] {
            let split = split_validation(&names(n), fraction, 1).unwrap();
            assert_eq!(
                (split.validation.len(), split.train.len()),
                (expected, n - expected)
            );
        }
        assert!(
            split_validation(&names(5), 0.0, 1)
                .unwrap()
                .validation
                .is_empty()
        );
    }

    #[test]
    fn seed_decides_and_order_does_not() {
        let forward = names(50);
        let backward: Vec<String> = forward.iter().rev().cloned().collect();
        let a = split_validation(&forward, 0.2, 7).unwrap();
        let mut b = split_validation(&backward, 0.2, 7).unwrap();
        b.validation.reverse();
        assert_eq!(a.validation, b.validation);
        assert_ne!(a, split_validation(&forward, 0.2, 8).unwrap());
    }

    /// The result is part of a run's identity: a changed generator would silently change it.
    #[test]
    fn recorded_outcome() {
        let split = split_validation(&names(10), 0.3, 42).unwrap();
        assert_eq!(split.validation, ["case_001", "case_005", "case_007"]);
    }

    #[test]
    fn strata_cover_the_range() {
        let n = 60;
        let values: Vec<f64> = (0..n).map(|i| f64::from(i as u32) * 0.5).collect();
        let split = split_stratified(&names(n), &values, 0.1, 3).unwrap();
        assert_eq!(split.validation.len(), 6);
        for (stratum, name) in split.validation.iter().enumerate() {
            let index: usize = name[5..].parse().unwrap();
            assert_eq!(index / 10, stratum, "one of each ten");
        }
    }

    #[test]
    fn wrong_arguments_are_errors() {
        let twice = vec!["a".to_string(), "b".into(), "a".into()];
        assert!(
            split_validation(&twice, 0.5, 0)
                .unwrap_err()
                .to_string()
                .contains("\"a\"")
        );
        assert!(split_validation(&[], 0.0, 0).is_err());
        assert!(split_validation(&names(1), 0.5, 0).is_err());
        for fraction in [1.0, -0.1, f64::NAN] {
            assert!(split_validation(&names(9), fraction, 0).is_err());
        }
        assert!(split_stratified(&names(3), &[0.0, 1.0], 0.5, 0).is_err());
        assert!(split_stratified(&names(2), &[0.0, f64::NAN], 0.5, 0).is_err());
        assert!(split_fractions(&names(3), &[0.5, 0.4], 0).is_err());
        assert!(split_fractions(&names(3), &[0.99, 0.01], 0).is_err());
        assert!(k_fold(&names(3), 1, 0).is_err());
        assert!(k_fold(&names(3), 4, 0).is_err());
    }

    proptest! {
        #[test]
        fn parts_partition_the_names(n in 2usize..60, fraction in 0.01f64..0.99, seed: u64) {
            let all = names(n);
            let split = split_validation(&all, fraction, seed).unwrap();
            let mut joined = [split.train, split.validation].concat();
            joined.sort();
            prop_assert_eq!(joined, all);
        }

        #[test]
        fn folds_hold_each_name_out_once(n in 2usize..40, k in 2usize..10, seed: u64) {
            prop_assume!(k <= n);
            let all = names(n);
            let folds = k_fold(&all, k, seed).unwrap();
            let mut held: Vec<String> = folds.iter().flat_map(|f| f.validation.clone()).collect();
            held.sort();
            prop_assert_eq!(held, all);
        }

        #[test]
        fn fractions_add_up(n in 10usize..60, seed: u64) {
            let parts = split_fractions(&names(n), &[0.7, 0.2, 0.1], seed).unwrap();
            prop_assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), n);
            let exact = 0.2 * n as f64;
            prop_assert!((parts[1].len() as f64 - exact).abs() <= 1.0);
        }
    }
}
