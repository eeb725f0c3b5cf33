//! Resolved walls and wall functions, and the height of the first cells that they need.

use serde::{Deserialize, Serialize};

use crate::{Conditions, DatasetError};

/// What happens at the wall, and how far from it the first cell centres lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum WallTreatment {
    /// The boundary layer is resolved down to the wall.
    Resolved {
        /// Mean y+ to aim at, below 5; 0.5 to 1 is usual.
        y_plus: f64,
    },
    /// Wall functions bridge the viscous layer: coarser, and of no use for friction on its own.
    WallFunctions {
        /// Mean y+ to aim at, above 11 and up to 300; 40 to 60 is usual.
        y_plus: f64,
    },
}

impl Default for WallTreatment {
    fn default() -> Self {
        Self::Resolved { y_plus: 0.7 }
    }
}

impl WallTreatment {
    /// The y+ that is aimed at.
    pub fn y_plus(&self) -> f64 {
        let (Self::Resolved { y_plus } | Self::WallFunctions { y_plus }) = *self;
        y_plus
    }

    /// Height of the first cells, m, for a chord of 1 m: twice the distance of a centre at the wanted y+.
    ///
    /// The friction is that of a turbulent flat plate, `C_f = 0.026 / Re^(1/7)`: F. M. White, "Viscous fluid
    /// flow", 2nd edition, 1991, section 6-6.
    pub fn first_height(&self, conditions: &Conditions) -> f64 {
        let Conditions { speed, nu, .. } = *conditions;
        let friction = 0.026 / (speed / nu).powf(1.0 / 7.0);
        2.0 * self.y_plus() * nu / (speed * (0.5 * friction).sqrt())
    }

    pub(super) fn check(&self) -> Result<(), DatasetError> {
        let (fits, allowed) = match *self {
            Self::Resolved { y_plus } => (y_plus > 0.0 && y_plus < 5.0, "above 0 and below 5"),
            Self::WallFunctions { y_plus } => {
                (y_plus > 11.0 && y_plus <= 300.0, "above 11 and up to 300")
            }
        };
        if fits {
            return Ok(());
        }
        Err(DatasetError::Argument {
            what: "y_plus",
            problem: format!("is {}; {allowed} with this wall treatment", self.y_plus()),
        })
    }

    /// Entries of the wall patch in the files of nut, k and omega.
    pub(super) fn conditions(&self, height: f64, nu: f64, k: f64) -> [String; 3] {
        // Menter's value at a smooth wall; omegaWallFunction computes its own from the second iteration on.
        let omega = 6.0 * nu / (0.075 * height * height);
        let (nut, k) = match self {
            Self::Resolved { .. } => (
                "type nutLowReWallFunction; value uniform 0;",
                "type fixedValue; value uniform 0;".into(),
            ),
            Self::WallFunctions { .. } => (
                "type nutUSpaldingWallFunction; value uniform 0;",
                format!("type kqRWallFunction; value uniform {k:e};"),
            ),
        };
        [
            nut.into(),
            k,
            format!("type omegaWallFunction; value uniform {omega:e};"),
        ]
    }
}
