//! C-grids that reach the undisturbed flow, for flow solvers.

use super::front::Front;
use super::spacing::growing_twice;
use super::{CGrid, CGridBounds, check_count, check_height, march_around};
use crate::MeshError;
use crate::geometry::contour::Contour;
use crate::geometry::error::fault;

/// How far most of the cells reach (three fifths along the wake, three quarters off the wall), in
/// chords.
const NEAR: f64 = 1.0;
/// Layers at the wall that are equally high: where cells grow, values that a finite-volume solver has at their
/// centres give wrong ones at the points between them, and so a wrong friction (7 % for a factor of 1.27).
const EQUAL: usize = 3;
/// Farthest outer boundary, in chords.
const FARTHEST: f64 = 2000.0;

/// How fine a C-grid for a flow solver is, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FarFieldOptions {
    /// Cells on each side of the section.
    pub surface_cells: usize,
    /// Cells along the wake.
    pub wake_cells: usize,
    /// Cells from the wall to the outer boundary.
    pub normal_cells: usize,
    /// Height of the cells at the wall, in chords.
    pub first_height: f64,
    /// From the section to the outer boundary and, downstream, to the outlet, in chords. Upstream of the nose,
    /// where lines fan out, the implicit scheme leaves about half of it.
    pub radius: f64,
}

impl Default for FarFieldOptions {
    /// 26 400 cells out to 200 chords, with a first height of 1e-5 chords.
    fn default() -> Self {
        Self {
            surface_cells: 96,
            wake_cells: 54,
            normal_cells: 88,
            first_height: 1e-5,
            radius: 200.0,
        }
    }
}

/// Heights of the layers.
fn heights(first: f64, radius: f64, cells: usize) -> Option<Vec<f64>> {
    let start = [first; EQUAL];
    let done = first * EQUAL as f64;
    let close = (3 * cells / 4).saturating_sub(EQUAL);
    let left = cells.checked_sub(EQUAL)?;
    let rest = growing_twice(first, NEAR - done, close, radius - done, left)?;
    Some(start.into_iter().chain(rest).collect())
}

impl CGrid {
    /// Builds a grid around a contour that is not cropped: its outer boundary is the last layer and,
    /// downstream, a straight outlet at right angles to x. The three layers at the wall are
    /// equally high; behind them cells grow by one factor as far as one chord, and then by a larger one.
    ///
    /// # Errors
    /// Options without sense, a contour that crosses itself, or one around which no grid without
    /// inverted cells was found.
    pub fn far_field(contour: &Contour, options: &FarFieldOptions) -> Result<Self, MeshError> {
        check_count("surface_cells", options.surface_cells, 8)?;
        check_count("wake_cells", options.wake_cells, 4)?;
        check_count("normal_cells", options.normal_cells, 8)?;
        check_height(options.first_height)?;
        let radius = options.radius;
        if !(2.0..=FARTHEST).contains(&radius) {
            return Err(fault(
                "radius",
                format!("is {radius}: from 2 to {FARTHEST} chords"),
            ));
        }
        contour.check_simple()?;
        let section = contour.resample(options.surface_cells)?;
        section.check_simple()?;
        let (wake, cells) = (options.wake_cells, options.normal_cells);
        let front = Front::new(&section, wake, radius, |first| {
            growing_twice(first, NEAR, 3 * wake / 5, radius, wake)
        })?;
        let heights = heights(options.first_height, radius, cells);
        let heights = heights.ok_or_else(|| {
            fault(
                "normal_cells",
                format!(
                    "{cells} cells cannot reach {radius} chords from a first height of {:.1e}: use others",
                    options.first_height
                ),
            )
        })?;
        march_around(&section, &front, &heights, &CGridBounds::EVERYWHERE)
    }
}
