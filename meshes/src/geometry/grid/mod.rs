//! A C-grid of quads around an airfoil, for predictions where no mesh is given.
//!
//! The section is resampled; layers march away from it and from a wake cut behind its trailing edge
//! (`march`), orthogonal to the wall and growing geometrically from a given first height; a blunt
//! trailing edge sheds a wake of its own height. Then whole cells are cropped to a box, as in AirfRANS,
//! so the outer edge is ragged.

mod assemble;
mod block_tridiagonal;
mod far_field;
mod front;
mod march;
mod spacing;

use super::contour::Contour;
use super::error::fault;
use super::vector::{cross, minus};
use crate::{Mesh, MeshError};
pub use far_field::FarFieldOptions;
use front::Front;

/// Dissipation coefficients to try, one after the other.
const DISSIPATION: [f64; 4] = [1.0, 3.0, 9.0, 27.0];
/// Length of the layers that are added to reach the corners of the box, over the way to them.
const SURPLUS: f64 = 0.75;

/// The box to which a grid is cropped, in chords: x from the leading edge, y from the trailing edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CGridBounds {
    /// Upstream end, below 0.
    pub x_min: f64,
    /// Downstream end, above 1.
    pub x_max: f64,
    /// Lower end, below 0.
    pub y_min: f64,
    /// Upper end, above 0.
    pub y_max: f64,
}

impl CGridBounds {
    /// No cropping.
    const EVERYWHERE: Self = Self {
        x_min: f64::NEG_INFINITY,
        x_max: f64::INFINITY,
        y_min: f64::NEG_INFINITY,
        y_max: f64::INFINITY,
    };
}

/// How fine a C-grid is, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CGridOptions {
    /// Cells on each side of the section.
    pub surface_cells: usize,
    /// Cells along the wake.
    pub wake_cells: usize,
    /// Cells from the wall to the farthest corner of the box (some more where layers are thinner).
    pub normal_cells: usize,
    /// Height of the cells at the wall, in chords.
    pub first_height: f64,
    /// The box.
    pub bounds: CGridBounds,
}

impl Default for CGridOptions {
    /// About 16 thousand points in AirfRANS's box, with a first height of 2e-5 chords.
    fn default() -> Self {
        Self {
            surface_cells: 80,
            wake_cells: 48,
            normal_cells: 68,
            first_height: 2e-5,
            bounds: CGridBounds {
                x_min: -2.0,
                x_max: 4.0,
                y_min: -1.5,
                y_max: 1.5,
            },
        }
    }
}

/// A grid around an airfoil and the wall it starts from.
#[derive(Debug, Clone)]
pub struct CGrid {
    /// Quads (counter-clockwise) in the plane z = 0, in the unit of the contour. Point zones:
    /// `aerofoil` (in the order of `contour`) and `freestream` (the outer edge).
    pub mesh: Mesh,
    /// The resampled contour. Its points are those of the zone `aerofoil`.
    pub contour: Contour,
}

impl CGrid {
    /// Builds a grid around a contour.
    ///
    /// # Errors
    /// Options without sense, a contour that crosses itself, or one around which no grid without
    /// inverted cells was found.
    pub fn new(contour: &Contour, options: &CGridOptions) -> Result<Self, MeshError> {
        check(options)?;
        contour.check_simple()?;
        let section = contour.resample(options.surface_cells)?;
        section.check_simple()?;
        let b = options.bounds;
        let length = b.x_max - 1.0;
        let wake = options.wake_cells;
        let front = Front::new(&section, wake, length, |first| {
            spacing::growing(first, front::longest(length, wake), length, wake)
        })?;
        let corner = b.x_min.hypot(b.y_min.abs().max(b.y_max));
        let total = corner.max(b.y_max).max(-b.y_min);
        let cells = options.normal_cells;
        let heights = spacing::growing(
            options.first_height,
            front::longest(total, cells),
            total,
            cells,
        );
        let heights = heights.ok_or_else(|| {
            fault(
                "normal_cells",
                format!(
                    "{} cells cannot reach {total:.2} chords from a first height of {:.1e}: use others",
                    options.normal_cells, options.first_height
                ),
            )
        })?;
        // On a convex front layers lose height: go on until the corners are surely covered.
        let last = heights[heights.len() - 1];
        let more = (SURPLUS * total / last).ceil() as usize;
        let heights: Vec<f64> = heights
            .into_iter()
            .chain(std::iter::repeat_n(last, more))
            .collect();
        march_around(&section, &front, &heights, &options.bounds)
    }
}

/// Layers of these heights around a section, cropped, with as little dissipation as keeps cells from
/// turning inside out.
fn march_around(
    section: &Contour,
    front: &Front,
    heights: &[f64],
    bounds: &CGridBounds,
) -> Result<CGrid, MeshError> {
    let mut worst = None;
    for dissipation in DISSIPATION {
        let Some(layers) = march::march(front.points.clone(), heights, dissipation) else {
            continue;
        };
        let cells = assemble::Cells::new(front, &layers, bounds);
        match cells.inverted() {
            None => return cells.finish(section),
            place => worst = place,
        }
    }
    let place = worst.map_or(String::new(), |[x, y]| {
        format!(" near ({x:.4}, {y:.4}) chords")
    });
    Err(fault(
        "C-grid",
        format!(
            "cells turn inside out{place}: the contour is too concave or too uneven there; \
             smooth it, or change surface_cells"
        ),
    ))
}

fn check(options: &CGridOptions) -> Result<(), MeshError> {
    check_count("surface_cells", options.surface_cells, 8)?;
    check_count("wake_cells", options.wake_cells, 4)?;
    check_count("normal_cells", options.normal_cells, 4)?;
    check_height(options.first_height)?;
    let CGridBounds {
        x_min,
        x_max,
        y_min,
        y_max,
    } = options.bounds;
    let sides = [
        ("x_min", -0.1 - x_min),
        ("x_max", x_max - 1.1),
        ("y_min", -0.5 - y_min),
        ("y_max", y_max - 0.5),
    ];
    for (name, slack) in sides {
        if !(0.0..=100.0).contains(&slack) {
            let problem = "must leave the section inside: x_min <= -0.1, x_max >= 1.1, y_min <= -0.5, \
                           y_max >= 0.5, none beyond 100 chords";
            return Err(fault(format!("bound {name}"), problem));
        }
    }
    Ok(())
}

fn check_count(name: &str, value: usize, least: usize) -> Result<(), MeshError> {
    if (least..=4096).contains(&value) {
        return Ok(());
    }
    let problem = format!("is {value}: from {least} to 4096 are possible");
    Err(fault(name, problem))
}

fn check_height(height: f64) -> Result<(), MeshError> {
    if height > 0.0 && height <= front::LONGEST {
        return Ok(());
    }
    let problem = format!("is {height}: above 0 and up to {} chords", front::LONGEST);
    Err(fault("first_height", problem))
}

/// Twice the areas of the triangles at the four corners of a quad: all positive when it is convex
/// and counter-clockwise.
fn corner_areas(q: [[f64; 2]; 4]) -> [f64; 4] {
    [0, 1, 2, 3].map(|k| cross(minus(q[(k + 1) % 4], q[k]), minus(q[(k + 3) % 4], q[k])))
}

#[cfg(test)]
mod tests;
