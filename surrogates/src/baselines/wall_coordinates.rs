//! Coordinates in which the flows around two airfoils can be laid over one another.
//!
//! A point has the place of its nearest wall point along the contour, the logarithm of its distance,
//! and the direction in which it lies from there. The direction follows from the place except where
//! many points share one: in the wake, all of whose points are nearest to the trailing edge.

use karman_datasets::{ColumnSelector, PointTable};

use crate::SurrogateError;

/// Number of coordinates.
pub(super) const COORDINATES: usize = 4;
/// Distance at which the logarithm of the distance begins, m: that of the viscous sublayer.
const SUBLAYER: f32 = 3e-5;
/// Distance below which a direction is rounding, m.
const ROUNDED: f32 = 1e-3;
/// Weights of the place along the contour, the logarithm of the distance, the direction.
const PLACE: f32 = 8.0;
const DISTANCE: f32 = 1.0;
const DIRECTION: f32 = 4.0;

/// The coordinates of all rows of a table.
///
/// # Shapes
/// `[n]` for a table of n rows.
///
/// # Errors
/// A table without `x`, `y`, `sdf`, `arc`, `wall_x` or `wall_y`, or with values in them that are not
/// finite.
pub(super) fn wall_coordinates(
    table: &PointTable,
) -> Result<Vec<[f32; COORDINATES]>, SurrogateError> {
    let names = ["x", "y", "sdf", "arc", "wall_x", "wall_y"];
    let rows = ColumnSelector::new(table.columns(), &names)?.gather(table.data());
    if let Some(at) = rows.iter().position(|v| !v.is_finite()) {
        return Err(SurrogateError::Data {
            what: "points to map a flow onto",
            problem: format!(
                "{} of point {} is {}; all coordinates must be numbers",
                names[at % names.len()],
                at / names.len(),
                rows[at]
            ),
        });
    }
    // Upper and lower side have their own length: leading edges lie on leading edges, and trailing
    // edges on trailing edges.
    let arcs = || rows.chunks_exact(names.len()).map(|row| row[3]);
    let upper = arcs().fold(f32::MIN_POSITIVE, f32::max);
    let lower = arcs().fold(-f32::MIN_POSITIVE, f32::min);
    let of_row = |row: &[f32]| {
        let [x, y, sdf, arc, wall_x, wall_y] = [row[0], row[1], row[2], row[3], row[4], row[5]];
        let place = if arc >= 0.0 {
            arc / upper
        } else {
            -arc / lower
        };
        // The root spreads the nose, where the flow changes fastest.
        let place = place.signum() * place.abs().sqrt();
        let (dx, dy) = (x - wall_x, y - wall_y);
        let length = dx.hypot(dy);
        [
            PLACE * place,
            DISTANCE * (sdf.max(0.0) / SUBLAYER).ln_1p(),
            DIRECTION * dx / (length + ROUNDED),
            DIRECTION * dy / (length + ROUNDED),
        ]
    };
    Ok(rows.chunks_exact(names.len()).map(of_row).collect())
}
