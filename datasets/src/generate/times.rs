//! The times that are stored.

use serde::{Deserialize, Serialize};

/// Snapshots at most.
const MOST: usize = 1_000_000;

/// The times that are stored: evenly from `start` to `end`, or those listed in `at`. In seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimesConfig {
    /// The first time; what was before is computed but not stored.
    #[serde(default)]
    pub start: Option<f64>,
    /// The last time.
    #[serde(default)]
    pub end: Option<f64>,
    /// Number of times, first and last included.
    #[serde(default)]
    pub snapshots: Option<usize>,
    /// The times themselves.
    #[serde(default)]
    pub at: Option<Vec<f64>>,
}

impl TimesConfig {
    /// The list of times.
    ///
    /// # Errors
    /// What is wrong, as a setting and a clause.
    pub(super) fn list(&self) -> Result<Vec<f64>, (String, String)> {
        let wrong = |place: &str, problem: String| Err((format!("times{place}"), problem));
        if let Some(times) = &self.at {
            if self.start.is_some() || self.end.is_some() || self.snapshots.is_some() {
                return wrong("", "give either at, or start, end and snapshots".into());
            }
            let ascend = times.windows(2).all(|pair| pair[0] < pair[1]);
            let fine = !times.is_empty() && ascend && times.iter().all(|t| allowed(*t));
            return match fine {
                true => Ok(times.clone()),
                false => wrong(".at", "must be finite, not negative, and ascend".into()),
            };
        }
        let (Some(end), Some(n)) = (self.end, self.snapshots) else {
            return wrong("", "end and snapshots are needed, or a list at".into());
        };
        let start = self.start.unwrap_or(0.0);
        if !(2..=MOST).contains(&n) {
            return wrong(".snapshots", format!("{n}; 2 to {MOST} are possible"));
        }
        if !allowed(start) || !allowed(end) || start >= end {
            let problem = format!("from {start} to {end} s is no range of times from 0 on");
            return wrong(".end", problem);
        }
        // The last one exactly, whatever rounding does.
        let step = (end - start) / (n - 1) as f64;
        let time = |i: usize| {
            if i + 1 == n {
                end
            } else {
                start + i as f64 * step
            }
        };
        Ok((0..n).map(time).collect())
    }
}

fn allowed(time: f64) -> bool {
    time.is_finite() && time >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<f64>, (String, String)> {
        toml::from_str::<TimesConfig>(text).unwrap().list()
    }

    #[test]
    fn both_forms() {
        assert_eq!(list("at = [0, 0.5, 2]").unwrap(), [0.0, 0.5, 2.0]);
        let times = list("start = 1.0\nend = 1.3\nsnapshots = 4").unwrap();
        assert_eq!((times.len(), times[0], times[3]), (4, 1.0, 1.3));
        assert!((times[1] - 1.1).abs() < 1e-15);
    }

    #[test]
    fn what_are_no_times_is_told() {
        for (text, place) in [
            ("", "times"),
            ("end = 2.0", "times"),
            ("at = [1.0, 1.0]", "times.at"),
            ("at = [-1.0, 1.0]", "times.at"),
            ("at = [1.0]\nend = 2.0", "times"),
            ("end = 2.0\nsnapshots = 1", "times.snapshots"),
            ("end = nan\nsnapshots = 3", "times.end"),
            ("start = 3.0\nend = 2.0\nsnapshots = 3", "times.end"),
        ] {
            assert_eq!(list(text).unwrap_err().0, place, "{text}");
        }
    }
}
