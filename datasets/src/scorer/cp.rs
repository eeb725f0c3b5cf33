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
        indices.iter().map(|&k| point(wall, state, side, k)).collect()
    };
    CpCurve { upper: side(Side::Upper), lower: side(Side::Lower) }
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
