//! What is said of a case that is, or is not, like the train cases.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a case is like the train cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    #[default]
    InDistribution,
    /// About one train case in twenty is as unusual among the others.
    Borderline,
    /// It is farther out than the train cases are from one another.
    OutOfDistribution,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InDistribution => "in distribution",
            Self::Borderline => "borderline",
            Self::OutOfDistribution => "out of distribution",
        })
    }
}

/// An input beyond the values of the train cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutsideInput {
    /// `aoa` (degrees), `speed` (m/s) or the name of a measure (chords).
    pub name: String,
    /// Its value.
    pub value: f64,
    /// The smallest value of the train cases.
    pub train_min: f64,
    /// The largest.
    pub train_max: f64,
    /// How far it lies beyond them, in spacings between the outermost train values.
    pub spacings: f64,
}

/// The verdict on a case, and why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OodVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// The largest of the statistics, each over the value above which a case is out.
    pub score: f64,
    /// The score above which a case is out of distribution: 1.
    pub threshold: f64,
    /// Mahalanobis' distance, over its threshold.
    pub mahalanobis: f64,
    /// Distance to the nearest train cases, over its threshold.
    pub nearest: f64,
    /// The nearest train case.
    pub nearest_case: String,
    /// Inputs beyond the train range, the farthest first.
    pub outside: Vec<OutsideInput>,
}

impl OodVerdict {
    /// Whether the case is out of distribution.
    pub fn is_outside(&self) -> bool {
        self.verdict == Verdict::OutOfDistribution
    }

    /// Why, as a clause; empty for a case in distribution.
    pub fn reason(&self) -> String {
        if self.verdict == Verdict::InDistribution {
            return String::new();
        }
        if let Some(first) = self.outside.first() {
            let more = match self.outside.len() - 1 {
                0 => String::new(),
                1 => ", and one more input".into(),
                n => format!(", and {n} more inputs"),
            };
            return format!("{first}{more}");
        }
        if self.nearest >= self.mahalanobis {
            format!(
                "far from all train cases, the nearest is {}",
                self.nearest_case
            )
        } else {
            "an unusual combination of speed, angle and shape".into()
        }
    }
}

impl fmt::Display for OutsideInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.value > self.train_max {
            "above"
        } else {
            "below"
        };
        let (name, unit, digits) = match self.name.as_str() {
            "aoa" => ("angle of attack".to_string(), "°", 2),
            "speed" => ("speed".to_string(), " m/s", 2),
            name => (name.replace('_', " "), " chords", 4),
        };
        write!(
            f,
            "{name} {:.digits$}{unit} {side} the train range {:.digits$} to {:.digits$}",
            self.value, self.train_min, self.train_max
        )
    }
}
