//! What the sides of the domain do.

use std::fmt;
use std::sync::Arc;

use crate::{Side, SolverError};

/// A velocity as a function of position: m/s at metres.
pub(super) type Profile = Arc<dyn Fn([f64; 3]) -> [f64; 3] + Send + Sync>;

/// What a side of the domain of a [`FlowSolver`](super::FlowSolver) does.
#[derive(Clone)]
pub enum FlowBoundary {
    /// Joined with the opposite side, which must be periodic too.
    Periodic,
    /// A wall that the fluid sticks to, moving along itself with this velocity (m/s).
    NoSlip {
        /// Velocity of the wall; the part across the side must be zero.
        velocity: [f64; 3],
    },
    /// A wall along which the fluid slips without friction; also a plane of symmetry.
    FreeSlip,
    /// The velocity is given: see [`inflow`](Self::inflow).
    Inflow(Velocity),
    /// What arrives leaves: the velocity across the side is carried out at the mean speed of the outflow, and corrected
    /// evenly so that as much leaves as enters; the other components have no slope.
    Outflow,
}

/// A velocity given as a function of position.
#[derive(Clone)]
pub struct Velocity(pub(super) Profile);

impl FlowBoundary {
    /// A wall at rest that the fluid sticks to.
    pub const WALL: Self = Self::NoSlip { velocity: [0.0; 3] };

    /// A given velocity (m/s) as a function of position (m), evaluated once.
    pub fn inflow(velocity: impl Fn([f64; 3]) -> [f64; 3] + Send + Sync + 'static) -> Self {
        Self::Inflow(Velocity(Arc::new(velocity)))
    }

    /// Whether the fluid's velocity along the side is given.
    pub(super) fn holds_along(&self) -> bool {
        matches!(self, Self::NoSlip { .. } | Self::Inflow(_))
    }

    /// The velocity given at a position, zero where none is.
    pub(super) fn velocity(&self, position: [f64; 3]) -> [f64; 3] {
        match self {
            Self::NoSlip { velocity } => *velocity,
            Self::Inflow(Velocity(profile)) => profile(position),
            Self::Periodic | Self::FreeSlip | Self::Outflow => [0.0; 3],
        }
    }
}

impl fmt::Debug for FlowBoundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Periodic => f.write_str("Periodic"),
            Self::NoSlip { velocity } => write!(f, "NoSlip({velocity:?})"),
            Self::FreeSlip => f.write_str("FreeSlip"),
            Self::Inflow(_) => f.write_str("Inflow"),
            Self::Outflow => f.write_str("Outflow"),
        }
    }
}

impl fmt::Debug for Velocity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Velocity")
    }
}

/// Which axes are periodic.
///
/// # Errors
/// A side that is periodic while the opposite one is not; a wall that moves across itself.
pub(super) fn check(
    boundaries: &[FlowBoundary; 6],
    dimension: usize,
) -> Result<[bool; 3], SolverError> {
    let is_periodic = |side: usize| matches!(boundaries[side], FlowBoundary::Periodic);
    for axis in 0..dimension {
        if is_periodic(2 * axis) != is_periodic(2 * axis + 1) {
            let [low, high] = [Side::ALL[2 * axis], Side::ALL[2 * axis + 1]];
            return Err(refusal(format!(
                "one of {low} and {high} is periodic; joined sides are periodic both"
            )));
        }
    }
    for side in &Side::ALL[..2 * dimension] {
        if let FlowBoundary::NoSlip { velocity } = boundaries[*side as usize] {
            if velocity[side.axis()] != 0.0 {
                return Err(refusal(format!(
                    "the wall at {side} moves across itself ({velocity:?}); make it an inflow, or a moving solid"
                )));
            }
            if velocity.iter().any(|v| !v.is_finite()) {
                return Err(refusal(format!(
                    "the wall at {side} moves with {velocity:?}: velocities are finite"
                )));
            }
        }
    }
    Ok([0, 1, 2].map(|axis| axis < dimension && is_periodic(2 * axis)))
}

fn refusal(problem: String) -> SolverError {
    SolverError::Argument {
        what: "boundary",
        problem,
    }
}
