//! What a surrogate must beat.

mod kd_tree;
mod nearest;
mod wall_coordinates;

pub use nearest::NearestCase;
