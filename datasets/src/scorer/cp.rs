//! Pressure and friction coefficients along the airfoil.
//!
//! `C_p = p / (U^2/2)` with kinematic pressure relative to the far field, and `C_f = tau_w . t /
//! (U^2/2)` with `t` the unit tangent from the leading to the trailing edge: negative where the
//! flow is separated.

use serde::{Deserialize, Serialize};

use super::forces::WallState;
use super::wall::{Side, Wall};

/// One point of a curve along the chord.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CpPoint {
    /// Position along the chord: 0 leading edge, 1 trailing edge.
    pub chord: f64,
    /// Pressure coefficient.
    pub cp: f64,
    /// Friction coefficient, positive downstream.
    pub cf: f64,
}

/// Pressure and friction coefficients on both sides, from the leading to the trailing edge. Both
/// curves begin at the same point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CpCurve {
    /// Upper side.
    pub upper: Vec<CpPoint>,
    /// Lower side.
    pub lower: Vec<CpPoint>,
}

/// The curves of a state of the wall.
pub fn cp_curve(wall: &Wall, state: &WallState) -> CpCurve {
    let side = |side| {
        let indices = match side {
            Side::Upper => wall.contour.upper_indices(),
            _ => wall.contour.lower_indices(),
        };
        indices
            .iter()
            .map(|&k| point(wall, state, side, k))
            .collect()
    };
    CpCurve {
        upper: side(Side::Upper),
        lower: side(Side::Lower),
    }
}

fn point(wall: &Wall, state: &WallState, side: Side, k: usize) -> CpPoint {
    let tangent = wall.tangent(side, k);
    let scale = 1.0 / wall.dynamic_pressure();
    let [x, y] = state.shear[k];
    CpPoint {
        chord: wall.contour.chord().to_local(wall.contour.points()[k])[0],
        cp: state.pressure[k] * scale,
        cf: (x * tangent[0] + y * tangent[1]) * scale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::testing::{Case, section};

    #[test]
    fn curves_run_from_nose_to_tail_with_signs() {
        let mut case = Case::new(section(50));
        case.speed = 4.0;
        let sample = case.sample(|[x, y]| {
            (
                [0.0; 2],
                if y > 0.2 * x * (1.0 - x) { -8.0 } else { 4.0 },
                0.0,
            )
        });
        let wall = Wall::from_sample(&sample).unwrap();
        let n = wall.len();
        // Friction along the chord everywhere.
        let pressure = wall
            .nodes
            .iter()
            .map(|&k| sample.scalar("p").unwrap()[k as usize])
            .collect();
        let state = WallState {
            pressure,
            shear: vec![[0.8, 0.0]; n],
        };
        let curve = cp_curve(&wall, &state);
        assert_eq!(
            curve.upper[0],
            CpPoint {
                cf: curve.upper[0].cf,
                ..curve.lower[0]
            }
        );
        for (side, cp) in [(&curve.upper, -1.0), (&curve.lower, 0.5)] {
            assert!(side.windows(2).skip(3).all(|w| w[0].chord < w[1].chord));
            assert!((side.last().unwrap().chord - 1.0).abs() < 1e-12);
            for point in &side[5..side.len() - 5] {
                assert_eq!(point.cp, cp);
                assert!(point.cf > 0.05 && point.cf <= 0.1 + 1e-12, "{point:?}");
            }
        }
    }
}
