//! Learning-rate schedules.

use serde::{Deserialize, Serialize};

/// How the learning rate changes over a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Linear warm-up over a share of the run, then half a cosine down to `floor` times the peak.
    Cosine {
        /// Share of the run spent warming up.
        #[serde(default = "default_warmup")]
        warmup: f64,
        /// Final rate over the peak.
        #[serde(default)]
        floor: f64,
    },
    /// Multiplied by `factor` whenever the validation score has not improved for `patience`
    /// evaluations, down to `floor` times the peak: the published setting of MARIO.
    Plateau {
        /// Factor at each drop.
        #[serde(default = "default_factor")]
        factor: f64,
        /// Evaluations without improvement before a drop.
        #[serde(default = "default_patience")]
        patience: usize,
        /// Smallest rate over the peak.
        #[serde(default = "default_floor")]
        floor: f64,
    },
    /// No change.
    Constant,
}

fn default_warmup() -> f64 {
    0.02
}

fn default_factor() -> f64 {
    0.8
}

fn default_patience() -> usize {
    10
}

fn default_floor() -> f64 {
    0.01
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Cosine {
            warmup: default_warmup(),
            floor: 0.0,
        }
    }
}

impl Schedule {
    /// Factor on the peak rate at the share `progress` (0 to 1) of the run, after `drops` plateaus.
    pub fn factor(&self, progress: f64, drops: usize) -> f64 {
        match *self {
            Self::Cosine { warmup, floor } => {
                if progress < warmup {
                    return progress / warmup;
                }
                let share = ((progress - warmup) / (1.0 - warmup)).clamp(0.0, 1.0);
                floor + (1.0 - floor) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
            }
            Self::Plateau { factor, floor, .. } => factor.powi(drops as i32).max(floor),
            Self::Constant => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_warms_up_and_ends_at_the_floor() {
        let schedule = Schedule::Cosine {
            warmup: 0.1,
            floor: 0.01,
        };
        assert_eq!(schedule.factor(0.0, 0), 0.0);
        assert!((schedule.factor(0.05, 0) - 0.5).abs() < 1e-12);
        assert!((schedule.factor(0.1, 0) - 1.0).abs() < 1e-12);
        assert!((schedule.factor(0.55, 0) - 0.505).abs() < 1e-12);
        assert!((schedule.factor(1.0, 0) - 0.01).abs() < 1e-12);
    }

    #[test]
    fn plateau_drops_to_its_floor() {
        let schedule = Schedule::Plateau {
            factor: 0.5,
            patience: 1,
            floor: 0.1,
        };
        let factors: Vec<f64> = (0..5).map(|drops| schedule.factor(0.3, drops)).collect();
        assert_eq!(factors, [1.0, 0.5, 0.25, 0.125, 0.1]);
    }
}
