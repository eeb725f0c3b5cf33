//! Airfoil geometry: contours, signed distances, NACA sections, coordinate files and geometric measures.

mod contour;
mod error;
mod segment_tree;
mod vector;

pub use contour::{ChordFrame, Contour, TrailingEdge};
pub use segment_tree::{Nearest, SegmentTree};
