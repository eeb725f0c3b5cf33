//! Airfoil geometry: contours, signed distances, NACA sections, coordinate files and geometric measures; closed surfaces in
//! space.

mod contour;
mod cst;
mod dat;
mod error;
mod grid;
mod least_squares;
mod measures;
mod naca;
mod segment_tree;
mod surface;
mod vector;

pub use contour::{ChordFrame, Contour, TrailingEdge};
pub use cst::{Cst, CstFit, CstOptions};
pub use dat::{DatAirfoil, DatLayout, parse_dat, read_dat};
pub use grid::{CGrid, CGridBounds, CGridOptions, FarFieldOptions};
pub use measures::AirfoilMeasures;
pub use naca::{AirfransName, Naca, NacaTrailingEdge, Reflex, naca4, naca5};
pub use segment_tree::{Nearest, SegmentTree};
pub use surface::ClosedSurface;

#[cfg(test)]
mod real_cases;
