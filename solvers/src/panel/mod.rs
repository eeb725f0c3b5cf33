//! Potential flow past an airfoil by panels of linear vortex strength.
//!
//! M. Drela, "XFOIL: An analysis and design system for low Reynolds number airfoils", in Low
//! Reynolds Number Aerodynamics, Springer (1989), eq. 1 to 10; J. Katz, A. Plotkin, "Low-Speed
//! Aerodynamics", 2nd ed., Cambridge (2001), ch. 11.
//!
//! The wall is a polygon that carries a vortex sheet, linear on each panel; its strength is the
//! tangential velocity outside, since the fluid inside is at rest. The stream function is the same
//! at all nodes (its value is an unknown), and the strengths at both sides of the trailing edge sum
//! to zero (Kutta). At a sharp edge, whose two nodes give the same equation, the second derivative
//! of the speed is taken as zero instead. A blunt base carries the source and the vortex strength
//! that let the flow leave along the bisector of the edge. Angles of attack combine the flows at 0
//! and 90 degrees.
//!
//! Departures from the paper:
//! 1. The contour is resampled ([`Contour::resample`]): CFD walls are too uneven, and too fine.
//! 2. The extrapolation at a sharp edge allows for uneven spacing.
//! 3. The velocity off the wall is not that of the panels, which is infinite at each corner of the
//!    polygon, but Cauchy's integral of the complex velocity at the nodes: see `field.rs`.
//!
//! Second order in the panel size: lift, wall and field.

mod field;
mod lanes;
mod system;
#[cfg(test)]
mod tests;

use faer::c64;
use karman_meshes::{Contour, TrailingEdge};

use crate::SolverError;
use field::Sheet;
use system::Wall;

/// Panels on each side of the airfoil, unless told otherwise.
const PER_SIDE: usize = 120;

/// The flows past an airfoil at all angles of attack: solved once, combined for each angle.
///
/// Lengths are those of the contour, velocities are over that of the free stream, angles are to
/// the x axis.
#[derive(Debug, Clone)]
pub struct PanelFlow {
    wall: Wall,
    /// Strengths at the nodes for a free stream along x and along y.
    strengths: [Vec<f64>; 2],
}

impl PanelFlow {
    /// Solves with 120 panels on each side, cosine-spaced.
    ///
    /// # Errors
    /// A contour that crosses itself so that the system is singular.
    pub fn new(contour: &Contour) -> Result<Self, SolverError> {
        Self::with_panels(contour, PER_SIDE)
    }

    /// Solves with `per_side` panels on each side.
    ///
    /// # Errors
    /// As [`PanelFlow::new`]; `per_side` below 3.
    pub fn with_panels(contour: &Contour, per_side: usize) -> Result<Self, SolverError> {
        // Three nodes of each side are needed at the trailing edge.
        if per_side < 3 {
            return Err(SolverError::Argument {
                what: "panels a side",
                problem: format!("{per_side}; at least 3 are needed"),
            });
        }
        let section = contour
            .resample(per_side)
            .map_err(|source| SolverError::Geometry {
                what: "panels of an airfoil",
                source,
            })?;
        let frame = contour.chord();
        let chord = frame.length();
        let middle = [0, 1].map(|k| 0.5 * (frame.leading_edge[k] + frame.trailing_edge[k]));
        let mut points: Vec<[f64; 2]> = section
            .points()
            .iter()
            .map(|p| [0, 1].map(|k| (p[k] - middle[k]) / chord))
            .collect();
        if section.trailing_edge() == TrailingEdge::Sharp {
            points.push(points[0]);
        }
        let wall = Wall::new(points, middle, chord);
        let strengths = system::solve(&wall)?;
        Ok(Self { wall, strengths })
    }

    /// The flow at the angle of attack `alpha`, radians.
    #[must_use]
    pub fn at(&self, alpha: f64) -> PanelSolution {
        let (sin, cos) = alpha.sin_cos();
        let [along, across] = &self.strengths;
        let strength: Vec<f64> = along
            .iter()
            .zip(across)
            .map(|(a, b)| cos * a + sin * b)
            .collect();
        let velocity = self.wall.complex_velocity(&strength);
        PanelSolution {
            sheet: Sheet::new(&self.wall, &velocity, c64::new(cos, -sin)),
            wall: self.wall.clone(),
            strength,
            alpha,
        }
    }
}

/// The flow past an airfoil at one angle of attack.
#[derive(Debug, Clone)]
pub struct PanelSolution {
    wall: Wall,
    strength: Vec<f64>,
    sheet: Sheet,
    alpha: f64,
}

impl PanelSolution {
    /// Solves for one angle of attack, radians. For several angles use [`PanelFlow`].
    ///
    /// # Errors
    /// As [`PanelFlow::new`].
    pub fn solve(contour: &Contour, alpha: f64) -> Result<Self, SolverError> {
        Ok(PanelFlow::new(contour)?.at(alpha))
    }

    /// Angle of attack, radians.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The nodes of the panels, from the upper to the lower corner of the trailing edge by way of
    /// the leading edge. A sharp trailing edge is both the first and the last node.
    #[must_use]
    pub fn nodes(&self) -> Vec<[f64; 2]> {
        let wall = &self.wall;
        wall.points.iter().map(|&p| wall.to_global(p)).collect()
    }

    /// Tangential velocity at the nodes, positive along their order: so as a rule negative on the
    /// upper side.
    #[must_use]
    pub fn surface_velocity(&self) -> &[f64] {
        &self.strength
    }

    /// Pressure coefficient at the nodes.
    #[must_use]
    pub fn surface_cp(&self) -> Vec<f64> {
        self.strength.iter().map(|v| 1.0 - v * v).collect()
    }

    /// Circulation, counter-clockwise, over speed (m for a contour in m).
    #[must_use]
    pub fn circulation(&self) -> f64 {
        self.wall.circulation(&self.strength) * self.wall.chord
    }

    /// Lift coefficient on the chord of the contour, by Kutta and Joukowski.
    #[must_use]
    pub fn lift_coefficient(&self) -> f64 {
        -2.0 * self.wall.circulation(&self.strength)
    }

    /// Lift, drag and moment coefficients of the pressure on the wall. The moment is that about
    /// the quarter chord, positive nose up. The drag is zero but for the error of the method, and
    /// the suction of a blunt base.
    #[must_use]
    pub fn pressure_coefficients(&self) -> [f64; 3] {
        let [x, y, moment] = self.wall.pressure_forces(&self.strength);
        let (sin, cos) = self.alpha.sin_cos();
        [y * cos - x * sin, y * sin + x * cos, moment]
    }

    /// Moment coefficient about the quarter chord, positive nose up.
    #[must_use]
    pub fn moment_coefficient(&self) -> f64 {
        self.pressure_coefficients()[2]
    }

    /// Velocity at points outside of the airfoil and on it, where it is the limit from outside.
    /// Points that lie inside by rounding, or between the wall and its polygon, get the velocity
    /// continued from outside; deep inside there is none, and the values mean nothing.
    #[must_use]
    pub fn velocity_at(&self, points: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let wall = &self.wall;
        self.sheet.velocity(points, |p| wall.to_local(p))
    }

    /// Pressure coefficient at points: `1 - |velocity|^2`.
    #[must_use]
    pub fn cp_at(&self, points: &[[f64; 2]]) -> Vec<f64> {
        let velocity = self.velocity_at(points);
        velocity
            .iter()
            .map(|v| 1.0 - v[0] * v[0] - v[1] * v[1])
            .collect()
    }
}
